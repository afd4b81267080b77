/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/tun.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int open_error(int code, struct err *err)
{
	switch (code) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return err_set(err, -code,
			       "there is no /dev/net/tun; load the module (modprobe tun), or give "
			       "the container that device");
	case EPERM:
	case EACCES:
		return err_set(err, -code,
			       "/dev/net/tun may not be opened; allow this service or container "
			       "that device");
	default:
		return err_set(err, -code, "/dev/net/tun cannot be opened: %s", strerror(code));
	}
}

static int attach_error(const char *name, int code, struct err *err)
{
	switch (code) {
	case EPERM:
	case EACCES:
		return err_set(err, -code,
			       "device %s cannot be made: the right to do so is missing; start as "
			       "root (needs CAP_NET_ADMIN)",
			       name);
	case EBUSY:
		return err_set(err, -code,
			       "device %s is in use by another program; stop that one, or choose "
			       "another name",
			       name);
	case EINVAL:
		return err_set(err, -code,
			       "device %s is there already and is not a TUN device; choose another "
			       "name",
			       name);
	default:
		return err_set(err, -code, "device %s cannot be made: %s", name, strerror(code));
	}
}

#ifndef TUN_F_USO4 /* Debian 12's headers are of Linux 6.1 */
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

/*
 * A kernel that does without is slower, nothing else.  The device's gso_max_size stays what it
 * is: below 64 KB the kernel would cut every packet that it forwards before we see it.
 */
static bool offload(int fd)
{
	const unsigned tso = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;

	if (ioctl(fd, TUNSETOFFLOAD, (unsigned long)(tso | TUN_F_USO4 | TUN_F_USO6)) == 0)
		return true;
	(void)ioctl(fd, TUNSETOFFLOAD, (unsigned long)tso);
	return false;
}

static int open_queue(const char *name, short flags, bool *uso, struct err *err)
{
	struct ifreq ifr = { .ifr_flags = (short)(IFF_TUN | IFF_NO_PI | IFF_VNET_HDR | flags) };
	size_t len = strlen(name);
	int fd;

	/* With a % the kernel would take it for a pattern. */
	if (len == 0 || len >= IFNAMSIZ || strpbrk(name, "/%: \t\n"))
		return err_set(err, -EINVAL,
			       "\"%s\" cannot be the name of a device; use 1 to %d letters and "
			       "digits",
			       name, IFNAMSIZ - 1);
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return open_error(errno, err);
	memcpy(ifr.ifr_name, name, len + 1);
	if (ioctl(fd, TUNSETIFF, &ifr) < 0) {
		int code = errno;

		(void)close(fd);
		return attach_error(name, code, err);
	}
	*uso = offload(fd);
	return fd;
}

int tun_open(const char *name, bool *uso, struct err *err)
{
	return open_queue(name, 0, uso, err);
}

int tun_open_queues(const char *name, unsigned count, int *fds, bool *uso, struct err *err)
{
	for (unsigned n = 0; n < count; n++) {
		fds[n] = open_queue(name, IFF_MULTI_QUEUE, uso, err);
		if (fds[n] < 0) {
			int rc = fds[n];

			while (n > 0)
				(void)close(fds[--n]);
			return rc;
		}
	}
	return 0;
}

int tun_queue_attach(int fd, bool attach)
{
	struct ifreq ifr = { .ifr_flags = (short)(attach ? IFF_ATTACH_QUEUE : IFF_DETACH_QUEUE) };

	return ioctl(fd, TUNSETQUEUE, &ifr) < 0 ? -errno : 0;
}
