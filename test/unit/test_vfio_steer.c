/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device's interrupts go where its partition runs. The host's few files are
 * this test's own.
 */
#include <linux/errno.h>
#include <stdio.h>
#include <string.h>

#include "core/log.h"
#include "dev/vfio.h"
#include "test/unit/unit.h"

#define HEAD "           CPU0       CPU1\n"
#define UART                                                  \
	" 49:          0          7     GICv3  40 Level     " \
	"vfio-irq[49](9040000.pl011)\n"
#define RTC                                                   \
	" 50:          1          0     GICv3  34 Level     " \
	"vfio-irq[50](vfio-amba-00041031)\n"
#define NVME                                                             \
	"123:          1          0  ITS-PCI-MSIX-0000:00:02.0   0 Edge" \
	"      vfio-msix[0](0000:00:02.0)\n"                             \
	"124:          1          0  ITS-PCI-MSIX-0000:00:02.0   1 Edge" \
	"      vfio-msix[1](0000:00:02.0)\n"
#define OTHERS                                                \
	" 11:    1000230       5463     GICv3  27 Level     " \
	"arch_timer\n"                                        \
	" 12:          0          0     GICv3  41 Level     " \
	"vfio-irq[12](9040000.pl0110)\n"                      \
	" 13:          0          0     GICv3  41 Level     " \
	"((9040000.pl01\n"                                    \
	"IPI0:      1234       2345       Rescheduling interrupts\n"

enum {
	INTERRUPTS = 3,
	ID,
	AFFINITY
};

static struct {
	const char *interrupts; /* NULL: no such file */
	size_t at;
	size_t chunk; /* that a read gives at most */
	const char *id;
	uint64_t cpus[4];
	long cpus_bytes;
	long write_error;
	unsigned open_files;
	unsigned lines;
	char open_path[64];
	char written[512];
} host;

static void reset(const char *interrupts)
{
	memset(&host, 0, sizeof(host));
	host.interrupts = interrupts;
	host.chunk = 4096;
	host.cpus[0] = 1 << 1;
	host.cpus_bytes = 8;
}

void log_line(const char *format, ...)
{
	assert_non_null(strstr(format, "mount /proc"));
	host.lines++;
}

long sys_get_affinity(uint64_t *mask, size_t bytes)
{
	assert_true(bytes >= sizeof(host.cpus));
	if (host.cpus_bytes > 0) {
		memcpy(mask, host.cpus, (size_t)host.cpus_bytes);
	}
	return host.cpus_bytes;
}

long sys_open(const char *path, int flags)
{
	long fd = -ENOENT;

	(void)flags;
	if (strcmp(path, "/proc/interrupts") == 0 && host.interrupts) {
		host.at = 0;
		fd = INTERRUPTS;
	} else if (strcmp(path, "/sys/bus/amba/devices/9010000.pl031/id") ==
			   0 &&
		   host.id) {
		fd = ID;
	} else if (strncmp(path, "/proc/irq/", 10) == 0) {
		snprintf(host.open_path, sizeof(host.open_path), "%s", path);
		fd = AFFINITY;
	}
	host.open_files += fd >= 0;
	return fd;
}

long sys_close(int fd)
{
	assert_in_range(fd, INTERRUPTS, AFFINITY);
	host.open_files--;
	return 0;
}

long sys_read(int fd, void *buf, size_t len)
{
	const char *from = fd == ID ? host.id : host.interrupts + host.at;
	size_t n = strlen(from);

	n = n < len ? n : len;
	n = n < host.chunk ? n : host.chunk;
	memcpy(buf, from, n);
	host.at += fd == INTERRUPTS ? n : 0;
	return (long)n;
}

long sys_write(int fd, const void *buf, size_t len)
{
	size_t used = strlen(host.written);

	assert_int_equal(fd, AFFINITY);
	snprintf(host.written + used, sizeof(host.written) - used,
		 "%.40s=%.*s;", host.open_path + strlen("/proc/irq/"), (int)len,
		 (const char *)buf);
	return host.write_error ? host.write_error : (long)len;
}

static void steered(const char *bus, const char *name, const char *expected)
{
	const struct vfio_device device = { .bus = bus, .host = name };

	vfio_steer(&device);
	assert_string_equal(host.written, expected);
	assert_int_equal(host.open_files, 0);
}

static void to_our_processor(void)
{
	reset(HEAD OTHERS UART RTC NVME);
	steered("platform", "9040000.pl011", "49/smp_affinity_list=1;");
}

static void each_of_a_function(void)
{
	reset(HEAD OTHERS UART RTC NVME);
	host.cpus[0] = 0;
	host.cpus[1] = 1ull << 63;
	host.cpus_bytes = 16;
	steered("pci", "0000:00:02.0",
		"123/smp_affinity_list=127;124/smp_affinity_list=127;");
}

static void a_primecell_by_its_id(void)
{
	reset(HEAD OTHERS UART RTC NVME);
	host.id = "00041031\n";
	steered("amba", "9010000.pl031", "50/smp_affinity_list=1;");
	reset(HEAD OTHERS UART RTC NVME);
	steered("amba", "9010000.pl031", ""); /* no id */
}

static void whatever_a_read_gives(void)
{
	size_t chunk;

	for (chunk = 1; chunk < 300; chunk++) {
		reset(HEAD OTHERS UART RTC NVME);
		host.chunk = chunk;
		steered("platform", "9040000.pl011", "49/smp_affinity_list=1;");
	}
}

static void only_if_pinned_to_one(void)
{
	reset(HEAD UART);
	host.cpus[0] = 3;
	steered("platform", "9040000.pl011", "");
	reset(HEAD UART);
	host.cpus[0] = 0;
	steered("platform", "9040000.pl011", "");
}

static void said_if_not(void)
{
	reset(HEAD UART);
	host.cpus_bytes = -EINVAL;
	steered("platform", "9040000.pl011", "");
	assert_int_equal(host.lines, 1);
	reset(NULL);
	steered("platform", "9040000.pl011", "");
	assert_int_equal(host.lines, 1);
}

static void without_it_all_goes_on(void)
{
	reset(HEAD OTHERS);
	steered("platform", "9040000.pl011", "");
	reset("");
	steered("platform", "9040000.pl011", "");
	reset(HEAD UART);
	host.write_error = -EINVAL; /* a vLPI's */
	steered("platform", "9040000.pl011", "49/smp_affinity_list=1;");
	reset("49: vfio-irq[49](9040000.pl011)"); /* no end of line */
	steered("platform", "9040000.pl011", "");
}

static const struct CMUnitTest tests[] = {
	TEST(to_our_processor),	      TEST(each_of_a_function),
	TEST(a_primecell_by_its_id),  TEST(whatever_a_read_gives),
	TEST(only_if_pinned_to_one),  TEST(said_if_not),
	TEST(without_it_all_goes_on),
};

UNIT_MAIN("vfio_steer", tests)
