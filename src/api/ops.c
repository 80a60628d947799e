/* SPDX-License-Identifier: Apache-2.0 */
/* Health, metrics, and the description of the API with the page that shows it. */
#include <string.h>

#include "api/api.h"
#include "api/docs_files.h"
#include "http/respond.h"
#include "obs/health.h"
#include "obs/metrics.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/err.h"
#include "util/json.h"

/* Alive: this thread answers. Nothing else is looked at, so that a database that is down does not
 * make an orchestrator restart a server that could do nothing about it. */
static int livez(struct req *r, struct err *e)
{
	return respond_static(r, 200, "text/plain; charset=utf-8", S("ok\n"), e);
}

static int readyz(struct req *r, struct err *e)
{
	char why[300];

	if (health_ready(api_of(r)->health, why, sizeof(why)))
		return respond_static(r, 200, "text/plain; charset=utf-8", S("ok\n"), e);
	respond_header(r, "Retry-After", "%d", 2);
	return err_set(e, ERR_UNAVAILABLE, "not ready: %s",
		req_caller(r)->role > ROLE_PUBLIC ? why : "see /health with a key");
}

static int health(struct req *r, struct err *e)
{
	const struct api *a = api_of(r);
	struct buf b = { 0 };
	struct jw w = { .b = &b };
	char why[300];

	jw_obj(&w);
	health_print(a->health, &w, req_caller(r)->role > ROLE_PUBLIC);
	jw_kz(&w, "version", a->version);
	jw_kint(&w, "uptime_s", (int64_t)((double)clock_ms() / 1000 - a->started));
	jw_end_obj(&w);
	return respond_json(r, health_ready(a->health, why, sizeof(why)) ? 200 : 503, &b, e);
}

/* Figures for whoever watches this machine; over a network only with a key. */
static int metrics(struct req *r, struct err *e)
{
	struct buf b = { 0 };
	const char *from = req_address(r);

	if (req_caller(r)->role <= ROLE_PUBLIC && strncmp(from, "127.", 4) != 0 &&
		strcmp(from, "::1") != 0) {
		respond_header(r, "WWW-Authenticate", "Bearer realm=\"heatscore\"");
		return err_set(e, ERR_AUTH, "from another machine this needs an API key");
	}
	metrics_print(&b);
	return respond_bytes(r, 200, "text/plain; version=0.0.4; charset=utf-8", &b, e);
}

static int openapi(struct req *r, struct err *e)
{
	const struct api *a = api_of(r);

	return respond_static(
		r, 200, "application/json", (struct str){ a->openapi, a->openapi_bytes }, e);
}

static int docs(struct req *r, struct err *e)
{
	respond_header(r, "Cache-Control", "no-cache");
	return respond_static(r, 200, "text/html; charset=utf-8", docs_html, e);
}

static int docs_script(struct req *r, struct err *e)
{
	respond_header(r, "Cache-Control", "no-cache");
	return respond_static(r, 200, "text/javascript; charset=utf-8", docs_js, e);
}

static int docs_style(struct req *r, struct err *e)
{
	respond_header(r, "Cache-Control", "no-cache");
	return respond_static(r, 200, "text/css; charset=utf-8", docs_css, e);
}

#define PROBE .role = ROLE_PUBLIC, .rate = RATE_NONE, .run = RUN_INLINE

static const struct route routes[] = {
	{ .method = M_GET,
		.path = "/livez",
		.fn = livez,
		PROBE,
		.public_why = "load balancers ask it without a key",
		.doc = { "livez", "Is the process alive?", NULL, NULL, NULL, "text/plain", "200",
			NULL } },
	{ .method = M_GET,
		.path = "/readyz",
		.fn = readyz,
		PROBE,
		.public_why = "load balancers ask it without a key",
		.doc = { "readyz", "Can it take requests?", NULL, NULL, NULL, "text/plain",
			"200 503", NULL } },
	{ .method = M_GET,
		.path = "/health",
		.fn = health,
		PROBE,
		.public_why = "what is wrong is told only to those who are signed in",
		.doc = { "health", "What works and what does not", NULL, NULL, NULL, "Health",
			"200 503", NULL } },
	{ .method = M_GET,
		.path = "/metrics",
		.fn = metrics,
		.role = ROLE_PUBLIC,
		.rate = RATE_NONE,
		.public_why = "on this machine; from others it needs a key",
		.doc = { "metrics", "Figures for Prometheus", NULL, NULL, NULL, "text/plain", "200",
			NULL } },
	{ .method = M_GET,
		.path = "/openapi.json",
		.fn = openapi,
		PROBE,
		.public_why = "the description is the same for every installation",
		.doc = { "openapi", "This description", NULL, NULL, NULL, "application/json", "200",
			NULL } },
	{ .method = M_GET,
		.path = "/docs",
		.fn = docs,
		PROBE,
		.public_why = "the description is the same for every installation",
		.doc = { "docs", "This description as a page", NULL, NULL, NULL, "text/html", "200",
			NULL } },
	{ .method = M_GET,
		.path = "/docs/docs.js",
		.fn = docs_script,
		PROBE,
		.public_why = "part of the page",
		.flags = ROUTE_HIDDEN,
		.doc = { "docsScript", "Script of the page", NULL, NULL, NULL, "text/javascript",
			"200", NULL } },
	{ .method = M_GET,
		.path = "/docs/docs.css",
		.fn = docs_style,
		PROBE,
		.public_why = "part of the page",
		.flags = ROUTE_HIDDEN,
		.doc = { "docsStyle", "Style of the page", NULL, NULL, NULL, "text/css", "200",
			NULL } },
	{ 0 },
};

static const struct api_schema schemas[] = {
	{ "Health",
		"{\"type\":\"object\",\"required\":[\"status\",\"checks\",\"version\",\"uptime_s\"]"
		","
		"\"properties\":{\"status\":{\"enum\":[\"ok\",\"degraded\",\"failed\",\"stopping\"]"
		"},"
		"\"checks\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":["
		"\"name\","
		"\"status\"],\"properties\":{\"name\":{\"type\":\"string\"},\"status\":{\"enum\":["
		"\"ok\",\"failed\"]},\"needed\":{\"type\":\"boolean\"},\"detail\":{\"type\":"
		"\"string\"}}}},\"version\":{\"type\":\"string\"},\"uptime_s\":{\"type\":"
		"\"integer\"}}}" },
	{ NULL, NULL },
};

const struct route_set ops_set = { "Operations", "Health, figures, and this description", routes,
	schemas };
