/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <utf8proc.h>

#include "features/headers.h"

static const char *const products[] = {
#define PRODUCT(name) name,
#include "features/crm_headers.def"
#undef PRODUCT
};

struct header {
	const char *key; /* folded, without blanks */
	enum col_role role;
	bool leak;
	int product;
};

static const struct header headers[] = {
#define HEADER(key, role, leak, product) { key, ROLE_##role, leak, product },
#include "features/crm_headers.def"
#undef HEADER
};

static const struct word {
	const char *text;
	enum col_role role;
	bool whole;
} words[] = {
#define IS(text, role)  { text, ROLE_##role, true },
#define HAS(text, role) { text, ROLE_##role, false },
#include "features/header_words.def"
#undef IS
#undef HAS
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool separates(utf8proc_int32_t c)
{
	const uint64_t below = (UINT64_C(2) << ' ') - 1,
		       marks = UINT64_C(1) << '-' | UINT64_C(1) << '.' | UINT64_C(1) << '/' |
			       UINT64_C(1) << '*';

	return c < 64 ? c < 0 || ((below | marks) >> c & 1) != 0 : c == '_' || c == 0xA0;
}

static bool is_accent(utf8proc_int32_t c)
{
	utf8proc_category_t cat = utf8proc_category(c);

	return cat == UTF8PROC_CATEGORY_MN || cat == UTF8PROC_CATEGORY_MC;
}

static struct str squeeze(const utf8proc_int32_t *code, size_t n, char out[HEADER_MAX])
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if (code[i] >= 0x300 && is_accent(code[i]))
			continue;
		if (k + 4 > HEADER_MAX)
			break;
		if (separates(code[i])) {
			if (k != 0 && out[k - 1] != ' ')
				out[k++] = ' ';
			continue;
		}
		k += (size_t)utf8proc_encode_char(code[i], (utf8proc_uint8_t *)out + k);
	}
	while (k != 0 && out[k - 1] == ' ')
		k--;
	return (struct str){ out, k };
}

/* "LeadSource" as "Lead Source": a capital behind a small letter begins a word. */
static struct str part_words(struct str s, char out[HEADER_MAX])
{
	size_t k = 0;

	for (size_t i = 0; i < s.n && k + 2 < HEADER_MAX; i++) {
		bool capital = s.p[i] >= 'A' && s.p[i] <= 'Z';
		bool after_small = i != 0 && s.p[i - 1] >= 'a' && s.p[i - 1] <= 'z';

		if (capital && after_small)
			out[k++] = ' ';
		out[k++] = s.p[i];
	}
	return (struct str){ out, k };
}

/* ASCII in small letters, a blank for what separates. */
static char small[128];

__attribute__((constructor)) static void fold_each(void)
{
	for (int c = 0; c < 128; c++)
		small[c] = (char)(separates(c) ? ' ' : c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static struct str fold_ascii(struct str s, char out[HEADER_MAX])
{
	size_t k = 0;

	for (size_t i = 0; i < s.n && k + 4 <= HEADER_MAX; i++) {
		char c;

		if ((unsigned char)s.p[i] >= 0x80)
			continue;
		c = small[(unsigned char)s.p[i]];
		if (c != ' ' || (k != 0 && out[k - 1] != ' '))
			out[k++] = c;
	}
	while (k != 0 && out[k - 1] == ' ')
		k--;
	return (struct str){ out, k };
}

/* Apart, as its room on the stack has a price. */
static __attribute__((noinline)) struct str fold_unicode(struct str s, char out[HEADER_MAX])
{
	utf8proc_int32_t code[HEADER_MAX * 2];
	const utf8proc_option_t how =
		UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD;
	utf8proc_ssize_t n = utf8proc_decompose(
		(const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)s.n, code, HEADER_MAX * 2, how);

	if (n < 0 || n > HEADER_MAX * 2) /* no UTF-8, or grown: what is ASCII counts */
		return fold_ascii(s, out);
	return squeeze(code, (size_t)n, out);
}

struct str header_fold_text(struct str s, char out[HEADER_MAX])
{
	unsigned char all = 0;

	s = str_sub(str_trim(s), 0, HEADER_MAX);
	for (size_t i = 0; i < s.n; i++)
		all |= (unsigned char)s.p[i];
	return all < 0x80 ? fold_ascii(s, out) : fold_unicode(s, out);
}

struct str header_fold(struct str s, char out[HEADER_MAX])
{
	char parted[HEADER_MAX];

	return header_fold_text(part_words(str_trim(s), parted), out);
}

static struct str without_blanks(struct str folded, char out[HEADER_MAX])
{
	size_t k = 0;

	for (size_t i = 0; i < folded.n; i++) {
		if (folded.p[i] != ' ')
			out[k++] = folded.p[i];
	}
	return (struct str){ out, k };
}

bool header_has(struct str folded, const char *what)
{
	struct str w = str_of(what);

	for (size_t i = 0; i + w.n <= folded.n; i++) {
		if ((i == 0 || folded.p[i - 1] == ' ') &&
			(i + w.n == folded.n || folded.p[i + w.n] == ' ') &&
			memcmp(folded.p + i, w.p, w.n) == 0)
			return true;
	}
	return false;
}

/* ---- whose export ---- */

enum how { EXACT, PREFIX, SUFFIX, FIRST };

static const struct signature {
	const char *product;
	const char *need[2];
	enum how how;
	unsigned others; /* further headers of the product's table that must be there */
} signatures[] = {
	{ "Microsoft Dynamics 365", { "(Do Not Modify) Row Checksum", NULL }, EXACT, 0 },
	{ "Pipedrive", { "Deal - ", NULL }, PREFIX, 0 },
	{ "Pipedrive", { "Person - ", NULL }, PREFIX, 0 },
	{ "Zoho CRM", { "Lead Owner.id", NULL }, EXACT, 0 },
	{ "Salesforce", { "IsConverted", NULL }, EXACT, 0 },
	{ "Salesforce", { "__c", NULL }, SUFFIX, 0 },
	{ "HubSpot", { "Lifecycle Stage", "Record ID" }, EXACT, 0 },
	{ "Close", { "primary_contact_", NULL }, PREFIX, 0 },
	{ "Close", { "custom.", NULL }, PREFIX, 1 },
	{ "Apollo", { "Apollo Contact Id", NULL }, EXACT, 0 },
	{ "Apollo", { "Company Name for Emails", NULL }, EXACT, 0 },
	{ "Meta Lead Ads (Facebook, Instagram)", { "adset_name", "form_id" }, EXACT, 0 },
	{ "Mailchimp", { "MEMBER_RATING", NULL }, EXACT, 0 },
	{ "Typeform", { "Submit Date (UTC)", "#" }, EXACT, 0 },
	{ "LinkedIn", { "Connected On", NULL }, EXACT, 1 },
	{ "Shopify", { "Accepts Email Marketing", NULL }, EXACT, 0 },
	{ "WooCommerce", { "AOV", "Sign Up" }, EXACT, 0 },
	{ "Odoo", { "partner_name", NULL }, EXACT, 1 },
	{ "Odoo", { "Salesperson", NULL }, EXACT, 3 },
	{ "Google Forms", { "Timestamp", NULL }, FIRST, 0 },
};

static bool is_header(struct str name, const char *want)
{
	char a[HEADER_MAX], b[HEADER_MAX], c[HEADER_MAX], d[HEADER_MAX];

	return str_eq(without_blanks(header_fold(name, a), b),
		without_blanks(header_fold(str_of(want), c), d));
}

static bool any_name(const struct str *names, size_t n, const char *want, enum how how)
{
	for (size_t i = 0; i < n && (how != FIRST || i == 0); i++) {
		struct str s = str_trim(names[i]);

		if (how == PREFIX       ? str_startsi(s, str_of(want))
			: how == SUFFIX ? s.n > 3 && str_ends(s, str_of(want))
					: is_header(s, want))
			return true;
	}
	return false;
}

static const struct header *in_table(struct str key, int product)
{
	for (size_t i = 0; i < COUNT(headers); i++) {
		if (headers[i].product == product && str_eq(key, str_of(headers[i].key)))
			return &headers[i];
	}
	return NULL;
}

static unsigned known_names(const struct str *names, size_t n, int product)
{
	char a[HEADER_MAX], b[HEADER_MAX];
	unsigned found = 0;

	for (size_t i = 0; i < n; i++)
		found += in_table(without_blanks(header_fold(names[i], a), b), product) != NULL;
	return found;
}

static int product_index(const char *name)
{
	for (size_t i = 0; i < COUNT(products); i++) {
		if (strcmp(products[i], name) == 0)
			return (int)i;
	}
	return -1;
}

int header_product(const struct str *names, size_t n)
{
	for (size_t i = 0; i < COUNT(signatures); i++) {
		const struct signature *s = &signatures[i];
		int product;

		if (!any_name(names, n, s->need[0], s->how) ||
			(s->need[1] != NULL && !any_name(names, n, s->need[1], s->how)))
			continue;
		product = product_index(s->product);
		if (s->others == 0 || known_names(names, n, product) > s->others)
			return product;
	}
	return -1;
}

int header_product_find(struct str name)
{
	for (int i = 0; i < (int)COUNT(products); i++)
		if (str_eq(name, str_of(products[i])))
			return i;
	return -1;
}

const char *header_product_name(int product)
{
	return product >= 0 && product < (int)COUNT(products) ? products[product] : NULL;
}

/* ---- what a header means ---- */

static const struct header *by_product(struct str name, struct str folded, int product)
{
	static const char *const prefixes[] = { "Leads_", "Deal - ", "Person - ", "Organization - ",
		"Lead - ", "Default Address ", "custom.", "primary_contact_",
		"Contact: ", "Company: " };
	char key[HEADER_MAX], again[HEADER_MAX];
	const struct header *h = in_table(without_blanks(folded, key), product);

	for (size_t i = 0; h == NULL && i < COUNT(prefixes); i++) {
		struct str p = str_of(prefixes[i]);

		if (str_startsi(name, p)) {
			struct str rest = header_fold(str_sub(name, p.n, name.n), again);

			h = in_table(without_blanks(rest, key), product);
		}
	}
	return h;
}

/* Without a known product a header counts when the products that have it agree on its role and it
 * is no single word that means something else elsewhere ("Active", "Orders"). */
static bool by_any_product(struct str folded, struct header_guess *out)
{
	char room[HEADER_MAX];
	struct str key = without_blanks(folded, room);
	const struct header *first = NULL;

	for (size_t i = 0; i < COUNT(headers); i++) {
		if (!str_eq(key, str_of(headers[i].key)))
			continue;
		if (first != NULL && first->role != headers[i].role)
			return false;
		if (first == NULL)
			first = &headers[i];
	}
	if (first == NULL || first->role == ROLE_OUTCOME || first->role == ROLE_IGNORE)
		return false;
	if (first->leak ? str_chr(folded, ' ') < 0 : first->role == ROLE_ATTRIBUTE)
		return false;
	*out = (struct header_guess){ first->role, first->leak, first->product };
	return true;
}

static bool by_words(struct str folded, size_t nth, struct header_guess *out)
{
	enum col_role before[COUNT(words)];
	size_t found = 0;

	for (size_t i = 0; i < COUNT(words); i++) {
		const struct word *w = &words[i];
		size_t k = 0;

		if (w->whole ? !str_eq(folded, str_of(w->text)) : !header_has(folded, w->text))
			continue;
		while (k < found && before[k] != w->role)
			k++;
		if (k < found)
			continue; /* said before */
		if (found == nth) {
			*out = (struct header_guess){ w->role,
				w->role == ROLE_OUTCOME_AT || w->role == ROLE_LOST_REASON, -1 };
			return true;
		}
		before[found++] = w->role;
	}
	return false;
}

bool header_guess(struct str name, int product, size_t nth, struct header_guess *out)
{
	char room[HEADER_MAX];
	struct str folded = header_fold(name, room);
	const struct header *h;

	name = str_trim(name);
	if (product >= 0 && (h = by_product(name, folded, product)) != NULL) {
		if (nth == 0) {
			*out = (struct header_guess){ h->role, h->leak, h->product };
			return true;
		}
		nth--;
	} else if (by_any_product(folded, out)) {
		if (nth == 0)
			return true;
		nth--;
	}
	return by_words(folded, nth, out);
}
