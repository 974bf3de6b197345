/* SPDX-License-Identifier: Apache-2.0 */
/* Registers, queues and commands of NVMe. */
#include "nvme.h"

#include "arm.h"
#include "cards.h"
#include "check.h"

#define AQA		0x24
#define ASQ		0x28
#define ACQ		0x30
#define DOORBELL(queue, completion) (0x1000 + 8 * (queue) + 4 * (completion))

#define CC_ON		0x00460001u	/* entries of 64 and 16 bytes */
#define READY		1u
#define TIMEOUT_MS	10000

#define DELETE_SQ	0x00
#define CREATE_SQ	0x01
#define DELETE_CQ	0x04
#define CREATE_CQ	0x05
#define IDENTIFY	0x06
#define CONTROLLER	1
#define FLUSH		0x00
#define WRITE		0x01
#define READ		0x02

static bool wait_ready(const struct nvme *n, uint32_t ready)
{
	uint64_t end = counter() + counter_ms(TIMEOUT_MS);

	while ((mmio_read32(n->at + NVME_CSTS) & READY) != ready) {
		if (counter() > end) {
			return false;
		}
	}
	return true;
}

static void empty(struct nvme_queue *q, unsigned int id)
{
	memset(q->sq, 0, sizeof(q->sq));
	memset((void *)q->cq, 0, sizeof(q->cq));
	q->id = id;
	q->tail = 0;
	q->head = 0;
	q->phase = 1;
	dsb();
}

bool nvme_start(struct nvme *n)
{
	card_on(n->fn);
	mmio_write32(n->at + NVME_CC, 0);
	if (!wait_ready(n, 0)) {
		return false;
	}
	empty(&n->admin, 0);
	empty(&n->io, 1);
	mmio_write32(n->at + AQA, (NVME_ENTRIES - 1) * 0x10001);
	mmio_write64(n->at + ASQ, (uintptr_t)n->admin.sq);
	mmio_write64(n->at + ACQ, (uintptr_t)n->admin.cq);
	mmio_write32(n->at + NVME_CC, CC_ON);
	return wait_ready(n, READY);
}

bool nvme_probe(struct nvme *n, unsigned int which)
{
	n->fn = card_find(CARD_NVME, which);
	if (n->fn == NULL || n->fn->bar[0].addr == 0) {
		return false;
	}
	n->at = n->fn->bar[0].addr;
	return true;
}

bool nvme_find(struct nvme *n, unsigned int which)
{
	return nvme_probe(n, which) && nvme_start(n);
}

/* The next entry, but for what the opcode wants. */
static uint32_t *entry(struct nvme_queue *q, unsigned int id, uint8_t opcode)
{
	uint32_t *e = (uint32_t *)&q->sq[64 * q->tail];

	memset(e, 0, 64);
	e[0] = opcode | id << 16;
	e[1] = q->id;		/* the namespace: 1 for I/O, none for admin */
	return e;
}

static void send(struct nvme *n, struct nvme_queue *q)
{
	q->tail = (q->tail + 1) % NVME_ENTRIES;
	dsb();
	mmio_write32(n->at + DOORBELL(q->id, 0), q->tail);
}

void nvme_submit(struct nvme *n, struct nvme_queue *q, uint8_t opcode,
		 uint64_t prp1, uint64_t prp2, uint32_t dw10, uint32_t dw11,
		 uint32_t dw12)
{
	uint32_t *e = entry(q, q->tail, opcode);

	memcpy(&e[6], &prp1, 8);
	memcpy(&e[8], &prp2, 8);
	e[10] = dw10;
	e[11] = dw11;
	e[12] = dw12;
	send(n, q);
}

bool nvme_completed(const struct nvme_queue *q)
{
	return (q->cq[4 * q->head + 3] >> 16 & 1) == q->phase;
}

int nvme_complete(struct nvme *n, struct nvme_queue *q)
{
	uint64_t end = counter() + counter_ms(TIMEOUT_MS);
	uint32_t last;

	while (!nvme_completed(q)) {
		if (counter() > end) {
			return NVME_SILENT;
		}
	}
	dsb();
	last = q->cq[4 * q->head + 3];
	q->done = last & 0xffff;
	q->head = (q->head + 1) % NVME_ENTRIES;
	q->phase ^= q->head == 0;
	mmio_write32(n->at + DOORBELL(q->id, 1), q->head);
	(void)mmio_read32(n->at + NVME_CSTS);
	return (int)(last >> 17);
}

static uint8_t identity[4096] __attribute__((aligned(4096)));

void nvme_ask(struct nvme *n)
{
	memset(identity, 0, sizeof(identity));
	nvme_submit(n, &n->admin, IDENTIFY, (uintptr_t)identity, 0, CONTROLLER,
		    0, 0);
}

bool nvme_answers(struct nvme *n)
{
	nvme_ask(n);
	return nvme_complete(n, &n->admin) == 0 &&
	       identity[0] == 0x36 && identity[1] == 0x1b;
}

int nvme_make_io(struct nvme *n, unsigned int vector)
{
	uint32_t irq = vector == NVME_POLLED ? 0 : vector << 16 | 2;
	int status;

	empty(&n->io, 1);
	nvme_submit(n, &n->admin, CREATE_CQ, (uintptr_t)n->io.cq, 0,
		    (NVME_ENTRIES - 1) << 16 | 1, irq | 1, 0);
	status = nvme_complete(n, &n->admin);
	if (status != 0) {
		return status;
	}
	nvme_submit(n, &n->admin, CREATE_SQ, (uintptr_t)n->io.sq, 0,
		    (NVME_ENTRIES - 1) << 16 | 1, 1 << 16 | 1, 0);
	return nvme_complete(n, &n->admin);
}

int nvme_delete_io(struct nvme *n)
{
	int status;

	nvme_submit(n, &n->admin, DELETE_SQ, 0, 0, 1, 0, 0);
	status = nvme_complete(n, &n->admin);
	if (status != 0) {
		return status;
	}
	nvme_submit(n, &n->admin, DELETE_CQ, 0, 0, 1, 0, 0);
	return nvme_complete(n, &n->admin);
}

void nvme_begin(struct nvme *n, unsigned int id, bool write, uint64_t block,
		const void *page, uint32_t bytes)
{
	uint32_t *e = entry(&n->io, id, write ? WRITE : READ);
	uint64_t prp1 = (uintptr_t)page;

	memcpy(&e[6], &prp1, 8);
	memcpy(&e[10], &block, 8);
	e[12] = bytes / NVME_BLOCK - 1;
	send(n, &n->io);
}

int nvme_move(struct nvme *n, bool write, uint64_t block, const void *page,
	      uint32_t bytes)
{
	nvme_begin(n, n->io.tail, write, block, page, bytes);
	return nvme_complete(n, &n->io);
}

int nvme_flush(struct nvme *n)
{
	nvme_submit(n, &n->io, FLUSH, 0, 0, 0, 0, 0);
	return nvme_complete(n, &n->io);
}

int nvme_alive(struct nvme *n)
{
	static uint32_t out[1024] __attribute__((aligned(4096)));
	static uint32_t in[1024] __attribute__((aligned(4096)));
	uint64_t block = 8 * (prng() % 4096);

	MUST(nvme_start(n));
	MUST(nvme_answers(n));
	MUST(nvme_make_io(n, NVME_POLLED) == 0);
	for (unsigned int i = 0; i < NELEM(out); i++) {
		out[i] = prng();
	}
	memset(in, 0, sizeof(in));
	MUST(nvme_move(n, true, block, out, sizeof(out)) == 0);
	MUST(nvme_move(n, false, block, in, sizeof(in)) == 0);
	MUST(memcmp(in, out, sizeof(in)) == 0);
	return 0;
}
