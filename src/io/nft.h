/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nftables rules as text, by libnftables: whole scripts, applied at once or not at all. */
#ifndef IO_NFT_H
#define IO_NFT_H

#include "base/err.h"

/* 0, or -EINVAL with what nft says. */
int nft_apply(const char *script, struct err *err);

#endif
