/* Target: the journal of several segments with branches, as a recording and folded into a history. Its events are those that a plain reading of
 * the rules finds (saddle-session(5), Segments), also when the folder is followed while it grows, and when only some kinds are asked for. */
#include "config.h"
#include "fuzz.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "engine/event_parts.h"
#include "forged.h"
#include "session/history.h"
#include "session/recording.h"

#define SOME_KINDS (UINT64_C(1) << EVENT_CMD | UINT64_C(1) << EVENT_EPOCH | UINT64_C(1) << EVENT_NOTE | UINT64_C(1) << EVENT_BRANCH)

/* --- what counts, by the rules ------------------------------------------------------------------------------------------ */

struct counted {
    uint64_t q, step;
    enum event_kind kind;
};
struct rules {
    struct counted at[FORGED_LINES];
    int n;
    struct event_parts parts;
    int64_t last_q;
};

/* Of an open event; -2: it cannot be read. */
static int64_t after_of(const struct event *e)
{
    const char *text = e->f[EV_OPEN_AFTER].s;
    if (!text)
        return -1;
    return *text && strlen(text) <= 16 && !text[strspn(text, "0123456789")] ? strtoll(text, NULL, 10) : -2;
}

/* 0: the segment is read no further. */
static bool take_line(struct rules *r, const char *text, size_t n, unsigned segment, bool first)
{
    struct event *e = NULL;
    bool good = event_from_json(text, n, &e, NULL) == 0;
    if (good && first) {
        const int64_t after = e && e->kind == EVENT_OPEN && e->f[EV_OPEN_SEGMENT].u == segment ? after_of(e) : -2;
        good = after >= -1 && after <= r->last_q;
        while (good && r->n && (int64_t)r->at[r->n - 1].q > after)
            r->n--;
        r->last_q = good ? after : r->last_q;
    }
    const uint64_t q = r->last_q + 1;
    char number[40];
    const int digits = snprintf(number, sizeof number, "\"q\":%" PRIu64 ",", q);
    const char *at = good ? memmem(text, n, "\"q\":", 4) : NULL; /* of an unknown kind too */
    good = at && (size_t)(text + n - at) > (size_t)digits && memcmp(at, number, (size_t)digits) == 0;
    const int part = good && e ? event_parts_take(&r->parts, e, NULL) : 0;
    good = good && part >= 0;
    if (good && e && part == 0)
        r->at[r->n++] = (struct counted){ q, e->step, e->kind };
    r->last_q += good;
    event_unref(e);
    return good;
}

static void leave_branches(struct rules *r)
{
    int kept = 0;
    for (int i = 0; i < r->n; i++) {
        const struct counted c = r->at[i];
        if (c.kind == EVENT_BRANCH) {
            int left = 0;
            for (int k = 0; k < kept; k++)
                if (r->at[k].step <= c.step)
                    r->at[left++] = r->at[k];
            kept = left;
        }
        r->at[kept++] = c;
    }
    r->n = kept;
}

static void apply_rules(struct rules *r, const struct forged *f)
{
    unsigned dead = 0, last = 0;
    r->n = 0;
    r->last_q = -1;
    for (int i = 0; i < f->n_lines; i++) {
        const struct forged_line *l = &f->line[i];
        if (l->segment != dead && !take_line(r, f->text.data + l->at, l->n, l->segment, l->segment != last))
            dead = l->segment;
        last = l->segment;
    }
    event_parts_drop(&r->parts);
    leave_branches(r);
}

/* --- what the program makes of it --------------------------------------------------------------------------------------- */

static void check_events(const struct recording *r)
{
    const size_t n = recording_count(r);
    uint64_t q = 0, last = 0;
    for (size_t i = 0; i < n; i++) {
        const struct event *e = recording_event(r, i);
        FUZZ_CHECK(e && e->kind == recording_kind(r, i) && (i == 0 || e->q > q));
        FUZZ_CHECK(recording_first(r, e->kind)->q <= e->q); /* and e is still this one */
        q = e->q;
        last = e->kind != EVENT_SNAP && e->step > last ? e->step : last;
    }
    FUZZ_CHECK(recording_last_step(r) == last && recording_event(r, n) == NULL && recording_at_step(r, UINT64_MAX) == n);
    const size_t before = recording_at_step(r, last / 2);
    FUZZ_CHECK(before == n || recording_event(r, before)->step > last / 2);
}

static void fold_all(const struct recording *r, struct history *h)
{
    history_init(h);
    for (size_t i = 0; i < recording_count(r); i++)
        history_fold(h, recording_event(r, i));
    FUZZ_CHECK(!h->failed && h->changes == recording_count(r));
    for (size_t i = 0; i < h->n_line; i++)
        FUZZ_CHECK(!strpbrk(h->line[i].text, "\033\r\n\007"));
    for (size_t i = 0; i < h->n_mark; i++)
        FUZZ_CHECK(!strpbrk(h->mark[i].text, "\033\r\n\007"));
    for (size_t i = 0; i < h->n_eval; i++)
        FUZZ_CHECK(h->eval[i].step <= h->reach);
    const struct history_result *curve = history_last_reading(h, true), *newest = history_last_reading(h, false);
    const struct history_mark *reweighted = history_reweighted(h);
    FUZZ_CHECK(!reweighted || reweighted->letter == 'D');
    FUZZ_CHECK(!history_best_on_test(h) || knob_int(&h->knobs, KNOB_VAL) == 0);
    FUZZ_CHECK((!curve || (newest && curve->n > 1)) && (!newest || newest->step >= (curve ? curve->step : 0)));
}

static void check_against(const struct recording *r, const struct rules *rules)
{
    FUZZ_CHECK(recording_count(r) == (size_t)rules->n);
    for (int i = 0; i < rules->n; i++) {
        const struct event *e = recording_event(r, (size_t)i);
        FUZZ_CHECK(e->q == rules->at[i].q && e->step == rules->at[i].step && e->kind == rules->at[i].kind);
    }
}

static void check_some(const char *dir, const struct rules *rules)
{
    struct recording *r = recording_open_only(dir, SOME_KINDS, NULL);
    FUZZ_CHECK(r);
    size_t n = 0;
    for (int i = 0; i < rules->n; i++)
        if (SOME_KINDS >> rules->at[i].kind & 1) {
            const struct event *e = recording_event(r, n++);
            FUZZ_CHECK(e && e->q == rules->at[i].q && e->kind == rules->at[i].kind);
        }
    FUZZ_CHECK(n == recording_count(r));
    recording_close(r);
}

/* As somebody sees it who was there from its first segment on. */
static struct recording *follow(const struct forged *f, const char *dir)
{
    struct recording *r = NULL;
    for (int i = 0; i < f->n_segments; i++) {
        forged_write(f, i);
        if (!r)
            r = recording_open(dir, NULL);
        else
            FUZZ_CHECK(recording_follow(r, NULL) >= 0);
        FUZZ_CHECK(r);
        check_events(r);
    }
    return r;
}

static void same_events(const struct recording *a, const struct recording *b)
{
    FUZZ_CHECK(recording_count(a) == recording_count(b));
    for (size_t i = 0; i < recording_count(a); i++)
        FUZZ_CHECK(recording_event(a, i)->q == recording_event(b, i)->q);
}

static void hear_report(void *ctx, const char *text)
{
    (void)ctx;
    FUZZ_CHECK(text[0]);
}

static void check_tools(const char *dir, bool broken)
{
    static FILE *nowhere;
    struct session_info info;
    struct err err = { 0 };
    nowhere = nowhere ? nowhere : fopen("/dev/null", "w");
    FUZZ_CHECK(session_verify(dir, hear_report, NULL, &err) < 0 ? err.text[0] != '\0' : !broken);
    err = (struct err){ 0 };
    FUZZ_CHECK(session_cat(dir, nowhere, &err) == 0 || err.text[0]);
    FUZZ_CHECK(session_info(dir, &info, &err) == 0 || err.text[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct forged f;
    static struct rules rules;
    struct history h;
    bool loud = false;
    forged_make(&f, data, size);
    if (f.n_segments == 0)
        return 0;
    const char *dir = forged_folder();
    struct recording *grown = follow(&f, dir), *whole = recording_open(dir, NULL);
    FUZZ_CHECK(whole);
    check_events(whole);
    const char *damage = recording_damage(whole, &loud);
    FUZZ_CHECK(!loud || damage);
    same_events(grown, whole);
    if (!loud) {
        apply_rules(&rules, &f);
        check_against(whole, &rules);
        check_some(dir, &rules);
    }
    fold_all(whole, &h);
    history_clear(&h);
    FUZZ_CHECK(h.n_line == 0 && h.n_mark == 0 && h.n_eval == 0 && h.step == 0 && h.changes > 0);
    history_release(&h);
    check_tools(dir, loud && recording_left_out(whole) == 0);
    (void)recording_is_empty(whole);
    FUZZ_CHECK(!recording_is_complete(whole)); /* there is no snapshot in it */
    recording_close(grown);
    recording_close(whole);
    return 0;
}
