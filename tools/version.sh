#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Which version of the sources this is, in one line: $VERSION, if a package
# gives it; git's hash, with -dirty where the tree is not what was committed;
# or the hash that 'git archive' has written into the file VERSION. Without all
# of them it is "unknown", and a line says so.
#
# With --date, its time, in seconds: $SOURCE_DATE_EPOCH, or the commit's; or 0.
set -eu
cd "$(dirname "$0")/.."

die() {
	echo "version.sh: $*" >&2
	exit 1
}

# Ours, and not one around us: a packager's own repository.
git_here() {
	[ -e .git ] && git "$@" 2>/dev/null
}

date_of_sources() {
	case ${SOURCE_DATE_EPOCH-} in
	'') ;;
	*[!0-9]*) die "SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH: give seconds" ;;
	*)
		echo "$SOURCE_DATE_EPOCH"
		return
		;;
	esac
	git_here log -1 --format=%ct && return
	case $commit in
	*[!0-9a-f\ ]* | '') echo 0 ;;
	*) echo "${commit#* }" ;;
	esac
}

version() {
	case ${VERSION-} in
	'') ;;
	*[!A-Za-z0-9._+~-]*)
		die "VERSION=$VERSION: give letters, digits and ._+~-"
		;;
	*)
		[ "${#VERSION}" -le 48 ] ||
			die "VERSION=$VERSION: ${#VERSION} characters; give at most 48"
		echo "$VERSION"
		return
		;;
	esac
	if hash=$(git_here rev-parse --short=12 HEAD); then
		changes=$(git status --porcelain)
		echo "$hash${changes:+-dirty}"
		return
	fi
	case $commit in
	*[!0-9a-f\ ]* | '')
		echo "version.sh: neither VERSION=, a git repository that can" \
			"be read, nor a file made by 'git archive': the stamp" \
			"says 'unknown'" >&2
		echo unknown
		;;
	*) echo "$commit" | cut -c 1-12 ;;
	esac
}

read -r commit <VERSION || commit=
case ${1-} in
--date) date_of_sources ;;
*) version ;;
esac
