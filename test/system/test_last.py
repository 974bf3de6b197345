# SPDX-License-Identifier: Apache-2.0
"""The log that survives a warm reset: what the next start says of the last.

The emulator goes on after a reset, with its RAM. Where /init is a script, the
host's disk tells it how often that was.
"""
import re

import pytest

from lab import (CACHE, DISKS, PROLOGUE, UBOOT_PROMPT, Host, emulator, monitor,
                 pack, product, uboot_prompt, vmm_file)
from test_supervisor import PARTITION

LAST = "bedplate: last restart: "
STARTS = "bedplate: test_gicv3 on qemu-virt-gicv3"

COUNT = """boot=$(head -c 1 /dev/vda | tr -d '\\0')
boot=$((boot + 1))
echo $boot >/dev/vda
sync
"""

KILL_PARTITIONS = """i=0
while [ $i -lt 4 ]; do
	kill -9 $(partition) 2>/dev/null && i=$((i + 1))
	usleep 20000
done
"""

# The program of PID 1 becomes zeros; it wakes when its child ends.
KILL_PID1 = """until [ "$(partition)" ]; do usleep 100000; done
range=$(grep -m 1 r-xp /proc/1/maps)
first=0x${range%%-*}
last=${range#*-}
last=0x${last%% *}
dd if=/dev/zero of=/proc/1/mem bs=4096 conv=notrunc \\
	seek=$((first / 4096)) count=$(((last - first) / 4096))
kill -9 $(partition)
"""


def board(tmp_path, name, script, *vmms):
    files = [vmm_file(f"test_gicv3/{vmm}", f"/{vmm}/vmm") for vmm in vmms]
    image = pack(name, f"{PROLOGUE}{PARTITION}{COUNT}{script}\n", files)
    return product("qemu_virt", initramfs=image, where=str(tmp_path),
                   limit=120, resets=True)


def start(host):
    """The lines of the log up to where PID 1 says what it is."""
    text = host.expect(STARTS)
    return [line for line in text.replace("\r", "").splitlines()
            if line.startswith("bedplate: ")]


def failure(how):
    return f"guest: failed 4 times in a row ({how}); the board's failure " \
        "action follows"


def before(lines):
    return ["bedplate: before: " + line for line in lines]


def test_each_reset_has_its_reason(tmp_path):
    """A partition that dies at once, then one that cannot start, in a ring
    that is full of garbage."""
    with board(tmp_path, "last_failures", f"""case $boot in
1) {DISKS}; ( {KILL_PARTITIONS} ) & exec /asleep/vmm ;;
2) head -c 100000 /dev/urandom >/dev/pmsg0; exec /hello/vmm ;;
*) {DISKS}; exec /hello/vmm ;;
esac""", "asleep", "hello") as host:
        assert start(host) == []
        host.expect("reboot: Restarting system")
        lines = start(host)
        how = "signal 9, code 0"
        assert lines[0] == LAST + failure(how)
        assert lines[1].startswith("bedplate: before: test_gicv3 on ")
        assert lines[2:] == before(
            [f"guest: failed ({how}), restart {i} of 3" for i in (1, 2, 3)] +
            ["board ends: " + failure(how)])
        host.expect("reboot: Restarting system")
        lines = start(host)
        how = "signal 0, code 15"
        assert lines[0] == LAST + failure(how)
        # Of the supervisor and, each before its, of the partition.
        assert [re.sub("opened .*", "opened", line) for line in lines[2:]] \
            == before(line for i in (1, 2, 3, 4) for line in (
                "disk /disk/0: cannot be opened",
                f"guest: failed ({how}), restart {i} of 3" if i < 4 else
                "board ends: " + failure(how)))
        host.expect("PASS hello")
        host.expect("reboot: Power down")


def test_panic_of_the_host(tmp_path):
    """PID 1 dies, which no kernel survives; and only the next start knows."""
    with board(tmp_path, "last_panic", f"""{DISKS}
case $boot in
1) ( {KILL_PID1} ) & exec /asleep/vmm ;;
2) ( until [ "$(partition)" ]; do usleep 100000; done
	kill -9 $(partition)
	reboot -f ) & exec /asleep/vmm ;;
*) exec /hello/vmm ;;
esac""", "asleep", "hello") as host:
        assert start(host) == []
        lines = start(host)
        assert lines[0] == LAST + "Kernel panic - not syncing: Attempted to " \
            "kill init! exitcode=0x00000004"
        assert lines[1].startswith("bedplate: before: test_gicv3 on ")
        # A reset that a stranger asks for.
        lines = start(host)
        assert lines[0] == LAST + "without a reason written: reset by the " \
            "watchdog or by hand"
        assert "Kernel panic" not in "".join(lines)
        host.expect("PASS hello")
        host.expect("reboot: Power down")


def linux(host):
    """The lines of the log up to where the guest takes commands."""
    text = host.expect("guest# ").replace("\r", "")
    return re.findall(r"^bedplate: .*$", text, re.M)


@pytest.mark.parametrize("config", ["qemu_virt", "qemu_virt_gicv2"])
def test_reset_by_hand(tmp_path, config):
    """The monitor's, while the guest runs, and after a power-off in order; a
    board that was without power starts afresh."""
    with product(config, where=str(tmp_path), resets=True) as host:
        first = linux(host)
        assert len(first) == 1 and first[0].startswith(f"bedplate: {config} ")
        monitor(host, "system_reset")
        assert linux(host) == [
            LAST + "without a reason written: reset by the watchdog or by "
            "hand", first[0].replace("bedplate: ", "bedplate: before: "),
            *first]
        host.send("exit\n")
        host.expect("so does the board")
        host.expect("reboot: Power down")
        monitor(host, "system_reset", "cont")
        assert linux(host) == [
            LAST + "all partitions have powered off, so does the board",
            *first]
    with product(config, where=str(tmp_path), resets=True) as host:
        assert linux(host) == first


def test_boot_loader_keeps_it():
    """U-Boot on the bare board, across a reset: all of BOARD_LOG_BYTES."""
    firmware = f"{CACHE}/u-boot/usr/lib/u-boot/qemu_arm64/u-boot.bin"
    with Host("qemu-system-aarch64 -M virt,virtualization=on,gic-version=3,"
              "iommu=smmuv3 -cpu max -smp 2 -m 1G -nographic -nic none "
              f"-bios {firmware}", 60) as host:
        uboot_prompt(host)
        host.shell("mw.l 0x78000000 0x600df00d 0x4000", UBOOT_PROMPT)
        host.send("reset\n")
        uboot_prompt(host)
        host.shell("mw.l 0x70000000 0x600df00d 0x4000", UBOOT_PROMPT)
        assert "Total of 16384 word(s) were the same" in host.shell(
            "cmp.l 0x70000000 0x78000000 0x4000", UBOOT_PROMPT)


def test_board_without_the_ram(tmp_path):
    """Nothing is mounted, opened or said."""
    with product("qemu_virt_nvhe", where=str(tmp_path), resets=True) as host:
        first = linux(host)
        assert len(first) == 1
        monitor(host, "system_reset")
        assert linux(host) == first


def test_kernel_without_the_tree():
    """One line, and the board runs on."""
    image = pack("last_tree", f"{PROLOGUE}{DISKS}\nexec /vmm\n",
                 [vmm_file("test_gicv3/hello", "/vmm")])
    with Host(emulator("gicv3", image), 60) as host:
        assert start(host) == [
            "bedplate: pstore, /dev/pmsg0: error -2; for a log that survives "
            "a reset, start the host kernel with host.dtb, and PSTORE_PMSG in "
            "it"]
        host.expect("PASS hello")
