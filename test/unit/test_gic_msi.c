/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Message-signalled interrupts: through the ITS, through the GICv2m frame, and
 * from eventfds inside of the kernel. Addresses and data are any values: a
 * guest programmed them (M51).
 */
#include <libfdt.h>
#include <linux/errno.h>
#include <string.h>

#include "core/gic.h"
#include "core/kvm.h"
#include "core/log.h"
#include "test/unit/driver.h"

#define ITS 0x08080000ull
#define TRANSLATER (ITS + 0x10040)
#define FRAME 0x08020000ull
#define SETSPI (FRAME + 0x40)
#define FIRST 48u /* SPI of the frame */
#define SPIS 16u
#define DEVICE 0x108u

static const struct config_gic v3 = {
	.version = GIC_V3,
	.spis = 96,
	.dist_gpa = 0x08000000,
	.redist_gpa = 0x080a0000,
	.its_gpa = ITS,
};

static const struct config_gic v2m = {
	.version = GIC_V2,
	.spis = 96,
	.dist_gpa = 0x08000000,
	.redist_gpa = 0x08010000,
	.v2m_gpa = FRAME,
	.v2m_spi = FIRST,
	.v2m_spis = SPIS,
};

static void machine(const struct config_gic *gic)
{
	fake_reset();
	kvm_init();
	gic_init(gic);
	gic_finalize();
}

static void send(uint64_t address, uint32_t data)
{
	const struct gic_msi msi = { address, data, DEVICE };

	gic_send_msi(&msi);
}

static int bind(int fd, uint64_t address, uint32_t data)
{
	const struct gic_msi msi = { address, data, DEVICE };

	return gic_bind_msi(fd, &msi);
}

/* SPIs that were raised, all together. */
static unsigned all_rises(void)
{
	unsigned n = 0;
	unsigned spi;

	for (spi = 0; spi < FAKE_INTIDS - 32; spi++) {
		n += fake_spi(spi)->rises;
	}
	return n;
}

/* -- Sending ------------------------------------------------------------- */

static void has_msi(void)
{
	machine(&v3);
	assert_true(gic_has_msi());
}

static void has_none(void)
{
	struct config_gic gic = v3;

	gic.its_gpa = 0;
	machine(&gic);
	assert_false(gic_has_msi());
	send(TRANSLATER, 1);
	fake_one_line("device 0x108: MSI 0x1 to 0x8090040: nobody takes it");
	assert_int_equal(fake.msi_count, 0);
	assert_int_equal(bind(fake_eventfd(), TRANSLATER, 1), -EINVAL);
}

static void has_none_v2(void)
{
	struct config_gic gic = v2m;

	gic.v2m_gpa = 0;
	machine(&gic);
	assert_false(gic_has_msi());
	send(0x40, 32 + FIRST); /* where a frame at 0 would be */
	assert_int_equal(all_rises(), 0);
	assert_int_equal(fake.log_lines, 1);
}

static void its_message(void)
{
	const struct fake_msi *msi;

	machine(&v3);
	send(TRANSLATER, 0xdeadbeef);
	msi = fake_last_msi(1);
	assert_int_equal(msi->address, TRANSLATER);
	assert_int_equal(msi->data, 0xdeadbeef);
	assert_int_equal(msi->device, DEVICE);
	assert_int_equal(msi->irqfd, -1);
	assert_int_equal(fake.log_lines, 0);
	assert_int_equal(all_rises(), 0);
}

/* M51: everywhere but at the one register. */
static void bad_addresses(const struct config_gic *gic, uint64_t good)
{
	const uint64_t bad[] = {
		0,
		1,
		good - 4,
		good + 4,
		good + 1,
		good - 0x40,
		good + 0x10000,
		good | 1ull << 32,
		UINT64_MAX,
		RAM,
		ITS,
		good | 1ull << 63,
	};
	size_t i;

	machine(gic);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int fd = fake_eventfd();

		send(bad[i], 32 + FIRST);
		assert_int_equal(bind(fd, bad[i], 32 + FIRST), -EINVAL);
		assert_false(fake_is_bound(fd));
		assert_int_equal(sys_close(fd), 0);
	}
	assert_int_equal(fake.msi_count, 0);
	assert_int_equal(all_rises(), 0);
	assert_int_equal(fake.log_lines, 10); /* of 12: no flood */
}

static void its_bad_addresses(void)
{
	bad_addresses(&v3, TRANSLATER);
}

static void v2m_bad_addresses(void)
{
	bad_addresses(&v2m, SETSPI);
}

static void its_refuses(void)
{
	machine(&v3);
	fake.msi_error = -EINVAL;
	send(TRANSLATER, 5);
	fake_one_line("MSI 0x5 to 0x8090040: nobody takes it");
}

static void v2m_message(void)
{
	machine(&v2m);
	assert_true(gic_has_msi());
	send(SETSPI, 32 + FIRST);
	assert_int_equal(fake_spi(FIRST)->rises, 1);
	send(SETSPI, 32 + FIRST + SPIS - 1);
	assert_int_equal(fake_spi(FIRST + SPIS - 1)->rises, 1);
	assert_int_equal(all_rises(), 2);
	assert_int_equal(fake.log_lines, 0);
}

static const uint32_t not_its_spis[] = {
	0,	    1,
	31,	    32,
	FIRST,	    32 + 47,
	32 + 64,    32 + 95,
	1023,	    1024 + 32 + FIRST,
	UINT32_MAX, 0x80000000 + 32 + FIRST,
};
#define NOT_ITS_SPIS (sizeof(not_its_spis) / sizeof(not_its_spis[0]))

static void v2m_other_spis(void)
{
	size_t i;

	machine(&v2m);
	for (i = 0; i < NOT_ITS_SPIS; i++) {
		send(SETSPI, not_its_spis[i]);
		driver_mmio_write(SETSPI, 4, not_its_spis[i]);
	}
	assert_int_equal(all_rises(), 0);
}

/* -- The frame ----------------------------------------------------------- */

static void v2m_frame(void)
{
	unsigned offset;

	machine(&v2m);
	assert_int_equal(driver_mmio_read(FRAME + 0x008, 4),
			 (32 + FIRST) << 16 | SPIS);
	for (offset = 0; offset < 0x1000; offset += 4) {
		if (offset != 0x008 && offset != 0xfcc) {
			assert_int_equal(driver_mmio_read(FRAME + offset, 4),
					 0);
		}
	}
	driver_mmio_write(SETSPI, 4, 32 + FIRST + 3);
	assert_int_equal(fake_spi(FIRST + 3)->rises, 1);
}

/* As QEMU's: the product is 'Q'; Linux looks for quirks by this register. */
static void v2m_product(void)
{
	machine(&v2m);
	assert_int_equal(driver_mmio_read(FRAME + 0xfcc, 4), 0x51u << 20);
}

/* M39, M43: only 4 bytes at SETSPI raise anything. */
static void v2m_every_access(void)
{
	unsigned size;
	unsigned offset;

	machine(&v2m);
	for (size = 1; size <= 8; size *= 2) {
		for (offset = 0; offset + size <= 0x1000; offset++) {
			if (size != 4 || offset != 0x40) {
				driver_mmio_write(FRAME + offset, size,
						  32 + FIRST);
				(void)driver_mmio_read(FRAME + offset, size);
			}
		}
	}
	assert_int_equal(all_rises(), 0);
}

/* -- Eventfds ------------------------------------------------------------ */

static void bind_its(void)
{
	const struct fake_msi *msi;
	int fd;
	int handle;

	machine(&v3);
	fd = fake_eventfd();
	handle = bind(fd, TRANSLATER, 77);
	assert_true(handle >= 0);
	assert_int_equal(fake.msi_count, 0);
	fake_signal(fd);
	msi = fake_last_msi(1);
	assert_int_equal(msi->address, TRANSLATER);
	assert_int_equal(msi->data, 77);
	assert_int_equal(msi->device, DEVICE);
	assert_int_equal(msi->irqfd, fd);
	gic_unbind(handle);
	fake_signal(fd);
	assert_int_equal(fake.msi_count, 1);
	assert_int_equal(fake.log_lines, 0);
}

/* What happened before it was bound is not lost. */
static void bind_late(void)
{
	int fd;

	machine(&v3);
	fd = fake_eventfd();
	fake_signal(fd);
	assert_true(bind(fd, TRANSLATER, 78) >= 0);
	assert_int_equal(fake_last_msi(1)->data, 78);
}

static void bind_spi(void)
{
	int fd;
	int handle;

	machine(&v3);
	fd = fake_eventfd();
	handle = gic_bind_spi(fd, 5);
	assert_true(handle >= 0);
	fake_signal(fd);
	assert_int_equal(fake_spi(5)->rises, 1);
	assert_int_equal(fake_spi(5)->level, 0);
	gic_unbind(handle);
	fake_signal(fd);
	assert_int_equal(all_rises(), 1);
}

static void bind_v2m(void)
{
	size_t i;
	int fd;

	machine(&v2m);
	fd = fake_eventfd();
	for (i = 0; i < NOT_ITS_SPIS; i++) {
		assert_int_equal(bind(fd, SETSPI, not_its_spis[i]), -EINVAL);
	}
	assert_int_equal(fake.routings, 0);
	assert_true(bind(fd, SETSPI, 32 + FIRST + 9) >= 0);
	fake_signal(fd);
	assert_int_equal(fake_spi(FIRST + 9)->rises, 1);
	assert_int_equal(all_rises(), 1);
}

/* Each raises its own, in whatever order they come and go. */
static void bind_many(void)
{
	int fds[CONFIG_MAX_BINDINGS + 1];
	int handles[CONFIG_MAX_BINDINGS];
	unsigned i;

	machine(&v3);
	for (i = 0; i < CONFIG_MAX_BINDINGS; i++) {
		fds[i] = fake_eventfd();
		handles[i] = i % 3 == 0 ? gic_bind_spi(fds[i], i % 60) :
					  bind(fds[i], TRANSLATER, i);
		assert_in_range(handles[i], 0, CONFIG_MAX_BINDINGS - 1);
	}
	fds[i] = fake_eventfd();
	assert_int_equal(bind(fds[i], TRANSLATER, 99), -ENOSPC);
	assert_int_equal(gic_bind_spi(fds[i], 50), -ENOSPC);
	for (i = 1; i < CONFIG_MAX_BINDINGS; i += 2) {
		gic_unbind(handles[i]);
	}
	for (i = 0; i < CONFIG_MAX_BINDINGS; i++) {
		fake.msi_count = 0;
		memset(fake.irqs, 0, sizeof(fake.irqs));
		fake_signal(fds[i]);
		assert_int_equal(fake.msi_count, i % 2 == 0 && i % 3 != 0);
		assert_int_equal(all_rises(), i % 2 == 0 && i % 3 == 0);
		if (fake.msi_count == 1) {
			assert_int_equal(fake.msis[0].data, i);
		}
	}
	/* Freed places can be taken again. */
	handles[1] = bind(fds[CONFIG_MAX_BINDINGS], TRANSLATER, 99);
	assert_true(handles[1] >= 0);
	fake.msi_count = 0;
	fake_signal(fds[CONFIG_MAX_BINDINGS]);
	assert_int_equal(fake_last_msi(1)->data, 99);
}

/* A refusal of the host leaves the place free, and says what it was. */
static void bind_refused(void)
{
	unsigned i;
	int fd;

	machine(&v3);
	fd = fake_eventfd();
	for (i = 0; i < 2 * CONFIG_MAX_BINDINGS; i++) {
		fake.routing_error = -ENOMEM;
		assert_int_equal(bind(fd, TRANSLATER, 1), -ENOMEM);
		fake.routing_error = 0;
		fake.irqfd_error = -EBADF;
		assert_int_equal(bind(fd, TRANSLATER, 1), -EBADF);
		assert_int_equal(gic_bind_spi(fd, 1), -EBADF);
		fake.irqfd_error = 0;
	}
	assert_false(fake_is_bound(fd));
	assert_int_equal(bind(fd, TRANSLATER, 1), 0);
	fake_signal(fd);
	assert_int_equal(fake.msi_count, 1);
	/* The same eventfd twice is the kernel's to refuse. */
	assert_int_equal(bind(fd, TRANSLATER, 2), -EBUSY);
}

static void unbind_refused(void)
{
	int handle;

	machine(&v3);
	handle = bind(fake_eventfd(), TRANSLATER, 1);
	fake.fail_at = fake.calls + 1;
	fake.fail_with = -EBADF;
	assert_int_equal(EXITS(gic_unbind(handle)), EXIT_BUG);
}

/* -- Device tree --------------------------------------------------------- */

static void v2m_node(void)
{
	static char blob[4096];
	struct dt dt;
	const char *reg;
	int node;

	machine(&v2m);
	dt_start(&dt, blob, sizeof(blob));
	dt_begin(&dt, "");
	gic_dt(&dt);
	dt_end(&dt);
	assert_true(dt_finish(&dt) > 0);
	node = fdt_path_offset(
		blob, "/interrupt-controller@8000000/msi-controller@8020000");
	assert_true(node >= 0);
	assert_string_equal(fdt_getprop(blob, node, "compatible", NULL),
			    "arm,gic-v2m-frame");
	assert_non_null(fdt_getprop(blob, node, "msi-controller", NULL));
	assert_int_equal(fdt_get_phandle(blob, node), DT_PHANDLE_MSI);
	reg = fdt_getprop(blob, node, "reg", NULL);
	assert_int_equal(fdt64_ld((const fdt64_t *)reg), FRAME);
	assert_int_equal(fdt64_ld((const fdt64_t *)(reg + 8)), 0x1000);
}

static const struct CMUnitTest tests[] = {
	TEST(has_msi),	      TEST(has_none),	       TEST(has_none_v2),
	TEST(its_message),    TEST(its_refuses),       TEST(its_bad_addresses),
	TEST(v2m_message),    TEST(v2m_bad_addresses), TEST(v2m_other_spis),
	TEST(v2m_frame),      TEST(v2m_product),       TEST(v2m_every_access),
	TEST(bind_its),	      TEST(bind_late),	       TEST(bind_spi),
	TEST(bind_v2m),	      TEST(bind_many),	       TEST(bind_refused),
	TEST(unbind_refused), TEST(v2m_node),
};

UNIT_MAIN("gic_msi", tests)
