/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupts of the host's functions. What the guest has set up and what the
 * function has are followed apart: VFIO enables a kind of interrupt when the
 * guest does, and a vector when the guest opens it first. From then on a masked
 * vector is one whose eventfd is not bound: what happens waits there.
 */
#include <linux/errno.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include "core/log.h"
#include "dev/vfio_pci.h"

static unsigned index_of(enum vfio_pci_mode mode)
{
	static const unsigned indices[] = {
		[VFIO_PCI_INTX] = VFIO_PCI_INTX_IRQ_INDEX,
		[VFIO_PCI_MSI] = VFIO_PCI_MSI_IRQ_INDEX,
		[VFIO_PCI_MSIX] = VFIO_PCI_MSIX_IRQ_INDEX,
	};

	return indices[mode];
}

/* -- INTx ---------------------------------------------------------------- */

static void close_intx(struct vfio_pci *pci)
{
	if (pci->intx_handle >= 0) {
		gic_unbind(pci->intx_handle);
	}
	if (pci->intx_trigger >= 0) {
		sys_close(pci->intx_trigger);
	}
	if (pci->intx_unmask >= 0) {
		sys_close(pci->intx_unmask);
	}
}

/* Trigger, guest's EOI, unmask: a circle inside the kernel. */
static long open_intx(struct vfio_pci *pci)
{
	const unsigned index = VFIO_PCI_INTX_IRQ_INDEX;
	long ret = -EMFILE;

	pci->intx_trigger = vfio_eventfd();
	pci->intx_unmask = vfio_eventfd();
	pci->intx_handle = -1;
	if (pci->intx_trigger >= 0 && pci->intx_unmask >= 0) {
		ret = gic_bind_level(pci->intx_trigger, pci->intx_unmask,
				     pci_intx_spi(&pci->function));
		pci->intx_handle = (int)ret;
	}
	if (ret >= 0) {
		ret = vfio_signal(&pci->device, index, 0, 1,
				  &pci->intx_trigger);
	}
	if (ret >= 0) {
		ret = vfio_unmask_on(&pci->device, index, pci->intx_unmask);
		if (ret < 0) {
			vfio_silence(&pci->device, index);
		}
	}
	if (ret < 0) {
		close_intx(pci);
	}
	return ret;
}

/* -- Messages ------------------------------------------------------------ */

static int connect(struct msi *msi, unsigned n)
{
	struct vfio_pci *pci = (struct vfio_pci *)msi->function;
	int fd = vfio_eventfd();
	long ret = fd < 0 ? fd :
			    vfio_signal(&pci->device, index_of(pci->mode), n, 1,
					&fd);

	if (ret == 0) {
		vfio_steer(&pci->device);
		return fd;
	}
	if (fd >= 0) {
		sys_close(fd);
	}
	log_guest("%s: vector %u cannot be connected (%ld)", pci->device.name,
		  n, ret);
	return -1;
}

/* How many messages the guest's MSI capability allows. */
static unsigned msi_messages(const struct vfio_pci *pci)
{
	unsigned flags = pci_get(&pci->function, pci->msi_at + PCI_MSI_FLAGS,
				 2);
	unsigned size = (flags & PCI_MSI_FLAGS_QSIZE) >> 4;
	unsigned most = (flags & PCI_MSI_FLAGS_QMASK) >> 1;

	if (size > most) {
		size = most;
	}
	return size > 5 ? 32 : 1u << size;
}

/* Enables the kind of interrupt, with no vector connected yet. */
static long open_messages(struct vfio_pci *pci, enum vfio_pci_mode mode)
{
	int none[CONFIG_MAX_VFIO_VECTORS];
	unsigned count = mode == VFIO_PCI_MSI ? msi_messages(pci) :
						pci->msix_count;
	unsigned i;
	long ret;

	for (i = 0; i < count; i++) {
		none[i] = -1;
	}
	ret = vfio_signal(&pci->device, index_of(mode), 0, count, none);
	if (ret > 0) { /* the host has fewer to give */
		count = (unsigned)ret < count ? (unsigned)ret : count;
		ret = vfio_signal(&pci->device, index_of(mode), 0, count, none);
	}
	return ret > 0 ? -ENOSPC : ret;
}

static void close_messages(struct vfio_pci *pci, enum vfio_pci_mode mode)
{
	unsigned i;

	for (i = 0; i < pci->msi.count; i++) {
		int fd = pci->sources[i].fd;

		msi_detach(&pci->msi, i);
		if (fd >= 0) {
			sys_close(fd);
		}
	}
	pci->msi.enabled = 0;
	msi_forget_pending(&pci->msi); /* as what is in the eventfds */
	if (mode == VFIO_PCI_MSI) {
		msi_reset(&pci->msi); /* the vectors are MSI-X's again */
	}
}

/* The MSI capability programs vectors as an MSI-X table does, all at once. */
static void program_msi(struct vfio_pci *pci)
{
	const struct pci_function *function = &pci->function;
	unsigned at = pci->msi_at;
	unsigned wide = (pci_get(function, at + PCI_MSI_FLAGS, 2) &
			 PCI_MSI_FLAGS_64BIT) != 0;
	unsigned data_at = at + (wide ? PCI_MSI_DATA_64 : PCI_MSI_DATA_32);
	uint64_t address = pci_get(function, at + PCI_MSI_ADDRESS_LO, 4);
	uint32_t data = pci_get(function, data_at, 2);
	uint32_t masked = 0;
	unsigned count = msi_messages(pci);
	unsigned i;

	if (wide) {
		address |=
			(uint64_t)pci_get(function, at + PCI_MSI_ADDRESS_HI, 4)
			<< 32;
	}
	if ((pci_get(function, at + PCI_MSI_FLAGS, 2) &
	     PCI_MSI_FLAGS_MASKBIT) != 0) {
		masked = pci_get(function, data_at + 4, 4);
	}
	for (i = 0; i < pci->msi.count; i++) {
		msi_set_message(&pci->msi, i, address,
				(data & ~(count - 1)) | i);
		msi_set_masked(&pci->msi, i, i >= count || (masked >> i & 1));
	}
}

/* What the function itself keeps pending, for vectors not connected yet. */
static uint32_t pending_in_function(const struct vfio_pci *pci, unsigned at)
{
	uint32_t bits = (uint32_t)vfio_read(&pci->device, &pci->config, at, 4);
	unsigned count = msi_messages(pci);
	unsigned i;

	for (i = 0; i < 32; i++) {
		if (i >= count || pci->sources[i].fd >= 0) {
			bits &= ~(1u << i);
		}
	}
	return bits;
}

void vfio_pci_irq_show_pending(struct vfio_pci *pci, unsigned offset)
{
	unsigned flags = pci_get(&pci->function, pci->msi_at + PCI_MSI_FLAGS,
				 2);
	unsigned at = pci->msi_at + ((flags & PCI_MSI_FLAGS_64BIT) != 0 ?
					     PCI_MSI_PENDING_64 :
					     PCI_MSI_PENDING_32);

	if (pci->mode == VFIO_PCI_MSI && (offset & ~3u) == at &&
	    (flags & PCI_MSI_FLAGS_MASKBIT) != 0) {
		pci_put(&pci->function, at, 4,
			msi_pending(&pci->msi, 0) |
				pending_in_function(pci, at));
	}
}

/* -- Modes --------------------------------------------------------------- */

static int flag(const struct vfio_pci *pci, unsigned at, unsigned bit)
{
	return at != 0 &&
	       (pci_get(&pci->function, at + PCI_CAP_FLAGS, 2) & bit) != 0;
}

/* What the guest has enabled; MSI-X wins, as it should enable one only. */
static enum vfio_pci_mode wanted(const struct vfio_pci *pci)
{
	const struct pci_function *function = &pci->function;

	if (flag(pci, pci->msix_at, PCI_MSIX_FLAGS_ENABLE)) {
		return VFIO_PCI_MSIX;
	}
	if (flag(pci, pci->msi_at, PCI_MSI_FLAGS_ENABLE)) {
		return VFIO_PCI_MSI;
	}
	/* A driver has come when the function decodes, or masters the bus. */
	if (function->config[PCI_INTERRUPT_PIN] != 0 &&
	    !pci_command(function, PCI_COMMAND_INTX_DISABLE) &&
	    pci_command(function, PCI_COMMAND_IO | PCI_COMMAND_MEMORY |
					  PCI_COMMAND_MASTER)) {
		return VFIO_PCI_INTX;
	}
	return VFIO_PCI_SILENT;
}

static void leave_mode(struct vfio_pci *pci)
{
	enum vfio_pci_mode mode = pci->mode;

	pci->mode = VFIO_PCI_SILENT;
	if (mode == VFIO_PCI_INTX) {
		vfio_pci_allow(pci, pci->master, 0);
		close_intx(pci);
		vfio_silence(&pci->device, index_of(mode));
	} else if (mode != VFIO_PCI_SILENT) {
		close_messages(pci, mode);
		vfio_silence(&pci->device, index_of(mode));
		/* Linux has turned INTx on; VFIO acts on a change only. */
		vfio_pci_allow(pci, pci->master, 1);
		vfio_pci_allow(pci, pci->master, 0);
	}
}

static void enter_mode(struct vfio_pci *pci, enum vfio_pci_mode mode)
{
	long ret = 0;

	if (mode == VFIO_PCI_INTX) {
		ret = open_intx(pci);
	} else if (mode != VFIO_PCI_SILENT) {
		ret = open_messages(pci, mode);
		pci->msi.enabled = ret >= 0;
	}
	pci->mode = mode;
	if (ret < 0) {
		log_guest("%s: the host has no interrupts to give (%ld)",
			  pci->device.name, ret);
		pci->mode = VFIO_PCI_SILENT;
	}
	if (pci->mode == VFIO_PCI_INTX) {
		vfio_steer(&pci->device);
		vfio_pci_allow(pci, pci->master, 1);
	}
}

void vfio_pci_irq_update(struct vfio_pci *pci)
{
	enum vfio_pci_mode mode = wanted(pci);

	if (mode != pci->wanted) { /* once, even if the host refuses */
		leave_mode(pci);
		pci->wanted = mode;
		enter_mode(pci, mode);
	}
	pci->msi.all_masked = mode == VFIO_PCI_MSIX &&
			      flag(pci, pci->msix_at, PCI_MSIX_FLAGS_MASKALL);
	if (pci->mode == VFIO_PCI_MSI) {
		program_msi(pci);
	}
	msi_update(&pci->msi);
}

void vfio_pci_irq_reset(struct vfio_pci *pci)
{
	leave_mode(pci);
	pci->wanted = VFIO_PCI_SILENT;
	msi_reset(&pci->msi);
}

void vfio_pci_irq_init(struct vfio_pci *pci)
{
	unsigned count = pci->msix_count;

	if (pci->msi_at != 0 && count < CONFIG_MAX_VFIO_VECTORS) {
		count = CONFIG_MAX_VFIO_VECTORS;
	}
	msi_init(&pci->msi, &pci->function, pci->vectors, pci->sources, count);
	pci->msi.connect = connect;
}
