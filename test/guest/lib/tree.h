/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Minimal reader of the flattened device tree: one forward walk, no copies.
 * RAM base and size are read once at start, so that a test may overwrite the
 * tree afterwards.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tree_prop {
	unsigned int depth;	/* of the node: the root is 1 */
	const char *node;	/* name of the node, unit address included */
	const char *name;	/* property; NULL when the node begins */
	const uint8_t *value;
	uint32_t len;
};

/* Returns false to end the walk. */
typedef bool tree_visit(void *ctx, const struct tree_prop *prop);

void tree_init(uint64_t fdt);

/* Header plausible: magic, version, sizes. */
bool tree_valid(uint64_t fdt);
uint32_t tree_size(uint64_t fdt);

/* False when the structure block is broken or visit() ended the walk. */
bool tree_walk(uint64_t fdt, tree_visit *visit, void *ctx);

/* Property of the first node whose name starts with node; NULL if none. */
const uint8_t *tree_find(uint64_t fdt, const char *node, const char *name,
			 uint32_t *len);

uint32_t tree_be32(const uint8_t *p);
uint64_t tree_be64(const uint8_t *p);
bool tree_starts(const char *s, const char *prefix);

/* First bank of /memory, or 32 MiB at 0x40000000 when there is no tree. */
uint64_t ram_base(void);
uint64_t ram_size(void);
uint64_t ram_end(void);

/* First byte behind the guest's image, BSS and stack, page-aligned. */
uint64_t ram_free(void);
