/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared memory between guests. Between partitions of one config a doorbell is
 * an eventfd, which the guest's write signals and the peer's vector hears, all
 * inside the kernel. With others it is a byte in a named pipe of the peer's
 * vector: a full pipe loses nothing, since its interrupt is still to come, and
 * a restarted peer finds what it missed.
 */
#include "dev/shmem.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/pci_regs.h>
#include <linux/poll.h>
#include <stddef.h>
#include <stdio.h>

#include "core/log.h"
#include "core/loop.h"
#include "core/mem.h"
#include "dev/msix.h"
#include "dev/pci.h"
#include "dev/shared.h"

#define REGISTERS_BAR 0
#define MSIX_BAR 1
#define MEMORY_BAR 2
#define REGISTERS_SIZE 0x100

#define INTR_MASK 0x00
#define IV_POSITION 0x08
#define DOORBELL 0x0c

#define PIPE_MODE 0010600 /* S_IFIFO, for its owner */
#define TYPE_MASK 0170000
#define IS_PIPE(mode) ((((mode) ^ PIPE_MODE) & TYPE_MASK) == 0)
#define DRAIN_BYTES 64

struct shmem;

/* One vector of ours: its pipe, watched. */
struct bell {
	struct loop_request readable; /* first: done() hands us this */
	struct shmem *shmem;
	int fd;
};

struct shmem {
	struct pci_function function; /* first: pci.c hands us this */
	struct msix msix;
	const struct config_device *row;
	void *memory;
	uint32_t interrupt_mask; /* no use without INTx, but kept */
	int shown;
	int wired; /* doorbells, to the peers' eventfds */
	unsigned count; /* of peers */
	struct bell bells[CONFIG_MAX_VECTORS];
	int peers[CONFIG_MAX_PEERS][CONFIG_MAX_VECTORS];
};

static struct shmem devices[CONFIG_MAX_SHMEM];
static unsigned device_count;

/* -- Doorbells ----------------------------------------------------------- */

static void ring(const struct shmem *shmem, uint32_t value)
{
	static const uint64_t once = 1;
	uint32_t peer = value >> 16;
	uint32_t vector = value & 0xffff;

	if (peer < shmem->count && vector < shmem->row->vectors) {
		(void)sys_write(shmem->peers[peer][vector], &once,
				shmem->row->memory ? sizeof(once) : 1);
	}
}

/* The guest's writes that ring are eventfds, while the BAR is decoded. */
static void wire_doorbells(struct shmem *shmem)
{
	uint64_t gpa = pci_bar_gpa(&shmem->function, REGISTERS_BAR) + DOORBELL;
	int wire = shmem->row->memory != 0 &&
		   pci_bar_decoded(&shmem->function, REGISTERS_BAR);
	unsigned i;

	if (wire == shmem->wired) {
		return;
	}
	shmem->wired = wire;
	for (i = 0; i < shmem->count * shmem->row->vectors; i++) {
		unsigned peer = i / shmem->row->vectors;
		unsigned vector = i % shmem->row->vectors;
		int fd = shmem->peers[peer][vector];

		if (wire) {
			mmio_bind(gpa, 4, peer << 16 | vector, fd);
		} else {
			mmio_unbind(gpa, 4, peer << 16 | vector, fd);
		}
	}
}

static void watch(struct bell *bell)
{
	loop_poll(&bell->readable, bell->fd, POLLIN);
}

/* However often it was rung, it is one interrupt. */
static void on_rung(struct loop_request *request, int result)
{
	struct bell *bell = (struct bell *)request;
	struct shmem *shmem = bell->shmem;
	unsigned vector = (unsigned)(bell - shmem->bells);
	char bytes[DRAIN_BYTES];
	long n = sys_read(bell->fd, bytes, sizeof(bytes));

	(void)result;
	if (n > 0) {
		msi_raise(&shmem->msix.msi, vector);
	} else if (n != -EAGAIN && n != -EINTR) {
		/* It stays ready: waiting again would do nothing else. */
		log_line("%s: %s.%u.%u cannot be read (%ld); its doorbell is "
			 "not heard any more",
			 shmem->row->name, shmem->row->path, shmem->row->peer,
			 vector, n);
		return;
	}
	watch(bell);
}

/* -- BARs and configuration space ---------------------------------------- */

static void access_registers(void *ctx, struct mmio_access *access)
{
	struct shmem *shmem = ctx;
	uint32_t value = (uint32_t)access->value;

	if (!access->write) {
		value = 0;
	}
	switch (access->offset) {
	case INTR_MASK:
		if (access->write) {
			shmem->interrupt_mask = value;
		}
		value = shmem->interrupt_mask;
		break;
	case IV_POSITION:
		value = shmem->row->peer;
		break;
	case DOORBELL:
		if (access->write) {
			ring(shmem, value);
		}
		break;
	default:
		break;
	}
	if (!access->write) {
		access->value = value;
	}
}

/* The memory is there while the guest lets the function decode it. */
static void config_written(struct pci_function *function, unsigned offset,
			   unsigned size)
{
	struct shmem *shmem = (struct shmem *)function;
	int show = pci_bar_decoded(function, MEMORY_BAR);

	(void)offset;
	(void)size;
	if (show != shmem->shown) {
		shmem->shown = show;
		mem_show_window((unsigned)(shmem - devices),
				pci_bar_gpa(function, MEMORY_BAR),
				show ? shmem->row->size : 0, shmem->memory);
	}
	wire_doorbells(shmem);
	if (shmem->row->vectors > 0) {
		msix_config_written(&shmem->msix);
	}
}

/* -- Set-up -------------------------------------------------------------- */

static void must(long ret, const struct config_device *row, const char *path,
		 const char *what)
{
	if (ret < 0) {
		log_fatal(EXIT_SHMEM,
			  "%s: %s: %s failed (%ld); allow it, or correct "
			  "CFG_SHMEM",
			  row->name, path, what, ret);
	}
}

static void *map_file(const struct config_device *row, long fd)
{
	void *at = sys_mmap(NULL, row->size, PROT_READ | PROT_WRITE, MAP_SHARED,
			    (int)fd, 0);

	must(sys_is_err(at) ? (long)at : 0, row, row->path, "mapping it");
	return at;
}

static void *map_path(const struct config_device *row)
{
	long fd = sys_open(row->path, O_RDWR | O_CREAT);
	struct sys_file_info info = { .size = 0 };
	void *at;

	must(fd, row, row->path, "opening");
	must(sys_file_info((int)fd, &info), row, row->path, "fstat");
	if (info.size == 0) {
		must(sys_ftruncate((int)fd, row->size), row, row->path,
		     "growing it");
	} else if (info.size != row->size) {
		log_fatal(EXIT_SHMEM,
			  "%s: %s: has %llu bytes, CFG_SHMEM says %llu; remove "
			  "it, or correct the row",
			  row->name, row->path, (unsigned long long)info.size,
			  (unsigned long long)row->size);
	}
	at = map_file(row, fd);
	sys_close((int)fd);
	return at;
}

static int open_pipe(const struct config_device *row, unsigned peer,
		     unsigned vector)
{
	struct sys_file_info info = { .mode = 0 };
	char path[128];
	long ret;

	snprintf(path, sizeof(path), "%s.%u.%u", row->path, peer, vector);
	ret = sys_mknod(path, PIPE_MODE);
	must(ret == -EEXIST ? 0 : ret, row, path, "making a pipe");
	/* For both, so that it never ends when the other side does. */
	ret = sys_open(path, O_RDWR | O_NONBLOCK);
	must(ret, row, path, "opening");
	must(sys_file_info((int)ret, &info), row, path, "fstat");
	if (!IS_PIPE(info.mode)) {
		log_fatal(EXIT_SHMEM, "%s: %s: is no named pipe; remove it",
			  row->name, path);
	}
	return (int)ret;
}

static void open_pipes(struct shmem *shmem)
{
	const struct config_device *row = shmem->row;
	unsigned peer;
	unsigned vector;

	for (peer = 0; peer < row->peers; peer++) {
		for (vector = 0; vector < row->vectors; vector++) {
			shmem->peers[peer][vector] = open_pipe(row, peer,
							       vector);
		}
	}
	for (vector = 0; vector < row->vectors; vector++) {
		struct bell *bell = &shmem->bells[vector];

		bell->fd = shmem->peers[row->peer][vector];
		bell->shmem = shmem;
		bell->readable.done = on_rung;
		watch(bell);
	}
}

static void attach_eventfds(struct shmem *shmem)
{
	const struct config_device *row = shmem->row;
	unsigned peer;
	unsigned vector;

	for (vector = 0; vector < row->vectors; vector++) {
		for (peer = 0; peer < shmem->count; peer++) {
			shmem->peers[peer][vector] = shared_bell(row->memory,
								 peer, vector);
		}
		msi_attach(&shmem->msix.msi, vector, vector,
			   shmem->peers[row->peer][vector]);
	}
}

/* What the row shares, with partitions of this config or with others. */
static void find_memory(struct shmem *shmem)
{
	const struct config_device *row = shmem->row;

	if (row->memory == 0) {
		shmem->memory = map_path(row);
		shmem->count = row->peers;
		return;
	}
	must(shared_init(), row, row->path, "making it");
	shmem->memory = map_file(row, shared_memory(row->memory));
	shmem->count = shared_peers(row->memory);
}

void shmem_init(const struct config_device *row)
{
	static const struct pci_id id = {
		.vendor = 0x1af4,
		.device = 0x1110,
		.subsystem_vendor = 0x1af4,
		.subsystem = 0x1100,
		.class_code = 0x050000, /* memory, RAM */
		.revision = 1,
	};
	struct shmem *shmem = &devices[device_count++];
	struct pci_function *function = &shmem->function;

	shmem->row = row;
	find_memory(shmem);
	function->bus = PCI_BUS_EMULATED;
	function->slot = (uint8_t)row->gpa;
	function->written = config_written;
	function->bars[REGISTERS_BAR] = (struct pci_bar){
		.size = REGISTERS_SIZE,
		.widths = MMIO_4,
		.handler = access_registers,
		.ctx = shmem,
	};
	function->bars[MEMORY_BAR] = (struct pci_bar){
		.size = row->size,
		.flags = PCI_BASE_ADDRESS_MEM_TYPE_64 |
			 PCI_BASE_ADDRESS_MEM_PREFETCH,
	};
	if (row->vectors > 0) {
		function->bars[MSIX_BAR] = msix_bar(&shmem->msix);
	}
	pci_add(function, &id);
	pci_put(function, PCI_INTERRUPT_PIN, 1, 0);
	if (row->vectors > 0) {
		msix_init(&shmem->msix, function, MSIX_BAR, row->vectors);
		if (row->memory != 0) {
			attach_eventfds(shmem);
		} else {
			open_pipes(shmem);
		}
	}
}
