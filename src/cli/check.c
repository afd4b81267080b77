/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/check.h"

#include "cli/show.h"
#include "conf/load.h"
#include "io/proc.h"

#include <stdlib.h>

static json_t *to_json(const struct conf_report *report, bool good)
{
	json_t *list = json_array();
	char file[sizeof(report->file)];

	for (size_t i = 0; i < report->count; i++) {
		const struct conf_message *m = &report->messages[i];
		char text[CONF_REPORT_TEXT];

		(void)snprintf(text, sizeof(text), "%s", m->text);
		term_clean(text); /* words of the file may be any bytes */
		json_array_append_new(list, json_pack("{s:s, s:i, s:i, s:s}", "severity",
						      conf_severity_name(m->severity), "line",
						      (int)m->pos.line, "column",
						      (int)m->pos.column, "text", text));
	}
	(void)snprintf(file, sizeof(file), "%s", report->file);
	term_clean(file);
	return json_pack("{s:s, s:b, s:i, s:i, s:o}", "file", file, "ok", good, "errors",
			 (int)report->errors, "warnings", (int)report->warnings, "messages", list);
}

static void show(const struct term *t, const struct conf_report *report, const struct conf *conf,
		 const json_t *data)
{
	show_report(t, data);
	if (report->errors + report->warnings > report->count)
		term_line(t, TINT_NONE, "and %zu more",
			  report->errors + report->warnings - report->count);
	if (conf)
		term_line(t, TINT_GOOD, "%s: good: node %s, tunnels %zu, routes %zu, vrrp %zu",
			  report->file, conf->node, conf->tunnel_count, conf->route_count,
			  conf->vrrp_count);
	else
		term_line(t, TINT_BAD, "%s: %zu error%s; futaed would keep what it has",
			  report->file, report->errors, report->errors == 1 ? "" : "s");
}

bool check_file(const char *path, bool json, const struct term *t)
{
	struct conf_report *report = calloc(1, sizeof(*report));
	struct conf *conf = NULL;
	json_t *data;
	bool good;

	if (!report)
		abort();
	proc_override_permissions(false); /* root may read here what futaed may not */
	good = conf_load_file(path, report, &conf) == 0;
	proc_override_permissions(true);
	data = to_json(report, good);
	if (json) {
		(void)json_dumpf(data, t->file, JSON_INDENT(2));
		(void)fputc('\n', t->file);
	} else {
		show(t, report, conf, data);
	}
	json_decref(data);
	conf_free(conf);
	free(report);
	return good;
}
