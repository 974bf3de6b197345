#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the device tree that the board's host kernel is started with: the
board's own, but that a primecell which BOARD_SOC_DEVICES puts on the bus
"platform" is no primecell any more; and with BOARD_EMU_OVERLAY, which replaces
what the emulator lacks. The whole board header is compared with it.

Linux then makes a platform device of it, which its driver of the primecell
does not take, and VFIO's does.
"""
import argparse
import os
import subprocess
import sys

from dtb import Refused, read_tree
from soc import Device, board_tree, one, read_rows


def run(command, why):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["no message"])[0]
        raise Refused(f"{why}: {said}")


def overlay(source, path):
    """Applies an overlay's source to the tree."""
    blob, result = path + ".dtbo", path + ".overlaid"
    why = f"BOARD_EMU_OVERLAY {source}"
    try:
        run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", blob, source],
            f"{why}: does not compile")
        run(["fdtoverlay", "-i", path, "-o", result, blob],
            f"{why}: does not fit the board's tree")
        os.replace(result, path)
    finally:
        if os.path.exists(blob):
            os.remove(blob)


def edit(rows, path):
    root = read_tree(path)
    for name, *_ in rows.get("device", []):
        device = Device(rows, name)
        node = device.check(root)
        wanted = device.compatible(node)
        if wanted != node.strings("compatible"):
            subprocess.run(["fdtput", "-t", "s", path, node.path,
                            "compatible", *wanted], check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", required=True, help="of tools/soc_rows.in")
    parser.add_argument("--emulator", default="", help="how QEMU is started")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()

    new, packed = args.out + ".new", args.out + ".packed"
    try:
        rows = read_rows(args.rows)
        board_tree(rows, args.emulator, new)
        edit(rows, new)
        if one(rows, "emu_overlay"):
            overlay(one(rows, "emu_overlay"), new)
        # A dumped tree is 1 MiB, most of it nothing.
        subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dtb", "-o", packed,
                        new], check=True)
        os.replace(packed, args.out)
    except Refused as error:
        sys.exit(f"host_dt: {error}")
    finally:
        if os.path.exists(new):
            os.remove(new)


if __name__ == "__main__":
    main()
