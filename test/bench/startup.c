// SPDX-License-Identifier: Apache-2.0
/*
 * A plugin of the emulator that counts the instructions of all its CPUs, and
 * says how many were executed when the start-up passes its marks. Nothing in
 * the emulated board knows of it.
 *
 * -plugin startup.so,NAME=ADDRESS,...[,profile=FILE]
 *
 * A mark is passed when the instruction at its virtual address is about to be
 * executed and all marks before it have been: "@M NAME COUNT" on the emulator's
 * standard error. After the last one FILE has "STAGE ADDRESS COUNT" for every
 * address of a translated block, where STAGE is the mark that ended it.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is used here of QEMU's plugin interface: docs/devel/tcg-plugins. Debian
 * does not package its header. */
struct block;
struct insn;
typedef void on_block_fn(uint64_t id, struct block *block);
typedef void on_insn_fn(unsigned int cpu, void *ctx);

enum { NO_REGISTERS };

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, on_block_fn *call);
void qemu_plugin_register_vcpu_insn_exec_cb(struct insn *insn, on_insn_fn *call,
					    int flags, void *ctx);
size_t qemu_plugin_tb_n_insns(const struct block *block);
struct insn *qemu_plugin_tb_get_insn(const struct block *block, size_t at);
uint64_t qemu_plugin_insn_vaddr(const struct insn *insn);
int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

#define MAX_MARKS	8
#define PROFILE_SLOTS	(1u << 20)

extern int qemu_plugin_version;
int qemu_plugin_version = 2;

struct mark {
	const char *name;
	uint64_t address;
};

struct slot {
	uint64_t address;
	uint64_t counts[MAX_MARKS];
};

static struct mark marks[MAX_MARKS + 1];
static unsigned int mark_count, passed;
static uint64_t executed;
static const char *profile;
static struct slot *slots;

static void write_profile(void)
{
	FILE *out = fopen(profile, "w");

	for (unsigned int i = 0; out && i < PROFILE_SLOTS; i++) {
		for (unsigned int stage = 0; stage < mark_count; stage++) {
			if (slots[i].counts[stage]) {
				fprintf(out, "%s %llx %llu\n",
					marks[stage].name,
					(unsigned long long)slots[i].address,
					(unsigned long long)
						slots[i].counts[stage]);
			}
		}
	}
	if (!out || fclose(out)) {
		perror(profile);
	}
}

static void on_mark(unsigned int cpu, void *ctx)
{
	const struct mark *mark = ctx;

	(void)cpu;
	if (mark != &marks[passed]) {
		return;
	}
	passed++;
	if (passed == mark_count && profile) {
		write_profile();
	}
	fprintf(stderr, "@M %s %llu\n", mark->name,
		(unsigned long long)executed);
}

static void on_insn(unsigned int cpu, void *ctx)
{
	struct slot *slot = ctx;

	(void)cpu;
	executed++;
	if (slot && passed < mark_count) {
		slot->counts[passed]++;
	}
}

/* Where what is executed at an address is counted; NULL: nowhere. */
static struct slot *find_slot(uint64_t address)
{
	uint64_t hash = address * 0x9e3779b97f4a7c15u >> 44;

	if (!slots) {
		return NULL;
	}
	for (unsigned int i = 0; i < PROFILE_SLOTS; i++) {
		struct slot *slot = &slots[(hash + i) % PROFILE_SLOTS];

		if (!slot->address || slot->address == address) {
			slot->address = address;
			return slot;
		}
	}
	return NULL;
}

static void on_block(uint64_t id, struct block *block)
{
	struct slot *slot = NULL;

	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
		struct insn *insn = qemu_plugin_tb_get_insn(block, i);
		uint64_t address = qemu_plugin_insn_vaddr(insn);

		slot = slot ? slot : find_slot(address);
		for (unsigned int m = 0; m < mark_count; m++) {
			if (marks[m].address == address) {
				qemu_plugin_register_vcpu_insn_exec_cb(
					insn, on_mark, NO_REGISTERS, &marks[m]);
			}
		}
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_insn,
						       NO_REGISTERS, slot);
	}
}

__attribute__((visibility("default")))
int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++) {
		char *value = strchr(argv[i], '=');

		if (!value || mark_count == MAX_MARKS) {
			fprintf(stderr, "startup: %s: not NAME=ADDRESS, or one "
				"too many\n", argv[i]);
			return -1;
		}
		*value++ = '\0';
		if (!strcmp(argv[i], "profile")) {
			profile = value;
			slots = calloc(PROFILE_SLOTS, sizeof(*slots));
			continue;
		}
		marks[mark_count].name = argv[i];
		marks[mark_count++].address = strtoull(value, NULL, 0);
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_block);
	return 0;
}
