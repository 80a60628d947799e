/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "features/profile.h"
#include "leads/live.h"
#include "leads/reasons.h"
#include "leads/score_json.h"
#include "model/model.h"
#include "model/rule.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"
#include "util/when.h"

/* Written by hand: nearly all answers of the API are this. */
#define PUT(to, text) ((char *)memcpy(to, text, sizeof(text) - 1) + sizeof(text) - 1)

static char *put_text(char *to, struct str s)
{
	memcpy(to, s.p, s.n);
	return to + s.n;
}

/* {"hot":..,"warm":..,"cold":..} and confidence, which is one of these. */
static char *put_bands(char *to, const struct score *s)
{
	struct str text[HEAT_COUNT];
	int same = HEAT_COUNT;

	to = PUT(to, ",\"bands\":{");
	for (int h = 0; h < HEAT_COUNT; h++) {
		to = PUT(to, "\"");
		to = put_text(to, str_of(heat_name((enum heat)h)));
		to = PUT(to, "\":");
		text[h] = (struct str){ to, num_write(s->bands[h], to) };
		to += text[h].n;
		*to++ = ',';
		same = s->bands[h] == s->confidence ? h : same;
	}
	to = PUT(to - 1, "},\"confidence\":");
	return same < HEAT_COUNT ? put_text(to, text[same]) : to + num_write(s->confidence, to);
}

static char *put_points(char *to, int points)
{
	ASSERT(points >= 0 && points <= 100);
	if (points == 100)
		return PUT(to, "100");
	if (points >= 10)
		*to++ = (char)('0' + points / 10);
	*to++ = (char)('0' + points % 10);
	return to;
}

void score_json(struct jw *w, const struct score *s, const char *version, double as_of)
{
	char room[512], *to = PUT(room, "\"heat\":\"");

	to = put_text(to, str_of(heat_name(s->heat)));
	to = PUT(to, "\",\"score\":");
	to = put_points(to, s->points);
	to = PUT(to, ",\"probability\":");
	to += num_write(s->probability, to);
	to = put_bands(to, s);
	jw_members(w, (struct str){ room, (size_t)(to - room) });
	jw_kz(w, "model", version);
	if (!isfinite(as_of))
		return;
	to = PUT(room, "\"as_of\":\"");
	to += when_write((int64_t)floor(as_of * WHEN_DAY_MS), to);
	to = PUT(to, "\"");
	jw_members(w, (struct str){ room, (size_t)(to - room) });
}

static void put_part(struct jw *w, const char *key, int points, double probability)
{
	jw_key(w, key);
	jw_obj(w);
	jw_kint(w, "points", points);
	jw_knum(w, "probability", probability);
	jw_end_obj(w);
}

static void put_reason(struct jw *w, const struct reasons *r, const struct reasons_row *row,
	const struct profile *p, const struct explain_reason *why, struct buf *text)
{
	ptrdiff_t c = reasons_column(r, why->column);
	struct enc_evidence ev;
	bool has;

	buf_reset(text);
	has = reasons_sentence(r, row, why, &ev, text);
	jw_obj(w);
	if (why->column < p->n)
		jw_kstr(w, "column", p->cols[why->column].name);
	if (why->missing)
		jw_kbool(w, "missing", true);
	else if (c >= 0 && row->cells[c].n > 0)
		jw_kstr(w, "value", row->cells[c]);
	jw_kstr(w, "text", buf_view(text));
	jw_kint(w, "points", why->points);
	jw_knum(w, "probability", why->value);
	if (has) {
		jw_key(w, "evidence");
		jw_obj(w);
		jw_kint(w, "won", ev.won[0]);
		jw_kint(w, "count", ev.n);
		jw_end_obj(w);
	}
	jw_end_obj(w);
}

/* The parts of the rule score that say most: "recency: Last Activity Date". */
static void put_rule(
	struct jw *w, const struct rule *r, const struct str *cells, double as_of, size_t k)
{
	struct rule_explain x;

	rule_explain(r, cells, as_of, k, &x);
	jw_key(w, "reasons");
	jw_arr(w);
	for (size_t i = 0; i < x.n; i++) {
		struct str text = str_of(x.reasons[i].text), part, columns;

		jw_obj(w);
		if (str_split(text, ':', &part, &columns))
			jw_kstr(w, "column", str_trim(columns));
		jw_kstr(w, "text", text);
		jw_kint(w, "points", x.reasons[i].points);
		jw_knum(w, "probability", x.reasons[i].value);
		jw_end_obj(w);
	}
	jw_end_arr(w);
	put_part(w, "base", x.base_points, x.base);
	put_part(w, "average", 0, 0);
	put_part(w, "rest", x.rest_points, x.rest);
}

int score_json_reasons(struct jw *w, struct live_seat *seat, const struct str *cells,
	const struct score *s, size_t k, struct err *e)
{
	struct live_model *m = live_seat_model(seat);
	const struct scorer_work *at = live_work(seat);
	struct explain_work *work = NULL;
	struct buf text = { 0 };
	const struct rule *rule;
	const struct reasons *r;
	struct reasons_row row;
	struct explain x;
	double as_of;
	int rc;

	if ((rule = live_rule(seat, &as_of)) != NULL) {
		put_rule(w, rule, cells, as_of, k);
		return 0;
	}
	if (live_model(m) == NULL || at == NULL) {
		jw_key(w, "reasons");
		jw_arr(w);
		jw_end_arr(w);
		return 0;
	}
	if ((r = live_reasons(seat, &work, e)) == NULL)
		return -1;
	row = (struct reasons_row){ cells, scorer_num(at, 0), scorer_code(at, 0), s->probability };
	explain_row(reasons_explainer(r), work, row.num, row.code, s->probability, &x);
	if (k > x.n)
		k = x.n;
	explain_points(&x, k);
	jw_key(w, "reasons");
	jw_arr(w);
	for (size_t i = 0; i < k; i++)
		put_reason(w, r, &row, live_profile(m), &x.reasons[i], &text);
	jw_end_arr(w);
	put_part(w, "base", x.base_points, x.base_rate);
	put_part(w, "average", x.average_points, x.average);
	put_part(w, "rest", x.rest_points, x.rest);
	rc = buf_done(&text, e);
	buf_clear(&text);
	return rc;
}
