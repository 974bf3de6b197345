/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtio transports and split virtqueue, driver side (virtio 1.2, 2.7, 4.1 and
 * 4.2). Rings are plain memory that a test may corrupt; nothing here checks
 * what the test does. Version 1 (legacy) devices are driven as well. Registers
 * have virtio-mmio's names on every transport; viopci.h puts them on PCI's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define VIO_BASE		0x0a000000ull
#define VIO_STRIDE		0x200u
#define VIO_SLOTS		32u
#define VIO_SPI(slot)		(16 + (slot))

/* Which device sits where in the test configs */
#define SLOT_BLK		0
#define SLOT_RNG		1
#define SLOT_BLK_RO		2
#define SLOT_BLK_LEGACY		3
#define SLOT_BLK_OTHER		4

#define VIRTIO_MMIO_MAGIC_VALUE		0x000
#define VIRTIO_MMIO_VERSION		0x004
#define VIRTIO_MMIO_DEVICE_ID		0x008
#define VIRTIO_MMIO_VENDOR_ID		0x00c
#define VIRTIO_MMIO_DEVICE_FEATURES	0x010
#define VIRTIO_MMIO_DEVICE_FEATURES_SEL	0x014
#define VIRTIO_MMIO_DRIVER_FEATURES	0x020
#define VIRTIO_MMIO_DRIVER_FEATURES_SEL	0x024
#define VIRTIO_MMIO_GUEST_PAGE_SIZE	0x028	/* version 1 */
#define VIRTIO_MMIO_QUEUE_SEL		0x030
#define VIRTIO_MMIO_QUEUE_NUM_MAX	0x034
#define VIRTIO_MMIO_QUEUE_NUM		0x038
#define VIRTIO_MMIO_QUEUE_ALIGN		0x03c	/* version 1 */
#define VIRTIO_MMIO_QUEUE_PFN		0x040	/* version 1 */
#define VIRTIO_MMIO_QUEUE_READY		0x044
#define VIRTIO_MMIO_QUEUE_NOTIFY	0x050
#define VIRTIO_MMIO_INTERRUPT_STATUS	0x060
#define VIRTIO_MMIO_INTERRUPT_ACK	0x064
#define VIRTIO_MMIO_STATUS		0x070
#define VIRTIO_MMIO_QUEUE_DESC_LOW	0x080
#define VIRTIO_MMIO_QUEUE_DESC_HIGH	0x084
#define VIRTIO_MMIO_QUEUE_AVAIL_LOW	0x090
#define VIRTIO_MMIO_QUEUE_AVAIL_HIGH	0x094
#define VIRTIO_MMIO_QUEUE_USED_LOW	0x0a0
#define VIRTIO_MMIO_QUEUE_USED_HIGH	0x0a4
#define VIRTIO_MMIO_CONFIG_GENERATION	0x0fc
#define VIRTIO_MMIO_CONFIG		0x100

#define VIRTIO_MAGIC			0x74726976u
#define VIRTIO_MMIO_INT_VRING		1u
#define VIRTIO_MMIO_INT_CONFIG		2u

#define VIRTIO_CONFIG_S_ACKNOWLEDGE	0x01u
#define VIRTIO_CONFIG_S_DRIVER		0x02u
#define VIRTIO_CONFIG_S_DRIVER_OK	0x04u
#define VIRTIO_CONFIG_S_FEATURES_OK	0x08u
#define VIRTIO_CONFIG_S_NEEDS_RESET	0x40u
#define VIRTIO_CONFIG_S_FAILED		0x80u

#define VIRTIO_F_INDIRECT_DESC		(1ull << 28)
#define VIRTIO_F_EVENT_IDX		(1ull << 29)
#define VIRTIO_F_VERSION_1		(1ull << 32)
#define VIRTIO_F_ACCESS_PLATFORM	(1ull << 33)
#define VIRTIO_F_RING_RESET		(1ull << 40)

#define VIRTIO_ID_NET			1
#define VIRTIO_ID_BLOCK			2
#define VIRTIO_ID_ENTROPY		4

#define VIRTQ_DESC_F_NEXT		1u
#define VIRTQ_DESC_F_WRITE		2u
#define VIRTQ_DESC_F_INDIRECT		4u
#define VIRTQ_AVAIL_F_NO_INTERRUPT	1u
#define VIRTQ_USED_F_NO_NOTIFY		1u

/* Largest queue size used here */
#define VQ_MAX				256u

struct virtq_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
	uint16_t next;
};

struct virtq_avail {
	uint16_t flags;
	uint16_t idx;
	uint16_t ring[];	/* then used_event */
};

struct virtq_used_elem {
	uint32_t id;
	uint32_t len;
};

struct virtq_used {
	uint16_t flags;
	uint16_t idx;
	struct virtq_used_elem ring[];	/* then avail_event */
};

struct vq {
	uint16_t num;
	volatile struct virtq_desc *desc;
	volatile struct virtq_avail *avail;
	volatile struct virtq_used *used;
};

struct vpci;

struct vdev {
	uint64_t base;		/* registers: on PCI the common structure */
	uint64_t config;	/* device configuration */
	struct vpci *pci;	/* NULL for virtio-mmio */
	unsigned int slot;
	uint32_t version;
	uint64_t features;	/* as negotiated */
	unsigned int queue;	/* 0, or 1 after vdev_queue1() */
	struct vq q;
};

uint32_t vdev_read(const struct vdev *d, unsigned int reg);
void vdev_write(const struct vdev *d, unsigned int reg, uint32_t value);
void vdev_write64(const struct vdev *d, unsigned int reg_low, uint64_t value);

/*
 * False when the slot does not hold a device of this kind. The transport is
 * the one that the guest was built for.
 */
bool vdev_find(struct vdev *d, unsigned int slot, uint32_t device_id);
bool vdev_find_mmio(struct vdev *d, unsigned int slot, uint32_t device_id);

/* From guests.mk: -DTRANSPORT_PCI=1 (INTx) or 2 (MSI-X) */
#define TRANSPORT_IS_PCI	(guest_transport != 0)
#define TRANSPORT_IS_MSIX	(guest_transport == 2)
extern const uint32_t guest_transport;

void vdev_reset(struct vdev *d);
uint64_t vdev_offered(const struct vdev *d);

/* Accept exactly these bits; true when FEATURES_OK sticks. */
bool vdev_accept(struct vdev *d, uint64_t features);

/*
 * Zeroed ring memory of this slot; num at most VQ_MAX, and the device's own
 * choice on legacy PCI.
 */
void vdev_place(struct vdev *d, uint16_t num);

/* Tell the device about d->q; true when it reports the queue ready. */
bool vdev_queue(struct vdev *d);
/* The same for queue 1 of d, as other, in the ring memory of the next slot. */
bool vdev_queue1(struct vdev *other, const struct vdev *d);
void vdev_go(struct vdev *d);

/* All of the above: reset, want & offered | VERSION_1, queue, DRIVER_OK. */
bool vdev_start(struct vdev *d, uint64_t want, uint16_t num);

void vq_desc(struct vdev *d, uint16_t i, const volatile void *buf,
	     uint32_t len, uint16_t flags, uint16_t next);
void vq_push(struct vdev *d, uint16_t head);
void vq_kick(const struct vdev *d);

/* Poll until used.idx reaches idx; false after 10 s or on NEEDS_RESET. */
bool vq_wait(const struct vdev *d, uint16_t idx);
uint16_t vq_used_idx(const struct vdev *d);

/* NEEDS_RESET shows, DRIVER_OK or not. */
bool vdev_broken(const struct vdev *d);

/* Take the device's interrupts; vdev_interrupts() then counts them. */
void vdev_irq_enable(const struct vdev *d);
unsigned int vdev_interrupts(const struct vdev *d);
