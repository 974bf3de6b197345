/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A critical partition has a time to answer in: its process by bringing its
 * status page up to date when asked, and its guest, once it has written to that
 * page, by writing again. One that does not, or is down, stops the feeding of
 * the watchdog; what is a watchdog's time behind, the board's reset ends.
 */
#include "boot/health.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/signal.h>
#include <linux/watchdog.h>

#include "boot/last.h"
#include "core/config.h"
#include "core/log.h"
#include "core/status.h"
#include "core/sys.h"

#define WATCHDOG "/dev/watchdog"
#define FEEDS_IN_A_TIMEOUT 4
#define UP_MS 5000

static struct patient {
	int pid; /* 0: down */
	int asked;
	int silent; /* a line has said so */
	uint64_t answers; /* at the last look */
	uint64_t beats;
	int64_t due; /* milliseconds */
	int64_t started;
} patients[CONFIG_MAX_PARTITIONS];

static int watchdog = -1;
static int64_t feed_due;

int health_init(void)
{
	int seconds = (int)config_board.watchdog_seconds;
	long ret;

	if (seconds == 0) {
		return 0;
	}
	ret = sys_open(WATCHDOG, O_WRONLY);
	if (ret >= 0) {
		watchdog = (int)ret;
		ret = sys_ioctl(watchdog, WDIOC_SETTIMEOUT, &seconds);
	}
	if (ret < 0) {
		log_line("watchdog: %s with %u s: error %ld; give the host "
			 "kernel its driver, or correct CFG_WATCHDOG_SECONDS",
			 WATCHDOG, config_board.watchdog_seconds, ret);
		return (int)ret;
	}
	return 0;
}

void health_leave(void)
{
	if (watchdog >= 0) {
		sys_close(watchdog);
		watchdog = -1;
	}
}

void health_started(unsigned partition, int pid, int64_t now)
{
	struct patient *patient = &patients[partition];

	patient->pid = pid;
	patient->asked = 0;
	patient->beats = 0;
	patient->started = now;
}

static int answered(struct patient *patient, const struct status_page *page)
{
	uint64_t answers = __atomic_load_n(&page->answers, __ATOMIC_ACQUIRE);
	uint64_t beats = page->beats;
	int well = patient->pid != 0 &&
		   (!patient->asked || answers != patient->answers) &&
		   (patient->beats == 0 || beats != patient->beats);

	patient->answers = answers;
	patient->beats = beats;
	return well;
}

static void look(unsigned partition)
{
	struct patient *patient = &patients[partition];
	const char *name = config_partitions[partition].name;
	int well = answered(patient, status_of(partition));

	if (well == patient->silent) {
		patient->silent = !well;
		if (well) {
			log_line(LAST_RECOVERY "%s: answers again", name);
		} else {
			log_line(LAST_FAILURE "%s: does not answer; the "
					      "watchdog is not fed",
				 name);
		}
	}
	/* Who cannot be asked will not have answered. */
	patient->asked = patient->pid != 0;
	if (patient->asked) {
		sys_kill(patient->pid, SIGUSR1);
	}
}

static void feed(int64_t now)
{
	int64_t period = config_board.watchdog_seconds * 1000 /
			 FEEDS_IN_A_TIMEOUT;
	unsigned i;

	feed_due = now + period;
	for (i = 0; i < config_partition_count; i++) {
		if (patients[i].silent) {
			return;
		}
	}
	sys_write(watchdog, "", 1);
}

int64_t health_check(int64_t now)
{
	int64_t next = INT64_MAX;
	unsigned i;

	for (i = 0; i < config_partition_count; i++) {
		unsigned ms = config_partitions[i].answer_ms;

		if (ms == 0) {
			continue;
		}
		if (now >= patients[i].due) {
			look(i);
			patients[i].due = now + ms;
		}
		if (patients[i].due < next) {
			next = patients[i].due;
		}
	}
	if (watchdog >= 0) {
		if (now >= feed_due) {
			feed(now);
		}
		if (feed_due < next) {
			next = feed_due;
		}
	}
	return next;
}

static int can_say(unsigned partition)
{
	unsigned i;

	for (i = 0; i < config_device_count; i++) {
		if (config_devices[i].kind == DEVICE_STATUS &&
		    config_devices[i].partition == partition) {
			return 1;
		}
	}
	return 0;
}

int health_up(int64_t now)
{
	unsigned i;

	for (i = 0; i < config_partition_count; i++) {
		const struct patient *patient = &patients[i];

		if (patient->pid == 0 || patient->silent ||
		    (can_say(i) ? status_of(i)->beats == 0 :
				  now - patient->started < UP_MS)) {
			return 0;
		}
	}
	return 1;
}

void health_end(void)
{
	if (watchdog >= 0) {
		sys_write(watchdog, "V", 1); /* its driver's word for "off" */
		sys_close(watchdog);
	}
}
