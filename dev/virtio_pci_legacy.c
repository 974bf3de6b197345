/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The I/O BAR of a transitional function (virtio 1.2 section 4.1.4.10): the
 * interface before version 1.0. Its features or status make the device a legacy
 * one, the modern status or a reset a modern one.
 */
#include <linux/virtio_pci.h>

#include "dev/virtio_pci.h"

#define PAGE_SHIFT VIRTIO_PCI_QUEUE_ADDR_SHIFT

/* The device's own registers follow; two vectors come first with MSI-X. */
static uint64_t device_offset(const struct virtio_pci *pci)
{
	return VIRTIO_PCI_CONFIG_OFF(pci->msix.msi.enabled);
}

static uint64_t read_register(struct virtio_pci *pci, uint64_t offset)
{
	struct virtio_device *device = pci->device;
	const struct virtqueue *vq = virtio_selected(device);

	switch (offset) {
	case VIRTIO_PCI_HOST_FEATURES:
		return virtio_offered(device, 0);
	case VIRTIO_PCI_GUEST_FEATURES:
		return (uint32_t)device->accepted;
	case VIRTIO_PCI_QUEUE_PFN:
		return vq && vq->ready ? vq->desc_gpa >> PAGE_SHIFT : 0;
	case VIRTIO_PCI_QUEUE_NUM:
		return vq ? vq->num_max : 0;
	case VIRTIO_PCI_QUEUE_SEL:
		return device->queue_select;
	case VIRTIO_PCI_STATUS:
		return device->status;
	case VIRTIO_PCI_ISR:
		return virtio_pci_read_isr(pci);
	case VIRTIO_MSI_CONFIG_VECTOR:
		return pci->config_vector;
	case VIRTIO_MSI_QUEUE_VECTOR:
		return vq ? pci->vectors[device->queue_select] : MSIX_NO_VECTOR;
	default:
		return 0;
	}
}

/* The number of descriptors is the device's decision. */
static void write_pfn(struct virtio_device *device, uint32_t pfn)
{
	if (pfn == 0) {
		virtio_stop_queue(device);
	} else {
		virtio_start_legacy_queue(device, (uint64_t)pfn << PAGE_SHIFT,
					  VIRTIO_PCI_VRING_ALIGN);
	}
}

static void write_register(struct virtio_pci *pci, uint64_t offset,
			   uint32_t value)
{
	struct virtio_device *device = pci->device;

	switch (offset) {
	case VIRTIO_PCI_GUEST_FEATURES:
		virtio_set_legacy(device, 1);
		virtio_accept(device, 0, value);
		break;
	case VIRTIO_PCI_QUEUE_PFN:
		write_pfn(device, value);
		break;
	case VIRTIO_PCI_QUEUE_SEL:
		device->queue_select = value;
		break;
	case VIRTIO_PCI_QUEUE_NOTIFY:
		virtio_notify(device, value);
		break;
	case VIRTIO_PCI_STATUS:
		virtio_set_legacy(device, 1);
		virtio_set_status(device, value);
		break;
	case VIRTIO_MSI_CONFIG_VECTOR:
		pci->config_vector = virtio_pci_check_vector(pci, value);
		break;
	case VIRTIO_MSI_QUEUE_VECTOR:
		virtio_pci_set_queue_vector(pci, value);
		break;
	default:
		break;
	}
}

void virtio_pci_legacy_access(void *ctx, struct mmio_access *access)
{
	struct virtio_pci *pci = ctx;

	if (access->offset >= device_offset(pci)) {
		if (!access->write) {
			access->value = virtio_pci_read_device(
				pci, access->offset - device_offset(pci),
				access->size);
		}
	} else if (access->write) {
		write_register(pci, access->offset, (uint32_t)access->value);
	} else {
		access->value = read_register(pci, access->offset);
	}
}
