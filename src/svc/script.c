/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/script.h"

#include "base/list.h"
#include "base/log.h"
#include "base/utf8.h"
#include "io/loop.h"
#include "svc/board.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scripts {
	const struct env *env;
	struct sibling *runner; /* futae-script */
	struct script_check *list[CONF_TRACKS_MAX]; /* owned */
	size_t count;
	uint32_t last_id;
	bool stopped;
};

static void feed(struct script_check *c, enum script_event ev);

static bool send_run(struct script_check *c)
{
	static struct ipc_script_run m;
	static uint8_t buf[sizeof(m) + 64];
	ssize_t len;

	m = (struct ipc_script_run){ .id = ++c->owner->last_id,
				     .timeout_msec = (uint32_t)(c->cfg.timeout / USEC_PER_MSEC),
				     .command_len = (uint32_t)c->conf->command_len };
	memcpy(m.name, c->name, sizeof(m.name));
	memcpy(m.command, c->conf->command, c->conf->command_len);
	len = ipc_script_run_encode(&m, buf, sizeof(buf));
	/* Who is slow to take this has too much to do already: not behind a queue. */
	if (len < 0 || c->owner->runner->fd < 0 || c->owner->runner->out)
		return false;
	sibling_send(c->owner->runner, buf, (size_t)len, NULL, 0);
	c->id = m.id;
	c->started = clock_now();
	c->runs++;
	return true;
}

/* Who has waited longest, while there is room. */
static void start_waiting(struct scripts *ss)
{
	struct script_check *first;
	unsigned running;

	do {
		first = NULL;
		running = 0;
		for (size_t i = 0; i < ss->count; i++) {
			struct script_check *c = ss->list[i];

			running += c->fsm.phase == SCRIPT_RUNNING;
			if (c->fsm.phase == SCRIPT_WAITING &&
			    (!first || c->waits_since < first->waits_since))
				first = c;
		}
		if (!first || running >= SCRIPTS_AT_ONCE || ss->stopped || !send_run(first))
			return;
		feed(first, SCRIPT_EV_STARTED);
	} while (true);
}

static void feed(struct script_check *c, enum script_event ev)
{
	usec_t now = clock_now();
	struct script_step s = script_step(&c->cfg, c->fsm, ev, now);

	c->fsm = s.next;
	timer_at(&c->timer, c->owner->stopped ? USEC_NEVER : s.next.deadline);
	if (s.actions & SCRIPT_NO_WORD)
		(void)snprintf(c->why, sizeof(c->why), "futae-script did not tell how it ended");
	if (s.actions & SCRIPT_TELL) {
		log_event(LOGL_NOTICE, "script.state", "track=%s state=%s why=\"%s\"", c->name,
			  c->fsm.good ? "good" : "lost", c->why);
		board_set(c->owner->env->board, BOARD_SCRIPT, c->name, c->fsm.good, c->why, now);
	}
	if (s.actions & SCRIPT_WANTS_RUN)
		c->waits_since = now;
}

static void on_timer(struct timer *t)
{
	struct script_check *c = container_of(t, struct script_check, timer);

	feed(c, SCRIPT_EV_TIMER);
	start_waiting(c->owner);
}

/* One line of what it wrote. */
static void clean(char *text)
{
	size_t len;

	for (char *c = text; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = ' ';
	for (len = strlen(text); len > 0 && text[len - 1] == ' '; len--)
		text[len - 1] = '\0';
	utf8_clean(text);
}

static void explain(struct script_check *c, struct ipc_script_done *m)
{
	const char *mark;

	clean(m->text);
	mark = *m->text ? ": " : "";
	switch (m->outcome) {
	case IPC_SCRIPT_EXITED:
		(void)snprintf(c->why, sizeof(c->why), "exit status %u%s%s", m->value, mark,
			       m->text);
		break;
	case IPC_SCRIPT_SIGNAL:
		(void)snprintf(c->why, sizeof(c->why), "died of signal %u%s%s", m->value, mark,
			       m->text);
		break;
	case IPC_SCRIPT_TIMEOUT:
		(void)snprintf(c->why, sizeof(c->why), "killed after its time-out of %u ms%s%s",
			       (unsigned)(c->cfg.timeout / USEC_PER_MSEC), mark, m->text);
		c->timeouts++;
		break;
	case IPC_SCRIPT_NOT_RUN:
	case IPC_SCRIPT_OUTCOMES:
		(void)snprintf(c->why, sizeof(c->why), "it cannot be run: %s",
			       strerror((int)m->value));
		break;
	}
}

int scripts_message(struct scripts *ss, struct view msg)
{
	struct ipc_script_done m;

	if (ipc_script_done_decode(msg, &m) < 0)
		return -EBADMSG;
	for (size_t i = 0; i < ss->count; i++) {
		struct script_check *c = ss->list[i];

		if (c->id != m.id || c->fsm.phase != SCRIPT_RUNNING)
			continue; /* of a run that was given up, or of a track that is gone */
		c->took = usec_since(c->started, clock_now());
		explain(c, &m);
		feed(c, m.outcome == IPC_SCRIPT_EXITED && m.value == 0 ? SCRIPT_EV_GOOD
								       : SCRIPT_EV_BAD);
		break;
	}
	start_waiting(ss);
	return 0;
}

void scripts_started(struct scripts *ss)
{
	start_waiting(ss);
}

void scripts_died(struct scripts *ss)
{
	for (size_t i = 0; i < ss->count; i++) {
		struct script_check *c = ss->list[i];

		if (c->fsm.phase != SCRIPT_RUNNING)
			continue;
		(void)snprintf(c->why, sizeof(c->why), "futae-script died under it");
		feed(c, SCRIPT_EV_BAD);
	}
}

void scripts_stop(struct scripts *ss)
{
	ss->stopped = true;
	for (size_t i = 0; i < ss->count; i++)
		timer_stop(&ss->list[i]->timer);
}

struct scripts *scripts_new(const struct env *env, struct sibling *runner)
{
	struct scripts *ss = calloc(1, sizeof(*ss));

	if (ss) {
		ss->env = env;
		ss->runner = runner;
	}
	return ss;
}

void scripts_free(struct scripts *ss)
{
	if (!ss)
		return;
	for (size_t i = 0; i < ss->count; i++) {
		timer_stop(&ss->list[i]->timer);
		free(ss->list[i]);
	}
	free(ss);
}

const struct script_check *scripts_by_name(const struct scripts *ss, const char *track)
{
	for (size_t i = 0; i < ss->count; i++)
		if (!strcmp(ss->list[i]->name, track))
			return ss->list[i];
	return NULL;
}

static struct script_check *get(struct scripts *ss, const char *name)
{
	struct script_check *c;

	for (size_t i = 0; i < ss->count; i++)
		if (!strcmp(ss->list[i]->name, name))
			return ss->list[i];
	c = ss->count < CONF_TRACKS_MAX ? calloc(1, sizeof(*c)) : NULL;
	if (!c)
		return NULL;
	c->owner = ss;
	(void)snprintf(c->name, sizeof(c->name), "%s", name);
	(void)snprintf(c->why, sizeof(c->why), "it has not run yet");
	c->fsm = script_start(clock_now());
	timer_init(&c->timer, ss->env->loop, on_timer);
	ss->list[ss->count++] = c;
	return c;
}

static bool same_command(const struct conf_script *a, const struct conf_script *b)
{
	return a->command_len == b->command_len && !memcmp(a->command, b->command, a->command_len);
}

/* Another command is another question: what the old one said is of no use. */
static void take_conf(struct script_check *c, const struct conf_script *conf)
{
	usec_t now = clock_now();

	c->wanted = true;
	if (c->conf && !same_command(c->conf, conf)) {
		c->fsm = script_start(now);
		c->id = 0;
		(void)snprintf(c->why, sizeof(c->why), "it has not run yet");
		board_forget(c->owner->env->board, BOARD_SCRIPT, c->name);
	}
	c->conf = conf;
	c->cfg = (struct script_cfg){ conf->interval, conf->timeout, conf->rise, conf->fall };
	if (c->fsm.next > usec_add(now, conf->interval))
		c->fsm.next = c->fsm.deadline = usec_add(now, conf->interval);
	timer_at(&c->timer, c->fsm.deadline);
}

int scripts_apply(struct scripts *ss, const struct conf *conf)
{
	for (size_t i = 0; i < ss->count; i++)
		ss->list[i]->wanted = false;
	for (size_t i = 0; i < conf->track_count; i++) {
		struct script_check *c;

		if (conf->tracks[i].mode != CONF_TRACK_SCRIPT)
			continue;
		c = get(ss, conf->tracks[i].name);
		if (!c)
			return -ENOMEM;
		take_conf(c, &conf->tracks[i].script);
	}
	return 0;
}

void scripts_prune(struct scripts *ss)
{
	for (size_t i = ss->count; i-- > 0;) {
		struct script_check *c = ss->list[i];

		if (c->wanted)
			continue;
		timer_stop(&c->timer);
		ss->list[i] = ss->list[--ss->count];
		board_forget(ss->env->board, BOARD_SCRIPT, c->name);
		free(c);
	}
}

bool scripts_any(const struct scripts *ss)
{
	return ss->count > 0;
}
