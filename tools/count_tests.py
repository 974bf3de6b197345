#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Print 'N passed, N failed' of a JUnit report; errors and skips have failed."""
import sys
import xml.etree.ElementTree as tree

try:
    cases = list(tree.parse(sys.argv[1]).iter("testcase"))
except (OSError, tree.ParseError):
    cases = []
bad = sum(1 for case in cases
          if any(case.find(tag) is not None
                 for tag in ("failure", "error", "skipped")))
if not cases:
    bad = 1  # a run that tested nothing has failed
print(f"{max(len(cases) - bad, 0)} passed, {bad} failed")
