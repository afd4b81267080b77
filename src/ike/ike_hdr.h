/* SPDX-License-Identifier: GPL-2.0-or-later */
/* As much of an IKE header (RFC 7296, 3.1; RFC 2408, 3.1) as tells what must not reach charon. */
#ifndef IKE_IKE_HDR_H
#define IKE_IKE_HDR_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum ike_hdr_kind {
	IKE_HDR_OTHER, /* within an IKE_SA, or for charon's parser to refuse */
	IKE_HDR_OPENS_V2, /* asks for a new IKE_SA */
	IKE_HDR_OPENS_V1,
	IKE_HDR_BOGUS /* asks for one in a way that no implementation does */
};

/* marker: the datagram begins with the non-ESP marker (neither port is 500). */
enum ike_hdr_kind ike_hdr_classify(struct view datagram, bool marker);

#endif
