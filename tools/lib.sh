# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: Apache-2.0
# What setup.sh and kernel.sh share: the cache, errors, the lock, and a long
# step run with its output in a log and one moving line of progress.

export LC_ALL=C
umask 022
# Started by make or with a compiler in the environment: none of it is meant
# for what is built here.
unset MAKEFLAGS MFLAGS GNUMAKEFLAGS MAKEOVERRIDES MAKELEVEL CDPATH CONFIG_SITE
unset CC CXX CPP AS LD AR NM RANLIB STRIP READELF CFLAGS CXXFLAGS CPPFLAGS
unset LDFLAGS LIBS HOSTCC HOSTCFLAGS KCFLAGS KAFLAGS KBUILD_OUTPUT LLVM LLVM_IAS
unset KBUILD_VERBOSE ARCH CROSS_COMPILE TARGET O V W C M

cache=${BEDPLATE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/bedplate}
prefix=aarch64-linux-gnu-

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# lock FILE WHAT: hold FILE on descriptor 9 until exit.
lock() {
	exec 9>"$1" || die "cannot write $1"
	if ! flock -n 9; then
		echo "waiting for $2 that is already running" >&2
		flock 9
	fi
}

# log_error LOG: the line that most likely says what went wrong.
log_error() {
	local line
	line=$(grep -m1 -E '^E: |^W: Failed to fetch|error: |\*\*\* |No space left|[Cc]annot |Killed' \
		"$1") || line=$(grep -v '^$' "$1" | tail -n 1) || true
	printf '%s (log: %s)' "${line:-no message}" "$1"
}

# run_step TITLE LOG COUNTER COMMAND...: COUNTER is evaluated for the text of
# the progress line. The step is a process group, so that an interrupt can take
# all of it along.
run_step() {
	local title=$1 log=$2 counter=$3 pid i tick=75 end='\n' start t
	shift 3
	echo "$title; log: $log" >&2
	set -m
	"$@" >>"$log" 2>&1 </dev/null &
	pid=$!
	set +m
	trap 'kill -- "-$pid"; exit 130' INT TERM HUP
	if [ -t 2 ]; then
		tick=5
		end='\033[K\r'
	fi
	start=$SECONDS
	while kill -0 "$pid" 2>/dev/null; do
		for ((i = 0; i < tick; i++)); do
			sleep 0.2
			kill -0 "$pid" 2>/dev/null || break
		done
		t=$((SECONDS - start))
		printf "  %d:%02d  %s$end" $((t / 60)) $((t % 60)) \
			"$(eval "$counter")" >&2
	done
	if [ -t 2 ]; then
		echo >&2
	fi
	i=0
	wait "$pid" || i=$?
	trap - INT TERM HUP
	return "$i"
}
