/* SPDX-License-Identifier: Apache-2.0 */
/* The fake Linux: KVM, as far as Bedplate talks to it. */
#include "test/unit/fake_vfio.h"

#include <linux/errno.h>
#include <stdlib.h>
#include <string.h>

static void note_order(unsigned long request)
{
	if (fake.order_count < sizeof(fake.order) / sizeof(fake.order[0])) {
		fake.order[fake.order_count++] = (unsigned)request;
	}
}

/* -- Memory -------------------------------------------------------------- */

static long remove_memory(unsigned number)
{
	unsigned i;

	for (i = 0; i < fake.slot_count; i++) {
		if (fake.slots[i].slot == number) {
			fake.slot_count--;
			fake.slots[i] = fake.slots[fake.slot_count];
			fake.memory[i] = fake.memory[fake.slot_count];
			return 0;
		}
	}
	return -EINVAL;
}

/* As KVM: page-aligned, no overlap with another slot; size 0 removes it. */
static long set_memory(const struct kvm_userspace_memory_region *region)
{
	unsigned i;

	if (fake.slot_error != 0) {
		return fake.slot_error;
	}
	if (region->memory_size == 0) {
		return remove_memory(region->slot);
	}
	if (region->guest_phys_addr % 4096 != 0 ||
	    region->memory_size % 4096 != 0 ||
	    region->userspace_addr % 4096 != 0) {
		return -EINVAL;
	}
	for (i = 0; i < fake.slot_count; i++) {
		const struct kvm_userspace_memory_region *slot = &fake.slots[i];

		if (slot->slot == region->slot ||
		    (region->guest_phys_addr <
			     slot->guest_phys_addr + slot->memory_size &&
		     slot->guest_phys_addr <
			     region->guest_phys_addr + region->memory_size)) {
			return -EEXIST;
		}
	}
	assert_true(fake.slot_count < FAKE_SLOTS);
	if ((region->flags & KVM_MEM_READONLY) != 0) {
		uint8_t *memory = malloc(region->memory_size);

		/* What is written there later stays in the cache. */
		memcpy(memory, (const void *)(uintptr_t)region->userspace_addr,
		       region->memory_size);
		fake.memory[fake.slot_count] = memory;
	} else {
		fake.memory[fake.slot_count] = NULL;
	}
	fake.slots[fake.slot_count++] = *region;
	return 0;
}

void *fake_guest(uint64_t gpa)
{
	unsigned i;

	for (i = 0; i < fake.slot_count; i++) {
		const struct kvm_userspace_memory_region *slot = &fake.slots[i];
		uint64_t offset = gpa - slot->guest_phys_addr;

		if (offset < slot->memory_size) {
			return fake.memory[i] ?
				       fake.memory[i] + offset :
				       (uint8_t *)(uintptr_t)
						       slot->userspace_addr +
					       offset;
		}
	}
	return NULL;
}

void fake_clean_line(const void *line)
{
	unsigned i;

	for (i = 0; i < fake.slot_count; i++) {
		uint64_t offset = (uintptr_t)line -
				  fake.slots[i].userspace_addr;

		if (fake.memory[i] && offset < fake.slots[i].memory_size) {
			memcpy(fake.memory[i] + offset, line, 16);
		}
	}
}

/* -- Devices ------------------------------------------------------------- */

static int is_dist_reg(unsigned type, const struct kvm_device_attr *attr)
{
	return (type == KVM_DEV_TYPE_ARM_VGIC_V2 ||
		type == KVM_DEV_TYPE_ARM_VGIC_V3) &&
	       attr->group == KVM_DEV_ARM_VGIC_GRP_DIST_REGS;
}

static long set_attr(unsigned type, const struct kvm_device_attr *attr)
{
	struct fake_attr *to;
	const void *value = (const void *)(uintptr_t)attr->addr;

	if (is_dist_reg(type, attr)) {
		return fake_dist_reg(attr->attr, (void *)(uintptr_t)attr->addr,
				     1);
	}
	to = &fake.attrs[fake.attr_count++];
	assert_true(fake.attr_count <= FAKE_ATTRS);
	if (type == KVM_DEV_TYPE_VFIO) {
		assert_int_equal(attr->group, KVM_DEV_VFIO_FILE);
		assert_int_equal(attr->attr, KVM_DEV_VFIO_FILE_ADD);
		return fake_kvm_vfio_file(*(const int *)value);
	}
	to->type = type;
	to->group = attr->group;
	to->attr = attr->attr;
	if (value && type != FAKE_VCPU_ATTR &&
	    attr->group == KVM_DEV_ARM_VGIC_GRP_ADDR) {
		memcpy(&to->value, value, 8);
	} else if (value) {
		memcpy(&to->value, value, 4);
	}
	fake_note_gic(type, to);
	return 0;
}

static long get_attr(unsigned type, const struct kvm_device_attr *attr)
{
	assert_true(is_dist_reg(type, attr));
	return fake_dist_reg(attr->attr, (void *)(uintptr_t)attr->addr, 0);
}

static long create_device(struct kvm_create_device *device)
{
	int fd;

	if ((fake.no_devices >> device->type & 1) != 0) {
		return -ENODEV;
	}
	fd = fake_new_fd(FAKE_DEVICE, 1);
	if (fd < 0) {
		return fd;
	}
	fake.fds[fd].type = device->type;
	device->fd = (uint32_t)fd;
	return 0;
}

/* -- VM ------------------------------------------------------------------ */

static long check_extension(uintptr_t capability)
{
	size_t i;

	for (i = 0; i < sizeof(fake.no_caps) / sizeof(fake.no_caps[0]); i++) {
		if (fake.no_caps[i] != 0 && fake.no_caps[i] == capability) {
			return 0;
		}
	}
	return capability == KVM_CAP_ARM_VM_IPA_SIZE ? fake.ipa_limit : 1;
}

static long enable_cap(const struct kvm_enable_cap *cap)
{
	if (check_extension(cap->cap) == 0) {
		return -EINVAL;
	}
	fake.enabled[fake.enabled_count++ & 7] = cap->cap;
	return 0;
}

static long vm_ioctl(unsigned long request, void *arg)
{
	switch (request) {
	case KVM_CHECK_EXTENSION:
		return check_extension((uintptr_t)arg);
	case KVM_ENABLE_CAP:
		return enable_cap(arg);
	case KVM_SET_USER_MEMORY_REGION:
		return set_memory(arg);
	case KVM_CREATE_VCPU:
		return fake_new_fd(FAKE_VCPU, 1);
	case KVM_ARM_PREFERRED_TARGET:
		memset(arg, 0, sizeof(struct kvm_vcpu_init));
		((struct kvm_vcpu_init *)arg)->target =
			KVM_ARM_TARGET_GENERIC_V8;
		return 0;
	case KVM_CREATE_DEVICE:
		return create_device(arg);
	case KVM_IRQ_LINE:
		return fake_irq_line(arg);
	case KVM_SIGNAL_MSI:
		return fake_signal_msi(arg);
	case KVM_SET_GSI_ROUTING:
		return fake_set_routing(arg);
	case KVM_IRQFD:
		return fake_irqfd(arg);
	case KVM_IOEVENTFD:
		return fake_ioeventfd(arg);
	default:
		fail_msg("unexpected VM ioctl 0x%lx", request);
		return -ENOTTY;
	}
}

/* -- vCPU ---------------------------------------------------------------- */

static struct kvm_one_reg *find_reg(uint64_t id)
{
	unsigned i;

	for (i = 0; i < fake.reg_count; i++) {
		if (fake.regs[i].id == id) {
			return &fake.regs[i];
		}
	}
	return NULL;
}

uint64_t fake_reg(uint64_t id)
{
	const struct kvm_one_reg *reg = find_reg(id);

	return reg ? reg->addr : 0;
}

void fake_set_reg(uint64_t id, uint64_t value)
{
	struct kvm_one_reg *reg = find_reg(id);

	if (!reg) {
		assert_true(fake.reg_count < FAKE_REGS);
		reg = &fake.regs[fake.reg_count++];
		reg->id = id;
	}
	reg->addr = value;
}

static long get_reg(const struct kvm_one_reg *reg)
{
	uint64_t value = fake_reg(reg->id);

	memcpy((void *)(uintptr_t)reg->addr, &value, 8);
	return 0;
}

static long set_reg(const struct kvm_one_reg *reg)
{
	uint64_t value;

	memcpy(&value, (const void *)(uintptr_t)reg->addr, 8);
	fake_set_reg(reg->id, value);
	return 0;
}

static long run(void)
{
	if (fake.run->immediate_exit) {
		return -EINTR;
	}
	fake.runs++;
	if (fake.guest) {
		return fake.guest(fake.run);
	}
	fake.run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	fake.run->system_event.type = KVM_SYSTEM_EVENT_SHUTDOWN;
	return 0;
}

static long init_vcpu(const struct kvm_vcpu_init *init)
{
	fake.vcpu_init = *init;
	fake.vcpu_inits++;
	return 0;
}

static long finalize_vcpu(void)
{
	if (fake.vcpu_finalized) {
		return -EPERM;
	}
	fake.vcpu_finalized = 1;
	return 0;
}

static long vcpu_ioctl(unsigned long request, void *arg)
{
	switch (request) {
	case KVM_RUN:
		return run();
	case KVM_ARM_VCPU_INIT:
		return init_vcpu(arg);
	case KVM_ARM_VCPU_FINALIZE:
		return finalize_vcpu();
	case KVM_GET_ONE_REG:
		return get_reg(arg);
	case KVM_SET_ONE_REG:
		return set_reg(arg);
	case KVM_SET_DEVICE_ATTR:
		return set_attr(FAKE_VCPU_ATTR, arg);
	case KVM_SET_VCPU_EVENTS:
		fake.aborts += ((struct kvm_vcpu_events *)arg)
				       ->exception.ext_dabt_pending;
		return 0;
	case KVM_SET_MP_STATE:
		fake.mp_state = ((struct kvm_mp_state *)arg)->mp_state;
		return 0;
	default:
		fail_msg("unexpected vCPU ioctl 0x%lx", request);
		return -ENOTTY;
	}
}

/* -- /dev/kvm ------------------------------------------------------------ */

static long kvm_ioctl_of_device(unsigned long request, void *arg)
{
	switch (request) {
	case KVM_GET_API_VERSION:
		return fake.api_version;
	case KVM_CHECK_EXTENSION:
		return check_extension((uintptr_t)arg);
	case KVM_CREATE_VM:
		return fake_new_fd(FAKE_VM, 1);
	case KVM_GET_VCPU_MMAP_SIZE:
		return 8192;
	default:
		fail_msg("unexpected KVM ioctl 0x%lx", request);
		return -ENOTTY;
	}
}

long fake_kvm_ioctl(struct fake_fd *fd, unsigned long request, void *arg)
{
	note_order(request);
	switch (fd->kind) {
	case FAKE_KVM:
		return kvm_ioctl_of_device(request, arg);
	case FAKE_VM:
		return vm_ioctl(request, arg);
	case FAKE_VCPU:
		return vcpu_ioctl(request, arg);
	case FAKE_DEVICE:
		if (request == KVM_GET_DEVICE_ATTR) {
			return get_attr(fd->type, arg);
		}
		assert_int_equal(request, KVM_SET_DEVICE_ATTR);
		return set_attr(fd->type, arg);
	default:
		fail_msg("ioctl 0x%lx on a descriptor of kind %d", request,
			 fd->kind);
		return -ENOTTY;
	}
}
