/* SPDX-License-Identifier: Apache-2.0 */
/* use_model.h: which model a command works with: the one asked for, else the published one, else
 * the newest draft, else none (the rule score). Says on standard error when it is a stand-in. */
#ifndef CLI_USE_MODEL_H
#define CLI_USE_MODEL_H

#include "model/model_store.h"

struct cli;
struct err;
struct model;

/* cli_store(c, make, st, e): the store of models in the data folder; make: the folder is made when
 * it is not there. */
int cli_store(struct cli *c, bool make, struct model_store *st, struct err *e);
/* cli_model(c, parts, out, e): *out is NULL when there is no model at all. */
int cli_model(struct cli *c, unsigned parts, struct model **out, struct err *e);
uint32_t cli_threads(const struct cli *c);

#endif
