/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records of before a warm reset, by pstore. They may hold anything: RAM
 * forgets, and a partition whose VMM was taken over writes there. So what is
 * read is bounded, only lines with our own mark count, and only printable
 * bytes are printed.
 */
#include "boot/last.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <string.h>

#include "boot/text.h"
#include "core/config.h"
#include "core/log.h"
#include "core/sys.h"

#define STORE "/sys/fs/pstore"
#define PANIC "Kernel panic"
#define LINES 10 /* that are printed */
/* 10 of our lines, and what a panic prints behind its first line. */
#define TEXT_BYTES 8192

static char text[TEXT_BYTES + 1];

/* Lines end with a NUL then, and so does the text. */
static void make_printable(size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (text[i] == '\n') {
			text[i] = '\0';
		} else if (text[i] < ' ' || text[i] > '~') {
			text[i] = '?';
		}
	}
	text[n] = '\0';
}

/* The end of a record, which is no longer there then; its bytes, 0: none. */
static size_t take_record(const char *path)
{
	const struct sys_iovec iov = { text, TEXT_BYTES };
	struct sys_file_info info;
	long fd = sys_open(path, O_RDONLY);
	long n;

	if (fd == -ENOENT) {
		return 0;
	}
	n = fd < 0 ? fd : sys_file_info((int)fd, &info);
	if (n >= 0) {
		n = sys_preadv((int)fd, &iov, 1,
			       info.size > TEXT_BYTES ? info.size - TEXT_BYTES :
							0);
	}
	if (fd >= 0) {
		sys_close((int)fd);
	}
	/* Otherwise the next start would take it for its own. */
	fd = sys_unlink(path);
	if (n < 0 || fd < 0) {
		log_line("%s: cannot be read (%ld) or removed (%ld)", path, n,
			 fd);
	}
	if (n <= 0) {
		return 0;
	}
	make_printable((size_t)n);
	return (size_t)n;
}

/* True if the host kernel panicked: that is the reason. */
static int report_panic(void)
{
	size_t n = take_record(STORE "/dmesg-ramoops-0");
	size_t at;

	if (n == 0) {
		return 0;
	}
	for (at = 0; at < n && !text_after(text + at, PANIC); at++) {
	}
	log_line("last restart: %s", at < n ? text + at : PANIC);
	return 1;
}

static void report_ring(int has_reason)
{
	const char *last[LINES];
	const char *reason = NULL;
	size_t n = take_record(STORE "/pmsg-ramoops-0");
	unsigned count = 0, i;
	int in_order = 0;
	size_t at;

	for (at = 0; at < n; at += strlen(text + at) + 1) {
		const char *line = text_after(text + at, LOG_MARK);
		const char *failure;

		if (!line) {
			continue;
		}
		last[count++ % LINES] = line;
		failure = text_after(line, LAST_FAILURE);
		if (failure) {
			reason = failure;
			in_order = 0;
		} else if (text_after(line, LAST_RECOVERY)) {
			reason = NULL;
			in_order = 0;
		} else if (text_after(line, LAST_ORDER)) {
			reason = line;
			in_order = 1;
		}
	}
	if (count > 0 && !has_reason) {
		log_line("last restart: %s",
			 reason ? reason :
				  "without a reason written: reset by "
				  "the watchdog or by hand");
	}
	for (i = count > LINES ? count - LINES : 0;
	     i < count && (has_reason || !in_order); i++) {
		log_line("before: %s", last[i % LINES]);
	}
}

void last_report(void)
{
	long ret;

	if (config_board.log_bytes == 0) {
		return;
	}
	ret = sys_mount("pstore", STORE, "pstore");
	if (ret >= 0 || ret == -EBUSY) {
		report_ring(report_panic());
		ret = sys_open("/dev/pmsg0", O_WRONLY);
	}
	if (ret < 0) {
		log_line("pstore, /dev/pmsg0: error %ld; for a log that "
			 "survives a reset, start the host kernel with "
			 "host.dtb, and PSTORE_PMSG in it",
			 ret);
		return;
	}
	log_to_ring((int)ret);
}
