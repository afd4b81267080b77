/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/model.h"

#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

static void blob_done(struct conf_blob *b)
{
	free(b->path);
	secret_free(b->data, b->len);
}

static void tunnel_done(struct conf_tunnel *t)
{
	blob_done(&t->secret.psk);
	blob_done(&t->secret.cert);
	blob_done(&t->secret.key);
	for (size_t i = 0; i < t->secret.ca_count; i++)
		blob_done(&t->secret.ca[i]);
	free(t->secret.ca);
	blob_done(&t->health.bfd.key.psk);
	blob_done(&t->health.key);
	blob_done(&t->health.ca);
	blob_done(&t->reflect.key);
	free(t->ts_local);
	free(t->ts_remote);
}

void conf_free(struct conf *conf)
{
	if (!conf)
		return;
	for (size_t i = 0; i < conf->tunnel_count; i++)
		tunnel_done(&conf->tunnels[i]);
	for (size_t i = 0; i < conf->route_count; i++) {
		for (size_t v = 0; v < conf->routes[i].via_count; v++)
			free(conf->routes[i].via[v].track);
		free(conf->routes[i].to);
		free(conf->routes[i].via);
	}
	for (size_t i = 0; i < conf->track_count; i++)
		free(conf->tracks[i].cond);
	for (size_t i = 0; i < conf->vrrp_count; i++) {
		free(conf->vrrps[i].addresses);
		free(conf->vrrps[i].peers);
		free(conf->vrrps[i].track);
	}
	free(conf->tunnels);
	free(conf->routes);
	free(conf->tracks);
	free(conf->vrrps);
	free(conf);
}

long conf_find_tunnel(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->tunnel_count; i++)
		if (!strcmp(conf->tunnels[i].name, name))
			return (long)i;
	return -1;
}
