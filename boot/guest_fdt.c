/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's device tree: what belongs to the machine as a whole. The nodes
 * of vCPU, GIC and devices are written by the files that own them.
 */
#include "boot/guest_fdt.h"

#include <linux/random.h>
#include <stddef.h>
#include <stdio.h>

#include "core/dt.h"
#include "core/gic.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/stamp.h"
#include "core/sys.h"
#include "dev/devices.h"

#define KASLR_SEED_BYTES 8
#define RNG_SEED_BYTES 64

static void seed_dt(struct dt *dt, const char *name, size_t len)
{
	uint8_t seed[RNG_SEED_BYTES];
	/* A host without entropy yet: no seed rather than a weak one. */
	long got = sys_getrandom(seed, len, GRND_NONBLOCK);

	if (got == (long)len) {
		dt_bytes(dt, name, seed, len);
	}
}

static void console_dt(unsigned partition, struct dt *dt)
{
	char path[32];
	unsigned i;

	for (i = 0; i < config_device_count; i++) {
		const struct config_device *row = &config_devices[i];

		if (row->partition == partition && row->kind == DEVICE_PL011) {
			snprintf(path, sizeof(path), "/pl011@%llx",
				 (unsigned long long)row->gpa);
			dt_string(dt, "stdout-path", path);
			return;
		}
	}
}

static void chosen_dt(unsigned partition, struct dt *dt)
{
	const struct config_partition *p = &config_partitions[partition];

	dt_begin(dt, "chosen");
	dt_string(dt, "bootargs", p->cmdline);
	dt_bytes(dt, "bedplate,version", stamp_version, stamp_size);
	console_dt(partition, dt);
	if (p->initrd.size > 0) {
		const uint64_t initrd = mem_gpa(p->initrd.gpa);

		dt_u64(dt, "linux,initrd-start", initrd);
		dt_u64(dt, "linux,initrd-end", initrd + p->initrd.size);
	}
	seed_dt(dt, "kaslr-seed", KASLR_SEED_BYTES);
	seed_dt(dt, "rng-seed", RNG_SEED_BYTES);
	dt_end(dt);
}

static void memory_dt(const struct config_partition *p, struct dt *dt)
{
	unsigned i;

	for (i = 0; i < CONFIG_MAX_RAM && p->ram[i].size > 0; i++) {
		const uint64_t reg[] = { mem_gpa(p->ram[i].gpa),
					 p->ram[i].size };

		dt_begin_at(dt, "memory", reg[0]);
		dt_string(dt, "device_type", "memory");
		dt_reg(dt, reg, 1);
		dt_end(dt);
	}
}

int guest_fdt_write(unsigned partition, const struct vcpu *vcpu, void *buf)
{
	const struct config_partition *p = &config_partitions[partition];
	struct dt dt;
	int size;

	dt_start(&dt, buf, p->fdt_size);
	dt_begin(&dt, "");
	dt_string(&dt, "compatible", "linux,dummy-virt");
	dt_string(&dt, "model", config_name);
	dt_u32(&dt, "#address-cells", 2);
	dt_u32(&dt, "#size-cells", 2);
	dt_u32(&dt, "interrupt-parent", DT_PHANDLE_GIC);
	chosen_dt(partition, &dt);
	memory_dt(p, &dt);
	vcpu_dt(vcpu, p->gic.version, &dt);
	gic_dt(&dt);
	devices_dt(partition, &dt);
	if (p->soc_dt.size > 0) {
		dt_copy(&dt, p->soc_dt.data);
	}
	dt_end(&dt);
	size = dt_finish(&dt);
	BUG_ON(size < 0);
	return size;
}
