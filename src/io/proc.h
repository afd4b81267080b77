/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes and rights: starting siblings, giving up root, real-time scheduling, sysctls. */
#ifndef IO_PROC_H
#define IO_PROC_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Starts argv[0] with fds[i] as descriptor 3 + i and nothing else but 0-2; the child dies with us
 * when `die_with_parent`.  Its pid, or -errno.
 *
 * The kernel forgets that wish when the program gains a capability by being started, as it does
 * for root where we hold fewer than our bounding set: a program of ours wishes it again itself.
 */
pid_t proc_spawn(const char *const argv[], const int *fds, size_t nfds, bool die_with_parent,
		 struct err *err);
/*
 * Dies (SIGKILL) with the parent, who holds the other end of socket `fd`; -ESRCH: that is gone
 * already.  After proc_drop_all(): a change of user is forgetful, too.
 */
int proc_die_with_parent(int fd, struct err *err);
/* The folder of the running program: siblings lie beside it in a build tree. */
int proc_own_dir(char *out, size_t size);

enum proc_user_kind {
	PROC_USER_SAME, /* who we are: not root, or root where no other number is mapped */
	PROC_USER_NAMED,
	PROC_USER_NUMBER, /* there is no such user: a number that nobody has */
};

struct proc_user {
	enum proc_user_kind kind;
	uid_t uid;
	gid_t gid;
	bool own_group; /* gid is this user's alone, and whom an administrator adds */
};

#define PROC_USER_SCRIPT "futae-script" /* not ours: what scripts of the configuration run as */

/* Whom proc_drop_all(name) becomes.  -EEXIST when the number is somebody's. */
int proc_user_find(const char *name, struct proc_user *out, struct err *err);
bool proc_user_is_number(uid_t uid); /* one of those that stand in */
/*
 * Whether root's right to read what file permissions forbid is in force; nothing where we have
 * it not.  Without it files are read as futaed reads them once it has given up its rights.
 */
void proc_override_permissions(bool on);
/*
 * Gives up every capability, becomes `user` (as proc_user_find() says), forbids new privileges and
 * core dumps.  Afterwards no way leads back.
 */
int proc_drop_all(const char *user, struct err *err);
/*
 * Keeps only what futaed's work takes: NET_ADMIN, NET_RAW, NET_BIND_SERVICE (port 500), KILL (the
 * siblings run as another user), and until proc_realtime() was called SYS_NICE and IPC_LOCK.
 */
int proc_keep_net(struct err *err);
/* SCHED_FIFO at `priority` and locked memory; -EPERM where it is not allowed: say so and go on. */
int proc_realtime(int priority, struct err *err);
/*
 * The two halves of it for a program that gives up all its rights afterwards: memory is then
 * locked only where the limit on it can be lifted, or every later malloc() would fail.
 */
int proc_schedule_fifo(int priority, struct err *err);
int proc_lock_memory(struct err *err);
unsigned proc_processors(void); /* that we may run on */
/* No core dumps, keys cannot be read by others of the same user. */
int proc_no_dumps(void);

/* /proc/sys/<path> = value; 0 also when it already is. */
int proc_sysctl_set(const char *path, const char *value, struct err *err);
int proc_sysctl_get(const char *path, char *out, size_t size);

/* A whole file of at most `max` bytes, heap; the caller frees (secret_free for keys). */
int proc_read_file(const char *path, size_t max, unsigned char **data, size_t *len,
		   struct err *err);

#endif
