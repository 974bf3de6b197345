// SPDX-License-Identifier: Apache-2.0
/*
 * Private memory of a subject while its guest waits in WFI.
 *
 * The rule, the same for every VMM: all pages mapped by this process alone
 * (what smaps calls Private_*: code, data, heap, stacks, rings; page cache
 * pages of its own files too), outside guest RAM. Guest RAM is what the subject
 * itself registers with KVM in 0x40000000-0x4fffffff, seen by tracing its
 * ioctls, so no guess about mappings is needed. The guest payload is one page:
 * it is counted.
 */
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RAM_START	0x40000000ULL
#define RAM_END		0x50000000ULL
#define SLOTS_MAX	16
#define PAGE		4096ULL
#define PAGE_PRESENT	(1ULL << 63)
#define PAGE_EXCLUSIVE	(1ULL << 56)
#define LIMIT_NS	8000000000ULL
#define SETTLE_NS	50000000ULL
#define STOP_SYSCALL	(SIGTRAP | 0x80)
#define TRACE_OPTIONS	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE |	\
			 PTRACE_O_EXITKILL)
/* KVM_SET_USER_MEMORY_REGION2 of newer kernels; same layout at the start. */
#define SET_REGION2	0x40a0ae49UL

struct range {
	uint64_t start;
	uint64_t end;
};

struct subject {
	pid_t pid;
	int slot_count;
	struct range slots[SLOTS_MAX];
};

static void on_child(int signal_number)
{
	(void)signal_number;
}

static void note_slot(struct subject *subject, pid_t thread, uint64_t address)
{
	struct kvm_userspace_memory_region slot;
	ssize_t length;
	char path[64];
	int memory;

	snprintf(path, sizeof(path), "/proc/%d/mem", thread);
	memory = open(path, O_RDONLY | O_CLOEXEC);
	length = pread(memory, &slot, sizeof(slot), (off_t)address);
	close(memory);
	if (length != (ssize_t)sizeof(slot)) {
		return;
	}
	if (slot.memory_size && slot.guest_phys_addr >= RAM_START &&
	    slot.guest_phys_addr < RAM_END && subject->slot_count < SLOTS_MAX) {
		subject->slots[subject->slot_count++] = (struct range){
			slot.userspace_addr,
			slot.userspace_addr + slot.memory_size,
		};
	}
}

static void look_at_syscall(struct subject *subject, pid_t thread)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof(info), &info) <= 0 ||
	    info.op != PTRACE_SYSCALL_INFO_ENTRY ||
	    info.entry.nr != SYS_ioctl) {
		return;
	}
	if (info.entry.args[1] == KVM_SET_USER_MEMORY_REGION ||
	    info.entry.args[1] == SET_REGION2) {
		note_slot(subject, thread, info.entry.args[2]);
	}
}

/* Returns 0 when the subject's main thread is gone. */
static int handle_stop(struct subject *subject, pid_t thread, int status)
{
	int stop = WSTOPSIG(status);

	if (!WIFSTOPPED(status)) {
		return thread != subject->pid;
	}
	if (stop == STOP_SYSCALL) {
		look_at_syscall(subject, thread);
	}
	if (stop == STOP_SYSCALL || stop == SIGTRAP || stop == SIGSTOP) {
		stop = 0;
	}
	ptrace(PTRACE_SYSCALL, thread, NULL, (long)stop);
	return 1;
}

/* Serve the traced threads and the output until one of: the deadline, the first
 * mark (when asked for), the subject's end. */
static int serve(struct subject *subject, int output, struct run *run,
		 uint64_t deadline, int until_mark)
{
	struct pollfd poll_output = { .fd = output, .events = POLLIN };
	struct timespec tick = { .tv_nsec = 10000000 };
	sigset_t none;
	pid_t thread;
	int status;

	sigemptyset(&none);
	while (clock_ns() < deadline && !(until_mark && run->mark_count)) {
		thread = waitpid(-1, &status, __WALL | WNOHANG);
		if (thread > 0 && !handle_stop(subject, thread, status)) {
			return -1;
		}
		if (thread == 0) {
			ppoll(&poll_output, 1, &tick, &none);
		}
		run_capture(output, run);
	}
	return until_mark && !run->mark_count ? -1 : 0;
}

static uint64_t private_in(int pagemap, const struct subject *subject,
			   uint64_t start, uint64_t end)
{
	uint64_t entry;
	uint64_t bytes = 0;

	for (uint64_t page = start; page < end; page += PAGE) {
		for (int i = 0; i < subject->slot_count; i++) {
			if (page >= subject->slots[i].start &&
			    page < subject->slots[i].end) {
				page = subject->slots[i].end;
				i = -1;
			}
		}
		if (page < end &&
		    pread(pagemap, &entry, sizeof(entry),
			  (off_t)(page / PAGE * sizeof(entry))) ==
			    (ssize_t)sizeof(entry) &&
		    (entry & PAGE_PRESENT) && (entry & PAGE_EXCLUSIVE)) {
			bytes += PAGE;
		}
	}
	return bytes;
}

static int64_t count_private(const struct subject *subject)
{
	char line[512];
	char path[64];
	unsigned long start;
	unsigned long end;
	int64_t bytes = 0;
	FILE *maps;
	int pagemap;

	snprintf(path, sizeof(path), "/proc/%d/maps", subject->pid);
	maps = fopen(path, "re");
	snprintf(path, sizeof(path), "/proc/%d/pagemap", subject->pid);
	pagemap = open(path, O_RDONLY | O_CLOEXEC);
	while (maps && fgets(line, sizeof(line), maps)) {
		/* PROT_NONE reservations hold nothing and are large. */
		if (sscanf(line, "%lx-%lx", &start, &end) == 2 &&
		    !strstr(line, " ---")) {
			bytes += (int64_t)private_in(pagemap, subject, start,
						     end);
		}
	}
	if (maps) {
		fclose(maps);
	}
	close(pagemap);
	return bytes;
}

static pid_t start_traced(char **argv, int output)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		run_exec(argv, output);
	}
	waitpid(pid, &status, __WALL);
	ptrace(PTRACE_SETOPTIONS, pid, NULL, (long)TRACE_OPTIONS);
	ptrace(PTRACE_SYSCALL, pid, NULL, 0L);
	return pid;
}

static void end_subject(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR) {
	}
}

int64_t memory_private(char **argv)
{
	struct sigaction action = { .sa_handler = on_child };
	struct subject subject = { 0 };
	struct run run = { 0 };
	int64_t bytes = -1;
	sigset_t child;
	int fds[2];

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	sigaction(SIGCHLD, &action, NULL);
	if (pipe2(fds, O_CLOEXEC) || fcntl(fds[0], F_SETFL, O_NONBLOCK)) {
		return -1;
	}
	subject.pid = start_traced(argv, fds[1]);
	if (!serve(&subject, fds[0], &run, clock_ns() + LIMIT_NS, 1) &&
	    !serve(&subject, fds[0], &run, clock_ns() + SETTLE_NS, 0) &&
	    subject.slot_count) {
		bytes = count_private(&subject);
	}
	end_subject(subject.pid);
	close(fds[0]);
	close(fds[1]);
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &child, NULL);
	return bytes;
}
