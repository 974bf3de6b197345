/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Queues that the kernel serves, on PCI. With MSI-X their interrupts never
 * reach us; for INTx, whose status register is ours, the loop waits for them.
 */
#include <linux/poll.h>

#include "core/mmio.h"
#include "dev/virtio_pci.h"

static void on_call(struct loop_request *request, int result);

/* True if it is us who must turn the eventfd into an interrupt. */
static int needs_poll(const struct virtio_pci_call *call)
{
	return call->fd >= 0 && !msix_enabled(&call->pci->msix);
}

static void poll_if_needed(struct virtio_pci_call *call)
{
	if (needs_poll(call) && !call->polled) {
		call->polled = 1;
		loop_poll(&call->request, call->fd, POLLIN);
	}
}

static void on_call(struct loop_request *request, int result)
{
	struct virtio_pci_call *call = (struct virtio_pci_call *)request;
	struct virtio_pci *pci = call->pci;
	uint64_t count;

	(void)result; /* cancelled, or not: the eventfd knows */
	call->polled = 0;
	if (needs_poll(call) && sys_read(call->fd, &count, sizeof(count)) > 0) {
		virtio_pci_interrupt(pci->device,
				     (unsigned)(call - pci->calls));
	}
	poll_if_needed(call);
}

static void connect(struct virtio_pci *pci, unsigned q)
{
	struct virtio_pci_call *call = &pci->calls[q];

	if (call->fd >= 0 && msix_enabled(&pci->msix) &&
	    pci->vectors[q] != MSIX_NO_VECTOR) {
		msix_attach(&pci->msix, q, pci->vectors[q], call->fd);
	} else {
		msix_detach(&pci->msix, q);
		poll_if_needed(call);
	}
}

void virtio_pci_rebind(struct virtio_pci *pci)
{
	unsigned q;

	for (q = 0; q < VIRTIO_MAX_QUEUES; q++) {
		if (pci->calls[q].fd >= 0) {
			connect(pci, q);
		}
	}
}

void virtio_pci_bind(struct virtio_device *device, unsigned q, int kick,
		     int call)
{
	struct virtio_pci *pci = device->transport_state;
	uint64_t legacy = virtio_pci_legacy_notify_gpa(pci);

	mmio_bind(virtio_pci_notify_gpa(pci, q), 0, 0, kick);
	if (legacy != 0) {
		mmio_bind(legacy, 2, q, kick);
	}
	pci->calls[q].fd = call;
	connect(pci, q);
}

void virtio_pci_unbind(struct virtio_device *device, unsigned q, int kick)
{
	struct virtio_pci *pci = device->transport_state;
	struct virtio_pci_call *call = &pci->calls[q];
	uint64_t legacy = virtio_pci_legacy_notify_gpa(pci);

	mmio_unbind(virtio_pci_notify_gpa(pci, q), 0, 0, kick);
	if (legacy != 0) {
		mmio_unbind(legacy, 2, q, kick);
	}
	msix_detach(&pci->msix, q);
	call->fd = -1;
	if (call->polled) {
		loop_cancel(&call->request);
	}
}

void virtio_pci_init_calls(struct virtio_pci *pci)
{
	unsigned q;

	for (q = 0; q < VIRTIO_MAX_QUEUES; q++) {
		pci->calls[q].request.done = on_call;
		pci->calls[q].pci = pci;
		pci->calls[q].fd = -1;
	}
}
