/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/route.h"

#include "base/list.h"
#include "base/log.h"
#include "io/loop.h"
#include "io/netlink.h"
#include "io/proc.h"
#include "svc/board.h"
#include "svc/record.h"
#include "svc/route_member.h"
#include "svc/route_plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct routes {
	const struct env *env;
	const struct conf *conf; /* running */
	struct route **list; /* owned */
	size_t count;
	struct path_watch watch;
	struct board_watch board_watch;
	unsigned errors; /* of the last audit, so that a lasting trouble is logged once */
	bool withdrawn;
};

static void names_of(const struct route *r, const struct route_choice *c, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < c->count && n < size; i++) {
		const struct path *p = r->members[c->use[i].member];
		int k = snprintf(out + n, size - n, "%s%s", i ? "+" : "", p ? p->name : "?");

		n += k > 0 ? (size_t)k : 0;
	}
	if (!c->count)
		(void)snprintf(out, size, "nothing");
}

static struct route_choice choose(struct route *r)
{
	struct route_member m[ROUTE_MEMBERS_MAX] = { 0 };
	const struct route_damp_cfg cfg = { .led = route_members(r->owner->env, r, m),
					    .hold_off = r->conf->hold_off,
					    .revert = r->conf->revert };
	struct route_choice c;

	c = route_damp_choose(&cfg, &r->damp, m, r->member_count, r->lock, &r->choice, clock_now());
	timer_at(&r->timer, r->damp.deadline);
	return c;
}

/* The one message that moves the traffic. */
static void write_group(struct routes *rs, struct route *r, enum addr_family family)
{
	struct nl_nexthop nh = route_plan_group(r, family, rs->conf->kernel.protocol);
	struct err err;

	if (nl_nexthop_set(rs->env->nl, &nh, &err))
		log_event(LOGL_ERROR, "route.write", "route=%s group=%u error=\"%s\"", r->name,
			  nh.id, err.text);
}

static void write_markers(struct routes *rs, struct route *r)
{
	for (size_t i = 0; i < r->conf->to_count; i++) {
		struct nl_route m = { .to = r->conf->to[i],
				      .table = 254, /* main */
				      .metric = rs->conf->kernel.publish_metric,
				      .blackhole = true,
				      .protocol = rs->conf->kernel.protocol };
		struct err err = { "" };
		int res = r->published ? nl_route_set(rs->env->nl, &m, &err)
				       : nl_route_del(rs->env->nl, &m, &err);

		if (res)
			log_event(LOGL_ERROR, "route.publish", "route=%s error=\"%s\"", r->name,
				  err.text);
	}
}

/* The member that stopped carrying, for the record's times; NULL when none did. */
static struct path *left_member(const struct route *r, const struct route_choice *old)
{
	for (unsigned i = 0; i < old->count; i++)
		if (!route_choice_uses(&r->choice, old->use[i].member))
			return r->members[old->use[i].member];
	return NULL;
}

static struct path *joined_member(const struct route *r, const struct route_choice *old)
{
	for (unsigned i = 0; i < r->choice.count; i++)
		if (!route_choice_uses(old, r->choice.use[i].member))
			return r->members[r->choice.use[i].member];
	return NULL;
}

/* Why a choice is made anew. */
struct cause {
	const struct path *path; /* whose change led here; NULL: a person's wish */
	bool verdict; /* its health check has just decided, and its times are of that */
	bool peer; /* the other end has said something of it */
	const char *text; /* where there is no path */
};

static const char *cause_text(const struct cause *c, char *out, size_t size)
{
	if (c->path)
		(void)snprintf(out, size, "%s: %s", c->path->name, c->path->why);
	else
		(void)snprintf(out, size, "%s", c->text);
	return out;
}

/*
 * What was sent after the last sign of life is the most that can be lost; where life went on
 * (the peer said that it is not fit) nothing can be told.
 */
static void count_sent(struct failover *f, const struct path *p, usec_t last_good)
{
	uint64_t sent = atomic_load_explicit(&p->live->tx_packets, memory_order_relaxed);
	uint64_t life = atomic_load_explicit(&p->live->rx_last, memory_order_relaxed);
	uint64_t then = atomic_load_explicit(&p->live->tx_at_rx, memory_order_relaxed);

	f->sent_known = life <= last_good;
	f->sent_into_dead_path = sent > then ? sent - then : 0;
}

static void record(struct routes *rs, const struct route *r, const struct route_choice *old,
		   const char *old_names, const struct cause *cause, usec_t decided)
{
	const struct path *left = left_member(r, old);
	struct path *to = joined_member(r, old);
	char names[64], text[320];
	struct failover *f;
	usec_t written = clock_now();

	names_of(r, &r->choice, names, sizeof(names));
	f = records_open(rs->env->records, FAILOVER_ROUTE, r->name, old_names, names,
			 cause_text(cause, text, sizeof(text)));
	f->decided = decided;
	f->written = written;
	if (cause->verdict) {
		bool silent = cause->path->answer == HEALTH_SILENT;

		f->detected = cause->path->detected;
		f->last_good = silent ? cause->path->last_good : 0;
		if (silent && left == cause->path)
			count_sent(f, left, left->last_good);
	}
	/* It has seen first what we were about to see. */
	if (cause->peer && left && left->suspect) {
		f->detected = decided;
		f->last_good = atomic_load_explicit(&left->live->rx_last, memory_order_relaxed);
		count_sent(f, left, f->last_good);
	}
	records_watch(rs->env->records, f->id, to ? to->live : NULL, 0);
}

static void log_switch(const struct route *r, const struct route_choice *old, const char *old_names,
		       const struct cause *cause)
{
	bool lost = old->publish && !r->choice.publish;
	char names[64], text[320];

	names_of(r, &r->choice, names, sizeof(names));
	/* Nothing is wrong with a route that has never been usable: it is about to be. */
	log_event(lost ? LOGL_ERROR : LOGL_NOTICE, "route.switch",
		  "route=%s from=%s to=%s mode=%s cause=\"%s\"", r->name, old_names, names,
		  route_mode_name(r->choice.mode), cause_text(cause, text, sizeof(text)));
}

static void tell_board(struct routes *rs, struct route *r)
{
	char names[128], why[192];

	names_of(r, &r->choice, names, sizeof(names));
	(void)snprintf(why, sizeof(why), "%s by %s", route_mode_name(r->choice.mode), names);
	/*
	 * Who tracks the route may serve as last resort, too, and no more than that.  It must not
	 * look lost for a moment on the way from good to held, nor back.
	 */
	if (r->choice.answers)
		board_hold(rs->env->board, BOARD_ROUTE, r->name, true);
	board_set(rs->env->board, BOARD_ROUTE, r->name, r->choice.publish, why,
		  loop_now(rs->env->loop));
	board_hold(rs->env->board, BOARD_ROUTE, r->name, r->choice.answers);
}

static bool is_for_others(const struct route *r)
{
	return r->conf->publish && (r->choice.publish || r->choice.publish_last);
}

/* Those that carry now and did not, or no longer do. */
static void tell_carriers(struct routes *rs, const struct route *r, const struct route_choice *old)
{
	for (unsigned i = 0; i < r->member_count; i++)
		if (r->members[i] && route_choice_uses(old, i) != route_choice_uses(&r->choice, i))
			paths_tell(rs->env->paths, r->members[i], PATH_CARRIES);
}

static bool same_members(const struct route_choice *a, const struct route_choice *b)
{
	if (a->count != b->count)
		return false;
	for (unsigned i = 0; i < a->count; i++)
		if (a->use[i].member != b->use[i].member)
			return false;
	return true;
}

/* Chooses anew; writes and records what that changes. */
static void decide(struct routes *rs, struct route *r, const struct cause *cause)
{
	struct route_choice old = r->choice, next = choose(r);
	usec_t decided = clock_now();
	bool moved = !route_choice_same_use(&old, &next);
	bool publish;
	char old_names[64];

	names_of(r, &old, old_names, sizeof(old_names));
	r->choice = next;
	publish = is_for_others(r) && !rs->withdrawn;
	if (moved) {
		if (r->v4)
			write_group(rs, r, ADDR_V4);
		if (r->v6)
			write_group(rs, r, ADDR_V6);
		r->since = decided;
	}
	if (moved || old.mode != next.mode)
		log_switch(r, &old, old_names, cause);
	/* The first choices after a start are no failover, nor are other shares of the same. */
	if (moved && r->carried && !same_members(&old, &next)) {
		r->switches++;
		record(rs, r, &old, old_names, cause, decided);
	}
	r->carried = r->carried || next.publish;
	if (publish != r->published) {
		r->published = publish;
		log_event(LOGL_NOTICE, "route.publish", "route=%s published=%s", r->name,
			  publish ? "yes" : "no");
		write_markers(rs, r);
	}
	tell_board(rs, r);
	if (moved)
		tell_carriers(rs, r, &old);
}

static void find_members(struct routes *rs, struct route *r, const struct conf *conf)
{
	r->member_count =
		r->conf->via_count < ROUTE_MEMBERS_MAX ? r->conf->via_count : ROUTE_MEMBERS_MAX;
	for (size_t i = 0; i < r->member_count; i++)
		r->members[i] =
			paths_by_name(rs->env->paths, conf->tunnels[r->conf->via[i].tunnel].name);
}

static bool has_member(const struct route *r, const struct path *p)
{
	for (size_t i = 0; i < r->member_count; i++)
		if (r->members[i] == p)
			return true;
	return false;
}

static void settle(struct routes *rs, bool prune, const char *why)
{
	struct fib_plan plan = { 0 };
	struct fib_report rep;
	int r;

	if (!rs->conf)
		return;
	route_plan_fill(&plan, rs->conf, rs->env->paths, rs->list, rs->count);
	r = fib_sync(rs->env->nl, &plan, rs->conf->kernel.protocol, prune, &rep);
	fib_plan_free(&plan);
	if (r)
		log_event(LOGL_ERROR, "route.audit", "the kernel's routes could not be read: %s",
			  strerror(-r));
	else if (rep.added + rep.changed + rep.removed)
		log_event(LOGL_INFO, "route.sync", "why=%s added=%u changed=%u removed=%u", why,
			  rep.added, rep.changed, rep.removed);
	if (rep.errors && rep.errors != rs->errors)
		log_event(LOGL_ERROR, "route.sync", "errors=%u first=\"%s\"", rep.errors,
			  rep.first.text);
	rs->errors = rep.errors;
}

static const char *peer_text(const struct path *p)
{
	if (p->peer.avoids)
		return "the other end does not use the tunnel";
	return p->peer.led ? "the other end leads and has switched"
			   : "the other end can use the tunnel again";
}

static void on_path(struct path_watch *w, struct path *p, enum path_change what)
{
	struct routes *rs = container_of(w, struct routes, watch);
	const struct cause cause = { .path = what == PATH_PEER ? NULL : p,
				     .verdict = what == PATH_USABLE || what == PATH_ANSWERS ||
						what == PATH_GRADE,
				     .peer = what == PATH_PEER,
				     .text = peer_text(p) };
	bool any = false;

	if (what == PATH_CARRIES) /* our own word */
		return;
	for (size_t i = 0; i < rs->count; i++) {
		struct route *r = rs->list[i];

		if (!has_member(r, p))
			continue;
		if (what == PATH_GONE)
			for (size_t m = 0; m < r->member_count; m++)
				r->members[m] = r->members[m] == p ? NULL : r->members[m];
		any = true;
		decide(rs, r, &cause);
	}
	/* A device that came has no nexthop yet, and one that went took its own with it. */
	if (what == PATH_DEVICE && any)
		settle(rs, false, "device");
}

/* What went before said why the fault is one; now it has lasted. */
static void on_hold_off(struct timer *t)
{
	struct route *r = container_of(t, struct route, timer);
	struct cause cause = { .text = "hold-off is over" };

	for (size_t i = 0; i < r->member_count; i++) {
		const struct path *p = r->members[i];

		if (!r->damp.fault[i] || !p)
			continue;
		if (!p->usable)
			cause = (struct cause){ .path = p, .verdict = true };
		else if (p->peer.avoids)
			cause = (struct cause){ .peer = true, .text = peer_text(p) };
	}
	decide(r->owner, r, &cause);
}

static void on_board(struct board_watch *w, enum board_kind kind, const char *name)
{
	struct routes *rs = container_of(w, struct routes, board_watch);
	const struct board_fact *f;
	char text[BOARD_NAME + BOARD_WHY + 32];
	const struct cause cause = { .text = text };

	if (kind != BOARD_TRACK)
		return;
	f = board_get(rs->env->board, kind, name);
	(void)snprintf(text, sizeof(text), "track %s is %s: %s", name,
		       f && f->good ? "good" : "lost", f ? f->why : "it is gone");
	for (size_t i = 0; i < rs->count; i++)
		if (route_member_tracks(rs->list[i], name))
			decide(rs, rs->list[i], &cause);
}

/*
 * With compat mode the kernel tells every route of a group's change: 5 ms for 10,000 routes
 * instead of 0.1.  Without it others in this namespace who use nexthop objects would not
 * hear of their own changes either, so it is left alone when there are any.
 */
struct foreign {
	bool any;
};

static void take_foreign(void *ctx, const struct nl_nexthop *nh)
{
	struct foreign *f = ctx;

	f->any = f->any || nh->id < FIB_ID_FIRST || nh->id > FIB_ID_LAST;
}

static void settle_compat(struct routes *rs)
{
	struct foreign f = { false };
	struct err err;

	if (nl_nexthop_dump(rs->env->nl, take_foreign, &f) || f.any) {
		log_event(LOGL_INFO, "route.compat",
			  "others use nexthop objects here; "
			  "net.ipv4.nexthop_compat_mode stays as it is");
		return;
	}
	if (proc_sysctl_set("net/ipv4/nexthop_compat_mode", "0", &err))
		log_event(LOGL_INFO, "route.compat", "%s; switching is slower with many prefixes",
			  err.text);
}

struct routes *routes_new(const struct env *env)
{
	struct routes *rs = calloc(1, sizeof(*rs));

	if (!rs)
		return NULL;
	rs->list = calloc(CONF_ROUTES_MAX, sizeof(struct route *));
	if (!rs->list) {
		free(rs);
		return NULL;
	}
	rs->env = env;
	rs->watch.fn = on_path;
	paths_watch(env->paths, &rs->watch);
	rs->board_watch.fn = on_board;
	board_watch_add(env->board, &rs->board_watch);
	settle_compat(rs);
	return rs;
}

void routes_free(struct routes *rs)
{
	if (!rs)
		return;
	paths_unwatch(rs->env->paths, &rs->watch);
	board_watch_remove(rs->env->board, &rs->board_watch);
	for (size_t i = 0; i < rs->count; i++) {
		timer_stop(&rs->list[i]->timer);
		free(rs->list[i]);
	}
	free(rs->list);
	free(rs);
}

static struct route *by_name(const struct routes *rs, const char *name)
{
	for (size_t i = 0; i < rs->count; i++)
		if (!strcmp(rs->list[i]->name, name))
			return rs->list[i];
	return NULL;
}

static uint32_t free_slot(const struct routes *rs)
{
	for (uint32_t slot = 0;; slot++) {
		bool taken = false;

		for (size_t i = 0; i < rs->count && !taken; i++)
			taken = rs->list[i]->slot == slot;
		if (!taken)
			return slot;
	}
}

static struct route *add(struct routes *rs, const char *name)
{
	struct route *r = rs->count < CONF_ROUTES_MAX ? calloc(1, sizeof(*r)) : NULL;

	if (!r)
		return NULL;
	(void)snprintf(r->name, sizeof(r->name), "%s", name);
	r->owner = rs;
	r->damp = ROUTE_DAMP_START;
	timer_init(&r->timer, rs->env->loop, on_hold_off);
	r->slot = free_slot(rs);
	r->lock = ROUTE_NO_LOCK;
	rs->list[rs->count++] = r;
	return r;
}

/* The lock is on a tunnel, wherever a new configuration names it. */
static void find_lock(struct route *r, const struct conf *conf)
{
	r->lock = ROUTE_NO_LOCK;
	for (size_t i = 0; r->lock_name[0] && i < r->member_count; i++)
		if (!strcmp(conf->tunnels[r->conf->via[i].tunnel].name, r->lock_name))
			r->lock = (int)i;
	if (!r->lock_name[0] || r->lock != ROUTE_NO_LOCK)
		return;
	log_event(LOGL_NOTICE, "route.lock",
		  "route=%s tunnel=%s is not in its list any more; the lock is gone", r->name,
		  r->lock_name);
	r->lock_name[0] = '\0';
}

/*
 * What carries, by the places that the members have now.  Short of the kernel's own word this is
 * what the new choice must be compared with: a place in the list may be another tunnel's.
 */
static struct route_choice in_new_places(const struct route *r, struct path *const *old_members)
{
	struct route_choice c = r->choice;

	c.count = 0;
	for (unsigned i = 0; i < r->member_count; i++)
		for (unsigned k = 0; r->members[i] && k < r->choice.count; k++)
			if (old_members[r->choice.use[k].member] == r->members[i])
				c.use[c.count++] = (struct route_use){ i, r->choice.use[k].weight };
	return c;
}

static void choose_by_conf(struct route *r, struct path *const *old_members, unsigned old_count)
{
	r->old = in_new_places(r, old_members);
	r->choice = r->old;
	r->choice = choose(r);
	r->moved = r->carried &&
		   (r->old.count != old_count || !route_choice_same_use(&r->old, &r->choice));
	if (r->moved)
		r->since = clock_now();
	r->carried = r->carried || r->choice.publish;
}

static void take_conf(struct routes *rs, struct route *r, const struct conf_route *c,
		      const struct conf *conf)
{
	struct path *old_members[ROUTE_MEMBERS_MAX];
	unsigned old_count = r->choice.count;

	memcpy(old_members, r->members, sizeof(old_members));
	names_of(r, &r->choice, r->old_names, sizeof(r->old_names));
	r->conf = c;
	r->wanted = true;
	r->v4 = r->v6 = false;
	for (size_t i = 0; i < c->to_count; i++) {
		r->v4 = r->v4 || c->to[i].addr.family == ADDR_V4;
		r->v6 = r->v6 || c->to[i].addr.family == ADDR_V6;
	}
	find_members(rs, r, conf);
	/* By place, too: a fault's hold-off begins anew. */
	memset(r->damp.fault, 0, sizeof(r->damp.fault));
	find_lock(r, conf);
	choose_by_conf(r, old_members, old_count);
	r->published = is_for_others(r);
}

int routes_apply(struct routes *rs, const struct conf *conf)
{
	for (size_t i = 0; i < rs->count; i++)
		rs->list[i]->wanted = false;
	rs->conf = conf;
	for (size_t i = 0; i < conf->route_count; i++) {
		struct route *r = by_name(rs, conf->routes[i].name);

		if (!r)
			r = add(rs, conf->routes[i].name);
		if (!r)
			return -ENOMEM;
		take_conf(rs, r, &conf->routes[i], conf);
		tell_board(rs, r);
	}
	return 0;
}

static void tell_moved(struct routes *rs, struct route *r)
{
	const struct cause cause = { .text = "configuration" };

	r->moved = false;
	r->switches++;
	log_switch(r, &r->old, r->old_names, &cause);
	record(rs, r, &r->old, r->old_names, &cause, r->since);
}

void routes_prune(struct routes *rs)
{
	for (size_t i = rs->count; i-- > 0;) {
		struct route *r = rs->list[i];

		if (r->wanted)
			continue;
		board_forget(rs->env->board, BOARD_ROUTE, r->name);
		log_event(LOGL_NOTICE, "route.removed", "route=%s", r->name);
		timer_stop(&r->timer);
		free(r);
		rs->list[i] = rs->list[--rs->count];
	}
	/* Adds before it removes, so one call is both. */
	settle(rs, true, "config");
	for (size_t i = 0; i < rs->count; i++)
		if (rs->list[i]->moved)
			tell_moved(rs, rs->list[i]);
}

void routes_audit(struct routes *rs)
{
	settle(rs, true, "audit");
}

void routes_withdraw(struct routes *rs)
{
	const struct cause cause = { .text = "stopping" };

	rs->withdrawn = true;
	for (size_t i = 0; i < rs->count; i++)
		decide(rs, rs->list[i], &cause);
}

int routes_lock(struct routes *rs, const char *name, const char *tunnel, struct err *err)
{
	const struct cause cause = { .text = "by hand" };
	struct route *r = by_name(rs, name);
	int lock = ROUTE_NO_LOCK;

	if (!r)
		return err_set(err, -ENOENT, "there is no route %s; `futae routes` lists them",
			       name);
	for (size_t i = 0; tunnel && i < r->member_count; i++)
		if (r->members[i] && !strcmp(r->members[i]->name, tunnel))
			lock = (int)i;
	if (tunnel && lock == ROUTE_NO_LOCK)
		return err_set(err, -EINVAL, "route %s does not go via a tunnel %s", name, tunnel);
	r->lock = lock;
	r->lock_since = clock_now();
	if (!tunnel)
		r->damp.failed_over = false;
	(void)snprintf(r->lock_name, sizeof(r->lock_name), "%s", tunnel ? tunnel : "");
	decide(rs, r, &cause);
	for (size_t i = 0; i < r->member_count; i++)
		if (r->members[i])
			paths_tell(rs->env->paths, r->members[i], PATH_CARRIES);
	if (r->choice.lock_ignored)
		return err_set(err, -EBUSY,
			       "%s is not usable; the lock holds from when it is, and until then "
			       "the route goes by what is usable",
			       tunnel);
	return 0;
}

bool routes_locked(const struct routes *rs, const struct path *p)
{
	for (size_t i = 0; i < rs->count; i++) {
		const struct route *r = rs->list[i];

		if (r->lock != ROUTE_NO_LOCK && has_member(r, p))
			return true;
	}
	return false;
}

bool routes_use(const struct routes *rs, const struct path *p)
{
	for (size_t i = 0; i < rs->count; i++)
		for (unsigned k = 0; k < rs->list[i]->choice.count; k++)
			if (rs->list[i]->members[rs->list[i]->choice.use[k].member] == p)
				return true;
	return false;
}

bool routes_hold(const struct routes *rs, const struct path *p)
{
	for (size_t i = 0; i < rs->count && !p->usable; i++) {
		const struct route *r = rs->list[i];

		if (r->choice.mode != ROUTE_NORMAL && r->choice.mode != ROUTE_STANDBY)
			continue;
		for (unsigned k = 0; k < r->choice.count; k++)
			if (r->members[r->choice.use[k].member] == p)
				return true;
	}
	return false;
}

size_t routes_count(const struct routes *rs)
{
	return rs->count;
}

const struct route *routes_get(const struct routes *rs, size_t i)
{
	return rs->list[i];
}
