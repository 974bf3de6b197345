/* SPDX-License-Identifier: Apache-2.0 */
/* Capability lists of cards of the host as real ones have them. */
#include <linux/errno.h>

#include "test/unit/vfio_guest.h"

static struct fake_card *card;
static uint64_t cfg;

static void machine(void)
{
	vfio_host();
	card = vfio_card(CARD);
	vfio_card_bar(card, 4, 0x4000, BAR64);
}

/* A modern virtio function: it is dead without each of its vendor's. */
static void virtio(void)
{
	unsigned i;

	machine();
	for (i = 0; i < 5; i++) {
		vfio_card_capability(card, PCI_CAP_ID_VNDR, 0x40 + 0x18 * i);
		vfio_set(card, 0x42 + 0x18 * i, 2, 0x0014 | (i + 1) << 8);
		vfio_set(card, 0x44 + 0x18 * i, 4, 4);
		vfio_set(card, 0x48 + 0x18 * i, 4, 0x1000 * i);
	}
	cfg = vfio_add(card, 0);
	for (i = 0; i < 5; i++) {
		unsigned at = cfg_capability(cfg, PCI_CAP_ID_VNDR, i);

		assert_int_equal(at, 0x40 + 0x18 * i);
		assert_int_equal(cfg_read(cfg, at + 2, 2), 0x14 | (i + 1) << 8);
		assert_int_equal(cfg_read(cfg, at + 4, 4), 4);
		assert_int_equal(cfg_read(cfg, at + 8, 4), 0x1000 * i);
	}
	assert_int_equal(cfg_capability(cfg, PCI_CAP_ID_VNDR, 5), 0);
	assert_int_equal(fake.log_lines, 0);
}

/* PCIe 1.x: shorter, so that it has room where the other has not. */
static void older_express(void)
{
	machine();
	vfio_card_capability(card, PCI_CAP_ID_EXP, 0xec);
	vfio_set(card, 0xec + PCI_EXP_FLAGS, 2, 1);
	cfg = vfio_add(card, 0);
	assert_int_equal(cfg_capability(cfg, PCI_CAP_ID_EXP, 0), 0xec);
	assert_int_equal(fake.log_lines, 0);
}

static void newer_express_has_no_room(void)
{
	machine();
	vfio_card_capability(card, PCI_CAP_ID_EXP, 0xec);
	vfio_set(card, 0xec + PCI_EXP_FLAGS, 2, 2);
	cfg = vfio_add(card, 0);
	assert_int_equal(cfg_capability(cfg, PCI_CAP_ID_EXP, 0), 0);
	fake_one_line("its list of capabilities is broken at 0xec");
}

static const struct CMUnitTest tests[] = {
	TEST(virtio),
	TEST(older_express),
	TEST(newer_express_has_no_room),
};

UNIT_MAIN("vfio_list", tests)
