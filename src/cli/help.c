/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/help.h"
#include "util/err.h"

/* The sentences behind the numbers; err.def maps every error to one of them. */
static const struct help_exit exits[] = {
	{ 0, "done" },
	{ 2, "the command line is wrong" },
	{ 65, "the input cannot be used (what is wrong and where is said)" },
	{ 66, "a file or a version is not there" },
	{ 69, "out of memory, or something needed is not available now" },
	{ 70, "a fault in heatscore itself" },
	{ 73, "the output cannot be created" },
	{ 74, "reading or writing failed" },
	{ 77, "not permitted" },
	{ 78, "a setting or the data folder does not fit this program" },
	{ 130, "stopped by Ctrl-C (143 by a TERM signal); nothing is left half-written" },
};

bool help_exit(size_t i, struct help_exit *x)
{
	if (i >= sizeof(exits) / sizeof(exits[0]))
		return false;
	*x = exits[i];
	return true;
}

const char *help_value(enum opt_id id)
{
	return opt_info(id)->kind == OPT_KIND_FLAG ? "" : opt_info(id)->value;
}

void help_overview(struct print *p)
{
	print_fmt(p, STYLE_BOLD, "heatscore");
	print_fmt(p, STYLE_PLAIN, " %s: how likely each lead is to buy, from a CSV export\n",
		HEATSCORE_VERSION);
	print_heading(p, "Commands");
	for (size_t c = 0; c < CMD_COUNT; c++) {
		print_fmt(p, STYLE_PLAIN, "  ");
		print_fmt(p, STYLE_BOLD, "%-12s", cmd_info((enum cmd_id)c)->name);
		print_wrapped(p, 14, 14, cmd_info((enum cmd_id)c)->line);
	}
	print_heading(p, "First steps");
	print_fmt(p, STYLE_PLAIN,
		"  heatscore demo                                 see it work in half a minute\n"
		"  heatscore profile leads.csv                    what is in a file\n"
		"  heatscore train leads.csv --target Converted   learn from it\n"
		"  heatscore score new.csv -o scored.csv          score others\n");
	print_fmt(p, STYLE_PLAIN,
		"\n'heatscore COMMAND --help' shows all about a command, with an example.\n");
}

/* "[default 60; HEATSCORE_BUDGET]" or nothing. */
static void origin(const struct opt_info *o, struct buf *b)
{
	if (o->otherwise != NULL)
		buf_fmt(b, "default %s", o->otherwise);
	if (o->env != NULL)
		buf_fmt(b, "%s%s", b->n > 0 ? "; " : "", o->env);
}

static void one_option(struct print *p, enum opt_id id)
{
	const struct opt_info *o = opt_info(id);
	struct buf text = { 0 }, where = { 0 };
	size_t at;

	if (o->letter != 0)
		buf_fmt(&text, "-%c, ", o->letter);
	else
		buf_z(&text, "    ");
	buf_fmt(&text, "--%s", o->name);
	at = 2 + text.n + 1 + strlen(help_value(id));
	print_fmt(p, STYLE_PLAIN, "  ");
	print_text(p, STYLE_BOLD, buf_view(&text));
	print_fmt(p, STYLE_PLAIN, " %s", help_value(id));
	if (at < 24)
		print_fmt(p, STYLE_PLAIN, "%*s", (int)(26 - at), "");
	else
		print_fmt(p, STYLE_PLAIN, "\n%26s", "");
	origin(o, &where);
	buf_reset(&text);
	buf_z(&text, o->help);
	if (o->kind == OPT_KIND_LIST)
		buf_z(&text, "; may be repeated");
	if (where.n > 0)
		buf_fmt(&text, " [" STR_FMT "]", STR_ARG(buf_view(&where)));
	buf_c(&text, '\0');
	if (!text.failed && !where.failed)
		print_wrapped(p, 26, 26, text.p);
	p->b.failed = p->b.failed || text.failed || where.failed;
	buf_clear(&text);
	buf_clear(&where);
}

static void examples(struct print *p, const char *text)
{
	struct str left = str_of(text), line;

	while (left.n > 0) {
		str_split(left, '\n', &line, &left);
		print_fmt(p, STYLE_PLAIN, "  ");
		print_text(p, str_starts(line, S("#")) ? STYLE_DIM : STYLE_PLAIN, line);
		print_fmt(p, STYLE_PLAIN, "\n");
	}
}

void help_command(struct print *p, enum cmd_id cmd)
{
	const struct cmd_info *c = cmd_info(cmd);
	struct buf usage = { 0 };
	struct help_exit x;

	print_fmt(p, STYLE_BOLD, "heatscore %s", c->name);
	print_fmt(p, STYLE_PLAIN, ": %s\n\n", c->line);
	buf_fmt(&usage, "%s%s[options]", c->operands, *c->operands != '\0' ? " " : "");
	buf_c(&usage, '\0');
	print_fmt(p, STYLE_PLAIN, "  heatscore %s ", c->name);
	if (!usage.failed)
		print_wrapped(p, 13 + strlen(c->name), 13 + strlen(c->name), usage.p);
	p->b.failed = p->b.failed || usage.failed;
	buf_clear(&usage);
	buf_c(&p->b, '\n');
	print_wrapped(p, 0, 0, c->about);
	for (int common = 0; common < 2; common++) {
		bool any = false;

		for (size_t id = 0; id < OPT_COUNT; id++) {
			if (!opt_on((enum opt_id)id, cmd) ||
				(opt_info((enum opt_id)id)->on == OPT_ON_ALL) != (common == 1))
				continue;
			if (!any)
				print_heading(
					p, common == 1 ? "Options of every command" : "Options");
			any = true;
			one_option(p, (enum opt_id)id);
		}
	}
	print_heading(p, "Examples");
	examples(p, c->examples);
	print_heading(p, "Exit codes");
	for (size_t i = 0; help_exit(i, &x); i++)
		print_fmt(p, STYLE_PLAIN, "  %3d  %s\n", x.code, x.means);
}

/* In Markdown tables a bar ends the cell, and angle brackets start HTML. */
static void cell(struct buf *b, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '|' || *text == '<' || *text == '*' || *text == '_')
			buf_c(b, '\\');
		buf_c(b, *text);
	}
}

static void markdown_option(struct buf *b, enum opt_id id)
{
	const struct opt_info *o = opt_info(id);

	buf_z(b, "| ");
	if (o->letter != 0)
		buf_fmt(b, "`-%c`, ", o->letter);
	buf_fmt(b, "`--%s`", o->name);
	if (*help_value(id) != '\0') {
		buf_c(b, ' ');
		cell(b, help_value(id));
	}
	buf_z(b, " | ");
	cell(b, o->help);
	buf_fmt(b, "%s | %s%s%s | %s%s%s |\n", o->kind == OPT_KIND_LIST ? "; may be repeated" : "",
		o->otherwise != NULL ? "`" : "", o->otherwise != NULL ? o->otherwise : "",
		o->otherwise != NULL ? "`" : "", o->env != NULL ? "`" : "",
		o->env != NULL ? o->env : "", o->env != NULL ? "`" : "");
}

static void markdown_table(struct buf *b, enum cmd_id cmd)
{
	bool any = false;

	for (size_t id = 0; id < OPT_COUNT; id++) {
		bool all = opt_info((enum opt_id)id)->on == OPT_ON_ALL;

		if (!opt_on((enum opt_id)id, cmd) || all != (cmd == CMD_COUNT))
			continue;
		if (!any)
			buf_z(b, "\n| option | what it does | default | environment |\n"
				 "| --- | --- | --- | --- |\n");
		any = true;
		markdown_option(b, (enum opt_id)id);
	}
}

void help_markdown(struct buf *b)
{
	struct help_exit x;

	buf_z(b,
		"# Commands and options\n\n"
		"Printed by `heatscore help --markdown` from the table of options; a check keeps "
		"it "
		"current. A value is taken\nfrom the flag, else the environment, else the default. "
		"`--name value` and `--name=value` mean the same; `--` ends\nthe options.\n\n"
		"Options of every command:\n");
	markdown_table(b, CMD_COUNT);
	for (size_t c = 0; c < CMD_COUNT; c++) {
		const struct cmd_info *i = cmd_info((enum cmd_id)c);

		buf_fmt(b, "\n## heatscore %s\n\n%s.\n\n", i->name, i->line);
		buf_fmt(b, "    heatscore %s%s%s\n\n%s\n", i->name, *i->operands != '\0' ? " " : "",
			i->operands, i->about);
		markdown_table(b, (enum cmd_id)c);
		buf_fmt(b, "\n```sh\n%s\n```\n", i->examples);
	}
	buf_z(b, "\n## Exit codes\n\n| code | meaning |\n| --- | --- |\n");
	for (size_t i = 0; help_exit(i, &x); i++)
		buf_fmt(b, "| %d | %s |\n", x.code, x.means);
}
