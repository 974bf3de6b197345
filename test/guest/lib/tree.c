/* SPDX-License-Identifier: Apache-2.0 */
/* Walk over the structure block (devicetree specification 0.4, chapter 5). */
#include "tree.h"

#include "arm.h"

#define FDT_MAGIC	0xd00dfeedu
#define FDT_BEGIN_NODE	1
#define FDT_END_NODE	2
#define FDT_PROP	3
#define FDT_NOP		4
#define FDT_END		9
#define MAX_DEPTH	8

extern const char _memory_end[];

static uint64_t bank_base;
static uint64_t bank_size;

struct find {
	const char *node;
	const char *name;
	struct tree_prop found;
};

uint32_t tree_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

uint64_t tree_be64(const uint8_t *p)
{
	return (uint64_t)tree_be32(p) << 32 | tree_be32(p + 4);
}

bool tree_starts(const char *s, const char *prefix)
{
	while (*prefix != '\0') {
		if (*s++ != *prefix++) {
			return false;
		}
	}
	return true;
}

static uint32_t header(uint64_t fdt, unsigned int word)
{
	return tree_be32((const uint8_t *)fdt + word * 4);
}

bool tree_valid(uint64_t fdt)
{
	uint32_t size;

	if (fdt == 0 || (fdt & 7) != 0 || header(fdt, 0) != FDT_MAGIC) {
		return false;
	}
	size = header(fdt, 1);
	return header(fdt, 2) < size && header(fdt, 3) < size &&
	       header(fdt, 5) >= 16 && size <= 2 << 20;
}

uint32_t tree_size(uint64_t fdt)
{
	return header(fdt, 1);
}

static const uint8_t *skip_string(const uint8_t *p)
{
	while (*p++ != '\0') {
	}
	return (const uint8_t *)(((uintptr_t)p + 3) & ~3ull);
}

bool tree_walk(uint64_t fdt, tree_visit *visit, void *ctx)
{
	const uint8_t *p = (const uint8_t *)fdt + header(fdt, 2);
	const char *strings = (const char *)fdt + header(fdt, 3);
	const char *names[MAX_DEPTH + 1] = { "" };
	struct tree_prop prop = { 0 };

	for (;;) {
		uint32_t token = tree_be32(p);

		p += 4;
		if (token == FDT_NOP) {
			continue;
		}
		if (token == FDT_BEGIN_NODE) {
			if (++prop.depth > MAX_DEPTH) {
				return false;
			}
			names[prop.depth] = (const char *)p;
			p = skip_string(p);
			prop.name = NULL;
			prop.len = 0;
		} else if (token == FDT_END_NODE) {
			prop.depth--;
			continue;
		} else if (token == FDT_PROP) {
			prop.len = tree_be32(p);
			prop.name = strings + tree_be32(p + 4);
			prop.value = p + 8;
			p += 8 + ((prop.len + 3) & ~3u);
		} else {
			return token == FDT_END && prop.depth == 0;
		}
		prop.node = names[prop.depth];
		if (!visit(ctx, &prop)) {
			return false;
		}
	}
}

static bool find_visit(void *ctx, const struct tree_prop *prop)
{
	struct find *f = ctx;

	if (prop->name == NULL || !tree_starts(prop->node, f->node) ||
	    (f->node[0] == '\0' && prop->depth != 1) ||
	    strcmp(prop->name, f->name) != 0) {
		return true;
	}
	f->found = *prop;
	return false;
}

const uint8_t *tree_find(uint64_t fdt, const char *node, const char *name,
			 uint32_t *len)
{
	struct find f = { .node = node, .name = name };

	if (!tree_valid(fdt)) {
		return NULL;
	}
	(void)tree_walk(fdt, find_visit, &f);
	*len = f.found.len;
	return f.found.value;
}

void tree_init(uint64_t fdt)
{
	uint32_t len;
	const uint8_t *reg = tree_find(fdt, "memory@", "reg", &len);

	bank_base = 0x40000000;
	bank_size = 32 << 20;
	if (reg != NULL && len >= 16) {
		bank_base = tree_be64(reg);
		bank_size = tree_be64(reg + 8);
	}
}

uint64_t ram_base(void)
{
	return bank_base;
}

uint64_t ram_size(void)
{
	return bank_size;
}

uint64_t ram_end(void)
{
	return bank_base + bank_size;
}

uint64_t ram_free(void)
{
	return ((uint64_t)_memory_end + 4095) & ~4095ull;
}
