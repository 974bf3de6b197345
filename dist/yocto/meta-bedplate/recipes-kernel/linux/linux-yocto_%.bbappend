# SPDX-License-Identifier: Apache-2.0
FILESEXTRAPATHS:prepend := "${THISDIR}/${PN}:"
SRC_URI:append:bedplate = " file://bedplate-cpu.cfg file://bedplate-base.cfg file://bedplate-qemu_virt.cfg"
