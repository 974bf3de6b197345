/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VIRTIO_F_RING_RESET (virtio 1.2, 2.6.1 and 4.1.4.3): one queue is taken
 * back and set up again while the device goes on. Where the feature is not
 * offered, its register must do nothing.
 */
#include "arm.h"
#include "check.h"
#include "pcialive.h"
#include "say.h"
#include "viopci.h"

static struct vdev *const blk = &pci_blk;
static struct blk req;
static uint8_t buf[SECTOR];

static uint64_t reset_register(void)
{
	return blk->base + COMMON_QUEUE_RESET;
}

/* The register lies inside of the structure, and the bit is negotiated. */
static bool offered(void)
{
	return (vdev_offered(blk) & VIRTIO_F_RING_RESET) != 0 &&
	       blk->pci->common.length >= COMMON_QUEUE_RESET + 2;
}

static int not_negotiated(void)
{
	MUST(vdev_start(blk, 0, 16));
	if (blk->pci->common.length < COMMON_QUEUE_RESET + 2) {
		return 0;
	}
	mmio_write16(reset_register(), 1);
	MUST(mmio_read16(blk->base + COMMON_QUEUE_ENABLE) == 1);
	return blk_answers(blk);
}

static int reset_queue(void)
{
	uint64_t end = counter() + counter_ms(3000);

	mmio_write16(blk->base + COMMON_QUEUE_SEL, 0);
	mmio_write16(reset_register(), 1);
	while (mmio_read16(reset_register()) != 0) {
		MUST(counter() < end);
	}
	MUST(mmio_read16(blk->base + COMMON_QUEUE_ENABLE) == 0);
	return 0;
}

/* With another size and place each time. */
static int reset_and_enable(void)
{
	if (!offered()) {
		say("  not offered\n");
		return 0;
	}
	MUST(vdev_start(blk, VIRTIO_F_RING_RESET, 16));
	for (uint16_t num = 4; num <= 64; num *= 2) {
		MUST_PASS(blk_answers(blk));
		MUST_PASS(reset_queue());
		MUST(mmio_read8(blk->base + COMMON_STATUS) == 0xf);
		vdev_place(blk, num);
		MUST(vdev_queue(blk));
	}
	return blk_answers(blk);
}

/* Nothing is written after the register reads 0. */
static int reset_in_flight(void)
{
	if (!offered()) {
		return 0;
	}
	for (unsigned int i = 0; i < 100; i++) {
		MUST(vdev_start(blk, VIRTIO_F_RING_RESET |
				     VIRTIO_BLK_F_FLUSH, 16));
		blk_chain(blk, &req, VIRTIO_BLK_T_FLUSH, 0, NULL, 0);
		vq_push(blk, 0);
		vq_kick(blk);
		MUST_PASS(reset_queue());
		req.status = 0xc5;
		memset((void *)blk->q.used, 0xc5, 128);
		delay_us(i % 10 == 0 ? 2000 : 0);
		MUST(req.status == 0xc5);
		MUST(blk->q.used->idx == 0xc5c5);
	}
	return 0;
}

static int notify_while_reset(void)
{
	if (!offered()) {
		return 0;
	}
	MUST(vdev_start(blk, VIRTIO_F_RING_RESET, 16));
	MUST_PASS(reset_queue());
	blk_chain(blk, &req, VIRTIO_BLK_T_IN, 9, buf, SECTOR);
	vq_push(blk, 0);
	vq_kick(blk);
	delay_us(20000);
	MUST(req.status == BLK_PENDING);
	/* Twice, and of queues that are not there */
	MUST_PASS(reset_queue());
	mmio_write16(blk->base + COMMON_QUEUE_SEL, 0xffff);
	mmio_write16(reset_register(), 1);
	mmio_write16(blk->base + COMMON_QUEUE_SEL, 0);
	mmio_write16(reset_register(), 0xfffe);
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "ring_reset_not_negotiated", not_negotiated },
		{ "ring_reset_and_enable", reset_and_enable },
		{ "ring_reset_in_flight", reset_in_flight },
		{ "ring_reset_notify", notify_while_reset },
	};

	MUST_PASS(pci_setup());
	return run_cases(cases, NELEM(cases), pci_alive);
}
