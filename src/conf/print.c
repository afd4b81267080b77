/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/print.h"

#include "conf/schema_def.h"

#include <stdlib.h>

char *conf_print(const struct conf *conf, enum conf_print_secrets secrets)
{
	struct printer pr = { .conf = conf, .secrets = secrets };
	char *text = NULL;
	size_t len = 0;
	bool failed;

	pr.out = open_memstream(&text, &len);
	if (!pr.out)
		return NULL;
	schema_print_group(&pr, &schema_top, conf);
	failed = pr.failed || ferror(pr.out);
	if (fclose(pr.out) || failed) {
		free(text);
		return NULL;
	}
	return text;
}
