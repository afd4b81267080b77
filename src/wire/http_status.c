/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/http_status.h"

#include <errno.h>
#include <stdbool.h>

/* 'd': a digit; '$': a blank or a line break; else the character itself */
static const char pattern[] = "HTTP/d.d ddd$";

static bool fits(char want, uint8_t c)
{
	switch (want) {
	case 'd':
		return c >= '0' && c <= '9';
	case '$':
		return c == ' ' || c == '\r' || c == '\n';
	default:
		return c == (uint8_t)want;
	}
}

int http_status_parse(struct view text)
{
	size_t len = sizeof(pattern) - 1;
	int status = 0;

	for (size_t i = 0; i < len; i++) {
		if (i == text.len)
			return -EAGAIN;
		if (!fits(pattern[i], text.data[i]))
			return -EBADMSG;
		if (i >= 9 && i < 12)
			status = status * 10 + text.data[i] - '0';
	}
	if (text.data[5] != '1' || status < 100)
		return -EBADMSG;
	return status;
}
