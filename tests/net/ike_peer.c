/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plays futaed and futae-esp for one futae-ike in one network namespace: owns UDP 500 and 4500,
 * carries IKE datagrams, notes the SAs.  Orders come on standard input, everything that happens
 * goes to standard output, one line each, keys included: they are the test's.
 */
#include "base/list.h"
#include "base/log.h"
#include "io/loop.h"
#include "io/proc.h"
#include "io/seqpkt.h"
#include "wire/ipc_msg.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOCKET_BYTES (1u << 20)

static struct {
	struct loop *loop;
	struct watch orders, futaed, esp, udp[2];
	struct child_watch child;
	struct signal_watch term;
	pid_t pid;
	int ike; /* futaed's end of the socket to futae-ike */
	int link; /* futae-esp's end */
	bool mute; /* carry nothing: a cut line */
	char line[8192];
	size_t have;
} me;

static void die(const char *what)
{
	(void)fprintf(stderr, "ike_peer: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* --- futae-esp's part --- */

static const uint16_t ports[2] = { 500, 4500 };

static int udp_open(uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		die("UDP socket");
	return fd;
}

static void to_ike(const struct ipc_datagram *d)
{
	static uint8_t buf[IPC_MSG_MAX];
	ssize_t n = ipc_datagram_encode(d, buf, sizeof(buf));

	if (n > 0 && me.link >= 0)
		(void)seqpkt_send(me.link, buf, (size_t)n, NULL, 0);
}

static void on_udp(struct watch *w)
{
	static uint8_t data[65536];
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control;
	struct sockaddr_in from;
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = { .msg_name = &from,
			      .msg_namelen = sizeof(from),
			      .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control.bytes,
			      .msg_controllen = sizeof(control.bytes) };
	uint16_t port = ports[w == &me.udp[1]];
	ssize_t n = recvmsg(w->fd, &msg, 0);
	struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	struct ipc_datagram d = { .data = { data, n > 0 ? (size_t)n : 0 } };
	struct in_pktinfo info;

	if (!c || me.mute || n < 2)
		return;
	if (port == 4500 && n > 4 && memcmp(data, "\0\0\0\0", 4) != 0)
		return; /* ESP */
	memcpy(&info, CMSG_DATA(c), sizeof(info));
	(void)endpoint_from_sockaddr((struct sockaddr *)&from, sizeof(from), &d.src);
	d.dst.addr = addr_from_bytes(ADDR_V4, (const uint8_t *)&info.ipi_addr);
	d.dst.port = port;
	to_ike(&d);
}

static void from_ike(const struct ipc_datagram *d)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control = { 0 };
	struct in_pktinfo info = { 0 };
	struct sockaddr_storage to;
	struct iovec iov = { (void *)(uintptr_t)d->data.data, d->data.len };
	struct msghdr msg = { .msg_name = &to,
			      .msg_namelen = (socklen_t)endpoint_to_sockaddr(&d->dst, &to),
			      .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control.bytes,
			      .msg_controllen = sizeof(control.bytes) };

	if (me.mute)
		return;
	memcpy(&info.ipi_spec_dst, d->src.addr.bytes, 4);
	control.align.cmsg_level = IPPROTO_IP;
	control.align.cmsg_type = IP_PKTINFO;
	control.align.cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(&control.align), &info, sizeof(info));
	if (sendmsg(me.udp[d->src.port == 4500].fd, &msg, 0) < 0)
		printf("SEND error=%s\n", strerror(errno));
}

static void hex(const uint8_t *data, size_t len, char *out)
{
	*out = '\0';
	for (size_t i = 0; i < len; i++)
		(void)sprintf(out + 2 * i, "%02x", data[i]);
}

static void print_sa(const struct ipc_sa *sa)
{
	char enc[2 * IPC_KEY_MAX + 1], integ[2 * IPC_KEY_MAX + 1], src[ENDPOINT_TEXT],
		dst[ENDPOINT_TEXT], local[PREFIX_TEXT], remote[PREFIX_TEXT];

	hex(sa->enc_key, sa->enc_key_len, enc);
	hex(sa->integ_key, sa->integ_key_len, integ);
	printf("SA add dir=%s name=%s if_id=%u spi=%08x src=%s dst=%s encap=%d esn=%d cipher=%d "
	       "integ=%d window=%u ts=%u/%u %s %s key=%s%s%s\n",
	       sa->ref.direction == IPC_SA_IN ? "in" : "out", sa->name, sa->if_id, sa->ref.spi,
	       endpoint_format(&sa->src, src), endpoint_format(&sa->dst, dst), sa->encap, sa->esn,
	       (int)sa->cipher, (int)sa->integ, sa->replay_window, sa->ts_local_count,
	       sa->ts_remote_count, prefix_format(&sa->ts_local[0], local),
	       prefix_format(&sa->ts_remote[0], remote), enc, *integ ? "-" : "", integ);
}

static void take_sa(struct view msg)
{
	char src[ENDPOINT_TEXT], dst[ENDPOINT_TEXT];
	struct ipc_sa_update update;
	struct ipc_sa_ref ref;
	struct ipc_sa sa;

	switch (ipc_msg_type(msg)) {
	case IPC_SA_ADD:
		if (ipc_sa_decode(msg, &sa) == 0)
			print_sa(&sa);
		break;
	case IPC_SA_UPDATE:
		if (ipc_sa_update_decode(msg, &update) == 0)
			printf("SA update spi=%08x src=%s dst=%s encap=%d\n", update.ref.spi,
			       endpoint_format(&update.src, src), endpoint_format(&update.dst, dst),
			       update.encap);
		break;
	case IPC_SA_DEL:
		if (ipc_sa_ref_decode(msg, &ref) == 0)
			printf("SA del dir=%s spi=%08x\n",
			       ref.direction == IPC_SA_IN ? "in" : "out", ref.spi);
		break;
	case IPC_SA_FLUSH:
		printf("SA flush\n");
		break;
	default:
		printf("LINK bad type=%d\n", ipc_msg_type(msg));
		break;
	}
}

static void on_link(struct watch *w)
{
	static uint8_t buf[IPC_MSG_MAX];
	struct ipc_datagram d;
	struct seqpkt_msg m;
	int r;

	while (me.link >= 0 && (r = seqpkt_recv(w->fd, buf, sizeof(buf), &m)) != -EAGAIN) {
		if (r <= 0) {
			watch_stop(w);
			return;
		}
		if (ipc_msg_type(m.data) != IPC_IKE_DATAGRAM)
			take_sa(m.data);
		else if (ipc_datagram_decode(m.data, &d) == 0)
			from_ike(&d);
	}
}

/* A futae-esp begins: futae-ike gets a new socket, and the old one ends. */
static void new_esp(void)
{
	uint8_t buf[16];
	ssize_t n = ipc_worker_encode(&(struct ipc_worker){ 0, 1 }, buf, sizeof(buf));
	int pair[2];

	if (seqpkt_pair(pair, SOCKET_BYTES) < 0)
		die("socket pair");
	if (me.link >= 0) {
		watch_stop(&me.esp);
		close(me.link);
	}
	me.link = pair[0];
	watch_start(&me.esp, me.link, false);
	if (seqpkt_send(me.ike, buf, (size_t)n, &pair[1], 1) < 0)
		die("sibling");
	close(pair[1]);
}

/* --- futaed's part --- */

static void on_futaed(struct watch *w)
{
	static uint8_t buf[IPC_MSG_MAX];
	struct ipc_ike_state s;
	struct ipc_ike_event e;
	struct seqpkt_msg m;
	char remote[ENDPOINT_TEXT];
	int r;

	while ((r = seqpkt_recv(w->fd, buf, sizeof(buf), &m)) != -EAGAIN) {
		if (r <= 0) {
			watch_stop(w);
			return;
		}
		if (ipc_ike_state_decode(m.data, &s) == 0)
			printf("STATE %s phase=%s version=%u children=%u nat=%d%d encap=%d "
			       "remote=%s "
			       "id=%s ike=%s esp=%s attempts=%u retry=%d trouble=\"%s\"\n",
			       s.name, ipc_ike_phase_name(s.phase), s.version, s.children,
			       s.nat_local, s.nat_remote, s.encap,
			       endpoint_format(&s.remote, remote), s.remote_id, s.ike_suite,
			       s.child_suite, s.attempts, s.retry_at != 0, s.trouble);
		else if (ipc_ike_event_decode(m.data, &e) == 0)
			printf("EVENT %s %s %s\n", *e.name ? e.name : "-",
			       ipc_ike_event_name(e.kind), e.text);
		else
			printf("CONTROL bad type=%d\n", ipc_msg_type(m.data));
	}
}

static void send_order(const void *buf, ssize_t n)
{
	if (n <= 0 || seqpkt_send(me.ike, buf, (size_t)n, NULL, 0) < 0)
		printf("ORDER failed\n");
}

static struct view file(const char *path)
{
	struct err err;
	unsigned char *data;
	size_t len;

	if (proc_read_file(path, 65535, &data, &len, &err) < 0) {
		printf("ORDER failed %s\n", err.text);
		return (struct view){ NULL, 0 };
	}
	return (struct view){ data, len }; /* not freed: the test is short */
}

static unsigned prefixes(char *list, struct prefix *out)
{
	char *save = NULL;
	unsigned n = 0;

	for (char *p = strtok_r(list, ",", &save); p; p = strtok_r(NULL, ",", &save))
		if (n < IPC_TS_MAX && prefix_parse(p, &out[n]))
			n++;
	return n;
}

static bool set_text(struct ipc_conn *c, const char *key, const char *value)
{
	const struct {
		const char *key;
		char *to;
		size_t size;
	} texts[] = { { "name", c->name, sizeof(c->name) },
		      { "local_id", c->local_id, sizeof(c->local_id) },
		      { "remote_id", c->remote_id, sizeof(c->remote_id) },
		      { "ike", c->ike_proposals, sizeof(c->ike_proposals) },
		      { "esp", c->esp_proposals, sizeof(c->esp_proposals) } };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (strcmp(key, texts[i].key) == 0) {
			(void)snprintf(texts[i].to, texts[i].size, "%s", value);
			return true;
		}
	return false;
}

static bool set_number(struct ipc_conn *c, const char *key, const char *value)
{
	uint32_t n = (uint32_t)strtoul(value, NULL, 10);
	const struct {
		const char *key;
		uint32_t *to;
	} numbers[] = { { "if_id", &c->if_id },           { "rekey_ike", &c->ike_rekey_sec },
			{ "reauth", &c->ike_reauth_sec }, { "rekey_child", &c->child_rekey_sec },
			{ "dpd", &c->dpd_sec },           { "window", &c->replay_window } };

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (strcmp(key, numbers[i].key) == 0) {
			*numbers[i].to = n;
			return true;
		}
	if (strcmp(key, "version") == 0)
		c->version = (uint8_t)n;
	else if (strcmp(key, "encap") == 0)
		c->force_encap = n;
	else if (strcmp(key, "separate") == 0)
		c->ts_separate = n;
	else if (strcmp(key, "initiate") == 0)
		c->initiate = n;
	else if (strcmp(key, "delay_ms") == 0)
		c->initiate_delay = n * USEC_PER_MSEC;
	else
		return false;
	return true;
}

static void set_field(struct ipc_conn *c, const char *key, char *value)
{
	if (set_text(c, key, value) || set_number(c, key, value))
		return;
	if (strcmp(key, "local") == 0)
		(void)addr_parse(value, &c->local);
	else if (strcmp(key, "remote") == 0)
		(void)addr_parse(value, &c->remote);
	else if (strcmp(key, "psk") == 0)
		c->psk = (struct view){ (uint8_t *)value, strlen(value) };
	else if (strcmp(key, "cert") == 0)
		c->cert = file(value);
	else if (strcmp(key, "key") == 0)
		c->key = file(value);
	else if (strcmp(key, "ca") == 0)
		c->ca[c->ca_count++] = file(value);
	else if (strcmp(key, "ts") == 0)
		c->ts_local_count = prefixes(value, c->ts_local);
	else if (strcmp(key, "rts") == 0)
		c->ts_remote_count = prefixes(value, c->ts_remote);
	else
		printf("ORDER unknown field %s\n", key);
}

/* conn key=value ... */
static void order_conn(char *fields)
{
	static struct ipc_conn c;
	static uint8_t buf[IPC_MSG_MAX];
	char *save = NULL;

	memset(&c, 0, sizeof(c));
	c.fragmentation = true;
	c.ike_rekey_sec = 14400;
	c.child_rekey_sec = 3600;
	c.replay_window = 1024;
	(void)prefix_parse("0.0.0.0/0", &c.ts_local[0]);
	(void)prefix_parse("::/0", &c.ts_local[1]);
	memcpy(c.ts_remote, c.ts_local, sizeof(c.ts_remote));
	c.ts_local_count = c.ts_remote_count = 2;
	for (char *f = strtok_r(fields, " ", &save); f; f = strtok_r(NULL, " ", &save)) {
		char *value = strchr(f, '=');

		if (!value)
			continue;
		*value++ = '\0';
		set_field(&c, f, value);
	}
	c.auth = c.cert.len ? IPC_AUTH_CERT : IPC_AUTH_PSK;
	send_order(buf, ipc_conn_encode(&c, buf, sizeof(buf)));
}

/* expire SPI: the data plane says an inbound SA has carried enough */
static void order_expire(const char *spi, const char *dst)
{
	struct ipc_sa_expire m = { .ref = { .spi = (uint32_t)strtoul(spi, NULL, 16),
					    .direction = IPC_SA_IN } };
	uint8_t buf[64];
	ssize_t n;

	(void)addr_parse(dst, &m.ref.dst);
	n = ipc_sa_expire_encode(&m, buf, sizeof(buf));
	if (n <= 0 || seqpkt_send(me.link, buf, (size_t)n, NULL, 0) < 0)
		printf("ORDER failed\n");
}

/* mapping SPI DST REMOTE PORT: authenticated ESP for this inbound SA came from there */
static void order_mapping(char *words)
{
	struct ipc_sa_mapping m = { .ref = { .direction = IPC_SA_IN } };
	char *word[4] = { NULL }, *save = NULL;
	uint8_t buf[128];
	ssize_t n;

	for (size_t i = 0; i < ARRAY_LEN(word); i++)
		word[i] = strtok_r(i ? NULL : words, " ", &save);
	if (!word[3] || !addr_parse(word[1], &m.ref.dst) || !addr_parse(word[2], &m.remote.addr)) {
		printf("ORDER failed\n");
		return;
	}
	m.ref.spi = (uint32_t)strtoul(word[0], NULL, 16);
	m.remote.port = (uint16_t)strtoul(word[3], NULL, 10);
	n = ipc_sa_mapping_encode(&m, buf, sizeof(buf));
	if (n <= 0 || seqpkt_send(me.link, buf, (size_t)n, NULL, 0) < 0)
		printf("ORDER failed\n");
}

static void order(char *line)
{
	uint8_t buf[256];
	char *save = NULL, *verb, *name;

	if (strncmp(line, "conn ", 5) == 0) {
		order_conn(line + 5);
		return;
	}
	if (strncmp(line, "mapping ", 8) == 0) {
		order_mapping(line + 8);
		return;
	}
	verb = strtok_r(line, " ", &save);
	name = verb ? strtok_r(NULL, " ", &save) : NULL;
	if (!verb)
		return;
	if (strcmp(verb, "mute") == 0) {
		me.mute = name && strcmp(name, "on") == 0;
	} else if (strcmp(verb, "new-esp") == 0) {
		new_esp();
	} else if (!name) {
		printf("ORDER needs a name: %s\n", verb);
	} else if (strcmp(verb, "del") == 0) {
		send_order(buf, ipc_name_encode(IPC_IKE_CONN_DEL, name, buf, sizeof(buf)));
	} else if (strcmp(verb, "redial") == 0) {
		send_order(buf, ipc_name_encode(IPC_IKE_REDIAL, name, buf, sizeof(buf)));
	} else if (strcmp(verb, "rekey-ike") == 0) {
		send_order(buf, ipc_rekey_encode(name, IPC_REKEY_IKE, buf, sizeof(buf)));
	} else if (strcmp(verb, "rekey-child") == 0) {
		send_order(buf, ipc_rekey_encode(name, IPC_REKEY_CHILD, buf, sizeof(buf)));
	} else if (strcmp(verb, "expire") == 0) {
		order_expire(name, strtok_r(NULL, " ", &save));
	} else {
		printf("ORDER unknown %s\n", verb);
	}
}

static void on_orders(struct watch *w)
{
	ssize_t n = read(w->fd, me.line + me.have, sizeof(me.line) - 1 - me.have);
	char *end;

	if (n <= 0) {
		(void)kill(me.pid, SIGTERM);
		watch_stop(w);
		return;
	}
	me.have += (size_t)n;
	me.line[me.have] = '\0';
	while ((end = strchr(me.line, '\n'))) {
		size_t len = (size_t)(end + 1 - me.line);

		*end = '\0';
		order(me.line);
		me.have -= len;
		memmove(me.line, me.line + len, me.have + 1);
	}
}

static void on_exit_of_ike(struct child_watch *c, pid_t pid, int status)
{
	(void)c;
	(void)pid;
	printf("EXIT %s=%d\n", WIFSIGNALED(status) ? "signal" : "status",
	       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	loop_stop(me.loop);
}

static void on_term(struct signal_watch *s)
{
	(void)s;
	(void)kill(me.pid, SIGTERM);
}

static void start_ike(const char *program, const char *run_dir)
{
	const char *argv[] = { program, "--run-dir", run_dir, "--log", "info", NULL };
	struct err err;
	int pair[2];

	if (seqpkt_pair(pair, SOCKET_BYTES) < 0)
		die("socket pair");
	me.pid = proc_spawn(argv, &pair[1], 1, true, &err);
	if (me.pid < 0) {
		(void)fprintf(stderr, "ike_peer: %s\n", err.text);
		exit(1);
	}
	close(pair[1]);
	me.ike = pair[0];
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		(void)fputs("usage: ike_peer FUTAE-IKE RUN-DIR < orders\n", stderr);
		return 2;
	}
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	log_init("ike_peer", LOGL_NOTICE);
	me.link = -1;
	me.loop = loop_new();
	if (!me.loop)
		die("loop");
	start_ike(argv[1], argv[2]);
	child_watch_start(&me.child, me.loop, me.pid, on_exit_of_ike);
	signal_watch_start(&me.term, me.loop, SIGTERM, on_term);
	watch_init(&me.esp, me.loop, on_link);
	watch_init(&me.futaed, me.loop, on_futaed);
	watch_start(&me.futaed, me.ike, false);
	for (int i = 0; i < 2; i++) {
		watch_init(&me.udp[i], me.loop, on_udp);
		watch_start(&me.udp[i], udp_open(ports[i]), false);
	}
	new_esp();
	watch_init(&me.orders, me.loop, on_orders);
	watch_start(&me.orders, STDIN_FILENO, false);
	loop_run(me.loop);
	return 0;
}
