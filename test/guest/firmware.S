/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Firmware: entered at the start of its ROM with the FDT at the start of RAM.
 * Reads of the ROM are memory, behind the payload zeros; writes are dropped,
 * and those that KVM cannot decode are external aborts. The MMU stays off.
 *
 * FAIL firmware N names the check, which is in x27.
 */
#define ROM_SIZE	0x08000000
#define RAM_BASE	0x40000000
#define UART_BASE	0x09000000
#define PSCI_SYSTEM_OFF	0x84000008
#define FDT_MAGIC	0xedfe0dd0	/* as a little endian CPU loads it */
#define ESR_EXTERNAL	(0x25 << 26 | 1 << 25 | 0x10)
#define ESR_MASK	(0x3f << 26 | 1 << 25 | 0x3f)

	.macro	check n
	mov	x27, #\n
	.endm

/* The 64-bit word at an address is what it should be. */
	.macro	expect address, value
	ldr	x10, [\address]
	cmp	x10, \value
	b.ne	fail
	.endm

	.text
_start:
	mov	x20, x0
	adr	x21, vectors
	msr	vbar_el1, x21
	isb

	check	1			/* where we are, what we got */
	adr	x1, _start
	cbnz	x1, fail
	mov	x2, #RAM_BASE
	cmp	x20, x2
	b.ne	fail
	ldr	w3, [x20]
	ldr	w4, =FDT_MAGIC
	cmp	w3, w4
	b.ne	fail

	check	2			/* writes of each width to our text */
	adr	x1, word
	ldr	x5, =0x1122334455667788
	expect	x1, x5
	mov	x6, #-1
	strb	w6, [x1]
	expect	x1, x5
	strh	w6, [x1]
	expect	x1, x5
	str	w6, [x1]
	expect	x1, x5
	str	x6, [x1]
	expect	x1, x5

	check	3			/* behind the payload: zeros */
	mov	x1, #0x1000
	expect	x1, xzr
	str	x6, [x1]
	expect	x1, xzr
	mov	x1, #(ROM_SIZE / 2)
	expect	x1, xzr
	mov	x1, #(ROM_SIZE - 8)
	expect	x1, xzr
	strb	w6, [x1, #7]
	expect	x1, xzr

	check	4			/* a pair is read as from memory */
	adr	x1, word
	ldp	x7, x8, [x1]
	cmp	x7, x5
	b.ne	fail
	mvn	x8, x8
	cmp	x8, x5
	b.ne	fail

	check	5			/* a written pair has no syndrome */
	mov	x28, #0
	stp	x6, x6, [x1]
	cmp	x28, #1
	b.ne	fail
	expect	x1, x5
	mov	x9, x1
	str	w6, [x9], #4		/* nor has a post-indexed store */
	cmp	x28, #2
	b.ne	fail
	cmp	x9, x1
	b.ne	fail
	expect	x1, x5

	check	6			/* behind the ROM is nothing of it */
	add	x1, x2, #0x10000
	str	x5, [x1]		/* RAM takes it */
	expect	x1, x5
	mov	x1, #0x0b000000
	ldr	w3, [x1]
	cmp	x28, #3
	b.ne	fail

	adr	x1, passed
	bl	say
	b	off

fail:
	adr	x1, failed
	bl	say
	add	w3, w27, #'0'
	mov	x2, #UART_BASE
	str	w3, [x2]
	mov	w3, #'\n'
	str	w3, [x2]
off:
	ldr	w0, =PSCI_SYSTEM_OFF
	hvc	#0
1:	wfi
	b	1b

say:
	mov	x2, #UART_BASE
1:	ldrb	w3, [x1], #1
	cbz	w3, 2f
	str	w3, [x2]
	b	1b
2:	ret

/* Counts in x28, goes on behind the instruction. */
abort:
	mrs	x10, esr_el1
	ldr	x11, =ESR_MASK
	and	x10, x10, x11
	ldr	x11, =ESR_EXTERNAL
	cmp	x10, x11
	b.ne	fail
	add	x28, x28, #1
	mrs	x10, elr_el1
	add	x10, x10, #4
	msr	elr_el1, x10
	eret

	.ltorg
	.balign	8
word:	.quad	0x1122334455667788, ~0x1122334455667788
passed:	.asciz	"PASS firmware\n"
failed:	.asciz	"FAIL firmware "

	.balign	2048
vectors:
	.irp	kind, 0, 1, 2, 3
	.balign	128
	b	fail
	.endr
	.balign	128
	b	abort			/* synchronous, EL1 with SP_EL1 */
	.rept	11
	.balign	128
	b	fail
	.endr
