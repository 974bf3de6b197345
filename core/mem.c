/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guest physical memory. A bank's host address is congruent to its guest
 * address modulo the hugepage size, so that stage 2 can use block mappings.
 */
#include "core/mem.h"

#include <linux/errno.h>
#include <linux/kvm.h>
#include <linux/mman.h>
#include <stddef.h>
#include <string.h>

#include "core/identity.h"
#include "core/kvm.h"
#include "core/log.h"
#include "core/sys.h"

#define PROT_RW (PROT_READ | PROT_WRITE)
#define MAX_REGISTER_PAGES CONFIG_MAX_VIRTIO
#define REGISTER_SLOT CONFIG_MAX_RAM
#define ROM_SLOT (REGISTER_SLOT + MAX_REGISTER_PAGES)
#define PAGE_SLOT (ROM_SLOT + 2)
#define WINDOW_SLOT (PAGE_SLOT + 1)

struct register_page {
	uint64_t gpa;
	void *host;
};

static struct mem_bank banks[CONFIG_MAX_RAM];
static unsigned bank_count;
static uint64_t shift; /* of RAM from where the config has it */
static struct register_page pages[MAX_REGISTER_PAGES];
static unsigned page_count;

static long add_slot(unsigned slot, uint64_t gpa, uint64_t size, void *host,
		     unsigned flags)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.flags = flags,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (uintptr_t)host,
	};

	return kvm_vm_ioctl(KVM_SET_USER_MEMORY_REGION, (uintptr_t)&region);
}

/* Address space for a bank, congruent to its gpa, nothing in it. */
static char *reserve(uint64_t gpa, uint64_t size)
{
	uint64_t align = config_board.hugepage_size;
	char *at = sys_mmap(NULL, size + align, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (sys_is_err(at)) {
		log_fatal(EXIT_MEMORY,
			  "guest RAM: no %lu MiB of address space "
			  "(%ld); check the process's limits",
			  MIB(size), (long)at);
	}
	return at + ((gpa - (uintptr_t)at) & (align - 1));
}

static void map_lazy(const struct config_ram *ram, char *at)
{
	void *host = sys_mmap(at, ram->size, PROT_RW,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
				      MAP_FIXED,
			      -1, 0);

	if (sys_is_err(host)) {
		log_fatal(EXIT_MEMORY,
			  "guest RAM: %lu MiB cannot be mapped "
			  "(%ld); lower the size in CFG_RAM",
			  MIB(ram->size), (long)host);
	}
	/* Only an offer: hosts without transparent hugepages refuse it. */
	sys_madvise(host, ram->size, MADV_HUGEPAGE);
}

unsigned mem_hugepage_flag(void)
{
	unsigned log2 = 63 -
			(unsigned)__builtin_clzll(config_board.hugepage_size);

	return log2 << MAP_HUGE_SHIFT; /* and MFD_HUGE_SHIFT */
}

static void lock(const struct config_ram *ram, char *at)
{
	long ret = sys_mlock(at, ram->size);

	if (ret < 0) {
		log_fatal(EXIT_MEMORY,
			  "guest RAM: %lu MiB cannot be locked (%ld); raise "
			  "the limit of locked memory",
			  MIB(ram->size), ret);
	}
}

static void map_huge(const struct config_ram *ram, char *at)
{
	uint64_t huge = config_board.hugepage_size;
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_HUGETLB |
		    (int)mem_hugepage_flag();
	void *host = sys_mmap(at, ram->size, PROT_RW, flags, -1, 0);
	long ret = sys_is_err(host) ?
			   (long)host :
			   sys_madvise(host, ram->size, MADV_POPULATE_WRITE);

	if (ret < 0) {
		log_fatal(EXIT_MEMORY,
			  "guest RAM: %lu MiB need %lu free "
			  "hugepages of %lu KiB (%ld); give the host kernel "
			  "hugepages=%lu or lower CFG_RAM",
			  MIB(ram->size), (unsigned long)(ram->size / huge),
			  (unsigned long)(huge >> 10), ret,
			  (unsigned long)(ram->size / huge));
	}
	lock(ram, at);
}

/* A row of the config, at host address at. */
static void map_ram(unsigned partition, unsigned slot,
		    const struct config_ram *ram, char *at)
{
	uint64_t gpa = ram->gpa;
	long ret;

	if (identity_is(ram)) {
		gpa = identity_map(partition, ram, at);
		shift = gpa - ram->gpa;
		lock(ram, at);
	} else if (ram->policy == RAM_HUGE) {
		map_huge(ram, at);
	} else {
		map_lazy(ram, at);
	}
	ret = add_slot(slot, gpa, ram->size, at, 0);
	if (ret < 0) {
		log_fatal(EXIT_MEMORY,
			  "guest RAM: KVM refuses %lu MiB at "
			  "0x%llx (%ld); check CFG_RAM against the host",
			  MIB(ram->size), (unsigned long long)gpa, ret);
	}
	if (slot > 0 && gpa == banks[0].gpa + banks[0].size) {
		banks[0].size += ram->size;
	} else {
		banks[bank_count++] = (struct mem_bank){ gpa, ram->size, at };
	}
}

/* Lazy RAM is not reserved: refuse here what could only end in an OOM kill. */
static void check_total(const struct config_partition *partition)
{
	long host = sys_total_memory();
	uint64_t guest = 0;
	unsigned i;

	for (i = 0; i < CONFIG_MAX_RAM && partition->ram[i].size > 0; i++) {
		guest += partition->ram[i].size;
	}
	if (host >= 0 && guest > (uint64_t)host) {
		log_fatal(EXIT_MEMORY,
			  "guest RAM: %lu MiB, but the host has "
			  "only %lu MiB; lower CFG_RAM",
			  MIB(guest), MIB(host));
	}
}

void mem_init(const struct config_partition *partition)
{
	const unsigned index = (unsigned)(partition - config_partitions);
	const struct config_ram *ram = partition->ram;
	const int second = ram[1].size > 0;
	const int swapped = second && ram[1].gpa < ram[0].gpa;
	const struct config_ram *low = &ram[swapped];
	const struct config_ram *high = &ram[!swapped];
	/* What a guest sees as one piece it uses as one. */
	const int joined = second && low->gpa + low->size == high->gpa;
	char *at;

	_Static_assert(CONFIG_MAX_RAM == 2, "both are mapped here");
	check_total(partition);
	at = reserve(low->gpa, low->size + (joined ? high->size : 0));
	map_ram(index, 0, low, at);
	if (second) {
		at = joined ? at + low->size : reserve(high->gpa, high->size);
		map_ram(index, 1, high, at);
	}
}

void mem_clear(const struct config_partition *partition)
{
	if (identity_is(&partition->ram[0]) &&
	    identity_is_used((unsigned)(partition - config_partitions))) {
		memset(banks[0].host, 0, banks[0].size);
	}
}

uint64_t mem_gpa(uint64_t config_gpa)
{
	return config_gpa + shift;
}

void *mem_ptr(uint64_t gpa, uint64_t len)
{
	const struct mem_bank *bank;

	for (bank = banks; bank < banks + bank_count; bank++) {
		uint64_t offset = gpa - bank->gpa; /* below it: wraps, huge */

		if (offset <= bank->size && len <= bank->size - offset) {
			return bank->host + offset;
		}
	}
	return NULL;
}

int mem_bank(unsigned i, struct mem_bank *bank)
{
	if (i >= bank_count) {
		return 0;
	}
	*bank = banks[i];
	return 1;
}

static void add_rom(unsigned slot, uint64_t gpa, uint64_t size, void *host)
{
	long ret = sys_is_err(host) ?
			   (long)host :
			   add_slot(slot, gpa, size, host, KVM_MEM_READONLY);

	if (ret < 0) {
		log_fatal(EXIT_MEMORY,
			  "guest ROM: %lu KiB at 0x%llx refused (%ld); check "
			  "CFG_ROM and BOARD_PAGE_SIZE against the host",
			  (unsigned long)(size >> 10), (unsigned long long)gpa,
			  ret);
	}
}

void mem_map_rom(const struct config_rom *rom, const void *data, uint64_t bytes)
{
	uint64_t page = config_board.page_size;
	uint64_t filled = (bytes + page - 1) & ~(page - 1);
	uint64_t rest = rom->size - filled;

	BUG_ON(filled > rom->size || bytes == 0);
	add_rom(ROM_SLOT, rom->gpa, filled, (void *)(uintptr_t)data);
	if (rest > 0) {
		/* Only ever read: the host's one page of zeros, many times. */
		void *zeros = sys_mmap(NULL, rest, PROT_READ,
				       MAP_PRIVATE | MAP_ANONYMOUS |
					       MAP_NORESERVE,
				       -1, 0);

		add_rom(ROM_SLOT + 1, rom->gpa + filled, rest, zeros);
	}
}

void mem_show_window(unsigned index, uint64_t gpa, uint64_t size, void *host)
{
	long ret = add_slot(WINDOW_SLOT + index, gpa, size, host, 0);

	if (ret < 0) {
		log_fatal(EXIT_MEMORY,
			  "memory window at 0x%llx: refused (%ld); check the "
			  "host's memory",
			  (unsigned long long)gpa, ret);
	}
}

static void show_page(unsigned slot, uint64_t gpa, void *host)
{
	long ret = sys_is_err(host) ?
			   (long)host :
			   add_slot(slot, gpa, config_board.page_size, host,
				    KVM_MEM_READONLY);

	if (ret < 0) {
		log_fatal(EXIT_MEMORY,
			  "register page at 0x%llx: refused (%ld); "
			  "check BOARD_PAGE_SIZE against the host's",
			  (unsigned long long)gpa, ret);
	}
}

void mem_show_page(uint64_t gpa, void *host)
{
	show_page(PAGE_SLOT, gpa, host);
}

void *mem_register_page(uint64_t gpa)
{
	uint64_t size = config_board.page_size;
	uint64_t base = gpa & ~(size - 1);
	void *host;
	unsigned i;

	for (i = 0; i < page_count; i++) {
		if (pages[i].gpa == base) {
			return pages[i].host;
		}
	}
	BUG_ON(page_count == MAX_REGISTER_PAGES);
	host = sys_mmap(NULL, size, PROT_RW, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);
	show_page(REGISTER_SLOT + page_count, base, host);
	pages[page_count].gpa = base;
	pages[page_count].host = host;
	page_count++;
	return host;
}
