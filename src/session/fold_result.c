/* Measurements as the rows of events.def describe them: kept in the order in which they were told, each in one block. Numbers of a file are
 * used only when they are what they should be: of a class that exists, along an axis that is finite and ascending. */
#include "config.h"
#include "session/fold.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { RESULT_TEXT_MAX = 24 };

void fold_drop_results(struct history *h, uint64_t after, bool all)
{
    for (int m = 0; m < MEASURES; m++) {
        struct history_results *list = &h->result[m];
        size_t kept = 0;
        for (size_t i = 0; i < list->n; i++)
            if (all || list->at[i].step > after)
                free((void *)(uintptr_t)list->at[i].f);
            else
                list->at[kept++] = list->at[i];
        list->n = kept;
    }
}

/* --- what may be kept ------------------------------------------------------------------------------------------------- */

static bool is_axis(const struct event_field *f, uint32_t least)
{
    for (uint32_t i = 0; i < f->n; i++)
        if (!isfinite(f->f64s[i]) || (i && f->f64s[i] < f->f64s[i - 1]))
            return false;
    return f->n >= least && (f->n == 0 || isfinite(f->f64s[f->n - 1] - f->f64s[0]));
}

static bool is_sound(const struct history *h, const struct measure_info *m, const struct event *e)
{
    if (m->class_index >= 0 && e->f[m->class_index].u >= (uint64_t)h->n_classes)
        return false;
    if (m->axis < 0)
        return true;
    for (const struct measure_column *c = m->column; c->name; c++)
        if (c->field >= 0 && event_table[m->kind].field[c->field].type == EVENT_F64S && e->f[c->field].n != e->f[m->axis].n)
            return false;
    return is_axis(&e->f[m->axis], m->least);
}

/* --- a copy in one block ----------------------------------------------------------------------------------------------- */

static size_t number_size(enum event_type type)
{
    return type == EVENT_STRS ? 0 : event_entry_size(type);
}

static size_t block_bytes(const struct event_info *info, const struct event_field *f)
{
    size_t bytes = (size_t)info->n_fields * sizeof *f;
    for (int i = 0; i < info->n_fields; i++)
        bytes += info->field[i].type == EVENT_STR ? RESULT_TEXT_MAX : f[i].n * number_size(info->field[i].type);
    return bytes;
}

/* The lists whose numbers have `size` bytes; where what follows them goes. */
static char *copy_lists(const struct event_info *info, struct event_field *out, char *to, size_t size)
{
    for (int i = 0; i < info->n_fields; i++) {
        const size_t bytes = out[i].n * size;
        if (number_size(info->field[i].type) != size)
            continue;
        if (bytes)
            memcpy(to, out[i].f64s, bytes);
        out[i].f64s = (const double *)(const void *)to;
        to += bytes;
    }
    return to;
}

/* NULL: no memory. Large numbers come first, so that each stands where it may. */
static const struct event_field *copy_fields(const struct event *e)
{
    const struct event_info *info = &event_table[e->kind];
    struct event_field *out = malloc(block_bytes(info, e->f));
    if (!out)
        return NULL;
    memcpy(out, e->f, (size_t)info->n_fields * sizeof *out);
    char *to = copy_lists(info, out, (char *)(out + info->n_fields), sizeof(double));
    to = copy_lists(info, out, to, sizeof(float));
    for (int i = 0; i < info->n_fields; i++) {
        if (info->field[i].type == EVENT_STRS)
            out[i].n = 0;
        if (info->field[i].type != EVENT_STR)
            continue;
        text_safe(e->f[i].s, to, RESULT_TEXT_MAX);
        out[i].s = to;
        to += RESULT_TEXT_MAX;
    }
    return out;
}

void fold_result(struct history *h, const struct event *e)
{
    const struct measure_info *m = measure_of_event(e->kind);
    struct history_results *list = &h->result[measure_number(m)];
    h->progress_what[0] = '\0';
    if (m->class_index >= 0)
        fold_drop_live(h);
    if (!is_sound(h, m, e))
        return;
    struct history_result *grown = fold_grow(h, list->at, list->n, sizeof *list->at);
    if (!grown)
        return;
    list->at = grown;
    const struct event_field *f = copy_fields(e);
    if (!f) {
        h->failed = true;
        return;
    }
    struct history_result *r = &list->at[list->n++];
    *r = (struct history_result){ .step = fold_weights(e, &f[m->of]), .wall_ns = fold_wall(h, e), .epoch = f[m->epoch].f, .n = 1, .f = f };
    r->class = m->class_index >= 0 ? (uint32_t)f[m->class_index].u : 0;
    if (m->axis >= 0 || m->places)
        r->n = m->axis >= 0 ? f[m->axis].n : measure_places(m);
    fold_say_result(h, m, r, e);
}

/* --- questions ------------------------------------------------------------------------------------------------------- */

const struct history_result *history_last(const struct history *h, enum measure measure, int class)
{
    const struct history_results *list = &h->result[measure];
    for (size_t i = list->n; i > 0; i--)
        if (class < 0 || (int)list->at[i - 1].class == class)
            return &list->at[i - 1];
    return NULL;
}

const struct history_result *history_last_reading(const struct history *h, bool with_tau)
{
    const struct history_results *list = &h->result[MEASURE_READING];
    for (size_t i = list->n; i > 0; i--)
        if (!with_tau || list->at[i - 1].n > 1)
            return &list->at[i - 1];
    return NULL;
}

bool history_reading_is_biased(const struct history_result *r)
{
    return strcmp(r->f[EV_READING_CHOSEN].s, "test") == 0;
}
