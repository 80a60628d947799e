/* SPDX-License-Identifier: Apache-2.0 */
#include "model/shap.h"
#include "model/shap_internal.h"

#if defined(__x86_64__)

/* on[] of a level is always written by the level above before it is read; gcc at -O3 cannot see
 * that through the recursion. */
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#define TARGET    __attribute__((target("avx2")))
#define SHAP_TREE shap_tree_avx2
#include "model/shap_tree.inc"

#endif
