/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loading configuration text in tests, and the report as text.  Include it after cmocka. */
#ifndef TESTS_CONF_TEXT_H
#define TESTS_CONF_TEXT_H

#include "conf/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct conf_report report;

static inline char *report_text(void)
{
	static char text[2 * CONF_REPORT_MAX * CONF_REPORT_TEXT];
	FILE *out = fmemopen(text, sizeof(text), "w");
	char *copy;

	assert_non_null(out);
	text[0] = '\0'; /* nothing printed leaves it alone */
	conf_report_print(&report, out);
	assert_int_equal(fclose(out), 0);
	copy = strdup(text);
	assert_non_null(copy);
	return copy;
}

/* A model, or NULL when the text is wrong. */
static inline struct conf *load_text(const char *text)
{
	struct conf *conf = NULL;
	int rc = conf_load_text(text, strlen(text), "f", NULL, &report, &conf);

	assert_true((rc == 0) == (conf != NULL));
	assert_true((rc != 0) == (report.errors > 0));
	return conf;
}

static inline struct conf *load_good(const char *text)
{
	struct conf *conf = load_text(text);
	char *said = report_text();

	if (!conf)
		print_message("%s", said);
	free(said);
	assert_non_null(conf);
	return conf;
}

#endif
