#!/bin/bash
# shellcheck disable=SC2016,SC2317
# SPDX-License-Identifier: Apache-2.0
# Get everything that building, running and testing needs, on a fresh Debian 12
# or 13: host packages with apt, the rest unpacked and built in the cache
# (BEDPLATE_CACHE, default ~/.cache/bedplate), outside of the checkout:
#     target/            arm64 picolibc, libfdt, static busybox
#     u-boot/            Debian's U-Boot for QEMU's virt board
#     newlib/            include/, lib/libc.a for LIBC=newlib, by newlib.sh
#     linux/             kernel source
#     uapi/include/      its linux/ and asm/ headers
#     kernel/            host and guest kernels, see kernel.sh; (host-BOARD) of
#                        another board, (host-test) with what tests need
#     qemu-arm64/        (bench) QEMU for the emulated host, a peer to measure
#     debian/            (debian) a root file system to boot, see debian.sh
#     dtb/               (dtb) the boards' device trees of Debian's arm64 kernel
# What is of Debian's packages says so in its .packages/, for tools/sbom.py.
# Each is made in a temporary place and renamed: an interrupted run goes on.
#
# usage: tools/setup.sh [bench] [debian] [dtb] [lint] [host-test] [host-BOARD...]
#        tools/setup.sh packages     only the host packages
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tools/lib.sh
. "$top/tools/lib.sh"
# shellcheck source=tools/apt.sh
. "$top/tools/apt.sh"
# shellcheck source=tools/debian.sh
. "$top/tools/debian.sh"
arch=$(dpkg --print-architecture 2>/dev/null) || arch=unknown
# shellcheck source=/dev/null
codename=$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME-}") || true

packages=(gcc libc6-dev make binutils-aarch64-linux-gnu flex bison bc xz-utils
	cpio device-tree-compiler libfdt-dev libcmocka-dev
	python3 python3-pytest python3-pytest-xdist python3-pexpect
	python3-kconfiglib
	qemu-system-arm qemu-utils ipxe-qemu u-boot-tools mtools openssl)
if [ "$arch" != arm64 ]; then
	packages+=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross)
fi

# have NAME: is $cache/NAME there, made by this version of its recipe?
have() {
	[ "$(cat "$cache/$1/.bedplate" 2>/dev/null)" = "$(recipe "$1")" ]
}

recipe() {
	local name=${1//-/_}

	echo "$codename $({ declare -f "make_$name" "build_$name" \
		"configure_$name" || true
		[ "$1" != newlib ] || cat "$top/tools/newlib.sh"; } |
		sha256sum | cut -c 1-16)"
}

# make_cached NAME: run make_NAME in a new empty directory that becomes
# $cache/NAME when it is complete.
make_cached() {
	local tmp=$cache/$1.new

	if have "$1"; then
		return
	fi
	rm -rf "$tmp"
	mkdir -p "$tmp"
	"make_${1//-/_}" "$tmp"
	recipe "$1" >"$tmp/.bedplate"
	rm -rf "${cache:?}/$1"
	mv "$tmp" "$cache/$1"
}

# unpack DIR DEB...: into a tree with a merged /usr.
unpack() {
	local dir=$1 deb

	shift
	mkdir -p "$dir/usr/bin" "$dir/usr/lib" "$dir/usr/sbin"
	ln -sfn usr/bin "$dir/bin"
	ln -sfn usr/lib "$dir/lib"
	ln -sfn usr/sbin "$dir/sbin"
	for deb; do
		dpkg-deb --fsys-tarfile "$deb" |
			tar -x --keep-directory-symlink --no-same-owner -C "$dir"
	done
	rm -rf "$dir"/usr/share/{doc,man,info,locale,lintian,bug}
}

# record DIR DEB...: what they are, for tools/sbom.py: .packages/NAME and its
# licence.
record() {
	local dir=$1/.packages deb name

	shift
	mkdir -p "$dir"
	for deb; do
		name=$(dpkg-deb -f "$deb" Package)
		dpkg-deb -f "$deb" Package Version Source Homepage >"$dir/$name"
		echo "SHA256: $(sha256sum <"$deb" | cut -c 1-64)" >>"$dir/$name"
		dpkg-deb --fsys-tarfile "$deb" |
			tar -xO "./usr/share/doc/$name/copyright" \
				>"$dir/$name.copyright"
	done
}

# unpack_source DIR DEB: the source archive inside a package.
unpack_source() {
	dpkg-deb --fsys-tarfile "$2" |
		tar -xO --wildcards './usr/src/*.tar.xz' |
		tar -xJv --strip-components=1 -C "$1" \
			--exclude='*/drivers/gpu/drm/amd/include/asic_reg'
}

make_target() {
	fetch picolibc-aarch64-linux-gnu libfdt-dev busybox-static
	unpack "$1" "${debs[@]}"
	record "$1" "${debs[@]}"
}

make_u_boot() {
	fetch u-boot-qemu
	unpack "$1/all" "${debs[@]}"
	record "$1" "${debs[@]}"
	mkdir -p "$1/usr/lib/u-boot"
	mv "$1/all/usr/lib/u-boot/qemu_arm64" "$1/usr/lib/u-boot"
	rm -rf "${1:?}/all"
}

make_newlib() {
	local log=$cache/log/newlib.log

	fetch newlib-source
	: >"$log"
	run_step "building newlib (about 1 minute)" "$log" \
		'echo "$(grep -cE "^  CC |gcc.* -c " "$log") of about 1020 objects"' \
		build_newlib "$1" ||
		die "cannot build newlib: $(log_error "$log")"
	record "$1" "${debs[0]}"
	rm -rf "$1/src"
}

build_newlib() {
	mkdir "$1/src" &&
		unpack_source "$1/src" "${debs[0]}" >/dev/null &&
		"$top/tools/newlib.sh" "$1/src" "$1" "$prefix"
}

make_linux() {
	local log=$cache/log/linux.log

	fetch linux-source-6.12
	: >"$log"
	run_step "unpacking the kernel's source (about 1 minute)" "$log" \
		'echo "$(wc -l <"$log") of about 93000 files"' \
		unpack_source "$1" "${debs[0]}" ||
		die "cannot unpack ${debs[0]}: $(log_error "$log")"
	dpkg-deb -f "${debs[0]}" Version >"$1/.version"
	rm -f "$log" "${debs[0]}"
}

make_uapi() {
	local log=$cache/log/uapi.log

	: >"$log"
	run_step "making the kernel's headers (about 20 seconds)" "$log" \
		'echo "$(wc -l <"$log") of about 980 headers"' \
		make -C "$cache/linux" ARCH=arm64 O="$1/build" headers ||
		die "cannot make the kernel's headers: $(log_error "$log")"
	mkdir "$1/include"
	(cd "$1/build/usr/include" && find . -name '*.h' -print0 |
		tar -c --null -T -) | tar -x -C "$1/include"
	rm -rf "$1/build"
}

# Debian's package less all that a headless machine with a kernel of its own
# does not load.
make_qemu_arm64() {
	fetch_all qemu-system-arm
	unpack "$1/all" "${debs[@]}"
	unpack "$1"
	copy_program "$1/all/usr" "$1/usr" bin/qemu-system-aarch64
	mkdir -p "$1/usr/share/qemu"
	rm -rf "${1:?}/all"
}

# copy_program FROM TO FILE...: copy the files, the libraries that they name,
# those that these name, and the loader.
copy_program() {
	local lib todo

	todo=$(printf '%s\n' "${@:3}")
	mkdir -p "$2/bin" "$2/lib/aarch64-linux-gnu"
	cp -L "$1/lib/ld-linux-aarch64.so.1" "$2/lib"
	while [ "$todo" ]; do
		lib=${todo%%$'\n'*}
		todo=${todo#"$lib"}
		todo=${todo#$'\n'}
		[ -e "$2/$lib" ] && continue
		cp -L "$1/$lib" "$2/$lib"
		todo+=$'\n'$("${prefix}readelf" -d "$1/$lib" | sed -n \
			's,.*(NEEDED).*\[\(lib.*\)\],lib/aarch64-linux-gnu/\1,p')
		todo=${todo#$'\n'}
	done
}

# The newest of the series whose source the host's kernel is built from. Each
# package's name has its version.
make_dtb() {
	local package

	package=$(target_package \
		'linux-image-6\.12\.[0-9.]+\+deb[0-9.]+-arm64')
	fetch "$package"
	dpkg-deb --fsys-tarfile "${debs[0]}" |
		tar -x --no-same-owner -C "$1" --strip-components=4 \
			--wildcards './usr/lib/linux-image-*.dtb'
	rm -f "${debs[0]}"
}

# A signal sent to this script alone ends the build too.
make_kernel() {
	local pid

	"$top/tools/kernel.sh" "$1" 9>&- &
	pid=$!
	trap 'kill "$pid"; wait "$pid"; exit 130' INT TERM HUP
	wait "$pid" || exit
	trap - INT TERM HUP
}

### all of it

outputs() {
	local arg

	echo "$cache"/target/usr/{bin/busybox,lib/aarch64-linux-gnu/libfdt.a} \
		"$cache"/target/usr/lib/picolibc/aarch64-linux-gnu/lib/libc.a \
		"$cache/u-boot/usr/lib/u-boot/qemu_arm64/u-boot.bin" \
		"$cache/newlib/lib/libc.a" "$cache/uapi/include/linux/kvm.h" \
		"$("$top/tools/kernel.sh" --path guest)" \
		"$("$top/tools/kernel.sh" --path host-qemu_virt)"
	case $* in
	*bench*) echo "$cache/qemu-arm64/usr/bin/qemu-system-aarch64" ;;
	esac
	case $* in
	*debian*) echo "$cache"/debian/{root.ext4,peer/bin/iperf3} ;;
	esac
	case $* in
	*dtb*) echo "$cache/dtb/freescale/imx8mp-evk.dtb" ;;
	esac
	for arg; do
		case $arg in
		host-*) "$top/tools/kernel.sh" --path "$arg" ;;
		esac
	done
}

all_done() {
	local f

	[ "$(cat "$stamp" 2>/dev/null)" = "$key" ] || return
	[ -z "$(missing_packages)" ] || return
	for f in $(outputs "$@"); do
		[ -s "$f" ] || return
	done
}

check_machine() {
	local free

	case $codename in
	bookworm | trixie) ;;
	*) die "needs Debian 12 (bookworm) or 13 (trixie), found" \
		"'${codename:-an unknown system}': use such a machine or container" ;;
	esac
	case $arch in
	amd64 | arm64) ;;
	*) die "needs an amd64 or arm64 machine, found $arch" ;;
	esac
	case $cache in
	*[!A-Za-z0-9/._+-]*) die "the kernel's build cannot work in '$cache':" \
		"set BEDPLATE_CACHE to a path without such characters" ;;
	/*) ;;
	*) die "BEDPLATE_CACHE is '$cache': set it to an absolute path" ;;
	esac
	mkdir -p "$cache/log" 2>/dev/null ||
		die "cannot make $cache: set BEDPLATE_CACHE to a writable directory"
	[ -e "$cache/linux/.bedplate" ] && return
	free=$(df -Pm "$cache" | awk 'NR == 2 { print $4 }')
	[ "$free" -ge 4096 ] || die "needs 4 GB free in $cache, found $free MB:" \
		"free some or set BEDPLATE_CACHE to another place"
}

main() {
	local arg key stamp

	for arg; do
		case $arg in
		bench) packages+=(python3-matplotlib) ;;
		debian) packages+=(e2fsprogs) ;;
		lint) packages+=(clang-format shellcheck) ;;
		dtb | packages | host-test) ;;
		host-*) [ -f "$top/board/${arg#host-}.config" ] ||
			die "'$arg': there is no board/${arg#host-}.config" ;;
		*) die "'$arg'? usage: tools/setup.sh [bench] [debian] [dtb]" \
			"[lint] [host-test] [host-BOARD...] | packages" ;;
		esac
	done
	key=$(cat "$top"/tools/{setup,lib,apt,debian,kernel}.sh /etc/os-release \
		2>/dev/null | sha256sum | cut -c 1-16)
	stamp=$(IFS=- && echo "$cache/stamp-$*")
	if all_done "$@"; then
		return
	fi
	check_machine
	lock "$cache/setup.lock" "a tools/setup.sh"
	if all_done "$@"; then
		return
	fi
	install_packages
	case " $* " in
	*' packages '*) return ;;
	esac
	make_cached target
	make_cached u-boot
	make_cached newlib
	make_cached linux
	make_cached uapi
	make_kernel guest
	make_kernel host-qemu_virt
	case " $* " in
	*' bench '*) make_cached qemu-arm64 ;;
	esac
	case " $* " in
	*' debian '*) make_cached debian ;;
	esac
	case " $* " in
	*' dtb '*) make_cached dtb ;;
	esac
	for arg; do
		case $arg in
		host-*) make_kernel "$arg" ;;
		esac
	done
	rm -rf "$cache/download"
	echo "$key" >"$stamp"
	echo "set-up is complete: $cache" >&2
}

main "$@"; exit
