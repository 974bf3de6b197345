/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration access capability of virtio over PCI (virtio 1.2,
 * 4.1.4.9): a window in configuration space through which the BARs are read
 * and written, with good and with bad places in it.
 */
#include "arm.h"
#include "check.h"
#include "pcialive.h"
#include "say.h"
#include "trap.h"
#include "viopci.h"

static struct vdev *const blk = &pci_blk;
static const struct pci_fn *f;
static unsigned int cap;	/* of the window */
static struct blk req;
static uint8_t buf[SECTOR];

static void point(uint32_t bar, uint32_t offset, uint32_t length)
{
	pci_write(f, cap + VIRTIO_PCI_CAP_BAR, 1, bar);
	pci_write(f, cap + VIRTIO_PCI_CAP_OFFSET, 4, offset);
	pci_write(f, cap + VIRTIO_PCI_CAP_LENGTH, 4, length);
}

static uint32_t get(const struct vpci_part *part, uint32_t at,
		    uint32_t length)
{
	point(part->bar, part->offset + at, length);
	return pci_read(f, cap + VIRTIO_PCI_CAP_MORE, length);
}

static void put(const struct vpci_part *part, uint32_t at, uint32_t length,
		uint32_t value)
{
	point(part->bar, part->offset + at, length);
	pci_write(f, cap + VIRTIO_PCI_CAP_MORE, length, value);
}

/* ---- as it is meant ---- */

static int place_reads_back(void)
{
	point(1, 0x1234, 2);
	MUST(pci_read(f, cap + VIRTIO_PCI_CAP_BAR, 1) == 1);
	MUST(pci_read(f, cap + VIRTIO_PCI_CAP_OFFSET, 4) == 0x1234);
	MUST(pci_read(f, cap + VIRTIO_PCI_CAP_LENGTH, 4) == 2);
	MUST(pci_read(f, cap, 1) == PCI_CAP_ID_VENDOR);
	MUST(pci_read(f, cap + VIRTIO_PCI_CAP_TYPE, 1) ==
	     VIRTIO_PCI_CAP_PCI);
	return 0;
}

static int reads(void)
{
	const struct vpci_part *c = &blk->pci->common;
	const struct vpci_part *d = &blk->pci->device;

	MUST(vdev_start(blk, 0, 16));
	MUST(get(c, COMMON_STATUS, 1) == 0xf);
	MUST(get(c, COMMON_NUM_QUEUES, 2) ==
	     mmio_read16(blk->base + COMMON_NUM_QUEUES));
	MUST(get(c, COMMON_QUEUE_SIZE, 2) == 16);
	MUST(get(c, COMMON_QUEUE_DESC, 4) ==
	     (uint32_t)(uintptr_t)blk->q.desc);
	MUST(get(d, 0, 4) == DISK_SECTORS);
	MUST(get(d, 4, 4) == 0);
	MUST(get(d, 0, 2) == DISK_SECTORS);
	MUST(get(d, 1, 1) == DISK_SECTORS >> 8);
	MUST(!vdev_broken(blk));
	return blk_answers(blk);
}

static int writes(void)
{
	const struct vpci_part *c = &blk->pci->common;

	MUST(vdev_start(blk, 0, 16));
	put(c, COMMON_STATUS, 1, 0);
	MUST(mmio_read8(blk->base + COMMON_STATUS) == 0);
	put(c, COMMON_STATUS, 1, 3);
	MUST(mmio_read8(blk->base + COMMON_STATUS) == 3);
	put(c, COMMON_DRIVER_FEATURE_SEL, 4, 1);
	put(c, COMMON_DRIVER_FEATURE, 4, 1);
	MUST(mmio_read32(blk->base + COMMON_DRIVER_FEATURE) == 1);
	put(c, COMMON_QUEUE_SIZE, 2, 8);
	MUST(mmio_read16(blk->base + COMMON_QUEUE_SIZE) == 8);
	return 0;
}

/* A notification and the ISR, the two with side effects. */
static int notify_and_isr(void)
{
	const struct vpci_part *n = &blk->pci->notify;
	uint32_t at = (uint32_t)(blk->pci->notify_at[0] - n->at);

	MUST(vdev_start(blk, 0, 16));
	for (uint16_t i = 1; i <= 10; i++) {
		blk_chain(blk, &req, VIRTIO_BLK_T_IN, i, buf, SECTOR);
		vq_push(blk, 0);
		put(n, at, 2, 0);
		MUST(vq_wait(blk, i));
		MUST(req.status == VIRTIO_BLK_S_OK && blk_match(buf, i, 1));
		MUST(get(&blk->pci->isr, 0, 1) == 1);
		MUST(get(&blk->pci->isr, 0, 1) == 0);
	}
	return 0;
}

/* What the window is for: firmware that has not placed the BARs. */
static int without_decode(void)
{
	MUST(vdev_start(blk, 0, 16));
	pci_disable(f, PCI_COMMAND_MEMORY);
	MUST(get(&blk->pci->device, 0, 4) == DISK_SECTORS);
	MUST(get(&blk->pci->common, COMMON_STATUS, 1) == 0xf);
	pci_enable(f, PCI_COMMAND_MEMORY);
	return blk_answers(blk);
}

/* The vector table of MSI-X is in a BAR like all else. */
static int other_bar(void)
{
	struct msix x;

	MUST(msix_find(&x, f));
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		const struct pci_bar *bar = &f->bar[i];

		if (bar->size == 0 || x.table - bar->addr >= bar->size) {
			continue;
		}
		point(i, (uint32_t)(x.table - bar->addr), 4);
		pci_write(f, cap + VIRTIO_PCI_CAP_MORE, 4, 0xfee00000);
		(void)pci_read(f, cap + VIRTIO_PCI_CAP_MORE, 4);
		msix_write(&x, 0, MSIX_ADDR_LOW, 0);
	}
	return 0;
}

/* ---- bad places: anything may be read, nothing may happen elsewhere ---- */

static int touch(void)
{
	for (unsigned int width = 1; width <= 4; width *= 2) {
		for (unsigned int i = 0; i < 4; i += width) {
			(void)pci_read(f, cap + VIRTIO_PCI_CAP_MORE + i,
				       width);
			pci_write(f, cap + VIRTIO_PCI_CAP_MORE + i, width,
				  0xa5a5a5a5);
		}
	}
	MUST(!vdev_broken(blk));
	return blk_answers(blk);
}

static int bad_bar(void)
{
	static const uint8_t bars[] = { 6, 7, 8, 0x10, 0x7f, 0x80, 0xff };

	MUST(vdev_start(blk, 0, 16));
	for (unsigned int i = 0; i < NELEM(bars); i++) {
		point(bars[i], 0, 4);
		MUST_PASS(touch());
		point(bars[i], 0xfffffffc, 4);
		MUST_PASS(touch());
	}
	/* No BAR, or the upper half of one */
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		if (f->bar[i].size == 0) {
			point(i, 0, 4);
			MUST_PASS(touch());
		}
	}
	return 0;
}

/* Around the end of the BAR, and far from it. */
static int bad_offset(void)
{
	unsigned int bar = blk->pci->common.bar;
	uint32_t size = (uint32_t)f->bar[bar].size;
	const uint32_t offsets[] = {
		size, size - 1, size - 2, size - 3, size + 4, 0x80000000,
		0x7fffffff, 0xffffffff, 0xfffffffc, 0xfffffffe,
	};

	MUST(vdev_start(blk, 0, 16));
	for (unsigned int i = 0; i < NELEM(offsets); i++) {
		for (uint32_t length = 1; length <= 4; length *= 2) {
			if (offsets[i] < size && length == 1) {
				continue;
			}
			point(bar, offsets[i], length);
			MUST_PASS(touch());
		}
	}
	return 0;
}

static int bad_length(void)
{
	static const uint32_t lengths[] = { 0, 3, 5, 6, 7, 8, 16, 0x100,
					    0x10000, 0x80000000, 0x80000001,
					    0xffffffff };
	const struct vpci_part *d = &blk->pci->device;

	MUST(vdev_start(blk, 0, 16));
	for (unsigned int i = 0; i < NELEM(lengths); i++) {
		point(d->bar, d->offset, lengths[i]);
		MUST_PASS(touch());
		point(d->bar, 0xffffffff, lengths[i]);
		MUST_PASS(touch());
	}
	return 0;
}

/* 4.1.4.9.2: offset is a multiple of the length. */
static int bad_alignment(void)
{
	const struct vpci_part *d = &blk->pci->device;

	MUST(vdev_start(blk, 0, 16));
	for (uint32_t at = 1; at < 8; at++) {
		point(d->bar, d->offset + at, 2);
		MUST_PASS(touch());
		point(d->bar, d->offset + at, 4);
		MUST_PASS(touch());
	}
	return 0;
}

/* Every register through it, in every width, with every value. */
static int junk(void)
{
	static const uint32_t values[] = { 0xa5a5a5a5, 0xffffffff, 1, 0 };
	const struct vpci_part *parts[] = {
		&blk->pci->isr, &blk->pci->device, &blk->pci->notify,
		&blk->pci->common,
	};

	for (unsigned int p = 0; p < NELEM(parts); p++) {
		uint32_t end = parts[p]->length < 64 ? parts[p]->length : 64;

		MUST(vdev_start(blk, 0, 16));
		for (uint32_t i = 0; i < 3 * end; i++) {
			uint32_t length = 1u << i % 3;

			for (unsigned int v = 0; v < NELEM(values); v++) {
				put(parts[p], i / 3, length, values[v]);
				(void)get(parts[p], i / 3, length);
			}
		}
	}
	return 0;
}

static int after(void)
{
	point(0, 0, 0);
	return pci_alive();
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "window_place_reads_back", place_reads_back },
		{ "window_reads", reads },
		{ "window_writes", writes },
		{ "window_notify_and_isr", notify_and_isr },
		{ "window_without_decode", without_decode },
		{ "window_other_bar", other_bar },
		{ "window_bad_bar", bad_bar },
		{ "window_bad_offset", bad_offset },
		{ "window_bad_length", bad_length },
		{ "window_bad_alignment", bad_alignment },
		{ "window_junk", junk },
	};

	MUST_PASS(pci_setup());
	f = blk->pci->fn;
	cap = blk->pci->window.cap;
	MUST(cap != 0);
	return run_cases(cases, NELEM(cases), after);
}
