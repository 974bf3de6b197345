/* SPDX-License-Identifier: Apache-2.0 */
/* Platform and AMBA devices of the host. */
#include "dev/vfio_platform.h"

#include <stddef.h>

#include "core/gic.h"
#include "core/identity.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/mmio.h"
#include "dev/vfio.h"

#define FIRST_MEM_WINDOW \
	(CONFIG_MAX_SHMEM + CONFIG_MAX_VFIO_PCI * CONFIG_MAX_VFIO_AREAS)

struct vfio_platform {
	struct vfio_device device;
	const struct config_soc_device *facts;
};

/* Registers that cannot be mapped. */
struct trapped {
	const struct vfio_device *device;
	struct vfio_region region;
};

static struct vfio_platform devices[CONFIG_MAX_VFIO_PLATFORM];
static unsigned device_count;
static struct trapped trapped[CONFIG_MAX_VFIO_REGIONS];
static unsigned trapped_count;
static unsigned mapped_count;

/* -- Facts --------------------------------------------------------------- */

static void check_facts(const struct vfio_platform *platform)
{
	const struct vfio_device *device = &platform->device;
	const struct config_soc_device *facts = platform->facts;

	if (device->regions != facts->regions) {
		vfio_refuse(device,
			    "it has %u regions, the board's header says %u",
			    device->regions, facts->regions);
	}
	if (device->interrupts != facts->lines) {
		vfio_refuse(device,
			    "it has %u interrupts, the board's header says %u",
			    device->interrupts, facts->lines);
	}
}

/* Without an IOMMU, what a device reads and writes are physical addresses. */
static int has_unsafe_dma(const struct vfio_platform *platform)
{
	return !platform->device.isolated && platform->facts->dma == SOC_DMA;
}

static void check_dma(const struct vfio_platform *platform,
		      const struct config_ram *ram)
{
	if (has_unsafe_dma(platform) && !identity_is(ram)) {
		vfio_refuse(&platform->device,
			    "it does DMA, and no IOMMU translates its "
			    "addresses: guest RAM must be RAM_IDENTITY or "
			    "RAM_CARVEOUT");
	}
}

/* A write that the host drops would make nothing quiet. */
static void check_write(const struct vfio_device *device,
			const struct config_soc_write *row)
{
	struct vfio_region region;
	long ret = vfio_find_region(device, row->region, &region);

	if (ret < 0) {
		vfio_refuse(device, "region %u cannot be described (%ld)",
			    row->region, ret);
	}
	if (!region.writable || row->offset > region.size ||
	    row->size > region.size - row->offset) {
		vfio_refuse(device,
			    "region %u has no %u bytes at 0x%llx that can be "
			    "written; correct BOARD_SOC_QUIESCE",
			    row->region, row->size,
			    (unsigned long long)row->offset);
	}
}

/* What ends the DMA and the interrupts that a guest leaves behind. */
static void check_quiesce(const struct vfio_platform *platform)
{
	const struct vfio_device *device = &platform->device;
	int can_end = device->can_reset;
	unsigned i;

	for (i = 0; i < config_soc_quiesce_count; i++) {
		if (config_soc_quiesce[i].soc == platform->facts->id) {
			check_write(device, &config_soc_quiesce[i]);
			can_end = 1;
		}
	}
	if (can_end) {
		return;
	}
	if (has_unsafe_dma(platform)) {
		vfio_refuse(device,
			    "nothing stops its DMA when its guest ends: give "
			    "the board's header BOARD_SOC_QUIESCE writes");
	}
	log_line("%s: host device %s: has neither a reset nor "
		 "BOARD_SOC_QUIESCE writes; it starts as its last owner left "
		 "it",
		 device->name, device->host);
}

/* -- Registers ----------------------------------------------------------- */

static void on_access(void *ctx, struct mmio_access *access)
{
	const struct trapped *window = ctx;

	vfio_access(window->device, &window->region, access);
}

static void trap_region(const struct vfio_device *device,
			const struct vfio_region *region,
			const struct config_soc_region *row)
{
	struct trapped *window = &trapped[trapped_count++];
	const struct mmio_window claim = {
		.gpa = row->gpa,
		.size = row->size,
		.widths = MMIO_1 | MMIO_2 | MMIO_4 | MMIO_8,
		.handler = on_access,
		.ctx = window,
	};

	window->device = device;
	window->region = *region;
	mmio_claim(&claim);
}

static void add_region(const struct vfio_device *device,
		       const struct config_soc_region *row)
{
	struct vfio_region region;
	void *host;

	vfio_region(device, row->index, &region);
	if (region.size != row->size) {
		vfio_refuse(device,
			    "region %u has 0x%llx bytes, the board's header "
			    "says 0x%llx",
			    row->index, (unsigned long long)region.size,
			    (unsigned long long)row->size);
	}
	if (region.area_count != 1 || region.areas[0].size != region.size) {
		trap_region(device, &region, row);
		return;
	}
	host = vfio_map(device, &region, &region.areas[0]);
	if (!host) {
		vfio_refuse(device, "region %u cannot be mapped", row->index);
	}
	mem_show_window(FIRST_MEM_WINDOW + mapped_count++, row->gpa, row->size,
			host);
}

/*
 * A device of the last owner's may still assert its interrupt, or do DMA: the
 * host kernel's reset, if it has one, then the board's own writes, each read
 * back: some status registers are cleared by a read only. 0 or -errno.
 */
static long quieten(const struct vfio_platform *platform)
{
	const struct vfio_device *device = &platform->device;
	long result = 0;
	unsigned i;

	if (device->can_reset && vfio_reset(device) < 0) {
		log_line("%s: host device %s: reset failed", device->name,
			 device->host);
	}
	for (i = 0; i < config_soc_quiesce_count; i++) {
		const struct config_soc_write *row = &config_soc_quiesce[i];
		struct vfio_region region;
		long ret;

		if (row->soc != platform->facts->id) {
			continue;
		}
		ret = vfio_find_region(device, row->region, &region);
		if (ret >= 0) {
			ret = vfio_put(device, &region, row->offset, row->size,
				       row->value);
		}
		if (ret >= 0) {
			vfio_read(device, &region, row->offset, row->size);
		}
		if (ret < 0) {
			result = ret;
		}
	}
	return result;
}

/* -- Interrupts ---------------------------------------------------------- */

/* As edge, a level would come once only; as level, an edge would be masked. */
static void check_trigger(const struct vfio_device *device,
			  const struct config_soc_line *row)
{
	static const char *const names[] = {
		[SOC_EDGE_RISING] = "edge-triggered",
		[SOC_LEVEL_HIGH] = "level-triggered",
	};
	struct vfio_interrupts found = vfio_interrupts(device, row->index);
	int trigger = found.level ? SOC_LEVEL_HIGH : SOC_EDGE_RISING;

	if (found.count != 1) {
		vfio_refuse(device, "interrupt %u cannot be forwarded",
			    row->index);
	}
	if (trigger != row->trigger) {
		vfio_refuse(device,
			    "interrupt %u is %s, the board's header says %s",
			    row->index, names[trigger], names[row->trigger]);
	}
}

static long connect(const struct vfio_device *device,
		    const struct config_soc_line *row)
{
	int level = row->trigger == SOC_LEVEL_HIGH;
	int trigger = vfio_eventfd();
	int unmask = level ? vfio_eventfd() : -1;
	long ret = trigger;

	if (ret >= 0 && level) {
		ret = unmask;
	}
	if (ret >= 0) {
		ret = level ? gic_bind_level(trigger, unmask, row->spi) :
			      gic_bind_spi(trigger, row->spi);
	}
	if (ret >= 0 && level) {
		gic_start_level(row->spi);
		ret = vfio_unmask_on(device, row->index, unmask);
	}
	if (ret >= 0) {
		ret = vfio_signal(device, row->index, 0, 1, &trigger);
	}
	return ret;
}

/* -- All devices --------------------------------------------------------- */

void vfio_platform_init(const struct config_device *row)
{
	struct vfio_platform *platform = &devices[device_count++];
	unsigned i;
	long ret;

	BUG_ON(device_count > CONFIG_MAX_VFIO_PLATFORM);
	platform->facts = row->soc;
	vfio_open(&platform->device, row->name, row->soc->bus, row->soc->host);
	check_facts(platform);
	check_dma(platform, config_partitions[row->partition].ram);
	check_quiesce(platform);
	ret = quieten(platform);
	if (ret < 0) {
		vfio_refuse(&platform->device,
			    "it cannot be made quiet (%ld); see the host "
			    "kernel's log",
			    ret);
	}
	for (i = 0; i < config_soc_region_count; i++) {
		if (config_soc_regions[i].soc == row->soc->id) {
			add_region(&platform->device, &config_soc_regions[i]);
		}
	}
}

static void start(const struct vfio_platform *platform)
{
	unsigned i;

	for (i = 0; i < config_soc_line_count; i++) {
		const struct config_soc_line *row = &config_soc_lines[i];
		long ret;

		if (row->soc != platform->facts->id) {
			continue;
		}
		check_trigger(&platform->device, row);
		ret = connect(&platform->device, row);
		if (ret < 0) {
			vfio_refuse(&platform->device,
				    "interrupt %u cannot be connected (%ld); "
				    "keep the host's drivers off the device "
				    "by the host's device tree",
				    row->index, ret);
		}
	}
	vfio_steer(&platform->device);
}

void vfio_platform_start(void)
{
	unsigned i;

	for (i = 0; i < device_count; i++) {
		start(&devices[i]);
	}
}

void vfio_platform_stop(void)
{
	unsigned i;

	for (i = 0; i < device_count; i++) {
		const struct vfio_device *device = &devices[i].device;
		long ret = quieten(&devices[i]);

		if (ret < 0) {
			log_line("%s: host device %s: not made quiet (%ld)",
				 device->name, device->host, ret);
		}
	}
}
