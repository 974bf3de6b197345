/* SPDX-License-Identifier: Apache-2.0 */
/* Devices of the host: what all buses have in common. */
#include "dev/vfio.h"

#include <linux/errno.h>
#include <linux/eventfd.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/vfio.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/log.h"
#include "dev/vfio_iommu.h"

void vfio_refuse(const struct vfio_device *device, const char *format, ...)
{
	char why[LOG_LINE_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	log_fatal(EXIT_VFIO, "%s: host device %s: %s", device->name,
		  device->host, why);
}

/* -- Opening ------------------------------------------------------------- */

/* The last part of what the link .../host/link points to; 0: no such link. */
static int link_name(const struct vfio_device *device, const char *link,
		     char *name, size_t size)
{
	char path[128];
	char target[256];
	const char *last;
	long n;

	snprintf(path, sizeof(path), "/sys/bus/%s/devices/%s/%s", device->bus,
		 device->host, link);
	n = sys_readlink(path, target, sizeof(target) - 1);
	if (n <= 0) {
		return 0;
	}
	target[n] = '\0';
	last = strrchr(target, '/');
	snprintf(name, size, "%s", last ? last + 1 : target);
	return 1;
}

/* True if the host kernel's parameter is what it says, as 'Y' or 'N'. */
static int parameter_is(const char *path, char value)
{
	long fd = sys_open(path, O_RDONLY);
	char got = 0;

	if (fd >= 0) {
		if (sys_read((int)fd, &got, 1) != 1) {
			got = 0;
		}
		sys_close((int)fd);
	}
	return got == value;
}

__attribute__((noreturn)) static void
refuse_driver(const struct vfio_device *device, const char *name,
	      const char *driver)
{
	vfio_refuse(device, "driver %s has it; bind it to %s", name, driver);
}

/* Nothing has it, as when VFIO's own driver for platform devices did not. */
__attribute__((noreturn)) static void
refuse_unbound(const struct vfio_device *device, const char *driver)
{
	if (strcmp(device->bus, "platform") == 0 &&
	    parameter_is("/sys/module/vfio_platform/parameters/"
			 "reset_required",
			 'Y')) {
		vfio_refuse(device,
			    "VFIO's driver does not take it; if the host "
			    "kernel has no reset for it, start that with "
			    "vfio_platform.reset_required=0");
	}
	vfio_refuse(device, "no driver has it; bind it to %s", driver);
}

static void check_driver(const struct vfio_device *device, const char *driver)
{
	char name[32];

	if (!link_name(device, "driver", name, sizeof(name))) {
		refuse_unbound(device, driver);
	}
	if (strcmp(name, driver) != 0) {
		refuse_driver(device, name, driver);
	}
}

/* VFIO's driver gives a group to what no IOMMU isolates, if it may. */
__attribute__((noreturn)) static void
refuse_unisolated(const struct vfio_device *device, const char *driver)
{
	char name[32];

	if (!config_board.unsafe_dma) {
		vfio_refuse(device,
			    "no IOMMU isolates it; the host kernel needs the "
			    "driver of the board's IOMMU, or the board's "
			    "header BOARD_UNSAFE_DMA");
	}
	if (link_name(device, "driver", name, sizeof(name)) &&
	    strcmp(name, driver) != 0) {
		refuse_driver(device, name, driver);
	}
	if (parameter_is("/sys/module/vfio/parameters/"
			 "enable_unsafe_noiommu_mode",
			 'N')) {
		vfio_refuse(device,
			    "no IOMMU isolates it; start the host kernel with "
			    "vfio.enable_unsafe_noiommu_mode=1");
	}
	refuse_unbound(device, driver);
}

static void get_info(struct vfio_device *device)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	long ret = sys_ioctl(device->fd, VFIO_DEVICE_GET_INFO, &info);

	if (ret < 0) {
		vfio_refuse(device, "VFIO_DEVICE_GET_INFO failed (%ld)", ret);
	}
	device->regions = info.num_regions;
	device->interrupts = info.num_irqs;
	device->can_reset = (info.flags & VFIO_DEVICE_FLAGS_RESET) != 0;
}

void vfio_open(struct vfio_device *device, const char *name, const char *bus,
	       const char *host)
{
	char driver[32];
	char self[32];
	char group[16];

	device->name = name;
	device->bus = bus;
	device->host = host;
	snprintf(driver, sizeof(driver), "vfio-%s", bus);
	if (!link_name(device, "subsystem", self, sizeof(self))) {
		vfio_refuse(device,
			    "there is none; plug it in, or correct the board "
			    "header");
	}
	/* Before the driver: VFIO's does not take what nothing isolates. */
	if (!link_name(device, "iommu_group", group, sizeof(group))) {
		refuse_unisolated(device, driver);
	}
	check_driver(device, driver);
	device->isolated = !vfio_iommu_is_absent(group);
	if (!device->isolated && !config_board.unsafe_dma) {
		vfio_refuse(device, "no IOMMU isolates it, and the board's "
				    "header does not say BOARD_UNSAFE_DMA");
	}
	if (config_board.iommufd && device->isolated) {
		vfio_iommu_open_cdev(device);
	} else {
		vfio_iommu_open_group(device, group);
	}
	get_info(device);
}

/* -- Registers ----------------------------------------------------------- */

/* VFIO_DEVICE_GET_REGION_INFO with the capabilities that follow it. */
union region_info {
	struct vfio_region_info info;
	uint8_t bytes[1024];
};

static const struct vfio_info_cap_header *
capability_at(const union region_info *u, uint32_t at)
{
	uint32_t size = u->info.argsz;

	if (size > sizeof(u->bytes)) {
		size = sizeof(u->bytes);
	}
	return at >= sizeof(u->info) && (at & 7) == 0 &&
			       at + sizeof(struct vfio_info_cap_header) <=
				       size ?
		       (const void *)&u->bytes[at] :
		       NULL;
}

static const struct vfio_region_info_cap_sparse_mmap *
sparse_areas(const union region_info *u)
{
	const struct vfio_info_cap_header *cap;
	uint32_t at = u->info.cap_offset;
	unsigned left = 16; /* a list that does not end is cut */

	if ((u->info.flags & VFIO_REGION_INFO_FLAG_CAPS) == 0) {
		return NULL;
	}
	while (left-- > 0 && (cap = capability_at(u, at))) {
		if (cap->id == VFIO_REGION_INFO_CAP_SPARSE_MMAP &&
		    at + sizeof(struct vfio_region_info_cap_sparse_mmap) <=
			    sizeof(u->bytes)) {
			return (const void *)cap;
		}
		at = cap->next;
	}
	return NULL;
}

static uint64_t whole_pages(uint64_t size)
{
	uint64_t page = config_board.page_size;

	return (size + page - 1) & ~(page - 1);
}

/* Adds an area; 0 if it is not one of whole pages, ascending, in the region. */
static int add_area(struct vfio_region *region, uint64_t offset, uint64_t size)
{
	uint64_t end = whole_pages(region->size);
	uint64_t first = 0; /* behind the last one */

	if (region->area_count > 0) {
		const struct vfio_area *last =
			&region->areas[region->area_count - 1];

		first = last->offset + last->size;
	}
	if (region->area_count == CONFIG_MAX_VFIO_AREAS ||
	    ((offset | size) & (config_board.page_size - 1)) != 0 ||
	    size == 0 || offset < first || offset > end ||
	    size > end - offset) {
		return 0;
	}
	region->areas[region->area_count++] =
		(struct vfio_area){ .offset = offset, .size = size };
	return 1;
}

/* What may be mapped: all of it, or what the kernel lists. */
static int add_areas(struct vfio_region *region, const union region_info *u)
{
	const struct vfio_region_info_cap_sparse_mmap *sparse = sparse_areas(u);
	uint32_t i;

	if (!sparse) {
		return add_area(region, 0, whole_pages(region->size));
	}
	for (i = 0; i < sparse->nr_areas; i++) {
		if ((const uint8_t *)&sparse->areas[i + 1] >
			    &u->bytes[sizeof(u->bytes)] ||
		    !add_area(region, sparse->areas[i].offset,
			      sparse->areas[i].size)) {
			return 0;
		}
	}
	return 1;
}

/* A region that the device does not have has no bytes. */
static long describe(const struct vfio_device *device, unsigned index,
		     struct vfio_region *region, union region_info *u)
{
	long ret;

	*u = (union region_info){ .info = { .argsz = sizeof(*u),
					    .index = index } };
	*region = (struct vfio_region){ .size = 0 };
	ret = index < device->regions ?
		      sys_ioctl(device->fd, VFIO_DEVICE_GET_REGION_INFO, u) :
		      -EINVAL;
	if (ret >= 0) {
		region->size = u->info.size;
		region->at = u->info.offset;
		region->readable = (u->info.flags &
				    VFIO_REGION_INFO_FLAG_READ) != 0;
		region->writable = (u->info.flags &
				    VFIO_REGION_INFO_FLAG_WRITE) != 0;
	}
	return ret == -EINVAL ? 0 : ret;
}

long vfio_find_region(const struct vfio_device *device, unsigned index,
		      struct vfio_region *region)
{
	union region_info u;

	return describe(device, index, region, &u);
}

void vfio_region(const struct vfio_device *device, unsigned index,
		 struct vfio_region *region)
{
	union region_info u;
	long ret = describe(device, index, region, &u);

	if (ret < 0) {
		vfio_refuse(device, "region %u cannot be described (%ld)",
			    index, ret);
	}
	if (region->size != 0 &&
	    (u.info.flags & VFIO_REGION_INFO_FLAG_MMAP) != 0 &&
	    !add_areas(region, &u)) {
		vfio_refuse(device,
			    "region %u: areas to map are not whole pages in "
			    "order, or more than %u",
			    index, CONFIG_MAX_VFIO_AREAS);
	}
}

uint64_t vfio_read(const struct vfio_device *device,
		   const struct vfio_region *region, uint64_t offset,
		   unsigned size)
{
	uint64_t value = 0;
	const struct sys_iovec to = { &value, size };

	if (!region->readable || offset > region->size ||
	    size > region->size - offset ||
	    sys_preadv(device->fd, &to, 1, region->at + offset) != size) {
		return ~0ull;
	}
	return value;
}

long vfio_put(const struct vfio_device *device,
	      const struct vfio_region *region, uint64_t offset, unsigned size,
	      uint64_t value)
{
	const struct sys_iovec from = { &value, size };
	long ret = 0; /* what cannot be written is ignored, as by hardware */

	if (region->writable && offset <= region->size &&
	    size <= region->size - offset) {
		ret = sys_pwritev(device->fd, &from, 1, region->at + offset);
	}
	return ret < 0 ? ret : 0;
}

void vfio_write(const struct vfio_device *device,
		const struct vfio_region *region, uint64_t offset,
		unsigned size, uint64_t value)
{
	long ret = vfio_put(device, region, offset, size, value);

	if (ret < 0) {
		log_guest("%s: a write of %u bytes at 0x%llx failed (%ld)",
			  device->name, size, (unsigned long long)offset, ret);
	}
}

void vfio_access(const struct vfio_device *device,
		 const struct vfio_region *region, struct mmio_access *access)
{
	if (access->write) {
		vfio_write(device, region, access->offset, access->size,
			   access->value);
	} else {
		access->value = vfio_read(device, region, access->offset,
					  access->size);
	}
}

void *vfio_map(const struct vfio_device *device,
	       const struct vfio_region *region, const struct vfio_area *area)
{
	void *at = sys_mmap(NULL, area->size, PROT_READ | PROT_WRITE,
			    MAP_SHARED, device->fd, region->at + area->offset);

	return sys_is_err(at) ? NULL : at;
}

/* -- Interrupts ---------------------------------------------------------- */

struct vfio_interrupts vfio_interrupts(const struct vfio_device *device,
				       unsigned index)
{
	struct vfio_interrupts found = { 0, 0 };
	struct vfio_irq_info info = { .argsz = sizeof(info), .index = index };
	long ret = index < device->interrupts ?
			   sys_ioctl(device->fd, VFIO_DEVICE_GET_IRQ_INFO,
				     &info) :
			   -EINVAL;

	if (ret == -EINVAL) {
		return found; /* the device does not have this index */
	}
	if (ret < 0) {
		vfio_refuse(device,
			    "interrupts of index %u cannot be described (%ld)",
			    index, ret);
	}
	if ((info.flags & VFIO_IRQ_INFO_EVENTFD) != 0) {
		found.count = info.count;
		found.level = (info.flags & VFIO_IRQ_INFO_AUTOMASKED) != 0;
	}
	return found;
}

int vfio_eventfd(void)
{
	return (int)sys_eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

/* VFIO_DEVICE_SET_IRQS with as many eventfds as it can have. */
struct irq_set {
	struct vfio_irq_set head;
	int fds[CONFIG_MAX_VFIO_VECTORS];
};
_Static_assert(offsetof(struct irq_set, fds) ==
		       offsetof(struct vfio_irq_set, data),
	       "the eventfds are the data");

static long set_irqs(const struct vfio_device *device, unsigned index,
		     uint32_t flags, unsigned first, unsigned count,
		     const int *fds)
{
	struct irq_set set = {
		.head = {
			.argsz = (uint32_t)(sizeof(set.head) +
					    (fds ? count * sizeof(int) : 0)),
			.flags = flags,
			.index = index,
			.start = first,
			.count = count,
		},
	};

	BUG_ON(count > CONFIG_MAX_VFIO_VECTORS);
	if (fds) {
		memcpy(set.fds, fds, count * sizeof(int));
	}
	return sys_ioctl(device->fd, VFIO_DEVICE_SET_IRQS, &set);
}

long vfio_signal(const struct vfio_device *device, unsigned index,
		 unsigned first, unsigned count, const int *fds)
{
	return set_irqs(device, index,
			VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
			first, count, fds);
}

long vfio_unmask_on(const struct vfio_device *device, unsigned index, int fd)
{
	return set_irqs(device, index,
			VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_UNMASK,
			0, 1, &fd);
}

void vfio_silence(const struct vfio_device *device, unsigned index)
{
	long ret = set_irqs(device, index,
			    VFIO_IRQ_SET_DATA_NONE |
				    VFIO_IRQ_SET_ACTION_TRIGGER,
			    0, 0, NULL);

	if (ret < 0) {
		log_guest("%s: interrupts of index %u cannot be disabled (%ld)",
			  device->name, index, ret);
	}
}

/* -- Reset --------------------------------------------------------------- */

/* The bus that it is on, if the device is alone there. */
static long hot_reset(const struct vfio_device *device)
{
	struct {
		struct vfio_pci_hot_reset head;
		int groups[1];
	} request = {
		.head = { .argsz = sizeof(request),
			  .count = device->group >= 0 },
		.groups = { device->group },
	};

	return sys_ioctl(device->fd, VFIO_DEVICE_PCI_HOT_RESET, &request);
}

long vfio_reset(const struct vfio_device *device)
{
	return device->can_reset ?
		       sys_ioctl(device->fd, VFIO_DEVICE_RESET, NULL) :
		       hot_reset(device);
}
