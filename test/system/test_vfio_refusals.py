# SPDX-License-Identifier: Apache-2.0
"""Functions that cannot be given to a guest: one clear line with the fix, a
distinct exit code, nothing left open or locked, and the next start works."""
import re

import pytest

from cards import (HUGEPAGES, MULTI0, MULTI1, NIC0, NVME0, NVME1,
                   run_with_cards)
from lab import Case, boot_on_demand

# While another process has them.
FIRST = """/vmm/%s </dev/null >/tmp/first 2>&1 &
until grep -q 'guest: Linux' /tmp/first; do
	usleep 10000
done"""
AS_USER = """chmod 666 /dev/kvm /dev/iommu /dev/vfio/[v0-9]* /dev/vfio/devices/*
chmod 755 /dev/vfio /dev/vfio/devices
echo user:x:1000:1000::/:/bin/sh >/etc/passwd
"""

# name, preparation, undo, exit code, the line's words by container, by iommufd
REFUSALS = [
    ("missing", f"echo 1 >/sys/bus/pci/devices/{NVME0}/remove",
     "echo 1 >/sys/bus/pci/rescan", 20,
     [NVME0, "there is none", "board header"], None),
    ("wrong_driver", f"take_back {NVME0}", "", 20,
     [NVME0, "driver nvme has it; bind it to vfio-pci"], None),
    ("no_driver", f"echo {NVME0} >/sys/bus/pci/drivers/vfio-pci/unbind", "",
     20, [NVME0, "no driver has it; bind it to vfio-pci"], None),
    ("not_viable", f"take_back {MULTI1}", "", 20,
     [MULTI0, "IOMMU group", "not viable", "bind all of them"],
     [MULTI0, "IOMMU group", "bind all of them"]),
    ("open_already", FIRST, "kill -9 $!; wait", 20,
     [NVME0, "/dev/vfio/", "open already; stop the process"],
     [NVME0, "in use"]),
    ("little_locked", AS_USER + "ulimit -l 1024", "", 13,
     ["96 MiB cannot be locked", "raise the limit of locked memory"], None),
    ("isolation", "", "", 20,
     ["not isolated", "vfio_iommu_type1.allow_unsafe_interrupts=1"],
     ["not isolated", "iommufd.allow_unsafe_interrupts=1"]),
]
FACTS = [
    ("ids", ["1b36:0010", "1b36:0011"]),
    ("bar", ["BAR 0", "0x4000", "0x8000"]),
    ("vectors", ["65 MSI-X", "66"]),
]
WINDOWS = [
    ("window", ["2 MiB", "0x8000000", "reserved"]),
    ("window_iommufd", ["reserved"]),
]


def case(name, vmm, before="", after=""):
    user = name.startswith(("little_locked", "user"))
    start = f"su user -c 'exec /vmm/{name}'" if user else f"/vmm/{name}"
    return Case(name, f"cards/{vmm}",
                before=f"give {NVME0} {MULTI0} {MULTI1} {NVME1} {NIC0}",
                command=f"left\n{before or ':'}\nexec 3</dev/null\n"
                f"timeout -s KILL 60 {start} <&3; code=$?\n{after}\n"
                "exit $code", after="wait; left")


def refusals(names, vmms):
    return [case(f"{row[0]}_{suffix}", vmm, row[1].replace(
        "/vmm/%s", f"/vmm/{row[0]}_{suffix}"), row[2])
            for suffix, vmm in vmms for row in REFUSALS if row[0] in names]


def boot_gicv3():
    names = [row[0] for row in REFUSALS if row[0] != "isolation"]
    cases = refusals(names, [("container", "bad"), ("iommufd", "bad_iommufd")])
    cases += [case(name, name) for name, _ in FACTS + WINDOWS]
    cases += [
        case("afterwards", "bad"), case("afterwards_iommufd", "bad_iommufd"),
        # As a user: hugepages count once, and only the guest's RAM does.
        case("user", "bad", AS_USER + "ulimit -l 98304"),
        case("user_iommufd", "bad_iommufd", AS_USER + "ulimit -l 98304")]
    return run_with_cards("vfio-refusals", "smmu-gicv3", cases)


def boot_gicv2():
    allow = "for driver in vfio_iommu_type1 iommufd; do echo 1 " \
        ">/sys/module/$driver/parameters/allow_unsafe_interrupts; done"
    return run_with_cards("vfio-refusals-gicv2", "smmu-gicv2", [
        *refusals(["isolation"], [("container", "bad_gicv2"),
                                  ("iommufd", "bad_gicv2_iommufd")]),
        case("allowed", "bad_gicv2", allow),
        case("allowed_iommufd", "bad_gicv2_iommufd")])


def boot_without_iommu():
    return run_with_cards("vfio-refusals-none", "gicv3", [
        case("none_container", "bad"), case("none_iommufd", "bad_iommufd")])


result = boot_on_demand({"gicv3": boot_gicv3, "gicv2": boot_gicv2,
                         "none": boot_without_iommu})


def assert_nothing_left(found):
    states = re.findall(r"^@@LEFT (.*?)\r", found.output, re.M)
    assert len(states) == 2 and states[0] == states[1], found.output
    assert states[0] == f"Mlocked: 0 kB HugePages_Free: {HUGEPAGES} " \
        "interrupts 0 users 0", states


def assert_refused(host, name, code, words):
    found = result(host, name)
    lines = [line for line in found.lines if line.startswith("bedplate:")]
    assert found.code == code, found.output
    assert len(lines) == 1, f"not one line: {found.output}"
    for word in words:
        assert word in lines[0], f"{word!r} is not in {lines[0]!r}"
    assert_nothing_left(found)


def assert_works(host, name):
    found = result(host, name)
    assert found.code == 0, found.output
    assert "SAME nvme0" in found.output, found.output
    assert_nothing_left(found)


@pytest.mark.parametrize("row", REFUSALS, ids=[row[0] for row in REFUSALS])
@pytest.mark.parametrize("way", ["container", "iommufd"])
def test_refusal(row, way):
    name, _, _, code, by_container, by_iommufd = row
    host = "gicv2" if name == "isolation" else "gicv3"
    words = by_container if way == "container" or by_iommufd is None \
        else by_iommufd
    assert_refused(host, f"{name}_{way}", code, words)


@pytest.mark.parametrize("name, words", FACTS + WINDOWS,
                         ids=[row[0] for row in FACTS + WINDOWS])
def test_facts_and_addresses(name, words):
    assert_refused("gicv3", name, 20, words)


@pytest.mark.parametrize("way", ["container", "iommufd"])
def test_no_iommu(way):
    assert_refused("none", f"none_{way}", 20, [NVME0, "no IOMMU isolates it"])


@pytest.mark.parametrize("host, name", [
    ("gicv3", "afterwards"), ("gicv3", "afterwards_iommufd"),
    ("gicv3", "user"), ("gicv3", "user_iommufd"), ("gicv2", "allowed"),
    ("gicv2", "allowed_iommufd")])
def test_the_next_start_works(host, name):
    assert_works(host, name)
