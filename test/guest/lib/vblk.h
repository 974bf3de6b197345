/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtio-blk requests on queue 0 of a struct vdev (virtio 1.2, 5.2), and the
 * content every test disk starts with: 64-bit words, sector << 32 | index.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vio.h"

#define SECTOR			512u
#define DISK_SECTORS		16384u	/* 8 MiB */

#define VIRTIO_BLK_F_SIZE_MAX	(1ull << 1)
#define VIRTIO_BLK_F_SEG_MAX	(1ull << 2)
#define VIRTIO_BLK_F_RO		(1ull << 5)
#define VIRTIO_BLK_F_BLK_SIZE	(1ull << 6)
#define VIRTIO_BLK_F_FLUSH	(1ull << 9)

#define VIRTIO_BLK_T_IN		0u
#define VIRTIO_BLK_T_OUT	1u
#define VIRTIO_BLK_T_FLUSH	4u
#define VIRTIO_BLK_T_GET_ID	8u
#define VIRTIO_BLK_T_DISCARD	11u
#define VIRTIO_BLK_T_WRITE_ZEROES 13u

#define VIRTIO_BLK_S_OK		0
#define VIRTIO_BLK_S_IOERR	1
#define VIRTIO_BLK_S_UNSUPP	2

/* Other outcomes of a request than a status byte */
#define BLK_PENDING		0xff
#define BLK_BROKEN		(-2)	/* device went NEEDS_RESET */
#define BLK_SILENT		(-3)	/* neither within 10 s */

struct virtio_blk_req {
	uint32_t type;
	uint32_t reserved;
	uint64_t sector;
};

/* Header and status of the one request that the helpers below build. */
struct blk {
	struct virtio_blk_req req __attribute__((aligned(16)));
	volatile uint8_t status;
};

/* Descriptors 0, 1, 2: header, data (none if len is 0), status. Not pushed. */
void blk_chain(struct vdev *d, struct blk *b, uint32_t type, uint64_t sector,
	       void *buf, uint32_t len);

/* Push head 0 and wait: status byte, BLK_BROKEN or BLK_SILENT. */
int blk_submit(struct vdev *d, struct blk *b);

/* Both of the above. */
int blk_do(struct vdev *d, uint32_t type, uint64_t sector, void *buf,
	   uint32_t len);

void blk_fill(void *buf, uint64_t sector, uint32_t count);
bool blk_match(const void *buf, uint64_t sector, uint32_t count);

/* Read, write, read back and restore sectors, flush: 0 or a line. */
int blk_reads_and_writes(struct vdev *d);

/* Read one sector through the running queue, compare: 0 or a line. */
int blk_answers(struct vdev *d);

/* Reset and start the device, then blk_answers(). */
int blk_alive(struct vdev *d);

/* slot 0 comes back after a reset and slot 4, never reset, still answers */
int blk_after_case(void);

/* Find slots 0 and 4 and start slot 4 for blk_after_case(): 0 or a line. */
int blk_setup(struct vdev *d);
