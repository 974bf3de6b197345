/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Queues that the kernel serves, on PCI: where notifications go, how
 * interrupts come, and what of it follows the registers (M47, M50, M53, M54).
 * The device is virtio-net with vhost.
 */
#include <linux/io_uring.h>
#include <linux/virtio_pci.h>
#include <string.h>

#include "test/unit/net_guest.h"

#define BROKEN (RUNNING | VIRTIO_CONFIG_S_NEEDS_RESET)
#define MODERN_NOTIFY(q) (rx.window + PART_NOTIFY + 4 * (q))
#define LEGACY_NOTIFY (PCI_IO + 0x10000 + NET_SLOT * 0x800 + 0x10)
#define LINE (PCI_SPI + PCI_BUS_VIRTIO * PCI_INTX + NET_SLOT % PCI_INTX)
#define ON (PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER)

static void machine(enum virtio_transport transport)
{
	net_host();
	fake.vhost_features = VHOST_NET_OFFERS;
	net_attach(transport);
}

static void running(void)
{
	machine(VIRTIO_PCI);
	net_start(0);
}

static void running_with_msix(void)
{
	running();
	net_msix();
}

static int call(unsigned q)
{
	return fake.vrings[q].call;
}

static uint32_t isr(void)
{
	return (uint32_t)driver_mmio_read(rx.window + PART_ISR, 1);
}

static void msix(unsigned flags)
{
	cfg_write(net_cfg,
		  cfg_capability(net_cfg, PCI_CAP_ID_MSIX, 0) + PCI_MSIX_FLAGS,
		  2, flags);
}

static void mask(unsigned vector, unsigned on)
{
	driver_mmio_write(NET_MSIX + 16 * vector + 12, 4, on);
}

static void set_vector(unsigned q, unsigned vector)
{
	driver_mmio_write(rx.window + VIRTIO_PCI_COMMON_Q_SELECT, 2, q);
	driver_mmio_write(rx.window + VIRTIO_PCI_COMMON_Q_MSIX, 2, vector);
}

/* The kernel has used buffers of queue q. */
static void uses(unsigned q)
{
	fake_signal(call(q));
	net_pump();
}

/* -- Notifications ------------------------------------------------------- */

static void notifications(void)
{
	unsigned q, size;

	running();
	for (q = 0; q < 2; q++) {
		for (size = 1; size <= 8; size *= 2) {
			assert_int_equal(fake_notified(MODERN_NOTIFY(q), size,
						       0xffff),
					 fake.vrings[q].kick);
		}
	}
	assert_int_equal(fake.ioeventfd_count, 2);
	driver_mmio_write(MODERN_NOTIFY(1) + 2, 2, 1); /* that reaches us */
	assert_int_equal(fake.fds[fake.vrings[1].kick].count, 1);
}

static void notifications_of_both_kinds(void)
{
	machine(VIRTIO_PCI_TRANSITIONAL);
	net_start(0);
	assert_int_equal(fake.ioeventfd_count, 4);
	assert_int_equal(fake_notified(LEGACY_NOTIFY, 2, 1),
			 fake.vrings[1].kick);
	assert_int_equal(fake_notified(LEGACY_NOTIFY, 2, 2), -1);
	assert_int_equal(fake_notified(LEGACY_NOTIFY, 4, 1), -1);
	assert_int_equal(fake_notified(MODERN_NOTIFY(1), 2, 1),
			 fake.vrings[1].kick);
	net_start_legacy(0);
	assert_int_equal(fake.ioeventfd_count, 4);
	assert_int_equal(fake_notified(LEGACY_NOTIFY, 2, 0),
			 fake.vrings[0].kick);
	driver_write(&rx, VIRTIO_MMIO_STATUS, 0);
	assert_int_equal(fake.ioeventfd_count, 0);
}

/* M54: a BAR that is not decoded is not listened to. */
static void notifications_follow_decode(void)
{
	unsigned i;

	machine(VIRTIO_PCI_TRANSITIONAL);
	net_start(0);
	for (i = 0; i < 100; i++) {
		cfg_command(net_cfg, PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY);
		assert_int_equal(fake_notified(LEGACY_NOTIFY, 2, 1), -1);
		assert_int_equal(fake_notified(MODERN_NOTIFY(1), 2, 1),
				 fake.vrings[1].kick);
		cfg_command(net_cfg, PCI_COMMAND_MASTER | PCI_COMMAND_IO);
		assert_int_equal(fake_notified(LEGACY_NOTIFY, 2, 1),
				 fake.vrings[1].kick);
		assert_int_equal(fake_notified(MODERN_NOTIFY(1), 2, 1), -1);
		cfg_command(net_cfg, PCI_COMMAND_MASTER);
		assert_int_equal(fake.ioeventfd_count, 0);
		driver_mmio_write(MODERN_NOTIFY(1), 2, 1);
		cfg_command(net_cfg, ON);
		assert_int_equal(fake.ioeventfd_count, 4);
	}
	assert_int_equal(fake.fds[fake.vrings[1].kick].count, 0);
	cfg_command(net_cfg, PCI_COMMAND_MASTER);
	cfg_command(net_cfg, ON);
	driver_write(&rx, VIRTIO_MMIO_STATUS, 0);
	assert_int_equal(fake.ioeventfd_count, 0);
}

/* -- INTx ---------------------------------------------------------------- */

static void intx(void)
{
	unsigned i;

	running();
	assert_int_equal(fake.irqfd_count, 0);
	for (i = 1; i <= 3; i++) {
		uses(i % 2);
		assert_int_equal(fake_spi(LINE)->level, 1);
		assert_int_equal(fake_spi(LINE)->rises, i);
		assert_int_equal(isr(), VIRTIO_ISR_QUEUE);
		assert_int_equal(fake_spi(LINE)->level, 0);
	}
	assert_int_equal(fake.msi_count, 0);
}

/* Polls are called off, and nothing of an old life interrupts the next. */
static void resets(void)
{
	const unsigned idle = 1; /* vhost's error */
	unsigned i;

	running();
	for (i = 0; i < 300; i++) {
		if (i % 3 == 0) {
			net_pump();
		}
		driver_write(&rx, VIRTIO_MMIO_STATUS, 0);
		if (i % 2 == 0) {
			net_pump();
			assert_int_equal(fake_pending_of(IORING_OP_POLL_ADD),
					 idle);
		}
		net_start(0);
		net_pump();
	}
	uses(0);
	assert_int_equal(fake_spi(LINE)->rises, 1);
	assert_int_equal(fake_pending_of(IORING_OP_POLL_ADD), idle + 2);
}

static void signalled_while_reset(void)
{
	int fd;

	running();
	net_pump();
	fd = call(0);
	driver_write(&rx, VIRTIO_MMIO_STATUS, 0);
	fake_signal(fd);
	net_pump();
	assert_int_equal(fake_spi(LINE)->calls, 0);
	assert_int_equal(isr(), 0);
}

/* -- MSI-X --------------------------------------------------------------- */

static void vectors(void)
{
	running_with_msix();
	assert_int_equal(fake.irqfd_count, 2);
	uses(0);
	assert_int_equal(fake_last_msi(1)->data, 100);
	assert_int_equal(fake.msis[0].irqfd, call(0));
	uses(1);
	assert_int_equal(fake_last_msi(2)->data, 101);
	assert_int_equal(fake.msis[1].device, 0x100 | NET_SLOT << 3);
	assert_int_equal(fake_spi(LINE)->calls, 0);
	assert_int_equal(isr(), 0);
}

/* Programmed before DRIVER_OK, as Linux does. */
static void vectors_before_start(void)
{
	machine(VIRTIO_PCI);
	driver_prepare(&rx, 0, NET_NUM, 0);
	driver_next_queue(&tx, &rx, 1);
	net_msix();
	assert_int_equal(fake.irqfd_count, 0);
	driver_go(&rx);
	assert_int_equal(fake.irqfd_count, 2);
	uses(1);
	assert_int_equal(fake_last_msi(1)->data, 101);
}

static void vector_changes(void)
{
	running_with_msix();
	set_vector(0, 2);
	uses(0);
	assert_int_equal(fake_last_msi(1)->data, 102);
	set_vector(0, 1); /* both queues on one */
	uses(0);
	uses(1);
	assert_int_equal(fake_last_msi(3)->data, 101);
	assert_int_equal(fake.msis[1].data, 101);
}

/* M47: no such vector is none; what happens meanwhile is not lost. */
static void no_vector(void)
{
	running_with_msix();
	set_vector(0, 3);
	assert_int_equal(fake.irqfd_count, 1);
	uses(0);
	assert_int_equal(fake.msi_count, 0);
	assert_int_equal(fake_spi(LINE)->calls, 0);
	set_vector(0, 0);
	assert_int_equal(fake_last_msi(1)->data, 100);
}

static void masked_vector(void)
{
	running_with_msix();
	mask(1, 1);
	assert_false(fake_is_bound(call(1)));
	uses(1);
	assert_int_equal(fake.msi_count, 0);
	assert_int_equal(driver_mmio_read(NET_MSIX + 0x800, 8), 2);
	mask(1, 0);
	assert_int_equal(fake_last_msi(1)->data, 101);
	uses(1);
	assert_int_equal(fake_last_msi(2)->data, 101);
}

/* M50; the poll for INTx may still be in flight when MSI-X has it. */
static void switches(void)
{
	unsigned i;

	running_with_msix();
	for (i = 1; i <= 50; i++) {
		msix(0);
		assert_int_equal(fake.irqfd_count, 0);
		uses(0);
		assert_int_equal(fake_spi(LINE)->rises, i);
		assert_int_equal(isr(), VIRTIO_ISR_QUEUE);
		msix(PCI_MSIX_FLAGS_ENABLE);
		assert_int_equal(fake.irqfd_count, 2);
		uses(0);
		assert_int_equal(fake_last_msi(i)->data, 100);
	}
	assert_int_equal(isr(), 0);
}

static void reset_with_msix(void)
{
	unsigned i;

	running_with_msix();
	for (i = 1; i <= 50; i++) {
		driver_write(&rx, VIRTIO_MMIO_STATUS, 0);
		assert_int_equal(fake.irqfd_count, 0);
		net_start(0);
		assert_int_equal(fake.irqfd_count, 0); /* vectors are gone */
		set_vector(0, 0);
		uses(0);
		assert_int_equal(fake_last_msi(i)->data, 100);
	}
}

/* M51: the guest's nonsense costs it its interrupts. */
static void message_to_nowhere(void)
{
	running_with_msix();
	driver_mmio_write(NET_MSIX, 8, RAM);
	assert_false(fake_is_bound(call(0)));
	uses(0);
	assert_int_equal(fake.msi_count, 0);
	driver_mmio_write(NET_MSIX, 8, NET_ITS + 0x10040);
	assert_int_equal(fake_last_msi(1)->data, 100);
}

/* -- Bus mastering -------------------------------------------------------- */

/*
 * A kernel that is about to start another one takes it away: no more DMA, no
 * messages, until the next driver's reset.
 */
static void bus_master_off(void)
{
	running_with_msix();
	cfg_command(net_cfg, PCI_COMMAND_MEMORY);
	assert_int_equal(fake.vrings[0].backend, -1);
	assert_int_equal(fake.vrings[1].backend, -1);
	assert_int_equal(fake.ioeventfd_count, 0);
	assert_int_equal(fake.irqfd_count, 0);
	assert_int_equal(net_status(), BROKEN);
	assert_int_equal(fake.msi_count, 0);
	driver_notify(&tx);
	cfg_command(net_cfg, ON);
	assert_int_equal(fake.vrings[0].backend, -1);
	assert_int_equal(net_status(), BROKEN);
	net_start(0);
	net_msix();
	uses(1);
	assert_int_equal(fake_last_msi(1)->data, 101);
}

/* Also where the packets go through us. */
static void bus_master_off_without_vhost(void)
{
	net_machine(VIRTIO_PCI);
	net_start(0);
	memset(ram(RAM + 0x80000), 0x11, 100);
	net_buffer(0, RAM + 0x80000, 2000);
	driver_notify(&rx);
	net_pump();
	cfg_command(net_cfg, PCI_COMMAND_MEMORY);
	fake_packet("0123456789abcdefghijklmnopqrstuvwxyz", 36);
	net_pump();
	net_send(RAM + 0x40000, 100);
	assert_int_equal(fake.sent_count, 0);
	assert_int_equal(*ram(RAM + 0x80000), 0x11);
	cfg_command(net_cfg, ON);
	net_start(0);
	net_send(RAM + 0x40000, 100);
	assert_int_equal(fake.sent_count, 1);
}

/* As after power-on: nothing is stopped that did not run. */
static void bus_master_off_before_start(void)
{
	machine(VIRTIO_PCI);
	driver_prepare(&rx, 0, NET_NUM, 0);
	cfg_command(net_cfg, PCI_COMMAND_MEMORY);
	cfg_command(net_cfg, ON);
	driver_go(&rx);
	assert_int_equal(net_status(), RUNNING);
}

static const struct CMUnitTest tests[] = {
	TEST(notifications),
	TEST(notifications_of_both_kinds),
	TEST(notifications_follow_decode),
	TEST(intx),
	TEST(resets),
	TEST(signalled_while_reset),
	TEST(vectors),
	TEST(vectors_before_start),
	TEST(vector_changes),
	TEST(no_vector),
	TEST(masked_vector),
	TEST(switches),
	TEST(reset_with_msix),
	TEST(message_to_nowhere),
	TEST(bus_master_off),
	TEST(bus_master_off_without_vhost),
	TEST(bus_master_off_before_start),
};

UNIT_MAIN("virtio_pci_calls", tests)
