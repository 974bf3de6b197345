/* SPDX-License-Identifier: Apache-2.0 */
/* A machine with platform and AMBA devices of the host. */
#include "test/unit/soc_guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/gic.h"
#include "core/log.h"
#include "dev/vfio_platform.h"

#define VFIO_RW (VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE)

void soc_host(void)
{
	static const struct config_gic gic = { .version = GIC_V3,
					       .spis = 32,
					       .its_gpa = ITS };

	driver_machine();
	gic_init(&gic);
}

const struct config_device *soc_row(const char *name)
{
	unsigned i;

	for (i = 0; i < config_device_count; i++) {
		if (strcmp(config_devices[i].name, name) == 0) {
			return &config_devices[i];
		}
	}
	fail_msg("no row %s", name);
	return NULL;
}

/* -- Devices ------------------------------------------------------------- */

static void add_region(struct fake_region *region, uint64_t size)
{
	void *data;
	uint64_t i;

	assert_int_equal(posix_memalign(&data, 4096, size + 4096), 0);
	for (i = 0; i < size; i++) {
		((uint8_t *)data)[i] = (uint8_t)(i ^ i >> 8);
	}
	region->size = size;
	region->flags = VFIO_RW |
			(size % 4096 == 0 ? VFIO_REGION_INFO_FLAG_MMAP : 0);
	region->data = data;
}

static uint64_t size_of(const struct config_soc_device *facts, unsigned index)
{
	unsigned i;

	for (i = 0; i < config_soc_region_count; i++) {
		const struct config_soc_region *row = &config_soc_regions[i];

		if (row->soc == facts->id && row->index == index) {
			return row->size;
		}
	}
	return 0x1000;
}

static int is_level(const struct config_soc_device *facts, unsigned index)
{
	unsigned i;

	for (i = 0; i < config_soc_line_count; i++) {
		const struct config_soc_line *row = &config_soc_lines[i];

		if (row->soc == facts->id && row->index == index) {
			return row->trigger == SOC_LEVEL_HIGH;
		}
	}
	return 0;
}

static int has_quiesce(const struct config_soc_device *facts)
{
	unsigned i;

	for (i = 0; i < config_soc_quiesce_count; i++) {
		if (config_soc_quiesce[i].soc == facts->id) {
			return 1;
		}
	}
	return 0;
}

static void add_line(struct fake_line *line, int level)
{
	line->flags =
		VFIO_IRQ_INFO_EVENTFD |
		(level ? VFIO_IRQ_INFO_MASKABLE | VFIO_IRQ_INFO_AUTOMASKED : 0);
	line->count = 1;
	line->trigger = line->unmask = FAKE_NO_FD;
}

struct fake_card *soc_card(const char *name)
{
	const struct config_soc_device *facts = soc_row(name)->soc;
	struct fake_card *card = vfio_card(facts->host);
	unsigned i;

	assert_true(facts->regions <= FAKE_REGIONS &&
		    facts->lines <= FAKE_LINES);
	card->bus = facts->bus;
	card->driver = strcmp(facts->bus, "amba") == 0 ? "vfio-amba" :
							 "vfio-platform";
	card->no_iommu = config_board.unsafe_dma && facts->dma == SOC_NO_DMA;
	card->can_reset = !has_quiesce(facts);
	card->region_count = facts->regions;
	card->index_count = facts->lines;
	free(card->regions[VFIO_PCI_CONFIG_REGION_INDEX].data);
	memset(card->regions, 0, sizeof(card->regions));
	for (i = 0; i < facts->regions; i++) {
		add_region(&card->regions[i], size_of(facts, i));
	}
	for (i = 0; i < FAKE_LINES; i++) {
		add_line(&card->lines[i], is_level(facts, i));
	}
	fake_vfio.noiommu_mode = 'Y';
	fake_vfio.reset_required = 'N';
	return card;
}

struct fake_card *soc_isolated(const char *name)
{
	struct fake_card *card = soc_card(name);

	card->no_iommu = 0;
	return card;
}

void soc_init(const char *name)
{
	vfio_platform_init(soc_row(name));
}

struct fake_card *soc_given(const char *name)
{
	struct fake_card *card;

	soc_host();
	card = soc_card(name);
	soc_init(name);
	return card;
}

void soc_start(void)
{
	gic_finalize();
	vfio_platform_start();
}

/* -- What came of it ----------------------------------------------------- */

static void said(const char *name, const char *line)
{
	char expected[256];

	snprintf(expected, sizeof(expected), "%s: host device %s: %s", name,
		 soc_row(name)->soc->host, line);
	fake_one_line(expected);
}

void soc_refused(const char *name, const char *line)
{
	assert_int_equal(EXITS(soc_init(name)), EXIT_VFIO);
	said(name, line);
}

void soc_start_refused(const char *name, const char *line)
{
	assert_int_equal(EXITS(soc_start()), EXIT_VFIO);
	said(name, line);
}

unsigned soc_open(enum fake_kind kind)
{
	unsigned n = 0;
	int fd;

	for (fd = 3; fd < FAKE_FDS; fd++) {
		n += fake.fds[fd].kind == kind;
	}
	return n;
}

const struct fake_irqfd *soc_irqfd(unsigned spi)
{
	unsigned i, j;

	for (i = 0; i < fake.irqfd_count; i++) {
		for (j = 0; j < fake.route_count; j++) {
			if (fake.routes[j].gsi == fake.irqfds[i].gsi &&
			    fake.routes[j].type == KVM_IRQ_ROUTING_IRQCHIP &&
			    fake.routes[j].u.irqchip.pin == spi) {
				return &fake.irqfds[i];
			}
		}
	}
	return NULL;
}
