/* SPDX-License-Identifier: Apache-2.0 */
/* The few C library functions gcc may call, delays, pseudo-random numbers. */
#include "arm.h"

void *memcpy(void *dst, const void *src, size_t n)
{
	uint8_t *d = dst;
	const uint8_t *s = src;

	while (n-- > 0) {
		*d++ = *s++;
	}
	return dst;
}

void *memset(void *dst, int c, size_t n)
{
	uint8_t *d = dst;

	while (n > 0 && ((uintptr_t)d & 7) != 0) {
		*d++ = (uint8_t)c;
		n--;
	}
	for (; n >= 8; n -= 8, d += 8) {
		*(uint64_t *)d = (uint8_t)c * 0x0101010101010101ull;
	}
	while (n-- > 0) {
		*d++ = (uint8_t)c;
	}
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a;
	const uint8_t *y = b;

	for (; n > 0; n--, x++, y++) {
		if (*x != *y) {
			return *x - *y;
		}
	}
	return 0;
}

int strcmp(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return (uint8_t)*a - (uint8_t)*b;
}

void delay_us(uint64_t us)
{
	uint64_t end = counter() + sysreg_read("cntfrq_el0") * us / 1000000;

	while (counter() < end) {
	}
}

uint32_t prng(void)
{
	static uint32_t state;

	if (state == 0) {
		state = 0x9e3779b9;
	}
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}
