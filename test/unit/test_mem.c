/* SPDX-License-Identifier: Apache-2.0 */
/* Guest memory: the one door mem_ptr(), banks, policies, register pages. */
#include <linux/errno.h>
#include <linux/kvm.h>
#include <string.h>

#include "core/kvm.h"
#include "core/log.h"
#include "test/unit/driver.h"

#define FAR_ABOVE 0x80000000ull

static void machine(struct config_ram first, struct config_ram second)
{
	struct config_partition partition = {
		.ram = { first, second },
	};

	fake_reset();
	kvm_init();
	mem_init(&partition);
}

static void two_banks_apart(void)
{
	machine((struct config_ram){ RAM, 0x10000, RAM_LAZY },
		(struct config_ram){ FAR_ABOVE, 0x2000, RAM_LAZY });
}

static void ptr_inside(void)
{
	two_banks_apart();
	assert_ptr_equal(mem_ptr(RAM, 1), fake_guest(RAM));
	assert_ptr_equal(mem_ptr(RAM + 0xffff, 1), fake_guest(RAM + 0xffff));
	assert_ptr_equal(mem_ptr(RAM, 0x10000), fake_guest(RAM));
	assert_ptr_equal(mem_ptr(FAR_ABOVE, 0x2000), fake_guest(FAR_ABOVE));
	assert_ptr_equal(mem_ptr(FAR_ABOVE + 0x1fff, 1),
			 fake_guest(FAR_ABOVE + 0x1fff));
}

static void ptr_outside(void)
{
	two_banks_apart();
	assert_null(mem_ptr(RAM - 1, 1));
	assert_null(mem_ptr(RAM - 1, 2));
	assert_null(mem_ptr(RAM + 0x10000, 1));
	assert_null(mem_ptr(RAM + 0xffff, 2));
	assert_null(mem_ptr(RAM, 0x10001));
	assert_null(mem_ptr(FAR_ABOVE - 1, 1));
	assert_null(mem_ptr(FAR_ABOVE + 0x2000, 1));
	assert_null(mem_ptr((RAM + FAR_ABOVE) / 2, 1)); /* hole */
	assert_null(mem_ptr(0, 1));
	assert_null(mem_ptr(UINT64_MAX, 1));
}

static void ptr_wraps(void)
{
	two_banks_apart();
	assert_null(mem_ptr(RAM, UINT64_MAX));
	assert_null(mem_ptr(RAM + 1, UINT64_MAX));
	assert_null(mem_ptr(RAM + 1, UINT64_MAX - RAM));
	assert_null(mem_ptr(RAM + 0x8000, 0 - (RAM + 0x8000)));
	assert_null(mem_ptr(FAR_ABOVE, 0 - FAR_ABOVE + RAM));
	assert_null(mem_ptr(UINT64_MAX, UINT64_MAX));
	assert_null(mem_ptr(UINT64_MAX, RAM + 2)); /* sum lands in RAM */
	assert_null(mem_ptr(0, UINT64_MAX));
}

static void ptr_of_nothing(void)
{
	two_banks_apart();
	assert_non_null(mem_ptr(RAM, 0));
	assert_non_null(mem_ptr(RAM + 0x10000, 0)); /* its end */
	assert_null(mem_ptr(RAM + 0x10001, 0));
	assert_null(mem_ptr(RAM - 1, 0));
	assert_null(mem_ptr(0, 0));
}

static void ptr_across_banks(void)
{
	driver_machine();
	assert_non_null(mem_ptr(RAM1_END - 1, 1));
	assert_null(mem_ptr(RAM2 - 1, 1));
	assert_non_null(mem_ptr(RAM2, 1));
	assert_null(mem_ptr(RAM1_END - 1, 2));
	assert_null(mem_ptr(RAM, RAM_BYTES + 1));
	assert_null(mem_ptr(RAM, RAM_END - RAM));
	assert_ptr_equal(mem_ptr(RAM2, 1), fake_guest(RAM2));
	assert_non_null(mem_ptr(RAM_END - 1, 1));
	assert_null(mem_ptr(RAM_END - 1, 2));
}

/* What a guest sees as one piece it uses as one. */
static void ptr_across_banks_that_touch(int swapped)
{
	const struct config_ram rows[] = {
		{ RAM, 0x10000, RAM_LAZY },
		{ RAM + 0x10000, 0x2000, RAM_LAZY },
	};
	struct mem_bank bank;

	machine(rows[swapped], rows[!swapped]);
	assert_ptr_equal(mem_ptr(RAM, 0x12000), fake_guest(RAM));
	assert_ptr_equal(mem_ptr(RAM + 0xffff, 2), fake_guest(RAM + 0xffff));
	assert_ptr_equal(fake_guest(RAM + 0x10000), mem_ptr(RAM + 0x10000, 1));
	assert_null(mem_ptr(RAM, 0x12001));
	assert_int_equal(fake.slot_count, 2);
	assert_int_equal(mem_bank(0, &bank), 1);
	assert_int_equal(bank.size, 0x12000);
	assert_int_equal(mem_bank(1, &bank), 0);
}

static void second_bank_above(void)
{
	ptr_across_banks_that_touch(0);
}

static void second_bank_below(void)
{
	ptr_across_banks_that_touch(1);
}

static void ptr_without_ram(void)
{
	fake_reset();
	assert_null(mem_ptr(0, 0));
	assert_null(mem_ptr(RAM, 1));
}

static void slots(void)
{
	two_banks_apart();
	assert_int_equal(fake.slot_count, 2);
	assert_int_equal(fake.slots[0].guest_phys_addr, RAM);
	assert_int_equal(fake.slots[0].memory_size, 0x10000);
	assert_int_equal(fake.slots[0].flags, 0);
	assert_int_equal(fake.slots[1].guest_phys_addr, FAR_ABOVE);
	assert_int_equal(fake.slots[1].memory_size, 0x2000);
	assert_int_equal(fake.slots[1].flags, 0);
	assert_int_not_equal(fake.slots[0].slot, fake.slots[1].slot);
}

/* Stage 2 uses block mappings only where both addresses agree. */
static void banks_are_congruent(void)
{
	const uint64_t huge = config_board.hugepage_size;

	machine((struct config_ram){ RAM, 0x400000, RAM_LAZY },
		(struct config_ram){ FAR_ABOVE + 0x3000, 0x400000, RAM_LAZY });
	assert_int_equal((uintptr_t)mem_ptr(RAM, 1) % huge, RAM % huge);
	assert_int_equal((uintptr_t)mem_ptr(FAR_ABOVE + 0x3000, 1) % huge,
			 (FAR_ABOVE + 0x3000) % huge);
}

static void ram_is_zero_and_ours(void)
{
	static const uint8_t zero[0x10000];

	two_banks_apart();
	assert_memory_equal(mem_ptr(RAM, 0x10000), zero, 0x10000);
	memset(mem_ptr(RAM, 0x10000), 0x77, 0x10000);
	assert_memory_equal(mem_ptr(FAR_ABOVE, 0x2000), zero, 0x2000);
}

static void huge_pages(void)
{
	machine((struct config_ram){ RAM, 0x400000, RAM_HUGE },
		(struct config_ram){ 0, 0, 0 });
	assert_int_equal(fake.huge_maps, 1);
	assert_int_equal(fake.populated, 1);
	assert_int_equal(fake.locked, 1);
	assert_non_null(mem_ptr(RAM, 0x400000));
}

static void lazy_is_not_populated(void)
{
	two_banks_apart();
	assert_int_equal(fake.huge_maps, 0);
	assert_int_equal(fake.populated, 0);
	assert_int_equal(fake.locked, 0);
}

/* F05: one hugepage short is an end at start, not SIGBUS later. */
static void huge_pages_short(void)
{
	static const struct config_partition partition = {
		.ram = { { RAM, 0x400000, RAM_HUGE } },
	};

	fake_reset();
	kvm_init();
	fake.huge_error = -ENOMEM;
	assert_int_equal(EXITS(mem_init(&partition)), EXIT_MEMORY);
	fake_one_line("4 MiB need 2 free hugepages of 2048 KiB (-12)");
}

/* More than the host has could only end in an OOM kill, later. */
static void more_than_the_host(void)
{
	static const struct config_partition partition = {
		.ram = { { RAM, 0x400000, RAM_LAZY },
			 { FAR_ABOVE, 0x400000, RAM_LAZY } },
	};

	fake_reset();
	kvm_init();
	fake.total_memory = 0x7fffff;
	assert_int_equal(EXITS(mem_init(&partition)), EXIT_MEMORY);
	fake_one_line("guest RAM: 8 MiB, but the host has only 7 MiB");
	fake.total_memory = 0x800000;
	fake.log_lines = 0;
	mem_init(&partition);
	assert_int_equal(fake.log_lines, 0);
}

static void register_page(void)
{
	static const uint8_t zero[4096];
	uint8_t *page;

	driver_machine();
	page = mem_register_page(WINDOW + 0x234);
	assert_memory_equal(page, zero, sizeof(zero));
	assert_int_equal(fake.slot_count, 3);
	assert_int_equal(fake.slots[2].guest_phys_addr, WINDOW);
	assert_int_equal(fake.slots[2].memory_size, 4096);
	assert_int_equal(fake.slots[2].flags, KVM_MEM_READONLY);
	assert_true(fake.slots[2].slot >= CONFIG_MAX_RAM);
	assert_int_equal(fake.slots[2].userspace_addr, (uintptr_t)page);
}

static void register_page_is_shared(void)
{
	char *page;

	driver_machine();
	page = mem_register_page(WINDOW);
	assert_ptr_equal(mem_register_page(WINDOW + 0xfff), page);
	assert_int_equal(fake.slot_count, 3);
	assert_ptr_not_equal(mem_register_page(WINDOW + 0x1000), page);
	assert_int_equal(fake.slot_count, 4);
}

/* M12, M28: device registers are no memory to devices. */
static void register_page_is_no_ram(void)
{
	driver_machine();
	(void)mem_register_page(WINDOW);
	assert_null(mem_ptr(WINDOW, 1));
	assert_null(mem_ptr(WINDOW, 0));
}

/* Each virtio window that a config may have can lie in a page of its own. */
static void register_pages_for_all_windows(void)
{
	unsigned i;

	driver_machine();
	for (i = 0; i < CONFIG_MAX_VIRTIO; i++) {
		assert_non_null(mem_register_page(WINDOW + i * 0x1000ull));
	}
}

static void register_page_refused(void)
{
	driver_machine();
	/* As a host of larger pages would: the slot is not its page. */
	assert_int_equal(EXITS((void)mem_register_page(RAM)), EXIT_MEMORY);
	fake_one_line("register page at 0x40000000: refused");
}

#define ROM_BYTES 0x10000ull

/* The firmware: 1.5 pages, padded to 2 as tools/payload.py does. */
static _Alignas(4096) uint8_t firmware[0x2000];

static void machine_with_rom(uint64_t size)
{
	const struct config_rom rom = { 0, size };

	driver_machine();
	memset(firmware, 0xf1, 0x1800);
	mem_map_rom(&rom, firmware, 0x1800);
}

static void rom(void)
{
	static const uint8_t zero[ROM_BYTES];

	machine_with_rom(ROM_BYTES);
	assert_int_equal(fake.slot_count, 4);
	assert_int_equal(fake.slots[2].guest_phys_addr, 0);
	assert_int_equal(fake.slots[2].memory_size, 0x2000);
	assert_int_equal(fake.slots[2].flags, KVM_MEM_READONLY);
	/* Not a copy. */
	assert_int_equal(fake.slots[2].userspace_addr, (uintptr_t)firmware);
	assert_int_equal(fake.slots[3].guest_phys_addr, 0x2000);
	assert_int_equal(fake.slots[3].memory_size, ROM_BYTES - 0x2000);
	assert_int_equal(fake.slots[3].flags, KVM_MEM_READONLY);
	assert_memory_equal(fake_guest(0), firmware, 0x2000);
	assert_memory_equal(fake_guest(0x2000), zero, ROM_BYTES - 0x2000);
	assert_int_equal(fake.log_lines, 0);
}

/* A ROM of the firmware's pages has nothing behind them. */
static void rom_full(void)
{
	machine_with_rom(0x2000);
	assert_int_equal(fake.slot_count, 3);
	assert_int_equal(fake.slots[2].memory_size, 0x2000);
}

/* Devices do not reach it: a descriptor there could be one to write to. */
static void rom_is_no_ram(void)
{
	machine_with_rom(ROM_BYTES);
	assert_null(mem_ptr(0, 1));
	assert_null(mem_ptr(0, 0));
	assert_null(mem_ptr(0x2000, 1));
}

static void rom_leaves_register_pages(void)
{
	unsigned i;

	machine_with_rom(ROM_BYTES);
	for (i = 0; i < CONFIG_MAX_VIRTIO; i++) {
		assert_non_null(mem_register_page(WINDOW + i * 0x1000ull));
	}
	assert_int_equal(fake.slot_count, 4 + CONFIG_MAX_VIRTIO);
}

static void rom_refused(void)
{
	const struct config_rom at_ram = { RAM, ROM_BYTES };
	const struct config_rom below = { RAM - 0x2000, ROM_BYTES };

	driver_machine();
	assert_int_equal(EXITS(mem_map_rom(&at_ram, firmware, 1)), EXIT_MEMORY);
	fake_one_line("guest ROM: 4 KiB at 0x40000000 refused (-17)");
	fake.log_lines = fake.log_bytes = 0;
	/* As pages of a host that has larger ones. */
	assert_int_equal(EXITS(mem_map_rom(&below, firmware + 16, 1)),
			 EXIT_MEMORY);
	fake_one_line("guest ROM: 4 KiB at 0x3fffe000 refused (-22)");
	fake.log_lines = fake.log_bytes = 0;
	/* The zeros behind it. */
	assert_int_equal(EXITS(mem_map_rom(&below, firmware, 0x2000)),
			 EXIT_MEMORY);
	fake_one_line("guest ROM: 56 KiB at 0x40000000 refused (-17)");
}

static void rom_without_zeros(void)
{
	const struct config_rom rom = { 0, ROM_BYTES };

	driver_machine();
	fake.fail_at = fake.calls + 2; /* behind the firmware's own slot */
	fake.fail_with = -ENOMEM;
	assert_int_equal(EXITS(mem_map_rom(&rom, firmware, 0x2000)),
			 EXIT_MEMORY);
	assert_string_equal(fake.failed, "sys_mmap");
	fake_one_line("guest ROM: 56 KiB at 0x2000 refused (-12)");
}

static void rom_too_small(void)
{
	const struct config_rom small = { 0, 0x1000 };

	driver_machine();
	assert_int_equal(EXITS(mem_map_rom(&small, firmware, 0x1001)),
			 EXIT_BUG);
	assert_int_equal(fake.slot_count, 2);
}

static const struct CMUnitTest tests[] = {
	TEST(ptr_inside),
	TEST(ptr_outside),
	TEST(ptr_wraps),
	TEST(ptr_of_nothing),
	TEST(ptr_across_banks),
	TEST(second_bank_above),
	TEST(second_bank_below),
	TEST(ptr_without_ram),
	TEST(slots),
	TEST(banks_are_congruent),
	TEST(ram_is_zero_and_ours),
	TEST(huge_pages),
	TEST(lazy_is_not_populated),
	TEST(huge_pages_short),
	TEST(more_than_the_host),
	TEST(register_page),
	TEST(register_page_is_shared),
	TEST(register_page_is_no_ram),
	TEST(register_pages_for_all_windows),
	TEST(register_page_refused),
	TEST(rom),
	TEST(rom_full),
	TEST(rom_is_no_ram),
	TEST(rom_leaves_register_pages),
	TEST(rom_refused),
	TEST(rom_without_zeros),
	TEST(rom_too_small),
};

UNIT_MAIN("mem", tests)
