/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this binary was built from. The strings, of which config_name is the
 * second, lie one behind the other in an ELF note (tools/stamp.py).
 */
#pragma once

#include <stdint.h>

extern const char stamp_version[];
extern const char stamp_checksum[]; /* of the config's rows and the payload */
extern const char stamp_toolchain[];
extern const char payload_stamp[]; /* in front of the payload: stamp_checksum */
/* Bytes of them all, from stamp_version on, each with its NUL. */
extern const uint32_t stamp_size;
