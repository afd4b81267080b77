/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lengths of time as people read them: "0.8 ms", "512 ms", "2.01 s", "12 min". */
#ifndef FSM_SPAN_H
#define FSM_SPAN_H

#include "base/clock.h"

#define SPAN_TEXT 32

const char *span_format(usec_t span, char out[static SPAN_TEXT]); /* "never" for USEC_NEVER */

#endif
