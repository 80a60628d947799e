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
	bool keyed; /* of a key; others only tell evidence */
};

struct slot {
	uint64_t id;
	uint32_t cell; /* index + 1; 0 free */
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
	struct number *numbers;
	struct evidence *evidence;
	bool *needs;           /* [n_bases] */
	uint32_t *evidence_of; /* [n_bases] index + 1 into evidence */
};

/* encoder_index(enc, e): build what makes look-ups fast; after the last key is there. */
int encoder_index_key(struct encoder *enc, struct key *k, struct err *e);
int encoder_index_axis(struct axis *a, struct err *e);

#endif
