#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Checks the sources against the project's style: one line a finding, exit 1 on
# any. 'make lint' runs it. With --fix, clang-format rewrites what it can; with
# the name of a check (format, alone, text), only that runs.
#
#   format    .clang-format, but for the X-macro tables (configs/, config.c)
#   headers   compile alone, #pragma once, no kernel headers, own header first
#   layers    core -> dev -> boot never upwards; board/ and configs/ only in
#             core/config.c; VFIO in dev/vfio*.c; interrupts in core/gic.c
#   banned    heap, VLAs, constructors, weak symbols, TLS, #if in .c files
#   size      files of 500 lines, functions of 60 (a flat switch excepted)
#   text      SPDX line, unique names, 80 columns, no // and no notes to self
set -u
cd "$(dirname "$0")/.." || exit 1

CLANG_FORMAT=${CLANG_FORMAT:-clang-format}
found=$(mktemp)
trap 'rm -f "$found"' EXIT

vmm_sources() {
	printf '%s\n' core/*.[ch] dev/*.[ch] boot/*.[ch]
}

formatted_sources() {
	vmm_sources | grep -v '^core/config\.c$'
	printf '%s\n' test/unit/*.[ch] | grep -v unit_config
}

check_format() {
	if ! command -v "$CLANG_FORMAT" >/dev/null; then
		echo "tools/lint.sh: no $CLANG_FORMAT; install clang-format"
		return
	fi
	# shellcheck disable=SC2046
	"$CLANG_FORMAT" --dry-run -Werror --ferror-limit=0 \
		$(formatted_sources) 2>&1 |
		sed -n 's/^\([^:]*:[0-9]*\):.*should be clang-formatted.*/\1: format: not as clang-format would write it/p' |
		sort -u -t: -k1,1 -k2,2n
}

# The command that compiles the VMM's sources, as the Makefile has it.
# shellcheck disable=SC2016
compiler() {
	make -s --no-print-directory READY=1 \
		--eval='print-cflags: ; @echo $(CC) $(CFLAGS)' print-cflags
}

check_alone() {
	local cc header

	read -r -a cc <<<"$(compiler | sed 's/ -MMD -MP//')"
	if [ ${#cc[@]} -lt 5 ]; then
		echo "tools/lint.sh: headers: 'make' does not tell the compiler"
		return
	fi
	for header in core/*.h dev/*.h boot/*.h; do
		printf '#include "%s"\n#include "%s"\nint lint_unit;\n' \
			"$header" "$header" |
			"${cc[@]}" -fsyntax-only -x c - >/dev/null 2>&1 ||
			echo "$header:1: headers: does not compile alone"
	done
}

check_text() {
	/usr/bin/python3 - <<'EOF'
import glob
import os
import re

MAX_FILE, MAX_FUNCTION = 500, 60
LAYERS = ("core", "dev", "boot")
findings = []


def report(path, line, rule, text):
    findings.append((path, line, f"{path}:{line}: {rule}: {text}"))


def blank(match):
    """Comments and strings become blanks: same lines, same columns."""
    text = match.group(0)
    keep = text[0] if text[0] in "\"'" else " "
    return keep + re.sub(r"[^\n]", " ", text[1:-1]) + \
        (keep if len(text) > 1 else "")


def code_only(text):
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
                  blank, text, flags=re.S)


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def closing(text, at, pair="()"):
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] == pair[0]) - (text[i] == pair[1])
        if depth == 0:
            return i
    return len(text)


BANNED = (
    (r"\b(?:malloc|calloc|realloc|free|alloca|__builtin_alloca)\s*\(", "heap"),
    (r"\b(?:__thread|_Thread_local|thread_local)\b", "thread-local data"),
    (r"\b(?:constructor|destructor)\b", "constructor"),
    (r"__attribute__\s*\(\(\s*(?:weak|alias)\b|__weak\b", "weak symbol"),
    (r"\bsection\s*\(", "linker-section registry"),
    (r"\bassert\s*\(", "assert(); use BUG_ON or handle it"),
    (r"\b(?:setjmp|longjmp)\s*\(", "setjmp"),
    (r"\b(?:strcpy|strcat|sprintf|gets|atoi)\s*\(", "unbounded string call"),
)

INTERRUPTS = re.compile(r"\b(?:KVM_IRQ_LINE|KVM_IRQFD|KVM_SET_GSI_ROUTING|"
                        r"KVM_SIGNAL_MSI|KVM_ARM_IRQ_\w+|KVM_DEV_ARM_VGIC_\w+|"
                        r"KVM_DEV_ARM_ITS_\w+)\b")


def check_includes(path, text):
    layer = path.split("/")[0]
    header = path.endswith(".h")
    includes = [(line_of(text, m.start()), m.group(1), m.group(2)) for m in
                re.finditer(r'^#\s*include\s+(["<])([^">]+)[">]', text, re.M)]
    for line, kind, name in includes:
        top = name.split("/")[0]
        if kind == '"' and top in LAYERS and layer in LAYERS and \
                LAYERS.index(top) > LAYERS.index(layer):
            report(path, line, "layers", f"{layer}/ includes {name}")
        if top in ("board", "configs") and path != "core/config.c":
            report(path, line, "layers",
                   f"{name}: only core/config.c includes {top}/")
        if name == "linux/vfio.h" and not re.match(r"dev/vfio\w*\.c$", path):
            report(path, line, "layers", "linux/vfio.h outside of dev/vfio*.c")
        if header and re.match(r"(?:linux|asm)/", name):
            report(path, line, "headers", f"a header includes <{name}>")
        if kind == '"' and "/" not in name and name != "payload.h":
            report(path, line, "headers", f'"{name}" without its directory')
    own = own_header(path)
    if own and (not includes or includes[0][2] != own):
        report(path, includes[0][0] if includes else 1, "headers",
               f"{own} is not included first")


def own_header(path):
    if not path.endswith(".c"):
        return None
    base = os.path.basename(path)[:-2] + ".h"
    found = [name for layer in LAYERS
             for name in glob.glob(f"{layer}/{base}")]
    return found[0] if found else None


def check_banned(path, code):
    for pattern, what in BANNED:
        for match in re.finditer(pattern, code):
            report(path, line_of(code, match.start()), "banned", what)
    if path.endswith(".c"):
        for match in re.finditer(r"^\s*#\s*(?:if|ifdef|ifndef|elif)\b", code,
                                 re.M):
            report(path, line_of(code, match.start()), "banned",
                   "#if in a .c file")
    if path != "core/gic.c":
        for match in INTERRUPTS.finditer(code):
            report(path, line_of(code, match.start()), "layers",
                   f"{match.group(0)} outside of core/gic.c")
    if path.endswith(".h"):
        for match in re.finditer(r"^extern\s+(?!const\b)[^(;]*;", code, re.M):
            report(path, line_of(code, match.start()), "headers",
                   "extern data that is not const")


def check_braces(path, code):
    code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lambda m: re.sub(
        r"[^\n]", " ", m.group(0)), code, flags=re.M)
    for match in re.finditer(r"\b(if|for|while|switch)\s*\(", code):
        end = closing(code, match.end() - 1)
        rest = code[end + 1:end + 200].lstrip()
        before = code[:match.start()].rstrip()
        if match.group(1) == "while" and rest.startswith(";") and \
                before.endswith("}"):
            continue
        if not rest.startswith("{"):
            report(path, line_of(code, match.start()), "braces",
                   f"{match.group(1)} without braces")
    for match in re.finditer(r"\belse\b\s*(?!if\b|\{)(\S)", code):
        report(path, line_of(code, match.start()), "braces",
               "else without braces")


def check_functions(path, code):
    for match in re.finditer(r"^\{$", code, re.M):
        end = closing(code, match.start(), "{}")
        body = code[match.start():end].split("\n")
        length = len(body) - 1
        if length <= MAX_FUNCTION:
            continue
        flat = sum(1 for line in body if re.match(
            r"\t(?:case\b|default:|\t(?:return|break|\w+ =|\w+\())", line))
        if flat * 2 > length:
            continue
        head = code[:match.start()].rstrip().split("\n\n")[-1]
        name = re.search(r"(\w+)\s*\(", head)
        report(path, line_of(code, match.start()), "size",
               f"{name.group(1) if name else 'function'}() has {length} "
               f"lines, more than {MAX_FUNCTION}")


def check_spdx(path, text):
    lines = [line for line in text.split("\n")[:4]
             if not line.startswith(("#!", "# shellcheck"))]
    if not lines or "SPDX-License-Identifier: Apache-2.0" not in lines[0]:
        report(path, 1, "text", "no SPDX-License-Identifier line first")


def check_words(path, text):
    for match in re.finditer(r"\b(?:T[O]DO|FIX[M]E|X[X]X|HA[C]K)\b", text):
        report(path, line_of(text, match.start()), "text", match.group(0))
    for match in re.finditer(r"[ \t]+$", text, re.M):
        report(path, line_of(text, match.start()), "text",
               "space at the end of the line")
    if text and not text.endswith("\n"):
        report(path, text.count("\n") + 1, "text", "no newline at the end")
    for number, line in enumerate(text.split("\n"), 1):
        width = len(line.expandtabs(8))
        if width > 80 and path.endswith((".c", ".h")) and \
                not path.startswith(("configs/", "test/config/", "board/",
                                     "test/unit/unit_config")):
            report(path, number, "text", f"{width} columns")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def tree(*patterns):
    return sorted({path for pattern in patterns
                   for path in glob.glob(pattern, recursive=True)
                   if os.path.isfile(path) and "__pycache__" not in path})


SOURCES = tree("core/*.[chS]", "dev/*.[chS]", "boot/*.[chS]")
for path in SOURCES:
    text = read(path)
    code = code_only(text)
    check_includes(path, text)
    check_banned(path, code)
    check_braces(path, code)
    check_functions(path, code)
    lines = text.count("\n")
    if lines > MAX_FILE:
        report(path, lines, "size", f"{lines} lines, more than {MAX_FILE}")
    if path.endswith(".h") and not re.search(r"^#pragma once$", text, re.M):
        report(path, 1, "headers", "no #pragma once")
    for match in re.finditer(r"(?<!:)//", re.sub(
            r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)):
        report(path, line_of(text, match.start()), "text", "// comment")

for path in tree("board/*.h", "test/unit/*.h"):
    if "/unit_config" not in path and not re.search(
            r"^#pragma once$", read(path), re.M):
        report(path, 1, "headers", "no #pragma once")

seen = {}
for path in SOURCES:
    base = os.path.basename(path)
    if base in seen:
        report(path, 1, "text", f"{seen[base]} has the same name")
    seen.setdefault(base, path)

for path in tree("Makefile", "linker.ld", "core/*", "dev/*", "boot/*",
                 "board/*", "configs/*", "host/*", "tools/*", "dist/**/*.mk",
                 "dist/**/*.bb*", "dist/**/*.conf", "test/**/*.[chS]",
                 "test/**/*.py", "test/**/*.sh", "test/**/*.mk",
                 "test/**/*.ld"):
    if path.endswith((".md", ".pyc", ".in")):
        continue
    text = read(path)
    check_spdx(path, text)
    check_words(path, text)

for _, _, text in sorted(set(findings)):
    print(text)
EOF
}

if [ "${1:-}" = --fix ]; then
	# shellcheck disable=SC2046
	"$CLANG_FORMAT" -i $(formatted_sources)
	shift
fi
[ $# -gt 0 ] || set -- format alone text
for check; do
	"check_$check"
done >"$found"
cat "$found"
[ ! -s "$found" ]
