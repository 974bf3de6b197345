/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtio-blk: requests are parsed here and carried out by the event loop's
 * io_uring, so that the vCPU runs on. Only a file in host memory (tmpfs) is
 * read and written on the spot: it never waits, and a worker thread would
 * cost more than the copy.
 */
#include "dev/blk.h"

#include <linux/errno.h>
#include <linux/falloc.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_ids.h>
#include <stddef.h>
#include <string.h>

#include "core/log.h"
#include "core/loop.h"
#include "dev/disk.h"
#include "dev/virtio_transport.h"

#define SECTOR 512
#define ON_THE_SPOT_MAX (64 * 1024)
#define TRANSFER_MAX 0x7ffff000u /* what Linux moves at once */
#define CLEAR_MAX_SECTORS 0x400000u /* of one discard or write zeroes */
#define BIT(n) (1ull << (n))

struct blk;

struct request {
	struct loop_request loop;
	struct blk *blk;
	uint8_t *status; /* in guest RAM */
	uint32_t expected; /* result that means success */
	uint32_t written; /* into guest RAM, without the status byte */
	uint16_t head;
};

struct blk {
	struct virtio_device device; /* first: the core hands us this */
	struct virtio_blk_config config;
	struct request requests[CONFIG_MAX_QUEUE]; /* by head */
	struct disk disk;
	unsigned in_flight;
	int read_only;
};

static struct blk disks[CONFIG_MAX_BLK];
static unsigned disk_count;

/* Data buffers of requests that the loop has not submitted yet. */
static struct sys_iovec arena[4 * VIRTQUEUE_MAX_SEGMENTS];
static unsigned arena_used;

/* -- Completion ---------------------------------------------------------- */

static void finish(struct request *request, uint8_t status)
{
	struct blk *blk = request->blk;
	uint32_t written = status == VIRTIO_BLK_S_OK ? request->written : 0;

	*(volatile uint8_t *)request->status = status;
	virtqueue_push(&blk->device.queues[0], request->head, written + 1);
}

static uint8_t status_of(const struct request *request, long result)
{
	if (result == -EOPNOTSUPP) {
		return VIRTIO_BLK_S_UNSUPP;
	}
	if (result < 0 || (uint32_t)result != request->expected) {
		log_guest("%s: host answered %ld for %u bytes; the guest gets "
			  "an I/O error",
			  request->blk->device.name, result, request->expected);
		return VIRTIO_BLK_S_IOERR;
	}
	return VIRTIO_BLK_S_OK;
}

static void io_done(struct loop_request *loop, int result)
{
	struct request *request = (struct request *)loop;
	struct blk *blk = request->blk;

	blk->in_flight--;
	if (blk->device.queues[0].ready) {
		finish(request, status_of(request, result));
		virtio_signal(&blk->device, 0);
	}
}

/*
 * Buffers of what is in flight belong to the host until it is done with them,
 * so this waits; drivers may reuse them as soon as it is over.
 */
static void quiesce(struct virtio_device *device, unsigned q)
{
	struct blk *blk = (struct blk *)device;

	device->queues[q].ready = 0;
	while (blk->in_flight > 0) {
		loop_wait();
	}
}

/* -- Requests ------------------------------------------------------------ */

/* Copies bytes from the readable buffers and cuts them off. */
static int take(struct virtq_chain *chain, void *data, size_t left)
{
	char *to = data;
	unsigned i;

	if (chain->readable_bytes < left) {
		return -EPROTO;
	}
	chain->readable_bytes -= left;
	for (i = 0; left > 0; i++) {
		struct sys_iovec *iov = &chain->iov[i];
		size_t n = iov->len < left ? iov->len : left;

		memcpy(to, iov->base, n);
		to += n;
		left -= n;
		iov->base = (char *)iov->base + n;
		iov->len -= n;
	}
	return 0;
}

/* Cuts the status byte, the last writable one, off the chain. */
static uint8_t *take_status(struct virtq_chain *chain)
{
	struct sys_iovec *last = &chain->iov[chain->count - 1];

	if (chain->writable_bytes == 0) {
		return NULL;
	}
	chain->writable_bytes--;
	last->len--;
	return (uint8_t *)last->base + last->len;
}

/* The chain's data buffers, copied to where they last until submission. */
static unsigned keep_data(const struct virtq_chain *chain, unsigned from,
			  unsigned to, const struct sys_iovec **kept)
{
	unsigned n = 0;
	unsigned i;

	if (arena_used + (to - from) > sizeof(arena) / sizeof(arena[0])) {
		loop_submit();
	}
	if (loop_all_submitted()) {
		arena_used = 0;
	}
	*kept = &arena[arena_used];
	for (i = from; i < to; i++) {
		if (chain->iov[i].len > 0) {
			arena[arena_used + n++] = chain->iov[i];
		}
	}
	arena_used += n;
	return n;
}

static int in_range(const struct blk *blk, uint64_t sector, uint64_t bytes)
{
	return bytes % SECTOR == 0 && sector <= blk->disk.sectors &&
	       bytes / SECTOR <= blk->disk.sectors - sector;
}

static void transfer(struct request *request, struct virtq_chain *chain,
		     uint64_t sector, int write)
{
	struct blk *blk = request->blk;
	uint64_t bytes = write ? chain->readable_bytes : chain->writable_bytes;
	unsigned from = write ? 0 : chain->readable;
	unsigned to = write ? chain->readable : chain->count;
	const struct sys_iovec *iov;
	int durable;
	unsigned n;
	long ret;
	int fd;

	if (!in_range(blk, sector, bytes) || (write && blk->read_only) ||
	    bytes == 0 || bytes > TRANSFER_MAX) {
		finish(request, VIRTIO_BLK_S_IOERR);
		return;
	}
	/* Mostly, nothing is left of the header's and the status' buffers. */
	while (chain->iov[from].len == 0) {
		from++;
	}
	while (chain->iov[to - 1].len == 0) {
		to--;
	}
	request->expected = (uint32_t)bytes;
	request->written = write ? 0 : (uint32_t)bytes;
	if (blk->disk.in_memory && bytes <= ON_THE_SPOT_MAX) {
		ret = (write ? sys_pwritev :
			       sys_preadv)(blk->disk.fd, &chain->iov[from],
					   (int)(to - from), sector * SECTOR);
		finish(request, status_of(request, ret));
		return;
	}
	/* A driver that cannot flush expects write-through. */
	durable = (blk->device.accepted & BIT(VIRTIO_BLK_F_FLUSH)) == 0;
	n = keep_data(chain, from, to, &iov);
	fd = disk_fd(&blk->disk, iov, n, sector * SECTOR);
	blk->in_flight++;
	if (write) {
		loop_writev(&request->loop, fd, iov, n, sector * SECTOR,
			    durable);
	} else {
		loop_readv(&request->loop, fd, iov, n, sector * SECTOR);
	}
}

static void flush(struct request *request)
{
	request->blk->in_flight++;
	loop_fdatasync(&request->loop, request->blk->disk.fd);
}

/* Section 5.2.6: one range, to be unmapped or to read as zeros. */
static void clear_range(struct request *request, struct virtq_chain *chain,
			int zeroes)
{
	struct blk *blk = request->blk;
	struct virtio_blk_discard_write_zeroes range;
	uint64_t feature = zeroes ? BIT(VIRTIO_BLK_F_WRITE_ZEROES) :
				    BIT(VIRTIO_BLK_F_DISCARD);
	uint64_t bytes;
	int unmap;

	if ((blk->device.accepted & feature) == 0) {
		finish(request, VIRTIO_BLK_S_UNSUPP);
		return;
	}
	if (chain->readable_bytes != sizeof(range)) {
		finish(request, VIRTIO_BLK_S_IOERR);
		return;
	}
	(void)take(chain, &range, sizeof(range));
	bytes = (uint64_t)range.num_sectors * SECTOR;
	unmap = (range.flags & VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP) != 0;
	if ((range.flags & ~(uint32_t)VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP) !=
		    0 ||
	    (unmap && !zeroes)) {
		finish(request, VIRTIO_BLK_S_UNSUPP);
		return;
	}
	if (bytes == 0 || range.num_sectors > CLEAR_MAX_SECTORS ||
	    !in_range(blk, range.sector, bytes)) {
		finish(request, VIRTIO_BLK_S_IOERR);
		return;
	}
	blk->in_flight++;
	loop_fallocate(&request->loop, blk->disk.fd,
		       FALLOC_FL_KEEP_SIZE |
			       (zeroes && !unmap ? FALLOC_FL_ZERO_RANGE :
						   FALLOC_FL_PUNCH_HOLE),
		       range.sector * SECTOR, bytes);
}

static void get_id(struct request *request, const struct virtq_chain *chain)
{
	char id[VIRTIO_BLK_ID_BYTES] = { 0 };
	unsigned i = chain->readable;
	const char *from = id;
	size_t left = sizeof(id);

	strncpy(id, request->blk->device.name, sizeof(id));
	for (; left > 0 && i < chain->count; i++) {
		size_t n = chain->iov[i].len < left ? chain->iov[i].len : left;

		memcpy(chain->iov[i].base, from, n);
		from += n;
		left -= n;
	}
	request->written = (uint32_t)(sizeof(id) - left);
	finish(request, VIRTIO_BLK_S_OK);
}

/* Parses and starts one request; -EPROTO if it is none. */
static int start(struct virtio_device *device, unsigned q,
		 struct virtq_chain *chain)
{
	struct blk *blk = (struct blk *)device;
	struct request *request = &blk->requests[chain->head];
	struct virtio_blk_outhdr header;

	(void)q; /* there is one */
	request->blk = blk;
	request->head = chain->head;
	request->expected = 0;
	request->written = 0;
	request->status = take_status(chain);
	if (!request->status || take(chain, &header, sizeof(header)) < 0) {
		return -EPROTO;
	}
	switch (header.type) {
	case VIRTIO_BLK_T_IN:
		transfer(request, chain, header.sector, 0);
		break;
	case VIRTIO_BLK_T_OUT:
		transfer(request, chain, header.sector, 1);
		break;
	case VIRTIO_BLK_T_FLUSH:
		flush(request);
		break;
	case VIRTIO_BLK_T_DISCARD:
	case VIRTIO_BLK_T_WRITE_ZEROES:
		clear_range(request, chain,
			    header.type == VIRTIO_BLK_T_WRITE_ZEROES);
		break;
	case VIRTIO_BLK_T_GET_ID:
		get_id(request, chain);
		break;
	default:
		finish(request, VIRTIO_BLK_S_UNSUPP);
		break;
	}
	return 0;
}

/* -- Set-up -------------------------------------------------------------- */

static unsigned log2_of(uint32_t power)
{
	return 31 - (unsigned)__builtin_clz(power);
}

static void describe(struct blk *blk, const struct config_device *row)
{
	struct virtio_blk_config *config = &blk->config;
	const struct disk *disk = &blk->disk;

	config->capacity = disk->sectors;
	config->seg_max = row->queue_size - 2u; /* header and status */
	config->blk_size = disk->block_size;
	config->physical_block_exp = (uint8_t)log2_of(disk->physical_size /
						      disk->block_size);
	config->min_io_size = 1;
	config->num_queues = 1;
	config->max_discard_sectors = CLEAR_MAX_SECTORS;
	config->max_discard_seg = 1;
	config->discard_sector_alignment = disk->physical_size / SECTOR;
	config->max_write_zeroes_sectors = CLEAR_MAX_SECTORS;
	config->max_write_zeroes_seg = 1;
	config->write_zeroes_may_unmap = 1;
	blk->device.offered =
		BIT(VIRTIO_BLK_F_SEG_MAX) | BIT(VIRTIO_BLK_F_FLUSH) |
		BIT(VIRTIO_BLK_F_BLK_SIZE) | BIT(VIRTIO_BLK_F_TOPOLOGY) |
		(blk->read_only ? BIT(VIRTIO_BLK_F_RO) :
				  BIT(VIRTIO_BLK_F_DISCARD) |
					  BIT(VIRTIO_BLK_F_WRITE_ZEROES));
}

void blk_init(const struct config_device *row)
{
	static const struct virtio_type type = {
		.id = VIRTIO_ID_BLOCK,
		.queues = 1,
		.request = start,
		.quiesce = quiesce,
	};
	struct blk *blk = &disks[disk_count++];
	struct virtio_device *device = &blk->device;
	unsigned i;

	blk->read_only = row->access == BLK_RO;
	disk_open(&blk->disk, row);
	describe(blk, row);
	for (i = 0; i < CONFIG_MAX_QUEUE; i++) {
		blk->requests[i].loop.done = io_done;
	}
	device->name = row->name;
	device->type = &type;
	device->config = &blk->config;
	device->config_bytes = offsetof(struct virtio_blk_config, unused1);
	device->queue_size = row->queue_size;
	virtio_attach(device, row);
}
