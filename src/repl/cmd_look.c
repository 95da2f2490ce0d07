/* watch unwatch hessian confusion note; sort find zoom belong to the screen */
#include "config.h"
#include "repl/bench.h"
#include "repl/handlers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/probe/evaluate.h"

/* --- watch --------------------------------------------------------------------------------------------------------- */

static int remember_watched(struct workbench *w, const struct command *command, bool watch, struct err *err)
{
    struct bench_setup *s = &w->setup;
    int all[2 * COMMAND_MAX_CLASSES], n = 0;
    for (int i = 0; i < s->n_watched; i++) {
        bool named = false;
        for (int k = 0; k < command->n_classes; k++)
            named |= command->classes[k] == s->watched[i];
        if (!named)
            all[n++] = s->watched[i];
    }
    for (int i = 0; watch && i < command->n_classes; i++)
        all[n++] = command->classes[i];
    if (n > COMMAND_MAX_CLASSES)
        return err_set(err, ERR_RANGE, "more than %d watched classes", COMMAND_MAX_CLASSES);
    memcpy(s->watched, all, sizeof *all * (size_t)n);
    s->n_watched = n;
    if (!w->recipe && n)
        bench_say(w, n == 1 ? "watched: %d class" : "watched: %d classes", n);
    else if (!w->recipe)
        bench_say(w, "nothing is watched");
    return 0;
}

/* `every 5 iters 30` before the run: knobs of the set-up. */
static int remember_schedule(struct workbench *w, const struct command *command, struct err *err)
{
    const struct {
        enum knob_id id;
        long value;
    } rows[] = { { KNOB_HESSIAN_EVERY, command->every }, { KNOB_HESSIAN_ITERS, command->count },
                 { KNOB_HESSIAN_IMAGES, command->probe.images } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char value[32];
        snprintf(value, sizeof value, "%ld", rows[i].value);
        if (rows[i].value > 0 && setup_set(w, rows[i].id, value, err) < 0)
            return -1;
    }
    return 0;
}

static int watch_call(struct workbench *w, struct call *c, bool on, struct err *err)
{
    if (run_active(w))
        return call_post(w, c, err);
    if (c->when.kind != AT_ONCE)
        return err_set(err, ERR_INVALID, "no run yet: before 'train' classes are watched from the start");
    struct command command;
    if (call_command(w, c, &command, err) < 0)
        return -1;
    if (!on && c->n == 0)
        w->setup.n_watched = 0;
    if (remember_watched(w, &command, on, err) < 0)
        return -1;
    return on ? remember_schedule(w, &command, err) : 0;
}

int build_classes(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    _Static_assert((int)CALL_MAX_CLASSES == (int)COMMAND_MAX_CLASSES, "a call holds the classes of its command");
    int n = c->n ? bench_class_list(w, c, 0, c->classes, err) : 0;
    out->classes = c->classes;
    out->n_classes = n > 0 ? n : 0;
    return n < 0 ? -1 : 0;
}

/* "every 5", "iters 30" or "images 64" at the end of `watch`: where they begin. */
static int schedule_start(const struct call *c)
{
    int i = 1;
    while (i < c->n && (c->word[i].quoted || (strcmp(c->word[i].text, "every") && strcmp(c->word[i].text, "iters") &&
                                              strcmp(c->word[i].text, "images"))))
        i++;
    return i;
}

static int schedule_words(struct call *c, int i, struct command *out, struct err *err)
{
    const struct {
        const char *word;
        enum knob_id like;
        long *to;
    } rows[] = { { "every", KNOB_HESSIAN_EVERY, &out->every }, { "iters", KNOB_HESSIAN_ITERS, &out->count },
                 { "images", KNOB_HESSIAN_IMAGES, &out->probe.images } };
    for (; i < c->n; i += 2) {
        size_t r = 0;
        while (r < sizeof rows / sizeof rows[0] && strcmp(rows[r].word, c->word[i].text) != 0)
            r++;
        if (r == sizeof rows / sizeof rows[0])
            return err_set(err, ERR_USAGE, "'%s' after the classes; every N, iters M or images K", c->word[i].text), call_bad(c, i);
        if (i + 1 == c->n)
            return err_set(err, ERR_USAGE, "'%s' needs a number", c->word[i].text), call_bad(c, i);
        const struct knob_info *k = &knob_table[rows[r].like];
        if (word_whole(c->word[i + 1].text, rows[r].word, k->low < 1 ? 1 : (long)k->low, (long)k->high, rows[r].to, err) < 0)
            return call_bad(c, i + 1);
    }
    return 0;
}

int build_watch(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    int words = c->n, start = schedule_start(c);
    if (schedule_words(c, start, out, err) < 0)
        return -1;
    c->n = start;
    int result = build_classes(w, c, out, err);
    c->n = words;
    return result;
}

int cmd_watch(struct workbench *w, struct call *c, struct err *err)
{
    return watch_call(w, c, true, err);
}

int cmd_unwatch(struct workbench *w, struct call *c, struct err *err)
{
    return watch_call(w, c, false, err);
}

/* --- confusion ----------------------------------------------------------------------------------------------------- */

struct confused_pair {
    int of, as;
    uint32_t n;
    double percent; /* of the true class's images */
};

static int by_count(const void *a, const void *b)
{
    const struct confused_pair *x = a, *y = b;
    if (x->n != y->n)
        return x->n < y->n ? 1 : -1;
    return x->of != y->of ? x->of - y->of : x->as - y->as;
}

/* Wrong answers of class `only` (or of all, -1), most frequent first. */
static int collect_pairs(const struct history *h, const struct history_eval *e, int only, struct confused_pair *out)
{
    int n = 0;
    for (int i = 0; i < h->n_classes; i++) {
        uint64_t row = 0;
        for (int k = 0; k < h->n_classes; k++)
            row += e->conf[(size_t)i * (size_t)h->n_classes + (size_t)k];
        for (int k = 0; k < h->n_classes && (only < 0 || only == i); k++) {
            uint32_t count = e->conf[(size_t)i * (size_t)h->n_classes + (size_t)k];
            if (k != i && count)
                out[n++] = (struct confused_pair){ i, k, count, 100.0 * count / (double)row };
        }
    }
    qsort(out, (size_t)n, sizeof *out, by_count);
    return n;
}

static const struct history_eval *last_confusion(const struct history *h)
{
    for (size_t i = h->n_eval; i > 0; i--)
        if (h->eval[i - 1].conf)
            return &h->eval[i - 1];
    return NULL;
}

int cmd_confusion(struct workbench *w, struct call *c, struct err *err)
{
    workbench_pump(w);
    const struct history *h = bench_shown(w);
    const struct history_eval *e = last_confusion(h);
    if (!e)
        return err_set(err, ERR_INVALID, "%s", h->n_classes > CONFUSION_MAX ? "no confusion matrix: it is kept up to 128 classes" : "no confusion matrix yet; 'eval' makes one");
    int class[COMMAND_MAX_CLASSES], only = -1;
    if (c->n) {
        int n = bench_class_list(w, c, 0, class, err);
        if (n < 0)
            return -1;
        if (n != 1)
            return err_set(err, ERR_INVALID, "'%s' names %d classes; one is needed", c->word[0].text, n), call_bad(c, 0);
        only = class[0];
    }
    struct confused_pair *pairs = malloc(sizeof *pairs * (size_t)h->n_classes * (size_t)h->n_classes);
    if (!pairs)
        return err_set(err, ERR_MEMORY, "no memory for %d classes", h->n_classes);
    int n = collect_pairs(h, e, only, pairs);
    bench_say(w, "epoch %.4g, %s", e->epoch, n ? "true class taken for another" : "every image is right");
    for (int i = 0; i < n && i < 10; i++)
        bench_say(w, "%-16s %-16s %6u  %5.1f%%", h->cls[pairs[i].of].name, h->cls[pairs[i].as].name, pairs[i].n, pairs[i].percent);
    free(pairs);
    return 0;
}

/* --- note ---------------------------------------------------------------------------------------------------------- */

int build_note(struct workbench *w, struct call *c, struct command *out, struct err *err)
{
    (void)w;
    (void)err;
    call_join(c, 0, c->joined, sizeof c->joined);
    out->text = c->joined;
    return 0;
}

int cmd_note(struct workbench *w, struct call *c, struct err *err)
{
    if (!w->run.trainer || w->run.idle)
        return err_set(err, ERR_INVALID, "no run to write it into; 'train' starts one");
    return call_post(w, c, err);
}

/* --- the screen's -------------------------------------------------------------------------------------------------- */

/* The workbench hands these to the face before a handler is asked (workbench.c: run_screen). */
int cmd_sort(struct workbench *w, struct call *c, struct err *err)
{
    return w->face.sort(w->face.ctx, c->word[0].text, err);
}

int cmd_find(struct workbench *w, struct call *c, struct err *err)
{
    return w->face.find(w->face.ctx, c->word[0].text, err);
}

int cmd_zoom(struct workbench *w, struct call *c, struct err *err)
{
    return w->face.zoom(w->face.ctx, c->n ? c->word[0].text : "", err);
}
