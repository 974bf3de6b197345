# SPDX-License-Identifier: Apache-2.0
SUMMARY = "The C library that Bedplate is linked with"
HOMEPAGE = "https://sourceware.org/newlib/"
LICENSE = "BSD-2-Clause & BSD-3-Clause"
LIC_FILES_CHKSUM = "file://COPYING.NEWLIB;md5=ac17c68751aad7a5298ce3f249121070"

# The checksum is as other projects have published it; not computed here.
SRC_URI = "https://sourceware.org/pub/newlib/newlib-${PV}.tar.gz"
SRC_URI[sha256sum] = "58dd9e3eaedf519360d92d84205c3deef0b3fc286685d1c562e245914ef72c66"

S = "${UNPACKDIR}/newlib-${PV}"
B = "${WORKDIR}/build"
COMPATIBLE_HOST = "aarch64.*-linux"

inherit nopackages

do_configure[noexec] = "1"

do_compile[cleandirs] = "${B}"
do_compile() {
	CC_FOR_TARGET="${HOST_PREFIX}gcc ${TOOLCHAIN_OPTIONS}" \
		${BEDPLATE_SOURCE}/tools/newlib.sh ${S} ${B} ${HOST_PREFIX}
}

do_install() {
	install -d ${D}${libdir}/bedplate-newlib
	cp -R --no-preserve=ownership ${B}/include ${B}/lib \
		${D}${libdir}/bedplate-newlib
}
