# SPDX-License-Identifier: Apache-2.0
"""The version stamp: what tools/version.sh says of a tree, what of a config
tools/stamp.py's checksum covers, and that VMMs carry it.
"""
import os
import re
import shutil
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tools"))
import stamp  # noqa: E402

CC = ["aarch64-linux-gnu-gcc"]
SCRIPT = "tools/version.sh"


def run(command, where, **env):
    return subprocess.run(command, cwd=where, capture_output=True, text=True,
                          check=False, env={
                              "PATH": os.environ["PATH"], "HOME": str(where),
                              "GIT_CEILING_DIRECTORIES": "", **env})


def version(where, **env):
    out = run([os.path.join(where, SCRIPT)], "/", **env)
    return out.stdout.strip(), out.stderr.strip()


def git(where, *words):
    out = run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words],
              where)
    assert out.returncode == 0, out.stderr
    return out.stdout.strip()


@pytest.fixture
def tree(tmp_path):
    """A repository of the script alone, and of the file that git fills in."""
    where = tmp_path / "tree"
    (where / "tools").mkdir(parents=True)
    for name in (SCRIPT, "VERSION", ".gitattributes"):
        shutil.copy(os.path.join(ROOT, name), where / name)
    git(where, "init", "-q")
    git(where, "add", ".")
    git(where, "commit", "-q", "-m", "one")
    return where


def test_clean(tree):
    assert version(tree) == (git(tree, "rev-parse", "--short=12", "HEAD"), "")


@pytest.mark.parametrize("name", ["VERSION", "configs.h"])
def test_dirty(tree, name):
    """A changed file, and a new one, which a build could use."""
    with open(tree / name, "a", encoding="utf-8") as text:
        text.write("more\n")
    assert version(tree)[0] == git(tree, "rev-parse", "--short=12",
                                   "HEAD") + "-dirty"


def test_archive(tree, tmp_path):
    git(tree, "archive", "-o", str(tmp_path / "a.tar"), "HEAD")
    (tmp_path / "a").mkdir()
    run(["tar", "-xf", "../a.tar"], tmp_path / "a")
    assert version(tmp_path / "a") == (
        git(tree, "rev-parse", "HEAD")[:12], "")


def test_unknown(tree):
    """In the repository of somebody else, too: its hash is not ours."""
    shutil.rmtree(tree / ".git")
    git(tree.parent, "init", "-q")
    git(tree.parent, "add", ".")
    git(tree.parent, "commit", "-q", "-m", "theirs")
    out, said = version(tree)
    assert out == "unknown"
    assert said == ("version.sh: neither VERSION=, a git repository that can "
                    "be read, nor a file made by 'git archive': the stamp "
                    "says 'unknown'")


def test_given(tree):
    assert version(tree, VERSION="2026.11-rc1") == ("2026.11-rc1", "")


@pytest.mark.parametrize("bad,said", [
    ('1"; x', 'VERSION=1"; x: give letters, digits and ._+~-'),
    ("9" * 49, f"VERSION={'9' * 49}: 49 characters; give at most 48")])
def test_refused(tree, bad, said):
    assert version(tree, VERSION=bad) == ("", f"version.sh: {said}")


@pytest.fixture
def rows(tmp_path, monkeypatch):
    """The rows of qemu_virt with some of them replaced."""
    monkeypatch.chdir(ROOT)

    def of(text):
        header = tmp_path / "config.h"
        header.write_text(f'#include "configs/qemu_virt.h"\n{text}')
        return stamp.rows(CC, str(header))

    return of


RTC = ("#undef CFG_PL031\n"
       "#define CFG_PL031(X) X(guest, rtc, 0x{:08x}, 2){}\n")


def test_rows_are_expanded(rows):
    text = rows("")
    assert '"CFG_NAME" "qemu_virt"' in text
    assert '"BOARD_GIC_DIST" 0x08000000' in text
    assert re.search(r'^"CFG_PL031" ROW \( guest , rtc0 , 0x0*9010000 ,', text,
                     re.M)
    assert '"CFG_PAYLOAD" ROW ( guest , PAYLOAD_IMAGE ,' in text


def test_comment_changes_nothing(rows):
    first = rows(RTC.format(0x09010000, ""))
    assert first == rows("/* Why. */\n" + RTC.format(
        0x09010000, "  /* where */  \\\n\t"))


@pytest.mark.parametrize("text", [
    RTC.format(0x09020000, ""), '#undef CFG_NAME\n#define CFG_NAME "other"\n',
    "#undef BOARD_GIC_DIST\n#define BOARD_GIC_DIST 0x08010000\n"])
def test_row_changes_it(rows, text):
    assert stamp.checksum([rows("").encode()]) != \
        stamp.checksum([rows(text).encode()])


def write_payload(where, header, blob):
    (where / "payload.h").write_text(header)
    (where / 'a "b".bin').write_bytes(blob)
    (where / "payload.S").write_text(
        '\t.incbin "' + str(where / 'a \\"b\\".bin') + '"\n')
    return stamp.checksum(stamp.payload(str(where)))


def test_payload_changes_it(tmp_path):
    first = write_payload(tmp_path, "#define A 1\n", b"guest")
    assert first == write_payload(tmp_path, "#define A 1\n", b"guest")
    assert first != write_payload(tmp_path, "#define A 2\n", b"guest")
    assert first != write_payload(tmp_path, "#define A 1\n", b"Guest")


def strings(elf):
    out = run(["aarch64-linux-gnu-objcopy", "-O", "binary",
               "--only-section=.note.bedplate", elf, "/dev/stdout"], ROOT)
    note = out.stdout.encode()
    assert note[12:21] == b"bedplate\0"
    return note[24:].decode().split("\0")[:4]


def test_elf():
    """Of two configs: one version and toolchain, that of this tree."""
    said = {}
    for config in ("qemu_virt", "qemu_virt_gicv2"):
        make = run(["make", "READY=1", f"CONFIG={config}", "build"], ROOT,
                   **{key: os.environ[key] for key in os.environ
                      if key in ("BEDPLATE_CACHE", "XDG_CACHE_HOME", "HOME")})
        assert make.returncode == 0, make.stderr
        said[config] = strings(f"build/{config}/vmm.elf")
        assert said[config][1] == config
        assert re.fullmatch("[0-9a-f]{8}", said[config][2])
        notes = run(["aarch64-linux-gnu-readelf", "-n",
                     f"build/{config}/vmm.elf"], ROOT).stdout
        assert "bedplate" in notes
    first, second = said.values()
    assert first[0] == second[0] == version(ROOT)[0]
    assert first[2] != second[2]
    assert first[3] == second[3]
    gcc = run([*CC, "-dumpfullversion"], ROOT).stdout.strip()
    assert re.fullmatch(rf"gcc {gcc}, binutils [\d.]+", first[3])


def test_date(tree, tmp_path):
    def date(where, **env):
        return run([where / SCRIPT, "--date"], "/", **env).stdout.strip()

    commit = git(tree, "log", "-1", "--format=%ct")
    assert date(tree) == commit
    assert date(tree, SOURCE_DATE_EPOCH="12345") == "12345"
    git(tree, "archive", "-o", str(tmp_path / "a.tar"), "HEAD")
    (tmp_path / "a").mkdir()
    run(["tar", "-xf", "../a.tar"], tmp_path / "a")
    assert date(tmp_path / "a") == commit
    shutil.rmtree(tree / ".git")
    assert date(tree) == "0"
