/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking rtnetlink and hearing the answer: shared by the nl_*.c files only. */
#ifndef IO_NL_H
#define IO_NL_H

#include "io/netlink.h"

#include <libmnl/libmnl.h>

#define NL_OUT_BYTES 32768
#define NL_IN_BYTES 65536
#define NL_WORDS 128

struct nl {
	struct mnl_socket *sock;
	unsigned portid;
	uint32_t seq; /* of the last request */
	uint32_t first; /* of the first request of this batch */
	uint32_t failed; /* the seq that met the first error, 0: none */
	char words[NL_WORDS]; /* the kernel's, about that error */
	_Alignas(NLMSG_ALIGNTO) char out[NL_OUT_BYTES];
	_Alignas(NLMSG_ALIGNTO) char in[NL_IN_BYTES];
};

/*
 * One request: nl_begin(), attributes by mnl_attr_put*(), nl_commit().  `extra` is the family's
 * header of `size` bytes.  Acknowledged; dumps add NLM_F_DUMP.
 */
struct nlmsghdr *nl_begin(struct nl *nl, uint16_t type, unsigned flags, const void *extra,
			  size_t size);
int nl_commit(struct nl *nl, struct nlmsghdr *h);
/* The same, and each answer goes to `fn`.  Complete before the first call: `fn` may use nl. */
typedef void nl_answer(void *ctx, const struct nlmsghdr *h);
int nl_commit_ask(struct nl *nl, struct nlmsghdr *h, nl_answer *fn, void *ctx);
/* `len` bytes of requests in nl->out, numbered nl->first to nl->seq, the last one with NLM_F_ACK.
 */
int nl_commit_batch(struct nl *nl, size_t len);

/* "what: the kernel's words" */
__attribute__((format(printf, 4, 5))) int nl_fail(const struct nl *nl, int rc, struct err *err,
						  const char *fmt, ...);

/* Attributes one after the other, with all lengths checked; NULL at the end. */
struct nl_attrs {
	const char *at;
	size_t left;
};
struct nl_attrs nl_attrs_of(const struct nlmsghdr *h, size_t offset);
struct nl_attrs nl_attrs_in(const struct nlattr *nest);
const struct nlattr *nl_attrs_next(struct nl_attrs *it);

void nl_put_addr(struct nlmsghdr *h, uint16_t type, const struct addr *a);
/* ADDR_NONE where the attribute is too short for the family. */
struct addr nl_get_addr(const struct nlattr *attr, int af);
enum addr_family nl_family(int af);

#endif
