/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration space of a card of the host as its guest has it: what is
 * there, what can be written, what of that reaches the card (M55, M56), power
 * states, decoding and resets (M54).
 */
#include <linux/errno.h>
#include <string.h>

#include "core/log.h"
#include "test/unit/vfio_guest.h"

#define PM 0x40
#define MSI 0x50
#define EXPRESS 0x70
#define VENDOR 0xb0
#define VENDOR_BYTES 0x14
#define MSIX 0xd0
#define DEVCTL (EXPRESS + PCI_EXP_DEVCTL)
#define FLR_HIGH (PCI_EXP_DEVCTL_BCR_FLR >> 8)
#define BAR0 0x4000
#define WIDE 0x100000ull

static struct fake_card *card;
static uint64_t cfg;

/* A card with one of everything. */
static void plug(void)
{
	vfio_host();
	card = vfio_card(CARD);
	vfio_card_bar(card, 0, BAR0, 0);
	vfio_card_bar(card, 2, WIDE, BAR64 | PCI_BASE_ADDRESS_MEM_PREFETCH);
	vfio_card_bar(card, 4, 0x20, BAR_IO);
	vfio_card_bar(card, PCI_ROM, 0x800, 0);
	vfio_card_capability(card, PCI_CAP_ID_PM, PM);
	vfio_set(card, PM + PCI_PM_PMC, 2, 0xfe2b); /* all it could have */
	vfio_set(card, PM + PCI_PM_CTRL, 4, 0xff00e103);
	vfio_card_msi(card, MSI, 0x0186); /* 8 vectors, 64 bits, masks */
	vfio_card_capability(card, PCI_CAP_ID_EXP, EXPRESS);
	vfio_set(card, EXPRESS + PCI_EXP_FLAGS, 2, 2);
	vfio_set(card, EXPRESS + PCI_EXP_DEVCAP, 4, 0x10008fe5);
	vfio_set(card, EXPRESS + PCI_EXP_DEVCTL2, 2, 0x1234);
	vfio_card_capability(card, PCI_CAP_ID_VNDR, VENDOR);
	vfio_set(card, VENDOR + 2, 1, VENDOR_BYTES);
	vfio_card_capability(card, PCI_CAP_ID_VPD, 0xe0);
	vfio_card_msix(card, MSIX, 5, 0x2000, 0x3000);
	vfio_card_capability(card, PCI_CAP_ID_AF, 0xe8);
	vfio_set(card, 0x100, 4, 0x14020001); /* AER, then */
	vfio_set(card, 0x140, 4, 0x16010003); /* the serial number, */
	vfio_set(card, 0x144, 4, 0x89abcdef);
	vfio_set(card, 0x148, 4, 0x01234567);
	vfio_set(card, 0x160, 4, 0x00010010); /* SR-IOV */
}

static void machine(void)
{
	plug();
	cfg = vfio_add(card, 1);
	vfio_forget();
}

static uint64_t slot_at(uint64_t gpa)
{
	unsigned i;

	for (i = 0; i < fake.slot_count; i++) {
		if (fake.slots[i].guest_phys_addr == gpa) {
			return fake.slots[i].memory_size;
		}
	}
	return 0;
}

static uint32_t read4(uint64_t gpa)
{
	return (uint32_t)driver_mmio_read(gpa, 4);
}

/* -- What is there ------------------------------------------------------- */

static void header(void)
{
	machine();
	assert_int_equal(cfg_read(cfg, PCI_VENDOR_ID, 4), 0x56781234);
	assert_int_equal(cfg_read(cfg, PCI_CLASS_REVISION, 4), 0x01080205);
	assert_int_equal(cfg_read(cfg, PCI_SUBSYSTEM_VENDOR_ID, 4), 0xbbbbaaaa);
	assert_int_equal(cfg_read(cfg, PCI_COMMAND, 2), 0);
	assert_int_equal(cfg_read(cfg, PCI_STATUS, 2), PCI_STATUS_CAP_LIST);
	assert_int_equal(cfg_read(cfg, PCI_HEADER_TYPE, 1), 0);
	assert_int_equal(cfg_read(cfg, PCI_INTERRUPT_PIN, 1), 1);
	assert_int_equal(cfg_read(cfg, PCI_BASE_ADDRESS_0, 4) & 15, 0);
	assert_int_equal(cfg_read(cfg, PCI_BASE_ADDRESS_2, 4) & 15, 12);
	assert_int_equal(cfg_read(cfg, PCI_BASE_ADDRESS_4, 4) & 3, 1);
	assert_int_equal(fake.log_lines, 0);
}

/* Status bits are the card's; the list in it is ours. */
static void status_is_live(void)
{
	machine();
	vfio_set(card, PCI_STATUS, 2, PCI_STATUS_DETECTED_PARITY);
	assert_int_equal(cfg_read(cfg, PCI_STATUS, 2),
			 PCI_STATUS_DETECTED_PARITY | PCI_STATUS_CAP_LIST);
	assert_int_equal(cfg_read(cfg, PCI_COMMAND, 4) >> 16,
			 PCI_STATUS_DETECTED_PARITY | PCI_STATUS_CAP_LIST);
}

/* In their places; VPD and AF are gone, the vendor id is not (kvmtool). */
static void list(void)
{
	static const uint8_t expected[][2] = { { PM, PCI_CAP_ID_PM },
					       { MSI, PCI_CAP_ID_MSI },
					       { EXPRESS, PCI_CAP_ID_EXP },
					       { VENDOR, PCI_CAP_ID_VNDR },
					       { MSIX, PCI_CAP_ID_MSIX } };
	unsigned at;
	size_t i;

	machine();
	at = cfg_read(cfg, PCI_CAPABILITY_LIST, 1);
	for (i = 0; i < 5; i++) {
		assert_int_equal(at, expected[i][0]);
		assert_int_equal(cfg_read(cfg, at, 1), expected[i][1]);
		at = cfg_read(cfg, at + 1, 1);
	}
	assert_int_equal(at, 0);
	assert_int_equal(cfg_read(cfg, 0xe0, 4), 0);
	assert_int_equal(cfg_read(cfg, 0xe8, 4), 0);
}

static void contents(void)
{
	machine();
	assert_int_equal(cfg_read(cfg, PM + PCI_PM_PMC, 2), 0x23);
	assert_int_equal(cfg_read(cfg, PM + PCI_PM_CTRL, 4),
			 PCI_PM_CTRL_NO_SOFT_RESET);
	assert_int_equal(cfg_read(cfg, MSI + PCI_MSI_FLAGS, 2), 0x0186);
	assert_int_equal(cfg_read(cfg, MSI + PCI_MSI_ADDRESS_LO, 4), 0);
	assert_int_equal(cfg_read(cfg, EXPRESS + PCI_EXP_DEVCAP, 4),
			 0x10008fe5);
	assert_int_equal(cfg_read(cfg, EXPRESS + PCI_EXP_DEVCTL2, 2), 0x1234);
	assert_int_equal(cfg_read(cfg, VENDOR + 2, 1), VENDOR_BYTES);
	assert_int_equal(cfg_read(cfg, MSIX + PCI_MSIX_FLAGS, 2), 4);
	assert_int_equal(cfg_read(cfg, MSIX + PCI_MSIX_TABLE, 4), 0x2000);
	assert_int_equal(cfg_read(cfg, MSIX + PCI_MSIX_PBA, 4), 0x3000);
}

/* The serial number stays where it is, behind a first one that only links. */
static void extended(void)
{
	machine();
	assert_int_equal(cfg_read(cfg, 0x100, 4), 0x14000000);
	assert_int_equal(cfg_read(cfg, 0x140, 4), 0x00010003);
	assert_int_equal(cfg_read(cfg, 0x144, 4), 0x89abcdef);
	assert_int_equal(cfg_read(cfg, 0x148, 4), 0x01234567);
	assert_int_equal(cfg_read(cfg, 0x160, 4), 0);
}

static void no_intx(void)
{
	plug();
	card->irqs[VFIO_PCI_INTX_IRQ_INDEX] = 0;
	cfg = vfio_add(card, 1);
	assert_int_equal(cfg_read(cfg, PCI_INTERRUPT_PIN, 1), 0);
	cfg_command(cfg, DECODED);
	assert_int_equal(card->kind, FAKE_SILENT);
}

/* -- What can be written ------------------------------------------------- */

static const struct {
	unsigned from, bytes;
	uint8_t bits;
	int reaches; /* the card */
} writable[] = {
	{ PCI_COMMAND, 1, 0x07, 0 },
	{ PCI_COMMAND + 1, 1, 0x04, 0 },
	{ PCI_CACHE_LINE_SIZE, 1, 0xff, 0 },
	{ PCI_ROM_ADDRESS, 1, 0x01, 0 },
	{ PCI_INTERRUPT_LINE, 1, 0xff, 0 },
	{ PM + PCI_PM_CTRL, 1, 0x03, 0 },
	{ MSI + PCI_MSI_FLAGS, 1, 0x71, 0 },
	{ MSI + PCI_MSI_ADDRESS_LO, 1, 0xfc, 0 },
	{ MSI + PCI_MSI_ADDRESS_LO + 1, 7, 0xff, 0 },
	{ MSI + PCI_MSI_DATA_64, 2, 0xff, 0 },
	{ MSI + PCI_MSI_MASK_64, 4, 0xff, 0 },
	{ DEVCTL, 1, 0xff, 1 },
	{ DEVCTL + 1, 1, 0x7f, 1 },
	{ DEVCTL + 2, 2, 0xff, 1 },
	{ EXPRESS + PCI_EXP_LNKCTL, 4, 0xff, 1 },
	{ VENDOR + 3, VENDOR_BYTES - 3, 0xff, 1 },
	{ MSIX + PCI_MSIX_FLAGS + 1, 1, 0xc0, 0 },
};

static uint8_t bits_of(unsigned offset, int *reaches)
{
	size_t i;

	*reaches = 0;
	for (i = 0; i < sizeof(writable) / sizeof(writable[0]); i++) {
		if (offset - writable[i].from < writable[i].bytes) {
			*reaches = writable[i].reaches;
			return writable[i].bits;
		}
	}
	return 0;
}

static int is_command(const struct fake_access *access)
{
	return access->offset == PCI_COMMAND && access->size == 2 &&
	       (access->value &
		~(uint64_t)(PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE)) ==
		       (PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
}

/* All that the card has seen is on the list: our command, or live bytes. */
static void check_writes(void)
{
	unsigned i, j;

	for (i = 0; i < fake_vfio.access_count; i++) {
		const struct fake_access *access = &fake_vfio.accesses[i];
		int reaches = 1;

		assert_int_equal(access->region, VFIO_PCI_CONFIG_REGION_INDEX);
		for (j = 0; j < access->size && reaches; j++) {
			uint8_t bits = bits_of((unsigned)access->offset + j,
					       &reaches);

			assert_int_equal((access->value >> (8 * j) & ~bits &
					  0xff) * (unsigned)reaches,
					 0);
		}
		if (!reaches && !is_command(access)) {
			fail_msg("%u bytes at 0x%llx reach the card",
				 access->size,
				 (unsigned long long)access->offset);
		}
	}
	vfio_forget();
}

/* Each byte: which of its bits can be changed, and who sees that. */
static void each_byte(void)
{
	unsigned offset;

	machine();
	for (offset = 0; offset < PCI_EXTENDED_SIZE; offset++) {
		int flr = offset == DEVCTL + 1;
		int reaches;
		uint8_t bits = bits_of(offset, &reaches);
		uint32_t before = cfg_read(cfg, offset, 1);
		uint32_t after;

		cfg_write(cfg, offset, 1, ~before & (flr ? 0x7f : 0xff));
		after = cfg_read(cfg, offset, 1);
		if ((before ^ after) != bits) {
			fail_msg("0x%x: 0x%x, then 0x%x", offset, before,
				 after);
		}
		assert_true(vfio_writes() > 0 || !reaches);
		cfg_write(cfg, offset, 1, before);
		check_writes();
	}
	assert_int_equal(card->resets, 1);
	assert_int_equal(fake.log_lines, 0);
}

/* M56: each offset with each width; what is read-only stays as it is. */
static void each_width(void)
{
	static const uint32_t values[] = { 0xffffffff, 0,	   0xa5a5a5a5,
					   0x5a5a5a5a, 0x00010001, 0x80008000 };
	static uint8_t before[PCI_EXTENDED_SIZE];
	unsigned offset, size;
	size_t i;

	machine();
	for (offset = 0; offset < PCI_EXTENDED_SIZE; offset++) {
		before[offset] = (uint8_t)cfg_read(cfg, offset, 1);
	}
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		for (offset = 0; offset < PCI_EXTENDED_SIZE; offset++) {
			for (size = 1; size <= 4; size *= 2) {
				if (offset % size == 0) {
					(void)cfg_read(cfg, offset, size);
					cfg_write(cfg, offset, size, values[i]);
					check_writes();
				}
			}
		}
	}
	for (offset = 0; offset < PCI_EXTENDED_SIZE; offset++) {
		int reaches;
		uint8_t fixed = (uint8_t)~bits_of(offset, &reaches);

		if (offset >= PCI_BASE_ADDRESS_0 && offset < 0x34) {
			continue; /* BARs read as sizes */
		}
		assert_int_equal(cfg_read(cfg, offset, 1) & fixed,
				 before[offset] & fixed);
	}
}

/* M55: a write over bytes of both kinds does not write any of them twice. */
static void straddling(void)
{
	machine();
	cfg_write(cfg, VENDOR, 4, 0x44332211);
	assert_int_equal(vfio_writes(), 1);
	assert_int_equal(vfio_last_write()->offset, VENDOR + 3);
	assert_int_equal(vfio_last_write()->size, 1);
	assert_int_equal(vfio_last_write()->value, 0x44);
	vfio_forget();
	cfg_write(cfg, VENDOR + 4, 4, 0x88776655);
	assert_int_equal(vfio_writes(), 1);
	assert_int_equal(vfio_last_write()->size, 4);
	vfio_forget();
	/* The register of the card itself, not what we know of it. */
	vfio_set(card, VENDOR + 8, 4, 0xdeadbeef);
	assert_int_equal(cfg_read(cfg, VENDOR + 10, 2), 0xdead);
	assert_int_equal(vfio_writes(), 0);
}

/* M58 */
static void interrupt_line_means_nothing(void)
{
	machine();
	cfg_write(cfg, PCI_INTERRUPT_LINE, 2, 0x0455);
	assert_int_equal(cfg_read(cfg, PCI_INTERRUPT_LINE, 2), 0x0155);
	cfg_command(cfg, PCI_COMMAND_MASTER);
	fake_card_line(card, 1);
	assert_int_equal(fake_spi(HOST_SPI + 1)->level, 1);
	assert_int_equal(fake_spi(0x55 - 32)->calls, 0);
}

/* -- Decoding, power, resets --------------------------------------------- */

static void check_hidden(void)
{
	assert_int_equal(slot_at(vfio_bar(cfg, 0)), 0);
	assert_int_equal(slot_at(vfio_bar(cfg, 2)), 0);
	vfio_forget();
	assert_int_equal(read4(vfio_bar(cfg, 0) + 0x2010), UINT32_MAX);
	assert_int_equal(read4(vfio_bar(cfg, 4)), UINT32_MAX);
	driver_mmio_write(vfio_bar(cfg, 0) + 0x2800, 4, 1);
	driver_mmio_write(vfio_bar(cfg, 4), 4, 1);
	assert_int_equal(fake_vfio.access_count, 0);
}

static void check_shown(void)
{
	assert_int_equal(slot_at(vfio_bar(cfg, 0)), 0x2000);
	assert_int_equal(slot_at(vfio_bar(cfg, 2)), WIDE);
	assert_int_equal(driver_mmio_read(vfio_bar(cfg, 4), 4), 0x40000000);
}

static void not_decoded(void)
{
	unsigned i;

	machine();
	check_hidden();
	for (i = 0; i < 1000; i++) { /* M53 */
		cfg_command(cfg, DECODED);
		cfg_command(cfg, 0);
	}
	check_hidden();
	cfg_command(cfg, DECODED);
	check_shown();
	cfg_command(cfg, PCI_COMMAND_MEMORY);
	assert_int_equal(read4(vfio_bar(cfg, 4)), UINT32_MAX);
	assert_int_equal(slot_at(vfio_bar(cfg, 0)), 0x2000);
}

/* The card itself stays in D0, but masters no more. */
static void asleep(void)
{
	machine();
	cfg_command(cfg, DECODED);
	cfg_write(cfg, PM + PCI_PM_CTRL, 2, 3);
	assert_int_equal(cfg_read(cfg, PM + PCI_PM_CTRL, 2), 0x0b);
	assert_true(is_command(vfio_last_write()));
	assert_int_equal(vfio_last_write()->value & PCI_COMMAND_MASTER, 0);
	check_hidden();
	cfg_command(cfg, DECODED); /* does not wake it */
	check_hidden();
	cfg_write(cfg, PM + PCI_PM_CTRL, 2, 0);
	assert_int_equal(vfio_last_write()->value & PCI_COMMAND_MASTER,
			 PCI_COMMAND_MASTER);
	check_shown();
	/* D1 and D2, which it does not have, are D0. */
	cfg_write(cfg, PM + PCI_PM_CTRL, 2, 2);
	assert_int_equal(cfg_read(cfg, PM + PCI_PM_CTRL, 2), 0x08);
	check_shown();
}

static void change_all(void)
{
	cfg_command(cfg, DECODED);
	cfg_write(cfg, PCI_INTERRUPT_LINE, 1, 0x77);
	cfg_write(cfg, MSI + PCI_MSI_ADDRESS_LO, 4, 0xfffffffc);
	cfg_write(cfg, MSI + PCI_MSI_DATA_64, 2, 0x1234);
	cfg_write(cfg, MSI + PCI_MSI_MASK_64, 4, 0xff);
	cfg_write(cfg, MSI + PCI_MSI_FLAGS, 2, 0x30);
	cfg_write(cfg, PCI_ROM_ADDRESS, 4, PCI_ROM_ADDRESS_ENABLE);
	driver_mmio_write(vfio_bar(cfg, 0) + 0x2000, 8, TRANSLATER);
	driver_mmio_write(vfio_bar(cfg, 0) + 0x200c, 4, 0);
	cfg_write(cfg, MSIX + PCI_MSIX_FLAGS, 2, PCI_MSIX_FLAGS_ENABLE);
	assert_int_equal(card->kind, VFIO_PCI_MSIX_IRQ_INDEX);
}

/* What the guest had set up is gone, as after power-on. */
static void function_reset(void)
{
	uint32_t before[64];
	unsigned i;

	machine();
	for (i = 0; i < 64; i++) {
		before[i] = cfg_read(cfg, 4 * i, 4);
	}
	change_all();
	cfg_write(cfg, DEVCTL, 2, PCI_EXP_DEVCTL_BCR_FLR);
	assert_int_equal(card->resets, 2);
	assert_int_equal(card->kind, FAKE_SILENT);
	assert_int_equal(fake.irqfd_count, 0);
	for (i = 0; i < 64; i++) {
		assert_int_equal(cfg_read(cfg, 4 * i, 4), before[i]);
	}
	check_hidden();
	cfg_command(cfg, DECODED);
	check_shown();
	assert_int_equal(driver_mmio_read(vfio_bar(cfg, 0) + 0x2000, 8), 0);
	assert_int_equal(driver_mmio_read(vfio_bar(cfg, 0) + 0x200c, 4), 1);
	cfg_command(cfg, 0);
	cfg_write(cfg, DEVCTL + 1, 1, FLR_HIGH); /* its byte alone */
	cfg_write(cfg, DEVCTL, 4, PCI_EXP_DEVCTL_BCR_FLR);
	assert_int_equal(card->resets, 4);
	cfg_write(cfg, DEVCTL, 2, 0x2810);
	assert_int_equal(card->resets, 4);
}

static void reset_fails(void)
{
	machine();
	cfg_command(cfg, DECODED);
	card->reset_error = -EIO;
	cfg_write(cfg, DEVCTL, 2, PCI_EXP_DEVCTL_BCR_FLR);
	fake_one_line("card: reset failed (-5)");
	assert_int_equal(cfg_read(cfg, PCI_COMMAND, 2), 0);
}

/* A card without a reset does not promise one, and is not asked for it. */
static void no_reset(void)
{
	plug();
	card->can_reset = 0;
	card->hot_reset_error = -EPERM;
	cfg = vfio_add(card, 1);
	vfio_forget();
	assert_int_equal(cfg_read(cfg, EXPRESS + PCI_EXP_DEVCAP, 4), 0x8fe5);
	cfg_write(cfg, DEVCTL, 2, PCI_EXP_DEVCTL_BCR_FLR | 0x2810);
	assert_int_equal(vfio_last_write()->value, 0x2810);
	assert_int_equal(card->hot_resets, 1);
	vfio_pci_stop();
	assert_int_equal(card->hot_resets, 1);
}

/* Before a restart: no DMA, no interrupt, then a reset. */
static void stopped(void)
{
	machine();
	change_all();
	vfio_pci_stop();
	assert_int_equal(card->resets, 2);
	assert_int_equal(card->kind, FAKE_SILENT);
	assert_int_equal(fake_card_config(card)[PCI_COMMAND] &
				 PCI_COMMAND_MASTER,
			 0);
	check_hidden();
}

static const struct CMUnitTest tests[] = {
	TEST(header),	   TEST(status_is_live),
	TEST(list),	   TEST(contents),
	TEST(extended),	   TEST(no_intx),
	TEST(each_byte),   TEST(each_width),
	TEST(straddling),  TEST(asleep),
	TEST(not_decoded), TEST(function_reset),
	TEST(reset_fails), TEST(no_reset),
	TEST(stopped),	   TEST(interrupt_line_means_nothing),
};

UNIT_MAIN("vfio_config", tests)
