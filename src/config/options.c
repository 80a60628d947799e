/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/options.h"
#include "config/options_internal.h"
#include "config/values_internal.h"
#include "util/buf.h"
#include "util/err.h"

static const struct cmd_info commands[CMD_COUNT] = {
#define CMD(id, operands, lo, hi, line, about, examples) \
	[CMD_##id] = { #id, operands, lo, hi, line, about, examples },
#include "config/commands.def"
#undef CMD
};

#define ON(cmd) ((uint32_t)1 << CMD_##cmd)
#define ON_ALL  OPT_ON_ALL
static const struct opt_info options[OPT_COUNT] = {
#define OPT(id, name, letter, kind, value, on, env, otherwise, lo, hi, help) \
	[OPT_##id] = { name, letter, OPT_KIND_##kind, value, on, env, otherwise, (double)(lo), \
		(double)(hi), help },
#include "config/options.def"
#undef OPT
};

const struct cmd_info *cmd_info(enum cmd_id id)
{
	ASSERT(id < CMD_COUNT);
	return &commands[id];
}

const struct opt_info *opt_info(enum opt_id id)
{
	ASSERT(id < OPT_COUNT);
	return &options[id];
}

bool opt_on(enum opt_id id, enum cmd_id cmd)
{
	if (options[id].on == OPT_ON_ALL)
		return true;
	return cmd != CMD_COUNT && (options[id].on >> cmd & 1) != 0;
}

enum { WORD_MAX = 40 };

/* Edits from ${a} to ${b}: inserted, missing, changed, or two swapped letters. */
static size_t edits(struct str a, struct str b)
{
	size_t d[WORD_MAX + 1][WORD_MAX + 1];

	if (a.n > WORD_MAX || b.n > WORD_MAX)
		return SIZE_MAX;
	for (size_t i = 0; i <= a.n; i++)
		for (size_t j = 0; j <= b.n; j++) {
			size_t best = i + j;

			if (i > 0 && j > 0) {
				best = d[i - 1][j - 1] + (a.p[i - 1] != b.p[j - 1]);
				best = d[i - 1][j] + 1 < best ? d[i - 1][j] + 1 : best;
				best = d[i][j - 1] + 1 < best ? d[i][j - 1] + 1 : best;
			}
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
				a.p[i - 2] == b.p[j - 1] && d[i - 2][j - 2] + 1 < best)
				best = d[i - 2][j - 2] + 1;
			d[i][j] = best;
		}
	return d[a.n][b.n];
}

ptrdiff_t options_nearest(struct str word, const char *const *words, size_t n)
{
	size_t best = SIZE_MAX;
	ptrdiff_t at = -1;

	for (size_t i = 0; i < n; i++) {
		struct str w = str_of(words[i]);
		size_t cost = edits(word, w), most = word.n / 3 > 1 ? word.n / 3 : 1;

		if (word.n >= 3 && str_starts(w, word))
			cost = 1; /* the beginning of a longer word */
		if (cost <= most && cost < best) {
			best = cost;
			at = (ptrdiff_t)i;
		}
	}
	return at;
}

static int unknown_option(const struct options *o, struct str name, struct err *e)
{
	const char *near[OPT_COUNT], *cmd = o->cmd == CMD_COUNT ? "" : commands[o->cmd].name;
	size_t n = 0;
	ptrdiff_t i;

	for (size_t id = 0; id < OPT_COUNT; id++)
		if (o->cmd == CMD_COUNT || opt_on((enum opt_id)id, o->cmd))
			near[n++] = options[id].name;
	if ((i = options_nearest(name, near, n)) >= 0)
		return err_set(e, ERR_USAGE, "there is no option --%.*s; did you mean --%s?",
			(int)(name.n < 80 ? name.n : 80), name.p, near[i]);
	return err_set(e, ERR_USAGE,
		"there is no option --%.*s; 'heatscore %s%s--help' lists those there are",
		(int)(name.n < 80 ? name.n : 80), name.p, cmd, *cmd != '\0' ? " " : "");
}

static int unknown_command(struct str word, struct err *e)
{
	const char *names[CMD_COUNT];
	ptrdiff_t i;

	for (size_t c = 0; c < CMD_COUNT; c++)
		names[c] = commands[c].name;
	if ((i = options_nearest(word, names, CMD_COUNT)) >= 0)
		return err_set(e, ERR_USAGE, "there is no command %.*s; did you mean %s?",
			(int)(word.n < 80 ? word.n : 80), word.p, names[i]);
	if (str_chr(word, '.') >= 0 || str_chr(word, '/') >= 0)
		return err_set(e, ERR_USAGE,
			"a command comes first, as in: heatscore score " STR_FMT, STR_ARG(word));
	return err_set(e, ERR_USAGE,
		"there is no command %.*s; 'heatscore help' lists those there are",
		(int)(word.n < 80 ? word.n : 80), word.p);
}

struct parse {
	struct options *o;
	int argc, at;
	const char *const *argv;
	bool loose; /* --help or --version is there: the rest need not be complete */
};

static int set(struct parse *p, enum opt_id id, struct str text, struct err *e)
{
	if (value_set(p->o, id, text, e) == -1)
		return err_prefix(e, "--%s: ", options[id].name);
	p->o->given[id] = true;
	return 0;
}

/* The value of an option that takes one: attached, else the next argument. A next argument that is
 * itself an option is a forgotten value. */
static int set_valued(
	struct parse *p, enum opt_id id, bool attached, struct str value, struct err *e)
{
	if (!attached) {
		struct str next = p->at < p->argc ? str_of(p->argv[p->at]) : S("");
		bool is_option = false;

		for (size_t k = 0; k < OPT_COUNT && str_starts(next, S("--")); k++)
			is_option = is_option ||
				    str_eq(str_sub(next, 2, next.n), str_of(options[k].name));
		if (p->at >= p->argc || is_option)
			return err_set(e, ERR_USAGE, "--%s needs a value: --%s %s%s%s",
				options[id].name, options[id].name, options[id].value,
				is_option ? "; what follows is the option " : "",
				is_option ? next.p : "");
		value = next;
		p->at++;
	}
	return set(p, id, value, e);
}

static int long_option(struct parse *p, struct str body, struct err *e)
{
	struct str name, value;
	bool attached = str_split(body, '=', &name, &value);
	size_t id = 0;

	while (id < OPT_COUNT && !str_eq(name, str_of(options[id].name)))
		id++;
	if (id == OPT_COUNT)
		return unknown_option(p->o, name, e);
	if (options[id].kind != OPT_KIND_FLAG)
		return set_valued(p, (enum opt_id)id, attached, value, e);
	if (attached)
		return err_set(e, ERR_USAGE, "--%s takes no value", options[id].name);
	return set(p, (enum opt_id)id, S("yes"), e);
}

static int short_options(struct parse *p, struct str letters, struct err *e)
{
	while (letters.n > 0) {
		struct str rest = str_sub(letters, 1, letters.n);
		size_t id = 0;

		while (id < OPT_COUNT && options[id].letter != letters.p[0])
			id++;
		if (id == OPT_COUNT)
			return err_set(e, ERR_USAGE,
				"there is no option -%c; 'heatscore --help' lists those there are",
				letters.p[0] >= ' ' && letters.p[0] < 127 ? letters.p[0] : '?');
		if (options[id].kind != OPT_KIND_FLAG)
			return set_valued(p, (enum opt_id)id, rest.n > 0,
				str_sub(rest, str_starts(rest, S("=")), rest.n), e);
		if (set(p, (enum opt_id)id, S("yes"), e) == -1)
			return -1;
		letters = rest;
	}
	return 0;
}

static int operand(struct parse *p, const char *arg, struct err *e)
{
	struct options *o = p->o;

	if (o->cmd == CMD_COUNT) {
		for (size_t c = 0; c < CMD_COUNT; c++)
			if (strcmp(commands[c].name, arg) == 0)
				o->cmd = (enum cmd_id)c;
		return o->cmd == CMD_COUNT ? unknown_command(str_of(arg), e) : 0;
	}
	if ((o->args[o->n_args] = arena_dup(&o->mem, str_of(arg))) == NULL)
		return err_nomem(e);
	o->n_args++;
	return 0;
}

/* "train, eval and profile" */
static void takers(enum opt_id id, struct buf *b)
{
	size_t left = 0, n = 0;

	for (size_t c = 0; c < CMD_COUNT; c++)
		left += opt_on(id, (enum cmd_id)c);
	for (size_t c = 0; c < CMD_COUNT; c++)
		if (opt_on(id, (enum cmd_id)c)) {
			left--;
			buf_z(b, n++ == 0 ? "" : left == 0 ? " and " : ", ");
			buf_z(b, commands[c].name);
		}
	buf_c(b, '\0');
}

static int check(struct parse *p, struct err *e)
{
	struct options *o = p->o;
	const struct cmd_info *c;

	if (o->cmd == CMD_COUNT || p->loose)
		return 0;
	c = &commands[o->cmd];
	for (size_t id = 0; id < OPT_COUNT; id++)
		if (o->given[id] && !opt_on((enum opt_id)id, o->cmd)) {
			struct buf b = { 0 };

			takers((enum opt_id)id, &b);
			err_set(e, ERR_USAGE, "heatscore %s has no option --%s (it belongs to %s)",
				c->name, options[id].name, b.failed ? "other commands" : b.p);
			buf_clear(&b);
			return -1;
		}
	if (o->n_args < c->min_args)
		return err_set(e, ERR_USAGE, "something is missing: heatscore %s %s", c->name,
			c->operands);
	if (o->n_args > c->max_args)
		return err_set(e, ERR_USAGE, "'%.80s' is one too many: heatscore %s%s%s",
			o->args[c->max_args], c->name, *c->operands != '\0' ? " " : "",
			c->operands);
	return 0;
}

static int defaults(struct options *o, struct err *e)
{
	for (size_t id = 0; id < OPT_COUNT; id++) {
		value_unset(o, (enum opt_id)id);
		if (options[id].otherwise != NULL &&
			value_set(o, (enum opt_id)id, str_of(options[id].otherwise), e) == -1)
			return -1;
	}
	return 0;
}

int options_parse(struct options *o, int argc, const char *const *argv, struct err *e)
{
	struct parse p = { o, argc, 1, argv, false };
	bool operands_only = false;

	memset(o, 0, sizeof(*o));
	o->cmd = CMD_COUNT;
	if ((o->args = arena_array(&o->mem, argc > 0 ? (size_t)argc : 1, sizeof(*o->args))) == NULL)
		return err_nomem(e);
	if (defaults(o, e) == -1)
		return -1;
	while (p.at < argc) {
		struct str arg = str_of(argv[p.at++]);
		int r;

		if (!operands_only && str_eq(arg, S("--"))) {
			operands_only = true;
			continue;
		}
		if (!operands_only && str_starts(arg, S("--")))
			r = long_option(&p, str_sub(arg, 2, arg.n), e);
		else if (!operands_only && arg.n > 1 && arg.p[0] == '-')
			r = short_options(&p, str_sub(arg, 1, arg.n), e);
		else
			r = operand(&p, arg.p, e);
		if (r == -1)
			return -1;
	}
	p.loose = o->help || o->version;
	if (check(&p, e) == -1)
		return -1;
	return options_fill(o, e);
}

void options_clear(struct options *o)
{
	arena_clear(&o->mem);
	memset(o, 0, sizeof(*o));
	o->cmd = CMD_COUNT;
}
