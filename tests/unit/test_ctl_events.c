/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/events.h"

#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOON INT64_C(1795176000000000) /* 2026-11-20T12:00:00Z */

static json_t *events_of(const struct ctl_events *es, uint64_t since, size_t limit, json_t **hold)
{
	*hold = ctl_events_list(es, since, limit);
	return json_object_get(*hold, "events");
}

static json_int_t id_at(const json_t *events, size_t i)
{
	return json_integer_value(json_object_get(json_array_get(events, i), "id"));
}

static void keeps_what_was_said(void **state)
{
	static const char want[] =
		"{\"events\":[{\"id\":1,\"at\":\"2026-11-20T12:00:00.001002Z\",\"level\":"
		"\"notice\","
		"\"event\":\"health.state\",\"text\":\"tunnel=line1 to=down\"}]}";
	struct ctl_events *es = ctl_events_new();
	json_t *hold;
	char *text;

	(void)state;
	assert_non_null(es);
	ctl_events_add(es, NOON + 1002, LOGL_NOTICE, "health.state", "tunnel=line1 to=down");
	hold = ctl_events_list(es, 0, CTL_EVENTS_MAX);
	text = json_dumps(hold, JSON_COMPACT);
	assert_string_equal(text, want);
	free(text);
	json_decref(hold);
	ctl_events_free(es);
}

static void gives_those_after_a_number(void **state)
{
	static const struct row {
		uint64_t since;
		size_t limit, want_count;
		json_int_t want_first;
	} rows[] = {
		{ 0, CTL_EVENTS_MAX, 5, 1 },
		{ 3, CTL_EVENTS_MAX, 2, 4 },
		{ 5, CTL_EVENTS_MAX, 0, 0 },
		{ 99, CTL_EVENTS_MAX, 0, 0 }, /* of an earlier process: nothing, no wrap */
		{ UINT64_MAX, CTL_EVENTS_MAX, 0, 0 },
		{ 0, 2, 2, 4 }, /* the newest */
		{ 0, 0, 0, 0 },
	};
	struct ctl_events *es = ctl_events_new();

	(void)state;
	for (int i = 0; i < 5; i++)
		ctl_events_add(es, NOON, LOGL_INFO, "x", "y");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		json_t *hold, *events = events_of(es, rows[i].since, rows[i].limit, &hold);

		assert_int_equal(json_array_size(events), rows[i].want_count);
		assert_int_equal(id_at(events, 0), rows[i].want_first);
		json_decref(hold);
	}
	ctl_events_free(es);
}

static void forgets_the_oldest(void **state)
{
	struct ctl_events *es = ctl_events_new();
	json_t *hold, *events;

	(void)state;
	for (int i = 0; i < CTL_EVENTS_MAX + 10; i++)
		ctl_events_add(es, NOON, LOGL_INFO, "x", "y");
	events = events_of(es, 0, SIZE_MAX, &hold);
	assert_int_equal(json_array_size(events), CTL_EVENTS_MAX);
	assert_int_equal(id_at(events, 0), 11);
	assert_int_equal(id_at(events, CTL_EVENTS_MAX - 1), CTL_EVENTS_MAX + 10);
	json_decref(hold);
	ctl_events_free(es);
}

/* A peer's identity may be any bytes; an event that JSON refuses would be lost. */
static void takes_any_bytes(void **state)
{
	struct ctl_events *es = ctl_events_new();
	json_t *hold, *events;

	(void)state;
	ctl_events_add(es, -5, LOGL_WARN, "ike\xff", "id=\xc3\xa9 \xc3( \xed\xa0\x80");
	events = events_of(es, 0, 1, &hold);
	assert_string_equal(json_string_value(json_object_get(json_array_get(events, 0), "text")),
			    "id=\xc3\xa9 ?( ???");
	json_decref(hold);
	ctl_events_free(es);
}

struct follower {
	struct ctl_events_watch watch;
	json_int_t last;
};

static void on_event(struct ctl_events_watch *w, const json_t *event)
{
	container_of(w, struct follower, watch)->last =
		json_integer_value(json_object_get(event, "id"));
}

static void tells_followers(void **state)
{
	struct ctl_events *es = ctl_events_new();
	struct follower a = { .watch.fn = on_event }, b = { .watch.fn = on_event };

	(void)state;
	ctl_events_watch_add(es, &a.watch);
	ctl_events_watch_add(es, &b.watch);
	ctl_events_sink(es, LOGL_NOTICE, "x", "y");
	assert_int_equal(a.last, 1);
	ctl_events_watch_remove(es, &a.watch);
	ctl_events_sink(es, LOGL_NOTICE, "x", "y");
	assert_int_equal(a.last, 1);
	assert_int_equal(b.last, 2);
	ctl_events_free(es);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_was_said), cmocka_unit_test(gives_those_after_a_number),
		cmocka_unit_test(forgets_the_oldest),  cmocka_unit_test(takes_any_bytes),
		cmocka_unit_test(tells_followers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
