/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A partition's status: the page that its guest sees and PID 1 reads, the line
 * that its process prints, the signals that ask for them; what is locked for a
 * guest in real time.
 */
#include <linux/errno.h>
#include <linux/kvm.h>
#include <linux/mman.h>
#include <linux/signal.h>
#include <stdio.h>
#include <string.h>

#include "boot/partition.h"
#include "core/config.h"
#include "core/kvm.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/mem.h"
#include "core/status.h"
#include "dev/status_page.h"
#include "test/unit/driver.h"
#include "test/unit/vfio_guest.h"

#define PAGE driver_row("status0")
#define PAGE_SIZE 0x1000u
#define GUEST 0u
#define SECOND 1u

static const struct config_device *row_of(const char *name, unsigned partition)
{
	unsigned i;

	for (i = 0; i < config_device_count; i++) {
		const struct config_device *row = &config_devices[i];

		if (row->partition == partition &&
		    strcmp(row->name, name) == 0) {
			return row;
		}
	}
	fail_msg("no row %s of partition %u", name, partition);
	return NULL;
}

/* -- The page ------------------------------------------------------------ */

static struct vcpu_exits exits;

static void machine(unsigned partition)
{
	driver_machine();
	assert_int_equal(status_init(), 0);
	status_begin(partition, &exits);
	status_page_init(row_of("status0", partition));
}

static const struct status_page *seen(void)
{
	return fake_guest(PAGE);
}

static void layout(void)
{
	static const char name[STATUS_NAME] = "guest";

	machine(GUEST);
	driver_mmio_write(PAGE, 4, 0);
	assert_memory_equal(fake_guest(PAGE), "BPST\1\0\0\0", 8);
	assert_memory_equal(fake_guest(PAGE + 8), name, STATUS_NAME);
	assert_int_equal(offsetof(struct status_page, answers), 40);
	assert_int_equal(offsetof(struct status_page, beats), 48);
	assert_int_equal(offsetof(struct status_page, uptime_ms), 56);
	assert_int_equal(offsetof(struct status_page, restarts), 64);
	assert_int_equal(offsetof(struct status_page, requests), 104);
}

/* The guest maps it read-only, so that a read is no exit. */
static void is_memory(void)
{
	const struct kvm_userspace_memory_region *slot = NULL;
	unsigned i;

	machine(GUEST);
	for (i = 0; i < fake.slot_count; i++) {
		if (fake.slots[i].guest_phys_addr == PAGE) {
			assert_null(slot);
			slot = &fake.slots[i];
		}
	}
	assert_non_null(slot);
	assert_int_equal(slot->flags, KVM_MEM_READONLY);
	assert_int_equal(slot->memory_size, PAGE_SIZE);
	assert_null(mem_ptr(PAGE, 1)); /* no device reaches it */
}

/* Any write at any place in any width is a beat, and nothing else. */
static void each_write(void)
{
	static const uint8_t zeros[PAGE_SIZE - sizeof(struct status_page)];
	struct status_page before;
	uint64_t beats = 0;
	unsigned offset, size;

	machine(GUEST);
	before = *status_of(GUEST);
	for (size = 1; size <= 8; size *= 2) {
		for (offset = 0; offset < PAGE_SIZE; offset += size) {
			driver_mmio_write(PAGE + offset, size, ~0ull);
			(void)driver_mmio_read(PAGE + offset, size);
			beats++;
		}
	}
	assert_int_equal(seen()->beats, beats);
	assert_int_equal(seen()->answers, beats);
	before.beats = before.answers = beats;
	assert_memory_equal(seen(), &before, sizeof(before));
	assert_memory_equal(seen() + 1, zeros, sizeof(zeros));
	assert_memory_equal(status_of(GUEST), &before, sizeof(before));
}

/* Of the other partition's page nothing changes, and nothing is seen. */
static void pages_are_apart(void)
{
	struct status_page other;

	machine(SECOND);
	other = *status_of(GUEST);
	driver_mmio_write(PAGE, 4, 1);
	assert_string_equal(seen()->name, "second");
	assert_int_equal(seen()->beats, 1);
	assert_memory_equal(status_of(GUEST), &other, sizeof(other));
	assert_int_equal((char *)status_of(SECOND) - (char *)status_of(GUEST),
			 PAGE_SIZE);
}

static void counts(void)
{
	machine(GUEST);
	exits = (struct vcpu_exits){ .mmio = 3, .wake = 5, .other = 7 };
	status_count_interrupt();
	status_count_request();
	status_count_request();
	fake.clock[SYS_CLOCK_MONOTONIC].sec += 61;
	fake.clock[SYS_CLOCK_MONOTONIC].nsec = 7000000;
	status_of(GUEST)->restarts = 9; /* PID 1's */
	assert_int_equal(seen()->uptime_ms, 0);
	status_update(0);
	assert_int_equal(seen()->uptime_ms, 61007);
	assert_int_equal(seen()->exits_mmio, 3);
	assert_int_equal(seen()->exits_wake, 5);
	assert_int_equal(seen()->exits_other, 7);
	assert_int_equal(seen()->interrupts, 1);
	assert_int_equal(seen()->requests, 2);
	assert_int_equal(seen()->answers, 1);
	assert_int_equal(seen()->beats, 0);
	status_print();
	fake_one_line("guest: up 61.007 s, restarts 9, exits: 3 mmio, 5 "
		      "wake-up, 7 other, interrupts 1, requests 2, beats 0");
}

/* What PID 1 counts, and its answers, outlive a process; beats PID 1 clears. */
static void begins_anew(void)
{
	machine(GUEST);
	driver_mmio_write(PAGE, 1, 0);
	status_of(GUEST)->restarts++;
	fake.clock[SYS_CLOCK_MONOTONIC].sec += 10;
	assert_int_equal(status_init(), 0); /* without effect */
	status_begin(GUEST, &exits);
	status_update(0);
	assert_int_equal(status_of(GUEST)->answers, 2);
	assert_int_equal(status_of(GUEST)->restarts, 1);
	assert_int_equal(status_of(GUEST)->uptime_ms, 0);
}

static void no_clock(void)
{
	machine(GUEST);
	fake.clock_error = -EIO;
	status_update(1);
	assert_int_equal(seen()->uptime_ms, 0);
	assert_int_equal(seen()->beats, 1);
}

/* -- Signals ------------------------------------------------------------- */

static int signals[4];
static struct status_page pages[5]; /* at each run */

/* One signal after each run; the last one ends it. */
static long is_signalled(struct kvm_run *run)
{
	unsigned n = fake.runs - 1;

	pages[n] = *status_of(GUEST);
	run->exit_reason = KVM_EXIT_INTR;
	fake.signalled = signals[n];
	fake_progress();
	return -EINTR;
}

static void run_with(int first, int second, int third)
{
	signals[0] = first;
	signals[1] = second;
	signals[2] = third;
	vfio_startup_host();
	fake.guest = is_signalled;
	assert_int_equal(EXITS(partition_run(GUEST, 1)), EXIT_QUIT);
	fake.log[fake.log_bytes] = '\0';
}

/* PID 1 asks whether it is there: an answer, no line. */
static void asked(void)
{
	run_with(SIGUSR1, SIGUSR1, SIGTERM);
	assert_int_equal(fake.runs, 3);
	assert_int_equal(pages[0].answers, 0);
	assert_int_equal(pages[1].answers, 1);
	assert_int_equal(pages[2].answers, 2);
	assert_int_equal(pages[2].beats, 0);
	assert_int_equal(pages[2].exits_wake, 2);
	assert_null(strstr(fake.log, "guest: up "));
}

static void shows(void)
{
	run_with(SIGUSR2, SIGTERM, 0);
	assert_int_equal(fake.runs, 2);
	assert_int_equal(pages[1].answers, 1);
	assert_non_null(strstr(fake.log,
			       "guest: up 0.000 s, restarts 0, "
			       "exits: 0 mmio, 1 wake-up, 0 other, "));
	assert_non_null(strstr(fake.log, "ended by a signal"));
}

static void signals_are_watched(void)
{
	const uint64_t ours = 1ull << (SIGUSR1 - 1) | 1ull << (SIGUSR2 - 1);

	run_with(SIGTERM, 0, 0);
	assert_int_equal(fake.blocked & ours, ours);
}

/* -- The status key ------------------------------------------------------ */

static long presses_key(struct kvm_run *run)
{
	if (fake.runs == 1) {
		run->exit_reason = KVM_EXIT_INTR;
		fake_tty_type("\x1e", 1);
		return -EINTR;
	}
	run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	run->system_event.type = KVM_SYSTEM_EVENT_SHUTDOWN;
	return 0;
}

/* PID 1 has all of them told; without it the one process tells itself. */
static void key_asks(int supervised, int pid)
{
	vfio_startup_host();
	fake.guest = presses_key;
	assert_int_equal(EXITS(partition_run(GUEST, supervised)),
			 EXIT_POWEROFF);
	assert_int_equal(fake.runs, 2);
	assert_int_equal(fake.kills, 1);
	assert_int_equal(fake.kill_signal, SIGUSR2);
	assert_int_equal(fake.killed, pid);
}

static void key_asks_pid1(void)
{
	key_asks(1, 1);
}

static void key_asks_itself(void)
{
	key_asks(0, 1234);
}

/* -- Memory -------------------------------------------------------------- */

static long locked_by_now(struct kvm_run *run)
{
	assert_int_equal(fake.locked_all, 1);
	assert_int_equal(fake.locked_flags, MCL_CURRENT);
	run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	run->system_event.type = KVM_SYSTEM_EVENT_SHUTDOWN;
	return 0;
}

static void real_time_is_locked(void)
{
	vfio_startup_host();
	fake.guest = locked_by_now;
	assert_int_equal(EXITS(partition_run(GUEST, 1)), EXIT_POWEROFF);
}

static void others_are_not(void)
{
	vfio_startup_host();
	assert_int_equal(EXITS(partition_run(SECOND, 1)), EXIT_POWEROFF);
	assert_int_equal(fake.locked_all, 0);
}

static const struct CMUnitTest tests[] = {
	TEST(layout),
	TEST(is_memory),
	TEST(each_write),
	TEST(pages_are_apart),
	TEST(counts),
	TEST(begins_anew),
	TEST(no_clock),
	TEST(asked),
	TEST(shows),
	TEST(signals_are_watched),
	TEST(key_asks_pid1),
	TEST(key_asks_itself),
	TEST(real_time_is_locked),
	TEST(others_are_not),
};

UNIT_MAIN("status", tests)
