# SPDX-License-Identifier: Apache-2.0
"""Boards with several partitions: isolation, policies, watchdog, status.

The guests are bare metal; /init is a script that leaves a child behind, which
kills what it is told, and becomes the VMM (test_supervisor.py).
"""
import os
import re
import subprocess

import pexpect

from lab import BUILD, Case, kernel, run_cases
from test_supervisor import pid1

# One clock for both processors, which advances by a nanosecond with each
# instruction of either. The filter's timer ends the emulator's turns of one of
# them: an idle neighbour's cost nothing, a busy one's at most that much.
TURN_US = 4
ONE_CLOCK = "-icount shift=0,sleep=off"
EXACT = (f"{ONE_CLOCK} -rtc base=2025-01-01,clock=vm -seed 1 "
         "-M dtb-randomness=off -netdev hubport,hubid=0,id=hub0 "
         f"-object filter-buffer,id=turns,netdev=hub0,interval={TURN_US}")
ISOLATED = "isolcpus=1 nohz_full=1"
WATCHDOG = "-device i6300esb"
KEY = "\x1e"  # Ctrl-^

# Never the first partition, nor PID 1.
KILL = """sleep 1
first=$(partition | sort -n | head -n 1)
last=0
kill_other() {
	while :; do
		for pid in $(pidof vmm); do
			case $pid in 1 | $first | $last) continue ;; esac
			kill -9 $pid && last=$pid && return
		done
	done
}
phase() {
	echo "@@PHASE $1"
}
phase busy
sleep 1
phase kills
usleep 300000
i=0
while [ $i -lt 100 ]; do
	usleep $((i * 37 % 11 * 500))
	kill_other
	i=$((i + 1))
done
usleep 300000
kill -USR2 1
phase last
kill_other
usleep 5000
phase down
sleep 1
kill -USR2 1
usleep 5000
phase other
while :; do :; done &
sleep 1
kill $!
phase end
"""
TICKS = 1000  # of a window, which takes 250 ms
# Instructions by which one tick costs the host more than another, as it comes
# in another of its jiffies. A guest that is busy makes itself wait for 5,000.
NOISE = 100
WINDOW = (r"window (\d+): pass \d+, wrong (\d+), missed (\d+), "
          r"worst (\d+) ns[\r\n]+")


def of_guest(text):
    """Without the VMMs' lines: they are in one piece, the guest's around them.
    """
    return re.sub(r"bedplate: [^\r\n]*[\r\n]+", "", text)


def phases(text):
    """{phase: [its windows]}, of those that lie within."""
    found = {}
    for part in re.split(r"@@PHASE (?=\w)", of_guest(text))[1:]:
        name, rest = re.match(r"(\w+)[\r\n]+(.*)", part, re.S).groups()
        found[name] = [tuple(map(int, window))
                       for window in re.findall(WINDOW, rest)][1:]
    return found


def status_of(text, name):
    """The numbers of a partition's last status line, or "down"."""
    line = re.findall(rf"bedplate: {name}: (up [\d.]+ s|down), ([^\r\n]*)",
                      text)[-1]
    numbers = {}
    for field in re.split(r", |: ", line[1]):
        if match := re.match(r"(\d+) ([\w-]+)$|(\w+) (\d+)$", field):
            numbers[match[2] or match[3]] = int(match[1] or match[4])
    return line[0].split()[0], numbers


def counted(path):
    """The emulator's plugin that counts in the first guest's windows what its
    processor executes outside of it: stays.c."""
    names = subprocess.run(
        ["aarch64-linux-gnu-nm", os.path.join(BUILD, "guest/steady.elf")],
        check=True, capture_output=True, text=True).stdout
    tick, say = (re.search(rf"^0*(\w+) \w {name}$", names, re.M)[1]
                 for name in ("steady_tick", "say"))
    return (f" -plugin {BUILD}/system/stays.so,cpu=1,ram=0x40000000,"
            f"end=0x42000000,tick=0x{tick},say=0x{say},out={path}")


def test_a_hundred_kills_next_door():
    """The first checks all its RAM and counts its timer's ticks while the
    second works, is killed a hundred times, and is down for good; and while
    something else works in its place."""
    path = os.path.join(BUILD, "system", "partitions_kills.stays")
    with pid1("partitions_kills", "test_partitions_kills/steady-spin", KILL,
              disks="", limit=280, append=ISOLATED,
              extra=EXACT + counted(path)) as host:
        text = host.expect("@@PHASE end")
    with open(path, encoding="ascii") as file:
        stays = [tuple(map(int, line.split())) for line in file]
    found = phases(text)
    late, outside = {}, {}
    for name in ("busy", "kills", "down", "other"):
        assert len(found[name]) >= 2, (name, text)
        for number, wrong, missed, _ in found[name]:
            assert (wrong, missed) == (0, 0), (name, found[name])
            # Nothing but its ticks takes the processor from the guest.
            assert stays[number - 1][0] == TICKS - 1, (name, number, stays)
        late[name] = max(window[3] for window in found[name])
        outside[name] = max(stays[window[0] - 1][1] for window in found[name])
    print("latest tick, ns:", late, "most instructions outside:", outside)
    assert outside["kills"] <= outside["down"] + NOISE, outside
    # The guest's own clock is also the other processor's: whoever works there,
    # each step of one takes two.
    assert late["kills"] <= late["other"] + 1000 * TURN_US, late
    assert text.count("second: failed (signal 9") == 100, text
    assert "second: failed 101 times in a row (signal 9, code 0); it stays " \
        "down" in text, text
    assert status_of(text, "second") == ("down", {"restarts": 100}), text
    assert status_of(text, "guest")[1]["restarts"] == 0, text


def test_fails_at_once_every_time():
    """It stays down in the end; the other is restarted all the while, by one
    clock, so that a busy machine takes nothing of a back-off."""
    look = "while sleep 1; do kill -USR2 1; done\n"
    with pid1("partitions_stop", "test_partitions_stop/psci_reset-hello",
              look, disks="", extra=ONE_CLOCK) as host:
        for number in range(1, 4):
            host.expect(rf"second: failed \(signal 0, code 15\), restart "
                        rf"{number} of 3")
            # Its back-off is nobody else's.
            host.expect("boot\r")
            host.expect("boot\r")
        host.expect(r"second: failed 4 times in a row \(signal 0, code 15\); "
                    "it stays down")
        for _ in range(10):
            host.expect("boot\r")
        host.expect("second: down, restarts 3")


def fails_beside_steady(vmm, signal, code):
    """The second guest, three times at once; the first loses nothing."""
    look = "while sleep 1; do kill -USR2 1; done\n"
    with pid1(vmm.replace("/", "_"), vmm, look, disks="",
              memory="128M") as host:
        text = host.expect(rf"second: failed 3 times in a row \(signal "
                           rf"{signal}, code {code}\); it stays down")
        for number in (1, 2):
            assert f"second: failed (signal {signal}, code {code}), restart " \
                f"{number} of 2" in text, text
        ended = len(text)
        text += host.expect("second: down, restarts 2")
        while len(re.findall(WINDOW, of_guest(text[ended:]))) < 4 or \
                len(re.findall(WINDOW, of_guest(text))) < 9:
            text += host.expect("\r") + "\r"
    wrong = [int(window[1]) for window in re.findall(WINDOW, of_guest(text))]
    assert len(wrong) > 8 and not any(wrong), text
    return text


def test_guest_kills_its_process_every_time():
    """It takes more memory than there is, until the host's kernel ends its
    process; the other loses nothing."""
    text = fails_beside_steady("test_partitions_greedy/steady-ram_touch", 9, 0)
    assert text.count("Out of memory: Killed process") == 3, text


def test_guest_resets_at_once_every_time():
    """As Linux does with panic=-1: a failure, where CFG_RESET_MS says so."""
    fails_beside_steady("test_partitions_resets/steady-psci_reset", 0, 3)


def board_action(action, ending):
    with pid1(f"partitions_{action}",
              f"test_partitions_{action}/psci_reset-hello", "",
              disks="") as host:
        text = host.expect("the board's failure action follows")
        assert text.count("second: failed (signal 0, code 15)") == 3, text
        host.expect(ending)
        host.expect(pexpect.EOF, 20)


def test_failure_reboots():
    board_action("reboot", "reboot: Restarting system")


def test_failure_powers_off():
    board_action("poweroff", "reboot: Power down")


def processors(host, symbols):
    """Of each: the host kernel's function that it is in, if it takes no
    interrupt there."""
    host.send("info registers -a\n")
    text = host.expect("CPU#1") + host.expect(r"\(qemu\)")
    masked = [int(word, 16) >> 7 & 1 for word in
              re.findall(r"PSTATE=(\w+)", text)]
    return [masked.pop(0) and max(symbol for symbol in symbols
                                  if symbol[0] <= pc)[2]
            for pc in re.findall(r" PC=(\w+)", text)]


def test_failure_halts():
    """Both processors are where nothing can wake them."""
    path = os.path.join(os.path.dirname(kernel("host-test")), "System.map")
    with open(path, encoding="ascii") as file:
        symbols = [line.split() for line in file]
    with pid1("partitions_halt", "test_partitions_halt/psci_reset-hello", "",
              disks="") as host:
        text = host.expect("the board's failure action follows")
        assert text.count("second: failed (signal 0, code 15)") == 3, text
        host.expect("reboot: System halted")
        host.send("\x01c")  # QEMU's monitor
        host.expect(r"\(qemu\)")
        for _ in range(1000):
            found = processors(host, symbols)
            if set(found) == {"machine_halt", "local_cpu_stop"}:
                return
        raise AssertionError(found)


def watched(name, child="", vmm="watch/beats-asleep", extra=WATCHDOG):
    """By one clock, however busy this machine is, nobody answers late."""
    return pid1(f"partitions_{name}", f"test_partitions_{vmm}", child, disks="",
                limit=90, extra=f"{extra} {ONE_CLOCK}")


def fed(host, timeouts=3, seconds=2):
    """The guest answers for longer than the watchdog would wait."""
    host.expect("beats\r")
    up = 0
    while up < timeouts * seconds * 1000:
        host.send("p")
        host.expect(r"page: up (\d+) ms")
        up = int(host.child.match[1])


def test_watchdog_bites_for_a_silent_guest():
    """The guest ends its writing, not its life: the board starts anew."""
    with watched("silent", extra=WATCHDOG + " -action reboot=reset") as host:
        fed(host)
        host.send("s")
        host.expect("silent\r")
        host.expect("guest: does not answer; the watchdog is not fed")
        text = host.expect("test_partitions_watch on qemu-virt-gicv3")
        assert "reboot:" not in text, text
        fed(host)


def test_watchdog_bites_for_a_stopped_process():
    stop = "until pid=$(partition | sort -n | head -n 1) && [ $pid ]; do :; " \
        "done; usleep 7000000; kill -STOP $pid; echo @@STOPPED\n"
    with watched("stopped", stop) as host:
        text = host.expect("@@STOPPED")
        assert "does not answer" not in text, text
        host.expect("guest: does not answer; the watchdog is not fed")
        text = host.expect(pexpect.EOF, 60)
        assert "reboot:" not in text, text


def test_watchdog_bites_for_a_partition_that_ended():
    """Its failure action is to stay down; what it was needed for is not."""
    with watched("starve", vmm="starve/spin-hello") as host:
        host.expect("second: failed 2 times in a row .*; it stays down")
        host.expect("second: does not answer; the watchdog is not fed")
        text = host.expect(pexpect.EOF, 60)
        assert "reboot:" not in text, text


def test_watchdog_missing():
    with watched("missing", extra="") as host:
        text = host.expect("nothing is started without the watchdog")
        assert "watchdog: /dev/watchdog with 2 s: error -2; give the host " \
            "kernel its driver, or correct CFG_WATCHDOG_SECONDS" in text, text
        text = host.expect("reboot: System halted")
        assert "beats" not in text, text


def test_watchdog_bites_for_a_power_off():
    """Of what the board cannot be without, while the other runs on."""
    with watched("off") as host:
        fed(host, 1)
        host.send("q")
        host.expect("PASS beats")
        host.expect("guest: does not answer; the watchdog is not fed")
        text = host.expect(pexpect.EOF, 60)
        assert "reboot:" not in text, text


def page_of(host):
    host.send("p")
    host.expect(r"page: up (\d+) ms, restarts (\d+), mmio (\d+), "
                r"beats (\d+)\r")
    return list(map(int, host.child.match.groups()))


def test_status_line_and_page():
    """The key is nobody's input; the guest's page has the same numbers, and
    beats has tried to change them."""
    with watched("status") as host:
        host.expect("beats\r")
        host.send("a")
        host.expect("got 61\r")
        before = page_of(host)
        host.send(KEY)
        text = ""
        for _ in range(2):
            text += host.expect("bedplate: (?=guest|second)")
            text += host.expect("\r")
        assert re.search(r"^second: up [\d.]+ s, restarts 0, ", text, re.M), \
            text
        line = re.search(
            r"guest: up (\d+)\.(\d+) s, restarts (\d+), exits: (\d+) mmio, "
            r"\d+ wake-up, \d+ other, interrupts \d+, requests \d+, "
            r"beats (\d+)", text)
        up, ms, *line = map(int, line.groups())
        line = [1000 * up + ms, *line]
        host.send("b")
        text = host.expect("got 62\r")
        assert "got" not in text, text
        after = page_of(host)
        assert all(a <= b <= c for a, b, c in zip(before, line, after)), \
            (before, line, after)


def test_status_line_of_a_process():
    """Without PID 1, by SIGUSR2."""
    wait = "do usleep 100000; done; "
    result = run_cases("partitions_process", "gicv3", [Case(
        "process", "test_gicv3/asleep", command="/vmm/process </dev/null "
        f">/tmp/out 2>&1 & until grep asleep /tmp/out; {wait} kill -USR2 $!; "
        f"until grep requests /tmp/out; {wait} kill $!; wait $!")])["process"]
    assert re.search(r"bedplate: guest: up \d+\.\d+ s, restarts 0, exits: \d+ "
                     "mmio, .*, interrupts 0, requests 0, beats 0",
                     result.output), result.output
    assert result.code == 4, result.output


# -- Memory and doorbells ----------------------------------------------------

# While they ask and answer: each is killed.
KILL_BOTH = KILL[:KILL.index("phase()")] + """
for i in 1 2 3 4 5; do
	kill_other
	usleep 50000
done
kill -9 $first
"""


def bells(name, guests, child=""):
    """The text of the first one's console, and of the second's."""
    path = os.path.join(BUILD, "system", f"partitions_{name}.hvc0")
    hvc0 = ("-device virtio-serial-device,max_ports=1 "
            "-device virtconsole,chardev=hvc0 "
            f"-chardev file,id=hvc0,path={path}")
    with pid1(f"partitions_{name}", f"test_partitions_bells/{guests}", child,
              disks="", extra=hvc0) as host:
        text = host.expect("all partitions have powered off")
        host.expect(pexpect.EOF)
    with open(path, encoding="utf-8") as file:
        return text, file.read()


def exits_of(text, name):
    return [int(n) for n in re.findall(
        rf"{name}: powered off \(exits: (\d+) mmio", text)]


def test_doorbells_without_exits():
    """2,000 questions and four times as many: the same exits."""
    exits = {}
    for name, rounds in (("shmem", 2000), ("shmem_long", 8000)):
        text, second = bells(name, f"{name}-{name}")
        assert f"asked {rounds} repeated 0" in of_guest(text), text
        assert f"PASS {name}" in of_guest(text), text
        assert f"answered {rounds + 1}" in second, second
        assert f"PASS {name}" in second, second
        exits[rounds] = exits_of(text, "guest") + exits_of(text, "second")
    print(exits)
    # Of their consoles: a name that is longer by 5, and each character twice.
    for few, many in zip(exits[2000], exits[8000]):
        assert 0 <= many - few < 50, exits


def test_neighbours_killed():
    """Each finds memory and doorbells again, and what it missed."""
    text, second = bells("killed", "shmem_long-shmem_long", KILL_BOTH)
    assert len(re.findall(r"second: failed \(signal 9", text)) == 5, text
    assert len(re.findall(r"guest: failed \(signal 9", text)) == 1, text
    rest = of_guest(text[text.rindex("signal 9"):])
    assert "asked 8000" in rest and "PASS shmem_long" in rest, text
    assert "PASS shmem_long" in second, second
