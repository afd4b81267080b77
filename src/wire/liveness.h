/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signs of life, in memory that futae-esp writes and futaed reads without a system call.
 * futaed makes the memfd; slot n belongs to the tunnel it named so.  Every field is one
 * aligned 64-bit word with a single writer, so relaxed atomics are enough: a reader may
 * see fields a packet apart, never torn.
 */
#ifndef WIRE_LIVENESS_H
#define WIRE_LIVENESS_H

#include <stdatomic.h>
#include <stdint.h>

#define LIVENESS_SLOTS 4096
#define LIVENESS_WORKERS 16 /* = IPC_WORKERS_MAX */
#define LIVENESS_MAGIC UINT64_C(0x66757461656c6976) /* "futaeliv" */

struct liveness_slot {
	_Atomic uint64_t rx_last; /* usec_t of the last authenticated inbound packet, 0: never */
	_Atomic uint64_t rx_packets, rx_bytes; /* authenticated, of any kind */
	_Atomic uint64_t
		rx_data_packets; /* of these, what was not a health check to or from ourselves */
	_Atomic uint64_t rx_data_last; /* usec_t of the last of those */
	_Atomic uint64_t tx_packets, tx_bytes; /* sealed and sent */
	_Atomic uint64_t tx_at_rx; /* tx_packets when rx_last was written: the rest may be lost */
};

/* Of one futae-esp; a cache line, since each has its own writer. */
struct liveness_worker {
	_Atomic uint64_t rx_last; /* of any of its tunnels */
	uint64_t reserved[7];
};

struct liveness {
	uint64_t magic;
	uint64_t reserved[7];
	struct liveness_worker worker[LIVENESS_WORKERS];
	struct liveness_slot slot[LIVENESS_SLOTS];
};

#endif
