# SPDX-License-Identifier: Apache-2.0
"""Debian from a virtio disk to a login, and TCP over virtio-net with the host.

The VMM is an ordinary process; the host beside it runs iperf3's server and a
web server that tells the guest what KVM counted: asking costs some packets,
where a word on the console would be an exit for each byte.
"""
import os
import re

import pexpect
import pytest

from lab import BUILD, CACHE, PROLOGUE, Host, emulator, pack, vmm_file

DEBIAN = os.path.join(CACHE, "debian")
TRANSPORTS = ["mmio", "pci"]

# Exits to userspace, for MMIO and for signals, by KVM's own count; packets from
# the guest and to it, by the host's.
COUNTERS = ("/sys/kernel/debug/kvm/mmio_exit_user "
            "/sys/kernel/debug/kvm/signal_exits "
            "/sys/class/net/tap0/statistics/rx_packets "
            "/sys/class/net/tap0/statistics/tx_packets")

# At the end, what the disk's superblock says of its state and features.
INIT = f"""{PROLOGUE}
mkdir -p /www/cgi-bin
cat >/www/cgi-bin/counters <<-END
	#!/bin/sh
	echo
	cat {COUNTERS}
END
chmod 755 /www/cgi-bin/counters
httpd -h /www
iperf3 -s >/tmp/iperf3 2>&1 &
/vmm
echo "@@VMM $?"
dd if=/dev/vda bs=1024 skip=1 count=1 of=/tmp/super 2>/dev/null
echo "@@DISK $(hexdump -s 58 -n 2 -e '/2 "%u"' /tmp/super)" \\
	"$(hexdump -s 96 -n 4 -e '/4 "%u"' /tmp/super)"
poweroff -f
"""
DISK_IS_CLEAN = 1
JOURNAL_NEEDS_RECOVERY = 4

# In the guest. A short stream goes first: it finds programs and libraries on the
# disk and lets Linux learn the path.
COUNTED = """counters() {
exec 3<>/dev/tcp/192.168.7.1/80
printf 'GET /cgi-bin/counters HTTP/1.0\\r\\n\\r\\n' >&3
grep -x '[0-9]*' <&3
}
counted() {
"$@" -n 1M >/run/first && sync && before=$(counters) && "$@" >/run/second &&
after=$(counters) && echo counted: $before $after && cat /run/second
}
"""


def initramfs(transport):
    peer = os.path.join(DEBIAN, "peer")
    files = [os.path.join(where, name) for where, _, names in os.walk(peer)
             for name in names]
    return pack(f"debian-{transport}", INIT,
                [vmm_file(f"debian/{transport}", "/vmm")] +
                [f"{file}:{os.path.relpath(file, peer)}:755"
                 for file in files])


@pytest.fixture(scope="module", params=TRANSPORTS)
def guest(request):
    """Logged in as root, with an address."""
    image = os.path.join(DEBIAN, "root.ext4")
    assert os.path.exists(image), "run tools/setup.sh debian"
    command = emulator(
        "gicv3", initramfs(request.param),
        extra=f"-drive file={image},format=raw,if=none,id=vda,snapshot=on "
        "-device virtio-blk-device,drive=vda "
        "-chardev null,id=hvc0 -device virtio-serial-device,max_ports=1 "
        "-device virtconsole,chardev=hvc0")
    log = os.path.join(BUILD, "system", f"debian-{request.param}", "host.log")
    with Host(command, 240, log) as host:
        host.expect("Debian GNU/Linux .* ttyAMA0")
        host.expect("debian login: ")
        host.send("root\n")
        host.expect("Password: ")
        host.send("bedplate\n")
        host.expect("root@debian:~# ")
        # Without line editing, which would redraw what is typed.
        host.send("PS1='gu''est# ' exec bash --norc --noediting\n")
        host.expect("guest# ")
        host.shell("ip addr add 192.168.7.2/24 dev eth0 && "
                   "ip link set eth0 up")
        yield host


def counted(guest, command):
    """(exits, packets from the guest, packets to it), what it printed."""
    for line in COUNTED.splitlines():
        guest.send(line + "\n")
    out = guest.shell(f"counted {command}; echo do''ne", "done\r")
    guest.expect("guest# ")
    found = re.search(r"\bcounted:((?: \d+){8})\r", out)
    assert found, out
    numbers = [int(word) for word in found.group(1).split()]
    mmio, signals, sent, received = (
        after - before for before, after in zip(numbers, numbers[4:]))
    return mmio + signals, sent, received, out


def test_root_is_the_virtio_disk(guest):
    assert re.search(r"/dev/vda on / type ext4 \(rw", guest.shell("mount"))
    assert "uid=0(root)" in guest.shell("id")
    assert "0:0 /etc/passwd" in guest.shell(
        "stat -c '%u:%g %n' /etc/passwd /usr/bin/*| sort | uniq")
    assert "init" in guest.shell("cat /proc/1/comm")


def test_disk_keeps_what_is_written(guest):
    out = guest.shell("cat /usr/bin/* >/root/a && sync && cksum </root/a && "
                      "echo 3 >/proc/sys/vm/drop_caches && cksum </root/a && "
                      "cat /usr/bin/* | cksum && rm /root/a")
    sums = re.findall(r"^(\d+ \d+)\r", out, re.M)
    assert len(sums) == 3 and len(set(sums)) == 1, out


def test_ping(guest):
    out = guest.shell("ping -c 5 -i 0.2 192.168.7.1")
    assert "5 packets transmitted, 5 received, 0% packet loss" in out, out


def test_tcp_to_the_host_makes_no_exit_per_packet(guest):
    """Packets of one segment, so that there are many."""
    guest.shell("ip link set eth0 gso_max_size 1514")
    exits, sent, _, out = counted(guest, "iperf3 -c 192.168.7.1 -n 4M")
    guest.shell("ip link set eth0 gso_max_size 65536")
    assert re.search(r"\d+ [MG]?bits/sec +receiver", out), out
    assert sent > 2500 and exits < 50, out


def test_tcp_from_the_host_makes_no_exit_per_packet(guest):
    """Packets as large as the guest takes them."""
    exits, sent, received, out = counted(
        guest, "iperf3 -c 192.168.7.1 -n 128M -R")
    assert re.search(r"\d+ [MG]?bits/sec +receiver", out), out
    assert received + sent > 2000 and exits < 50, out


def test_tcp_of_large_packets(guest):
    out = guest.shell("iperf3 -c 192.168.7.1 -n 32M")
    assert re.search(r"\d+ [MG]?bits/sec +receiver", out), out


def test_no_warning_in_the_guests_log(guest):
    out = guest.shell("dmesg | grep -ciE 'warn|error|fail|bug|oops'; true")
    assert "\r\n0\r" in out, guest.shell("dmesg | grep -iE "
                                         "'warn|error|fail|bug|oops'")


def test_shutdown(guest):
    """The file system was unmounted, by its own superblock."""
    guest.send("poweroff\n")
    guest.expect("Will now halt")
    guest.expect("guest: powered off")
    guest.expect(r"@@VMM 0\r")
    guest.expect(r"@@DISK (\d+) (\d+)\r")
    state, features = map(int, guest.child.match.groups())
    assert state == DISK_IS_CLEAN and features & JOURNAL_NEEDS_RECOVERY == 0
    guest.expect("reboot: Power down")
    guest.expect(pexpect.EOF, 20)
