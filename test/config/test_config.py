# SPDX-License-Identifier: Apache-2.0
"""Configs that must not compile, each with a message that names its row, and
payloads that tools/payload.py must refuse.

A must-fail config is a header here. Its comments say what the compiler's
output must match (expect:) and what payload.h says instead of the small flat
binary, or firmware, that is the usual payload (payload: KEY=VALUE ...).
"""
import glob
import gzip
import os
import re
import shlex
import struct
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PAYLOAD = {"FLAT": "1", "FIRMWARE": "0", "OFFSET": "0x40080000",
           "IMAGE_BYTES": "4096", "MEMORY_BYTES": "4096",
           "INITRD_BYTES": "1000", "DT_BYTES": "0", "CMDLINE": "test"}
PARTITIONS = ("guest", "second")
# Identity RAM needs an Image.
IMAGE = {"FLAT": "0", "OFFSET": "0x80000"}
# The same for configs whose payload is firmware, or that are made from one.
FIRMWARE = dict(PAYLOAD, FLAT="0", FIRMWARE="1", OFFSET="0", INITRD_BYTES="0")


def comment(text, key):
    found = re.search(rf"^/\* {key}: (.*) \*/$", text, re.M)
    return found.group(1) if found else None


def read(path):
    with open(path, encoding="utf-8") as text:
        return text.read()


BAD = sorted(glob.glob(os.path.join(HERE, "*.h")))
GOOD = sorted(glob.glob(os.path.join(ROOT, "configs", "*.h")))
GOOD = [path for path in GOOD if "#define CFG_NAME" in read(path)]


def name(path):
    return os.path.basename(path)[:-2]


@pytest.fixture(scope="session")
def compiler():
    """The command with which the Makefile compiles the VMM's sources."""
    text = subprocess.run(
        ["make", "-s", "--no-print-directory", "READY=1", "--eval",
         "print-cflags: ; @echo $(CC) $(CFLAGS)", "print-cflags"],
        cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert "-Werror" in text
    return shlex.split(text)


@pytest.fixture(scope="session")
def build(compiler, tmp_path_factory):
    """Compiles core/config.c with a config; (status, output), once each."""
    seen = {}

    def of(path):
        if path not in seen:
            seen[path] = run(path)
        return seen[path]

    def run(path):
        out = tmp_path_factory.mktemp(name(path))
        text = read(path)
        firmware = re.search(r"PAYLOAD_FIRMWARE|_uboot\.h", text)
        values = dict(FIRMWARE if firmware else PAYLOAD)
        if "_platform" in name(path) or path in GOOD and re.search(
                "RAM_(IDENTITY|CARVEOUT)", text):
            values.update(IMAGE)
        wanted = comment(text, "payload") or ""
        values.update(item.split("=", 1) for item in wanted.split())
        values["CMDLINE"] = f'"{values["CMDLINE"]}"'
        (out / "payload.h").write_text("#pragma once\n" + "".join(
            f"#define PAYLOAD_{part}_{key} {value}\n"
            for key, value in values.items() for part in PARTITIONS) +
            "".join(f"extern const char payload_{part}_{what}[];\n"
                    for what in ("image", "initrd", "dt")
                    for part in PARTITIONS))
        header = os.path.relpath(path, ROOT)
        done = subprocess.run(
            [*compiler, f"-I{out}", f'-DCONFIG_HEADER="{header}"', "-c",
             "-o", str(out / "config.o"), "core/config.c"],
            cwd=ROOT, capture_output=True, text=True, check=False,
            env=dict(os.environ, LC_ALL="C"))
        return done.returncode, done.stdout + done.stderr

    return of


@pytest.mark.parametrize("path", GOOD, ids=name)
def test_good_config_compiles(build, path):
    status, output = build(path)
    assert status == 0, output
    assert output == ""


def test_ram_at_0(build, tmp_path):
    """Of a board that does not say where its own RAM is."""
    header = tmp_path / "ram_at_0.h"
    header.write_text("/* payload: FLAT=0 OFFSET=0x80000 */\n"
                      '#include "configs/raspi4b.h"\n#undef CFG_RAM\n'
                      "#define CFG_RAM(X) X(guest, ram, 0, 0x8000000, "
                      "RAM_LAZY)\n")
    assert build(str(header)) == (0, "")


@pytest.mark.parametrize("path", BAD, ids=name)
def test_bad_config_is_refused(build, path):
    expected = comment(read(path), "expect")
    assert expected, "no /* expect: ... */"
    status, output = build(path)
    assert status != 0, f"compiles, but should fail with: {expected}"
    assert re.search(expected, output), output[:4000]
    # It is the one thing that is wrong, not a slip of the test.
    assert "No such file" not in output
    assert "unterminated" not in output


def assertions():
    """The text of each _Static_assert of core/config.c and its rules."""
    source = "".join(read(os.path.join(ROOT, "core", name)) for name in
                     ("config.c", "config_rules.inc")).replace("\\\n", "\n")
    for statement in re.findall(r"_Static_assert\((.*?)\);", source, re.S):
        text = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', statement))
        assert text, statement
        yield text


ASSERTIONS = sorted(set(assertions()))


def test_assertions_are_found():
    assert len(ASSERTIONS) > 20


@pytest.mark.parametrize("text", ASSERTIONS)
def test_every_assertion_has_a_config(build, text):
    """Some must-fail config is there for it: expects it, and gets it."""
    for path in BAD:
        pattern = comment(read(path), "expect")
        status, output = build(path)
        if status != 0 and re.search(pattern, output) and any(
                text in line.replace("\\'", "'") and re.search(pattern.split(r"[\s\S]*")[0], line)
                for line in output.splitlines()):
            return
    pytest.fail(f"no must-fail config for '{text}'")


# -- Payloads ---------------------------------------------------------------

def image(size=0x2000, memory=0x3000, text_offset=0, flags=0xa,
          magic=b"ARM\x64", pe_sections=None):
    """An arm64 Image header (Documentation/arch/arm64/booting.rst)."""
    head = bytearray(size)
    struct.pack_into("<2I3Q3Q", head, 0, 0x91005a4d, 0x14000000, text_offset,
                     memory, flags, 0, 0, 0)
    head[56:60] = magic
    if pe_sections is not None:
        struct.pack_into("<I", head, 60, 64)
        struct.pack_into("<4s2H3I2H", head, 64, b"PE\0\0", 0xaa64,
                         len(pe_sections), 0, 0, 0, 0xa0, 0x206)
        for i, (raw_size, raw_at) in enumerate(pe_sections):
            struct.pack_into("<8s4I", head, 64 + 24 + 0xa0 + 40 * i, b".text",
                             raw_size, raw_at, raw_size, raw_at)
    return bytes(head)


def payload(tmp_path, data, *options, initrd=None):
    file = tmp_path / "image"
    if data is not None:
        file.write_bytes(data)
    command = [sys.executable, os.path.join(ROOT, "tools/payload.py"), "--out",
               str(tmp_path), "--partition", "guest", "--image", str(file),
               *options]
    if initrd is not None:
        if initrd is not False:
            (tmp_path / "initrd").write_bytes(initrd)
        command += ["--initrd", str(tmp_path / "initrd")]
    return subprocess.run(command, capture_output=True, text=True,
                          check=False)


def refused(done, *texts):
    """One clear line, no trace, no output to build with."""
    assert done.returncode != 0, "accepted"
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("payload: "), done.stderr
    for text in texts:
        assert text in lines[0], done.stderr


def facts(tmp_path):
    text = read(tmp_path / "payload.h")
    return dict(re.findall(r"#define PAYLOAD_guest_(\w+) (.*)", text))


def test_payload_image(tmp_path):
    done = payload(tmp_path, image())
    assert done.returncode == 0, done.stderr
    assert facts(tmp_path) == {
        "FLAT": "0", "FIRMWARE": "0", "OFFSET": "0x0", "IMAGE_BYTES": str(0x2000),
        "MEMORY_BYTES": str(0x3000), "INITRD_BYTES": "0", "DT_BYTES": "0",
        "CMDLINE": '""'}


def test_payload_image_with_efi_stub(tmp_path):
    done = payload(tmp_path, image(pe_sections=[(0x1000, 0x200),
                                                (0xe00, 0x1200)]))
    assert done.returncode == 0, done.stderr


def test_payload_text_offset(tmp_path):
    assert payload(tmp_path, image(text_offset=0x80000)).returncode == 0
    assert facts(tmp_path)["OFFSET"] == "0x80000"


def test_payload_memory_is_at_least_the_file(tmp_path):
    assert payload(tmp_path, image(memory=0x100)).returncode == 0
    assert facts(tmp_path)["MEMORY_BYTES"] == str(0x2000)


def test_payload_flat(tmp_path):
    done = payload(tmp_path, b"\0" * 12, "--flat", "0x40080000",
                   initrd=b"initrd")
    assert done.returncode == 0, done.stderr
    assert facts(tmp_path)["FLAT"] == "1"
    assert facts(tmp_path)["OFFSET"] == "0x40080000"
    assert facts(tmp_path)["INITRD_BYTES"] == "6"


def test_payload_firmware(tmp_path):
    """Whatever bytes it has, in whole pages; what is behind it is not ours."""
    done = payload(tmp_path, b"\x0a" * 5000, "--firmware")
    assert done.returncode == 0, done.stderr
    assert facts(tmp_path) == {
        "FLAT": "0", "FIRMWARE": "1", "OFFSET": "0x0", "IMAGE_BYTES": "5000",
        "MEMORY_BYTES": "5000", "INITRD_BYTES": "0", "DT_BYTES": "0",
        "CMDLINE": '""'}
    lines = read(tmp_path / "payload.S").splitlines()
    at = next(i for i, line in enumerate(lines) if ".incbin" in line)
    assert lines[at - 1] == "payload_guest_image:"
    assert lines[at + 1].split() == [".balign", "4096"]


def test_payload_firmware_takes_no_initrd(tmp_path):
    refused(payload(tmp_path, b"\0" * 8, "--firmware", initrd=b"x"),
            "initrd", "GUEST_INITRD=")


def test_payload_firmware_is_not_flat(tmp_path):
    refused(payload(tmp_path, b"\0" * 8, "--firmware", "--flat", "0x1000"),
            "GUEST_FLAT=")


def test_payload_firmware_empty(tmp_path):
    refused(payload(tmp_path, b"", "--firmware"), "image", "empty")


def test_payload_cmdline_is_quoted(tmp_path):
    assert payload(tmp_path, image(), "--cmdline",
                   'a="b c" \\n').returncode == 0
    assert facts(tmp_path)["CMDLINE"] == r'"a=\"b c\" \\n"'


def test_payload_device_tree(tmp_path):
    """Nodes for the guest's tree; an empty file for none."""
    (tmp_path / "soc.dtb").write_bytes(b"\xd0\x0d\xfe\xed" * 3)
    (tmp_path / "none.dtb").write_bytes(b"")
    for file, size in ("soc.dtb", "12"), ("none.dtb", "0"):
        done = payload(tmp_path, image(), "--dt", str(tmp_path / file))
        assert done.returncode == 0, done.stderr
        assert facts(tmp_path)["DT_BYTES"] == size
        assert (file in read(tmp_path / "payload.S")) == (size != "0")


def test_payload_missing(tmp_path):
    refused(payload(tmp_path, None), "image", "No such file", "GUEST_IMAGE=")


def test_payload_is_directory(tmp_path):
    (tmp_path / "image").mkdir()
    refused(payload(tmp_path, None), "image")


def test_payload_empty(tmp_path):
    refused(payload(tmp_path, b""), "image", "empty")


def test_payload_initrd_missing(tmp_path):
    refused(payload(tmp_path, image(), initrd=False), "initrd",
            "No such file", "GUEST_INITRD=")


def test_payload_initrd_empty(tmp_path):
    refused(payload(tmp_path, image(), initrd=b""), "initrd", "empty")


def test_payload_no_image(tmp_path):
    refused(payload(tmp_path, b"#!/bin/sh\n" * 100), "no arm64 Image",
            "GUEST_FLAT=")


def test_payload_wrong_magic(tmp_path):
    refused(payload(tmp_path, image(magic=b"ARM\x00")), "no arm64 Image")


def test_payload_elf(tmp_path):
    refused(payload(tmp_path, b"\x7fELF" + b"\0" * 200), "no arm64 Image")


def test_payload_riscv(tmp_path):
    refused(payload(tmp_path, image(magic=b"RSC\x05")), "no arm64 Image")


@pytest.mark.parametrize("size", [1, 4, 55, 59, 60, 63])
def test_payload_shorter_than_header(tmp_path, size):
    refused(payload(tmp_path, image()[:size]), "image")


@pytest.mark.parametrize("magic,packer", [
    (gzip.compress(b"x" * 5000), "gzip"),
    (b"\xfd7zXZ\0" + b"\0" * 100, "xz"),
    (b"BZh9" + b"\0" * 100, "bzip2"),
    (b"\x28\xb5\x2f\xfd" + b"\0" * 100, "zstd"),
    (b"\x04\x22\x4d\x18" + b"\0" * 100, "lz4"),
    (b"\x02\x21\x4c\x18" + b"\0" * 100, "lz4"),  # Linux's Image.lz4
], ids=["gzip", "xz", "bzip2", "zstd", "lz4", "lz4-legacy"])
def test_payload_packed(tmp_path, magic, packer):
    refused(payload(tmp_path, magic), packer, "unpack it first")


def test_payload_big_endian(tmp_path):
    refused(payload(tmp_path, image(flags=0xb)), "big-endian")


def test_payload_truncated(tmp_path):
    whole = image(pe_sections=[(0x1000, 0x200), (0xe00, 0x1200)])
    refused(payload(tmp_path, whole[:-1]), "truncated", str(len(whole)),
            str(len(whole) - 1))


def test_payload_truncated_in_section_table(tmp_path):
    whole = image(pe_sections=[(0x1000, 0x200)] * 3)
    refused(payload(tmp_path, whole[:64 + 24 + 0xa0 + 50]), "truncated")


def test_payload_image_size_zero(tmp_path):
    """Kernels before 3.17 do not say how much memory they need."""
    refused(payload(tmp_path, image(memory=0)), "image")


@pytest.mark.parametrize("memory", [1 << 48, (1 << 64) - 0x1000, 1 << 63])
def test_payload_image_size_absurd(tmp_path, memory):
    refused(payload(tmp_path, image(memory=memory)), "image")


@pytest.mark.parametrize("flat", ["x", "0x", "40080000h", "0x4008 0000",
                                  "1e9", "-1", "-0x1000", str(1 << 64),
                                  "0x40080001", "0x40080002"])
def test_payload_flat_address(tmp_path, flat):
    """Not a number, not an address, not where an instruction can be."""
    refused(payload(tmp_path, b"\0" * 8, f"--flat={flat}"), "GUEST_FLAT=")


def test_payload_refusal_leaves_nothing(tmp_path):
    payload(tmp_path, image(flags=0xb))
    assert not (tmp_path / "payload.h").exists()
    assert not (tmp_path / "payload.S").exists()
