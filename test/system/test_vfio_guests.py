# SPDX-License-Identifier: Apache-2.0
"""The bare-metal guests with real PCI functions of the host.

One host for each kind of GIC; its script binds the functions to vfio-pci, as
the supervisor does. The last 64 MiB of the host's RAM belong to nobody: the
test fills them, has a guest aim DMA at them, and compares every byte.
"""
import os
import re
import subprocess

import pytest

from lab import (BUILD, ROOT, Case, assert_passes, boot_on_demand,
                 pattern_disk, run_cases)

RAM = 0x40000000
SPARE, SPARE_SIZE = 0x7c000000, 0x4000000  # as in test/guest/guests.mk
CONTROL = SPARE + 0x3000000
MARK = 0xbad0da7a.to_bytes(4, "little")
EDU = "0000:00:06.0"

BIND = """
mkdir -p /dev/vfio
for device in 0000:00:02.0 0000:00:04.0 0000:00:06.0 0000:00:07.0 \\
		0000:00:07.1 0000:00:0a.0 0000:01:00.0; do
	at=/sys/bus/pci/devices/$device
	echo vfio-pci >$at/driver_override
	[ ! -e $at/driver ] || echo $device >$at/driver/unbind
	echo $device >/sys/bus/pci/drivers_probe
done
dmesg -c >/dev/null
"""

# Which device interrupted the host how often, while the guest runs.
SAMPLED = """
while sleep 0.2; do grep vfio /proc/interrupts; done >/tmp/irqs & sampler=$!
timeout -s KILL 200 /vmm/storm </dev/null; code=$?
kill $sampler; cat /tmp/irqs; exit $code"""

# The control: the same transfer by a driver of the host, which no SMMU stops.
NATIVE = f"""
at=/sys/bus/pci/devices/{EDU}
echo {EDU} >/sys/bus/pci/drivers/vfio-pci/unbind
echo 1 >$at/enable
printf '\\006\\004' | dd of=$at/config bs=1 seek=4 conv=notrunc 2>/dev/null
bar=$(head -n 1 $at/resource | cut -d ' ' -f 1)
devmem $((bar + 0x80)) 64 0x40000
devmem $((bar + 0x88)) 64 {CONTROL:#x}
devmem $((bar + 0x90)) 64 4096
devmem $((bar + 0x98)) 64 3
while [ $(($(devmem $((bar + 0x98)) 64) & 1)) = 1 ]; do sleep 0.1; done"""

CONFIGS = {"gicv3": "qemu_virt_vfio_pci",
           "gicv4": "qemu_virt_vfio_pci_gicv4",
           "gicv2": "qemu_virt_vfio_pci_gicv2"}
QUICK = ["vfio_intx", "vfio_msi", "vfio_msix", "vfio_dma", "vfio_pair"]
MULTI = ["vfio_pair", "vfio_intx", "vfio_dma", "vfio_layout"]
# By container on GICv3, by iommufd on GICv4: what depends on the IOMMU on both.
GUESTS = {"gicv3": QUICK + ["vfio_reset", "vfio_isolation", "vfio_stimuli"],
          "gicv4": QUICK + ["vfio_reset", "vfio_isolation"],
          "gicv2": QUICK}
spare = {}


def board(machine, name):
    """The board of a config, with disks and a RAM of this test's own."""
    def command(image):
        config = CONFIGS[machine]
        words = subprocess.run(
            ["make", "--no-print-directory", "-s", "READY=1", "emu-command",
             f"CONFIG={config}"], cwd=ROOT, check=True, capture_output=True,
            text=True).stdout.strip().splitlines()[-1]
        where = os.path.join(BUILD, "system", name)
        words = re.sub(rf"build/{config}/(\w+\.(?:img|sock|log))",
                       rf"{where}/\1", words)
        for disk in set(re.findall(r"file=(\S+?\.img),", words)):
            with open(disk, "wb") as out:
                out.truncate(64 << 20)
        pattern_disk(os.path.join(where, "vblk0.img"))
        words = re.sub(r"-initrd \S+", f"-initrd {image}", words)
        words = words.replace("hugepages=128", "hugepages=16 mem=960M "
                              "iommu.passthrough=1 panic=-1")
        return with_ram(words, machine, os.path.join(where, "ram"))

    return command


def with_ram(words, machine, path):
    """The emulator's RAM is a file, whose end is filled."""
    spare[machine] = os.urandom(SPARE_SIZE)
    with open(path, "wb") as ram:
        ram.seek(SPARE - RAM)
        ram.write(spare[machine])
    return words.replace("-M virt,", "-M virt,memory-backend=ram,", 1).replace(
        "-m 1G", "-m 1G -object memory-backend-file,id=ram,size=1G,share=on,"
        f"mem-path={path}", 1)


def boot(machine):
    config = f"test_cards_{machine}"
    cases = [Case(name, f"{config}/{name}", limit=300, after="dmesg -c")
             for name in GUESTS[machine]]
    cases += [Case("storm_ten", f"{config}/vfio_storm_ten"),
              Case("storm", f"{config}/vfio_storm_max", limit=200,
                   command=SAMPLED)]
    if machine != "gicv2":
        cases += [Case(f"multi_{name}", f"test_cards_multi_{machine}/{name}",
                       limit=300) for name in MULTI]
    cases += [Case("native", command=NATIVE)]
    cases[0].before = BIND
    name = f"vfio-{machine}"
    results = run_cases(name, board(machine, name), cases, limit=1500)
    path = os.path.join(BUILD, "system", name, "ram")
    with open(path, "rb") as ram:
        ram.seek(SPARE - RAM)
        results["spare"] = ram.read()
    os.remove(path)
    return results


@pytest.fixture(scope="module")
def results():
    return boot_on_demand({machine: lambda machine=machine: boot(machine)
                           for machine in GUESTS})


# The SMMU reports DMA outside; a line that nobody serves, a lockup, an oops.
COMPLAINTS = "smmu|nobody cared|Call trace|Unable to handle"


@pytest.mark.parametrize("machine,name", [
    (machine, name) for machine in GUESTS for name in GUESTS[machine]])
def test_guest(results, machine, name):
    """Its verdicts, and what the host's kernel says of it: nothing."""
    result = results(machine, name)
    assert_passes(result, name)
    if name != "vfio_isolation":
        assert not re.search(COMPLAINTS, result.output), result.output


@pytest.mark.parametrize("machine,name", [
    (machine, name) for machine in ("gicv3", "gicv4") for name in MULTI])
def test_functions_of_one_device(results, machine, name):
    assert_passes(results(machine, f"multi_{name}"), name)


def exits(result):
    return re.search(r"exits: (\d+) mmio, (\d+) wake-up, (\d+) other",
                     result.output).groups()


@pytest.mark.parametrize("machine", GUESTS)
def test_no_exit_for_an_interrupt(results, machine):
    """As many for ten of each kind as for ten thousand."""
    ten, many = results(machine, "storm_ten"), results(machine, "storm")
    assert_passes(ten, "vfio_storm_ten")
    assert_passes(many, "vfio_storm_max")
    assert exits(ten) == exits(many)


def host_interrupts(result, kind):
    counts = re.findall(rf"^ *\d+: +(\d+) +(\d+) .*{kind}", result.output, re.M)
    assert counts, result.output
    return max(int(a) + int(b) for a, b in counts)


@pytest.mark.parametrize("machine", GUESTS)
def test_who_is_interrupted(results, machine):
    """On GICv4, messages go to the guest and not to the host."""
    storm = results(machine, "storm")
    assert host_interrupts(storm, "vfio-intx") >= 10000
    for kind in ("vfio-msi\\[", "vfio-msix\\["):
        if machine == "gicv4":
            assert host_interrupts(storm, kind) <= 10
        else:
            assert host_interrupts(storm, kind) >= 10000


# A fault as Linux prints it: stream 0x30, which is 00:06.0, F_TRANSLATION (IHI
# 0070, 7.3.12), and the address.
FAULT = r"""event 0x10 received:
.*0x0000003000000010
.*0x[0-9a-f]{16}
.*0x([0-9a-f]{16})
"""


@pytest.mark.parametrize("machine", ["gicv3", "gicv4"])
def test_smmu_reports_each_address(results, machine):
    output = "\n".join(results(machine, "vfio_isolation").lines)
    aimed = {int(at, 16) for at in re.findall(r"write to ([0-9a-f]+)", output)}
    assert len(aimed) == 14
    assert not aimed - {int(at, 16) for at in re.findall(FAULT, output)}


@pytest.mark.parametrize("machine", ["gicv3", "gicv4"])
def test_no_byte_of_other_memory_changed(results, machine):
    """But for the page that the host itself had edu write: the control."""
    assert results(machine, "native").code == 0
    now, at = results(machine, "spare"), CONTROL - SPARE
    before = spare[machine]
    assert now[:at] == before[:at]
    assert now[at + 4096:] == before[at + 4096:]
    assert now[at:at + 4096] == MARK * 1024
