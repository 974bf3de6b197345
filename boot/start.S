/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entry point that the Linux kernel jumps to: no dynamic loader, no
 * constructors, no auxiliary vector. Stack per the arm64 ELF ABI: argc, argv,
 * NULL, envp, NULL. main() never returns.
 */
	.section .text.start, "ax"
	.global	_start
	.type	_start, %function
_start:
	mov	x29, #0
	mov	x30, #0
	mov	x0, sp
	and	sp, x0, #~15
	bl	boot_main
	brk	#1
	.size	_start, . - _start

	.section .note.GNU-stack, "", %progbits
