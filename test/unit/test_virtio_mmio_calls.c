/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Queues that the kernel serves, on MMIO: one line for all, of which the
 * kernel cannot show the reason, so that it is always shown. The device is
 * virtio-net with vhost.
 */
#include <linux/errno.h>

#include "dev/virtio.h"
#include "test/unit/net_guest.h"

#define NOTIFY (WINDOW + VIRTIO_MMIO_QUEUE_NOTIFY)
#define ACK (WINDOW + VIRTIO_MMIO_INTERRUPT_ACK)

static void machine(enum virtio_transport transport)
{
	net_host();
	fake.vhost_features = VHOST_NET_OFFERS;
	net_attach(transport);
}

static uint32_t isr(void)
{
	return driver_read(&rx, VIRTIO_MMIO_INTERRUPT_STATUS);
}

static void ack(uint32_t bits)
{
	int fd = fake_notified(ACK, 4, bits);

	if (fd >= 0) {
		fake_signal(fd);
	} else {
		driver_write(&rx, VIRTIO_MMIO_INTERRUPT_ACK, bits);
	}
}

static void notifications(void)
{
	unsigned q;

	machine(VIRTIO_MMIO);
	net_start(0);
	for (q = 0; q < 2; q++) {
		assert_int_equal(fake_notified(NOTIFY, 4, q),
				 fake.vrings[q].kick);
		assert_int_equal(fake_notified(NOTIFY, 2, q), -1);
	}
	assert_int_equal(fake_notified(NOTIFY, 4, 2), -1);
	assert_int_equal(fake_notified(NOTIFY, 4, 0x10000), -1);
}

static void always_shown(void)
{
	machine(VIRTIO_MMIO);
	assert_int_equal(isr(), 0);
	net_start(0);
	assert_int_equal(isr(), VIRTIO_ISR_QUEUE);
	ack(VIRTIO_ISR_QUEUE);
	assert_int_equal(isr(), VIRTIO_ISR_QUEUE);
	fake_signal(fake.vrings[0].call);
	assert_int_equal(isr(), VIRTIO_ISR_QUEUE);
	assert_int_equal(fake_spi(NET_SPI)->rises, 1);
	driver_write(&rx, VIRTIO_MMIO_STATUS, 0);
	assert_int_equal(isr(), 0);
}

/* Not an exit, and not counted against any queue. */
static void acknowledgements_end_in_the_kernel(void)
{
	unsigned i, q;

	machine(VIRTIO_MMIO);
	net_start(0);
	assert_true(fake_notified(ACK, 4, VIRTIO_ISR_QUEUE) >= 0);
	for (i = 0; i < 1000; i++) {
		ack(VIRTIO_ISR_QUEUE);
	}
	for (q = 0; q < 2; q++) {
		assert_int_not_equal(fake_notified(ACK, 4, VIRTIO_ISR_QUEUE),
				     fake.vrings[q].kick);
		assert_int_equal(fake.fds[fake.vrings[q].kick].count, 0);
	}
	net_pump();
	assert_int_equal(net_status(), RUNNING);
}

/* The configuration's bit is ours, and is acknowledged to us. */
static void configuration_bit(void)
{
	machine(VIRTIO_MMIO);
	net_start(0);
	fake_signal(fake.vrings[0].err);
	net_pump();
	assert_int_equal(isr(), VIRTIO_ISR_QUEUE | VIRTIO_ISR_CONFIG);
	assert_int_equal(fake_notified(ACK, 4, 3), -1);
	ack(VIRTIO_ISR_QUEUE | VIRTIO_ISR_CONFIG);
	assert_int_equal(isr(), VIRTIO_ISR_QUEUE);
	driver_write(&rx, VIRTIO_MMIO_STATUS, 0);
	assert_int_equal(isr(), 0);
}

/* The last queue that stops takes the sink with it, and no other does. */
static void one_queue_of_two(void)
{
	machine(VIRTIO_MMIO);
	net_start(0);
	driver_write(&rx, VIRTIO_MMIO_QUEUE_SEL, 1);
	driver_write(&rx, VIRTIO_MMIO_QUEUE_READY, 0);
	assert_int_equal(isr(), VIRTIO_ISR_QUEUE);
	assert_true(fake_notified(ACK, 4, VIRTIO_ISR_QUEUE) >= 0);
	driver_write(&rx, VIRTIO_MMIO_QUEUE_SEL, 0);
	driver_write(&rx, VIRTIO_MMIO_QUEUE_READY, 0);
	assert_int_equal(isr(), 0);
	assert_int_equal(fake.ioeventfd_count, 0);
	assert_int_equal(fake.irqfd_count, 0);
}

static void legacy(void)
{
	machine(VIRTIO_MMIO_LEGACY);
	net_start_legacy(0);
	assert_int_equal(fake_notified(NOTIFY, 4, 1), fake.vrings[1].kick);
	assert_int_equal(isr(), VIRTIO_ISR_QUEUE);
	driver_write(&rx, VIRTIO_MMIO_STATUS, 0);
	assert_int_equal(fake.ioeventfd_count, 0);
	net_start_legacy(0);
	fake_signal(fake.vrings[1].call);
	assert_int_equal(fake_spi(NET_SPI)->rises, 1);
}

/* Without the kernel's help it is the usual register. */
static void nothing_bound(void)
{
	net_machine(VIRTIO_MMIO);
	net_start(0);
	assert_int_equal(isr(), 0);
	net_send(RAM + 0x40000, 100);
	assert_int_equal(isr(), VIRTIO_ISR_QUEUE);
	ack(VIRTIO_ISR_QUEUE);
	assert_int_equal(isr(), 0);
	assert_int_equal(fake.ioeventfd_calls, 0);
}

static void no_ioeventfds(void)
{
	machine(VIRTIO_MMIO);
	fake.ioeventfd_error = -ENOSPC;
	net_start(0);
	ack(VIRTIO_ISR_QUEUE);
	assert_int_equal(isr(), VIRTIO_ISR_QUEUE);
	assert_int_equal(net_status(), RUNNING);
}

static const struct CMUnitTest tests[] = {
	TEST(notifications),
	TEST(always_shown),
	TEST(acknowledgements_end_in_the_kernel),
	TEST(configuration_bit),
	TEST(one_queue_of_two),
	TEST(legacy),
	TEST(nothing_bound),
	TEST(no_ioeventfds),
};

UNIT_MAIN("virtio_mmio_calls", tests)
