/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every feature is handed when it is made: the shared nouns and the way to the kernel. */
#ifndef SVC_ENV_H
#define SVC_ENV_H

struct agrees;
struct board;
struct liveness;
struct loop;
struct nl;
struct paths;
struct records;
struct stamp_hook;

struct env {
	struct loop *loop;
	struct nl *nl;
	struct board *board;
	struct paths *paths;
	struct records *records;
	struct agrees *agrees; /* what both ends of a tunnel tell each other */
	struct liveness *live; /* wire/liveness.h */
	struct stamp_hook *stamp; /* what two futae tell each other; NULL: nothing */
};

#endif
