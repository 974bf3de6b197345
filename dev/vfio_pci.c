/* SPDX-License-Identifier: Apache-2.0 */
/* PCI functions of the host: set-up, the board's facts, resets. */
#include "dev/vfio_pci.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/pci_regs.h>
#include <linux/poll.h>
#include <linux/vfio.h>

#include "core/log.h"
#include "core/vcpu.h"

static struct vfio_pci functions[CONFIG_MAX_VFIO_PCI];
static unsigned function_count;

/* -- The board's facts --------------------------------------------------- */

static void check_ids(const struct vfio_pci *pci)
{
	uint64_t ids = vfio_read(&pci->device, &pci->config, PCI_VENDOR_ID, 4);
	unsigned vendor = ids & 0xffff;
	unsigned device = ids >> 16 & 0xffff;

	if (vendor != pci->facts->vendor || device != pci->facts->device) {
		vfio_refuse(&pci->device,
			    "it is %04x:%04x, but the board header says "
			    "%04x:%04x; correct BOARD_PCI_FUNCTIONS",
			    vendor, device, pci->facts->vendor,
			    pci->facts->device);
	}
}

static void check_bars(const struct vfio_pci *pci)
{
	unsigned bar;

	for (bar = 0; bar < PCI_ROM; bar++) {
		uint64_t size = pci->bars[bar].region.size;

		if (size != pci->facts->bars[bar]) {
			vfio_refuse(&pci->device,
				    "BAR %u has 0x%llx bytes, but the board "
				    "header says 0x%llx; correct "
				    "BOARD_PCI_FUNCTIONS",
				    bar, (unsigned long long)size,
				    (unsigned long long)pci->facts->bars[bar]);
		}
	}
}

static void check_vectors(const struct vfio_pci *pci)
{
	unsigned vectors =
		vfio_interrupts(&pci->device, VFIO_PCI_MSIX_IRQ_INDEX).count;

	if (vectors != pci->facts->vectors) {
		vfio_refuse(&pci->device,
			    "it has %u MSI-X vectors, but the board header "
			    "says %u; correct BOARD_PCI_FUNCTIONS",
			    vectors, pci->facts->vectors);
	}
}

/* -- Reset --------------------------------------------------------------- */

static void first_reset(struct vfio_pci *pci)
{
	long ret = vfio_reset(&pci->device);

	if (ret < 0 && pci->device.can_reset) {
		vfio_refuse(&pci->device,
			    "it cannot be reset (%ld); power-cycle the board",
			    ret);
	}
	pci->has_reset = ret >= 0;
	if (ret < 0) {
		log_line("%s: host device %s: has no reset; it starts as its "
			 "last owner left it",
			 pci->device.name, pci->device.host);
	}
	vfio_pci_allow(pci, 0, 0);
}

void vfio_pci_function_reset(struct vfio_pci *pci)
{
	long ret;

	vfio_pci_irq_reset(pci);
	vfio_pci_config_reset(pci);
	vfio_pci_bars_update(pci);
	vfio_pci_allow(pci, 0, 0);
	if (!pci->has_reset) {
		return;
	}
	ret = vfio_reset(&pci->device);
	if (ret < 0) {
		log_guest("%s: reset failed (%ld)", pci->device.name, ret);
	}
	vfio_pci_allow(pci, 0, 0);
}

void vfio_pci_stop(void)
{
	unsigned i;

	for (i = 0; i < function_count; i++) {
		vfio_pci_function_reset(&functions[i]);
	}
}

/* -- Trouble ------------------------------------------------------------- */

/* The function is of no use any more, and its guest cannot go on with it. */
static void on_trouble(struct loop_request *request, int result)
{
	const struct vfio_pci *pci = ((struct vfio_pci_trouble *)request)->pci;

	(void)result;
	log_line("%s: host device %s: failed, or is wanted back by the host; "
		 "the guest ends",
		 pci->device.name, pci->device.host);
	vcpu_stop(EXIT_VFIO);
}

static void watch_trouble(struct vfio_pci *pci)
{
	static const unsigned indices[] = { VFIO_PCI_ERR_IRQ_INDEX,
					    VFIO_PCI_REQ_IRQ_INDEX };
	unsigned i;

	pci->trouble.pci = pci;
	pci->trouble.request.done = on_trouble;
	pci->trouble.fd = vfio_eventfd();
	for (i = 0; i < 2; i++) {
		/* Functions without error reporting have no such interrupt. */
		if (pci->trouble.fd < 0 ||
		    (vfio_interrupts(&pci->device, indices[i]).count > 0 &&
		     vfio_signal(&pci->device, indices[i], 0, 1,
				 &pci->trouble.fd) != 0)) {
			vfio_refuse(&pci->device, "cannot hear of its errors; "
						  "raise the limit of open "
						  "files");
		}
	}
	loop_poll(&pci->trouble.request, pci->trouble.fd, POLLIN);
}

/* -- Set-up -------------------------------------------------------------- */

void vfio_pci_init(const struct config_device *row)
{
	struct vfio_pci *pci = &functions[function_count];

	BUG_ON(function_count == CONFIG_MAX_VFIO_PCI);
	pci->facts = row->function;
	vfio_open(&pci->device, row->name, "pci", row->function->host);
	if (!pci->device.isolated) {
		vfio_refuse(&pci->device, "no IOMMU isolates it; PCI functions "
					  "need one, also on boards with "
					  "BOARD_UNSAFE_DMA");
	}
	pci->index = function_count++;
	vfio_region(&pci->device, VFIO_PCI_CONFIG_REGION_INDEX, &pci->config);
	check_ids(pci);
	first_reset(pci);
	pci->function.bus = PCI_BUS_HOST;
	pci->function.slot = (uint8_t)row->gpa;
	vfio_pci_bars_init(pci);
	check_bars(pci);
	check_vectors(pci);
	vfio_pci_config_init(pci);
	vfio_pci_irq_init(pci);
	vfio_pci_bars_map(pci);
	watch_trouble(pci);
}
