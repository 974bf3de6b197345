/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uint64_t raise(line, *intid): see latency.h. The handler has x9 to x16 for
 * itself, since nothing but the loop runs.
 */
#define LINE_RAISE	0
#define LINE_LOWER	8
#define LINE_RAISE_VALUE 16
#define LINE_LOWER_VALUE 20
#define LINE_GIC_CPU	24
#define LINE_AGAIN	32
#define ICC_IAR1	s3_0_c12_c12_0
#define ICC_EOIR1	s3_0_c12_c12_1
#define GICC_IAR	0x0c
#define GICC_EOIR	0x10

	.text
	.globl	raise
raise:
	mrs	x5, vbar_el1
	adr	x4, handlers
	msr	vbar_el1, x4
	ldp	x4, x15, [x0, #LINE_RAISE]
	ldp	w3, w16, [x0, #LINE_RAISE_VALUE]
	ldp	x14, x13, [x0, #LINE_GIC_CPU]
	mov	x11, #0
	dsb	sy
	msr	daifclr, #2
	isb
	mrs	x9, cntvct_el0
	str	w3, [x4]
1:	cbz	x11, 1b
	msr	daifset, #2
	msr	vbar_el1, x5
	isb
	str	w12, [x1]
	sub	x0, x10, x9
	ret

/* Synchronous exceptions hang the guest, and the runner ends it. */
	.balign	2048
handlers:
	.space	0x280
	mrs	x10, cntvct_el0
	cbnz	x14, 1f
	mrs	x12, ICC_IAR1
	dsb	sy
	b	2f
1:	ldr	w12, [x14, #GICC_IAR]
2:	cbnz	x13, 3f
	str	w16, [x15]
	mov	x11, #1
	b	4f
3:	sub	x13, x13, #1
	mrs	x9, cntvct_el0
4:	cbnz	x14, 5f
	msr	ICC_EOIR1, x12
	isb
	eret
5:	str	w12, [x14, #GICC_EOIR]
	eret
	.balign	2048
