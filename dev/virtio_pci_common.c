/* SPDX-License-Identifier: Apache-2.0 */
/* The common configuration structure (virtio 1.2 section 4.1.4.3). */
#include <linux/virtio_pci.h>

#include "dev/virtio_pci.h"

static uint64_t read_queue(struct virtio_pci *pci, uint64_t offset)
{
	const struct virtqueue *vq = virtio_selected(pci->device);

	if (!vq) {
		return offset == VIRTIO_PCI_COMMON_Q_MSIX ? MSIX_NO_VECTOR : 0;
	}
	switch (offset) {
	case VIRTIO_PCI_COMMON_Q_SIZE:
		return vq->num;
	case VIRTIO_PCI_COMMON_Q_MSIX:
		return pci->vectors[pci->device->queue_select];
	case VIRTIO_PCI_COMMON_Q_ENABLE:
		return (uint64_t)vq->ready;
	case VIRTIO_PCI_COMMON_Q_NOFF:
	case VIRTIO_PCI_COMMON_Q_NDATA:
		return pci->device->queue_select;
	case VIRTIO_PCI_COMMON_Q_DESCLO:
		return (uint32_t)vq->desc_gpa;
	case VIRTIO_PCI_COMMON_Q_DESCHI:
		return vq->desc_gpa >> 32;
	case VIRTIO_PCI_COMMON_Q_AVAILLO:
		return (uint32_t)vq->avail_gpa;
	case VIRTIO_PCI_COMMON_Q_AVAILHI:
		return vq->avail_gpa >> 32;
	case VIRTIO_PCI_COMMON_Q_USEDLO:
		return (uint32_t)vq->used_gpa;
	case VIRTIO_PCI_COMMON_Q_USEDHI:
		return vq->used_gpa >> 32;
	default: /* QUEUE_RESET too: it is done at once */
		return 0;
	}
}

static uint64_t read_common(struct virtio_pci *pci, uint64_t offset)
{
	const struct virtio_device *device = pci->device;

	switch (offset) {
	case VIRTIO_PCI_COMMON_DFSELECT:
		return pci->features_word;
	case VIRTIO_PCI_COMMON_DF:
		return virtio_offered(device, pci->features_word);
	case VIRTIO_PCI_COMMON_GFSELECT:
		return pci->accept_word;
	case VIRTIO_PCI_COMMON_GF:
		return pci->accept_word > 1 ?
			       0 :
			       (uint32_t)(device->accepted >>
					  (32 * pci->accept_word));
	case VIRTIO_PCI_COMMON_MSIX:
		return pci->config_vector;
	case VIRTIO_PCI_COMMON_NUMQ:
		return device->type->queues;
	case VIRTIO_PCI_COMMON_STATUS:
		return device->status;
	case VIRTIO_PCI_COMMON_CFGGENERATION:
		return 0; /* our configurations never change */
	case VIRTIO_PCI_COMMON_Q_SELECT:
		return device->queue_select;
	default:
		return read_queue(pci, offset);
	}
}

static void write_queue(struct virtio_pci *pci, uint64_t offset, uint32_t value)
{
	struct virtqueue *vq = virtio_selected_setup(pci->device);
	int high = offset % 8 != 0;

	if (!vq) {
		return;
	}
	switch (offset) {
	case VIRTIO_PCI_COMMON_Q_SIZE:
		vq->num = value;
		break;
	case VIRTIO_PCI_COMMON_Q_ENABLE:
		if (value == 1) {
			virtio_start_queue(pci->device);
		}
		break;
	case VIRTIO_PCI_COMMON_Q_DESCLO:
	case VIRTIO_PCI_COMMON_Q_DESCHI:
		mmio_set_half(&vq->desc_gpa, high, value);
		break;
	case VIRTIO_PCI_COMMON_Q_AVAILLO:
	case VIRTIO_PCI_COMMON_Q_AVAILHI:
		mmio_set_half(&vq->avail_gpa, high, value);
		break;
	case VIRTIO_PCI_COMMON_Q_USEDLO:
	case VIRTIO_PCI_COMMON_Q_USEDHI:
		mmio_set_half(&vq->used_gpa, high, value);
		break;
	default:
		break;
	}
}

static void write_common(struct virtio_pci *pci, uint64_t offset,
			 uint32_t value)
{
	struct virtio_device *device = pci->device;

	switch (offset) {
	case VIRTIO_PCI_COMMON_DFSELECT:
		pci->features_word = value;
		break;
	case VIRTIO_PCI_COMMON_GFSELECT:
		pci->accept_word = value;
		break;
	case VIRTIO_PCI_COMMON_GF:
		virtio_accept(device, pci->accept_word, value);
		break;
	case VIRTIO_PCI_COMMON_MSIX:
		pci->config_vector = virtio_pci_check_vector(pci, value);
		break;
	case VIRTIO_PCI_COMMON_STATUS:
		virtio_set_legacy(device, 0);
		virtio_set_status(device, value);
		break;
	case VIRTIO_PCI_COMMON_Q_SELECT:
		device->queue_select = value;
		break;
	case VIRTIO_PCI_COMMON_Q_MSIX:
		virtio_pci_set_queue_vector(pci, value);
		break;
	case VIRTIO_PCI_COMMON_Q_RESET:
		if (value == 1) {
			virtio_reset_queue(device);
		}
		break;
	default:
		write_queue(pci, offset, value);
		break;
	}
}

/* The width that a register of the common configuration has. */
static unsigned common_width(uint64_t offset)
{
	switch (offset) {
	case VIRTIO_PCI_COMMON_STATUS:
	case VIRTIO_PCI_COMMON_CFGGENERATION:
		return 1;
	case VIRTIO_PCI_COMMON_DFSELECT:
	case VIRTIO_PCI_COMMON_DF:
	case VIRTIO_PCI_COMMON_GFSELECT:
	case VIRTIO_PCI_COMMON_GF:
		return 4;
	default:
		return offset >= VIRTIO_PCI_COMMON_Q_DESCLO &&
				       offset < VIRTIO_PCI_COMMON_Q_NDATA ?
			       4 :
			       2;
	}
}

/* Section 4.1.3.1: one access a register, of its width; others do nothing. */
static void access_register(struct virtio_pci *pci, struct mmio_access *access)
{
	if (access->size != common_width(access->offset)) {
		access->value = 0;
	} else if (access->write) {
		write_common(pci, access->offset, (uint32_t)access->value);
	} else {
		access->value = read_common(pci, access->offset);
	}
}

/* 8 bytes are the two registers of 4 that they touch, the lower one first. */
void virtio_pci_common_access(struct virtio_pci *pci,
			      struct mmio_access *access)
{
	struct mmio_access low = *access;
	struct mmio_access high = *access;

	if (access->size != 8 || common_width(access->offset) != 4) {
		access_register(pci, access);
		return;
	}
	low.size = high.size = 4;
	low.value = (uint32_t)access->value;
	high.value = access->value >> 32;
	high.offset += 4;
	access_register(pci, &low);
	access_register(pci, &high);
	access->value = high.value << 32 | low.value;
}
