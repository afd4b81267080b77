/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/index.h"

struct bucket {
	void *key;
	linked_list_t *items;
	void (*free_key)(void *key);
};

static u_int hash_host(const void *key)
{
	host_t *h = (host_t *)(uintptr_t)key;

	return chunk_hash(h->get_address(h));
}

static bool equal_host(const void *a, const void *b)
{
	host_t *x = (host_t *)(uintptr_t)a, *y = (host_t *)(uintptr_t)b;

	return x->ip_equals(x, y);
}

static u_int hash_id(const void *key)
{
	identification_t *id = (identification_t *)(uintptr_t)key;

	return id->hash(id, 0);
}

static bool equal_id(const void *a, const void *b)
{
	identification_t *x = (identification_t *)(uintptr_t)a;
	identification_t *y = (identification_t *)(uintptr_t)b;

	return x->equals(x, y);
}

hashtable_t *index_by_host(void)
{
	return hashtable_create(hash_host, equal_host, 64);
}

hashtable_t *index_by_id(void)
{
	return hashtable_create(hash_id, equal_id, 64);
}

static void bucket_free(struct bucket *b)
{
	b->items->destroy(b->items);
	b->free_key(b->key);
	free(b);
}

static void drop(void *value, const void *key)
{
	(void)key;
	bucket_free(value);
}

void index_free(hashtable_t *index)
{
	index->destroy_function(index, drop);
}

static void free_host(void *key)
{
	host_t *h = key;

	h->destroy(h);
}

static void free_id(void *key)
{
	identification_t *id = key;

	id->destroy(id);
}

static void add(hashtable_t *index, void *key, void (*free_key)(void *key), void *item)
{
	struct bucket *b = index->get(index, key);

	if (b) {
		free_key(key);
	} else {
		INIT(b, .key = key, .items = linked_list_create(), .free_key = free_key, );
		index->put(index, key, b);
	}
	b->items->insert_last(b->items, item);
}

void index_add_host(hashtable_t *index, host_t *key, void *item)
{
	add(index, key->clone(key), free_host, item);
}

void index_add_id(hashtable_t *index, identification_t *key, void *item)
{
	add(index, key->clone(key), free_id, item);
}

void index_remove(hashtable_t *index, const void *key, void *item)
{
	struct bucket *b = index->get(index, key);

	if (!b)
		return;
	b->items->remove(b->items, item, NULL);
	if (b->items->get_count(b->items) == 0) {
		index->remove(index, key);
		bucket_free(b);
	}
}

linked_list_t *index_get(hashtable_t *index, const void *key)
{
	struct bucket *b = index->get(index, key);

	return b ? b->items : NULL;
}
