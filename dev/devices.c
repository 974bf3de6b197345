/* SPDX-License-Identifier: Apache-2.0 */
/* The one table of device drivers; its order is init order and FDT order. */
#include "dev/devices.h"

#include <stddef.h>

#include "core/config.h"
#include "dev/blk.h"
#include "dev/console.h"
#include "dev/net.h"
#include "dev/pci.h"
#include "dev/pl011.h"
#include "dev/pl031.h"
#include "dev/rng.h"
#include "dev/shmem.h"
#include "dev/status_page.h"
#include "dev/vfio_pci.h"
#include "dev/vfio_platform.h"
#include "dev/virtio_transport.h"
#include "dev/vsock.h"

#define APB_CLOCK_HZ 24000000

static const struct driver {
	enum device_kind kind;
	void (*init)(const struct config_device *row);
	/* NULL: its bus's node says it all. */
	void (*dt)(const struct config_device *row, struct dt *dt);
} drivers[] = {
	{ DEVICE_PL011, pl011_init, pl011_dt },
	{ DEVICE_PL031, pl031_init, pl031_dt },
	{ DEVICE_VIRTIO_BLK, blk_init, virtio_dt },
	{ DEVICE_VIRTIO_RNG, rng_init, virtio_dt },
	{ DEVICE_VIRTIO_NET, net_init, virtio_dt },
	{ DEVICE_VIRTIO_VSOCK, vsock_init, virtio_dt },
	{ DEVICE_VIRTIO_CONSOLE, console_init, virtio_dt },
	{ DEVICE_SHMEM, shmem_init, NULL },
	{ DEVICE_VFIO_PCI, vfio_pci_init, NULL },
	{ DEVICE_VFIO_PLATFORM, vfio_platform_init, NULL },
	{ DEVICE_STATUS, status_page_init, status_page_dt },
};

/* The next row of that partition and kind from *at on, or NULL. */
static const struct config_device *next_row(unsigned partition,
					    enum device_kind kind, unsigned *at)
{
	while (*at < config_device_count) {
		const struct config_device *row = &config_devices[(*at)++];

		if (row->partition == partition && row->kind == kind) {
			return row;
		}
	}
	return NULL;
}

void devices_init(unsigned partition)
{
	const struct config_device *row;
	size_t i;

	pci_init(&config_partitions[partition].pci,
		 &config_partitions[partition].pci_host);
	for (i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		unsigned at = 0;

		while ((row = next_row(partition, drivers[i].kind, &at))) {
			drivers[i].init(row);
		}
	}
}

void devices_start(void)
{
	vfio_platform_start();
}

void devices_stop(void)
{
	vfio_pci_stop();
	vfio_platform_stop();
}

/* The clock that the PrimeCell devices refer to. */
static void clock_dt(struct dt *dt)
{
	dt_begin(dt, "apb-pclk");
	dt_string(dt, "compatible", "fixed-clock");
	dt_u32(dt, "#clock-cells", 0);
	dt_u32(dt, "clock-frequency", APB_CLOCK_HZ);
	dt_string(dt, "clock-output-names", "clk24mhz");
	dt_u32(dt, "phandle", DT_PHANDLE_CLOCK);
	dt_end(dt);
}

void devices_dt(unsigned partition, struct dt *dt)
{
	const struct config_device *row;
	size_t i;

	clock_dt(dt);
	for (i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		unsigned at = 0;

		while ((row = next_row(partition, drivers[i].kind, &at))) {
			if (drivers[i].dt) {
				drivers[i].dt(row, dt);
			}
		}
	}
	pci_dt(dt);
}
