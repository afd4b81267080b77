/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of io/ share that ask a real kernel, in a network namespace of their own with
 * devices v0 and v1, one cable, both down.  `ip` then says what came of it.
 */
#ifndef TESTS_NET_IO_WORLD_H
#define TESTS_NET_IO_WORLD_H

#include "io/netlink.h"

#define PROTO 200
#define TABLE 200

extern struct nl *nl;

int world_open(void **state);
int world_close(void **state);
/* The first 64 KiB of what a command prints hold `text`. */
bool says(const char *command, const char *text);
struct addr ip(const char *text);
struct prefix net(const char *text);
int index_of(const char *name);
/* A TUN device that is up; it lives as long as the fd that comes back. */
int tun_up(const char *name, int *index);

#endif
