/* SPDX-License-Identifier: Apache-2.0 */
/* The vCPU's features, its run loop and its exits. */
#include "core/vcpu.h"

#include <linux/errno.h>
#include <linux/kvm.h>
#include <linux/mman.h>
#include <stddef.h>

#include "core/kvm.h"
#include "core/loop.h"
#include "core/mmio.h"
#include "core/vcpu_regs.h"

#define PMU_PPI 7
#define PMU_INTID (16 + PMU_PPI)
#define NOT_STOPPED (-1)

static struct kvm_vcpu_init target; /* reused when the guest resumes */
static int stop_code = NOT_STOPPED;

/* -- Set-up -------------------------------------------------------------- */

static void want(struct vcpu *vcpu, unsigned feature, unsigned wanted,
		 long host_has, unsigned kvm_features)
{
	if ((wanted & feature) != 0 && host_has != 0) {
		vcpu->features |= feature;
		target.features[0] |= kvm_features;
	}
}

static void choose_features(struct vcpu *vcpu, unsigned wanted)
{
	target.features[0] |= 1u << KVM_ARM_VCPU_PSCI_0_2;
	want(vcpu, CPU_PMU, wanted, kvm_capability(KVM_CAP_ARM_PMU_V3),
	     1u << KVM_ARM_VCPU_PMU_V3);
	want(vcpu, CPU_PTRAUTH, wanted,
	     kvm_capability(KVM_CAP_ARM_PTRAUTH_ADDRESS) &&
		     kvm_capability(KVM_CAP_ARM_PTRAUTH_GENERIC),
	     (1u << KVM_ARM_VCPU_PTRAUTH_ADDRESS) |
		     (1u << KVM_ARM_VCPU_PTRAUTH_GENERIC));
	want(vcpu, CPU_SVE, wanted, kvm_capability(KVM_CAP_ARM_SVE),
	     1u << KVM_ARM_VCPU_SVE);
}

static void fail(const char *what, long ret)
{
	log_fatal(EXIT_KVM_FEATURE,
		  "vCPU: %s refused (%ld); drop the feature "
		  "from CFG_PARTITIONS or use a later host kernel",
		  what, ret);
}

static void reset(struct vcpu *vcpu)
{
	int sve = KVM_ARM_VCPU_SVE;
	long ret = sys_ioctl(vcpu->fd, KVM_ARM_VCPU_INIT, &target);

	if (ret < 0) {
		fail("KVM_ARM_VCPU_INIT", ret);
	}
	if ((vcpu->features & CPU_SVE) != 0) {
		ret = sys_ioctl(vcpu->fd, KVM_ARM_VCPU_FINALIZE, &sve);
		/* Already done, when a suspended guest resumes. */
		if (ret < 0 && ret != -EPERM) {
			fail("SVE", ret);
		}
	}
}

static void map_run(struct vcpu *vcpu)
{
	long size = kvm_ioctl(KVM_GET_VCPU_MMAP_SIZE, 0);
	void *run;

	if (size < (long)sizeof(struct kvm_run)) {
		fail("KVM_GET_VCPU_MMAP_SIZE", size);
	}
	run = sys_mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED,
		       vcpu->fd, 0);
	if (sys_is_err(run)) {
		fail("mapping kvm_run", (long)run);
	}
	vcpu->run = run;
}

void vcpu_init(struct vcpu *vcpu, unsigned wanted)
{
	static const unsigned capabilities[] = {
		KVM_CAP_ARM_NISV_TO_USER,
		KVM_CAP_ARM_SYSTEM_SUSPEND,
	};
	long ret;
	size_t i;

	for (i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++) {
		ret = kvm_enable(capabilities[i]);
		if (ret < 0) {
			fail("NISV or SYSTEM_SUSPEND exits", ret);
		}
	}
	ret = kvm_vm_ioctl(KVM_CREATE_VCPU, 0);
	if (ret < 0) {
		fail("KVM_CREATE_VCPU", ret);
	}
	vcpu->fd = (int)ret;
	map_run(vcpu);
	ret = kvm_vm_ioctl(KVM_ARM_PREFERRED_TARGET, (uintptr_t)&target);
	if (ret < 0) {
		fail("KVM_ARM_PREFERRED_TARGET", ret);
	}
	choose_features(vcpu, wanted);
	reset(vcpu);
}

static void finalize_pmu(struct vcpu *vcpu)
{
	const int intid = PMU_INTID;
	long ret;

	ret = kvm_set_attr(vcpu->fd, KVM_ARM_VCPU_PMU_V3_CTRL,
			   KVM_ARM_VCPU_PMU_V3_IRQ, &intid);
	if (ret >= 0) {
		ret = kvm_set_attr(vcpu->fd, KVM_ARM_VCPU_PMU_V3_CTRL,
				   KVM_ARM_VCPU_PMU_V3_INIT, NULL);
	}
	if (ret < 0) {
		fail("the PMU", ret);
	}
}

/*
 * A run that ends before the guest begins. In the first one KVM registers the
 * vGIC's frames, and waits for an SRCU grace period: here that is a switch to
 * its worker and back. After the payload was copied, the worker would preempt
 * us within the very read section that it waits for, and look for its end,
 * 500,000 instructions long, until its time slice is over.
 */
static void run_nothing(struct vcpu *vcpu)
{
	long ret;

	vcpu->run->immediate_exit = 1;
	ret = sys_ioctl(vcpu->fd, KVM_RUN, NULL);
	vcpu->run->immediate_exit = 0;
	if (ret != -EINTR) {
		fail("KVM_RUN", ret);
	}
}

void vcpu_finalize(struct vcpu *vcpu)
{
	if ((vcpu->features & CPU_PMU) != 0) {
		finalize_pmu(vcpu);
	}
	run_nothing(vcpu);
}

uint8_t *vcpu_immediate_exit(struct vcpu *vcpu)
{
	return &vcpu->run->immediate_exit;
}

void vcpu_set_entry(struct vcpu *vcpu, uint64_t entry_gpa, uint64_t fdt_gpa)
{
	/* x1-x3 and PSTATE (EL1h, all masked) are as KVM resets them. */
	long ret = vcpu_set_reg(vcpu, VCPU_REG_PC, entry_gpa);

	if (ret >= 0) {
		ret = vcpu_set_reg(vcpu, VCPU_REG_X(0), fdt_gpa);
	}
	if (ret < 0) {
		fail("setting PC and X0", ret);
	}
}

/* -- Exits --------------------------------------------------------------- */

void vcpu_stop(enum exit_code code)
{
	stop_code = (int)code;
}

static void inject_external_abort(struct vcpu *vcpu)
{
	struct kvm_vcpu_events events = {
		.exception.ext_dabt_pending = 1,
	};
	long ret = sys_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &events);

	BUG_ON(ret < 0);
}

/* Nobody claims the address: an external abort, as the bus would answer. */
static void abort_access(struct vcpu *vcpu, uint64_t gpa, const char *what,
			 unsigned bits)
{
	inject_external_abort(vcpu);
	log_guest("guest pc 0x%llx: %s of %u bits at 0x%llx: nothing there, "
		  "external abort",
		  (unsigned long long)vcpu_pc(vcpu), what, bits,
		  (unsigned long long)gpa);
}

/* A pair, a post-index: KVM cannot say what was to be read or written. */
static void abort_undecoded(struct vcpu *vcpu, uint64_t gpa)
{
	inject_external_abort(vcpu);
	log_guest("guest pc 0x%llx: access without syndrome at 0x%llx: "
		  "external abort",
		  (unsigned long long)vcpu_pc(vcpu), (unsigned long long)gpa);
}

void vcpu_memory_error(struct vcpu *vcpu)
{
	inject_external_abort(vcpu);
	log_guest("guest pc 0x%llx: the host's memory is broken there, "
		  "external abort",
		  (unsigned long long)vcpu_pc(vcpu));
}

static void handle_mmio(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	uint64_t gpa = run->mmio.phys_addr;
	struct mmio_access access = {
		.size = run->mmio.len,
		.write = run->mmio.is_write,
	};

	vcpu->exits.mmio++;
	if (access.write) {
		__builtin_memcpy(&access.value, run->mmio.data, 8);
		access.value &= ~0ull >> (64 - 8 * access.size);
	}
	if (!mmio_dispatch(gpa, &access)) {
		abort_access(vcpu, gpa, access.write ? "write" : "read",
			     8 * access.size);
		return;
	}
	if (!access.write) {
		__builtin_memcpy(run->mmio.data, &access.value, 8);
	}
}

static void set_mp_state(struct vcpu *vcpu, uint32_t state)
{
	struct kvm_mp_state mp = { .mp_state = state };
	long ret = sys_ioctl(vcpu->fd, KVM_SET_MP_STATE, &mp);

	BUG_ON(ret < 0);
}

/* PSCI 1.1 section 5.19: the vCPU sleeps in the kernel until an interrupt. */
static void suspend(struct vcpu *vcpu)
{
	vcpu->resume_pc = vcpu_reg(vcpu, VCPU_REG_X(1));
	vcpu->resume_context = vcpu_reg(vcpu, VCPU_REG_X(2));
	set_mp_state(vcpu, KVM_MP_STATE_SUSPENDED);
}

static void resume(struct vcpu *vcpu)
{
	reset(vcpu);
	vcpu_set_entry(vcpu, vcpu->resume_pc, vcpu->resume_context);
	set_mp_state(vcpu, KVM_MP_STATE_RUNNABLE);
}

static void handle_system_event(struct vcpu *vcpu)
{
	uint32_t type = vcpu->run->system_event.type;

	switch (type) {
	case KVM_SYSTEM_EVENT_SHUTDOWN:
		vcpu_stop(EXIT_POWEROFF);
		break;
	case KVM_SYSTEM_EVENT_RESET:
		vcpu_stop(EXIT_GUEST_RESET);
		break;
	case KVM_SYSTEM_EVENT_SUSPEND:
		suspend(vcpu);
		break;
	case KVM_SYSTEM_EVENT_WAKEUP:
		resume(vcpu);
		break;
	default:
		log_line("guest crashed (system event %u)", type);
		vcpu_dump(vcpu);
		vcpu_stop(EXIT_GUEST_CRASH);
		break;
	}
}

static void crash(struct vcpu *vcpu, const char *what, unsigned long long code)
{
	log_line("vCPU stopped: %s 0x%llx; the guest cannot go on", what, code);
	vcpu_dump(vcpu);
	vcpu_stop(EXIT_GUEST_CRASH);
}

static void handle_exit(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;

	if (__builtin_expect(run->exit_reason == KVM_EXIT_MMIO, 1)) {
		handle_mmio(vcpu);
		return;
	}
	vcpu->exits.other++;
	switch (run->exit_reason) {
	case KVM_EXIT_ARM_NISV:
		abort_undecoded(vcpu, run->arm_nisv.fault_ipa);
		break;
	case KVM_EXIT_SYSTEM_EVENT:
		handle_system_event(vcpu);
		break;
	case KVM_EXIT_FAIL_ENTRY:
		crash(vcpu, "hardware refused entry",
		      run->fail_entry.hardware_entry_failure_reason);
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		crash(vcpu, "KVM internal error", run->internal.suberror);
		break;
	default:
		crash(vcpu, "unexpected exit", run->exit_reason);
		break;
	}
}

enum exit_code vcpu_run(struct vcpu *vcpu)
{
	for (;;) {
		long ret;

		loop_before_run();
		if (stop_code != NOT_STOPPED) {
			return (enum exit_code)stop_code;
		}
		ret = sys_ioctl(vcpu->fd, KVM_RUN, NULL);
		loop_after_run();
		if (__builtin_expect(ret == 0, 1)) {
			handle_exit(vcpu);
		} else if (ret == -EINTR || ret == -EAGAIN) {
			vcpu->exits.wake++;
		} else {
			crash(vcpu, "KVM_RUN error", (unsigned long long)-ret);
		}
	}
}

/* -- Device tree --------------------------------------------------------- */

static void timer_dt(struct dt *dt, uint32_t flags)
{
	/* Secure, non-secure, virtual and hypervisor PPIs (arm,arch_timer). */
	const uint32_t cells[] = { 1, 13, flags, 1, 14, flags,
				   1, 11, flags, 1, 10, flags };

	dt_begin(dt, "timer");
	dt_string(dt, "compatible", "arm,armv8-timer");
	dt_cells(dt, "interrupts", cells, 12);
	dt_flag(dt, "always-on");
	dt_end(dt);
}

void vcpu_dt(const struct vcpu *vcpu, enum gic_version gic, struct dt *dt)
{
	static const char psci[] = "arm,psci-1.0\0arm,psci-0.2";
	/* On GICv2 the specifier names the CPUs that a PPI belongs to. */
	uint32_t flags = DT_IRQ_LEVEL_HIGH | (gic == GIC_V2 ? 1u << 8 : 0);
	const uint32_t pmu_ppi[] = { 1, PMU_PPI, flags };

	dt_begin(dt, "cpus");
	dt_u32(dt, "#address-cells", 1);
	dt_u32(dt, "#size-cells", 0);
	dt_begin(dt, "cpu@0");
	dt_string(dt, "device_type", "cpu");
	dt_string(dt, "compatible", "arm,armv8");
	dt_string(dt, "enable-method", "psci");
	dt_u32(dt, "reg", 0);
	dt_end(dt);
	dt_end(dt);

	dt_begin(dt, "psci");
	dt_strings(dt, "compatible", psci);
	dt_string(dt, "method", "hvc");
	dt_end(dt);

	timer_dt(dt, flags);
	if ((vcpu->features & CPU_PMU) != 0) {
		dt_begin(dt, "pmu");
		dt_string(dt, "compatible", "arm,armv8-pmuv3");
		dt_cells(dt, "interrupts", pmu_ppi, 3);
		dt_end(dt);
	}
}
