#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Write an initramfs (cpio newc), without root, the same bytes every time.

Holds /dev/console and what the options name, parents included; all owned by
root, time 0, sorted. --busybox adds the target's static busybox and a link for
each of its applets. Compressed when OUT ends in .gz.
"""
import argparse
import gzip
import os
import re
import stat
import sys

CACHE = os.environ.get("BEDPLATE_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
    "bedplate")
BUSYBOX = os.path.join(CACHE, "target/usr/bin/busybox")


def die(text):
    sys.exit(f"mkinitramfs: {text}")


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError as e:
        die(f"cannot read {path}: {e.strerror}")


class Tree:
    """What the archive holds: path -> (mode, data, rdev major, minor)."""

    def __init__(self):
        self.nodes = {}

    def add(self, path, mode, data=b"", rdev=(0, 0)):
        path = os.path.normpath(path).strip("/")
        if not path or path == "." or path.split("/")[0] == "..":
            die(f"'{path}' is no path inside an initramfs")
        parent = os.path.dirname(path)
        if parent and parent not in self.nodes:
            self.add(parent, stat.S_IFDIR | 0o755)
        if parent and not stat.S_ISDIR(self.nodes[parent][0]):
            die(f"/{path}: /{parent} is already there and no directory")
        if path in self.nodes and not (stat.S_ISDIR(mode) and
                                       stat.S_ISDIR(self.nodes[path][0])):
            die(f"/{path} is given twice")
        self.nodes[path] = (mode, data, rdev)

    def pack(self):
        out = []
        size = 0

        def put(data):
            nonlocal size
            pad = -len(data) % 4
            out.append(data + bytes(pad))
            size += len(data) + pad

        def entry(ino, name, mode, data, rdev):
            name = name.encode() + b"\0"
            nlink = 2 if stat.S_ISDIR(mode) else 1
            fields = (ino, mode, 0, 0, nlink, 0, len(data), 0, 0,
                      rdev[0], rdev[1], len(name), 0)
            put(b"070701" + b"".join(b"%08X" % f for f in fields) + name)
            put(data)

        for ino, path in enumerate(sorted(self.nodes), 1):
            entry(ino, path, *self.nodes[path])
        entry(0, "TRAILER!!!", 0, b"", (0, 0))
        out.append(bytes(-size % 512))
        return b"".join(out)


def applets(busybox):
    """The names that this busybox answers to: the target's binary cannot be
    asked here, but its sorted name table can be read."""
    m = re.search(rb"\0\[\0\[\[\0((?:[A-Za-z0-9_.+-]+\0)+)", busybox)
    names = m.group(1).decode().split("\0")[:-1] if m else []
    if "sh" not in names or "mount" not in names:
        die("found no table of applets in busybox: run tools/setup.sh again")
    return ["[", "[["] + names


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("-o", dest="out", required=True, help="the file to write")
    p.add_argument("--busybox", action="store_true",
                   help="add /bin/busybox and a link per applet")
    p.add_argument("--init", metavar="FILE", help="becomes /init")
    p.add_argument("--file", metavar="SRC:DST[:MODE]", action="append",
                   default=[], help="MODE in octal; default: SRC's")
    p.add_argument("--dir", metavar="DIR", action="append", default=[])
    p.add_argument("--symlink", metavar="TARGET:LINK", action="append",
                   default=[], help="LINK will point to TARGET")
    a = p.parse_args()

    t = Tree()
    t.add("dev/console", stat.S_IFCHR | 0o600, rdev=(5, 1))
    if a.busybox:
        if not os.path.exists(BUSYBOX):
            die(f"found no {BUSYBOX}: run tools/setup.sh")
        busybox = read(BUSYBOX)
        t.add("bin/busybox", stat.S_IFREG | 0o755, busybox)
        for name in applets(busybox):
            if name != "busybox":
                t.add(f"bin/{name}", stat.S_IFLNK | 0o777, b"busybox")
        t.add("sbin", stat.S_IFLNK | 0o777, b"bin")
        for d in ("etc", "proc", "sys", "tmp", "root", "mnt", "run"):
            t.add(d, stat.S_IFDIR | (0o1777 if d == "tmp" else 0o755))
    if a.init:
        t.add("init", stat.S_IFREG | 0o755, read(a.init))
    for spec in a.file:
        part = spec.split(":")
        if not 2 <= len(part) <= 3:
            die(f"--file {spec}: expected SRC:DST or SRC:DST:MODE")
        data = read(part[0])
        try:
            mode = int(part[2], 8) if len(part) == 3 else \
                stat.S_IMODE(os.stat(part[0]).st_mode)
        except ValueError:
            die(f"--file {spec}: {part[2]} is no octal mode")
        t.add(part[1], stat.S_IFREG | mode, data)
    for d in a.dir:
        t.add(d, stat.S_IFDIR | 0o755)
    for spec in a.symlink:
        part = spec.split(":")
        if len(part) != 2:
            die(f"--symlink {spec}: expected TARGET:LINK")
        t.add(part[1], stat.S_IFLNK | 0o777, part[0].encode())

    data = t.pack()
    if a.out.endswith(".gz"):
        data = gzip.compress(data, 9, mtime=0)
    tmp = f"{a.out}.{os.getpid()}"
    try:
        with open(tmp, "wb") as f:
            f.write(data)
        os.rename(tmp, a.out)
    except OSError as e:
        die(f"cannot write {a.out}: {e.strerror}")


if __name__ == "__main__":
    main()
