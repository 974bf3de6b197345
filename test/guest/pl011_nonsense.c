/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PL011 used wrongly: every offset with every width (M39), read-only registers
 * (M43), divisor 0 and a disabled UART (M44), interrupt mask flicker. After
 * each the console works as before. The output may contain stray bytes.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "say.h"
#include "tick.h"
#include "trap.h"

static const unsigned int widths[] = { 1, 2, 4, 8 };
static volatile bool uart_irq;

static int m39_reads(void)
{
	uint64_t value;

	for (unsigned int at = 0; at < 0x1000 * NELEM(widths); at++) {
		(void)probe_read(alias(UART_BASE) + at / NELEM(widths),
				 widths[at % NELEM(widths)], &value);
	}
	return 0;
}

static int m39_writes(void)
{
	static const uint64_t values[] = { ~0ull, 0xa5a5a5a5a5a5a5a5ull, 0 };

	for (unsigned int v = 0; v < NELEM(values); v++) {
		for (unsigned int at = 0; at < 0x1000 * NELEM(widths); at++) {
			(void)probe_write(alias(UART_BASE) +
					  at / NELEM(widths),
					  widths[at % NELEM(widths)],
					  values[v]);
		}
	}
	return 0;
}

/* Bytes and halfwords at register addresses are plain accesses. */
static int m39_narrow(void)
{
	uint64_t value;

	if (probe_read(UART_BASE + UART_CELLID0 + 4, 1, &value)) {
		MUST(value == 0xf0);
	}
	if (probe_read(UART_BASE + UART_CELLID0 + 4, 2, &value)) {
		MUST(value == 0xf0);
	}
	return 0;
}

static int m43_read_only(void)
{
	for (unsigned int reg = UART_PERIPHID0; reg < 0x1000; reg += 4) {
		uint32_t before = uart_read(reg);

		uart_write(reg, ~before);
		MUST(uart_read(reg) == before);
	}
	uart_write(UART_MIS, ~0u);
	MUST(uart_read(UART_MIS) == 0);
	uart_write(UART_FR, 0);
	MUST((uart_read(UART_FR) & UART_FR_RXFF) == 0);
	return 0;
}

static int m44_divisor_0(void)
{
	uart_write(UART_CR, 0);
	uart_write(UART_IBRD, 0);
	uart_write(UART_FBRD, 0);
	uart_write(UART_LCRH, 0);
	uart_write(UART_CR, UART_CR_UARTEN | UART_CR_TXE | UART_CR_RXE);
	say("  divisor 0\n");
	uart_write(UART_IBRD, ~0u);
	uart_write(UART_FBRD, ~0u);
	uart_write(UART_LCRH, ~0u);
	uart_write(UART_IFLS, ~0u);
	say("  divisor all ones\n");
	return 0;
}

/* What is written while disabled is lost or sent, the UART never sticks. */
static int m44_disabled(void)
{
	uart_write(UART_CR, 0);
	for (unsigned int i = 0; i < 100; i++) {
		uart_write(UART_DR, '~');
	}
	uart_write(UART_CR, UART_CR_UARTEN);
	uart_write(UART_DR, '~');
	return 0;
}

/* Bytes written without looking at TXFF. */
static int m44_overrun(void)
{
	for (unsigned int i = 0; i < 5000; i++) {
		uart_write(UART_DR, i % 64 == 63 ? '\n' : 'o');
	}
	uart_write(UART_DR, '\n');
	return 0;
}

/* Reading an empty receiver. */
static int m44_underrun(void)
{
	for (unsigned int i = 0; i < 100; i++) {
		(void)uart_read(UART_DR);
	}
	MUST((uart_read(UART_FR) & UART_FR_RXFE) != 0);
	return 0;
}

static int m44_loopback(void)
{
	int c = -1;

	uart_write(UART_CR, UART_CR_UARTEN | UART_CR_TXE | UART_CR_RXE |
		   UART_CR_LBE);
	uart_write(UART_DR, 'L');
	for (unsigned int i = 0; i < 100 && c < 0; i++) {
		c = uart_get();
		delay_us(10);
	}
	uart_init();
	say("  loopback %s\n", c == 'L' ? "works" : "is not there");
	return 0;
}

static void on_uart(void)
{
	uart_irq = true;
	uart_write(UART_IMSC, 0);
}

static int m44_mask_flicker(void)
{
	gic_enable(INTID_SPI(UART_SPI), false, on_uart);
	uart_put('\n');
	for (unsigned int i = 0; i < 20000; i++) {
		uart_write(UART_IMSC, i & 1 ? UART_INT_ALL : 0);
		if (i % 16 == 0) {
			irq_take();
		}
	}
	uart_write(UART_IMSC, 0);
	return 0;
}

/* The console is back: text goes out, the transmit interrupt comes. */
static int after(void)
{
	uart_init();
	say("  still here\n");
	gic_enable(INTID_SPI(UART_SPI), false, on_uart);
	uart_irq = false;
	uart_put('\n');
	uart_write(UART_IMSC, UART_INT_TX);
	MUST(tick_wait(&uart_irq, 5000));
	uart_write(UART_ICR, UART_INT_ALL);
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "m39_pl011_reads", m39_reads },
		{ "m39_pl011_writes", m39_writes },
		{ "m39_pl011_narrow", m39_narrow },
		{ "m43_pl011_read_only", m43_read_only },
		{ "m44_divisor_0", m44_divisor_0 },
		{ "m44_disabled", m44_disabled },
		{ "m44_overrun", m44_overrun },
		{ "m44_underrun", m44_underrun },
		{ "m44_loopback", m44_loopback },
		{ "m44_mask_flicker", m44_mask_flicker },
	};

	return run_cases(cases, NELEM(cases), after);
}
