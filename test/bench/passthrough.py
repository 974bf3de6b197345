# SPDX-License-Identifier: Apache-2.0
"""The benchmark's hosts with PCI functions, natively and in guests.

Interrupts of edu are counted in instructions, like everything else. NVMe
answers in real time, so its reads are timed by the clock of the wall: natively,
in Bedplate's guest and in QEMU's, alternating in one boot of one host.
"""

import os
import statistics

import lab

GICS = ("gicv3", "gicv4")
MIB = 64
ROUNDS = 4
DISK = "/dev/nvme0n1"
EDU = "0000:00:06.0"
# As board/qemu_virt_cards.h has them: MSI-X table in BAR 0, or in its own.
NVME = {"gicv3": "0000:00:02.0", "gicv4": "0000:00:09.0"}
EXCLUSIVE = {"gicv3": "", "gicv4": ",msix-exclusive-bar=on"}
# As for a partition: on its processor are no ticks of the host's.
ALONE = "isolcpus=nohz,domain,1 nohz_full=1"
APPEND = {"gicv3": ALONE, "gicv4": f"{ALONE} kvm-arm.vgic_v4_enable=1"}


def host_board(gic, speed, devices):
    return lab.board(f"virt,virtualization=on,gic-version={gic[-1]},"
                     "iommu=smmuv3", speed, devices)


def edu_device():
    return ["-device", f"edu,addr={EDU[-4:]}"]


def edu_board(gic):
    return host_board(gic, lab.ICOUNT, edu_device())


def native_edu_board():
    return lab.board("virt,gic-version=3", devices=edu_device())


def nvme_board(gic, image):
    return host_board(gic, ["-smp", "2"], [
        "-drive", f"file={image},format=raw,if=none,id=nvme",
        "-device", f"nvme,drive=nvme,serial=nvme,addr={NVME[gic][-4:]}"
        f"{EXCLUSIVE[gic]}"])


def make_image(path):
    """Not sparse: to read a hole is no read."""
    with open(path, "wb") as image:
        for _ in range(MIB):
            image.write(b"\x5a" * (1 << 20))


def vfio(function):
    return f"vfio-pci,host={function}"


def add_edu(plan, gic, vmm, qemu):
    plan.bind("pci", EDU, "vfio-pci")
    plan.add("series", "irq", f"bedplate-{gic}", 1, vmm)
    plan.add("series", "irq", f"qemu-{gic}", 1, qemu)


def add_nvme(plan, gic, native, vmm, qemu):
    for _ in range(ROUNDS):
        plan.bind("pci", NVME[gic], "nvme")
        plan.add("wall", "nvme", f"native-{gic}", 1, native)
        plan.bind("pci", NVME[gic], "vfio-pci")
        plan.add("wall", "nvme", f"bedplate-{gic}", 1, vmm)
        plan.add("wall", "nvme", f"qemu-{gic}", 1, qemu)


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


def ratios(middle):
    """Guests' time by their host's own, of the same run."""
    found = {}
    for (metric, subject), value in middle.items():
        kind, _, gic = subject.partition("-")
        native = middle.get((metric, f"native-{gic}"))
        if metric.startswith("nvme_") and kind != "native" and native:
            found[f"{metric}_ratio", subject] = value / native
    return found
