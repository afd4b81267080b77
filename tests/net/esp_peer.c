/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plays futaed and futae-ike towards one futae-esp, by lines on standard input, so that a
 * shell script can set up tunnels with keys it chose:
 *
 *     esp_peer FUTAE-ESP
 *     tunnel IF_ID DEVICE [MSS_V4 MSS_V6]
 *     sa in|out IF_ID SPI SRC DST SUITE KEY [encap] [esn] [soft=N] [hard=N] [local=P]
 *         [remote=P] [window=N]
 *     del in|out SPI DST | flush
 *     answer ADDR fit|unfit fit|unfit       (with futaed, and alone)
 *     ike SRC PORT DST PORT HEX             (as futae-ike would send it)
 *     forge udp|esp PORT SRC DST SPI SEQ SUITE KEY INNER-HEX [esn] [next=N] [tfc=N]
 *         [bad-padding] [grow=N]            (a sealed packet, by ourselves)
 *     throw udp|esp PORT SRC DST HEX        (any bytes)
 *     flood COUNT SRC DST                   (IKE headers from a stranger)
 *     stats IF_ID | life IF_ID | alone | no-ike | quit
 *
 * What futae-esp says goes to standard output, a line each.  At the end of the input futae-esp
 * gets SIGTERM; we end as it ended.
 */
#include "esp_peer.h"

#include "base/list.h"
#include "base/secret.h"
#include "io/proc.h"
#include "io/rawsock.h"
#include "io/seqpkt.h"
#include "io/shm.h"
#include "io/tun.h"
#include "wire/ipc_msg.h"
#include "wire/liveness.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS 20

static int futaed_fd = -1, ike_fd = -1;
static struct liveness *live;
static struct ipc_answers answers;
static uint8_t buf[IPC_MSG_MAX];

void die(const char *what)
{
	(void)fprintf(stderr, "esp_peer: %s\n", what);
	exit(3);
}

static void say(int fd, ssize_t len, const int *fds, size_t nfds)
{
	if (len < 0 || seqpkt_send(fd, buf, (size_t)len, fds, nfds) < 0)
		die("futae-esp does not take a message");
}

struct addr parse_addr(const char *text)
{
	struct addr a = { ADDR_NONE, { 0 } };

	if (!addr_parse(text, &a))
		die(text);
	return a;
}

size_t parse_hex(const char *text, uint8_t *out, size_t cap)
{
	size_t n = 0;

	for (; n < cap && text[0] && text[1]; n++, text += 2) {
		char digits[3] = { text[0], text[1], '\0' }, *end;

		out[n] = (uint8_t)strtoul(digits, &end, 16);
		if (end != digits + 2)
			die("no hexadecimal");
	}
	return n;
}

static uint32_t number(const char *text)
{
	return (uint32_t)strtoul(text, NULL, 0);
}

/* Everybody's key of one suite: the byte KEY, again and again. */
void parse_suite(const char *name, const char *key, struct ipc_sa *sa)
{
	static const struct {
		const char *name;
		enum ipc_cipher cipher;
		enum ipc_integ integ;
		uint8_t enc, integ_len;
	} suites[] = {
		{ "aes128gcm", IPC_CIPHER_AES_GCM_16, IPC_INTEG_NONE, 20, 0 },
		{ "aes256gcm", IPC_CIPHER_AES_GCM_16, IPC_INTEG_NONE, 36, 0 },
		{ "chacha20", IPC_CIPHER_CHACHA20_POLY1305, IPC_INTEG_NONE, 36, 0 },
		{ "aes128-sha1", IPC_CIPHER_AES_CBC, IPC_INTEG_SHA1_96, 16, 20 },
		{ "aes128-sha256", IPC_CIPHER_AES_CBC, IPC_INTEG_SHA256_128, 16, 32 },
		{ "aes256-sha384", IPC_CIPHER_AES_CBC, IPC_INTEG_SHA384_192, 32, 48 },
		{ "aes256-sha512", IPC_CIPHER_AES_CBC, IPC_INTEG_SHA512_256, 32, 64 },
	};

	for (size_t i = 0; i < ARRAY_LEN(suites); i++)
		if (strcmp(suites[i].name, name) == 0) {
			sa->cipher = suites[i].cipher;
			sa->integ = suites[i].integ;
			sa->enc_key_len = suites[i].enc;
			sa->integ_key_len = suites[i].integ_len;
			memset(sa->enc_key, (int)number(key), suites[i].enc);
			memset(sa->integ_key, (int)number(key), suites[i].integ_len);
			return;
		}
	die(name);
}

static void do_tunnel(char *const *w, int n)
{
	struct ipc_tunnel m = {
		.if_id = number(w[1]), .slot = number(w[1]), .mtu = 1400, .copy_dscp = true
	};
	struct err err = { "" };
	int fd = tun_open(w[2], &m.uso, &err);

	if (fd < 0)
		die(err.text);
	(void)snprintf(m.name, sizeof(m.name), "%s", w[2]);
	if (n > 4) {
		m.mss_v4 = (uint16_t)number(w[3]);
		m.mss_v6 = (uint16_t)number(w[4]);
	}
	say(futaed_fd, ipc_tunnel_encode(&m, buf, sizeof(buf)), &fd, 1);
	close(fd);
}

static void narrow(const char *text, struct prefix *ts, unsigned *count)
{
	*count = 1;
	if (!prefix_parse(text, ts))
		die(text);
}

static void option(const char *word, struct ipc_sa *m)
{
	if (strcmp(word, "encap") == 0)
		m->encap = true;
	else if (strcmp(word, "esn") == 0)
		m->esn = true;
	else if (strncmp(word, "soft=", 5) == 0)
		m->soft_packets = number(word + 5);
	else if (strncmp(word, "hard=", 5) == 0)
		m->hard_packets = number(word + 5);
	else if (strncmp(word, "window=", 7) == 0)
		m->replay_window = number(word + 7);
	else if (strncmp(word, "local=", 6) == 0)
		narrow(word + 6, &m->ts_local[0], &m->ts_local_count);
	else if (strncmp(word, "remote=", 7) == 0)
		narrow(word + 7, &m->ts_remote[0], &m->ts_remote_count);
	else
		die(word);
}

static enum ipc_direction direction(const char *word)
{
	return strcmp(word, "in") == 0 ? IPC_SA_IN : IPC_SA_OUT;
}

static void do_sa(char *const *w, int n)
{
	struct ipc_sa m = { .ref = { number(w[3]), direction(w[1]), parse_addr(w[5]) },
			    .if_id = number(w[2]),
			    .src = { parse_addr(w[4]), 4500 },
			    .dst = { parse_addr(w[5]), 4500 },
			    .ts_local_count = 2,
			    .ts_remote_count = 2,
			    .replay_window = 64 };

	m.ts_local[0] = m.ts_remote[0] = (struct prefix){ { ADDR_V4, { 0 } }, 0 };
	m.ts_local[1] = m.ts_remote[1] = (struct prefix){ { ADDR_V6, { 0 } }, 0 };
	parse_suite(w[6], w[7], &m);
	for (int i = 8; i < n; i++)
		option(w[i], &m);
	say(ike_fd, ipc_sa_encode(&m, buf, sizeof(buf)), NULL, 0);
}

static void do_del(char *const *w, int n)
{
	struct ipc_sa_ref ref = { number(w[2]), direction(w[1]), parse_addr(w[3]) };

	(void)n;
	say(ike_fd, ipc_sa_ref_encode(&ref, buf, sizeof(buf)), NULL, 0);
}

static void do_flush(char *const *w, int n)
{
	(void)w;
	(void)n;
	say(ike_fd, ipc_empty_encode(IPC_SA_FLUSH, buf, sizeof(buf)), NULL, 0);
}

static void do_answer(char *const *w, int n)
{
	struct ipc_answer *a = &answers.list[answers.count++];

	(void)n;
	*a = (struct ipc_answer){ parse_addr(w[1]), strcmp(w[2], "fit") == 0,
				  strcmp(w[3], "fit") == 0 };
	for (unsigned i = 0; i + 1 < answers.count; i++)
		if (addr_equal(&answers.list[i].addr, &a->addr)) {
			answers.list[i] = *a;
			answers.count--;
			break;
		}
	say(futaed_fd, ipc_answers_encode(&answers, buf, sizeof(buf)), NULL, 0);
}

static void do_ike(char *const *w, int n)
{
	uint8_t data[2048];
	struct ipc_datagram m = { { parse_addr(w[1]), (uint16_t)number(w[2]) },
				  { parse_addr(w[3]), (uint16_t)number(w[4]) },
				  10,
				  { data, parse_hex(w[5], data, sizeof(data)) } };

	(void)n;
	say(ike_fd, ipc_datagram_encode(&m, buf, sizeof(buf)), NULL, 0);
}

static void do_stats(char *const *w, int n)
{
	(void)w;
	(void)n;
	say(futaed_fd, ipc_empty_encode(IPC_ESP_STATS_ASK, buf, sizeof(buf)), NULL, 0);
}

static void do_life(char *const *w, int n)
{
	const struct liveness_slot *s = &live->slot[number(w[1])];

	(void)n;
	printf("life rx=%llu data=%llu tx=%llu tx_at_rx=%llu seen=%d\n",
	       (unsigned long long)s->rx_packets, (unsigned long long)s->rx_data_packets,
	       (unsigned long long)s->tx_packets, (unsigned long long)s->tx_at_rx, s->rx_last != 0);
}

static void do_alone(char *const *w, int n)
{
	(void)w;
	(void)n;
	close(futaed_fd);
	futaed_fd = -1;
}

static void do_no_ike(char *const *w, int n)
{
	(void)w;
	(void)n;
	close(ike_fd);
	ike_fd = -1;
}

static const struct verb {
	const char *name;
	int words; /* at least */
	void (*fn)(char *const *w, int n);
} verbs[] = {
	{ "tunnel", 3, do_tunnel }, { "sa", 8, do_sa },         { "del", 4, do_del },
	{ "flush", 1, do_flush },   { "answer", 4, do_answer }, { "ike", 6, do_ike },
	{ "forge", 10, do_forge },  { "throw", 6, do_throw },   { "flood", 4, do_flood },
	{ "stats", 2, do_stats },   { "life", 2, do_life },     { "alone", 1, do_alone },
	{ "no-ike", 1, do_no_ike },
};

/* False at "quit". */
static bool obey(char *line)
{
	char *w[WORDS], *rest = line;
	int n = 0;

	while (n < WORDS && (w[n] = strtok_r(rest, " \n", &rest)))
		n++;
	if (n == 0 || strcmp(w[0], "quit") == 0)
		return n == 0;
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(verbs[i].name, w[0]) == 0 && n >= verbs[i].words) {
			verbs[i].fn(w, n);
			printf("done %s\n", w[0]);
			return true;
		}
	die(w[0]);
	return false;
}

static void tell_stats(struct view v)
{
	struct ipc_stats m;

	if (ipc_stats_decode(v, &m) < 0)
		die("bad stats");
	printf("stats %u in=%llu out=%llu", m.if_id, (unsigned long long)m.in_packets,
	       (unsigned long long)m.out_packets);
	for (unsigned i = 0; i < IPC_DROP_COUNT; i++)
		if (m.drops[i])
			printf(" %s=%llu", ipc_drop_name((enum ipc_drop)i),
			       (unsigned long long)m.drops[i]);
	printf(" end\n");
}

static void tell_datagram(struct view v)
{
	struct ipc_datagram m;
	char src[ENDPOINT_TEXT], dst[ENDPOINT_TEXT];

	if (ipc_datagram_decode(v, &m) < 0)
		die("bad datagram");
	printf("ike %s %s dscp=%u ", endpoint_format(&m.src, src), endpoint_format(&m.dst, dst),
	       m.dscp);
	for (size_t i = 0; i < m.data.len; i++)
		printf("%02x", m.data.data[i]);
	printf("\n");
}

static void tell_sa(struct view v)
{
	struct ipc_sa_usage use;
	struct ipc_sa_expire expire;
	struct ipc_sa_mapping map;
	struct ipc_tunnel_sa count;
	char at[ENDPOINT_TEXT];

	if (ipc_sa_usage_decode(v, &use) == 0)
		printf("usage %#x packets=%llu\n", use.ref.spi, (unsigned long long)use.packets);
	else if (ipc_sa_expire_decode(v, &expire) == 0)
		printf("expire %#x %s\n", expire.ref.spi, expire.hard ? "hard" : "soft");
	else if (ipc_sa_mapping_decode(v, &map) == 0)
		printf("mapping %#x %s\n", map.ref.spi, endpoint_format(&map.remote, at));
	else if (ipc_tunnel_sa_decode(v, &count) == 0)
		printf("tunnel %u in=%u out=%u\n", count.if_id, count.inbound, count.outbound);
	else
		die("a message nobody knows");
}

static void hear(int fd)
{
	struct seqpkt_msg m;

	while (seqpkt_recv(fd, buf, sizeof(buf), &m) == 1) {
		int type = ipc_msg_type(m.data);

		if (type == IPC_ESP_STATS)
			tell_stats(m.data);
		else if (type == IPC_IKE_DATAGRAM)
			tell_datagram(m.data);
		else
			tell_sa(m.data);
	}
}

/* All sockets; /dev/null where this host has none, as futaed does it. */
static void give_sockets(void)
{
	static const struct ipc_sockets alone = { { 0, 1 }, true };
	int fds[IPC_SOCKETS];

	for (size_t i = 0; i < IPC_SOCKETS; i++)
		fds[i] = -1;
	for (size_t v6 = 0; v6 < 2; v6++) {
		enum addr_family f = v6 ? ADDR_V6 : ADDR_V4;
		int *out = fds + (v6 ? IPC_SOCK_UDP500_V6 : IPC_SOCK_UDP500_V4);
		int *more = fds + IPC_SOCK_COUNT + v6 * (IPC_BULK_SHARES - 1);
		int bulk[1][RAWSOCK_SHARES];

		out[IPC_SOCK_UDP500_V4] = rawsock_udp_open(f, 500, NULL);
		out[IPC_SOCK_ESP_V4] = rawsock_esp_open(f, 0, 1, NULL);
		if (rawsock_natt_open(f, 1, bulk, &out[IPC_SOCK_EXPRESS_V4], NULL) < 0)
			continue;
		out[IPC_SOCK_UDP4500_V4] = bulk[0][0];
		memcpy(more, &bulk[0][1], sizeof(bulk[0]) - sizeof(int));
	}
	for (size_t i = 0; i < IPC_SOCKETS; i++)
		if (fds[i] < 0)
			fds[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
	say(futaed_fd, ipc_sockets_encode(&alone, buf, sizeof(buf)), fds, IPC_SOCKETS);
	for (size_t i = 0; i < IPC_SOCKETS; i++)
		close(fds[i]);
}

static pid_t start(const char *program)
{
	const char *const argv[] = { program, NULL };
	struct err err = { "no sockets" };
	int futaed[2], ike[2], mem = -1;
	pid_t pid;

	if (seqpkt_pair(futaed, 1 << 20) < 0 || seqpkt_pair(ike, 1 << 20) < 0 ||
	    !(live = shm_new("liveness", sizeof(*live), &mem, &err)))
		die(err.text);
	live->magic = LIVENESS_MAGIC;
	pid = proc_spawn(argv, &futaed[1], 1, true, &err);
	if (pid < 0)
		die(err.text);
	close(futaed[1]);
	futaed_fd = futaed[0];
	ike_fd = ike[0];
	give_sockets();
	say(futaed_fd, ipc_empty_encode(IPC_ESP_LIVENESS, buf, sizeof(buf)), &mem, 1);
	say(futaed_fd, ipc_worker_encode(&(struct ipc_worker){ 0, 1 }, buf, sizeof(buf)), &ike[1],
	    1);
	close(ike[1]);
	close(mem);
	return pid;
}

int main(int argc, char **argv)
{
	struct pollfd fds[3] = { { 0, POLLIN, 0 } };
	static char line[8192];
	bool more = true;
	int status;
	pid_t pid;

	if (argc != 2)
		die("usage: esp_peer FUTAE-ESP");
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	(void)setvbuf(stdin, NULL, _IONBF, 0); /* poll() must not overlook a line */
	pid = start(argv[1]);
	printf("ready %d\n", (int)pid);
	while (more) {
		fds[1] = (struct pollfd){ futaed_fd, POLLIN, 0 };
		fds[2] = (struct pollfd){ ike_fd, POLLIN, 0 };
		if (poll(fds, ARRAY_LEN(fds), -1) < 0)
			die("poll");
		for (unsigned i = 1; i < ARRAY_LEN(fds); i++) {
			if (fds[i].revents & POLLIN)
				hear(fds[i].fd);
			else if (fds[i].revents)
				more = false; /* futae-esp ended: its status tells why */
		}
		if (more && fds[0].revents)
			more = fgets(line, sizeof(line), stdin) && obey(line);
	}
	(void)kill(pid, SIGTERM);
	if (waitpid(pid, &status, 0) != pid)
		die("waitpid");
	printf("ended %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return status != 0;
}
