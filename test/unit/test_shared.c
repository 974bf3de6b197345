/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What partitions of one config share: memories and doorbells that PID 1 makes
 * before it forks, eventfds from one guest's write to the other's interrupt,
 * a bridge. The partitions are processes of their own here, as on the board.
 */
#include <linux/errno.h>
#include <linux/reboot.h>
#include <linux/sockios.h>
#include <string.h>

#include "boot/supervisor.h"
#include "core/gic.h"
#include "core/kvm.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/mem.h"
#include "dev/pci.h"
#include "dev/shared.h"
#include "dev/shmem.h"
#include "dev/tap.h"
#include "test/unit/pci_guest.h"

#define ITS 0x08080000ull
#define SLOT driver_row("shared0")
#define REGS (MEM32 + SLOT * 0x10000)
#define TABLE (REGS + 0x1000)
#define PBA (TABLE + 0x800)
#define MEMORY (MEM64 + SLOT * 0x40000000)
#define DOORBELL (REGS + 0xc)
#define MEM0 1u /* of CFG_MEMORY */
#define MEM1 2u
#define GUEST 0u /* partitions */
#define SECOND 1u
#define PEERS 2u
#define VECTORS 2u
#define DECODED (PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER)

static uint64_t cfg;
static unsigned self; /* our number among the peers */

static unsigned fds_of(enum fake_kind kind)
{
	unsigned fd, n = 0;

	for (fd = 0; fd < FAKE_FDS; fd++) {
		n += fake.fds[fd].kind == kind;
	}
	return n;
}

/* What PID 1 does. */
static void host(void)
{
	fake_reset();
	assert_int_equal(shared_init(), 0);
}

/* What a partition's process does, with all its rows of that kind. */
static void partition(unsigned index)
{
	static uint8_t immediate_exit;
	const struct config_partition *p = &config_partitions[index];
	unsigned i;

	kvm_init();
	mem_init(p);
	loop_init(&immediate_exit);
	gic_init(&p->gic);
	gic_finalize();
	pci_init(&p->pci, NULL);
	for (i = 0; i < config_device_count; i++) {
		const struct config_device *row = &config_devices[i];

		if (row->partition == index && row->memory != 0) {
			shmem_init(row);
		}
	}
	cfg = cfg_of(PCI_BUS_EMULATED, (unsigned)SLOT);
	self = index == GUEST; /* CFG_SHARED has them the other way round */
}

static void mask(unsigned vector, unsigned on)
{
	driver_mmio_write(TABLE + 16 * vector + 12, 4, on);
}

static void msix(unsigned flags)
{
	cfg_write(cfg, cfg_capability(cfg, PCI_CAP_ID_MSIX, 0) + PCI_MSIX_FLAGS,
		  2, flags);
}

/* The data of vector n is n + 100. */
static void program(void)
{
	unsigned vector;

	for (vector = 0; vector < VECTORS; vector++) {
		driver_mmio_write(TABLE + 16 * vector, 8, ITS + 0x10040);
		driver_mmio_write(TABLE + 16 * vector + 8, 4, vector + 100);
		mask(vector, 0);
	}
}

static void running(void)
{
	host();
	partition(GUEST);
	cfg_command(cfg, DECODED);
	program();
	msix(PCI_MSIX_FLAGS_ENABLE);
}

static uint32_t number(unsigned peer, unsigned vector)
{
	return peer << 16 | vector;
}

/* A guest's write to the register: KVM's, or an exit. */
static void writes(uint32_t value)
{
	int fd = fake_notified(DOORBELL, 4, value);

	if (fd >= 0) {
		fake_signal(fd);
	} else {
		driver_mmio_write(DOORBELL, 4, value);
	}
}

static uint64_t rings(unsigned peer, unsigned vector)
{
	return fake.fds[shared_bell(MEM0, peer, vector)].count;
}

/* -- What PID 1 makes ---------------------------------------------------- */

static void made_once(void)
{
	unsigned fd;

	host();
	assert_int_equal(fds_of(FAKE_EVENTFD), PEERS * VECTORS);
	assert_int_equal(fds_of(FAKE_FILE), 2);
	assert_int_equal(fake.files[fake.fds[shared_memory(MEM0)].file].size,
			 0x10000);
	assert_int_equal(fake.files[fake.fds[shared_memory(MEM1)].file].size,
			 0x20000);
	assert_int_equal(shared_peers(MEM0), 2);
	assert_int_equal(shared_peers(MEM1), 2);
	for (fd = 3; fd < FAKE_FDS; fd++) {
		if (fake.fds[fd].kind == FAKE_EVENTFD) {
			assert_true(fake.fds[fd].nonblock);
		}
		if (fake.fds[fd].kind != FAKE_CLOSED) {
			assert_true(fake.fds[fd].cloexec);
		}
	}
	fake.fail_at = fake.calls + 1;
	assert_int_equal(shared_init(), 0);
	assert_int_equal(fake.calls + 1, fake.fail_at); /* none */
	assert_int_equal(shared_peers(MEM0), 2);
}

/* Each peer and vector has an eventfd of its own. */
static void bells_are_apart(void)
{
	unsigned i, j;

	host();
	for (i = 0; i < PEERS * VECTORS; i++) {
		int fd = shared_bell(MEM0, i / VECTORS, i % VECTORS);

		assert_int_equal(fake.fds[fd].kind, FAKE_EVENTFD);
		for (j = 0; j < i; j++) {
			assert_int_not_equal(fd, shared_bell(MEM0, j / VECTORS,
							     j % VECTORS));
		}
	}
}

static int fork_after_all(void)
{
	assert_int_equal(fds_of(FAKE_EVENTFD), PEERS * VECTORS);
	assert_int_equal(shared_peers(MEM0), 2);
	return -EAGAIN;
}

static void made_before_the_first_start(void)
{
	fake_reset();
	fake.fork = fork_after_all;
	assert_int_equal(EXITS(supervisor_run()), FAKE_REBOOTED);
	assert_true(fake.forks >= 1);
}

static void pid1_at(void *n)
{
	static const char line[] =
		"shared memory of CFG_MEMORY: cannot be made (-12); give the "
		"host more memory, or its kernel memfd and eventfd";
	int ours;

	fake_reset();
	fake.fork = fork_after_all;
	fake.fail_at = (unsigned)(uintptr_t)n;
	fake.fail_with = -ENOMEM;
	EXITS(supervisor_run()); /* asleep, if it is the reboot */
	ours = fake.failed && (strcmp(fake.failed, "sys_memfd_create") == 0 ||
			       strcmp(fake.failed, "sys_ftruncate") == 0 ||
			       strcmp(fake.failed, "sys_eventfd") == 0);
	if (ours) {
		assert_int_equal(fake.forks, 0);
		assert_int_equal(fake.reboot_command, LINUX_REBOOT_CMD_RESTART);
		fake.log[fake.log_bytes] = '\0';
		assert_non_null(strstr(fake.log, line));
	}
	unit_exit(ours);
}

/* Nothing starts without one of them: two files with a size, four bells. */
static void each_call_fails(void)
{
	unsigned ours = 0;
	uintptr_t n;

	for (n = 1; n <= 60; n++) {
		int status = unit_child(pid1_at, (void *)n);

		assert_in_range(status, 0, 1);
		ours += status == 1;
	}
	assert_int_equal(ours, 2 + 2 + PEERS * VECTORS);
}

/* -- The partitions ------------------------------------------------------ */

/* Both map the same bytes, of each memory. */
static void has_the_memory(void *index)
{
	uint8_t *bytes = fake.files[fake.fds[shared_memory(MEM0)].file].data;
	uint8_t *others = fake.files[fake.fds[shared_memory(MEM1)].file].data;

	partition((unsigned)(uintptr_t)index);
	cfg_command(cfg, DECODED);
	cfg_command(cfg_of(PCI_BUS_EMULATED, (unsigned)driver_row("shared1")),
		    DECODED);
	assert_ptr_equal(fake_guest(MEMORY), bytes);
	assert_ptr_equal(fake_guest(MEMORY + 0xffff), bytes + 0xffff);
	assert_null(fake_guest(MEMORY + 0x10000));
	assert_ptr_equal(fake_guest(MEM64 + driver_row("shared1") * 0x40000000),
			 others);
	assert_int_equal(driver_mmio_read(REGS + 8, 4), self);
}

static void same_memory(void)
{
	host();
	assert_int_equal(unit_child(has_the_memory, (void *)GUEST), 0);
	assert_int_equal(unit_child(has_the_memory, (void *)SECOND), 0);
}

/* Writes to any peer's eventfd, itself included; hears its own. */
static void has_the_bells(void *index)
{
	unsigned peer, vector, heard = 0;

	partition((unsigned)(uintptr_t)index);
	cfg_command(cfg, DECODED);
	program();
	msix(PCI_MSIX_FLAGS_ENABLE);
	for (peer = 0; peer < PEERS; peer++) {
		for (vector = 0; vector < VECTORS; vector++) {
			int fd = shared_bell(MEM0, peer, vector);

			assert_int_equal(fake_notified(DOORBELL, 4,
						       number(peer, vector)),
					 fd);
			assert_int_equal(fake_is_bound(fd), peer == self);
			fake_signal(fd);
			if (peer == self) {
				heard++;
				assert_int_equal(fake_last_msi(heard)->data,
						 100 + vector);
				assert_int_equal(fake.msis[heard - 1].irqfd,
						 fd);
			}
		}
	}
	assert_int_equal(fake.msi_count, VECTORS);
}

static void same_bells(void)
{
	host();
	assert_int_equal(unit_child(has_the_bells, (void *)GUEST), 0);
	assert_int_equal(unit_child(has_the_bells, (void *)SECOND), 0);
}

/* As an ordinary process, with nobody before it. */
static void alone(void)
{
	fake_reset();
	partition(GUEST);
	cfg_command(cfg, DECODED);
	assert_int_equal(fake.ioeventfd_count, PEERS * VECTORS);
	assert_non_null(fake_guest(MEMORY));
}

/* Rung while it was down: its next start hears that, once. */
static void rung_before_the_start(void)
{
	host();
	fake_signal(shared_bell(MEM0, 1, 0));
	fake_signal(shared_bell(MEM0, 1, 0));
	partition(GUEST);
	cfg_command(cfg, DECODED);
	program();
	assert_int_equal(fake.msi_count, 0);
	msix(PCI_MSIX_FLAGS_ENABLE);
	assert_int_equal(fake_last_msi(1)->data, 100);
}

/* -- Doorbells ----------------------------------------------------------- */

static void nobody_there(void)
{
	static const uint32_t values[] = {
		PEERS << 16, VECTORS,	 0xffff,     0xffff0000,
		0xffffffff,  0x80000000, 0x00018000, PEERS << 16 | VECTORS,
		0x00010002,  4u << 16,	 5,
	};
	unsigned size;
	size_t i;

	running();
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		assert_int_equal(fake_notified(DOORBELL, 4, values[i]), -1);
		writes(values[i]);
	}
	/* Other widths are no doorbells, nor is what is next to them. */
	for (size = 1; size <= 8; size *= 2) {
		uint64_t at = DOORBELL & ~(uint64_t)(size - 1);

		assert_int_equal(fake_notified(REGS, size, 1), -1);
		if (size != 4) {
			assert_int_equal(fake_notified(at, size, 1), -1);
			driver_mmio_write(at, size, 1);
		}
	}
	for (i = 0; i < PEERS * VECTORS; i++) {
		assert_int_equal(rings((unsigned)i / VECTORS, i % VECTORS), 0);
	}
	assert_int_equal(fake.msi_count, 0);
	assert_int_equal(fake.log_lines, 0);
}

/* KVM has no room for more of them: each ring is an exit, and arrives. */
static void kvm_refuses(void)
{
	host();
	partition(GUEST);
	fake.ioeventfd_error = -ENOSPC;
	cfg_command(cfg, DECODED);
	program();
	msix(PCI_MSIX_FLAGS_ENABLE);
	assert_int_equal(fake.ioeventfd_count, 0);
	driver_mmio_write(DOORBELL, 4, number(0, 1));
	driver_mmio_write(DOORBELL, 4, number(0, 1));
	assert_int_equal(rings(0, 1), 2);
	assert_int_equal(rings(0, 0), 0);
	driver_mmio_write(DOORBELL, 4, number(1, 1));
	assert_int_equal(fake_last_msi(1)->data, 101);
	cfg_command(cfg, 0);
}

/* M53: whatever else is written to the command register. */
static void wired_while_decoded(void)
{
	unsigned i, calls;

	running();
	for (i = 0; i < 1000; i++) {
		calls = fake.ioeventfd_calls;
		assert_int_equal(fake.ioeventfd_count, PEERS * VECTORS);
		cfg_command(cfg, PCI_COMMAND_MEMORY);
		cfg_command(cfg, DECODED);
		cfg_write(cfg, PCI_BASE_ADDRESS_0, 4, 0x40000000);
		cfg_write(cfg, PCI_BASE_ADDRESS_0, 4, ~0u);
		assert_int_equal(fake.ioeventfd_calls, calls);
		cfg_command(cfg, PCI_COMMAND_MASTER);
		assert_int_equal(fake.ioeventfd_count, 0);
		assert_int_equal(fake_notified(DOORBELL, 4, 1), -1);
		cfg_command(cfg, DECODED);
		assert_int_equal(fake.ioeventfd_calls,
				 calls + 2 * PEERS * VECTORS);
	}
	writes(number(0, 1));
	assert_int_equal(rings(0, 1), 1);
	assert_int_equal(fake.log_lines, 0);
}

/* The memory without vectors has no doorbells. */
static void silent_memory(void)
{
	uint64_t other;

	running();
	other = cfg_of(PCI_BUS_EMULATED, (unsigned)driver_row("shared1"));
	cfg_command(other, DECODED);
	assert_int_equal(fake.ioeventfd_count, PEERS * VECTORS);
	assert_int_equal(cfg_capability(other, PCI_CAP_ID_MSIX, 0), 0);
	driver_mmio_write(MEM32 + driver_row("shared1") * 0x10000 + 0xc, 4, 0);
	assert_int_equal(rings(0, 0), 0);
}

/* -- Interrupts ---------------------------------------------------------- */

static void masked(void)
{
	int fd;

	running();
	fd = shared_bell(MEM0, self, 1);
	mask(1, 1);
	assert_false(fake_is_bound(fd));
	fake_signal(fd);
	fake_signal(fd);
	assert_int_equal(fake.msi_count, 0);
	assert_int_equal(driver_mmio_read(PBA, 8), 2);
	mask(1, 0);
	assert_int_equal(fake_last_msi(1)->data, 101);
	assert_int_equal(driver_mmio_read(PBA, 8), 0);
	fake_signal(fd);
	assert_int_equal(fake_last_msi(2)->data, 101);
}

static void masked_all(void)
{
	running();
	msix(PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	writes(number(self, 0));
	assert_int_equal(fake.msi_count, 0);
	msix(PCI_MSIX_FLAGS_ENABLE);
	assert_int_equal(fake_last_msi(1)->data, 100);
}

/* What peers ring arrives, whether or not our own registers are decoded. */
static void hears_without_decode(void)
{
	running();
	cfg_command(cfg, PCI_COMMAND_MASTER);
	fake_signal(shared_bell(MEM0, self, 0));
	assert_int_equal(fake_last_msi(1)->data, 100);
}

/* -- Ethernet ------------------------------------------------------------ */

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

static void joins_its_bridge(void)
{
	fake_reset();
	tap_open(row_of("net0", SECOND));
	assert_string_equal(fake.tap_name, "tap1");
	assert_string_equal(fake.bridge, "br0");
	assert_int_equal(fake.bridge_up, 1);
	assert_int_equal(fake.tap_up, 1);
	assert_int_not_equal(fake.bridge_port, 0);
}

/* A partition that is started again, or its neighbour, finds the bridge. */
static void bridge_is_there(void)
{
	fake_reset();
	tap_open(row_of("net0", SECOND));
	tap_open(row_of("net0", SECOND));
	assert_string_equal(fake.bridge, "br0");
	fake.bridge_port = 0;
	fake.tap_up = 0;
	tap_open(row_of("net0", GUEST));
	assert_string_equal(fake.tap_name, "tap0");
	assert_int_not_equal(fake.bridge_port, 0);
	assert_int_equal(fake.log_lines, 0);
}

static void bridge_refused_with(void *request)
{
	fake_reset();
	fake.tap_refuses = *(unsigned long *)request;
	assert_int_equal(EXITS(tap_open(row_of("net0", SECOND))), EXIT_NET);
	fake_one_line("net0: interface tap1: ");
	assert_non_null(strstr(fake.log, "refused (-1); make it beforehand"));
}

static void bridge_refused(void)
{
	static unsigned long requests[] = { SIOCBRADDBR, SIOCGIFINDEX,
					    SIOCBRADDIF };
	size_t i;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		assert_int_equal(unit_child(bridge_refused_with, &requests[i]),
				 0);
	}
}

/* A net of that name of another partition, or none: no port. */
static void no_bridge(void)
{
	struct config_device row = *row_of("net0", SECOND);

	fake_reset();
	row.name = "net1";
	tap_open(&row);
	row.name = "net0";
	row.partition = 2;
	tap_open(&row);
	assert_string_equal(fake.bridge, "");
}

static const struct CMUnitTest tests[] = {
	TEST(made_once),
	TEST(bells_are_apart),
	TEST(made_before_the_first_start),
	TEST(each_call_fails),
	TEST(same_memory),
	TEST(same_bells),
	TEST(alone),
	TEST(rung_before_the_start),
	TEST(nobody_there),
	TEST(kvm_refuses),
	TEST(wired_while_decoded),
	TEST(silent_memory),
	TEST(masked),
	TEST(masked_all),
	TEST(hears_without_decode),
	TEST(joins_its_bridge),
	TEST(bridge_is_there),
	TEST(bridge_refused),
	TEST(no_bridge),
};

UNIT_MAIN("shared", tests)
