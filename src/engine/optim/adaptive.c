#include "config.h"
#include "engine/optim/optim_private.h"

#include <math.h>
#include <string.h>

/* ASAM as its authors' code has it (methods 4.2): T = |w| + eta for tensors named so, 1 for the others. */

double optim_adaptive_direction(const struct step *s)
{
    struct optim *o = s->o;
    const size_t n = o->net->params.total;
    double sum = 0;
    o->backend->vec_read(o->model, o->host, s->task->w, n);
    o->backend->vec_read(o->model, o->noise, o->g, n);
    for (int i = 0; i < o->net->params.n; i++) {
        const struct tensor_info *t = &o->net->params.tensor[i];
        const bool trains = param_groups_rule(&o->groups, t->offset)->trainable, scaled = strstr(t->name, "weight");
        for (size_t k = t->offset; trains && k < t->offset + t->count; k++) {
            const double size = scaled ? fabs((double)o->host[k]) + s->k->asam_eta : 1, g = (double)o->noise[k];
            o->noise[k] = (float)(size * size * g);
            sum += size * g * size * g;
        }
    }
    o->backend->vec_write(o->model, o->piece, o->noise, n);
    return sqrt(sum);
}
