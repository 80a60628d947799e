/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/cli.h"
#include "cli/help.h"
#include "util/err.h"

/* The command named by the first operand; CMD_COUNT without one. */
static int named(struct cli *c, enum cmd_id *cmd, struct err *e)
{
	const char *names[CMD_COUNT];
	ptrdiff_t near;

	*cmd = CMD_COUNT;
	if (c->o->n_args == 0)
		return 0;
	for (size_t i = 0; i < CMD_COUNT; i++) {
		names[i] = cmd_info((enum cmd_id)i)->name;
		if (strcmp(names[i], c->o->args[0]) == 0)
			*cmd = (enum cmd_id)i;
	}
	if (*cmd != CMD_COUNT)
		return 0;
	near = options_nearest(str_of(c->o->args[0]), names, CMD_COUNT);
	return err_set(e, ERR_USAGE, "there is no command %.80s%s%s%s", c->o->args[0],
		near >= 0 ? "; did you mean " : "", near >= 0 ? names[near] : "",
		near >= 0 ? "?" : "");
}

int cmd_help(struct cli *c, struct err *e)
{
	enum cmd_id cmd;

	if (named(c, &cmd, e) == -1)
		return -1;
	if (c->o->markdown)
		help_markdown(&c->out.b);
	else if (cmd == CMD_COUNT)
		help_overview(&c->out);
	else
		help_command(&c->out, cmd);
	return 0;
}

int cmd_man(struct cli *c, struct err *e)
{
	enum cmd_id cmd;

	if (named(c, &cmd, e) == -1)
		return -1;
	help_man(&c->out.b, cmd);
	return 0;
}

int cmd_completion(struct cli *c, struct err *e)
{
	const char *shell = c->o->args[0];

	if (strcmp(shell, "bash") == 0)
		help_bash(&c->out.b);
	else if (strcmp(shell, "zsh") == 0)
		help_zsh(&c->out.b);
	else if (strcmp(shell, "fish") == 0)
		help_fish(&c->out.b);
	else
		return err_set(e, ERR_USAGE,
			"there are completions for bash, zsh and fish, not for '%.40s'", shell);
	return 0;
}
