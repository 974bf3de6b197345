/* SPDX-License-Identifier: Apache-2.0 */
/* Single registers of the vCPU, and the dump of all when a guest is lost. */
#include "core/vcpu_regs.h"

#include <linux/kvm.h>

#include "core/log.h"

uint64_t vcpu_reg(const struct vcpu *vcpu, uint64_t id)
{
	uint64_t value = 0;
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

	if (sys_ioctl(vcpu->fd, KVM_GET_ONE_REG, &reg) < 0) {
		return 0;
	}
	return value;
}

long vcpu_set_reg(const struct vcpu *vcpu, uint64_t id, uint64_t value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

	return sys_ioctl(vcpu->fd, KVM_SET_ONE_REG, &reg);
}

uint64_t vcpu_pc(const struct vcpu *vcpu)
{
	return vcpu_reg(vcpu, VCPU_REG_PC);
}

static unsigned long long get(const struct vcpu *vcpu, uint64_t id)
{
	return vcpu_reg(vcpu, id);
}

void vcpu_dump(const struct vcpu *vcpu)
{
	unsigned n;

	log_line("PC %016llx  LR %016llx  SP %016llx  PSTATE %08llx",
		 get(vcpu, VCPU_REG_PC), get(vcpu, VCPU_REG_X(30)),
		 get(vcpu, VCPU_REG_SP_EL1), get(vcpu, VCPU_REG_PSTATE));
	log_line("ESR_EL1 %08llx  FAR_EL1 %016llx  ELR_EL1 %016llx",
		 get(vcpu, VCPU_REG_ESR_EL1), get(vcpu, VCPU_REG_FAR_EL1),
		 get(vcpu, VCPU_REG_ELR_EL1));
	for (n = 0; n < 28; n += 4) {
		log_line("X%-2u %016llx %016llx %016llx %016llx", n,
			 get(vcpu, VCPU_REG_X(n)), get(vcpu, VCPU_REG_X(n + 1)),
			 get(vcpu, VCPU_REG_X(n + 2)),
			 get(vcpu, VCPU_REG_X(n + 3)));
	}
	log_line("X28 %016llx %016llx %016llx", get(vcpu, VCPU_REG_X(28)),
		 get(vcpu, VCPU_REG_X(29)), get(vcpu, VCPU_REG_X(30)));
}
