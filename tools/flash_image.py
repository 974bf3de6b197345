#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes and updates raw images of flash disks (boot/slot.h, docs/flash.md).

create: a disk with a FIT in slot a, which is the good one. update: the same
disk with another FIT in the slot that is not, to be tried that many times.
"""
import argparse
import os
import struct
import subprocess
import sys
import tempfile

from dtb import Refused, read_tree
from slots import FORMAT, LAYOUT, SLOTS, STATES, pack_state, unpack_state

SECTOR = 512
MBR = struct.Struct("<446x64s2s")
PARTITION = struct.Struct("<B3xB3x2I")  # bootable, type, first sector, count


def blocks(offset):
    """In sectors, as U-Boot's commands want it: hexadecimal."""
    return f"{offset // SECTOR:x}"


def boot_script(template, ram):
    """Its text for a board, whose RAM starts there."""
    write = " && ".join(f"${{devtype}} write ${{slot_fit}} {blocks(at)} 1"
                        for at in STATES)
    values = {"FIT_RAM": f"{ram + LAYOUT['SLOT_FIT_RAM']:x}",
              "STATE_BLOCKS": " ".join(blocks(at) for at in STATES),
              "STATE_BYTES": f"{LAYOUT['SLOT_STATE_BYTES']:x}",
              "WRITE_STATE": write, "FORMAT": str(FORMAT),
              "A_BLOCK": blocks(SLOTS["a"]), "B_BLOCK": blocks(SLOTS["b"]),
              "SLOT_BLOCKS": blocks(LAYOUT["SLOT_BYTES"])}
    with open(template, encoding="utf-8") as file:
        text = file.read()
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def boot_partition(template, ram):
    """The bytes of a FAT that holds boot.scr, the same every time."""
    with tempfile.TemporaryDirectory() as scratch:
        source, script, fat = (os.path.join(scratch, name) for name in
                               ("boot.cmd", "boot.scr", "fat"))
        with open(source, "w", encoding="utf-8") as file:
            file.write(boot_script(template, ram))
        with open(fat, "wb") as file:
            file.truncate(LAYOUT["SLOT_BOOT_BYTES"])
        for command in (["mkimage", "-T", "script", "-A", "arm64", "-C",
                         "none", "-n", "bedplate", "-d", source, script],
                        ["mformat", "-i", fat, "-N", "0", "-T",
                         str(LAYOUT["SLOT_BOOT_BYTES"] // SECTOR), "-h", "16",
                         "-s", "32", "::"],
                        ["mcopy", "-i", fat, script, "::boot.scr"]):
            done = subprocess.run(command, capture_output=True, text=True,
                                  check=False, env={**os.environ, "TZ": "UTC"})
            if done.returncode != 0:
                raise Refused(f"{command[0]}: {done.stderr.strip()}")
        with open(fat, "rb") as file:
            return file.read()


def partition_table():
    rows = [(0x80, 0x06, LAYOUT["SLOT_BOOT_OFFSET"], LAYOUT["SLOT_BOOT_BYTES"]),
            (0, 0xda, STATES[0], SLOTS["a"] - STATES[0])]
    rows += [(0, 0xda, at, LAYOUT["SLOT_BYTES"]) for at in SLOTS.values()]
    return MBR.pack(b"".join(
        PARTITION.pack(boot, kind, at // SECTOR, size // SECTOR)
        for boot, kind, at, size in rows), b"\x55\xaa")


def read_fit(path):
    """Its bytes, if they are an image for a slot."""
    with open(path, "rb") as file:
        fit = file.read()
    if len(fit) > LAYOUT["SLOT_BYTES"]:
        raise Refused(f"{path}: {len(fit)} bytes, a slot has "
                      f"{LAYOUT['SLOT_BYTES']}; make the image smaller")
    conf = read_tree(path).children.get("configurations")
    conf = conf and conf.children.get("conf")
    version = conf.cell("bedplate,format", 0) if conf else 0
    if version == 0:
        raise Refused(f"{path}: no image of Bedplate; make it with 'make flash'")
    if version > FORMAT:
        raise Refused(f"{path}: an image of format {version}, this tool knows "
                      f"{FORMAT}; use the tool that came with the image")
    return fit


def create(args):
    with open(args.disk + ".new", "wb") as disk:
        for at, data in ((0, partition_table()),
                         (LAYOUT["SLOT_BOOT_OFFSET"],
                          boot_partition(args.script, int(args.ram, 0))),
                         *((at, pack_state("a", 0)) for at in STATES),
                         (SLOTS["a"], read_fit(args.fit))):
            disk.seek(at)
            disk.write(data)
        disk.truncate(SLOTS["b"] + LAYOUT["SLOT_BYTES"])
    os.replace(args.disk + ".new", args.disk)


def read_state(disk):
    for at in STATES:
        disk.seek(at)
        state = unpack_state(disk.read(LAYOUT["SLOT_STATE_BYTES"]))
        if state is not None:
            return state
    raise Refused(f"{disk.name}: no valid slot state at {STATES[0]:#x}; name a "
                  "flash disk, or make one with 'make flash'")


def put(disk, at, data):
    disk.seek(at)
    disk.write(data)
    disk.flush()
    os.fsync(disk.fileno())


def put_state(disk, good, tries):
    for at in STATES:
        put(disk, at, pack_state(good, tries))


def update(args):
    if not 1 <= args.tries <= 9:
        raise Refused(f"--tries {args.tries}: choose 1 to 9")
    fit = read_fit(args.fit)
    with open(args.disk, "r+b") as disk:
        state = read_state(disk)
        version = int(state["slot_version"])
        if version > FORMAT:
            raise Refused(f"{args.disk}: slot state of format {version}, this "
                          f"tool knows {FORMAT}; use a newer one")
        good = state["slot_good"]
        other = "a" if good == "b" else "b"
        # Not tried before all of it is there.
        put_state(disk, good, 0)
        put(disk, SLOTS[other], fit)
        put_state(disk, good, args.tries)
    print(f"{args.disk}: slot {other} will be tried {args.tries} times; slot "
          f"{good} is good")


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    new = commands.add_parser("create")
    new.add_argument("--script", required=True, help="host/boot.cmd")
    new.add_argument("--ram", required=True, help="BOARD_RAM_GPA")
    new.set_defaults(run=create)
    old = commands.add_parser("update")
    old.add_argument("--tries", type=int, default=3)
    old.set_defaults(run=update)
    for command in (new, old):
        command.add_argument("disk")
        command.add_argument("fit")
    args = parser.parse_args()
    try:
        args.run(args)
    except (Refused, OSError) as error:
        sys.exit(f"flash_image: {error}")


if __name__ == "__main__":
    main()
