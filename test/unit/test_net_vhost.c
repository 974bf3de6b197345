/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtio-net with vhost: which calls the kernel gets, in which order, with
 * which rings; resets, and a kernel that refuses.
 */
#include <linux/errno.h>
#include <linux/if_tun.h>
#include <linux/vhost.h>
#include <linux/virtio_net.h>
#include <linux/virtio_pci.h>

#include "core/log.h"
#include "test/unit/net_guest.h"

#define BROKEN (RUNNING | VIRTIO_CONFIG_S_NEEDS_RESET)
#define NOTIFY (WINDOW + VIRTIO_MMIO_QUEUE_NOTIFY)
#define RING_RESET 0x0c0
#define START "num base addr kick call err backend"
#define STOP "backend kick call"

static void machine(enum virtio_transport transport)
{
	net_host();
	fake.vhost_features = VHOST_NET_OFFERS;
	net_attach(transport);
}

static void running(void)
{
	machine(VIRTIO_MMIO);
	net_start(0);
}

static uint64_t host(uint64_t gpa)
{
	return (uint64_t)(uintptr_t)ram(gpa);
}

static void is_served(const struct driver *d)
{
	const struct fake_vring *ring = &fake.vrings[d->queue];

	assert_int_equal(ring->num, d->num);
	assert_int_equal(ring->base, 0);
	assert_int_equal(ring->desc, host(d->desc));
	assert_int_equal(ring->avail, host(d->avail));
	assert_int_equal(ring->used, host(d->used));
	assert_int_equal(fake.fds[ring->backend].kind, FAKE_TAP);
	assert_true(fake_is_bound(ring->call));
	assert_int_equal(fake_notified(NOTIFY, 4, d->queue), ring->kick);
}

static void is_idle(unsigned q)
{
	assert_int_equal(fake.vrings[q].backend, -1);
	assert_int_equal(fake.vrings[q].kick, -1);
	assert_int_equal(fake.vrings[q].call, -1);
	assert_int_equal(fake_notified(NOTIFY, 4, q), -1);
}

static void nothing_is_bound(void)
{
	assert_int_equal(fake.ioeventfd_count, 0);
	assert_int_equal(fake.irqfd_count, 0);
}

/* -- Features ------------------------------------------------------------ */

static void offers(void)
{
	uint64_t offered;

	machine(VIRTIO_MMIO);
	offered = driver_offered(&rx);
	assert_int_equal(offered >> 32 & ~1ull,
			 BIT64(VIRTIO_F_RING_RESET) >> 32);
	assert_true(offered & BIT64(VIRTIO_NET_F_MRG_RXBUF));
	assert_true(offered & BIT64(VIRTIO_NET_F_GUEST_TSO4));
	assert_true(offered & BIT64(VIRTIO_NET_F_GUEST_TSO6));
	assert_false(offered & BIT64(VIRTIO_F_ANY_LAYOUT));
	assert_false(offered & BIT64(26)); /* VHOST_F_LOG_ALL */
	assert_int_equal(fake.log_lines, 0);
}

/* What the kernel does not do is not offered, above all no packed ring. */
static void offers_what_the_kernel_does(void)
{
	net_host();
	fake.vhost_features = BIT64(VIRTIO_F_VERSION_1);
	net_attach(VIRTIO_MMIO);
	assert_int_equal(driver_offered(&rx),
			 BIT64(VIRTIO_F_VERSION_1) | BIT64(VIRTIO_NET_F_MAC) |
				 BIT64(VIRTIO_NET_F_STATUS) |
				 BIT64(VIRTIO_NET_F_MTU) |
				 BIT64(VIRTIO_NET_F_CSUM) |
				 BIT64(VIRTIO_NET_F_HOST_TSO4) |
				 BIT64(VIRTIO_NET_F_HOST_TSO6) |
				 BIT64(VIRTIO_NET_F_GUEST_CSUM) |
				 BIT64(VIRTIO_NET_F_GUEST_TSO4) |
				 BIT64(VIRTIO_NET_F_GUEST_TSO6));
}

/* The kernel hears of the features that are its own. */
static void tells_what_was_accepted(void)
{
	const uint64_t ring = BIT64(VIRTIO_RING_F_EVENT_IDX) |
			      BIT64(VIRTIO_NET_F_MRG_RXBUF);

	machine(VIRTIO_MMIO);
	net_start(ring | BIT64(VIRTIO_NET_F_MAC) |
		  BIT64(VIRTIO_NET_F_GUEST_CSUM) |
		  BIT64(VIRTIO_NET_F_GUEST_TSO4));
	assert_int_equal(fake.vhost_accepted, ring | BIT64(VIRTIO_F_VERSION_1));
	assert_int_equal(fake.tap_offload, TUN_F_CSUM | TUN_F_TSO4);
	assert_int_equal(fake.tap_header, 12);
}

static void header_of_old_drivers(void)
{
	machine(VIRTIO_PCI_TRANSITIONAL);
	net_start_legacy(0);
	assert_int_equal(fake.tap_header, 10);
	assert_int_equal(fake.vhost_accepted, 0);
	net_start_legacy(BIT64(VIRTIO_NET_F_MRG_RXBUF));
	assert_int_equal(fake.tap_header, 12);
	assert_int_equal(fake.vhost_accepted, BIT64(VIRTIO_NET_F_MRG_RXBUF));
}

/* Section 5.1.3.1: TSO4 needs CSUM; the tap says no, the driver hears it. */
static void segments_without_checksums(void)
{
	machine(VIRTIO_MMIO);
	driver_prepare(&rx, WINDOW, NET_NUM, BIT64(VIRTIO_NET_F_GUEST_TSO4));
	driver_write(&rx, VIRTIO_MMIO_STATUS, RUNNING);
	assert_int_equal(net_status(), BROKEN);
	nothing_is_bound();
	net_start(0);
	is_served(&rx);
}

/* -- Life ---------------------------------------------------------------- */

static void calls_in_order(void)
{
	machine(VIRTIO_MMIO);
	assert_string_equal(fake_vhost_calls(), "owner");
	net_start(0);
	assert_string_equal(fake_vhost_calls(),
			    "features memory " START " " START);
	is_served(&rx);
	is_served(&tx);
	assert_int_not_equal(fake.vrings[0].kick, fake.vrings[1].kick);
	assert_int_not_equal(fake.vrings[0].call, fake.vrings[1].call);
}

static void knows_all_of_ram(void)
{
	running();
	assert_int_equal(fake.vhost_memory.head.nregions, 2);
	assert_int_equal(fake.vhost_memory.regions[0].guest_phys_addr, RAM);
	assert_int_equal(fake.vhost_memory.regions[0].memory_size, RAM_BYTES);
	assert_int_equal(fake.vhost_memory.regions[0].userspace_addr,
			 host(RAM));
	assert_int_equal(fake.vhost_memory.regions[1].guest_phys_addr, RAM2);
	assert_int_equal(fake.vhost_memory.regions[1].memory_size, RAM2_BYTES);
}

static void only_ready_queues(void)
{
	machine(VIRTIO_MMIO);
	net_start_rx_only(0);
	is_served(&rx);
	is_idle(1);
	fake_vhost_calls();
	driver_write(&rx, VIRTIO_MMIO_STATUS, 0);
	assert_string_equal(fake_vhost_calls(), STOP);
	nothing_is_bound();
}

static void stops_at_reset(void)
{
	running();
	fake_vhost_calls();
	driver_write(&rx, VIRTIO_MMIO_STATUS, 0);
	assert_string_equal(fake_vhost_calls(), STOP " " STOP);
	is_idle(0);
	is_idle(1);
	nothing_is_bound();
}

static void starts_again(void)
{
	unsigned i;

	running();
	for (i = 0; i < 100; i++) {
		rx.desc = 0;
		net_start(BIT64(VIRTIO_NET_F_MRG_RXBUF));
		is_served(&rx);
		is_served(&tx);
		assert_int_equal(fake.ioeventfd_count, 3); /* and the ACK */
		assert_int_equal(fake.irqfd_count, 2);
	}
	assert_int_equal(fake.log_lines, 0);
}

static void stops_one_queue(void)
{
	running();
	driver_write(&rx, VIRTIO_MMIO_QUEUE_SEL, 0);
	driver_write(&rx, VIRTIO_MMIO_QUEUE_READY, 0);
	is_idle(0);
	is_served(&tx);
}

/* A kick that reaches us all the same, is passed on. */
static void passes_kicks_on(void)
{
	running();
	driver_notify(&tx);
	assert_int_equal(fake.fds[fake.vrings[1].kick].count, 1);
	assert_int_equal(fake.fds[fake.vrings[0].kick].count, 0);
	driver_write(&tx, VIRTIO_MMIO_QUEUE_NOTIFY, 2);
	driver_write(&tx, VIRTIO_MMIO_QUEUE_NOTIFY, ~0u);
	assert_int_equal(fake.fds[fake.vrings[1].kick].count, 1);
	assert_int_equal(net_status(), RUNNING);
}

/* M09: nobody is there to be kicked. */
static void kicks_of_no_queue(void)
{
	machine(VIRTIO_MMIO);
	net_start_rx_only(0);
	driver_write(&rx, VIRTIO_MMIO_QUEUE_NOTIFY, 1);
	driver_write(&rx, VIRTIO_MMIO_STATUS, 0);
	driver_write(&rx, VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	assert_int_equal(net_status(), 0);
}

static void interrupts(void)
{
	running();
	fake_signal(fake.vrings[0].call);
	fake_signal(fake.vrings[1].call);
	assert_int_equal(fake_spi(NET_SPI)->rises, 2);
}

/* Section 2.6.1: one queue is reset and set up again, all else runs. */
static void queue_reset_and_back(void)
{
	machine(VIRTIO_MMIO);
	net_start(BIT64(VIRTIO_F_RING_RESET));
	fake_vhost_calls();
	driver_write(&rx, VIRTIO_MMIO_QUEUE_SEL, 1);
	driver_write(&rx, RING_RESET, 1);
	assert_string_equal(fake_vhost_calls(), STOP);
	is_idle(1);
	is_served(&rx);
	driver_next_queue(&tx, &rx, 1);
	assert_string_equal(fake_vhost_calls(), START);
	is_served(&tx);
	assert_int_equal(net_status(), RUNNING);
}

static void queue_reset_refused(void)
{
	machine(VIRTIO_MMIO);
	net_start(BIT64(VIRTIO_F_RING_RESET));
	driver_write(&rx, VIRTIO_MMIO_QUEUE_SEL, 1);
	driver_write(&rx, RING_RESET, 1);
	fake.vhost_refuses = VHOST_NET_SET_BACKEND;
	fake.vhost_refused_ring = 1;
	fake.vhost_error = -EBADFD;
	driver_next_queue(&tx, &rx, 1);
	assert_int_equal(net_status(), BROKEN);
	fake.vhost_refuses = 0;
	net_start(0);
	is_served(&tx);
}

/* -- What goes wrong ----------------------------------------------------- */

/* The driver hears of it, and a reset brings the device back. */
static void refuses(void *request)
{
	unsigned ring;

	machine(VIRTIO_MMIO);
	for (ring = 0; ring < 2; ring++) {
		fake.vhost_refuses = *(unsigned long *)request;
		fake.vhost_refused_ring = ring;
		fake.vhost_error = -EFAULT;
		fake.log_lines = fake.log_bytes = 0;
		driver_prepare(&rx, WINDOW, NET_NUM, 0);
		driver_next_queue(&tx, &rx, 1);
		driver_write(&rx, VIRTIO_MMIO_QUEUE_SEL, 0);
		driver_write(&rx, VIRTIO_MMIO_QUEUE_READY, 1);
		driver_write(&rx, VIRTIO_MMIO_STATUS, RUNNING);
		assert_int_equal(net_status(), BROKEN);
		fake_one_line("net0: vhost-net does not take its queues");
		fake.vhost_refuses = 0;
		net_start(0);
		is_served(&rx);
		is_served(&tx);
		driver_write(&rx, VIRTIO_MMIO_STATUS, 0);
		nothing_is_bound();
	}
}

static void kernel_refuses(void)
{
	fake_each_vhost_start(VHOST_NET_SET_BACKEND, refuses);
}

static void kernel_refuses_to_start(void)
{
	net_host();
	fake.vhost_refuses = VHOST_SET_OWNER;
	fake.vhost_error = -ENOMEM;
	assert_int_equal(EXITS(net_attach(VIRTIO_MMIO)), EXIT_VHOST);
	fake_one_line("/dev/vhost-net: VHOST_SET_OWNER refused (-12)");
}

/* The kernel finds a ring broken (part B): it is ours to tell the driver. */
static void kernel_gives_a_ring_up(void)
{
	unsigned rises;

	running();
	rises = fake_spi(NET_SPI)->rises;
	fake_signal(fake.vrings[1].err);
	net_pump();
	assert_int_equal(net_status(), BROKEN);
	assert_int_equal(driver_read(&rx, VIRTIO_MMIO_INTERRUPT_STATUS),
			 VIRTIO_ISR_CONFIG | VIRTIO_ISR_QUEUE);
	assert_int_equal(fake_spi(NET_SPI)->rises, rises + 1);
	fake_one_line("net0: the driver broke the queue's rules");
	net_start(0);
	is_served(&rx);
	is_served(&tx);
	fake_signal(fake.vrings[0].err); /* it is still watched */
	net_pump();
	assert_int_equal(net_status(), BROKEN);
}

static void error_while_reset(void)
{
	int err;

	running();
	err = fake.vrings[0].err;
	driver_write(&rx, VIRTIO_MMIO_STATUS, 0);
	fake_signal(err);
	net_pump();
	assert_int_equal(net_status(), 0);
	assert_int_equal(fake.log_lines, 0);
}

/* KVM has no room for it: kicks exit, and are passed on. */
static void no_ioeventfds(void)
{
	machine(VIRTIO_MMIO);
	fake.ioeventfd_error = -ENOSPC;
	net_start(0);
	assert_int_equal(net_status(), RUNNING);
	driver_notify(&tx);
	assert_int_equal(fake.fds[fake.vrings[1].kick].count, 1);
	driver_write(&rx, VIRTIO_MMIO_STATUS, 0);
	fake.ioeventfd_error = 0;
	net_start(0);
	is_served(&tx);
}

static void no_irqfds(void)
{
	machine(VIRTIO_MMIO);
	fake.irqfd_error = -ENOMEM;
	driver_prepare(&rx, WINDOW, NET_NUM, 0);
	driver_write(&rx, VIRTIO_MMIO_QUEUE_READY, 1);
	driver_write(&rx, VIRTIO_MMIO_STATUS, RUNNING);
	assert_int_equal(net_status(), BROKEN);
	fake_one_line("net0: its interrupt cannot be bound");
	fake.irqfd_error = 0;
	net_start(0);
	is_served(&rx);
}

static const struct CMUnitTest tests[] = {
	TEST(offers),
	TEST(offers_what_the_kernel_does),
	TEST(tells_what_was_accepted),
	TEST(header_of_old_drivers),
	TEST(segments_without_checksums),
	TEST(calls_in_order),
	TEST(knows_all_of_ram),
	TEST(only_ready_queues),
	TEST(stops_at_reset),
	TEST(starts_again),
	TEST(stops_one_queue),
	TEST(passes_kicks_on),
	TEST(kicks_of_no_queue),
	TEST(interrupts),
	TEST(queue_reset_and_back),
	TEST(queue_reset_refused),
	TEST(kernel_refuses),
	TEST(kernel_refuses_to_start),
	TEST(kernel_gives_a_ring_up),
	TEST(error_while_reset),
	TEST(no_ioeventfds),
	TEST(no_irqfds),
};

UNIT_MAIN("net_vhost", tests)
