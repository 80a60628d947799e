/* SPDX-License-Identifier: Apache-2.0 */
/* Words of the demo, all invented or everyday; the weights and effects are ours. */
#include "leads/demo_internal.h"

const struct demo_word demo_sources[SOURCE_COUNT] = {
	[SOURCE_ORGANIC] = { "Organic Search|organic search|Organic  Search", 24, 0.0 },
	[SOURCE_ADS] = { "Paid Ads|paid ads|Paid Adds", 20, -0.35 },
	[SOURCE_REFERRAL] = { "Referral|referral|REFERRAL|Refferal", 11, 1.15 },
	[SOURCE_PARTNER] = { "Partner|partner", 7, 0.75 },
	[SOURCE_WEBINAR] = { "Webinar|webinar|WEBINAR", 11, 0.45 },
	[SOURCE_EVENT] = { "Trade Fair|trade fair|Tradefair", 8, 0.2 },
	[SOURCE_SOCIAL] = { "Social Media|social media|Social", 11, -0.9 },
	[SOURCE_LIST] = { "Bought List|bought list", 8, -1.5 },
};

const struct demo_word demo_ranks[RANK_COUNT] = {
	[RANK_CHIEF] = { "CEO|Chief % Officer|Managing Director|Founder & CEO", 9, 0.55 },
	[RANK_VP] = { "VP %|Vice President of %|VP of %", 7, 0.5 },
	[RANK_DIRECTOR] = { "% Director|Director of %|director of %", 13, 0.35 },
	[RANK_HEAD] = { "Head of %|head of %", 12, 0.3 },
	[RANK_MANAGER] = { "% Manager|% manager|Manager, %", 26, 0.0 },
	[RANK_STAFF] = { "% Specialist|% Analyst|% Assistant", 18, -0.4 },
	[RANK_STUDENT] = { "Student|student|Intern", 7, -1.6 },
	[RANK_NONE] = { "|-|n/a", 8, -0.35 },
};

const struct demo_word demo_departments[] = {
	{ "Operations", 20, 0.1 },
	{ "Marketing", 22, 0.0 },
	{ "IT", 18, 0.15 },
	{ "Finance", 12, -0.1 },
	{ "Sales", 16, 0.1 },
	{ "Human Resources", 12, -0.3 },
};
const size_t demo_n_departments = sizeof(demo_departments) / sizeof(demo_departments[0]);

const struct demo_word demo_industries[] = {
	{ "Manufacturing|manufacturing", 18, 0.2 },
	{ "Retail|retail|Retail ", 15, 0.0 },
	{ "Software|software|SOFTWARE", 17, 0.3 },
	{ "Logistics|logistics", 10, 0.25 },
	{ "Health Care|Healthcare|health care", 10, -0.1 },
	{ "Education|education", 9, -0.5 },
	{ "Construction|construction", 9, -0.2 },
	{ "Public Sector|public sector", 6, -0.6 },
	{ "Food & Drink|food & drink", 6, 0.0 },
};
const size_t demo_n_industries = sizeof(demo_industries) / sizeof(demo_industries[0]);

const struct demo_country demo_countries[] = {
	{ "Germany|germany|Deutschland|DE",
		"Jürgen/Juergen Anke Björn/Bjoern Sabine Uwe Heike Lukas Katrin Jörg/Joerg Ulrike",
		"Müller/Mueller Schröder/Schroeder Krüger/Krueger Weiß/Weiss Hoffmann Vogt Lang "
		"Böhm/Boehm Seidel Franke",
		"GmbH|& Söhne GmbH|AG|GmbH & Co. KG", "+49 30 23125 ###", 24, 0.2, false },
	{ "United Kingdom|united kingdom|UK|Great Britain",
		"Oliver Amelia Harriet George Imogen Callum Freya Alistair Niamh/Niamh Rhys",
		"Whitfield Ashdown O'Connell Barlow Pemberton Kerr Lockwood Fairley Drummond Yates",
		"Ltd|Ltd.|LLP|plc", "+44 20 7946 0###", 16, 0.15, true },
	{ "United States|united states|USA|U.S.",
		"Madison Tyler Brooke Mason Destiny Carlos Hannah Wesley Paige Dwight",
		"Harlan Stockton Delgado Whitaker Nguyen Pruitt Callahan Rosales Beckett Truong",
		"Inc.|LLC|Corp.|Inc", "(212) 555-01##", 20, 0.3, true },
	{ "France|france|FR",
		"Élodie/Elodie Rémi/Remi Chloé/Chloe Benoît/Benoit Manon Thierry Solène/Solene "
		"Gaëlle/Gaelle Loïc/Loic Maxime",
		"Lefèvre/Lefevre Garnier Bérenger/Berenger Chauvin Delaunay Rousselet Marchand "
		"Périer/Perier Vasseur Gauthier",
		"SARL|SAS|Frères SA|SA", "+33 1 99 00 ## ##", 11, -0.1, false },
	{ "Poland|poland|Polska|PL",
		"Łukasz/Lukasz Agnieszka Paweł/Pawel Małgorzata/Malgorzata Krzysztof Zofia "
		"Michał/Michal Ewa Stanisław/Stanislaw Joanna",
		"Wiśniewska/Wisniewska Kowalczyk Zieliński/Zielinski Dąbrowski/Dabrowski Mazur "
		"Król/Krol Wróbel/Wrobel Pawlak Górski/Gorski Lis",
		"sp. z o.o.|S.A.|Sp. z o.o.", NULL, 7, -0.2, true },
	{ "Spain|spain|España|ES",
		"Íñigo/Inigo Lucía/Lucia Álvaro/Alvaro Nuria Begoña/Begona Joaquín/Joaquin Marta "
		"Sergio Inés/Ines Rubén/Ruben",
		"Núñez/Nunez Ibáñez/Ibanez Ortega Carrasco Peña/Pena Vidal Serrano Cordero "
		"Muñoz/Munoz Belmonte",
		"S.L.|S.A.|SL", NULL, 7, -0.25, true },
	{ "Sweden|sweden|Sverige|SE",
		"Åsa/Asa Björn/Bjorn Linnéa/Linnea Gösta/Gosta Maja Östen/Osten Elin Håkan/Hakan "
		"Tuva Nils",
		"Söderberg/Soderberg Lindqvist Åkesson/Akesson Nyström/Nystrom Dahl Hellgren "
		"Öberg/Oberg Sandell Wikström/Wikstrom Bergman",
		"AB|AB (publ)", NULL, 6, 0.35, true },
	{ "India|india|IN", "Ananya Rohan Kavita Arjun Priya Sandeep Meera Vikram Lakshmi Nikhil",
		"Deshpande Iyer Chatterjee Menon Bhatt Kulkarni Reddy Saxena Pillai Trivedi",
		"Pvt. Ltd.|Private Limited|LLP", NULL, 6, -0.45, true },
	{ "Japan|japan|日本|JP",
		"陽子/Yoko 健太/Kenta 美咲/Misaki 拓也/Takuya 直美/Naomi 翔/Sho 由美/Yumi "
		"大輔/Daisuke",
		"佐藤/Sato 田中/Tanaka 渡辺/Watanabe 山本/Yamamoto 小林/Kobayashi 中村/Nakamura "
		"森/Mori "
		"石川/Ishikawa",
		"K.K.|Co., Ltd.|株式会社", NULL, 3, 0.1, true },
};
const size_t demo_n_countries = sizeof(demo_countries) / sizeof(demo_countries[0]);

const char *const demo_company_a = "Bright Harbor Northfold Cobalt Alder Summit Larkfield Orchid "
				   "Riverton Quarry Velvet Tallow Ember Juniper Granite Meridian "
				   "Fenwick Solace Copperleaf Windmere Pebble Arden Lumen Thistle";
const char *const demo_company_b = "Works Systems Foods Trading Freight Labs Tools Analytics "
				   "Clinics Schools Build Motors Textiles Energy Paper Media";

/* "#" becomes a digit. */
const char *const demo_notes[] = {
	"Asked what it costs for #0 seats.",
	"Wants to start on the #th of next month.",
	"Compares us with # others; decision by a board of three.",
	"Called back on extension ##, \"please send the data sheet again\".",
	"Uses ## spreadsheets today; fed up with them.",
	"Needs single sign-on for ### people.",
	"Speaks for the whole group (# sites).",
	"Met at stand ##, took a brochure.",
	"Budget to be settled in week ##.",
	"Left a voicemail at 1#:#0;\nwrote an e-mail as well.",
	"Interested in # training days.",
	"Had # questions on the contract, answered.",
	"Colleague used us at a former company, # years ago.",
	"Wants # references from the same industry.",
	"Moves # offices in spring, quiet until then.",
	"Sends us a list of ## wishes.",
};
const size_t demo_n_notes = sizeof(demo_notes) / sizeof(demo_notes[0]);

const char *const demo_owners[] = { "Nora Feld", "Tom Ashby", "Chantal Roy", "Piotr Nowicki",
	"Sam Okafor", "Ines Duarte" };
const size_t demo_n_owners = sizeof(demo_owners) / sizeof(demo_owners[0]);

const char *const demo_lost_reasons[] = { "Price", "No budget", "Went silent",
	"Chose another vendor", "No need", "price" };
const size_t demo_n_lost_reasons = sizeof(demo_lost_reasons) / sizeof(demo_lost_reasons[0]);
const char *const demo_won_reasons[] = { "Signed", "Signed, 12 months", "Signed, pilot" };
const size_t demo_n_won_reasons = sizeof(demo_won_reasons) / sizeof(demo_won_reasons[0]);
