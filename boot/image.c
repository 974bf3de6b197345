/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's payload. The build has checked the image and that everything
 * fits, so that nothing is parsed here. A copy, not a mapping of the file: the
 * guest's first write to each page would cost a fault of its own.
 */
#include "boot/image.h"

#include <string.h>

#include "core/log.h"
#include "core/mem.h"

static void load(const struct config_blob *blob)
{
	void *to = mem_ptr(blob->gpa, blob->size);

	BUG_ON(!to);
	memcpy(to, blob->data, blob->size);
}

void image_load(const struct config_partition *partition)
{
	load(&partition->image);
	load(&partition->initrd);
}
