/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wired interrupts of the host's platform devices: from the device to the vGIC
 * and, for levels, from the guest's EOI back to the device, in the kernel.
 */
#include <linux/errno.h>
#include <stdio.h>
#include <string.h>

#include "core/gic.h"
#include "core/log.h"
#include "dev/vfio_platform.h"
#include "test/unit/soc_guest.h"

/* SPIs of unit_config_soc.h. */
#define RTC 2u
#define ETH_LEVEL 0u
#define ETH_EDGE 22u
#define TIMER 23u

static struct fake_card *card;

static void given(const char *name)
{
	card = soc_given(name);
}

static void started(const char *name)
{
	given(name);
	soc_start();
	assert_int_equal(fake.log_lines, 0);
}

/* -- Connecting ---------------------------------------------------------- */

static void level(void)
{
	const struct fake_irqfd *irqfd;

	started("rtc");
	irqfd = soc_irqfd(RTC);
	assert_non_null(irqfd);
	assert_int_equal(irqfd->fd, card->lines[0].trigger);
	assert_true(irqfd->resample >= 0);
	assert_int_equal(irqfd->resample, card->lines[0].unmask);
	assert_int_not_equal(irqfd->resample, irqfd->fd);
	assert_int_equal(fake.irqfd_count, 1);
	assert_int_equal(card->set_irqs, 2);
}

static void edge(void)
{
	const struct fake_irqfd *irqfd;

	started("timer");
	irqfd = soc_irqfd(TIMER);
	assert_non_null(irqfd);
	assert_int_equal(irqfd->fd, card->lines[0].trigger);
	assert_int_equal(irqfd->resample, -1);
	assert_int_equal(card->lines[0].unmask, FAKE_NO_FD);
	assert_int_equal(card->set_irqs, 1);
	assert_int_equal(soc_open(FAKE_EVENTFD), 1 + 1); /* the loop's */
}

static void only_what_is_listed(void)
{
	started("eth");
	assert_int_equal(soc_irqfd(ETH_LEVEL)->fd, card->lines[0].trigger);
	assert_int_equal(soc_irqfd(ETH_EDGE)->fd, card->lines[1].trigger);
	assert_int_equal(card->lines[2].trigger, FAKE_NO_FD);
	assert_int_equal(card->set_irqs, 3);
	assert_int_equal(fake.irqfd_count, 2);
}

static void none_is_listed(void)
{
	started("bare");
	assert_int_equal(card->set_irqs, 0);
	assert_int_equal(fake.irqfd_count, 0);
	assert_int_equal(fake.routings, 0);
}

/* The guest finds them as they are, and all others as KVM has them. */
static void kinds(void)
{
	unsigned spi;

	soc_host();
	soc_card("rtc");
	soc_init("rtc");
	soc_card("eth");
	soc_init("eth");
	soc_start();
	for (spi = 0; spi < 32; spi++) {
		assert_int_equal(fake_spi_is_level(spi),
				 spi == RTC || spi == ETH_LEVEL);
	}
}

/* KVM takes an irqfd only then: -EAGAIN before. */
static void before_the_vgic_is_initialised(void)
{
	given("rtc");
	assert_int_equal(fake.irqfd_calls, 0);
	assert_int_equal(card->set_irqs, 0);
	assert_int_equal(EXITS(vfio_platform_start()), EXIT_VFIO);
	fake_one_line("rtc: host device 9010000.pl031: interrupt 0 cannot be "
		      "connected (-11)");
	assert_int_equal(card->lines[0].trigger, FAKE_NO_FD);
}

static void three_devices(void)
{
	static const char *const names[] = { "rtc", "eth", "timer" };
	static const unsigned spis[] = { RTC, ETH_LEVEL, TIMER };
	struct fake_card *cards[3];
	unsigned i, j;

	soc_host();
	for (i = 0; i < 3; i++) {
		cards[i] = soc_card(names[i]);
		soc_init(names[i]);
	}
	soc_start();
	for (i = 0; i < 3; i++) {
		cards[i]->lines[0].latched = 1;
		fake_soc_level(cards[i], 0, 1);
		for (j = 0; j < 3; j++) {
			assert_int_equal(fake_spi(spis[j])->rises, j <= i);
		}
	}
	assert_int_equal(fake_spi(ETH_EDGE)->rises, 0);
}

/* -- Levels -------------------------------------------------------------- */

/* Again and again until the device lets go, and then from anew. */
static void until_it_is_quiet(void)
{
	unsigned i;

	started("rtc");
	fake_soc_level(card, 0, 1);
	for (i = 1; i <= 5; i++) {
		assert_int_equal(fake_spi(RTC)->level, 1);
		assert_int_equal(card->lines[0].fired, i);
		assert_int_equal(card->lines[0].masked, 1);
		fake_eoi(RTC);
	}
	fake_soc_level(card, 0, 0);
	fake_eoi(RTC);
	assert_int_equal(fake_spi(RTC)->level, 0);
	assert_int_equal(card->lines[0].masked, 0);
	fake_soc_level(card, 0, 1);
	assert_int_equal(fake_spi(RTC)->level, 1);
	assert_int_equal(card->lines[0].fired, 7);
	assert_int_equal(fake.runs, 0); /* all of it past us */
}

/* A second rise before the EOI is not lost. */
static void again_before_eoi(void)
{
	started("rtc");
	fake_soc_level(card, 0, 1);
	fake_soc_level(card, 0, 0);
	fake_soc_level(card, 0, 1);
	assert_int_equal(card->lines[0].fired, 1);
	fake_eoi(RTC);
	assert_int_equal(card->lines[0].fired, 2);
	assert_int_equal(fake_spi(RTC)->level, 1);
}

/* Handled before, by nobody: it does not unmask what is not raised. */
static void eoi_of_nothing(void)
{
	started("rtc");
	fake_eoi(RTC);
	assert_int_equal(card->lines[0].fired, 0);
	assert_int_equal(fake_spi(RTC)->calls, 0);
}

/* Of two lines of a device each is acknowledged by itself. */
static void other_lines_stay(void)
{
	struct fake_card *rtc;

	soc_host();
	rtc = soc_card("rtc");
	soc_init("rtc");
	card = soc_card("eth");
	soc_init("eth");
	soc_start();
	fake_soc_level(rtc, 0, 1);
	fake_soc_level(card, 0, 1);
	fake_soc_level(rtc, 0, 0);
	fake_eoi(RTC);
	assert_int_equal(fake_spi(RTC)->level, 0);
	assert_int_equal(fake_spi(ETH_LEVEL)->level, 1);
	assert_int_equal(card->lines[0].masked, 1);
	assert_int_equal(rtc->lines[0].masked, 0);
}

/*
 * KVM knows one GSI of a pin, and tells its EOI to that one: GSIs that nobody
 * has must not have this one's.
 */
static void lowest_spi_and_a_hole(void)
{
	int hole, unused;

	started("eth");
	hole = gic_bind_spi(fake_eventfd(), 9);
	unused = gic_bind_spi(fake_eventfd(), 10);
	assert_true(gic_bind_spi(fake_eventfd(), 11) > unused &&
		    unused > hole && hole > 0);
	gic_unbind(unused);
	gic_unbind(hole);
	/* The next one takes the first hole, and tells KVM of the second. */
	assert_int_equal(gic_bind_spi(fake_eventfd(), 12), hole);

	fake_soc_level(card, 0, 1);
	fake_soc_level(card, 0, 0);
	fake_eoi(ETH_LEVEL);
	assert_int_equal(fake_spi(ETH_LEVEL)->level, 0);
	assert_int_equal(card->lines[0].masked, 0);
}

/* -- Edges --------------------------------------------------------------- */

static void each_edge(void)
{
	unsigned i;

	started("timer");
	for (i = 1; i <= 5; i++) {
		fake_soc_edge(card, 0);
		assert_int_equal(fake_spi(TIMER)->rises, i);
		assert_int_equal(card->lines[0].masked, 0);
	}
}

/* -- Before the guest ---------------------------------------------------- */

/* A previous owner was killed while its device asserted the line. */
static void asserted_before_start(void)
{
	given("rtc");
	fake_soc_level(card, 0, 1);
	assert_int_equal(card->lines[0].fired, 0);
	soc_start();
	assert_int_equal(fake_spi(RTC)->level, 1);
	assert_int_equal(fake_spi(RTC)->rises, 1);
	fake_eoi(RTC);
	assert_int_equal(card->lines[0].fired, 2); /* still asserted */
}

static void edge_before_start(void)
{
	given("timer");
	fake_soc_edge(card, 0);
	assert_int_equal(card->lines[0].fired, 0);
	soc_start();
	assert_int_equal(fake_spi(TIMER)->rises, 1);
}

static void between_start_and_first_run(void)
{
	started("rtc");
	fake_soc_level(card, 0, 1);
	assert_int_equal(fake.runs, 0);
	assert_int_equal(fake_spi(RTC)->level, 1);
}

/* -- The board's facts --------------------------------------------------- */

static void refused(const char *name, unsigned line, const char *text)
{
	soc_start_refused(name, text);
	assert_int_equal(card->lines[line].trigger, FAKE_NO_FD);
	assert_int_equal(card->lines[line].unmask, FAKE_NO_FD);
}

static void level_called_edge(void)
{
	given("timer");
	card->lines[0].flags |= VFIO_IRQ_INFO_MASKABLE |
				VFIO_IRQ_INFO_AUTOMASKED;
	refused("timer", 0,
		"interrupt 0 is level-triggered, the board's header says "
		"edge-triggered");
	assert_int_equal(fake.irqfd_calls, 0);
	assert_int_equal(card->set_irqs, 0);
}

static void edge_called_level(void)
{
	given("eth");
	card->lines[0].flags = VFIO_IRQ_INFO_EVENTFD;
	refused("eth", 0,
		"interrupt 0 is edge-triggered, the board's header says "
		"level-triggered");
	assert_int_equal(fake.irqfd_calls, 0);
}

/* The first line is right, and connected; the second is not. */
static void second_line_is_wrong(void)
{
	given("eth");
	card->lines[1].flags |= VFIO_IRQ_INFO_MASKABLE |
				VFIO_IRQ_INFO_AUTOMASKED;
	refused("eth", 1,
		"interrupt 1 is level-triggered, the board's header says "
		"edge-triggered");
	assert_int_equal(card->set_irqs, 2);
}

/* What is not forwarded may be of any kind. */
static void unlisted_line_is_wrong(void)
{
	given("eth");
	card->lines[2].flags = 0;
	card->lines[2].count = 9;
	soc_start();
	assert_int_equal(fake.log_lines, 0);
}

static void no_eventfd_flag(void)
{
	given("rtc");
	card->lines[0].flags &= ~(uint32_t)VFIO_IRQ_INFO_EVENTFD;
	refused("rtc", 0, "interrupt 0 cannot be forwarded");
}

/* -- The host refuses ---------------------------------------------------- */

/* Its host driver, or another device, has the line: request_irq(). */
static void line_is_taken(void)
{
	given("rtc");
	card->lines[0].request_error = -EBUSY;
	refused("rtc", 0,
		"interrupt 0 cannot be connected (-16); keep the host's "
		"drivers off the device by the host's device tree");
}

static void cannot_be_unmasked(void)
{
	given("rtc");
	card->lines[0].flags &= ~(uint32_t)VFIO_IRQ_INFO_MASKABLE;
	refused("rtc", 0, "interrupt 0 cannot be connected (-22)");
}

static void no_description(void)
{
	given("rtc");
	fake_vfio.refuses = VFIO_DEVICE_GET_IRQ_INFO;
	fake_vfio.refusal = -EIO;
	refused("rtc", 0, "interrupts of index 0 cannot be described (-5)");
}

/* Each call that connects a level and an edge fails in turn. */
static void one_fault(void *arg)
{
	unsigned n = *(unsigned *)arg;
	char expected[16];
	unsigned before;
	int code;

	given("eth");
	gic_finalize();
	before = fake.calls;
	fake.fail_at = before + n;
	fake.fail_with = -ENOMEM;
	code = EXITS(vfio_platform_start());
	assert_non_null(fake.failed);
	snprintf(expected, sizeof(expected), "(%d)", -ENOMEM);
	fake_one_line(expected);
	if (code == EXIT_GIC) {
		fake_one_line("vGICv3: the host refuses a level-triggered "
			      "interrupt");
		return;
	}
	assert_int_equal(code, EXIT_VFIO);
	fake_one_line("eth: host device c0000000.ethernet: interrupt");
}

static void count_calls(void *count)
{
	unsigned before;

	given("eth");
	gic_finalize();
	before = fake.calls;
	vfio_platform_start();
	/* Descriptions, eventfds, routes, irqfds, the level's kind, VFIO's two
	 * actions. The last asks where we run: test_vfio_steer. */
	assert_int_equal(fake.calls - before, *(unsigned *)count + 1);
}

static void each_call_fails(void)
{
	unsigned count = 2 + 3 + 2 + 2 + 2 + 3;
	unsigned n, bad = 0;

	assert_int_equal(unit_child(count_calls, &count), 0);
	for (n = 1; n <= count; n++) {
		bad += unit_child(one_fault, &n) != 0;
	}
	assert_int_equal(bad, 0);
}

static const struct CMUnitTest tests[] = {
	TEST(level),
	TEST(edge),
	TEST(only_what_is_listed),
	TEST(none_is_listed),
	TEST(kinds),
	TEST(before_the_vgic_is_initialised),
	TEST(three_devices),
	TEST(until_it_is_quiet),
	TEST(again_before_eoi),
	TEST(eoi_of_nothing),
	TEST(other_lines_stay),
	TEST(lowest_spi_and_a_hole),
	TEST(each_edge),
	TEST(asserted_before_start),
	TEST(edge_before_start),
	TEST(between_start_and_first_run),
	TEST(level_called_edge),
	TEST(edge_called_level),
	TEST(second_line_is_wrong),
	TEST(unlisted_line_is_wrong),
	TEST(no_eventfd_flag),
	TEST(line_is_taken),
	TEST(cannot_be_unmasked),
	TEST(no_description),
	TEST(each_call_fails),
};

UNIT_MAIN("vfio_platform_irq", tests)
