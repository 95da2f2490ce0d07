/* The rows around the panes: header, timeline, hints and the replay bar. */
#include "config.h"
#include "tui/screen.h"

#include "tui/compare.h"

#include "engine/stages.h"
#include "tui/keys.h"
#include "tui/widgets.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *face_state(const struct screen *s)
{
    const struct history *h = s->view.h;
    static const char *const words[][2] = { { "training", "TRAIN" }, { "paused", "PAUSED" },     { "finished", "DONE" },
                                            { "stopped", "STOPPED" }, { "diverged", "DIVERGED" }, { "failed", "FAILED" },
                                            { "unsaved", "UNSAVED" } };
    if (s->view.replaying && !s->view.replay.attached)
        return s->view.replay.live ? "VIEW" : "REPLAY";
    if (s->frozen)
        return "FROZEN";
    bool over = s->view.has_run && s->view.run.phase == TRAINER_OVER;
    if ((s->view.has_run && s->view.run.phase == TRAINER_ROLLING) || strcmp(h->progress_what, "roll") == 0) /* its own steps, or those before a fork */
        return "ROLL";
    const struct measure_info *probe = measure_of_verb(h->progress_what);
    if (!over && probe && probe->class_index >= 0)
        return "PROBE";
    if (!over && strcmp(h->progress_what, "eval") == 0)
        return "EVAL";
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(h->state, words[i][0]) == 0)
            return words[i][1];
    return "READY";
}

static void method_text(const struct screen *s, char *out, size_t size)
{
    const struct knobs *k = s->view.knobs;
    char loss[24], opt[24];
    knob_choice(k, KNOB_LOSS, loss, sizeof loss);
    knob_choice(k, KNOB_OPT, opt, sizeof opt);
    const struct stage last = stage_at(k, knobs_epochs(k));
    snprintf(out, size, "%s%s%s%s%s%s", loss, knob_is(k, KNOB_WEIGHTS, "none") ? "" : "+drw", strcmp(opt, "sgd") ? "+" : "",
             strcmp(opt, "sgd") ? opt : "", last.second ? "+" : "", last.second ? last.name : "");
}

static void data_text(const struct screen *s, char *out, size_t size)
{
    if (s->view.h->data_name[0])
        snprintf(out, size, "%s", s->view.h->data_name);
    else
        knob_choice(s->view.knobs, KNOB_DATA, out, size);
}

double total_epochs(const struct screen *s)
{
    const struct history *h = s->view.h;
    bool live = s->view.replaying && s->view.replay.live;
    if (live && h->steps_per_epoch) /* what is recorded so far is not its length */
        return (double)history_total_steps(h) / (double)h->steps_per_epoch;
    if (s->view.replaying && s->view.replay.last_epoch > 0)
        return s->view.replay.last_epoch;
    if (s->view.has_run && s->view.run.total_steps && s->view.run.steps_per_epoch)
        return (double)s->view.run.total_steps / (double)s->view.run.steps_per_epoch;
    return (double)knobs_epochs(s->view.knobs);
}

/* 0.0010, and .0010 where columns are scarce */
static void short_number(char *out, double value, bool tight)
{
    char text[32];
    if (!isfinite(value))
        snprintf(text, sizeof text, "-");
    else if (value != 0 && fabs(value) < 0.0005)
        format_short(text, value, 5);
    else
        snprintf(text, sizeof text, fabs(value) < 0.0095 && value != 0 ? "%.4f" : fabs(value) < 0.095 && value != 0 ? "%.3f" : "%.2f", value);
    snprintf(out, 16, "%s", tight && text[0] == '0' && text[1] == '.' ? text + 1 : text);
}

static void progress_bar(struct area a, int row, int col, int cols, double share)
{
    if (cols < 5)
        return;
    int inner = cols - 2, full = (int)(share * inner);
    full = full > inner ? inner : full < 0 ? 0 : full;
    area_char(a, row, col, INK_DIM, '[');
    for (int i = 0; i < inner; i++)
        area_char(a, row, col + 1 + i, i <= full ? INK_TEXT : INK_DIM,
                  i < full ? 0x2588 : i == full && a.canvas->ascii ? '>' : a.canvas->ascii ? '-' : 0xb7);
    area_char(a, row, col + cols - 1, INK_DIM, ']');
}

/* The run's short name: r and the first digits of its id, else its name. */
static void run_text(const struct screen *s, char *out, size_t size)
{
    const struct history *h = s->view.h;
    if (h->id[0])
        snprintf(out, size, "r%.5s", h->id);
    else
        snprintf(out, size, "%.24s", h->name);
}

static void epoch_text(const struct screen *s, char *out, size_t size)
{
    double epoch = s->view.h->epoch;
    const int digits = epoch < 10 ? 2 : 1;
    const double unit = digits == 2 ? 100 : 10; /* of a run of so many steps no more digits than of where it is */
    snprintf(out, size, "ep %.*f/%.15g", digits, epoch, round(unit * total_epochs(s)) / unit);
}

static void eta_text(const struct screen *s, char *out, size_t size)
{
    char time[16];
    bool mine = s->view.has_run && s->view.run.phase != TRAINER_OVER && !s->view.replaying;
    bool told = s->view.replaying && (s->view.replay.live || history_last_status(s->view.h)); /* of a recording of before nothing is guessed */
    double eta = mine ? s->view.run.eta_s : told ? history_eta(s->view.h) : NAN;
    out[0] = '\0';
    if (!isfinite(eta))
        return;
    format_duration(time, eta);
    snprintf(out, size, "ETA %s", time);
}

static void first_row(const struct screen *s, struct area a, bool wide)
{
    const struct history *h = s->view.h;
    char method[64], data[96], epoch[48], eta[32], run[40], right[160] = "";
    run_text(s, run, sizeof run);
    method_text(s, method, sizeof method);
    data_text(s, data, sizeof data);
    epoch_text(s, epoch, sizeof epoch);
    eta_text(s, eta, sizeof eta);
    const char *state = face_state(s);
    char progress[64];
    if (h->progress_of && (strcmp(state, "PROBE") == 0 || strcmp(state, "EVAL") == 0 || strcmp(state, "ROLL") == 0)) {
        snprintf(progress, sizeof progress, "%s %d%%", state, (int)(100 * h->progress_done / h->progress_of));
        state = progress;
    } else if (s->view.replaying && h->progress_of && h->progress_what[0]) { /* what is measured of the shown moment */
        snprintf(progress, sizeof progress, "%s %.8s %d%%", state, h->progress_what, (int)(100 * h->progress_done / h->progress_of));
        state = progress;
    }
    bool loud = (s->view.replaying && !s->view.replay.attached) || s->frozen || strcmp(state, "DIVERGED") == 0 || strcmp(state, "FAILED") == 0;
    int col = area_put(a, 0, wide ? 1 : 0, INK_BOLD, "saddle ") + wide;
    if (wide) {
        char beta[32] = "", model[24];
        if (!strstr(data, "beta") && !knob_is(s->view.knobs, KNOB_IMBALANCE, "none"))
            snprintf(beta, sizeof beta, " β%g", knob_num(s->view.knobs, KNOB_BETA));
        knob_choice(s->view.knobs, KNOB_MODEL, model, sizeof model);
        col += area_putf(a, 0, col, INK_TEXT, "▸ %s%s · %s · %s", data, beta, model, method);
        if (run[0])
            col += area_putf(a, 0, col, INK_TEXT, " · %s", run);
        if (h->parent[0])
            col += area_putf(a, 0, col, INK_DIM, "  from %.24s", h->parent);
        char step[32];
        format_grouped(step, h->step);
        snprintf(right, sizeof right, "%s · step %s%s%s", epoch, step, eta[0] ? " · " : "", eta);
        int at = a.cols - 1 - text_width(a.canvas, right);
        at = at < col + (int)strlen(state) + 3 ? col + (int)strlen(state) + 3 : at;
        area_putn(a, 0, at, INK_TEXT, right, a.cols - at);
        area_put(a, 0, at - 2 - (int)strlen(state), INK_BOLD | (loud ? INK_REVERSE : 0u), state);
        return;
    }
    char names[200];
    snprintf(names, sizeof names, "%s/%s%s%s ", data, method, run[0] ? " " : "", run);
    int right_need = (int)strlen(state) + 1 + (int)strlen(epoch) + 1 + (eta[0] ? (int)strlen(eta) + 1 : 0);
    int room = a.cols - col - right_need;
    if (text_width(a.canvas, names) > room)
        snprintf(names, sizeof names, "%s%s%s ", method, run[0] ? " " : "", run);
    if (text_width(a.canvas, names) <= room)
        col += area_put(a, 0, col, INK_TEXT, names);
    col += area_put(a, 0, col, INK_BOLD | (loud ? INK_REVERSE : 0u), state) + 1;
    col += area_put(a, 0, col, INK_TEXT, epoch) + 1;
    int bar = a.cols - col - (eta[0] ? (int)strlen(eta) + 1 : 0);
    progress_bar(a, 0, col, bar > 40 ? 40 : bar, h->epoch / total_epochs(s));
    area_put_right(a, 0, a.cols, INK_TEXT, eta);
}

/* Knobs change while training stands still: then those of the next step are shown, or of the last one when there is no other. */
static long knobs_epoch(const struct history *h)
{
    uint64_t step = strcmp(h->state, "paused") == 0 || h->step == 0 ? h->step : h->step - 1;
    return h->steps_per_epoch ? (long)(step / h->steps_per_epoch) : 0;
}

/* Parts in the order of their worth; one that does not fit whole is left out. */
static int put_part(struct area a, int col, unsigned ink, const char *text)
{
    return text_width(a.canvas, text) <= a.cols - col ? area_put(a, 1, col, ink, text) : 0;
}

/* A second stage: "crt 200", when it begins, and then "crt 3/30", its epoch of so many. */
static int second_part(struct area a, int col, const struct knobs *k, long epoch)
{
    const struct stage s = stage_at(k, knobs_epochs(k));
    const bool now = epoch >= s.first;
    char piece[64];
    if (!s.second)
        return 0;
    if (now)
        snprintf(piece, sizeof piece, "%s %ld/%ld  ", s.name, epoch - s.first + 1 < s.epochs ? epoch - s.first + 1 : s.epochs, s.epochs);
    else
        snprintf(piece, sizeof piece, "%s %ld%s  ", s.name, s.first, k->by_hand[KNOB_STAGE] ? "*" : "");
    return put_part(a, col, now ? INK_BOLD : INK_TEXT, piece);
}

/* "lr .0010  rho .50*  drw 160:ON" ; returns the columns */
static int knobs_part(const struct screen *s, struct area a, int col, bool wide)
{
    const struct knobs *k = s->view.knobs;
    const struct history *h = s->view.h;
    char text[16], piece[64], drw[SCHEDULE_TEXT_MAX];
    int start = col;
    bool ran = h->step > 0 && strcmp(h->state, "training") == 0;
    long epoch = knobs_epoch(h);
    const struct stage stage = stage_at(k, epoch);
    short_number(text, ran ? (double)h->lr : knobs_lr(k, epoch), !wide);
    snprintf(piece, sizeof piece, "lr %s%s  ", text, k->by_hand[stage.lr] ? "*" : "");
    col += put_part(a, col, INK_TEXT, piece);
    if (optimiser_uses_rho(knobs_optimiser_at(k, epoch))) {
        short_number(text, ran ? (double)h->rho : knobs_rho(k, epoch), !wide);
        snprintf(piece, sizeof piece, "rho %s%s  ", text, k->by_hand[stage.rho] ? "*" : "");
        col += put_part(a, col, INK_TEXT, piece);
        knob_format(KNOB_RHO_DRW, &k->v[KNOB_RHO_DRW], drw, sizeof drw);
        snprintf(piece, sizeof piece, "rho_drw %.12s  ", drw);
        if (wide && !stage.second && !knob_is(k, KNOB_WEIGHTS, "none") && strcmp(drw, "=") != 0)
            col += put_part(a, col, INK_TEXT, piece);
    }
    if (!knob_is(k, KNOB_WEIGHTS, "none") && !(stage.second && stage.own_loss)) {
        snprintf(piece, sizeof piece, "drw %ld%s%s  ", knob_int(k, KNOB_DRW), h->drw_on ? ":ON" : "", k->by_hand[KNOB_DRW] ? "*" : "");
        col += put_part(a, col, h->drw_on ? INK_BOLD : INK_TEXT, piece);
    }
    col += second_part(a, col, k, epoch);
    format_short(text, knobs_weight_decay(k, epoch), 5);
    snprintf(piece, sizeof piece, "wd %s%s  ", text, k->by_hand[stage.weight_decay] ? "*" : "");
    if (wide)
        col += put_part(a, col, INK_TEXT, piece);
    return col - start;
}

static int accuracy_part(const struct screen *s, struct area a, int col)
{
    const struct history *h = s->view.h;
    int start = col;
    if (!h->n_eval)
        return 0;
    const struct history_eval *e = &h->eval[h->n_eval - 1];
    col += area_putf(a, 1, col, INK_BOLD, "acc %.1f", e->acc);
    for (int g = 0; g < h->n_groups && g < 4; g++) {
        double acc = history_group_acc(h, h->n_eval - 1, g);
        if (isfinite(acc))
            col += area_putf(a, 1, col, group_ink(h, g), " %c%.1f", group_letter(h, g), acc);
    }
    return col - start;
}

/* The class with the smallest eigenvalue now, of the watched ones or else of all that were probed. NULL: none. */
static const struct history_eig *worst_saddle(const struct history *h)
{
    const struct history_eig *worst = NULL;
    for (int pass = 0; pass < 2 && !worst; pass++)
        for (int i = 0; i < h->n_classes; i++) {
            const struct history_eig *e = pass || h->cls[i].watched ? history_last_eig(h, (uint32_t)i) : NULL;
            if (e && isfinite(e->lmin) && (!worst || e->lmin < worst->lmin))
                worst = e;
        }
    return worst;
}

/* The numbers that one looks for from across the room: the tail's accuracy, how it moved, how it was at best, and the deepest saddle. */
static int headline(const struct screen *s, struct area a, int col)
{
    const struct history *h = s->view.h;
    const struct history_eig *e = worst_saddle(h);
    int start = col, tail = h->n_groups - 1;
    double now = h->n_eval && tail >= 0 ? history_group_acc(h, h->n_eval - 1, tail) : NAN, best = NAN, best_epoch = 0;
    for (size_t i = 0; i < h->n_eval && isfinite(now); i++) {
        double acc = history_group_acc(h, i, tail);
        if (isfinite(acc) && !(best >= acc)) {
            best = acc;
            best_epoch = h->eval[i].epoch;
        }
    }
    if (isfinite(now)) {
        double change = history_group_delta(h, tail, 10);
        unsigned ink = group_ink(h, tail) | INK_BOLD;
        col += area_putf(a, 1, col, ink, "%s %.1f ", h->n_groups > 1 ? "TAIL" : "ALL", now);
        if (isfinite(change))
            col += area_putf(a, 1, col, ink, "%s%.1f ", change >= 0.05 ? "▲" : change <= -0.05 ? "▼" : "=", fabs(change));
        if (best - now >= 0.05)
            col += area_putf(a, 1, col, INK_TEXT, "best %.1f@%.0f ", best, best_epoch);
        else
            col += area_put(a, 1, col, INK_TEXT, "best yet ");
    }
    if (e) {
        char number[16];
        format_eig(number, e->lmin);
        col += area_putf(a, 1, col, INK_BOLD, "λmin %s ", number);
        col += area_putf(a, 1, col, INK_TEXT, "of %u ", e->class);
    }
    return col > start ? col - start + area_put(a, 1, col, INK_DIM, "│ ") : 0;
}

static int zero_classes(const struct history *h)
{
    int n = 0;
    for (int i = 0; i < h->n_classes && h->n_eval; i++)
        n += history_class_acc(h, h->n_eval - 1, i) == 0;
    return n;
}

/* The cores of this process, or of the one that recorded what is shown. */
static double shown_cores(const struct screen *s)
{
    const struct history_status *told = s->view.replaying ? history_last_status(s->view.h) : NULL;
    if (s->view.replaying)
        return told ? told->cores : (double)NAN;
    return s->view.host ? host_get(s->view.host->cores, s->view.host->n, 0) : (double)NAN;
}

static void second_row(const struct screen *s, struct area a, bool wide)
{
    const struct history *h = s->view.h;
    char text[96], speed[32];
    int col = wide ? 1 : 0, zero = zero_classes(h);
    col += headline(s, a, col);
    if (a.cols - col < 14)
        return;
    col += knobs_part(s, a, col, wide);
    snprintf(text, sizeof text, "acc %.1f H%.1f M%.1f T%.1f", 99.9, 99.9, 99.9, 99.9);
    if (h->n_eval && a.cols - col >= (int)strlen(text) + 2) {
        col += area_put(a, 1, col, INK_DIM, "│ ");
        col += accuracy_part(s, a, col);
    }
    double rate = s->view.has_run && !s->view.replaying ? s->view.run.images_per_s : h->images_per_s;
    if (isfinite(rate)) {
        wide ? format_grouped(speed, (unsigned long long)llround(rate)) : (void)snprintf(speed, sizeof speed, "%.0f", rate);
        snprintf(text, sizeof text, "%s%s img/s ", wide ? " │ " : " | ", speed);
        col += put_part(a, col, INK_TEXT, text + (col > 0 && !h->n_eval));
    }
    if (s->view.has_run && !s->view.replaying && s->view.run.data_share >= 0.01) {
        snprintf(text, sizeof text, " data %.0f %% ", s->view.run.data_share * 100);
        col += put_part(a, col, INK_TEXT, text);
    }
    if (isfinite(h->best) && h->best >= 0) {
        snprintf(text, sizeof text, " best acc %.1f@%.0f%s ", h->best, h->best_epoch, history_best_on_test(h) ? " on test" : "");
        col += put_part(a, col, INK_DIM, text);
    }
    if (wide && zero > 0) {
        snprintf(text, sizeof text, " at 0%%: %d class%s ", zero, zero == 1 ? "" : "es");
        col += put_part(a, col, INK_TEXT, text);
    }
    const double cores = shown_cores(s);
    if (wide && isfinite(cores)) {
        snprintf(text, sizeof text, " cpu %.1f core ", cores);
        col += put_part(a, col, INK_TEXT, text);
    }
    if (wide && !s->view.replaying && isfinite(s->view.ui_share)) {
        snprintf(text, sizeof text, " ui %.1f%% ", s->view.ui_share * 100);
        put_part(a, col, INK_DIM, text);
    }
}

void header_paint(const struct screen *s, struct area a)
{
    bool wide = a.cols >= 110;
    char why[256];
    first_row(s, a, wide);
    if (s->view.has_session && session_waits(&s->view.session, why, sizeof why)) {
        area_putf(a, 1, 0, INK_WARN | INK_BOLD, "%s; training stands still until it can be written", why);
        return;
    }
    second_row(s, a, wide);
}

static int timeline_col(const struct screen *s, double epoch, int width)
{
    double total = total_epochs(s);
    int col = total > 0 ? (int)(epoch / total * width) : 0;
    return col < 0 ? 0 : col >= width ? width - 1 : col;
}

/* Paints the first row. cursor: the cell of the replay's moment, -1 = none; a mark that lies there keeps its letter. */
static void timeline_line(const struct screen *s, struct area a, int col, int width, bool snapshots, int cursor)
{
    const struct history *h = s->view.h;
    uint32_t taken[MARK_ROW_MAX / 32] = { 0 };
    int done = timeline_col(s, h->epoch, width);
    for (int i = 0; i < width; i++)
        area_char(a, 0, col + i, i <= done && h->step ? INK_TEXT : INK_DIM, i <= done && h->step ? 0x2501 : 0x2500);
    if (cursor >= 0)
        area_char(a, 0, col + cursor, INK_BOLD, 0x25cf);
    for (int pass = 0; pass < (snapshots ? 2 : 1); pass++) /* snapshots get what the marks leave */
        for (size_t i = 0; i < h->n_mark; i++) {
            const struct history_mark *m = &h->mark[i];
            if ((m->letter == 'S') != (pass == 1) || (m->letter == 'S' && !m->by_hand))
                continue;
            int at = mark_place(taken, width, timeline_col(s, m->epoch, width));
            bool here = s->mark == i + 1 || at == cursor;
            if (at >= 0)
                area_char(a, 0, col + at, INK_MARK | (m->by_hand ? INK_BOLD : 0u) | (here ? INK_REVERSE : 0u), (uint32_t)m->letter);
        }
}

static int shown_pending(const struct screen *s)
{
    const struct history_status *told = s->view.replaying ? history_last_status(s->view.h) : NULL;
    if (!s->view.replaying)
        return s->view.has_run ? s->view.run.n_pending : 0;
    return told && told->n_pending < INT_MAX ? (int)told->n_pending : 0;
}

void timeline_paint(const struct screen *s, struct area a)
{
    const struct history *h = s->view.h;
    char right[96];
    double total = total_epochs(s);
    int percent = total > 0 ? (int)(100 * h->epoch / total) : 0;
    snprintf(right, sizeof right, " %d%% · %d pending", percent, shown_pending(s));
    int width = a.cols - 2 - text_width(a.canvas, right);
    if (width < 10)
        return;
    timeline_line(s, a, 1, width, true, -1);
    area_put(a, 0, 1 + width, INK_TEXT, right);
}

/* First in the row, so that a key never does something unexpected. */
static int state_of_keys(const struct screen *s, struct area a, int col)
{
    return area_put(a, 0, col, INK_BOLD, s->keys ? "KEYS" : s->vi_command ? "PROMPT vi" : "PROMPT");
}

static void replay_bar(const struct screen *s, struct area a)
{
    const struct replay_status *r = &s->view.replay;
    int col = a.cols >= 100;
    col += state_of_keys(s, a, col) + 1;
    col += area_putf(a, 0, col, INK_BOLD | INK_REVERSE, "%s %s %gx", r->live ? "VIEW" : "REPLAY", r->playing ? "▶" : "·", r->speed) + 2;
    col += area_putf(a, 0, col, INK_TEXT, "ep %.1f/%.6g  ", r->epoch, round(10 * total_epochs(s)) / 10);
    const char *keys = !s->keys       ? a.cols >= 100 ? "  Esc keys  F1 help" : "  Esc keys"
                       : a.cols >= 140  ? "  Space play  ←/→ eval  [ ] mark  , . event  < > speed  g goto  l live"
                       : a.cols >= 110 ? "  Space play  ←/→ eval  [ ] mark  ? keys"
                                       : "  ? keys";
    int width = a.cols - col - text_width(a.canvas, keys) - 2;
    if (width >= 10) {
        area_char(a, 0, col, INK_DIM, 0x251c);
        timeline_line(s, a, col + 1, width - 2, false, timeline_col(s, s->view.h->epoch, width - 2));
        area_char(a, 0, col + width - 1, INK_DIM, 0x2524);
        col += width;
    }
    area_put(a, 0, col, INK_TEXT, keys);
}

void hints_paint(const struct screen *s, struct area a)
{
    if (s->view.replaying && !s->view.replay.attached && !s->view.comparison && s->overlay == OVERLAY_NONE) {
        replay_bar(s, a);
        return;
    }
    int col = a.cols >= 100;
    col += state_of_keys(s, a, col) + (a.cols >= 100 ? 2 : 1);
    if (s->overlay != OVERLAY_NONE) {
        area_put(a, 0, col, INK_TEXT, "j k scroll  / filter  q close");
        return;
    }
    if (s->view.comparison && s->keys) {
        compare_hints(a, col);
        return;
    }
    if (!s->keys) {
        const char *const hints[] = { s->vi_mode ? s->vi_command ? "Esc keys" : "C-] or Esc Esc keys" : "Esc keys", "Tab completes", "PgUp/PgDn scroll", "C-r history", "F1 help", "M-1..6 pane", "C-c clears" };
        for (size_t i = 0; i < sizeof hints / sizeof hints[0] && col + (int)strlen(hints[i]) <= a.cols; i++)
            col += area_put(a, 0, col, INK_TEXT, hints[i]) + 2;
        return;
    }
    for (int order = 1; hint_action(order) != ACTION_NONE; order++) {
        const char *hint = action_table[hint_action(order)].hint;
        if (hint_action(order) == ACTION_PAUSE && strcmp(s->view.h->state, "paused") == 0)
            hint = "p resume";
        if (col + (int)strlen(hint) > a.cols)
            break;
        col += area_put(a, 0, col, INK_TEXT, hint) + 2;
    }
}
