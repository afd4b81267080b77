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

static bool is_link_local(const struct addr *a)
{
	return a->family == ADDR_V6 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;
}

/* Both would be its master, and one would take away what the other has set up. */
static const struct addr *shared_address(const struct conf_vrrp *a, const struct conf_vrrp *b)
{
	for (size_t i = 0; i < b->address_count; i++) {
		const struct addr *x = &b->addresses[i].addr;

		/* A link's own addresses may be the same on another link. */
		if (x->family == ADDR_NONE ||
		    (is_link_local(x) && strcmp(a->interface, b->interface) != 0))
			continue;
		for (size_t j = 0; j < a->address_count; j++)
			if (addr_equal(&a->addresses[j].addr, x))
				return x;
	}
	return NULL;
}

static void check_others(struct loader *ld, size_t i)
{
	const struct conf_vrrp *b = &ld->conf->vrrps[i];
	char text[ADDR_TEXT];

	for (size_t j = 0; j < i; j++) {
		const struct conf_vrrp *a = &ld->conf->vrrps[j];
		const struct addr *x = shared_address(a, b);

		if (!x)
			continue;
		schema_error(ld, schema_pos(ld, "vrrp", i, "addresses", NULL),
			     "'%s' has the address %s of '%s'; keep it in one of them", b->name,
			     addr_format(x, text), a->name);
		return;
	}
}

/* What fits into an unfragmented packet of 1500 bytes (IPv4 has room for all 255). */
#define V6_ADDRESSES_MAX 90

static void check_room(struct loader *ld, size_t i)
{
	const struct conf_vrrp *v = &ld->conf->vrrps[i];

	if (v->family == ADDR_V6 && v->address_count > V6_ADDRESSES_MAX)
		schema_error(ld, schema_pos(ld, "vrrp", i, "addresses", NULL),
			     "'%s' has %zu addresses, and an advertisement has room for %d of "
			     "IPv6; move some to another instance",
			     v->name, v->address_count, V6_ADDRESSES_MAX);
}

static void check_group(struct loader *ld, size_t i)
{
	const struct conf_vrrp *v = &ld->conf->vrrps[i];
	size_t others = 0;

	for (size_t j = 0; *v->group && j < ld->conf->vrrp_count; j++) {
		const struct conf_vrrp *o = &ld->conf->vrrps[j];

		if (j == i || strcmp(o->group, v->group) != 0)
			continue;
		others++;
		/* An owner gives in to nobody, so it could not move with the others. */
		if (v->priority != 255 || o->priority == 255)
			continue;
		schema_error(ld, schema_pos(ld, "vrrp", i, "group", NULL),
			     "'%s' owns its addresses (priority 255) and '%s' of its group %s does "
			     "not; write 254, or another group",
			     v->name, o->name, v->group);
		return;
	}
	if (*v->group && !others)
		schema_warn(ld, schema_pos(ld, "vrrp", i, "group", NULL),
			    "'%s' is alone in group %s; is the name right?", v->name, v->group);
}

void check_vrrps(struct loader *ld)
{
	for (size_t i = 0; i < ld->conf->vrrp_count; i++) {
		check_id(ld, i);
		check_addresses(ld, i);
		check_others(ld, i);
		check_room(ld, i);
		check_group(ld, i);
	}
}
