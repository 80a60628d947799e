/* SPDX-License-Identifier: Apache-2.0 */
/* model.h: everything that scoring needs, in memory; and the files it is kept in.
 *
 * A version is model.json (columns, outcome rule, calibration, bands, settings), encoder.bin
 * (values to forest input), forest.json (standard XGBoost JSON, loads in libxgboost), report.json
 * (what training found; the model card's facts), holdout.bin (each training row's out-of-fold
 * probability) and manifest.json (size and checksums of each). The same training gives the same
 * bytes except for the manifest, which holds the version and the time.
 *
 * Reading is hostile-safe: a file that is cut, changed or from a newer program is refused with its
 * name and the reason. A loaded model never changes; any number of threads may use it. */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/str.h"

struct bases;
struct calib;
struct encoder;
struct err;
struct forest;
struct forest_fast;
struct heat;
struct json;
struct model_files;
struct model_store;
struct outcome_rule;
struct profile;

struct model {
	char version[16];             /* "v3"; "" before it is stored */
	struct profile *profile;      /* the columns of the training file: roles, kinds */
	struct outcome_rule *outcome; /* which rows were won and lost */
	struct bases *bases;          /* base columns and how each is computed */
	struct encoder *encoder;      /* base values to forest input */
	struct forest_fast *fast;     /* what scores */
	struct forest *forest;        /* the reference; NULL unless asked for */
	struct calib *calib;          /* [n_calib] margin to probability */
	uint32_t n_calib;             /* 1; 3 with three labels */
	struct heat *heat;            /* bands */
	double as_of;     /* days since 1970 that training looked from; NaN without dates */
	double base_rate; /* won / (won + lost) of training */
	uint64_t rows, won, lost, open;
	uint64_t seed;
	struct json *report; /* report.json; NULL unless asked for */
};

enum model_parts {
	MODEL_TO_SCORE = 0,
	MODEL_WITH_FOREST = 1, /* for reasons */
	MODEL_WITH_REPORT = 2  /* for the card, comparing, drift */
};

/* model_free(m): and everything it owns. NULL is fine. */
void model_free(struct model *m);

/* model_pack(m, report, fs, e): the model as files, without the manifest. ${report} is the text of
 * report.json. */
int model_pack(const struct model *m, struct str report, struct model_files *fs, struct err *e);

/* model_unpack(fs, parts, e): the reverse. NULL on failure; messages start with the file's name. */
struct model *model_unpack(const struct model_files *fs, unsigned parts, struct err *e);

/* model_manifest(fs, version, created, e): adds manifest.json to ${fs}. created: seconds since
 * 1970. */
int model_manifest(struct model_files *fs, uint32_t version, int64_t created, struct err *e);

/* model_check(manifest, version, file, thorough, e): ${file} is as the manifest says. thorough:
 * by SHA-256 too, else by size and BLAKE2b alone (three times as fast, as hard to forge). */
int model_check(const struct json *manifest, uint32_t version, const struct model_files *fs,
	bool thorough, struct err *e);

/* model_load(store, version, parts, e): read, check and unpack one version. */
struct model *model_load(
	struct model_store *store, uint32_t version, unsigned parts, struct err *e);

#endif
