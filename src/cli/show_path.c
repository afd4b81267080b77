/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was measured of a tunnel's path, and what each setting of its check would give there. */
#include "cli/show_path.h"

#include "base/list.h"
#include "cli/field.h"
#include "cli/table.h"

static void show_loss(const struct term *t, const json_t *o)
{
	double percent = field_or_zero(o, "loss") * 100, burst = field_or_zero(o, "burst");
	char text[FIELD_TEXT];
	const char *probes = field_count(o, "loss_probes", text);

	if (field_is(o, "loss_known"))
		term_line(t, TINT_NONE, "  measured: loss %.2g %% in bursts of %.1f probes (of %s)",
			  percent, burst, probes);
	else
		term_line(t, TINT_DIM,
			  "  loss is not known yet (%s probes): %.2g %% in bursts of %.1f is "
			  "assumed",
			  probes, percent, burst);
}

static void show_times(const struct term *t, const json_t *o)
{
	char rtt[FIELD_TEXT], off[FIELD_TEXT], life[FIELD_TEXT], late[FIELD_TEXT];
	double gap;

	term_say(t, TINT_NONE, "  round trip %s, deviation %s; ", field_span(o, "rtt_mean_ms", rtt),
		 field_span(o, "rtt_deviation_ms", off));
	if (field_number(o, "life_gap_ms", &gap))
		term_say(t, TINT_NONE, "signs of life besides replies each %s; ",
			 span_format(gap, life));
	else
		term_say(t, TINT_NONE, "no signs of life besides replies; ");
	term_line(t, TINT_NONE, "own lateness %s", field_span(o, "own_late_ms", late));
}

static void choice_row(struct table *table, const char *name, enum tint tint, const json_t *setting,
		       const json_t *expected)
{
	char a[FIELD_TEXT];

	table_cell(table, tint, name);
	table_cell(table, tint, field_span(setting, "interval_ms", a));
	table_cell(table, tint, field_span(setting, "silence_ms", a));
	table_cell(table, tint, field_span(expected, "expected_detection_ms", a));
	table_cell(table, tint, field_span(expected, "worst_detection_ms", a));
	table_cell(table, tint, field_rate(expected, "false_per_year", a));
}

static void show_choices(const struct term *t, const json_t *o)
{
	static const char *const heads[] = { "  SETTING",   ">PROBE EACH", ">SILENCE",
					     ">DECIDES IN", ">AT WORST",   ">FALSE/YEAR" };
	const json_t *detection = json_object_get(o, "detection"), *other;
	struct table *table = table_new(heads, ARRAY_LEN(heads));
	char name[64];
	size_t i;

	(void)snprintf(name, sizeof(name), "  in force: %s", field_name(detection, "profile"));
	choice_row(table, name, TINT_HEAD, detection, o);
	json_array_foreach(json_object_get(o, "choices"), i, other)
	{
		if (field_is(other, "in_force"))
			continue;
		(void)snprintf(name, sizeof(name), "  %s", field_name(other, "name"));
		choice_row(table, name, TINT_NONE, other, other);
	}
	table_print(table, t);
	table_free(table);
}

void show_path(const struct term *t, const json_t *o)
{
	const char *automatic =
		field_text(json_object_get(json_object_get(o, "detection"), "auto"), "text");

	if (!json_is_number(json_object_get(o, "loss")))
		return;
	(void)fputc('\n', t->file);
	term_line(t, TINT_HEAD, "%s:", field_name(o, "tunnel"));
	show_loss(t, o);
	show_times(t, o);
	if (automatic)
		term_line(t, TINT_NONE, "  %s", automatic);
	show_choices(t, o);
}
