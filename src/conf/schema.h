/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may be written in a configuration: for editors and for the manual. */
#ifndef CONF_SCHEMA_H
#define CONF_SCHEMA_H

/* JSON Schema (2020-12) of the document; the caller's to free(), NULL without memory. */
char *conf_schema_json(void);
/* The reference part of doc/config.md; the same. */
char *conf_reference_markdown(void);

#endif
