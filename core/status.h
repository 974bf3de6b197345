/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a partition tells of itself: a page that its process writes, PID 1
 * reads, and the guest, too, where CFG_STATUS shows it. Counters start with the
 * process; PID 1's survive it.
 */
#pragma once

#include <stdint.h>

#include "core/sys.h"
#include "core/vcpu.h"

#define STATUS_MAGIC 0x54535042u /* "BPST" */
#define STATUS_VERSION 1
#define STATUS_NAME 32

/* Little-endian; docs/config.md ("Status page") is its specification. */
struct status_page {
	uint32_t magic;
	uint32_t version;
	char name[STATUS_NAME]; /* of the partition, terminated */
	uint64_t answers; /* times that what follows was brought up to date */
	uint64_t beats; /* of those, times that the guest asked for it */
	uint64_t uptime_ms; /* of this start */
	uint64_t restarts; /* since the board's start */
	uint64_t exits_mmio;
	uint64_t exits_wake;
	uint64_t exits_other;
	uint64_t interrupts; /* raised by the VMM; the kernel's do not count */
	uint64_t requests; /* virtqueue buffers that the VMM took */
};

/* Counted where they happen. */
void status_count_interrupt(void);
void status_count_request(void);

/*
 * The pages of all partitions, which processes that are forked later share, and
 * a guest can be shown; again without effect. 0, or -errno: the host has no
 * memory for them.
 */
MUST_CHECK long status_init(void);
struct status_page *status_of(unsigned partition);

/*
 * In the partition's process: whose exits are counted, and since when. Other
 * partitions' pages are out of its reach from then on.
 */
void status_begin(unsigned partition, const struct vcpu_exits *exits);
/* Brings the page up to date; by_guest: it is the guest that asks. */
void status_update(int by_guest);
/* One line of it on standard error. */
void status_print(void);
