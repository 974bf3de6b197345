/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Confirms the slot of a flash disk. Its state is variables of U-Boot, as its
 * "env export -c" writes them: a CRC-32, then NAME=VALUE strings, zeros.
 */
#include "boot/slot.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <stdint.h>
#include <string.h>

#include "boot/text.h"
#include "core/config.h"
#include "core/log.h"
#include "core/sys.h"

#define CMDLINE_BYTES 2048 /* COMMAND_LINE_SIZE of arm64 Linux */
#define CRC_BYTES 4
#define TEXT(x) TEXT_OF(x)
#define TEXT_OF(x) #x
#define CONFIRMED "slot_good=?\0slot_tries=0\0slot_version=" TEXT(SLOT_FORMAT)

struct state {
	uint32_t crc; /* of text; little-endian */
	char text[SLOT_STATE_BYTES - CRC_BYTES];
};

char slot_booted(void)
{
	static char cmdline[CMDLINE_BYTES + 1];
	const struct sys_iovec iov = { cmdline, CMDLINE_BYTES };
	const char *slot = NULL;
	const char *at;
	long fd, got;

	if (!config_board.flash_disk) {
		return 0;
	}
	fd = sys_open("/proc/cmdline", O_RDONLY);
	if (fd < 0) {
		return 0;
	}
	got = sys_preadv((int)fd, &iov, 1, 0);
	sys_close((int)fd);
	cmdline[got < 0 ? 0 : got] = '\0';
	for (at = cmdline; *at != '\0' && !slot; at++) {
		slot = text_after(at, "bedplate.slot=");
	}
	return slot ? *slot : 0;
}

/* As zlib's, and U-Boot's. */
static uint32_t crc32(const char *data, size_t len)
{
	uint32_t crc = ~0u;
	unsigned bit;

	for (; len > 0; len--) {
		crc ^= (uint8_t)*data++;
		for (bit = 0; bit < 8; bit++) {
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
		}
	}
	return ~crc;
}

/* What follows "NAME=" of a valid state, or "". */
static const char *value(const struct state *state, const char *name)
{
	const char *end = state->text + sizeof(state->text) - 1;
	const char *at = state->text;

	while (at < end && *at != '\0') {
		const char *found = text_after(at, name);

		if (found) {
			return found;
		}
		at += strlen(at) + 1;
	}
	return "";
}

/* The first valid copy; 0 if there is none. */
static int read_state(int fd, struct state *state)
{
	const struct sys_iovec iov = { state, sizeof(*state) };
	uint64_t at;
	unsigned copy;

	for (copy = 0; copy < 2; copy++) {
		at = SLOT_STATE_OFFSET + copy * SLOT_STATE_COPY;
		if (sys_preadv(fd, &iov, 1, at) == sizeof(*state) &&
		    state->crc == crc32(state->text, sizeof(state->text))) {
			state->text[sizeof(state->text) - 1] = '\0';
			return 1;
		}
	}
	return 0;
}

/* One copy after the other: a power cut leaves one of them. */
static long write_state(int fd, char good)
{
	struct state state = { 0 };
	const struct sys_iovec iov = { &state, sizeof(state) };
	unsigned copy;
	long ret = sizeof(state);

	memcpy(state.text, CONFIRMED, sizeof(CONFIRMED));
	state.text[sizeof("slot_good=") - 1] = good;
	state.crc = crc32(state.text, sizeof(state.text));
	for (copy = 0; copy < 2 && ret == sizeof(state); copy++) {
		ret = sys_pwritev(fd, &iov, 1,
				  SLOT_STATE_OFFSET + copy * SLOT_STATE_COPY);
	}
	if (ret < 0) {
		return ret;
	}
	return ret == sizeof(state) ? 0 : -EIO;
}

static void confirm(int fd, char slot)
{
	struct state state;
	long ret;

	if (read_state(fd, &state)) {
		const char *version = value(&state, "slot_version=");
		const char *rest = text_after(version, TEXT(SLOT_FORMAT));

		if (!rest || *rest != '\0') {
			log_line("%s: slot state of format %s, not %d; slot %c "
				 "is not confirmed, write a newer image",
				 config_board.flash_disk, version, SLOT_FORMAT,
				 slot);
			return;
		}
		if (value(&state, "slot_good=")[0] == slot) {
			return;
		}
	}
	ret = write_state(fd, slot);
	if (ret < 0) {
		log_line("%s: error %ld; slot %c is not confirmed",
			 config_board.flash_disk, ret, slot);
		return;
	}
	log_line("%s: slot %c is good", config_board.flash_disk, slot);
}

void slot_confirm(void)
{
	const char slot = slot_booted();
	long fd;

	if (slot == 0) {
		return;
	}
	fd = sys_open(config_board.flash_disk, O_RDWR | O_DSYNC);
	if (fd < 0) {
		log_line("%s: error %ld; slot %c is not confirmed, correct "
			 "BOARD_FLASH_DISK",
			 config_board.flash_disk, fd, slot);
		return;
	}
	confirm((int)fd, slot);
	sys_close((int)fd);
}
