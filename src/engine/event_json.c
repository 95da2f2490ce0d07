#include "config.h"
#include "engine/event.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

static const uint64_t exact_integers = UINT64_C(1) << 53; /* beyond it a JSON reader may round */

static void add_u64(struct buf *out, uint64_t value)
{
    buf_addf(out, value > exact_integers ? "\"%" PRIu64 "\"" : "%" PRIu64, value);
}

static void add_float(struct buf *out, double value, int digits)
{
    char text[40];
    if (isnan(value)) {
        buf_adds(out, "\"nan\"");
        return;
    }
    if (isinf(value)) {
        buf_adds(out, value > 0 ? "\"inf\"" : "\"-inf\"");
        return;
    }
    int n = snprintf(text, sizeof text, "%.*g", digits, value);
    /* -0 and whole numbers beyond 2^53 would be read back as integers, and lose their sign or be refused */
    bool whole = strcspn(text, ".e") == (size_t)n;
    if (whole && (fabs(value) >= (double)exact_integers || (value == 0 && signbit(value))))
        memcpy(text + n, ".0", 3);
    buf_adds(out, text);
}

static void add_array(struct buf *out, const struct event_field *f, enum event_type type)
{
    buf_addc(out, '[');
    for (uint32_t i = 0; i < f->n; i++) {
        if (i)
            buf_addc(out, ',');
        if (type == EVENT_F32S)
            add_float(out, (double)f->f32s[i], 9);
        else if (type == EVENT_F64S)
            add_float(out, f->f64s[i], 17);
        else if (type == EVENT_U32S)
            add_u64(out, f->u32s[i]);
        else
            text_json(out, f->strs[i]);
    }
    buf_addc(out, ']');
}

static void add_field(struct buf *out, const struct event_field *f, const struct event_field_info *info)
{
    buf_addf(out, ",\"%s\":", info->key);
    switch (info->type) {
    case EVENT_U64:
        add_u64(out, f->u);
        break;
    case EVENT_F32:
        add_float(out, f->f, 9);
        break;
    case EVENT_F64:
        add_float(out, f->f, 17);
        break;
    case EVENT_STR:
        text_json(out, f->s);
        break;
    case EVENT_F32S:
    case EVENT_F64S:
    case EVENT_U32S:
    case EVENT_STRS:
        add_array(out, f, info->type);
        break;
    }
}

void event_to_json(const struct event *e, struct buf *out)
{
    const struct event_info *info = &event_table[e->kind];
    buf_addf(out, "{\"k\":\"%s\",\"q\":", info->kind);
    add_u64(out, e->q);
    buf_adds(out, ",\"s\":");
    add_u64(out, e->step);
    buf_adds(out, ",\"m\":");
    add_u64(out, e->ns);
    for (int i = 0; i < info->n_fields; i++)
        add_field(out, &e->f[i], &info->field[i]);
    buf_addc(out, '}');
}
