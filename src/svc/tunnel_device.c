/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/tunnel_device.h"

#include "base/log.h"
#include "io/netlink.h"
#include "io/tun.h"
#include "svc/devconf.h"
#include "svc/survey.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The probe source is put on the device unless the node has it already (design.md section 4). */
static int settle_source(const struct env *env, struct tunnel *t, struct survey *addresses)
{
	const struct addr *want = &t->conf->health.source;
	bool here, elsewhere;
	struct err err;
	int r;

	if (t->added.family != ADDR_NONE && !addr_equal(&t->added, want)) {
		(void)nl_address_del(env->nl, t->path.index, &t->added, addr_bits(t->added.family),
				     NULL);
		survey_forget(addresses, &t->added, t->path.index);
		t->added = (struct addr){ 0 };
	}
	t->path.own_source = (struct addr){ 0 };
	if (!t->conf->health.enabled)
		return 0;
	if (addresses->failed) { /* the next audit asks again */
		(void)snprintf(t->trouble, sizeof(t->trouble),
			       "the node's addresses could not be read");
		return -EAGAIN;
	}
	survey_look(addresses, want, t->path.index, &here, &elsewhere);
	if (elsewhere)
		t->path.own_source = *want;
	if (elsewhere || here)
		return 0;
	r = nl_address_add(env->nl, t->path.index, want, addr_bits(want->family), &err);
	if (r) {
		(void)snprintf(t->trouble, sizeof(t->trouble), "probe source: %.200s", err.text);
		return r;
	}
	survey_add(addresses, want, t->path.index);
	t->added = *want;
	return 0;
}

int tunnel_device_repair(const struct env *env, struct tunnel *t, struct survey *addresses)
{
	struct nl_link link;
	struct err err;
	int r = nl_link_by_name(env->nl, t->path.device, &link);

	if (r)
		return r;
	t->path.index = link.index;
	if (!link.up || link.mtu != t->conf->mtu) {
		r = nl_link_set(env->nl, link.index, true, t->conf->mtu, &err);
		if (r) {
			(void)snprintf(t->trouble, sizeof(t->trouble), "%.240s", err.text);
			return r;
		}
		log_event(LOGL_INFO, "tunnel.device", "tunnel=%s device=%s mtu=%u", t->path.name,
			  t->path.device, t->conf->mtu);
	}
	return settle_source(env, t, addresses);
}

/* Several queues cost much (3.6 MB a device), so only who needs them gets them. */
static int open_queues(struct tunnel *t, struct err *err)
{
	int fds[IPC_WORKERS_MAX], r;

	if (t->lanes == 1)
		fds[0] = r = tun_open(t->path.device, &t->uso, err);
	else
		r = tun_open_queues(t->path.device, t->lanes, fds, &t->uso, err);
	for (unsigned i = 0; r >= 0 && i < t->lanes; i++) {
		t->lane[i].fd = fds[i];
		t->lane[i].attached = true;
	}
	return r;
}

int tunnel_device_open(const struct env *env, struct tunnel *t, struct survey *addresses)
{
	struct err err = { "" };
	int r;

	t->trouble[0] = '\0';
	r = open_queues(t, &err);
	if (r < 0) {
		(void)snprintf(t->trouble, sizeof(t->trouble), "%.240s", err.text);
		return r;
	}
	devconf_accept_asymmetric(t->path.device);
	devconf_be_silent(env->nl, t->path.device);
	r = tunnel_device_repair(env, t, addresses);
	if (r) {
		tunnel_device_close(env, t);
		return r;
	}
	return 0;
}

void tunnel_device_close(const struct env *env, struct tunnel *t)
{
	/* futae-esp holds a copy: deleting the link is what ends the device. */
	if (t->path.index)
		(void)nl_link_del(env->nl, t->path.index, NULL);
	for (unsigned i = 0; i < t->lanes; i++) {
		if (t->lane[i].fd >= 0)
			close(t->lane[i].fd);
		t->lane[i].fd = -1;
	}
	t->path.index = 0;
	t->added = (struct addr){ 0 };
}
