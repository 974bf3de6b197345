#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a FIT image, with U-Boot's mkimage: host kernel, initramfs, the host
kernel's device tree and, where it is not in the initramfs, the payload, each
with its SHA-256; signed if a key is given.

U-Boot copies kernel and payload to where they shall be, and finds room for the
others itself.
"""
import argparse
import os
import subprocess
import sys

from dtb import Refused, read_tree
from payload import c_string, image_layout
from slots import FORMAT, LAYOUT

ITS = """/dts-v1/;
/ {{
	description = {name};
	#address-cells = <2>;
	images {{{images}
	}};
	configurations {{
		default = "conf";
		conf {{
			description = {name};
			kernel = "kernel";
			ramdisk = "ramdisk";
			fdt = "fdt";
			{loadables}
			bedplate,format = <{format}>;
			bedplate,bootargs = {bootargs};
			{signature}
		}};
	}};
}};
"""
IMAGE = """
		{name} {{
			description = "{description}";
			data = /incbin/({file});
			type = "{kind}";
			arch = "arm64";
			{more}
			compression = "none";
			{addresses}
			hash {{ algo = "sha256"; }};
		}};"""
LINUX = 'os = "linux";'
SIGNATURE = """signature {{
				algo = "sha256,rsa2048";
				key-name-hint = {key};
				sign-images = "kernel", "ramdisk", "fdt"{loadables};
			}};"""


def kernel_address(path, ram):
    """Where the kernel is loaded: below where the boot script reads the FIT."""
    text_offset, memory = image_layout(path, os.path.getsize(path))
    load = ram + LAYOUT["SLOT_KERNEL_RAM"] + text_offset
    if load + memory > ram + LAYOUT["SLOT_FIT_RAM"]:
        raise Refused(f"kernel {path}: needs {memory} bytes at {load:#x}, where "
                      "the FIT is read to: raise SLOT_FIT_RAM in boot/slot.h")
    return load


def payload_address(args, ram):
    """Where it is loaded: neither over the kernel nor over the FIT."""
    load, size = int(args.payload_gpa, 0), os.path.getsize(args.payload)
    if (load < ram + LAYOUT["SLOT_FIT_RAM"] + LAYOUT["SLOT_BYTES"] and
            ram + LAYOUT["SLOT_KERNEL_RAM"] < load + size):
        raise Refused(f"BOARD_PAYLOAD_GPA: {load:#x} to {load + size:#x} is "
                      "where kernel and FIT are loaded; raise it above "
                      "SLOT_FIT_RAM + SLOT_BYTES of boot/slot.h")
    return load


def image(name, kind, description, path, more=LINUX, **addresses):
    # dtc looks for files beside the source.
    return IMAGE.format(
        name=name, kind=kind, description=description, more=more,
        file=c_string(os.path.abspath(path)),
        addresses=" ".join(f"{key} = /bits/ 64 <{value:#x}>;"
                           for key, value in addresses.items()))


def images(args):
    ram = int(args.ram, 0)
    load = kernel_address(args.kernel, ram)
    yield image("kernel", "kernel", "host kernel", args.kernel, load=load,
                entry=load)
    yield image("ramdisk", "ramdisk", "Bedplate", args.initramfs)
    if args.payload:
        yield image("payload", "firmware", "what the guests are given",
                    args.payload, load=payload_address(args, ram))
    yield image("fdt", "flat_dt", "host kernel's device tree", args.dtb,
                more="")


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        why = (done.stderr.strip().splitlines() or ["no message"])[0]
        raise Refused(f"mkimage: {why}")


def sign(args):
    """Signs the FIT, and puts the public key into the boot loader's tree."""
    where, name = os.path.split(args.key)
    for file in (f"{args.key}.key", f"{args.key}.crt"):
        if not os.path.isfile(file):
            raise Refused(f"SIGN_KEY={args.key}: found no {file}; docs/flash.md "
                          "says how to make a key")
    run(["mkimage", "-F", "-k", where, "-g", name, "-K", args.control, "-r",
         args.out + ".new"])


def make(args):
    if args.key and os.path.exists(args.dtb):
        with open(args.dtb, "rb") as tree, open(args.control, "wb") as copy:
            copy.write(tree.read())
    chosen = read_tree(args.dtb).children["chosen"]
    text = ITS.format(
        images="".join(images(args)), name=c_string(args.name),
        loadables=args.payload and 'loadables = "payload";', format=FORMAT,
        bootargs=c_string(chosen.strings("bootargs")[0]),
        signature=args.key and SIGNATURE.format(
            key=c_string(os.path.basename(args.key)),
            loadables=args.payload and ', "loadables"'))
    its = args.out + ".its"
    with open(its, "w", encoding="utf-8") as source:
        source.write(text)
    run(["mkimage", "-f", its, args.out + ".new"])
    if args.key:
        sign(args)
    size = os.path.getsize(args.out + ".new")
    if size > LAYOUT["SLOT_BYTES"]:
        raise Refused(f"{args.out}: {size} bytes, a slot has "
                      f"{LAYOUT['SLOT_BYTES']}; make the payload smaller, or "
                      "SLOT_BYTES in boot/slot.h larger")
    os.replace(args.out + ".new", args.out)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", required=True, help="of the config")
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--initramfs", required=True)
    parser.add_argument("--dtb", required=True)
    parser.add_argument("--payload", default="", help="not in the initramfs")
    parser.add_argument("--payload-gpa", help="BOARD_PAYLOAD_GPA")
    parser.add_argument("--ram", required=True, help="BOARD_RAM_GPA")
    parser.add_argument("--key", default="", help="DIR/NAME, of .key and .crt")
    parser.add_argument("--control", default="", help="with --key: the tree "
                        "for the boot loader to write, with the public key")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    try:
        make(args)
    except (Refused, OSError) as error:
        sys.exit(f"fit: {error}")


if __name__ == "__main__":
    main()
