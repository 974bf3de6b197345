/* SPDX-License-Identifier: Apache-2.0 */
/* The packed ring's event suppression, in both directions (2.8.10). */
#include <string.h>

#include "test/unit/packed.h"

#define NUM 5u

static struct packed p;

/* One request, there and back. */
static void one(void)
{
	packed_add_chain(&p, 1, 0);
	assert_int_equal(packed_pop(&p), 1);
	virtqueue_push(&p.vq, 0, 0);
}

/* -- The driver's wishes: when the device interrupts --------------------- */

static void signal_by_flag(int event_idx)
{
	const struct place nowhere = { 0, 0 };

	packed_queue(&p, NUM, 0, event_idx);
	assert_int_equal(virtqueue_should_signal(&p.vq), 0); /* nothing new */
	one();
	assert_int_equal(virtqueue_should_signal(&p.vq), 1);
	assert_int_equal(virtqueue_should_signal(&p.vq), 0);
	packed_driver_event(&p, P_DISABLE, nowhere);
	one();
	assert_int_equal(virtqueue_should_signal(&p.vq), 0);
	packed_driver_event(&p, P_ENABLE, nowhere);
	/* The driver looks at the ring itself after it has enabled. */
	assert_int_equal(virtqueue_should_signal(&p.vq), 0);
	one();
	assert_int_equal(virtqueue_should_signal(&p.vq), 1);
}

static void enable_and_disable(void)
{
	signal_by_flag(0);
}

/* Unlike in a split ring the flags count with EVENT_IDX, too. */
static void enable_and_disable_with_event_idx(void)
{
	signal_by_flag(1);
}

/* 3 is reserved, 2 not negotiated, 14 bits mean nothing: once too often. */
static void odd_flags(void)
{
	const struct place nowhere = { 0, 0 };

	packed_queue(&p, NUM, 0, 0);
	packed_driver_event(&p, P_DESC, nowhere);
	one();
	assert_int_equal(virtqueue_should_signal(&p.vq), 1);
	packed_driver_event(&p, 3, nowhere);
	one();
	assert_int_equal(virtqueue_should_signal(&p.vq), 1);
	packed_driver_event(&p, 0xfffc | P_DISABLE, nowhere);
	one();
	assert_int_equal(virtqueue_should_signal(&p.vq), 0);
}

/* Section 2.8.10, written the long way round: was that descriptor used? */
static int must_signal(struct place place, unsigned count, struct place event)
{
	while (count-- > 0) {
		if (place.off == event.off && place.wrap == event.wrap) {
			return 1;
		}
		packed_advance(&p, &place, 1);
	}
	return 0;
}

/* Every event, from every place, for every number of used descriptors. */
static void by_descriptor(void)
{
	unsigned num, at, count, event;

	packed_queue(&p, 1, 0, 1);
	for (num = 1; num <= 6; num++) {
		packed_restart(&p, num);
		for (at = 0; at < 2 * num; at++) {
			struct place from = { at % num, at < num };

			for (count = 0; count <= 5 * num; count++) {
				for (event = 0; event < 2 * num; event++) {
					struct place to = { event % num,
							    event < num };

					packed_driver_event(&p, P_DESC, to);
					p.vq.used_idx = (uint16_t)((at +
								    count) %
								   (2 * num));
					p.vq.fresh = count;
					assert_int_equal(
						virtqueue_should_signal(&p.vq),
						must_signal(from, count, to));
					assert_int_equal(p.vq.fresh, 0);
				}
			}
		}
	}
}

/* Over 16 bits of requests, one interrupt for each third. */
static void by_descriptor_for_long(void)
{
	struct place event = { 2, 1 };
	unsigned i;

	packed_queue(&p, NUM, 0, 1);
	for (i = 0; i < 70000; i++) {
		packed_driver_event(&p, P_DESC, event);
		one();
		assert_int_equal(virtqueue_should_signal(&p.vq), i % 3 == 2);
		if (i % 3 == 2) {
			packed_advance(&p, &event, 3);
		}
	}
}

/* The event of a chain is any of its descriptors. */
static void by_descriptor_within_a_chain(void)
{
	unsigned off;

	for (off = 0; off < NUM; off++) {
		packed_queue(&p, NUM, 0, 1);
		packed_driver_event(&p, P_DESC, (struct place){ off, 1 });
		packed_add_chain(&p, 3, 0);
		assert_int_equal(packed_pop(&p), 1);
		virtqueue_push(&p.vq, 0, 0);
		assert_int_equal(virtqueue_should_signal(&p.vq), off < 3);
	}
}

/* No such descriptor: the driver is not left without an interrupt. */
static void offset_outside(void)
{
	static const unsigned bad[] = { NUM, NUM + 1, 0x4000, 0x7fff };
	size_t i;

	packed_queue(&p, NUM, 0, 1);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		packed_driver_event(&p, P_DESC, (struct place){ bad[i], 1 });
		one();
		assert_int_equal(virtqueue_should_signal(&p.vq), 1);
		packed_driver_event(&p, P_DESC, (struct place){ bad[i], 0 });
		one();
		assert_int_equal(virtqueue_should_signal(&p.vq), 1);
	}
}

/* -- The device's wishes: when the driver notifies ----------------------- */

/* With EVENT_IDX: of the descriptor that the device waits for. */
static void notify_of_the_next(void)
{
	unsigned i;

	packed_queue(&p, NUM, 0, 1);
	assert_int_equal(packed_device_event(&p), 0); /* not before it looked */
	assert_int_equal(packed_pop(&p), 0);
	assert_int_equal(packed_device_event(&p), packed_event(P_DESC, p.next));
	for (i = 0; i < 70000; i++) {
		packed_add_chain(&p, 1 + i % 3, 4);
		assert_int_equal(packed_pop(&p), 1);
		assert_int_equal(packed_pop(&p), 0);
		assert_int_equal(packed_device_event(&p),
				 packed_event(P_DESC, p.next));
		virtqueue_push(&p.vq, 4, 0);
	}
}

/* A device that stops while there is more waits for the first it left. */
static void notify_for_who_stops(void)
{
	struct place left;

	packed_queue(&p, NUM, 0, 1);
	packed_add_chain(&p, 4, 0);
	left = p.next;
	packed_add_chain(&p, 1, 1);
	assert_int_equal(packed_pop(&p), 1);
	virtqueue_want_notify(&p.vq);
	assert_int_equal(packed_device_event(&p), packed_event(P_DESC, left));
	assert_int_equal(packed_pop(&p), 1);
	virtqueue_want_notify(&p.vq);
	assert_int_equal(packed_device_event(&p), packed_event(P_DESC, p.next));
	assert_int_equal(p.next.wrap, 0);
}

/* Without EVENT_IDX: of each. */
static void notify_of_each(void)
{
	packed_queue(&p, NUM, 0, 0);
	packed_driver_event(&p, P_DISABLE, p.next);
	memset(ram(p.device) - 8, 0xee, 16);
	assert_int_equal(packed_pop(&p), 0);
	assert_int_equal(packed_device_event(&p), P_ENABLE << 16);
	assert_int_equal(ram(p.device)[-1], 0xee);
	assert_int_equal(ram(p.device)[4], 0xee);
	assert_int_equal(*(uint32_t *)ram(p.driver),
			 packed_event(P_DISABLE, p.next));
}

/* -- Both sides at once --------------------------------------------------- */

static volatile unsigned offered, served, notified;

/* The driver: offers one, when the last is served, and notifies if asked to. */
static void driver_step(void)
{
	struct place place = p.next;

	if (offered != served) {
		return;
	}
	offered++;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	packed_add_chain(&p, 1, 0);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (packed_device_event(&p) >> 16 == P_ENABLE ||
	    packed_device_event(&p) == packed_event(P_DESC, place)) {
		notified = 1;
	}
}

/* No request waits for a device that waits for a notification. */
static void no_lost_notification(void)
{
	unsigned i;

	packed_queue(&p, NUM, 0, 1);
	unit_thread(driver_step);
	for (i = 0; i < 400000000 && served < 300000; i++) {
		if (!notified) {
			i = served == 0 ? 0 : i; /* it has not begun */
			continue;
		}
		notified = 0;
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		while (packed_pop(&p) == 1) {
			virtqueue_push(&p.vq, 0, 0);
			__atomic_thread_fence(__ATOMIC_SEQ_CST);
			served++;
		}
	}
	(void)unit_thread_stop();
	assert_true(notified || packed_pop(&p) == 0);
}

static const struct CMUnitTest tests[] = {
	TEST(enable_and_disable),
	TEST(enable_and_disable_with_event_idx),
	TEST(odd_flags),
	TEST(by_descriptor),
	TEST(by_descriptor_for_long),
	TEST(by_descriptor_within_a_chain),
	TEST(offset_outside),
	TEST(notify_of_the_next),
	TEST(notify_for_who_stops),
	TEST(notify_of_each),
	TEST(no_lost_notification),
};

UNIT_MAIN("virtq_packed_event", tests)
