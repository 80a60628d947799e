/* SPDX-License-Identifier: Apache-2.0 */
/* cli.h: what every command is given.
 *
 * A command is int cmd_NAME(struct cli *, struct err *): 0 done, -1 failed (main prints the error
 * and exits with its code), above 0 an exit status of its own. What it has to say for people, or
 * as JSON with --json, goes through c->out to standard output, and nothing else does; notes,
 * warnings and progress go to standard error. It looks at cli_cancelled(c) often enough to stop
 * within a second, leaves nothing half-written, and returns ERR_CANCELLED. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>

#include "cli/print.h"
#include "config/options.h"

struct err;
struct progress;

struct cli {
	const struct options *o;
	struct print out; /* printed by main when the command returns 0 or more */
	struct print say; /* standard error */
	struct progress *progress;
};

int cmd_backup(struct cli *c, struct err *e);
int cmd_audit(struct cli *c, struct err *e);
int cmd_completion(struct cli *c, struct err *e);
int cmd_config(struct cli *c, struct err *e);
int cmd_demo(struct cli *c, struct err *e);
int cmd_doctor(struct cli *c, struct err *e);
int cmd_drift(struct cli *c, struct err *e);
int cmd_eval(struct cli *c, struct err *e);
int cmd_explain(struct cli *c, struct err *e);
int cmd_health(struct cli *c, struct err *e);
int cmd_help(struct cli *c, struct err *e);
int cmd_key(struct cli *c, struct err *e);
int cmd_man(struct cli *c, struct err *e);
int cmd_migrate(struct cli *c, struct err *e);
int cmd_models(struct cli *c, struct err *e);
int cmd_profile(struct cli *c, struct err *e);
int cmd_restore(struct cli *c, struct err *e);
int cmd_score(struct cli *c, struct err *e);
int cmd_serve(struct cli *c, struct err *e);
int cmd_train(struct cli *c, struct err *e);
int cmd_user(struct cli *c, struct err *e);

/* The next three take a struct cli as void, so that they fit the callbacks of the layers below. */
/* cli_progress(c, step, done): shows it; true when the user wants to stop. */
bool cli_progress(void *c, const char *step, double done);
bool cli_cancelled(void *c);
/* cli_note(c, sentence): worth knowing; not shown with --quiet. One that starts with "warning: "
 * goes to cli_warn. */
void cli_note(void *c, const char *sentence);
void cli_notef(struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* cli_warn(c, fmt, ...): may be wrong; always shown. */
void cli_warn(struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* cli_flush(c, e): print what is in c->out now. For text that must come before something else. */
int cli_flush(struct cli *c, struct err *e);

/* cli_data(c, e): the data folder, made (and its path told) when it is not there. NULL on failure;
 * borrowed from the options. */
const char *cli_data(struct cli *c, struct err *e);

/* cli_data_check(c, e): whether the data folder is there or could be made, before work that takes
 * long. Makes nothing. */
int cli_data_check(struct cli *c, struct err *e);

double cli_today(void); /* days since 1970, UTC, with the time of day */

#endif
