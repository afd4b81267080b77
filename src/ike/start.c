/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/start.h"

#include "base/log.h"
#include "ike/backend.h"
#include "ike/kernel.h"
#include "ike/kernel_net.h"
#include "ike/listener.h"
#include "ike/logger.h"
#include "ike/settings.h"
#include "ike/socket.h"

#include <dlfcn.h>
#include <errno.h>
#include <plugins/plugin_feature.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

/*
 * We share structs with the library that only its own headers describe, and those change from
 * version to version: a wrong one would crash at some odd place later.
 */
static bool points_into_charon(void *function)
{
	Dl_info info;
	const char *base;

	if (!dladdr(function, &info) || !info.dli_fname)
		return false;
	base = strrchr(info.dli_fname, '/');
	return strncmp(base ? base + 1 : info.dli_fname, "libcharon.so", 12) == 0;
}

static int check_abi(struct err *err)
{
	if (points_into_charon((void *)(uintptr_t)charon->initialize) &&
	    points_into_charon((void *)(uintptr_t)charon->start) &&
	    points_into_charon((void *)(uintptr_t)charon->set_level) &&
	    points_into_charon((void *)(uintptr_t)charon->bus->add_listener))
		return 0;
	return err_set(err, -ENOEXEC,
		       "the installed libcharon is not strongSwan " VERSION
		       " as Debian builds it; install strongswan-libcharon " VERSION);
}

/* Called by charon when it is ready for them, and again, after the last IKE_SA and every thread are
 * gone, to take them away. */
static bool parts(plugin_t *plugin, plugin_feature_t *feature, bool reg, void *data)
{
	(void)plugin;
	(void)feature;
	(void)data;
	if (reg) {
		backend_init();
		listener_init();
	} else {
		listener_done();
		backend_done();
	}
	return TRUE;
}

static plugin_feature_t features[] = {
	PLUGIN_CALLBACK(kernel_ipsec_register, kernel_create),
	PLUGIN_PROVIDE(CUSTOM, "kernel-ipsec"),
	PLUGIN_DEPENDS(RNG, RNG_WEAK),
	PLUGIN_CALLBACK(socket_register, socket_create),
	PLUGIN_PROVIDE(CUSTOM, "socket"),
	PLUGIN_CALLBACK(kernel_net_register, kernel_net_create),
	PLUGIN_PROVIDE(CUSTOM, "kernel-net"),
	PLUGIN_CALLBACK(parts, NULL),
	PLUGIN_PROVIDE(CUSTOM, "futae"),
};

static int init_library(const char *vici, struct err *err)
{
	/* A name, even an empty one, keeps /etc/strongswan.conf and $STRONGSWAN_CONF out. */
	char nothing[] = "";

	if (!library_init(nothing, "charon"))
		return err_set(err, -ENOEXEC, "libstrongswan does not start");
	dbg_default_set_level(LEVEL_SILENT);
	if (!settings_apply(vici))
		return err_set(err, -EINVAL, "the run folder's name does not fit: %s", vici);
	if (!libcharon_init())
		return err_set(err, -ENOEXEC, "libcharon does not start");
	return 0;
}

int start_charon(const char *vici, struct err *err)
{
	char plugins[512];
	sigset_t all, old;
	int r = init_library(vici, err);

	if (r == 0)
		r = check_abi(err);
	if (r < 0)
		return r;
	logger_init();
	lib->plugins->add_static_features(lib->plugins, "futae", features, countof(features), TRUE,
					  NULL, NULL);
	ss_print(plugins, sizeof(plugins), "%s", settings_plugins);
	if (!charon->initialize(charon, plugins))
		return err_set(err, -ENOEXEC,
			       "libcharon lacks a plugin it cannot do without; install "
			       "libstrongswan-standard-plugins and strongswan-swanctl");
	if (access(vici, F_OK) < 0)
		log_event(LOGL_WARN, "ike.vici", "no socket at %s: swanctl will not work", vici);
	/* Signals are the main thread's: threads inherit the mask they start with. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	charon->start(charon);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return 0;
}

void stop_charon(void)
{
	libcharon_deinit();
	library_deinit();
}
