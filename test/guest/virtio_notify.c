/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notifications in both directions (virtio 1.2, 2.7.7 to 2.7.10): interrupts,
 * their suppression by flag and by event index, and when to kick.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "say.h"
#include "vblk.h"

static struct vdev blk;
static uint8_t buf[SECTOR] __attribute__((aligned(16)));
static struct blk req;

static bool interrupted(unsigned int count)
{
	uint64_t end = counter() + counter_ms(3000);

	while (vdev_interrupts(&blk) < count && counter() < end) {
		irq_take();
	}
	return vdev_interrupts(&blk) == count;
}

static int interrupt(void)
{
	unsigned int before = vdev_interrupts(&blk);

	MUST(vdev_start(&blk, 0, 16));
	vdev_irq_enable(&blk);
	for (unsigned int i = 1; i <= 50; i++) {
		MUST_PASS(blk_answers(&blk));
		/* On PCI reading it is the acknowledgement. */
		MUST(TRANSPORT_IS_PCI ||
		     (vdev_read(&blk, VIRTIO_MMIO_INTERRUPT_STATUS) &
		      VIRTIO_MMIO_INT_VRING) != 0);
		MUST(interrupted(before + i));
		/* With MSI-X it may say anything (4.1.4.5.1). */
		MUST(TRANSPORT_IS_MSIX ||
		     vdev_read(&blk, VIRTIO_MMIO_INTERRUPT_STATUS) == 0);
	}
	return 0;
}

static int no_interrupt_flag(void)
{
	unsigned int before = vdev_interrupts(&blk);

	MUST(vdev_start(&blk, 0, 16));
	vdev_irq_enable(&blk);
	blk.q.avail->flags = VIRTQ_AVAIL_F_NO_INTERRUPT;
	for (unsigned int i = 0; i < 20; i++) {
		MUST_PASS(blk_answers(&blk));
		irq_take();
	}
	delay_us(5000);
	irq_take();
	MUST(vdev_interrupts(&blk) == before);
	blk.q.avail->flags = 0;
	MUST_PASS(blk_answers(&blk));
	MUST(interrupted(before + 1));
	return 0;
}

static volatile uint16_t *used_event(void)
{
	return &blk.q.avail->ring[blk.q.num];
}

/* The device interrupts when it passes used_event, and only then. */
static int event_idx(void)
{
	unsigned int before = vdev_interrupts(&blk);

	MUST(vdev_start(&blk, VIRTIO_F_EVENT_IDX, 16));
	MUST((blk.features & VIRTIO_F_EVENT_IDX) != 0);
	vdev_irq_enable(&blk);
	*used_event() = 9;
	for (unsigned int i = 0; i < 9; i++) {
		MUST_PASS(blk_answers(&blk));
		irq_take();
	}
	delay_us(5000);
	irq_take();
	/* 2.7.7.2 says SHOULD NOT: one to start with is forgiven. */
	MUST(vdev_interrupts(&blk) <= before + 1);
	before = vdev_interrupts(&blk);
	MUST_PASS(blk_answers(&blk));
	MUST(interrupted(before + 1));
	MUST_PASS(blk_answers(&blk));
	delay_us(5000);
	irq_take();
	MUST(vdev_interrupts(&blk) == before + 1);
	*used_event() = vq_used_idx(&blk);
	MUST_PASS(blk_answers(&blk));
	MUST(interrupted(before + 2));
	return 0;
}

/* A driver may skip the kick when avail_event says so, and never hangs. */
static int avail_event(void)
{
	volatile uint16_t *event;
	unsigned int kicks = 0;

	MUST(vdev_start(&blk, VIRTIO_F_EVENT_IDX, 16));
	event = (volatile uint16_t *)&blk.q.used->ring[blk.q.num];
	for (unsigned int i = 0; i < 200; i++) {
		uint16_t old = blk.q.avail->idx;

		memset(buf, 0, SECTOR);
		blk_chain(&blk, &req, VIRTIO_BLK_T_IN, i, buf, SECTOR);
		vq_push(&blk, 0);
		if ((uint16_t)(old + 1 - *event - 1) < 1) {
			vq_kick(&blk);
			kicks++;
		}
		MUST(vq_wait(&blk, old + 1));
		MUST(req.status == VIRTIO_BLK_S_OK);
		MUST(blk_match(buf, i, 1));
	}
	say("  %u kicks for 200 requests\n", kicks);
	return 0;
}

/*
 * A whole ring in one kick leaves no moment at which the device found nothing
 * more: it must ask for the next notification all the same.
 */
static int avail_event_full_ring(void)
{
	static struct blk flushes[16];
	static struct virtq_desc tables[16][2] __attribute__((aligned(16)));
	volatile uint16_t *event;

	MUST(vdev_start(&blk, VIRTIO_F_EVENT_IDX | VIRTIO_F_INDIRECT_DESC |
			VIRTIO_BLK_F_FLUSH, 16));
	event = (volatile uint16_t *)&blk.q.used->ring[blk.q.num];
	for (uint16_t round = 1; round <= 20; round++) {
		uint16_t old = blk.q.avail->idx;

		for (uint16_t i = 0; i < 16; i++) {
			flushes[i].req = (struct virtio_blk_req){
				.type = VIRTIO_BLK_T_FLUSH };
			tables[i][0] = (struct virtq_desc){
				(uintptr_t)&flushes[i].req, 16, 1, 1 };
			tables[i][1] = (struct virtq_desc){
				(uintptr_t)&flushes[i].status, 1, 2, 0 };
			vq_desc(&blk, i, tables[i], 32, VIRTQ_DESC_F_INDIRECT,
				0);
			vq_push(&blk, i);
		}
		/* 2.7.7.1: notify if these 16 passed avail_event. */
		if ((uint16_t)(old + 16 - *event - 1) < 16) {
			vq_kick(&blk);
		}
		MUST(vq_wait(&blk, round * 16));
	}
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "blk_interrupt", interrupt },
		{ "blk_no_interrupt_flag", no_interrupt_flag },
		{ "blk_event_idx", event_idx },
		{ "blk_avail_event", avail_event },
		{ "blk_avail_event_full_ring", avail_event_full_ring },
	};

	MUST_PASS(blk_setup(&blk));
	return run_cases(cases, NELEM(cases), blk_after_case);
}
