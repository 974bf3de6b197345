/* SPDX-License-Identifier: Apache-2.0 */
/* virtio-vsock: the kernel serves two queues, the third has no events. */
#include <linux/errno.h>
#include <linux/vhost.h>
#include <linux/virtio_vsock.h>
#include <string.h>

#include "core/gic.h"
#include "core/log.h"
#include "core/loop.h"
#include "dev/vsock.h"
#include "test/unit/driver.h"

#define NUM 16u
#define SPI 19u
#define CID 0x12345
#define BROKEN (RUNNING | VIRTIO_CONFIG_S_NEEDS_RESET)
/* drivers/vhost/vsock.c of Linux 6.12, and what vhost-net has besides */
#define OFFERS                                                                 \
	(BIT64(VIRTIO_F_RING_RESET) | BIT64(24) | BIT64(26) | BIT64(27) |      \
	 BIT64(VIRTIO_RING_F_INDIRECT_DESC) | BIT64(VIRTIO_RING_F_EVENT_IDX) | \
	 BIT64(VIRTIO_F_VERSION_1) | BIT64(VIRTIO_F_ACCESS_PLATFORM) |         \
	 BIT64(VIRTIO_VSOCK_F_SEQPACKET))
#define RING "num base addr kick call err"

static struct driver q[3];

static void host(void)
{
	static const struct config_gic gic = { .version = GIC_V3, .spis = 32 };

	driver_machine();
	gic_init(&gic);
	gic_finalize();
	fake.vhost_features = OFFERS;
}

static void attach(void)
{
	static const struct config_device row = {
		.name = "vsock0",
		.gpa = WINDOW,
		.size = 0x200,
		.spi = SPI,
		.kind = DEVICE_VIRTIO_VSOCK,
		.transport = VIRTIO_MMIO,
		.cid = CID,
	};

	vsock_init(&row);
}

static void machine(void)
{
	host();
	attach();
}

static uint32_t status(void)
{
	return driver_read(&q[0], VIRTIO_MMIO_STATUS);
}

/* Those queues of which the bit is set; the status then. */
static uint32_t start(unsigned queues)
{
	unsigned i;

	q[0].desc = 0;
	driver_prepare(&q[0], WINDOW, NUM, 0);
	for (i = 1; i < 3; i++) {
		if ((queues >> i & 1) != 0) {
			driver_next_queue(&q[i], &q[0], i);
		}
	}
	driver_write(&q[0], VIRTIO_MMIO_QUEUE_SEL, 0);
	driver_write(&q[0], VIRTIO_MMIO_QUEUE_READY, queues & 1);
	driver_write(&q[0], VIRTIO_MMIO_STATUS, RUNNING);
	return status();
}

static void nothing_is_bound(void)
{
	assert_int_equal(fake.vhost_running, 0);
	assert_int_equal(fake.ioeventfd_count, 0);
	assert_int_equal(fake.irqfd_count, 0);
}

static void tells_the_guest(void)
{
	uint64_t cid;

	machine();
	q[0].window = WINDOW;
	assert_int_equal(driver_read(&q[0], VIRTIO_MMIO_DEVICE_ID),
			 VIRTIO_ID_VSOCK);
	memcpy(&cid, ram(WINDOW + VIRTIO_MMIO_CONFIG), 8);
	assert_int_equal(cid, CID);
	assert_int_equal(fake.vhost_cid, CID);
	assert_int_equal(driver_offered(&q[0]),
			 BIT64(VIRTIO_RING_F_INDIRECT_DESC) |
				 BIT64(VIRTIO_RING_F_EVENT_IDX) |
				 BIT64(VIRTIO_F_VERSION_1));
	assert_string_equal(fake_vhost_calls(), "owner cid");
}

static void life(void)
{
	unsigned i;

	machine();
	fake_vhost_calls();
	for (i = 0; i < 100; i++) {
		assert_int_equal(start(7), RUNNING);
		assert_int_equal(fake.vhost_running, 1);
		assert_string_equal(fake_vhost_calls(), "features memory " RING
							" " RING " running");
		assert_int_equal(fake_notified(WINDOW + 0x50, 4, 0),
				 fake.vrings[0].kick);
		assert_int_equal(fake_notified(WINDOW + 0x50, 4, 1),
				 fake.vrings[1].kick);
		assert_int_equal(fake_notified(WINDOW + 0x50, 4, 2), -1);
		assert_true(fake_is_bound(fake.vrings[0].call));
		driver_write(&q[0], VIRTIO_MMIO_STATUS, 0);
		assert_string_equal(fake_vhost_calls(),
				    "running kick call running kick call");
		nothing_is_bound();
	}
	assert_int_equal(fake.log_lines, 0);
}

static void interrupts(void)
{
	machine();
	start(7);
	fake_signal(fake.vrings[0].call);
	assert_int_equal(fake_spi(SPI)->rises, 1);
}

/* The events that never come. */
static void event_queue(void)
{
	machine();
	start(7);
	driver_desc(&q[2], 0, RAM + 0x40000, 64, D_WRITE, 0);
	driver_offer(&q[2], 0);
	driver_notify(&q[2]);
	assert_int_equal(driver_used(&q[2]), 0);
	assert_int_equal(status(), RUNNING);
	driver_set_avail(&q[2], 60000); /* nobody looks */
	driver_notify(&q[2]);
	assert_int_equal(status(), RUNNING);
}

static void passes_kicks_on(void)
{
	machine();
	start(3);
	driver_notify(&q[1]);
	assert_int_equal(fake.fds[fake.vrings[1].kick].count, 1);
	driver_write(&q[0], VIRTIO_MMIO_QUEUE_NOTIFY, 2);
	driver_write(&q[0], VIRTIO_MMIO_QUEUE_NOTIFY, 3);
	assert_int_equal(fake.fds[fake.vrings[1].kick].count, 1);
}

/*
 * The kernel starts both queues or none: one that the driver did not set up
 * would run on the rings of its last life (M59).
 */
static void both_queues_or_none(void)
{
	static const unsigned queues[] = { 0, 1, 2, 4, 5, 6 };
	size_t i;

	machine();
	for (i = 0; i < sizeof(queues) / sizeof(queues[0]); i++) {
		assert_int_equal(start(7), RUNNING);
		assert_int_equal(start(queues[i]), BROKEN);
		assert_int_equal(fake.vhost_running, 0);
	}
	assert_int_equal(start(3), RUNNING);
	driver_write(&q[0], VIRTIO_MMIO_STATUS, 0);
	nothing_is_bound();
}

/* Section 2.7 knows no such thing on a live device; nothing runs on. */
static void one_queue_stopped(void)
{
	machine();
	start(7);
	driver_write(&q[0], VIRTIO_MMIO_QUEUE_SEL, 1);
	driver_write(&q[0], VIRTIO_MMIO_QUEUE_READY, 0);
	assert_int_equal(fake.vhost_running, 0);
	driver_write(&q[0], VIRTIO_MMIO_STATUS, 0);
	nothing_is_bound();
	assert_int_equal(start(7), RUNNING);
}

static void refuses(void *request)
{
	unsigned ring;

	machine();
	for (ring = 0; ring < 2; ring++) {
		fake.vhost_refuses = *(unsigned long *)request;
		fake.vhost_refused_ring = ring;
		fake.vhost_error = -EFAULT;
		fake.log_lines = fake.log_bytes = 0;
		assert_int_equal(start(7), BROKEN);
		fake_one_line("vsock0: vhost-vsock does not take its queues");
		fake.vhost_refuses = 0;
		assert_int_equal(start(7), RUNNING);
		assert_int_equal(fake.vhost_running, 1);
		driver_write(&q[0], VIRTIO_MMIO_STATUS, 0);
		nothing_is_bound();
	}
}

static void kernel_refuses(void)
{
	fake_each_vhost_start(VHOST_VSOCK_SET_RUNNING, refuses);
}

static void kernel_gives_a_ring_up(void)
{
	machine();
	start(7);
	fake_signal(fake.vrings[0].err);
	fake_progress();
	loop_before_run();
	assert_int_equal(status(), BROKEN);
	assert_int_equal(start(7), RUNNING);
}

/* F03 */
static void no_vhost(void)
{
	host();
	fake.no_vhost = 1;
	assert_int_equal(EXITS(attach()), EXIT_VHOST);
	fake_one_line("vsock0: /dev/vhost-vsock: error -2; build the host");
}

static void cid_in_use(void)
{
	host();
	fake.vhost_refuses = VHOST_VSOCK_SET_GUEST_CID;
	fake.vhost_error = -EADDRINUSE;
	assert_int_equal(EXITS(attach()), EXIT_VHOST);
	fake_one_line("/dev/vhost-vsock: the guest's cid refused (-98)");
}

static const struct CMUnitTest tests[] = {
	TEST(tells_the_guest),
	TEST(life),
	TEST(interrupts),
	TEST(event_queue),
	TEST(passes_kicks_on),
	TEST(both_queues_or_none),
	TEST(one_queue_stopped),
	TEST(kernel_refuses),
	TEST(kernel_gives_a_ring_up),
	TEST(no_vhost),
	TEST(cid_in_use),
};

UNIT_MAIN("vsock", tests)
