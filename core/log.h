/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line a message on standard error, "bedplate: " first. What a guest can
 * cause goes through log_guest(), which is rate-limited.
 */
#pragma once

#include <stdint.h>

/* How the process ends; docs/config.md lists the meanings. */
enum exit_code {
	EXIT_POWEROFF = 0,
	EXIT_GUEST_CRASH = 2,
	EXIT_GUEST_RESET = 3,
	EXIT_QUIT = 4,
	EXIT_NO_KVM = 10,
	EXIT_KVM_FEATURE = 11,
	EXIT_GIC = 12,
	EXIT_MEMORY = 13,
	EXIT_DISK = 15,
	EXIT_HOST = 16,
	EXIT_NET = 17,
	EXIT_VHOST = 18,
	EXIT_SHMEM = 19,
	EXIT_VFIO = 20,
	EXIT_BUG = 70,
};

#define LOG_LINE_MAX 256
#define LOG_MARK "bedplate: " /* how each begins */

__attribute__((format(printf, 1, 2))) void log_line(const char *format, ...);

/*
 * The same for what the guest did: at most 10 lines a second, then one that
 * counts the rest.
 */
__attribute__((format(printf, 1, 2))) void log_guest(const char *format, ...);

/*
 * Prints the line and ends the process with that code (its hook gives the
 * terminal back first). For start-up, where nothing is unwound.
 */
__attribute__((format(printf, 2, 3), noreturn)) void
log_fatal(enum exit_code code, const char *format, ...);

/*
 * Each further line is also written there, by one call; the descriptor is the
 * log's from then on.
 */
void log_to_ring(int fd);

/* Called by log_fatal() before it exits; one hook, set once. */
void log_set_exit_hook(void (*hook)(void));

/* For our own invariants only, never for what a guest or a host does. */
#define BUG_ON(condition)                                                  \
	do {                                                               \
		if (__builtin_expect(!!(condition), 0)) {                  \
			log_fatal(EXIT_BUG, "bug: %s at %s:%d; report it", \
				  #condition, __FILE__, __LINE__);         \
		}                                                          \
	} while (0)
