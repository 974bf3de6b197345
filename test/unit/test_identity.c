/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RAM_IDENTITY and RAM_CARVEOUT: which hugepages the supervisor takes, what it
 * gives back, what a partition finds in them, and each reason to refuse.
 */
#include <linux/errno.h>
#include <stdio.h>
#include <string.h>

#include "core/identity.h"
#include "core/kvm.h"
#include "core/log.h"
#include "core/mem.h"
#include "test/unit/fake_huge.h"
#define WITH_CARVE_OUT
#include "test/unit/identity_config.h"

static struct mem_bank bank;

/* As the process of a partition does. */
static void map(unsigned partition)
{
	kvm_init();
	mem_init(&config_partitions[partition]);
	mem_clear(&config_partitions[partition]);
	assert_int_equal(mem_bank(0, &bank), 1);
	assert_int_equal(mem_bank(1, &bank), 0);
}

static void refused(unsigned partition, const char *why)
{
	uint64_t size = config_partitions[partition].ram[0].size;
	char line[256];

	snprintf(line, sizeof(line), "guest RAM: %u MiB of RAM_IDENTITY: %s",
		 (unsigned)(size >> 20), why);
	assert_int_equal(fake.log_lines, 0);
	assert_int_equal(EXITS(map(partition)), EXIT_MEMORY);
	fake_one_line(line);
	assert_int_equal(fake.slot_count, 0);
}

/* Each page of the RAM is where the guest is told that it is. */
static void held_at(unsigned partition, uint64_t gpa)
{
	uint64_t size = config_partitions[partition].ram[0].size;
	uint64_t k;

	map(partition);
	assert_int_equal(fake.log_lines, 0);
	assert_int_equal(bank.gpa, gpa);
	assert_int_equal(bank.size, size);
	assert_int_equal((uintptr_t)bank.host % HUGE, 0);
	assert_int_equal(fake.slot_count, 1);
	assert_int_equal(fake.slots[0].guest_phys_addr, gpa);
	assert_int_equal(fake.slots[0].memory_size, size);
	assert_int_equal(fake.slots[0].userspace_addr, (uintptr_t)bank.host);
	assert_int_equal(fake.slots[0].flags, 0);
	assert_int_equal(fake.locked, 1);
	assert_int_equal(mem_gpa(config_partitions[partition].ram[0].gpa), gpa);
	assert_ptr_equal(mem_ptr(gpa, size), bank.host);
	assert_null(mem_ptr(gpa, size + 1));
	assert_null(mem_ptr(gpa - 1, 1));
	for (k = 0; k < size; k += 4096) {
		assert_int_equal(bank.host[k], 0);
		bank.host[k + k / 4096 % 4096] = (char)(k / 4096 + 1);
		assert_int_equal(fake_physical(gpa + k)[k / 4096 % 4096],
				 (uint8_t)(k / 4096 + 1));
		fake_physical(gpa + k)[4095] = 0x77;
		assert_int_equal(bank.host[k + 4095], 0x77);
	}
}

/* No descriptor but two of each RAM that is held; no mapping. */
static void nothing_left(int held)
{
	unsigned fd, files = 0, pins = 0;

	for (fd = 3; fd < FAKE_FDS; fd++) {
		files += fake.fds[fd].kind == FAKE_HUGETLB;
		pins += fake.fds[fd].kind == FAKE_PINS;
		assert_true(fake.fds[fd].kind == FAKE_CLOSED ||
			    fake.fds[fd].cloexec);
		assert_int_not_equal(fake.fds[fd].kind, FAKE_PAGEMAP);
	}
	assert_int_equal(files, held);
	assert_int_equal(pins, held);
	assert_int_equal(fake_huge.map_count, 0);
	assert_int_equal(fake.log_lines, 0);
}

/* Holds partition 0's RAM and leaves that many pages of the pool. */
static void hold(unsigned left)
{
	identity_hold(0);
	nothing_left(1);
	assert_int_equal(fake_huge_free(), left);
}

static void no_hold(const char *why)
{
	unsigned count = fake_huge.count;

	identity_hold(0);
	nothing_left(0);
	assert_int_equal(fake_huge_free(), count);
	refused(0, why);
}

#define IN_PIECES                                                    \
	"the host has no hugepages for it that lie in one piece of " \
	"BOARD_RAM_GPA and BOARD_RAM_BYTES; give its kernel more "   \
	"(hugepages=), or lower CFG_RAM "

/* -- Which pages --------------------------------------------------------- */

static void ascending(void)
{
	fake_reset();
	fake_huge_add_run(AT, 10);
	hold(6);
	assert_int_equal(fake_huge.zeroed, PAGES); /* no more than needed */
	held_at(0, AT);
}

static void descending(void)
{
	unsigned i;

	fake_reset();
	for (i = 10; i > 0; i--) {
		fake_huge_add(AT + i * HUGE);
	}
	hold(6);
	assert_int_equal(fake_huge.zeroed, PAGES);
	held_at(0, AT + 7 * HUGE);
}

/* From both ends to the middle: the last page joins them. */
static void inwards(void)
{
	unsigned i;

	fake_reset();
	for (i = 0; i < 3; i++) {
		fake_huge_add(AT + i * HUGE);
		fake_huge_add(AT + (6 - i) * HUGE);
	}
	fake_huge_add(AT + 3 * HUGE);
	fake_huge_add(AT + 7 * HUGE);
	hold(4);
	/* Of the seven in one piece, the lowest. */
	held_at(0, AT);
}

static void every_other_first(void)
{
	unsigned i;

	fake_reset();
	for (i = 0; i < 20; i += 2) {
		fake_huge_add(AT + i * HUGE);
	}
	for (i = 1; i < 20; i += 2) {
		fake_huge_add(AT + i * HUGE);
	}
	hold(16);
	held_at(0, AT);
}

static void hole_before(void)
{
	fake_reset();
	fake_huge_add_run(AT, PAGES - 1);
	fake_huge_add_run(AT + PAGES * HUGE, PAGES);
	hold(PAGES - 1);
	held_at(0, AT + PAGES * HUGE);
}

static void hole_after(void)
{
	fake_reset();
	fake_huge_add_run(AT, PAGES);
	fake_huge_add_run(AT + (PAGES + 1) * HUGE, 3);
	hold(3);
	held_at(0, AT);
}

static void hole_in_the_middle(void)
{
	fake_reset();
	fake_huge_add_run(AT, 2);
	fake_huge_add_run(AT + 3 * HUGE, PAGES - 2);
	no_hold(IN_PIECES "(-14)");
}

static void holes_everywhere(void)
{
	fake_reset();
	fake_huge_add_run(AT + 20 * HUGE, 3);
	fake_huge_add_run(AT, 2);
	fake_huge_add_run(AT + 10 * HUGE, PAGES + 1);
	fake_huge_add_run(AT + 30 * HUGE, PAGES);
	hold(3 + 2 + 1 + PAGES);
	held_at(0, AT + 10 * HUGE);
}

static void exactly_enough(void)
{
	fake_reset();
	fake_huge_add_run(AT, PAGES);
	hold(0);
	held_at(0, AT);
}

static void one_short(void)
{
	fake_reset();
	fake_huge_add_run(AT, PAGES - 1);
	no_hold(IN_PIECES "(-14)");
}

static void no_memory(void)
{
	fake_reset();
	fake_huge_add_run(AT, PAGES - 1);
	fake_huge.empty_error = -ENOMEM;
	no_hold(IN_PIECES "(-12)");
}

static void none(void)
{
	fake_reset();
	no_hold(IN_PIECES "(-14)");
}

static void add_apart(unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		fake_huge_add(AT + 2 * i * HUGE);
	}
}

/* Only so many are looked at. */
static void too_late(void)
{
	fake_reset();
	add_apart(CONFIG_MAX_IDENTITY_PAGES - PAGES + 1);
	fake_huge_add_run(AT + 1200 * HUGE, 100);
	assert_true(fake_huge.count > CONFIG_MAX_IDENTITY_PAGES);
	no_hold(IN_PIECES "(0)");
	assert_int_equal(fake_huge.zeroed, CONFIG_MAX_IDENTITY_PAGES);
}

static void just_in_time(void)
{
	unsigned apart = CONFIG_MAX_IDENTITY_PAGES - PAGES;

	fake_reset();
	add_apart(apart);
	fake_huge_add_run(AT + 1200 * HUGE, 100);
	hold(apart + 100 - PAGES);
	held_at(0, AT + 1200 * HUGE);
}

/* What lies elsewhere is taken first, is in no piece, and is given back. */
static void outside_first(void)
{
	fake_reset();
	fake_huge_add_run(RAM_END, PAGES);
	fake_huge_add_run(RAM - PAGES * HUGE, PAGES);
	fake_huge_add_run(AT, PAGES + 1);
	hold(2 * PAGES + 1);
	assert_int_equal(fake_huge.zeroed, 3 * PAGES);
	held_at(0, AT);
}

/* Of what lies across an end of the board's RAM, the part that is within. */
static void outside_before(void)
{
	fake_reset();
	fake_huge_add_run(RAM - PAGES * HUGE, 2 * PAGES);
	hold(PAGES);
	held_at(0, RAM);
}

static void outside_behind(void)
{
	fake_reset();
	fake_huge_add_run(RAM_END, PAGES);
	fake_huge_add_run(RAM_END - PAGES * HUGE, PAGES);
	hold(PAGES);
	held_at(0, RAM_END - PAGES * HUGE);
}

/* -- Any order, against a model ------------------------------------------ */

#define SHUFFLED 40

static uint32_t random_below(uint32_t n)
{
	static uint32_t state;

	state = state * 1664525 + 1013904223 + (uint32_t)fake.pid;
	return (state >> 8) % n;
}

/*
 * The lowest pages of the first piece that is long enough and in the board's
 * RAM; 0: none is.
 */
static uint64_t model(uint64_t base)
{
	int taken[SHUFFLED] = { 0 };
	unsigned i;

	for (i = 0; i < fake_huge.count; i++) {
		uint64_t gpa = fake_huge.pages[i].address;
		unsigned at = (unsigned)((gpa - base) / HUGE);
		unsigned first = at, end = at + 1;

		if (gpa < RAM || gpa >= RAM_END) {
			continue;
		}
		taken[at] = 1;
		while (first > 0 && taken[first - 1]) {
			first--;
		}
		while (end < SHUFFLED && taken[end]) {
			end++;
		}
		if (end - first >= PAGES) {
			return base + first * HUGE;
		}
	}
	return 0;
}

/* As many seeds are within as across each end of the board's RAM. */
static void shuffled(void *seed)
{
	static const uint64_t bases[] = { AT, RAM - SHUFFLED / 2 * HUGE,
					  RAM_END - SHUFFLED / 2 * HUGE };
	uint64_t base = bases[(uintptr_t)seed % 3];
	unsigned order[SHUFFLED];
	uint64_t gpa;
	unsigned i, n;

	fake_reset();
	fake.pid = (int)(uintptr_t)seed;
	for (i = 0; i < SHUFFLED; i++) {
		unsigned j = random_below(i + 1);

		order[i] = order[j];
		order[j] = i;
	}
	n = 5 + random_below(SHUFFLED - 5);
	for (i = 0; i < n; i++) {
		fake_huge_add(base + order[i] * HUGE);
	}
	gpa = model(base);
	if (gpa != 0) {
		hold(n - PAGES);
		held_at(0, gpa);
	} else {
		no_hold(IN_PIECES "(-14)");
	}
}

static void any_order(void)
{
	unsigned bad = 0;
	uintptr_t seed;

	for (seed = 1; seed <= 300; seed++) {
		bad += unit_child(shuffled, (void *)seed) != 0;
	}
	assert_int_equal(bad, 0);
}

/* -- Hosts --------------------------------------------------------------- */

#define NO_ADDRESSES                                                  \
	"/proc/self/pagemap does not tell physical addresses; build " \
	"the host kernel with CONFIG_PROC_PAGE_MONITOR "

#define NOT_PINNED                                            \
	"its pages cannot be kept in their place; build the " \
	"host kernel with CONFIG_IO_URING "

static void addresses_are_hidden(void)
{
	fake_reset();
	fake_huge_add_run(AT, 10);
	fake_huge.hidden = 1;
	no_hold(NO_ADDRESSES "(-1)");
}

static void no_pagemap(void)
{
	fake_reset();
	fake_huge_add_run(AT, 10);
	fake_huge.pagemap_error = -ENOENT;
	no_hold(NO_ADDRESSES "(-2)");
	assert_int_equal(fake_huge.zeroed, 0);
}

struct fault {
	unsigned n;
	const char *name;
	const char *line; /* NULL: held all the same */
};

static void one_fault(void *arg)
{
	const struct fault *fault = arg;

	fake_reset();
	fake_huge_add_run(AT + 20 * HUGE, 2);
	fake_huge_add_run(AT, 10);
	fake.fail_at = fault->n;
	fake.fail_with = -EIO;
	identity_hold(0);
	assert_string_equal(fake.failed, fault->name);
	assert_int_equal(fake.log_lines, 0); /* nor did it end */
	if (fault->line) {
		nothing_left(0);
		assert_int_equal(fake_huge_free(), 12);
		refused(0, fault->line);
	} else {
		held_at(0, AT);
	}
}

/* The supervisor goes on; the partition says what it was. */
static void each_call_fails(void)
{
	static const char no_file[] =
		"no file of hugepages; build the host kernel with "
		"CONFIG_MEMFD_CREATE and CONFIG_HUGETLBFS (-5)";
	static const struct fault faults[] = {
		{ 1, "sys_memfd_create", no_file },
		{ 2, "sys_ftruncate", no_file },
		{ 3, "sys_mmap", no_file },
		{ 4, "sys_open", NO_ADDRESSES "(-5)" },
		{ 5, "sys_madvise", IN_PIECES "(-5)" },
		{ 6, "sys_preadv", NO_ADDRESSES "(-5)" },
		{ 7, "sys_madvise", IN_PIECES "(-5)" },
		{ 8, "sys_preadv", NO_ADDRESSES "(-5)" },
		{ 15, "sys_madvise", IN_PIECES "(-5)" },
		{ 16, "sys_preadv", NO_ADDRESSES "(-5)" },
		{ 17, "sys_io_uring_setup", NOT_PINNED "(-5)" },
		{ 18, "sys_io_uring_register", NOT_PINNED "(-5)" },
		{ 19, "sys_preadv", NOT_PINNED "(-5)" },
		{ 22, "sys_preadv", NOT_PINNED "(-5)" },
		{ 23, "sys_close", NULL },
		{ 24, "sys_munmap", NULL },
		{ 25, "sys_fallocate", NULL },
		{ 26, "sys_fallocate", NULL },
	};
	unsigned bad = 0;
	size_t i;

	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		bad += unit_child(one_fault, (void *)&faults[i]) != 0;
	}
	assert_int_equal(bad, 0);
}

/* Each page is mapped by a call of its own. */
static void page_not_mapped(void *n)
{
	char line[64];

	fake_reset();
	fake_huge_add_run(AT, 10);
	identity_hold(0);
	kvm_init();
	/* sys_total_memory(), the address space, then each page */
	fake.fail_at = fake.calls + 3 + (unsigned)(uintptr_t)n;
	fake.fail_with = -ENOMEM;
	assert_int_equal(EXITS(mem_init(&config_partitions[0])), EXIT_MEMORY);
	assert_string_equal(fake.failed, "sys_mmap");
	snprintf(line, sizeof(line),
		 "guest RAM: hugepage %u cannot be mapped "
		 "(-12)",
		 (unsigned)(uintptr_t)n);
	fake_one_line(line);
}

static void pages_not_mapped(void)
{
	unsigned bad = 0;
	uintptr_t n;

	for (n = 0; n < PAGES; n++) {
		bad += unit_child(page_not_mapped, (void *)n) != 0;
	}
	assert_int_equal(bad, 0);
}

static void not_locked(void)
{
	fake_reset();
	fake_huge_add_run(AT, 10);
	identity_hold(0);
	kvm_init();
	fake.fail_at = fake.calls + 3 + PAGES;
	fake.fail_with = -ENOMEM;
	assert_int_equal(EXITS(mem_init(&config_partitions[0])), EXIT_MEMORY);
	fake_one_line("guest RAM: 8 MiB cannot be locked (-12)");
}

/* KVM is given the address that the host has, and says so. */
static void kvm_takes_no_slot(void)
{
	fake_reset();
	fake_huge_add_run(AT, 10);
	identity_hold(0);
	fake.slot_error = -EINVAL;
	assert_int_equal(EXITS(map(0)), EXIT_MEMORY);
	fake_one_line("guest RAM: KVM refuses 8 MiB at 0x48000000 (-22)");
}

/* An ordinary process has no supervisor. */
static void not_held(void)
{
	fake_reset();
	fake_huge_add_run(AT, 10);
	refused(0, "the supervisor holds it; start bedplate as PID 1 (0)");
	assert_int_equal(fake_huge_free(), 10);
}

static void other_policies(void)
{
	fake_reset();
	fake_huge_add_run(AT, 10);
	identity_hold(LAZY);
	assert_int_equal(fake.calls, 0);
	identity_mark_used(LAZY);
	map(LAZY);
	bank.host[0] = 0x42;
	mem_clear(&config_partitions[LAZY]);
	assert_int_equal(bank.host[0], 0x42);
	assert_int_equal(bank.gpa, RAM);
	assert_int_equal(mem_gpa(RAM + 5), RAM + 5);
	assert_int_equal(fake.locked, 0);
}

/* -- The board ----------------------------------------------------------- */

static void lies_at(uint64_t gpa, int inside)
{
	fake_reset();
	fake_huge_add_run(gpa, PAGES);
	if (inside) {
		hold(0);
		held_at(0, gpa);
	} else {
		no_hold(IN_PIECES "(-14)");
	}
}

static void at_the_beginning(void)
{
	lies_at(RAM, 1);
}

static void at_the_end(void)
{
	lies_at(RAM_END - PAGES * HUGE, 1);
}

static void below(void)
{
	lies_at(RAM - PAGES * HUGE, 0);
}

static void far_below(void)
{
	lies_at(HUGE, 0);
}

static void above(void)
{
	lies_at(RAM_END, 0);
}

static void far_above(void)
{
	lies_at(1ull << 47, 0);
}

static void across_the_beginning(void)
{
	lies_at(RAM - HUGE, 0);
}

static void across_the_end(void)
{
	lies_at(RAM_END - (PAGES - 1) * HUGE, 0);
}

/* -- Carved out ----------------------------------------------------------- */

/* Neither the first pages that would do elsewhere, nor those around it. */
static void carved_out(void)
{
	fake_reset();
	fake_huge_add_run(AT, 10);
	fake_huge_add_run(CARVED_AT - 2 * HUGE, CARVED_PAGES + 4);
	identity_hold(CARVED);
	nothing_left(1);
	assert_int_equal(fake_huge_free(), 10 + 4);
	held_at(CARVED, CARVED_AT);
}

/* Its place is known: however many there are before it. */
static void carved_out_late(void)
{
	fake_reset();
	fake_huge_add_run(CARVED_AT + 100 * HUGE, 600);
	fake_huge_add_run(CARVED_AT, CARVED_PAGES);
	identity_hold(CARVED);
	nothing_left(1);
	assert_int_equal(fake_huge_free(), 600);
	held_at(CARVED, CARVED_AT);
}

/* One page of it is not the pool's, which has so many around that. */
static void carved_with_a_hole(unsigned hole)
{
	const uint64_t end = CARVED_AT + CARVED_PAGES * HUGE;
	char why[256];

	fake_reset();
	fake_huge_add_run(CARVED_AT - HUGE, 1 + hole);
	fake_huge_add_run(CARVED_AT + (hole + 1) * HUGE, CARVED_PAGES - hole);
	identity_hold(CARVED);
	nothing_left(0);
	assert_int_equal(fake_huge_free(), CARVED_PAGES + 1);
	assert_int_equal(EXITS(map(CARVED)), EXIT_MEMORY);
	snprintf(why, sizeof(why),
		 "guest RAM: 6 MiB of RAM_CARVEOUT at 0x%llx: not all of it is "
		 "free hugepages, of which the host has %u between 0x%llx and "
		 "0x%llx; give its kernel more (hugepages=), or move it in "
		 "CFG_RAM",
		 (unsigned long long)CARVED_AT, CARVED_PAGES + 1,
		 (unsigned long long)(CARVED_AT - HUGE),
		 (unsigned long long)(end + HUGE));
	fake_one_line(why);
	assert_int_equal(fake.slot_count, 0);
}

static void carved_without_its_first(void)
{
	carved_with_a_hole(0);
}

static void carved_without_its_second(void)
{
	carved_with_a_hole(1);
}

static void carved_without_its_last(void)
{
	carved_with_a_hole(CARVED_PAGES - 1);
}

static void carved_out_of_nothing(void)
{
	fake_reset();
	identity_hold(CARVED);
	nothing_left(0);
	assert_int_equal(EXITS(map(CARVED)), EXIT_MEMORY);
	fake_one_line("guest RAM: 6 MiB of RAM_CARVEOUT: the host has no "
		      "hugepages for it");
}

/* -- Owners -------------------------------------------------------------- */

/* What is found there; then every byte is another. */
static void owner(void *unused)
{
	static const char zero[4096];
	uint64_t k;

	(void)unused;
	map(0);
	assert_int_equal(bank.gpa, AT);
	for (k = 0; k < bank.size; k += 4096) {
		assert_memory_equal(bank.host + k, zero, 4096);
	}
	memset(bank.host, 0xff, bank.size);
}

static void next_owners(void)
{
	uint64_t k;
	int i;

	fake_reset();
	fake_huge_add_run(AT, 10);
	hold(6);
	for (i = 0; i < 3; i++) {
		assert_int_equal(unit_child(owner, NULL), 0);
		identity_mark_used(0);
		for (k = 0; k < PAGES * HUGE; k += 4096) {
			assert_int_equal(fake_physical(AT + k)[k % 4095], 0xff);
		}
		nothing_left(1);
		assert_int_equal(fake_huge_free(), 6);
	}
}

/* Unused, it is not written once more. */
static void first_owner_writes_nothing(void)
{
	fake_reset();
	fake_huge_add_run(AT, PAGES);
	hold(0);
	fake_physical(AT)[0] = 0x42;
	map(0);
	assert_int_equal(bank.host[0], 0x42);
}

static void used_is_cleared(void)
{
	fake_reset();
	fake_huge_add_run(AT, PAGES);
	hold(0);
	memset(fake_physical(AT + 3 * HUGE), 0x42, HUGE);
	identity_mark_used(0);
	held_at(0, AT);
}

/* One partition's use is not another's. */
static void marks_are_apart(void)
{
	fake_reset();
	fake_huge_add_run(AT, PAGES);
	hold(0);
	identity_mark_used(SECOND);
	identity_mark_used(LAZY);
	fake_physical(AT)[0] = 0x42;
	map(0);
	assert_int_equal(bank.host[0], 0x42);
}

static void owns(unsigned partition, uint64_t gpa)
{
	map(partition);
	assert_int_equal(bank.gpa, gpa);
	memset(bank.host, (int)partition + 1, bank.size);
}

static void owns_first(void *gpa)
{
	owns(0, *(uint64_t *)gpa);
}

static void owns_second(void *gpa)
{
	owns(SECOND, *(uint64_t *)gpa);
}

static void check_bytes(uint64_t gpa, unsigned pages, int value)
{
	uint64_t k;

	for (k = 0; k < pages * HUGE; k += 4096) {
		assert_int_equal(fake_physical(gpa + k)[0], value);
		assert_int_equal(fake_physical(gpa + k)[4095], value);
	}
}

static void two_partitions(void)
{
	uint64_t first = AT, second = AT + PAGES * HUGE;

	fake_reset();
	fake_huge_add_run(AT, PAGES + SECOND_PAGES + 1);
	hold(SECOND_PAGES + 1);
	identity_hold(SECOND);
	nothing_left(2);
	assert_int_equal(fake_huge_free(), 1);
	assert_int_equal(unit_child(owns_first, &first), 0);
	assert_int_equal(unit_child(owns_second, &second), 0);
	check_bytes(first, PAGES, 1);
	check_bytes(second, SECOND_PAGES, 2);
	identity_mark_used(0);
	assert_int_equal(unit_child(owns_first, &first), 0);
	check_bytes(second, SECOND_PAGES, 2);
}

/* The first keeps what the second would need. */
static void second_is_short(void)
{
	fake_reset();
	fake_huge_add_run(AT, PAGES + SECOND_PAGES - 1);
	hold(SECOND_PAGES - 1);
	identity_hold(SECOND);
	nothing_left(1);
	assert_int_equal(fake_huge_free(), SECOND_PAGES - 1);
	refused(SECOND, IN_PIECES "(-14)");
}

/* What the first could not use is the second's. */
static void first_is_short(void)
{
	fake_reset();
	fake_huge_add_run(AT, PAGES - 1);
	identity_hold(0);
	identity_hold(SECOND);
	nothing_left(1);
	assert_int_equal(fake_huge_free(), PAGES - 1 - SECOND_PAGES);
	held_at(SECOND, AT);
}

static const struct CMUnitTest tests[] = {
	TEST(ascending),
	TEST(descending),
	TEST(inwards),
	TEST(every_other_first),
	TEST(hole_before),
	TEST(hole_after),
	TEST(hole_in_the_middle),
	TEST(holes_everywhere),
	TEST(exactly_enough),
	TEST(one_short),
	TEST(no_memory),
	TEST(none),
	TEST(too_late),
	TEST(just_in_time),
	TEST(outside_first),
	TEST(outside_before),
	TEST(outside_behind),
	TEST(any_order),
	TEST(addresses_are_hidden),
	TEST(no_pagemap),
	TEST(each_call_fails),
	TEST(pages_not_mapped),
	TEST(not_locked),
	TEST(kvm_takes_no_slot),
	TEST(not_held),
	TEST(other_policies),
	TEST(at_the_beginning),
	TEST(at_the_end),
	TEST(below),
	TEST(far_below),
	TEST(above),
	TEST(far_above),
	TEST(across_the_beginning),
	TEST(across_the_end),
	TEST(carved_out),
	TEST(carved_out_late),
	TEST(carved_without_its_first),
	TEST(carved_without_its_second),
	TEST(carved_without_its_last),
	TEST(carved_out_of_nothing),
	TEST(next_owners),
	TEST(first_owner_writes_nothing),
	TEST(used_is_cleared),
	TEST(marks_are_apart),
	TEST(two_partitions),
	TEST(second_is_short),
	TEST(first_is_short),
};

UNIT_MAIN("identity", tests)
