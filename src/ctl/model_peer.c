/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/model_parts.h"

#include "svc/agree.h"
#include "svc/daemon.h"

static const char *says(const struct agree *a)
{
	if (!a->known)
		return "nothing";
	switch (a->peer.sight) {
	case AGREE_SILENT:
		return "silent";
	case AGREE_HELD:
		return "held";
	case AGREE_USABLE:
	case AGREE_SIGHT_COUNT:
		break;
	}
	return "usable";
}

static const char *role(enum agree_role role)
{
	return role == AGREE_MASTER ? "master" : role == AGREE_BACKUP ? "backup" : "none";
}

json_t *model_peer(struct daemon *d, const struct path *p)
{
	const struct agree *a = agrees_get(d->agrees, p);

	if (!a)
		return json_null();
	return json_pack("{s:s, s:b, s:b, s:s, s:b, s:I}", "says", says(a), "carries",
			 a->known && a->peer.carries, "fit", !agree_is_unfit(a), "vrrp",
			 role(a->known ? a->peer.role : AGREE_NO_VRRP), "leads",
			 agrees_is_led(d->agrees, p), "refused", (json_int_t)a->refused);
}
