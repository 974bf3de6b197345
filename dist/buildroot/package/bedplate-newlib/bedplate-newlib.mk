# SPDX-License-Identifier: Apache-2.0
# The C library that Bedplate is linked with, a static one without start-up
# code, beside the C library of the system.

BEDPLATE_NEWLIB_VERSION = 3.3.0
BEDPLATE_NEWLIB_SOURCE = newlib-$(BEDPLATE_NEWLIB_VERSION).tar.gz
BEDPLATE_NEWLIB_SITE = https://sourceware.org/pub/newlib
BEDPLATE_NEWLIB_LICENSE = BSD-3-Clause and others (newlib)
BEDPLATE_NEWLIB_LICENSE_FILES = COPYING.NEWLIB
BEDPLATE_NEWLIB_INSTALL_STAGING = YES
BEDPLATE_NEWLIB_INSTALL_TARGET = NO

define BEDPLATE_NEWLIB_BUILD_CMDS
	PATH=$(BR_PATH) $(BR2_EXTERNAL_BEDPLATE_PATH)/../../tools/newlib.sh \
		$(@D) $(@D)/bedplate $(TARGET_CROSS)
endef

define BEDPLATE_NEWLIB_INSTALL_STAGING_CMDS
	mkdir -p $(STAGING_DIR)/usr/lib/bedplate-newlib
	cp -a $(@D)/bedplate/include $(@D)/bedplate/lib \
		$(STAGING_DIR)/usr/lib/bedplate-newlib
endef

$(eval $(generic-package))
