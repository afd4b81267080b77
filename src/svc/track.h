/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Named tracks: conditions of the configuration, told on the board. */
#ifndef SVC_TRACK_H
#define SVC_TRACK_H

#include "conf/model.h"
#include "svc/board.h"
#include "svc/env.h"

struct tracks;

struct tracks *tracks_new(const struct env *env);
void tracks_free(struct tracks *ts);
int tracks_apply(struct tracks *ts, const struct conf *conf);
void tracks_prune(struct tracks *ts);

/* When the track of that name changes by its delay, or USEC_NEVER. */
usec_t tracks_change_at(const struct tracks *ts, const char *name);

/* The board's name for a kind of condition. */
enum board_kind track_board_kind(enum conf_cond_kind kind);

/* Whether the condition holds; whether it is lost only as what is held back is: others may win. */
bool track_cond_is_good(const struct board *b, const struct conf_cond *c);
bool track_cond_is_held(const struct board *b, const struct conf_cond *c);

#endif
