// SPDX-License-Identifier: Apache-2.0
/*
 * A plugin of the emulator that counts what one CPU executes outside of its
 * guest, test/guest/steady.c: the host's kernel and the VMM. What another CPU
 * executes is not in it, though under -icount both have one clock.
 *
 * -plugin stays.so,cpu=N,ram=BEGIN,end=END,tick=ADDRESS,say=ADDRESS,out=FILE
 *
 * RAM is the guest's, tick handles its timer's interrupt, say ends a window of
 * ticks. FILE gets a line for each window: how often the guest was left, and
 * the most instructions outside of it between one tick and the next.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is used here of QEMU's plugin interface: docs/devel/tcg-plugins. Debian
 * does not package its header. */
struct block;
struct handle;
typedef void on_block_fn(uint64_t id, struct block *block);
typedef void on_cpu_fn(uint64_t id, unsigned int cpu);
typedef void on_exec_fn(unsigned int cpu, void *ctx);

enum { NO_REGISTERS, READS_REGISTERS };

struct reg {
	struct handle *handle;
	const char *name;
	const char *feature;
};

/* As GLib has them, which the emulator is linked with. */
struct regs {
	struct reg *data;
	unsigned int count;
};

struct bytes {
	uint8_t *data;
	unsigned int count;
};

struct bytes *g_byte_array_new(void);
struct bytes *g_byte_array_set_size(struct bytes *bytes, unsigned int size);

void qemu_plugin_register_vcpu_init_cb(uint64_t id, on_cpu_fn *call);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, on_block_fn *call);
void qemu_plugin_register_vcpu_tb_exec_cb(struct block *block, on_exec_fn *call,
					  int flags, void *ctx);
size_t qemu_plugin_tb_n_insns(const struct block *block);
uint64_t qemu_plugin_tb_vaddr(const struct block *block);
struct regs *qemu_plugin_get_registers(void);
int qemu_plugin_read_register(struct handle *handle, struct bytes *to);
int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

extern int qemu_plugin_version;
int qemu_plugin_version = 2;

static uint64_t cpu_index, ram, end, tick, say;
static FILE *out;

/* The host's kernel has its processor's own data there. */
static struct handle *tpidr_el2;
static struct bytes *bytes;

static int in_window, outside;
static uint64_t own, left, spent, worst;

static uint64_t processor(void)
{
	uint64_t value = 0;

	g_byte_array_set_size(bytes, 0);
	qemu_plugin_read_register(tpidr_el2, bytes);
	memcpy(&value, bytes->data, sizeof(value));
	return value;
}

/* Under -icount QEMU gives the CPU that translated a block, not that which
 * executes it. A guest's blocks are one CPU's, the host's are everybody's. */
static void on_host(unsigned int cpu, void *ctx)
{
	(void)cpu;
	if (in_window && processor() == own) {
		left += !outside;
		outside = 1;
		spent += (uintptr_t)ctx;
	}
}

static void on_tick(void)
{
	if (!in_window) {
		in_window = 1;
		own = processor();
		left = 0;
		worst = 0;
	} else if (spent > worst) {
		worst = spent;
	}
	spent = 0;
}

static void on_guest(unsigned int cpu, void *ctx)
{
	uint64_t address = (uintptr_t)ctx;

	if (cpu != cpu_index) {
		return;
	}
	outside = 0;
	if (address == tick) {
		on_tick();
	} else if (address == say && in_window) {
		in_window = 0;
		fprintf(out, "%llu %llu\n", (unsigned long long)left,
			(unsigned long long)worst);
		fflush(out);
	}
}

static void on_block(uint64_t id, struct block *block)
{
	uint64_t address = qemu_plugin_tb_vaddr(block);

	(void)id;
	if (address >= ram && address < end) {
		qemu_plugin_register_vcpu_tb_exec_cb(
			block, on_guest, READS_REGISTERS,
			(void *)(uintptr_t)address);
	} else {
		qemu_plugin_register_vcpu_tb_exec_cb(
			block, on_host, READS_REGISTERS,
			(void *)qemu_plugin_tb_n_insns(block));
	}
}

static void on_cpu(uint64_t id, unsigned int cpu)
{
	struct regs *regs = qemu_plugin_get_registers();

	(void)id;
	(void)cpu;
	for (unsigned int i = 0; i < regs->count; i++) {
		if (!strcmp(regs->data[i].name, "TPIDR_EL2")) {
			tpidr_el2 = regs->data[i].handle;
		}
	}
}

__attribute__((visibility("default")))
int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	enum { NUMBERS = 5 };
	static const struct {
		const char *name;
		uint64_t *value;
	} numbers[NUMBERS] = {
		{ "cpu", &cpu_index }, { "ram", &ram }, { "end", &end },
		{ "tick", &tick },     { "say", &say },
	};

	(void)info;
	for (int i = 0; i < argc; i++) {
		char *value = strchr(argv[i], '=');

		if (!value) {
			continue;
		}
		*value++ = '\0';
		if (!strcmp(argv[i], "out")) {
			out = fopen(value, "w");
		}
		for (size_t n = 0; n < NUMBERS; n++) {
			if (!strcmp(argv[i], numbers[n].name)) {
				*numbers[n].value = strtoull(value, NULL, 0);
			}
		}
	}
	if (!out || !tick || !say) {
		fprintf(stderr, "stays: no tick, say, or FILE to write to\n");
		return -1;
	}
	bytes = g_byte_array_new();
	qemu_plugin_register_vcpu_init_cb(id, on_cpu);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_block);
	return 0;
}
