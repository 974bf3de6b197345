# SPDX-License-Identifier: Apache-2.0
"""The few facts that the benchmark needs from 64-bit ELF files."""

import os
import re
import struct

SHT_SYMTAB, SHT_DYNAMIC, SHT_NOBITS = 2, 6, 8
SHF_ALLOC = 2
DT_NEEDED = 1
PAYLOAD = re.compile(r"payload|initrd|guest", re.I)
LIBRARY_DIRS = ("lib/aarch64-linux-gnu", "usr/lib/aarch64-linux-gnu",
                "lib", "usr/lib")


class Elf:
    """Section names, sizes and needed libraries of one file."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        if self.data[:5] != b"\x7fELF\x02":
            raise ValueError(f"{path}: not a 64-bit ELF file")
        self.entry, = struct.unpack_from("<Q", self.data, 0x18)
        offset, = struct.unpack_from("<Q", self.data, 0x28)
        size, count, names = struct.unpack_from("<HHH", self.data, 0x3a)
        self.sections = [struct.unpack_from("<IIQQQQIIQQ", self.data,
                                            offset + i * size)
                         for i in range(count)]
        self.names = self.sections[names][4] if count else 0

    def text_at(self, offset):
        return self.data[offset:self.data.index(b"\0", offset)].decode()

    def loaded_size(self):
        """text + rodata + data: loaded from the file, without the payload."""
        return sum(section[5] for section in self.sections
                   if section[2] & SHF_ALLOC and section[1] != SHT_NOBITS
                   and not PAYLOAD.search(self.text_at(self.names +
                                                       section[0])))

    def symbol(self, name):
        """Its value."""
        for section in self.sections:
            if section[1] != SHT_SYMTAB:
                continue
            strings = self.sections[section[6]][4]
            for at in range(section[4], section[4] + section[5], 24):
                text, value = struct.unpack_from("<I4xQ", self.data, at)
                if self.text_at(strings + text) == name:
                    return value
        raise ValueError(f"no symbol {name}")

    def needed(self):
        result = []
        for section in self.sections:
            if section[1] != SHT_DYNAMIC:
                continue
            strings = self.sections[section[6]][4]
            for at in range(section[4], section[4] + section[5], 16):
                tag, value = struct.unpack_from("<QQ", self.data, at)
                if tag == DT_NEEDED:
                    result.append(self.text_at(strings + value))
        return result


def find_library(root, name):
    for folder in LIBRARY_DIRS:
        path = os.path.join(root, folder, name)
        if os.path.exists(path):
            return path
    # Libraries in private folders (an RPATH): by name, anywhere below.
    for folder, _, files in os.walk(os.path.join(root, LIBRARY_DIRS[1])):
        if name in files:
            return os.path.join(folder, name)
    raise FileNotFoundError(f"{name} is not in {root}")


def closure(root, program):
    """Paths by name of all the libraries that program loads from root."""
    found = {}
    todo = [os.path.join(root, program)]
    while todo:
        for name in Elf(todo.pop()).needed():
            if name not in found:
                found[name] = find_library(root, name)
                todo.append(found[name])
    return found
