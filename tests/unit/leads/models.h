/* SPDX-License-Identifier: Apache-2.0 */
/* models.h: a store of models of demo leads, in a temporary folder. */
#ifndef TESTS_MODELS_H
#define TESTS_MODELS_H

#include "unit.h"

#include <math.h>
#include <stdlib.h>

#include "leads/demo.h"
#include "leads/training.h"
#include "model/model_store.h"
#include "model/registry.h"
#include "util/err.h"

struct models {
	char dir[64], history[96], leads[96], kept[96];
	struct model_store store;
	double today;
};

/* ${n} versions, each from leads of its own; none is published. */
static inline void models_open(struct models *m, size_t n, size_t rows)
{
	const struct str won = S(DEMO_WON), lost = S(DEMO_LOST);
	struct err e = { 0 };

	snprintf(m->dir, sizeof(m->dir), "/tmp/heatscore-test-XXXXXX");
	assert_non_null(mkdtemp(m->dir));
	snprintf(m->history, sizeof(m->history), "%s/history.csv", m->dir);
	snprintf(m->leads, sizeof(m->leads), "%s/leads.csv", m->dir);
	snprintf(m->kept, sizeof(m->kept), "%s/models", m->dir);
	assert_int_equal(model_store_folder(m->kept, &m->store, &e), 0);
	for (size_t i = 0; i < n; i++) {
		struct demo_opts d = {
			.rows = rows, .seed = i + 1, .history = m->history, .leads = m->leads
		};
		struct training_opts o = { .path = m->history,
			.target = S(DEMO_TARGET),
			.won = &won,
			.n_won = 1,
			.lost = &lost,
			.n_lost = 1,
			.budget = .1,
			.max_trees = 60,
			.seed = 1,
			.as_of = NAN,
			.hot = NAN,
			.warm = NAN,
			.per_day = NAN,
			.win_value = NAN,
			.contact_cost = NAN,
			.threads = 2 };
		struct demo_truth truth = { 0 };
		struct training t = { 0 };
		struct model_files fs = { 0 };
		uint32_t number = 0;

		assert_int_equal(demo_write(&d, &truth, &e), 0);
		o.today = m->today = truth.as_of;
		if (training_run(&o, &t, &e) == -1 || training_files(&t, &fs, &e) == -1 ||
			registry_add(&m->store, &fs, 1000, &number, &e) == -1)
			fail_msg("%s", e.msg);
		assert_int_equal(number, i + 1);
		model_files_clear(&fs);
		training_clear(&t);
		demo_truth_clear(&truth);
	}
}

static inline void models_close(struct models *m)
{
	char cmd[128];

	model_store_close(&m->store);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", m->dir);
	assert_int_equal(system(cmd), 0);
}

#endif
