/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/logger.h"

#include "base/log.h"
#include "ike/ss.h"

#include <bus/listeners/logger.h>

static void take(logger_t *this, debug_t group, level_t level, int thread, ike_sa_t *ike,
		 const char *message)
{
	char event[24];

	(void)this;
	(void)level;
	(void)thread;
	ss_print(event, sizeof(event), "charon.%N", debug_lower_names, group);
	if (ike)
		log_event(LOGL_INFO, event, "ike=%s[%u] %s", ike->get_name(ike),
			  ike->get_unique_id(ike), message);
	else
		log_event(LOGL_INFO, event, "%s", message);
}

/* Level 1 is what happens; packets begin at 2, keys at 4.  enc would print each message's payloads,
 * net each packet, job and mgr the daemon's inner life. */
static level_t level_of(logger_t *this, debug_t group)
{
	(void)this;
	switch (group) {
	case DBG_IKE:
	case DBG_CHD:
	case DBG_CFG:
	case DBG_DMN:
		return LEVEL_CTRL;
	default:
		return LEVEL_AUDIT;
	}
}

static logger_t logger = { .log = take, .get_level = level_of };

void logger_init(void)
{
	charon->bus->add_logger(charon->bus, &logger);
}

void logger_done(void)
{
	charon->bus->remove_logger(charon->bus, &logger);
}
