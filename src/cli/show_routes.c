/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `futae routes` and `futae vrrp`: where the traffic goes, and who has the address. */
#include "cli/show.h"

#include "base/list.h"
#include "cli/field.h"
#include "cli/table.h"

#include <stdlib.h>
#include <string.h>

static void route_head(const struct term *t, const json_t *o)
{
	const char *mode = field_name(o, "mode"), *locked = field_text(o, "locked");
	const json_t *to = json_object_get(o, "to");
	char since[FIELD_TEXT], switches[FIELD_TEXT];

	term_say(t, TINT_HEAD, "%s", field_name(o, "name"));
	if (field_text(o, "from"))
		term_say(t, TINT_NONE, " from %s", field_name(o, "from"));
	if (field_or_zero(o, "to_count") > 1)
		term_say(t, TINT_NONE, " to %s and %.0f more", item_text(json_array_get(to, 0)),
			 field_or_zero(o, "to_count") - 1);
	term_say(t, TINT_NONE, ": ");
	term_say(t, state_tint(mode), "%s", mode);
	term_say(t, TINT_NONE, " for %s, switched %s times, %s", field_span(o, "since_ms", since),
		 field_count(o, "switches", switches),
		 field_is(o, "published") ? "published"
		 : field_is(o, "publish") ? "not published now"
					  : "not to be published");
	if (locked)
		term_say(t, TINT_WARN, ", locked to %s%s", locked,
			 field_is(o, "lock_ignored") ? " (which is not usable: ignored)" : "");
	(void)fputc('\n', t->file);
}

static void route_via(const struct term *t, const json_t *list)
{
	static const char *const heads[] = { "  VIA", ">WEIGHT", "CARRIES", "USABLE", "WHY" };
	struct table *table = table_new(heads, ARRAY_LEN(heads));
	char weight[FIELD_TEXT];
	const json_t *o;
	size_t i;

	json_array_foreach(list, i, o)
	{
		bool active = field_is(o, "active"), usable = field_is(o, "usable");
		bool degraded = usable && field_is(o, "degraded");

		table_cellf(table, TINT_NONE, "  %s", field_name(o, "tunnel"));
		table_cell(table, TINT_NONE, field_count(o, "weight", weight));
		table_cell(table, active ? TINT_GOOD : TINT_DIM, active ? "yes" : "-");
		table_cell(table,
			   degraded ? TINT_WARN
			   : usable ? TINT_GOOD
				    : TINT_BAD,
			   degraded ? "degraded"
			   : usable ? "yes"
				    : "no");
		table_cell(table, TINT_NONE, field_text(o, "why"));
	}
	table_print(table, t);
	table_free(table);
}

void show_routes(const struct term *t, const json_t *data)
{
	const json_t *list = json_object_get(data, "routes"), *o;
	size_t i;

	if (!json_array_size(list))
		term_line(t, TINT_DIM, "no routes");
	json_array_foreach(list, i, o)
	{
		if (i)
			(void)fputc('\n', t->file);
		route_head(t, o);
		route_via(t, json_object_get(o, "via"));
	}
}

static void vrrp_head(const struct term *t, const json_t *o)
{
	const char *state = field_name(o, "state"), *why = field_text(o, "why"),
		   *manual = field_text(o, "manual"), *group = field_text(o, "group");
	const json_t *master = json_object_get(o, "master");
	double priority = field_or_zero(o, "priority"),
	       configured = field_or_zero(o, "configured_priority");
	char since[FIELD_TEXT], interval[FIELD_TEXT];
	char *addresses = field_join(o, "addresses", ", ");

	term_say(t, TINT_HEAD, "%s", field_name(o, "name"));
	term_say(t, TINT_NONE, ": ");
	term_say(t, state_tint(state), "%s", state);
	term_say(t, TINT_NONE, " for %s", field_span(o, "since_ms", since));
	if (why)
		term_say(t, TINT_NONE, " (%s)", why);
	(void)fputc('\n', t->file);
	term_line(t, TINT_NONE, "  %s on %s, VRRPv%.0f id %.0f, every %s",
		  *addresses ? addresses : "-", field_name(o, "interface"),
		  field_or_zero(o, "version"), field_or_zero(o, "id"),
		  field_span(o, "interval_ms", interval));
	term_say(t, TINT_NONE, "  priority %.0f", priority);
	if (priority - configured >= 1 || configured - priority >= 1)
		term_say(t, TINT_WARN, " (configured %.0f)", configured);
	if (json_is_object(master))
		term_say(t, TINT_NONE, ", master %s with %.0f", field_name(master, "address"),
			 field_or_zero(master, "priority"));
	if (group && *group)
		term_say(t, TINT_NONE, ", group %s", group);
	(void)fputc('\n', t->file);
	if (manual && strcmp(manual, "auto") != 0)
		term_line(t, TINT_WARN, "  told by hand to %s", manual);
	if (field_or_zero(o, "preempt_wait_ms") > 0)
		term_line(t, TINT_WARN, "  may push the master aside in %s",
			  field_span(o, "preempt_wait_ms", since));
	free(addresses);
}

/* Counters of what is wrong are shown when they are not 0, the others always. */
static void vrrp_counters(const struct term *t, json_t *counters)
{
	const char *name;
	const json_t *n;

	term_say(t, TINT_NONE, "  sent %.0f, received %.0f, announced %.0f",
		 field_or_zero(counters, "adv_sent"), field_or_zero(counters, "adv_received"),
		 field_or_zero(counters, "garp_sent"));
	json_object_foreach(counters, name, n) if (json_number_value(n) > 0 &&
						   strcmp(name, "adv_sent") != 0 &&
						   strcmp(name, "adv_received") != 0 &&
						   strcmp(name, "garp_sent") != 0)
		term_say(t, TINT_WARN, ", %s %.0f", name, json_number_value(n));
	(void)fputc('\n', t->file);
}

void show_vrrp(const struct term *t, const json_t *data)
{
	const json_t *list = json_object_get(data, "vrrp"), *o, *track;
	size_t i, k;

	if (!json_array_size(list))
		term_line(t, TINT_DIM, "no VRRP instances");
	json_array_foreach(list, i, o)
	{
		if (i)
			(void)fputc('\n', t->file);
		vrrp_head(t, o);
		json_array_foreach(json_object_get(o, "track"), k, track)
		{
			bool good = field_is(track, "good");

			term_line(t, good ? TINT_NONE : TINT_BAD, "  track %s: %s (when lost: %s)",
				  field_name(track, "what"), good ? "good" : "lost",
				  field_name(track, "effect"));
		}
		vrrp_counters(t, json_object_get(o, "counters"));
	}
}
