# SPDX-License-Identifier: Apache-2.0
"""The layout of a flash disk, from boot/slot.h, and its state: variables of
U-Boot as "env export -c" writes them, behind their CRC.
"""
import os
import re
import struct
import zlib

HEADER = os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "boot", "slot.h")


def constants():
    with open(HEADER, encoding="utf-8") as header:
        return {name: int(value, 0) for name, value in re.findall(
            r"^#define (SLOT_\w+) (\w+)", header.read(), re.M)}


LAYOUT = constants()
FORMAT = LAYOUT["SLOT_FORMAT"]
STATES = [LAYOUT["SLOT_STATE_OFFSET"],
          LAYOUT["SLOT_STATE_OFFSET"] + LAYOUT["SLOT_STATE_COPY"]]
SLOTS = {"a": LAYOUT["SLOT_A_OFFSET"], "b": LAYOUT["SLOT_B_OFFSET"]}


def pack_state(good, tries, version=FORMAT):
    text = f"slot_good={good}\0slot_tries={tries}\0slot_version={version}\0\0"
    data = text.encode().ljust(LAYOUT["SLOT_STATE_BYTES"] - 4, b"\0")
    return struct.pack("<I", zlib.crc32(data)) + data


def unpack_state(block):
    """{variable: value}, or None where the CRC is wrong."""
    if struct.unpack("<I", block[:4])[0] != zlib.crc32(block[4:]):
        return None
    text = block[4:].split(b"\0\0")[0].decode("latin-1")
    return dict(line.split("=", 1) for line in text.split("\0") if "=" in line)
