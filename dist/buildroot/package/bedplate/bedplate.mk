# SPDX-License-Identifier: Apache-2.0
# From the repository that this tree is part of. Its copy in Buildroot has no
# .git: the version is asked for here.

BEDPLATE_SITE = $(BR2_EXTERNAL_BEDPLATE_PATH)/../..
BEDPLATE_SITE_METHOD = local
BEDPLATE_OVERRIDE_SRCDIR_RSYNC_EXCLUSIONS = --exclude /build
BEDPLATE_LICENSE = Apache-2.0
BEDPLATE_LICENSE_FILES = LICENSE
BEDPLATE_DEPENDENCIES = bedplate-newlib host-python3 linux
BEDPLATE_INSTALL_TARGET = NO
BEDPLATE_INSTALL_IMAGES = YES

BEDPLATE_CONFIG = $(call qstrip,$(BR2_PACKAGE_BEDPLATE_CONFIG))
BEDPLATE_OUT = $(@D)/build/$(BEDPLATE_CONFIG)-newlib

# libfdt is the kernel's copy: the system's is made for the system's libc.
define BEDPLATE_BUILD_CMDS
	$(TARGET_MAKE_ENV) $(MAKE) -C $(@D) READY=1 EMBED=1 build \
		CONFIG=$(BEDPLATE_CONFIG) CROSS=$(TARGET_CROSS) \
		PYTHON=$(HOST_DIR)/bin/python3 \
		VERSION=$$($(BEDPLATE_SITE)/tools/version.sh) \
		LIBC=newlib \
		LIBC_INCLUDE=$(STAGING_DIR)/usr/lib/bedplate-newlib/include \
		LIBC_ARCHIVE=$(STAGING_DIR)/usr/lib/bedplate-newlib/lib/libc.a \
		LIBFDT_SOURCE=$(LINUX_DIR)/scripts/dtc/libfdt \
		UAPI_INCLUDE=$(STAGING_DIR)/usr/include \
		HOST_KERNEL=$(BINARIES_DIR)/Image \
		GUEST_IMAGE="$(call qstrip,$(BR2_PACKAGE_BEDPLATE_GUEST_IMAGE))" \
		GUEST_INITRD="$(call qstrip,$(BR2_PACKAGE_BEDPLATE_GUEST_INITRD))" \
		GUEST_CMDLINE="$(call qstrip,$(BR2_PACKAGE_BEDPLATE_GUEST_CMDLINE))"
endef

define BEDPLATE_INSTALL_IMAGES_CMDS
	$(INSTALL) -D -m 0755 $(BEDPLATE_OUT)/vmm.elf \
		$(BINARIES_DIR)/bedplate-vmm.elf
	$(INSTALL) -D -m 0644 $(BEDPLATE_OUT)/initramfs.cpio \
		$(BINARIES_DIR)/bedplate-initramfs.cpio
	$(INSTALL) -D -m 0644 $(BEDPLATE_OUT)/sbom.spdx.json \
		$(BINARIES_DIR)/bedplate-sbom.spdx.json
endef

$(eval $(generic-package))
