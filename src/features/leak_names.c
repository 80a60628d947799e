/* SPDX-License-Identifier: Apache-2.0 */
#include "features/leak_names.h"

#include "features/words.h"

struct phrase {
	const char *words;
	enum name_hint hint;
	char kind; /* s score, a state at export, 0 else */
	const char *why;
};

#define AT_END  "written when the deal ends"
#define PAID    "exists once a lead has bought"
#define WORKED  "written by the people who work the lead"
#define CALLED  "known only after the call"
#define GRADED  "a grade given by a person or another tool"
#define EXPORT  "the state when the file was exported, after the lead was worked"
#define RELATED "named like the outcome"

/* Words as words_fold leaves them: small letters, no accents. More telling ones first. */
static const struct phrase phrases[] = {
	{ "lost reason", HINT_STRONG, 0, AT_END },
	{ "loss reason", HINT_STRONG, 0, AT_END },
	{ "reason lost", HINT_STRONG, 0, AT_END },
	{ "reason for loss", HINT_STRONG, 0, AT_END },
	{ "closed reason", HINT_STRONG, 0, AT_END },
	{ "close reason", HINT_STRONG, 0, AT_END },
	{ "won reason", HINT_STRONG, 0, AT_END },
	{ "win reason", HINT_STRONG, 0, AT_END },
	{ "disqualification reason", HINT_STRONG, 0, AT_END },
	{ "rejection reason", HINT_STRONG, 0, AT_END },
	{ "reject reason", HINT_STRONG, 0, AT_END },
	{ "cancellation reason", HINT_STRONG, 0, AT_END },
	{ "unsubscribe reason", HINT_STRONG, 0, AT_END },
	{ "churn reason", HINT_STRONG, 0, AT_END },
	{ "verlustgrund", HINT_STRONG, 0, AT_END },
	{ "absagegrund", HINT_STRONG, 0, AT_END },
	{ "kundigungsgrund", HINT_STRONG, 0, AT_END },
	{ "motivo da perda", HINT_STRONG, 0, AT_END },
	{ "motivo de perda", HINT_STRONG, 0, AT_END },
	{ "motivo de perdida", HINT_STRONG, 0, AT_END },
	{ "motivo perdita", HINT_STRONG, 0, AT_END },
	{ "raison de perte", HINT_STRONG, 0, AT_END },
	{ "motif de perte", HINT_STRONG, 0, AT_END },
	{ "motif perte", HINT_STRONG, 0, AT_END },
	{ "close date", HINT_STRONG, 0, AT_END },
	{ "closed date", HINT_STRONG, 0, AT_END },
	{ "closing date", HINT_STRONG, 0, AT_END },
	{ "date closed", HINT_STRONG, 0, AT_END },
	{ "closed at", HINT_STRONG, 0, AT_END },
	{ "closed on", HINT_STRONG, 0, AT_END },
	{ "closed by", HINT_STRONG, 0, AT_END },
	{ "close time", HINT_STRONG, 0, AT_END },
	{ "days to close", HINT_STRONG, 0, AT_END },
	{ "won date", HINT_STRONG, 0, AT_END },
	{ "won at", HINT_STRONG, 0, AT_END },
	{ "won time", HINT_STRONG, 0, AT_END },
	{ "date won", HINT_STRONG, 0, AT_END },
	{ "lost date", HINT_STRONG, 0, AT_END },
	{ "lost at", HINT_STRONG, 0, AT_END },
	{ "lost time", HINT_STRONG, 0, AT_END },
	{ "date lost", HINT_STRONG, 0, AT_END },
	{ "conversion date", HINT_STRONG, 0, AT_END },
	{ "conversion time", HINT_STRONG, 0, AT_END },
	{ "converted date", HINT_STRONG, 0, AT_END },
	{ "converted at", HINT_STRONG, 0, AT_END },
	{ "converted on", HINT_STRONG, 0, AT_END },
	{ "converted account", HINT_STRONG, 0, AT_END },
	{ "converted contact", HINT_STRONG, 0, AT_END },
	{ "converted opportunity", HINT_STRONG, 0, AT_END },
	{ "time to convert", HINT_STRONG, 0, AT_END },
	{ "days to convert", HINT_STRONG, 0, AT_END },
	{ "is won", HINT_STRONG, 0, AT_END },
	{ "is lost", HINT_STRONG, 0, AT_END },
	{ "is closed", HINT_STRONG, 0, AT_END },
	{ "is converted", HINT_STRONG, 0, AT_END },
	{ "closed won", HINT_STRONG, 0, AT_END },
	{ "closed lost", HINT_STRONG, 0, AT_END },
	{ "abschlussdatum", HINT_STRONG, 0, AT_END },
	{ "abgeschlossen am", HINT_STRONG, 0, AT_END },
	{ "gewonnen am", HINT_STRONG, 0, AT_END },
	{ "verloren am", HINT_STRONG, 0, AT_END },
	{ "konvertiert am", HINT_STRONG, 0, AT_END },
	{ "vertragsdatum", HINT_STRONG, 0, AT_END },
	{ "data de fechamento", HINT_STRONG, 0, AT_END },
	{ "data fechamento", HINT_STRONG, 0, AT_END },
	{ "data do fechamento", HINT_STRONG, 0, AT_END },
	{ "data de conversao", HINT_STRONG, 0, AT_END },
	{ "fecha de cierre", HINT_STRONG, 0, AT_END },
	{ "fecha cierre", HINT_STRONG, 0, AT_END },
	{ "fecha de conversion", HINT_STRONG, 0, AT_END },
	{ "date de cloture", HINT_STRONG, 0, AT_END },
	{ "date de signature", HINT_STRONG, 0, AT_END },
	{ "date de conversion", HINT_STRONG, 0, AT_END },
	{ "data di chiusura", HINT_STRONG, 0, AT_END },
	{ "data chiusura", HINT_STRONG, 0, AT_END },
	{ "contract signed", HINT_STRONG, 0, PAID },
	{ "signed contract", HINT_STRONG, 0, PAID },
	{ "contract date", HINT_STRONG, 0, PAID },
	{ "contract number", HINT_STRONG, 0, PAID },
	{ "contract id", HINT_STRONG, 0, PAID },
	{ "contract value", HINT_STRONG, 0, PAID },
	{ "contract start", HINT_STRONG, 0, PAID },
	{ "signed at", HINT_STRONG, 0, PAID },
	{ "signed on", HINT_STRONG, 0, PAID },
	{ "signature date", HINT_STRONG, 0, PAID },
	{ "vertrag", HINT_MEDIUM, 0, PAID },
	{ "vertragsnummer", HINT_STRONG, 0, PAID },
	{ "vertragswert", HINT_STRONG, 0, PAID },
	{ "vertragsbeginn", HINT_STRONG, 0, PAID },
	{ "rechnungsbetrag", HINT_STRONG, 0, PAID },
	{ "rechnungsdatum", HINT_STRONG, 0, PAID },
	{ "kundennummer", HINT_MEDIUM, 0, PAID },
	{ "leadstatus", HINT_MEDIUM, 0, WORKED },
	{ "leadscore", HINT_MEDIUM, 's', GRADED },
	{ "contrato", HINT_MEDIUM, 0, PAID },
	{ "contrat", HINT_MEDIUM, 0, PAID },
	{ "invoice", HINT_STRONG, 0, PAID },
	{ "rechnung", HINT_STRONG, 0, PAID },
	{ "rechnungsnummer", HINT_STRONG, 0, PAID },
	{ "fatura", HINT_STRONG, 0, PAID },
	{ "factura", HINT_STRONG, 0, PAID },
	{ "facture", HINT_STRONG, 0, PAID },
	{ "fattura", HINT_STRONG, 0, PAID },
	{ "factuur", HINT_STRONG, 0, PAID },
	{ "deal value", HINT_STRONG, 0, PAID },
	{ "deal amount", HINT_STRONG, 0, PAID },
	{ "deal size", HINT_STRONG, 0, PAID },
	{ "closed amount", HINT_STRONG, 0, PAID },
	{ "final price", HINT_STRONG, 0, PAID },
	{ "amount paid", HINT_STRONG, 0, PAID },
	{ "paid amount", HINT_STRONG, 0, PAID },
	{ "payment", HINT_MEDIUM, 0, PAID },
	{ "paid", HINT_MEDIUM, 0, PAID },
	{ "refund", HINT_MEDIUM, 0, PAID },
	{ "onboarding", HINT_STRONG, 0, PAID },
	{ "kickoff", HINT_MEDIUM, 0, PAID },
	{ "zahlung", HINT_MEDIUM, 0, PAID },
	{ "zahlungseingang", HINT_STRONG, 0, PAID },
	{ "bezahlt", HINT_MEDIUM, 0, PAID },
	{ "auftragswert", HINT_STRONG, 0, PAID },
	{ "auftragsnummer", HINT_STRONG, 0, PAID },
	{ "pagamento", HINT_MEDIUM, 0, PAID },
	{ "valor do negocio", HINT_STRONG, 0, PAID },
	{ "valor da negociacao", HINT_STRONG, 0, PAID },
	{ "valor fechado", HINT_STRONG, 0, PAID },
	{ "pago", HINT_MEDIUM, 0, PAID },
	{ "paiement", HINT_MEDIUM, 0, PAID },
	{ "order id", HINT_STRONG, 0, PAID },
	{ "order number", HINT_STRONG, 0, PAID },
	{ "opportunity id", HINT_STRONG, 0, PAID },
	{ "opportunity name", HINT_MEDIUM, 0, PAID },
	{ "customer id", HINT_MEDIUM, 0, PAID },
	{ "customer since", HINT_STRONG, 0, PAID },
	{ "account id", HINT_MEDIUM, 0, PAID },
	{ "call duration", HINT_STRONG, 0, CALLED },
	{ "duration of call", HINT_STRONG, 0, CALLED },
	{ "talk time", HINT_STRONG, 0, CALLED },
	{ "talk duration", HINT_STRONG, 0, CALLED },
	{ "call length", HINT_STRONG, 0, CALLED },
	{ "call seconds", HINT_STRONG, 0, CALLED },
	{ "call minutes", HINT_STRONG, 0, CALLED },
	{ "contact duration", HINT_STRONG, 0, CALLED },
	{ "last contact duration", HINT_STRONG, 0, CALLED },
	{ "call end", HINT_MEDIUM, 0, CALLED },
	{ "anrufdauer", HINT_STRONG, 0, CALLED },
	{ "gesprachsdauer", HINT_STRONG, 0, CALLED },
	{ "duracao da chamada", HINT_STRONG, 0, CALLED },
	{ "duracao da ligacao", HINT_STRONG, 0, CALLED },
	{ "duracion de la llamada", HINT_STRONG, 0, CALLED },
	{ "duree de l appel", HINT_STRONG, 0, CALLED },
	{ "duree d appel", HINT_STRONG, 0, CALLED },
	{ "duree appel", HINT_STRONG, 0, CALLED },
	{ "durata chiamata", HINT_STRONG, 0, CALLED },
	{ "durata della chiamata", HINT_STRONG, 0, CALLED },
	{ "call outcome", HINT_STRONG, 0, CALLED },
	{ "call result", HINT_STRONG, 0, CALLED },
	{ "call status", HINT_MEDIUM, 0, CALLED },
	{ "call disposition", HINT_STRONG, 0, CALLED },
	{ "meeting outcome", HINT_STRONG, 0, CALLED },
	{ "contact outcome", HINT_STRONG, 0, CALLED },
	{ "contact result", HINT_STRONG, 0, CALLED },
	{ "final outcome", HINT_STRONG, 0, AT_END },
	{ "final result", HINT_STRONG, 0, AT_END },
	{ "final status", HINT_STRONG, 0, AT_END },
	{ "disposition", HINT_MEDIUM, 0, CALLED },
	{ "gesprachsergebnis", HINT_STRONG, 0, CALLED },
	{ "ergebnis", HINT_MEDIUM, 0, AT_END },
	{ "outcome", HINT_MEDIUM, 0, AT_END },
	{ "resultado", HINT_MEDIUM, 0, AT_END },
	{ "resultat", HINT_MEDIUM, 0, AT_END },
	{ "risultato", HINT_MEDIUM, 0, AT_END },
	{ "desfecho", HINT_MEDIUM, 0, AT_END },
	{ "lead quality", HINT_MEDIUM, 's', GRADED },
	{ "lead profile", HINT_MEDIUM, 's', GRADED },
	{ "customer profile", HINT_MEDIUM, 's', GRADED },
	{ "lead grade", HINT_MEDIUM, 's', GRADED },
	{ "lead level", HINT_MEDIUM, 's', GRADED },
	{ "lead score", HINT_MEDIUM, 's', GRADED },
	{ "lead rating", HINT_MEDIUM, 's', GRADED },
	{ "lead class", HINT_MEDIUM, 's', GRADED },
	{ "lead temperature", HINT_MEDIUM, 's', GRADED },
	{ "lead rank", HINT_MEDIUM, 's', GRADED },
	{ "lead priority", HINT_WEAK, 's', GRADED },
	{ "predictive score", HINT_MEDIUM, 's', GRADED },
	{ "predicted", HINT_MEDIUM, 's', GRADED },
	{ "prediction", HINT_MEDIUM, 's', GRADED },
	{ "propensity", HINT_MEDIUM, 's', GRADED },
	{ "likelihood", HINT_MEDIUM, 's', GRADED },
	{ "probability", HINT_MEDIUM, 's', GRADED },
	{ "win probability", HINT_STRONG, 's', GRADED },
	{ "closing probability", HINT_STRONG, 's', GRADED },
	{ "forecast", HINT_MEDIUM, 's', GRADED },
	{ "abschlusswahrscheinlichkeit", HINT_STRONG, 's', GRADED },
	{ "wahrscheinlichkeit", HINT_MEDIUM, 's', GRADED },
	{ "probabilidade", HINT_MEDIUM, 's', GRADED },
	{ "probabilidad", HINT_MEDIUM, 's', GRADED },
	{ "probabilite", HINT_MEDIUM, 's', GRADED },
	{ "qualidade do lead", HINT_MEDIUM, 's', GRADED },
	{ "calidad del lead", HINT_MEDIUM, 's', GRADED },
	{ "qualite du lead", HINT_MEDIUM, 's', GRADED },
	{ "leadqualitat", HINT_MEDIUM, 's', GRADED },
	{ "leadbewertung", HINT_MEDIUM, 's', GRADED },
	{ "rating", HINT_WEAK, 's', GRADED },
	{ "grade", HINT_WEAK, 's', GRADED },
	{ "score", HINT_WEAK, 's', GRADED },
	{ "bewertung", HINT_WEAK, 's', GRADED },
	{ "pontuacao", HINT_WEAK, 's', GRADED },
	{ "puntuacion", HINT_WEAK, 's', GRADED },
	{ "quality", HINT_WEAK, 's', GRADED },
	{ "priority", HINT_WEAK, 's', GRADED },
	{ "temperature", HINT_WEAK, 's', GRADED },
	{ "label", HINT_WEAK, 's', GRADED },
	{ "last activity", HINT_MEDIUM, 'a', EXPORT },
	{ "last notable activity", HINT_MEDIUM, 'a', EXPORT },
	{ "notable activity", HINT_MEDIUM, 'a', EXPORT },
	{ "notable action", HINT_MEDIUM, 'a', EXPORT },
	{ "latest activity", HINT_MEDIUM, 'a', EXPORT },
	{ "recent activity", HINT_MEDIUM, 'a', EXPORT },
	{ "last action", HINT_MEDIUM, 'a', EXPORT },
	{ "latest action", HINT_MEDIUM, 'a', EXPORT },
	{ "last event", HINT_MEDIUM, 'a', EXPORT },
	{ "last interaction", HINT_MEDIUM, 'a', EXPORT },
	{ "last engagement", HINT_MEDIUM, 'a', EXPORT },
	{ "last call", HINT_MEDIUM, 'a', CALLED },
	{ "last modified", HINT_MEDIUM, 'a', EXPORT },
	{ "modified", HINT_MEDIUM, 'a', EXPORT },
	{ "last updated", HINT_MEDIUM, 'a', EXPORT },
	{ "updated", HINT_MEDIUM, 'a', EXPORT },
	{ "update time", HINT_MEDIUM, 'a', EXPORT },
	{ "aktualisiert", HINT_MEDIUM, 'a', EXPORT },
	{ "atualizado", HINT_MEDIUM, 'a', EXPORT },
	{ "actualizado", HINT_MEDIUM, 'a', EXPORT },
	{ "aggiornato", HINT_MEDIUM, 'a', EXPORT },
	{ "mis a jour", HINT_MEDIUM, 'a', EXPORT },
	{ "letzte aktivitat", HINT_MEDIUM, 'a', EXPORT },
	{ "letzte anderung", HINT_MEDIUM, 'a', EXPORT },
	{ "geandert am", HINT_MEDIUM, 'a', EXPORT },
	{ "ultima atividade", HINT_MEDIUM, 'a', EXPORT },
	{ "ultima actividad", HINT_MEDIUM, 'a', EXPORT },
	{ "ultima attivita", HINT_MEDIUM, 'a', EXPORT },
	{ "derniere activite", HINT_MEDIUM, 'a', EXPORT },
	{ "laatste activiteit", HINT_MEDIUM, 'a', EXPORT },
	{ "ultima interacao", HINT_MEDIUM, 'a', EXPORT },
	{ "tags", HINT_MEDIUM, 0, WORKED },
	{ "tag", HINT_MEDIUM, 0, WORKED },
	{ "schlagworte", HINT_MEDIUM, 0, WORKED },
	{ "etiquetas", HINT_MEDIUM, 0, WORKED },
	{ "marcadores", HINT_MEDIUM, 0, WORKED },
	{ "etiquettes", HINT_MEDIUM, 0, WORKED },
	{ "lead status", HINT_MEDIUM, 0, WORKED },
	{ "lead stage", HINT_MEDIUM, 0, WORKED },
	{ "deal stage", HINT_MEDIUM, 0, WORKED },
	{ "deal status", HINT_MEDIUM, 0, WORKED },
	{ "sales stage", HINT_MEDIUM, 0, WORKED },
	{ "sales status", HINT_MEDIUM, 0, WORKED },
	{ "pipeline stage", HINT_MEDIUM, 0, WORKED },
	{ "funnel stage", HINT_MEDIUM, 0, WORKED },
	{ "lifecycle stage", HINT_MEDIUM, 0, WORKED },
	{ "status reason", HINT_MEDIUM, 0, WORKED },
	{ "current status", HINT_MEDIUM, 0, WORKED },
	{ "current stage", HINT_MEDIUM, 0, WORKED },
	{ "etapa", HINT_MEDIUM, 0, WORKED },
	{ "verkaufsphase", HINT_MEDIUM, 0, WORKED },
	{ "phase", HINT_WEAK, 0, WORKED },
	{ "etape", HINT_WEAK, 0, WORKED },
	{ "fase", HINT_WEAK, 0, WORKED },
	{ "next step", HINT_MEDIUM, 0, WORKED },
	{ "next steps", HINT_MEDIUM, 0, WORKED },
	{ "next action", HINT_MEDIUM, 0, WORKED },
	{ "next activity", HINT_MEDIUM, 0, WORKED },
	{ "nachster schritt", HINT_MEDIUM, 0, WORKED },
	{ "proximo passo", HINT_MEDIUM, 0, WORKED },
	{ "proximo paso", HINT_MEDIUM, 0, WORKED },
	{ "prochaine etape", HINT_MEDIUM, 0, WORKED },
	{ "follow up", HINT_MEDIUM, 0, WORKED },
	{ "followup", HINT_MEDIUM, 0, WORKED },
	{ "wiedervorlage", HINT_MEDIUM, 0, WORKED },
	{ "feedback", HINT_MEDIUM, 0, WORKED },
	{ "remarks", HINT_MEDIUM, 0, WORKED },
	{ "remark", HINT_MEDIUM, 0, WORKED },
	{ "sales notes", HINT_MEDIUM, 0, WORKED },
	{ "call notes", HINT_MEDIUM, 0, WORKED },
	{ "observacoes", HINT_MEDIUM, 0, WORKED },
	{ "observaciones", HINT_MEDIUM, 0, WORKED },
	{ "bemerkung", HINT_MEDIUM, 0, WORKED },
	{ "bemerkungen", HINT_MEDIUM, 0, WORKED },
	{ "remarques", HINT_MEDIUM, 0, WORKED },
	{ "notes", HINT_WEAK, 0, WORKED },
	{ "comments", HINT_WEAK, 0, WORKED },
	{ "comment", HINT_WEAK, 0, WORKED },
	{ "proposal", HINT_MEDIUM, 0, WORKED },
	{ "quote sent", HINT_MEDIUM, 0, WORKED },
	{ "cancellation", HINT_MEDIUM, 0, AT_END },
	{ "kundigung", HINT_MEDIUM, 0, AT_END },
	{ "won", HINT_MEDIUM, 0, AT_END },
	{ "lost", HINT_MEDIUM, 0, AT_END },
	{ "converted", HINT_MEDIUM, 0, AT_END },
	{ "conversion", HINT_WEAK, 0, AT_END },
	{ "closed", HINT_MEDIUM, 0, AT_END },
	{ "gewonnen", HINT_MEDIUM, 0, AT_END },
	{ "verloren", HINT_MEDIUM, 0, AT_END },
	{ "abschluss", HINT_MEDIUM, 0, AT_END },
	{ "fechado", HINT_MEDIUM, 0, AT_END },
	{ "fechamento", HINT_MEDIUM, 0, AT_END },
	{ "ganho", HINT_MEDIUM, 0, AT_END },
	{ "perdido", HINT_MEDIUM, 0, AT_END },
	{ "ganado", HINT_MEDIUM, 0, AT_END },
	{ "cerrado", HINT_MEDIUM, 0, AT_END },
	{ "cloture", HINT_MEDIUM, 0, AT_END },
	{ "signed", HINT_MEDIUM, 0, PAID },
	{ "contract", HINT_WEAK, 0, PAID },
	{ "duration", HINT_WEAK, 0, CALLED },
	{ "dauer", HINT_WEAK, 0, CALLED },
	{ "duracao", HINT_WEAK, 0, CALLED },
	{ "duracion", HINT_WEAK, 0, CALLED },
	{ "duree", HINT_WEAK, 0, CALLED },
	{ "durata", HINT_WEAK, 0, CALLED },
	{ "status", HINT_WEAK, 0, WORKED },
	{ "stage", HINT_WEAK, 0, WORKED },
	{ "situacao", HINT_WEAK, 0, WORKED },
	{ "estado", HINT_WEAK, 0, WORKED },
	{ "statut", HINT_WEAK, 0, WORKED },
	{ "reason", HINT_WEAK, 0, WORKED },
	{ "grund", HINT_WEAK, 0, WORKED },
	{ "motivo", HINT_WEAK, 0, WORKED },
	{ "result", HINT_WEAK, 0, AT_END },
	{ "response", HINT_WEAK, 0, AT_END },
	{ "unsubscribed", HINT_WEAK, 'a', EXPORT },
};

/* Known before the lead was worked, by what the name says: a hint in such a name is none, and
 * strong honest behaviour is not held against the column. */
static const char *const before[] = { "previous", "previously", "prior", "already", "existing",
	"ever", "history", "past", "earlier", "before", "former", "first", "initial", "original",
	"recency", "days since", "days ago", "visits", "visit", "views", "pageviews", "page views",
	"time spent", "time on site", "clicks", "opens", "sessions", "engagement", "touch",
	"fruher", "fruhere", "vorherige", "bisherige", "anterior", "anteriores", "primeiro",
	"primera", "precedent", "precedente", "seit", "besuche", "visitas", "visites", NULL };
/* What a status, score, duration or rate is of, when it is not of the lead. */
static const char *const of_what[] = { "marital", "civil", "employment", "employee", "employees",
	"employed", "credit", "company", "companies", "organization", "organisation", "business",
	"firm", "account", "accounts", "education", "educational", "household", "housing", "home",
	"family", "residence", "residential", "vehicle", "car", "policy", "membership", "member",
	"subscription", "loan", "mortgage", "debt", "job", "career", "school", "course", "website",
	"web", "site", "page", "session", "trial", "warranty", "holding", "insurance", "health",
	"consumer", "price", "market", "economic", "confidence", "email", "mail", "sms", "phone",
	"address", "source", "medium", "channel", "campaign", "utm", "industry", "sector",
	"country", "region", "state", "city", "income", "tax", "legal", "visa", "citizenship",
	"immigration", "satisfaction", "zufriedenheit", "internet", "air", "water", "service",
	"reviews", "funding", "growth", "startup", "project", "number of", "num", "count",
	"familienstand", "beschaftigung", "firma", "firmen", "unternehmen", "bonitat",
	"estadocivil", "emprego", "empresa", "entreprise", "emploi", "azienda", "bedrijf", "quelle",
	"origem", "origen", "origine", "kampagne", "campanha", "campana", NULL };

/* Words of a target's name that say nothing about it. */
static const char *const plain[] = { "lead", "leads", "customer", "client", "contact", "user",
	"account", "company", "deal", "flag", "final", "target", "class", "type", "name", "date",
	"number", "status", "stage", "data", "value", "from", "with", "this", "that", "course",
	"product", "policy", "insurance", "loan", "campaign", "email", "heat", "opportunity",
	"sales", "outcome", "result", NULL };

static bool any_of(struct str folded, const char *const *list)
{
	for (; *list != NULL; list++) {
		if (words_has(folded, *list))
			return true;
	}
	return false;
}

/* A telling word of the target's name stands in the column's name. */
static bool shares_word(struct str folded, struct str target)
{
	char buf[WORDS_MAX], word[WORDS_MAX];
	struct str rest = words_fold(target, buf), head, tail;

	while (rest.n > 0) {
		str_split(rest, ' ', &head, &tail);
		rest = tail;
		if (head.n < 4 || any_of(head, plain))
			continue;
		words_fold(head, word);
		if (words_has(folded, word))
			return true;
	}
	return false;
}

struct name_reading leak_name_read(struct str name, struct str target)
{
	char buf[WORDS_MAX];
	struct str folded = words_fold(name, buf);
	struct name_reading r = { 0 };

	r.innocent = any_of(folded, before);
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		const struct phrase *p = &phrases[i];

		if (p->hint <= r.hint || !words_has(folded, p->words))
			continue;
		r.hint = p->hint;
		r.why = p->why;
		r.score = p->kind == 's';
		r.state = p->kind == 'a';
		r.at_end = str_eq(str_of(p->why), S(AT_END));
	}
	if (r.innocent || (r.hint != HINT_STRONG && any_of(folded, of_what))) {
		r.vetoed = true;
		r.hint = HINT_NONE;
		r.why = NULL;
		r.score = r.state = r.at_end = false;
		return r;
	}
	if (r.hint < HINT_MEDIUM && shares_word(folded, target)) {
		r.hint = HINT_MEDIUM;
		r.why = RELATED;
	}
	return r;
}

bool leak_name_score_part(struct str name, size_t *prefix)
{
	static const char *const last[] = { "score", "index", "grade", "rating", "points", "rank",
		"probability", "level", "percentile", "tier", NULL };
	char buf[WORDS_MAX];
	struct str folded = words_fold(name, buf), word = folded;
	ptrdiff_t blank;

	if ((blank = str_chr(folded, ' ')) <= 0)
		return false;
	*prefix = (size_t)blank;
	while ((blank = str_chr(word, ' ')) >= 0)
		word = str_sub(word, (size_t)blank + 1, word.n);
	return any_of(word, last);
}
