/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What both ends of a tunnel tell each other (fsm/agree.h), for every tunnel of this node.  The
 * words travel with the health checks of either end: whoever builds one asks for our word, and
 * whoever receives one brings the peer's.
 */
#ifndef SVC_AGREE_H
#define SVC_AGREE_H

#include "base/buf.h"
#include "conf/model.h"
#include "fsm/agree.h"
#include "svc/env.h"
#include "svc/path.h"

struct agrees;
struct answers;
struct healths;
struct ifaces;
struct routes;
struct stamp_hook;
struct vrrps;

struct agrees_parts {
	struct healths *healths;
	struct routes *routes;
	struct answers *answers;
	struct vrrps *vrrps;
	struct ifaces *ifaces;
};

struct agrees *agrees_new(const struct env *env, const struct agrees_parts *parts);
void agrees_free(struct agrees *as);
int agrees_apply(struct agrees *as, const struct conf *conf);
void agrees_prune(struct agrees *as);

/* Our word for the other end of this path, AGREE_WORD_LEN bytes; or 0: we say nothing.  `as`
 * may be NULL. */
size_t agrees_say(struct agrees *as, const struct path *p, uint8_t out[AGREE_WORD_LEN]);
/* What came by this path, and may be anything. */
void agrees_hear(struct agrees *as, const struct path *p, struct view word);

/* For explanations: NULL when nothing is known of that tunnel. */
const struct agree *agrees_get(const struct agrees *as, const struct path *p);
/* For env->stamp, which carries the words in STAMP packets. */
struct stamp_hook *agrees_stamp_hook(struct agrees *as);
bool agrees_is_led(const struct agrees *as, const struct path *p);

#endif
