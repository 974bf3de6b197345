/* SPDX-License-Identifier: Apache-2.0 */
/* Guest RAM where the host has it. */
#include "core/identity.h"

#include <linux/errno.h>
#include <linux/falloc.h>
#include <linux/fcntl.h>
#include <linux/io_uring.h>
#include <linux/memfd.h>
#include <linux/mman.h>

#include "core/log.h"
#include "core/mem.h"
#include "core/sys.h"

#define LOOKED_AT 8192u /* hugepages of the host, at most, */
#define LOOKED_BYTES (1ull << 38) /* half of what a process can map */
#define PAGEMAP "/proc/self/pagemap"
#define PAGEMAP_PFN ((1ull << 55) - 1)

/* Good hugepages of a file, ascending by physical address. */
struct page {
	uint64_t address;
	unsigned index; /* in the file */
};

static struct held {
	enum {
		NOT_HELD,
		NO_FILE,
		NO_ADDRESSES,
		NOT_IN_ONE_PIECE,
		NOT_PINNED,
		HELD
	} state;
	long error;
	int fd;
	int used;
	uint64_t low; /* of the addresses that are good, */
	uint64_t high; /* and their end */
	unsigned taken; /* hugepages, one after the other, */
	uint64_t lowest; /* between these addresses */
	uint64_t highest;
	unsigned first; /* page of RAM, */
	unsigned count; /* of so many good ones */
	struct page pages[CONFIG_MAX_IDENTITY_PAGES];
} holds[CONFIG_MAX_PARTITIONS];

static const struct config_ram *identity_ram(unsigned partition)
{
	const struct config_ram *ram = &config_partitions[partition].ram[0];

	return identity_is(ram) ? ram : NULL;
}

/*
 * The physical address of the hugepage mapped at p, or -errno. Its second small
 * page is asked for: a first one at address 0 would look hidden.
 */
static int64_t physical(int pagemap, const char *p)
{
	uint64_t page = config_board.page_size;
	uint64_t entry = 0;
	const struct sys_iovec to = { &entry, sizeof(entry) };
	long n = sys_preadv(pagemap, &to, 1,
			    ((uintptr_t)p / page + 1) * sizeof(entry));

	if (n != sizeof(entry)) {
		return n < 0 ? n : -EIO;
	}
	entry &= PAGEMAP_PFN;
	return entry ? (int64_t)((entry - 1) * page) : -EPERM;
}

static int is_good(const struct held *held, uint64_t address)
{
	return address >= held->low &&
	       address + config_board.hugepage_size <= held->high;
}

/* Sorts the page in; how many now lie in one piece around it. */
static unsigned add_page(struct held *held, uint64_t address, unsigned index)
{
	uint64_t huge = config_board.hugepage_size;
	struct page *pages = held->pages;
	unsigned at = held->count++;
	unsigned end;

	while (at > 0 && pages[at - 1].address > address) {
		pages[at] = pages[at - 1];
		at--;
	}
	pages[at] = (struct page){ address, index };
	end = at + 1;
	while (at > 0 && pages[at].address - pages[at - 1].address == huge) {
		at--;
	}
	while (end < held->count &&
	       pages[end].address - pages[end - 1].address == huge) {
		end++;
	}
	held->first = at;
	return end - at;
}

static void note(struct held *held, uint64_t address)
{
	if (held->taken == 0 || address < held->lowest) {
		held->lowest = address;
	}
	if (address > held->highest) {
		held->highest = address;
	}
	held->taken++;
}

/* Takes one page after the other until enough of them lie in one piece. */
static void find_pages(struct held *held, unsigned wanted, int pagemap,
		       char *at, uint64_t size)
{
	uint64_t huge = config_board.hugepage_size;
	unsigned i;

	held->state = NOT_IN_ONE_PIECE;
	for (i = 0; i < size / huge && held->count < CONFIG_MAX_IDENTITY_PAGES;
	     i++) {
		char *page = at + i * huge;
		int64_t address;

		held->error = sys_madvise(page, huge, MADV_POPULATE_WRITE);
		if (held->error < 0) {
			return; /* the host has no more */
		}
		address = physical(pagemap, page);
		if (address < 0) {
			held->state = NO_ADDRESSES;
			held->error = address;
			return;
		}
		note(held, (uint64_t)address);
		if (is_good(held, (uint64_t)address) &&
		    add_page(held, (uint64_t)address, i) >= wanted) {
			held->state = HELD;
			return;
		}
	}
}

/*
 * A lock keeps the kernel from freeing a page, not from moving it; what
 * io_uring has registered stays where it is. Registering may move pages itself:
 * they are looked at again. The ring stays open, and the pages pinned with it.
 */
static void pin_pages(struct held *held, unsigned wanted, int pagemap, char *at)
{
	static struct sys_iovec pieces[CONFIG_MAX_IDENTITY_PAGES];
	struct io_uring_params params = { .flags = 0 };
	uint64_t huge = config_board.hugepage_size;
	long ring = sys_io_uring_setup(1, &params);
	unsigned i;

	held->state = NOT_PINNED;
	held->error = ring;
	for (i = 0; i < wanted; i++) {
		const struct page *page = &held->pages[held->first + i];

		pieces[i] = (struct sys_iovec){ at + page->index * huge, huge };
	}
	if (held->error >= 0) {
		held->error = sys_io_uring_register((int)ring,
						    IORING_REGISTER_BUFFERS,
						    pieces, wanted);
	}
	for (i = 0; i < wanted && held->error >= 0; i++) {
		int64_t address = physical(pagemap, pieces[i].base);

		if (address != (int64_t)held->pages[held->first + i].address) {
			held->error = address < 0 ? address : -EFAULT;
		}
	}
	if (held->error >= 0) {
		held->state = HELD;
	} else if (ring >= 0) {
		sys_close((int)ring); /* with all that was pinned */
	}
}

static int is_in_piece(const struct held *held, unsigned wanted, unsigned index)
{
	const struct page *page = &held->pages[held->first];
	const struct page *end = page + wanted;

	while (page < end && page->index != index) {
		page++;
	}
	return page < end;
}

/* Gives back what is not in the piece. */
static void free_others(const struct held *held, unsigned wanted)
{
	uint64_t huge = config_board.hugepage_size;
	unsigned i;

	for (i = 0; i < held->taken; i++) {
		if (!is_in_piece(held, wanted, i)) {
			sys_fallocate(held->fd,
				      FALLOC_FL_PUNCH_HOLE |
					      FALLOC_FL_KEEP_SIZE,
				      i * huge, huge);
		}
	}
}

/* Fills the file, mapped for that only. */
static void fill(struct held *held, unsigned wanted)
{
	uint64_t size = LOOKED_AT * config_board.hugepage_size;
	long pagemap;
	char *at;

	if (size > LOOKED_BYTES) {
		size = LOOKED_BYTES;
	}
	held->error = sys_ftruncate(held->fd, size);
	if (held->error < 0) {
		return;
	}
	at = sys_mmap(NULL, size, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_NORESERVE, held->fd, 0);
	if (sys_is_err(at)) {
		held->error = (long)at;
		return;
	}
	held->state = NO_ADDRESSES;
	pagemap = sys_open(PAGEMAP, O_RDONLY);
	held->error = pagemap;
	if (pagemap >= 0) {
		find_pages(held, wanted, (int)pagemap, at, size);
		if (held->state == HELD) {
			pin_pages(held, wanted, (int)pagemap, at);
		}
		sys_close((int)pagemap);
	}
	sys_munmap(at, size);
}

void identity_hold(unsigned partition)
{
	const struct config_ram *ram = identity_ram(partition);
	struct held *held = &holds[partition];
	uint64_t huge = config_board.hugepage_size;

	if (!ram) {
		return;
	}
	held->low = config_board.ram_gpa;
	held->high = held->low + config_board.ram_bytes;
	if (ram->policy == RAM_CARVEOUT) {
		held->low = ram->gpa;
		held->high = ram->gpa + ram->size;
	}
	held->state = NO_FILE;
	held->error = sys_memfd_create("guest RAM",
				       MFD_CLOEXEC | MFD_HUGETLB |
					       mem_hugepage_flag());
	if (held->error < 0) {
		return;
	}
	held->fd = (int)held->error;
	fill(held, (unsigned)(ram->size / huge));
	if (held->state == HELD) {
		free_others(held, (unsigned)(ram->size / huge));
	} else {
		sys_close(held->fd); /* with all that was taken */
	}
}

void identity_mark_used(unsigned partition)
{
	holds[partition].used = 1;
}

/* The carve-out is not where the hugepages are. */
__attribute__((noreturn)) static void refuse_place(const struct held *held,
						   const struct config_ram *ram)
{
	uint64_t end = held->highest + config_board.hugepage_size;

	log_fatal(EXIT_MEMORY,
		  "guest RAM: %lu MiB of RAM_CARVEOUT at 0x%llx: not all of it "
		  "is free hugepages, of which the host has %u between 0x%llx "
		  "and 0x%llx; give its kernel more (hugepages=), or move it "
		  "in CFG_RAM",
		  MIB(ram->size), (unsigned long long)ram->gpa, held->taken,
		  (unsigned long long)held->lowest, (unsigned long long)end);
}

__attribute__((noreturn)) static void refuse(const struct held *held,
					     const struct config_ram *ram)
{
	static const char *const why[] = {
		[NOT_HELD] = "the supervisor holds it; start bedplate as "
			     "PID 1",
		[NO_FILE] = "no file of hugepages; build the host kernel with "
			    "CONFIG_MEMFD_CREATE and CONFIG_HUGETLBFS",
		[NO_ADDRESSES] = PAGEMAP " does not tell physical addresses; "
					 "build the host kernel with "
					 "CONFIG_PROC_PAGE_MONITOR",
		[NOT_IN_ONE_PIECE] = "the host has no hugepages for it that "
				     "lie in one piece of BOARD_RAM_GPA and "
				     "BOARD_RAM_BYTES; give its kernel more "
				     "(hugepages=), or lower CFG_RAM",
		[NOT_PINNED] = "its pages cannot be kept in their place; "
			       "build the host kernel with CONFIG_IO_URING",
	};

	if (ram->policy == RAM_CARVEOUT && held->state == NOT_IN_ONE_PIECE &&
	    held->taken > 0) {
		refuse_place(held, ram);
	}
	log_fatal(EXIT_MEMORY, "guest RAM: %lu MiB of %s: %s (%ld)",
		  MIB(ram->size),
		  ram->policy == RAM_CARVEOUT ? "RAM_CARVEOUT" : "RAM_IDENTITY",
		  why[held->state], held->error);
}

uint64_t identity_map(unsigned partition, const struct config_ram *ram,
		      char *at)
{
	const struct held *held = &holds[partition];
	uint64_t huge = config_board.hugepage_size;
	const struct page *pages = &held->pages[held->first];
	uint64_t gpa = pages[0].address;
	uint64_t i;

	if (held->state != HELD) {
		refuse(held, ram);
	}
	for (i = 0; i < ram->size / huge; i++) {
		void *page = sys_mmap(at + i * huge, huge,
				      PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_FIXED, held->fd,
				      pages[i].index * huge);

		if (sys_is_err(page)) {
			log_fatal(EXIT_MEMORY,
				  "guest RAM: hugepage %lu cannot be mapped "
				  "(%ld)",
				  (unsigned long)i, (long)page);
		}
	}
	return gpa;
}

int identity_is_used(unsigned partition)
{
	return holds[partition].used;
}
