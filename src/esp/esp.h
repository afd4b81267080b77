/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * futae-esp as a whole: what its parts (control, relay, inbound, outbound, outbox) share.  One
 * thread, one loop; each turn of a descriptor reads a batch, works through it in place, and
 * writes a batch.
 */
#ifndef ESP_ESP_H
#define ESP_ESP_H

#include "esp/bucket.h"
#include "esp/coalesce.h"
#include "esp/devices.h"
#include "esp/outbox.h"
#include "esp/pace.h"
#include "esp/pkt.h"
#include "esp/pmtu.h"
#include "esp/sadb.h"
#include "io/batch.h"
#include "io/loop.h"
#include "wire/ipc_msg.h"
#include "wire/liveness.h"
#include "wire/vnet_hdr.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define RX_BATCH PKT_BATCH
#define RX_BATCH_BIG 8 /* messages, when they are of many packets each */
#define RX_BIG 8192 /* bytes */

struct esp_sock {
	struct watch watch;
	struct esp *esp;
	enum ipc_socket kind;
	int fd; /* -1: this host has none */
	size_t usual_len; /* of the messages that were read last */
};

struct inbox {
	struct mmsghdr msg[RX_BATCH];
	struct iovec iov[RX_BATCH];
	struct sockaddr_storage from[RX_BATCH];
	_Alignas(struct cmsghdr) uint8_t control[RX_BATCH][256];
	_Alignas(64) uint8_t data[RX_BATCH][PKT_DATA];
};

struct esp {
	struct outbox out;
	struct inbox in;
	struct devices devices;
	struct loop *loop;
	usec_t now; /* of this batch */
	struct aead_lib *aead;
	struct sadb db;
	struct pmtu pmtu;
	struct ipc_answers answers;
	bool alone; /* futaed is gone */
	bool expire_due; /* some SA passed a limit that futae-ike was not told of */
	struct ipc_worker worker;
	bool join; /* futaed allows that the kernel joins packets */
	unsigned misjoined; /* packets of other workers among ours, since the last tick */
	usec_t apart_until; /* joined again from then on; 0: they are */
	struct liveness *live;
	struct ipc_stats stranger; /* what belongs to no tunnel */
	struct bucket too_big, ike_strangers, ike_peers;
	struct bucket_table ike_nets;
	struct esp_sock sock[IPC_SOCKETS];
	struct watch futaed, sibling;
	int futaed_fd, sibling_fd; /* -1: gone, or not there yet */
	struct timer tick;
	struct signal_watch term;
	struct batch *batch;
	unsigned turn_reads; /* messages and packets in this turn of the loop, see esp_count_reads()
			      */
	struct pace pace;
	struct coalesce co;
	struct batch_op write[COALESCE_ITEMS];
	uint8_t ipc_in[IPC_MSG_MAX], ipc_out[IPC_MSG_MAX];
	uint8_t scratch[PKT_DATA], fragment[PKT_DATA], reply[PKT_DATA];
};

int esp_new(struct loop *loop, int futaed_fd, struct aead_lib *aead, struct esp **out);
void esp_free(struct esp *esp);

/* So many reads were done in this turn, out of so many at most: a full batch is gathered enough. */
static inline void esp_count_reads(struct esp *esp, unsigned n, unsigned most)
{
	esp->turn_reads += n == most && n < PACE_BATCH ? PACE_BATCH : n;
}

/* The counters of a tunnel, or of strangers where there is none. */
static inline struct ipc_stats *esp_stats(struct esp *esp, struct tunnel *t)
{
	return t ? &t->stats : &esp->stranger;
}

static inline void esp_drop(struct esp *esp, struct tunnel *t, enum ipc_drop why)
{
	esp_stats(esp, t)->drops[why]++;
}

#endif
