/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guest sees of a host function's configuration space. Everything is
 * hidden but what the tables here name; a capability that stays keeps its
 * place. Bytes that are "live" are read from the function and written to it,
 * through VFIO's own checks; all others are ours.
 */
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <string.h>

#include "core/log.h"
#include "dev/vfio_pci.h"

#define FIRST_CAPABILITY 0x40
#define MAX_CAPABILITIES ((PCI_CONFIG_SIZE - FIRST_CAPABILITY) / 4)
#define MAX_EXTENDED ((PCI_EXTENDED_SIZE - PCI_CONFIG_SIZE) / 8)
#define EXPRESS_BYTES_V1 0x14
#define EXPRESS_BYTES_V2 0x3c
#define SERIAL_NUMBER_BYTES 12
#define PM_VERSION_MASK (PCI_PM_CAP_VER_MASK | PCI_PM_CAP_DSI)

/* The function's registers, as read at start. */
static uint8_t raw[PCI_EXTENDED_SIZE];

static unsigned raw_get(unsigned offset, unsigned size)
{
	uint32_t value = 0;

	memcpy(&value, &raw[offset], size);
	return value;
}

static void read_all(const struct vfio_pci *pci)
{
	unsigned offset;

	for (offset = 0; offset < sizeof(raw); offset += 4) {
		uint32_t value = 0;

		if (offset + 4 <= pci->config.size) {
			value = (uint32_t)vfio_read(&pci->device, &pci->config,
						    offset, 4);
		}
		memcpy(&raw[offset], &value, sizeof(value));
	}
}

/* -- Capabilities that stay ---------------------------------------------- */

static void make_live(struct vfio_pci *pci, unsigned from, unsigned bytes,
		      uint8_t writable)
{
	memset(&pci->live[from], 1, bytes);
	memset(&pci->function.writable[from], writable, bytes);
}

/* Power states are ours: a BAR of a function in D3hot must not be touched. */
static void keep_pm(struct vfio_pci *pci, unsigned at)
{
	struct pci_function *function = &pci->function;

	pci->pm = at;
	/* No D1, D2 or PME; from D3hot it comes back as it was. */
	pci_put(function, at + PCI_PM_PMC, 2,
		raw_get(at + PCI_PM_PMC, 2) & PM_VERSION_MASK);
	pci_put(function, at + PCI_PM_CTRL, 4, PCI_PM_CTRL_NO_SOFT_RESET);
	function->writable[at + PCI_PM_CTRL] = PCI_PM_CTRL_STATE_MASK;
}

static unsigned msi_bytes(unsigned flags)
{
	unsigned bytes = (flags & PCI_MSI_FLAGS_64BIT) != 0 ? 14 : 10;

	return (flags & PCI_MSI_FLAGS_MASKBIT) != 0 ? bytes + 10 : bytes;
}

/* Address and data are the guest's; the host has its own in the function. */
static void keep_msi(struct vfio_pci *pci, unsigned at)
{
	struct pci_function *function = &pci->function;
	unsigned flags = raw_get(at + PCI_MSI_FLAGS, 2);
	unsigned bytes = msi_bytes(flags);
	unsigned data = (flags & PCI_MSI_FLAGS_64BIT) != 0 ? PCI_MSI_DATA_64 :
							     PCI_MSI_DATA_32;

	pci->msi_at = at;
	memset(&function->config[at + PCI_MSI_ADDRESS_LO], 0,
	       bytes - PCI_MSI_ADDRESS_LO);
	pci_put(function, at + PCI_MSI_FLAGS, 2,
		flags & (PCI_MSI_FLAGS_QMASK | PCI_MSI_FLAGS_64BIT |
			 PCI_MSI_FLAGS_MASKBIT));
	function->writable[at + PCI_MSI_FLAGS] = PCI_MSI_FLAGS_ENABLE |
						 PCI_MSI_FLAGS_QSIZE;
	memset(&function->writable[at + PCI_MSI_ADDRESS_LO], 0xff,
	       data + 2 - PCI_MSI_ADDRESS_LO);
	function->writable[at + PCI_MSI_ADDRESS_LO] = 0xfc;
	if ((flags & PCI_MSI_FLAGS_MASKBIT) != 0) {
		memset(&function->writable[at + data + 4], 0xff, 4);
	}
}

static struct vfio_pci_hidden hide(const struct vfio_pci *pci, uint32_t where,
				   uint64_t bytes, const char *what)
{
	const struct vfio_pci_hidden hidden = {
		.bar = where & PCI_MSIX_TABLE_BIR,
		.offset = where & PCI_MSIX_TABLE_OFFSET,
		.size = bytes,
	};
	uint64_t size = hidden.bar < PCI_ROM ?
				pci->bars[hidden.bar].region.size :
				0;

	if (bytes > size || hidden.offset > size - bytes) {
		vfio_refuse(&pci->device,
			    "its MSI-X %s, 0x%llx bytes from 0x%llx, is not in "
			    "BAR %u of 0x%llx bytes",
			    what, (unsigned long long)bytes,
			    (unsigned long long)hidden.offset, hidden.bar,
			    (unsigned long long)size);
	}
	return hidden;
}

/* The guest's table is ours; it may be shorter than the function's. */
static void keep_msix(struct vfio_pci *pci, unsigned at)
{
	unsigned flags = raw_get(at + PCI_MSIX_FLAGS, 2);
	unsigned count = (flags & PCI_MSIX_FLAGS_QSIZE) + 1;

	if (count != pci->facts->vectors) {
		vfio_refuse(&pci->device,
			    "its MSI-X table has %u vectors, but the board "
			    "header says %u; correct BOARD_PCI_FUNCTIONS",
			    count, pci->facts->vectors);
	}
	pci->msix_at = at;
	pci->msix_count = count < CONFIG_MAX_VFIO_VECTORS ?
				  count :
				  CONFIG_MAX_VFIO_VECTORS;
	pci->table = hide(pci, raw_get(at + PCI_MSIX_TABLE, 4),
			  (uint64_t)PCI_MSIX_ENTRY_SIZE * count, "table");
	pci->pending = hide(pci, raw_get(at + PCI_MSIX_PBA, 4),
			    ((uint64_t)count + 63) / 64 * 8, "pending bits");
	pci_put(&pci->function, at + PCI_MSIX_FLAGS, 2, pci->msix_count - 1);
	pci->function.writable[at + PCI_MSIX_FLAGS + 1] =
		(PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL) >> 8;
}

/* Its control and status registers; VFIO keeps what the host relies on. */
static void keep_express(struct vfio_pci *pci, unsigned at)
{
	pci->express = at;
	if (!pci->has_reset) {
		pci->function.config[at + PCI_EXP_DEVCAP + 3] &= (uint8_t) ~(
			PCI_EXP_DEVCAP_FLR >> 24);
	}
	make_live(pci, at + PCI_EXP_DEVCTL, 4, 0xff);
	make_live(pci, at + PCI_EXP_LNKCTL, 4, 0xff);
}

static unsigned vendor_length(unsigned at)
{
	return raw[at + 2] < 4 ? 4 : raw[at + 2];
}

/* All but its id, link and length. */
static void keep_vendor(struct vfio_pci *pci, unsigned at)
{
	make_live(pci, at + 3, vendor_length(at) - 3, 0xff);
}

static unsigned pm_length(unsigned at)
{
	(void)at;
	return PCI_PM_SIZEOF;
}

static unsigned msi_length(unsigned at)
{
	return msi_bytes(raw_get(at + PCI_MSI_FLAGS, 2));
}

static unsigned msix_length(unsigned at)
{
	(void)at;
	return PCI_CAP_MSIX_SIZEOF;
}

static unsigned express_length(unsigned at)
{
	return (raw_get(at + PCI_EXP_FLAGS, 2) & PCI_EXP_FLAGS_VERS) > 1 ?
		       EXPRESS_BYTES_V2 :
		       EXPRESS_BYTES_V1;
}

/*
 * All others are hidden: those of bridges, and VPD (it writes to the card),
 * AF (a second reset), EA (its BARs would move).
 */
static const struct {
	uint8_t id;
	unsigned (*length)(unsigned at); /* in bytes */
	void (*keep)(struct vfio_pci *pci, unsigned at);
} kept[] = {
	{ PCI_CAP_ID_PM, pm_length, keep_pm },
	{ PCI_CAP_ID_MSI, msi_length, keep_msi },
	{ PCI_CAP_ID_MSIX, msix_length, keep_msix },
	{ PCI_CAP_ID_EXP, express_length, keep_express },
	{ PCI_CAP_ID_VNDR, vendor_length, keep_vendor },
};
#define KEPT (sizeof(kept) / sizeof(kept[0]))

/* What of a list was seen already, by dword; and how many of each kept kind. */
static uint8_t seen[PCI_EXTENDED_SIZE / 4];
static uint8_t met[KEPT];

/* Claims the bytes of a capability; 0 if another one has any of them. */
static int claim(unsigned at, unsigned bytes)
{
	unsigned first = at / 4;
	unsigned last = (at + bytes - 1) / 4;
	unsigned i;

	for (i = first; i <= last; i++) {
		if (seen[i]) {
			return 0;
		}
	}
	memset(&seen[first], 1, last - first + 1);
	return 1;
}

/* Keeps the capability at that offset, or hides it; 0: it cannot be right. */
static int keep(struct vfio_pci *pci, unsigned at, unsigned *link)
{
	struct pci_function *function = &pci->function;
	unsigned bytes = 4;
	unsigned i = 0;

	while (i < KEPT && kept[i].id != raw[at]) {
		i++;
	}
	if (i < KEPT) {
		bytes = kept[i].length(at);
	}
	if (at + bytes > PCI_CONFIG_SIZE || !claim(at, bytes)) {
		return 0;
	}
	/* The host goes by the first of a kind; only vendors have several. */
	if (i == KEPT || (met[i]++ != 0 && raw[at] != PCI_CAP_ID_VNDR)) {
		return 1;
	}
	memcpy(&function->config[at], &raw[at], bytes);
	function->config[*link] = (uint8_t)at;
	*link = at + PCI_CAP_LIST_NEXT;
	function->config[*link] = 0;
	kept[i].keep(pci, at);
	return 1;
}

static void keep_list(struct vfio_pci *pci)
{
	unsigned at = raw[PCI_CAPABILITY_LIST] & ~3u;
	unsigned link = PCI_CAPABILITY_LIST;
	unsigned left = MAX_CAPABILITIES;

	if ((raw[PCI_STATUS] & PCI_STATUS_CAP_LIST) == 0) {
		return;
	}
	memset(seen, 0, sizeof(seen));
	memset(met, 0, sizeof(met));
	while (at != 0) {
		if (left-- == 0 || at < FIRST_CAPABILITY ||
		    !keep(pci, at, &link)) {
			log_line("%s: host device %s: its list of capabilities "
				 "is broken at 0x%x; the rest is hidden",
				 pci->device.name, pci->device.host, at);
			break;
		}
		at = raw[at + PCI_CAP_LIST_NEXT] & ~3u;
	}
	if (link != PCI_CAPABILITY_LIST) {
		pci->function.config[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
	}
}

/*
 * Of the extended ones only the serial number, which is constant, stays. Errors
 * (AER, DPC) are the host's to handle; SR-IOV and ARI would make functions that
 * nobody configured; ATS, PRI and PASID ask an IOMMU that the guest does not
 * have; a resized BAR would move; the others change links that are shared.
 */
static void keep_extended(struct vfio_pci *pci)
{
	unsigned at = PCI_CONFIG_SIZE;
	unsigned left = MAX_EXTENDED;

	while (left-- > 0 && at >= PCI_CONFIG_SIZE) {
		uint32_t header = raw_get(at, 4);

		if (header == 0 || header == UINT32_MAX) {
			break;
		}
		if (PCI_EXT_CAP_ID(header) == PCI_EXT_CAP_ID_DSN &&
		    at + SERIAL_NUMBER_BYTES <= PCI_EXTENDED_SIZE) {
			uint8_t *to = &pci->extended[at - PCI_CONFIG_SIZE];
			uint32_t alone = header & 0xfffff; /* no next one */
			/* The list begins at its first register: a link. */
			uint32_t first = (uint32_t)at << 20;

			memcpy(pci->extended, &first, sizeof(first));
			memcpy(to, &raw[at], SERIAL_NUMBER_BYTES);
			memcpy(to, &alone, sizeof(alone));
			break;
		}
		at = PCI_EXT_CAP_NEXT(header) & ~3u;
	}
	pci->function.extended = pci->extended;
}

/* -- Accesses ------------------------------------------------------------ */

static void read_live(struct pci_function *function, unsigned offset)
{
	struct vfio_pci *pci = (struct vfio_pci *)function;
	unsigned at = offset & ~3u;
	uint32_t value;
	unsigned i;

	if (pci->live[at] + pci->live[at + 1] + pci->live[at + 2] +
		    pci->live[at + 3] ==
	    0) {
		return;
	}
	value = (uint32_t)vfio_read(&pci->device, &pci->config, at, 4);
	for (i = 0; i < 4; i++) {
		if (pci->live[at + i]) {
			function->config[at + i] = (uint8_t)(value >> (8 * i));
		}
	}
}

static void config_read(struct pci_function *function, unsigned offset)
{
	struct vfio_pci *pci = (struct vfio_pci *)function;
	uint8_t list = function->config[PCI_STATUS] & PCI_STATUS_CAP_LIST;

	read_live(function, offset);
	function->config[PCI_STATUS] = (uint8_t)((function->config[PCI_STATUS] &
						  ~PCI_STATUS_CAP_LIST) |
						 list);
	vfio_pci_irq_show_pending(pci, offset);
}

/* True if the guest asks for a function-level reset, which is ours to do. */
static int take_reset(struct vfio_pci *pci, unsigned offset, unsigned size)
{
	unsigned at = pci->express + PCI_EXP_DEVCTL + 1;
	uint8_t *high = &pci->function.config[at];

	if (pci->express == 0 || offset > at || at >= offset + size ||
	    (*high & (PCI_EXP_DEVCTL_BCR_FLR >> 8)) == 0) {
		return 0;
	}
	*high &= (uint8_t) ~(PCI_EXP_DEVCTL_BCR_FLR >> 8);
	return pci->has_reset;
}

static unsigned is_forwarded(const struct vfio_pci *pci, unsigned offset)
{
	return pci->live[offset] && pci->function.writable[offset] != 0;
}

/* In one access if all its bytes are live, so that none is written twice. */
static void write_live(struct vfio_pci *pci, unsigned offset, unsigned size)
{
	const struct pci_function *function = &pci->function;
	unsigned live = 0;
	unsigned i;

	for (i = 0; i < size; i++) {
		live += is_forwarded(pci, offset + i);
	}
	if (live == size) {
		vfio_write(&pci->device, &pci->config, offset, size,
			   pci_get(function, offset, size));
		return;
	}
	for (i = 0; i < size; i++) {
		if (is_forwarded(pci, offset + i)) {
			vfio_write(&pci->device, &pci->config, offset + i, 1,
				   function->config[offset + i]);
		}
	}
}

static void follow_power(struct vfio_pci *pci)
{
	uint8_t *state = &pci->function.config[pci->pm + PCI_PM_CTRL];

	if (pci->pm == 0) {
		return;
	}
	if ((*state & PCI_PM_CTRL_STATE_MASK) != 3) {
		*state &= (uint8_t)~PCI_PM_CTRL_STATE_MASK; /* D0 */
	}
	pci->function.asleep = (*state & PCI_PM_CTRL_STATE_MASK) != 0;
}

static void config_written(struct pci_function *function, unsigned offset,
			   unsigned size)
{
	struct vfio_pci *pci = (struct vfio_pci *)function;
	unsigned master;

	if (take_reset(pci, offset, size)) {
		vfio_pci_function_reset(pci);
		return;
	}
	write_live(pci, offset, size);
	follow_power(pci);
	master = pci_command(function, PCI_COMMAND_MASTER) && !function->asleep;
	if (master != pci->master) {
		vfio_pci_allow(pci, master, pci->intx);
	}
	vfio_pci_bars_update(pci);
	vfio_pci_irq_update(pci);
}

void vfio_pci_allow(struct vfio_pci *pci, unsigned master, unsigned intx)
{
	pci->master = master;
	pci->intx = intx;
	vfio_write(&pci->device, &pci->config, PCI_COMMAND, 2,
		   PCI_COMMAND_IO | PCI_COMMAND_MEMORY |
			   (master ? PCI_COMMAND_MASTER : 0) |
			   (intx ? 0 : PCI_COMMAND_INTX_DISABLE));
}

/* -- Set-up -------------------------------------------------------------- */

void vfio_pci_config_reset(struct vfio_pci *pci)
{
	struct pci_function *function = &pci->function;

	pci_put(function, PCI_COMMAND, 2, 0);
	pci_put(function, PCI_INTERRUPT_LINE, 1, 0);
	pci_put(function, PCI_CACHE_LINE_SIZE, 1, 0);
	function->config[PCI_ROM_ADDRESS] &= (uint8_t)~PCI_ROM_ADDRESS_ENABLE;
	if (pci->pm != 0) {
		function->config[pci->pm + PCI_PM_CTRL] =
			PCI_PM_CTRL_NO_SOFT_RESET;
	}
	if (pci->msi_at != 0) {
		keep_msi(pci, pci->msi_at);
	}
	if (pci->msix_at != 0) {
		function->config[pci->msix_at + PCI_MSIX_FLAGS + 1] = 0;
	}
	function->asleep = 0;
}

void vfio_pci_config_init(struct vfio_pci *pci)
{
	struct pci_function *function = &pci->function;
	struct pci_id id;

	read_all(pci);
	if ((raw[PCI_HEADER_TYPE] & 0x7f) != PCI_HEADER_TYPE_NORMAL) {
		vfio_refuse(&pci->device,
			    "header type %u: it is no endpoint, but a bridge",
			    raw[PCI_HEADER_TYPE] & 0x7f);
	}
	id = (struct pci_id){
		.vendor = (uint16_t)raw_get(PCI_VENDOR_ID, 2),
		.device = (uint16_t)raw_get(PCI_DEVICE_ID, 2),
		.subsystem_vendor = (uint16_t)raw_get(PCI_SUBSYSTEM_VENDOR_ID,
						      2),
		.subsystem = (uint16_t)raw_get(PCI_SUBSYSTEM_ID, 2),
		.class_code = raw_get(PCI_CLASS_REVISION, 4) >> 8,
		.revision = raw[PCI_REVISION_ID],
	};
	pci_add(function, &id);
	if (vfio_interrupts(&pci->device, VFIO_PCI_INTX_IRQ_INDEX).count == 0) {
		pci_put(function, PCI_INTERRUPT_PIN, 1, 0);
	}
	make_live(pci, PCI_STATUS, 2, 0);
	keep_list(pci);
	keep_extended(pci);
	function->read = config_read;
	function->written = config_written;
}
