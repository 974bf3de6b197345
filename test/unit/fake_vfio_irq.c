/* SPDX-License-Identifier: Apache-2.0 */
/* The host's PCI cards: VFIO_DEVICE_SET_IRQS, and what then happens. */
#include <linux/errno.h>
#include <stddef.h>
#include <string.h>

#include "test/unit/fake_vfio.h"

#define ACTION(set) ((set)->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK)
#define DATA(set) ((set)->flags & VFIO_IRQ_SET_DATA_TYPE_MASK)

/* -- What it sends ------------------------------------------------------- */

static void send(struct fake_card *card, unsigned vector)
{
	if (card->fds[vector] >= 0) {
		fake_signal(card->fds[vector]);
	} else if (card->fds[vector] == FAKE_SHUT_FD) {
		fail_msg("vector %u: its eventfd was closed too early", vector);
	}
}

/* Without an eventfd the kernel keeps a vector masked in the card. */
void fake_card_fire(struct fake_card *card, unsigned vector)
{
	assert_true(vector < card->enabled);
	assert_int_not_equal(card->kind, VFIO_PCI_INTX_IRQ_INDEX);
	if (card->fds[vector] != FAKE_NO_FD) {
		send(card, vector);
	} else if (card->pba && card->kind == VFIO_PCI_MSIX_IRQ_INDEX) {
		card->pba[vector / 8] |= (uint8_t)(1u << vector % 8);
	}
}

static void unmasked(struct fake_card *card, unsigned vector)
{
	uint8_t bit = (uint8_t)(1u << vector % 8);

	if (card->pba && card->kind == VFIO_PCI_MSIX_IRQ_INDEX &&
	    (card->pba[vector / 8] & bit) != 0) {
		card->pba[vector / 8] &= (uint8_t)~bit;
		send(card, vector);
	}
}

/* Masked in the card by its handler, until it is told otherwise. */
static void send_line(struct fake_card *card)
{
	if (card->kind == VFIO_PCI_INTX_IRQ_INDEX && card->line &&
	    !card->masked) {
		card->masked = 1;
		send(card, 0);
	}
}

void fake_card_line(struct fake_card *card, int level)
{
	card->line = level;
	send_line(card);
}

void fake_card_trouble(struct fake_card *card, unsigned which)
{
	assert_true(card->trouble[which] >= 0);
	fake_signal(card->trouble[which]);
}

int fake_vfio_signalled(int fd)
{
	unsigned i;

	for (i = 0; i < fake_vfio.card_count; i++) {
		struct fake_card *card = &fake_vfio.cards[i];

		if (card->kind == VFIO_PCI_INTX_IRQ_INDEX &&
		    card->unmask_fd == fd) {
			card->masked = 0;
			send_line(card);
			return 1;
		}
	}
	return fake_soc_signalled(fd);
}

void fake_vfio_shut(int fd)
{
	unsigned i, j;

	fake_soc_shut(fd);
	for (i = 0; i < fake_vfio.card_count; i++) {
		struct fake_card *card = &fake_vfio.cards[i];

		for (j = 0; j < card->enabled; j++) {
			if (card->fds[j] == fd) {
				card->fds[j] = FAKE_SHUT_FD;
			}
		}
		if (card->unmask_fd == fd) {
			card->unmask_fd = FAKE_NO_FD;
		}
		if (fake_card_is_pci(card) &&
		    (card->trouble[0] == fd || card->trouble[1] == fd)) {
			fail_msg("%s: nobody hears of its errors any more",
				 card->host);
		}
	}
}

/* -- VFIO_DEVICE_SET_IRQS ------------------------------------------------ */

/* vfio_set_irqs_validate_and_prepare() */
static void validate(const struct fake_card *card,
		     const struct vfio_irq_set *set)
{
	size_t head = offsetof(struct vfio_irq_set, data);
	size_t bytes = DATA(set) == VFIO_IRQ_SET_DATA_EVENTFD ?
			       set->count * sizeof(int) :
			       0;

	assert_true(set->index < VFIO_PCI_NUM_IRQS);
	assert_int_equal(set->argsz, head + bytes);
	if (set->start >= card->irqs[set->index] ||
	    set->start + set->count > card->irqs[set->index]) {
		fail_msg("%s: index %u has %u interrupts, not %u from %u",
			 card->host, set->index, card->irqs[set->index],
			 set->count, set->start);
	}
}

static int fd_at(const struct vfio_irq_set *set, unsigned i)
{
	int fd;

	memcpy(&fd, set->data + i * sizeof(fd), sizeof(fd));
	if (fd >= 0) {
		const struct fake_fd *f = fake_get_fd(fd, FAKE_EVENTFD);

		assert_true(f->nonblock && f->cloexec);
	} else {
		assert_int_equal(fd, -1);
	}
	return fd;
}

static void none(struct fake_card *card, int kind, unsigned enabled)
{
	unsigned i;

	card->kind = kind;
	card->enabled = enabled;
	card->unmask_fd = FAKE_NO_FD;
	card->masked = 0;
	for (i = 0; i < FAKE_CARD_VECTORS; i++) {
		card->fds[i] = FAKE_NO_FD;
	}
}

static long silence(struct fake_card *card, const struct vfio_irq_set *set)
{
	if (card->kind != (int)set->index) {
		fail_msg("%s: index %u is disabled, but has %d", card->host,
			 set->index, card->kind);
	}
	if (card->silence_error == 0) {
		none(card, FAKE_SILENT, 0);
	}
	return card->silence_error;
}

static void check_kind(const struct fake_card *card,
		       const struct vfio_irq_set *set)
{
	if (card->kind != FAKE_SILENT && card->kind != (int)set->index) {
		fail_msg("%s: index %u is enabled, but has %d", card->host,
			 set->index, card->kind);
	}
}

static long set_intx(struct fake_card *card, const struct vfio_irq_set *set)
{
	int fd;

	assert_int_equal(set->start, 0);
	assert_int_equal(set->count, 1);
	assert_int_equal(DATA(set), VFIO_IRQ_SET_DATA_EVENTFD);
	fd = fd_at(set, 0);
	if (ACTION(set) == VFIO_IRQ_SET_ACTION_UNMASK) {
		assert_int_equal(card->kind, VFIO_PCI_INTX_IRQ_INDEX);
		if (card->unmask_error != 0) {
			return card->unmask_error;
		}
		card->unmask_fd = fd;
		return 0;
	}
	check_kind(card, set);
	if (card->irq_error[set->index] != 0) {
		return card->irq_error[set->index];
	}
	none(card, VFIO_PCI_INTX_IRQ_INDEX, 1);
	card->fds[0] = fd;
	send_line(card);
	return 0;
}

/* The first call says how many vectors there will be, or what is left. */
static long enable_msi(struct fake_card *card, const struct vfio_irq_set *set)
{
	unsigned count = set->start + set->count;

	assert_int_not_equal(count, 0);
	if (card->vectors != 0 && count > card->vectors) {
		return card->vectors;
	}
	none(card, (int)set->index, count);
	return 0;
}

static long set_msi(struct fake_card *card, const struct vfio_irq_set *set)
{
	unsigned i;
	long ret;

	assert_int_equal(ACTION(set), VFIO_IRQ_SET_ACTION_TRIGGER);
	assert_int_equal(DATA(set), VFIO_IRQ_SET_DATA_EVENTFD);
	check_kind(card, set);
	if (card->irq_error[set->index] != 0) {
		return card->irq_error[set->index];
	}
	if (card->kind == FAKE_SILENT) {
		ret = enable_msi(card, set);
		if (ret != 0) {
			return ret;
		}
	}
	if (set->start + set->count > card->enabled) {
		return -EINVAL; /* the host had fewer */
	}
	for (i = 0; i < set->count; i++) {
		unsigned vector = set->start + i;

		card->fds[vector] = fd_at(set, i);
		if (card->fds[vector] >= 0) {
			unmasked(card, vector);
		}
	}
	return 0;
}

static long set_trouble(struct fake_card *card, const struct vfio_irq_set *set)
{
	assert_int_equal(set->count, 1);
	assert_int_equal(DATA(set), VFIO_IRQ_SET_DATA_EVENTFD);
	assert_int_equal(ACTION(set), VFIO_IRQ_SET_ACTION_TRIGGER);
	if (card->irq_error[set->index] != 0) {
		return card->irq_error[set->index];
	}
	card->trouble[set->index - VFIO_PCI_ERR_IRQ_INDEX] = fd_at(set, 0);
	return 0;
}

long fake_card_set_irqs(struct fake_card *card, const struct vfio_irq_set *set)
{
	card->set_irqs++;
	validate(card, set);
	if (set->count == 0) {
		assert_int_equal(set->flags,
				 VFIO_IRQ_SET_DATA_NONE |
					 VFIO_IRQ_SET_ACTION_TRIGGER);
		return silence(card, set);
	}
	switch (set->index) {
	case VFIO_PCI_INTX_IRQ_INDEX:
		return set_intx(card, set);
	case VFIO_PCI_MSI_IRQ_INDEX:
	case VFIO_PCI_MSIX_IRQ_INDEX:
		return set_msi(card, set);
	default:
		return set_trouble(card, set);
	}
}
