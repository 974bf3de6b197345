/* SPDX-License-Identifier: Apache-2.0 */
/* What PID 1 reads in lines of others: there is no parser. */
#pragma once

#include <stddef.h>

/* What follows the prefix of a string, or NULL if it has another. */
static inline const char *text_after(const char *text, const char *prefix)
{
	for (; *prefix != '\0'; prefix++, text++) {
		if (*text != *prefix) {
			return NULL;
		}
	}
	return text;
}
