/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The partition's status page. The guest reads it as memory, without an exit.
 * Any write, whatever its value, brings it up to date, and tells PID 1 that
 * the guest is up and well.
 */
#include "dev/status_page.h"

#include "core/log.h"
#include "core/mem.h"
#include "core/mmio.h"
#include "core/status.h"

static void access(void *ctx, struct mmio_access *access)
{
	(void)ctx;
	if (access->write) {
		status_update(1);
	}
}

void status_page_init(const struct config_device *row)
{
	const struct mmio_window window = {
		.gpa = row->gpa,
		.size = config_board.page_size,
		.widths = MMIO_1 | MMIO_2 | MMIO_4 | MMIO_8,
		.handler = access,
	};

	long ret = status_init();

	if (ret < 0) {
		log_fatal(EXIT_MEMORY,
			  "%s: the page cannot be mapped (%ld); give the host "
			  "more memory",
			  row->name, ret);
	}
	mem_show_page(row->gpa, status_of(row->partition));
	mmio_claim(&window);
}

void status_page_dt(const struct config_device *row, struct dt *dt)
{
	const uint64_t reg[] = { row->gpa, row->size };

	dt_begin_at(dt, "status", row->gpa);
	dt_string(dt, "compatible", "bedplate,status");
	dt_reg(dt, reg, 1);
	dt_end(dt);
}
