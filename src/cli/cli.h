/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The `futae` command, less main(). */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "cli/term.h"

enum cli_exit {
	CLI_OK = 0,
	CLI_REFUSED = 1, /* futaed says no, and why */
	CLI_SOMETHING_DOWN = 2, /* `futae status` */
	CLI_NO_DAEMON = 3,
	CLI_USAGE = 64, /* as in sysexits.h */
	CLI_BAD_CONFIG = 65,
};

enum cli_exit cli_run(int argc, char *const argv[], const struct term *out, const struct term *err);

#endif
