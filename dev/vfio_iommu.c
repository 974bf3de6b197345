/* SPDX-License-Identifier: Apache-2.0 */
/* Containers and groups (type1v2), or iommufd: guest RAM for a device's DMA. */
#include "dev/vfio_iommu.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/iommufd.h>
#include <linux/kvm.h>
#include <linux/vfio.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/kvm.h"
#include "core/log.h"
#include "core/mem.h"

#define CONTAINER "/dev/vfio/vfio"
#define IOMMUFD "/dev/iommu"
#define CDEVS 256 /* device nodes that are looked for */

/* One for all devices of the partition: a container, or an iommufd; and a
 * container of those that no IOMMU isolates. */
static int iommu = -1;
static int no_iommu = -1;
static uint32_t ioas; /* iommufd's address space */

static struct {
	int fd;
	char name[16];
} groups[CONFIG_MAX_VFIO_PCI + CONFIG_MAX_VFIO_PLATFORM];
static unsigned group_count;

static int open_node(const struct vfio_device *device, const char *path)
{
	long fd = sys_open(path, O_RDWR);

	if (fd == -EBUSY) {
		vfio_refuse(device,
			    "%s is open already; stop the process that has it",
			    path);
	}
	if (fd < 0) {
		vfio_refuse(device,
			    "%s cannot be opened (%ld); the host kernel needs "
			    "VFIO, and we the right to open it",
			    path, fd);
	}
	return (int)fd;
}

/* KVM must know whose DMA its guest's memory attributes are meant for. */
static void tell_kvm(const struct vfio_device *device, int fd)
{
	static int kvm_vfio = -1;
	long ret = kvm_vfio;

	if (ret < 0) {
		ret = kvm_create_device(KVM_DEV_TYPE_VFIO);
		kvm_vfio = (int)ret;
	}
	if (ret >= 0) {
		ret = kvm_set_attr(kvm_vfio, KVM_DEV_VFIO_FILE,
				   KVM_DEV_VFIO_FILE_ADD, &fd);
	}
	if (ret < 0) {
		vfio_refuse(device,
			    "KVM does not take it (%ld); build the host kernel "
			    "with CONFIG_KVM_VFIO",
			    ret);
	}
}

/* One line for what an IOMMU says when a device is put behind it. */
static void check_attach(const struct vfio_device *device, long ret)
{
	if (ret == -EPERM) {
		vfio_refuse(device,
			    "its interrupts are not isolated; on a board that "
			    "accepts that, start the host kernel with "
			    "%s.allow_unsafe_interrupts=1",
			    config_board.iommufd ? "iommufd" :
						   "vfio_iommu_type1");
	}
	if (ret < 0) {
		vfio_refuse(device,
			    "the IOMMU does not take it (%ld); it needs one "
			    "that is coherent, and RAM outside of the IOMMU's "
			    "reserved addresses",
			    ret);
	}
}

static void check_map(const struct vfio_device *device,
		      const struct mem_bank *bank, long ret)
{
	if (ret < 0) {
		vfio_refuse(device,
			    "%lu MiB of RAM at 0x%llx cannot be mapped for DMA "
			    "(%ld); %s",
			    (unsigned long)(bank->size >> 20),
			    (unsigned long long)bank->gpa, ret,
			    ret == -ENOMEM ?
				    "raise the limit of locked memory" :
				    "move it out of the IOMMU's reserved "
				    "addresses");
	}
}

/* -- Containers and groups ----------------------------------------------- */

int vfio_iommu_is_absent(const char *group)
{
	static const char wanted[] = "vfio-noiommu\n";
	char name[sizeof(wanted)];
	char path[64];
	long fd;
	long n;

	snprintf(path, sizeof(path), "/sys/kernel/iommu_groups/%s/name", group);
	fd = sys_open(path, O_RDONLY);
	if (fd < 0) {
		return 0; /* groups of IOMMUs have no name */
	}
	n = sys_read((int)fd, name, sizeof(name));
	sys_close((int)fd);
	return n == sizeof(wanted) - 1 && memcmp(name, wanted, n) == 0;
}

static void check_viable(const struct vfio_device *device, int fd,
			 const char *group)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	long ret = sys_ioctl(fd, VFIO_GROUP_GET_STATUS, &status);

	if (ret < 0 || (status.flags & VFIO_GROUP_FLAGS_VIABLE) == 0) {
		vfio_refuse(device,
			    "IOMMU group %s is not viable: a host driver has "
			    "another device of it; bind all of them to VFIO",
			    group);
	}
}

static void map_by_container(const struct vfio_device *device)
{
	struct mem_bank bank;
	unsigned i;

	for (i = 0; mem_bank(i, &bank); i++) {
		struct vfio_iommu_type1_dma_map map = {
			.argsz = sizeof(map),
			.flags = VFIO_DMA_MAP_FLAG_READ |
				 VFIO_DMA_MAP_FLAG_WRITE,
			.vaddr = (uintptr_t)bank.host,
			.iova = bank.gpa,
			.size = bank.size,
		};

		check_map(device, &bank,
			  sys_ioctl(iommu, VFIO_IOMMU_MAP_DMA, &map));
	}
}

static int open_container(const struct vfio_device *device, uintptr_t kind)
{
	int fd = open_node(device, CONTAINER);

	if (sys_ioctl(fd, VFIO_CHECK_EXTENSION, (void *)kind) <= 0) {
		vfio_refuse(device, CONTAINER " has no %s",
			    kind == VFIO_NOIOMMU_IOMMU ?
				    "no-IOMMU mode; build the host kernel with "
				    "CONFIG_VFIO_NOIOMMU" :
				    "type1v2; build the host kernel with "
				    "CONFIG_VFIO_IOMMU_TYPE1");
	}
	return fd;
}

/* Puts a group into the container; the first one chooses the IOMMU's kind. */
static void join_container(const struct vfio_device *device, int group)
{
	uintptr_t kind = device->isolated ? VFIO_TYPE1v2_IOMMU :
					    VFIO_NOIOMMU_IOMMU;
	int *container = device->isolated ? &iommu : &no_iommu;
	int first = *container < 0;
	long ret;

	if (first) {
		*container = open_container(device, kind);
	}
	ret = sys_ioctl(group, VFIO_GROUP_SET_CONTAINER, container);
	if (ret >= 0 && first) {
		ret = sys_ioctl(*container, VFIO_SET_IOMMU, (void *)kind);
	}
	check_attach(device, ret);
	if (first && device->isolated) {
		map_by_container(device);
	}
}

/* The group's fd, opened once: its devices share it. */
static int group_fd(const struct vfio_device *device, const char *name)
{
	char path[32];
	unsigned i;
	int fd;

	for (i = 0; i < group_count; i++) {
		if (strcmp(groups[i].name, name) == 0) {
			return groups[i].fd;
		}
	}
	snprintf(path, sizeof(path), "/dev/vfio/%s%s",
		 device->isolated ? "" : "noiommu-", name);
	fd = open_node(device, path);
	check_viable(device, fd, name);
	join_container(device, fd);
	tell_kvm(device, fd);
	snprintf(groups[group_count].name, sizeof(groups[0].name), "%s", name);
	groups[group_count++].fd = fd;
	return fd;
}

void vfio_iommu_open_group(struct vfio_device *device, const char *group)
{
	long fd;

	device->group = group_fd(device, group);
	fd = sys_ioctl(device->group, VFIO_GROUP_GET_DEVICE_FD,
		       (void *)(uintptr_t)device->host);
	if (fd < 0) {
		vfio_refuse(device, "VFIO_GROUP_GET_DEVICE_FD failed (%ld)%s",
			    fd,
			    fd == -EBUSY ? "; it is in use" :
					   "; see the host kernel's log");
	}
	device->fd = (int)fd;
}

/* -- iommufd ------------------------------------------------------------- */

static void map_by_iommufd(const struct vfio_device *device)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	struct mem_bank bank;
	unsigned i;

	check_attach(device, sys_ioctl(iommu, IOMMU_IOAS_ALLOC, &alloc));
	ioas = alloc.out_ioas_id;
	for (i = 0; mem_bank(i, &bank); i++) {
		struct iommu_ioas_map map = {
			.size = sizeof(map),
			.flags = IOMMU_IOAS_MAP_FIXED_IOVA |
				 IOMMU_IOAS_MAP_READABLE |
				 IOMMU_IOAS_MAP_WRITEABLE,
			.ioas_id = ioas,
			.user_va = (uintptr_t)bank.host,
			.length = bank.size,
			.iova = bank.gpa,
		};

		check_map(device, &bank,
			  sys_ioctl(iommu, IOMMU_IOAS_MAP, &map));
	}
}

/* The number in the device's node, which sysfs shows as a directory. */
static unsigned find_cdev(const struct vfio_device *device)
{
	char path[128];
	unsigned n;

	for (n = 0; n < CDEVS; n++) {
		long fd;

		snprintf(path, sizeof(path),
			 "/sys/bus/%s/devices/%s/vfio-dev/vfio%u/dev",
			 device->bus, device->host, n);
		fd = sys_open(path, O_RDONLY);
		if (fd >= 0) {
			sys_close((int)fd);
			return n;
		}
	}
	vfio_refuse(device, "it has no node in /dev/vfio/devices; build the "
			    "host kernel with CONFIG_VFIO_DEVICE_CDEV");
}

/* The kernel has one error for two reasons. */
static void check_bind(const struct vfio_device *device, long ret)
{
	if (ret == -EPERM) {
		vfio_refuse(device,
			    "another driver or process has a device of its "
			    "IOMMU group: bind all of them to VFIO; or its "
			    "interrupts are not isolated: to accept that, "
			    "iommufd.allow_unsafe_interrupts=1");
	}
	if (ret == -EBUSY || ret == -EINVAL) {
		vfio_refuse(device,
			    "VFIO_DEVICE_BIND_IOMMUFD failed (%ld): it is in "
			    "use, or a host driver has another device of its "
			    "IOMMU group; bind all of them to VFIO",
			    ret);
	}
	check_attach(device, ret);
}

void vfio_iommu_open_cdev(struct vfio_device *device)
{
	struct vfio_device_bind_iommufd bind = { .argsz = sizeof(bind) };
	struct vfio_device_attach_iommufd_pt attach = { .argsz = sizeof(
								attach) };
	int first = iommu < 0;
	char path[32];
	long ret;

	snprintf(path, sizeof(path), "/dev/vfio/devices/vfio%u",
		 find_cdev(device));
	device->group = -1;
	device->fd = open_node(device, path);
	tell_kvm(device, device->fd);
	if (first) {
		iommu = open_node(device, IOMMUFD);
	}
	bind.iommufd = iommu;
	ret = sys_ioctl(device->fd, VFIO_DEVICE_BIND_IOMMUFD, &bind);
	check_bind(device, ret);
	if (first) {
		map_by_iommufd(device);
	}
	attach.pt_id = ioas;
	check_attach(device, sys_ioctl(device->fd,
				       VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach));
}
