/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtio-net on a host without vhost: each packet goes through us (threats
 * part C, M33 to M35; F10). What is told to the tap is the same with vhost.
 */
#include <linux/errno.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <linux/virtio_net.h>
#include <string.h>

#include "core/log.h"
#include "test/unit/net_guest.h"

#define PACKET (RAM + 0x40000)
#define BUFFERS (RAM + 0x80000)
#define BROKEN (RUNNING | VIRTIO_CONFIG_S_NEEDS_RESET)
#define RING_RESET 0x0c0

static void running(void)
{
	net_machine(VIRTIO_MMIO);
	net_start(0);
}

static uint8_t *pattern(uint64_t gpa, unsigned n, unsigned seed)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		*ram(gpa + i) = (uint8_t)(seed + 7 * i);
	}
	return ram(gpa);
}

/* A packet of n bytes for the guest; its bytes start with first. */
static void arrives(uint8_t first, unsigned n)
{
	uint8_t bytes[2000];
	unsigned i;

	for (i = 0; i < n; i++) {
		bytes[i] = (uint8_t)(first + i);
	}
	fake_packet(bytes, n);
	net_pump();
}

static void still_works(void)
{
	unsigned sent = fake.sent_count;

	net_start(0);
	pattern(PACKET, 100, 1);
	net_send(PACKET, 100);
	assert_int_equal(fake.sent_count, sent + 1);
	net_buffer(0, BUFFERS, 2000);
	driver_notify(&rx);
	arrives(9, 80);
	assert_int_equal(driver_used(&rx), 1);
	assert_int_equal(driver_used_len(&rx, 0), 80);
	assert_int_equal(net_status(), RUNNING);
}

/* -- What the guest and the host are told -------------------------------- */

static void tells_the_guest(void)
{
	static const uint8_t config[] = { 2, 3, 4, 5, 6,	   7,
					  1, 0, 1, 0, 1400 & 0xff, 1400 >> 8 };

	net_machine(VIRTIO_MMIO);
	assert_int_equal(driver_read(&rx, VIRTIO_MMIO_DEVICE_ID),
			 VIRTIO_ID_NET);
	assert_memory_equal(ram(WINDOW + VIRTIO_MMIO_CONFIG), config,
			    sizeof(config));
	assert_int_equal(driver_offered(&rx),
			 BIT64(VIRTIO_NET_F_MAC) | BIT64(VIRTIO_NET_F_STATUS) |
				 BIT64(VIRTIO_NET_F_MTU) |
				 BIT64(VIRTIO_NET_F_CSUM) |
				 BIT64(VIRTIO_NET_F_HOST_TSO4) |
				 BIT64(VIRTIO_NET_F_HOST_TSO6) |
				 BIT64(VIRTIO_NET_F_GUEST_CSUM) |
				 BIT64(VIRTIO_RING_F_INDIRECT_DESC) |
				 BIT64(VIRTIO_RING_F_EVENT_IDX) |
				 BIT64(VIRTIO_F_VERSION_1) |
				 BIT64(VIRTIO_F_RING_PACKED) |
				 BIT64(VIRTIO_F_RING_RESET));
}

static void sets_up_the_interface(void)
{
	static const uint8_t ipv4[] = { 192, 168, 7, 1 };
	static const uint8_t netmask[] = { 255, 255, 254, 0 };

	net_machine(VIRTIO_MMIO);
	assert_string_equal(fake.tap_name, "tap0");
	assert_int_equal(fake.tap_flags, IFF_TAP | IFF_NO_PI | IFF_VNET_HDR);
	assert_int_equal(fake.tap_mtu, 1400);
	assert_int_equal(fake.tap_up, 1);
	assert_memory_equal(fake.tap_ipv4, ipv4, 4);
	assert_memory_equal(fake.tap_netmask, netmask, 4);
}

/* Made beforehand, so that no call needs privileges. */
static void leaves_what_is_right(void)
{
	net_host();
	fake.no_vhost = 1;
	fake.tap_mtu = 1400;
	fake.tap_up = 1;
	fake.tap_refuses = SIOCSIFMTU;
	net_attach(VIRTIO_MMIO);
	assert_int_equal(fake.tap_up, 1);
}

static void refused_with(void *request)
{
	net_host();
	fake.tap_refuses = *(unsigned long *)request;
	assert_int_equal(EXITS(net_attach(VIRTIO_MMIO)), EXIT_NET);
	fake_one_line("net0: interface tap0: ");
	assert_non_null(strstr(fake.log, "refused (-1); make it beforehand"));
}

static void host_refuses(void)
{
	static unsigned long requests[] = {
		TUNSETIFF,	SIOCGIFMTU,   SIOCSIFMTU,   SIOCSIFADDR,
		SIOCSIFNETMASK, SIOCGIFFLAGS, SIOCSIFFLAGS,
	};
	size_t i;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		assert_int_equal(unit_child(refused_with, &requests[i]), 0);
	}
}

/* Section 5.1.6: the header has num_buffers, or on old drivers not. */
static void header_size(void)
{
	net_machine(VIRTIO_PCI_TRANSITIONAL);
	net_start(0);
	assert_int_equal(fake.tap_header, 12);
	net_start_legacy(0);
	assert_int_equal(fake.tap_header, 10);
	net_send(PACKET, 100);
	assert_int_equal(fake.sent_bytes, 100);
	net_buffer(0, BUFFERS, 2000);
	driver_notify(&rx);
	arrives(1, 60);
	assert_int_equal(driver_used(&rx), 1);
	assert_int_equal(driver_used_len(&rx, 0), 60);
}

static void header_size_on_old_mmio(void)
{
	net_machine(VIRTIO_MMIO_LEGACY);
	net_start_legacy(0);
	assert_int_equal(fake.tap_header, 10);
	net_send(PACKET, 100);
	assert_int_equal(fake.sent_bytes, 100);
}

static void offloads(void)
{
	running();
	assert_int_equal(fake.tap_offload, 0);
	net_start(BIT64(VIRTIO_NET_F_GUEST_CSUM));
	assert_int_equal(fake.tap_offload, TUN_F_CSUM);
	net_start(BIT64(VIRTIO_NET_F_CSUM) | BIT64(VIRTIO_NET_F_HOST_TSO4));
	assert_int_equal(fake.tap_offload, 0);
}

static void tap_refuses_features(void)
{
	net_machine(VIRTIO_MMIO);
	fake.tap_refuses = TUNSETVNETHDRSZ;
	driver_prepare(&rx, WINDOW, NET_NUM, 0);
	driver_write(&rx, VIRTIO_MMIO_QUEUE_READY, 1);
	driver_write(&rx, VIRTIO_MMIO_STATUS, RUNNING);
	assert_int_equal(net_status(), BROKEN);
	fake_one_line("net0: the tap refuses its features");
	fake.tap_refuses = 0;
	still_works();
}

/* -- To the host --------------------------------------------------------- */

static void sends(void)
{
	uint8_t *bytes;

	running();
	bytes = pattern(PACKET, 100, 3);
	net_send(PACKET, 100);
	assert_int_equal(fake.sent_count, 1);
	assert_int_equal(fake.sent_bytes, 100);
	assert_memory_equal(fake.sent, bytes, 100);
	assert_int_equal(driver_used(&tx), 1);
	assert_int_equal(driver_used_len(&tx, 0), 0);
	assert_int_equal(fake_spi(NET_SPI)->rises, 1);
}

/* M33: as many buffers as the queue has, each a byte. */
static void sends_scattered(void)
{
	uint8_t *bytes;
	unsigned i;

	running();
	bytes = pattern(PACKET, 2 * NET_NUM, 5);
	for (i = 0; i < NET_NUM; i++) {
		driver_desc(&tx, i, PACKET + 2 * i, 2,
			    i + 1 < NET_NUM ? D_NEXT : 0, i + 1);
	}
	driver_offer(&tx, 0);
	driver_notify(&tx);
	assert_int_equal(fake.sent_bytes, 2 * NET_NUM);
	assert_memory_equal(fake.sent, bytes, 2 * NET_NUM);
}

/* M33: an indirect table of CONFIG_MAX_QUEUE, then one of 1000. */
static void indirect(unsigned n)
{
	const uint64_t table = RAM + 0x60000;
	unsigned i;

	for (i = 0; i < n; i++) {
		driver_desc_at(table, i, PACKET, 4, i + 1 < n ? D_NEXT : 0,
			       i + 1);
	}
	driver_desc(&tx, 0, table, 16 * n, D_INDIRECT, 0);
	driver_offer(&tx, 0);
	driver_notify(&tx);
}

static void m33_many_descriptors(void)
{
	net_machine(VIRTIO_MMIO);
	net_start(BIT64(VIRTIO_RING_F_INDIRECT_DESC));
	indirect(CONFIG_MAX_QUEUE);
	assert_int_equal(fake.sent_bytes, 4 * CONFIG_MAX_QUEUE);
	indirect(1000);
	assert_int_equal(net_status(), BROKEN);
	assert_int_equal(fake.sent_count, 1);
	still_works();
}

static void m33_sizes(void)
{
	static const unsigned sizes[] = { HEADER + 14,	 HEADER + 1400 + 14,
					  HEADER + 9000, 65535,
					  65536,	 65536 + HEADER };
	size_t i;

	running();
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		net_send(PACKET, sizes[i]);
		assert_int_equal(fake.sent_bytes, sizes[i]);
		assert_int_equal(driver_used(&tx), i + 1);
	}
}

/* The tap wants a header and an Ethernet one; without, a packet is lost. */
static void m33_too_short(void)
{
	static const unsigned sizes[] = { 1, HEADER - 1, HEADER, HEADER + 13 };
	size_t i;

	running();
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		net_send(PACKET, sizes[i]);
		assert_int_equal(driver_used(&tx), i + 1);
	}
	assert_int_equal(fake.sent_count, 0);
	assert_int_equal(fake.log_lines, 4);
	assert_int_equal(net_status(), RUNNING);
	still_works();
}

static void m33_empty(void)
{
	running();
	net_send(PACKET, 0);
	assert_int_equal(net_status(), BROKEN);
	assert_int_equal(fake.sent_count, 0);
	still_works();
}

static void writable_is_no_packet(void)
{
	running();
	driver_desc(&tx, 0, PACKET, 100, D_NEXT, 1);
	driver_desc(&tx, 1, PACKET + 100, 100, D_WRITE, 0);
	driver_offer(&tx, 0);
	driver_notify(&tx);
	assert_int_equal(net_status(), BROKEN);
	assert_int_equal(fake.sent_count, 0);
	still_works();
}

/* M35, F10: what the host refuses is lost, and is all that is. */
static void host_refuses_packets(void)
{
	static const int errors[] = { EINVAL, EIO, ENOBUFS, EAGAIN, ENOMEM };
	unsigned i;

	running();
	for (i = 0; i < 1000; i++) {
		fake.tap_error = -errors[i % 5];
		net_send(PACKET, 100);
		assert_int_equal(driver_used(&tx), i + 1);
	}
	assert_in_range(fake.log_lines, 1, 12);
	fake.tap_error = 0;
	still_works();
}

/* -- To the guest -------------------------------------------------------- */

static void receives(void)
{
	unsigned i;

	running();
	memset(ram(BUFFERS), 0x11, 200);
	net_buffer(0, BUFFERS, 2000);
	driver_notify(&rx);
	net_pump();
	assert_int_equal(driver_used(&rx), 0);
	arrives(5, 100);
	assert_int_equal(driver_used(&rx), 1);
	assert_int_equal(driver_used_len(&rx, 0), 100);
	for (i = 0; i < 100; i++) {
		assert_int_equal(*ram(BUFFERS + i), 5 + i);
	}
	assert_int_equal(*ram(BUFFERS + 100), 0x11);
	assert_int_equal(fake_spi(NET_SPI)->rises, 1);
}

/* Buffers before DRIVER_OK, and no notification after it. */
static void receives_from_the_start(void)
{
	net_machine(VIRTIO_MMIO);
	driver_prepare(&rx, WINDOW, NET_NUM, 0);
	net_buffer(0, BUFFERS, 2000);
	driver_go(&rx);
	net_pump();
	arrives(5, 100);
	assert_int_equal(driver_used(&rx), 1);
}

static void packet_waits_for_a_buffer(void)
{
	running();
	arrives(5, 100);
	assert_int_equal(fake.packet_bytes, 100);
	net_buffer(0, BUFFERS, 2000);
	driver_notify(&rx);
	assert_int_equal(driver_used(&rx), 1);
	assert_int_equal(*ram(BUFFERS), 5);
	arrives(6, 100); /* no buffer: it waits, and nothing spins */
	assert_int_equal(driver_used(&rx), 1);
	net_buffer(1, BUFFERS + 2000, 2000);
	driver_notify(&rx);
	assert_int_equal(driver_used(&rx), 2);
	assert_int_equal(*ram(BUFFERS + 2000), 6);
}

static void each_in_its_buffer(void)
{
	unsigned i;

	running();
	for (i = 0; i < NET_NUM; i++) {
		net_buffer(i, BUFFERS + 2000 * i, 2000);
	}
	driver_notify(&rx);
	for (i = 0; i < NET_NUM; i++) {
		arrives((uint8_t)i, 60 + i);
		assert_int_equal(driver_used(&rx), i + 1);
		assert_int_equal(driver_used_id(&rx, i), i);
		assert_int_equal(driver_used_len(&rx, i), 60 + i);
		assert_int_equal(*ram(BUFFERS + 2000 * i), i);
	}
}

/* M34 */
static void bad_buffer(uint32_t len, unsigned flags)
{
	net_start(0);
	driver_desc(&rx, 0, BUFFERS, len, flags, 0);
	driver_offer(&rx, 0);
	driver_notify(&rx);
	arrives(1, 100);
	assert_int_equal(net_status(), BROKEN);
	assert_int_equal(driver_used(&rx), 0);
	fake.packet_bytes = 0;
	still_works();
}

static void m34_small_buffers(void)
{
	net_machine(VIRTIO_MMIO);
	bad_buffer(1, D_WRITE);
	bad_buffer(HEADER - 1, D_WRITE);
	bad_buffer(2000, 0);
}

static void m34_just_a_header(void)
{
	running();
	memset(ram(BUFFERS), 0x11, 20);
	net_buffer(0, BUFFERS, HEADER);
	driver_notify(&rx);
	arrives(1, 100);
	assert_int_equal(driver_used_len(&rx, 0), HEADER);
	assert_int_equal(*ram(BUFFERS + HEADER - 1), HEADER);
	assert_int_equal(*ram(BUFFERS + HEADER), 0x11);
}

static void readable_before_writable(void)
{
	running();
	driver_desc(&rx, 0, BUFFERS, 20, D_NEXT, 1);
	driver_desc(&rx, 1, BUFFERS + 20, 2000, D_WRITE, 0);
	driver_offer(&rx, 0);
	driver_notify(&rx);
	assert_int_equal(net_status(), BROKEN);
	still_works();
}

static void read_error(void)
{
	running();
	net_buffer(0, BUFFERS, 2000);
	fake.tap_error = -EIO;
	driver_notify(&rx);
	assert_int_equal(driver_used(&rx), 0);
	fake.tap_error = 0;
	arrives(1, 100); /* the same buffer */
	assert_int_equal(driver_used(&rx), 1);
	assert_int_equal(*ram(BUFFERS), 1);
}

/* The host removed the interface: its descriptor is ready for ever. */
static void interface_removed(void)
{
	running();
	net_buffer(0, BUFFERS, 2000);
	driver_notify(&rx);
	fake.tap_gone = 1;
	net_pump();
	fake_one_line("net0: the host's interface is gone");
	net_send(PACKET, 100);
	assert_int_equal(driver_used(&tx), 1);
	driver_notify(&rx);
	net_pump();
	assert_int_equal(net_status(), RUNNING);
	assert_int_equal(driver_used(&rx), 0);
}

/* -- Resets -------------------------------------------------------------- */

/* M11, M59: the buffer that waits for a packet is the driver's again. */
static void reset_with_a_buffer_held(void)
{
	running();
	memset(ram(BUFFERS), 0x11, 4000);
	net_buffer(0, BUFFERS, 2000);
	driver_notify(&rx);
	net_pump();
	driver_write(&rx, VIRTIO_MMIO_STATUS, 0);
	arrives(1, 100);
	assert_int_equal(fake.packet_bytes, 100);
	assert_int_equal(*ram(BUFFERS), 0x11);
	net_start(0);
	net_buffer(0, BUFFERS + 2000, 2000);
	driver_notify(&rx);
	assert_int_equal(driver_used(&rx), 1);
	assert_int_equal(*ram(BUFFERS), 0x11);
	assert_int_equal(*ram(BUFFERS + 2000), 1);
}

static void queue_reset_with_a_buffer_held(void)
{
	net_machine(VIRTIO_MMIO);
	net_start(BIT64(VIRTIO_F_RING_RESET));
	memset(ram(BUFFERS), 0x11, 4000);
	net_buffer(0, BUFFERS, 2000);
	driver_notify(&rx);
	net_pump();
	driver_write(&rx, VIRTIO_MMIO_QUEUE_SEL, 0);
	driver_write(&rx, RING_RESET, 1);
	arrives(1, 100);
	assert_int_equal(*ram(BUFFERS), 0x11);
	driver_next_queue(&rx, &rx, 0);
	net_buffer(0, BUFFERS + 2000, 2000);
	driver_notify(&rx);
	assert_int_equal(driver_used(&rx), 1);
	assert_int_equal(*ram(BUFFERS + 2000), 1);
	assert_int_equal(*ram(BUFFERS), 0x11);
}

/* However often: the loop waits for the tap once. */
static void resets_do_not_pile_up(void)
{
	unsigned i;

	running();
	for (i = 0; i < 1000; i++) {
		net_buffer(0, BUFFERS, 2000);
		driver_notify(&rx);
		net_pump();
		net_start(0);
	}
	assert_int_equal(fake_pending(), 2); /* with the loop's own */
	still_works();
}

static const struct CMUnitTest tests[] = {
	TEST(tells_the_guest),
	TEST(sets_up_the_interface),
	TEST(leaves_what_is_right),
	TEST(host_refuses),
	TEST(header_size),
	TEST(header_size_on_old_mmio),
	TEST(offloads),
	TEST(tap_refuses_features),
	TEST(sends),
	TEST(sends_scattered),
	TEST(m33_many_descriptors),
	TEST(m33_sizes),
	TEST(m33_too_short),
	TEST(m33_empty),
	TEST(writable_is_no_packet),
	TEST(host_refuses_packets),
	TEST(receives),
	TEST(receives_from_the_start),
	TEST(packet_waits_for_a_buffer),
	TEST(each_in_its_buffer),
	TEST(m34_small_buffers),
	TEST(m34_just_a_header),
	TEST(readable_before_writable),
	TEST(read_error),
	TEST(interface_removed),
	TEST(reset_with_a_buffer_held),
	TEST(queue_reset_with_a_buffer_held),
	TEST(resets_do_not_pile_up),
};

UNIT_MAIN("net", tests)
