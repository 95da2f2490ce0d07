/* sweep: the product of some knobs' values and seeds, each combination a recorded run, ranked by validation images. */
#include "config.h"
#include "repl/bench.h"
#include "repl/handlers.h"
#include "repl/sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "engine/run/plan.h"
#include "engine/stages.h"
#include "repl/lex.h"

enum { SWEEP_JOBS = 64, SWEEP_RUN_NAME = 100, SWEEP_RUN_DIR = 1600 };

static void say_sweep(void *ctx, const char *line)
{
    bench_say(ctx, "%s", line);
}

/* --- which sweep --------------------------------------------------------------------------------------------------- */

static int early_given(struct call *c, bool *early, struct err *err)
{
    const char *rule = call_value(c, "early");
    *early = rule != NULL;
    return !rule || strcmp(rule, "median") == 0 ? 0 : (err_set(err, ERR_INVALID, "--early '%s'; median is accepted", rule), call_bad_option(c, "early"));
}

/* The words and options of a call become the axes of a plan whose base and name are there. */
static int plan_of_call(struct call *c, struct sweep_plan *p, struct err *err)
{
    p->automatic = -1;
    for (int i = 0; i < c->n; i++)
        if (sweep_axis_add(p, c->word[i].text, err) < 0)
            return call_bad(c, i);
    long seeds = p->automatic >= 0 ? 2 : 1;
    if (call_whole(c, "--seeds", 1, SWEEP_SEEDS, &seeds, err) < 0 || early_given(c, &p->early, err) < 0)
        return -1;
    p->seeds = (int)seeds;
    return sweep_check(p, err);
}

/* Its last line, checked like a typed one. */
int sweep_plan_of_line(const char *line, struct sweep_plan *p, struct err *err)
{
    struct lexed l;
    int at;
    if (lex_line(line, &l, &at, err) < 0)
        return -1;
    struct call *c = calloc(1, sizeof *c);
    const struct command_info *info = l.n_commands == 1 ? command_find(l.word[0].text, false, NULL) : NULL;
    int result = c && info && info->run == cmd_sweep ? call_parse(c, info, l.word, l.n_words, err) : err_set(err, ERR_DATA, "'%.60s' is no sweep", line);
    if (result == 0)
        result = plan_of_call(c, p, err);
    free(c);
    lex_release(&l);
    return result;
}

static int check_sweep_name(const char *root, const char *name, struct err *err)
{
    if (!session_may_be_called(name, SWEEP_NAME))
        return err_set(err, ERR_INVALID, "--name '%s'; 1 to %d of A-Z a-z 0-9 . _ + - are accepted", name, SWEEP_NAME);
    return sweep_file_there(root, name) ? err_set(err, ERR_INVALID, "sweep %s is there already; 'sweep %s --resume' goes on with it", name, name) : 0;
}

static int name_sweep(struct call *c, const char *root, char out[SWEEP_NAME + 1], struct err *err)
{
    const char *given = call_value(c, "name");
    if (given && check_sweep_name(root, given, err) < 0)
        return call_bad_option(c, "name");
    snprintf(out, SWEEP_NAME + 1, "%s", given ? given : "");
    for (int i = 1; !given; i++) {
        snprintf(out, SWEEP_NAME + 1, "sweep-%d", i);
        if (!sweep_file_there(root, out))
            break;
    }
    return 0;
}

/* --- what its runs share ------------------------------------------------------------------------------------------- */

/* Images that the long tail leaves out, a twentieth of the largest class's number and at most 50 of each class. Told by tell_validation(). */
static int ensure_validation(struct workbench *w, struct err *err)
{
    const struct dataset *d = &w->setup.data;
    uint32_t most = 0;
    char count[16];
    struct err why = { 0 };
    if (d->val.n > 0)
        return 0;
    for (int i = 0; i < d->classes; i++)
        most = d->train.count[i] > most ? d->train.count[i] : most;
    const uint32_t each = most / 20 > 50 ? 50 : most / 20 < 1 ? 1 : most / 20;
    snprintf(count, sizeof count, "%u", each * (uint32_t)d->classes);
    if (setup_set(w, KNOB_VAL, count, err) < 0 || setup_set(w, KNOB_VAL_FROM, "unused", err) < 0)
        return -1;
    if (setup_ready(w, &why) < 0)
        return err_set(err, ERR_INVALID, "runs are ranked by validation images, and there are none (%.200s); 'data ... --val N' sets some apart", why.text);
    return 0;
}

/* Once nothing refuses the sweep any more: nothing was set apart for one that is refused. */
static void tell_validation(struct workbench *w, const struct sweep_plan *p, const struct choices *before)
{
    const int64_t val = knob_int(&p->base, KNOB_VAL);
    if (val != knob_int(&before->knobs, KNOB_VAL))
        bench_say(w, "val %lld, val_from unused: runs are ranked by these images, %lld of each class, and not by test images", (long long)val, (long long)val / w->setup.data.classes);
}

/* Another folder may be the current one when the sweep is gone on with. */
static void make_absolute(struct knobs *k, enum knob_id id, const char *path)
{
    char *whole = path[0] ? realpath(path, NULL) : NULL;
    if (whole && strlen(whole) < KNOB_TEXT_MAX)
        knob_parse(id, whole, &k->v[id], NULL);
    free(whole);
}

static int take_more(struct workbench *w, struct buf *out, struct err *err)
{
    const struct bench_setup *s = &w->setup;
    char *weights = s->weights_file[0] ? realpath(s->weights_file, NULL) : NULL;
    if (weights) {
        buf_adds(out, "load weights ");
        lex_quote(out, weights);
        buf_addc(out, '\n');
    }
    free(weights);
    for (int i = 0; i < s->n_watched && !setup_watches_plain(s); i++)
        buf_addf(out, "%s %d%s", i ? "" : "watch", s->watched[i], i + 1 < s->n_watched ? "" : "\n");
    for (int i = 0; i < s->n_later; i++) {
        if (strlen(s->later[i].text) >= sizeof s->later[i].text - 1)
            return err_set(err, ERR_INVALID, "pending %d is too long for a sweep", i + 1);
        buf_addf(out, "%s\n", s->later[i].text);
    }
    return out->failed ? err_set(err, ERR_MEMORY, "no memory for a sweep") : 0;
}

static int take_base(struct workbench *w, struct call *c, struct sweep_plan *p, struct err *err)
{
    static const enum knob_id places[] = { KNOB_LIST_TEST, KNOB_LIST_VAL, KNOB_LIST_NAMES, KNOB_LIST_ROOT };
    for (int i = 0; i < c->n_options; i++)
        if (option_set(w, c, i, err) < 0)
            return -1;
    if (setup_ready(w, err) < 0 || ensure_validation(w, err) < 0)
        return -1;
    p->base = w->setup.knobs;
    make_absolute(&p->base, KNOB_DATA_PATH, setup_data_path(&p->base));
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        make_absolute(&p->base, places[i], knob_text(&p->base, places[i]));
    return take_more(w, &p->more, err);
}

/* --- what makes no sense ------------------------------------------------------------------------------------------- */

static void keep_first_reason(void *ctx, const char *text)
{
    struct err *first = ctx;
    if (!first->text[0])
        err_set(first, ERR_INVALID, "%s", text);
}

static int check_points(const struct sweep_plan *p, struct plan *plan, struct err *err)
{
    bool chosen[PLAN_SUBJECTS] = { false };
    for (int i = 0; i < p->n_axes; i++)
        chosen[p->axis[i].knob] = true;
    for (int point = 0; point < sweep_points(p); point++) {
        struct err first = { 0 };
        struct knobs k;
        sweep_knobs(p, point, 0, &k);
        plan->knobs = &k;
        plan_never(plan, chosen, keep_first_reason, &first);
        if (first.text[0])
            return err_set(err, ERR_INVALID, "%.400s", first.text);
    }
    return 0;
}

/* Values of a knob that does nothing in some run would be repeats of one another. */
static int check_acts(struct workbench *w, const struct sweep_plan *p, struct err *err)
{
    const struct bench_setup *s = &w->setup;
    bool *watched = calloc((size_t)s->data.classes + 1, sizeof *watched);
    struct plan plan = { .data = &s->data, .watched = watched };
    if (!watched)
        return err_set(err, ERR_MEMORY, "no memory for %d classes", s->data.classes);
    for (int i = 0; i < s->n_watched && !setup_watches_plain(s); i++)
        if (s->watched[i] < s->data.classes)
            watched[s->watched[i]] = true;
    for (int i = 0; i < s->n_later; i++)
        plan.changes[s->later[i].command->knob] = true;
    const int result = check_points(p, &plan, err);
    free(watched);
    return result;
}

static int check_runs_are_new(const struct sweep_plan *p, const char *root, struct err *err)
{
    char name[512], dir[SWEEP_RUN_DIR];
    for (int i = 0; i < sweep_points(p) * p->seeds; i++) {
        sweep_run_name(p, i / p->seeds, i % p->seeds, name, sizeof name);
        if (strlen(name) > SWEEP_RUN_NAME)
            return err_set(err, ERR_RANGE, "a run would be named '%.120s', longer than %d; --name takes a shorter one, or sweep fewer knobs", name, SWEEP_RUN_NAME);
        snprintf(dir, sizeof dir, "%s/%s.saddle", root, name);
        if (access(dir, F_OK) == 0)
            return err_set(err, ERR_INVALID, "run %s is there already; --name takes another name", name);
    }
    return 0;
}

static int ask_if_many(struct workbench *w, const struct call *c, const struct sweep_plan *p, struct err *err)
{
    char question[200];
    const int runs = sweep_points(p) * p->seeds;
    if (runs <= SWEEP_ASKS)
        return 0;
    snprintf(question, sizeof question, "%s%d runs of %ld epochs: begin?", p->automatic >= 0 ? "up to " : "", runs, knobs_epochs(&p->base));
    if (bench_confirm(w, c, question, err) == 0)
        return 0;
    if (err->code == ERR_USAGE)
        err_set(err, ERR_INVALID, "%s%d runs of %ld epochs; more than %d need --yes", p->automatic >= 0 ? "up to " : "", runs, knobs_epochs(&p->base), SWEEP_ASKS);
    return -1;
}

/* --- going on ------------------------------------------------------------------------------------------------------ */

void sweep_leave(struct workbench *w)
{
    if (!w->sweep)
        return;
    sweep_free(w->sweep);
    w->sweep = NULL;
    close(w->sweep_fd);
}

static int fill_sweep_csv(void *ctx, FILE *out, struct err *err)
{
    return sweep_csv(out, ctx, err);
}

/* As text and, with --csv, as a file; "-": as that alone, for a pipe. */
static int tell_table(struct workbench *w, struct sweep *s, struct call *c, struct err *err)
{
    const char *path = c ? call_value(c, "csv") : NULL;
    if (!path || strcmp(path, "-") != 0)
        sweep_table(s, say_sweep, w);
    return path && bench_write(w, path, call_has(c, "force"), fill_sweep_csv, s, err) < 0 ? call_bad_option(c, "csv") : 0;
}

/* What came of it; c: of who waited for it, or NULL. -1: some of its runs failed, or its table could not be written. */
static int end_sweep(struct workbench *w, struct call *c, struct err *err)
{
    const int failed = sweep_failed(w->sweep), told = tell_table(w, w->sweep, c, err);
    char name[SWEEP_NAME + 1];
    int of;
    sweep_done(w->sweep, &of);
    snprintf(name, sizeof name, "%s", sweep_name(w->sweep));
    sweep_leave(w);
    if (told < 0)
        return -1;
    return failed ? err_set(err, ERR_INVALID, "%d of %d runs failed; 'sweep %s --resume' tries them again", failed, of, name) : 0;
}

bool workbench_sweeps(const struct workbench *w)
{
    return w->sweep != NULL;
}

static void add_sweep_line(void *ctx, const char *line)
{
    buf_addf(ctx, "%s\n", line);
}

bool workbench_campaign_cut(const struct workbench *w)
{
    return w->sweep || w->campaign_cut; /* asked before the workbench ends what goes on beside a prompt */
}

void workbench_sweep_table(const struct workbench *w, struct buf *out)
{
    if (w->sweep)
        sweep_table(w->sweep, add_sweep_line, out);
}

void sweep_pump(struct workbench *w)
{
    struct err err = { 0 };
    if (!w->sweep || w->sweep_waited_for)
        return;
    w->sweep_waited_for = true; /* what it says may be waited for */
    const int result = sweep_go(w->sweep, &err);
    if (result < 0 || (result == SWEEP_OVER && end_sweep(w, NULL, &err) < 0))
        bench_error(w, NULL, &err, -1);
    if (result < 0)
        sweep_leave(w);
    w->sweep_waited_for = false;
}

static int wait_for_sweep(struct workbench *w, struct call *c, struct err *err)
{
    int result = SWEEP_WAITS;
    w->sweep_waited_for = true;
    while (result == SWEEP_WAITS || result == SWEEP_DECIDED) {
        result = sweep_go(w->sweep, err);
        if (result == SWEEP_WAITS && !bench_idle(w, 100)) {
            bench_say(w, "%s: its runs end with snapshots; 'saddle sweep %s --resume' goes on", sweep_name(w->sweep), sweep_name(w->sweep));
            w->campaign_cut = true;
            result = err_set(err, ERR_CANCELLED, "%s", ""); /* a signal: it speaks for itself */
        }
        workbench_pump(w);
    }
    if (result == SWEEP_OVER)
        result = end_sweep(w, c, err);
    sweep_leave(w);
    w->sweep_waited_for = false;
    return result;
}

/* The plan is the sweep's from here on; its file is made when it is new. */
static int begin_sweep(struct workbench *w, struct call *c, struct sweep_plan *p, const char *root, bool new, struct err *err)
{
    struct sweep_options o = { .root = root, .device = knob_text(&w->setup.knobs, KNOB_DEVICE), .say = say_sweep, .ctx = w,
                               .threads = (int)knob_int(&w->setup.knobs, KNOB_THREADS) };
    long jobs = 1;
    if (call_whole(c, "--jobs", 1, SWEEP_JOBS, &jobs, err) < 0 || (new && sweep_file_make(root, p, err) < 0) ||
        (w->sweep_fd = sweep_file_lock(root, p->name, err)) < 0) {
        sweep_release(p);
        return -1;
    }
    o.jobs = (int)jobs;
    w->sweep = sweep_new(p, &o, err);
    if (!w->sweep) {
        close(w->sweep_fd);
        return -1;
    }
    if (!c->interactive)
        return wait_for_sweep(w, c, err);
    bench_say(w, "%s goes on beside everything else; 'sweep %s' shows its table, 'sweep --stop' ends it", sweep_name(w->sweep), sweep_name(w->sweep));
    return 0;
}

static int check_free(struct workbench *w, struct err *err)
{
    if (w->options.readonly)
        return err_set(err, ERR_INVALID, "not with --readonly");
    if (w->sweep)
        return err_set(err, ERR_INVALID, "%s is under way; 'sweep --stop' ends it", sweep_name(w->sweep));
    return bench_no_training(w, err);
}

static int new_sweep(struct workbench *w, struct call *c, const char *root, struct err *err)
{
    struct sweep_plan *p = calloc(1, sizeof *p);
    struct choices before;
    if (!p)
        return err_set(err, ERR_MEMORY, "no memory for a sweep");
    const int undos = w->n_undo;
    setup_keep(&w->setup, &before);
    int result = name_sweep(c, root, p->name, err);
    if (result == 0 && (result = take_base(w, c, p, err)) == 0 && (result = plan_of_call(c, p, err)) == 0)
        result = check_acts(w, p, err) < 0 || check_runs_are_new(p, root, err) < 0 || ask_if_many(w, c, p, err) < 0 ? -1 : 0;
    if (result == 0)
        tell_validation(w, p, &before);
    setup_restore(&w->setup, &before);
    w->n_undo = undos; /* what is given back here is nothing to take back */
    if (result == 0)
        result = begin_sweep(w, c, p, root, true, err);
    else
        sweep_release(p);
    free(p);
    return result;
}

/* --- looking ------------------------------------------------------------------------------------------------------- */

static int look_at_sweep(struct workbench *w, struct call *c, struct sweep_plan *p, const char *root, struct err *err)
{
    const struct sweep_options o = { .root = root };
    struct sweep *s = sweep_new(p, &o, err);
    int result = s ? SWEEP_DECIDED : -1;
    while (result == SWEEP_DECIDED)
        result = sweep_go(s, err);
    if (result >= 0 && tell_table(w, s, c, err) < 0)
        result = -1;
    if (result == SWEEP_WAITS && !call_has(c, "csv"))
        bench_say(w, "'sweep %s --resume' goes on with it, unless another process does", sweep_name(s));
    sweep_free(s);
    return result < 0 ? -1 : 0;
}

static int old_sweep(struct workbench *w, struct call *c, const char *root, struct err *err)
{
    const char *name = c->word[0].text;
    if (w->sweep && strcmp(name, sweep_name(w->sweep)) == 0 && !call_has(c, "resume"))
        return tell_table(w, w->sweep, c, err);
    if (call_has(c, "resume") && check_free(w, err) < 0)
        return -1;
    struct sweep_plan *p = calloc(1, sizeof *p);
    if (!p)
        return err_set(err, ERR_MEMORY, "no memory for a sweep");
    int result = sweep_file_read(root, name, p, err);
    if (result < 0) {
        sweep_release(p);
        call_bad(c, 0);
    } else
        result = call_has(c, "resume") ? begin_sweep(w, c, p, root, false, err) : look_at_sweep(w, c, p, root, err);
    free(p);
    return result;
}

static int list_sweeps(struct workbench *w, const char *root, struct err *err)
{
    char **name, safe[256];
    const int n = sweep_names(root, &name, err);
    if (n < 0)
        return -1;
    for (int i = 0; i < n; i++) {
        text_safe(name[i], safe, sizeof safe);
        bench_say(w, "%s", safe);
    }
    sweep_names_free(name);
    bench_say(w, n ? "'sweep NAME' shows the table of one" : "no sweep yet; 'sweep rho=.05,.1,.2 --seeds 2' makes one");
    return 0;
}

static int stop_sweep(struct workbench *w, struct err *err)
{
    if (!w->sweep)
        return err_set(err, ERR_INVALID, "no sweep is under way here");
    bench_say(w, "%s: its runs end with snapshots; 'sweep %s --resume' goes on", sweep_name(w->sweep), sweep_name(w->sweep));
    sweep_leave(w);
    return 0;
}

/* Options of a new one say nothing to one that is there, and the other way round. */
static int check_sweep_options(struct call *c, bool new, struct err *err)
{
    static const char *const of_new[] = { "seeds", "epochs", "early", "name", "yes" };
    for (size_t i = 0; i < sizeof of_new / sizeof *of_new; i++)
        if (!new && call_has(c, of_new[i]))
            return err_set(err, ERR_USAGE, "--%s is for a new sweep; %s is what its file says", of_new[i], c->n ? c->word[0].text : "one"), call_bad_option(c, of_new[i]);
    if (new && call_has(c, "resume"))
        return err_set(err, ERR_USAGE, "--resume goes on with a sweep that is there: sweep NAME --resume"), call_bad_option(c, "resume");
    if (!new && c->n > 1)
        return err_set(err, ERR_USAGE, "'%s' is no list of values; expected KNOB=V,V,... or one NAME", c->word[0].text), call_bad(c, 0);
    return 0;
}

/* Days of training may come before the table is written: what can be known of its file is said before. */
static int check_csv(struct call *c, bool new, struct err *err)
{
    const char *path = call_value(c, "csv");
    if (call_has(c, "force") && !path)
        return err_set(err, ERR_USAGE, "--force goes with --csv PATH"), call_bad_option(c, "force");
    if (!path)
        return 0;
    if (c->n == 0)
        return err_set(err, ERR_USAGE, "which sweep? sweep NAME --csv PATH"), call_bad_option(c, "csv");
    if (c->interactive && (new || call_has(c, "resume")))
        return err_set(err, ERR_USAGE, "at the prompt a sweep goes on beside everything else; 'sweep NAME --csv PATH' writes its table"), call_bad_option(c, "csv");
    return strcmp(path, "-") == 0 || file_may_publish(path, call_has(c, "force"), err) == 0 ? 0 : call_bad_option(c, "csv");
}

int cmd_sweep(struct workbench *w, struct call *c, struct err *err)
{
    char root[1024];
    const bool new = c->n > 0 && strchr(c->word[0].text, '=');
    if (session_root(w->options.sessions, root, sizeof root, err) < 0)
        return -1;
    if (call_has(c, "stop"))
        return stop_sweep(w, err);
    if (check_sweep_options(c, new, err) < 0 || check_csv(c, new, err) < 0 || (new && check_free(w, err) < 0))
        return -1;
    if (c->n == 0)
        return list_sweeps(w, root, err);
    return new ? new_sweep(w, c, root, err) : old_sweep(w, c, root, err);
}
