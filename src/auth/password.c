/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/password.h"

#include <string.h>

#include "util/crypto.h"
#include "util/err.h"
#include "util/utf8.h"

/* Bits that a piece costs the one who guesses. */
static const double BITS_WORD = 9, BITS_OWN = 4, BITS_LEET = 1, BITS_STEP = 1, BITS_YEAR = 6;

static const char *const common[] = {
#define W(word) word,
#include "auth/common_words.def"
#undef W
};

static const uint64_t leaked[] = {
#define L(hash) hash,
#include "auth/leaked.def"
#undef L
};

struct cut {
	unsigned char c[PASSWORD_MAX * 4 + 1]; /* lower case */
	unsigned char typed[PASSWORD_MAX * 4 + 1];
	size_t n;
	double best[PASSWORD_MAX * 4 + 1]; /* cheapest way to the first i bytes */
};

static unsigned char lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

/* The letter that ${c} stands for in "p4ssw0rd". */
static unsigned char unleet(unsigned char c)
{
	static const char from[] = "013457@$!|+(", to[] = "oieastasiltc";
	const char *at = c != '\0' ? strchr(from, c) : NULL;

	return at != NULL ? (unsigned char)to[at - from] : c;
}

static double bits_alone(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return 3.3;
	if (c >= 'a' && c <= 'z')
		return 4.7;
	if (c >= 'A' && c <= 'Z')
		return 5.2;
	return c < 0x80 ? 5.5 : 4.5; /* a byte of several */
}

/* Neighbours on a keyboard, in both directions of a row or down a column. */
static bool next_key(unsigned char a, unsigned char b)
{
	static const char *const rows[] = { "1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm",
		"qwertzuiop", "yxcvbnm", "azertyuiop", "1qaz", "2wsx", "3edc", "4rfv", "5tgb",
		"6yhn", "7ujm", "q1", "w2", "e3", "r4", "t5", "y6", "u7", "i8", "o9", "p0" };

	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		const char *at = strchr(rows[r], a);

		if (at != NULL && *at != '\0' && (at[1] == b || (at > rows[r] && at[-1] == b)))
			return true;
	}
	return false;
}

static void offer(struct cut *k, size_t at, double bits)
{
	if (bits < k->best[at])
		k->best[at] = bits;
}

/* How long ${w} matches at ${at}, in leet too: its length or 0. */
static size_t word_at(const struct cut *k, size_t at, struct str w, double *extra)
{
	bool leet = false, upper = false;

	if (w.n == 0 || at + w.n > k->n)
		return 0;
	for (size_t i = 0; i < w.n; i++) {
		unsigned char c = k->c[at + i], want = lower((unsigned char)w.p[i]);

		if (c != want && unleet(c) != want)
			return 0;
		leet = leet || c != want;
		upper = upper || k->typed[at + i] != c;
	}
	*extra = (leet ? BITS_LEET : 0) + (upper ? BITS_LEET : 0);
	return w.n;
}

static void words_at(struct cut *k, size_t at)
{
	double extra;

	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++) {
		size_t n = word_at(k, at, str_of(common[i]), &extra);

		if (n > 0)
			offer(k, at + n, k->best[at] + BITS_WORD + extra);
	}
}

/* The pieces of ${own} between signs, from three characters on. */
static void own_at(struct cut *k, size_t at, struct str own)
{
	size_t from = 0;
	double extra;

	for (size_t i = 0; i <= own.n; i++) {
		unsigned char c = i < own.n ? lower((unsigned char)own.p[i]) : 0;
		bool inside = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80;
		size_t n;

		if (inside)
			continue;
		if (i - from >= 3 && (n = word_at(k, at, str_sub(own, from, i), &extra)) > 0)
			offer(k, at + n, k->best[at] + BITS_OWN + extra);
		from = i + 1;
	}
}

/* "aaaa", "4567", "dcba", "fghjk": every step after the first costs next to nothing. */
static void runs_at(struct cut *k, size_t at)
{
	double bits = k->best[at] + bits_alone(k->c[at]);

	for (size_t i = at + 1; i < k->n; i++) {
		int step = k->c[i] - k->c[i - 1];

		if (step < -1 || step > 1)
			if (!next_key(k->c[i - 1], k->c[i]))
				return;
		offer(k, i + 1, bits += BITS_STEP);
	}
}

/* The same piece as just before, "abcabc" or "abccba". */
static void echoes_at(struct cut *k, size_t at)
{
	for (size_t n = 2; n <= at && at + n <= k->n; n++) {
		bool back = true;

		for (size_t i = 0; i < n && back; i++)
			back = k->c[at + i] == k->c[at - 1 - i];
		if (back || memcmp(k->c + at, k->c + at - n, n) == 0)
			offer(k, at + n, k->best[at] + 2 * BITS_STEP);
	}
}

static void year_at(struct cut *k, size_t at)
{
	if (at + 4 <= k->n &&
		(memcmp(k->c + at, "19", 2) == 0 || memcmp(k->c + at, "20", 2) == 0) &&
		k->c[at + 2] >= '0' && k->c[at + 2] <= '9' && k->c[at + 3] >= '0' &&
		k->c[at + 3] <= '9')
		offer(k, at + 4, k->best[at] + BITS_YEAR);
}

double password_bits(struct str pw, struct str email, struct str name)
{
	struct cut k = { .n = pw.n < PASSWORD_MAX * 4 ? pw.n : PASSWORD_MAX * 4 };
	double bits;

	for (size_t i = 0; i < k.n; i++) {
		k.typed[i] = (unsigned char)pw.p[i];
		k.c[i] = lower(k.typed[i]);
		k.best[i + 1] = 1e9;
	}
	for (size_t i = 0; i < k.n; i++) {
		offer(&k, i + 1, k.best[i] + bits_alone(k.typed[i]));
		words_at(&k, i);
		own_at(&k, i, email);
		own_at(&k, i, name);
		runs_at(&k, i);
		echoes_at(&k, i);
		year_at(&k, i);
	}
	bits = k.best[k.n];
	crypto_wipe(&k, sizeof(k));
	return bits;
}

static size_t characters(struct str s)
{
	size_t n = 0;

	for (; s.n > 0; n++)
		utf8_next(&s);
	return n;
}

static bool is_leaked(struct str pw)
{
	uint8_t hash[CRYPTO_SHA256];
	uint64_t head = 0;

	crypto_sha256(pw, hash);
	for (int i = 0; i < 8; i++)
		head = head << 8 | hash[i];
	for (size_t i = 0; i < sizeof(leaked) / sizeof(leaked[0]); i++)
		if (leaked[i] == head)
			return true;
	return false;
}

int password_check(
	struct str pw, bool second_factor, struct str email, struct str name, struct err *e)
{
	size_t least = second_factor ? PASSWORD_MIN_TOTP : PASSWORD_MIN, n;

	if (!utf8_valid(pw))
		return err_set(e, ERR_INPUT, "the password is not valid text");
	n = characters(pw);
	if (n > PASSWORD_MAX)
		return err_set(
			e, ERR_INPUT, "the password is longer than %d characters", PASSWORD_MAX);
	if (n < least)
		return err_set(e, ERR_INPUT,
			"the password needs %zu characters or more; several unrelated words do "
			"well",
			least);
	if (is_leaked(pw) || password_bits(pw, email, name) < PASSWORD_BITS)
		return err_set(e, ERR_INPUT,
			"this password is among the first that are guessed (common words, names, "
			"rows of "
			"keys); take several unrelated words");
	return 0;
}
