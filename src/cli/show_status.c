/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `futae status`: the whole node on one screen. */
#include "cli/show.h"

#include "base/list.h"
#include "cli/field.h"
#include "cli/table.h"

#include <stdlib.h>
#include <string.h>

static void state_cell(struct table *table, const json_t *object, const char *key)
{
	const char *state = field_name(object, key);

	table_cell(table, state_tint(state), state);
}

static void yes_cell(struct table *table, bool yes, enum tint tint_if_no)
{
	table_cell(table, yes ? TINT_GOOD : tint_if_no, yes ? "yes" : "no");
}

static void finish(struct table *table, const struct term *t)
{
	table_print(table, t);
	table_free(table);
}

static void show_head(const struct term *t, const json_t *data)
{
	char up[FIELD_TEXT], loaded[FIELD_TEXT];

	term_say(t, TINT_HEAD, "%s", field_name(data, "node"));
	term_line(t, TINT_NONE, ": futae %s, up %s%s", field_name(data, "version"),
		  field_span(data, "uptime_ms", up),
		  field_is(data, "realtime") ? ", real-time" : "");
	term_line(t, TINT_NONE, "configuration %s, loaded %s ago", field_name(data, "config_file"),
		  field_span(data, "config_loaded_ms_ago", loaded));
}

static void show_processes(const struct term *t, const json_t *list)
{
	static const char *const heads[] = { "PROCESS", "STATE", ">PID", ">RESTARTS" };
	struct table *table = table_new(heads, ARRAY_LEN(heads));
	char number[FIELD_TEXT];
	const json_t *p;
	size_t i;

	json_array_foreach(list, i, p)
	{
		bool runs = strcmp(field_name(p, "state"), "running") == 0;

		table_cell(table, TINT_NONE, field_name(p, "name"));
		table_cell(table, runs ? TINT_GOOD : TINT_BAD, field_name(p, "state"));
		table_cell(table, TINT_NONE, runs ? field_count(p, "pid", number) : "-");
		table_cell(table, TINT_NONE, field_count(p, "restarts", number));
	}
	finish(table, t);
}

static void show_tunnel_states(const struct term *t, const json_t *list)
{
	static const char *const heads[] = { "TUNNEL", "HEALTH", "USABLE", "IKE" };
	struct table *table = table_new(heads, ARRAY_LEN(heads));
	const json_t *o;
	size_t i;

	json_array_foreach(list, i, o)
	{
		table_cell(table, TINT_NONE, field_name(o, "name"));
		state_cell(table, o, "health");
		yes_cell(table, field_is(o, "usable"), TINT_BAD);
		state_cell(table, o, "ike");
	}
	finish(table, t);
}

static void show_route_states(const struct term *t, const json_t *list)
{
	static const char *const heads[] = { "ROUTE", "MODE", "BY", "PUBLISHED" };
	struct table *table = table_new(heads, ARRAY_LEN(heads));
	const json_t *o;
	size_t i;

	json_array_foreach(list, i, o)
	{
		char *active = field_join(o, "active", " + ");

		table_cell(table, TINT_NONE, field_name(o, "name"));
		state_cell(table, o, "mode");
		table_cell(table, TINT_NONE, active);
		yes_cell(table, field_is(o, "published"), TINT_DIM);
		free(active);
	}
	finish(table, t);
}

static void show_vrrp_states(const struct term *t, const json_t *list)
{
	static const char *const heads[] = { "VRRP", "STATE", ">PRIORITY" };
	struct table *table = table_new(heads, ARRAY_LEN(heads));
	char number[FIELD_TEXT];
	const json_t *o;
	size_t i;

	json_array_foreach(list, i, o)
	{
		table_cell(table, TINT_NONE, field_name(o, "name"));
		state_cell(table, o, "state");
		table_cell(table, TINT_NONE, field_count(o, "priority", number));
	}
	finish(table, t);
}

void show_status(const struct term *t, const json_t *data)
{
	static const struct {
		const char *key;
		void (*show)(const struct term *t, const json_t *list);
	} parts[] = {
		{ "processes", show_processes },
		{ "tunnels", show_tunnel_states },
		{ "routes", show_route_states },
		{ "vrrp", show_vrrp_states },
	};
	const json_t *problems = json_object_get(data, "problems"), *problem;
	size_t i;

	show_head(t, data);
	for (i = 0; i < ARRAY_LEN(parts); i++) {
		const json_t *list = json_object_get(data, parts[i].key);

		if (!json_array_size(list))
			continue;
		(void)fputc('\n', t->file);
		parts[i].show(t, list);
	}
	(void)fputc('\n', t->file);
	json_array_foreach(problems, i, problem) term_line(t, TINT_BAD, "! %s", item_text(problem));
	if (!json_array_size(problems))
		term_line(t, TINT_GOOD, "no problems");
}

static bool all(const json_t *list, bool (*is_good)(const json_t *object))
{
	const json_t *o;
	size_t i;

	json_array_foreach(list, i, o) if (!is_good(o)) return false;
	return true;
}

static bool process_is_good(const json_t *o)
{
	return strcmp(field_name(o, "state"), "running") == 0;
}

static bool tunnel_is_good(const json_t *o)
{
	return field_is(o, "usable");
}

static bool route_is_good(const json_t *o)
{
	return json_array_size(json_object_get(o, "active")) &&
	       state_tint(field_name(o, "mode")) != TINT_BAD;
}

static bool vrrp_is_good(const json_t *o)
{
	const char *state = field_name(o, "state");

	return strcmp(state, "master") == 0 || strcmp(state, "backup") == 0;
}

bool status_is_good(const json_t *data)
{
	return all(json_object_get(data, "processes"), process_is_good) &&
	       all(json_object_get(data, "tunnels"), tunnel_is_good) &&
	       all(json_object_get(data, "routes"), route_is_good) &&
	       all(json_object_get(data, "vrrp"), vrrp_is_good);
}
