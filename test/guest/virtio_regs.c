/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtio-mmio registers used wrongly (M01 to M03, M08 to M10, M39, M43): the
 * device answers as virtio 1.2, 4.2 says or not at all, and works after a
 * reset.
 */
#include "arm.h"
#include "check.h"
#include "say.h"
#include "trap.h"
#include "vblk.h"

static struct vdev blk;
static uint8_t buf[4096] __attribute__((aligned(4096)));
static struct blk req;

/* ---- what is there ---- */

static int identity(void)
{
	static const uint32_t ids[] = {
		[SLOT_BLK] = VIRTIO_ID_BLOCK, [SLOT_RNG] = VIRTIO_ID_ENTROPY,
		[SLOT_BLK_RO] = VIRTIO_ID_BLOCK,
		[SLOT_BLK_LEGACY] = VIRTIO_ID_BLOCK,
		[SLOT_BLK_OTHER] = VIRTIO_ID_BLOCK,
	};
	struct vdev d;

	for (unsigned int i = 0; i < NELEM(ids); i++) {
		MUST(vdev_find(&d, i, ids[i]));
		MUST(d.version == 1 || d.version == 2);
		if (d.version == 2) {
			MUST((vdev_offered(&d) & VIRTIO_F_VERSION_1) != 0);
		}
	}
	return 0;
}

/* A slot without device aborts, reads 0, or has device id 0. */
static int empty_slots(void)
{
	uint64_t value;

	for (unsigned int i = SLOT_BLK_OTHER + 1; i < VIO_SLOTS; i++) {
		uint64_t base = VIO_BASE + i * VIO_STRIDE;

		if (probe_read(base + VIRTIO_MMIO_MAGIC_VALUE, 4, &value)) {
			MUST(value == VIRTIO_MAGIC || value == 0);
			MUST(probe_read(base + VIRTIO_MMIO_DEVICE_ID, 4,
					&value));
			MUST(value == 0);
		}
		(void)probe_write(base + VIRTIO_MMIO_STATUS, 4, 0xf);
		(void)probe_write(base + VIRTIO_MMIO_QUEUE_NOTIFY, 4, 0);
	}
	return 0;
}

static int status_after_reset(void)
{
	vdev_reset(&blk);
	MUST(vdev_read(&blk, VIRTIO_MMIO_STATUS) == 0);
	MUST(vdev_read(&blk, VIRTIO_MMIO_INTERRUPT_STATUS) == 0);
	vdev_write(&blk, VIRTIO_MMIO_QUEUE_SEL, 0);
	MUST(vdev_read(&blk, VIRTIO_MMIO_QUEUE_READY) == 0);
	MUST(vdev_read(&blk, VIRTIO_MMIO_QUEUE_NUM_MAX) >= 16);
	return 0;
}

/* ---- M01, M02: queues that do not exist ---- */

static const uint32_t no_queues[] = { 1, 2, 0xffff, 0x10000, 0x7fffffff,
				      0xffffffff };

static const unsigned int queue_regs[] = {
	VIRTIO_MMIO_QUEUE_NUM, VIRTIO_MMIO_QUEUE_DESC_LOW,
	VIRTIO_MMIO_QUEUE_DESC_HIGH, VIRTIO_MMIO_QUEUE_AVAIL_LOW,
	VIRTIO_MMIO_QUEUE_AVAIL_HIGH, VIRTIO_MMIO_QUEUE_USED_LOW,
	VIRTIO_MMIO_QUEUE_USED_HIGH, VIRTIO_MMIO_QUEUE_READY,
};

static int hammer_queue(struct vdev *d, uint32_t sel)
{
	vdev_write(d, VIRTIO_MMIO_QUEUE_SEL, sel);
	MUST(vdev_read(d, VIRTIO_MMIO_QUEUE_NUM_MAX) == 0);
	MUST(vdev_read(d, VIRTIO_MMIO_QUEUE_READY) == 0);
	for (unsigned int i = 0; i < NELEM(queue_regs); i++) {
		vdev_write(d, queue_regs[i], 16);
		vdev_write(d, queue_regs[i], ~0u);
		vdev_write(d, queue_regs[i], 1);
	}
	MUST(vdev_read(d, VIRTIO_MMIO_QUEUE_READY) == 0);
	return 0;
}

static int m01_queue_sel(void)
{
	MUST(vdev_start(&blk, 0, 16));
	for (unsigned int i = 0; i < NELEM(no_queues); i++) {
		MUST_PASS(hammer_queue(&blk, no_queues[i]));
		MUST_PASS(blk_answers(&blk));
	}
	vdev_write(&blk, VIRTIO_MMIO_QUEUE_SEL, 0);
	MUST(vdev_read(&blk, VIRTIO_MMIO_QUEUE_READY) == 1);
	return 0;
}

static int m02_notify(void)
{
	MUST(vdev_start(&blk, 0, 16));
	for (unsigned int i = 0; i < NELEM(no_queues); i++) {
		vdev_write(&blk, VIRTIO_MMIO_QUEUE_NOTIFY, no_queues[i]);
		MUST(!vdev_broken(&blk));
		MUST_PASS(blk_answers(&blk));
	}
	return 0;
}

/* M03: the same on the other device kind. */
static int m03_rng(void)
{
	struct vdev rng;

	MUST(vdev_find(&rng, SLOT_RNG, VIRTIO_ID_ENTROPY));
	MUST(vdev_start(&rng, 0, 8));
	for (unsigned int i = 0; i < NELEM(no_queues); i++) {
		MUST_PASS(hammer_queue(&rng, no_queues[i]));
		vdev_write(&rng, VIRTIO_MMIO_QUEUE_NOTIFY, no_queues[i]);
	}
	vq_desc(&rng, 0, buf, 64, VIRTQ_DESC_F_WRITE, 0);
	vq_push(&rng, 0);
	vq_kick(&rng);
	MUST(vq_wait(&rng, 1));
	return 0;
}

/* ---- M08 to M10: status and features ---- */

static int m08_driver_ok_first(void)
{
	vdev_reset(&blk);
	vdev_place(&blk, 16);
	vdev_write(&blk, VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_DRIVER_OK);
	blk_chain(&blk, &req, VIRTIO_BLK_T_IN, 9, buf, SECTOR);
	vq_push(&blk, 0);
	vq_kick(&blk);
	(void)vdev_queue(&blk);
	vq_kick(&blk);
	delay_us(2000);
	return 0;
}

static int m08_bits_cleared(void)
{
	MUST(vdev_start(&blk, 0, 16));
	for (uint32_t status = 0xff; status > 0; status--) {
		vdev_write(&blk, VIRTIO_MMIO_STATUS, status);
		vq_kick(&blk);
	}
	/* The driver cannot forge NEEDS_RESET away or on. */
	return 0;
}

static int m08_failed(void)
{
	MUST(vdev_start(&blk, 0, 16));
	vdev_write(&blk, VIRTIO_MMIO_STATUS,
		   vdev_read(&blk, VIRTIO_MMIO_STATUS) |
		   VIRTIO_CONFIG_S_FAILED);
	blk_chain(&blk, &req, VIRTIO_BLK_T_IN, 9, buf, SECTOR);
	vq_push(&blk, 0);
	vq_kick(&blk);
	delay_us(2000);
	vdev_write(&blk, VIRTIO_MMIO_STATUS, 0xffffff00);
	vdev_write(&blk, VIRTIO_MMIO_STATUS, 0xffffffff);
	vq_kick(&blk);
	return 0;
}

static int m09_notify_too_early(void)
{
	vdev_reset(&blk);
	vdev_place(&blk, 16);
	blk_chain(&blk, &req, VIRTIO_BLK_T_IN, 9, buf, SECTOR);
	vq_push(&blk, 0);
	vq_kick(&blk);
	MUST(vdev_accept(&blk, VIRTIO_F_VERSION_1));
	vq_kick(&blk);
	MUST(vdev_queue(&blk));
	vdev_reset(&blk);
	vq_kick(&blk);
	delay_us(20000);
	MUST(vq_used_idx(&blk) == 0);
	MUST(req.status == BLK_PENDING);
	MUST(vdev_read(&blk, VIRTIO_MMIO_INTERRUPT_STATUS) == 0);
	return 0;
}

static int m10_unoffered(void)
{
	uint64_t offered = vdev_offered(&blk);

	for (unsigned int bit = 0; bit < 64; bit++) {
		uint64_t one = 1ull << bit;

		if ((offered & one) != 0) {
			continue;
		}
		vdev_reset(&blk);
		if (vdev_accept(&blk, VIRTIO_F_VERSION_1 | one)) {
			say("  bit %u taken\n", bit);
			MUST(false);
		}
	}
	vdev_reset(&blk);
	MUST(!vdev_accept(&blk, ~0ull));
	return 0;
}

static int m10_no_version_1(void)
{
	vdev_reset(&blk);
	MUST(!vdev_accept(&blk, 0));
	vdev_reset(&blk);
	MUST(!vdev_accept(&blk, vdev_offered(&blk) & ~VIRTIO_F_VERSION_1));
	return 0;
}

static int m10_feature_sel(void)
{
	static const uint32_t sels[] = { 2, 3, 31, 32, 0x7fffffff, ~0u };

	vdev_reset(&blk);
	for (unsigned int i = 0; i < NELEM(sels); i++) {
		vdev_write(&blk, VIRTIO_MMIO_DEVICE_FEATURES_SEL, sels[i]);
		MUST(vdev_read(&blk, VIRTIO_MMIO_DEVICE_FEATURES) == 0);
		vdev_write(&blk, VIRTIO_MMIO_DRIVER_FEATURES_SEL, sels[i]);
		vdev_write(&blk, VIRTIO_MMIO_DRIVER_FEATURES, ~0u);
	}
	return 0;
}

/* ---- M39: every offset, every width ---- */

static const unsigned int widths[] = { 1, 2, 4, 8 };

/* Where something answers, two reads of a constant register agree. */
static int m39_reads(void)
{
	uint64_t value;

	MUST(vdev_start(&blk, 0, 16));
	for (unsigned int offset = 0; offset < VIO_STRIDE; offset++) {
		for (unsigned int i = 0; i < NELEM(widths); i++) {
			(void)probe_read(alias(blk.base) + offset, widths[i],
					 &value);
		}
	}
	MUST(!vdev_broken(&blk));
	MUST_PASS(blk_answers(&blk));
	return 0;
}

/*
 * 4.2.2.2 has 32-bit accesses only. A narrow read yields 0 or what it would of
 * memory, a narrow write does nothing.
 */
static int m39_narrow(void)
{
	uint64_t value;
	uint32_t want;

	MUST(vdev_start(&blk, 0, 16));
	for (unsigned int reg = 0; reg < VIRTIO_MMIO_CONFIG; reg++) {
		for (unsigned int i = 0; i < 2; i++) {
			if (reg % widths[i] != 0) {
				continue;
			}
			want = vdev_read(&blk, reg & ~3u) >> reg % 4 * 8;
			want &= i == 0 ? 0xff : 0xffff;
			if (probe_read(blk.base + reg, widths[i], &value)) {
				MUST(value == 0 || value == want);
			}
			(void)probe_write(blk.base + reg, widths[i], 0);
			(void)probe_write(blk.base + reg, widths[i], 0xff);
		}
	}
	MUST_PASS(blk_answers(&blk));
	return 0;
}

static int m39_writes(void)
{
	static const uint64_t values[] = { 0, ~0ull, 0xa5a5a5a5a5a5a5a5ull,
					   1, 0x8000000080000000ull };

	for (unsigned int v = 0; v < NELEM(values); v++) {
		MUST(vdev_start(&blk, 0, 16));
		for (unsigned int offset = 0; offset < VIO_STRIDE; offset++) {
			for (unsigned int i = 0; i < NELEM(widths); i++) {
				(void)probe_write(alias(blk.base) + offset,
						  widths[i], values[v]);
			}
		}
	}
	return 0;
}

static int config_space(void)
{
	uint64_t value;

	MUST(vdev_start(&blk, 0, 16));
	for (unsigned int at = 0; at < 0x100; at += 4) {
		(void)probe_write(blk.base + VIRTIO_MMIO_CONFIG + at, 4, ~0ull);
	}
	MUST(vdev_read(&blk, VIRTIO_MMIO_CONFIG) == DISK_SECTORS);
	MUST(vdev_read(&blk, VIRTIO_MMIO_CONFIG + 4) == 0);
	/* Behind the end of struct virtio_blk_config. */
	for (unsigned int at = 0x80; at < 0x100; at++) {
		if (probe_read(blk.base + VIRTIO_MMIO_CONFIG + at, 1,
			       &value)) {
			MUST(value == 0 || value == 0xff);
		}
	}
	MUST_PASS(blk_answers(&blk));
	return 0;
}

static int m43_read_only(void)
{
	static const unsigned int regs[] = {
		VIRTIO_MMIO_MAGIC_VALUE, VIRTIO_MMIO_VERSION,
		VIRTIO_MMIO_DEVICE_ID, VIRTIO_MMIO_VENDOR_ID,
		VIRTIO_MMIO_QUEUE_NUM_MAX, VIRTIO_MMIO_INTERRUPT_STATUS,
		VIRTIO_MMIO_CONFIG_GENERATION,
	};

	MUST(vdev_start(&blk, 0, 16));
	for (unsigned int i = 0; i < NELEM(regs); i++) {
		uint32_t before = vdev_read(&blk, regs[i]);

		vdev_write(&blk, regs[i], ~before);
		MUST(vdev_read(&blk, regs[i]) == before);
	}
	MUST_PASS(blk_answers(&blk));
	return 0;
}

static int interrupt_ack(void)
{
	MUST(vdev_start(&blk, 0, 16));
	vdev_write(&blk, VIRTIO_MMIO_INTERRUPT_ACK, ~0u);
	MUST_PASS(blk_answers(&blk));
	MUST(vdev_read(&blk, VIRTIO_MMIO_INTERRUPT_STATUS) ==
	     VIRTIO_MMIO_INT_VRING);
	vdev_write(&blk, VIRTIO_MMIO_INTERRUPT_ACK, ~VIRTIO_MMIO_INT_VRING);
	MUST(vdev_read(&blk, VIRTIO_MMIO_INTERRUPT_STATUS) ==
	     VIRTIO_MMIO_INT_VRING);
	vdev_write(&blk, VIRTIO_MMIO_INTERRUPT_ACK, VIRTIO_MMIO_INT_VRING);
	MUST(vdev_read(&blk, VIRTIO_MMIO_INTERRUPT_STATUS) == 0);
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "virtio_identity", identity },
		{ "virtio_empty_slots", empty_slots },
		{ "virtio_status_after_reset", status_after_reset },
		{ "virtio_interrupt_ack", interrupt_ack },
		{ "virtio_config_space", config_space },
		{ "m01_queue_sel", m01_queue_sel },
		{ "m02_notify", m02_notify },
		{ "m03_rng", m03_rng },
		{ "m08_driver_ok_first", m08_driver_ok_first },
		{ "m08_bits_cleared", m08_bits_cleared },
		{ "m08_failed", m08_failed },
		{ "m09_notify_too_early", m09_notify_too_early },
		{ "m10_unoffered", m10_unoffered },
		{ "m10_no_version_1", m10_no_version_1 },
		{ "m10_feature_sel", m10_feature_sel },
		{ "m39_reads", m39_reads },
		{ "m39_narrow", m39_narrow },
		{ "m39_writes", m39_writes },
		{ "m43_read_only", m43_read_only },
	};

	MUST_PASS(blk_setup(&blk));
	return run_cases(cases, NELEM(cases), blk_after_case);
}
