# SPDX-License-Identifier: Apache-2.0
# Bedplate's one Makefile. The targets for people set the machine up first
# (tools/setup.sh, at once when nothing is missing) and then run themselves
# again with READY=1, when compilers and cached artefacts are known to exist.

CONFIG ?= qemu_virt
LIBC ?= picolibc
BUILD := build
PYTHON := /usr/bin/python3
CROSS := aarch64-linux-gnu-
CACHE := $(or $(BEDPLATE_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/bedplate)
TARGET := $(CACHE)/target
CC := $(CROSS)gcc

# The payload, where it is not to be what the config names.
GUEST_IMAGE ?=
GUEST_INITRD ?=
GUEST_CMDLINE ?=
# A flat binary's load and entry address; without it, an arm64 Image.
GUEST_FLAT ?=

# The version, where it is not git's: tools/version.sh.
VERSION ?=

# A key that flash images are signed with: NAME.key and NAME.crt in DIR.
SIGN_KEY ?=

# Bytes of text + rodata + data, asserted by linker.ld.
SIZE_LIMIT := 118784

CONFIGS := qemu_virt qemu_virt_nvhe qemu_virt_gicv2 qemu_virt_hugepages \
	qemu_virt_mmio qemu_virt_pci qemu_virt_uboot qemu_virt_vfio_pci \
	qemu_virt_vfio_pci_gicv4 qemu_virt_vfio_pci_gicv2 \
	qemu_virt_vfio_platform qemu_virt_vfio_platform_gicv2 \
	qemu_virt_partitions
# Of real boards that QEMU emulates: a host kernel and a device tree each.
CONFIGS_BOARDS := raspi4b zcu102
# Of boards that are described, and run by nobody here (docs/porting.md).
CONFIGS_DESCRIBED := imx8mp_evk lx2160a_rdb am625_sk j721e_evm rzg2m_hihope \
	rk3588_rock5b
CONFIGS += $(CONFIGS_BOARDS) $(CONFIGS_DESCRIBED)

comma := ,

.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SUFFIXES:

# -- Targets for people ------------------------------------------------------

PEOPLE := run check build flash test bench lint size dt emu-command board-check

.PHONY: help setup clean sbom $(PEOPLE)

help:
	@sed -n 's/^#: \?//p' Makefile

#: Bedplate: a minimal VMM for embedded ARM64
#:
#:   make setup                install packages, fill the cache
#:   make run                  boot the emulated board to the guest's shell
#:   make check CONFIG=c       boot c without a terminal; PASS c or FAIL c: why
#:   make build                build/CONFIG/vmm.elf, initramfs.cpio, payload.bin
#:                             and sbom.spdx.json, what they are made of
#:   make flash                build/CONFIG/flash.itb, to be booted by U-Boot, and
#:                             flash.img, a disk with it in slot a
#:   make test                 all tests; ends with 'N passed, N failed'
#:   make bench                instruction counts against QEMU and the floor
#:   make lint                 formatting, layers, self-contained headers
#:   make size                 sizes of the binary, against the limit
#:   make dt                   print the guest's device tree
#:   make emu-command CONFIG=c print the emulator's command line
#:   make board-check CONFIG=c compare c's board header with its device tree
#:   make clean                remove build/
#:
#: Variables:
#:   CONFIG=qemu_virt          qemu_virt, qemu_virt_nvhe, qemu_virt_gicv2,
#:                             qemu_virt_hugepages; every virtio device:
#:                             qemu_virt_mmio, qemu_virt_pci; U-Boot:
#:                             qemu_virt_uboot; PCI cards of the host:
#:                             qemu_virt_vfio_pci, qemu_virt_vfio_pci_gicv4,
#:                             qemu_virt_vfio_pci_gicv2; devices of the
#:                             board itself: qemu_virt_vfio_platform,
#:                             qemu_virt_vfio_platform_gicv2; two guests:
#:                             qemu_virt_partitions; real boards that QEMU
#:                             emulates: raspi4b, zcu102; of boards
#:                             described, not run: imx8mp_evk, lx2160a_rdb,
#:                             am625_sk, j721e_evm, rzg2m_hihope,
#:                             rk3588_rock5b
#:   LIBC=picolibc             picolibc or newlib
#:   GUEST_IMAGE=FILE          another arm64 Image or, with GUEST_FLAT, binary;
#:                             another firmware where the config's is one
#:   GUEST_FLAT=ADDRESS        load and enter GUEST_IMAGE there
#:   GUEST_INITRD=FILE         another initial RAM disk; 'none' for none
#:   GUEST_CMDLINE='...'       another kernel command line
#:   EMBED=1                   keep the payload in the initramfs, on a board
#:                             whose boot loader would put it into RAM
#:   VERSION=...               the stamp's, where it is not git's
#:   SIGN_KEY=DIR/NAME         sign flash.itb with NAME.key, NAME.crt
#:   BEDPLATE_CACHE=DIR        for downloads and kernels (~/.cache/bedplate)

setup:
	@tools/setup.sh

clean:
	rm -rf $(BUILD)

ifneq ($(filter $(CONFIG),$(CONFIGS_DESCRIBED)),)
ifneq ($(filter run check flash bench emu-command,$(MAKECMDGOALS)),)
$(error CONFIG=$(CONFIG): a board described, not run: no emulator has it; \
	'make board-check' and 'make build' are for it)
endif
endif

ifndef READY
$(PEOPLE):
	@tools/setup.sh $(if $(filter test,$@),debian dtb lint \
		$(CONFIGS_BOARDS:%=host-%),$(if $(filter $(CONFIG),$(CONFIGS_BOARDS) \
		$(CONFIGS_DESCRIBED)),dtb) $(patsubst %,host-%,$(filter \
		$(CONFIG),$(CONFIGS_BOARDS))) $(filter bench lint,$@)) \
		$(if $(filter test bench,$@),host-test)
	@$(MAKE) --no-print-directory READY=1 $@
else

# -- Configs -----------------------------------------------------------------

ifeq ($(filter $(CONFIG),$(CONFIGS)),)
$(error CONFIG=$(CONFIG): unknown; choose one of: $(CONFIGS))
endif
ifeq ($(filter $(LIBC),picolibc newlib),)
$(error LIBC=$(LIBC): choose picolibc or newlib)
endif

# What tools need of a config's header: $(call config,NAME,KEY).
config = $(strip $(shell $(CC) -E -P -x c -I. \
	-DCONFIG_HEADER='"configs/$(1).h"' tools/config.mk.in | \
	sed 's/@@/\n/g' | sed -n 's/^$(2) := //p' | tr -d '"'))

kernel-path = $(shell tools/kernel.sh --path $(1))

fragment := $(call config,$(CONFIG),board_kernel_fragment)
host-kernel := $(if $(fragment),$(call \
	kernel-path,host-$(notdir $(basename $(fragment)))))
test-kernel := $(call kernel-path,host-test)
guest-kernel := $(call kernel-path,guest)
guest-initrd := $(BUILD)/guest-initrd.cpio
u-boot := $(CACHE)/u-boot/usr/lib/u-boot/qemu_arm64/u-boot.bin

# How the emulated board is started, whatever it runs; its devices besides.
emu-board := qemu-system-aarch64 -nographic -nic none -no-reboot \
	-chardev socket$(comma)id=hvc0$(comma)path=OUT/hvc0.sock$(comma)server=on$(comma)wait=off$(comma)logfile=OUT/hvc0.log

# -- The VMM -----------------------------------------------------------------

suffix := $(if $(filter newlib,$(LIBC)),-newlib)
OBJ := $(BUILD)/obj$(suffix)

# Where a package builds it, some of these are elsewhere: docs/packaging.md.
UAPI_INCLUDE := $(CACHE)/uapi/include
LIBFDT_INCLUDE := $(TARGET)/usr/include
LIBFDT_ARCHIVE := $(TARGET)/usr/lib/aarch64-linux-gnu/libfdt.a
# Built here, from the copy in a Linux kernel: scripts/dtc/libfdt.
LIBFDT_SOURCE :=
ifneq ($(LIBFDT_SOURCE),)
LIBFDT_INCLUDE := $(LIBFDT_SOURCE)
LIBFDT_ARCHIVE := $(BUILD)/libfdt$(suffix)/libfdt.a
endif

ifeq ($(LIBC),newlib)
LIBC_INCLUDE := $(CACHE)/newlib/include
LIBC_ARCHIVE := $(CACHE)/newlib/lib/libc.a
libc-sources := boot/newlib.c
else
libc-root := $(TARGET)/usr/lib/picolibc/aarch64-linux-gnu
LIBC_INCLUDE := $(libc-root)/include
LIBC_ARCHIVE := $(libc-root)/lib/release/libc.a
libc-sources :=
# The formatter without floating point.
libc-flags := -Wl,--defsym=vfprintf=__i_vfprintf
endif

SOURCES := \
	boot/start.S boot/main.c boot/sys.c boot/supervisor.c boot/health.c \
	boot/last.c boot/slot.c boot/bind.c \
	boot/partition.c boot/image.c boot/guest_fdt.c \
	core/log.c core/kvm.c core/identity.c core/mem.c core/mmio.c core/gic.c core/dt.c \
	core/loop.c core/vcpu.c core/vcpu_regs.c core/status.c \
	dev/devices.c dev/tty.c dev/pl011.c dev/pl031.c dev/virtqueue.c \
	dev/virtq_split.c dev/virtq_packed.c \
	dev/virtio.c dev/virtio_transport.c dev/virtio_mmio.c dev/pci.c \
	dev/pci_bar.c dev/pci_dt.c \
	dev/msi.c dev/msix.c dev/virtio_pci.c dev/virtio_pci_common.c \
	dev/virtio_pci_calls.c dev/virtio_pci_legacy.c dev/disk.c dev/blk.c \
	dev/rng.c dev/vhost.c dev/tap.c dev/net.c dev/vsock.c dev/shmem.c \
	dev/console.c dev/vfio.c dev/vfio_iommu.c dev/vfio_pci.c \
	dev/vfio_pci_config.c dev/vfio_pci_bar.c dev/vfio_pci_irq.c \
	dev/vfio_platform.c dev/vfio_steer.c dev/status_page.c dev/shared.c

WARNINGS := -Wall -Wextra -Wshadow -Wundef -Wvla -Wstrict-prototypes \
	-Wmissing-prototypes -Wpointer-arith -Wwrite-strings \
	-Wframe-larger-than=2048 -Werror

# What runs while the guest does, or takes most of a start, is optimised for
# speed, the rest for size.
HOT := core/vcpu core/mmio core/loop core/gic core/mem dev/virtqueue \
	dev/virtq_split dev/virtio dev/virtio_mmio dev/blk dev/pl011 boot/image

# For the compiler and, since the program is optimised as a whole, the linker.
# The objects keep plain code too, for tests that replace a function. Two builds
# give the same bytes, wherever they are; as for that, DWARF 5 has a directory's
# name that no option of binutils 2.40 changes.
CODEGEN := -O2 -gdwarf-4 -flto -ffat-lto-objects -ffreestanding -fno-pic -fno-common \
	-fno-strict-aliasing -fno-asynchronous-unwind-tables \
	-ffunction-sections -fdata-sections -fstack-protector-strong \
	-mno-outline-atomics -mbranch-protection=pac-ret \
	-fdebug-prefix-map=$(CURDIR)=. -fdebug-prefix-map=$(CACHE)=cache

CFLAGS := -std=gnu11 $(CODEGEN) $(WARNINGS) -MMD -MP -nostdinc -I. \
	-isystem $(shell $(CC) -print-file-name=include) \
	-isystem $(LIBC_INCLUDE) -isystem $(LIBFDT_INCLUDE) \
	-isystem $(UAPI_INCLUDE)

# Cortex-A53 erratum 843419: rewrite ADRP to ADR, which reaches all of us,
# instead of inserting a stub and up to 4 KiB of padding.
LDFLAGS := $(CODEGEN) -static -nostdlib -no-pie -T linker.ld \
	-Wl,--gc-sections,--fatal-warnings,--build-id=none,--orphan-handling=error \
	-Wl,-z,noexecstack,-z,max-page-size=4096,-z,separate-code,-z,norelro \
	-Wl,--fix-cortex-a53-843419=adr $(libc-flags)
size-limit = -Wl,--defsym=__size_limit=$(1)

# V=1 shows the commands.
Q := $(if $(V),,@)

objects := $(addprefix $(OBJ)/,$(addsuffix .o,$(basename \
	$(SOURCES) $(libc-sources))))

$(OBJ)/%.o: %.c
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC      $@")
	$(Q)$(CC) $(CFLAGS) $(if $(filter $(HOT),$*),-O2,-Os) -c -o $@ $<

$(OBJ)/%.o: %.S
	@mkdir -p $(@D)
	$(if $(V),,@echo "  AS      $@")
	$(Q)$(CC) -MMD -MP -I. -c -o $@ $<

-include $(objects:.o=.d)

# Not our code, and not under our warnings.
libfdt-objects := $(addprefix $(BUILD)/libfdt$(suffix)/,fdt.o fdt_ro.o fdt_rw.o \
	fdt_sw.o fdt_wip.o fdt_strerror.o)
$(BUILD)/libfdt$(suffix)/%.o: $(LIBFDT_SOURCE)/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out $(WARNINGS) -flto,$(CFLAGS)) -I$(<D) -c -o $@ $<

$(BUILD)/libfdt$(suffix)/libfdt.a: $(libfdt-objects)
	$(Q)rm -f $@ && $(CROSS)ar rcsD $@ $^

# All that is the same for every config, optimised as one program.
$(OBJ)/bedplate.o: $(objects)
	$(if $(V),,@echo "  LTO     $@")
	$(Q)$(CC) $(CODEGEN) -r -nostdlib -flinker-output=nolto-rel -flto-partition=one \
		-o $@ $^

# The version and the toolchain, which every VMM's stamp has; it changes only
# when they do. Tests run several makes at once.
$(BUILD)/version: FORCE
	@mkdir -p $(@D)
	@new=$@.$$$$ && { VERSION='$(VERSION)' tools/version.sh && \
		echo "gcc $$($(CC) -dumpfullversion), binutils $$($$($(CC) \
			-print-prog-name=ld) --version | sed -n '1s/.* //p')"; \
		} >$$new && if cmp -s $$new $@; then rm $$new; \
		else mv $$new $@; fi

# What the nodes of a guest's platform devices are made of, and those nodes:
# $(call soc-dt,DIRECTORY,CONFIG,PARTITION). The emulator dumps its own tree.
define soc-rows
$(1)/soc.rows: tools/soc_rows.in
	@mkdir -p $$(@D)
	$(Q)$(CC) -E -P -x c -I. -MMD -MP -MT $$@ -MF $$@.d \
		-DCONFIG_HEADER='"configs/$(2).h"' -o $$@ $$<

-include $(1)/soc.rows.d
endef

define soc-dt
$(call soc-rows,$(1),$(2))

$(1)/soc.dtb: $(1)/soc.rows tools/guest_dt.py tools/soc.py tools/dtb.py
	$(Q)$(PYTHON) tools/guest_dt.py --rows $$< --partition $(3) \
		--emulator '$(emu-board)' --out $$@

-include $(1)/soc.dtb.d
endef

# $(call payload,DIRECTORY,CONFIG,PARTITION,IMAGE,INITRD,CMDLINE,FLAT,KIND),
# KIND "--firmware" or nothing. payload.args changes only when one of those does.
define payload
$(call soc-dt,$(1),$(2),$(3))

$(1)/soc.rows: $(1)/payload.args

$(1)/payload.args: FORCE
	@mkdir -p $$(@D)
	@echo '$(2)|$(4)|$(5)|$(6)|$(7)|$(8)' | cmp -s - $$@ || \
		echo '$(2)|$(4)|$(5)|$(6)|$(7)|$(8)' > $$@

$(1)/payload.S: $(1)/payload.args $(4) $(5) $(1)/soc.dtb tools/payload.py
	@$(PYTHON) tools/payload.py --out $(1) --partition $(3) \
		--dt $(1)/soc.dtb --image '$(4)' --initrd '$(5)' --cmdline '$(6)' --flat '$(7)' $(8)

$(1)/payload.o: $(1)/payload.S
	$(Q)$(CC) -c -o $$@ $$<
endef

# A VMM: $(call link-vmm,DIRECTORY,CONFIG,DIRECTORIES), those of its payloads.
define link-vmm
$(1)/config.o: core/config.c $(3:%=%/payload.S)
	$(Q)$(CC) $(CFLAGS) -I$(1) -DCONFIG_HEADER='"configs/$(2).h"' \
		-c -o $$@ $$<

$(1)/stamp.S: $(3:%=%/payload.S) $(BUILD)/version tools/stamp.py
	@$(PYTHON) tools/stamp.py --cc '$(CC)' --config $(2) \
		--header configs/$(2).h --payload $(3) \
		--version $(BUILD)/version --out $$@

$(1)/stamp.o: $(1)/stamp.S
	$(Q)$(CC) -c -o $$@ $$<

$(1)/vmm.elf: $(OBJ)/bedplate.o $(1)/config.o $(1)/stamp.o $(3:%=%/payload.o) \
		linker.ld $(LIBFDT_ARCHIVE) $(LIBC_ARCHIVE)
	$(if $(V),,@echo "  LD      $$@")
	$(Q)$(CC) $(LDFLAGS) $$(call size-limit,$(SIZE_LIMIT)) -fno-lto \
		-o $$@ $$(filter %.o,$$^) $(LIBFDT_ARCHIVE) $(LIBC_ARCHIVE) -lgcc

-include $(1)/config.d $(1)/stamp.d
endef

# A VMM of one partition: arguments of payload.
define vmm
$(call payload,$(1),$(2),$(3),$(4),$(5),$(6),$(7),$(8))
$(call link-vmm,$(1),$(2),$(1))
endef

# The payload of a partition: words of its CFG_PAYLOAD row, or GUEST_* for the
# first one.
guest-word = $(if $(filter $(1),$(firstword $(partitions))),$($(2)))
payload-file = $(if $(filter guest-kernel,$(1)),$(guest-kernel),$(if \
	$(filter guest-initrd,$(1)),$(guest-initrd),$(if \
	$(filter u-boot,$(1)),$(u-boot),$(1))))
payload-image = $(call payload-file,$(or $(call \
	guest-word,$(1),GUEST_IMAGE),$(word 2,$(2))))
payload-initrd = $(filter-out none,$(call payload-file,$(or $(call \
	guest-word,$(1),GUEST_INITRD),$(if $(call \
	guest-word,$(1),GUEST_IMAGE),none,$(word 3,$(2))))))
payload-cmdline = $(or $(call guest-word,$(1),GUEST_CMDLINE),$(wordlist 4,99,$(2)))
payload-kind = $(if $(filter PAYLOAD_FIRMWARE,$(word 1,$(2))),--firmware)
# $(call config-payload,DIRECTORY,PARTITION,ROW)
config-payload = $(call payload,$(1),$(CONFIG),$(2),$(strip $(call \
	payload-image,$(2),$(3))),$(strip $(call \
	payload-initrd,$(2),$(3))),$(call payload-cmdline,$(2),$(3)),$(call \
	guest-word,$(2),GUEST_FLAT),$(strip $(call payload-kind,$(2),$(3))))

OUT := $(BUILD)/$(CONFIG)$(suffix)
partitions := $(call config,$(CONFIG),partitions)
row = $(call config,$(CONFIG),payload_$(1))
# With more than one, each payload has a directory of its own.
payload-dir = $(if $(word 2,$(partitions)),$(OUT)/$(1),$(OUT))
$(foreach p,$(partitions),$(eval $(call config-payload,$(call \
	payload-dir,$(p)),$(p),$(call row,$(p)))))
$(eval $(call link-vmm,$(OUT),$(CONFIG),$(foreach p,$(partitions),$(call \
	payload-dir,$(p)))))
ifneq ($(word 2,$(partitions)),)
$(eval $(call soc-rows,$(OUT),$(CONFIG)))
$(OUT)/config.o: $(OUT)/payload.h
$(OUT)/payload.h: Makefile
	@mkdir -p $(@D)
	@printf '#include "%s/payload.h"\n' $(partitions) > $@
endif

# -- Guest and host images ---------------------------------------------------

$(guest-kernel):
	tools/kernel.sh guest

$(test-kernel):
	tools/kernel.sh host-test

$(host-kernel):
	tools/kernel.sh host-$(notdir $(basename $(fragment)))

$(guest-initrd): tools/mkinitramfs.py host/guest-init
	@mkdir -p $(@D)
	$(PYTHON) tools/mkinitramfs.py -o $@ --busybox --init host/guest-init

$(OUT)/%.img:
	@mkdir -p $(@D)
	truncate -s 64M $@

# Of the commit: the only time in a flash image.
epoch := $(or $(SOURCE_DATE_EPOCH),$(shell tools/version.sh --date))

# What boots a VMM: $(call flash,DIRECTORY,CONFIG). The host kernel's tree is
# the board's with the config's changes; that for U-Boot has the public key.
define flash
# Where the payload is put in the host's RAM; empty: it is in the initramfs.
$(1)-payload-gpa := $(if $(EMBED),,$(filter-out 0,$(call config,$(2),payload_gpa)))
$(1)-payload := $$(if $$($(1)-payload-gpa),$(1)/payload.bin)

# What debuggers want says where this was built. A segment that is empty then
# is worth a warning to objcopy.
$(1)/init: $(1)/vmm.elf $(1)/flash.args
	$(Q)$(CROSS)objcopy --strip-all \
		$$(if $$($(1)-payload),--remove-section=.payload) $$< $$@ \
		2> $$@.log || { cat $$@.log; exit 1; }

$(1)/payload.bin: $(1)/vmm.elf
	$(Q)$(CROSS)objcopy -O binary --only-section=.payload $$< $$@

$(1)/initramfs.cpio: $(1)/init tools/mkinitramfs.py
	$(PYTHON) tools/mkinitramfs.py -o $$@ --file $$<:/init:755

$(1)/host.dtb: $(1)/soc.rows $(call config,$(2),host_dt) $$($(1)-payload) \
		$(1)/flash.args tools/host_dt.py tools/soc.py tools/dtb.py
	$(Q)$(PYTHON) tools/host_dt.py --rows $$< --emulator '$(emu-board)' \
		--payload '$$($(1)-payload)' --out $$@

$(1)/flash.args: FORCE
	@mkdir -p $$(@D)
	@echo '$(epoch) $(SIGN_KEY) $(EMBED)' | cmp -s - $$@ || \
		echo '$(epoch) $(SIGN_KEY) $(EMBED)' > $$@

$(1)/flash.itb: $(1)/flash.args $(1)/initramfs.cpio $(1)/host.dtb \
		$$($(1)-payload) $(host-kernel) tools/fit.py tools/slots.py boot/slot.h \
		$(wildcard $(SIGN_KEY:%=%.key) $(SIGN_KEY:%=%.crt))
	$(Q)SOURCE_DATE_EPOCH=$(epoch) $(PYTHON) tools/fit.py --name $(2) \
		--kernel $(host-kernel) --initramfs $(1)/initramfs.cpio \
		--dtb $(1)/host.dtb --ram $$(call config,$(2),ram_gpa) \
		--payload '$$($(1)-payload)' --payload-gpa '$$($(1)-payload-gpa)' \
		--key '$(SIGN_KEY)' --control $(1)/uboot.dtb --out $$@

$(1)/flash.img: $(1)/flash.itb tools/flash_image.py host/boot.cmd
	$(Q)SOURCE_DATE_EPOCH=$(epoch) $(PYTHON) tools/flash_image.py create \
		--script host/boot.cmd --ram $$(call config,$(2),ram_gpa) $$@ $$<
endef
$(eval $(call flash,$(OUT),$(CONFIG)))

flash: $(OUT)/flash.itb $(OUT)/flash.img

# Where the board's own tree is not right for the host kernel, or has to agree.
soc-devices := $(call config,$(CONFIG),soc_devices)
log-bytes := $(filter-out 0,$(call config,$(CONFIG),log_bytes))
hugepages := $(filter-out RAM_LAZY,$(call config,$(CONFIG),ram_policies))
host-dtb := $(if $(soc-devices)$(log-bytes)$($(OUT)-payload)$(hugepages)$(call \
	config,$(CONFIG),host_dt),$(OUT)/host.dtb)

# What the image is made of. A package that brings its own host kernel names
# it, or none.
HOST_KERNEL := $(host-kernel)
$(OUT)/sbom.spdx.json: $(OUT)/vmm.elf $(OUT)/initramfs.cpio $($(OUT)-payload) \
		$(HOST_KERNEL) \
		tools/sbom.py
	@$(PYTHON) tools/sbom.py --out $@ --vmm $< \
		--payload $(foreach p,$(partitions),$(call payload-dir,$(p))/payload.S) \
		--payload-file '$($(OUT)-payload)' \
		--initramfs $(OUT)/initramfs.cpio --host-kernel '$(HOST_KERNEL)' \
		--guest-initrd $(guest-initrd) --libc $(LIBC) \
		--libc-archive $(LIBC_ARCHIVE) --libfdt $(LIBFDT_ARCHIVE) \
		--libgcc "$$($(CC) -print-libgcc-file-name)" --cache $(CACHE) \
		--date "$$(tools/version.sh --date)"

sbom: $(OUT)/sbom.spdx.json
build: $(OUT)/vmm.elf $(OUT)/initramfs.cpio $($(OUT)-payload) $(host-dtb) sbom

board-check: $(OUT)/soc.rows
	@$(PYTHON) tools/board_check.py --rows $< --emulator '$(emu-board)'

# -- The emulated board ------------------------------------------------------

# A board names its disks' images OUT/....
emu-devices := $(call config,$(CONFIG),emu_devices)
emu-images := $(patsubst file=OUT/%,$(OUT)/%,$(filter file=OUT/%.img,$(subst \
	$(comma), ,$(emu-devices))))

emu := $(subst OUT/,$(OUT)/,$(emu-board)) \
	-M $(call config,$(CONFIG),emu_machine) \
	-cpu $(call config,$(CONFIG),emu_cpu) \
	-smp $(call config,$(CONFIG),emu_cpus) \
	-m $(call config,$(CONFIG),emu_memory) $(if $($(OUT)-payload),-device \
	loader$(comma)file=$($(OUT)-payload)$(comma)addr=$($(OUT)-payload-gpa)$(comma)force-raw=on) \
	$(host-dtb:%=-dtb %) \
	-kernel $(host-kernel) -initrd $(OUT)/initramfs.cpio \
	-append '$(call config,$(CONFIG),host_cmdline)' \
	$(subst OUT/,$(OUT)/,$(emu-devices))

emu-files := $(host-dtb) $(host-kernel) $(OUT)/initramfs.cpio \
	$($(OUT)-payload) $(emu-images)

leave := $(if $(filter u-boot,$(call row,$(firstword $(partitions)))),poweroff,exit)
run: $(emu-files)
	@echo "Booting $(CONFIG). To leave: '$(leave)' in the guest, or Ctrl-A X."
	@$(emu)

emu-command: $(emu-files)
	@echo "$(emu)"

size: $(OUT)/vmm.elf
	@$(CROSS)size -A $< | awk -v limit=$(SIZE_LIMIT) \
		'$$1 ~ /^\.(text|note.bedplate|rodata|data)$$/ { n += $$2 } \
		 $$1 ~ /^\.(text|note.bedplate|rodata|data|bss|payload)$$/ { print $$1, $$2 } \
		 END { print "text + rodata + data", n, "of", limit }'

# -- Tests and benchmarks ----------------------------------------------------

# A plugin of this machine's emulator: $(call plugin,FILE,SOURCE).
define plugin
$(1): $(2)
	@mkdir -p $$(@D)
	gcc -std=gnu11 -O2 -Wall -Wextra -Wshadow -Werror -fPIC -shared -o $$@ $$<
endef

include test/guest/guests.mk
include test/system/system.mk
include test/bench/bench.mk
include test/unit/unit.mk

check: $(emu-files)
	@$(PYTHON) test/system/checks.py $(CONFIG) "$(emu)"

bench: bench-files $(test-kernel) \
		$(bench-vmms:%=$(BENCH_OUT)/bedplate/%/vmm.elf)
	@$(BENCH_RUN) --host-kernel $(host-kernel) \
		--test-kernel $(test-kernel) --guest-kernel $(guest-kernel) \
		--qemu-root $(CACHE)/qemu-arm64 \
		$(foreach vmm,$(bench-vmms),--vmm \
		$(vmm)=$(BENCH_OUT)/bedplate/$(vmm)/vmm.elf)

# The FDT as the VMM writes it: its own code, built for this machine.
dt: $(UNIT)/dt_dump-$(CONFIG)
	@$< | dtc -q -I dtb -O dts

.PHONY: unit-list
unit-list:
	@echo $(UNIT_TESTS:%=$(UNIT)/%)

# Every config with either libc, then all tests; two emulators at a time.
test: test-vmms unit-tests $(BENCH_OUT)/bedplate/off/vmm.elf \
		$(BENCH_OUT)/bedplate/off-hugepages/vmm.elf
	@for config in $(CONFIGS); do for libc in picolibc newlib; do \
		$(MAKE) --no-print-directory READY=1 CONFIG=$$config \
			LIBC=$$libc build || exit 1; done; done
	@$(PYTHON) -m pytest -q -n 2 --dist loadfile --durations 5 \
		-p no:cacheprovider --junitxml $(BUILD)/test-results.xml test; \
		status=$$?; $(PYTHON) tools/count_tests.py \
		$(BUILD)/test-results.xml; exit $$status

lint: compile_commands.json
	@tools/lint.sh

cc-command = $(CC) $(CFLAGS) -I$(OUT) \
	-DCONFIG_HEADER="\"configs/$(CONFIG).h\""

compile_commands.json: Makefile
	@$(PYTHON) -c 'import json, sys; print(json.dumps([ \
		{"directory": sys.argv[1], "file": f, \
		 "command": sys.argv[2] + " -c " + f} for f in sys.argv[3:]], \
		indent=1))' '$(CURDIR)' '$(cc-command)' \
		$(filter %.c,$(SOURCES)) core/config.c > $@

FORCE:
.PHONY: FORCE
endif
