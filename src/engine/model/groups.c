#include "config.h"
#include "engine/model/groups.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/rng.h"
#include "engine/model/initial.h"

const struct param_rule param_rule_plain = { .trainable = true, .lr = 1, .weight_decay = NAN, .rho = 1 };

/* --- life ---------------------------------------------------------------------------------------------------------- */

int param_groups_init(struct param_groups *g, const struct net *net, struct err *err)
{
    *g = (struct param_groups){ .n = 1, .trainable = net->params.total };
    g->group = calloc(1, sizeof *g->group);
    if (!g->group) {
        *g = (struct param_groups){ 0 };
        return err_set(err, ERR_MEMORY, "no memory for the parameter groups of %s", net->name);
    }
    g->group[0] = (struct param_group){ .count = net->params.total, .rule = param_rule_plain };
    return 0;
}

int param_groups_copy(struct param_groups *to, const struct param_groups *from, struct err *err)
{
    struct param_group *group = malloc((size_t)from->n * sizeof *group);
    if (!group)
        return err_set(err, ERR_MEMORY, "no memory for %d parameter groups", from->n);
    memcpy(group, from->group, (size_t)from->n * sizeof *group);
    *to = (struct param_groups){ .n = from->n, .group = group, .trainable = from->trainable };
    return 0;
}

void param_groups_release(struct param_groups *g)
{
    free(g->group);
    *g = (struct param_groups){ 0 };
}

/* --- names --------------------------------------------------------------------------------------------------------- */

static bool in_head(const struct net *net, const struct tensor_info *t)
{
    return t->offset == net->head_weight || (net->head == HEAD_LINEAR && t->offset == net->head_bias);
}

/* Marks a unit and all that it comes from. */
static void mark_units(const struct net *net, int unit, bool *marked)
{
    marked[unit] = true;
    for (int i = unit; i >= 0; i--) {
        const struct unit *u = &net->units[i];
        if (marked[i] && u->in >= 0)
            marked[u->in] = true;
        if (marked[i] && u->add >= 0)
            marked[u->add] = true;
    }
}

static bool is_of(const struct tensor_info *t, const struct unit *u)
{
    const bool has_weight = u->kind == UNIT_CONV || u->kind == UNIT_LINEAR || u->kind == UNIT_COSINE;
    return (has_weight && t->offset == u->weight) || (u->has_bias && t->offset == u->bias) ||
           (u->norm && (t->offset == u->gamma || t->offset == u->beta));
}

/* Is it of a unit on the way to that one? */
static bool leads_to(const struct net *net, const struct tensor_info *t, int unit)
{
    bool marked[NET_MAX_UNITS] = { false };
    mark_units(net, unit, marked);
    for (int i = 0; i <= unit; i++)
        if (marked[i] && is_of(t, &net->units[i]))
            return true;
    return false;
}

static bool is_named(const struct net *net, const struct tensor_info *t, const char *which)
{
    if (strcmp(which, "all") == 0)
        return true;
    if (strcmp(which, "head") == 0)
        return in_head(net, t);
    if (strcmp(which, "backbone") == 0)
        return leads_to(net, t, net->head_in);
    for (int k = 0; k < net->n_outputs; k++)
        if (strcmp(which, net->outputs[k].name) == 0)
            return leads_to(net, t, net->outputs[k].unit) && !leads_to(net, t, net->head_in);
    return which[0] && strncmp(t->name, which, strlen(which)) == 0;
}

static int check_which(const struct net *net, const char *which, struct err *err)
{
    for (int i = 0; i < net->params.n; i++)
        if (is_named(net, &net->params.tensor[i], which))
            return 0;
    return err_set(err, ERR_INVALID, "no tensor of %s is named '%.60s'; accepted are all, head, backbone, or a tensor's name or its beginning, such as %s",
                   net->name, which, net->params.tensor[0].name);
}

/* --- setting ------------------------------------------------------------------------------------------------------- */

static bool same_rule(const struct param_rule *a, const struct param_rule *b)
{
    if (!a->trainable || !b->trainable)
        return a->trainable == b->trainable;
    return a->lr == b->lr && a->rho == b->rho && a->decay_centre == b->decay_centre &&
           (a->weight_decay == b->weight_decay || (isnan(a->weight_decay) && isnan(b->weight_decay)));
}

static int check_rule(const struct param_rule *r, struct err *err)
{
    if (!(r->lr >= 0 && isfinite(r->lr)))
        return err_set(err, ERR_RANGE, "learning rate of a parameter group: %g times the step's; 0 or more is accepted", (double)r->lr);
    if (!(r->rho >= 0 && isfinite(r->rho)))
        return err_set(err, ERR_RANGE, "rho of a parameter group: %g times the step's; 0 or more is accepted", r->rho);
    if (!isnan(r->weight_decay) && !(r->weight_decay >= 0 && isfinite(r->weight_decay)))
        return err_set(err, ERR_RANGE, "weight decay of a parameter group: %g; 0 or more is accepted", (double)r->weight_decay);
    return 0;
}

const struct param_rule *param_groups_rule(const struct param_groups *g, size_t offset)
{
    const struct param_group *group = g->group;
    while (offset >= group->first + group->count)
        group++;
    return &group->rule;
}

static void append(struct param_groups *g, const struct tensor_info *t, const struct param_rule *rule)
{
    struct param_group *last = g->n ? &g->group[g->n - 1] : NULL;
    if (last && same_rule(&last->rule, rule))
        last->count += t->count;
    else
        g->group[g->n++] = (struct param_group){ .first = t->offset, .count = t->count, .rule = *rule };
    g->trainable += rule->trainable ? t->count : 0;
}

int param_groups_set(struct param_groups *g, const struct net *net, const char *which, const struct param_rule *rule, struct err *err)
{
    if (check_which(net, which, err) < 0 || (rule->trainable && check_rule(rule, err) < 0))
        return -1;
    struct param_groups made = { .group = calloc((size_t)net->params.n, sizeof *made.group) };
    if (!made.group)
        return err_set(err, ERR_MEMORY, "no memory for the parameter groups of %s", net->name);
    for (int i = 0; i < net->params.n; i++) {
        const struct tensor_info *t = &net->params.tensor[i];
        append(&made, t, is_named(net, t, which) ? rule : param_groups_rule(g, t->offset));
    }
    if (made.trainable == 0) {
        param_groups_release(&made);
        return err_set(err, ERR_INVALID, "with '%s' frozen nothing of %s is left to train", which, net->name);
    }
    param_groups_release(g);
    *g = made;
    return 0;
}

/* --- questions ----------------------------------------------------------------------------------------------------- */

bool param_groups_plain(const struct param_groups *g)
{
    return g->n == 1 && same_rule(&g->group[0].rule, &param_rule_plain);
}

bool param_groups_head_only(const struct param_groups *g, const struct net *net)
{
    for (int i = 0; i < net->params.n; i++)
        if (!in_head(net, &net->params.tensor[i]) && param_groups_rule(g, net->params.tensor[i].offset)->trainable)
            return false;
    return true;
}

/* --- drawn again --------------------------------------------------------------------------------------------------- */

int params_redraw(const struct net *net, const char *which, uint64_t seed, uint32_t draw, float *params_host, struct err *err)
{
    if (check_which(net, which, err) < 0)
        return -1;
    for (int i = 0; i < net->params.n; i++) {
        const struct tensor_info *t = &net->params.tensor[i];
        struct rng r;
        rng_init(&r, seed, RNG_REDRAW, draw, (uint32_t)i);
        if (is_named(net, t, which))
            net_init_tensor(net, t, &r, params_host + t->offset);
    }
    return 0;
}
