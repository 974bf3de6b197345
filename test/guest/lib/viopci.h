/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtio over PCI (virtio 1.2, 4.1): finding the structures of a function,
 * and the registers of virtio-mmio under which vio.h knows all transports,
 * put on those of PCI that mean the same. Modern and legacy interface.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "msix.h"
#include "pci.h"

struct vdev;

#define VIRTIO_PCI_VENDOR	0x1af4
#define VIRTIO_PCI_MODERN(id)	(0x1040 + (id))

/* struct virtio_pci_cap (4.1.4) */
#define VIRTIO_PCI_CAP_TYPE	3
#define VIRTIO_PCI_CAP_BAR	4
#define VIRTIO_PCI_CAP_OFFSET	8
#define VIRTIO_PCI_CAP_LENGTH	12
#define VIRTIO_PCI_CAP_MORE	16	/* multiplier, or pci_cfg_data */

#define VIRTIO_PCI_CAP_COMMON	1
#define VIRTIO_PCI_CAP_NOTIFY	2
#define VIRTIO_PCI_CAP_ISR	3
#define VIRTIO_PCI_CAP_DEVICE	4
#define VIRTIO_PCI_CAP_PCI	5

/* struct virtio_pci_common_cfg (4.1.4.3) */
#define COMMON_DEVICE_FEATURE_SEL	0x00
#define COMMON_DEVICE_FEATURE		0x04
#define COMMON_DRIVER_FEATURE_SEL	0x08
#define COMMON_DRIVER_FEATURE		0x0c
#define COMMON_CONFIG_VECTOR		0x10
#define COMMON_NUM_QUEUES		0x12
#define COMMON_STATUS			0x14
#define COMMON_GENERATION		0x15
#define COMMON_QUEUE_SEL		0x16
#define COMMON_QUEUE_SIZE		0x18
#define COMMON_QUEUE_VECTOR		0x1a
#define COMMON_QUEUE_ENABLE		0x1c
#define COMMON_QUEUE_NOTIFY_OFF		0x1e
#define COMMON_QUEUE_DESC		0x20
#define COMMON_QUEUE_DRIVER		0x28
#define COMMON_QUEUE_DEVICE		0x30
#define COMMON_QUEUE_NOTIFY_DATA	0x38
#define COMMON_QUEUE_RESET		0x3a

/* Legacy registers of the I/O BAR (4.1.4.10) */
#define LEGACY_DEVICE_FEATURES		0x00
#define LEGACY_DRIVER_FEATURES		0x04
#define LEGACY_QUEUE_PFN		0x08
#define LEGACY_QUEUE_SIZE		0x0c
#define LEGACY_QUEUE_SEL		0x0e
#define LEGACY_QUEUE_NOTIFY		0x10
#define LEGACY_STATUS			0x12
#define LEGACY_ISR			0x13
#define LEGACY_CONFIG_VECTOR		0x14	/* while MSI-X is enabled */
#define LEGACY_QUEUE_VECTOR		0x16
#define LEGACY_CONFIG			0x14	/* 0x18 while it is */

#define VIRTIO_MSI_NO_VECTOR		0xffffu

/* Where a structure is; cap 0: not there. */
struct vpci_part {
	unsigned int cap;
	unsigned int bar;
	uint32_t offset;
	uint32_t length;
	uint64_t at;
};

struct vpci {
	const struct pci_fn *fn;
	uint64_t legacy;	/* of the I/O BAR, 0 for the modern interface */
	struct vpci_part common, notify, isr, device, window;
	uint32_t multiplier;
	uint64_t notify_at[2];	/* of queues 0 and 1; equal if there is one */
	uint32_t isr_seen;	/* ISR is cleared by reading: kept here */
	bool takes_intx;
	bool takes_msix;
	struct msix msix;
	struct msi config_msi;	/* vector 0 */
	struct msi queue_msi;	/* vector 1 */
};

/* The count-th function of a kind of virtio device; NULL if none. */
const struct pci_fn *vpci_function(uint32_t device_id, unsigned int count);

/* Slots in the order of functions of a kind: see README.md. */
bool vdev_find_pci(struct vdev *d, unsigned int slot, uint32_t device_id);
bool vdev_find_pci_legacy(struct vdev *d, unsigned int slot,
			  uint32_t device_id);

/* vdev_read() and vdev_write() of a PCI device. */
uint32_t vpci_read(struct vpci *p, unsigned int reg);
void vpci_write(struct vpci *p, unsigned int reg, uint32_t value);

/* Vectors as config_msi and queue_msi have them, after each reset. */
void vpci_vectors(struct vpci *p);

/* Set up and enable MSI-X, vectors 0 and 1; false without capability. */
bool vpci_use_msix(struct vpci *p);
void vpci_use_intx(struct vpci *p);

/* INTx taken with ISR not 0; or messages, those that wait included. */
unsigned int vpci_interrupts(const struct vpci *p);
