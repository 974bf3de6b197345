#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write the SPDX 2.3 bill of materials of what 'make build' makes.

What a file is made of follows from the paths that the build used: those of the
cache are Debian's packages, of which tools/setup.sh keeps name, version and
licence in .packages; of others only the bytes are known. The same input gives
the same bytes.
"""
import argparse
import hashlib
import json
import os
import re
import struct
import sys
import time

LINUX = "GPL-2.0-only WITH Linux-syscall-note"
# Debian's package: its directory in the cache, name here, licence; without a
# licence the text of the package's copyright file is.
DEBIAN = {
    "picolibc-aarch64-linux-gnu": ("target", "picolibc", None),
    "newlib-source": ("newlib", "newlib", None),
    "libfdt-dev": ("target", "libfdt", "GPL-2.0-or-later OR BSD-2-Clause"),
    "busybox-static": ("target", "busybox", "GPL-2.0-only"),
    "u-boot-qemu": ("u-boot", "u-boot", "GPL-2.0-or-later"),
}
BANNER = re.compile(rb"Linux version (\d+\.\d+\S*) ")


def die(text):
    sys.exit(f"sbom: {text}")


def read(path, remedy="build it"):
    try:
        with open(path, "rb") as data:
            return data.read()
    except OSError as error:
        die(f"cannot read {path}: {error.strerror}; {remedy}")


def stamp_of(elf):
    """The strings of a VMM's note: version, config, checksum, toolchain."""
    at = elf.find(struct.pack("<I", 9))
    while at >= 0:
        if elf[at + 8:at + 21] == b"\1\0\0\0bedplate\0":
            size = struct.unpack_from("<I", elf, at + 4)[0]
            return elf[at + 24:at + 24 + size].decode().split("\0")[:4]
        at = elf.find(struct.pack("<I", 9), at + 1)
    return die("the VMM has no stamp: build it with this tree's Makefile")


class Document:
    def __init__(self, cache):
        self.cache = cache
        self.packages, self.files, self.links = {}, {}, []
        self.licences = {}

    def link(self, left, kind, right):
        row = {"spdxElementId": left, "relationshipType": kind,
               "relatedSpdxElement": right}
        if row not in self.links:
            self.links.append(row)

    def package(self, name, version, licence="NOASSERTION", **more):
        key = "SPDXRef-Package-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)
        self.packages.setdefault(key, {
            "name": name, "SPDXID": key, "versionInfo": version,
            "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
            "licenseConcluded": "NOASSERTION", "licenseDeclared": licence,
            "copyrightText": "NOASSERTION", **more})
        return key

    def file(self, path, licence="NOASSERTION"):
        data = read(path)
        key = f"SPDXRef-File-{hashlib.sha256(data).hexdigest()[:16]}"
        self.files.setdefault(key, {
            "fileName": "./" + os.path.basename(path), "SPDXID": key,
            "checksums": [
                {"algorithm": name.upper(),
                 "checksumValue": hashlib.new(name, data).hexdigest()}
                for name in ("sha1", "sha256")],
            "licenseConcluded": "NOASSERTION",
            "licenseInfoInFiles": [licence],
            "copyrightText": "NOASSERTION"})
        return key, data

    def debian(self, package):
        """What tools/setup.sh recorded of a package."""
        folder, name, licence = DEBIAN[package]
        record = os.path.join(self.cache, folder, ".packages", package)
        facts = dict(line.split(": ", 1)
                     for line in read(record, "run tools/setup.sh")
                     .decode().splitlines())
        if not licence:
            licence = f"LicenseRef-{name}"
            self.licences[licence] = {
                "licenseId": licence, "name": f"{name}, as Debian has it",
                "extractedText": read(record + ".copyright").decode()}
        version = facts["Version"]
        purl = (f"pkg:deb/debian/{package}@"
                f"{version.replace('+', '%2B').replace(':', '%3A')}")
        return self.package(
            name, version, licence, homepage=facts["Homepage"],
            sourceInfo=f"Debian's binary package {package} of source package "
                       f"{facts.get('Source', package)}",
            checksums=[{"algorithm": "SHA256",
                        "checksumValue": facts["SHA256"]}],
            externalRefs=[{"referenceCategory": "PACKAGE-MANAGER",
                           "referenceType": "purl",
                           "referenceLocator": purl}])

    def kernel(self, path, role):
        """A kernel's Image says its version; ours says what it is made of."""
        key, data = self.file(path, LINUX)
        found = BANNER.search(data)
        made = os.path.join(os.path.dirname(path), "key")
        source = f"of Debian's {read(made).decode().split(',')[0]}" \
            if self.ours(path) else "given to the build"
        package = self.package(
            f"linux-{role}", found.group(1).decode() if found else
            "NOASSERTION", LINUX, sourceInfo=f"kernel {source}",
            homepage="https://www.kernel.org")
        self.link(key, "GENERATED_FROM", package)
        return key

    def ours(self, path):
        return os.path.abspath(path).startswith(
            os.path.abspath(self.cache) + "/")


def payload(doc, args):
    """The files that the VMM holds, by the paths that it was made with."""
    text = "".join(read(path).decode() for path in args.payload)
    for path in re.findall(r'\.incbin "(.*)"', text):
        path = re.sub(r"\\(.)", r"\1", path)
        if doc.ours(path) and "/u-boot/" in path:
            key, _ = doc.file(path, "GPL-2.0-or-later")
            doc.link(key, "GENERATED_FROM", doc.debian("u-boot-qemu"))
        elif read(path)[56:60] == b"ARM\x64" and BANNER.search(read(path)):
            key = doc.kernel(path, "guest")
        elif os.path.abspath(path) == os.path.abspath(args.guest_initrd):
            key, _ = doc.file(path)
            doc.link(key, "CONTAINS", doc.debian("busybox-static"))
        else:
            key, _ = doc.file(path)
        yield key


def library(doc, path, package, name, licence):
    """Something that the VMM is linked with: Debian's, or somebody's."""
    if doc.ours(path):
        return doc.debian(package)
    digest = hashlib.sha256(read(path)).hexdigest()
    return doc.package(name, "NOASSERTION", licence, checksums=[
        {"algorithm": "SHA256", "checksumValue": digest}])


def describe(doc, args):
    vmm, elf = doc.file(args.vmm, "Apache-2.0")
    version, config, checksum, toolchain = stamp_of(elf)
    image = doc.package(f"bedplate-image-{config}", version, "NOASSERTION",
                        summary=f"config {config}, checksum {checksum}")
    bedplate = doc.package(
        "bedplate", version, "Apache-2.0",
        sourceInfo=f"config {config}, checksum {checksum}; {toolchain}")
    doc.link("SPDXRef-DOCUMENT", "DESCRIBES", image)
    initramfs, _ = doc.file(args.initramfs)
    doc.link(image, "CONTAINS", initramfs)
    doc.link(initramfs, "CONTAINS", vmm)
    doc.link(vmm, "GENERATED_FROM", bedplate)
    if args.host_kernel:
        doc.link(image, "CONTAINS", doc.kernel(args.host_kernel, "host"))
    libc = {"picolibc": "picolibc-aarch64-linux-gnu",
            "newlib": "newlib-source"}[args.libc]
    gcc = doc.package("libgcc", toolchain.split(",")[0].split()[1],
                      "GPL-3.0-or-later WITH GCC-exception-3.1", checksums=[
                          {"algorithm": "SHA256", "checksumValue":
                           hashlib.sha256(read(args.libgcc)).hexdigest()}])
    for part in (library(doc, args.libc_archive, libc, args.libc,
                         "NOASSERTION"),
                 library(doc, args.libfdt, "libfdt-dev", "libfdt",
                         DEBIAN["libfdt-dev"][2]), gcc):
        doc.link(vmm, "STATIC_LINK", part)
    given = vmm
    if args.payload_file:
        given, _ = doc.file(args.payload_file)
        doc.link(image, "CONTAINS", given)
    for key in payload(doc, args):
        doc.link(given, "CONTAINS", key)
    return config


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--payload", nargs="+", required=True,
                        help="the payload.S of each partition")
    for name in ("vmm", "initramfs", "libc", "libc-archive", "libfdt",
                 "libgcc", "cache", "date", "out"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--payload-file", default="",
                        help="the file with all of them, if the VMM is not it")
    parser.add_argument("--host-kernel", default="")
    parser.add_argument("--guest-initrd", default="",
                        help="the one that the build makes, of BusyBox")
    args = parser.parse_args()

    doc = Document(args.cache)
    config = describe(doc, args)
    body = {
        "packages": list(doc.packages.values()),
        "files": list(doc.files.values()), "relationships": doc.links,
        "hasExtractedLicensingInfos": list(doc.licences.values())}
    digest = hashlib.sha256(json.dumps(body).encode()).hexdigest()
    text = json.dumps({
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT", "name": f"bedplate-{config}",
        "documentNamespace":
            f"https://spdx.org/spdxdocs/bedplate-{config}-{digest[:32]}",
        "creationInfo": {
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ",
                                     time.gmtime(int(args.date))),
            "creators": ["Tool: bedplate-tools-sbom.py"]}, **body}, indent=1)
    with open(args.out + ".new", "w", encoding="utf-8") as out:
        out.write(text + "\n")
    os.replace(args.out + ".new", args.out)


if __name__ == "__main__":
    main()
