/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A partition from its start to its end with each of its system calls failing
 * in turn, with each error: one clear line and the documented exit code, or a
 * start that does without; never a hang, never silence.
 */
#include <linux/errno.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>

#include "boot/partition.h"
#include "core/config.h"
#include "core/identity.h"
#include "core/log.h"
#include "test/unit/fake_huge.h"
#include "test/unit/vfio_guest.h"

/* -- Each system call fails ----------------------------------------------- */

/*
 * Calls that a start can do without, and what then is different. Everything
 * else must end the process. NULL for detail: any.
 */
static const struct {
	const char *name;
	const char *detail; /* hexadecimal: ioctl request, flags, advice */
	long error; /* 0: any */
} tolerated[] = {
	{ "sys_is_mapped", NULL, 0 }, /* the payload's copy in /dev/mem */
	{ "sys_madvise", "e", 0 }, /* MADV_HUGEPAGE: only an offer */
	{ "sys_ioctl", "ae03", 0 }, /* KVM_CHECK_EXTENSION: a feature less */
	{ "sys_ioctl", "5401", 0 }, /* TCGETS: no terminal */
	{ "sys_ioctl", "5402", 0 }, /* TCSETS: not raw */
	{ "sys_fs_type", NULL, 0 }, /* not on the spot */
	{ "sys_getrandom", NULL, 0 }, /* no seeds */
	{ "sys_io_uring_enter", NULL, -EINTR },
	{ "sys_io_uring_enter", NULL, -EAGAIN },
	{ "sys_ioctl", "ae80", -EINTR }, /* KVM_RUN */
	{ "sys_ioctl", "ae80", -EAGAIN },
	{ "sys_total_memory", NULL, 0 }, /* not compared */
	{ "sys_clock_gettime", "1", 0 }, /* a status without its uptime */
	{ "sys_getpid", NULL, 0 }, /* cannot fail */
	/* The inherited terminal will do. */
	{ "sys_file_info", "0", 0 },
	{ "sys_file_info", "1", 0 },
	{ "sys_open", "/proc/self/fd/0", 0 },
	{ "sys_open", "/proc/self/fd/1", 0 },
	/* Disks of others: opened again, with access times. */
	{ "sys_open", "/disk0", -EPERM },
	{ "sys_open", "/ro0", -EPERM },
	{ "sys_open", "/old0", -EPERM },
	/* KVM_ARM_VCPU_FINALIZE: already done, as when a guest resumes */
	{ "sys_ioctl", "4004aec2", -EPERM },
	/* No vhost-net: we move the packets, and a line says so. */
	{ "sys_open", "/dev/vhost-net", 0 },
	{ "sys_close", NULL, 0 }, /* of what is not used again */
	/* Hugepages that are not given back; nobody else may want them. */
	{ "sys_munmap", NULL, 0 },
	{ "sys_fallocate", NULL, 0 },
	/* A card's registers: all ones, and a line for each write. */
	{ "sys_preadv", NULL, 0 },
	{ "sys_pwritev", NULL, 0 },
	/* VFIO_DEVICE_GET_REGION_INFO, _GET_IRQ_INFO: the card has none. */
	{ "sys_ioctl", "3b6c", -EINVAL },
	{ "sys_ioctl", "3b6d", -EINVAL },
	/* Nodes of cards: the next number is tried. */
	{ "sys_open", "/sys/bus/pci/devices/0000:00:02", 0 },
	{ "sys_open", "/sys/bus/pci/devices/0000:01:00", 0 },
	{ "sys_open", "/sys/bus/platform/devices/c0000", 0 },
	/* Groups of IOMMUs have no name: what has none is isolated. */
	{ "sys_open", "/sys/kernel/iommu_groups/5/name", 0 },
	{ "sys_open", "/sys/kernel/iommu_groups/6/name", 0 },
};

static int is_tolerated(void)
{
	size_t i;

	for (i = 0; i < sizeof(tolerated) / sizeof(tolerated[0]); i++) {
		if (strcmp(fake.failed, tolerated[i].name) == 0 &&
		    (!tolerated[i].detail ||
		     strcmp(fake.failed_detail, tolerated[i].detail) == 0) &&
		    (tolerated[i].error == 0 ||
		     tolerated[i].error == fake.fail_with)) {
			return 1;
		}
	}
	return 0;
}

/* What a line says of a card instead of an error's number. */
static int says_what(void)
{
	static const char *const texts[] = {
		"permission",
		"/dev/kvm: no KVM_CAP",
		"there is none; plug it in",
		"no driver has it; bind it",
		"no IOMMU isolates it",
		"is not viable",
		"has no type1v2",
		"interrupts are not isolated",
		"but the board header says",
		"which is no power of two",
		"it is no endpoint",
		"is not in BAR",
		"cannot hear of its errors",
		"has no node in /dev/vfio",
		"cannot be opened (-2); the host kernel needs VFIO",
		"VFIO's driver does not have it",
		"has no no-IOMMU mode",
		"cannot be mapped",
		"correct BOARD_SOC_QUIESCE",
		"has 0x0 bytes, the board's header says",
		"interrupt 0 cannot be forwarded",
		"interrupt 1 cannot be forwarded",
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (vfio_logged(texts[i])) {
			return 1;
		}
	}
	return 0;
}

static int is_documented(int code)
{
	static const int codes[] = {
		EXIT_NO_KVM, EXIT_KVM_FEATURE, EXIT_GIC, EXIT_MEMORY,
		EXIT_DISK,   EXIT_HOST,	       EXIT_NET, EXIT_VHOST,
		EXIT_SHMEM,  EXIT_VFIO,
	};
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (code == codes[i]) {
			return 1;
		}
	}
	return 0;
}

struct fault {
	unsigned n;
	long error;
};

/* The supervisor's part, for those whose RAM is taken by it, then ours. */
static void host(void)
{
	vfio_startup_host();
	fake_file("/dev/mem", 4096);
	fake_huge_add(0x60000000); /* to be given back */
	fake_huge_add_run(0x50000000, 10);
}

static unsigned which; /* of the config's partitions */

static void start(void)
{
	identity_hold(which);
	partition_run(which, 0);
}

static void one_fault(void *arg)
{
	const struct fault *fault = arg;
	char errno_text[16];
	int code;

	host();
	fake.fail_at = fault->n;
	fake.fail_with = fault->error;
	code = EXITS(start());
	if (!fake.failed) {
		fail_msg("call %u was not made", fault->n);
	}
	fake.log[fake.log_bytes] = '\0';
	if (code == EXIT_POWEROFF || code == EXIT_GUEST_CRASH) {
		/* KVM_RUN: that is no start-up any more */
		int ran = strcmp(fake.failed, "sys_ioctl") == 0 &&
			  strcmp(fake.failed_detail, "ae80") == 0;

		if (!is_tolerated() && !ran &&
		    !vfio_logged("its registers are trapped") &&
		    !vfio_logged("reset failed") &&
		    !vfio_logged("interrupts stay where") &&
		    !vfio_logged("not made quiet")) {
			fail_msg("call %u, %s(%s): error %ld passes "
				 "unnoticed:\n%s",
				 fault->n, fake.failed, fake.failed_detail,
				 fault->error, fake.log);
		}
		return;
	}
	if (!is_documented(code) ||
	    fake.log_lines != 1u + (unsigned)vfio_logged("to quit")) {
		fail_msg("call %u, %s(%s), error %ld: code %d, %u lines:\n%s",
			 fault->n, fake.failed, fake.failed_detail,
			 fault->error, code, fake.log_lines, fake.log);
	}
	/* The line names the error, unless it says it in words. */
	snprintf(errno_text, sizeof(errno_text), "%ld", fault->error);
	if (!strstr(fake.log, errno_text) && !says_what()) {
		fail_msg("call %u, %s(%s): %ld is not named in: %s", fault->n,
			 fake.failed, fake.failed_detail, fault->error,
			 fake.log);
	}
	assert_int_equal(fake.runs, 0);
	/* The terminal is as it was, if it was changed at all. */
	assert_int_equal(fake.tty_raw, 0);
}

/* In a process of its own, like each start. */
static void count_calls(void *count)
{
	host();
	EXITS(start());
	*(volatile unsigned *)count = fake.calls;
}

static void each_call_fails(long error)
{
	const unsigned shared = 0x21; /* MAP_SHARED | MAP_ANONYMOUS */
	volatile unsigned *count = unit_mmap(NULL, 4096, 3, (int)shared);
	struct fault fault = { .error = error };
	unsigned bad = 0;

	for (which = 0; which < config_partition_count; which++) {
		assert_int_equal(unit_child(count_calls, (void *)count), 0);
		assert_true(*count > 60);
		for (fault.n = 1; fault.n <= *count; fault.n++) {
			bad += unit_child(one_fault, &fault) != 0;
		}
	}
	assert_int_equal(bad, 0);
}

#define EACH_CALL(name)                    \
	static void each_call_##name(void) \
	{                                  \
		each_call_fails(-(name));  \
	}
EACH_CALL(EIO)
EACH_CALL(ENOMEM)
EACH_CALL(EPERM)
EACH_CALL(EINVAL)
EACH_CALL(EINTR)
EACH_CALL(EAGAIN)

static const struct CMUnitTest tests[] = {
	TEST(each_call_EIO),	TEST(each_call_ENOMEM), TEST(each_call_EPERM),
	TEST(each_call_EINVAL), TEST(each_call_EINTR),	TEST(each_call_EAGAIN),
};

UNIT_MAIN("startup_faults", tests)
