# SPDX-License-Identifier: Apache-2.0
"""Power-on to the guest's userspace, in instructions, by stage.

What is booted is the product, as `make run` boots it, but with the packed tree
that a flash image gives to the host kernel, and under -icount. A plugin of the
emulator counts (startup.c), so the product has no part in it.
"""

import argparse
import bisect
import collections
import csv
import json
import os
import re
import subprocess
import sys

import elf
import lab
from plan import say

CONFIG = "qemu_virt"
OUT = os.path.join("build", CONFIG)
# A stage, and the mark that ends it; the first begins with power-on.
STAGES = ("host", "pid1", "vmm", "guest")
ENDS = ("pid1", "vmm", "guest", "userspace")
# From there on the host kernel's log has times.
CLOCK, CLOCK_STARTS = "clock", "sched_clock_register"
GUEST_RAM = 0x40000000
# The emulator puts the host's Image there, and runs it without an MMU at first.
LOADED = 0x40200000
LIMIT = 120
DISK_BYTES = 64 << 20


def make(*words):
    done = subprocess.run(
        ["make", "--no-print-directory", "-s", "READY=1", f"CONFIG={CONFIG}",
         *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def marks(busybox, kernel):
    """(name, address) of the first instruction after each stage. Of the guest's
    userspace it is that of busybox, which is the interpreter of its /init."""
    addresses, names = functions(kernel)
    yield CLOCK, addresses[names.index(CLOCK_STARTS)]
    vmm = elf.Elf(os.path.join(OUT, "vmm.elf"))
    with open(os.path.join(OUT, "payload.h"), encoding="ascii") as header:
        words = dict(line.split()[1:3] for line in header
                     if line.startswith("#define PAYLOAD_guest"))
    yield from zip(ENDS, (vmm.entry, vmm.symbol("partition_run"),
                          GUEST_RAM + int(words["PAYLOAD_guest_OFFSET"], 0),
                          elf.Elf(busybox).entry))


def command(arguments, number, profile):
    make(os.path.join(OUT, "host.dtb"), os.path.join(OUT, "initramfs.cpio"))
    words = make("emu-command").splitlines()[-1]
    words += "" if " -dtb " in words else f" -dtb {OUT}/host.dtb"
    # The disk and the socket are not those of a `make run`.
    own = os.path.join(arguments.out, "startup")
    os.makedirs(own, exist_ok=True)
    with open(os.path.join(own, "disk.img"), "wb") as disk:
        disk.truncate(DISK_BYTES)
    words = re.sub(rf"{OUT}/(\w+\.(?:img|sock|log))", rf"{own}/\1", words)
    plugin = os.path.join(arguments.files, "startup.so")
    plugin += "".join(f",{name}={address:#x}"
                      for name, address
                      in marks(arguments.busybox, arguments.host_kernel))
    return ["/bin/sh", "-c",
            f"exec {words} -icount shift=0,sleep=off "
            f"-rtc base=2025-01-01,clock=vm -seed {number} "
            f"-plugin {plugin},profile={profile}"]


def run(arguments, number):
    """{mark: instructions from power-on}, or nothing."""
    log = os.path.join(arguments.out, f"startup-{number}.log")
    profile = os.path.join(arguments.out, "startup.profile")
    passed = {}
    try:
        for line in lab.boot(command(arguments, number, profile), LIMIT, log):
            words = line.split()
            if words[:1] == ["@M"] and len(words) == 3:
                passed[words[1]] = int(words[2])
            if ENDS[-1] in passed:
                return passed
        say(f"  startup-{number}: the board ended early; see {log}")
    except lab.LabError as error:
        say(f"  startup-{number}: {error}; see {log}")
    return {}


def values_of(passed, counts):
    """{(metric, subject): value} of one start."""
    ends = [passed[name] for name in ENDS]
    stages = dict(zip(STAGES, (end - begin
                               for begin, end in zip([0, *ends], ends))))
    values = {f"startup_{name}": count for name, count in stages.items()}
    values["startup_host_log"] = ends[0] - passed[CLOCK]
    values["startup_total"] = ends[-1]
    values["startup_own_ratio"] = (stages["pid1"] + stages["vmm"]) / ends[-1]
    values["startup_own_code_ratio"] = (
        counts["pid1", "userspace"] + counts["vmm", "userspace"]) / ends[-1]
    return {(metric, "bedplate"): value for metric, value in values.items()}


def functions(kernel):
    """Of the host kernel: addresses, sorted, and their names."""
    found = []
    with open(os.path.join(os.path.dirname(kernel), "System.map"),
              encoding="ascii") as symbols:
        for line in symbols:
            address, kind, name = line.split()
            if kind in "tTwW":
                found.append((int(address, 16), name))
    return zip(*sorted(found))


def count_functions(profile, kernel):
    """Where the host's instructions went: {(stage, function): number}."""
    addresses, names = functions(kernel)
    base = addresses[names.index("_text")]
    counts = collections.Counter()
    with open(profile, encoding="ascii") as lines:
        for line in lines:
            stage, address, count = line.split()
            address = int(address, 16)
            stage = ENDS[0] if stage == CLOCK else stage
            if stage == ENDS[0] and address < base:
                address += base - LOADED
            at = bisect.bisect(addresses, address) - 1
            # The guest's kernel has another layout of its addresses.
            name = ("userspace" if at < 0 else
                    "guest" if address > addresses[-1] else names[at])
            counts[STAGES[ENDS.index(stage)], name] += int(count)
    return counts


def write_functions(counts, path):
    with open(path, "w", newline="", encoding="ascii") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["stage", "function", "instructions"])
        writer.writerows([*key, count] for key, count in counts.most_common())


def measure(arguments):
    """The results of all starts, and what failed."""
    results, failed = [], []
    for number in range(1, arguments.runs + 1):
        passed = run(arguments, number)
        if not passed:
            failed.append(f"startup-{number}")
            continue
        counts = count_functions(
            os.path.join(arguments.out, "startup.profile"),
            arguments.host_kernel)
        results.append(values_of(passed, counts))
        say(f"  startup-{number} " + ", ".join(
            f"{metric[8:]} {value:,}" for (metric, _), value
            in results[-1].items() if not metric.endswith("_ratio")))
    if results:
        write_functions(counts, os.path.join(arguments.out, "startup.csv"))
    return results, failed


def main():
    """One start, as JSON: for tests, without all that `make bench` needs."""
    parser = argparse.ArgumentParser()
    for name in ("files", "out", "busybox", "host-kernel"):
        parser.add_argument(f"--{name}", required=True)
    arguments = parser.parse_args()
    arguments.runs = 1
    results, failed = measure(arguments)
    if failed:
        sys.exit(1)
    print(json.dumps({metric: value
                      for (metric, _), value in results[0].items()}))


if __name__ == "__main__":
    main()
