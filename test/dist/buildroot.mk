# SPDX-License-Identifier: Apache-2.0
# A stand-in for Buildroot: what the .mk files of dist/buildroot use of it, in
# the fewest words, so that their commands can be run here. Given by the test:
# WORK, CROSS_PREFIX, LINUX_DIR, BR2_EXTERNAL_BEDPLATE_PATH, BR2_PACKAGE_*.

BUILD_DIR := $(WORK)/build
BINARIES_DIR := $(WORK)/images
STAGING_DIR := $(WORK)/staging
HOST_DIR := $(WORK)/host
BR_PATH := "$(HOST_DIR)/bin:$(PATH)"
TARGET_MAKE_ENV := PATH=$(BR_PATH)
TARGET_CROSS := $(CROSS_PREFIX)
INSTALL := install
qstrip = $(strip $(subst ",,$(1)))

pkgname = $(notdir $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST)))))
upper = $(subst -,_,$(shell echo $(1) | tr a-z A-Z))

define inner-generic-package
$(BUILD_DIR)/$(1)/.stamp:
	$$($(2)_BUILD_CMDS)
	$$($(2)_INSTALL_STAGING_CMDS)
	$$($(2)_INSTALL_IMAGES_CMDS)

$(1): $(BUILD_DIR)/$(1)/.stamp
$(1)-show:
	@echo '$$($(2)_SITE_METHOD)|$$($(2)_SITE)|$$($(2)_SOURCE)|$$($(2)_LICENSE_FILES)'
endef
generic-package = $(call inner-generic-package,$(pkgname),$(call upper,$(pkgname)))

include $(BR2_EXTERNAL_BEDPLATE_PATH)/external.mk
