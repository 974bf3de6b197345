/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A packed virtqueue and its driver, well-behaved or not (virtio 1.2 section
 * 2.8), without a device in between: for the tests of dev/virtq_packed.c.
 */
#pragma once

#include "dev/virtqueue.h"
#include "test/unit/driver.h"

#define P_AVAIL (1u << VRING_PACKED_DESC_F_AVAIL)
#define P_USED (1u << VRING_PACKED_DESC_F_USED)
#define P_ENABLE VRING_PACKED_EVENT_FLAG_ENABLE
#define P_DISABLE VRING_PACKED_EVENT_FLAG_DISABLE
#define P_DESC VRING_PACKED_EVENT_FLAG_DESC

#define DATA (RAM + 0x40000)
#define TABLE (RAM + 0x80000)

/* Where one side is: an offset, and its wrap counter. */
struct place {
	unsigned off;
	int wrap;
};

struct packed {
	struct virtqueue vq;
	struct virtq_chain chain; /* of the last pop */
	unsigned num;
	uint64_t ring, driver, device;
	struct place next; /* to make available */
	struct place used; /* to be used */
};

struct packed_used {
	unsigned id, flags;
	uint32_t len;
};

/* A queue of num entries, started; at first also the machine around it. */
void packed_queue(struct packed *p, unsigned num, int indirect, int event_idx);
/* The same queue as at first, with another size. */
void packed_restart(struct packed *p, unsigned num);

void packed_advance(const struct packed *p, struct place *place, unsigned n);
/* AVAIL and USED as the driver sets them in that lap. */
unsigned packed_flags(int wrap);
/* A descriptor as given, flags and all. */
void packed_put(struct packed *p, unsigned i, uint64_t addr, uint32_t len,
		unsigned flags, unsigned id);
/* An entry of an indirect table. */
void packed_entry(uint64_t table, unsigned i, uint64_t addr, uint32_t len,
		  unsigned flags);
/* The driver's next descriptor, made available at once. */
void packed_add(struct packed *p, uint64_t addr, uint32_t len, unsigned flags,
		unsigned id);
/* A request of n descriptors of one byte each, all readable. */
void packed_add_chain(struct packed *p, unsigned n, unsigned id);
int packed_pop(struct packed *p);
/* The next used descriptor, whose chain has n; false if there is none. */
int packed_take_used(struct packed *p, struct packed_used *used);
void packed_skip_used(struct packed *p, unsigned n);

void packed_driver_event(struct packed *p, unsigned flags, struct place place);
uint32_t packed_device_event(struct packed *p);
uint32_t packed_event(unsigned flags, struct place place);
/* What must be true of every chain that pop lets through. */
void packed_check_chain(const struct packed *p);
