/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/sa_table.h"

#include "ike/spi.h"

#include <collections/hashtable.h>
#include <threading/mutex.h>

/*
 * Inbound SPIs are ours and unique; outbound ones were chosen by peers, and two peers may choose
 * the same.  So inbound SAs are found by SPI alone, outbound ones by SPI and destination.
 */
_Static_assert(SPI_MIN == KERNEL_SPI_MIN && SPI_MAX == KERNEL_SPI_MAX, "strongSwan's range");

static struct {
	mutex_t *lock;
	hashtable_t *in, *out;
	rng_t *rng;
	uint64_t asked, made; /* so far */
} table;

static u_int hash_in(const void *key)
{
	const struct sa *sa = key;

	return chunk_hash(chunk_create((u_char *)(uintptr_t)&sa->spi, sizeof(sa->spi)));
}

static bool equal_in(const void *a, const void *b)
{
	const struct sa *x = a, *y = b;

	return x->spi == y->spi;
}

static bool equal_out(const void *a, const void *b)
{
	const struct sa *x = a, *y = b;

	return x->spi == y->spi && x->dst->ip_equals(x->dst, y->dst);
}

bool sa_table_init(void)
{
	table.rng = lib->crypto->create_rng(lib->crypto, RNG_WEAK);
	if (!table.rng)
		return false;
	table.lock = mutex_create(MUTEX_TYPE_DEFAULT);
	table.in = hashtable_create(hash_in, equal_in, 64);
	table.out = hashtable_create(hash_in, equal_out, 64);
	return true;
}

static void free_sa(struct sa *sa)
{
	sa->dst->destroy(sa->dst);
	free(sa);
}

void sa_put(struct sa *sa)
{
	if (sa && ref_put(&sa->refs))
		free_sa(sa);
}

static void drop_value(void *value, const void *key)
{
	(void)key;
	sa_put(value);
}

void sa_table_done(void)
{
	if (!table.lock)
		return;
	table.in->destroy_function(table.in, drop_value);
	table.out->destroy_function(table.out, drop_value);
	table.rng->destroy(table.rng);
	table.lock->destroy(table.lock);
	table.lock = NULL;
}

static struct sa *new_sa(uint32_t spi, host_t *dst, enum ipc_direction direction, unsigned worker)
{
	struct sa *sa;

	INIT(sa, .refs = 1, .spi = spi, .dst = dst->clone(dst), .direction = direction,
	     .worker = worker, );
	return sa;
}

static hashtable_t *side(enum ipc_direction direction)
{
	return direction == IPC_SA_IN ? table.in : table.out;
}

uint32_t sa_table_take_spi(host_t *dst, uint32_t tunnel, unsigned worker, unsigned workers)
{
	struct sa key = { .spi = 0 };
	uint32_t v = 0;

	table.lock->lock(table.lock);
	do {
		if (!table.rng->get_bytes(table.rng, sizeof(v), (uint8_t *)&v)) {
			key.spi = 0;
			break;
		}
		key.spi = htonl(spi_for_worker(v, worker, workers));
	} while (table.in->get(table.in, &key));
	if (key.spi) {
		struct sa *sa = new_sa(key.spi, dst, IPC_SA_IN, worker);

		sa->tunnel = tunnel;
		table.in->put(table.in, sa, sa);
	}
	table.lock->unlock(table.lock);
	return key.spi;
}

struct sa *sa_table_add(uint32_t spi, host_t *dst, enum ipc_direction direction, unsigned worker,
			bool lost)
{
	hashtable_t *t = side(direction);
	struct sa key = { .spi = spi, .dst = dst }, *sa;

	table.lock->lock(table.lock);
	sa = t->get(t, &key);
	if (!sa) {
		sa = new_sa(spi, dst, direction, worker);
		t->put(t, sa, sa);
	} else if (direction == IPC_SA_IN) {
		/* the address may have changed since the SPI was taken */
		sa->dst->destroy(sa->dst);
		sa->dst = dst->clone(dst);
	}
	sa->installed = true;
	sa->made = ++table.made;
	sa->worker = worker;
	sa->lost = lost;
	ref_get(&sa->refs);
	table.lock->unlock(table.lock);
	return sa;
}

void sa_table_name(struct sa *sa, uint32_t tunnel, uint32_t child)
{
	table.lock->lock(table.lock);
	sa->tunnel = tunnel;
	sa->child = child;
	table.lock->unlock(table.lock);
}

/*
 * The inbound SA of that tunnel with the highest rank (0: not meant).  Looks at all SAs, so it is
 * only for tunnels with several lanes.
 */
static struct sa *best_inbound(uint32_t tunnel, uint64_t (*rank)(const struct sa *sa, uint32_t arg),
			       uint32_t arg)
{
	enumerator_t *e = table.in->create_enumerator(table.in);
	struct sa *sa, *best = NULL;
	uint64_t most = 0, r;
	void *key;

	while (e->enumerate(e, &key, &sa)) {
		r = sa->tunnel == tunnel ? rank(sa, arg) : 0;
		if (r > most) {
			most = r;
			best = sa;
		}
	}
	e->destroy(e);
	return best;
}

static uint64_t rank_newest(const struct sa *sa, uint32_t child)
{
	return sa->installed && sa->child == child ? sa->made : 0;
}

static uint64_t rank_first_asked(const struct sa *sa, uint32_t unused)
{
	(void)unused;
	return sa->asked ? UINT64_MAX - sa->asked : 0;
}

static struct sa *newest_of_child(uint32_t tunnel, uint32_t child)
{
	return best_inbound(tunnel, rank_newest, child);
}

int sa_table_worker_of_child(uint32_t tunnel, uint32_t child)
{
	struct sa *sa;
	int worker;

	table.lock->lock(table.lock);
	sa = newest_of_child(tunnel, child);
	worker = sa ? (int)sa->worker : -1;
	table.lock->unlock(table.lock);
	return worker;
}

/* It is being replaced: whatever was asked of its CHILD_SA is answered by that. */
static int take_asked(const struct sa *replaced)
{
	enumerator_t *e;
	struct sa *sa;
	void *key;

	if (!replaced)
		return -1;
	e = table.in->create_enumerator(table.in);
	while (e->enumerate(e, &key, &sa))
		if (sa->tunnel == replaced->tunnel && sa->child == replaced->child)
			sa->asked = 0;
	e->destroy(e);
	return (int)replaced->worker;
}

int sa_table_replaced_by_us(uint32_t tunnel)
{
	int worker;

	table.lock->lock(table.lock);
	worker = take_asked(best_inbound(tunnel, rank_first_asked, 0));
	table.lock->unlock(table.lock);
	return worker;
}

int sa_table_replaced_by_peer(uint32_t tunnel, uint32_t spi_out)
{
	enumerator_t *e;
	struct sa *sa;
	int worker = -1;
	void *key;

	table.lock->lock(table.lock);
	e = table.out->create_enumerator(table.out);
	while (worker < 0 && e->enumerate(e, &key, &sa))
		if (sa->tunnel == tunnel && sa->spi == spi_out)
			worker = take_asked(newest_of_child(tunnel, sa->child));
	e->destroy(e);
	table.lock->unlock(table.lock);
	return worker;
}

void sa_table_load(uint32_t tunnel, unsigned load[static IPC_WORKERS_MAX])
{
	enumerator_t *e;
	struct sa *sa;
	void *key;

	memset(load, 0, IPC_WORKERS_MAX * sizeof(*load));
	table.lock->lock(table.lock);
	e = table.in->create_enumerator(table.in);
	while (e->enumerate(e, &key, &sa))
		if (sa->tunnel == tunnel && !sa->lost && sa->worker < IPC_WORKERS_MAX)
			load[sa->worker]++;
	e->destroy(e);
	table.lock->unlock(table.lock);
}

void sa_table_ask(uint32_t spi)
{
	struct sa key = { .spi = spi }, *sa;

	table.lock->lock(table.lock);
	sa = table.in->get(table.in, &key);
	if (sa && !sa->asked)
		sa->asked = ++table.asked;
	table.lock->unlock(table.lock);
}

static struct sa *find_locked(uint32_t spi, host_t *dst)
{
	struct sa key = { .spi = spi, .dst = dst };
	struct sa *in = table.in->get(table.in, &key);
	struct sa *out = table.out->get(table.out, &key);

	if (in && (!out || in->dst->ip_equals(in->dst, dst)))
		return in;
	return out;
}

struct sa *sa_table_find(uint32_t spi, host_t *dst)
{
	struct sa *sa;

	table.lock->lock(table.lock);
	sa = find_locked(spi, dst);
	if (sa)
		ref_get(&sa->refs);
	table.lock->unlock(table.lock);
	return sa;
}

struct sa *sa_table_find_ref(const struct ipc_sa_ref *ref)
{
	host_t *dst = ss_host_of_addr(&ref->dst, 0);
	hashtable_t *t = side(ref->direction);
	struct sa key = { .spi = htonl(ref->spi), .dst = dst }, *sa;

	if (!dst)
		return NULL;
	table.lock->lock(table.lock);
	sa = t->get(t, &key);
	if (sa)
		ref_get(&sa->refs);
	table.lock->unlock(table.lock);
	dst->destroy(dst);
	return sa;
}

struct sa *sa_table_find_at(unsigned worker, const struct ipc_sa_ref *ref)
{
	struct sa *sa = sa_table_find_ref(ref);

	if (!sa || sa->worker == worker)
		return sa;
	sa_put(sa);
	return NULL;
}

void sa_table_remove(struct sa *sa)
{
	hashtable_t *t = side(sa->direction);
	bool was;

	table.lock->lock(table.lock);
	was = !sa->gone;
	sa->gone = true;
	if (was)
		t->remove(t, sa);
	table.lock->unlock(table.lock);
	if (was)
		sa_put(sa);
}

void sa_table_move(struct sa *sa, host_t *dst)
{
	hashtable_t *t = side(sa->direction);

	table.lock->lock(table.lock);
	if (!sa->gone) {
		t->remove(t, sa);
		sa->dst->destroy(sa->dst);
		sa->dst = dst->clone(dst);
		t->put(t, sa, sa);
	}
	table.lock->unlock(table.lock);
}

void sa_table_note_usage(unsigned worker, const struct ipc_sa_usage *u)
{
	struct sa *sa = sa_table_find_at(worker, &u->ref);

	if (!sa)
		return;
	table.lock->lock(table.lock);
	sa->bytes = u->bytes;
	sa->packets = u->packets;
	sa->last_use = (time_t)(u->last_use / USEC_PER_SEC);
	table.lock->unlock(table.lock);
	sa_put(sa);
}

bool sa_snapshot(struct sa *sa, host_t **dst)
{
	bool there;

	table.lock->lock(table.lock);
	there = !sa->gone;
	if (there)
		*dst = sa->dst->clone(sa->dst);
	table.lock->unlock(table.lock);
	return there;
}

void sa_usage(struct sa *sa, uint64_t *bytes, uint64_t *packets, time_t *last)
{
	table.lock->lock(table.lock);
	if (bytes)
		*bytes = sa->bytes;
	if (packets)
		*packets = sa->packets;
	if (last)
		*last = sa->last_use;
	table.lock->unlock(table.lock);
}

struct ipc_sa_ref sa_ref(struct sa *sa)
{
	struct ipc_sa_ref ref = { .spi = ntohl(sa->spi), .direction = sa->direction };

	table.lock->lock(table.lock);
	ref.dst = ss_endpoint(sa->dst).addr;
	table.lock->unlock(table.lock);
	return ref;
}

void sa_table_lose(unsigned worker)
{
	hashtable_t *both[] = { table.in, table.out };

	table.lock->lock(table.lock);
	for (int i = 0; i < 2; i++) {
		enumerator_t *e = both[i]->create_enumerator(both[i]);
		struct sa *sa;
		void *key;

		while (e->enumerate(e, &key, &sa))
			if (sa->worker == worker)
				sa->lost = sa->installed;
		e->destroy(e);
	}
	table.lock->unlock(table.lock);
}

unsigned sa_table_each_lost(void (*fn)(uint32_t spi, host_t *dst))
{
	enumerator_t *e;
	struct sa *sa;
	unsigned n = 0;
	void *key;

	table.lock->lock(table.lock);
	e = table.in->create_enumerator(table.in);
	while (e->enumerate(e, &key, &sa)) {
		if (!sa->lost)
			continue;
		sa->asked = ++table.asked;
		fn(sa->spi, sa->dst); /* queues a job and comes back: charon is not entered */
		n++;
	}
	e->destroy(e);
	table.lock->unlock(table.lock);
	return n;
}
