/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A partition with the host's platform devices from its start to its end: they
 * are quiet before its RAM is filled and before their interrupts are connected,
 * and again when it ends, whatever ends it.
 */
#include <linux/errno.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "boot/partition.h"
#include "core/config.h"
#include "core/log.h"
#include "test/unit/soc_guest.h"

static const struct config_partition *p = &config_partitions[0];

/* The rows of BOARD_SOC_QUIESCE whose devices the guest has. */
static const struct quiesce {
	const char *host;
	unsigned region;
	uint64_t offset;
	unsigned size;
	uint64_t value;
} quiesce[] = {
	{ "9010000.pl031", 0, 0x010, 4, 0 },
	{ "9010000.pl031", 0, 0x01c, 4, 1 },
	{ "c0000000.ethernet", 1, 0x011, 1, 0xa1 },
	{ "c0000000.ethernet", 1, 0x012, 2, 0xa1a2 },
	{ "c0000000.ethernet", 1, 0x014, 4, 0xa1a2a3a4 },
	{ "c0000000.ethernet", 1, 0x018, 8, 0xa1a2a3a4a5a6a7a8 },
	{ "c0000000.ethernet", 2, 0xffc, 4, 5 },
};
#define ROWS (sizeof(quiesce) / sizeof(quiesce[0]))
#define ROWS_RTC 2

static struct fake_card *rtc, *eth, *timer;

static void machine(void)
{
	vfio_startup_host();
	rtc = &fake_vfio.cards[0];
	eth = &fake_vfio.cards[1];
	timer = &fake_vfio.cards[2];
	assert_string_equal(timer->host, "a000000.virtio_mmio");
}

static void check_row(const struct quiesce *row, const struct fake_access *at)
{
	assert_string_equal(at->card->host, row->host);
	assert_int_equal(at->region, row->region);
	assert_int_equal(at->offset, row->offset);
	assert_int_equal(at->size, row->size);
	assert_int_equal(at->value, row->value);
	assert_int_equal(at->write, 1);
}

/* All rows from there on, in the order of the header. */
static void check_rows(unsigned from)
{
	unsigned i;

	assert_true(fake_vfio.access_count >= 2 * (from + ROWS));
	for (i = 0; i < ROWS; i++) {
		check_row(&quiesce[i], &fake_vfio.accesses[2 * (from + i)]);
	}
}

/* -- At the start -------------------------------------------------------- */

static void before_anything_else(const struct fake_card *card,
				 const struct fake_access *access)
{
	const uint8_t *image = fake_guest(p->image.gpa);

	(void)access;
	if (fake.runs > 0) {
		return;
	}
	assert_non_null(image);
	assert_int_equal(image[0], 0); /* 'U' when it is loaded */
	assert_int_equal(*(uint8_t *)fake_guest(p->fdt_gpa), 0);
	assert_int_equal(fake.irqfd_calls, 0);
	assert_int_equal(card->set_irqs, 0);
	assert_int_equal(card->regions[0].maps, 0); /* nor its registers */
}

static long has_all(struct kvm_run *run)
{
	assert_int_equal(fake_vfio.access_count, 2 * ROWS);
	assert_int_equal(*(uint8_t *)fake_guest(p->image.gpa), 'U');
	assert_true(rtc->lines[0].trigger >= 0);
	assert_true(eth->lines[0].trigger >= 0);
	assert_true(eth->lines[1].trigger >= 0);
	assert_true(timer->lines[0].trigger >= 0);
	run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	run->system_event.type = KVM_SYSTEM_EVENT_SHUTDOWN;
	return 0;
}

static void quiet_first(void)
{
	machine();
	fake_vfio.watch = before_anything_else;
	fake.guest = has_all;
	assert_int_equal(EXITS(partition_run(0, 0)), EXIT_POWEROFF);
	check_rows(0);
}

static unsigned resets_seen;

static void reset_first(const struct fake_card *card,
			const struct fake_access *access)
{
	if (card != eth) {
		return;
	}
	if (!access) {
		resets_seen++;
		assert_int_equal(card->set_irqs > 0, fake.runs > 0);
	} else {
		assert_int_equal(resets_seen, fake.runs > 0 ? 2 : 1);
	}
}

static void reset_before_writes(void)
{
	machine();
	eth->can_reset = 1;
	fake_vfio.watch = reset_first;
	assert_int_equal(EXITS(partition_run(0, 0)), EXIT_POWEROFF);
	assert_int_equal(eth->resets, 2);
	assert_int_equal(rtc->resets, 0);
	check_rows(0);
	check_rows(ROWS);
	assert_false(vfio_logged("reset failed"));
}

/* The board's own writes may do what the host kernel could not. */
static void reset_fails(void)
{
	machine();
	eth->can_reset = 1;
	eth->reset_error = -EINVAL;
	assert_int_equal(EXITS(partition_run(0, 0)), EXIT_POWEROFF);
	assert_true(vfio_logged("eth: host device c0000000.ethernet: reset "
				"failed"));
	check_rows(0);
	check_rows(ROWS);
}

/* What a killed owner's device asserts is there when the guest asks for it. */
static long sees_it(struct kvm_run *run)
{
	assert_int_equal(fake_spi(2)->level, 1);
	assert_int_equal(fake_spi(23)->rises, 1);
	return has_all(run);
}

static void pending_at_the_first_run(void)
{
	machine();
	rtc->lines[0].asserted = 1;
	timer->lines[0].latched = 1;
	fake.guest = sees_it;
	assert_int_equal(EXITS(partition_run(0, 0)), EXIT_POWEROFF);
	assert_int_equal(rtc->lines[0].fired, 1);
}

/* The kernel's reset takes the line back: no interrupt that nobody sends. */
static long sees_none(struct kvm_run *run)
{
	assert_int_equal(fake_spi(0)->calls, 0);
	return has_all(run);
}

static void reset_takes_it_back(void)
{
	machine();
	eth->can_reset = 1;
	eth->lines[0].asserted = 1;
	fake.guest = sees_none;
	assert_int_equal(EXITS(partition_run(0, 0)), EXIT_POWEROFF);
}

/* -- At the end ---------------------------------------------------------- */

static long ends_with(struct kvm_run *run, uint32_t event)
{
	vfio_forget();
	run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	run->system_event.type = event;
	return 0;
}

static long powers_off(struct kvm_run *run)
{
	return ends_with(run, KVM_SYSTEM_EVENT_SHUTDOWN);
}

static long resets(struct kvm_run *run)
{
	return ends_with(run, KVM_SYSTEM_EVENT_RESET);
}

static long crashes(struct kvm_run *run)
{
	vfio_forget();
	run->exit_reason = KVM_EXIT_INTERNAL_ERROR;
	return 0;
}

static long is_signalled(struct kvm_run *run)
{
	vfio_forget();
	run->exit_reason = KVM_EXIT_INTR;
	fake.signalled = SIGTERM;
	fake_progress();
	return -EINTR;
}

static void ends(long (*guest)(struct kvm_run *run), int code)
{
	machine();
	fake.guest = guest;
	assert_int_equal(EXITS(partition_run(0, 0)), code);
	assert_int_equal(fake_vfio.access_count, 2 * ROWS);
	check_rows(0);
}

static void quiet_after_power_off(void)
{
	ends(powers_off, EXIT_POWEROFF);
}

/* Before the next image of ours runs. */
static void quiet_before_reset(void)
{
	ends(resets, FAKE_EXECED);
}

static void quiet_after_a_crash(void)
{
	ends(crashes, EXIT_GUEST_CRASH);
}

static void quiet_after_a_signal(void)
{
	ends(is_signalled, EXIT_QUIT);
}

/* One that does not answer any more keeps none of the others, nor the code. */
static long breaks_rtc(struct kvm_run *run)
{
	rtc->regions[0].info_error = -EIO;
	rtc->regions[0].io_error = -EIO;
	return powers_off(run);
}

static void one_does_not_answer(void)
{
	unsigned i;

	machine();
	fake.guest = breaks_rtc;
	assert_int_equal(EXITS(partition_run(0, 0)), EXIT_POWEROFF);
	assert_int_equal(fake_vfio.access_count, 2 * (ROWS - ROWS_RTC));
	for (i = ROWS_RTC; i < ROWS; i++) {
		check_row(&quiesce[i], &fake_vfio.accesses[2 * (i - ROWS_RTC)]);
	}
	assert_true(vfio_logged("rtc: host device 9010000.pl031: not made "
				"quiet (-5)"));
	assert_true(vfio_logged("guest: powered off"));
	assert_int_equal(fake.tty_raw, 0);
}

static long breaks_reset(struct kvm_run *run)
{
	eth->reset_error = -EINVAL;
	return powers_off(run);
}

static void last_reset_fails(void)
{
	machine();
	eth->can_reset = 1;
	fake.guest = breaks_reset;
	assert_int_equal(EXITS(partition_run(0, 0)), EXIT_POWEROFF);
	check_rows(0);
	assert_true(vfio_logged("reset failed"));
}

static void not_quiet_at_the_start(void)
{
	machine();
	eth->regions[2].info_error = -EIO; /* which the guest does not have */
	assert_int_equal(EXITS(partition_run(0, 0)), EXIT_VFIO);
	fake_one_line("eth: host device c0000000.ethernet: region 2 cannot be "
		      "described (-5)");
	assert_int_equal(fake_vfio.access_count, 2 * ROWS_RTC);
}

/* What a write did not reach may still do DMA. */
static void not_written_at_the_start(void)
{
	machine();
	eth->regions[1].io_error = -EIO;
	assert_int_equal(EXITS(partition_run(0, 0)), EXIT_VFIO);
	fake_one_line("eth: host device c0000000.ethernet: it cannot be made "
		      "quiet (-5); see the host kernel's log");
	assert_int_equal(fake.runs, 0);
	/* Its last row is in another region, and was tried all the same. */
	assert_int_equal(fake_vfio.access_count, 2 * (ROWS_RTC + 1));
	check_row(&quiesce[ROWS - 1], &fake_vfio.accesses[2 * ROWS_RTC]);
}

static unsigned lines; /* so far */

static long breaks_writes(struct kvm_run *run)
{
	eth->regions[1].io_error = -EIO;
	lines = fake.log_lines;
	return powers_off(run);
}

/* Four writes, one line. */
static void not_written_at_the_end(void)
{
	machine();
	fake.guest = breaks_writes;
	assert_int_equal(EXITS(partition_run(0, 0)), EXIT_POWEROFF);
	assert_int_equal(fake_vfio.access_count, 2 * (ROWS_RTC + 1));
	assert_true(vfio_logged("eth: host device c0000000.ethernet: not made "
				"quiet (-5)"));
	assert_true(vfio_logged("guest: powered off"));
	assert_int_equal(fake.log_lines, lines + 2);
}

/* A start that fails leaves them to the kernel, which lets go of all. */
static void start_fails(void)
{
	machine();
	timer->lines[0].request_error = -EBUSY;
	assert_int_equal(EXITS(partition_run(0, 0)), EXIT_VFIO);
	assert_true(vfio_logged("timer: host device a000000.virtio_mmio: "
				"interrupt 0 cannot be connected (-16)"));
	assert_int_equal(fake.runs, 0);
	assert_int_equal(fake.tty_raw, 0);
}

static const struct CMUnitTest tests[] = {
	TEST(quiet_first),
	TEST(reset_before_writes),
	TEST(reset_fails),
	TEST(pending_at_the_first_run),
	TEST(reset_takes_it_back),
	TEST(quiet_after_power_off),
	TEST(quiet_before_reset),
	TEST(quiet_after_a_crash),
	TEST(quiet_after_a_signal),
	TEST(one_does_not_answer),
	TEST(last_reset_fails),
	TEST(not_quiet_at_the_start),
	TEST(not_written_at_the_start),
	TEST(not_written_at_the_end),
	TEST(start_fails),
};

UNIT_MAIN("vfio_platform_order", tests)
