# SPDX-License-Identifier: Apache-2.0
"""Boot the emulated board under -icount and hand out its console, line by line.

Every process started here is killed with its group when the benchmark ends, and
by the kernel if the benchmark itself is killed.
"""

import ctypes
import os
import selectors
import signal
import subprocess
import time

MACHINE = "virt,virtualization=on,gic-version=3"
ICOUNT = ["-icount", "shift=0,sleep=off", "-smp", "1"]
PR_SET_PDEATHSIG = 1
processes = []


class LabError(Exception):
    """The board did not do what it was booted for."""


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def board(machine=MACHINE, speed=ICOUNT, devices=()):
    return ["-M", machine, "-cpu", "max", *speed,
            "-rtc", "base=2025-01-01,clock=vm",
            "-nodefaults", "-display", "none", "-monitor", "none",
            "-serial", "stdio", "-no-reboot", *devices]


def command(emulator, what, kernel, initrd, append, memory, seed):
    return [emulator, *what, "-m", memory, "-seed", str(seed),
            "-kernel", kernel, "-initrd", initrd, "-append", append]


def kill(process):
    if process.poll() is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


def kill_all():
    for process in processes:
        kill(process)


def read_lines(process, deadline):
    """Yield lines of bytes until the output ends; LabError at the deadline."""
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(max(0, deadline - time.monotonic())):
                raise LabError("time limit reached")
            chunk = os.read(process.stdout.fileno(), 65536)
            if not chunk:
                return
            *lines, pending = (pending + chunk).split(b"\n")
            yield from lines


def boot(arguments, limit, log_path):
    """Run one board to its power-off and yield its console, kept in log_path.

    limit is in seconds of wall time.
    """
    process = subprocess.Popen(
        arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True,
        preexec_fn=die_with_parent)
    processes.append(process)
    try:
        with open(log_path, "wb") as log:
            for line in read_lines(process, time.monotonic() + limit):
                log.write(line + b"\n")
                log.flush()
                yield line.decode(errors="replace").rstrip("\r")
    finally:
        kill(process)
