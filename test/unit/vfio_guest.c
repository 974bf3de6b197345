/* SPDX-License-Identifier: Apache-2.0 */
/* A machine with PCI cards of the host, and platform devices. */
#include "test/unit/soc_guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config.h"
#include "core/gic.h"
#include "core/log.h"

#define VFIO_RW (VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE)

static const struct config_pci windows = {
	.ecam_gpa = HOST_ECAM,
	.io_gpa = HOST_IO,
	.mem32_gpa = HOST_MEM32,
	.mem64_gpa = HOST_MEM64,
	.spi = HOST_SPI,
};

static void machine(const struct config_gic *gic)
{
	driver_machine();
	gic_init(gic);
	gic_finalize();
	pci_init(&pci_windows, &windows);
}

void vfio_host(void)
{
	static const struct config_gic gic = { .version = GIC_V3,
					       .spis = 32,
					       .its_gpa = ITS };

	machine(&gic);
}

void vfio_host_gicv2(void)
{
	static const struct config_gic gic = { .version = GIC_V2,
					       .spis = 160,
					       .v2m_gpa = ITS,
					       .v2m_spi = 96,
					       .v2m_spis = 64 };

	machine(&gic);
}

/* -- Cards --------------------------------------------------------------- */

static uint8_t *pages(uint64_t size)
{
	void *data;

	size = (size + 4095) & ~4095ull;
	assert_int_equal(posix_memalign(&data, 4096, size), 0);
	memset(data, 0, size);
	return data;
}

void vfio_set(struct fake_card *card, unsigned offset, unsigned size,
	      uint32_t value)
{
	memcpy(fake_card_config(card) + offset, &value, size);
}

struct fake_card *vfio_card(const char *host)
{
	static const char *const groups[FAKE_CARDS] = { "5", "6",  "7",	 "8",
							"9", "10", "11", "12" };
	unsigned n = fake_vfio.card_count++;
	struct fake_card *card = &fake_vfio.cards[n];
	struct fake_region *config =
		&card->regions[VFIO_PCI_CONFIG_REGION_INDEX];

	assert_true(n < FAKE_CARDS);
	card->bus = "pci";
	card->host = host;
	card->driver = "vfio-pci";
	card->group = groups[n];
	card->cdev = 3 + (int)n;
	card->region_count = VFIO_PCI_NUM_REGIONS;
	card->index_count = VFIO_PCI_NUM_IRQS;
	card->can_reset = 1;
	card->kind = FAKE_SILENT;
	card->unmask_fd = FAKE_NO_FD;
	card->trouble[0] = card->trouble[1] = FAKE_NO_FD;
	card->irqs[VFIO_PCI_INTX_IRQ_INDEX] = 1;
	card->irqs[VFIO_PCI_REQ_IRQ_INDEX] = 1;
	config->size = FAKE_CONFIG;
	config->flags = VFIO_RW;
	config->data = pages(FAKE_CONFIG);
	vfio_set(card, PCI_VENDOR_ID, 4, 0x56781234);
	vfio_set(card, PCI_CLASS_REVISION, 4, 0x01080205);
	vfio_set(card, PCI_SUBSYSTEM_VENDOR_ID, 4, 0xbbbbaaaa);
	vfio_set(card, PCI_INTERRUPT_PIN, 1, 1);
	return card;
}

/* Each dword of a BAR holds its offset, and the BAR's number above. */
void vfio_card_bar(struct fake_card *card, unsigned bar, uint64_t size,
		   uint32_t flags)
{
	struct fake_region *region = &card->regions[bar];
	uint64_t i;

	region->size = size;
	region->io = (flags & BAR_IO) != 0;
	region->flags = VFIO_RW | (region->io || size < 4096 ?
					   0 :
					   VFIO_REGION_INFO_FLAG_MMAP);
	region->data = pages(size);
	for (i = 0; i + 4 <= size; i += 4) {
		uint32_t value = (uint32_t)i | bar << 28;

		memcpy(region->data + i, &value, 4);
	}
	if (bar < VFIO_PCI_ROM_REGION_INDEX) {
		vfio_set(card, PCI_BASE_ADDRESS_0 + 4 * bar, 4,
			 0x10000000 | flags);
	} else {
		region->flags = VFIO_REGION_INFO_FLAG_READ;
	}
}

void vfio_card_capability(struct fake_card *card, unsigned id, unsigned at)
{
	uint8_t *config = fake_card_config(card);
	unsigned link = PCI_CAPABILITY_LIST;

	while (config[link] != 0) {
		link = config[link] + PCI_CAP_LIST_NEXT;
	}
	config[link] = (uint8_t)at;
	config[at] = (uint8_t)id;
	config[at + PCI_CAP_LIST_NEXT] = 0;
	config[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
}

void vfio_card_msix(struct fake_card *card, unsigned at, unsigned count,
		    uint32_t table, uint32_t pba)
{
	struct fake_region *region = &card->regions[pba & PCI_MSIX_PBA_BIR];
	uint64_t offset = pba & PCI_MSIX_PBA_OFFSET;

	vfio_card_capability(card, PCI_CAP_ID_MSIX, at);
	vfio_set(card, at + PCI_MSIX_FLAGS, 2, count - 1);
	vfio_set(card, at + PCI_MSIX_TABLE, 4, table);
	vfio_set(card, at + PCI_MSIX_PBA, 4, pba);
	card->irqs[VFIO_PCI_MSIX_IRQ_INDEX] = count;
	card->table_bar = table & PCI_MSIX_TABLE_BIR;
	card->table = table & PCI_MSIX_TABLE_OFFSET;
	card->table_bytes = 16ull * count;
	if ((pba & PCI_MSIX_PBA_BIR) < PCI_ROM &&
	    offset + (count + 63) / 64 * 8 <= region->size) {
		card->pba = region->data + offset;
		memset(card->pba, 0, (count + 63) / 64 * 8);
	}
}

void vfio_card_msi(struct fake_card *card, unsigned at, unsigned flags)
{
	vfio_card_capability(card, PCI_CAP_ID_MSI, at);
	vfio_set(card, at + PCI_MSI_FLAGS, 2, flags);
	card->irqs[VFIO_PCI_MSI_IRQ_INDEX] =
		1u << ((flags & PCI_MSI_FLAGS_QMASK) >> 1);
}

static void card_of(const struct config_pci_function *facts)
{
	struct fake_card *card = vfio_card(facts->host);
	unsigned table_bar = 0;
	unsigned bar;

	vfio_set(card, PCI_VENDOR_ID, 2, facts->vendor);
	vfio_set(card, PCI_DEVICE_ID, 2, facts->device);
	for (bar = 0; bar < 6; bar++) {
		if (facts->bars[bar] != 0) {
			vfio_card_bar(card, bar, facts->bars[bar],
				      facts->bars[bar] < 0x1000 ? BAR_IO : 0);
			table_bar = facts->bars[bar] < 0x1000 ? table_bar : bar;
		}
	}
	if (facts->vectors > 0) {
		uint32_t half = (uint32_t)facts->bars[table_bar] / 2;

		vfio_card_msix(card, 0x40, facts->vectors, half | table_bar,
			       (half + half / 2 + 0x100) | table_bar);
	}
}

void vfio_cards_of_config(void)
{
	unsigned i;

	for (i = 0; i < config_device_count; i++) {
		if (config_devices[i].kind == DEVICE_VFIO_PCI) {
			card_of(config_devices[i].function);
		} else if (config_devices[i].kind == DEVICE_VFIO_PLATFORM) {
			soc_card(config_devices[i].name);
		}
	}
}

/* -- The guest ----------------------------------------------------------- */

struct config_pci_function vfio_facts(struct fake_card *card)
{
	struct config_pci_function facts = {
		.host = card->host,
		.vectors = (uint16_t)card->irqs[VFIO_PCI_MSIX_IRQ_INDEX],
	};
	unsigned bar;

	memcpy(&facts.vendor, fake_card_config(card) + PCI_VENDOR_ID, 2);
	memcpy(&facts.device, fake_card_config(card) + PCI_DEVICE_ID, 2);
	for (bar = 0; bar < 6; bar++) {
		facts.bars[bar] = card->regions[bar].size;
	}
	return facts;
}

uint64_t vfio_add_with(const struct config_pci_function *facts, unsigned slot)
{
	const struct config_device row = {
		.name = "card",
		.gpa = slot,
		.kind = DEVICE_VFIO_PCI,
		.function = facts,
	};

	vfio_pci_init(&row);
	return HOST_ECAM + 0x8000ull * slot;
}

uint64_t vfio_add(struct fake_card *card, unsigned slot)
{
	/* Stays: the function keeps it. */
	static struct config_pci_function facts[FAKE_CARDS];
	struct config_pci_function *f = &facts[card - fake_vfio.cards];

	*f = vfio_facts(card);
	return vfio_add_with(f, slot);
}

uint64_t vfio_bar(uint64_t cfg, unsigned bar)
{
	unsigned at = bar == PCI_ROM ? PCI_ROM_ADDRESS :
				       PCI_BASE_ADDRESS_0 + 4 * bar;
	uint32_t low = cfg_read(cfg, at, 4);

	if (bar == PCI_ROM) {
		return low & PCI_ROM_ADDRESS_MASK;
	}
	if ((low & BAR_IO) != 0) {
		return HOST_IO + (low & ~3u);
	}
	return (low & ~15u) |
	       ((low & BAR64) != 0 ? (uint64_t)cfg_read(cfg, at + 4, 4) << 32 :
				     0);
}

void vfio_forget(void)
{
	fake_vfio.access_count = 0;
}

unsigned vfio_writes(void)
{
	unsigned writes = 0;
	unsigned i;

	for (i = 0; i < fake_vfio.access_count; i++) {
		writes += (unsigned)fake_vfio.accesses[i].write;
	}
	return writes;
}

const struct fake_access *vfio_last_write(void)
{
	assert_int_not_equal(fake_vfio.access_count, 0);
	return &fake_vfio.accesses[fake_vfio.access_count - 1];
}

int vfio_logged(const char *text)
{
	fake.log[fake.log_bytes] = '\0';
	return strstr(fake.log, text) != NULL;
}

void vfio_startup_host(void)
{
	unsigned i;

	fake_reset();
	for (i = 0; i < config_device_count; i++) {
		if (config_devices[i].kind == DEVICE_VIRTIO_BLK) {
			fake_file(config_devices[i].path, 1 << 20);
		}
	}
	vfio_cards_of_config();
	for (i = 0; i < fake_vfio.card_count; i++) {
		struct fake_card *card = &fake_vfio.cards[i];

		/* Conventional PCI: not a thousand reads of 4 KiB. */
		if (fake_card_is_pci(card)) {
			card->regions[VFIO_PCI_CONFIG_REGION_INDEX].size =
				PCI_CONFIG_SIZE;
		}
	}
}

void vfio_refused(struct fake_card *card, const char *line)
{
	char expected[256];

	assert_int_equal(EXITS(vfio_add(card, 0)), EXIT_VFIO);
	snprintf(expected, sizeof(expected), "card: host device " CARD ": %s",
		 line);
	fake_one_line(expected);
}

void vfio_mapped(const struct fake_card *card, uint64_t cfg, unsigned bar,
		 const struct fake_area *areas, unsigned n)
{
	uint64_t gpa = vfio_bar(cfg, bar);
	uint64_t size = card->regions[bar].size;
	uint64_t page;

	for (page = 0; page < size; page += 4096) {
		const uint8_t *at = fake_guest(gpa + page);
		int expected = 0;
		unsigned i;

		for (i = 0; i < n; i++) {
			expected |= page - areas[i].offset < areas[i].size;
		}
		if (expected) {
			assert_ptr_equal(at, card->regions[bar].data + page);
		} else if (at) {
			fail_msg("BAR %u: page 0x%llx is mapped", bar,
				 (unsigned long long)page);
		}
	}
	assert_int_equal(card->regions[bar].maps, n);
	assert_int_equal(fake.log_lines, 0);
}

void vfio_kernel_refuses(struct fake_card *card, unsigned long request,
			 long error, const char *line)
{
	fake_vfio.refuses = request;
	fake_vfio.refusal = error;
	vfio_refused(card, line);
}

struct fake_card *vfio_card_with(uint64_t size)
{
	struct fake_card *card;

	vfio_host();
	card = vfio_card(CARD);
	vfio_card_bar(card, 0, size, 0);
	return card;
}

uint64_t vfio_add_decoded(struct fake_card *card)
{
	uint64_t cfg = vfio_add(card, 0);

	cfg_command(cfg, DECODED);
	vfio_forget();
	return cfg;
}
