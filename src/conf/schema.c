/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables: every key there is. */
#include "conf/schema_tables.h"

#define DETECTION(member) FIELD_AT(struct conf_detection, member)

static const struct schema_field detection_fields[] = {
	{ "interval", &type_duration, DETECTION(interval), .min = MS, .max = 60 * SEC,
	  .help = "Between two probes. Required unless `auto`." },
	{ "silence", &type_duration, DETECTION(silence), .min = 3 * MS, .max = 600 * SEC,
	  .help = "Required unless `auto`. The tunnel is down after this time without any "
		  "authenticated packet from the "
		  "peer. At least three intervals." },
	{ "patience", &type_number, DETECTION(patience), .min = 1, .max = 100, .fallback = "4",
	  .help = "While the peer's packets arrive and only replies to probes are missing, this "
		  "many "
		  "times `silence` decides." },
	{ "auto", &type_bool, DETECTION(is_auto), .fallback = "no",
	  .help = "Choose interval and silence by what is measured of the path, in place of the "
		  "two "
		  "above. See [detection.md](detection.md)." },
	{ "false-failovers", &type_rate, DETECTION(budget), .min = VALUE_RATE_YEARS,
	  .max = 1000 * RATE_HOUR,
	  .help = "With `auto`: how many of them chance may cause. Default: 1/year." },
	{ "fastest", &type_duration, DETECTION(fastest), .min = 15 * MS, .max = 600 * SEC,
	  .help = "With `auto`: the shortest silence it may choose. Default: 30ms." },
	{ "slowest", &type_duration, DETECTION(slowest), .min = 15 * MS, .max = 600 * SEC,
	  .help = "With `auto`: the longest. Default: 5s." },
};

const struct schema_group schema_detection = {
	GROUP("detection", detection_fields, struct conf_detection, struct conf_detection),
	.finish = finish_detection,
	.help = "How fast silence decides, in own numbers instead of `relaxed` (1s and 5s), "
		"`normal` "
		"(100ms and 500ms) or `fast` (5ms and 30ms). Faster means earlier, and more often "
		"wrong on a bad line. `auto` is `{ auto: yes }`.",
};

static const struct schema_field secret_fields[] = {
	{ "file", &type_psk_file, TUNNEL(secret),
	  .help = "A file that holds the secret and nothing else; a line break at its end does not "
		  "count. It must be root's or ours and closed to others (`chmod 600`). Relative "
		  "paths start at the configuration's directory." },
	{ "text", &type_psk_text, TUNNEL(secret),
	  .help = "The secret itself. Prefer `file`. Printed configurations show `(hidden)` in its "
		  "place, which does not load back." },
};

static const struct schema_field certificate_fields[] = {
	{ "file", &type_pem, TUNNEL(secret), .required = true,
	  .help = "Our certificate, PEM or DER." },
	{ "key", &type_key, TUNNEL(secret), .required = true,
	  .help = "Its private key, without a password, closed to others (`chmod 600`)." },
	{ "ca", &type_pems, TUNNEL(secret), .required = true, .max = CONF_CA_MAX,
	  .help = "The authorities that may have signed the peer's certificate." },
};

static bool secret_present(const void *obj)
{
	return ((const struct raw_tunnel *)obj)->tunnel.secret.kind == CONF_SECRET_PSK;
}

static bool certificate_present(const void *obj)
{
	return ((const struct raw_tunnel *)obj)->tunnel.secret.kind == CONF_SECRET_CERT;
}

static bool identity_present(const void *obj)
{
	const struct conf_tunnel *t = &((const struct raw_tunnel *)obj)->tunnel;

	return *t->local_id || *t->remote_id;
}

static bool proposals_present(const void *obj)
{
	const struct conf_tunnel *t = &((const struct raw_tunnel *)obj)->tunnel;

	return *t->ike_proposals || *t->esp_proposals;
}

static const struct schema_group secret_group = {
	TUNNEL_GROUP("secret", secret_fields),
	.finish = finish_secret,
	.present = secret_present,
	.help = "A pre-shared secret, the same at both ends.",
};

static const struct schema_group certificate_group = {
	TUNNEL_GROUP("certificate", certificate_fields),
	.finish = finish_certificate,
	.present = certificate_present,
	.help = "X.509 certificates in place of a secret.",
};

static const struct schema_field identity_fields[] = {
	{ "local", &type_text, TUNNEL(local_id),
	  .help = "Who we say we are: an address, a name, user@name, or a distinguished name. "
		  "Default: our address; with a certificate, its subject." },
	{ "remote", &type_text, TUNNEL(remote_id),
	  .help = "Who the peer must say it is. Default: its address; with a certificate, whoever "
		  "it "
		  "names." },
};

static const struct schema_group identity_group = {
	TUNNEL_GROUP("identity", identity_fields),
	.present = identity_present,
	.help = "IKE identities.",
};

static const struct schema_field proposals_fields[] = {
	{ "ike", &type_ike_proposals, TUNNEL(ike_proposals),
	  .help = "For IKE, in strongSwan's words, best first. Default: a modern set that old "
		  "peers "
		  "find something in." },
	{ "esp", &type_esp_proposals, TUNNEL(esp_proposals), .help = "For ESP, likewise." },
};

static const struct schema_group proposals_group = {
	TUNNEL_GROUP("proposals", proposals_fields),
	.present = proposals_present,
	.help = "Algorithms to offer and accept.",
};

static const struct schema_word never[] = {
	{ "never", 0 }, { "off", 0 }, { "no", 0 }, { NULL, 0 }
};
const struct schema_word schema_off[] = { { "off", 0 }, { "no", 0 }, { "never", 0 }, { NULL, 0 } };

static const struct schema_field lifetime_fields[] = {
	{ "ike", &type_duration, TUNNEL(ike_rekey), .min = SEC, .max = 30 * DAY, .fallback = "4h",
	  .words = never, .help = "New keys for IKE after this time." },
	{ "child", &type_duration, TUNNEL(child_rekey), .min = SEC, .max = 30 * DAY,
	  .fallback = "1h", .words = never, .help = "New keys for the traffic after this time." },
	{ "reauth", &type_duration, TUNNEL(ike_reauth), .min = SEC, .max = 365 * DAY,
	  .fallback = "never", .words = never,
	  .help = "Authenticate anew after this time, the new connection before the old one "
		  "goes." },
	{ "bytes", &type_bytes, TUNNEL(child_bytes), .min = 1000000, .max = UINT64_MAX,
	  .fallback = "never", .words = never, .help = "New keys after this much traffic." },
	{ "packets", &type_number, TUNNEL(child_packets), .min = 1000, .max = UINT64_MAX,
	  .fallback = "never", .words = never, .help = "New keys after so many packets." },
};

static const struct schema_group lifetime_group = {
	TUNNEL_GROUP("lifetime", lifetime_fields),
	.help = "When keys are renewed. Rekeying starts at these times, a little early by chance; "
		"keys die a tenth later.",
};

#define TUNNEL_LIST(list, count) LIST_AT(struct raw_tunnel, tunnel.list, tunnel.count)

static const struct schema_field selectors_fields[] = {
	{ "local", &type_prefixes, TUNNEL_LIST(ts_local, ts_local_count), .max = CONF_SELECTORS_MAX,
	  .help = "Our side. Default: everything (0.0.0.0/0 and ::/0)." },
	{ "remote", &type_prefixes, TUNNEL_LIST(ts_remote, ts_remote_count),
	  .max = CONF_SELECTORS_MAX, .help = "The peer's side. Default: everything." },
	{ "separate", &type_bool, TUNNEL(ts_separate), .fallback = "no",
	  .help = "One pair of keys for each pair of selectors: for peers that take one pair only, "
		  "as with IKEv1." },
};

static const struct schema_group selectors_group = {
	TUNNEL_GROUP("selectors", selectors_fields),
	.help = "Which traffic the tunnel may carry (traffic selectors). Routes decide what it "
		"does "
		"carry.",
};

static const struct schema_word versions[] = { { "any", 0 }, { "1", 1 }, { "2", 2 }, { NULL, 0 } };
static const struct schema_word any_address[] = { { "any", 0 }, { NULL, 0 } };
static const struct schema_word encaps[] = { { "auto", 0 }, { "force", 1 }, { NULL, 0 } };
static const struct schema_word mtu_words[] = { { "auto", 0 }, { NULL, 0 } };
static const struct schema_word mss_words[] = {
	{ "auto", RAW_MSS_AUTO }, { "off", 0 }, { "no", 0 }, { NULL, 0 }
};
static const struct schema_word restore_words[] = { { "node", USEC_NEVER }, { NULL, 0 } };

static const struct schema_word half_life_words[] = {
	{ "node", USEC_NEVER }, { "off", 0 }, { "no", 0 }, { "never", 0 }, { NULL, 0 }
};

static const struct schema_field tunnel_flap_fields[] = {
	{ "half-life", &type_duration, RAW_TUNNEL(flap_half_life), .min = SEC, .max = DAY,
	  .fallback = "node", .words = half_life_words, .help = "As for the node." },
	{ "max", &type_duration, RAW_TUNNEL(flap_max), .min = 0, .max = DAY, .fallback = "node",
	  .words = restore_words, .help = "Likewise." },
};

static const struct schema_group tunnel_flap_group = {
	TUNNEL_GROUP("flap penalty of a tunnel", tunnel_flap_fields),
	.help = "The same for one tunnel.",
};

static const struct schema_field tunnel_fields[] = {
	{ "local", &type_address, TUNNEL(local), .required = true, .help = "Our outer address." },
	{ "remote", &type_address, TUNNEL(remote), .required = true, .words = any_address,
	  .help = "The peer's outer address; `any`: whoever can authenticate." },
	{ "device", &type_device, TUNNEL(device),
	  .help = "Name of the network interface. Default: the tunnel's name." },
	{ "version", &type_choice, TUNNEL(ike_version), .fallback = "any", .words = versions,
	  .help = "Of IKE. `any`: we start with 2 and answer both." },
	{ "secret", &type_group, .group = &secret_group, .help = "Pre-shared secret." },
	{ "certificate", &type_group, .group = &certificate_group,
	  .help = "X.509, in place of `secret`." },
	{ "identity", &type_group, .group = &identity_group, .help = "IKE identities." },
	{ "proposals", &type_group, .group = &proposals_group, .help = "Algorithms." },
	{ "lifetime", &type_group, .group = &lifetime_group, .help = "When keys are renewed." },
	{ "selectors", &type_group, .group = &selectors_group, .help = "Traffic selectors." },
	{ "children", &type_number, TUNNEL(children), .min = 1, .max = CONF_WORKERS_MAX,
	  .fallback = "1",
	  .help = "CHILD_SAs of equal selectors, each on another futae-esp, so that one tunnel's "
		  "flows use several processors; no more than there are `workers`. IKEv2 only." },
	{ "dpd", &type_duration, TUNNEL(dpd), .min = SEC, .max = HOUR, .fallback = "30s",
	  .words = schema_off,
	  .help = "Dead peer detection: ask the peer after so long without a packet." },
	{ "replay-window", &type_number, TUNNEL(replay_window), .min = 64, .max = 8192,
	  .fallback = "1024", .help = "Packets that may arrive out of order." },
	{ "nat-traversal", &type_choice, TUNNEL(force_encap), .fallback = "auto", .words = encaps,
	  .help = "`force`: ESP in UDP even when no NAT is seen." },
	{ "fragmentation", &type_bool, TUNNEL(fragmentation), .fallback = "yes",
	  .help = "Of IKE messages, by IKE itself." },
	{ "initiate", &type_bool, TUNNEL(initiate), .fallback = "yes",
	  .help = "Set the tunnel up ourselves; `no` waits for the peer. Always `no` with `remote: "
		  "any`." },
	{ "copy-dscp", &type_bool, TUNNEL(copy_dscp), .fallback = "yes",
	  .help = "Inner DSCP to the outer header; CS6 becomes CS7, since CS6 says health check." },
	{ "mtu", &type_number, TUNNEL(mtu), .min = 576, .max = 9000, .fallback = "auto",
	  .words = mtu_words,
	  .help = "Of the interface. `auto` fits a 1500 byte line with any algorithm: 1400 over "
		  "IPv4, 1380 over IPv6." },
	{ "mss", &type_number, RAW_TUNNEL(mss), .min = 216, .max = 8960, .fallback = "auto",
	  .words = mss_words,
	  .help = "Largest TCP segment to let hosts agree on, IPv4; 20 less for IPv6. `auto`: mtu "
		  "less 40." },
	{ "detection", &type_detection, TUNNEL(health.detection),
	  .help = "How fast silence decides. Default: the node's." },
	{ "restore", &type_duration, RAW_TUNNEL(restore), .min = 0, .max = DAY, .fallback = "node",
	  .words = restore_words, .help = "How long it must be good before it is used again." },
	{ "flap", &type_group, .group = &tunnel_flap_group,
	  .help = "Who fails often waits longer. Default: the node's." },
	{ "health", &type_group, .group = &schema_health,
	  .help = "A probe of the path. Without one only IKE tells whether the tunnel is good." },
	{ "reflect", &type_group, .group = &schema_reflect,
	  .help = "Answers to the other end's measurements." },
};

static const struct schema_group tunnel_group = {
	TUNNEL_GROUP("tunnel", tunnel_fields),
	.finish = finish_tunnel,
	.unfinish = unfinish_tunnel,
	.help = "One IPsec connection and its network interface.",
};

static const struct schema_field via_track_fields[] = {
	{ "track", &type_name, FIELD_AT(struct raw_via_track, track.track), .required = true,
	  .help = "This track of `tracks`." },
	{ "lost", &type_via_lost, FIELD_AT(struct raw_via_track, lost), .fallback = "unusable",
	  .help = "What happens while it does not hold: `unusable` takes the tunnel out of this "
		  "route; `standby` makes its weight 0; -N takes N off its weight, to 1 at "
		  "least." },
};

static const struct schema_group via_track_group = {
	GROUP("tracked condition of a route", via_track_fields, struct raw_via_track,
	      struct conf_via_track),
	.finish = finish_via_track,
	.unfinish = unfinish_via_track,
	.help = "A track that says whether this route may use the tunnel.",
};

static const struct schema_field via_fields[] = {
	{ "weight", &type_number, FIELD_AT(struct conf_via, weight), .min = 0, .max = 255,
	  .required = true, .help = "Its share of the traffic; 0 stands by." },
	{ "track", &type_list, LIST_AT(struct conf_via, track, track_count), .max = 8,
	  .group = &via_track_group, .help = "Tracks that change it." },
};

const struct schema_group schema_via = {
	GROUP("weighted tunnel", via_fields, struct conf_via, struct conf_via),
	.help = "In place of a weight alone.",
};

#define ROUTE(member) FIELD_AT(struct conf_route, member)

static const struct schema_field route_fields[] = {
	{ "to", &type_prefixes, LIST_AT(struct conf_route, to, to_count), .required = true,
	  .max = CONF_PREFIXES_MAX, .help = "Destination, or a list of them." },
	{ "from", &type_prefix, ROUTE(from),
	  .help = "Only traffic from here (a policy route). Default: from anywhere." },
	{ "via", &type_via, LIST_AT(struct conf_route, via, via_count), .required = true,
	  .help = "Tunnels and their weights, 0 to 255. Positive weights share the traffic in "
		  "proportion; 0 stands by and carries only when no positive one is usable." },
	{ "publish", &type_bool, ROUTE(publish), .fallback = "no",
	  .help = "Tell other routers, while a tunnel is usable." },
	{ "hold-off", &type_duration, ROUTE(hold_off), .min = 0, .max = 600 * SEC,
	  .fallback = "0ms",
	  .help = "How long a fault must last before the route leaves a tunnel, for lines that "
		  "mend themselves. An SA that is gone is not waited for." },
	{ "revert", &type_bool, ROUTE(revert), .fallback = "yes",
	  .help = "`no`: after a failover stay with the tunnel that took over until it fails or "
		  "somebody says `futae switch ROUTE auto`." },
	{ "source", &type_address, ROUTE(source),
	  .help = "Source address of the node's own packets. Default: chosen by the kernel." },
	{ "name", &type_text, ROUTE(name),
	  .help = "Default: the first prefix, `SOURCE>PREFIX` for policy routes." },
};

static const struct schema_group route_group = {
	GROUP("route", route_fields, struct conf_route, struct conf_route),
	.finish = finish_route,
	.help = "Prefixes by way of weighted tunnels.",
};

static const struct schema_word degraded_words[] = { { "good", 0 }, { "lost", 1 }, { NULL, 0 } };

#define CONDITIONS(holder)                                                                         \
	{ "tunnel", &type_name, FIELD_AT(holder, raw.tunnel), .help = "This tunnel is usable." },  \
		{ "interface", &type_device, FIELD_AT(holder, raw.interface),                      \
		  .help = "This interface is there, up, and has carrier." },                       \
		{ "track", &type_name, FIELD_AT(holder, raw.track), .help = "This track holds." }, \
		{ "route", &type_text, FIELD_AT(holder, raw.route),                                \
		  .help = "This route, by its name, has a usable tunnel." },                       \
	{                                                                                          \
		"degraded", &type_choice, FIELD_AT(holder, raw.degraded),                          \
			.fallback = "good", .words = degraded_words,                               \
			.help = "Of a tunnel. `lost`: while it is degraded this does not hold; "   \
				"VRRP then serves at the lowest priority instead of stopping."     \
	}

static const struct schema_word needs_words[] = { { "carrier", RAW_NEEDS_CARRIER },
						  { "address", RAW_NEEDS_ADDRESS },
						  { "oper", RAW_NEEDS_OPER },
						  { NULL, 0 } };
static const struct schema_word table_words[] = {
	{ "main", 254 }, { "local", 255 }, { "default", 253 }, { NULL, 0 }
};

#define ITEM(member) FIELD_AT(struct raw_track_item, member)

static const struct schema_field condition_fields[] = {
	CONDITIONS(struct raw_track_item),
	{ "health", &type_name, ITEM(health),
	  .help = "This tunnel's path answers, though it may have to wait for its restore time." },
	{ "vrrp", &type_name, ITEM(vrrp), .help = "This VRRP instance is master." },
	{ "prefix", &type_prefix, ITEM(cond.to),
	  .help = "The kernel has a route to exactly this prefix that leads somewhere: not a "
		  "blackhole, and not by a device without carrier." },
	{ "table", &type_number, ITEM(cond.table), .min = 1, .max = UINT32_MAX, .fallback = "main",
	  .words = table_words, .terse = true, .usual = 254,
	  .help = "With `prefix`: in this routing table." },
	{ "device", &type_device, ITEM(cond.device), .help = "With `prefix`: by this interface." },
	{ "needs", &type_choice, ITEM(needs), .fallback = "carrier", .words = needs_words,
	  .terse = true, .usual = RAW_NEEDS_CARRIER,
	  .help = "With `interface`, what it needs: `carrier`; `address`, carrier and an address "
		  "that is not link-local; `oper`, the operational state up (RFC 2863), so no "
		  "`dormant` port of a switch that has not let us in yet." },
	{ "not", &type_bool, ITEM(cond.negate), .fallback = "no", .terse = true, .usual = 0,
	  .help = "Holds when the rest does not. What is unknown holds in neither case." },
	{ "weight", &type_number, ITEM(cond.weight), .min = 1, .max = 255, .fallback = "1",
	  .terse = true, .usual = 1, .help = "What it counts in `at-least`." },
};

static const struct schema_group condition_group = {
	GROUP("condition", condition_fields, struct raw_track_item, struct conf_cond),
	.finish = finish_track_item,
	.unfinish = unfinish_track_item,
	.help = "What a track depends on, in `all`, `any` and `of` alike: exactly one of tunnel, "
		"interface, track, route, health, vrrp and prefix.",
};

static const struct schema_field vrrp_track_fields[] = {
	CONDITIONS(struct raw_vrrp_track),
	{ "lost", &type_lost, FIELD_AT(struct raw_vrrp_track, lost), .fallback = "stop",
	  .help = "What happens while the condition does not hold: `stop` leaves the addresses to "
		  "the "
		  "other routers, at once; -N lowers the priority by N." },
};

static const struct schema_group vrrp_track_group = {
	GROUP("tracked condition", vrrp_track_fields, struct raw_vrrp_track,
	      struct conf_vrrp_track),
	.finish = finish_vrrp_track,
	.unfinish = unfinish_vrrp_track,
	.help = "Exactly one of tunnel, interface, track and route, and what its loss does.",
};

static bool at_least_present(const void *obj)
{
	return ((const struct raw_track *)obj)->has_at_least;
}

#define CONDITION_LIST(list, count)                                                                \
	LIST_AT(struct raw_track, list, count), .max = CONF_CONDITIONS_MAX,                        \
						.group = &condition_group

static const struct schema_field at_least_fields[] = {
	{ "count", &type_number, FIELD_AT(struct raw_track, track.at_least), .min = 1,
	  .max = CONF_CONDITIONS_MAX * UINT64_C(255), .required = true,
	  .help = "So many, or so much weight." },
	{ "of", &type_list, CONDITION_LIST(of, of_count), .required = true, .help = "Of these." },
};

static const struct schema_group at_least_group = {
	GROUP("at-least", at_least_fields, struct raw_track, struct conf_track),
	.finish = finish_at_least,
	.present = at_least_present,
	.help = "A number of conditions.",
};

static bool script_present(const void *obj)
{
	return ((const struct raw_track *)obj)->has_script;
}

#define SCRIPT(member) FIELD_AT(struct raw_track, track.script.member)

static const struct schema_field script_fields[] = {
	{ "command", &type_command, FIELD_AT(struct raw_track, track.script), .required = true,
	  .help = "The program with its whole path, and its arguments; no shell. Neither it nor a "
		  "directory above it may be writable by others." },
	{ "interval", &type_duration, SCRIPT(interval), .min = 100 * MS, .max = HOUR,
	  .fallback = "1s", .help = "Between two starts." },
	{ "timeout", &type_duration, SCRIPT(timeout), .min = 10 * MS, .max = 600 * SEC,
	  .fallback = "500ms",
	  .help = "After this it is killed, with all that it started, and counts as lost." },
	{ "rise", &type_number, SCRIPT(rise), .min = 1, .max = 100, .fallback = "2",
	  .help = "So many good results in a row make it good." },
	{ "fall", &type_number, SCRIPT(fall), .min = 1, .max = 100, .fallback = "3",
	  .help = "So many bad ones in a row make it lost." },
};

static const struct schema_group script_group = {
	GROUP("script", script_fields, struct raw_track, struct conf_track),
	.finish = finish_script,
	.present = script_present,
	.help = "A program that says by its exit status whether the track holds: 0 does. It runs "
		"without rights as the user `futae-script`. The first result decides at once.",
};

static const struct schema_field track_fields[] = {
	{ "all", &type_list, CONDITION_LIST(all, all_count),
	  .help = "Holds while all of these do." },
	{ "any", &type_list, CONDITION_LIST(any, any_count),
	  .help = "Holds while one of these does." },
	{ "at-least", &type_group, .group = &at_least_group,
	  .help = "Holds while enough of these do." },
	{ "script", &type_group, .group = &script_group,
	  .help = "Holds while this program says so." },
	{ "down-delay", &type_duration, FIELD_AT(struct raw_track, track.down_delay), .min = 0,
	  .max = HOUR, .fallback = "0s", .help = "Lost only after it was lost for so long." },
	{ "up-delay", &type_duration, FIELD_AT(struct raw_track, track.up_delay), .min = 0,
	  .max = HOUR, .fallback = "0s", .help = "Back only after it held for so long." },
};

static const struct schema_group track_group = {
	GROUP("track", track_fields, struct raw_track, struct conf_track),
	.finish = finish_track,
	.unfinish = unfinish_track,
	.help = "A condition with a name: exactly one of `all`, `any`, `at-least` and `script`.",
};

#define VRRP(member) FIELD_AT(struct conf_vrrp, member)
#define VRRP_LIST(list, count) LIST_AT(struct conf_vrrp, list, count)

static bool unicast_present(const void *obj)
{
	return ((const struct conf_vrrp *)obj)->peer_count > 0;
}

static const struct schema_field unicast_fields[] = {
	{ "source", &type_address, VRRP(unicast_source),
	  .help = "Our address. Default: the interface's." },
	{ "peers", &type_addresses, VRRP_LIST(peers, peer_count), .required = true, .max = 64,
	  .help = "The other routers' addresses." },
	{ "min-ttl", &type_number, VRRP(min_ttl), .min = 1, .max = 255, .fallback = "255",
	  .help = "Hop limit that their advertisements must arrive with: 255 proves that they are "
		  "on this link, each router between takes one. What we send starts with 255." },
};

static const struct schema_group unicast_group = {
	GROUP("unicast", unicast_fields, struct conf_vrrp, struct conf_vrrp),
	.present = unicast_present,
	.help = "Advertisements to known routers, where multicast does not pass.",
};

static const struct schema_word vrrp_versions[] = { { "2", 2 }, { "3", 3 }, { NULL, 0 } };
static const struct schema_word interval_words[] = { { "auto", 0 }, { NULL, 0 } };

static const struct schema_word vrrp_checksums[] = { { "pseudo-header", CONF_CHECKSUM_PSEUDO },
						     { "plain", CONF_CHECKSUM_PLAIN },
						     { NULL, 0 } };

static const struct schema_field vrrp_fields[] = {
	{ "interface", &type_device, VRRP(interface), .required = true,
	  .help = "Where the hosts are. It need not be there yet." },
	{ "id", &type_number, VRRP(vrid), .min = 1, .max = 255, .required = true,
	  .help = "Virtual router id: the same on all its routers, unlike any other's there." },
	{ "addresses", &type_host_prefixes, VRRP_LIST(addresses, address_count), .required = true,
	  .max = 255,
	  .help = "Virtual addresses, of one family. IPv6: a link-local one first (RFC 9568, "
		  "5.2.9)." },
	{ "priority", &type_number, VRRP(priority), .min = 1, .max = 255, .fallback = "100",
	  .help = "Highest is master. 255: the addresses are our own." },
	{ "version", &type_choice, VRRP(version), .fallback = "3", .words = vrrp_versions,
	  .help = "3 (RFC 9568) or 2 (RFC 3768, IPv4 only). The same on all routers." },
	{ "interval", &type_duration, VRRP(interval), .min = 10 * MS, .max = 40950 * MS,
	  .fallback = "auto", .words = interval_words,
	  .help = "Between advertisements. Version 3: hundredths of a second, 10ms to 40.95s; "
		  "version "
		  "2: whole seconds. `auto`: 1s with relaxed detection, 150ms with normal and "
		  "auto, 10ms "
		  "with "
		  "fast; 1s in version 2." },
	{ "preempt", &type_bool, VRRP(preempt), .fallback = "yes",
	  .help = "Take over from a master of lower priority." },
	{ "preempt-delay", &type_duration, VRRP(preempt_delay), .min = 0, .max = HOUR,
	  .fallback = "0s", .help = "Wait so long before that." },
	{ "accept", &type_bool, VRRP(accept), .fallback = "yes",
	  .help = "Answer to the virtual addresses themselves (ping), not only forward." },
	{ "virtual-mac", &type_bool, VRRP(virtual_mac), .fallback = "yes",
	  .help = "Use the MAC address of the standard, so that hosts need not learn a new one." },
	{ "group", &type_name, VRRP(group),
	  .help = "Instances of one group move together, such as the IPv4 and the IPv6 one of a "
		  "LAN, "
		  "or the inner and the outer one: all are master here, or none. Write the same "
		  "groups on all routers." },
	{ "checksum", &type_choice, VRRP(checksum), .fallback = "pseudo-header",
	  .words = vrrp_checksums,
	  .help = "Of version 3 over IPv4, as we send it; we take both. `pseudo-header` is what "
		  "keepalived and FRR want unless told otherwise, `plain` is RFC 9568." },
	{ "unicast", &type_group, .group = &unicast_group, .help = "Peers by address." },
	{ "track", &type_list, VRRP_LIST(track, track_count), .max = CONF_CONDITIONS_MAX,
	  .group = &vrrp_track_group, .help = "What must hold for us to be master." },
};

static const struct schema_group vrrp_group = {
	GROUP("vrrp instance", vrrp_fields, struct conf_vrrp, struct conf_vrrp),
	.finish = finish_vrrp,
	.help = "An address that routers share.",
};

#define CONF(member) FIELD_AT(struct conf, member)

static const struct schema_field kernel_fields[] = {
	{ "table", &type_number, CONF(kernel.table), .min = 1, .max = UINT32_MAX, .fallback = "200",
	  .help = "Routing table of the tunnels' routes." },
	{ "rule-priority", &type_number, CONF(kernel.rule_priority), .min = 1, .max = 32765,
	  .fallback = "5200", .help = "Of the rule that leads there." },
	{ "publish-metric", &type_number, CONF(kernel.publish_metric), .min = 1, .max = UINT32_MAX,
	  .fallback = "4000",
	  .help = "Metric of the marker routes in the main table that BIRD or FRR picks up." },
	{ "guard-metric", &type_number, CONF(kernel.guard_metric), .min = 1, .max = UINT32_MAX,
	  .fallback = "5000",
	  .help = "Metric of the routes that stop what would leave in the clear." },
};

static const struct schema_group kernel_group = {
	GROUP("kernel", kernel_fields, struct conf, struct conf),
	.help = "Numbers to change when something else on the node uses them.",
};

static const struct schema_word workers_words[] = { { "auto", 0 }, { NULL, 0 } };

static const struct schema_field agree_fields[] = {
	{ "enabled", &type_bool, CONF(agree.enabled), .fallback = "yes",
	  .help = "Tell a futae peer what we see of each tunnel, and heed what it sees: neither "
		  "end "
		  "waits for the slower one, and both send by the same tunnel. Other makes ignore "
		  "it." },
	{ "lead", &type_number, CONF(agree.lead), .min = 0, .max = 254, .fallback = "128",
	  .help = "Of two ends with several tunnels between them, the greater chooses which "
		  "carries; the other follows. Equal: chosen by chance, the same at both ends." },
};

static const struct schema_group agree_group = {
	GROUP("agree", agree_fields, struct conf, struct conf),
	.help = "What both ends of a tunnel tell each other.",
};

static const struct schema_field flap_fields[] = {
	{ "half-life", &type_duration, CONF(flap.half_life), .min = SEC, .max = DAY,
	  .fallback = "60s", .words = schema_off,
	  .help = "Each failure adds a penalty of 1000, and the sum halves in this time. The first "
		  "failure costs nothing extra, each further one that comes soon doubles the "
		  "restore time. `off`: no penalty." },
	{ "max", &type_duration, CONF(flap.max), .min = 0, .max = DAY, .fallback = "10m",
	  .help = "The most that is added." },
};

static const struct schema_group flap_group = {
	GROUP("flap penalty", flap_fields, struct conf, struct conf),
	.help = "Who fails often waits longer before he is used again (the idea of RFC 2439).",
};

static const struct schema_field dataplane_fields[] = {
	{ "workers", &type_number, CONF(dataplane.workers), .min = 1, .max = CONF_WORKERS_MAX,
	  .fallback = "auto", .words = workers_words,
	  .help = "Processes that encrypt, each for its share of the tunnels: one tunnel is never "
		  "faster than one of them. `auto`: one on up to two processors, else half as many "
		  "as there are processors, at most four. Takes effect when futaed starts." },
};

static const struct schema_group dataplane_group = {
	GROUP("dataplane", dataplane_fields, struct conf, struct conf),
	.help = "How ESP uses the machine.",
};

static const struct schema_field top_fields[] = {
	{ "node", &type_name, CONF(node), .required = true, .help = "Name of this node." },
	{ "detection", &type_detection, CONF(detection), .fallback = "normal",
	  .help = "How fast silence decides, for all tunnels: `relaxed`, `normal`, `fast`, "
		  "`auto`, or own numbers." },
	{ "restore", &type_duration, CONF(restore), .min = 0, .max = DAY, .fallback = "30s",
	  .help = "How long a tunnel must be good before it is used again." },
	{ "flap", &type_group, .group = &flap_group,
	  .help = "Who fails often waits longer, for all tunnels." },
	{ "kernel", &type_group, .group = &kernel_group, .help = "Tables and metrics." },
	{ "agree", &type_group, .group = &agree_group,
	  .help = "What both ends of a tunnel tell each other." },
	{ "dataplane", &type_group, .group = &dataplane_group,
	  .help = "How ESP uses the machine." },
	{ "tunnels", &type_map, LIST_AT(struct conf, tunnels, tunnel_count),
	  .max = CONF_TUNNELS_MAX, .group = &tunnel_group, .help = "IPsec connections." },
	{ "routes", &type_list, LIST_AT(struct conf, routes, route_count), .max = CONF_ROUTES_MAX,
	  .group = &route_group, .help = "What goes through them." },
	{ "tracks", &type_map, LIST_AT(struct conf, tracks, track_count), .max = CONF_TRACKS_MAX,
	  .group = &track_group, .help = "Conditions with names, for VRRP and other tracks." },
	{ "vrrp", &type_map, LIST_AT(struct conf, vrrps, vrrp_count), .max = CONF_VRRP_MAX,
	  .group = &vrrp_group, .help = "Addresses shared with other routers." },
};

const struct schema_group schema_top = {
	GROUP("configuration", top_fields, struct conf, struct conf),
	.finish = finish_top,
	.help = "Everything is optional but `node`. A key that is not listed is an error.",
};
