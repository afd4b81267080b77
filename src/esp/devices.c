/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/devices.h"

#include "base/list.h"
#include "base/log.h"
#include "esp/esp.h"
#include "esp/outbound.h"

#include <errno.h>
#include <string.h>

void devices_init(struct devices *d)
{
	d->first = NULL;
	d->end = &d->first;
	d->waiting = 0;
}

static void join_line(struct devices *d, struct tunnel *t)
{
	if (t->in_line)
		return;
	t->in_line = true;
	t->next_in_line = NULL;
	*d->end = t;
	d->end = &t->next_in_line;
	d->waiting++;
}

static struct tunnel *leave_line(struct devices *d)
{
	struct tunnel *t = d->first;

	d->first = t->next_in_line;
	if (!d->first)
		d->end = &d->first;
	t->in_line = false;
	d->waiting--;
	return t;
}

void devices_forget(struct devices *d, struct tunnel *t)
{
	struct tunnel **at = &d->first;

	if (!t->in_line)
		return;
	while (*at != t)
		at = &(*at)->next_in_line;
	*at = t->next_in_line;
	if (d->end == &t->next_in_line)
		d->end = at;
	t->in_line = false;
	d->waiting--;
}

void devices_ready(struct watch *w)
{
	struct tunnel *t = container_of(w, struct tunnel, watch);

	join_line(&t->esp->devices, t);
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned most(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

/*
 * What a device may send in this turn: its fair share, and not much more than it had last time, or
 * than others had, since asking in vain costs, too.
 */
static unsigned share_of(const struct devices *d, const struct tunnel *t, unsigned room)
{
	unsigned fair = most(room / (d->waiting + 1), DEVICES_SHARE);

	return least(fair, most(t->guess, d->usual) + DEVICES_SHARE);
}

static unsigned add_reads(struct devices *d, unsigned at, int fd, unsigned n)
{
	for (unsigned i = at; i < at + n; i++) {
		d->iov[i] = (struct iovec){ d->data[i], sizeof(d->data[i]) };
		d->op[i] = (struct batch_op){ fd, false, &d->iov[i], 1, 0 };
	}
	return n;
}

/* Deals this turn's reads out to those first in line; how many devices get some. */
static unsigned deal(struct devices *d, unsigned *reads)
{
	unsigned room = d->usual_len > DEVICES_BIG ? DEVICES_BATCH_BIG : DEVICES_BATCH;
	unsigned n = 0;

	*reads = 0;
	while (d->first && *reads + DEVICES_SHARE <= room) {
		struct tunnel *t = leave_line(d);
		unsigned share = least(share_of(d, t, room), room - *reads);

		*reads += add_reads(d, *reads, t->tun_fd, share);
		d->share[n++] = (struct share){ t, share };
	}
	return n;
}

/* The device was deleted; futaed makes another. */
static bool is_gone(ssize_t error)
{
	return error == -EBADFD || error == -EBADF || error == -ENODEV;
}

/* Takes what was read for one device, from op `at` on; how many packets, and their bytes. */
static unsigned take_share(struct esp *esp, const struct share *s, unsigned at, size_t *bytes)
{
	struct devices *d = &esp->devices;
	struct tunnel *t = s->tunnel;
	unsigned got = 0;

	for (unsigned i = at; i < at + s->packets; i++) {
		ssize_t len = d->op[i].result;

		if (len > 0) {
			outbound_take(esp, t, (struct view){ d->data[i], (size_t)len });
			*bytes += (size_t)len;
			got++;
		} else if (is_gone(len)) {
			log_event(LOGL_WARN, "device.gone", "tunnel=%u error=%s", t->if_id,
				  strerror((int)-len));
			watch_stop(&t->watch);
			return got;
		} else if (len != -EAGAIN && len != -EINTR) {
			esp_drop(esp, t, IPC_DROP_TUN);
		}
	}
	if (got == s->packets)
		join_line(d, t);
	t->guess = got < s->packets ? got : 2 * got;
	return got;
}

void devices_turn(struct esp *esp)
{
	struct devices *d = &esp->devices;
	unsigned reads, n = deal(d, &reads), at = 0, got = 0;
	size_t bytes = 0;

	if (n == 0)
		return;
	batch_run(esp->batch, d->op, reads);
	for (unsigned i = 0; i < n; at += d->share[i++].packets)
		got += take_share(esp, &d->share[i], at, &bytes);
	d->usual = got / n;
	if (got)
		d->usual_len = bytes / got;
	esp_count_reads(esp, got, got == reads && reads >= DEVICES_BATCH_BIG ? got : DEVICES_BATCH);
}
