/* SPDX-License-Identifier: Apache-2.0 */
/* virtio over PCI, modern and transitional (virtio 1.2 section 4.1). */
#pragma once

#include "core/config.h"
#include "core/loop.h"
#include "core/mmio.h"
#include "dev/msix.h"
#include "dev/pci.h"
#include "dev/virtio.h"

struct virtio_pci;

/* The interrupts of a queue that the kernel serves. */
struct virtio_pci_call {
	struct loop_request request; /* first: done() hands us this */
	struct virtio_pci *pci;
	int fd; /* -1: the queue is ours */
	int kick; /* that notifications signal */
	unsigned placed; /* where: see virtio_pci_calls.c */
	int polled; /* the loop waits for it, for INTx */
};

struct virtio_pci {
	struct pci_function function; /* first: pci.c hands us this */
	struct msix msix;
	struct virtio_device *device;
	uint32_t features_word;
	uint32_t accept_word;
	uint16_t config_vector;
	uint16_t vectors[VIRTIO_MAX_QUEUES];
	struct virtio_pci_call calls[VIRTIO_MAX_QUEUES];
	unsigned window; /* offset of the PCI_CFG capability */
	int master; /* the guest lets the function access memory */
};

/* Makes the device a function of its partition's virtio bus. */
void virtio_pci_init(struct virtio_device *device,
		     const struct config_device *row);

/* Where its driver notifies queue q: modern, and transitional or 0. */
uint64_t virtio_pci_notify_gpa(const struct virtio_pci *pci, unsigned q);
uint64_t virtio_pci_legacy_notify_gpa(const struct virtio_pci *pci);

/* Interrupts the driver for a queue. */
void virtio_pci_interrupt(struct virtio_device *device, unsigned q);

/* bind() and unbind() of struct virtio_transport_ops. */
void virtio_pci_bind(struct virtio_device *device, unsigned q, int kick,
		     int call);
void virtio_pci_unbind(struct virtio_device *device, unsigned q, int kick);
/* MSI-X or decode was switched, or a queue got another vector. */
void virtio_pci_rebind(struct virtio_pci *pci);
void virtio_pci_init_calls(struct virtio_pci *pci);

/* The interrupt status, which is cleared by being read. */
uint32_t virtio_pci_read_isr(struct virtio_pci *pci);
/* A vector as the guest wrote it, or MSIX_NO_VECTOR if there is no such. */
uint16_t virtio_pci_check_vector(const struct virtio_pci *pci, uint32_t vector);
/* The driver gives the selected queue, if there is one, a vector: any value. */
void virtio_pci_set_queue_vector(struct virtio_pci *pci, uint32_t vector);
/* Reads of the device's own configuration; 0 beyond its end. */
uint64_t virtio_pci_read_device(const struct virtio_pci *pci, uint64_t offset,
				unsigned size);

/* The common configuration structure (section 4.1.4.3). */
void virtio_pci_common_access(struct virtio_pci *pci,
			      struct mmio_access *access);
/* The I/O BAR of a transitional function (section 4.1.4.10). */
void virtio_pci_legacy_access(void *ctx, struct mmio_access *access);
