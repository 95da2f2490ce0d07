#include "config.h"
#include "session/summary.h"

#include <string.h>

#include "base/err.h"
#include "base/spread.h"
#include "session/knob_trail.h"

/* --- what goes into a line ------------------------------------------------------------------------------------------ */

/* Repeats of one method: everything that a recording says of its knobs is the same, but for the seed. */
static bool is_repeat(const struct history *a, const struct history *b)
{
    for (enum knob_id id = 0; id < KNOB_COUNT; id++)
        if (id != KNOB_SEED && !knob_of_machine(id) && knob_recorded(id) && !knob_trail_same(a, b, id))
            return false;
    return true;
}

static const struct history_eval *last_eval(const struct history *h)
{
    return &h->eval[h->n_eval - 1];
}

/* Column 0: all; then the groups. */
static double column_value(const struct history *h, int column)
{
    return column == 0 ? last_eval(h)->acc : last_eval(h)->group[column - 1];
}

static int check_runs(const struct summary_run *run, int n, struct err *err)
{
    for (int i = 0; i < n; i++) {
        const struct history *h = run[i].history;
        if (h->n_eval == 0)
            return err_set(err, ERR_DATA, "%s was not evaluated", run[i].name);
        bool same = h->n_groups == run[0].history->n_groups;
        for (int g = 0; same && g < h->n_groups; g++)
            same = strcmp(h->group_name[g], run[0].history->group_name[g]) == 0;
        if (!same)
            return err_set(err, ERR_INVALID, "%s has other groups of classes than %s", run[i].name, run[0].name);
    }
    return 0;
}

/* --- text ------------------------------------------------------------------------------------------------------------ */

static void put_tex(FILE *out, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '\\':
            fputs("\\textbackslash{}", out);
            break;
        case '~':
            fputs("\\textasciitilde{}", out);
            break;
        case '^':
            fputs("\\textasciicircum{}", out);
            break;
        case '_': case '%': case '&': case '#': case '$': case '{': case '}':
            putc('\\', out); /* fall through */
        default:
            putc(*text, out);
        }
}

static void put_markdown(FILE *out, const char *text)
{
    for (; *text; text++)
        fprintf(out, strchr("\\|*_`<[", *text) ? "\\%c" : "%c", *text);
}

static void put_words(FILE *out, const char *text, bool markdown)
{
    (markdown ? put_markdown : put_tex)(out, text);
}

/* "Head" of "head". */
static void put_title(FILE *out, const char *group, bool markdown)
{
    char text[32];
    snprintf(text, sizeof text, "%s", group);
    if (text[0] >= 'a' && text[0] <= 'z')
        text[0] = (char)(text[0] - 'a' + 'A');
    put_words(out, text, markdown);
}

static void put_top(FILE *out, const struct history *h, bool markdown)
{
    if (!markdown) {
        fputs("% \\usepackage{booktabs} in the preamble\n\\begin{tabular}{l", out);
        for (int g = 0; g <= h->n_groups; g++)
            putc('r', out);
        fputs("}\n\\toprule\nMethod & All", out);
    } else
        fputs("| Method | All", out);
    for (int g = 0; g < h->n_groups; g++) {
        fputs(markdown ? " | " : " & ", out);
        put_title(out, h->group_name[g], markdown);
    }
    fputs(markdown ? " |\n|---|---:" : " \\\\\n\\midrule\n", out);
    for (int g = 0; markdown && g < h->n_groups; g++)
        fputs("|---:", out);
    fputs(markdown ? "|\n" : "", out);
}

/* Mean and sample deviation of a column over the runs that repeat run i. */
static void put_mean(FILE *out, const struct summary_run *run, int n, int i, int column, bool markdown)
{
    struct spread over = { 0 };
    for (int k = i; k < n; k++)
        if (is_repeat(run[i].history, run[k].history))
            spread_add(&over, column_value(run[k].history, column));
    if (over.n == 0)
        fputs("--", out);
    else if (over.n == 1)
        fprintf(out, "%.2f", spread_mean(&over));
    else
        fprintf(out, markdown ? "%.2f ± %.2f" : "%.2f $\\pm$ %.2f", spread_mean(&over), spread_deviation(&over));
}

static bool is_first(const struct summary_run *run, int i)
{
    for (int k = 0; k < i; k++)
        if (is_repeat(run[k].history, run[i].history))
            return false;
    return true;
}

/* Two methods with the same words are told apart by the names of their runs. */
static bool is_ambiguous(const struct summary_run *run, int n, int i)
{
    for (int k = 0; k < n; k++)
        if (strcmp(run[k].method, run[i].method) == 0 && !is_repeat(run[k].history, run[i].history))
            return true;
    return false;
}

static void put_method(FILE *out, const struct summary_run *run, int n, int i, bool markdown)
{
    fputs(markdown ? "| " : "", out);
    put_words(out, run[i].method, markdown);
    if (is_ambiguous(run, n, i)) {
        fputs(" (", out);
        put_words(out, run[i].name, markdown);
        putc(')', out);
    }
    for (int column = 0; column <= run[i].history->n_groups; column++) {
        fputs(markdown ? " | " : " & ", out);
        put_mean(out, run, n, i, column, markdown);
    }
    fputs(markdown ? " |\n" : " \\\\\n", out);
}

/* What the numbers are, and of which runs: in a comment, so that nobody has to guess. */
static void put_note(FILE *out, const struct summary_run *run, int n, int i, bool markdown)
{
    const struct history *h = run[i].history;
    const char *val = history_best_on_test(h) ? "test" : "validation";
    fputs(markdown ? "<!-- " : "% ", out);
    fprintf(out, "%s: accuracy in %%, %s images, epoch %.6g, of", run[i].method, val, last_eval(h)->epoch);
    for (int k = i; k < n; k++)
        if (is_repeat(h, run[k].history)) {
            char seed[KNOB_TEXT_MAX];
            knob_format(KNOB_SEED, &run[k].history->knobs.v[KNOB_SEED], seed, sizeof seed);
            fprintf(out, " %s (seed %s", run[k].name, seed);
            if (last_eval(run[k].history)->epoch != last_eval(h)->epoch)
                fprintf(out, ", epoch %.6g", last_eval(run[k].history)->epoch);
            putc(')', out);
        }
    fputs(markdown ? " -->\n" : "\n", out);
}

int summary_put(FILE *out, const struct summary_run *run, int n, bool markdown, struct err *err)
{
    if (check_runs(run, n, err) < 0)
        return -1;
    for (int i = 0; i < n && !markdown; i++)
        if (is_first(run, i))
            put_note(out, run, n, i, markdown);
    put_top(out, run[0].history, markdown);
    for (int i = 0; i < n; i++)
        if (is_first(run, i))
            put_method(out, run, n, i, markdown);
    fputs(markdown ? "\n" : "\\bottomrule\n\\end{tabular}\n", out);
    for (int i = 0; i < n && markdown; i++)
        if (is_first(run, i))
            put_note(out, run, n, i, markdown);
    return 0;
}
