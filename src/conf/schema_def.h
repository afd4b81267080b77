/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the schema is written down.  A group is a map with known keys; each key is one line
 * of a table: its type, where its value goes, limits, default and help.  Loading, defaults,
 * printing, the manual and the JSON Schema all walk these tables.
 *
 * Groups that do not look like their struct in the model load into a "raw" struct that
 * begins with the model's, and `finish` turns one into the other; `unfinish` goes back for
 * printing.
 */
#ifndef CONF_SCHEMA_DEF_H
#define CONF_SCHEMA_DEF_H

#include "base/err.h"
#include "conf/model.h"
#include "conf/print.h"
#include "conf/report.h"
#include "conf/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct loader {
	struct conf_report *report;
	const char *base_dir; /* NULL: open no file */
	const struct tree_node *root;
	struct conf *conf; /* being filled, in the order of the schema's top group */
	int64_t wall; /* seconds since 1970, for certificates */
	size_t credentials_bytes; /* of the tunnel being read */
	bool has_inline_secret;
	bool no_memory;
};

struct printer {
	FILE *out;
	const struct conf *conf;
	enum conf_print_secrets secrets;
	unsigned indent;
	bool item; /* the next key is the first of a list item */
	bool failed; /* memory ran out */
};

struct schema_field;

/* What values look like from outside, for the JSON Schema. */
enum schema_form {
	FORM_NUMBER,
	FORM_BOOL,
	FORM_TEXT,
	FORM_TEXTS, /* one, or a list of them */
	FORM_GROUP,
	FORM_LIST, /* of groups */
	FORM_MAP, /* name: group */
	FORM_VIA,
	FORM_DETECTION,
	FORM_WORDS, /* a list of texts */
};

struct schema_type {
	enum schema_form form;
	const char *name; /* for people: "a duration" */
	const char *example; /* what to write in its place: "NAME" */
	const char *pattern; /* regular expression for FORM_TEXT and FORM_TEXTS, or NULL */
	/* `obj` is the group's struct; the value goes to obj + field->offset. */
	void (*load)(struct loader *ld, const struct schema_field *f, const struct tree_node *node,
		     void *obj);
	/* Prints the whole line with its key, or nothing when there is nothing to say. */
	void (*print)(struct printer *pr, const struct schema_field *f, const void *obj);
	/* Numbers: from and to text. */
	int (*parse)(const char *text, uint64_t *out, struct err *err);
	const char *(*format)(uint64_t v, char *out);
};

/* A word that stands for a number, or for no address. */
struct schema_word {
	const char *word; /* NULL ends the list; of several for one value the first is printed */
	uint64_t value;
};

struct schema_group {
	const char *name; /* for people: "tunnel" */
	const struct schema_field *fields;
	size_t field_count;
	size_t raw_size, size; /* of the raw struct, and of the model's at its beginning */
	const char *help;
	/* Also called when nothing was written for it; pos is where it would be. */
	void (*finish)(struct loader *ld, struct conf_pos pos, void *raw);
	void (*unfinish)(const struct conf *conf, void *raw);
	/* Groups that are absent altogether when they are not written. */
	bool (*present)(const void *obj);
};

struct schema_field {
	const char *key;
	const struct schema_type *type;
	size_t offset, size; /* size: of the number or text */
	size_t count_offset; /* lists: of their count */
	uint64_t min, max; /* numbers; lists: max items */
	const char *fallback; /* as one would write it; NULL: none */
	const struct schema_word *words;
	const struct schema_group *group;
	bool required;
	bool terse; /* numbers: not printed when they are `usual` */
	uint64_t usual;
	const char *help;
};

#define FIELD_AT(type, member) .offset = offsetof(type, member), .size = sizeof(((type *)0)->member)
#define LIST_AT(type, list, count)                                                                 \
	.offset = offsetof(type, list), .count_offset = offsetof(type, count)

extern const struct schema_group schema_top, schema_detection, schema_via;

/* Finishing of groups, in finish.c. */
struct raw_cond {
	char tunnel[CONF_NAME], interface[CONF_DEVICE], track[CONF_NAME], route[64];
	uint8_t degraded; /* 1: lost */
};

#define RAW_TABLE_MAIN 254u
#define RAW_NEEDS_CARRIER 0u
#define RAW_NEEDS_ADDRESS 1u
#define RAW_NEEDS_OPER 2u

struct raw_track_item { /* of a track */
	struct conf_cond cond;
	struct raw_cond raw;
	char health[CONF_NAME], vrrp[CONF_NAME];
	uint8_t needs;
};

struct raw_vrrp_track { /* of a VRRP instance */
	struct conf_vrrp_track track;
	struct raw_cond raw;
	uint8_t lost; /* 0: stop */
};

struct raw_track {
	struct conf_track track;
	size_t all_count, any_count, of_count;
	struct conf_cond *all, *any, *of;
	bool has_at_least, has_script;
};

struct raw_via_track {
	struct conf_via_track track;
	uint16_t lost; /* 0 unusable, 1 to 255 less, RAW_LOST_STANDBY */
};

#define RAW_LOST_UNUSABLE 0u
#define RAW_LOST_STANDBY 256u

#define RAW_MSS_AUTO 65535u
#define RAW_PIN_AUTO 2u
#define RAW_REFLECT_AUTO 2u

struct raw_tunnel {
	struct conf_tunnel tunnel;
	uint16_t mss;
	uint8_t pin, reflect;
	usec_t restore; /* USEC_NEVER: the node's, as with the next two */
	usec_t flap_half_life, flap_max;
};

void finish_detection(struct loader *ld, struct conf_pos pos, void *raw);
void finish_auto(struct conf_detection *d); /* fills in what nobody wrote */
void finish_top(struct loader *ld, struct conf_pos pos, void *raw);
void finish_health(struct loader *ld, struct conf_pos pos, void *raw);
void finish_bfd_secret(struct loader *ld, struct conf_pos pos, void *raw);
void finish_secret(struct loader *ld, struct conf_pos pos, void *raw);
void finish_certificate(struct loader *ld, struct conf_pos pos, void *raw);
void finish_tunnel(struct loader *ld, struct conf_pos pos, void *raw);
void unfinish_tunnel(const struct conf *conf, void *raw);
void finish_via_track(struct loader *ld, struct conf_pos pos, void *raw);
void unfinish_via_track(const struct conf *conf, void *raw);
void finish_route(struct loader *ld, struct conf_pos pos, void *raw);
void finish_track_item(struct loader *ld, struct conf_pos pos, void *raw);
void unfinish_track_item(const struct conf *conf, void *raw);
void finish_script(struct loader *ld, struct conf_pos pos, void *raw);
void finish_at_least(struct loader *ld, struct conf_pos pos, void *raw);
void finish_track(struct loader *ld, struct conf_pos pos, void *raw);
void unfinish_track(const struct conf *conf, void *raw);
void finish_vrrp_track(struct loader *ld, struct conf_pos pos, void *raw);
void unfinish_vrrp_track(const struct conf *conf, void *raw);
void finish_vrrp(struct loader *ld, struct conf_pos pos, void *raw);

extern const struct schema_type type_bool, type_number, type_bytes, type_duration, type_rate,
	type_percent, type_choice;
extern const struct schema_type type_name, type_device, type_text;
extern const struct schema_type type_ike_proposals, type_esp_proposals;
extern const struct schema_type type_address, type_addresses, type_host_prefixes;
extern const struct schema_type type_prefix, type_prefixes;
extern const struct schema_type type_psk_file, type_psk_text, type_pem, type_key, type_pems;
extern const struct schema_type type_mac_key, type_ca_file;
extern const struct schema_type type_group, type_list, type_map;
extern const struct schema_type type_via, type_detection, type_lost, type_via_lost, type_command;

/* Reads node (NULL: nothing written, only defaults) into obj and says what is wrong. */
void schema_load_group(struct loader *ld, const struct schema_group *group,
		       const struct tree_node *node, struct conf_pos pos, void *obj);
void schema_print_group(struct printer *pr, const struct schema_group *group, const void *obj);

/* Where the value of section -> item i -> key -> sub is written, or the nearest thing to it. */
struct conf_pos schema_pos(const struct loader *ld, const char *section, size_t i, const char *key,
			   const char *sub);

/* Helpers of the types. */
__attribute__((format(printf, 3, 4))) void schema_error(struct loader *ld, struct conf_pos pos,
							const char *fmt, ...);
__attribute__((format(printf, 3, 4))) void schema_warn(struct loader *ld, struct conf_pos pos,
						       const char *fmt, ...);
/* The text of a scalar; NULL, with an error, when it is something else or empty. */
const char *schema_scalar(struct loader *ld, const char *key, const struct tree_node *node);
void *schema_alloc(struct loader *ld, size_t count, size_t size); /* zeroed; NULL: no memory */
const struct schema_word *schema_word_of(const struct schema_word *words, const char *text);
const char *schema_word_for(const struct schema_word *words, uint64_t value);
uint64_t schema_number_get(const struct schema_field *f, const void *obj);
void schema_number_set(const struct schema_field *f, void *obj, uint64_t v);
void print_key(struct printer *pr, const char *key);
void print_text(struct printer *pr, const char *text); /* in quotes where needed */

#endif
