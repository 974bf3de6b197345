/* SPDX-License-Identifier: Apache-2.0 */
/* A function with an MSI-X table, and a guest that programs it. */
#include "test/unit/msix_guest.h"

#include "core/gic.h"

struct pci_function table_function;
struct msix table;
uint64_t table_cfg;
unsigned table_cap;

static void on_written(struct pci_function *f, unsigned offset, unsigned size)
{
	assert_ptr_equal(f, &table_function);
	(void)offset;
	(void)size;
	msix_config_written(&table);
}

void table_machine(void)
{
	static const struct config_gic gic = { .version = GIC_V3,
					       .spis = 32,
					       .its_gpa = ITS };
	static const struct pci_id id = { .vendor = 0x1234 };

	driver_machine();
	gic_init(&gic);
	gic_finalize();
	pci_init(&pci_windows, NULL);
	table_function.slot = TABLE_SLOT;
	table_function.written = on_written;
	table_function.bars[TABLE_BAR] = msix_bar(&table);
	pci_add(&table_function, &id);
	msix_init(&table, &table_function, TABLE_BAR, TABLE_COUNT);
	table_cfg = cfg_of(0, TABLE_SLOT);
	cfg_command(table_cfg, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	table_cap = cfg_capability(table_cfg, PCI_CAP_ID_MSIX, 0);
	assert_int_not_equal(table_cap, 0);
}

void table_control(unsigned flags)
{
	cfg_write(table_cfg, table_cap + PCI_MSIX_FLAGS, 2, flags);
	assert_int_equal(cfg_read(table_cfg, table_cap + PCI_MSIX_FLAGS, 2),
			 flags | (TABLE_COUNT - 1));
}

uint64_t table_entry(unsigned vector)
{
	return TABLE_GPA + 16 * vector;
}

void table_mask(unsigned vector, int on)
{
	driver_mmio_write(table_entry(vector) + 12, 4, (uint64_t)on);
}

/* A vector as a driver programs it, its data the vector plus 100. */
void table_program(unsigned vector)
{
	driver_mmio_write(table_entry(vector), 4, (uint32_t)TRANSLATER);
	driver_mmio_write(table_entry(vector) + 4, 4, TRANSLATER >> 32);
	driver_mmio_write(table_entry(vector) + 8, 4, vector + 100);
}

void table_ready(void)
{
	unsigned i;

	table_machine();
	for (i = 0; i < TABLE_COUNT; i++) {
		table_program(i);
		table_mask(i, 0);
	}
	table_control(ENABLE);
}

uint64_t table_pending(void)
{
	return driver_mmio_read(PBA_GPA, 8);
}
