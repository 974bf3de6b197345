// SPDX-License-Identifier: Apache-2.0
/*
 * Reads of a disk by the clock of the wall, on the host and in its guests. One
 * read at a time is measured in turns with the host itself: see beside.c.
 */
#include "bare.h"
#include "work.h"

#include <fcntl.h>
#include <stddef.h>

#define SEED		12345
#define KIB		1024
#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define MS		1000000ULL
/* A driver finds its disk some time after it was bound. */
#define OPEN_TRIES	500

struct reads {
	const char *name;
	unsigned bytes;
	unsigned depth;
	uint64_t warm_up;
	uint64_t count;
	unsigned turns; /* measured so often, the host in between */
};

static const struct reads all[] = {
	{ "nvme_4k_qd1", TURN_BYTES, 1, TURN_WARM_UP, TURN_READS, 30 },
	{ "nvme_4k_qd32", 4 * KIB, 32, 128, 1024, 0 },
	{ "nvme_128k_qd1", 128 * KIB, 1, 10, 100, 0 },
	{ "nvme_128k_qd32", 128 * KIB, 32, 64, 256, 0 },
};

static void rest(uint64_t ms)
{
	const uint64_t time[2] = { ms / 1000, ms % 1000 * MS };

	bare_call3(__NR_nanosleep, (long)time, 0, 0);
}

/* The runner counts exits at the '@', and needs us to make none meanwhile. */
static void mark(const char *rest_of_tag, const char *name,
		 const uint64_t *values, int count)
{
	bare_write(1, "@", 1);
	rest(MARK_REST_MS);
	say(rest_of_tag, name, values, count);
	rest(MARK_REST_MS);
}

int nvme_median(int fd, uint64_t bytes, uint64_t count, uint64_t *state,
		uint64_t *ticks)
{
	static uint64_t sorted[MEDIAN_MAX];

	for (uint64_t i = 0; i < count; i++) {
		uint64_t start = bare_counter();
		uint64_t at = i;

		if (ring_transfer(fd, 0, (unsigned)bytes, 1, 1, state)) {
			return -1;
		}
		start = bare_counter() - start;
		while (at > 0 && sorted[at - 1] > start) {
			sorted[at] = sorted[at - 1];
			at--;
		}
		sorted[at] = start;
	}
	*ticks = sorted[count / 2] * count;
	return 0;
}

static int all_at_once(const struct reads *reads, int fd, uint64_t *state,
		       uint64_t *ticks)
{
	uint64_t start = bare_counter();
	int ret = ring_transfer(fd, 0, reads->bytes, reads->depth,
				reads->count, state);

	*ticks = bare_counter() - start;
	return ret;
}

static int measure(const struct reads *reads, int fd, uint64_t *state)
{
	uint64_t values[3] = { reads->count, 0, bare_frequency() };

	mark(reads->turns ? "T" : "A", NULL, NULL, 0);
	if (reads->turns) {
		rest(TURN_REST_MS);
	}
	if (ring_transfer(fd, 0, reads->bytes, reads->depth, reads->warm_up,
			  state)) {
		return -1;
	}
	if (reads->depth == 1 ? nvme_median(fd, reads->bytes, reads->count,
					    state, &values[1]) :
				all_at_once(reads, fd, state, &values[1])) {
		return -1;
	}
	mark("B", reads->name, values, 3);
	return 0;
}

static int measure_all(const struct reads *reads, int fd, uint64_t *state)
{
	unsigned turn = 0;

	do {
		if (measure(reads, fd, state)) {
			return -1;
		}
	} while (++turn < reads->turns);
	return 0;
}

static int open_disk(const char *path)
{
	int fd = -1;

	for (int i = 0; i < OPEN_TRIES && fd < 0; i++) {
		rest(10);
		fd = (int)bare_open(path, O_RDONLY | O_DIRECT);
	}
	return fd;
}

void nvme(const char *disk, uint64_t rounds)
{
	int fd = open_disk(disk);
	uint64_t state = SEED;

	if (fd < 0 || ring_open()) {
		say("@X set-up", NULL, NULL, 0);
		return;
	}
	/* What a mark itself costs: the difference of these two. */
	mark("A", NULL, NULL, 0);
	mark("A", NULL, NULL, 0);
	while (rounds--) {
		for (unsigned i = 0; i < COUNT(all); i++) {
			if (measure_all(&all[i], fd, &state)) {
				say("@X", all[i].name, NULL, 0);
				return;
			}
		}
	}
}
