# SPDX-License-Identifier: Apache-2.0
"""The VMM as PID 1: restarts, kills, failure policy.

/init is a script that leaves a child behind, then becomes the VMM. The child
watches, and kills, what it is told.
"""
import re

import pexpect

from lab import DISKS, PROLOGUE, Host, emulator, pack, vmm_file

PARTITION = """partition() {
	for p in /proc/[0-9]*; do
		read -r pid comm _ ppid _ <$p/stat 2>/dev/null || continue
		[ "$comm" = "(vmm)" ] && [ "$ppid" = 1 ] && echo $pid
	done
}
state() {
	read -r size _ </proc/1/statm
	echo "@@STATE $1 fds $(ls /proc/1/fd | wc -l) size $size free $(free_kib)"
}
"""

WATCH = """i=0
while :; do
	sleep 1
	i=$((i + 1))
	state $i
done
"""

KILL = """sleep 3
state 0
i=1
while [ $i -le 100 ]; do
	usleep $((RANDOM % 300 * 1000))
	kill -9 $(partition) 2>/dev/null && i=$((i + 1))
done
sleep 2
state 100
echo "@@KILLED $((i - 1)), now running: $(partition | wc -l)"
"""


def pid1(name, vmm, child, disks=DISKS, limit=300, **options):
    out = pack(name, f"{PROLOGUE}\n{disks}\n{PARTITION}\n(\n:\n{child}\n) &\n"
               "exec /vmm\n", [vmm_file(vmm, "/vmm")])
    return Host(emulator("gicv3", out, **options), limit)


def states(text):
    return [tuple(map(int, found)) for found in
            re.findall(r"@@STATE \d+ fds (\d+) size (\d+) free (\d+)", text)]


def assert_no_growth(found):
    (fds, size, free), (last_fds, last_size, last_free) = found[0], found[-1]
    assert last_fds == fds, f"open files of PID 1: {fds}, then {last_fds}"
    assert last_size == size, f"pages of PID 1: {size}, then {last_size}"
    # A partition holds 2 MiB and more: a hundred that leaked would show. The
    # one that runs, slabs and page lists make a MiB or two of noise.
    assert free - last_free < 8192, f"free KiB: {free}, then {last_free}"


def test_a_hundred_resets():
    with pid1("resets", "test_gicv3/psci_reset", WATCH) as host:
        text = ""
        for boots in (10, 100):
            for _ in range(boots):
                text += host.expect("boot\r")
            text += host.expect("@@STATE") + "@@STATE" + host.expect("\n")
        assert_no_growth(states(text))
        assert "failed" not in text


def test_a_hundred_kills():
    with pid1("kills", "restart/virtio_reset_io", KILL) as host:
        text = host.expect("@@KILLED ", 280)
        ending = host.expect("\n")
        assert_no_growth(states(text))
        assert "100, now running: 1" in ending
        assert text.count("signal 9") == 100


def test_failure_policy():
    """A start that always fails: restarts, back-off, then the reboot."""
    with pid1("failure", "test_gicv3/hello", "", disks="") as host:
        text = host.expect("the board's failure action follows")
        assert text.count("/disk/0: cannot be opened") == 4
        assert len(re.findall(r"code 15\), restart \d of 3", text)) == 3
        host.expect("reboot: Restarting system")
        host.expect(pexpect.EOF, 20)


def test_power_off():
    with pid1("poweroff", "test_gicv3/hello", "") as host:
        host.expect("PASS hello")
        host.expect("all partitions have powered off")
        host.expect("reboot: Power down")
        host.expect(pexpect.EOF, 20)
