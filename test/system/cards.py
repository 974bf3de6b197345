# SPDX-License-Identifier: Apache-2.0
"""Hosts with the PCI cards of board/qemu_virt_cards.h, and a shell."""
import os
import re

from lab import BUILD, ROOT, run_cases

NVME0, NIC0 = "0000:00:02.0", "0000:00:03.0"
MULTI0, MULTI1 = "0000:00:07.0", "0000:00:07.1"
NVME1, NVME2 = "0000:00:09.0", "0000:01:00.0"

HUGEPAGES = 112  # RAM of two guests

# For the scripts of cases. The log of a host with VFIO names every reset, and
# that of an emulated one that its emulator had to wait.
SHELL = r"""
give() {
	for card; do
		at=/sys/bus/pci/devices/$card
		echo vfio-pci >$at/driver_override
		[ -e $at/driver ] && echo $card >$at/driver/unbind
		echo $card >/sys/bus/pci/drivers_probe
	done
}
take_back() {
	for card; do
		at=/sys/bus/pci/devices/$card
		echo >$at/driver_override
		[ -e $at/driver ] && echo $card >$at/driver/unbind
		echo $card >/sys/bus/pci/drivers_probe
	done
}
host_log() {
	dmesg | sed 's/^\[[^]]*\] //' | grep -vE \
		'vfio-pci .*: (resetting|reset done|enabling device)|hrtimer: int'
}
# What a VMM that has ended leaves behind.
left() {
	echo "@@LEFT" $(grep -E '^(HugePages_Free|Mlocked):' /proc/meminfo) \
		"interrupts $(grep -c vfio- /proc/interrupts)" \
		"users $(ls -l /proc/[0-9]*/fd 2>/dev/null | grep -cE '/dev/(vfio|iommu)|anon_inode:(kvm|\[vfio)')"
}
"""

def cards(name):
    """The emulator's options for all cards, with new disks."""
    where = os.path.join(BUILD, "system", name)
    os.makedirs(where, exist_ok=True)
    with open(os.path.join(ROOT, "board/qemu_virt_cards.h"),
              encoding="utf-8") as header:
        text = header.read().split("#define BOARD_EMU_CARDS", 1)[1]
    text = " ".join(text.replace("\\\n", " ").split())
    for disk in re.findall(r"file=OUT/(\w+\.img)", text):
        with open(os.path.join(where, disk), "wb") as image:
            image.truncate(64 << 20)
    # What a guest sends to 10.0.2.100 comes back.
    text = text.replace("id=net0,restrict=on",
                        "id=net0,restrict=on,"
                        "guestfwd=tcp:10.0.2.100:7-cmd:cat")
    return re.sub("OUT/", f"{where}/", text)


def run_with_cards(name, machine, cases, append="", **options):
    """As run_cases, on a host with all cards; the first case has SHELL."""
    cases[0].before = SHELL + cases[0].before
    return run_cases(name, machine, cases, extra=cards(name), memory="2G",
                     append=f"hugepages={HUGEPAGES} {append}", **options)
