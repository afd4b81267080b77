/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/vrrp_sync.h"

#include "base/list.h"
#include "base/log.h"
#include "fsm/vrrp_group.h"
#include "io/loop.h"
#include "svc/vrrp.h"

#include <errno.h>
#include <string.h>

/* An order may lead to another one (halt, later start), but never to many. */
#define ORDERS_MAX 4
/* Less is what two clocks differ by when they are read one after the other. */
#define SLEEP_MIN (10 * USEC_PER_MSEC)

static size_t members_of(const struct vrrps *vs, const char *group, struct vrrp *out[])
{
	size_t n = 0;

	for (size_t i = 0; i < vs->count; i++)
		if (*group && vs->list[i]->wanted && !strcmp(vs->list[i]->conf->group, group))
			out[n++] = vs->list[i];
	return n;
}

void vrrp_sync(struct vrrps *vs, const char *group)
{
	struct vrrp *list[CONF_VRRP_MAX];
	enum vrrp_member members[CONF_VRRP_MAX];
	size_t n = members_of(vs, group, list);

	if (!n || vs->syncing || vs->stopping)
		return;
	vs->syncing = true;
	for (unsigned turn = 0; turn < ORDERS_MAX; turn++) {
		enum vrrp_group_order order;
		struct vrrp_event ev;

		for (size_t i = 0; i < n; i++)
			members[i] = vrrp_group_member(&list[i]->fsm, list[i]->fit);
		order = vrrp_group_decide(members, n);
		if (order == VRRP_GROUP_KEEP)
			break;
		for (size_t i = 0; i < n; i++)
			if (vrrp_group_event(order, members[i], &ev))
				vrrp_feed(list[i], &ev, clock_now());
	}
	vs->syncing = false;
}

const struct vrrp *vrrp_sync_unfit(const struct vrrps *vs, const char *group)
{
	for (size_t i = 0; i < vs->count; i++)
		if (*group && vs->list[i]->wanted && !vs->list[i]->fit &&
		    !strcmp(vs->list[i]->conf->group, group))
			return vs->list[i];
	return NULL;
}

void vrrp_sync_sleep(struct vrrps *vs)
{
	usec_t asleep = clock_asleep(), span = usec_since(vs->asleep, asleep);
	const struct vrrp_event ev = { .kind = VRRP_EV_SLEPT, .interval = span };

	if (span < SLEEP_MIN)
		return;
	vs->asleep = asleep;
	for (size_t i = 0; i < vs->count; i++)
		vrrp_feed(vs->list[i], &ev, clock_now());
}

const char *vrrp_manual_name(enum vrrp_manual manual)
{
	switch (manual) {
	case VRRP_MANUAL_AUTO:
		return "auto";
	case VRRP_MANUAL_GIVE_UP:
		return "give-up";
	case VRRP_MANUAL_TAKE:
		return "take";
	}
	return "auto";
}

static int parse_manual(const char *word, enum vrrp_manual *out, struct err *err)
{
	static const enum vrrp_manual all[] = { VRRP_MANUAL_AUTO, VRRP_MANUAL_GIVE_UP,
						VRRP_MANUAL_TAKE };

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (!strcmp(word, vrrp_manual_name(all[i]))) {
			*out = all[i];
			return 0;
		}
	return err_set(err, -EINVAL,
		       "'%.40s' is not what a VRRP instance can do; write give-up, "
		       "take or auto",
		       word);
}

/* Yielding comes before the priority sinks, so that the farewell is the last that others hear. */
static void apply_manual(struct vrrp *v, enum vrrp_manual manual)
{
	struct vrrp_event ev = { .kind = VRRP_EV_YIELD, .cause = VRRP_CAUSE_MANUAL };

	v->manual = manual;
	if (manual == VRRP_MANUAL_GIVE_UP)
		vrrp_feed(v, &ev, clock_now());
	vrrp_update(v);
	ev.kind = VRRP_EV_TAKE;
	if (manual == VRRP_MANUAL_TAKE)
		vrrp_feed(v, &ev, clock_now());
	log_event(LOGL_NOTICE, "vrrp.manual", "vrrp=%s order=%s priority=%u", v->name,
		  vrrp_manual_name(manual), v->fsm.priority);
}

int vrrps_manual(struct vrrps *vs, const char *name, const char *word, struct err *err)
{
	struct vrrp *list[CONF_VRRP_MAX], *v = NULL;
	enum vrrp_manual manual = VRRP_MANUAL_AUTO;
	size_t n;
	int r = parse_manual(word, &manual, err);

	if (r)
		return r;
	for (size_t i = 0; i < vs->count && !v; i++)
		if (!strcmp(vs->list[i]->name, name))
			v = vs->list[i];
	if (!v)
		return err_set(err, -ENOENT,
			       "there is no VRRP instance %.40s; `futae vrrp` lists them", name);
	n = members_of(vs, v->conf->group, list);
	if (!n)
		list[n++] = v;
	for (size_t i = 0; i < n && manual == VRRP_MANUAL_TAKE; i++)
		if (!vrrp_is_running(list[i]))
			return err_set(err, -EBUSY, "%s is %s (%.120s) and cannot be master",
				       list[i]->name, vrrp_state_word(list[i]), list[i]->why);
	vs->syncing = true;
	for (size_t i = 0; i < n; i++)
		apply_manual(list[i], manual);
	vs->syncing = false;
	vrrp_sync(vs, v->conf->group);
	return 0;
}
