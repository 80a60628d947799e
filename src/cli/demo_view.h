/* SPDX-License-Identifier: Apache-2.0 */
/* demo_view.h: what the demo found, as figures, and how it is shown. */
#ifndef CLI_DEMO_VIEW_H
#define CLI_DEMO_VIEW_H

#include <stddef.h>
#include <stdint.h>

#include "model/heat.h"
#include "util/arena.h"
#include "util/str.h"

struct cli;
struct json;

enum { DEMO_HOTTEST = 10, DEMO_BINS = 10 };

struct demo_scored {         /* one scored lead */
	double says, chance; /* the model's probability, the true one */
	uint8_t heat;
};

struct demo_hottest {
	double says, chance;
	uint64_t row; /* 1 is the first below the header */
	struct str name, title, company, source;
};

struct demo_group { /* leads of one band, or of one range of scores */
	size_t n;
	double says, chance; /* sums */
};

struct demo_view {
	const char *dir;
	const char *history, *leads, *scored, *truth; /* paths */
	uint64_t seed;
	size_t learned_from; /* rows of the first file */
	uint64_t won, lost, open;
	const char *version;
	const struct json *report; /* of the training */
	double train_s, score_s;
	struct demo_scored *rows; /* [n] */
	size_t n;
	double base; /* share of won leads in training */

	/* Filled by demo_view_figures. */
	struct demo_group bands[HEAT_COUNT], bins[DEMO_BINS];
	double log_loss, log_loss_base, log_loss_best; /* expected under the true chances */
	double auc, auc_best;                          /* expected as well */
	double off; /* mean difference of says and chance over the bins, by leads */
	struct demo_hottest hottest[DEMO_HOTTEST];
	size_t n_hottest;
	struct arena mem; /* text of the hottest */
};

/* demo_view_figures(v): bands to off, from rows and base. 0, or -1 when out of memory. */
int demo_view_figures(struct demo_view *v);
void demo_view_print(struct cli *c, const struct demo_view *v);
void demo_view_json(struct cli *c, const struct demo_view *v);

#endif
