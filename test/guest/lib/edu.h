/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QEMU's edu device (docs/specs/edu.rst): registers that answer exactly, an
 * interrupt that is raised and acknowledged by software, and a DMA engine
 * between memory and a buffer of its own, which takes 100 ms for each transfer.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "pci.h"

#define EDU_ID		0x00
#define EDU_ALIVE	0x04	/* reads what was written, inverted */
#define EDU_FACTORIAL	0x08
#define EDU_STATUS	0x20
#define EDU_IRQ_STATUS	0x24
#define EDU_IRQ_RAISE	0x60
#define EDU_IRQ_ACK	0x64
#define EDU_DMA_SRC	0x80
#define EDU_DMA_DST	0x88
#define EDU_DMA_COUNT	0x90
#define EDU_DMA_COMMAND	0x98

#define EDU_COMPUTING	0x01u	/* of STATUS */
#define EDU_WANTS_IRQ	0x80u
#define EDU_IRQ_FACT	0x001u	/* of IRQ_STATUS */
#define EDU_IRQ_DMA	0x100u
#define EDU_DMA_START	0x01u	/* of DMA_COMMAND */
#define EDU_DMA_OUT	0x02u	/* from edu to memory */
#define EDU_DMA_IRQ	0x04u

#define EDU_BUFFER	0x40000ull
#define EDU_BUFFER_SIZE	4096u

struct edu {
	const struct pci_fn *fn;
	uint64_t at;
};

/* The n-th edu, as edu_on() leaves it. */
bool edu_find(struct edu *e, unsigned int n);

/* BAR in its place, decode and bus master on, INTx off, none asserted. */
void edu_on(const struct edu *e);

uint32_t edu_read(const struct edu *e, unsigned int reg);
void edu_write(const struct edu *e, unsigned int reg, uint32_t value);

/* All that is asserted; it is withdrawn when this returns. */
void edu_acknowledge(const struct edu *e);

/* Start a transfer between memory and byte at of the buffer. */
void edu_dma_start(const struct edu *e, uint64_t memory, uint32_t at,
		   uint32_t bytes, uint32_t command);

/* The same and wait for its end; false when there is none within 3 s. */
bool edu_dma(const struct edu *e, uint64_t memory, uint32_t at, uint32_t bytes,
	     uint32_t command);

/* Its registers answer: 0 or a line. */
int edu_alive(const struct edu *e);
