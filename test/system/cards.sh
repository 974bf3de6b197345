#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a Linux guest does with the host's functions: cards WHAT. Drivers probe
# in the background, so each disk is waited for.
wait_for() {
	until [ -e "$1" ]; do
		:
	done
}

# Random data goes to a disk, and must come back from it.
disk() {
	wait_for /dev/nvme$1n1
	dd if=/dev/urandom of=/tmp/a bs=1M count=4 2>/dev/null
	dd if=/tmp/a of=/dev/nvme$1n1 bs=64k oflag=direct 2>/dev/null
	dd if=/dev/nvme$1n1 of=/tmp/b bs=64k count=64 iflag=direct 2>/dev/null
	cmp /tmp/a /tmp/b && echo "SAME $(cat /sys/class/nvme/nvme$1/serial)"
}

# To the host and back, which sends what it receives at 10.0.2.100.
nic() {
	ip link set eth0 up
	ip addr add 10.0.2.15/24 dev eth0
	until grep -q 1 /sys/class/net/eth0/carrier; do
		:
	done
	dd if=/dev/urandom of=/tmp/a bs=1M count=4 2>/dev/null
	nc 10.0.2.100 7 </tmp/a >/tmp/b
	cmp /tmp/a /tmp/b && echo "SAME eth0"
}

report() {
	cat /proc/interrupts
	dmesg | grep -o 'MSI interrupt test.*'
	echo "WARNINGS $(dmesg -r | grep -c '^<[0-4]>')"
}

# The host counts while we wait for its word.
mark() {
	echo "MARK $1 $(grep nvme0q1 /proc/interrupts)"
	read -r _
}

reads() {
	dd if=/dev/nvme0n1 of=/dev/null bs=4k count=$1 iflag=direct 2>/dev/null
}

case $1 in
disk)
	disk 0
	;;
disks)
	for n in 0 1 2 3; do
		disk $n
	done
	report
	;;
nic)
	nic
	disk 0
	report
	;;
reboot)
	wait_for /dev/nvme0n1
	if [ "$(head -c 4 /dev/nvme0n1)" = DONE ]; then
		nic
		disk 0
		report
	else
		printf DONE | dd of=/dev/nvme0n1 conv=fsync 2>/dev/null
		ip link set eth0 up
		reboot -f
	fi
	;;
steady)
	wait_for /dev/nvme0n1
	reads 100
	mark start
	reads 1000
	mark few
	reads 10000
	reads 10000
	mark many
	report
	;;
esac
