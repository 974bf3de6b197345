# SPDX-License-Identifier: Apache-2.0
"""Guests that talk to their host over vsock, and to each other over memory."""
import os
import re

import pytest

from lab import BUILD, Case, run_cases, vmm_file

VSOCK = f"{os.path.join(BUILD, 'system', 'vsock')}:/bin/vsock:755"
# The host listens for the guest's stream, and sends one of its own.
HOST_SIDE = ("timeout 200 vsock listen 5001 >/tmp/listens & "
             "timeout 200 vsock connect 3 5000 2000000 >/tmp/connects & ")
SHOW = "wait; cat /tmp/listens /tmp/connects"


def pair(name, guest, script):
    """Two guests, A and B; the shell's functions a and b run them."""
    return Case(
        name, command=f"rm -f /tmp/shm*; {script} wait; "
        "sed 's/^/A: /' /tmp/a /tmp/a2; sed 's/^/B: /' /tmp/b /tmp/b2",
        before="touch /tmp/a2 /tmp/b2; "
        f"a() {{ exec /vmm/{guest}_a </dev/null; }}; "
        f"b() {{ exec /vmm/{guest}_b </dev/null; }}",
        after="rm -f /tmp/[ab] /tmp/[ab]2",
        files=(vmm_file(f"test_neighbour0/{guest}", f"/vmm/{guest}_a"),
               vmm_file(f"test_neighbour1/{guest}", f"/vmm/{guest}_b")),
        limit=120)


# Until one says a word, at most 100 s.
UNTIL = ("until_() { n=0; while ! grep -q $2 $1 && [ $n -lt 1000 ]; do "
         "n=$((n + 1)); usleep 100000; done; }; ")


@pytest.fixture(scope="module")
def results():
    return run_cases("neighbours", "gicv3", [
        Case("vsock_pci", "vsock/test_host", files=(VSOCK,), limit=120,
             before=HOST_SIDE, after=SHOW),
        Case("vsock_mmio", "vsock/test_host_mmio", files=(VSOCK,), limit=120,
             before=HOST_SIDE, after=SHOW),
        pair("doorbell", "shmem", "a >/tmp/a & b >/tmp/b &"),
        pair("plain", "shmem_plain", "b >/tmp/b & a >/tmp/a &"),
        pair("b_killed", "shmem_long", UNTIL + "a >/tmp/a & b >/tmp/b & "
             "b=$!; until_ /tmp/a started; kill -9 $b; sleep 5; "
             "b >/tmp/b2 &"),
        pair("a_killed", "shmem_long", UNTIL + "b >/tmp/b & a >/tmp/a & "
             "a=$!; until_ /tmp/a started; kill -9 $a; sleep 1; "
             "a >/tmp/a2 &")])


@pytest.mark.parametrize("name", ["vsock_pci", "vsock_mmio"])
def test_vsock(results, name):
    """Bytes both ways in both directions, and the sums of either side."""
    output = results[name].output
    sums = re.findall(r"vsock: (\w+) 2000000 bytes, sum (\w+)", output)
    assert sorted(who for who, _ in sums) == ["connector"] * 2 + [
        "listener"] * 2, output
    assert len({value for _, value in sums}) == 1, output
    assert results[name].code == 0, output


def said(result, who, what):
    return re.findall(rf"^{who}: {what}", "\n".join(result.lines), re.M)


@pytest.mark.parametrize("name", ["doorbell", "plain"])
def test_shared_memory(results, name):
    """Each question is answered, and no ring is lost."""
    result = results[name]
    guest = {"doorbell": "shmem", "plain": "shmem_plain"}[name]
    assert said(result, "A", "asked 2000 repeated 0"), result.output
    assert said(result, "A", f"PASS {guest}"), result.output
    assert said(result, "B", "answered 2001"), result.output
    assert said(result, "B", f"PASS {guest}"), result.output


def test_neighbour_killed(results):
    """A asks until B is back, and B finds what it missed."""
    result = results["b_killed"]
    assert said(result, "A", "asked 8000 repeated [1-9]"), result.output
    assert said(result, "A", "PASS shmem_long"), result.output
    assert said(result, "B", "PASS shmem_long"), result.output


def test_asking_neighbour_killed(results):
    """B waits, and answers the next A."""
    result = results["a_killed"]
    assert said(result, "A", "asked 8000"), result.output
    assert len(said(result, "A", "started")) == 2, result.output
    assert said(result, "B", "PASS shmem_long"), result.output
