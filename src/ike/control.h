/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The main thread: takes orders from futaed, tells it what happens, and dials. */
#ifndef IKE_CONTROL_H
#define IKE_CONTROL_H

#include <stdbool.h>

/* Before charon starts: what its threads call from then on. */
bool control_init(int futaed);
/* Until SIGTERM, SIGINT, or nobody is left to serve. */
void control_run(void);
void control_done(void);

#endif
