/* SPDX-License-Identifier: Apache-2.0 */
/* How VFIO isolates devices, and guest RAM mapped for their DMA. */
#pragma once

#include "dev/vfio.h"

/* True if group is one that VFIO made for a device without IOMMU. */
int vfio_iommu_is_absent(const char *group);

/*
 * Fill in a device's fd, and its group: by container (type1v2, or VFIO's
 * no-IOMMU) and group, or by iommufd and the device's own node. Guest RAM is
 * mapped with the first device, at its guest physical addresses; KVM learns of
 * each. End the process with EXIT_VFIO if the host refuses.
 */
void vfio_iommu_open_group(struct vfio_device *device, const char *group);
void vfio_iommu_open_cdev(struct vfio_device *device);
