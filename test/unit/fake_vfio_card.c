/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's PCI cards: a device's fd, as strict as drivers/vfio/pci of Linux
 * 6.12 (vfio_pci_core.c, vfio_pci_intrs.c, vfio_pci_rdwr.c).
 */
#include <linux/errno.h>
#include <linux/mman.h>
#include <linux/pci_regs.h>
#include <string.h>

#include "test/unit/fake_vfio.h"

uint8_t *fake_card_config(struct fake_card *card)
{
	return card->regions[VFIO_PCI_CONFIG_REGION_INDEX].data;
}

/* -- What it says of itself ---------------------------------------------- */

static long get_info(const struct fake_card *card,
		     struct vfio_device_info *info)
{
	assert_int_equal(info->argsz, sizeof(*info));
	info->flags = VFIO_DEVICE_FLAGS_PCI |
		      (card->can_reset ? VFIO_DEVICE_FLAGS_RESET : 0);
	info->num_regions = card->region_count;
	info->num_irqs = card->index_count;
	return 0;
}

static void put_areas(const struct fake_region *region,
		      struct vfio_region_info *info)
{
	struct vfio_region_info_cap_sparse_mmap *sparse = (void *)(info + 1);
	unsigned i;

	info->flags |= VFIO_REGION_INFO_FLAG_CAPS;
	info->cap_offset = sizeof(*info);
	sparse->header.id = VFIO_REGION_INFO_CAP_SPARSE_MMAP;
	sparse->header.version = 1;
	sparse->nr_areas = region->area_count;
	for (i = 0; i < region->area_count; i++) {
		assert_true((char *)&sparse->areas[i + 1] <=
			    (char *)info + info->argsz);
		sparse->areas[i].offset = region->areas[i].offset;
		sparse->areas[i].size = region->areas[i].size;
	}
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
	info->flags = region->size != 0 ? region->flags : 0;
	info->size = region->size;
	info->offset = FAKE_REGION_AT(info->index);
	if (region->areas) {
		put_areas(region, info);
	}
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
	if (info->index == VFIO_PCI_ERR_IRQ_INDEX &&
	    card->irqs[info->index] == 0) {
		return -EINVAL; /* no PCIe */
	}
	info->flags = VFIO_IRQ_INFO_EVENTFD;
	info->count = card->irqs[info->index];
	return 0;
}

/* -- Resets -------------------------------------------------------------- */

static void check_quiet(struct fake_card *card)
{
	uint8_t command = fake_card_config(card)[PCI_COMMAND];

	if ((command & PCI_COMMAND_MASTER) != 0 && command != 0xff) {
		fail_msg("%s: reset while it masters the bus", card->host);
	}
	if (card->pba) {
		memset(card->pba, 0, 8);
	}
	card->line = 0;
}

static long reset(struct fake_card *card)
{
	assert_true(card->can_reset);
	check_quiet(card);
	card->resets++;
	return card->reset_error;
}

static long hot_reset(struct fake_card *card, int group,
		      const struct vfio_pci_hot_reset *request)
{
	assert_true(request->argsz >= sizeof(*request) + sizeof(int));
	assert_int_equal(request->flags, 0);
	assert_int_equal(request->count, group >= 0);
	if (group >= 0) {
		assert_int_equal(request->group_fds[0], group);
	}
	check_quiet(card);
	card->hot_resets++;
	return card->hot_reset_error;
}

long fake_card_ioctl(struct fake_card *card, int group, unsigned long request,
		     void *arg)
{
	if (!fake_card_is_pci(card)) {
		return fake_soc_ioctl(card, request, arg);
	}
	switch (request) {
	case VFIO_DEVICE_GET_INFO:
		return get_info(card, arg);
	case VFIO_DEVICE_GET_REGION_INFO:
		return get_region_info(card, arg);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return get_irq_info(card, arg);
	case VFIO_DEVICE_SET_IRQS:
		return fake_card_set_irqs(card, arg);
	case VFIO_DEVICE_RESET:
		return reset(card);
	case VFIO_DEVICE_PCI_HOT_RESET:
		return hot_reset(card, group, arg);
	default:
		fail_msg("unexpected ioctl 0x%lx of a device", request);
		return -ENOTTY;
	}
}

/* -- Registers ----------------------------------------------------------- */

/* What the kernel, or the bus, would not carry out as it was asked for. */
static void check_access(struct fake_card *card, unsigned n, uint64_t offset,
			 size_t size, int write)
{
	const struct fake_region *region = &card->regions[n];
	unsigned command = fake_card_config(card)[PCI_COMMAND];
	uint32_t need = write ? VFIO_REGION_INFO_FLAG_WRITE :
				VFIO_REGION_INFO_FLAG_READ;
	const char *wrong = NULL;

	if (size != 1 && size != 2 && size != 4 && size != 8) {
		wrong = "width";
	} else if ((offset & (size - 1)) != 0) {
		wrong = "alignment";
	} else if (offset + size > region->size) {
		wrong = "size";
	} else if ((region->flags & need) == 0) {
		wrong = "direction";
	} else if (n == VFIO_PCI_CONFIG_REGION_INDEX && size == 8) {
		wrong = "width";
	} else if (n < VFIO_PCI_CONFIG_REGION_INDEX &&
		   (command &
		    (region->io ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY)) == 0) {
		wrong = "decoding";
	} else if (n == card->table_bar && card->table_bytes != 0 &&
		   offset - card->table < card->table_bytes) {
		wrong = "place: the MSI-X table";
	}
	if (wrong) {
		fail_msg("%s: region %u, 0x%llx, %zu bytes: wrong %s",
			 card->host, n, (unsigned long long)offset, size,
			 wrong);
	}
}

void fake_note_access(const struct fake_card *card, unsigned region,
		      uint64_t offset, size_t size, int write,
		      const void *value)
{
	struct fake_access *access =
		&fake_vfio.accesses[fake_vfio.access_count];

	if (fake_card_is_pci(card) && region == VFIO_PCI_CONFIG_REGION_INDEX &&
	    !write) {
		return;
	}
	assert_true(fake_vfio.access_count < FAKE_ACCESSES);
	fake_vfio.access_count++;
	*access = (struct fake_access){ card,		region, offset,
					(unsigned)size, write,	0 };
	memcpy(&access->value, value, size);
	if (fake_vfio.watch) {
		fake_vfio.watch(card, access);
	}
}

long fake_vfio_io(struct fake_fd *fd, const struct sys_iovec *iov, int n,
		  uint64_t offset, int write)
{
	struct fake_card *card = &fake_vfio.cards[fd->file];
	uint64_t index = offset >> FAKE_REGION_SHIFT;
	struct fake_region *region = &card->regions[index];

	assert_int_equal(n, 1);
	assert_in_range(index, 0, FAKE_REGIONS - 1);
	assert_true(fd->kind == FAKE_VFIO_DEVICE || card->attached);
	offset -= FAKE_REGION_AT(index);
	if (!fake_card_is_pci(card)) {
		return fake_soc_io(card, (unsigned)index, iov, offset, write);
	}
	check_access(card, (unsigned)index, offset, iov->len, write);
	if (write) {
		memcpy(region->data + offset, iov->base, iov->len);
	} else {
		memcpy(iov->base, region->data + offset, iov->len);
	}
	fake_note_access(card, (unsigned)index, offset, iov->len, write,
			 iov->base);
	return (long)iov->len;
}

static int may_map(const struct fake_region *region, uint64_t offset,
		   uint64_t len)
{
	uint64_t end = (region->size + 4095) & ~4095ull;
	unsigned i;

	if (!region->areas) {
		return offset + len <= end;
	}
	for (i = 0; i < region->area_count; i++) {
		const struct fake_area *area = &region->areas[i];

		if (offset >= area->offset &&
		    offset + len <= area->offset + area->size) {
			return 1;
		}
	}
	return 0;
}

void *fake_vfio_mmap(struct fake_fd *fd, size_t len, int prot, int flags,
		     uint64_t offset)
{
	struct fake_card *card = &fake_vfio.cards[fd->file];
	uint64_t index = offset >> FAKE_REGION_SHIFT;
	struct fake_region *region = &card->regions[index];

	assert_true(fd->kind == FAKE_VFIO_DEVICE || card->attached);
	assert_int_equal(prot, PROT_READ | PROT_WRITE);
	assert_int_equal(flags, MAP_SHARED);
	offset -= FAKE_REGION_AT(index);
	assert_int_equal((offset | len) % 4096, 0);
	if (!fake_card_is_pci(card)) {
		return fake_soc_mmap(card, (unsigned)index, len, offset);
	}
	assert_true(index < VFIO_PCI_ROM_REGION_INDEX);
	assert_true((region->flags & VFIO_REGION_INFO_FLAG_MMAP) != 0);
	assert_true(len > 0 && may_map(region, offset, len));
	if (region->map_error != 0) {
		return (void *)region->map_error;
	}
	region->maps++;
	return region->data + offset;
}
