/* SPDX-License-Identifier: Apache-2.0 */
/* Manual pages in the classic man(7) macros, which man-db and mandoc both read. */
#include <ctype.h>
#include <string.h>

#include "cli/help.h"

/* Text as it is: a backslash and a hyphen that is a minus are escaped, and a line may not begin
 * with a control character. */
static void plain(struct buf *b, const char *text)
{
	bool line_start = b->n == 0 || b->p[b->n - 1] == '\n';

	for (; *text != '\0'; text++) {
		if (line_start && (*text == '.' || *text == '\''))
			buf_z(b, "\\&");
		line_start = *text == '\n';
		if (*text == '\\')
			buf_z(b, "\\e");
		else if (*text == '-')
			buf_z(b, "\\-");
		else if (*text == '\'')
			buf_z(b, "\\(aq");
		else
			buf_c(b, *text);
	}
}

static void section(struct buf *b, const char *name)
{
	buf_fmt(b, ".SH %s\n", name);
}

static void option(struct buf *b, enum opt_id id)
{
	const struct opt_info *o = opt_info(id);

	buf_z(b, ".TP\n");
	if (o->letter != 0)
		buf_fmt(b, "\\fB\\-%c\\fR, ", o->letter);
	buf_z(b, "\\fB");
	plain(b, "--");
	plain(b, o->name);
	buf_z(b, "\\fR");
	if (*help_value(id) != '\0') {
		buf_z(b, " \\fI");
		plain(b, help_value(id));
		buf_z(b, "\\fR");
	}
	buf_c(b, '\n');
	plain(b, o->help);
	buf_z(b, o->kind == OPT_KIND_LIST ? "; may be repeated.\n" : ".\n");
	if (o->otherwise != NULL) {
		buf_z(b, "Default: ");
		plain(b, o->otherwise);
		buf_z(b, ".\n");
	}
	if (o->env != NULL)
		buf_fmt(b, "Environment: \\fB%s\\fR.\n", o->env);
}

static void options(struct buf *b, enum cmd_id cmd)
{
	section(b, "OPTIONS");
	for (int common = 0; common < 2; common++)
		for (size_t id = 0; id < OPT_COUNT; id++)
			if (opt_on((enum opt_id)id, cmd) &&
				(opt_info((enum opt_id)id)->on == OPT_ON_ALL) == (common == 1))
				option(b, (enum opt_id)id);
}

static void title(struct buf *b, const char *cmd)
{
	char upper[32];
	size_t n = 0;

	for (; cmd[n] != '\0' && n + 1 < sizeof(upper); n++)
		upper[n] = (char)toupper((unsigned char)cmd[n]);
	upper[n] = '\0';
	buf_fmt(b, ".TH HEATSCORE%s%s 1 \"\" \"heatscore %s\" \"Lead HeatScore\"\n",
		n > 0 ? "\\-" : "", upper, HEATSCORE_VERSION);
}

static void ending(struct buf *b, enum cmd_id cmd)
{
	struct help_exit x;

	section(b, "EXIT STATUS");
	for (size_t i = 0; help_exit(i, &x); i++) {
		buf_fmt(b, ".TP\n\\fB%d\\fR\n", x.code);
		plain(b, x.means);
		buf_c(b, '\n');
	}
	section(b, "SEE ALSO");
	if (cmd != CMD_COUNT)
		buf_z(b, "\\fBheatscore\\fR(1)\n");
	for (size_t c = 0; cmd == CMD_COUNT && c < CMD_COUNT; c++)
		buf_fmt(b, "\\fBheatscore\\-%s\\fR(1)%s\n", cmd_info((enum cmd_id)c)->name,
			c + 1 < CMD_COUNT ? "," : "");
}

static void command_page(struct buf *b, enum cmd_id cmd)
{
	const struct cmd_info *c = cmd_info(cmd);

	title(b, c->name);
	section(b, "NAME");
	buf_fmt(b, "heatscore\\-%s \\- ", c->name);
	plain(b, c->line);
	buf_c(b, '\n');
	section(b, "SYNOPSIS");
	buf_fmt(b, "\\fBheatscore %s\\fR ", c->name);
	if (*c->operands != '\0') {
		buf_z(b, "\\fI");
		plain(b, c->operands);
		buf_z(b, "\\fR ");
	}
	buf_z(b, "[\\fIoptions\\fR]\n");
	section(b, "DESCRIPTION");
	plain(b, c->about);
	buf_c(b, '\n');
	options(b, cmd);
	section(b, "EXAMPLES");
	buf_z(b, ".nf\n");
	plain(b, c->examples);
	buf_z(b, "\n.fi\n");
	ending(b, cmd);
}

void help_man(struct buf *b, enum cmd_id cmd)
{
	if (cmd != CMD_COUNT) {
		command_page(b, cmd);
		return;
	}
	title(b, "");
	section(b, "NAME");
	buf_z(b, "heatscore \\- how likely each lead is to buy, from a CSV export\n");
	section(b, "SYNOPSIS");
	buf_z(b, "\\fBheatscore\\fR \\fIcommand\\fR [\\fIoperands\\fR] [\\fIoptions\\fR]\n");
	section(b, "DESCRIPTION");
	buf_z(b, "Learns from an export of leads whose outcomes are known, gives every lead a\n"
		 "probability that can be trusted, a score from 0 to 100 and a heat (hot, warm,\n"
		 "cold), and says how good these figures are.\n");
	section(b, "COMMANDS");
	for (size_t c = 0; c < CMD_COUNT; c++) {
		const struct cmd_info *i = cmd_info((enum cmd_id)c);

		buf_fmt(b, ".TP\n\\fB%s\\fR", i->name);
		if (*i->operands != '\0') {
			buf_z(b, " \\fI");
			plain(b, i->operands);
			buf_z(b, "\\fR");
		}
		buf_c(b, '\n');
		plain(b, i->line);
		buf_z(b, ".\n");
	}
	options(b, CMD_COUNT);
	section(b, "ENVIRONMENT");
	for (size_t id = 0; id < OPT_COUNT; id++)
		if (opt_info((enum opt_id)id)->env != NULL) {
			buf_fmt(b, ".TP\n\\fB%s\\fR\n", opt_info((enum opt_id)id)->env);
			buf_z(b, "Stands in for ");
			plain(b, "--");
			plain(b, opt_info((enum opt_id)id)->name);
			buf_z(b, ".\n");
		}
	buf_z(b, ".TP\n\\fBNO_COLOR\\fR\nWhen set, no colours unless \\fB\\-\\-color "
		 "always\\fR.\n");
	ending(b, CMD_COUNT);
}
