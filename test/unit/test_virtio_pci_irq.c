/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupts of a virtio function: the ISR status (virtio 1.2 section 4.1.4.5),
 * INTx, MSI-X vectors (sections 4.1.5.1.2, 4.1.4.3; M47, M50).
 */
#include <linux/errno.h>
#include <linux/virtio_pci.h>
#include <string.h>

#include "core/log.h"
#include "test/unit/counting.h"
#include "test/unit/driver_pci.h"

#define BAR (d.window)
#define NONE MSIX_NO_VECTOR
#define TABLE (MEM32 + 0x200000 + SLOT * 0x10000 + 0x1000)
#define CONFIG_VECTOR 1u
#define QUEUE_VECTOR 0u

static void machine(void)
{
	machine_of(VIRTIO_PCI);
}

static void msix(int on)
{
	cfg_write(cfg, cfg_capability(cfg, PCI_CAP_ID_MSIX, 0) + PCI_MSIX_FLAGS,
		  2, on ? PCI_MSIX_FLAGS_ENABLE : 0);
}

static void mask(unsigned vector, int on)
{
	driver_mmio_write(TABLE + 16 * vector + 12, 4, (uint64_t)on);
}

/* Data is the vector plus 100. */
static void program(unsigned vector)
{
	driver_mmio_write(TABLE + 16 * vector, 8, TRANSLATER);
	driver_mmio_write(TABLE + 16 * vector + 8, 4, vector + 100);
	mask(vector, 0);
}

static uint32_t set_config_vector(uint32_t vector)
{
	driver_mmio_write(BAR + VIRTIO_PCI_COMMON_MSIX, 2, vector);
	return (uint32_t)driver_mmio_read(BAR + VIRTIO_PCI_COMMON_MSIX, 2);
}

static uint32_t set_queue_vector(uint32_t vector)
{
	driver_mmio_write(BAR + VIRTIO_PCI_COMMON_Q_MSIX, 2, vector);
	return (uint32_t)driver_mmio_read(BAR + VIRTIO_PCI_COMMON_Q_MSIX, 2);
}

static void running(void)
{
	machine();
	driver_start(&d, 0, NUM_MAX, 0);
}

static void running_with_vectors(void)
{
	running();
	program(QUEUE_VECTOR);
	program(CONFIG_VECTOR);
	msix(1);
	assert_int_equal(set_config_vector(CONFIG_VECTOR), CONFIG_VECTOR);
	assert_int_equal(set_queue_vector(QUEUE_VECTOR), QUEUE_VECTOR);
}

static int line(void)
{
	return (int)fake_spi(SPI)->level;
}

static uint32_t isr(void)
{
	return (uint32_t)driver_mmio_read(BAR + PART_ISR, 1);
}

static int status_bit(void)
{
	return (cfg_read(cfg, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT) != 0;
}

/* -- INTx ---------------------------------------------------------------- */

static void isr_clears_by_reading(void)
{
	running();
	ask();
	assert_int_equal(line(), 1);
	assert_int_equal(status_bit(), 1);
	virtio_break(&device, "x");
	assert_int_equal(line(), 1);
	assert_int_equal(isr(), VIRTIO_ISR_QUEUE | VIRTIO_ISR_CONFIG);
	assert_int_equal(line(), 0);
	assert_int_equal(status_bit(), 0);
	assert_int_equal(isr(), 0);
}

/* The one byte, and no other, has that effect. */
static void isr_other_accesses(void)
{
	unsigned offset;

	running();
	ask();
	for (offset = 1; offset < 0x1000; offset++) {
		assert_int_equal(driver_mmio_read(BAR + PART_ISR + offset, 1),
				 0);
	}
	driver_mmio_write(BAR + PART_ISR, 1, 0xff);
	driver_mmio_write(BAR + PART_ISR, 4, 0);
	assert_int_equal(line(), 1);
	assert_int_equal(isr(), VIRTIO_ISR_QUEUE);
}

static void intx_disabled(void)
{
	running();
	cfg_command(cfg, 7 | PCI_COMMAND_INTX_DISABLE);
	ask();
	assert_int_equal(line(), 0);
	assert_int_equal(status_bit(), 1);
	cfg_command(cfg, 7);
	assert_int_equal(line(), 1);
	assert_int_equal(isr(), VIRTIO_ISR_QUEUE);
}

static void reset_lowers(void)
{
	running();
	ask();
	set_status(0);
	assert_int_equal(line(), 0);
	assert_int_equal(status_bit(), 0);
	assert_int_equal(isr(), 0);
}

/* -- MSI-X --------------------------------------------------------------- */

static void queue_vector(void)
{
	running_with_vectors();
	ask();
	assert_int_equal(fake_last_msi(1)->data, 100 + QUEUE_VECTOR);
	assert_int_equal(fake.msis[0].device, 0x100 | SLOT << 3);
	assert_int_equal(fake_spi(SPI)->calls, 0);
}

static void config_vector(void)
{
	running_with_vectors();
	virtio_break(&device, "x");
	assert_int_equal(fake_last_msi(1)->data, 100 + CONFIG_VECTOR);
	assert_int_equal(fake_spi(SPI)->calls, 0);
}

/* M47: vectors that there are not; the driver reads what it got. */
static void no_such_vector(void)
{
	static const uint32_t none[] = { 2, 3, 63, 0x7ff, 0xfffe, 0xffff };
	size_t i;

	running_with_vectors();
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_int_equal(set_config_vector(none[i]), NONE);
		assert_int_equal(set_queue_vector(none[i]), NONE);
	}
	ask();
	virtio_break(&device, "x");
	assert_int_equal(fake.msi_count, 0);
	assert_int_equal(fake_spi(SPI)->calls, 0);
	assert_int_equal(driver_mmio_read(TABLE + 0x800, 8), 0);
}

static void one_vector_for_all(void)
{
	running_with_vectors();
	assert_int_equal(set_config_vector(QUEUE_VECTOR), QUEUE_VECTOR);
	ask();
	virtio_break(&device, "x");
	assert_int_equal(fake_last_msi(2)->data, 100 + QUEUE_VECTOR);
}

static void masked_vector(void)
{
	running_with_vectors();
	mask(QUEUE_VECTOR, 1);
	ask();
	assert_int_equal(fake.msi_count, 0);
	assert_int_equal(driver_mmio_read(TABLE + 0x800, 8),
			 1u << QUEUE_VECTOR);
	mask(QUEUE_VECTOR, 0);
	assert_int_equal(fake_last_msi(1)->data, 100 + QUEUE_VECTOR);
}

/* Section 4.1.4.3: a reset forgets the vectors; the table is PCI's. */
static void reset_forgets_vectors(void)
{
	running_with_vectors();
	set_status(0);
	assert_int_equal(driver_mmio_read(BAR + VIRTIO_PCI_COMMON_MSIX, 2),
			 NONE);
	assert_int_equal(driver_mmio_read(BAR + VIRTIO_PCI_COMMON_Q_MSIX, 2),
			 NONE);
	assert_int_equal(driver_mmio_read(TABLE + 8, 4), 100);
	driver_start(&d, 0, NUM_MAX, 0);
	ask();
	assert_int_equal(fake.msi_count, 0);
	assert_int_equal(fake_spi(SPI)->calls, 0);
}

/*
 * Section 4.1.4.5.1: the configuration bit is set with MSI-X as well, the
 * queue bit need not be.
 */
static void isr_with_msix(void)
{
	running_with_vectors();
	ask();
	assert_int_equal(isr(), 0);
	virtio_break(&device, "x");
	assert_int_equal(isr(), VIRTIO_ISR_CONFIG);
	assert_int_equal(fake_spi(SPI)->calls, 0);
}

/* PCI 3.0 section 6.8.2: a function that uses MSI-X has no INTx. */
static void enabled_while_asserted(void)
{
	running();
	ask();
	assert_int_equal(line(), 1);
	msix(1);
	assert_int_equal(line(), 0);
	msix(0);
	assert_int_equal(line(), 1);
	assert_int_equal(isr(), VIRTIO_ISR_QUEUE);
	assert_int_equal(line(), 0);
	msix(1);
	msix(0);
	assert_int_equal(line(), 0);
}

/* PCI 3.0 section 6.8.3.5: what is no event any more is not pending. */
static void reset_forgets_pending(void)
{
	running_with_vectors();
	mask(QUEUE_VECTOR, 1);
	ask();
	set_status(0);
	assert_int_equal(driver_mmio_read(TABLE + 0x800, 8), 0);
	mask(QUEUE_VECTOR, 0);
	assert_int_equal(fake.msi_count, 0);
}

static const struct CMUnitTest tests[] = {
	TEST(isr_clears_by_reading), TEST(isr_other_accesses),
	TEST(intx_disabled),	     TEST(reset_lowers),
	TEST(queue_vector),	     TEST(config_vector),
	TEST(no_such_vector),	     TEST(one_vector_for_all),
	TEST(masked_vector),	     TEST(reset_forgets_vectors),
	TEST(isr_with_msix),	     TEST(enabled_while_asserted),
	TEST(reset_forgets_pending),
};

UNIT_MAIN("virtio_pci_irq", tests)
