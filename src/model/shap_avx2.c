/* SPDX-License-Identifier: Apache-2.0 */
#include "model/shap.h"
#include "model/shap_internal.h"

#if defined(__x86_64__)

#define TARGET    __attribute__((target("avx2")))
#define SHAP_TREE shap_tree_avx2
#include "model/shap_tree.inc"

#endif
