# SPDX-License-Identifier: Apache-2.0
"""A Raspberry Pi 4 in QEMU, with its device tree of Debian's kernel package:
Cortex-A72, so KVM without VHE; GIC-400; CPUs by spin table. The guest has the
board's first UART, a PL011 whose page the host does not map for anybody."""
import hashlib
import os
import re
import socket

import pytest

from lab import passes_check
from test_platform import host

BYTES = 1 << 13  # each an exit or two
KILLS = 3  # as many as CFG_RESTARTS allows
HEARD = 40  # interrupts of the UART before each

# What the host is, before it is Bedplate's.
SAY = """dmesg
cat /proc/cpuinfo /proc/interrupts /proc/device-tree/model
echo "@@SAID"
"""


def board(name, vmm, **options):
    return host("raspi4b", f"raspi4b-{name}", f"platform/{vmm}", limit=300,
                **options)


@pytest.fixture(scope="module")
def guest():
    booted, where = board("guest", "raspi4b", before=SAY)
    with booted:
        booted.said = booted.expect("@@SAID")
        booted.expect("guest# ")
        booted.where = where
        yield booted


def connect(where):
    line = socket.socket(socket.AF_UNIX)
    line.connect(os.path.join(where, "uart0.sock"))
    line.settimeout(60)
    return line


def test_host_is_the_board(guest):
    """Its tree, its cores, its GIC, and KVM's way on such."""
    for text in ("Raspberry Pi 4 Model B", "CPU: All CPU(s) started at EL2",
                 "smp: Brought up 1 node, 4 CPUs",
                 "kvm [1]: Hyp nVHE mode initialized successfully",
                 "kvm [1]: IPA Size Limit: 44 bits", "Root IRQ handler: gic_"):
        assert text in guest.said, text
    assert guest.said.count("CPU part\t: 0xd08\r") == 4, guest.said
    assert re.search(r"GICv2 +25 Level +vgic\r", guest.said), guest.said
    assert "CPU part\t: 0xd08\r" in guest.shell("cat /proc/cpuinfo")


def test_uart_loses_no_byte(guest):
    """All registers forwarded. The emulator's FIFO takes what is sent at once,
    so that only receiving needs interrupts."""
    data = os.urandom(BYTES)
    guest.send(f"platform uart {BYTES}\n")
    sent = guest.expect(r"SUM \w{32}", 20) + guest.child.after
    with connect(guest.where) as line:
        got = b""
        while len(got) < BYTES:
            got += line.recv(1 << 16)
        assert hashlib.md5(got).hexdigest() in sent
        guest.expect("READY", 100)
        line.sendall(data)
        guest.expect("GOT ", 200)
        out = guest.expect("guest# ")
    assert hashlib.md5(data).hexdigest() in out, out
    found = re.search(r"^ *\d+: +(\d+) +GIC-0 +72 Level +uart-pl011\r", out,
                      re.M)
    assert found and int(found.group(1)) > 0, out


KILL = f"""
uart() {{
	awk '/vfio-amba-/ {{ print $2 + $3 + $4 + $5 }}' /proc/interrupts
}}
interrupted() {{
	until [ "$(uart)" ] && [ $(uart) -ge $(($1 + {HEARD})) ]; do
		usleep 10000
	done
}}
(
i=0
while [ $i -lt {KILLS} ]; do
	until [ "$(uart)" ]; do
		usleep 10000
	done
	interrupted $(uart)
	now=$(partition)
	kill -9 $now
	until [ ! -d /proc/$now ]; do
		usleep 10000
	done
	i=$((i + 1))
done
echo "@@KILLED $i"
) &"""


def exchange(line, until):
    """Talks to each guest that comes up, and counts its answers."""
    answers, said, text = [], 0, b""
    while len(answers) < until or answers[-1] < HEARD:
        text += line.recv(4096)
        *whole, text = text.split(b"\n")
        for heard in whole:
            # Perhaps behind what the last one was saying.
            if heard.endswith(b"LISTENING"):
                answers.append(0)
            elif heard == b"heard %d" % said:
                answers[-1] += 1
            else:
                continue
            said += 1
            line.sendall(b"\n%d\n" % said)
    return answers


def test_killed_and_started_anew():
    """Each time in the middle of its interrupts; the next one uses the UART
    as if nothing had been."""
    booted, where = board("kill", "answer", before=KILL)
    with booted:
        booted.expect("bedplate: raspi4b on raspi4b")
        with connect(where) as line:
            answers = exchange(line, KILLS + 1)
        text = booted.expect(f"@@KILLED {KILLS}")
    assert text.count("signal 9, code 0), restart") >= KILLS - 1, text
    assert min(answers) > 0, answers


def test_check():
    passes, said = passes_check("raspi4b")
    assert passes, said
