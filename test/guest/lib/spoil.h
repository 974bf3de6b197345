/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attacks on the request queue of slot 0. begin() leaves a device fresh from
 * reset with a valid read of sector 20 into buf in descriptors 0 to 2; a test
 * spoils one thing of it and says what must follow. All return 0 or a line.
 */
#pragma once

#include "vblk.h"

#define NUM	16u	/* queue size after begin() */
#define HOLE	0x0b000000ull

extern struct vdev blk;
extern struct blk req;
extern uint8_t buf[8192];

int begin(void);
int begin_with(uint64_t features);

/* Push head 0; the device must break, and stay so without a reset. */
int must_break(void);

/* The same for a ring that was kicked already. */
int ring_broken(void);

/* Push head 0; count sectors must arrive at at. */
int must_read(uint64_t sector, const void *at, uint32_t count);

/* Push head 0; anything but silence. */
int must_answer(void);
