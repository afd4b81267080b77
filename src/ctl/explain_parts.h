/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An explanation while it is made, and who makes it for each kind of object. */
#ifndef CTL_EXPLAIN_PARTS_H
#define CTL_EXPLAIN_PARTS_H

#include "base/clock.h"

#include <jansson.h>

struct daemon;
struct path;
struct route;
struct tunnel;
struct vrrp;

struct explanation {
	const char *object, *kind;
	json_t *sentences, *evidence, *advice;
};

#define EXPLAIN_SPAN 32

struct explanation explanation_new(const char *object, const char *kind);
__attribute__((format(printf, 2, 3))) void explain_say(struct explanation *e, const char *fmt, ...);
__attribute__((format(printf, 2, 3))) void explain_evidence(struct explanation *e, const char *fmt,
							    ...);
__attribute__((format(printf, 2, 3))) void explain_advise(struct explanation *e, const char *fmt,
							  ...);
/* "512.3 ms", "3.0 s", "12 min" */
const char *explain_span(usec_t span, char out[static EXPLAIN_SPAN]);

/* What the other end says of the tunnel, as evidence. */
void explain_peer(struct daemon *d, const struct path *p, struct explanation *e);

/* Each fills *e and gives the state's name. */
const char *explain_tunnel(struct daemon *d, const struct tunnel *t, struct explanation *e);
const char *explain_route(struct daemon *d, const struct route *r, struct explanation *e);
const char *explain_vrrp(struct daemon *d, const struct vrrp *v, struct explanation *e);

#endif
