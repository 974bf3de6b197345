/* SPDX-License-Identifier: Apache-2.0 */
/* A machine with one virtio-net, on any transport, and its driver. */
#pragma once

#include "dev/virtio.h"
#include "test/unit/driver_pci.h"

#define NET_NUM 16u
#define NET_SLOT 3u /* on PCI */
#define NET_SPI 18u /* on MMIO */
#define NET_ITS 0x08080000ull
#define NET_MSIX (MEM32 + 0x200000 + NET_SLOT * 0x10000 + 0x1000)
#define HEADER 12u
/* What the host's vhost-net offers: drivers/vhost/net.c of Linux 6.12. */
#define VHOST_NET_OFFERS                                                       \
	(BIT64(24) | BIT64(26) | BIT64(VIRTIO_F_ANY_LAYOUT) |                  \
	 BIT64(VIRTIO_RING_F_INDIRECT_DESC) | BIT64(VIRTIO_RING_F_EVENT_IDX) | \
	 BIT64(15) | BIT64(VIRTIO_F_VERSION_1) |                               \
	 BIT64(VIRTIO_F_ACCESS_PLATFORM) | BIT64(VIRTIO_F_RING_RESET))

extern struct driver rx, tx;
extern uint64_t net_cfg; /* on PCI: its configuration space */

/* RAM, KVM, vGIC, PCI, all but the device itself. */
void net_host(void);
void net_attach(enum virtio_transport transport);
/* Both, without vhost; the log is empty afterwards. */
void net_machine(enum virtio_transport transport);
/* Both queues, up to DRIVER_OK. */
void net_start(uint64_t features);
/* The same through the interface before version 1.0. */
void net_start_legacy(uint32_t features);
/* Up to, but without, DRIVER_OK; only the receive queue. */
void net_start_rx_only(uint64_t features);

uint32_t net_status(void);
/* A buffer for packets, not yet notified. */
void net_buffer(unsigned i, uint64_t gpa, uint32_t len);
/* One packet of one buffer, notified. */
void net_send(uint64_t gpa, uint32_t len);
/* What completed on the host is seen. */
void net_pump(void);
/* MSI-X on; queues have vectors 0 and 1, their data 100 and 101. */
void net_msix(void);
