/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a model: an exported bundle with all checks, one of its JSON or binary files without
 * the manifest's protection: a model, or a message. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "features/encode.h"
#include "model/baseline.h"
#include "model/bundle.h"
#include "model/donors.h"
#include "model/holdout.h"
#include "model/model.h"
#include "model/model_store.h"
#include "model/summary.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void bundle(struct str bytes)
{
	struct model_files fs = { 0 };
	struct err e = { 0 };
	int64_t created;

	if (bundle_read(bytes, &fs, &e) == 0) {
		struct buf again = { 0 };

		model_check_files(&fs, &created, &e);
		model_free(model_unpack(&fs, MODEL_WITH_FOREST | MODEL_WITH_REPORT, &e));
		bundle_write(&fs, &again, &e);
		buf_clear(&again);
	}
	model_files_clear(&fs);
}

static void binary(struct str bytes)
{
	struct holdout h;
	struct donors d = { 0 };
	struct err e = { 0 };

	if (holdout_read(bytes, &h, &e) == 0) {
		struct buf again = { 0 };

		holdout_put(&h, &again);
		if (again.n != bytes.n)
			abort();
		buf_clear(&again);
		holdout_clear(&h);
	}
	if (donors_read(&d, bytes, &e) == 0)
		donors_clear(&d);
	encoder_free(encoder_read(bytes, &e));
}

static void json(struct str bytes)
{
	struct baselines b = { 0 };
	struct summary s = { 0 };
	struct calib c = { 0 };
	struct bands bands;
	struct err e = { 0 };
	struct json *v = json_parse(bytes, &e);

	if (v == NULL)
		return;
	if (baselines_read(v, 20, &b, &e) == 0)
		baselines_clear(&b);
	if (summary_read(v, 20, &s, &e) == 0)
		summary_clear(&s);
	if (calib_read(&c, v, &e) == 0)
		calib_clear(&c);
	bands_read(v, &bands, &e);
	json_free(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str bytes = { (const char *)data, n };

	bundle(bytes);
	binary(bytes);
	json(bytes);
	return 0;
}
