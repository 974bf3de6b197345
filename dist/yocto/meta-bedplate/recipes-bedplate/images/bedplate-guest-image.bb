# SPDX-License-Identifier: Apache-2.0
SUMMARY = "The root file system of Bedplate's guest, for the disk of the host"
LICENSE = "Apache-2.0"

IMAGE_INSTALL = "packagegroup-core-boot"
IMAGE_FSTYPES = "ext4"
SERIAL_CONSOLES = "115200;ttyAMA0"

inherit core-image
