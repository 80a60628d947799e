/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/help.h"
#include "cli/progress.h"
#include "cli/stop.h"
#include "util/err.h"

static int run(struct cli *c, struct err *e)
{
	switch (c->o->cmd) {
	case CMD_audit:
		return cmd_audit(c, e);
	case CMD_config:
		return cmd_config(c, e);
	case CMD_key:
		return cmd_key(c, e);
	case CMD_user:
		return cmd_user(c, e);
	case CMD_demo:
		return cmd_demo(c, e);
	case CMD_profile:
		return cmd_profile(c, e);
	case CMD_drift:
		return cmd_drift(c, e);
	case CMD_eval:
		return cmd_eval(c, e);
	case CMD_explain:
		return cmd_explain(c, e);
	case CMD_models:
		return cmd_models(c, e);
	case CMD_serve:
		return cmd_serve(c, e);
	case CMD_score:
		return cmd_score(c, e);
	case CMD_train:
		return cmd_train(c, e);
	case CMD_backup:
		return cmd_backup(c, e);
	case CMD_restore:
		return cmd_restore(c, e);
	case CMD_migrate:
		return cmd_migrate(c, e);
	case CMD_doctor:
		return cmd_doctor(c, e);
	case CMD_health:
		return cmd_health(c, e);
	case CMD_completion:
		return cmd_completion(c, e);
	case CMD_man:
		return cmd_man(c, e);
	case CMD_help:
		return cmd_help(c, e);
	case CMD_COUNT:
		break;
	}
	ASSERT(false); /* the caller has seen to it that there is a command */
	return -1;
}

static int dispatch(struct cli *c, struct err *e)
{
	if (c->o->version) {
		print_fmt(&c->out, STYLE_PLAIN, "heatscore %s\n", HEATSCORE_VERSION);
		return 0;
	}
	if (c->o->help && c->o->cmd != CMD_COUNT) {
		help_command(&c->out, c->o->cmd);
		return 0;
	}
	if (c->o->help) {
		help_overview(&c->out);
		return 0;
	}
	if (c->o->cmd == CMD_COUNT) {
		help_overview(&c->say);
		print_flush(&c->say, stderr, NULL);
		return err_exit(ERR_USAGE);
	}
	return run(c, e);
}

/* The exit status of a failure, after saying what it was. */
static int report(struct cli *c, const struct err *e)
{
	int sig = stop_signal();

	if (e->code == ERR_CANCELLED && sig != 0)
		return 128 + sig;
	print_fmt(&c->say, STYLE_BAD, "heatscore: ");
	print_text(&c->say, STYLE_PLAIN, str_of(e->msg));
	print_fmt(&c->say, STYLE_PLAIN, "\n");
	if (e->code == ERR_USAGE && c->o->cmd != CMD_COUNT)
		print_fmt(&c->say, STYLE_PLAIN, "'heatscore %s --help' shows how it is used.\n",
			cmd_info(c->o->cmd)->name);
	print_flush(&c->say, stderr, NULL);
	return err_exit(e->code);
}

int main(int argc, char **argv)
{
	struct options o;
	struct cli c = { .o = &o };
	struct err e = { 0 };
	int status;

	stop_install();
	status = options_parse(&o, argc, (const char *const *)argv, &e);
	print_init(&c.out, stdout, o.color);
	print_init(&c.say, stderr, o.color);
	if (status == 0 && (c.progress = progress_new(!o.quiet, &e)) == NULL)
		status = -1;
	if (status == 0)
		status = dispatch(&c, &e);
	progress_free(c.progress);
	if (status >= 0 && print_flush(&c.out, stdout, &e) == -1)
		status = -1;
	if (status == -1)
		status = report(&c, &e);
	print_clear(&c.out);
	print_clear(&c.say);
	options_clear(&o);
	return status;
}
