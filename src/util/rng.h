/* SPDX-License-Identifier: Apache-2.0 */
/* rng.h: xoshiro256** (Blackman and Vigna 2018), seeded by splitmix64: the same numbers for the
 * same seed on every machine. Not for secrets. */
#ifndef UTIL_RNG_H
#define UTIL_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t s[4];
};

void rng_seed(struct rng *r, uint64_t seed);
/* rng_fork(seed, stream): a seed for an independent stream, so that parts do not share draws. */
uint64_t rng_fork(uint64_t seed, uint64_t stream);
uint64_t rng_u64(struct rng *r);
uint64_t rng_below(struct rng *r, uint64_t n);          /* 0 to n-1 without bias; n > 0 */
double rng_double(struct rng *r);                       /* [0, 1), 53 bits */
double rng_normal(struct rng *r);                       /* mean 0, standard deviation 1 */
void rng_shuffle(struct rng *r, uint32_t *a, size_t n); /* Fisher-Yates */

#endif
