/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one vCPU of a partition: its features, its exits, its power state.
 */
#pragma once

#include <stdint.h>

#include "core/config.h"
#include "core/dt.h"
#include "core/log.h"

struct kvm_run;

/* Exits to userspace since the start, by cause. */
struct vcpu_exits {
	uint64_t mmio;
	uint64_t wake; /* the event loop had something to do */
	uint64_t other;
};

struct vcpu {
	int fd;
	struct kvm_run *run;
	unsigned features; /* CPU_*, those that the guest got */
	struct vcpu_exits exits;
	int suspended;
	uint64_t resume_pc; /* PSCI SYSTEM_SUSPEND: where to go on, */
	uint64_t resume_context; /* and with what in x0 */
};

/*
 * Makes the vCPU with those of the wanted CPU_* features that the host has.
 * Ends the process with EXIT_KVM_FEATURE if the host refuses.
 */
void vcpu_init(struct vcpu *vcpu, unsigned wanted);
/* What needs a working vGIC: the PMU's interrupt. After gic_finalize(). */
void vcpu_finalize(struct vcpu *vcpu);

/* The byte that makes KVM_RUN return at once. */
uint8_t *vcpu_immediate_exit(struct vcpu *vcpu);

/*
 * Sets the state that the arm64 boot protocol asks for: PC at entry, x0 the
 * FDT's address, x1-x3 0.
 */
void vcpu_set_entry(struct vcpu *vcpu, uint64_t entry_gpa, uint64_t fdt_gpa);

/* Runs the guest until it ends, and says how. */
enum exit_code vcpu_run(struct vcpu *vcpu);
/* Makes vcpu_run() return with that code after the current exit. */
void vcpu_stop(enum exit_code code);
/*
 * The access that ended KVM_RUN met a page that the host's memory controller
 * reported as broken: the guest gets an external abort.
 */
void vcpu_memory_error(struct vcpu *vcpu);

void vcpu_dt(const struct vcpu *vcpu, enum gic_version gic, struct dt *dt);

/* Prints PC, LR, SP, PSTATE, ESR, FAR and X0-X30. */
void vcpu_dump(const struct vcpu *vcpu);
/* The guest's program counter, or 0 if the host does not tell. */
uint64_t vcpu_pc(const struct vcpu *vcpu);
