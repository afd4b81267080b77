/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One command in, one answer out, over a Unix socket: how the lab's scripts talk to its
 * running programs.  One caller at a time; the next one waits in the backlog.
 */
#ifndef LAB_CONTROL_H
#define LAB_CONTROL_H

#include <stdbool.h>
#include <stddef.h>

#define CONTROL_TEXT 1024

struct control {
	int listener, client; /* client -1: nobody is connected */
};

int control_open(struct control *c, const char *path); /* 0 or -errno */
void control_close(struct control *c);
/* The descriptor to poll for reading. */
int control_fd(const struct control *c);
/* After that was readable: true when a whole command is in text[], to be answered. */
bool control_read(struct control *c, char text[static CONTROL_TEXT]);
void control_answer(struct control *c, const char *text);

/* The other end: sends text, waits for the answer.  0 or -errno. */
int control_ask(const char *path, const char *text, char *answer, size_t size);

#endif
