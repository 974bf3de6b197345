/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVMe 1.4, as much as tests need: the admin queues, one pair of I/O queues,
 * commands one by one or in numbers.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "pci.h"

#define NVME_INTMS	0x0c
#define NVME_INTMC	0x10
#define NVME_CC		0x14
#define NVME_CSTS	0x1c

#define NVME_ENTRIES	32u	/* of each queue */
#define NVME_BLOCK	512u
#define NVME_SILENT	(-1)	/* no completion within 10 s */

#define NVME_POLLED	0xffffu	/* a vector: the queue has none */

struct nvme_queue {
	uint8_t sq[NVME_ENTRIES * 64] __attribute__((aligned(4096)));
	volatile uint32_t cq[NVME_ENTRIES * 4] __attribute__((aligned(4096)));
	unsigned int id;
	unsigned int tail;
	unsigned int head;
	unsigned int done;	/* the id of what nvme_complete() took last */
	uint32_t phase;
};

struct nvme {
	const struct pci_fn *fn;
	uint64_t at;
	struct nvme_queue admin;
	struct nvme_queue io;
};

/* The n-th NVMe, as it is, and started. */
bool nvme_probe(struct nvme *n, unsigned int which);
bool nvme_find(struct nvme *n, unsigned int which);

/* card_on(), controller disabled and enabled, queues empty. */
bool nvme_start(struct nvme *n);

/* Submit one, its place in the queue as its id; dword 10 to 12 as given. */
void nvme_submit(struct nvme *n, struct nvme_queue *q, uint8_t opcode,
		 uint64_t prp1, uint64_t prp2, uint32_t dw10, uint32_t dw11,
		 uint32_t dw12);

/* The status of the next completion, or NVME_SILENT; tells the controller. */
int nvme_complete(struct nvme *n, struct nvme_queue *q);
/* True when there is one. */
bool nvme_completed(const struct nvme_queue *q);

/* Identify controller, without and with waiting for its completion. */
void nvme_ask(struct nvme *n);
bool nvme_answers(struct nvme *n);

/* The I/O queues, interrupts by that vector or none. */
int nvme_make_io(struct nvme *n, unsigned int vector);
int nvme_delete_io(struct nvme *n);

/* Up to 4 KiB in one page, of an id that no other command under way has. */
void nvme_begin(struct nvme *n, unsigned int id, bool write, uint64_t block,
		const void *page, uint32_t bytes);
/* The same and waiting: a status. */
int nvme_move(struct nvme *n, bool write, uint64_t block, const void *page,
	      uint32_t bytes);
int nvme_flush(struct nvme *n);

/* Fresh from nvme_start(): identify, and data written and read back. */
int nvme_alive(struct nvme *n);
