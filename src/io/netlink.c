/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The core: requests out, acknowledgements and answers in.  The socket blocks, but only for
 * two seconds: the kernel answers rtnetlink at once or is in trouble.
 */
#include "io/netlink.h"

#include "io/nl.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define RECV_BYTES (8 << 20)
#define TIMEOUT_SEC 2
#define DUMP_TRIES 5

/* Answers, as they came. */
struct pile {
	char *data;
	size_t len, cap;
};

static int set_options(const struct nl *nl)
{
	static const int wanted[] = { NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK };
	const struct timeval timeout = { .tv_sec = TIMEOUT_SEC };
	int fd = mnl_socket_get_fd(nl->sock), on = 1, room = RECV_BYTES;

	/* Older kernels lack one or the other: fewer words, or more answers than asked for. */
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		(void)setsockopt(fd, SOL_NETLINK, wanted[i], &on, sizeof(on));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0 ? -errno : 0;
}

struct nl *nl_new(struct err *err)
{
	struct nl *nl = calloc(1, sizeof(*nl));
	int rc = -ENOMEM;

	if (!nl)
		goto out;
	nl->sock = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	rc = nl->sock ? set_options(nl) : -errno;
	if (rc == 0 && mnl_socket_bind(nl->sock, 0, MNL_SOCKET_AUTOPID) < 0)
		rc = -errno;
	if (rc == 0) {
		nl->portid = mnl_socket_get_portid(nl->sock);
		return nl;
	}
out:
	nl_free(nl);
	err_set(err, rc, "no netlink socket: %s", strerror(-rc));
	return NULL;
}

void nl_free(struct nl *nl)
{
	if (!nl)
		return;
	if (nl->sock)
		(void)mnl_socket_close(nl->sock);
	free(nl);
}

struct nlmsghdr *nl_begin(struct nl *nl, uint16_t type, unsigned flags, const void *extra,
			  size_t size)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(nl->out);

	h->nlmsg_type = type;
	h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	h->nlmsg_seq = nl->first = ++nl->seq;
	memcpy(mnl_nlmsg_put_extra_header(h, size), extra, size);
	return h;
}

static int pile_add(struct pile *p, const struct nlmsghdr *h)
{
	size_t size = NLMSG_ALIGN(h->nlmsg_len);

	if (!p->data || p->cap - p->len < size) {
		size_t cap = p->cap * 2 + size + NL_IN_BYTES;
		char *data = realloc(p->data, cap);

		if (!data)
			return -ENOMEM;
		p->data = data;
		p->cap = cap;
	}
	memset(p->data + p->len, 0, size);
	memcpy(p->data + p->len, h, h->nlmsg_len);
	p->len += size;
	return 0;
}

/* The extended acknowledgement's text, behind the header alone where the kernel capped it. */
static void keep_words(struct nl *nl, const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);
	size_t offset = sizeof(*e);
	struct nl_attrs it;
	const struct nlattr *a;

	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		offset += NLMSG_ALIGN(e->msg.nlmsg_len) - sizeof(e->msg);
	it = nl_attrs_of(h, offset);
	while ((a = nl_attrs_next(&it)))
		if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG &&
		    mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0)
			(void)snprintf(nl->words, sizeof(nl->words), "%s", mnl_attr_get_str(a));
}

/* 0: go on; 1: all is answered; or the first error, once all is answered. */
static int take_status(struct nl *nl, const struct nlmsghdr *h, int *first_error)
{
	/* Errors of DONE stand where those of ERROR do. */
	int code = 0;

	if (mnl_nlmsg_get_payload_len(h) >= sizeof(code))
		memcpy(&code, mnl_nlmsg_get_payload(h), sizeof(code));
	if (code > 0) /* never seen; a kernel's error is negative */
		code = -EPROTO;
	if (code < 0 && *first_error == 0) {
		*first_error = code;
		nl->failed = h->nlmsg_seq;
		if (h->nlmsg_type == NLMSG_ERROR &&
		    mnl_nlmsg_get_payload_len(h) >= sizeof(struct nlmsgerr))
			keep_words(nl, h);
	}
	return h->nlmsg_seq == nl->seq;
}

/* Answers to earlier requests that we gave up waiting for are passed over. */
static bool is_ours(const struct nl *nl, const struct nlmsghdr *h)
{
	return (h->nlmsg_pid == nl->portid || h->nlmsg_pid == 0) &&
	       h->nlmsg_seq - nl->first <= nl->seq - nl->first;
}

/* What one receive brought.  As take_status(). */
static int take_answers(struct nl *nl, int len, struct pile *pile, int *first_error)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)(const void *)nl->in;
	int rc = 0;

	for (; rc == 0 && mnl_nlmsg_ok(h, len); h = mnl_nlmsg_next(h, &len)) {
		if (!is_ours(nl, h))
			continue;
		if (h->nlmsg_flags & NLM_F_DUMP_INTR && *first_error == 0)
			*first_error = -EINTR;
		if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE)
			rc = take_status(nl, h, first_error);
		else if (pile && h->nlmsg_type >= NLMSG_MIN_TYPE)
			rc = pile_add(pile, h);
	}
	return rc;
}

static int receive(struct nl *nl, struct pile *pile)
{
	int first_error = 0, rc = 0;

	nl->words[0] = '\0';
	nl->failed = 0;
	while (rc == 0) {
		ssize_t n = mnl_socket_recvfrom(nl->sock, nl->in, sizeof(nl->in));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		rc = take_answers(nl, (int)n, pile, &first_error);
	}
	return rc < 0 ? rc : first_error;
}

static int talk(struct nl *nl, size_t len, struct pile *pile)
{
	if (mnl_socket_sendto(nl->sock, nl->out, len) < 0)
		return -errno;
	return receive(nl, pile);
}

int nl_commit_batch(struct nl *nl, size_t len)
{
	return talk(nl, len, NULL);
}

int nl_commit(struct nl *nl, struct nlmsghdr *h)
{
	return talk(nl, h->nlmsg_len, NULL);
}

int nl_commit_ask(struct nl *nl, struct nlmsghdr *h, nl_answer *fn, void *ctx)
{
	struct pile pile = { 0 };
	int rc = -EINTR;
	int left;

	/* -EINTR: the table changed under the dump, so something may be missing or double. */
	for (int try = 0; rc == -EINTR && try < DUMP_TRIES; try++) {
		pile.len = 0;
		h->nlmsg_seq = nl->first = ++nl->seq;
		rc = talk(nl, h->nlmsg_len, &pile);
	}
	left = (int)pile.len;
	if (rc == 0)
		for (const struct nlmsghdr *a = (const struct nlmsghdr *)(const void *)pile.data;
		     mnl_nlmsg_ok(a, left); a = mnl_nlmsg_next(a, &left))
			fn(ctx, a);
	free(pile.data);
	return rc;
}

int nl_fail(const struct nl *nl, int rc, struct err *err, const char *fmt, ...)
{
	char what[128];
	const char *why = nl->words[0] != '\0' ? nl->words : strerror(-rc);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (rc == -EPERM)
		why = "the right to do so is missing; start as root (needs CAP_NET_ADMIN)";
	if (rc == -ETIMEDOUT)
		why = "the kernel did not answer";
	return err_set(err, rc, "%s: %s", what, why);
}

struct nl_attrs nl_attrs_of(const struct nlmsghdr *h, size_t offset)
{
	size_t skip = sizeof(*h) + NLMSG_ALIGN(offset);

	if (h->nlmsg_len <= skip)
		return (struct nl_attrs){ NULL, 0 };
	return (struct nl_attrs){ (const char *)h + skip, h->nlmsg_len - skip };
}

struct nl_attrs nl_attrs_in(const struct nlattr *nest)
{
	return (struct nl_attrs){ mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest) };
}

const struct nlattr *nl_attrs_next(struct nl_attrs *it)
{
	const struct nlattr *a = (const struct nlattr *)(const void *)it->at;
	size_t step;

	if (it->left < sizeof(*a) || a->nla_len < sizeof(*a) || a->nla_len > it->left)
		return NULL;
	step = NLMSG_ALIGN(a->nla_len);
	step = step < it->left ? step : it->left;
	it->at += step;
	it->left -= step;
	return a;
}

void nl_put_addr(struct nlmsghdr *h, uint16_t type, const struct addr *a)
{
	mnl_attr_put(h, type, addr_size(a->family), a->bytes);
}

struct addr nl_get_addr(const struct nlattr *attr, int af)
{
	enum addr_family family = nl_family(af);

	if (mnl_attr_get_payload_len(attr) < addr_size(family))
		return (struct addr){ .family = ADDR_NONE };
	return addr_from_bytes(family, mnl_attr_get_payload(attr));
}

enum addr_family nl_family(int af)
{
	if (af == AF_INET)
		return ADDR_V4;
	return af == AF_INET6 ? ADDR_V6 : ADDR_NONE;
}
