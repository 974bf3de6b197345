/* SPDX-License-Identifier: Apache-2.0 */
/* What the functions of the host have in common, and all of them at once. */
#include "cards.h"

#include "arm.h"
#include "check.h"
#include "edu.h"
#include "nvme.h"
#include "vblk.h"
#include "viopci.h"

#define CAP_PM		0x01
#define CAP_MSI		0x05
#define EACH		2u	/* of a kind, at most */

static struct edu edus[EACH];
static struct nvme nvmes[EACH];
static unsigned int edu_count, nvme_count;
static struct vdev own, card;

const struct pci_fn *card_find(uint32_t id, unsigned int n)
{
	const struct pci_fn *f;

	pci_init();
	for (unsigned int i = 0; (f = pci_fn(i)) != NULL; i++) {
		if (pci_read(f, PCI_VENDOR_ID, 4) == id && n-- == 0) {
			return f;
		}
	}
	return NULL;
}

static void clear(const struct pci_fn *f, unsigned int id, unsigned int at)
{
	unsigned int cap = pci_cap(f, id, 0);

	if (cap != 0) {
		pci_write(f, cap + at, 2, 0);
	}
}

void card_on(const struct pci_fn *f)
{
	clear(f, CAP_PM, 4);
	clear(f, CAP_MSI, 2);
	clear(f, PCI_CAP_ID_MSIX, 2);
	pci_write(f, PCI_COMMAND, 2, PCI_COMMAND_INTX_OFF);
	pci_write(f, PCI_ROM, 4, 0);
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		const struct pci_bar *bar = &f->bar[i];

		if (bar->size == 0) {
			continue;
		}
		pci_write(f, PCI_BAR(i), 4, (uint32_t)bar->pci);
		if (bar->wide) {
			pci_write(f, PCI_BAR(i) + 4, 4,
				  (uint32_t)(bar->pci >> 32));
		}
	}
	pci_write(f, PCI_COMMAND, 2, PCI_COMMAND_INTX_OFF |
		  PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

int cards_setup(void)
{
	while (edu_count < EACH && edu_find(&edus[edu_count], edu_count)) {
		edu_count++;
	}
	while (nvme_count < EACH && nvme_find(&nvmes[nvme_count],
					      nvme_count)) {
		nvme_count++;
	}
	MUST(edu_count >= 1 && nvme_count >= 1);
	MUST(vdev_find(&own, SLOT_BLK, VIRTIO_ID_BLOCK));
	/* Not the transitional one, which is vfio_layout's alone. */
	if (card_find(CARD_VBLK, 0) != NULL) {
		MUST(vdev_find_pci(&card, SLOT_BLK, VIRTIO_ID_BLOCK));
		card.slot = SLOT_BLK_OTHER;	/* rings of its own */
	}
	return cards_alive();
}

int cards_alive(void)
{
	for (unsigned int i = 0; i < edu_count; i++) {
		edu_on(&edus[i]);
		MUST_PASS(edu_alive(&edus[i]));
	}
	for (unsigned int i = 0; i < nvme_count; i++) {
		MUST_PASS(nvme_alive(&nvmes[i]));
	}
	if (card.pci != NULL) {
		card_on(card.pci->fn);
		MUST_PASS(blk_alive(&card));
	}
	return blk_alive(&own);
}
