/* SPDX-License-Identifier: Apache-2.0 */
/* Dispatch of the guest's trapped accesses. */
#include "core/mmio.h"

#include <linux/kvm.h>
#include <stddef.h>

#include "core/config.h"
#include "core/kvm.h"
#include "core/log.h"

static struct mmio_window windows[CONFIG_MAX_WINDOWS];
static unsigned window_count;

void mmio_claim(const struct mmio_window *window)
{
	BUG_ON(window_count == CONFIG_MAX_WINDOWS);
	windows[window_count++] = *window;
}

/* Accesses come in runs: the window of the last one is tried first. */
static const struct mmio_window *find(uint64_t gpa)
{
	static const struct mmio_window *last = windows;
	const struct mmio_window *window;

	if (__builtin_expect(gpa - last->gpa < last->size, 1)) {
		return last;
	}
	for (window = windows; window < windows + window_count; window++) {
		if (gpa - window->gpa < window->size) {
			last = window;
			return window;
		}
	}
	return NULL;
}

int mmio_dispatch(uint64_t gpa, struct mmio_access *access)
{
	const struct mmio_window *window = find(gpa);
	uint64_t offset;

	if (!window) {
		return 0;
	}
	offset = gpa - window->gpa;
	if (access->size > window->size - offset) {
		return 0; /* straddles the end */
	}
	access->offset = offset;
	if (!access->write) {
		access->value = 0;
	}
	if ((window->widths & access->size) != 0 &&
	    (offset & (access->size - 1)) == 0) {
		window->handler(window->ctx, access);
	}
	return 1;
}

static long ioeventfd(uint64_t gpa, unsigned size, uint64_t value, int fd,
		      unsigned flags)
{
	struct kvm_ioeventfd request = {
		.datamatch = value,
		.addr = gpa,
		.len = size,
		.fd = fd,
		.flags = flags | (size == 0 ? 0 : KVM_IOEVENTFD_FLAG_DATAMATCH),
	};

	return kvm_vm_ioctl(KVM_IOEVENTFD, (uintptr_t)&request);
}

void mmio_bind(uint64_t gpa, unsigned size, uint64_t value, int fd)
{
	(void)ioeventfd(gpa, size, value, fd, 0);
}

void mmio_unbind(uint64_t gpa, unsigned size, uint64_t value, int fd)
{
	(void)ioeventfd(gpa, size, value, fd, KVM_IOEVENTFD_FLAG_DEASSIGN);
}
