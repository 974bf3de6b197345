/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtio-rng: random bytes, no more than asked for, many requests in flight
 * (M38), and a request for 4 GiB (M37) that must not hold up the machine.
 */
#include "arm.h"
#include "check.h"
#include "say.h"
#include "tree.h"
#include "vblk.h"

static struct vdev blk;
static struct vdev rng;
static uint8_t buf[8192] __attribute__((aligned(4096)));
static uint8_t old[8192];

static int fill(uint32_t len)
{
	uint16_t idx = vq_used_idx(&rng);
	uint32_t got;

	memset(buf, 0, sizeof(buf));
	vq_desc(&rng, 0, buf, len, VIRTQ_DESC_F_WRITE, 0);
	vq_push(&rng, 0);
	vq_kick(&rng);
	MUST(vq_wait(&rng, idx + 1));
	got = rng.q.used->ring[idx % rng.q.num].len;
	MUST(got >= 1 && got <= len);
	for (uint32_t i = got; i < sizeof(buf); i++) {
		MUST(buf[i] == 0);
	}
	return 0;
}

static int lengths(void)
{
	static const uint32_t lens[] = { 1, 2, 7, 64, 255, 256, 257, 4096,
					 8191 };

	MUST(vdev_start(&rng, 0, 8));
	for (unsigned int i = 0; i < NELEM(lens); i++) {
		MUST_PASS(fill(lens[i]));
	}
	return 0;
}

/* 64 bytes twice: different, and about half of the bits set. */
static int random(void)
{
	unsigned int ones = 0;

	MUST(vdev_start(&rng, 0, 8));
	MUST_PASS(fill(64));
	memcpy(old, buf, 64);
	MUST_PASS(fill(64));
	MUST(rng.q.used->ring[1].len < 16 || memcmp(old, buf, 16) != 0);
	for (unsigned int i = 0; i < 512; i++) {
		ones += (buf[i / 8] ^ old[i / 8]) >> i % 8 & 1;
	}
	MUST(rng.q.used->ring[0].len < 64 || (ones > 150 && ones < 362));
	return 0;
}

static int many_descriptors(void)
{
	MUST(vdev_start(&rng, 0, 8));
	memset(buf, 0, sizeof(buf));
	for (uint16_t i = 0; i < 8; i++) {
		vq_desc(&rng, i, buf + i * 1000 + i, 33 + i,
			VIRTQ_DESC_F_WRITE | (i < 7 ? VIRTQ_DESC_F_NEXT : 0),
			i + 1);
	}
	vq_push(&rng, 0);
	vq_kick(&rng);
	MUST(vq_wait(&rng, 1));
	for (unsigned int i = 0; i < 8; i++) {
		for (unsigned int b = i * 1000 + i + 33 + i;
		     b < (i + 1) * 1000; b++) {
			MUST(buf[b] == 0);
		}
	}
	return 0;
}

static int m38_full_ring(void)
{
	MUST(vdev_start(&rng, 0, 8));
	for (uint16_t round = 1; round <= 20; round++) {
		for (uint16_t i = 0; i < 8; i++) {
			vq_desc(&rng, i, buf + i * 64, 64, VIRTQ_DESC_F_WRITE,
				0);
			vq_push(&rng, i);
			vq_kick(&rng);
		}
		MUST(vq_wait(&rng, round * 8));
	}
	return 0;
}

/* A buffer that the device may only read has no room for anything. */
static int readable_buffer(void)
{
	MUST(vdev_start(&rng, 0, 8));
	memset(buf, 0x77, 64);
	vq_desc(&rng, 0, buf, 64, 0, 0);
	vq_push(&rng, 0);
	vq_kick(&rng);
	delay_us(20000);
	MUST(vdev_broken(&rng) || vq_used_idx(&rng) <= 1);
	for (unsigned int i = 0; i < 64; i++) {
		MUST(buf[i] == 0x77);
	}
	return 0;
}

static int m16_len_0(void)
{
	MUST(vdev_start(&rng, 0, 8));
	vq_desc(&rng, 0, buf, 0, VIRTQ_DESC_F_WRITE, 0);
	vq_push(&rng, 0);
	vq_kick(&rng);
	delay_us(20000);
	MUST(vdev_broken(&rng) || vq_used_idx(&rng) <= 1);
	return 0;
}

static int m20_outside_ram(void)
{
	static const uint64_t bad[] = { 0, 0x0b000000, 0x0a000000, 1ull << 40,
					~0ull - 7 };

	for (unsigned int i = 0; i < NELEM(bad); i++) {
		MUST(vdev_start(&rng, 0, 8));
		vq_desc(&rng, 0, (void *)bad[i], 64, VIRTQ_DESC_F_WRITE, 0);
		vq_push(&rng, 0);
		vq_kick(&rng);
		MUST(!vq_wait(&rng, 1));
		MUST(vdev_broken(&rng));
	}
	return 0;
}

static int m37_len_4g(void)
{
	MUST(vdev_start(&rng, 0, 8));
	vq_desc(&rng, 0, (void *)ram_free(), 0xffffffff, VIRTQ_DESC_F_WRITE,
		0);
	vq_push(&rng, 0);
	vq_kick(&rng);
	MUST(!vq_wait(&rng, 1));
	MUST(vdev_broken(&rng));
	return 0;
}

/* 4 GiB out of buffers that are all inside RAM, over each other. */
static int m37_sum_4g(void)
{
	uint16_t num = VQ_MAX;
	uint32_t max;
	uint64_t start;

	vdev_write(&rng, VIRTIO_MMIO_QUEUE_SEL, 0);
	max = vdev_read(&rng, VIRTIO_MMIO_QUEUE_NUM_MAX);
	while (num > max) {
		num /= 2;
	}
	MUST(vdev_start(&rng, 0, num));
	for (uint16_t i = 0; i < num; i++) {
		vq_desc(&rng, i, (void *)ram_free(), 16 << 20,
			VIRTQ_DESC_F_WRITE |
			(i + 1 < num ? VIRTQ_DESC_F_NEXT : 0), i + 1);
	}
	start = counter();
	vq_push(&rng, 0);
	vq_kick(&rng);
	say("  %u MiB: kick took %lu us\n", num * 16u,
	    (counter() - start) * 1000000 / sysreg_read("cntfrq_el0"));
	MUST(vq_wait(&rng, 1) || vdev_broken(&rng));
	say("  answered %u bytes after %lu us\n", rng.q.used->ring[0].len,
	    (counter() - start) * 1000000 / sysreg_read("cntfrq_el0"));
	return 0;
}

/* The same as a full ring of requests. */
static int m37_requests_4g(void)
{
	uint64_t start = counter();
	uint16_t num = VQ_MAX;

	MUST(vdev_start(&rng, 0, 8));
	while (num > vdev_read(&rng, VIRTIO_MMIO_QUEUE_NUM_MAX)) {
		num /= 2;
	}
	MUST(vdev_start(&rng, 0, num));
	for (uint16_t i = 0; i < num; i++) {
		vq_desc(&rng, i, (void *)ram_free(), 16 << 20,
			VIRTQ_DESC_F_WRITE, 0);
		vq_push(&rng, i);
	}
	vq_kick(&rng);
	MUST(vq_wait(&rng, num) || vdev_broken(&rng));
	say("  answered after %lu us\n", (counter() - start) * 1000000 /
	    sysreg_read("cntfrq_el0"));
	return 0;
}

static int after(void)
{
	MUST(vdev_start(&rng, 0, 8));
	MUST_PASS(fill(32));
	return blk_after_case();
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "rng_lengths", lengths },
		{ "rng_random", random },
		{ "rng_many_descriptors", many_descriptors },
		{ "rng_readable_buffer", readable_buffer },
		{ "rng_m16_len_0", m16_len_0 },
		{ "rng_m20_outside_ram", m20_outside_ram },
		{ "m37_len_4g", m37_len_4g },
		{ "m37_sum_4g", m37_sum_4g },
		{ "m37_requests_4g", m37_requests_4g },
		{ "rng_m38_full_ring", m38_full_ring },
	};

	MUST_PASS(blk_setup(&blk));
	MUST(vdev_find(&rng, SLOT_RNG, VIRTIO_ID_ENTROPY));
	return run_cases(cases, NELEM(cases), after);
}
