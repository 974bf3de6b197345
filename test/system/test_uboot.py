# SPDX-License-Identifier: Apache-2.0
"""Debian's U-Boot, a firmware that no one here wrote, as the product image's
guest: it runs from the ROM, then from RAM, and drives the disk by itself."""
import os
import re
import zlib

import pytest

from lab import (BUILD, UBOOT_PROMPT, kernel, pattern_disk, product,
                 uboot_prompt)

SECTORS = 16384
CACHE = os.environ.get("BEDPLATE_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
    "bedplate")
FIRMWARE = os.path.join(CACHE, "u-boot/usr/lib/u-boot/qemu_arm64/u-boot.bin")
ROM_END = 0x8000000
BUFFER, BUFFER2 = 0x42000000, 0x43000000


class Uboot:
    """A board at U-Boot's prompt."""

    def __init__(self, host, disk):
        self.host, self.disk = host, disk
        self.banner = uboot_prompt(host)

    def run(self, command):
        return self.host.shell(command, UBOOT_PROMPT)

    def words(self, address, count):
        """64-bit words, as U-Boot's md.q prints them, two a line."""
        out = self.run(f"md.q {address:#x} {count:#x}")
        return [int(word, 16)
                for line in re.findall(r"^[0-9a-f]{8}: (.*?)  ", out, re.M)
                for word in line.split()]

    def crc32(self, address, size):
        out = self.run(f"crc32 {address:#x} {size:#x}")
        return int(re.search(r"==> ([0-9a-f]{8})", out).group(1), 16)


@pytest.fixture(scope="module")
def uboot():
    where = os.path.join(BUILD, "system", "uboot")
    os.makedirs(where, exist_ok=True)
    disk = os.path.join(where, "disk")
    pattern_disk(disk, SECTORS)
    with product("qemu_virt_uboot", limit=180, disk=disk,
                 log=os.path.join(where, "host.log")) as host:
        yield Uboot(host, disk)


def content(path):
    with open(path, "rb") as file:
        return file.read()


def test_it_finds_its_machine(uboot):
    """What QEMU's virt board shows, but for the flash, which is a ROM."""
    assert "DRAM:  256 MiB" in uboot.banner
    assert "devicetree: board" in uboot.banner
    assert "bad CRC, using default environment" in uboot.banner
    assert re.search(r"Out: +(serial,)?pl011@9000000", uboot.banner)


def test_nothing_was_refused(uboot):
    for word in ("external abort", "Synchronous Abort", "dropped"):
        assert word not in uboot.banner, uboot.banner


def test_rom_is_the_firmware(uboot):
    firmware = content(FIRMWARE)
    end = -(-len(firmware) // 4096) * 4096
    assert uboot.crc32(0, len(firmware)) == zlib.crc32(firmware)
    padding = end - len(firmware)
    if padding:
        assert uboot.crc32(len(firmware), padding) == \
            zlib.crc32(bytes(padding))
    assert uboot.crc32(end, 0x10000) == zlib.crc32(bytes(0x10000))
    assert uboot.words(ROM_END - 32, 4) == [0] * 4


def test_device_tree_is_at_the_start_of_ram(uboot):
    out = uboot.run("fdt addr 0x40000000; fdt print /")
    assert 'model = "qemu_virt_uboot"' in out
    assert 'compatible = "linux,dummy-virt"' in out


def test_disk_is_found(uboot):
    out = uboot.run("virtio scan; virtio info")
    assert f"({SECTORS} x 512)" in out, out


@pytest.mark.parametrize("sector,count", [(0, 1), (5, 3), (SECTORS - 1, 1)])
def test_sectors(uboot, sector, count):
    uboot.run(f"mw.q {BUFFER:#x} 0x5a5a5a5a5a5a5a5a {64 * count + 2:#x}")
    out = uboot.run(f"virtio read {BUFFER:#x} {sector:#x} {count:#x}")
    assert f"{count} blocks read: OK" in out, out
    assert uboot.words(BUFFER, 64 * count + 2) == [
        s << 32 | word for s in range(sector, sector + count)
        for word in range(64)] + [0x5a5a5a5a5a5a5a5a] * 2


def test_whole_disk(uboot):
    out = uboot.run(f"virtio read {BUFFER:#x} 0 {SECTORS:#x}")
    assert f"{SECTORS} blocks read: OK" in out, out
    assert uboot.crc32(BUFFER, SECTORS * 512) == \
        zlib.crc32(content(uboot.disk))


def test_sector_outside(uboot):
    """An error for the driver; the device goes on."""
    out = uboot.run(f"virtio read {BUFFER:#x} {SECTORS:#x} 1")
    assert "1 blocks read: OK" not in out, out
    assert "1 blocks read: OK" in uboot.run(f"virtio read {BUFFER:#x} 0 1")


def test_write(uboot):
    uboot.run(f"mw.q {BUFFER2:#x} 0x0123456789abcdef 0x40")
    assert "1 blocks written: OK" in uboot.run(
        f"virtio write {BUFFER2:#x} 0x64 1")
    uboot.run(f"virtio read {BUFFER:#x} 0x63 3")
    assert uboot.words(BUFFER, 192) == \
        [0x63 << 32 | word for word in range(64)] + \
        [0x0123456789abcdef] * 64 + [0x65 << 32 | word for word in range(64)]
    # U-Boot never flushes: what the device says is written has to be durable.
    assert content(uboot.disk)[0x64 * 512:0x65 * 512] == \
        0x0123456789abcdef.to_bytes(8, "little") * 64


def test_pci_is_listed(uboot):
    out = uboot.run("pci 0")
    assert re.search(r"^00\.00\.00 +0x1b36 +0x0008", out, re.M), out
    out = uboot.run("pci 1; pci bar 1.1.0")
    assert re.search(r"^01\.01\.00 +0x1af4 +0x1042 +Mass storage", out,
                     re.M), out
    assert re.search(r"^ 4 .* 64 +MEM +Prefetchable", out, re.M), out


def test_disk_on_pci(uboot):
    """The same disk through virtio-pci, without an interrupt, read only."""
    uboot.run("virtio scan")
    assert "is now current device" in uboot.run("virtio dev 1")
    out = uboot.run(f"virtio read {BUFFER:#x} 0 {SECTORS:#x}")
    assert f"{SECTORS} blocks read: OK" in out, out
    assert uboot.crc32(BUFFER, SECTORS * 512) == \
        zlib.crc32(content(uboot.disk))
    assert "1 blocks written: OK" not in uboot.run(
        f"virtio write {BUFFER:#x} 0x64 1")
    assert "is now current device" in uboot.run("virtio dev 0")


def test_clock(uboot):
    year = re.search(r"Date: (\d{4})-", uboot.run("date"))
    assert year and int(year.group(1)) >= 2024


def test_time_passes(uboot):
    out = uboot.run("sleep 1; echo slept")
    assert "slept\r" in out


def test_long_input_arrives_whole(uboot):
    text = "".join(chr(ord("a") + n % 26) for n in range(400))  # of CONFIG_SYS_CBSIZE, 512
    assert f"\n{text}\r" in uboot.run(f"echo {text}")


def test_reset_starts_it_anew(uboot):
    uboot.run("setenv mark here; mw.q 0x44000000 0x1122334455667788")
    uboot.host.send("reset\n")
    uboot.host.expect("guest: reset")
    assert "bad CRC, using default environment" in uboot_prompt(uboot.host)
    assert '"mark" not defined' in uboot.run("printenv mark")
    assert uboot.words(0x44000000, 2) == [0, 0]
    test_rom_is_the_firmware(uboot)


def test_power_off_ends_the_board(uboot):
    uboot.host.send("poweroff\n")
    uboot.host.expect("guest: powered off")
    uboot.host.expect("reboot: Power down")


def sectors(data):
    return -(-len(data) // 512)


def test_it_boots_linux():
    """Kernel and initrd from the disk, with the device tree that it was given;
    Linux finds what U-Boot has used before, and left in whatever state."""
    image = content(kernel("guest"))
    initrd = content(os.path.join(BUILD, "guest-initrd.cpio"))
    disk = os.path.join(BUILD, "system", "uboot", "linux-disk")
    with open(disk, "wb") as out:
        for part in image, initrd, bytes(512):
            out.write(part.ljust(512 * sectors(part), b"\0"))
    with product("qemu_virt_uboot", limit=120, disk=disk) as host:
        uboot = Uboot(host, disk)
        at = 0
        for data, address in (image, 0x40400000), (initrd, 0x48000000):
            out = uboot.run(f"virtio read {address:#x} {at:#x} "
                            f"{sectors(data):#x}")
            assert "blocks read: OK" in out, out
            assert uboot.crc32(address, len(data)) == zlib.crc32(data)
            at += sectors(data)
        uboot.run("setenv bootargs console=ttyAMA0 quiet")
        host.send(f"booti 0x40400000 0x48000000:{len(initrd):x} "
                  "${fdtcontroladdr}\n")
        host.expect("bedplate guest: Linux")
        host.expect("guest# ")
        assert str(at + 1) in host.shell("cat /sys/block/vda/size")
        assert "16\r" in host.shell("head -c 16 /dev/hwrng | wc -c")
        host.send("exit\n")
        host.expect("guest: powered off")
