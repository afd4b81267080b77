/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory shared with a sibling process by passing a file descriptor. */
#ifndef IO_SHM_H
#define IO_SHM_H

#include "base/err.h"

#include <stddef.h>

/* Zeroed, mapped read-write, its size sealed so that no holder of the fd can make a reader fault.
 */
void *shm_new(const char *name, size_t size, int *fd, struct err *err);
/* Maps what came from a sibling: NULL unless it has this size and is sealed against shrinking. */
void *shm_map(int fd, size_t size, struct err *err);
void shm_free(void *mem, size_t size, int fd);

#endif
