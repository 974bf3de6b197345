/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's platform and AMBA devices: a device's fd, as strict as
 * drivers/vfio/platform of Linux 6.12 (vfio_platform_common.c, _irq.c).
 */
#include <linux/errno.h>
#include <stddef.h>
#include <string.h>

#include "test/unit/fake_vfio.h"

#define ACTION(set) ((set)->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK)
#define DATA(set) ((set)->flags & VFIO_IRQ_SET_DATA_TYPE_MASK)

/* -- What it says of itself ---------------------------------------------- */

static long get_info(const struct fake_card *card,
		     struct vfio_device_info *info)
{
	assert_int_equal(info->argsz, sizeof(*info));
	info->flags = (strcmp(card->bus, "amba") == 0 ?
			       VFIO_DEVICE_FLAGS_AMBA :
			       VFIO_DEVICE_FLAGS_PLATFORM) |
		      (card->can_reset ? VFIO_DEVICE_FLAGS_RESET : 0);
	info->num_regions = card->region_count;
	info->num_irqs = card->index_count;
	return 0;
}

static long get_region_info(const struct fake_card *card,
			    struct vfio_region_info *info)
{
	const struct fake_region *region;

	assert_true(info->argsz >= sizeof(*info));
	if (info->index >= card->region_count) {
		fail_msg("region %u: -EINVAL", info->index);
	}
	region = &card->regions[info->index];
	if (region->info_error != 0) {
		return region->info_error;
	}
	info->flags = region->flags;
	info->size = region->size;
	info->offset = FAKE_REGION_AT(info->index);
	if (card->describe) {
		card->describe(info);
	}
	return 0;
}

static long get_irq_info(const struct fake_card *card,
			 struct vfio_irq_info *info)
{
	assert_int_equal(info->argsz, sizeof(*info));
	if (info->index >= card->index_count) {
		fail_msg("interrupt index %u: -EINVAL", info->index);
	}
	info->flags = card->lines[info->index].flags;
	info->count = card->lines[info->index].count;
	return 0;
}

static long reset(struct fake_card *card)
{
	unsigned i;

	assert_true(card->can_reset); /* -EINVAL */
	card->resets++;
	for (i = 0; i < FAKE_LINES && card->reset_error == 0; i++) {
		card->lines[i].asserted = 0;
	}
	if (fake_vfio.watch) {
		fake_vfio.watch(card, NULL);
	}
	return card->reset_error;
}

/* -- Interrupts ---------------------------------------------------------- */

/* vfio_automasked_irq_handler(), vfio_irq_handler() */
static void fire(struct fake_line *line)
{
	int is_level = (line->flags & VFIO_IRQ_INFO_AUTOMASKED) != 0;

	if (line->trigger == FAKE_NO_FD || line->masked ||
	    !(is_level ? line->asserted : line->latched)) {
		return;
	}
	if (line->trigger == FAKE_SHUT_FD) {
		fail_msg("the eventfd of a wired interrupt was closed");
	}
	line->masked = is_level;
	line->latched = 0;
	line->fired++;
	fake_signal(line->trigger);
}

void fake_soc_level(struct fake_card *card, unsigned line, int level)
{
	card->lines[line].asserted = level;
	fire(&card->lines[line]);
}

void fake_soc_edge(struct fake_card *card, unsigned line)
{
	card->lines[line].latched = 1;
	fire(&card->lines[line]);
}

static struct fake_line *line_of(int fd, int unmask)
{
	unsigned i, j;

	for (i = 0; i < fake_vfio.card_count; i++) {
		struct fake_card *card = &fake_vfio.cards[i];

		for (j = 0; j < FAKE_LINES && !fake_card_is_pci(card); j++) {
			struct fake_line *line = &card->lines[j];

			if ((unmask ? line->unmask : line->trigger) == fd) {
				return line;
			}
		}
	}
	return NULL;
}

int fake_soc_signalled(int fd)
{
	struct fake_line *line = line_of(fd, 1);

	if (line) {
		line->masked = 0;
		fire(line);
	}
	return line != NULL;
}

void fake_soc_shut(int fd)
{
	struct fake_line *line = line_of(fd, 0);

	if (line) {
		line->trigger = FAKE_SHUT_FD;
	}
	line = line_of(fd, 1);
	if (line) {
		line->unmask = FAKE_NO_FD;
	}
}

static int fd_of(const struct vfio_irq_set *set)
{
	const struct fake_fd *f;
	int fd;

	assert_int_equal(DATA(set), VFIO_IRQ_SET_DATA_EVENTFD);
	assert_int_equal(set->argsz,
			 offsetof(struct vfio_irq_set, data) + sizeof(fd));
	memcpy(&fd, set->data, sizeof(fd));
	f = fake_get_fd(fd, FAKE_EVENTFD);
	assert_true(f->nonblock && f->cloexec);
	return fd;
}

/* vfio_platform_set_irqs_ioctl() */
static long set_irqs(struct fake_card *card, const struct vfio_irq_set *set)
{
	struct fake_line *line;
	int fd;

	card->set_irqs++;
	assert_true(set->index < card->index_count && set->index < FAKE_LINES);
	assert_int_equal(set->start, 0);
	assert_int_equal(set->count, 1);
	line = &card->lines[set->index];
	fd = fd_of(set);
	if (line->request_error != 0) {
		return line->request_error;
	}
	if (ACTION(set) == VFIO_IRQ_SET_ACTION_UNMASK) {
		if ((line->flags & VFIO_IRQ_INFO_MASKABLE) == 0) {
			return -EINVAL;
		}
		assert_int_equal(line->unmask, FAKE_NO_FD); /* -EBUSY */
		line->unmask = fd;
		return 0;
	}
	assert_int_equal(ACTION(set), VFIO_IRQ_SET_ACTION_TRIGGER);
	assert_int_equal(line->trigger, FAKE_NO_FD); /* once */
	line->trigger = fd;
	fire(line);
	return 0;
}

long fake_soc_ioctl(struct fake_card *card, unsigned long request, void *arg)
{
	switch (request) {
	case VFIO_DEVICE_GET_INFO:
		return get_info(card, arg);
	case VFIO_DEVICE_GET_REGION_INFO:
		return get_region_info(card, arg);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return get_irq_info(card, arg);
	case VFIO_DEVICE_SET_IRQS:
		return set_irqs(card, arg);
	case VFIO_DEVICE_RESET:
		return reset(card);
	default:
		fail_msg("unexpected ioctl 0x%lx of a platform device",
			 request);
		return -ENOTTY;
	}
}

/* -- Registers ----------------------------------------------------------- */

long fake_soc_io(struct fake_card *card, unsigned n,
		 const struct sys_iovec *iov, uint64_t offset, int write)
{
	struct fake_region *region = &card->regions[n];
	uint32_t need = write ? VFIO_REGION_INFO_FLAG_WRITE :
				VFIO_REGION_INFO_FLAG_READ;
	size_t size = iov->len;

	if (n >= card->region_count || (region->flags & need) == 0 ||
	    offset >= region->size || size > region->size - offset ||
	    (size != 1 && size != 2 && size != 4 && size != 8) ||
	    (offset & (size - 1)) != 0) {
		fail_msg("%s: region %u, 0x%llx, %zu bytes: not to be %s",
			 card->host, n, (unsigned long long)offset, size,
			 write ? "written" : "read");
	}
	if (region->io_error != 0) {
		return region->io_error;
	}
	if (!write) {
		memcpy(iov->base, region->data + offset, size);
	} else if (!card->dead) {
		memcpy(region->data + offset, iov->base, size);
	}
	if (!write && card->dead) {
		memset(iov->base, 0xff, size);
	}
	fake_note_access(card, n, offset, size, write, iov->base);
	return (long)size;
}

/* vfio_platform_mmap() */
void *fake_soc_mmap(struct fake_card *card, unsigned n, size_t len,
		    uint64_t offset)
{
	struct fake_region *region = &card->regions[n];
	uint32_t need = VFIO_REGION_INFO_FLAG_MMAP |
			VFIO_REGION_INFO_FLAG_READ |
			VFIO_REGION_INFO_FLAG_WRITE;

	if (n >= card->region_count || (region->flags & need) != need) {
		return (void *)-EINVAL;
	}
	if (region->map_error != 0) {
		return (void *)region->map_error;
	}
	assert_true(len > 0 && offset + len <= region->size);
	region->maps++;
	return region->data + offset;
}
