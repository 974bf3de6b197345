/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's device tree (devicetree.org specification 0.4). */
#pragma once

#include "core/config.h"
#include "core/vcpu.h"

/*
 * Writes the tree of that partition to buf, which holds its fdt_size bytes.
 * Its size; a tree that does not fit ends the process with EXIT_BUG.
 */
int guest_fdt_write(unsigned partition, const struct vcpu *vcpu, void *buf);
