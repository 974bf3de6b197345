/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fake Linux: the board's watchdog, as drivers/watchdog/watchdog_dev.c
 * has it. It is on from its opening; what was written decides whether its
 * closing ends it; a host that has not fed it in time is gone.
 */
#include <linux/errno.h>
#include <linux/watchdog.h>

#include "test/unit/fake.h"

static int64_t now_ms(void)
{
	const struct sys_timespec *now = &fake.clock[SYS_CLOCK_MONOTONIC];

	return now->sec * 1000 + now->nsec / 1000000;
}

long fake_watchdog_open(void)
{
	if (fake.watchdog.absent) {
		return -ENOENT;
	}
	assert_false(fake.watchdog.armed); /* the kernel's -EBUSY */
	fake.watchdog.armed = 1;
	fake.watchdog.seconds = 60;
	fake.watchdog.fed = now_ms();
	return fake_new_fd(FAKE_WATCHDOG, 0);
}

long fake_watchdog_ioctl(unsigned long request, void *arg)
{
	assert_int_equal(request, WDIOC_SETTIMEOUT);
	if (fake.watchdog.error != 0) {
		return fake.watchdog.error;
	}
	fake.watchdog.seconds = *(int *)arg;
	return 0;
}

long fake_watchdog_write(const char *bytes, size_t len)
{
	size_t i;

	fake.watchdog.magic = 0;
	for (i = 0; i < len; i++) {
		fake.watchdog.magic |= bytes[i] == 'V';
	}
	fake.watchdog.last_gap = now_ms() - fake.watchdog.fed;
	if (fake.watchdog.last_gap > fake.watchdog.longest_gap) {
		fake.watchdog.longest_gap = fake.watchdog.last_gap;
	}
	fake.watchdog.fed = now_ms();
	fake.watchdog.feeds++;
	return (long)len;
}

void fake_watchdog_close(void)
{
	fake.watchdog.armed = !fake.watchdog.magic;
}

int fake_watchdog_bites(void)
{
	return fake.watchdog.armed &&
	       now_ms() - fake.watchdog.fed >= fake.watchdog.seconds * 1000;
}
