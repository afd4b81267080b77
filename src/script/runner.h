/* SPDX-License-Identifier: GPL-2.0-or-later */
/* futae-script's inside: takes orders of futaed, and gives each run a process that watches it. */
#ifndef SCRIPT_RUNNER_H
#define SCRIPT_RUNNER_H

#define RUNNER_RUNS_MAX 32 /* at once; futaed asks for fewer */

/* Until futaed is gone or says SIGTERM; ends every run first.  The program's exit status. */
int runner_run(int futaed);

#endif
