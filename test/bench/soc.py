#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The benchmark's hosts with devices of the board itself in guests, and the
same programs natively. All of it is counted in instructions.

usage: soc.py GIC PATH: the tree of such a board, but that the RTC's interrupt
is edge-triggered.
"""

import os
import subprocess
import sys

import lab

GICS = ("gicv2", "gicv3")
# The bus, the device and the node of configs/bench_soc.h's.
RTC = ("amba", "9010000.pl031")
TRANSPORT = ("platform", "a000000.virtio_mmio")
RTC_NODE, RTC_EDGE = "/pl031@9010000", ("0", "2", "1")
DEVICES = ["-device", "virtio-rng-device,bus=virtio-mmio-bus.0"]
APPEND = ("vfio.enable_unsafe_noiommu_mode=1 "
          "vfio_platform.reset_required=0")
PROGRAMS = ("line", "line_edge", "trapped")


def machine(gic):
    return f"virt,virtualization=on,gic-version={gic[-1]}"


def board(gic):
    return lab.board(machine(gic), devices=DEVICES)


def edge_board(gic, files):
    return [*board(gic), "-dtb", os.path.join(files, f"edge-{gic}.dtb")]


def native_board(gic):
    return lab.board(f"virt,gic-version={gic[-1]}", devices=DEVICES)


def add(plan, gic, qemu):
    plan.bind(*RTC, "vfio-amba")
    plan.bind(*TRANSPORT, "vfio-platform")
    plan.add("series", "line", f"bedplate-{gic}", 1, ["/line.elf"])
    plan.add("series", "trapped", f"bedplate-{gic}", 1, ["/trapped.elf"])
    plan.add("series", "trapped", f"qemu-{gic}", 1, qemu)


def add_edge(plan, gic):
    plan.bind(*RTC, "vfio-amba")
    plan.bind(*TRANSPORT, "vfio-platform")
    plan.add("series", "line", f"bedplate-{gic}", 1, ["/line_edge.elf"])


def ratios(values, native):
    """Of what a guest measured by the same natively."""
    return {(f"{metric}_ratio", subject): value / native[metric, peer]
            for (metric, subject), value in values.items()
            for peer in [subject.replace("bedplate", "native")]
            if metric.startswith("line_") and (metric, peer) in native}


def make_edge_tree(gic, path):
    new = path + ".new"
    subprocess.run(["qemu-system-aarch64",
                    *lab.board(f"{machine(gic)},dumpdtb={new}",
                               devices=DEVICES)],
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=True)
    subprocess.run(["fdtput", "-t", "u", new, RTC_NODE, "interrupts",
                    *RTC_EDGE], check=True)
    os.replace(new, path)


if __name__ == "__main__":
    make_edge_tree(*sys.argv[1:])
