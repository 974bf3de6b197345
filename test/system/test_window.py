# SPDX-License-Identifier: Apache-2.0
"""No lost wake-up: a million completions in the loop's most delicate place."""
import pytest

from lab import Case, run_cases


@pytest.fixture(scope="module")
def results():
    return run_cases("window", "gicv3", [
        Case("control", "window_control", limit=10),
        Case("window", "window", limit=2400)], limit=2500, smp=1)


def test_a_million_hits(results):
    result = results["window"]
    assert "window: 1000000 hits" in result.output, result.output
    assert result.code == 0


def test_control_without_the_kick_hangs(results):
    assert results["control"].code == 137, results["control"].output
