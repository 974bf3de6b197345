/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PL011: identification, registers that keep their value, read-only ones,
 * and the transmit interrupt through mask, status and clear. The console
 * itself is the device under test, so cases stay silent while they run.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "say.h"
#include "tick.h"

static volatile bool uart_irq;

static int identification(void)
{
	static const uint8_t peripheral[] = { 0x11, 0x10 };
	static const uint8_t cell[] = { 0x0d, 0xf0, 0x05, 0xb1 };

	for (unsigned int i = 0; i < NELEM(peripheral); i++) {
		MUST(uart_read(UART_PERIPHID0 + 4 * i) == peripheral[i]);
	}
	/* Designer 0x41; the revision nibble in PeriphID2 is free. */
	MUST((uart_read(UART_PERIPHID0 + 8) & 15) == 4);
	MUST(uart_read(UART_PERIPHID0 + 12) == 0);
	for (unsigned int i = 0; i < NELEM(cell); i++) {
		MUST(uart_read(UART_CELLID0 + 4 * i) == cell[i]);
	}
	return 0;
}

static int kept(unsigned int reg, uint32_t value)
{
	uint32_t old = uart_read(reg);
	uint32_t now;

	uart_write(reg, value);
	now = uart_read(reg);
	uart_write(reg, old);
	return now == value ? 0 : (int)reg;
}

static int kept_values(void)
{
	MUST(kept(UART_IBRD, 0x1234) == 0);
	MUST(kept(UART_FBRD, 0x2a) == 0);
	MUST(kept(UART_LCRH, 0x70) == 0);
	MUST(kept(UART_LCRH, 0x60) == 0);
	MUST(kept(UART_CR, 0x301) == 0);
	MUST(kept(UART_CR, 0xb01) == 0);
	MUST(kept(UART_IFLS, 0x24) == 0);
	MUST(kept(UART_ILPR, 0x55) == 0);
	uart_init();
	return 0;
}

static int flags_idle(void)
{
	uint32_t fr;

	while ((uart_read(UART_FR) & (UART_FR_TXFE | UART_FR_BUSY)) !=
	       UART_FR_TXFE) {
	}
	fr = uart_read(UART_FR);
	MUST((fr & UART_FR_TXFF) == 0);
	MUST((fr & UART_FR_RXFF) == 0);
	uart_write(UART_FR, ~0u);
	MUST(uart_read(UART_FR) == fr);
	uart_write(UART_RSR, 0);
	MUST((uart_read(UART_RSR) & 15) == 0);
	return 0;
}

static void on_uart(void)
{
	uart_irq = true;
	uart_write(UART_IMSC, 0);
}

/* Sending raises RIS.TX; IMSC gates MIS; ICR clears; the line follows. */
static int tx_interrupt(void)
{
	gic_enable(INTID_SPI(UART_SPI), false, on_uart);
	uart_init();
	MUST((uart_read(UART_RIS) & UART_INT_TX) == 0);
	MUST(uart_read(UART_MIS) == 0);
	uart_put('.');
	for (unsigned int i = 0; i < 1000; i++) {
		if ((uart_read(UART_RIS) & UART_INT_TX) != 0) {
			break;
		}
		delay_us(100);
	}
	uart_put('\n');
	MUST((uart_read(UART_RIS) & UART_INT_TX) != 0);
	MUST(uart_read(UART_MIS) == 0);
	irq_take();
	MUST(!uart_irq);
	uart_write(UART_IMSC, UART_INT_TX);
	MUST(uart_read(UART_IMSC) == UART_INT_TX);
	MUST(uart_read(UART_MIS) == UART_INT_TX);
	MUST(tick_wait(&uart_irq, 2000));
	MUST(uart_read(UART_MIS) == 0);
	uart_write(UART_ICR, UART_INT_TX);
	MUST((uart_read(UART_RIS) & UART_INT_TX) == 0);
	return 0;
}

/* The line is a level: it stays until the cause is gone, and no longer. */
static int line_is_level(void)
{
	unsigned int before = gic_taken(INTID_SPI(UART_SPI));

	uart_init();
	uart_put('.');
	uart_put('\n');
	uart_write(UART_IMSC, UART_INT_TX);
	uart_irq = false;
	MUST(tick_wait(&uart_irq, 2000));
	uart_irq = false;
	uart_write(UART_IMSC, UART_INT_TX);
	MUST(tick_wait(&uart_irq, 2000));
	MUST(gic_taken(INTID_SPI(UART_SPI)) == before + 2);
	uart_write(UART_ICR, UART_INT_ALL);
	uart_irq = false;
	uart_write(UART_IMSC, UART_INT_TX);
	irq_take();
	delay_us(10000);
	irq_take();
	MUST(!uart_irq);
	uart_write(UART_IMSC, 0);
	return 0;
}

/* Interrupt-driven output of a long text: what a tty driver does. */
static int tx_by_interrupt(void)
{
	static const char text[] = "0123456789abcdef0123456789abcdef\n";
	unsigned int sent = 0;

	uart_init();
	while (sent < 32 * (sizeof(text) - 1)) {
		while (sent < 32 * (sizeof(text) - 1) &&
		       (uart_read(UART_FR) & UART_FR_TXFF) == 0) {
			uart_write(UART_DR, (uint8_t)
				   text[sent++ % (sizeof(text) - 1)]);
		}
		uart_irq = false;
		uart_write(UART_IMSC, UART_INT_TX);
		MUST(tick_wait(&uart_irq, 5000));
		uart_write(UART_ICR, UART_INT_TX);
	}
	uart_init();
	return 0;
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "pl011_identification", identification },
		{ "pl011_kept_values", kept_values },
		{ "pl011_flags_idle", flags_idle },
		{ "pl011_tx_interrupt", tx_interrupt },
		{ "pl011_line_is_level", line_is_level },
		{ "pl011_tx_by_interrupt", tx_by_interrupt },
	};

	return run_cases(cases, NELEM(cases), NULL);
}
