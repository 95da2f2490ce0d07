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

int knob_trail_text(const struct history *h, enum knob_id knob, char *out, size_t size)
{
    struct knob_trail t = { .n = 0 };
    const double each = h->steps_per_epoch ? (double)h->steps_per_epoch : 1;
    size_t at = 0;
    out[0] = '\0';
    for (uint64_t since = 0, until; since != UINT64_MAX; since = until)
        if (knob_trail_add(&t, knob, knob_trail_next(h, knob, &at, &until), (double)since / each))
            knob_trail_put(&t, out, size);
    knob_trail_end(&t, out, size);
    return t.n;
}
