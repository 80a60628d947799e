/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "features/derive.h"
#include "features/encode.h"
#include "features/profile.h"
#include "model/forest.h"
#include "model/forest_fast.h"
#include "model/model.h"
#include "model/model_store.h"
#include "model/notes.h"
#include "model/outcome.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/file.h"
#include "util/json.h"

#define MODEL_JSON     "model.json"
#define ENCODER_BIN    "encoder.bin"
#define FOREST_JSON    "forest.json"
#define REPORT_JSON    "report.json"
#define BASELINES_JSON "baselines.json"
#define SUMMARY_JSON   "summary.json"
#define DONORS_BIN     "donors.bin"
#define MANIFEST_JSON  "manifest.json"

enum { MODEL_FORMAT = 1, MANIFEST_FORMAT = 1 };

void model_free(struct model *m)
{
	if (m == NULL)
		return;
	profile_free(m->profile);
	outcome_rule_free(m->outcome);
	bases_free(m->bases);
	encoder_free(m->encoder);
	forest_free(m->forest);
	forest_fast_free(m->fast);
	calib_clear(&m->calib);
	baselines_clear(&m->baselines);
	summary_clear(&m->summary);
	donors_clear(&m->donors);
	json_free(m->report);
	free(m);
}

/* --- to files --- */

static void write_model(const struct model *m, struct jw *w)
{
	jw_obj(w);
	jw_kint(w, "format", MODEL_FORMAT);
	jw_kint(w, "classes", m->n_classes);
	jw_knum(w, "as_of", m->as_of);
	jw_kint(w, "seed", (int64_t)m->seed);
	jw_kint(w, "rows", (int64_t)m->rows);
	jw_kint(w, "won", (int64_t)m->won);
	jw_kint(w, "lost", (int64_t)m->lost);
	jw_kint(w, "open", (int64_t)m->open);
	jw_key(w, "outcome");
	outcome_write(m->outcome, w);
	jw_key(w, "calibration");
	calib_write(&m->calib, w);
	jw_key(w, "bands");
	bands_write(w, &m->bands);
	jw_key(w, "profile");
	profile_write_lean(m->profile, w);
	jw_key(w, "bases");
	bases_write(m->bases, w);
	jw_end_obj(w);
}

int model_pack(const struct model *m, struct str report, struct model_files *fs, struct err *e)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	int rc = -1;

	ASSERT(m->forest != NULL);
	write_model(m, &w);
	buf_c(&b, '\n');
	if (model_files_add(fs, MODEL_JSON, &b, e) == -1)
		goto done;
	if (encoder_write(m->encoder, &b, e) == -1 || model_files_add(fs, ENCODER_BIN, &b, e) == -1)
		goto done;
	if (forest_json(m->forest, &b, e) == -1 || model_files_add(fs, FOREST_JSON, &b, e) == -1)
		goto done;
	buf_str(&b, report);
	if (model_files_add(fs, REPORT_JSON, &b, e) == -1)
		goto done;
	w = (struct jw){ .b = &b };
	baselines_write(&w, &m->baselines);
	buf_c(&b, '\n');
	if (model_files_add(fs, BASELINES_JSON, &b, e) == -1)
		goto done;
	w = (struct jw){ .b = &b };
	summary_write(&w, &m->summary);
	buf_c(&b, '\n');
	if (model_files_add(fs, SUMMARY_JSON, &b, e) == -1)
		goto done;
	if (donors_write(&m->donors, &b, e) == 0)
		rc = model_files_add(fs, DONORS_BIN, &b, e);
done:
	buf_clear(&b);
	return rc;
}

/* The manifest ends in the checksum of all that stands before it. */
#define SELF_HEAD ",\n \"self\": \""
#define SELF_TAIL "\"\n}\n"

static bool self_checks(struct str text)
{
	size_t n = sizeof(SELF_HEAD) - 1 + 64 + sizeof(SELF_TAIL) - 1, at = text.n - n;
	char hex[65];

	if (text.n < n || !str_eq(str_sub(text, at, at + sizeof(SELF_HEAD) - 1), S(SELF_HEAD)))
		return false;
	blake2b_hex(str_sub(text, 0, at), hex);
	at += sizeof(SELF_HEAD) - 1;
	return str_eq(str_sub(text, at, at + 64), str_of(hex)) &&
	       str_eq(str_sub(text, at + 64, text.n), S(SELF_TAIL));
}

int model_manifest(struct model_files *fs, uint32_t version, int64_t created, struct err *e)
{
	struct buf b = { 0 };
	struct jw w = { .b = &b, .indent = 1 };
	char name[16], hex[65];

	snprintf(name, sizeof(name), "v%u", version);
	jw_obj(&w);
	jw_kint(&w, "format", MANIFEST_FORMAT);
	jw_kz(&w, "version", name);
	jw_kint(&w, "created", created);
	jw_kz(&w, "made_by", "heatscore " HEATSCORE_VERSION);
	jw_key(&w, "files");
	jw_arr(&w);
	for (size_t i = 0; i < fs->n; i++) {
		const struct model_file *f = &fs->f[i];

		jw_obj(&w);
		jw_kz(&w, "name", f->name);
		jw_kint(&w, "bytes", (int64_t)f->bytes.n);
		sha256_hex(f->bytes, hex);
		jw_kz(&w, "sha256", hex);
		blake2b_hex(f->bytes, hex);
		jw_kz(&w, "blake2b", hex);
		jw_end_obj(&w);
	}
	jw_end_arr(&w);
	blake2b_hex(buf_view(&b), hex);
	buf_z(&b, SELF_HEAD);
	buf_z(&b, hex);
	buf_z(&b, SELF_TAIL);
	return model_files_add(fs, MANIFEST_JSON, &b, e);
}

/* --- from files --- */

static int need_count(const struct json *v, const char *key, uint64_t *out, struct err *e)
{
	int64_t x;

	if (json_need_int(v, key, 0, INT64_MAX, &x, e) == -1)
		return -1;
	*out = (uint64_t)x;
	return 0;
}

static int read_parts(struct model *m, const struct json *v, struct err *e)
{
	const struct json *outcome, *calib, *bands, *profile, *bases;
	int64_t format, classes;

	if (json_need_int(v, "format", 1, INT64_MAX, &format, e) == -1)
		return -1;
	if (format > MODEL_FORMAT)
		return err_set(e, ERR_INPUT,
			"it has format %lld, this program reads up to %d; a newer heatscore wrote "
			"it",
			(long long)format, MODEL_FORMAT);
	if (json_need_int(v, "classes", 2, 3, &classes, e) == -1 ||
		need_count(v, "seed", &m->seed, e) == -1 ||
		need_count(v, "rows", &m->rows, e) == -1 ||
		need_count(v, "won", &m->won, e) == -1 ||
		need_count(v, "lost", &m->lost, e) == -1 ||
		need_count(v, "open", &m->open, e) == -1 ||
		(outcome = json_need(v, "outcome", J_OBJ, e)) == NULL ||
		(calib = json_need(v, "calibration", J_OBJ, e)) == NULL ||
		(bands = json_need(v, "bands", J_OBJ, e)) == NULL ||
		(profile = json_need(v, "profile", J_OBJ, e)) == NULL ||
		(bases = json_need(v, "bases", J_OBJ, e)) == NULL)
		return -1;
	m->n_classes = (uint32_t)classes;
	m->as_of = json_num(json_get(v, "as_of"), NAN);
	if ((m->outcome = outcome_read(outcome, e)) == NULL ||
		calib_read(&m->calib, calib, e) == -1 || bands_read(bands, &m->bands, e) == -1 ||
		(m->profile = profile_read(profile, e)) == NULL ||
		(m->bases = bases_read(bases, e)) == NULL)
		return -1;
	if (outcome_classes(m->outcome) != m->n_classes)
		return err_set(e, ERR_INPUT, "its outcome rule has %u classes, it says %u",
			outcome_classes(m->outcome), m->n_classes);
	return 0;
}

static const struct model_file *need_file(
	const struct model_files *fs, const char *name, struct err *e)
{
	const struct model_file *f = model_files_get(fs, name);

	if (f == NULL)
		err_set(e, ERR_INPUT, "%s is missing", name);
	return f;
}

static int in_file(const char *name, struct err *e)
{
	return err_prefix(e, "%s: ", name);
}

static struct json *parse_file(const struct model_files *fs, const char *name, struct err *e)
{
	const struct model_file *f = need_file(fs, name, e);
	struct json *v;

	if (f == NULL)
		return NULL;
	if ((v = json_parse(f->bytes, e)) == NULL)
		in_file(name, e);
	return v;
}

static int unpack_model(struct model *m, const struct model_files *fs, struct err *e)
{
	struct json *v = parse_file(fs, MODEL_JSON, e);
	int rc;

	if (v == NULL)
		return -1;
	if ((rc = read_parts(m, v, e)) == -1)
		in_file(MODEL_JSON, e);
	json_free(v);
	return rc;
}

/* What a category is encoded to is compared with the forest's thresholds once, here. */
static int use_runs(struct model *m, struct err *e)
{
	size_t n = encoder_runs(m->encoder);
	struct forest_run *runs = calloc(n + 1, sizeof(*runs));
	int rc;

	if (runs == NULL)
		return err_nomem(e);
	for (size_t i = 0; i < n; i++) {
		struct enc_run r = encoder_run(m->encoder, i);

		runs[i] = (struct forest_run){ r.first, r.n, r.rows, r.values };
	}
	rc = n != 0 && n <= MODEL_RUNS ? forest_fast_runs(m->fast, runs, n, e) : 0;
	free(runs);
	return rc;
}

static int unpack_forest(
	struct model *m, const struct model_files *fs, unsigned parts, struct err *e)
{
	const struct model_file *enc = need_file(fs, ENCODER_BIN, e);
	const struct model_file *forest = enc == NULL ? NULL : need_file(fs, FOREST_JSON, e);

	if (forest == NULL)
		return -1;
	if ((m->encoder = encoder_read(enc->bytes, e)) == NULL)
		return in_file(ENCODER_BIN, e);
	if ((m->forest = forest_parse(forest->bytes, NULL, e)) == NULL)
		return in_file(FOREST_JSON, e);
	if (encoder_n_bases(m->encoder) > bases_count(m->bases))
		return err_set(e, ERR_INPUT,
			"%s is for %zu base columns, %s has %zu: they are not of one model",
			ENCODER_BIN, encoder_n_bases(m->encoder), MODEL_JSON,
			bases_count(m->bases));
	if (m->forest->n_features != encoder_n_features(m->encoder) ||
		m->forest->n_groups != (m->n_classes == 3 ? 3u : 1u))
		return err_set(e, ERR_INPUT,
			"%s has %u features and %u margins, %s has %zu features for %u classes: "
			"they are not of one model",
			FOREST_JSON, m->forest->n_features, m->forest->n_groups, ENCODER_BIN,
			encoder_n_features(m->encoder), m->n_classes);
	m->n_folds = m->forest->n_segments;
	if ((m->fast = forest_fast_new(m->forest, e)) == NULL || use_runs(m, e) == -1)
		return in_file(FOREST_JSON, e);
	if ((parts & MODEL_WITH_FOREST) == 0) {
		forest_free(m->forest);
		m->forest = NULL;
	}
	return 0;
}

static int unpack_report(struct model *m, const struct model_files *fs, struct err *e)
{
	struct json *v;
	int rc;

	if ((m->report = parse_file(fs, REPORT_JSON, e)) == NULL ||
		(v = parse_file(fs, BASELINES_JSON, e)) == NULL)
		return -1;
	if ((rc = baselines_read(v, bases_count(m->bases), &m->baselines, e)) == -1)
		in_file(BASELINES_JSON, e);
	json_free(v);
	if (rc == -1 || (v = parse_file(fs, SUMMARY_JSON, e)) == NULL)
		return -1;
	if ((rc = summary_read(v, bases_count(m->bases), &m->summary, e)) == -1)
		in_file(SUMMARY_JSON, e);
	json_free(v);
	return rc;
}

static int unpack_donors(struct model *m, const struct model_files *fs, struct err *e)
{
	const struct model_file *f = need_file(fs, DONORS_BIN, e);

	if (f == NULL)
		return -1;
	if (donors_read(&m->donors, f->bytes, e) == -1)
		return in_file(DONORS_BIN, e);
	if (m->donors.n_bases > bases_count(m->bases))
		return err_set(e, ERR_INPUT, "%s has %zu base columns, %s has %zu", DONORS_BIN,
			m->donors.n_bases, MODEL_JSON, bases_count(m->bases));
	return 0;
}

struct model *model_unpack(const struct model_files *fs, unsigned parts, struct err *e)
{
	struct model *m = calloc(1, sizeof(*m));

	if (m == NULL) {
		err_nomem(e);
		return NULL;
	}
	if (unpack_model(m, fs, e) == -1 || unpack_forest(m, fs, parts, e) == -1 ||
		((parts & MODEL_WITH_REPORT) != 0 && unpack_report(m, fs, e) == -1) ||
		((parts & MODEL_WITH_DONORS) != 0 && unpack_donors(m, fs, e) == -1)) {
		model_free(m);
		return NULL;
	}
	return m;
}

/* --- the manifest --- */

/* version 0: any. */
static struct json *manifest_parse(struct str text, uint32_t version, struct err *e)
{
	struct json *v = json_parse(text, e);
	char name[16];
	struct str is;
	int64_t format;

	snprintf(name, sizeof(name), "v%u", version);
	if (v == NULL || json_need_int(v, "format", 1, INT64_MAX, &format, e) == -1 ||
		json_need_str(v, "version", &is, e) == -1 ||
		json_need(v, "files", J_ARR, e) == NULL)
		;
	else if (format > MANIFEST_FORMAT)
		err_set(e, ERR_INPUT, "it has format %lld, this program reads up to %d",
			(long long)format, MANIFEST_FORMAT);
	else if (!self_checks(text))
		err_set(e, ERR_INPUT, "it has been changed: its own checksum does not fit");
	else if (version != 0 && !str_eq(is, str_of(name)))
		err_set(e, ERR_INPUT, "it is of " STR_FMT, STR_ARG(str_sub(is, 0, 20)));
	else
		return v;
	in_file(MANIFEST_JSON, e);
	json_free(v);
	return NULL;
}

static int manifest_read(struct model_store *st, uint32_t version, struct json **out, struct err *e)
{
	struct model_file f = { 0 };

	*out = NULL;
	if (st->get(st->self, version, MANIFEST_JSON, &f, e) == -1)
		return -1;
	*out = manifest_parse(f.bytes, version, e);
	free((void *)(uintptr_t)f.bytes.p);
	return *out == NULL ? -1 : 0;
}

static int same_sum(const struct json *entry, const struct model_file *f, bool sha, struct err *e)
{
	const char *key = sha ? "sha256" : "blake2b";
	char hex[65];
	struct str want;

	if (json_need_str(entry, key, &want, e) == -1)
		return in_file(MANIFEST_JSON, e);
	if (sha)
		sha256_hex(f->bytes, hex);
	else
		blake2b_hex(f->bytes, hex);
	if (!str_eq(want, str_of(hex)))
		return err_set(e, ERR_INPUT,
			"%s has been changed: its %s is %.16s..., the manifest says %.16s...",
			f->name, sha ? "SHA-256" : "BLAKE2b", hex,
			want.n >= 16 ? want.p : "nothing of use");
	return 0;
}

/* check(manifest, f, thorough, e): ${f} is as the manifest says. */
static int check(
	const struct json *manifest, const struct model_file *f, bool thorough, struct err *e)
{
	const struct json *files = json_get(manifest, "files"), *entry = NULL;
	int64_t bytes;

	for (size_t i = 0; i < json_len(files) && entry == NULL; i++) {
		entry = json_at(files, i);
		if (!str_eq(json_str(json_get(entry, "name"), S("")), str_of(f->name)))
			entry = NULL;
	}
	if (entry == NULL)
		return err_set(e, ERR_INPUT, "%s: %s is not in it", MANIFEST_JSON, f->name);
	if (json_need_int(entry, "bytes", 0, INT64_MAX, &bytes, e) == -1)
		return in_file(MANIFEST_JSON, e);
	if ((uint64_t)bytes != f->bytes.n)
		return err_set(e, ERR_INPUT, "%s has %zu bytes, the manifest says %lld: it %s",
			f->name, f->bytes.n, (long long)bytes,
			f->bytes.n < (uint64_t)bytes ? "has been cut" : "has been changed");
	if (thorough && same_sum(entry, f, true, e) == -1)
		return -1;
	return same_sum(entry, f, false, e);
}

/* Reads one file of a version and checks it. */
static int fetch(struct model_store *st, uint32_t version, const struct json *manifest,
	const char *name, bool thorough, struct model_files *fs, struct err *e)
{
	struct model_file *f = &fs->f[fs->n];

	if (fs->n == MODEL_FILES_MAX)
		return err_set(
			e, ERR_LIMIT, "%s: more than %d files", MANIFEST_JSON, MODEL_FILES_MAX);
	*f = (struct model_file){ 0 };
	if (st->get(st->self, version, name, f, e) == -1)
		return -1;
	fs->n++;
	return manifest == NULL ? 0 : check(manifest, f, thorough, e);
}

/* Every failure here is about the version as it is stored, unless there is no such version. */
static int refuse(struct model_store *st, uint32_t version, struct err *e)
{
	uint32_t *numbers = NULL;
	bool there = false;
	size_t n = 0;

	if (st->list(st->self, &numbers, &n, NULL) == 0)
		for (size_t i = 0; i < n; i++)
			there = there || numbers[i] == version;
	free(numbers);
	if (!there)
		return err_set(e, ERR_NOT_FOUND, "there is no model v%u in %s", version,
			st->where(st->self));
	if (e != NULL && (e->code == ERR_INPUT || e->code == ERR_NOT_FOUND))
		e->code = ERR_CONFIG;
	return err_prefix(e, "model v%u in %s cannot be used: ", version, st->where(st->self));
}

struct model *model_load(struct model_store *st, uint32_t version, unsigned parts, struct err *e)
{
	static const struct {
		const char *name;
		unsigned part; /* 0: always */
	} files[] = { { MODEL_JSON, 0 }, { ENCODER_BIN, 0 }, { FOREST_JSON, 0 },
		{ REPORT_JSON, MODEL_WITH_REPORT }, { BASELINES_JSON, MODEL_WITH_REPORT },
		{ SUMMARY_JSON, MODEL_WITH_REPORT }, { DONORS_BIN, MODEL_WITH_DONORS } };
	struct model_files fs = { 0 };
	struct bands set = { 0 };
	struct json *manifest;
	struct model *m = NULL;

	if (manifest_read(st, version, &manifest, e) == -1)
		goto done;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if ((files[i].part == 0 || (parts & files[i].part) != 0) &&
			fetch(st, version, manifest, files[i].name, false, &fs, e) == -1)
			goto done;
	if ((m = model_unpack(&fs, parts, e)) != NULL) {
		snprintf(m->version, sizeof(m->version), "v%u", version);
		m->created = json_int(json_get(manifest, "created"), 0);
	}
	if (m != NULL && m->n_classes == 2 && notes_bands(st, version, &set, e) == -1) {
		model_free(m);
		m = NULL;
	} else if (m != NULL && set.hot > 0) {
		m->bands = set;
	}
done:
	if (m == NULL)
		refuse(st, version, e);
	json_free(manifest);
	model_files_clear(&fs);
	return m;
}

int model_read_files(
	struct model_store *st, uint32_t version, struct model_files *fs, struct err *e)
{
	const struct json *files;
	struct json *manifest;
	int rc = -1;

	if (manifest_read(st, version, &manifest, e) == -1)
		return refuse(st, version, e);
	files = json_get(manifest, "files");
	for (size_t i = 0; i < json_len(files); i++) {
		struct str name = json_str(json_get(json_at(files, i), "name"), S(""));
		char z[sizeof(fs->f[0].name)];

		/* The name becomes part of a path. */
		if (name.n == 0 || name.n >= sizeof(z) || name.p[0] == '.' ||
			memchr(name.p, '/', name.n) != NULL ||
			memchr(name.p, '\0', name.n) != NULL) {
			err_set(e, ERR_INPUT, "%s: file %zu has no usable name", MANIFEST_JSON,
				i + 1);
			goto done;
		}
		snprintf(z, sizeof(z), STR_FMT, STR_ARG(name));
		if (fetch(st, version, manifest, z, true, fs, e) == -1)
			goto done;
	}
	rc = fetch(st, version, NULL, MANIFEST_JSON, true, fs, e);
done:
	json_free(manifest);
	return rc == -1 ? refuse(st, version, e) : 0;
}

int model_check_files(const struct model_files *fs, int64_t *created, struct err *e)
{
	const struct model_file *f = need_file(fs, MANIFEST_JSON, e);
	struct json *manifest = f == NULL ? NULL : manifest_parse(f->bytes, 0, e);
	int rc = manifest == NULL ? -1 : 0;

	for (size_t i = 0; i < fs->n && rc == 0; i++)
		if (&fs->f[i] != f)
			rc = check(manifest, &fs->f[i], true, e);
	if (rc == 0)
		*created = json_int(json_get(manifest, "created"), 0);
	json_free(manifest);
	return rc;
}

int model_created(struct model_store *st, uint32_t version, int64_t *at, struct err *e)
{
	struct json *manifest;

	*at = 0;
	if (manifest_read(st, version, &manifest, e) == -1)
		return -1;
	*at = json_int(json_get(manifest, "created"), 0);
	json_free(manifest);
	return 0;
}
