# SPDX-License-Identifier: Apache-2.0
"""Stock drivers of Linux with functions of the host: every place that a card
can have, every kind of interrupt, the guest's reboot, and no work of the
host's while they do I/O."""
import re

import pytest

from cards import (MULTI1, NIC0, NVME0, NVME1, NVME2, run_with_cards)
from lab import Case, boot_on_demand, interrupts_of

# The guest waits at each mark until we have counted.
STEADY = r"""
mkfifo /tmp/in
/vmm/%(name)s <>/tmp/in | while read -r line; do
	echo "$line"
	case $line in
	*MARK\ *)
		set -- $line
		pid=$(pidof %(name)s)
		cd /sys/kernel/debug/kvm/$pid-*
		echo "@@COUNT $2" \
			"user $(cat mmio_exit_user) exits $(cat exits)" \
			"signals $(cat signal_exits)" \
			"sleeps $(awk '/^voluntary/ { print $2 }' /proc/$pid/status)" \
			"host $(awk '/vfio-msix/ { n += $2 + $3 } END { print n + 0 }' /proc/interrupts)"
		cd /
		echo >/tmp/in
	esac
done
"""


def steady(name):
    return Case(name, f"cards/{name}", before=f"give {NVME1} {NIC0}",
                command=STEADY % {"name": name},
                after="rm /tmp/in; cat /proc/interrupts", limit=120)


# The host's own driver does with MSI what the guest's does.
NATIVE = "ip link set eth0 up; dmesg | grep -o 'MSI interrupt test.*'"


def boot_gicv3():
    return run_with_cards("vfio-linux", "smmu-gicv3", [
        Case("native", command=NATIVE),
        Case("disks", "cards/disks",
             before=f"give {NVME0} {NVME1} {NVME2} {MULTI1} {NIC0}"),
        *[Case(mode, f"cards/{mode}")
          for mode in ("msix", "msi", "intx", "nomsi", "reboot")],
        steady("steady")], append="e1000e.IntMode=1")


def boot_gicv4():
    return run_with_cards("vfio-linux-gicv4", "smmu-gicv4",
                          [steady("steady_gicv4")],
                          append="kvm-arm.vgic_v4_enable=1")


def boot_gicv2():
    return run_with_cards("vfio-linux-gicv2", "smmu-gicv2",
                          [steady("steady_gicv2")],
                          append="vfio_iommu_type1.allow_unsafe_interrupts=1")


result = boot_on_demand({"gicv3": boot_gicv3, "gicv4": boot_gicv4,
                         "gicv2": boot_gicv2})


def passed(gic, name, warnings=0):
    """The output of a guest that ended well, whose drivers never warned, nor
    did its VMM."""
    found = result(gic, name)
    assert found.code == 0, found.output
    assert re.search(rf"^WARNINGS {warnings}\r", found.output, re.M), \
        found.output
    lines = re.findall(r"^bedplate: .*", found.output, re.M)
    assert all(re.match(r"bedplate: guest: (powered off|reset) ", line)
               for line in lines), lines
    return found.output


def test_places_of_a_card():
    """BAR shared with MSI-X or not; behind a port; beside another function."""
    output = passed("gicv3", "disks")
    for serial in ("nvme0", "nvme1", "nvme2", "multi1"):
        assert re.search(rf"^SAME {serial} *\r", output, re.M), output
    for n in range(4):
        assert interrupts_of(output, f"nvme{n}q1") > 0, output


# The guest's option, and how /proc/interrupts names what came of it. QEMU's
# e1000e has no RXSEQ interrupt, which the driver tests MSI with: it goes back
# to INTx, natively too, as a test below shows. edu (other tests) has MSI.
MODES = [("msix", r"ITS-PCI-MSIX-0002:02:01.0 .* eth0-rx-0"),
         ("msi", r"GICv3 +\d+ Level +eth0"),
         ("intx", r"GICv3 +\d+ Level +eth0"),
         ("nomsi", r"GICv3 +\d+ Level +eth0")]


@pytest.mark.parametrize("name, line", MODES, ids=[row[0] for row in MODES])
def test_kinds_of_interrupt(name, line):
    """4 MiB go to the network and come back; 4 MiB to and from the disk."""
    # With pci=nomsi, e1000e says that it falls back: to MSI, and to INTx.
    output = passed("gicv3", name, 2 * (name == "nomsi"))
    assert output.count("Falling back to") == 2 * (name == "nomsi"), output
    assert "SAME eth0" in output and "SAME nvme1" in output, output
    found = re.search(rf"^ *\d+: +(\d+) +{line}\r", output, re.M)
    assert found and int(found.group(1)) > 100, output
    level = re.search(r"^ *\d+: +(\d+) +GICv3 +\d+ Level +nvme0q0, nvme0q1",
                      output, re.M)
    assert bool(level) == (name == "nomsi"), output


def test_msi_as_natively():
    for name in ("native", "msi"):
        said = result("gicv3", name).output
        assert "MSI interrupt test failed, using legacy" in said, said


def test_guest_reboots():
    """What it wrote before is there, and disk and network work again."""
    output = passed("gicv3", "reboot")
    assert output.count("bedplate guest: Linux") == 2, output
    assert "SAME eth0" in output and "SAME nvme1" in output, output


def growth(name, output):
    """Of each counter, and of the guest's interrupts, in 1,000 reads and in
    20,000."""
    marks = re.findall(r"MARK (\w+) +\d+: +(\d+)", output)
    counts = re.findall(r"@@COUNT (\w+) (.*?)\r", output)
    assert [m[0] for m in marks] == [c[0] for c in counts] == [
        "start", "few", "many"], output
    table = []
    for (_, completions), (_, words) in zip(marks, counts):
        words = words.split()
        table.append({"completions": int(completions),
                      **dict(zip(words[::2], map(int, words[1::2])))})
    few, many = ({key: after[key] - before[key] for key in before}
                 for before, after in zip(table, table[1:]))
    print(name, few, many)
    assert few["completions"] >= 1000 and many["completions"] >= 20000
    return few, many


@pytest.mark.parametrize("gic", ["gicv3", "gicv4", "gicv2"])
def test_no_exit_to_userspace(gic):
    """What grows with the I/O would be 19,000 more, or a hundredth of it."""
    name = "steady" if gic == "gicv3" else f"steady_{gic}"
    few, many = growth(name, passed(gic, name))
    for key in ("user", "signals"):
        assert abs(many[key] - few[key]) < 20, (few, many)


def test_interrupts_by_way_of_the_host():
    """Without vLPIs each completion is one interrupt of the host's."""
    for counts in growth("gicv3", passed("gicv3", "steady")):
        assert abs(counts["host"] - counts["completions"]) < 10, counts


def test_interrupts_straight_to_the_guest():
    """vLPIs: no interrupt of the host, and no thread of it that wakes up."""
    for counts in growth("gicv4", passed("gicv4", "steady_gicv4")):
        assert counts["host"] == 0, counts
        assert counts["sleeps"] < 100, counts
