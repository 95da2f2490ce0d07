#include "config.h"
#include "session/knob_trail.h"

#include <string.h>

#include "base/text.h"

enum { MOST = 6 };

bool knob_trail_add(struct knob_trail *t, enum knob_id knob, const struct knob_value *value, double epoch)
{
    char text[KNOB_TEXT_MAX];
    knob_format(knob, value, text, sizeof text);
    if (t->n > 0 && strcmp(text, t->text) == 0)
        return false;
    memcpy(t->text, text, sizeof text);
    t->epoch = epoch;
    t->n++;
    return true;
}

bool knob_trail_moved(const char *before, const char *now)
{
    return strncmp(before, "auto", 4) == 0 && strncmp(now, "auto", 4) == 0;
}

static const char *trail_value(const struct knob_trail *t)
{
    return t->text[0] ? t->text : "''";
}

void knob_trail_put(const struct knob_trail *t, char *out, size_t size)
{
    if (t->n == 1)
        text_append(out, size, "%s", trail_value(t));
    else if (t->n <= MOST)
        text_append(out, size, " > %s@%.4g", trail_value(t), t->epoch);
}

void knob_trail_end(const struct knob_trail *t, char *out, size_t size)
{
    if (t->n > MOST)
        text_append(out, size, " > ... %d more, the last %s@%.4g", t->n - MOST, trail_value(t), t->epoch);
}

/* Each change knows what was before it: what it brought is what the next one found. */
const struct knob_value *knob_trail_next(const struct history *h, enum knob_id knob, size_t *at, uint64_t *until)
{
    while (*at < h->n_set && h->set[*at].knob != knob)
        ++*at;
    *until = *at < h->n_set ? h->set[*at].step : UINT64_MAX;
    return *at < h->n_set ? &h->set[(*at)++].before : &h->knobs.v[knob];
}

struct trail_walk { /* through one knob's values in a history */
    const struct history *h;
    size_t at;
    uint64_t since;
    struct knob_trail value;
};

/* On to the next value that is another one; false: no more. */
static bool next_other_value(struct trail_walk *w, enum knob_id knob)
{
    const double each = w->h->steps_per_epoch ? (double)w->h->steps_per_epoch : 1;
    while (w->since != UINT64_MAX) {
        const double epoch = (double)w->since / each;
        if (knob_trail_add(&w->value, knob, knob_trail_next(w->h, knob, &w->at, &w->since), epoch))
            return true;
    }
    return false;
}

int knob_trail_text(const struct history *h, enum knob_id knob, char *out, size_t size)
{
    struct trail_walk w = { .h = h };
    out[0] = '\0';
    while (next_other_value(&w, knob))
        knob_trail_put(&w.value, out, size);
    knob_trail_end(&w.value, out, size);
    return w.value.n;
}

/* The same without the moves of `rho auto`. */
static bool next_value_set(struct trail_walk *w, enum knob_id knob)
{
    char before[KNOB_TEXT_MAX];
    do {
        memcpy(before, w->value.text, sizeof before);
        if (!next_other_value(w, knob))
            return false;
    } while (knob_trail_moved(before, w->value.text));
    return true;
}

bool knob_trail_same(const struct history *a, const struct history *b, enum knob_id knob)
{
    struct trail_walk x = { .h = a }, y = { .h = b };
    for (;;) {
        const bool more = next_value_set(&x, knob);
        if (next_value_set(&y, knob) != more)
            return false;
        if (!more)
            return true;
        if (strcmp(x.value.text, y.value.text) != 0 || x.value.epoch != y.value.epoch)
            return false;
    }
}
