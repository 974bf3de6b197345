# shellcheck shell=bash disable=SC2016,SC2154
# SPDX-License-Identifier: Apache-2.0
# setup.sh's recipe of $cache/debian, a Debian to boot from a virtio disk:
#     root.ext4          the essential packages, sysvinit, iproute2, ping, iperf3
#     peer/              iperf3 and its libraries, for the emulated host
# The packages are unpacked, not installed: none of their scripts runs, since
# they are another machine's. What those scripts would have left behind and this
# system needs, configure_debian writes. root's password is "bedplate".

make_debian() {
	local log=$cache/log/debian.log root=$1/root

	fetch_all '?essential' usr-is-merged sysvinit-core login mount passwd \
		iproute2 iputils-ping iperf3
	unpack "$root" "${debs[@]}"
	rm -rf "$root"/usr/{lib/aarch64-linux-gnu/gconv,share/zoneinfo}
	configure_debian "$root"
	# libgcc_s is what libc opens to end a thread: iperf3 of Debian 13 does.
	copy_program "$root/usr" "$1/peer" bin/iperf3 \
		lib/aarch64-linux-gnu/libgcc_s.so.1
	: >"$log"
	run_step "making Debian's root file system (about 5 seconds)" "$log" \
		'tail -n 1 "$log" | cut -c 1-60' build_debian "$1" ||
		die "cannot make Debian's root file system: $(log_error "$log")"
	rm -rf "$root"
}

# All is root's, whoever made it.
build_debian() {
	local image=$1/root.ext4 PATH=$PATH:/usr/sbin:/sbin

	mke2fs -q -t ext4 -b 4096 -I 256 -N 8192 -J size=4 \
		-E lazy_itable_init=0,lazy_journal_init=0 \
		-d "$1/root" "$image" 128M || return
	(cd "$1/root" && find . -printf 'sif "/%P" uid 0\nsif "/%P" gid 0\n') \
		>"$1/owners" || return
	debugfs -w -f "$1/owners" "$image" || return
	rm "$1/owners"
	e2fsck -f -n "$image"
}

configure_debian() {
	local etc=$1/etc level script password='$6$bedplate$2rEOIYPwWa4h8cO3'

	password+=KK5DrhnTlm3F9BDiG1AYlIAkDSaCtRvjcyR59.qIakjP/
	password+=zHkfXBVpp0ZqKIlKewi33BoT1

	chmod 1777 "$1/tmp" "$1/var/tmp" "$1/var/lock"
	ln -s mawk "$1/usr/bin/awk"
	cp "$1/usr/share/base-files/profile" "$etc/profile"
	cp "$1/usr/share/base-files/dot.profile" "$1/root/.profile"
	cp "$1/usr/share/base-files/dot.bashrc" "$1/root/.bashrc"
	cp "$1/usr/share/base-passwd/passwd.master" "$etc/passwd"
	cp "$1/usr/share/base-passwd/group.master" "$etc/group"
	sed -i 's/^root:[^:]*:/root:x:/' "$etc/passwd"
	sed 's/:.*/:*:20000:0:99999:7:::/' "$etc/passwd" >"$etc/shadow"
	sed -i "s|^root:[^:]*:|root:$password:|" "$etc/shadow"
	chmod 640 "$etc/shadow"
	for script in auth account password session; do
		echo "$script required pam_unix.so" >"$etc/pam.d/common-$script"
	done
	echo debian >"$etc/hostname"
	echo '127.0.0.1 localhost debian' >"$etc/hosts"
	echo '/dev/vda / ext4 defaults 0 0' >"$etc/fstab"
	: >"$etc/default/locale"
	: >"$etc/environment"
	ln -sf /proc/mounts "$etc/mtab"
	{
		grep -v getty "$1/usr/share/sysvinit/inittab"
		echo 'T0:23:respawn:/sbin/agetty -L ttyAMA0 115200 vt100'
	} >"$etc/inittab"

	# The order that insserv would find, of what this system needs.
	while read -r level script; do
		ln -s "../init.d/$script" "$etc/rc$level$script"
	done <<-END
		S.d/S01 hostname.sh
		S.d/S01 mountkernfs.sh
		S.d/S02 mountdevsubfs.sh
		S.d/S03 checkroot.sh
		S.d/S04 checkroot-bootclean.sh
		S.d/S05 mountall.sh
		S.d/S06 mountall-bootclean.sh
		S.d/S07 bootmisc.sh
		0.d/K01 sendsigs
		0.d/K02 umountfs
		0.d/K03 umountroot
		0.d/K04 halt
		6.d/K01 sendsigs
		6.d/K02 umountfs
		6.d/K03 umountroot
		6.d/K04 reboot
	END
}
