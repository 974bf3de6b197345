# SPDX-License-Identifier: Apache-2.0
"""tools/lint.sh: each rule finds what it is for, in a copy of the sources."""
import os
import shutil
import subprocess

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
PARTS = ["Makefile", "linker.ld", ".clang-format", "core", "dev", "boot",
         "board", "configs", "host", "tools", "test"]


def lint(tree, *checks):
    done = subprocess.run([os.path.join(tree, "tools/lint.sh"), *checks],
                          cwd=tree,
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    copy = tmp_path_factory.mktemp("lint")
    for part in PARTS:
        source = os.path.join(ROOT, part)
        if os.path.isdir(source):
            shutil.copytree(source, copy / part, symlinks=True,
                            ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, copy / part)
    return copy


@pytest.fixture(scope="module")
def before(tree):
    """What each check finds as it is; nothing, see test_clean."""
    return {check: lint(tree, check)[1]
            for check in ("format", "alone", "text")}


# What is written where, and what the line about it must say.
CASES = {
    "format": ("core/dt.c", "\nstatic int  x;\n", "format"),
    "header_not_alone": ("dev/rng.h", "\nstruct a { struct b inner; };\n",
                         "does not compile alone"),
    "header_twice": ("core/bad.h", "/* SPDX-License-Identifier: Apache-2.0 */"
                     "\nint twice;\n", "no #pragma once"),
    "kernel_header": ("core/kvm.h", "\n#include <linux/kvm.h>\n",
                      "a header includes <linux/kvm.h>"),
    "extern_data": ("core/mem.h", "\nextern int bank_total;\n",
                    "extern data"),
    "own_header_late": ("dev/tty.c", None, "dev/tty.h is not included first"),
    "core_includes_dev": ("core/mmio.c", '\n#include "dev/virtio.h"\n',
                          "core/ includes dev/virtio.h"),
    "core_includes_boot": ("core/mmio.h", '\n#include "boot/image.h"\n',
                           "core/ includes boot/image.h"),
    "dev_includes_boot": ("dev/rng.c", '\n#include "boot/image.h"\n',
                          "dev/ includes boot/image.h"),
    "board": ("boot/main.c", '\n#include "board/qemu_virt.h"\n',
              "only core/config.c includes board/"),
    "configs": ("core/kvm.c", '\n#include "configs/defaults.h"\n',
                "only core/config.c includes configs/"),
    "no_directory": ("dev/rng.c", '\n#include "tty.h"\n',
                     "without its directory"),
    "vfio": ("dev/blk.c", "\n#include <linux/vfio.h>\n",
             "outside of dev/vfio*.c"),
    "irq_line": ("dev/blk.c", "\nstatic int a = KVM_IRQ_LINE;\n",
                 "KVM_IRQ_LINE outside of core/gic.c"),
    "irqfd": ("core/vcpu.c", "\nstatic int a = KVM_IRQFD;\n",
              "KVM_IRQFD outside of core/gic.c"),
    "routing": ("core/kvm.c", "\nstatic int a = KVM_SET_GSI_ROUTING;\n",
                "KVM_SET_GSI_ROUTING outside of core/gic.c"),
    "msi": ("dev/virtio.c", "\nstatic int a = KVM_SIGNAL_MSI;\n",
            "KVM_SIGNAL_MSI outside of core/gic.c"),
    "malloc": ("dev/blk.c", "\nvoid *f(void)\n{\n\treturn malloc(1);\n}\n",
               "banned: heap"),
    "free": ("dev/blk.c", "\nvoid f(void *p)\n{\n\tfree(p);\n}\n",
             "banned: heap"),
    "alloca": ("dev/blk.c", "\nvoid f(void)\n{\n\t__builtin_alloca(4);\n}\n",
               "banned: heap"),
    "constructor": ("dev/blk.c",
                    "\n__attribute__((constructor)) void f(void);\n",
                    "banned: constructor"),
    "weak": ("dev/blk.c", "\n__attribute__((weak)) void f(void);\n",
             "banned: weak"),
    "tls": ("dev/blk.c", "\nstatic __thread int a;\n", "thread-local"),
    "section": ("dev/blk.c", '\n__attribute__((section("x"))) int a;\n',
                "linker-section registry"),
    "ifdef": ("dev/blk.c", "\n#ifdef X\n#endif\n", "#if in a .c file"),
    "if": ("core/mem.c", "\n#if X\n#endif\n", "#if in a .c file"),
    "assert": ("dev/blk.c", "\nvoid f(void)\n{\n\tassert(1);\n}\n",
               "banned: assert"),
    "long_function": ("dev/rng.c", "\nvoid f(void)\n{\n" + "\tg();\n" * 61 +
                      "}\n", "f() has 62 lines"),
    "long_file": ("dev/rng.c", "\n/*\n" + " * x\n" * 500 + " */\n", "lines"),
    "if_braces": ("dev/rng.c", "\nvoid f(int a)\n{\n\tif (a)\n\t\tg();\n}\n",
                  "if without braces"),
    "else_braces": ("dev/rng.c", "\nvoid f(int a)\n{\n\tif (a) {\n\t\tg();\n"
                    "\t} else\n\t\tg();\n}\n", "else without braces"),
    "for_braces": ("dev/rng.c", "\nvoid f(int a)\n{\n\tfor (;;)\n\t\tg();\n}"
                   "\n", "for without braces"),
    "spdx": ("tools/new.sh", "#!/bin/sh\ntrue\n", "no SPDX"),
    "spdx_second": ("core/new.c", "/* x */\n/* SPDX-License-Identifier: "
                    "Apache-2.0 */\n", "no SPDX"),
    "same_name": ("boot/tty.c", "/* SPDX-License-Identifier: Apache-2.0 */\n",
                  "has the same name"),
    "todo": ("dev/rng.c", "\n/* TO" "DO: this */\n", "TO" "DO"),
    "line_comment": ("dev/rng.c", "\n// this\n", "// comment"),
    "wide": ("dev/rng.c", "\n/* " + "x" * 80 + " */\n", "columns"),
    "trailing_space": ("Makefile", "\nx := 1 \n", "space at the end"),
    "no_newline": ("tools/payload.py", "\nx = 1", "no newline"),
}


@pytest.mark.parametrize("case", [name for name in CASES
                                  if CASES[name][2] is not None])
def test_rule(tree, before, case):
    name, text, expected = CASES[case]
    path = tree / name
    old = path.read_text() if path.exists() else None
    if text is None:
        lines = old.split("\n")
        own = next(i for i, line in enumerate(lines)
                   if line.startswith('#include "'))
        new = "\n".join(lines[:own] + ["#include <stddef.h>"] + lines[own:])
    else:
        new = (old or "") + text
    path.write_text(new)
    try:
        check = {"format": "format", "header_not_alone": "alone"}.get(
            case, "text")
        status, lines = lint(tree, check)
    finally:
        if old is None:
            path.unlink()
        else:
            path.write_text(old)
    assert status == 1
    found = [line for line in lines if line not in before[check]]
    assert any(line.startswith(name.replace("boot/tty.c", "dev/tty.c")) and
               expected in line for line in found), found


def test_clean(tree):
    """The sources as they are."""
    status, lines = lint(tree)
    assert lines == []
    assert status == 0


def test_words_in_comments_and_strings_are_free(tree, before):
    path = tree / "dev/rng.c"
    old = path.read_text()
    path.write_text(old + '\n/* malloc(1) #ifdef weak */\nstatic const char a[] '
                          '=\n\t"malloc(1) // KVM_IRQ_LINE";\n')
    try:
        _, lines = lint(tree, "text")
    finally:
        path.write_text(old)
    assert [line for line in lines if line not in before["text"]] == []
