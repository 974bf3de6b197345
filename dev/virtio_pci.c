/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtio over PCI. One 64-bit BAR holds the four structures of virtio 1.2
 * section 4.1.4, each on a page of its own; a transitional function has an I/O
 * BAR besides.
 */
#include "dev/virtio_pci.h"

#include <linux/pci_regs.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_pci.h>
#include <stddef.h>
#include <string.h>

#include "core/log.h"

#define LEGACY_BAR 0
#define MSIX_BAR 1
#define MODERN_BAR 4

#define COMMON 0x0000
#define ISR 0x1000
#define DEVICE 0x2000
#define NOTIFY 0x3000
#define MODERN_SIZE 0x4000
#define PART_SIZE 0x1000
#define NOTIFY_STRIDE 4

/* From here on the PCI_CFG capability can be written. */
#define WINDOW_OFFSET offsetof(struct virtio_pci_cap, offset)

#define VENDOR 0x1af4 /* virtio's, section 4.1.2 */
#define MODERN_ID 0x1040
#define LEGACY_SIZE 0x100

static struct virtio_pci functions[CONFIG_MAX_VIRTIO];
static unsigned function_count;

/* -- Interrupts ---------------------------------------------------------- */

/* INTx says what the ISR status says, and is silent with MSI-X. */
static void update_intx(struct virtio_pci *pci)
{
	pci_set_intx(&pci->function,
		     pci->device->isr != 0 && !pci->msix.msi.enabled);
}

static void raise(struct virtio_pci *pci, uint32_t reason, uint16_t vector)
{
	if (pci->msix.msi.enabled) {
		msi_raise(&pci->msix.msi, vector);
		return;
	}
	pci->device->isr |= reason;
	update_intx(pci);
}

void virtio_pci_interrupt(struct virtio_device *device, unsigned q)
{
	struct virtio_pci *pci = device->transport_state;

	raise(pci, VIRTIO_ISR_QUEUE, pci->vectors[q]);
}

static void config_changed(struct virtio_device *device)
{
	struct virtio_pci *pci = device->transport_state;

	device->isr |= VIRTIO_ISR_CONFIG; /* with MSI-X, too: 4.1.4.5.1 */
	raise(pci, VIRTIO_ISR_CONFIG, pci->config_vector);
}

uint32_t virtio_pci_read_isr(struct virtio_pci *pci)
{
	uint32_t isr = pci->device->isr;

	pci->device->isr = 0;
	update_intx(pci);
	return isr;
}

uint16_t virtio_pci_check_vector(const struct virtio_pci *pci, uint32_t vector)
{
	return vector < pci->msix.msi.count ? (uint16_t)vector : MSIX_NO_VECTOR;
}

void virtio_pci_set_queue_vector(struct virtio_pci *pci, uint32_t vector)
{
	if (virtio_selected(pci->device)) {
		pci->vectors[pci->device->queue_select] =
			virtio_pci_check_vector(pci, vector);
		virtio_pci_rebind(pci);
	}
}

uint64_t virtio_pci_notify_gpa(const struct virtio_pci *pci, unsigned q)
{
	return pci_bar_gpa(&pci->function, MODERN_BAR) + NOTIFY +
	       NOTIFY_STRIDE * q;
}

uint64_t virtio_pci_legacy_notify_gpa(const struct virtio_pci *pci)
{
	return pci->function.bars[LEGACY_BAR].size == 0 ?
		       0 :
		       pci_bar_gpa(&pci->function, LEGACY_BAR) +
			       VIRTIO_PCI_QUEUE_NOTIFY;
}

static void reset(struct virtio_device *device)
{
	struct virtio_pci *pci = device->transport_state;
	unsigned q;

	device->legacy = 0; /* until a driver says otherwise */
	pci->config_vector = MSIX_NO_VECTOR;
	for (q = 0; q < VIRTIO_MAX_QUEUES; q++) {
		pci->vectors[q] = MSIX_NO_VECTOR;
	}
	msi_forget_pending(&pci->msix.msi);
	update_intx(pci);
}

/* -- The structures ------------------------------------------------------ */

uint64_t virtio_pci_read_device(const struct virtio_pci *pci, uint64_t offset,
				unsigned size)
{
	const struct virtio_device *device = pci->device;
	uint64_t value = 0;

	if (offset < device->config_bytes) {
		uint64_t left = device->config_bytes - offset;

		memcpy(&value, (const char *)device->config + offset,
		       left < size ? left : size);
	}
	return value;
}

static void access_modern(void *ctx, struct mmio_access *access)
{
	struct virtio_pci *pci = ctx;
	uint64_t part = access->offset & ~(uint64_t)(PART_SIZE - 1);

	access->offset -= part;
	switch (part) {
	case NOTIFY:
		if (access->write) {
			virtio_notify(pci->device, (uint32_t)(access->offset /
							      NOTIFY_STRIDE));
		} else {
			access->value = 0;
		}
		break;
	case COMMON:
		virtio_pci_common_access(pci, access);
		break;
	case ISR:
		if (!access->write) {
			access->value = access->offset == 0 ?
						virtio_pci_read_isr(pci) :
						0;
		}
		break;
	default:
		if (!access->write) {
			access->value = virtio_pci_read_device(pci,
							       access->offset,
							       access->size);
		}
		break;
	}
}

/* -- Configuration space ------------------------------------------------- */

/* Section 4.1.4.9: the BARs, through a window in configuration space. */
static void use_window(struct virtio_pci *pci, int write)
{
	struct pci_function *function = &pci->function;
	unsigned at = pci->window;
	unsigned data = at + offsetof(struct virtio_pci_cfg_cap, pci_cfg_data);
	struct mmio_access access = {
		.offset = pci_get(function,
				  at + offsetof(struct virtio_pci_cap, offset),
				  4),
		.size = pci_get(function,
				at + offsetof(struct virtio_pci_cap, length),
				4),
		.write = write,
	};
	unsigned bar =
		function->config[at + offsetof(struct virtio_pci_cap, bar)];

	if (access.size != 1 && access.size != 2 && access.size != 4) {
		return;
	}
	if (write) {
		access.value = pci_get(function, data, access.size);
	}
	if (pci_bar_access(function, bar, &access) && !write) {
		pci_put(function, data, access.size, (uint32_t)access.value);
	}
}

/* Any byte of the field counts; accesses are aligned, of 4 bytes at most. */
static int is_window_data(const struct virtio_pci *pci, unsigned offset)
{
	return (offset & ~3u) ==
	       pci->window + offsetof(struct virtio_pci_cfg_cap, pci_cfg_data);
}

static void config_read(struct pci_function *function, unsigned offset)
{
	struct virtio_pci *pci = (struct virtio_pci *)function;

	if (is_window_data(pci, offset)) {
		use_window(pci, 0);
	}
}

/*
 * Without bus mastering there is no DMA. A kernel takes it away before it
 * starts another one; queues that were cut off cannot go on afterwards.
 */
static void follow_master(struct virtio_pci *pci)
{
	int master = pci_command(&pci->function, PCI_COMMAND_MASTER);

	if (pci->master && !master) {
		virtio_halt(pci->device);
	}
	pci->master = master;
}

static void config_written(struct pci_function *function, unsigned offset,
			   unsigned size)
{
	struct virtio_pci *pci = (struct virtio_pci *)function;

	(void)size;
	if (is_window_data(pci, offset)) {
		use_window(pci, 1);
	}
	follow_master(pci);
	msix_config_written(&pci->msix);
	update_intx(pci);
	virtio_pci_rebind(pci);
}

/* -- Set-up -------------------------------------------------------------- */

static unsigned add_structure(struct virtio_pci *pci, uint8_t type,
			      uint32_t offset, uint32_t length, unsigned bytes)
{
	struct virtio_pci_cap cap = {
		.cap_len = (uint8_t)bytes,
		.cfg_type = type,
		.bar = type == VIRTIO_PCI_CAP_PCI_CFG ? 0 : MODERN_BAR,
		.offset = offset,
		.length = length,
	};
	struct pci_function *function = &pci->function;
	unsigned at = pci_add_capability(function, PCI_CAP_ID_VNDR, bytes);

	memcpy(&function->config[at + 2], (const char *)&cap + 2,
	       sizeof(cap) - 2);
	return at;
}

static void add_structures(struct virtio_pci *pci)
{
	struct pci_function *function = &pci->function;
	const unsigned bytes = sizeof(struct virtio_pci_cap);
	unsigned at;

	at = add_structure(pci, VIRTIO_PCI_CAP_PCI_CFG, 0, 0,
			   sizeof(struct virtio_pci_cfg_cap));
	pci->window = at;
	function->writable[at + offsetof(struct virtio_pci_cap, bar)] = 0xff;
	memset(&function->writable[at + WINDOW_OFFSET], 0xff,
	       sizeof(struct virtio_pci_cfg_cap) - WINDOW_OFFSET);
	at = add_structure(pci, VIRTIO_PCI_CAP_NOTIFY_CFG, NOTIFY, PART_SIZE,
			   sizeof(struct virtio_pci_notify_cap));
	pci_put(function,
		at + offsetof(struct virtio_pci_notify_cap,
			      notify_off_multiplier),
		4, NOTIFY_STRIDE);
	if (pci->device->config_bytes > 0) {
		(void)add_structure(pci, VIRTIO_PCI_CAP_DEVICE_CFG, DEVICE,
				    PART_SIZE, bytes);
	}
	(void)add_structure(pci, VIRTIO_PCI_CAP_ISR_CFG, ISR, PART_SIZE, bytes);
	(void)add_structure(pci, VIRTIO_PCI_CAP_COMMON_CFG, COMMON, PART_SIZE,
			    bytes);
}

/* Section 4.1.2.1, and the class that fits the kind of device. */
static struct pci_id identify(const struct virtio_device *device,
			      int transitional)
{
	static const struct {
		uint8_t id;
		uint16_t legacy; /* 0: there was none before version 1.0 */
		uint32_t class_code;
	} kinds[] = {
		{ VIRTIO_ID_NET, 0x1000, 0x020000 },
		{ VIRTIO_ID_BLOCK, 0x1001, 0x018000 },
		{ VIRTIO_ID_CONSOLE, 0x1003, 0x078000 },
		{ VIRTIO_ID_RNG, 0x1005, 0xff0000 },
	};
	struct pci_id id = {
		.vendor = VENDOR,
		.device = (uint16_t)(MODERN_ID + device->type->id),
		.subsystem_vendor = VENDOR,
		.subsystem = (uint16_t)(MODERN_ID + device->type->id),
		.class_code = 0xff0000,
		.revision = 1,
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].id == device->type->id) {
			id.class_code = kinds[i].class_code;
			if (transitional) {
				id.device = kinds[i].legacy;
				id.subsystem = (uint16_t)device->type->id;
				id.revision = 0;
			}
		}
	}
	return id;
}

void virtio_pci_init(struct virtio_device *device,
		     const struct config_device *row)
{
	static const struct virtio_transport_ops ops = {
		.interrupt = virtio_pci_interrupt,
		.config_changed = config_changed,
		.reset = reset,
		.bind = virtio_pci_bind,
		.unbind = virtio_pci_unbind,
	};
	struct virtio_pci *pci = &functions[function_count];
	struct pci_function *function = &pci->function;
	int transitional = row->transport == VIRTIO_PCI_TRANSITIONAL;
	struct pci_id id;

	BUG_ON(function_count == CONFIG_MAX_VIRTIO);
	function_count++;
	pci->device = device;
	device->transport = &ops;
	device->transport_state = pci;
	virtio_init(device);
	id = identify(device, transitional);
	function->bus = PCI_BUS_VIRTIO;
	function->slot = (uint8_t)row->gpa;
	function->read = config_read;
	function->written = config_written;
	function->bars[MSIX_BAR] = msix_bar(&pci->msix);
	function->bars[MODERN_BAR] = (struct pci_bar){
		.size = MODERN_SIZE,
		.flags = PCI_BASE_ADDRESS_MEM_TYPE_64 |
			 PCI_BASE_ADDRESS_MEM_PREFETCH,
		.widths = MMIO_1 | MMIO_2 | MMIO_4 | MMIO_8,
		.handler = access_modern,
		.ctx = pci,
	};
	if (transitional) {
		function->bars[LEGACY_BAR] = (struct pci_bar){
			.size = LEGACY_SIZE,
			.flags = PCI_BASE_ADDRESS_SPACE_IO,
			.widths = MMIO_1 | MMIO_2 | MMIO_4,
			.handler = virtio_pci_legacy_access,
			.ctx = pci,
		};
	}
	pci_add(function, &id);
	add_structures(pci);
	msix_init(&pci->msix, function, MSIX_BAR, device->type->queues + 1);
	virtio_pci_init_calls(pci);
	reset(device);
}
