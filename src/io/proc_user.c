/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who the programs without rights run as.
 *
 * The user made for them, or else a number that nobody has: "nobody" is many programs at once,
 * and each of them could signal ours and speak to its sockets.
 */
#include "io/proc.h"

#include "base/list.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The first is above what id mapping hands out (SSSD's ends at 2,000,200,000, containers' at
 * 1,879,048,191) and below systemd's range for foreign images.  The second is for namespaces that
 * know 16 bits only: between systemd's dynamic users and nobody, and unused as well.
 */
static const unsigned numbers[] = { 2026531840, 65523 };
/* Scripts are somebody else's programs: they take the next number, and reach nothing of ours. */
#define SCRIPT_OFFSET 1

static unsigned offset_of(const char *name)
{
	return strcmp(name, PROC_USER_SCRIPT) == 0 ? SCRIPT_OFFSET : 0;
}

/* Whether this user namespace knows it; without /proc the kernel will say so itself. */
static bool is_mapped(const char *map, unsigned id)
{
	FILE *f = fopen(map, "re");
	bool found = false;
	char line[128];

	if (!f)
		return true;
	while (!found && fgets(line, sizeof(line), f)) { /* "inside outside count" */
		char *at = line;
		unsigned long inside = strtoul(at, &at, 10), count;

		(void)strtoul(at, &at, 10);
		count = strtoul(at, &at, 10);
		found = id >= inside && id - inside < count;
	}
	(void)fclose(f);
	return found;
}

static int refuse(const char *name, unsigned id, const char *what, const char *whose,
		  struct err *err)
{
	return err_set(err, -EEXIST,
		       "there is no user %s, and the number %u to run as instead belongs to the "
		       "%s %s; make the user: systemd-sysusers, or adduser --system --group %s",
		       name, id, what, whose, name);
}

static int take_number(const char *name, unsigned id, struct proc_user *out, struct err *err)
{
	const struct passwd *pw = getpwuid(id);
	const struct group *gr = getgrgid(id);

	if (pw)
		return refuse(name, id, "user", pw->pw_name, err);
	if (gr)
		return refuse(name, id, "group", gr->gr_name, err);
	*out = (struct proc_user){ PROC_USER_NUMBER, id, id, false };
	return 0;
}

static int take_named(const struct passwd *pw, struct proc_user *out, struct err *err)
{
	const struct group *gr;

	if (pw->pw_uid == 0)
		return err_set(err, -EINVAL, "the user %s has the uid 0; give it one of its own",
			       pw->pw_name);
	*out = (struct proc_user){ PROC_USER_NAMED, pw->pw_uid, pw->pw_gid, false };
	gr = getgrgid(pw->pw_gid);
	out->own_group = gr && strcmp(gr->gr_name, pw->pw_name) == 0;
	return 0;
}

bool proc_user_is_number(uid_t uid)
{
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (uid == numbers[i] || uid == numbers[i] + SCRIPT_OFFSET)
			return true;
	return false;
}

int proc_user_find(const char *name, struct proc_user *out, struct err *err)
{
	const struct passwd *pw;

	*out = (struct proc_user){ PROC_USER_SAME, geteuid(), getegid(), false };
	if (geteuid() != 0)
		return 0;
	pw = getpwnam(name);
	if (pw)
		return take_named(pw, out, err);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		unsigned id = numbers[i] + offset_of(name);

		if (is_mapped("/proc/self/uid_map", id) && is_mapped("/proc/self/gid_map", id))
			return take_number(name, id, out, err);
	}
	return 0;
}
