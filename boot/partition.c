/* SPDX-License-Identifier: Apache-2.0 */
/* One partition: the one order of initialisation, and the one way out. */
#include "boot/partition.h"

#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/poll.h>
#include <linux/signal.h>
#include <linux/signalfd.h>
#include <stddef.h>

#include "boot/guest_fdt.h"
#include "boot/image.h"
#include "core/config.h"
#include "core/gic.h"
#include "core/kvm.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/mem.h"
#include "core/status.h"
#include "core/sys.h"
#include "core/vcpu.h"
#include "dev/devices.h"
#include "dev/tty.h"

#define SIGNAL(n) (1ull << ((n)-1))

static struct vcpu vcpu;

static struct {
	struct loop_request request;
	int fd;
} signals;

/*
 * SIGTERM and the like end the guest in order, with the terminal restored.
 * SIGBUS is KVM's word that the guest touched a broken page of its RAM. SIGUSR1
 * asks for the status page, SIGUSR2 for its line.
 */
static void take_signal(struct loop_request *request, int result)
{
	struct signalfd_siginfo info;
	long ret = sys_read(signals.fd, &info, sizeof(info));

	(void)result;
	BUG_ON(ret != sizeof(info));
	switch (info.ssi_signo) {
	case SIGUSR1:
		status_update(0);
		break;
	case SIGUSR2:
		status_update(0);
		status_print();
		break;
	case SIGBUS:
		if (info.ssi_code == BUS_MCEERR_AR) {
			vcpu_memory_error(&vcpu);
		}
		break;
	default:
		log_line("ended by a signal");
		vcpu_stop(EXIT_QUIT);
		return;
	}
	loop_poll(request, signals.fd, POLLIN);
}

static void watch_signals(void)
{
	const uint64_t read = SIGNAL(SIGTERM) | SIGNAL(SIGINT) |
			      SIGNAL(SIGHUP) | SIGNAL(SIGBUS) |
			      SIGNAL(SIGUSR1) | SIGNAL(SIGUSR2);
	/* A background job must not be stopped by making the terminal raw. */
	long ret = sys_sigmask(SIG_BLOCK, read | SIGNAL(SIGTTOU));

	if (ret >= 0) {
		ret = sys_signalfd(read, O_CLOEXEC);
	}
	if (ret < 0) {
		log_fatal(EXIT_HOST,
			  "signalfd: error %ld; build the host "
			  "kernel with CONFIG_SIGNALFD",
			  ret);
	}
	signals.fd = (int)ret;
	signals.request.done = take_signal;
	loop_poll(&signals.request, signals.fd, POLLIN);
}

static void report(const struct config_partition *partition,
		   enum exit_code code)
{
	static const char *const how[] = {
		[EXIT_POWEROFF] = "powered off", [EXIT_GUEST_CRASH] = "crashed",
		[EXIT_GUEST_RESET] = "reset",	 [EXIT_QUIT] = "quit",
		[EXIT_VFIO] = "lost a device",
	};
	const struct vcpu_exits *n = &vcpu.exits;

	log_line("%s: %s (exits: %llu mmio, %llu wake-up, %llu other)",
		 partition->name, how[code], (unsigned long long)n->mmio,
		 (unsigned long long)n->wake, (unsigned long long)n->other);
}

/* Without a supervisor we start ourselves anew: a new process image. */
static void restart(void)
{
	static char name[] = "bedplate";
	char *const argv[] = { name, NULL };
	char *const envp[] = { NULL };
	long ret = sys_execve("/proc/self/exe", argv, envp);

	log_line("restart: /proc/self/exe cannot be executed (%ld); mount "
		 "/proc",
		 ret);
}

/* For a guest in real time nothing of its VMM may be absent. */
static void lock_memory(const struct config_partition *partition)
{
	long ret = partition->fifo_priority > 0 ? sys_mlockall(MCL_CURRENT) : 0;

	if (ret < 0) {
		log_fatal(EXIT_MEMORY,
			  "%s: memory cannot be locked (%ld); raise the limit "
			  "of locked memory",
			  partition->name, ret);
	}
}

void partition_run(unsigned index, int supervised)
{
	const struct config_partition *partition = &config_partitions[index];
	enum exit_code code;
	void *fdt;

	image_open();
	kvm_init();
	mem_init(partition);
	vcpu_init(&vcpu, partition->cpu_features);
	gic_init(&partition->gic);
	loop_init(vcpu_immediate_exit(&vcpu));
	watch_signals();
	devices_init(index);
	status_begin(index, &vcpu.exits);
	gic_finalize();
	devices_start();
	vcpu_finalize(&vcpu);
	if (supervised && partition->fifo_priority == 0) {
		sys_set_urgent(0);
	}
	mem_clear(partition);
	image_load(partition);
	fdt = mem_ptr(mem_gpa(partition->fdt_gpa), partition->fdt_size);
	BUG_ON(!fdt);
	guest_fdt_write(index, &vcpu, fdt);
	vcpu_set_entry(&vcpu, mem_gpa(partition->entry_gpa),
		       mem_gpa(partition->fdt_gpa));
	tty_quit_on(supervised ? 0 : config_board.quit_key);
	tty_status_on(config_board.status_key,
		      (int)(supervised ? sys_getppid() : sys_getpid()));
	lock_memory(partition);

	code = vcpu_run(&vcpu);
	devices_stop();
	tty_flush();
	tty_restore();
	report(partition, code);
	if (code == EXIT_GUEST_RESET && !supervised) {
		restart();
	}
	sys_exit(code);
}
