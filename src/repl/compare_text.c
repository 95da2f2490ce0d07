#include "config.h"
#include "repl/compare_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/spread.h"
#include "base/text.h"
#include "engine/stages.h"
#include "repl/bench.h"
#include "session/comparison.h"

enum { TEXT_NAME = 22, TEXT_LINE = 160, TEXT_CLASSES = 5, TEXT_BAR = 20 };

/* --- names and numbers --------------------------------------------------------------------------------------------- */

static const char *short_name(const char *name, int width, char out[TEXT_LINE])
{
    return text_middle(name, (size_t)width, out, TEXT_LINE);
}

static int name_width(const struct comparison *c)
{
    int width = 3;
    for (int i = 0; i < comparison_runs(c); i++) {
        const int n = (int)strlen(comparison_name(c, i));
        width = n > width ? n : width;
    }
    return width < TEXT_NAME ? width : TEXT_NAME;
}

static const char *compared_value(const struct metric *m, double value, char out[32])
{
    if (isnan(value))
        snprintf(out, 32, "nan");
    else
        snprintf(out, 32, m->percent ? "%.2f" : "%.4g", value);
    return out;
}

static const char *gain_text(const struct metric *m, double value, char out[32])
{
    if (!isfinite(value))
        snprintf(out, 32, "-");
    else
        snprintf(out, 32, m->percent ? "%+.2f" : "%+.4g", value);
    return out;
}

static void say_trimmed(struct workbench *w, char *line)
{
    size_t n = strlen(line);
    while (n > 0 && line[n - 1] == ' ')
        line[--n] = '\0';
    bench_say(w, "%s", line);
}

/* --- the runs ------------------------------------------------------------------------------------------------------ */

static void say_runs(struct workbench *w, const struct comparison *c, int width)
{
    char cut[TEXT_LINE], from[TEXT_LINE], parent[TEXT_LINE], line[TEXT_LINE];
    bench_say(w, "%-*s  id      epoch    of  state       goes on from", width, "run");
    for (int i = 0; i < comparison_runs(c); i++) {
        const struct history *h = comparison_history(c, i);
        struct session_info info;
        comparison_lineage(c, i, parent, sizeof parent);
        const bool known = session_info(comparison_dir(c, i), &info, NULL) == 0;
        snprintf(line, sizeof line, "%-*s  r%.5s %6.5g %5d  %-10s  %.60s", width, short_name(comparison_name(c, i), width, cut), known ? info.id : "?",
                 comparison_cursor(c, i), (int)knobs_epochs(&h->knobs), known ? session_state_word(&info) : "deleted", short_name(parent, 24, from));
        say_trimmed(w, line);
    }
}

static void say_knobs(struct workbench *w, struct comparison *c, int width)
{
    enum knob_id knob[KNOB_COUNT];
    char cut[TEXT_LINE], text[KNOB_TEXT_MAX];
    const int n = comparison_knobs(c, knob);
    bench_say(w, "%s", "");
    if (n == 0)
        bench_say(w, "no knob differs");
    else
        bench_say(w, "%-14s %-*s  value, and what it was changed to @ epoch", "knob", width, "run");
    for (int k = 0; k < n; k++)
        for (int i = 0; i < comparison_runs(c); i++) {
            comparison_knob_text(c, i, knob[k], text, sizeof text);
            bench_say(w, "%-14s %-*s  %s", i ? "" : knob_table[knob[k]].name, width, short_name(comparison_name(c, i), width, cut), text);
        }
}

/* --- metrics ------------------------------------------------------------------------------------------------------- */

/* Runs of other seeds alone: what they have in common, and by how much they differ. */
static void say_repeats(struct workbench *w, struct comparison *c, int metric, int width)
{
    const struct metric *m = comparison_metric(c, metric);
    unsigned told = 0;
    for (int i = 0; i < comparison_runs(c); i++) {
        const unsigned bits = told >> i & 1 ? 0 : comparison_repeats(c, i);
        struct spread over = { 0 };
        char names[TEXT_LINE] = "", lost[TEXT_LINE] = "", mean[32], sd[32], cut[TEXT_LINE];
        for (int k = 0; k < comparison_runs(c); k++)
            if (bits >> k & 1 && isfinite(comparison_at(c, k, metric).value)) {
                text_append(names, sizeof names, "%s%s", over.n ? ", " : "", comparison_name(c, k));
                spread_add(&over, comparison_at(c, k, metric).value);
            } else if (bits >> k & 1 && !isnan(comparison_at(c, k, metric).epoch))
                text_append(lost, sizeof lost, "%s%s", lost[0] ? ", " : "", comparison_name(c, k));
        told |= bits;
        if (over.n < 2)
            continue;
        compared_value(m, spread_mean(&over), mean);
        compared_value(m, spread_deviation(&over), sd);
        bench_say(w, "%-14s %-*s %8s sd %-6s of %d seeds: %s", "", width, "mean", mean, sd, over.n, short_name(names, 20, cut));
        if (lost[0])
            bench_say(w, "%-14s %-*s without %s, which has no finite value", "", width, "", short_name(lost, 24, cut));
    }
}

static void say_metric(struct workbench *w, struct comparison *c, int metric, int width)
{
    const struct metric *m = comparison_metric(c, metric);
    for (int i = 0; i < comparison_runs(c); i++) {
        const struct comparison_value now = comparison_at(c, i, metric), best = comparison_best(c, i, metric);
        char line[TEXT_LINE], cut[TEXT_LINE], label[TEXT_LINE], value[32], change[32] = "", top[32] = "", at[32] = "";
        snprintf(value, sizeof value, "-");
        if (!isnan(now.epoch))
            compared_value(m, now.value, value);
        if (i)
            gain_text(m, comparison_delta(c, i, metric), change);
        if (!isnan(best.value)) {
            compared_value(m, best.value, top);
            snprintf(at, sizeof at, "@%.5g", best.epoch);
        }
        snprintf(line, sizeof line, "%-14s %-*s %8s %8s %8s%-6s %5zu", i ? "" : short_name(m->label, 14, label), width, short_name(comparison_name(c, i), width, cut),
                 value, change, top, at, now.of);
        say_trimmed(w, line);
    }
    say_repeats(w, c, metric, width);
}

/* A best among so many is a choice, and flatters where it was made on test images. */
static void say_choice(struct workbench *w, const struct comparison *c)
{
    int on_test = 0;
    char names[400] = "";
    for (int i = 0; i < comparison_runs(c); i++)
        if (history_best_on_test(comparison_history(c, i)))
            text_append(names, sizeof names, "%s%s", on_test++ ? ", " : "", comparison_name(c, i));
    if (on_test == comparison_runs(c))
        bench_say(w, "best: of so many values ('of'), chosen on test images");
    else if (on_test)
        bench_say(w, "best: of so many values ('of'); chosen on test images in %s", names);
    else
        bench_say(w, "best: of so many values ('of'), chosen on validation images");
}

static void say_metrics(struct workbench *w, struct comparison *c, int width)
{
    bool best = false;
    bench_say(w, "%s", "");
    bench_say(w, "%-14s %-*s %8s %8s %8s%-6s %5s", "metric", width, "run", "last", "change", "best", "@epoch", "of");
    for (int m = 0; m < comparison_metrics(c); m++) {
        say_metric(w, c, m, width);
        best |= comparison_metric(c, m)->better != 0;
    }
    if (best)
        say_choice(w, c);
}

/* --- classes ------------------------------------------------------------------------------------------------------- */

/* Columns of the accuracies: their heads are the names of the two runs, for which there is more room the shorter those of classes are. */
static int gain_width(const struct comparison *c, int run)
{
    enum { LEAST = 8, MOST = 12 };
    const size_t a = strlen(comparison_name(c, 0)), b = strlen(comparison_name(c, run)), most = a > b ? a : b;
    return most < LEAST ? LEAST : most > MOST ? MOST : (int)most;
}

static int class_width(int width)
{
    return 40 - 2 * width;
}

static void say_gain(struct workbench *w, const struct comparison *c, const struct comparison_gain *g, double largest, int width)
{
    const struct history_class *class = &comparison_history(c, 0)->cls[g->class];
    const int length = largest > 0 ? (int)lround(TEXT_BAR * fabs(g->gain) / largest) : 0;
    char line[TEXT_LINE], label[TEXT_LINE], cut[TEXT_LINE], bar[TEXT_BAR + 1];
    memset(bar, g->gain < 0 ? '-' : '+', (size_t)length);
    bar[length] = '\0';
    snprintf(label, sizeof label, "%d %s", g->class, class->name);
    snprintf(line, sizeof line, "%-*s %6u %*.2f %*.2f %+8.2f  %s", class_width(width), short_name(label, class_width(width), cut), class->n, width,
             g->before, width, g->after, g->gain, bar);
    say_trimmed(w, line);
}

/* Those that gained most and least, or all that were named. */
static void say_classes_of(struct workbench *w, struct comparison *c, int run, const struct comparison_view *view, struct comparison_gain *gain)
{
    int n = comparison_gains(c, run, gain), named = 0;
    for (int i = 0; i < n; i++)
        if (!view->classes || view->classes[gain[i].class])
            gain[named++] = gain[i];
    n = named;
    if (n == 0)
        return;
    const double first = fabs(gain[0].gain), last = fabs(gain[n - 1].gain), largest = first > last ? first : last;
    char a[TEXT_LINE], b[TEXT_LINE];
    bench_say(w, "%s", "");
    bench_say(w, "%s against %s", short_name(comparison_name(c, run), 34, a), short_name(comparison_name(c, 0), 34, b));
    const int width = gain_width(c, run);
    bench_say(w, "%-*s %6s %*s %*s %8s", class_width(width), class_width(width) < 17 ? "accuracy" : "accuracy of class", "images", width,
              short_name(comparison_name(c, 0), width, b), width, short_name(comparison_name(c, run), width, a), "gain");
    for (int i = 0; i < n; i++) {
        const bool middle = !view->classes && n > 2 * TEXT_CLASSES + 1 && i >= TEXT_CLASSES && i < n - TEXT_CLASSES;
        if (!middle)
            say_gain(w, c, &gain[i], largest, width);
        else if (i == TEXT_CLASSES)
            bench_say(w, "  %d classes between", n - 2 * TEXT_CLASSES);
    }
}

static int say_classes(struct workbench *w, struct comparison *c, const struct comparison_view *view, struct err *err)
{
    struct comparison_gain *gain = malloc(sizeof *gain * ((size_t)comparison_history(c, 0)->n_classes + 1));
    if (!gain)
        return err_set(err, ERR_MEMORY, "no memory for classes");
    for (int i = 1; i < comparison_runs(c); i++)
        say_classes_of(w, c, i, view, gain);
    free(gain);
    return 0;
}

/* --- densities ----------------------------------------------------------------------------------------------------- */

/* The share of the spectrum that lies below 0, in per cent; NaN without nodes. */
static double share_below(const struct history_eig *e)
{
    double below = 0, all = 0;
    for (uint32_t i = 0; i < e->n_nodes; i++) {
        all += e->wts[i];
        below += e->nodes[i] < 0 ? e->wts[i] : 0;
    }
    return all > 0 ? 100 * below / all : NAN;
}

static void say_spectrum(struct workbench *w, const struct comparison *c, int run, int class, int width)
{
    const struct history_eig *e = comparison_spectrum(c, run, class);
    char line[TEXT_LINE], cut[TEXT_LINE], label[TEXT_LINE], name[TEXT_LINE], below[32] = "-";
    snprintf(label, sizeof label, "%d %s", class, comparison_history(c, 0)->cls[class].name);
    if (e && !isnan(share_below(e)))
        snprintf(below, sizeof below, "%.3g%%", share_below(e));
    if (e)
        snprintf(line, sizeof line, "%-14s %-*s %6.5g %9.4g %9.4g %8s %6u", run ? "" : short_name(label, 14, name), width,
                 short_name(comparison_name(c, run), width, cut), e->epoch, e->lmin, e->lmax, below, e->images);
    else
        snprintf(line, sizeof line, "%-14s %-*s      - not measured", run ? "" : short_name(label, 14, name), width, short_name(comparison_name(c, run), width, cut));
    say_trimmed(w, line);
}

static void say_densities(struct workbench *w, const struct comparison *c, const struct comparison_view *view, int width)
{
    enum { MOST = 100 };
    int class[MOST];
    const int n = comparison_density_classes(c, view, class, MOST);
    bench_say(w, "%s", "");
    bench_say(w, "%-14s %-*s %6s %9s %9s %8s %6s", "spectrum of", width, "run", "epoch", "lmin", "lmax", "below 0", "images");
    for (int k = 0; k < n; k++)
        for (int i = 0; i < comparison_runs(c); i++)
            say_spectrum(w, c, i, class[k], width);
}

int compare_say(struct workbench *w, struct comparison *c, const struct comparison_view *view, struct err *err)
{
    const int width = name_width(c);
    int class;
    if (view->density && comparison_density_classes(c, view, &class, 1) == 0)
        return comparison_nothing(view, err);
    say_runs(w, c, width);
    say_knobs(w, c, width);
    if (view->density) {
        say_densities(w, c, view, width);
        return 0;
    }
    say_metrics(w, c, width);
    return say_classes(w, c, view, err);
}
