#include "config.h"
#include "engine/event.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"

enum { DEPTH_MAX = 8 };
static const uint64_t exact_integers = UINT64_C(1) << 53; /* beyond it a JSON reader may round */

/* --- writing ------------------------------------------------------------------------------------------------------- */

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

/* Decodes one UTF-8 character; a byte that is not part of one gives U+FFFD and counts alone. */
static uint32_t utf8_next(const char **text)
{
    const unsigned char *t = (const unsigned char *)*text;
    int more = t[0] < 0x80 ? 0 : t[0] >= 0xc2 && t[0] < 0xe0 ? 1 : t[0] >= 0xe0 && t[0] < 0xf0 ? 2 : t[0] >= 0xf0 && t[0] < 0xf5 ? 3 : -1;
    uint32_t c = more <= 0 ? t[0] : t[0] & (0x3fu >> more);
    for (int i = 1; i <= more; i++) {
        if ((t[i] & 0xc0) != 0x80) {
            more = -1;
            break;
        }
        c = c << 6 | (t[i] & 0x3fu);
    }
    bool bad = more < 0 || (more == 2 && (c < 0x800 || (c >= 0xd800 && c < 0xe000))) || (more == 3 && (c < 0x10000 || c > 0x10ffff));
    *text += bad ? 1 : more + 1;
    return bad ? 0xfffd : c;
}

static void add_text(struct buf *out, const char *text)
{
    if (!text) {
        buf_adds(out, "null");
        return;
    }
    buf_addc(out, '"');
    while (*text) {
        uint32_t c = utf8_next(&text);
        if (c == '"' || c == '\\')
            buf_addf(out, "\\%c", (char)c);
        else if (c >= 0x20 && c <= 0x7e)
            buf_addc(out, (char)c);
        else if (c < 0x10000)
            buf_addf(out, "\\u%04x", (unsigned)c);
        else
            buf_addf(out, "\\u%04x\\u%04x", (unsigned)(0xd7c0 + (c >> 10)), (unsigned)(0xdc00 | (c & 0x3ff)));
    }
    buf_addc(out, '"');
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
            add_text(out, f->strs[i]);
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
        add_text(out, f->s);
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

/* --- reading ------------------------------------------------------------------------------------------------------- */

/* Bytes and nesting, before a general parser sees them. */
static int check_line(const char *line, size_t len, struct err *err)
{
    int depth = 0;
    bool in_text = false;
    if (len > EVENT_LINE_MAX)
        return err_set(err, ERR_DATA, "event line of %zu bytes; at most %d are accepted", len, EVENT_LINE_MAX);
    for (size_t i = 0; i < len; i++) {
        char c = line[i];
        if (c < 0x20 || c > 0x7e)
            return err_set(err, ERR_DATA, "event line: byte 0x%02x at %zu is not printable ASCII", (unsigned char)c, i);
        if (in_text && c == '\\') {
            i++; /* the next byte cannot end the text; a line that ends here fails in the parser */
            if (i < len && (line[i] < 0x20 || line[i] > 0x7e))
                return err_set(err, ERR_DATA, "event line: byte 0x%02x at %zu is not printable ASCII", (unsigned char)line[i], i);
        } else if (c == '"')
            in_text = !in_text;
        else if (!in_text && (c == '{' || c == '[') && ++depth > DEPTH_MAX)
            return err_set(err, ERR_DATA, "event line: nested more than %d deep", DEPTH_MAX);
        else if (!in_text && (c == '}' || c == ']'))
            depth--;
    }
    return 0;
}

static int check_value(const json_t *value, struct err *err)
{
    size_t i;
    const char *key;
    json_t *item;
    if (json_is_integer(value)) {
        json_int_t n = json_integer_value(value);
        if (n > (json_int_t)exact_integers || n < -(json_int_t)exact_integers)
            return err_set(err, ERR_DATA, "event line: integer %lld is beyond 2^53", (long long)n);
    }
    if (json_is_string(value) && json_string_length(value) > EVENT_STRING_MAX)
        return err_set(err, ERR_DATA, "event line: a string is longer than %d bytes", EVENT_STRING_MAX);
    json_array_foreach(value, i, item)
        if (check_value(item, err) < 0)
            return -1;
    json_object_foreach((json_t *)value, key, item)
        if (check_value(item, err) < 0)
            return -1;
    return 0;
}

static bool read_u64(const json_t *value, uint64_t *out)
{
    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        *out = (uint64_t)json_integer_value(value);
        return true;
    }
    const char *text = json_string_value(value);
    if (!text || !text[0] || strspn(text, "0123456789") != strlen(text))
        return false;
    errno = 0;
    *out = strtoull(text, NULL, 10);
    return errno == 0;
}

static bool read_float(const json_t *value, double *out)
{
    if (json_is_number(value)) {
        *out = json_number_value(value);
        return true;
    }
    if (json_is_null(value)) {
        *out = NAN;
        return true;
    }
    const char *text = json_string_value(value);
    if (!text)
        return false;
    *out = strcmp(text, "inf") == 0 ? INFINITY : strcmp(text, "-inf") == 0 ? -INFINITY : NAN;
    return isinf(*out) || strcmp(text, "nan") == 0;
}

/* An array whose n entries `read` accepts one by one; false when one is of another type or there is no memory. */
static bool read_array(struct event *e, int field, enum event_type type, const json_t *value)
{
    size_t n = json_array_size(value), size = sizeof(double);
    if (!json_is_array(value))
        return json_is_null(value);
    void *items = malloc(n * size + 1);
    bool good = items != NULL;
    for (size_t i = 0; good && i < n; i++) {
        const json_t *item = json_array_get(value, i);
        double f = 0;
        uint64_t u = 0;
        if (type == EVENT_STRS) {
            good = json_is_string(item) || json_is_null(item);
            ((const char **)items)[i] = json_string_value(item);
        } else if (type == EVENT_U32S) {
            good = read_u64(item, &u) && u <= UINT32_MAX;
            ((uint32_t *)items)[i] = (uint32_t)u;
        } else if (type == EVENT_F32S) {
            good = read_float(item, &f);
            ((float *)items)[i] = (float)f;
        } else {
            good = read_float(item, &f);
            ((double *)items)[i] = f;
        }
    }
    if (good && type == EVENT_STRS)
        event_set_strs(e, field, items, (uint32_t)n);
    else if (good && type == EVENT_U32S)
        event_set_u32s(e, field, items, (uint32_t)n);
    else if (good && type == EVENT_F32S)
        event_set_f32s(e, field, items, (uint32_t)n);
    else if (good)
        event_set_f64s(e, field, items, (uint32_t)n);
    free(items);
    return good && e->f[field].n == n;
}

static bool read_field(struct event *e, int field, enum event_type type, const json_t *value)
{
    uint64_t u;
    double f;
    switch (type) {
    case EVENT_U64:
        if (!read_u64(value, &u))
            return false;
        event_set_u64(e, field, u);
        return true;
    case EVENT_F32:
    case EVENT_F64:
        if (!read_float(value, &f))
            return false;
        event_set_f64(e, field, f);
        return true;
    case EVENT_STR:
        if (!json_is_string(value) && !json_is_null(value))
            return false;
        event_set_str(e, field, json_string_value(value));
        return json_is_null(value) || e->f[field].s;
    default:
        return read_array(e, field, type, value);
    }
}

static struct event *read_event(const json_t *root, int kind, struct err *err)
{
    const struct event_info *info = &event_table[kind];
    struct event *e = event_new((enum event_kind)kind, 0);
    if (!e) {
        err_set(err, ERR_MEMORY, "no memory for an event");
        return NULL;
    }
    const char *bad = NULL;
    if (!read_u64(json_object_get(root, "q"), &e->q))
        bad = "q";
    else if (!read_u64(json_object_get(root, "s"), &e->step))
        bad = "s";
    else if (!read_u64(json_object_get(root, "m"), &e->ns))
        bad = "m";
    for (int i = 0; !bad && i < info->n_fields; i++) {
        const json_t *value = json_object_get(root, info->field[i].key);
        if (value && !read_field(e, i, info->field[i].type, value))
            bad = info->field[i].key;
    }
    if (!bad)
        return e;
    event_unref(e);
    err_set(err, ERR_DATA, "event %s: key %s is missing or has a wrong value", info->kind, bad);
    return NULL;
}

int event_from_json(const char *line, size_t len, struct event **out, struct err *err)
{
    *out = NULL;
    if (check_line(line, len, err) < 0)
        return -1;
    json_error_t fault;
    json_t *root = json_loadb(line, len, JSON_REJECT_DUPLICATES, &fault);
    if (!root)
        return err_set(err, ERR_DATA, "event line: %s at %d", fault.text, fault.position);
    const char *kind = json_string_value(json_object_get(root, "k"));
    int result = -1, known = kind ? event_kind_of(kind) : -1;
    if (!kind)
        err_set(err, ERR_DATA, "event line: key k is missing or not a string");
    else if (check_value(root, err) == 0)
        result = 0;
    if (result == 0 && known >= 0) {
        *out = read_event(root, known, err);
        result = *out ? 0 : -1;
    }
    json_decref(root);
    return result;
}
