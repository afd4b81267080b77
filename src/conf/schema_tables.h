/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tables of the schema share, which stand in several files. */
#ifndef CONF_SCHEMA_TABLES_H
#define CONF_SCHEMA_TABLES_H

#include "base/list.h"
#include "conf/schema_def.h"
#include "conf/value.h"

#define MS USEC_PER_MSEC
#define SEC USEC_PER_SEC
#define HOUR (3600 * SEC)
#define DAY (24 * HOUR)
#define RATE_HOUR (UINT64_C(8766) * VALUE_RATE_YEARS) /* one per hour, as type_rate has it */

#define GROUP(label, table, raw_type, model_type)                                                  \
	.name = (label), .fields = (table), .field_count = ARRAY_LEN(table),                       \
	.raw_size = sizeof(raw_type), .size = sizeof(model_type)

#define TUNNEL(member) FIELD_AT(struct raw_tunnel, tunnel.member)
#define RAW_TUNNEL(member) FIELD_AT(struct raw_tunnel, member)
#define TUNNEL_GROUP(label, table) GROUP(label, table, struct raw_tunnel, struct conf_tunnel)

extern const struct schema_word schema_off[]; /* 0 by a word: "off" */
extern const struct schema_group schema_health, schema_reflect;

#endif
