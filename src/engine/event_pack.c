#include "config.h"
#include "engine/event_pack.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "engine/event_private.h"

/* Seven bits a byte, the lowest first; the top bit says that more follow. */
static void pack_number(struct buf *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        buf_addc(out, (char)(value | 0x80));
    buf_addc(out, (char)value);
}

static uint64_t unpack_number(const uint8_t **at)
{
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
}

/* A difference that may be negative: the sign goes into the lowest bit. */
static uint64_t fold_sign(uint64_t a, uint64_t b)
{
    uint64_t d = a - b;
    return d << 1 ^ (d >> 63 ? UINT64_MAX : 0);
}

static uint64_t unfold_sign(uint64_t value, uint64_t b)
{
    return b + (value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
}

static bool is_there(const struct event_field *f, enum event_type type)
{
    return type == EVENT_U64 ? f->u != 0 : type == EVENT_F32 || type == EVENT_F64 ? !isnan(f->f) : type == EVENT_STR ? f->s != NULL : f->n > 0;
}

static void pack_text(struct buf *out, const char *text)
{
    size_t n = text ? strlen(text) : 0;
    pack_number(out, text ? n + 1 : 0);
    buf_add(out, text ? text : "", n);
}

/* Numbers are as narrow as the largest needs: counts of images are small. */
static void put_u32s(struct buf *out, const struct event_field *f)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < f->n; i++)
        most |= f->u32s[i];
    unsigned width = most < 1u << 8 ? 1 : most < 1u << 16 ? 2 : 4;
    pack_number(out, width);
    char *to = buf_reserve(out, (size_t)f->n * width);
    for (uint32_t i = 0; to && i < f->n; i++)
        for (unsigned b = 0; b < width; b++)
            *to++ = (char)(f->u32s[i] >> 8 * b);
    if (to)
        out->len += (size_t)f->n * width;
}

static void put_field(struct buf *out, const struct event_field *f, enum event_type type)
{
    float narrow = (float)f->f;
    switch (type) {
    case EVENT_U64:
        pack_number(out, f->u);
        return;
    case EVENT_F32:
        buf_add(out, &narrow, sizeof narrow);
        return;
    case EVENT_F64:
        buf_add(out, &f->f, sizeof f->f);
        return;
    case EVENT_STR:
        pack_text(out, f->s);
        return;
    default:
        break;
    }
    pack_number(out, f->n);
    if (type == EVENT_U32S)
        put_u32s(out, f);
    else if (type == EVENT_STRS)
        for (uint32_t i = 0; i < f->n; i++)
            pack_text(out, f->strs[i]);
    else
        buf_add(out, f->f32s, f->n * event_entry_size(type));
}

void event_pack(const struct event *e, const struct event_head *base, struct buf *out)
{
    const struct event_info *info = &event_table[e->kind];
    uint64_t there = 0;
    for (int i = 0; i < info->n_fields; i++)
        there |= is_there(&e->f[i], info->field[i].type) ? UINT64_C(1) << i : 0;
    pack_number(out, e->kind);
    pack_number(out, fold_sign(e->q, base->q));
    pack_number(out, fold_sign(e->step, base->step));
    pack_number(out, fold_sign(e->ns, base->ns));
    pack_number(out, there);
    for (int i = 0; i < info->n_fields; i++)
        if (there >> i & 1)
            put_field(out, &e->f[i], info->field[i].type);
}

static const uint8_t *get_head(const uint8_t *at, const struct event_head *base, struct event_head *out)
{
    out->kind = (enum event_kind)unpack_number(&at);
    out->q = unfold_sign(unpack_number(&at), base->q);
    out->step = unfold_sign(unpack_number(&at), base->step);
    out->ns = unfold_sign(unpack_number(&at), base->ns);
    return at;
}

void event_peek(const void *packed, const struct event_head *base, struct event_head *out)
{
    get_head(packed, base, out);
}

/* Returns the text in the event's memory; NULL was stored, or there is no memory (then *good = false). */
static const char *get_text(const uint8_t **at, struct event *e, bool *good)
{
    size_t n = (size_t)unpack_number(at);
    if (n == 0)
        return NULL;
    char *text = event_memory(e, n);
    if (text) {
        memcpy(text, *at, n - 1);
        text[n - 1] = '\0';
    }
    *good &= text != NULL;
    *at += n - 1;
    return text;
}

static void get_u32s(const uint8_t **at, uint32_t *to, uint32_t n)
{
    unsigned width = (unsigned)unpack_number(at);
    for (uint32_t i = 0; to && i < n; i++) {
        to[i] = 0;
        for (unsigned b = 0; b < width; b++)
            to[i] |= (uint32_t)(*at)[(size_t)i * width + b] << 8 * b;
    }
    *at += (size_t)n * width;
}

static bool get_array(const uint8_t **at, struct event *e, struct event_field *f, enum event_type type)
{
    uint32_t n = (uint32_t)unpack_number(at);
    bool good = true;
    void *items = event_memory(e, n * event_entry_size(type));
    if (type == EVENT_U32S)
        get_u32s(at, items, n);
    else if (type == EVENT_STRS)
        for (uint32_t i = 0; i < n; i++) {
            const char *text = get_text(at, e, &good);
            if (items)
                ((const char **)items)[i] = text;
        }
    else {
        if (items)
            memcpy(items, *at, n * event_entry_size(type));
        *at += n * event_entry_size(type);
    }
    f->f32s = items;
    f->n = items ? n : 0;
    return good && items;
}

static bool get_field(const uint8_t **at, struct event *e, struct event_field *f, enum event_type type)
{
    float narrow;
    bool good = true;
    switch (type) {
    case EVENT_U64:
        f->u = unpack_number(at);
        return true;
    case EVENT_F32:
        memcpy(&narrow, *at, sizeof narrow);
        f->f = (double)narrow;
        *at += sizeof narrow;
        return true;
    case EVENT_F64:
        memcpy(&f->f, *at, sizeof f->f);
        *at += sizeof f->f;
        return true;
    case EVENT_STR:
        f->s = get_text(at, e, &good);
        return good;
    default:
        return get_array(at, e, f, type);
    }
}

int event_unpack(const void *packed, const struct event_head *base, struct event *e)
{
    struct event_head head;
    const uint8_t *at = get_head(packed, base, &head);
    const struct event_info *info = &event_table[head.kind];
    bool good = true;
    event_blank(e, head.kind);
    e->q = head.q;
    e->step = head.step;
    e->ns = head.ns;
    uint64_t there = unpack_number(&at);
    for (int i = 0; i < info->n_fields; i++)
        if (there >> i & 1)
            good &= get_field(&at, e, &e->f[i], info->field[i].type);
    return good ? 0 : -1;
}
