#include "config.h"
#include "session/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/session.h"

#define LONGEST_GAP_NS UINT64_C(5000000000) /* a pause of the recording is shown as five seconds */

void stream_init(struct stream *s)
{
    memset(s, 0, sizeof *s);
    history_init(&s->history);
}

void stream_release(struct stream *s)
{
    if (s->source)
        recording_close(s->source);
    free(s->time_ns);
    history_release(&s->history);
    memset(s, 0, sizeof *s);
}

/* Events count nanoseconds from the opening of their segment; here they get one clock without its long pauses. */
static int extend_times(struct stream *s)
{
    size_t n = recording_count(s->source);
    uint64_t *more = realloc(s->time_ns, sizeof *more * (n + 1));
    if (!more)
        return -1;
    s->time_ns = more;
    for (size_t i = s->n_times; i < n; i++) {
        uint64_t at = recording_event(s->source, i)->ns, before = i ? recording_event(s->source, i - 1)->ns : at;
        uint64_t gap = at > before ? at - before : 0;
        more[i] = (i ? more[i - 1] : 0) + (gap > LONGEST_GAP_NS ? LONGEST_GAP_NS : gap);
    }
    s->n_times = n;
    return 0;
}

static int check_source(struct stream *s, struct err *err)
{
    const char *damage = recording_damage(s->source, NULL);
    if (recording_count(s->source) == 0)
        return err_set(err, ERR_DATA, "'%s' holds no events%s%s", s->dir, damage ? "; " : "", damage ? damage : "");
    return extend_times(s) == 0 ? 0 : err_set(err, ERR_MEMORY, "no memory for the recording");
}

int stream_open(struct stream *s, const char *dir, struct err *err)
{
    struct stream new;
    stream_init(&new);
    snprintf(new.dir, sizeof new.dir, "%s", dir);
    new.source = recording_open(dir, err);
    if (!new.source || check_source(&new, err) < 0) {
        stream_release(&new);
        return -1;
    }
    stream_release(s);
    *s = new;
    stream_fold_to(s, s->n_times);
    return 0;
}

/* --- the cursor ---------------------------------------------------------------------------------------------------- */

void stream_fold_to(struct stream *s, size_t n)
{
    if (n < s->at) {
        history_clear(&s->history);
        s->at = 0;
    }
    for (; s->at < n; s->at++)
        history_fold(&s->history, recording_event(s->source, s->at));
}

int stream_seek(struct stream *s, uint64_t step)
{
    size_t n = step == UINT64_MAX ? s->n_times : recording_at_step(s->source, step);
    /* the moment a run begins has a configuration and classes: an empty screen is no moment */
    const uint64_t first = recording_first_step(s->source);
    while (n < s->n_times && recording_event(s->source, n)->step <= first && recording_event(s->source, n)->kind != EVENT_STEP)
        n++;
    stream_fold_to(s, n);
    return s->history.failed ? -1 : 0;
}

/* Marks are made by the fold (class weights come into force by the epoch, not by an event), so it is asked. */
static void move_to_mark(struct stream *s, int direction)
{
    const struct history *h = &s->history;
    size_t known = h->n_mark;
    if (direction > 0) {
        while (s->at < s->n_times && h->n_mark == known)
            stream_fold_to(s, s->at + 1);
        return;
    }
    for (size_t i = known; i > 0; i--) {
        size_t n = recording_at_step(s->source, h->mark[i - 1].step);
        if (n < s->at) {
            stream_fold_to(s, n);
            return;
        }
    }
}

static bool stops_at(const struct event *e, char unit)
{
    return unit != 'e' || e->kind == EVENT_EPOCH;
}

void stream_move(struct stream *s, char unit, int direction)
{
    if (unit == 'm') {
        move_to_mark(s, direction);
        return;
    }
    size_t n = s->at;
    if (direction > 0) {
        while (n < s->n_times && !stops_at(recording_event(s->source, n), unit))
            n++;
        n += n < s->n_times;
    } else {
        n -= n > 0;
        while (n > 0 && !stops_at(recording_event(s->source, n - 1), unit))
            n--;
    }
    stream_fold_to(s, n);
}

uint64_t stream_last_step(const struct stream *s)
{
    return s->source ? recording_last_step(s->source) : s->history.step;
}

double stream_last_epoch(const struct stream *s)
{
    const uint64_t each = s->history.steps_per_epoch;
    return each ? (double)stream_last_step(s) / (double)each : 0;
}

uint64_t stream_clock(const struct stream *s)
{
    return s->at && s->at <= s->n_times ? s->time_ns[s->at - 1] : 0;
}

/* --- a source that grows ------------------------------------------------------------------------------------------- */

int stream_follow(struct stream *s, bool along)
{
    bool at_end = s->at >= s->n_times;
    unsigned generation = recording_generation(s->source);
    int more = recording_follow(s->source, NULL);
    if (recording_generation(s->source) != generation) {
        history_clear(&s->history);
        s->at = s->n_times = 0;
    }
    if (more < 0 || extend_times(s) < 0)
        return -1;
    if (more == 0 && s->at == s->n_times)
        return 0;
    if (at_end && along)
        stream_fold_to(s, s->n_times);
    return 1;
}
