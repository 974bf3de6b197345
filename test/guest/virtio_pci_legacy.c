/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transitional function's legacy interface (virtio 1.2, 4.1.4.10): the
 * registers of its I/O BAR, a disk read and written through them, INTx and
 * MSI-X, then M01, M13, M18, M20 and M39.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "pcialive.h"
#include "say.h"
#include "trap.h"
#include "tree.h"
#include "viopci.h"

static struct vdev old;
static struct blk req;
static uint8_t buf[8192] __attribute__((aligned(4096)));

static uint64_t io(unsigned int reg)
{
	return old.base + reg;
}

static int registers(void)
{
	uint32_t num;

	vdev_reset(&old);
	MUST(mmio_read8(io(LEGACY_STATUS)) == 0);
	MUST(mmio_read8(io(LEGACY_ISR)) == 0);
	MUST(mmio_read32(io(LEGACY_QUEUE_PFN)) == 0);
	mmio_write16(io(LEGACY_QUEUE_SEL), 0);
	num = mmio_read16(io(LEGACY_QUEUE_SIZE));
	MUST(num >= 16 && (num & (num - 1)) == 0);
	/* Only the device says how large its queue is. */
	mmio_write16(io(LEGACY_QUEUE_SIZE), 8);
	MUST(mmio_read16(io(LEGACY_QUEUE_SIZE)) == num);
	mmio_write8(io(LEGACY_STATUS), 3);
	MUST(mmio_read8(io(LEGACY_STATUS)) == 3);
	MUST(mmio_read32(io(LEGACY_CONFIG)) == DISK_SECTORS);
	MUST(mmio_read16(io(LEGACY_CONFIG)) == DISK_SECTORS);
	MUST(mmio_read8(io(LEGACY_CONFIG) + 1) == DISK_SECTORS >> 8);
	return 0;
}

static int read_write(void)
{
	MUST(vdev_start(&old, VIRTIO_BLK_F_FLUSH, 0));
	return blk_reads_and_writes(&old);
}

/* More than once around the ring. */
static int indirect_event_idx(void)
{
	MUST(vdev_start(&old, VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX,
			0));
	for (unsigned int i = 0; i < 300; i++) {
		MUST_PASS(blk_answers(&old));
	}
	return 0;
}

static int isr_and_intx(void)
{
	unsigned int before = vdev_interrupts(&old);
	uint64_t end = counter() + counter_ms(3000);

	pci_others_quiet(&pci_transitional);
	MUST(vdev_start(&old, 0, 0));
	MUST_PASS(blk_answers(&old));
	MUST(mmio_read8(io(LEGACY_ISR)) == 1);
	MUST(mmio_read8(io(LEGACY_ISR)) == 0);
	vpci_use_intx(old.pci);
	MUST_PASS(blk_answers(&old));
	while (vdev_interrupts(&old) == before && counter() < end) {
		irq_take();
	}
	MUST(vdev_interrupts(&old) == before + 1);
	gic_disable(pci_intx(old.pci->fn));
	return 0;
}

/* While MSI-X is on, two vectors move the configuration by 4 bytes. */
static int msix(void)
{
	struct msix x;
	static struct msi m;
	unsigned int taken;

	MUST(msix_find(&x, old.pci->fn));
	if (m.intid == 0) {
		m = msi_new(old.pci->fn);
	}
	MUST(m.intid != 0);
	MUST(vdev_start(&old, 0, 0));
	msix_control(&x, MSIX_CONTROL_ENABLE);
	msix_set(&x, 1, &m);
	MUST(mmio_read32(io(LEGACY_CONFIG) + 4) == DISK_SECTORS);
	MUST(mmio_read16(io(LEGACY_QUEUE_VECTOR)) == VIRTIO_MSI_NO_VECTOR);
	mmio_write16(io(LEGACY_QUEUE_VECTOR), (uint16_t)x.count);
	MUST(mmio_read16(io(LEGACY_QUEUE_VECTOR)) == VIRTIO_MSI_NO_VECTOR);
	mmio_write16(io(LEGACY_CONFIG_VECTOR), 0xfffe);
	MUST(mmio_read16(io(LEGACY_CONFIG_VECTOR)) == VIRTIO_MSI_NO_VECTOR);
	mmio_write16(io(LEGACY_QUEUE_VECTOR), 1);
	MUST(mmio_read16(io(LEGACY_QUEUE_VECTOR)) == 1);
	taken = msi_taken(&m);
	MUST_PASS(blk_answers(&old));
	MUST(msi_wait(&m, taken + 1));
	msix_control(&x, 0);
	MUST(mmio_read32(io(LEGACY_CONFIG)) == DISK_SECTORS);
	return 0;
}

/* 4.1.4.10: legacy and modern interface are one device. */
static int both_interfaces(void)
{
	MUST(vdev_start(&old, 0, 0));
	MUST_PASS(blk_answers(&old));
	MUST((mmio_read8(old.pci->common.at + COMMON_STATUS) &
	      VIRTIO_CONFIG_S_DRIVER_OK) != 0);
	mmio_write8(old.pci->common.at + COMMON_STATUS, 0);
	MUST(mmio_read8(io(LEGACY_STATUS)) == 0);
	MUST(mmio_read32(io(LEGACY_QUEUE_PFN)) == 0);
	return 0;
}

/* PFN = 0 takes the queue away. */
static int pfn_0(void)
{
	MUST(vdev_start(&old, 0, 0));
	MUST_PASS(blk_answers(&old));
	mmio_write32(io(LEGACY_QUEUE_PFN), 0);
	MUST(mmio_read32(io(LEGACY_QUEUE_PFN)) == 0);
	blk_chain(&old, &req, VIRTIO_BLK_T_IN, 1, buf, SECTOR);
	vq_push(&old, 0);
	vq_kick(&old);
	delay_us(20000);
	MUST(req.status == BLK_PENDING);
	return 0;
}

static int m01_queue_sel(void)
{
	static const uint16_t bad[] = { 1, 2, 1024, 0xffff };

	MUST(vdev_start(&old, 0, 0));
	for (unsigned int i = 0; i < NELEM(bad); i++) {
		mmio_write16(io(LEGACY_QUEUE_SEL), bad[i]);
		MUST(mmio_read16(io(LEGACY_QUEUE_SIZE)) == 0);
		mmio_write32(io(LEGACY_QUEUE_PFN), 0x40100);
		mmio_write32(io(LEGACY_QUEUE_PFN), ~0u);
		mmio_write16(io(LEGACY_QUEUE_NOTIFY), bad[i]);
		MUST_PASS(blk_answers(&old));
	}
	return 0;
}

static int m07_bad_pfn(void)
{
	const uint32_t bad[] = {
		1, 0x9000, 0x8000, (uint32_t)(ram_end() >> 12),
		(uint32_t)(ram_end() >> 12) - 1, 0x7fffffff, ~0u,
	};

	for (unsigned int i = 0; i < NELEM(bad); i++) {
		vdev_reset(&old);
		(void)vdev_accept(&old, 0);
		mmio_write16(io(LEGACY_QUEUE_SEL), 0);
		mmio_write32(io(LEGACY_QUEUE_PFN), bad[i]);
		vdev_go(&old);
		vq_kick(&old);
		delay_us(2000);
		MUST_PASS(blk_alive(&old));
	}
	return 0;
}

static int bad_ring(unsigned int kind)
{
	MUST(vdev_start(&old, 0, 0));
	blk_chain(&old, &req, VIRTIO_BLK_T_IN, 1, buf, SECTOR);
	if (kind == 0) {
		old.q.desc[1].next = 1;
	} else if (kind > 1) {
		old.q.desc[kind - 2].addr = 0x0b000000;
	}
	vq_push(&old, kind == 1 ? 0xffff : 0);
	vq_kick(&old);
	delay_us(2000);
	return blk_alive(&old);
}

static int m13_loop(void)
{
	return bad_ring(0);
}

static int m18_bad_head(void)
{
	return bad_ring(1);
}

static int m20_outside_ram(void)
{
	for (unsigned int i = 0; i < 3; i++) {
		MUST_PASS(bad_ring(2 + i));
	}
	return 0;
}

static int m39_every_offset(void)
{
	static const unsigned int widths[] = { 1, 2, 4, 8 };
	static const uint64_t values[] = { 0, ~0ull, 0xa5a5a5a5a5a5a5a5ull };
	uint64_t size = old.pci->fn->bar[0].size;
	uint64_t nc = alias_map(old.base);
	uint64_t value;

	MUST(vdev_start(&old, 0, 0));
	for (uint64_t i = 0; i < size * NELEM(widths); i++) {
		uint64_t at = nc + i / NELEM(widths);
		unsigned int width = widths[i % NELEM(widths)];

		(void)probe_read(at, width, &value);
		for (unsigned int v = 0; v < NELEM(values); v++) {
			(void)probe_write(at, width, values[v]);
		}
	}
	return 0;
}

static int after(void)
{
	MUST_PASS(blk_alive(&old));
	vdev_reset(&old);
	MUST(vdev_find_pci(&pci_transitional, SLOT_BLK_LEGACY,
			   VIRTIO_ID_BLOCK));
	MUST_PASS(pci_alive());
	MUST(vdev_find_pci_legacy(&old, SLOT_BLK_LEGACY, VIRTIO_ID_BLOCK));
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "legacy_registers", registers },
		{ "legacy_read_write", read_write },
		{ "legacy_indirect_event_idx", indirect_event_idx },
		{ "legacy_isr_and_intx", isr_and_intx },
		{ "legacy_msix", msix },
		{ "legacy_both_interfaces", both_interfaces },
		{ "legacy_pfn_0", pfn_0 },
		{ "legacy_m01_queue_sel", m01_queue_sel },
		{ "legacy_m07_bad_pfn", m07_bad_pfn },
		{ "legacy_m13_loop", m13_loop },
		{ "legacy_m18_bad_head", m18_bad_head },
		{ "legacy_m20_outside_ram", m20_outside_ram },
		{ "legacy_m39_every_offset", m39_every_offset },
	};

	gic_init();
	MUST_PASS(pci_setup());
	MUST(vdev_find_pci_legacy(&old, SLOT_BLK_LEGACY, VIRTIO_ID_BLOCK));
	return run_cases(cases, NELEM(cases), after);
}
