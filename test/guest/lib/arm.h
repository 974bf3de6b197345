/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processor as the test guests see it: system registers, barriers, MMIO
 * accessors that always compile to one plain load or store, the counter.
 * memcpy, memset and memcmp live in arm.c because gcc calls them unasked.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

#define sysreg_read(name)						\
({									\
	uint64_t _v;							\
	__asm__ volatile("mrs %0, " name : "=r"(_v) : : "memory");	\
	_v;								\
})

#define sysreg_write(name, value)					\
	__asm__ volatile("msr " name ", %0"				\
			 : : "r"((uint64_t)(value)) : "memory")

#define MMIO_READ(bits, insn)						\
static inline uint##bits##_t mmio_read##bits(uint64_t addr)		\
{									\
	uint64_t value;							\
									\
	__asm__ volatile(insn						\
			 : "=r"(value) : "r"(addr) : "memory");		\
	return (uint##bits##_t)value;					\
}

#define MMIO_WRITE(bits, insn)						\
static inline void mmio_write##bits(uint64_t addr, uint##bits##_t value) \
{									\
	__asm__ volatile(insn						\
			 : : "r"((uint64_t)value), "r"(addr) : "memory"); \
}

MMIO_READ(8, "ldrb %w0, [%1]")
MMIO_READ(16, "ldrh %w0, [%1]")
MMIO_READ(32, "ldr %w0, [%1]")
MMIO_READ(64, "ldr %x0, [%1]")
MMIO_WRITE(8, "strb %w0, [%1]")
MMIO_WRITE(16, "strh %w0, [%1]")
MMIO_WRITE(32, "str %w0, [%1]")
MMIO_WRITE(64, "str %x0, [%1]")

static inline void dsb(void)
{
	__asm__ volatile("dsb sy" : : : "memory");
}

static inline void isb(void)
{
	__asm__ volatile("isb" : : : "memory");
}

static inline void wfi(void)
{
	__asm__ volatile("dsb sy\n\twfi" : : : "memory");
}

static inline void irq_mask(void)
{
	__asm__ volatile("msr daifset, #2" : : : "memory");
}

/* Open the window in which pending interrupts are taken, then close it. */
static inline void irq_take(void)
{
	__asm__ volatile("msr daifclr, #2\n\tisb\n\tmsr daifset, #2"
			 : : : "memory");
}

static inline uint64_t counter(void)
{
	isb();
	return sysreg_read("cntvct_el0");
}

static inline uint64_t counter_ms(uint64_t ms)
{
	return sysreg_read("cntfrq_el0") * ms / 1000;
}

void *memcpy(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
int strcmp(const char *a, const char *b);

/* Busy-wait for so many microseconds of virtual time. */
void delay_us(uint64_t us);

/* Next word of a fixed pseudo-random sequence (same in every run). */
uint32_t prng(void);
