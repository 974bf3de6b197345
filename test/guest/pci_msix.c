/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSI-X of a virtio function: delivery, masks and pending bits (PCI Local Bus
 * 3.0, 6.8.2), vectors rewritten and vectors that do not exist (M47).
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "pcialive.h"
#include "say.h"
#include "viopci.h"

static struct vdev *const blk = &pci_blk;
static struct msix *x;		/* of blk */
static struct msi spare;
static struct blk req;

/* ---- delivery ---- */

static int delivery(void)
{
	unsigned int intx = pci_intx(blk->pci->fn);

	MUST_PASS(msix_begin());
	for (unsigned int i = 0; i < 50; i++) {
		MUST_PASS(blk_answers(blk));
		MUST_PASS(msix_messages(1));
	}
	/* 6.8.2: no INTx while MSI-X is enabled. */
	MUST(intx == 0 || !gic_pending(intx));
	MUST((pci_read(blk->pci->fn, PCI_STATUS, 2) &
	      PCI_STATUS_INTERRUPT) == 0);
	return msix_messages(0);
}

static int config_vector(void)
{
	MUST_PASS(msix_begin());
	vq_push(blk, 0xffff);
	vq_kick(blk);
	msix_config_taken++;
	MUST(msi_wait(&blk->pci->config_msi, msix_config_taken));
	MUST(vdev_broken(blk));
	return 0;
}

static int enable_disable(void)
{
	unsigned int intx = pci_intx(blk->pci->fn);

	MUST_PASS(msix_begin());
	for (unsigned int i = 0; i < 20; i++) {
		msix_control(x, 0);
		MUST_PASS(blk_answers(blk));
		delay_us(1000);
		MUST_PASS(msix_messages(0));
		/* INTx has it now; reading ISR withdraws it. */
		MUST(intx == 0 || gic_pending(intx));
		MUST((mmio_read8(blk->pci->isr.at) & 1) != 0);
		MUST(intx == 0 || !gic_pending(intx));
		msix_control(x, MSIX_CONTROL_ENABLE);
		MUST_PASS(msix_messages(0));
		MUST_PASS(blk_answers(blk));
		MUST_PASS(msix_messages(1));
		(void)mmio_read8(blk->pci->isr.at);
	}
	return 0;
}

/* ---- masks and pending bits ---- */

static int held_back(unsigned int requests)
{
	for (unsigned int i = 0; i < requests; i++) {
		MUST_PASS(blk_answers(blk));
	}
	MUST_PASS(msix_messages(0));
	MUST(msix_pending(x, 1));
	MUST(!msix_pending(x, 0));
	return 0;
}

static int function_mask(void)
{
	MUST_PASS(msix_begin());
	for (unsigned int i = 1; i <= 3; i++) {
		msix_control(x, MSIX_CONTROL_ENABLE | MSIX_CONTROL_MASK);
		MUST_PASS(msix_messages(0));
		MUST(!msix_pending(x, 1));
		MUST_PASS(held_back(i));
		msix_control(x, MSIX_CONTROL_ENABLE);
		MUST_PASS(msix_messages(1));
		MUST(!msix_pending(x, 1));
	}
	return msix_messages(0);
}

static int vector_mask(void)
{
	MUST_PASS(msix_begin());
	for (unsigned int i = 1; i <= 3; i++) {
		msix_mask(x, 1, true);
		MUST(msix_read(x, 1, MSIX_VECTOR_CONTROL) == 1);
		MUST_PASS(held_back(i));
		/* The other vector's mask has nothing to do with it. */
		msix_mask(x, 0, true);
		msix_mask(x, 0, false);
		MUST_PASS(msix_messages(0));
		msix_mask(x, 1, false);
		MUST_PASS(msix_messages(1));
		MUST(!msix_pending(x, 1));
	}
	return msix_messages(0);
}

/* Only what both masks let through comes through. */
static int both_masks(void)
{
	MUST_PASS(msix_begin());
	msix_mask(x, 1, true);
	msix_control(x, MSIX_CONTROL_ENABLE | MSIX_CONTROL_MASK);
	MUST_PASS(held_back(1));
	msix_control(x, MSIX_CONTROL_ENABLE);
	MUST_PASS(msix_messages(0));
	MUST(msix_pending(x, 1));
	msix_control(x, MSIX_CONTROL_ENABLE | MSIX_CONTROL_MASK);
	msix_mask(x, 1, false);
	MUST_PASS(msix_messages(0));
	MUST(msix_pending(x, 1));
	msix_control(x, MSIX_CONTROL_ENABLE);
	return msix_messages(1);
}

/* Software must not write it, so that nothing may come of it. */
static int pending_is_read_only(void)
{
	MUST_PASS(msix_begin());
	mmio_write32(x->pba, ~0u);
	mmio_write32(x->pba + 4, ~0u);
	MUST(!msix_pending(x, 0) && !msix_pending(x, 1));
	msix_mask(x, 1, true);
	MUST_PASS(held_back(1));
	mmio_write32(x->pba, 0);
	MUST(msix_pending(x, 1));
	msix_mask(x, 1, false);
	return msix_messages(1);
}

static int mask_storm(void)
{
	unsigned int count = 0;
	unsigned int before, all;

	MUST_PASS(msix_begin());
	before = msi_taken(&blk->pci->queue_msi);
	for (unsigned int i = 0; i < 1000; i++) {
		if (i % 8 == 0) {
			blk_chain(blk, &req, VIRTIO_BLK_T_FLUSH, 0, NULL, 0);
			vq_push(blk, 0);
			vq_kick(blk);
			count++;
		}
		msix_mask(x, 1, true);
		msix_mask(x, 1, false);
		if (i % 8 == 7) {
			MUST(vq_wait(blk, (uint16_t)count));
		}
	}
	delay_us(20000);
	all = msi_taken(&blk->pci->queue_msi) - before;
	say("  %u messages for %u requests\n", all, count);
	MUST(all >= 1 && all <= count);
	MUST(!msix_pending(x, 1));
	return 0;
}

/* ---- vectors ---- */

/* Another message each time: masked as 6.8.2 wants it, and in one go. */
static int vector_rewritten(void)
{
	struct msi *queue = &blk->pci->queue_msi;
	unsigned int taken;

	MUST_PASS(msix_begin());
	taken = msi_taken(&spare);
	for (unsigned int i = 0; i < 20; i++) {
		msix_set(x, 1, &spare);
		MUST_PASS(blk_answers(blk));
		MUST(msi_wait(&spare, ++taken));
		MUST_PASS(msix_messages(0));
		msix_write(x, 1, MSIX_ADDR_LOW, (uint32_t)queue->addr);
		msix_write(x, 1, MSIX_DATA, queue->data);
		MUST_PASS(blk_answers(blk));
		MUST_PASS(msix_messages(1));
		MUST(msi_taken(&spare) == taken);
	}
	return 0;
}

/* What waits behind a mask goes where the entry says at unmasking. */
static int rewritten_while_pending(void)
{
	unsigned int taken;

	MUST_PASS(msix_begin());
	taken = msi_taken(&spare);
	msix_mask(x, 1, true);
	MUST_PASS(held_back(1));
	msix_set(x, 1, &spare);
	MUST(msi_wait(&spare, taken + 1));
	return msix_messages(0);
}

/* Queue and configuration on one vector; entry 0 for both, then on none. */
static int shared_and_none(void)
{
	MUST_PASS(msix_begin());
	mmio_write16(blk->base + COMMON_QUEUE_VECTOR, 0);
	MUST(mmio_read16(blk->base + COMMON_QUEUE_VECTOR) == 0);
	MUST_PASS(blk_answers(blk));
	msix_config_taken++;
	MUST(msi_wait(&blk->pci->config_msi, msix_config_taken));
	mmio_write16(blk->base + COMMON_QUEUE_VECTOR, VIRTIO_MSI_NO_VECTOR);
	MUST(mmio_read16(blk->base + COMMON_QUEUE_VECTOR) ==
	     VIRTIO_MSI_NO_VECTOR);
	MUST_PASS(blk_answers(blk));
	MUST_PASS(msix_messages(0));
	MUST(!msix_pending(x, 0) && !msix_pending(x, 1));
	mmio_write16(blk->base + COMMON_QUEUE_VECTOR, 1);
	MUST_PASS(blk_answers(blk));
	return msix_messages(1);
}

/* 4.1.5.1.2: a reset takes the vectors away. */
static int vectors_after_reset(void)
{
	MUST_PASS(msix_begin());
	vdev_reset(blk);
	MUST(mmio_read16(blk->base + COMMON_CONFIG_VECTOR) ==
	     VIRTIO_MSI_NO_VECTOR);
	MUST(mmio_read16(blk->base + COMMON_QUEUE_VECTOR) ==
	     VIRTIO_MSI_NO_VECTOR);
	return msix_messages(0);
}

static int refused(unsigned int reg, uint32_t vector)
{
	mmio_write16(blk->base + reg, 0);
	MUST(mmio_read16(blk->base + reg) == 0);
	mmio_write16(blk->base + reg, (uint16_t)vector);
	MUST(mmio_read16(blk->base + reg) == VIRTIO_MSI_NO_VECTOR);
	return 0;
}

static int m47_vector_out_of_range(void)
{
	uint32_t bad[] = { 0, 0, 0x7ff, 0x800, 0x8000, 0xfffe };

	MUST_PASS(msix_begin());
	bad[0] = x->count;
	bad[1] = x->count + 1;
	for (unsigned int i = 0; i < NELEM(bad); i++) {
		MUST_PASS(refused(COMMON_CONFIG_VECTOR, bad[i]));
		MUST_PASS(refused(COMMON_QUEUE_VECTOR, bad[i]));
		MUST_PASS(blk_answers(blk));
		MUST_PASS(msix_messages(0));
	}
	for (uint16_t v = 0; v < x->count; v++) {
		mmio_write16(blk->base + COMMON_QUEUE_VECTOR, v);
		MUST(mmio_read16(blk->base + COMMON_QUEUE_VECTOR) == v);
		mmio_write16(blk->base + COMMON_CONFIG_VECTOR, v);
		MUST(mmio_read16(blk->base + COMMON_CONFIG_VECTOR) == v);
	}
	return 0;
}

/* A queue that does not exist has no vector to be set. */
static int m47_vector_of_no_queue(void)
{
	static const uint16_t queues[] = { 1, 1024, 0x8000, 0xffff };

	MUST_PASS(msix_begin());
	for (unsigned int i = 0; i < NELEM(queues); i++) {
		mmio_write16(blk->base + COMMON_QUEUE_SEL, queues[i]);
		mmio_write16(blk->base + COMMON_QUEUE_VECTOR, 0);
		mmio_write16(blk->base + COMMON_QUEUE_SEL, 0);
		MUST(mmio_read16(blk->base + COMMON_QUEUE_VECTOR) == 1);
	}
	MUST_PASS(blk_answers(blk));
	return msix_messages(1);
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "msix_delivery", delivery },
		{ "msix_config_vector", config_vector },
		{ "msix_enable_disable", enable_disable },
		{ "msix_function_mask", function_mask },
		{ "msix_vector_mask", vector_mask },
		{ "msix_both_masks", both_masks },
		{ "msix_pending_is_read_only", pending_is_read_only },
		{ "msix_mask_storm", mask_storm },
		{ "msix_vector_rewritten", vector_rewritten },
		{ "msix_rewritten_while_pending", rewritten_while_pending },
		{ "msix_shared_and_none", shared_and_none },
		{ "msix_vectors_after_reset", vectors_after_reset },
		{ "m47_vector_out_of_range", m47_vector_out_of_range },
		{ "m47_vector_of_no_queue", m47_vector_of_no_queue },
	};

	gic_init();
	MUST_PASS(pci_setup());
	MUST_PASS(msix_begin());
	x = &blk->pci->msix;
	spare = msi_new(blk->pci->fn);
	MUST(spare.intid != 0);
	if (pci_intx(blk->pci->fn) != 0) {
		gic_set_edge(pci_intx(blk->pci->fn), false);
	}
	return run_cases(cases, NELEM(cases), pci_alive);
}
