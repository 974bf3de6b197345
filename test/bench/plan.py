# SPDX-License-Identifier: Apache-2.0
"""What a host is to measure, and one boot of it that does."""

import os
import threading
import time

import lab
import newc

print_lock = threading.Lock()


def say(text):
    with print_lock:
        print(text, flush=True)


class Plan:
    """The measurements of one kind of host, and the files that they need."""

    def __init__(self, arguments, name, board, append=""):
        self.arguments = arguments
        self.name = name
        self.board = board
        self.append = f"console=ttyAMA0 quiet panic=-1 {append}".strip()
        self.archive = newc.Archive()
        self.setup = []
        self.steps = []
        self.archive.add_file("init", self.local("runner"))

    def local(self, name):
        return os.path.join(self.arguments.files, name)

    def add(self, kind, metric, subject, count, argv):
        """A measurement, if it is wanted; a series has many metrics."""
        only = self.arguments.only.split(",")
        tag = (subject if kind in ("series", "wall")
               else f"{metric}:{subject}")
        wanted = {"mmio_run": "mmio_exit"}.get(metric, metric)
        needed = metric == "start_stop" and "mmio_exit" in only
        if only == [""] or needed or wanted in only or subject in only:
            self.steps.append([kind, tag, str(count), *argv])

    def bind(self, bus, device, driver):
        """What follows finds the device with this driver of the host."""
        self.steps.append(["bind", bus, device, driver])

    def measurements(self):
        return sum(step[0] != "bind" for step in self.steps)

    def initrd(self):
        return os.path.join(self.arguments.out, f"{self.name}.cpio")

    def write(self):
        lines = ["\t".join(words) for words in self.setup + self.steps]
        self.archive.add("plan", newc.REGULAR | 0o644,
                         ("\n".join(lines) + "\n").encode())
        self.archive.write(self.initrd())
        return self


class Run:
    """One boot of the host with all the plan's steps."""

    def __init__(self, plan, number):
        self.plan = plan
        self.number = number
        self.values = {}
        self.samples = {}
        self.elapsed = {}
        self.peaks = {}
        self.failed = []
        self.done = False
        self.step = 0
        self.started = time.monotonic()

    def progress(self, text):
        seconds = time.monotonic() - self.started
        say(f"  {self.plan.name}-{self.number} {seconds:5.0f} s  "
            f"[{self.step:2}/{self.plan.measurements()}] {text}")

    def take(self, line):
        words = line.split()
        if words[:1] == ["START"] and len(words) == 2:
            self.step += 1
        elif words[:1] == ["RESULT"] and len(words) == 5:
            key = tuple(words[1].split(":"))
            self.values[key] = int(words[2])
            self.samples.setdefault(key, []).append(int(words[2]))
            self.elapsed[key] = int(words[3])
            self.peaks[key] = int(words[4]) * 1024
            self.progress(f"{words[1]} {int(words[2]):,}")
        elif words[:1] == ["FAIL"] and len(words) == 2:
            self.failed.append(words[1])
            self.progress(f"{words[1]} FAILED, see the log")
        elif words[:1] == ["WARNING"]:
            self.progress(line)
        elif words[:1] == ["BOOT"]:
            self.progress("host is up")
        self.done = self.done or words == ["DONE"]

    def go(self):
        arguments = self.plan.arguments
        log = os.path.join(arguments.out, f"{self.plan.name}-{self.number}.log")
        command = lab.command(arguments.emulator, self.plan.board,
                              arguments.test_kernel, self.plan.initrd(),
                              self.plan.append, "2G", self.number)
        try:
            for line in lab.boot(command, arguments.limit, log):
                self.take(line)
        except lab.LabError as error:
            self.progress(f"{error}; see {log}")
        if not self.done:
            self.failed.append(f"{self.plan.name}-{self.number}(see {log})")
        return self


def measure_native(arguments, name, board, program):
    """{metric: instructions} of a guest's program as the board's kernel."""
    log = os.path.join(arguments.out, f"native-{name}.log")
    command = [arguments.emulator, *board, "-m", "256M", "-kernel",
               os.path.join(arguments.files, f"{program}.bin")]
    values = {}
    try:
        for line in lab.boot(command, 60, log):
            words = line.split()
            if words[:1] == ["@B"] and len(words) == 5:
                count, ticks, hertz = map(int, words[2:])
                values[words[1]] = ticks * 1000000000 // hertz // count
    except lab.LabError as error:
        say(f"  native {name}: {error}; see {log}")
    return values
