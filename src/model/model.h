/* SPDX-License-Identifier: Apache-2.0 */
/* model.h: everything that scoring needs, in memory; and the files it is kept in.
 *
 * A version is model.json (columns, outcome rule, calibration, bands), encoder.bin (values to
 * forest input), forest.json (standard XGBoost JSON, loads in libxgboost), report.json (what
 * training found: the model card's facts), baselines.json, summary.json (what training saw of each
 * column), donors.bin (sample leads for "what would make it hot"), holdout.bin (each training row's
 * out-of-fold probability) and manifest.json (size and checksums of each). The same training gives
 * the same bytes except for the manifest, which holds the version and the time.
 *
 * Reading is hostile-safe: a file that is cut, changed or from a newer program is refused with its
 * name and the reason. A loaded model never changes; any number of threads may use it. */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/baseline.h"
#include "model/calib.h"
#include "model/donors.h"
#include "model/heat.h"
#include "model/summary.h"
#include "util/str.h"

struct bases;
struct encoder;
struct err;
struct forest;
struct forest_fast;
struct json;
struct model_files;
struct model_store;
struct outcome_rule;
struct profile;

enum { MODEL_RUNS = 256 }; /* most runs of features that ${fast} has (encode.h) */

struct model {
	char version[16];             /* "v3"; "" before it is stored */
	int64_t created;              /* seconds since 1970, from the manifest */
	struct profile *profile;      /* the columns of the training file: roles, kinds */
	struct outcome_rule *outcome; /* which rows were won and lost */
	struct bases *bases;          /* base columns and how each is computed */
	struct encoder *encoder;      /* base values to forest input */
	struct forest *forest;        /* the reference; NULL unless asked for */
	struct forest_fast *fast;     /* what scores; NULL before it is stored */
	struct calib calib;           /* margin to probability, of two classes */
	struct bands bands;
	uint32_t n_classes; /* 2, or 3: hot, warm, cold */
	uint32_t n_folds;   /* segments of the forest */
	double as_of;       /* days since 1970 that training looked from; NaN without dates */
	uint64_t seed;
	uint64_t rows, won, lost, open; /* of the training file; three labels: won is hot */
	struct json *report;            /* report.json; NULL unless asked for */
	struct baselines baselines;     /* empty unless the report is asked for */
	struct summary summary;         /* empty unless the report is asked for */
	struct donors donors;           /* empty unless asked for */
};

enum model_parts {
	MODEL_TO_SCORE = 0,
	MODEL_WITH_FOREST = 1, /* for reasons */
	MODEL_WITH_REPORT = 2, /* for eval, the card, comparing, drift */
	MODEL_WITH_DONORS = 4  /* for what would make a lead hot */
};

/* model_free(m): and everything it owns. NULL is fine. */
void model_free(struct model *m);

/* model_pack(m, report, fs, e): the model as files, without the manifest and holdout.bin.
 * ${report} is the text of report.json. m->forest must be there. */
int model_pack(const struct model *m, struct str report, struct model_files *fs, struct err *e);

/* model_unpack(fs, parts, e): the reverse. NULL on failure; messages start with the file's name. */
struct model *model_unpack(const struct model_files *fs, unsigned parts, struct err *e);

/* model_manifest(fs, version, created, e): adds manifest.json to ${fs}. */
int model_manifest(struct model_files *fs, uint32_t version, int64_t created, struct err *e);

/* model_load(st, version, parts, e): read, check and unpack one version. Files it needs are checked
 * by size and BLAKE2b (faster than SHA-256 and as hard to forge). Bands set by hand since
 * (model/notes.h) are those of the model. */
struct model *model_load(struct model_store *st, uint32_t version, unsigned parts, struct err *e);

/* model_read_files(st, version, fs, e): every file that the manifest names and the manifest, each
 * checked by both checksums. The caller clears ${fs}. */
int model_read_files(
	struct model_store *st, uint32_t version, struct model_files *fs, struct err *e);
/* model_check_files(fs, created, e): the same check of files that come from elsewhere, whichever
 * version their manifest names. */
int model_check_files(const struct model_files *fs, int64_t *created, struct err *e);
/* model_created(st, version, at, e): when it was made, from the manifest alone. */
int model_created(struct model_store *st, uint32_t version, int64_t *at, struct err *e);

#endif
