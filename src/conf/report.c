/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/report.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void conf_report_init(struct conf_report *report, const char *file)
{
	report->errors = report->warnings = report->count = 0;
	(void)snprintf(report->file, sizeof(report->file), "%s", file);
}

void conf_report_add(struct conf_report *report, enum conf_severity severity, struct conf_pos pos,
		     const char *fmt, ...)
{
	struct conf_message *m;
	va_list ap;

	if (severity == CONF_ERROR)
		report->errors++;
	else
		report->warnings++;
	if (report->count == CONF_REPORT_MAX)
		return;
	m = &report->messages[report->count++];
	m->severity = severity;
	m->pos = pos;
	va_start(ap, fmt);
	(void)vsnprintf(m->text, sizeof(m->text), fmt, ap);
	va_end(ap);
	/* Texts quote what the file says: no line break of theirs may forge a message of ours. */
	for (char *c = m->text; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
}

static int compare(const void *a, const void *b)
{
	const struct conf_message *x = a, *y = b;

	if (x->pos.line != y->pos.line)
		return x->pos.line < y->pos.line ? -1 : 1;
	if (x->pos.column != y->pos.column)
		return x->pos.column < y->pos.column ? -1 : 1;
	return strcmp(x->text, y->text);
}

void conf_report_sort(struct conf_report *report)
{
	qsort(report->messages, report->count, sizeof(report->messages[0]), compare);
}

const struct conf_message *conf_report_first_error(const struct conf_report *report)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->messages[i].severity == CONF_ERROR)
			return &report->messages[i];
	return NULL;
}

const char *conf_severity_name(enum conf_severity severity)
{
	return severity == CONF_ERROR ? "error" : "warning";
}

void conf_report_print(const struct conf_report *report, FILE *out)
{
	size_t found = report->errors + report->warnings;

	for (size_t i = 0; i < report->count; i++) {
		const struct conf_message *m = &report->messages[i];

		(void)fprintf(out, "%s:", report->file);
		if (m->pos.line)
			(void)fprintf(out, "%u:%u:", m->pos.line, m->pos.column);
		(void)fprintf(out, " %s%s\n", m->severity == CONF_WARNING ? "warning: " : "",
			      m->text);
	}
	if (found > report->count)
		(void)fprintf(out, "%s: %zu more\n", report->file, found - report->count);
}
