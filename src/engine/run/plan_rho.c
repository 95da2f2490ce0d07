/* What keeps `rho auto` from moving anything, and what it is steered by. */
#include "config.h"
#include "engine/run/plan_private.h"

#include <stdio.h>

#include "engine/rho_auto.h"

static bool tail_is_watched(const struct plan *p)
{
    for (int c = 0; p->watched && c < p->data->classes; c++)
        if (p->watched[c] && p->data->group[c] == GROUP_TAIL)
            return true;
    return false;
}

bool plan_rho_auto(const struct plan *p, char *text, size_t size)
{
    const struct schedule *s = knob_schedule(p->knobs, KNOB_RHO);
    if (s->kind != SCHEDULE_AUTO)
        return false;
    if (!tail_is_watched(p))
        snprintf(text, size, "rho is auto, and no class of the tail is watched, so it stays %g until 'watch tail'", s->base);
    else if (knob_int(p->knobs, KNOB_HESSIAN_EVERY) == 0)
        snprintf(text, size, "rho is auto, and hessian_every is 0, so it stays %g until 'set hessian_every 1'", s->base);
    else if (p->data->test.n == 0 && p->data->val.n == 0)
        snprintf(text, size, "rho is auto, and there are neither test nor val images that would tell how the head does, so it stays %g", s->base);
    else if (knob_int(p->knobs, KNOB_EVAL_EVERY) == 0)
        snprintf(text, size, "rho is auto, and eval_every is 0, so it stays %g until 'set eval_every 1'", s->base);
    else if (p->data->val.n == 0)
        snprintf(text, size, "rho is auto and heeds the accuracy on test images: what the run comes to is chosen on them; 'data ... --val N --val-from "
                             "unused' sets others apart");
    else
        return false;
    return true;
}
