/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/unixsock.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int fill(struct sockaddr_un *sa, const char *path, struct err *err)
{
	size_t len = strlen(path);

	*sa = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (len == 0 || len >= sizeof(sa->sun_path))
		return err_set(err, -ENAMETOOLONG,
			       "'%s' is no name for a socket: 1 to %zu characters", path,
			       sizeof(sa->sun_path) - 1);
	memcpy(sa->sun_path, path, len);
	return 0;
}

static int connect_to(const struct sockaddr_un *sa, int flags)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)sa, sizeof(*sa))) {
		int r = -errno;

		close(fd);
		return r;
	}
	return fd;
}

/* Away with a socket left over from a process that was killed. */
static int remove_stale(const struct sockaddr_un *sa, struct err *err)
{
	int fd = connect_to(sa, SOCK_NONBLOCK);

	if (fd >= 0)
		close(fd);
	/* EAGAIN: its queue is full, so it lives. */
	if (fd >= 0 || fd == -EAGAIN)
		return err_set(err, -EADDRINUSE, "%s: another program is listening here",
			       sa->sun_path);
	if (fd == -ECONNREFUSED && unlink(sa->sun_path) && errno != ENOENT)
		return err_set(err, -errno, "cannot remove the old socket %s: %s", sa->sun_path,
			       strerror(errno));
	return 0;
}

static int open_up(int fd, const char *path, const char *group)
{
	struct group *gr = getgrnam(group);

	/* Where we are not root there may be no right to give it to the group: then it is ours. */
	if (gr && chown(path, (uid_t)-1, gr->gr_gid) && errno != EPERM && errno != EINVAL)
		return -errno;
	if (chmod(path, 0660) || listen(fd, 64))
		return -errno;
	return 0;
}

int unixsock_listen(const char *path, const char *group, struct err *err)
{
	struct sockaddr_un sa;
	int fd, r = fill(&sa, path, err);

	if (r == 0)
		r = remove_stale(&sa, err);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* The mode before bind() is the mode that it is born with: nobody gets in too early. */
	if (fd < 0 || fchmod(fd, 0600) || bind(fd, (const struct sockaddr *)&sa, sizeof(sa)))
		r = -errno;
	else
		r = open_up(fd, path, group);
	if (r < 0) {
		if (fd >= 0)
			close(fd);
		return err_set(err, r, "cannot listen at %s: %s", path, strerror(-r));
	}
	return fd;
}

int unixsock_accept(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0)
		return fd;
	return errno == ECONNABORTED || errno == EINTR ? -EAGAIN : -errno;
}

bool unixsock_peer_is_trusted(int fd, const char *group)
{
	struct ucred cred;
	gid_t groups[256];
	socklen_t len = sizeof(cred);
	struct passwd *pw;
	struct group *gr;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return false;
	if (cred.uid == 0 || cred.uid == geteuid())
		return true;
	/* The user of that name is the programs without rights, not somebody who was let in. */
	pw = getpwnam(group);
	if (pw && cred.uid == pw->pw_uid)
		return false;
	gr = getgrnam(group);
	if (!gr)
		return false;
	if (cred.gid == gr->gr_gid)
		return true;
	len = sizeof(groups);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len))
		return false;
	for (size_t i = 0; i < len / sizeof(groups[0]); i++)
		if (groups[i] == gr->gr_gid)
			return true;
	return false;
}

int unixsock_connect(const char *path, struct err *err)
{
	struct sockaddr_un sa;
	int r = fill(&sa, path, err);

	if (r == 0)
		r = connect_to(&sa, 0);
	if (r < 0 && r != -ENAMETOOLONG)
		return err_set(err, r, "cannot reach futaed at %s: %s", path, strerror(-r));
	return r;
}
