/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io_world.h"

#include "io/tun.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct nl *nl;

bool says(const char *command, const char *text)
{
	static char out[65536];
	/* NOLINTNEXTLINE(cert-env33-c): the commands are written in the tests */
	FILE *f = popen(command, "r");
	size_t n;

	assert_non_null(f);
	n = fread(out, 1, sizeof(out) - 1, f);
	out[n] = '\0';
	(void)pclose(f);
	return strstr(out, text) != NULL;
}

struct addr ip(const char *text)
{
	struct addr a;

	assert_true(addr_parse(text, &a));
	return a;
}

struct prefix net(const char *text)
{
	struct prefix p;

	assert_true(prefix_parse(text, &p));
	return p;
}

int world_open(void **state)
{
	struct err err = { "" };

	(void)state;
	nl = nl_new(&err);
	if (!nl)
		(void)fprintf(stderr, "%s\n", err.text);
	return nl ? 0 : -1;
}

int world_close(void **state)
{
	(void)state;
	nl_free(nl);
	return 0;
}

int index_of(const char *name)
{
	struct nl_link link;

	assert_int_equal(nl_link_by_name(nl, name, &link), 0);
	return link.index;
}

int tun_up(const char *name, int *index)
{
	struct err err = { "" };
	bool uso;
	int fd = tun_open(name, &uso, &err);

	assert_true(fd >= 0);
	*index = index_of(name);
	assert_int_equal(nl_link_set(nl, *index, true, 1400, &err), 0);
	return fd;
}
