# SPDX-License-Identifier: Apache-2.0
# Bare-metal test guests: GUESTS lists them, each becomes
# $(BUILD)/guest/<name>.bin, a flat arm64 Image to be loaded at 0x40080000, or
# where GUEST_LINK_<name> says.
# Included by the one Makefile. README.md here says how each is to be run.

GUEST_DIR := test/guest
GUEST_CC ?= aarch64-linux-gnu-gcc
GUEST_OBJCOPY ?= aarch64-linux-gnu-objcopy

# Requests of mmio_window, resets of virtio_reset_io, notifications and exits
# of notify_flood and exit_storm. An exit costs about 0.1 ms in the lab.
GUEST_WINDOW_COUNT ?= 20000
GUEST_RESET_COUNT ?= 10000
GUEST_FLOOD_COUNT ?= 100000
GUEST_EXIT_COUNT ?= 100000
GUEST_FLOOD_KIB ?= 128
GUEST_CONSOLE_KIB ?= 1024
# Times that pci_bars switches decode off and on
GUEST_DECODE_COUNT ?= 1000

GUESTS := \
	hello fdt_check psci psci_reset psci_reset_100 psci_reset2 \
	psci_suspend asleep spin cpu_off crash crash_kernel crash_exits \
	wfi_idle timer gic_nonsense ram_touch self_overwrite \
	pl011 pl011_echo pl011_spin pl011_nonsense uart_flood pl031 \
	mmio_unmapped boundary exit_storm \
	virtio_regs virtio_setup virtio_ring virtio_desc virtio_indirect \
	virtio_notify virtio_blk virtio_blk_bad virtio_rng virtio_legacy \
	virtio_reset_io virtio_wrap notify_flood mmio_window blk_shrunk \
	memory_error

# Guests for a machine with PCI: of their own, and those above over virtio-pci
# with INTx (_pci) or MSI-X (_msix).
GUEST_PCI_INTX := virtio_ring virtio_desc virtio_indirect virtio_notify \
	virtio_blk virtio_blk_bad virtio_rng virtio_setup virtio_reset_io \
	virtio_wrap notify_flood mmio_window
GUEST_PCI_MSIX := virtio_notify virtio_reset_io mmio_window
# With a config of its own: configs/test_console.h.
GUESTS_CONSOLE := virtio_console

GUESTS_PCI := \
	pci_config pci_bars pci_msix pci_msix_bad \
	pci_intx virtio_pci virtio_pci_window virtio_pci_legacy \
	virtio_ring_reset \
	$(GUEST_PCI_INTX:%=%_pci) $(GUEST_PCI_MSIX:%=%_msix)

# With a disk of the host: configs/test_vfio_kill.h.
GUESTS_NVME := nvme

# Guests of boards with several partitions: configs/test_partitions*.h
GUESTS_PARTITIONS := steady beats net_echo

# Guests that come in pairs, of two partitions that share memory.
GUEST_SHMEM_ROUNDS ?= 2000
GUESTS_SHMEM := shmem shmem_plain shmem_long shmem_carved

# Guests with PCI functions of the host: interrupts of each case "in a row", of
# the storm, and resets with transfers under way. GUESTS_VFIO_MULTI run on the
# two functions of one device, too; vfio_layout needs the old disk beside them.
GUEST_INTX_COUNT ?= 10000
GUEST_MSI_COUNT ?= 1000
GUEST_STORM_COUNT ?= 10000
GUEST_VFIO_RESETS ?= 40
# The host's memory that its kernel does not have, 64 MiB at the end.
GUEST_SPARE := 0x7c000000
GUESTS_VFIO_MULTI := vfio_pair vfio_intx vfio_dma vfio_layout
GUESTS_VFIO := $(GUESTS_VFIO_MULTI) vfio_msi vfio_msix vfio_storm_ten \
	vfio_storm_max vfio_stimuli vfio_reset vfio_isolation

# Guests with devices of the board itself: interrupts in a row, and once for all;
# KiB each way.
GUEST_ALARMS_COUNT ?= 20000
GUEST_ALARMS_MILLION ?= 1000000
GUEST_UART1_KIB ?= 1024
GUESTS_SOC := vfio_rtc vfio_pins vfio_masked vfio_gpio vfio_uart vfio_lines \
	vfio_alarms_few vfio_alarms_lot
# With configs of their own: one device each, and killed in its interrupts.
GUESTS_SOC_ONE := vfio_alarms_rtc vfio_alarms_gpio vfio_alarms_million
GUESTS_SOC_OWNER := vfio_owner
# Whose line is asserted at the start.
GUESTS_SOC_LOUD := vfio_inherited

GUEST_LIB := arm say trap check psci tree gicdrv tick vio vblk spoil memo \
	pci its msix viopci pcialive cards edu nvme soc

GUEST_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -Wundef \
	-Wmissing-prototypes -Wstrict-prototypes -Wvla \
	-ffreestanding -nostdlib -fno-pic -fno-stack-protector -fno-common \
	-fno-strict-aliasing -fno-asynchronous-unwind-tables \
	-fno-tree-loop-distribute-patterns -mgeneral-regs-only -mstrict-align \
	-march=armv8-a -mno-outline-atomics -mbranch-protection=none \
	-I$(GUEST_DIR)/lib
GUEST_LDFLAGS := -nostdlib -static -no-pie -Wl,--build-id=none \
	-Wl,-z,norelro,-z,noexecstack,--fatal-warnings,--no-warn-rwx-segments \
	-T $(GUEST_DIR)/guest.ld

# Guests that share a source with another: <name> = SRC + DEF
guest-src = $(GUEST_DIR)/$(or $(GUEST_SRC_$(1)),$(1)).c

GUEST_SRC_pl011_spin := pl011_echo
GUEST_DEF_pl011_spin := -DPOLLED=1
GUEST_DEF_pl011_echo := -DPOLLED=0
GUEST_DEF_psci_reset := -DRESETS=0
GUEST_SRC_psci_reset_100 := psci_reset
GUEST_DEF_psci_reset_100 := -DRESETS=100
GUEST_DEF_asleep := -DKIND=0
GUEST_SRC_spin := asleep
GUEST_DEF_spin := -DKIND=1
GUEST_SRC_cpu_off := asleep
GUEST_DEF_cpu_off := -DKIND=2
GUEST_DEF_crash := -DKIND=0
GUEST_SRC_crash_kernel := crash
GUEST_DEF_crash_kernel := -DKIND=1
GUEST_SRC_crash_exits := crash
GUEST_DEF_crash_exits := -DKIND=2
GUEST_DEF_virtio_reset_io := -DRESETS=$(GUEST_RESET_COUNT)
GUEST_DEF_notify_flood := -DFLOOD=$(GUEST_FLOOD_COUNT)
GUEST_DEF_uart_flood := -DKIB=$(GUEST_FLOOD_KIB)
GUEST_DEF_virtio_console := -DKIB=$(GUEST_CONSOLE_KIB)
GUEST_DEF_exit_storm := -DEXITS=$(GUEST_EXIT_COUNT)
GUEST_DEF_pci_bars := -DTOGGLES=$(GUEST_DECODE_COUNT)
GUEST_DEF_mmio_window := -DREQUESTS=$(GUEST_WINDOW_COUNT)
GUEST_DEF_shmem := -DROUNDS=$(GUEST_SHMEM_ROUNDS) -DPLAIN=0
GUEST_SRC_shmem_plain := shmem
GUEST_DEF_shmem_plain := -DROUNDS=$(GUEST_SHMEM_ROUNDS) -DPLAIN=1
# Long enough that one of them is killed in the middle.
GUEST_SRC_shmem_long := shmem
GUEST_DEF_shmem_long := -DROUNDS=4*$(GUEST_SHMEM_ROUNDS) -DPLAIN=0
# In the RAM of the second partition of configs/qemu_virt_partitions.h.
GUEST_SRC_shmem_carved := shmem
GUEST_DEF_shmem_carved := $(GUEST_DEF_shmem)
GUEST_LINK_shmem_carved := 0x52080000
GUEST_LINK_net_echo := 0x52080000

GUEST_DEF_vfio_intx := -DINTERRUPTS=$(GUEST_INTX_COUNT)
GUEST_DEF_vfio_msi := -DINTERRUPTS=$(GUEST_MSI_COUNT)
GUEST_DEF_vfio_msix := -DINTERRUPTS=$(GUEST_MSI_COUNT)
GUEST_SRC_vfio_storm_ten := vfio_storm
GUEST_SRC_vfio_storm_max := vfio_storm
GUEST_DEF_vfio_storm_ten := -DINTERRUPTS=10
GUEST_DEF_vfio_storm_max := -DINTERRUPTS=$(GUEST_STORM_COUNT)
GUEST_DEF_vfio_stimuli := -DTOGGLES=$(GUEST_DECODE_COUNT)
GUEST_DEF_vfio_reset := -DRESETS=$(GUEST_VFIO_RESETS)
GUEST_DEF_vfio_isolation := -DSPARE=$(GUEST_SPARE)ull

GUEST_SRC_vfio_rtc := vfio_level
GUEST_SRC_vfio_pins := vfio_level
GUEST_DEF_vfio_rtc := -DLINE=soc_rtc
GUEST_DEF_vfio_pins := -DLINE=soc_gpio
GUEST_SRC_vfio_alarms_few := vfio_alarms
GUEST_SRC_vfio_alarms_lot := vfio_alarms
GUEST_DEF_vfio_masked := -DLINE=soc_rtc
GUEST_DEF_vfio_inherited := -DLINE=soc_rtc
GUEST_SRC_vfio_alarms_rtc := vfio_alarms
GUEST_SRC_vfio_alarms_million := vfio_alarms
GUEST_SRC_vfio_alarms_gpio := vfio_alarms
GUEST_DEF_vfio_uart := -DKIB=$(GUEST_UART1_KIB)
GUEST_DEF_vfio_alarms_rtc := -DLINE=soc_rtc -DINTERRUPTS=10000
GUEST_DEF_vfio_alarms_gpio := -DLINE=soc_gpio -DINTERRUPTS=10000
GUEST_DEF_vfio_alarms_million := -DLINE=soc_rtc \
	-DINTERRUPTS=$(GUEST_ALARMS_MILLION)
GUEST_DEF_vfio_alarms_few := -DLINE=soc_rtc -DINTERRUPTS=1000
GUEST_DEF_vfio_alarms_lot := -DLINE=soc_rtc -DINTERRUPTS=$(GUEST_ALARMS_COUNT)

define guest-over-pci
GUEST_SRC_$(1)_$(2) := $(1)
GUEST_DEF_$(1)_$(2) := $(GUEST_DEF_$(1)) -DTRANSPORT_PCI=$(3)
endef
$(foreach guest,$(GUEST_PCI_INTX),$(eval $(call \
	guest-over-pci,$(guest),pci,1)))
$(foreach guest,$(GUEST_PCI_MSIX),$(eval $(call \
	guest-over-pci,$(guest),msix,2)))

guest-lib-objects := $(GUEST_LIB:%=$(BUILD)/guest/lib/%.o)

$(guest-lib-objects): $(BUILD)/guest/lib/%.o: $(GUEST_DIR)/lib/%.c
	@mkdir -p $(@D)
	$(GUEST_CC) $(GUEST_CFLAGS) -MMD -MP -c -o $@ $<

define guest-rules
$(BUILD)/guest/$(1)/start.o: $(GUEST_DIR)/start.S $(BUILD)/guest/$(1)/flags
	@mkdir -p $$(@D)
	$(GUEST_CC) -DGUEST_NAME='"$(1)"' $(GUEST_DEF_$(1)) -MMD -MP -c -o $$@ $$<

# Rewritten only when they change, so that a new count builds a new guest
$(BUILD)/guest/$(1)/flags: guest-force
	@mkdir -p $$(@D)
	@echo '$(GUEST_DEF_$(1))' | cmp -s - $$@ || \
		echo '$(GUEST_DEF_$(1))' > $$@

$(BUILD)/guest/$(1)/main.o: $(call guest-src,$(1)) $(BUILD)/guest/$(1)/flags
	$(GUEST_CC) $(GUEST_CFLAGS) $(GUEST_DEF_$(1)) -MMD -MP -c -o $$@ $$<

$(BUILD)/guest/$(1).elf: $(BUILD)/guest/$(1)/start.o \
		$(BUILD)/guest/$(1)/main.o $(guest-lib-objects) \
		$(GUEST_DIR)/guest.ld
	$(GUEST_CC) $(GUEST_LDFLAGS) \
		$(GUEST_LINK_$(1):%=-Wl,--defsym=linked_at=%) \
		-o $$@ $$(filter %.o,$$^) -lgcc

$(BUILD)/guest/$(1).bin: $(BUILD)/guest/$(1).elf
	$(GUEST_OBJCOPY) -O binary $$< $$@

-include $(BUILD)/guest/$(1)/start.d $(BUILD)/guest/$(1)/main.d
endef

$(foreach guest,$(GUESTS) $(GUESTS_PCI) $(GUESTS_CONSOLE) \
	$(GUESTS_SHMEM) $(GUESTS_NVME) $(GUESTS_VFIO) $(GUESTS_SOC) \
	$(GUESTS_SOC_ONE) $(GUESTS_SOC_OWNER) $(GUESTS_SOC_LOUD) \
	$(GUESTS_PARTITIONS),$(eval $(call \
	guest-rules,$(guest))))
-include $(guest-lib-objects:.o=.d)

.PHONY: guests guest-force
guests: $(patsubst %,$(BUILD)/guest/%.bin,$(GUESTS) $(GUESTS_PCI) \
	$(GUESTS_CONSOLE) $(GUESTS_SHMEM) $(GUESTS_NVME) $(GUESTS_VFIO) $(GUESTS_SOC) \
	$(GUESTS_SOC_ONE) $(GUESTS_SOC_OWNER) $(GUESTS_SOC_LOUD) \
	$(GUESTS_PARTITIONS))

# Firmware has no header and no frame: one file, entered at its first byte.
$(BUILD)/guest/firmware.bin: $(GUEST_DIR)/firmware.S
	@mkdir -p $(@D)
	$(GUEST_CC) -c -o $(@:.bin=.o) $<
	$(GUEST_OBJCOPY) -O binary -j .text $(@:.bin=.o) $@
