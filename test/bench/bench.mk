# SPDX-License-Identifier: Apache-2.0
# What the benchmark runs inside the emulated host, and its VMMs. Included by
# the one Makefile, which gives `bench` its recipe: bench-files, the VMMs of
# bench-vmms, then
#   $(BENCH_RUN) --host-kernel K --test-kernel K --guest-kernel K \
#       --qemu-root DIR --vmm off=ELF --vmm off-hugepages=ELF --vmm mmio=ELF ...

BENCH_DIR := test/bench
BENCH_OUT := $(BUILD)/bench
BENCH_CC := $(CROSS)gcc
BENCH_OBJCOPY := $(CROSS)objcopy
BENCH_CFLAGS := -std=gnu11 -O2 -Wall -Wextra -Wshadow
BENCH_MMIO_READS := 10000
BENCH_BLK_READS := 1000
# Where the host has the 64 MiB backing file of the disk (a file on devtmpfs,
# which is a tmpfs: so the config qemu_virt finds its disk).
BENCH_DISK := /dev/vda

BENCH_VMMS := off mmio wfi boot blk
# Disk, rng, network and vsock, all on mmio or all on pci.
BENCH_VIRTIO_VMMS := wfi series
BENCH_IMAGE_off := $(BENCH_OUT)/off.bin
BENCH_IMAGE_mmio := $(BENCH_OUT)/mmio.bin
BENCH_IMAGE_wfi := $(BENCH_OUT)/wfi.bin
BENCH_INITRD := $(BENCH_OUT)/guest.cpio
BENCH_INITRD_boot := $(BENCH_INITRD)
BENCH_INITRD_blk := $(BENCH_INITRD)
BENCH_INITRD_series := $(BENCH_INITRD)
BENCH_CMDLINE_boot := console=ttyAMA0 quiet -- off
BENCH_CMDLINE_blk := console=ttyAMA0 quiet -- blk $(BENCH_BLK_READS) /dev/vda
BENCH_CMDLINE_series := console=ttyAMA0 quiet -- series /dev/vda
# With a PCI function of the host: configs/bench_x_gicv3.h and _gicv4.h.
BENCH_PCI_WORKLOADS := edu nvme
BENCH_NVME_REPEATS := 3
BENCH_IMAGE_edu := $(BENCH_OUT)/edu.bin
BENCH_INITRD_nvme := $(BENCH_INITRD)
BENCH_CMDLINE_nvme := console=ttyAMA0 quiet -- nvme /dev/nvme0n1 \
		      $(BENCH_NVME_REPEATS)

# With devices of the board itself: configs/bench_soc_gicv2.h and _gicv3.h.
BENCH_SOC_WORKLOADS := line line_edge trapped
BENCH_IMAGE_line := $(BENCH_OUT)/line.bin
BENCH_IMAGE_line_edge := $(BENCH_OUT)/line_edge.bin
BENCH_IMAGE_trapped := $(BENCH_OUT)/trapped.bin
BENCH_SOC_line := soc
BENCH_SOC_line_edge := soc_edge
BENCH_SOC_trapped := soc

BENCH_RUN = /usr/bin/python3 $(BENCH_DIR)/bench.py --files $(BENCH_OUT) \
	    --out $(BENCH_OUT) --guest-initrd $(BENCH_INITRD) \
	    --disk $(BENCH_DISK) --mmio-reads $(BENCH_MMIO_READS) \
	    --blk-reads $(BENCH_BLK_READS) \
	    --nvme-repeats $(BENCH_NVME_REPEATS) \
	    --busybox $(TARGET)/usr/bin/busybox $(BENCH_FLAGS)

BENCH_GUESTS := edu line line_edge trapped
BENCH_FLAT := $(BENCH_IMAGE_off) $(BENCH_IMAGE_mmio) $(BENCH_IMAGE_wfi)
BENCH_FILES := $(BENCH_FLAT) $(BENCH_INITRD) $(BENCH_OUT)/floor \
	       $(BENCH_OUT)/runner $(BENCH_OUT)/init \
	       $(BENCH_GUESTS:%=$(BENCH_OUT)/%.bin) \
	       $(BENCH_OUT)/startup.so $(BENCH_OUT)/edge-gicv2.dtb $(BENCH_OUT)/edge-gicv3.dtb

# qemu_virt with each workload, in lazy RAM and hugepages; with all virtio
# devices on either transport; with a device of the host. The guest kernel
# is the image where none is named: $(call bench-vmm,NAME,CONFIG,WORKLOAD)
bench-vmm = $(eval $(call vmm,$(BENCH_OUT)/bedplate/$(1),$(2),guest,$(or \
	$(BENCH_IMAGE_$(3)),$(guest-kernel)),$(BENCH_INITRD_$(3)),$(BENCH_CMDLINE_$(3)),))
$(foreach workload,$(BENCH_VMMS),$(call bench-vmm,$(workload),qemu_virt,$(workload))$(call \
	bench-vmm,$(workload)-hugepages,qemu_virt_hugepages,$(workload)))
$(foreach transport,mmio pci,$(foreach workload,$(BENCH_VIRTIO_VMMS),$(call \
	bench-vmm,$(workload)-$(transport),qemu_virt_$(transport),$(workload))))
$(foreach gic,gicv3 gicv4,$(foreach workload,$(BENCH_PCI_WORKLOADS),$(call \
	bench-vmm,$(workload)-$(gic),bench_$(workload)_$(gic),$(workload))))
$(foreach gic,gicv2 gicv3,$(foreach workload,$(BENCH_SOC_WORKLOADS),$(call \
	bench-vmm,$(workload)-$(gic),bench_$(BENCH_SOC_$(workload))_$(gic),$(workload))))
bench-vmms := $(foreach workload,$(BENCH_VMMS),$(workload) $(workload)-hugepages) \
	$(foreach workload,$(BENCH_VIRTIO_VMMS),$(workload)-mmio $(workload)-pci) \
	$(foreach workload,$(BENCH_PCI_WORKLOADS),$(workload)-gicv3 $(workload)-gicv4) \
	$(foreach workload,$(BENCH_SOC_WORKLOADS),$(workload)-gicv2 $(workload)-gicv3)

.PHONY: bench-files
bench-files: $(BENCH_FILES)

$(BENCH_OUT):
	mkdir -p $@

BENCH_BARE := -D_GNU_SOURCE -ffreestanding -fno-stack-protector \
	      -mgeneral-regs-only -nostdlib -static -Wl,--build-id=none
$(BENCH_OUT)/floor: $(BENCH_DIR)/floor.c
$(BENCH_OUT)/init: $(addprefix $(BENCH_DIR)/,init.c say.c series.c nvme.c \
		     ring.c tcp.c) $(BENCH_DIR)/work.h
$(BENCH_OUT)/floor $(BENCH_OUT)/init: $(BENCH_DIR)/bare.h | $(BENCH_OUT)
	$(BENCH_CC) $(BENCH_CFLAGS) $(BENCH_BARE) -o $@ $(filter %.c,$^)

BENCH_RUNNER_SRC := $(addprefix $(BENCH_DIR)/,runner.c run.c memory.c marks.c \
		      host.c bind.c)
$(BENCH_OUT)/runner: $(BENCH_RUNNER_SRC) $(BENCH_DIR)/runner.h | $(BENCH_OUT)
	$(BENCH_CC) $(BENCH_CFLAGS) -D_GNU_SOURCE -static -o $@ \
		$(BENCH_RUNNER_SRC)

$(BENCH_INITRD): $(BENCH_OUT)/init $(BENCH_DIR)/newc.py
	/usr/bin/python3 $(BENCH_DIR)/newc.py $@ init=$<

# No link: the flat guests are position independent and have no relocations.
$(BENCH_OUT)/%.bin: $(BENCH_DIR)/%.S $(BENCH_DIR)/payload.h | $(BENCH_OUT)
	$(BENCH_CC) -DMMIO_READS=$(BENCH_MMIO_READS) -c -o $(@:.bin=.o) $<
	$(BENCH_OBJCOPY) -O binary -j .text $(@:.bin=.o) $@

# Guests with a device of the host: on the library of the test guests.
BENCH_GUEST := $(BENCH_OUT)/guest
.SECONDARY: $(foreach guest,$(BENCH_GUESTS),$(BENCH_GUEST)/$(guest).start.o \
	$(BENCH_GUEST)/$(guest).o $(BENCH_GUEST)/$(guest).elf) \
	$(BENCH_GUEST)/latency.o $(BENCH_GUEST)/raise.o

$(BENCH_GUEST)/%.start.o: $(GUEST_DIR)/start.S
	@mkdir -p $(@D)
	$(GUEST_CC) -DGUEST_NAME='"$*"' -c -o $@ $<

$(BENCH_GUEST)/%.o: $(BENCH_DIR)/%.c $(BENCH_DIR)/latency.h \
		$(wildcard $(GUEST_DIR)/lib/*.h)
	@mkdir -p $(@D)
	$(GUEST_CC) $(GUEST_CFLAGS) -DLINE_EDGE=0 -c -o $@ $<

$(BENCH_GUEST)/line_edge.o: $(BENCH_DIR)/line.c $(BENCH_DIR)/latency.h \
		$(wildcard $(GUEST_DIR)/lib/*.h)
	@mkdir -p $(@D)
	$(GUEST_CC) $(GUEST_CFLAGS) -DLINE_EDGE=1 -c -o $@ $<

$(BENCH_GUEST)/%.o: $(BENCH_DIR)/%.S
	@mkdir -p $(@D)
	$(GUEST_CC) -c -o $@ $<

$(BENCH_GUEST)/%.elf: $(BENCH_GUEST)/%.start.o $(BENCH_GUEST)/%.o \
		$(BENCH_GUEST)/latency.o $(BENCH_GUEST)/raise.o \
		$(guest-lib-objects) $(GUEST_DIR)/guest.ld
	$(GUEST_CC) $(GUEST_LDFLAGS) -o $@ $(filter %.o,$^) -lgcc

$(BENCH_GUESTS:%=$(BENCH_OUT)/%.bin): $(BENCH_OUT)/%.bin: $(BENCH_GUEST)/%.elf
	$(GUEST_OBJCOPY) -O binary $< $@

$(eval $(call plugin,$(BENCH_OUT)/startup.so,$(BENCH_DIR)/startup.c))
test-vmms: $(BENCH_OUT)/startup.so

# The host's tree where the RTC's interrupt is an edge.
$(BENCH_OUT)/edge-%.dtb: $(BENCH_DIR)/soc.py $(BENCH_DIR)/lab.py | $(BENCH_OUT)
	/usr/bin/python3 $< $* $@

$(foreach gic,gicv2 gicv3,$(eval $(BENCH_OUT)/bedplate/line_edge-$(gic)/soc.dtb: \
	$(BENCH_OUT)/edge-$(gic).dtb))
