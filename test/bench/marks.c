// SPDX-License-Identifier: Apache-2.0
/* What a guest reported in its marks. */
#include "runner.h"

#include <stdio.h>
#include <string.h>

_Static_assert(RUN_LINE_MAX == 128, "the width in the format");

static int parse(const char *line, char *name, unsigned long long numbers[3])
{
	const char *rest = line + 1;
	int used = 0;

	if (line[0] != 'B') {
		return -1;
	}
	if (name && (sscanf(rest, " %127[a-z0-9_]%n", name, &used) != 1)) {
		return -1;
	}
	return sscanf(rest + used, " %llu %llu %llu", &numbers[0], &numbers[1],
		      &numbers[2]) == 3 &&
			       numbers[0] && numbers[2] ?
		       0 :
		       -1;
}

int marks_reported(const struct run *run, int first, char *name,
		   uint64_t *value, uint64_t *count)
{
	const struct mark *marks = &run->marks[first];
	unsigned long long numbers[3];
	double ns;

	if (first + 1 >= run->mark_count || strcmp(marks[0].line, "A") ||
	    parse(marks[1].line, name, numbers)) {
		return -1;
	}
	ns = (double)numbers[1] * 1e9 / (double)numbers[2] -
	     (double)(marks[1].at.idle - marks[0].at.idle);
	*count = numbers[0];
	*value = (uint64_t)(ns / (double)*count);
	return 0;
}
