/* SPDX-License-Identifier: Apache-2.0 */
/*
 * INTx of a function of the host: edu asserts and withdraws it exactly when it
 * is told to. Level, masked by the host until the guest's EOI (M58).
 */
#include "arm.h"
#include "cards.h"
#include "check.h"
#include "edu.h"
#include "gicdrv.h"

static struct edu edu;
static unsigned int intid;
static volatile unsigned int taken;
static unsigned int acknowledge_at;	/* from that one on */

static void on_intx(void)
{
	taken++;
	if (taken >= acknowledge_at) {
		edu_acknowledge(&edu);
	}
}

static int begin(void)
{
	edu_on(&edu);
	pci_disable(edu.fn, PCI_COMMAND_INTX_OFF);
	acknowledge_at = 0;
	gic_enable(intid, false, on_intx);
	irq_take();
	taken = 0;
	return 0;
}

static void raise(void)
{
	edu_write(&edu, EDU_IRQ_RAISE, 1);
}

/* Wait for so many, at most 3 s; it must not be one more. */
static int exactly(unsigned int count)
{
	uint64_t end = counter() + counter_ms(3000);

	do {
		irq_take();
	} while (taken < count && counter() < end);
	MUST(taken == count);
	return 0;
}

/* Nor one more within 50 ms. */
static int no_more_than(unsigned int count)
{
	uint64_t end = counter() + counter_ms(50);

	MUST_PASS(exactly(count));
	while (counter() < end) {
		irq_take();
	}
	MUST(taken == count);
	return 0;
}

static bool wait_pending(void)
{
	uint64_t end = counter() + counter_ms(3000);

	while (!gic_pending(intid) && counter() < end) {
	}
	return gic_pending(intid);
}

static int registers(void)
{
	const struct pci_fn *f = edu.fn;

	MUST(pci_read(f, PCI_INTERRUPT_PIN, 1) == 1);
	MUST(intid >= 32);
	MUST(f->bar[0].size == 0x100000 && !f->bar[0].io);
	MUST_PASS(edu_alive(&edu));
	MUST_PASS(begin());
	edu_write(&edu, EDU_STATUS, EDU_WANTS_IRQ);
	edu_write(&edu, EDU_FACTORIAL, 5);
	MUST_PASS(no_more_than(1));
	MUST(edu_read(&edu, EDU_FACTORIAL) == 120);
	return 0;
}

/* One after the other: none lost, none doubled. */
static int in_a_row(void)
{
	MUST_PASS(begin());
	for (unsigned int i = 1; i <= INTERRUPTS; i++) {
		raise();
		MUST_PASS(exactly(i));
	}
	return no_more_than(INTERRUPTS);
}

/* Again after every EOI until the device is satisfied, then not. */
static int level(void)
{
	for (unsigned int i = 1; i <= 100; i++) {
		MUST_PASS(begin());
		acknowledge_at = i;
		raise();
		MUST_PASS(i % 25 == 0 ? no_more_than(i) : exactly(i));
	}
	return 0;
}

static bool status_bit(void)
{
	return (pci_read(edu.fn, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT) != 0;
}

/* The bit holds the line down; what was to be told is told afterwards. */
static int intx_disable(void)
{
	MUST_PASS(begin());
	for (unsigned int i = 1; i <= 50; i++) {
		pci_enable(edu.fn, PCI_COMMAND_INTX_OFF);
		raise();
		MUST_PASS(i <= 5 ? no_more_than(i - 1) : exactly(i - 1));
		MUST(!gic_pending(intid));
		MUST(status_bit());	/* 6.2.3: regardless of the bit */
		pci_disable(edu.fn, PCI_COMMAND_INTX_OFF);
		MUST_PASS(exactly(i));
		MUST(!status_bit());
	}
	return no_more_than(50);
}

/* Withdrawn while the bit holds it down: nothing to tell. */
static int withdrawn_while_disabled(void)
{
	MUST_PASS(begin());
	pci_enable(edu.fn, PCI_COMMAND_INTX_OFF);
	raise();
	edu_acknowledge(&edu);
	pci_disable(edu.fn, PCI_COMMAND_INTX_OFF);
	MUST_PASS(no_more_than(0));
	raise();
	return no_more_than(1);
}

/* Asserted in our GIC, then cut off: it must not stay there. */
static int disabled_while_pending(void)
{
	MUST_PASS(begin());
	gic_disable(intid);
	raise();
	MUST(wait_pending());
	for (unsigned int i = 0; i < 20; i++) {
		pci_enable(edu.fn, PCI_COMMAND_INTX_OFF);
		MUST(!gic_pending(intid));
		pci_disable(edu.fn, PCI_COMMAND_INTX_OFF);
		MUST(wait_pending());
	}
	edu_acknowledge(&edu);
	return 0;
}

static int while_spi_disabled(void)
{
	for (unsigned int i = 0; i < 50; i++) {
		MUST_PASS(begin());
		gic_disable(intid);
		raise();
		MUST(wait_pending());
		irq_take();
		MUST(taken == 0);
		gic_enable(intid, false, on_intx);
		MUST_PASS(exactly(1));
	}
	return no_more_than(1);
}

/* The driver comes when it decodes the BAR; before, there is silence. */
static int function_off(void)
{
	MUST_PASS(begin());
	raise();
	MUST_PASS(exactly(1));
	pci_disable(edu.fn, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
			    PCI_COMMAND_IO);
	MUST_PASS(no_more_than(1));
	pci_enable(edu.fn, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	raise();
	return no_more_than(2);
}

static int m58_interrupt_line(void)
{
	const struct pci_fn *f = edu.fn;
	int code = begin();

	for (uint32_t v = 0; v < 256 && code == 0; v++) {
		pci_write(f, PCI_INTERRUPT_LINE, 1, v);
		pci_write(f, PCI_INTERRUPT_PIN, 1, v);
		pci_write(f, PCI_INTERRUPT_LINE, 4, v << 24 | v << 8 | v);
		if (pci_read(f, PCI_INTERRUPT_LINE, 1) != v ||
		    pci_read(f, PCI_INTERRUPT_PIN, 1) != 1) {
			code = __LINE__;
			break;
		}
		raise();
		code = exactly(v + 1);
	}
	pci_write(f, PCI_INTERRUPT_LINE, 1, 0);
	MUST_PASS(code);
	MUST_PASS(no_more_than(256));
	MUST(gic_taken(0) == 0);	/* no other interrupt came */
	return 0;
}

static int after(void)
{
	gic_disable(intid);
	return cards_alive();
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "intx_registers", registers },
		{ "intx_in_a_row", in_a_row },
		{ "intx_level", level },
		{ "intx_disable", intx_disable },
		{ "intx_withdrawn_while_disabled", withdrawn_while_disabled },
		{ "intx_disabled_while_pending", disabled_while_pending },
		{ "intx_while_spi_disabled", while_spi_disabled },
		{ "intx_function_off", function_off },
		{ "m58_interrupt_line", m58_interrupt_line },
	};

	gic_init();
	MUST_PASS(cards_setup());
	MUST(edu_find(&edu, 0));
	intid = pci_intx(edu.fn);
	return run_cases(cases, NELEM(cases), after);
}
