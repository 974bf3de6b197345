/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What newlib's formatter refers to but never calls for a buffer of fixed
 * size: the reentrant allocator. There is no heap: it has nothing to give.
 */
#include <stddef.h>

struct _reent;

void *_malloc_r(struct _reent *reent, size_t size);
void *_realloc_r(struct _reent *reent, void *old, size_t size);
void _free_r(struct _reent *reent, void *old);

void *_malloc_r(struct _reent *reent, size_t size)
{
	(void)reent;
	(void)size;
	return NULL;
}

void *_realloc_r(struct _reent *reent, void *old, size_t size)
{
	(void)reent;
	(void)old;
	(void)size;
	return NULL;
}

void _free_r(struct _reent *reent, void *old)
{
	(void)reent;
	(void)old;
}
