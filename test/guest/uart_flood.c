/* SPDX-License-Identifier: Apache-2.0 */
/*
 * M36: KIB of output in numbered lines of 64 bytes, polled. The host may stop
 * reading: back-pressure shows as TXFF and nothing is lost.
 */
#include "arm.h"
#include "check.h"
#include "say.h"

#ifndef KIB
#define KIB 1024
#endif

/* One look at the flags for each FIFO full of 16 characters. */
static void put_paced(char c)
{
	static unsigned int room;

	while (room == 0) {
		uint32_t fr = uart_read(UART_FR);

		room = (fr & UART_FR_TXFE) != 0 ? 16 :
		       (fr & UART_FR_TXFF) != 0 ? 0 : 1;
	}
	room--;
	uart_write(UART_DR, (uint8_t)c);
}

static void line(uint32_t number)
{
	for (int shift = 28; shift >= 0; shift -= 4) {
		put_paced("0123456789abcdef"[number >> shift & 15]);
	}
	for (unsigned int i = 0; i < 54; i++) {
		put_paced((char)('a' + (number + i) % 26));
	}
	put_paced('\r');
	put_paced('\n');
}

int main(void)
{
	for (uint32_t i = 0; i < KIB * 16; i++) {
		line(i);
	}
	return 0;
}
