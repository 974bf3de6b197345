# SPDX-License-Identifier: Apache-2.0
"""The emulated lab: boots a real Linux/KVM host in QEMU and talks to it.

A Host runs either the product (the VMM as PID 1) or a shell script of cases
that start VMMs as ordinary processes. Every host has a time limit and leaves
no process behind.
"""
import ctypes
import os
import re
import signal
import socket
import subprocess
from dataclasses import dataclass, field

import pexpect
import pexpect.fdpexpect

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, "build")
PYTHON = "/usr/bin/python3"
CACHE = os.environ.get("BEDPLATE_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
    "bedplate")

MACHINES = {
    "gicv3": ("virt,virtualization=on,gic-version=3", "max"),
    "nvhe": ("virt,virtualization=on,gic-version=3", "cortex-a72"),
    "gicv2": ("virt,virtualization=on,gic-version=2", "max"),
    **{f"smmu-{gic}": (f"virt,virtualization=on,gic-version={gic[-1]},"
                       "iommu=smmuv3", "max")
       for gic in ("gicv2", "gicv3", "gicv4")},
}


def kernel(name):
    """The Image: the product's host-BOARD, host-test, with what only tests
    need besides, or guest."""
    return subprocess.run(
        [os.path.join(ROOT, "tools/kernel.sh"), "--path", name],
        check=True, capture_output=True, text=True).stdout.strip()


def die_with_parent():
    """In the child: no emulator outlives a test run that was killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Host:
    """One emulated board, as a context manager."""

    def __init__(self, command, limit, log=None):
        self.sockets = re.findall(r"path=(\S+?\.sock)", command)
        self.child = pexpect.spawn(
            "/bin/sh", ["-c", "exec " + command], timeout=limit,
            encoding="utf-8", codec_errors="replace", echo=False,
            dimensions=(50, 400), preexec_fn=die_with_parent)
        self.child.delaybeforesend = None
        self.log = log and open(log, "w", encoding="utf-8")
        self.child.logfile_read = self.log

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.close(force=True)
        if self.log:
            self.log.close()

    def expect(self, pattern, limit=-1):
        """The text before the pattern; a test failure when it never comes."""
        try:
            self.child.expect(pattern, timeout=limit)
        except (pexpect.TIMEOUT, pexpect.EOF) as error:
            tail = (self.child.before or "")[-3000:]
            kind = type(error).__name__
            raise AssertionError(
                f"{kind} while waiting for {pattern!r}; the board's last "
                f"output:\n{tail}") from None
        return self.child.before

    def send(self, text):
        self.child.send(text)

    def shell(self, command, prompt="guest# "):
        """Runs a command at the guest's prompt; what it printed."""
        self.send(command + "\n")
        return self.expect(re.escape(prompt))


class Port(Host):
    """What the host's terminal hvc0 is connected to, once it has started."""

    def __init__(self, host, limit=60):
        self.socket = socket.socket(socket.AF_UNIX)
        # Relative: the address must fit in 108 bytes, wherever we are.
        self.socket.connect(os.path.relpath(os.path.join(
            ROOT, host.sockets[0])))
        self.child = pexpect.fdpexpect.fdspawn(
            self.socket, timeout=limit, encoding="utf-8",
            codec_errors="replace")
        self.child.delaybeforesend = None

    def __exit__(self, *_):
        self.socket.close()


def monitor(host, *commands):
    """What the emulator's monitor says to them, on the board's console."""
    host.send("\x01c")
    out = ""
    host.expect(r"\(qemu\) ")
    for command in commands:
        host.send(command + "\n")
        out += host.expect(r"\(qemu\) ")
    host.send("\x01c")
    return out


def emulator(machine, initramfs, append="", extra="", smp=2, memory="1G"):
    kind, cpu = MACHINES[machine]
    return (f"qemu-system-aarch64 -M {kind} -cpu {cpu} -smp {smp} -m {memory} "
            f"-nographic -nic none -no-reboot -kernel {kernel('host-test')} "
            f"-initrd {initramfs} "
            f"-append 'console=ttyAMA0 quiet panic=-1 {append}' {extra}")


def product_command(config):
    return subprocess.run(
        ["make", "--no-print-directory", "-s", "READY=1", "emu-command",
         f"CONFIG={config}"], cwd=ROOT, check=True, capture_output=True,
        text=True).stdout.strip().splitlines()[-1]


def passes_check(config):
    """`make check CONFIG=`, and what it said."""
    done = subprocess.run(
        ["make", "--no-print-directory", "READY=1", "check",
         f"CONFIG={config}"], cwd=ROOT, capture_output=True, text=True,
        check=False)
    return done.stdout.strip().endswith(f"PASS {config}"), done.stdout[-3000:]


def product(config, append="", limit=120, disk=None, log=None, where=None,
            initramfs=None, resets=False):
    """The board as `make run CONFIG=` boots it, or with another disk, another
    initramfs, its files (disks, sockets) in another directory, or with RAM
    that outlives resets and power-offs."""
    command = product_command(config)
    if disk:
        command = re.sub(r"file=\S*?/disk\.img,", f"file={disk},", command)
        assert disk in command, command
    if initramfs:
        command = re.sub(r"-initrd \S+", f"-initrd {initramfs}", command)
    if resets:
        assert " -no-reboot" in command, command
        command = command.replace(" -no-reboot", " -no-shutdown")
    if where:
        for file in re.findall(rf"build/{config}/(\w+\.img)", command):
            with open(os.path.join(where, file), "wb") as image:
                image.truncate(64 << 20)
        command = re.sub(rf"build/{config}/(\w+\.(?:img|sock|log))",
                         rf"{where}/\1", command)
    return Host(command.replace("quiet", "quiet " + append), limit, log)


@dataclass
class Case:
    """One start of a VMM, as an ordinary process of the emulated host."""

    name: str
    vmm: str = ""  # directory below build/, "" for a case without a VMM
    before: str = ""  # shell, before it starts
    stdin: str = "</dev/null"
    command: str = ""  # instead of starting the VMM
    after: str = ""
    files: tuple = ()  # SRC:DST[:MODE] that it needs besides
    limit: int = 60  # seconds of the host's clock


@dataclass
class Result:
    code: int
    output: str
    lines: list = field(default_factory=list)


DISKS = "for n in 0 1 2 3; do cp /pristine /disk/$n; done"

# Free KiB: those too that each processor keeps to itself, some thousand pages.
PROLOGUE = """#!/bin/sh
free_kib() {
	awk '/nr_free_pages|^ *count:/ { n += $2 } END { print 4 * n }' /proc/zoneinfo
}
export PATH=/bin
mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t debugfs debugfs /sys/kernel/debug
mkdir -p /disk /tmp
mount -t tmpfs tmpfs /disk
mount -t tmpfs tmpfs /tmp
"""


def script(cases):
    text = [PROLOGUE]
    for case in cases:
        run = case.command or (f"timeout -s KILL {case.limit} /vmm/{case.name} "
                               f"{case.stdin}")
        text.append(f"{DISKS}\n{case.before}\necho '@@BEGIN {case.name}'\n"
                    f"( {run} )\ncode=$?\n{case.after}\n"
                    f"echo \"@@END {case.name} $code\"\n")
    text.append("echo '@@DONE'\npoweroff -f\n")
    return "\n".join(text)


def pattern_disk(path, sectors=16384):
    """The content that the test guests expect: word i of sector s."""
    with open(path, "wb") as out:
        for sector in range(sectors):
            out.write(b"".join(((sector << 32) | word).to_bytes(8, "little")
                               for word in range(64)))


def pack(name, init_text, files):
    """An initramfs with busybox, the pattern disk, /init and SRC:DST files."""
    where = os.path.join(BUILD, "system", name)
    os.makedirs(where, exist_ok=True)
    init = os.path.join(where, "init")
    disk = os.path.join(where, "pristine")
    out = os.path.join(where, "initramfs.cpio")
    with open(init, "w", encoding="utf-8") as text:
        text.write(init_text)
    pattern_disk(disk)
    command = [PYTHON, os.path.join(ROOT, "tools/mkinitramfs.py"), "-o", out,
               "--busybox", "--init", init]
    for file in [f"{disk}:/pristine", *files]:
        command += ["--file", file]
    subprocess.run(command, check=True)
    return out


def vmm_file(vmm, target):
    return f"{os.path.join(BUILD, vmm, 'vmm.elf')}:{target}:755"


def run_cases(name, machine, cases, limit=900, **options):
    """Boots one host, runs all cases in turn; {case name: Result}. machine:
    one of MACHINES, or what makes a command of an initramfs."""
    results = {}
    files = [vmm_file(case.vmm, f"/vmm/{case.name}")
             for case in cases if case.vmm]
    for case in cases:
        files += [file for file in case.files if file not in files]
    image = pack(name, script(cases), files)
    command = (machine(image) if callable(machine) else
               emulator(machine, image, **options))
    log = os.path.join(BUILD, "system", name, "host.log")
    with Host(command, limit, log) as host:
        for case in cases:
            host.expect(f"@@BEGIN {case.name}[\r\n]+", limit)
            try:
                output = host.expect(f"@@END {case.name} ", case.limit * 4 + 60)
                code = host.expect("[\r\n]+")
            except AssertionError as error:
                results[case.name] = Result(-1, str(error))
                break
            results[case.name] = Result(int(code), output,
                                        output.replace("\r", "").splitlines())
    return results


def interrupts_of(text, name):
    """The sum of the counts of a name's lines in /proc/interrupts."""
    return sum(int(count) for count in re.findall(
        rf"^ *\d+: +(\d+) .* {re.escape(name)}(?:-[rt]x-0)?\r", text, re.M))


def write_and_read(disk, mib=4):
    """Shell: random data goes to a disk, and must come back from it."""
    return (f"dd if=/dev/urandom of=/tmp/a bs=1M count={mib}; "
            f"dd if=/tmp/a of=/dev/{disk} bs=256k oflag=direct; "
            f"dd if=/dev/{disk} of=/tmp/b bs=256k iflag=direct "
            f"count={4 * mib}; cmp /tmp/a /tmp/b && echo SAME {disk}")


def receive(line, what):
    """Reads a socket until that has come."""
    got = b""
    while what not in got:
        got += line.recv(4096)


def network(address):
    return f"ip link set eth0 up; ip addr add {address}/24 dev eth0"


UBOOT_PROMPT = "\n=> "  # crc32 prints "==> "


def uboot_prompt(host):
    """Stops the countdown of U-Boot's autoboot; what it printed before."""
    text = host.expect("Hit any key to stop autoboot")
    host.send("\n")
    host.expect(UBOOT_PROMPT)
    return text


def boot_on_demand(boards):
    """From {machine: function that runs its cases} to their results."""
    booted = {}

    def result(machine, name):
        if machine not in booted:
            booted[machine] = boards[machine]()
        assert name in booted[machine], "the host ended before this guest"
        return booted[machine][name]

    return result


def assert_passes(result, name):
    """A bare-metal guest said so, its VMM too, and no case of it failed."""
    assert not re.search(r"^FAIL ", "\n".join(result.lines), re.M), \
        result.output
    assert f"PASS {name}" in result.output, result.output
    assert result.code == 0, result.output
