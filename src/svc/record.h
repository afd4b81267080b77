/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The failover records: one for each switch of a route or a VRRP instance, written to the log
 * when it is complete, and kept for `futae failovers`.
 */
#ifndef SVC_RECORD_H
#define SVC_RECORD_H

#include "fsm/failover.h"
#include "svc/env.h"
#include "wire/liveness.h"

struct records;

struct records *records_new(const struct env *env);
void records_free(struct records *rs);

/* A new record to fill in; valid until the next call. */
struct failover *records_open(struct records *rs, enum failover_kind kind, const char *object,
			      const char *from, const char *to, const char *cause);
/*
 * All is filled in but the first packet, which is watched for, some seconds at most: data in
 * the new path's slot after `written`, or packets for the device's own address.  Without
 * either the record is complete.
 */
void records_watch(struct records *rs, uint64_t id, struct liveness_slot *live, int device);
/* Newest first; NULL when there are not so many. */
const struct failover *records_get(const struct records *rs, size_t back);
/* Wall clock of a monotonic time of about this record's age: microseconds since 1970. */
int64_t records_wall(const struct records *rs, const struct failover *f, usec_t at);

#endif
