/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/load.h"

#include "base/secret.h"
#include "conf/check.h"
#include "conf/files.h"
#include "conf/schema_def.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct conf_pos schema_pos(const struct loader *ld, const char *section, size_t i, const char *key,
			   const char *sub)
{
	const struct tree_child *at = tree_get(ld->root, section), *in = NULL, *below = NULL;
	const struct tree_node *node = at ? at->node : NULL;

	if (!node || i >= node->count)
		return (struct conf_pos){ 0, 0 };
	at = &node->child[i];
	if (key)
		in = tree_get(at->node, key);
	if (in && sub)
		below = tree_get(in->node, sub);
	if (below)
		return below->node->pos;
	return in ? in->node->pos : at->pos;
}

static int load_tree(const struct tree *tree, const char *base_dir, struct conf_report *report,
		     bool *has_inline_secret, struct conf **out)
{
	struct loader ld = {
		.report = report,
		.base_dir = base_dir,
		.root = tree_root(tree),
		.conf = calloc(1, sizeof(struct conf)),
		.wall = (int64_t)time(NULL),
	};

	if (!ld.conf)
		return -ENOMEM;
	schema_load_group(&ld, &schema_top, ld.root, (struct conf_pos){ 1, 1 }, ld.conf);
	check_tunnels(&ld);
	check_bfd(&ld);
	check_routes(&ld);
	check_tracks(&ld);
	check_vrrps(&ld);
	*has_inline_secret = ld.has_inline_secret;
	if (ld.no_memory || report->errors) {
		conf_free(ld.conf);
		return ld.no_memory ? -ENOMEM : -EINVAL;
	}
	*out = ld.conf;
	return 0;
}

static int load(const char *text, size_t len, const char *base_dir, struct conf_report *report,
		bool *has_inline_secret, struct conf **out)
{
	struct conf_pos whole = { 0, 0 };
	struct tree *tree = NULL;
	int rc;

	if (len > CONF_FILE_MAX) {
		conf_report_add(report, CONF_ERROR, whole,
				"longer than 16 MiB; is it the right file?");
		return -EFBIG;
	}
	rc = tree_parse(text, len, report, &tree);
	if (!rc)
		rc = load_tree(tree, base_dir, report, has_inline_secret, out);
	tree_free(tree);
	if (rc == -ENOMEM)
		conf_report_add(report, CONF_ERROR, whole, "not enough memory to read it");
	conf_report_sort(report);
	return rc;
}

int conf_load_text(const char *text, size_t len, const char *name, const char *base_dir,
		   struct conf_report *report, struct conf **out)
{
	bool has_inline_secret;

	conf_report_init(report, name);
	return load(text, len, base_dir, report, &has_inline_secret, out);
}

/* Where relative paths start: the directory of the file. */
static char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return strdup("");
	return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

int conf_load_file(const char *path, struct conf_report *report, struct conf **out)
{
	struct conf_pos whole = { 0, 0 };
	struct conf_blob text = { 0 };
	bool has_inline_secret = false;
	char *base_dir = NULL;
	struct stat st;
	struct err err;
	int rc;

	conf_report_init(report, path);
	rc = files_read_any(path, CONF_FILE_MAX, &text, &st, &err);
	if (rc) {
		conf_report_add(report, CONF_ERROR, whole, "%s", err.text);
		return rc;
	}
	base_dir = directory_of(path);
	rc = base_dir ? load((const char *)text.data, text.len, base_dir, report,
			     &has_inline_secret, out)
		      : -ENOMEM;
	if (has_inline_secret && S_ISREG(st.st_mode) && (st.st_mode & 077))
		conf_report_add(
			report, CONF_WARNING, whole,
			"this file holds a secret and can be read by others; run: chmod 600 "
			"%.100s",
			path);
	free(base_dir);
	secret_free(text.data, text.len);
	return rc;
}
