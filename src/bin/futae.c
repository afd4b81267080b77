/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of futaed. */
#include "cli/cli.h"

int main(int argc, char *argv[])
{
	struct term out = term_of(stdout), err = term_of(stderr);

	return (int)cli_run(argc, argv, &out, &err);
}
