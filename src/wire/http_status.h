/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The status line of an HTTP/1 response (RFC 9112, 4), and no more of it. */
#ifndef WIRE_HTTP_STATUS_H
#define WIRE_HTTP_STATUS_H

#include "base/buf.h"

/* 100 to 999; -EAGAIN while too little is there to tell; -EBADMSG when it is none. */
int http_status_parse(struct view text);

#endif
