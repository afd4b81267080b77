/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables with several tunnels under one key: an address or an identity.  The owner locks. */
#ifndef IKE_INDEX_H
#define IKE_INDEX_H

#include "ike/ss.h"

#include <collections/hashtable.h>

hashtable_t *index_by_host(void);
hashtable_t *index_by_id(void);
/* Empties and frees an index of either kind. */
void index_free(hashtable_t *index);

/* The key is copied.  The item stays its owner's. */
void index_add_host(hashtable_t *index, host_t *key, void *item);
void index_add_id(hashtable_t *index, identification_t *key, void *item);
void index_remove(hashtable_t *index, const void *key, void *item);
/* The items under a key; NULL when there are none. */
linked_list_t *index_get(hashtable_t *index, const void *key);

#endif
