#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write a VMM's stamp, an ELF note that it also shows at run time.

The strings are version, config, checksum and toolchain. The checksum is over
all that makes two VMMs of one version different: the rows of config and board
as the preprocessor leaves them, and the payload. 'readelf -p .note.bedplate'
prints the strings of a VMM.
"""
import argparse
import hashlib
import os
import re
import subprocess
import sys

NAME = "bedplate"
TYPE = 1
# What a row is made of: strings, which keep their spaces, and other tokens.
TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\w+|[^\s\w]')


def preprocess(cc, options, text):
    run = subprocess.run([*cc, "-E", "-x", "c", "-I.", *options, "-"],
                         input=text, capture_output=True, text=True,
                         check=False)
    if run.returncode:
        sys.exit(f"stamp: {run.stderr.strip()}")
    return run.stdout


def rows(cc, header, depend=()):
    """Every row of config and board, expanded, one macro a line."""
    include = f'#include "{header}"\n'
    macros = sorted(set(re.findall(
        r"^#define ((?:CFG|BOARD)_\w+)(\(\w+\))? ",
        preprocess(cc, ["-dM", *depend], include), re.M)))
    # The first name is a string, lest it be expanded.
    text = include + "".join(
        f"""@@"{name}" {name}{'(ROW)' if rest else ''}\n"""
        for name, rest in macros)
    lines = preprocess(cc, ["-P"], text)
    return "\n".join(" ".join(TOKEN.findall(line))
                     for line in lines.split("@@")[1:])


def payload(directory):
    """What a guest is given: sizes and command line, then the bytes."""
    with open(os.path.join(directory, "payload.h"), "rb") as header:
        yield header.read()
    with open(os.path.join(directory, "payload.S"), encoding="utf-8") as text:
        for path in re.findall(r'\.incbin "(.*)"', text.read()):
            with open(re.sub(r"\\(.)", r"\1", path), "rb") as blob:
                yield hashlib.file_digest(blob, "sha256").digest()


def checksum(parts):
    total = hashlib.sha256()
    for part in parts:
        total.update(hashlib.sha256(part).digest())
    return total.hexdigest()[:8]


def note(strings):
    """The symbols are core/stamp.h's."""
    lines = ["/* SPDX-License-Identifier: Apache-2.0 */",
             "/* Made by tools/stamp.py. */",
             '\t.section .note.bedplate, "a", %note', "\t.balign 4",
             f"\t.4byte {len(NAME) + 1}",
             "\t.global stamp_size", "stamp_size:", "\t.4byte 2f - 1f",
             f"\t.4byte {TYPE}", f'\t.asciz "{NAME}"', "\t.balign 4", "1:"]
    for symbol, text in strings:
        lines += [f"\t.global stamp_{symbol}", f"stamp_{symbol}:",
                  f'\t.asciz "{text}"']
    # The payload has it too: it may come another way than this binary.
    lines += ["2:", "\t.balign 4", "",
              '\t.section .payload.stamp, "a", %progbits', "\t.balign 4096",
              "\t.global payload_stamp", "payload_stamp:",
              f'\t.asciz "{dict(strings)["checksum"]}"', "",
              '\t.section .note.GNU-stack, "", %progbits', ""]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cc", required=True)
    parser.add_argument("--config", required=True)
    parser.add_argument("--header", required=True)
    parser.add_argument("--payload", required=True, nargs="+", metavar="DIR",
                        help="of payload.h and payload.S, one a partition")
    parser.add_argument("--version", required=True, metavar="FILE",
                        help="the version, and the toolchain")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()

    with open(args.version, encoding="utf-8") as text:
        version, toolchain = text.read().splitlines()
    depend = ["-MMD", "-MP", "-MT", args.out, "-MF",
              os.path.splitext(args.out)[0] + ".d"]
    text = note((
        ("version", version), ("config", args.config),
        ("checksum", checksum([
            rows(args.cc.split(), args.header, depend).encode(),
            *(part for path in args.payload for part in payload(path))])),
        ("toolchain", toolchain)))
    with open(args.out + ".new", "w", encoding="utf-8") as out:
        out.write(text)
    os.replace(args.out + ".new", args.out)


if __name__ == "__main__":
    main()
