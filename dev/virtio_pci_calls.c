/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Queues that the kernel serves, on PCI. With MSI-X their interrupts never
 * reach us; for INTx, whose status register is ours, the loop waits for them.
 */
#include <linux/pci_regs.h>
#include <linux/poll.h>

#include "core/mmio.h"
#include "dev/virtio_pci.h"

/* Places of notifications: where they signal, if the BAR is decoded. */
#define AT_MODERN 1u
#define AT_LEGACY 2u

static void on_call(struct loop_request *request, int result);

/* -- Notifications ------------------------------------------------------- */

static unsigned places(const struct virtio_pci *pci)
{
	unsigned at = 0;

	if (pci_command(&pci->function, PCI_COMMAND_MEMORY)) {
		at |= AT_MODERN;
	}
	if (pci_command(&pci->function, PCI_COMMAND_IO) &&
	    virtio_pci_legacy_notify_gpa(pci) != 0) {
		at |= AT_LEGACY;
	}
	return at;
}

static void place(struct virtio_pci *pci, unsigned q, unsigned at)
{
	struct virtio_pci_call *call = &pci->calls[q];
	unsigned changed = at ^ call->placed;

	if ((changed & AT_MODERN) != 0) {
		(at & AT_MODERN ? mmio_bind :
				  mmio_unbind)(virtio_pci_notify_gpa(pci, q), 0,
					       0, call->kick);
	}
	if ((changed & AT_LEGACY) != 0) {
		(at & AT_LEGACY ? mmio_bind : mmio_unbind)(
			virtio_pci_legacy_notify_gpa(pci), 2, q, call->kick);
	}
	call->placed = at;
}

/* -- Interrupts ---------------------------------------------------------- */

/* True if it is us who must turn the eventfd into an interrupt. */
static int needs_poll(const struct virtio_pci_call *call)
{
	return call->fd >= 0 && !call->pci->msix.msi.enabled;
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

	place(pci, q, places(pci));
	if (call->fd >= 0 && pci->msix.msi.enabled &&
	    pci->vectors[q] != MSIX_NO_VECTOR) {
		msi_attach(&pci->msix.msi, q, pci->vectors[q], call->fd);
	} else {
		msi_detach(&pci->msix.msi, q);
		poll_if_needed(call);
	}
}

/* -- Both ---------------------------------------------------------------- */

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

	pci->calls[q].fd = call;
	pci->calls[q].kick = kick;
	connect(pci, q);
}

void virtio_pci_unbind(struct virtio_device *device, unsigned q, int kick)
{
	struct virtio_pci *pci = device->transport_state;
	struct virtio_pci_call *call = &pci->calls[q];

	(void)kick;
	place(pci, q, 0);
	msi_detach(&pci->msix.msi, q);
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
