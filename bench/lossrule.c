/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lossrule: the rule of pfSense's gateway monitor over ICMP echo, for Debian has no dpinger.  It is
 * a stand-in by the same rule (losswindow.h), not that program.
 *
 *     lossrule DEVICE TARGET INTERVAL PATIENCE PERIOD LIMIT LOOK COMMAND
 *
 * Times in milliseconds, LIMIT in percent.  Runs COMMAND with "down" or "up" behind it, by the
 * shell, whenever what it sees each LOOK has changed; it begins with up.
 */
#include "bench/losswindow.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct rule {
	struct losswindow window;
	struct sockaddr_in target;
	usec_t interval, look;
	const char *command;
	int fd;
	uint16_t id;
	bool is_bad;
};

static usec_t now_usec(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (usec_t)ts.tv_sec * USEC_PER_SEC + (usec_t)ts.tv_nsec / 1000;
}

static uint16_t checksum(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static void probe(struct rule *r)
{
	struct {
		struct icmphdr icmp;
		uint32_t number;
	} m;

	memset(&m, 0, sizeof(m));
	m.icmp.type = ICMP_ECHO;
	m.number = losswindow_send(&r->window, now_usec());
	m.icmp.un.echo.id = r->id;
	m.icmp.un.echo.sequence = htons((uint16_t)m.number);
	m.icmp.checksum = checksum(&m, sizeof(m));
	/* What cannot be sent is not answered either: that is all the rule needs to know. */
	(void)sendto(r->fd, &m, sizeof(m), 0, (struct sockaddr *)&r->target, sizeof(r->target));
}

static void take_replies(struct rule *r)
{
	uint8_t buf[512];
	ssize_t n;

	while ((n = recv(r->fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
		size_t header = 4 * (size_t)(buf[0] & 0xf);
		struct icmphdr icmp;
		uint32_t number;

		if ((size_t)n < header + sizeof(icmp) + sizeof(number))
			continue;
		memcpy(&icmp, buf + header, sizeof(icmp));
		memcpy(&number, buf + header + sizeof(icmp), sizeof(number));
		if (icmp.type == ICMP_ECHOREPLY && icmp.un.echo.id == r->id)
			losswindow_reply(&r->window, number);
	}
}

static void judge(struct rule *r)
{
	bool bad = losswindow_is_bad(&r->window, now_usec());
	char line[1024];

	if (bad == r->is_bad)
		return;
	r->is_bad = bad;
	(void)snprintf(line, sizeof(line), "%s %s", r->command, bad ? "down" : "up");
	(void)printf("%s: %s\n", bad ? "down" : "up", line);
	/* NOLINTNEXTLINE(cert-env33-c): as dpinger does, the command of whoever started us */
	if (system(line) != 0)
		(void)printf("failed\n");
	(void)fflush(stdout);
}

static bool open_socket(struct rule *r, const char *device)
{
	r->fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
	r->id = (uint16_t)getpid();
	return r->fd >= 0 && setsockopt(r->fd, SOL_SOCKET, SO_BINDTODEVICE, device,
					(socklen_t)strlen(device)) == 0;
}

static usec_t msec(const char *text)
{
	return strtoull(text, NULL, 10) * USEC_PER_MSEC;
}

static bool parse(struct rule *r, int argc, char *argv[])
{
	if (argc != 9)
		return false;
	r->target.sin_family = AF_INET;
	r->interval = msec(argv[3]);
	r->window.patience = msec(argv[4]);
	r->window.period = msec(argv[5]);
	r->window.limit = (unsigned)strtoul(argv[6], NULL, 10);
	r->look = msec(argv[7]);
	r->command = argv[8];
	return inet_pton(AF_INET, argv[2], &r->target.sin_addr) == 1 && r->interval && r->look &&
	       r->window.period / r->interval < LOSSWINDOW_MAX;
}

int main(int argc, char *argv[])
{
	static struct rule r;
	usec_t next_probe = now_usec(), next_look = next_probe;

	if (!parse(&r, argc, argv)) {
		(void)fprintf(stderr,
			      "usage: lossrule DEVICE TARGET INTERVAL PATIENCE PERIOD LIMIT "
			      "LOOK COMMAND\n");
		return 2;
	}
	if (!open_socket(&r, argv[1])) {
		(void)fprintf(stderr, "lossrule: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	/* Nobody wants to wait until it has seen a whole period. */
	losswindow_fill(&r.window, r.interval, next_probe);
	for (;;) {
		usec_t now = now_usec(), wake = usec_min(next_probe, next_look);
		struct pollfd p = { .fd = r.fd, .events = POLLIN };

		(void)poll(&p, 1, wake > now ? (int)((wake - now + 999) / 1000) : 0);
		take_replies(&r);
		now = now_usec();
		if (now >= next_look) {
			judge(&r);
			next_look = now + r.look;
		}
		if (now >= next_probe) {
			probe(&r);
			next_probe = usec_max(next_probe + r.interval, now);
		}
	}
}
