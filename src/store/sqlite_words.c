/* SPDX-License-Identifier: Apache-2.0 */
/* Which leads have some words, from the full-text index. Every word may go on, so the index must
 * gather what all that begin with it have: long for words that many leads share. So a word with
 * digits, which few have, is looked up alone and the others are looked for in what it finds; and
 * answers are kept for the next page (sqlite_answers.c). */
#include <stdlib.h>
#include <string.h>

#include "store/lead_form_internal.h"
#include "store/sqlite_answers_internal.h"
#include "util/err.h"

enum { FEW = 2000, TELLING = 4 }; /* leads that are read instead; letters of a word that tells */

struct search {
	struct sq_conn *c;
	const struct str *words;
	size_t n;
	uint64_t *bits;
	size_t n_bits;
};

static void set_bit(struct search *x, int64_t slot)
{
	size_t at = (size_t)slot - 1;

	if (at < x->n_bits)
		x->bits[at / 64] |= (uint64_t)1 << at % 64;
}

static void write_match(const struct str *words, size_t n, struct buf *match)
{
	for (size_t i = 0; i < n; i++) {
		buf_z(match, i > 0 ? " \"" : "\"");
		buf_str(match, words[i]); /* letters and digits */
		buf_z(match, "\"*");
	}
}

static sqlite3_stmt *look_up(struct search *x, struct str match, int64_t most, struct err *e)
{
	sqlite3_stmt *st =
		sq_stmt(x->c, "SELECT rowid FROM lead_text WHERE lead_text MATCH ?1 LIMIT ?2", e);

	if (st != NULL) {
		sqlite3_bind_text(st, 1, match.p, (int)match.n, SQLITE_STATIC);
		sqlite3_bind_int64(st, 2, most);
	}
	return st;
}

static int search_all(struct search *x, struct buf *match, struct err *e)
{
	sqlite3_stmt *st;
	int rc;

	buf_reset(match);
	write_match(x->words, x->n, match);
	if (buf_done(match, e) == -1 || (st = look_up(x, buf_view(match), -1, e)) == NULL)
		return -1;
	while ((rc = sq_step(x->c, st, e)) == 1)
		set_bit(x, sqlite3_column_int64(st, 0));
	return rc;
}

/* ---- the word that tells ---- */

static bool has_digit(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= '0' && s.p[i] <= '9')
			return true;
	return false;
}

/* The longest word with a digit; NULL when there is none, or no other word. */
static const struct str *telling(const struct search *x)
{
	const struct str *best = NULL;

	for (size_t i = 0; i < x->n && x->n > 1; i++)
		if (x->words[i].n >= TELLING && has_digit(x->words[i]) &&
			(best == NULL || x->words[i].n > best->n))
			best = &x->words[i];
	return best;
}

/* The leads that have ${word}: how many, FEW + 1 if more; -1. */
static int candidates(struct search *x, const struct str *word, struct buf *match,
	int64_t slots[FEW + 1], struct err *e)
{
	sqlite3_stmt *st;
	int n = 0, rc;

	buf_reset(match);
	write_match(word, 1, match);
	if (buf_done(match, e) == -1 || (st = look_up(x, buf_view(match), FEW + 1, e)) == NULL)
		return -1;
	while ((rc = sq_step(x->c, st, e)) == 1 && n < FEW + 1)
		slots[n++] = sqlite3_column_int64(st, 0);
	sq_reset(st);
	return rc == -1 ? -1 : n;
}

static int check_row(struct search *x, int64_t slot, struct str body, struct buf *text,
	struct buf *fold, struct err *e)
{
	struct lead l;

	if (lead_form_read(body, &l, e) != 0)
		return -1;
	buf_reset(text);
	words_of_lead(&l, text);
	if (words_pass(x->words, x->n, buf_view(text), fold))
		set_bit(x, slot);
	return 0;
}

static int check_one(
	struct search *x, int64_t slot, struct buf *text, struct buf *fold, struct err *e)
{
	sqlite3_stmt *st = sq_stmt(x->c, "SELECT body FROM lead WHERE slot = ?1", e);
	int rc;

	if (st == NULL)
		return -1;
	sqlite3_bind_int64(st, 1, slot);
	if ((rc = sq_step(x->c, st, e)) != 1)
		return rc;
	rc = check_row(x, slot, sq_blob(st, 0), text, fold, e);
	sq_reset(st);
	return rc;
}

/* 1: done; 0: there is no such word, or too many leads have it; -1. */
static int search_few(struct search *x, struct buf *match, struct err *e)
{
	const struct str *word = telling(x);
	int64_t slots[FEW + 1];
	struct buf text = { 0 }, fold = { 0 };
	int n, rc = 0;

	if (word == NULL)
		return 0;
	if ((n = candidates(x, word, match, slots, e)) == -1)
		return -1;
	if (n > FEW)
		return 0;
	for (int i = 0; i < n && rc == 0; i++)
		rc = check_one(x, slots[i], &text, &fold, e);
	if (rc == 0 && (text.failed || fold.failed))
		rc = err_nomem(e);
	buf_clear(&text);
	buf_clear(&fold);
	return rc == -1 ? -1 : 1;
}

/* ---- those that the index has not heard of ---- */

static int search_due(struct search *x, struct err *e)
{
	struct buf text = { 0 }, fold = { 0 };
	struct sq_due due;
	sqlite3_stmt *st;
	int rc;

	if (sq_due_get(x->c, &due, e) != 0)
		return -1;
	if (due.from == due.to)
		return 0;
	st = sq_stmt(x->c, "SELECT slot, body FROM lead WHERE slot >= ?1 AND slot < ?2", e);
	if (st == NULL)
		return -1;
	sqlite3_bind_int64(st, 1, due.from);
	sqlite3_bind_int64(st, 2, due.to);
	while ((rc = sq_step(x->c, st, e)) == 1 && (rc = check_row(x, sqlite3_column_int64(st, 0),
							    sq_blob(st, 1), &text, &fold, e)) == 0)
		;
	sq_reset(st);
	if (rc == 0 && (text.failed || fold.failed))
		rc = err_nomem(e);
	buf_clear(&text);
	buf_clear(&fold);
	return rc;
}

/* ---- all of it ---- */

static int search(struct search *x, struct err *e)
{
	struct buf match = { 0 };
	int rc = search_few(x, &match, e);

	if (rc == 0)
		rc = search_all(x, &match, e);
	buf_clear(&match);
	return rc == -1 ? -1 : search_due(x, e);
}

int sq_words_of(struct sq_scan *x, const struct lead *l, struct err *e)
{
	struct buf text = { 0 }, fold = { 0 };
	int rc;

	words_of_lead(l, &text);
	rc = words_pass(x->asked, x->n_asked, buf_view(&text), &fold);
	if (text.failed || fold.failed)
		rc = err_nomem(e);
	buf_clear(&text);
	buf_clear(&fold);
	return rc;
}

/* From what was found before, and the leads that changed since; 1; 0: all is to be searched; -1. */
static int renew(struct search *x, struct sq_scan *scan, const struct sq_answer *was, struct err *e)
{
	struct buf text = { 0 }, fold = { 0 };
	int64_t *slots;
	size_t n, i;
	int rc = sq_answer_take(was, scan, &slots, &n, e);

	for (i = 0; i < n && rc == 1; i++)
		if (check_one(x, slots[i], &text, &fold, e) == -1)
			rc = -1;
	if (rc == 1 && (text.failed || fold.failed))
		rc = err_nomem(e);
	buf_clear(&text);
	buf_clear(&fold);
	free(slots);
	return rc;
}

int sq_words_find(struct sq_scan *scan, struct err *e)
{
	struct search x = { scan->c, scan->asked, scan->n_asked, scan->may, scan->n_may * 64 };
	struct sq_answers *all = scan->c->strips.cache != NULL ? scan->s->answers : NULL;
	const struct sq_answer *was = NULL;
	struct buf match = { 0 };
	int rc = -1;

	if (all == NULL)
		return search(&x, e);
	write_match(x.words, x.n, &match);
	if (buf_done(&match, e) == -1 || sq_strips_begin(scan->c, e) == -1)
		goto done;
	was = sq_answer_get(all, buf_view(&match));
	rc = was != NULL ? renew(&x, scan, was, e) : 0;
	if (rc == 0)
		rc = search(&x, e);
	if (rc != -1)
		sq_answer_put(all, buf_view(&match), scan, was);
done:
	sq_answer_release(all, was);
	buf_clear(&match);
	return rc == -1 ? -1 : 0;
}
