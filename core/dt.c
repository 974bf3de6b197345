/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the guest's device tree with libfdt. */
#include "core/dt.h"

#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#define MAX_CELLS 40
#define IRQ_TYPE_SPI 0

static void note(struct dt *dt, int ret)
{
	if (ret < 0 && dt->error == 0) {
		dt->error = ret;
	}
}

void dt_start(struct dt *dt, void *buf, size_t size)
{
	dt->buf = buf;
	dt->error = 0;
	/*
	 * To look for each property's name among all others takes 200,000
	 * instructions of a start, and saves 3 KiB.
	 */
	note(dt, fdt_create_with_flags(buf, (int)size,
				       FDT_CREATE_FLAG_NO_NAME_DEDUP));
	note(dt, fdt_finish_reservemap(buf));
}

int dt_finish(struct dt *dt)
{
	note(dt, fdt_finish(dt->buf));
	return dt->error < 0 ? dt->error : (int)fdt_totalsize(dt->buf);
}

void dt_begin(struct dt *dt, const char *name)
{
	note(dt, fdt_begin_node(dt->buf, name));
}

void dt_begin_at(struct dt *dt, const char *name, uint64_t gpa)
{
	char full[48];

	snprintf(full, sizeof(full), "%s@%llx", name, (unsigned long long)gpa);
	dt_begin(dt, full);
}

void dt_end(struct dt *dt)
{
	note(dt, fdt_end_node(dt->buf));
}

void dt_bytes(struct dt *dt, const char *name, const void *bytes, size_t len)
{
	note(dt, fdt_property(dt->buf, name, bytes, (int)len));
}

void dt_flag(struct dt *dt, const char *name)
{
	dt_bytes(dt, name, "", 0);
}

void dt_string(struct dt *dt, const char *name, const char *text)
{
	dt_bytes(dt, name, text, strlen(text) + 1);
}

void dt_cells(struct dt *dt, const char *name, const uint32_t *cells,
	      unsigned n)
{
	fdt32_t out[MAX_CELLS];
	unsigned i;

	if (n > MAX_CELLS) {
		note(dt, -FDT_ERR_NOSPACE);
		return;
	}
	for (i = 0; i < n; i++) {
		out[i] = cpu_to_fdt32(cells[i]);
	}
	dt_bytes(dt, name, out, n * sizeof(out[0]));
}

void dt_u32(struct dt *dt, const char *name, uint32_t value)
{
	dt_cells(dt, name, &value, 1);
}

void dt_u64(struct dt *dt, const char *name, uint64_t value)
{
	const uint32_t cells[] = { (uint32_t)(value >> 32), (uint32_t)value };

	dt_cells(dt, name, cells, 2);
}

void dt_reg(struct dt *dt, const uint64_t *pairs, unsigned n)
{
	uint32_t cells[MAX_CELLS];
	unsigned i;

	for (i = 0; i < 2 * n && i < MAX_CELLS / 2; i++) {
		cells[2 * i] = (uint32_t)(pairs[i] >> 32);
		cells[2 * i + 1] = (uint32_t)pairs[i];
	}
	dt_cells(dt, "reg", cells, 4 * n);
}

void dt_spi(struct dt *dt, unsigned spi, uint32_t trigger)
{
	const uint32_t cells[] = { IRQ_TYPE_SPI, spi, trigger };

	dt_cells(dt, "interrupts", cells, 3);
}

/* By tags alone: libfdt's functions that read nodes are not linked otherwise.
 */
void dt_copy(struct dt *dt, const void *blob)
{
	const char *strings = (const char *)blob + fdt_off_dt_strings(blob);
	const void *item;
	int depth = 0;
	int next = 0;
	uint32_t tag;

	do {
		item = (const char *)blob + fdt_off_dt_struct(blob) + next;
		tag = fdt_next_tag(blob, next, &next);
		if (tag == FDT_BEGIN_NODE && depth++ > 0) {
			dt_begin(dt,
				 ((const struct fdt_node_header *)item)->name);
		} else if (tag == FDT_PROP && depth > 1) {
			const struct fdt_property *prop = item;

			dt_bytes(dt, strings + fdt32_ld(&prop->nameoff),
				 prop->data, fdt32_ld(&prop->len));
		} else if (tag == FDT_END_NODE && --depth > 0) {
			dt_end(dt);
		}
	} while (tag != FDT_END);
	note(dt, next);
}
