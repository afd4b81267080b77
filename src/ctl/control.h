/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs of the control socket, over the daemon's objects. */
#ifndef CTL_CONTROL_H
#define CTL_CONTROL_H

#include "base/err.h"

struct control;
struct daemon;
struct loop;

/* Listens at RUN_DIR/control.sock and keeps the log's lines for `futae events`; NULL and *err. */
struct control *control_new(struct daemon *d, struct loop *loop, const char *run_dir,
			    struct err *err);
void control_free(struct control *c);

#endif
