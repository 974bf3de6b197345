/* SPDX-License-Identifier: Apache-2.0 */
/*
 * M46: FLOOD notifications without a new buffer, on every device, each then
 * doing its work as if nothing had happened.
 */
#include "arm.h"
#include "check.h"
#include "say.h"
#include "vblk.h"

#ifndef FLOOD
#define FLOOD 1000000
#endif

int main(void)
{
	static const unsigned int blks[] = { SLOT_BLK, SLOT_BLK_RO,
					     SLOT_BLK_OTHER };
	struct vdev d[NELEM(blks)];
	uint64_t start;

	for (unsigned int i = 0; i < NELEM(blks); i++) {
		MUST(vdev_find(&d[i], blks[i], VIRTIO_ID_BLOCK));
		MUST_PASS(blk_alive(&d[i]));
	}
	start = counter();
	for (unsigned int i = 0; i < FLOOD; i++) {
		vq_kick(&d[i % NELEM(blks)]);
	}
	say("%u notifications in %lu ms\n", FLOOD, (counter() - start) *
	    1000 / sysreg_read("cntfrq_el0"));
	for (unsigned int i = 0; i < NELEM(blks); i++) {
		MUST(!vdev_broken(&d[i]));
		MUST(vq_used_idx(&d[i]) == 1);
		MUST_PASS(blk_answers(&d[i]));
	}
	return 0;
}
