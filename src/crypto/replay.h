/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The anti-replay window of one inbound SA, in 64-bit sequence numbers (RFC 4303, 3.4.3 and
 * appendix A2; a ring of words that are cleared as the window moves, as RFC 6479 proposes).
 */
#ifndef CRYPTO_REPLAY_H
#define CRYPTO_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#define REPLAY_WINDOW_DEFAULT 1024
#define REPLAY_WINDOW_MIN 64
#define REPLAY_WINDOW_MAX 8192

struct replay;

/* A window of so many packets: 0 is the default, others are brought into range.  NULL: no memory.
 */
struct replay *replay_new(uint32_t window, bool esn);
void replay_free(struct replay *r);
uint32_t replay_window(const struct replay *r);
uint64_t replay_top(const struct replay *r); /* the highest number seen, 0: none yet */

/* The whole number of a packet that shows only its low half; 0 when there can be none. */
uint64_t replay_infer(const struct replay *r, uint32_t low);
/* May this number still come?  Ask before decrypting. */
bool replay_is_fresh(const struct replay *r, uint64_t seq);
/* It came, and was authentic. */
void replay_mark(struct replay *r, uint64_t seq);
/*
 * The same for a packet that was taken out of turn, ahead of others that wait in a queue of ours:
 * the window stays where it is, or else it would leave those behind.  Of such numbers so many are
 * remembered one by one; with more, the lowest moves the window.
 */
#define REPLAY_EARLY 32
void replay_mark_early(struct replay *r, uint64_t seq);

#endif
