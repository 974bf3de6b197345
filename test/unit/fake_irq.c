/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fake Linux: KVM's interrupt calls, as strict as the kernel's
 * (virt/kvm/eventfd.c, virt/kvm/irqchip.c, arch/arm64/kvm/vgic), and eventfds.
 */
#include "test/unit/fake_vfio.h"

#include <linux/errno.h>
#include <linux/eventfd.h>
#include <string.h>

#define TRANSLATER 0x10040
#define MAX_PINS 988 /* KVM_IRQCHIP_NUM_PINS */

/* -- Lines --------------------------------------------------------------- */

static void set_line(unsigned intid, unsigned level)
{
	fake.irqs[intid].level = level;
	fake.irqs[intid].rises += level != 0;
	fake.irqs[intid].calls++;
}

long fake_irq_line(const struct kvm_irq_level *line)
{
	unsigned intid = line->irq & KVM_ARM_IRQ_NUM_MASK;
	unsigned type = line->irq >> KVM_ARM_IRQ_TYPE_SHIFT &
			KVM_ARM_IRQ_TYPE_MASK;

	if (type != KVM_ARM_IRQ_TYPE_SPI || intid < 32 ||
	    intid >= FAKE_INTIDS) {
		return -EINVAL;
	}
	set_line(intid, line->level);
	return 0;
}

const struct fake_irq *fake_spi(unsigned spi)
{
	return &fake.irqs[32 + spi];
}

/* -- Messages ------------------------------------------------------------ */

void fake_note_gic(unsigned type, const struct fake_attr *attr)
{
	if (type == KVM_DEV_TYPE_ARM_VGIC_ITS &&
	    attr->group == KVM_DEV_ARM_VGIC_GRP_ADDR) {
		fake.its_gpa = attr->value;
	}
	if ((type == KVM_DEV_TYPE_ARM_VGIC_V2 ||
	     type == KVM_DEV_TYPE_ARM_VGIC_V3) &&
	    attr->group == KVM_DEV_ARM_VGIC_GRP_CTRL) {
		fake.gic_ready = 1;
		/* VGIC_CONFIG_EDGE is 0, and that the SPIs begin as. */
		memset(&fake.icfgr[2], 0xaa,
		       sizeof(fake.icfgr) - 2 * sizeof(fake.icfgr[0]));
	}
}

/* vgic_v3_attr_regs_access(); for CPU 0, of GICD_ICFGR<n> only. */
long fake_dist_reg(uint64_t attr, uint32_t *value, int write)
{
	uint64_t n = (attr - 0xc00) / 4;

	assert_true(attr % 4 == 0 && n >= 2 && n < FAKE_INTIDS / 16);
	if (!fake.gic_ready) {
		return -EBUSY;
	}
	if (write) {
		fake.icfgr[n] = *value & 0xaaaaaaaa;
	} else {
		*value = fake.icfgr[n];
	}
	return 0;
}

int fake_spi_is_level(unsigned spi)
{
	unsigned intid = 32 + spi;

	return (fake.icfgr[intid / 16] >> intid % 16 * 2 & 2) == 0;
}

static long inject(uint64_t address, uint32_t data, uint32_t flags,
		   uint32_t device, int irqfd)
{
	if (fake.its_gpa == 0) {
		return -ENODEV;
	}
	if ((flags & KVM_MSI_VALID_DEVID) == 0 ||
	    address != fake.its_gpa + TRANSLATER) {
		return -EINVAL;
	}
	assert_true(fake.msi_count < FAKE_MSIS);
	fake.msis[fake.msi_count++] = (struct fake_msi){ address, data, device,
							 irqfd };
	return 1;
}

long fake_signal_msi(const struct kvm_msi *msi)
{
	static const uint8_t pad[sizeof(msi->pad)];

	assert_memory_equal(msi->pad, pad, sizeof(pad));
	assert_int_equal(msi->flags & ~KVM_MSI_VALID_DEVID, 0);
	if (fake.msi_error != 0) {
		return fake.msi_error;
	}
	return inject((uint64_t)msi->address_hi << 32 | msi->address_lo,
		      msi->data, msi->flags, msi->devid, -1);
}

const struct fake_msi *fake_last_msi(unsigned count)
{
	assert_int_equal(fake.msi_count, count);
	return &fake.msis[count - 1];
}

/* -- Routes -------------------------------------------------------------- */

static int valid_route(const struct kvm_irq_routing_entry *e)
{
	if (e->type == KVM_IRQ_ROUTING_MSI) {
		return (e->flags & ~KVM_MSI_VALID_DEVID) == 0;
	}
	return e->type == KVM_IRQ_ROUTING_IRQCHIP && e->flags == 0 &&
	       e->u.irqchip.irqchip == 0 && e->u.irqchip.pin < MAX_PINS;
}

long fake_set_routing(const struct kvm_irq_routing *routing)
{
	unsigned i, j;

	fake.routings++;
	if (fake.routing_error != 0) {
		return fake.routing_error;
	}
	assert_in_range(routing->nr, 0, FAKE_GSIS);
	if (routing->flags != 0) {
		return -EINVAL;
	}
	for (i = 0; i < routing->nr; i++) {
		if (!valid_route(&routing->entries[i])) {
			return -EINVAL;
		}
		for (j = 0; j < i; j++) {
			if (routing->entries[i].gsi ==
			    routing->entries[j].gsi) {
				return -EINVAL;
			}
		}
	}
	memcpy(fake.routes, routing->entries,
	       routing->nr * sizeof(fake.routes[0]));
	fake.route_count = routing->nr;
	return 0;
}

/* Raises what the GSI routes to; nothing says whether that went well. */
static void raise_gsi(unsigned gsi, int fd, int is_level)
{
	unsigned i;

	for (i = 0; i < fake.route_count; i++) {
		const struct kvm_irq_routing_entry *e = &fake.routes[i];

		if (e->gsi != gsi) {
			continue;
		}
		if (e->type == KVM_IRQ_ROUTING_IRQCHIP) {
			set_line(32 + e->u.irqchip.pin, 1);
			if (!is_level) {
				set_line(32 + e->u.irqchip.pin, 0);
			}
		} else {
			(void)inject((uint64_t)e->u.msi.address_hi << 32 |
					     e->u.msi.address_lo,
				     e->u.msi.data, e->flags, e->u.msi.devid,
				     fd);
		}
	}
}

/* The SPI that a GSI is wired to. */
static unsigned pin_of(unsigned gsi)
{
	unsigned i;

	for (i = 0; i < fake.route_count; i++) {
		if (fake.routes[i].gsi == gsi) {
			assert_int_equal(fake.routes[i].type,
					 KVM_IRQ_ROUTING_IRQCHIP);
			return fake.routes[i].u.irqchip.pin;
		}
	}
	fail_msg("GSI %u has no route", gsi);
	return 0;
}

/* -- Eventfds ------------------------------------------------------------ */

static struct fake_irqfd *find_irqfd(int fd)
{
	unsigned i;

	for (i = 0; i < fake.irqfd_count; i++) {
		if (fake.irqfds[i].fd == fd) {
			return &fake.irqfds[i];
		}
	}
	return NULL;
}

/* What was signalled before is raised at once, and stays in the eventfd. */
static long assign(int fd, unsigned gsi, int resample)
{
	if (!fake.gic_ready) {
		return -EAGAIN;
	}
	if (find_irqfd(fd)) {
		return -EBUSY;
	}
	assert_true(fake.irqfd_count < FAKE_IRQFDS);
	fake.irqfds[fake.irqfd_count++] = (struct fake_irqfd){ fd, gsi,
							       resample };
	if (fake.fds[fd].count > 0) {
		raise_gsi(gsi, fd, resample >= 0);
	}
	return 0;
}

/* Leaving the eventfd's queue takes what was in it. */
static void deassign(int fd, unsigned gsi)
{
	struct fake_irqfd *irqfd = find_irqfd(fd);

	if (!irqfd || irqfd->gsi != gsi) {
		fail_msg("eventfd %d is not bound to GSI %u", fd, gsi);
	}
	if (irqfd->resample >= 0) {
		set_line(32 + pin_of(gsi), 0);
	}
	*irqfd = fake.irqfds[--fake.irqfd_count];
	fake.fds[fd].count = 0;
}

long fake_irqfd(const struct kvm_irqfd *request)
{
	static const uint8_t pad[sizeof(request->pad)];
	int fd = (int)request->fd;
	int resample = -1;

	fake.irqfd_calls++;
	if (request->flags == KVM_IRQFD_FLAG_RESAMPLE) {
		resample = (int)request->resamplefd;
		fake_get_fd(resample, FAKE_EVENTFD);
	} else {
		assert_int_equal(request->flags & ~KVM_IRQFD_FLAG_DEASSIGN, 0);
		assert_int_equal(request->resamplefd, 0);
	}
	assert_memory_equal(request->pad, pad, sizeof(pad));
	fake_get_fd(fd, FAKE_EVENTFD);
	if ((request->flags & KVM_IRQFD_FLAG_DEASSIGN) != 0) {
		deassign(fd, request->gsi);
		return 0;
	}
	return fake.irqfd_error != 0 ? fake.irqfd_error :
				       assign(fd, request->gsi, resample);
}

int fake_eventfd(void)
{
	long fd = sys_eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	assert_true(fd >= 0);
	return (int)fd;
}

void fake_signal(int fd)
{
	const struct fake_irqfd *irqfd = find_irqfd(fd);
	struct fake_fd *f = fake_get_fd(fd, FAKE_EVENTFD);

	if (irqfd) {
		f->count = 0;
		raise_gsi(irqfd->gsi, fd, irqfd->resample >= 0);
	} else if (!fake_vfio_signalled(fd)) {
		f->count++;
	}
}

long fake_write_eventfd(int fd, const void *buf, size_t len)
{
	uint64_t one = 0;

	assert_int_equal(len, 8);
	memcpy(&one, buf, 8);
	assert_int_equal(one, 1);
	fake_signal(fd);
	return 8;
}

/* setup_routing_entry(): of several GSIs that have a pin, the last is told. */
static int gsi_of(unsigned pin)
{
	int gsi = -1;
	unsigned i;

	for (i = 0; i < fake.route_count; i++) {
		const struct kvm_irq_routing_entry *e = &fake.routes[i];

		if (e->type == KVM_IRQ_ROUTING_IRQCHIP &&
		    e->u.irqchip.pin == pin) {
			gsi = (int)e->gsi;
		}
	}
	return gsi;
}

void fake_eoi(unsigned spi)
{
	int gsi = gsi_of(spi);
	unsigned i;

	for (i = 0; i < fake.irqfd_count; i++) {
		const struct fake_irqfd *irqfd = &fake.irqfds[i];

		if (irqfd->resample >= 0 && (int)irqfd->gsi == gsi &&
		    fake.irqs[32 + spi].level) {
			set_line(32 + spi, 0);
			fake_signal(irqfd->resample);
		}
	}
}

int fake_is_bound(int fd)
{
	return find_irqfd(fd) != NULL;
}

long fake_read_eventfd(struct fake_fd *fd, void *buf, size_t len)
{
	assert_int_equal(len, 8);
	if (fd->count == 0) {
		if (!fd->nonblock) {
			fail_msg("reads of the eventfd block for ever");
		}
		return -EAGAIN;
	}
	memcpy(buf, &fd->count, 8);
	fd->count = 0;
	return 8;
}
