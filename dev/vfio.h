/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices of the host, by VFIO (linux/vfio.h, driver-api/vfio.rst):
 * through a container and its groups, or through iommufd, as the board says.
 * What devices of all buses have in common: registers, interrupts, reset, and
 * guest RAM mapped for their DMA.
 */
#pragma once

#include <stdint.h>

#include "core/config.h"
#include "core/mmio.h"
#include "core/sys.h"

struct vfio_device {
	const char *name; /* of the row, for messages */
	const char *bus;
	const char *host; /* the host's name of the device */
	int fd;
	int group; /* -1: by iommufd */
	int isolated; /* by an IOMMU */
	unsigned regions;
	unsigned interrupts; /* indices, not lines or vectors */
	int can_reset;
};

/* A range that may be mapped, in bytes of its region. */
struct vfio_area {
	uint64_t offset;
	uint64_t size;
};

struct vfio_region {
	uint64_t size; /* 0: none */
	uint64_t at; /* its offset in the device's fd */
	int readable;
	int writable;
	unsigned area_count;
	struct vfio_area areas[CONFIG_MAX_VFIO_AREAS]; /* ascending, in pages */
};

/*
 * Opens a device of a bus ("pci", "platform", "amba"), which the VFIO driver of
 * that bus has: isolated, guest RAM mapped for it, known to KVM. What no IOMMU
 * isolates is refused, unless the board's unsafe_dma allows it (VFIO's
 * no-IOMMU mode): the caller must see to its DMA. Ends the process with
 * EXIT_VFIO if any of that fails; name is the config row's.
 */
void vfio_open(struct vfio_device *device, const char *name, const char *bus,
	       const char *host);

/* Prints one line for the device and ends the process with EXIT_VFIO. */
__attribute__((format(printf, 2, 3), noreturn)) void
vfio_refuse(const struct vfio_device *device, const char *format, ...);

/* Describes region index; one that cannot be described ends the process. */
void vfio_region(const struct vfio_device *device, unsigned index,
		 struct vfio_region *region);
/* The same without its areas, and without an end: 0 or -errno. */
MUST_CHECK long vfio_find_region(const struct vfio_device *device,
				 unsigned index, struct vfio_region *region);
/* size bytes of it, 1, 2, 4 or 8 aligned; all ones if they cannot be read. */
uint64_t vfio_read(const struct vfio_device *device,
		   const struct vfio_region *region, uint64_t offset,
		   unsigned size);
/* 0 or -errno; vfio_write() says so for what the guest does. */
MUST_CHECK long vfio_put(const struct vfio_device *device,
			 const struct vfio_region *region, uint64_t offset,
			 unsigned size, uint64_t value);
void vfio_write(const struct vfio_device *device,
		const struct vfio_region *region, uint64_t offset,
		unsigned size, uint64_t value);
/* Both, as the handler of a trapped register. */
void vfio_access(const struct vfio_device *device,
		 const struct vfio_region *region, struct mmio_access *access);
/* The host address of an area of it, to be read and written, or NULL. */
void *vfio_map(const struct vfio_device *device,
	       const struct vfio_region *region, const struct vfio_area *area);

/* How many interrupts index has, and whether they are level-triggered, so that
 * the host masks each until it is told otherwise. Without an answer the process
 * ends. */
struct vfio_interrupts {
	unsigned count;
	int level;
};
struct vfio_interrupts vfio_interrupts(const struct vfio_device *device,
				       unsigned index);
/* An eventfd whose reads do not block; -errno if the host has none left. */
int vfio_eventfd(void);
/*
 * Interrupts first .. first + count - 1 signal eventfds, -1 for none; the
 * first call for an index enables it. 0 or -errno; or, when fewer than all
 * can be enabled, how many.
 */
MUST_CHECK long vfio_signal(const struct vfio_device *device, unsigned index,
			    unsigned first, unsigned count, const int *fds);
/* From now on the eventfd unmasks interrupt 0 of a level-triggered index. */
MUST_CHECK long vfio_unmask_on(const struct vfio_device *device, unsigned index,
			       int fd);
/*
 * The host takes connected interrupts on the processor that we are pinned to,
 * if to one: an interrupt finds its guest there, and a level has been masked
 * before the guest can end it (disable_irq() is lazy: on another processor it
 * could be seen twice). Where that fails, a line says so.
 */
void vfio_steer(const struct vfio_device *device);
void vfio_silence(const struct vfio_device *device, unsigned index);

/* Resets the device alone; 0 or -errno. Not all devices can be. */
MUST_CHECK long vfio_reset(const struct vfio_device *device);
