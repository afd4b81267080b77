/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `futae quality`: loss, delay and jitter, of each direction where it is known. */
#include "cli/show.h"

#include "base/list.h"
#include "cli/field.h"
#include "cli/table.h"

#define LOSS_BAD 0.05
#define LOSS_WARN 0.005

static void loss_cell(struct table *table, const json_t *o)
{
	double loss;

	if (!field_number(o, "loss", &loss))
		table_cell(table, TINT_NONE, NULL);
	else
		table_cellf(table,
			    loss >= LOSS_BAD    ? TINT_BAD
			    : loss >= LOSS_WARN ? TINT_WARN
						: TINT_NONE,
			    loss > 0 && loss < 0.001 ? "%.3f%%" : "%.1f%%", loss * 100);
}

static void span_cell(struct table *table, const json_t *o, const char *key)
{
	char text[FIELD_TEXT];

	table_cell(table, TINT_NONE, field_span(o, key, text));
}

static void quality_row(struct table *table, const json_t *tunnel, const json_t *span, bool first)
{
	const json_t *there = json_object_get(span, "there"), *back = json_object_get(span, "back");
	char a[FIELD_TEXT];

	table_cell(table, TINT_NONE, first ? field_name(tunnel, "tunnel") : " ");
	table_cell(table, TINT_NONE, first ? field_name(tunnel, "kind") : " ");
	table_cell(table, TINT_NONE, field_name(span, "span"));
	table_cell(table, TINT_NONE, field_count(span, "sent", a));
	loss_cell(table, span);
	span_cell(table, span, "rtt_ms");
	span_cell(table, span, "rtt_worst_ms");
	span_cell(table, span, "jitter_ms");
	loss_cell(table, there);
	span_cell(table, there, "delay_ms");
	span_cell(table, there, "jitter_ms");
	loss_cell(table, back);
	span_cell(table, back, "delay_ms");
	span_cell(table, back, "jitter_ms");
}

/* What the columns mean depends on the clocks and on who reflects. */
static void quality_details(const struct term *t, const json_t *o)
{
	const json_t *session = json_object_get(o, "session");
	const json_t *spans = json_object_get(o, "spans"),
		     *last = json_array_get(spans, json_array_size(spans) - 1);
	const char *delay = field_text(last, "delay_is");

	if (delay && delay[0] == 'a')
		term_line(t, TINT_DIM,
			  "%s: delays of a direction are above the best of the last minute: the "
			  "clocks of the two ends are not in step",
			  field_name(o, "tunnel"));
	if (json_is_object(session) && field_or_zero(last, "sent") > 0 &&
	    !field_is(session, "reflector_counts"))
		term_line(t, TINT_DIM,
			  "%s: the reflector keeps no count of its own: loss has no direction",
			  field_name(o, "tunnel"));
}

static void drops_line(const struct term *t, const json_t *data, const char *key, const char *what)
{
	json_t *drops = json_object_get(data, key);
	const char *reason;
	json_t *n;

	json_object_foreach(drops, reason, n)
		term_line(t, TINT_WARN, "%s: dropped %.0f: %s", what, json_number_value(n), reason);
}

void show_quality(const struct term *t, const json_t *data)
{
	static const char *const heads[] = { "TUNNEL",      "KIND",   "LAST",    ">SENT",
					     ">LOSS",       ">RTT",   ">WORST",  ">JITTER",
					     ">LOSS THERE", ">DELAY", ">JITTER", ">LOSS BACK",
					     ">DELAY",      ">JITTER" };
	const json_t *list = json_object_get(data, "quality"), *o, *span;
	struct table *table = table_new(heads, ARRAY_LEN(heads));
	size_t i, j;

	json_array_foreach(list, i, o) json_array_foreach(json_object_get(o, "spans"), j, span)
		quality_row(table, o, span, j == 0);
	table_print(table, t);
	table_free(table);
	if (!json_array_size(list))
		term_line(t, TINT_DIM, "no tunnels");
	json_array_foreach(list, i, o) quality_details(t, o);
	drops_line(t, data, "stamp_drops", "STAMP replies");
	drops_line(t, data, "reflector_drops", "STAMP requests");
	if (json_is_integer(json_object_get(data, "next")))
		term_line(t, TINT_DIM, "there are more tunnels: futae quality TUNNEL");
}
