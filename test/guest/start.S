/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entry of every test guest: arm64 Image header, MMU on with the constant
 * identity map below (nothing is written while the MMU is off), BSS, stack,
 * exception vectors, then guest_enter(fdt).
 */

	.section .text.start, "ax"
	.globl	_start
_start:
	b	entry
	.long	0
	.quad	0x80000			/* text_offset */
	.quad	_image_size
	.quad	2			/* little endian, 4 KiB pages */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

	.globl	guest_name
guest_name:
	.asciz	GUEST_NAME
	.balign	4

/* 0: virtio-mmio, 1: virtio-pci with INTx, 2: virtio-pci with MSI-X */
#ifndef TRANSPORT_PCI
#define TRANSPORT_PCI 0
#endif
	.globl	guest_transport
guest_transport:
	.long	TRANSPORT_PCI

#define MAIR_DEVICE	0
#define MAIR_WB		1
#define MAIR_NC		2
#define MAIR		0x44ff00

/* T0SZ 24, WB WA inner shareable walks, EPD1 */
#define TCR		(24 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23)

#define SCTLR_M		(1 << 0)
#define SCTLR_C		(1 << 2)
#define SCTLR_SA	(1 << 3)
#define SCTLR_I		(1 << 12)
#define SCTLR_RES1	0x30500800	/* LSMAOE and nTLSMD included */

entry:
	msr	daifset, #15
	mov	x20, x0
	adrp	x0, vectors
	add	x0, x0, :lo12:vectors
	msr	vbar_el1, x0
	ldr	x0, =MAIR
	msr	mair_el1, x0
	mrs	x1, id_aa64mmfr0_el1
	and	x1, x1, #7		/* PARange, at most 48 bits here */
	cmp	x1, #5
	mov	x2, #5
	csel	x1, x1, x2, lo
	ldr	x0, =TCR
	orr	x0, x0, x1, lsl #32
	msr	tcr_el1, x0
	adrp	x0, identity_map
	add	x0, x0, :lo12:identity_map
	msr	ttbr0_el1, x0
	mov	x0, #3 << 20		/* FP and SIMD registers */
	msr	cpacr_el1, x0
	dsb	sy
	ic	iallu
	tlbi	vmalle1
	dsb	sy
	isb
	ldr	x0, =(SCTLR_RES1 | SCTLR_M | SCTLR_C | SCTLR_SA | SCTLR_I)
	msr	sctlr_el1, x0
	isb

	ldr	x0, =_bss_start
	ldr	x1, =_bss_end
1:	cmp	x0, x1
	b.hs	2f
	stp	xzr, xzr, [x0], #16
	b	1b
2:	ldr	x0, =_stack_top
	mov	sp, x0
	mov	x29, xzr
	mov	x30, xzr
	mov	x0, x20
	bl	guest_enter
3:	wfi
	b	3b
	.ltorg

/* Registers saved as struct frame (lib/trap.h), then trap_handle(). */
	.macro	trap_entry kind
	.balign	128
	sub	sp, sp, #272
	stp	x0, x1, [sp]
	mov	x1, #\kind
	b	trap_common
	.endm

	.balign	2048
	.globl	vectors
vectors:
	.irp	kind, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	trap_entry \kind
	.endr

trap_common:
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x19, [sp, #144]
	stp	x20, x21, [sp, #160]
	stp	x22, x23, [sp, #176]
	stp	x24, x25, [sp, #192]
	stp	x26, x27, [sp, #208]
	stp	x28, x29, [sp, #224]
	mrs	x2, elr_el1
	stp	x30, x2, [sp, #240]
	mrs	x2, spsr_el1
	str	x2, [sp, #256]
	mov	x0, sp
	bl	trap_handle
	ldr	x2, [sp, #256]
	msr	spsr_el1, x2
	ldp	x30, x2, [sp, #240]
	msr	elr_el1, x2
	ldp	x28, x29, [sp, #224]
	ldp	x26, x27, [sp, #208]
	ldp	x24, x25, [sp, #192]
	ldp	x22, x23, [sp, #176]
	ldp	x20, x21, [sp, #160]
	ldp	x18, x19, [sp, #144]
	ldp	x16, x17, [sp, #128]
	ldp	x14, x15, [sp, #112]
	ldp	x12, x13, [sp, #96]
	ldp	x10, x11, [sp, #80]
	ldp	x8, x9, [sp, #64]
	ldp	x6, x7, [sp, #48]
	ldp	x4, x5, [sp, #32]
	ldp	x2, x3, [sp, #16]
	ldp	x0, x1, [sp]
	add	sp, sp, #272
	eret

/*
 * 1 TiB by level 1 tables with 1 GiB blocks, VA = PA but for the alias:
 *
 *	  0 GiB		devices, nGnRnE, never executable
 *	  1 GiB		RAM, write-back
 *	  2 - 383 GiB	PCI configuration space, or nothing: nGnRnE
 *	384 GiB		PA 0 again, normal non-cacheable and executable:
 *			what device memory refuses at stage 1 (unaligned,
 *			exclusive, DC ZVA, fetch) gets to the VMM
 *	385, 386 GiB	the same for any address: alias_map() in lib/trap.c
 *	512 - 1023 GiB	PCI memory, or nothing: nGnRnE
 */
#define TABLE		3
#define BLOCK(attr)	(1 | (attr) << 2 | 1 << 10)
#define INNER		(3 << 8)
#define XN		(3 << 53)

	.section .rodata, "a"
	.balign	4096
	.globl	level_1_low
level_1_low:
	.quad	BLOCK(MAIR_DEVICE) | XN
	.quad	BLOCK(MAIR_WB) | INNER | 0x40000000
	.set	gib, 2
	.rept	382
	.quad	(gib << 30) | BLOCK(MAIR_DEVICE) | XN
	.set	gib, gib + 1
	.endr
	.quad	BLOCK(MAIR_NC) | INNER
	.fill	127, 8, 0
level_1_high:
	.set	gib, 512
	.rept	512
	.quad	(gib << 30) | BLOCK(MAIR_DEVICE) | XN
	.set	gib, gib + 1
	.endr
	.balign	64
identity_map:
	.quad	level_1_low + TABLE
	.quad	level_1_high + TABLE
