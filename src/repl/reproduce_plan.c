/* The plan of a reproduction: what its runs are, how many of them are there, how long the others take on this machine. */
#include "config.h"
#include "repl/bench.h"
#include "repl/campaign.h"
#include "repl/reproduce.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- time ---------------------------------------------------------------------------------------------------------- */

/* Of ResNet-50 on 224 x 224 pixels by arithmetic: 4.1 thousand million multiplications an image, where resnet32 has 0.069. */
static double step_time(struct workbench *w, const struct paper_row *r, const char *model, struct reproduce_plan *once)
{
    const bool large = strcmp(model, "resnet50") == 0;
    const char *measured = large ? "resnet32" : model;
    struct err err = { 0 };
    for (int i = 0; i < once->n_known; i++)
        if (strcmp(once->known[i].model, measured) == 0)
            return once->known[i].seconds * (large ? 4.1 / 0.069 * (double)paper_batch(r) / 128 : 1);
    if (once->n_known == 2)
        return NAN;
    struct reproduce_pace *pace = &once->known[once->n_known++];
    *pace = (struct reproduce_pace){ measured, NAN };
    if (!bench_waits(w)) { /* a screen stands still meanwhile */
        bench_say(w, "a step of %s is timed: some seconds", measured);
        bench_idle(w, 0);
    }
    if (run_step_time(w, measured, 128, &pace->seconds, &err) < 0)
        bench_say(w, "how long a step takes is not known: %s", err.text);
    return step_time(w, r, model, once);
}

static double row_time(struct workbench *w, const struct reproduction *p, const struct paper_row *r, struct reproduce_plan *once)
{
    const double step = step_time(w, r, paper_model(r, &p->way), once), batch = (double)paper_batch(r);
    const double epochs = (double)paper_epochs(r, &p->way), steps = ceil(paper_train_images(r) / batch);
    return epochs * step * (steps * paper_passes(r) + paper_test_images(r) / batch / 3); /* forward alone is a third of a pass and back */
}

static void time_text(double seconds, char *out, size_t size)
{
    if (isnan(seconds))
        snprintf(out, size, "time unknown");
    else if (seconds < 90 * 60)
        snprintf(out, size, "about %.0f min", ceil(seconds / 60));
    else if (seconds < 72 * 3600)
        snprintf(out, size, "about %.1f h", seconds / 3600);
    else
        snprintf(out, size, "about %.0f days", seconds / 86400);
}

/* --- rows ---------------------------------------------------------------------------------------------------------- */

int reproduce_runs_there(const struct campaign *campaign, const int at[REPRODUCE_SEEDS], int seeds)
{
    int there = 0;
    for (int s = 0; s < seeds; s++)
        there += campaign_state(campaign, at[s]) == ROW_THERE;
    return there;
}

void reproduce_plan_release(struct reproduce_plan *once)
{
    for (int i = 0; i < once->n; i++)
        free(once->name[i]);
    once->n = 0;
}

static void count_once(struct reproduce_plan *all, const char *name, double seconds)
{
    for (int i = 0; i < all->n; i++)
        if (strcmp(all->name[i], name) == 0)
            return;
    if (all->n == REPRODUCE_PLANNED || !(all->name[all->n] = strdup(name)))
        return;
    all->n++;
    all->seconds += seconds;
}

struct told_plan { /* of a table, row by row */
    struct workbench *w;
    const struct reproduction *p;
    const struct reproduce_attempt *a; /* that is looked at */
    struct reproduce_plan *once;
    double seconds;
    int left, missing, cannot; /* runs to make; rows without images; rows that cannot be run */
};

static void count_row(struct told_plan *t, int i, double each)
{
    char name[256];
    for (int s = 0; s < t->p->seeds; s++) {
        if (campaign_state(t->a->campaign, t->a->at[i][s]) == ROW_THERE)
            continue;
        paper_run_name(t->p->row[i].row, &t->p->way, t->p->seed + s, name, sizeof name);
        count_once(t->once, name, each);
        t->seconds += each;
        t->left++;
    }
}

/* Its runs, what of them is there, how long the rest takes; within 80 columns. */
static void tell_row(struct told_plan *t, int i)
{
    const struct reproduction *p = t->p;
    const struct reproduced_row *r = &p->row[i];
    char text[64], label[64];
    paper_label(r->row, label, sizeof label);
    if (i == 0 || strcmp(p->row[i - 1].row->data, r->row->data) != 0)
        bench_say(t->w, "%s", r->row->data);
    if (r->row->cannot) {
        t->cannot++;
        bench_say(t->w, "  %-20s cannot be run: %s", label, r->row->cannot);
        return;
    }
    const int there = reproduce_runs_there(t->a->campaign, t->a->at[i], p->seeds);
    const bool lacks = r->why[0] && there < p->seeds;
    const double each = there < p->seeds ? row_time(t->w, p, r->row, t->once) : 0;
    time_text(each * (p->seeds - there), text, sizeof text);
    bench_say(t->w, "  %-20s %s, %ld epochs, %d of %d there, %s%s", label, paper_model(r->row, &p->way), paper_epochs(r->row, &p->way), there, p->seeds,
              there < p->seeds ? text : "done", lacks ? ", no images" : "");
    t->missing += lacks;
    count_row(t, i, each);
}

/* Once for all rows of the same images. */
static void say_missing_images(struct workbench *w, const struct reproduction *p)
{
    for (int i = 0; i < p->n; i++) {
        bool said = !p->row[i].why[0];
        for (int k = 0; k < i && !said; k++)
            said = p->row[k].why[0] && strcmp(p->row[k].row->data, p->row[i].row->data) == 0;
        if (!said)
            bench_say(w, "missing: %s: %s", p->row[i].row->data, p->row[i].why);
    }
}

/* How a run is found again, by the first that there is. */
static void say_name(struct workbench *w, const struct reproduction *p)
{
    char name[256];
    int i = 0;
    while (i < p->n && p->row[i].row->cannot)
        i++;
    if (i == p->n)
        return;
    paper_run_name(p->row[i].row, &p->way, p->seed, name, sizeof name);
    bench_say(w, "runs are named like %s", name);
}

void reproduce_say_plan(struct workbench *w, const struct reproduction *p, const struct reproduce_attempt *a, struct reproduce_plan *once)
{
    struct told_plan t = { .w = w, .p = p, .a = a, .once = once };
    char text[64];
    bench_say(w, "%s: %s", paper_tables[p->of].word, paper_tables[p->of].title);
    for (int i = 0; i < p->n; i++)
        tell_row(&t, i);
    say_name(w, p);
    time_text(t.seconds, text, sizeof text);
    bench_say(w, "plan: %d run%s to make, %s one after the other on this machine%s", t.left, t.left == 1 ? "" : "s", t.left ? text : "nothing",
              t.left && p->of == PAPER_T2 ? " (by arithmetic)" : "");
    if (t.missing)
        say_missing_images(w, p);
    if (t.cannot)
        bench_say(w, "%d row%s of %d cannot be run by this program", t.cannot, t.cannot == 1 ? "" : "s", p->n);
}

void reproduce_say_all(struct workbench *w, const struct reproduce_plan *once)
{
    char text[64];
    time_text(once->seconds, text, sizeof text);
    bench_say(w, "all: %d runs to make, each once, %s one after the other on this machine", once->n, text);
}
