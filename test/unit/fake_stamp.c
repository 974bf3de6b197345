/* SPDX-License-Identifier: Apache-2.0 */
/* The stamp of a VMM that is built for a unit test. */
#include "core/stamp.h"

#include "test/unit/fake.h"

#define CHECKSUM "01234567"
#define TOOLCHAIN "gcc 0"

const char stamp_version[] = "unit\0unit\0" CHECKSUM "\0" TOOLCHAIN;
const uint32_t stamp_size = sizeof(stamp_version);
const char stamp_checksum[] = CHECKSUM;
const char stamp_toolchain[] = TOOLCHAIN;

/* The payload, whose beginning is its stamp, with the ends of linker.ld. */
char fake_payload_stamp[4096] = CHECKSUM;
__asm__(".globl payload_stamp, __payload_start, __payload_end\n"
	"payload_stamp = fake_payload_stamp\n"
	"__payload_start = fake_payload_stamp\n"
	"__payload_end = fake_payload_stamp + 4096\n");
