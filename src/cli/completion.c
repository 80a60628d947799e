/* SPDX-License-Identifier: Apache-2.0 */
/* Completion scripts. Operands named FILE complete to files, others to the words of the synopsis
 * ("bash | zsh | fish"); options to their names, choices to their words, paths to files. */
#include <ctype.h>
#include <string.h>

#include "cli/help.h"

/* A text inside single quotes of a shell; zsh's specs also need [ ] : escaped. */
static void quoted(struct buf *b, const char *text, const char *escape)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'') {
			buf_z(b, "'\\''");
			continue;
		}
		if (strchr(escape, *text) != NULL)
			buf_c(b, '\\');
		buf_c(b, *text);
	}
}

/* The next word in lower case of a synopsis: "show" of "list | show V". False after the last. */
static bool next_word(struct str *left, struct str *word)
{
	while (left->n > 0) {
		str_split(*left, ' ', word, left);
		if (word->n > 1 && islower((unsigned char)word->p[0]))
			return true;
	}
	return false;
}

/* Words for the operand of ${cmd}, blank before each. */
static void operand_words(struct buf *b, enum cmd_id cmd)
{
	struct str left = str_of(cmd_info(cmd)->operands), word;

	if (cmd == CMD_help || cmd == CMD_man)
		for (size_t c = 0; c < CMD_COUNT; c++)
			buf_fmt(b, " %s", cmd_info((enum cmd_id)c)->name);
	while (next_word(&left, &word))
		buf_fmt(b, " " STR_FMT, STR_ARG(word));
}

static bool takes_file(enum cmd_id cmd)
{
	return str_find(str_of(cmd_info(cmd)->operands), S("FILE")) >= 0;
}

static void bash_choices(struct buf *b, const char *words)
{
	for (; *words != '\0'; words++)
		buf_c(b, *words == '|' ? ' ' : *words);
}

/* "--output|-o" as a pattern of case */
static void bash_pattern(struct buf *b, const struct opt_info *o)
{
	buf_fmt(b, "--%s", o->name);
	if (o->letter != 0)
		buf_fmt(b, "|-%c", o->letter);
}

static void bash_values(struct buf *b)
{
	buf_z(b, "	case $prev in\n");
	for (size_t id = 0; id < OPT_COUNT; id++) {
		const struct opt_info *o = opt_info((enum opt_id)id);

		if (o->kind == OPT_KIND_FLAG)
			continue;
		buf_z(b, "	");
		bash_pattern(b, o);
		if (o->kind == OPT_KIND_PATH)
			buf_z(b, ") COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n");
		else if (o->kind == OPT_KIND_DIR)
			buf_z(b, ") COMPREPLY=($(compgen -d -- \"$cur\")); return ;;\n");
		else if (o->kind == OPT_KIND_CHOICE) {
			buf_z(b, ") COMPREPLY=($(compgen -W '");
			bash_choices(b, o->value);
			buf_z(b, "' -- \"$cur\")); return ;;\n");
		} else
			buf_z(b, ") return ;;\n");
	}
	buf_z(b, "	esac\n");
}

void help_bash(struct buf *b)
{
	buf_z(b, "# Completion of heatscore for bash; printed by heatscore completion bash.\n"
		 "_heatscore()\n{\n"
		 "	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
		 "	local cmd='' words='' opts='' files='' i\n"
		 "	COMPREPLY=()\n"
		 "	for ((i = 1; i < COMP_CWORD; i++)); do\n"
		 "		case ${COMP_WORDS[i]} in\n		");
	for (size_t c = 0; c < CMD_COUNT; c++)
		buf_fmt(b, "%s%s", c > 0 ? "|" : "", cmd_info((enum cmd_id)c)->name);
	buf_z(b, ") cmd=${COMP_WORDS[i]}; break ;;\n		esac\n	done\n");
	bash_values(b);
	buf_z(b, "	case $cmd in\n");
	for (size_t c = 0; c <= CMD_COUNT; c++) {
		if (c < CMD_COUNT)
			buf_fmt(b, "	%s) words='", cmd_info((enum cmd_id)c)->name);
		else
			buf_z(b, "	'') words='");
		if (c < CMD_COUNT)
			operand_words(b, (enum cmd_id)c);
		for (size_t k = 0; c == CMD_COUNT && k < CMD_COUNT; k++)
			buf_fmt(b, " %s", cmd_info((enum cmd_id)k)->name);
		buf_z(b, "' opts='");
		for (size_t id = 0; id < OPT_COUNT; id++)
			if (opt_on((enum opt_id)id, (enum cmd_id)c))
				buf_fmt(b, " --%s", opt_info((enum opt_id)id)->name);
		buf_fmt(b, "' files=%s ;;\n",
			c < CMD_COUNT && takes_file((enum cmd_id)c) ? "yes" : "");
	}
	buf_z(b, "	esac\n"
		 "	if [[ $cur == -* ]]; then\n"
		 "		COMPREPLY=($(compgen -W \"$opts\" -- \"$cur\"))\n"
		 "	else\n"
		 "		COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
		 "		[ -z \"$files\" ] || COMPREPLY+=($(compgen -f -- \"$cur\"))\n"
		 "	fi\n"
		 "}\n"
		 "complete -o filenames -o bashdefault -F _heatscore heatscore\n");
}

static void zsh_action(struct buf *b, enum opt_id id)
{
	const struct opt_info *o = opt_info(id);

	if (o->kind == OPT_KIND_FLAG)
		return;
	buf_c(b, ':');
	if (o->kind == OPT_KIND_CHOICE)
		buf_z(b, o->name);
	else
		quoted(b, o->value, "[]:\\");
	if (o->kind == OPT_KIND_PATH)
		buf_z(b, ":_files");
	else if (o->kind == OPT_KIND_DIR)
		buf_z(b, ":_files -/");
	else if (o->kind == OPT_KIND_CHOICE) {
		buf_z(b, ":(");
		bash_choices(b, o->value);
		buf_c(b, ')');
	} else
		buf_z(b, ": ");
}

static void zsh_option(struct buf *b, enum opt_id id)
{
	const struct opt_info *o = opt_info(id);
	bool many = o->kind == OPT_KIND_LIST;

	buf_z(b, "		'");
	if (many)
		buf_c(b, '*');
	else if (o->letter != 0)
		buf_fmt(b, "(-%c --%s)", o->letter, o->name);
	if (o->letter != 0)
		buf_fmt(b, "'{-%c,--%s%s}'", o->letter, o->name,
			o->kind == OPT_KIND_FLAG ? "" : "=");
	else
		buf_fmt(b, "--%s%s", o->name, o->kind == OPT_KIND_FLAG ? "" : "=");
	buf_c(b, '[');
	quoted(b, o->help, "[]:\\");
	buf_c(b, ']');
	zsh_action(b, id);
	buf_z(b, "' \\\n");
}

void help_zsh(struct buf *b)
{
	buf_z(b, "#compdef heatscore\n"
		 "# Completion of heatscore for zsh; printed by heatscore completion zsh.\n"
		 "_heatscore()\n{\n"
		 "	local -a commands\n	local cmd\n	commands=(\n");
	for (size_t c = 0; c < CMD_COUNT; c++) {
		buf_fmt(b, "		'%s:", cmd_info((enum cmd_id)c)->name);
		quoted(b, cmd_info((enum cmd_id)c)->line, "\\");
		buf_z(b, "'\n");
	}
	buf_z(b, "	)\n"
		 "	if (( CURRENT == 2 )); then\n"
		 "		_describe command commands\n"
		 "		[[ $PREFIX != -* ]] || _arguments '--help[Show the commands]' "
		 "'--version[Print the version]'\n"
		 "		return\n"
		 "	fi\n"
		 "	cmd=$words[2]\n"
		 "	shift words\n"
		 "	(( CURRENT-- ))\n"
		 "	case $cmd in\n");
	for (size_t c = 0; c < CMD_COUNT; c++) {
		buf_fmt(b, "	%s)\n		_arguments -s -S \\\n",
			cmd_info((enum cmd_id)c)->name);
		for (size_t id = 0; id < OPT_COUNT; id++)
			if (opt_on((enum opt_id)id, (enum cmd_id)c))
				zsh_option(b, (enum opt_id)id);
		if (takes_file((enum cmd_id)c) && cmd_info((enum cmd_id)c)->max_args == 1)
			buf_z(b, "		'1:file:_files'\n");
		else {
			buf_z(b, "		'1:word:(");
			operand_words(b, (enum cmd_id)c);
			buf_fmt(b, ")' '*: :%s'\n", takes_file((enum cmd_id)c) ? "_files" : " ");
		}
		buf_z(b, "		;;\n");
	}
	buf_z(b, "	esac\n}\n"
		 "if [ \"$funcstack[1]\" = _heatscore ]; then\n"
		 "	_heatscore \"$@\"\n"
		 "else\n"
		 "	compdef _heatscore heatscore\n"
		 "fi\n");
}

static void fish_about(struct buf *b, const char *text)
{
	buf_z(b, " -d '");
	for (; *text != '\0'; text++) {
		if (*text == '\'' || *text == '\\')
			buf_c(b, '\\');
		buf_c(b, *text);
	}
	buf_z(b, "'\n");
}

static void fish_option(struct buf *b, enum opt_id id, enum cmd_id cmd)
{
	const struct opt_info *o = opt_info(id);

	buf_z(b, "complete -c heatscore");
	if (cmd != CMD_COUNT)
		buf_fmt(b, " -n '__fish_seen_subcommand_from %s'", cmd_info(cmd)->name);
	buf_fmt(b, " -l %s", o->name);
	if (o->letter != 0)
		buf_fmt(b, " -s %c", o->letter);
	if (o->kind == OPT_KIND_PATH)
		buf_z(b, " -r -F");
	else if (o->kind == OPT_KIND_DIR)
		buf_z(b, " -x -a '(__fish_complete_directories)'");
	else if (o->kind == OPT_KIND_CHOICE) {
		buf_z(b, " -x -a '");
		bash_choices(b, o->value);
		buf_c(b, '\'');
	} else if (o->kind != OPT_KIND_FLAG)
		buf_z(b, " -x");
	fish_about(b, o->help);
}

void help_fish(struct buf *b)
{
	buf_z(b, "# Completion of heatscore for fish; printed by heatscore completion fish.\n"
		 "complete -c heatscore -f\n");
	for (size_t c = 0; c < CMD_COUNT; c++) {
		const struct cmd_info *i = cmd_info((enum cmd_id)c);
		struct buf words = { 0 };

		buf_fmt(b, "complete -c heatscore -n __fish_use_subcommand -a %s", i->name);
		fish_about(b, i->line);
		operand_words(&words, (enum cmd_id)c);
		if (words.n > 0)
			buf_fmt(b,
				"complete -c heatscore -n '__fish_seen_subcommand_from %s' -a "
				"'" STR_FMT "'\n",
				i->name, STR_ARG(str_sub(buf_view(&words), 1, words.n)));
		b->failed = b->failed || words.failed;
		buf_clear(&words);
		if (takes_file((enum cmd_id)c))
			buf_fmt(b, "complete -c heatscore -n '__fish_seen_subcommand_from %s' -F\n",
				i->name);
		for (size_t id = 0; id < OPT_COUNT; id++)
			if (opt_info((enum opt_id)id)->on != OPT_ON_ALL &&
				opt_on((enum opt_id)id, (enum cmd_id)c))
				fish_option(b, (enum opt_id)id, (enum cmd_id)c);
	}
	for (size_t id = 0; id < OPT_COUNT; id++)
		if (opt_info((enum opt_id)id)->on == OPT_ON_ALL)
			fish_option(b, (enum opt_id)id, CMD_COUNT);
}
