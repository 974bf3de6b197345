# SPDX-License-Identifier: Apache-2.0
# Hosted unit tests: the VMM's own sources, built for the build machine with
# ASan and UBSan, over the fake Linux of test/unit/fake*.c. Included by the one
# Makefile. UNIT_TESTS are the programs, $(BUILD)/unit/<name>;
# $(BUILD)/unit/dt_dump-<config> prints a config's guest device tree as a blob.

UNIT_CC ?= gcc
UNIT := $(BUILD)/unit
# COVERAGE=1: gcov data beside the objects, in a directory of their own.
ifdef COVERAGE
UNIT := $(BUILD)/unit-coverage
unit-coverage := --coverage
unit-coverage-link := -Wl,-u,__gcov_dump
endif

UNIT_CONFIGS := $(CONFIGS)
UNIT_PLAIN := test_mem test_image test_mmio test_virtqueue test_virtq_packed \
	test_virtq_packed_bad test_virtq_packed_event test_virtq_packed_model \
	test_virtio test_virtio_status test_virtio_mmio \
	test_virtio_legacy test_blk test_disk test_rng test_console \
	test_pl011 test_tty test_pl031 test_gic test_loop test_dt test_log \
	test_last test_slot test_vcpu test_kvm test_supervisor test_health \
	test_startup test_startup_faults test_stimuli \
	test_identity test_identity_pin test_identity_supervisor
UNIT_PCI := test_gic_msi test_pci test_pci_bars test_pci_dt test_msix \
	test_msix_source test_virtio_pci test_virtio_pci_irq \
	test_virtio_pci_window test_virtio_pci_legacy
UNIT_HOST := test_net test_net_vhost test_vsock test_shmem \
	test_virtio_pci_calls test_virtio_mmio_calls
UNIT_VFIO := test_vfio_open test_vfio_group test_vfio_config \
	test_vfio_hostile test_vfio_bars test_vfio_areas test_vfio_msix \
	test_vfio_irq test_vfio_irq_model test_vfio_list test_vfio_steer
# Again with the virtio devices on PCI.
UNIT_ON_PCI := test_virtio test_virtio_status test_stimuli
# Again with a network and neighbours besides.
UNIT_ON_NET := test_startup test_startup_faults
# With cards of the host, by container and group, or by iommufd.
UNIT_ON_VFIO := test_startup test_startup_faults test_bind
UNIT_ON_IOMMUFD := test_startup_faults test_vfio_open test_vfio_iommufd
# With platform devices of the host: without an IOMMU or behind one, by group
# or by iommufd; on a board that wants an IOMMU.
UNIT_ON_SOC := test_startup test_startup_faults test_bind_soc \
	test_vfio_platform_open test_vfio_platform_facts \
	test_vfio_platform test_vfio_platform_irq \
	test_vfio_platform_order test_vfio_platform_hostile
UNIT_ON_SOC_IOMMUFD := test_startup_faults test_vfio_platform_open \
	test_vfio_platform_facts
UNIT_ON_SOC_SAFE := test_vfio_platform_safe
# With identity RAM, and devices that do DMA.
UNIT_ON_IDENTITY := test_startup_faults test_identity_start
# A second partition, and all that is between the two.
UNIT_ON_PARTITIONS := test_startup test_startup_faults test_stimuli \
	test_shared test_status
UNIT_TESTS := $(UNIT_PLAIN) $(UNIT_PCI) $(UNIT_HOST) $(UNIT_VFIO) \
	$(UNIT_ON_PCI:%=%-pci) $(UNIT_ON_NET:%=%-net) \
	$(UNIT_ON_VFIO:%=%-vfio) $(UNIT_ON_IOMMUFD:%=%-iommufd) \
	$(UNIT_ON_SOC:%=%-soc) $(UNIT_ON_SOC_IOMMUFD:%=%-soc_iommufd) \
	$(UNIT_ON_SOC_SAFE:%=%-soc_safe) $(UNIT_ON_IDENTITY:%=%-identity) \
	$(UNIT_ON_PARTITIONS:%=%-partitions) $(UNIT_CONFIGS:%=test_fdt-%)

unit-vmm := core/log core/kvm core/mem core/identity core/mmio core/gic core/dt core/loop \
	core/vcpu core/vcpu_regs core/status dev/status_page dev/shared dev/devices dev/tty dev/pl011 dev/pl031 \
	dev/virtqueue dev/virtq_split dev/virtq_packed \
	dev/virtio dev/virtio_transport dev/virtio_mmio \
	dev/pci dev/pci_bar dev/pci_dt dev/msi dev/msix dev/virtio_pci dev/virtio_pci_common \
	dev/virtio_pci_calls dev/virtio_pci_legacy dev/disk dev/blk dev/rng \
	dev/vhost dev/tap dev/net dev/vsock dev/console dev/shmem \
	dev/vfio dev/vfio_iommu dev/vfio_pci dev/vfio_pci_config \
	dev/vfio_pci_bar dev/vfio_pci_irq dev/vfio_platform dev/vfio_steer \
	boot/partition boot/supervisor boot/health boot/last boot/slot boot/bind \
	boot/image boot/guest_fdt
unit-frame := test/unit/fake_sys test/unit/fake_kvm test/unit/fake_ring \
	test/unit/fake_huge test/unit/fake_stamp \
	test/unit/fake_net test/unit/fake_vfio test/unit/fake_vfio_card \
	test/unit/fake_vfio_irq test/unit/fake_vfio_soc test/unit/fake_vfio_sysfs \
	test/unit/vfio_guest test/unit/soc_guest test/unit/vfio_irq_guest \
	test/unit/fake_vhost test/unit/fake_ioeventfd \
	test/unit/fake_watchdog \
	test/unit/driver test/unit/packed \
	test/unit/fake_irq test/unit/pci_guest \
	test/unit/driver_pci test/unit/msix_guest test/unit/counting test/unit/net_guest

# bounds-strict: also arrays at the end of a struct
UNIT_SANITIZE := -fsanitize=address,undefined,bounds-strict \
	-fno-sanitize-recover=all \
	-fno-omit-frame-pointer
UNIT_WARNINGS := -Wall -Wextra -Wshadow -Wundef -Wvla -Wstrict-prototypes \
	-Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Werror \
	-Wno-clobbered -Wno-maybe-uninitialized
UNIT_BASE := -std=gnu11 -g -O1 -fno-common -fno-strict-aliasing \
	-include test/unit/hosted.h $(UNIT_WARNINGS) -MMD -MP -I. \
	$(unit-coverage)
# arm64's headers first: <asm/kvm.h> and the like are the target's.
UNIT_CFLAGS := $(UNIT_BASE) $(UNIT_SANITIZE) -isystem $(CACHE)/uapi/include
UNIT_LIBS := -lcmocka -lfdt -pthread

$(UNIT)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(if $(V),,@echo "  HOSTCC  $@")
	$(Q)$(UNIT_CC) $(UNIT_CFLAGS) -c -o $@ $<

# The frame alone sees the host's headers.
$(UNIT)/obj/test/unit/unit.o: test/unit/unit.c
	@mkdir -p $(@D)
	$(if $(V),,@echo "  HOSTCC  $@")
	$(Q)$(UNIT_CC) $(UNIT_BASE) $(UNIT_SANITIZE) -c -o $@ $<

unit-objects := $(patsubst %,$(UNIT)/obj/%.o,$(unit-vmm) $(unit-frame) \
	test/unit/unit)

$(UNIT)/obj/libunit.a: $(unit-objects)
	@rm -f $@
	$(Q)ar rcs $@ $^

# A payload that fits every config, from a file that the rule makes.
$(UNIT)/payload/payload.S: tools/payload.py
	@mkdir -p $(@D)
	@head -c 4096 /dev/zero | tr '\0' U >$(@D)/flat.bin
	@head -c 1000 /dev/zero | tr '\0' I >$(@D)/initrd.bin
	@$(PYTHON) tools/payload.py --out $(@D) --partition guest \
		--image $(@D)/flat.bin --initrd $(@D)/initrd.bin \
		--cmdline 'unit "quoted" \ test' --flat 0x40080000

# The same for the configs whose payload is firmware.
$(UNIT)/firmware/payload.S: $(UNIT)/payload/payload.S
	@mkdir -p $(@D)
	@$(PYTHON) tools/payload.py --out $(@D) --partition guest \
		--image $(<D)/flat.bin --cmdline 'unit "quoted" \ test' \
		--firmware

# The same as an Image, which identity RAM is for.
$(UNIT)/image/payload.S: $(UNIT)/payload/payload.S
	@mkdir -p $(@D)
	@{ head -c 16 /dev/zero; printf '\0\020\0\0\0\0\0\0\012'; \
		head -c 31 /dev/zero; printf 'ARM\144'; \
		head -c 4036 /dev/zero | tr '\0' U; } >$(@D)/image.bin
	@$(PYTHON) tools/payload.py --out $(@D) --partition guest \
		--image $(@D)/image.bin --initrd $(<D)/initrd.bin \
		--cmdline 'unit "quoted" \ test'

# Either twice, for configs with two partitions.
$(UNIT)/two/payload.S: $(UNIT)/payload/payload.S
	$(call unit-twice,flat.bin --flat 0x40080000)
$(UNIT)/two_images/payload.S: $(UNIT)/image/payload.S
	$(call unit-twice,image.bin)
define unit-twice
	@for p in guest second; do mkdir -p $(@D)/$$p; \
		$(PYTHON) tools/payload.py --out $(@D)/$$p --partition $$p \
		--initrd $(UNIT)/payload/initrd.bin \
		--cmdline 'unit "quoted" \ test' --image $(<D)/$(1); done
	@printf '#include "%s/payload.h"\n' guest second >$(@D)/payload.h
	@printf '.include "$(@D)/%s/payload.S"\n' guest second >$@
endef

# And for those with platform devices, whose nodes are part of it: an Image,
# of its header and zeros.
unit-soc-configs := $(filter qemu_virt_vfio_platform%,$(UNIT_CONFIGS)) \
	$(CONFIGS_BOARDS) $(CONFIGS_DESCRIBED)
define unit-soc-payload
$(call soc-dt,$(UNIT)/$(1),$(1),guest)

$(UNIT)/$(1)/payload.S: $(UNIT)/$(1)/soc.dtb $(UNIT)/payload/payload.S
	@{ head -c 16 /dev/zero; printf '\0\020\0\0\0\0\0\0\012'; \
		head -c 31 /dev/zero; printf 'ARM\144'; \
		head -c 4036 /dev/zero; } >$$(@D)/image.bin
	@$(PYTHON) tools/payload.py --out $$(@D) --partition guest \
		--image $$(@D)/image.bin --dt $$< \
		--initrd $(UNIT)/payload/initrd.bin \
		--cmdline 'unit "quoted" \ test'
endef
$(foreach c,$(unit-soc-configs),$(eval $(call unit-soc-payload,$(c))))

$(patsubst %,$(UNIT)/%/payload.o,payload firmware image two two_images $(unit-soc-configs)): %.o: %.S
	$(Q)$(UNIT_CC) -c -o $@ $<

unit-payload = $(UNIT)/$(if $(filter %_uboot,$(1)),firmware,$(if \
	$(filter unit_identity,$(1)),image,$(if \
	$(filter unit_partitions,$(1)),two,$(if \
	$(filter %_partitions,$(1)),two_images,$(or \
	$(filter $(1),$(unit-soc-configs)),payload)))))

# $(call unit-config,NAME,HEADER): the tables of one config.
define unit-config
$(UNIT)/config/$(1).o: core/config.c $(call unit-payload,$(1))/payload.S
	@mkdir -p $$(@D)
	$(Q)$(UNIT_CC) $(UNIT_CFLAGS) -I$(call unit-payload,$(1)) \
		-DCONFIG_HEADER='"$(2)"' -c -o $$@ $$<
endef
$(eval $(call unit-config,unit,test/unit/unit_config.h))
$(eval $(call unit-config,unit_pci,test/unit/unit_config_pci.h))
$(eval $(call unit-config,unit_net,test/unit/unit_config_net.h))
$(eval $(call unit-config,unit_vfio,test/unit/unit_config_vfio.h))
$(eval $(call unit-config,unit_iommufd,test/unit/unit_config_iommufd.h))
$(eval $(call unit-config,unit_soc,test/unit/unit_config_soc.h))
$(eval $(call unit-config,unit_soc_iommufd,test/unit/unit_config_soc_iommufd.h))
$(eval $(call unit-config,unit_soc_safe,test/unit/unit_config_soc_safe.h))
$(eval $(call unit-config,unit_identity,test/unit/unit_config_identity.h))
$(eval $(call unit-config,unit_partitions,test/unit/unit_config_partitions.h))
$(foreach c,$(UNIT_CONFIGS),$(eval $(call unit-config,$(c),configs/$(c).h)))

# Tests that bring config tables of their own.
unit-own-config := test_supervisor test_health test_last test_identity test_identity_pin \
	test_identity_supervisor test_vfio_steer
unit-config-of = $(if $(filter $(1),$(unit-own-config)),,$(UNIT)/config/unit.o \
	$(UNIT)/payload/payload.o)

define unit-program
$(UNIT)/$(1): $(UNIT)/obj/test/unit/$(1).o $(call unit-config-of,$(1)) \
		$(UNIT)/obj/libunit.a
	$(if $(V),,@echo "  HOSTLD  $$@")
	$(Q)$(UNIT_CC) $(UNIT_SANITIZE) $(unit-coverage) $(unit-coverage-link) -o $$@ \
		$$(filter %.o %.a,$$^) $(UNIT_LIBS)
endef
$(foreach t,$(UNIT_PLAIN) $(UNIT_PCI) $(UNIT_HOST) $(UNIT_VFIO),$(eval $(call unit-program,$(t))))

# $(call unit-variant,TEST,VARIANT,CONFIG,OBJECTS): the same with another
# config, and with objects instead of those of libunit.a.
define unit-variant
$(UNIT)/$(1)-$(2): $(UNIT)/obj/test/unit/$(1).o $(4) $(UNIT)/config/$(3).o \
		$(call unit-payload,$(3))/payload.o $(UNIT)/obj/libunit.a
	$(if $(V),,@echo "  HOSTLD  $$@")
	$(Q)$(UNIT_CC) $(UNIT_SANITIZE) $(unit-coverage) $(unit-coverage-link) -o $$@ \
		$$(filter %.o %.a,$$^) $(UNIT_LIBS)
endef
$(foreach t,$(UNIT_ON_PCI),$(eval $(call unit-variant,$(t),pci,unit_pci)))
$(foreach t,$(UNIT_ON_NET),$(eval $(call unit-variant,$(t),net,unit_net)))
$(foreach t,$(UNIT_ON_VFIO),$(eval $(call unit-variant,$(t),vfio,unit_vfio)))
$(foreach t,$(UNIT_ON_IOMMUFD),$(eval $(call unit-variant,$(t),iommufd,unit_iommufd)))
$(foreach t,$(UNIT_ON_SOC),$(eval $(call unit-variant,$(t),soc,unit_soc)))
$(foreach t,$(UNIT_ON_SOC_IOMMUFD),$(eval $(call unit-variant,$(t),soc_iommufd,unit_soc_iommufd)))
$(foreach t,$(UNIT_ON_SOC_SAFE),$(eval $(call unit-variant,$(t),soc_safe,unit_soc_safe)))
$(foreach t,$(UNIT_ON_IDENTITY),$(eval $(call unit-variant,$(t),identity,unit_identity)))
$(foreach t,$(UNIT_ON_PARTITIONS),$(eval $(call unit-variant,$(t),partitions,unit_partitions)))

# The whole device tree, once for each config.
unit-fdt-host := $(UNIT)/obj/test/unit/fdt_host.o
$(foreach c,$(UNIT_CONFIGS),$(eval $(call \
	unit-variant,test_fdt,$(c),$(c),$(unit-fdt-host))))

# dt_dump-CONFIG, with the payload that the config is really built with.
real-payloads := $(foreach p,$(partitions),$(call payload-dir,$(p))/payload.S)
real-objects := $(foreach p,$(partitions),$(UNIT)/config-real/$(CONFIG)-$(p).o)

$(UNIT)/config-real/$(CONFIG).o: core/config.c $(real-payloads)
	@mkdir -p $(@D)
	$(Q)$(UNIT_CC) $(UNIT_CFLAGS) -I$(OUT) \
		-DCONFIG_HEADER='"configs/$(CONFIG).h"' -c -o $@ $<

$(real-objects): $(UNIT)/config-real/$(CONFIG)-%.o: $(real-payloads)
	@mkdir -p $(@D)
	$(Q)$(UNIT_CC) -c -o $@ $(call payload-dir,$*)/payload.S

$(UNIT)/config-real/$(CONFIG)-stamp.o: $(OUT)/stamp.S
	@mkdir -p $(@D)
	$(Q)$(UNIT_CC) -c -o $@ $<

$(UNIT)/dt_dump-$(CONFIG): $(UNIT)/obj/test/unit/dt_dump.o \
		$(unit-fdt-host) \
		$(UNIT)/config-real/$(CONFIG).o \
		$(UNIT)/config-real/$(CONFIG)-stamp.o \
		$(real-objects) $(UNIT)/obj/libunit.a
	$(if $(V),,@echo "  HOSTLD  $@")
	$(Q)$(UNIT_CC) $(UNIT_SANITIZE) $(unit-coverage) $(unit-coverage-link) -o $@ \
		$(filter %.o %.a,$^) $(UNIT_LIBS)

unit-tests: $(UNIT_TESTS:%=$(UNIT)/%)
.PHONY: unit-tests

-include $(unit-objects:.o=.d) \
	$(patsubst %,$(UNIT)/obj/test/unit/%.d,$(UNIT_PLAIN) $(UNIT_PCI) \
	$(UNIT_HOST) $(UNIT_VFIO) $(UNIT_ON_VFIO) $(UNIT_ON_IOMMUFD) \
	$(UNIT_ON_SOC) $(UNIT_ON_SOC_SAFE) $(UNIT_ON_IDENTITY) \
	$(UNIT_ON_PARTITIONS)) \
	$(UNIT)/obj/test/unit/test_fdt.d $(UNIT)/obj/test/unit/dt_dump.d \
	$(unit-fdt-host:.o=.d) \
	$(wildcard $(UNIT)/config/*.d $(UNIT)/config-real/*.d)
