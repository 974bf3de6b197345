# SPDX-License-Identifier: Apache-2.0
"""Write initramfs archives (cpio "newc"), device nodes included, without root.

usage: newc.py OUT.cpio PATH=FILE...   (directories are made as needed)
"""

import os
import sys

DIRECTORY, REGULAR, CHARACTER = 0o040000, 0o100000, 0o020000


class Archive:
    """Collects members, then gives the bytes of the whole archive."""

    def __init__(self):
        self.parts = []
        self.names = set()
        self.add("dev", DIRECTORY | 0o755)
        self.add("dev/console", CHARACTER | 0o600, device=(5, 1))

    def add(self, name, mode, data=b"", device=(0, 0)):
        inode = len(self.names) + 1
        self.names.add(name)
        encoded = name.encode() + b"\0"
        fields = (inode, mode, 0, 0, 1, 0, len(data), 0, 0, *device,
                  len(encoded), 0)
        header = b"070701" + b"".join(b"%08x" % f for f in fields) + encoded
        self.parts += [header, b"\0" * (-len(header) % 4),
                       data, b"\0" * (-len(data) % 4)]

    def add_file(self, name, path, mode=0o755):
        """Add a host file (symbolic links followed) with its directories."""
        name = name.strip("/")
        if name in self.names:
            return
        steps = name.split("/")[:-1]
        for i in range(len(steps)):
            parent = "/".join(steps[:i + 1])
            if parent not in self.names:
                self.add(parent, DIRECTORY | 0o755)
        with open(path, "rb") as file:
            self.add(name, REGULAR | mode, file.read())

    def write(self, path):
        self.add("TRAILER!!!", 0)
        partial = path + ".tmp"
        with open(partial, "wb") as file:
            file.writelines(self.parts)
        os.replace(partial, path)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    archive = Archive()
    for pair in sys.argv[2:]:
        name, _, path = pair.partition("=")
        archive.add_file(name, path)
    archive.write(sys.argv[1])


if __name__ == "__main__":
    main()
