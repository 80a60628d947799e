/* SPDX-License-Identifier: Apache-2.0 */
/* model_audit.h: who did what to the versions of the model, for the audit log. */
#ifndef API_MODEL_AUDIT_H
#define API_MODEL_AUDIT_H

#include <stdint.h>

#include "util/str.h"

struct err;
struct req;

/* model_audit(r, action, version, note, e): ${version} 0: of none. ${note} may be empty. */
int model_audit(
	struct req *r, const char *action, uint32_t version, struct str note, struct err *e);

#endif
