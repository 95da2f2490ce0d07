/* reproduce: the rows of a table or figure of the paper as a campaign of recorded runs, their numbers beside the paper's. */
#include "config.h"
#include "repl/bench.h"
#include "repl/campaign.h"
#include "repl/handlers.h"
#include "repl/reproduce.h"

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/text.h"
#include "engine/networks.h"

enum { MOST_JOBS = 64, ASKS = 100 };

/* --- what is asked for --------------------------------------------------------------------------------------------- */

static bool row_is_meant(const struct paper_row *r, const char *pattern)
{
    char label[64], whole[128];
    paper_label(r, label, sizeof label);
    snprintf(whole, sizeof whole, "%s/%s", r->data, label);
    return fnmatch(pattern, r->method, 0) == 0 || fnmatch(pattern, label, 0) == 0 || fnmatch(pattern, whole, 0) == 0;
}

/* Labels of rows, each once: data sets share them. */
static void name_rows(const struct paper_row *row, int n, char *out, size_t size)
{
    char label[64], other[64];
    out[0] = '\0';
    for (int i = 0; i < n; i++) {
        int j = 0;
        paper_label(&row[i], label, sizeof label);
        while (j < i && (paper_label(&row[j], other, sizeof other), strcmp(label, other) != 0))
            j++;
        if (j == i)
            text_append(out, size, "%s%s", i ? ", " : "", label);
    }
}

/* The rows of its table that a list of patterns means; all without one. Each pattern means one. */
static int choose_rows(struct call *c, struct reproduction *p, struct err *err)
{
    char *list = strdup(call_value(c, "rows") ? call_value(c, "rows") : "*"), *save = NULL, known[600];
    bool wanted[REPRODUCE_ROWS] = { false };
    const struct paper_row *first = paper_rows;
    int n = 0, result = list ? 0 : err_set(err, ERR_MEMORY, "no memory for a list of rows");
    while (first->of != p->of)
        first++;
    while (first + n < paper_rows + n_paper_rows && first[n].of == p->of && n < REPRODUCE_ROWS)
        n++;
    for (char *pattern = list ? strtok_r(list, ",", &save) : NULL; pattern && result == 0; pattern = strtok_r(NULL, ",", &save)) {
        bool any = false;
        for (int i = 0; i < n; i++)
            if (row_is_meant(&first[i], pattern))
                wanted[i] = any = true;
        if (!any)
            name_rows(first, n, known, sizeof known);
        if (!any)
            result = (err_set(err, ERR_INVALID, "--rows '%.60s': no such row of %s; %s", pattern, paper_tables[p->of].word, known), call_bad_option(c, "rows"));
    }
    for (int i = 0; i < n; i++)
        if (wanted[i])
            p->row[p->n++] = (struct reproduced_row){ .row = &first[i], .mean = { NAN, NAN, NAN, NAN }, .sd = { NAN, NAN, NAN, NAN }, .best = NAN };
    free(list);
    if (result == 0 && p->n == 0)
        return err_set(err, ERR_INVALID, "--rows '%.60s' names no row", call_value(c, "rows")), call_bad_option(c, "rows");
    return result;
}

static int choose_model(struct call *c, struct reproduction *p, struct err *err)
{
    const char *name = call_value(c, "model");
    struct knob_value unread;
    if (name && knob_parse(KNOB_MODEL, name, &unread, err) < 0)
        return call_bad_option(c, "model");
    p->way.model = name;
    return 0;
}

/* Of a figure: its own classes, or others. */
static int choose_classes(struct call *c, struct reproduction *p, struct err *err)
{
    const char *given = call_value(c, "class"), *usual = paper_tables[p->of].classes;
    char *end;
    if (given && !usual)
        return err_set(err, ERR_USAGE, "--class is for figure1, figure2 and figure3"), call_bad_option(c, "class");
    for (const char *at = given ? given : usual ? usual : ""; *at; at = end + strspn(end, " ,")) {
        const long class = strtol(at, &end, 10);
        if (end == at || (*end && !strchr(" ,", *end)) || class < 0 || class > 9 || p->n_classes == REPRODUCE_CLASSES)
            return err_set(err, ERR_RANGE, "--class '%s'; up to %d of 0 to 9 are accepted, as 0,7,9", given, REPRODUCE_CLASSES), call_bad_option(c, "class");
        text_append(p->classes, sizeof p->classes, "%s%ld", p->n_classes ? " " : "", class);
        p->class[p->n_classes++] = (int)class;
    }
    if (given && p->n_classes == 0)
        return err_set(err, ERR_INVALID, "--class '%s' names no class; up to %d of 0 to 9 are accepted, as 0,7,9", given, REPRODUCE_CLASSES), call_bad_option(c, "class");
    p->way.probed = given ? p->classes : "";
    return 0;
}

/* A folder that is not there is a slip of the fingers, and not the place of no images. */
static int check_root(struct call *c, struct err *err)
{
    const char *root = call_value(c, "data-root");
    struct stat st;
    if (!root || (stat(root, &st) == 0 && S_ISDIR(st.st_mode)))
        return 0;
    err_set(err, ERR_DATA, "--data-root '%.300s': no such folder; one that holds cifar-10-batches-bin, cifar-100-binary or ImageNet-LT is accepted", root);
    return call_bad_option(c, "data-root");
}

static int choose_all(struct workbench *w, struct call *c, struct reproduction *p, struct err *err)
{
    long seeds = 1, jobs = 1;
    if (call_whole(c, "--seeds", 1, REPRODUCE_SEEDS, &seeds, err) < 0 || call_whole(c, "--jobs", 1, MOST_JOBS, &jobs, err) < 0 ||
        call_whole(c, "--epochs", 1, 100000, &p->way.epochs, err) < 0 || choose_model(c, p, err) < 0 || choose_classes(c, p, err) < 0 ||
        choose_rows(c, p, err) < 0)
        return -1;
    p->seeds = (int)seeds;
    p->jobs = (int)jobs;
    p->seed = knob_int(&w->setup.knobs, KNOB_SEED);
    if (!knob_is(&w->setup.knobs, KNOB_MATH, "fp32"))
        knob_choice(&w->setup.knobs, KNOB_MATH, p->way.math, sizeof p->way.math);
    return 0;
}

/* Where a row's images lie; why it is not run where they do not. */
static void find_images(struct workbench *w, struct call *c, struct reproduction *p)
{
    for (int i = 0; i < p->n; i++) {
        struct reproduced_row *r = &p->row[i];
        const char *given = call_value(c, "data-root"), *missing, *root = given ? given : setup_data_path(&w->setup.knobs);
        const bool ten = strncmp(r->row->data, "cifar10-", 8) == 0, hundred = strncmp(r->row->data, "cifar100", 8) == 0;
        if (r->row->cannot || paper_images(r->row, root, r->folder, sizeof r->folder, &missing))
            continue;
        if (!given && (ten || hundred) && setup_usual_folder(ten, r->folder, sizeof r->folder))
            continue;
        snprintf(r->why, sizeof r->why, "no images: %s are not in %.150s%s", missing, root[0] ? root : "the usual folders",
                 given ? "" : "; --data-root DIR says where they are");
    }
}

/* --- its campaign --------------------------------------------------------------------------------------------------- */

static int add_row_runs(const struct reproduction *p, struct campaign *campaign, int row, int at[REPRODUCE_SEEDS], struct err *err)
{
    char name[256];
    for (int s = 0; s < p->seeds; s++) {
        struct buf lines = { 0 };
        paper_run_name(p->row[row].row, &p->way, p->seed + s, name, sizeof name);
        paper_lines(p->row[row].row, &p->way, p->seed + s, p->row[row].folder, &lines);
        at[s] = lines.failed ? err_set(err, ERR_MEMORY, "no memory for the lines of a run") : campaign_add(campaign, name, lines.data, err);
        buf_release(&lines);
        if (at[s] < 0)
            return -1;
    }
    return 0;
}

static bool is_run(const struct reproduced_row *r)
{
    return !r->row->cannot && !r->why[0];
}

/* Without rows. NULL with *err. */
static struct campaign *new_campaign(struct workbench *w, struct campaign_options o, struct err *err)
{
    char root[1024];
    o.root = root;
    o.device = knob_text(&w->setup.knobs, KNOB_DEVICE);
    o.threads = (int)knob_int(&w->setup.knobs, KNOB_THREADS);
    return session_root(w->options.sessions, root, sizeof root, err) < 0 ? NULL : campaign_new(&o, err);
}

/* All rows, to be looked at. */
static struct campaign *open_campaign(struct workbench *w, struct reproduction *p, struct reproduce_attempt *a, struct err *err)
{
    a->campaign = new_campaign(w, (struct campaign_options){ .jobs = 0 }, err);
    for (int i = 0; a->campaign && i < p->n; i++)
        if (add_row_runs(p, a->campaign, i, a->at[i], err) < 0) {
            campaign_free(a->campaign);
            a->campaign = NULL;
        }
    return a->campaign;
}

/* --- runs ---------------------------------------------------------------------------------------------------------- */

#define PROGRESS_NS UINT64_C(10000000000)

struct attempt_voice {
    struct workbench *w;
    const struct reproduction *p;
    const struct reproduce_attempt *a;
    uint64_t looked_ns;
    int tenths[REPRODUCE_ROWS][REPRODUCE_SEEDS]; /* of its epochs, that were told */
};

static void say_change(void *ctx, int row)
{
    const struct attempt_voice *v = ctx;
    const struct campaign *c = v->a->campaign;
    const enum campaign_row_state now = campaign_state(c, row);
    if (now == ROW_FAILED)
        bench_warn(v->w, "reproduce", "%s failed: %s", campaign_name(c, row), campaign_why(c, row));
    else if (now != ROW_WAITS)
        bench_say(v->w, "%s %s", campaign_name(c, row), now == ROW_THERE ? "is there" : now == ROW_RUNS ? "trains" : "is trained by another process");
}

static void say_epoch(struct attempt_voice *v, int i, int s)
{
    const int row = v->a->at[i][s];
    if (campaign_state(v->a->campaign, row) != ROW_RUNS)
        return;
    const double epoch = campaign_look(v->a->campaign, row).epoch, epochs = (double)paper_epochs(v->p->row[i].row, &v->p->way);
    const int tenths = isfinite(epoch) && epoch < epochs ? (int)(10 * epoch / epochs) : 0;
    if (tenths <= v->tenths[i][s])
        return;
    v->tenths[i][s] = tenths;
    bench_say(v->w, "%s: epoch %.6g of %.0f", campaign_name(v->a->campaign, row), epoch, epochs);
}

/* Each tenth of a run: it may take a day. */
static void say_progress(struct attempt_voice *v)
{
    const uint64_t now = clock_now_ns();
    if (now - v->looked_ns < PROGRESS_NS)
        return;
    v->looked_ns = now;
    for (int i = 0; i < v->p->n; i++)
        for (int s = 0; s < v->p->seeds && is_run(&v->p->row[i]); s++)
            say_epoch(v, i, s);
}

static int wait_for_runs(struct attempt_voice *v, struct err *err)
{
    struct workbench *w = v->w;
    for (int left = 1; left > 0;) {
        left = campaign_poll(v->a->campaign);
        say_progress(v);
        if (left > 0 && !bench_idle(w, 200)) {
            bench_say(w, "its runs end with snapshots; the same command goes on");
            w->campaign_cut = true;
            return err_set(err, ERR_CANCELLED, "%s", "");
        }
        workbench_pump(w);
    }
    return 0;
}

/* What is there is read. */
static int read_reproduced(struct reproduction *p, const struct reproduce_attempt *a, struct err *err)
{
    for (int i = 0; i < p->n; i++) {
        const char *dir[REPRODUCE_SEEDS];
        for (int s = 0; s < p->seeds; s++)
            dir[s] = campaign_state(a->campaign, a->at[i][s]) == ROW_THERE ? campaign_dir(a->campaign, a->at[i][s]) : NULL;
        if (!p->row[i].row->cannot && reproduce_read(p, &p->row[i], dir, p->seeds, err) < 0)
            return -1;
        if (p->row[i].n == p->seeds)
            p->row[i].why[0] = '\0'; /* it was run where its images were */
    }
    return 0;
}

/* --- files --------------------------------------------------------------------------------------------------------- */

struct reproduce_file {
    const struct reproduction *p;
    bool png;
};

static int fill_reproduce_csv(void *ctx, FILE *out, struct err *err)
{
    return reproduce_csv(out, ((const struct reproduce_file *)ctx)->p, err);
}

static int fill_reproduce_tex(void *ctx, FILE *out, struct err *err)
{
    return reproduce_tex(out, ((const struct reproduce_file *)ctx)->p, err);
}

static int fill_reproduce_figure(void *ctx, FILE *out, struct err *err)
{
    const struct reproduce_file *f = ctx;
    return reproduce_figure(out, f->p, f->png, err);
}

/* Days of training come before they are written, so what can be known of them is said before. */
static int check_files(struct call *c, struct err *err)
{
    static const char *const options[] = { "csv", "tex", "figure" };
    const char *figure = call_value(c, "figure");
    if (figure && !text_ends(figure, ".svg") && !text_ends(figure, ".png"))
        return err_set(err, ERR_INVALID, "--figure '%s'; a name that ends in .svg or .png", figure), call_bad_option(c, "figure");
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const char *path = call_value(c, options[i]);
        if (path && strcmp(path, "-") != 0 && file_may_publish(path, call_has(c, "force"), err) < 0)
            return call_bad_option(c, options[i]);
    }
    return 0;
}

static int write_files(struct workbench *w, struct call *c, const struct reproduction *p, struct err *err)
{
    const struct {
        const char *option;
        file_fill *fill;
    } files[] = { { "csv", fill_reproduce_csv }, { "tex", fill_reproduce_tex }, { "figure", fill_reproduce_figure } };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const char *path = call_value(c, files[i].option);
        struct reproduce_file f = { .p = p, .png = path && text_ends(path, ".png") };
        if (path && bench_write(w, path, call_has(c, "force"), files[i].fill, &f, err) < 0)
            return call_bad_option(c, files[i].option);
    }
    return 0;
}

/* --- the command --------------------------------------------------------------------------------------------------- */

static void say_reproduced(void *ctx, const char *line)
{
    bench_say(ctx, "%s", line);
}

/* The rows that are to be run; the others are only looked at, by the other campaign. How many runs are to be made, or -1. */
static int add_wanted(struct reproduction *p, struct reproduce_attempt *a, struct reproduce_attempt *run, struct err *err)
{
    int runs = 0;
    for (int i = 0; i < p->n; i++) {
        if (is_run(&p->row[i])) {
            if (add_row_runs(p, run->campaign, i, run->at[i], err) < 0)
                return -1;
            runs += p->seeds - reproduce_runs_there(a->campaign, a->at[i], p->seeds);
        }
    }
    return runs;
}

static int ask_for_runs(struct workbench *w, const struct call *c, int runs, struct err *err)
{
    char question[120];
    if (runs <= ASKS)
        return 0;
    snprintf(question, sizeof question, "%d runs: begin?", runs);
    return bench_confirm(w, c, question, err);
}

static int make_runs(struct workbench *w, struct call *c, struct reproduction *p, struct reproduce_attempt *a, struct err *err)
{
    struct reproduce_attempt run;
    struct attempt_voice voice = { .w = w, .p = p, .a = &run };
    run.campaign = new_campaign(w, (struct campaign_options){ .jobs = p->jobs, .changed = say_change, .ctx = &voice }, err);
    if (!run.campaign)
        return -1;
    const int runs = add_wanted(p, a, &run, err);
    int result = runs < 0 || ask_for_runs(w, c, runs, err) < 0 ? -1 : 0;
    if (result == 0)
        result = wait_for_runs(&voice, err);
    for (int i = 0; i < p->n && result == 0; i++)
        for (int s = 0; s < p->seeds && is_run(&p->row[i]); s++)
            if (campaign_state(run.campaign, run.at[i][s]) == ROW_FAILED)
                snprintf(p->row[i].why, sizeof p->row[i].why, "%.300s", campaign_why(run.campaign, run.at[i][s]));
    campaign_free(run.campaign);
    return result;
}

/* A table that lacks rows which this program can run is told, and is an error of the script. */
static int refuse_rest(const struct reproduction *p, struct err *err)
{
    int lacking = 0;
    for (int i = 0; i < p->n; i++)
        lacking += p->row[i].why[0] != '\0';
    return lacking ? err_set(err, ERR_DATA, "%d of %d rows of %s were not run, for the reasons above", lacking, p->n, paper_tables[p->of].word) : 0;
}

static int reproduce_table(struct workbench *w, struct call *c, struct reproduction *p, struct reproduce_plan *once, struct err *err)
{
    struct reproduce_attempt a;
    const bool dry = w->dry || call_has(c, "dry-run");
    if (choose_all(w, c, p, err) < 0)
        return -1;
    find_images(w, c, p);
    if (!open_campaign(w, p, &a, err))
        return -1;
    campaign_poll(a.campaign);
    if (dry) {
        reproduce_say_plan(w, p, &a, once);
        campaign_free(a.campaign);
        return 0;
    }
    int result = make_runs(w, c, p, &a, err);
    if (result == 0 || err->code == ERR_CANCELLED) {
        struct err why = { 0 };
        campaign_poll(a.campaign);
        if (read_reproduced(p, &a, &why) == 0)
            reproduce_text(p, say_reproduced, w);
        else if (result == 0)
            result = (*err = why, -1);
        if (result == 0)
            result = write_files(w, c, p, err);
    }
    campaign_free(a.campaign);
    return result < 0 ? -1 : refuse_rest(p, err);
}

static int which_table(struct call *c, int *first, int *last, struct err *err)
{
    const char *list[PAPER_TABLES], *word = c->word[0].text;
    char known[200] = "";
    *first = 0;
    *last = PAPER_TABLES - 1;
    if (strcmp(word, "all") == 0)
        return 0;
    *first = *last = paper_find(word);
    if (*first >= 0)
        return 0;
    for (int i = 0; i < PAPER_TABLES; i++) {
        list[i] = paper_tables[i].word;
        text_append(known, sizeof known, "%s ", list[i]);
    }
    const char *near = nearest_word(word, list, PAPER_TABLES);
    err_set(err, ERR_INVALID, "'%.40s'%s%s%s; accepted: %sall", word, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "", known);
    return call_bad(c, 0);
}

int cmd_reproduce(struct workbench *w, struct call *c, struct err *err)
{
    int first, last, result = 0;
    const bool dry = w->dry || call_has(c, "dry-run");
    if (which_table(c, &first, &last, err) < 0 || check_root(c, err) < 0 || check_files(c, err) < 0)
        return -1;
    if (first < last && (call_has(c, "csv") || call_has(c, "tex") || call_has(c, "figure") || call_has(c, "rows") || call_has(c, "class")))
        return err_set(err, ERR_USAGE, "--rows, --class and files are for one table or figure");
    if (!dry && (w->options.readonly || bench_no_training(w, err) < 0))
        return w->options.readonly ? err_set(err, ERR_INVALID, "not with --readonly") : -1;
    struct reproduction *p = calloc(1, sizeof *p);
    struct reproduce_plan *once = calloc(1, sizeof *once);
    if (!p || !once)
        result = err_set(err, ERR_MEMORY, "no memory for a table");
    for (int i = first; i <= last && result == 0; i++) {
        *p = (struct reproduction){ .of = (enum paper_id)i };
        result = reproduce_table(w, c, p, once, err);
        reproduce_release(p);
    }
    if (dry && first < last && result == 0)
        reproduce_say_all(w, once);
    if (once)
        reproduce_plan_release(once);
    free(once);
    free(p);
    return result;
}
