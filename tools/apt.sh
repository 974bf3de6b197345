# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# setup.sh's dealings with apt: host packages are installed, the target's are
# only downloaded. A configuration of its own, derived from the machine's, keeps
# the machine's sources and lists as they are.

qemu_min=1:10.0

# sources.list lines for Debian's own archives that this machine uses: the
# release, its updates and security, and backports where Debian 12 needs them.
# Whose an archive is, apt knows only of those whose lists were read once.
apt_sources() {
	local uri suite component origin entry options

	while IFS='|' read -r uri suite component origin entry; do
		case $suite/$component/$origin in
		*/main/Debian | */main/Debian\ Backports | */main/*'$('*) ;;
		*) continue ;;
		esac
		options=$(apt_options "${entry%:*}")
		case $suite in
		"$codename" | stable | oldstable)
			echo "deb $options $uri $suite main"
			[ "$codename" != bookworm ] ||
				echo "deb $options $uri $codename-backports main"
			;;
		"$codename"[-/]* | stable[-/]* | oldstable[-/]*)
			echo "deb $options $uri $suite main" ;;
		esac
	done < <(apt-get "$@" indextargets --format \
		'$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)|$(SOURCESENTRY)' \
		'Created-By: Packages')
}

# The trust that the machine's own sources file $1 puts into its entries.
apt_options() {
	local key=/usr/share/keyrings/debian-archive-keyring.gpg k

	k=$(sed -nE 's/^.*[Ss]igned-[Bb]y[=:] *(\/[^] ,]*).*$/\1/p' "$1" \
		2>/dev/null | head -n 1) || true
	[ -z "$k" ] || key=$k
	if grep -qiE 'trusted[=:] *yes' "$1" 2>/dev/null; then
		echo "[trusted=yes]"
	elif [ -e "$key" ]; then
		echo "[signed-by=$key]"
	fi
}

# apt_config KIND ARCH: $cache/apt/KIND.conf, for "apt-get -c". It uses neither
# the machine's lists nor changes its sources; KIND "target" also has a package
# status of its own, an empty one.
apt_config() {
	local dir=$cache/apt/$1 sources

	mkdir -p "$dir/lists/partial" "$dir/archives/partial"
	sources=$(apt_sources)
	[ "$sources" ] || sources=$(apt_sources --no-release-info)
	[ "$sources" ] || die "apt on this machine has no network source of" \
		"Debian $codename: add one to /etc/apt/sources.list"
	echo "$sources" | sort -u >"$dir/sources.list"
	# Backports have a low priority of their own.
	printf '%s\n' 'Package: src:qemu src:ipxe src:seabios src:edk2' \
		"Pin: release n=$codename-backports" 'Pin-Priority: 600' \
		>"$dir/preferences"
	{
		echo "Dir::Etc::sourcelist \"$dir/sources.list\";"
		echo "Dir::Etc::sourceparts \"/nonexistent\";"
		echo "Dir::Etc::preferences \"$dir/preferences\";"
		echo "Dir::State::lists \"$dir/lists\";"
		echo 'Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";'
		echo 'Acquire::Languages "none"; Acquire::Retries "3";'
		echo 'Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";'
		echo 'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";'
		echo 'APT::Sandbox::User "root";'
		echo '#clear APT::Update::Post-Invoke;'
		echo '#clear APT::Update::Post-Invoke-Success;'
		echo 'APT::Install-Recommends "false";'
		if [ "$1" = target ]; then
			touch "$dir/status"
			echo "Dir::State::status \"$dir/status\";"
			echo "Dir::State::extended_states \"$dir/extended\";"
			echo "Dir::Cache::archives \"$dir/archives\";"
			echo "APT::Architecture \"$2\";"
			echo "APT::Architectures { \"$2\"; };"
			echo 'Debug::NoLocking "true";'
			echo '#clear DPkg::Post-Invoke;'
		fi
	} >"$dir/apt.conf"
}

# apt_update KIND [again]: lists younger than a day are good enough.
apt_update() {
	local dir=$cache/apt/$1 log=$cache/log/apt-$1.log

	if [ "${2-}" != again ] &&
		[ "$(find "$dir/updated" -mmin -1440 2>/dev/null)" ]; then
		return
	fi
	: >"$log"
	# One list of many may fail (a mirror without backports): what counts
	# is whether the packages are found afterwards.
	run_step "reading Debian's package lists (about 10 seconds)" "$log" \
		'tail -n 1 "$log" | cut -c 1-60' \
		apt_get -c "$dir/apt.conf" -q update || true
	compgen -G "$dir/lists/*_Packages*" >/dev/null ||
		die "cannot read Debian's package lists:" \
			"$(log_error "$log"): check the network"
	touch "$dir/updated"
}

# Without the lock's descriptor: a service that a package starts would keep it.
apt_get() {
	command apt-get "$@" 9>&-
}

### host packages

# Packages of the list that are not installed, and QEMU when it is too old.
missing_packages() {
	local p v
	local -A have=()

	while read -r p v; do
		have[${p%%:*}]=$v
	done < <(dpkg-query -W -f '${db:Status-Status} ${binary:Package} ${Version}\n' \
		"${packages[@]}" 2>/dev/null | sed -n 's/^installed //p')
	for p in "${packages[@]}"; do
		v=${have[$p]-}
		if [ -z "$v" ]; then
			echo "$p"
		elif [ "$p" = qemu-system-arm ] &&
			dpkg --compare-versions "$v" lt "$qemu_min"; then
			# QEMU's packages can only be upgraded together.
			dpkg-query -W -f '${db:Status-Status} ${source:Package} ${Package}\n' |
				sed -n 's/^installed qemu //p'
		fi
	done
}

# Install what is missing of the packages.
install_packages() {
	local log=$cache/log/packages.log conf=$cache/apt/host/apt.conf
	local -a want command

	mapfile -t want < <(missing_packages)
	[ ${#want[@]} -ne 0 ] || return 0
	apt_config host "$arch"
	apt_update host
	command=(apt-get -c "$conf" -y -q --no-remove install "${want[@]}")
	: >"$log"
	if [ "$(id -u)" -eq 0 ]; then
		export DEBIAN_FRONTEND=noninteractive
		run_step "installing ${#want[@]} packages and what they need\
 (about 2 minutes): ${want[*]}" "$log" \
			'tail -n 1 "$log" | cut -c 1-60' apt_get "${command[@]:1}" ||
			die "cannot install packages: $(log_error "$log")"
	elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null ||
		{ [ -t 0 ] && sudo -v -p 'password of %u to install packages: '; }; }
	then
		echo "installing with sudo (about 2 minutes): ${want[*]}" >&2
		sudo DEBIAN_FRONTEND=noninteractive "${command[@]}" 9>&- ||
			die "cannot install packages: see above"
	else
		die "these packages are missing, and installing them needs root;" \
			"run: su -c '${command[*]}'"
	fi
	mapfile -t want < <(missing_packages)
	[ ${#want[@]} -eq 0 ] || die "installed, yet still missing or too old" \
		"(QEMU: $qemu_min needed): ${want[*]} (log: $log)"
}

### the target's packages

# fetch PACKAGE...: download arm64 packages, and nothing they depend on, or
# find them downloaded; their paths are then in the array debs.
fetch() {
	fetch_by download "$@"
}

# fetch_all PACKAGE...: the same with all that they depend on.
fetch_all() {
	fetch_by 'install -y --download-only' "$@"
}

fetch_by() {
	local log=$cache/log/download.log conf=$cache/apt/target/apt.conf
	local dir=$cache/download uris
	local -a command

	read -r -a command <<<"$1"
	shift
	apt_config target arm64
	apt_update target
	: >"$log"
	if ! uris=$(apt_uris "${command[@]}" "$@"); then
		apt_update target again
		uris=$(apt_uris "${command[@]}" "$@") ||
			die "found no package for $*: $(log_error "$log")"
	fi
	mkdir -p "$dir/partial"
	run_step "downloading $* ($(awk '{ n += $3 }
		END { print int(n / 1e6) + 1 }' <<<"$uris") MB)" "$log" \
		'tail -n 1 "$log" | cut -c 1-60' \
		env -C "$dir" apt-get -c "$conf" -q \
		-o "Dir::Cache::archives=$dir" "${command[@]}" "$@" || {
		rm -f "$cache/apt/target/updated"
		die "cannot download $*: $(log_error "$log"): check the network"
	}
	mapfile -t debs < <(awk -v dir="$dir/" '{ print dir $2 }' <<<"$uris")
}

# target_package PATTERN: the newest package whose whole name matches.
target_package() {
	local name

	apt_config target arm64
	apt_update target
	name=$(command apt-cache -c "$cache/apt/target/apt.conf" pkgnames |
		grep -xE "$1" | sort -V | tail -n 1) ||
		die "found no package named like $1"
	echo "$name"
}

# Whence, to what file and how many bytes.
apt_uris() {
	apt_get -c "$conf" -qq --print-uris "$@" 2>"$log"
}
