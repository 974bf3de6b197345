/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An NVMe of the host, for a guest that is killed in the middle of its I/O
 * (NVM Express 1.4). It finds the record that was last written as a whole, not
 * older than the last one flushed; writes and flushes the next one in the place
 * of the one before; then 4 KiB writes elsewhere never end.
 */
#include "arm.h"
#include "cards.h"
#include "check.h"
#include "gicdrv.h"
#include "msix.h"
#include "nvme.h"
#include "say.h"

#define ADMIN 0
#define IO 1

/* In pages: two records, and where the endless writes go. */
#define PAGE 4096u
#define WORDS (PAGE / 8)
#define RECORD 64u
#define STORM 1024u
#define STORM_PAGES 8192u

static uint64_t data[NVME_ENTRIES][WORDS] __attribute__((aligned(4096)));
static struct nvme nvme;
static struct msi msi[2];

static uint64_t block_of(uint64_t page)
{
	return page * (PAGE / NVME_BLOCK);
}

static int setup(void)
{
	struct msix x;

	gic_init();
	MUST(nvme_probe(&nvme, 0));
	card_on(nvme.fn);
	/* The start before us has left it running; we must not find it so. */
	MUST(mmio_read32(nvme.at + NVME_CC) == 0);
	MUST(nvme_start(&nvme));
	MUST(msix_find(&x, nvme.fn));
	for (unsigned int i = 0; i < NELEM(msi); i++) {
		msi[i] = msi_new(nvme.fn);
		MUST(msi[i].intid != 0);
		msix_set(&x, i, &msi[i]);
	}
	msix_control(&x, MSIX_CONTROL_ENABLE);
	MUST(nvme_make_io(&nvme, IO) == 0);
	return 0;
}

/* What record n has there; the 0th is a new disk. */
static uint64_t word_of(uint64_t n, uint64_t page, uint64_t word)
{
	return n == 0 ? 0 : n << 32 | page << 16 | word;
}

/* The number of the record in a place; 0: none, or not all of it. */
static int read_record(unsigned int place, uint64_t *n)
{
	for (unsigned int page = 0; page < RECORD; page++) {
		MUST(nvme_move(&nvme, false, block_of(place * RECORD + page),
			       data[0], PAGE) == 0);
		if (page == 0) {
			*n = data[0][0] >> 32;
		}
		for (unsigned int i = 0; i < WORDS; i++) {
			if (data[0][i] != word_of(*n, page, i)) {
				*n = 0;
				return 0;
			}
		}
	}
	return 0;
}

static int write_record(uint64_t n)
{
	for (unsigned int page = 0; page < RECORD; page++) {
		for (unsigned int i = 0; i < WORDS; i++) {
			data[0][i] = word_of(n, page, i);
		}
		MUST(nvme_move(&nvme, true, block_of(n % 2 * RECORD + page),
			       data[0], PAGE) == 0);
	}
	MUST(nvme_flush(&nvme) == 0);
	return 0;
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

static void write_endlessly(unsigned int id, uint64_t i)
{
	nvme_begin(&nvme, id, true, block_of(STORM + i % STORM_PAGES),
		   data[id], PAGE);
}

int main(void)
{
	uint64_t found[2] = { 0, 0 };
	uint64_t n;

	MUST_PASS(setup());
	MUST_PASS(read_record(0, &found[0]));
	MUST_PASS(read_record(1, &found[1]));
	n = found[0] > found[1] ? found[0] : found[1];
	say("FOUND %lu\n", n);
	MUST_PASS(write_record(n + 1));
	MUST_PASS(interrupted());
	say("FLUSHED %lu\n", n + 1);
	for (unsigned int id = 0; id < NVME_ENTRIES - 1; id++) {
		write_endlessly(id, id);
	}
	for (uint64_t i = NVME_ENTRIES;; i++) {
		MUST(nvme_complete(&nvme, &nvme.io) == 0);
		if (i == NVME_ENTRIES) {
			say("STORM\n");
		}
		write_endlessly(nvme.io.done, i);
	}
}
