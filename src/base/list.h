/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small helpers for arrays and embedded structs. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stddef.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#endif
