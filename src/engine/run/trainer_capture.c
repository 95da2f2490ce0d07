#include "config.h"
#include "engine/run/trainer_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The contents of a snapshot of this moment. */

static char **texts_new(size_t n)
{
    return calloc(n + 1, sizeof(char *));
}

/* A condition that is met acts at this very step: the evaluation that met it is not made again by who takes the run up here. */
static void waiting_text(const struct trainer *t, const struct queued *q, char *out, size_t size)
{
    struct command c = q->c;
    if (c.when == WHEN_IF && q->due) {
        c.when = WHEN_STEP;
        c.when_value = (double)t->learner.step;
    }
    trainer_command_text(&c, true, out, size);
}

static char **pending_texts(const struct trainer *t)
{
    size_t n = 0;
    for (const struct queued *q = t->pending; q; q = q->next)
        n++;
    char **texts = texts_new(n), text[COMMAND_TEXT_MAX * 2];
    n = 0;
    for (const struct queued *q = t->pending; texts && q; q = q->next) {
        waiting_text(t, q, text, sizeof text);
        trainer_hide_folder(&q->c, text);
        texts[n++] = strdup(text);
    }
    return texts;
}

static char **watched_texts(const struct trainer *t)
{
    char **texts = texts_new((size_t)t->learner.net.classes), text[16];
    int n = 0;
    for (int c = 0; texts && c < t->learner.net.classes; c++)
        if (t->watched[c]) {
            snprintf(text, sizeof text, "%d", c);
            texts[n++] = strdup(text);
        }
    return texts;
}

struct train_state *train_state_capture(struct trainer *t)
{
    struct train_state *s = learner_capture(&t->learner);
    if (!s)
        return NULL;
    s->best = t->best;
    s->best_epoch = t->best_epoch;
    s->rho_auto = t->rho_auto;
    s->knobs = knobs_texts(&t->learner.knobs);
    s->pending = pending_texts(t);
    s->watched = watched_texts(t);
    if (s->knobs && s->pending && s->watched)
        return s;
    train_state_free(s);
    return NULL;
}
