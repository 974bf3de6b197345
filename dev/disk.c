/* SPDX-License-Identifier: Apache-2.0 */
/* The file or block device of the host that stands behind a guest's disk. */
#include "dev/disk.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/stat.h>
#include <stddef.h>

#include "core/log.h"

#define SECTOR 512

static uint64_t size_of(const char *path, int fd, struct sys_file_info *info)
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

/* What an ioctl of a block device says, where it is a sensible size. */
static uint32_t block_fact(int fd, unsigned long request, uint32_t otherwise)
{
	uint32_t bytes = 0;
	long ret = sys_ioctl(fd, request, &bytes);

	return ret >= 0 && bytes >= SECTOR && (bytes & (bytes - 1)) == 0 ?
		       bytes :
		       otherwise;
}

static void learn_blocks(struct disk *disk, const struct sys_file_info *info)
{
	disk->block_size = SECTOR;
	disk->physical_size = SECTOR;
	if (S_ISBLK(info->mode)) {
		disk->block_size = block_fact(disk->fd, BLKSSZGET, SECTOR);
		disk->physical_size = block_fact(disk->fd, BLKPBSZGET,
						 disk->block_size);
	}
}

/* Without access times to keep, where the file's owner is who asks. */
static long open_file(const char *path, int flags)
{
	long fd = sys_open(path, flags | O_NOATIME);

	return fd == -EPERM ? sys_open(path, flags) : fd;
}

/* Where the file system or the device can. */
static void open_direct(struct disk *disk, const char *path, int flags,
			const struct sys_file_info *info)
{
	disk->direct_fd = -1;
	disk->memory_align = info->direct_memory_align;
	disk->offset_align = info->direct_offset_align;
	if (disk->in_memory || disk->offset_align == 0) {
		return;
	}
	disk->direct_fd = (int)open_file(path, flags | O_DIRECT);
	if (disk->direct_fd < 0) {
		log_line("disk %s: no O_DIRECT (%d); goes through the page "
			 "cache",
			 path, disk->direct_fd);
	}
}

void disk_open(struct disk *disk, const struct config_device *row)
{
	int read_only = row->access == BLK_RO;
	int flags = read_only ? O_RDONLY : O_RDWR;
	long fd = open_file(row->path, flags);
	struct sys_file_info info;
	long type;

	if (fd < 0) {
		log_fatal(EXIT_DISK,
			  "disk %s: cannot be opened for %s (%ld); "
			  "create it, allow it, or correct CFG_VIRTIO_BLK",
			  row->path, read_only ? "reading" : "writing", fd);
	}
	disk->fd = (int)fd;
	disk->sectors = size_of(row->path, disk->fd, &info) / SECTOR;
	type = sys_fs_type(disk->fd);
	/* The node of a block device is in devtmpfs, its data are not. */
	disk->in_memory = S_ISREG(info.mode) &&
			  (type == TMPFS_MAGIC || type == RAMFS_MAGIC);
	learn_blocks(disk, &info);
	open_direct(disk, row->path, flags, &info);
}

int disk_fd(const struct disk *disk, const struct sys_iovec *iov, unsigned n,
	    uint64_t offset)
{
	uintptr_t memory = 0;
	uint64_t file = offset;
	unsigned i;

	if (disk->direct_fd < 0) {
		return disk->fd;
	}
	for (i = 0; i < n; i++) {
		memory |= (uintptr_t)iov[i].base;
		file |= iov[i].len;
	}
	return (memory & (disk->memory_align - 1)) == 0 &&
			       (file & (disk->offset_align - 1)) == 0 ?
		       disk->direct_fd :
		       disk->fd;
}
