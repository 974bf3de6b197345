/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A card's MSI-X against a model of it, in any order of what a guest and a card
 * can do: no event lost, none sent twice, and VFIO and KVM have what they
 * should, after each step. Fixed seeds.
 */
#include <string.h>

#include "core/log.h"
#include "test/unit/vfio_irq_guest.h"

#define STEPS 100000

/* What the guest has set up, and what each vector still owes. */
static struct {
	int enabled, masked_all, master;
	int masked[IRQ_VECTORS];
	uint32_t data[IRQ_VECTORS];
	int connected[IRQ_VECTORS]; /* open since it was enabled */
	unsigned owed[IRQ_VECTORS]; /* events not sent: at least one, if any */
	int in_card[IRQ_VECTORS]; /* the card itself keeps one */
} model;

static uint64_t seed;

static unsigned pick(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 16) % n;
}

static int is_open(unsigned vector)
{
	return model.enabled && model.master && !model.masked_all &&
	       !model.masked[vector];
}

static void control(void)
{
	int enabled = pick(6) != 0;

	if (!enabled) { /* what waited in eventfds is no event any more */
		memset(model.connected, 0, sizeof(model.connected));
		memset(model.owed, 0, sizeof(model.owed));
	}
	model.enabled = enabled;
	model.masked_all = pick(3) == 0;
	irq_control((model.enabled ? ENABLE : 0) |
		    (model.masked_all ? MASKALL : 0));
}

static void fire(unsigned vector)
{
	if (irq_card->kind != MSIX) {
		return;
	}
	if (model.connected[vector]) {
		model.owed[vector]++;
	} else {
		model.in_card[vector] = 1;
	}
	fake_card_fire(irq_card, vector);
}

static void step(void)
{
	unsigned vector = pick(IRQ_VECTORS);

	switch (pick(8)) {
	case 0:
		control();
		break;
	case 1:
	case 2:
		model.masked[vector] = (int)pick(2);
		irq_mask(vector, model.masked[vector]);
		break;
	case 3:
		model.data[vector] = 100 * pick(100) + vector;
		driver_mmio_write(irq_entry(vector) + 8, 4, model.data[vector]);
		break;
	case 4:
		model.master = pick(4) != 0;
		cfg_write(irq_cfg, PCI_COMMAND, 2,
			  PCI_COMMAND_MEMORY | PCI_COMMAND_INTX_DISABLE |
				  (model.master ? PCI_COMMAND_MASTER : 0));
		break;
	case 5:
		(void)irq_pending();
		break;
	default:
		fire(vector);
		break;
	}
}

static void count_sent(unsigned *sent)
{
	unsigned i;

	for (i = 0; i < fake.msi_count; i++) {
		unsigned vector = fake.msis[i].data % 100;

		assert_in_range(vector, 0, IRQ_VECTORS - 1);
		assert_int_equal(fake.msis[i].data, model.data[vector]);
		assert_int_equal(fake.msis[i].device, IRQ_DEVICE);
		sent[vector]++;
	}
	fake.msi_count = 0;
}

static void check_vector(unsigned vector, unsigned sent)
{
	unsigned most = model.owed[vector] + (unsigned)model.in_card[vector];
	int fd = irq_card->fds[vector];

	if (is_open(vector)) {
		model.connected[vector] = 1;
		assert_in_range(sent, most != 0, most);
		model.owed[vector] = 0;
		model.in_card[vector] = 0;
		assert_true(fd >= 0 && fake_is_bound(fd));
	} else {
		assert_int_equal(sent, 0);
		assert_true(fd < 0 || !fake_is_bound(fd));
	}
	assert_int_equal(fd >= 0, model.connected[vector]);
}

static void check(void)
{
	unsigned sent[IRQ_VECTORS] = { 0 };
	uint64_t bits = 0;
	unsigned i;

	assert_int_equal(irq_card->kind, model.enabled ? MSIX : FAKE_SILENT);
	count_sent(sent);
	for (i = 0; i < IRQ_VECTORS; i++) {
		check_vector(i, sent[i]);
		bits |= (uint64_t)(model.owed[i] || model.in_card[i]) << i;
	}
	vfio_forget();
	if (pick(3) == 0) {
		assert_int_equal(irq_pending(), bits);
	}
}

static void walk(uint64_t first)
{
	unsigned i;

	irq_ready();
	memset(&model, 0, sizeof(model));
	seed = first;
	model.enabled = model.master = 1;
	for (i = 0; i < IRQ_VECTORS; i++) {
		model.data[i] = i;
		driver_mmio_write(irq_entry(i) + 8, 4, i);
		model.connected[i] = 1;
	}
	for (i = 0; i < STEPS; i++) {
		step();
		check();
	}
	assert_int_equal(fake.log_lines, 0);
}

static void any_order(void)
{
	walk(0x9e3779b97f4a7c15ull);
}

static void another_order(void)
{
	walk(0x2545f4914f6cdd1dull);
}

/* Kinds in any order: VFIO has the one that counts, and nothing leaks. */
static void any_kind(void)
{
	unsigned eventfds, i;

	irq_machine();
	eventfds = irq_eventfds();
	seed = 0xd1342543de82ef95ull;
	for (i = 0; i < STEPS / 4; i++) {
		int msix = pick(2) != 0;
		int msi = pick(2) != 0;
		int intx = pick(2) != 0;
		int kind = msix ? MSIX : msi ? MSI : intx ? INTX : FAKE_SILENT;

		irq_control(msix ? ENABLE : 0);
		irq_msi((msi ? PCI_MSI_FLAGS_ENABLE : 0) | pick(8) << 4);
		cfg_write(irq_cfg, PCI_COMMAND, 2,
			  DECODED | (intx ? 0 : PCI_COMMAND_INTX_DISABLE));
		assert_int_equal(irq_card->kind, kind);
		fake_card_line(irq_card, (int)pick(2));
		if (kind == INTX) {
			fake_eoi(IRQ_SPI);
			assert_int_equal(fake_spi(IRQ_SPI)->level,
					 irq_card->line);
		}
		if (pick(50) == 0) { /* PSCI reset, and a driver again */
			vfio_pci_stop();
			assert_int_equal(irq_card->kind, FAKE_SILENT);
			assert_int_equal(irq_eventfds(), eventfds);
		}
		vfio_forget();
	}
	vfio_pci_stop();
	assert_int_equal(irq_eventfds(), eventfds);
	assert_int_equal(fake.irqfd_count, 0);
}

static const struct CMUnitTest tests[] = {
	TEST(any_order),
	TEST(another_order),
	TEST(any_kind),
};

UNIT_MAIN("vfio_irq_model", tests)
