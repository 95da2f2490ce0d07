/* The numbers of reproduced rows: read from recordings, and told as text, CSV, LaTeX and figures. */
#include "config.h"
#include "repl/bench.h"
#include "repl/reproduce.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/spread.h"
#include "base/text.h"
#include "session/csv.h"

/* --- read ---------------------------------------------------------------------------------------------------------- */

static double cell_of(const struct history *h, const struct history_eval *e, int cell)
{
    if (cell == PAPER_ACC)
        return e->acc;
    for (int g = 0; g < h->n_groups; g++)
        if (strcmp(h->group_name[g], paper_cell_name[cell]) == 0)
            return e->group[g];
    return NAN;
}

static void read_spectra(const struct reproduction *p, struct reproduced_row *r, const struct history *h)
{
    for (int i = 0; i < p->n_classes; i++) {
        const struct history_eig *e = p->class[i] < h->n_classes ? history_last_eig(h, (uint32_t)p->class[i]) : NULL;
        struct reproduced_spectrum *s = &r->spectrum[i];
        if (!e)
            continue;
        *s = (struct reproduced_spectrum){ .there = true, .n = h->cls[p->class[i]].n, .images = e->images, .epoch = e->epoch, .loss = e->loss,
                                           .lmin = e->lmin, .lmax = e->lmax, .rmin = e->rmin, .rmax = e->rmax, .below = figure_share_below(e) };
        snprintf(s->name, sizeof s->name, "%s", h->cls[p->class[i]].name);
    }
}

static double best_of(const struct history *h)
{
    double best = NAN;
    for (size_t i = 0; i < h->n_eval; i++)
        best = fmax(best, h->eval[i].acc);
    return best;
}

int reproduce_read(struct reproduction *p, struct reproduced_row *r, const char *const *dir, int n, struct err *err)
{
    struct spread cell[PAPER_CELLS] = { 0 }, best = { 0 };
    r->n = 0;
    for (int i = 0; i < n; i++) {
        if (!dir[i])
            continue;
        struct recording *rec = whole_recording(dir[i], err);
        struct history *h = rec ? whole_history(rec, dir[i], err) : NULL;
        recording_close(rec);
        if (!h)
            return -1;
        if (h->n_eval > 0) {
            r->n++;
            for (int k = 0; k < PAPER_CELLS; k++)
                spread_add(&cell[k], cell_of(h, &h->eval[h->n_eval - 1], k));
            spread_add(&best, best_of(h));
        }
        if (p->n_classes && !r->first) {
            read_spectra(p, r, h);
            r->first = h;
        } else
            whole_drop(h);
    }
    for (int k = 0; k < PAPER_CELLS; k++) {
        r->mean[k] = spread_mean(&cell[k]);
        r->sd[k] = spread_deviation(&cell[k]);
    }
    r->best = spread_mean(&best);
    return 0;
}

void reproduce_release(struct reproduction *p)
{
    for (int i = 0; i < p->n; i++)
        whole_drop(p->row[i].first);
}

/* --- text ---------------------------------------------------------------------------------------------------------- */

static void ours_text(const struct reproduced_row *r, int cell, char *out, size_t size)
{
    if (isnan(r->mean[cell]))
        snprintf(out, size, "%s", r->row->cannot || r->why[0] ? "-" : ".");
    else if (isnan(r->sd[cell]))
        snprintf(out, size, "%.1f", r->mean[cell]);
    else
        snprintf(out, size, "%.1f+-%.1f", r->mean[cell], r->sd[cell]);
}

static void published_text(double value, char *out, size_t size)
{
    if (isnan(value))
        snprintf(out, size, "?");
    else
        snprintf(out, size, "%.1f", value);
}

static void say_reproduced_row(const struct reproduced_row *r, reproduce_say *say, void *ctx)
{
    char line[256] = "", label[64], published[16], ours[24];
    paper_label(r->row, label, sizeof label);
    text_append(line, sizeof line, "%-20.20s", label);
    for (int k = 0; k < PAPER_CELLS; k++) {
        published_text(r->row->cell[k], published, sizeof published);
        ours_text(r, k, ours, sizeof ours);
        text_append(line, sizeof line, " %4s %-9s", published, ours);
    }
    if (!isnan(r->row->rho))
        text_append(line, sizeof line, " rho %g", r->row->rho);
    for (size_t n = strlen(line); n > 0 && line[n - 1] == ' ';)
        line[--n] = '\0'; /* a line that fits does not wrap for blanks */
    say(ctx, line);
}

/* Of a figure: a line for each panel, of 80 columns in a box. */
static void say_spectra(const struct reproduction *p, reproduce_say *say, void *ctx)
{
    char line[256], label[64];
    say(ctx, "   run, class                      n  loss     lmin      lmax      below 0");
    for (int i = 0; i < p->n; i++)
        for (int k = 0; k < p->n_classes; k++) {
            const struct reproduced_spectrum *s = &p->row[i].spectrum[k];
            paper_label(p->row[i].row, label, sizeof label);
            if (s->there)
                snprintf(line, sizeof line, "%c  %-17.17s %d %-9.9s %5u  %-8.4g %-9.4g %-9.4g %.2g %%", 'A' + i * p->n_classes + k, label, p->class[k],
                         s->name, s->n, s->loss, s->lmin, s->lmax, 100 * s->below);
            else
                snprintf(line, sizeof line, "%c  %-17.17s %d no spectrum yet", 'A' + i * p->n_classes + k, label, p->class[k]);
            say(ctx, line);
        }
}

/* A row's label, with its data where those of the table are not all the same. */
static void name_odd_row(const struct reproduction *p, const struct paper_row *r, char *out, size_t size)
{
    char label[64];
    bool several = false;
    for (int i = 1; i < p->n; i++)
        several |= strcmp(p->row[i].row->data, p->row[0].row->data) != 0;
    paper_label(r, label, sizeof label);
    snprintf(out, size, "%s%s%s", several ? r->data : "", several ? " " : "", label);
}

/* What is odd about a number, once for all rows of which it is said. */
static void say_odd_numbers(const struct reproduction *p, reproduce_say *say, void *ctx)
{
    char line[600], label[128];
    for (int i = 0; i < p->n; i++) {
        const struct paper_row *r = p->row[i].row;
        bool said = !r->note;
        for (int k = 0; k < i && !said; k++)
            said = p->row[k].row->note && strcmp(p->row[k].row->note, r->note) == 0;
        if (said)
            continue;
        snprintf(line, sizeof line, "%s", "");
        for (int k = i; k < p->n; k++)
            if (p->row[k].row->note && strcmp(p->row[k].row->note, r->note) == 0) {
                name_odd_row(p, p->row[k].row, label, sizeof label);
                text_append(line, sizeof line, "%s%s", line[0] ? ", " : "", label);
            }
        text_append(line, sizeof line, ": %s", r->note);
        say(ctx, line);
    }
}

static void say_not_run(const struct reproduction *p, reproduce_say *say, void *ctx)
{
    char line[600], label[64];
    for (int i = 0; i < p->n; i++) {
        const struct reproduced_row *r = &p->row[i];
        if (!r->row->cannot && !r->why[0])
            continue;
        paper_label(r->row, label, sizeof label);
        snprintf(line, sizeof line, "not run: %s %s: %s", r->row->data, label, r->row->cannot ? r->row->cannot : r->why);
        say(ctx, line);
    }
}

static void tell_way(const struct reproduction *p, char *out, size_t size)
{
    snprintf(out, size, "%s: %s; paper, ours at the last epoch%s", paper_tables[p->of].word, paper_tables[p->of].title,
             p->seeds > 1 ? ", mean+-deviation over seeds" : "");
    if (p->way.epochs)
        text_append(out, size, "; ours shortened to %ld epoch%s", p->way.epochs, p->way.epochs == 1 ? "" : "s");
    if (p->way.model)
        text_append(out, size, "; ours %s", p->way.model);
    if (p->way.math[0])
        text_append(out, size, "; ours in math %s", p->way.math);
}

void reproduce_text(const struct reproduction *p, reproduce_say *say, void *ctx)
{
    char line[300];
    const char *data = "";
    tell_way(p, line, sizeof line);
    say(ctx, line);
    say(ctx, "row                  acc            head           mid            tail");
    for (int i = 0; i < p->n; i++) {
        if (strcmp(data, p->row[i].row->data) != 0) {
            data = p->row[i].row->data;
            say(ctx, data);
        }
        say_reproduced_row(&p->row[i], say, ctx);
    }
    if (p->n_classes)
        say_spectra(p, say, ctx);
    say(ctx, "? no number that can be read in the paper   . not done yet   - not run");
    say_odd_numbers(p, say, ctx);
    say_not_run(p, say, ctx);
}

/* --- CSV ----------------------------------------------------------------------------------------------------------- */

static void csv_begin(FILE *out, const struct reproduction *p, const struct reproduced_row *r, const char *metric, const char *class)
{
    fprintf(out, "%s,%s,%d,%s,", paper_tables[p->of].word, r->row->data, r->row->beta, r->row->method);
    if (!isnan(r->row->rho))
        csv_put_number(out, r->row->rho);
    fprintf(out, ",%s,", metric);
    csv_put_text(out, class);
    putc(',', out);
}

static void csv_end(FILE *out, double published, double ours, double deviation, int runs)
{
    const double value[] = { published, ours, deviation };
    for (int i = 0; i < 3; i++) {
        if (!isnan(value[i]))
            csv_put_number(out, value[i]);
        else if (i == 0)
            putc('?', out);
        putc(',', out);
    }
    fprintf(out, "%d,", runs);
}

static void csv_spectra(FILE *out, const struct reproduction *p, const struct reproduced_row *r)
{
    for (int k = 0; k < p->n_classes; k++) {
        const struct reproduced_spectrum *s = &r->spectrum[k];
        const struct {
            const char *name;
            double value, bound;
        } rows[] = { { "loss", s->loss, NAN }, { "lmin", s->lmin, s->rmin }, { "lmax", s->lmax, s->rmax }, { "below_zero", s->below, NAN },
                     { "images", s->images, NAN } };
        for (size_t i = 0; s->there && i < sizeof rows / sizeof *rows; i++) {
            csv_begin(out, p, r, rows[i].name, s->name);
            csv_end(out, NAN, rows[i].value, rows[i].bound, 1);
            fputs(isnan(rows[i].bound) ? "\n" : "deviation is the residual bound\n", out);
        }
    }
}

int reproduce_csv(FILE *out, const struct reproduction *p, struct err *err)
{
    (void)err;
    fputs("table,data,beta,method,rho,metric,class,paper,ours,deviation,runs,note\n", out);
    for (int i = 0; i < p->n; i++) {
        const struct reproduced_row *r = &p->row[i];
        const char *note = r->row->cannot ? r->row->cannot : r->why[0] ? r->why : r->row->note ? r->row->note : "";
        for (int k = 0; k < PAPER_CELLS; k++) {
            csv_begin(out, p, r, paper_cell_name[k], "");
            csv_end(out, r->row->cell[k], r->mean[k], r->sd[k], r->n);
            csv_put_text(out, note);
            putc('\n', out);
        }
        csv_begin(out, p, r, "best_acc", "");
        csv_end(out, NAN, r->best, NAN, r->n);
        fputs("of all epochs; chosen on test images\n", out);
        csv_spectra(out, p, r);
    }
    return 0;
}

/* --- LaTeX --------------------------------------------------------------------------------------------------------- */

static void tex_ours(FILE *out, const struct reproduced_row *r, int cell)
{
    if (isnan(r->mean[cell]))
        fputs("--", out);
    else if (isnan(r->sd[cell]))
        fprintf(out, "%.1f", r->mean[cell]);
    else
        fprintf(out, "$%.1f \\pm %.1f$", r->mean[cell], r->sd[cell]);
}

static void tex_spectra(FILE *out, const struct reproduction *p)
{
    char label[64];
    fputs("\n\\begin{tabular}{llrrrrr}\n\\toprule\nRun & Class & $n$ & Loss & $\\lambda_{\\min}$ & $\\lambda_{\\max}$ & Below 0 (\\%) \\\\\n\\midrule\n", out);
    for (int i = 0; i < p->n; i++)
        for (int k = 0; k < p->n_classes; k++) {
            const struct reproduced_spectrum *s = &p->row[i].spectrum[k];
            paper_label(p->row[i].row, label, sizeof label);
            if (s->there)
                fprintf(out, "%s & %d & %u & %.3g & $%.3g$ & %.4g & %.2g \\\\\n", label, p->class[k], s->n, s->loss, s->lmin, s->lmax, 100 * s->below);
        }
    fputs("\\bottomrule\n\\end{tabular}\n", out);
}

int reproduce_tex(FILE *out, const struct reproduction *p, struct err *err)
{
    char label[64], published[16], way[300];
    (void)err;
    tell_way(p, way, sizeof way);
    fprintf(out, "%% %s\n%% \\usepackage{booktabs} in the preamble; ?: no number that can be read in the paper's text\n", way);
    fputs("\\begin{tabular}{llrrrrrrrr}\n\\toprule\n & & \\multicolumn{2}{c}{All} & \\multicolumn{2}{c}{Head} & \\multicolumn{2}{c}{Mid} & "
          "\\multicolumn{2}{c}{Tail} \\\\\nData & Method & paper & ours & paper & ours & paper & ours & paper & ours \\\\\n\\midrule\n", out);
    for (int i = 0; i < p->n; i++) {
        paper_label(p->row[i].row, label, sizeof label);
        fprintf(out, "%s & %s", p->row[i].row->data, label);
        for (int k = 0; k < PAPER_CELLS; k++) {
            published_text(p->row[i].row->cell[k], published, sizeof published);
            fprintf(out, " & %s & ", published);
            tex_ours(out, &p->row[i], k);
        }
        fputs(" \\\\\n", out);
    }
    fputs("\\bottomrule\n\\end{tabular}\n", out);
    if (p->n_classes)
        tex_spectra(out, p);
    return 0;
}

/* --- figures ------------------------------------------------------------------------------------------------------- */

int reproduce_figure(FILE *out, const struct reproduction *p, bool png, struct err *err)
{
    struct figure_points_row row[REPRODUCE_ROWS];
    char label[REPRODUCE_ROWS][96], name[64], title[300];
    struct figure_panels panels = { .title = title, .n_runs = p->n, .n_classes = p->n_classes };
    snprintf(title, sizeof title, "%s", paper_tables[p->of].title);
    if (p->way.model)
        text_append(title, sizeof title, ", %s", p->way.model);
    if (p->way.epochs)
        text_append(title, sizeof title, ", %ld epochs", p->way.epochs);
    if (p->way.math[0])
        text_append(title, sizeof title, ", math %s", p->way.math);
    for (int i = 0; i < p->n; i++) {
        const struct reproduced_row *r = &p->row[i];
        paper_label(r->row, name, sizeof name);
        if (p->of == PAPER_FIG4)
            snprintf(label[i], sizeof label[i], "%s", r->row->method);
        else
            snprintf(label[i], sizeof label[i], "%s %s", r->row->data, name);
        row[i] = (struct figure_points_row){ .label = label[i], .panel = r->row->data, .rho = r->row->rho, .published = { r->row->cell[PAPER_ACC], r->row->cell[PAPER_TAIL] },
                                             .ours = { r->mean[PAPER_ACC], r->mean[PAPER_TAIL] }, .deviation = { r->sd[PAPER_ACC], r->sd[PAPER_TAIL] } };
        if (p->n_classes && i < FIGURE_PANELS_DOWN) {
            panels.run[i] = r->first;
            panels.label[i] = r->row->method;
        }
    }
    for (int k = 0; k < p->n_classes; k++)
        panels.class[k] = p->class[k];
    const enum figure_format format = png ? FIGURE_PNG : FIGURE_SVG;
    const struct figure_points points = { .title = title, .n = p->n, .row = row };
    if (p->n_classes)
        return figure_panels_put(out, &panels, format, err);
    return p->of == PAPER_FIG4 ? figure_radii_put(out, &points, format, err) : figure_points_put(out, &points, format, err);
}
