// SPDX-License-Identifier: Apache-2.0
/* The workloads for disk and network, and how often each is done. */
#include "bare.h"
#include "work.h"

#include <fcntl.h>
#include <stddef.h>

#define SEED		12345
#define KIB		1024
#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

struct work {
	const char *name;
	unsigned bytes;
	unsigned depth;
	int write;
	int (*tcp)(uint64_t count);
	uint64_t warm_up;
	uint64_t count;
};

static const struct work works[] = {
	{ "blk_4k_read_qd1", 4 * KIB, 1, 0, NULL, 200, 1000 },
	{ "blk_4k_read_qd32", 4 * KIB, 32, 0, NULL, 200, 1024 },
	{ "blk_4k_write_qd1", 4 * KIB, 1, 1, NULL, 200, 1000 },
	{ "blk_4k_write_qd32", 4 * KIB, 32, 1, NULL, 200, 1024 },
	{ "blk_128k_read_qd1", 128 * KIB, 1, 0, NULL, 40, 200 },
	{ "blk_128k_read_qd32", 128 * KIB, 32, 0, NULL, 64, 256 },
	{ "blk_128k_write_qd1", 128 * KIB, 1, 1, NULL, 40, 200 },
	{ "blk_128k_write_qd32", 128 * KIB, 32, 1, NULL, 64, 256 },
	{ "net_stream_to_guest", 0, 0, 0, tcp_to_guest, 16, 96 },
	{ "net_stream_from_guest", 0, 0, 0, tcp_from_guest, 16, 96 },
	{ "net_rr_64", 0, 0, 0, tcp_round_trips, 200, 1000 },
};

static int do_work(const struct work *work, int disk, uint64_t count,
		   uint64_t *state)
{
	if (work->tcp) {
		return work->tcp(count);
	}
	return ring_transfer(disk, work->write, work->bytes, work->depth, count,
			     state);
}

static int measure(const struct work *work, int disk, uint64_t *state)
{
	uint64_t values[3] = { work->count, 0, bare_frequency() };
	uint64_t start;

	if (do_work(work, disk, work->warm_up, state)) {
		return -1;
	}
	say("@A", NULL, NULL, 0);
	start = bare_counter();
	if (do_work(work, disk, work->count, state)) {
		return -1;
	}
	values[1] = bare_counter() - start;
	say("@B", work->name, values, 3);
	return 0;
}

void series(const char *disk)
{
	int fd = (int)bare_open(disk, O_RDWR | O_DIRECT);
	uint64_t state = SEED;

	if (fd < 0 || ring_open() || tcp_open()) {
		say("@X set-up", NULL, NULL, 0);
		return;
	}
	/* What a mark itself costs: the difference of these two. */
	say("@A", NULL, NULL, 0);
	say("@A", NULL, NULL, 0);
	for (unsigned i = 0; i < COUNT(works); i++) {
		if (measure(&works[i], fd, &state)) {
			say("@X", works[i].name, NULL, 0);
		}
	}
}
