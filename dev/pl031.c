/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PL031: seconds of the host's wall clock plus the offset that the guest set,
 * and an alarm that the event loop waits for only while one is set.
 */
#include "dev/pl031.h"

#include "core/gic.h"
#include "core/loop.h"
#include "core/mmio.h"
#include "core/sys.h"

#define DR 0x000
#define MR 0x004
#define LR 0x008
#define CR 0x00c
#define IMSC 0x010
#define RIS 0x014
#define MIS 0x018
#define ICR 0x01c
#define PERIPH_ID 0xfe0

static struct {
	struct loop_request alarm; /* first: the loop hands us this */
	struct sys_timespec at; /* when the alarm is due, host time */
	int waiting; /* alarm is in flight */
	int changed; /* since it was started */
	unsigned spi;
	int line;
	uint32_t offset; /* guest time - host time, seconds, modulo 2^32 */
	uint32_t match;
	uint32_t load;
	uint32_t imsc;
	uint32_t ris;
} rtc;

static int64_t host_seconds(void)
{
	struct sys_timespec now = { 0, 0 };

	return sys_clock_gettime(SYS_CLOCK_REALTIME, &now) < 0 ? 0 : now.sec;
}

static void update_line(void)
{
	int line = (rtc.ris & rtc.imsc) != 0;

	if (line != rtc.line) {
		rtc.line = line;
		gic_set_level(rtc.spi, line);
	}
}

/* Waits for the match, or stops waiting for an old one. */
static void set_alarm(void)
{
	int64_t now = host_seconds();
	uint32_t wait = rtc.match - ((uint32_t)now + rtc.offset);

	if (rtc.waiting) {
		rtc.changed = 1;
		loop_cancel(&rtc.alarm); /* alarm_due() sets the new one */
	} else if (wait <= INT32_MAX) {
		rtc.waiting = 1;
		rtc.changed = 0;
		rtc.at.sec = now + wait;
		rtc.at.nsec = 0;
		loop_alarm(&rtc.alarm, &rtc.at);
	}
}

static void alarm_due(struct loop_request *request, int result)
{
	(void)request;
	(void)result;
	rtc.waiting = 0;
	if (!rtc.changed) {
		rtc.ris = 1;
		update_line();
	} else {
		set_alarm();
	}
}

static uint32_t read_register(uint64_t offset)
{
	static const uint8_t id[] = { 0x31, 0x10, 0x04, 0x00,
				      0x0d, 0xf0, 0x05, 0xb1 };

	switch (offset) {
	case DR:
		return (uint32_t)host_seconds() + rtc.offset;
	case MR:
		return rtc.match;
	case LR:
		return rtc.load;
	case CR:
		return 1; /* always running */
	case IMSC:
		return rtc.imsc;
	case RIS:
		return rtc.ris;
	case MIS:
		return rtc.ris & rtc.imsc;
	default:
		return offset >= PERIPH_ID ? id[(offset - PERIPH_ID) / 4] : 0;
	}
}

static void write_register(uint64_t offset, uint32_t value)
{
	switch (offset) {
	case MR:
		rtc.match = value;
		set_alarm();
		break;
	case LR:
		rtc.load = value;
		rtc.offset = value - (uint32_t)host_seconds();
		set_alarm();
		break;
	case IMSC:
		rtc.imsc = value & 1;
		break;
	case ICR:
		rtc.ris &= ~value;
		break;
	default:
		return;
	}
	update_line();
}

static void access(void *ctx, struct mmio_access *access)
{
	(void)ctx;
	if (access->write) {
		write_register(access->offset, (uint32_t)access->value);
	} else {
		access->value = read_register(access->offset);
	}
}

void pl031_init(const struct config_device *row)
{
	const struct mmio_window window = {
		.gpa = row->gpa,
		.size = row->size,
		.widths = MMIO_4,
		.handler = access,
	};

	rtc.spi = row->spi;
	rtc.alarm.done = alarm_due;
	mmio_claim(&window);
}

void pl031_dt(const struct config_device *row, struct dt *dt)
{
	static const char compatible[] = "arm,pl031\0arm,primecell";
	const uint64_t reg[] = { row->gpa, row->size };

	dt_begin_at(dt, "pl031", row->gpa);
	dt_strings(dt, "compatible", compatible);
	dt_reg(dt, reg, 1);
	dt_spi(dt, row->spi, DT_IRQ_LEVEL_HIGH);
	dt_u32(dt, "clocks", DT_PHANDLE_CLOCK);
	dt_string(dt, "clock-names", "apb_pclk");
	dt_end(dt);
}
