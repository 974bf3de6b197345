/* SPDX-License-Identifier: Apache-2.0 */
/* A partition from its start to its end. */
#include <linux/errno.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "boot/partition.h"
#include "core/config.h"
#include "core/log.h"
#include "core/vcpu_regs.h"
#include "test/unit/vfio_guest.h"

#define UART 0x09000000

static const struct config_partition *p = &config_partitions[0];

/* -- Without faults ------------------------------------------------------- */

static void powers_off(void)
{
	vfio_startup_host();
	assert_int_equal(EXITS(partition_run(0, 0)), EXIT_POWEROFF);
	assert_int_equal(fake.log_lines, 2);
	assert_true(vfio_logged("press Ctrl-] to quit"));
	assert_true(vfio_logged("guest: powered off (exits: 0 mmio, 0 wake-up, "
				"1 other)"));
	assert_int_equal(fake.tty_raw, 0);
	assert_int_equal(fake.tty_sets, 2);
}

static void supervised(void)
{
	vfio_startup_host();
	assert_int_equal(EXITS(partition_run(0, 1)), EXIT_POWEROFF);
	assert_false(vfio_logged("to quit"));
}

/* What the arm64 boot protocol asks for, at the first instruction. */
static long at_entry(struct kvm_run *run)
{
	char image[64];

	assert_int_equal(fake_reg(VCPU_REG_PC), p->entry_gpa);
	assert_int_equal(fake_reg(VCPU_REG_X(0)), p->fdt_gpa);
	memset(image, 'U', sizeof(image)); /* unit.mk's flat file */
	assert_memory_equal(fake_guest(p->image.gpa), image, sizeof(image));
	memset(image, 'I', sizeof(image));
	assert_memory_equal(fake_guest(p->initrd.gpa), image, sizeof(image));
	assert_memory_equal(fake_guest(p->fdt_gpa), "\xd0\x0d\xfe\xed", 4);
	assert_int_equal(fake.vcpu_finalized, 1); /* SVE */
	/* The last of the attributes: the PMU, after the vGIC's init. */
	assert_int_equal(fake.attrs[fake.attr_count - 1].type, FAKE_VCPU_ATTR);
	assert_int_equal(fake.attrs[fake.attr_count - 1].attr,
			 KVM_ARM_VCPU_PMU_V3_INIT);
	assert_int_equal(run->immediate_exit, 0);
	run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	run->system_event.type = KVM_SYSTEM_EVENT_SHUTDOWN;
	return 0;
}

static void first_instruction(void)
{
	vfio_startup_host();
	fake.guest = at_entry;
	assert_int_equal(EXITS(partition_run(0, 0)), EXIT_POWEROFF);
	assert_int_equal(fake.runs, 1);
}

/* KVM refuses some calls out of order: vCPU, vGIC, its init, then the run. */
static unsigned in_order(const unsigned *expected, unsigned n)
{
	unsigned i, at = 0;

	for (i = 0; i < fake.order_count && at < n; i++) {
		at += fake.order[i] == expected[at];
	}
	return at;
}

static void order(void)
{
	static const unsigned expected[] = {
		(unsigned)KVM_CREATE_VM,       (unsigned)KVM_CREATE_VCPU,
		(unsigned)KVM_ARM_VCPU_INIT,   (unsigned)KVM_CREATE_DEVICE,
		(unsigned)KVM_SET_DEVICE_ATTR, (unsigned)KVM_RUN,
	};

	vfio_startup_host();
	EXITS(partition_run(0, 0));
	assert_int_equal(in_order(expected, 6), 6);
	assert_int_equal(fake.order[fake.order_count - 1], KVM_RUN);
}

/*
 * PSCI SYSTEM_RESET executes us anew: what is not close-on-exec would be one
 * more open file with every reset.
 */
static long resets(struct kvm_run *run)
{
	run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	run->system_event.type = KVM_SYSTEM_EVENT_RESET;
	return 0;
}

static void reset_leaks_nothing(void)
{
	unsigned fd;

	vfio_startup_host();
	fake.guest = resets;
	assert_int_equal(EXITS(partition_run(0, 0)), FAKE_EXECED);
	assert_int_equal(fake.execs, 1);
	assert_int_equal(fake.tty_raw, 0);
	for (fd = 3; fd < FAKE_FDS; fd++) {
		if (fake.fds[fd].kind != FAKE_CLOSED && !fake.fds[fd].cloexec) {
			fail_msg("fd %u (kind %d) survives exec", fd,
				 fake.fds[fd].kind);
		}
	}
}

static void reset_supervised(void)
{
	vfio_startup_host();
	fake.guest = resets;
	assert_int_equal(EXITS(partition_run(0, 1)), EXIT_GUEST_RESET);
	assert_int_equal(fake.execs, 0);
}

static void reset_without_proc(void)
{
	vfio_startup_host();
	fake.guest = resets;
	fake.exec_error = -ENOENT;
	assert_int_equal(EXITS(partition_run(0, 0)), EXIT_GUEST_RESET);
	assert_int_equal(fake.tty_raw, 0);
	assert_true(
		vfio_logged("restart: /proc/self/exe cannot be executed (-2); "
			    "mount /proc"));
}

static long crashes(struct kvm_run *run)
{
	run->exit_reason = KVM_EXIT_INTERNAL_ERROR;
	return 0;
}

static void guest_crashes(void)
{
	vfio_startup_host();
	fake.guest = crashes;
	assert_int_equal(EXITS(partition_run(0, 0)), EXIT_GUEST_CRASH);
	assert_true(vfio_logged("guest: crashed"));
	assert_int_equal(fake.tty_raw, 0);
}

static long is_signalled(struct kvm_run *run)
{
	run->exit_reason = KVM_EXIT_INTR;
	fake.signalled = SIGTERM;
	fake_progress();
	assert_int_equal(run->immediate_exit, 1);
	return -EINTR;
}

/* SIGTERM, SIGINT, SIGHUP: an end in order. */
static void ended_by_signal(void)
{
	vfio_startup_host();
	fake.guest = is_signalled;
	assert_int_equal(EXITS(partition_run(0, 0)), EXIT_QUIT);
	assert_int_equal(fake.runs, 1);
	assert_int_equal(fake.tty_raw, 0);
	assert_true(vfio_logged("ended by a signal"));
	assert_true(vfio_logged("guest: quit"));
}

/* Two pages of RAM break, one in use; then SIGTERM. */
static long meets_broken_memory(struct kvm_run *run)
{
	static const int codes[] = { BUS_MCEERR_AR, BUS_MCEERR_AO };

	if (fake.runs > 2) {
		return is_signalled(run);
	}
	run->exit_reason = KVM_EXIT_INTR;
	fake.signalled = SIGBUS;
	fake.signal_code = codes[fake.runs - 1];
	fake_progress();
	return -EINTR;
}

static void broken_memory(void)
{
	vfio_startup_host();
	fake.guest = meets_broken_memory;
	assert_int_equal(EXITS(partition_run(0, 0)), EXIT_QUIT);
	assert_int_equal(fake.runs, 3);
	assert_int_equal(fake.aborts, 1);
	assert_true(vfio_logged("the host's memory is broken"));
}

/* -- Output at the end ---------------------------------------------------- */

static unsigned written;

/* Writes 40 characters to the UART, then powers off. */
static long says_goodbye(struct kvm_run *run)
{
	if (written == 40) {
		run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
		run->system_event.type = KVM_SYSTEM_EVENT_SHUTDOWN;
		return 0;
	}
	run->exit_reason = KVM_EXIT_MMIO;
	run->mmio.phys_addr = UART;
	run->mmio.len = 1;
	run->mmio.is_write = 1;
	run->mmio.data[0] = (uint8_t)('A' + written++);
	return 0;
}

static void host_takes(void)
{
	fake_tty_take(7);
}

/*
 * The host is slow: what the guest has written, and was told is sent, waits in
 * our buffer. It must not be lost because the guest powers off.
 */
static void last_words(void)
{
	unsigned i;

	vfio_startup_host();
	fake.guest = says_goodbye;
	fake.tty_room = 10;
	fake.on_wait = host_takes;
	assert_int_equal(EXITS(partition_run(0, 0)), EXIT_POWEROFF);
	assert_int_equal(fake.tty_out_count, 40);
	for (i = 0; i < 40; i++) {
		assert_int_equal(fake.tty_out[i], 'A' + i);
	}
}

/* -- Hosts ---------------------------------------------------------------- */

static void no_its(void)
{
	vfio_startup_host();
	fake.no_devices = 1u << KVM_DEV_TYPE_ARM_VGIC_ITS;
	assert_int_equal(EXITS(partition_run(0, 0)), EXIT_GIC);
	fake_one_line("board qemu-virt-gicv3 names a GICv3");
}

static void no_disk(void)
{
	fake_reset();
	assert_int_equal(EXITS(partition_run(0, 0)), EXIT_DISK);
	fake_one_line("disk /disk0: cannot be opened for writing (-2)");
	assert_int_equal(fake.tty_raw, 0);
}

static void few_features(void)
{
	vfio_startup_host();
	fake.no_caps[0] = KVM_CAP_ARM_SVE;
	fake.no_caps[1] = KVM_CAP_ARM_PMU_V3;
	fake.no_caps[2] = KVM_CAP_ARM_PTRAUTH_ADDRESS;
	assert_int_equal(EXITS(partition_run(0, 0)), EXIT_POWEROFF);
	assert_int_equal(fake.log_lines, 2);
}

/* Pipes: no raw mode, no quit key, and the guest runs all the same. */
static void no_terminal(void)
{
	vfio_startup_host();
	fake.no_terminal = 1;
	assert_int_equal(EXITS(partition_run(0, 0)), EXIT_POWEROFF);
	assert_false(vfio_logged("to quit"));
	assert_int_equal(fake.tty_sets, 0);
}

static const struct CMUnitTest tests[] = {
	TEST(powers_off),
	TEST(supervised),
	TEST(first_instruction),
	TEST(order),
	TEST(reset_leaks_nothing),
	TEST(reset_supervised),
	TEST(reset_without_proc),
	TEST(guest_crashes),
	TEST(ended_by_signal),
	TEST(broken_memory),
	TEST(last_words),
	TEST(no_its),
	TEST(no_disk),
	TEST(few_features),
	TEST(no_terminal),
};

UNIT_MAIN("startup", tests)
