/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration as the rest of the program sees it: checked, complete, every default
 * filled in.  Built by conf/load, never changed afterwards; a reload builds another and
 * conf/diff tells what differs.  doc/config.md explains every key.
 */
#ifndef CONF_MODEL_H
#define CONF_MODEL_H

#include "base/addr.h"
#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>

#define CONF_NAME 32 /* names, with the NUL: letters, digits, - _ . */
#define CONF_DEVICE 16 /* IFNAMSIZ */
#define CONF_TUNNELS_MAX 4096 /* = LIVENESS_SLOTS */
#define CONF_ROUTES_MAX 4096
#define CONF_VRRP_MAX 255
#define CONF_TRACKS_MAX 1024
#define CONF_PREFIXES_MAX 131072 /* of one route */
#define CONF_SELECTORS_MAX 32 /* of one side of a tunnel */
#define CONF_CA_MAX 8 /* certificate files of one tunnel */
#define CONF_CONDITIONS_MAX 64 /* of a track or VRRP instance */
#define CONF_COND_NAME 96 /* the longest: an IPv6 prefix, a table and an interface */
#define CONF_COMMAND_MAX 1024 /* bytes of a script's command, with a NUL after each word */

enum conf_profile { CONF_RELAXED, CONF_NORMAL, CONF_FAST, CONF_OWN, CONF_AUTO };

/* How fast silence decides; design.md section 4. */
struct conf_detection {
	enum conf_profile profile;
	usec_t interval; /* between probes */
	usec_t silence; /* without any authenticated packet: down */
	unsigned patience; /* times silence while signs of life arrive without replies, 4 */
	/* CONF_AUTO: interval and silence are those to start with, and these say what may become of
	 * them. */
	uint64_t budget; /* false failovers per VALUE_RATE_YEARS (conf/value.h) */
	usec_t fastest, slowest; /* silence */
	bool is_auto; /* as written; profile says the same */
};

/* When a path that works is degraded: used only if nothing better is. */
struct conf_degraded {
	uint16_t loss_percent; /* 0: not asked */
	usec_t delay; /* round trip; 0: not asked */
	usec_t big_every; /* between two probes as large as the tunnel's MTU; 0: none */
};

/* Who fails often waits longer before he is used again (fsm/damp.h). */
struct conf_flap {
	usec_t half_life; /* 0: no penalty */
	usec_t max; /* the most that it adds to restore */
};

struct conf_blob {
	char *path; /* as written; NULL: inline */
	uint8_t *data; /* owned, wiped on free */
	size_t len;
};

enum conf_secret_kind { CONF_SECRET_NONE, CONF_SECRET_PSK, CONF_SECRET_CERT };

struct conf_secret {
	enum conf_secret_kind kind;
	struct conf_blob psk;
	struct conf_blob cert, key;
	size_t ca_count;
	struct conf_blob *ca;
};

enum conf_probe {
	CONF_PROBE_ICMP,
	CONF_PROBE_BFD,
	CONF_PROBE_STAMP,
	CONF_PROBE_TCP,
	CONF_PROBE_UDP,
	CONF_PROBE_HTTP,
	CONF_PROBE_HTTPS,
	CONF_PROBE_COUNT
};

/* A BFD session; its intervals are conf_detection's. */
struct conf_bfd {
	bool multihop; /* RFC 5883 instead of 5881 */
	uint8_t min_ttl; /* of what arrives with multihop */
	bool demand;
	bool ignore_concatenated; /* the peer's word about what lies behind it */
	uint8_t auth; /* RFC 5880, 4.1: 0, 4 SHA-1 or 5 meticulous SHA-1 */
	uint8_t key_id;
	struct conf_secret key; /* its psk, of 1 to 20 bytes */
	char tell_vrrp[CONF_NAME], tell_track[CONF_NAME]; /* "": none */
};

struct conf_health {
	bool enabled;
	uint8_t kind; /* enum conf_probe */
	struct conf_bfd bfd; /* CONF_PROBE_BFD */
	struct addr source, target;
	uint16_t port; /* 0: the kind has none */
	struct conf_blob key; /* STAMP: of HMAC-SHA-256; .path NULL: unauthenticated */
	char url_path[128], url_host[128]; /* HTTP(S); host "": the target's address */
	struct conf_blob ca; /* HTTPS: who may sign; .path NULL: the system's */
	bool verify; /* HTTPS: its certificate */
	bool refused_is_good; /* TCP: a reset is an answer, too */
	bool pin; /* ICMP to target always through this tunnel, so that replies of hosts behind us
		     do */
	struct conf_detection detection;
	struct conf_degraded degraded;
	usec_t restore; /* how long it must be good before it is used again */
	struct conf_flap flap;
};

struct conf_reflect {
	bool stamp; /* answer STAMP requests that come by this tunnel */
	uint16_t port;
	uint32_t rate; /* requests per second, at most */
	struct conf_blob key; /* .path NULL: that of health, or none */
};

struct conf_tunnel {
	char name[CONF_NAME];
	char device[CONF_DEVICE]; /* default: the name */
	uint32_t if_id; /* stable over reloads: conf_diff carries it on */
	struct addr local, remote; /* remote ADDR_NONE: any */
	uint8_t ike_version; /* 0 any, 1, 2 */
	struct conf_secret secret;
	char local_id[128], remote_id[128];
	char ike_proposals[256], esp_proposals[256]; /* comma separated; "" = ours by default */
	size_t ts_local_count, ts_remote_count; /* at least 1 each: 0.0.0.0/0 and ::/0 by default */
	struct prefix *ts_local, *ts_remote;
	bool ts_separate;
	usec_t ike_rekey, ike_reauth, child_rekey; /* 0: never */
	uint64_t child_bytes, child_packets;
	usec_t dpd; /* 0: off */
	uint32_t replay_window;
	uint8_t children; /* CHILD_SAs of equal selectors; workers may be fewer */
	bool force_encap, fragmentation, initiate, copy_dscp;
	uint16_t mtu; /* of the device */
	uint16_t mss_v4, mss_v6; /* 0: off */
	struct conf_health health;
	struct conf_reflect reflect;
};

enum conf_via_lost { CONF_VIA_UNUSABLE, CONF_VIA_STANDBY, CONF_VIA_WEIGHT };

/* What the loss of a track does to one tunnel of one route. */
struct conf_via_track {
	char track[CONF_NAME];
	enum conf_via_lost lost;
	uint8_t less; /* for CONF_VIA_WEIGHT: taken off the weight */
};

struct conf_via {
	size_t tunnel; /* index into conf.tunnels */
	uint8_t weight; /* 0 stands by */
	size_t track_count;
	struct conf_via_track *track;
};

struct conf_route {
	char name[64]; /* default: its first prefix, "SRC>DST" for policy routes */
	size_t to_count;
	struct prefix *to;
	struct prefix from; /* .addr.family ADDR_NONE: any source */
	size_t via_count;
	struct conf_via *via; /* in the order written */
	struct addr source; /* preferred source of our own packets; ADDR_NONE: chosen */
	bool publish;
	usec_t hold_off; /* how long a fault must last before the route leaves a tunnel */
	bool revert; /* back to the better tunnel when that is usable again */
};

enum conf_lost { CONF_LOST_STOP, CONF_LOST_PRIORITY };

/* Those from HEALTH on are conditions of tracks only. */
enum conf_cond_kind {
	CONF_COND_TUNNEL,
	CONF_COND_INTERFACE,
	CONF_COND_TRACK,
	CONF_COND_ROUTE,
	CONF_COND_HEALTH, /* the tunnel's path answers, usable or held */
	CONF_COND_VRRP, /* the instance is master */
	CONF_COND_ADDRESS, /* the interface has carrier and an address */
	CONF_COND_OPER, /* the interface's operational state is up (RFC 2863) */
	CONF_COND_PREFIX, /* the kernel has this route */
	CONF_COND_SCRIPT, /* the script of the track of this name says so */
};

struct conf_cond {
	enum conf_cond_kind kind;
	char name[CONF_COND_NAME]; /* of the tunnel, interface, track ... */
	uint8_t degraded_lost; /* 1: a degraded tunnel does not hold (only held, as others may win)
				*/
	bool negate; /* holds when the named thing does not */
	uint8_t weight; /* what it counts in at-least */
	struct prefix to; /* of CONF_COND_PREFIX, as are the next two */
	uint32_t table;
	char device[CONF_DEVICE]; /* "": any */
};

enum conf_track_mode { CONF_TRACK_ALL, CONF_TRACK_ANY, CONF_TRACK_AT_LEAST, CONF_TRACK_SCRIPT };

struct conf_script {
	char command[CONF_COMMAND_MAX]; /* words, each with its NUL */
	size_t command_len;
	usec_t interval, timeout;
	unsigned rise, fall; /* so many results in a row change what it says */
};

struct conf_track {
	char name[CONF_NAME];
	enum conf_track_mode mode;
	unsigned at_least;
	usec_t down_delay, up_delay;
	size_t cond_count;
	struct conf_cond *cond; /* of CONF_TRACK_SCRIPT: one, the script itself */
	struct conf_script script;
};

struct conf_vrrp_track {
	struct conf_cond cond;
	enum conf_lost lost;
	int priority; /* added while lost, negative, for CONF_LOST_PRIORITY */
};

enum conf_vrrp_checksum { CONF_CHECKSUM_PSEUDO, CONF_CHECKSUM_PLAIN };

struct conf_vrrp {
	char name[CONF_NAME];
	char group[CONF_NAME]; /* whose instances move together; empty: none */
	char interface[CONF_DEVICE];
	uint8_t vrid; /* 1-255 */
	uint8_t version; /* 2 or 3 */
	size_t address_count;
	struct prefix *addresses; /* virtual; the length as written, default host */
	enum addr_family
		family; /* of all addresses; the first IPv6 one is link-local (RFC 9568, 5.2.9) */
	uint8_t priority; /* 1-255, 255: we own the addresses */
	usec_t interval; /* v3: hundredths, 10 ms - 40.95 s; v2: whole seconds */
	bool preempt, accept, virtual_mac;
	usec_t preempt_delay;
	enum conf_vrrp_checksum checksum; /* of version 3 over IPv4 */
	size_t peer_count; /* > 0: unicast */
	struct addr *peers;
	struct addr unicast_source; /* ADDR_NONE: the interface's */
	uint8_t min_ttl; /* of advertisements from peers; 255 for multicast always */
	size_t track_count;
	struct conf_vrrp_track *track;
};

struct conf_kernel {
	uint32_t table; /* 200 */
	uint32_t rule_priority; /* 5200 */
	uint8_t protocol; /* 200 */
	uint32_t publish_metric, guard_metric; /* 4000, 5000 */
};

#define CONF_WORKERS_MAX 16 /* = IPC_WORKERS_MAX */

struct conf_dataplane {
	uint8_t workers; /* futae-esp processes; 0: by the number of processors */
};

/* What both ends of a tunnel tell each other, when both are futae. */
struct conf_agree {
	bool enabled;
	uint8_t lead; /* the greater leads */
};

struct conf {
	char node[64];
	struct conf_detection detection;
	usec_t restore;
	struct conf_flap flap;
	struct conf_kernel kernel;
	struct conf_dataplane dataplane;
	struct conf_agree agree;
	size_t tunnel_count, route_count, track_count, vrrp_count;
	struct conf_tunnel *tunnels;
	struct conf_route *routes;
	struct conf_track *tracks;
	struct conf_vrrp *vrrps;
};

/* Frees everything, wiping secrets; NULL is fine. */
void conf_free(struct conf *conf);
const char *conf_probe_name(enum conf_probe kind); /* "icmp", as it is written */
/* The detection of that name (relaxed, normal, fast), or NULL. */
const struct conf_detection *conf_profile(const char *name);
/* The tunnel's index, or -1. */
long conf_find_tunnel(const struct conf *conf, const char *name);

#endif
