/* SPDX-License-Identifier: GPL-2.0-or-later */
/* charon's own log lines, in our log: level info, and never deep enough to hold a key. */
#ifndef IKE_LOGGER_H
#define IKE_LOGGER_H

void logger_init(void);
void logger_done(void);

#endif
