#include "config.h"
#include "kernels/cpu/cpu.h"

struct step_list {
    struct model *m;
    const struct unit_step *steps;
    int n_steps;
    bool from_last; /* shards in reverse: the step before ended with these, and left them in cache */
};

enum { LITTLE = 256 * 1024 }; /* multiplications of the classifier */

void pass_run(struct model *m, pool_fn fn, void *context, int n_tasks)
{
    const long work = (long)m->n * m->head.features * m->head.classes;
    if (!m->of_features || work > LITTLE) {
        pool_run(m->pool, fn, context, n_tasks);
        return;
    }
    for (int task = 0; task < n_tasks; task++)
        fn(context, task, 0);
}

static int shard_first(const struct model *m, int shard)
{
    return m->base + (int)((long)m->n * shard / m->n_shards);
}

static void run_span(const struct step_list *p, const struct span *s)
{
    for (int i = 0; i < p->n_steps; i++)
        p->steps[i].run(p->m, s, p->steps[i].unit);
}

/* The images of one shard, in pieces that stay in the second-level cache from step to step. */
static void run_in_pieces(void *context, int shard, int worker)
{
    const struct step_list *p = context;
    const struct model *m = p->m;
    const int step = m->backward || m->n_directions ? GRAD_SPAN : EVAL_SPAN, end = shard_first(m, shard + 1);
    struct span s = { .shard = shard, .worker = worker, .r_at = worker * GRAD_SPAN, .fresh = true };
    for (int i = shard_first(m, shard); i < end; i += step, s.fresh = false) {
        s.first = i;
        s.n = end - i < step ? end - i : step;
        /* A pass without gradients needs no image's activations afterwards: reuse places that are in cache. */
        s.at = m->backward || m->n_directions ? i : worker * EVAL_SPAN;
        run_span(p, &s);
    }
}

static void run_whole(void *context, int shard, int worker)
{
    const struct step_list *p = context;
    shard = p->from_last ? p->m->n_shards - 1 - shard : shard;
    int first = shard_first(p->m, shard), n = shard_first(p->m, shard + 1) - first;
    struct span s = { .shard = shard, .worker = worker, .first = first, .n = n, .at = first, .r_at = first - p->m->base, .fresh = true };
    run_span(p, &s);
}

void steps_run(struct model *m, const struct unit_step *steps, int n_steps, bool barrier)
{
    struct step_list p = { m, steps, n_steps, false };
    if (!barrier)
        pass_run(m, run_in_pieces, &p, m->n_shards);
    for (int i = 0; i < n_steps; i++) {
        if (barrier) {
            p = (struct step_list){ m, steps + i, 1, i % 2 == 1 };
            pass_run(m, run_whole, &p, m->n_shards);
        }
        if (steps[i].reduce)
            steps[i].reduce(m, steps[i].unit);
    }
}

static int upwards(const struct model *m, struct unit_step *steps, struct unit_step one)
{
    for (int u = 0; u < m->net->n_units; u++) {
        steps[u] = one;
        steps[u].unit = u;
    }
    return m->net->n_units;
}

/* Each closes unit u - 1, whose sums are then complete. */
static int downwards(const struct model *m, struct unit_step *steps, struct unit_step one)
{
    const int n = m->net->n_units;
    for (int i = 0; i < n; i++) {
        steps[i] = one;
        steps[i].unit = n - 1 - i;
    }
    steps[n - 1].reduce = NULL;
    return n;
}

/* In math winograd units that convolve so go another way. */
static int use_winograd(const struct model *m, struct unit_step *steps, int n, unit_step_fn *wino)
{
    for (int i = 0; i < n && m->winograd; i++)
        if (m->layers[steps[i].unit].training.form)
            steps[i].run = wino;
    return n;
}

int steps_forward(const struct model *m, struct unit_step *steps)
{
    unit_step_fn *const run = m->bf16_eval ? bf16_eval_step : m->bf16 ? bf16_forward_step : forward_step;
    const int n = upwards(m, steps, (struct unit_step){ run, bn_reduce_forward, 0 });
    return use_winograd(m, steps, n, wino_forward_step);
}

int steps_backward(const struct model *m, struct unit_step *steps)
{
    const int n = downwards(m, steps, (struct unit_step){ m->bf16 ? bf16_backward_step : backward_step, bn_reduce_closed, 0 });
    return use_winograd(m, steps, n, wino_backward_step);
}

int steps_r_forward(const struct model *m, struct unit_step *steps)
{
    return upwards(m, steps, (struct unit_step){ r_forward_step, bn_reduce_r_forward, 0 });
}

int steps_r_backward(const struct model *m, struct unit_step *steps)
{
    return downwards(m, steps, (struct unit_step){ r_backward_step, bn_reduce_r_closed, 0 });
}
