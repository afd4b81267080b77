/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files a process needs: its own, the kernel's settings, and what users wrote. */
#include "io/proc.h"

#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYSCTL_TEXT 256

int proc_own_dir(char *out, size_t size)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (n < 0)
		return -errno;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return -ENOENT;
	slash[slash == path] = '\0'; /* "/" stays itself */
	if (strlen(path) >= size)
		return -ENAMETOOLONG;
	memcpy(out, path, strlen(path) + 1);
	return 0;
}

static int sysctl_open(const char *path, int flags)
{
	char full[PATH_MAX];
	int fd;

	if (snprintf(full, sizeof(full), "/proc/sys/%s", path) >= (int)sizeof(full))
		return -ENAMETOOLONG;
	fd = open(full, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int proc_sysctl_get(const char *path, char *out, size_t size)
{
	int fd = sysctl_open(path, O_RDONLY);
	char text[SYSCTL_TEXT];
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		n = -errno;
	(void)close(fd);
	if (n < 0)
		return (int)n;
	while (n > 0 && text[n - 1] == '\n')
		n--;
	text[n] = '\0';
	if ((size_t)n >= size)
		return -ENAMETOOLONG;
	memcpy(out, text, (size_t)n + 1);
	return 0;
}

int proc_sysctl_set(const char *path, const char *value, struct err *err)
{
	char old[SYSCTL_TEXT];
	size_t len = strlen(value);
	ssize_t n;
	int fd, rc;

	/* Containers mount /proc/sys read-only: what is right already needs no writing. */
	if (proc_sysctl_get(path, old, sizeof(old)) == 0 && strcmp(old, value) == 0)
		return 0;
	fd = sysctl_open(path, O_WRONLY);
	rc = fd < 0 ? fd : 0;
	if (fd >= 0) {
		n = write(fd, value, len);
		rc = n < 0 ? -errno : (size_t)n == len ? 0 : -EIO;
		(void)close(fd);
	}
	if (rc < 0)
		return err_set(err, rc, "/proc/sys/%s cannot be set to %s: %s", path, value,
			       strerror(-rc));
	return 0;
}

/* Up to `cap` bytes; the count, or -errno. */
static ssize_t read_up_to(int fd, unsigned char *buf, size_t cap)
{
	size_t len = 0;

	while (len < cap) {
		ssize_t n = read(fd, buf + len, cap - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* One buffer of the final size: growing it would leave copies of a key behind. */
static int read_regular(int fd, size_t max, unsigned char **data, size_t *len)
{
	struct stat st;
	unsigned char *buf;
	size_t size;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode)) /* a FIFO or a terminal would keep us waiting */
		return -ESPIPE;
	if (st.st_size < 0 || (uintmax_t)st.st_size > max)
		return -EFBIG;
	size = st.st_size > 0 ? (size_t)st.st_size : max; /* /proc says 0 */
	buf = malloc(size + 2);
	if (!buf)
		return -ENOMEM;
	n = read_up_to(fd, buf, size + 1);
	if (n < 0 || (size_t)n > size) { /* it grew under our eyes */
		secret_free(buf, size + 2);
		return n < 0 ? (int)n : -EFBIG;
	}
	buf[n] = '\0'; /* a convenience for text, not counted */
	*data = buf;
	*len = (size_t)n;
	return 0;
}

int proc_read_file(const char *path, size_t max, unsigned char **data, size_t *len, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int rc;

	if (fd < 0)
		return err_set(err, -errno, "%s cannot be read: %s", path, strerror(errno));
	rc = read_regular(fd, max, data, len);
	(void)close(fd);
	if (rc == -EFBIG)
		return err_set(err, rc, "%s is larger than %zu bytes", path, max);
	if (rc == -ESPIPE)
		return err_set(err, rc, "%s is not a regular file", path);
	if (rc < 0)
		return err_set(err, rc, "%s cannot be read: %s", path, strerror(-rc));
	return 0;
}
