/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Console of the test guests: polled PL011 output with a small printf, and
 * the register names the PL011 tests use (ARM DDI 0183, table 3-1).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define UART_BASE	0x09000000ull
#define UART_SPI	1

#define UART_DR		0x000
#define UART_RSR	0x004
#define UART_FR		0x018
#define UART_ILPR	0x020
#define UART_IBRD	0x024
#define UART_FBRD	0x028
#define UART_LCRH	0x02c
#define UART_CR		0x030
#define UART_IFLS	0x034
#define UART_IMSC	0x038
#define UART_RIS	0x03c
#define UART_MIS	0x040
#define UART_ICR	0x044
#define UART_DMACR	0x048
#define UART_PERIPHID0	0xfe0
#define UART_CELLID0	0xff0

#define UART_FR_BUSY	(1u << 3)
#define UART_FR_RXFE	(1u << 4)
#define UART_FR_TXFF	(1u << 5)
#define UART_FR_RXFF	(1u << 6)
#define UART_FR_TXFE	(1u << 7)
#define UART_LCRH_FEN	(1u << 4)
#define UART_LCRH_8BIT	(3u << 5)
#define UART_CR_UARTEN	(1u << 0)
#define UART_CR_LBE	(1u << 7)
#define UART_CR_TXE	(1u << 8)
#define UART_CR_RXE	(1u << 9)
#define UART_INT_RX	(1u << 4)
#define UART_INT_TX	(1u << 5)
#define UART_INT_RT	(1u << 6)
#define UART_INT_ALL	0x7ffu

uint32_t uart_read(unsigned int reg);
void uart_write(unsigned int reg, uint32_t value);

/* 8n1, FIFOs on, interrupts masked and cleared, receiver drained. */
void uart_init(void);
void uart_put(char c);

/* A received character, or -1 when the receiver is empty. */
int uart_get(void);

/* Knows %s %c %d %u %x and the l modifier; numbers without padding. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
