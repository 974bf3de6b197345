/* SPDX-License-Identifier: Apache-2.0 */
/* The transport that a virtio device's config row chose. */
#include "dev/virtio_transport.h"

#include "dev/virtio_mmio.h"
#include "dev/virtio_pci.h"

static int is_pci(const struct config_device *row)
{
	return row->transport == VIRTIO_PCI ||
	       row->transport == VIRTIO_PCI_TRANSITIONAL;
}

void virtio_attach(struct virtio_device *device,
		   const struct config_device *row)
{
	if (is_pci(row)) {
		virtio_pci_init(device, row);
	} else {
		virtio_mmio_init(device, row);
	}
}

void virtio_dt(const struct config_device *row, struct dt *dt)
{
	if (!is_pci(row)) {
		virtio_mmio_dt(row, dt);
	}
}
