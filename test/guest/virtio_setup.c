/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Queues set up wrongly (M04, M07, M12), or changed when it is too late (M05,
 * M06): refused queues are not ready, ready ones stay as they are until
 * stopped or reset (virtio 1.2, 4.2.2).
 */
#include "arm.h"
#include "check.h"
#include "say.h"
#include "tree.h"
#include "vblk.h"

static struct vdev blk;
static uint8_t buf[4096] __attribute__((aligned(4096)));
static struct blk req;

static const unsigned int queue_regs[] = {
	VIRTIO_MMIO_QUEUE_NUM, VIRTIO_MMIO_QUEUE_DESC_LOW,
	VIRTIO_MMIO_QUEUE_DESC_HIGH, VIRTIO_MMIO_QUEUE_AVAIL_LOW,
	VIRTIO_MMIO_QUEUE_AVAIL_HIGH, VIRTIO_MMIO_QUEUE_USED_LOW,
	VIRTIO_MMIO_QUEUE_USED_HIGH,
};

/* ---- M04, M07, M12: queue set-up that must be refused ---- */

static void begin(void)
{
	vdev_reset(&blk);
	vdev_place(&blk, 16);
	(void)vdev_accept(&blk, VIRTIO_F_VERSION_1);
}

static int m04_bad_num(void)
{
	uint32_t max;
	uint32_t bad[] = { 0, 3, 17, 0, 0x10000, 0x10010, 0x80000000,
			   0xffffffff };

	begin();
	max = vdev_read(&blk, VIRTIO_MMIO_QUEUE_NUM_MAX);
	MUST((max & (max - 1)) == 0 && max <= 32768);
	bad[3] = max * 2;
	for (unsigned int i = 0; i < NELEM(bad); i++) {
		if (TRANSPORT_IS_PCI && bad[i] > 0xffff) {
			continue;	/* 16 bits there */
		}
		begin();
		vdev_write(&blk, VIRTIO_MMIO_QUEUE_SEL, 0);
		vdev_write64(&blk, VIRTIO_MMIO_QUEUE_DESC_LOW,
			     (uintptr_t)blk.q.desc);
		vdev_write64(&blk, VIRTIO_MMIO_QUEUE_AVAIL_LOW,
			     (uintptr_t)blk.q.avail);
		vdev_write64(&blk, VIRTIO_MMIO_QUEUE_USED_LOW,
			     (uintptr_t)blk.q.used);
		vdev_write(&blk, VIRTIO_MMIO_QUEUE_NUM, bad[i]);
		vdev_write(&blk, VIRTIO_MMIO_QUEUE_READY, 1);
		MUST(vdev_read(&blk, VIRTIO_MMIO_QUEUE_READY) == 0);
		vdev_go(&blk);
		vq_kick(&blk);
	}
	return 0;
}

/* Smallest and largest size work. */
static int queue_sizes(void)
{
	struct vdev rng;
	uint16_t num;

	MUST(vdev_find(&rng, SLOT_RNG, VIRTIO_ID_ENTROPY));
	for (num = 1; num <= VQ_MAX; num *= 2) {
		if (vdev_read(&rng, VIRTIO_MMIO_QUEUE_NUM_MAX) < num) {
			break;
		}
		MUST(vdev_start(&rng, 0, num));
		for (uint16_t i = 1; i <= 5; i++) {
			vq_desc(&rng, num - 1, buf, 64, VIRTQ_DESC_F_WRITE, 0);
			vq_push(&rng, num - 1);
			vq_kick(&rng);
			MUST(vq_wait(&rng, i));
		}
	}
	vdev_reset(&rng);
	return 0;
}

/* READY with these ring addresses must read back as want. */
static int ready(uint64_t desc, uint64_t avail, uint64_t used, bool want)
{
	bool is;

	begin();
	blk.q.desc = (void *)desc;
	blk.q.avail = (void *)avail;
	blk.q.used = (void *)used;
	is = vdev_queue(&blk);
	vdev_go(&blk);
	if (!is) {
		vq_kick(&blk);
	}
	if (is != want) {
		say("  desc %lx avail %lx used %lx: ready %d\n", desc, avail,
		    used, is);
	}
	MUST(is == want);
	return 0;
}

/* The same bad address for each of the three areas. */
static int refused(uint64_t addr)
{
	uint64_t ok = (uintptr_t)buf;

	MUST_PASS(ready(addr, ok + 1024, ok + 2048, false));
	MUST_PASS(ready(ok, addr, ok + 2048, false));
	MUST_PASS(ready(ok, ok + 1024, addr, false));
	return 0;
}

static int m07_unaligned(void)
{
	uint64_t ok = (uintptr_t)buf;

	MUST_PASS(ready(ok + 8, ok + 1024, ok + 2048, false));
	MUST_PASS(ready(ok + 1, ok + 1024, ok + 2048, false));
	MUST_PASS(ready(ok, ok + 1025, ok + 2048, false));
	MUST_PASS(ready(ok, ok + 1024, ok + 2050, false));
	MUST_PASS(ready(ok, ok + 1024, ok + 2049, false));
	/* Aligned as little as 2.7 asks for. */
	MUST_PASS(ready(ok + 16, ok + 1026, ok + 2052, true));
	return 0;
}

static int m07_unset(void)
{
	begin();
	vdev_write(&blk, VIRTIO_MMIO_QUEUE_NUM, 16);
	vdev_write(&blk, VIRTIO_MMIO_QUEUE_READY, 1);
	MUST(vdev_read(&blk, VIRTIO_MMIO_QUEUE_READY) == 0);
	return 0;
}

static int m07_out_of_ram(void)
{
	MUST_PASS(refused(0));
	MUST_PASS(refused(ram_base() - 16));
	MUST_PASS(refused(ram_end()));
	MUST_PASS(refused(ram_end() - 16));
	MUST_PASS(refused(1ull << 40));
	MUST_PASS(refused(1ull << 63));
	MUST_PASS(refused(0xfffffffffffffff0ull));
	MUST_PASS(refused(ram_base() | 1ull << 32));
	return 0;
}

/* Areas that overlap are the driver's own misfortune. */
static int m07_overlapping(void)
{
	uint64_t ok = (uintptr_t)buf;

	begin();
	blk.q.desc = (void *)ok;
	blk.q.avail = (void *)ok;
	blk.q.used = (void *)ok;
	if (vdev_queue(&blk)) {
		vdev_go(&blk);
		for (unsigned int i = 0; i < 100; i++) {
			vq_push(&blk, i & 15);
			vq_kick(&blk);
		}
	}
	return 0;
}

static int m12_in_device(void)
{
	MUST_PASS(refused(blk.base));
	MUST_PASS(refused(0x09000000));
	MUST_PASS(refused(0x08000000));
	MUST_PASS(refused(0x080a0000));
	return 0;
}

/* The last page of RAM is RAM, to the last byte. */
static int m12_end_of_ram(void)
{
	static uint8_t saved[4096];
	uint64_t page = ram_end() - 4096;
	const uint32_t used_size = 6 + 8 * 16;
	int code;

	memcpy(saved, (void *)page, sizeof(saved));
	memset((void *)page, 0, 4096);
	/* used has no used_event without EVENT_IDX, but its place counts */
	code = ready(page, page + 256, ram_end() - ((used_size + 3) & ~3u),
		     true);
	if (code == 0) {
		code = blk_answers(&blk);
	}
	vdev_reset(&blk);
	memcpy((void *)page, saved, sizeof(saved));
	MUST_PASS(code);
	MUST_PASS(refused(ram_end() - 16 * 2));
	return 0;
}

/* The device tree is RAM too. */
static int m12_in_device_tree(void)
{
	static uint8_t saved[4096];
	uint64_t at = guest_fdt() & ~4095ull;
	int code;

	memcpy(saved, (void *)at, sizeof(saved));
	memset((void *)at, 0, 4096);
	code = ready(at, at + 1024, at + 2048, true);
	if (code == 0) {
		code = blk_answers(&blk);
	}
	vdev_reset(&blk);
	memcpy((void *)at, saved, sizeof(saved));
	return code;
}

/* ---- M05, M06: registers changed after the point of no return ---- */

static void rewrite_queue(void)
{
	static const uint32_t values[] = { 8, 0, ~0u, 0x40080000, 3 };

	vdev_write(&blk, VIRTIO_MMIO_QUEUE_SEL, 0);
	for (unsigned int v = 0; v < NELEM(values); v++) {
		for (unsigned int i = 0; i < NELEM(queue_regs); i++) {
			vdev_write(&blk, queue_regs[i], values[v]);
		}
	}
}

static int m05_rewrite_after_ready(void)
{
	begin();
	MUST(vdev_queue(&blk));
	rewrite_queue();
	vdev_go(&blk);
	MUST_PASS(blk_answers(&blk));
	return 0;
}

static int m06_rewrite_after_driver_ok(void)
{
	MUST(vdev_start(&blk, 0, 16));
	blk_chain(&blk, &req, VIRTIO_BLK_T_IN, 9, buf, SECTOR);
	vq_push(&blk, 0);
	rewrite_queue();
	vq_kick(&blk);
	MUST(vq_wait(&blk, 1));
	MUST(req.status == VIRTIO_BLK_S_OK);
	MUST(blk_match(buf, 9, 1));
	return 0;
}

/* READY = 1 again, with nothing or everything in between, changes nothing. */
static int m06_ready_twice(void)
{
	MUST(vdev_start(&blk, 0, 16));
	MUST_PASS(blk_answers(&blk));
	vdev_write(&blk, VIRTIO_MMIO_QUEUE_READY, 1);
	rewrite_queue();
	vdev_write(&blk, VIRTIO_MMIO_QUEUE_READY, 1);
	MUST_PASS(blk_answers(&blk));
	vdev_write(&blk, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	vdev_write(&blk, VIRTIO_MMIO_DRIVER_FEATURES, ~0u);
	MUST_PASS(blk_answers(&blk));
	return 0;
}

/* READY = 0 stops the queue and reads back as 0 (4.2.2.2). */
static int ready_withdrawn(void)
{
	MUST(vdev_start(&blk, 0, 16));
	vdev_write(&blk, VIRTIO_MMIO_QUEUE_READY, 0);
	MUST(vdev_read(&blk, VIRTIO_MMIO_QUEUE_READY) == 0);
	blk_chain(&blk, &req, VIRTIO_BLK_T_IN, 9, buf, SECTOR);
	vq_push(&blk, 0);
	vq_kick(&blk);
	delay_us(20000);
	MUST(vq_used_idx(&blk) == 0);
	MUST(req.status == BLK_PENDING);
	return 0;
}

/* The same with a request in flight: nothing is written afterwards. */
static int ready_in_flight(void)
{
	for (unsigned int i = 0; i < 100; i++) {
		MUST(vdev_start(&blk, VIRTIO_BLK_F_FLUSH, 16));
		blk_chain(&blk, &req, VIRTIO_BLK_T_FLUSH, 0, NULL, 0);
		vq_push(&blk, 0);
		vq_kick(&blk);
		vdev_write(&blk, VIRTIO_MMIO_QUEUE_READY, 0);
		MUST(vdev_read(&blk, VIRTIO_MMIO_QUEUE_READY) == 0);
		req.status = 0xc5;
		memset((void *)blk.q.used, 0xc5, 128);
		delay_us(i % 10 == 0 ? 2000 : 0);
		MUST(req.status == 0xc5);
		MUST(blk.q.used->idx == 0xc5c5);
	}
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		/* A queue cannot be taken back on PCI (4.1.4.3.2). */
		{ "virtio_ready_withdrawn", ready_withdrawn },
		{ "virtio_ready_in_flight", ready_in_flight },
		{ "virtio_queue_sizes", queue_sizes },
		{ "m04_bad_num", m04_bad_num },
		{ "m05_rewrite_after_ready", m05_rewrite_after_ready },
		{ "m06_rewrite_after_driver_ok", m06_rewrite_after_driver_ok },
		{ "m06_ready_twice", m06_ready_twice },
		{ "m07_unaligned", m07_unaligned },
		{ "m07_unset", m07_unset },
		{ "m07_out_of_ram", m07_out_of_ram },
		{ "m07_overlapping", m07_overlapping },
		{ "m12_in_device", m12_in_device },
		{ "m12_end_of_ram", m12_end_of_ram },
		{ "m12_in_device_tree", m12_in_device_tree },
	};

	unsigned int skip = TRANSPORT_IS_PCI ? 2 : 0;

	MUST_PASS(blk_setup(&blk));
	return run_cases(cases + skip, NELEM(cases) - skip, blk_after_case);
}
