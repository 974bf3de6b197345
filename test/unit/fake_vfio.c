/* SPDX-License-Identifier: Apache-2.0 */
/* The host's cards and devices: containers, groups, iommufd. */
#include "test/unit/fake_vfio.h"

#include <linux/errno.h>
#include <linux/iommufd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IOAS 7

struct fake_vfio fake_vfio;

static struct {
	int group_fds[FAKE_CARDS]; /* of the card's group; 0: not open */
	int container_of[FAKE_CARDS]; /* the group's; 0: none */
	/* Of each container: its groups, and of what kind the first was. */
	struct {
		unsigned groups;
		int no_iommu;
		uintptr_t iommu; /* VFIO_SET_IOMMU */
	} containers[FAKE_FDS];
	int iommufd, has_ioas;
	int kvm_files[2 * FAKE_CARDS];
} host;

void fake_vfio_reset(void)
{
	memset(&fake_vfio, 0, sizeof(fake_vfio));
	memset(&host, 0, sizeof(host));
}

struct fake_card *fake_card_of(const char *name)
{
	unsigned i;

	for (i = 0; i < fake_vfio.card_count; i++) {
		if (strcmp(fake_vfio.cards[i].host, name) == 0) {
			return &fake_vfio.cards[i];
		}
	}
	return NULL;
}

static unsigned index_of(const struct fake_card *card)
{
	return (unsigned)(card - fake_vfio.cards);
}

int fake_card_has_vfio(const struct fake_card *card)
{
	return card->driver && strncmp(card->driver, "vfio-", 5) == 0 &&
	       strcmp(card->driver + 5, card->bus) == 0;
}

int fake_card_is_pci(const struct fake_card *card)
{
	return strcmp(card->bus, "pci") == 0;
}

int fake_card_container(const struct fake_card *card)
{
	return host.container_of[index_of(card)];
}

long fake_card_fd(enum fake_kind kind, const struct fake_card *card,
		  unsigned type)
{
	int fd = fake_new_fd(kind, 1);

	if (fd >= 0) {
		fake.fds[fd].file = index_of(card);
		fake.fds[fd].type = type;
	}
	return fd;
}

/* -- Nodes --------------------------------------------------------------- */

static long open_group(const char *name)
{
	static const char prefix[] = "noiommu-";
	int no_iommu = strncmp(name, prefix, strlen(prefix)) == 0;
	unsigned i;
	long fd;

	name += no_iommu ? strlen(prefix) : 0;
	for (i = 0; i < fake_vfio.card_count; i++) {
		struct fake_card *card = &fake_vfio.cards[i];

		if (!card->group || strcmp(card->group, name) != 0 ||
		    card->no_iommu != no_iommu || !fake_card_has_vfio(card)) {
			continue;
		}
		if (host.group_fds[i] != 0) {
			return -EBUSY;
		}
		fd = fake_card_fd(FAKE_VFIO_GROUP, card, 0);
		fake_vfio.group_opens += fd >= 0;
		host.group_fds[i] = fd >= 0 ? (int)fd : 0;
		return fd;
	}
	return -ENOENT;
}

static long open_cdev(unsigned number)
{
	unsigned i;

	for (i = 0; i < fake_vfio.card_count; i++) {
		struct fake_card *card = &fake_vfio.cards[i];

		if (card->cdev == (int)number && fake_card_has_vfio(card) &&
		    !card->no_iommu) {
			return fake_card_fd(FAKE_VFIO_CDEV, card, 0);
		}
	}
	return -ENOENT;
}

long fake_vfio_open(const char *path)
{
	unsigned number;
	long fd;

	if (strncmp(path, "/sys/", 5) == 0) {
		return fake_sysfs_open(path);
	}
	if (strcmp(path, "/dev/vfio/vfio") == 0) {
		fd = fake_card_fd(FAKE_VFIO_CONTAINER, fake_vfio.cards, 0);
		fake_vfio.containers += fd >= 0;
		return fd;
	}
	if (strcmp(path, "/dev/iommu") == 0) {
		fd = fake_card_fd(FAKE_IOMMUFD, fake_vfio.cards, 0);
		fake_vfio.iommufds += fd >= 0;
		return fd;
	}
	if (sscanf(path, "/dev/vfio/devices/vfio%u", &number) == 1) {
		return open_cdev(number);
	}
	return strncmp(path, "/dev/vfio/", 10) == 0 ? open_group(path + 10) :
						      -ENOENT;
}

/* -- KVM ----------------------------------------------------------------- */

static int is_known_to_kvm(int fd)
{
	unsigned i;

	for (i = 0; i < fake_vfio.kvm_files; i++) {
		if (host.kvm_files[i] == fd) {
			return 1;
		}
	}
	return 0;
}

long fake_kvm_vfio_file(int fd)
{
	enum fake_kind kind = fake_get_fd(fd, FAKE_CLOSED)->kind;

	assert_true(kind == FAKE_VFIO_GROUP || kind == FAKE_VFIO_CDEV);
	assert_false(is_known_to_kvm(fd)); /* -EEXIST */
	assert_true(fake_vfio.kvm_files < 2 * FAKE_CARDS);
	host.kvm_files[fake_vfio.kvm_files++] = fd;
	return 0;
}

/* -- Containers and groups ----------------------------------------------- */

static void map_dma(uint64_t iova, uint64_t size, uint64_t address)
{
	unsigned i;

	assert_int_not_equal(size, 0);
	assert_int_equal((iova | size | address) % 4096, 0);
	for (i = 0; i < fake_vfio.map_count; i++) {
		const struct fake_dma_map *map = &fake_vfio.maps[i];

		if (iova < map->iova + map->size && map->iova < iova + size) {
			fail_msg("DMA at 0x%llx is mapped twice",
				 (unsigned long long)iova);
		}
	}
	assert_true(fake_vfio.map_count < FAKE_DMA_MAPS);
	fake_vfio.maps[fake_vfio.map_count++] =
		(struct fake_dma_map){ iova, size, address };
}

/* vfio_container_ioctl_check_extension(): an empty container asks all. */
static long check_extension(int fd, uintptr_t kind)
{
	uintptr_t iommu = host.containers[fd].iommu;

	assert_true(kind == VFIO_TYPE1v2_IOMMU || kind == VFIO_NOIOMMU_IOMMU);
	if ((iommu != 0 && iommu != kind) ||
	    (host.containers[fd].groups != 0 &&
	     host.containers[fd].no_iommu != (kind == VFIO_NOIOMMU_IOMMU))) {
		return 0;
	}
	return kind == VFIO_NOIOMMU_IOMMU ?
		       fake_vfio.noiommu_mode == 'Y' && !fake_vfio.no_noiommu :
		       !fake_vfio.no_type1;
}

static long container_ioctl(int fd, unsigned long request, void *arg)
{
	const struct vfio_iommu_type1_dma_map *map = arg;

	switch (request) {
	case VFIO_CHECK_EXTENSION:
		return check_extension(fd, (uintptr_t)arg);
	case VFIO_SET_IOMMU:
		assert_true(host.containers[fd].groups != 0); /* -EINVAL */
		assert_int_equal(host.containers[fd].iommu, 0); /* -EINVAL */
		assert_true(check_extension(fd, (uintptr_t)arg)); /* -ENODEV */
		host.containers[fd].iommu = (uintptr_t)arg;
		return 0;
	case VFIO_IOMMU_MAP_DMA:
		/* -ENOTTY of VFIO's no-IOMMU */
		assert_int_equal(host.containers[fd].iommu, VFIO_TYPE1v2_IOMMU);
		assert_int_equal(map->argsz, sizeof(*map));
		assert_int_equal(map->flags, VFIO_DMA_MAP_FLAG_READ |
						     VFIO_DMA_MAP_FLAG_WRITE);
		map_dma(map->iova, map->size, map->vaddr);
		return 0;
	default:
		fail_msg("unexpected ioctl 0x%lx of a container", request);
		return -ENOTTY;
	}
}

/* vfio_container_attach_group(): no mix of groups and those that VFIO makes. */
static long set_container(unsigned n, int container)
{
	int no_iommu = fake_vfio.cards[n].no_iommu;

	assert_int_equal(host.container_of[n], 0);
	fake_get_fd(container, FAKE_VFIO_CONTAINER);
	assert_true(host.containers[container].groups == 0 ||
		    host.containers[container].no_iommu == no_iommu);
	host.containers[container].groups++;
	host.containers[container].no_iommu = no_iommu;
	host.container_of[n] = container;
	return 0;
}

static long open_device(int group, const char *name)
{
	unsigned n = fake.fds[group].file;
	struct fake_card *card = fake_card_of(name);

	assert_int_not_equal(host.container_of[n], 0);
	assert_int_not_equal(host.containers[host.container_of[n]].iommu, 0);
	assert_true(is_known_to_kvm(group)); /* or KVM never learns of it */
	if (!card || !card->group || !fake_card_has_vfio(card) ||
	    strcmp(card->group, fake_vfio.cards[n].group) != 0) {
		return -ENODEV;
	}
	assert_false(card->is_open);
	card->is_open = 1;
	return fake_card_fd(FAKE_VFIO_DEVICE, card, (unsigned)group);
}

static long group_ioctl(int fd, unsigned long request, void *arg)
{
	struct vfio_group_status *status = arg;

	switch (request) {
	case VFIO_GROUP_GET_STATUS:
		assert_int_equal(status->argsz, sizeof(*status));
		status->flags = fake_vfio.not_viable ? 0 :
						       VFIO_GROUP_FLAGS_VIABLE;
		return 0;
	case VFIO_GROUP_SET_CONTAINER:
		assert_false(fake_vfio.not_viable);
		return set_container(fake.fds[fd].file, *(int *)arg);
	case VFIO_GROUP_GET_DEVICE_FD:
		return open_device(fd, arg);
	default:
		fail_msg("unexpected ioctl 0x%lx of a group", request);
		return -ENOTTY;
	}
}

/* -- iommufd ------------------------------------------------------------- */

static long iommufd_ioctl(unsigned long request, void *arg)
{
	struct iommu_ioas_alloc *alloc = arg;
	const struct iommu_ioas_map *map = arg;

	switch (request) {
	case IOMMU_IOAS_ALLOC:
		assert_int_equal(alloc->size, sizeof(*alloc));
		assert_int_equal(alloc->flags, 0);
		host.has_ioas = 1;
		alloc->out_ioas_id = IOAS;
		return 0;
	case IOMMU_IOAS_MAP:
		assert_int_equal(map->size, sizeof(*map));
		assert_int_equal(map->ioas_id, IOAS);
		assert_int_equal(map->__reserved, 0);
		assert_int_equal(map->flags, IOMMU_IOAS_MAP_FIXED_IOVA |
						     IOMMU_IOAS_MAP_WRITEABLE |
						     IOMMU_IOAS_MAP_READABLE);
		map_dma(map->iova, map->length, map->user_va);
		return 0;
	default:
		fail_msg("unexpected ioctl 0x%lx of an iommufd", request);
		return -ENOTTY;
	}
}

static long cdev_ioctl(int fd, unsigned long request, void *arg)
{
	struct fake_card *card = &fake_vfio.cards[fake.fds[fd].file];
	const struct vfio_device_bind_iommufd *bind = arg;
	const struct vfio_device_attach_iommufd_pt *attach = arg;

	switch (request) {
	case VFIO_DEVICE_BIND_IOMMUFD:
		assert_int_equal(bind->argsz, sizeof(*bind));
		assert_int_equal(bind->flags, 0);
		fake_get_fd(bind->iommufd, FAKE_IOMMUFD);
		assert_true(is_known_to_kvm(fd)); /* or KVM never learns */
		assert_false(card->bound);
		card->bound = 1;
		return 0;
	case VFIO_DEVICE_ATTACH_IOMMUFD_PT:
		assert_int_equal(attach->argsz, sizeof(*attach));
		assert_int_equal(attach->flags, 0);
		assert_true(card->bound && host.has_ioas);
		assert_int_equal(attach->pt_id, IOAS);
		card->attached = 1;
		return 0;
	default:
		assert_true(card->bound); /* -EINVAL */
		return fake_card_ioctl(card, -1, request, arg);
	}
}

long fake_vfio_ioctl(int fd, unsigned long request, void *arg)
{
	const struct fake_fd *f = &fake.fds[fd];

	if (request == fake_vfio.refuses && fake_vfio.refuses_after-- == 0) {
		fake_vfio.refuses = 0;
		return fake_vfio.refusal;
	}
	switch (f->kind) {
	case FAKE_VFIO_CONTAINER:
		return container_ioctl(fd, request, arg);
	case FAKE_VFIO_GROUP:
		return group_ioctl(fd, request, arg);
	case FAKE_VFIO_DEVICE:
		return fake_card_ioctl(&fake_vfio.cards[f->file], (int)f->type,
				       request, arg);
	case FAKE_VFIO_CDEV:
		return cdev_ioctl(fd, request, arg);
	default:
		assert_int_equal(f->kind, FAKE_IOMMUFD);
		return iommufd_ioctl(request, arg);
	}
}
