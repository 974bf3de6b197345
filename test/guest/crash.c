/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guests that crash. KIND 0: one unexpected abort, reported by the vectors
 * ('FAIL ... unexpected exception' is right here) and powered off. 1: vectors
 * in the hole and a jump there, a fault storm that never leaves the kernel. 2:
 * a handler that faults on MMIO itself, a storm of exits to the VMM (M67). The
 * last two run until killed.
 */
#include "arm.h"
#include "check.h"
#include "say.h"
#include "trap.h"

#define HOLE 0x0b000000ull

void storm_vectors(void);

__asm__(".text\n"
	".balign 2048\n"
	"storm_vectors:\n\t"
	".rept 16\n\t"
	"mov x0, #0x0b000000\n\t"
	"ldr x1, [x0]\n\t"
	"b .\n\t"
	".balign 128\n\t"
	".endr");

int main(void)
{
	uint64_t vectors[] = { 0, alias(HOLE), (uintptr_t)storm_vectors };

	say("crashing\n");
	if (KIND > 0) {
		sysreg_write("vbar_el1", vectors[KIND]);
		isb();
		((void (*)(void))alias(HOLE))();
	}
	(void)mmio_read32(HOLE);
	return __LINE__;
}
