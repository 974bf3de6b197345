/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single registers of the vCPU by name (KVM_GET_ONE_REG, core registers of
 * Documentation/virt/kvm/api.rst section 4.68).
 */
#pragma once

#include <stdint.h>

#include "core/sys.h"
#include "core/vcpu.h"

/* Offsets into struct kvm_regs, in 32-bit words; 64-bit registers. */
#define VCPU_REG_CORE(word) (0x6030000000100000ull | (word))
#define VCPU_REG_X(n) VCPU_REG_CORE(2 * (n))
#define VCPU_REG_SP VCPU_REG_CORE(2 * 31)
#define VCPU_REG_PC VCPU_REG_CORE(2 * 32)
#define VCPU_REG_PSTATE VCPU_REG_CORE(2 * 33)
#define VCPU_REG_SP_EL1 VCPU_REG_CORE(2 * 34)
#define VCPU_REG_ELR_EL1 VCPU_REG_CORE(2 * 35)
/* System registers: op0, op1, CRn, CRm, op2. */
#define VCPU_REG_SYS(op0, op1, crn, crm, op2)                    \
	(0x6030000000130000ull | ((op0) << 14) | ((op1) << 11) | \
	 ((crn) << 7) | ((crm) << 3) | (op2))
#define VCPU_REG_ESR_EL1 VCPU_REG_SYS(3, 0, 5, 2, 0)
#define VCPU_REG_FAR_EL1 VCPU_REG_SYS(3, 0, 6, 0, 0)

/* The register's value; 0 if the host does not tell. */
uint64_t vcpu_reg(const struct vcpu *vcpu, uint64_t id);
/* 0 or -errno. */
MUST_CHECK long vcpu_set_reg(const struct vcpu *vcpu, uint64_t id,
			     uint64_t value);
