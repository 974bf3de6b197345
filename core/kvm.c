/* SPDX-License-Identifier: Apache-2.0 */
/* The KVM device and this process's VM. */
#include "core/kvm.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/kvm.h>

#include "core/config.h"
#include "core/log.h"

static int kvm_fd;
static int vm_fd;

long kvm_ioctl(unsigned long request, uintptr_t arg)
{
	return sys_ioctl(kvm_fd, request, (void *)arg);
}

long kvm_vm_ioctl(unsigned long request, uintptr_t arg)
{
	return sys_ioctl(vm_fd, request, (void *)arg);
}

long kvm_capability(unsigned capability)
{
	long ret = kvm_vm_ioctl(KVM_CHECK_EXTENSION, capability);

	return ret < 0 ? 0 : ret;
}

long kvm_enable(unsigned capability)
{
	struct kvm_enable_cap cap = { .cap = capability };

	return kvm_vm_ioctl(KVM_ENABLE_CAP, (uintptr_t)&cap);
}

static void open_kvm(void)
{
	long ret = sys_open("/dev/kvm", O_RDWR);

	if (ret == -EACCES || ret == -EPERM) {
		log_fatal(EXIT_NO_KVM,
			  "/dev/kvm: no permission (%ld); run as "
			  "root or join the group kvm",
			  ret);
	}
	if (ret < 0) {
		log_fatal(EXIT_NO_KVM,
			  "/dev/kvm: cannot be opened (%ld); start "
			  "a host kernel with CONFIG_KVM at EL2",
			  ret);
	}
	kvm_fd = (int)ret;
	ret = kvm_ioctl(KVM_GET_API_VERSION, 0);
	if (ret != KVM_API_VERSION) {
		log_fatal(EXIT_KVM_FEATURE,
			  "/dev/kvm: API version %ld, need "
			  "%d; use a Linux host kernel",
			  ret, KVM_API_VERSION);
	}
}

static void create_vm(void)
{
	unsigned ipa = config_board.ipa_bits;
	long host = kvm_ioctl(KVM_CHECK_EXTENSION, KVM_CAP_ARM_VM_IPA_SIZE);
	long ret;

	if (host > 0 && host < (long)ipa) {
		log_fatal(EXIT_KVM_FEATURE,
			  "guest address space: the board "
			  "header says %u IPA bits, the host has %ld; lower "
			  "BOARD_IPA_BITS",
			  ipa, host);
	}
	ret = kvm_ioctl(KVM_CREATE_VM,
			host > 0 ? KVM_VM_TYPE_ARM_IPA_SIZE(ipa) : 0);
	if (ret < 0) {
		log_fatal(EXIT_KVM_FEATURE,
			  "KVM_CREATE_VM with %u IPA bits: "
			  "error %ld; check the host's memory",
			  ipa, ret);
	}
	vm_fd = (int)ret;
}

void kvm_init(void)
{
	static const struct {
		unsigned capability;
		const char *name;
	} needed[] = {
		{ KVM_CAP_ONE_REG, "KVM_CAP_ONE_REG" },
		{ KVM_CAP_ARM_PSCI_0_2, "KVM_CAP_ARM_PSCI_0_2" },
		{ KVM_CAP_READONLY_MEM, "KVM_CAP_READONLY_MEM" },
		{ KVM_CAP_IMMEDIATE_EXIT, "KVM_CAP_IMMEDIATE_EXIT" },
		{ KVM_CAP_DEVICE_CTRL, "KVM_CAP_DEVICE_CTRL" },
		{ KVM_CAP_ARM_NISV_TO_USER, "KVM_CAP_ARM_NISV_TO_USER" },
		{ KVM_CAP_ARM_INJECT_EXT_DABT, "KVM_CAP_ARM_INJECT_EXT_DABT" },
	};
	size_t i;

	open_kvm();
	create_vm();
	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (kvm_capability(needed[i].capability) == 0) {
			log_fatal(EXIT_KVM_FEATURE,
				  "/dev/kvm: no %s; use a "
				  "host kernel of 6.1 or later",
				  needed[i].name);
		}
	}
}

long kvm_create_device(unsigned type)
{
	struct kvm_create_device dev = { .type = type };
	long ret = kvm_vm_ioctl(KVM_CREATE_DEVICE, (uintptr_t)&dev);

	return ret < 0 ? ret : (long)dev.fd;
}

static long attribute(unsigned long request, int fd, unsigned group,
		      uint64_t attr, const void *value)
{
	struct kvm_device_attr what = {
		.group = group,
		.attr = attr,
		.addr = (uintptr_t)value,
	};

	return sys_ioctl(fd, request, &what);
}

long kvm_set_attr(int fd, unsigned group, uint64_t attr, const void *value)
{
	return attribute(KVM_SET_DEVICE_ATTR, fd, group, attr, value);
}

long kvm_get_attr(int fd, unsigned group, uint64_t attr, void *value)
{
	return attribute(KVM_GET_DEVICE_ATTR, fd, group, attr, value);
}
