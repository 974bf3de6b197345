# SPDX-License-Identifier: Apache-2.0
"""A partition killed between the assertion of a level interrupt and its EOI,
over and over: by a script, and under the supervisor. The next owner hears its
devices every time. The guest is test/guest/vfio_owner.c."""
import re

import pytest

from lab import (PROLOGUE, Case, Host, assert_passes, emulator, pack,
                 vmm_file)
from soc_host import NOTHING, NO_IOMMU, NO_RESET, SHELL, run_with_soc, soc
from test_supervisor import PARTITION

ROUNDS = 50  # on each kind of host
SUPERVISED_ROUNDS = 30

# What the killed one left asserted: RTCMIS, GPIOMIS.
ASSERTED = "echo asserted $(devmem 0x9010018 32) $(devmem 0x9030418 32)"
# An alarm for now, by nobody who would take it.
ASSERT = """devmem 0x9010010 32 1
until [ $(($(devmem 0x9010018 32))) = 1 ]; do
	devmem 0x9010004 32 $(devmem 0x9010000 32)
done"""
KILL = f"""left
host_log >/tmp/before
i=0
while [ $i -lt {ROUNDS} ]; do
	: >/tmp/out
	/vmm/kill </dev/null >/tmp/out 2>&1 &
	until grep -q STORM /tmp/out; do
		[ -d /proc/$! ] || break
		usleep 5000
	done
	usleep $((RANDOM % 30 * 1000))
	kill -9 $!
	wait $!
	cat /tmp/out
	{ASSERTED}
	left
	echo "free $(free_kib)"
	i=$((i + 1))
done
host_log | diff /tmp/before -"""

# The child of PID 1: some time after the partition asserts its interrupts.
SUPERVISED = f"""
i=0
last=
while [ $i -lt {SUPERVISED_ROUNDS} ]; do
	usleep $((200000 + RANDOM % 600 * 1000))
	now=$(partition)
	[ "$now" != "$last" ] && kill -9 $now && i=$((i + 1)) && {ASSERTED}
	last=$now
done
echo "@@KILLED $i"
"""


def assert_heard(text):
    """Every start that came to its storm had heard both devices, and none of
    them heard what it did not ask for; how many."""
    assert "FAIL" not in text, text
    storms = text.count("STORM\r")
    for device in ("rtc", "gpio"):
        assert storms <= text.count(f"HEARD {device}\r") <= storms + 1, text
    return storms


def left_asserted(text):
    found = re.findall(r"^asserted (\w+) (\w+)\r", text, re.M)
    return [sum(int(pair[device], 16) != 0 for pair in found)
            for device in (0, 1)]


@pytest.mark.parametrize("machine", ["gicv3", "gicv2"])
def test_killed_before_eoi(machine):
    """And the host is as it was. Without writes that make it quiet, what is
    asserted is told to the next owner, which enables it."""
    results = run_with_soc(f"soc-kill-{machine}", machine, [
        Case("kill", f"test_soc_owner_{machine}/vfio_owner", command=KILL,
             limit=280),
        Case("inherited", f"test_soc_loud_{machine}/vfio_inherited",
             before=ASSERT)])
    assert_passes(results["inherited"], "vfio_inherited")
    found = results["kill"]
    assert assert_heard(found.output) == ROUNDS, found.output
    for count in left_asserted(found.output):
        assert count >= ROUNDS // 10, found.output
    states = set(re.findall(r"^@@LEFT (.*?)\r", found.output, re.M))
    assert states == {NOTHING}, states
    free = [int(n) for n in re.findall(r"^free (\d+)", found.output, re.M)]
    assert free[4] - free[-1] < 8192, free
    assert found.code == 0, f"the host's log: {found.output}"


@pytest.mark.parametrize("machine", ["gicv3", "gicv2"])
def test_killed_under_the_supervisor(machine):
    name = f"soc-supervisor-{machine}"
    image = pack(name, f"{PROLOGUE}\n{SHELL}\n{PARTITION}\n"
                 f"(\n:\n{SUPERVISED}\n) &\nexec /vmm\n",
                 [vmm_file(f"test_soc_owner_{machine}/vfio_owner", "/vmm")])
    command = emulator(machine, image, append=f"{NO_IOMMU} {NO_RESET}",
                       extra=soc(name, machine))
    with Host(command, 280) as host:
        text = host.expect("@@KILLED ") + host.expect("STORM") + "STORM\r"
    assert text.count("signal 9, code 0), restart") == SUPERVISED_ROUNDS
    assert assert_heard(text) > SUPERVISED_ROUNDS // 3
    assert sum(left_asserted(text)) > SUPERVISED_ROUNDS // 5, text
