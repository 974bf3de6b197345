#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Describe a guest payload to the compiler.

Checks the image and the initrd and writes payload.h (sizes and offsets that
core/config.c asserts on) and payload.S (the bytes, in sections of their own).
"""
import argparse
import os
import struct
import sys

IMAGE_HEADER = struct.Struct("<2I3Q3Q2I")  # Documentation/arch/arm64/booting
IMAGE_MAGIC = 0x644D5241  # "ARM\x64"
PACKED = {b"\x1f\x8b": "gzip", b"\xfd7": "xz", b"BZ": "bzip2",
          b"\x28\xb5": "zstd", b"\x04\x22": "lz4", b"\x02\x21": "lz4"}
MEMORY_MAX = 1 << 40


def refuse(text):
    sys.exit(f"payload: {text}")


def size_of(path, what):
    try:
        size = os.path.getsize(path)
    except OSError as error:
        refuse(f"{what} {path}: {error.strerror}; "
               f"set GUEST_{what.upper()}= to a file that can be read")
    if not os.path.isfile(path):
        refuse(f"{what} {path}: not a file; set GUEST_{what.upper()}= to one")
    if size == 0:
        refuse(f"{what} {path}: the file is empty; build or copy it again")
    return size


def pe_end(head, path):
    """The end of the last PE section, for images with an EFI stub."""
    with open(path, "rb") as image:
        image.seek(struct.unpack_from("<I", head, 60)[0])
        pe = image.read(24)
        if pe[:4] != b"PE\0\0":
            return 0
        count, optional = struct.unpack_from("<H", pe, 6)[0], \
            struct.unpack_from("<H", pe, 20)[0]
        image.seek(optional, os.SEEK_CUR)
        rows = image.read(40 * count)
    ends = [sum(struct.unpack_from("<2I", rows, at + 16))
            for at in range(0, len(rows) - 39, 40)]
    return max(ends, default=0)


def image_layout(path, size):
    """(text_offset, bytes in memory) of an arm64 Image, or a refusal."""
    with open(path, "rb") as image:
        head = image.read(64)
    for magic, packer in PACKED.items():
        if head.startswith(magic):
            refuse(f"image {path}: compressed with {packer}; unpack it first")
    if len(head) < 64 or struct.unpack_from("<I", head, 56)[0] != IMAGE_MAGIC:
        refuse(f"image {path}: no arm64 Image header (magic ARM\\x64 at byte "
               f"56); for a flat binary give GUEST_FLAT=<load address>")
    fields = IMAGE_HEADER.unpack(head)
    text_offset, memory, flags = fields[2], fields[3], fields[4]
    if flags & 1:
        refuse(f"image {path}: a big-endian kernel; build a little-endian one")
    if not 0 < memory < MEMORY_MAX:
        refuse(f"image {path}: the header gives an image_size of {memory} "
               f"bytes; use a kernel of 3.17 or later")
    needed = pe_end(head, path)
    if size < needed:
        refuse(f"image {path}: truncated, {size} of {needed} bytes; "
               f"copy it again")
    return text_offset, max(memory, size)


def flat_address(text):
    try:
        address = int(text, 0)
    except ValueError:
        address = -1
    if not 0 <= address < 1 << 48 or address % 4:
        refuse(f"GUEST_FLAT={text}: no address of an instruction; "
               f"give the load address, such as 0x40080000")
    return address


def c_string(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def incbin(symbol, path):
    lines = [f"\t.section .payload.{symbol}, \"a\", %progbits",
             "\t.balign 4096", f"\t.global payload_{symbol}",
             f"payload_{symbol}:"]
    if path:
        # Whole pages of its own: firmware is mapped from here.
        lines += [f"\t.incbin {c_string(os.path.abspath(path))}",
                  "\t.balign 4096"]
    return "\n".join(lines)


def write(path, text):
    with open(path + ".new", "w", encoding="utf-8") as out:
        out.write(text)
    os.replace(path + ".new", path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    parser.add_argument("--partition", required=True)
    parser.add_argument("--image", required=True)
    parser.add_argument("--initrd", default="")
    parser.add_argument("--cmdline", default="")
    parser.add_argument("--flat", default="", help="load address")
    parser.add_argument("--dt", default="", help="nodes for the guest's tree")
    parser.add_argument("--firmware", action="store_true",
                        help="entered in ROM, whatever bytes it has")
    args = parser.parse_args()

    name = args.partition
    size = size_of(args.image, "image")
    if args.firmware:
        if args.flat:
            refuse(f"GUEST_FLAT={args.flat}: the config's payload is firmware,"
                   f" entered at the start of its ROM; drop GUEST_FLAT=")
        if args.initrd:
            refuse(f"initrd {args.initrd}: the config's payload is firmware, "
                   f"which takes none; drop GUEST_INITRD=")
        offset, memory = 0, size
    elif args.flat:
        offset, memory = flat_address(args.flat), size
    else:
        offset, memory = image_layout(args.image, size)
    initrd = size_of(args.initrd, "initrd") if args.initrd else 0
    tree = os.path.getsize(args.dt) if args.dt else 0

    tag = "/* SPDX-License-Identifier: Apache-2.0 */\n" \
          "/* Made by tools/payload.py. */\n"
    write(os.path.join(args.out, "payload.h"), tag + "#pragma once\n\n" + "".join(
        f"#define PAYLOAD_{name}_{key} {value}\n" for key, value in (
            ("FLAT", 1 if args.flat else 0),
            ("FIRMWARE", 1 if args.firmware else 0), ("OFFSET", f"{offset:#x}"),
            ("IMAGE_BYTES", size), ("MEMORY_BYTES", memory),
            ("INITRD_BYTES", initrd), ("DT_BYTES", tree),
            ("CMDLINE", c_string(args.cmdline)))) +
        f"extern const char payload_{name}_image[];\n"
        f"extern const char payload_{name}_initrd[];\n"
        f"extern const char payload_{name}_dt[];\n")
    write(os.path.join(args.out, "payload.S"), tag +
          incbin(f"{name}_image", args.image) + "\n" +
          incbin(f"{name}_initrd", args.initrd) + "\n" +
          incbin(f"{name}_dt", args.dt if tree else "") +
          '\n\t.section .note.GNU-stack, "", %progbits\n')


if __name__ == "__main__":
    main()
