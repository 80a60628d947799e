/* SPDX-License-Identifier: Apache-2.0 */
#include "features/words.h"

#include <string.h>

#include <utf8proc.h>

static bool in_list(struct str folded, const char *const *list)
{
	for (; *list != NULL; list++) {
		if (words_has(folded, *list))
			return true;
	}
	return false;
}

static bool is_one_of(struct str folded, const char *const *list)
{
	for (; *list != NULL; list++) {
		if (str_eq(folded, str_of(*list)))
			return true;
	}
	return false;
}

struct str words_clip(struct str s, size_t max)
{
	if (s.n <= max)
		return s;
	while (max > 0 && ((unsigned char)s.p[max] & 0xc0) == 0x80)
		max--;
	return str_sub(s, 0, max);
}

static size_t put_folded(char *out, size_t n, utf8proc_int32_t c)
{
	utf8proc_category_t cat = utf8proc_category(c);
	bool word = (cat >= UTF8PROC_CATEGORY_LU && cat <= UTF8PROC_CATEGORY_LO) ||
		    (cat >= UTF8PROC_CATEGORY_ND && cat <= UTF8PROC_CATEGORY_NO);
	utf8proc_uint8_t bytes[4];
	utf8proc_ssize_t len;

	if (cat == UTF8PROC_CATEGORY_MN || cat == UTF8PROC_CATEGORY_ME)
		return n;
	if (!word) {
		if (n > 0 && n + 1 < WORDS_MAX && out[n - 1] != ' ')
			out[n++] = ' ';
		return n;
	}
	len = utf8proc_encode_char(c, bytes);
	if (len <= 0 || n + (size_t)len >= WORDS_MAX)
		return n;
	memcpy(out + n, bytes, (size_t)len);
	return n + (size_t)len;
}

/* Whether a word ends between two characters: "lastActivity". */
static bool word_ends(utf8proc_int32_t a, utf8proc_int32_t b)
{
	return utf8proc_category(a) == UTF8PROC_CATEGORY_LL &&
	       utf8proc_category(b) == UTF8PROC_CATEGORY_LU;
}

struct str words_fold(struct str s, char out[WORDS_MAX])
{
	const int options = UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD;
	utf8proc_int32_t last = 0;
	size_t n = 0;

	s = words_clip(s, WORDS_MAX - 1);
	for (size_t i = 0; i < s.n;) {
		utf8proc_int32_t c, parts[20];
		utf8proc_ssize_t used = utf8proc_iterate(
			(const utf8proc_uint8_t *)s.p + i, (utf8proc_ssize_t)(s.n - i), &c);
		utf8proc_ssize_t count;
		int boundary = 0;

		if (used <= 0) {
			n = put_folded(out, n, ' ');
			i++;
			continue;
		}
		if (word_ends(last, c))
			n = put_folded(out, n, ' ');
		count = utf8proc_decompose_char(c, parts, 20, options, &boundary);
		for (utf8proc_ssize_t k = 0; k < count && k < 20; k++)
			n = put_folded(out, n, parts[k]);
		last = c;
		i += (size_t)used;
	}
	while (n > 0 && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
	return (struct str){ out, n };
}

bool words_has(struct str folded, const char *phrase)
{
	struct str want = str_of(phrase);
	size_t from = 0;

	while (from + want.n <= folded.n) {
		ptrdiff_t at = str_find(str_sub(folded, from, folded.n), want);
		size_t i, end;

		if (at < 0)
			return false;
		i = from + (size_t)at;
		end = i + want.n;
		if ((i == 0 || folded.p[i - 1] == ' ') && (end == folded.n || folded.p[end] == ' '))
			return true;
		from = i + 1;
	}
	return false;
}

int words_yesno(struct str s)
{
	static const char *const yes[] = { "1", "yes", "y", "true", "t", "on", "checked", "ja", "j",
		"wahr", "oui", "vrai", "si", "s", "sim", "verdadero", "verdadeiro", "vero", "tak",
		"ano", "igen", "da", "evet", "kylla", NULL };
	static const char *const no[] = { "0", "no", "n", "false", "f", "off", "unchecked", "nein",
		"falsch", "non", "faux", "nao", "falso", "nee", "nej", "nei", "nie", "ne", "nem",
		"nu", "hayir", "ei", NULL };
	char buf[WORDS_MAX];
	struct str w;

	s = str_trim(s);
	if (s.n == 0 || s.n > 16 || s.p[0] == '-')
		return -1;
	w = words_fold(s, buf);
	if (str_eq(w, S("1 0")) || str_eq(w, S("0 0"))) /* "1.0" */
		return w.p[0] == '1';
	return is_one_of(w, yes) ? 1 : is_one_of(w, no) ? 0 : -1;
}

static const char *const negations[] = { "not", "no", "non", "never", "without", "nicht", "kein",
	"keine", "nie", "ohne", "nao", "nunca", "sem", "sin", "pas", "sans", "niet", "geen", "ikke",
	"inte", "nie", NULL };

/* A value of one word, or holding one of these words. */
static const char *const won_words[] = { "won", "closedwon", "win", "converted", "customer",
	"success", "successful", "sold", "paid", "signed", "purchased", "bought", "subscribed",
	"enrolled", "deposited", "accepted", "approved", "positive", "good", "hot", "sale",
	"conversion", "activated", "gewonnen", "konvertiert", "kunde", "verkauft", "erfolgreich",
	"bezahlt", "unterschrieben", "gekauft", "gagne", "gagnee", "converti", "convertie",
	"client", "cliente", "vendu", "signe", "paye", "ganado", "ganada", "convertido",
	"convertida", "vendido", "vendida", "pagado", "firmado", "exito", "ganho", "ganha",
	"comprou", "pago", "assinado", "sucesso", "matriculado", "vinto", "vinta", "convertito",
	"venduto", "firmato", "klant", "verkocht", "geconverteerd", "betaald", "vunnet", "vundet",
	"vunnen", "kund", "wygrana", NULL };
static const char *const lost_words[] = { "lost", "closedlost", "lose", "loss", "rejected",
	"failed", "failure", "unsuccessful", "disqualified", "unqualified", "declined", "refused",
	"dead", "junk", "cold", "bad", "negative", "unconverted", "churned", "churn", "cancelled",
	"canceled", "uninterested", "verloren", "abgelehnt", "disqualifiziert", "storniert",
	"gescheitert", "perdu", "perdue", "refuse", "rejete", "annule", "perdido", "perdida",
	"rechazado", "rechazada", "descartado", "recusado", "perso", "persa", "rifiutato",
	"verlies", "afgewezen", "tapt", "tabt", "forlorad", "przegrana", "spam", NULL };

/* "unqualified" to "qualified": what is left of a word after a prefix that negates it. */
static bool one_word_negates(struct str a, struct str b)
{
	static const char *const prefix[] = { "un", "dis", "non", "not", "in", "de", NULL };

	for (size_t i = 0; prefix[i] != NULL; i++) {
		struct str p = str_of(prefix[i]);

		if (a.n == b.n + p.n && str_starts(a, p) && str_ends(a, b))
			return true;
	}
	return false;
}

/* Ways to come to a lead whose names hold a word that elsewhere tells of an end. */
static const char *const ways[] = { "cold call", "cold calls", "cold calling", "cold caller",
	"cold email", "cold emails", "cold e mail", "cold emailing", "cold mail", "cold mailing",
	"cold outreach", "cold outbound", "cold list", "hot line", "customer referral",
	"customer recommendation", "customer event", "client referral", "lost and found", NULL };

enum words_side words_side(struct str s)
{
	char buf[WORDS_MAX];
	struct str w = words_fold(s, buf);
	bool negated = in_list(w, negations), won = in_list(w, won_words);

	for (size_t i = 0; ways[i] != NULL; i++)
		if (words_has(w, ways[i]))
			return SIDE_NONE;
	if (in_list(w, lost_words))
		return won && !negated ? SIDE_NONE : SIDE_LOST;
	if (won)
		return negated ? SIDE_LOST : SIDE_WON;
	if (words_has(w, "not interested") || words_has(w, "no interest") ||
		words_has(w, "kein interesse") || words_has(w, "pas interesse"))
		return SIDE_LOST;
	for (size_t i = 0; won_words[i] != NULL; i++) {
		if (one_word_negates(w, str_of(won_words[i])))
			return SIDE_LOST;
	}
	return SIDE_NONE;
}

static const char *const ended[] = { "closed", "close", "geschlossen", "abgeschlossen", "ferme",
	"cloture", "cerrado", "fechado", "chiuso", "gesloten", NULL };

bool words_ended(struct str s)
{
	char buf[WORDS_MAX];

	return in_list(words_fold(s, buf), ended);
}

int words_label(struct str s)
{
	static const char *const labels[3][8] = { { "hot", "heiss", "chaud", "caliente", "quente",
							  "caldo", "heet", NULL },
		{ "warm", "tiede", "tibio", "morno", "tiepido", "lauwarm", NULL },
		{ "cold", "kalt", "froid", "frio", "freddo", "koud", NULL } };
	char buf[WORDS_MAX];
	struct str w = words_fold(s, buf);

	for (int k = 0; k < 3; k++) {
		if (is_one_of(w, labels[k]))
			return k;
	}
	return -1;
}

bool words_open(struct str s)
{
	static const char *const phrases[] = { "new", "open", "in progress", "progress", "working",
		"nurture", "nurturing", "contacted", "attempted", "attempting", "attempt",
		"qualified", "pending", "waiting", "hold", "on hold", "scheduled", "assigned",
		"unassigned", "review", "follow up", "followup", "demo", "proposal", "negotiation",
		"negotiating", "quote", "quoted", "trial", "prospect", "mql", "sql", "sal", "lead",
		"callback", "call back", "active", "ongoing", "processing", "uncontacted", "to do",
		"interested", "engaged", "connected", "recycled", "evaluation", "undecided", "neu",
		"offen", "bearbeitung", "kontaktiert", "qualifiziert", "wartend", "ausstehend",
		"laufend", "angebot", "wiedervorlage", "nouveau", "nouvelle", "ouvert", "ouverte",
		"en cours", "contacte", "en attente", "a traiter", "qualifie", "nuevo", "nueva",
		"abierto", "abierta", "en curso", "en proceso", "contactado", "pendiente",
		"calificado", "novo", "nova", "aberto", "aberta", "em andamento", "em aberto",
		"em contato", "contatado", "pendente", "qualificado", "negociacao", "nuovo",
		"nuova", "aperto", "in corso", "contattato", "in attesa", "nieuw", "behandeling",
		"lopend", "gecontacteerd", "otwarty", "nowy", NULL };
	char buf[WORDS_MAX];
	struct str w = words_fold(s, buf);

	if (in_list(w, lost_words) || in_list(w, ended) || in_list(w, won_words))
		return false;
	if (words_has(w, "not contacted") || words_has(w, "no contact yet"))
		return true;
	if (in_list(w, negations))
		return false;
	return in_list(w, phrases);
}

bool words_nothing(struct str s)
{
	static const char *const words[] = { "n a", "na", "nan", "null", "nil", "none", "unknown",
		"undefined", "not set", "not available", "not applicable", "not specified",
		"no value", "blank", "empty", "select", "please select", "k a", "unbekannt",
		"keine angabe", "inconnu", "desconhecido", "desconocido", "sconosciuto", "onbekend",
		NULL };
	char buf[WORDS_MAX];
	struct str w;

	s = str_trim(s);
	if (s.n == 0)
		return true;
	w = words_fold(s, buf);
	return w.n == 0 || is_one_of(w, words);
}
