/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of a tunnel that say how its path is watched, and what the other end may ask of it. */
#include "conf/schema_tables.h"

static bool health_present(const void *obj)
{
	return ((const struct raw_tunnel *)obj)->tunnel.health.enabled;
}

static const struct schema_field degraded_fields[] = {
	{ "loss", &type_percent, TUNNEL(health.degraded.loss_percent), .min = 1, .max = 100,
	  .fallback = "20%", .words = schema_off,
	  .help = "So many of the last 64 probes unanswered, for 128 intervals, 3s at least." },
	{ "delay", &type_duration, TUNNEL(health.degraded.delay), .min = MS, .max = 60 * SEC,
	  .fallback = "1s", .words = schema_off,
	  .help = "Round trip as long as this, for 8 intervals, 3s at least." },
	{ "big-packets", &type_duration, TUNNEL(health.degraded.big_every), .min = SEC, .max = HOUR,
	  .fallback = "10s", .words = schema_off,
	  .help = "Send an echo request as large as the tunnel's MTU this often: three in a row "
		  "lost while small ones are answered. Nothing is concluded from a peer that never "
		  "answered one." },
};

static const struct schema_group degraded_group = {
	TUNNEL_GROUP("degraded", degraded_fields),
	.help = "When a tunnel that works is degraded: used only if nothing better is. It is good "
		"again after `restore` at half of the loss or three quarters of the delay.",
};

static const struct schema_word pin_words[] = {
	{ "yes", 1 },
	{ "no", 0 },
	{ "on", 1 },
	{ "off", 0 },
	{ "true", 1 },
	{ "false", 0 },
	{ "auto", RAW_PIN_AUTO },
	{ NULL, 0 },
};

static const struct schema_word probe_words[] = {
	{ "icmp", CONF_PROBE_ICMP },   { "bfd", CONF_PROBE_BFD },
	{ "stamp", CONF_PROBE_STAMP }, { "tcp", CONF_PROBE_TCP },
	{ "udp", CONF_PROBE_UDP },     { "http", CONF_PROBE_HTTP },
	{ "https", CONF_PROBE_HTTPS }, { NULL, 0 },
};
static const struct schema_word port_words[] = { { "auto", 0 }, { NULL, 0 } };
static const struct schema_word refused_words[] = { { "down", 0 }, { "good", 1 }, { NULL, 0 } };

#define BFD(member) TUNNEL(health.bfd.member)

static bool bfd_present(const void *obj)
{
	return ((const struct raw_tunnel *)obj)->tunnel.health.kind == CONF_PROBE_BFD;
}

static bool bfd_auth_present(const void *obj)
{
	return ((const struct raw_tunnel *)obj)->tunnel.health.bfd.auth != 0;
}

static const struct schema_field bfd_secret_fields[] = {
	{ "file", &type_psk_file, BFD(key),
	  .help = "A file that holds it and nothing else, as for the tunnel's own secret." },
	{ "text", &type_psk_text, BFD(key), .help = "The secret itself. Prefer `file`." },
};

static const struct schema_group bfd_secret_group = {
	TUNNEL_GROUP("secret", bfd_secret_fields),
	.finish = finish_bfd_secret,
	.present = bfd_auth_present,
	.help = "1 to 20 bytes, the same at both ends.",
};

/* As RFC 5880, 4.1 counts them. */
static const struct schema_word bfd_auth_words[] = { { "meticulous-sha1", 5 },
						     { "sha1", 4 },
						     { NULL, 0 } };

static const struct schema_field bfd_auth_fields[] = {
	{ "type", &type_choice, BFD(auth), .fallback = "meticulous-sha1", .words = bfd_auth_words,
	  .help = "`meticulous-sha1`: each packet has a number of its own and is taken once; "
		  "`sha1`: numbers may repeat." },
	{ "key-id", &type_number, BFD(key_id), .max = UINT8_MAX, .required = true,
	  .help = "Number of the key, the same at both ends." },
	{ "secret", &type_group, .group = &bfd_secret_group, .required = true, .help = "The key." },
};

static const struct schema_group bfd_auth_group = {
	TUNNEL_GROUP("auth", bfd_auth_fields),
	.present = bfd_auth_present,
	.help = "Authentication of BFD packets (RFC 5880, 4.4). ESP authenticates them already; "
		"this is for peers that ask for it.",
};

static const struct schema_word concatenated_words[] = { { "down", 0 },
							 { "ignore", 1 },
							 { NULL, 0 } };

static const struct schema_field bfd_fields[] = {
	{ "multihop", &type_bool, BFD(multihop), .fallback = "no",
	  .help = "`yes`: RFC 5883, UDP 4784, for a target some routers away. `no`: RFC 5881, UDP "
		  "3784, and a TTL of 255 proves that the peer is at the tunnel's other end." },
	{ "min-ttl", &type_number, BFD(min_ttl), .min = 1, .max = 255, .fallback = "254",
	  .help = "With `multihop`, the least TTL that is taken." },
	{ "demand", &type_bool, BFD(demand), .fallback = "no",
	  .help = "Demand mode: the peer is silent and answers our polls, one each interval." },
	{ "concatenated", &type_choice, BFD(ignore_concatenated), .fallback = "down",
	  .words = concatenated_words,
	  .help = "When the peer says that the path behind it is down (diagnostic 6) in a session "
		  "that is up: `down` leaves the tunnel, `ignore` does not." },
	{ "tell-vrrp", &type_name, BFD(tell_vrrp),
	  .help = "Tell the peer that the path behind us is down while this VRRP instance is not "
		  "master." },
	{ "tell-track", &type_name, BFD(tell_track),
	  .help = "The same while this track does not hold." },
	{ "auth", &type_group, .group = &bfd_auth_group, .help = "Authentication." },
};

static const struct schema_group bfd_group = {
	TUNNEL_GROUP("bfd", bfd_fields),
	.present = bfd_present,
	.help = "Of `kind: bfd`. Intervals come from `detection`: desired TX and required RX are "
		"its `interval`, at least 3ms; the multiplier is silence / interval.",
};

static const struct schema_field health_fields[] = {
	{ "kind", &type_choice, TUNNEL(health.kind), .fallback = "icmp", .words = probe_words,
	  .help = "How to ask. `icmp`: echo requests, which every router answers. `bfd`: a "
		  "session as of RFC 5880, which finds out at both ends. `stamp` (RFC "
		  "8762): measures each direction, with another futae or any STAMP or TWAMP-Light "
		  "reflector. `tcp`, `udp` (echo), `http`, `https`: a service behind the other "
		  "end. See probes.md." },
	{ "source", &type_address, TUNNEL(health.source), .required = true,
	  .help = "Address probes come from: one of ours, or a free one of our network; it is "
		  "added to "
		  "the tunnel's device when the node does not have it." },
	{ "target", &type_address, TUNNEL(health.target), .required = true,
	  .help = "Address to probe. Choose the other router's own address, not a host behind it: "
		  "that proves the tunnel and no other path." },
	{ "port", &type_number, TUNNEL(health.port), .min = 1, .max = UINT16_MAX,
	  .fallback = "auto", .words = port_words,
	  .help = "To ask at. `auto`: stamp 862, udp 7, http 80, https 443; tcp needs one, icmp "
		  "has "
		  "none." },
	{ "key", &type_mac_key, TUNNEL(health.key),
	  .help = "stamp: a file with the key that both ends share (`chmod 600`): authenticated "
		  "mode, HMAC-SHA-256. Default: unauthenticated." },
	{ "path", &type_text, TUNNEL(health.url_path),
	  .help = "http, https: what to ask for. Default: `/`." },
	{ "host", &type_text, TUNNEL(health.url_host),
	  .help = "http, https: the name in the request, and in the certificate. Default: the "
		  "target's address." },
	{ "ca", &type_ca_file, TUNNEL(health.ca),
	  .help = "https: a file with the authorities that may have signed the certificate. "
		  "Default: the system's." },
	{ "verify", &type_bool, TUNNEL(health.verify), .fallback = "yes",
	  .help = "https: the certificate must be right. `no` takes any." },
	{ "refused", &type_choice, TUNNEL(health.refused_is_good), .fallback = "down",
	  .words = refused_words,
	  .help = "tcp: what it means that the target refuses the connection. `good`: the path "
		  "works, whether the service does or not." },
	{ "pin", &type_choice, RAW_TUNNEL(pin), .fallback = "auto", .words = pin_words,
	  .help = "Send all ICMP for the target through this tunnel, so that replies of hosts "
		  "behind "
		  "us come back the way the peer's probes came. `auto`: yes when the node has "
		  "several "
		  "tunnels and no other one has this target." },
	{ "degraded", &type_group, .group = &degraded_group,
	  .help = "When a tunnel that works is used only if nothing better is." },
	{ "bfd", &type_group, .group = &bfd_group, .help = "More about `kind: bfd`." },
};

const struct schema_group schema_health = {
	TUNNEL_GROUP("health", health_fields),
	.finish = finish_health,
	.present = health_present,
	.help = "A probe that proves the tunnel's path.",
};

static const struct schema_word reflect_words[] = {
	{ "yes", 1 },
	{ "no", 0 },
	{ "on", 1 },
	{ "off", 0 },
	{ "true", 1 },
	{ "false", 0 },
	{ "auto", RAW_REFLECT_AUTO },
	{ NULL, 0 },
};

static const struct schema_field reflect_fields[] = {
	{ "stamp", &type_choice, RAW_TUNNEL(reflect), .fallback = "auto", .words = reflect_words,
	  .help = "Answer STAMP and TWAMP-Light requests that come by this tunnel. `auto`: yes "
		  "when `health` is of kind stamp." },
	{ "port", &type_number, TUNNEL(reflect.port), .min = 1, .max = UINT16_MAX,
	  .fallback = "862", .help = "UDP port to listen at." },
	{ "rate", &type_number, TUNNEL(reflect.rate), .min = 1, .max = 100000, .fallback = "1000",
	  .help = "Requests per second, of all senders together; what is more is dropped." },
	{ "key", &type_mac_key, TUNNEL(reflect.key),
	  .help = "A file with the key: only authenticated requests are answered. Default: the key "
		  "of `health`." },
};

const struct schema_group schema_reflect = {
	TUNNEL_GROUP("reflect", reflect_fields),
	.help = "What the other end may measure by this tunnel.",
};

const char *conf_probe_name(enum conf_probe kind)
{
	for (const struct schema_word *w = probe_words; w->word; w++)
		if (w->value == kind)
			return w->word;
	return "?";
}
