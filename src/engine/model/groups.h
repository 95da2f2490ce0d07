/* engine/model/groups.h - parameter groups: which tensors of a network train, and how. The list covers the parameter vector from its first
 * float to its last, in order; each group is a range of whole tensors.
 *
 *   struct param_groups g;
 *   param_groups_init(&g, &net, &err);                                 one group: everything trains as the step says
 *   param_groups_set(&g, &net, "backbone", &(struct param_rule){ .trainable = false }, &err);
 *   param_groups_release(&g);
 *
 * A plain value but for the memory of the list. One thread. */
#ifndef ENGINE_GROUPS_H
#define ENGINE_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/net.h"

struct err;

struct param_rule {
    bool trainable;     /* false: no step moves it, no norm counts it, no Hessian has it; the rest is then ignored */
    float lr;           /* times the step's learning rate */
    float weight_decay; /* in place of the step's; NAN: the step's */
    double rho;         /* times the step's rho */
    const float *decay_centre; /* what decay pulls towards: a vector [params.total] of the optimiser's back end, which outlives its use; NULL: 0 */
};
extern const struct param_rule param_rule_plain; /* trains, everything as the step says */

struct param_group {
    size_t first, count; /* floats of the parameter vector */
    struct param_rule rule;
};
struct param_groups {
    int n;                     /* at least 1; neighbours differ */
    struct param_group *group;
    size_t trainable;          /* floats that train; 0 only between two settings */
};

int param_groups_init(struct param_groups *g, const struct net *net, struct err *err); /* one plain group. -1 with *err: no memory */
int param_groups_copy(struct param_groups *to, const struct param_groups *from, struct err *err);
void param_groups_release(struct param_groups *g); /* a zeroed struct is allowed */

/* Gives a rule to what is named: "all", "head" (the classifier), "backbone" (the units that it comes from), the name of a further output
 * (the units that it comes from and the classifier does not), or the tensors whose name is or begins with `which` ("layer3.", "bn1.weight"). -1 with *err, nothing changed, when no tensor is named so, lr or rho are not finite or below 0,
 * or nothing would be left to train. */
int param_groups_set(struct param_groups *g, const struct net *net, const char *which, const struct param_rule *rule, struct err *err);

const struct param_rule *param_groups_rule(const struct param_groups *g, size_t offset); /* of the float there */
bool param_groups_plain(const struct param_groups *g);     /* everything trains as the step says: the vector in one piece */
/* Nothing before the classifier trains: its gradient is all that a pass need form (struct pass, head_only). */
bool param_groups_head_only(const struct param_groups *g, const struct net *net);

/* Initial values again for what is named as above, as net_init_params() draws them but from rng(seed, RNG_REDRAW, draw, tensor):
 * another `draw`, other values. params_host: [net->params.total]; the rest of it stays. */
int params_redraw(const struct net *net, const char *which, uint64_t seed, uint32_t draw, float *params_host, struct err *err);

#endif
