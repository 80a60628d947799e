/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server_mhd.h"

struct mhd_functions libmhd;

static const char *const names[] = { MHD_FUNCTIONS(LAZY_NAME) };
static struct lazy library = { LAZY_MICROHTTPD_SONAME, names, sizeof(names) / sizeof(names[0]),
	false };

int mhd_load(struct err *e)
{
	return lazy_load(&library, &libmhd, e);
}
