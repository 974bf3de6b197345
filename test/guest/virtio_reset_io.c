/* SPDX-License-Identifier: Apache-2.0 */
/*
 * M11: status = 0 in the middle of I/O, RESETS times. Once status reads back
 * as 0 the device is done with guest memory (virtio 1.2, 2.4.1): neither
 * buffers nor rings may change afterwards.
 */
#include "arm.h"
#include "check.h"
#include "say.h"
#include "vblk.h"

#ifndef RESETS
#define RESETS 10000
#endif
#define INFLIGHT 4u
#define LEN_MAX (144u * SECTOR)

static struct vdev blk;
static struct blk reqs[INFLIGHT];
static uint8_t buf[2 * LEN_MAX] __attribute__((aligned(4096)));

/* One small read, two large ones, one flush (no data, but a status). */
static const struct {
	uint32_t type;
	uint32_t at;
	uint32_t len;
} kinds[INFLIGHT] = {
	{ VIRTIO_BLK_T_IN, 0, SECTOR },
	{ VIRTIO_BLK_T_IN, 0, LEN_MAX },
	{ VIRTIO_BLK_T_FLUSH, 0, 0 },
	{ VIRTIO_BLK_T_IN, LEN_MAX, LEN_MAX },
};

static void submit_all(unsigned int round)
{
	for (uint16_t i = 0; i < INFLIGHT; i++) {
		uint16_t at = i * 3;

		reqs[i].req = (struct virtio_blk_req){
			.type = kinds[i].type,
			.sector = round * 61 % (DISK_SECTORS - 144),
		};
		reqs[i].status = BLK_PENDING;
		vq_desc(&blk, at, &reqs[i].req, 16, VIRTQ_DESC_F_NEXT,
			kinds[i].len == 0 ? at + 2 : at + 1);
		vq_desc(&blk, at + 1, buf + kinds[i].at, kinds[i].len,
			VIRTQ_DESC_F_NEXT | VIRTQ_DESC_F_WRITE, at + 2);
		vq_desc(&blk, at + 2, &reqs[i].status, 1, VIRTQ_DESC_F_WRITE,
			0);
		vq_push(&blk, at);
	}
	vq_kick(&blk);
}

static void paint(void)
{
	memset(buf, 0xc5, sizeof(buf));
	memset((void *)blk.q.used, 0xc5, 128);
	for (unsigned int i = 0; i < INFLIGHT; i++) {
		reqs[i].status = 0xc5;
	}
	dsb();
}

static int untouched(void)
{
	const volatile uint64_t *word = (const volatile void *)buf;
	const volatile uint64_t *used = (const volatile void *)blk.q.used;

	for (unsigned int i = 0; i < sizeof(buf) / 8; i++) {
		MUST(word[i] == 0xc5c5c5c5c5c5c5c5ull);
	}
	for (unsigned int i = 0; i < 16; i++) {
		MUST(used[i] == 0xc5c5c5c5c5c5c5c5ull);
	}
	for (unsigned int i = 0; i < INFLIGHT; i++) {
		MUST(reqs[i].status == 0xc5);
	}
	return 0;
}

static int one(unsigned int round)
{
	MUST(vdev_start(&blk, VIRTIO_BLK_F_FLUSH, 16));
	submit_all(round);
	for (uint32_t spin = prng() & 0xfff; spin > 0; spin--) {
		__asm__ volatile("nop");
	}
	vdev_reset(&blk);
	paint();
	if ((round & 63) == 0) {
		delay_us(2000);
	}
	return untouched();
}

int main(void)
{
	MUST_PASS(blk_setup(&blk));
	for (unsigned int i = 0; i < RESETS; i++) {
		MUST_PASS(one(i));
		if (i % 1000 == 999) {
			say("%u resets\n", i + 1);
			MUST_PASS(blk_after_case());
		}
	}
	return blk_after_case();
}
