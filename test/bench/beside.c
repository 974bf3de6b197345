// SPDX-License-Identifier: Apache-2.0
/*
 * The host's turn. An emulator's threads wake each other slower or faster from
 * second to second, far more than a guest differs from its host: so both read
 * in turns of some tens of milliseconds, on the same processor, each a disk of
 * its own of the same kind. The guest's process is stopped meanwhile: KVM may let
 * a guest sleep without leaving the processor.
 */
#include "runner.h"
#include "work.h"

#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPEN_TRIES	500
#define OPEN_REST_US	10000

static const char *disk;

int beside_open(const char *function, const char *path)
{
	char pattern[RUN_LINE_MAX];
	char target[RUN_LINE_MAX];
	glob_t found;
	int tries = 0;

	/* The driver finds its disk some time after it was bound. */
	snprintf(pattern, sizeof(pattern),
		 "/sys/bus/pci/devices/%s/nvme/nvme*/nvme*n1", function);
	while (glob(pattern, 0, NULL, &found)) {
		if (++tries == OPEN_TRIES) {
			return -1;
		}
		usleep(OPEN_REST_US);
	}
	snprintf(target, sizeof(target), "/dev%s",
		 strrchr(found.gl_pathv[0], '/'));
	globfree(&found);
	disk = strdup(path);
	return symlink(target, path);
}

static uint64_t read_disk(void)
{
	static uint64_t state = 12345;
	int fd = open(disk, O_RDONLY | O_DIRECT | O_CLOEXEC);
	uint64_t ticks = 0;
	uint64_t hertz;

	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hertz));
	if (fd < 0 || ring_open() ||
	    ring_transfer(fd, 0, TURN_BYTES, 1, TURN_WARM_UP, &state) ||
	    nvme_median(fd, TURN_BYTES, TURN_READS, &state, &ticks)) {
		return 0;
	}
	return ticks * 1000000000U / hertz / TURN_READS;
}

/* In a process of its own: not at our priority, and on the guest's processor. */
static uint64_t read_in_child(void)
{
	uint64_t ns = 0;
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC)) {
		return 0;
	}
	pid = fork();
	if (!pid) {
		run_pin();
		ns = read_disk();
		_exit(write(fds[1], &ns, sizeof(ns)) != sizeof(ns));
	}
	close(fds[1]);
	if (read(fds[0], &ns, sizeof(ns)) != sizeof(ns)) {
		ns = 0;
	}
	close(fds[0]);
	waitpid(pid, NULL, 0);
	return ns;
}

uint64_t beside_turn(pid_t guest)
{
	siginfo_t info;
	uint64_t ns = 0;

	if (disk && !kill(guest, SIGSTOP)) {
		if (!waitid(P_PID, (id_t)guest, &info, WSTOPPED | WEXITED |
							       WNOWAIT) &&
		    info.si_code == CLD_STOPPED) {
			ns = read_in_child();
		}
		kill(guest, SIGCONT);
	}
	return ns;
}
