// SPDX-License-Identifier: Apache-2.0
/*
 * The floor under every figure of the benchmark: the least userspace that runs
 * the same flat guest in the same virtual machine as Bedplate and QEMU (256 MiB
 * of lazy RAM, GICv3 with ITS, one vCPU with the PMU, pointer authentication
 * and SVE where the host has them) and answers an MMIO read at once. No device
 * model, no device tree, no libc: it measures the kernel's share, which no VMM
 * can save.
 *
 * usage: floor IMAGE [plain]
 * plain: no ITS and no optional vCPU feature, to see what those cost.
 */
#include "bare.h"

#include <fcntl.h>
#include <linux/kvm.h>
#include <stddef.h>
#include <sys/mman.h>

#define RAM_BASE	0x40000000ULL
#define RAM_SIZE	0x10000000ULL
#define LOAD_OFFSET	0x80000
#define GICD_BASE	0x08000000ULL
#define GICR_BASE	0x080a0000ULL
#define ITS_BASE	0x08080000ULL
#define GIC_SPIS	224
#define PMU_PPI_INTID	23
#define UART_DR		0x09000000ULL
#define UART_FR_IDLE	0x90

#define CORE_REG(name)							\
	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE |		\
	 KVM_REG_ARM_CORE_REG(name))

static long check(long result)
{
	if (result < 0) {
		bare_exit(1);
	}
	return result;
}

static int check_ioctl(int fd, unsigned long request, const void *argument)
{
	return (int)check(bare_call3(__NR_ioctl, fd, (long)request,
				     (long)argument));
}

static void *map(uint64_t size, int flags, int fd)
{
	return (void *)check(bare_syscall(__NR_mmap, 0, (long)size,
					  PROT_READ | PROT_WRITE, flags, fd,
					  0));
}

static void add_ram(int vm, const char *image)
{
	struct kvm_userspace_memory_region slot = {
		.guest_phys_addr = RAM_BASE,
		.memory_size = RAM_SIZE,
	};
	char *ram = map(RAM_SIZE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			-1);
	int fd = (int)check(bare_open(image, O_RDONLY | O_CLOEXEC));

	/* As QEMU and Bedplate do; only an offer, so not checked. */
	bare_call3(__NR_madvise, (long)ram, RAM_SIZE, MADV_HUGEPAGE);
	check(bare_call3(__NR_read, fd, (long)(ram + LOAD_OFFSET),
			 RAM_SIZE - LOAD_OFFSET));
	slot.userspace_addr = (uintptr_t)ram;
	check_ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot);
}

static void set_attr(int fd, uint32_t group, uint64_t attr, void *value)
{
	struct kvm_device_attr set = {
		.group = group,
		.attr = attr,
		.addr = (uintptr_t)value,
	};

	check_ioctl(fd, KVM_SET_DEVICE_ATTR, &set);
}

static void add_gic(int vm)
{
	struct kvm_create_device gic = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
	uint32_t irq_count = GIC_SPIS + 32;
	uint64_t dist = GICD_BASE;
	uint64_t redist = GICR_BASE;

	check_ioctl(vm, KVM_CREATE_DEVICE, &gic);
	set_attr((int)gic.fd, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &irq_count);
	set_attr((int)gic.fd, KVM_DEV_ARM_VGIC_GRP_ADDR,
		 KVM_VGIC_V3_ADDR_TYPE_DIST, &dist);
	set_attr((int)gic.fd, KVM_DEV_ARM_VGIC_GRP_ADDR,
		 KVM_VGIC_V3_ADDR_TYPE_REDIST, &redist);
	set_attr((int)gic.fd, KVM_DEV_ARM_VGIC_GRP_CTRL,
		 KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
}

static void add_its(int vm)
{
	struct kvm_create_device its = { .type = KVM_DEV_TYPE_ARM_VGIC_ITS };
	uint64_t base = ITS_BASE;

	check_ioctl(vm, KVM_CREATE_DEVICE, &its);
	set_attr((int)its.fd, KVM_DEV_ARM_VGIC_GRP_ADDR,
		 KVM_VGIC_ITS_ADDR_TYPE, &base);
	set_attr((int)its.fd, KVM_DEV_ARM_VGIC_GRP_CTRL,
		 KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
}

/* The bits of the vCPU features that the host has. */
static uint32_t host_features(int vm)
{
	static const uint16_t known[][2] = {
		{ KVM_CAP_ARM_PMU_V3, KVM_ARM_VCPU_PMU_V3 },
		{ KVM_CAP_ARM_PTRAUTH_ADDRESS, KVM_ARM_VCPU_PTRAUTH_ADDRESS },
		{ KVM_CAP_ARM_PTRAUTH_GENERIC, KVM_ARM_VCPU_PTRAUTH_GENERIC },
		{ KVM_CAP_ARM_SVE, KVM_ARM_VCPU_SVE },
	};
	uint32_t features = 0;

	for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (bare_call3(__NR_ioctl, vm, KVM_CHECK_EXTENSION,
			       known[i][0]) > 0) {
			features |= 1U << known[i][1];
		}
	}
	return features;
}

static void init_vcpu(int vm, int vcpu, uint32_t features)
{
	struct kvm_vcpu_init init;
	int intid = PMU_PPI_INTID;
	int sve = KVM_ARM_VCPU_SVE;

	check_ioctl(vm, KVM_ARM_PREFERRED_TARGET, &init);
	init.features[0] |= 1U << KVM_ARM_VCPU_PSCI_0_2 | features;
	check_ioctl(vcpu, KVM_ARM_VCPU_INIT, &init);
	if (features & 1U << KVM_ARM_VCPU_PMU_V3) {
		set_attr(vcpu, KVM_ARM_VCPU_PMU_V3_CTRL,
			 KVM_ARM_VCPU_PMU_V3_IRQ, &intid);
		set_attr(vcpu, KVM_ARM_VCPU_PMU_V3_CTRL,
			 KVM_ARM_VCPU_PMU_V3_INIT, NULL);
	}
	if (features & 1U << KVM_ARM_VCPU_SVE) {
		check_ioctl(vcpu, KVM_ARM_VCPU_FINALIZE, &sve);
	}
}

static void set_pc(int vcpu)
{
	uint64_t pc = RAM_BASE + LOAD_OFFSET;
	struct kvm_one_reg reg = {
		.id = CORE_REG(regs.pc),
		.addr = (uintptr_t)&pc,
	};

	check_ioctl(vcpu, KVM_SET_ONE_REG, &reg);
}

static void answer(struct kvm_run *run)
{
	if (!run->mmio.is_write) {
		*(uint32_t *)run->mmio.data = UART_FR_IDLE;
	} else if (run->mmio.phys_addr == UART_DR) {
		check(bare_write(1, run->mmio.data, 1));
	}
}

static void __attribute__((noreturn)) run_guest(int vcpu, struct kvm_run *run)
{
	for (;;) {
		check_ioctl(vcpu, KVM_RUN, NULL);
		if (run->exit_reason == KVM_EXIT_MMIO) {
			answer(run);
		} else {
			bare_exit(run->exit_reason != KVM_EXIT_SYSTEM_EVENT);
		}
	}
}

static void __attribute__((used, noreturn)) entry(long *stack)
{
	int argc = (int)stack[0];
	char **argv = (char **)(stack + 1);
	int kvm = (int)check(bare_open("/dev/kvm", O_RDWR | O_CLOEXEC));
	int vm = check_ioctl(kvm, KVM_CREATE_VM, NULL);
	int size = check_ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, NULL);
	int plain = argc > 2;
	int vcpu;

	if (argc < 2) {
		bare_exit(2);
	}
	add_ram(vm, argv[1]);
	vcpu = check_ioctl(vm, KVM_CREATE_VCPU, NULL);
	add_gic(vm);
	init_vcpu(vm, vcpu, plain ? 0 : host_features(vm));
	if (!plain) {
		add_its(vm);
	}
	set_pc(vcpu);
	run_guest(vcpu, map((uint64_t)size, MAP_SHARED, vcpu));
}

BARE_ENTRY(entry);
