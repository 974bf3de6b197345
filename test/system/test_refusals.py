# SPDX-License-Identifier: Apache-2.0
"""Bad hosts: one clear line, a distinct exit code, nothing half-started."""
import pytest

from lab import Case, run_cases

NET = "test_host/hello"
HUGE = "bench/bedplate/off-hugepages"

# name, VMM, preparation, undo, exit code, what the line must say
REFUSALS = [
    ("no_kvm", "test_gicv3/hello", "mv /dev/kvm /dev/off",
     "mv /dev/off /dev/kvm", 10, ["/dev/kvm", "CONFIG_KVM"]),
    ("other_gic", "test_gicv2/hello", "", "", 12,
     ["GICv2", "qemu-virt-gicv2", "choose"]),
    ("no_hugepages", HUGE, "echo 0 >/proc/sys/vm/nr_hugepages", "", 13,
     ["128 free hugepages", "hugepages=128"]),
    ("one_hugepage_short", HUGE, "echo 127 >/proc/sys/vm/nr_hugepages",
     "echo 0 >/proc/sys/vm/nr_hugepages", 13, ["128 free hugepages"]),
    ("disk_missing", "test_gicv3/hello", "rm /disk/0", "", 15,
     ["/disk/0", "create it"]),
    ("disk_directory", "test_gicv3/hello", "rm /disk/0; mkdir /disk/0",
     "rmdir /disk/0", 15, ["/disk/0"]),
    ("disk_empty", "test_gicv3/hello", ": >/disk/1", "", 15,
     ["/disk/1", "at least 512 bytes"]),
    ("disk_not_writable", "test_gicv3/hello",
     "mount -o remount,ro /disk", "mount -o remount,rw /disk", 15,
     ["/disk/0", "writing"]),
    ("no_tun", NET, "mv /dev/net/tun /dev/net/off",
     "mv /dev/net/off /dev/net/tun", 17, ["/dev/net/tun", "CONFIG_TUN"]),
    ("no_vhost_vsock", NET, "mv /dev/vhost-vsock /dev/off",
     "mv /dev/off /dev/vhost-vsock", 18, ["/dev/vhost-vsock", "CONFIG_VHOST"]),
    ("other_size", NET, "truncate -s 4096 /tmp/shm0", "rm /tmp/shm0", 19,
     ["/tmp/shm0", "4096", "1048576"]),
    ("no_memory", "test_gicv3/hello", "ulimit -v 20000",
     "", 13, ["guest RAM", "address space"]),
    ("few_files", "test_gicv3/hello", "ulimit -n 8", "", 16, ["open files"]),
]


def case(name, vmm, before, undo):
    # In a subshell of its own, so that limits end with it.
    return Case(name, vmm, command=f"exec </dev/null; {before or ':'}; "
                f"timeout -s KILL 20 /vmm/{name}", after=undo)


@pytest.fixture(scope="module")
def results():
    return run_cases("refusals", "gicv3",
                     [case(*row[:4]) for row in REFUSALS] +
                     [Case("afterwards", "test_gicv3/hello")])


@pytest.mark.parametrize("row", REFUSALS, ids=[row[0] for row in REFUSALS])
def test_refusal(results, row):
    name, _, _, _, code, words = row
    result = results[name]
    lines = [line for line in result.lines if line.startswith("bedplate:")]
    assert result.code == code, result.output
    assert len(lines) == 1, f"not one line: {result.output}"
    for word in words:
        assert word in lines[0], f"{word!r} is not in {lines[0]!r}"


def test_host_with_too_little_memory():
    """256 MiB for the guest, on a host of 200."""
    result = run_cases("little", "gicv3", [
        Case("little", "bench/bedplate/off", limit=20)],
        memory="200M")["little"]
    lines = [line for line in result.lines if line.startswith("bedplate:")]
    assert result.code == 13 and len(lines) == 1, result.output
    assert "256 MiB, but the host has only" in lines[0]


def test_the_host_still_works(results):
    assert "PASS hello" in results["afterwards"].output
    assert results["afterwards"].code == 0
