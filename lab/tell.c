/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tell SOCKET WORDS...: one command to a running lineshim or pathmeter; prints its answer. */
#include "lab/control.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char *argv[])
{
	char text[CONTROL_TEXT] = "", answer[8 * CONTROL_TEXT];
	size_t len = 0;
	int err;

	if (argc < 3) {
		(void)fprintf(stderr, "usage: tell SOCKET WORDS...\n");
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		int n = snprintf(text + len, sizeof(text) - len, "%s%s", i > 2 ? " " : "", argv[i]);

		if (n < 0 || (size_t)n >= sizeof(text) - len) {
			(void)fprintf(stderr, "tell: that is too long\n");
			return 2;
		}
		len += (size_t)n;
	}
	err = control_ask(argv[1], text, answer, sizeof(answer));
	if (err) {
		(void)fprintf(stderr, "tell: %s: %s\n", argv[1], strerror(-err));
		return 1;
	}
	puts(answer);
	return strncmp(answer, "error", 5) == 0;
}
