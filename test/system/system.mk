# SPDX-License-Identifier: Apache-2.0
# The VMMs of the system tests, by the test that boots them; 'make test-vmms'
# builds them all. Included by the one Makefile, which defines vmm.

.PHONY: test-vmms
test-vmms: $(test-kernel)

# $(call test-vmm,NAME,CONFIG,IMAGE,INITRD,CMDLINE,FLAT,KIND): build/NAME/vmm.elf
define test-vmm
$(call vmm,$(BUILD)/$(1),$(2),guest,$(3),$(4),$(5),$(6),$(7))
test-vmms: $(BUILD)/$(1)/vmm.elf
endef

# With a guest of test/guest: $(call guest-vmm,NAME,CONFIG,GUEST,FLAT,KIND); one
# for each config and guest, build/CONFIG/GUEST: $(call guest-vmms,CONFIGS,GUESTS)
guest-vmm = $(eval $(call test-vmm,$(1),$(2),$(BUILD)/guest/$(3).bin,,test,$(4),$(5)))
guest-vmms = $(foreach machine,$(1),$(foreach guest,$(2),$(call \
	guest-vmm,$(machine)/$(guest),$(machine),$(guest))))

# With Linux: $(call linux-vmm,NAME,CONFIG,OPTIONS,INITRD), by default BusyBox's.
linux-vmm = $(eval $(call test-vmm,$(1),$(2),$(guest-kernel),$(or \
	$(4),$(guest-initrd)),console=ttyAMA0 quiet $(3)))

# build/system/NAME.cpio, BusyBox with more programs: $(call busybox,NAME,FILES)
define busybox
$(BUILD)/system/$(1).cpio: $(2) tools/mkinitramfs.py host/guest-init
	@mkdir -p $$(@D)
	$(PYTHON) tools/mkinitramfs.py -o $$@ --busybox --init host/guest-init \
		$(foreach file,$(2),--file $(file):/bin/$(basename $(notdir $(file))):755)
endef

# -- test_guests.py, and of those test_refusals.py, test_supervisor.py --------

$(call guest-vmms,test_gicv3 test_gicv2,$(GUESTS))
$(call guest-vmm,flat/hello,test_gicv3,hello,0x40080000)
$(call guest-vmm,test_firmware/firmware,test_firmware,firmware,,--firmware)

# Does nothing for a while: without its thread that asks the rng for entropy
# every other second.
$(call linux-vmm,idle_linux,qemu_virt,run="echo none \
	>/sys/class/misc/hw_random/rng_current; echo IDLE; sleep 16; echo AWAKE")

# -- test_guests_pci.py -------------------------------------------------------

$(call guest-vmms,test_pci_gicv3 test_pci_gicv2,$(GUESTS_PCI))

# -- test_supervisor.py -------------------------------------------------------

$(call guest-vmm,restart/virtio_reset_io,test_restart,virtio_reset_io)

# -- test_flash.py: an image that fails at every start, and a bare-metal one --

$(call guest-vmm,test_flash/hello,test_flash,hello)
$(foreach machine,test_gicv3 test_flash,$(eval $(call \
	flash,$(BUILD)/$(machine)/hello,$(machine))))
test-vmms: $(BUILD)/test_gicv3/hello/flash.itb $(BUILD)/test_flash/hello/flash.img

# -- test_console.py: a console on a FIFO -------------------------------------

$(call guest-vmm,test_console/virtio_console,test_console,virtio_console)

# -- test_refusals.py: devices on hosts that lack what they need --------------

$(call guest-vmm,test_host/hello,test_host,hello)

# -- test_hosts.py ------------------------------------------------------------

ping-host := ip link set eth0 up; ip addr add 192.168.7.2/24 dev eth0; \
	ping -c 3 -s 1400 192.168.7.1
interrupts := grep virtio /proc/interrupts
$(call linux-vmm,test_host/ping,test_host,run="$(ping-host); $(interrupts)")
$(call linux-vmm,test_host_gicv2/ping,test_host_gicv2,run="$(ping-host); $(interrupts)")

# Linux writes its interrupt numbers to the Interrupt Line registers, and must
# get INTx nevertheless.
$(call linux-vmm,test_host/intx,test_host,pci=nomsi run="$(ping-host); \
	blkdiscard -l 1048576 /dev/vda; \
	dd if=/dev/vda bs=64k count=16 iflag=direct | md5sum; \
	dd if=/dev/vda bs=64k skip=16 count=1 iflag=direct | md5sum; $(interrupts)")

# The host's file system is full.
$(call linux-vmm,test_host/fill,test_host,run="dd \
	if=/dev/zero of=/dev/vda bs=1M count=8 oflag=direct; \
	dd if=/dev/vda of=/dev/null bs=1M count=1 iflag=direct && echo READS")

# -- test_neighbours.py: partitions that share memory, a guest and its host ---

$(call guest-vmms,test_neighbour0 test_neighbour1,$(GUESTS_SHMEM))

$(BUILD)/system/%: test/system/%.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -O2 -Wall -Wextra -Wshadow -Werror -D_GNU_SOURCE -static -o $@ $<

$(eval $(call busybox,vsock,$(BUILD)/system/vsock))
streams := vsock listen 5000; vsock connect 2 5001 2000000
$(foreach machine,test_host test_host_mmio,$(call \
	linux-vmm,vsock/$(machine),$(machine),run="$(streams)",$(BUILD)/system/vsock.cpio))

# -- test_debian.py: its disk on each transport -------------------------------

debian-cmdline := root=/dev/vda rw console=ttyAMA0
$(foreach transport,mmio pci,$(eval $(call \
	test-vmm,debian/$(transport),qemu_virt_$(transport),$(guest-kernel),,$(debian-cmdline))))

# -- test_window.py -----------------------------------------------------------

# A VMM whose every KVM_RUN is preceded by a completion; and the control, in
# which the event loop's kick is missing: $(call window,NAME,HITS,KICK). Larger
# than the product, since it cannot be optimised as one program.
define window
$(BUILD)/$(1)/window.o: test/system/window.c
	@mkdir -p $$(@D)
	$(Q)$(CC) $(CFLAGS) -DWINDOW_HITS=$(2) -DWINDOW_KICK=$(3) -c -o $$@ $$<

$(BUILD)/$(1)/vmm.elf: $(BUILD)/$(1)/window.o $(objects) \
		$(BUILD)/test_gicv3/asleep/vmm.elf
	$(Q)$(CC) $(LDFLAGS) $$(call size-limit,2*$(SIZE_LIMIT)) \
		-fno-lto -Wl,--wrap=sys_ioctl \
		-Wl,--wrap=sys_io_uring_register -o $$@ $$< $(objects) \
		$(addprefix $(BUILD)/test_gicv3/asleep/,config.o stamp.o payload.o) \
		$(LIBFDT_ARCHIVE) $(LIBC_ARCHIVE) -lgcc

test-vmms: $(BUILD)/$(1)/vmm.elf
endef
$(eval $(call window,window,1000000,1))
$(eval $(call window,window_control,1000000,0))

# -- test_vfio_guests.py: bare-metal guests with functions of the host --------

$(call guest-vmms,test_cards_gicv3 test_cards_gicv4 test_cards_gicv2,$(GUESTS_VFIO))
$(call guest-vmms,test_cards_multi_gicv3 test_cards_multi_gicv4,$(GUESTS_VFIO_MULTI))

# -- test_vfio_linux.py, test_vfio_refusals.py: Linux with them ---------------

# Doing one of the things in cards.sh: $(call cards-vmm,NAME,CONFIG,WHAT,OPTIONS)
$(eval $(call busybox,cards,test/system/cards.sh))
cards-vmm = $(call linux-vmm,cards/$(1),$(2),$(4) run="cards $(3)",$(BUILD)/system/cards.cpio)
$(call cards-vmm,disks,test_vfio_disks,disks)
$(call cards-vmm,msix,test_vfio,nic,e1000e.IntMode=2)
$(call cards-vmm,msi,test_vfio,nic,e1000e.IntMode=1)
$(call cards-vmm,intx,test_vfio,nic,e1000e.IntMode=0)
$(call cards-vmm,nomsi,test_vfio,nic,pci=nomsi)
$(call cards-vmm,reboot,test_vfio,reboot)
$(call cards-vmm,steady,test_vfio,steady)
$(call cards-vmm,steady_gicv4,test_vfio_gicv4,steady)
$(call cards-vmm,steady_gicv2,test_vfio_gicv2,steady)
$(foreach what,bad bad_iommufd bad_gicv2 bad_gicv2_iommufd window window_iommufd \
	ids bar vectors,$(call cards-vmm,$(what),test_vfio_$(what),disk))

# -- test_vfio_kill.py: killed in the middle of their I/O ---------------------

$(foreach what,kill kill_iommufd,$(call guest-vmm,cards/$(what),test_vfio_$(what),nvme))

# -- test_platform.py: the product's configs, with programs for their guest ---

test-vmms: $(BUILD)/system/offline
$(eval $(call busybox,platform,test/system/platform.sh $(BUILD)/system/gpio))
$(foreach config,qemu_virt_vfio_platform qemu_virt_vfio_platform_gicv2,$(call \
	linux-vmm,platform/$(config),$(config),,$(BUILD)/system/platform.cpio))
$(call linux-vmm,platform/storm,test_platform_kill,run="platform storm",$(BUILD)/system/platform.cpio)

# -- test_raspi4b.py ----------------------------------------------------------

$(call linux-vmm,platform/raspi4b,raspi4b,,$(BUILD)/system/platform.cpio)
$(call linux-vmm,platform/answer,raspi4b,run="platform answer",$(BUILD)/system/platform.cpio)

# -- test_zcu102.py: killed in the middle of its traffic ------------------------

$(call linux-vmm,zcu102/storm,test_zcu102_kill,run="ip link set eth0 up; \
	ip addr add 10.0.2.15/24 dev eth0; \
	until grep -q 1 /sys/class/net/eth0/carrier; do :; done; \
	ping -q -A -c 20 -s 1400 10.0.2.2 || echo FAIL; \
	echo STORM; ping -q -A -s 1400 10.0.2.2")

# -- test_soc_guests.py: bare-metal guests with devices of the board itself ----

$(call guest-vmms,test_soc_gicv3 test_soc_gicv2,$(GUESTS_SOC))
$(call guest-vmm,test_soc_platform_gicv3/vfio_rtc,test_soc_platform_gicv3,vfio_rtc)
$(call guest-vmm,test_soc_rtc/vfio_alarms_rtc,test_soc_rtc,vfio_alarms_rtc)
$(call guest-vmm,test_soc_gpio/vfio_alarms_gpio,test_soc_gpio,vfio_alarms_gpio)

# -- test_soc_million.py ------------------------------------------------------

$(call guest-vmm,test_soc_gicv3/vfio_alarms_million,test_soc_gicv3,vfio_alarms_million)

# -- test_soc_kill.py: killed between assertion and EOI -----------------------

$(call guest-vmms,test_soc_owner_gicv3 test_soc_owner_gicv2,$(GUESTS_SOC_OWNER))
$(call guest-vmms,test_soc_loud_gicv3 test_soc_loud_gicv2,$(GUESTS_SOC_LOUD))

# -- test_soc_refusals.py -----------------------------------------------------

# The boards for which those are right that are wrong for the host.
$(BUILD)/system/test_soc_%.dtb: test/system/odd.dts configs/test_soc_%.h \
		configs/test_soc_odd.h
	@mkdir -p $(@D)
	@$(CC) -E -P -nostdinc -I. -x assembler-with-cpp \
		-DCONFIG_HEADER='"configs/test_soc_$*.h"' $< | \
		dtc -q -I dts -O dtb -o $@
$(foreach what,name regions size lines trigger,$(eval \
	$(BUILD)/test_soc_$(what)/hello/soc.dtb: $(BUILD)/system/test_soc_$(what).dtb))

$(call guest-vmms,test_soc_gicv3 test_soc_name test_soc_regions test_soc_size \
	test_soc_lines test_soc_trigger test_soc_safe test_soc_dma,hello)

# -- test_partitions*.py: boards with several partitions -----------------------

# One that has "guest" and "second": $(call partitions-vmm,NAME,CONFIG,IMAGES,
# INITRDS,CMDLINE), an image and an initrd for each, or no initrds.
define partitions-vmm
$(call payload,$(BUILD)/$(1)/guest,$(2),guest,$(word 1,$(3)),$(word 1,$(4)),$(5))
$(call payload,$(BUILD)/$(1)/second,$(2),second,$(word 2,$(3)),$(word 2,$(4)),$(5))
$(call link-vmm,$(BUILD)/$(1),$(2),$(BUILD)/$(1)/guest $(BUILD)/$(1)/second)

$(BUILD)/$(1)/config.o: $(BUILD)/$(1)/payload.h
$(BUILD)/$(1)/payload.h:
	@mkdir -p $$(@D)
	@printf '#include "%s/payload.h"\n' guest second > $$@

test-vmms: $(BUILD)/$(1)/vmm.elf
endef

$(eval $(call plugin,$(BUILD)/system/stays.so,test/system/stays.c))
test-vmms: $(BUILD)/system/stays.so

# With guests of test/guest: $(call pair-vmm,CONFIG,FIRST,SECOND)
pair-vmm = $(eval $(call partitions-vmm,$(1)/$(2)-$(3),$(1),$(BUILD)/guest/$(2).bin $(BUILD)/guest/$(3).bin,,test))

$(call pair-vmm,test_partitions_kills,steady,spin)
$(foreach action,stop halt reboot poweroff,$(call \
	pair-vmm,test_partitions_$(action),psci_reset,hello))
$(call pair-vmm,test_partitions_greedy,steady,ram_touch)
$(call pair-vmm,test_partitions_resets,steady,psci_reset)
$(call pair-vmm,test_partitions_watch,beats,asleep)
$(call pair-vmm,test_partitions_starve,spin,hello)
$(call pair-vmm,test_partitions_bells,shmem,shmem)
$(call pair-vmm,test_partitions_bells,shmem_long,shmem_long)

# Linux and Linux, Linux and a bare-metal guest.
$(eval $(call busybox,doorbell,$(BUILD)/system/doorbell))
doorbell-initrd := $(BUILD)/system/doorbell.cpio
$(eval $(call partitions-vmm,partitions/linux-linux,qemu_virt_partitions,$(guest-kernel) $(guest-kernel),$(doorbell-initrd) $(doorbell-initrd),console=ttyAMA0 quiet))
$(eval $(call partitions-vmm,partitions/linux-net,qemu_virt_partitions,$(guest-kernel) $(BUILD)/guest/net_echo.bin,$(doorbell-initrd),console=ttyAMA0 quiet))
$(eval $(call partitions-vmm,partitions/linux-shmem,qemu_virt_partitions,$(guest-kernel) $(BUILD)/guest/shmem_carved.bin,$(doorbell-initrd),console=ttyAMA0 quiet))
