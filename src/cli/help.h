/* SPDX-License-Identifier: Apache-2.0 */
/* help.h: what the tables of commands and options say, for people, man, Markdown and shells. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/print.h"
#include "config/options.h"

void help_overview(struct print *p);
void help_command(struct print *p, enum cmd_id cmd);
void help_markdown(struct buf *b); /* docs/options.md */

/* help_man(b, cmd): a manual page in man's macros; CMD_COUNT: the page of heatscore itself. */
void help_man(struct buf *b, enum cmd_id cmd);

void help_bash(struct buf *b);
void help_zsh(struct buf *b);
void help_fish(struct buf *b);

/* The value an option takes, as shown behind it: "COLUMN", "N/day"; empty for flags. */
const char *help_value(enum opt_id id);
/* The distinct exit codes in ascending order: help_exit(0), ... until it returns false. */
struct help_exit {
	int code;
	const char *means;
};
bool help_exit(size_t i, struct help_exit *x);

#endif
