/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A virtio device that only counts its requests, on any transport, and its
 * driver. A request is one readable byte; 0xbb is none.
 */
#pragma once

#include "dev/virtio.h"
#include "dev/virtio_pci.h"
#include "test/unit/pci_guest.h"

#define NUM_MAX 16u
#define DATA (RAM + 0x50000)
#define OFFERED_FEATURE 5 /* a feature bit of the device */
#define V1 BIT64(VIRTIO_F_VERSION_1)
#define SLOT 6u /* on PCI */
#define ITS 0x08080000ull
#define TRANSLATER (ITS + 0x10040)

#define ACK VIRTIO_CONFIG_S_ACKNOWLEDGE
#define DRIVER VIRTIO_CONFIG_S_DRIVER
#define DRIVER_OK VIRTIO_CONFIG_S_DRIVER_OK
#define FEATURES_OK VIRTIO_CONFIG_S_FEATURES_OK
#define NEEDS_RESET VIRTIO_CONFIG_S_NEEDS_RESET
#define FAILED VIRTIO_CONFIG_S_FAILED

extern unsigned notified, quiesced;
extern unsigned last_queue; /* that had a request */
extern struct virtio_type type; /* of one queue */
extern struct virtio_device device;
extern const uint8_t config_space[10];
extern struct driver d;
extern int never_enough; /* each request makes another one available */
extern unsigned SPI; /* of the device, on its transport */
extern uint64_t cfg; /* on PCI: its configuration space */

/* The transport of the tests that run on each: as the config has it. */
enum virtio_transport counting_transport(void);
/* A row of such a device on MMIO. */
struct config_device row_of(enum virtio_transport transport);
void machine_of(enum virtio_transport transport);

/* One request, where the driver's rings are, and a notification of it. */
void ask(void);
/* The status register, which is the device's. */
uint32_t status(void);
uint32_t set_status(uint32_t value);
void accept_features(uint64_t features);
/* From a reset to FEATURES_OK; the status then. */
uint32_t negotiate(uint64_t features);
