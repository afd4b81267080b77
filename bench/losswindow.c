/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/losswindow.h"

uint32_t losswindow_send(struct losswindow *w, usec_t now)
{
	uint32_t number = w->next++;

	w->probe[number % LOSSWINDOW_MAX].sent = now;
	w->probe[number % LOSSWINDOW_MAX].answered = false;
	return number;
}

void losswindow_fill(struct losswindow *w, usec_t interval, usec_t now)
{
	for (usec_t back = w->period; back >= interval; back -= interval)
		losswindow_reply(w, losswindow_send(w, now > back ? now - back : 0));
}

void losswindow_reply(struct losswindow *w, uint32_t number)
{
	uint32_t age = w->next - number;

	if (age >= 1 && age <= LOSSWINDOW_MAX && age <= w->next)
		w->probe[number % LOSSWINDOW_MAX].answered = true;
}

unsigned losswindow_percent(const struct losswindow *w, usec_t now)
{
	unsigned due = 0, lost = 0;

	for (uint32_t age = 1; age <= LOSSWINDOW_MAX && age <= w->next; age++) {
		uint32_t i = (w->next - age) % LOSSWINDOW_MAX;
		usec_t since = usec_since(w->probe[i].sent, now);

		if (since > w->period)
			break; /* the rest is older still */
		if (w->probe[i].answered)
			due++;
		else if (since > w->patience)
			due++, lost++;
	}
	return due ? lost * 100 / due : 0;
}

bool losswindow_is_bad(const struct losswindow *w, usec_t now)
{
	return losswindow_percent(w, now) > w->limit;
}
