/* SPDX-License-Identifier: Apache-2.0 */
/* fields.h: the canonical fields of a lead (record/field) as columns of a file: which role in a
 * profile is which field. Pure functions over constant data; any thread. */
#ifndef LEADS_FIELDS_H
#define LEADS_FIELDS_H

#include "features/profile.h"
#include "record/field.h"

/* fields_role(f): the role of columns mapped to ${f}; ROLE_ATTRIBUTE for what no column can be
 * mapped to. */
enum col_role fields_role(enum lead_field f);
/* fields_of_role(r): the field a column of that role is guessed to be; LF_ATTRIBUTE, or LF_IGNORE
 * for what a system keeps for itself. */
enum lead_field fields_of_role(enum col_role r);
const char *fields_about(enum lead_field f); /* a phrase; "" for attributes */

#endif
