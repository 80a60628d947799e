/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "features/profile_internal.h"

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool letter(char c)
{
	return ((unsigned char)c | 32u) - 'a' < 26u || (unsigned char)c >= 0x80;
}

static bool host(struct str s)
{
	ptrdiff_t dot = -1;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '.')
			dot = (ptrdiff_t)i;
		else if (!letter(s.p[i]) && !digit(s.p[i]) && s.p[i] != '-')
			return false;
	}
	if (dot < 1 || s.n - (size_t)dot < 3)
		return false;
	for (size_t i = (size_t)dot + 1; i < s.n; i++) {
		if (!letter(s.p[i]))
			return false;
	}
	return true;
}

bool look_email(struct str s)
{
	ptrdiff_t at;

	s = str_trim(s);
	if (s.n < 5 || s.n > 320 || (at = str_chr(s, '@')) < 1)
		return false;
	for (size_t i = 0; i < (size_t)at; i++) {
		if (s.p[i] == ' ' || s.p[i] == ',')
			return false;
	}
	return host(str_sub(s, (size_t)at + 1, s.n));
}

bool look_url(struct str s)
{
	struct str head, tail;

	s = str_trim(s);
	if (str_startsi(s, S("http://")) || str_startsi(s, S("https://")))
		return s.n > 10 && str_chr(s, ' ') < 0;
	str_split(s, '/', &head, &tail);
	return head.n > 4 && (str_startsi(s, S("www.")) || str_ends(head, S(".com"))) && host(head);
}

/* 68945456.1 and 13.117.903: an amount, however many figures it has. */
static bool look_amount(struct str s)
{
	size_t dots = 0, run = 0, first = 0;
	bool threes = true;

	if (s.n > 0 && s.p[0] == '-')
		s = str_sub(s, 1, s.n);
	for (size_t i = 0; i < s.n; i++) {
		if (digit(s.p[i])) {
			run++;
			continue;
		}
		if (s.p[i] != '.' || run == 0)
			return false;
		if (dots++ == 0)
			first = run;
		else
			threes &= run == 3;
		run = 0;
	}
	return run > 0 && (dots == 1 || (dots > 1 && threes && run == 3 && first <= 3));
}

/* "2026-01-31", "31.01.2026", "1/31/2026": written as a date, one of that calendar or not. */
static bool date_like(struct str s)
{
	size_t n[3] = { 0 }, part = 0;
	char mark = '\0';

	for (size_t i = 0; i < s.n; i++) {
		if (digit(s.p[i])) {
			n[part]++;
		} else if (s.p[i] == '-' || s.p[i] == '.' || s.p[i] == '/') {
			if ((mark != '\0' && s.p[i] != mark) || ++part > 2)
				return false;
			mark = s.p[i];
		} else {
			return false;
		}
	}
	return part == 2 && n[1] >= 1 && n[1] <= 2 &&
	       ((n[0] == 4 && n[2] >= 1 && n[2] <= 2) || (n[0] >= 1 && n[0] <= 2 && n[2] == 4));
}

bool look_phone(struct str s)
{
	size_t digits = 0, marks = 0;

	s = str_trim(s);
	if (date_like(s))
		return false;
	if (str_startsi(s, S("p:")) || str_startsi(s, S("tel:")))
		s = str_trim(str_sub(s, (size_t)str_chr(s, ':') + 1, s.n));
	if (s.n < 7 || s.n > 30 || look_amount(s))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (digit(s.p[i])) {
			digits++;
		} else if (s.p[i] == 'x' && digits >= 7) {
			break; /* extension */
		} else if (strchr("+-() ./", s.p[i]) == NULL || s.p[i] == '\0') {
			return false;
		} else {
			marks++;
		}
	}
	return digits >= 7 && digits <= 15 && (marks != 0 || digits >= 9);
}

bool look_hash(struct str s)
{
	size_t hex = 0, letters = 0;

	s = str_trim(s);
	if (s.n < 16 || s.n > 64)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i] | 0x20;

		if (c >= 'a' && c <= 'f')
			letters++;
		else if (s.p[i] == '-' && s.n == 36)
			continue;
		else if (!digit(s.p[i]))
			return false;
		hex++;
	}
	return hex >= 16 && letters != 0;
}

/* Two or three words, each with a capital, without digits. */
bool look_person(struct str s)
{
	size_t words = 0;
	bool begin = true;

	s = str_trim(s);
	if (s.n < 4 || s.n > 60)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == ' ') {
			begin = true;
			continue;
		}
		if (begin) {
			if (!(c >= 'A' && c <= 'Z') && (unsigned char)c < 0x80)
				return false;
			words++;
			begin = false;
		} else if (!letter(c) && c != '.' && c != '\'' && c != '-') {
			return false;
		}
	}
	return words == 2 || words == 3;
}

bool look_country(struct str s)
{
	static const char codes[] = " AE AR AT AU BD BE BG BR CA CH CL CN CO CZ DE DK EE EG ES FI "
				    "FR GB GH GR HK HR HU ID IE IL "
				    "IN IT JP KE KR KW LT LU LV MA MX MY NG NL NO NZ PE PH PK PL "
				    "PT QA RO RS RU SA SE SG SI SK "
				    "TH TN TR TW UA UK US UY VE VN ZA ";
	char key[5] = { ' ', 0, 0, ' ', 0 };

	s = str_trim(s);
	if (s.n != 2)
		return false;
	key[1] = s.p[0];
	key[2] = s.p[1];
	return strstr(codes, key) != NULL;
}
