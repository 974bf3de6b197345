/* SPDX-License-Identifier: Apache-2.0 */
/* Registers and transfers of edu. */
#include "edu.h"

#include "arm.h"
#include "cards.h"
#include "check.h"

#define ID		0x010000edu
#define TIMEOUT_MS	3000

uint32_t edu_read(const struct edu *e, unsigned int reg)
{
	return mmio_read32(e->at + reg);
}

void edu_write(const struct edu *e, unsigned int reg, uint32_t value)
{
	dsb();
	mmio_write32(e->at + reg, value);
}

void edu_acknowledge(const struct edu *e)
{
	edu_write(e, EDU_IRQ_ACK, edu_read(e, EDU_IRQ_STATUS));
	(void)edu_read(e, EDU_IRQ_STATUS);
}

void edu_on(const struct edu *e)
{
	card_on(e->fn);
	edu_write(e, EDU_STATUS, 0);
	edu_acknowledge(e);
}

bool edu_find(struct edu *e, unsigned int n)
{
	e->fn = card_find(CARD_EDU, n);
	if (e->fn == NULL || e->fn->bar[0].addr == 0) {
		return false;
	}
	e->at = e->fn->bar[0].addr;
	edu_on(e);
	return edu_read(e, EDU_ID) == ID;
}

void edu_dma_start(const struct edu *e, uint64_t memory, uint32_t at,
		   uint32_t bytes, uint32_t command)
{
	bool out = (command & EDU_DMA_OUT) != 0;

	dsb();
	mmio_write64(e->at + EDU_DMA_SRC, out ? EDU_BUFFER + at : memory);
	mmio_write64(e->at + EDU_DMA_DST, out ? memory : EDU_BUFFER + at);
	mmio_write64(e->at + EDU_DMA_COUNT, bytes);
	mmio_write64(e->at + EDU_DMA_COMMAND, command | EDU_DMA_START);
}

bool edu_dma(const struct edu *e, uint64_t memory, uint32_t at, uint32_t bytes,
	     uint32_t command)
{
	uint64_t end = counter() + counter_ms(TIMEOUT_MS);

	edu_dma_start(e, memory, at, bytes, command);
	while ((mmio_read64(e->at + EDU_DMA_COMMAND) & EDU_DMA_START) != 0) {
		if (counter() > end) {
			return false;
		}
	}
	dsb();
	return true;
}

int edu_alive(const struct edu *e)
{
	uint64_t end = counter() + counter_ms(TIMEOUT_MS);
	uint32_t word = prng();

	MUST(edu_read(e, EDU_ID) == ID);
	edu_write(e, EDU_ALIVE, word);
	MUST(edu_read(e, EDU_ALIVE) == ~word);
	edu_write(e, EDU_FACTORIAL, 10);
	while ((edu_read(e, EDU_STATUS) & EDU_COMPUTING) != 0) {
		MUST(counter() < end);
	}
	MUST(edu_read(e, EDU_FACTORIAL) == 3628800);
	return 0;
}
