/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The KVM device, this process's VM, and the device-attribute interface that
 * the vGIC is configured with (Documentation/virt/kvm/api.rst).
 */
#pragma once

#include <stdint.h>

#include "core/sys.h"

/*
 * Opens /dev/kvm and makes a VM with the board's IPA space. Ends the process
 * with EXIT_NO_KVM or EXIT_KVM_FEATURE if the host cannot.
 */
void kvm_init(void);

/* ioctls on /dev/kvm and on the VM: a value >= 0, or -errno. */
MUST_CHECK long kvm_ioctl(unsigned long request, uintptr_t arg);
MUST_CHECK long kvm_vm_ioctl(unsigned long request, uintptr_t arg);

/* The value of a VM capability; 0: the host does not have it. */
long kvm_capability(unsigned capability);
/* Enables a capability of the VM; 0 or -errno. */
MUST_CHECK long kvm_enable(unsigned capability);

/* Makes an in-kernel device (KVM_DEV_TYPE_*); its fd, or -errno. */
MUST_CHECK long kvm_create_device(unsigned type);
/* Sets a device attribute from *value (may be NULL); 0 or -errno. */
MUST_CHECK long kvm_set_attr(int fd, unsigned group, uint64_t attr,
			     const void *value);
/* Gets one into *value; 0 or -errno. */
MUST_CHECK long kvm_get_attr(int fd, unsigned group, uint64_t attr,
			     void *value);
