/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's side of one virtio device. */
#include "test/unit/driver.h"

#include <string.h>

#include "core/kvm.h"
#include "core/loop.h"
#include "test/unit/driver_pci.h"

void driver_machine(void)
{
	static uint8_t immediate_exit;
	static const struct config_partition partition = {
		.name = "unit",
		.ram = { { RAM, RAM_BYTES, RAM_LAZY },
			 { RAM2, RAM2_BYTES, RAM_LAZY } },
	};

	fake_reset();
	kvm_init();
	mem_init(&partition);
	loop_init(&immediate_exit);
}

uint64_t driver_row(const char *name)
{
	unsigned i;

	for (i = 0; i < config_device_count; i++) {
		if (strcmp(config_devices[i].name, name) == 0) {
			return config_devices[i].gpa;
		}
	}
	fail_msg("no device %s", name);
	return 0;
}

uint8_t *ram(uint64_t gpa)
{
	uint8_t *at = fake_guest(gpa);

	assert_non_null(at);
	return at;
}

/* -- Registers ----------------------------------------------------------- */

void driver_mmio_write(uint64_t gpa, unsigned size, uint64_t value)
{
	struct mmio_access access = { .size = size,
				      .write = 1,
				      .value = value };

	if (!mmio_dispatch(gpa, &access)) {
		fail_msg("nobody claims 0x%llx", (unsigned long long)gpa);
	}
}

uint64_t driver_mmio_read(uint64_t gpa, unsigned size)
{
	struct mmio_access access = { .size = size,
				      .value = 0x5a5a5a5a5a5a5a5a };

	if (!mmio_dispatch(gpa, &access)) {
		fail_msg("nobody claims 0x%llx", (unsigned long long)gpa);
	}
	return access.value;
}

void driver_write(struct driver *d, unsigned reg, uint32_t value)
{
	if (d->kind == DRIVER_MMIO) {
		driver_mmio_write(d->window + reg, 4, value);
	} else {
		driver_pci_write(d, reg, value);
	}
}

uint32_t driver_read(struct driver *d, unsigned reg)
{
	uint32_t value;

	if (d->kind != DRIVER_MMIO) {
		return driver_pci_read(d, reg);
	}
	memcpy(&value, ram(d->window + reg), 4);
	return value;
}

uint64_t driver_offered(struct driver *d)
{
	uint64_t low;

	driver_write(d, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
	low = driver_read(d, VIRTIO_MMIO_DEVICE_FEATURES);
	driver_write(d, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
	return low | (uint64_t)driver_read(d, VIRTIO_MMIO_DEVICE_FEATURES)
			     << 32;
}

static void accept(struct driver *d, uint64_t features)
{
	driver_write(d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	driver_write(d, VIRTIO_MMIO_DRIVER_FEATURES, (uint32_t)features);
	driver_write(d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	driver_write(d, VIRTIO_MMIO_DRIVER_FEATURES,
		     (uint32_t)(features >> 32));
}

static void place_rings(struct driver *d)
{
	driver_write(d, VIRTIO_MMIO_QUEUE_SEL, d->queue);
	driver_write(d, VIRTIO_MMIO_QUEUE_NUM, d->num);
	driver_write(d, VIRTIO_MMIO_QUEUE_DESC_LOW, (uint32_t)d->desc);
	driver_write(d, VIRTIO_MMIO_QUEUE_DESC_HIGH, (uint32_t)(d->desc >> 32));
	driver_write(d, VIRTIO_MMIO_QUEUE_AVAIL_LOW, (uint32_t)d->avail);
	driver_write(d, VIRTIO_MMIO_QUEUE_AVAIL_HIGH,
		     (uint32_t)(d->avail >> 32));
	driver_write(d, VIRTIO_MMIO_QUEUE_USED_LOW, (uint32_t)d->used);
	driver_write(d, VIRTIO_MMIO_QUEUE_USED_HIGH, (uint32_t)(d->used >> 32));
}

static void choose_rings(struct driver *d, uint64_t gpa)
{
	d->desc = gpa;
	d->avail = d->desc + 16ull * d->num;
	d->used = (d->avail + 6 + 2ull * d->num + 3) & ~3ull;
}

void driver_prepare(struct driver *d, uint64_t window, unsigned num,
		    uint64_t features)
{
	if (d->kind == DRIVER_MMIO) {
		d->window = window;
	}
	d->num = num;
	d->avail_idx = 0;
	if (d->desc == 0) {
		choose_rings(d, RAM + 0x10000 + (window & 0xfff) * 0x10);
	}
	memset(ram(d->desc), 0, 0x1000);
	driver_write(d, VIRTIO_MMIO_STATUS, 0);
	driver_write(d, VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	driver_write(d, VIRTIO_MMIO_STATUS, ALIVE);
	accept(d, features | BIT64(VIRTIO_F_VERSION_1));
	driver_write(d, VIRTIO_MMIO_STATUS,
		     ALIVE | VIRTIO_CONFIG_S_FEATURES_OK);
	assert_int_equal(driver_read(d, VIRTIO_MMIO_STATUS),
			 ALIVE | VIRTIO_CONFIG_S_FEATURES_OK);
	place_rings(d);
}

void driver_start(struct driver *d, uint64_t window, unsigned num,
		  uint64_t features)
{
	driver_prepare(d, window, num, features);
	driver_go(d);
}

void driver_next_queue(struct driver *d, const struct driver *other,
		       unsigned queue)
{
	d->kind = other->kind;
	d->window = other->window;
	d->queue = queue;
	d->num = other->num;
	d->avail_idx = 0;
	choose_rings(d, other->desc + queue * 0x1000ull);
	memset(ram(d->desc), 0, 0x1000);
	place_rings(d);
	driver_write(d, VIRTIO_MMIO_QUEUE_READY, 1);
	assert_int_equal(driver_read(d, VIRTIO_MMIO_QUEUE_READY), 1);
}

void driver_go(struct driver *d)
{
	driver_write(d, VIRTIO_MMIO_QUEUE_SEL, d->queue);
	driver_write(d, VIRTIO_MMIO_QUEUE_READY, 1);
	assert_int_equal(driver_read(d, VIRTIO_MMIO_QUEUE_READY), 1);
	driver_write(d, VIRTIO_MMIO_STATUS, RUNNING);
	assert_int_equal(driver_read(d, VIRTIO_MMIO_STATUS), RUNNING);
}

void driver_add_queue(struct driver *d, uint64_t window, unsigned num)
{
	if (d->kind == DRIVER_MMIO) {
		d->window = window;
	}
	d->num = num;
	d->avail_idx = 0;
	memset(ram(d->desc), 0, 16 * num);
	memset(ram(d->avail), 0, 6 + 2 * num);
	memset(ram(d->used), 0, 6 + 8 * num);
	place_rings(d);
	driver_write(d, VIRTIO_MMIO_QUEUE_READY, 1);
	assert_int_equal(driver_read(d, VIRTIO_MMIO_QUEUE_READY), 1);
}

/* -- Rings --------------------------------------------------------------- */

void driver_desc_at(uint64_t table, unsigned i, uint64_t addr, uint32_t len,
		    unsigned flags, unsigned next)
{
	struct vring_desc desc = { addr, len, (uint16_t)flags, (uint16_t)next };

	memcpy(ram(table + 16 * i), &desc, sizeof(desc));
}

void driver_desc(struct driver *d, unsigned i, uint64_t addr, uint32_t len,
		 unsigned flags, unsigned next)
{
	driver_desc_at(d->desc, i, addr, len, flags, next);
}

static uint16_t *u16(uint64_t gpa)
{
	return (uint16_t *)ram(gpa);
}

void driver_set_avail(struct driver *d, uint16_t idx)
{
	d->avail_idx = idx;
	*u16(d->avail + 2) = idx;
}

void driver_offer(struct driver *d, unsigned head)
{
	*u16(d->avail + 4 + 2 * (d->avail_idx % d->num)) = (uint16_t)head;
	driver_set_avail(d, (uint16_t)(d->avail_idx + 1));
}

void driver_notify(struct driver *d)
{
	driver_write(d, VIRTIO_MMIO_QUEUE_NOTIFY, d->queue);
}

void driver_used_event(struct driver *d, uint16_t idx)
{
	*u16(d->avail + 4 + 2 * d->num) = idx;
}

void driver_no_interrupt(struct driver *d, int off)
{
	*u16(d->avail) = off ? VRING_AVAIL_F_NO_INTERRUPT : 0;
}

uint16_t driver_avail_event(struct driver *d)
{
	return *u16(d->used + 4 + 8 * d->num);
}

uint16_t driver_used(struct driver *d)
{
	return *u16(d->used + 2);
}

static struct vring_used_elem elem(struct driver *d, unsigned i)
{
	struct vring_used_elem e;

	memcpy(&e, ram(d->used + 4 + 8 * (i % d->num)), sizeof(e));
	return e;
}

uint32_t driver_used_id(struct driver *d, unsigned i)
{
	return elem(d, i).id;
}

uint32_t driver_used_len(struct driver *d, unsigned i)
{
	return elem(d, i).len;
}
