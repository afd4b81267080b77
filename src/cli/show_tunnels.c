/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `futae tunnels`: the SAs and what they carry; `futae health`: whether the paths are good. */
#include "cli/show.h"

#include "base/list.h"
#include "cli/field.h"
#include "cli/show_path.h"
#include "cli/table.h"

#include <stdlib.h>

static void nat_words(const json_t *ike, const char **nat)
{
	bool here = field_is(ike, "nat_local"), there = field_is(ike, "nat_remote");

	*nat = here && there            ? ", NAT at both ends"
	       : here                   ? ", NAT here"
	       : there                  ? ", NAT there"
	       : field_is(ike, "encap") ? ", in UDP"
					: "";
}

/* What does not fit a column: one indented line per thing worth knowing. */
static void tunnel_details(const struct term *t, const json_t *o)
{
	const json_t *ike = json_object_get(o, "ike"), *drop;
	json_t *drops = json_object_get(o, "drops");
	char since[FIELD_TEXT], retry[FIELD_TEXT], tries[FIELD_TEXT];
	const char *trouble = field_text(ike, "trouble"), *nat, *reason;

	nat_words(ike, &nat);
	term_say(t, TINT_HEAD, "%s", field_name(o, "name"));
	if (field_text(ike, "suite"))
		term_say(t, TINT_NONE, ": IKEv%.0f %s, ESP %s%s, for %s, peer %s",
			 field_or_zero(ike, "version"), field_name(ike, "suite"),
			 field_name(ike, "child_suite"), nat, field_span(ike, "since_ms", since),
			 field_name(ike, "remote_id"));
	else
		term_say(t, TINT_NONE, ": no IKE SA; %s tries, next in %s",
			 field_count(ike, "attempts", tries),
			 field_span(ike, "retry_in_ms", retry));
	(void)fputc('\n', t->file);
	if (!trouble)
		trouble = field_text(o, "trouble");
	if (trouble)
		term_line(t, TINT_BAD, "  ! %s", trouble);
	json_object_foreach(drops, reason, drop) if (json_number_value(drop) > 0)
		term_line(t, TINT_WARN, "  dropped %.0f: %s", json_number_value(drop), reason);
}

static void tunnel_row(struct table *table, const json_t *o)
{
	const json_t *ike = json_object_get(o, "ike"), *sa = json_object_get(o, "sa"),
		     *traffic = json_object_get(o, "traffic");
	const char *phase = field_name(ike, "phase"), *health = field_name(o, "health");
	char a[FIELD_TEXT], b[FIELD_TEXT];

	table_cell(table, TINT_NONE, field_name(o, "name"));
	table_cell(table, TINT_NONE, field_name(o, "device"));
	table_cell(table, TINT_NONE, field_name(o, "local"));
	table_cell(table, TINT_NONE, field_text(o, "remote") ? field_name(o, "remote") : "any");
	table_cell(table, state_tint(phase), phase);
	table_cellf(table, TINT_NONE, "%s/%s", field_count(sa, "in", a), field_count(sa, "out", b));
	table_cell(table, state_tint(health), health);
	table_cell(table, TINT_NONE, field_count(o, "mtu", a));
	table_cell(table, TINT_NONE, field_bytes(traffic, "in_bytes", a));
	table_cell(table, TINT_NONE, field_bytes(traffic, "out_bytes", a));
}

void show_tunnels(const struct term *t, const json_t *data)
{
	static const char *const heads[] = { "TUNNEL", "DEVICE", "LOCAL", "REMOTE", "IKE",
					     "SA I/O", "HEALTH", ">MTU",  ">IN",    ">OUT" };
	const json_t *list = json_object_get(data, "tunnels"), *o;
	struct table *table = table_new(heads, ARRAY_LEN(heads));
	size_t i;

	json_array_foreach(list, i, o) tunnel_row(table, o);
	table_print(table, t);
	table_free(table);
	if (!json_array_size(list))
		term_line(t, TINT_DIM, "no tunnels");
	else
		(void)fputc('\n', t->file);
	json_array_foreach(list, i, o) tunnel_details(t, o);
}

static void health_row(struct table *table, const json_t *o)
{
	const json_t *detection = json_object_get(o, "detection");
	const char *state = field_name(o, "state");
	char a[FIELD_TEXT];

	table_cell(table, TINT_NONE, field_name(o, "tunnel"));
	table_cell(table, state_tint(state), state);
	table_cell(table, TINT_NONE, field_span(o, "since_ms", a));
	table_cell(table, TINT_NONE, field_name(o, "source"));
	table_cell(table, TINT_NONE, field_name(o, "target"));
	table_cell(table, TINT_NONE, field_span(o, "rtt_ms", a));
	table_cell(table, TINT_NONE, field_span(o, "last_reply_ms", a));
	table_cell(table, TINT_NONE, field_name(detection, "profile"));
	table_cell(table, TINT_NONE, field_span(o, "expected_detection_ms", a));
	table_cell(table, TINT_NONE, field_rate(o, "false_per_year", a));
}

static void health_details(const struct term *t, const json_t *o)
{
	const json_t *wrong = json_object_get(o, "wrong_path");
	const json_t *bfd = json_object_get(o, "bfd");
	const char *why = field_text(o, "why");
	char count[FIELD_TEXT], last[FIELD_TEXT], left[FIELD_TEXT];
	char tx[FIELD_TEXT], rx[FIELD_TEXT], detect[FIELD_TEXT];

	if (why && state_tint(field_name(o, "state")) != TINT_GOOD)
		term_line(t, TINT_WARN, "%s: %s", field_name(o, "tunnel"), why);
	if (json_is_object(wrong))
		term_line(t, TINT_BAD, "%s: %s replies came by %s instead, the last %s ago",
			  field_name(o, "tunnel"), field_count(wrong, "count", count),
			  field_name(wrong, "device"), field_span(wrong, "last_ms", last));
	if (json_is_object(bfd))
		term_line(t, TINT_DIM,
			  "%s: BFD %s, the peer's %s (%s); %s out, %s in, down after %s",
			  field_name(o, "tunnel"), field_name(bfd, "state"),
			  field_name(bfd, "peer_state"), field_name(bfd, "peer_diag"),
			  field_span(bfd, "tx_interval_ms", tx),
			  field_span(bfd, "rx_interval_ms", rx),
			  field_span(bfd, "detection_ms", detect));
	if (field_or_zero(o, "restore_left_ms") > 0)
		term_line(t, TINT_WARN, "%s: good again, used in %s", field_name(o, "tunnel"),
			  field_span(o, "restore_left_ms", left));
	if (field_or_zero(json_object_get(o, "degraded"), "restore_left_ms") > 0)
		term_line(t, TINT_WARN, "%s: not degraded any more, counts as good in %s",
			  field_name(o, "tunnel"),
			  field_span(json_object_get(o, "degraded"), "restore_left_ms", left));
}

void show_health(const struct term *t, const json_t *data)
{
	static const char *const heads[] = { "TUNNEL",      "STATE",      ">FOR",   "SOURCE",
					     "TARGET",      ">RTT",       ">REPLY", "DETECTION",
					     ">DECIDES IN", ">FALSE/YEAR" };
	const json_t *list = json_object_get(data, "health"), *o;
	struct table *table = table_new(heads, ARRAY_LEN(heads));
	size_t i;

	json_array_foreach(list, i, o) health_row(table, o);
	table_print(table, t);
	table_free(table);
	if (!json_array_size(list))
		term_line(t, TINT_DIM, "no health checks");
	json_array_foreach(list, i, o) health_details(t, o);
	json_array_foreach(list, i, o) show_path(t, o);
}
