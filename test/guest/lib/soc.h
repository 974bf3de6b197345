/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices of the board itself (board/qemu_virt_soc.h), given to the guest:
 * PL031 (ARM DDI 0224) and PL061 (DDI 0190), whose wired interrupts it can
 * assert and withdraw by their registers.
 */
#pragma once

#include <stdbool.h>

#define RTC_BASE	0x09010000ull
#define RTC_SPI		2
#define RTC_DR		0x00
#define RTC_MR		0x04
#define RTC_IMSC	0x10
#define RTC_RIS		0x14
#define RTC_MIS		0x18
#define RTC_ICR		0x1c

#define GPIO_BASE	0x09030000ull
#define GPIO_SPI	7
#define GPIO_DATA(mask)	((mask) << 2)
#define GPIO_DIR	0x400
#define GPIO_IS		0x404
#define GPIO_IBE	0x408
#define GPIO_IEV	0x40c
#define GPIO_IE		0x410
#define GPIO_MIS	0x418
#define GPIO_IC		0x41c

#define UART1_BASE	0x09040000ull
#define UART1_SPI	8

struct soc_line {
	const char *name;
	unsigned int intid;
	void (*quiet)(void);	/* as after a reset */
	void (*raise)(void);	/* asserted when it returns */
	void (*withdraw)(void);
	bool (*asserted)(void);
	void (*handler)(void);	/* counts, and withdraws if it shall */
};

extern const struct soc_line soc_rtc;
extern const struct soc_line soc_gpio;

/* What a handler found, and what it does: of one of the two. */
struct soc_count {
	volatile unsigned int taken;
	volatile unsigned int empty;	/* while nothing was asserted */
	volatile unsigned int withdraw_at;	/* from that one on */
};

extern struct soc_count soc_rtc_count;
extern struct soc_count soc_gpio_count;

struct soc_count *soc_count(const struct soc_line *l);

/* Quiet, as level, enabled, counted from 0, each one withdrawn. */
void soc_begin(const struct soc_line *l);

/* Wait for so many, at most 3 s: 0 if there are as many, or a line. */
int soc_exactly(const struct soc_line *l, unsigned int count);
/* Nor one more within 50 ms. */
int soc_no_more_than(const struct soc_line *l, unsigned int count);

/* A character from the console, asleep until there is one. */
void soc_await_input(void);
