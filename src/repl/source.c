/* Files of commands, run line by line: scripts and saddlerc. */
#include "config.h"
#include "repl/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* Runs lines from `in`, joining those that end in a backslash. */
static int run_source(struct workbench *w, const char *name, FILE *in)
{
    const char *file = w->file;
    int file_line = w->file_line, result = 0, line_no = 0;
    char *line = NULL;
    size_t cap = 0;
    struct buf joined = { 0 };
    w->depth++;
    while (result == 0 && !w->quit && !w->recipe_done && getline(&line, &cap, in) >= 0) {
        line_no++;
        line[strcspn(line, "\r\n")] = '\0';
        if (joined.len == 0)
            w->file_line = line_no;
        w->file = name;
        buf_adds(&joined, line);
        if (lex_continues(joined.data)) {
            buf_adds(&joined, "\n");
            continue;
        }
        result = workbench_line(w, joined.data, false);
        buf_clear(&joined);
    }
    if (result == 0 && joined.len)
        result = workbench_line(w, joined.data, false);
    w->depth--;
    w->file = file;
    w->file_line = file_line;
    buf_release(&joined);
    free(line);
    return result;
}

static int script_depth(const struct workbench *w, const char *name, struct err *err)
{
    if (w->depth < BENCH_MAX_DEPTH)
        return 0;
    return err_set(err, ERR_INVALID, "%s: scripts nested deeper than %d", name, BENCH_MAX_DEPTH);
}

int bench_script(struct workbench *w, const char *path, struct err *err)
{
    if (script_depth(w, path, err) < 0)
        return -1;
    FILE *in = fopen(path, "re");
    if (!in)
        return err_io(err, "cannot read '%s'", path);
    int result = run_source(w, path, in);
    if (result == 0 && ferror(in))
        result = err_io(err, "cannot read '%s'", path);
    fclose(in);
    return result;
}

int workbench_script(struct workbench *w, const char *path, bool dry)
{
    struct err err = { 0 };
    bool before = w->dry;
    w->dry = w->dry || dry;
    int result = bench_script(w, path, &err);
    w->dry = before;
    if (result < 0 && err.text[0])
        bench_error(w, NULL, &err, -1);
    return result;
}

int workbench_rc(struct workbench *w, const char *path)
{
    w->rc = true;
    int result = workbench_script(w, path, false);
    w->rc = false;
    w->setup.any = false; /* preferences are not a set-up */
    memset(w->setup.touched, 0, sizeof w->setup.touched);
    w->n_undo = 0;
    return result;
}
