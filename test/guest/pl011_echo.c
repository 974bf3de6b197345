/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Echoes what it receives until a 'q': asleep in WFI with the receive
 * interrupts as only wake source, or (POLLED) spinning on the flag register.
 * Needs input; prints 'ready' when it listens.
 */
#include "arm.h"
#include "check.h"
#include "gicdrv.h"
#include "say.h"

static volatile unsigned int uart_irqs;

static void on_uart(void)
{
	uart_irqs++;
	uart_write(UART_IMSC, 0);
}

static void wait_input(void)
{
	if (POLLED) {
		return;
	}
	uart_write(UART_ICR, UART_INT_RX | UART_INT_RT);
	uart_write(UART_IMSC, UART_INT_RX | UART_INT_RT);
	irq_mask();
	while ((uart_read(UART_FR) & UART_FR_RXFE) != 0) {
		wfi();
		irq_take();
	}
}

int main(void)
{
	unsigned int received = 0;
	int c = 0;

	gic_enable(INTID_SPI(UART_SPI), false, on_uart);
	say("ready\n");
	while (c != 'q') {
		wait_input();
		c = uart_get();
		if (c >= 0) {
			uart_put((char)c);
			received++;
		}
	}
	say("\n%u characters, %u interrupts\n", received, uart_irqs);
	MUST(POLLED ? uart_irqs == 0 : uart_irqs > 0);
	return 0;
}
