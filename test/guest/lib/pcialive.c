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

void pci_others_quiet(const struct vdev *d)
{
	for (unsigned int i = 0; i < NELEM(all); i++) {
		if (all[i] != d) {
			vdev_reset(all[i]);
		}
	}
}

static unsigned int queue_taken;
unsigned int msix_config_taken;

int msix_begin(void)
{
	struct vpci *p = pci_blk.pci;

	pci_others_quiet(&pci_blk);
	pci_enable(p->fn, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	MUST(vdev_start(&pci_blk, VIRTIO_BLK_F_FLUSH, 16));
	MUST(vpci_use_msix(p));
	MUST(mmio_read16(p->common.at + COMMON_CONFIG_VECTOR) == 0);
	MUST(mmio_read16(p->common.at + COMMON_QUEUE_VECTOR) == 1);
	delay_us(1000);
	queue_taken = msi_taken(&p->queue_msi);
	msix_config_taken = msi_taken(&p->config_msi);
	return 0;
}

int msix_messages(unsigned int count)
{
	queue_taken += count;
	if (count == 0) {
		delay_us(20000);
	}
	MUST(msi_wait(&pci_blk.pci->queue_msi, queue_taken));
	MUST(msi_taken(&pci_blk.pci->config_msi) == msix_config_taken);
	return 0;
}
