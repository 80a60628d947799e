/* SPDX-License-Identifier: Apache-2.0 */
/* encode_internal.h: how an encoder lies in memory; for encode*.c only. */
#ifndef FEATURES_ENCODE_INTERNAL_H
#define FEATURES_ENCODE_INTERNAL_H

#include "features/encode.h"

#define ENC_MAX_AXES     8192u
#define ENC_MAX_BASES    100000u
#define ENC_MAX_FEATURES 200000u
#define ENC_MAX_CUTS     (1u << 22)
#define ENC_MAX_CELLS    (1u << 26)

struct axis {
	struct enc_axis a; /* cuts owned */
	/* VALUE over whole numbers in a narrow range: code = whole[v - lo]; else NULL. */
	uint32_t *whole;
	int64_t lo, hi;
	uint32_t coded; /* index + 1 in encoder.coded; 0: of no key, it only tells evidence */
};

struct slot {
	uint64_t id;
	uint32_t cell; /* index + 1; 0 free */
};

/* What a row needs of the axes that keys have, and of the keys: close together, as axes and keys
 * are long and a row comes to each of them once. What is pointed to is theirs. */
enum coded_how { CODED_LEVEL, CODED_WHOLE, CODED_FEW_EDGES, CODED_SEARCHED };

struct coded_axis {
	union {
		float *cuts;
		const uint32_t *whole; /* of CODED_WHOLE */
	};
	uint32_t base, n;
	int32_t lo;   /* CODED_WHOLE: the first value */
	int32_t hi;   /* CODED_WHOLE: the last; else how many cuts */
	uint8_t how;  /* enum coded_how */
	uint8_t kind; /* enum enc_axis_kind */
};

struct look {
	const uint32_t *direct;   /* as in struct key; NULL: */
	const struct slot *slots; /* this is used */
	uint64_t mask;
	uint32_t n_cells;
	uint16_t n_axes;
	uint16_t coded[ENC_PARTS]; /* into encoder.coded */
	uint32_t n[ENC_PARTS];     /* codes of each */
};

struct key {
	uint32_t axis[ENC_PARTS]; /* into encoder.axes */
	uint32_t n_axes;
	uint32_t n_cells;
	uint64_t *id;    /* [n_cells] ascending */
	uint32_t *count; /* [n_cells] */
	uint32_t *won;   /* [n_cells * won_each] */
	uint32_t n_out;
	uint32_t first; /* its first feature */
	float *values;  /* [(n_cells + 1) * n_out], the defaults last */
	/* One of the two, made by key_index: */
	uint32_t *direct; /* [n_ids] cell, n_cells where unseen */
	uint64_t n_ids;
	struct slot *slots; /* open addressing, a power of two */
	uint64_t mask;
};

struct number {
	uint32_t base;
	uint32_t feature;
};

struct evidence {
	uint32_t axis;
	uint32_t *count; /* [axis n] */
	uint32_t *won;   /* [axis n * won_each] */
};

struct encoder {
	uint32_t n_bases;
	uint32_t n_classes;
	uint32_t won_each; /* 1, or 3 with three labels */
	uint32_t n_features, n_axes, n_keys, n_numbers, n_evidence;
	struct enc_feature *features;
	struct axis *axes;
	struct key *keys;
	struct look *looks; /* of each key */
	struct coded_axis *coded;
	uint32_t n_coded;
	struct number *numbers;
	struct evidence *evidence;
	bool *needs;           /* [n_bases] */
	uint32_t *evidence_of; /* [n_bases] index + 1 into evidence */
};

/* What makes look-ups fast, of an axis before any key has it, and of key ${i}, in order. */
int encoder_index_axis(struct axis *a, struct err *e);
int encoder_index_key(struct encoder *enc, uint32_t i, struct err *e);
/* encoder_grow(list, n, size, e): room for one more item of ${size} bytes behind ${n}; by doubling.
 */
int encoder_grow(void *list, uint32_t n, size_t size, struct err *e);

#endif
