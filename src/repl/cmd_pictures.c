/* data check, data cache: what takes its time, beside everything else at the prompt; a script waits for it. */
#include "config.h"
#include "base/text.h"
#include "engine/data/pictures.h"
#include "repl/bench.h"
#include "repl/handlers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MIB = 1 << 20 };

static void say_lines(struct workbench *w, const struct buf *lines)
{
    for (char *at = lines->failed ? NULL : lines->data, *end; at && (end = strchr(at, '\n')); at = end + 1)
        bench_say(w, "%.*s", (int)(end - at), at);
}

/* A script waits for what goes on. -1: a signal, which speaks for itself. */
static int wait_for_pictures(struct workbench *w, bool cache, struct err *err)
{
    uint32_t done, of;
    int result = 0;
    w->pictures_waited_for = true;
    while (result == 0 && !(cache ? picture_cache_over(w->cache, &done, &of) : picture_check_over(w->check, &done, &of)))
        result = bench_idle(w, 20) ? 0 : err_set(err, ERR_CANCELLED, "%s", "");
    w->pictures_waited_for = false;
    return result;
}

/* --- check --- */

static uint32_t tell_check(struct workbench *w)
{
    struct buf lines = { 0 };
    char likeness[512];
    const uint32_t bad = picture_check_report(w->check, &lines);
    say_lines(w, &lines);
    if (knob_is(&w->setup.knobs, KNOB_PICTURE_BAD, "skip") && w->setup.data.note[0]) /* those are not among what is checked */
        bench_say(w, "%s", w->setup.data.note);
    pictures_likeness(&w->setup.data, likeness, sizeof likeness);
    if (likeness[0])
        bench_say(w, "%s", likeness);
    buf_release(&lines);
    picture_check_free(w->check);
    w->check = NULL;
    return bad;
}

static void tell_checked(struct workbench *w)
{
    uint32_t read, of;
    if (w->check && picture_check_over(w->check, &read, &of))
        tell_check(w);
}

/* The check goes on beside everything else at the prompt; a script waits for it, and fails when a picture cannot be decoded. */
int data_check(struct workbench *w, const struct call *c, struct err *err)
{
    uint32_t read, of;
    if (c->n > 1 || c->n_options)
        return err_set(err, ERR_USAGE, "'data check' takes no more words; it checks the data that are set up");
    if (w->check && !picture_check_over(w->check, &read, &of)) {
        bench_say(w, "%u of %u pictures are read", read, of);
        return 0;
    }
    if (!w->check && (setup_data(w, err) < 0 || !(w->check = picture_check_start(&w->setup.data, err))))
        return -1;
    if (c->interactive) {
        bench_say(w, "reading %u pictures; 'data check' says how far it is", w->setup.data.train.n + w->setup.data.test.n + w->setup.data.val.n);
        return 0;
    }
    if (wait_for_pictures(w, false, err) < 0)
        return -1;
    const uint32_t bad = tell_check(w);
    return bad ? err_set(err, ERR_DATA, "%u picture%s cannot be decoded", bad, bad == 1 ? "" : "s") : 0;
}

/* --- cache --- */

static int tell_cache(struct workbench *w, struct err *err)
{
    struct buf lines = { 0 };
    const char *data = knob_is(&w->setup.knobs, KNOB_DATA, "list") ? "the same lists with --root" : "data folder";
    const int result = picture_cache_report(w->cache, &lines, err);
    say_lines(w, &lines);
    if (result == 0)
        bench_say(w, "'%s %s' trains on them", data, w->cache_folder);
    buf_release(&lines);
    picture_cache_free(w->cache);
    w->cache = NULL;
    return result;
}

static void tell_cached(struct workbench *w)
{
    uint32_t there, of;
    struct err err = { 0 };
    if (w->cache && picture_cache_over(w->cache, &there, &of) && tell_cache(w, &err) < 0)
        bench_error(w, NULL, &err, -1);
}

static int shorter_given(struct call *c, int *out, struct err *err)
{
    const char *text = call_value(c, "shorter");
    char *end = NULL;
    const long n = text ? strtol(text, &end, 10) : 0;
    *out = (int)n;
    if (text && (end == text || *end || n < 1 || n > PICTURE_CACHE_MOST))
        return err_set(err, ERR_RANGE, "--shorter '%s'; 1 to %d pixels are accepted", text, PICTURE_CACHE_MOST), call_bad_option(c, "shorter");
    return 0;
}

/* How much it will be, before anything is written; at the prompt one may say no. */
static int agree(struct workbench *w, const struct call *c, const struct picture_cache_size *s, struct err *err)
{
    char said[512];
    snprintf(said, sizeof said, "%" PRIu32 " picture%s of %d pixels on the shorter side in %.200s: about %.1f MiB, %.0f MiB are free", s->n - s->there,
             s->n - s->there == 1 ? "" : "s", s->shorter, c->word[1].text, (double)s->bytes / MIB, (double)s->free / MIB);
    if (s->there)
        text_append(said, sizeof said, "; %" PRIu32 " are there", s->there);
    bench_say(w, "%s", said);
    return c->interactive && s->there < s->n ? bench_confirm(w, c, "write them?", err) : 0;
}

static int begin_cache(struct workbench *w, struct call *c, struct err *err)
{
    struct data_request r;
    int shorter;
    if (shorter_given(c, &shorter, err) < 0)
        return -1;
    setup_request(&w->setup.knobs, &r);
    w->cache = picture_cache_new(&r, c->word[1].text, shorter, err);
    if (!w->cache)
        return -1;
    snprintf(w->cache_folder, sizeof w->cache_folder, "%s", c->word[1].text);
    if (agree(w, c, picture_cache_size(w->cache), err) == 0 && picture_cache_start(w->cache, err) == 0)
        return 0;
    picture_cache_free(w->cache);
    w->cache = NULL;
    return -1;
}

int data_cache(struct workbench *w, struct call *c, struct err *err)
{
    uint32_t there, of;
    if (w->cache && !picture_cache_over(w->cache, &there, &of) && c->n == 1) {
        bench_say(w, "%" PRIu32 " of %" PRIu32 " pictures are in %s", there, of, w->cache_folder);
        return 0;
    }
    if (w->cache)
        return err_set(err, ERR_INVALID, "%s is being written; 'data cache' says how far it is", w->cache_folder);
    if (c->n != 2)
        return err_set(err, ERR_USAGE, "which folder? data cache DIR [--shorter N]");
    if (c->n_options > (call_value(c, "shorter") != NULL))
        return err_set(err, ERR_USAGE, "'data cache DIR' takes --shorter N and no other option; it copies the data that are set up");
    if (begin_cache(w, c, err) < 0)
        return -1;
    if (!c->interactive)
        return wait_for_pictures(w, true, err) < 0 ? -1 : tell_cache(w, err);
    bench_say(w, "writing to %s; 'data cache' says how far it is", w->cache_folder);
    return 0;
}

void data_pump(struct workbench *w)
{
    if (w->pictures_waited_for)
        return;
    tell_checked(w);
    tell_cached(w);
}

void data_release(struct workbench *w)
{
    picture_check_free(w->check);
    picture_cache_free(w->cache);
}
