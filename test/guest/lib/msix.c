/* SPDX-License-Identifier: Apache-2.0 */
/* Messages from ITS or GICv2m, vector table, pending bits. */
#include "msix.h"

#include "arm.h"
#include "gicdrv.h"
#include "its.h"
#include "say.h"

#define V2M_TYPER	0x008
#define V2M_SETSPI	0x040
#define TIMEOUT_MS	3000
#define QUIET_MS	20

static unsigned int lpis;
static unsigned int spis;

static void on_message(void)
{
}

/* The device's event is the LPI's number: unique, if not dense. */
static struct msi new_lpi(const struct msi_controller *c)
{
	struct msi m = { c->base + ITS_TRANSLATER, lpis, INTID_LPI(lpis) };

	if (lpis >= GIC_LPIS || lpis >= ITS_EVENTS || !its_init(c->base) ||
	    !its_map(c->device_id, m.data, m.intid)) {
		return (struct msi){ 0 };
	}
	lpis++;
	gic_handle(m.intid, on_message);
	return m;
}

static struct msi new_spi(const struct msi_controller *c)
{
	uint32_t typer = mmio_read32(c->base + V2M_TYPER);
	uint32_t intid = (typer >> 16 & 0x3ff) + spis;

	if (spis >= (typer & 0x3ff)) {
		return (struct msi){ 0 };
	}
	spis++;
	gic_enable(intid, true, on_message);
	return (struct msi){ c->base + V2M_SETSPI, intid, intid };
}

struct msi msi_new(const struct pci_fn *f)
{
	struct msi_controller c = pci_msi(f);

	if (c.kind == MSI_ITS) {
		return new_lpi(&c);
	}
	return c.kind == MSI_V2M ? new_spi(&c) : (struct msi){ 0 };
}

unsigned int msi_taken(const struct msi *m)
{
	irq_take();
	return gic_taken(m->intid);
}

bool msi_wait(const struct msi *m, unsigned int count)
{
	uint64_t end = counter() + counter_ms(TIMEOUT_MS);

	while (msi_taken(m) < count && counter() < end) {
	}
	return msi_taken(m) == count;
}

static uint64_t place(const struct pci_fn *f, uint32_t reg)
{
	unsigned int bar = reg & 7;

	if (bar >= PCI_BARS || f->bar[bar].addr == 0) {
		return 0;
	}
	return f->bar[bar].addr + (reg & ~7u);
}

bool msix_find(struct msix *x, const struct pci_fn *f)
{
	x->fn = f;
	x->cap = pci_cap(f, PCI_CAP_ID_MSIX, 0);
	if (x->cap == 0) {
		return false;
	}
	x->count = (pci_read(f, x->cap + MSIX_CONTROL, 2) &
		    MSIX_CONTROL_SIZE) + 1;
	x->table = place(f, pci_read(f, x->cap + MSIX_TABLE, 4));
	x->pba = place(f, pci_read(f, x->cap + MSIX_PBA, 4));
	return x->table != 0 && x->pba != 0;
}

uint32_t msix_read(const struct msix *x, unsigned int vector, unsigned int at)
{
	return mmio_read32(x->table + vector * MSIX_ENTRY + at);
}

void msix_write(const struct msix *x, unsigned int vector, unsigned int at,
		uint32_t value)
{
	mmio_write32(x->table + vector * MSIX_ENTRY + at, value);
}

void msix_mask(const struct msix *x, unsigned int vector, bool mask)
{
	msix_write(x, vector, MSIX_VECTOR_CONTROL, mask);
}

void msix_set(const struct msix *x, unsigned int vector, const struct msi *m)
{
	msix_mask(x, vector, true);
	msix_write(x, vector, MSIX_ADDR_LOW, (uint32_t)m->addr);
	msix_write(x, vector, MSIX_ADDR_HIGH, (uint32_t)(m->addr >> 32));
	msix_write(x, vector, MSIX_DATA, m->data);
	msix_mask(x, vector, false);
}

bool msix_pending(const struct msix *x, unsigned int vector)
{
	return (mmio_read32(x->pba + vector / 32 * 4) >> vector % 32 & 1) != 0;
}

void msix_control(const struct msix *x, uint32_t bits)
{
	uint32_t old = pci_read(x->fn, x->cap + MSIX_CONTROL, 2);

	pci_write(x->fn, x->cap + MSIX_CONTROL, 2,
		  (old & ~(MSIX_CONTROL_ENABLE | MSIX_CONTROL_MASK)) | bits);
}

void msi_pair_begin(struct msi_pair *pair)
{
	pair->first_taken = msi_taken(&pair->first);
	pair->second_taken = msi_taken(&pair->second);
}

bool msi_pair_arrived(struct msi_pair *pair, unsigned int of_first,
		      unsigned int of_second)
{
	bool exact;

	pair->first_taken += of_first;
	pair->second_taken += of_second;
	exact = msi_wait(&pair->first, pair->first_taken) &&
		msi_wait(&pair->second, pair->second_taken);
	if (!exact) {
		say("  %u of %u, %u of %u\n", msi_taken(&pair->first),
		    pair->first_taken, msi_taken(&pair->second),
		    pair->second_taken);
	}
	return exact;
}

bool msi_pair_quiet(struct msi_pair *pair)
{
	delay_us(QUIET_MS * 1000);
	return msi_pair_arrived(pair, 0, 0);
}
