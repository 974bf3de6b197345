#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Build an arm64 kernel from configuration fragments, once, into the cache:
#     $CACHE/kernel/NAME-<hash>/{Image,System.map,config}
# The hash covers the options and the recipe below, so that the path is known
# before anything is built. A new source or compiler rebuilds in place. The
# objects stay, so that a changed option compiles only what depends on it; the
# host kernels of all boards share theirs.
#
# usage: tools/kernel.sh [--path] NAME [FRAGMENT...]
#   --path    print the Image's path, build nothing
#   NAME      host-BOARD, host-test and guest bring their own fragments
set -euo pipefail

recipe=1
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tools/lib.sh
. "$top/tools/lib.sh"

built() {
	[ -f "$out/Image" ] && [ "$(cat "$out/key" 2>/dev/null)" = "$key" ]
}

# One value per option: the last fragment wins.
merge() {
	awk -F= '/^CONFIG_/ { if (!($1 in v)) n[++c] = $1; v[$1] = $0 }
		END { for (i = 1; i <= c; i++) print v[n[i]] }' "$@"
}

configure() {
	local missing

	merge "$@" >"$obj/fragment"
	"${make[@]}" "KCONFIG_ALLCONFIG=$obj/fragment" allnoconfig \
		>"$log" 2>&1 </dev/null ||
		die "cannot configure kernel '$name': $(log_error "$log")"
	missing=$(awk -F= 'FNR == NR { if (/^CONFIG_/) got[$1] = $0; next }
		$2 == "n" { if ($1 in got) printf "%s ", $0; next }
		got[$1] != $0 { printf "%s ", $0 }' "$obj/.config" \
		"$obj/fragment")
	[ -z "$missing" ] ||
		die "kernel '$name': these options of its fragments did not" \
			"make it into the .config (unknown, or a dependency" \
			"is missing): $missing"
}

compile() {
	local cpus expect minutes

	# A fragment's "# objects: N" line says about how many it adds.
	expect=$(awk '/^# objects: [0-9]+$/ { n += $3 } END { print n + 0 }' \
		"$@")
	cpus=$(nproc)
	minutes="about $((expect / cpus / 80 + 1)) minutes on $cpus CPUs"
	[ ! -f "$obj/vmlinux" ] || minutes="what changed, not more than $minutes"
	# shellcheck disable=SC2016
	run_step "building kernel '$name' ($minutes)" "$log" \
		'echo "$(grep -cE "^  (CC|AS) " "$log") of about '"$expect"' objects"' \
		"${make[@]}" -j"$cpus" Image ||
		die "cannot build kernel '$name': $(log_error "$log")"
}

main() {
	local path_only='' name src objects obj out log key hash f
	local -a make

	if [ "${1-}" = --path ]; then
		path_only=1
		shift
	fi
	[ $# -ge 1 ] || die "usage: tools/kernel.sh [--path] NAME [FRAGMENT...]"
	name=$1
	shift
	case $name in
	*[!A-Za-z0-9_-]* | -*) die "'$name' is no kernel name: one plain word" ;;
	esac
	if [ $# -eq 0 ]; then
		case $name in
		host-test) set -- "$top/host/cpu.config" "$top/host/base.config" \
			"$top/board/qemu_virt.config" "$top/test/host.config" ;;
		host-*) set -- "$top/host/cpu.config" "$top/host/base.config" \
			"$top/board/${name#host-}.config" ;;
		guest) set -- "$top/host/cpu.config" "$top/host/guest.config" ;;
		*) die "kernel '$name' has no fragments of its own: name some" ;;
		esac
	fi
	for f; do
		[ -r "$f" ] || die "kernel '$name': cannot read fragment $f"
	done
	hash=$( (echo "$recipe" && merge "$@") | sha256sum)
	out=$cache/kernel/$name-${hash:0:12}
	if [ "$path_only" ]; then
		echo "$out/Image"
		return
	fi

	src=$cache/linux
	[ -s "$src/.version" ] ||
		die "no kernel source in $src: run tools/setup.sh"
	key=$(${prefix}gcc --version 2>/dev/null | head -1) ||
		die "found no ${prefix}gcc: run tools/setup.sh"
	key="linux $(cat "$src/.version"), $key"
	if built; then
		return
	fi
	mkdir -p "$cache/kernel" "$cache/log"
	objects=$cache/kernel/${name%%-*}
	lock "$objects.lock" "a build of another kernel"
	if built; then
		return
	fi

	obj=$objects.build
	log=$cache/log/kernel-$name.log
	[ "$(cat "$obj/key" 2>/dev/null)" = "$key" ] || rm -rf "$obj"
	mkdir -p "$obj"
	echo "$key" >"$obj/key"

	export ARCH=arm64 CROSS_COMPILE=$prefix KBUILD_BUILD_VERSION=1
	export KBUILD_BUILD_USER=bedplate KBUILD_BUILD_HOST=bedplate
	export KBUILD_BUILD_TIMESTAMP='2024-11-17 00:00:00 UTC'
	make=(make -C "$src" "O=$obj")
	configure "$@"
	compile "$@"

	rm -rf "$out.new" "$out"
	mkdir "$out.new"
	cp "$obj/.config" "$out.new/config"
	cp "$obj/arch/arm64/boot/Image" "$obj/System.map" "$obj/key" "$out.new"
	mv "$out.new" "$out"
}

main "$@"; exit
