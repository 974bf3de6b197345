#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the nodes of a guest's platform devices: a small tree that the VMM
copies into the guest's own.

A node comes from the board's device tree, by the list of properties below, or
from a fragment of the config. What the tree says is compared with the board's
header, what the guest is told with the config. docs/config.md has the rules.
"""
import argparse
import fnmatch
import os
import re
import subprocess
import sys

from dtb import Refused, by_phandle, interrupts_of, read_tree
from soc import GuestDevice, board_root, one, read_rows, source_path, string

MAX_BYTES = 0x8000  # of the FDT's 64 KiB, half is the VMM's own
FIRST_PHANDLE = 0x100  # those below are the VMM's (core/dt.h)
GIC_PHANDLE = 1
# What the VMM itself writes at the root.
TAKEN = ("chosen", "cpus", "psci", "timer", "pmu", "apb-pclk")

# Copied as they are: values that mean the same in the guest.
COPIED = """
compatible big-endian little-endian native-endian wakeup-source
gpio-controller #gpio-cells ngpios gpio-line-names gpio-reserved-ranges
interrupt-controller #interrupt-cells
arm,primecell-periphid reg-io-width reg-shift reg-offset fifo-size
clock-frequency current-speed auto-flow-control uart-has-rtscts timeout-sec
start-year linux,rs485-enabled-at-boot-time rs485-*
bus-width max-frequency non-removable disable-wp wp-inverted broken-cd
cd-inverted cap-sd-highspeed cap-mmc-highspeed sd-uhs-* mmc-ddr-* mmc-hs*
no-sd no-sdio no-mmc no-1-8-v full-pwr-cycle keep-power-in-suspend
phy-mode phy-connection-type local-mac-address mac-address max-speed
max-frame-size tx-fifo-depth rx-fifo-depth
snps,pbl snps,txpbl snps,rxpbl snps,no-pbl-x8 snps,aal snps,fixed-burst
snps,mixed-burst snps,tso snps,force_sf_dma_mode snps,force_thresh_dma_mode
snps,multicast-filter-bins snps,perfect-filter-entries
fsl,num-tx-queues fsl,num-rx-queues fsl,magic-packet fsl,clk-source
bosch,mram-cfg num-cs
""".split()
# Made anew, or of no use to the guest; nothing is lost.
SILENT = ("reg", "interrupts", "interrupts-extended", "interrupt-parent",
          "clocks", "reg-names", "interrupt-names", "clock-names", "phandle",
          "linux,phandle", "status", "name", "ranges", "#address-cells",
          "#size-cells", "dma-coherent", "dma-noncoherent")
# Refer to what the guest does not have.
REFERENCES = ("pinctrl-*", "power-domains", "dmas", "dma-names", "iommus",
              "iommu-map*", "resets", "reset-names", "assigned-clock*",
              "power-domain-names", "interconnect*", "*-supply", "*-gpios",
              "*-gpio", "gpio-ranges", "phys", "phy-names", "phy-handle",
              "operating-points-v2", "nvmem-cells", "nvmem-cell-names",
              "memory-region", "mboxes", "mbox-names", "msi-parent")


def like(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def warn(text):
    print(f"guest_dt: warning: {text}", file=sys.stderr)


# -- A node for the guest ----------------------------------------------------

def clock_label(hertz):
    return f"clock_{hertz}"


def clock_text(hertz):
    return (f"\t{clock_label(hertz)}: clock-{hertz} {{\n"
            "\t\tcompatible = \"fixed-clock\";\n\t\t#clock-cells = <0>;\n"
            f"\t\tclock-frequency = <{hertz}>;\n\t}};\n")


def literal(value):
    return f"[{value.hex(' ')}]"


def named(node, name, indices):
    """reg-names and the like, of those entries that the guest has."""
    names = node.strings(name)
    kept = [names[i] for i in indices if i < len(names)]
    if not kept or len(kept) < len(indices):
        return ""
    quoted = ", ".join(f'"{text}"' for text in kept)
    return f"\t\t{name} = {quoted};\n"


def copied_text(device, node):
    lines = []
    for name, value in node.props.items():
        if like(name, REFERENCES):
            warn(f"{device.row}: {name} of {node.path} left out: it refers to "
                 "what the guest does not have")
        elif like(name, COPIED):
            lines.append(f"\t\t{name} = {literal(value)};\n" if value else
                         f"\t\t{name};\n")
        elif name not in SILENT:
            warn(f"{device.row}: {name} of {node.path} left out: not in the "
                 "list of what is copied; a fragment can give it")
    for child in node.children:
        warn(f"{device.row}: {node.path}/{child} left out; a fragment can "
             "give it")
    return "".join(lines)


def wide(value):
    return f"{value >> 32:#x} {value & 0xffffffff:#x}"


def node_text(device, node, rates):
    for i in range(device.region_count):
        if i not in device.gpas:
            warn(f"{device.row}: region {i} of {node.path} left out: no row "
                 "in CFG_VFIO_REGION")
    for i in range(device.line_count):
        if i not in device.spis:
            warn(f"{device.row}: interrupt {i} of {node.path} left out: no "
                 "row in CFG_VFIO_LINE")
    if node.strings("status") not in ([], ["okay"], ["ok"]):
        warn(f"{device.row}: the status of {node.path} is not okay: the host "
             "kernel makes no device of it")
    windows, lines = device.windows(), device.interrupts()
    name = node.name.split("@")[0] + (f"@{windows[0][0]:x}" if windows else "")
    text = f"\t{device.name}: {name} {{\n" + copied_text(device, node)
    if windows:
        cells = " ".join(f"{wide(gpa)} {wide(size)}" for gpa, size in windows)
        text += f"\t\treg = <{cells}>;\n"
        text += named(node, "reg-names", sorted(device.gpas))
    if lines:
        cells = " ".join(f"0 {spi} {trigger}" for spi, trigger in lines)
        text += f"\t\tinterrupts = <{cells}>;\n"
        text += named(node, "interrupt-names", sorted(device.spis))
    if device.dma == "SOC_DMA" and node.is_coherent():
        text += "\t\tdma-coherent;\n"
    if rates:
        cells = " ".join(f"&{clock_label(hertz)}" for hertz in rates)
        text += f"\t\tclocks = <{cells}>;\n"
        text += named(node, "clock-names", range(len(rates)))
    return text + "\t};\n"


def check_dma(device, node):
    """The guest's node is at the root: what it names is what the CPU sees."""
    bus = node.moves_dma()
    if bus and device.dma == "SOC_DMA":
        raise Refused(f"{device.row}: DMA of {node.path} goes by dma-ranges of "
                      f"{bus.path} to other addresses than the guest would "
                      "give it; write DT_FRAGMENT, with such a bus")


def generated_text(devices, root):
    text, rates = "", []
    for device in devices:
        node = device.check(root)
        if device.generated:
            check_dma(device, node)
            own = device.rates(root, node)
            text += node_text(device, node, own)
            rates += own
    return "".join(map(clock_text, dict.fromkeys(rates))) + text


# -- Compiling, with the fragments -------------------------------------------

# Occupies the VMM's phandles, so that dtc gives none of them to a node; gone
# before the tree is written.
RESERVED = "reserved-phandles"


def source_text(generated, fragments):
    nodes = "".join(f"\t\tp{n} {{ phandle = <{n}>; }};\n"
                    for n in range(1, FIRST_PHANDLE) if n != GIC_PHANDLE)
    return ("/dts-v1/;\n\n/ {\n\t#address-cells = <2>;\n"
            "\t#size-cells = <2>;\n"
            f"\tinterrupt-parent = <{GIC_PHANDLE}>;\n\n\t{RESERVED} {{\n"
            "\t\tgic { interrupt-controller; #interrupt-cells = <3>; "
            f"#address-cells = <0>; phandle = <{GIC_PHANDLE}>; }};\n"
            f"{nodes}\t}};\n\n{generated}}};\n" +
            "".join(f'/include/ "{path}"\n' for path in fragments))


def compile_tree(text, fragments, out):
    """The files that the fragments consist of."""
    source = out + ".dts"
    with open(source, "w", encoding="utf-8") as file:
        file.write(text)
    done = subprocess.run(
        ["dtc", "-Wno-interrupt_provider", "-d", out + ".d", "-I", "dts", "-O",
         "dtb", "-o", out, source],
        capture_output=True, text=True, check=False)
    lines = done.stderr.strip().splitlines()
    warnings = [line for line in lines if "Warning (" in line]
    if done.returncode != 0:
        error = [line for line in lines if line not in warnings] or \
            ["dtc fails"]
        error = re.sub(r"^(Error|FATAL ERROR|ERROR): *", "", error[0])
        raise Refused(f"{', '.join(fragments) or source}: does not compile: "
                      f"{error}; correct the fragment")
    os.remove(source)
    for line in warnings:
        warn(line.replace(source, "the generated tree"))
    with open(out + ".d", encoding="utf-8") as deps:
        files = deps.read().split()[1:]
    os.remove(out + ".d")
    return [path for path in files if path != source]


def drop_reserved(path):
    subprocess.run(["fdtput", "-r", path, f"/{RESERVED}"], check=True)
    # dtc leaves no holes.
    subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dtb", "-o",
                    path + ".packed", path], check=True)
    os.replace(path + ".packed", path)


# -- The finished tree against the config ------------------------------------

FRAGMENT = "CFG_DT_FRAGMENT"
# As the VMM writes them; only their children are copied.
ROOT = {"#address-cells": b"\0\0\0\2", "#size-cells": b"\0\0\0\2",
        "interrupt-parent": b"\0\0\0\1"}


def inside(window, windows):
    address, size = window
    return any(gpa <= address and address + size <= gpa + length
               for gpa, length in windows)


def check_interrupts(node, phandles, known, part):
    """What goes to the guest's GIC is what the config connects."""
    for controller, cells in interrupts_of(node, phandles):
        if controller and controller.parent.name == RESERVED and \
                (cells[0] != 0 or tuple(cells[1:]) not in known):
            said = " ".join(str(cell) for cell in cells)
            have = ", ".join(f"<0 {spi} {trigger}>" for spi, trigger in known)
            raise Refused(f"{FRAGMENT}/{part}: {node.path} has the interrupt "
                          f"<{said}>, the config's lines are {have or 'none'}"
                          "; correct the fragment, or add to CFG_VFIO_LINE")


def check_tree(root, devices, part):
    windows = [window for device in devices for window in device.windows()]
    known = [line for device in devices for line in device.interrupts()]
    phandles = by_phandle(root)
    for name in root.props:
        if root.props[name] != ROOT.get(name):
            raise Refused(f"{FRAGMENT}/{part}: property {name} of the root is "
                          "the VMM's to write; drop it")
    for name in root.children:
        if name in TAKEN:
            raise Refused(f"{FRAGMENT}/{part}: /{name} is the VMM's to write; "
                          "drop it, or name it otherwise")
    for node in root.walk():
        for window in node.windows():
            if window and not inside(window, windows):
                raise Refused(
                    f"{FRAGMENT}/{part}: {node.path} has registers at "
                    f"{window[0]:#x}, 0x{window[1]:x} bytes, outside of every "
                    "window of CFG_VFIO_REGION; correct the fragment, or add "
                    "a row")
        check_interrupts(node, phandles, known, part)


def check_given(root, devices):
    """Each DT_FRAGMENT row has its node."""
    for device in devices:
        if not device.generated and not any(
                sorted(filter(None, node.windows())) ==
                sorted(device.windows()) for node in root.walk()):
            where = ", ".join(f"<{gpa:#x} {size:#x}>"
                              for gpa, size in device.windows())
            raise Refused(f"{device.row}: DT_FRAGMENT, but no fragment has a "
                          f"node whose reg is {where or 'empty'}; give one by "
                          "CFG_DT_FRAGMENT, or write DT_HOST")


def make(rows, part, emulator, out):
    """The files that the tree was made of."""
    devices = [GuestDevice(rows, *row) for row in rows.get("guest_device", [])
               if row[0] == part]
    fragments = [string(row[1]) for row in rows.get("fragment", [])
                 if row[0] == part]
    if not devices and not fragments:
        with open(out, "wb"):
            return []
    for path in fragments:
        if not os.path.isfile(path):
            raise Refused(f"{FRAGMENT}/{part}: {path}: no such file; correct "
                          "the path")
    generated = ""
    if devices:
        generated = generated_text(devices, board_root(rows, emulator))
    new = out + ".new"
    files = compile_tree(
        source_text(generated, map(os.path.abspath, fragments)), fragments,
        new)
    root = read_tree(new)
    check_tree(root, devices, part)
    check_given(root, devices)
    drop_reserved(new)
    # The VMM writes a name for each property.
    size = os.path.getsize(new) + sum(
        len(name) + 1 for node in root.walk() for name in node.props)
    if size > MAX_BYTES:
        raise Refused(f"{part}: nodes of {size} bytes, at most {MAX_BYTES} fit "
                      "into the guest's tree; shorten the fragments")
    os.replace(new, out)
    source = source_path(one(rows, "host_dtb"))
    return files + ([source] if os.path.isfile(source) else [])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", required=True, help="of tools/soc_rows.in")
    parser.add_argument("--partition", required=True)
    parser.add_argument("--emulator", default="", help="how QEMU is started")
    parser.add_argument("--out", required=True, help="empty: no nodes")
    args = parser.parse_args()

    try:
        files = make(read_rows(args.rows), args.partition, args.emulator,
                     args.out)
    except Refused as error:
        sys.exit(f"guest_dt: {error}")
    with open(args.out + ".d", "w", encoding="utf-8") as deps:
        deps.write("".join(f"{args.out}: {path}\n{path}:\n"
                           for path in files))


if __name__ == "__main__":
    main()
