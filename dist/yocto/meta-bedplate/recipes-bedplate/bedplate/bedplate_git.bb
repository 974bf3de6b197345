# SPDX-License-Identifier: Apache-2.0
SUMMARY = "A minimal VMM for embedded ARM64"
LICENSE = "Apache-2.0"
LIC_FILES_CHKSUM = "file://LICENSE;md5=3b83ef96387f14655fc854ddc3c6bd57"

inherit externalsrc deploy nopackages

EXTERNALSRC = "${BEDPLATE_SOURCE}"
EXTERNALSRC_BUILD = "${WORKDIR}/build"
PACKAGE_ARCH = "${MACHINE_ARCH}"
COMPATIBLE_HOST = "aarch64.*-linux"
DEPENDS = "bedplate-newlib"

BEDPLATE_CONFIG ?= "qemu_virt"
# The guest: by default the host's own kernel, with a root file system on the
# disk that the host has.
BEDPLATE_GUEST_IMAGE ?= "${DEPLOY_DIR_IMAGE}/Image"
BEDPLATE_GUEST_INITRD ?= "none"
BEDPLATE_GUEST_CMDLINE ?= "console=ttyAMA0 root=/dev/vda rw"
BEDPLATE_OUT = "${B}/${BEDPLATE_CONFIG}-newlib"

do_configure[noexec] = "1"
do_install[noexec] = "1"

# The kernel's own headers and its copy of libfdt: the system's are made for the
# system's libc.
do_compile[depends] += "virtual/kernel:do_shared_workdir virtual/kernel:do_deploy"
do_compile() {
	oe_runmake -C ${STAGING_KERNEL_DIR} O=${B}/uapi ARCH=arm64 headers
	oe_runmake -C ${S} BUILD=${B} READY=1 EMBED=1 build \
		CONFIG=${BEDPLATE_CONFIG} CROSS=${HOST_PREFIX} \
		CC="${HOST_PREFIX}gcc ${TOOLCHAIN_OPTIONS}" PYTHON=python3 \
		LIBC=newlib \
		LIBC_INCLUDE=${STAGING_LIBDIR}/bedplate-newlib/include \
		LIBC_ARCHIVE=${STAGING_LIBDIR}/bedplate-newlib/lib/libc.a \
		LIBFDT_SOURCE=${STAGING_KERNEL_DIR}/scripts/dtc/libfdt \
		UAPI_INCLUDE=${B}/uapi/usr/include \
		HOST_KERNEL=${DEPLOY_DIR_IMAGE}/Image \
		GUEST_IMAGE="${BEDPLATE_GUEST_IMAGE}" \
		GUEST_INITRD="${BEDPLATE_GUEST_INITRD}" \
		GUEST_CMDLINE="${BEDPLATE_GUEST_CMDLINE}"
}

do_deploy() {
	install -m 0755 ${BEDPLATE_OUT}/vmm.elf ${DEPLOYDIR}/bedplate-vmm.elf
	install -m 0644 ${BEDPLATE_OUT}/initramfs.cpio ${DEPLOYDIR}/bedplate-initramfs.cpio
	install -m 0644 ${BEDPLATE_OUT}/sbom.spdx.json ${DEPLOYDIR}/bedplate-sbom.spdx.json
}
addtask deploy after do_compile before do_build
