# SPDX-License-Identifier: Apache-2.0
"""tools/guest_dt.py and tools/host_dt.py: what of the emulated board's own
device tree, or of an edited copy, goes to the guest and to the host kernel,
and what is refused, each with its one line.
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
import dtb  # noqa: E402
import guest_dt  # noqa: E402
import soc  # noqa: E402

CONFIG = "configs/qemu_virt_vfio_platform.h"
# One device of each kind, and no fragment: what most tests begin with.
SMALL = """
#undef CFG_DT_FRAGMENT
#define CFG_DT_FRAGMENT(X)
#undef CFG_VFIO_PLATFORM
#define CFG_VFIO_PLATFORM(X) X(guest, rtc, DT_HOST)
#undef CFG_VFIO_REGION
#define CFG_VFIO_REGION(X) X(guest, rtc, 0, 0x0a040000)
#undef CFG_VFIO_LINE
#define CFG_VFIO_LINE(X) X(guest, rtc, 0, 50)
"""
RTC, UART1 = "/pl031@9010000", "/pl011@9040000"


def define(name, rows):
    return f"#undef {name}\n#define {name}(X) {rows}\n"


def read(path):
    with open(path, encoding="utf-8") as text:
        return text.read()


@pytest.fixture(scope="session")
def emulator():
    """How the Makefile starts the emulated board."""
    return subprocess.run(
        ["make", "-s", "--no-print-directory", "READY=1", "--eval",
         "print-emu: ; @echo '$(emu-board)'", "print-emu"], cwd=ROOT,
        check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="session")
def original(emulator, tmp_path_factory):
    """The emulated board's own tree, and the rows of the config."""
    where = tmp_path_factory.mktemp("board")
    path = str(where / "board.dtb")
    soc.board_tree(soc.read_rows(preprocess(where, "")), emulator, path)
    return path


def preprocess(where, text):
    header, rows = where / "config.h", where / "soc.rows"
    header.write_text(f'#include "{CONFIG}"\n{text}')
    subprocess.run(
        ["aarch64-linux-gnu-gcc", "-E", "-P", "-x", "c", "-I.",
         f'-DCONFIG_HEADER="{header}"', "-o", str(rows),
         "tools/soc_rows.in"], cwd=ROOT, check=True)
    return rows


class Lab:
    """The tools, on an edited copy of the board's tree."""

    def __init__(self, where, source, how):
        self.where, self.how = where, how
        self.board = str(where / "board.dtb")
        self.out = str(where / "out.dtb")
        with open(source, "rb") as file, open(self.board, "wb") as copy:
            copy.write(file.read())

    def put(self, node, name, *values, kind="x"):
        """kind: x for cells, s for strings."""
        subprocess.run(["fdtput", "-p", "-t", kind, self.board, node, name,
                        *values], check=True)

    def drop(self, node, name):
        subprocess.run(["fdtput", "-d", self.board, node, name], check=True)

    def fragment(self, text, name="a.dtsi"):
        (self.where / name).write_text(text)
        return define("CFG_DT_FRAGMENT", f'X(guest, "{self.where / name}")')

    def run(self, tool, text, *options):
        text = f'#undef BOARD_HOST_DTB\n#define BOARD_HOST_DTB ' \
            f'"{self.board}"\n{text}'
        return subprocess.run(
            [sys.executable, os.path.join(TOOLS, f"{tool}.py"), "--rows",
             str(preprocess(self.where, text)), "--emulator", self.how,
             "--out", self.out, *options], cwd=ROOT, capture_output=True,
            text=True, check=False)

    def guest(self, text=""):
        return self.run("guest_dt", text, "--partition", "guest")

    def host(self, text="", payload=""):
        """Without the board's own changes."""
        return self.run("host_dt", define("BOARD_HOST_DT", "") + text,
                        "--payload", payload)

    def refuses(self, text, line, tool="guest_dt", payload=""):
        """With that one line, and nothing to build with."""
        done = self.host(text, payload) if tool == "host_dt" \
            else self.guest(text)
        assert done.returncode != 0, "accepted"
        assert done.stderr == f"{tool}: {line}\n"
        assert not os.path.exists(self.out)

    def made(self, text, *warnings):
        """The guest's nodes, as text, after these warnings."""
        done = self.guest(text)
        assert done.returncode == 0, done.stderr
        assert done.stderr == "".join(f"guest_dt: warning: {warning}\n"
                                      for warning in warnings)
        return self.text()

    def text(self):
        return subprocess.run(
            ["dtc", "-q", "-I", "dtb", "-O", "dts", self.out], check=True,
            capture_output=True, text=True).stdout


@pytest.fixture
def lab(tmp_path, original, emulator):
    return Lab(tmp_path, original, emulator)


def node(text, name):
    """The lines of one node."""
    found = re.search(rf"^\t{re.escape(name)} \{{\n(.*?)^\t\}};", text,
                      re.M | re.S)
    assert found, text
    return [line.strip() for line in found.group(1).strip().splitlines()]


# -- What is made -----------------------------------------------------------

EXPECTED = """/dts-v1/;

/ {
	#address-cells = <0x02>;
	#size-cells = <0x02>;
	interrupt-parent = <0x01>;

	clock-24000000 {
		compatible = "fixed-clock";
		#clock-cells = <0x00>;
		clock-frequency = <0x16e3600>;
		phandle = <0x100>;
	};

	pl031@9010000 {
		compatible = "arm,pl031\\0arm,primecell";
		reg = <0x00 0x9010000 0x00 0x1000>;
		interrupts = <0x00 0x02 0x04>;
		clocks = <0x100>;
		clock-names = "apb_pclk";
	};

	pl061@9030000 {
		gpio-controller;
		#gpio-cells = <0x02>;
		compatible = "arm,pl061\\0arm,primecell";
		reg = <0x00 0x9030000 0x00 0x1000>;
		interrupts = <0x00 0x07 0x04>;
		clocks = <0x100>;
		clock-names = "apb_pclk";
		gpio-line-names = "\\0\\0\\0power-button";
		phandle = <0x101>;
	};

	pl011@9040000 {
		compatible = "arm,pl011\\0arm,primecell";
		reg = <0x00 0x9040000 0x00 0x1000>;
		interrupts = <0x00 0x08 0x04>;
		clocks = <0x100 0x100>;
		clock-names = "uartclk\\0apb_pclk";
	};

	virtio_mmio@a010000 {
		compatible = "virtio,mmio";
		reg = <0x00 0xa010000 0x00 0x200>;
		interrupts = <0x00 0x28 0x01>;
		dma-coherent;
	};

	gpio-keys {
		compatible = "gpio-keys";

		power-button {
			label = "Power button";
			gpios = <0x101 0x03 0x00>;
			linux,code = <0x74>;
		};
	};
};
"""


def test_nodes_of_the_config(lab):
    assert lab.made("") == EXPECTED


def test_nodes_by_the_emulator(tmp_path, emulator):
    """The same without a copy: the tool has the emulator dump its tree."""
    rows = preprocess(tmp_path, "")
    out = str(tmp_path / "out.dtb")
    subprocess.run([sys.executable, os.path.join(TOOLS, "guest_dt.py"),
                    "--rows", str(rows), "--partition", "guest", "--emulator",
                    emulator, "--out", out], cwd=ROOT, check=True)
    assert subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", out],
                          check=True, capture_output=True,
                          text=True).stdout == EXPECTED
    fragment = os.path.join(ROOT, "configs/qemu_virt_gpio.dtsi")
    assert read(out + ".d") == f"{out}: {fragment}\n{fragment}:\n"


def test_moved(lab):
    """Another address and another SPI than the host's."""
    assert node(lab.made(SMALL), "pl031@a040000") == [
        'compatible = "arm,pl031\\0arm,primecell";',
        "reg = <0x00 0xa040000 0x00 0x1000>;",
        "interrupts = <0x00 0x32 0x04>;", "clocks = <0x100>;",
        'clock-names = "apb_pclk";']


@pytest.mark.parametrize("text", [
    define("CFG_VFIO_PLATFORM", "") + define("CFG_DT_FRAGMENT", ""),
    define("CFG_VFIO_PLATFORM", "X(other, rtc, DT_HOST)") +
    define("CFG_DT_FRAGMENT", 'X(other, "none.dtsi")')],
    ids=["none", "of another partition"])
def test_no_devices(lab, text):
    assert lab.guest(text).returncode == 0
    assert os.path.getsize(lab.out) == 0


def test_plain_properties_are_copied(lab):
    lab.put(UART1, "current-speed", "1c200")
    lab.put(UART1, "arm,primecell-periphid", "41011")
    lab.put(UART1, "phy-mode", "rgmii", kind="s")
    lab.put(UART1, "sd-uhs-sdr50", "1")
    lab.put(UART1, "status", "okay", kind="s")
    lines = node(lab.made(define("CFG_DT_FRAGMENT", "")), "pl011@9040000")
    assert "current-speed = <0x1c200>;" in lines
    assert "arm,primecell-periphid = <0x41011>;" in lines
    assert 'phy-mode = "rgmii";' in lines
    assert "sd-uhs-sdr50 = <0x01>;" in lines
    assert not any(line.startswith("status") for line in lines)


def test_node_behind_a_bus(lab):
    """The host's name has the translated address, and so has the header."""
    for name in ("#address-cells", "#size-cells"):
        lab.put("/soc", name, "1")
    lab.put("/soc", "ranges", "1000", "0", "c100000", "2000")
    lab.put("/soc/can@1100", "reg", "1100", "100")
    lab.put("/soc/can@1100", "compatible", "bosch,m_can", kind="s")
    lab.put("/soc/can@1100", "interrupts", "0", "60", "1")
    text = SMALL + define(
        "BOARD_SOC_DEVICES",
        'X(rtc, "platform", "c100100.can", 1, 1, SOC_NO_DMA)') + define(
        "BOARD_SOC_REGIONS", "X(rtc, 0, 0xc100000 + 0x100, 0x100u)") + define(
        "BOARD_SOC_LINES", "X(rtc, 0, 96, SOC_EDGE_RISING)") + define(
        "BOARD_SOC_CLOCKS", "")
    assert node(lab.made(text), "can@a040000") == [
        'compatible = "bosch,m_can";', "reg = <0x00 0xa040000 0x00 0x100>;",
        "interrupts = <0x00 0x32 0x01>;"]


@pytest.mark.parametrize("kind", ["SOC_DMA", "SOC_NO_DMA"])
@pytest.mark.parametrize("to", ["0", "c0000000"])
def test_dma_that_a_bus_moves(lab, kind, to):
    """As of a BCM2711's; without such a bus the guest would name RAM that is
    not its own."""
    for name in ("#address-cells", "#size-cells"):
        lab.put("/soc", name, "1")
    lab.put("/soc", "ranges", "7e000000", "0", "c100000", "2000")
    lab.put("/soc", "dma-ranges", to, "0", "0", "40000000")
    lab.put("/soc/mmc@7e000100", "reg", "7e000100", "100")
    lab.put("/soc/mmc@7e000100", "compatible", "x,mmc", kind="s")
    text = SMALL + define(
        "BOARD_SOC_DEVICES",
        f'X(rtc, "platform", "c100100.mmc", 1, 0, {kind})') + define(
        "BOARD_SOC_REGIONS", "X(rtc, 0, 0xc100100, 0x100)") + define(
        "BOARD_SOC_LINES", "") + define("CFG_VFIO_LINE", "") + define(
        "BOARD_SOC_CLOCKS", "")
    if to == "0" or kind == "SOC_NO_DMA":
        assert "mmc@a040000" in lab.made(text)
    else:
        lab.refuses(text, "guest/rtc: DMA of /soc/mmc@7e000100 goes by "
                    "dma-ranges of /soc to other addresses than the guest "
                    "would give it; write DT_FRAGMENT, with such a bus")


def two_of_each(lab):
    """The RTC with two regions and two interrupts."""
    lab.put(RTC, "reg", "0", "9010000", "0", "1000", "0", "c200000", "0",
            "2000")
    lab.put(RTC, "reg-names", "first", "second", kind="s")
    gic = "8003"
    lab.drop(RTC, "interrupts")
    lab.put(RTC, "interrupts-extended", gic, "0", "2", "4", gic, "0", "61",
            "1")
    lab.put(RTC, "interrupt-names", "alarm", "tick", kind="s")
    return SMALL + define(
        "BOARD_SOC_DEVICES",
        'X(rtc, "amba", "9010000.pl031", 2, 2, SOC_NO_DMA)') + define(
        "BOARD_SOC_REGIONS", "X(rtc, 0, 0x9010000, 0x1000) "
        "X(rtc, 1, 0xc200000, 0x2000)") + define(
        "BOARD_SOC_LINES", "X(rtc, 0, 2, SOC_LEVEL_HIGH) "
        "X(rtc, 1, 97, SOC_EDGE_RISING)")


def test_two_regions_and_lines(lab):
    text = two_of_each(lab) + define(
        "CFG_VFIO_REGION", "X(guest, rtc, 1, 0x0a050000) "
        "X(guest, rtc, 0, 0x0a040000)") + define(
        "CFG_VFIO_LINE", "X(guest, rtc, 1, 51) X(guest, rtc, 0, 50)")
    lines = node(lab.made(text), "pl031@a040000")
    assert "reg = <0x00 0xa040000 0x00 0x1000 0x00 0xa050000 0x00 0x2000>;" \
        in lines
    assert 'reg-names = "first\\0second";' in lines
    assert "interrupts = <0x00 0x32 0x04 0x00 0x33 0x01>;" in lines
    assert 'interrupt-names = "alarm\\0tick";' in lines


def test_region_and_line_that_the_config_leaves_out(lab):
    text = two_of_each(lab) + define(
        "CFG_VFIO_REGION", "X(guest, rtc, 1, 0x0a050000)") + define(
        "CFG_VFIO_LINE", "X(guest, rtc, 1, 51)")
    lines = node(lab.made(
        text, "guest/rtc: region 0 of /pl031@9010000 left out: no row in "
        "CFG_VFIO_REGION", "guest/rtc: interrupt 0 of /pl031@9010000 left "
        "out: no row in CFG_VFIO_LINE"), "pl031@a050000")
    assert "reg = <0x00 0xa050000 0x00 0x2000>;" in lines
    assert 'reg-names = "second";' in lines
    assert "interrupts = <0x00 0x33 0x01>;" in lines
    assert 'interrupt-names = "tick";' in lines


@pytest.mark.parametrize("name", [
    "pinctrl-0", "pinctrl-names", "power-domains", "dmas", "dma-names",
    "iommus", "resets", "vdd-supply", "cs-gpios", "phy-handle",
    "assigned-clocks", "memory-region"])
def test_reference_is_left_out(lab, name):
    lab.put(RTC, name, "8000")
    text = lab.made(SMALL, f"guest/rtc: {name} of {RTC} left out: it refers "
                    "to what the guest does not have")
    assert name not in text


@pytest.mark.parametrize("name", ["vendor,mode", "unheard-of", "gpio-hog"])
def test_unknown_property_is_left_out(lab, name):
    lab.put(RTC, name, "1")
    text = lab.made(SMALL, f"guest/rtc: {name} of {RTC} left out: not in the "
                    "list of what is copied; a fragment can give it")
    assert name not in text


def test_child_is_left_out(lab):
    lab.put(f"{RTC}/mdio", "compatible", "x", kind="s")
    assert "mdio" not in lab.made(
        SMALL, f"guest/rtc: {RTC}/mdio left out; a fragment can give it")


def test_disabled_device(lab):
    lab.put(RTC, "status", "disabled", kind="s")
    assert "status" not in lab.made(
        SMALL, f"guest/rtc: the status of {RTC} is not okay: the host kernel "
        "makes no device of it")


def test_clocks_of_one_rate(lab):
    """One node is enough for both."""
    lab.put(RTC, "clocks", "8000", "8000")
    text = lab.made(SMALL + define(
        "BOARD_SOC_CLOCKS", "X(rtc, 0, 24000000) X(rtc, 1, 24000000)"))
    assert "clocks = <0x100 0x100>;" in node(text, "pl031@a040000")


def test_line_named_twice(lab):
    """A MAC names its interrupt for each queue: so does the guest's."""
    lab.put(RTC, "interrupts", "0", "2", "4", "0", "2", "4")
    rows = "#undef BOARD_SOC_DEVICES\n#define BOARD_SOC_DEVICES(X) " \
        'X(rtc, BOARD_SOC_BUS, "9010000.pl031", 1, 2, SOC_NO_DMA)\n'
    text = lab.made(SMALL + rows + define(
        "BOARD_SOC_LINES", "X(rtc, 0, 2, SOC_LEVEL_HIGH) "
        "X(rtc, 1, 2, SOC_LEVEL_HIGH)"))
    assert "interrupts = <0x00 0x32 0x04 0x00 0x32 0x04>;" in \
        node(text, "pl031@a040000")


def test_clocks_of_two_rates(lab):
    """The tree does not say a rate of a clock that is not fixed."""
    lab.put("/pll", "#clock-cells", "1")
    lab.put("/pll", "phandle", "9000")
    lab.put(RTC, "clocks", "9000", "7", "8000")
    lab.put(RTC, "clock-names", "core", "apb_pclk", kind="s")
    text = lab.made(SMALL + define(
        "BOARD_SOC_CLOCKS", "X(rtc, 0, 80 * 1000000) X(rtc, 1, 24000000)"))
    assert "clock-frequency = <0x4c4b400>;" in node(text, "clock-80000000")
    lines = node(text, "pl031@a040000")
    assert "clocks = <0x100 0x101>;" in lines
    assert 'clock-names = "core\\0apb_pclk";' in lines


def test_phandles_are_apart():
    """Those of the VMM's own nodes, and those of the copied ones."""
    own = re.findall(r"#define DT_PHANDLE_\w+ (\w+)",
                     read(os.path.join(ROOT, "core/dt.h")))
    assert len(own) >= 3
    assert all(0 < int(value, 0) < guest_dt.FIRST_PHANDLE for value in own)
    assert f"#define DT_PHANDLE_GIC {guest_dt.GIC_PHANDLE}\n" in \
        read(os.path.join(ROOT, "core/dt.h"))


def test_names_of_the_vmm_are_known():
    """Each node without an address that the VMM's sources write."""
    names = {name for layer in ("core", "dev", "boot")
             for path in glob.glob(os.path.join(ROOT, layer, "*.c"))
             for name in re.findall(r'dt_begin\(&?dt, "([^"]+)"\)', read(path))}
    assert names - {"cpu@0"} == set(guest_dt.TAKEN)


# -- The board's header is wrong ---------------------------------------------

DEVICE = 'X(rtc, {bus}, {host}, {regions}, {lines}, SOC_NO_DMA)'


def device(bus='"amba"', host='"9010000.pl031"', regions=1, lines=1):
    return SMALL + define("BOARD_SOC_DEVICES", DEVICE.format(
        bus=bus, host=host, regions=regions, lines=lines))


WRONG_HEADER = {
    "host name": (
        device(host='"9011000.pl031"'),
        "BOARD_SOC_DEVICES/rtc: the board's device tree has no 9011000.pl031; "
        "correct the host name"),
    "host node name": (
        device(host='"9010000.rtc"'),
        "BOARD_SOC_DEVICES/rtc: the board's device tree has no 9010000.rtc; "
        "correct the host name"),
    "regions": (
        device(regions=2),
        f"BOARD_SOC_DEVICES/rtc: number of regions is 2, {RTC} has 1; correct "
        "the board header"),
    "interrupts": (
        device(lines=0),
        f"BOARD_SOC_DEVICES/rtc: number of interrupts is 0, {RTC} has 1; "
        "correct the board header"),
    "bus": (
        SMALL.replace("rtc", "vmmio") + define(
            "BOARD_SOC_DEVICES",
            'X(vmmio, "amba", "a000000.virtio_mmio", 1, 1, SOC_DMA)'),
        "BOARD_SOC_DEVICES/vmmio: bus is amba, but /virtio_mmio@a000000 is no "
        "arm,primecell; write \"platform\""),
    "unknown bus": (
        device(bus='"pci"'),
        "BOARD_SOC_DEVICES/rtc: no bus pci; write \"platform\" or \"amba\""),
    "region's address": (
        SMALL + define("BOARD_SOC_REGIONS", "X(rtc, 0, 0x09020000, 0x1000)"),
        f"BOARD_SOC_REGIONS/rtc: address of region 0 is 0x9020000, {RTC} has "
        "0x9010000; correct the board header"),
    "region's size": (
        SMALL + define("BOARD_SOC_REGIONS", "X(rtc, 0, 0x09010000, 0x2000)"),
        f"BOARD_SOC_REGIONS/rtc: size of region 0 is 0x2000, {RTC} has 0x1000;"
        " correct the board header"),
    "region's index": (
        SMALL + define("BOARD_SOC_REGIONS", "X(rtc, 1, 0x09010000, 0x1000)") +
        define("CFG_VFIO_REGION", "X(guest, rtc, 1, 0x0a040000)"),
        f"BOARD_SOC_REGIONS/rtc: no region 1 in {RTC}; drop the row"),
    "SPI": (
        SMALL + define("BOARD_SOC_LINES", "X(rtc, 0, 3, SOC_LEVEL_HIGH)"),
        f"BOARD_SOC_LINES/rtc: interrupt 0 is SPI 3, {RTC} has SPI 2; correct "
        "the board header"),
    "trigger": (
        SMALL + define("BOARD_SOC_LINES", "X(rtc, 0, 2, SOC_EDGE_RISING)"),
        f"BOARD_SOC_LINES/rtc: trigger of interrupt 0 is SOC_EDGE_RISING, {RTC}"
        " has SOC_LEVEL_HIGH; correct the board header"),
    "unknown trigger": (
        SMALL + define("BOARD_SOC_LINES", "X(rtc, 0, 2, LEVEL_LOW)"),
        "BOARD_SOC_LINES/rtc: trigger is LEVEL_LOW; write SOC_EDGE_RISING or "
        "SOC_LEVEL_HIGH"),
    "line's index": (
        SMALL + define("BOARD_SOC_LINES", "X(rtc, 1, 2, SOC_LEVEL_HIGH)") +
        define("CFG_VFIO_LINE", "X(guest, rtc, 1, 50)"),
        f"BOARD_SOC_LINES/rtc: no interrupt 1 in {RTC}; drop the row"),
    "no clock": (
        SMALL + define("BOARD_SOC_CLOCKS", ""),
        f"BOARD_SOC_CLOCKS/rtc: no rate of clock 0 of {RTC}; add X(rtc, 0, "
        "24000000)"),
    "clock's rate": (
        SMALL + define("BOARD_SOC_CLOCKS", "X(rtc, 0, 1000)"),
        f"BOARD_SOC_CLOCKS/rtc: rate of clock 0 is 1000, {RTC} has 24000000; "
        "correct the board header"),
    "clock's index": (
        SMALL + define("BOARD_SOC_CLOCKS",
                       "X(rtc, 0, 24000000) X(rtc, 1, 1000)"),
        f"BOARD_SOC_CLOCKS/rtc: no clock 1 in {RTC}; drop the row"),
    "number": (
        SMALL + define("BOARD_SOC_CLOCKS", "X(rtc, 0, PLL_RATE)"),
        "'PLL_RATE': not a number; write one, or a sum or product of numbers"),
    "no tree": (
        SMALL + "#undef BOARD_HOST_DTB\n#define BOARD_HOST_DTB\n",
        "BOARD_HOST_DTB: the board's header does not name its device tree; add "
        "'#define BOARD_HOST_DTB emulator', or the path of a DTB in quotes"),
    "tree is absent": (
        SMALL + '#undef BOARD_HOST_DTB\n#define BOARD_HOST_DTB "no/such.dtb"\n',
        "BOARD_HOST_DTB no/such.dtb: No such file or directory; name a DTB "
        "that is there"),
    "emulator": (
        SMALL + "#undef BOARD_HOST_DTB\n#define BOARD_HOST_DTB emulator\n"
        "#undef BOARD_EMU_MACHINE\n#define BOARD_EMU_MACHINE virt,no-such=1\n",
        "BOARD_HOST_DTB emulator: qemu-system-aarch64: Property "
        "'virt-10.0-machine.no-such' not found; correct the board header's "
        "BOARD_EMU_*"),
    "device of the config": (
        SMALL + define("CFG_VFIO_PLATFORM", "X(guest, can0, DT_HOST)"),
        "CFG_VFIO_PLATFORM: the board has no can0; name a row of "
        "BOARD_SOC_DEVICES"),
    "region of the config": (
        SMALL + define("CFG_VFIO_REGION", "X(guest, rtc, 1, 0x0a040000)"),
        "CFG_VFIO_REGION/guest/rtc: the board has no region 1 of it; name one "
        "of BOARD_SOC_REGIONS"),
    "line of the config": (
        SMALL + define("CFG_VFIO_LINE", "X(guest, rtc, 2, 50)"),
        "CFG_VFIO_LINE/guest/rtc: the board has no line 2 of it; name one of "
        "BOARD_SOC_LINES"),
}


@pytest.mark.parametrize("what", WRONG_HEADER)
def test_wrong_header(lab, what):
    text, line = WRONG_HEADER[what]
    if what == "emulator":  # another version has another name
        line = line.replace("virt-10.0", re.search(
            r"virt-[\d.]+|$", lab.guest(text).stderr).group(0))
    lab.refuses(text, line)


def test_other_size_in_the_tree(lab):
    lab.put(RTC, "reg", "0", "9010000", "0", "800")
    lab.refuses(SMALL, f"BOARD_SOC_REGIONS/rtc: size of region 0 is 0x1000, "
                f"{RTC} has 0x800; correct the board header")


@pytest.mark.parametrize("cells, found", [
    ("1", "SOC_EDGE_RISING"), ("2", "0x2"), ("8", "0x8")])
def test_other_trigger_in_the_tree(lab, cells, found):
    lab.put(RTC, "interrupts", "0", "2", cells)
    lab.refuses(SMALL, "BOARD_SOC_LINES/rtc: trigger of interrupt 0 is "
                f"SOC_LEVEL_HIGH, {RTC} has {found}; correct the board header")


NO_SPI = f"BOARD_SOC_LINES/rtc: interrupt 0 is SPI 2, {RTC} has no SPI of a " \
    "GIC; correct the board header"


def test_private_interrupt(lab):
    lab.put(RTC, "interrupts", "1", "2", "4")
    lab.refuses(SMALL, NO_SPI)


def test_interrupt_of_another_controller(lab):
    """The GPIO controller's third line, and no SPI 3."""
    lab.put("/pl061@9030000", "#interrupt-cells", "2")
    lab.put("/pl061@9030000", "interrupt-controller")
    lab.put(RTC, "interrupt-parent", "8006")
    lab.put(RTC, "interrupts", "2", "4")
    lab.refuses(SMALL, NO_SPI)


def test_primecell_and_nothing_else(lab):
    lab.put(RTC, "compatible", "arm,primecell", kind="s")
    lab.refuses(device(bus='"platform"'),
                f"BOARD_SOC_DEVICES/rtc: {RTC} is compatible with "
                "arm,primecell only; write \"amba\"")


@pytest.mark.parametrize("content", [b"", b"no tree at all",
                                     b"\xd0\x0d\xfe\xed" * 20, None],
                         ids=["empty", "text", "magic", "cut"])
def test_broken_tree(lab, content):
    with open(lab.board, "rb") as file:
        whole = file.read()
    with open(lab.board, "wb") as file:
        file.write(whole[:5000] if content is None else content)
    done = lab.guest(SMALL)
    assert done.returncode != 0
    assert re.fullmatch(r"guest_dt: \S+/board.dtb: no flattened device tree, "
                        r"or a broken one; compile it again\n", done.stderr)


# -- Fragments ---------------------------------------------------------------

GIVEN = SMALL.replace("DT_HOST", "DT_FRAGMENT")
NODE = """/ {
	clock@a040000 {
		compatible = "vendor,rtc";
		reg = <0 0x0a040000 0 0x1000>;
		interrupts = <0 50 4>;
	};
};
"""


def test_node_by_fragment(lab):
    text = lab.made(GIVEN + lab.fragment(NODE))
    assert "pl031" not in text and "clock-24000000" not in text
    assert node(text, "clock@a040000") == [
        'compatible = "vendor,rtc";', "reg = <0x00 0xa040000 0x00 0x1000>;",
        "interrupts = <0x00 0x32 0x04>;"]


def test_node_by_no_fragment(lab):
    lab.refuses(GIVEN, "guest/rtc: DT_FRAGMENT, but no fragment has a node "
                "whose reg is <0xa040000 0x1000>; give one by CFG_DT_FRAGMENT, "
                "or write DT_HOST")


def test_node_of_half_the_window(lab):
    lab.refuses(GIVEN + lab.fragment(NODE.replace("0x1000", "0x800")),
                "guest/rtc: DT_FRAGMENT, but no fragment has a node whose reg "
                "is <0xa040000 0x1000>; give one by CFG_DT_FRAGMENT, or write "
                "DT_HOST")


def test_fragments_are_dependencies(lab):
    """Also what one includes; and the board's tree."""
    lab.fragment("&rtc { start-year = <1>; };\n", "b.dtsi")
    lab.made(SMALL + lab.fragment('/include/ "b.dtsi"\n'))
    wanted = [str(lab.where / "a.dtsi"), str(lab.where / "b.dtsi"), lab.board]
    assert read(lab.out + ".d") == "".join(
        f"{lab.out}: {path}\n{path}:\n" for path in wanted)


def test_two_fragments(lab):
    (lab.where / "b.dtsi").write_text("&rtc { start-year = <1>; };\n")
    lab.fragment("/ { board { rtc = <&rtc>; }; };\n")
    text = lab.made(SMALL + define("CFG_DT_FRAGMENT", "".join(
        f'X(guest, "{lab.where / name}") ' for name in ("a.dtsi", "b.dtsi"))))
    lines = node(text, "pl031@a040000")
    assert "start-year = <0x01>;" in lines
    assert "phandle = <0x101>;" in lines
    assert node(text, "board") == ["rtc = <0x101>;"]


def test_devices_behind_the_device_have_addresses_of_their_own(lab):
    text = lab.made(SMALL + lab.fragment("""&rtc {
	mdio {
		#address-cells = <1>;
		#size-cells = <0>;

		ethernet-phy@7 {
			reg = <7>;
		};
	};
};
"""))
    assert "ethernet-phy@7 {" in text


BUS = """/ {
	bus@a040000 {
		compatible = "simple-bus";
		#address-cells = <1>;
		#size-cells = <1>;
		ranges = <0 0 0x0a040000 0x10000>;

		clock@%x {
			reg = <0x%x 0x1000>;
			interrupts = <0 50 4>;
		};
	};
};
"""


def test_node_behind_a_bus_of_the_fragment(lab):
    assert "clock@0 {" in lab.made(GIVEN + lab.fragment(BUS % (0, 0)))


def refused_fragment(lab, text, line, config=SMALL):
    lab.refuses(config + lab.fragment(text),
                line.replace("FILE", str(lab.where / "a.dtsi")))


OUTSIDE = "CFG_DT_FRAGMENT/guest: {} has registers at {}, {} bytes, outside " \
    "of every window of CFG_VFIO_REGION; correct the fragment, or add a row"


@pytest.mark.parametrize("text, path, address, size", [
    (BUS % (0x1000, 0x1000), "/bus@a040000/clock@1000", "0xa041000", "0x1000"),
    ("/ { x@9000000 { reg = <0 0x9000000 0 0x1000>; }; };", "/x@9000000",
     "0x9000000", "0x1000"),
    ("/ { x@a040000 { reg = <0 0xa040000 0 0x1001>; }; };", "/x@a040000",
     "0xa040000", "0x1001"),
    ("/ { x@a03ffff { reg = <0 0xa03ffff 0 8>; }; };", "/x@a03ffff",
     "0xa03ffff", "0x8"),
    ("/ { x@10a040000 { reg = <1 0xa040000 0 8>; }; };", "/x@10a040000",
     "0x10a040000", "0x8"),
    ("/ { x@a040000 { reg = <0 0xa040000 0 8>, <0 0x8000000 0 8>; }; };",
     "/x@a040000", "0x8000000", "0x8"),
    ("/ { memory@80000000 { device_type = \"memory\"; "
     "reg = <0 0x80000000 0 0x1000>; }; };", "/memory@80000000", "0x80000000",
     "0x1000"),
    ("&rtc { reg = <0 0xa050000 0 0x1000>; };", "/pl031@a040000", "0xa050000",
     "0x1000")], ids=["behind a bus", "elsewhere", "too large", "before",
                      "above 4 GiB", "second", "memory", "moved"])
def test_registers_outside(lab, text, path, address, size):
    done = lab.guest(SMALL + lab.fragment(text + "\n"))
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines()
             if ": warning: " not in line]
    assert lines == ["guest_dt: " + OUTSIDE.format(path, address, size)]
    assert not os.path.exists(lab.out)


@pytest.mark.parametrize("spec", ["0 50 1", "0 2 4", "1 50 4"],
                         ids=["trigger", "SPI", "private"])
def test_interrupt_that_is_not_connected(lab, spec):
    refused_fragment(
        lab, NODE.replace("0 50 4", spec),
        f"CFG_DT_FRAGMENT/guest: /clock@a040000 has the interrupt <{spec}>, "
        "the config's lines are <0 50 4>; correct the fragment, or add to "
        "CFG_VFIO_LINE", GIVEN)


def test_interrupt_of_a_device_of_the_guest(lab):
    """Its own controller's, of which the config says nothing."""
    text = lab.made(SMALL + lab.fragment("""&rtc {
	interrupt-controller;
	#interrupt-cells = <2>;
};

/ {
	button {
		interrupt-parent = <&rtc>;
		interrupts = <1 1>;
	};
};
"""))
    assert "interrupts = <0x01 0x01>;" in node(text, "button")


SYNTAX = {
    "syntax": ("/ { x = <1> };\n", "FILE:1.13-14 syntax error"),
    "label": ("/ {\n\tx = <&gpio>;\n};\n",
              "Reference to non-existent node or label \"gpio\""),
    "node": ("&gpio { x; };\n", "FILE:1.1-6 Label or path gpio not found"),
    "after a warning": (
        "/ {\n\tx@1 {\n\t\tu = <1>, \"x\";\n\t\ty = <&z>;\n\t};\n};\n",
        "Reference to non-existent node or label \"z\""),
    "phandle of the VMM's": ("&rtc { phandle = <9>; };\n",
                             "duplicated phandle 0x9"),
    "version": ("/dts-v1/;\n/ { };\n", "FILE:1.1-9 syntax error"),
}


@pytest.mark.parametrize("what", SYNTAX)
def test_fragment_does_not_compile(lab, what):
    text, line = SYNTAX[what]
    done = lab.guest(SMALL + lab.fragment(text))
    assert done.returncode != 0
    assert len(done.stderr.splitlines()) == 1, done.stderr
    file = str(lab.where / "a.dtsi")
    assert done.stderr.startswith(f"guest_dt: {file}: does not compile: ")
    assert line.replace("FILE", file) in done.stderr
    assert done.stderr.endswith("; correct the fragment\n")
    assert not os.path.exists(lab.out)


def test_fragment_is_absent(lab):
    lab.refuses(SMALL + define("CFG_DT_FRAGMENT", 'X(guest, "no/such.dtsi")'),
                "CFG_DT_FRAGMENT/guest: no/such.dtsi: no such file; correct "
                "the path")


@pytest.mark.parametrize("name, value", [
    ("model", '"x"'), ("interrupt-parent", "<&rtc>"), ("#size-cells", "<1>")])
def test_property_of_the_root(lab, name, value):
    done = lab.guest(SMALL + lab.fragment(f"/ {{ {name} = {value}; }};\n"))
    assert done.returncode != 0
    assert done.stderr.splitlines()[-1] == (
        f"guest_dt: CFG_DT_FRAGMENT/guest: property {name} of the root is the "
        "VMM's to write; drop it")


@pytest.mark.parametrize("name", guest_dt.TAKEN)
def test_node_of_the_vmm(lab, name):
    refused_fragment(lab, f'/ {{ {name} {{ x = "y"; }}; }};\n',
                     f"CFG_DT_FRAGMENT/guest: /{name} is the VMM's to write; "
                     "drop it, or name it otherwise")


def test_too_large(lab):
    done = lab.guest(SMALL + lab.fragment(
        '/ { large { x = "' + "y" * 0x8000 + '"; }; };\n'))
    assert done.returncode != 0
    assert re.fullmatch(
        r"guest_dt: guest: nodes of 35\d\d\d bytes, at most 32768 fit into the "
        r"guest's tree; shorten the fragments\n", done.stderr)
    assert not os.path.exists(lab.out)


def test_refusal_replaces_nothing(lab):
    """A tree of an earlier build stays, and stays older than its sources."""
    lab.made(SMALL)
    before = os.stat(lab.out).st_mtime_ns
    assert lab.guest(SMALL + lab.fragment("/ { x = <1> };\n")).returncode != 0
    assert os.stat(lab.out).st_mtime_ns == before


# -- The host kernel's tree --------------------------------------------------

def properties(path):
    return {(each.path, name): value
            for each in dtb.read_tree(path).walk()
            for name, value in each.props.items()}


LOG = "/reserved-memory/ramoops@78000000"
RESERVES = {
    ("/reserved-memory", "#address-cells"): (2).to_bytes(4),
    ("/reserved-memory", "#size-cells"): (2).to_bytes(4),
    ("/reserved-memory", "ranges"): b"",
    (LOG, "compatible"): b"ramoops\0",
    (LOG, "reg"): (0x78000000).to_bytes(8) + (0x10000).to_bytes(8),
    (LOG, "record-size"): (0x8000).to_bytes(4),
    (LOG, "pmsg-size"): (0x8000).to_bytes(4),
    (LOG, "max-reason"): (1).to_bytes(4),
}


def log_at(gpa, size="0x10000"):
    return ("#undef BOARD_LOG_GPA\n#undef BOARD_LOG_BYTES\n"
            f"#define BOARD_LOG_GPA {gpa}\n#define BOARD_LOG_BYTES {size}\n")


def host_properties(lab, text=""):
    """Of the board's tree, and of the host's, which is made of it."""
    done = lab.host(text)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return properties(lab.board), properties(lab.out)


def test_host_tree(lab):
    """Two primecells become platform devices, RAM is reserved for the log, and
    there is a command line; all else is as it was."""
    before, after = host_properties(lab)
    assert {key: after.pop(key) for key in RESERVES} == RESERVES
    assert not before.keys() - after.keys()
    assert {key: after[key] for key in after
            if after[key] != before.get(key)} == {
        ("/chosen", "bootargs"):
            b"console=ttyAMA0 quiet panic=5 rootfstype=ramfs swiotlb=noforce "
            b"vfio.enable_unsafe_noiommu_mode=1 vfio_platform.reset_required=0 hugepages=160\0",
        ("/pl011@9040000", "compatible"): b"arm,pl011\0",
        ("/pl061@9030000", "compatible"): b"arm,pl061\0"}
    assert os.path.getsize(lab.out) < 20000
    assert sorted(os.listdir(lab.where)) == ["board.dtb", "config.h",
                                             "out.dtb", "soc.rows"]


def host_fragment(lab, text):
    lab.fragment(text, "host.dtsi")
    return define("CFG_HOST_DT", f'X("{lab.where}/host.dtsi")')


def test_host_tree_with_a_fragment(lab):
    """It adds nodes, and changes those that are there."""
    done = lab.host(host_fragment(
        lab, "/ { reserved-memory { ranges; log@60000000 { reg = <0 0x60000000 "
        "0 0x1000>; }; }; };\n&{/pl031@9010000} { status = \"disabled\"; };\n"))
    assert done.returncode == 0, done.stderr
    after = properties(lab.out)
    assert after["/reserved-memory/log@60000000", "reg"] == bytes.fromhex(
        "0000000060000000 0000000000001000")
    assert after["/pl031@9010000", "status"] == b"disabled\0"
    assert after["/pl061@9030000", "compatible"] == b"arm,pl061\0"


@pytest.mark.parametrize("text, line", [
    ("/ { x };\n", "host.dtsi:1.7-8 syntax error"),
    ("&{/x} { y; };\n", "host.dtsi:1.1-6 Label or path /x not found")])
def test_host_fragment_does_not_compile(lab, text, line):
    done = lab.host(host_fragment(lab, text))
    assert done.returncode != 0
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "host_dt: " + str(lab.where) in done.stderr
    assert "does not compile: " in done.stderr and line in done.stderr
    assert done.stderr.endswith(
        "; correct what CFG_HOST_DT, or BOARD_HOST_DT, names\n")
    assert not os.path.exists(lab.out)


@pytest.mark.parametrize("what", ["host name", "regions", "bus", "trigger",
                                  "region's size", "no tree", "emulator"])
def test_host_tree_with_wrong_header(lab, what):
    text, line = WRONG_HEADER[what]
    if what == "emulator":
        line = line.replace("virt-10.0", re.search(
            r"virt-[\d.]+|$", lab.host(text).stderr).group(0))
    lab.refuses(text, line, "host_dt")


def test_host_tree_without_a_log(lab):
    before, after = host_properties(lab, log_at(0, 0))
    assert before.keys() | {("/chosen", "bootargs")} == after.keys()


def test_host_tree_with_other_cells(lab):
    """The root's, whatever Linux's drivers take; and what is reserved stays."""
    lab.put("/", "#address-cells", "1")
    lab.put("/", "#size-cells", "1")
    lab.drop("/memory@40000000", "reg")
    lab.put("/memory@40000000", "reg", "40000000", "40000000")
    for name in ("#address-cells", "#size-cells"):
        lab.put("/reserved-memory", name, "1")
    lab.put("/reserved-memory/boot@7fff0000", "reg", "7fff0000", "1000")
    text = log_at("0x7ffe0000") + define("BOARD_SOC_DEVICES", "")
    before, after = host_properties(lab, text)
    log = "/reserved-memory/ramoops@7ffe0000"
    assert after[log, "reg"] == (0x7ffe0000).to_bytes(4) + \
        (0x10000).to_bytes(4)
    assert before.items() <= after.items()
    assert ("/reserved-memory", "ranges") not in after


def test_host_tree_with_a_log_of_its_own(lab):
    """Linux takes one; this has a ring of the kernel's console besides."""
    node = "/reserved-memory/ramoops@78008000"
    lab.put(node, "compatible", "ramoops", kind="s")
    lab.put(node, "reg", "0", "78008000", "0", "20000")
    lab.put(node, "console-size", "8000")
    _, after = host_properties(lab)
    assert {key: value for key, value in after.items() if "ramoops@" in key[0]
            } == {key: value for key, value in RESERVES.items()
                  if key[0] == LOG}


@pytest.mark.parametrize("gpa", ["0x3fff8000", "0x7fff8000", "0x80000000"])
def test_log_outside_of_ram(lab, gpa):
    end = hex(int(gpa, 16) + 0x10000)
    lab.refuses(log_at(gpa), f"BOARD_LOG_GPA: {gpa} to {end} is in no memory "
                "of the board's device tree; correct the board header",
                "host_dt")


def test_log_where_the_boot_loader_tells_the_ram(lab):
    lab.put("/memory@40000000", "device_type", "no", kind="s")
    _, after = host_properties(lab, log_at("0x8000000000"))
    assert after["/reserved-memory/ramoops@8000000000", "reg"] == \
        (0x8000000000).to_bytes(8) + (0x10000).to_bytes(8)


# Where the payload is loaded.

def payload_at(lab, gpa):
    payload = lab.where / "payload.bin"
    payload.write_bytes(bytes(0x20001))
    return ("#undef BOARD_PAYLOAD_GPA\n"
            f"#define BOARD_PAYLOAD_GPA {gpa}\n"), str(payload)


def test_host_tree_with_the_payload(lab):
    text, payload = payload_at(lab, "0x60000000")
    done = lab.host(text, payload)
    assert done.returncode == 0, done.stderr
    assert properties(lab.out)["/reserved-memory/payload@60000000", "reg"] == \
        (0x60000000).to_bytes(8) + (0x30000).to_bytes(8)


@pytest.mark.parametrize("gpa,why", [
    ("0x7ffe0000", "in no memory of the board's device tree"),
    ("0x77fe0000", "/reserved-memory/ramoops@78000000's")])
def test_payload_where_it_cannot_be(lab, gpa, why):
    text, payload = payload_at(lab, gpa)
    end = hex(int(gpa, 16) + 0x30000)
    lab.refuses(text, f"BOARD_PAYLOAD_GPA: {gpa} to {end} is {why}; correct "
                "the board header", "host_dt", payload)


# Where the RAM of guests is carved out.

@pytest.mark.parametrize("gpa,why", [
    ("0x4fe00000", None), ("0x7fe00000", None),
    ("0x3fe00000", "in no memory of the board's device tree"),
    ("0x80000000", "in no memory of the board's device tree"),
    ("0x60000000", "/reserved-memory/payload@60010000's"),
    ("0x78000000", "/reserved-memory/ramoops@78000000's")])
def test_host_tree_with_a_carve_out(lab, gpa, why):
    text, payload = payload_at(lab, "0x60010000")
    text += define("CFG_RAM", f"X(guest, ram, {gpa}, 2 * 0x100000, "
                   "RAM_CARVEOUT)")
    if not why:
        done = lab.host(text, payload)
        assert done.returncode == 0, done.stderr
        return
    end = hex(int(gpa, 16) + 0x200000)
    lab.refuses(text, f"CFG_RAM/guest/ram: {gpa} to {end} is {why}; move it "
                "in the config", "host_dt", payload)


def hugepages(given, taken):
    """Of two partitions, besides RAM that takes none."""
    rows = (f"X(guest, ram, 0x40000000, {taken} * 0x200000, RAM_HUGE)",
            "X(guest, ram2, 0x80000000, 0x10000000, RAM_LAZY)",
            "X(second, ram, 0x50000000, 0x400000, RAM_CARVEOUT)")
    return define("CFG_RAM", " ".join(rows)) + \
        f"#undef CFG_HOST_CMDLINE\n#define CFG_HOST_CMDLINE {given}\n"


@pytest.mark.parametrize("given,taken", [("hugepages=10", 8),
                                         ("quiet hugepages=100 x", 98),
                                         ("hugepagesz=1G hugepages=1 "
                                          "hugepagesz=2M hugepages=8", 6),
                                         ("hugepages=0:4,1:6", 8)])
def test_hugepages_for_all(lab, given, taken):
    done = lab.host(hugepages(given, taken))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("given,taken,has", [("hugepages=10", 9, 10),
                                             ("hugepages=3 hugepages=9", 2,
                                              3),
                                             ("hugepagesz=1G hugepages=64", 1,
                                              0),
                                             ("quiet", 1, 0)])
def test_hugepages_given_twice(lab, given, taken, has):
    lab.refuses(hugepages(given, taken), f"CFG_HOST_CMDLINE: hugepages={has}, "
                f"but the partitions of CFG_RAM take {taken + 2} of 2048 KiB; "
                "raise it", "host_dt")


@pytest.mark.parametrize("word", ["hugepages=many", "hugepagesz=2X"])
def test_hugepages_of_no_number(lab, word):
    lab.refuses(hugepages(word, 1), f"CFG_HOST_CMDLINE: {word}: no number of "
                "hugepages, or no size; write hugepages=64, or before it "
                "hugepagesz=2M", "host_dt")


def test_host_tree_of_the_board(lab):
    """Transports without a device are not in it."""
    done = lab.run("host_dt", "")
    assert done.returncode == 0, done.stderr
    assert sorted({node for node, _ in properties(lab.out)
                   if "virtio_mmio" in node}) == [
        "/virtio_mmio@a000000", "/virtio_mmio@a003c00", "/virtio_mmio@a003e00"]


# -- make --------------------------------------------------------------------

def command(config):
    return subprocess.run(
        ["make", "-s", "--no-print-directory", "READY=1", "emu-command",
         f"CONFIG={config}"], cwd=ROOT, check=True, capture_output=True,
        text=True).stdout.splitlines()[-1]


def test_emulator_takes_the_host_tree():
    for config, wanted in ("qemu_virt_vfio_platform", True), \
            ("qemu_virt", True), ("qemu_virt_nvhe", False):
        dtbs = re.findall(r" -dtb (\S+)", command(config))
        assert dtbs == ([f"build/{config}/host.dtb"] if wanted else [])


def test_make_dt():
    """What `make dt` prints has the nodes, without a warning of dtc's."""
    done = subprocess.run(
        ["make", "-s", "--no-print-directory", "READY=1", "dt",
         "CONFIG=qemu_virt_vfio_platform"], cwd=ROOT, check=True,
        capture_output=True, text=True)
    for name in ("pl031@9010000", "pl061@9030000", "pl011@9040000",
                 "virtio_mmio@a010000", "clock-24000000", "gpio-keys"):
        assert node(done.stdout, name) == node(EXPECTED, name)
