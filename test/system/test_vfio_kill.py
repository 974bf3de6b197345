# SPDX-License-Identifier: Apache-2.0
"""A partition killed in the middle of its disk's I/O, over and over: by a
script, and under the supervisor. The guest is test/guest/nvme.c."""
import re

from cards import NVME0, SHELL, cards, run_with_cards
from lab import PROLOGUE, Case, Host, emulator, pack, vmm_file
from test_supervisor import PARTITION

ROUNDS = 100
SUPERVISED_ROUNDS = 40

KILL = """left
host_log >/tmp/before
i=0
while [ $i -lt %d ]; do
	: >/tmp/out
	/vmm/%s </dev/null >/tmp/out 2>&1 &
	until grep -q STORM /tmp/out; do
		[ -d /proc/$! ] || break
		usleep 5000
	done
	usleep $((RANDOM %% 30 * 1000))
	kill -9 $!
	wait $!
	cat /tmp/out
	left
	echo "free $(free_kib)"
	i=$((i + 1))
done
host_log | diff /tmp/before -"""

# The child of PID 1: whenever it has a partition, at any time after.
SUPERVISED = f"""
i=0
last=
while [ $i -lt {SUPERVISED_ROUNDS} ]; do
	usleep $((RANDOM % 800 * 1000))
	now=$(partition)
	[ "$now" != "$last" ] && kill -9 $now && i=$((i + 1))
	last=$now
done
echo "@@KILLED $i"
"""


def assert_kept(text):
    """Each start finds a record as new as what was flushed before, or newer;
    how many were killed in the middle of I/O."""
    assert "FAIL" not in text, text
    flushed = 0
    storms = 0
    for what, n in re.findall(r"(FOUND|FLUSHED|STORM) ?(\d*)\r", text):
        if what == "FOUND":
            assert flushed <= int(n) <= flushed + 1, text
        if what != "STORM":
            flushed = int(n)
        storms += what == "STORM"
    return storms


def test_killed_in_its_io():
    """Nothing is left of it but the host's own word that it was reset."""
    result = run_with_cards("vfio-kill", "smmu-gicv3", [
        Case("kill", "cards/kill", before=f"give {NVME0}",
             command=KILL % (ROUNDS // 2, "kill"), limit=120),
        Case("kill_iommufd", "cards/kill_iommufd",
             command=KILL % (ROUNDS // 2, "kill_iommufd"), limit=120)])
    text = "".join(found.output for found in result.values())
    assert assert_kept(text) == ROUNDS
    for name, found in result.items():
        assert found.code == 0, f"{name}: the host's log: {found.output}"
        states = set(re.findall(r"^@@LEFT (.*?)\r", found.output, re.M))
        assert len(states) == 1, states
        assert states.pop().endswith("interrupts 0 users 0")
        free = [int(n) for n in re.findall(r"^free (\d+)", found.output, re.M)]
        assert free[4] - free[-1] < 2048, free


def test_killed_under_the_supervisor():
    image = pack("vfio-supervisor", f"{PROLOGUE}\n{SHELL}\n{PARTITION}\n"
                 f"(\n:\n{SUPERVISED}\n) &\nexec /vmm\n",
                 [vmm_file("cards/kill", "/vmm")])
    command = emulator("smmu-gicv3", image, append="hugepages=16",
                       extra=cards("vfio-supervisor"))
    with Host(command, 280) as host:
        text = host.expect("@@KILLED ") + host.expect("STORM") + "STORM\r"
    assert text.count("signal 9, code 0), restart") == SUPERVISED_ROUNDS
    assert assert_kept(text) > SUPERVISED_ROUNDS // 4
