/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/nft.h"

#include <errno.h>
#include <nftables/libnftables.h>
#include <string.h>

int nft_apply(const char *script, struct err *err)
{
	struct nft_ctx *ctx = nft_ctx_new(NFT_CTX_DEFAULT);
	const char *said;
	int r;

	if (!ctx)
		return err_set(err, -ENOMEM, "not enough memory for nftables");
	(void)nft_ctx_buffer_error(ctx);
	(void)nft_ctx_buffer_output(ctx);
	r = nft_run_cmd_from_buffer(ctx, script);
	said = r ? nft_ctx_get_error_buffer(ctx) : NULL;
	if (r)
		err_set(err, -EINVAL, "nftables refuses: %.*s", said ? (int)strcspn(said, "\n") : 0,
			said ? said : "");
	nft_ctx_free(ctx);
	return r ? -EINVAL : 0;
}
