/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's side of one virtio device, well-behaved or not: registers through
 * the dispatcher and the register page, rings in guest RAM. On PCI registers
 * have virtio-mmio's names, too (driver_pci.h).
 */
#pragma once

#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>

#include "core/config.h"
#include "core/mem.h"
#include "core/mmio.h"
#include "test/unit/fake.h"

#define RAM 0x40000000ull
#define RAM_BYTES 0x200000ull
#define RAM1_END (RAM + RAM_BYTES)
#define RAM2 (RAM1_END + 0x10000) /* a hole between them */
#define RAM2_BYTES 0x10000ull
#define RAM_END (RAM2 + RAM2_BYTES)

#define WINDOW 0x0a000000ull
#define BIT64(n) (1ull << (n))
#define ALIVE (VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER)
#define RUNNING \
	(ALIVE | VIRTIO_CONFIG_S_FEATURES_OK | VIRTIO_CONFIG_S_DRIVER_OK)

#define D_NEXT VRING_DESC_F_NEXT
#define D_WRITE VRING_DESC_F_WRITE
#define D_INDIRECT VRING_DESC_F_INDIRECT

enum driver_kind {
	DRIVER_MMIO,
	DRIVER_PCI, /* window is the modern BAR, */
	DRIVER_PCI_LEGACY, /* or the I/O BAR */
};

struct driver {
	enum driver_kind kind;
	uint64_t window;
	unsigned queue; /* its number in the device */
	unsigned num;
	uint64_t desc, avail, used;
	uint16_t avail_idx;
};

/* RAM of both banks, KVM, ring, as at a partition's start; no device. */
void driver_machine(void);
/* Where the config has the device of that name; on PCI that is its slot. */
uint64_t driver_row(const char *name);

/* An access as the vCPU makes it; fails the test if nobody claims it. */
void driver_mmio_write(uint64_t gpa, unsigned size, uint64_t value);
uint64_t driver_mmio_read(uint64_t gpa, unsigned size);

void driver_write(struct driver *d, unsigned reg, uint32_t value);
/* As the guest sees it: MMIO from the register page that KVM has mapped. */
uint32_t driver_read(struct driver *d, unsigned reg);
uint64_t driver_offered(struct driver *d);

/*
 * Reset, negotiation and the queue with num entries at its usual place. On PCI
 * the window is where driver_pci_place() found it.
 */
void driver_start(struct driver *d, uint64_t window, unsigned num,
		  uint64_t features);
/* The same up to, but without, QUEUE_READY and DRIVER_OK. */
void driver_prepare(struct driver *d, uint64_t window, unsigned num,
		    uint64_t features);

/*
 * Another queue of a device that driver_prepare() prepared, made ready; desc,
 * avail, used and queue are set.
 */
void driver_add_queue(struct driver *d, uint64_t window, unsigned num);
/*
 * The same for a queue of the device that *other prepared, at a usual place of
 * its own.
 */
void driver_next_queue(struct driver *d, const struct driver *other,
		       unsigned queue);
/* What driver_prepare() left to do. */
void driver_go(struct driver *d);

void driver_desc(struct driver *d, unsigned i, uint64_t addr, uint32_t len,
		 unsigned flags, unsigned next);
/* The same in any table. */
void driver_desc_at(uint64_t table, unsigned i, uint64_t addr, uint32_t len,
		    unsigned flags, unsigned next);
void driver_offer(struct driver *d, unsigned head);
void driver_set_avail(struct driver *d, uint16_t idx);
void driver_notify(struct driver *d);
void driver_used_event(struct driver *d, uint16_t idx);
uint16_t driver_avail_event(struct driver *d);
uint16_t driver_used(struct driver *d);
uint32_t driver_used_id(struct driver *d, unsigned i);
uint32_t driver_used_len(struct driver *d, unsigned i);
void driver_no_interrupt(struct driver *d, int off);

uint8_t *ram(uint64_t gpa);
