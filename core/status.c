/* SPDX-License-Identifier: Apache-2.0 */
/* The page by which a partition is observed. */
#include "core/status.h"

#include <linux/mman.h>
#include <stddef.h>
#include <string.h>

#include "core/config.h"
#include "core/log.h"

static uint64_t interrupts;
static uint64_t requests;
static char *pages;
static struct status_page *own;
static struct status_page alone; /* nobody else looks at it */
static const struct vcpu_exits *exits;
static struct sys_timespec began;

static void name_page(struct status_page *page, unsigned partition)
{
	page->magic = STATUS_MAGIC;
	page->version = STATUS_VERSION;
	strncpy(page->name, config_partitions[partition].name, STATUS_NAME - 1);
}

long status_init(void)
{
	uint64_t bytes = config_partition_count * config_board.page_size;
	void *at;
	unsigned i;

	if (pages) {
		return 0;
	}
	at = sys_mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sys_is_err(at)) {
		return (long)at;
	}
	pages = at;
	for (i = 0; i < config_partition_count; i++) {
		name_page(status_of(i), i);
	}
	return 0;
}

struct status_page *status_of(unsigned partition)
{
	return (void *)(pages + partition * config_board.page_size);
}

void status_count_interrupt(void)
{
	interrupts++;
}

void status_count_request(void)
{
	requests++;
}

static uint64_t uptime_ms(void)
{
	struct sys_timespec now = began;

	(void)!sys_clock_gettime(SYS_CLOCK_MONOTONIC, &now);
	return (uint64_t)((now.sec - began.sec) * 1000 +
			  (now.nsec - began.nsec) / 1000000);
}

void status_begin(unsigned partition, const struct vcpu_exits *counted)
{
	unsigned i;

	exits = counted;
	(void)!sys_clock_gettime(SYS_CLOCK_MONOTONIC, &began);
	if (!pages) {
		own = &alone;
		name_page(own, partition);
		return;
	}
	own = status_of(partition);
	for (i = 0; i < config_partition_count; i++) {
		if (i != partition) {
			sys_munmap(status_of(i), config_board.page_size);
		}
	}
}

void status_update(int by_guest)
{
	own->uptime_ms = uptime_ms();
	own->exits_mmio = exits->mmio;
	own->exits_wake = exits->wake;
	own->exits_other = exits->other;
	own->interrupts = interrupts;
	own->requests = requests;
	own->beats += by_guest != 0;
	__atomic_store_n(&own->answers, own->answers + 1, __ATOMIC_RELEASE);
	sys_clean_cache(own, sizeof(*own));
}

void status_print(void)
{
	const struct status_page *s = own;

	log_line("%s: up %llu.%03llu s, restarts %llu, exits: %llu mmio, "
		 "%llu wake-up, %llu other, interrupts %llu, requests %llu, "
		 "beats %llu",
		 s->name, (unsigned long long)(s->uptime_ms / 1000),
		 (unsigned long long)(s->uptime_ms % 1000),
		 (unsigned long long)s->restarts,
		 (unsigned long long)s->exits_mmio,
		 (unsigned long long)s->exits_wake,
		 (unsigned long long)s->exits_other,
		 (unsigned long long)s->interrupts,
		 (unsigned long long)s->requests, (unsigned long long)s->beats);
}
