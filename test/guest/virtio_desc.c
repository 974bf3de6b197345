/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors that point where they must not (M20 to M22, M28), and ones that
 * change while the device reads them (M27): virtio 1.2, 2.7.5.
 */
#include "arm.h"
#include "check.h"
#include "say.h"
#include "spoil.h"
#include "tree.h"

/* ---- addresses ---- */

/* Each descriptor in turn points at addr. */
static int bad_address(uint64_t addr)
{
	for (unsigned int i = 0; i < 3; i++) {
		MUST_PASS(begin());
		blk.q.desc[i].addr = addr;
		MUST_PASS(must_break());
	}
	return 0;
}

static int m20_outside_ram(void)
{
	MUST_PASS(bad_address(0));
	MUST_PASS(bad_address(HOLE));
	MUST_PASS(bad_address(ram_base() - SECTOR));
	MUST_PASS(bad_address(ram_base() - 1));
	MUST_PASS(bad_address(ram_end()));
	MUST_PASS(bad_address(ram_base() | 1ull << 32));
	MUST_PASS(bad_address(ram_base() | 1ull << 63));
	return bad_address(~0ull);
}

static int m21_wrap(void)
{
	for (unsigned int i = 0; i < 3; i++) {
		MUST_PASS(begin());
		blk.q.desc[i].addr = ~0ull - 15;
		blk.q.desc[i].len = 32;
		MUST_PASS(must_break());
		MUST_PASS(begin());
		blk.q.desc[i].len = 0xffffffff;
		MUST_PASS(must_break());
		MUST_PASS(begin());
		blk.q.desc[i].addr = 0 - (uint64_t)SECTOR;
		blk.q.desc[i].len = SECTOR;
		MUST_PASS(must_break());
	}
	return 0;
}

/* Total length over 2^32, each part inside RAM. */
static int m21_sum_wraps(void)
{
	MUST_PASS(begin());
	for (uint16_t i = 1; i < NUM - 1; i++) {
		vq_desc(&blk, i, (void *)ram_base(), (uint32_t)ram_size(),
			VIRTQ_DESC_F_NEXT | VIRTQ_DESC_F_WRITE, i + 1);
	}
	vq_desc(&blk, NUM - 1, &req.status, 1, VIRTQ_DESC_F_WRITE, 0);
	/* Past the end of the disk anyhow: nothing may be written. */
	req.req.sector = 1ull << 40;
	return must_answer();
}

static int at_end_of_ram(uint32_t more)
{
	static uint8_t saved[2 * SECTOR];
	uint8_t *end = (uint8_t *)ram_end();
	int code;

	memcpy(saved, end - sizeof(saved), sizeof(saved));
	code = begin();
	blk.q.desc[1].addr = (uintptr_t)end - SECTOR + more;
	if (code == 0 && more == 0) {
		code = must_read(20, end - SECTOR, 1);
	} else if (code == 0) {
		code = must_break();
	}
	vdev_reset(&blk);
	memcpy(end - sizeof(saved), saved, sizeof(saved));
	return code;
}

static int m22_end_of_ram(void)
{
	MUST_PASS(at_end_of_ram(0));
	MUST_PASS(at_end_of_ram(1));
	return at_end_of_ram(SECTOR - 1);
}

/* From the very first byte of RAM: below the image, nobody lives there. */
static int m22_start_of_ram(void)
{
	MUST_PASS(begin());
	blk.q.desc[1].addr = ram_base();
	MUST_PASS(must_read(20, (void *)ram_base(), 1));
	MUST_PASS(begin());
	blk.q.desc[1].addr = ram_base() - 1;
	return must_break();
}

/* ---- buffers on the wrong memory ---- */

static int m28_on_devices(void)
{
	MUST_PASS(bad_address(blk.base));
	MUST_PASS(bad_address(VIO_BASE + SLOT_BLK_OTHER * VIO_STRIDE));
	MUST_PASS(bad_address(0x08000000));
	MUST_PASS(bad_address(0x080a0000));
	return bad_address(0x09000000);
}

static struct {
	uint8_t before[SECTOR];
	struct virtio_blk_req req;
	uint8_t status;
	uint8_t behind[SECTOR];
} crowded;

/* Data read over the rings and the request themselves. */
static int m28_on_rings(void)
{
	for (unsigned int i = 0; i < 5; i++) {
		uint64_t places[5];

		MUST_PASS(begin());
		places[0] = (uintptr_t)blk.q.desc;
		places[1] = (uintptr_t)blk.q.avail;
		places[2] = (uintptr_t)blk.q.used;
		places[3] = (uintptr_t)&crowded.req;
		places[4] = (uintptr_t)&crowded.status - 100;
		crowded.req = req.req;
		blk.q.desc[0].addr = (uintptr_t)&crowded.req;
		blk.q.desc[1].addr = places[i];
		blk.q.desc[2].addr = (uintptr_t)&crowded.status;
		vq_push(&blk, 0);
		vq_kick(&blk);
		delay_us(5000);
		vq_kick(&blk);
		delay_us(1000);
	}
	return 0;
}

/* Status byte over the used index; header inside the used ring. */
static int m28_status_on_rings(void)
{
	MUST_PASS(begin());
	blk.q.desc[2].addr = (uintptr_t)&blk.q.used->idx;
	vq_push(&blk, 0);
	vq_kick(&blk);
	delay_us(5000);
	MUST_PASS(begin());
	blk.q.desc[2].addr = (uintptr_t)&blk.q.avail->idx;
	vq_push(&blk, 0);
	vq_kick(&blk);
	delay_us(5000);
	vq_kick(&blk);
	MUST_PASS(begin());
	blk.q.desc[0].addr = (uintptr_t)blk.q.used;
	return must_answer();
}

/* ---- M27: memory that changes while it is looked at ---- */

#define FLIPS		2000
#define FLIP_NUM	32u	/* descriptors in one sector */
#define FLIP_READS	5u	/* in flight at once */
#define FLIP_SECTOR	2048u	/* two of slot 4, restored below */

static struct vdev writer;
static struct virtq_desc good[SECTOR / 16], bad[SECTOR / 16];

/*
 * The second writer is the other disk: its reads, done by the host kernel
 * while slot 0's queue is worked on, land in slot 0's descriptor table, once
 * with a valid request and once with loops and wild addresses.
 */
static int flip_begin(void)
{
	MUST(vdev_start(&blk, 0, FLIP_NUM));
	blk_chain(&blk, &req, VIRTIO_BLK_T_IN, 20, buf, SECTOR);
	return 0;
}

static int flip_prepare(void)
{
	MUST(vdev_find(&writer, SLOT_BLK_OTHER, VIRTIO_ID_BLOCK));
	MUST(vdev_start(&writer, 0, 16));
	for (unsigned int i = 0; i < 3; i++) {
		good[i] = blk.q.desc[i];
	}
	for (unsigned int i = 0; i < NELEM(bad); i++) {
		bool wild = (prng() & 3) == 0;

		bad[i] = (struct virtq_desc){
			wild ? (uint64_t)prng() << 32 | prng()
			     : (uintptr_t)buf,
			wild ? prng() : prng() & 0xfff,
			(uint16_t)(i == 0 ? VIRTQ_DESC_F_NEXT : 1 | 2),
			(uint16_t)(wild ? prng() : prng() % FLIP_NUM) };
	}
	/* The head alone stays plausible, so that the walk gets somewhere. */
	bad[0] = good[0];
	bad[0].next = 7;
	MUST(blk_do(&writer, VIRTIO_BLK_T_OUT, FLIP_SECTOR, good, SECTOR) ==
	     VIRTIO_BLK_S_OK);
	MUST(blk_do(&writer, VIRTIO_BLK_T_OUT, FLIP_SECTOR + 1, bad,
		    SECTOR) == VIRTIO_BLK_S_OK);
	return 0;
}

static int flip_restore(void)
{
	MUST(vdev_start(&writer, 0, 16));
	blk_fill(buf, FLIP_SECTOR, 2);
	MUST(blk_do(&writer, VIRTIO_BLK_T_OUT, FLIP_SECTOR, buf,
		    2 * SECTOR) == VIRTIO_BLK_S_OK);
	return 0;
}

/* Reads in flight on the writer, then at once one kick on the victim. */
static void flip(unsigned int round)
{
	static struct blk reqs[FLIP_READS];
	uint16_t idx = vq_used_idx(&writer) + FLIP_READS;

	for (unsigned int i = 0; i < FLIP_READS; i++) {
		uint16_t at = (uint16_t)(i * 3);

		reqs[i].req = (struct virtio_blk_req){
			.sector = FLIP_SECTOR + ((i + round) & 1) };
		vq_desc(&writer, at, &reqs[i].req, 16, 1, at + 1);
		vq_desc(&writer, at + 1, blk.q.desc, SECTOR, 3, at + 2);
		vq_desc(&writer, at + 2, &reqs[i].status, 1, 2, 0);
		vq_push(&writer, at);
	}
	vq_kick(&writer);
	vq_push(&blk, 0);
	vq_kick(&blk);
	(void)vq_wait(&writer, idx);
}

static int m27_dma_flips(void)
{
	unsigned int breaks = 0;
	int code;

	MUST_PASS(flip_begin());
	MUST_PASS(flip_prepare());
	for (unsigned int i = 0; i < FLIPS; i++) {
		flip(i);
		if (vdev_broken(&blk)) {
			breaks++;
			MUST_PASS(flip_begin());
		}
	}
	vdev_reset(&blk);
	code = flip_restore();
	say("  %u of %u broke the device\n", breaks, FLIPS);
	return code;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "m20_outside_ram", m20_outside_ram },
		{ "m21_wrap", m21_wrap },
		{ "m21_sum_wraps", m21_sum_wraps },
		{ "m22_end_of_ram", m22_end_of_ram },
		{ "m22_start_of_ram", m22_start_of_ram },
		{ "m27_dma_flips", m27_dma_flips },
		{ "m28_on_devices", m28_on_devices },
		{ "m28_on_rings", m28_on_rings },
		{ "m28_status_on_rings", m28_status_on_rings },
	};

	MUST_PASS(blk_setup(&blk));
	return run_cases(cases, NELEM(cases), blk_after_case);
}
