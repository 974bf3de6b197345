/* SPDX-License-Identifier: Apache-2.0 */
/* Start each function and ask it for something. */
#include "pcialive.h"

#include "arm.h"
#include "check.h"
#include "viopci.h"

struct vdev pci_blk, pci_rng, pci_ro, pci_transitional, pci_other;

static struct vdev *const all[] = {
	[SLOT_BLK] = &pci_blk, [SLOT_RNG] = &pci_rng, [SLOT_BLK_RO] = &pci_ro,
	[SLOT_BLK_LEGACY] = &pci_transitional, [SLOT_BLK_OTHER] = &pci_other,
};

int rng_answers(struct vdev *d)
{
	static uint8_t buf[64];
	uint16_t idx = vq_used_idx(d) + 1;

	vq_desc(d, 0, buf, sizeof(buf), VIRTQ_DESC_F_WRITE, 0);
	vq_push(d, 0);
	vq_kick(d);
	MUST(vq_wait(d, idx));
	MUST(!vdev_broken(d));
	return 0;
}

static int alive(unsigned int slot)
{
	struct vdev *d = all[slot];

	pci_enable(d->pci->fn, PCI_COMMAND_IO | PCI_COMMAND_MEMORY |
			       PCI_COMMAND_MASTER);
	if (slot != SLOT_RNG) {
		return blk_alive(d);
	}
	MUST(vdev_start(d, 0, 8));
	return rng_answers(d);
}

int pci_setup(void)
{
	for (unsigned int i = 0; i < NELEM(all); i++) {
		MUST(vdev_find_pci(all[i], i, i == SLOT_RNG ?
				   VIRTIO_ID_ENTROPY : VIRTIO_ID_BLOCK));
	}
	return pci_alive();
}

int pci_alive(void)
{
	for (unsigned int i = 0; i < NELEM(all); i++) {
		MUST_PASS(alive(i));
	}
	return 0;
}

int pci_function_alive(const struct pci_fn *f)
{
	for (unsigned int i = 0; i < NELEM(all); i++) {
		if (all[i]->pci->fn == f) {
			MUST_PASS(alive(i));
		}
	}
	return 0;
}
