# SPDX-License-Identifier: Apache-2.0
"""Devices on hosts that are slow, full, broken, or lack something."""
import hashlib
import os
import re

import pytest

from lab import BUILD, Case, product, run_cases


@pytest.fixture(scope="module")
def results():
    return run_cases("hosts", "gicv3", [
        Case("with_vhost", "test_host/ping", limit=120),
        Case("without_vhost", "test_host/ping", limit=120,
             before="mv /dev/vhost-net /dev/off",
             after="mv /dev/off /dev/vhost-net"),
        Case("intx", "test_host/intx", limit=120),
        Case("full", "test_host/fill", limit=120,
             before="mkdir -p /small; mount -t tmpfs -o size=4m tmpfs /small;"
                    "truncate -s 64M /small/disk; ln -sf /small/disk /disk/0",
             after="rm /disk/0; umount /small")])


def test_network_in_the_kernel(results):
    output = results["with_vhost"].output
    assert "3 packets received, 0% packet loss" in output, output
    assert "the slow way" not in output


def test_messages_without_its():
    """GICv2: vhost's eventfds are bound to the SPIs of the GICv2m frame."""
    result = run_cases("hosts-gicv2", "gicv2", [
        Case("v2m", "test_host_gicv2/ping", limit=120)])["v2m"]
    assert "3 packets received, 0% packet loss" in result.output, result.output
    assert re.search(r"MSIX-\S+ +\d Edge +virtio\d-input", result.output), \
        result.output


def test_network_without_vhost(results):
    """One line says so, and packets go through the VMM."""
    output = results["without_vhost"].output
    assert "3 packets received, 0% packet loss" in output, output
    assert output.count("no /dev/vhost-net; packets take the slow way") == 1


def test_lines_instead_of_messages(results):
    """Disk and network, the latter served by vhost, interrupt by INTx."""
    output = results["intx"].output
    assert "3 packets received, 0% packet loss" in output, output
    lines = re.findall(r"^ *\d+: +(\d+) .*Level +virtio", output, re.M)
    assert sum(int(count) > 0 for count in lines) >= 2, output


def test_discard(results):
    """What was discarded reads as zeros, what lies behind it as before."""
    discarded, rest = re.findall(r"^([0-9a-f]{32})  -",
                                 results["intx"].output, re.M)
    disk = os.path.join(BUILD, "system", "hosts", "pristine")
    with open(disk, "rb") as pattern:
        pattern.seek(1 << 20)
        expected = pattern.read(1 << 16)
    assert discarded == hashlib.md5(bytes(1 << 20)).hexdigest()
    assert rest == hashlib.md5(expected).hexdigest()


def test_host_is_full(results):
    """ENOSPC is an I/O error of the write that met it, and of no other."""
    result = results["full"]
    assert re.search(r"dd: error writing .*: (Input/output|I/O) error", result.output), \
        result.output
    assert "READS" in result.output, result.output
    assert result.code == 0, result.output


IMAGE = os.path.join(BUILD, "qemu_virt_pci", "disk.img")


def test_slow_disk_does_not_stop_the_guest():
    """Five requests a second: the guest's timer ticks on while they wait."""
    with product("qemu_virt_pci", limit=240,
                 disk=f"{IMAGE},throttling.iops-total=5") as host:
        host.expect("guest# ")
        out = host.shell(
            "dd if=/dev/vda of=/dev/null bs=4k count=20 iflag=direct & p=$!; "
            "n=0; while kill -0 $p 2>/dev/null; do n=$((n + 1)); "
            "usleep 10000; done; echo ticks=$n=")
        # One each request, were the guest stopped while it waits.
        assert int(re.search(r"ticks=(\d+)=", out).group(1)) > 60, out


def test_disk_errors_reach_the_guest():
    """EIO for what lies behind 1 MiB; the rest of the disk goes on working."""
    rules = os.path.join(BUILD, "system", "blkdebug.conf")
    os.makedirs(os.path.dirname(rules), exist_ok=True)
    with open(rules, "w", encoding="utf-8") as text:
        text.write('[inject-error]\nevent = "read_aio"\nerrno = "5"\n'
                   'sector = "2048"\nonce = "off"\n')
    with product("qemu_virt_pci", limit=240,
                 disk=f"blkdebug:{rules}:{IMAGE}") as host:
        host.expect("guest# ")
        out = host.shell("dd if=/dev/vda of=/dev/null bs=4k skip=256 count=1 "
                         "iflag=direct; echo first=$?=")
        assert "first=1=" in out, out
        out = host.shell("dd if=/dev/vda of=/dev/null bs=4k count=16 "
                         "iflag=direct; echo second=$?=")
        assert "second=0=" in out, out
