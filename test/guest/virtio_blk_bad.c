/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Block requests that are wrong (M29 to M32). Where header and status byte can
 * be found the answer is a status; where not, the queue is unusable and the
 * device shows DEVICE_NEEDS_RESET.
 */
#include "arm.h"
#include "check.h"
#include "say.h"
#include "tree.h"
#include "vblk.h"

static struct vdev blk;
static struct blk req;
static uint8_t buf[8192] __attribute__((aligned(4096)));

static int begin(uint32_t type, uint64_t sector, uint32_t len)
{
	MUST(vdev_start(&blk, VIRTIO_BLK_F_FLUSH, 16));
	memset(buf, 0, sizeof(buf));
	blk_chain(&blk, &req, type, sector, buf, len);
	return 0;
}

static int expect(int want)
{
	int outcome = blk_submit(&blk, &req);

	if (outcome != want) {
		say("  type %u sector %lx: outcome %d, not %d\n",
		    req.req.type, req.req.sector, outcome, want);
	}
	MUST(outcome == want);
	MUST(vdev_broken(&blk) == (want == BLK_BROKEN));
	return 0;
}

static int must_answer(void)
{
	MUST(blk_submit(&blk, &req) != BLK_SILENT);
	return 0;
}

/* ---- M29: header ---- */

static int m29_header_short(void)
{
	static const uint32_t lens[] = { 0, 1, 8, 15 };

	for (unsigned int i = 0; i < NELEM(lens); i++) {
		MUST_PASS(begin(VIRTIO_BLK_T_IN, 4, SECTOR));
		blk.q.desc[0].len = lens[i];
		MUST_PASS(expect(BLK_BROKEN));
	}
	return 0;
}

/* A header that the device may only write. */
static int m29_header_writable(void)
{
	MUST_PASS(begin(VIRTIO_BLK_T_IN, 4, SECTOR));
	blk.q.desc[0].flags |= VIRTQ_DESC_F_WRITE;
	return expect(BLK_BROKEN);
}

static int m29_header_long(void)
{
	MUST_PASS(begin(VIRTIO_BLK_T_IN, 4, SECTOR));
	blk.q.desc[0].len = 17;
	MUST_PASS(must_answer());
	MUST_PASS(begin(VIRTIO_BLK_T_IN, 4, SECTOR));
	blk.q.desc[0].addr = (uintptr_t)buf + 4096;
	blk.q.desc[0].len = 4096;
	return must_answer();
}

/* ---- M30: status byte and order ---- */

static int m30_header_alone(void)
{
	MUST_PASS(begin(VIRTIO_BLK_T_IN, 4, SECTOR));
	blk.q.desc[0].flags = 0;
	return expect(BLK_BROKEN);
}

static int m30_status_readable(void)
{
	MUST_PASS(begin(VIRTIO_BLK_T_OUT, 4, SECTOR));
	blk.q.desc[2].flags = 0;
	MUST_PASS(expect(BLK_BROKEN));
	MUST_PASS(begin(VIRTIO_BLK_T_FLUSH, 0, 0));
	blk.q.desc[2].flags = 0;
	return expect(BLK_BROKEN);
}

/* No descriptor for the status: it is the last byte of the data then. */
static int m30_status_in_data(void)
{
	MUST_PASS(begin(VIRTIO_BLK_T_IN, 4, SECTOR));
	blk.q.desc[1].flags = VIRTQ_DESC_F_WRITE;
	buf[SECTOR - 1] = BLK_PENDING;
	vq_push(&blk, 0);
	vq_kick(&blk);
	MUST(vq_wait(&blk, 1));
	MUST(buf[SECTOR - 1] == VIRTIO_BLK_S_IOERR);
	return 0;
}

static int m30_status_long(void)
{
	static uint8_t two[2];

	MUST_PASS(begin(VIRTIO_BLK_T_IN, 4, SECTOR));
	two[1] = BLK_PENDING;
	blk.q.desc[2].addr = (uintptr_t)two;
	blk.q.desc[2].len = 2;
	vq_push(&blk, 0);
	vq_kick(&blk);
	MUST(vq_wait(&blk, 1));
	MUST(two[1] == VIRTIO_BLK_S_IOERR);
	return 0;
}

static int m30_no_data(void)
{
	int outcome;

	for (uint32_t type = 0; type < 2; type++) {
		MUST_PASS(begin(type, 4, 0));
		outcome = blk_submit(&blk, &req);
		MUST(outcome == VIRTIO_BLK_S_OK ||
		     outcome == VIRTIO_BLK_S_IOERR);
	}
	return 0;
}

static int m30_out_after_in(void)
{
	MUST_PASS(begin(VIRTIO_BLK_T_IN, 4, SECTOR));
	vq_desc(&blk, 3, buf + 4096, SECTOR, VIRTQ_DESC_F_NEXT, 2);
	blk.q.desc[1].next = 3;
	MUST_PASS(expect(BLK_BROKEN));
	MUST_PASS(begin(VIRTIO_BLK_T_OUT, 4, SECTOR));
	blk.q.desc[0].next = 2;
	blk.q.desc[2].flags |= VIRTQ_DESC_F_NEXT;
	blk.q.desc[2].next = 1;
	blk.q.desc[1].flags = 0;
	return expect(BLK_BROKEN);
}

/* ---- M31: sectors and lengths ---- */

static int whole_disk_intact(void)
{
	uint8_t *big = (uint8_t *)ram_free();

	MUST(vdev_start(&blk, 0, 16));
	MUST(blk_do(&blk, VIRTIO_BLK_T_IN, 0, big, DISK_SECTORS * SECTOR) ==
	     VIRTIO_BLK_S_OK);
	MUST(blk_match(big, 0, DISK_SECTORS));
	return 0;
}

static int m31_sectors(void)
{
	static const struct {
		uint64_t sector;
		uint32_t count;
	} bad[] = {
		{ DISK_SECTORS, 1 }, { DISK_SECTORS - 1, 2 },
		{ DISK_SECTORS - 7, 8 }, { DISK_SECTORS + 1, 1 },
		{ ~0ull, 1 }, { ~0ull, 2 }, { ~0ull - 1, 8 },
		{ 1ull << 55, 1 }, { (1ull << 55) + 1, 2 },
		{ (1ull << 55) - 1, 2 }, { 1ull << 63, 1 },
		{ 1ull << 32, 1 }, { 1ull << 54, 1 },
		{ 0xffffffff, 1 }, { (1ull << 23) - 1, 2 },
	};

	for (unsigned int i = 0; i < NELEM(bad); i++) {
		MUST_PASS(begin(VIRTIO_BLK_T_IN, bad[i].sector,
				bad[i].count * SECTOR));
		MUST_PASS(expect(VIRTIO_BLK_S_IOERR));
		MUST_PASS(begin(VIRTIO_BLK_T_OUT, bad[i].sector,
				bad[i].count * SECTOR));
		MUST_PASS(expect(VIRTIO_BLK_S_IOERR));
	}
	return whole_disk_intact();
}

static int m31_last_sector(void)
{
	MUST_PASS(begin(VIRTIO_BLK_T_IN, DISK_SECTORS - 1, SECTOR));
	MUST_PASS(expect(VIRTIO_BLK_S_OK));
	MUST(blk_match(buf, DISK_SECTORS - 1, 1));
	return 0;
}

static int m31_unaligned_len(void)
{
	static const uint32_t lens[] = { 1, 2, 255, 511, 513, 1000, 4095 };

	for (unsigned int i = 0; i < NELEM(lens); i++) {
		MUST_PASS(begin(VIRTIO_BLK_T_IN, 4, lens[i]));
		MUST_PASS(expect(VIRTIO_BLK_S_IOERR));
		MUST_PASS(begin(VIRTIO_BLK_T_OUT, 4, lens[i]));
		MUST_PASS(expect(VIRTIO_BLK_S_IOERR));
	}
	return whole_disk_intact();
}

/* Longer than the disk, as long as RAM allows. */
static int m31_too_long(void)
{
	MUST_PASS(begin(VIRTIO_BLK_T_IN, 0, SECTOR));
	blk.q.desc[1].addr = ram_free();
	blk.q.desc[1].len = (DISK_SECTORS + 1) * SECTOR;
	return expect(VIRTIO_BLK_S_IOERR);
}

/* ---- M32: types ---- */

static int m32_unknown_type(void)
{
	static const uint32_t types[] = { 2, 3, 5, 6, 7, 9, 12, 14, 15, 0x77,
					  0x7fffffff, 0xffffffff };

	for (unsigned int i = 0; i < NELEM(types); i++) {
		MUST_PASS(begin(types[i], 4, SECTOR));
		MUST_PASS(expect(VIRTIO_BLK_S_UNSUPP));
		MUST_PASS(begin(types[i], 4, SECTOR));
		blk.q.desc[1].flags |= VIRTQ_DESC_F_WRITE;
		MUST_PASS(expect(VIRTIO_BLK_S_UNSUPP));
		MUST_PASS(begin(types[i], ~0ull, 0));
		MUST_PASS(expect(VIRTIO_BLK_S_UNSUPP));
	}
	return whole_disk_intact();
}

/* Known to the specification, but their features were not negotiated. */
static int m32_not_negotiated(void)
{
	static const uint32_t types[] = { VIRTIO_BLK_T_DISCARD,
					  VIRTIO_BLK_T_WRITE_ZEROES };

	for (unsigned int i = 0; i < NELEM(types); i++) {
		MUST_PASS(begin(types[i], 0, 16));
		((volatile uint32_t *)buf)[2] = 8;
		MUST_PASS(expect(VIRTIO_BLK_S_UNSUPP));
	}
	return whole_disk_intact();
}

/* Data in the direction that the type does not have. */
static int m32_wrong_direction(void)
{
	int outcome;

	MUST_PASS(begin(VIRTIO_BLK_T_OUT, 4, SECTOR));
	blk.q.desc[1].flags |= VIRTQ_DESC_F_WRITE;
	outcome = blk_submit(&blk, &req);
	MUST(outcome != BLK_SILENT && outcome != BLK_PENDING);
	MUST_PASS(begin(VIRTIO_BLK_T_IN, 4, SECTOR));
	memset(buf, 0x33, SECTOR);
	blk.q.desc[1].flags &= ~VIRTQ_DESC_F_WRITE;
	outcome = blk_submit(&blk, &req);
	MUST(outcome != BLK_SILENT && outcome != BLK_PENDING);
	for (unsigned int i = 0; i < SECTOR; i++) {
		MUST(buf[i] == 0x33);
	}
	return whole_disk_intact();
}

static int m32_get_id_sizes(void)
{
	static const uint32_t lens[] = { 0, 1, 8, 19, 21, 4096 };
	int outcome;

	for (unsigned int i = 0; i < NELEM(lens); i++) {
		MUST_PASS(begin(VIRTIO_BLK_T_GET_ID, ~0ull, lens[i]));
		memset(buf, 0xee, sizeof(buf));
		outcome = blk_submit(&blk, &req);
		MUST(outcome == VIRTIO_BLK_S_OK ||
		     outcome == VIRTIO_BLK_S_IOERR);
		for (uint32_t b = lens[i] < 20 ? lens[i] : 20; b < 4200; b++) {
			MUST(buf[b] == 0xee || (b < lens[i] && buf[b] == 0));
		}
	}
	return 0;
}

static int m32_flush_odd(void)
{
	int outcome;

	MUST_PASS(begin(VIRTIO_BLK_T_FLUSH, ~0ull, 0));
	outcome = blk_submit(&blk, &req);
	MUST(outcome == VIRTIO_BLK_S_OK || outcome == VIRTIO_BLK_S_IOERR);
	MUST_PASS(begin(VIRTIO_BLK_T_FLUSH, 0, 100));
	outcome = blk_submit(&blk, &req);
	MUST(outcome == VIRTIO_BLK_S_OK || outcome == VIRTIO_BLK_S_IOERR);
	return whole_disk_intact();
}

static int m32_read_only(void)
{
	struct vdev ro;

	MUST(vdev_find(&ro, SLOT_BLK_RO, VIRTIO_ID_BLOCK));
	/* Without RO acknowledged, too: 5.2.6.2 knows no exception. */
	for (unsigned int i = 0; i < 2; i++) {
		MUST(vdev_start(&ro, i == 0 ? VIRTIO_BLK_F_RO : 0, 16));
		memset(buf, 0xaa, 8 * SECTOR);
		MUST(blk_do(&ro, VIRTIO_BLK_T_OUT, 0, buf, SECTOR) ==
		     VIRTIO_BLK_S_IOERR);
		MUST(blk_do(&ro, VIRTIO_BLK_T_OUT, DISK_SECTORS - 8, buf,
			    8 * SECTOR) == VIRTIO_BLK_S_IOERR);
		MUST(blk_do(&ro, VIRTIO_BLK_T_OUT, ~0ull, buf, 7) ==
		     VIRTIO_BLK_S_IOERR);
		MUST(blk_do(&ro, VIRTIO_BLK_T_IN, 0, buf, SECTOR) ==
		     VIRTIO_BLK_S_OK);
		MUST(blk_match(buf, 0, 1));
	}
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "m29_header_short", m29_header_short },
		{ "m29_header_writable", m29_header_writable },
		{ "m29_header_long", m29_header_long },
		{ "m30_header_alone", m30_header_alone },
		{ "m30_status_readable", m30_status_readable },
		{ "m30_status_in_data", m30_status_in_data },
		{ "m30_status_long", m30_status_long },
		{ "m30_no_data", m30_no_data },
		{ "m30_out_after_in", m30_out_after_in },
		{ "m31_sectors", m31_sectors },
		{ "m31_last_sector", m31_last_sector },
		{ "m31_unaligned_len", m31_unaligned_len },
		{ "m31_too_long", m31_too_long },
		{ "m32_unknown_type", m32_unknown_type },
		{ "m32_not_negotiated", m32_not_negotiated },
		{ "m32_wrong_direction", m32_wrong_direction },
		{ "m32_get_id_sizes", m32_get_id_sizes },
		{ "m32_flush_odd", m32_flush_odd },
		{ "m32_read_only", m32_read_only },
	};

	MUST_PASS(blk_setup(&blk));
	return run_cases(cases, NELEM(cases), blk_after_case);
}
