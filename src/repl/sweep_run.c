/* A sweep under way: its campaign, and what is decided by the recordings when all that was begun is there. */
#include "config.h"
#include "repl/sweep.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/text.h"
#include "repl/campaign.h"

enum { LINE = 600 };

static void tell_sweep(const struct sweep *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void tell_sweep(const struct sweep *s, const char *format, ...)
{
    char line[LINE];
    va_list args;
    if (!s->options.say)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    s->options.say(s->options.ctx, line);
}

/* "rho 0.1 drw 160", or without the ladder's axis. */
static void point_words(const struct sweep *s, int point, int but, char out[LINE])
{
    char label[SWEEP_LABEL];
    out[0] = '\0';
    for (int i = 0; i < s->plan.n_axes; i++) {
        sweep_label(&s->plan, point, i, label);
        if (i != but)
            text_append(out, LINE, "%s%s %s", out[0] ? " " : "", knob_table[s->plan.axis[i].knob].name, label);
    }
}

/* --- what its rows are --------------------------------------------------------------------------------------------- */

bool sweep_point_done(const struct sweep *s, int point)
{
    bool done = true;
    for (int i = 0; i < s->plan.seeds; i++) {
        const int row = s->row[point * s->plan.seeds + i];
        done = done && row >= 0 && campaign_state(s->campaign, row) == ROW_THERE;
    }
    return done;
}

bool sweep_point_failed(const struct sweep *s, int point)
{
    for (int i = 0; i < s->plan.seeds; i++) {
        const int row = s->row[point * s->plan.seeds + i];
        if (row >= 0 && campaign_state(s->campaign, row) == ROW_FAILED)
            return true;
    }
    return false;
}

/* Of a run that is at its end nothing changes any more. */
struct sweep_value sweep_row_value(struct sweep *s, int row, double epoch)
{
    const bool ended = isinf(epoch) && s->rung < 0 && campaign_state(s->campaign, row) == ROW_THERE;
    if (!ended)
        return sweep_value_read(campaign_dir(s->campaign, row), epoch);
    if (isnan(s->end[row].epoch))
        s->end[row] = sweep_value_read(campaign_dir(s->campaign, row), epoch);
    return s->end[row];
}

struct sweep_value sweep_point_value(struct sweep *s, int point, double epoch, double *val)
{
    struct sweep_value sum = { .epoch = INFINITY };
    const int seeds = s->plan.seeds;
    for (int i = 0; i < seeds; i++) {
        const int row = s->row[point * seeds + i];
        struct sweep_value v = { .epoch = NAN, .val = NAN, .tail = NAN, .test = NAN };
        if (row >= 0)
            v = sweep_row_value(s, row, epoch);
        if (val)
            val[i] = v.val;
        sum.epoch = v.epoch < sum.epoch ? v.epoch : sum.epoch;
        sum.val += v.val / seeds;
        sum.tail += v.tail / seeds;
        sum.test += v.test / seeds;
    }
    return sum;
}

int sweep_done(const struct sweep *s, int *of)
{
    int done = 0;
    for (int i = 0; i < s->n_rows; i++) /* at a rung of --early only what stays there is done */
        done += campaign_state(s->campaign, i) == ROW_THERE && (s->rung < 0 || !isnan(s->stopped[s->of_row[i] / s->plan.seeds]));
    *of = s->n_rows;
    return done;
}

int sweep_failed(const struct sweep *s)
{
    int failed = 0;
    for (int i = 0; i < s->n_rows; i++)
        failed += campaign_state(s->campaign, i) == ROW_FAILED;
    return failed;
}

static void tell_end(const struct sweep *s, int row)
{
    const struct sweep_value v = sweep_value_read(campaign_dir(s->campaign, row), INFINITY);
    int of;
    const int done = sweep_done(s, &of);
    char test[32] = "";
    if (!isnan(v.test))
        snprintf(test, sizeof test, ", test %.2f", v.test);
    tell_sweep(s, "%s: val %.2f%s at epoch %.6g (%d of %d)", campaign_name(s->campaign, row), v.val, test, v.epoch, done, of);
}

static void row_changed(void *ctx, int row)
{
    struct sweep *s = ctx;
    const char *name = campaign_name(s->campaign, row);
    switch (campaign_state(s->campaign, row)) {
    case ROW_RUNS:
        if (!s->ran[row])
            tell_sweep(s, "%s: training", name);
        s->ran[row] = true;
        break;
    case ROW_THERE:
        if (s->ran[row] && s->rung < 0)
            tell_end(s, row);
        break;
    case ROW_LOCKED:
        tell_sweep(s, "%s: another process records it, and is waited for", name);
        break;
    case ROW_FAILED:
        tell_sweep(s, "%s: failed: %s", name, campaign_why(s->campaign, row));
        break;
    case ROW_WAITS:
        break;
    }
}

/* --- beginning ----------------------------------------------------------------------------------------------------- */

static int add_run(struct sweep *s, int point, int seed, double aim, struct err *err)
{
    struct knobs k;
    struct buf lines = { 0 };
    char name[512];
    sweep_knobs(&s->plan, point, seed, &k);
    sweep_lines(&s->plan, &k, &lines);
    sweep_run_name(&s->plan, point, seed, name, sizeof name);
    const int row = lines.failed ? err_set(err, ERR_MEMORY, "no memory for run '%s'", name) : campaign_add(s->campaign, name, lines.data, err);
    buf_release(&lines);
    if (row < 0)
        return -1;
    s->row[point * s->plan.seeds + seed] = row;
    s->of_row[row] = point * s->plan.seeds + seed;
    s->end[row].epoch = NAN;
    s->n_rows++;
    campaign_aim(s->campaign, row, aim);
    return 0;
}

static int add_seeds(struct sweep *s, int point, struct err *err)
{
    for (int seed = 0; seed < s->plan.seeds; seed++)
        if (add_run(s, point, seed, INFINITY, err) < 0)
            return -1;
    return 0;
}

/* Ladders: as many as the other axes have combinations. A point of one: */
static int ladders(const struct sweep *s)
{
    return s->points / s->plan.axis[s->plan.automatic].n;
}

static int ladder_point(const struct sweep *s, int ladder, int place)
{
    const int steps = s->plan.axis[s->plan.automatic].n;
    int below = 1;
    for (int i = s->plan.automatic + 1; i < s->plan.n_axes; i++)
        below *= s->plan.axis[i].n;
    return (ladder / below * steps + place) * below + ladder % below;
}

/* All points with one seed before the next seed: the table is whole early. */
static int begin_first(struct sweep *s, struct err *err)
{
    const double aim = s->rung < 0 ? INFINITY : sweep_rung(&s->plan, 0);
    if (s->plan.automatic >= 0) {
        for (int i = 0; i < ladders(s); i++)
            if (add_seeds(s, ladder_point(s, i, 0), err) < 0)
                return -1;
        return 0;
    }
    for (int seed = 0; seed < s->plan.seeds; seed++)
        for (int point = 0; point < s->points; point++)
            if (add_run(s, point, seed, aim, err) < 0)
                return -1;
    return 0;
}

struct sweep *sweep_new(struct sweep_plan *plan, const struct sweep_options *options, struct err *err)
{
    struct sweep *s = calloc(1, sizeof *s);
    if (!s) {
        sweep_release(plan);
        err_set(err, ERR_MEMORY, "no memory for a sweep");
        return NULL;
    }
    *s = (struct sweep){ .plan = *plan, .options = *options, .points = sweep_points(plan), .rung = -1 };
    const size_t points = (size_t)s->points, runs = points * (size_t)plan->seeds;
    const struct campaign_options c = { .root = options->root, .device = options->device, .jobs = options->jobs, .threads = options->threads,
                                        .changed = row_changed, .ctx = s };
    s->campaign = campaign_new(&c, err);
    s->row = malloc(runs * sizeof *s->row);
    s->of_row = calloc(runs, sizeof *s->of_row);
    s->ran = calloc(runs, sizeof *s->ran);
    s->end = calloc(runs, sizeof *s->end);
    s->stopped = malloc(points * sizeof *s->stopped);
    s->place = calloc(points, sizeof *s->place);
    bool made = s->campaign && s->row && s->of_row && s->ran && s->end && s->stopped && s->place;
    if (!made)
        err_set(err, ERR_MEMORY, "no memory for a sweep of %zu runs", runs);
    for (size_t i = 0; made && i < runs; i++)
        s->row[i] = -1;
    for (size_t i = 0; made && i < points; i++)
        s->stopped[i] = NAN;
    if (made && plan->early && !isnan(sweep_rung(&s->plan, 0)))
        s->rung = 0;
    if (made && begin_first(s, err) == 0)
        return s;
    sweep_free(s);
    return NULL;
}

void sweep_free(struct sweep *s)
{
    if (!s)
        return;
    campaign_free(s->campaign);
    sweep_release(&s->plan);
    free(s->row);
    free(s->of_row);
    free(s->ran);
    free(s->end);
    free(s->stopped);
    free(s->place);
    free(s);
}

const char *sweep_name(const struct sweep *s)
{
    return s->plan.name;
}

/* --- --early median ------------------------------------------------------------------------------------------------ */

/* One that was stopped before counts with what it had then. */
static void stop_below(struct sweep *s, double epoch, const double *value, double median, int n)
{
    char words[LINE];
    for (int point = 0; point < s->points; point++) {
        struct knobs k;
        sweep_knobs(&s->plan, point, 0, &k);
        if (!isnan(s->stopped[point]) || isnan(value[point]) || value[point] >= median || sweep_grace(&k) > epoch)
            continue;
        s->stopped[point] = epoch;
        point_words(s, point, -1, words);
        tell_sweep(s, "epoch %.6g: %s is stopped: val %.2f is below %.2f, the median of %d", epoch, words, value[point], median, n);
    }
}

static int judge(struct sweep *s, struct err *err)
{
    const double epoch = sweep_rung(&s->plan, s->rung);
    double *value = calloc((size_t)s->points, sizeof *value), *sorted = calloc((size_t)s->points, sizeof *sorted);
    int n = 0;
    if (!value || !sorted) {
        free(value);
        free(sorted);
        return err_set(err, ERR_MEMORY, "no memory for %d points", s->points);
    }
    for (int point = 0; point < s->points; point++) {
        const double limit = isnan(s->stopped[point]) ? epoch : s->stopped[point];
        value[point] = sorted[point] = sweep_point_failed(s, point) ? NAN : sweep_point_value(s, point, limit, NULL).val;
        n += !isnan(value[point]);
    }
    stop_below(s, epoch, value, sweep_median(sorted, s->points), n);
    free(value);
    free(sorted);
    return 0;
}

static int next_rung(struct sweep *s, struct err *err)
{
    if (judge(s, err) < 0)
        return -1;
    const double aim = sweep_rung(&s->plan, ++s->rung);
    if (isnan(aim))
        s->rung = -1;
    for (int row = 0; row < s->n_rows; row++)
        if (isnan(s->stopped[s->of_row[row] / s->plan.seeds]) && campaign_state(s->campaign, row) != ROW_FAILED)
            campaign_aim(s->campaign, row, isnan(aim) ? INFINITY : aim);
    return SWEEP_DECIDED;
}

/* --- rho=auto ------------------------------------------------------------------------------------------------------ */

struct ladder_value { /* of the places that were tried */
    double mean[SWEEP_VALUES], val[SWEEP_VALUES * SWEEP_SEEDS];
    int best; /* of the places before the last */
};

static void read_ladder(struct sweep *s, int ladder, int last, struct ladder_value *v)
{
    v->best = 0;
    for (int i = 0; i <= last; i++)
        v->mean[i] = sweep_point_value(s, ladder_point(s, ladder, i), INFINITY, v->val + (size_t)i * (size_t)s->plan.seeds).val;
    for (int i = 1; i < last; i++)
        v->best = v->mean[i] > v->mean[v->best] ? i : v->best;
}

/* "rho 0.2: val 62.30 (62.10 62.50)" */
static void say_value(const struct sweep *s, int ladder, int place, const struct ladder_value *v, char out[LINE])
{
    const int point = ladder_point(s, ladder, place), seeds = s->plan.seeds;
    char others[LINE], label[SWEEP_LABEL];
    point_words(s, point, s->plan.automatic, others);
    sweep_label(&s->plan, point, s->plan.automatic, label);
    snprintf(out, LINE, "%.200s%srho %s: val %.2f (", others, others[0] ? " " : "", label, v->mean[place]);
    for (int i = 0; i < seeds; i++)
        text_append(out, LINE, "%s%.2f", i ? " " : "", v->val[place * seeds + i]);
    text_append(out, LINE, ")");
}

/* true: the next value is to be tried. Said with the numbers that it is decided by, in a line of 80 columns: the screen cuts longer ones. */
static bool climb_on(struct sweep *s, int ladder, int place)
{
    struct ladder_value v;
    char said[LINE], best[SWEEP_LABEL], next[SWEEP_LABEL] = "";
    const int seeds = s->plan.seeds, top = s->plan.axis[s->plan.automatic].n - 1;
    const long n_val = knob_int(&s->plan.base, KNOB_VAL);
    read_ladder(s, ladder, place, &v);
    say_value(s, ladder, place, &v, said);
    if (place < top)
        sweep_label(&s->plan, ladder_point(s, ladder, place + 1), s->plan.automatic, next);
    if (place == 0) {
        tell_sweep(s, "%s; %s is next", said, next);
        return true;
    }
    const double noise = sweep_noise(v.val, place + 1, seeds, n_val > 0 ? (double)n_val : INFINITY), fell = v.mean[v.best] - v.mean[place];
    sweep_label(&s->plan, ladder_point(s, ladder, v.best), s->plan.automatic, best);
    if (fell > noise)
        tell_sweep(s, "%s, %.2f below rho %s, noise %.2f: it ends here", said, fell, best, noise);
    else if (place == top)
        tell_sweep(s, "%s; the largest rho that there is", said);
    else
        tell_sweep(s, "%s, %.2f %s rho %s, noise %.2f: %s is next", said, fabs(fell), fell > 0 ? "below" : "above", best, noise, next);
    return fell <= noise && place < top;
}

static int climb_ladder(struct sweep *s, int ladder, struct err *err)
{
    const int place = s->place[ladder], point = ladder_point(s, ladder, place < 0 ? 0 : place);
    char words[LINE];
    if (place < 0)
        return 0;
    if (sweep_point_failed(s, point)) {
        point_words(s, point, -1, words);
        tell_sweep(s, "%s: failed, so nothing larger is tried", words);
        s->place[ladder] = -1 - place;
        return 0;
    }
    if (!climb_on(s, ladder, place)) {
        s->place[ladder] = -1 - place;
        return 0;
    }
    s->place[ladder]++;
    return add_seeds(s, ladder_point(s, ladder, place + 1), err) < 0 ? -1 : 1;
}

/* --- all of it ----------------------------------------------------------------------------------------------------- */

int sweep_go(struct sweep *s, struct err *err)
{
    int more = 0;
    if (campaign_poll(s->campaign) > 0)
        return SWEEP_WAITS;
    if (s->rung >= 0)
        return next_rung(s, err);
    for (int i = 0; s->plan.automatic >= 0 && i < ladders(s); i++) {
        const int climbs = climb_ladder(s, i, err);
        if (climbs < 0)
            return -1;
        more += climbs;
    }
    return more ? SWEEP_DECIDED : SWEEP_OVER;
}
