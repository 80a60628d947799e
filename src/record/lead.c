/* SPDX-License-Identifier: Apache-2.0 */
#include "record/lead.h"

#include <math.h>
#include <string.h>

void lead_values_none(struct lead_values *v)
{
	memset(v, 0, sizeof(*v));
	v->value = NAN;
	v->created_ms = v->last_activity_ms = v->outcome_ms = MS_NONE;
	v->outcome = LEAD_OPEN;
}

enum lead_heat lead_heat(const struct lead *l)
{
	if (l->override_heat != LEAD_NO_HEAT)
		return l->override_heat;
	return l->score.model[0] != '\0' ? l->score.heat : LEAD_NO_HEAT;
}

bool lead_stale(const struct lead *l)
{
	return l->score.model[0] == '\0' || l->score.content != l->content;
}
