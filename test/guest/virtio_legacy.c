/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The legacy (version 1) interface of virtio-mmio (virtio 1.2, 4.2.4) on the
 * block device in slot 3: a correct driver first, then M01 to M20 as far as
 * registers and rings differ from version 2.
 */
#include "arm.h"
#include "check.h"
#include "say.h"
#include "tree.h"
#include "trap.h"
#include "vblk.h"

static struct vdev old;
static struct blk req;
static uint8_t buf[8192] __attribute__((aligned(4096)));

static int identity(void)
{
	MUST(vdev_read(&old, VIRTIO_MMIO_CONFIG) == DISK_SECTORS);
	vdev_write(&old, VIRTIO_MMIO_QUEUE_SEL, 0);
	MUST(vdev_read(&old, VIRTIO_MMIO_QUEUE_NUM_MAX) >= 16);
	vdev_write(&old, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
	MUST((vdev_read(&old, VIRTIO_MMIO_DEVICE_FEATURES) & 1) == 0);
	return 0;
}

static int read_write(void)
{
	MUST(vdev_start(&old, VIRTIO_BLK_F_FLUSH, 16));
	return blk_reads_and_writes(&old);
}

/* 4096 is what everybody uses; smaller powers of two are legal. */
static int page_and_align(void)
{
	vdev_reset(&old);
	vdev_place(&old, 16);
	(void)vdev_accept(&old, 0);
	vdev_write(&old, VIRTIO_MMIO_GUEST_PAGE_SIZE, 4096);
	vdev_write(&old, VIRTIO_MMIO_QUEUE_SEL, 0);
	vdev_write(&old, VIRTIO_MMIO_QUEUE_NUM, 16);
	vdev_write(&old, VIRTIO_MMIO_QUEUE_ALIGN, 512);
	old.q.used = (void *)((uintptr_t)old.q.desc + 512);
	vdev_write(&old, VIRTIO_MMIO_QUEUE_PFN,
		   (uint32_t)((uintptr_t)old.q.desc / 4096));
	vdev_go(&old);
	return blk_answers(&old);
}

/* PFN = 0 takes the queue away; a new PFN brings it back. */
static int pfn_0(void)
{
	MUST(vdev_start(&old, 0, 16));
	MUST_PASS(blk_answers(&old));
	vdev_write(&old, VIRTIO_MMIO_QUEUE_PFN, 0);
	MUST(vdev_read(&old, VIRTIO_MMIO_QUEUE_PFN) == 0);
	blk_chain(&old, &req, VIRTIO_BLK_T_IN, 1, buf, SECTOR);
	vq_push(&old, 0);
	vq_kick(&old);
	delay_us(20000);
	MUST(req.status == BLK_PENDING);
	return 0;
}

static int indirect_event_idx(void)
{
	MUST(vdev_start(&old, VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX,
			16));
	for (unsigned int i = 0; i < 40; i++) {
		MUST_PASS(blk_answers(&old));
	}
	return 0;
}

static const uint32_t no_queues[] = { 1, 0xffff, 0x10000, 0xffffffff };

static int m01_queue_sel(void)
{
	static const unsigned int regs[] = {
		VIRTIO_MMIO_QUEUE_NUM, VIRTIO_MMIO_QUEUE_ALIGN,
		VIRTIO_MMIO_QUEUE_PFN,
	};

	MUST(vdev_start(&old, 0, 16));
	for (unsigned int i = 0; i < NELEM(no_queues); i++) {
		vdev_write(&old, VIRTIO_MMIO_QUEUE_SEL, no_queues[i]);
		MUST(vdev_read(&old, VIRTIO_MMIO_QUEUE_NUM_MAX) == 0);
		MUST(vdev_read(&old, VIRTIO_MMIO_QUEUE_PFN) == 0);
		for (unsigned int r = 0; r < NELEM(regs); r++) {
			vdev_write(&old, regs[r], 4096);
			vdev_write(&old, regs[r], ~0u);
		}
		vdev_write(&old, VIRTIO_MMIO_QUEUE_NOTIFY, no_queues[i]);
		MUST_PASS(blk_answers(&old));
	}
	return 0;
}

static int bad_setup(uint32_t page, uint32_t num, uint32_t align, uint32_t pfn)
{
	vdev_reset(&old);
	vdev_place(&old, 16);
	(void)vdev_accept(&old, 0);
	vdev_write(&old, VIRTIO_MMIO_GUEST_PAGE_SIZE, page);
	vdev_write(&old, VIRTIO_MMIO_QUEUE_SEL, 0);
	vdev_write(&old, VIRTIO_MMIO_QUEUE_NUM, num);
	vdev_write(&old, VIRTIO_MMIO_QUEUE_ALIGN, align);
	vdev_write(&old, VIRTIO_MMIO_QUEUE_PFN, pfn);
	vdev_go(&old);
	blk_chain(&old, &req, VIRTIO_BLK_T_IN, 1, buf, SECTOR);
	vq_push(&old, 0);
	vq_kick(&old);
	delay_us(2000);
	return 0;
}

/* Nothing to read back here but survival. */
static int m04_nonsense_setup(void)
{
	static const uint32_t values[] = { 0, 1, 3, 16, 4095, 4096, 65536,
					   0x80000000, 0xffffffff };
	uint32_t pfn = (uint32_t)((uintptr_t)buf / 4096);

	for (unsigned int i = 0; i < NELEM(values); i++) {
		MUST_PASS(bad_setup(values[i], 16, 4096, pfn));
		MUST_PASS(bad_setup(4096, values[i], 4096, pfn));
		MUST_PASS(bad_setup(4096, 16, values[i], pfn));
		MUST_PASS(bad_setup(4096, 16, 4096, values[i]));
		MUST_PASS(bad_setup(values[i], values[i], values[i],
				    values[i]));
	}
	MUST_PASS(bad_setup(4096, 16, 4096, (uint32_t)(ram_end() / 4096)));
	return bad_setup(4096, 16, 4096, (uint32_t)(ram_end() / 4096) - 1);
}

static int m13_loop(void)
{
	MUST(vdev_start(&old, 0, 16));
	blk_chain(&old, &req, VIRTIO_BLK_T_IN, 1, buf, SECTOR);
	old.q.desc[1].next = 1;
	vq_push(&old, 0);
	vq_kick(&old);
	delay_us(2000);
	return 0;
}

static int m18_bad_head(void)
{
	MUST(vdev_start(&old, 0, 16));
	vq_push(&old, 0xffff);
	vq_kick(&old);
	delay_us(2000);
	return 0;
}

static int m20_outside_ram(void)
{
	for (unsigned int i = 0; i < 3; i++) {
		MUST(vdev_start(&old, 0, 16));
		blk_chain(&old, &req, VIRTIO_BLK_T_IN, 1, buf, SECTOR);
		old.q.desc[i].addr = 0x0b000000;
		vq_push(&old, 0);
		vq_kick(&old);
		delay_us(2000);
	}
	return 0;
}

static int m39_every_offset(void)
{
	static const unsigned int widths[] = { 1, 2, 4, 8 };
	static const uint64_t values[] = { 0, ~0ull, 0xa5a5a5a5a5a5a5a5ull };
	uint64_t value;

	MUST(vdev_start(&old, 0, 16));
	for (unsigned int at = 0; at < VIO_STRIDE * NELEM(widths); at++) {
		unsigned int offset = at / NELEM(widths);
		unsigned int width = widths[at % NELEM(widths)];

		(void)probe_read(alias(old.base) + offset, width, &value);
		for (unsigned int v = 0; v < NELEM(values); v++) {
			(void)probe_write(alias(old.base) + offset, width,
					  values[v]);
		}
	}
	return 0;
}

static int after(void)
{
	return blk_alive(&old);
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "legacy_identity", identity },
		{ "legacy_read_write", read_write },
		{ "legacy_page_and_align", page_and_align },
		{ "legacy_pfn_0", pfn_0 },
		{ "legacy_indirect_event_idx", indirect_event_idx },
		{ "legacy_m01_queue_sel", m01_queue_sel },
		{ "legacy_m04_nonsense_setup", m04_nonsense_setup },
		{ "legacy_m13_loop", m13_loop },
		{ "legacy_m18_bad_head", m18_bad_head },
		{ "legacy_m20_outside_ram", m20_outside_ram },
		{ "legacy_m39_every_offset", m39_every_offset },
	};

	MUST(vdev_find(&old, SLOT_BLK_LEGACY, VIRTIO_ID_BLOCK));
	MUST(old.version == 1);
	return run_cases(cases, NELEM(cases), after);
}
