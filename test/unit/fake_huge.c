/* SPDX-License-Identifier: Apache-2.0 */
/* The host's hugepages: pool, files, mappings, pins, /proc/self/pagemap. */
#include "test/unit/fake_huge.h"

#include <linux/errno.h>
#include <linux/falloc.h>
#include <linux/io_uring.h>
#include <linux/memfd.h>
#include <linux/mman.h>
#include <string.h>

#include "core/config.h"

#define PROT_RW (PROT_READ | PROT_WRITE)
#define PRESENT (1ull << 63)
#define FILE_PAGE (1ull << 61)
#define SOFT_DIRTY (1ull << 55)

struct fake_huge fake_huge;

/* All pages of the pool, by their number. */
static struct {
	int fd;
	uint8_t *at;
} memory;

static uint64_t huge(void)
{
	return config_board.hugepage_size;
}

/* -- Pool ---------------------------------------------------------------- */

void fake_huge_reset(void)
{
	memset(&fake_huge, 0, sizeof(fake_huge));
	fake_huge.empty_error = -EFAULT; /* hugetlb_fault(): SIGBUS */
}

static void make_memory(void)
{
	if (!memory.at) {
		memory.fd = unit_memfd(FAKE_HUGE_PAGES * huge());
		assert_true(memory.fd >= 0);
		memory.at = unit_map(NULL, FAKE_HUGE_PAGES * huge(), memory.fd,
				     0);
		assert_non_null(memory.at);
	}
}

void fake_huge_add(uint64_t address)
{
	unsigned n = fake_huge.count++;

	assert_true(n < FAKE_HUGE_PAGES);
	assert_int_equal(address % huge(), 0);
	make_memory();
	fake_huge.pages[n].address = address;
	fake_huge.pages[n].file = FAKE_HUGE_FREE;
}

void fake_huge_add_run(uint64_t address, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		fake_huge_add(address + i * huge());
	}
}

/* The page that the file has there; -1: none. Of FAKE_HUGE_FREE: any free. */
static int page_of(int file, unsigned index)
{
	unsigned i;

	for (i = 0; i < fake_huge.count; i++) {
		if (fake_huge.pages[i].file == file &&
		    (file == FAKE_HUGE_FREE ||
		     fake_huge.pages[i].index == index)) {
			return (int)i;
		}
	}
	return -1;
}

unsigned fake_huge_free(void)
{
	unsigned n = 0;
	unsigned i;

	for (i = 0; i < fake_huge.count; i++) {
		n += fake_huge.pages[i].file == FAKE_HUGE_FREE;
	}
	return n;
}

uint8_t *fake_physical(uint64_t address)
{
	unsigned i;

	for (i = 0; i < fake_huge.count; i++) {
		uint64_t offset = address - fake_huge.pages[i].address;

		if (offset < huge()) {
			return memory.at + i * huge() + offset;
		}
	}
	fail_msg("no hugepage at 0x%llx", (unsigned long long)address);
	return NULL;
}

/* -- Mappings ------------------------------------------------------------ */

/* Maps page n of the pool, or nothing, wherever the file is mapped there. */
static void remap(int file, unsigned index, int n)
{
	uint64_t at = index * huge();
	unsigned i;

	for (i = 0; i < fake_huge.map_count; i++) {
		uint64_t offset = at - fake_huge.maps[i].offset;
		void *to = (void *)(fake_huge.maps[i].at + offset);

		if (fake_huge.maps[i].file != file ||
		    offset >= fake_huge.maps[i].size) {
			continue;
		}
		assert_ptr_equal(
			n >= 0 ? unit_map(to, huge(), memory.fd, n * huge()) :
				 unit_mmap(to, huge(), PROT_NONE,
					   MAP_PRIVATE | MAP_ANONYMOUS |
						   MAP_NORESERVE | MAP_FIXED),
			to);
	}
}

static long populate(int file, unsigned index)
{
	int n = page_of(file, index);

	if (n >= 0) {
		return 0;
	}
	n = page_of(FAKE_HUGE_FREE, 0);
	if (n < 0) {
		return fake_huge.empty_error;
	}
	fake_huge.pages[n].file = file;
	fake_huge.pages[n].index = index;
	assert_int_equal(unit_punch(memory.fd, n * huge(), huge()), 0);
	fake_huge.zeroed++;
	remap(file, index, n);
	return 0;
}

long fake_huge_populate(void *addr, size_t len)
{
	uint64_t done;
	unsigned i;

	for (i = 0; i < fake_huge.map_count; i++) {
		uint64_t at = (uintptr_t)addr - fake_huge.maps[i].at;
		long ret = 0;

		if (at >= fake_huge.maps[i].size) {
			continue;
		}
		assert_true(len <= fake_huge.maps[i].size - at);
		for (done = 0; done < len && ret == 0; done += huge()) {
			ret = populate(fake_huge.maps[i].file,
				       (unsigned)((fake_huge.maps[i].offset +
						   at + done) /
						  huge()));
		}
		return ret;
	}
	return 1;
}

/* hugetlb_reserve_pages() */
static int can_reserve(int file, uint64_t offset, uint64_t size)
{
	unsigned missing = 0;
	uint64_t at;

	for (at = offset; at < offset + size; at += huge()) {
		missing += page_of(file, (unsigned)(at / huge())) < 0;
	}
	return missing <= fake_huge_free();
}

/* Where mmap() was told, else at a hugepage's boundary. */
static char *reserve(void *addr, size_t len, int flags)
{
	int none = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	char *at;

	if ((flags & MAP_FIXED) != 0) {
		assert_int_equal((uintptr_t)addr % huge(), 0); /* -EINVAL */
		return unit_mmap(addr, len, PROT_NONE, none | MAP_FIXED);
	}
	at = unit_mmap(NULL, len + huge(), PROT_NONE, none);
	return at + (-(uintptr_t)at & (huge() - 1));
}

void *fake_huge_mmap(const struct fake_fd *fd, void *addr, size_t len, int prot,
		     int flags, uint64_t offset)
{
	unsigned n = fake_huge.map_count;
	int file = (int)fd->file;
	uint64_t at;

	assert_int_equal(prot, PROT_RW);
	assert_int_equal(flags & MAP_TYPE, MAP_SHARED);
	assert_int_equal((offset | len) % huge(), 0); /* -EINVAL */
	assert_true(offset + len <= fake_huge.sizes[file]);
	assert_true(n < FAKE_HUGE_MAPS);
	if ((flags & MAP_NORESERVE) == 0 && !can_reserve(file, offset, len)) {
		return (void *)-ENOMEM;
	}
	addr = reserve(addr, len, flags);
	assert_false(sys_is_err(addr));
	fake_huge.maps[n].at = (uintptr_t)addr;
	fake_huge.maps[n].size = len;
	fake_huge.maps[n].offset = offset;
	fake_huge.maps[n].file = file;
	fake_huge.map_count++;
	for (at = offset; at < offset + len; at += huge()) {
		int page = page_of(file, (unsigned)(at / huge()));

		if (page >= 0) {
			remap(file, (unsigned)(at / huge()), page);
		}
	}
	return addr;
}

/* -- Files --------------------------------------------------------------- */

long fake_huge_create(unsigned flags)
{
	unsigned size = flags >> MFD_HUGE_SHIFT & MFD_HUGE_MASK;
	int fd;

	assert_int_equal(1ull << size, huge()); /* or it is another pool */
	assert_true(fake_huge.files < 8);
	fd = fake_new_fd(FAKE_HUGETLB, (flags & MFD_CLOEXEC) != 0);
	if (fd >= 0) {
		fake.fds[fd].file = fake_huge.files++;
	}
	return fd;
}

long fake_huge_truncate(const struct fake_fd *fd, uint64_t size)
{
	assert_int_equal(size % huge(), 0); /* -EINVAL */
	fake_huge.sizes[fd->file] = size;
	return 0;
}

/* A pin is a reference of its own. */
static void put_page(unsigned n)
{
	fake_huge.pages[n].file = fake_huge.pages[n].ring != 0 ?
					  FAKE_HUGE_LOST :
					  FAKE_HUGE_FREE;
}

static void give_back(int file, unsigned index)
{
	int n = page_of(file, index);

	if (n >= 0) {
		put_page((unsigned)n);
		remap(file, index, -1);
	}
}

long fake_huge_punch(const struct fake_fd *fd, int mode, uint64_t offset,
		     uint64_t len)
{
	uint64_t at;

	assert_int_equal(mode, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE);
	assert_int_equal((offset | len) % huge(), 0); /* or less is given */
	assert_true(offset + len <= fake_huge.sizes[fd->file]);
	for (at = offset; at < offset + len; at += huge()) {
		give_back((int)fd->file, (unsigned)(at / huge()));
	}
	return 0;
}

/* Without descriptor and mapping, a file is no more. */
static void let_go(int file)
{
	unsigned i;

	for (i = 0; i < fake_huge.map_count; i++) {
		if (fake_huge.maps[i].file == file) {
			return;
		}
	}
	for (i = 0; i < FAKE_FDS; i++) {
		if (fake.fds[i].kind == FAKE_HUGETLB &&
		    fake.fds[i].file == (unsigned)file) {
			return;
		}
	}
	for (i = 0; i < fake_huge.count; i++) {
		if (fake_huge.pages[i].file == file) {
			put_page(i);
		}
	}
}

void fake_huge_close(unsigned file)
{
	let_go((int)file);
}

int fake_huge_munmap(void *addr, size_t len)
{
	unsigned i;

	for (i = 0; i < fake_huge.map_count; i++) {
		if (fake_huge.maps[i].at == (uintptr_t)addr) {
			int file = fake_huge.maps[i].file;

			assert_int_equal(fake_huge.maps[i].size, len);
			fake_huge.maps[i] =
				fake_huge.maps[--fake_huge.map_count];
			assert_int_equal(unit_munmap(addr, len), 0);
			let_go(file);
			return 1;
		}
	}
	return 0;
}

/* -- Pins ---------------------------------------------------------------- */

long fake_huge_ring(const struct io_uring_params *params)
{
	static const struct io_uring_params none;

	assert_memory_equal(params, &none, sizeof(none));
	return fake_new_fd(FAKE_PINS, 1);
}

/* The page that is mapped there, and populated; -1: none. */
static int page_at(uintptr_t address)
{
	unsigned i;

	for (i = 0; i < fake_huge.map_count; i++) {
		uint64_t at = address - fake_huge.maps[i].at;

		if (at < fake_huge.maps[i].size) {
			return page_of(fake_huge.maps[i].file,
				       (unsigned)((fake_huge.maps[i].offset +
						   at) /
						  huge()));
		}
	}
	return -1;
}

/* io_sqe_buffers_register() */
long fake_huge_pin(int fd, const struct sys_iovec *buffers, unsigned n)
{
	unsigned i;

	fake_get_fd(fd, FAKE_PINS);
	assert_in_range(n, 1, 1 << 14); /* -EINVAL */
	for (i = 0; i < fake_huge.count; i++) {
		assert_int_not_equal(fake_huge.pages[i].ring, fd); /* -EBUSY */
	}
	if (fake_huge.on_pin) {
		fake_huge.on_pin();
	}
	for (i = 0; i < n; i++) {
		int page = page_at((uintptr_t)buffers[i].base);

		assert_true(page >= 0); /* or it would be populated */
		assert_int_equal((uintptr_t)buffers[i].base % huge(), 0);
		assert_int_equal(buffers[i].len, huge());
		assert_int_equal(fake_huge.pages[page].ring, 0);
		fake_huge.pages[page].ring = fd;
	}
	return 0;
}

void fake_huge_unpin(int fd)
{
	unsigned i;

	for (i = 0; i < fake_huge.count; i++) {
		if (fake_huge.pages[i].ring != fd) {
			continue;
		}
		fake_huge.pages[i].ring = 0;
		if (fake_huge.pages[i].file == FAKE_HUGE_LOST) {
			fake_huge.pages[i].file = FAKE_HUGE_FREE;
		}
	}
}

/* folio_migrate_mapping() expects nobody else to have a reference. */
int64_t fake_huge_move(uint64_t address)
{
	int to = page_of(FAKE_HUGE_FREE, 0);
	unsigned n = 0;

	while (n < fake_huge.count && fake_huge.pages[n].address != address) {
		n++;
	}
	assert_true(n < fake_huge.count && fake_huge.pages[n].file >= 0);
	if (fake_huge.pages[n].ring != 0) {
		return -EBUSY;
	}
	assert_true(to >= 0); /* -ENOMEM */
	memcpy(memory.at + to * huge(), memory.at + n * huge(), huge());
	fake_huge.pages[to].file = fake_huge.pages[n].file;
	fake_huge.pages[to].index = fake_huge.pages[n].index;
	fake_huge.pages[n].file = FAKE_HUGE_FREE;
	remap(fake_huge.pages[to].file, fake_huge.pages[to].index, to);
	return (int64_t)fake_huge.pages[to].address;
}

/* -- /proc/self/pagemap -------------------------------------------------- */

long fake_huge_open_pagemap(void)
{
	return fake_huge.pagemap_error != 0 ? fake_huge.pagemap_error :
					      fake_new_fd(FAKE_PAGEMAP, 1);
}

static uint64_t entry_of(uintptr_t address)
{
	int n = page_at(address);

	if (n < 0) {
		return 0;
	}
	return PRESENT | FILE_PAGE | SOFT_DIRTY |
	       (fake_huge.hidden ?
			0 :
			(fake_huge.pages[n].address + address % huge()) / 4096);
}

long fake_huge_read_pagemap(const struct sys_iovec *to, uint64_t offset)
{
	uint64_t entry = entry_of(offset / 8 * 4096);

	assert_int_equal(offset % 8, 0); /* -EINVAL */
	assert_int_equal(to->len, 8);
	memcpy(to->base, &entry, 8);
	return 8;
}
