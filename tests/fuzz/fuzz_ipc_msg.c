/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a message: what decodes is what would be sent for the same meaning, byte by byte. */
#include "wire/ipc_msg.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond))                                                                       \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static uint8_t out[IPC_MSG_MAX];

/* Bytes have one meaning and a meaning has one form, or two decoders could disagree. */
static void must_be(struct view msg, ssize_t len)
{
	MUST(len >= 0 && (size_t)len == msg.len && memcmp(out, msg.data, msg.len) == 0);
}

#define AGAIN(name) AGAIN_AS(name, name)

#define AGAIN_AS(name, type)                                                                       \
	do {                                                                                       \
		static struct ipc_##type m;                                                        \
                                                                                                   \
		if (ipc_##name##_decode(msg, &m) == 0)                                             \
			must_be(msg, ipc_##name##_encode(&m, out, sizeof(out)));                   \
	} while (0)

static void names_again(struct view msg, enum ipc_type type)
{
	char name[IPC_NAME];
	enum ipc_rekey which;

	if (type == IPC_IKE_REKEY && ipc_rekey_decode(msg, name, &which) == 0)
		must_be(msg, ipc_rekey_encode(name, which, out, sizeof(out)));
	else if (type != IPC_IKE_REKEY && ipc_name_decode(msg, name) == 0)
		must_be(msg, ipc_name_encode(type, name, out, sizeof(out)));
}

static void batch_again(struct view msg)
{
	struct view one;
	size_t at = 0, len = 0;
	int rc;

	while ((rc = ipc_batch_next(msg, &at, &one)) == 1) {
		ssize_t n = ipc_batch_add(one, out, len, sizeof(out));

		MUST(at <= msg.len && n > 0);
		len = (size_t)n;
	}
	MUST(rc == 0 || rc == -EBADMSG);
	if (rc == 0 && len)
		must_be(msg, (ssize_t)len);
}

static void all_again(struct view msg)
{
	uint32_t if_id;

	AGAIN(sockets);
	AGAIN(worker);
	AGAIN(tunnel);
	AGAIN(answers);
	AGAIN(peers);
	AGAIN(tunnel_sa);
	AGAIN(stats);
	AGAIN(conn);
	AGAIN(ike_state);
	AGAIN(ike_event);
	AGAIN(datagram);
	AGAIN(sa);
	AGAIN(sa_update);
	AGAIN(sa_ref);
	AGAIN(sa_usage);
	AGAIN(sa_expire);
	AGAIN(sa_mapping);
	AGAIN_AS(sa_done, sa_ref);
	AGAIN(express);
	AGAIN(word);
	batch_again(msg);
	AGAIN(script_run);
	AGAIN(script_done);
	if (ipc_if_id_decode(msg, &if_id) == 0)
		must_be(msg, ipc_if_id_encode(IPC_ESP_TUNNEL_DEL, if_id, out, sizeof(out)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct view msg = { data, len };
	int type = ipc_msg_type(msg);

	all_again(msg);
	if (type == IPC_IKE_CONN_DEL || type == IPC_IKE_REKEY || type == IPC_IKE_REDIAL)
		names_again(msg, (enum ipc_type)type);
	return 0;
}
