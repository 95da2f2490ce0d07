/* The actions of keys. A key that changes the run only writes a command or runs one through the prompt's way, so that it lands in
 * history, journal and script. */
#include "config.h"
#include "tui/app.h"

#include "base/clock.h"
#include "engine/stages.h"
#include "tui/classes.h"
#include "tui/line.h"
#include "tui/term.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_CLASSES "there are no classes to find yet; 'train' or 'replay RUN' brings them"

/* --- the little editor ------------------------------------------------------------------------------------------------- */

void app_mini_start(enum mini_kind kind, const char *label, const char *text)
{
    app.mini = (struct mini){ .kind = kind };
    snprintf(app.mini.label, sizeof app.mini.label, "%s", label);
    snprintf(app.mini.text, sizeof app.mini.text, "%s", text);
    app_dirty(true);
}

static void copy_cut(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%.*s", (int)size - 1, text);
}

static void mini_changed(void)
{
    struct screen *s = &app.screen;
    if (app.mini.kind == MINI_FILTER)
        copy_cut(s->filter, sizeof s->filter, app.mini.text);
    else if (app.mini.kind == MINI_OVERLAY)
        copy_cut(s->overlay_filter, sizeof s->overlay_filter, app.mini.text);
}

static void mini_end(bool accepted)
{
    struct screen *s = &app.screen;
    enum mini_kind kind = app.mini.kind;
    app.mini.done = true;
    app.mini.accepted = accepted;
    if (kind == MINI_CONFIRM)
        return; /* whoever asked reads the answer */
    if (!accepted) {
        app.mini.text[0] = '\0';
        mini_changed();
    } else if (kind == MINI_FIND && app.mini.text[0]) {
        copy_cut(s->find, sizeof s->find, app.mini.text);
        if (!screen_find(s, s->find, 1))
            app_say(SAY_NOTE, s->view.h->n_classes || s->view.comparison ? "no class has that in its name" : NO_CLASSES);
    } else if (kind == MINI_GOTO && app.mini.text[0]) {
        char line[200];
        snprintf(line, sizeof line, "%s %s", key_line[LINE_SEEK], app.mini.text);
        app_run_line(line, true);
    }
    s->overlay_filtering = false;
    app.mini.kind = MINI_NONE;
}

static void mini_key(const struct input_event *e)
{
    size_t n = strlen(app.mini.text);
    if (e->code == '\r' || e->code == '\n') {
        mini_end(true);
    } else if (e->code == INPUT_ESC || e->code == 3 || e->code == 7) {
        mini_end(false);
    } else if (e->code == 127 || e->code == 8) {
        while (n > 0 && ((unsigned char)app.mini.text[n - 1] & 0xc0) == 0x80)
            n--;
        app.mini.text[n ? n - 1 : 0] = '\0';
        mini_changed();
    } else if (e->code == 21) {
        app.mini.text[0] = '\0';
        mini_changed();
    } else if (e->code >= 0x20 && e->code < INPUT_NAMED && n + (size_t)e->n_raw < sizeof app.mini.text) {
        memcpy(app.mini.text + n, e->raw, (size_t)e->n_raw);
        app.mini.text[n + (size_t)e->n_raw] = '\0';
        mini_changed();
    }
}

/* --- commands by key --------------------------------------------------------------------------------------------------- */

void app_to_prompt(const char *fill)
{
    app.screen.keys = false;
    app.screen.overlay = OVERLAY_NONE;
    if (fill)
        line_fill(fill);
}

static void run_for_class(const char *verb)
{
    const struct history *h = app.screen.view.h;
    char text[64];
    if (app.screen.selected < 0 || app.screen.selected >= h->n_classes) {
        app_say(SAY_NOTE, "no class is selected");
        return;
    }
    snprintf(text, sizeof text, "%s %d", verb, app.screen.selected);
    app_run_line(text, true);
}

static void watch_key(void)
{
    const struct history *h = app.screen.view.h;
    int class = app.screen.selected;
    bool watched = class >= 0 && class < h->n_classes && h->cls[class].watched;
    run_for_class(key_line[watched ? LINE_UNWATCH : LINE_WATCH]);
}

/* A notch is a quarter up or a fifth down, in two digits. */
static void notch(bool up)
{
    const struct view *v = &app.screen.view;
    const long epoch = v->h->steps_per_epoch ? (long)(v->h->step / v->h->steps_per_epoch) : 0;
    const struct stage stage = stage_at(v->knobs, epoch);
    bool rho = optimiser_uses_rho(knobs_optimiser_at(v->knobs, epoch));
    bool ran = v->h->step > 0;
    double value = rho ? (ran ? (double)v->h->rho : knobs_rho(v->knobs, epoch)) : (ran ? (double)v->h->lr : knobs_lr(v->knobs, epoch));
    if (!isfinite(value) || value == 0)
        value = 0.05;
    char text[64];
    snprintf(text, sizeof text, "%s %s %.2g", key_line[LINE_SET], knob_table[rho ? stage.rho : stage.lr].name, value * (up ? 1.25 : 0.8));
    app_to_prompt(text);
}

static void next_glyphs(void)
{
    static const char *const words[] = { "ascii", "block", "braille" };
    char text[40];
    snprintf(text, sizeof text, "%s glyphs %s", key_line[LINE_SET], words[(app.screen.glyphs + 1) % 3]);
    app_run_line(text, true);
}

static void seek_mark(void)
{
    const struct history *h = app.screen.view.h;
    const struct screen *s = &app.screen;
    if (s->mark && s->mark <= h->n_mark) {
        const struct history_mark *m = &h->mark[s->mark - 1];
        char text[200];
        snprintf(text, sizeof text, "%c at epoch %.1f: %s", m->letter, m->epoch, m->text);
        screen_messages_clear(&app.screen);
        app_say(SAY_TEXT, text);
    }
}

static void change_sort(int direction)
{
    struct screen *s = &app.screen;
    s->sort = (enum class_sort)(((int)s->sort + direction + SORT_COUNT) % SORT_COUNT);
    s->reversed = false;
    classes_resort(s);
}

static void toggle_help(void)
{
    struct screen *s = &app.screen;
    s->overlay = s->overlay == OVERLAY_HELP ? OVERLAY_NONE : OVERLAY_HELP;
    s->overlay_top = 0;
    s->overlay_filter[0] = '\0';
}

void app_leave_comparison(void)
{
    workbench_compare_leave(app.w);
    app_follow_state();
}

static void close_or_quit(void)
{
    struct screen *s = &app.screen;
    if (s->overlay != OVERLAY_NONE)
        screen_close_overlay(s);
    else if (s->zoom != ZOOM_NONE)
        s->zoom = ZOOM_NONE;
    else if (workbench_comparison(app.w))
        app_leave_comparison();
    else
        app_run_line(key_line[LINE_QUIT], true);
}

static int page(void)
{
    const struct layout *l = &app.screen.layout;
    int rows = app.screen.overlay != OVERLAY_NONE ? l->body.rows - 3 : l->pane[app.screen.focus].rows - 2;
    return rows < 1 ? 1 : rows;
}

static void other_trace(int direction)
{
    struct screen *s = &app.screen;
    s->trace = (enum trace_id)(((int)s->trace + direction + TRACE_COUNT) % TRACE_COUNT);
}

static void focus_pane(uint32_t code)
{
    screen_focus_number(&app.screen, (int)((code & 0xff) - '0'));
}

static void toggle_freeze(void)
{
    app.screen.frozen = !app.screen.frozen;
    app_say(SAY_NOTE, app.screen.frozen ? "display frozen, training goes on; Z again thaws" : "display follows the run again");
}

static void pause_key(void)
{
    app_run_line(key_line[strcmp(app.screen.view.h->state, "paused") == 0 ? LINE_RESUME : LINE_PAUSE], true);
}

static void suspend_key(void)
{
    if (!app.suspend_asked) {
        app.suspend_asked = 1;
        app_say(SAY_NOTE, "C-z again suspends saddle, and training with it, until 'fg'");
        return;
    }
    app.suspend_asked = 0;
    app_suspend();
}

static void do_view(enum action action)
{
    struct screen *s = &app.screen;
    switch (action) {
    case ACTION_FIND: app_mini_start(MINI_FIND, "find class: ", ""); break;
    case ACTION_FILTER: app_mini_start(MINI_FILTER, "only classes with: ", s->filter); break;
    case ACTION_FIND_NEXT: screen_find(s, s->find, 1); break;
    case ACTION_FIND_BACK: screen_find(s, s->find, -1); break;
    case ACTION_SORT: change_sort(1); break;
    case ACTION_SORT_BACK: change_sort(-1); break;
    case ACTION_REVERSE: s->reversed = !s->reversed; break;
    case ACTION_RESORT: classes_resort(s); break;
    case ACTION_ZOOM_IN: s->zoom = s->zoom == ZOOM_NONE ? ZOOM_HALF : ZOOM_FULL; break;
    case ACTION_ZOOM_OUT: s->zoom = s->zoom == ZOOM_FULL ? ZOOM_HALF : ZOOM_NONE; break;
    case ACTION_ALL_PANES: s->zoom = ZOOM_NONE; break;
    case ACTION_LOG_Y: s->log_y = !s->log_y; break;
    case ACTION_CURVES: screen_next_curves(s); break;
    case ACTION_X_AXIS: s->x_axis = !s->x_axis; break;
    case ACTION_GLYPHS: next_glyphs(); break;
    case ACTION_FREEZE: toggle_freeze(); break;
    case ACTION_MARK_BACK: screen_mark_move(s, -1, false); seek_mark(); break;
    case ACTION_MARK_NEXT: screen_mark_move(s, 1, false); seek_mark(); break;
    case ACTION_SNAP_BACK: screen_mark_move(s, -1, true); seek_mark(); break;
    case ACTION_SNAP_NEXT: screen_mark_move(s, 1, true); seek_mark(); break;
    case ACTION_REDRAW: term_redraw(); break;
    default: break;
    }
}

static void do_move(enum action action, uint32_t code)
{
    struct screen *s = &app.screen;
    switch (action) {
    case ACTION_DOWN: screen_move(s, 1); break;
    case ACTION_UP: screen_move(s, -1); break;
    case ACTION_PAGE_DOWN: screen_move(s, page()); break;
    case ACTION_PAGE_UP: screen_move(s, -page()); break;
    case ACTION_FIRST: screen_move_end(s, false); break;
    case ACTION_LAST: screen_move_end(s, true); break;
    case ACTION_LEFT: other_trace(-1); break;
    case ACTION_RIGHT: other_trace(1); break;
    case ACTION_NEXT_PANE: screen_focus_next(s, 1); break;
    case ACTION_PREVIOUS_PANE: screen_focus_next(s, -1); break;
    case ACTION_PANE: focus_pane(code); break;
    case ACTION_OPEN:
        if (s->view.h->n_classes && s->focus == PANE_CLASSES)
            screen_open(s);
        else
            app_to_prompt(NULL);
        break;
    default: break;
    }
}

static void fork_key(void)
{
    char at[48], line[64];
    if (!workbench_point(app.w, at, sizeof at)) {
        app_say(SAY_NOTE, "nothing recorded is shown that could be forked");
        return;
    }
    snprintf(line, sizeof line, "%s %s ", key_line[LINE_FORK], at);
    app_to_prompt(line);
}

static void do_run(enum action action)
{
    switch (action) {
    case ACTION_PAUSE: pause_key(); break;
    case ACTION_STEP: app_run_line(key_line[LINE_STEP], true); break;
    case ACTION_SNAPSHOT: app_run_line(key_line[LINE_SNAPSHOT], true); break;
    case ACTION_FORK: fork_key(); break;
    case ACTION_UNDO: app_run_line(key_line[LINE_UNDO], true); break;
    case ACTION_STOP: app_run_line(key_line[LINE_STOP], true); break;
    case ACTION_MARK: app_to_prompt(key_line[LINE_NOTE]); break;
    case ACTION_NOTCH_DOWN: notch(false); break;
    case ACTION_NOTCH_UP: notch(true); break;
    case ACTION_WATCH: watch_key(); break;
    case ACTION_HESSIAN: run_for_class(key_line[LINE_HESSIAN]); break;
    case ACTION_EXPORT: app_to_prompt(key_line[LINE_EXPORT]); break;
    case ACTION_SETTINGS: app_run_line(key_line[LINE_SETTINGS], false); break;
    default: break;
    }
}

static void do_action(enum action action, uint32_t code)
{
    if (action != ACTION_SUSPEND)
        app.suspend_asked = 0;
    switch (action) {
    case ACTION_PROMPT:
        if (app.screen.overlay != OVERLAY_NONE)
            screen_close_overlay(&app.screen);
        else
            app_to_prompt(NULL);
        break;
    case ACTION_HELP: toggle_help(); break;
    case ACTION_QUIT: close_or_quit(); break;
    case ACTION_INTERRUPT: app_interrupt(); break;
    case ACTION_SUSPEND: suspend_key(); break;
    default:
        do_view(action);
        do_move(action, code);
        do_run(action);
    }
}

/* --- dispatch ---------------------------------------------------------------------------------------------------------- */

static bool overlay_key(uint32_t code)
{
    struct screen *s = &app.screen;
    if (s->overlay == OVERLAY_NONE)
        return false;
    if (code == '/') {
        s->overlay_filtering = true;
        s->overlay_top = 0;
        app_mini_start(MINI_OVERLAY, "/", "");
        return true;
    }
    enum action action = key_action(code, false);
    bool move = action == ACTION_DOWN || action == ACTION_UP || action == ACTION_PAGE_DOWN || action == ACTION_PAGE_UP ||
                action == ACTION_FIRST || action == ACTION_LAST;
    if (code == ' ')
        screen_move(s, page());
    else if (code == '\r' || code == '\n' || action == ACTION_QUIT || action == ACTION_PROMPT || action == ACTION_HELP)
        screen_close_overlay(s);
    else if (move)
        do_move(action, code);
    else if (action == ACTION_REDRAW || action == ACTION_INTERRUPT || action == ACTION_SUSPEND)
        do_action(action, code);
    return true;
}

/* The q that closed a list may have been meant for the prompt: quit is the only verb that goes on so, and no verb begins with "ui". */
static void complete_quit(void)
{
    if (app.closed_by_q && strcmp(line_text(), "ui") == 0)
        line_fill("qui");
    app.closed_by_q = app.closed_by_q && strcmp(line_text(), "u") == 0;
}

/* Keys belong in PROMPT to readline, except those named ALWAYS and a lone Esc (which vi mode keeps). An open box takes the keys
 * that move in it and close it, as long as nothing was typed. */
static void prompt_key(const struct input_event *e)
{
    struct screen *s = &app.screen;
    enum action action = e->modified ? ACTION_NONE : key_action(e->code, true);
    bool escape = e->code == INPUT_ESC && (!line_vi() || line_vi_command()); /* in vi mode the first Esc is readline's */
    bool leave = escape || e->code == 0x1d, empty = line_is_empty() && strcmp(line_prompt(), PROMPT) == 0;
    if (s->overlay != OVERLAY_NONE && (leave || (line_is_empty() && (e->code == 'q' || e->code == '\r' || e->code == INPUT_UP ||
                                                                      e->code == INPUT_DOWN || e->code == ' ' || e->code == '/')))) {
        overlay_key(e->code);
        app.closed_by_q = e->code == 'q';
    } else if (leave) {
        s->keys = true;
    } else if (empty && e->code == '?') {
        toggle_help();
    } else if (action != ACTION_NONE) {
        do_action(action, e->code);
    } else {
        bool known = e->code < INPUT_F0 || e->code >= INPUT_ALT; /* function keys without a meaning would leak as text */
        if (known)
            line_feed(e->raw, e->n_raw);
        complete_quit();
    }
}

void app_key(const struct input_event *e)
{
    bool keys = app.screen.keys;
    if (app.mini.kind != MINI_NONE) {
        mini_key(e);
    } else if (!app.screen.keys) {
        prompt_key(e);
    } else if (!overlay_key(e->code) && !app_compare_key(e->code) && !(app.screen.view.replaying && app_replay_key(e->code))) {
        enum action action = e->modified ? ACTION_NONE : key_action(e->code, false);
        if (action != ACTION_INTERRUPT && action != ACTION_NONE)
            screen_messages_clear(&app.screen);
        do_action(action, e->code);
    }
    app.esc_switched = e->code == INPUT_ESC && keys != app.screen.keys;
    app_dirty(true);
}

/* Into the little editor goes one line; a question is answered by hand. */
static void mini_paste(const char *text)
{
    size_t n = strlen(app.mini.text), room = sizeof app.mini.text - 1 - n, len = strcspn(text, "\n");
    if (app.mini.kind == MINI_CONFIRM)
        return;
    len = len > room ? room : len;
    while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
        len--;
    memcpy(app.mini.text + n, text, len);
    app.mini.text[n + len] = '\0';
    mini_changed();
}

void app_paste(const struct input_event *e)
{
    app_dirty(true);
    if (e->lost) {
        char text[200];
        snprintf(text, sizeof text, "the pasted text has %zu bytes, more than %d: nothing of it was taken; 'source FILE' runs a file",
                 strlen(e->text) + e->lost, INPUT_PASTE_MAX);
        app_say(SAY_WARNING, text);
    } else if (app.mini.kind != MINI_NONE) {
        mini_paste(e->text);
    } else {
        app_to_prompt(NULL);
        line_paste(e->text);
    }
}

void app_not_escape(void)
{
    if (app.mini.kind == MINI_NONE && app.screen.overlay == OVERLAY_NONE && app.esc_switched)
        app.screen.keys = !app.screen.keys;
    app.esc_switched = false;
}

void app_mouse(const struct input_event *e)
{
    struct screen *s = &app.screen;
    if (e->button == 64 || e->button == 65) {
        screen_move(s, e->button == 64 ? -3 : 3);
    } else if (e->button == 0 && s->overlay == OVERLAY_NONE) {
        for (int p = 0; p < PANE_COUNT; p++) {
            const struct rect *r = &s->layout.pane[p];
            if (r->rows && e->row >= r->row && e->row < r->row + r->rows && e->col >= r->col && e->col < r->col + r->cols) {
                s->focus = (enum pane_id)p;
                s->keys = true;
                int row = s->classes.top + e->row - r->row - 1 - (s->classes.heat ? HEAT_ROWS : 0);
                if (p == PANE_CLASSES && s->classes.columns == 1 && row >= 0 && row < s->classes.n && e->row > r->row)
                    classes_move(s, row - classes_selected_row(s));
            }
        }
    }
    app_dirty(true);
}

/* C-c: what is typed goes first; then what runs; it never ends the program. */
void app_interrupt(void)
{
    const struct history *h = app.screen.view.h;
    bool typed = !app.screen.keys && (!line_is_empty() || strcmp(line_prompt(), PROMPT) != 0);
    if (typed) {
        line_interrupt();
        return;
    }
    line_interrupt();
    if (app.depth)
        app.interrupted = true;
    if (app.depth || h->progress_what[0] || workbench_measures(app.w)) { /* a large network's probe is long in coming */
        workbench_cancel(app.w);
        app_say(SAY_NOTE, workbench_training(app.w) ? "cancelled; training goes on" : "cancelled");
        return;
    }
    screen_messages_clear(&app.screen);
    screen_close_overlay(&app.screen);
    app_say(SAY_NOTE, "C-c clears the line and cancels probes; 'quit' leaves");
}

/* --- what only a screen can do --------------------------------------------------------------------------------------- */

static int face_sort(void *ctx, const char *word, struct err *err)
{
    (void)ctx;
    app_dirty(true);
    return screen_sort_by(&app.screen, word, err);
}

static int face_find(void *ctx, const char *word, struct err *err)
{
    struct screen *s = &app.screen;
    (void)ctx;
    app_dirty(true);
    copy_cut(s->find, sizeof s->find, word);
    if (s->view.h->n_classes == 0 && !s->view.comparison)
        return err_set(err, ERR_INVALID, "%s", NO_CLASSES);
    return screen_find(s, word, 1) ? 0 : err_set(err, ERR_INVALID, "no class has '%.60s' in its name", word);
}

static int face_zoom(void *ctx, const char *word, struct err *err)
{
    struct screen *s = &app.screen;
    (void)ctx;
    app_dirty(true);
    if (word[0])
        return screen_zoom_pane(s, word, err);
    s->zoom = s->zoom == ZOOM_NONE ? ZOOM_FULL : ZOOM_NONE;
    return 0;
}

static int face_print(void *ctx, const char *path, bool force, struct err *err)
{
    (void)ctx;
    app_dirty(true);
    return app_export(path, force, err);
}

void app_face(struct workbench_face *face)
{
    face->sort = face_sort;
    face->find = face_find;
    face->zoom = face_zoom;
    face->print = face_print;
}
