# SPDX-License-Identifier: Apache-2.0
"""A reader of flattened device trees (Devicetree Specification, chapter 5),
and what their standard properties mean (chapter 2).
"""
import struct

MAGIC = 0xd00dfeed
BEGIN_NODE, END_NODE, PROP, NOP, END = 1, 2, 3, 4, 9


class Refused(Exception):
    """One line that says what is wrong and what to do."""


class Node:
    """Properties are bytes, in their order; children by their full name."""

    def __init__(self, name, parent):
        self.name = name
        self.parent = parent
        self.props = {}
        self.children = {}

    @property
    def path(self):
        if not self.parent:
            return "/"
        return self.parent.path.rstrip("/") + "/" + self.name

    def walk(self):
        yield self
        for child in self.children.values():
            yield from child.walk()

    def cells(self, name):
        value = self.props.get(name, b"")
        return list(struct.unpack(f">{len(value) // 4}I",
                                  value[:len(value) // 4 * 4]))

    def cell(self, name, default):
        return (self.cells(name) or [default])[0]

    def is_coherent(self):
        node = self
        while node and "dma-noncoherent" not in node.props:
            if "dma-coherent" in node.props:
                return True
            node = node.parent
        return False

    def strings(self, name):
        value = self.props.get(name, b"")
        return value.rstrip(b"\0").decode("latin-1").split("\0") if value \
            else []

    def reg(self):
        """(address, size) of each entry, in the parent's address space."""
        if not self.parent:
            return []
        return list(pairs(self.cells("reg"),
                          self.parent.cell("#address-cells", 2),
                          self.parent.cell("#size-cells", 1)))

    def translate(self, address, size):
        """An address of the parent's space as the CPU sees it, or None where
        no chain of buses leads to it."""
        bus = self.parent
        while bus and bus.parent:
            if "ranges" not in bus.props:
                return None
            address = bus.upwards(address, size)
            if address is None:
                return None
            bus = bus.parent
        return address

    def upwards(self, address, size):
        if not self.props["ranges"]:
            return address
        ours = self.cell("#address-cells", 2)
        theirs = self.parent.cell("#address-cells", 2)
        step = ours + theirs + self.cell("#size-cells", 1)
        cells = self.cells("ranges")
        for at in range(0, len(cells) - step + 1, step):
            child = joined(cells[at:at + ours])
            parent = joined(cells[at + ours:at + ours + theirs])
            length = joined(cells[at + ours + theirs:at + step])
            if child <= address and address + size <= child + length:
                return parent + address - child
        return None

    def moves_dma(self):
        """The bus above it by which its DMA goes to other addresses than it
        names, or None."""
        bus = self.parent
        while bus and bus.parent:
            ours = bus.cell("#address-cells", 2)
            theirs = bus.parent.cell("#address-cells", 2)
            step = ours + theirs + bus.cell("#size-cells", 1)
            cells = bus.cells("dma-ranges")
            for at in range(0, len(cells) - step + 1, step):
                if joined(cells[at:at + ours]) != \
                        joined(cells[at + ours:at + ours + theirs]):
                    return bus
            bus = bus.parent
        return None

    def windows(self):
        """(address, size) of each reg entry, as the CPU sees it; None for one
        that it cannot reach."""
        return [None if self.translate(*entry) is None else
                (self.translate(*entry), entry[1]) for entry in self.reg()]

    def linux_name(self):
        """What Linux calls its device (of_device_make_bus_id)."""
        text, node = "", self
        while node.parent:
            where = (node.windows() or [None])[0]
            if where:
                base = node.name.split("@")[0]
                return f"{where[0]:x}.{base}" + (f":{text}" if text else "")
            text = node.name + (f":{text}" if text else "")
            node = node.parent
        return text


def joined(cells):
    value = 0
    for cell in cells:
        value = value << 32 | cell
    return value


def pairs(cells, address_cells, size_cells):
    step = address_cells + size_cells
    for at in range(0, len(cells) - step + 1, step or 1):
        yield joined(cells[at:at + address_cells]), \
            joined(cells[at + address_cells:at + step])


def read_tree(path):
    """The root of a flattened tree."""
    try:
        with open(path, "rb") as file:
            return parse(file.read())
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}; name a device tree blob "
                      "that can be read") from None
    except (struct.error, IndexError, ValueError):
        raise Refused(f"{path}: no flattened device tree, or a broken one; "
                      "compile it again") from None


def parse(blob):
    magic, _, at, strings = struct.unpack_from(">4I", blob)
    if magic != MAGIC:
        raise ValueError
    root = node = None
    while True:
        tag = struct.unpack_from(">I", blob, at)[0]
        at += 4
        if tag == BEGIN_NODE:
            end = blob.index(b"\0", at)
            name = blob[at:end].decode("latin-1")
            at = (end + 4) & ~3
            child = Node(name, node)
            if node:
                node.children[name] = child
            root = root or child
            node = child
        elif tag == PROP:
            size, name = struct.unpack_from(">2I", blob, at)
            name = blob[strings + name:blob.index(b"\0", strings + name)]
            node.props[name.decode("latin-1")] = blob[at + 8:at + 8 + size]
            at = (at + 8 + size + 3) & ~3
        elif tag == END_NODE:
            node = node.parent
        elif tag == END and root:
            return root
        elif tag != NOP:
            raise ValueError


def by_phandle(root):
    return {node.cell("phandle", node.cell("linux,phandle", 0)): node
            for node in root.walk()
            if "phandle" in node.props or "linux,phandle" in node.props}


def controller_of(node, phandles):
    """Where a node's interrupts go to, or None."""
    while node:
        if "interrupt-parent" in node.props:
            node = phandles.get(node.cell("interrupt-parent", 0))
        else:
            node = node.parent
        if node and "#interrupt-cells" in node.props:
            return node
    return None


def interrupts_of(node, phandles):
    """[(controller or None, cells)] of a node, in order."""
    cells = node.cells("interrupts-extended")
    parent = None if cells else controller_of(node, phandles)
    cells = cells or node.cells("interrupts")
    found = []
    while cells:
        controller = parent or phandles.get(cells.pop(0))
        count = controller.cell("#interrupt-cells", 0) if controller else 0
        if count == 0 or count > len(cells):
            return found + [(None, cells)]
        found.append((controller, cells[:count]))
        cells = cells[count:]
    return found
