/* SPDX-License-Identifier: Apache-2.0 */
/* An emulated MSI-X table. */
#include "dev/msix.h"

#include <linux/pci_regs.h>
#include <stddef.h>
#include <string.h>

#include "core/log.h"

#define CAPABILITY_BYTES 12
#define CONTROL_HIGH (PCI_MSIX_FLAGS + 1) /* the byte that can be written */
#define PBA 0x800 /* offset of the pending bits in the BAR */

static int control(const struct msix *msix, unsigned flag)
{
	return (pci_get(msix->function, msix->capability + PCI_MSIX_FLAGS, 2) &
		flag) != 0;
}

int msix_enabled(const struct msix *msix)
{
	return control(msix, PCI_MSIX_FLAGS_ENABLE);
}

/* True if messages of the vector may be sent now: they are memory writes. */
static int open(const struct msix *msix, unsigned vector)
{
	return vector < msix->count && msix_enabled(msix) &&
	       (msix->function->config[PCI_COMMAND] & PCI_COMMAND_MASTER) !=
		       0 &&
	       !control(msix, PCI_MSIX_FLAGS_MASKALL) &&
	       (msix->vectors[vector].masked & PCI_MSIX_ENTRY_CTRL_MASKBIT) ==
		       0;
}

/* -- Delivery ------------------------------------------------------------ */

void msix_raise(struct msix *msix, unsigned vector)
{
	if (open(msix, vector)) {
		gic_send_msi(&msix->vectors[vector].message);
	} else if (vector < msix->count && msix_enabled(msix)) {
		msix->vectors[vector].pending = 1;
	}
}

static void unbind(struct msix_source *source)
{
	if (source->handle >= 0) {
		gic_unbind(source->handle);
		source->handle = -1;
	}
}

static void bind(struct msix *msix, struct msix_source *source)
{
	const struct gic_msi *msi = &msix->vectors[source->vector].message;

	source->handle = gic_bind_msi(source->fd, msi);
	if (source->handle < 0) {
		log_guest("device 0x%x: vector %u, MSI 0x%x to 0x%llx: cannot "
			  "be bound (%d)",
			  msi->device_id, source->vector, msi->data,
			  (unsigned long long)msi->address, source->handle);
	}
}

/* A source is bound exactly while its vector is open. */
static void update_sources(struct msix *msix)
{
	unsigned i;

	for (i = 0; i < CONFIG_MAX_VECTORS; i++) {
		struct msix_source *source = &msix->sources[i];

		if (source->fd < 0 || !open(msix, source->vector)) {
			unbind(source);
		} else if (source->handle < 0) {
			bind(msix, source);
		}
	}
}

static void send_pending(struct msix *msix)
{
	unsigned i;

	for (i = 0; i < msix->count; i++) {
		if (msix->vectors[i].pending && open(msix, i)) {
			msix->vectors[i].pending = 0;
			gic_send_msi(&msix->vectors[i].message);
		}
	}
}

void msix_forget_pending(struct msix *msix)
{
	unsigned i;

	for (i = 0; i < msix->count; i++) {
		msix->vectors[i].pending = 0;
	}
}

void msix_attach(struct msix *msix, unsigned source, unsigned vector, int fd)
{
	struct msix_source *s = &msix->sources[source];

	BUG_ON(source >= CONFIG_MAX_VECTORS);
	if (s->fd != fd || s->vector != vector) {
		msix_detach(msix, source);
		s->fd = fd;
		s->vector = vector;
	}
	update_sources(msix);
}

void msix_detach(struct msix *msix, unsigned source)
{
	unbind(&msix->sources[source]);
	msix->sources[source].fd = -1;
}

void msix_config_written(struct msix *msix)
{
	update_sources(msix);
	send_pending(msix);
}

/* -- The BAR ------------------------------------------------------------- */

/* What happened while a source was not bound waits in its eventfd. */
static void collect_pending(struct msix *msix)
{
	unsigned i;

	for (i = 0; i < CONFIG_MAX_VECTORS; i++) {
		const struct msix_source *source = &msix->sources[i];
		uint64_t count;

		if (source->fd >= 0 && source->handle < 0 &&
		    source->vector < msix->count &&
		    sys_read(source->fd, &count, sizeof(count)) > 0) {
			msix->vectors[source->vector].pending = 1;
		}
	}
}

static uint64_t pending_bits(struct msix *msix)
{
	uint64_t bits = 0;
	unsigned i;

	collect_pending(msix);
	for (i = 0; i < msix->count; i++) {
		bits |= (uint64_t)(msix->vectors[i].pending != 0) << i;
	}
	return bits;
}

static uint32_t read_table(const struct msix_vector *vector, unsigned reg)
{
	switch (reg) {
	case PCI_MSIX_ENTRY_LOWER_ADDR:
		return (uint32_t)vector->message.address;
	case PCI_MSIX_ENTRY_UPPER_ADDR:
		return (uint32_t)(vector->message.address >> 32);
	case PCI_MSIX_ENTRY_DATA:
		return vector->message.data;
	default:
		return vector->masked;
	}
}

static void write_table(struct msix_vector *vector, unsigned reg,
			uint32_t value)
{
	uint64_t *address = &vector->message.address;

	switch (reg) {
	case PCI_MSIX_ENTRY_LOWER_ADDR:
		*address = (*address & ~0xffffffffull) | (value & ~3u);
		break;
	case PCI_MSIX_ENTRY_UPPER_ADDR:
		*address = (*address & 0xffffffffull) | (uint64_t)value << 32;
		break;
	case PCI_MSIX_ENTRY_DATA:
		vector->message.data = value;
		break;
	default:
		vector->masked = value & PCI_MSIX_ENTRY_CTRL_MASKBIT;
		break;
	}
}

/* A source is bound to a message: it must be made again when that changes. */
static void rewrite(struct msix *msix, unsigned index, unsigned reg,
		    uint32_t value)
{
	struct msix_vector *vector = &msix->vectors[index];
	unsigned i;

	if (read_table(vector, reg) == value) {
		return;
	}
	for (i = 0; i < CONFIG_MAX_VECTORS; i++) {
		if (msix->sources[i].vector == index) {
			unbind(&msix->sources[i]);
		}
	}
	write_table(vector, reg, value);
	update_sources(msix);
	send_pending(msix);
}

/* One aligned dword; an access of 8 bytes is two of them. */
static uint32_t access_dword(struct msix *msix, uint64_t offset,
			     const uint32_t *write)
{
	unsigned vector = (unsigned)(offset / PCI_MSIX_ENTRY_SIZE);
	unsigned reg = (unsigned)(offset % PCI_MSIX_ENTRY_SIZE);

	if (offset >= PBA) {
		return offset == PBA && !write ? (uint32_t)pending_bits(msix) :
						 0;
	}
	if (vector >= msix->count) {
		return 0;
	}
	if (write) {
		rewrite(msix, vector, reg, *write);
	}
	return read_table(&msix->vectors[vector], reg);
}

static void access_bar(void *ctx, struct mmio_access *access)
{
	uint32_t dwords[2];
	uint64_t value = 0;
	unsigned i;

	memcpy(dwords, &access->value, sizeof(dwords));
	for (i = 0; i < access->size / 4; i++) {
		value |= (uint64_t)access_dword(ctx, access->offset + 4 * i,
						access->write ? &dwords[i] :
								NULL)
			 << (32 * i);
	}
	if (!access->write) {
		access->value = value;
	}
}

/* -- Set-up -------------------------------------------------------------- */

void msix_reset(struct msix *msix)
{
	unsigned i;

	pci_put(msix->function, msix->capability + PCI_MSIX_FLAGS, 2,
		msix->count - 1);
	for (i = 0; i < CONFIG_MAX_VECTORS; i++) {
		unbind(&msix->sources[i]);
		msix->sources[i].fd = -1;
		msix->vectors[i] = (struct msix_vector){
			.message.device_id = pci_device_id(msix->function),
			.masked = PCI_MSIX_ENTRY_CTRL_MASKBIT,
		};
	}
}

void msix_init(struct msix *msix, struct pci_function *function, unsigned bar,
	       unsigned count)
{
	unsigned i;

	BUG_ON(count > CONFIG_MAX_VECTORS);
	msix->function = function;
	msix->count = count;
	msix->capability = pci_add_capability(function, PCI_CAP_ID_MSIX,
					      CAPABILITY_BYTES);
	pci_put(function, msix->capability + PCI_MSIX_TABLE, 4, bar);
	pci_put(function, msix->capability + PCI_MSIX_PBA, 4, PBA | bar);
	function->writable[msix->capability + CONTROL_HIGH] =
		(PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL) >> 8;
	for (i = 0; i < CONFIG_MAX_VECTORS; i++) {
		msix->sources[i].handle = -1;
	}
	msix_reset(msix);
}

struct pci_bar msix_bar(struct msix *msix)
{
	return (struct pci_bar){
		.size = MSIX_BAR_SIZE,
		.widths = MMIO_4 | MMIO_8,
		.handler = access_bar,
		.ctx = msix,
	};
}
