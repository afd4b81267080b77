/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What futaed says to futae-esp: sockets, tunnels, answers; and what it is told. */
#ifndef ESP_CONTROL_H
#define ESP_CONTROL_H

struct esp;
struct ipc_word;
struct tunnel;
struct watch;

void control_read(struct watch *w);
/* Tells futaed how many SAs each tunnel has where that has changed. */
void control_tell_sas(struct esp *esp);
void control_tell_sa(struct esp *esp, struct tunnel *t);
void control_tell_word(struct esp *esp, const struct ipc_word *m);
void control_close_sockets(struct esp *esp);
/* Once a second: whether the kernel may go on joining packets. */
void control_mind_joins(struct esp *esp);

#endif
