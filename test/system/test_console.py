# SPDX-License-Identifier: Apache-2.0
"""Linux guests' hvc0, on a host terminal that does or does not read."""
import hashlib
import os
import re
import select
import socket
import time

import pytest

from lab import (BUILD, Case, Host, emulator, pack, product, run_cases,
                 script, vmm_file)

CONFIGS = ["qemu_virt_mmio", "qemu_virt_pci"]
OPEN = "exec 5<>/dev/hvc0; stty raw -echo <&5"

# 4 MiB. The port's queue, between us and the VMM, holds 128 pieces of 16 KiB.
BYTES = 4 << 20


def read(port, count, limit=60):
    """That many bytes, or what came of them within the limit."""
    data = b""
    end = time.monotonic() + limit
    while len(data) < count and select.select(
            [port], [], [], max(0, end - time.monotonic()))[0]:
        part = os.read(port.fileno(), min(65536, count - len(data)))
        if not part:
            break
        data += part
    return data


@pytest.fixture(scope="module", params=CONFIGS)
def board(request):
    """The board of `make run`, and the far end of its /dev/hvc0."""
    with product(request.param, limit=240) as host:
        host.expect("guest# ")
        host.shell(OPEN)
        port = socket.socket(socket.AF_UNIX)
        # Relative: the address must fit in 108 bytes, wherever we are.
        port.connect(os.path.relpath(
            os.path.join(BUILD, request.param, "hvc0.sock")))
        yield host, port
        port.close()


def test_output(board):
    host, port = board
    host.shell("echo hello, host >&5")
    assert read(port, 12) == b"hello, host\n"


def test_input(board):
    host, port = board
    port.sendall(b"hello, guest\n")
    assert "got hello, guest.\r" in host.shell(
        "read -r line <&5; echo got $line.")


def test_much_input_waits_for_the_guest(board):
    """Nobody in the guest reads it at first."""
    host, port = board
    data = bytes(n * 7 >> 3 & 0xff for n in range(100000))
    port.sendall(data)
    time.sleep(2)
    out = host.shell("head -c 100000 <&5 | md5sum")
    assert hashlib.md5(data).hexdigest() in out


def test_output_of_all_byte_values(board):
    host, port = board
    host.shell("for i in 0 1 2 3; do for j in 0 1 2 3 4 5 6 7; do "
               "for k in 0 1 2 3 4 5 6 7; do printf \"\\\\$i$j$k\"; "
               "done; done; done >&5")
    assert read(port, 256) == bytes(range(256))


@pytest.fixture(scope="module", params=CONFIGS)
def slow_board(request, tmp_path_factory):
    """
    A host whose /dev/hvc0 is a port that the emulator holds back when nobody
    reads; of a virtconsole it would drop the bytes instead.
    """
    name = f"console_{request.param}"
    path = str(tmp_path_factory.mktemp("port") / "port")
    image = pack(name, script([Case(
        "guest", request.param, stdin="", limit=200,
        before="until ls /dev/vport*p1; do sleep 0.1; done; sleep 1; "
        "ln -s /dev/vport*p1 /dev/hvc0; ln -s /pristine /dev/vda")]),
        [vmm_file(request.param, "/vmm/guest")])
    os.mkfifo(path + ".in")
    os.mkfifo(path + ".out")
    command = emulator("gicv3", image, extra="-device virtio-serial-device "
                       "-device virtserialport,chardev=port "
                       f"-chardev pipe,id=port,path={path}")
    log = os.path.join(BUILD, "system", name, "host.log")
    with Host(command, 240, log) as host:
        host.expect("guest# ")
        host.shell(OPEN)
        with open(os.open(path + ".out", os.O_RDONLY | os.O_NONBLOCK),
                  "rb", buffering=0) as port:
            yield host, port


def test_output_waits_for_the_host(slow_board):
    """
    Nothing is lost of what nobody reads for a while. Linux waits for each
    write with interrupts off, so the guest stands still meanwhile, but its
    clock does not; virtio_console below waits with its timer running.
    """
    host, port = slow_board
    out = host.shell(f"head -c {BYTES} /dev/urandom >/tmp/data; "
                     "md5sum </tmp/data")
    host.send("cut -d' ' -f1 /proc/uptime; cat /tmp/data >&5; "
              "cut -d' ' -f1 /proc/uptime; echo all-''written\n")
    time.sleep(10)
    data = read(port, BYTES)
    assert len(data) == BYTES
    assert hashlib.md5(data).hexdigest() in out
    times = [float(t) for t in re.findall(r"\n(\d+\.\d\d)\r",
                                          host.expect("all-written\r", 30))]
    assert times[1] - times[0] > 8, times
    host.expect("guest# ")
    assert "still-here\r" in host.shell("echo still-''here")
    assert read(port, 1, 1) == b""


def refusal(name, before):
    return Case(name, "test_console/virtio_console", limit=20,
                before="rm -rf /tmp/tty; " + before)


@pytest.fixture(scope="module")
def cases():
    return run_cases("console", "gicv3", [
        Case("virtio_console", "test_console/virtio_console",
             before="mkfifo /tmp/tty"),
        refusal("missing", ":"),
        refusal("a_file", "echo kept >/tmp/tty"),
        refusal("a_directory", "mkdir /tmp/tty"),
    ])


def test_virtio_console(cases):
    """M36 in a driver that does not stand still while the host does."""
    result = cases["virtio_console"]
    assert not re.search(r"^FAIL ", "\n".join(result.lines), re.M), \
        result.output
    assert "PASS virtio_console" in result.output, result.output
    assert result.code == 0, result.output


@pytest.mark.parametrize("name", ["missing", "a_file", "a_directory"])
def test_refusal(cases, name):
    result = cases[name]
    lines = [line for line in result.lines if line.startswith("bedplate:")]
    assert result.code == 16 and len(lines) == 1, result.output
    assert "terminal /tmp/tty: cannot be opened" in lines[0], result.output
