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
import sys
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


def host_kernel():
    return subprocess.run(
        [os.path.join(ROOT, "tools/kernel.sh"), "--path", "host-qemu_virt"],
        check=True, capture_output=True, text=True).stdout.strip()


def guest_kernel():
    return subprocess.run(
        [os.path.join(ROOT, "tools/kernel.sh"), "--path", "guest"],
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


def emulator(machine, initramfs, append="", extra="", smp=2, memory="1G"):
    kind, cpu = MACHINES[machine]
    return (f"qemu-system-aarch64 -M {kind} -cpu {cpu} -smp {smp} -m {memory} "
            f"-nographic -nic none -no-reboot -kernel {host_kernel()} "
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


UBOOT_PROMPT = "\n=> "  # crc32 prints "==> "


def check_linux(host):
    host.expect("bedplate guest: Linux")
    host.expect("guest# ")
    assert "131072" in host.shell("cat /sys/block/vda/size")
    assert "16" in host.shell("head -c 16 /dev/hwrng | wc -c")
    host.send("exit\n")


def check_devices(host):
    """Every kind of virtio device has its driver, and the network works."""
    host.expect("guest# ")
    drivers = host.shell("ls -d /sys/bus/virtio/drivers/*/virtio*")
    for driver in ("virtio_blk", "virtio_rng", "virtio_net",
                   "virtio_console", "vmw_vsock_virtio_transport"):
        assert re.search(rf"/{driver}/virtio\d", drivers), driver
    host.shell("ip link set eth0 up; ip addr add 192.168.7.2/24 dev eth0")
    assert " 0% packet loss" in host.shell("ping -c 3 192.168.7.1")
    assert "hvc0" in host.shell("ls /dev/hvc0")
    # Shared memory: at BAR 2 it is what was written there.
    assert "1AF4:1110" in host.shell("cat /sys/bus/pci/devices/*/uevent")
    host.shell("echo 1 >/sys/bus/pci/devices/0000:00:01.0/enable; "
               "devmem 0x8040000000 32 0x600df00d")
    assert "0x600DF00D" in host.shell("devmem 0x8040000000 32")
    host.send("head -c 16 /dev/hwrng | wc -c; exit\n")
    host.expect("16\r")


# Driver of each of the host's functions, and an interrupt that it must count.
CARDS = {"nvme": "nvme0q1", "e1000e": "eth1", "virtio_blk": "virtio2-req.0",
         "virtio_net": "virtio3-input.0"}
NO_WARNINGS = "dmesg -r | grep -c '^<[0-4]>'"


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


def check_cards(host):
    """Each of the host's functions has its driver, works and interrupts."""
    host.expect("guest# ")
    # The kernel does not wait for drivers that probe in the background.
    host.shell("until [ -e /dev/nvme0n1 ]; do :; done")
    drivers = host.shell("ls -d /sys/bus/*/drivers/*/*:*.0 "
                         "/sys/bus/virtio/drivers/*/virtio*")
    for driver in CARDS:
        assert f"/{driver}/" in drivers, driver
    for disk in ("nvme0n1", "vdb"):
        out = host.shell(write_and_read(disk))
        assert re.search(rf"^SAME {disk}\r", out, re.M), out
    counts = host.shell("cat /proc/interrupts")
    for nic in ("eth0", "eth1"):
        out = host.shell(
            f"ip link set {nic} up; ip addr add 10.0.2.15/24 dev {nic}; "
            f"until grep -q 1 /sys/class/net/{nic}/carrier; do :; done; "
            f"ping -c 3 10.0.2.2; cat /proc/interrupts; ip link set {nic} "
            "down")
        assert " 0% packet loss" in out, out
        counts += out
    for driver, name in CARDS.items():
        assert interrupts_of(counts, name) > 0, f"{driver}: {counts}"
    out = host.shell(NO_WARNINGS)
    assert re.search(r"^0\r", out, re.M), host.shell("dmesg")
    host.send("exit\n")


# The board's devices: name and driver in the guest, and the interrupt.
PLATFORM = {"9010000.pl031": ("rtc-pl031", 34),
            "9030000.pl061": ("pl061_gpio", 39),
            "9040000.pl011": ("uart-pl011", 40)}


def check_platform(host):
    """Each of the board's devices has its stock driver, and a level."""
    host.expect("guest# ")
    out = host.shell("for d in /sys/bus/amba/devices/*; do "
                     "echo ${d##*/} $(basename $(readlink $d/driver)); done")
    for name, (driver, _) in PLATFORM.items():
        assert re.search(rf"^{name} {driver}\r", out, re.M), out
    out = host.shell("for d in class/rtc/rtc0 class/tty/ttyAMA1 "
                     "bus/gpio/devices/gpiochip0; do readlink -f /sys/$d; "
                     "done")
    for name in PLATFORM:
        assert f"/{name}/" in out, out
    # A GPIO controller's interrupt has no action to be listed with.
    out = host.shell("cd /sys/kernel/irq; for i in *; do "
                     "echo $(cat $i/hwirq $i/type); done; cd; "
                     "cat /proc/interrupts 3<>/dev/ttyAMA1")
    for driver, intid in PLATFORM.values():
        assert driver == "uart-pl011" or \
            re.search(rf"^{intid} level\r", out, re.M), out
        assert driver == "pl061_gpio" or \
            re.search(rf"^ *\d+: .* {intid} Level +{driver}\r", out, re.M), out
    # What the config's fragment says.
    out = host.shell("cd /proc/device-tree; cat gpio-keys/power-button/label "
                     "pl061@9030000/gpio-line-names | tr '\\0' '\\n'; cd")
    assert "Power button\r" in out and "\npower-button\r" in out, out
    out = host.shell(NO_WARNINGS)
    assert re.search(r"^0\r", out, re.M), host.shell("dmesg")
    host.send("exit\n")


def receive(line, what):
    """Reads a socket until that has come."""
    got = b""
    while what not in got:
        got += line.recv(4096)


def check_raspi4b(host):
    """The board's first UART has its stock driver, and both ways work."""
    host.expect("guest# ")
    out = host.shell("stty -F /dev/ttyAMA1 raw -echo; exec 3<>/dev/ttyAMA1; "
                     "ls /sys/bus/amba/drivers/*/b000000.serial -d; "
                     "cat /proc/interrupts")
    assert "/uart-pl011/b000000.serial\r" in out, out
    assert re.search(r"^ *\d+: .* 72 Level +uart-pl011\r", out, re.M), out
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(os.path.join(BUILD, "raspi4b", "uart0.sock"))
        line.settimeout(60)
        host.shell("echo to the board >&3")
        receive(line, b"to the board\n")
        line.sendall(b"to the guest\n")
        out = host.shell("read -r text <&3; echo got $text")
        assert re.search(r"^got to the guest\r", out, re.M), out
    # QEMU has no random numbers for this host, nor so the host for a guest.
    out = host.shell("dmesg -r | grep '^<[0-4]>' | grep -vc 'KASLR disabled'")
    assert re.search(r"^0\r", out, re.M), host.shell("dmesg")
    host.send("exit\n")


ZCU102_NETWORK = ("ip link set eth0 up; ip addr add 10.0.2.15/24 dev eth0; "
                  "until grep -q 1 /sys/class/net/eth0/carrier; do :; done")


def check_zcu102(host):
    """The board's MAC has its own driver, and leads to the gateway."""
    host.expect("bedplate guest: Linux")
    host.expect("guest# ")
    out = host.shell("basename $(readlink /sys/class/net/eth0/device/driver)")
    assert "macb\r" in out, out
    # The host has no entropy to make a seed of.
    out = host.shell("dmesg -r | grep '^<[0-4]>' | grep -vc 'lack of seed'")
    assert re.search(r"^0\r", out, re.M), host.shell("dmesg")
    out = host.shell(f"{ZCU102_NETWORK}; ping -c 3 10.0.2.2; "
                     "cat /proc/interrupts")
    assert " 0% packet loss" in out, out
    assert interrupts_of(out, "eth0, eth0") >= 3, out
    host.send("exit\n")


def network(address):
    return f"ip link set eth0 up; ip addr add {address}/24 dev eth0"


SHARED_MEMORY = "0x8040000000"
DECODE_IT = "echo 1 >/sys/bus/pci/devices/0000:00:01.0/enable"


def check_partitions(host):
    """Two guests; what one writes to their memory the other finds."""
    host.expect(r"2 partition\(s\)")
    with Port(host) as second:
        host.expect("guest# ")
        second.expect("guest# ")
        second.shell(network("192.168.7.2"))
        host.shell(network("192.168.7.1"))
        assert " 0% packet loss" in host.shell("ping -c 3 192.168.7.2")
        second.shell(f"{DECODE_IT}; devmem {SHARED_MEMORY} 32 0x600df00d")
        assert "0x600DF00D" in host.shell(
            f"{DECODE_IT}; devmem {SHARED_MEMORY} 32")
        # The first one's watchdog bites when the second is left alone.
        second.send("exit\n")
        host.expect("second: powered off")
        host.send("exit\n")


def uboot_prompt(host):
    """Stops the countdown of U-Boot's autoboot; what it printed before."""
    text = host.expect("Hit any key to stop autoboot")
    host.send("\n")
    host.expect(UBOOT_PROMPT)
    return text


def check_uboot(host):
    host.expect("U-Boot 20")
    uboot_prompt(host)
    assert "(131072 x 512)" in host.shell("virtio scan; virtio info",
                                          UBOOT_PROMPT)
    host.send("poweroff\n")


# What `make check` does with a config's guest, where not the usual.
CHECKS = {"qemu_virt_uboot": check_uboot, "qemu_virt_mmio": check_devices,
          "raspi4b": check_raspi4b,
          "qemu_virt_pci": check_devices,
          "qemu_virt_partitions": check_partitions,
          **{f"qemu_virt_vfio_pci{gic}": check_cards
             for gic in ("", "_gicv2", "_gicv4")},
          **{f"qemu_virt_vfio_platform{gic}": check_platform
             for gic in ("", "_gicv2")},
          "zcu102": check_zcu102}


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


def main():
    """`make check`: boots a config to its guest's shell and back."""
    config, command = sys.argv[1], sys.argv[2]
    try:
        with Host(command, 120) as host:
            CHECKS.get(config, check_linux)(host)
            host.expect("guest: powered off")
            host.expect("reboot: Power down")
            host.expect(pexpect.EOF, 20)
    except AssertionError as error:
        why = str(error).splitlines() or ["a check in the guest failed"]
        print("\n".join(why[1:]))
        print(f"FAIL {config}: {why[0]}")
        sys.exit(1)
    print(f"PASS {config}")


if __name__ == "__main__":
    main()
