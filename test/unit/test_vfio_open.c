/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cards of the host that start-up opens, by container and group and, in
 * test_vfio_open-iommufd, by iommufd; cards that it refuses, each with one
 * line. What is one way's own is in test_vfio_group.c and test_vfio_iommufd.c.
 */
#include <linux/errno.h>
#include <linux/iommufd.h>
#include <stdio.h>
#include <string.h>

#include "core/log.h"
#include "test/unit/vfio_guest.h"

static struct fake_card *card;

static void machine(void)
{
	vfio_host();
	card = vfio_card(CARD);
	vfio_card_bar(card, 0, 0x4000, 0);
	vfio_card_msix(card, 0x40, 5, 0x2000, 0x3000);
}

static void refused_with(const struct config_pci_function *facts,
			 const char *line)
{
	assert_int_equal(EXITS(vfio_add_with(facts, 0)), EXIT_VFIO);
	fake_one_line(line);
}

/* -- It works ------------------------------------------------------------ */

/* Both banks, read-write, at their guest physical addresses. */
static void check_maps(void)
{
	struct mem_bank bank;
	unsigned i;

	assert_int_equal(fake_vfio.map_count, 2);
	for (i = 0; mem_bank(i, &bank); i++) {
		assert_int_equal(fake_vfio.maps[i].iova, bank.gpa);
		assert_int_equal(fake_vfio.maps[i].size, bank.size);
		assert_int_equal(fake_vfio.maps[i].host, (uintptr_t)bank.host);
	}
	assert_int_equal(fake_vfio.maps[0].iova, RAM);
	assert_int_equal(fake_vfio.maps[1].iova, RAM2);
}

static void ram_is_mapped_once(void)
{
	machine();
	vfio_add(card, 0);
	check_maps();
	card = vfio_card(CARD2);
	vfio_add(card, 1);
	check_maps();
	assert_int_equal(fake.runs, 0);
	assert_int_equal(fake.log_lines, 0);
}

static void kvm_knows_each(void)
{
	machine();
	vfio_add(card, 0);
	assert_int_equal(fake_vfio.kvm_files, 1);
	card = vfio_card(CARD2);
	vfio_add(card, 1);
	assert_int_equal(fake_vfio.kvm_files, 2);
}

/* Before its owner comes: nothing enabled, reset, no DMA. */
static void quiet_at_start(void)
{
	machine();
	vfio_add(card, 0);
	assert_int_equal(card->kind, FAKE_SILENT);
	assert_int_equal(card->set_irqs, 1); /* REQ */
	assert_int_equal(card->resets, 1);
	assert_int_equal(vfio_writes(), 1);
	assert_int_equal(vfio_last_write()->offset, PCI_COMMAND);
	assert_int_equal(vfio_last_write()->value,
			 PCI_COMMAND_IO | PCI_COMMAND_MEMORY |
				 PCI_COMMAND_INTX_DISABLE);
}

static void four_cards(void)
{
	static const char *const hosts[] = { CARD, CARD2, "0001:04:00.0",
					     "0001:04:00.1" };
	unsigned i;

	vfio_host();
	for (i = 0; i < 4; i++) {
		uint64_t cfg = vfio_add(vfio_card(hosts[i]), i);

		assert_int_equal(cfg_read(cfg, 0, 4), 0x56781234);
	}
	assert_int_equal(fake.log_lines, 0);
	check_maps();
}

/* -- sysfs --------------------------------------------------------------- */

static void no_such_device(void)
{
	machine();
	fake_vfio.card_count = 0;
	vfio_refused(card,
		     "there is none; plug it in, or correct the board header");
}

static void no_driver(void)
{
	machine();
	card->driver = NULL;
	vfio_refused(card, "no driver has it; bind it to vfio-pci");
}

static void another_driver(void)
{
	machine();
	card->driver = "nvme";
	vfio_refused(card, "driver nvme has it; bind it to vfio-pci");
}

static void no_iommu(void)
{
	machine();
	card->group = NULL;
	vfio_refused(
		card,
		"no IOMMU isolates it; the host kernel needs the driver of the "
		"board's IOMMU");
}

/* -- Refusals of both ways ----------------------------------------------- */

static void map_refused(long error, const char *line)
{
	machine();
	fake_vfio.refuses = config_board.iommufd ? IOMMU_IOAS_MAP :
						   VFIO_IOMMU_MAP_DMA;
	fake_vfio.refusal = error;
	vfio_refused(card, line);
}

static void locked_memory(void)
{
	map_refused(-ENOMEM,
		    "2 MiB of RAM at 0x40000000 cannot be mapped for DMA "
		    "(-12); raise the limit of locked memory");
}

static void reserved_addresses(void)
{
	map_refused(-EINVAL,
		    "2 MiB of RAM at 0x40000000 cannot be mapped for DMA "
		    "(-22); move it out of the IOMMU's reserved addresses");
}

static void second_bank_refused(void)
{
	machine();
	fake_vfio.refuses = config_board.iommufd ? IOMMU_IOAS_MAP :
						   VFIO_IOMMU_MAP_DMA;
	fake_vfio.refuses_after = 1;
	fake_vfio.refusal = -EINVAL;
	vfio_refused(
		card,
		"0 MiB of RAM at 0x40210000 cannot be mapped for DMA (-22); "
		"move it out of the IOMMU's reserved addresses");
}

static void no_kvm_vfio(void)
{
	machine();
	fake.no_devices = 1u << KVM_DEV_TYPE_VFIO;
	vfio_refused(card,
		     "KVM does not take it (-19); build the host kernel with "
		     "CONFIG_KVM_VFIO");
}

static void no_info(void)
{
	machine();
	fake_vfio.refuses = VFIO_DEVICE_GET_INFO;
	fake_vfio.refusal = -ENODEV;
	vfio_refused(card, "VFIO_DEVICE_GET_INFO failed (-19)");
}

static void no_region_info(void)
{
	machine();
	card->regions[2].info_error = -EIO;
	vfio_refused(card, "region 2 cannot be described (-5)");
}

/* -EINVAL: the device does not have it; no error. */
static void region_that_is_not(void)
{
	machine();
	card->regions[VFIO_PCI_ROM_REGION_INDEX].info_error = -EINVAL;
	vfio_add(card, 0);
	assert_int_equal(fake.log_lines, 0);
}

/* -- The board's facts --------------------------------------------------- */

static void another_vendor(void)
{
	struct config_pci_function facts;

	machine();
	facts = vfio_facts(card);
	facts.vendor = 0x1235;
	refused_with(&facts, "it is 1234:5678, but the board header says "
			     "1235:5678; correct BOARD_PCI_FUNCTIONS");
	assert_int_equal(card->resets, 0); /* it may be anybody's */
}

static void another_device(void)
{
	struct config_pci_function facts;

	machine();
	facts = vfio_facts(card);
	facts.device = 0xffff;
	refused_with(&facts, "it is 1234:5678, but the board header says "
			     "1234:ffff; correct BOARD_PCI_FUNCTIONS");
}

static void another_bar(void)
{
	struct config_pci_function facts;

	machine();
	facts = vfio_facts(card);
	facts.bars[0] = 0x8000;
	refused_with(&facts, "BAR 0 has 0x4000 bytes, but the board header "
			     "says 0x8000; correct BOARD_PCI_FUNCTIONS");
}

static void one_bar_more(void)
{
	struct config_pci_function facts;

	machine();
	vfio_card_bar(card, 5, 0x100, BAR_IO);
	facts = vfio_facts(card);
	facts.bars[5] = 0;
	refused_with(&facts, "BAR 5 has 0x100 bytes, but the board header "
			     "says 0x0; correct BOARD_PCI_FUNCTIONS");
}

static void another_vector_count(void)
{
	struct config_pci_function facts;

	machine();
	facts = vfio_facts(card);
	facts.vectors = 6;
	refused_with(&facts, "it has 5 MSI-X vectors, but the board header "
			     "says 6; correct BOARD_PCI_FUNCTIONS");
}

/* More vectors in the table than VFIO, and the header, say. */
static void another_table(void)
{
	machine();
	vfio_set(card, 0x40 + PCI_MSIX_FLAGS, 2, 2047);
	vfio_refused(
		card,
		"its MSI-X table has 2048 vectors, but the board header says "
		"5; correct BOARD_PCI_FUNCTIONS");
}

/* -- Reset and trouble --------------------------------------------------- */

static void reset_fails(void)
{
	machine();
	card->reset_error = -ENOTTY;
	vfio_refused(card, "it cannot be reset (-25); power-cycle the board");
}

static void hot_reset(void)
{
	machine();
	card->can_reset = 0;
	vfio_add(card, 0);
	assert_int_equal(card->hot_resets, 1);
	assert_int_equal(fake.log_lines, 0);
}

static void no_reset_at_all(void)
{
	machine();
	card->can_reset = 0;
	card->hot_reset_error = -EPERM; /* not alone on its bus */
	vfio_add(card, 0);
	fake_one_line("card: host device " CARD ": has no reset; it starts as "
		      "its last owner left it");
}

static void no_trouble_line(void)
{
	machine();
	card->irqs[VFIO_PCI_ERR_IRQ_INDEX] = 1;
	card->irq_error[VFIO_PCI_ERR_IRQ_INDEX] = -ENOMEM;
	vfio_refused(card, "cannot hear of its errors; raise the limit of open "
			   "files");
}

static void trouble(unsigned which)
{
	machine();
	card->irqs[VFIO_PCI_ERR_IRQ_INDEX] = 1;
	vfio_add(card, 0);
	loop_submit();
	fake_card_trouble(card, which);
	loop_wait();
	fake_one_line("card: host device " CARD ": failed, or is wanted back "
		      "by the host; the guest ends");
}

static void error_ends_the_guest(void)
{
	trouble(0);
}

static void host_wants_it_back(void)
{
	trouble(1);
}

static const struct CMUnitTest tests[] = {
	TEST(ram_is_mapped_once),
	TEST(kvm_knows_each),
	TEST(quiet_at_start),
	TEST(four_cards),
	TEST(no_such_device),
	TEST(no_driver),
	TEST(another_driver),
	TEST(no_iommu),
	TEST(locked_memory),
	TEST(reserved_addresses),
	TEST(second_bank_refused),
	TEST(no_kvm_vfio),
	TEST(no_info),
	TEST(no_region_info),
	TEST(region_that_is_not),
	TEST(another_vendor),
	TEST(another_device),
	TEST(another_bar),
	TEST(one_bar_more),
	TEST(another_vector_count),
	TEST(another_table),
	TEST(reset_fails),
	TEST(hot_reset),
	TEST(no_reset_at_all),
	TEST(no_trouble_line),
	TEST(error_ends_the_guest),
	TEST(host_wants_it_back),
};

UNIT_MAIN("vfio_open", tests)
