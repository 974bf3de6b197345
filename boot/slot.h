/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A flash disk: two slots, each with a FIT image, and which of them is good.
 * These numbers are also the boot script's (host/boot.cmd) and the tools'
 * (tools/slots.py reads this file). Bytes:
 *
 *   0           MBR; up to 1 MiB, what a board's own boot loader wants there
 *   0x00100000  FAT with boot.scr
 *   0x00200000  slot state, two copies
 *   0x00300000  slot a
 *   0x04300000  slot b, up to 0x08300000
 */
#pragma once

#define SLOT_FORMAT 1 /* of state, script and images; newer ones are refused */
#define SLOT_BOOT_OFFSET 0x00100000
#define SLOT_BOOT_BYTES 0x00100000
#define SLOT_STATE_OFFSET 0x00200000
#define SLOT_STATE_BYTES 512 /* what U-Boot's "env export -c" makes of it */
#define SLOT_STATE_COPY 0x1000 /* from one copy to the other */
#define SLOT_A_OFFSET 0x00300000
#define SLOT_B_OFFSET 0x04300000
#define SLOT_BYTES 0x04000000

/* From BOARD_RAM_GPA on: the host kernel, and the FIT that it comes from. */
#define SLOT_KERNEL_RAM 0x00400000
#define SLOT_FIT_RAM 0x0c000000

/* 'a' or 'b', as the boot script says it; 0: not from a flash disk. */
char slot_booted(void);

/*
 * The guests are up: the slot that was booted is the good one from now on.
 * Nothing is written where it is already.
 */
void slot_confirm(void);
