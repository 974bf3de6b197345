/* SPDX-License-Identifier: Apache-2.0 */
/*
 * M66: a stage 2 fault on every page of RAM, in an order that helps nobody.
 * Pages are zero at first (but for image and device tree), keep what is
 * written, and there are as many as the device tree says.
 */
#include "arm.h"
#include "check.h"
#include "say.h"
#include "tree.h"

#define PAGE 4096ull

extern const char _image_start[];

static bool mine(uint64_t page)
{
	uint64_t fdt = guest_fdt() & ~(PAGE - 1);

	return (page >= (uintptr_t)_image_start && page < ram_free()) ||
	       (page >= fdt && page < guest_fdt() + tree_size(guest_fdt()));
}

/* All pages once: an odd stride is coprime to the power-of-two count. */
static uint64_t nth_page(uint64_t n, uint64_t pages)
{
	return ram_base() + n * 2731 % pages * PAGE;
}

static int first_touch(uint64_t pages)
{
	unsigned int dirty = 0;

	for (uint64_t n = 0; n < pages; n++) {
		uint64_t page = nth_page(n, pages);
		volatile uint64_t *word = (volatile uint64_t *)page;

		if (mine(page)) {
			continue;
		}
		dirty += word[0] != 0 || word[511] != 0;
		word[0] = page;
		word[511] = ~page;
	}
	say("%u of %lu pages were not zero\n", dirty, pages);
	return 0;
}

static int verify(uint64_t pages)
{
	for (uint64_t n = 0; n < pages; n++) {
		uint64_t page = ram_base() + n * PAGE;
		volatile uint64_t *word = (volatile uint64_t *)page;

		if (!mine(page)) {
			MUST(word[0] == page && word[511] == ~page);
		}
	}
	return 0;
}

int main(void)
{
	uint64_t pages = ram_size() / PAGE;
	uint64_t start = counter();

	MUST(pages % 2731 != 0);
	MUST_PASS(first_touch(pages));
	MUST_PASS(verify(pages));
	say("%lu pages in %lu ms\n", pages, (counter() - start) * 1000 /
	    sysreg_read("cntfrq_el0"));
	return 0;
}
