#include "config.h"
#include "session/board.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/err.h"
#include "session/density.h"
#include "session/record.h"
#include "session/rows.h"

/* --- protocol buffers ------------------------------------------------------------------------------------------------- */

enum wire { WIRE_VARINT, WIRE_64, WIRE_BYTES, WIRE_32 = 5 };

static void put_varint(struct buf *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        buf_addc(out, (char)(value | 0x80));
    buf_addc(out, (char)value);
}

static void put_key(struct buf *out, unsigned field, enum wire wire)
{
    put_varint(out, field << 3 | wire);
}

static void put_int(struct buf *out, unsigned field, uint64_t value)
{
    put_key(out, field, WIRE_VARINT);
    put_varint(out, value);
}

static void add_double(struct buf *out, double value)
{
    uint8_t bytes[8];
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    store_u64(bytes, bits);
    buf_add(out, bytes, sizeof bytes);
}

static void put_double(struct buf *out, unsigned field, double value)
{
    put_key(out, field, WIRE_64);
    add_double(out, value);
}

static void put_float(struct buf *out, unsigned field, float value)
{
    uint8_t bytes[4];
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    store_u32(bytes, bits);
    put_key(out, field, WIRE_32);
    buf_add(out, bytes, sizeof bytes);
}

static void put_bytes(struct buf *out, unsigned field, const void *bytes, size_t n)
{
    put_key(out, field, WIRE_BYTES);
    put_varint(out, n);
    buf_add(out, bytes, n);
}

static void put_string(struct buf *out, unsigned field, const char *text)
{
    put_bytes(out, field, text, strlen(text));
}

static void put_message(struct buf *out, unsigned field, const struct buf *message)
{
    put_bytes(out, field, message->data, message->len);
}

/* --- records ---------------------------------------------------------------------------------------------------------- */

enum { EVENT_WALL = 1, EVENT_STEP_FIELD = 2, EVENT_FILE_VERSION = 3, EVENT_SUMMARY = 5, EVENT_SESSION_LOG = 7 };

static uint32_t masked(uint32_t crc)
{
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

static void put_data(struct board *b, const struct buf *data)
{
    uint8_t head[12], foot[4];
    store_u64(head, data->len);
    store_u32(head + 8, masked(crc32c(0, head, 8)));
    store_u32(foot, masked(crc32c(0, data->data, data->len)));
    fwrite(head, 1, sizeof head, b->out);
    fwrite(data->data, 1, data->len, b->out);
    fwrite(foot, 1, sizeof foot, b->out);
}

/* An Event around what is told. */
static void put_wrapped(struct board *b, uint64_t step, uint64_t wall_ns, unsigned field, const void *bytes, size_t n)
{
    if (wall_ns)
        b->last_wall = (double)wall_ns * 1e-9;
    buf_clear(&b->event);
    put_double(&b->event, EVENT_WALL, b->last_wall);
    put_int(&b->event, EVENT_STEP_FIELD, step);
    put_bytes(&b->event, field, bytes, n);
    if (!b->event.failed)
        put_data(b, &b->event);
}

static void put_summary(struct board *b, uint64_t step, uint64_t wall_ns)
{
    if (b->summary.len && !b->summary.failed)
        put_wrapped(b, step, wall_ns, EVENT_SUMMARY, b->summary.data, b->summary.len);
    if (!b->summary.failed)
        buf_clear(&b->summary);
}

/* --- values ----------------------------------------------------------------------------------------------------------- */

enum { SUMMARY_VALUE = 1, VALUE_TAG = 1, VALUE_NUMBER = 2, VALUE_HISTOGRAM = 5, VALUE_TENSOR = 8, VALUE_METADATA = 9 };

static void begin_value(struct board *b, const char *tag)
{
    buf_clear(&b->value);
    put_string(&b->value, VALUE_TAG, tag);
}

static void end_value(struct board *b)
{
    b->summary.failed |= b->value.failed;
    if (!b->value.failed)
        put_message(&b->summary, SUMMARY_VALUE, &b->value);
}

static void add_scalar(struct board *b, const char *tag, double value)
{
    begin_value(b, tag);
    put_float(&b->value, VALUE_NUMBER, (float)value);
    end_value(b);
}

static void tag_of(const struct row *r, char *out, size_t size)
{
    static const char *const knobs[] = { "lr", "rho", "drw" };
    bool knob = false;
    for (size_t i = 0; i < sizeof knobs / sizeof *knobs; i++)
        knob |= strcmp(r->metric, knobs[i]) == 0;
    if (strcmp(r->metric, "acc") == 0)
        snprintf(out, size, "acc/overall");
    else if (strcmp(r->metric, "group_acc") == 0)
        snprintf(out, size, "acc/%s", r->class);
    else if (strcmp(r->metric, "class_acc") == 0)
        snprintf(out, size, "class/%s", r->class);
    else if (r->class[0])
        snprintf(out, size, "%s/%s", r->metric, r->class);
    else
        snprintf(out, size, "%s/%s", knob ? "knob" : "eval", r->metric);
}

static void add_row_value(void *ctx, const struct row *r)
{
    char tag[160];
    tag_of(r, tag, sizeof tag);
    add_scalar(ctx, tag, r->value);
}

/* DT_STRING, a list of one text. */
static void add_words_value(struct board *b, const char *tag, const char *text)
{
    enum { PLUGIN_DATA = 1, PLUGIN_NAME = 1, TENSOR_TYPE = 1, TENSOR_SHAPE = 2, TENSOR_STRING = 8, SHAPE_DIM = 2, DIM_SIZE = 1, TYPE_STRING = 7 };
    static const char plugin[] = "text";
    struct buf *part = &b->part;
    begin_value(b, tag);
    buf_clear(part);
    put_int(part, TENSOR_TYPE, TYPE_STRING);
    put_bytes(part, TENSOR_SHAPE, (const char[]){ SHAPE_DIM << 3 | WIRE_BYTES, 2, DIM_SIZE << 3 | WIRE_VARINT, 1 }, 4);
    put_string(part, TENSOR_STRING, text);
    put_message(&b->value, VALUE_TENSOR, part);
    buf_clear(part);
    put_key(part, PLUGIN_DATA, WIRE_BYTES);
    put_varint(part, sizeof plugin + 1);
    put_string(part, PLUGIN_NAME, plugin);
    put_message(&b->value, VALUE_METADATA, part);
    b->value.failed |= part->failed;
    end_value(b);
}

/* The density of a spectrum: mass in cells from its smallest to its largest node. */
static void add_density(struct board *b, const struct history *h, const struct history_eig *e)
{
    enum { CELLS = 100, MIN = 1, MAX, NUM, SUM, SQUARES, LIMIT, COUNT };
    const struct density_nodes d = density_of(e);
    double low, high, cell[CELLS], num = 0, sum = 0, squares = 0;
    char tag[64];
    struct buf limits = { 0 }, counts = { 0 };
    if (!density_range(&d, 1, 0.05, &low, &high))
        return;
    density_resolved(&d, low, high, CELLS, cell);
    const double width = (high - low) / CELLS;
    for (int i = 0; i < CELLS; i++) {
        const double mass = cell[i] * width, at = low + (i + 0.5) * width;
        num += mass;
        sum += mass * at;
        squares += mass * at * at;
        add_double(&limits, low + (i + 1) * width);
        add_double(&counts, mass);
    }
    snprintf(tag, sizeof tag, "density/%s", h->cls[e->class].name);
    begin_value(b, tag);
    buf_clear(&b->part);
    put_double(&b->part, MIN, low);
    put_double(&b->part, MAX, high);
    put_double(&b->part, NUM, num);
    put_double(&b->part, SUM, sum);
    put_double(&b->part, SQUARES, squares);
    put_message(&b->part, LIMIT, &limits);
    put_message(&b->part, COUNT, &counts);
    put_message(&b->value, VALUE_HISTOGRAM, &b->part);
    b->value.failed |= b->part.failed || limits.failed || counts.failed;
    end_value(b);
    buf_release(&limits);
    buf_release(&counts);
}

/* --- what an event tells ----------------------------------------------------------------------------------------------- */

static uint64_t wall_of(const struct history *h, const struct event *e)
{
    return h->wall_offset ? (uint64_t)((int64_t)e->ns + h->wall_offset) : 0;
}

/* At most some thousands of points of a curve, whatever the length of the run. */
static bool is_told(const struct history *h, uint64_t step)
{
    const uint64_t total = history_total_steps(h), every = total / 5000 + 1;
    return step % every == 0;
}

static void tell_step(struct board *b, const struct event *e)
{
    static const struct {
        const char *tag;
        int field;
    } told[] = { { "step/loss", EV_STEP_LOSS }, { "step/gn", EV_STEP_GN }, { "step/lr", EV_STEP_LR }, { "step/rho", EV_STEP_RHO } };
    if (!is_told(b->history, e->step))
        return;
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (!isnan(e->f[told[i].field].f))
            add_scalar(b, told[i].tag, e->f[told[i].field].f);
    put_summary(b, e->step, wall_of(b->history, e));
}

static void tell_gauges(struct board *b, const struct event *e)
{
    static const char *const tag[GAUGES] = { "step/rise", "step/rho_gn", "step/rho_wn", "step/cos" };
    for (int i = 0; i < GAUGES; i++)
        if (!isnan(e->f[i].f))
            add_scalar(b, tag[i], e->f[i].f);
    put_summary(b, e->step, wall_of(b->history, e));
}

static void tell_marks(struct board *b, uint64_t wall_ns)
{
    const struct history *h = b->history;
    for (; b->n_marks < h->n_mark; b->n_marks++) {
        const struct history_mark *m = &h->mark[b->n_marks];
        char text[128];
        snprintf(text, sizeof text, "%c at epoch %.6g: %s", m->letter, m->epoch, m->text);
        if (m->letter != 'S') /* a snapshot is nothing that was done to the run, and may go again */
            add_words_value(b, "marks", text);
        put_summary(b, m->step, wall_ns);
    }
    b->n_marks = h->n_mark;
}

static void tell_eig(struct board *b, const struct history_eig *e)
{
    rows_of_eig(b->history, e, add_row_value, b);
    if (e->n_nodes)
        add_density(b, b->history, e);
    put_summary(b, e->step, e->wall_ns);
}

/* An evaluation that took the place of the last one, of the same step. */
static bool is_measured_again(const struct history *h, const struct event *e, size_t before)
{
    return e->kind == EVENT_EPOCH && strcmp(event_text(e, EV_EPOCH_SPLIT), "train") != 0 && before > 0 && h->n_eval == before;
}

void board_event(struct board *b, const struct event *e)
{
    struct history *h = b->history;
    size_t results[MEASURES], evals = h->n_eval, eigs = h->n_eig;
    for (int m = 0; m < MEASURES; m++)
        results[m] = h->result[m].n;
    history_fold(h, e);
    if (is_measured_again(h, e, evals))
        evals--;
    if (e->kind == EVENT_STEP)
        tell_step(b, e);
    else if (e->kind == EVENT_GAUGE)
        tell_gauges(b, e);
    for (; evals < h->n_eval; evals++) {
        rows_of_eval(h, &h->eval[evals], add_row_value, b);
        put_summary(b, h->eval[evals].step, h->eval[evals].wall_ns);
    }
    for (; eigs < h->n_eig; eigs++)
        tell_eig(b, &h->eig[eigs]);
    for (int m = 0; m < MEASURES; m++)
        for (; results[m] < h->result[m].n; results[m]++) {
            rows_of_result(h, (enum measure)m, &h->result[m].at[results[m]], add_row_value, b);
            put_summary(b, h->result[m].at[results[m]].step, h->result[m].at[results[m]].wall_ns);
        }
    tell_marks(b, wall_of(h, e));
}

void board_begin(struct board *b, FILE *out, struct history *h, uint64_t opened_ns)
{
    *b = (struct board){ .out = out, .history = h };
    put_wrapped(b, 0, opened_ns, EVENT_FILE_VERSION, "brain.Event:2", strlen("brain.Event:2"));
}

void board_restart(struct board *b)
{
    static const char start[] = { 1 << 3 | WIRE_VARINT, 1 }; /* SessionLog: status START */
    put_wrapped(b, 0, 0, EVENT_SESSION_LOG, start, sizeof start);
    b->n_marks = 0;
}

int board_end(struct board *b, struct err *err)
{
    const bool failed = b->summary.failed || b->value.failed || b->event.failed || b->part.failed || b->history->failed;
    buf_release(&b->summary);
    buf_release(&b->value);
    buf_release(&b->event);
    buf_release(&b->part);
    return failed ? err_set(err, ERR_MEMORY, "no memory for an event file") : 0;
}

void board_file_name(uint64_t opened_ns, char *out, size_t size)
{
    snprintf(out, size, "events.out.tfevents.%010" PRIu64 ".saddle", opened_ns / 1000000000);
}
