/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which addresses this node has, asked of the kernel once for everybody who wants to know it of
 * thousands of devices: one dump each would cost the square.
 */
#ifndef SVC_SURVEY_H
#define SVC_SURVEY_H

#include "base/addr.h"

#include <stdbool.h>
#include <stddef.h>

struct nl;

struct survey {
	struct survey_address {
		struct addr addr;
		int index; /* of its device */
	} * list; /* owned; in order */
	size_t count, room;
	bool failed; /* memory ran out */
};

/* Fills an empty one: 0 or -errno. */
int survey_take(struct survey *s, struct nl *nl);
void survey_done(struct survey *s);
/* What was added to a device since. */
void survey_add(struct survey *s, const struct addr *addr, int index);
void survey_forget(struct survey *s, const struct addr *addr, int index);
/* Whether this device has the address, and whether another has. */
void survey_look(const struct survey *s, const struct addr *addr, int index, bool *here,
		 bool *elsewhere);

#endif
