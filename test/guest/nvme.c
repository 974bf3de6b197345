/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An NVMe of the host, for a guest that is killed in the middle of its I/O
 * (NVM Express 1.4). It finds the record that was last written as a whole, not
 * older than the last one flushed; writes and flushes the next one in the place
 * of the one before; then 4 KiB writes elsewhere never end.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "msix.h"
#include "pci.h"
#include "say.h"

#define CLASS_NVME 0x010802u

/* Controller registers, 3.1 */
#define CC 0x14
#define CSTS 0x1c
#define AQA 0x24
#define ASQ 0x28
#define ACQ 0x30
#define DOORBELL 0x1000
#define CC_ON (1u | 6u << 16 | 4u << 20)

#define ADMIN 0
#define IO 1
#define DEPTH 32u
#define CREATE_SQ 0x01u
#define CREATE_CQ 0x05u
#define FLUSH 0x00u
#define WRITE 0x01u
#define READ 0x02u

/* In blocks of 4 KiB: two records, and where the endless writes go. */
#define BLOCK 4096u
#define WORDS (BLOCK / 8)
#define RECORD 64u
#define STORM 1024u
#define STORM_BLOCKS 8192u

struct command {
	uint32_t opcode; /* with its id in the upper half */
	uint32_t nsid;
	uint64_t reserved[2];
	uint64_t prp1;
	uint64_t prp2;
	uint32_t dw[6];
};

struct completion {
	uint32_t dw0, dw1, sq;
	uint32_t status; /* id, phase, status */
};

static struct queue {
	struct command sq[DEPTH] __attribute__((aligned(4096)));
	volatile struct completion cq[DEPTH] __attribute__((aligned(4096)));
	unsigned int tail, head, phase;
} queues[2];

static uint64_t data[DEPTH][WORDS] __attribute__((aligned(4096)));
static uint64_t regs;
static struct msi msi[2];

static void submit(unsigned int q, const struct command *command)
{
	struct queue *queue = &queues[q];

	queue->sq[queue->tail] = *command;
	queue->tail = (queue->tail + 1) % DEPTH;
	dsb();
	mmio_write32(regs + DOORBELL + 8 * q, queue->tail);
}

/* The next completion: its command's id; it must be a good one. */
static int complete(unsigned int q, unsigned int *id)
{
	struct queue *queue = &queues[q];
	const volatile struct completion *c = &queue->cq[queue->head];
	uint64_t end = counter() + counter_ms(10000);

	while ((c->status >> 16 & 1) == queue->phase) {
		MUST(counter() < end);
	}
	MUST(c->status >> 17 == 0);
	*id = c->status & 0xffff;
	queue->head = (queue->head + 1) % DEPTH;
	if (queue->head == 0) {
		queue->phase ^= 1;
	}
	mmio_write32(regs + DOORBELL + 8 * q + 4, queue->head);
	return 0;
}

static int admin(uint32_t opcode, uint64_t prp, uint32_t dw10, uint32_t dw11)
{
	const struct command command = {
		.opcode = opcode, .prp1 = prp, .dw = { dw10, dw11 },
	};
	unsigned int id;

	submit(ADMIN, &command);
	return complete(ADMIN, &id);
}

/* Block block of the disk, and data[id]. */
static void start(uint32_t opcode, unsigned int id, uint64_t block)
{
	const struct command command = {
		.opcode = opcode | id << 16,
		.nsid = 1,
		.prp1 = opcode == FLUSH ? 0 : (uintptr_t)data[id],
		.dw = { (uint32_t)(block * 8), 0, opcode == FLUSH ? 0 : 7 },
	};

	submit(IO, &command);
}

static int wait_ready(uint32_t ready)
{
	uint64_t end = counter() + counter_ms(10000);

	while ((mmio_read32(regs + CSTS) & 1) != ready) {
		MUST(counter() < end);
	}
	return 0;
}

static int connect(const struct pci_fn *f)
{
	struct msix x;

	pci_enable(f, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	MUST(msix_find(&x, f));
	for (unsigned int i = 0; i < NELEM(msi); i++) {
		msi[i] = msi_new(f);
		MUST(msi[i].intid != 0);
		msix_set(&x, i, &msi[i]);
		msix_mask(&x, i, false);
	}
	msix_control(&x, MSIX_CONTROL_ENABLE);
	return 0;
}

static int setup(void)
{
	const struct pci_fn *f;
	unsigned int i = 0;

	gic_init();
	pci_init();
	while ((f = pci_fn(i)) &&
	       pci_read(f, PCI_CLASS, 4) >> 8 != CLASS_NVME) {
		i++;
	}
	MUST(f != NULL);
	regs = f->bar[0].addr;
	MUST_PASS(connect(f));
	/* The start before us has left it running; we must not find it so. */
	MUST(mmio_read32(regs + CC) == 0);
	MUST_PASS(wait_ready(0));
	mmio_write32(regs + AQA, (DEPTH - 1) << 16 | (DEPTH - 1));
	mmio_write64(regs + ASQ, (uintptr_t)queues[ADMIN].sq);
	mmio_write64(regs + ACQ, (uintptr_t)queues[ADMIN].cq);
	mmio_write32(regs + CC, CC_ON);
	MUST_PASS(wait_ready(1));
	MUST_PASS(admin(CREATE_CQ, (uintptr_t)queues[IO].cq,
			(DEPTH - 1) << 16 | IO, 1 << 16 | 3));
	return admin(CREATE_SQ, (uintptr_t)queues[IO].sq,
		     (DEPTH - 1) << 16 | IO, IO << 16 | 1);
}

/* What record n has there; the 0th is a new disk. */
static uint64_t word_of(uint64_t n, uint64_t block, uint64_t word)
{
	return n == 0 ? 0 : n << 32 | block << 16 | word;
}

/* The number of the record in a place; 0: none, or not all of it. */
static int read_record(unsigned int place, uint64_t *n)
{
	unsigned int id;

	for (unsigned int block = 0; block < RECORD; block++) {
		start(READ, 0, place * RECORD + block);
		MUST_PASS(complete(IO, &id));
		if (block == 0) {
			*n = data[0][0] >> 32;
		}
		for (unsigned int i = 0; i < WORDS; i++) {
			if (data[0][i] != word_of(*n, block, i)) {
				*n = 0;
				return 0;
			}
		}
	}
	return 0;
}

static int write_record(uint64_t n)
{
	unsigned int id;

	for (unsigned int block = 0; block < RECORD; block++) {
		for (unsigned int i = 0; i < WORDS; i++) {
			data[0][i] = word_of(n, block, i);
		}
		start(WRITE, 0, n % 2 * RECORD + block);
		MUST_PASS(complete(IO, &id));
	}
	start(FLUSH, 0, 0);
	return complete(IO, &id);
}

/* Both queues have sent messages; several may have become one interrupt. */
static int interrupted(void)
{
	uint64_t end = counter() + counter_ms(10000);

	while (msi_taken(&msi[ADMIN]) == 0 || msi_taken(&msi[IO]) == 0) {
		MUST(counter() < end);
	}
	return 0;
}

int main(void)
{
	uint64_t found[2] = { 0, 0 };
	unsigned int id;
	uint64_t n;

	MUST_PASS(setup());
	MUST_PASS(read_record(0, &found[0]));
	MUST_PASS(read_record(1, &found[1]));
	n = found[0] > found[1] ? found[0] : found[1];
	say("FOUND %lu\n", n);
	MUST_PASS(write_record(n + 1));
	MUST_PASS(interrupted());
	say("FLUSHED %lu\n", n + 1);
	for (id = 0; id < DEPTH - 1; id++) {
		start(WRITE, id, STORM + id);
	}
	for (uint64_t i = DEPTH;; i++) {
		MUST_PASS(complete(IO, &id));
		if (i == DEPTH) {
			say("STORM\n");
		}
		start(WRITE, id, STORM + i % STORM_BLOCKS);
	}
}
