/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two guests with a shared memory (ivshmem, revision 1): peer 0 asks, peer 1
 * answers, each in an area of its own, and rings the other's doorbell. Either
 * may be killed and start again. With PLAIN there are no doorbells: both look
 * at the memory until it says something new.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "msix.h"
#include "pci.h"
#include "say.h"

#define IVSHMEM_ID	0x11101af4u

#define INTR_MASK	0x00
#define INTR_STATUS	0x04
#define IV_POSITION	0x08
#define DOORBELL	0x0c

#define VECTORS		2u
#define WORDS		64u
#define END		0xffffffffull
#define ANSWER_MS	2000
#define PATIENCE_MS	60000	/* of the answering one, with silence */

/* Each peer writes its own: a number, then the words that go with it. */
#define NUMBER(peer)	(memory + 0x1000ull * (peer))
#define WORD(peer, i)	(NUMBER(peer) + 8 + 8 * (i))

static uint64_t memory, registers;
static struct msix x;
static struct msi rung[VECTORS];
static unsigned int answered, repeated;

static uint64_t word_of(uint64_t number, unsigned int i)
{
	return (number * 0x9e3779b97f4a7c15ull) ^ ((uint64_t)i << 32 | i);
}

static int find(void)
{
	const struct pci_fn *f;
	unsigned int nth = 0;

	pci_init();
	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		if (pci_read(f, PCI_VENDOR_ID, 4) == IVSHMEM_ID &&
		    nth++ == PLAIN) {
			break;
		}
	}
	MUST(f != NULL);
	MUST(f->bar[0].size == 0x100 && !f->bar[0].io);
	MUST(f->bar[2].wide && f->bar[2].prefetch);
	MUST(f->bar[2].size == 0x100000);
	MUST(pci_read(f, PCI_INTERRUPT_PIN, 1) == 0);
	registers = f->bar[0].addr;
	memory = f->bar[2].addr;
	/* Not decoded, nothing is there. */
	pci_disable(f, PCI_COMMAND_MEMORY);
	MUST(mmio_read64(memory) == ~0ull);
	pci_enable(f, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	MUST(mmio_read32(registers + INTR_STATUS) == 0);
	MUST(msix_find(&x, f) == !PLAIN);
	for (unsigned int v = 0; v < VECTORS && !PLAIN; v++) {
		rung[v] = msi_new(f);
		MUST(rung[v].intid != 0);
		msix_set(&x, v, &rung[v]);
	}
	if (!PLAIN) {
		MUST(x.count == VECTORS);
		msix_control(&x, MSIX_CONTROL_ENABLE);
	}
	return 0;
}

static void ring(unsigned int peer, unsigned int vector)
{
	dsb();
	if (!PLAIN) {
		mmio_write32(registers + DOORBELL, peer << 16 | vector);
	}
}

static void publish(unsigned int peer, uint64_t number, uint64_t flip)
{
	for (unsigned int i = 0; i < WORDS; i++) {
		mmio_write64(WORD(peer, i), word_of(number, i) ^ flip);
	}
	dsb();
	mmio_write64(NUMBER(peer), number);
}

static int holds(unsigned int peer, uint64_t number, uint64_t flip)
{
	for (unsigned int i = 0; i < WORDS; i++) {
		MUST(mmio_read64(WORD(peer, i)) == (word_of(number, i) ^ flip));
	}
	return 0;
}

/* True once the peer has that number, and rang, or did so without ringing. */
static bool wait_for(unsigned int peer, uint64_t number, unsigned int vector,
		     unsigned int taken)
{
	uint64_t end = counter() + counter_ms(ANSWER_MS);

	do {
		if (PLAIN ? mmio_read64(NUMBER(peer)) == number
			  : msi_taken(&rung[vector]) != taken) {
			return mmio_read64(NUMBER(peer)) == number;
		}
	} while (counter() < end);
	return false;
}

/* The neighbour may be dead, and then alive again: ask until it answers. */
static int ask(uint64_t number, unsigned int tries)
{
	unsigned int v = (unsigned int)number % VECTORS;
	unsigned int taken = PLAIN ? 0 : msi_taken(&rung[v]);

	publish(0, number, 0);
	ring(1, v);
	while (!wait_for(1, number, v, taken)) {
		MUST(tries-- > 0);
		repeated++;
		taken = PLAIN ? 0 : msi_taken(&rung[v]);
		if (mmio_read64(NUMBER(1)) == number) {
			break; /* it answered, and its ring was lost */
		}
		ring(1, v);
	}
	MUST_PASS(holds(1, number, ~0ull));
	return 0;
}

/* A neighbour of an earlier life may have left any number. */
static int ask_all(void)
{
	uint64_t number = mmio_read64(NUMBER(0)) + 1;

	if (number >= END) {
		number = 1;
	}
	/* The first waits for the neighbour to be there. */
	MUST_PASS(ask(number++, 60));
	say("started\n");
	repeated = 0;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		MUST_PASS(ask(number++, 60));
	}
	publish(0, END, 0);
	ring(1, 0);
	say("asked %u repeated %u\n", ROUNDS, repeated);
	return 0;
}

static int answer(void)
{
	uint64_t number = mmio_read64(NUMBER(0));

	if (number == 0 || number == END ||
	    number == mmio_read64(NUMBER(1))) {
		return 0;
	}
	MUST_PASS(holds(0, number, 0));
	publish(1, number, ~0ull);
	ring(0, (unsigned int)number % VECTORS);
	answered++;
	return 0;
}

static int answer_all(void)
{
	unsigned int taken[VECTORS] = { 0 };
	unsigned int last = 0;
	uint64_t end = counter() + counter_ms(PATIENCE_MS);

	/* What was rung before we listened. */
	MUST_PASS(answer());
	say("listens\n");
	while ((mmio_read64(NUMBER(0)) != END || answered == 0) &&
	       counter() < end) {
		bool news = PLAIN;

		for (unsigned int v = 0; v < VECTORS && !PLAIN; v++) {
			unsigned int now = msi_taken(&rung[v]);

			news |= now != taken[v];
			taken[v] = now;
		}
		if (news) {
			MUST_PASS(answer());
		}
		if (answered != last) {
			last = answered;
			end = counter() + counter_ms(PATIENCE_MS);
		}
	}
	say("answered %u\n", answered);
	MUST(mmio_read64(NUMBER(0)) == END);
	return 0;
}

int main(void)
{
	gic_init();
	MUST_PASS(find());
	return mmio_read32(registers + IV_POSITION) == 0 ? ask_all()
							 : answer_all();
}
