/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows of a file are won, and which are lost. */
#include <stdlib.h>
#include <string.h>

#include "features/headers.h"
#include "leads/mapping_internal.h"
#include "model/outcome.h"
#include "util/err.h"

static const char *const won_words[] = { "won", "closed won", "deal won", "converted", "customer",
	"client", "existing customer", "evangelist", "sold", "success", "successful", "enrolled",
	"purchased", "signed", "gewonnen", "kunde", "gagne", "ganado", "ganada", "ganho", "vinto",
	"gewonnen deal", NULL };
static const char *const lost_words[] = { "lost", "closed lost", "deal lost", "not converted",
	"closed not converted", "disqualified", "unqualified", "rejected", "dead", "not interested",
	"no longer interested", "junk", "bad lead", "verloren", "perdu", "perdido", "perdida",
	"perso", NULL };
static const char *const plain_won[] = { "1", "yes", "true", "y", "ja", "oui", "si", "sim", NULL };
static const char *const plain_lost[] = { "0", "no", "false", "n", "nein", "non", "nao", NULL };

static bool among(struct str s, const char *const *words)
{
	for (; *words != NULL; words++)
		if (str_eq(s, str_of(*words)))
			return true;
	return false;
}

enum lead_outcome mapping_value_guess(struct str value, bool plain)
{
	char room[HEADER_MAX];
	struct str s = header_fold_text(value, room);

	if (among(s, won_words) || (plain && among(s, plain_won)))
		return LEAD_WON;
	if (among(s, lost_words) || (plain && among(s, plain_lost)))
		return LEAD_LOST;
	return LEAD_OPEN;
}

/* ---- comparing cells ---- */

static int by_hash(const void *a, const void *b)
{
	const struct mapping_word *x = a, *y = b;

	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

static int add_words(
	struct mapping *m, const struct str *values, size_t n, enum lead_outcome is, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		char room[CELL_TEXT_MAX];
		struct mapping_word *w = &m->words[m->n_words];
		struct str text = cell_text(values[i], room);

		if (mapping_text(m, text, &w->text, e) == -1)
			return -1;
		w->hash = str_hash(text, 0);
		w->is = is;
		m->n_words++;
	}
	return 0;
}

int mapping_words(struct mapping *m, struct err *e)
{
	m->n_words = 0;
	if (add_words(m, m->won, m->n_won, LEAD_WON, e) == -1 ||
		add_words(m, m->lost, m->n_lost, LEAD_LOST, e) == -1)
		return -1;
	qsort(m->words, m->n_words, sizeof(*m->words), by_hash);
	return 0;
}

enum lead_outcome mapping_outcome(const struct mapping *m, struct str cell)
{
	char room[CELL_TEXT_MAX];
	struct str text = cell_text(cell, room);
	uint64_t hash = str_hash(text, 0);

	for (size_t i = 0; i < m->n_words && m->words[i].hash <= hash; i++)
		if (m->words[i].hash == hash && str_eq(m->words[i].text, text))
			return m->words[i].is;
	return LEAD_OPEN;
}

/* ---- guessing ---- */

static int add_value(struct mapping *m, struct str value, enum lead_outcome is, struct err *e)
{
	struct str *to = is == LEAD_WON ? m->won : m->lost;
	size_t *n = is == LEAD_WON ? &m->n_won : &m->n_lost;

	if (is == LEAD_OPEN || *n == MAPPING_VALUES)
		return 0;
	return mapping_text(m, value, &to[(*n)++], e);
}

/* The live model says which values are which. */
static int by_model(
	struct mapping *m, const struct profile *p, const struct outcome_rule *like, struct err *e)
{
	ptrdiff_t c = profile_find(p, outcome_column(like));

	if (c < 0 || outcome_classes(like) != 2)
		return 0;
	for (size_t i = 0; i < p->cols[c].n_top; i++) {
		struct str value = p->cols[c].top[i].text;
		int8_t label = outcome_label(like, value);

		if (add_value(m, value,
			    label == OUTCOME_WON    ? LEAD_WON
			    : label == OUTCOME_LOST ? LEAD_LOST
						    : LEAD_OPEN,
			    e) == -1)
			return -1;
	}
	if (m->n_won + m->n_lost == 0)
		return 0;
	m->outcome = c;
	return 1;
}

/* What tables made for learning call the column to be learned. */
static bool named_target(struct str name)
{
	static const char *const names[] = { "y", "target", "label", "response", "outcome",
		"conversion", "label conversion", "is converted", "has converted", NULL };
	char room[HEADER_MAX];

	return among(header_fold(name, room), names);
}

/* 0: it is no outcome column, 1: it is; its values are taken. */
static int by_values(struct mapping *m, const struct profile *p, size_t col, struct err *e)
{
	const struct column *c = &p->cols[col];
	bool plain = c->role == ROLE_OUTCOME || named_target(c->name), won = false, lost = false;

	if (c->n_top == 0 || c->n_top == PROFILE_TOP)
		return 0;
	for (size_t i = 0; i < c->n_top; i++) {
		enum lead_outcome is = mapping_value_guess(c->top[i].text, plain);

		won |= is == LEAD_WON;
		lost |= is == LEAD_LOST;
	}
	/* A column that is not about the outcome by its name must know both ends: one with a
	 * "success" among other words may be about something else ("poutcome"). */
	if (!won || (!lost && c->role == ROLE_ATTRIBUTE))
		return 0;
	for (size_t i = 0; i < c->n_top; i++)
		if (add_value(m, c->top[i].text, mapping_value_guess(c->top[i].text, plain), e) ==
			-1)
			return -1;
	m->outcome = (ptrdiff_t)col;
	return 1;
}

static bool is_candidate(const struct column *c, int round)
{
	switch (round) {
	case 0:
		return c->role == ROLE_OUTCOME;
	case 1:
		return c->role == ROLE_STATUS || c->role == ROLE_STAGE;
	case 2:
		return c->role == ROLE_ATTRIBUTE && named_target(c->name);
	default:
		return c->kind == KIND_CATEGORY && c->role == ROLE_ATTRIBUTE;
	}
}

int mapping_guess_outcome(
	struct mapping *m, const struct profile *p, const struct outcome_rule *like, struct err *e)
{
	int found = like != NULL ? by_model(m, p, like, e) : 0;

	for (int round = 0; round < 4 && found == 0; round++)
		for (size_t i = 0; i < p->n && found == 0; i++)
			if (is_candidate(&p->cols[i], round))
				found = by_values(m, p, i, e);
	if (found == -1)
		return -1;
	return mapping_words(m, e);
}
