/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's hugepages: a pool of pages with physical addresses, files of them
 * (memfd_create with MFD_HUGETLB), /proc/self/pagemap, and buffers of io_uring,
 * as Linux 6.12 has them (fs/hugetlbfs, mm/hugetlb.c, fs/proc/task_mmu.c,
 * io_uring/rsrc.c). What is no buffer may be moved. The bytes of a page
 * are the same wherever it is mapped, in children of the test as well. What
 * is mapped and was not populated must not be touched.
 */
#pragma once

#include "test/unit/fake.h"

struct io_uring_params;

#define FAKE_HUGE_PAGES 640
#define FAKE_HUGE_MAPS 640
#define FAKE_HUGE_FREE (-1)
#define FAKE_HUGE_LOST (-2) /* of no file, but still pinned */

struct fake_huge {
	/* In the order in which Linux gives them away. */
	struct {
		uint64_t address;
		int file; /* that has it, or FAKE_HUGE_FREE, _LOST */
		unsigned index; /* there */
		int ring; /* that pins it; 0: none */
	} pages[FAKE_HUGE_PAGES];
	unsigned count;
	unsigned files; /* made */
	uint64_t sizes[8]; /* of each */
	long empty_error; /* of MADV_POPULATE_WRITE */
	long pagemap_error; /* of opening it */
	int hidden; /* page frame numbers, from those without the right */
	unsigned zeroed; /* pages given away */
	struct {
		uintptr_t at;
		uint64_t size, offset;
		int file;
	} maps[FAKE_HUGE_MAPS];
	unsigned map_count;
	void (*on_pin)(void); /* what else happens before pages are pinned */
};

extern struct fake_huge fake_huge;

/* Adds a page to the pool. */
void fake_huge_add(uint64_t address);
/* The same n times, each a hugepage above the one before. */
void fake_huge_add_run(uint64_t address, unsigned n);
/* How many pages of the pool nobody has. */
unsigned fake_huge_free(void);
/*
 * The host moves a page that is in use to any that is free, as when it compacts
 * its memory; where to, or -EBUSY if that is pinned.
 */
int64_t fake_huge_move(uint64_t address);
/* The bytes at a physical address in the pool. */
uint8_t *fake_physical(uint64_t address);

/* -- Between the files of the fake ---------------------------------------- */

void fake_huge_reset(void);
long fake_huge_create(unsigned flags);
long fake_huge_truncate(const struct fake_fd *fd, uint64_t size);
long fake_huge_punch(const struct fake_fd *fd, int mode, uint64_t offset,
		     uint64_t len);
void *fake_huge_mmap(const struct fake_fd *fd, void *addr, size_t len, int prot,
		     int flags, uint64_t offset);
/* 1 if that address was one of a file's. */
int fake_huge_munmap(void *addr, size_t len);
/* 0 or -errno; 1 if that address is not one of a file's. */
long fake_huge_populate(void *addr, size_t len);
/* A descriptor of the file was closed. */
void fake_huge_close(unsigned file);
/* A ring that does nothing but pin; buffers of it; it was closed. */
long fake_huge_ring(const struct io_uring_params *params);
long fake_huge_pin(int fd, const struct sys_iovec *buffers, unsigned n);
void fake_huge_unpin(int fd);
long fake_huge_open_pagemap(void);
long fake_huge_read_pagemap(const struct sys_iovec *to, uint64_t offset);
