/* The grammar of a sweep: axes, points, names, and the lines of its file. */
#include "config.h"
#include "repl/sweep.h"

#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "repl/lex.h"
#include "session/session.h"

/* --- axes ---------------------------------------------------------------------------------------------------------- */

/* .05 .1 .2 .4 ... as far as the knob goes. */
static void fill_ladder(struct sweep_axis *a)
{
    char text[32];
    for (double rho = 0.05; a->n < SWEEP_VALUES; rho *= 2) {
        snprintf(text, sizeof text, "%.10g", rho);
        if (knob_parse(a->knob, text, &a->value[a->n], NULL) < 0)
            return;
        a->n++;
    }
}

static bool is_same(enum knob_id id, const struct knob_value *a, const struct knob_value *b)
{
    char one[KNOB_TEXT_MAX], other[KNOB_TEXT_MAX];
    knob_format(id, a, one, sizeof one);
    knob_format(id, b, other, sizeof other);
    return strcmp(one, other) == 0;
}

static int add_to_axis(struct sweep_axis *a, const char *text, struct err *err)
{
    const char *name = knob_table[a->knob].name;
    if (a->n == SWEEP_VALUES)
        return err_set(err, ERR_RANGE, "%s: more than %d values", name, SWEEP_VALUES);
    if (!text[0])
        return err_set(err, ERR_INVALID, "%s: a value is empty; expected %s=V,V,...", name, name);
    if (knob_parse(a->knob, text, &a->value[a->n], err) < 0)
        return -1;
    for (int i = 0; i < a->n; i++)
        if (is_same(a->knob, &a->value[i], &a->value[a->n]))
            return err_set(err, ERR_INVALID, "%s: %s is there twice", name, text);
    a->n++;
    return 0;
}

static int fill_axis(struct sweep_plan *p, struct sweep_axis *a, const char *list, struct err *err)
{
    char value[KNOB_TEXT_MAX];
    if (a->knob == KNOB_RHO && strcmp(list, "auto") == 0) {
        p->automatic = p->n_axes;
        fill_ladder(a);
        return 0;
    }
    for (;; list++) {
        const size_t n = strcspn(list, ",");
        snprintf(value, sizeof value, "%.*s", (int)(n < sizeof value ? n : sizeof value - 1), list);
        if (add_to_axis(a, value, err) < 0)
            return -1;
        list += n;
        if (!*list)
            return 0;
    }
}

bool sweep_takes(enum knob_id id)
{
    return knob_table[id].type != KNOB_TEXT && knob_recorded(id) && !knob_of_machine(id) && id != KNOB_SEED;
}

static int check_knob(const struct sweep_plan *p, enum knob_id id, struct err *err)
{
    if (id == KNOB_SEED)
        return err_set(err, ERR_INVALID, "seed: --seeds N takes so many");
    if (!sweep_takes(id))
        return err_set(err, ERR_INVALID, "%s is no part of a run's method; a knob with values is accepted, such as rho, drw, lr or loss", knob_table[id].name);
    for (int i = 0; i < p->n_axes; i++)
        if (p->axis[i].knob == id)
            return err_set(err, ERR_INVALID, "%s is there twice", knob_table[id].name);
    return p->n_axes == SWEEP_AXES ? err_set(err, ERR_RANGE, "more than %d knobs", SWEEP_AXES) : 0;
}

int sweep_axis_add(struct sweep_plan *p, const char *word, struct err *err)
{
    char name[64];
    const char *equals = strchr(word, '=');
    if (!equals || equals == word)
        return err_set(err, ERR_USAGE, "'%s' is no list of values; expected KNOB=V,V,... such as rho=.05,.1,.2", word);
    snprintf(name, sizeof name, "%.*s", (int)(equals - word), word);
    const int id = knob_find(name, err);
    if (id < 0 || check_knob(p, (enum knob_id)id, err) < 0)
        return -1;
    struct sweep_axis *a = &p->axis[p->n_axes];
    *a = (struct sweep_axis){ .knob = (enum knob_id)id };
    if (fill_axis(p, a, equals + 1, err) < 0)
        return -1;
    p->n_axes++;
    return 0;
}

static bool has_axis(const struct sweep_plan *p, enum knob_id id)
{
    for (int i = 0; i < p->n_axes; i++)
        if (p->axis[i].knob == id)
            return true;
    return false;
}

int sweep_check(const struct sweep_plan *p, struct err *err)
{
    double points = 1;
    if (p->n_axes == 0)
        return err_set(err, ERR_USAGE, "what is to be tried? KNOB=V,V,... such as rho=.05,.1,.2");
    for (int i = 0; i < p->n_axes; i++)
        points *= p->axis[i].n;
    if (points > SWEEP_POINTS)
        return err_set(err, ERR_RANGE, "%.0f combinations; at most %d are accepted", points, SWEEP_POINTS);
    if (p->automatic >= 0 && p->seeds < 2)
        return err_set(err, ERR_RANGE, "rho=auto needs --seeds 2 or more: one seed says nothing of noise");
    if (p->automatic >= 0 && p->early)
        return err_set(err, ERR_USAGE, "rho=auto compares whole runs; --early is for lists of values");
    if (p->early && (has_axis(p, KNOB_EPOCHS) || has_axis(p, KNOB_STEPS)))
        return err_set(err, ERR_USAGE, "--early compares runs at the same epoch; epochs and steps cannot be swept with it");
    if (p->early && knob_int(&p->base, KNOB_EVAL_EVERY) == 0)
        return err_set(err, ERR_USAGE, "--early compares evaluations, and eval_every is 0");
    return 0;
}

/* --- points -------------------------------------------------------------------------------------------------------- */

int sweep_points(const struct sweep_plan *p)
{
    int points = 1;
    for (int i = 0; i < p->n_axes; i++)
        points *= p->axis[i].n;
    return points;
}

int sweep_place(const struct sweep_plan *p, int point, int axis)
{
    for (int i = p->n_axes - 1; i > axis; i--)
        point /= p->axis[i].n;
    return point % p->axis[axis].n;
}

void sweep_knobs(const struct sweep_plan *p, int point, int seed, struct knobs *out)
{
    *out = p->base;
    for (int i = 0; i < p->n_axes; i++)
        out->v[p->axis[i].knob] = p->axis[i].value[sweep_place(p, point, i)];
    out->v[KNOB_SEED].num += seed;
}

void sweep_label(const struct sweep_plan *p, int point, int axis, char out[SWEEP_LABEL])
{
    char text[KNOB_TEXT_MAX];
    const struct sweep_axis *a = &p->axis[axis];
    knob_format(a->knob, &a->value[sweep_place(p, point, axis)], text, sizeof text);
    snprintf(out, SWEEP_LABEL, "%.31s", text);
}

/* What a session's name may not have becomes an underscore. */
void sweep_run_name(const struct sweep_plan *p, int point, int seed, char *out, size_t size)
{
    char label[SWEEP_LABEL];
    snprintf(out, size, "%s", p->name);
    for (int i = 0; i < p->n_axes; i++) {
        sweep_label(p, point, i, label);
        text_append(out, size, "-%s%s", knob_table[p->axis[i].knob].name, label);
    }
    text_append(out, size, "-s%.0f", knob_num(&p->base, KNOB_SEED) + seed);
    for (char *at = out; *at; at++)
        if (!strchr(session_letters, *at))
            *at = '_';
}

/* --- lines --------------------------------------------------------------------------------------------------------- */

/* What is as every run has it needs no line. */
static void put_knobs(const struct knobs *k, struct buf *out)
{
    struct knobs fresh;
    char value[KNOB_TEXT_MAX];
    knobs_init(&fresh);
    for (int id = 0; id < KNOB_COUNT; id++) {
        const bool ours = knob_table[id].when != KNOB_SCREEN && id != KNOB_DEVICE && id != KNOB_THREADS;
        if (!ours || (id != KNOB_DATA && is_same((enum knob_id)id, &k->v[id], &fresh.v[id])))
            continue;
        knob_format((enum knob_id)id, &k->v[id], value, sizeof value);
        buf_addf(out, "set %s ", knob_table[id].name);
        lex_quote(out, value);
        buf_addc(out, '\n');
    }
}

void sweep_lines(const struct sweep_plan *p, const struct knobs *k, struct buf *out)
{
    put_knobs(k, out);
    if (p->more.data)
        buf_adds(out, p->more.data);
}

static void put_axis(const struct sweep_plan *p, int axis, struct buf *out)
{
    const struct sweep_axis *a = &p->axis[axis];
    char value[KNOB_TEXT_MAX];
    struct buf word = { 0 };
    buf_addf(&word, "%s=", knob_table[a->knob].name);
    if (axis == p->automatic)
        buf_adds(&word, "auto");
    for (int i = 0; i < a->n && axis != p->automatic; i++) {
        knob_format(a->knob, &a->value[i], value, sizeof value);
        buf_addf(&word, "%s%s", i ? "," : "", value);
    }
    buf_addc(out, ' ');
    lex_quote(out, word.data ? word.data : "");
    out->failed |= word.failed;
    buf_release(&word);
}

void sweep_command(const struct sweep_plan *p, struct buf *out)
{
    buf_adds(out, "sweep");
    for (int i = 0; i < p->n_axes; i++)
        put_axis(p, i, out);
    buf_addf(out, " --seeds %d%s --name %s", p->seeds, p->early ? " --early median" : "", p->name);
}

/* "set NAME VALUE" and nothing else on the line. */
static int take_set(struct sweep_plan *p, const char *line, bool *taken, struct err *err)
{
    struct lexed l;
    int at;
    *taken = false;
    if (lex_line(line, &l, &at, err) < 0)
        return -1;
    int result = 0;
    if (l.n_words == 3 && strncmp(line, "set ", 4) == 0) {
        *taken = true;
        result = knobs_set(&p->base, l.word[1].text, l.word[2].text, err);
    }
    lex_release(&l);
    return result;
}

int sweep_read(struct sweep_plan *p, char *text, const char **command, struct err *err)
{
    *command = NULL;
    knobs_init(&p->base);
    for (char *line = text, *end; *line; line = end) {
        bool taken = false;
        end = line + strcspn(line, "\n");
        if (*end)
            *end++ = '\0';
        if (line[0] == '#' || !line[0])
            continue;
        if (!*end) {
            *command = line;
            break;
        }
        if (take_set(p, line, &taken, err) < 0)
            return -1;
        if (!taken)
            buf_addf(&p->more, "%s\n", line);
    }
    return *command ? 0 : err_set(err, ERR_DATA, "there is no command in it");
}

void sweep_release(struct sweep_plan *p)
{
    buf_release(&p->more);
}
