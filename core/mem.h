/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guest physical memory: RAM and ROM, mapped once before the first guest
 * instruction, and register pages that the guest reads without an exit.
 * mem_ptr() is the one door from a guest physical address to a host pointer.
 */
#pragma once

#include <stdint.h>

#include "core/config.h"

/* For messages. */
#define MIB(bytes) ((unsigned long)((bytes) >> 20))

/* The board's hugepages, as a flag of mmap() and memfd_create(). */
unsigned mem_hugepage_flag(void);

/*
 * Maps the partition's RAM by its policy and gives it to KVM. Ends the
 * process with EXIT_MEMORY if the host cannot.
 */
void mem_init(const struct config_partition *partition);

/*
 * Identity RAM that had an owner is zeros again, as other RAM is: once the
 * devices have stopped writing, before anything is loaded.
 */
void mem_clear(const struct config_partition *partition);

/*
 * Where the guest has an address of the config's RAM: the same, but for
 * RAM_IDENTITY.
 */
uint64_t mem_gpa(uint64_t config_gpa);

/*
 * The host address of guest RAM [gpa, gpa + len), or NULL if any byte of it
 * lies outside of one RAM bank or the sum wraps. The pointer stays valid for
 * the life of the process; the guest may change what it points to at any time.
 * len 0 is valid inside of RAM and at its end.
 */
void *mem_ptr(uint64_t gpa, uint64_t len);

/* A contiguous range of guest RAM, of one or two rows, and its host address. */
struct mem_bank {
	uint64_t gpa;
	uint64_t size;
	char *host;
};

/* Copies bank i; 0 if there is none, else 1. */
int mem_bank(unsigned i, struct mem_bank *bank);

/*
 * Gives the guest read-only memory [rom->gpa, rom->gpa + rom->size): the pages
 * of data, which the caller keeps (page-aligned, readable to the end of their
 * last page, that zero-filled), then zeros. Called at most once. A write of the
 * guest is an MMIO exit. Ends the process with EXIT_MEMORY if the host cannot.
 */
void mem_map_rom(const struct config_rom *rom, const void *data,
		 uint64_t bytes);

/*
 * Shows the guest host memory at gpa, page-aligned, as window number index (of
 * CONFIG_MAX_MEM_WINDOWS: shared memories first, then what VFIO maps); size 0
 * hides it again. Not RAM: mem_ptr() knows nothing of it. Ends the process with
 * EXIT_MEMORY if the host cannot.
 */
void mem_show_window(unsigned index, uint64_t gpa, uint64_t size, void *host);

/*
 * The guest reads a page of the host's at gpa, page-aligned, as memory; its
 * writes are MMIO exits. Called at most once. Ends the process with EXIT_MEMORY
 * if the host cannot.
 */
void mem_show_page(uint64_t gpa, void *host);

/*
 * The register page that holds gpa: the guest reads it as memory, without an
 * exit; its writes are MMIO exits. Made and filled with zeros on first use.
 * The returned host page is ours to write, and shared by all who ask for it.
 */
void *mem_register_page(uint64_t gpa);
