/* SPDX-License-Identifier: Apache-2.0 */
/* A machine with one virtio-net, and its driver. */
#include "test/unit/net_guest.h"

#include <linux/virtio_pci.h>
#include <string.h>

#include "core/gic.h"
#include "core/loop.h"
#include "dev/net.h"
#include "dev/pci.h"

struct driver rx, tx;
uint64_t net_cfg;

void net_host(void)
{
	static const struct config_gic gic = { .version = GIC_V3,
					       .spis = 32,
					       .its_gpa = NET_ITS };

	driver_machine();
	gic_init(&gic);
	gic_finalize();
	pci_init(&pci_windows, NULL);
}

void net_attach(enum virtio_transport transport)
{
	static struct config_device row = {
		.name = "net0",
		.path = "tap0",
		.size = 0x200,
		.spi = NET_SPI,
		.kind = DEVICE_VIRTIO_NET,
		.mac = 0x020304050607,
		.mtu = 1400,
		.host_ipv4 = 0xc0a80701,
		.host_prefix = 23,
	};
	int pci = transport == VIRTIO_PCI ||
		  transport == VIRTIO_PCI_TRANSITIONAL;

	row.transport = (uint8_t)transport;
	row.gpa = pci ? NET_SLOT : WINDOW;
	net_init(&row);
	rx.window = WINDOW;
	if (pci) {
		net_cfg = cfg_of(PCI_BUS_VIRTIO, NET_SLOT);
		driver_pci_place(&rx, NET_SLOT, DRIVER_PCI);
	}
}

void net_machine(enum virtio_transport transport)
{
	net_host();
	fake.no_vhost = 1;
	net_attach(transport);
	fake_one_line("net0: no /dev/vhost-net; packets take the slow way");
	fake.log_lines = fake.log_bytes = 0;
}

void net_start(uint64_t features)
{
	driver_prepare(&rx, WINDOW, NET_NUM, features);
	driver_next_queue(&tx, &rx, 1);
	driver_go(&rx);
}

void net_start_rx_only(uint64_t features)
{
	driver_prepare(&rx, WINDOW, NET_NUM, features);
	driver_go(&rx);
}

static void legacy_queue(struct driver *d, unsigned queue)
{
	d->kind = rx.kind;
	d->window = rx.window;
	d->queue = queue;
	d->num = CONFIG_MAX_QUEUE;
	d->avail_idx = 0;
	d->desc = RAM + 0x10000 + 0x4000 * queue;
	d->avail = d->desc + 16ull * d->num;
	d->used = d->desc + 0x1000;
	memset(ram(d->desc), 0, 0x4000);
	driver_write(d, VIRTIO_MMIO_QUEUE_SEL, queue);
	driver_write(d, VIRTIO_MMIO_QUEUE_NUM, d->num);
	driver_write(d, VIRTIO_MMIO_QUEUE_PFN, (uint32_t)(d->desc >> 12));
	assert_int_equal(driver_read(d, VIRTIO_MMIO_QUEUE_PFN), d->desc >> 12);
}

void net_start_legacy(uint32_t features)
{
	if (rx.kind != DRIVER_MMIO) {
		driver_pci_place(&rx, NET_SLOT, DRIVER_PCI_LEGACY);
	}
	driver_write(&rx, VIRTIO_MMIO_STATUS, 0);
	driver_write(&rx, VIRTIO_MMIO_STATUS, ALIVE);
	driver_write(&rx, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	driver_write(&rx, VIRTIO_MMIO_DRIVER_FEATURES, features);
	legacy_queue(&rx, 0);
	legacy_queue(&tx, 1);
	driver_write(&rx, VIRTIO_MMIO_STATUS,
		     ALIVE | VIRTIO_CONFIG_S_DRIVER_OK);
}

uint32_t net_status(void)
{
	return driver_read(&rx, VIRTIO_MMIO_STATUS);
}

void net_buffer(unsigned i, uint64_t gpa, uint32_t len)
{
	driver_desc(&rx, i, gpa, len, D_WRITE, 0);
	driver_offer(&rx, i);
}

void net_send(uint64_t gpa, uint32_t len)
{
	driver_desc(&tx, 0, gpa, len, 0, 0);
	driver_offer(&tx, 0);
	driver_notify(&tx);
}

void net_pump(void)
{
	fake_progress();
	loop_before_run();
}

void net_msix(void)
{
	unsigned vector;

	for (vector = 0; vector < 3; vector++) {
		uint64_t entry = NET_MSIX + 16 * vector;

		driver_mmio_write(entry, 8, NET_ITS + 0x10040);
		driver_mmio_write(entry + 8, 4, 100 + vector);
		driver_mmio_write(entry + 12, 4, 0);
	}
	cfg_write(net_cfg,
		  cfg_capability(net_cfg, PCI_CAP_ID_MSIX, 0) + PCI_MSIX_FLAGS,
		  2, PCI_MSIX_FLAGS_ENABLE);
	for (vector = 0; vector < 2; vector++) {
		driver_mmio_write(rx.window + VIRTIO_PCI_COMMON_Q_SELECT, 2,
				  vector);
		driver_mmio_write(rx.window + VIRTIO_PCI_COMMON_Q_MSIX, 2,
				  vector);
	}
	driver_mmio_write(rx.window + VIRTIO_PCI_COMMON_MSIX, 2, 2);
}
