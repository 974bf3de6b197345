// SPDX-License-Identifier: Apache-2.0
/*
 * An access to a register that a guest cannot have mapped: a virtio-mmio
 * transport's are smaller than a page. The write selects what nobody reads.
 */
#include "arm.h"
#include "check.h"
#include "latency.h"
#include "vio.h"

static const uint64_t magic = VIO_BASE + VIRTIO_MMIO_MAGIC_VALUE;
static const uint64_t select = VIO_BASE + VIRTIO_MMIO_DEVICE_FEATURES_SEL;

static int read_once(const void *ctx, uint64_t *ticks)
{
	uint64_t start, end;
	uint32_t value;

	(void)ctx;
	__asm__ volatile("mrs %0, cntvct_el0\n\t"
			 "ldr %w1, [%3]\n\t"
			 "mrs %2, cntvct_el0"
			 : "=&r"(start), "=&r"(value), "=&r"(end)
			 : "r"(magic) : "memory");
	MUST(value == VIRTIO_MAGIC);
	*ticks = end - start;
	return 0;
}

static int write_once(const void *ctx, uint64_t *ticks)
{
	uint64_t start, end;

	(void)ctx;
	__asm__ volatile("mrs %0, cntvct_el0\n\t"
			 "str wzr, [%2]\n\t"
			 "mrs %1, cntvct_el0"
			 : "=&r"(start), "=&r"(end)
			 : "r"(select) : "memory");
	*ticks = end - start;
	return 0;
}

int main(void)
{
	measure_marks();
	MUST_PASS(measure("trapped_read", read_once, NULL));
	return measure("trapped_write", write_once, NULL);
}
