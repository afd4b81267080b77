/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/devconf.h"

#include "io/netlink.h"
#include "io/proc.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void devconf_set(const char *device, const char *family, const char *key, const char *value)
{
	char path[96];

	(void)snprintf(path, sizeof(path), "net/%s/conf/%s/%s", family, device, key);
	(void)proc_sysctl_set(path, value, NULL);
}

void devconf_accept_asymmetric(const char *device)
{
	char all[8];
	bool is_off = proc_sysctl_get("net/ipv4/conf/all/rp_filter", all, sizeof(all)) == 0 &&
		      !strcmp(all, "0");

	devconf_set(device, "ipv4", "rp_filter", is_off ? "0" : "2");
}

void devconf_be_silent(struct nl *nl, const char *device)
{
	struct nl_link link;

	if (nl_link_by_name(nl, device, &link) == 0)
		(void)nl_link_no_ipv6_address(nl, link.index);
	devconf_set(device, "ipv6", "accept_ra", "0");
	devconf_set(device, "ipv6", "router_solicitations", "0");
}
