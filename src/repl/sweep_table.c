/* The table of a sweep: a line for each point, the best first. Nothing in it depends on when or how often the sweep was under way. */
#include "config.h"
#include "repl/sweep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/spread.h"
#include "base/text.h"
#include "repl/campaign.h"
#include "session/csv.h"

enum { TABLE_LINE = 900 };
enum standing { STANDS_DONE, STANDS_STOPPED, STANDS_OPEN, STANDS_FAILED };

struct table_line {
    int point;
    enum standing standing;
    struct sweep_value v;
    double val[SWEEP_SEEDS];
};

static enum standing standing_of(const struct sweep *s, int point)
{
    if (sweep_point_failed(s, point))
        return STANDS_FAILED;
    if (!isnan(s->stopped[point]))
        return STANDS_STOPPED;
    return s->rung < 0 && sweep_point_done(s, point) ? STANDS_DONE : STANDS_OPEN;
}

/* Finished ones by what they reached, then those that were stopped; the rest in the order of the plan. */
static int best_first(const void *a, const void *b)
{
    const struct table_line *x = a, *y = b;
    if (x->standing != y->standing)
        return (int)x->standing - (int)y->standing;
    if (x->standing <= STANDS_STOPPED && x->v.val != y->v.val)
        return x->v.val > y->v.val ? -1 : 1;
    return x->point - y->point;
}

static int make_lines(struct sweep *s, struct table_line *line)
{
    int n = 0;
    for (int point = 0; point < s->points; point++) {
        if (s->row[point * s->plan.seeds] < 0)
            continue;
        struct table_line *l = &line[n++];
        *l = (struct table_line){ .point = point, .standing = standing_of(s, point) };
        l->v = sweep_point_value(s, point, isnan(s->stopped[point]) ? INFINITY : s->stopped[point], l->val);
    }
    qsort(line, (size_t)n, sizeof *line, best_first);
    return n;
}

static int axis_width(const struct sweep *s, int axis)
{
    char label[SWEEP_LABEL];
    size_t width = strlen(knob_table[s->plan.axis[axis].knob].name);
    for (int point = 0; point < s->points; point++) {
        sweep_label(&s->plan, point, axis, label);
        width = strlen(label) > width && s->row[point * s->plan.seeds] >= 0 ? strlen(label) : width;
    }
    return (int)width;
}

/* "", or what the point lacks of being done. */
static const char *const standing_note[] = { [STANDS_DONE] = "", [STANDS_STOPPED] = "stopped", [STANDS_OPEN] = "not done", [STANDS_FAILED] = "failed" };

static void append_value(char *out, int width, double value)
{
    if (isnan(value))
        text_append(out, TABLE_LINE, " %*s", width, ".");
    else
        text_append(out, TABLE_LINE, " %*.2f", width, value);
}

static double deviation(const struct sweep *s, const struct table_line *l)
{
    struct spread of = { 0 };
    for (int i = 0; i < s->plan.seeds; i++)
        spread_add(&of, l->val[i]);
    return of.n == s->plan.seeds ? spread_deviation(&of) : NAN;
}

/* The run of a point that reached most; one that reached nothing yet only where all have. */
static const char *best_run(const struct sweep *s, const struct table_line *l)
{
    int best = 0;
    for (int i = 1; i < s->plan.seeds; i++)
        best = l->val[i] > l->val[best] || (isnan(l->val[best]) && !isnan(l->val[i])) ? i : best;
    return campaign_name(s->campaign, s->row[l->point * s->plan.seeds + best]);
}

static void say_line(const struct sweep *s, const struct table_line *l, int rank, sweep_say *say, void *ctx)
{
    const char *note = standing_note[l->standing];
    char text[TABLE_LINE] = "", label[SWEEP_LABEL];
    if (l->standing == STANDS_DONE)
        snprintf(text, sizeof text, "%3d", rank);
    else
        snprintf(text, sizeof text, "  -");
    for (int i = 0; i < s->plan.n_axes; i++) {
        sweep_label(&s->plan, l->point, i, label);
        text_append(text, sizeof text, "  %-*s", axis_width(s, i), label);
    }
    append_value(text, 7, l->v.val);
    if (s->plan.seeds > 1)
        append_value(text, 5, deviation(s, l));
    append_value(text, 6, l->v.tail);
    append_value(text, 6, l->v.test);
    if (isfinite(l->v.epoch))
        text_append(text, sizeof text, " %6.6g", l->v.epoch);
    else
        text_append(text, sizeof text, " %6s", ".");
    text_append(text, sizeof text, "%s%s  %s", note[0] ? " " : "", note, best_run(s, l));
    say(ctx, text);
}

static void say_head(const struct sweep *s, sweep_say *say, void *ctx)
{
    char text[TABLE_LINE] = "  #";
    for (int i = 0; i < s->plan.n_axes; i++)
        text_append(text, sizeof text, "  %-*s", axis_width(s, i), knob_table[s->plan.axis[i].knob].name);
    text_append(text, sizeof text, "     val%s   tail   test  epoch  run", s->plan.seeds > 1 ? "    sd" : "");
    say(ctx, text);
}

void sweep_table(struct sweep *s, sweep_say *say, void *ctx)
{
    struct table_line *line = calloc((size_t)s->points, sizeof *line);
    char text[TABLE_LINE];
    int of;
    const int n = line ? make_lines(s, line) : 0, done = sweep_done(s, &of);
    snprintf(text, sizeof text, "%s: %d of %d runs done, %d seed%s each; val and tail: on validation images", s->plan.name, done, of,
             s->plan.seeds, s->plan.seeds == 1 ? "" : "s");
    say(ctx, text);
    say_head(s, say, ctx);
    for (int i = 0; i < n; i++)
        say_line(s, &line[i], i + 1, say, ctx);
    if (n > 0 && line[0].standing == STANDS_DONE) {
        snprintf(text, sizeof text, "'fork %s' goes on from the best", best_run(s, &line[0]));
        say(ctx, text);
    }
    free(line);
}

/* --- CSV ----------------------------------------------------------------------------------------------------------- */

static const char *state_of_run(const struct sweep *s, const struct table_line *l, int row)
{
    const enum campaign_row_state state = campaign_state(s->campaign, row);
    if (l->standing == STANDS_STOPPED)
        return standing_note[STANDS_STOPPED];
    if (state == ROW_FAILED)
        return standing_note[STANDS_FAILED];
    return state == ROW_THERE && s->rung < 0 ? "done" : standing_note[STANDS_OPEN];
}

static void put_known(FILE *out, double value)
{
    putc(',', out);
    if (isfinite(value))
        csv_put_number(out, value);
}

static void put_run(FILE *out, struct sweep *s, const struct table_line *l, int seed, int rank)
{
    const int row = s->row[l->point * s->plan.seeds + seed];
    const struct sweep_value v = sweep_row_value(s, row, isnan(s->stopped[l->point]) ? INFINITY : s->stopped[l->point]);
    struct knobs k;
    char text[KNOB_TEXT_MAX];
    sweep_knobs(&s->plan, l->point, seed, &k);
    if (l->standing == STANDS_DONE)
        fprintf(out, "%d", rank);
    for (int i = 0; i < s->plan.n_axes; i++) {
        const enum knob_id id = s->plan.axis[i].knob;
        knob_format(id, &k.v[id], text, sizeof text);
        putc(',', out);
        csv_put_text(out, text);
    }
    fprintf(out, ",%.0f", knob_num(&k, KNOB_SEED));
    put_known(out, v.val);
    put_known(out, v.tail);
    put_known(out, v.test);
    put_known(out, v.epoch);
    fprintf(out, ",%s", state_of_run(s, l, row));
    put_known(out, l->v.val);
    put_known(out, deviation(s, l));
    fprintf(out, ",%s\n", campaign_name(s->campaign, row));
}

int sweep_csv(FILE *out, struct sweep *s, struct err *err)
{
    struct table_line *line = calloc((size_t)s->points, sizeof *line);
    const int n = line ? make_lines(s, line) : 0;
    if (!line)
        return err_set(err, ERR_MEMORY, "no memory for %d points", s->points);
    fputs("rank", out);
    for (int i = 0; i < s->plan.n_axes; i++)
        fprintf(out, ",%s", knob_table[s->plan.axis[i].knob].name);
    fputs(",seed,val,tail,test,epoch,state,val_mean,val_sd,run\n", out);
    for (int i = 0; i < n; i++)
        for (int seed = 0; seed < s->plan.seeds; seed++)
            put_run(out, s, &line[i], seed, i + 1);
    free(line);
    return 0;
}
