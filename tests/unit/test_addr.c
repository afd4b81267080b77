/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/addr.h"

#include "base/list.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void addresses_are_read_and_printed(void **state)
{
	static const char *const good[] = { "0.0.0.0", "10.1.22.252", "::",
					    "fe80::1", "ff02::12",    "2001:db8::ffff:1" };
	static const char *const bad[] = { "",      "10.1.22",   "10.1.22.256", "1.2.3.4.5",
					   "fe80:", "fe80::1%0", " 1.2.3.4",    "1.2.3.4/32" };
	char text[ADDR_TEXT];
	struct addr a;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_true(addr_parse(good[i], &a));
		assert_string_equal(addr_format(&a, text), good[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(addr_parse(bad[i], &a));
	a = (struct addr){ .family = ADDR_NONE };
	assert_string_equal(addr_format(&a, text), "none");
}

static struct addr addr(const char *text)
{
	struct addr a;

	assert_true(addr_parse(text, &a));
	return a;
}

static void addresses_are_ordered(void **state)
{
	/* the tie-break of VRRP is unsigned and from the first byte on */
	const struct addr rows[] = {
		{ .family = ADDR_NONE }, addr("10.1.22.252"), addr("10.1.22.253"),
		addr("192.0.2.1"),       addr("::1"),         addr("fe80::1")
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t j = 0; j < ARRAY_LEN(rows); j++) {
			int c = addr_compare(&rows[i], &rows[j]);

			assert_true(i < j ? c < 0 : i > j ? c > 0 : c == 0);
			assert_int_equal(addr_equal(&rows[i], &rows[j]), i == j);
		}
}

static void kinds(void **state)
{
	static const struct {
		const char *text;
		bool multicast, unspecified;
	} rows[] = {
		{ "224.0.0.18", true, false }, { "239.255.255.255", true, false },
		{ "223.1.1.1", false, false }, { "240.0.0.1", false, false },
		{ "ff02::12", true, false },   { "fe80::1", false, false },
		{ "0.0.0.0", false, true },    { "::", false, true },
		{ "::1", false, false },       { "0.0.0.1", false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct addr a = addr(rows[i].text);

		assert_int_equal(addr_is_multicast(&a), rows[i].multicast);
		assert_int_equal(addr_is_unspecified(&a), rows[i].unspecified);
	}
}

static void prefixes_are_read_and_printed(void **state)
{
	static const char *const good[] = { "10.1.22.0/24",  "0.0.0.0/0",    "::/0",
					    "2001:db8::/33", "10.1.22.1/32", "128.0.0.0/1" };
	static const char *const bad[] = { "10.1.22.1/24", "10.1.22.0/33", "10.1.22.0/",
					   "10.1.22.0/+8", "10.1.22.0/ 8", "10.1.22.0/24x",
					   "::1/64",       "::/129",       "/24",
					   "2001:db9::/31" };
	char text[PREFIX_TEXT];
	struct prefix p;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_true(prefix_parse(good[i], &p));
		assert_string_equal(prefix_format(&p, text), good[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(prefix_parse(bad[i], &p));
	assert_true(prefix_parse("fe80::1", &p));
	assert_int_equal(p.len, 128);
}

static void prefixes_contain_and_overlap(void **state)
{
	static const struct {
		const char *prefix, *addr;
		bool contains;
	} rows[] = {
		{ "10.1.22.0/24", "10.1.22.255", true },
		{ "10.1.22.0/24", "10.1.23.0", false },
		{ "10.1.22.0/23", "10.1.23.9", true },
		{ "0.0.0.0/0", "255.255.255.255", true },
		{ "0.0.0.0/0", "::", false }, /* another family is never inside */
		{ "2001:db8::/33", "2001:db8:7fff::1", true },
		{ "2001:db8::/33", "2001:db8:8000::1", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct addr a = addr(rows[i].addr);
		struct prefix p, host = prefix_of_host(&a);

		assert_true(prefix_parse(rows[i].prefix, &p));
		assert_int_equal(prefix_contains(&p, &a), rows[i].contains);
		assert_int_equal(prefix_overlap(&p, &host), rows[i].contains);
		assert_int_equal(prefix_overlap(&host, &p), rows[i].contains);
		assert_false(prefix_equal(&host, &p));
		assert_true(prefix_equal(&p, &p));
	}
}

static void endpoints_survive_sockaddr(void **state)
{
	static const struct {
		const char *addr, *text;
	} rows[] = { { "192.0.2.2", "192.0.2.2:4500" }, { "fe80::1", "[fe80::1]:4500" } };
	char text[ENDPOINT_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct endpoint e = { addr(rows[i].addr), 4500 }, back;
		struct sockaddr_storage ss;
		size_t len = endpoint_to_sockaddr(&e, &ss);
		const struct sockaddr *sa = (const struct sockaddr *)&ss;

		assert_int_equal(len,
				 i == 0 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
		assert_true(endpoint_from_sockaddr(sa, len, &back));
		assert_true(endpoint_equal(&e, &back));
		assert_string_equal(endpoint_format(&back, text), rows[i].text);
		assert_false(endpoint_from_sockaddr(sa, len - 1, &back));
		back.port++;
		assert_false(endpoint_equal(&e, &back));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_and_printed),
		cmocka_unit_test(addresses_are_ordered),
		cmocka_unit_test(kinds),
		cmocka_unit_test(prefixes_are_read_and_printed),
		cmocka_unit_test(prefixes_contain_and_overlap),
		cmocka_unit_test(endpoints_survive_sockaddr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
