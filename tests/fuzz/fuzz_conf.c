/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a configuration: refused with a reason, or loaded; and what loads prints to
 * something that loads to the same again.  No file that the bytes name is opened.
 */
#include "conf/diff.h"
#include "conf/load.h"
#include "conf/print.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void); /* NOLINT(bugprone-reserved-identifier) */

/* libfyaml 0.7.12 loses a buffer when a long quoted text never ends.  The unit tests, which run
 * without this, see whether we free what is ours. */
const char *__lsan_default_suppressions(void) /* NOLINT(bugprone-reserved-identifier) */
{
	return "leak:libfyaml.so\n";
}

static void check_diff(const struct conf *from, struct conf *to, size_t changes)
{
	struct conf_diff diff;

	assert(conf_diff(from, to, &diff) == 0);
	assert(diff.count == changes);
	conf_diff_done(&diff);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct conf_report report;
	struct conf *conf = NULL, *back = NULL;
	int rc = conf_load_text((const char *)data, size, "fuzz", NULL, &report, &conf);
	char *text;

	assert((rc == 0) == (report.errors == 0));
	assert((rc == 0) == (conf != NULL));
	if (rc)
		return 0;
	text = conf_print(conf, CONF_SECRETS_SHOWN);
	assert(text);
	assert(conf_load_text(text, strlen(text), "printed", NULL, &report, &back) == 0);
	assert(conf_equal(conf, back));
	check_diff(conf, back, 0);
	check_diff(NULL, back,
		   back->tunnel_count + back->route_count + back->track_count + back->vrrp_count);
	conf_free(conf);
	conf_free(back);
	free(text);
	return 0;
}
