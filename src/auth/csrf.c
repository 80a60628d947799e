/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/csrf.h"

/* "https://host:port/path" to "host:port", without the port that goes without saying. */
static struct str authority(struct str url)
{
	bool https = str_startsi(url, S("https://"));
	ptrdiff_t at = str_find(url, S("://")), end;

	if (at < 0)
		return S("");
	url = str_sub(url, (size_t)at + 3, url.n);
	if ((end = str_chr(url, '/')) >= 0)
		url = str_sub(url, 0, (size_t)end);
	if (str_ends(url, https ? S(":443") : S(":80")))
		url = str_sub(url, 0, url.n - (https ? 4 : 3));
	return url;
}

static struct str plain_host(struct str host)
{
	if (str_ends(host, S(":443")))
		return str_sub(host, 0, host.n - 4);
	return str_ends(host, S(":80")) ? str_sub(host, 0, host.n - 3) : host;
}

bool csrf_ok(const struct csrf *c)
{
	struct str from = authority(c->origin);

	if (c->safe)
		return true;
	if (c->fetch_site.n > 0)
		return str_eq(c->fetch_site, S("same-origin")) || str_eq(c->fetch_site, S("none"));
	if (c->origin.n == 0)
		return !c->cookie;
	if (from.n == 0) /* "null": a sandbox, a file, a redirect across sites */
		return false;
	return str_eqi(from, plain_host(c->host)) ||
	       (c->public_url.n > 0 && str_eqi(from, authority(c->public_url)));
}
