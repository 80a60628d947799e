/* SPDX-License-Identifier: Apache-2.0 */
#include "api/lead_schemas.h"

#define VERDICT      "{\"enum\":[\"junk\",\"was_hot\",\"good\"]}"
#define TEXT_OR_NULL "{\"type\":[\"string\",\"number\",\"null\"]}"
#define TIME_OR_NULL "{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"}"
#define CELL         "{\"type\":[\"string\",\"number\",\"boolean\",\"null\"]}"

#define PART   S_REQ(S_M("points", S_INT) "," S_M("probability", S_NUM), "\"points\",\"probability\"")
#define CHANGE S_REQ(S_M("column", S_STR) "," S_M("from", S_STR) "," S_M("to", S_STR), "\"column\"")
#define END \
	S_OBJ(S_M("score", S_POINTS) "," S_M("heat", S_HEAT) "," S_M("at", S_TIME) "," S_M( \
		"model", S_STR))

const struct api_schema lead_schemas[] = {
	{ "Lead", S_REQ(S_M("id", S_LEAD_ID) "," S_M("version", S_INT) "," S_M(
				"external_id", S_STR) "," S_M("name", S_STR) "," S_M("first_name",
				S_STR) "," S_M("last_name", S_STR) "," S_M("email",
				S_STR) "," S_M("phone", S_STR) "," S_M("mobile",
				S_STR) "," S_M("company", S_STR) "," S_M("role",
				S_STR) "," S_M("region", S_STR) "," S_M("country",
				S_STR) "," S_M("city", S_STR) "," S_M("postal_code",
				S_STR) "," S_M("industry", S_STR) "," S_M("company_size",
				S_STR) "," S_M("website", S_STR) "," S_M("source",
				S_STR) "," S_M("campaign", S_STR) "," S_M("status",
				S_STR) "," S_M("stage", S_STR) "," S_M("owner",
				S_STR) "," S_M("currency", S_STR) "," S_M("lost_reason",
				S_STR) "," S_M("consent", S_STR) "," S_M("notes",
				S_STR) "," S_M("tags", S_STR) "," S_M("value",
				S_NUM) "," S_M("created_at", S_TIME) "," S_M("last_activity_at",
				S_TIME) "," S_M("outcome", S_OUTCOME) "," S_M("outcome_at",
				S_TIME) "," S_M("heat", S_HEAT) "," S_M("stale",
				S_BOOL) "," S_M("score", S_POINTS) "," S_M("probability",
				S_PROB) "," S_M("confidence", S_PROB) "," S_M("bands",
				S_REF("Bands")) "," S_M("model", S_STR) "," S_M("scored_at",
				S_TIME) "," S_M("previous",
				S_OBJ(S_M("score", S_POINTS) "," S_M("heat", S_HEAT) "," S_M(
					"at", S_TIME))) "," S_M("reason", S_STR) "," S_M("override",
				S_REQ(S_M("heat", S_HEAT) "," S_M("by", S_ULID) "," S_M(
					      "at", S_TIME) "," S_M("note", S_STR),
					"\"heat\"")) "," S_M("verdict",
				S_REQ(S_M("verdict", VERDICT) "," S_M("by", S_ULID) "," S_M(
					      "at", S_TIME) "," S_M("reason", S_STR),
					"\"verdict\"")) "," S_M("upload_id",
				S_ULID) "," S_M("inserted_at", S_TIME) "," S_M("updated_at",
				S_TIME) "," S_M("attributes", S_MAP(S_STR)),
			  "\"id\",\"version\",\"stale\"") },
	{ "LeadInput",
		"{\"type\":\"object\",\"description\":\"Fields by name; every other member is a "
		"column of its own.\",\"properties\":{" S_M("external_id", TEXT_OR_NULL) "," S_M(
			"name", TEXT_OR_NULL) "," S_M("first_name",
			TEXT_OR_NULL) "," S_M("last_name", TEXT_OR_NULL) "," S_M("email",
			TEXT_OR_NULL) "," S_M("phone", TEXT_OR_NULL) "," S_M("mobile",
			TEXT_OR_NULL) "," S_M("company", TEXT_OR_NULL) "," S_M("role",
			TEXT_OR_NULL) "," S_M("region", TEXT_OR_NULL) "," S_M("country",
			TEXT_OR_NULL) "," S_M("city", TEXT_OR_NULL) "," S_M("postal_code",
			TEXT_OR_NULL) "," S_M("industry", TEXT_OR_NULL) "," S_M("company_size",
			TEXT_OR_NULL) "," S_M("website", TEXT_OR_NULL) "," S_M("source",
			TEXT_OR_NULL) "," S_M("campaign", TEXT_OR_NULL) "," S_M("status",
			TEXT_OR_NULL) "," S_M("stage", TEXT_OR_NULL) "," S_M("owner",
			TEXT_OR_NULL) "," S_M("currency", TEXT_OR_NULL) "," S_M("lost_reason",
			TEXT_OR_NULL) "," S_M("consent", TEXT_OR_NULL) "," S_M("notes",
			TEXT_OR_NULL) "," S_M("tags", TEXT_OR_NULL) "," S_M("value",
			"{\"type\":[\"number\",\"null\"]}") "," S_M("created_at",
			TIME_OR_NULL) "," S_M("last_activity_at", TIME_OR_NULL) "," S_M("outcome",
			S_OUTCOME) "," S_M("outcome_at", TIME_OR_NULL) "," S_M("attributes",
			S_MAP(CELL)) "},\"additionalProperties\":" CELL "}" },
	{ "LeadPage", S_REQ(S_M("items", S_ARR(S_REF("Lead"))) "," S_M(
				    "next_cursor", S_CURSOR) "," S_M("total",
				    "{\"type\":[\"integer\",\"null\"]}") "," S_M("total_at_least",
				    S_INT) "," S_M("at", S_NUM),
			      "\"items\",\"next_cursor\"") },
	{ "LeadAttributes",
		S_REQ(S_M("items", S_ARR(S_REQ(S_M("name", S_STR) "," S_M("filled", S_INT) "," S_M(
						       "indexed", S_BOOL),
					   "\"name\",\"filled\",\"indexed\""))),
			"\"items\"") },
	{ "Bands", S_REQ(S_M("hot", S_PROB) "," S_M("warm", S_PROB) "," S_M("cold", S_PROB),
			   "\"hot\",\"warm\",\"cold\"") },
	{ "ScoreReason", S_REQ(S_M("column", S_STR) "," S_M("value", S_STR) "," S_M(
				       "missing", S_BOOL) "," S_M("text", S_STR) "," S_M("points",
				       S_INT) "," S_M("probability", S_NUM) "," S_M("evidence",
				       S_REQ(S_M("won", S_INT) "," S_M("count", S_INT),
					       "\"won\",\"count\"")),
				 "\"text\",\"points\",\"probability\"") },
	{ "Explanation",
		S_REQ(S_M("heat", S_HEAT) "," S_M("score", S_POINTS) "," S_M(
			      "probability", S_PROB) "," S_M("bands",
			      S_REF("Bands")) "," S_M("confidence", S_PROB) "," S_M("model",
			      S_STR) "," S_M("as_of", S_TIME) "," S_M("reasons",
			      S_ARR(S_REF("ScoreReason"))) "," S_M("base", PART) "," S_M("average",
			      PART) "," S_M("rest", PART) "," S_M("reach",
			      S_REQ(S_M("already", S_BOOL) "," S_M("reachable", S_BOOL) "," S_M(
					    "threshold", S_NUM) "," S_M("changes",
					    S_ARR(CHANGE)) "," S_M("probab"
								   "ility_"
								   "after",
					    S_PROB) "," S_M("score_after", S_POINTS) "," S_M("text",
					    S_STR),
				      "\"already\",\"reachable\","
				      "\"changes\",\"text\"")) "," S_M("mo"
								       "ve"
								       "d",
			      S_REQ(S_M("from", END) "," S_M("to", END) "," S_M("points",
					    S_REQ(S_M("data", S_INT) "," S_M("time", S_INT) "," S_M(
							  "model", S_INT),
						    "\"data\",\"time\",\"model\"")) "," S_M("chan"
											    "ges",
					    S_ARR(CHANGE)) "," S_M("text", S_STR),
				      "\"from\",\"to\",\"points\",\"text\"")),
			"\"heat\",\"score\",\"probability\",\"bands\",\"model\",\"reasons\"") },
	{ "SimilarLeads", S_REQ(S_M("items", S_ARR(S_REF("Lead"))) "," S_M(
					"available", S_BOOL) "," S_M("why", S_STR),
				  "\"items\",\"available\"") },
	{ NULL, NULL },
};
