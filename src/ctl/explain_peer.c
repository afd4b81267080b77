/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/explain_parts.h"

#include "svc/agree.h"
#include "svc/daemon.h"

void explain_peer(struct daemon *d, const struct path *p, struct explanation *e)
{
	const struct agree *a = agrees_get(d->agrees, p);

	if (!a)
		return;
	if (a->twin) {
		explain_advise(e, "The other end has this node's name: give them different ones "
				  "(node:), so that both can agree which tunnel carries.");
		return;
	}
	if (!a->known) {
		explain_evidence(e, "the other end says nothing of this tunnel: another make, an "
				    "older one, or nothing of it arrives");
		return;
	}
	explain_evidence(e, "the other end %s, and %s by this tunnel%s%s",
			 a->peer.sight == AGREE_SILENT ? "hears nothing of us"
			 : a->peer.sight == AGREE_HELD ? "hears us but does not use this tunnel yet"
						       : "hears us",
			 a->peer.carries ? "sends" : "does not send",
			 a->peer.fit ? "" : "; what is behind it cannot be reached",
			 agrees_is_led(d->agrees, p) ? "; it chooses which tunnel carries" : "");
}
