/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/vnet_hdr.h"

#include <errno.h>
#include <linux/virtio_net.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The kernel's own header is the reference, its byte order included. */
static void is_what_the_kernel_says(void **state)
{
	const struct virtio_net_hdr k = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = VIRTIO_NET_HDR_GSO_TCPV6 | VIRTIO_NET_HDR_GSO_ECN,
		.hdr_len = 0x1234,
		.gso_size = 0x5678,
		.csum_start = 0x9abc,
		.csum_offset = 0xdef0,
	};
	uint8_t bytes[sizeof(k)];
	struct vnet_hdr h;

	(void)state;
	assert_int_equal(sizeof(k), VNET_HDR_LEN);
	memcpy(bytes, &k, sizeof(k));
	assert_int_equal(vnet_hdr_decode((struct view){ bytes, sizeof(bytes) }, &h), 0);
	assert_int_equal(h.flags, VNET_HDR_NEEDS_CSUM);
	assert_int_equal(h.gso_type, VNET_HDR_GSO_TCPV6 | VNET_HDR_GSO_ECN);
	assert_int_equal(h.hdr_len, 0x1234);
	assert_int_equal(h.gso_size, 0x5678);
	assert_int_equal(h.csum_start, 0x9abc);
	assert_int_equal(h.csum_offset, 0xdef0);
	memset(bytes, 0, sizeof(bytes));
	vnet_hdr_encode(&h, bytes);
	assert_memory_equal(bytes, &k, sizeof(k));
}

static void words_are_the_kernels(void **state)
{
	(void)state;
	assert_int_equal(VNET_HDR_DATA_VALID, VIRTIO_NET_HDR_F_DATA_VALID);
	assert_int_equal(VNET_HDR_GSO_NONE, VIRTIO_NET_HDR_GSO_NONE);
	assert_int_equal(VNET_HDR_GSO_TCPV4, VIRTIO_NET_HDR_GSO_TCPV4);
	assert_int_equal(VNET_HDR_GSO_UDP_L4, 5); /* younger than Debian 12's headers */
}

static void needs_all_its_bytes(void **state)
{
	uint8_t bytes[VNET_HDR_LEN] = { 0 };
	struct vnet_hdr h = { .flags = 77 };

	(void)state;
	for (size_t n = 0; n < VNET_HDR_LEN; n++)
		assert_int_equal(vnet_hdr_decode((struct view){ bytes, n }, &h), -EBADMSG);
	assert_int_equal(h.flags, 77);
	assert_int_equal(vnet_hdr_decode((struct view){ bytes, VNET_HDR_LEN }, &h), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_what_the_kernel_says),
		cmocka_unit_test(words_are_the_kernels),
		cmocka_unit_test(needs_all_its_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
