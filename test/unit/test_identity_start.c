/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A partition with identity RAM from its start to its end: what lies in RAM is
 * where the host has it, for guest, devices and KVM alike, and nothing else of
 * the guest's address space moves.
 */
#include <libfdt.h>
#include <linux/errno.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>

#include "boot/partition.h"
#include "core/config.h"
#include "core/gic.h"
#include "core/identity.h"
#include "core/kvm.h"
#include "core/log.h"
#include "core/vcpu_regs.h"
#include "test/unit/fake_huge.h"
#include "test/unit/soc_guest.h"

#define BASE 0x40000000ull /* in the config */
#define AT 0x9dc00000ull /* at the host */
#define PAGES 4u

static const struct config_partition *p = &config_partitions[0];

/* What a guest with RAM there finds at its first instruction. */
struct seen {
	uint64_t pc, fdt;
	uint64_t initrd;
	char tree[0x10000];
	struct kvm_userspace_memory_region slots[FAKE_SLOTS];
	unsigned slot_count;
	struct fake_attr attrs[FAKE_ATTRS];
	unsigned attr_count;
	struct fake_dma_map maps[FAKE_DMA_MAPS];
	unsigned map_count;
	char uart, transport; /* somebody answers there */
};

static struct seen *seen; /* of the child that runs it */

static long powers_off(struct kvm_run *run)
{
	run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	run->system_event.type = KVM_SYSTEM_EVENT_SHUTDOWN;
	return 0;
}

static int answers(uint64_t gpa)
{
	struct mmio_access access = { .size = 4 };

	return mmio_dispatch(gpa, &access);
}

static long looks(struct kvm_run *run)
{
	seen->pc = fake_reg(VCPU_REG_PC);
	seen->fdt = fake_reg(VCPU_REG_X(0));
	memcpy(seen->tree, fake_guest(seen->fdt), sizeof(seen->tree));
	memcpy(seen->slots, fake.slots, sizeof(seen->slots));
	seen->slot_count = fake.slot_count;
	memcpy(seen->attrs, fake.attrs, sizeof(seen->attrs));
	seen->attr_count = fake.attr_count;
	memcpy(seen->maps, fake_vfio.maps, sizeof(seen->maps));
	seen->map_count = fake_vfio.map_count;
	seen->uart = (char)answers(0x09000000);
	seen->transport = (char)answers(0x0c002000);
	return powers_off(run);
}

static void host(uint64_t gpa)
{
	vfio_startup_host();
	fake_huge_add(0x120000000);
	fake_huge_add_run(gpa, PAGES);
	identity_hold(0);
	assert_int_equal(fake_huge_free(), 1);
}

static void run_at(void *gpa)
{
	host(*(uint64_t *)gpa);
	fake.guest = looks;
	assert_int_equal(EXITS(partition_run(0, 1)), EXIT_POWEROFF);
	assert_int_equal(fake.runs, 1);
}

static struct seen *run_with(uint64_t gpa)
{
	int fd = unit_memfd(sizeof(*seen));

	seen = unit_map(NULL, sizeof(*seen), fd, 0);
	assert_non_null(seen);
	assert_int_equal(unit_child(run_at, &gpa), 0);
	return seen;
}

/* -- What moves ---------------------------------------------------------- */

/* As the payload's files are: unit.mk. */
static long in_place(struct kvm_run *run)
{
	static const char image[64] = { [56] = 'A', 'R', 'M', 'd' };
	const uint64_t shift = AT - BASE;

	assert_int_equal(fake_reg(VCPU_REG_PC), p->entry_gpa + shift);
	assert_int_equal(fake_reg(VCPU_REG_X(0)), p->fdt_gpa + shift);
	assert_null(fake_guest(BASE));
	assert_null(fake_guest(AT - 1));
	assert_null(fake_guest(AT + PAGES * config_board.hugepage_size));
	assert_memory_equal(fake_guest(p->image.gpa + shift + 56), image + 56,
			    4);
	assert_memory_equal(fake_guest(p->image.gpa + shift), p->image.data,
			    p->image.size);
	assert_memory_equal(fake_guest(p->initrd.gpa + shift), p->initrd.data,
			    p->initrd.size);
	/* The very bytes that a device reaches by these addresses. */
	assert_memory_equal(fake_physical(p->image.gpa + shift), p->image.data,
			    p->image.size);
	assert_memory_equal(fake_physical(p->initrd.gpa + shift),
			    p->initrd.data, p->initrd.size);
	assert_memory_equal(fake_physical(p->fdt_gpa + shift),
			    "\xd0\x0d\xfe\xed", 4);
	return powers_off(run);
}

static void payload(void)
{
	host(AT);
	fake.guest = in_place;
	assert_int_equal(EXITS(partition_run(0, 1)), EXIT_POWEROFF);
	assert_int_equal(fake.runs, 1);
}

static uint64_t wide(const void *tree, const char *path, const char *name,
		     int i)
{
	int len;
	const char *value = fdt_getprop(tree, fdt_path_offset(tree, path), name,
					&len);

	assert_non_null(value);
	assert_true(len >= 8 * (i + 1));
	return fdt64_ld((const fdt64_t *)(value + 8 * i));
}

static void tree(void)
{
	const char *t = run_with(AT)->tree;
	int node = fdt_path_offset(t, "/memory@9dc00000");

	assert_true(node > 0);
	assert_int_equal(wide(t, "/memory@9dc00000", "reg", 0), AT);
	assert_int_equal(wide(t, "/memory@9dc00000", "reg", 1), 0x800000);
	assert_int_equal(fdt_node_offset_by_prop_value(t, node, "device_type",
						       "memory", 7),
			 -FDT_ERR_NOTFOUND);
	assert_int_equal(wide(t, "/chosen", "linux,initrd-start", 0),
			 p->initrd.gpa - BASE + AT);
	assert_int_equal(wide(t, "/chosen", "linux,initrd-end", 0),
			 p->initrd.gpa + p->initrd.size - BASE + AT);
}

/* -- What does not ------------------------------------------------------- */

static void set_wide(void *t, const char *path, const char *name,
		     uint64_t value)
{
	fdt64_t bytes;

	fdt64_st(&bytes, value);
	assert_int_equal(fdt_setprop_inplace_namelen_partial(
				 t, fdt_path_offset(t, path), name,
				 (int)strlen(name), 0, &bytes, sizeof(bytes)),
			 0);
}

/* But for RAM and what lies in it, the tree is that of RAM as in the config. */
static void rest_of_the_tree(void)
{
	const struct seen *plain = run_with(BASE);
	struct seen *moved = run_with(AT);

	assert_int_equal(plain->pc, p->entry_gpa);
	assert_int_equal(moved->pc - plain->pc, AT - BASE);
	assert_int_equal(moved->fdt - plain->fdt, AT - BASE);
	assert_memory_not_equal(moved->tree, plain->tree, sizeof(plain->tree));
	set_wide(moved->tree, "/memory@9dc00000", "reg", BASE);
	set_wide(moved->tree, "/chosen", "linux,initrd-start", p->initrd.gpa);
	set_wide(moved->tree, "/chosen", "linux,initrd-end",
		 p->initrd.gpa + p->initrd.size);
	assert_int_equal(fdt_set_name(moved->tree,
				      fdt_path_offset(moved->tree,
						      "/memory@9dc00000"),
				      "memory@40000000"),
			 0);
	assert_memory_equal(moved->tree, plain->tree, sizeof(plain->tree));
}

/* All memory slots but RAM's; the addresses of the vGIC's frames. */
static void rest_of_the_map(void)
{
	const struct seen *plain = run_with(BASE);
	const struct seen *moved = run_with(AT);
	unsigned i;

	assert_int_equal(moved->slot_count, plain->slot_count);
	assert_true(plain->slot_count >= 5); /* with registers, mapped ones */
	assert_int_equal(plain->slots[0].guest_phys_addr, BASE);
	assert_int_equal(moved->slots[0].guest_phys_addr, AT);
	for (i = 0; i < plain->slot_count; i++) {
		assert_int_equal(moved->slots[i].slot, plain->slots[i].slot);
		assert_int_equal(moved->slots[i].memory_size,
				 plain->slots[i].memory_size);
		assert_true(i == 0 || moved->slots[i].guest_phys_addr ==
					      plain->slots[i].guest_phys_addr);
	}
	assert_int_equal(moved->attr_count, plain->attr_count);
	assert_true(plain->attr_count > 0);
	assert_memory_equal(moved->attrs, plain->attrs, sizeof(plain->attrs));
	assert_true(moved->uart && moved->transport);
}

/* -- DMA ----------------------------------------------------------------- */

/* Behind an IOMMU: the guest's addresses are the moved ones. */
static void iova(void)
{
	const struct seen *s = run_with(AT);

	assert_int_equal(s->map_count, 1);
	assert_int_equal(s->maps[0].iova, AT);
	assert_int_equal(s->maps[0].size, PAGES * config_board.hugepage_size);
	assert_int_equal(s->maps[0].host, s->slots[0].userspace_addr);
}

static void without_iommu(void)
{
	unsigned i;

	host(AT);
	for (i = 0; i < fake_vfio.card_count; i++) {
		fake_vfio.cards[i].no_iommu = 1;
	}
	fake.guest = in_place;
	assert_int_equal(EXITS(partition_run(0, 1)), EXIT_POWEROFF);
	assert_int_equal(fake_vfio.map_count, 0);
	assert_true(fake_vfio.cards[0].is_open && fake_vfio.cards[1].is_open);
}

static struct fake_card *dma_card(const char *name, int no_iommu)
{
	static const struct config_gic gic = { .version = GIC_V3, .spis = 32 };
	struct fake_card *card;

	fake_reset();
	fake_huge_add_run(AT, PAGES);
	identity_hold(0);
	kvm_init();
	mem_init(p);
	gic_init(&gic);
	card = soc_card(name);
	card->no_iommu = no_iommu;
	return card;
}

static void dma_is_accepted(void)
{
	const struct fake_card *card = dma_card("nic", 1);

	soc_init("nic");
	assert_true(card->is_open);
	assert_int_equal(fake_vfio.map_count, 0);
	assert_int_equal(fake_vfio.access_count, 2); /* made quiet */
	assert_int_equal(fake.log_lines, 0);
}

static void dma_is_stopped_by_reset(void)
{
	const struct fake_card *card = dma_card("loose", 1);

	soc_init("loose");
	assert_int_equal(card->resets, 1);
	assert_int_equal(fake.log_lines, 0);
}

#define NOTHING                                                        \
	"nothing stops its DMA when its guest ends: give the board's " \
	"header BOARD_SOC_QUIESCE writes"

static void dma_is_never_stopped(void)
{
	struct fake_card *card = dma_card("loose", 1);

	card->can_reset = 0;
	soc_refused("loose", NOTHING);
	assert_int_equal(fake_vfio.access_count, 0);
	assert_int_equal(card->regions[0].maps, 0);
}

/* The IOMMU ends what it began, with the partition's address space. */
static void dma_is_stopped_by_iommu(void)
{
	struct fake_card *card = dma_card("loose", 0);

	card->can_reset = 0;
	soc_init("loose");
	assert_int_equal(fake_vfio.map_count, 1);
	fake_one_line("loose: host device d0000000.dma: has neither a reset "
		      "nor BOARD_SOC_QUIESCE writes; it starts as its last "
		      "owner left it");
}

/* -- The next owner ------------------------------------------------------ */

static unsigned late; /* so often the devices wrote into RAM */

/* The last owner's DMA goes on until each is made quiet. */
static void still_writes(const struct fake_card *card,
			 const struct fake_access *access)
{
	(void)card;
	(void)access;
	if (fake.runs == 0) {
		memset(fake_physical(AT), 0xd3,
		       PAGES * config_board.hugepage_size);
		late++;
	}
}

static int is_loaded(uint64_t at)
{
	return at - p->image.gpa < p->image.size ||
	       at - p->initrd.gpa < p->initrd.size ||
	       at - p->fdt_gpa < p->fdt_size;
}

static long finds_no_trace(struct kvm_run *run)
{
	const uint8_t *ram = fake_physical(AT);
	uint64_t k;

	for (k = 0; k < PAGES * config_board.hugepage_size; k++) {
		if (ram[k] != 0 && !is_loaded(BASE + k)) {
			fail_msg("0x%x at 0x%llx", ram[k],
				 (unsigned long long)k);
		}
	}
	return in_place(run);
}

static void next_owner(void)
{
	host(AT);
	identity_mark_used(0);
	fake_vfio.watch = still_writes;
	fake.guest = finds_no_trace;
	assert_int_equal(EXITS(partition_run(0, 1)), EXIT_POWEROFF);
	assert_int_equal(fake.runs, 1);
	/* A reset, and two devices' writes, read back. */
	assert_int_equal(late, 5);
}

/* -- Without ------------------------------------------------------------- */

static void refused(const char *line)
{
	assert_int_equal(EXITS(partition_run(0, 1)), EXIT_MEMORY);
	fake_one_line(line);
	assert_int_equal(fake.runs, 0);
	assert_int_equal(fake_vfio.group_opens, 0);
	assert_int_equal(fake.tty_raw, 0);
}

static void not_held(void)
{
	vfio_startup_host();
	fake_huge_add_run(AT, PAGES);
	refused("guest RAM: 8 MiB of RAM_IDENTITY: the supervisor holds it; "
		"start bedplate as PID 1");
}

static void no_hugepages(void)
{
	vfio_startup_host();
	identity_hold(0);
	refused("give its kernel more (hugepages=), or lower CFG_RAM");
}

static void larger_than_the_host(void)
{
	host(AT);
	fake.total_memory = 1 << 20;
	refused("guest RAM: 8 MiB, but the host has only 1 MiB");
}

static const struct CMUnitTest tests[] = {
	TEST(payload),
	TEST(tree),
	TEST(rest_of_the_tree),
	TEST(rest_of_the_map),
	TEST(iova),
	TEST(without_iommu),
	TEST(dma_is_accepted),
	TEST(dma_is_stopped_by_reset),
	TEST(dma_is_never_stopped),
	TEST(dma_is_stopped_by_iommu),
	TEST(next_owner),
	TEST(not_held),
	TEST(no_hugepages),
	TEST(larger_than_the_host),
};

UNIT_MAIN("identity_start", tests)
