/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a config's guest device tree to standard output, as a blob: the
 * VMM's own code over the fake Linux. The seeds are not random here.
 */
#include <stdio.h>
#include <stdlib.h>

#include "boot/guest_fdt.h"
#include "core/config.h"
#include "core/gic.h"
#include "core/kvm.h"
#include "core/loop.h"
#include "core/mem.h"
#include "core/status.h"
#include "core/vcpu.h"
#include "dev/devices.h"
#include "test/unit/vfio_guest.h"

int main(void)
{
	static struct vcpu vcpu;
	static char blob[1 << 20];
	const struct config_partition *p = &config_partitions[0];
	unsigned i;
	int size;

	if (p->fdt_size > sizeof(blob)) {
		return 1;
	}
	fake_reset();
	for (i = 0; i < config_device_count; i++) {
		if (config_devices[i].path &&
		    config_devices[i].kind != DEVICE_VIRTIO_CONSOLE) {
			fake_file(config_devices[i].path, 1 << 20);
		}
	}
	vfio_cards_of_config();
	kvm_init();
	mem_init(p);
	vcpu_init(&vcpu, p->cpu_features);
	gic_init(&p->gic);
	loop_init(vcpu_immediate_exit(&vcpu));
	if (status_init() < 0) {
		abort();
	}
	devices_init(0);
	gic_finalize();
	vcpu_finalize(&vcpu);
	size = guest_fdt_write(0, &vcpu, blob);
	return fwrite(blob, (size_t)size, 1, stdout) == 1 ? 0 : 1;
}
