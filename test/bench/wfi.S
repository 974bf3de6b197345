/* SPDX-License-Identifier: Apache-2.0 */
/* private_memory: say "@R" on the PL011, then wait for interrupts for ever. */
#include "payload.h"

	.text
	image_header
	mov	x1, #UART_BASE
	mov	w2, #UART_CR_ON
	str	w2, [x1, #UART_CR]
	mov	w2, #'@'
	str	w2, [x1, #UART_DR]
	mov	w2, #'R'
	str	w2, [x1, #UART_DR]
	mov	w2, #'\n'
	str	w2, [x1, #UART_DR]
1:	wfi
	b	1b
	power_off
