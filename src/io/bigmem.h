/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for buffers that are worked through again and again: in huge pages where the kernel has
 * them, since with small ones every packet finds the address translation cache cold.
 */
#ifndef IO_BIGMEM_H
#define IO_BIGMEM_H

#include <stddef.h>

/* Zeroed and aligned to a huge page; NULL: no memory.  In small pages where there are no others. */
void *bigmem_new(size_t size);
void bigmem_free(void *mem, size_t size); /* the same size; NULL is fine */

#endif
