/* SPDX-License-Identifier: Apache-2.0 */
/*
 * INTx of virtio functions: the level interrupt that interrupt-map names,
 * ISR that withdraws it, INTX_DISABLE and the status bit (PCI Local Bus 3.0,
 * 2.2.6 and 6.2.2), functions that share a pin, and the interrupt line
 * register, which is the guest's and decides nothing (M58).
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "pcialive.h"
#include "say.h"
#include "viopci.h"

static struct vdev *const all[] = {
	&pci_blk, &pci_rng, &pci_ro, &pci_transitional, &pci_other,
};
static struct vdev *const blk = &pci_blk;
static volatile unsigned int taken;
static bool asserted_twice;

/* The device under test's ISR alone: what stays asserted then is a fault. */
static void on_intx(void)
{
	(void)mmio_read8(blk->pci->isr.at);
	asserted_twice = asserted_twice ||
			 gic_pending(pci_intx(blk->pci->fn));
	taken++;
}

static int begin(void)
{
	pci_others_quiet(blk);
	pci_disable(blk->pci->fn, PCI_COMMAND_INTX_OFF);
	MUST(vdev_start(blk, VIRTIO_BLK_F_FLUSH, 16));
	gic_enable(pci_intx(blk->pci->fn), false, on_intx);
	irq_take();
	asserted_twice = false;
	taken = 0;
	return 0;
}

/* Exactly so many since begin(). */
static int interrupts(unsigned int count)
{
	uint64_t end = counter() + counter_ms(3000);

	if (count == 0) {
		delay_us(10000);
	}
	do {
		irq_take();
	} while (taken < count && counter() < end);
	delay_us(100);
	irq_take();
	MUST(taken == count);
	MUST(!asserted_twice);
	return 0;
}

static bool status_bit(const struct vdev *d)
{
	return (pci_read(d->pci->fn, PCI_STATUS, 2) &
		PCI_STATUS_INTERRUPT) != 0;
}

/* Every function's pin has an interrupt, neighbours different ones. */
static int map(void)
{
	for (unsigned int i = 0; i < NELEM(all); i++) {
		const struct pci_fn *f = all[i]->pci->fn;
		const struct pci_fn *first = all[0]->pci->fn;

		say("  slot %u: INTID %u\n", f->slot, pci_intx(f));
		MUST(pci_read(f, PCI_INTERRUPT_PIN, 1) == 1);
		MUST(pci_intx(f) >= 32);
		MUST((pci_intx(f) == pci_intx(first)) ==
		     (f->slot % 4 == first->slot % 4));
	}
	return 0;
}

static int delivery(void)
{
	MUST_PASS(begin());
	for (unsigned int i = 1; i <= 50; i++) {
		MUST_PASS(blk_answers(blk));
		MUST_PASS(interrupts(i));
	}
	return 0;
}

/* The line is high until ISR is read, whatever else is. */
static int level(void)
{
	unsigned int intid = pci_intx(blk->pci->fn);

	MUST_PASS(begin());
	gic_disable(intid);
	MUST(!gic_pending(intid) && !status_bit(blk));
	MUST_PASS(blk_answers(blk));
	MUST_PASS(blk_answers(blk));
	MUST(gic_pending(intid) && status_bit(blk));
	(void)mmio_read8(blk->base + COMMON_STATUS);
	MUST(gic_pending(intid));
	MUST(mmio_read8(blk->pci->isr.at) == 1);
	MUST(!gic_pending(intid) && !status_bit(blk));
	MUST_PASS(blk_answers(blk));
	MUST(gic_pending(intid));
	vdev_reset(blk);
	MUST(!gic_pending(intid) && !status_bit(blk));
	return 0;
}

/* The bit holds the line down; what was to be told is told afterwards. */
static int intx_disable(void)
{
	const struct pci_fn *f = blk->pci->fn;
	unsigned int intid = pci_intx(f);

	MUST_PASS(begin());
	pci_enable(f, PCI_COMMAND_INTX_OFF);
	MUST((pci_read(f, PCI_COMMAND, 2) & PCI_COMMAND_INTX_OFF) != 0);
	MUST_PASS(blk_answers(blk));
	MUST_PASS(interrupts(0));
	MUST(!gic_pending(intid));
	MUST(status_bit(blk));		/* 6.2.3: regardless of the bit */
	pci_disable(f, PCI_COMMAND_INTX_OFF);
	MUST_PASS(interrupts(1));
	MUST(!status_bit(blk));
	gic_disable(intid);
	MUST_PASS(blk_answers(blk));
	MUST(gic_pending(intid));
	for (unsigned int i = 0; i < 100; i++) {
		pci_enable(f, PCI_COMMAND_INTX_OFF);
		MUST(!gic_pending(intid));
		pci_disable(f, PCI_COMMAND_INTX_OFF);
		MUST(gic_pending(intid));
	}
	return 0;
}

/* One level for all functions of a pin: up until the last is served. */
static int shared(void)
{
	struct vdev *other = NULL;
	unsigned int intid = pci_intx(blk->pci->fn);

	for (unsigned int i = 1; i < NELEM(all); i++) {
		if (pci_intx(all[i]->pci->fn) == intid &&
		    all[i] != &pci_rng) {
			other = all[i];
		}
	}
	if (other == NULL) {
		say("  no two functions share a pin\n");
		return 0;
	}
	MUST_PASS(begin());
	gic_disable(intid);
	MUST_PASS(blk_alive(other));
	MUST_PASS(blk_answers(blk));
	MUST(gic_pending(intid));
	MUST(mmio_read8(blk->pci->isr.at) == 1);
	MUST(gic_pending(intid));
	MUST(!status_bit(blk) && status_bit(other));
	MUST(mmio_read8(other->pci->isr.at) == 1);
	MUST(!gic_pending(intid));
	return 0;
}

/* An edge is not enough: pending again at EOI if the cause stays. */
static int config_change(void)
{
	unsigned int intid = pci_intx(blk->pci->fn);

	MUST_PASS(begin());
	gic_disable(intid);
	vq_push(blk, 0xffff);
	vq_kick(blk);
	delay_us(5000);
	MUST(vdev_broken(blk));
	MUST(gic_pending(intid));
	MUST((mmio_read8(blk->pci->isr.at) & 2) != 0);
	MUST(!gic_pending(intid));
	return 0;
}

/* VIRTQ_AVAIL_F_NO_INTERRUPT keeps the line down as well. */
static int no_interrupt_flag(void)
{
	MUST_PASS(begin());
	blk->q.avail->flags = VIRTQ_AVAIL_F_NO_INTERRUPT;
	MUST_PASS(blk_answers(blk));
	MUST_PASS(interrupts(0));
	blk->q.avail->flags = 0;
	MUST_PASS(blk_answers(blk));
	return interrupts(1);
}

static int m58_interrupt_line(void)
{
	const struct pci_fn *f = blk->pci->fn;
	uint32_t line = pci_read(f, PCI_INTERRUPT_LINE, 1);
	int code = begin();

	for (uint32_t v = 0; v < 256 && code == 0; v++) {
		pci_write(f, PCI_INTERRUPT_LINE, 1, v);
		pci_write(f, PCI_INTERRUPT_PIN, 1, v);
		pci_write(f, PCI_INTERRUPT_LINE, 4, v << 24 | v << 8 | v);
		code = blk_answers(blk);
		if (code == 0) {
			code = interrupts(v + 1);
		}
	}
	pci_write(f, PCI_INTERRUPT_LINE, 1, line);
	MUST_PASS(code);
	MUST(gic_taken(0) == 0);	/* no other interrupt came */
	return 0;
}

static int after(void)
{
	gic_disable(pci_intx(blk->pci->fn));
	return pci_alive();
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "intx_map", map },
		{ "intx_delivery", delivery },
		{ "intx_level", level },
		{ "intx_disable", intx_disable },
		{ "intx_shared", shared },
		{ "intx_config_change", config_change },
		{ "intx_no_interrupt_flag", no_interrupt_flag },
		{ "m58_interrupt_line", m58_interrupt_line },
	};

	gic_init();
	MUST_PASS(pci_setup());
	return run_cases(cases, NELEM(cases), after);
}
