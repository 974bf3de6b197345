# SPDX-License-Identifier: Apache-2.0
"""configs/qemu_virt_partitions.h with programs for its guests: Linux and Linux,
Linux and a bare-metal guest."""
import contextlib
import os
import re
import subprocess

import pexpect
import pytest

from lab import BUILD, PYTHON, ROOT, Port, monitor, network, product

KEY = "\x1e"  # Ctrl-^
STATUS = 0x0b000000
FIELDS = {"beats": 48, "restarts": 64, "exits": 72}
ROUNDS = 2000


@contextlib.contextmanager
def board(vmm, where, append=""):
    """The board, and the port of its second guest."""
    out = os.path.join(where, "initramfs.cpio")
    subprocess.run(
        [PYTHON, os.path.join(ROOT, "tools/mkinitramfs.py"), "-o", out,
         "--file", os.path.join(BUILD, "partitions", vmm, "vmm.elf") +
         ":/init:755"], check=True)
    with product("qemu_virt_partitions", append, 200, initramfs=out,
                 where=where) as host:
        host.expect(r"2 partition\(s\)")
        with Port(host, 200) as second:
            host.expect("guest# ")
            yield host, second


def field(guest, name):
    """Of its status page, brought up to date; once the first guest has done
    so, the watchdog needs it to go on."""
    at = STATUS + FIELDS[name]
    out = guest.shell(f"devmem {STATUS} 32 0; devmem {at:#x} 64")
    return int(re.search(r"(0x[0-9A-F]{16})", out)[1], 16)


def line_of(host, name):
    """Its status line, by the key."""
    host.send(KEY)
    host.expect(rf"bedplate: {name}: ")
    return host.expect("\r")


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """Two Linux guests with a network between them."""
    where = str(tmp_path_factory.mktemp("partitions"))
    with board("linux-linux", where) as (host, second):
        second.expect("guest# ")
        host.shell(network("192.168.7.1"))
        second.shell(network("192.168.7.2"))
        yield host, second


MAGIC = 0x644d5241  # of an arm64 Image, 56 bytes from its beginning


def test_ram_is_where_it_was_carved_out(two):
    """The guests see the board's own addresses, and the board the guests'
    kernels there."""
    host, _ = two
    for guest, gpa in zip(two, (0x4a000000, 0x52000000)):
        out = guest.shell("grep RAM /proc/iomem")
        assert f"{gpa:x}-{gpa + 0x7ffffff:x} : System RAM\r" in out, out
        out = monitor(host, f"xp /1wx {gpa + 56:#x}")
        assert f"{gpa + 56:016x}: {MAGIC:#010x}\r" in out, out


def test_ping_without_exits(two):
    """As many for ten packets of a kind as for a hundred."""
    host, second = two
    host.shell("ping -c 1 192.168.7.2")
    exits = []
    for count in (10, 100):
        before = field(second, "exits")
        out = host.shell(f"ping -i 0.01 -c {count} 192.168.7.2 | tail -n 3")
        assert " 0% packet loss" in out, out
        exits.append(field(second, "exits") - before)
    print(exits)
    assert exits[1] < exits[0] + 50, exits


def test_doorbell_between_linux_and_linux(two):
    host, second = two
    exits = []
    for rounds in (ROUNDS, 4 * ROUNDS):
        before = field(second, "exits")
        second.send(f"doorbell {rounds}\n")
        out = host.shell(f"doorbell {rounds}")
        assert f"asked {rounds} repeated 0" in out, out
        out = second.expect("guest# ")
        assert f"answered {rounds + 1}" in out, out
        exits.append(field(second, "exits") - before)
    print(exits)
    assert abs(exits[1] - exits[0]) < 50, exits


def test_restart_next_door(two):
    """The other resets; the first one's network and memory stay."""
    host, second = two
    second.send("reboot -f\n")
    second.expect("bedplate guest: Linux")
    second.expect("guest# ")
    out = host.shell("ping -c 2 -W 1 192.168.7.2 | tail -n 3")
    assert " 100% packet loss" in out, out
    second.shell(network("192.168.7.2"))
    out = host.shell("ping -c 3 192.168.7.2 | tail -n 3")
    assert " 0% packet loss" in out, out
    assert field(second, "restarts") == 1
    out = host.shell(f"devmem {STATUS + FIELDS['restarts']:#x} 64")
    assert "0x0000000000000000\r" in out, out
    second.send("doorbell 100\n")
    out = host.shell("doorbell 100")
    assert "asked 100 " in out, out
    second.expect("answered 101")
    second.expect("guest# ")


def test_status(two):
    """The key is not the shell's; one that is down is said to be."""
    host, second = two
    assert " restarts 1, " in line_of(host, "second")
    # In the middle of a word.
    host.send("echo wh")
    host.send(KEY)
    host.send("ole\n")
    host.expect("\nwhole\r")
    host.expect("guest# ")
    beats = field(second, "beats")
    assert field(second, "beats") == beats + 1
    second.send("exit\n")
    host.expect("second: powered off")
    # Its process says so, and then ends.
    lines = ""
    while "second: down, restarts 1" not in lines:
        assert lines.count("guest: up") < 100, lines
        host.send(KEY)
        lines += host.expect("guest: up .*? beats 0\r") + "guest: up"
    host.send("exit\n")
    host.expect("all partitions have powered off")
    host.expect("reboot: Power down")
    host.expect(pexpect.EOF, 20)


def test_doorbell_between_linux_and_bare_metal(tmp_path):
    with board("linux-shmem", str(tmp_path)) as (host, second):
        # The second one's last line may come in the middle of another.
        host.send(f"doorbell {ROUNDS} >/tmp/out\n")
        host.expect("second: powered off")
        host.send("cat /tmp/out; echo e''nd\n")
        out = host.expect("end\r")
        assert f"asked {ROUNDS} repeated 0" in out, out
        text = second.expect("PASS shmem")
        assert f"answered {ROUNDS + 1}" in text, text
        host.send("exit\n")
        host.expect("reboot: Power down")
        host.expect(pexpect.EOF, 20)


def mmio_exits(host):
    """Of the second guest."""
    return int(re.search(r" (\d+) mmio", line_of(host, "second"))[1])


def test_ethernet_between_linux_and_bare_metal(tmp_path):
    """It prints a line for a hundred echoes; no frame makes an exit."""
    with board("linux-net", str(tmp_path)) as (host, second):
        host.shell(network("192.168.7.1"))
        host.shell("until ping -c 1 192.168.7.2; do :; done")
        before = mmio_exits(host)
        out = host.shell("ping -i 0.01 -s 1400 -c 299 192.168.7.2 | tail -n 3")
        assert " 0% packet loss" in out, out
        second.expect("answered 300")
        assert mmio_exits(host) - before < 150
