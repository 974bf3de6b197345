/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSI-X of a card of the host: what its guest does with the table, and what
 * VFIO, KVM and the guest then see. The physical and the guest's state are
 * followed apart (M47, M49, M51).
 */
#include <linux/errno.h>

#include "core/log.h"
#include "test/unit/vfio_irq_guest.h"

static int is_open(unsigned vector)
{
	int fd = irq_card->fds[vector];

	return fd >= 0 && fake_is_bound(fd);
}

static void sent(unsigned count, uint32_t data)
{
	assert_int_equal(fake_last_msi(count)->data, data);
	assert_int_equal(fake_last_msi(count)->device, IRQ_DEVICE);
	assert_true(fake_last_msi(count)->irqfd >= 0 ||
		    fake_last_msi(count)->irqfd == -1);
}

/* A legacy virtio function changes its registers when MSI-X goes on. */
static void nothing_before_the_guest(void)
{
	unsigned calls, i;

	irq_machine();
	calls = irq_card->set_irqs;
	for (i = 0; i < IRQ_VECTORS; i++) {
		irq_program(i);
		irq_mask(i, 0);
		irq_mask(i, 1);
		irq_mask(i, 0);
	}
	irq_control(MASKALL);
	irq_control(0);
	assert_int_equal(irq_card->set_irqs, calls);
	assert_int_equal(irq_card->kind, FAKE_SILENT);
	irq_control(ENABLE);
	assert_int_equal(irq_card->kind, MSIX);
}

/* As Linux does it: enabled, masked as a whole; then vector by vector. */
static void one_by_one(void)
{
	irq_machine();
	irq_control(ENABLE | MASKALL);
	assert_int_equal(irq_card->kind, MSIX);
	assert_int_equal(irq_card->enabled, IRQ_VECTORS);
	irq_control(ENABLE);
	assert_int_equal(fake.irqfd_count, 0);
	irq_program(2);
	assert_false(is_open(2));
	irq_mask(2, 0);
	assert_true(is_open(2));
	assert_int_equal(irq_card->fds[0], FAKE_NO_FD);
	assert_int_equal(irq_card->fds[3], FAKE_NO_FD);
	fake_card_fire(irq_card, 2);
	sent(1, 102);
	assert_int_equal(fake.msis[0].irqfd, irq_card->fds[2]);
	assert_int_equal(fake.log_lines, 0);
}

static void all_at_once(void)
{
	unsigned i;

	irq_ready();
	for (i = 0; i < IRQ_VECTORS; i++) {
		assert_true(is_open(i));
		fake_card_fire(irq_card, i);
		sent(i + 1, 100 + i);
	}
}

static void masked_and_pending(void)
{
	irq_ready();
	irq_mask(1, 1);
	assert_false(is_open(1));
	assert_true(irq_card->fds[1] >= 0); /* VFIO keeps its eventfd */
	fake_card_fire(irq_card, 1);
	fake_card_fire(irq_card, 1);
	assert_int_equal(irq_pending(), 2);
	assert_int_equal(irq_pending(), 2);
	assert_int_equal(fake.msi_count, 0);
	irq_mask(1, 0);
	sent(1, 101);
	assert_int_equal(irq_pending(), 0);
	fake_card_fire(irq_card, 1);
	sent(2, 101);
}

/* Never opened: the card itself keeps it. */
static void pending_in_the_card(void)
{
	irq_machine();
	irq_program(3);
	irq_control(ENABLE);
	fake_card_fire(irq_card, 3);
	assert_int_equal(irq_pending(), 8);
	assert_int_equal(
		(uint32_t)driver_mmio_read(vfio_bar(irq_cfg, 0) + IRQ_PBA, 4),
		8);
	irq_card->pba[0] |= 0xf0; /* vectors that there are not */
	assert_int_equal(irq_pending(), 8);
	irq_mask(3, 0);
	sent(1, 103);
	assert_int_equal(irq_pending(), 0);
	irq_card->pba[0] = 8; /* the eventfd's word counts from now on */
	assert_int_equal(irq_pending(), 0);
}

static void rewritten_while_masked(void)
{
	irq_ready();
	irq_mask(0, 1);
	fake_card_fire(irq_card, 0);
	driver_mmio_write(irq_entry(0) + 8, 4, 4711);
	assert_int_equal(fake.msi_count, 0);
	irq_mask(0, 0);
	sent(1, 4711);
}

static void rewritten_while_open(void)
{
	int fd;

	irq_ready();
	fd = irq_card->fds[0];
	driver_mmio_write(irq_entry(0) + 8, 4, 4712);
	assert_int_equal(irq_card->fds[0], fd); /* VFIO is not asked */
	fake_card_fire(irq_card, 0);
	sent(1, 4712);
	fake_card_fire(irq_card, 1);
	sent(2, 101);
}

static void function_masked(void)
{
	unsigned i;

	irq_ready();
	irq_control(ENABLE | MASKALL);
	for (i = 0; i < IRQ_VECTORS; i++) {
		assert_false(is_open(i));
		fake_card_fire(irq_card, i);
	}
	assert_int_equal(irq_pending(), 15);
	irq_mask(2, 1);
	irq_control(ENABLE);
	assert_int_equal(fake.msi_count, 3);
	assert_int_equal(irq_pending(), 4);
	irq_mask(2, 0);
	sent(4, 102);
}

/* The table stays as it was; VFIO and KVM keep nothing. */
static void disabled_and_enabled(void)
{
	unsigned eventfds, i;

	irq_machine();
	eventfds = irq_eventfds();
	for (i = 0; i < 100; i++) {
		irq_program(0);
		irq_mask(0, 0);
		irq_control(ENABLE);
		assert_true(is_open(0));
		irq_control(0);
		assert_int_equal(irq_card->kind, FAKE_SILENT);
		assert_int_equal(fake.irqfd_count, 0);
		assert_int_equal(irq_eventfds(), eventfds);
	}
	irq_control(ENABLE);
	fake_card_fire(irq_card, 0);
	sent(1, 100);
	assert_int_equal(fake.log_lines, 0);
}

/* Messages are memory writes. */
static void bus_master_off(void)
{
	irq_ready();
	cfg_command(irq_cfg, PCI_COMMAND_MEMORY | PCI_COMMAND_INTX_DISABLE);
	assert_int_equal(fake_card_config(irq_card)[PCI_COMMAND] &
				 PCI_COMMAND_MASTER,
			 0);
	assert_false(is_open(0));
	assert_int_equal(irq_card->kind, MSIX);
	fake_card_fire(irq_card, 0);
	assert_int_equal(irq_pending(), 1);
	cfg_command(irq_cfg, DECODED | PCI_COMMAND_INTX_DISABLE);
	sent(1, 100);
	assert_true(is_open(0));
}

/* M51: to where no interrupt controller listens, and back. */
static void bad_address(void)
{
	irq_ready();
	driver_mmio_write(irq_entry(0), 8, RAM);
	assert_false(is_open(0));
	fake_one_line("device 0x1: vector 0, MSI 0x64 to 0x40000000: cannot "
		      "be bound (-22)");
	fake_card_fire(irq_card, 0);
	assert_int_equal(fake.msi_count, 0);
	driver_mmio_write(irq_entry(0), 8, TRANSLATER);
	sent(1, 100);
}

/* More than we take: the guest's table is shorter than the card's. */
static void long_table(void)
{
	unsigned i;

	irq_plug(65, 0);
	irq_add();
	assert_int_equal(cfg_read(irq_cfg, IRQ_MSIX + PCI_MSIX_FLAGS, 2), 31);
	for (i = 0; i < 65; i++) { /* M47 */
		irq_program(i);
		irq_mask(i, 0);
	}
	irq_control(ENABLE);
	assert_int_equal(irq_card->enabled, 32);
	assert_true(is_open(31));
	assert_int_equal(driver_mmio_read(irq_entry(31) + 8, 4), 131);
	assert_int_equal(driver_mmio_read(irq_entry(32) + 8, 4), 0);
	assert_int_equal(driver_mmio_read(irq_entry(64) + 12, 4), 0);
	fake_card_fire(irq_card, 31);
	sent(1, 131);
	assert_int_equal(fake.irqfd_count, 32);
	irq_card->pba[4] = 0xff; /* 32 .. 39 */
	assert_int_equal(irq_pending(), 0);
	assert_int_equal(driver_mmio_read(vfio_bar(irq_cfg, 0) + IRQ_PBA + 8,
					  8),
			 0);
}

static void host_has_fewer(void)
{
	irq_machine();
	irq_card->vectors = 2;
	irq_control(ENABLE);
	assert_int_equal(irq_card->enabled, 2);
	irq_program(1);
	irq_mask(1, 0);
	fake_card_fire(irq_card, 1);
	sent(1, 101);
	irq_program(3);
	irq_mask(3, 0);
	fake_one_line("card: vector 3 cannot be connected (-22)");
	assert_true(is_open(1));
}

static void host_has_none(void)
{
	irq_machine();
	irq_card->irq_error[MSIX] = -ENOSPC;
	irq_program(0);
	irq_mask(0, 0);
	irq_control(ENABLE);
	fake_one_line("card: the host has no interrupts to give (-28)");
	assert_int_equal(irq_card->kind, FAKE_SILENT);
	irq_mask(1, 0); /* not asked again and again */
	assert_int_equal(fake.log_lines, 1);
	irq_card->irq_error[MSIX] = 0;
	irq_control(0);
	irq_control(ENABLE);
	assert_true(is_open(0));
}

/* Fewer even than it had said. */
static void host_changes_its_mind(void)
{
	irq_plug(33, 0);
	irq_card->vectors = 40;
	irq_add();
	irq_card->irq_error[MSIX] = 7;
	irq_control(ENABLE);
	fake_one_line("card: the host has no interrupts to give (-28)");
}

static void vector_refused(void)
{
	unsigned eventfds;

	irq_machine();
	irq_control(ENABLE);
	eventfds = irq_eventfds();
	irq_card->irq_error[MSIX] = -ENOMEM;
	irq_program(0);
	irq_mask(0, 0);
	fake_one_line("card: vector 0 cannot be connected (-12)");
	assert_int_equal(irq_eventfds(), eventfds);
	irq_card->irq_error[MSIX] = 0;
	irq_mask(1, 0); /* any change tries again */
	assert_true(is_open(0));
}

static void no_eventfd(void)
{
	irq_machine();
	irq_control(ENABLE);
	irq_program(0);
	fake.fail_at = fake.calls + 1;
	fake.fail_with = -EMFILE;
	irq_mask(0, 0);
	assert_string_equal(fake.failed, "sys_eventfd");
	fake_one_line("card: vector 0 cannot be connected (-24)");
	irq_mask(1, 0);
	assert_true(is_open(0));
}

static void silence_fails(void)
{
	irq_ready();
	irq_card->silence_error = -EIO;
	irq_control(0);
	fake_one_line("card: interrupts of index 2 cannot be disabled (-5)");
}

/* GICv2: messages to the frame are SPIs. */
static void to_gicv2m(void)
{
	vfio_host_gicv2();
	irq_card = vfio_card(CARD);
	vfio_card_bar(irq_card, 0, 0x8000, 0);
	vfio_card_msix(irq_card, IRQ_MSIX, 2, IRQ_TABLE, IRQ_PBA);
	irq_add();
	driver_mmio_write(irq_entry(0), 8, ITS + 0x40);
	driver_mmio_write(irq_entry(0) + 8, 4, 32 + 100);
	irq_mask(0, 0);
	irq_control(ENABLE);
	assert_true(is_open(0));
	fake_card_fire(irq_card, 0);
	assert_int_equal(fake_spi(100)->rises, 1);
}

static const struct CMUnitTest tests[] = {
	TEST(nothing_before_the_guest),
	TEST(one_by_one),
	TEST(all_at_once),
	TEST(masked_and_pending),
	TEST(pending_in_the_card),
	TEST(rewritten_while_masked),
	TEST(rewritten_while_open),
	TEST(function_masked),
	TEST(disabled_and_enabled),
	TEST(bus_master_off),
	TEST(bad_address),
	TEST(long_table),
	TEST(host_has_fewer),
	TEST(host_has_none),
	TEST(host_changes_its_mind),
	TEST(vector_refused),
	TEST(no_eventfd),
	TEST(silence_fails),
	TEST(to_gicv2m),
};

UNIT_MAIN("vfio_msix", tests)
