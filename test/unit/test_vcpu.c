/* SPDX-License-Identifier: Apache-2.0 */
/* The vCPU: features, entry, and every exit. */
#include <libfdt.h>
#include <linux/errno.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>

#include "core/kvm.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/mmio.h"
#include "core/vcpu.h"
#include "core/vcpu_regs.h"
#include "test/unit/fake.h"

#define ALL (CPU_PMU | CPU_PTRAUTH | CPU_SVE)
#define BIT(n) (1u << (n))

static struct vcpu vcpu;

static void machine(unsigned wanted)
{
	fake_reset();
	kvm_init();
	vcpu_init(&vcpu, wanted);
	loop_init(vcpu_immediate_exit(&vcpu));
}

/* -- Set-up -------------------------------------------------------------- */

static void all_features(void)
{
	machine(ALL);
	assert_int_equal(vcpu.features, ALL);
	assert_int_equal(fake.vcpu_init.target, KVM_ARM_TARGET_GENERIC_V8);
	assert_int_equal(fake.vcpu_init.features[0],
			 BIT(KVM_ARM_VCPU_PSCI_0_2) | BIT(KVM_ARM_VCPU_PMU_V3) |
				 BIT(KVM_ARM_VCPU_PTRAUTH_ADDRESS) |
				 BIT(KVM_ARM_VCPU_PTRAUTH_GENERIC) |
				 BIT(KVM_ARM_VCPU_SVE));
	assert_int_equal(fake.vcpu_finalized, 1);
}

static void no_features_wanted(void)
{
	machine(0);
	assert_int_equal(vcpu.features, 0);
	assert_int_equal(fake.vcpu_init.features[0],
			 BIT(KVM_ARM_VCPU_PSCI_0_2));
	assert_int_equal(fake.vcpu_finalized, 0);
}

static void host_without(unsigned capability, unsigned expected)
{
	fake_reset();
	fake.no_caps[0] = capability;
	kvm_init();
	vcpu_init(&vcpu, ALL);
	assert_int_equal(vcpu.features, expected);
	assert_int_equal(fake.log_lines, 0);
}

static void host_without_pmu(void)
{
	host_without(KVM_CAP_ARM_PMU_V3, CPU_PTRAUTH | CPU_SVE);
	vcpu_finalize(&vcpu);
	assert_int_equal(fake.attr_count, 0);
}

/* Both kinds of pointer authentication, or none. */
static void host_without_address_ptrauth(void)
{
	host_without(KVM_CAP_ARM_PTRAUTH_ADDRESS, CPU_PMU | CPU_SVE);
	assert_int_equal(fake.vcpu_init.features[0] &
				 (BIT(KVM_ARM_VCPU_PTRAUTH_ADDRESS) |
				  BIT(KVM_ARM_VCPU_PTRAUTH_GENERIC)),
			 0);
}

static void host_without_generic_ptrauth(void)
{
	host_without(KVM_CAP_ARM_PTRAUTH_GENERIC, CPU_PMU | CPU_SVE);
}

static void host_without_sve(void)
{
	host_without(KVM_CAP_ARM_SVE, CPU_PMU | CPU_PTRAUTH);
	assert_int_equal(fake.vcpu_finalized, 0);
}

static void host_without_suspend(void)
{
	fake_reset();
	fake.no_caps[0] = KVM_CAP_ARM_SYSTEM_SUSPEND;
	kvm_init();
	assert_int_equal(EXITS(vcpu_init(&vcpu, 0)), EXIT_KVM_FEATURE);
	fake_one_line("vCPU: ");
}

static void pmu_interrupt(void)
{
	machine(CPU_PMU);
	vcpu_finalize(&vcpu);
	assert_int_equal(fake.attr_count, 2);
	assert_int_equal(fake.attrs[0].group, KVM_ARM_VCPU_PMU_V3_CTRL);
	assert_int_equal(fake.attrs[0].attr, KVM_ARM_VCPU_PMU_V3_IRQ);
	assert_int_equal(fake.attrs[0].value, 23); /* PPI 7 */
	assert_int_equal(fake.attrs[1].attr, KVM_ARM_VCPU_PMU_V3_INIT);
}

static void entry(void)
{
	machine(0);
	vcpu_set_entry(&vcpu, 0x40080000, 0x41000000);
	assert_int_equal(fake_reg(VCPU_REG_PC), 0x40080000);
	assert_int_equal(fake_reg(VCPU_REG_X(0)), 0x41000000);
	assert_int_equal(vcpu_pc(&vcpu), 0x40080000);
}

/* Core registers as KVM numbers them (api.rst, 4.68 and its table). */
static void register_ids(void)
{
	assert_int_equal(VCPU_REG_X(0), 0x6030000000100000);
	assert_int_equal(VCPU_REG_X(30), 0x603000000010003c);
	assert_int_equal(VCPU_REG_PC, 0x6030000000100040);
	assert_int_equal(VCPU_REG_PSTATE, 0x6030000000100042);
	assert_int_equal(VCPU_REG_SP_EL1, 0x6030000000100044);
	assert_int_equal(VCPU_REG_ELR_EL1, 0x6030000000100046);
	assert_int_equal(VCPU_REG_ESR_EL1, 0x603000000013c290);
	assert_int_equal(VCPU_REG_FAR_EL1, 0x603000000013c300);
}

/* -- The guest's script --------------------------------------------------- */

static const struct step {
	void (*exit)(struct kvm_run *run);
	void (*check)(const struct kvm_run *run); /* before the next run */
	long ret;
} * script;
static unsigned at;

static long guest(struct kvm_run *run)
{
	if (at > 0 && script[at - 1].check) {
		script[at - 1].check(run);
	}
	assert_non_null(script[at].exit);
	script[at].exit(run);
	return script[at++].ret;
}

static void off(struct kvm_run *run)
{
	run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	run->system_event.type = KVM_SYSTEM_EVENT_SHUTDOWN;
}

static enum exit_code run_script(const struct step *steps)
{
	script = steps;
	at = 0;
	fake.guest = guest;
	return vcpu_run(&vcpu);
}

/* -- MMIO ---------------------------------------------------------------- */

#define WINDOW 0x0a000000

static struct mmio_access seen[16];
static unsigned seen_count;

static void handler(void *ctx, struct mmio_access *access)
{
	(void)ctx;
	seen[seen_count++] = *access;
	if (!access->write) {
		access->value = 0x1122334455667788;
	}
}

static void claim(void)
{
	const struct mmio_window window = {
		.gpa = WINDOW,
		.size = 0x1000,
		.widths = MMIO_1 | MMIO_2 | MMIO_4 | MMIO_8,
		.handler = handler,
	};

	mmio_claim(&window);
}

static void mmio(struct kvm_run *run, uint64_t gpa, unsigned len, int write)
{
	run->exit_reason = KVM_EXIT_MMIO;
	run->mmio.phys_addr = gpa;
	run->mmio.len = len;
	run->mmio.is_write = (uint8_t)write;
	memcpy(run->mmio.data, "\x81\x82\x83\x84\x85\x86\x87\x88", 8);
}

static void write1(struct kvm_run *run)
{
	mmio(run, WINDOW + 1, 1, 1);
}

static void write2(struct kvm_run *run)
{
	mmio(run, WINDOW + 2, 2, 1);
}

static void write4(struct kvm_run *run)
{
	mmio(run, WINDOW + 4, 4, 1);
}

static void write8(struct kvm_run *run)
{
	mmio(run, WINDOW + 8, 8, 1);
}

/* Bytes behind the access do not reach the device. */
static void writes(void)
{
	static const struct step steps[] = {
		{ .exit = write1 }, { .exit = write2 }, { .exit = write4 },
		{ .exit = write8 }, { .exit = off },
	};
	static const uint64_t values[] = { 0x81, 0x8281, 0x84838281,
					   0x8887868584838281 };
	unsigned i;

	machine(0);
	claim();
	assert_int_equal(run_script(steps), EXIT_POWEROFF);
	assert_int_equal(seen_count, 4);
	for (i = 0; i < 4; i++) {
		assert_int_equal(seen[i].offset, 1u << i);
		assert_int_equal(seen[i].size, 1u << i);
		assert_int_equal(seen[i].write, 1);
		assert_int_equal(seen[i].value, values[i]);
	}
	assert_int_equal(vcpu.exits.mmio, 4);
	assert_int_equal(vcpu.exits.other, 1);
	assert_int_equal(fake.aborts, 0);
}

static void read4(struct kvm_run *run)
{
	mmio(run, WINDOW, 4, 0);
}

static void read4_done(const struct kvm_run *run)
{
	assert_memory_equal(run->mmio.data, "\x88\x77\x66\x55", 4);
}

static void read8(struct kvm_run *run)
{
	mmio(run, WINDOW, 8, 0);
}

static void read8_done(const struct kvm_run *run)
{
	assert_memory_equal(run->mmio.data, "\x88\x77\x66\x55\x44\x33\x22\x11",
			    8);
}

static void reads(void)
{
	static const struct step steps[] = {
		{ .exit = read4, .check = read4_done },
		{ .exit = read8, .check = read8_done },
		{ .exit = off },
	};

	machine(0);
	claim();
	assert_int_equal(run_script(steps), EXIT_POWEROFF);
	assert_int_equal(seen_count, 2);
	assert_int_equal(seen[0].write, 0);
}

static void read_nowhere(struct kvm_run *run)
{
	mmio(run, 0x1000, 4, 0);
}

static void write_nowhere(struct kvm_run *run)
{
	mmio(run, 0xfffffffffffffff8, 8, 1);
}

static void write_over_the_end(struct kvm_run *run)
{
	mmio(run, WINDOW + 0xffc, 8, 1);
}

/* M68: the page that the guest touched is broken. */
static void memory_error(void)
{
	machine(0);
	vcpu_memory_error(&vcpu);
	assert_int_equal(fake.aborts, 1);
	assert_int_equal(fake.log_lines, 1);
}

/* M42: an external abort and a line each; the guest runs on. */
static void nobody_claims(void)
{
	static const struct step steps[] = {
		{ .exit = read_nowhere },
		{ .exit = write_nowhere },
		{ .exit = write_over_the_end },
		{ .exit = off },
	};

	machine(0);
	claim();
	vcpu_set_entry(&vcpu, 0xabc000, 0);
	assert_int_equal(run_script(steps), EXIT_POWEROFF);
	assert_int_equal(fake.aborts, 3);
	assert_int_equal(fake.log_lines, 3);
	assert_int_equal(seen_count, 0);
	fake.log[fake.log_bytes] = '\0';
	assert_non_null(strstr(fake.log, "guest pc 0xabc000: read of 32 bits "
					 "at 0x1000: nothing there, external "
					 "abort\r\n"));
	assert_non_null(strstr(fake.log, "write of 64 bits at "
					 "0xfffffffffffffff8"));
}

static long touch_for_ever(struct kvm_run *run)
{
	if (++at == 100000) {
		off(run);
	} else {
		read_nowhere(run);
	}
	return 0;
}

/* In a loop: ten lines a second (M67). */
static void nobody_claims_flood(void)
{
	machine(0);
	fake.guest = touch_for_ever;
	assert_int_equal(vcpu_run(&vcpu), EXIT_POWEROFF);
	assert_int_equal(fake.aborts, 99999);
	assert_int_equal(fake.log_lines, 10);
}

static void nisv(struct kvm_run *run)
{
	run->exit_reason = KVM_EXIT_ARM_NISV;
	run->arm_nisv.esr_iss = 0x10;
	run->arm_nisv.fault_ipa = WINDOW + 0x10;
}

/* M61: LDP, post-index and the like on MMIO: answered, not fatal. */
static void no_syndrome(void)
{
	static const struct step steps[] = { { .exit = nisv },
					     { .exit = off } };

	machine(0);
	claim();
	assert_int_equal(run_script(steps), EXIT_POWEROFF);
	assert_int_equal(fake.aborts, 1);
	assert_int_equal(seen_count, 0);
	fake_one_line("access without syndrome at 0xa000010: external abort");
}

/* -- Ends ---------------------------------------------------------------- */

static void event(struct kvm_run *run, unsigned type)
{
	run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	run->system_event.type = type;
}

static void reset(struct kvm_run *run)
{
	event(run, KVM_SYSTEM_EVENT_RESET);
}

static void crash(struct kvm_run *run)
{
	event(run, KVM_SYSTEM_EVENT_CRASH);
}

static void sev_term(struct kvm_run *run)
{
	event(run, KVM_SYSTEM_EVENT_SEV_TERM);
}

static void unknown_event(struct kvm_run *run)
{
	event(run, 0xdead);
}

static void fail_entry(struct kvm_run *run)
{
	run->exit_reason = KVM_EXIT_FAIL_ENTRY;
	run->fail_entry.hardware_entry_failure_reason = 0xbad;
}

static void internal_error(struct kvm_run *run)
{
	run->exit_reason = KVM_EXIT_INTERNAL_ERROR;
	run->internal.suberror = 0x77;
}

static void hypercall(struct kvm_run *run)
{
	run->exit_reason = KVM_EXIT_HYPERCALL;
}

static enum exit_code ends(void (*exit)(struct kvm_run *), long ret)
{
	const struct step steps[] = { { .exit = exit, .ret = ret } };

	machine(0);
	return run_script(steps);
}

static void powers_off(void)
{
	assert_int_equal(ends(off, 0), EXIT_POWEROFF);
	assert_int_equal(fake.log_lines, 0);
}

static void resets(void)
{
	assert_int_equal(ends(reset, 0), EXIT_GUEST_RESET);
}

/* The dump: PC to X30, each number in its place. */
static void dump(void)
{
	char name[40];
	unsigned n;

	machine(0);
	for (n = 0; n < 31; n++) {
		fake_set_reg(VCPU_REG_X(n), 0xa0000000000000a0 + n);
	}
	fake_set_reg(VCPU_REG_PC, 0xc0de);
	fake_set_reg(VCPU_REG_SP_EL1, 0x57ac);
	fake_set_reg(VCPU_REG_PSTATE, 0x3c5);
	fake_set_reg(VCPU_REG_ESR_EL1, 0x96000010);
	fake_set_reg(VCPU_REG_FAR_EL1, 0xfa2);
	fake_set_reg(VCPU_REG_ELR_EL1, 0xe12);
	vcpu_dump(&vcpu);
	fake.log[fake.log_bytes] = '\0';
	assert_non_null(strstr(fake.log, "PC 000000000000c0de  "
					 "LR a0000000000000be  "
					 "SP 00000000000057ac  "
					 "PSTATE 000003c5"));
	assert_non_null(strstr(fake.log, "ESR_EL1 96000010  "
					 "FAR_EL1 0000000000000fa2  "
					 "ELR_EL1 0000000000000e12"));
	for (n = 0; n < 31; n++) {
		snprintf(name, sizeof(name), " %016llx",
			 0xa0000000000000a0ull + n);
		assert_non_null(strstr(fake.log, name));
	}
	assert_in_range(fake.log_lines, 10, 12);
}

static void crashes_with_dump(const char *text)
{
	fake.log[fake.log_bytes] = '\0';
	assert_non_null(strstr(fake.log, text));
	assert_non_null(strstr(fake.log, "bedplate: PC "));
	assert_non_null(strstr(fake.log, "bedplate: X28"));
}

static void crashes(void)
{
	assert_int_equal(ends(crash, 0), EXIT_GUEST_CRASH);
	crashes_with_dump("guest crashed (system event 3)");
}

static void other_events(void)
{
	assert_int_equal(ends(sev_term, 0), EXIT_GUEST_CRASH);
	crashes_with_dump("guest crashed (system event 6)");
}

static void events_from_the_future(void)
{
	assert_int_equal(ends(unknown_event, 0), EXIT_GUEST_CRASH);
	crashes_with_dump("guest crashed");
}

static void entry_fails(void)
{
	assert_int_equal(ends(fail_entry, 0), EXIT_GUEST_CRASH);
	crashes_with_dump("hardware refused entry 0xbad");
}

static void internal(void)
{
	assert_int_equal(ends(internal_error, 0), EXIT_GUEST_CRASH);
	crashes_with_dump("KVM internal error 0x77");
}

static void unexpected(void)
{
	assert_int_equal(ends(hypercall, 0), EXIT_GUEST_CRASH);
	crashes_with_dump("unexpected exit 0x3");
}

static void run_error(void)
{
	assert_int_equal(ends(off, -ENOEXEC), EXIT_GUEST_CRASH);
	crashes_with_dump("KVM_RUN error 0x8");
}

static void stays(struct kvm_run *run)
{
	run->exit_reason = KVM_EXIT_INTR;
}

/* Wake-ups are no exits of the guest. */
static void interrupted(void)
{
	static const struct step steps[] = {
		{ .exit = stays, .ret = -EINTR },
		{ .exit = stays, .ret = -EAGAIN },
		{ .exit = off },
	};

	machine(0);
	assert_int_equal(run_script(steps), EXIT_POWEROFF);
	assert_int_equal(vcpu.exits.wake, 2);
	assert_int_equal(vcpu.exits.other, 1);
}

static void stop(void)
{
	machine(0);
	vcpu_stop(EXIT_QUIT);
	assert_int_equal(vcpu_run(&vcpu), EXIT_QUIT);
	assert_int_equal(fake.runs, 0);
}

static void stop_now(struct loop_request *request, int result)
{
	(void)request;
	(void)result;
	vcpu_stop(EXIT_QUIT);
}

/* What the last look at the ring finds may stop it: no run after that. */
static void stop_from_the_loop(void)
{
	static struct loop_request poll = { .done = stop_now };

	machine(0);
	loop_poll(&poll, 0, 1 /* POLLIN */);
	loop_submit();
	fake_tty_type("x", 1);
	assert_int_equal(vcpu_run(&vcpu), EXIT_QUIT);
	assert_int_equal(fake.runs, 0);
}

/* -- Suspend ------------------------------------------------------------- */

static void suspend(struct kvm_run *run)
{
	fake_set_reg(VCPU_REG_X(1), 0x40200000);
	fake_set_reg(VCPU_REG_X(2), 0xc0ffee);
	event(run, KVM_SYSTEM_EVENT_SUSPEND);
}

static void suspended(const struct kvm_run *run)
{
	(void)run;
	assert_int_equal(fake.mp_state, KVM_MP_STATE_SUSPENDED);
	assert_int_equal(fake.vcpu_inits, 1);
}

static void wakeup(struct kvm_run *run)
{
	event(run, KVM_SYSTEM_EVENT_WAKEUP);
}

static void resumed(const struct kvm_run *run)
{
	(void)run;
	assert_int_equal(fake.mp_state, KVM_MP_STATE_RUNNABLE);
	assert_int_equal(fake.vcpu_inits, 2);
	assert_int_equal(fake_reg(VCPU_REG_PC), 0x40200000);
	assert_int_equal(fake_reg(VCPU_REG_X(0)), 0xc0ffee);
}

static void suspend_and_resume(void)
{
	static const struct step steps[] = {
		{ .exit = suspend, .check = suspended },
		{ .exit = wakeup, .check = resumed },
		{ .exit = off },
	};

	machine(ALL); /* SVE is already finalized at the second reset */
	assert_int_equal(run_script(steps), EXIT_POWEROFF);
}

/* -- Device tree --------------------------------------------------------- */

static char blob[4096];

static void tree(unsigned wanted, enum gic_version gic)
{
	struct dt dt;

	machine(wanted);
	dt_start(&dt, blob, sizeof(blob));
	dt_begin(&dt, "");
	vcpu_dt(&vcpu, gic, &dt);
	dt_end(&dt);
	assert_true(dt_finish(&dt) > 0);
}

static uint32_t cell(const char *node, const char *name, unsigned i)
{
	int len;
	const fdt32_t *cells = fdt_getprop(blob, fdt_path_offset(blob, node),
					   name, &len);

	assert_non_null(cells);
	assert_true(len > (int)(4 * i));
	return fdt32_to_cpu(cells[i]);
}

static void nodes(void)
{
	tree(ALL, GIC_V3);
	assert_int_equal(cell("/cpus/cpu@0", "reg", 0), 0);
	assert_string_equal(fdt_getprop(blob, fdt_path_offset(blob, "/psci"),
					"method", NULL),
			    "hvc");
	assert_int_equal(cell("/timer", "interrupts", 7), 11); /* virtual */
	assert_int_equal(cell("/timer", "interrupts", 8), 4);
	assert_int_equal(cell("/pmu", "interrupts", 1), 7);
}

/* GICv2 specifiers carry the mask of CPUs. */
static void nodes_v2(void)
{
	tree(ALL, GIC_V2);
	assert_int_equal(cell("/timer", "interrupts", 8), 0x104);
	assert_int_equal(cell("/pmu", "interrupts", 2), 0x104);
}

static void no_pmu_node(void)
{
	tree(CPU_SVE, GIC_V3);
	assert_true(fdt_path_offset(blob, "/pmu") < 0);
}

static const struct CMUnitTest tests[] = {
	TEST(all_features),
	TEST(no_features_wanted),
	TEST(host_without_pmu),
	TEST(host_without_address_ptrauth),
	TEST(host_without_generic_ptrauth),
	TEST(host_without_sve),
	TEST(host_without_suspend),
	TEST(pmu_interrupt),
	TEST(entry),
	TEST(register_ids),
	TEST(writes),
	TEST(reads),
	TEST(memory_error),
	TEST(nobody_claims),
	TEST(nobody_claims_flood),
	TEST(no_syndrome),
	TEST(powers_off),
	TEST(resets),
	TEST(dump),
	TEST(crashes),
	TEST(other_events),
	TEST(events_from_the_future),
	TEST(entry_fails),
	TEST(internal),
	TEST(unexpected),
	TEST(run_error),
	TEST(interrupted),
	TEST(stop),
	TEST(stop_from_the_loop),
	TEST(suspend_and_resume),
	TEST(nodes),
	TEST(nodes_v2),
	TEST(no_pmu_node),
};

UNIT_MAIN("vcpu", tests)
