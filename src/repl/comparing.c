/* The comparison that a screen shows beside the run of this process and a replay: it is followed while its runs are written. */
#include "config.h"
#include "repl/bench.h"

#include "session/comparison.h"

#define FOLLOW_NS UINT64_C(500000000)

void compare_show(struct workbench *w, struct comparison *c)
{
    comparison_close(w->comparison);
    w->comparison = c;
}

struct comparison *workbench_comparison(const struct workbench *w)
{
    return w->comparison;
}

void workbench_compare_leave(struct workbench *w)
{
    compare_show(w, NULL);
}

bool workbench_compare_tick(struct workbench *w, uint64_t now_ns)
{
    struct err err;
    if (!w->comparison || now_ns - w->compared_ns < FOLLOW_NS)
        return false;
    w->compared_ns = now_ns;
    return comparison_follow(w->comparison, &err) > 0;
}
