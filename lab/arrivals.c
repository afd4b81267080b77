/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/arrivals.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define PICTURE_BEFORE (1 * USEC_PER_SEC)
#define PICTURE_BINS 600

int arrivals_init(struct arrivals *a, size_t capacity)
{
	memset(a, 0, sizeof(*a));
	a->capacity = capacity;
	a->ttl_min = UINT_MAX;
	a->sent_at = calloc(capacity, sizeof(*a->sent_at));
	a->arrived_at = calloc(capacity, sizeof(*a->arrived_at));
	a->order = calloc(capacity, sizeof(*a->order));
	if (a->sent_at && a->arrived_at && a->order)
		return 0;
	arrivals_done(a);
	return -ENOMEM;
}

void arrivals_done(struct arrivals *a)
{
	free(a->sent_at);
	free(a->arrived_at);
	free(a->order);
	a->sent_at = a->arrived_at = a->order = NULL;
}

void arrivals_add(struct arrivals *a, size_t number, usec_t at, unsigned ttl)
{
	if (number >= a->capacity)
		return;
	if (ttl < a->ttl_min)
		a->ttl_min = ttl;
	if (ttl > a->ttl_max)
		a->ttl_max = ttl;
	if (a->arrived_at[number]) {
		a->duplicated++;
		return;
	}
	a->arrived_at[number] = at;
	a->order[a->arrived++] = at;
	if (number < a->next_number)
		a->reordered++;
	else
		a->next_number = number + 1;
}

struct gap arrivals_gap(const struct arrivals *a, usec_t since, usec_t until, usec_t end)
{
	struct gap longest = { 0 };

	for (size_t i = 0; i < a->arrived && a->order[i] < until; i++) {
		bool is_last = i + 1 == a->arrived;
		usec_t to = is_last ? end : a->order[i + 1];

		if (to <= since || usec_since(a->order[i], to) <= longest.to - longest.from)
			continue;
		longest = (struct gap){ a->order[i], to, is_last };
	}
	return longest;
}

static double to_ms(usec_t usec)
{
	return (double)usec / 1000.0;
}

/* Milliseconds after the fault; negative before it. */
static double since_fault_ms(usec_t at, usec_t fault)
{
	return at >= fault ? to_ms(at - fault) : -to_ms(fault - at);
}

static int compare_usec(const void *x, const void *y)
{
	usec_t a = *(const usec_t *)x, b = *(const usec_t *)y;

	return a < b ? -1 : a > b;
}

static json_t *report_delay(const struct arrivals *a)
{
	usec_t *delay = calloc(a->arrived + 1, sizeof(*delay));
	size_t n = 0;
	json_t *out;

	if (!delay)
		return json_null();
	for (size_t i = 0; i < a->sent && n < a->arrived; i++)
		if (a->arrived_at[i])
			delay[n++] = usec_since(a->sent_at[i], a->arrived_at[i]);
	if (n > 1)
		qsort(delay, n, sizeof(*delay), compare_usec);
	out = json_pack("{s:f, s:f, s:f}", "min", n ? to_ms(delay[0]) : 0.0, "median",
			n ? to_ms(delay[n / 2]) : 0.0, "max", n ? to_ms(delay[n - 1]) : 0.0);
	free(delay);
	return out;
}

/* Arrivals per slice of time around the fault, for the picture in the report. */
static json_t *report_picture(const struct arrivals *a, usec_t fault, usec_t end)
{
	unsigned counts[PICTURE_BINS] = { 0 };
	usec_t from = fault > PICTURE_BEFORE ? fault - PICTURE_BEFORE : 0;
	usec_t span = usec_since(from, end);
	usec_t width = usec_max(5 * USEC_PER_MSEC, span / PICTURE_BINS + 1);
	json_t *list = json_array();

	for (size_t i = 0; i < a->arrived; i++)
		if (a->order[i] >= from && (a->order[i] - from) / width < PICTURE_BINS)
			counts[(a->order[i] - from) / width]++;
	for (size_t i = 0; i < PICTURE_BINS && i * width < span; i++)
		(void)json_array_append_new(list, json_integer(counts[i]));
	return json_pack("{s:f, s:f, s:o}", "from_ms", since_fault_ms(from, fault), "width_ms",
			 to_ms(width), "counts", list);
}

/* A packet belongs to the time before the fault when it was sent before it. */
static size_t lost_after(const struct arrivals *a, usec_t fault)
{
	size_t lost = 0;

	for (size_t i = 0; i < a->sent; i++)
		lost += !a->arrived_at[i] && a->sent_at[i] >= fault;
	return lost;
}

json_t *arrivals_report(const struct arrivals *a, usec_t fault, usec_t end)
{
	struct gap outage = arrivals_gap(a, fault, USEC_NEVER, end);
	struct gap before = arrivals_gap(a, 0, fault, fault);

	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:b, s:f, s:i, s:i, s:o, "
			 "s:o}",
			 "sent", (json_int_t)a->sent, "received", (json_int_t)a->arrived, "lost",
			 (json_int_t)(a->sent - a->arrived), "lost_after_fault",
			 (json_int_t)lost_after(a, fault), "reordered", (json_int_t)a->reordered,
			 "duplicated", (json_int_t)a->duplicated, "outage_ms",
			 to_ms(outage.to - outage.from), "outage_from_ms",
			 since_fault_ms(outage.from, fault), "outage_to_ms",
			 since_fault_ms(outage.to, fault), "recovered",
			 a->arrived > 0 && !outage.is_open, "gap_before_ms",
			 to_ms(before.to - before.from), "ttl_min",
			 a->arrived ? (int)a->ttl_min : 0, "ttl_max", (int)a->ttl_max, "delay_ms",
			 report_delay(a), "picture", report_picture(a, fault, end));
}
