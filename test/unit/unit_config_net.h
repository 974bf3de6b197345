/* SPDX-License-Identifier: Apache-2.0 */
/* The machine of unit_config_pci.h with a network and neighbours. */
#define CFG_VIRTIO_NET(X) \
	X(guest,     net0, 7, 0, VIRTIO_PCI, "tap0", 0x020000000001, 1400, HOST_IPV4(192, 168, 7, 1, 24))

#define CFG_VIRTIO_VSOCK(X) \
	X(guest,     vsock0, 6, 0, VIRTIO_PCI, 3)

#define CFG_SHMEM(X) \
	X(guest,     shmem0, 1, HOST_FILE("/shm0"), 0x10000, 0, 2, 2)

#include "test/unit/unit_config_pci.h"
