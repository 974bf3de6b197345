/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PL011: registers, FIFOs and interrupts as a driver sees them (DDI 0183G).
 * The line itself is as fast as the host terminal: there is no baud rate, and
 * the transmit FIFO is full exactly when the host does not keep up.
 */
#include "dev/pl011.h"

#include <stddef.h>

#include "core/gic.h"
#include "core/log.h"
#include "core/mmio.h"
#include "dev/tty.h"

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
#define PERIPH_ID 0xfe0

#define FR_RXFE 0x10u
#define FR_TXFF 0x20u
#define FR_RXFF 0x40u
#define FR_TXFE 0x80u
#define FR_BUSY 0x08u

#define LCR_H_FEN 0x10u
#define CR_LBE 0x80u
#define CR_RESET 0x300u
#define IFLS_RESET 0x12u

#define INT_RX 0x10u
#define INT_TX 0x20u
#define INT_RT 0x40u
#define INT_ALL 0x7ffu

#define FIFO_SIZE 16

struct pl011 {
	struct tty tty;
	unsigned spi;
	int terminal; /* has one of the host's */
	int line; /* level of the SPI as the vGIC knows it */
	uint32_t ilpr;
	uint32_t ibrd;
	uint32_t fbrd;
	uint32_t lcr_h;
	uint32_t cr;
	uint32_t ifls;
	uint32_t imsc;
	uint32_t ris;
	uint32_t dmacr;
	uint8_t fifo[FIFO_SIZE];
	unsigned fifo_head;
	unsigned fifo_count;
};

static struct pl011 uarts[CONFIG_MAX_PL011];
static unsigned uart_count;

static void update_line(struct pl011 *uart)
{
	int line = (uart->ris & uart->imsc) != 0;

	if (line != uart->line) {
		uart->line = line;
		gic_set_level(uart->spi, line);
	}
}

/* -- Receiving ----------------------------------------------------------- */

static unsigned depth(const struct pl011 *uart)
{
	return (uart->lcr_h & LCR_H_FEN) != 0 ? FIFO_SIZE : 1;
}

/* Section 3.3.12: 1/8, 1/4, 1/2, 3/4, 7/8 of the FIFO. */
static unsigned rx_trigger(const struct pl011 *uart)
{
	static const uint8_t level[8] = { 2, 4, 8, 12, 14, 14, 14, 14 };

	return (uart->lcr_h & LCR_H_FEN) != 0 ? level[uart->ifls >> 3 & 7] : 1;
}

/* The receive interrupts follow the FIFO; no timer for the "timeout" one. */
static void update_rx(struct pl011 *uart)
{
	uart->ris &= ~(INT_RX | INT_RT);
	if (uart->fifo_count >= rx_trigger(uart)) {
		uart->ris |= INT_RX;
	}
	if (uart->fifo_count > 0) {
		uart->ris |= INT_RT;
	}
}

static unsigned room(void *ctx)
{
	const struct pl011 *uart = ctx;
	unsigned size = depth(uart);

	return uart->fifo_count < size ? size - uart->fifo_count : 0;
}

static void receive(void *ctx, const uint8_t *bytes, unsigned n)
{
	struct pl011 *uart = ctx;
	unsigned i;

	for (i = 0; i < n && uart->fifo_count < FIFO_SIZE; i++) {
		uart->fifo[(uart->fifo_head + uart->fifo_count++) % FIFO_SIZE] =
			bytes[i];
	}
	update_rx(uart);
	update_line(uart);
}

static uint32_t read_data(struct pl011 *uart)
{
	uint32_t byte;

	if (uart->fifo_count == 0) {
		return 0;
	}
	byte = uart->fifo[uart->fifo_head];
	uart->fifo_head = (uart->fifo_head + 1) % FIFO_SIZE;
	uart->fifo_count--;
	update_rx(uart);
	update_line(uart);
	if (uart->terminal) {
		tty_resume(&uart->tty);
	}
	return byte;
}

/* -- Transmitting -------------------------------------------------------- */

static void write_data(struct pl011 *uart, uint8_t byte)
{
	if ((uart->cr & CR_LBE) != 0) {
		if (room(uart) > 0) {
			receive(uart, &byte, 1);
		}
	} else if (uart->terminal && !tty_put(&uart->tty, byte)) {
		return; /* the driver ignored FR.TXFF: lost, as in hardware */
	}
	/* Sent at once: the FIFO passes its trigger, unless the host lags. */
	if (!uart->terminal || !tty_full(&uart->tty)) {
		uart->ris |= INT_TX;
	} else {
		uart->ris &= ~INT_TX;
	}
	update_line(uart);
}

static void drained(void *ctx)
{
	struct pl011 *uart = ctx;

	uart->ris |= INT_TX;
	update_line(uart);
}

static uint32_t flags(const struct pl011 *uart)
{
	uint32_t fr = 0;

	fr |= uart->fifo_count == 0 ? FR_RXFE : 0;
	fr |= uart->fifo_count >= depth(uart) ? FR_RXFF : 0;
	fr |= uart->terminal && tty_full(&uart->tty) ? FR_TXFF : 0;
	fr |= uart->terminal && tty_pending(&uart->tty) ? FR_BUSY : FR_TXFE;
	return fr;
}

/* -- Registers ----------------------------------------------------------- */

static uint32_t read_id(uint64_t offset)
{
	/* Revision 1: 16-byte FIFOs (sections 3.3.16 to 3.3.23). */
	static const uint8_t id[] = { 0x11, 0x10, 0x14, 0x00,
				      0x0d, 0xf0, 0x05, 0xb1 };

	return id[(offset - PERIPH_ID) / 4];
}

static uint32_t read_register(struct pl011 *uart, uint64_t offset)
{
	switch (offset) {
	case DR:
		return read_data(uart);
	case FR:
		return flags(uart);
	case ILPR:
		return uart->ilpr;
	case IBRD:
		return uart->ibrd;
	case FBRD:
		return uart->fbrd;
	case LCR_H:
		return uart->lcr_h;
	case CR:
		return uart->cr;
	case IFLS:
		return uart->ifls;
	case IMSC:
		return uart->imsc;
	case RIS:
		return uart->ris;
	case MIS:
		return uart->ris & uart->imsc;
	case DMACR:
		return uart->dmacr;
	default:
		return offset >= PERIPH_ID ? read_id(offset) : 0;
	}
}

static void write_lcr_h(struct pl011 *uart, uint32_t value)
{
	if (((uart->lcr_h ^ value) & LCR_H_FEN) != 0) {
		uart->fifo_count = 0; /* section 3.3.7: changing FEN flushes */
		uart->fifo_head = 0;
	}
	uart->lcr_h = value & 0xff;
	update_rx(uart);
	if (uart->terminal) {
		tty_resume(&uart->tty);
	}
}

static void write_register(struct pl011 *uart, uint64_t offset, uint32_t value)
{
	switch (offset) {
	case DR:
		write_data(uart, (uint8_t)value);
		return;
	case ILPR:
		uart->ilpr = value & 0xff;
		return;
	case IBRD:
		uart->ibrd = value & 0xffff;
		return;
	case FBRD:
		uart->fbrd = value & 0x3f;
		return;
	case LCR_H:
		write_lcr_h(uart, value);
		break;
	case CR:
		uart->cr = value & 0xffff;
		return;
	case IFLS:
		uart->ifls = value & 0x3f;
		update_rx(uart);
		break;
	case IMSC:
		uart->imsc = value & INT_ALL;
		break;
	case ICR:
		/* The receive ones follow the FIFO, as if read again. */
		uart->ris &= ~value;
		update_rx(uart);
		break;
	case DMACR:
		uart->dmacr = value & 7;
		return;
	default:
		return;
	}
	update_line(uart);
}

static void access(void *ctx, struct mmio_access *access)
{
	struct pl011 *uart = ctx;
	uint64_t offset = access->offset & ~3ull;

	if (access->write) {
		if (access->offset == offset) {
			write_register(uart, offset, (uint32_t)access->value);
		}
	} else {
		access->value = read_register(uart, offset) >>
				(8 * (access->offset & 3));
	}
}

void pl011_init(const struct config_device *row)
{
	struct pl011 *uart = &uarts[uart_count];
	const struct tty_client client = {
		.room = room,
		.receive = receive,
		.drained = drained,
		.ctx = uart,
	};
	const struct mmio_window window = {
		.gpa = row->gpa,
		.size = row->size,
		.widths = MMIO_1 | MMIO_2 | MMIO_4,
		.handler = access,
		.ctx = uart,
	};

	uart->spi = row->spi;
	uart->cr = CR_RESET;
	uart->ifls = IFLS_RESET;
	uart->terminal = row->path != NULL;
	uart_count++;
	mmio_claim(&window);
	if (uart->terminal) {
		tty_open(&uart->tty, row->path, &client);
	}
}

void pl011_dt(const struct config_device *row, struct dt *dt)
{
	static const char compatible[] = "arm,pl011\0arm,primecell";
	static const char clock_names[] = "uartclk\0apb_pclk";
	static const uint32_t clocks[] = { DT_PHANDLE_CLOCK, DT_PHANDLE_CLOCK };
	const uint64_t reg[] = { row->gpa, row->size };

	dt_begin_at(dt, "pl011", row->gpa);
	dt_strings(dt, "compatible", compatible);
	dt_reg(dt, reg, 1);
	dt_spi(dt, row->spi, DT_IRQ_LEVEL_HIGH);
	dt_cells(dt, "clocks", clocks, 2);
	dt_strings(dt, "clock-names", clock_names);
	dt_end(dt);
}
