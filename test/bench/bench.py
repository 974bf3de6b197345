#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Measure Bedplate, QEMU and the floor inside emulated arm64 hosts.

Under -icount shift=0 the host's clock advances one nanosecond per instruction,
so nothing there depends on the speed or the load of the machine it runs on.
What is timed by the clock of the wall runs alone, after all else.
"""

import argparse
import concurrent.futures
import os
import signal
import sys

import elf
import lab
import passthrough
import report
import soc
import startup
from plan import Plan, Run, measure_native, say

QEMU_PATH = "/usr/bin/qemu-system-aarch64"
RAM_MIB = 256
DISK_MIB = 64
HUGEPAGES = RAM_MIB // 2 + 2
BOOT_CMDLINE = "console=ttyAMA0 quiet -- off"
TERMINAL = "/dev/hvc0"
TAP, TAP_ADDRESS, TAP_MAC = "tap0", "192.168.7.1", "02:00:00:00:00:01"

def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host-kernel", required=True,
                        help="the product's: its start-up is measured")
    parser.add_argument("--test-kernel", required=True,
                        help="of all other hosts")
    parser.add_argument("--guest-kernel", required=True)
    parser.add_argument("--guest-initrd", required=True,
                        help="guest.cpio, as bench.mk builds it")
    parser.add_argument("--qemu-root", required=True,
                        help="unpacked arm64 packages with QEMU")
    parser.add_argument("--busybox", required=True,
                        help="the program of the guest's userspace")
    parser.add_argument("--files", required=True,
                        help="directory of floor, runner, init and *.bin")
    parser.add_argument("--vmm", action="append", default=[],
                        metavar="NAME=PATH",
                        help="Bedplate built for NAME: off, mmio, wfi, boot, "
                        "blk or series, with -hugepages, -mmio or -pci; "
                        "edu or nvme with -gicv3 or -gicv4; line, line_edge "
                        "or trapped with -gicv2 or -gicv3")
    parser.add_argument("--out", default="build/bench")
    parser.add_argument("--disk", default="/dev/vda",
                        help="path of the disk's backing file on the host")
    parser.add_argument("--mmio-reads", type=int, default=10000)
    parser.add_argument("--blk-reads", type=int, default=1000)
    parser.add_argument("--nvme-repeats", type=int, default=3,
                        help="measurements in each boot of a guest")
    parser.add_argument("--runs", type=int, default=2,
                        help="boots of the host; the best counts")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(),
                        help="hosts that run at a time")
    parser.add_argument("--emulator", default="qemu-system-aarch64",
                        help="the QEMU that emulates the board")
    parser.add_argument("--only", default="",
                        help="comma-separated metrics or subjects")
    parser.add_argument("--limit", type=int, default=900,
                        help="seconds of wall time for one boot")
    return parser.parse_args()


def add_floor(plan):
    plan.archive.add_file("floor", plan.local("floor"))
    for name in ("off.bin", "mmio.bin", "wfi.bin"):
        plan.archive.add_file(name, plan.local(name), 0o644)
    plan.add("time", "start_stop", "floor", 5, ["/floor", "/off.bin"])
    plan.add("time", "mmio_run", "floor", 2, ["/floor", "/mmio.bin"])
    plan.add("memory", "private_memory", "floor", 1, ["/floor", "/wfi.bin"])
    plan.add("time", "start_stop", "floor-plain", 5,
             ["/floor", "/off.bin", "plain"])
    plan.add("time", "mmio_run", "floor-plain", 2,
             ["/floor", "/mmio.bin", "plain"])


def add_native(plan):
    plan.archive.add_file("reader", plan.local("init"))
    plan.add("report", "blk_read_4k", "native", 2,
             ["/reader", "blk", str(plan.arguments.blk_reads),
              plan.arguments.disk])


# Many metrics in one boot of the guest: see series.c.
SERIES = "series"
VMM_STEPS = {"off": ("time", "start_stop", 5),
             "mmio": ("time", "mmio_run", 2),
             "wfi": ("memory", "private_memory", 1),
             "boot": ("mark", "to_userspace", 3),
             "blk": ("report", "blk_read_4k", 3),
             "series": ("series", SERIES, 1)}
TRANSPORTS = ("mmio", "pci")
VARIANTS = ("", "hugepages", *TRANSPORTS)


def add_bedplate(plan):
    for pair in plan.arguments.vmm:
        name, _, path = pair.partition("=")
        workload, _, variant = name.partition("-")
        if variant in passthrough.GICS + soc.GICS:
            continue
        if workload not in VMM_STEPS or variant not in VARIANTS:
            sys.exit(f"bench: --vmm {pair}: unknown name; known: "
                     f"{', '.join(VMM_STEPS)}, also {' -'.join(VARIANTS)}")
        kind, metric, count = VMM_STEPS[workload]
        place = f"bedplate/{name}/vmm.elf"
        plan.archive.add_file(place, path)
        plan.add(kind, metric, "-".join(["bedplate", variant]).strip("-"),
                 count, ["/" + place])


def general_plan(arguments):
    """Everything but what passthrough.py measures."""
    plan = Plan(arguments, "host", lab.board())
    plan.setup = [["disk", arguments.disk, str(DISK_MIB)],
                  ["hugepages", str(HUGEPAGES)],
                  ["tap", TAP, TAP_ADDRESS], ["terminal", TERMINAL],
                  ["peer", "/reader", "peer"]]
    add_floor(plan)
    add_native(plan)
    add_bedplate(plan)
    add_qemu(plan)
    add_qemu_virtio(plan)
    return plan


def passthrough_plan(arguments, workload, gic, board):
    """A host whose guests have a PCI function each."""
    plan = Plan(arguments, f"{workload}-{gic}", board, passthrough.APPEND[gic])
    plan.setup = [["hugepages", str(HUGEPAGES)]]
    pack_qemu(plan)
    vmms = dict(pair.split("=", 1) for pair in arguments.vmm)
    if plan.name in vmms:
        plan.archive.add_file("vmm.elf", vmms[plan.name])
    return plan


def edu_plan(arguments, gic):
    plan = passthrough_plan(arguments, "edu", gic, passthrough.edu_board(gic))
    plan.archive.add_file("edu.bin", plan.local("edu.bin"), 0o644)
    passthrough.add_edu(plan, gic, ["/vmm.elf"], qemu_argv(
        True, "/edu.bin", "-device", passthrough.vfio(passthrough.EDU)))
    return plan


def nvme_plan(arguments, gic):
    image = os.path.join(arguments.out, "nvme.img")
    passthrough.make_image(image)
    plan = passthrough_plan(arguments, "nvme", gic,
                            passthrough.nvme_board(gic, image))
    words = ["nvme", passthrough.DISK, str(arguments.nvme_repeats)]
    plan.archive.add_file("reader", plan.local("init"))
    passthrough.add_nvme(
        plan, gic, ["/reader", *words], ["/vmm.elf"], qemu_linux_argv(
            True, " ".join(["console=ttyAMA0 quiet --", *words]), "-device",
            passthrough.vfio(passthrough.NVME[gic])))
    return plan


def soc_plan(arguments, gic):
    """A host whose guests have devices of its board."""
    plan = Plan(arguments, f"soc-{gic}", soc.board(gic), soc.APPEND)
    plan.archive.add_file("trapped.bin", plan.local("trapped.bin"), 0o644)
    add_soc_files(plan, gic, ("line", "trapped"))
    pack_qemu(plan)
    soc.add(plan, gic, qemu_argv(True, "/trapped.bin", *soc.DEVICES, gic=gic))
    return plan


def soc_edge_plan(arguments, gic):
    """The same where the RTC's line is an edge."""
    plan = Plan(arguments, f"soc-edge-{gic}",
                soc.edge_board(gic, arguments.files), soc.APPEND)
    add_soc_files(plan, gic, ("line_edge",))
    soc.add_edge(plan, gic)
    return plan


def add_soc_files(plan, gic, programs):
    plan.setup = [["hugepages", str(HUGEPAGES)]]
    vmms = dict(pair.split("=", 1) for pair in plan.arguments.vmm)
    for program in programs:
        if f"{program}-{gic}" in vmms:
            plan.archive.add_file(f"{program}.elf", vmms[f"{program}-{gic}"])


def pack_qemu(plan):
    root = plan.arguments.qemu_root
    for name, path in elf.closure(root, QEMU_PATH[1:]).items():
        place = "lib" if name.startswith("ld-") else "lib/aarch64-linux-gnu"
        plan.archive.add_file(f"{place}/{name}", path)
    plan.archive.add_file(QEMU_PATH, os.path.join(root, QEMU_PATH[1:]))
    plan.archive.add_file("guest.Image", plan.arguments.guest_kernel, 0o644)
    plan.archive.add_file("guest.cpio", plan.arguments.guest_initrd, 0o644)


def qemu_argv(hugepages, kernel, *more, gic="gicv3"):
    argv = [QEMU_PATH, "-M", f"virt,gic-version={gic[-1]}", "-cpu", "host",
            "-enable-kvm", "-m", str(RAM_MIB), "-nographic", "-nodefaults",
            "-serial", "stdio", "-kernel", kernel, *more]
    if hugepages:
        argv += ["-mem-path", "/dev/hugepages", "-mem-prealloc"]
    return argv


def qemu_linux_argv(hugepages, cmdline, *more):
    return qemu_argv(hugepages, "/guest.Image", "-initrd", "/guest.cpio",
                     "-append", cmdline, *more)


def qemu_disk_argv(plan, aio):
    cmdline = (f"console=ttyAMA0 quiet -- blk {plan.arguments.blk_reads} "
               "/dev/vda")
    drive = (f"file={plan.arguments.disk},format=raw,if=none,id=disk,"
             f"cache=none,aio={aio}")
    return qemu_linux_argv(False, cmdline, "-drive", drive, "-device",
                           "virtio-blk-device,drive=disk")


def qemu_virtio_argv(plan, transport):
    """The disk and the network that qemu_virt_mmio and _pci have."""
    kind = {"mmio": "device", "pci": "pci"}[transport]
    more = {"mmio": "", "pci": ",disable-legacy=on"}[transport]
    rom = {"mmio": "", "pci": ",romfile="}[transport]
    return ["-global", "virtio-mmio.force-legacy=false",
            "-drive", f"file={plan.arguments.disk},format=raw,if=none,id=disk,"
            "cache=none,aio=io_uring",
            "-device", f"virtio-blk-{kind},drive=disk{more}",
            "-netdev", f"tap,id=net,ifname={TAP},script=no,downscript=no,"
            "vhost=on",
            "-device", f"virtio-net-{kind},netdev=net,mac={TAP_MAC}{more}{rom}"]


def add_qemu_virtio(plan):
    cmdline = "console=ttyAMA0 quiet -- series /dev/vda"
    for transport in TRANSPORTS:
        subject = f"qemu-{transport}"
        devices = qemu_virtio_argv(plan, transport)
        plan.add("memory", "private_memory", subject, 1,
                 qemu_argv(False, "/wfi.bin", *devices))
        plan.add("series", SERIES, subject, 1,
                 qemu_linux_argv(False, cmdline, *devices))


def add_qemu(plan):
    pack_qemu(plan)
    # The kind of RAM is nothing to an MMIO exit: measured once.
    plan.add("time", "mmio_run", "qemu", 2, qemu_argv(False, "/mmio.bin"))
    for hugepages in (False, True):
        subject = "qemu-hugepages" if hugepages else "qemu"
        plan.add("time", "start_stop", subject, 5,
                 qemu_argv(hugepages, "/off.bin"))
        plan.add("memory", "private_memory", subject, 1,
                 qemu_argv(hugepages, "/wfi.bin"))
        plan.add("mark", "to_userspace", subject, 3,
                 qemu_linux_argv(hugepages, BOOT_CMDLINE))
    # Nor to a disk read.
    plan.add("report", "blk_read_4k", "qemu", 3,
             qemu_disk_argv(plan, "threads"))
    plan.add("report", "blk_read_4k", "qemu-iouring", 2,
             qemu_disk_argv(plan, "io_uring"))


def measure_native_boot(arguments, number):
    """Instructions from power-on to init, the same kernel on the bare board."""
    log = os.path.join(arguments.out, f"native-{number}.log")
    command = lab.command(arguments.emulator, lab.board(),
                          arguments.guest_kernel,
                          arguments.guest_initrd,
                          "console=ttyAMA0 quiet -- entry", f"{RAM_MIB}M",
                          number)
    value = None
    try:
        for line in lab.boot(command, 120, log):
            words = line.split()
            if words[:1] == ["@E"]:
                value = int(words[1]) * 1000000000 // int(words[2])
    except lab.LabError as error:
        say(f"  native boot: {error}; see {log}")
    return value


def derive(run, arguments):
    """Turn what one run measured into {(metric, subject): value}."""
    values = {}
    for (metric, subject), value in run.values.items():
        if metric.startswith(("exits_", "kvm_exits_")):
            values[metric, subject] = value / 1000
        elif metric != "mmio_run":
            values[metric, subject] = value
        elif ("start_stop", subject) in run.values:
            values["mmio_exit", subject] = round(
                (value - run.values["start_stop", subject])
                / arguments.mmio_reads)
        if metric == "start_stop":
            values["start_elapsed", subject] = run.elapsed[metric, subject]
            values["peak_rss", subject] = run.peaks[metric, subject]
    if not arguments.only:
        native = measure_native_boot(arguments, run.number)
        if native is None:
            run.failed.append("to_userspace:native")
        else:
            values["to_userspace", "native"] = native
    return values


def image_sizes(arguments):
    values = {}
    for pair in arguments.vmm:
        name, _, path = pair.partition("=")
        workload, _, variant = name.partition("-")
        if name == "off" or (workload == "wfi" and variant in TRANSPORTS):
            subject = "-".join(["bedplate", variant]).strip("-")
            values["image_size", subject] = elf.Elf(path).loaded_size()
    root = arguments.qemu_root
    paths = [os.path.join(root, QEMU_PATH[1:])]
    paths += elf.closure(root, QEMU_PATH[1:]).values()
    values["image_size", "qemu"] = sum(elf.Elf(path).loaded_size()
                                       for path in paths)
    values["image_size", "floor"] = elf.Elf(
        os.path.join(arguments.files, "floor")).loaded_size()
    return values


def native_boards(plans):
    """(name, board, program, GICs it stands for) of what guests also do."""
    boards = []
    if any(plan.name.startswith("edu") for plan in plans):
        boards.append(("edu", passthrough.native_edu_board(), "edu",
                       passthrough.GICS))
    if any(plan.name.startswith("soc") for plan in plans):
        boards += [(f"{program}-{gic}", soc.native_board(gic), program, (gic,))
                   for gic in soc.GICS for program in soc.PROGRAMS]
    return boards


def run_native(arguments, plans):
    """What these measure without EL2 and host, and which of them failed."""
    values, failed = {}, []
    for name, board, program, gics in native_boards(plans):
        found = measure_native(arguments, name, board, program)
        if not found:
            failed.append(f"native-{name}")
        for metric, value in found.items():
            values.update({(metric, f"native-{gic}"): value for gic in gics})
    return values, failed


def failures(runs):
    return [name for run in runs for name in run.failed]


def run_counted(arguments, plans):
    """The hosts under -icount, each with several seeds; some at a time."""
    numbers = range(1, arguments.runs + 1)
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        runs = list(pool.map(lambda run: run.go(),
                             [Run(plan.write(), number) for plan in plans
                              for number in numbers]))
    native, failed = run_native(arguments, plans)
    results = [derive(run, arguments) for run in runs]
    for values in results:
        values.update(soc.ratios(values, native))
    return [*results, native], [*failures(runs), *failed]


def run_timed(plans):
    """The hosts by the clock of the wall, alone; also the metrics' spreads."""
    runs = [Run(plan.write(), 1).go() for plan in plans]
    results, spread = [], {}
    for run in runs:
        values, wide = passthrough.medians(run.samples)
        values.update(passthrough.ratios(values))
        results.append(values)
        spread.update(wide)
    return results, spread, failures(runs)


def on_signal(number, _frame):
    lab.kill_all()
    os._exit(128 + number)


def main():
    arguments = parse_arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    os.makedirs(arguments.out, exist_ok=True)
    counted = [general_plan(arguments)]
    counted += [edu_plan(arguments, gic) for gic in passthrough.GICS]
    counted += [make(arguments, gic) for gic in soc.GICS
                for make in (soc_plan, soc_edge_plan)]
    timed = [nvme_plan(arguments, gic) for gic in passthrough.GICS]
    counted, timed = ([plan for plan in plans if plan.measurements()]
                      for plans in (counted, timed))
    say(f"bench: {sum(p.measurements() for p in counted)} measurements, "
        f"{arguments.runs} times; {sum(p.measurements() for p in timed)} timed")
    try:
        results, failed = run_counted(arguments, counted)
        if arguments.only in ("", "startup"):
            found, missed = startup.measure(arguments)
            results, failed = [*results, *found], [*failed, *missed]
        more, spread, also_failed = run_timed(timed)
    finally:
        lab.kill_all()
    failed = sorted({*failed, *also_failed})
    report.write([*results, *more, image_sizes(arguments)], spread,
                 arguments.out, say)
    for name in failed:
        say(f"bench: FAILED {name}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
