/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transitional virtio disk of the host: MSI-X, when it is enabled, moves the
 * registers of its I/O BAR (virtio 1.2, 4.1.4.10). They must be where they are
 * without it until the guest enables it, and again when it has disabled it.
 */
#include "arm.h"
#include "cards.h"
#include "check.h"
#include "gicdrv.h"
#include "msix.h"

#define CARD_OLD	0x10011af4u
#define SECTORS		0x20000u	/* of 64 MiB */

#define PLAIN_CONFIG	20u
#define MSIX_CONFIG	24u
#define CONFIG_VECTOR	20u
#define QUEUE_VECTOR	22u
#define NO_VECTOR	0xffffu

static const struct pci_fn *old;
static struct msix msix;

static uint64_t reg(unsigned int offset)
{
	return old->bar[0].addr + offset;
}

static void control(uint16_t flags)
{
	pci_write(old, msix.cap + MSIX_CONTROL, 2, flags);
}

/* The capacity, as the first thing of the device's own registers. */
static int plain(void)
{
	MUST(mmio_read32(reg(PLAIN_CONFIG)) == SECTORS);
	MUST(mmio_read32(reg(PLAIN_CONFIG + 4)) == 0);
	return 0;
}

static int moved(void)
{
	MUST(mmio_read16(reg(CONFIG_VECTOR)) == NO_VECTOR);
	MUST(mmio_read16(reg(QUEUE_VECTOR)) == NO_VECTOR);
	MUST(mmio_read32(reg(MSIX_CONFIG)) == SECTORS);
	MUST(mmio_read32(reg(MSIX_CONFIG + 4)) == 0);
	return 0;
}

static int enabled_and_disabled(void)
{
	for (unsigned int i = 0; i < 10; i++) {
		control(MSIX_CONTROL_ENABLE);
		MUST_PASS(moved());
		control(MSIX_CONTROL_ENABLE | MSIX_CONTROL_MASK);
		MUST_PASS(moved());
		control(MSIX_CONTROL_MASK);
		MUST_PASS(plain());
		control(0);
		MUST_PASS(plain());
	}
	return 0;
}

/* What the guest writes to the table while it is off enables nothing. */
static int table_written(void)
{
	struct msi m = msi_new(old);

	for (unsigned int i = 0; i < msix.count; i++) {
		msix_set(&msix, i, &m);
		msix_mask(&msix, i, false);
		MUST_PASS(plain());
	}
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "layout_before_msix", plain },
		{ "layout_table_written", table_written },
		{ "layout_enabled_and_disabled", enabled_and_disabled },
	};

	gic_init();
	pci_init();
	old = card_find(CARD_OLD, 0);
	MUST(old != NULL && old->bar[0].io);
	pci_enable(old, PCI_COMMAND_IO | PCI_COMMAND_MEMORY |
			PCI_COMMAND_MASTER | PCI_COMMAND_INTX_OFF);
	MUST(msix_find(&msix, old));
	return run_cases(cases, NELEM(cases), plain);
}
