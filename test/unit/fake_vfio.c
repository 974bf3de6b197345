/* SPDX-License-Identifier: Apache-2.0 */
/* The host's devices: sysfs, VFIO. */
#include <linux/errno.h>

#include "test/unit/fake.h"

long sys_readlink(const char *path, char *buf, size_t len)
{
	(void)path;
	(void)buf;
	(void)len;
	return -ENOENT;
}
