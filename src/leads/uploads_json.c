/* SPDX-License-Identifier: Apache-2.0 */
#include "leads/lead_json.h"
#include "leads/upload_detail.h"
#include "leads/uploads.h"
#include "util/json.h"

static void put_rows(const struct upload_rows *r, struct jw *w)
{
	jw_key(w, "rows");
	jw_obj(w);
	jw_kint(w, "read", (int64_t)r->read);
	jw_kint(w, "created", (int64_t)r->created);
	jw_kint(w, "updated", (int64_t)r->updated);
	jw_kint(w, "unchanged", (int64_t)r->unchanged);
	jw_kint(w, "rejected", (int64_t)r->rejected);
	jw_end_obj(w);
}

static void put_pace(const struct upload *up, struct jw *w)
{
	const struct upload_progress *p = &up->progress;
	double seconds = (double)p->seconds_ms / 1000;

	if (up->state != UPLOAD_IMPORTING || p->rows.read == 0 || seconds <= 0)
		return;
	jw_knum(w, "rate", (double)(int64_t)((double)p->rows.read / seconds));
	if (p->fraction > 0)
		jw_knum(w, "eta_s",
			(double)(int64_t)(seconds * (1 - p->fraction) / p->fraction + .5));
}

static void put_detail(const struct upload *up, bool brief, struct jw *w)
{
	static const char *const hidden[] = { "auto", "only_check", "update_only", "remember",
		"fixes", NULL };
	static const char *const long_ones[] = { "auto", "only_check", "update_only", "remember",
		"fixes", "columns", "preview", "outcome", NULL };
	struct json *v = up->detail.n != 0 ? json_parse(up->detail, NULL) : NULL;

	detail_members(v, brief ? long_ones : hidden, w);
	if (json_bool(json_get(v, "update_only"), false))
		jw_kz(w, "mode", "update_only");
	json_free(v);
}

void uploads_json(const struct upload *up, bool brief, struct jw *w)
{
	bool done = up->state == UPLOAD_DONE || up->state == UPLOAD_UNDONE;
	char id[ID_ULID];

	id_ulid(up->id, id);
	jw_obj(w);
	jw_kz(w, "id", id);
	jw_kstr(w, "filename", up->filename);
	jw_kint(w, "bytes", (int64_t)up->bytes);
	jw_kstr(w, "sha256", up->sha256);
	jw_kz(w, "state", upload_state_name(up->state));
	lead_json_time(w, "created_at", up->created_ms);
	lead_json_time(w, "finished_at", up->finished_ms);
	lead_json_id(w, "created_by", up->created_by);
	lead_json_id(w, "job", up->job);
	put_rows(&up->progress.rows, w);
	jw_knum(w, "progress", done ? 1 : up->progress.fraction);
	put_pace(up, w);
	if (up->error.n != 0) {
		jw_key(w, "error");
		jw_obj(w);
		jw_kz(w, "title", "The file could not be imported");
		jw_kstr(w, "detail", up->error);
		jw_end_obj(w);
	}
	jw_kbool(w, "has_file", up->file.n != 0);
	put_detail(up, brief, w);
	jw_end_obj(w);
}
