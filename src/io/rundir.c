/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/rundir.h"

#include "io/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool may_change(const struct stat *st, const char *owner, const struct proc_user *who)
{
	/* With sockets of programs that ended before their user was made. */
	return st->st_uid == geteuid() ||
	       (owner && (st->st_uid == who->uid || proc_user_is_number(st->st_uid)));
}

int rundir_make(const char *path, unsigned mode, const char *owner, struct err *err)
{
	struct proc_user who = { .own_group = true };
	struct stat st;
	int fd, r = owner ? proc_user_find(owner, &who, err) : 0;

	if (r)
		return r;
	if (!who.own_group)
		mode &= ~077u;
	if (mkdir(path, mode) && errno != EEXIST)
		return err_set(err, -errno, "cannot make the folder %s: %s", path, strerror(errno));
	/* By descriptor, so that what is checked is what is changed; a link is refused. */
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		r = err_set(err, -errno, "%s is not a folder: %s", path, strerror(errno));
	else if (!may_change(&st, owner, &who))
		r = err_set(err, -EPERM, "the folder %s belongs to somebody else (uid %u)", path,
			    st.st_uid);
	else if (fchmod(fd, mode))
		r = err_set(err, -errno, "cannot set the mode of %s: %s", path, strerror(errno));
	/* In a user namespace there may be no such user to give it to: then all run as one. */
	else if (owner && fchown(fd, who.uid, who.gid) && errno != EPERM && errno != EINVAL)
		r = err_set(err, -errno, "cannot give %s to %s: %s", path, owner, strerror(errno));
	if (fd >= 0)
		close(fd);
	return r;
}
