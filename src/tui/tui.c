/* The terminal loop: one thread waits for keys, events of the engine, signals and time, and paints at most once a frame. */
#include "config.h"
#include "tui/tui.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "tui/app.h"
#include "tui/guard.h"
#include "tui/line.h"
#include "tui/prompt.h"
#include "tui/term.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct app app;

enum { MS = 1000000, STATUS_MS = 500 };

bool tui_possible(const char **why)
{
    const char *term = getenv("TERM");
    *why = !isatty(STDIN_FILENO) ? "input is no terminal" : !isatty(STDOUT_FILENO) ? "output is no terminal"
         : !term || !term[0] || strcmp(term, "dumb") == 0 ? "TERM cannot show a screen" : NULL;
    return !*why;
}

void tui_begin(void)
{
    sigset_t set;
    if (guard_begin() != 0)
        guard_block_signals(&set);
}

int tui_size_parse(const char *text, int *cols, int *rows, struct err *err)
{
    int c, r, n = 0;
    if (sscanf(text, "%dx%d%n", &c, &r, &n) != 2 || text[n] || c < 1 || c > 500 || r < 1 || r > 200)
        return err_set(err, ERR_USAGE, "'%s' is no size; COLSxROWS from 1x1 to 500x200, such as 120x40", text);
    *cols = c;
    *rows = r;
    return 0;
}

void app_dirty(bool urgent)
{
    app.dirty = true;
    app.urgent |= urgent;
}

/* --- painting ---------------------------------------------------------------------------------------------------------- */

static void refresh_status(uint64_t now, bool force)
{
    struct view *v = &app.screen.view;
    if (!force && now - app.status_ns < (uint64_t)STATUS_MS * MS && app.status_ns)
        return;
    app.status_ns = now;
    v->has_run = workbench_status(app.w, &v->run);
    v->has_session = workbench_session_status(app.w, &v->session);
    workbench_knobs(app.w, &app.knobs);
}

void app_refresh_status(void)
{
    refresh_status(clock_now_ns(), true);
}

static void refresh_view(uint64_t now)
{
    struct view *v = &app.screen.view;
    refresh_status(now, app.urgent);
    v->h = workbench_history(app.w);
    v->replaying = workbench_replay_status(app.w, &v->replay);
    v->comparison = workbench_comparison(app.w);
    v->sweep = app.sweep.len && !app.sweep.failed ? app.sweep.data : NULL;
    bool recorded = v->replaying || (!v->has_run && v->h->step > 0); /* a run that is over and let go is shown as it was */
    v->knobs = recorded ? &v->h->knobs : &app.knobs;
    v->host = &app.host;
    v->wall_offset_ns = v->replaying ? 0 : (int64_t)(clock_wall_ns() - now);
    v->started_ns = app.started_ns;
    app.seen_changes = v->h->changes;
    if (v->h->name[0] && !v->replaying)
        guard_run_name(v->h->name);
}

/* Of a question that is too long for the row its end is left out, not what one may answer. */
static int paint_question(struct area a)
{
    static const char answers[] = " [y/N] ";
    enum { ROOM = 8 }; /* for the answer */
    char label[sizeof app.mini.label + sizeof answers + 4];
    const int room = a.cols - ROOM - (int)strlen(answers), n = text_break(a.canvas, app.mini.label, room);
    if (!app.mini.label[n])
        snprintf(label, sizeof label, "%s%s", app.mini.label, answers);
    else
        snprintf(label, sizeof label, "%.*s…%s", text_break(a.canvas, app.mini.label, room - 1), app.mini.label, answers);
    return prompt_paint(a, label, app.mini.text, (int)strlen(app.mini.text));
}

static int paint_prompt_row(void)
{
    const struct rect *r = &app.screen.layout.prompt;
    struct area a = area_part(area_whole(&app.canvas), r->row, r->col, r->rows, r->cols);
    if (app.mini.kind == MINI_CONFIRM)
        return paint_question(a);
    if (app.mini.kind != MINI_NONE)
        return prompt_paint(a, app.mini.label, app.mini.text, (int)strlen(app.mini.text));
    return prompt_paint(a, line_prompt(), line_text(), line_cursor());
}

static void paint_all(uint64_t now)
{
    struct screen *s = &app.screen;
    if (!term_is_open())
        return;
    refresh_view(now);
    s->vi_mode = line_vi();
    s->vi_command = line_vi_command();
    s->completions = line_candidates(&s->n_completions, &s->completion_page);
    screen_paint(s, &app.canvas);
    int col = paint_prompt_row();
    term_show(&app.canvas, s->layout.prompt.row, col);
    app.dirty = app.urgent = false;
    long fps = app.options.fps ? app.options.fps : knob_int(&app.knobs, KNOB_FPS);
    fps = fps < 1 ? 1 : fps > 30 ? 30 : fps;
    app.next_frame_ns = now + 1000000000u / (uint64_t)fps;
}

static void maybe_paint(void)
{
    uint64_t now = clock_now_ns();
    if (app.urgent || (app.dirty && now >= app.next_frame_ns && !app.screen.frozen))
        paint_all(now);
}

/* --- size, glyphs, colours --------------------------------------------------------------------------------------------- */

void app_resize(void)
{
    int rows, cols;
    term_size(&rows, &cols);
    term_resize(rows, cols);
    if (app.options.rows) {
        rows = app.options.rows < rows ? app.options.rows : rows;
        cols = app.options.cols < cols ? app.options.cols : cols;
    }
    rows = rows < 1 ? 1 : rows > 1000 ? 1000 : rows;
    cols = cols < 1 ? 1 : cols > 1000 ? 1000 : cols;
    if (canvas_resize(&app.canvas, rows, cols) == 0) {
        app.rows = rows;
        app.cols = cols;
    }
    app_dirty(true);
}

static void apply_glyphs(void)
{
    char word[16];
    knob_choice(&app.knobs, KNOB_GLYPHS, word, sizeof word);
    bool given = app.options.glyphs && !app.knobs.by_hand[KNOB_GLYPHS] && strcmp(word, "auto") == 0;
    app.screen.glyphs = glyphs_choose(given ? app.options.glyphs : word, glyphs_locale_utf8(), glyphs_locale_wide(), getenv("TERM"));
    app.canvas.utf8 = glyphs_locale_utf8();
    app.canvas.ascii = app.screen.glyphs == GLYPHS_ASCII;
}

void app_color_word(char *out, size_t size)
{
    knob_choice(&app.knobs, KNOB_COLOR, out, size);
    if (app.options.color && strcmp(out, "auto") == 0)
        snprintf(out, size, "%s", app.options.color);
}

/* --- what the workbench calls ------------------------------------------------------------------------------------------ */

static void face_say(void *ctx, enum say_level level, const char *text, int caret)
{
    char *safe = text_safe_copy(text);
    (void)ctx;
    if (safe)
        screen_say(&app.screen, level, safe, caret);
    free(safe);
    if (caret >= 0)
        app.screen.caret_end = app.w ? workbench_caret_end(app.w) : caret + 1;
    app_dirty(true);
}

static void face_knob(void *ctx, enum knob_id id)
{
    (void)ctx;
    char word[16];
    if (!app.open)
        return;
    workbench_knobs(app.w, &app.knobs);
    if (id == KNOB_GLYPHS) {
        app.options.glyphs = NULL;
        apply_glyphs();
    } else if (id == KNOB_COLOR) {
        app.options.color = NULL;
        app_color_word(word, sizeof word);
        term_set_color(word);
    } else if (id == KNOB_THEME) {
        knob_choice(&app.knobs, KNOB_THEME, word, sizeof word);
        term_set_theme(word);
        app_ask_terminal();
    } else if (id == KNOB_MOUSE) {
        term_set_mouse(knob_on(&app.knobs, KNOB_MOUSE));
    } else if (id == KNOB_ESC_MS) {
        app.input.esc_ms = (int)knob_int(&app.knobs, KNOB_ESC_MS);
        app.input.link_ms = 0;
    } else if (id == KNOB_FPS) {
        app.options.fps = 0;
    }
    app_dirty(true);
}

static void loop_once(int most_ms);

/* Waits for a typed y while the run goes on behind the question. */
static bool face_confirm(void *ctx, const char *question)
{
    (void)ctx;
    if (!term_is_open())
        return false;
    app_mini_start(MINI_CONFIRM, question, "");
    while (!app.mini.done && app.running && !app.end_signal && !app.hung_up)
        loop_once(1000);
    bool yes = app.mini.accepted && (strcmp(app.mini.text, "y") == 0 || strcmp(app.mini.text, "yes") == 0);
    app.mini.kind = MINI_NONE;
    app_dirty(true);
    return yes;
}

/* A command waits: the screen lives on. */
static bool face_idle(void *ctx, int timeout_ms)
{
    (void)ctx;
    if (!app.open)
        return poll(NULL, 0, timeout_ms < 20 ? timeout_ms : 20) >= 0;
    loop_once(timeout_ms);
    bool go_on = !app.interrupted && !app.end_signal && !app.hung_up;
    app.interrupted = false;
    app.gave_up |= !go_on;
    return go_on;
}

/* The columns of a box of text. */
static int face_columns(void *ctx)
{
    (void)ctx;
    int cols = app.cols - 4;
    return cols > 78 ? 78 : cols < 20 ? 20 : cols;
}

void tui_face(struct workbench_face *out)
{
    screen_init(&app.screen);
    *out = (struct workbench_face){ .say = face_say, .screen_knob = face_knob,
                                    .confirm = face_confirm, .idle = face_idle, .columns = face_columns };
    app_face(out);
}

static int put_canvas(void *ctx, FILE *out, struct err *err)
{
    struct buf text = { 0 };
    canvas_to_text(ctx, &text);
    if (!text.failed)
        fwrite(text.data, 1, text.len, out);
    int result = text.failed ? err_set(err, ERR_MEMORY, "no memory for the screen's text") : 0;
    buf_release(&text);
    return result;
}

int app_export(const char *path, bool force, struct err *err)
{
    paint_all(clock_now_ns());
    return file_publish(path, force, put_canvas, &app.canvas, err);
}

/* --- input ------------------------------------------------------------------------------------------------------------- */

static void set_background(const struct input_event *e)
{
    term_set_background(e->red, e->green, e->blue);
    app_dirty(true);
}

static void handle_input(void)
{
    struct input_event e;
    while (input_next(&app.input, clock_now_ns() / MS, &e)) {
        if (e.late)
            app_not_escape();
        if (e.kind == INPUT_KEY)
            app_key(&e);
        else if (e.kind == INPUT_PASTE)
            app_paste(&e);
        else if (e.kind == INPUT_BACKGROUND)
            set_background(&e);
        else if (e.kind == INPUT_MOUSE && knob_on(&app.knobs, KNOB_MOUSE))
            app_mouse(&e);
        app_take_line();
    }
}

/* An answer that is still under way must not end as text at the shell. */
static void await_answer(void)
{
    enum { MOST_MS = 100 };
    uint64_t end = clock_now_ns() + (uint64_t)MOST_MS * MS;
    struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
    struct input_event e;
    char bytes[256];
    for (uint64_t now; (now = clock_now_ns()) < end && input_awaits_answer(&app.input, now / MS) && poll(&p, 1, (int)((end - now) / MS)) > 0;) {
        ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
        if (n <= 0)
            return;
        input_feed(&app.input, bytes, (int)n, now / MS);
        while (input_next(&app.input, now / MS, &e))
            continue;
    }
}

static void read_keys(void)
{
    char bytes[1024];
    ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
    if (n < 0 && (errno == EINTR || errno == EAGAIN || !term_foreground()))
        return;
    if (n <= 0) { /* the line is gone (EIO), as after SIGHUP */
        app.hung_up = true;
        return;
    }
    if (app.screen.keys && app.mini.kind == MINI_NONE && app.input.n == 0 && !app.input.in_paste && input_is_block(bytes, (int)n))
        input_begin_block(&app.input, clock_now_ns() / MS);
    for (ssize_t at = 0; at < n;) {
        at += input_feed(&app.input, bytes + at, (int)(n - at), clock_now_ns() / MS);
        handle_input();
    }
}

/* --- the loop ---------------------------------------------------------------------------------------------------------- */

static void every_second(uint64_t now)
{
    if (now - app.second_ns < 1000000000u)
        return;
    uint64_t cpu = clock_thread_ns();
    if (app.second_ns)
        app.screen.view.ui_share = (double)(cpu - app.second_cpu_ns) / (double)(now - app.second_ns);
    app.second_ns = now;
    app.second_cpu_ns = cpu;
    if (app.sweep.len || workbench_sweeps(app.w)) {
        buf_clear(&app.sweep);
        workbench_sweep_table(app.w, &app.sweep);
        app_dirty(false);
    }
    if (host_sample(&app.host, now))
        app_dirty(false);
}

static int wait_ms(uint64_t now, int most)
{
    int wait = most, esc = input_timeout(&app.input, now / MS);
    if (esc >= 0 && esc < wait)
        wait = esc;
    if (app.dirty && !app.screen.frozen && term_is_open()) {
        int frame = app.next_frame_ns > now ? (int)((app.next_frame_ns - now) / MS) + 1 : 0;
        wait = frame < wait ? frame : wait;
    }
    struct replay_status r;
    if (workbench_replay_status(app.w, &r) && (r.playing || r.live) && wait > 100)
        wait = 100;
    if (workbench_comparison(app.w) && wait > 250)
        wait = 250;
    if ((workbench_training(app.w) || workbench_sweeps(app.w)) && wait > 500) /* somebody outside may steer it; its runs end */
        wait = 500;
    return app.urgent && term_is_open() ? 0 : wait;
}

static void loop_once(int most_ms)
{
    struct pollfd fd[3] = { { .fd = app.signal_fd, .events = POLLIN }, { .fd = workbench_fd(app.w), .events = POLLIN },
                            { .fd = app.hung_up ? -1 : STDIN_FILENO, .events = app.away ? 0 : POLLIN } };
    app_follow_foreground();
    maybe_paint();
    int n = poll(fd, 3, wait_ms(clock_now_ns(), most_ms < 1000 ? most_ms : 1000));
    if (n > 0 && fd[0].revents)
        app_read_signals();
    app_follow_foreground(); /* before a key is read that may be another's */
    if (n > 0 && fd[2].revents && !app.away)
        read_keys();
    else if (n > 0 && (fd[2].revents & (POLLHUP | POLLERR)))
        app.hung_up = true;
    handle_input(); /* a lone Esc whose time is up */
    workbench_look_outside(app.w);
    workbench_pump(app.w);
    if (workbench_replay_tick(app.w, clock_now_ns()) || workbench_compare_tick(app.w, clock_now_ns()))
        app_dirty(false);
    if (workbench_history(app.w)->changes != app.seen_changes)
        app_dirty(false);
    every_second(clock_now_ns());
    maybe_paint();
}

/* A run that stands still, unless somebody outside steers it, or is recorded nowhere is of no use to anybody without a screen. */
static bool worth_going_on(void)
{
    struct trainer_status run;
    struct session_status recorded;
    if (workbench_sweeps(app.w))
        return true;
    return workbench_training(app.w) && workbench_status(app.w, &run) && (run.phase != TRAINER_PAUSED || (workbench_steered(app.w) && !run.diverged)) &&
           workbench_session_status(app.w, &recorded);
}

/* The terminal is gone, or going: it is given back as far as it still takes anything, and training goes on to its end. */
static void go_on_without_screen(void)
{
    term_close();
    while (worth_going_on() && !app.end_signal)
        loop_once(1000);
}

static int end_code(void)
{
    struct err err = { 0 };
    bool training = workbench_training(app.w), hung_up = app.hung_up && !workbench_quit_asked(app.w);
    if (!app.end_signal && !hung_up)
        return workbench_exit_code(app.w);
    struct session_status recorded;
    int number = app.end_signal ? app.end_signal : SIGHUP;
    bool kept = training && workbench_session_status(app.w, &recorded);
    return workbench_end(app.w, app.end_signal ? strsignal(number) : "its terminal was closed", &err) == 0 && kept ? 75 : 128 + number;
}

static void main_loop(void)
{
    bool trained = false;
    while (app.running) {
        app_run_queued();
        if (workbench_quit_asked(app.w) || app.end_signal)
            break;
        if (app.hung_up) {
            go_on_without_screen();
            break;
        }
        loop_once(1000);
        if (trained != workbench_training(app.w)) {
            trained = !trained;
            app_follow_state();
            app_refresh_status();
        }
    }
}

static void complete(void *ctx, const char *line, size_t cursor, struct completion *out)
{
    workbench_complete(ctx, line, cursor, out);
}

static void start_state(const struct tui_options *options)
{
    app.options = *options;
    app.running = app.open = true;
    app.started_ns = clock_now_ns();
    workbench_knobs(app.w, &app.knobs);
    app.screen.view.ui_share = NAN;
    struct replay_status replay;
    app.screen.keys = options->keys && (workbench_replay_status(app.w, &replay) || workbench_comparison(app.w)); /* one that cannot be opened leaves a prompt */
    host_init(&app.host);
    input_init(&app.input, (int)knob_int(&app.knobs, KNOB_ESC_MS));
    apply_glyphs();
}

static void release_face(void)
{
    for (int i = 0; i < app.n_queued; i++)
        free(app.queued[i]);
    line_close();
    input_release(&app.input);
    canvas_release(&app.canvas);
    screen_release(&app.screen);
    buf_release(&app.sweep);
    if (app.signal_fd >= 0)
        close(app.signal_fd);
    app.open = false;
}

static void tell_locale_trouble(void)
{
    char text[200];
    if (tui_locale_trouble(text, sizeof text))
        app_say(SAY_NOTE, text);
}

int tui_run(struct workbench *w, const struct tui_options *options, struct err *err)
{
    char history[1024];
    sigset_t set;
    app.w = w;
    setlocale(LC_CTYPE, "");
    guard_block_signals(&set);
    app.signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (app.signal_fd < 0)
        return err_io(err, "cannot make a signal descriptor");
    start_state(options);
    app.away = !term_foreground();
    app.entered = !app.away;
    if (app.away ? !term_known(err) : app_open_terminal(err) != 0) {
        release_face();
        return -1;
    }
    struct line_options l = { .prompt = PROMPT, .history_path = line_history_path(history, sizeof history) ? history : NULL,
                              .ctx = w, .complete = complete };
    line_open(&l);
    app_tell_line_trouble();
    tell_locale_trouble();
    app_follow_state();
    app_resize();
    app_ask_terminal();
    main_loop();
    if (app.away)
        term_lost();
    else if (!app.hung_up)
        await_answer();
    term_close();
    int code = end_code();
    release_face();
    return code;
}
