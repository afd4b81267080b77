/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One trial: packets sent at a rate from one namespace, and how many arrived in another. */
#ifndef BENCH_BLAST_H
#define BENCH_BLAST_H

#include "bench/place.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define BLAST_PORT 7007
#define BLAST_SIZE_MIN 8 /* the number of the trial is in there */
#define BLAST_SIZE_MAX 65000

struct blast {
	struct place from, to;
	unsigned spread, burst, size, segments;
	bool gro;
	/* below: blast.c's own */
	int tx;
	_Atomic int rx;
	pthread_t receiver;
	_Atomic uint32_t trial;
	_Atomic uint64_t received; /* of the trial that runs */
	_Atomic uint64_t seen; /* of any: tells when a queue has run dry */
	uint64_t next; /* packet, for whose turn it is */
};

struct trial {
	uint64_t sent, received;
	double sent_pps, received_pps;
};

void blast_open(struct blast *b); /* ends the program when it cannot */
struct trial blast_trial(struct blast *b, double pps, double seconds);

#endif
