# SPDX-License-Identifier: Apache-2.0
"""Devices of the board that cannot be given to a guest: one clear line with
the fix, a distinct exit code, nothing left behind, and the next start works."""
import re

import pytest

from lab import Case, assert_passes, boot_on_demand, vmm_file
from soc_host import GPIO, NO_IOMMU, NO_RESET, NOTHING, RTC, UART1, run_with_soc

GOOD = "test_soc_gicv3/hello"

FIRST = """/vmm/first </dev/null >/tmp/first 2>&1 &
until grep -q STORM /tmp/first; do
	usleep 10000
done"""

# name, VMM, preparation, undo, words of the line
REFUSALS = [
    ("name", "test_soc_name/hello", "", "",
     ["9050000.pl061", "there is none", "board header"]),
    ("other_driver", GOOD, f"take_back amba {RTC}", f"give amba {RTC}",
     [RTC, "driver rtc-pl031 has it; bind it to vfio-amba"]),
    ("no_driver", GOOD, f"echo {UART1} >/sys/bus/platform/drivers/"
     "vfio-platform/unbind", f"give platform {UART1}",
     [UART1, "no driver has it; bind it to vfio-platform"]),
    ("regions", "test_soc_regions/hello", "", "", [GPIO, "1 regions", "2"]),
    ("size", "test_soc_size/hello", "", "",
     [GPIO, "region 0", "0x1000", "0x2000"]),
    ("lines", "test_soc_lines/hello", "", "", [GPIO, "1 interrupts", "2"]),
    ("trigger", "test_soc_trigger/hello", "", "",
     [GPIO, "interrupt 0", "level-triggered", "edge-triggered"]),
    ("open_already", GOOD, FIRST, "kill -9 $!; wait $!",
     ["open already; stop the process"]),
    ("dma", "test_soc_dma/hello", "echo 16 >/proc/sys/vm/nr_hugepages; "
     "give platform a000000.virtio_mmio", "echo 0 >/proc/sys/vm/nr_hugepages",
     ["a000000.virtio_mmio", "no IOMMU", "RAM_IDENTITY"]),
    ("safe", "test_soc_safe/hello", "", "",
     [GPIO, "no IOMMU isolates it", "BOARD_UNSAFE_DMA"]),
]


def case(name, vmm, before="", after=""):
    return Case(name, vmm, command=f"left\n{before or ':'}\n"
                f"timeout -s KILL 60 /vmm/{name} </dev/null; code=$?\n"
                f"{after}\nexit $code", after="left")


def boot_all():
    cases = [case(*row[:4]) for row in REFUSALS] + [case("afterwards", GOOD)]
    cases[0].files = (vmm_file("test_soc_owner_gicv3/vfio_owner",
                               "/vmm/first"),)
    return run_with_soc("soc-refusals", "gicv3", cases)


result = boot_on_demand({
    "all": boot_all,
    "isolated": lambda: run_with_soc(
        "soc-refusals-isolated", "gicv3",
        [case("isolated", GOOD), case("isolated_platform",
                                      "test_soc_size/hello")],
        append=NO_RESET),
    "reset": lambda: run_with_soc(
        "soc-refusals-reset", "gicv3",
        [case("reset", "test_soc_size/hello")], append=NO_IOMMU)})


def assert_refused(host, name, words):
    found = result(host, name)
    lines = [line for line in found.lines if line.startswith("bedplate:")]
    assert found.code == 20, found.output
    assert len(lines) == 1, f"not one line: {found.output}"
    for word in words:
        assert word in lines[0], f"{word!r} is not in {lines[0]!r}"
    assert_nothing_left(found)


def assert_nothing_left(found):
    states = re.findall(r"^@@LEFT (.*?)\r", found.output, re.M)
    assert states == [NOTHING, NOTHING], found.output


@pytest.mark.parametrize("row", REFUSALS, ids=[row[0] for row in REFUSALS])
def test_refusal(row):
    assert_refused("all", row[0], row[4])


@pytest.mark.parametrize("name", ["isolated", "isolated_platform"])
def test_no_iommu_mode_off(name):
    assert_refused("isolated", name, ["no IOMMU isolates it", NO_IOMMU])


def test_reset_required():
    assert_refused("reset", "reset", [GPIO, NO_RESET])


def test_the_next_start_works():
    found = result("all", "afterwards")
    assert_passes(found, "hello")
    assert_nothing_left(found)
