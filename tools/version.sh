#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Which version of the sources this is, in one line: $VERSION, if a package
# gives it; git's hash, with -dirty where the tree is not what was committed;
# or the hash that 'git archive' has written into the file VERSION. Without all
# of them it is "unknown", and a line says so.
set -eu
cd "$(dirname "$0")/.."

die() {
	echo "version.sh: $*" >&2
	exit 1
}

case ${VERSION-} in
'') ;;
*[!A-Za-z0-9._+~-]*) die "VERSION=$VERSION: give letters, digits and ._+~-" ;;
*)
	[ "${#VERSION}" -le 48 ] ||
		die "VERSION=$VERSION: ${#VERSION} characters; give at most 48"
	echo "$VERSION"
	exit
	;;
esac

# Ours, and not one around us: a packager's own repository.
if [ -e .git ] && hash=$(git rev-parse --short=12 HEAD 2>/dev/null); then
	changes=$(git status --porcelain)
	echo "$hash${changes:+-dirty}"
	exit
fi

read -r hash <VERSION || hash=
case $hash in
'' | *[!0-9a-f]*)
	echo "version.sh: neither VERSION=, a git repository that can be read," \
		"nor a file made by 'git archive': the stamp says 'unknown'" >&2
	echo unknown
	;;
*) echo "$hash" | cut -c 1-12 ;;
esac
