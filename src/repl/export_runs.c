/* Exports of several runs: tables of results for a paper, event files of TensorBoard. */
#include "config.h"
#include "repl/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session/board.h"
#include "session/summary.h"

enum { FIRST_RUN = 2, RUNS_MOST = 64 };

/* What is exported of a whole run takes none of its moments: said where the name without it is a run. */
static int find_whole_run(struct workbench *w, const struct call *c, const char *run, char *dir, size_t size, struct err *err)
{
    char name[1024];
    snprintf(name, sizeof name, "%s", run);
    const char *at = session_cut_at(name);
    if (bench_find_run(w, run, dir, size, err) == 0)
        return 0;
    if (at && bench_find_run(w, name, dir, size, NULL) == 0)
        return err_set(err, ERR_USAGE, "export %s takes a whole run, not a moment of it ('@%.60s'): %.200s; safetensors takes one", c->word[0].text, at, name);
    return -1;
}

int export_run_dir(struct workbench *w, struct call *c, int i, char *dir, size_t size, struct err *err)
{
    if (c->n > FIRST_RUN)
        return find_whole_run(w, c, c->word[FIRST_RUN + i].text, dir, size, err) < 0 ? call_bad(c, FIRST_RUN + i) : 0;
    snprintf(dir, size, "%s", w->replay.on ? w->replay.stream.dir : w->run.dir);
    return dir[0] ? 0 : err_set(err, ERR_USAGE, "which run? export %s %s RUN", c->word[0].text, c->word[1].text);
}

static int count_runs(const struct call *c)
{
    return c->n > FIRST_RUN ? c->n - FIRST_RUN : 1;
}

/* A run that is named twice would count twice in a table; two runs of one `names` would be one folder. */
static int check_apart(const struct session_info *a, const struct session_info *b, bool names, struct err *err)
{
    if (names && strcmp(a->name, b->name) == 0)
        return err_set(err, ERR_INVALID, "two runs are called %.100s, and would be one folder", a->name);
    if (!names && strcmp(a->id, b->id) == 0)
        return err_set(err, ERR_INVALID, "%.100s and %.100s are the same run", a->name, b->name);
    return 0;
}

static int check_all_apart(struct workbench *w, struct call *c, bool names, struct err *err)
{
    const int n = count_runs(c);
    char dir[1300];
    struct session_info *info = calloc((size_t)n, sizeof *info);
    int result = info ? 0 : err_set(err, ERR_MEMORY, "no memory for the names of %d runs", n);
    for (int i = 0; i < n && result == 0; i++) {
        result = export_run_dir(w, c, i, dir, sizeof dir, err);
        if (result == 0)
            result = session_info(dir, &info[i], err);
        for (int k = 0; k < i && result == 0; k++)
            result = check_apart(&info[k], &info[i], names, err);
        if (result < 0 && c->n > FIRST_RUN)
            call_bad(c, FIRST_RUN + i);
    }
    free(info);
    return result;
}

/* --- tables of results --------------------------------------------------------------------------------------------- */

struct summary_job {
    struct summary_run run[RUNS_MOST];
    int n;
    bool markdown;
};

static int fill_summary(void *ctx, FILE *out, struct err *err)
{
    const struct summary_job *j = ctx;
    return summary_put(out, j->run, j->n, j->markdown, err);
}

static int add_summary(struct workbench *w, struct call *c, int i, struct summary_job *j, struct err *err)
{
    char dir[1300], method[256];
    if (export_run_dir(w, c, i, dir, sizeof dir, err) < 0)
        return -1;
    struct recording *r = whole_recording(dir, err);
    struct history *h = r ? whole_history(r, dir, err) : NULL;
    recording_close(r);
    if (!h)
        return c->n > FIRST_RUN ? call_bad(c, FIRST_RUN + i) : -1;
    setup_method_at(&h->knobs, method, sizeof method);
    j->run[j->n++] = (struct summary_run){ .history = h, .name = strdup(h->name), .method = strdup(method) };
    return j->run[j->n - 1].name && j->run[j->n - 1].method ? 0 : err_set(err, ERR_MEMORY, "no memory for a table");
}

int export_summary(struct workbench *w, struct call *c, struct err *err)
{
    int result = count_runs(c) <= RUNS_MOST ? 0 : err_set(err, ERR_USAGE, "%d runs; at most %d in a table", count_runs(c), RUNS_MOST);
    if (result < 0 || check_all_apart(w, c, false, err) < 0)
        return -1;
    struct summary_job *j = calloc(1, sizeof *j);
    if (!j)
        return err_set(err, ERR_MEMORY, "no memory for a table");
    j->markdown = strcmp(c->word[0].text, "md") == 0;
    for (int i = 0; result == 0 && i < count_runs(c); i++)
        result = add_summary(w, c, i, j, err);
    if (result == 0)
        result = bench_write(w, c->word[1].text, call_has(c, "force"), fill_summary, j, err);
    for (int i = 0; i < j->n; i++) {
        whole_drop((struct history *)j->run[i].history);
        free((char *)j->run[i].name);
        free((char *)j->run[i].method);
    }
    free(j);
    return result;
}

/* --- TensorBoard --------------------------------------------------------------------------------------------------- */

struct board_job {
    struct recording *from;
    struct history history;
    struct board board;
    uint64_t opened_ns;   /* when the run began */
    size_t told;          /* events of the recording that are written */
    unsigned generation;
};

/* What is there and not written yet. */
static void tell_board(struct board_job *j)
{
    if (j->generation != recording_generation(j->from)) {
        j->generation = recording_generation(j->from);
        j->told = 0;
        history_clear(&j->history);
        board_restart(&j->board);
    }
    for (; j->told < recording_count(j->from); j->told++)
        board_event(&j->board, recording_event(j->from, j->told));
}

static int fill_board(void *ctx, FILE *out, struct err *err)
{
    struct board_job *j = ctx;
    board_begin(&j->board, out, &j->history, j->opened_ns);
    tell_board(j);
    return board_end(&j->board, err);
}

static int make_board_folder(const char *path, struct err *err)
{
    return mkdir(path, 0777) == 0 || errno == EEXIST ? 0 : err_io(err, "cannot make the folder '%s'", path);
}

/* With --force what is there is removed, for a reader may have it open. */
static int begin_following(const char *path, bool force, FILE **out, struct err *err)
{
    if (force && unlink(path) < 0 && errno != ENOENT)
        return err_io(err, "cannot replace '%s'", path);
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    *out = fd < 0 ? NULL : fdopen(fd, "w");
    if (*out)
        return 0;
    if (fd >= 0)
        close(fd);
    return errno == EEXIST ? err_set(err, ERR_INVALID, "'%s' exists; --force replaces it", path) : err_io(err, "cannot write '%s'", path);
}

/* As the run goes on; ends with it, or when the wait for more is given up (C-c). What is written so far stays. */
static int follow_board(struct workbench *w, struct board_job *j, const char *dir, const char *path, bool force, struct err *err)
{
    enum { WAIT_MS = 1000 };
    struct session_info info;
    int result = 0;
    FILE *out;
    if (begin_following(path, force, &out, err) < 0)
        return -1;
    board_begin(&j->board, out, &j->history, j->opened_ns);
    bench_say(w, "writing %s while the run goes on", path);
    for (bool more = true; more && result == 0;) {
        more = session_info(dir, &info, NULL) == 0 && info.locked; /* asked first: what was written before it ended is then seen */
        result = recording_follow(j->from, err) < 0 ? -1 : 0;
        tell_board(j);
        if (fflush(out) != 0)
            result = err_io(err, "cannot write '%s'", path);
        more = more && w->face.idle && w->face.idle(w->face.ctx, WAIT_MS);
    }
    if (fclose(out) != 0 && result == 0)
        result = err_io(err, "cannot write '%s'", path);
    return board_end(&j->board, result == 0 ? err : NULL) < 0 ? -1 : result;
}

static int board_of(struct workbench *w, struct call *c, int i, struct err *err)
{
    char dir[1300], name[256], folder[2000], file[80], path[2100];
    struct board_job j = { .told = 0 };
    const bool follow = call_has(c, "follow");
    if (export_run_dir(w, c, i, dir, sizeof dir, err) < 0)
        return -1;
    j.from = follow ? recording_open(dir, err) : whole_recording(dir, err);
    if (!j.from)
        return c->n > FIRST_RUN ? call_bad(c, FIRST_RUN + i) : -1;
    session_name_of(dir, name, sizeof name);
    j.generation = recording_generation(j.from);
    history_init(&j.history);
    snprintf(folder, sizeof folder, "%.1500s/%.255s", c->word[1].text, name);
    int result = make_board_folder(c->word[1].text, err) < 0 || make_board_folder(folder, err) < 0 ? call_bad(c, 1) : 0;
    const struct event *open = recording_first(j.from, EVENT_OPEN);
    j.opened_ns = open ? open->f[EV_OPEN_WALL].u : 0;
    board_file_name(j.opened_ns, file, sizeof file);
    snprintf(path, sizeof path, "%s/%s", folder, file);
    if (result == 0)
        result = follow ? follow_board(w, &j, dir, path, call_has(c, "force"), err) : bench_write(w, path, call_has(c, "force"), fill_board, &j, err);
    history_release(&j.history);
    recording_close(j.from);
    return result;
}

int export_board(struct workbench *w, struct call *c, struct err *err)
{
    if (call_has(c, "follow") && count_runs(c) > 1)
        return err_set(err, ERR_USAGE, "--follow is for one run: 'export tensorboard DIR RUN --follow'"), call_bad_option(c, "follow");
    if (check_all_apart(w, c, true, err) < 0)
        return -1;
    for (int i = 0; i < count_runs(c); i++)
        if (board_of(w, c, i, err) < 0)
            return -1;
    return 0;
}
