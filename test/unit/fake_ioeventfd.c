/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fake Linux: KVM_IOEVENTFD, as strict as virt/kvm/eventfd.c. What is
 * removed must be there, but for those that were refused.
 */
#include <linux/errno.h>

#include "test/unit/fake.h"

#define MATCH KVM_IOEVENTFD_FLAG_DATAMATCH

/* As ioeventfd_check_collision(). */
static int collide(const struct kvm_ioeventfd *a, const struct kvm_ioeventfd *b)
{
	return a->addr == b->addr &&
	       (a->len == 0 || b->len == 0 ||
		(a->len == b->len &&
		 ((a->flags & MATCH) == 0 || (b->flags & MATCH) == 0 ||
		  a->datamatch == b->datamatch)));
}

static long add(const struct kvm_ioeventfd *request)
{
	unsigned i;

	for (i = 0; i < fake.ioeventfd_count; i++) {
		if (collide(&fake.ioeventfds[i], request)) {
			return -EEXIST;
		}
	}
	assert_true(fake.ioeventfd_count < FAKE_IOEVENTFDS);
	fake.ioeventfds[fake.ioeventfd_count++] = *request;
	return 0;
}

static long take_away(const struct kvm_ioeventfd *request)
{
	unsigned i;

	for (i = 0; i < fake.ioeventfd_count; i++) {
		struct kvm_ioeventfd *e = &fake.ioeventfds[i];

		if (e->fd == request->fd && e->addr == request->addr &&
		    e->len == request->len &&
		    e->flags == (request->flags & MATCH) &&
		    ((e->flags & MATCH) == 0 ||
		     e->datamatch == request->datamatch)) {
			*e = fake.ioeventfds[--fake.ioeventfd_count];
			return 0;
		}
	}
	if (fake.ioeventfd_error == 0) {
		fail_msg("no ioeventfd at 0x%llx for 0x%llx",
			 (unsigned long long)request->addr,
			 (unsigned long long)request->datamatch);
	}
	return -ENOENT;
}

long fake_ioeventfd(const struct kvm_ioeventfd *request)
{
	const uint32_t known = MATCH | KVM_IOEVENTFD_FLAG_DEASSIGN;
	long ret;

	fake.ioeventfd_calls++;
	assert_int_equal(request->flags & ~known, 0);
	assert_true(request->len == 0 || request->len == 1 ||
		    request->len == 2 || request->len == 4 ||
		    request->len == 8);
	assert_false(request->len == 0 && (request->flags & MATCH) != 0);
	fake_get_fd(request->fd, FAKE_EVENTFD);
	if ((request->flags & KVM_IOEVENTFD_FLAG_DEASSIGN) != 0) {
		return take_away(request);
	}
	ret = fake.ioeventfd_error != 0 ? fake.ioeventfd_error : add(request);
	if (ret < 0 && fake.ioeventfd_error == 0) {
		fail_msg("two ioeventfds at 0x%llx",
			 (unsigned long long)request->addr);
	}
	return ret;
}

int fake_notified(uint64_t gpa, unsigned size, uint64_t value)
{
	unsigned i;

	for (i = 0; i < fake.ioeventfd_count; i++) {
		const struct kvm_ioeventfd *e = &fake.ioeventfds[i];

		if (e->addr == gpa && (e->len == 0 || e->len == size) &&
		    ((e->flags & MATCH) == 0 || e->datamatch == value)) {
			return e->fd;
		}
	}
	return -1;
}
