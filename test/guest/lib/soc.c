/* SPDX-License-Identifier: Apache-2.0 */
/* PL031 and PL061 as sources of level interrupts. */
#include "soc.h"

#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "say.h"

#define PIN		0x01u	/* low; nothing is connected */

struct soc_count soc_rtc_count;
struct soc_count soc_gpio_count;

/* -- RTC: the alarm is for now ------------------------------------------- */

static void rtc_write(unsigned int reg, uint32_t value)
{
	mmio_write32(RTC_BASE + reg, value);
}

static void rtc_withdraw(void)
{
	rtc_write(RTC_ICR, 1);
}

static void rtc_quiet(void)
{
	rtc_write(RTC_IMSC, 0);
	rtc_withdraw();
}

static bool rtc_asserted(void)
{
	return mmio_read32(RTC_BASE + RTC_MIS) != 0;
}

/* Again where the second ends between read and write. */
static void rtc_raise(void)
{
	rtc_write(RTC_IMSC, 1);
	do {
		rtc_write(RTC_MR, mmio_read32(RTC_BASE + RTC_DR));
	} while (!rtc_asserted());
}

/* -- GPIO: the pin is low, and that level is asked for ------------------- */

static void gpio_write(unsigned int reg, uint8_t value)
{
	mmio_write8(GPIO_BASE + reg, value);
}

static void gpio_withdraw(void)
{
	gpio_write(GPIO_IEV, PIN);
	gpio_write(GPIO_IC, 0xff);
}

static void gpio_quiet(void)
{
	gpio_write(GPIO_IE, 0);
	gpio_write(GPIO_DIR, 0);
	gpio_write(GPIO_IBE, 0);
	gpio_write(GPIO_IS, PIN);
	gpio_withdraw();
}

static bool gpio_asserted(void)
{
	return mmio_read8(GPIO_BASE + GPIO_MIS) != 0;
}

static void gpio_raise(void)
{
	gpio_write(GPIO_IE, PIN);
	gpio_write(GPIO_IEV, 0);
}

/* -- Both ---------------------------------------------------------------- */

static void handle(const struct soc_line *l)
{
	struct soc_count *c = soc_count(l);

	c->taken++;
	c->empty += !l->asserted();
	if (c->taken >= c->withdraw_at) {
		l->withdraw();
	}
}

static void on_rtc(void)
{
	handle(&soc_rtc);
}

static void on_gpio(void)
{
	handle(&soc_gpio);
}

const struct soc_line soc_rtc = {
	.name = "rtc",
	.intid = INTID_SPI(RTC_SPI),
	.quiet = rtc_quiet,
	.raise = rtc_raise,
	.withdraw = rtc_withdraw,
	.asserted = rtc_asserted,
	.handler = on_rtc,
};

const struct soc_line soc_gpio = {
	.name = "gpio",
	.intid = INTID_SPI(GPIO_SPI),
	.quiet = gpio_quiet,
	.raise = gpio_raise,
	.withdraw = gpio_withdraw,
	.asserted = gpio_asserted,
	.handler = on_gpio,
};

struct soc_count *soc_count(const struct soc_line *l)
{
	return l == &soc_rtc ? &soc_rtc_count : &soc_gpio_count;
}

void soc_begin(const struct soc_line *l)
{
	struct soc_count *c = soc_count(l);

	l->quiet();
	gic_enable(l->intid, false, l->handler);
	irq_take();
	c->taken = 0;
	c->empty = 0;
	c->withdraw_at = 0;
}

int soc_exactly(const struct soc_line *l, unsigned int count)
{
	const struct soc_count *c = soc_count(l);
	uint64_t end = counter() + counter_ms(3000);

	do {
		irq_take();
	} while (c->taken < count && counter() < end);
	if (c->taken != count) {
		say("  %s: %u of %u interrupts, %u empty; asserted %u, "
		    "pending %u\n", l->name, c->taken, count, c->empty,
		    l->asserted(), gic_pending(l->intid));
	}
	MUST(c->taken == count);
	return 0;
}

int soc_no_more_than(const struct soc_line *l, unsigned int count)
{
	uint64_t end = counter() + counter_ms(50);

	MUST_PASS(soc_exactly(l, count));
	while (counter() < end) {
		irq_take();
	}
	MUST(soc_count(l)->taken == count);
	return 0;
}

static void on_uart(void)
{
	uart_write(UART_IMSC, 0);
}

void soc_await_input(void)
{
	gic_enable(INTID_SPI(UART_SPI), false, on_uart);
	uart_write(UART_IMSC, UART_INT_RX | UART_INT_RT);
	while (uart_get() < 0) {
		wfi();
		irq_take();
	}
}
