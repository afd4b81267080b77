/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/files.h"

#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *files_resolve(const char *base_dir, const char *path)
{
	char *full;

	if (path[0] == '/' || !base_dir || !*base_dir)
		return strdup(path);
	return asprintf(&full, "%s/%s", base_dir, path) < 0 ? NULL : full;
}

static int check_privacy(const char *path, const struct stat *st, struct err *err)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return err_set(err, -EPERM, "%.100s belongs to user %u; run: chown root %.100s",
			       path, st->st_uid, path);
	if (st->st_mode & 077)
		return err_set(err, -EPERM, "%.100s can be read by others; run: chmod 600 %.100s",
			       path, path);
	return 0;
}

static int read_all(int fd, size_t max, struct conf_blob *out)
{
	size_t cap = 4096, len = 0;
	uint8_t *data = malloc(cap);

	while (data) {
		ssize_t n = read(fd, data + len, cap - 1 - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || len + (size_t)n > max) {
			int rc = n < 0 ? -errno : -EFBIG;

			secret_free(data, len);
			return rc;
		}
		if (n == 0) {
			data[len] = '\0';
			out->data = data;
			out->len = len;
			return 0;
		}
		len += (size_t)n;
		if (len == cap - 1) {
			/* Not realloc(): it would leave a copy of the secret behind. */
			uint8_t *more = malloc(cap * 2);

			if (more)
				memcpy(more, data, len);
			secret_free(data, len);
			data = more;
			cap *= 2;
		}
	}
	return -ENOMEM;
}

/* Root without the right to override permissions is what futaed reads as, here and later. */
static const char *advice(int rc)
{
	return rc == -EACCES && geteuid() == 0
		       ? "; futaed reads as root and heeds permissions: run chown root on it"
		       : "";
}

static int explain(int rc, const char *path, size_t max, struct err *err)
{
	if (rc == -EFBIG)
		return err_set(err, rc, "%.100s is longer than %zu bytes; is it the right file?",
			       path, max);
	return err_set(err, rc, "cannot read %.100s: %s%s", path, strerror(-rc), advice(rc));
}

int files_read_any(const char *path, size_t max, struct conf_blob *out, struct stat *st,
		   struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = fd < 0 ? -errno : 0;

	if (!rc)
		rc = fstat(fd, st) < 0 ? -errno : read_all(fd, max, out);
	if (fd >= 0)
		(void)close(fd);
	if (rc == -EFBIG)
		return err_set(err, rc, "longer than %zu bytes; is it the right file?", max);
	if (rc)
		return err_set(err, rc, "cannot be read: %s%s", strerror(-rc), advice(rc));
	return 0;
}

static int read_regular(int fd, const char *path, enum files_privacy privacy, size_t max,
			struct conf_blob *out, struct err *err)
{
	struct stat st;
	int rc = 0;

	if (fstat(fd, &st) < 0)
		return explain(-errno, path, max, err);
	if (!S_ISREG(st.st_mode))
		return err_set(err, -EINVAL, "%.100s is no regular file; name one", path);
	if (privacy == FILES_SECRET)
		rc = check_privacy(path, &st, err);
	if (rc)
		return rc;
	rc = read_all(fd, max, out);
	return rc ? explain(rc, path, max, err) : 0;
}

int files_read(const char *base_dir, const char *path, enum files_privacy privacy, size_t max,
	       struct conf_blob *out, struct err *err)
{
	char *full = files_resolve(base_dir, path);
	/* Not blocking: what is named may be a pipe that nobody writes to. */
	int fd = full ? open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
	int rc = fd < 0 ? (full ? -errno : -ENOMEM) : 0;

	if (rc) {
		(void)explain(rc, full ? full : path, max, err);
	} else {
		rc = read_regular(fd, full, privacy, max, out, err);
		(void)close(fd);
	}
	free(full);
	return rc;
}
