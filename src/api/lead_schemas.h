/* SPDX-License-Identifier: Apache-2.0 */
/* lead_schemas.h: leads in the API description. */
#ifndef API_LEAD_SCHEMAS_H
#define API_LEAD_SCHEMAS_H

#include "http/route.h"

extern const struct api_schema lead_schemas[]; /* of leads.c */

/* Pieces of JSON Schema as string literals. */
#define S_STR          "{\"type\":\"string\"}"
#define S_INT          "{\"type\":\"integer\"}"
#define S_NUM          "{\"type\":\"number\"}"
#define S_BOOL         "{\"type\":\"boolean\"}"
#define S_TIME         "{\"type\":\"string\",\"format\":\"date-time\"}"
#define S_LEAD_ID      "{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{32}$\"}"
#define S_ULID         "{\"type\":\"string\",\"pattern\":\"^[0-9A-Z]{26}$\"}"
#define S_HEAT         "{\"enum\":[\"hot\",\"warm\",\"cold\"]}"
#define S_OUTCOME      "{\"enum\":[\"won\",\"lost\",\"open\"]}"
#define S_PROB         "{\"type\":\"number\",\"minimum\":0,\"maximum\":1}"
#define S_POINTS       "{\"type\":\"integer\",\"minimum\":0,\"maximum\":100}"
#define S_CURSOR       "{\"type\":[\"string\",\"null\"]}"
#define S_REF(name)    "{\"$ref\":\"#/components/schemas/" name "\"}"
#define S_ARR(items)   "{\"type\":\"array\",\"items\":" items "}"
#define S_MAP(values)  "{\"type\":\"object\",\"additionalProperties\":" values "}"
#define S_M(name, of)  "\"" name "\":" of
#define S_OBJ(members) "{\"type\":\"object\",\"properties\":{" members "}}"
/* ${required}: as "\"id\",\"name\"". */
#define S_REQ(members, required) \
	"{\"type\":\"object\",\"properties\":{" members "},\"required\":[" required "]}"

#endif
