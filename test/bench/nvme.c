// SPDX-License-Identifier: Apache-2.0
/* Reads of a disk by the clock of the wall, on the host and in its guests. */
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
#define MOST_ALONE	300	/* reads at depth 1 */

struct reads {
	const char *name;
	unsigned bytes;
	unsigned depth;
	uint64_t warm_up;
	uint64_t count;
	unsigned times; /* measured anew */
};

static const struct reads all[] = {
	{ "nvme_4k_qd1", 4 * KIB, 1, 50, 300, 5 },
	{ "nvme_4k_qd32", 4 * KIB, 32, 128, 1024, 1 },
	{ "nvme_128k_qd1", 128 * KIB, 1, 10, 100, 1 },
	{ "nvme_128k_qd32", 128 * KIB, 32, 64, 256, 1 },
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

/*
 * One after the other, each timed: as often as there were reads, the median,
 * which a machine that was elsewhere for a while does not move.
 */
static int one_by_one(const struct reads *reads, int fd, uint64_t *state,
		      uint64_t *ticks)
{
	static uint64_t sorted[MOST_ALONE];

	for (unsigned i = 0; i < reads->count; i++) {
		uint64_t start = bare_counter();
		unsigned at = i;

		if (ring_transfer(fd, 0, reads->bytes, 1, 1, state)) {
			return -1;
		}
		start = bare_counter() - start;
		while (at > 0 && sorted[at - 1] > start) {
			sorted[at] = sorted[at - 1];
			at--;
		}
		sorted[at] = start;
	}
	*ticks = sorted[reads->count / 2] * reads->count;
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

	if (ring_transfer(fd, 0, reads->bytes, reads->depth, reads->warm_up,
			  state)) {
		return -1;
	}
	mark("A", NULL, NULL, 0);
	if (reads->depth == 1 ? one_by_one(reads, fd, state, &values[1]) :
				all_at_once(reads, fd, state, &values[1])) {
		return -1;
	}
	mark("B", reads->name, values, 3);
	return 0;
}

static int measure_all(const struct reads *reads, int fd, uint64_t *state)
{
	for (unsigned i = 0; i < reads->times; i++) {
		if (measure(reads, fd, state)) {
			return -1;
		}
	}
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
