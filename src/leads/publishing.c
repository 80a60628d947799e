/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "leads/live.h"
#include "leads/publishing.h"
#include "model/model_store.h"
#include "model/notes.h"
#include "obs/log.h"
#include "obs/metrics.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"

enum { ARENA = 1 << 20 };

int publishing_segment(struct model_store *st, uint32_t version, char **out, struct err *e)
{
	struct json *notes;
	int rc;

	*out = NULL;
	if (notes_read(st, version, &notes, e) == -1)
		return -1;
	*out = str_dup(json_str(json_get(json_get(notes, "segment"), "query"), S("")));
	rc = *out == NULL ? err_nomem(e) : 0;
	json_free(notes);
	return rc;
}

/* --- afterwards --- */

static int enqueue_rescore(const struct publishing *p, struct err *e)
{
	struct arena mem = { .cap = ARENA };
	struct job made, ask = { .id = id_new(),
		.kind = S("rescore"),
		.dedupe = S("rescore"),
		.args = S("{\"cause\":\"all\"}"),
		.created_ms = clock_ms() };
	bool existed;
	int rc = p->store->jobs->enqueue(p->store, &ask, &mem, &made, &existed, e);

	arena_clear(&mem);
	return rc;
}

int publishing_changed(const struct publishing *p, struct err *e)
{
	if (p->live != NULL && live_refresh(p->live, NULL, e) == -1)
		return -1;
	return enqueue_rescore(p, e);
}

/* --- two people --- */

static int needs_two(const struct publishing *p, bool *two, struct err *e)
{
	struct arena mem = { .cap = ARENA };
	struct setting x;
	struct err mine = { 0 };
	struct json *v;
	int rc = p->store->settings->get(p->store, S("second_pair_of_eyes"), &mem, &x, e);

	*two = false;
	if (rc == 0 && x.value.n != 0 && (v = json_parse(x.value, &mine)) != NULL) {
		*two = json_bool(v, str_eq(json_str(v, S("")), S("true")));
		json_free(v);
	}
	arena_clear(&mem);
	return rc;
}

/* Who asked; and, once it is done, who said yes when that was somebody else. */
static int note_ask(const struct publishing *p, const struct publishing_ask *ask,
	struct str asked_by, bool done, struct err *e)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	int rc = -1;

	jw_obj(&w);
	jw_kstr(&w, "asked_by", asked_by);
	jw_kint(&w, "asked_at", ask->now_ms);
	jw_kbool(&w, "force", ask->force);
	jw_kbool(&w, "done", done);
	if (ask->note.n != 0)
		jw_kstr(&w, "note", ask->note);
	if (done && !str_eq(asked_by, ask->by)) {
		jw_kstr(&w, "approved_by", ask->by);
		jw_kint(&w, "approved_at", ask->now_ms);
	}
	jw_end_obj(&w);
	if (buf_done(&b, e) == 0)
		rc = notes_set(p->models, ask->version, "publish", buf_view(&b), e);
	buf_clear(&b);
	return rc;
}

/* --- publishing --- */

static int do_publish(const struct publishing *p, const struct publishing_ask *ask,
	struct str segment, struct err *e)
{
	if (registry_publish_for(p->models, ask->version, segment, ask->now_ms / 1000, e) == -1)
		return -1;
	metrics_add_l(METRIC_model_publishes, "published", 1);
	LOG_INFO("model.published", LOG_U64("version", ask->version), LOG_BOOL("force", ask->force),
		LOG_BOOL("segment", segment.n != 0));
	return publishing_changed(p, e);
}

/* Through the gate; ${two}: then only ask. */
static int pass(const struct publishing *p, const struct publishing_ask *ask, bool two,
	struct str asked_by, struct registry_gate *gate, enum publishing_result *result,
	struct err *e)
{
	char *segment;
	int rc = -1;

	if (publishing_segment(p->models, ask->version, &segment, e) == -1)
		return -1;
	if (registry_gate(p->models, ask->version, str_of(segment), gate, NULL, e) == -1)
		goto done;
	if (!gate->open && !ask->force) {
		*result = PUBLISHING_SHUT;
		rc = 0;
	} else if (two) {
		*result = PUBLISHING_WAITS;
		rc = note_ask(p, ask, asked_by, false, e);
	} else if (note_ask(p, ask, asked_by, true, e) == 0) {
		*result = PUBLISHING_DONE;
		rc = do_publish(p, ask, str_of(segment), e);
	}
done:
	free(segment);
	return rc;
}

int publishing_publish(const struct publishing *p, const struct publishing_ask *ask,
	struct registry_gate *gate, enum publishing_result *result, struct err *e)
{
	bool two;

	*gate = (struct registry_gate){ 0 };
	if (needs_two(p, &two, e) == -1)
		return -1;
	return pass(p, ask, two, ask->by, gate, result, e);
}

int publishing_approve(const struct publishing *p, const struct publishing_ask *ask,
	struct registry_gate *gate, enum publishing_result *result, struct err *e)
{
	struct publishing_ask as_asked = *ask;
	const struct json *asked;
	struct json *notes;
	struct str by;
	int rc = -1;

	*gate = (struct registry_gate){ 0 };
	if (notes_read(p->models, ask->version, &notes, e) == -1)
		return -1;
	asked = json_get(notes, "publish");
	by = json_str(json_get(asked, "asked_by"), S(""));
	if (by.n == 0 || json_bool(json_get(asked, "done"), false)) {
		err_set(e, ERR_CONFLICT, "nobody has asked for v%u to be published", ask->version);
	} else if (str_eq(by, ask->by)) {
		err_set(e, ERR_PERM, "v%u is to be approved by somebody else than who asked for it",
			ask->version);
	} else {
		as_asked.force = ask->force || json_bool(json_get(asked, "force"), false);
		as_asked.note = json_str(json_get(asked, "note"), S(""));
		rc = pass(p, &as_asked, false, by, gate, result, e);
	}
	json_free(notes);
	return rc;
}

int publishing_rollback(const struct publishing *p, struct str segment, int64_t now_ms,
	uint32_t *version, struct err *e)
{
	if (registry_rollback_for(p->models, segment, now_ms / 1000, version, e) == -1)
		return -1;
	metrics_add_l(METRIC_model_publishes, "rolled_back", 1);
	LOG_INFO("model.rolled_back", LOG_U64("version", *version));
	return publishing_changed(p, e);
}
