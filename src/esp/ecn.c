/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/ecn.h"

enum { NOT_ECT, ECT_1, ECT_0, CE };

#define DROP (-1)
#define DSCP_CS7 0xe0

/* RFC 6040, figure 4: [inner][outer] */
static const int combine[4][4] = {
	[NOT_ECT] = { [NOT_ECT] = NOT_ECT, [ECT_1] = NOT_ECT, [ECT_0] = NOT_ECT, [CE] = DROP },
	[ECT_1] = { [NOT_ECT] = ECT_1, [ECT_1] = ECT_1, [ECT_0] = ECT_1, [CE] = CE },
	[ECT_0] = { [NOT_ECT] = ECT_0, [ECT_1] = ECT_1, [ECT_0] = ECT_0, [CE] = CE },
	[CE] = { [NOT_ECT] = CE, [ECT_1] = CE, [ECT_0] = CE, [CE] = CE },
};

uint8_t ecn_encapsulate(uint8_t inner, bool copy_dscp)
{
	/* What says CS6 is read first at the other end, and is ours alone: others' network control
	 * says CS7, which lines treat the same. */
	if (copy_dscp && (inner & ~ECN_MASK) == DSCP_CS6)
		return DSCP_CS7 | (inner & ECN_MASK);
	return copy_dscp ? inner : inner & ECN_MASK;
}

int ecn_decapsulate(uint8_t outer, uint8_t inner)
{
	int ecn = combine[inner & ECN_MASK][outer & ECN_MASK];

	return ecn == DROP ? -1 : (inner & ~ECN_MASK) | ecn;
}
