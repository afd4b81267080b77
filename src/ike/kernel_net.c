/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/kernel_net.h"

static kernel_feature_t features(kernel_net_t *this)
{
	(void)this;
	return 0;
}

static host_t *source(kernel_net_t *this, host_t *dst, host_t *src)
{
	(void)this;
	(void)dst;
	return src && !src->is_anyaddr(src) ? src->clone(src) : NULL;
}

static host_t *nexthop(kernel_net_t *this, host_t *dst, int prefix, host_t *src, char **iface)
{
	(void)this;
	(void)dst;
	(void)prefix;
	(void)src;
	(void)iface;
	return NULL;
}

static bool interface(kernel_net_t *this, host_t *host, char **name)
{
	(void)this;
	(void)host;
	if (name)
		*name = strdup("futae");
	return TRUE;
}

static enumerator_t *addresses(kernel_net_t *this, kernel_address_type_t which)
{
	(void)this;
	(void)which;
	return enumerator_create_empty();
}

static enumerator_t *subnets(kernel_net_t *this)
{
	(void)this;
	return enumerator_create_empty();
}

static status_t add_ip(kernel_net_t *this, host_t *vip, int prefix, char *iface)
{
	(void)this;
	(void)vip;
	(void)prefix;
	(void)iface;
	return NOT_SUPPORTED;
}

static status_t del_ip(kernel_net_t *this, host_t *vip, int prefix, bool wait)
{
	(void)this;
	(void)vip;
	(void)prefix;
	(void)wait;
	return NOT_SUPPORTED;
}

static status_t route(kernel_net_t *this, chunk_t net, uint8_t len, host_t *gateway, host_t *src,
		      char *iface, bool pass)
{
	(void)this;
	(void)net;
	(void)len;
	(void)gateway;
	(void)src;
	(void)iface;
	(void)pass;
	return NOT_SUPPORTED;
}

static void destroy(kernel_net_t *this)
{
	free(this);
}

kernel_net_t *kernel_net_create(void)
{
	kernel_net_t *this;

	INIT(this, .get_features = features, .get_source_addr = source, .get_nexthop = nexthop,
	     .get_interface = interface, .create_address_enumerator = addresses,
	     .create_local_subnet_enumerator = subnets, .add_ip = add_ip, .del_ip = del_ip,
	     .add_route = route, .del_route = route, .destroy = destroy, );
	return this;
}
