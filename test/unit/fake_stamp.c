/* SPDX-License-Identifier: Apache-2.0 */
/* The stamp of a VMM that is built for a unit test. */
#include "core/stamp.h"

#define CHECKSUM "01234567"
#define TOOLCHAIN "gcc 0"

const char stamp_version[] = "unit\0unit\0" CHECKSUM "\0" TOOLCHAIN;
const uint32_t stamp_size = sizeof(stamp_version);
const char stamp_checksum[] = CHECKSUM;
const char stamp_toolchain[] = TOOLCHAIN;
