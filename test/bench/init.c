// SPDX-License-Identifier: Apache-2.0
/*
 * The benchmark's Linux guest: its whole userspace, without a libc. The same
 * program run on the host itself gives the native figure.
 *
 * usage (after "--" on the kernel's command line):
 *   off              say "@U", power off
 *   entry            say "@E CNTVCT FREQUENCY" as read at entry, power off
 *   blk COUNT PATH   read 4 KiB blocks at pseudo-random offsets, O_DIRECT,
 *                    say "@A" before, "@B COUNT TICKS FREQUENCY" after,
 *                    power off
 *   series PATH      the workloads of series.c: disk PATH, then network
 *   nvme PATH COUNT  the reads of nvme.c, COUNT times over
 *   peer             serve a guest's network workloads
 * Only process 1 powers off.
 */
#include "bare.h"
#include "work.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/reboot.h>
#include <stddef.h>

#define BLOCK		4096
#define WARM_UP		200
#define SEED		12345

static char block[BLOCK] __attribute__((aligned(BLOCK)));

static int read_blocks(int fd, uint64_t count, uint64_t *state)
{
	while (count--) {
		if (bare_syscall(__NR_pread64, fd, (long)block, BLOCK,
				 next_offset(state, BLOCK), 0, 0) != BLOCK) {
			return -1;
		}
	}
	return 0;
}

static void measure_disk(uint64_t count, const char *path)
{
	uint64_t values[3] = { count, 0, bare_frequency() };
	uint64_t state = SEED;
	uint64_t start;
	int fd;

	fd = (int)bare_open(path, O_RDONLY | O_DIRECT);
	if (fd < 0 || read_blocks(fd, WARM_UP, &state)) {
		say("@X disk", NULL, NULL, 0);
		return;
	}
	say("@A", NULL, NULL, 0);
	start = bare_counter();
	if (read_blocks(fd, count, &state)) {
		say("@X read", NULL, NULL, 0);
		return;
	}
	values[1] = bare_counter() - start;
	say("@B", NULL, values, 3);
}

static void __attribute__((used, noreturn)) entry(long *stack)
{
	uint64_t now[2] = { bare_counter(), bare_frequency() };
	char **argv = (char **)(stack + 1);
	char mode = stack[0] > 1 ? argv[1][0] : 'o';
	int is_init = bare_call3(__NR_getpid, 0, 0, 0) == 1;

	if (is_init && mode != 'o' && mode != 'e') {
		bare_syscall(__NR_mount, (long)"dev", (long)"/dev",
			     (long)"devtmpfs", 0, 0, 0);
	}
	if (mode == 'o') {
		say("@U", NULL, NULL, 0);
	} else if (mode == 'e') {
		say("@E", NULL, now, 2);
	} else if (mode == 'p') {
		tcp_serve();
	} else if (mode == 's' && stack[0] > 2) {
		series(argv[2]);
	} else if (mode == 'n' && stack[0] > 3) {
		nvme(argv[2], number(argv[3]));
	} else if (stack[0] > 3) {
		measure_disk(number(argv[2]), argv[3]);
	}
	if (is_init) {
		bare_call3(__NR_reboot, LINUX_REBOOT_MAGIC1,
			   LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_POWER_OFF);
	}
	bare_exit(0);
}

BARE_ENTRY(entry);
