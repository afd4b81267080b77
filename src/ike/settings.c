/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/settings.h"

#include "ike/ss.h"

#include <stdio.h>

/* vici for swanctl; no fetcher, so revocation knows what certificates carry, and nothing else. */
const char settings_plugins[] =
	"random nonce openssl x509 revocation constraints pubkey pkcs1 pkcs7 pkcs8 pkcs12 pem "
	"aes sha1 sha2 hmac kdf gcm drbg curve25519 chapoly vici";

/*
 * Half-open IKE_SAs: cookies prove an address long before anybody is refused, and one address may
 * stand for many tunnels, so the limit per address (block_threshold) is far above charon's 5.
 * Keepalives through a NAT are futae-esp's: it knows when traffic makes them needless.
 */
static const char text[] = "charon {\n"
			   "threads = 16\n"
			   "retransmit_timeout = 1.0\n"
			   "retransmit_base = 1.6\n"
			   "retransmit_tries = %d\n"
			   "make_before_break = yes\n"
			   "reuse_ikesa = no\n"
			   "install_routes = no\n"
			   "install_virtual_ip = no\n"
			   "keep_alive = 0\n"
			   "close_ike_on_child_failure = no\n"
			   "delete_rekeyed_delay = 5\n"
			   "send_vendor_id = no\n"
			   "ikesa_table_size = 4096\n"
			   "ikesa_table_segments = 16\n"
			   "dos_protection = yes\n"
			   "cookie_threshold = 64\n"
			   "cookie_threshold_ip = 16\n"
			   "block_threshold = 1024\n"
			   "half_open_timeout = 30\n"
			   "init_limit_half_open = 8192\n"
			   "plugins { vici { socket = \"unix://%s\" } openssl { fips_mode = 0 } }\n"
			   "}\n";

bool settings_apply(const char *vici)
{
	char all[2048];
	int n = snprintf(all, sizeof(all), text, SETTINGS_RETRANSMIT_TRIES, vici);

	if (n < 0 || (size_t)n >= sizeof(all) || strpbrk(vici, "\"\\\n"))
		return false;
	return lib->settings->load_string(lib->settings, all, FALSE);
}
