/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of one script: started, watched, ended with all that it started, and reported. */
#ifndef SCRIPT_SUPERVISE_H
#define SCRIPT_SUPERVISE_H

#include "wire/ipc_msg.h"

/*
 * Runs in a process of its own, which becomes the parent of whatever the script leaves behind;
 * so nothing of it gets away, whatever session or group it made itself.  Reads no message of
 * `futaed`, a SOCK_SEQPACKET socket, but sends one when the run is over; when it hangs up, or at a
 * SIGTERM, the run ends at once.  Expects SIGCHLD and SIGTERM to be blocked.
 */
void supervise(const struct ipc_script_run *run, int futaed);

/* Ends (SIGKILL) every child of this process but the `count` in `keep`, and theirs, in time. */
void supervise_end_children(const pid_t *keep, size_t count);

#endif
