/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What futaed, futae-esp and futae-ike say to each other, one message per SOCK_SEQPACKET
 * packet: a type byte, then the fields of that type in order.  A receiver trusts it as
 * little as a packet from the Internet: decoders check every length and every enum.
 *
 *     futaed ---- tunnels, sockets, answers ---> futae-esp      (fds travel as SCM_RIGHTS)
 *     futaed ---- connections --------------> futae-ike
 *     futae-esp <-- IKE datagrams, SAs --> futae-ike            (one socket: order holds)
 *
 * There may be several futae-esp, workers 0 ... count - 1.  Tunnel and SAs of an if_id are worker
 * if_id % count's, and inbound SPIs are chosen so that SPI % count is the same.  IKE datagrams are
 * worker 0's.  So SAs of the others and IKE go by different sockets: those SAs are acknowledged.
 *
 * Decoders fill a caller's struct; blobs and datagrams point into the received bytes.
 * Strings in structs are NUL-terminated.  0 or -EBADMSG; encoders give the length or
 * -EMSGSIZE.
 */
#ifndef WIRE_IPC_MSG_H
#define WIRE_IPC_MSG_H

#include "base/addr.h"
#include "base/buf.h"
#include "base/clock.h"

#include <stdbool.h>
#include <sys/types.h>

#define IPC_MSG_MAX 131072u
#define IPC_NAME 32 /* tunnel names, with the NUL */
#define IPC_TEXT 256
#define IPC_KEY_MAX 96 /* one key: cipher with salt, or integrity */
#define IPC_TS_MAX 32 /* traffic selectors of one side */
#define IPC_CERT_MAX 8 /* CA certificates of one connection */
#define IPC_ANSWERS_MAX 256
#define IPC_WORKERS_MAX 16u
#define IPC_PEERS_MAX 4096u

enum ipc_type {
	/* futaed -> futae-esp */
	IPC_ESP_SOCKETS = 1, /* struct ipc_sockets, IPC_SOCKETS fds, see enum ipc_socket */
	IPC_ESP_LIVENESS, /* fd: memfd holding struct liveness (wire/liveness.h) */
	IPC_ESP_TUNNEL, /* struct ipc_tunnel, fd: the TUN device.  Adds or changes */
	IPC_ESP_TUNNEL_DEL, /* u32 if_id */
	IPC_ESP_ANSWERS, /* struct ipc_answers: replaces the whole list */
	IPC_ESP_STATS_ASK, /* empty; answered by one IPC_ESP_STATS per tunnel and one with if_id 0
			    */
	IPC_ESP_EXPRESS, /* struct ipc_express: a packet to send ahead of everything else */
	/* futaed -> futae-esp, and futaed -> futae-ike */
	IPC_SIBLING, /* struct ipc_worker, fd: the socket between that futae-esp and futae-ike;
			replaces the old one */
	/* futaed -> futae-esp */
	IPC_ESP_PEERS, /* struct ipc_peers, to worker 0: replaces the whole list */
	IPC_ESP_BATCH, /* several IPC_ESP_EXPRESS in one; see ipc_batch_add() */
	/* futae-esp -> futaed */
	IPC_ESP_TUNNEL_SA = 20, /* struct ipc_tunnel_sa, whenever it changes */
	IPC_ESP_STATS, /* struct ipc_stats */
	IPC_ESP_WORD, /* struct ipc_word: the peer says something new, or once more */
	/* futaed -> futae-ike */
	IPC_IKE_CONN =
		40, /* struct ipc_conn: adds or replaces.  Unchanged content changes nothing */
	IPC_IKE_CONN_DEL, /* str name: terminates its SAs and forgets it */
	IPC_IKE_REKEY, /* u8 enum ipc_rekey, str name */
	IPC_IKE_REDIAL, /* str name: drop its SAs and set up again at once */
	/* futae-ike -> futaed */
	IPC_IKE_STATE = 60, /* struct ipc_ike_state, whenever it changes */
	IPC_IKE_EVENT, /* struct ipc_ike_event */
	/* futae-esp <-> futae-ike */
	IPC_IKE_DATAGRAM = 80, /* struct ipc_datagram, both ways */
	/* futae-ike -> futae-esp */
	IPC_SA_ADD, /* struct ipc_sa */
	IPC_SA_UPDATE, /* struct ipc_sa_update: the peer's or our outer address changed */
	IPC_SA_DEL, /* struct ipc_sa_ref */
	IPC_SA_FLUSH, /* empty: forget every SA (a new futae-ike starts) */
	/* futae-esp -> futae-ike */
	IPC_SA_USAGE = 100, /* struct ipc_sa_usage, once a second for each SA that moved */
	IPC_SA_EXPIRE, /* struct ipc_sa_expire: byte or packet limit, or sequence numbers run out */
	IPC_SA_MAPPING, /* struct ipc_sa_mapping: authenticated ESP came from a new NAT mapping */
	IPC_SA_DONE, /* struct ipc_sa_ref: it is in place.  Not said by worker 0 */
	/* futaed -> futae-script */
	IPC_SCRIPT_RUN = 140, /* struct ipc_script_run; answered by one IPC_SCRIPT_DONE */
	/* futae-script -> futaed */
	IPC_SCRIPT_DONE, /* struct ipc_script_done */
};

/* EXPRESS is port 4500 as well: the kernel puts there what must not wait behind bulk traffic. */
enum ipc_socket {
	IPC_SOCK_UDP500_V4,
	IPC_SOCK_UDP4500_V4,
	IPC_SOCK_ESP_V4,
	IPC_SOCK_EXPRESS_V4,
	IPC_SOCK_UDP500_V6,
	IPC_SOCK_UDP4500_V6,
	IPC_SOCK_ESP_V6,
	IPC_SOCK_EXPRESS_V6,
	IPC_SOCK_COUNT
};

/* Of the bulk sockets there are several, each for a share of the peers: behind those above come the
 * others, IPv4's first.  They are read, and never sent by. */
#define IPC_BULK_SHARES 8
#define IPC_SOCKETS (IPC_SOCK_COUNT + 2 * (IPC_BULK_SHARES - 1))

/* Which futae-esp of how many. */
struct ipc_worker {
	uint8_t number, count;
};

static inline unsigned ipc_worker_of(uint32_t if_id_or_spi, unsigned count)
{
	return if_id_or_spi % count;
}

struct ipc_sockets {
	struct ipc_worker worker;
	/* The kernel may join UDP packets of one sender and port: not where these may have SPIs of
	 * several workers, since it looks at the first only. */
	bool join;
};

struct ipc_tunnel {
	uint32_t if_id; /* 1 ... ; also ties SAs to the device */
	uint32_t slot; /* this tunnel's place in struct liveness */
	char name[IPC_NAME];
	uint16_t mtu; /* of the TUN device */
	uint16_t mss_v4, mss_v6; /* clamp TCP SYNs to this; 0 leaves them */
	bool copy_dscp; /* inner DSCP to the outer header (RFC 4301, 5.1.2.1) */
	bool uso; /* the device takes UDP packets of up to 64 KB to cut up */
	bool shared; /* other workers have queues of the device, and write the slot, too */
};

/*
 * Addresses for which echo requests that arrive in a tunnel are answered by futae-esp, back
 * through that same tunnel, so that a probe always proves one path.  `fit` says what a
 * health check is told: an echo reply, or host unreachable.
 */
struct ipc_answer {
	struct addr addr;
	bool fit;
	bool fit_alone; /* what to say while futaed is gone: its VRRP is silent then */
};

struct ipc_answers {
	unsigned count;
	struct ipc_answer list[IPC_ANSWERS_MAX];
};

/* Whom the tunnels of other workers are up with: their IKE must not drown in that of strangers. */
struct ipc_peers {
	unsigned count;
	struct addr list[IPC_PEERS_MAX];
};

/* A health check's packet: it waits in no queue, and its outer packet says CS6 (RFC 4594, 3.2). */
struct ipc_express {
	uint32_t if_id;
	struct view packet;
};

#define IPC_WORD_LEN 32u /* = AGREE_WORD_LEN */

/* What a peer's health check that came by the tunnel carries; anything at all. */
struct ipc_word {
	uint32_t if_id;
	uint8_t word[IPC_WORD_LEN];
};

struct ipc_tunnel_sa {
	uint32_t if_id;
	uint16_t inbound, outbound; /* SAs installed */
};

/* Drop reasons, counted per tunnel (or for if_id 0 where no tunnel could be told). */
#define IPC_DROPS(X)                                                                               \
	X(NO_SA, "no-sa")                                                                          \
	X(UNKNOWN_SPI, "unknown-spi")                                                              \
	X(SHORT, "short")                                                                          \
	X(AUTH, "authentication")                                                                  \
	X(REPLAY, "replay")                                                                        \
	X(PADDING, "padding")                                                                      \
	X(INNER, "inner-malformed")                                                                \
	X(SELECTOR, "selector")                                                                    \
	X(TOO_BIG, "too-big")                                                                      \
	X(TTL, "ttl")                                                                              \
	X(QUEUE, "queue-full")                                                                     \
	X(SEND, "send-failed")                                                                     \
	X(TUN, "tun-write-failed")                                                                 \
	X(SEQUENCE, "sequence-exhausted")                                                          \
	X(EXPIRED, "sa-expired")                                                                   \
	X(IKE_MALFORMED, "ike-malformed")                                                          \
	X(IKE_OVERLOAD, "ike-overload")                                                            \
	X(WRONG_ADDRESS, "wrong-address")                                                          \
	X(CONGESTION, "congestion")

enum ipc_drop {
#define X(id, text) IPC_DROP_##id,
	IPC_DROPS(X)
#undef X
		IPC_DROP_COUNT
};

const char *ipc_drop_name(enum ipc_drop drop); /* "replay" */

struct ipc_stats {
	uint32_t if_id; /* 0: what belongs to no tunnel */
	uint64_t in_packets, in_bytes, out_packets, out_bytes; /* inner, delivered and sent */
	uint64_t drops[IPC_DROP_COUNT];
};

void ipc_stats_add(struct ipc_stats *sum, const struct ipc_stats *more);

enum ipc_auth { IPC_AUTH_PSK, IPC_AUTH_CERT };
enum ipc_rekey { IPC_REKEY_IKE, IPC_REKEY_CHILD };

/* One IKE connection; empty strings and zeros mean "the default". */
struct ipc_conn {
	char name[IPC_NAME];
	uint32_t if_id;
	uint8_t version; /* 1, 2, or 0: we start with 2 and answer both */
	struct addr local, remote; /* remote ADDR_NONE: anyone who can authenticate */
	char local_id[128],
		remote_id[128]; /* as in swanctl.conf; empty: the address (PSK) or the subject */
	enum ipc_auth auth;
	struct view psk; /* wiped by the caller after sending */
	struct view cert, key; /* PEM or DER, whole files */
	unsigned ca_count;
	struct view ca[IPC_CERT_MAX];
	char ike_proposals[IPC_TEXT],
		esp_proposals[IPC_TEXT]; /* comma separated, strongSwan's words */
	unsigned ts_local_count, ts_remote_count;
	struct prefix ts_local[IPC_TS_MAX], ts_remote[IPC_TS_MAX];
	bool ts_separate; /* a CHILD_SA for each pair of selectors (peers that take one pair only,
			     IKEv1) */
	uint32_t ike_rekey_sec, ike_reauth_sec, child_rekey_sec; /* 0: reauth never */
	uint64_t child_bytes, child_packets; /* soft limits, 0: none */
	uint32_t dpd_sec; /* 0: off */
	uint32_t replay_window; /* packets */
	uint8_t children; /* CHILD_SAs of equal selectors, each another worker's: 1 ... */
	bool force_encap; /* ESP in UDP even without a NAT */
	bool fragmentation;
	bool initiate; /* false: wait for the peer */
	usec_t initiate_delay; /* head start left to the peer, so that not both dial at once */
};

enum ipc_ike_phase { IPC_IKE_IDLE, IPC_IKE_CONNECTING, IPC_IKE_UP, IPC_IKE_RETRY };

struct ipc_ike_state {
	char name[IPC_NAME];
	enum ipc_ike_phase phase;
	uint8_t version; /* of the established IKE_SA, else 0 */
	uint16_t children;
	bool nat_local, nat_remote, encap;
	struct endpoint local, remote; /* as seen now */
	char remote_id[128];
	char ike_suite[IPC_TEXT], child_suite[IPC_TEXT];
	usec_t established; /* CLOCK_MONOTONIC; 0: not */
	usec_t retry_at; /* next attempt; 0: none planned */
	uint32_t attempts; /* failed in a row */
	char trouble[IPC_TEXT]; /* the last failure in words, empty when none */
};

enum ipc_ike_event_kind {
	IPC_IKE_EV_UP, /* IKE_SA established */
	IPC_IKE_EV_DOWN,
	IPC_IKE_EV_CHILD_UP,
	IPC_IKE_EV_CHILD_DOWN,
	IPC_IKE_EV_IKE_REKEYED,
	IPC_IKE_EV_CHILD_REKEYED,
	IPC_IKE_EV_NAT, /* the peer's NAT mapping changed */
	IPC_IKE_EV_FAILED, /* text says which peer, which phase, what was proposed and offered */
};

const char *ipc_ike_event_name(enum ipc_ike_event_kind kind); /* "child-up" */
const char *ipc_ike_phase_name(enum ipc_ike_phase phase); /* "connecting" */

struct ipc_ike_event {
	char name[IPC_NAME]; /* connection; empty when a stranger could not be matched */
	enum ipc_ike_event_kind kind;
	char text[IPC_TEXT];
};

/* Payloads as charon gives and takes them: with the non-ESP marker unless a port is 500. */
struct ipc_datagram {
	struct endpoint src, dst;
	uint8_t dscp;
	struct view data;
};

enum ipc_cipher {
	IPC_CIPHER_NULL_NEVER, /* 0 is no cipher, so that a forgotten field cannot mean one */
	IPC_CIPHER_AES_GCM_16, /* key with the 4 byte salt at its end: 20 or 36 bytes */
	IPC_CIPHER_AES_CBC,
	IPC_CIPHER_CHACHA20_POLY1305, /* key with the 4 byte salt: 36 bytes */
};

enum ipc_integ {
	IPC_INTEG_NONE, /* AEAD */
	IPC_INTEG_SHA1_96,
	IPC_INTEG_SHA256_128,
	IPC_INTEG_SHA384_192,
	IPC_INTEG_SHA512_256,
};

enum ipc_direction { IPC_SA_IN, IPC_SA_OUT };

struct ipc_sa_ref {
	uint32_t spi; /* host order */
	enum ipc_direction direction;
	struct addr dst; /* outer destination: tells outbound SAs of two peers with one SPI apart */
};

struct ipc_sa {
	struct ipc_sa_ref ref;
	uint32_t if_id;
	char name[IPC_NAME]; /* connection */
	struct endpoint src, dst; /* outer; ports matter only with encap */
	bool encap; /* ESP in UDP (RFC 3948) */
	bool esn;
	bool initiator;
	enum ipc_cipher cipher;
	enum ipc_integ integ;
	uint8_t enc_key_len, integ_key_len;
	uint8_t enc_key[IPC_KEY_MAX], integ_key[IPC_KEY_MAX];
	uint32_t replay_window;
	uint64_t soft_bytes, soft_packets, hard_bytes, hard_packets; /* 0: no limit */
	unsigned ts_local_count, ts_remote_count;
	struct prefix ts_local[IPC_TS_MAX], ts_remote[IPC_TS_MAX];
};

struct ipc_sa_update {
	struct ipc_sa_ref ref;
	struct endpoint src, dst;
	bool encap;
};

struct ipc_sa_usage {
	struct ipc_sa_ref ref;
	uint64_t bytes, packets;
	usec_t last_use;
};

struct ipc_sa_expire {
	struct ipc_sa_ref ref;
	bool hard;
};

struct ipc_sa_mapping {
	struct ipc_sa_ref ref; /* the inbound SA */
	struct endpoint remote;
};

#define IPC_COMMAND_MAX 1024u

struct ipc_script_run {
	uint32_t id; /* the sender's; comes back in the answer */
	uint32_t timeout_msec;
	char name[IPC_NAME]; /* of the track, for the script's environment */
	uint32_t command_len;
	char command[IPC_COMMAND_MAX]; /* words, each with its NUL; the first is a whole path */
};

enum ipc_script_outcome {
	IPC_SCRIPT_EXITED, /* value: its exit status */
	IPC_SCRIPT_SIGNAL, /* value: what it died of */
	IPC_SCRIPT_TIMEOUT,
	IPC_SCRIPT_NOT_RUN, /* value: errno */
	IPC_SCRIPT_OUTCOMES
};

struct ipc_script_done {
	uint32_t id;
	enum ipc_script_outcome outcome;
	uint32_t value;
	char text[IPC_TEXT]; /* the first of what it wrote: any bytes but NUL */
};

/* The type of a received message, or -EBADMSG when there is none. */
int ipc_msg_type(struct view msg);

ssize_t ipc_empty_encode(enum ipc_type type, void *buf, size_t cap); /* messages without fields */
ssize_t ipc_sockets_encode(const struct ipc_sockets *m, void *buf, size_t cap);
int ipc_sockets_decode(struct view msg, struct ipc_sockets *out);
ssize_t ipc_worker_encode(const struct ipc_worker *m, void *buf, size_t cap); /* IPC_SIBLING */
int ipc_worker_decode(struct view msg, struct ipc_worker *out);
ssize_t ipc_tunnel_encode(const struct ipc_tunnel *m, void *buf, size_t cap);
int ipc_tunnel_decode(struct view msg, struct ipc_tunnel *out);
ssize_t ipc_if_id_encode(enum ipc_type type, uint32_t if_id, void *buf, size_t cap);
int ipc_if_id_decode(struct view msg, uint32_t *out);
ssize_t ipc_answers_encode(const struct ipc_answers *m, void *buf, size_t cap);
int ipc_answers_decode(struct view msg, struct ipc_answers *out);
ssize_t ipc_peers_encode(const struct ipc_peers *m, void *buf, size_t cap);
int ipc_peers_decode(struct view msg, struct ipc_peers *out);
ssize_t ipc_express_encode(const struct ipc_express *m, void *buf, size_t cap);
int ipc_express_decode(struct view msg, struct ipc_express *out);
ssize_t ipc_word_encode(const struct ipc_word *m, void *buf, size_t cap);
int ipc_word_decode(struct view msg, struct ipc_word *out);
/*
 * A message of messages: adds one to the `len` bytes that are there (0: begins it) and returns the
 * new length, or -EMSGSIZE when it has no room, and then nothing is changed.
 */
ssize_t ipc_batch_add(struct view message, void *buf, size_t len, size_t cap);
/* The next message in it, from *at = 0 on: 1, 0 behind the last, or -EBADMSG. */
int ipc_batch_next(struct view msg, size_t *at, struct view *out);
ssize_t ipc_tunnel_sa_encode(const struct ipc_tunnel_sa *m, void *buf, size_t cap);
int ipc_tunnel_sa_decode(struct view msg, struct ipc_tunnel_sa *out);
ssize_t ipc_stats_encode(const struct ipc_stats *m, void *buf, size_t cap);
int ipc_stats_decode(struct view msg, struct ipc_stats *out);
ssize_t ipc_conn_encode(const struct ipc_conn *m, void *buf, size_t cap);
int ipc_conn_decode(struct view msg, struct ipc_conn *out);
ssize_t ipc_name_encode(enum ipc_type type, const char *name, void *buf, size_t cap);
int ipc_name_decode(struct view msg, char out[static IPC_NAME]);
ssize_t ipc_rekey_encode(const char *name, enum ipc_rekey which, void *buf, size_t cap);
int ipc_rekey_decode(struct view msg, char name[static IPC_NAME], enum ipc_rekey *which);
ssize_t ipc_ike_state_encode(const struct ipc_ike_state *m, void *buf, size_t cap);
int ipc_ike_state_decode(struct view msg, struct ipc_ike_state *out);
ssize_t ipc_ike_event_encode(const struct ipc_ike_event *m, void *buf, size_t cap);
int ipc_ike_event_decode(struct view msg, struct ipc_ike_event *out);
ssize_t ipc_datagram_encode(const struct ipc_datagram *m, void *buf, size_t cap);
int ipc_datagram_decode(struct view msg, struct ipc_datagram *out);
ssize_t ipc_sa_encode(const struct ipc_sa *m, void *buf, size_t cap);
int ipc_sa_decode(struct view msg, struct ipc_sa *out); /* out holds keys: secret_wipe() it */
ssize_t ipc_sa_update_encode(const struct ipc_sa_update *m, void *buf, size_t cap);
int ipc_sa_update_decode(struct view msg, struct ipc_sa_update *out);
ssize_t ipc_sa_ref_encode(const struct ipc_sa_ref *m, void *buf, size_t cap); /* IPC_SA_DEL */
int ipc_sa_ref_decode(struct view msg, struct ipc_sa_ref *out);
ssize_t ipc_sa_usage_encode(const struct ipc_sa_usage *m, void *buf, size_t cap);
int ipc_sa_usage_decode(struct view msg, struct ipc_sa_usage *out);
ssize_t ipc_sa_expire_encode(const struct ipc_sa_expire *m, void *buf, size_t cap);
int ipc_sa_expire_decode(struct view msg, struct ipc_sa_expire *out);
ssize_t ipc_sa_mapping_encode(const struct ipc_sa_mapping *m, void *buf, size_t cap);
int ipc_sa_mapping_decode(struct view msg, struct ipc_sa_mapping *out);
ssize_t ipc_sa_done_encode(const struct ipc_sa_ref *m, void *buf, size_t cap);
int ipc_sa_done_decode(struct view msg, struct ipc_sa_ref *out);
ssize_t ipc_script_run_encode(const struct ipc_script_run *m, void *buf, size_t cap);
int ipc_script_run_decode(struct view msg, struct ipc_script_run *out);
ssize_t ipc_script_done_encode(const struct ipc_script_done *m, void *buf, size_t cap);
int ipc_script_done_decode(struct view msg, struct ipc_script_done *out);

#endif
