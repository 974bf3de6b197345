/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The window to the BARs in configuration space (virtio 1.2 section 4.1.4.9):
 * every size and target, and bars, offsets and lengths that are none.
 */
#include <linux/errno.h>
#include <linux/virtio_pci.h>
#include <string.h>

#include "test/unit/counting.h"
#include "test/unit/driver_pci.h"

#define TABLE (MEM32 + 0x200000 + SLOT * 0x10000 + 0x1000)
#define BAR_AT offsetof(struct virtio_pci_cap, bar)
#define OFFSET_AT offsetof(struct virtio_pci_cap, offset)
#define LENGTH_AT offsetof(struct virtio_pci_cap, length)
#define DATA_AT offsetof(struct virtio_pci_cfg_cap, pci_cfg_data)

static unsigned window;

static void machine(void)
{
	machine_of(VIRTIO_PCI_TRANSITIONAL);
	/* The first one that was added is the last of the list. */
	window = cfg_capability(cfg, PCI_CAP_ID_VNDR, 4);
	assert_int_equal(cfg_read(cfg, window + 3, 1), VIRTIO_PCI_CAP_PCI_CFG);
}

static void aim(uint32_t bar, uint32_t offset, uint32_t length)
{
	cfg_write(cfg, window + BAR_AT, 1, bar);
	cfg_write(cfg, window + OFFSET_AT, 4, offset);
	cfg_write(cfg, window + LENGTH_AT, 4, length);
}

static uint32_t window_read(uint32_t bar, uint32_t offset, uint32_t length)
{
	aim(bar, offset, length);
	return cfg_read(cfg, window + DATA_AT, length);
}

static void window_write(uint32_t bar, uint32_t offset, uint32_t length,
			 uint32_t value)
{
	aim(bar, offset, length);
	cfg_write(cfg, window + DATA_AT, length, value);
}

/* A driver that knows nothing else, as firmware may be. */
static void whole_negotiation(void)
{
	machine();
	window_write(4, VIRTIO_PCI_COMMON_STATUS, 1, ACK | DRIVER);
	window_write(4, VIRTIO_PCI_COMMON_DFSELECT, 4, 1);
	assert_int_equal(window_read(4, VIRTIO_PCI_COMMON_DF, 4) & 1, 1);
	window_write(4, VIRTIO_PCI_COMMON_GFSELECT, 4, 1);
	window_write(4, VIRTIO_PCI_COMMON_GF, 4, 1);
	window_write(4, VIRTIO_PCI_COMMON_STATUS, 1,
		     ACK | DRIVER | FEATURES_OK);
	assert_int_equal(window_read(4, VIRTIO_PCI_COMMON_STATUS, 1),
			 ACK | DRIVER | FEATURES_OK);
	window_write(4, VIRTIO_PCI_COMMON_Q_SIZE, 2, NUM_MAX);
	window_write(4, VIRTIO_PCI_COMMON_Q_DESCLO, 4, (uint32_t)d.desc);
	window_write(4, VIRTIO_PCI_COMMON_Q_AVAILLO, 4, (uint32_t)d.avail);
	window_write(4, VIRTIO_PCI_COMMON_Q_USEDLO, 4, (uint32_t)d.used);
	window_write(4, VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
	window_write(4, VIRTIO_PCI_COMMON_STATUS, 1, RUNNING);
	driver_desc(&d, 0, DATA, 1, 0, 0);
	driver_offer(&d, 0);
	window_write(4, PART_NOTIFY, 2, 0);
	assert_int_equal(notified, 1);
	assert_int_equal(window_read(4, PART_ISR, 1), VIRTIO_ISR_QUEUE);
	assert_int_equal(window_read(4, PART_ISR, 1), 0);
	assert_int_equal(fake_spi(SPI)->level, 0);
}

static void device_config(void)
{
	unsigned size;
	unsigned offset;

	machine();
	for (size = 1; size <= 4; size *= 2) {
		for (offset = 0; offset + size <= 8; offset += size) {
			uint32_t expected = 0;

			memcpy(&expected, config_space + offset, size);
			assert_int_equal(window_read(4, PART_DEVICE + offset,
						     size),
					 expected);
		}
	}
}

/* Firmware uses it before anything is decoded. */
static void not_decoded(void)
{
	machine();
	cfg_command(cfg, 0);
	window_write(4, VIRTIO_PCI_COMMON_STATUS, 1, ACK);
	assert_int_equal(device.status, ACK);
}

static void other_bars(void)
{
	machine();
	window_write(1, 8, 4, 0x12345678);
	assert_int_equal(driver_mmio_read(TABLE + 8, 4), 0x12345678);
	assert_int_equal(window_read(1, 8, 4), 0x12345678);
	window_write(0, VIRTIO_PCI_STATUS, 1, ACK);
	assert_int_equal(window_read(0, VIRTIO_PCI_STATUS, 1), ACK);
	assert_int_equal(window_read(0, VIRTIO_PCI_QUEUE_NUM, 2), NUM_MAX);
}

/* Bars, offsets and lengths that are none: data stays what it is. */
static void nonsense(void)
{
	static const uint32_t bars[] = { 2, 3, 5, 6, 7, 0x7f, 0x80, 0xff };
	static const uint32_t offsets[] = { 0x4000,	0x3ffd,	    1,
					    0x7fffffff, 0x80000000, 0xfffffffc,
					    0xffffffff };
	static const uint32_t lengths[] = {
		0, 3, 5, 6, 7, 8, 16, 256, 0x80000001, 0xffffffff
	};
	struct virtio_device before;
	size_t i;

	machine();
	set_status(ACK);
	before = device;
	for (i = 0; i < sizeof(bars) / sizeof(bars[0]); i++) {
		aim(bars[i], VIRTIO_PCI_COMMON_STATUS, 1);
		cfg_write(cfg, window + DATA_AT, 4, 0);
		assert_int_equal(cfg_read(cfg, window + DATA_AT, 4), 0);
	}
	for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		aim(4, offsets[i], 4);
		cfg_write(cfg, window + DATA_AT, 4, 0xabcd0000 + (uint32_t)i);
		assert_int_equal(cfg_read(cfg, window + DATA_AT, 4),
				 0xabcd0000 + i);
	}
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		aim(4, VIRTIO_PCI_COMMON_STATUS, lengths[i]);
		cfg_write(cfg, window + DATA_AT, 4, 0x12340000 + (uint32_t)i);
		assert_int_equal(cfg_read(cfg, window + DATA_AT, 4),
				 0x12340000 + i);
	}
	assert_memory_equal(&device, &before, sizeof(device));
}

/* Only the first cap.length bytes are replaced. */
static void rest_of_data_stays(void)
{
	machine();
	aim(3, 0, 4);
	cfg_write(cfg, window + DATA_AT, 4, 0xddccbbaa);
	aim(4, PART_DEVICE, 1);
	assert_int_equal(cfg_read(cfg, window + DATA_AT, 4), 0xddccbb01);
	aim(4, PART_DEVICE, 2);
	assert_int_equal(cfg_read(cfg, window + DATA_AT, 4), 0xddcc0201);
}

/* What is beside the field is no access to the BAR. */
static void beside_the_data(void)
{
	machine();
	aim(4, VIRTIO_PCI_COMMON_STATUS, 1);
	cfg_write(cfg, window + DATA_AT, 4, ACK);
	cfg_write(cfg, window + LENGTH_AT, 4, 1);
	cfg_write(cfg, window + DATA_AT + 4, 4, ACK | DRIVER);
	(void)cfg_read(cfg, window, 4);
	assert_int_equal(device.status, ACK);
}

/* The rest of the capability is not to be written. */
static void header_stays(void)
{
	uint32_t first;

	machine();
	first = cfg_read(cfg, window, 4);
	cfg_write(cfg, window, 4, 0xffffffff);
	assert_int_equal(cfg_read(cfg, window, 4), first);
	cfg_write(cfg, window + BAR_AT, 4, 0xffffffff);
	assert_int_equal(cfg_read(cfg, window + BAR_AT, 4), 0xff);
}

/*
 * Section 4.1.4.9.1: an access to the field is one of the BAR, whichever of its
 * bytes it touches.
 */
static void part_of_data(void)
{
	machine();
	aim(4, PART_DEVICE, 4);
	assert_int_equal(cfg_read(cfg, window + DATA_AT + 2, 2), 0x0403);
	aim(4, PART_DEVICE + 4, 4);
	assert_int_equal(cfg_read(cfg, window + DATA_AT + 3, 1), 8);
	/* The field is written, then the BAR with all of it. */
	aim(3, 0, 4);
	cfg_write(cfg, window + DATA_AT, 4, 0x11112222);
	aim(1, 8, 4);
	cfg_write(cfg, window + DATA_AT + 2, 2, 0x3333);
	assert_int_equal(driver_mmio_read(TABLE + 8, 4), 0x33332222);
}

static const struct CMUnitTest tests[] = {
	TEST(whole_negotiation), TEST(device_config), TEST(not_decoded),
	TEST(other_bars),	 TEST(nonsense),      TEST(rest_of_data_stays),
	TEST(beside_the_data),	 TEST(header_stays),  TEST(part_of_data),
};

UNIT_MAIN("virtio_pci_window", tests)
