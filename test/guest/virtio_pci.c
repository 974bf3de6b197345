/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The structures of virtio over PCI (virtio 1.2, 4.1.4): where they are, the
 * common configuration's registers used rightly and wrongly (M01 to M10, M39,
 * M43 on this transport), notification, ISR, device configuration.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "pcialive.h"
#include "say.h"
#include "trap.h"
#include "viopci.h"

#define COMMON_LENGTH	0x38u	/* up to virtio 1.0's last field */

static struct vdev *const blk = &pci_blk;
static struct blk req;
static uint8_t buf[4096] __attribute__((aligned(4096)));

static uint64_t common(unsigned int reg)
{
	return blk->base + reg;
}

/* ---- where everything is ---- */

static int inside_bar(const struct vpci *p, const struct vpci_part *part,
		      uint32_t align, uint32_t least)
{
	const struct pci_bar *bar = &p->fn->bar[part->bar];

	MUST(part->cap != 0);
	MUST(pci_read(p->fn, part->cap + 2, 1) >= 16);
	MUST(bar->addr != 0 && bar->size != 0);
	MUST(part->offset % align == 0);
	MUST(part->length >= least);
	MUST((uint64_t)part->offset + part->length <= bar->size);
	return 0;
}

static int structures_of(const struct vdev *d)
{
	const struct vpci *p = d->pci;
	uint32_t queues = mmio_read16(d->base + COMMON_NUM_QUEUES);

	MUST_PASS(inside_bar(p, &p->common, 4, COMMON_LENGTH));
	MUST_PASS(inside_bar(p, &p->notify, 2, 2));
	MUST_PASS(inside_bar(p, &p->isr, 1, 1));
	if (d != &pci_rng) {
		MUST_PASS(inside_bar(p, &p->device, 4, 8));
	}
	MUST(p->window.cap != 0);
	MUST(pci_read(p->fn, p->window.cap + 2, 1) >= 20);
	MUST(pci_read(p->fn, p->notify.cap + 2, 1) >= 20);
	MUST((p->multiplier & (p->multiplier - 1)) == 0);
	MUST(p->multiplier != 1);
	MUST(queues >= 1);
	for (uint16_t q = 0; q < queues; q++) {
		mmio_write16(d->base + COMMON_QUEUE_SEL, q);
		MUST(mmio_read16(d->base + COMMON_QUEUE_NOTIFY_OFF) *
		     p->multiplier + 2 <= p->notify.length);
		MUST(mmio_read16(d->base + COMMON_QUEUE_SIZE) != 0);
	}
	mmio_write16(d->base + COMMON_QUEUE_SEL, 0);
	return 0;
}

static int structures(void)
{
	MUST_PASS(structures_of(&pci_blk));
	MUST_PASS(structures_of(&pci_rng));
	MUST_PASS(structures_of(&pci_ro));
	MUST_PASS(structures_of(&pci_transitional));
	return structures_of(&pci_other);
}

/* 4.1.2: ids and revisions of modern and transitional functions. */
static int identity(void)
{
	const struct pci_fn *f = blk->pci->fn;
	const struct pci_fn *old = pci_transitional.pci->fn;

	MUST(pci_read(f, PCI_DEVICE_ID, 2) ==
	     VIRTIO_PCI_MODERN(VIRTIO_ID_BLOCK));
	MUST(pci_read(f, PCI_REVISION_ID, 1) >= 1);
	MUST(pci_read(pci_rng.pci->fn, PCI_DEVICE_ID, 2) ==
	     VIRTIO_PCI_MODERN(VIRTIO_ID_ENTROPY));
	MUST(pci_read(old, PCI_DEVICE_ID, 2) == 0x1001);
	MUST(pci_read(old, PCI_REVISION_ID, 1) == 0);
	MUST(pci_read(old, PCI_SUBSYSTEM_ID, 2) == VIRTIO_ID_BLOCK);
	MUST(old->bar[0].io && !f->bar[0].io);
	return 0;
}

static int after_reset(void)
{
	vdev_reset(blk);
	MUST(mmio_read8(common(COMMON_STATUS)) == 0);
	MUST(mmio_read16(common(COMMON_CONFIG_VECTOR)) ==
	     VIRTIO_MSI_NO_VECTOR);
	mmio_write16(common(COMMON_QUEUE_SEL), 0);
	MUST(mmio_read16(common(COMMON_QUEUE_ENABLE)) == 0);
	MUST(mmio_read16(common(COMMON_QUEUE_VECTOR)) ==
	     VIRTIO_MSI_NO_VECTOR);
	MUST(mmio_read16(common(COMMON_QUEUE_SIZE)) >= 16);
	MUST(mmio_read8(blk->pci->isr.at) == 0);
	return 0;
}

/* What the driver wrote is what it reads. */
static int registers(void)
{
	vdev_reset(blk);
	mmio_write8(common(COMMON_STATUS), VIRTIO_CONFIG_S_ACKNOWLEDGE |
					   VIRTIO_CONFIG_S_DRIVER);
	mmio_write32(common(COMMON_DEVICE_FEATURE_SEL), 1);
	MUST(mmio_read32(common(COMMON_DEVICE_FEATURE_SEL)) == 1);
	MUST((mmio_read32(common(COMMON_DEVICE_FEATURE)) & 1) == 1);
	mmio_write32(common(COMMON_DRIVER_FEATURE_SEL), 1);
	mmio_write32(common(COMMON_DRIVER_FEATURE), 1);
	MUST(mmio_read32(common(COMMON_DRIVER_FEATURE)) == 1);
	mmio_write32(common(COMMON_DRIVER_FEATURE_SEL), 0);
	MUST(mmio_read32(common(COMMON_DRIVER_FEATURE_SEL)) == 0);
	MUST(mmio_read32(common(COMMON_DRIVER_FEATURE)) == 0);
	MUST(vdev_accept(blk, VIRTIO_F_VERSION_1));
	mmio_write16(common(COMMON_QUEUE_SEL), 0);
	mmio_write16(common(COMMON_QUEUE_SIZE), 16);
	MUST(mmio_read16(common(COMMON_QUEUE_SIZE)) == 16);
	for (unsigned int reg = COMMON_QUEUE_DESC;
	     reg < COMMON_QUEUE_DEVICE + 8; reg += 4) {
		mmio_write32(common(reg), 0x40000000 + reg * 256);
	}
	for (unsigned int reg = COMMON_QUEUE_DESC;
	     reg < COMMON_QUEUE_DEVICE + 8; reg += 4) {
		MUST(mmio_read32(common(reg)) == 0x40000000 + reg * 256);
	}
	vdev_reset(blk);
	MUST(mmio_read16(common(COMMON_QUEUE_SIZE)) >= 16);
	return 0;
}

static int m43_read_only(void)
{
	static const struct {
		unsigned int reg, width;
	} regs[] = {
		{ COMMON_DEVICE_FEATURE, 4 }, { COMMON_NUM_QUEUES, 2 },
		{ COMMON_GENERATION, 1 }, { COMMON_QUEUE_NOTIFY_OFF, 2 },
	};

	MUST(vdev_start(blk, 0, 16));
	for (unsigned int i = 0; i < NELEM(regs); i++) {
		uint64_t at = common(regs[i].reg);
		uint64_t before, after;

		MUST(probe_read(at, regs[i].width, &before));
		(void)probe_write(at, regs[i].width, ~before);
		MUST(probe_read(at, regs[i].width, &after));
		MUST(before == after);
	}
	return blk_answers(blk);
}

/* ---- queues ---- */

static int m01_queue_sel(void)
{
	uint32_t bad[] = { 0, 0, 1023, 1024, 0x7fff, 0xffff };
	uint16_t enabled;

	MUST(vdev_start(blk, 0, 16));
	bad[0] = mmio_read16(common(COMMON_NUM_QUEUES));
	bad[1] = bad[0] + 1;
	for (unsigned int i = 0; i < NELEM(bad); i++) {
		mmio_write16(common(COMMON_QUEUE_SEL), (uint16_t)bad[i]);
		MUST(mmio_read16(common(COMMON_QUEUE_SIZE)) == 0);
		for (unsigned int reg = COMMON_QUEUE_SIZE;
		     reg < COMMON_LENGTH; reg += 2) {
			mmio_write16(common(reg), 16);
			mmio_write16(common(reg), 0xffff);
			mmio_write16(common(reg), 1);
		}
		enabled = mmio_read16(common(COMMON_QUEUE_ENABLE));
		MUST(enabled == 0);
		MUST(mmio_read16(common(COMMON_QUEUE_SIZE)) == 0);
		MUST_PASS(blk_answers(blk));
	}
	mmio_write16(common(COMMON_QUEUE_SEL), 0);
	MUST(mmio_read16(common(COMMON_QUEUE_ENABLE)) == 1);
	MUST(mmio_read16(common(COMMON_QUEUE_SIZE)) == 16);
	return 0;
}

/* Every place and width of the notification structure. */
static int m02_notify(void)
{
	static const unsigned int widths[] = { 1, 2, 4, 8 };
	static const uint64_t values[] = { 0, 1, 2, 0xffff, 0x10000, ~0ull };
	uint64_t nc = alias_map(blk->pci->notify.at);
	uint32_t length = blk->pci->notify.length;
	uint64_t value;

	MUST(vdev_start(blk, 0, 16));
	for (uint32_t at = 0; at < length;
	     at += at < 32 || at + 32 >= length ? 1 : 29) {
		for (unsigned int i = 0; i < 4 * NELEM(values); i++) {
			(void)probe_write(nc + at, widths[i % 4],
					  values[i / 4]);
		}
		(void)probe_read(nc + at, widths[at % 4], &value);
	}
	MUST(!vdev_broken(blk));
	return blk_answers(blk);
}

/* Once enabled, there is no way back but a reset (4.1.4.3.2). */
static int queue_enable(void)
{
	static const uint16_t values[] = { 0, 2, 0xffff, 1 };

	for (unsigned int i = 0; i < NELEM(values); i++) {
		MUST(vdev_start(blk, 0, 16));
		MUST_PASS(blk_answers(blk));
		mmio_write16(common(COMMON_QUEUE_ENABLE), values[i]);
		vq_kick(blk);
		if (values[i] == 1) {
			MUST_PASS(blk_answers(blk));
		}
		vdev_reset(blk);
		MUST(mmio_read16(common(COMMON_QUEUE_ENABLE)) == 0);
	}
	return 0;
}

static int m09_notify_too_early(void)
{
	vdev_reset(blk);
	vdev_place(blk, 16);
	blk_chain(blk, &req, VIRTIO_BLK_T_IN, 9, buf, SECTOR);
	vq_push(blk, 0);
	vq_kick(blk);
	MUST(vdev_accept(blk, VIRTIO_F_VERSION_1));
	vq_kick(blk);
	MUST(vdev_queue(blk));
	vdev_reset(blk);
	vq_kick(blk);
	delay_us(20000);
	MUST(vq_used_idx(blk) == 0);
	MUST(req.status == BLK_PENDING);
	MUST(mmio_read8(blk->pci->isr.at) == 0);
	return 0;
}

/* ---- status and features ---- */

static int m08_status(void)
{
	MUST(vdev_start(blk, 0, 16));
	for (uint32_t status = 0xff; status > 0; status--) {
		mmio_write8(common(COMMON_STATUS), (uint8_t)status);
		vq_kick(blk);
	}
	vdev_reset(blk);
	vdev_place(blk, 16);
	mmio_write8(common(COMMON_STATUS), VIRTIO_CONFIG_S_DRIVER_OK);
	blk_chain(blk, &req, VIRTIO_BLK_T_IN, 9, buf, SECTOR);
	vq_push(blk, 0);
	vq_kick(blk);
	(void)vdev_queue(blk);
	vq_kick(blk);
	delay_us(2000);
	/* Other widths than the field's reset nothing, or everything. */
	MUST(vdev_start(blk, 0, 16));
	mmio_write16(common(COMMON_STATUS), 0xff00 | 0xf);
	mmio_write32(common(COMMON_STATUS), 0xf);
	return 0;
}

static int m10_unoffered(void)
{
	uint64_t offered = vdev_offered(blk);

	for (unsigned int bit = 0; bit < 64; bit++) {
		vdev_reset(blk);
		if ((offered >> bit & 1) == 0 &&
		    vdev_accept(blk, VIRTIO_F_VERSION_1 | 1ull << bit)) {
			say("  bit %u taken\n", bit);
			MUST(false);
		}
	}
	vdev_reset(blk);
	MUST(!vdev_accept(blk, ~0ull));
	return 0;
}

static int m10_no_version_1(void)
{
	vdev_reset(blk);
	MUST(!vdev_accept(blk, 0));
	return 0;
}

static int m10_feature_sel(void)
{
	static const uint32_t sels[] = { 2, 3, 31, 32, 0x7fffffff, ~0u };

	vdev_reset(blk);
	for (unsigned int i = 0; i < NELEM(sels); i++) {
		mmio_write32(common(COMMON_DEVICE_FEATURE_SEL), sels[i]);
		MUST(mmio_read32(common(COMMON_DEVICE_FEATURE)) == 0);
		mmio_write32(common(COMMON_DRIVER_FEATURE_SEL), sels[i]);
		mmio_write32(common(COMMON_DRIVER_FEATURE), ~0u);
		MUST(mmio_read32(common(COMMON_DRIVER_FEATURE)) == 0);
	}
	MUST(vdev_start(blk, 0, 16));
	return blk_answers(blk);
}

/* ---- the other structures ---- */

static int isr_read_clears(void)
{
	MUST(vdev_start(blk, 0, 16));
	for (unsigned int i = 0; i < 20; i++) {
		MUST_PASS(blk_answers(blk));
		mmio_write8(blk->pci->isr.at, 0);
		mmio_write8(blk->pci->isr.at, 0xff);
		MUST(mmio_read8(blk->pci->isr.at) == 1);
		MUST(mmio_read8(blk->pci->isr.at) == 0);
	}
	vq_push(blk, 0xffff);
	vq_kick(blk);
	delay_us(5000);
	MUST((mmio_read8(blk->pci->isr.at) & 2) != 0);
	MUST(mmio_read8(blk->pci->isr.at) == 0);
	return 0;
}

static int device_config(void)
{
	uint8_t generation = mmio_read8(common(COMMON_GENERATION));
	uint64_t value;

	MUST(vdev_start(blk, 0, 16));
	for (unsigned int at = 0; at < 0x40; at += 4) {
		(void)probe_write(blk->config + at, 4, ~0ull);
	}
	MUST(mmio_read32(blk->config) == DISK_SECTORS);
	MUST(mmio_read32(blk->config + 4) == 0);
	MUST(mmio_read16(blk->config) == DISK_SECTORS);
	MUST(mmio_read8(blk->config + 1) == DISK_SECTORS >> 8);
	if (probe_read(blk->config, 8, &value)) {
		MUST(value == DISK_SECTORS);
	}
	MUST(mmio_read8(common(COMMON_GENERATION)) == generation);
	return blk_answers(blk);
}

static void hammer(const struct vpci_part *part, bool writes)
{
	static const unsigned int widths[] = { 1, 2, 4, 8 };
	static const uint64_t values[] = { 0xa5a5a5a5a5a5a5a5, ~0ull, 1, 0 };
	uint64_t nc = alias_map(part->at);
	uint64_t value;

	for (uint32_t i = 0; i < 4 * (part->length < 256 ? part->length : 256);
	     i++) {
		(void)probe_read(nc + i / 4, widths[i % 4], &value);
		for (unsigned int v = 0; writes && v < NELEM(values); v++) {
			(void)probe_write(nc + i / 4, widths[i % 4],
					  values[v]);
		}
	}
}

static int m39_reads(void)
{
	MUST(vdev_start(blk, 0, 16));
	hammer(&blk->pci->common, false);
	hammer(&blk->pci->isr, false);
	hammer(&blk->pci->device, false);
	hammer(&blk->pci->notify, false);
	MUST(!vdev_broken(blk));
	return blk_answers(blk);
}

static int m39_writes(void)
{
	const struct vpci_part *parts[] = {
		&blk->pci->isr, &blk->pci->device, &blk->pci->common,
	};

	for (unsigned int i = 0; i < NELEM(parts); i++) {
		MUST(vdev_start(blk, 0, 16));
		hammer(parts[i], true);
		if (parts[i] != &blk->pci->common) {
			MUST_PASS(blk_answers(blk));
		}
	}
	return 0;
}

/* ---- requests, whoever tells that they are done ---- */

static int write_and_read(void)
{
	blk_fill(buf, 77, 2);
	buf[5] ^= 0xff;
	MUST(blk_do(blk, VIRTIO_BLK_T_OUT, 77, buf, 2 * SECTOR) ==
	     VIRTIO_BLK_S_OK);
	memset(buf, 0, sizeof(buf));
	MUST(blk_do(blk, VIRTIO_BLK_T_IN, 77, buf, 2 * SECTOR) ==
	     VIRTIO_BLK_S_OK);
	MUST(!blk_match(buf, 77, 1) && blk_match(buf + SECTOR, 78, 1));
	buf[5] ^= 0xff;
	MUST(blk_do(blk, VIRTIO_BLK_T_OUT, 77, buf, 2 * SECTOR) ==
	     VIRTIO_BLK_S_OK);
	MUST(blk_match(buf, 77, 2));
	return 0;
}

static int blk_by_isr(void)
{
	uint64_t end = counter() + counter_ms(3000);

	MUST(vdev_start(blk, 0, 16));
	blk_chain(blk, &req, VIRTIO_BLK_T_IN, 33, buf, SECTOR);
	vq_push(blk, 0);
	vq_kick(blk);
	while (mmio_read8(blk->pci->isr.at) == 0) {
		MUST(counter() < end);
	}
	MUST(vq_used_idx(blk) == 1 && req.status == VIRTIO_BLK_S_OK);
	MUST(blk_match(buf, 33, 1));
	return write_and_read();
}

static int blk_by_msix(void)
{
	MUST_PASS(msix_begin());
	blk_chain(blk, &req, VIRTIO_BLK_T_IN, 34, buf, SECTOR);
	vq_push(blk, 0);
	vq_kick(blk);
	MUST_PASS(msix_messages(1));
	MUST(vq_used_idx(blk) == 1 && req.status == VIRTIO_BLK_S_OK);
	MUST(blk_match(buf, 34, 1));
	MUST_PASS(write_and_read());
	msix_control(&blk->pci->msix, 0);
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "vpci_identity", identity },
		{ "vpci_structures", structures },
		{ "vpci_after_reset", after_reset },
		{ "vpci_registers", registers },
		{ "vpci_queue_enable", queue_enable },
		{ "vpci_isr_read_clears", isr_read_clears },
		{ "vpci_device_config", device_config },
		{ "vpci_blk_by_isr", blk_by_isr },
		{ "vpci_blk_by_msix", blk_by_msix },
		{ "m01_queue_sel", m01_queue_sel },
		{ "m02_notify", m02_notify },
		{ "m08_status", m08_status },
		{ "m09_notify_too_early", m09_notify_too_early },
		{ "m10_unoffered", m10_unoffered },
		{ "m10_no_version_1", m10_no_version_1 },
		{ "m10_feature_sel", m10_feature_sel },
		{ "m39_reads", m39_reads },
		{ "m39_writes", m39_writes },
		{ "m43_read_only", m43_read_only },
	};

	gic_init();
	MUST_PASS(pci_setup());
	return run_cases(cases, NELEM(cases), pci_alive);
}
