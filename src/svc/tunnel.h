/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tunnels: the device, its addresses, its place in futae-esp and its connection in
 * futae-ike.  Keeps a copy of every TUN fd, so that a device has carrier (and the kernel
 * keeps its nexthops) while futae-esp is away.
 */
#ifndef SVC_TUNNEL_H
#define SVC_TUNNEL_H

#include "base/buf.h"
#include "conf/model.h"
#include "svc/env.h"
#include "svc/path.h"
#include "wire/ipc_msg.h"

struct sibling;

struct tunnel {
	struct path path; /* owned; registered in env->paths */
	const struct conf_tunnel *conf; /* in the running configuration */
	struct tunnel_lane {
		struct sibling *esp; /* the worker that has it */
		int fd; /* our copy of a queue of the TUN device; -1: it is not open */
		bool attached; /* the kernel puts packets into it */
		unsigned sa_in, sa_out;
		struct ipc_stats stats;
	} * lane; /* owned; see tunnel_lane.h */
	unsigned lanes; /* at least 1 */
	bool uso; /* as tun_open() tells */
	struct ipc_ike_state ike; /* as futae-ike told last */
	usec_t child_rekeyed; /* when IKE last gave new keys for traffic; 0: never */
	struct ipc_stats stats; /* of all lanes, as futae-esp told last */
	char trouble[256]; /* why the device is not there, empty when it is */
	struct addr added; /* the source address we put on the device */
	bool wanted; /* in the configuration being applied */
};

struct tunnels;

/* esp: an array of so many workers. */
struct tunnels *tunnels_new(const struct env *env, struct sibling *esp, unsigned workers,
			    struct sibling *ike, struct liveness *live);
void tunnels_free(struct tunnels *ts);
/* Adds and changes what differs; tunnels that are gone stay until tunnels_prune(). */
int tunnels_apply(struct tunnels *ts, const struct conf *conf);
void tunnels_prune(struct tunnels *ts);
/* Everything anew, to a sibling that has just started. */
void tunnels_tell_esp(struct tunnels *ts, unsigned worker);
void tunnels_tell_ike(struct tunnels *ts);
/* To worker 0, whose peers the others' tunnels have: once a second, when that has changed. */
void tunnels_tell_peers(struct tunnels *ts, bool anew);
/* 0, or -EBADMSG for what is not a tunnel's message */
int tunnels_from_esp(struct tunnels *ts, unsigned worker, struct view msg);
int tunnels_from_ike(struct tunnels *ts, struct view msg);
void tunnels_esp_died(struct tunnels *ts, unsigned worker); /* its SAs are gone with it */
/* Looks whether devices and addresses are still as they should be, and repairs. */
void tunnels_audit(struct tunnels *ts);
/* A new IKE connection in place of what there is. */
int tunnels_redial(struct tunnels *ts, const char *name);
int tunnels_rekey(struct tunnels *ts, const char *name, enum ipc_rekey which);

size_t tunnels_count(const struct tunnels *ts);
const struct tunnel *tunnels_get(const struct tunnels *ts, size_t i);
struct ipc_stats tunnels_stray_stats(const struct tunnels *ts); /* what belongs to none */

#endif
