/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages: formatted into a line on the stack, written with one system call
 * so that lines of several partitions do not mix.
 */
#include "core/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/sys.h"

#define STDERR 2
#define GUEST_LINES_PER_SECOND 10

static void (*exit_hook)(void);
static int ring; /* 0: none */
static int64_t guest_second = -1;
static unsigned guest_lines;

static void write_line(const char *format, va_list args)
{
	char line[LOG_LINE_MAX];
	int head = snprintf(line, sizeof(line), LOG_MARK);
	int n = vsnprintf(line + head, sizeof(line) - 2 - (size_t)head, format,
			  args);
	size_t len = (size_t)head + (n < 0 ? 0 : (size_t)n);

	if (len > sizeof(line) - 3) {
		len = sizeof(line) - 3;
	}
	/* The terminal may be raw: return the carriage as well. */
	line[len] = '\r';
	line[len + 1] = '\n';
	sys_write(STDERR, line, len + 2);
	if (ring > 0) {
		line[len] = '\n';
		sys_write(ring, line, len + 1);
	}
}

void log_line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(format, args);
	va_end(args);
}

/* True if the guest may have one more line in this second. */
static int guest_may_log(void)
{
	struct sys_timespec now = { 0, 0 };
	unsigned dropped;

	if (sys_clock_gettime(SYS_CLOCK_MONOTONIC, &now) < 0) {
		return 0;
	}
	if (now.sec != guest_second) {
		dropped = guest_lines > GUEST_LINES_PER_SECOND ?
				  guest_lines - GUEST_LINES_PER_SECOND :
				  0;
		guest_second = now.sec;
		guest_lines = 0;
		if (dropped > 0) {
			log_line("%u more messages about the guest dropped",
				 dropped);
			guest_lines = 1;
		}
	}
	return ++guest_lines <= GUEST_LINES_PER_SECOND;
}

void log_guest(const char *format, ...)
{
	va_list args;

	if (!guest_may_log()) {
		return;
	}
	va_start(args, format);
	write_line(format, args);
	va_end(args);
}

void log_to_ring(int fd)
{
	ring = fd;
}

void log_set_exit_hook(void (*hook)(void))
{
	exit_hook = hook;
}

void log_fatal(enum exit_code code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(format, args);
	va_end(args);
	if (exit_hook) {
		exit_hook();
	}
	sys_exit(code);
}
