/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uint64_t raise(edu, *intid): from just before the store that makes edu
 * interrupt to the first instruction of the handler, in ticks of the counter.
 * The handler has x9 to x12 for itself, since nothing but the loop runs. The
 * GIC is a GICv3.
 */
#define EDU_RAISE	0x60
#define EDU_ACKNOWLEDGE	0x64
#define ICC_IAR1	s3_0_c12_c12_0
#define ICC_EOIR1	s3_0_c12_c12_1

	.text
	.globl	raise
raise:
	mrs	x5, vbar_el1
	adr	x4, handlers
	msr	vbar_el1, x4
	mov	w3, #1
	mov	x11, #0
	dsb	sy
	msr	daifclr, #2
	isb
	mrs	x9, cntvct_el0
	str	w3, [x0, #EDU_RAISE]
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
	mrs	x12, ICC_IAR1
	dsb	sy
	str	w3, [x0, #EDU_ACKNOWLEDGE]
	msr	ICC_EOIR1, x12
	isb
	mov	x11, #1
	eret
	.balign	2048
