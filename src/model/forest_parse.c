/* SPDX-License-Identifier: Apache-2.0 */
/* XGBoost JSON to struct forest. Keys may come in any order, so a tree is checked on its own while
 * it is read, and what needs the number of features, groups or trees at the end. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/forest.h"
#include "model/forest_internal.h"
#include "model/forest_scan_internal.h"
#include "util/buf.h"
#include "util/err.h"

#define BASES_MAX 3u

struct parse {
	struct scan s;
	struct err *e;
	struct forest_limits lim;
	struct forest *f;
	/* one tree, memory kept from tree to tree */
	struct ivec left, right, feature, type, deflt, queue;
	uint8_t *seen; /* as long as queue's room */
	struct fvec value, cover, gain;
	/* from all over the file */
	struct ivec tree_info;
	uint32_t feature_max; /* highest feature of any split */
	bool has_info, has_objective, has_param, has_booster, has_trees;
	int32_t num_class, num_target, num_trees; /* -1: not given */
	float base[BASES_MAX];
	uint32_t n_base; /* 0: not given */
	bool base_trees; /* the first n_groups trees are the base */
	struct buf segments, names;
	uint32_t n_names;
};

static int bad_tree(struct parse *p, const char *what)
{
	return err_set(p->e, ERR_INPUT, "tree %u of the model file: %s", p->f->n_trees, what);
}

/* A text that holds a whole number of 0 or more, or the number itself. */
static int read_count(struct parse *p, int32_t *out)
{
	struct scan in = p->s;
	struct str raw;

	if (scan_peek(&p->s) != '"') {
		if (scan_int(&p->s, out) != 0)
			return -1;
	} else {
		if (scan_string(&p->s, &raw) != 0)
			return -1;
		in.at = raw.p;
		in.end = raw.p + raw.n;
		if (scan_int(&in, out) != 0)
			return -1;
		if (in.at != in.end)
			return scan_fail(&in, "a whole number should be here");
	}
	return *out < 0 ? scan_fail(&p->s, "a count below 0") : 0;
}

/* base_score: a number, a text, a list of numbers, or (3.1) a text that holds a list. */
static int read_base(struct scan *s, struct parse *p)
{
	struct scan in = *s;
	struct str raw;
	bool first = true;
	int more;

	p->n_base = 0;
	switch (scan_peek(s)) {
	case '"':
		if (scan_string(s, &raw) != 0)
			return -1;
		in.at = raw.p;
		in.end = raw.p + raw.n;
		if (scan_peek(&in) == '"')
			return scan_fail(&in, "base_score should be a number");
		if (read_base(&in, p) != 0)
			return -1;
		return in.at == in.end ? 0 : scan_fail(&in, "base_score should be a number");
	case '[':
		if (scan_open(s, '[') != 0)
			return -1;
		while ((more = scan_item(s, &first)) == 1) {
			if (p->n_base == BASES_MAX)
				return scan_fail(s, "base_score has more than 3 numbers");
			if (scan_float(s, &p->base[p->n_base++]) != 0)
				return -1;
		}
		return more;
	default:
		p->n_base = 1;
		return scan_float(s, &p->base[0]);
	}
}

/* ---- one tree ---- */

enum tree_key {
	K_LEFT,
	K_RIGHT,
	K_FEATURE,
	K_TYPE,
	K_DEFAULT,
	K_VALUE,
	K_COVER,
	K_GAIN,
	K_WEIGHTS,
	K_PARENTS,
	K_ID,
	K_PARAM,
	K_OTHER
};
static const char *const tree_keys[] = { "left_children", "right_children", "split_indices",
	"split_type", "default_left", "split_conditions", "sum_hessian", "loss_changes",
	"base_weights", "parents", "id", "tree_param" };
#define TREE_KEYS_NEEDED ((1u << K_WEIGHTS) - 1u - (1u << K_TYPE))

static enum tree_key tree_key(struct str key)
{
	enum tree_key k;

	for (k = 0; k < K_OTHER; k++) {
		if (str_eq(key, str_of(tree_keys[k])))
			break;
	}
	return k;
}

static int read_tree_param(struct parse *p)
{
	bool first = true;
	struct str key;
	int32_t v;
	int more;

	if (scan_open(&p->s, '{') != 0)
		return -1;
	while ((more = scan_key(&p->s, &first, &key)) == 1) {
		if (!str_eq(key, S("size_leaf_vector"))) {
			if (scan_skip(&p->s) != 0)
				return -1;
			continue;
		}
		if (read_count(p, &v) != 0)
			return -1;
		if (v > 1)
			return bad_tree(p, "several outputs in one leaf are not supported");
	}
	return more;
}

static int read_tree_member(struct parse *p, enum tree_key k, size_t *weights, size_t *parents)
{
	int32_t id;

	switch (k) {
	case K_LEFT:
		return scan_ints(&p->s, &p->left);
	case K_RIGHT:
		return scan_ints(&p->s, &p->right);
	case K_FEATURE:
		return scan_ints(&p->s, &p->feature);
	case K_TYPE:
		return scan_ints(&p->s, &p->type);
	case K_DEFAULT:
		return scan_ints(&p->s, &p->deflt);
	case K_VALUE:
		return scan_floats(&p->s, &p->value);
	case K_COVER:
		return scan_floats(&p->s, &p->cover);
	case K_GAIN:
		return scan_floats(&p->s, &p->gain);
	case K_WEIGHTS:
		return scan_count(&p->s, weights);
	case K_PARENTS:
		return scan_count(&p->s, parents);
	case K_ID:
		if (scan_int(&p->s, &id) != 0)
			return -1;
		return id >= 0 && (uint32_t)id == p->f->n_trees
			       ? 0
			       : bad_tree(p, "its id is not its place in the list");
	case K_PARAM:
		return read_tree_param(p);
	default:
		return scan_skip(&p->s);
	}
}

/* The arrays of one tree are all there and of one length. */
static int check_lengths(struct parse *p, unsigned seen, size_t weights, size_t parents)
{
	size_t n = p->left.n;

	for (unsigned k = 0; k < K_OTHER; k++) {
		if ((TREE_KEYS_NEEDED & ~seen) >> k & 1)
			return err_set(p->e, ERR_INPUT, "tree %u of the model file has no \"%s\"",
				p->f->n_trees, tree_keys[k]);
	}
	if (n == 0)
		return bad_tree(p, "it has no nodes");
	if (n > p->lim.nodes)
		return err_set(p->e, ERR_LIMIT,
			"tree %u of the model file has %zu nodes, the limit is %u", p->f->n_trees,
			n, p->lim.nodes);
	if (p->right.n != n || p->feature.n != n || p->deflt.n != n || p->value.n != n ||
		p->cover.n != n || p->gain.n != n || (seen >> K_TYPE & 1 && p->type.n != n) ||
		(seen >> K_WEIGHTS & 1 && weights != n) || (seen >> K_PARENTS & 1 && parents != n))
		return bad_tree(p, "its lists differ in length");
	return 0;
}

/* One reachable node: its numbers make sense. Children are checked by the walk. */
static int check_node(struct parse *p, uint32_t i, bool has_type)
{
	bool leaf = p->left.p[i] == -1;
	const char *what = NULL;

	if (leaf != (p->right.p[i] == -1))
		what = "one child only";
	else if (!(p->cover.p[i] >= 0))
		what = "a negative sum_hessian";
	else if (!leaf && p->feature.p[i] < 0)
		what = "a negative feature number";
	else if (!leaf && has_type && p->type.p[i] != 0)
		what = "a split by sets of categories; heatscore encodes categories as numbers, so "
		       "train without enable_categorical";
	if (what == NULL)
		return 0;
	return err_set(
		p->e, ERR_INPUT, "tree %u, node %u of the model file: %s", p->f->n_trees, i, what);
}

static int bad_child(struct parse *p, uint32_t i, int32_t child)
{
	bool inside = child > 0 && (size_t)child < p->left.n;

	return err_set(p->e, ERR_INPUT, "tree %u, node %u of the model file: child %d %s",
		p->f->n_trees, i, child,
		inside ? "has another parent already" : "is not a node of the tree");
}

/* Walks level by level from the root; every node is reached at most once, so there is no cycle and
 * the walk ends. queue holds the reached nodes in that order. */
static int walk_tree(struct parse *p, bool has_type)
{
	uint32_t n = (uint32_t)p->left.n, head = 0, level_end = 1, depth = 0;
	int32_t *queue;

	if (p->queue.cap < n) {
		uint8_t *seen = realloc(p->seen, n);

		if (seen == NULL)
			return err_nomem(p->e);
		p->seen = seen;
		if ((queue = realloc(p->queue.p, n * sizeof(*queue))) == NULL)
			return err_nomem(p->e);
		p->queue.p = queue;
		p->queue.cap = n;
	}
	queue = p->queue.p;
	memset(p->seen, 0, n);
	queue[0] = 0;
	p->seen[0] = 1;
	for (p->queue.n = 1; head < p->queue.n; head++) {
		uint32_t i = (uint32_t)queue[head];
		int32_t child[2] = { p->left.p[i], p->right.p[i] };

		if (head == level_end) {
			level_end = (uint32_t)p->queue.n;
			if (++depth > p->lim.depth)
				return err_set(p->e, ERR_LIMIT,
					"tree %u of the model file is deeper than %u levels",
					p->f->n_trees, p->lim.depth);
		}
		if (check_node(p, i, has_type) != 0)
			return -1;
		for (int c = 0; c < 2 && child[0] != -1; c++) {
			if (child[c] <= 0 || (uint32_t)child[c] >= n || p->seen[child[c]])
				return bad_child(p, i, child[c]);
			p->seen[child[c]] = 1;
			queue[p->queue.n++] = child[c];
		}
	}
	return 0;
}

static int ascending(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

/* The reached nodes become a struct tree. Nodes that pruning left behind are dropped; the others
 * keep their order, so that a tree without such nodes keeps its numbers. */
static int keep_tree(struct parse *p)
{
	size_t n = p->left.n, kept = p->queue.n;
	struct tree *t = &p->f->trees[p->f->n_trees];
	int32_t *old = p->queue.p;

	if (tree_alloc(t, (uint32_t)kept) != 0)
		return err_nomem(p->e);
	if (kept == n) {
		for (size_t i = 0; i < n; i++)
			old[i] = (int32_t)i;
	} else {
		qsort(old, kept, sizeof(*old), ascending);
		for (size_t i = 0; i < kept; i++)
			p->deflt.p[old[i]] = (p->deflt.p[old[i]] != 0) | (int32_t)i << 1;
	}
	for (size_t i = 0; i < kept; i++) {
		int32_t o = old[i], l = p->left.p[o], r = p->right.p[o];

		t->value[i] = p->value.p[o];
		t->cover[i] = p->cover.p[o];
		t->gain[i] = p->gain.p[o];
		t->left[i] = t->right[i] = -1;
		if (l < 0)
			continue;
		t->left[i] = kept == n ? l : p->deflt.p[l] >> 1;
		t->right[i] = kept == n ? r : p->deflt.p[r] >> 1;
		t->default_left[i] = kept == n ? p->deflt.p[o] != 0 : p->deflt.p[o] & 1;
		t->feature[i] = (uint32_t)p->feature.p[o];
		if (t->feature[i] > p->feature_max)
			p->feature_max = t->feature[i];
	}
	p->f->n_trees++;
	return 0;
}

static int read_tree(struct parse *p)
{
	size_t weights = 0, parents = 0;
	unsigned seen = 0;
	bool first = true;
	struct str key;
	int more;

	if (p->f->n_trees == p->lim.trees)
		return err_set(
			p->e, ERR_LIMIT, "the model file has more than %u trees", p->lim.trees);
	if (forest_grow(p->f) != 0)
		return err_nomem(p->e);
	if (scan_open(&p->s, '{') != 0)
		return -1;
	while ((more = scan_key(&p->s, &first, &key)) == 1) {
		enum tree_key k = tree_key(key);

		if (k != K_OTHER && seen >> k & 1)
			return bad_tree(p, "a key is there twice");
		seen |= 1u << k;
		if (read_tree_member(p, k, &weights, &parents) != 0)
			return -1;
	}
	if (more < 0 || check_lengths(p, seen, weights, parents) != 0 ||
		walk_tree(p, seen >> K_TYPE & 1) != 0)
		return -1;
	return keep_tree(p);
}

/* ---- the objects around the trees ---- */

typedef int member_fn(struct parse *p, struct str key);

/* Every member of the object that starts here. */
static int each(struct parse *p, member_fn *fn)
{
	bool first = true;
	struct str key;
	int more;

	if (scan_open(&p->s, '{') != 0)
		return -1;
	while ((more = scan_key(&p->s, &first, &key)) == 1) {
		if (fn(p, key) != 0)
			return -1;
	}
	return more;
}

static int once(struct parse *p, bool *seen, const char *name)
{
	if (*seen)
		return err_set(p->e, ERR_INPUT, "the model file has \"%s\" twice", name);
	*seen = true;
	return 0;
}

static int on_gbtree_param(struct parse *p, struct str key)
{
	int32_t v;

	if (str_eq(key, S("num_trees")))
		return read_count(p, &p->num_trees);
	if (!str_eq(key, S("size_leaf_vector")))
		return scan_skip(&p->s);
	if (read_count(p, &v) != 0)
		return -1;
	return v > 1 ? scan_fail(&p->s, "several outputs in one leaf are not supported") : 0;
}

static int on_model(struct parse *p, struct str key)
{
	bool first = true;
	int more;

	if (str_eq(key, S("gbtree_model_param")))
		return each(p, on_gbtree_param);
	if (str_eq(key, S("tree_info"))) {
		if (once(p, &p->has_info, "tree_info") != 0)
			return -1;
		return scan_ints(&p->s, &p->tree_info);
	}
	if (!str_eq(key, S("trees")))
		return scan_skip(&p->s);
	if (once(p, &p->has_trees, "trees") != 0 || scan_open(&p->s, '[') != 0)
		return -1;
	while ((more = scan_item(&p->s, &first)) == 1) {
		if (read_tree(p) != 0)
			return -1;
	}
	return more;
}

static int on_booster(struct parse *p, struct str key)
{
	struct str name;

	if (str_eq(key, S("model")))
		return each(p, on_model);
	if (!str_eq(key, S("name")))
		return scan_skip(&p->s);
	if (scan_string(&p->s, &name) != 0)
		return -1;
	if (str_eq(name, S("gbtree")))
		return 0;
	return err_set(p->e, ERR_INPUT,
		"the model file holds a \"" STR_FMT "\" booster; only \"gbtree\" is supported",
		name.n > 40 ? 40 : (int)name.n, name.p);
}

static int on_objective(struct parse *p, struct str key)
{
	struct str name;

	if (!str_eq(key, S("name")))
		return scan_skip(&p->s);
	if (once(p, &p->has_objective, "objective") != 0 || scan_string(&p->s, &name) != 0)
		return -1;
	if (name.n < sizeof(p->f->objective)) {
		memcpy(p->f->objective, name.p, name.n);
		p->f->objective[name.n] = '\0';
	}
	if (name.n < sizeof(p->f->objective) && strlen(p->f->objective) == name.n &&
		forest_base_kind(p->f->objective) != BASE_UNKNOWN)
		return 0;
	return err_set(p->e, ERR_INPUT,
		"the model file was trained with \"" STR_FMT "\"; binary:logistic, multi:softprob "
		"and reg:squarederror are supported",
		name.n > 40 ? 40 : (int)name.n, name.p);
}

static int on_param(struct parse *p, struct str key)
{
	int32_t v;

	if (str_eq(key, S("base_score")))
		return read_base(&p->s, p);
	if (str_eq(key, S("num_class")))
		return read_count(p, &p->num_class);
	if (str_eq(key, S("num_target")))
		return read_count(p, &p->num_target);
	if (!str_eq(key, S("num_feature")))
		return scan_skip(&p->s);
	if (read_count(p, &v) != 0)
		return -1;
	if ((uint32_t)v > p->lim.features)
		return err_set(p->e, ERR_LIMIT, "the model file has %d features, the limit is %u",
			v, p->lim.features);
	p->f->n_features = (uint32_t)v;
	return 0;
}

static int on_attribute(struct parse *p, struct str key)
{
	struct str v;

	if (str_eq(key, S("heatscore_segments"))) {
		buf_reset(&p->segments);
		return scan_text(&p->s, &p->segments);
	}
	if (!str_eq(key, S("heatscore_base")))
		return scan_skip(&p->s);
	if (scan_string(&p->s, &v) != 0)
		return -1;
	p->base_trees = str_eq(v, S("trees"));
	return p->base_trees ? 0 : scan_fail(&p->s, "heatscore_base should be \"trees\"");
}

/* Names are kept one after the other, each ended by a NUL, until their count can be checked. */
static int read_names(struct parse *p)
{
	bool first = true;
	int more;

	buf_reset(&p->names);
	p->n_names = 0;
	if (scan_open(&p->s, '[') != 0)
		return -1;
	while ((more = scan_item(&p->s, &first)) == 1) {
		if (p->n_names++ == p->lim.features)
			return scan_fail(&p->s, "too many feature names");
		if (scan_text(&p->s, &p->names) != 0)
			return -1;
		buf_c(&p->names, '\0');
	}
	return more;
}

static int on_learner(struct parse *p, struct str key)
{
	if (str_eq(key, S("attributes")))
		return each(p, on_attribute);
	if (str_eq(key, S("feature_names")))
		return read_names(p);
	if (str_eq(key, S("gradient_booster")))
		return once(p, &p->has_booster, "gradient_booster") != 0 ? -1 : each(p, on_booster);
	if (str_eq(key, S("learner_model_param")))
		return once(p, &p->has_param, "learner_model_param") != 0 ? -1 : each(p, on_param);
	if (str_eq(key, S("objective")))
		return each(p, on_objective);
	return scan_skip(&p->s);
}

static int on_top(struct parse *p, struct str key)
{
	return str_eq(key, S("learner")) ? each(p, on_learner) : scan_skip(&p->s);
}

/* ---- what needs the whole file ---- */

static int finish_groups(struct parse *p)
{
	struct forest *f = p->f;
	bool multi = forest_objective_multi(f->objective);

	if (p->num_target > 1)
		return err_set(p->e, ERR_INPUT, "the model file has %d targets, one is supported",
			p->num_target);
	if (multi ? p->num_class < 1 || p->num_class > 3 : p->num_class > 1)
		return err_set(p->e, ERR_INPUT,
			"the model file has %d classes; up to 3 are supported, with multi:softprob",
			p->num_class);
	f->n_groups = multi ? (uint32_t)p->num_class : 1;
	if (p->num_trees >= 0 && (uint32_t)p->num_trees != f->n_trees)
		return err_set(p->e, ERR_INPUT, "the model file has %u trees but says %d",
			f->n_trees, p->num_trees);
	if (p->tree_info.n != f->n_trees)
		return err_set(p->e, ERR_INPUT, "the model file has %u trees, and groups for %zu",
			f->n_trees, p->tree_info.n);
	for (uint32_t i = 0; i < f->n_trees; i++) {
		int32_t g = p->tree_info.p[i];

		if (g < 0 || (uint32_t)g >= f->n_groups)
			return err_set(p->e, ERR_INPUT,
				"tree %u of the model file adds to margin %d of %u", i, g,
				f->n_groups);
		f->group[i] = (uint32_t)g;
	}
	return 0;
}

static int finish_base(struct parse *p)
{
	struct forest *f = p->f;
	bool logit = forest_base_kind(f->objective) == BASE_LOGIT;

	if (p->n_base != 1 && p->n_base != f->n_groups)
		return err_set(p->e, ERR_INPUT,
			"base_score of the model file has %u numbers, 1 or %u belong there",
			p->n_base, f->n_groups);
	for (uint32_t g = 0; g < f->n_groups; g++) {
		float b = p->base[p->n_base == 1 ? 0 : g];

		f->base[g] = logit ? forest_logit(b) + 0.0f : b; /* 0.5 is 0, not -0 */
		if ((logit && !(b > 0 && b < 1)) || !isfinite(f->base[g]))
			return err_set(p->e, ERR_INPUT,
				"base_score of the model file is %g; it should be a probability",
				(double)b);
	}
	return 0;
}

/* Bases that base_score cannot hold are written as a first tree of one leaf per group. */
static int finish_base_trees(struct parse *p)
{
	struct forest *f = p->f;
	uint32_t n = f->n_groups;

	if (!p->base_trees)
		return 0;
	for (uint32_t g = 0; g < n; g++) {
		if (g >= f->n_trees || f->trees[g].n != 1 || f->group[g] != g || f->base[g] != 0)
			return err_set(p->e, ERR_INPUT,
				"the model file says heatscore_base, and its first %u trees are "
				"not one leaf each",
				n);
	}
	for (uint32_t g = 0; g < n; g++) {
		f->base[g] = f->trees[g].value[0];
		tree_clear(&f->trees[g]);
	}
	f->n_trees -= n;
	memmove(f->trees, f->trees + n, f->n_trees * sizeof(*f->trees));
	memmove(f->group, f->group + n, f->n_trees * sizeof(*f->group));
	return 0;
}

static int finish_segments(struct parse *p)
{
	struct str list = p->segments.n != 0 ? buf_view(&p->segments) : S("");
	struct forest *f = p->f;
	struct scan in = { list.p, list.p, list.p + list.n, 0, p->e };
	uint32_t cap = 1, before = 0;
	int32_t v;

	for (size_t i = 0; i < list.n; i++)
		cap += list.p[i] == ',';
	if ((f->segment_end = calloc(cap, sizeof(*f->segment_end))) == NULL)
		return err_nomem(p->e);
	if (list.n == 0) {
		f->segment_end[f->n_segments++] = f->n_trees;
		return 0;
	}
	for (;;) {
		if (scan_int(&in, &v) != 0)
			return -1;
		if (v < 0 || (uint32_t)v < before || (uint32_t)v > f->n_trees)
			break;
		before = f->segment_end[f->n_segments++] = (uint32_t)v;
		if (in.at == in.end)
			break;
		if (*in.at++ != ',')
			return scan_fail(&in, "heatscore_segments should be numbers and commas");
	}
	if (in.at == in.end && before == f->n_trees && f->n_segments == cap)
		return 0;
	return err_set(p->e, ERR_INPUT,
		"heatscore_segments of the model file does not rise to its %u trees", f->n_trees);
}

static int finish_features(struct parse *p)
{
	const char *at = p->names.p;
	struct forest *f = p->f;

	for (uint32_t i = 0; i < f->n_trees; i++) {
		const struct tree *t = &f->trees[i];

		for (uint32_t k = 0; p->feature_max >= f->n_features && k < t->n; k++) {
			if (t->left[k] >= 0 && t->feature[k] >= f->n_features)
				return err_set(p->e, ERR_INPUT,
					"tree %u, node %u of the model file: feature %u of %u", i,
					k, t->feature[k], f->n_features);
		}
	}
	if (p->n_names == 0)
		return 0;
	if (p->n_names != f->n_features)
		return err_set(p->e, ERR_INPUT, "the model file has %u features and names for %u",
			f->n_features, p->n_names);
	if ((f->feature_names = calloc(f->n_features, sizeof(char *))) == NULL)
		return err_nomem(p->e);
	for (uint32_t i = 0; i < f->n_features; i++) {
		if ((f->feature_names[i] = str_dup(str_of(at))) == NULL)
			return err_nomem(p->e);
		at += strlen(at) + 1;
	}
	return 0;
}

static int finish(struct parse *p)
{
	if (scan_peek(&p->s) != '\0' || p->s.at != p->s.end)
		return scan_fail(&p->s, "text after the end of the model");
	if (!p->has_booster || !p->has_trees || !p->has_info || !p->has_objective || !p->has_param)
		return err_set(p->e, ERR_INPUT, "the model file has no \"%s\"",
			!p->has_param       ? "learner_model_param"
			: !p->has_objective ? "objective"
			: !p->has_booster   ? "gradient_booster"
			: !p->has_trees     ? "trees"
					    : "tree_info");
	if (buf_done(&p->names, p->e) != 0 || buf_done(&p->segments, p->e) != 0)
		return -1;
	if (finish_groups(p) != 0 || finish_base(p) != 0 || finish_features(p) != 0 ||
		finish_base_trees(p) != 0)
		return -1;
	return finish_segments(p);
}

static void parse_clear(struct parse *p)
{
	struct ivec *const ints[] = { &p->left, &p->right, &p->feature, &p->type, &p->deflt,
		&p->queue, &p->tree_info };

	for (size_t i = 0; i < sizeof(ints) / sizeof(ints[0]); i++)
		ivec_clear(ints[i]);
	free(p->seen);
	fvec_clear(&p->value);
	fvec_clear(&p->cover);
	fvec_clear(&p->gain);
	buf_clear(&p->segments);
	buf_clear(&p->names);
}

static struct forest_limits limits_of(const struct forest_limits *lim)
{
	struct forest_limits l = lim != NULL ? *lim : (struct forest_limits){ 0 };

	l.bytes = l.bytes != 0 ? l.bytes : (size_t)512 << 20;
	l.trees = l.trees != 0 ? l.trees : 100000;
	l.nodes = l.nodes != 0 ? l.nodes : 65536;
	l.features = l.features != 0 ? l.features : 100000;
	l.depth = l.depth != 0 ? l.depth : 64;
	return l;
}

struct forest *forest_parse(struct str json, const struct forest_limits *lim, struct err *e)
{
	struct parse p = { .e = e, .lim = limits_of(lim), .num_trees = -1 };
	int rc;

	if (json.n > p.lim.bytes) {
		err_set(e, ERR_LIMIT, "the model file has %zu bytes, the limit is %zu", json.n,
			p.lim.bytes);
		return NULL;
	}
	if (json.n == 0)
		json = S("");
	if ((p.f = forest_new(0, 1)) == NULL) {
		err_nomem(e);
		return NULL;
	}
	p.s = (struct scan){ json.p, json.p, json.p + json.n, 0, e };
	rc = each(&p, on_top) != 0 ? -1 : finish(&p);
	parse_clear(&p);
	if (rc != 0) {
		forest_free(p.f);
		return NULL;
	}
	return p.f;
}
