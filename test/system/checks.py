# SPDX-License-Identifier: Apache-2.0
"""`make check`: what it does with a config's guest, from the board's start to
its end."""
import os
import re
import socket
import sys

import pexpect

from lab import (BUILD, UBOOT_PROMPT, Host, Port, interrupts_of, network,
                 receive, uboot_prompt, write_and_read)


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
