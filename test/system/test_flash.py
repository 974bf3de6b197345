# SPDX-License-Identifier: Apache-2.0
"""The boot chain of a flash disk: Debian's unmodified U-Boot at EL2, the boot
script, a FIT, the host kernel, the VMM, its guest; slots, tries, signatures."""
import os
import re
import shutil
import struct
import subprocess
import sys

import pytest

from checks import check_platform
from lab import (BUILD, CACHE, PYTHON, ROOT, Host, kernel, product_command,
                 uboot_prompt)

sys.path.insert(0, os.path.join(ROOT, "tools"))
from slots import LAYOUT, SLOTS, STATES, pack_state, unpack_state  # noqa: E402

CONFIG = "qemu_virt"
FIRMWARE = os.path.join(CACHE, "u-boot/usr/lib/u-boot/qemu_arm64/u-boot.bin")
FAILING = os.path.join(BUILD, "test_gicv3/hello/flash.itb")
WHERE = os.path.join(BUILD, "system", "flash")
KEEP = os.path.join(WHERE, CONFIG)
INITRAMFS = os.path.join(BUILD, CONFIG, "initramfs.cpio")
PAYLOAD = os.path.join(BUILD, CONFIG, "payload.bin")
DTB = os.path.join(BUILD, CONFIG, "host.dtb")
KERNEL = kernel("host-qemu_virt")


def make(*words, cwd=ROOT, **env):
    return subprocess.run(
        ["make", "--no-print-directory", "-s", "READY=1", *words], cwd=cwd,
        capture_output=True, text=True, check=False,
        env={**os.environ, **env})


def tool(name, *words):
    return subprocess.run(
        [PYTHON, os.path.join(ROOT, "tools", name), *words],
        capture_output=True, text=True, check=False)


def fit(out, *words, initramfs=INITRAMFS):
    return tool("fit.py", "--name", CONFIG, "--kernel", KERNEL,
                "--initramfs", initramfs, "--dtb", DTB, "--ram", "0x40000000",
                "--out", out, *words)


def create(disk, image):
    done = tool("flash_image.py", "create", "--script",
                os.path.join(ROOT, "host/boot.cmd"), "--ram", "0x40000000",
                disk, image)
    assert done.returncode == 0, done.stderr


def board(disk, extra="", config=CONFIG):
    """A config's board with that disk, started by U-Boot. With firmware
    QEMU has ACPI's devices, and not GPIO, unless told otherwise."""
    command = product_command(config).replace(" -no-reboot", "")
    command = command.replace("iommu=smmuv3", "iommu=smmuv3,acpi=off")
    command = re.sub(r"(-device loader\S+ )?(-dtb \S+ )?-kernel \S+ "
                     r"-initrd \S+ -append '[^']*'",
                     f"-bios {FIRMWARE} {extra}", command)
    assert "loader" not in command, command
    command = command.replace(f"build/{config}/hvc0", f"{WHERE}/hvc0")
    return Host(f"{command} -drive file={disk},format=raw,if=none,id=flash "
                "-device nvme,drive=flash,serial=flash", 120)


def put(disk, at, data):
    with open(disk, "r+b") as file:
        file.seek(at)
        file.write(data)


def put_state(disk, *state):
    for at in STATES:
        put(disk, at, pack_state(*state))


def states(disk):
    found = []
    with open(disk, "rb") as file:
        for at in STATES:
            file.seek(at)
            state = unpack_state(file.read(LAYOUT["SLOT_STATE_BYTES"]))
            found.append((state["slot_good"], state["slot_tries"]))
    return found


def content(path):
    with open(path, "rb") as file:
        return file.read()


def flipped(image, of):
    """The image with one bit of a part of it changed."""
    data = bytearray(content(image))
    at = data.index(content(of)) + os.path.getsize(of) // 2
    data[at] ^= 0x10
    return bytes(data)


@pytest.fixture(scope="module")
def good():
    """The config's image, kept from other tests' builds."""
    os.makedirs(WHERE, exist_ok=True)
    done = make("flash", f"CONFIG={CONFIG}")
    assert done.returncode == 0, done.stderr
    for name in ("itb", "img"):
        shutil.copy(os.path.join(BUILD, CONFIG, f"flash.{name}"),
                    f"{KEEP}.{name}")
    return f"{KEEP}.itb"


@pytest.fixture
def disk(good, tmp_path):
    copy = str(tmp_path / "disk")
    subprocess.run(["cp", "--sparse=always", f"{KEEP}.img", copy], check=True)
    yield copy
    os.remove(copy)


def update(disk, image, tries=3):
    done = tool("flash_image.py", "update", "--tries", str(tries), disk, image)
    assert done.returncode == 0, done.stderr
    return done.stdout


# -- Booting -------------------------------------------------------------------

def test_boots_to_the_guest(disk):
    """With the config's command line; the good slot is not written to."""
    with board(disk) as host:
        text = host.expect("bedplate guest: Linux")
        assert text.count("sha256+ OK") == 4, text
        assert "bedplate: booting slot a" in text
        assert "bedplate: qemu_virt on qemu-virt-gicv3" in text
        host.expect("guest# ")
        host.send("exit\n")
        host.expect("reboot: Power down")
    assert content(disk) == content(f"{KEEP}.img")


def test_bootm_alone(good, disk):
    """The FIT needs no script: its tree has the command line."""
    with board(disk) as host:
        uboot_prompt(host)
        for command in ("nvme scan", "nvme read 4c000000 1800 a000"):
            host.shell(command, "\n=> ")
        host.send("bootm 4c000000\n")
        host.expect("bedplate guest: Linux")


def test_new_image_is_confirmed(good, disk):
    assert "slot b will be tried 3 times" in update(disk, good)
    assert states(disk) == [("a", "3")] * 2
    with board(disk) as host:
        text = host.expect("bedplate: /dev/nvme0n1: slot b is good")
        assert "trying a new image, 2 tries left" in text
        assert "bedplate: booting slot b" in text
        assert "bedplate guest: Linux" in text
    assert states(disk) == [("b", "0")] * 2
    with board(disk) as host:
        text = host.expect("bedplate guest: Linux")
        assert "bedplate: booting slot b" in text
        assert "trying" not in text
    assert "slot a will be tried 3 times" in update(disk, good)


def test_image_that_does_not_come_up(disk):
    """Its partition fails until the board reboots: as often as it may. Each
    next start, from the other image, too, says why it was."""
    update(disk, FAILING, tries=2)
    with board(disk) as host:
        for left in (1, 0):
            text = host.expect("reboot: Restarting system")
            assert f"trying a new image, {left} tries left" in text
            assert "bedplate: booting slot b" in text
            assert "the board's failure action follows" in text
            assert ("bedplate: last restart: guest: failed " in text) == \
                (left == 0), text
        text = host.expect("guest# ")
        assert "bedplate: booting slot a" in text
        assert "trying" not in text
        assert "bedplate: last restart: guest: failed " in text, text
    assert states(disk) == [("a", "0")] * 2


def test_power_cut_counts(good, disk, tmp_path):
    """With an image and a state that other tools have written."""
    state = str(tmp_path / "state")
    subprocess.run(["mkenvimage", "-s", "512", "-o", state, "-"], check=True,
                   input=b"slot_good=a\nslot_tries=1\nslot_version=1\n")
    for at in STATES:
        put(disk, at, content(state))
    put(disk, SLOTS["b"], content(good))
    with board(disk) as host:
        host.expect("bedplate: booting slot b")
        host.expect("Starting kernel")
    with board(disk) as host:
        host.expect("bedplate: booting slot a")
        host.expect("Starting kernel")


def test_host_with_changes(good, tmp_path):
    """The config's command line and fragment reach the host's kernel."""
    disk = str(tmp_path / "disk")
    shutil.copy(os.path.join(BUILD, "test_flash/hello/flash.img"), disk)
    with board(disk) as host:
        text = host.expect("PASS hello")
    for line in ("reserved mem: 0x0000000060000000..0x00000000600fffff",
                 "NO_HZ: Full dynticks CPUs: 1.",
                 "isolcpus=1 nohz_full=1 bedplate.slot=a",
                 "ramoops: using 0x10000@0x78000000",
                 "bedplate: test_flash on qemu-virt-gicv3"):
        assert line in text, text


def test_devices_of_the_board(tmp_path):
    """The host's tree is the image's, in which VFIO gets the devices, not the
    one that QEMU gave to U-Boot."""
    config = "qemu_virt_vfio_platform"
    disk = str(tmp_path / "disk")
    done = make("flash", f"CONFIG={config}")
    assert done.returncode == 0, done.stderr
    shutil.copy(os.path.join(BUILD, config, "flash.img"), disk)
    with board(disk, config=config) as host:
        assert "bedplate: booting slot a" in host.expect("bedplate: qemu_virt")
        check_platform(host)
        host.expect("reboot: Power down")


# -- Images that U-Boot refuses --------------------------------------------------

def test_flipped_byte(good, disk):
    """Of each part. The old slot boots at once."""
    for part in (KERNEL, INITRAMFS, PAYLOAD, DTB):
        put(disk, SLOTS["b"], flipped(good, part))
        put_state(disk, "a", 1)
        with board(disk) as host:
            text = host.expect("bedplate: slot b does not boot")
            assert "Bad hash value for 'hash' hash node" in text
            assert "bedplate: booting slot b" in text
            host.expect("bedplate: booting slot a")
            host.expect("Starting kernel")


def newer(image):
    data = content(image)
    copy = os.path.join(WHERE, "newer.itb")
    with open(copy, "wb") as file:
        file.write(data)
    subprocess.run(["fdtput", "-t", "u", copy, "/configurations/conf",
                    "bedplate,format", str(LAYOUT["SLOT_FORMAT"] + 1)],
                   check=True)
    return copy


def test_newer_image(good, disk):
    image = newer(good)
    done = tool("flash_image.py", "update", disk, image)
    assert done.returncode == 1
    assert done.stderr == (
        f"flash_image: {image}: an image of format 2, this tool knows 1; use "
        "the tool that came with the image\n")
    put(disk, SLOTS["b"], content(image))
    put_state(disk, "a", 1)
    with board(disk) as host:
        host.expect(r"bedplate: slot b: an image of format 0x0+2, this boot "
                    r"script knows 1; write a newer flash\.img")
        host.expect("bedplate: booting slot a")
        host.expect("Starting kernel")


def test_newer_state(good, disk):
    put_state(disk, "a", 1, LAYOUT["SLOT_FORMAT"] + 1)
    with board(disk) as host:
        text = host.expect("bedplate: no slot boots")
        assert ("bedplate: slot state of format 2, this boot script knows 1; "
                "write a newer flash.img") in text
        assert "booting slot" not in text
    assert states(disk) == [("a", "1")] * 2
    done = tool("flash_image.py", "update", disk, good)
    assert done.stderr == (f"flash_image: {disk}: slot state of format 2, this "
                           "tool knows 1; use a newer one\n")


def test_broken_state(disk):
    """One copy is enough; without any, slot a comes first."""
    put_state(disk, "b", 0)
    put(disk, STATES[0] + 7, b"?")
    with board(disk) as host:
        text = host.expect("bedplate: slot b is empty")
        assert "no valid slot state" not in text
        host.expect("bedplate: booting slot a")
    put(disk, STATES[1] + 7, b"?")
    with board(disk) as host:
        host.expect("bedplate: no valid slot state on nvme 0; trying slot a, "
                    "then b")
        host.expect("bedplate: booting slot a")
        host.expect("Starting kernel")


def test_image_larger_than_its_slot(good, disk, tmp_path):
    """No FIT becomes one, no disk gets one, and U-Boot does not read one."""
    large = str(tmp_path / "large")
    with open(large, "wb") as file:
        file.truncate(LAYOUT["SLOT_BYTES"])
    done = fit(large + ".itb", initramfs=large)
    assert done.returncode == 1
    assert re.fullmatch(
        rf"fit: {large}\.itb: \d+ bytes, a slot has 67108864; make the "
        r"payload smaller, or SLOT_BYTES in boot/slot\.h larger\n", done.stderr)
    assert not os.path.exists(large + ".itb")
    shutil.copy(good, large)
    with open(large, "r+b") as file:
        file.truncate(LAYOUT["SLOT_BYTES"] + 1)
    done = tool("flash_image.py", "update", disk, large)
    assert done.returncode == 1
    assert done.stderr == (f"flash_image: {large}: 67108865 bytes, a slot has "
                           "67108864; make the image smaller\n")
    assert states(disk) == [("a", "0")] * 2
    header = bytearray(content(good)[:512])
    struct.pack_into(">I", header, 4, LAYOUT["SLOT_BYTES"] + 1)
    put(disk, SLOTS["b"], header)
    put_state(disk, "a", 1)
    with board(disk) as host:
        host.expect("bedplate: slot b: an image larger than the slot")
        host.expect("bedplate: booting slot a")
        host.expect("Starting kernel")


def test_payload_where_the_image_is_loaded(good, tmp_path):
    done = fit(str(tmp_path / "over.itb"), "--payload", PAYLOAD,
               "--payload-gpa", "0x4ff00000")
    assert done.returncode == 1
    end = 0x4ff00000 + os.path.getsize(PAYLOAD)
    assert done.stderr == (
        f"fit: BOARD_PAYLOAD_GPA: 0x4ff00000 to {end:#x} is where kernel and "
        "FIT are loaded; raise it above SLOT_FIT_RAM + SLOT_BYTES of "
        "boot/slot.h\n")


def test_payload_of_another_build(good, disk, tmp_path):
    image = str(tmp_path / "other.itb")
    done = fit(image, "--payload", os.path.join(
        os.path.dirname(FAILING), "payload.bin"), "--payload-gpa", "0x70000000")
    assert done.returncode == 0, done.stderr
    create(disk, image)
    with board(disk) as host:
        host.expect("bedplate: payload: at 0x70000000 of the board's RAM is "
                    "none of this build; have the boot loader put payload.bin "
                    "there")
        host.expect("guest: failed .signal 0, code 16., restart 1 of 3")


# -- Signatures ------------------------------------------------------------------

@pytest.fixture(scope="module")
def keys():
    """{name: DIR/NAME}, made as docs/flash.md says."""
    where = os.path.join(WHERE, "keys")
    os.makedirs(where, exist_ok=True)
    made = {}
    for name in ("right", "wrong"):
        made[name] = os.path.join(where, name)
        subprocess.run(["openssl", "req", "-batch", "-new", "-x509", "-newkey",
                        "rsa:2048", "-nodes", "-keyout", f"{made[name]}.key",
                        "-out", f"{made[name]}.crt", "-subj", f"/CN={name}"],
                       check=True, capture_output=True)
    return made


@pytest.fixture(scope="module")
def signed(good, keys):
    """make flash SIGN_KEY=: {key: (image, U-Boot's tree)}"""
    images = {}
    for name, key in keys.items():
        out = os.path.join(WHERE, name)
        done = make("flash", f"CONFIG={CONFIG}", f"SIGN_KEY={key}")
        assert done.returncode == 0, done.stderr
        images[name] = out + ".itb", out + ".dtb"
        shutil.copy(os.path.join(BUILD, CONFIG, "flash.itb"), out + ".itb")
        shutil.copy(os.path.join(BUILD, CONFIG, "uboot.dtb"), out + ".dtb")
    assert make("flash", f"CONFIG={CONFIG}").returncode == 0
    return images


def test_signed_image_boots(signed, disk):
    image, tree = signed["right"]
    create(disk, image)
    with board(disk, f"-dtb {tree}") as host:
        text = host.expect("bedplate guest: Linux")
        assert text.count("sha256,rsa2048:right+ OK") == 3, text
    # U-Boot checks the payload's hash, which is among what is signed.
    nodes = subprocess.run(
        ["fdtget", image, "/configurations/conf/signature", "hashed-nodes"],
        check=True, capture_output=True, text=True).stdout
    for part in ("kernel", "ramdisk", "fdt", "payload"):
        assert f"/images/{part}/hash" in nodes.split(), nodes


@pytest.mark.parametrize("what,line", [
    ("wrong key", "Failed to verify required signature 'key-right'"),
    ("unsigned", "Failed to verify required signature 'key-right'"),
    ("command line", "Failed to verify required signature 'key-right'"),
    ("initramfs", "Bad hash value for 'hash' hash node in 'ramdisk'"),
    ("payload", "Bad hash value for 'hash' hash node in 'payload'")])
def test_signature_is_required(good, signed, disk, tmp_path, what, line):
    """Neither slot has what the tree's key has signed."""
    image = {"wrong key": signed["wrong"][0], "unsigned": good}.get(
        what, signed["right"][0])
    data = content(image)
    if what == "command line":
        # The tree's, and the script's.
        assert data.count(b"panic=5 rootfs") == 2
        at = data.rindex(b"panic=5 rootfs")
        data = data[:at] + b"panic=6" + data[at + 7:]
    elif what in ("initramfs", "payload"):
        data = flipped(image, INITRAMFS if what == "initramfs" else PAYLOAD)
    put(disk, SLOTS["a"], data)
    with board(disk, f"-dtb {signed['right'][1]}") as host:
        text = host.expect("bedplate: no slot boots")
        assert line in text, text
        assert "bedplate: slot a does not boot" in text
        assert "Starting kernel" not in text


def test_key_is_missing(good):
    done = make("flash", f"CONFIG={CONFIG}", "SIGN_KEY=/nowhere/key")
    assert done.returncode != 0
    assert ("fit: SIGN_KEY=/nowhere/key: found no /nowhere/key.key; "
            "docs/flash.md says how to make a key") in done.stderr


# -- Tools -----------------------------------------------------------------------

def test_update_refuses(good, disk, tmp_path):
    other = str(tmp_path / "other")
    with open(other, "wb") as file:
        file.truncate(1 << 22)
    for words, line in (
            (("--tries", "0", disk, good), "--tries 0: choose 1 to 9"),
            ((other, good), f"{other}: no valid slot state at 0x200000; name "
             "a flash disk, or make one with 'make flash'"),
            ((disk, DTB), f"{DTB}: no image of Bedplate; make it with 'make "
             "flash'"),
            ((disk, other), f"{other}: no flattened device tree, or a broken "
             "one; compile it again")):
        done = tool("flash_image.py", "update", *words)
        assert done.returncode == 1
        assert done.stderr == f"flash_image: {line}\n"


def test_partition_table(disk):
    """What Linux and U-Boot see: boot, state, and the slots."""
    rows = [struct.unpack_from("<B3xB3x2I", content(disk), 446 + 16 * n)
            for n in range(4)]
    assert rows == [(0x80, 0x06, 2048, 2048), (0, 0xda, 4096, 2048),
                    (0, 0xda, 6144, 131072), (0, 0xda, 137216, 131072)]


def test_same_bytes(tmp_path):
    """Two checkouts of one commit, in different places."""
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True,
                           capture_output=True, text=True).stdout.split()
    images = []
    for name in ("one", "another/and/longer"):
        where = tmp_path / name
        for file in files:
            (where / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(os.path.join(ROOT, file), where / file)
        done = make("flash", f"CONFIG={CONFIG}", cwd=where,
                    SOURCE_DATE_EPOCH="1700000000")
        assert done.returncode == 0, done.stderr
        images.append([content(where / "build" / CONFIG / f"flash.{kind}")
                       for kind in ("itb", "img")])
    assert images[0] == images[1]
    assert struct.pack(">I", 1700000000) in images[0][0]
