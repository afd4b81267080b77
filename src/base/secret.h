/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys: wiped on every way out, compared in constant time, never printed. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

void secret_wipe(void *data, size_t len);
/* Wipes and frees; NULL is fine. */
void secret_free(void *data, size_t len);
bool secret_equal(const void *a, const void *b, size_t len);

#endif
