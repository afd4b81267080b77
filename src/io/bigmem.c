/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/bigmem.h"

#include <stdint.h>
#include <sys/mman.h>

#define HUGE_PAGE ((size_t)2 << 20)

static size_t rounded(size_t size)
{
	return (size + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
}

/*
 * Where all memory is locked as it comes, the kernel fills it at once: nobody may touch it before
 * the kernel has heard in which pages we want it.
 */
void *bigmem_new(size_t size)
{
	size_t len = rounded(size), before;
	uint8_t *all = mmap(NULL, len + HUGE_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t *mem;

	if (all == MAP_FAILED)
		return NULL;
	before = -(uintptr_t)all & (HUGE_PAGE - 1);
	mem = all + before;
	if (before)
		(void)munmap(all, before);
	(void)munmap(mem + len, HUGE_PAGE - before);
	(void)madvise(mem, len, MADV_HUGEPAGE);
	if (mprotect(mem, len, PROT_READ | PROT_WRITE) == 0)
		return mem;
	(void)munmap(mem, len);
	return NULL;
}

void bigmem_free(void *mem, size_t size)
{
	if (mem)
		(void)munmap(mem, rounded(size));
}
