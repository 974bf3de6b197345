# SPDX-License-Identifier: Apache-2.0
"""tools/board_check.py: every board's header agrees with the board's device
tree, and what is printed where an edited copy of either does not.
"""
import glob
import os
import re
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TOOLS = os.path.join(ROOT, "tools")
sys.path.insert(0, TOOLS)
import soc  # noqa: E402


def read(path):
    with open(path, encoding="utf-8") as text:
        return text.read()


def make_says(variable):
    return subprocess.run(
        ["make", "-s", "--no-print-directory", "READY=1", "--eval",
         f"print-it: ; @echo '$({variable})'", "print-it"], cwd=ROOT,
        check=True, capture_output=True, text=True).stdout.strip()


BOARDS = sorted(os.path.basename(path)[:-2] for path in
                glob.glob(os.path.join(ROOT, "board", "*.h"))
                if "#define BOARD_NAME" in read(path))
# With the devices that a config of the board adds to it.
SOC = ["qemu_virt_soc qemu_virt_gicv2", "qemu_virt_soc qemu_virt_gicv3"]

PAGE = read(os.path.join(ROOT, "docs", "porting.md"))


@pytest.fixture(scope="session")
def emulator():
    return make_says("emu-board")


class Lab:
    """The tool, on edited copies of a board's header and tree."""

    def __init__(self, where, emulator):
        self.where, self.emulator = where, emulator
        self.tree = None

    def check(self, board, *edits):
        """Each edit: a text of the header, once in it, and what it becomes."""
        text = ""
        for name in board.split():
            header = read(os.path.join(ROOT, "board", f"{name}.h"))
            text += header.replace("#pragma once\n", "").replace(
                '#include "', '#include "board/')
        for old, new in edits:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        if self.tree:
            text, count = re.subn(r'"debian:.*"', f'"{self.tree}"', text)
            assert count == 1
        config, rows = self.where / "config.h", self.where / "soc.rows"
        config.write_text(text + '#include "configs/defaults.h"\n')
        subprocess.run(
            ["aarch64-linux-gnu-gcc", "-E", "-P", "-x", "c", "-I.",
             f'-DCONFIG_HEADER="{config}"', "-o", str(rows),
             "tools/soc_rows.in"], cwd=ROOT, check=True)
        return subprocess.run(
            [sys.executable, os.path.join(TOOLS, "board_check.py"), "--rows",
             str(rows), "--emulator", self.emulator], cwd=ROOT,
            capture_output=True, text=True, check=False)

    def refuses(self, board, edits, *lines):
        done = self.check(board, *edits)
        assert done.stderr == "".join(f"board_check: {line}\n"
                                      for line in lines)
        assert done.returncode == 1
        assert done.stdout == ""

    def copy(self, board):
        """The board's tree, for fdtput."""
        source = re.search(r'"(debian:.*)"', read(
            os.path.join(ROOT, "board", f"{board}.h"))).group(1)
        self.tree = str(self.where / "board.dtb")
        with open(soc.source_path(source), "rb") as file, \
                open(self.tree, "wb") as copy:
            copy.write(file.read())

    def put(self, node, name, *values, kind="x"):
        """kind: x for cells, s for strings. IOMMU is that of AVB."""
        if "IOMMU" in values:
            iommu = subprocess.run(
                ["fdtget", "-t", "x", self.tree, AVB, "iommus"], check=True,
                capture_output=True, text=True).stdout.split()[0]
            values = [value.replace("IOMMU", iommu) for value in values]
        subprocess.run(["fdtput", "-t", kind, self.tree, node, name, *values],
                       check=True)


@pytest.fixture
def lab(tmp_path, emulator):
    return Lab(tmp_path, emulator)


# -- Right headers ------------------------------------------------------------

@pytest.mark.parametrize("board", BOARDS + SOC)
def test_header_agrees(lab, board):
    done = lab.check(board)
    assert (done.stderr, done.returncode) == ("", 0)
    assert re.fullmatch(
        r"[\w-]+: its header agrees with (emulator|debian:\S+\.dtb)\n",
        done.stdout)


@pytest.mark.parametrize("config", make_says("CONFIGS_DESCRIBED").split())
def test_described_board(config):
    """Says so in header and config, and does not pretend to run."""
    assert config in BOARDS
    for kind in ("board", "configs"):
        text = read(os.path.join(ROOT, kind, f"{config}.h"))
        assert re.search(r"Described,\s+(\* )?not\s+(\* )?run\.", text)
    for goal in ("run", "check", "emu-command", "bench"):
        done = subprocess.run(
            ["make", "-s", "--no-print-directory", "READY=1", goal,
             f"CONFIG={config}"], cwd=ROOT, check=False, capture_output=True,
            text=True)
        assert done.returncode != 0 and done.stdout == ""
        assert re.fullmatch(
            rf"Makefile:\d+: \*\*\* CONFIG={config}: a board described, not "
            r"run: no emulator has it; 'make board-check' and 'make build' "
            r"are for it\.  Stop\.\n", done.stderr)


def test_make_board_check():
    done = subprocess.run(
        ["make", "-s", "--no-print-directory", "READY=1", "board-check",
         "CONFIG=imx8mp_evk"], cwd=ROOT, check=False, capture_output=True,
        text=True)
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout in PAGE
    assert done.stdout == ("imx8mp-evk: its header agrees with "
                           "debian:freescale/imx8mp-evk.dtb\n")


def test_second_its(lab):
    """Of two ITS the header may name either."""
    done = lab.check("rk3588_rock5b", ("0xfe640000", "0xfe660000"))
    assert (done.stderr, done.returncode) == ("", 0)


# -- Wrong headers ------------------------------------------------------------

IMX, RZ, LX, RK = "imx8mp_evk", "rzg2m_hihope", "lx2160a_rdb", "rk3588_rock5b"
IMX_GIC = "/soc@0/interrupt-controller@38800000"
CAN = "/soc@0/bus@30800000/spba-bus@30800000/can@308c0000"
AVB = "/soc/ethernet@e6800000"
DEVICE = 'X(can1, "platform", "308c0000.can",       1,      1,    SOC_NO_DMA)'
CORRECT = "; correct the board header"


def log_at(gpa, size="0x10000"):
    return ("#define BOARD_CPUS", f"#define BOARD_LOG_GPA {gpa}\n#define "
            f"BOARD_LOG_BYTES {size}\n#define BOARD_CPUS")


WRONG = {
    "address": (
        IMX, [("0x308c0000", "0x308d0000")],
        [f"BOARD_SOC_REGIONS/can1: address of region 0 is 0x308d0000, {CAN} "
         f"has 0x308c0000{CORRECT}"]),
    "size": (
        IMX, [("0x10000)", "0x1000)")],
        [f"BOARD_SOC_REGIONS/can1: size of region 0 is 0x1000, {CAN} has "
         f"0x10000{CORRECT}"]),
    "interrupt": (
        IMX, [("142,", "143,")],
        [f"BOARD_SOC_LINES/can1: interrupt 0 is SPI 143, {CAN} has SPI 142"
         f"{CORRECT}"]),
    "trigger": (
        IMX, [("SOC_LEVEL_HIGH", "SOC_EDGE_RISING")],
        ["BOARD_SOC_LINES/can1: trigger of interrupt 0 is SOC_EDGE_RISING, "
         f"{CAN} has SOC_LEVEL_HIGH{CORRECT}"]),
    "number of regions": (
        IMX, [(DEVICE, DEVICE.replace("1,      1", "2,      1"))],
        [f"BOARD_SOC_DEVICES/can1: number of regions is 2, {CAN} has 1"
         f"{CORRECT}"]),
    "number of interrupts": (
        IMX, [(DEVICE, DEVICE.replace("1,      1", "1,      3"))],
        [f"BOARD_SOC_DEVICES/can1: number of interrupts is 3, {CAN} has 1"
         f"{CORRECT}"]),
    "region that is not there": (
        IMX, [("0x308c0000, 0x10000)", "0x308c0000, 0x10000) "
               "X(can1, 1, 0x308d0000, 0x10000)")],
        [f"BOARD_SOC_REGIONS/can1: no region 1 in {CAN}; drop the row"]),
    "interrupt that is not there": (
        IMX, [("142, SOC_LEVEL_HIGH)", "142, SOC_LEVEL_HIGH) "
               "X(can1, 1, 143, SOC_LEVEL_HIGH)")],
        [f"BOARD_SOC_LINES/can1: no interrupt 1 in {CAN}; drop the row"]),
    "host name": (
        IMX, [("308c0000.can", "308c0000.flexcan")],
        ["BOARD_SOC_DEVICES/can1: the board's device tree has no "
         "308c0000.flexcan; correct the host name"]),
    "bus": (
        IMX, [('"platform"', '"amba"')],
        [f"BOARD_SOC_DEVICES/can1: bus is amba, but {CAN} is no arm,primecell; "
         "write \"platform\""]),
    "row of nobody": (
        IMX, [("X(can1,  SOC_NO_IOMMU)",
               "X(can1, SOC_NO_IOMMU) X(can2, SOC_NO_IOMMU)")],
        ["BOARD_SOC_STREAMS/can2: no such row in BOARD_SOC_DEVICES; drop it"]),
    "rate of a fixed clock": (
        RZ, [("2,    0)", "2,    8000000)")],
        ["BOARD_SOC_CLOCKS/can0: rate of clock 2 is 8000000, "
         f"/soc/can@e6c30000 has 0{CORRECT}"]),
    "no rate": (
        IMX, [(" \\\n\tX(can1,  1,    40000000)", "")],
        [f"BOARD_SOC_CLOCKS/can1: no rate of clock 1 of {CAN}; add X(can1, 1, "
         "hertz)"]),
    "rate of no clock": (
        IMX, [("1,    40000000)", "1,    40000000) X(can1, 2, 1)")],
        [f"BOARD_SOC_CLOCKS/can1: no clock 2 in {CAN}; drop the row"]),
    "GIC version": (
        IMX, [("BOARD_GIC_VERSION 3", "BOARD_GIC_VERSION 2")],
        [f"BOARD_GIC_VERSION is 2, {IMX_GIC} has 3{CORRECT}"]),
    "distributor": (
        IMX, [("DIST 0x38800000", "DIST 0x38810000")],
        [f"BOARD_GIC_DIST is 0x38810000, {IMX_GIC} has 0x38800000{CORRECT}"]),
    "redistributor": (
        IMX, [("REDIST 0x38880000", "REDIST 0x38890000")],
        [f"BOARD_GIC_REDIST is 0x38890000, {IMX_GIC} has 0x38880000{CORRECT}"]),
    "no redistributor": (
        IMX, [("#define BOARD_GIC_REDIST 0x38880000\n", "")],
        [f"BOARD_GIC_REDIST is not there, {IMX_GIC} has 0x38880000; add it"]),
    "CPU interface": (
        RZ, [("CPU 0xf1020000", "CPU 0xf1030000")],
        ["BOARD_GIC_CPU is 0xf1030000, /soc/interrupt-controller@f1010000 has "
         f"0xf1020000{CORRECT}"]),
    "CPU interface of a GICv3": (
        IMX, [("#define BOARD_HAS_ITS 0",
               "#define BOARD_GIC_CPU 0x31000000\n#define BOARD_HAS_ITS 0")],
        [f"BOARD_GIC_CPU is 0x31000000, but {IMX_GIC} is a GICv3; drop it"]),
    "no ITS, says the header": (
        LX, [("BOARD_HAS_ITS 1", "BOARD_HAS_ITS 0")],
        ["BOARD_HAS_ITS is 0, /interrupt-controller@6000000 has 1" + CORRECT]),
    "no ITS, says the tree": (
        IMX, [("#define BOARD_HAS_ITS 0", "#define BOARD_HAS_ITS 1\n"
               "#define BOARD_GIC_ITS 0x38820000")],
        [f"BOARD_HAS_ITS is 1, {IMX_GIC} has 0{CORRECT}",
         "BOARD_GIC_ITS is 0x38820000, but the tree has no ITS; drop it"]),
    "ITS": (
        LX, [("0x06020000", "0x06040000")],
        ["BOARD_GIC_ITS is 0x6040000, /interrupt-controller@6000000/"
         f"msi-controller@6020000 has 0x6020000{CORRECT}"]),
    "neither ITS": (
        RK, [("0xfe640000", "0xfe650000")],
        ["BOARD_GIC_ITS is 0xfe650000, /interrupt-controller@fe600000/"
         f"msi-controller@fe640000 has 0xfe640000 or 0xfe660000{CORRECT}"]),
    "stream id": (
        RZ, [("X(avb,   16)", "X(avb,   17)")],
        [f"BOARD_SOC_STREAMS/avb: stream id is 0x11, {AVB} has 0x10{CORRECT}"]),
    "one stream id of two": (
        RZ, [("X(avb,   16)", "X(avb,   16) X(avb, 17)")],
        ["BOARD_SOC_STREAMS/avb: stream id is 0x10, 0x11, "
         f"{AVB} has 0x10{CORRECT}"]),
    "no IOMMU, says the header": (
        RZ, [("X(avb,   16)", "X(avb,   SOC_NO_IOMMU)")],
        ["BOARD_SOC_STREAMS/avb: stream id is SOC_NO_IOMMU, "
         f"{AVB} has 0x10{CORRECT}"]),
    "no IOMMU, says the tree": (
        RZ, [("X(can0,  SOC_NO_IOMMU)", "X(can0,  0x20)")],
        ["BOARD_SOC_STREAMS/can0: stream id is 0x20, /soc/can@e6c30000 has "
         f"SOC_NO_IOMMU{CORRECT}",
         "BOARD_UNSAFE_DMA is 1, but no device is without an IOMMU; drop it"]),
    "nothing of the IOMMU": (
        RZ, [(" \\\n\tX(avb,   16)", "")],
        [f"BOARD_SOC_STREAMS/avb is not there, {AVB} has 0x10; add it"]),
    "DMA": (
        RZ, [("25,   SOC_DMA", "25,   SOC_NO_DMA")],
        [f"BOARD_SOC_DEVICES/avb: DMA is SOC_NO_DMA, {AVB} has iommus: write "
         f"SOC_DMA{CORRECT}"]),
    "no unsafe DMA": (
        IMX, [("BOARD_UNSAFE_DMA 1", "BOARD_UNSAFE_DMA 0")],
        ["BOARD_UNSAFE_DMA is 0, but can1 has no IOMMU; write 1, or drop the "
         "device"]),
    "CPUs": (
        IMX, [("BOARD_CPUS 4", "BOARD_CPUS 2")],
        [f"BOARD_CPUS is 2, /cpus has 4{CORRECT}"]),
    "IPA bits": (
        RZ, [("BOARD_IPA_BITS 40", "BOARD_IPA_BITS 44")],
        [f"BOARD_IPA_BITS is 44, arm,cortex-a53 has 40{CORRECT}"]),
    "console": (
        IMX, [("ttymxc1", "ttymxc0")],
        ["BOARD_CONSOLE is /dev/ttymxc0, /soc@0/bus@30800000/"
         f"spba-bus@30800000/serial@30890000 has /dev/ttymxc1{CORRECT}"]),
    "RAM's base": (
        LX, [("BOARD_RAM_GPA 0x80000000", "BOARD_RAM_GPA 0x40000000")],
        ["BOARD_RAM_GPA is 0x40000000, /memory@80000000 has 0x80000000"
         + CORRECT]),
    "RAM's size": (
        LX, [("BOARD_RAM_BYTES 0x80000000", "BOARD_RAM_BYTES 0x40000000")],
        ["BOARD_RAM_BYTES is 0x40000000, /memory@80000000 has its end "
         f"0x80000000 behind the first byte{CORRECT}"]),
    "RAM that the tree does not have": (
        RK, [("#define BOARD_CPUS", "#define BOARD_RAM_GPA 0x200000\n"
              "#define BOARD_RAM_BYTES 0x80000000\n#define BOARD_CPUS")],
        ["BOARD_RAM_GPA is 0x200000, but the tree has no memory; drop it and "
         "BOARD_RAM_BYTES"]),
    "log outside of RAM": (
        LX, [log_at("0xffff0000", "0x20000")],
        ["BOARD_LOG_GPA: 0xffff0000 to 0x100010000 is in no memory of the "
         f"board's device tree{CORRECT}"]),
    "log in what is another's": (
        IMX, [log_at("0x942e8000")],
        ["BOARD_LOG_GPA: 0x942e8000 to 0x942f8000 is "
         f"/reserved-memory/vdev0vring0@942f0000's{CORRECT}"]),
    "number": (
        IMX, [("BOARD_CPUS 4", "BOARD_CPUS four")],
        ["'four': not a number; write one, or a sum or product of numbers"]),
    "DTB": (
        IMX, [("debian:freescale/imx8mp-evk.dtb", "debian:no/such.dtb")],
        ["BOARD_HOST_DTB debian:no/such.dtb: No such file or directory; run "
         "'tools/setup.sh dtb', or name a DTB that is there"]),
    "several": (
        IMX, [("BOARD_CPUS 4", "BOARD_CPUS 8"), ("142,", "146,"),
              ("DIST 0x38800000", "DIST 0x38900000")],
        [f"BOARD_GIC_DIST is 0x38900000, {IMX_GIC} has 0x38800000{CORRECT}",
         f"BOARD_CPUS is 8, /cpus has 4{CORRECT}",
         f"BOARD_SOC_LINES/can1: interrupt 0 is SPI 146, {CAN} has SPI 142"
         f"{CORRECT}"]),
    "emulated: GIC": (
        "qemu_virt_gicv2", [("CPU 0x08010000", "CPU 0x08020000")],
        ["BOARD_GIC_CPU is 0x8020000, /intc@8000000 has 0x8010000" + CORRECT]),
    "emulated: device": (
        SOC[1], [("X(gpio,  0,    7,", "X(gpio,  0,    8,")],
        ["BOARD_SOC_LINES/gpio: interrupt 0 is SPI 8, /pl061@9030000 has SPI 7"
         + CORRECT]),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_header(lab, what):
    board, edits, lines = WRONG[what]
    lab.refuses(board, edits, *lines)


# -- Other trees --------------------------------------------------------------

# fdtput's node, property and values (of strings: kind s), then the lines.
OTHER = {
    "address": (
        IMX, [(CAN, "reg", ["308d0000", "10000"], "x")],
        ["BOARD_SOC_DEVICES/can1: the board's device tree has no 308c0000.can; "
         "correct the host name"]),
    "size": (
        IMX, [(CAN, "reg", ["308c0000", "4000"], "x")],
        [f"BOARD_SOC_REGIONS/can1: size of region 0 is 0x10000, {CAN} has "
         f"0x4000{CORRECT}"]),
    "interrupt and trigger": (
        IMX, [(CAN, "interrupts", ["0", "90", "1"], "x")],
        [f"BOARD_SOC_LINES/can1: interrupt 0 is SPI 142, {CAN} has SPI 144"
         f"{CORRECT}",
         "BOARD_SOC_LINES/can1: trigger of interrupt 0 is SOC_LEVEL_HIGH, "
         f"{CAN} has SOC_EDGE_RISING{CORRECT}"]),
    "private interrupt": (
        IMX, [(CAN, "interrupts", ["1", "8e", "4"], "x")],
        [f"BOARD_SOC_LINES/can1: interrupt 0 is SPI 142, {CAN} has no SPI of a "
         f"GIC{CORRECT}"]),
    "device is disabled": (
        IMX, [(CAN, "status", ["disabled"], "s")],
        [f"BOARD_SOC_DEVICES/can1: {CAN} or its bus is disabled: the host "
         "kernel makes no device of it; name another"]),
    "bus is disabled": (
        IMX, [(os.path.dirname(CAN), "status", ["disabled"], "s")],
        [f"BOARD_SOC_DEVICES/can1: {CAN} or its bus is disabled: the host "
         "kernel makes no device of it; name another"]),
    "device has an IOMMU": (
        RZ, [("/soc/can@e6c30000", "iommus", ["IOMMU", "9"], "x")],
        ["BOARD_SOC_STREAMS/can0: stream id is SOC_NO_IOMMU, "
         f"/soc/can@e6c30000 has 0x9{CORRECT}",
         "BOARD_SOC_DEVICES/can0: DMA is SOC_NO_DMA, /soc/can@e6c30000 has "
         f"iommus: write SOC_DMA{CORRECT}"]),
    "IOMMU is disabled": (
        RZ, [("/soc/iommu@e6740000", "status", ["disabled"], "s")],
        [f"BOARD_SOC_STREAMS/avb: stream id is 0x10, {AVB} has SOC_NO_IOMMU"
         f"{CORRECT}"]),
    "another stream": (
        RZ, [(AVB, "iommus", ["IOMMU", "10", "IOMMU", "11"], "x")],
        [f"BOARD_SOC_STREAMS/avb: stream id is 0x10, {AVB} has 0x10, 0x11"
         f"{CORRECT}"]),
    "CPU is disabled": (
        IMX, [("/cpus/cpu@3", "status", ["disabled"], "s")],
        [f"BOARD_CPUS is 4, /cpus has 3{CORRECT}"]),
    "no GIC": (
        IMX, [(IMX_GIC, "compatible", ["arm,gic-v9"], "s")],
        ["BOARD_GIC_VERSION: the tree has no GIC of a known kind",
         f"BOARD_SOC_LINES/can1: interrupt 0 is SPI 142, {CAN} has no SPI of a "
         f"GIC{CORRECT}"]),
    "GIC without virtual interface": (
        RZ, [("/soc/interrupt-controller@f1010000", "reg",
              ["0", "f1010000", "0", "1000", "0", "f1020000", "0", "20000"],
              "x")],
        ["BOARD_GIC_VERSION: /soc/interrupt-controller@f1010000 has no virtual "
         "CPU interface; KVM has no interrupts for a guest on this board"]),
    "GIC of one window": (
        IMX, [(IMX_GIC, "reg", ["38800000", "10000"], "x")],
        [f"BOARD_GIC_REDIST is 0x38880000, {IMX_GIC} has no such registers"
         f"{CORRECT}"]),
    "ITS is disabled": (
        LX, [("/interrupt-controller@6000000/msi-controller@6020000", "status",
              ["disabled"], "s")],
        ["BOARD_HAS_ITS is 1, /interrupt-controller@6000000 has 0" + CORRECT,
         "BOARD_GIC_ITS is 0x6020000, but the tree has no ITS; drop it"]),
    "console of no known kind": (
        IMX, [(CAN.replace("can@308c0000", "serial@30890000"), "compatible",
               ["vendor,uart"], "s")],
        ["BOARD_CONSOLE: /soc@0/bus@30800000/spba-bus@30800000/serial@30890000 "
         "is ['vendor,uart']: add its name in Linux to CONSOLES of "
         "tools/board_check.py"]),
    "console that is not there": (
        IMX, [("/chosen", "stdout-path", ["/serial@1:115200"], "s")],
        ["BOARD_CONSOLE: the tree's stdout-path /serial@1 is not there"]),
    "another console": (
        LX, [("/aliases", "serial0", ["/soc/can@2180000"], "s"),
             ("/aliases", "serial3", ["/soc/serial@21c0000"], "s"),
             ("/chosen", "stdout-path", ["serial3:115200n8"], "s")],
        ["BOARD_CONSOLE is /dev/ttyAMA0, /soc/serial@21c0000 has /dev/ttyAMA3"
         + CORRECT]),
    "more memory": (
        LX, [("/memory@80000000", "reg",
              ["0", "80000000", "0", "80000000", "20", "80000000", "0",
               "80000000"], "x")],
        ["BOARD_RAM_BYTES is 0x80000000, /memory@80000000 has its end "
         f"0x2080000000 behind the first byte{CORRECT}"]),
}


@pytest.mark.parametrize("what", OTHER)
def test_other_tree(lab, what):
    board, edits, lines = OTHER[what]
    lab.copy(board)
    for node, name, values, kind in edits:
        lab.put(node, name, *values, kind=kind)
    lab.refuses(board, [], *lines)


def test_needless_unsafe_dma(lab):
    """The only device without an IOMMU is gone."""
    text = read(os.path.join(ROOT, "board", f"{RZ}.h"))
    rows = re.findall(r"^\tX\(can0.*\n", text, re.M)
    lab.refuses(RZ, [(row, "") for row in rows],
                "BOARD_UNSAFE_DMA is 1, but no device is without an IOMMU; "
                "drop it")


@pytest.mark.parametrize("content", [b"", b"no tree at all"],
                         ids=["empty", "text"])
def test_broken_tree(lab, content):
    lab.copy(IMX)
    with open(lab.tree, "wb") as file:
        file.write(content)
    done = lab.check(IMX)
    assert done.returncode == 1
    assert re.fullmatch(
        r"board_check: \S+/board.dtb: no flattened device tree, or a broken "
        r"one; compile it again\n", done.stderr)


# -- The documentation --------------------------------------------------------


def test_lines_of_the_page():
    """Each that it shows is one that a test above has seen."""
    shown = re.findall(r"^    board_check: (.*)$", PAGE, re.M)
    seen = {line for cases in (WRONG, OTHER) for _, _, lines in cases.values()
            for line in lines}
    assert len(shown) > 10
    assert not set(shown) - seen


def test_boards_of_the_page():
    described = re.findall(r"^\| `(\w+)` \|.*\| described, not run \|$", PAGE,
                           re.M)
    assert described == make_says("CONFIGS_DESCRIBED").split()
