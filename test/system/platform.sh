#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a Linux guest does with devices of the board itself: platform WHAT [BYTES].
uart=/dev/ttyAMA1
bytes=${2:-1048576}

# As many bytes from the other end, which sends when it hears of us, then as
# many to it.
uart() {
	stty -F $uart raw -echo
	head -c $bytes /dev/urandom >/tmp/a
	exec 3<>$uart
	echo "SUM $(md5sum </tmp/a)"
	cat /tmp/a >&3
	echo "READY"
	head -c $bytes <&3 >/tmp/b
	echo "GOT $(md5sum </tmp/b)"
	cat /proc/interrupts
}

# A shell there, for whoever is at the other end.
console() {
	stty -F $uart -echo
	setsid sh -c "exec <$uart >$uart 2>&1; echo LISTENING; exec sh" &
}

# Says back what it hears there, for ever.
answer() {
	stty -F $uart raw -echo
	exec 3<>$uart
	echo LISTENING >&3
	while read -r line <&3; do
		echo "heard $line" >&3
	done
}

# The kernel has no /dev/rtc0: match register, then mask. The driver's handler
# acknowledges the alarm.
alarm() {
	before=$(grep rtc-pl031 /proc/interrupts)
	devmem 0x9010004 32 $(($(devmem 0x9010000) + 1))
	devmem 0x9010010 32 1
	while [ "$(grep rtc-pl031 /proc/interrupts)" = "$before" ]; do
		:
	done
	sleep 2
	echo "WAS $before"
	echo "IS $(grep rtc-pl031 /proc/interrupts)"
}

# How often the disk was started, and then load without end.
storm() {
	dd if=/dev/vdb of=/tmp/n bs=4k count=1 iflag=direct 2>/dev/null
	n=$(tr -d '\0' </tmp/n)
	echo "FOUND ${n:-0}"
	n=$((${n:-0} + 1))
	(echo $n; cat /dev/zero) | head -c 4096 >/tmp/n
	dd if=/tmp/n of=/dev/vdb bs=4k oflag=direct 2>/dev/null
	echo "FLUSHED $n"
	dd if=/dev/urandom of=/tmp/a bs=64k count=32 2>/dev/null
	echo "STORM"
	while dd if=/tmp/a of=/dev/vdb bs=64k seek=16 oflag=direct &&
		dd if=/dev/vdb of=/tmp/b bs=64k skip=16 count=32 iflag=direct &&
		cmp /tmp/a /tmp/b; do
		:
	done 2>/dev/null
	echo "FAIL: what was read is not what was written"
}

$1
