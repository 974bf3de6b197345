/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole machine of the unit config under a hostile guest, an unreliable
 * host and time that jumps (threats.md, target T16): pseudo-random accesses to
 * every window, writes to rings and tables, terminal input, I/O that fails or
 * comes late. Afterwards every device works as after a reset, nothing outside
 * of what a device may write has changed, and the log was bounded.
 */
#include <linux/errno.h>
#include <linux/virtio_blk.h>
#include <string.h>

#include "core/gic.h"
#include "core/kvm.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/status.h"
#include "core/vcpu.h"
#include "dev/devices.h"
#include "dev/shared.h"
#include "test/unit/driver_pci.h"

/* Where the config has the devices; on PCI these are slots. */
#define DISK driver_row("disk0")
#define RNG driver_row("rng0")
#define DISK_RO driver_row("ro0")
#define DISK_OLD driver_row("old0")
#define CONSOLE driver_row("con0")
#define UART 0x09000000ull
#define RTC 0x09010000ull

/* On a machine with a second partition: what it shares, and its page. */
#define SHARING (config_memory_count > 0)
#define STATUS driver_row("status0")
#define SHARED cfg_of(PCI_BUS_EMULATED, (unsigned)driver_row("shared0"))
#define SHARED_REGS (MEM32 + driver_row("shared0") * 0x10000)
#define SHARED_TABLE (SHARED_REGS + 0x1000)
#define DOORBELL 0xcu

#define ON_PCI (config_partitions[0].pci.ecam_gpa != 0)

/* What the guest lets devices use; the rest of RAM is a witness. */
#define ARENA (RAM + 0x100000)
#define ARENA_BYTES 0x40000u
#define DATA (ARENA + 0x20000)

static uint64_t seed;
static struct vcpu vcpu;
static int packed[5]; /* by driver: the ring it asked for */
static unsigned page_writes; /* to the status page */
static unsigned notified; /* doorbells that no exit was for */
static unsigned next[5]; /* in a packed ring, over two laps */

static uint32_t pick(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16) % n;
}

static void machine(uint64_t start)
{
	const struct config_partition *p = &config_partitions[0];
	unsigned i;

	fake_reset();
	for (i = 0; i < config_device_count; i++) {
		if (config_devices[i].kind == DEVICE_VIRTIO_BLK) {
			fake_file(config_devices[i].path, 1 << 16);
		}
	}
	kvm_init();
	mem_init(p);
	vcpu_init(&vcpu, p->cpu_features);
	gic_init(&p->gic);
	loop_init(vcpu_immediate_exit(&vcpu));
	assert_int_equal(status_init(), 0);
	status_begin(0, &vcpu.exits);
	devices_init(0);
	gic_finalize();
	seed = start * 0x9e3779b97f4a7c15ull + 1;
	fake.tty_room = 100;
}

static void run_loop(void)
{
	loop_before_run();
	loop_after_run();
}

/* -- What the guest does ------------------------------------------------- */

static uint64_t nice_address(void)
{
	/* All but RAM's first bytes, which are a witness. */
	static const uint64_t edges[] = {
		0,	    RAM - 1,	 RAM1_END - 1,
		RAM2,	    RAM_END - 1, RAM_END,
		WINDOW,	    UINT64_MAX,	 UINT64_MAX - 511,
		1ull << 63, 0x08000000,	 MEM64 + 0x40000000,
		MEM32,
	};

	return pick(8) == 0 ? edges[pick(13)] :
			      ARENA + pick(ARENA_BYTES / 16) * 16;
}

static uint32_t nice_value(void)
{
	static const uint32_t values[] = {
		0,  1,	 2,   3,    4,	 8,	     15,     16,
		17, 127, 128, 0xff, 512, 0x7fffffff, 0xffff, UINT32_MAX
	};

	return pick(3) == 0 ? (uint32_t)seed : values[pick(16)];
}

/* An address in a device's registers, or next to them. */
static uint64_t mmio_place(void)
{
	static const uint64_t windows[] = { UART, RTC };
	unsigned which = pick(6);

	if (which < 2) {
		return windows[which] + pick(0x210);
	}
	return WINDOW + pick(5) * 0x200 + pick(0x210);
}

/* The same on PCI; the first registers of everything are the liveliest. */
static uint64_t pci_place(void)
{
	unsigned slot = pick(6);
	unsigned offset = pick(4) ? pick(0x40) : pick(0x1000);

	switch (pick(6)) {
	case 0:
		return cfg_of(PCI_BUS_VIRTIO, slot) + pick(0x110);
	case 1:
		return cfg_of(PCI_BUS_VIRTIO, slot) + offset;
	case 2:
		return PCI_IO + 0x10000 + slot * 0x800 + pick(0x40);
	case 3:
		return MEM32 + 0x200000 + slot * 0x10000 + 0x1000 + offset;
	default:
		return MEM32 + 0x200000 + slot * 0x10000 + 0x8000 +
		       pick(4) * 0x1000 + offset;
	}
}

static uint64_t shared_place(void)
{
	switch (pick(5)) {
	case 0:
		return STATUS + pick(0x1010);
	case 1:
		return SHARED + pick(0x110);
	case 2:
		return SHARED_TABLE + (pick(3) ? pick(0x20) : pick(0x1000));
	case 3:
		return SHARED_REGS + DOORBELL;
	default:
		return SHARED_REGS + pick(0x110);
	}
}

static uint64_t place(void)
{
	if (SHARING && pick(3) == 0) {
		return shared_place();
	}
	return ON_PCI && pick(8) ? pci_place() : mmio_place();
}

/* One access in any width; KVM takes what an eventfd is for. */
static void touch(void)
{
	struct mmio_access access = {
		.size = 1u << pick(4),
		.write = (int)pick(2),
		.value = nice_value(),
	};
	uint64_t at;
	int fd;

	if (pick(3) > 0 && !ON_PCI) {
		access.size = 4;
	}
	at = place() / access.size * access.size;
	if (SHARING && at == SHARED_REGS + DOORBELL && pick(2)) {
		access.value = pick(3) << 16 | pick(3);
	}
	fd = access.write ? fake_notified(at, access.size, access.value) : -1;
	if (fd >= 0) {
		fake_signal(fd);
		notified++;
		return;
	}
	if (SHARING && access.write && at - STATUS < 0x1000) {
		page_writes++;
	}
	(void)mmio_dispatch(at, &access);
}

static void scribble(void)
{
	uint64_t at = ARENA + pick(0x20000 / 4) * 4;
	uint32_t value = pick(2) ? nice_value() : (uint32_t)nice_address();

	memcpy(ram(at), &value, 4);
}

/* Finds the device, whatever was done to its function. */
static void find(struct driver *d, uint64_t window)
{
	uint64_t cfg = cfg_of(PCI_BUS_VIRTIO, (unsigned)window);
	unsigned bar;

	if (!ON_PCI) {
		d->window = window;
		return;
	}
	for (bar = 0; bar < 6; bar++) { /* no size, but the address */
		cfg_write(cfg, PCI_BASE_ADDRESS_0 + 4 * bar, 4, 0);
	}
	driver_pci_place(d, (unsigned)window,
			 window == DISK_OLD ? DRIVER_PCI_LEGACY : DRIVER_PCI);
	if (pick(2)) {
		cfg_write(cfg,
			  cfg_capability(cfg, PCI_CAP_ID_MSIX, 0) +
				  PCI_MSIX_FLAGS,
			  2, pick(2) * PCI_MSIX_FLAGS_ENABLE);
	}
}

/* A queue set up properly, most of the time, in the arena. */
static void set_up(struct driver *d, uint64_t window, unsigned which)
{
	find(d, window);
	d->queue = window == CONSOLE ? pick(2) : 0;
	packed[which] = window != DISK_OLD && pick(2);
	next[which] = 0;
	d->num = d->kind == DRIVER_PCI_LEGACY ? 16 : 1u << pick(6);
	d->desc = ARENA + pick(8) * 0x4000;
	d->avail = d->desc + 0x1000;
	d->used = d->desc + 0x2000;
	d->avail_idx = 0;
	driver_write(d, VIRTIO_MMIO_STATUS, 0);
	*(uint32_t *)ram(d->avail) = 0;
	if (packed[which]) {
		d->num = 1 + pick(40);
		memset(ram(d->desc), 0, 16 * d->num);
	}
	driver_write(d, VIRTIO_MMIO_STATUS, ALIVE);
	driver_write(d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	driver_write(d, VIRTIO_MMIO_DRIVER_FEATURES,
		     (uint32_t)(driver_read(d, VIRTIO_MMIO_DEVICE_FEATURES) &
				(pick(2) ? UINT32_MAX : nice_value())));
	driver_write(d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	driver_write(d, VIRTIO_MMIO_DRIVER_FEATURES, packed[which] ? 5 : 1);
	driver_write(d, VIRTIO_MMIO_STATUS,
		     ALIVE | VIRTIO_CONFIG_S_FEATURES_OK);
	driver_write(d, VIRTIO_MMIO_QUEUE_SEL, d->queue);
	driver_write(d, VIRTIO_MMIO_QUEUE_NUM, d->num);
	driver_write(d, VIRTIO_MMIO_QUEUE_DESC_LOW, (uint32_t)d->desc);
	driver_write(d, VIRTIO_MMIO_QUEUE_AVAIL_LOW, (uint32_t)d->avail);
	driver_write(d, VIRTIO_MMIO_QUEUE_USED_LOW, (uint32_t)d->used);
	driver_write(d, VIRTIO_MMIO_QUEUE_READY, 1);
	if (window == DISK_OLD) {
		d->avail = d->desc + 16ull * d->num;
		*(uint32_t *)ram(d->avail) = 0;
		driver_write(d, VIRTIO_MMIO_GUEST_PAGE_SIZE, 4096);
		driver_write(d, VIRTIO_MMIO_QUEUE_ALIGN, 8192);
		driver_write(d, VIRTIO_MMIO_QUEUE_PFN,
			     (uint32_t)(d->desc / 4096));
	}
	driver_write(d, VIRTIO_MMIO_STATUS,
		     window == DISK_OLD ? ALIVE | VIRTIO_CONFIG_S_DRIVER_OK :
					  RUNNING);
}

static void any_header(void)
{
	struct virtio_blk_outhdr header = {
		.type = pick(6),
		.sector = pick(4) ? pick(128) : nice_value(),
	};

	memcpy(ram(DATA + pick(0x1000) * 16), &header, 16);
}

/* The same in a packed ring; ids mostly as with a driver in order. */
static void offer_packed(struct driver *d, unsigned which)
{
	unsigned n = 1 + pick(5);
	unsigned i;

	for (i = 0; i < n; i++) {
		unsigned slot = next[which] % d->num;
		unsigned flags = i == 0 ? 0 : pick(2) * D_WRITE;

		flags |= i + 1 < n ? D_NEXT : D_WRITE;
		flags |= pick(20) == 0 ? D_INDIRECT : 0;
		flags |= next[which] < d->num ? 1u << 7 : 1u << 15;
		flags ^= pick(100) == 0 ? 1u << 7 : 0;
		driver_desc(d, slot, nice_address(),
			    pick(4) ? 16u << pick(6) : nice_value(),
			    pick(30) ? slot : nice_value(), flags);
		next[which] = (next[which] + 1) % (2 * d->num);
	}
	if (pick(4) == 0) {
		*(uint32_t *)ram(d->avail) = nice_value();
	}
	if (pick(2)) {
		any_header();
	}
}

/* Chains that are nearly right. */
static void offer(struct driver *d)
{
	unsigned n = 1 + pick(5);
	unsigned head = pick(d->num);
	unsigned i;

	for (i = 0; i < n; i++) {
		unsigned flags = i == 0 ? 0 : pick(2) * D_WRITE;

		flags |= i + 1 < n ? D_NEXT : 0;
		flags |= pick(20) == 0 ? D_INDIRECT : 0;
		driver_desc(d, (head + i) % 256, nice_address(),
			    pick(4) ? 16u << pick(6) : nice_value(),
			    i + 1 == n ? flags | D_WRITE : flags,
			    pick(20) ? (head + i + 1) % d->num : nice_value());
	}
	driver_offer(d, pick(30) ? head : nice_value());
	if (pick(50) == 0) {
		driver_set_avail(d, (uint16_t)nice_value());
	}
	if (pick(2)) {
		any_header();
	}
}

/* -- What the host does -------------------------------------------------- */

static void host(void)
{
	static const uint8_t bytes[] = "hello\x1b[A\0\xff";
	static const long errors[] = { 0, 0, -EIO, -ENOSPC, -EAGAIN };
	struct fake_file *file = &fake.files[pick(fake.file_count)];

	switch (pick(10)) {
	case 0:
		fake.hold_io = (int)pick(2);
		break;
	case 1:
		fake_complete_one();
		break;
	case 2:
		fake_complete_with((int)nice_value());
		break;
	case 3:
		file->io_error = errors[pick(5)];
		break;
	case 4:
		file->io_max = pick(2) * pick(1024);
		break;
	case 5:
		if (fake.tty_in_tail + 16 < FAKE_TTY) {
			fake_tty_type(bytes, 1 + pick(10));
		} else {
			fake.tty_in_head = fake.tty_in_tail = 0;
		}
		break;
	case 6:
		fake.tty_out_count = 0;
		fake.tty_room = 0;
		fake_tty_take(pick(20));
		break;
	case 7:
		if (fake.port.in_tail + 16 < FAKE_PORT_BYTES) {
			fake_port_type(bytes, 1 + pick(10));
		} else {
			fake.port.in_head = fake.port.in_tail = 0;
		}
		break;
	case 8:
		fake.port.out_count = 0;
		fake.port.out_max = pick(2) * pick(100);
		fake.port.room = 0;
		fake_port_take(pick(4) ? pick(2000) : 0);
		break;
	default:
		fake_set_time((int64_t)nice_value());
		break;
	}
}

/* The second partition rings ours, which may hear it. */
static void neighbour(void)
{
	cfg_write(SHARED, PCI_COMMAND, 2,
		  pick(4) ? PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER : 0);
	fake_signal(shared_bell(1, 1, pick(2)));
}

static void step(void)
{
	static struct driver drivers[5];
	const uint64_t windows[] = { DISK, RNG, DISK_RO, DISK_OLD, CONSOLE };
	unsigned which = pick(5);
	struct driver *d = &drivers[which];

	fake.msi_count = 0;
	if (d->window == 0 || pick(40) == 0) {
		set_up(d, windows[which], which);
	}
	switch (pick(8)) {
	case 0:
		touch();
		break;
	case 1:
		scribble();
		break;
	case 2:
		if (SHARING && pick(3) == 0) {
			neighbour();
		} else {
			host();
		}
		break;
	default:
		if (packed[which]) {
			offer_packed(d, which);
		} else {
			offer(d);
		}
		driver_notify(d);
		break;
	}
	if (pick(3) == 0) {
		run_loop();
	}
}

/* -- Afterwards ---------------------------------------------------------- */

static void disk_works(uint64_t window, struct fake_file *file)
{
	static const uint8_t text[] = "a sector of this disk";
	struct virtio_blk_outhdr header = { .sector = 3 };
	struct driver d = { .desc = ARENA,
			    .avail = ARENA + 0x1000,
			    .used = ARENA + 0x2000 };

	file->io_error = 0;
	file->io_max = 0;
	memcpy(file->data + 3 * 512, text, sizeof(text));
	memset(ram(ARENA), 0, 0x8000);
	find(&d, window);
	driver_start(&d, window, 16, 0);
	memcpy(ram(DATA), &header, sizeof(header));
	driver_desc(&d, 0, DATA, 16, D_NEXT, 1);
	driver_desc(&d, 1, DATA + 0x1000, 512, D_NEXT | D_WRITE, 2);
	driver_desc(&d, 2, DATA + 0x2000, 1, D_WRITE, 0);
	driver_offer(&d, 0);
	driver_notify(&d);
	run_loop();
	assert_int_equal(driver_used(&d), 1);
	assert_int_equal(*ram(DATA + 0x2000), VIRTIO_BLK_S_OK);
	assert_memory_equal(ram(DATA + 0x1000), text, sizeof(text));
}

static void rng_works(void)
{
	struct driver d = { .desc = ARENA,
			    .avail = ARENA + 0x1000,
			    .used = ARENA + 0x2000 };

	memset(ram(ARENA), 0, 0x8000);
	find(&d, RNG);
	driver_start(&d, RNG, 16, 0);
	driver_desc(&d, 0, DATA, 64, D_WRITE, 0);
	driver_offer(&d, 0);
	driver_notify(&d);
	assert_int_equal(driver_used(&d), 1);
	assert_int_equal(driver_used_len(&d, 0), 64);
}

static void uart_works(void)
{
	/* What is still under way, out with it; what was typed is gone. */
	fake.tty_in_head = fake.tty_in_tail = 0;
	driver_mmio_write(UART + 0x30, 4, 0x301);
	driver_mmio_write(UART + 0x2c, 4, 0x60);
	driver_mmio_write(UART + 0x2c, 4, 0x70);
	fake_tty_take(FAKE_TTY / 4);
	run_loop();
	fake.tty_out_count = 0;
	driver_mmio_write(UART, 4, 'K');
	run_loop();
	assert_true(fake.tty_out_count >= 1);
	assert_int_equal(fake.tty_out[fake.tty_out_count - 1], 'K');
	fake_tty_type("Z", 1);
	run_loop();
	assert_int_equal(driver_mmio_read(UART, 4), 'Z');
}

static void console_works(void)
{
	struct driver tx = { .queue = 1,
			     .desc = ARENA + 0x4000,
			     .avail = ARENA + 0x5000,
			     .used = ARENA + 0x6000 };
	struct driver rx = { .desc = ARENA,
			     .avail = ARENA + 0x1000,
			     .used = ARENA + 0x2000 };

	memset(ram(ARENA), 0, 0x8000);
	find(&rx, CONSOLE);
	find(&tx, CONSOLE);
	driver_prepare(&rx, CONSOLE, 16, 0);
	driver_add_queue(&rx, CONSOLE, 16);
	driver_add_queue(&tx, CONSOLE, 16);
	driver_write(&rx, VIRTIO_MMIO_STATUS, RUNNING);
	fake.port.out_count = 0;
	fake_port_take(100);
	run_loop();
	memcpy(ram(DATA), "sent", 4);
	driver_desc(&tx, 0, DATA, 4, 0, 0);
	driver_offer(&tx, 0);
	driver_notify(&tx);
	run_loop();
	assert_int_equal(driver_used(&tx), 1);
	assert_int_equal(fake.port.out_count, 4);
	fake.port.in_head = fake.port.in_tail = 0;
	driver_desc(&rx, 0, DATA, 64, D_WRITE, 0);
	driver_offer(&rx, 0);
	driver_notify(&rx);
	run_loop();
	fake_port_type("got", 3);
	run_loop();
	assert_int_equal(driver_used(&rx), 1);
	assert_memory_equal(ram(DATA), "got", 3);
}

static void rtc_works(void)
{
	fake_set_time(1800000000);
	run_loop();
	driver_mmio_write(RTC + 0x1c, 4, 1);
	driver_mmio_write(RTC + 0x08, 4, 5000);
	assert_int_equal(driver_mmio_read(RTC, 4), 5000);
	driver_mmio_write(RTC + 0x10, 4, 1);
	driver_mmio_write(RTC + 0x04, 4, 5010);
	run_loop();
	run_loop();
	driver_mmio_write(RTC + 0x1c, 4, 1);
	fake_set_time(1800000010);
	run_loop();
	run_loop();
	assert_int_equal(driver_mmio_read(RTC + 0x14, 4), 1);
}

/* The guest's writes are counted, and change nothing else. */
static void page_is_right(void)
{
	static const uint8_t zeros[0x1000 - sizeof(struct status_page)];
	struct status_page page = *status_of(0);

	assert_true(page_writes > 100);
	assert_int_equal(page.beats, page_writes);
	assert_int_equal(page.answers, page_writes);
	assert_memory_equal(fake_guest(STATUS), &page, sizeof(page));
	assert_memory_equal((char *)fake_guest(STATUS) + sizeof(page), zeros,
			    sizeof(zeros));
	assert_int_equal(page.magic, STATUS_MAGIC);
	assert_int_equal(page.version, STATUS_VERSION);
	assert_string_equal(page.name, "guest");
	assert_int_equal(page.restarts + page.exits_mmio + page.exits_wake +
				 page.exits_other + page.uptime_ms,
			 0);
	assert_true(page.requests > 0 && page.interrupts > 0);
}

static void sharing_works(void)
{
	const struct fake_fd *peer = &fake.fds[shared_bell(1, 0, 1)];
	uint64_t before = peer->count;

	assert_true(notified > 10);
	cfg_command(SHARED, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	cfg_write(SHARED,
		  cfg_capability(SHARED, PCI_CAP_ID_MSIX, 0) + PCI_MSIX_FLAGS,
		  2, PCI_MSIX_FLAGS_ENABLE);
	driver_mmio_write(SHARED_TABLE, 8, 0x08080000 + 0x10040);
	driver_mmio_write(SHARED_TABLE + 8, 4, 55);
	driver_mmio_write(SHARED_TABLE + 12, 4, 0);
	fake.msi_count = 0;
	fake_signal(shared_bell(1, 1, 0));
	assert_int_equal(fake_last_msi(1)->data, 55);
	fake_signal(fake_notified(SHARED_REGS + DOORBELL, 4, 1));
	assert_int_equal(peer->count, before + 1);
	assert_int_equal(fake.msi_count, 1);
}

static void stimuli(uint64_t start)
{
	static uint8_t before[RAM_BYTES];
	unsigned i;

	machine(start);
	for (i = 0; i < 0x100000; i++) {
		*ram(RAM + i) = (uint8_t)(i * 7);
	}
	memcpy(before, ram(RAM), 0x100000);
	for (i = 0; i < 100000; i++) {
		step();
	}
	/* One second of the log's clock: ten lines. */
	assert_in_range(fake.log_lines, 0, 10);
	/* No device has written where no descriptor could point. */
	assert_memory_equal(ram(RAM), before, 0x100000);
	fake.hold_io = 0;
	fake_progress();
	disk_works(DISK, &fake.files[0]);
	disk_works(DISK_RO, &fake.files[1]);
	rng_works();
	console_works();
	uart_works();
	rtc_works();
	if (SHARING) {
		page_is_right();
		sharing_works();
	}
}

#define STIMULI(n)                    \
	static void stimuli_##n(void) \
	{                             \
		stimuli(n);           \
	}
STIMULI(1)
STIMULI(2)
STIMULI(3)
STIMULI(4)
STIMULI(5)
STIMULI(6)
STIMULI(7)
STIMULI(8)

static const struct CMUnitTest tests[] = {
	TEST(stimuli_1), TEST(stimuli_2), TEST(stimuli_3), TEST(stimuli_4),
	TEST(stimuli_5), TEST(stimuli_6), TEST(stimuli_7), TEST(stimuli_8),
};

UNIT_MAIN("stimuli", tests)
