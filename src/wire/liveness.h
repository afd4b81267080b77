/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signs of life, in memory that futae-esp writes and futaed reads without a system call.
 * futaed makes the memfd; slot n belongs to the tunnel it named so.  Every field is one
 * aligned 64-bit word, so relaxed atomics are enough: a reader may see fields a packet apart, never
 * torn.  The writer is one futae-esp, but for a tunnel with several lanes, whose workers add.
 */
#ifndef WIRE_LIVENESS_H
#define WIRE_LIVENESS_H

#include <stdatomic.h>
#include <stdbool.h>
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

/* shared: others write, too; else a load and a store do, which are far cheaper. */
static inline void liveness_add(_Atomic uint64_t *counter, uint64_t by, bool shared)
{
	if (shared)
		(void)atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
	else
		atomic_store_explicit(counter,
				      atomic_load_explicit(counter, memory_order_relaxed) + by,
				      memory_order_relaxed);
}

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
