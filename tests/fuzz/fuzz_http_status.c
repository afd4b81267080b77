/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A status is one of three digits, found in the first 13 bytes or not at all. */
#include "wire/http_status.h"

#include <errno.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	int status = http_status_parse((struct view){ data, len });
	int more = http_status_parse((struct view){ data, len < 13 ? len : 13 });

	if (status != more || (status == -EAGAIN) > (len < 13) || status > 999 ||
	    (status >= 0 && status < 100))
		abort();
	return 0;
}
