/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOBODY 65534

int rundir_make(const char *path, unsigned mode, const char *owner, struct err *err)
{
	struct stat st;
	struct passwd *pw = owner ? getpwnam(owner) : NULL;
	uid_t uid = pw ? pw->pw_uid : NOBODY;
	gid_t gid = pw ? pw->pw_gid : NOBODY;
	int fd, r = 0;

	if (mkdir(path, mode) && errno != EEXIST)
		return err_set(err, -errno, "cannot make the folder %s: %s", path, strerror(errno));
	/* By descriptor, so that what is checked is what is changed; a link is refused. */
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		r = err_set(err, -errno, "%s is not a folder: %s", path, strerror(errno));
	else if (st.st_uid != geteuid() && !(owner && st.st_uid == uid))
		r = err_set(err, -EPERM, "the folder %s belongs to somebody else (uid %u)", path,
			    st.st_uid);
	else if (fchmod(fd, mode))
		r = err_set(err, -errno, "cannot set the mode of %s: %s", path, strerror(errno));
	/* In a user namespace there may be no such user to give it to: then all run as one. */
	else if (owner && fchown(fd, uid, gid) && errno != EPERM && errno != EINVAL)
		r = err_set(err, -errno, "cannot give %s to %s: %s", path, owner, strerror(errno));
	if (fd >= 0)
		close(fd);
	return r;
}
