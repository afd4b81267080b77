/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is wrong in a configuration, each with its place: `file:line:col: what is wrong;
 * what to write`.  Bounded: the first CONF_REPORT_MAX are kept, all are counted.
 */
#ifndef CONF_REPORT_H
#define CONF_REPORT_H

#include <stdio.h>

#define CONF_REPORT_MAX 100
#define CONF_REPORT_TEXT 256

enum conf_severity { CONF_ERROR, CONF_WARNING };

/* Both from 1; line 0: the file as a whole. */
struct conf_pos {
	unsigned line, column;
};

struct conf_message {
	enum conf_severity severity;
	struct conf_pos pos;
	char text[CONF_REPORT_TEXT];
};

/* About 27 kB, holds no pointers: copy it, or let it go. */
struct conf_report {
	char file[256];
	size_t errors, warnings; /* found */
	size_t count; /* kept, in the order of the file */
	struct conf_message messages[CONF_REPORT_MAX];
};

void conf_report_init(struct conf_report *report, const char *file);
__attribute__((format(printf, 4, 5))) void conf_report_add(struct conf_report *report,
							   enum conf_severity severity,
							   struct conf_pos pos, const char *fmt,
							   ...);
void conf_report_sort(struct conf_report *report); /* by place */
/* NULL: no error is among those kept. */
const struct conf_message *conf_report_first_error(const struct conf_report *report);
/* One line per message: "gw.yaml:3:5: TEXT", warnings as "gw.yaml:3:5: warning: TEXT". */
void conf_report_print(const struct conf_report *report, FILE *out);
const char *conf_severity_name(enum conf_severity severity); /* "error" */

#endif
