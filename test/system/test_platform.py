# SPDX-License-Identifier: Apache-2.0
"""Linux with devices of the board itself: its own drivers, registers mapped or
forwarded, wired interrupts, DMA into identity RAM. What is at the other end of
UART and GPIO is the test. The guest's side is platform.sh."""
import hashlib
import os
import re
import socket

import pytest

from lab import BUILD, PROLOGUE, interrupts_of, pack, product, receive
from lab import vmm_file, write_and_read
from cards import SHELL
from test_supervisor import PARTITION
from test_vfio_kill import assert_kept

MIB = 1 << 20
KILLS = 10
PULSES = 5
OFFLINE = f"{BUILD}/system/offline:/bin/offline:755"


def host(config, name, vmm, **options):
    """A config's board, its files apart from `make check`'s, with vmm."""
    where = os.path.join(BUILD, "system", name)
    script = f"{PROLOGUE}\n{SHELL}\n{PARTITION}\n" + options.pop("before", "")
    image = pack(name, script + "\nexec /vmm\n",
                 [vmm_file(vmm, "/vmm"), OFFLINE])
    return product(config, where=where, initramfs=image, **options), where


@pytest.fixture(scope="module", params=["qemu_virt_vfio_platform",
                                        "qemu_virt_vfio_platform_gicv2"])
def guest(request):
    board, where = host(request.param, f"platform-{request.param}",
                        f"platform/{request.param}", limit=240)
    with board:
        board.expect("guest# ")
        board.where = where
        yield board


def test_disk_by_dma(guest):
    """The guest's pages are what the device wrote: no bounce, no emulation."""
    before = interrupts_of(guest.shell("cat /proc/interrupts"), "virtio2")
    out = guest.shell(write_and_read("vdb") + "; md5sum /tmp/a")
    assert "SAME vdb\r" in out, out
    with open(os.path.join(guest.where, "vmmio.img"), "rb") as image:
        written = hashlib.md5(image.read(4 * MIB)).hexdigest()
    assert written in out, out
    # One edge for each request, or for several that had completed by then.
    after = interrupts_of(guest.shell("cat /proc/interrupts"), "virtio2")
    assert before + 16 <= after <= before + 80, (before, after)


def test_uart_loses_no_byte(guest):
    """One MiB each way through the board's second UART."""
    data = os.urandom(MIB)
    guest.send("platform uart\n")
    sent = guest.expect(r"SUM \w{32}", 20) + guest.child.after
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(os.path.join(guest.where, "uart1.sock"))
        line.settimeout(300)
        got = b""
        while len(got) < MIB:
            got += line.recv(1 << 16)
        assert hashlib.md5(got).hexdigest() in sent
        guest.expect("READY", 200)
        line.sendall(data)
        guest.expect("GOT ", 300)
        out = guest.expect("guest# ")
    assert hashlib.md5(data).hexdigest() in out, out
    assert interrupts_of(out, "uart-pl011") > 1000, out


def test_console_on_the_uart(guest):
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(os.path.join(guest.where, "uart1.sock"))
        line.settimeout(200)
        guest.shell("platform console")
        receive(line, b"LISTENING")
        line.sendall(b"echo $((6 * 7)) by $(readlink /proc/self/fd/0)\n")
        receive(line, b"42 by /dev/ttyAMA1")
        line.sendall(b"exit\n")


def test_alarm_of_the_rtc(guest):
    """One alarm is one interrupt: the driver's handler ends the level."""
    out = guest.shell("platform alarm")
    counts = [int(n) for n in re.findall(r"^(?:WAS|IS) *\d+: +(\d+) ", out,
                                         re.M)]
    assert counts == [counts[0], counts[0] + 1], out


def test_gpio_line_from_outside(guest):
    """The monitor presses the board's power button: PL061's line 3. Of a press
    for whose 100 ms this machine does not let the guest run, it sees the end
    only: that one is pressed again."""
    until = "until [ $(grep -c '{}' /tmp/gpio) -ge {} ]; do :; done; " \
        "cat /tmp/gpio"
    guest.shell(f"gpio 3 {6 * PULSES} >/tmp/gpio &")
    guest.shell(until.format("watching line 3", 1))
    seen = whole = 0
    for press in range(1, 3 * PULSES + 1):
        guest.send("\x01csystem_powerdown\n\x01c")
        out = guest.shell(until.format("fell, event", press))
        events = re.findall(r"line 3 (rose|fell), event (\d+)\r", out)[seen:]
        both = [("rose", f"{seen + 1}"), ("fell", f"{seen + 2}")]
        assert events in (both, [("fell", f"{seen + 1}")]), out
        seen += len(events)
        whole += events == both
        if whole == PULSES:
            return
    raise AssertionError(out)


SOFT_OFFLINE = """(
until grep -q 'guest RAM' /proc/$(partition)/maps; do
	usleep 10000
done 2>/dev/null
offline $(partition)
) &"""


def test_identity_ram_stays_in_its_place():
    """The kernel would move pages: the device would write to the old ones. A
    guest that resets itself finds it there again, and its devices."""
    config = "qemu_virt_vfio_platform"
    board, _ = host(config, "platform-offline", f"platform/{config}",
                    limit=240, before=SOFT_OFFLINE)
    with board:
        board.expect("@@OFFLINE 0 of 64 moved")
        for start in (1, 2):
            board.expect("guest# ")
            out = board.shell(write_and_read("vdb") + "; platform alarm; "
                              "grep RAM /proc/iomem")
            assert "SAME vdb\r" in out and "IS " in out, out
            place = re.search(r"^(\w+-\w+) : System RAM", out, re.M).group(1)
            if start == 1:
                first = place
                board.send("reboot -f\n")
        assert place == first, out


KILL = f"""(
i=0
last=
while [ $i -lt {KILLS} ]; do
	usleep $((2000000 + RANDOM % 3000 * 1000))
	now=$(partition)
	[ "$now" != "$last" ] && kill -9 $now && i=$((i + 1))
	last=$now
done
echo "@@KILLED $i"
) &"""


def test_killed_in_its_dma():
    """The next owner of identity RAM and disk finds both good, every time."""
    board, _ = host("qemu_virt_vfio_platform", "platform-storm",
                    "platform/storm", limit=240, before=KILL)
    with board:
        text = board.expect("@@KILLED ") + board.expect("STORM") + "STORM\r"
    assert text.count("signal 9, code 0), restart") == KILLS
    assert assert_kept(text) > KILLS // 4, text
