# SPDX-License-Identifier: Apache-2.0
"""dist/: what packagers start from. Neither Buildroot nor BitBake is on this
machine (Debian has no package of them): Config.in is read by Debian's
kconfiglib, and the commands of both build a VMM here, with stand-ins for what
surrounds them.
"""
import glob
import os
import re
import shutil
import subprocess

import kconfiglib
import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILDROOT = os.path.join(ROOT, "dist/buildroot")
LAYER = os.path.join(ROOT, "dist/yocto/meta-bedplate")
CACHE = os.environ.get("BEDPLATE_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
    "bedplate")
GUEST = subprocess.run(
    [os.path.join(ROOT, "tools/kernel.sh"), "--path", "guest"], check=True,
    capture_output=True, text=True).stdout.strip()
# What Buildroot itself has, of which ours says something.
SURROUNDINGS = """
config BR2_aarch64
	bool
	default y
config BR2_LINUX_KERNEL
	bool "Linux"
source "$BR2_EXTERNAL_BEDPLATE_PATH/Config.in"
"""


def read(path):
    with open(path, encoding="utf-8") as text:
        return text.read()


def run(command, where, **env):
    """In an empty environment: no cache, no HOME, no set-up."""
    out = subprocess.run(command, cwd=where, capture_output=True, text=True,
                         check=False, env={"PATH": "/usr/bin:/bin", **env})
    assert out.returncode == 0, out.stdout[-2000:] + out.stderr[-3000:]
    return out.stdout


def note(elf):
    dump = run(["aarch64-linux-gnu-readelf", "-p", ".note.bedplate", elf], "/")
    return re.findall(r"^  \[ *\w+\]  (.*)$", dump, re.M)[-4:]


def version():
    return run([os.path.join(ROOT, "tools/version.sh")], "/").strip()


def copy_sources(to):
    """As rsync does for Buildroot: without .git and build/."""
    names = run(["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z",
                 "--cached", "--others", "--exclude-standard"], ROOT)
    for name in filter(None, names.split("\0")):
        path = os.path.join(to, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copy(os.path.join(ROOT, name), path, follow_symlinks=False)


# -- Buildroot ---------------------------------------------------------------


@pytest.fixture
def kconfig(tmp_path, monkeypatch):
    monkeypatch.setenv("BR2_EXTERNAL_BEDPLATE_PATH", BUILDROOT)
    monkeypatch.setenv("CONFIG_", "")  # Buildroot's symbols bring BR2_
    (tmp_path / "Config.in").write_text(SURROUNDINGS)
    return kconfiglib.Kconfig(str(tmp_path / "Config.in"), warn_to_stderr=False)


def test_config_in(kconfig):
    assert not kconfig.warnings
    names = {name for name in kconfig.syms if name.startswith("BR2_PACKAGE_")}
    used = set(re.findall(r"BR2_PACKAGE_BEDPLATE\w*",
                          read(f"{BUILDROOT}/package/bedplate/bedplate.mk")))
    assert used <= names
    assert kconfig.syms["BR2_PACKAGE_BEDPLATE"].str_value == "n"


def test_needs_a_kernel(kconfig):
    kconfig.syms["BR2_PACKAGE_BEDPLATE"].set_value(2)
    assert kconfig.syms["BR2_PACKAGE_BEDPLATE"].str_value == "n"
    kconfig.syms["BR2_LINUX_KERNEL"].set_value(2)
    assert kconfig.syms["BR2_PACKAGE_BEDPLATE"].str_value == "y"
    assert kconfig.syms["BR2_PACKAGE_BEDPLATE_NEWLIB"].str_value == "y"
    assert kconfig.syms["BR2_PACKAGE_BEDPLATE_CONFIG"].str_value == "qemu_virt"


def test_defconfig(kconfig):
    path = f"{BUILDROOT}/configs/bedplate_qemu_virt_defconfig"
    kconfig.load_config(path)
    assert kconfig.syms["BR2_PACKAGE_BEDPLATE"].str_value == "y"
    text = read(path)
    ours = set(re.findall(r"BR2_PACKAGE_BEDPLATE\w*", text))
    assert ours <= kconfig.syms.keys()
    fragments = re.search(r'^BR2_LINUX_KERNEL_CONFIG_FRAGMENT_FILES="(.*)"$',
                          text, re.M).group(1).split()
    assert len(fragments) == 3
    for fragment in fragments:
        assert os.path.isfile(fragment.replace(
            "$(BR2_EXTERNAL_BEDPLATE_PATH)", BUILDROOT))
    assert all(re.match(r"#|BR2_\w+=", line) for line in text.splitlines())


def test_external_desc():
    assert re.fullmatch(r"name: [A-Za-z0-9_]+\ndesc: .{1,60}\n",
                        read(f"{BUILDROOT}/external.desc"))


def stand_in(tmp_path, *words):
    return run(["make", "-f", f"{HERE}/buildroot.mk",
                f"WORK={tmp_path}", f"LINUX_DIR={CACHE}/linux",
                "CROSS_PREFIX=/usr/bin/aarch64-linux-gnu-",
                f"BR2_EXTERNAL_BEDPLATE_PATH={BUILDROOT}",
                'BR2_PACKAGE_BEDPLATE_CONFIG="qemu_virt"',
                f'BR2_PACKAGE_BEDPLATE_GUEST_IMAGE="{tmp_path}/images/Image"',
                'BR2_PACKAGE_BEDPLATE_GUEST_INITRD="none"',
                'BR2_PACKAGE_BEDPLATE_GUEST_CMDLINE="console=ttyAMA0 quiet"',
                *words], tmp_path)


def test_buildroot_package(tmp_path):
    (tmp_path / "host/bin").mkdir(parents=True)
    (tmp_path / "host/bin/python3").symlink_to("/usr/bin/python3")
    (tmp_path / "images").mkdir()
    (tmp_path / "images/Image").symlink_to(GUEST)
    (tmp_path / "staging/usr/lib").mkdir(parents=True)
    (tmp_path / "staging/usr/include").symlink_to(f"{CACHE}/uapi/include")
    (tmp_path / "staging/usr/lib/bedplate-newlib").symlink_to(
        f"{CACHE}/newlib")
    copy_sources(tmp_path / "build/bedplate")
    stand_in(tmp_path, "bedplate")
    said = note(str(tmp_path / "images/bedplate-vmm.elf"))
    assert said[:2] == [version(), "qemu_virt"]
    for name in ("initramfs.cpio", "sbom.spdx.json"):
        assert (tmp_path / f"images/bedplate-{name}").stat().st_size > 0
    assert '"linux-host"' in read(tmp_path / "images/bedplate-sbom.spdx.json")


def test_buildroot_newlib(tmp_path):
    """tools/newlib.sh itself is what set-up runs."""
    said = stand_in(tmp_path, "-n", "bedplate-newlib")
    words = re.sub(r"\s+", " ", said.replace("\\\n", " "))
    assert (f"{BUILDROOT}/../../tools/newlib.sh {tmp_path}/build/"
            f"bedplate-newlib {tmp_path}/build/bedplate-newlib/bedplate "
            f"/usr/bin/aarch64-linux-gnu-") in words
    source = stand_in(tmp_path, "bedplate-newlib-show").strip().split("|")[2]
    folder = f"{BUILDROOT}/package/bedplate-newlib"
    assert re.search(rf"^sha256  [0-9a-f]{{64}}  {re.escape(source)}$",
                     read(f"{folder}/bedplate-newlib.hash"), re.M)


# -- Yocto -------------------------------------------------------------------

ASSIGNMENT = re.compile(
    r'(?:export )?[A-Za-z][\w.:${}%/-]*(?:\[[\w-]+\])?'
    r'\s*(?:=|\?=|\?\?=|:=|\+=|=\+|\.=|=\.)\s*"(?:[^"\\]|\\.|\\\n)*"')
STATEMENT = re.compile(r"(?:inherit|require|include|addtask) [^\n]+")
FUNCTION = re.compile(r"(\w+)\(\) \{\n(.*?)\n\}", re.S)
METADATA = sorted(
    path for kind in ("bb", "bbappend", "conf", "inc")
    for path in glob.glob(f"{LAYER}/**/*.{kind}", recursive=True))


def parse(path):
    """Variables and functions; whatever is neither fails."""
    text, values, functions = read(path), {}, {}
    at = 0
    while at < len(text):
        rest = text[at:]
        if found := re.match(r"#[^\n]*\n|\n", rest):
            pass
        elif found := FUNCTION.match(rest):
            functions[found.group(1)] = found.group(2)
        elif found := ASSIGNMENT.match(rest):
            name, _, value = re.fullmatch(
                r'(\S+?)\s*(\?\?=|[?:+.]?=[+.]?)\s*"(.*)"', found.group(0),
                re.S).groups()
            values[name] = value.replace("\\\n", " ")
        elif not (found := STATEMENT.match(rest)):
            raise AssertionError(f"{path}: {rest[:60]!r}")
        at += found.end()
    return values, functions


@pytest.mark.parametrize("path", METADATA,
                         ids=[os.path.basename(path) for path in METADATA])
def test_metadata(path):
    values, _ = parse(path)
    if path.endswith(".bb"):
        assert {"SUMMARY", "LICENSE"} <= values.keys()
    for name in re.findall(r"file://(LICENSE);md5=(\w+)", read(path)):
        digest = run(["md5sum", name[0]], ROOT).split()[0]
        assert digest == name[1]


def test_broken_metadata(tmp_path):
    """The parser above does refuse something."""
    for text in ('A = "b\n', "do_compile() {\n\tmake\n", "A = b\n", "what\n"):
        (tmp_path / "a.bb").write_text(text)
        with pytest.raises(AssertionError):
            parse(str(tmp_path / "a.bb"))


def test_kernel_fragments():
    values, _ = parse(f"{LAYER}/recipes-kernel/linux/linux-yocto_%.bbappend")
    names = re.findall(r"file://(\S+)", values["SRC_URI:append:bedplate"])
    assert len(names) == 3
    for name in names:
        path = f"{LAYER}/recipes-kernel/linux/linux-yocto/{name}"
        assert "CONFIG_" in read(path)


def expand(text, values):
    """${A} by the recipe's and the surroundings' values."""
    while found := re.search(r"\$\{([A-Z]\w*)\}", text):
        text = text.replace(found.group(0), values[found.group(1)])
    return text


def test_yocto_recipe(tmp_path):
    """do_compile and do_deploy, with the kernel's headers made anew."""
    values, functions = parse(
        f"{LAYER}/recipes-bedplate/bedplate/bedplate_git.bb")
    for name in ("deploy", "images", "work/build", "lib"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "images/Image").symlink_to(GUEST)
    (tmp_path / "lib/bedplate-newlib").symlink_to(f"{CACHE}/newlib")
    values.update(
        S=ROOT, B=f"{tmp_path}/work/build", HOST_PREFIX="aarch64-linux-gnu-",
        TOOLCHAIN_OPTIONS=" --sysroot=/", STAGING_LIBDIR=f"{tmp_path}/lib",
        STAGING_KERNEL_DIR=f"{CACHE}/linux", DEPLOYDIR=f"{tmp_path}/deploy",
        DEPLOY_DIR_IMAGE=f"{tmp_path}/images")
    script = "oe_runmake() { make \"$@\"; }\n" + expand(
        functions["do_compile"] + "\n" + functions["do_deploy"], values)
    run(["sh", "-e", "-c", script], tmp_path / "work/build")
    said = note(str(tmp_path / "deploy/bedplate-vmm.elf"))
    assert said[:2] == [version(), "qemu_virt"]
    assert '"linux-host"' in read(tmp_path / "deploy/bedplate-sbom.spdx.json")


# -- The same bytes ----------------------------------------------------------


def test_same_bytes_elsewhere(tmp_path):
    """Two builds in directories of unlike names."""
    made = []
    for name in ("a", "another/much/longer/name"):
        where = tmp_path / name
        copy_sources(where)
        run(["make", "READY=1", "build", "VERSION=1"], where,
            BEDPLATE_CACHE=CACHE, SOURCE_DATE_EPOCH="1700000000")
        made.append([(where / "build/qemu_virt" / file).read_bytes() for file
                     in ("vmm.elf", "initramfs.cpio", "sbom.spdx.json")])
    assert made[0] == made[1]
