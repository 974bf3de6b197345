/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared memory between guests: registers, doorbells, the memory's BAR, and a
 * host that has the file or a pipe otherwise (M39, M43, M47, M54).
 */
#include <linux/errno.h>
#include <stdio.h>
#include <string.h>

#include "core/gic.h"
#include "core/log.h"
#include "core/loop.h"
#include "dev/pci.h"
#include "dev/shmem.h"
#include "test/unit/pci_guest.h"

#define SLOT 1u
#define ITS 0x08080000ull
#define REGS (MEM32 + SLOT * 0x10000)
#define TABLE (REGS + 0x1000)
#define PBA (TABLE + 0x800)
#define MEMORY (MEM64 + SLOT * 0x40000000)
#define SIZE 0x10000u
#define PEER 1u
#define PEERS 3u
#define VECTORS 2u

#define INTR_MASK 0x0
#define IV_POSITION 0x8
#define DOORBELL 0xc

static uint64_t cfg;

static struct config_device row = {
	.name = "shmem0",
	.path = "/shm",
	.gpa = SLOT,
	.size = SIZE,
	.kind = DEVICE_SHMEM,
	.peer = PEER,
	.peers = PEERS,
	.vectors = VECTORS,
};

static void host(void)
{
	static const struct config_gic gic = { .version = GIC_V3,
					       .spis = 32,
					       .its_gpa = ITS };

	driver_machine();
	gic_init(&gic);
	gic_finalize();
	pci_init(&pci_windows, NULL);
	cfg = cfg_of(PCI_BUS_EMULATED, SLOT);
}

static void machine(void)
{
	host();
	shmem_init(&row);
	cfg_command(cfg, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

static struct fake_file *file_of(const char *path)
{
	unsigned i;

	for (i = 0; i < fake.file_count; i++) {
		if (strcmp(fake.files[i].path, path) == 0) {
			return &fake.files[i];
		}
	}
	fail_msg("no file %s", path);
	return NULL;
}

static struct fake_file *pipe_of(unsigned peer, unsigned vector)
{
	char path[32];

	snprintf(path, sizeof(path), "/shm.%u.%u", peer, vector);
	return file_of(path);
}

static uint32_t read_reg(unsigned offset)
{
	return (uint32_t)driver_mmio_read(REGS + offset, 4);
}

static void write_reg(unsigned offset, uint32_t value)
{
	driver_mmio_write(REGS + offset, 4, value);
}

static void ring(unsigned peer, unsigned vector)
{
	write_reg(DOORBELL, peer << 16 | vector);
}

/* A neighbour rings ours. */
static void is_rung(unsigned vector, unsigned times)
{
	pipe_of(PEER, vector)->size += times;
	fake_progress();
	loop_before_run();
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
static void use_msix(void)
{
	unsigned vector;

	for (vector = 0; vector < VECTORS; vector++) {
		driver_mmio_write(TABLE + 16 * vector, 8, ITS + 0x10040);
		driver_mmio_write(TABLE + 16 * vector + 8, 4, vector + 100);
		mask(vector, 0);
	}
	msix(PCI_MSIX_FLAGS_ENABLE);
}

static unsigned pipe_writes(void)
{
	unsigned peer, vector, n = 0;

	for (peer = 0; peer < PEERS; peer++) {
		for (vector = 0; vector < VECTORS; vector++) {
			n += pipe_of(peer, vector)->writes;
		}
	}
	return n;
}

/* -- The function -------------------------------------------------------- */

static void identity(void)
{
	machine();
	assert_int_equal(cfg_read(cfg, PCI_VENDOR_ID, 4), 0x11101af4);
	assert_int_equal(cfg_read(cfg, PCI_CLASS_REVISION, 4), 0x05000001);
	assert_int_equal(cfg_read(cfg, PCI_SUBSYSTEM_VENDOR_ID, 4), 0x11001af4);
	assert_int_equal(cfg_read(cfg, PCI_INTERRUPT_PIN, 1), 0);
	assert_int_equal(cfg_bar(cfg, 0), REGS);
	assert_int_equal(cfg_bar(cfg, 1), TABLE);
	assert_int_equal(cfg_bar(cfg, 2), MEMORY);
	assert_int_equal(file_of("/shm")->size, SIZE);
}

/* M39, M43: 4 bytes or nothing; what is not a register reads 0. */
static void every_register(void)
{
	unsigned offset, size;

	machine();
	write_reg(INTR_MASK, 0x12345678);
	for (size = 1; size <= 8; size *= 2) {
		for (offset = 0; offset < 0x100; offset += size) {
			uint64_t expected = 0;

			if (size != 4) {
				expected = ~0ull;
			} else if (offset == INTR_MASK) {
				expected = 0x12345678;
			} else if (offset == IV_POSITION) {
				expected = PEER;
			}
			assert_int_equal(driver_mmio_read(REGS + offset, size),
					 expected);
			if (offset != INTR_MASK || size != 4) {
				driver_mmio_write(REGS + offset, size, ~0ull);
			}
		}
	}
	assert_int_equal(read_reg(INTR_MASK), 0x12345678);
	assert_int_equal(read_reg(IV_POSITION), PEER);
	assert_int_equal(pipe_writes(), 0);
	assert_int_equal(fake.msi_count, 0);
}

/* -- Doorbells ----------------------------------------------------------- */

/* Each rings its own and no other. */
static void rings_peers(void)
{
	unsigned peer, vector, n = 0;

	machine();
	for (peer = 0; peer < PEERS; peer++) {
		for (vector = 0; vector < VECTORS; vector++) {
			ring(peer, vector);
			assert_int_equal(pipe_of(peer, vector)->writes, 1);
			assert_int_equal(pipe_writes(), ++n);
		}
	}
}

/* M47: of those that there are not, nothing. */
static void rings_nobody(void)
{
	static const uint32_t values[] = {
		PEERS << 16, VECTORS,	 0xffff,     0xffff0000,
		0xffffffff,  0x80000000, 0x00018000, PEERS << 16 | VECTORS,
		0x00010002,  4u << 16,	 5,
	};
	size_t i;

	machine();
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		write_reg(DOORBELL, values[i]);
		assert_int_equal(read_reg(DOORBELL), 0);
	}
	assert_int_equal(pipe_writes(), 0);
}

/* A neighbour that does not look: nothing waits for it, nothing is lost. */
static void rings_the_deaf(void)
{
	unsigned i;

	machine();
	for (i = 0; i < 1000; i++) {
		ring(2, 1);
	}
	assert_int_equal(pipe_of(2, 1)->size, FAKE_PIPE);
	assert_int_equal(pipe_of(2, 1)->writes, 1000);
	assert_int_equal(fake.log_lines, 0);
}

static void is_interrupted(void)
{
	machine();
	use_msix();
	is_rung(1, 1);
	assert_int_equal(fake_last_msi(1)->data, 101);
	assert_int_equal(fake.msis[0].device, SLOT << 3);
	is_rung(0, 1);
	assert_int_equal(fake_last_msi(2)->data, 100);
	is_rung(1, 10); /* at once, so it is one */
	assert_int_equal(fake_last_msi(3)->data, 101);
	assert_int_equal(pipe_of(PEER, 1)->size, 0);
}

static void rings_itself(void)
{
	machine();
	use_msix();
	ring(PEER, 0);
	loop_before_run();
	assert_int_equal(fake_last_msi(1)->data, 100);
}

static void masked(void)
{
	machine();
	use_msix();
	mask(1, 1);
	is_rung(1, 3);
	assert_int_equal(fake.msi_count, 0);
	assert_int_equal(driver_mmio_read(PBA, 8), 2);
	mask(1, 0);
	assert_int_equal(fake_last_msi(1)->data, 101);
	msix(PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	is_rung(0, 1);
	assert_int_equal(fake.msi_count, 1);
	msix(PCI_MSIX_FLAGS_ENABLE);
	assert_int_equal(fake_last_msi(2)->data, 100);
}

/* Without MSI-X there is no interrupt, and no INTx. */
static void disabled(void)
{
	unsigned spi;

	machine();
	is_rung(0, 1);
	is_rung(1, 1);
	use_msix();
	assert_int_equal(fake.msi_count, 0);
	for (spi = 0; spi < 32; spi++) {
		assert_int_equal(fake_spi(spi)->calls, 0);
	}
}

/* What came before we were there waits in the pipe. */
static void rung_before_the_start(void)
{
	struct fake_file *pipe;

	host();
	pipe = fake_file("/shm.1.0", 5);
	pipe->mode = 0010600;
	shmem_init(&row);
	cfg_command(cfg, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	use_msix();
	loop_before_run();
	assert_int_equal(fake_last_msi(1)->data, 100);
	assert_int_equal(pipe->size, 0);
}

static void pipe_errors(void)
{
	machine();
	use_msix();
	pipe_of(2, 0)->io_error = -EIO;
	ring(2, 0);
	pipe_of(PEER, 0)->io_error = -EIO;
	is_rung(0, 1);
	assert_int_equal(fake.msi_count, 0);
	fake_one_line("shmem0: /shm.1.0 cannot be read (-5)");
	is_rung(1, 1);
	assert_int_equal(fake_last_msi(1)->data, 101);
}

/* -- The memory ---------------------------------------------------------- */

static int shown(void)
{
	return fake_guest(MEMORY) != NULL;
}

static void is_the_file(void)
{
	machine();
	assert_ptr_equal(fake_guest(MEMORY), file_of("/shm")->data);
	assert_ptr_equal(fake_guest(MEMORY + SIZE - 1),
			 file_of("/shm")->data + SIZE - 1);
	assert_null(fake_guest(MEMORY + SIZE));
	/* Not RAM: no device reads or writes it. */
	assert_null(mem_ptr(MEMORY, 1));
}

/* M53, M54 */
static void shown_while_decoded(void)
{
	unsigned i;

	host();
	shmem_init(&row);
	assert_false(shown());
	for (i = 0; i < 1000; i++) {
		cfg_command(cfg, PCI_COMMAND_MEMORY);
		assert_true(shown());
		assert_int_equal(read_reg(IV_POSITION), PEER);
		cfg_command(cfg, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
		assert_true(shown());
		cfg_write(cfg, PCI_COMMAND, 1, PCI_COMMAND_MASTER);
		assert_false(shown());
		assert_int_equal(read_reg(IV_POSITION), ~0u);
		assert_int_equal(driver_mmio_read(MEMORY, 8), ~0ull);
		driver_mmio_write(MEMORY, 8, 1);
	}
	assert_int_equal(*(uint64_t *)file_of("/shm")->data, 0);
}

/* The BAR stays where it is, whatever is written there. */
static void does_not_move(void)
{
	machine();
	cfg_write(cfg, PCI_BASE_ADDRESS_2, 4, 0x40000000);
	cfg_write(cfg, PCI_BASE_ADDRESS_3, 4, 0);
	assert_true(shown());
	cfg_command(cfg, 0);
	cfg_command(cfg, PCI_COMMAND_MEMORY);
	assert_true(shown());
	assert_int_equal(cfg_bar(cfg, 2), MEMORY);
}

static void two_of_them(void)
{
	static struct config_device other;

	machine();
	other = row;
	other.name = "shmem1";
	other.path = "/other";
	other.gpa = 2;
	other.vectors = 0;
	shmem_init(&other);
	cfg_command(cfg_of(PCI_BUS_EMULATED, 2), PCI_COMMAND_MEMORY);
	assert_ptr_equal(fake_guest(MEMORY), file_of("/shm")->data);
	assert_ptr_equal(fake_guest(MEMORY + 0x40000000),
			 file_of("/other")->data);
	cfg_command(cfg, 0);
	assert_false(shown());
	assert_non_null(fake_guest(MEMORY + 0x40000000));
}

static void kvm_refuses_the_memory(void)
{
	machine();
	cfg_command(cfg, 0);
	fake.slot_error = -ENOMEM;
	assert_int_equal(EXITS(cfg_command(cfg, PCI_COMMAND_MEMORY)),
			 EXIT_MEMORY);
	fake_one_line("memory window at 0x8040000000: refused (-12)");
}

/* No vectors, no MSI-X, no pipes: the memory and a number. */
static void plain(void)
{
	unsigned offset;

	host();
	row.vectors = 0;
	shmem_init(&row);
	cfg_command(cfg, PCI_COMMAND_MEMORY);
	assert_int_equal(fake.file_count, 1);
	assert_int_equal(cfg_capability(cfg, PCI_CAP_ID_MSIX, 0), 0);
	assert_int_equal(cfg_read(cfg, PCI_BASE_ADDRESS_1, 4), 0);
	assert_int_equal(driver_mmio_read(TABLE, 4), ~0ull);
	assert_true(shown());
	assert_int_equal(read_reg(IV_POSITION), PEER);
	for (offset = 0; offset < 0x100; offset += 4) {
		write_reg(offset, 0);
	}
	cfg_command(cfg, 0);
	assert_false(shown());
}

/* -- The host ------------------------------------------------------------ */

static void takes_the_file_that_is_there(void)
{
	struct fake_file *file;

	host();
	file = fake_file("/shm", SIZE);
	file->data[5] = 77;
	shmem_init(&row);
	cfg_command(cfg, PCI_COMMAND_MEMORY);
	assert_int_equal(((uint8_t *)fake_guest(MEMORY))[5], 77);
}

/* F11: both values are named. */
static void other_size(void)
{
	host();
	fake_file("/shm", SIZE / 2);
	assert_int_equal(EXITS(shmem_init(&row)), EXIT_SHMEM);
	fake_one_line("shmem0: /shm: has 32768 bytes, CFG_SHMEM says 65536");
}

static void no_access(void)
{
	host();
	fake_file("/shm", SIZE)->open_error = -EACCES;
	assert_int_equal(EXITS(shmem_init(&row)), EXIT_SHMEM);
	fake_one_line("shmem0: /shm: opening failed (-13)");
}

/* A file of that name would grow with each ring, and is always ready. */
static void pipe_that_is_none(void)
{
	host();
	fake_file("/shm.0.1", 0);
	assert_int_equal(EXITS(shmem_init(&row)), EXIT_SHMEM);
	fake_one_line("shmem0: /shm.0.1: is no named pipe; remove it");
}

static const struct CMUnitTest tests[] = {
	TEST(identity),
	TEST(every_register),
	TEST(rings_peers),
	TEST(rings_nobody),
	TEST(rings_the_deaf),
	TEST(is_interrupted),
	TEST(rings_itself),
	TEST(masked),
	TEST(disabled),
	TEST(rung_before_the_start),
	TEST(pipe_errors),
	TEST(is_the_file),
	TEST(shown_while_decoded),
	TEST(does_not_move),
	TEST(two_of_them),
	TEST(kvm_refuses_the_memory),
	TEST(plain),
	TEST(takes_the_file_that_is_there),
	TEST(other_size),
	TEST(no_access),
	TEST(pipe_that_is_none),
};

UNIT_MAIN("shmem", tests)
