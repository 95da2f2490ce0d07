/* alert: conditions that are looked at with every evaluation and probe of this process's run, and what is surprising without being asked for.
 * They belong to the process: nothing of them is taken from a recording, where only that one was raised stands as a note. */
#include "config.h"
#include "repl/bench.h"
#include "repl/handlers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* --- raised -------------------------------------------------------------------------------------------------------- */

static void raise_alert(struct workbench *w, enum say_level level, const char *text)
{
    const struct command note = { .op = COMMAND_NOTE, .text = text, .by = "alarm" };
    bench_raise(w, level, text);
    w->alerts.failed |= level == SAY_ERROR;
    if (run_active(w) && w->run.session)
        trainer_post(w->run.trainer, &note, NULL);
}

void alert_describe(const struct alert *a, char *out, size_t size)
{
    snprintf(out, size, "%s %c %.6g", a->metric, a->above ? '>' : '<', a->limit);
    if (a->epochs > 0)
        text_append(out, size, " for %.6g epochs", a->epochs);
}

/* The newest value of its metric. false: none. */
static bool newest_value(const struct history *h, const struct alert *a, struct metric_point *out)
{
    struct metric m;
    if (h->n_classes == 0 || metric_parse(a->metric, h, &m, NULL) < 0)
        return false;
    for (size_t i = metric_count(&m, h); i > 0; i--)
        if (metric_point(&m, h, i - 1, out))
            return true;
    return false;
}

bool alert_holds(const struct history *h, const struct alert *a, struct metric_point *newest)
{
    *newest = (struct metric_point){ .value = NAN, .epoch = NAN };
    return newest_value(h, a, newest) && (a->above ? newest->value > a->limit : newest->value < a->limit);
}

static void look_at(struct workbench *w, int number)
{
    struct alert *a = &w->alerts.alert[number];
    struct metric_point p;
    char text[200], what[120];
    if (!alert_holds(&w->live.history, a, &p)) {
        a->holds = a->holds && isnan(p.value);
        a->raised = a->raised && isnan(p.value);
        return;
    }
    if (!a->holds || p.epoch < a->since)
        a->since = p.epoch;
    a->holds = true;
    if (a->raised || p.epoch - a->since < a->epochs - 1e-9)
        return;
    a->raised = true;
    a->due = a->then[0] != '\0';
    alert_describe(a, what, sizeof what);
    snprintf(text, sizeof text, "alert %d: %s: it is %.4g at epoch %.4g", number + 1, what, p.value, p.epoch);
    raise_alert(w, a->level, text);
}

/* --- what nobody asked for ----------------------------------------------------------------------------------------- */

/* A loss far above that of guessing is finite all the same, and training goes on from weights of no use. */
static void look_at_loss(struct workbench *w, const struct event *e)
{
    enum { TIMES = 20 };
    const struct history *h = &w->live.history;
    const double loss = e->f[EV_STEP_LOSS].f, guess = h->n_classes > 1 ? log(h->n_classes) : 1;
    char text[240];
    if (w->alerts.exploded || !(loss > TIMES * guess))
        return;
    w->alerts.exploded = true;
    snprintf(text, sizeof text, "the loss is %.4g, %.0f times that of guessing: lr %.4g may be too large; 'pause', or 'resume %.60s@EPOCH' from before", loss,
             loss / guess, (double)e->f[EV_STEP_LR].f, h->name);
    raise_alert(w, SAY_WARNING, text);
}

/* The class of which no image was right in any evaluation of the last epochs; told once in a run. */
static bool never_right(const struct history *h, int c, double epochs)
{
    const double now = h->eval[h->n_eval - 1].epoch;
    if (h->cls[c].n_test == 0 || h->eval[0].epoch > now - epochs)
        return false;
    for (size_t i = h->n_eval; i > 0 && h->eval[i - 1].epoch >= now - epochs; i--)
        if (!h->eval[i - 1].cls || !(h->eval[i - 1].cls[c] <= 0))
            return false;
    return true;
}

static void look_at_classes(struct workbench *w)
{
    enum { EPOCHS = 20, NAMED = 3 };
    const struct history *h = &w->live.history;
    char text[240], names[120] = "";
    int n = 0;
    for (int c = 0; c < h->n_classes && !w->alerts.missing && h->n_eval > 0; c++)
        if (never_right(h, c, EPOCHS) && n++ < NAMED)
            text_append(names, sizeof names, "%s%.24s", names[0] ? ", " : "", h->cls[c].name);
    if (n == 0)
        return;
    w->alerts.missing = true;
    snprintf(text, sizeof text, "%d class%s never right for %d epochs: %s%s", n, n == 1 ? " was" : "es were", EPOCHS, names, n > NAMED ? " ..." : "");
    raise_alert(w, SAY_WARNING, text);
}

void alerts_event(struct workbench *w, const struct event *e)
{
    if (e->kind == EVENT_CONFIG)
        w->alerts.exploded = w->alerts.missing = false;
    else if (e->kind == EVENT_STEP)
        look_at_loss(w, e);
    else if (e->kind == EVENT_EPOCH || e->kind == EVENT_EIG) {
        for (int i = 0; i < w->alerts.n; i++)
            if (w->alerts.alert[i].metric[0])
                look_at(w, i);
        if (e->kind == EVENT_EPOCH)
            look_at_classes(w);
    }
}

void alerts_act(struct workbench *w)
{
    for (int i = 0; i < w->alerts.n; i++) {
        struct alert *a = &w->alerts.alert[i];
        if (!a->due)
            continue;
        a->due = false;
        if (run_active(w))
            outside_alarm(w, a->then);
    }
}

/* --- the verb ------------------------------------------------------------------------------------------------------ */

static int list_alerts(struct workbench *w)
{
    char what[120];
    int n = 0;
    for (int i = 0; i < w->alerts.n; i++) {
        const struct alert *a = &w->alerts.alert[i];
        if (!a->metric[0])
            continue;
        alert_describe(a, what, sizeof what);
        bench_say(w, "%d: %s%s%s%s", i + 1, what, a->then[0] ? " then " : "", a->then, a->raised ? "  (raised)" : "");
        n++;
    }
    if (n == 0)
        bench_say(w, "no alerts; 'alert if tail < 5 for 10 epochs' sets one");
    return 0;
}

static int drop_alerts(struct workbench *w, struct call *c, struct err *err)
{
    long number;
    if (c->n == 1) {
        w->alerts.n = 0;
        return 0;
    }
    if (c->n > 2 || word_whole(c->word[1].text, "number", 1, MAX_ALERTS, &number, err) < 0)
        return c->n > 2 ? err_set(err, ERR_USAGE, "usage: %s", c->info->usage) : call_bad(c, 1);
    if (number > w->alerts.n || !w->alerts.alert[number - 1].metric[0])
        return err_set(err, ERR_RANGE, "no alert %ld; 'alert' lists them", number), call_bad(c, 1);
    w->alerts.alert[number - 1].metric[0] = '\0';
    return 0;
}

/* The word's place behind `from`, or n. */
static int find_word(const struct call *c, int from, const char *word)
{
    int i = from;
    while (i < c->n && (c->word[i].quoted || strcmp(c->word[i].text, word) != 0))
        i++;
    return i;
}

/* What is done then is checked now: a mistake must not come to light at night. */
static int check_then(struct call *c, int at, const char *line, struct err *err)
{
    struct lexed l;
    int where;
    if (lex_line(line, &l, &where, err) < 0)
        return call_bad(c, at);
    int result = l.n_commands > 0 ? 0 : err_set(err, ERR_USAGE, "then what? a command that steers a run, such as pause");
    for (int i = 0; i < l.n_commands && result == 0; i++) {
        const struct command_info *info = command_find(l.word[l.command[i].first].text, false, err);
        if (!info || info->run == cmd_alert || !(info->flags & F_OUTSIDE))
            result = !info ? -1 : err_set(err, ERR_INVALID, "'%s' cannot be done by an alert; what steers a run or measures can", info->verb);
    }
    lex_release(&l);
    return result < 0 ? call_bad(c, at) : 0;
}

static int read_level(struct call *c, enum say_level *out, struct err *err)
{
    const char *level = call_value(c, "level");
    *out = SAY_WARNING;
    if (!level || strcmp(level, "warning") == 0)
        return 0;
    if (strcmp(level, "note") != 0 && strcmp(level, "error") != 0)
        return err_set(err, ERR_INVALID, "level '%s'; note, warning or error", level), call_bad_option(c, "level");
    *out = level[0] == 'n' ? SAY_NOTE : SAY_ERROR;
    return 0;
}

int alert_condition(const struct call *c, int from, int n, struct alert *out, int *bad, struct err *err)
{
    struct when when = { .kind = AT_ONCE };
    if (condition_parse(&when, c->word + from, n, bad, err) < 0)
        return -1;
    *out = (struct alert){ .above = when.above, .limit = when.value };
    snprintf(out->metric, sizeof out->metric, "%s", when.metric);
    return 0;
}

static int read_alert(struct call *c, struct alert *a, struct err *err)
{
    const int then = find_word(c, 1, "then"), lasts = find_word(c, 1, "for"), end = lasts < then ? lasts : then;
    int bad = 0;
    if (strcmp(c->word[0].text, "if") != 0)
        return err_set(err, ERR_USAGE, "usage: %s", c->info->usage), call_bad(c, 0);
    if (alert_condition(c, 1, end - 1, a, &bad, err) < 0)
        return call_bad(c, 1 + bad);
    if (lasts < then && (then - lasts != 3 || strncmp(c->word[lasts + 2].text, "epoch", 5) != 0))
        return err_set(err, ERR_USAGE, "how long? 'for 10 epochs'"), call_bad(c, lasts);
    if (lasts < then && word_number(c->word[lasts + 1].text, "epochs", 0, 1e6, &a->epochs, err) < 0)
        return call_bad(c, lasts + 1);
    if (then < c->n)
        call_join(c, then + 1, a->then, sizeof a->then);
    if (then < c->n && check_then(c, then, a->then, err) < 0)
        return -1;
    return read_level(c, &a->level, err);
}

int cmd_alert(struct workbench *w, struct call *c, struct err *err)
{
    struct alert a;
    char what[120];
    if (c->n == 0)
        return list_alerts(w);
    if (strcmp(c->word[0].text, "off") == 0)
        return drop_alerts(w, c, err);
    if (read_alert(c, &a, err) < 0)
        return -1;
    if (w->alerts.n == MAX_ALERTS)
        return err_set(err, ERR_RANGE, "%d alerts are set already; 'alert off' drops them", MAX_ALERTS);
    w->alerts.alert[w->alerts.n++] = a;
    alert_describe(&a, what, sizeof what);
    bench_say(w, "alert %d: %s%s%s", w->alerts.n, what, a.then[0] ? " then " : "", a.then);
    return 0;
}
