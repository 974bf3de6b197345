/* SPDX-License-Identifier: Apache-2.0 */
/* mmio_exit: MMIO_READS 32-bit reads of the PL011 flag register, then off. */
#include "payload.h"

	.text
	image_header
	mov	x1, #UART_BASE
	movz	w2, #(MMIO_READS & 0xffff)
	movk	w2, #(MMIO_READS >> 16), lsl #16
1:	ldr	w0, [x1, #UART_FR]
	subs	w2, w2, #1
	b.ne	1b
	power_off
