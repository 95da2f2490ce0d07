/* export save gradient hvp */
#include "config.h"
#include "repl/bench.h"
#include "repl/handlers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

/* --- export -------------------------------------------------------------------------------------------------------- */

/* Writes through `fill` into a temporary file beside path, then renames it. */
static int write_file(const char *path, bool force, int (*fill)(void *ctx, FILE *out, struct err *err), void *ctx, struct err *err)
{
    char temp[1200];
    if (!force && access(path, F_OK) == 0)
        return err_set(err, ERR_INVALID, "'%s' exists; --force replaces it", path);
    if (snprintf(temp, sizeof temp, "%s.tmp-%ld", path, (long)getpid()) >= (int)sizeof temp)
        return err_set(err, ERR_INVALID, "path longer than %zu bytes", sizeof temp - 32);
    int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    if (!out) {
        err_io(err, "cannot write '%s'", path);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    int result = fill(ctx, out, err);
    if (result == 0 && (fflush(out) != 0 || fsync(fileno(out)) < 0))
        result = err_io(err, "cannot write '%s'", path);
    if (fclose(out) != 0 && result == 0)
        result = err_io(err, "cannot write '%s'", path);
    if (result == 0 && rename(temp, path) < 0)
        result = err_io(err, "cannot write '%s'", path);
    if (result < 0)
        unlink(temp);
    return result;
}

static int fill_jsonl(void *ctx, FILE *out, struct err *err)
{
    return session_cat(ctx, out, err);
}

static const char *text_or(const char *text, const char *other)
{
    return text ? text : other;
}

/* Double quotes, with what they would end escaped. */
static void put_quoted(FILE *out, const char *text)
{
    bool plain = text[0] && !text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+/:=,@")];
    if (plain) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (const char *p = text; *p; p++) {
        if (*p == '"' || *p == '\\')
            fputc('\\', out);
        if ((unsigned char)*p >= 0x20 && *p != 0x7f)
            fputc(*p, out);
    }
    fputc('"', out);
}

/* The knobs at the start. `data_path` stays out: it is of the machine that recorded, not of the run. */
static void put_config(FILE *out, const struct event *e)
{
    const struct event_field *f = &e->f[EV_CONFIG_KNOBS];
    for (uint32_t i = 0; i < f->n; i++) {
        const char *pair = f->strs[i], *value = strchr(pair, '=');
        char name[64];
        if (!value || value - pair >= (long)sizeof name)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(value - pair), pair);
        int id = knob_find(name, NULL);
        if (id < 0 || id == KNOB_THREADS || (id == KNOB_DATA_PATH && !value[1]))
            continue;
        if (id == KNOB_DATA_PATH)
            fputs("# ", out);
        fprintf(out, "set %s ", name);
        put_quoted(out, value + 1);
        fputc('\n', out);
    }
}

/* A command by hand, at its step, so that it is waiting when `train` starts. */
static void put_command(FILE *out, const struct event *e)
{
    const char *op = text_or(e->f[EV_CMD_OP].s, ""), *key = text_or(e->f[EV_CMD_KEY].s, ""), *by = text_or(e->f[EV_CMD_BY].s, "");
    unsigned long long step = e->step;
    if (strcmp(by, "roll") == 0)
        return;
    if (strcmp(op, "set") == 0) {
        fprintf(out, "set %s ", key);
        put_quoted(out, text_or(e->f[EV_CMD_VALUE].s, ""));
        if (step > 0)
            fprintf(out, " at step %llu --force", step);
        fputc('\n', out);
    } else if (strcmp(op, "watch") == 0 && step == 0 && strncmp(text_or(e->f[EV_CMD_TXT].s, ""), "watch", 5) == 0)
        fprintf(out, "%s\n", e->f[EV_CMD_TXT].s);
}

static int fill_script(void *ctx, FILE *out, struct err *err)
{
    struct recording *r = recording_open(ctx, err);
    if (!r)
        return -1;
    bool config = false;
    uint64_t last = 0;
    for (size_t i = 0; i < recording_count(r); i++) {
        const struct event *e = recording_event(r, i);
        last = e->step > last ? e->step : last;
        if (e->kind == EVENT_CONFIG && !config) {
            fprintf(out, "# repeats %s; run it with: saddle run FILE\n", text_or(e->f[EV_CONFIG_NAME].s, "a run"));
            put_config(out, e);
            config = true;
        } else if (e->kind == EVENT_CMD)
            put_command(out, e);
    }
    fprintf(out, "train --steps %llu\n", (unsigned long long)(last ? last : 1));
    recording_close(r);
    return config ? 0 : err_set(err, ERR_DATA, "the recording says no configuration");
}

/* The folder of the run that is meant: by name, else the one that is shown. */
static int export_source(struct workbench *w, struct call *c, char *dir, size_t size, struct err *err)
{
    if (c->n == 3)
        return bench_find_run(w, c->word[2].text, dir, size, err) < 0 ? call_bad(c, 2) : 0;
    snprintf(dir, size, "%s", w->replay.on ? w->replay.dir : w->run.dir);
    return dir[0] ? 0 : err_set(err, ERR_USAGE, "which run? export %s %s RUN", c->word[0].text, c->word[1].text);
}

static int export_csv(const char *dir, const char *path, bool force, struct err *err)
{
    struct recording *r = recording_open(dir, err);
    struct history *h = r ? calloc(1, sizeof *h) : NULL;
    if (!h) {
        recording_close(r);
        return r ? err_set(err, ERR_MEMORY, "no memory for the history") : -1;
    }
    history_init(h);
    for (size_t i = 0; i < recording_count(r); i++)
        history_fold(h, recording_event(r, i));
    int result = h->failed ? err_set(err, ERR_MEMORY, "no memory for the history") : history_export_csv(h, path, force, err);
    history_release(h);
    free(h);
    recording_close(r);
    return result;
}

int cmd_export(struct workbench *w, struct call *c, struct err *err)
{
    const char *format = c->word[0].text, *path = c->word[1].text;
    bool force = call_has(c, "force");
    char dir[1300];
    int result;
    if (strcmp(format, "csv") != 0 && strcmp(format, "jsonl") != 0 && strcmp(format, "script") != 0)
        return err_set(err, ERR_INVALID, "unknown format '%s'; csv, jsonl or script", format), call_bad(c, 0);
    if (export_source(w, c, dir, sizeof dir, err) < 0)
        return -1;
    if (strcmp(format, "csv") == 0)
        result = export_csv(dir, path, force, err);
    else
        result = write_file(path, force, strcmp(format, "jsonl") == 0 ? fill_jsonl : fill_script, dir, err);
    if (result < 0)
        return call_bad(c, 1);
    bench_say(w, "wrote %s", path);
    return 0;
}

/* --- weights, gradient, product ------------------------------------------------------------------------------------ */

static int write_tensors(struct workbench *w, struct call *c, struct err *err)
{
    return run_or_idle(w, err) < 0 ? -1 : call_post(w, c, err);
}

int cmd_save(struct workbench *w, struct call *c, struct err *err)
{
    return write_tensors(w, c, err);
}

int cmd_gradient(struct workbench *w, struct call *c, struct err *err)
{
    return write_tensors(w, c, err);
}

int cmd_hvp(struct workbench *w, struct call *c, struct err *err)
{
    return write_tensors(w, c, err);
}
