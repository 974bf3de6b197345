/* SPDX-License-Identifier: Apache-2.0 */
/* Polled PL011 output and the small printf on top of it. */
#include "say.h"

#include <stdarg.h>

#include "arm.h"

uint32_t uart_read(unsigned int reg)
{
	return mmio_read32(UART_BASE + reg);
}

void uart_write(unsigned int reg, uint32_t value)
{
	mmio_write32(UART_BASE + reg, value);
}

void uart_init(void)
{
	uart_write(UART_CR, 0);
	uart_write(UART_IMSC, 0);
	uart_write(UART_ICR, UART_INT_ALL);
	uart_write(UART_IBRD, 13);
	uart_write(UART_FBRD, 1);
	uart_write(UART_LCRH, UART_LCRH_8BIT | UART_LCRH_FEN);
	uart_write(UART_CR, UART_CR_UARTEN | UART_CR_TXE | UART_CR_RXE);
}

void uart_put(char c)
{
	while ((uart_read(UART_FR) & UART_FR_TXFF) != 0) {
	}
	uart_write(UART_DR, (uint8_t)c);
}

int uart_get(void)
{
	if ((uart_read(UART_FR) & UART_FR_RXFE) != 0) {
		return -1;
	}
	return uart_read(UART_DR) & 0xff;
}

static void put_string(const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\n') {
			uart_put('\r');
		}
		uart_put(*s);
	}
}

static void put_number(uint64_t value, unsigned int base)
{
	char text[24];
	unsigned int i = sizeof(text) - 1;

	text[i] = '\0';
	do {
		text[--i] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	put_string(&text[i]);
}

static void put_signed(int64_t value)
{
	if (value < 0) {
		uart_put('-');
		value = -value;
	}
	put_number((uint64_t)value, 10);
}

static void put_argument(char kind, bool wide, va_list *args)
{
	int64_t value = 0;

	if (kind != 's') {
		value = wide ? va_arg(*args, int64_t) : va_arg(*args, int);
	}
	switch (kind) {
	case 's':
		put_string(va_arg(*args, const char *));
		break;
	case 'c':
		uart_put((char)value);
		break;
	case 'd':
		put_signed(value);
		break;
	case 'u':
		put_number(wide ? (uint64_t)value : (uint32_t)value, 10);
		break;
	case 'x':
		put_number(wide ? (uint64_t)value : (uint32_t)value, 16);
		break;
	default:
		uart_put('?');
		break;
	}
}

void say(const char *format, ...)
{
	va_list args;
	bool wide;

	va_start(args, format);
	for (; *format != '\0'; format++) {
		if (*format == '\n') {
			uart_put('\r');
		}
		if (*format != '%') {
			uart_put(*format);
			continue;
		}
		format++;
		wide = false;
		while (*format == 'l') {
			wide = true;
			format++;
		}
		put_argument(*format, wide, &args);
	}
	va_end(args);
}
