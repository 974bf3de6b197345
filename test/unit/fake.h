/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small Linux behind core/sys.h: KVM, io_uring, files, a terminal, a clock,
 * processes. Tests set it up, run the VMM's code, and look at what was asked.
 */
#pragma once

#include <linux/kvm.h>
#include <linux/vhost.h>

#include "core/sys.h"
#include "test/unit/unit.h"

#define FAKE_FDS 256
#define FAKE_FILES 24
#define FAKE_LOG 65536
#define FAKE_TTY 8192
#define FAKE_PORT_BYTES 65536
#define FAKE_SLOTS 96
#define FAKE_ATTRS 64
#define FAKE_INTIDS 1024
#define FAKE_REGS 128
#define FAKE_PENDING 512
#define FAKE_MSIS 256
#define FAKE_GSIS 192
#define FAKE_IRQFDS 192
#define FAKE_IOEVENTFDS 32
#define FAKE_VRINGS 2
#define FAKE_PIPE 16 /* bytes that a pipe takes */

enum fake_kind {
	FAKE_CLOSED,
	FAKE_KVM,
	FAKE_VM,
	FAKE_VCPU,
	FAKE_DEVICE,
	FAKE_RING,
	FAKE_PINS, /* a ring that pins hugepages */
	FAKE_EVENTFD,
	FAKE_SIGNALFD,
	FAKE_FILE,
	FAKE_TTY_IN,
	FAKE_TTY_OUT,
	FAKE_PORT, /* another terminal, both ways */
	FAKE_STDERR,
	FAKE_PMSG, /* the log of before the next reset */
	FAKE_TAP,
	FAKE_SOCKET,
	FAKE_VHOST,
	FAKE_HUGETLB, /* a file of hugepages */
	FAKE_PAGEMAP,
	FAKE_SYSFS,
	FAKE_VFIO_CONTAINER,
	FAKE_VFIO_GROUP,
	FAKE_VFIO_DEVICE, /* of a group */
	FAKE_VFIO_CDEV,
	FAKE_IOMMUFD,
	FAKE_WATCHDOG,
};

struct fake_fd {
	enum fake_kind kind;
	int cloexec;
	int nonblock;
	unsigned type; /* KVM device type */
	unsigned file; /* index of fake.files, or of the host's cards */
	int direct; /* opened with O_DIRECT */
	uint64_t count; /* of an eventfd that a test signals */
};

struct fake_file {
	const char *path;
	uint8_t *data;
	uint64_t size;
	uint32_t mode; /* S_IFREG, S_IFBLK, ... */
	long fs_type;
	long open_error; /* -errno for any open */
	int read_only; /* -EROFS for opens that may write */
	int of_others; /* -EPERM for O_NOATIME */
	long io_error; /* -errno for each read, write and sync */
	uint32_t direct_align; /* that O_DIRECT asks for; 0: it has none */
	unsigned direct_ios; /* reads and writes with O_DIRECT */
	uint32_t physical_size; /* of a block device; 0: 512 */
	int fallocate_mode; /* of the last call */
	unsigned fallocates;
	uint64_t io_max; /* bytes that one operation moves at most; 0: all */
	unsigned opens, reads, writes, syncs, durable;
};

struct fake_attr {
	unsigned type; /* KVM_DEV_TYPE_*, or FAKE_VCPU_ATTR */
	unsigned group;
	uint64_t attr;
	uint64_t value;
};
#define FAKE_VCPU_ATTR 0xffffu
#define FAKE_VHOST_CALLS 256
#define FAKE_PACKET 0x20000

struct fake_irq {
	unsigned level;
	unsigned rises; /* KVM_IRQ_LINE calls with level 1 */
	unsigned calls;
};

/* A message that reached the ITS. */
struct fake_msi {
	uint64_t address;
	uint32_t data;
	uint32_t device;
	int irqfd; /* the eventfd that sent it; -1: KVM_SIGNAL_MSI */
};

struct fake_irqfd {
	int fd;
	unsigned gsi;
	int resample; /* signalled at the guest's EOI; -1: none */
};

/* A queue as vhost has it; no eventfd, no backend: -1. */
struct fake_vring {
	unsigned num, base;
	uint64_t desc, avail, used; /* host addresses */
	int kick, call, err, backend;
};

struct fake {
	/* Faults: call number fail_at (from 1) returns fail_with. */
	unsigned calls;
	unsigned fail_at;
	long fail_with;
	const char *failed; /* its name */
	char failed_detail[32];

	/* What was written to standard error. */
	char log[FAKE_LOG];
	unsigned log_bytes;
	unsigned log_lines;

	/* The same of what was written to /dev/pmsg0, and by how many calls. */
	char ring[FAKE_LOG];
	unsigned ring_bytes;
	unsigned ring_writes;

	/* sys_exit(), sys_reboot() and sys_execve() come back to EXITS(). */
	int exit_armed;
	jmp_buf exit;
	int exit_code;

	struct fake_fd fds[FAKE_FDS];
	struct fake_file files[FAKE_FILES];
	unsigned file_count;

	/* The terminal. */
	int no_terminal; /* TCGETS fails */
	uint32_t stdio_mode; /* what standard input and output are */
	int tty_raw;
	unsigned tty_sets;
	uint8_t tty_in[FAKE_TTY];
	unsigned tty_in_head, tty_in_tail;
	int tty_in_eof;
	uint8_t tty_out[FAKE_TTY];
	unsigned tty_out_count;
	unsigned tty_room; /* bytes the host takes before -EAGAIN */
	long tty_out_error;

	/* Another terminal, /dev/hvc0. */
	struct {
		uint32_t mode;
		int no_terminal, raw, eof, hung_up;
		unsigned sets, reads, writes;
		uint8_t in[FAKE_PORT_BYTES], out[FAKE_PORT_BYTES];
		unsigned in_head, in_tail, out_count;
		unsigned room; /* bytes the host takes before -EAGAIN */
		unsigned out_max; /* of one write; 0: all */
		long out_error;
	} port;

	/* Clocks: realtime, monotonic. */
	struct sys_timespec clock[2];
	long clock_error; /* -errno of each look at one */

	/* Entropy: what is left before -EAGAIN; short answers. */
	unsigned entropy;
	unsigned entropy_max; /* of one call; 0: all */
	unsigned random_calls;

	/* KVM. */
	int api_version;
	long ipa_limit;
	unsigned no_caps[8]; /* capabilities that the host lacks */
	unsigned no_devices; /* bits of KVM_DEV_TYPE_* not offered */
	struct kvm_userspace_memory_region slots[FAKE_SLOTS];
	unsigned slot_count;
	uint8_t *memory[FAKE_SLOTS]; /* of register pages, behind the cache */
	unsigned enabled[8];
	unsigned enabled_count;
	struct fake_attr attrs[FAKE_ATTRS];
	unsigned attr_count;
	struct fake_irq irqs[FAKE_INTIDS];
	uint64_t its_gpa;
	int gic_ready; /* initialised */
	uint32_t icfgr[FAKE_INTIDS / 16]; /* GICD_ICFGR<n> */
	struct fake_msi msis[FAKE_MSIS]; /* in order */
	unsigned msi_count;
	struct kvm_irq_routing_entry routes[FAKE_GSIS];
	unsigned route_count;
	unsigned routings; /* KVM_SET_GSI_ROUTING calls */
	struct fake_irqfd irqfds[FAKE_IRQFDS];
	unsigned irqfd_count;
	unsigned irqfd_calls;
	long msi_error, routing_error, irqfd_error; /* -errno of each */
	struct kvm_ioeventfd ioeventfds[FAKE_IOEVENTFDS];
	unsigned ioeventfd_count;
	unsigned ioeventfd_calls;
	long ioeventfd_error; /* of new ones */
	long slot_error; /* of memory slots */
	struct kvm_one_reg regs[FAKE_REGS]; /* addr holds the value */
	unsigned reg_count;
	struct kvm_vcpu_init vcpu_init;
	unsigned vcpu_inits;
	unsigned vcpu_finalized;
	unsigned aborts; /* external aborts injected */
	unsigned mp_state;
	struct kvm_run *run;
	unsigned runs; /* of the guest */
	/* One KVM_RUN; NULL: the guest powers off. */
	long (*guest)(struct kvm_run *run);
	unsigned order[256]; /* KVM request numbers, in order */
	unsigned order_count;

	/* The ring. */
	int hold_io; /* file I/O completes only when asked or waited for */
	unsigned submit_max; /* entries that one enter takes; 0: all */
	unsigned enters;
	unsigned submitted;
	unsigned waits;
	unsigned polls; /* POLL_ADDs submitted */
	unsigned cancels;
	void (*on_wait)(void); /* a wait that nothing would end */
	int eventfd_error; /* -errno for reads of an eventfd */
	int signalled; /* the signal that the signalfd has, or 0 */
	int signal_code; /* its si_code */

	/* Memory. */
	unsigned huge_maps, populated, locked;
	unsigned locked_all; /* calls; */
	int locked_flags; /* of the last one */
	long huge_error;
	long total_memory; /* of the host, in bytes */

	/* Network: vhost. */
	int no_vhost; /* its device nodes are missing */
	uint64_t vhost_features, vhost_accepted;
	unsigned long vhost_log[FAKE_VHOST_CALLS]; /* ioctls, in order */
	unsigned vhost_calls;
	unsigned long vhost_refuses; /* an ioctl, */
	unsigned vhost_refused_ring; /* of that ring, if it is of one, */
	long vhost_error; /* with this */
	int vhost_owned;
	uint64_t vhost_cid;
	int vhost_running; /* vsock */
	struct fake_vring vrings[FAKE_VRINGS];
	struct {
		struct vhost_memory head;
		struct vhost_memory_region regions[4];
	} vhost_memory;

	/* Network: the tap. */
	char tap_name[16];
	int tap_flags, tap_up, tap_header;
	int tap_mtu;
	unsigned tap_offload;
	uint8_t tap_ipv4[4], tap_netmask[4];
	unsigned long tap_refuses; /* an ioctl, with -EPERM */
	int tap_gone; /* the interface was removed */
	char bridge[16]; /* that was made */
	int bridge_up, bridge_port; /* the tap's index, once it joined */
	uint8_t packet[FAKE_PACKET], sent[FAKE_PACKET];
	unsigned packet_bytes, sent_bytes, sent_count;
	long tap_error; /* -errno of reads and writes */

	/* Processes. */
	int pid;
	int (*fork)(void); /* what fork returns; NULL: -ENOSYS */
	int (*wait)(int *status);
	int child_signal; /* is due: wait() is asked */
	/* A wait for signals; NULL: somebody's death, if it has no limit. */
	long (*await)(uint64_t mask, const struct sys_timespec *timeout);
	void (*passed)(void); /* time has */
	long (*kill)(int pid, int sig); /* NULL: succeeds */
	unsigned kills;
	int killed, kill_signal; /* the last one */
	uint64_t blocked; /* signals that are not delivered */
	unsigned forks;
	unsigned sleeps;
	uint64_t slept_ms[64];
	struct {
		int absent;
		long error; /* -errno of its time-out's setting */
		int armed, magic, seconds;
		int64_t fed; /* milliseconds, when last */
		int64_t last_gap, longest_gap; /* between two feeds */
		unsigned feeds;
	} watchdog;
	unsigned reboots;
	unsigned reboot_command;
	long reboot_result; /* 0: the board is gone */
	unsigned mounts;
	unsigned unlinks;
	unsigned affinity;
	uint64_t cpus[2]; /* that sys_get_affinity() tells; 0: none */
	int no_payload; /* is in this program */
	int fifo;
	int urgent;
	unsigned urgent_calls;
	unsigned execs;
	long exec_error;
	unsigned syncs;
	char dups[8];
	unsigned dup_count;
};

extern struct fake fake;

/* Forgets everything; terminal present, host has all that Bedplate wants. */
void fake_reset(void);

/* Runs a statement that must end the process; the exit code. */
#define EXITS(statement)                                                     \
	({                                                                   \
		fake.exit_armed = 1;                                         \
		if (setjmp(fake.exit) == 0) {                                \
			statement;                                           \
			fail_msg("%s: did not end the process", #statement); \
		}                                                            \
		fake.exit_armed = 0;                                         \
		fake.exit_code;                                              \
	})
/* Codes of EXITS() for the ends that are not sys_exit(). */
#define FAKE_REBOOTED 1000
#define FAKE_EXECED 1001
#define FAKE_ASLEEP 1002
#define FAKE_BITTEN 1003 /* by the watchdog */

/* Asserts that the log has exactly one line, with that text in it. */
void fake_one_line(const char *text);

struct fake_file *fake_file(const char *path, uint64_t size);
extern char fake_payload_stamp[];
void fake_tty_type(const void *bytes, unsigned n);
/* The host takes n more bytes of output. */
void fake_tty_take(unsigned n);
void fake_port_type(const void *bytes, unsigned n);
void fake_port_take(unsigned n);
void fake_set_time(int64_t realtime);
/* Time passes; the watchdog looks at it. */
void fake_pass(const struct sys_timespec *ts);

/*
 * The host address of a guest address, as KVM's memory slots have it; of a
 * register page, what has reached memory of it.
 */
void *fake_guest(uint64_t gpa);
const struct fake_irq *fake_spi(unsigned spi);
/* What the guest finds in GICD_ICFGR<n>. */
int fake_spi_is_level(unsigned spi);
/* The newest message; fails the test if there were not that many. */
const struct fake_msi *fake_last_msi(unsigned count);
/* An eventfd as vhost or VFIO has it, and one event of theirs. */
int fake_eventfd(void);
void fake_signal(int fd);
/* The guest has handled a level-triggered SPI, if that is raised. */
void fake_eoi(unsigned spi);
/* True if writes to the eventfd raise an interrupt in the kernel. */
int fake_is_bound(int fd);
/* The eventfd that a guest's write there signals in the kernel, or -1. */
int fake_notified(uint64_t gpa, unsigned size, uint64_t value);
/*
 * Runs the test in a child process for each ioctl that starts a device's
 * queues; *request is the one to refuse. last: what starts that kind.
 */
void fake_each_vhost_start(unsigned long last, void (*test)(void *request));
/* The ioctls that vhost had since the last call, by name, in one string. */
const char *fake_vhost_calls(void);
/* A packet for the guest, its header included. */
void fake_packet(const void *bytes, unsigned n);
uint64_t fake_reg(uint64_t id);
void fake_set_reg(uint64_t id, uint64_t value);

/* Completes the oldest held I/O; 0 if there is none. */
int fake_complete_one(void);
/* The same with a result of the caller's choice. */
int fake_complete_with(int result);
/* Requests that were submitted and have not completed. */
unsigned fake_pending(void);
unsigned fake_pending_of(unsigned opcode);
/* Posts what has become ready. */
void fake_progress(void);

/* -- Between the files of the fake ---------------------------------------- */

/* Counts one system call; nonzero if it is the one to fail. */
long fake_fault(const char *name, unsigned long detail);
int fake_new_fd(enum fake_kind kind, int cloexec);
struct fake_fd *fake_get_fd(int fd, enum fake_kind kind);
long fake_kvm_ioctl(struct fake_fd *fd, unsigned long request, void *arg);
long fake_irq_line(const struct kvm_irq_level *line);
long fake_signal_msi(const struct kvm_msi *msi);
long fake_set_routing(const struct kvm_irq_routing *routing);
long fake_irqfd(const struct kvm_irqfd *request);
void fake_note_gic(unsigned type, const struct fake_attr *attr);
/* A register of the distributor, which KVM has once that is initialised. */
long fake_dist_reg(uint64_t attr, uint32_t *value, int write);
long fake_ioeventfd(const struct kvm_ioeventfd *request);
int fake_pipe_ready(const struct fake_file *pipe);
long fake_read_pipe(struct fake_file *pipe, void *buf, size_t len);
long fake_write_pipe(struct fake_file *pipe, size_t len);
long fake_write_eventfd(int fd, const void *buf, size_t len);
long fake_read_eventfd(struct fake_fd *fd, void *buf, size_t len);
long fake_watchdog_open(void);
long fake_watchdog_ioctl(unsigned long request, void *arg);
long fake_watchdog_write(const char *bytes, size_t len);
void fake_watchdog_close(void);
int fake_watchdog_bites(void);
long fake_vhost_ioctl(unsigned long request, void *arg);
long fake_net_ioctl(struct fake_fd *fd, unsigned long request, void *arg);
void *fake_ring_mmap(uint64_t offset, size_t len);
long fake_file_io(struct fake_file *file, const struct sys_iovec *iov, int n,
		  uint64_t offset, int write);
void fake_ring_reset(void);
/* 16 bytes are written back to memory. */
void fake_clean_line(const void *line);
