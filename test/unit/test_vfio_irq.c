/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSI and INTx of a card of the host, and the way from one kind to another:
 * VFIO has one at a time, the one that the guest uses (M50).
 */
#include <linux/errno.h>

#include "core/log.h"
#include "test/unit/vfio_irq_guest.h"

#define MSI64 PCI_MSI_FLAGS_64BIT
#define MASKBIT PCI_MSI_FLAGS_MASKBIT
#define QSIZE(n) ((n) << 4)

static int is_open(unsigned vector)
{
	int fd = irq_card->fds[vector];

	return fd >= 0 && fake_is_bound(fd);
}

/* -- MSI ----------------------------------------------------------------- */

static void msi(unsigned flags)
{
	irq_plug(IRQ_VECTORS, flags);
	irq_add();
	cfg_write(irq_cfg, IRQ_MSI + PCI_MSI_ADDRESS_LO, 4,
		  (uint32_t)TRANSLATER);
	cfg_write(irq_cfg,
		  IRQ_MSI +
			  ((flags & MSI64) ? PCI_MSI_DATA_64 : PCI_MSI_DATA_32),
		  2, 0x1200);
}

/* Each number of vectors, with the lowest bits of the data for them. */
static void each_size(void)
{
	unsigned n, i;

	msi(MSI64 | 0x0a);
	for (n = 0; n <= 5; n++) {
		irq_msi(QSIZE(n) | PCI_MSI_FLAGS_ENABLE);
		assert_int_equal(irq_card->kind, MSI);
		assert_int_equal(irq_card->enabled, 1u << n);
		fake.msi_count = 0;
		for (i = 0; i < 1u << n; i++) {
			assert_true(is_open(i));
			fake_card_fire(irq_card, i);
			assert_int_equal(fake_last_msi(i + 1)->data,
					 0x1200 + i);
			assert_int_equal(fake.msis[i].device, IRQ_DEVICE);
		}
		assert_int_equal(fake.irqfd_count, 1u << n);
		irq_msi(0);
		assert_int_equal(irq_card->kind, FAKE_SILENT);
		assert_int_equal(fake.irqfd_count, 0);
	}
	assert_int_equal(fake.log_lines, 0);
}

/* M50: more than it can, or than there is. */
static void sizes_that_are_not(void)
{
	msi(MSI64 | 0x04); /* 4 vectors */
	irq_msi(QSIZE(7) | PCI_MSI_FLAGS_ENABLE);
	assert_int_equal(irq_card->enabled, 4);
	irq_msi(0);
	irq_msi(QSIZE(3) | PCI_MSI_FLAGS_ENABLE);
	assert_int_equal(irq_card->enabled, 4);
	assert_int_equal(fake.log_lines, 0);
}

static void card_promises_128(void)
{
	msi(MSI64 | 0x0e);
	irq_msi(QSIZE(7) | PCI_MSI_FLAGS_ENABLE);
	assert_int_equal(irq_card->enabled, 32);
	assert_true(is_open(31));
}

/* What a guest must not do: VFIO's number stays, nothing breaks. */
static void size_changed_while_enabled(void)
{
	msi(MSI64 | 0x0a);
	irq_msi(QSIZE(1) | PCI_MSI_FLAGS_ENABLE);
	irq_msi(QSIZE(0) | PCI_MSI_FLAGS_ENABLE);
	assert_true(is_open(0));
	assert_false(is_open(1));
	assert_int_equal(fake.log_lines, 0);
	irq_msi(QSIZE(2) | PCI_MSI_FLAGS_ENABLE);
	assert_int_equal(irq_card->enabled, 2);
	assert_true(vfio_logged("card: vector 2 cannot be connected (-22)"));
	assert_true(is_open(1));
}

static void masks(unsigned flags, unsigned mask_at, unsigned pending_at)
{
	msi(flags | MASKBIT | 0x04);
	cfg_write(irq_cfg, IRQ_MSI + mask_at, 4, 0xa);
	irq_msi(QSIZE(2) | PCI_MSI_FLAGS_ENABLE);
	assert_true(is_open(0) && is_open(2));
	assert_int_equal(irq_card->fds[1], FAKE_NO_FD);
	cfg_write(irq_cfg, IRQ_MSI + mask_at, 4, 0xb);
	assert_false(is_open(0));
	fake_card_fire(irq_card, 0);
	fake_card_fire(irq_card, 0);
	assert_int_equal(cfg_read(irq_cfg, IRQ_MSI + pending_at, 4), 1);
	assert_int_equal(cfg_read(irq_cfg, IRQ_MSI + pending_at, 1), 1);
	/* Those that never were open are the card's to keep. */
	vfio_set(irq_card, IRQ_MSI + pending_at, 4, 0xfffffff8);
	assert_int_equal(cfg_read(irq_cfg, IRQ_MSI + pending_at, 4), 9);
	vfio_set(irq_card, IRQ_MSI + pending_at, 4, 0);
	assert_int_equal(fake.msi_count, 0);
	cfg_write(irq_cfg, IRQ_MSI + mask_at, 4, 0);
	assert_int_equal(fake_last_msi(1)->data, 0x1200);
	assert_int_equal(cfg_read(irq_cfg, IRQ_MSI + pending_at, 4), 0);
	assert_true(is_open(1) && is_open(3));
}

static void masks_of_32_bits(void)
{
	masks(0, PCI_MSI_MASK_32, PCI_MSI_PENDING_32);
}

static void masks_of_64_bits(void)
{
	masks(MSI64, PCI_MSI_MASK_64, PCI_MSI_PENDING_64);
}

static void no_masks(void)
{
	msi(0);
	irq_msi(PCI_MSI_FLAGS_ENABLE);
	fake_card_fire(irq_card, 0);
	assert_int_equal(fake_last_msi(1)->data, 0x1200);
	/* Behind the capability there is nothing. */
	assert_int_equal(cfg_read(irq_cfg, IRQ_MSI + PCI_MSI_PENDING_32, 4), 0);
	assert_int_equal(cfg_read(irq_cfg, IRQ_MSI + PCI_MSI_MASK_32, 4), 0);
}

static void moved(void)
{
	msi(MSI64);
	irq_msi(PCI_MSI_FLAGS_ENABLE);
	cfg_write(irq_cfg, IRQ_MSI + PCI_MSI_DATA_64, 2, 77);
	fake_card_fire(irq_card, 0);
	assert_int_equal(fake_last_msi(1)->data, 77);
	cfg_write(irq_cfg, IRQ_MSI + PCI_MSI_ADDRESS_HI, 4, 1);
	assert_false(is_open(0));
	assert_true(vfio_logged("device 0x1: vector 0, MSI 0x4d to "
				"0x108090040: cannot be bound (-22)"));
}

static void fewer_than_the_guest_wants(void)
{
	msi(MSI64 | 0x06);
	irq_card->vectors = 2;
	irq_msi(QSIZE(3) | PCI_MSI_FLAGS_ENABLE);
	assert_int_equal(irq_card->enabled, 2);
	assert_true(is_open(0) && is_open(1));
	assert_true(vfio_logged("card: vector 2 cannot be connected (-22)"));
}

static void bus_master_off(void)
{
	msi(MSI64);
	irq_msi(PCI_MSI_FLAGS_ENABLE);
	cfg_command(irq_cfg, PCI_COMMAND_INTX_DISABLE);
	assert_false(is_open(0));
	fake_card_fire(irq_card, 0);
	cfg_command(irq_cfg, DECODED | PCI_COMMAND_INTX_DISABLE);
	assert_int_equal(fake_last_msi(1)->data, 0x1200);
}

/* -- INTx ---------------------------------------------------------------- */

static void intx(void)
{
	irq_machine();
	assert_int_equal(irq_card->kind, FAKE_SILENT);
	cfg_command(irq_cfg, DECODED);
	assert_int_equal(irq_card->kind, INTX);
}

/* Trigger, EOI, unmask: level-triggered, and without us. */
static void around_in_the_kernel(void)
{
	unsigned calls, i;

	intx();
	calls = fake.calls;
	fake_card_line(irq_card, 1);
	assert_int_equal(fake_spi(IRQ_SPI)->level, 1);
	assert_true(irq_card->masked);
	for (i = 1; i < 4; i++) {
		assert_int_equal(fake_spi(IRQ_SPI)->rises, i);
		fake_eoi(IRQ_SPI); /* still asserted: again */
		assert_int_equal(fake_spi(IRQ_SPI)->level, 1);
	}
	fake_card_line(irq_card, 0);
	fake_eoi(IRQ_SPI);
	assert_int_equal(fake_spi(IRQ_SPI)->level, 0);
	assert_false(irq_card->masked);
	assert_int_equal(fake.calls, calls);
	assert_int_equal(irq_card->unmask_fd, fake.irqfds[0].resample);
}

/* Any sign of a driver will do. */
static void when_the_driver_comes(void)
{
	static const unsigned bits[] = { PCI_COMMAND_IO, PCI_COMMAND_MEMORY,
					 PCI_COMMAND_MASTER };
	size_t i;

	irq_machine();
	for (i = 0; i < 3; i++) {
		cfg_command(irq_cfg, bits[i]);
		assert_int_equal(irq_card->kind, INTX);
		cfg_command(irq_cfg, 0);
		assert_int_equal(irq_card->kind, FAKE_SILENT);
	}
}

static void disabled_by_command(void)
{
	unsigned eventfds, i;

	irq_machine();
	eventfds = irq_eventfds();
	fake_card_line(irq_card, 1);
	for (i = 0; i < 100; i++) {
		cfg_command(irq_cfg, DECODED);
		assert_int_equal(fake_spi(IRQ_SPI)->level, 1);
		cfg_command(irq_cfg, DECODED | PCI_COMMAND_INTX_DISABLE);
		assert_int_equal(fake_spi(IRQ_SPI)->level, 0);
		assert_int_equal(fake.irqfd_count, 0);
		assert_int_equal(irq_eventfds(), eventfds);
	}
	assert_int_equal(fake.log_lines, 0);
}

/* The host refuses one part: nothing is left of the others. */
static void intx_refused(void)
{
	unsigned eventfds = irq_eventfds();

	cfg_command(irq_cfg, DECODED);
	assert_true(vfio_logged("card: the host has no interrupts to give"));
	assert_int_equal(fake.log_lines, 1);
	assert_int_equal(irq_eventfds(), eventfds);
	assert_int_equal(fake.irqfd_count, 0);
	assert_int_equal(irq_card->kind, FAKE_SILENT);
	/* The next kind works all the same. */
	irq_card->irq_error[INTX] = irq_card->unmask_error = 0;
	fake.irqfd_error = 0;
	irq_control(ENABLE);
	assert_int_equal(irq_card->kind, MSIX);
	irq_control(0);
	assert_int_equal(irq_card->kind, INTX);
	assert_int_equal(fake.log_lines, 1);
}

static void trigger_refused(void)
{
	irq_machine();
	irq_card->irq_error[INTX] = -ENODEV;
	intx_refused();
}

static void unmask_refused(void)
{
	irq_machine();
	irq_card->unmask_error = -ENOMEM;
	intx_refused();
}

static void irqfd_refused(void)
{
	irq_machine();
	fake.irqfd_error = -ENOMEM;
	intx_refused();
}

static void no_eventfds(unsigned which)
{
	irq_machine();
	/* Behind the command register's write, which there is none of. */
	fake.fail_at = fake.calls + which;
	fake.fail_with = -EMFILE;
	intx_refused();
	assert_string_equal(fake.failed, "sys_eventfd");
}

static void no_first_eventfd(void)
{
	no_eventfds(1);
}

static void no_second_eventfd(void)
{
	no_eventfds(2);
}

/* -- From one to another ------------------------------------------------- */

static void each_switch(void)
{
	/* MSI-X, MSI and INTx, as a guest has enabled them: one is used. */
	static const struct {
		int msix, msi, intx, kind;
	} steps[] = {
		{ 0, 0, 1, INTX }, { 1, 0, 1, MSIX },	     { 0, 1, 1, MSI },
		{ 1, 1, 1, MSIX }, { 0, 1, 0, MSI },	     { 0, 0, 1, INTX },
		{ 0, 1, 1, MSI },  { 0, 0, 0, FAKE_SILENT }, { 1, 0, 0, MSIX },
		{ 0, 0, 1, INTX }, { 0, 0, 0, FAKE_SILENT }, { 1, 1, 0, MSIX },
	};
	unsigned eventfds;
	size_t i;

	irq_machine();
	cfg_write(irq_cfg, IRQ_MSI + PCI_MSI_ADDRESS_LO, 4,
		  (uint32_t)TRANSLATER);
	eventfds = irq_eventfds();
	for (i = 0; i < 10 * sizeof(steps) / sizeof(steps[0]); i++) {
		size_t n = i % (sizeof(steps) / sizeof(steps[0]));

		irq_control(steps[n].msix ? ENABLE : 0);
		irq_program(0); /* MSI takes the vectors */
		irq_mask(0, 0);
		irq_msi(steps[n].msi ? PCI_MSI_FLAGS_ENABLE : 0);
		cfg_command(irq_cfg,
			    DECODED |
				    (steps[n].intx ? 0 :
						     PCI_COMMAND_INTX_DISABLE));
		assert_int_equal(irq_card->kind, steps[n].kind);
		assert_int_equal(irq_eventfds(),
				 eventfds + (steps[n].kind != FAKE_SILENT) +
					 (steps[n].kind == INTX));
	}
	assert_int_equal(fake.log_lines, 0);
}

/* What MSI had is not MSI-X's: its vectors are those of the table again. */
static void vectors_change_owner(void)
{
	irq_machine();
	cfg_write(irq_cfg, IRQ_MSI + PCI_MSI_ADDRESS_LO, 4,
		  (uint32_t)TRANSLATER);
	cfg_write(irq_cfg, IRQ_MSI + PCI_MSI_DATA_64, 2, 55);
	irq_msi(PCI_MSI_FLAGS_ENABLE);
	assert_true(is_open(0));
	irq_control(ENABLE);
	assert_int_equal(irq_card->fds[0], FAKE_NO_FD);
	assert_int_equal(driver_mmio_read(irq_entry(0) + 8, 4), 0);
	assert_int_equal(driver_mmio_read(irq_entry(0) + 12, 4), 1);
}

static const struct CMUnitTest tests[] = {
	TEST(each_size),
	TEST(sizes_that_are_not),
	TEST(card_promises_128),
	TEST(size_changed_while_enabled),
	TEST(masks_of_32_bits),
	TEST(masks_of_64_bits),
	TEST(no_masks),
	TEST(moved),
	TEST(fewer_than_the_guest_wants),
	TEST(bus_master_off),
	TEST(around_in_the_kernel),
	TEST(when_the_driver_comes),
	TEST(disabled_by_command),
	TEST(trigger_refused),
	TEST(unmask_refused),
	TEST(irqfd_refused),
	TEST(no_first_eventfd),
	TEST(no_second_eventfd),
	TEST(each_switch),
	TEST(vectors_change_owner),
};

UNIT_MAIN("vfio_irq", tests)
