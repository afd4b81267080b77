/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What futae-esp may still do once it runs: it reads packets of strangers. */
#ifndef ESP_SANDBOX_H
#define ESP_SANDBOX_H

#include "base/err.h"

/* From now on only the system calls of the running loop; any other ends the process. */
int sandbox_enter(struct err *err);

#endif
