/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages between futaed and futae-script. */
#include "wire/ipc_msg.h"

#include "wire/ipc_codec.h"

#include <errno.h>
#include <string.h>

/* It becomes an argv: words that end, of which the first leads to a file from anywhere. */
static bool is_command(const char *command, size_t len)
{
	return len > 1 && len <= IPC_COMMAND_MAX && command[0] == '/' && command[len - 1] == '\0';
}

ssize_t ipc_script_run_encode(const struct ipc_script_run *m, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(IPC_SCRIPT_RUN, buf, cap);

	wbuf_u32(&w, m->id);
	wbuf_u32(&w, m->timeout_msec);
	wbuf_str(&w, m->name);
	if (is_command(m->command, m->command_len))
		wbuf_blob(&w, m->command, m->command_len);
	else
		w.failed = true;
	return ipc_end(&w);
}

int ipc_script_run_decode(struct view msg, struct ipc_script_run *out)
{
	struct rbuf r = ipc_open(IPC_SCRIPT_RUN, msg);
	struct ipc_script_run m = { .id = rbuf_u32(&r) };
	struct view command;

	m.timeout_msec = rbuf_u32(&r);
	rbuf_str(&r, m.name, sizeof(m.name));
	command = rbuf_blob(&r);
	if (ipc_close(&r) < 0 || !is_command((const char *)command.data, command.len))
		return -EBADMSG;
	memcpy(m.command, command.data, command.len);
	m.command_len = (uint32_t)command.len;
	*out = m;
	return 0;
}

ssize_t ipc_script_done_encode(const struct ipc_script_done *m, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(IPC_SCRIPT_DONE, buf, cap);

	wbuf_u32(&w, m->id);
	wbuf_u8(&w, (uint8_t)m->outcome);
	wbuf_u32(&w, m->value);
	wbuf_str(&w, m->text);
	return ipc_end(&w);
}

int ipc_script_done_decode(struct view msg, struct ipc_script_done *out)
{
	struct rbuf r = ipc_open(IPC_SCRIPT_DONE, msg);
	struct ipc_script_done m = { .id = rbuf_u32(&r) };

	m.outcome = (enum ipc_script_outcome)ipc_get_enum(&r, IPC_SCRIPT_OUTCOMES);
	m.value = rbuf_u32(&r);
	rbuf_str(&r, m.text, sizeof(m.text));
	if (ipc_close(&r) < 0)
		return -EBADMSG;
	*out = m;
	return 0;
}
