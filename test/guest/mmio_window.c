/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lost wake-ups. REQUESTS asynchronous requests, each awaited in WFI with the
 * device's interrupt as wake source, while the distance between request, other
 * exits and WFI varies. A 5 s virtual timer is the watchdog: when it fires a
 * completion was posted and nobody woke the guest.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "say.h"
#include "tick.h"
#include "vblk.h"

#ifndef REQUESTS
#define REQUESTS 1000000
#endif
#define WATCHDOG_MS 5000

static struct vdev blk;
static struct vdev rng;
static struct blk req;
static uint8_t buf[SECTOR] __attribute__((aligned(4096)));

/* Between the kick and the sleep: nothing, some time, some exits. */
static void dither(void)
{
	uint32_t r = prng();

	if ((r & 1u << 28) != 0) {
		return;
	}
	for (uint32_t spin = r & 0x7ff; spin > 0; spin--) {
		__asm__ volatile("nop");
	}
	for (uint32_t exits = r >> 29; exits > 4; exits--) {
		(void)uart_read(UART_CELLID0);
	}
}

static bool sleep_until(const struct vdev *d, uint16_t idx)
{
	tick_start(WATCHDOG_MS);
	irq_mask();
	while (vq_used_idx(d) != idx) {
		if (tick_fired()) {
			return false;
		}
		wfi();
		irq_take();
	}
	return true;
}

static int lost(const struct vdev *d, unsigned int i, uint16_t idx)
{
	say("  request %u: used %u of %u, interrupt status %x, %u taken\n", i,
	    vq_used_idx(d), idx, vdev_read(d, VIRTIO_MMIO_INTERRUPT_STATUS),
	    vdev_interrupts(d));
	say("FAIL %s lost wake-up\n", guest_name);
	return __LINE__;
}

static const struct vdev *start_one(unsigned int i)
{
	if (i % 16 == 0) {
		vq_desc(&rng, 0, buf, 64, VIRTQ_DESC_F_WRITE, 0);
		vq_push(&rng, 0);
		vq_kick(&rng);
		return &rng;
	}
	/* Flushes never complete in the exit that started them. */
	if (i % 4 != 2) {
		blk_chain(&blk, &req, VIRTIO_BLK_T_FLUSH, 0, NULL, 0);
	} else {
		blk_chain(&blk, &req, VIRTIO_BLK_T_IN, i % DISK_SECTORS, buf,
			  SECTOR);
	}
	vq_push(&blk, 0);
	vq_kick(&blk);
	return &blk;
}

int main(void)
{
	MUST_PASS(blk_setup(&blk));
	MUST(vdev_find(&rng, SLOT_RNG, VIRTIO_ID_ENTROPY));
	MUST(vdev_start(&rng, 0, 8));
	MUST(vdev_start(&blk, VIRTIO_BLK_F_FLUSH, 16));
	vdev_irq_enable(&blk);
	vdev_irq_enable(&rng);
	for (unsigned int i = 0; i < REQUESTS; i++) {
		uint16_t idx = vq_used_idx(i % 16 == 0 ? &rng : &blk) + 1;
		const struct vdev *d = start_one(i);

		dither();
		if (!sleep_until(d, idx)) {
			return lost(d, i, idx);
		}
		MUST(d == &rng || req.status == VIRTIO_BLK_S_OK);
		if (i % 65536 == 65535) {
			say("%u requests\n", i + 1);
		}
	}
	tick_stop();
	say("%u and %u interrupts for %u requests\n", vdev_interrupts(&blk),
	    vdev_interrupts(&rng), REQUESTS);
	return 0;
}
