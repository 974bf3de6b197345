/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Indirect descriptor tables that break the rules of virtio 1.2, 2.7.5.3 (M24
 * to M26), or only bend them.
 */
#include "arm.h"
#include "check.h"
#include "spoil.h"
#include "tree.h"

static struct virtq_desc table[2048] __attribute__((aligned(4096)));

static int begin_indirect(uint32_t len)
{
	MUST_PASS(begin_with(VIRTIO_F_INDIRECT_DESC));
	MUST((blk.features & VIRTIO_F_INDIRECT_DESC) != 0);
	for (unsigned int i = 0; i < 3; i++) {
		table[i] = blk.q.desc[i];
	}
	vq_desc(&blk, 0, table, len, VIRTQ_DESC_F_INDIRECT, 0);
	return 0;
}

static int indirect_len(uint32_t len)
{
	MUST_PASS(begin_indirect(len));
	return must_break();
}

static int m24_indirect_len(void)
{
	MUST_PASS(indirect_len(0));
	MUST_PASS(indirect_len(8));
	MUST_PASS(indirect_len(24));
	MUST_PASS(indirect_len(47));
	MUST_PASS(indirect_len(49));
	MUST_PASS(indirect_len(0xfffffff0));
	/* One descriptor short: next points behind the table. */
	return indirect_len(32);
}

/* A chain of that many, header first, status last. */
static void indirect_chain(uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		table[i] = (struct virtq_desc){
			(uintptr_t)buf, SECTOR,
			VIRTQ_DESC_F_NEXT | VIRTQ_DESC_F_WRITE,
			(uint16_t)(i + 1) };
	}
	table[count - 1] = (struct virtq_desc){
		(uintptr_t)&req.status, 1, VIRTQ_DESC_F_WRITE, 0 };
	blk.q.desc[0].len = count * sizeof(struct virtq_desc);
}

/* Longer than the queue: 2.7.5.3.1 forbids it, devices may still do it. */
static int m24_indirect_long(void)
{
	static const uint32_t counts[] = { NUM, NUM + 1, 129, 257, 1025,
					   2048 };

	for (unsigned int i = 0; i < NELEM(counts); i++) {
		MUST_PASS(begin_indirect(0));
		indirect_chain(counts[i]);
		MUST_PASS(must_answer());
		MUST(counts[i] > NUM || req.status == VIRTIO_BLK_S_OK);
	}
	return 0;
}

static int m24_indirect_loop(void)
{
	MUST_PASS(begin_indirect(48));
	table[1].next = 1;
	MUST_PASS(must_break());
	MUST_PASS(begin_indirect(48));
	table[2].flags |= VIRTQ_DESC_F_NEXT;
	table[2].next = 0;
	MUST_PASS(must_break());
	MUST_PASS(begin_indirect(sizeof(table)));
	table[2].flags |= VIRTQ_DESC_F_NEXT;
	table[2].next = 1;
	return must_break();
}

static int m24_indirect_next_range(void)
{
	MUST_PASS(begin_indirect(48));
	table[1].next = 3;
	MUST_PASS(must_break());
	MUST_PASS(begin_indirect(48));
	table[1].next = 0xffff;
	return must_break();
}

static int m25_nested(void)
{
	MUST_PASS(begin_indirect(48));
	table[8] = table[1];
	table[1].addr = (uintptr_t)&table[8];
	table[1].len = sizeof(table[8]);
	table[1].flags = VIRTQ_DESC_F_INDIRECT;
	return must_break();
}

static int m25_nested_in_itself(void)
{
	MUST_PASS(begin_indirect(48));
	table[0].addr = (uintptr_t)table;
	table[0].len = 48;
	table[0].flags = VIRTQ_DESC_F_INDIRECT;
	return must_break();
}

static int m25_indirect_and_next(void)
{
	MUST_PASS(begin_indirect(48));
	blk.q.desc[0].flags |= VIRTQ_DESC_F_NEXT;
	blk.q.desc[0].next = 2;
	return must_break();
}

/* WRITE on the referring descriptor means nothing (2.7.5.3.2). */
static int m25_indirect_and_write(void)
{
	MUST_PASS(begin_indirect(48));
	blk.q.desc[0].flags |= VIRTQ_DESC_F_WRITE;
	return must_read(20, buf, 1);
}

/* INDIRECT without its feature bit is the driver's fault; it must not hang. */
static int m25_not_negotiated(void)
{
	MUST_PASS(begin());
	for (unsigned int i = 0; i < 3; i++) {
		table[i] = blk.q.desc[i];
	}
	vq_desc(&blk, 0, table, 48, VIRTQ_DESC_F_INDIRECT, 0);
	return must_answer();
}

static int indirect_at(uint64_t addr, uint32_t len)
{
	MUST_PASS(begin_indirect(len));
	blk.q.desc[0].addr = addr;
	return must_break();
}

static int m26_indirect_outside(void)
{
	MUST_PASS(indirect_at(0, 48));
	MUST_PASS(indirect_at(HOLE, 48));
	MUST_PASS(indirect_at(blk.base, 48));
	MUST_PASS(indirect_at(ram_end(), 48));
	MUST_PASS(indirect_at(ram_end() - 32, 48));
	MUST_PASS(indirect_at(ram_base() - 16, 48));
	MUST_PASS(indirect_at(~0ull - 15, 48));
	return indirect_at(~0ull - 15, 16);
}

/* Section 2.7.5.3 asks for no alignment of the table. */
static int m26_indirect_unaligned(void)
{
	static uint8_t bytes[64];

	MUST_PASS(begin_indirect(48));
	memcpy(bytes + 3, table, 48);
	blk.q.desc[0].addr = (uintptr_t)bytes + 3;
	return must_read(20, buf, 1);
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "m24_indirect_len", m24_indirect_len },
		{ "m24_indirect_long", m24_indirect_long },
		{ "m24_indirect_loop", m24_indirect_loop },
		{ "m24_indirect_next_range", m24_indirect_next_range },
		{ "m25_nested", m25_nested },
		{ "m25_nested_in_itself", m25_nested_in_itself },
		{ "m25_indirect_and_next", m25_indirect_and_next },
		{ "m25_indirect_and_write", m25_indirect_and_write },
		{ "m25_not_negotiated", m25_not_negotiated },
		{ "m26_indirect_outside", m26_indirect_outside },
		{ "m26_indirect_unaligned", m26_indirect_unaligned },
	};

	MUST_PASS(blk_setup(&blk));
	return run_cases(cases, NELEM(cases), blk_after_case);
}
