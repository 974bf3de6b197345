/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtio-blk: requests are parsed here and carried out by the event loop's
 * io_uring, so that the vCPU runs on. Only a file in host memory (tmpfs) is
 * read and written on the spot: it never waits, and a worker thread would
 * cost more than the copy.
 */
#include "dev/blk.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/stat.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_ids.h>
#include <stddef.h>
#include <string.h>

#include "core/log.h"
#include "core/loop.h"
#include "dev/virtio_transport.h"

#define SECTOR 512
#define ON_THE_SPOT_MAX (64 * 1024)
#define TRANSFER_MAX 0x7ffff000u /* what Linux moves at once */
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
	uint64_t sectors;
	unsigned in_flight;
	int fd;
	int on_the_spot; /* the file is in host memory */
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

/* Copies the header and cuts it off the readable buffers. */
static int take_header(struct virtq_chain *chain,
		       struct virtio_blk_outhdr *header)
{
	char *to = (char *)header;
	size_t left = sizeof(*header);
	unsigned i;

	if (chain->readable_bytes < sizeof(*header)) {
		return -EPROTO;
	}
	for (i = 0; left > 0; i++) {
		struct sys_iovec *iov = &chain->iov[i];
		size_t n = iov->len < left ? iov->len : left;

		memcpy(to, iov->base, n);
		to += n;
		left -= n;
		iov->base = (char *)iov->base + n;
		iov->len -= n;
	}
	chain->readable_bytes -= sizeof(*header);
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
	return bytes % SECTOR == 0 && sector <= blk->sectors &&
	       bytes / SECTOR <= blk->sectors - sector;
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

	if (!in_range(blk, sector, bytes) || (write && blk->read_only) ||
	    bytes == 0 || bytes > TRANSFER_MAX) {
		finish(request, VIRTIO_BLK_S_IOERR);
		return;
	}
	request->expected = (uint32_t)bytes;
	request->written = write ? 0 : (uint32_t)bytes;
	if (blk->on_the_spot && bytes <= ON_THE_SPOT_MAX) {
		ret = (write ? sys_pwritev :
			       sys_preadv)(blk->fd, &chain->iov[from],
					   (int)(to - from), sector * SECTOR);
		finish(request, status_of(request, ret));
		return;
	}
	/* A driver that cannot flush expects write-through. */
	durable = (blk->device.accepted & BIT(VIRTIO_BLK_F_FLUSH)) == 0;
	n = keep_data(chain, from, to, &iov);
	blk->in_flight++;
	if (write) {
		loop_writev(&request->loop, blk->fd, iov, n, sector * SECTOR,
			    durable);
	} else {
		loop_readv(&request->loop, blk->fd, iov, n, sector * SECTOR);
	}
}

static void flush(struct request *request)
{
	request->blk->in_flight++;
	loop_fdatasync(&request->loop, request->blk->fd);
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
	if (!request->status || take_header(chain, &header) < 0) {
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

static uint64_t disk_size(const char *path, int fd, struct sys_file_info *info)
{
	uint64_t bytes = 0;
	long ret = sys_file_info(fd, info);

	if (ret >= 0 && S_ISBLK(info->mode)) {
		ret = sys_ioctl(fd, BLKGETSIZE64, &bytes);
	} else if (ret >= 0 && S_ISREG(info->mode)) {
		bytes = info->size;
	}
	if (ret < 0 || bytes < SECTOR) {
		log_fatal(EXIT_DISK,
			  "disk %s: no file or block device of at "
			  "least %d bytes (%ld); create it or correct "
			  "CFG_VIRTIO_BLK",
			  path, SECTOR, ret);
	}
	return bytes;
}

static void open_disk(struct blk *blk, const struct config_device *row)
{
	struct sys_file_info info;
	long fd = sys_open(row->path, blk->read_only ? O_RDONLY : O_RDWR);
	long type;

	if (fd < 0) {
		log_fatal(EXIT_DISK,
			  "disk %s: cannot be opened for %s (%ld); "
			  "create it, allow it, or correct CFG_VIRTIO_BLK",
			  row->path, blk->read_only ? "reading" : "writing",
			  fd);
	}
	blk->fd = (int)fd;
	blk->sectors = disk_size(row->path, blk->fd, &info) / SECTOR;
	type = sys_fs_type(blk->fd);
	/* The node of a block device is in devtmpfs, its data are not. */
	blk->on_the_spot = S_ISREG(info.mode) &&
			   (type == TMPFS_MAGIC || type == RAMFS_MAGIC);
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
	open_disk(blk, row);
	blk->config.capacity = blk->sectors;
	blk->config.seg_max = row->queue_size - 2u; /* header and status */
	blk->config.blk_size = SECTOR;
	for (i = 0; i < CONFIG_MAX_QUEUE; i++) {
		blk->requests[i].loop.done = io_done;
	}
	device->name = row->name;
	device->type = &type;
	device->config = &blk->config;
	device->config_bytes = offsetof(struct virtio_blk_config,
					physical_block_exp);
	device->queue_size = row->queue_size;
	device->offered = BIT(VIRTIO_BLK_F_SEG_MAX) | BIT(VIRTIO_BLK_F_FLUSH) |
			  BIT(VIRTIO_BLK_F_BLK_SIZE);
	if (blk->read_only) {
		device->offered |= BIT(VIRTIO_BLK_F_RO);
	}
	virtio_attach(device, row);
}
