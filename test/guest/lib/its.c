/* SPDX-License-Identifier: Apache-2.0 */
/* Tables, command queue, MAPD, MAPC, MAPTI and INV. */
#include "its.h"

#include "arm.h"
#include "gicdrv.h"

#define GITS_CTLR	0x000
#define GITS_TYPER	0x008
#define GITS_CBASER	0x080
#define GITS_CWRITER	0x088
#define GITS_CREADR	0x090
#define GITS_BASER(n)	(0x100 + 8 * (n))
#define GICR_CTLR	0x000
#define GICR_TYPER	0x008
#define GICR_PROPBASER	0x070
#define GICR_PENDBASER	0x078

#define VALID		(1ull << 63)
#define INNER_WB	(7ull << 59 | 1ull << 10)	/* GITS_*BASER */
#define R_INNER_WB	(7ull << 7 | 1ull << 10)	/* GICR_*BASER */
#define BASER_TYPE(r)	((r) >> 56 & 7)
#define TYPE_DEVICES	1
#define TYPE_COLLECTIONS 4
#define PAGE_64K	(2ull << 8)
#define ID_BITS		14u
#define LPI_PRIORITY	0x80
#define LPI_ENABLE	1

#define CMD_SYNC	0x05
#define CMD_MAPD	0x08
#define CMD_MAPC	0x09
#define CMD_MAPTI	0x0a
#define CMD_INV		0x0c
#define CMD_INVALL	0x0d

#define SPACE		65536
#define QUEUE		4096u
#define MAX_DEVICES	16u

static uint8_t device_table[SPACE] __attribute__((aligned(SPACE)));
static uint8_t collection_table[SPACE] __attribute__((aligned(SPACE)));
static uint8_t pending[SPACE] __attribute__((aligned(SPACE)));
static uint8_t properties[1u << ID_BITS] __attribute__((aligned(4096)));
static volatile uint64_t queue[QUEUE / 8] __attribute__((aligned(SPACE)));
/* 16 bytes an entry are enough for every ITS that is met here */
static uint8_t itts[MAX_DEVICES][ITS_EVENTS * 16]
	__attribute__((aligned(256)));
static uint32_t devices[MAX_DEVICES];
static unsigned int device_count;
static uint64_t its;
static uint64_t target;	/* the redistributor, as MAPC has it */

static bool command(uint64_t w0, uint64_t w1, uint64_t w2)
{
	uint64_t at = mmio_read64(its + GITS_CWRITER);
	uint64_t next = (at + 32) % QUEUE;
	uint64_t end = counter() + counter_ms(1000);

	queue[at / 8] = w0;
	queue[at / 8 + 1] = w1;
	queue[at / 8 + 2] = w2;
	queue[at / 8 + 3] = 0;
	dsb();
	mmio_write64(its + GITS_CWRITER, next);
	while (mmio_read64(its + GITS_CREADR) != next) {
		if (counter() > end) {
			return false;
		}
	}
	return true;
}

static bool sync(void)
{
	return command(CMD_SYNC, 0, target);
}

static void give_tables(void)
{
	for (unsigned int n = 0; n < 8; n++) {
		uint64_t reg = mmio_read64(its + GITS_BASER(n));
		uint64_t at = BASER_TYPE(reg) == TYPE_DEVICES ?
			      (uintptr_t)device_table :
			      BASER_TYPE(reg) == TYPE_COLLECTIONS ?
			      (uintptr_t)collection_table : 0;

		if (at != 0) {
			mmio_write64(its + GITS_BASER(n),
				     VALID | INNER_WB | at | PAGE_64K);
		}
	}
}

static void enable_lpis(void)
{
	uint64_t r = GIC_REDIST;

	mmio_write64(r + GICR_PROPBASER, (uintptr_t)properties | R_INNER_WB |
					 (ID_BITS - 1));
	mmio_write64(r + GICR_PENDBASER, (uintptr_t)pending | R_INNER_WB |
					 1ull << 62);
	dsb();
	mmio_write32(r + GICR_CTLR, mmio_read32(r + GICR_CTLR) | 1);
}

bool its_init(uint64_t base)
{
	if (its != 0) {
		return true;
	}
	gic_init();
	its = base;
	target = (mmio_read64(GIC_REDIST + GICR_TYPER) >> 8 & 0xffff) << 16;
	if ((mmio_read64(its + GITS_TYPER) >> 19 & 1) != 0) {
		target = GIC_REDIST;
	}
	enable_lpis();
	give_tables();
	mmio_write64(its + GITS_CBASER, VALID | INNER_WB | (uintptr_t)queue);
	mmio_write64(its + GITS_CWRITER, 0);
	mmio_write32(its + GITS_CTLR, 1);
	return command(CMD_MAPC, 0, VALID | target) && sync() &&
	       command(CMD_INVALL, 0, 0) && sync();
}

static bool map_device(uint32_t id)
{
	for (unsigned int i = 0; i < device_count; i++) {
		if (devices[i] == id) {
			return true;
		}
	}
	if (device_count == MAX_DEVICES) {
		return false;
	}
	devices[device_count] = id;
	return command(CMD_MAPD | (uint64_t)id << 32, 4,
		       VALID | (uintptr_t)itts[device_count++]) && sync();
}

bool its_map(uint32_t device_id, uint32_t event, unsigned int intid)
{
	uint64_t device = (uint64_t)device_id << 32;

	if (event >= ITS_EVENTS || !map_device(device_id)) {
		return false;
	}
	properties[intid - INTID_LPI(0)] = LPI_PRIORITY | LPI_ENABLE;
	dsb();
	return command(CMD_MAPTI | device, event | (uint64_t)intid << 32, 0) &&
	       command(CMD_INV | device, event, 0) && sync();
}
