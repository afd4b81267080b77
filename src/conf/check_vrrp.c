/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/check.h"

#include "conf/schema_def.h"

#include <string.h>

/* The virtual MAC address is made of id and family: two of them cannot live on one link. */
static void check_id(struct loader *ld, size_t i)
{
	const struct conf_vrrp *b = &ld->conf->vrrps[i];

	for (size_t j = 0; j < i; j++) {
		const struct conf_vrrp *a = &ld->conf->vrrps[j];

		if (!b->vrid || a->vrid != b->vrid || a->family != b->family ||
		    strcmp(a->interface, b->interface) != 0)
			continue;
		schema_error(
			ld, schema_pos(ld, "vrrp", i, "id", NULL),
			"'%s' has the id of '%s', %u, on the same interface %s; write another id",
			b->name, a->name, b->vrid, b->interface);
		return;
	}
}

static void check_addresses(struct loader *ld, size_t i)
{
	const struct conf_vrrp *v = &ld->conf->vrrps[i];
	char text[ADDR_TEXT];

	for (size_t a = 0; a < v->address_count; a++) {
		for (size_t b = 0; b < a; b++) {
			if (v->addresses[a].addr.family == ADDR_NONE ||
			    !addr_equal(&v->addresses[a].addr, &v->addresses[b].addr))
				continue;
			schema_error(ld, schema_pos(ld, "vrrp", i, "addresses", NULL),
				     "'%s' has the address %s twice; keep one", v->name,
				     addr_format(&v->addresses[a].addr, text));
			return;
		}
	}
}

void check_vrrps(struct loader *ld)
{
	for (size_t i = 0; i < ld->conf->vrrp_count; i++) {
		check_id(ld, i);
		check_addresses(ld, i);
	}
}
