# SPDX-License-Identifier: Apache-2.0
# The VMMs of test_vfio_*.py: Linux guests with functions of the host, each
# doing one of the things in cards.sh.

$(BUILD)/system/cards.cpio: test/system/cards.sh tools/mkinitramfs.py host/guest-init
	@mkdir -p $(@D)
	$(PYTHON) tools/mkinitramfs.py -o $@ --busybox --init host/guest-init --file $<:/bin/cards:755

# $(call cards-vmm,NAME,CONFIG,WHAT,KERNEL OPTIONS)
define cards-vmm
$(call vmm,$(BUILD)/cards/$(1),$(2),guest,$(guest-kernel),$(BUILD)/system/cards.cpio,console=ttyAMA0 quiet $(4) run="cards $(3)",)
test-vmms: $(BUILD)/cards/$(1)/vmm.elf
endef
$(eval $(call cards-vmm,disks,test_vfio_disks,disks,))
$(eval $(call cards-vmm,msix,test_vfio,nic,e1000e.IntMode=2))
$(eval $(call cards-vmm,msi,test_vfio,nic,e1000e.IntMode=1))
$(eval $(call cards-vmm,intx,test_vfio,nic,e1000e.IntMode=0))
$(eval $(call cards-vmm,nomsi,test_vfio,nic,pci=nomsi))
$(eval $(call cards-vmm,reboot,test_vfio,reboot,))
$(eval $(call cards-vmm,steady,test_vfio,steady,))
$(eval $(call cards-vmm,steady_gicv4,test_vfio_gicv4,steady,))
$(eval $(call cards-vmm,steady_gicv2,test_vfio_gicv2,steady,))
$(foreach config,bad bad_iommufd bad_gicv2 bad_gicv2_iommufd window \
	window_iommufd ids bar vectors,$(eval $(call \
	cards-vmm,$(config),test_vfio_$(config),disk,)))

# Killed in the middle of their I/O.
define kill-vmm
$(call vmm,$(BUILD)/cards/$(1),test_vfio_$(1),guest,$(BUILD)/guest/nvme.bin,,test,)
test-vmms: $(BUILD)/cards/$(1)/vmm.elf
endef
$(eval $(call kill-vmm,kill))
$(eval $(call kill-vmm,kill_iommufd))
