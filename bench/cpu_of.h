/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long processes have run, all threads of them together. */
#ifndef BENCH_CPU_OF_H
#define BENCH_CPU_OF_H

#include <stdbool.h>
#include <stdint.h>

#define CPU_OF_MAX 64

struct cpu_of {
	unsigned count;
	int pids[CPU_OF_MAX];
};

bool cpu_of_parse(struct cpu_of *c, char *list);
uint64_t cpu_of_read(const struct cpu_of *c); /* ns that all their threads have run */

#endif
