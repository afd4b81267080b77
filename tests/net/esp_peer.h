/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the two halves of the test driver: esp_peer.c speaks to futae-esp, esp_forge.c sends
 * packets that no futae-esp would. */
#ifndef NET_ESP_PEER_H
#define NET_ESP_PEER_H

#include "wire/ipc_msg.h"

_Noreturn void die(const char *what);
struct addr parse_addr(const char *text);
size_t parse_hex(const char *text, uint8_t *out, size_t cap);
void parse_suite(const char *name, const char *key, struct ipc_sa *sa);

void do_forge(char *const *w, int n);
void do_throw(char *const *w, int n);
void do_flood(char *const *w, int n);

#endif
