/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where an end of the traffic is: a network namespace, an address, a processor. */
#ifndef BENCH_PLACE_H
#define BENCH_PLACE_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdnoreturn.h>

struct place {
	const char *netns; /* a name below /run/netns, or a path */
	struct sockaddr_in addr;
	int cpu; /* -1: anywhere */
};

bool place_parse(struct place *p, char *text, uint16_t port); /* "NETNS=ADDRESS", taken apart */
bool place_parse_cpus(const char *text, struct place *a, struct place *b); /* "0,1" */
struct sockaddr_in place_nth(const struct place *p, unsigned n); /* the nth address after it */
void place_enter(const struct place *p); /* takes this thread there, and no other */

noreturn void place_fail(const char *what); /* says so, with errno, and ends the program */
uint64_t place_now(void); /* ns */
void place_sleep_until(uint64_t nsec);

#endif
