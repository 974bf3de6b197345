# SPDX-License-Identifier: Apache-2.0
"""Real Linux guests under the product image, on each kind of host."""
import re
import subprocess
import termios

import pexpect
import pytest

from lab import ROOT, product

CONFIGS = ["qemu_virt", "qemu_virt_nvhe", "qemu_virt_gicv2"]


def stamp_of(config):
    dump = subprocess.run(
        ["aarch64-linux-gnu-readelf", "-p", ".note.bedplate",
         f"build/{config}/vmm.elf"], cwd=ROOT, check=True,
        capture_output=True, text=True).stdout
    return re.findall(r"^  \[ *\w+\]  (.*)$", dump, re.M)[-4:]


def test_run_leaves_the_terminal_as_found():
    """Ctrl-C is the guest's; its power-off ends `make run`."""
    run = pexpect.spawn("make", ["READY=1", "run"], cwd=ROOT, timeout=120,
                        encoding="utf-8", codec_errors="replace")
    try:
        before = termios.tcgetattr(run.child_fd)
        run.expect("To leave")
        run.expect("guest# ")
        run.send("echo sleep''ing; sleep 1000\n")
        run.expect("sleeping\r")
        run.send("\x03")
        run.expect("guest# ")
        run.send("exit\n")
        run.expect(pexpect.EOF)
        run.wait()
        assert run.exitstatus == 0
        assert termios.tcgetattr(run.child_fd) == before
    finally:
        run.close(force=True)


@pytest.mark.parametrize("config", [
    "qemu_virt_hugepages", "qemu_virt_mmio", "qemu_virt_pci",
    "qemu_virt_vfio_pci", "qemu_virt_vfio_pci_gicv4",
    "qemu_virt_vfio_pci_gicv2", "qemu_virt_vfio_platform",
    "qemu_virt_vfio_platform_gicv2"])
def test_check(config):
    check = subprocess.run(
        ["make", "--no-print-directory", "READY=1", "check",
         f"CONFIG={config}"], cwd=ROOT, capture_output=True, text=True,
        timeout=300)
    assert check.stdout.endswith(f"PASS {config}\n"), check.stdout


@pytest.fixture(scope="module", params=CONFIGS)
def guest(request):
    with product(request.param, limit=240) as host:
        host.start = host.expect("bedplate guest: Linux")
        host.expect("guest# ")
        yield host


def test_stamp(guest):
    """The boot line and the guest's tree say what the binary's note says."""
    config = re.search(r"bedplate: (\w+) on ", guest.start).group(1)
    version, name, checksum, toolchain = stamp_of(config)
    assert name == config
    assert (f"1 partition(s); version {version}, config {checksum}, "
            f"{toolchain}\r") in guest.start
    out = guest.shell("tr '\\0' '|' </proc/device-tree/chosen/"
                      "bedplate,version")
    assert f"{version}|{config}|{checksum}|{toolchain}|" in out


def test_disk(guest):
    out = guest.shell("dd if=/dev/urandom of=/tmp/a bs=64k count=32 && "
                      "dd if=/tmp/a of=/dev/vda conv=fsync bs=64k && "
                      "echo 3 >/proc/sys/vm/drop_caches && "
                      "dd if=/dev/vda bs=64k count=32 | cmp - /tmp/a && "
                      "echo disk-is-good", )
    assert "disk-is-good\r" in out


def test_disk_serial_and_size(guest):
    out = guest.shell("cat /sys/block/vda/serial /sys/block/vda/size")
    assert "disk0" in out and "131072" in out


def test_rng(guest):
    assert "virtio_rng" in guest.shell("cat /sys/class/misc/hw_random/"
                                       "rng_current")
    assert "32\r" in guest.shell("head -c 32 /dev/hwrng | wc -c")


def test_wall_clock(guest):
    out = guest.shell("date +year=%Y")
    assert int(out.split("year=")[-1][:4]) >= 2024, out


def test_interrupts_are_described_as_delivered(guest):
    out = guest.shell("cat /proc/interrupts")
    for device, kind in (("uart-pl011", "Level"), ("virtio0", "Edge"),
                         ("rtc-pl031", "Level")):
        line = [text for text in out.splitlines() if device in text]
        assert line and kind in line[0], out


def test_no_warning_in_the_guests_log(guest):
    out = guest.shell("dmesg | grep -ciE 'warn|error|fail|bug|oops'; true")
    assert "\r\n0\r" in out, guest.shell("dmesg | grep -iE "
                                         "'warn|error|fail|bug|oops'")


def test_long_output_arrives_whole(guest):
    out = guest.shell("seq 1 3000")
    numbers = [int(word) for word in out.split() if word.isdigit()]
    assert numbers[-3000:] == list(range(1, 3001))


def test_fast_input_arrives_whole(guest):
    text = "".join(chr(ord("a") + n % 26) for n in range(900))
    out = guest.shell(f"echo {text} | tr -d '\\n' | wc -c")
    assert "900\r" in out


def test_input_while_the_guest_spins(guest):
    guest.send("echo spin''ning; while :; do :; done\n")
    guest.expect("spinning\r")
    guest.send("\x03")
    guest.expect("guest# ")
    assert "still-here\r" in guest.shell("echo still-''here")


def test_power_off_ends_the_board(guest):
    guest.send("exit\n")
    guest.expect("guest: powered off")
    guest.expect("reboot: Power down")
    guest.expect(pexpect.EOF, 20)
