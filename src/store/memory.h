/* SPDX-License-Identifier: Apache-2.0 */
/* memory.h: a store in plain arrays: the reference that the others are compared with, and for tests
 * that need a store and no disk. Nothing survives it. */
#ifndef STORE_MEMORY_H
#define STORE_MEMORY_H

struct err;
struct store;

struct store *store_memory_open(struct err *e);

#endif
