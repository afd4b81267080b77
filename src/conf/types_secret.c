/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The types of pre-shared secrets and certificates: values that live in files. */
#include "conf/schema_def.h"

#include "base/secret.h"
#include "conf/cert.h"
#include "conf/files.h"

#include <stdlib.h>
#include <string.h>

#define PSK_MAX 1024u
/* Of one file, and of all of one tunnel: they travel to futae-ike in one message. */
#define PEM_MAX 32768u
#define CREDENTIALS_MAX 98304u

static bool read_file(struct loader *ld, const struct schema_field *f, const struct tree_node *node,
		      enum files_privacy privacy, size_t max, struct conf_blob *out)
{
	const char *path = schema_scalar(ld, f->key, node);
	struct err err;

	if (!path || out->path)
		return false;
	out->path = strdup(path);
	if (!out->path)
		ld->no_memory = true;
	if (!out->path || !ld->base_dir)
		return false;
	if (files_read(ld->base_dir, path, privacy, max, out, &err) < 0) {
		schema_error(ld, node->pos, "%s: %s", f->key, err.text);
		return false;
	}
	return true;
}

/* Editors and echo end a file with a line break that is not part of the secret. */
static void strip_line_end(struct conf_blob *b)
{
	if (b->len && b->data[b->len - 1] == '\n')
		b->len--;
	if (b->len && b->data[b->len - 1] == '\r')
		b->len--;
	b->data[b->len] = '\0';
}

static bool is_blank(const struct conf_blob *b)
{
	for (size_t i = 0; i < b->len; i++)
		if (!strchr(" \t\r\n", (char)b->data[i]))
			return false;
	return true;
}

static struct conf_secret *secret_at(const struct schema_field *f, void *obj)
{
	return (void *)((char *)obj + f->offset);
}

static void psk_file_load(struct loader *ld, const struct schema_field *f,
			  const struct tree_node *node, void *obj)
{
	struct conf_secret *s = secret_at(f, obj);

	s->kind = CONF_SECRET_PSK;
	if (!read_file(ld, f, node, FILES_SECRET, PSK_MAX, &s->psk))
		return;
	strip_line_end(&s->psk);
	if (is_blank(&s->psk))
		schema_error(ld, node->pos, "%s: the secret in %.100s is empty; write one into it",
			     f->key, s->psk.path);
}

static void psk_text_load(struct loader *ld, const struct schema_field *f,
			  const struct tree_node *node, void *obj)
{
	struct conf_secret *s = secret_at(f, obj);
	const char *text = schema_scalar(ld, f->key, node);

	s->kind = CONF_SECRET_PSK;
	if (!text)
		return;
	if (s->psk.path) {
		schema_error(ld, node->pos, "the secret has both file and text; keep one");
		return;
	}
	if (!strcmp(text, CONF_HIDDEN)) {
		schema_error(ld, node->pos,
			     "%s: %s only stands for a secret in printed configurations; write the "
			     "secret, or file: PATH",
			     f->key, CONF_HIDDEN);
		return;
	}
	if (strlen(text) > PSK_MAX) {
		schema_error(ld, node->pos, "%s is longer than %u bytes; write a shorter secret",
			     f->key, PSK_MAX);
		return;
	}
	s->psk.len = strlen(text);
	s->psk.data = (uint8_t *)strdup(text);
	if (!s->psk.data)
		ld->no_memory = true;
	else if (is_blank(&s->psk))
		schema_error(ld, node->pos, "%s: the secret is empty; write one", f->key);
	ld->has_inline_secret = true;
}

static void print_path(struct printer *pr, const char *key, const char *path)
{
	print_key(pr, key);
	(void)fputc(' ', pr->out);
	print_text(pr, path);
	(void)fputc('\n', pr->out);
}

static void psk_file_print(struct printer *pr, const struct schema_field *f, const void *obj)
{
	const struct conf_secret *s = (const void *)((const char *)obj + f->offset);

	if (s->psk.path)
		print_path(pr, f->key, s->psk.path);
}

static void psk_text_print(struct printer *pr, const struct schema_field *f, const void *obj)
{
	const struct conf_secret *s = (const void *)((const char *)obj + f->offset);

	if (!s->psk.path)
		print_path(pr, f->key,
			   pr->secrets == CONF_SECRETS_SHOWN ? (const char *)s->psk.data
							     : CONF_HIDDEN);
}

/* A verdict on what was read becomes an error or a warning where its path is written. */
static void judge(struct loader *ld, const struct schema_field *f, const struct tree_node *node,
		  const char *path, enum cert_verdict verdict, const struct err *err)
{
	if (verdict == CERT_BAD)
		schema_error(ld, node->pos, "%s: %.80s: %s", f->key, path, err->text);
	else if (verdict == CERT_WARN)
		schema_warn(ld, node->pos, "%s: %.80s: %s", f->key, path, err->text);
}

static bool count_bytes(struct loader *ld, const struct tree_node *node, const struct conf_blob *b)
{
	size_t before = ld->credentials_bytes;

	ld->credentials_bytes += b->len;
	if (before <= CREDENTIALS_MAX && ld->credentials_bytes > CREDENTIALS_MAX)
		schema_error(
			ld, node->pos,
			"certificates and keys of one tunnel are longer than %u bytes together; "
			"name fewer",
			CREDENTIALS_MAX);
	return true;
}

static void pem_load(struct loader *ld, const struct schema_field *f, const struct tree_node *node,
		     void *obj)
{
	struct conf_secret *s = secret_at(f, obj);
	struct err err;

	if (read_file(ld, f, node, FILES_PUBLIC, PEM_MAX, &s->cert) &&
	    count_bytes(ld, node, &s->cert))
		judge(ld, f, node, s->cert.path, cert_check(&s->cert, ld->wall, &err), &err);
}

static void key_load(struct loader *ld, const struct schema_field *f, const struct tree_node *node,
		     void *obj)
{
	struct conf_secret *s = secret_at(f, obj);
	enum cert_verdict verdict;
	struct err err;

	if (!read_file(ld, f, node, FILES_SECRET, PEM_MAX, &s->key) ||
	    !count_bytes(ld, node, &s->key))
		return;
	verdict = cert_check_key(&s->key, &err);
	if (verdict == CERT_GOOD && s->cert.data &&
	    cert_check(&s->cert, ld->wall, NULL) != CERT_BAD)
		verdict = cert_check_pair(&s->cert, &s->key, &err);
	judge(ld, f, node, s->key.path, verdict, &err);
}

static void blob_print(struct printer *pr, const struct schema_field *f, const void *obj)
{
	const struct conf_blob *b = (const void *)((const char *)obj + f->offset);

	if (b->path)
		print_path(pr, f->key, b->path);
}

static void mac_key_load(struct loader *ld, const struct schema_field *f,
			 const struct tree_node *node, void *obj)
{
	struct conf_blob *b = (void *)((char *)obj + f->offset);

	if (!read_file(ld, f, node, FILES_SECRET, PSK_MAX, b))
		return;
	strip_line_end(b);
	if (is_blank(b))
		schema_error(ld, node->pos, "%s: the key in %.100s is empty; write one into it",
			     f->key, b->path);
}

static void ca_file_load(struct loader *ld, const struct schema_field *f,
			 const struct tree_node *node, void *obj)
{
	struct conf_blob *b = (void *)((char *)obj + f->offset);
	struct err err;

	if (read_file(ld, f, node, FILES_PUBLIC, PEM_MAX, b))
		judge(ld, f, node, b->path, cert_check(b, ld->wall, &err), &err);
}

static void pems_load(struct loader *ld, const struct schema_field *f, const struct tree_node *node,
		      void *obj)
{
	struct conf_secret *s = secret_at(f, obj);
	size_t want = node->kind == TREE_LIST ? node->count : 1;
	struct err err;

	if (node->kind == TREE_MAP || !want || want > f->max) {
		schema_error(ld, node->pos, "%s must name 1 to %zu files; write %s: PATH", f->key,
			     (size_t)f->max, f->key);
		return;
	}
	s->ca = schema_alloc(ld, want, sizeof(*s->ca));
	s->ca_count = s->ca ? want : 0;
	for (size_t i = 0; i < s->ca_count; i++) {
		const struct tree_node *item = node->kind == TREE_LIST ? tree_item(node, i) : node;

		if (read_file(ld, f, item, FILES_PUBLIC, PEM_MAX, &s->ca[i]) &&
		    count_bytes(ld, item, &s->ca[i]))
			judge(ld, f, item, s->ca[i].path, cert_check_ca(&s->ca[i], ld->wall, &err),
			      &err);
	}
}

static void pem_print(struct printer *pr, const struct schema_field *f, const void *obj)
{
	const struct conf_secret *s = (const void *)((const char *)obj + f->offset);

	if (s->cert.path)
		print_path(pr, f->key, s->cert.path);
}

static void key_print(struct printer *pr, const struct schema_field *f, const void *obj)
{
	const struct conf_secret *s = (const void *)((const char *)obj + f->offset);

	if (s->key.path)
		print_path(pr, f->key, s->key.path);
}

static void pems_print(struct printer *pr, const struct schema_field *f, const void *obj)
{
	const struct conf_secret *s = (const void *)((const char *)obj + f->offset);

	if (!s->ca_count)
		return;
	print_key(pr, f->key);
	for (size_t i = 0; i < s->ca_count; i++) {
		(void)fputs(i ? ", " : " [", pr->out);
		print_text(pr, s->ca[i].path);
	}
	(void)fputs("]\n", pr->out);
}

const struct schema_type type_psk_file = {
	.form = FORM_TEXT,
	.name = "a path",
	.example = "PATH",
	.load = psk_file_load,
	.print = psk_file_print,
};

const struct schema_type type_psk_text = {
	.form = FORM_TEXT,
	.name = "a text",
	.example = "TEXT",
	.load = psk_text_load,
	.print = psk_text_print,
};

const struct schema_type type_pem = {
	.form = FORM_TEXT,
	.name = "a path",
	.example = "PATH",
	.load = pem_load,
	.print = pem_print,
};

const struct schema_type type_key = {
	.form = FORM_TEXT,
	.name = "a path",
	.example = "PATH",
	.load = key_load,
	.print = key_print,
};

const struct schema_type type_mac_key = {
	.form = FORM_TEXT,
	.name = "a file",
	.example = "PATH",
	.load = mac_key_load,
	.print = blob_print,
};

const struct schema_type type_ca_file = {
	.form = FORM_TEXT,
	.name = "a file",
	.example = "PATH",
	.load = ca_file_load,
	.print = blob_print,
};

const struct schema_type type_pems = {
	.form = FORM_TEXTS,
	.name = "paths",
	.example = "PATH",
	.load = pems_load,
	.print = pems_print,
};
