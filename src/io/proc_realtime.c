/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Being on time: first-in first-out scheduling, and no page faults. */
#include "io/proc.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What is not permitted any more cannot be asked back. */
static void drop_caps(uint32_t mask)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2] = { { 0 } };

	if (syscall(SYS_capget, &head, d) < 0)
		return;
	d[0].effective &= ~mask; /* both capabilities are in the first word */
	d[0].permitted &= ~mask;
	d[0].inheritable &= ~mask;
	(void)syscall(SYS_capset, &head, d);
}

/*
 * Under a limit a lock on all future memory would let a later malloc() fail.  So only without
 * limit, or by CAP_IPC_LOCK, which then has to stay: with a limit of 0 nothing else helps.
 */
static int lock_memory(bool *cap_needed)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	struct rlimit old, zero;
	int rc;

	*cap_needed = false;
	if (setrlimit(RLIMIT_MEMLOCK, &unlimited) == 0)
		return mlockall(MCL_CURRENT | MCL_FUTURE) < 0 ? -errno : 0;
	if (getrlimit(RLIMIT_MEMLOCK, &old) < 0)
		return -errno;
	zero = (struct rlimit){ 0, old.rlim_max };
	if (setrlimit(RLIMIT_MEMLOCK, &zero) < 0)
		return -errno;
	rc = mlockall(MCL_CURRENT | MCL_FUTURE) < 0 ? -EPERM : 0;
	(void)setrlimit(RLIMIT_MEMLOCK, &old);
	*cap_needed = rc == 0;
	return rc;
}

unsigned proc_processors(void)
{
	cpu_set_t set;
	long n;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		return (unsigned)CPU_COUNT(&set);
	n = sysconf(_SC_NPROCESSORS_ONLN); /* more than the set has room for */
	return n > 0 ? (unsigned)n : 1;
}

int proc_lock_memory(struct err *err)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	if (setrlimit(RLIMIT_MEMLOCK, &unlimited) < 0 || mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		return err_set(err, -errno, "memory cannot be locked here: %s", strerror(errno));
	return 0;
}

int proc_schedule_fifo(int priority, struct err *err)
{
	const struct sched_param param = { .sched_priority = priority };

	/* RESET_ON_FORK: what we start runs as ordinary programs do. */
	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param) < 0)
		return err_set(err, -errno, "real-time scheduling is not allowed here: %s",
			       strerror(errno));
	return 0;
}

int proc_realtime(int priority, struct err *err)
{
	bool lock_cap_needed;
	int sched = proc_schedule_fifo(priority, NULL), lock;

	lock = lock_memory(&lock_cap_needed);
	drop_caps(1u << CAP_SYS_NICE);
	if (!lock_cap_needed)
		drop_caps(1u << CAP_IPC_LOCK);
	if (sched < 0 && lock < 0)
		return err_set(err, sched,
			       "neither real-time scheduling nor locked memory is allowed here "
			       "(%s); a busy machine may delay timers",
			       strerror(-sched));
	if (sched < 0)
		return err_set(err, sched,
			       "real-time scheduling is not allowed here (%s); a busy machine may "
			       "delay timers",
			       strerror(-sched));
	if (lock < 0)
		return err_set(err, lock,
			       "memory cannot be locked (%s); a machine short of memory may delay "
			       "timers",
			       strerror(-lock));
	return 0;
}
