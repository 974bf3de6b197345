#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Build newlib as the VMM needs it, without locale, threads and allocator, small
# formatted output, into OUT/include and OUT/lib/libc.a. For set-up and for
# packages (docs/packaging.md).
#
# usage: tools/newlib.sh SOURCE OUT [CROSS]
#   CROSS    prefix of the tools, default aarch64-linux-gnu-
#   CC_FOR_TARGET    the compiler, where it needs more than its name
set -euo pipefail
# What a package has in its environment is for its own target.
unset CC CPP AS LD AR NM RANLIB STRIP CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS CONFIG_SITE

[ $# -ge 2 ] || {
	echo "usage: tools/newlib.sh SOURCE OUT [CROSS]" >&2
	exit 1
}
[ -x "$1/configure" ] || {
	echo "newlib.sh: no newlib in $1: give the directory of its 'configure'" >&2
	exit 1
}
mkdir -p "$2"
src=$(cd "$1" && pwd)
out=$(cd "$2" && pwd)
cross=${3-aarch64-linux-gnu-}
tools=("CC_FOR_TARGET=${CC_FOR_TARGET:-${cross}gcc}" MAKEINFO=true)
for t in ar as nm ranlib strip; do
	tools+=("${t^^}_FOR_TARGET=$cross$t")
done

mkdir "$out/build"
cd "$out/build"
"$src/configure" --target=aarch64-none-elf --prefix="$out/all" \
	--disable-multilib --disable-libgloss --disable-nls \
	--disable-newlib-supplied-syscalls --enable-newlib-nano-formatted-io \
	--enable-newlib-nano-malloc --enable-newlib-reent-small \
	--enable-lite-exit --disable-newlib-fvwrite-in-streamio \
	--disable-newlib-multithread --disable-newlib-wide-orient \
	--disable-newlib-atexit-dynamic-alloc \
	--disable-newlib-unbuf-stream-opt --disable-newlib-fseek-optimization \
	CFLAGS_FOR_TARGET="-Os -ffreestanding -ffunction-sections \
-fdata-sections -fno-pic -fno-pie -fno-stack-protector" "${tools[@]}"
make -j"$(nproc)" MAKEINFO=true all-target-newlib
make MAKEINFO=true install-target-newlib
mv "$out"/all/aarch64-none-elf/{include,lib} "$out"
rm -rf "$out/all" "$out/build"
