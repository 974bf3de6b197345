/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PID 1 with identity RAM: taken before any partition starts, found clean and
 * in the same place by each owner however the last one ended. The partitions
 * are processes of their own here.
 */
#include <linux/errno.h>
#include <linux/kvm.h>
#include <linux/reboot.h>
#include <string.h>

#include "boot/supervisor.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/vcpu_regs.h"
#include "test/unit/fake_huge.h"
#include "test/unit/identity_config.h"

#define EXITED(code) ((code) << 8)
#define OTHER (AT + PAGES * HUGE) /* the second partition's */

static unsigned starts; /* so far; in a partition: which one it is */
static int in_partition;

static int logged(const char *text)
{
	fake.log[fake.log_bytes] = '\0';
	return strstr(fake.log, text) != NULL;
}

static void host(void)
{
	fake_reset();
	fake.pid = 1;
	memset(identity_image, 'U', sizeof(identity_image));
	memset(identity_initrd, 'I', sizeof(identity_initrd));
	fake_huge_add(AT + 100 * HUGE);
	fake_huge_add_run(AT, PAGES + SECOND_PAGES);
}

/* -- Owners, one after the other ----------------------------------------- */

static int fork_partition(void)
{
	int pid;

	/* All is held at the first start, and nothing changes after that. */
	assert_int_equal(fake_huge_free(), 1);
	starts++;
	pid = unit_fork();
	in_partition = pid == 0;
	return pid;
}

static void all_bytes(const char *at, uint64_t size, int value)
{
	char page[4096];
	uint64_t k;

	memset(page, value, sizeof(page));
	for (k = 0; k < size; k += sizeof(page)) {
		assert_memory_equal(at + k, page, sizeof(page));
	}
}

/* Payload and FDT, and zeros wherever they are not. */
static void is_clean(const struct mem_bank *bank)
{
	const struct config_partition *p = &config_partitions[0];

	assert_int_equal(bank->gpa, AT);
	assert_int_equal(fake_huge_move(AT), -EBUSY);
	assert_int_equal(fake_reg(VCPU_REG_PC), p->entry_gpa - RAM + AT);
	assert_int_equal(fake_reg(VCPU_REG_X(0)), p->fdt_gpa - RAM + AT);
	assert_memory_equal(fake_physical(AT), identity_image, IMAGE_BYTES);
	assert_memory_equal(fake_physical(AT + 0x8000), identity_initrd,
			    INITRD_BYTES);
	all_bytes(bank->host + IMAGE_BYTES, 0x8000 - IMAGE_BYTES, 0);
	all_bytes(bank->host + 0x9000, 0x10000 - 0x9000, 0);
	all_bytes(bank->host + 0x20000, bank->size - 0x20000, 0);
}

/* The first partition ends in three ways, then powers off, as others do. */
static long owner(struct kvm_run *run)
{
	struct mem_bank bank;

	assert_int_equal(mem_bank(0, &bank), 1);
	run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	run->system_event.type = KVM_SYSTEM_EVENT_SHUTDOWN;
	if (starts == 2 || starts == 3) {
		assert_int_equal(bank.gpa, starts == 2 ? OTHER : RAM);
		memset(bank.host, 0x22, bank.size);
		return 0;
	}
	is_clean(&bank);
	memset(bank.host, 0xff, bank.size);
	switch (starts) {
	case 1:
		run->system_event.type = KVM_SYSTEM_EVENT_RESET;
		return 0;
	case 4:
		run->exit_reason = KVM_EXIT_INTERNAL_ERROR;
		return 0;
	case 5:
		unit_die();
		return 0;
	default:
		return 0;
	}
}

static void owners(void)
{
	int end;

	host();
	fake.fork = fork_partition;
	fake.wait = unit_wait;
	fake.guest = owner;
	end = EXITS(supervisor_run());
	if (in_partition) {
		unit_exit(end);
	}
	if (end != FAKE_REBOOTED ||
	    fake.reboot_command != LINUX_REBOOT_CMD_POWER_OFF || starts != 6) {
		fail_msg("end %d, %u starts:\n%s", end, starts, fake.log);
	}
	assert_true(logged("one: failed (signal 0, code 2), restart 1 of 3"));
	assert_true(logged("one: failed (signal 9, code 0), restart 2 of 3"));
	assert_int_equal(fake_huge_free(), 1);
	assert_int_equal(fake_huge.zeroed, 1 + PAGES + 1 + SECOND_PAGES);
	/* Nobody else's owner has been there. */
	all_bytes((char *)fake_physical(AT), PAGES * HUGE, 0xff);
	all_bytes((char *)fake_physical(OTHER), SECOND_PAGES * HUGE, 0x22);
}

/* -- PID 1 itself -------------------------------------------------------- */

static unsigned left; /* partitions that have not powered off */

static int fork_nobody(void)
{
	left++;
	return (int)(100 + starts++);
}

static int wait_nobody(int *status)
{
	*status = EXITED(EXIT_POWEROFF);
	return left > 0 ? (int)(100 + --left) : -ECHILD;
}

static int supervise(void)
{
	fake.fork = fork_nobody;
	fake.wait = wait_nobody;
	return EXITS(supervisor_run());
}

/* Descriptors: those of RAM that is held and of its pins, for partitions to
 * inherit. */
static void leaves_nothing_open(void)
{
	unsigned fd, open = 0;

	host();
	assert_int_equal(supervise(), FAKE_REBOOTED);
	for (fd = 3; fd < FAKE_FDS; fd++) {
		open += fake.fds[fd].kind != FAKE_CLOSED;
	}
	assert_int_equal(open, 4);
	assert_int_equal(fake_huge.map_count, 0);
	assert_int_equal(starts, 3);
}

/* A host without hugepages is what the partitions have to say. */
static void says_nothing_itself(void)
{
	host();
	fake_huge.count = 0;
	assert_int_equal(supervise(), FAKE_REBOOTED);
	assert_int_equal(fake.reboot_command, LINUX_REBOOT_CMD_POWER_OFF);
	assert_int_equal(starts, 3);
	assert_int_equal(fake.log_lines, 2); /* hello, and goodbye */
}

struct fault {
	unsigned n;
	long error;
};

static void one_fault(void *arg)
{
	const struct fault *fault = arg;
	int end;

	host();
	fake.fail_at = fault->n;
	fake.fail_with = fault->error;
	end = supervise();
	assert_non_null(fake.failed);
	if (end != FAKE_REBOOTED && end != FAKE_ASLEEP) {
		fail_msg("call %u, %s, error %ld: PID 1 ends with %d", fault->n,
			 fake.failed, fault->error, end);
	}
	assert_true(starts == 3 || logged("fork failed") ||
		    logged("status pages: cannot be mapped"));
}

static void count_calls(void *count)
{
	host();
	supervise();
	*(unsigned *)count = fake.calls;
}

static void each_call_fails(void)
{
	static const long errors[] = { -EIO,   -ENOMEM, -EPERM, -EINVAL,
				       -EINTR, -EAGAIN, -ENOENT };
	unsigned *count = unit_map(NULL, 4096, unit_memfd(4096), 0);
	struct fault fault;
	unsigned bad = 0;
	size_t i;

	assert_int_equal(unit_child(count_calls, count), 0);
	assert_true(*count > 40);
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		fault.error = errors[i];
		for (fault.n = 1; fault.n <= *count; fault.n++) {
			bad += unit_child(one_fault, &fault) != 0;
		}
	}
	assert_int_equal(bad, 0);
}

static const struct CMUnitTest tests[] = {
	TEST(owners),
	TEST(leaves_nothing_open),
	TEST(says_nothing_itself),
	TEST(each_call_fails),
};

UNIT_MAIN("identity_supervisor", tests)
