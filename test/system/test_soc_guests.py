# SPDX-License-Identifier: Apache-2.0
"""The bare-metal guests with real devices of the board itself, on a host for
each kind of GIC, and with the RTC on either bus."""
import os
import re
import socket
import threading
import time

import pytest

from lab import BUILD, Case, assert_passes, boot_on_demand, vmm_file
from soc_host import GPIO, NOTHING, RTC, UART1, run_with_soc
from test_guests import EXITS

MIB = 1 << 20

# The monitor raises the GPIO's line whenever the guest asks for it.
PULSES = """: >/tmp/out
/vmm/vfio_gpio </dev/null >/tmp/out 2>&1 & vmm=$!
seen=0
while [ -d /proc/$vmm ]; do
	asked=$(grep -c '^pulse' /tmp/out)
	[ $asked -gt $seen ] && pulse && seen=$((seen + 1))
	usleep 20000
done
wait $vmm; code=$?; cat /tmp/out; echo "pulses $seen"; exit $code"""

# What is counted by KVM, and by the host, between the guest's two words.
COUNTS = f"{EXITS}; awk '/vfio-/ {{ print $2 + $3 }}' /proc/interrupts"
COUNTED = f"""rm -f /tmp/in; mkfifo /tmp/in; exec 3<>/tmp/in; : >/tmp/out
/vmm/%s </tmp/in >/tmp/out 2>&1 & vmm=$!
await /tmp/out ready; ( {COUNTS} ) >/tmp/before; echo -n x >&3
await /tmp/out counted; ( {COUNTS} ) >/tmp/after; echo -n x >&3
wait $vmm; code=$?; cat /tmp/out
echo counts $(cat /tmp/before) then $(cat /tmp/after); exit $code"""

# Two VMMs, each on its own CPU.
TWO = """
begin() {
	rm -f /tmp/$1 /tmp/$1.in
	mkfifo /tmp/$1.in
	: >/tmp/$1
	taskset $2 /vmm/$1 <>/tmp/$1.in >/tmp/$1 2>&1 &
	await /tmp/$1 ready
}
go() { echo -n x >/tmp/$1.in; }
finish() { await /tmp/$1 counted; go $1; }
# Until a line has interrupted a thousand times.
busy() {
	until [ $(awk "/vfio-.*$1/ { print \\$2 + \\$3 }" /proc/interrupts) \\
			-ge 1000 ]; do
		usleep 10000
	done
}
begin_a() { begin a 1; }
begin_b() { begin b 2; }
begin_a; a=$!
begin_b; b=$!
go a
go b
%s
sed 's/^/A: /' /tmp/a; sed 's/^/B: /' /tmp/b"""
BOTH = "busy amba; busy pl061; echo both; finish a; finish b; wait $a $b"
# kill KILLED OTHER's pid and name: the other goes on, and KILLED starts again.
KILLED = """busy amba; busy pl061
kill -9 $%s
grep -q counted /tmp/%s || echo killed in the middle
wait $%s
finish %s
wait $%s
begin_%s
go %s
finish %s
wait"""
FILES = (vmm_file("test_soc_rtc/vfio_alarms_rtc", "/vmm/a"),
         vmm_file("test_soc_gpio/vfio_alarms_gpio", "/vmm/b"))

QUICK = ["vfio_rtc", "vfio_pins", "vfio_lines"]


def two(name, script):
    return Case(name, command=TWO % script, files=FILES, limit=120,
                after="left")


def killed(who, other):
    return two(f"{who}_killed", KILLED % (who, other, who, other, other, who,
                                          who, who))


class Uart(threading.Thread):
    """The other end of uart1: sends once it has got a byte."""

    def __init__(self, name):
        super().__init__(daemon=True)
        self.path = os.path.join(BUILD, "system", name, "uart1.sock")
        if os.path.exists(self.path):
            os.remove(self.path)
        self.sent = os.urandom(MIB)
        self.got = b""
        self.start()

    def run(self):
        line = socket.socket(socket.AF_UNIX)
        while line.connect_ex(self.path) != 0:
            time.sleep(0.1)
        self.got = line.recv(1)
        sender = threading.Thread(target=line.sendall, args=(self.sent,),
                                  daemon=True)
        sender.start()
        while part := line.recv(MIB):
            self.got += part
        line.close()


def boot(machine):
    config = f"test_soc_{machine}"
    name = f"soc-{machine}"
    cases = [Case(guest, f"{config}/{guest}", limit=300,
                  before="host_log >/tmp/log",
                  after="left; host_log | diff /tmp/log -")
             for guest in QUICK]
    cases += [Case("vfio_gpio", f"{config}/vfio_gpio", command=PULSES),
              Case("vfio_uart", f"{config}/vfio_uart", limit=900)]
    cases += [Case(guest, f"{config}/{guest}", command=COUNTED % guest,
                   limit=300, after="left")
              for guest in ("vfio_masked", "vfio_alarms_few",
                            "vfio_alarms_lot")]
    if machine == "gicv3":
        cases += [two("both", BOTH), killed("a", "b"), killed("b", "a")]
    uart = Uart(name)
    results = run_with_soc(name, machine, cases, limit=2400)
    results["uart1"] = uart
    return results


def boot_platform():
    return run_with_soc("soc-platform", "gicv3", [
        Case("vfio_rtc", "test_soc_platform_gicv3/vfio_rtc", limit=300,
             after="left")], platform=(RTC, GPIO, UART1))


@pytest.fixture(scope="module")
def results():
    return boot_on_demand({"gicv3": lambda: boot("gicv3"),
                           "gicv2": lambda: boot("gicv2"),
                           "platform": boot_platform})


MACHINES = ["gicv3", "gicv2"]


@pytest.mark.parametrize("machine,name", [
    *[(machine, name) for machine in MACHINES for name in QUICK],
    ("platform", "vfio_rtc")])
def test_guest(results, machine, name):
    """Its verdicts; nothing is left of it, and the host has nothing to say."""
    result = results(machine, name)
    assert_passes(result, name)
    assert f"@@LEFT {NOTHING}" in result.output, result.output
    assert not re.search("nobody cared|Call trace|Unable to handle",
                         result.output), result.output


@pytest.mark.parametrize("machine", MACHINES)
def test_line_from_outside(results, machine):
    """One interrupt for each of 20 pulses, then three as a level."""
    result = results(machine, "vfio_gpio")
    assert_passes(result, "vfio_gpio")
    assert "pulses 23" in result.output, result.output


def sum_of(data):
    total = 0
    for byte in data:
        total = (total * 31 + byte) & 0xffffffff
    return total


def words(count):
    """prng() of test/guest/lib/arm.c"""
    state = 0x9e3779b9
    for _ in range(count):
        state ^= state << 13 & 0xffffffff
        state ^= state >> 17
        state ^= state << 5 & 0xffffffff
        yield state.to_bytes(4, "little")


@pytest.mark.parametrize("machine", MACHINES)
def test_real_uart(results, machine):
    """A MiB each way at the same time, every byte of them."""
    result, uart = results(machine, "vfio_uart"), results(machine, "uart1")
    assert_passes(result, "vfio_uart")
    assert uart.got == b"".join(words(MIB // 4)), len(uart.got)
    assert f"in {MIB} bytes, sum {sum_of(uart.sent)}, 0 errors" in \
        result.output, result.output


def counts(result):
    """Exits for MMIO and signals, and host interrupts, in between."""
    before, after = re.search(r"^counts ([\d ]+) then ([\d ]+)\r",
                              result.output, re.M).groups()
    before, after = ([int(n) for n in text.split()]
                     for text in (before, after))
    return [b - a for a, b in zip(before, after)]


@pytest.mark.parametrize("machine", MACHINES)
def test_no_exit_for_an_interrupt(results, machine):
    """As many for a thousand as for all of them, by KVM and by the VMM."""
    few = results(machine, "vfio_alarms_few")
    many = results(machine, "vfio_alarms_lot")
    assert_passes(few, "vfio_alarms_few")
    assert_passes(many, "vfio_alarms_lot")
    assert counts(few)[:2] == counts(many)[:2]
    assert counts(few)[2] == 1000 and counts(many)[2] >= 10000
    exits = [re.search("exits: .*", found.output).group()
             for found in (few, many)]
    assert exits[0] == exits[1]


@pytest.mark.parametrize("machine", MACHINES)
def test_guest_cannot_unmask(results, machine):
    result = results(machine, "vfio_masked")
    assert_passes(result, "vfio_masked")
    assert counts(result)[2:] == [0, 0, 0], result.output


def said(result, who, what):
    return re.findall(rf"^{who}: {what}", "\n".join(result.lines), re.M)


def test_two_partitions(results):
    result = results("gicv3", "both")
    assert "both\r" in result.output, result.output
    assert said(result, "A", "PASS vfio_alarms_rtc"), result.output
    assert said(result, "B", "PASS vfio_alarms_gpio"), result.output
    assert f"@@LEFT {NOTHING}" in result.output, result.output


@pytest.mark.parametrize("name", ["a_killed", "b_killed"])
def test_one_of_two_killed(results, name):
    """The other counts on, exactly; and the killed one's next does."""
    result = results("gicv3", name)
    assert "killed in the middle\r" in result.output, result.output
    assert said(result, "A", "PASS vfio_alarms_rtc"), result.output
    assert said(result, "B", "PASS vfio_alarms_gpio"), result.output
    assert f"@@LEFT {NOTHING}" in result.output, result.output
