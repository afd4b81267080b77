/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/program.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_trusted(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

/* Who may write to a directory may put another file in its place, unless it is sticky. */
static bool check_directories(struct loader *ld, struct conf_pos pos, const char *path)
{
	char above[PATH_MAX];
	struct stat st;
	char *slash;

	(void)snprintf(above, sizeof(above), "%s", path);
	while ((slash = strrchr(above, '/')) != NULL) {
		const char *dir = slash == above ? "/" : above;

		*slash = '\0';
		if (stat(dir, &st) < 0)
			return true; /* the program's own error says more */
		if (is_trusted(st.st_uid) && (!(st.st_mode & 022) || (st.st_mode & S_ISVTX)))
			continue;
		schema_error(ld, pos,
			     "command %.100s lies in %.100s, which others can write to; run: chown "
			     "root %.100s && chmod go-w %.100s",
			     path, dir, dir, dir);
		return false;
	}
	return true;
}

static void check_file(struct loader *ld, struct conf_pos pos, const char *path,
		       const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		schema_error(ld, pos, "command %.100s is no regular file; name a program", path);
	else if (!is_trusted(st->st_uid))
		schema_error(ld, pos, "command %.100s belongs to user %u; run: chown root %.100s",
			     path, st->st_uid, path);
	else if (st->st_mode & 022)
		schema_error(ld, pos,
			     "command %.100s can be written by others; run: chmod go-w %.100s",
			     path, path);
	else if (!(st->st_mode & 0111))
		schema_error(ld, pos, "command %.100s is not executable; run: chmod a+rx %.100s",
			     path, path);
}

void check_program(struct loader *ld, struct conf_pos pos, const struct conf_script *s)
{
	char *real = realpath(s->command, NULL);
	struct stat st;

	if (!real || stat(real, &st) < 0)
		schema_error(ld, pos,
			     "command %.100s cannot be run: %s; name a program that is there",
			     s->command, strerror(errno));
	else if (check_directories(ld, pos, s->command) && check_directories(ld, pos, real))
		check_file(ld, pos, s->command, &st);
	free(real);
}
