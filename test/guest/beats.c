/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Its status page (configs: CFG_STATUS at PAGE): nothing but the counters
 * changes, whatever is written. Then it writes there every 50 ms, as a guest
 * does whose board has a watchdog. Input: 's' ends the writing, 'p' prints the
 * page, 'q' powers off; any other is printed in hexadecimal.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "say.h"
#include "tick.h"
#include "trap.h"

#define PAGE 0x0b000000ull
#define MAGIC 0x54535042u
#define PAGE_BYTES 4096u
#define AT_NAME 8
#define AT_ANSWERS 40
#define AT_BEATS 48
#define AT_UPTIME 56
#define AT_RESTARTS 64
#define AT_EXITS 72
#define END_OF_FIELDS 112

static int attack(void)
{
	uint64_t restarts = mmio_read64(PAGE + AT_RESTARTS);
	uint64_t beats = mmio_read64(PAGE + AT_BEATS);
	uint64_t written = 0;

	MUST(mmio_read32(PAGE) == MAGIC && mmio_read32(PAGE + 4) == 1);
	MUST(strcmp((const char *)(PAGE + AT_NAME), "guest") == 0);
	MUST(beats == 0);
	for (unsigned int width = 1; width <= 8; width *= 2) {
		for (uint64_t at = 0; at < PAGE_BYTES; at += 104) {
			MUST(probe_write(PAGE + at, width, ~0ull));
			written++;
		}
	}
	MUST(mmio_read32(PAGE) == MAGIC && mmio_read32(PAGE + 4) == 1);
	MUST(strcmp((const char *)(PAGE + AT_NAME), "guest") == 0);
	MUST(mmio_read64(PAGE + AT_RESTARTS) == restarts);
	MUST(mmio_read64(PAGE + AT_BEATS) == written);
	MUST(mmio_read64(PAGE + AT_ANSWERS) >= written);
	for (uint64_t at = END_OF_FIELDS; at < PAGE_BYTES; at += 8) {
		MUST(mmio_read64(PAGE + at) == 0);
	}
	return 0;
}

static void print_page(void)
{
	say("page: up %lu ms, restarts %lu, mmio %lu, beats %lu\n",
	    mmio_read64(PAGE + AT_UPTIME), mmio_read64(PAGE + AT_RESTARTS),
	    mmio_read64(PAGE + AT_EXITS), mmio_read64(PAGE + AT_BEATS));
}

int main(void)
{
	volatile bool never = false;
	bool silent = false;
	int c = 0;

	gic_init();
	MUST_PASS(attack());
	say("beats\n");
	while (c != 'q') {
		(void)tick_wait(&never, 50);
		if (!silent) {
			mmio_write32(PAGE, 0);
		}
		c = uart_get();
		if (c == 's') {
			silent = true;
			say("silent\n");
		} else if (c == 'p') {
			print_page();
		} else if (c >= 0) {
			say("got %x\n", (unsigned int)c);
		}
	}
	return 0;
}
