/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arm64 Image header of the flat benchmark guests, so that QEMU's -kernel,
 * Bedplate's GUEST_IMAGE= and floor load the same file at the same address
 * (RAM base + 0x80000), and the few constants that they share.
 */

#define UART_BASE		0x09000000
#define UART_DR			0x00
#define UART_FR			0x18
#define UART_CR			0x30
#define UART_CR_ON		0x301
#define PSCI_SYSTEM_OFF		0x84000008

/* Linux Documentation/arch/arm64/booting.rst: 64 bytes. QEMU ignores
 * text_offset when image_size is 0. Flags: little endian, 4 KiB pages. */
.macro image_header
_start:
	b	payload_entry
	.long	0
	.quad	0x80000
	.quad	payload_end - _start
	.quad	0x2
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0
payload_entry:
.endm

.macro power_off
	movz	w0, #(PSCI_SYSTEM_OFF & 0xffff)
	movk	w0, #(PSCI_SYSTEM_OFF >> 16), lsl #16
	hvc	#0
	b	.
	.balign	8
payload_end:
.endm
