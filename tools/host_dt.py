#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the device tree that the board's host kernel is started with: the
board's own, with the config's command line and fragments, but that a primecell
which BOARD_SOC_DEVICES puts on the bus "platform" is no primecell any more, and
that RAM is reserved for ramoops (BOARD_LOG_BYTES) and for the payload, where a
boot loader puts it to BOARD_PAYLOAD_GPA. What the board header says of its
devices is compared with it, and what CFG_RAM takes of its RAM.

Of that primecell Linux makes a platform device, which its driver of the
primecell does not take, and VFIO's does.
"""
import argparse
import os
import subprocess
import sys

from dtb import Refused, read_tree
from soc import (RAMOOPS, RESERVED, Device, board_tree, log_mistakes, log_range,
                 number, one, range_mistakes, read_rows, string)

# Of panics only: the log of an oops that the kernel survives would be taken
# for the reason of a later reset.
PANICS = 1
PAGE = 0x10000
UNITS = {"K": 10, "M": 20, "G": 30}


def put(path, node, name, *values, kind="x"):
    subprocess.run(["fdtput", "-t", kind, path, node, name,
                    *(f"{value:x}" if kind == "x" else value
                      for value in values)], check=True)


def cells(value, count):
    return [value >> 32 * i & 0xffffffff for i in reversed(range(count))]


def reserve(path, root, name, base, size):
    """The path of the new node of reserved memory."""
    # Linux wants the root's there, too.
    addresses = root.cell("#address-cells", 2)
    sizes = root.cell("#size-cells", 1)
    parent = f"/{RESERVED}"
    if RESERVED not in root.children:
        subprocess.run(["fdtput", "-c", path, parent], check=True)
        put(path, parent, "#address-cells", addresses)
        put(path, parent, "#size-cells", sizes)
        put(path, parent, "ranges")
    node = f"{parent}/{name}@{base:x}"
    subprocess.run(["fdtput", "-c", path, node], check=True)
    put(path, node, "reg", *cells(base, addresses), *cells(size, sizes))
    return node


def reserve_log(rows, path, root):
    """The log of before a warm reset, and a panic's, in the kernel's hands."""
    base, size = log_range(rows)
    if not size:
        return
    for line in log_mistakes(rows, root):
        raise Refused(line)
    # Linux takes one.
    for node in root.walk():
        if RAMOOPS in node.strings("compatible"):
            subprocess.run(["fdtput", "-r", path, node.path], check=True)
    log = reserve(path, root, RAMOOPS, base, size)
    put(path, log, "compatible", RAMOOPS, kind="s")
    put(path, log, "record-size", size // 2)
    put(path, log, "pmsg-size", size // 2)
    put(path, log, "max-reason", PANICS)


def reserve_payload(rows, path, payload):
    """Whole pages, of any size that a host kernel's can have."""
    base = number(one(rows, "payload_gpa"))
    size = -(-os.path.getsize(payload) // PAGE) * PAGE
    root = read_tree(path)
    for line in range_mistakes("BOARD_PAYLOAD_GPA", base, size, root):
        raise Refused(line)
    reserve(path, root, "payload", base, size)


def check_carve_outs(rows, root):
    for partition, name, gpa, size, policy in rows.get("ram", []):
        if policy == "RAM_CARVEOUT":
            for line in range_mistakes(
                    f"CFG_RAM/{partition}/{name}", number(gpa), number(size),
                    root, advice="move it in the config"):
                raise Refused(line)


def hugepages(cmdline, size):
    """That the host kernel takes at boot: of each size the first number, or
    the first of each node."""
    counts, now = {}, size
    for word in cmdline.split():
        key, _, value = word.partition("=")
        try:
            if key in ("hugepagesz", "default_hugepagesz"):
                now = int(value[:-1]) << UNITS[value[-1:].upper()]
            elif key == "hugepages":
                counts.setdefault(now, sum(
                    int(part.rpartition(":")[2]) for part in value.split(",")))
        except (ValueError, KeyError):
            raise Refused(f"CFG_HOST_CMDLINE: {word}: no number of hugepages, "
                          "or no size; write hugepages=64, or before it "
                          "hugepagesz=2M") from None
    return counts.get(size, 0)


def check_hugepages(rows):
    """As many as all partitions take together."""
    size = number(one(rows, "hugepage_size"))
    taken = sum(number(row[3]) // size for row in rows.get("ram", [])
                if row[4] != "RAM_LAZY")
    given = hugepages(one(rows, "host_cmdline"), size)
    if taken > given:
        raise Refused(f"CFG_HOST_CMDLINE: hugepages={given}, but the "
                      f"partitions of CFG_RAM take {taken} of "
                      f"{size >> 10} KiB; raise it")


def edit(rows, path, payload):
    subprocess.run(["fdtput", "-p", "-t", "s", path, "/chosen", "bootargs",
                    one(rows, "host_cmdline")], check=True)
    root = read_tree(path)
    reserve_log(rows, path, root)
    if payload:
        reserve_payload(rows, path, payload)
    check_carve_outs(rows, read_tree(path))
    check_hugepages(rows)
    for name, *_ in rows.get("device", []):
        device = Device(rows, name)
        node = device.check(root)
        wanted = device.compatible(node)
        if wanted != node.strings("compatible"):
            subprocess.run(["fdtput", "-t", "s", path, node.path,
                            "compatible", *wanted], check=True)


def add(fragments, path):
    """As source: a fragment names the tree's nodes by their paths."""
    tree = subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", path],
                          check=True, capture_output=True, text=True).stdout
    source = tree + "".join(f'/include/ "{os.path.abspath(fragment)}"\n'
                            for fragment in fragments)
    done = subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", path],
                          input=source, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        why = (done.stderr.strip().splitlines() or ["dtc fails"])[0]
        raise Refused(f"{', '.join(fragments)}: does not compile: {why}; "
                      "correct what CFG_HOST_DT, or BOARD_HOST_DT, names")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", required=True, help="of tools/soc_rows.in")
    parser.add_argument("--emulator", default="", help="how QEMU is started")
    parser.add_argument("--payload", default="",
                        help="that is put to BOARD_PAYLOAD_GPA")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()

    new, packed = args.out + ".new", args.out + ".packed"
    try:
        rows = read_rows(args.rows)
        board_tree(rows, args.emulator, new)
        edit(rows, new, args.payload)
        fragments = [string(row[0]) for row in rows.get("host_fragment", [])]
        if fragments:
            add(fragments, new)
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
