/* SPDX-License-Identifier: Apache-2.0 */
/* local.h: a command of an operator (auth/console.h), done by the server that runs on the data
 * folder, else on the folder itself. Threads: one. */
#ifndef APP_LOCAL_H
#define APP_LOCAL_H

#include "util/str.h"

struct buf;
struct err;

/* local_run(data, request, reply, e): ${reply} gets the object of a success. */
int local_run(const char *data, struct str request, struct buf *reply, struct err *e);

#endif
