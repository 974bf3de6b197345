# SPDX-License-Identifier: Apache-2.0
"""The ZCU102: what this board is, and a Linux guest with its Ethernet MAC by
the MAC's own driver: DMA into identity RAM, no work of the VMM for a packet,
and a network that works again after a kill in its traffic."""
import os
import re

import pytest

from checks import ZCU102_NETWORK
from lab import (BUILD, PROLOGUE, interrupts_of, pack, passes_check, product,
                 vmm_file)
from test_supervisor import PARTITION

KILLS = 8
BEGINNING = 100  # interrupts of a start, at least as many as it has
PINGS = 400

# Of the host, before its PID 1 is the VMM.
FACTS = """dmesg | grep -oE 'Hyp nVHE mode initialized|Machine model: .*'
grep -m 1 'CPU part' /proc/cpuinfo
grep -c ^processor /proc/cpuinfo
grep -o 'GICv2.* arch_timer' /proc/interrupts
echo @@FACTS
"""

# The host's interrupts of the MAC, of all its owners.
INTERRUPTS = """until_interrupts() {
	until host=$(awk '/vfio-irq/ { n = $2 + $3 + $4 + $5 }
			END { print n + 0 }' /proc/interrupts)
		[ $host -ge $1 ]; do
		usleep 20000
	done
}
"""

# Exits to the VMM and interrupts of the MAC, from the 50th of these on to the
# 300th or so, while the guest's terminal is silent.
COUNT = """(
count() {
	until_interrupts $1
	echo "user $(cat /sys/kernel/debug/kvm/*/mmio_exit_user) host $host"
}
first=$(count 50)
echo "@@COUNT $first $(count 300)"
) &"""

# In the middle of the traffic, which goes on and on when it has begun.
KILL = f"""(
i=0
host=0
while [ $i -lt {KILLS} ]; do
	until_interrupts $((host + {BEGINNING} + 50 + RANDOM % 100))
	kill -9 $(partition) && i=$((i + 1))
done
echo "@@KILLED $i"
) &"""


def host(name, before, vmm="zcu102", limit=240):
    """The product's board, with a script in front of its PID 1."""
    where = os.path.join(BUILD, "system", name)
    image = pack(name, f"{PROLOGUE}\n{PARTITION}\n{INTERRUPTS}\n{before}\n"
                 "exec /vmm\n", [vmm_file(vmm, "/vmm")])
    return product("zcu102", where=where, initramfs=image, limit=limit,
                   log=os.path.join(where, "host.log"))


@pytest.fixture(scope="module", name="board")
def boot():
    with host("zcu102", FACTS + COUNT) as board:
        board.facts = board.expect("@@FACTS")
        board.expect("guest# ")
        yield board


def test_facts_of_the_host(board):
    """Cortex-A53 without VHE, four of them, and a GICv2."""
    for fact in (r"Hyp nVHE mode initialized\r",
                 r"Machine model: ZynqMP ZCU102 Rev1\.1\r",
                 r"CPU part\s*: 0xd03\r", r"\n4\r",
                 r"GICv2 +\d+ Level +arch_timer\r"):
        assert re.search(fact, board.facts), board.facts


def test_facts_of_the_guest(board):
    """Its RAM is where the host has it, below the devices of its machine."""
    out = board.shell("grep 'CPU part' /proc/cpuinfo; cat /proc/iomem "
                      "/proc/interrupts")
    assert re.search(r"CPU part\s*: 0xd03\r", out), out
    first, last = re.search(r"^(\w+)-(\w+) : System RAM", out, re.M).groups()
    assert int(last, 16) + 1 - int(first, 16) == 128 << 20
    assert int(last, 16) < 2 << 30
    assert re.search(r"^100b000000-100b000fff : .*ethernet", out, re.M), out
    assert re.search(r"^ *\d+: .* GIC-0 +72 Level +eth0, eth0", out, re.M), out


def test_no_exit_for_a_packet(board):
    """Many interrupts of the MAC while the VMM has nothing to do."""
    board.shell(ZCU102_NETWORK)
    before = interrupts_of(board.shell("cat /proc/interrupts"), "eth0, eth0")
    out = board.shell(f"ping -q -A -s 1400 -c {PINGS} 10.0.2.2; "
                      "cat /proc/interrupts")
    assert f"{PINGS} packets received, 0% packet loss" in out, out
    assert interrupts_of(out, "eth0, eth0") >= before + PINGS, out
    found = re.search(r"@@COUNT user (\d+) host (\d+) user (\d+) host (\d+)\r",
                      out)
    user, interrupts, user_then, interrupts_then = map(int, found.groups())
    assert interrupts_then - interrupts > 100, found
    assert user_then - user < 5, found


def test_killed_in_its_traffic():
    """The next owner of MAC and RAM finds both good, every time."""
    with host("zcu102-kill", KILL, "zcu102/storm", limit=400) as board:
        text = board.expect("@@KILLED ") + board.expect("STORM") + "STORM\r"
    assert "FAIL" not in text and "nobody cared" not in text, text
    assert text.count("signal 9, code 0), restart") == KILLS
    assert text.count("20 packets received") == KILLS + 1, text
    assert text.count("STORM\r") == KILLS + 1, text


def test_check():
    passes, said = passes_check("zcu102")
    assert passes, said
