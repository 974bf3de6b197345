# SPDX-License-Identifier: Apache-2.0
"""A million interrupts of a wired device, one after the other: the guest counts
each, and each with nothing asserted."""
from lab import Case, assert_passes
from soc_host import NOTHING, run_with_soc

GUEST = "vfio_alarms_million"


def test_a_million_of_a_level():
    result = run_with_soc("soc-million", "gicv3", [
        Case(GUEST, f"test_soc_gicv3/{GUEST}", stdin="</dev/zero",
             limit=1200, after="left")], limit=1300)[GUEST]
    assert_passes(result, GUEST)
    assert "1000000 of 1000000" in result.output, result.output
    assert f"@@LEFT {NOTHING}" in result.output, result.output
