/* SPDX-License-Identifier: Apache-2.0 */
/* PL011: registers, FIFO, interrupts and flow control (DDI 0183G). */
#include <linux/errno.h>
#include <string.h>

#include "core/log.h"
#include "core/loop.h"
#include "dev/pl011.h"
#include "test/unit/driver.h"

#define UART 0x09000000ull
#define UART1 0x09002000ull
#define SPI 1u
#define SPI1 3u
#define OUT_SIZE 256u

#define DR 0x000
#define RSR 0x004
#define FR 0x018
#define ILPR 0x020
#define IBRD 0x024
#define FBRD 0x028
#define LCR_H 0x02c
#define CR 0x030
#define IFLS 0x034
#define IMSC 0x038
#define RIS 0x03c
#define MIS 0x040
#define ICR 0x044
#define DMACR 0x048

#define RXFE 0x10
#define TXFF 0x20
#define RXFF 0x40
#define TXFE 0x80
#define BUSY 0x08
#define RX 0x10
#define TX 0x20
#define RT 0x40
#define FEN 0x10
#define LBE 0x80

static uint32_t rd(unsigned reg)
{
	return (uint32_t)driver_mmio_read(UART + reg, 4);
}

static void wr(unsigned reg, uint32_t value)
{
	driver_mmio_write(UART + reg, 4, value);
}

static void machine(void)
{
	static const struct config_device rows[] = {
		{ .name = "uart0",
		  .gpa = UART,
		  .size = 0x1000,
		  .spi = SPI,
		  .path = "" },
		{ .name = "uart1", .gpa = UART1, .size = 0x1000, .spi = SPI1 },
	};

	driver_machine();
	pl011_init(&rows[0]);
	pl011_init(&rows[1]);
}

/* As a driver that uses FIFOs and the receive interrupts. */
static void started(void)
{
	machine();
	wr(LCR_H, 0x70);
	wr(CR, 0x301);
	wr(IMSC, RX | RT);
}

static void run_loop(void)
{
	loop_before_run();
	loop_after_run();
}

static unsigned line(void)
{
	return fake_spi(SPI)->level;
}

/* -- Registers ----------------------------------------------------------- */

static void reset_values(void)
{
	machine();
	assert_int_equal(rd(FR), TXFE | RXFE);
	assert_int_equal(rd(CR), 0x300);
	assert_int_equal(rd(IFLS), 0x12);
	assert_int_equal(rd(LCR_H), 0);
	assert_int_equal(rd(IMSC), 0);
	assert_int_equal(rd(RIS), 0);
	assert_int_equal(rd(MIS), 0);
	assert_int_equal(rd(DR), 0);
	assert_int_equal(rd(RSR), 0);
	assert_int_equal(line(), 0);
}

/* What Linux and Zephyr probe: part 0x011, designer ARM, PrimeCell. */
static void identification(void)
{
	static const uint8_t id[] = { 0x11, 0x10, 0x14, 0x00,
				      0x0d, 0xf0, 0x05, 0xb1 };
	unsigned i;

	machine();
	for (i = 0; i < 8; i++) {
		assert_int_equal(rd(0xfe0 + 4 * i), id[i]);
		wr(0xfe0 + 4 * i, 0xff);
		assert_int_equal(rd(0xfe0 + 4 * i), id[i]);
	}
}

/* M44: bits that a register does not have are not kept. */
static void register_widths(void)
{
	static const struct {
		unsigned reg;
		uint32_t mask;
	} regs[] = {
		{ ILPR, 0xff },	 { IBRD, 0xffff }, { FBRD, 0x3f },
		{ LCR_H, 0xff }, { CR, 0xffff },   { IFLS, 0x3f },
		{ IMSC, 0x7ff }, { DMACR, 7 },
	};
	size_t i;

	machine();
	for (i = 0; i < sizeof(regs) / sizeof(regs[0]); i++) {
		wr(regs[i].reg, UINT32_MAX);
		assert_int_equal(rd(regs[i].reg), regs[i].mask);
		wr(regs[i].reg, 0);
		assert_int_equal(rd(regs[i].reg), 0);
	}
}

static void read_only_registers(void)
{
	static const unsigned regs[] = { FR, RIS, MIS };
	uint32_t before;
	size_t i;

	machine();
	for (i = 0; i < sizeof(regs) / sizeof(regs[0]); i++) {
		before = rd(regs[i]);
		wr(regs[i], 0);
		wr(regs[i], UINT32_MAX);
		assert_int_equal(rd(regs[i]), before);
	}
}

/* M44: divisor 0 and every register in every width. */
static void every_access(void)
{
	unsigned size, offset;
	uint32_t i;

	machine();
	for (i = 0; i < 3; i++) {
		uint64_t value = i == 0 ? 0 : i == 1 ? UINT64_MAX : 0x5a5a;

		for (size = 1; size <= 8; size *= 2) {
			for (offset = 0; offset + size <= 0x1000; offset++) {
				driver_mmio_write(UART + offset, size, value);
				(void)driver_mmio_read(UART + offset, size);
			}
		}
	}
	/* It still works. */
	wr(LCR_H, 0x60);
	wr(LCR_H, 0x70);
	wr(CR, 0x301);
	fake.tty_out_count = 0;
	wr(DR, 'k');
	assert_int_equal(fake.tty_out[0], 'k');
	fake_tty_type("y", 1);
	run_loop();
	assert_int_equal(rd(DR), 'y');
}

/* Bytes and half words, as earlycon and U-Boot use them. */
static void narrow_accesses(void)
{
	machine();
	driver_mmio_write(UART + DR, 1, 'a');
	driver_mmio_write(UART + DR, 2, 'b');
	assert_memory_equal(fake.tty_out, "ab", 2);
	wr(IBRD, 0x1234);
	assert_int_equal(driver_mmio_read(UART + IBRD, 2), 0x1234);
	assert_int_equal(driver_mmio_read(UART + IBRD, 1) & 0xff, 0x34);
	assert_int_equal(driver_mmio_read(UART + IBRD + 1, 1) & 0xff, 0x12);
	assert_int_equal(driver_mmio_read(UART + FR, 1) & 0xff, TXFE | RXFE);
}

static void wide_accesses(void)
{
	machine();
	driver_mmio_write(UART + DR, 8, 'a');
	assert_int_equal(fake.tty_out_count, 0);
	assert_int_equal(driver_mmio_read(UART + FR, 8), 0);
}

/* Upper bits of DR are no data. */
static void data_is_a_byte(void)
{
	machine();
	wr(DR, 0xffffff41);
	assert_int_equal(fake.tty_out_count, 1);
	assert_int_equal(fake.tty_out[0], 'A');
}

/* -- Receiving ----------------------------------------------------------- */

static void receive(void)
{
	started();
	fake_tty_type("hi", 2);
	run_loop();
	assert_int_equal(rd(FR) & (RXFE | RXFF), 0);
	assert_int_equal(line(), 1);
	assert_int_equal(rd(DR), 'h');
	assert_int_equal(line(), 1);
	assert_int_equal(rd(DR), 'i');
	assert_int_equal(rd(FR) & RXFE, RXFE);
	assert_int_equal(line(), 0);
	assert_int_equal(rd(DR), 0);
}

/* 16 bytes with FIFOs, 1 without: what does not fit stays with the host. */
static void receive_full(void)
{
	started();
	fake_tty_type("0123456789abcdefXYZ", 19);
	run_loop();
	assert_int_equal(rd(FR) & RXFF, RXFF);
	assert_int_equal(fake.tty_in_tail - fake.tty_in_head, 3);
	assert_int_equal(rd(DR), '0');
	assert_int_equal(rd(FR) & RXFF, 0);
	run_loop();
	assert_int_equal(fake.tty_in_tail - fake.tty_in_head, 2);
	assert_int_equal(rd(FR) & RXFF, RXFF);
}

static void receive_without_fifo(void)
{
	machine();
	wr(CR, 0x301);
	fake_tty_type("ab", 2);
	run_loop();
	assert_int_equal(rd(FR) & RXFF, RXFF);
	assert_int_equal(fake.tty_in_tail - fake.tty_in_head, 1);
	assert_int_equal(rd(RIS) & RX, RX);
	assert_int_equal(rd(DR), 'a');
	run_loop();
	assert_int_equal(rd(DR), 'b');
	assert_int_equal(rd(FR) & RXFE, RXFE);
}

/* No byte is lost or comes twice, however slowly the guest reads. */
static void receive_much(void)
{
	static uint8_t bytes[3000];
	unsigned i, n = 0;

	started();
	for (i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (uint8_t)(i * 31 >> 3);
	}
	fake_tty_type(bytes, sizeof(bytes));
	while (n < sizeof(bytes)) {
		run_loop();
		assert_int_equal(line(), 1);
		for (i = 0; i <= n % 19 && n < sizeof(bytes); i++) {
			if ((rd(FR) & RXFE) != 0) {
				break;
			}
			assert_int_equal(rd(DR), bytes[n++]);
		}
	}
	assert_int_equal(rd(FR) & RXFE, RXFE);
	assert_int_equal(line(), 0);
}

/* Section 3.3.12: 1/8, 1/4, 1/2, 3/4, 7/8. */
static void receive_trigger(void)
{
	static const unsigned level[] = { 2, 4, 8, 12, 14 };
	unsigned i, n;

	started();
	wr(IMSC, RX);
	for (i = 0; i < 5; i++) {
		wr(IFLS, i << 3);
		for (n = 1; n <= 16; n++) {
			fake_tty_type("x", 1);
			run_loop();
			assert_int_equal(rd(RIS) & RX, n >= level[i] ? RX : 0);
			assert_int_equal(line(), n >= level[i]);
		}
		for (n = 16; n-- > 0;) {
			rd(DR);
			assert_int_equal(rd(RIS) & RX, n >= level[i] ? RX : 0);
		}
	}
}

/* Below the trigger the timeout interrupt tells of the byte. */
static void receive_timeout(void)
{
	started();
	fake_tty_type("x", 1);
	run_loop();
	assert_int_equal(rd(RIS) & (RX | RT), RT);
	assert_int_equal(rd(MIS), RT);
	assert_int_equal(line(), 1);
	rd(DR);
	assert_int_equal(rd(MIS), 0);
	assert_int_equal(line(), 0);
}

/* Clearing does not make unread bytes silent: input would hang. */
static void clear_does_not_lose_input(void)
{
	started();
	fake_tty_type("x", 1);
	run_loop();
	wr(ICR, 0x7ff);
	assert_int_equal(rd(RIS) & RT, RT);
	assert_int_equal(line(), 1);
}

static void masked(void)
{
	started();
	wr(IMSC, 0);
	fake_tty_type("x", 1);
	run_loop();
	assert_int_equal(line(), 0);
	assert_int_equal(fake_spi(SPI)->calls, 0);
	assert_int_equal(rd(RIS) & RT, RT);
	assert_int_equal(rd(MIS), 0);
	wr(IMSC, RT);
	assert_int_equal(line(), 1);
	wr(IMSC, 0);
	assert_int_equal(line(), 0);
}

/* Section 3.3.7: changing FEN flushes the FIFO. */
static void fifo_enable_flushes(void)
{
	started();
	fake_tty_type("abc", 3);
	run_loop();
	wr(LCR_H, 0x60);
	assert_int_equal(rd(FR) & RXFE, RXFE);
	assert_int_equal(line(), 0);
	fake_tty_type("d", 1);
	run_loop();
	assert_int_equal(rd(DR), 'd');
}

static void line_control_keeps_fifo(void)
{
	started();
	fake_tty_type("abc", 3);
	run_loop();
	wr(LCR_H, 0x70);
	wr(LCR_H, 0x72);
	assert_int_equal(rd(DR), 'a');
}

/* The vGIC hears of changes only. */
static void line_changes_only(void)
{
	started();
	fake_tty_type("abcdefgh", 8);
	run_loop();
	wr(IMSC, RX | RT);
	wr(IFLS, 0);
	assert_int_equal(fake_spi(SPI)->calls, 1);
	while ((rd(FR) & RXFE) == 0) {
		rd(DR);
	}
	assert_int_equal(fake_spi(SPI)->calls, 2);
}

/* -- Transmitting -------------------------------------------------------- */

static void transmit(void)
{
	started();
	wr(IMSC, TX);
	assert_int_equal(line(), 0); /* nothing was sent yet */
	wr(DR, 'x');
	assert_memory_equal(fake.tty_out, "x", 1);
	assert_int_equal(rd(RIS) & TX, TX);
	assert_int_equal(line(), 1);
	wr(ICR, TX);
	assert_int_equal(line(), 0);
	wr(DR, 'y');
	assert_int_equal(line(), 1);
}

/* M36: TXFF and no interrupt while the host does not take it. */
static void back_pressure(void)
{
	unsigned i;

	started();
	wr(IMSC, TX);
	fake.tty_room = 0;
	for (i = 0; i < OUT_SIZE; i++) {
		assert_int_equal(rd(FR) & TXFF, 0);
		wr(DR, i);
	}
	assert_int_equal(rd(FR) & (TXFF | TXFE | BUSY), TXFF | BUSY);
	assert_int_equal(rd(RIS) & TX, 0);
	assert_int_equal(line(), 0);
	run_loop();
	assert_int_equal(line(), 0);
	fake_tty_take(1);
	run_loop();
	assert_int_equal(rd(FR) & TXFF, 0);
	assert_int_equal(rd(RIS) & TX, TX);
	assert_int_equal(line(), 1);
	fake_tty_take(1000);
	run_loop();
	assert_int_equal(fake.tty_out_count, OUT_SIZE);
	for (i = 0; i < OUT_SIZE; i++) {
		assert_int_equal(fake.tty_out[i], (uint8_t)i);
	}
}

/* A driver that heeds TXFF loses nothing. */
static void transmit_much(void)
{
	unsigned sent = 0;
	unsigned step = 1;

	started();
	wr(IMSC, TX);
	fake.tty_room = 0;
	while (sent < 4000) {
		while (sent < 4000 && (rd(FR) & TXFF) == 0) {
			wr(DR, sent++ * 3);
		}
		assert_int_equal(line(), sent == 4000 && (rd(FR) & TXFF) == 0);
		step = step * 5 % 89 + 1;
		fake_tty_take(step);
		run_loop();
	}
	fake_tty_take(5000);
	run_loop();
	assert_int_equal(fake.tty_out_count, 4000);
	for (sent = 0; sent < 4000; sent++) {
		assert_int_equal(fake.tty_out[sent], (uint8_t)(sent * 3));
	}
}

/* One that does not, loses its own byte and nothing else. */
static void transmit_into_full(void)
{
	unsigned i;

	started();
	fake.tty_room = 0;
	for (i = 0; i < OUT_SIZE + 10; i++) {
		wr(DR, 'a' + i % 26);
	}
	assert_int_equal(rd(FR) & TXFF, TXFF);
	fake_tty_take(1000);
	run_loop();
	assert_int_equal(fake.tty_out_count, OUT_SIZE);
}

/*
 * Section 3.3.3: BUSY until the last byte has left; a driver waits for it
 * before it switches the UART, or the machine, off.
 */
static void busy_until_sent(void)
{
	started();
	fake.tty_room = 0;
	wr(DR, 'x');
	assert_int_equal(rd(FR) & (BUSY | TXFE), BUSY);
	fake_tty_take(10);
	run_loop();
	assert_int_equal(rd(FR) & (BUSY | TXFE), TXFE);
}

static void loop_back(void)
{
	started();
	wr(CR, 0x301 | LBE);
	wr(DR, 'z');
	assert_int_equal(fake.tty_out_count, 0);
	assert_int_equal(line(), 1);
	assert_int_equal(rd(DR), 'z');
}

static void loop_back_full(void)
{
	unsigned i;

	started();
	wr(CR, 0x301 | LBE);
	for (i = 0; i < 20; i++) {
		wr(DR, 'a' + i);
	}
	for (i = 0; i < 16; i++) {
		assert_int_equal(rd(DR), 'a' + i);
	}
	assert_int_equal(rd(FR) & RXFE, RXFE);
}

/* Without FIFOs there is room for one byte; the second is an overrun. */
static void loop_back_without_fifo(void)
{
	machine();
	wr(CR, 0x301 | LBE);
	wr(DR, 'a');
	wr(DR, 'b');
	assert_int_equal(rd(DR), 'a');
	assert_int_equal(rd(FR) & RXFE, RXFE);
}

/* -- The second UART ----------------------------------------------------- */

/* It has no terminal: it takes everything and receives nothing. */
static void second(void)
{
	started();
	driver_mmio_write(UART1 + LCR_H, 4, 0x70);
	driver_mmio_write(UART1 + IMSC, 4, 0x7ff);
	driver_mmio_write(UART1 + DR, 4, 'q');
	assert_int_equal(fake.tty_out_count, 0);
	assert_int_equal(driver_mmio_read(UART1 + FR, 4), TXFE | RXFE);
	assert_int_equal(fake_spi(SPI1)->level, 1); /* TX */
	assert_int_equal(line(), 0);
	fake_tty_type("x", 1);
	run_loop();
	assert_int_equal(driver_mmio_read(UART1 + FR, 4), TXFE | RXFE);
	assert_int_equal(rd(DR), 'x');
}

/* -- Terminals ----------------------------------------------------------- */

/* A row says which: the console, another one, or none. */
static void terminals(void)
{
	static const struct config_device rows[] = {
		{ .name = "uart0", .gpa = UART, .size = 0x1000, .spi = SPI },
		{ .name = "uart1",
		  .gpa = UART1,
		  .size = 0x1000,
		  .spi = SPI1,
		  .path = "/dev/hvc0" },
	};
	unsigned i;

	driver_machine();
	pl011_init(&rows[0]);
	for (i = 3; i < FAKE_FDS; i++) {
		assert_int_not_equal(fake.fds[i].kind, FAKE_TTY_IN);
		assert_int_not_equal(fake.fds[i].kind, FAKE_PORT);
	}
	assert_int_equal(fake.tty_sets, 0);
	pl011_init(&rows[1]);
	assert_int_equal(fake.port.raw, 1);
	driver_mmio_write(UART1 + LCR_H, 4, 0x70);
	driver_mmio_write(UART1 + CR, 4, 0x301);
	driver_mmio_write(UART1 + DR, 4, 'x');
	driver_mmio_write(UART + DR, 4, 'y');
	fake_tty_type("a", 1);
	fake_port_type("b", 1);
	run_loop();
	run_loop();
	assert_int_equal(fake.port.out_count, 1);
	assert_int_equal(fake.port.out[0], 'x');
	assert_int_equal(fake.tty_out_count, 0);
	assert_int_equal(driver_mmio_read(UART1 + DR, 4), 'b');
	assert_int_equal(driver_mmio_read(UART + DR, 4), 0);
	assert_int_equal(rd(FR), TXFE | RXFE); /* nobody took it, or sent */
}

static void terminal_is_missing(void)
{
	static const struct config_device row = { .name = "uart0",
						  .gpa = UART,
						  .size = 0x1000,
						  .path = "/dev/ttyS9" };

	driver_machine();
	assert_int_equal(EXITS(pl011_init(&row)), EXIT_HOST);
	fake_one_line("terminal /dev/ttyS9: cannot be opened as one (-2)");
}

static const struct CMUnitTest tests[] = {
	TEST(reset_values),
	TEST(identification),
	TEST(register_widths),
	TEST(read_only_registers),
	TEST(every_access),
	TEST(narrow_accesses),
	TEST(wide_accesses),
	TEST(data_is_a_byte),
	TEST(receive),
	TEST(receive_full),
	TEST(receive_without_fifo),
	TEST(receive_much),
	TEST(receive_trigger),
	TEST(receive_timeout),
	TEST(clear_does_not_lose_input),
	TEST(masked),
	TEST(fifo_enable_flushes),
	TEST(line_control_keeps_fifo),
	TEST(line_changes_only),
	TEST(transmit),
	TEST(back_pressure),
	TEST(transmit_much),
	TEST(transmit_into_full),
	TEST(busy_until_sent),
	TEST(loop_back),
	TEST(loop_back_full),
	TEST(loop_back_without_fifo),
	TEST(second),
	TEST(terminals),
	TEST(terminal_is_missing),
};

UNIT_MAIN("pl011", tests)
