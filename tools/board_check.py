#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compares all that a board's header says with the board's device tree: one
line for each mistake, which names the field and both values. docs/porting.md
shows them.
"""
import argparse
import sys

from dtb import Refused, by_phandle
from soc import (CORRECT, GICS, Device, board_root, differs, is_on,
                 log_mistakes, number, one, read_rows)

# What Linux calls the UARTs, by what one is compatible with.
CONSOLES = {"arm,pl011": "ttyAMA", "brcm,bcm2835-aux-uart": "ttyS",
            "cdns,uart-r1p12": "ttyPS", "fsl,imx6q-uart": "ttymxc",
            "ns16550a": "ttyS", "renesas,hscif": "ttySC",
            "renesas,scif": "ttySC", "snps,dw-apb-uart": "ttyS",
            "ti,am654-uart": "ttyS"}
# ID_AA64MMFR0_EL1.PARange, in bits, as Arm's manuals of the cores have it: the
# most that a guest physical address can have.
PA_BITS = {"arm,cortex-a53": 40, "arm,cortex-a55": 40, "arm,cortex-a57": 44,
           "arm,cortex-a72": 44, "arm,cortex-a73": 40, "arm,cortex-a76": 40}
NO_IOMMU = "SOC_NO_IOMMU"


class Board:
    """A header, as rows, and the tree."""

    def __init__(self, rows, root):
        self.rows, self.root = rows, root
        self.phandles = by_phandle(root)
        self.devices = [Device(rows, row[0]) for row in rows.get("device", [])]

    def has(self, field):
        """Whether the header defines it: otherwise the macro stays a word."""
        return one(self.rows, field) not in ("", f"BOARD_{field.upper()}")

    def value(self, field):
        return number(one(self.rows, field))

    def mistakes(self):
        """One line for each."""
        yield from self.gic()
        yield from self.cpus()
        yield from self.console()
        yield from self.ram()
        yield from log_mistakes(self.rows, self.root)
        for device in self.devices:
            yield from self.device(device)
        yield from self.rows_of_nobody()
        yield from self.unsafe_dma()

    # -- The GIC --------------------------------------------------------------

    def gic(self):
        gic = next((node for node in self.root.walk()
                    if set(GICS) & set(node.strings("compatible")) and
                    is_on(node)), None)
        if not gic:
            yield "BOARD_GIC_VERSION: the tree has no GIC of a known kind"
            return
        version = next(GICS[text] for text in gic.strings("compatible")
                       if text in GICS)
        yield from differs("BOARD_GIC_VERSION", self.value("gic_version"), gic,
                           version)
        windows = gic.windows()
        second, other = ("gic_redist", "gic_cpu") if version == 3 else \
            ("gic_cpu", "gic_redist")
        for field, window in zip(("gic_dist", second),
                                 windows + [None, None]):
            yield from self.address(field, gic, [window[0]] if window else [])
        yield from self.absent(other, f"{gic.path} is a GICv{version}")
        if version == 2 and len(windows) < 4:
            yield (f"BOARD_GIC_VERSION: {gic.path} has no virtual CPU "
                   "interface; KVM has no interrupts for a guest on this board")
        yield from self.its(gic)

    def its(self, gic):
        found = [node for node in self.root.walk() if is_on(node) and
                 "arm,gic-v3-its" in node.strings("compatible")]
        yield from differs("BOARD_HAS_ITS", self.value("has_its"), gic,
                           int(bool(found)))
        if found:
            yield from self.address("gic_its", found[0], [
                node.windows()[0][0] for node in found])
        else:
            yield from self.absent("gic_its", "the tree has no ITS")

    def address(self, field, node, addresses):
        """One of these."""
        name = f"BOARD_{field.upper()}"
        tree = " or ".join(map(hex, addresses)) or "no such registers"
        if not self.has(field):
            yield f"{name} is not there, {node.path} has {tree}; add it"
        elif self.value(field) not in addresses:
            yield from differs(name, hex(self.value(field)), node, tree)

    def absent(self, field, why):
        if self.has(field):
            yield (f"BOARD_{field.upper()} is {hex(self.value(field))}, but "
                   f"{why}; drop it")

    # -- CPUs, console, RAM ---------------------------------------------------

    def cpus(self):
        node = self.root.children.get("cpus", self.root)
        found = [cpu for cpu in node.children.values()
                 if cpu.strings("device_type") == ["cpu"] and is_on(cpu)]
        yield from differs("BOARD_CPUS", self.value("cpus"), node, len(found))
        for bits, cpu in sorted(
                (PA_BITS[kind], kind) for cpu in found
                for kind in cpu.strings("compatible") if kind in PA_BITS)[:1]:
            if self.value("ipa_bits") > bits:
                yield (f"BOARD_IPA_BITS is {self.value('ipa_bits')}, {cpu} has "
                       f"{bits}; {CORRECT}")

    def console(self):
        chosen = self.root.children.get("chosen", self.root)
        aliases = self.root.children.get("aliases", self.root)
        said = "".join(chosen.strings("stdout-path")[:1]).split(":")[0]
        if not said:
            return
        path = "".join(aliases.strings(said)) or said
        node = next((node for node in self.root.walk() if node.path == path),
                    None)
        if not node:
            yield f"BOARD_CONSOLE: the tree's stdout-path {path} is not there"
            return
        kind = next((CONSOLES[text] for text in node.strings("compatible")
                     if text in CONSOLES), None)
        if not kind:
            yield (f"BOARD_CONSOLE: {path} is {node.strings('compatible')}: "
                   "add its name in Linux to CONSOLES of tools/board_check.py")
            return
        index = next((name[len("serial"):] for name in aliases.props
                      if name.startswith("serial") and
                      aliases.strings(name) == [path]), "0")
        yield from differs("BOARD_CONSOLE", one(self.rows, "console"), node,
                           f"/dev/{kind}{index}")

    def ram(self):
        """A tree without memory, or of no size: the boot loader fills it in."""
        found = [(entry, node) for node in self.root.walk() if is_on(node) and
                 node.strings("device_type") == ["memory"]
                 for entry in node.reg() if entry[1]]
        base, size = self.value("ram_gpa"), self.value("ram_bytes")
        if not found:
            if size:
                yield (f"BOARD_RAM_GPA is {hex(base)}, but the tree has no "
                       "memory; drop it and BOARD_RAM_BYTES")
            return
        (first, _), node = min(found, key=lambda item: item[0])
        (last, length), end = max(found, key=lambda item: item[0])
        yield from differs("BOARD_RAM_GPA", hex(base), node, hex(first))
        if size < last + length - first:
            yield from differs("BOARD_RAM_BYTES", hex(size), end,
                               f"its end {hex(last + length - first)} behind "
                               "the first byte")

    # -- Devices --------------------------------------------------------------

    def device(self, device):
        try:
            node = device.find(self.root)
            device.compatible(node)
        except Refused as error:
            yield str(error)
            return
        if not is_on(node):
            yield (f"BOARD_SOC_DEVICES/{device.name}: {node.path} or its bus "
                   "is disabled: the host kernel makes no device of it; name "
                   "another")
        yield from device.mistakes(self.root, node)
        yield from device.clock_mistakes(
            node, device.fixed_rates(self.root, node))
        yield from self.streams(device, node)

    def streams_of(self, node):
        """Of each of its IOMMU specifiers that lead to one which is on."""
        cells, found = node.cells("iommus"), []
        while cells:
            iommu = self.phandles.get(cells.pop(0))
            count = iommu.cell("#iommu-cells", 1) if iommu else len(cells)
            if iommu and is_on(iommu):
                found.append(cells[0] if count else 0)
            cells = cells[count:]
        return found

    def streams(self, device, node):
        header = [row[1] for row in self.rows.get("stream", [])
                  if row[0] == device.name]
        tree = self.streams_of(node)
        said = [text if text == NO_IOMMU else hex(number(text))
                for text in header]
        name = f"BOARD_SOC_STREAMS/{device.name}"
        has = ", ".join(map(hex, tree)) or NO_IOMMU
        if not said:
            yield f"{name} is not there, {node.path} has {has}; add it"
        elif sorted(said) != sorted(map(hex, tree) if tree else [NO_IOMMU]):
            yield from differs(f"{name}: stream id", ", ".join(said), node, has)
        if tree and device.dma == "SOC_NO_DMA":
            yield from differs(f"BOARD_SOC_DEVICES/{device.name}: DMA",
                               device.dma, node, "iommus: write SOC_DMA")

    def rows_of_nobody(self):
        names = {device.name for device in self.devices}
        for kind, table in (("region", "REGIONS"), ("line", "LINES"),
                            ("clock", "CLOCKS"), ("stream", "STREAMS")):
            for row in self.rows.get(kind, []):
                if row[0] not in names:
                    yield (f"BOARD_SOC_{table}/{row[0]}: no such row in "
                           "BOARD_SOC_DEVICES; drop it")

    def unsafe_dma(self):
        """VFIO takes what no IOMMU isolates only if the header allows it."""
        bare = [row[0] for row in self.rows.get("stream", [])
                if row[1] == NO_IOMMU]
        if bare and not self.value("unsafe_dma"):
            yield (f"BOARD_UNSAFE_DMA is 0, but {bare[0]} has no IOMMU; write "
                   "1, or drop the device")
        if self.value("unsafe_dma") and not bare:
            yield ("BOARD_UNSAFE_DMA is 1, but no device is without an IOMMU; "
                   "drop it")


def check(rows, emulator):
    """The header's mistakes."""
    return list(Board(rows, board_root(rows, emulator)).mistakes())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", required=True, help="of tools/soc_rows.in")
    parser.add_argument("--emulator", default="", help="how QEMU is started")
    args = parser.parse_args()

    try:
        rows = read_rows(args.rows)
        found = check(rows, args.emulator)
    except Refused as error:
        found = [str(error)]
    if found:
        sys.exit("\n".join(f"board_check: {line}" for line in found))
    print(f"{one(rows, 'board')}: its header agrees with "
          f"{one(rows, 'host_dtb')}")


if __name__ == "__main__":
    main()
