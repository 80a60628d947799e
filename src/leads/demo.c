/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leads/demo.h"
#include "leads/demo_internal.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"

enum outcome_word { STATUS_WON, STATUS_LOST, STATUS_OPEN, STATUS_NOT_SHOWN };
static const char *const status_text[] = { DEMO_WON, DEMO_LOST, "Open" };

struct cells {
	struct buf b;
	size_t in_row;
	int64_t later; /* days added to each date */
};

static void cell(struct cells *c, struct str s)
{
	bool quote = false;

	for (size_t i = 0; i < s.n; i++)
		quote = quote || s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n';
	if (c->in_row++ > 0)
		buf_c(&c->b, ',');
	if (!quote) {
		buf_str(&c->b, s);
		return;
	}
	buf_c(&c->b, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_c(&c->b, '"');
		buf_c(&c->b, s.p[i]);
	}
	buf_c(&c->b, '"');
}

static void end_row(struct cells *c)
{
	buf_c(&c->b, '\n');
	c->in_row = 0;
}

/* The usual spelling most of the time, another one now and then. */
static struct str spelled(const char *spellings, struct rng *r)
{
	return demo_piece(spellings, '|', rng_double(r) < 0.9 ? 0 : rng_u64(r) >> 8);
}

/* Native and ASCII form of a word such as "Jürgen/Juergen". */
static void forms(struct str word, struct str *native, struct str *ascii)
{
	if (!str_split(word, '/', native, ascii))
		*ascii = *native;
}

/* Letters and digits in lower case: part of an e-mail address. */
static void address_part(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char ch = s.p[i];

		if (ch >= 'A' && ch <= 'Z')
			ch = (char)(ch - 'A' + 'a');
		if ((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9'))
			buf_c(b, ch);
	}
}

struct person {
	struct str first, last, first_ascii, last_ascii;
	struct str company[2];
	struct str legal;
};

static void draw_person(const struct demo_lead *l, struct rng *r, struct person *p)
{
	const struct demo_country *c = &demo_countries[l->country];

	forms(demo_piece(c->first, ' ', rng_u64(r) >> 8), &p->first, &p->first_ascii);
	forms(demo_piece(c->last, ' ', rng_u64(r) >> 8), &p->last, &p->last_ascii);
	p->company[0] = demo_piece(demo_company_a, ' ', rng_u64(r) >> 8);
	p->company[1] = demo_piece(demo_company_b, ' ', rng_u64(r) >> 8);
	p->legal = demo_piece(c->company, '|', rng_u64(r) >> 8);
}

static void id_cell(struct cells *c, struct rng *r)
{
	static const char digits[] = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
	char id[] = "00Q___________";

	for (size_t i = 3; i < sizeof(id) - 1; i++)
		id[i] = digits[rng_below(r, sizeof(digits) - 1)];
	cell(c, str_of(id));
}

static void person_cells(
	struct cells *c, const struct demo_lead *l, const struct person *p, struct rng *r)
{
	static const char *const free_hosts[] = { "freemail.example", "postbox.example",
		"webmail.example" };
	struct buf b = { 0 };
	const char *phone = demo_countries[l->country].phone;

	cell(c, p->first);
	buf_str(&b, p->last);
	for (size_t i = 0; i < b.n && rng_below(r, 40) == 0; i++)
		if (b.p[i] >= 'a' && b.p[i] <= 'z')
			b.p[i] = (char)(b.p[i] - 'a' + 'A'); /* shouted */
	cell(c, buf_view(&b));
	buf_reset(&b);
	address_part(&b, p->first_ascii);
	buf_c(&b, '.');
	address_part(&b, p->last_ascii);
	if (l->free_mail)
		buf_fmt(&b, "%d@%s", (int)rng_below(r, 90) + 10, free_hosts[rng_below(r, 3)]);
	else {
		buf_c(&b, '@');
		address_part(&b, p->company[0]);
		buf_c(&b, '-');
		address_part(&b, p->company[1]);
		buf_z(&b, ".example");
	}
	cell(c, buf_view(&b));
	buf_reset(&b);
	for (const char *d = phone; l->phone && *d != '\0'; d++)
		buf_c(&b, *d == '#' ? (char)('0' + rng_below(r, 10)) : *d);
	cell(c, buf_view(&b));
	buf_reset(&b);
	if (l->rank != RANK_STUDENT) {
		buf_str(&b, p->company[0]);
		buf_c(&b, ' ');
		buf_str(&b, p->company[1]);
		buf_c(&b, ' ');
		buf_str(&b, p->legal);
	}
	cell(c, buf_view(&b));
	c->b.failed = c->b.failed || b.failed;
	buf_clear(&b);
}

static void title_cell(struct cells *c, const struct demo_lead *l, struct rng *r)
{
	struct str t = demo_piece(demo_ranks[l->rank].text, '|', rng_u64(r) >> 8);
	struct str department = str_of(demo_departments[l->department].text);
	struct buf b = { 0 };

	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] == '%')
			buf_str(&b, department);
		else
			buf_c(&b, t.p[i]);
	if (rng_below(r, 60) == 0)
		buf_c(&b, ' ');
	cell(c, buf_view(&b));
	c->b.failed = c->b.failed || b.failed;
	buf_clear(&b);
}

/* 1234 as "1234", "1,234" or "1234+". */
static void employees_cell(struct cells *c, const struct demo_lead *l, struct rng *r)
{
	unsigned n = isnan(l->employees) ? 0 : (unsigned)l->employees;
	char text[24];

	if (n == 0)
		snprintf(text, sizeof(text), "%s", rng_below(r, 12) == 0 ? "unknown" : "");
	else if (n >= 1000 && rng_below(r, 3) == 0)
		snprintf(text, sizeof(text), "%u,%03u", n / 1000, n % 1000);
	else
		snprintf(text, sizeof(text), "%u%s", n,
			n >= 1000 && rng_below(r, 6) == 0 ? "+" : "");
	cell(c, str_of(text));
}

static void company_cells(struct cells *c, const struct demo_lead *l, struct rng *r)
{
	static const char *const none[] = { "", "", "Select", "-", "N/A" };
	bool industry = l->industry < demo_n_industries;

	title_cell(c, l, r);
	cell(c, industry ? spelled(demo_industries[l->industry].text, r)
			 : str_of(none[rng_below(r, 5)]));
	employees_cell(c, l, r);
	cell(c, spelled(demo_countries[l->country].names, r));
	cell(c, spelled(demo_sources[l->source].text, r));
}

static void campaign_cell(struct cells *c, const struct demo_lead *l)
{
	static const char *const kinds[] = { "Search Ads", "Live Webinar", "Feed Ads" };
	char text[64] = "";

	if (l->campaign < DEMO_CAMPAIGNS)
		snprintf(text, sizeof(text), "%s %02d: %s", kinds[l->campaign % 3],
			(int)(l->campaign / 3) + 1,
			(const char *const[]){ "Save a Day", "Less Paper", "Grow Calmly",
				"One List" }[l->campaign / 3 % 4]);
	cell(c, str_of(text));
}

/* Days since 1970 to year-month-day. */
static void civil(int64_t day, int *y, int *m, int *d)
{
	int64_t z = day + 719468, era = z / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;

	*d = (int)(doy - (153 * mp + 2) / 5 + 1);
	*m = (int)(mp < 10 ? mp + 3 : mp - 9);
	*y = (int)(yoe + era * 400 + (*m <= 2));
}

static void time_cells(struct cells *c, const struct demo_lead *l)
{
	int minute = (int)((l->created - floor(l->created)) * 1440);
	char text[32];
	int y, m, d;

	civil((int64_t)floor(l->created) + c->later, &y, &m, &d);
	snprintf(text, sizeof(text), "%04d-%02d-%02d %02d:%02d", y, m, d, minute / 60, minute % 60);
	cell(c, str_of(text));
	civil((int64_t)floor(l->created + l->returned) + c->later, &y, &m, &d);
	snprintf(text, sizeof(text), "%04d-%02d-%02d", y, m, d);
	cell(c, str_of(text));
}

static void web_cells(struct cells *c, const struct demo_lead *l)
{
	char text[3][16] = { "", "", "" };

	if (l->tracked) {
		snprintf(text[0], sizeof(text[0]), "%u", l->visits);
		snprintf(text[1], sizeof(text[1]), "%u", l->pages);
		snprintf(text[2], sizeof(text[2]), "%.1f", l->minutes);
	}
	for (int i = 0; i < 3; i++)
		cell(c, str_of(text[i]));
	cell(c, l->webinar ? S("Yes") : S("No"));
	cell(c, l->newsletter ? S("yes") : S("no"));
}

static void note_cells(struct cells *c, const struct demo_lead *l, struct rng *r)
{
	struct buf b = { 0 };
	size_t at;

	if (l->budget >= 1000)
		buf_fmt(&b, "\xe2\x82\xac%d,%03d", (int)l->budget / 1000, (int)l->budget % 1000);
	else if (!isnan(l->budget))
		buf_fmt(&b, "\xe2\x82\xac%d", (int)l->budget);
	cell(c, buf_view(&b));
	buf_reset(&b);
	at = rng_below(r, demo_n_notes);
	for (size_t i = 0; i < l->n_notes; i++) {
		buf_z(&b, i > 0 ? " " : "");
		for (const char *z = demo_notes[at]; *z != '\0'; z++)
			buf_c(&b, *z == '#' ? (char)('1' + rng_below(r, 9)) : *z);
		at = (at + 1 + rng_below(r, demo_n_notes / 3)) % demo_n_notes;
	}
	cell(c, buf_view(&b));
	cell(c, str_of(demo_owners[rng_below(r, demo_n_owners)]));
	c->b.failed = c->b.failed || b.failed;
	buf_clear(&b);
}

static void outcome_cells(struct cells *c, enum outcome_word status, struct rng *r)
{
	struct str reason = S("");

	if (status == STATUS_NOT_SHOWN)
		return;
	if (status == STATUS_LOST && rng_below(r, 10) > 0)
		reason = str_of(demo_lost_reasons[rng_below(r, demo_n_lost_reasons)]);
	if (status == STATUS_WON && rng_below(r, 10) > 1)
		reason = str_of(demo_won_reasons[rng_below(r, demo_n_won_reasons)]);
	cell(c, reason);
	cell(c, str_of(status_text[status]));
}

static void header(struct cells *c, bool outcome)
{
	static const char *const names[] = { DEMO_ID, "First Name", "Last Name", "Email", "Phone",
		"Company", "Job Title", "Industry", "Employees", "Country", "Lead Source",
		"Campaign", "Created", "Last Activity", "Visits", "Pages Viewed", "Minutes on Site",
		"Attended Webinar", "Newsletter", "Budget", "Note", "Owner", "Closed Reason",
		DEMO_TARGET };
	size_t n = sizeof(names) / sizeof(names[0]);

	for (size_t i = 0; i < n - (outcome ? 0 : 2); i++)
		cell(c, str_of(names[i]));
	end_row(c);
}

static void lead_row(
	struct cells *c, const struct demo_lead *l, enum outcome_word status, struct rng *r)
{
	struct person p;

	draw_person(l, r, &p);
	id_cell(c, r);
	person_cells(c, l, &p, r);
	company_cells(c, l, r);
	campaign_cell(c, l);
	time_cells(c, l);
	web_cells(c, l);
	note_cells(c, l, r);
	outcome_cells(c, status, r);
	end_row(c);
}

/* One file: ${n} leads between two days, oldest first. chance[i] is filled when not NULL. */
struct part {
	const char *path;
	size_t n;
	double from, to;
	bool outcome;
	double *chance;
	double sum; /* of the chances */
};

static int write_part(const struct demo_opts *o, const struct demo_world *w, struct part *part,
	uint64_t seed, struct err *e)
{
	struct file_out *f = file_out_open(part->path, e);
	struct cells c = { .later = 7 * (int64_t)o->weeks };
	struct rng r;

	if (f == NULL)
		return -1;
	rng_seed(&r, seed);
	header(&c, part->outcome);
	for (size_t i = 0; i < part->n; i++) {
		double day = part->from + (part->to - part->from) * ((double)i + rng_double(&r)) /
						  (double)part->n;
		enum outcome_word status = STATUS_NOT_SHOWN;
		struct demo_lead l;
		double p;

		demo_draw(w, day, &r, &l);
		p = demo_chance(w, &l);
		part->sum += p;
		if (part->chance != NULL)
			part->chance[i] = p;
		if (part->outcome) {
			status = rng_double(&r) < p ? STATUS_WON : STATUS_LOST;
			/* The younger a lead is, the likelier it is still open. */
			if (rng_double(&r) < 0.03 + 0.5 * exp((day - part->to) / 12))
				status = STATUS_OPEN;
		}
		lead_row(&c, &l, status, &r);
		if (c.b.n < 64 * 1024 && i + 1 < part->n)
			continue;
		if (buf_done(&c.b, e) == -1 || file_out_write(f, buf_view(&c.b), e) == -1)
			goto fail;
		buf_reset(&c.b);
		if (o->progress != NULL &&
			o->progress(o->progress_arg, (double)i / (double)part->n) != 0) {
			err_set(e, ERR_CANCELLED, "stopped while %s was written", part->path);
			goto fail;
		}
	}
	buf_clear(&c.b);
	return file_out_commit(f, e);
fail:
	buf_clear(&c.b);
	file_out_abort(f);
	return -1;
}

int demo_write(const struct demo_opts *o, struct demo_truth *t, struct err *e)
{
	struct part history = { o->history, o->rows - o->rows / 4, DEMO_FIRST_DAY, DEMO_HISTORY_END,
		true, NULL, 0 };
	struct part leads = { o->leads, o->rows / 4, DEMO_HISTORY_END, DEMO_FIRST_DAY + DEMO_DAYS,
		false, NULL, 0 };
	struct demo_world w;

	memset(t, 0, sizeof(*t));
	ASSERT(o->rows >= 8);
	if ((t->chance = calloc(leads.n, sizeof(*t->chance))) == NULL)
		return err_nomem(e);
	leads.chance = t->chance;
	demo_world_init(&w, o->seed);
	if (write_part(o, &w, &history, rng_fork(o->seed, 2), e) == -1 ||
		write_part(o, &w, &leads, rng_fork(o->seed, 3), e) == -1) {
		demo_truth_clear(t);
		return -1;
	}
	t->n = leads.n;
	t->history = history.n;
	t->base = history.sum / (double)history.n;
	t->as_of = DEMO_AS_OF + 7.0 * o->weeks;
	return 0;
}

void demo_truth_clear(struct demo_truth *t)
{
	free(t->chance);
	memset(t, 0, sizeof(*t));
}
