/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long processes have run, to the nanosecond: schedstat of each of their threads. */
#include "bench/cpu_of.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool cpu_of_parse(struct cpu_of *c, char *list)
{
	for (char *save, *word = strtok_r(list, ", ", &save); word;
	     word = strtok_r(NULL, ", ", &save)) {
		int pid = (int)strtol(word, NULL, 10);

		if (pid <= 0 || c->count == CPU_OF_MAX)
			return false;
		c->pids[c->count++] = pid;
	}
	return true;
}

static uint64_t thread_ran(int pid, const char *tid)
{
	char path[512], line[64];
	uint64_t nsec = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%s/schedstat", pid, tid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fgets(line, sizeof(line), f))
		nsec = strtoull(line, NULL, 10);
	(void)fclose(f);
	return nsec;
}

static uint64_t process_ran(int pid)
{
	char path[64];
	uint64_t sum = 0;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	if (!dir)
		return 0;
	for (struct dirent *e; (e = readdir(dir));)
		if (e->d_name[0] != '.')
			sum += thread_ran(pid, e->d_name);
	(void)closedir(dir);
	return sum;
}

uint64_t cpu_of_read(const struct cpu_of *c)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < c->count; i++)
		sum += process_ran(c->pids[i]);
	return sum;
}
