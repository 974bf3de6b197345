// SPDX-License-Identifier: Apache-2.0
/* Lines, numbers and offsets for the benchmark's guest. */
#include "bare.h"
#include "work.h"

#include <asm/termbits.h>
#include <asm/ioctls.h>

static char *put_text(char *at, const char *text)
{
	while (*text) {
		*at++ = *text++;
	}
	return at;
}

static char *put_number(char *at, uint64_t value)
{
	char digits[20];
	int count = 0;

	do {
		digits[count++] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	while (count) {
		*at++ = digits[--count];
	}
	return at;
}

void say(const char *tag, const char *name, const uint64_t *values, int count)
{
	char line[128];
	char *at = put_text(line, tag);

	if (name) {
		*at++ = ' ';
		at = put_text(at, name);
	}
	for (int i = 0; i < count; i++) {
		*at++ = ' ';
		at = put_number(at, values[i]);
	}
	*at++ = '\n';
	bare_write(1, line, at - line);
	/* All of it is out before whatever is measured next. */
	bare_call3(__NR_ioctl, 1, TCSBRK, 1);
}

uint64_t number(const char *text)
{
	uint64_t value = 0;

	while (*text >= '0' && *text <= '9') {
		value = value * 10 + (uint64_t)(*text++ - '0');
	}
	return value;
}

/* The high bits of a 64-bit LCG (Knuth's MMIX constants). */
int64_t next_offset(uint64_t *state, uint64_t bytes)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (int64_t)((*state >> 33) % (DISK_BYTES / bytes) * bytes);
}
