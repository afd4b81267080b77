/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Giving up rights, for good.
 *
 * futae-esp and futae-ike give up everything.  futaed keeps what its work needs, and in its
 * bounding set also what a sibling needs for a moment to become another user: a program
 * started by uid 0 gets its capabilities from that set.
 */
#include "io/proc.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BIT(cap) (UINT64_C(1) << (cap))

/* Binding port 500 and 4500, and stopping siblings that run as another user. */
#define KEEP_ALWAYS                                                                                \
	(BIT(CAP_NET_ADMIN) | BIT(CAP_NET_RAW) | BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_KILL))
#define KEEP_FOR_REALTIME (BIT(CAP_SYS_NICE) | BIT(CAP_IPC_LOCK))
#define KEEP_FOR_CHILDREN (BIT(CAP_SETUID) | BIT(CAP_SETGID) | BIT(CAP_SETPCAP))

#define NO_ROOT_MAGIC                                                                              \
	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_KEEP_CAPS_LOCKED |                          \
	 SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |                             \
	 SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

struct capsets {
	uint64_t effective, permitted, inheritable;
};

/* The system calls themselves: libcap would only wrap these two. */
static int caps_get(struct capsets *out)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2] = { { 0 } };

	if (syscall(SYS_capget, &head, d) < 0)
		return -errno;
	out->effective = d[0].effective | (uint64_t)d[1].effective << 32;
	out->permitted = d[0].permitted | (uint64_t)d[1].permitted << 32;
	out->inheritable = d[0].inheritable | (uint64_t)d[1].inheritable << 32;
	return 0;
}

static int caps_put(const struct capsets *c)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2] = { { 0 } };

	for (unsigned i = 0; i < 2; i++) {
		d[i].effective = (uint32_t)(c->effective >> 32 * i);
		d[i].permitted = (uint32_t)(c->permitted >> 32 * i);
		d[i].inheritable = (uint32_t)(c->inheritable >> 32 * i);
	}
	return syscall(SYS_capset, &head, d) < 0 ? -errno : 0;
}

/* Effective = permitted = keep, nothing inheritable. */
static int caps_set(uint64_t keep)
{
	return caps_put(&(struct capsets){ .effective = keep, .permitted = keep });
}

/* Needs SETPCAP.  The kernel refuses numbers past its last capability: the end of the set. */
static int bounding_keep(uint64_t keep)
{
	for (unsigned long cap = 0; cap < 64; cap++) {
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) < 0)
			break;
		if (!(keep & BIT(cap)) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return -errno;
	}
	return 0;
}

static uint64_t bounding_get(void)
{
	uint64_t set = 0;

	for (unsigned long cap = 0; cap < 64; cap++)
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1)
			set |= BIT(cap);
	return set;
}

static bool may_set_caps(void)
{
	struct capsets c = { 0 };

	return caps_get(&c) == 0 && c.effective & BIT(CAP_SETPCAP);
}

void proc_override_permissions(bool on)
{
	const uint64_t override = BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH);
	struct capsets c = { 0 };

	if (caps_get(&c) < 0)
		return;
	c.effective = on ? c.effective | (c.permitted & override) : c.effective & ~override;
	(void)caps_put(&c); /* never more than is permitted: cannot fail */
}

int proc_no_dumps(void)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

/* /proc/self/setgroups says "deny" in the user namespace of somebody without rights outside. */
static bool setgroups_is_denied(void)
{
	char word[16] = "";
	FILE *f = fopen("/proc/self/setgroups", "re");
	bool denied = f && fgets(word, sizeof(word), f) && strncmp(word, "deny", 4) == 0;

	if (f)
		(void)fclose(f);
	return denied;
}

/*
 * Where only uid 0 is mapped the kernel knows no other (EINVAL): root without any capability
 * is then as little as an ordinary user is there.
 */
static int become(uid_t uid, gid_t gid)
{
	if (setgroups(0, NULL) < 0 && !(errno == EPERM && setgroups_is_denied()))
		return -errno;
	if (setresgid(gid, gid, gid) < 0 && errno != EINVAL)
		return -errno;
	if (setresuid(uid, uid, uid) < 0 && errno != EINVAL)
		return -errno;
	return 0;
}

/* A change of user clears the wish to die with the parent: wish it again. */
static int restore_death_signal(int signo, pid_t parent)
{
	if (signo == 0)
		return 0;
	if (prctl(PR_SET_PDEATHSIG, signo, 0, 0, 0) < 0)
		return -errno;
	if (getppid() != parent) /* died meanwhile */
		(void)raise(signo);
	return 0;
}

static int drop_all(const struct proc_user *user)
{
	bool privileged = may_set_caps();
	int rc;

	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (privileged) {
		rc = bounding_keep(0);
		if (rc < 0)
			return rc;
	}
	rc = geteuid() == 0 ? become(user->uid, user->gid) : 0;
	if (rc < 0)
		return rc;
	/* setresuid() took the capabilities, unless we are still root. */
	if (may_set_caps() && prctl(PR_SET_SECUREBITS, NO_ROOT_MAGIC, 0, 0, 0) < 0)
		return -errno;
	rc = caps_set(0);
	if (rc < 0)
		return rc;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return proc_no_dumps();
}

/* Believes nothing of the above. */
static int check_dropped(bool was_privileged)
{
	struct capsets c = { 0 };

	if (caps_get(&c) < 0 || c.effective || c.permitted || c.inheritable)
		return -EPERM;
	if (was_privileged && bounding_get() != 0)
		return -EPERM;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return -EPERM;
	if (getuid() != 0 && setresuid(0, 0, 0) == 0)
		return -EPERM;
	return 0;
}

int proc_drop_all(const char *user, struct err *err)
{
	bool privileged = may_set_caps();
	pid_t parent = getppid();
	struct proc_user who;
	int signo = 0;
	int rc = proc_user_find(user, &who, err);

	if (rc < 0)
		return rc;
	(void)prctl(PR_GET_PDEATHSIG, &signo, 0, 0, 0);
	rc = drop_all(&who);
	if (rc == 0)
		rc = check_dropped(privileged);
	if (rc == 0)
		rc = restore_death_signal(signo, parent);
	if (rc < 0)
		return err_set(err, rc, "cannot give up all rights (as user %s): %s", user,
			       strerror(-rc));
	return 0;
}

int proc_keep_net(struct err *err)
{
	const uint64_t keep = KEEP_ALWAYS | KEEP_FOR_REALTIME;
	struct capsets c = { 0 };
	int rc = caps_get(&c);

	if (rc == 0 && !(c.permitted & BIT(CAP_NET_ADMIN) && c.permitted & BIT(CAP_NET_RAW)))
		return err_set(err, -EPERM,
			       "the right to change the network is missing; start as root (needs "
			       "CAP_NET_ADMIN and CAP_NET_RAW)");
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (rc == 0 && may_set_caps())
		rc = bounding_keep(keep | KEEP_FOR_CHILDREN);
	if (rc == 0)
		rc = caps_set(c.permitted & keep);
	if (rc < 0)
		return err_set(err, rc, "cannot give up rights: %s", strerror(-rc));
	return 0;
}
