# SPDX-License-Identifier: Apache-2.0
"""What board and config say of platform devices, and the board's own device
tree, with which the board's header is compared.

The rows are what the C preprocessor makes of tools/soc_rows.in.
"""
import ast
import operator
import os
import re
import subprocess
import tempfile

from dtb import Refused, by_phandle, interrupts_of, read_tree

PRIMECELL = "arm,primecell"
# By their version.
GICS = {"arm,gic-v3": 3, "arm,gic-400": 2, "arm,cortex-a15-gic": 2,
        "arm,cortex-a9-gic": 2, "arm,cortex-a7-gic": 2, "arm,eb11mp-gic": 2,
        "qcom,msm-qgic2": 2}
# How a header names a DTB of Debian's kernel package.
DEBIAN = "debian:"
CACHE = os.environ.get("BEDPLATE_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
    "bedplate")
# The third cell of an interrupt specifier; SPIs have no others.
TRIGGERS = {1: "SOC_EDGE_RISING", 4: "SOC_LEVEL_HIGH"}

# -- Rows -------------------------------------------------------------------

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub,
             ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv,
             ast.Div: operator.floordiv, ast.LShift: operator.lshift,
             ast.RShift: operator.rshift, ast.BitOr: operator.or_}


def number(text):
    """The value of a constant of C, such as 0x9000000u + 4 * 0x1000."""
    def value(tree):
        if isinstance(tree, ast.Constant) and isinstance(tree.value, int):
            return tree.value
        if isinstance(tree, ast.BinOp) and type(tree.op) in OPERATORS:
            return OPERATORS[type(tree.op)](value(tree.left),
                                            value(tree.right))
        raise ValueError

    plain = re.sub(r"\b(0[xX][0-9a-fA-F]+|\d+)[uUlL]+\b", r"\1", text)
    try:
        return value(ast.parse(plain.strip(), mode="eval").body)
    except (SyntaxError, ValueError):
        raise Refused(f"'{text}': not a number; write one, or a sum or "
                      "product of numbers") from None


def string(text):
    """What C's string literals, one behind the other, say; or plain words."""
    parts = re.findall(r'"((?:[^"\\]|\\.)*)"', text)
    return "".join(parts) if parts else text


def read_rows(path):
    """{kind: [columns of each row, as text]}."""
    with open(path, encoding="utf-8") as file:
        text = " ".join(file.read().split())
    rows = {}
    for row in text.split("@@")[1:]:
        kind, _, rest = row.partition(" ")
        rows.setdefault(kind, []).append(
            [column.strip() for column in rest.split(";")])
    return rows


def one(rows, kind):
    return string(rows[kind][0][0])


# -- The board's own tree ---------------------------------------------------

def dump(rows, emulator, path):
    """What the emulator would give to the board's kernel. Its sockets and
    images are in a place of their own: an emulator may be running."""
    with tempfile.TemporaryDirectory() as scratch:
        devices = one(rows, "emu_devices").replace("OUT/", scratch + "/")
        board = emulator.replace("OUT/", scratch + "/")
        for image in re.findall(rf"file=({re.escape(scratch)}/[^, ]+)",
                                devices):
            with open(image, "wb") as file:
                file.truncate(64 << 20)
        command = [*board.split(), "-M",
                   f"{one(rows, 'emu_machine')},dumpdtb={path},"
                   "dtb-randomness=off", "-cpu", one(rows, "emu_cpu"), "-smp",
                   one(rows, "emu_cpus"), "-m", one(rows, "emu_memory"),
                   *devices.split()]
        done = subprocess.run(command, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)
    if done.returncode != 0 or not os.path.exists(path):
        why = (done.stderr.strip().splitlines() or ["no message"])[0]
        raise Refused(f"BOARD_HOST_DTB emulator: {why}; correct the board "
                      "header's BOARD_EMU_*")


def source_path(source):
    """Of the file that BOARD_HOST_DTB names."""
    if source.startswith(DEBIAN):
        return os.path.join(CACHE, "dtb", source[len(DEBIAN):])
    return source


def board_tree(rows, emulator, path):
    """Puts the board's tree into a file: the host kernel's own, as the board
    comes with it."""
    source = one(rows, "host_dtb")
    if not source:
        raise Refused("BOARD_HOST_DTB: the board's header does not name its "
                      "device tree; add '#define BOARD_HOST_DTB emulator', or "
                      "the path of a DTB in quotes")
    if source == "emulator":
        dump(rows, emulator, path)
        return
    try:
        with open(source_path(source), "rb") as original, \
                open(path, "wb") as copy:
            copy.write(original.read())
    except OSError as error:
        advice = "run 'tools/setup.sh dtb', or " \
            if source.startswith(DEBIAN) else ""
        raise Refused(f"BOARD_HOST_DTB {source}: {error.strerror}; {advice}"
                      "name a DTB that is there") from None


def board_root(rows, emulator):
    """The root of that tree."""
    with tempfile.TemporaryDirectory() as scratch:
        board_tree(rows, emulator, scratch + "/board.dtb")
        return read_tree(scratch + "/board.dtb")


CORRECT = "correct the board header"


def differs(what, header, node, tree):
    """The lines for a board header that is wrong: one, or none."""
    if header != tree:
        yield f"{what} is {header}, {node.path} has {tree}; {CORRECT}"


def is_on(node):
    while node:
        if node.strings("status") not in ([], ["okay"], ["ok"]):
            return False
        node = node.parent
    return True


# -- The log of before a reset ------------------------------------------------

RESERVED, RAMOOPS = "reserved-memory", "ramoops"


def log_range(rows):
    """(base, size) of what the board reserves; of no size: nothing."""
    return tuple(number(one(rows, f"log_{what}")) for what in ("gpa", "bytes"))


def log_mistakes(rows, root):
    base, size = log_range(rows)
    if size:
        yield from range_mistakes("BOARD_LOG_GPA", base, size, root, RAMOOPS)


def range_mistakes(name, base, size, root, replaces=None, advice=CORRECT):
    """One line if it is not RAM, or somebody else's who is not compatible with
    what it replaces. A tree without memory: the boot loader fills it in."""
    name += f": {hex(base)} to {hex(base + size)}"
    banks = [bank for node in root.walk()
             if is_on(node) and node.strings("device_type") == ["memory"]
             for bank in node.reg() if bank[1]]
    if banks and not any(first <= base and base + size <= first + length
                         for first, length in banks):
        yield f"{name} is in no memory of the board's device tree; {advice}"
    reserved = root.children.get(RESERVED)
    for node in reserved.children.values() if reserved else []:
        if is_on(node) and replaces not in node.strings("compatible") and any(
                base < first + length and first < base + size
                for first, length in node.reg()):
            yield f"{name} is {node.path}'s; {advice}"


# -- The devices --------------------------------------------------------------

class Device:
    """A row of BOARD_SOC_DEVICES, with what other rows say of it."""

    def __init__(self, rows, name):
        def mine(kind):
            return [row[1:] for row in rows.get(kind, []) if row[0] == name]

        if not mine("device"):
            raise Refused(f"CFG_VFIO_PLATFORM: the board has no {name}; name a "
                          "row of BOARD_SOC_DEVICES")
        self.name = name
        bus, host, regions, lines, self.dma = mine("device")[0]
        self.bus, self.host = string(bus), string(host)
        if self.bus not in ("platform", "amba"):
            raise Refused(f"BOARD_SOC_DEVICES/{name}: no bus {self.bus}; write "
                          "\"platform\" or \"amba\"")
        self.region_count, self.line_count = number(regions), number(lines)
        self.regions = {number(i): (number(at), number(size))
                        for i, at, size in mine("region")}
        self.lines = {number(i): (number(spi), trigger)
                      for i, spi, trigger in mine("line")}
        self.clocks = {number(i): number(hertz) for i, hertz in mine("clock")}

    def find(self, root):
        """Its node, by the name that Linux gives to the device."""
        for node in root.walk():
            if node.linux_name() == self.host:
                return node
        raise Refused(f"BOARD_SOC_DEVICES/{self.name}: the board's device tree "
                      f"has no {self.host}; correct the host name")

    def compatible(self, node):
        """What the host kernel shall see, so that the bus is right."""
        has = node.strings("compatible")
        if self.bus == "amba" and PRIMECELL not in has:
            raise Refused(f"BOARD_SOC_DEVICES/{self.name}: bus is amba, but "
                          f"{node.path} is no {PRIMECELL}; write \"platform\"")
        if self.bus == "amba" or PRIMECELL not in has:
            return has
        if len(has) == 1:
            raise Refused(f"BOARD_SOC_DEVICES/{self.name}: {node.path} is "
                          f"compatible with {PRIMECELL} only; write \"amba\"")
        return [text for text in has if text != PRIMECELL]

    def differs(self, table, what, header, tree, node):
        """The lines for a board header that is wrong: one, or none."""
        return differs(f"{table}/{self.name}: {what}", header, node, tree)

    def check(self, root):
        """The header against the tree; the device's node."""
        node = self.find(root)
        self.compatible(node)
        for line in self.mistakes(root, node):
            raise Refused(line)
        return node

    def mistakes(self, root, node):
        """One line for each, of regions and interrupts."""
        windows = node.windows()
        yield from self.differs("BOARD_SOC_DEVICES", "number of regions",
                                self.region_count, len(windows), node)
        for i, (address, size) in sorted(self.regions.items()):
            if i >= len(windows):
                yield (f"BOARD_SOC_REGIONS/{self.name}: no region {i} in "
                       f"{node.path}; drop the row")
                continue
            has = windows[i] or (0, 0)
            yield from self.differs(
                "BOARD_SOC_REGIONS", f"address of region {i}", hex(address),
                hex(has[0]), node)
            yield from self.differs("BOARD_SOC_REGIONS", f"size of region {i}",
                                    hex(size), hex(has[1]), node)
        yield from self.line_mistakes(
            node, interrupts_of(node, by_phandle(root)))

    def line_mistakes(self, node, interrupts):
        yield from self.differs("BOARD_SOC_DEVICES", "number of interrupts",
                                self.line_count, len(interrupts), node)
        for i, (spi, trigger) in sorted(self.lines.items()):
            if i >= len(interrupts):
                yield (f"BOARD_SOC_LINES/{self.name}: no interrupt {i} in "
                       f"{node.path}; drop the row")
                continue
            controller, cells = interrupts[i]
            is_spi = controller and len(cells) >= 3 and cells[0] == 0 and \
                set(GICS) & set(controller.strings("compatible"))
            yield from self.differs(
                "BOARD_SOC_LINES", f"interrupt {i}", f"SPI {spi}",
                f"SPI {cells[1]}" if is_spi else "no SPI of a GIC", node)
            if is_spi:
                yield from self.differs(
                    "BOARD_SOC_LINES", f"trigger of interrupt {i}", trigger,
                    TRIGGERS.get(cells[2] & 0xf, hex(cells[2])), node)

    def fixed_rates(self, root, node):
        """Of each of its clocks, in Hz; None for what the tree does not say."""
        phandles, cells, found = by_phandle(root), node.cells("clocks"), []
        while cells:
            source = phandles.get(cells.pop(0))
            cells = cells[source.cell("#clock-cells", 0) if source else 0:]
            fixed = source and "fixed-clock" in source.strings("compatible")
            found.append(source.cell("clock-frequency", None) if fixed
                         else None)
        return found

    def clock_mistakes(self, node, found):
        for i in sorted(self.clocks):
            if i >= len(found):
                yield (f"BOARD_SOC_CLOCKS/{self.name}: no clock {i} in "
                       f"{node.path}; drop the row")
        for i, rate in enumerate(found):
            if i not in self.clocks:
                yield (f"BOARD_SOC_CLOCKS/{self.name}: no rate of clock {i} of "
                       f"{node.path}; add X({self.name}, {i}, "
                       f"{'hertz' if rate is None else rate})")
            elif rate is not None:
                yield from self.differs("BOARD_SOC_CLOCKS",
                                        f"rate of clock {i}", self.clocks[i],
                                        rate, node)

    def rates(self, root, node):
        """In Hz, of each of its clocks."""
        found = self.fixed_rates(root, node)
        for line in self.clock_mistakes(node, found):
            raise Refused(line)
        return [self.clocks[i] for i in range(len(found))]


class GuestDevice(Device):
    """A row of CFG_VFIO_PLATFORM, with what other rows say of it."""

    def __init__(self, rows, part, name, source):
        super().__init__(rows, name)
        self.row = f"{part}/{name}"
        self.generated = source == "DT_HOST"
        self.gpas = self.chosen(rows, part, "region", self.regions)
        self.spis = self.chosen(rows, part, "line", self.lines)
        self.spis.update(self.named_again())
        for _, trigger in self.lines.values():
            if trigger not in TRIGGERS.values():
                raise Refused(f"BOARD_SOC_LINES/{name}: trigger is {trigger}; "
                              "write SOC_EDGE_RISING or SOC_LEVEL_HIGH")

    def chosen(self, rows, part, kind, known):
        """{index: gpa or SPI} of what the config gives to the guest."""
        found = {number(row[2]): number(row[3])
                 for row in rows.get(f"guest_{kind}", [])
                 if row[:2] == [part, self.name]}
        for i in found:
            if i not in known:
                raise Refused(f"CFG_VFIO_{kind.upper()}/{self.row}: the board "
                              f"has no {kind} {i} of it; name one of "
                              f"BOARD_SOC_{kind.upper()}S")
        return found

    def named_again(self):
        """{index: SPI} of lines that are the same interrupt of the host as one
        that the guest has: a MAC names it once for each queue."""
        spis = {self.lines[i]: spi for i, spi in self.spis.items()}
        return {i: spis[line] for i, line in self.lines.items()
                if i not in self.spis and line in spis}

    def windows(self):
        """(gpa, size) of each region that the guest has, by index."""
        return [(gpa, self.regions[i][1])
                for i, gpa in sorted(self.gpas.items())]

    def interrupts(self):
        """(SPI, trigger cell) of each line that the guest has, by index."""
        cells = {name: cell for cell, name in TRIGGERS.items()}
        return [(spi, cells[self.lines[i][1]])
                for i, spi in sorted(self.spis.items())]
