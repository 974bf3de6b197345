/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The workloads of the benchmark's Linux guest, without a libc, and the peer of
 * its network. What they print goes to the runner (runner.h).
 */
#pragma once

#include <stdint.h>

#define DISK_BYTES	(64ULL << 20)

/* Print a line: the tag, a name if there is one, numbers. */
void say(const char *tag, const char *name, const uint64_t *values, int count);

/* The decimal number at the start of text. */
uint64_t number(const char *text);

/* The next pseudo-random offset of a piece of so many bytes of the disk. */
int64_t next_offset(uint64_t *state, uint64_t bytes);

/* Keep depth requests of bytes each in flight until count are done, with
 * io_uring, at pseudo-random offsets. 0, or -1 if one failed. */
int ring_open(void);
int ring_transfer(int fd, int write, unsigned bytes, unsigned depth,
		  uint64_t count, uint64_t *state);

/* The guest's end of the network: give it its address, connect to the peer. */
int tcp_open(void);
/* One MiB each, count times, to or from the guest; 64 bytes there and back. */
int tcp_to_guest(uint64_t count);
int tcp_from_guest(uint64_t count);
int tcp_round_trips(uint64_t count);
/* The host's end: serve guests, one after the other, for ever. */
void tcp_serve(void);

/* Reads of a disk by the clock of the wall, so many times over. */
#define MARK_REST_MS	40
void nvme(const char *disk, uint64_t rounds);

/* All workloads, one after the other: "@A", "@B NAME COUNT TICKS HZ" each. */
void series(const char *disk);
