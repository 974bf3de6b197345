/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's second PL011, KIB in and as many out at the same time, by
 * interrupts alone: out go the words of prng(), in comes anything, and the sum
 * of both is printed. The other end sends once it has got a byte.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "say.h"
#include "soc.h"
#include "tick.h"

#define BYTES	(KIB * 1024u)

static volatile uint32_t received;
static volatile uint32_t sent;
static uint32_t sum_in;
static uint32_t sum_out;
static uint32_t word;
static volatile uint32_t entries;
static volatile uint32_t errors;
static volatile bool done;

static uint32_t u_read(unsigned int reg)
{
	return mmio_read32(UART1_BASE + reg);
}

static void u_write(unsigned int reg, uint32_t value)
{
	mmio_write32(UART1_BASE + reg, value);
}

/* Order matters to it. */
static uint32_t sum(uint32_t so_far, uint8_t byte)
{
	return so_far * 31 + byte;
}

static void receive(void)
{
	while ((u_read(UART_FR) & UART_FR_RXFE) == 0) {
		uint32_t data = u_read(UART_DR);

		errors += (data & 0xf00) != 0;
		sum_in = sum(sum_in, (uint8_t)data);
		received++;
	}
}

static void transmit(void)
{
	for (unsigned int i = 0; i < 16 && sent < BYTES; i++) {
		if ((u_read(UART_FR) & UART_FR_TXFF) != 0) {
			break;
		}
		word = sent % 4 == 0 ? prng() : word >> 8;
		sum_out = sum(sum_out, (uint8_t)word);
		u_write(UART_DR, (uint8_t)word);
		sent++;
	}
	if (sent == BYTES) {
		u_write(UART_IMSC, UART_INT_RX | UART_INT_RT);
	}
}

static void on_uart1(void)
{
	uint32_t status = u_read(UART_MIS);

	entries++;
	u_write(UART_ICR, status & UART_INT_TX);
	if ((status & (UART_INT_RX | UART_INT_RT)) != 0) {
		receive();
	}
	if ((status & UART_INT_TX) != 0) {
		transmit();
	}
	done = sent == BYTES && received >= BYTES;
}

int main(void)
{
	volatile bool never = false;
	/* By the wall: a minute, or five where others use the machine, too. */
	uint64_t end = counter() + counter_ms(880000);

	u_write(UART_CR, 0);
	u_write(UART_IMSC, 0);
	u_write(UART_LCRH, UART_LCRH_FEN | UART_LCRH_8BIT);
	u_write(UART_ICR, UART_INT_ALL);
	gic_enable(INTID_SPI(UART1_SPI), false, on_uart1);
	u_write(UART_CR, UART_CR_UARTEN | UART_CR_TXE | UART_CR_RXE);
	u_write(UART_IMSC, UART_INT_RX | UART_INT_RT | UART_INT_TX);
	/* The first byte makes room in the FIFO, which is what interrupts. */
	irq_mask();
	transmit();
	while (!done && counter() < end) {
		(void)tick_wait(&done, 1000);
	}
	MUST(!tick_wait(&never, 100));
	say("  uart1 out %u bytes, sum %u\n", sent, sum_out);
	say("  uart1 in %u bytes, sum %u, %u errors, %u interrupts\n", received,
	    sum_in, errors, entries);
	MUST(sent == BYTES && received == BYTES && errors == 0);
	return 0;
}
