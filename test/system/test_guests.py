# SPDX-License-Identifier: Apache-2.0
"""The bare-metal guests of test/guest, on each kind of host.

One host boots and runs them one after the other; a VMM is an ordinary process
there. Each case of a guest prints 'PASS case' or 'FAIL case code'.
"""
import re

import pytest

from lab import Case, assert_passes, boot_on_demand, run_cases

# Run to power-off by themselves; exit code 0, no FAIL line.
QUICK = """hello fdt_check psci psci_reset_100 psci_reset2 psci_suspend wfi_idle
timer gic_nonsense ram_touch self_overwrite pl011 pl011_nonsense uart_flood
pl031 mmio_unmapped boundary virtio_regs virtio_setup virtio_ring virtio_desc
virtio_indirect virtio_notify virtio_blk virtio_blk_bad
virtio_rng virtio_legacy""".split()
# The same, but a minute or more: once, on the default host.
LONG = """exit_storm virtio_reset_io virtio_wrap notify_flood
mmio_window""".split()

# Counted by KVM itself: exits to userspace, for MMIO and for signals.
EXITS = ("cat /sys/kernel/debug/kvm/mmio_exit_user "
         "/sys/kernel/debug/kvm/signal_exits")


def shown(name, text, then):
    """Starts a guest in the background, waits for its text, then does that."""
    return ("rm -f /tmp/in; mkfifo /tmp/in; "
            f"/vmm/{name} </tmp/in >/tmp/out 2>&1 & vmm=$!; exec 3>/tmp/in; "
            f"until grep -q '{text}' /tmp/out; do sleep 0.1; done; {then}; "
            f"wait $vmm; code=$?; cat /tmp/out; exit $code")


# The host's memory under the guest's page at 0x41000000 breaks: the page's
# frame is found through the one mapping that is as large as the guest's RAM.
BREAK_PAGE = """
while IFS='- ' read -r from to _; do
	[ $((0x$to - 0x$from)) = $((0x2000000)) ] && at=$((0x$from + 0x1000000))
done </proc/$vmm/maps
dd if=/proc/$vmm/pagemap bs=8 skip=$((at / 4096)) count=1 2>/dev/null |
	hexdump -n 4 -e '"%u\\n"' >/sys/kernel/debug/hwpoison/corrupt-pfn
echo x >&3"""


def counted(name, text, settle, seconds):
    """Compares KVM's counters over that many seconds after the text."""
    return shown(name, text, f"sleep {settle}; {EXITS} >/tmp/a; "
                 f"sleep {seconds}; {EXITS} >/tmp/b; "
                 "cmp /tmp/a /tmp/b && echo unchanged: $(cat /tmp/b)")


def special(config):
    """Guests that need somebody outside: input, a signal, a shrinking disk."""
    return [
        Case("pl011_echo", f"{config}/pl011_echo", command=shown(
            "pl011_echo", "ready", "printf 'hello, echoq' >&3")),
        Case("pl011_spin", f"{config}/pl011_spin", command=shown(
            "pl011_spin", "ready", "printf 'hello, spinq' >&3")),
        Case("blk_shrunk", f"{config}/blk_shrunk", command=shown(
            "blk_shrunk", "ready", "truncate -s 4M /disk/0; echo x >&3")),
        Case("memory_error", f"{config}/memory_error", command=shown(
            "memory_error", "ready", BREAK_PAGE)),
        Case("asleep", f"{config}/asleep", command=shown(
            "asleep", "asleep", "kill -TERM $vmm")),
        Case("spin", f"{config}/spin", command=shown(
            "spin", "spinning", "kill -TERM $vmm")),
        Case("crash_exits", f"{config}/crash_exits", command=shown(
            "crash_exits", "crashing",
            "sleep 3; kill -TERM $vmm")),
        Case("crash_kernel", f"{config}/crash_kernel", command=shown(
            "crash_kernel", "crashing",
            "sleep 1; kill -TERM $vmm")),
        Case("idle_exits", f"{config}/wfi_idle", command=counted(
            "idle_exits", "idle", 1, 7)),
    ]


# The console is a terminal here: it must be left as it was found.
TTY = ("stty >/tmp/a; {}; code=$?; stty >/tmp/b; cmp /tmp/a /tmp/b && "
       "echo sane; exit $code")

# Independent of the kind of host: once.
ONCE = [
    Case("flat", "flat/hello"),
    Case("firmware", "test_firmware/firmware"),
    Case("tty_power_off", "test_gicv3/hello",
         command=TTY.format("/vmm/tty_power_off")),
    Case("tty_signal", "test_gicv3/asleep", command=TTY.format(
        "(sleep 2; kill -TERM $(pidof tty_signal)) & /vmm/tty_signal")),
    Case("idle_linux", "idle_linux", before="cp /pristine /dev/vda",
         command=counted("idle_linux", "IDLE", 3, 10), limit=120),
]


def board(machine, config, names):
    cases = [Case(name, f"{config}/{name}", limit=300) for name in names]
    cases += special(config) + (ONCE if machine == "gicv3" else [])
    return run_cases(f"guests-{machine}", machine, cases, limit=1500)


BOARDS = {
    "gicv3": lambda: board("gicv3", "test_gicv3", QUICK + LONG),
    "nvhe": lambda: board("nvhe", "test_gicv3", QUICK),
    "gicv2": lambda: board("gicv2", "test_gicv2", QUICK),
}


@pytest.fixture(scope="module")
def results():
    return boot_on_demand(BOARDS)


def on_each_board(names):
    return [pytest.param(machine, name, id=f"{machine}-{name}")
            for machine in BOARDS
            for name in names + (LONG if machine == "gicv3" and
                                 names is QUICK else [])]


@pytest.mark.parametrize("machine,name", on_each_board(QUICK))
def test_guest(results, machine, name):
    assert_passes(results(machine, name), name)


@pytest.mark.parametrize("machine", BOARDS)
@pytest.mark.parametrize("name", [
    "pl011_echo", "pl011_spin", "blk_shrunk", "memory_error"])
def test_guest_with_input(results, machine, name):
    result = results(machine, name)
    assert f"PASS {name}" in result.output, result.output
    assert result.code == 0, result.output


@pytest.mark.parametrize("machine", BOARDS)
@pytest.mark.parametrize("name", ["asleep", "spin"])
def test_sigterm_ends_a_guest(results, machine, name):
    result = results(machine, name)
    assert "ended by a signal" in result.output
    assert result.code == 4, result.output


@pytest.mark.parametrize("machine", BOARDS)
@pytest.mark.parametrize("name", ["crash_exits", "crash_kernel"])
def test_fault_storm_is_no_flood(results, machine, name):
    result = results(machine, name)
    assert result.code == 4, result.output
    assert len(result.lines) < 80, "log lines are not rate-limited"


def test_flat_binary(results):
    result = results("gicv3", "flat")
    assert "PASS hello" in result.output and result.code == 0, result.output


def test_firmware(results):
    """Six writes dropped with a line each, three external aborts."""
    result = results("gicv3", "firmware")
    assert "PASS firmware" in result.output and result.code == 0, result.output
    for width, where in (("8", "0x[0-9a-f]+"), ("16", "0x[0-9a-f]+"),
                         ("32", "0x[0-9a-f]+"), ("64", "0x1000"),
                         ("8", "0x7ffffff")):
        assert re.search(f"write of {width} bits at {where}: ROM, dropped",
                         result.output), result.output
    assert result.output.count("external abort") == 3, result.output


@pytest.mark.parametrize("name,code", [("tty_power_off", 0),
                                       ("tty_signal", 4)])
def test_terminal_is_left_as_found(results, name, code):
    result = results("gicv3", name)
    assert "sane" in result.output and result.code == code, result.output


def test_idle_linux_makes_no_exits(results):
    """Ten seconds of a tickless Linux, by KVM's own counters."""
    result = results("gicv3", "idle_linux")
    assert re.search(r"unchanged: \d+ \d+", result.output), result.output
    assert result.code == 0, result.output


@pytest.mark.parametrize("machine", BOARDS)
def test_idle_guest_makes_no_exits(results, machine):
    result = results(machine, "idle_exits")
    assert re.search(r"unchanged: \d+ \d+", result.output), result.output
