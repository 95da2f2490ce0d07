/* main - from the command line to a face: the screen, the plain prompt, or none. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"
#include "repl/ctl.h"
#include "repl/headless.h"
#include "repl/lex.h"
#include "repl/manual.h"
#include "repl/options.h"
#include "repl/workbench.h"
#include "tui/tui.h"

enum { EXIT_USAGE = 2, EXIT_BUG = 70 };

static int print_and_release(struct buf *text)
{
    bool ok = !text->failed && text->data;
    if (ok)
        fputs(text->data, stdout);
    else
        fprintf(stderr, "saddle: no memory for a page\n");
    buf_release(text);
    return ok ? 0 : 1;
}

/* Printed output has arrived, or the program fails and says so. */
static int close_output(int code)
{
    bool lost = ferror(stdout) != 0;
    if (fclose(stdout) == 0 && !lost)
        return code;
    int reason = errno;
    if (code == 0) /* else what failed was told already */
        fprintf(stderr, "saddle: cannot write standard output: %s\n", strerror(reason));
    return code ? code : 1;
}

/* A closed standard stream must not become a session's file: what is read from it or written to it fails. */
static int open_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return -1;
    return 0;
}

static int fail(const struct err *err)
{
    char safe[3 * sizeof err->text];
    text_safe(err->text, safe, sizeof safe);
    fprintf(stderr, "saddle: %s\n", safe);
    return err->code == ERR_USAGE ? EXIT_USAGE : exit_code_of(err->code);
}

/* --- what needs no workbench --------------------------------------------------------------------------------------- */

static int print_page(const struct program *p)
{
    struct buf text = { 0 };
    struct err err;
    switch (p->action) {
    case ACTION_VERSION:
        options_version(&text);
        break;
    case ACTION_DOCTOR:
        options_version(&text);
        options_doctor(&text);
        tui_describe(&text);
        break;
    case ACTION_DUMP_MAN:
        manual_page(&text);
        break;
    case ACTION_CANDIDATES:
        if (shell_candidates(p->typed, p->n_typed, &text, &err) < 0)
            return fail(&err);
        buf_adds(&text, "");
        break;
    case ACTION_COMPLETION:
        if (shell_completion(p->argument[0], &text, &err) < 0)
            return fail(&err);
        break;
    default:
        options_help(&text, p->action == ACTION_HELP);
    }
    return print_and_release(&text);
}

/* The folder of the run that is named, without the @EPOCH of a moment. */
static int find_session(const struct program *p, char *dir, size_t size, struct err *err)
{
    char root[1024], name[1024];
    snprintf(name, sizeof name, "%s", p->argument[0]);
    if (p->action == ACTION_REPLAY || p->action == ACTION_RESUME || p->action == ACTION_FORK || p->action == ACTION_COMPARE)
        session_cut_at(name);
    if (session_root(p->sessions, root, sizeof root, err) < 0)
        return -1;
    if (session_find(root, name, dir, size, err) == 0)
        return 0;
    err->code = ERR_DATA;
    return -1;
}

static void print_line(void *ctx, const char *text)
{
    char safe[1800];
    (void)ctx;
    text_safe(text, safe, sizeof safe);
    puts(safe);
}

static int check_session(const struct program *p)
{
    char dir[1300];
    struct err err = { 0 };
    if (find_session(p, dir, sizeof dir, &err) < 0)
        return fail(&err);
    int result = p->action == ACTION_CAT ? session_cat(dir, stdout, &err) : session_verify(dir, print_line, NULL, &err);
    return result == 0 ? 0 : fail(&err);
}

/* The words behind the run are one line, as if they were quoted together. */
static int send_command(const struct program *p)
{
    char dir[1300];
    struct err err = { 0 };
    struct buf line = { 0 };
    for (int i = 1; i < p->n_arguments; i++)
        buf_addf(&line, "%s%s", i > 1 ? " " : "", p->argument[i]);
    if (line.failed)
        err_set(&err, ERR_MEMORY, "no memory for a line");
    const struct ctl c = { .dir = dir, .line = line.data ? line.data : "", .json = p->json, .timeout_s = p->timeout < 0 ? 30 : p->timeout };
    int result = line.failed || find_session(p, dir, sizeof dir, &err) < 0 ? -1 : ctl_send(&c, &err);
    buf_release(&line);
    return result == 0 ? 0 : fail(&err);
}

/* --- saddlerc ------------------------------------------------------------------------------------------------------ */

static int read_rc(struct workbench *w, const char *path, bool must)
{
    if (!must && access(path, R_OK) != 0)
        return 0;
    return workbench_rc(w, path);
}

static int configure(struct workbench *w, const struct program *p)
{
    char path[1024];
    const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (p->no_config)
        return 0;
    if (p->config)
        return read_rc(w, p->config, true);
    if (read_rc(w, SYSCONFDIR "/saddlerc", false) < 0)
        return -1;
    if (base && base[0] == '/')
        snprintf(path, sizeof path, "%s/saddle/saddlerc", base);
    else if (home)
        snprintf(path, sizeof path, "%s/.config/saddle/saddlerc", home);
    else
        return 0;
    return read_rc(w, path, false);
}

/* --- a sub-command as a line of the language ----------------------------------------------------------------------- */

static void add_word(struct buf *line, const char *word)
{
    buf_addc(line, ' ');
    lex_quote(line, word);
}

/* The sub-command as a line: "resume \"NAME\" --root \"DIR\"". */
static void action_line(const struct program *p, struct buf *line)
{
    buf_adds(line, program_actions[p->action].word);
    for (int i = 0; i < p->n_arguments; i++)
        add_word(line, p->argument[i]);
    for (int i = 0; i < p->n_options; i++) {
        const char *value = p->option[i].value ? p->option[i].value : strchr(p->option[i].name, '=');
        buf_addf(line, " %.*s", (int)strcspn(p->option[i].name, "="), p->option[i].name);
        if (value)
            add_word(line, p->option[i].value ? value : value + 1);
    }
    if (p->root) {
        buf_adds(line, " --root");
        add_word(line, p->root);
    }
    if (p->force)
        buf_adds(line, " --force");
}

static int headless_action(const struct program *p, struct headless *h, struct workbench *w)
{
    if (p->action == ACTION_COMMANDS)
        return headless_commands(h, w, p->commands);
    if (p->action == ACTION_RUN)
        return headless_script(h, w, p->argument[0], p->dry);
    if (p->action == ACTION_PROMPT)
        return headless_stdin(h, w);
    if (p->action == ACTION_VIEW)
        return headless_view(h, w, p->argument[0]);
    struct buf line = { 0 };
    action_line(p, &line);
    if (p->action == ACTION_REPLAY)
        buf_adds(&line, "; show; show classes");
    int code = line.failed ? EXIT_BUG : headless_commands(h, w, line.data);
    buf_release(&line);
    return code;
}

static int open_log(const struct program *p, struct headless *h, struct err *err)
{
    if (!p->log_file)
        return 0;
    h->log = fopen(p->log_file, "ae");
    return h->log ? 0 : err_io(err, "cannot write '%s'", p->log_file);
}

static int without_screen(const struct program *p, bool typed)
{
    struct headless h = { .format = p->log, .verbose = p->verbose, .quiet = p->quiet, .prompt = typed, .view = p->action == ACTION_VIEW };
    struct workbench_face face;
    struct err err = { 0 };
    struct workbench_options o = { .sessions = p->sessions, .device = p->device, .threads = p->threads, .yes = p->yes,
        .readonly = p->readonly, .script = !typed, .dry = p->dry };
    if (open_log(p, &h, &err) < 0 || headless_init(&h, &face, &err) < 0)
        return fail(&err);
    struct workbench *w = workbench_new(&o, &face, &err);
    if (!w) {
        headless_release(&h);
        return fail(&err);
    }
    h.w = w;
    int code;
    if (configure(w, p) < 0)
        code = EXIT_USAGE;
    else if (p->before && workbench_line(w, p->before, false) < 0 && !typed)
        code = workbench_exit_code(w);
    else
        code = headless_action(p, &h, w);
    workbench_free(w);
    return headless_release(&h) < 0 && code == 0 ? 1 : code;
}

/* --- the screen ---------------------------------------------------------------------------------------------------- */

/* A comparison that goes to a file, or of which one thing is asked for, is told and done. */
static bool shows_comparison(const struct program *p)
{
    for (int i = 0; i < p->n_options; i++)
        if (strncmp(p->option[i].name, "--metric", 8) != 0 && strncmp(p->option[i].name, "--at", 4) != 0)
            return false;
    return p->action == ACTION_COMPARE;
}

static bool screen_fits(const struct program *p)
{
    const char *why;
    bool kind = shows_comparison(p) || p->action == ACTION_PROMPT || p->action == ACTION_RESUME || p->action == ACTION_FORK || p->action == ACTION_REPLAY
        || p->action == ACTION_VIEW || p->action == ACTION_ATTACH;
    return kind && !p->no_screen && tui_possible(&why);
}

/* Runs what the screen opens with: a mistake in it is shown there, the screen opens all the same. */
static void open_with(const struct program *p, struct workbench *w)
{
    struct buf line = { 0 };
    if (p->before)
        workbench_line(w, p->before, false);
    if (p->action == ACTION_VIEW)
        workbench_open_replay(w, p->argument[0], true);
    else if (p->action == ACTION_ATTACH)
        workbench_attach(w, p->argument[0]);
    else if (p->action != ACTION_PROMPT) {
        action_line(p, &line);
        if (!line.failed)
            workbench_line(w, line.data, false);
    }
    buf_release(&line);
}

static void print_parting(const struct program *p, struct workbench *w)
{
    struct buf line = { 0 };
    char safe[3000];
    workbench_end(w, "quit", NULL);
    workbench_parting(w, p->name, &line);
    if (line.data && !line.failed && isatty(STDOUT_FILENO)) { /* a terminal that is gone takes nothing */
        text_safe(line.data, safe, sizeof safe);
        puts(safe);
    }
    buf_release(&line);
}

static int with_screen(const struct program *p)
{
    struct tui_options t = { .color = p->color, .glyphs = p->glyphs, .fps = p->fps,
        .keys = p->action == ACTION_REPLAY || p->action == ACTION_COMPARE || p->action == ACTION_VIEW || p->action == ACTION_ATTACH };
    struct workbench_options o = { .sessions = p->sessions, .device = p->device, .threads = p->threads, .yes = p->yes,
        .readonly = p->readonly || p->action == ACTION_VIEW, .dry = p->dry };
    struct workbench_face face;
    struct err err = { 0 };
    char dir[1300];
    if (p->size && tui_size_parse(p->size, &t.cols, &t.rows, &err) < 0) {
        err.code = ERR_USAGE;
        return fail(&err);
    }
    if (p->action != ACTION_PROMPT && find_session(p, dir, sizeof dir, &err) < 0)
        return fail(&err);
    tui_begin();
    tui_face(&face);
    struct workbench *w = workbench_new(&o, &face, &err);
    if (!w)
        return fail(&err);
    configure(w, p);
    open_with(p, w);
    int code = tui_run(w, &t, &err);
    if (code >= 0 && workbench_quit_asked(w))
        print_parting(p, w);
    workbench_free(w);
    return code < 0 ? fail(&err) : code;
}

static bool needs_workbench(enum program_action a)
{
    return a == ACTION_PROMPT || a == ACTION_RUN || a == ACTION_COMMANDS || a == ACTION_RESUME || a == ACTION_FORK || a == ACTION_REPLAY || a == ACTION_VIEW || a == ACTION_ATTACH
        || a == ACTION_SESSIONS || a == ACTION_INFO || a == ACTION_COMPARE || a == ACTION_SWEEP || a == ACTION_REPRODUCE || a == ACTION_EXPORT || a == ACTION_IMPORT;
}

/* Reads recordings at most, and prints. */
static bool only_prints(enum program_action a)
{
    return !needs_workbench(a) || a == ACTION_SESSIONS || a == ACTION_INFO || a == ACTION_COMPARE || a == ACTION_VIEW || a == ACTION_REPLAY;
}

static int act(const struct program *p, bool screen)
{
    if (p->action == ACTION_VERIFY || p->action == ACTION_CAT)
        return check_session(p);
    if (p->action == ACTION_CTL)
        return send_command(p);
    if (p->action == ACTION_ATTACH && !screen)
        return fail(&(struct err){ ERR_USAGE, "attach needs a terminal; without one 'saddle view RUN' tells what happens, and 'saddle ctl RUN COMMAND' steers" });
    if (!needs_workbench(p->action))
        return print_page(p);
    if (screen)
        return with_screen(p);
    return without_screen(p, p->action == ACTION_PROMPT && isatty(STDIN_FILENO));
}

int main(int argc, char **argv)
{
    struct program p;
    struct err err = { 0 };
    if (open_standard_streams() < 0)
        return EXIT_USAGE;
    setlocale(LC_CTYPE, "");
    if (options_parse(&p, argc, argv, &err) < 0) {
        fprintf(stderr, "saddle: %s\n", err.text);
        return EXIT_USAGE;
    }
    bool screen = screen_fits(&p);
    if (!screen) /* the screen blocks and reads its own */
        headless_signals(!only_prints(p.action));
    return close_output(act(&p, screen));
}
