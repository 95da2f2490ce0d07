/* Target: what is written of a recording: tables, spectra and densities, figures where the build has them, event files of TensorBoard, the script.
 * Each is read back by its own rules. The recording is made of text (forged.h). */
#include "config.h"
#include "fuzz.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/err.h"
#include "forged.h"
#include "repl/commands.h"
#include "repl/lex.h"
#include "repl/script.h"
#include "session/board.h"
#include "session/density.h"
#include "session/figure_run.h"
#include "session/recording.h"
#include "session/rows.h"

/* --- tables (RFC 4180) -------------------------------------------------------------------------------------------------- */

/* Behind a cell; it begins no formula, unless it is a number. */
static const char *skip_cell(const char *at)
{
    if (*at != '"') {
        char *end;
        const char *stop = at + strcspn(at, ",\n");
        FUZZ_CHECK(!strchr("=@\t\r", *at) || at == stop);
        (void)strtod(at, &end);
        FUZZ_CHECK((*at != '-' && *at != '+') || end == stop);
        for (; at < stop; at++)
            FUZZ_CHECK(*at != '"' && (unsigned char)*at >= 0x20);
        return at;
    }
    FUZZ_CHECK(!strchr("=+-@\t\r", at[1]));
    for (at++; *at != '"' || at[1] == '"'; at += *at == '"' ? 2 : 1)
        FUZZ_CHECK(*at);
    return at + 1;
}

/* Every row has as many cells as the first. */
static void check_table(const char *text)
{
    int columns = 0;
    for (const char *at = text; *at;) {
        int cells = 0;
        for (bool more = true; more; cells++) {
            at = skip_cell(at);
            FUZZ_CHECK(*at == ',' || *at == '\n');
            more = *at++ == ',';
        }
        columns = columns ? columns : cells;
        FUZZ_CHECK(cells == columns);
    }
    FUZZ_CHECK(columns > 1);
}

/* --- event files of TensorBoard ----------------------------------------------------------------------------------------- */

static uint32_t masked(const char *p, size_t n)
{
    const uint32_t sum = crc32c(0, p, n);
    return (sum >> 15 | sum << 17) + 0xa282ead8u;
}

static void check_board(const char *text, size_t n)
{
    size_t at = 0;
    while (at < n) {
        FUZZ_CHECK(n - at >= 16);
        const uint64_t bytes = load_u64((const uint8_t *)text + at);
        FUZZ_CHECK(bytes <= n - at - 16 && load_u32((const uint8_t *)text + at + 8) == masked(text + at, 8));
        FUZZ_CHECK(load_u32((const uint8_t *)text + at + 12 + bytes) == masked(text + at + 12, bytes));
        at += 16 + bytes;
    }
}

static void put_board(FILE *out, const struct recording *r)
{
    struct board b;
    struct history h;
    struct err err = { 0 };
    history_init(&h);
    board_begin(&b, out, &h, 1);
    for (size_t i = 0; i < recording_count(r); i++)
        board_event(&b, recording_event(r, i));
    FUZZ_CHECK(board_end(&b, &err) == 0);
    history_release(&h);
}

/* --- densities ---------------------------------------------------------------------------------------------------------- */

/* The mass between the ends is at most all of it, whatever the nodes. */
static void check_density(const struct density_nodes *d)
{
    enum { CELLS = 64, POINTS = 500 };
    double low, high, out[POINTS], sum = 0;
    if (density_range(d, 1, 0.1, &low, &high)) {
        FUZZ_CHECK(low < high && low <= d->node[0] && high >= d->node[d->n - 1]);
        density_resolved(d, low, high, CELLS, out);
        for (int i = 0; i < CELLS; i++) {
            FUZZ_CHECK(out[i] >= 0 && isfinite(out[i]));
            sum += out[i] * (high - low) / CELLS;
        }
        FUZZ_CHECK(sum < 1 + 1e-6);
    }
    density_reference(d, POINTS, &low, &high, out);
    for (int i = 0; i < POINTS; i++)
        FUZZ_CHECK(out[i] >= 0 || !isfinite(high - low));
}

/* --- the script --------------------------------------------------------------------------------------------------------- */

/* What it refuses to go on without: it says so itself when it is run. */
static bool is_refused(const char *line)
{
    return strcmp(line, "load weights") == 0 || strcmp(line, "fork") == 0 || strcmp(line, "stage") == 0;
}

/* One command that takes a run up or sets something: no other is a recording trusted with. */
static void check_line(const char *line)
{
    static const char *const also[] = { "data", "load", "unwatch", "fork", "stage", "resume", "train", "cancel" };
    static struct call c;
    struct lexed l;
    struct err err = { 0 };
    int at;
    if (line[0] == '#' || !line[0])
        return;
    FUZZ_CHECK(lex_line(line, &l, &at, &err) == 0 && l.n_commands == 1);
    const struct command_info *info = command_find(l.word[0].text, false, &err);
    FUZZ_CHECK(info);
    bool known = info->flags & F_RECORDED;
    for (size_t i = 0; i < sizeof also / sizeof *also; i++)
        known |= strcmp(info->verb, also[i]) == 0;
    FUZZ_CHECK(known);
    FUZZ_CHECK(call_parse(&c, info, l.word, l.command[0].n, &err) == 0 || is_refused(line));
    lex_release(&l);
}

static void check_script(char *text)
{
    for (char *line = text, *end; *line; line = end) {
        end = line + strcspn(line, "\n");
        FUZZ_CHECK(*end);
        *end++ = '\0';
        check_line(line);
    }
}

/* --- all of them -------------------------------------------------------------------------------------------------------- */

struct text { /* what is written, with a NUL behind it */
    char *bytes;
    size_t n;
    FILE *out;
};

static FILE *begin(struct text *t)
{
    t->out = open_memstream(&t->bytes, &t->n);
    FUZZ_CHECK(t->out);
    return t->out;
}

static void end(struct text *t)
{
    FUZZ_CHECK(fclose(t->out) == 0 && t->bytes);
}

/* A table or the reason why there is none. */
static void put_curves(const struct history *h, int what, bool reference)
{
    const struct curves_request q = { .what = what, .reference = reference, .epoch = INFINITY };
    struct err err = { 0 };
    struct text t;
    const int result = curves_put_csv(begin(&t), h, &q, &err);
    end(&t);
    FUZZ_CHECK(result == 0 || err.text[0]);
    if (result == 0)
        check_table(t.bytes);
    free(t.bytes);
}

static void check_figure(struct text *t, int result, const struct err *err)
{
    end(t);
    FUZZ_CHECK(result < 0 ? err->text[0] != '\0' : t->n > 20 && strcmp(t->bytes + t->n - 7, "</svg>\n") == 0);
    free(t->bytes);
}

static void draw_all(const struct history *h)
{
    for (int what = 0; what < CURVES_WHATS; what++) {
        const struct curves_request q = { .what = what, .epoch = INFINITY };
        struct err err = { 0 };
        struct text t;
        check_figure(&t, figure_put(begin(&t), h, &q, FIGURE_SVG, &err), &err);
    }
    for (int what = 0; what < FIGURE_RUNS; what++) {
        struct err err = { 0 };
        struct text t;
        check_figure(&t, figure_run_put(begin(&t), h, what, INFINITY, FIGURE_SVG, &err), &err);
    }
}

static void put_tables(const struct history *h)
{
    struct text t;
    history_put_csv(begin(&t), h);
    end(&t);
    check_table(t.bytes);
    free(t.bytes);
    FUZZ_CHECK(history_put_wide(begin(&t), h, NULL) == 0);
    end(&t);
    check_table(t.bytes);
    free(t.bytes);
    for (int what = 0; what < CURVES_WHATS; what++)
        put_curves(h, what, false);
    put_curves(h, CURVES_OF_DENSITY, true);
    for (size_t i = 0; i < h->n_eig; i++) {
        const struct density_nodes d = density_of(&h->eig[i]);
        check_density(&d);
    }
}

static void put_recording(const struct recording *r)
{
    struct err err = { 0 };
    struct text t;
    put_board(begin(&t), r);
    end(&t);
    check_board(t.bytes, t.n);
    free(t.bytes);
    const int result = script_put(begin(&t), r, &err);
    end(&t);
    FUZZ_CHECK(result == 0 || err.text[0]);
    if (result == 0)
        check_script(t.bytes);
    free(t.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct history h;
    struct recording *r = forged_open(data, size);
    if (!r)
        return 0;
    history_init(&h);
    for (size_t i = 0; i < recording_count(r); i++)
        history_fold(&h, recording_event(r, i));
    put_tables(&h);
    if (size % 64 == 0) /* a figure takes longer than all else */
        draw_all(&h);
    put_recording(r);
    history_release(&h);
    recording_close(r);
    return 0;
}
