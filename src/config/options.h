/* SPDX-License-Identifier: Apache-2.0 */
/* options.h: the command line and the environment, as one struct.
 *
 * commands.def and options.def declare each command and option once; the fields below, the parser,
 * --help, the manual pages, the completions and docs/options.md come from them. A value is taken
 * from the flag, else the environment (NAME, or a file that NAME_FILE names), else heatscore.conf,
 * else the default. */
#ifndef CONFIG_OPTIONS_H
#define CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/arena.h"
#include "util/str.h"

struct buf;
struct err;

enum cmd_id {
#define CMD(id, operands, lo, hi, line, about, examples) CMD_##id,
#include "config/commands.def"
#undef CMD
	CMD_COUNT /* also: no command given */
};

struct cmd_info {
	const char *name, *operands;
	size_t min_args, max_args;
	const char *line, *about, *examples;
};
const struct cmd_info *cmd_info(enum cmd_id id);

enum opt_kind {
	OPT_KIND_FLAG,
	OPT_KIND_TEXT,
	OPT_KIND_SECRET, /* as TEXT; never shown again */
	OPT_KIND_PATH,
	OPT_KIND_DIR,
	OPT_KIND_LIST,
	OPT_KIND_INT,
	OPT_KIND_SECONDS,
	OPT_KIND_NUMBER,
	OPT_KIND_FRACTION,
	OPT_KIND_DATE,
	OPT_KIND_RATE,
	OPT_KIND_CHOICE
};

enum opt_id {
#define OPT(id, name, letter, kind, value, on, env, otherwise, lo, hi, help) OPT_##id,
#include "config/options.def"
#undef OPT
	OPT_COUNT
};

struct opt_info {
	const char *name;
	char letter; /* 0: none */
	enum opt_kind kind;
	const char *value; /* what the value is called; the words of a CHOICE */
	uint32_t on;       /* bit per enum cmd_id */
	const char *env, *otherwise;
	double lo, hi;
	const char *help;
};
const struct opt_info *opt_info(enum opt_id id);
bool opt_on(enum opt_id id, enum cmd_id cmd); /* does ${cmd} take it? CMD_COUNT: before any */
#define OPT_ON_ALL UINT32_MAX

enum opt_color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct opt_list {
	struct str *v;
	size_t n;
};

/* What each kind is in struct options. Not given and without a default: NULL, 0, NaN. */
typedef bool opt_FLAG;
typedef const char *opt_TEXT; /* NULL: not given */
typedef const char *opt_SECRET;
typedef const char *opt_PATH;
typedef const char *opt_DIR;
typedef struct opt_list opt_LIST;
typedef int64_t opt_INT;
typedef double opt_SECONDS;
typedef double opt_NUMBER;   /* NaN: not given */
typedef double opt_FRACTION; /* 0 to 1; NaN: not given */
typedef double opt_DATE;     /* days since 1970, UTC; NaN: not given */
typedef double opt_RATE;     /* per day; NaN: not given */
typedef int opt_CHOICE;      /* index of the word */

enum opt_source { OPT_FROM_FLAG, OPT_FROM_ENV, OPT_FROM_FILE_ENV, OPT_FROM_CONF };
/* opt_source_name(o, id): "flag", "env", "file" or "default". opt_show(o, id, b): the value as it
 * would be written; a secret as "(set)"; nothing when there is none. */
struct options;
const char *opt_source_name(const struct options *o, enum opt_id id);
void opt_show(const struct options *o, enum opt_id id, struct buf *b);

struct options {
	enum cmd_id cmd;   /* CMD_COUNT: none given */
	const char **args; /* operands */
	size_t n_args;
	bool given[OPT_COUNT];           /* by whatever, not by default */
	unsigned char source[OPT_COUNT]; /* enum opt_source */
#define OPT(id, name, letter, kind, value, on, env, otherwise, lo, hi, help) opt_##kind id;
#include "config/options.def"
#undef OPT
	struct arena mem; /* owns what the fields point to */
};

/* options_parse(o, argc, argv, e): ${o} is zeroed first; copies what it keeps, and is cleared by
 * options_clear in every case. With --help or --version, operands and values that are missing are
 * fine. ERR_USAGE names the option and the value and what would be right; ERR_CONFIG does so for a
 * value from the environment. */
int options_parse(struct options *o, int argc, const char *const *argv, struct err *e);
void options_clear(struct options *o);

/* options_date(text, day, e): "2026-03-31", with or without "T13:45[:10][Z]", to days since 1970.
 */
int options_date(struct str text, double *day, struct err *e);

/* options_nearest(word, words, n): index of the one meant by a mistyped ${word}, or -1. */
ptrdiff_t options_nearest(struct str word, const char *const *words, size_t n);

#endif
