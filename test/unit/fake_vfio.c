/* SPDX-License-Identifier: Apache-2.0 */
/* The host's PCI cards: sysfs, containers, groups, iommufd. */
#include "test/unit/fake_vfio.h"

#include <linux/errno.h>
#include <linux/iommufd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICES "/sys/bus/pci/devices/"
#define IOAS 7

struct fake_vfio fake_vfio;

static struct {
	int group_fds[FAKE_CARDS]; /* of the card's group; 0: not open */
	int container_fd; /* 0: none */
	int in_container[FAKE_CARDS];
	int has_iommu; /* VFIO_SET_IOMMU */
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

static int has_vfio(const struct fake_card *card)
{
	return card->driver && strcmp(card->driver, "vfio-pci") == 0;
}

/* -- sysfs --------------------------------------------------------------- */

/* Splits .../devices/<host>/<rest>; NULL: no such card. */
static struct fake_card *split(const char *path, const char **rest)
{
	char name[32];
	const char *end;

	if (strncmp(path, DEVICES, strlen(DEVICES)) != 0) {
		return NULL;
	}
	path += strlen(DEVICES);
	end = strchr(path, '/');
	assert_non_null(end);
	snprintf(name, sizeof(name), "%.*s", (int)(end - path), path);
	*rest = end + 1;
	return fake_card_of(name);
}

static const char *link_of(const struct fake_card *card, const char *name,
			   char *text, size_t size)
{
	const char *last = NULL;
	const char *where = "";

	if (strcmp(name, "subsystem") == 0) {
		where = "../../../bus/";
		last = "pci";
	} else if (strcmp(name, "driver") == 0) {
		where = "../../../bus/pci/drivers/";
		last = card->driver;
	} else if (strcmp(name, "iommu_group") == 0) {
		where = "../../../kernel/iommu_groups/";
		last = card->group;
	} else {
		fail_msg("link %s is not known", name);
	}
	if (!last) {
		return NULL;
	}
	snprintf(text, size, "%s%s", where, last);
	return text;
}

long sys_readlink(const char *path, char *buf, size_t len)
{
	long fault = fake_fault(__func__, 0);
	const char *name = "";
	const struct fake_card *card = split(path, &name);
	char text[128];
	size_t n;

	if (fault != 0) {
		snprintf(fake.failed_detail, sizeof(fake.failed_detail), "%s",
			 name);
		return fault;
	}
	if (!card || !link_of(card, name, text, sizeof(text))) {
		return -ENOENT;
	}
	n = strlen(text);
	n = n < len ? n : len;
	memcpy(buf, text, n);
	return (long)n;
}

/* Which file of sysfs an fd writes; the card's index besides. */
enum sysfs_file {
	NODE,
	OVERRIDE,
	UNBIND,
	PROBE
};

static const char *const sysfs_names[] = {
	[NODE] = "dev",
	[OVERRIDE] = "driver_override",
	[UNBIND] = "driver/unbind",
	[PROBE] = "drivers_probe",
};

static long new_fd(enum fake_kind kind, const struct fake_card *card,
		   unsigned type)
{
	int fd = fake_new_fd(kind, 1);

	if (fd >= 0) {
		fake.fds[fd].file = index_of(card);
		fake.fds[fd].type = type;
	}
	return fd;
}

static long open_sysfs(const char *path)
{
	const char *name = "";
	const struct fake_card *card = split(path, &name);
	char node[32];

	if (strcmp(path, "/sys/bus/pci/drivers_probe") == 0) {
		return new_fd(FAKE_SYSFS, fake_vfio.cards, PROBE);
	}
	if (!card) {
		return -ENOENT;
	}
	if (strcmp(name, sysfs_names[OVERRIDE]) == 0) {
		return new_fd(FAKE_SYSFS, card, OVERRIDE);
	}
	if (strcmp(name, sysfs_names[UNBIND]) == 0) {
		return card->driver ? new_fd(FAKE_SYSFS, card, UNBIND) :
				      -ENOENT;
	}
	snprintf(node, sizeof(node), "vfio-dev/vfio%d/dev", card->cdev);
	return strcmp(name, node) == 0 && has_vfio(card) ?
		       new_fd(FAKE_SYSFS, card, NODE) :
		       -ENOENT;
}

/* As bus_rescan_devices_helper(): a driver that is named takes the device. */
static long probe(struct fake_card *card)
{
	if (!card) {
		return -ENODEV;
	}
	if (!card->driver && card->override[0] != '\0') {
		card->driver = card->override;
	}
	return 0;
}

long fake_sysfs_write(const struct fake_fd *fd, const char *text, size_t len)
{
	struct fake_card *card = &fake_vfio.cards[fd->file];
	size_t used = strlen(fake_vfio.sysfs);
	char what[64];
	long ret = 0;

	assert_in_range(len, 1, sizeof(what) - 1);
	memcpy(what, text, len);
	what[len] = '\0';
	snprintf(fake_vfio.sysfs + used, sizeof(fake_vfio.sysfs) - used,
		 "%s/%s=%s;", fd->type == PROBE ? "" : card->host,
		 sysfs_names[fd->type], what);
	if (fake_vfio.sysfs_refuses &&
	    strcmp(sysfs_names[fd->type], fake_vfio.sysfs_refuses) == 0) {
		return fake_vfio.sysfs_error;
	}
	switch ((enum sysfs_file)fd->type) {
	case OVERRIDE:
		snprintf(card->override, sizeof(card->override), "%s", what);
		break;
	case UNBIND:
		assert_string_equal(what, card->host);
		card->driver = NULL;
		break;
	case PROBE:
		ret = probe(fake_card_of(what));
		break;
	case NODE:
		fail_msg("a device's number is written");
	}
	return ret < 0 ? ret : (long)len;
}

/* -- Nodes --------------------------------------------------------------- */

static long open_group(const char *name)
{
	unsigned i;
	long fd;

	for (i = 0; i < fake_vfio.card_count; i++) {
		struct fake_card *card = &fake_vfio.cards[i];

		if (!card->group || strcmp(card->group, name) != 0 ||
		    !has_vfio(card)) {
			continue;
		}
		if (host.group_fds[i] != 0) {
			return -EBUSY;
		}
		fd = new_fd(FAKE_VFIO_GROUP, card, 0);
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

		if (card->cdev == (int)number && has_vfio(card)) {
			return new_fd(FAKE_VFIO_CDEV, card, 0);
		}
	}
	return -ENOENT;
}

long fake_vfio_open(const char *path)
{
	unsigned number;
	long fd;

	if (strncmp(path, "/sys/", 5) == 0) {
		return open_sysfs(path);
	}
	if (strcmp(path, "/dev/vfio/vfio") == 0) {
		fd = new_fd(FAKE_VFIO_CONTAINER, fake_vfio.cards, 0);
		fake_vfio.containers += fd >= 0;
		return fd;
	}
	if (strcmp(path, "/dev/iommu") == 0) {
		fd = new_fd(FAKE_IOMMUFD, fake_vfio.cards, 0);
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

static long container_ioctl(unsigned long request, void *arg)
{
	const struct vfio_iommu_type1_dma_map *map = arg;

	switch (request) {
	case VFIO_CHECK_EXTENSION:
		assert_int_equal((uintptr_t)arg, VFIO_TYPE1v2_IOMMU);
		return !fake_vfio.no_type1;
	case VFIO_SET_IOMMU:
		assert_int_equal((uintptr_t)arg, VFIO_TYPE1v2_IOMMU);
		assert_true(host.container_fd != 0 && !host.has_iommu);
		host.has_iommu = 1;
		return 0;
	case VFIO_IOMMU_MAP_DMA:
		assert_true(host.has_iommu);
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

static long set_container(unsigned n, int container)
{
	assert_false(host.in_container[n]);
	fake_get_fd(container, FAKE_VFIO_CONTAINER);
	assert_true(host.container_fd == 0 || host.container_fd == container);
	host.container_fd = container;
	host.in_container[n] = 1;
	return 0;
}

static long open_device(int group, const char *name)
{
	unsigned n = fake.fds[group].file;
	struct fake_card *card = fake_card_of(name);

	assert_true(host.in_container[n] && host.has_iommu);
	assert_true(is_known_to_kvm(group)); /* or KVM never learns of it */
	if (!card || !card->group || !has_vfio(card) ||
	    strcmp(card->group, fake_vfio.cards[n].group) != 0) {
		return -ENODEV;
	}
	assert_false(card->is_open);
	card->is_open = 1;
	return new_fd(FAKE_VFIO_DEVICE, card, (unsigned)group);
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
		return container_ioctl(request, arg);
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
