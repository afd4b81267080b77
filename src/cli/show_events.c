/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has happened and why: failover records, events, explanations, a reload's warnings. */
#include "cli/show.h"

#include "cli/field.h"

#include <stdlib.h>
#include <string.h>

/* ", detected +512.3"; null is "unknown", a negative time is one that there was none of. */
static void moment(const struct term *t, const char *words, const json_t *o, const char *key)
{
	double msec;

	if (!field_number(o, key, &msec))
		term_say(t, TINT_DIM, ", %s unknown", words);
	else if (msec >= 0)
		term_say(t, TINT_NONE, ", %s +%.1f", words, msec);
}

static void failover(const struct term *t, const json_t *o)
{
	char at[FIELD_TEXT], outage[FIELD_TEXT], lost[FIELD_TEXT];
	double n;

	term_say(t, TINT_HEAD, "#%.0f %s %s: %s -> %s", field_or_zero(o, "id"),
		 field_name(o, "kind"), field_name(o, "object"), field_name(o, "from"),
		 field_name(o, "to"));
	term_line(t, TINT_NONE, ", %s", field_time(o, "at", at));
	term_line(t, TINT_NONE, "   cause: %s", field_name(o, "cause"));
	if (field_number(o, "last_good_ms", &n))
		term_say(t, TINT_NONE, "   last good packet %.0f ms", n);
	else
		term_say(t, TINT_NONE, "   last good packet unknown");
	moment(t, "detected", o, "detected_ms");
	moment(t, "decided", o, "decided_ms");
	moment(t, strcmp(field_name(o, "kind"), "vrrp") == 0 ? "announced" : "route written", o,
	       "written_ms");
	moment(t, "first packet on the new path", o, "first_packet_ms");
	(void)fputc('\n', t->file);
	term_say(t, TINT_NONE, "   outage %s",
		 field_number(o, "outage_ms", &n) ? span_format(n, outage) : "unknown");
	if (field_number(o, "sent_into_dead_path", &n))
		term_say(t, TINT_NONE, ", packets sent into the dead path %s",
			 field_count(o, "sent_into_dead_path", lost));
	(void)fputc('\n', t->file);
}

void show_failovers(const struct term *t, const json_t *data)
{
	const json_t *list = json_object_get(data, "failovers"), *o;
	size_t i;

	if (!json_array_size(list))
		term_line(t, TINT_DIM, "no failovers since the start");
	json_array_foreach(list, i, o)
	{
		if (i)
			(void)fputc('\n', t->file);
		failover(t, o);
	}
}

void show_event(const struct term *t, const json_t *event)
{
	const char *level = field_name(event, "level");
	enum tint tint = strcmp(level, "error") == 0     ? TINT_BAD
			 : strcmp(level, "warning") == 0 ? TINT_WARN
							 : TINT_NONE;
	char at[FIELD_TEXT];

	term_say(t, TINT_DIM, "%s", field_time(event, "at", at));
	term_say(t, tint, "  %-7s  %s", level, field_name(event, "event"));
	term_line(t, TINT_NONE, " %s", field_name(event, "text"));
}

void show_events(const struct term *t, const json_t *data)
{
	const json_t *event;
	size_t i;

	json_array_foreach(json_object_get(data, "events"), i, event) show_event(t, event);
}

static void lines(const struct term *t, const char *head, const char *mark, const json_t *list)
{
	const json_t *line;
	size_t i;

	if (!json_array_size(list))
		return;
	term_line(t, TINT_HEAD, "%s", head);
	json_array_foreach(list, i, line) term_line(t, TINT_NONE, "%s%s", mark, item_text(line));
}

void show_explain(const struct term *t, const json_t *data)
{
	const char *state = field_name(data, "state");
	const json_t *sentence;
	size_t i;

	term_say(t, TINT_HEAD, "%s %s", field_name(data, "kind"), field_name(data, "object"));
	term_say(t, TINT_NONE, ": ");
	term_line(t, state_tint(state), "%s", state);
	json_array_foreach(json_object_get(data, "sentences"), i, sentence)
		term_line(t, TINT_NONE, "%s", item_text(sentence));
	lines(t, "evidence", "  - ", json_object_get(data, "evidence"));
	lines(t, "what to do", "  > ", json_object_get(data, "advice"));
}

void show_report(const struct term *t, const json_t *data)
{
	const json_t *m;
	size_t i;

	json_array_foreach(json_object_get(data, "messages"), i, m)
	{
		bool bad = strcmp(field_name(m, "severity"), "error") == 0;

		term_say(t, TINT_HEAD, "%s:", field_name(data, "file"));
		if (field_or_zero(m, "line") > 0)
			term_say(t, TINT_HEAD, "%.0f:%.0f:", field_or_zero(m, "line"),
				 field_or_zero(m, "column"));
		term_say(t, bad ? TINT_BAD : TINT_WARN, " %s: ", field_name(m, "severity"));
		term_line(t, TINT_NONE, "%s", field_name(m, "text"));
	}
}

void show_reload(const struct term *t, const json_t *data)
{
	show_report(t, data);
	term_line(t, TINT_GOOD, "the configuration is loaded");
}
