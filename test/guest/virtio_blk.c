/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtio-blk as a correct driver uses it: configuration, reads and writes,
 * every layout of a request over descriptors that virtio 1.2 (2.7.4) allows,
 * indirect descriptors, many requests in flight, flush, get-id, read-only.
 */
#include "arm.h"
#include "check.h"
#include "say.h"
#include "vblk.h"

#define BIG	(64u * 1024)

static struct vdev blk;
static uint8_t buf[BIG] __attribute__((aligned(4096)));
static uint8_t back[BIG] __attribute__((aligned(4096)));
static struct blk req;

static uint64_t capacity(const struct vdev *d)
{
	return vdev_read(d, VIRTIO_MMIO_CONFIG) |
	       (uint64_t)vdev_read(d, VIRTIO_MMIO_CONFIG + 4) << 32;
}

static int config_space(void)
{
	MUST(capacity(&blk) == DISK_SECTORS);
	MUST(mmio_read8(blk.config + 1) == DISK_SECTORS >> 8);
	MUST(mmio_read16(blk.config) == DISK_SECTORS);
	MUST((vdev_offered(&blk) & VIRTIO_BLK_F_RO) == 0);
	return 0;
}

static int read_sizes(void)
{
	static const uint32_t counts[] = { 1, 2, 7, 8, 9, 64, 128 };

	MUST(vdev_start(&blk, 0, 16));
	for (unsigned int i = 0; i < NELEM(counts); i++) {
		uint32_t last = DISK_SECTORS - counts[i];

		memset(buf, 0, sizeof(buf));
		MUST(blk_do(&blk, VIRTIO_BLK_T_IN, 11 * i, buf,
			    counts[i] * SECTOR) == VIRTIO_BLK_S_OK);
		MUST(blk_match(buf, 11 * i, counts[i]));
		MUST(blk_do(&blk, VIRTIO_BLK_T_IN, last, buf,
			    counts[i] * SECTOR) == VIRTIO_BLK_S_OK);
		MUST(blk_match(buf, last, counts[i]));
		MUST(blk.q.used->ring[(2 * i + 1) % 16].id == 0);
		MUST(blk.q.used->ring[(2 * i + 1) % 16].len ==
		     counts[i] * SECTOR + 1);
	}
	return 0;
}

/* Buffers without any alignment. */
static int read_unaligned(void)
{
	MUST(vdev_start(&blk, 0, 16));
	for (unsigned int shift = 1; shift < 16; shift += 2) {
		memset(buf, 0, 4096);
		MUST(blk_do(&blk, VIRTIO_BLK_T_IN, shift, buf + shift,
			    2 * SECTOR) == VIRTIO_BLK_S_OK);
		memcpy(back, buf + shift, 2 * SECTOR);
		MUST(blk_match(back, shift, 2));
		MUST(buf[shift - 1] == 0 && buf[shift + 2 * SECTOR] == 0);
	}
	return 0;
}

static int write_read(void)
{
	MUST(vdev_start(&blk, VIRTIO_BLK_F_FLUSH, 16));
	for (uint32_t i = 0; i < 16 * SECTOR; i++) {
		buf[i] = (uint8_t)prng();
	}
	MUST(blk_do(&blk, VIRTIO_BLK_T_OUT, 1000, buf, 16 * SECTOR) ==
	     VIRTIO_BLK_S_OK);
	MUST(blk.q.used->ring[0].len <= 1);
	MUST(blk_do(&blk, VIRTIO_BLK_T_IN, 1000, back, 16 * SECTOR) ==
	     VIRTIO_BLK_S_OK);
	MUST(memcmp(buf, back, 16 * SECTOR) == 0);
	MUST(blk_do(&blk, VIRTIO_BLK_T_IN, 999, back, SECTOR) ==
	     VIRTIO_BLK_S_OK);
	MUST(blk_match(back, 999, 1));
	blk_fill(buf, 1000, 16);
	MUST(blk_do(&blk, VIRTIO_BLK_T_OUT, 1000, buf, 16 * SECTOR) ==
	     VIRTIO_BLK_S_OK);
	MUST(blk_do(&blk, VIRTIO_BLK_T_IN, 999, back, 18 * SECTOR) ==
	     VIRTIO_BLK_S_OK);
	MUST(blk_match(back, 999, 18));
	return 0;
}

static int flush(void)
{
	MUST(vdev_start(&blk, VIRTIO_BLK_F_FLUSH, 16));
	MUST((blk.features & VIRTIO_BLK_F_FLUSH) != 0);
	for (unsigned int i = 0; i < 20; i++) {
		MUST(blk_do(&blk, VIRTIO_BLK_T_FLUSH, 0, NULL, 0) ==
		     VIRTIO_BLK_S_OK);
	}
	return 0;
}

static int get_id(void)
{
	MUST(vdev_start(&blk, 0, 16));
	memset(buf, 0xee, 64);
	MUST(blk_do(&blk, VIRTIO_BLK_T_GET_ID, 0, buf, 20) ==
	     VIRTIO_BLK_S_OK);
	MUST(buf[20] == 0xee);
	MUST(buf[0] != 0xee);
	buf[20] = '\0';
	say("  id '%s'\n", (const char *)buf);
	return 0;
}

/* ---- layouts: one request cut at arbitrary places ---- */

/* What one descriptor points at. */
struct piece {
	uint8_t *at;
	uint32_t len;
	bool write;
};

/* Descriptors 0 to count - 1. */
static void chain_pieces(const struct piece *pieces, uint16_t count)
{
	for (uint16_t i = 0; i < count; i++) {
		bool more = i + 1 < count;

		vq_desc(&blk, i, pieces[i].at, pieces[i].len,
			(more ? VIRTQ_DESC_F_NEXT : 0) |
			(pieces[i].write ? VIRTQ_DESC_F_WRITE : 0),
			more ? i + 1 : 0);
	}
}

/* Header, data and status contiguous here: [16][2 sectors][1]. */
static struct {
	struct virtio_blk_req req;
	uint8_t data[2 * SECTOR];
	uint8_t status;
} flat __attribute__((aligned(16)));

/* Cut len bytes at at into pieces of the given sizes, the last repeated. */
static uint16_t cut(struct piece *pieces, uint8_t *at, uint32_t len, bool write,
		    const uint32_t *sizes, unsigned int size_count)
{
	uint16_t n = 0;

	while (len > 0) {
		uint32_t size = sizes[n < size_count ? n : size_count - 1];

		size = size < len ? size : len;
		pieces[n++] = (struct piece){ at, size, write };
		at += size;
		len -= size;
	}
	return n;
}

static int layout(uint32_t type, const uint32_t *sizes, unsigned int count)
{
	struct piece pieces[64];
	bool in = type == VIRTIO_BLK_T_IN;
	uint32_t out_len = 16 + (in ? 0 : sizeof(flat.data));
	uint32_t in_len = sizeof(flat.data) + 17 - out_len;
	uint16_t idx = vq_used_idx(&blk) + 1;
	uint16_t n;

	flat.req = (struct virtio_blk_req){ .type = type, .sector = 40 };
	flat.status = BLK_PENDING;
	if (in) {
		memset(flat.data, 0, sizeof(flat.data));
	} else {
		blk_fill(flat.data, 40, 2);
	}
	n = cut(pieces, (uint8_t *)&flat, out_len, false, sizes, count);
	n += cut(pieces + n, (uint8_t *)&flat + out_len, in_len, true, sizes,
		 count);
	MUST(n <= blk.q.num);
	chain_pieces(pieces, n);
	vq_push(&blk, 0);
	vq_kick(&blk);
	MUST(vq_wait(&blk, idx));
	MUST(flat.status == VIRTIO_BLK_S_OK);
	MUST(blk_match(flat.data, 40, 2));
	return 0;
}

static int layouts(uint32_t type)
{
	static const uint32_t cuts[][4] = {
		{ 16, 1024, 1, 1 },	/* the usual one */
		{ 1041, 1, 1, 1 },	/* everything that can be in one */
		{ 15, 1, 512, 513 },	/* header in two */
		{ 17, 100, 511, 1000 },	/* header + first data byte */
		{ 1, 15, 1, 1024 },
		{ 7, 9, 333, 700 },	/* odd boundaries */
		{ 8, 8, 1023, 2 },	/* last data byte with the status */
		{ 16, 511, 2, 512 },	/* over the sector boundary */
		{ 33, 33, 33, 33 },
		{ 100, 50, 25, 75 },
	};

	MUST(vdev_start(&blk, 0, 64));
	for (unsigned int i = 0; i < NELEM(cuts); i++) {
		MUST_PASS(layout(type, cuts[i], 4));
	}
	return 0;
}

static int layouts_read(void)
{
	return layouts(VIRTIO_BLK_T_IN);
}

static int layouts_write(void)
{
	return layouts(VIRTIO_BLK_T_OUT);
}

/* M29: the 16 bytes of the header in 16 descriptors. */
static int m29_header_in_16(void)
{
	struct piece pieces[18];

	MUST(vdev_start(&blk, 0, 32));
	req.req = (struct virtio_blk_req){ .sector = 77 };
	req.status = BLK_PENDING;
	for (unsigned int i = 0; i < 16; i++) {
		pieces[i] = (struct piece){ (uint8_t *)&req.req + i, 1, false };
	}
	pieces[16] = (struct piece){ buf, SECTOR, true };
	pieces[17] = (struct piece){ (uint8_t *)&req.status, 1, true };
	chain_pieces(pieces, 18);
	MUST(blk_submit(&blk, &req) == VIRTIO_BLK_S_OK);
	MUST(blk_match(buf, 77, 1));
	return 0;
}

/* M15: a chain exactly as long as the queue is large. */
static int m15_exactly_num(void)
{
	struct piece pieces[16];

	MUST(vdev_start(&blk, 0, 16));
	req.req = (struct virtio_blk_req){ .sector = 5 };
	req.status = BLK_PENDING;
	memset(buf, 0, 14 * SECTOR);
	pieces[0] = (struct piece){ (uint8_t *)&req.req, 16, false };
	for (unsigned int i = 0; i < 14; i++) {
		pieces[1 + i] = (struct piece){ buf + i * SECTOR, SECTOR,
						true };
	}
	pieces[15] = (struct piece){ (uint8_t *)&req.status, 1, true };
	chain_pieces(pieces, 16);
	MUST(blk_submit(&blk, &req) == VIRTIO_BLK_S_OK);
	MUST(blk_match(buf, 5, 14));
	return 0;
}

/* ---- indirect descriptors ---- */

static struct virtq_desc table[64] __attribute__((aligned(16)));

static void indirect_request(uint64_t sector, uint32_t count)
{
	req.req = (struct virtio_blk_req){ .sector = sector };
	req.status = BLK_PENDING;
	memset(buf, 0, count * SECTOR);
	table[0] = (struct virtq_desc){ (uintptr_t)&req.req, 16,
					VIRTQ_DESC_F_NEXT, 1 };
	table[1] = (struct virtq_desc){ (uintptr_t)buf, count * SECTOR,
					VIRTQ_DESC_F_NEXT | VIRTQ_DESC_F_WRITE,
					2 };
	table[2] = (struct virtq_desc){ (uintptr_t)&req.status, 1,
					VIRTQ_DESC_F_WRITE, 0 };
}

static int indirect(void)
{
	MUST(vdev_start(&blk, VIRTIO_F_INDIRECT_DESC, 16));
	MUST((blk.features & VIRTIO_F_INDIRECT_DESC) != 0);
	for (uint32_t i = 0; i < 40; i++) {
		indirect_request(3 * i, 1 + i % 8);
		vq_desc(&blk, 0, table, 48, VIRTQ_DESC_F_INDIRECT, 0);
		MUST(blk_submit(&blk, &req) == VIRTIO_BLK_S_OK);
		MUST(blk_match(buf, 3 * i, 1 + i % 8));
	}
	return 0;
}

/* Unused tail of the table, entries not in order, NEXT before INDIRECT. */
static int indirect_shapes(void)
{
	MUST(vdev_start(&blk, VIRTIO_F_INDIRECT_DESC, 16));
	indirect_request(200, 4);
	table[5] = table[1];
	table[0].next = 5;
	vq_desc(&blk, 0, table, sizeof(table[0]) * 16,
		VIRTQ_DESC_F_INDIRECT, 0);
	MUST(blk_submit(&blk, &req) == VIRTIO_BLK_S_OK);
	MUST(blk_match(buf, 200, 4));

	/* 2.7.5.3.2: direct descriptors may lead to one indirect table. */
	indirect_request(300, 2);
	vq_desc(&blk, 0, &req.req, 16, VIRTQ_DESC_F_NEXT, 1);
	vq_desc(&blk, 1, &table[1], 32, VIRTQ_DESC_F_INDIRECT, 0);
	table[1].next = 1;
	MUST(blk_submit(&blk, &req) == VIRTIO_BLK_S_OK);
	MUST(blk_match(buf, 300, 2));
	return 0;
}

/* M38: as many requests in flight as the queue has room for. */
static int m38_many_in_flight(void)
{
	static struct blk reqs[64];
	const uint16_t count = 21;	/* 63 of 64 descriptors */

	MUST(vdev_start(&blk, 0, 64));
	for (unsigned int round = 0; round < 50; round++) {
		uint16_t idx = vq_used_idx(&blk) + count;
		uint32_t seen = 0;

		for (uint16_t i = 0; i < count; i++) {
			uint16_t at = i * 3;

			reqs[i].req = (struct virtio_blk_req){
				.sector = round * 64 + i * 2 };
			reqs[i].status = BLK_PENDING;
			vq_desc(&blk, at, &reqs[i].req, 16, 1, at + 1);
			vq_desc(&blk, at + 1, buf + i * 2 * SECTOR, 2 * SECTOR,
				3, at + 2);
			vq_desc(&blk, at + 2, &reqs[i].status, 1, 2, 0);
			vq_push(&blk, at);
			if (round % 3 == 0) {
				vq_kick(&blk);
			}
		}
		vq_kick(&blk);
		MUST(vq_wait(&blk, idx));
		for (uint16_t i = 0; i < count; i++) {
			uint32_t id = blk.q.used->ring[(uint16_t)(idx - 1 - i)
						       % 64].id;

			MUST(id % 3 == 0 && id < 63);
			seen |= 1u << id / 3;
			MUST(reqs[i].status == VIRTIO_BLK_S_OK);
			MUST(blk_match(buf + i * 2 * SECTOR,
				       round * 64 + i * 2, 2));
		}
		MUST(seen == (1u << count) - 1);
	}
	return 0;
}

static int read_only(void)
{
	struct vdev ro;

	MUST(vdev_find(&ro, SLOT_BLK_RO, VIRTIO_ID_BLOCK));
	MUST(capacity(&ro) == DISK_SECTORS);
	MUST((vdev_offered(&ro) & VIRTIO_BLK_F_RO) != 0);
	MUST(vdev_start(&ro, VIRTIO_BLK_F_RO | VIRTIO_BLK_F_FLUSH, 16));
	MUST_PASS(blk_answers(&ro));
	memset(buf, 0xaa, SECTOR);
	MUST(blk_do(&ro, VIRTIO_BLK_T_OUT, 3, buf, SECTOR) ==
	     VIRTIO_BLK_S_IOERR);
	MUST(blk_do(&ro, VIRTIO_BLK_T_IN, 3, buf, SECTOR) ==
	     VIRTIO_BLK_S_OK);
	MUST(blk_match(buf, 3, 1));
	MUST(!vdev_broken(&ro));
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "blk_config_space", config_space },
		{ "blk_read_sizes", read_sizes },
		{ "blk_read_unaligned", read_unaligned },
		{ "blk_write_read", write_read },
		{ "blk_flush", flush },
		{ "blk_get_id", get_id },
		{ "blk_layouts_read", layouts_read },
		{ "blk_layouts_write", layouts_write },
		{ "m29_header_in_16", m29_header_in_16 },
		{ "m15_exactly_num", m15_exactly_num },
		{ "blk_indirect", indirect },
		{ "blk_indirect_shapes", indirect_shapes },
		{ "m38_many_in_flight", m38_many_in_flight },
		{ "blk_read_only", read_only },
	};

	MUST_PASS(blk_setup(&blk));
	return run_cases(cases, NELEM(cases), blk_after_case);
}
