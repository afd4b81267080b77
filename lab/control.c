/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int address_of(const char *path, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(out->sun_path))
		return -ENAMETOOLONG;
	memcpy(out->sun_path, path, strlen(path) + 1);
	return 0;
}

int control_open(struct control *c, const char *path)
{
	struct sockaddr_un sun;
	int err = address_of(path, &sun);
	int fd;

	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) || listen(fd, 8)) {
		err = -errno;
		close(fd);
		return err;
	}
	*c = (struct control){ .listener = fd, .client = -1 };
	return 0;
}

void control_close(struct control *c)
{
	if (c->client >= 0)
		close(c->client);
	close(c->listener);
	*c = (struct control){ -1, -1 };
}

int control_fd(const struct control *c)
{
	return c->client >= 0 ? c->client : c->listener;
}

bool control_read(struct control *c, char text[static CONTROL_TEXT])
{
	ssize_t n;

	if (c->client < 0) {
		c->client = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		return false;
	}
	n = recv(c->client, text, CONTROL_TEXT - 1, 0);
	if (n < 0 && errno == EAGAIN)
		return false;
	if (n <= 0) {
		close(c->client);
		c->client = -1;
		return false;
	}
	text[n] = '\0';
	return true;
}

void control_answer(struct control *c, const char *text)
{
	/* A caller that has gone away needs no answer. */
	(void)send(c->client, text, strlen(text), MSG_NOSIGNAL);
	close(c->client);
	c->client = -1;
}

int control_ask(const char *path, const char *text, char *answer, size_t size)
{
	struct sockaddr_un sun;
	int err = address_of(path, &sun);
	ssize_t n;
	int fd;

	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) ||
	    send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		goto fail;
	n = recv(fd, answer, size - 1, 0);
	if (n <= 0) {
		errno = n ? errno : ECONNRESET;
		goto fail;
	}
	answer[n] = '\0';
	close(fd);
	return 0;
fail:
	err = -errno;
	close(fd);
	return err;
}
