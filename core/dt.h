/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing the guest's device tree: libfdt's sequential-write calls with one
 * sticky error, so that a node is a list of properties. Cells are 2 for
 * addresses and 2 for sizes everywhere.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Phandles of nodes that others refer to; all below 0x100. */
#define DT_PHANDLE_GIC 1
#define DT_PHANDLE_CLOCK 2
#define DT_PHANDLE_MSI 3

/* Third cell of an interrupt specifier (bindings: arm,gic-v3). */
#define DT_IRQ_EDGE_RISING 1u
#define DT_IRQ_LEVEL_HIGH 4u

struct dt {
	void *buf;
	int error; /* libfdt's first error, or 0 */
};

void dt_start(struct dt *dt, void *buf, size_t size);
/* Ends the tree; its size in bytes, or libfdt's negative error. */
int dt_finish(struct dt *dt);

void dt_begin(struct dt *dt, const char *name);
/* A node called name@gpa. */
void dt_begin_at(struct dt *dt, const char *name, uint64_t gpa);
void dt_end(struct dt *dt);

void dt_bytes(struct dt *dt, const char *name, const void *bytes, size_t len);
void dt_flag(struct dt *dt, const char *name);
void dt_string(struct dt *dt, const char *name, const char *text);
/* Strings separated, and the last one ended, by NUL: pass a char array. */
#define dt_strings(dt, name, array) dt_bytes(dt, name, array, sizeof(array))
void dt_u32(struct dt *dt, const char *name, uint32_t value);
void dt_u64(struct dt *dt, const char *name, uint64_t value);
void dt_cells(struct dt *dt, const char *name, const uint32_t *cells,
	      unsigned n);
/* reg = n pairs of address and size. */
void dt_reg(struct dt *dt, const uint64_t *pairs, unsigned n);
/* interrupts = one SPI; trigger is DT_IRQ_*. */
void dt_spi(struct dt *dt, unsigned spi, uint32_t trigger);
/*
 * All nodes below the root of another tree, which the build has made; its
 * phandles begin at 0x100 (tools/guest_dt.py).
 */
void dt_copy(struct dt *dt, const void *blob);
