/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "config/conf.h"
#include "config/options_internal.h"
#include "config/values_internal.h"
#include "util/buf.h"
#include "util/crypto.h"
#include "util/err.h"
#include "util/file.h"

enum { VALUE_MAX = 64 << 10, CONF_MAX = 1 << 20 };

/* A wrong value that is not on the command line is a fault of the configuration. */
static int not_usage(struct err *e)
{
	if (e != NULL && e->code == ERR_USAGE)
		e->code = ERR_CONFIG;
	return -1;
}

static bool wanted(const struct options *o, enum opt_id id)
{
	return !o->given[id] && opt_info(id)->env != NULL && opt_on(id, o->cmd);
}

static int from_environment(struct options *o, enum opt_id id, struct err *e)
{
	const char *env = opt_info(id)->env, *value = getenv(env);

	if (value == NULL || *value == '\0')
		return 0;
	if (value_set(o, id, str_of(value), e) == -1) {
		not_usage(e);
		return err_prefix(e, "%s in the environment: ", env);
	}
	o->given[id] = true;
	o->source[id] = OPT_FROM_ENV;
	return 0;
}

/* NAME_FILE names a file that holds the value: what secrets are best given by, because others may
 * read an environment. One line end at its end does not count. */
static int from_named_file(struct options *o, enum opt_id id, struct err *e)
{
	struct buf b = { 0 };
	char name[128];
	const char *path;
	int rc = -1;

	snprintf(name, sizeof(name), "%s_FILE", opt_info(id)->env);
	path = getenv(name);
	if (path == NULL || *path == '\0')
		return 0;
	if (file_read(path, VALUE_MAX, &b, e) == 0) {
		struct str s = buf_view(&b);

		if (str_ends(s, S("\n")))
			s.n--;
		if (str_ends(s, S("\r")))
			s.n--;
		rc = value_set(o, id, s, e);
	}
	if (b.p != NULL)
		crypto_wipe(b.p, b.n);
	buf_clear(&b);
	if (rc == -1) {
		not_usage(e);
		if (e != NULL)
			e->code = ERR_CONFIG;
		return err_prefix(e, "%s in the environment: ", name);
	}
	o->given[id] = true;
	o->source[id] = OPT_FROM_FILE_ENV;
	return 0;
}

struct conf {
	struct options *o;
	bool taken[OPT_COUNT]; /* by this file: LISTs may be repeated */
};

static int unknown(struct str name, struct err *e)
{
	const char *names[OPT_COUNT];
	size_t n = 0;
	ptrdiff_t near;

	for (size_t id = 0; id < OPT_COUNT; id++)
		if (opt_info((enum opt_id)id)->env != NULL)
			names[n++] = opt_info((enum opt_id)id)->name;
	near = options_nearest(name, names, n);
	return err_set(e, ERR_CONFIG, "there is no setting " STR_FMT "%s%s%s",
		STR_ARG(str_sub(name, 0, 80)), near >= 0 ? "; did you mean " : "",
		near >= 0 ? names[near] : "", near >= 0 ? "?" : "");
}

static int conf_value(void *ctx, size_t line, struct str name, struct str value, struct err *e)
{
	struct conf *c = ctx;
	size_t id = 0;

	while (id < OPT_COUNT && !(str_eq(name, str_of(opt_info((enum opt_id)id)->name)) &&
					 opt_info((enum opt_id)id)->env != NULL))
		id++;
	if (id == OPT_COUNT)
		return unknown(name, e);
	if (id == OPT_data || id == OPT_config)
		return err_set(e, ERR_CONFIG, "%s says where this file is, and cannot be in it",
			opt_info((enum opt_id)id)->name);
	if (c->taken[id] && opt_info((enum opt_id)id)->kind != OPT_KIND_LIST)
		return err_set(e, ERR_CONFIG, "%s is there twice", opt_info((enum opt_id)id)->name);
	if (!opt_on((enum opt_id)id, c->o->cmd) || (c->o->given[id] && !c->taken[id]))
		return 0;
	if (value_set(c->o, (enum opt_id)id, value, e) == -1) {
		not_usage(e);
		return err_prefix(e, "%s: ", opt_info((enum opt_id)id)->name);
	}
	c->taken[id] = c->o->given[id] = true;
	c->o->source[id] = OPT_FROM_CONF;
	return 0;
}

/* The file named by --config must be there; the one in the data folder may be. */
static int from_conf(struct options *o, struct err *e)
{
	struct conf c = { .o = o };
	struct buf b = { 0 };
	char path[4096];
	int rc;

	if (!opt_on(OPT_config, o->cmd))
		return 0;
	if (o->config != NULL)
		snprintf(path, sizeof(path), "%s", o->config);
	else
		snprintf(path, sizeof(path), "%s/heatscore.conf", o->data);
	if (o->config == NULL && !file_exists(path))
		return 0;
	rc = file_read(path, CONF_MAX, &b, e);
	if (rc == -1 && e != NULL)
		e->code = ERR_CONFIG;
	if (rc == 0 && (rc = conf_parse(buf_view(&b), conf_value, &c, e)) == -1)
		err_prefix(e, "%s: ", path);
	buf_clear(&b);
	return rc;
}

int options_fill(struct options *o, struct err *e)
{
	for (size_t id = 0; id < OPT_COUNT; id++) {
		if (wanted(o, (enum opt_id)id) && from_environment(o, (enum opt_id)id, e) == -1)
			return -1;
		if (wanted(o, (enum opt_id)id) && from_named_file(o, (enum opt_id)id, e) == -1)
			return -1;
	}
	return from_conf(o, e);
}
