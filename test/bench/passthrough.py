# SPDX-License-Identifier: Apache-2.0
"""The benchmark's hosts with PCI functions, natively and in guests.

Interrupts of edu are counted in instructions, like everything else. NVMe
answers in real time, so its reads are timed by the clock of the wall: natively,
in Bedplate's guest and in QEMU's, alternating in one boot of one host. One read
at a time, the host takes turns with each guest, on a disk of its own.
"""

import operator
import os
import statistics

import lab

GICS = ("gicv3", "gicv4")
MIB = 64
ROUNDS = 3
GUEST_DISK = "/dev/nvme0n1"
HOST_DISK = "/dev/beside"
HOST_NVME = "0000:00:0b.0"
EDU = "0000:00:06.0"
# As board/qemu_virt_cards.h has them: MSI-X table in BAR 0, or in its own.
NVME = {"gicv3": "0000:00:02.0", "gicv4": "0000:00:09.0"}
EXCLUSIVE = {"gicv3": "", "gicv4": ",msix-exclusive-bar=on"}
# Each vCPU has a processor of its own, where it may as well sleep.
NOTRAP = "kvm-arm.wfi_trap_policy=notrap"
APPEND = {"gicv3": NOTRAP, "gicv4": f"{NOTRAP} kvm-arm.vgic_v4_enable=1"}


def host_board(gic, speed, devices):
    return lab.board(f"virt,virtualization=on,gic-version={gic[-1]},"
                     "iommu=smmuv3", speed, devices)


def edu_device():
    return ["-device", f"edu,addr={EDU[-4:]}"]


def edu_board(gic):
    return host_board(gic, lab.ICOUNT, edu_device())


def nvme_board(gic, image):
    devices = []
    for name, address in (("guest", NVME[gic]), ("host", HOST_NVME)):
        devices += ["-drive", f"file={image}.{name},format=raw,if=none,"
                    f"id={name}", "-device", f"nvme,drive={name},"
                    f"serial={name},addr={address[-4:]}{EXCLUSIVE[gic]}"]
    return host_board(gic, ["-smp", "2"], devices)


def make_images(path):
    """Not sparse: to read a hole is no read."""
    for name in ("guest", "host"):
        with open(f"{path}.{name}", "wb") as image:
            for _ in range(MIB):
                image.write(b"\x5a" * (1 << 20))


def vfio(function):
    return f"vfio-pci,host={function}"


def add_edu(plan, gic, vmm, qemu):
    plan.bind(EDU, "vfio-pci")
    plan.add("series", "irq", f"bedplate-{gic}", 1, vmm)
    plan.add("series", "irq", f"qemu-{gic}", 1, qemu)


def add_nvme(plan, gic, native, vmm, qemu):
    plan.bind(NVME[gic], "vfio-pci")
    plan.steps.append(["beside", HOST_NVME, HOST_DISK])
    for _ in range(ROUNDS):
        plan.add("wall", "nvme", f"native-{gic}", 1, native)
        plan.add("wall", "nvme", f"bedplate-{gic}", 1, vmm)
        plan.add("wall", "nvme", f"qemu-{gic}", 1, qemu)


def measure_native_edu(arguments, say):
    """{(metric, subject): instructions} of a board without EL2 and host."""
    log = os.path.join(arguments.out, "native-edu.log")
    command = [arguments.emulator, *lab.board("virt,gic-version=3",
                                              devices=edu_device()),
               "-m", "256M", "-kernel",
               os.path.join(arguments.files, "edu.bin")]
    values = {}
    try:
        for line in lab.boot(command, 60, log):
            words = line.split()
            if words[:1] == ["@B"] and len(words) == 5:
                count, ticks, hertz = map(int, words[2:])
                for gic in GICS:
                    values[words[1], f"native-{gic}"] = (
                        ticks * 1000000000 // hertz // count)
    except lab.LabError as error:
        say(f"  native edu: {error}; see {log}")
    return values


def medians(samples):
    """{key: median}, {key: spread} of {key: values}.

    The spread is that of the middle half, by the median.
    """
    scaled = {(metric, subject): [value / 1000 for value in values]
              if metric.startswith("exits_") else values
              for (metric, subject), values in samples.items()
              if not metric.startswith("exits_")
              or not subject.startswith("native")}
    middle = {key: statistics.median(values)
              for key, values in scaled.items()}
    wide = {}
    for key, values in scaled.items():
        if len(values) > 3 and middle[key]:
            low, _, high = statistics.quantiles(values, n=4)
            wide[key] = (high - low) / middle[key]
    return middle, wide


def ratios(samples, middle):
    """By the same host's own time: of each turn, else of the medians."""
    found = {}
    for (metric, subject), value in middle.items():
        native = middle.get((metric, f"native-{subject.split('-')[1]}"))
        beside = samples.get((f"{metric}_beside", subject))
        if metric.startswith("nvme_") and native:
            found[f"{metric}_ratio", subject] = (
                statistics.median(map(operator.truediv,
                                      samples[metric, subject], beside))
                if beside else value / native)
    return found
