/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/openapi.h"
#include "api/routes.h"
#include "app/app_internal.h"
#include "auth/gate.h"
#include "config/options.h"
#include "http/proxies.h"
#include "http/server.h"
#include "obs/health.h"
#include "util/err.h"
#include "util/file.h"

static void limits(const struct options *o, struct server_limits *l)
{
	server_limits_default(l);
	l->json_body = (uint64_t)o->json_limit << 10;
	l->upload_body = (uint64_t)o->upload_limit << 20;
	l->request_memory = (uint64_t)o->request_memory << 10;
	l->header_s = (unsigned)o->header_seconds;
	l->keep_alive_s = (unsigned)o->keep_alive;
	l->keep_alive_requests = (unsigned)o->keep_alive_requests;
	l->body_idle_s = (unsigned)o->body_idle;
	l->body_grace_s = (unsigned)o->body_grace;
	l->body_window_s = (unsigned)o->body_window;
	l->body_rate = (unsigned)o->body_rate;
	l->write_stall_s = (unsigned)o->write_stall;
	l->connections = (unsigned)o->connections;
	l->connections_per_address = (unsigned)o->connections_per_address;
	l->handler_s = (unsigned)o->handler_seconds;
	l->slow_handler_s = (unsigned)o->export_seconds;
	l->queue = (unsigned)o->queue;
	l->streams = (unsigned)o->streams;
	l->events = (unsigned)o->event_streams;
	l->drain_s = (unsigned)o->drain;
	l->api_rate = o->api_rate;
	l->api_burst = (double)o->api_burst;
	l->login_rate = o->login_rate;
	l->setup_rate = o->setup_rate;
	l->uploads = (unsigned)o->uploads;
	l->uploads_per_caller = (unsigned)o->uploads_per_user;
	l->exports_per_caller = (unsigned)o->exports_per_user;
}

/* The built web app: as told, else beside the program as the build or the package leaves it. */
static const char *find_web(struct app *a, struct err *e)
{
	static const char *const places[] = { "/../web/dist", "/../../web/dist",
		"/../share/heatscore/web" };
	char exe[PATH_MAX], index[PATH_MAX + 64];
	ssize_t n;
	char *slash;

	if (a->o->web != NULL)
		return a->o->web;
	if ((n = readlink("/proc/self/exe", exe, sizeof(exe) - 1)) <= 0)
		return NULL;
	exe[n] = '\0';
	if ((slash = strrchr(exe, '/')) != NULL)
		*slash = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(index, sizeof(index), "%s%s/index.html", exe, places[i]);
		if (!file_exists(index))
			continue;
		buf_fmt(&a->web_dir, "%s%s", exe, places[i]);
		buf_c(&a->web_dir, '\0');
		return buf_done(&a->web_dir, e) == 0 ? a->web_dir.p : NULL;
	}
	return NULL;
}

static int describe(struct app *a, struct err *e)
{
	openapi_print(api_sets, a->api.version, &a->openapi);
	if (buf_done(&a->openapi, e) == -1)
		return -1;
	a->api.openapi = a->openapi.p;
	a->api.openapi_bytes = a->openapi.n;
	return 0;
}

static int authenticate(void *app, struct req *r, struct caller *who, struct err *e)
{
	return gate_caller(((struct api *)app)->auth, r, who, e);
}

int part_http_start(struct app *a, struct err *e)
{
	const struct options *o = a->o;
	struct server_opts s = { .listen = o->listen,
		.expose = o->allow_plain_http || o->tls_cert != NULL,
		.tls_cert = o->tls_cert,
		.tls_key = o->tls_key,
		.http_threads = (unsigned)o->http_threads,
		.workers = (unsigned)o->workers,
		.sets = api_sets,
		.app = &a->api,
		.authenticate = authenticate,
		.idem = idem_store_hooks(&a->api) };

	if ((o->tls_cert == NULL) != (o->tls_key == NULL))
		return err_set(e, ERR_CONFIG, "--tls-cert and --tls-key go together");
	if (o->trusted_proxies != NULL &&
		(a->proxies = proxies_new(str_of(o->trusted_proxies), e)) == NULL)
		return err_prefix(e, "--trusted-proxies: ");
	s.proxies = a->proxies;
	limits(o, &s.limits);
	buf_fmt(&a->upload_dir, "%s/tmp", o->data);
	buf_c(&a->upload_dir, '\0');
	if (buf_done(&a->upload_dir, e) == -1 || describe(a, e) == -1)
		goto fail;
	s.upload_dir = a->upload_dir.p;
	s.web_dir = find_web(a, e);
	if (health_start(a->health, e) == -1 || (a->server = server_start(&s, e)) == NULL)
		goto fail;
	return 0;
fail:
	part_http_stop(a);
	return -1;
}

void part_http_stop(struct app *a)
{
	server_free(a->server);
	health_stop(a->health);
	proxies_free(a->proxies);
	a->proxies = NULL;
	buf_clear(&a->openapi);
	buf_clear(&a->upload_dir);
	buf_clear(&a->web_dir);
}
