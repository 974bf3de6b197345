/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest in real time: all of its RAM is checked and written anew, over and
 * over, while the virtual timer ticks. After each WINDOW of ticks it says what
 * was wrong, how many ticks were missed, and how late the latest one was.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "say.h"
#include "tree.h"

#define PERIOD_US 250
#define WINDOW 1000
#define PAGE_WORDS 512ull

static volatile unsigned int ticks, missed;
static volatile uint64_t worst, due;
static uint64_t period;

/* Known to test/system/stays.c, as is say(). */
static void steady_tick(void)
{
	uint64_t late = counter() - due;

	if (late > worst) {
		worst = late;
	}
	ticks++;
	due += period;
	for (; late >= period; late -= period) {
		missed++;
		due += period;
	}
	sysreg_write("cntv_cval_el0", due);
	isb();
}

static void begin_window(void)
{
	ticks = 0;
	missed = 0;
	worst = 0;
	due = counter() + period;
	sysreg_write("cntv_cval_el0", due);
	sysreg_write("cntv_ctl_el0", 1);
	isb();
}

static uint64_t word_of(uint64_t pass, uint64_t i)
{
	return (pass << 40) ^ (i * 0x9e3779b97f4a7c15ull);
}

/* Wrong words of the page, which gets those of the next pass. */
static unsigned int turn_page(volatile uint64_t *words, uint64_t first,
			      uint64_t count, uint64_t pass)
{
	unsigned int wrong = 0;

	for (uint64_t i = first; i < first + PAGE_WORDS && i < count; i++) {
		wrong += pass > 0 && words[i] != word_of(pass, i);
		words[i] = word_of(pass + 1, i);
	}
	irq_take();
	return wrong;
}

int main(void)
{
	volatile uint64_t *words = (volatile uint64_t *)ram_free();
	uint64_t count = (ram_end() - ram_free()) / sizeof(*words);
	uint64_t pass = 0;
	unsigned int wrong = 0;

	gic_init();
	gic_enable(INTID_VTIMER, false, steady_tick);
	period = sysreg_read("cntfrq_el0") * PERIOD_US / 1000000;
	say("steady over %lu words\n", count);
	begin_window();
	for (unsigned int window = 1;; pass++) {
		for (uint64_t i = 0; i < count; i += PAGE_WORDS) {
			wrong += turn_page(words, i, count, pass);
			if (ticks < WINDOW) {
				continue;
			}
			sysreg_write("cntv_ctl_el0", 0);
			say("window %u: pass %lu, wrong %u, missed %u, worst "
			    "%lu ns\n", window++, pass, wrong, missed,
			    worst * 1000000000 / sysreg_read("cntfrq_el0"));
			begin_window();
		}
	}
}
