/* A line of the journal as an event. A recording may be a stranger's: a line is checked in one pass that builds nothing, and then
 * costs the memory of its event and no more. */
#include "config.h"
#include "engine/event.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "engine/event_private.h"

enum { DEPTH_MAX = 8, NUMBER_MAX = 64 };
static const uint64_t exact_integers = UINT64_C(1) << 53; /* beyond it a JSON reader may round */

struct json_span {
    const char *at, *end;
};
struct json_line {
    const char *start, *at, *end;
    struct err *err;
    unsigned n_objects;
    int n_keys, found; /* found: where the last member was found */
    struct {
        struct json_span name, value;
        unsigned object; /* number of the object it stands in; 0: the line's own */
    } key[EVENT_KEYS_MAX];
};

static int refuse_line(struct json_line *l, const char *what)
{
    return err_set(l->err, ERR_DATA, "event line: %s at byte %zu", what, (size_t)(l->at - l->start));
}

static void skip_json_blanks(struct json_line *l)
{
    while (l->at < l->end && *l->at == ' ')
        l->at++;
}

/* --- texts --------------------------------------------------------------------------------------------------------- */

static bool read_hex(const char *at, const char *end, uint32_t *out)
{
    *out = 0;
    for (int i = 0; i < 4; i++, at++) {
        int digit = at >= end ? -1 : *at >= '0' && *at <= '9' ? *at - '0' : (*at | 32) >= 'a' && (*at | 32) <= 'f' ? (*at | 32) - 'a' + 10 : -1;
        if (digit < 0)
            return false;
        *out = *out << 4 | (uint32_t)digit;
    }
    return true;
}

/* The escape whose backslash is at *at, as UTF-8; moves past it. How many bytes; 0: it is none. */
static size_t read_escape(const char **at, const char *end, char out[4])
{
    static const char letter[] = "\"\\/bfnrt", meaning[] = "\"\\/\b\f\n\r\t";
    const char *p = *at + 1, *simple = p < end ? memchr(letter, *p, sizeof letter - 1) : NULL;
    uint32_t c, low;
    if (simple) {
        out[0] = meaning[simple - letter];
        *at = p + 1;
        return 1;
    }
    if (p >= end || *p != 'u' || !read_hex(p + 1, end, &c))
        return 0;
    p += 5;
    if (c >= 0xd800 && c < 0xdc00) { /* the first half of a pair */
        if (end - p < 6 || p[0] != '\\' || p[1] != 'u' || !read_hex(p + 2, end, &low) || low < 0xdc00 || low >= 0xe000)
            return 0;
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        p += 6;
    } else if (c == 0 || (c >= 0xdc00 && c < 0xe000))
        return 0;
    *at = p;
    return text_encode(c, out);
}

/* Past the text whose opening quote is at l->at. */
static int skip_text(struct json_line *l, bool key)
{
    size_t bytes = 0, n = 1;
    char escape[4];
    for (l->at++; l->at < l->end && *l->at != '"'; bytes += n) {
        if (*l->at < 0x20 || *l->at > 0x7e)
            return refuse_line(l, "a byte that is not printable ASCII");
        n = 1;
        if (*l->at != '\\')
            l->at++;
        else if (key || (n = read_escape(&l->at, l->end, escape)) == 0)
            return refuse_line(l, key ? "a key with an escape" : "an escape that is none");
    }
    if (l->at >= l->end)
        return refuse_line(l, "a text without end");
    l->at++;
    return bytes <= EVENT_STRING_MAX ? 0 : err_set(l->err, ERR_DATA, "event line: a string is longer than %d bytes", EVENT_STRING_MAX);
}

/* A text that was checked, its quotes included, into out (as long as the span at least). */
static char *read_json_text(const struct json_span *text, char *out)
{
    for (const char *at = text->at + 1, *end = text->end - 1; at < end;)
        if (*at == '\\')
            out += read_escape(&at, end, out);
        else
            *out++ = *at++;
    *out = '\0';
    return out + 1;
}

/* --- numbers ------------------------------------------------------------------------------------------------------- */

struct json_number {
    bool whole;  /* neither point nor exponent */
    int64_t i;   /* when whole */
    double f;
};

/* Digits at *at into *sum, as long as they fit; how many. *lost: one did not fit and was not 0. */
static int read_digits(const char **at, const char *end, uint64_t *sum, int *dropped, bool *lost)
{
    const char *p = *at;
    for (; p < end && *p >= '0' && *p <= '9'; p++)
        if (*sum < UINT64_C(100000000000000000))
            *sum = *sum * 10 + (uint64_t)(*p - '0');
        else {
            ++*dropped;
            *lost |= *p != '0';
        }
    int n = (int)(p - *at);
    *at = p;
    return n;
}

/* 17 digits and more, or far from 1: the library rounds. The program keeps the C locale for numbers. */
static double read_exactly(const char *at, size_t n)
{
    char text[NUMBER_MAX + 1];
    memcpy(text, at, n);
    text[n] = '\0';
    return strtod(text, NULL);
}

/* Most numbers of a long list are short and whole. false: this one is not, or is none. */
static bool read_count(const char **at, const char *end, struct json_number *out)
{
    const char *start = *at, *p = start;
    int64_t sum = 0;
    while (p < end && *p >= '0' && *p <= '9' && p - start < 10)
        sum = sum * 10 + (*p++ - '0');
    bool good = p > start && p < end && (*p == ',' || *p == ']' || *p == '}') && (*start != '0' || p - start == 1);
    if (good) {
        *out = (struct json_number){ .whole = true, .i = sum, .f = (double)sum };
        *at = p;
    }
    return good;
}

/* A number of JSON's grammar at *at; moves past it. false: it is none, or too long or too large. Without `exact` its value is wanted
 * only so far as to tell whether it is too large. */
static bool read_json_number(const char **at, const char *end, bool exact, struct json_number *out)
{
    static const double power[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
                                    1e18, 1e19, 1e20, 1e21, 1e22 };
    if (read_count(at, end, out))
        return true;
    const char *start = *at, *p = start;
    uint64_t sum = 0, tens = 0;
    int dropped = 0, ignored = 0, fraction = 0;
    bool minus = p < end && *p == '-', lost = false, small = false;
    p += minus;
    bool zero = p < end && *p == '0';
    int n = read_digits(&p, end, &sum, &dropped, &lost);
    if (n == 0 || (zero && n > 1))
        return false;
    out->whole = p >= end || (*p != '.' && *p != 'e' && *p != 'E');
    int exponent = dropped;
    if (p < end && *p == '.') {
        int before = dropped;
        p++;
        if ((fraction = read_digits(&p, end, &sum, &dropped, &lost)) == 0)
            return false;
        exponent -= fraction - (dropped - before);
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        small = p < end && *p == '-';
        p += p < end && (*p == '-' || *p == '+');
        if (read_digits(&p, end, &tens, &ignored, &lost) == 0)
            return false;
    }
    if (p - start > NUMBER_MAX)
        return false;
    *at = p;
    if (out->whole) {
        out->i = minus ? -(int64_t)sum : (int64_t)sum;
        out->f = (double)out->i;
        return dropped == 0 && sum <= exact_integers;
    }
    exponent += tens > 1000 ? (small ? -1000 : 1000) : small ? -(int)tens : (int)tens;
    out->f = 0;
    if (!exact && exponent < 280) /* 18 digits before that stay below 1e300 */
        return true;
    if (!lost && sum <= exact_integers && exponent >= -22 && exponent <= 22) { /* both exact, so the one rounding is the right one */
        out->f = exponent < 0 ? (double)sum / power[-exponent] : (double)sum * power[exponent];
        out->f = minus ? -out->f : out->f;
    } else
        out->f = read_exactly(start, (size_t)(p - start));
    return isfinite(out->f);
}

/* --- the check ----------------------------------------------------------------------------------------------------- */

static int skip_value(struct json_line *l, int depth);

static int add_key(struct json_line *l, unsigned object, const struct json_span *name)
{
    size_t n = (size_t)(name->end - name->at);
    for (int i = 0; i < l->n_keys; i++)
        if (l->key[i].object == object && (size_t)(l->key[i].name.end - l->key[i].name.at) == n &&
            memcmp(l->key[i].name.at, name->at, n) == 0)
            return refuse_line(l, "a key that was there already");
    if (l->n_keys == EVENT_KEYS_MAX)
        return err_set(l->err, ERR_DATA, "event line: more than %d keys", EVENT_KEYS_MAX);
    l->key[l->n_keys].object = object;
    l->key[l->n_keys].name = *name;
    return l->n_keys++;
}

static int skip_member(struct json_line *l, unsigned object, int depth)
{
    struct json_span name = { .at = l->at + 1 };
    if (l->at >= l->end || *l->at != '"')
        return refuse_line(l, "no key");
    if (skip_text(l, true) < 0)
        return -1;
    name.end = l->at - 1;
    int key = add_key(l, object, &name);
    if (key < 0)
        return -1;
    skip_json_blanks(l);
    if (l->at >= l->end || *l->at != ':')
        return refuse_line(l, "no colon");
    l->at++;
    skip_json_blanks(l);
    l->key[key].value.at = l->at;
    if (skip_value(l, depth) < 0)
        return -1;
    l->key[key].value.end = l->at;
    return 0;
}

/* Past the list or object that opens at l->at. */
static int skip_items(struct json_line *l, char closes, int depth)
{
    unsigned object = closes == '}' ? l->n_objects++ : 0;
    if (depth > DEPTH_MAX)
        return err_set(l->err, ERR_DATA, "event line: nested more than %d deep", DEPTH_MAX);
    l->at++;
    skip_json_blanks(l);
    if (l->at < l->end && *l->at == closes)
        return l->at++, 0;
    for (;; l->at++) {
        skip_json_blanks(l);
        if ((closes == '}' ? skip_member(l, object, depth) : skip_value(l, depth)) < 0)
            return -1;
        skip_json_blanks(l);
        if (l->at < l->end && *l->at == closes)
            return l->at++, 0;
        if (l->at >= l->end || *l->at != ',')
            return refuse_line(l, "no comma");
    }
}

static int skip_value(struct json_line *l, int depth)
{
    static const char *const words[] = { "null", "true", "false" };
    struct json_number number;
    char c = l->at < l->end ? *l->at : '\0';
    if ((c >= '0' && c <= '9') || c == '-')
        return read_json_number(&l->at, l->end, false, &number) ? 0 : refuse_line(l, "a number that is not accepted");
    if (c == '"')
        return skip_text(l, false);
    if (c == '[' || c == '{')
        return skip_items(l, c == '[' ? ']' : '}', depth + 1);
    for (size_t i = 0; c >= 'a' && i < sizeof words / sizeof words[0]; i++)
        if (c == words[i][0] && (size_t)(l->end - l->at) >= strlen(words[i]) && memcmp(l->at, words[i], strlen(words[i])) == 0) {
            l->at += strlen(words[i]);
            return 0;
        }
    return refuse_line(l, "neither a text nor a number");
}

/* --- values -------------------------------------------------------------------------------------------------------- */

/* The value of a key of the event itself, or NULL. Keys come in the order of the table, so the next one is looked at first. */
static const struct json_span *find_key(struct json_line *l, const char *key)
{
    size_t n = strlen(key);
    for (int tries = 0; tries < l->n_keys; tries++) {
        int i = l->found = (l->found + 1) % l->n_keys;
        const struct json_span *name = &l->key[i].name;
        if (l->key[i].object == 0 && (size_t)(name->end - name->at) == n && memcmp(name->at, key, n) == 0)
            return &l->key[i].value;
    }
    return NULL;
}

static bool is_null(const struct json_span *value)
{
    return *value->at == 'n';
}

static bool read_u64(const struct json_span *value, uint64_t *out)
{
    struct json_number number;
    char text[32];
    const char *at = value->at;
    if (*at != '"') {
        bool good = read_json_number(&at, value->end, true, &number) && number.whole && number.i >= 0;
        *out = good ? (uint64_t)number.i : 0;
        return good;
    }
    if ((size_t)(value->end - at) > sizeof text) /* its quotes included */
        return false;
    read_json_text(value, text);
    if (!text[0] || text[strspn(text, "0123456789")])
        return false;
    errno = 0;
    *out = strtoull(text, NULL, 10);
    return errno == 0;
}

static bool is_word(const struct json_span *value, const char *word)
{
    size_t n = strlen(word);
    return (size_t)(value->end - value->at) == n + 2 && memcmp(value->at + 1, word, n) == 0;
}

static bool read_float(const struct json_span *value, double *out)
{
    struct json_number number;
    const char *at = value->at;
    *out = NAN;
    if (*at == '"') {
        if (!is_word(value, "nan"))
            *out = is_word(value, "inf") ? INFINITY : -INFINITY;
        return !isinf(*out) || is_word(value, "inf") || is_word(value, "-inf");
    }
    if (is_null(value))
        return true;
    bool good = read_json_number(&at, value->end, true, &number);
    *out = good ? number.f : NAN;
    return good;
}

/* The entry at l->at into items[i], moving past it. Most are numbers, which are read here at once. */
static bool read_item(struct json_line *l, void *items, uint32_t i, enum event_type type, char **text)
{
    struct json_span item = { .at = l->at };
    struct json_number number = { 0 };
    uint64_t u = 0;
    bool plain = *l->at != '"' && *l->at != 'n', good = true;
    if (plain ? !read_json_number(&l->at, l->end, true, &number) : skip_value(l, DEPTH_MAX) < 0)
        return false;
    item.end = l->at;
    if (type == EVENT_STRS) {
        ((const char **)items)[i] = *item.at == '"' ? *text : NULL;
        if (*item.at == '"')
            *text = read_json_text(&item, *text);
        return !plain;
    }
    if (type == EVENT_U32S) {
        good = plain ? number.whole && number.i >= 0 : read_u64(&item, &u);
        u = plain && good ? (uint64_t)number.i : u;
        ((uint32_t *)items)[i] = (uint32_t)u;
        return good && u <= UINT32_MAX;
    }
    if (!plain)
        good = read_float(&item, &number.f);
    if (type == EVENT_F32S)
        ((float *)items)[i] = (float)number.f;
    else
        ((double *)items)[i] = number.f;
    return good;
}

/* Entries of a checked list. An entry that is a list itself counts as several, and is then refused. */
static uint32_t count_items(const struct json_span *list)
{
    uint32_t n = 0;
    bool text = false;
    for (const char *at = list->at + 1; at < list->end - 1; at++) {
        if (*at == '\\' && text)
            at++;
        else if (*at == '"')
            text = !text;
        n += !text && *at == ',';
        n += n == 0 && *at != ' ';
    }
    return n;
}

static bool read_array(struct event *e, int field, enum event_type type, const struct json_span *value)
{
    if (*value->at != '[')
        return is_null(value);
    uint32_t n = count_items(value), done = 0;
    if (n == 0)
        return true;
    void *items = event_memory(e, n * event_entry_size(type));
    char *text = items && type == EVENT_STRS ? event_memory(e, (size_t)(value->end - value->at)) : NULL;
    if (!items || (type == EVENT_STRS && !text))
        return false;
    struct json_line l;
    l.start = l.at = value->at + 1;
    l.end = value->end;
    l.err = NULL;
    for (; done < n; done++) {
        skip_json_blanks(&l);
        if (!read_item(&l, items, done, type, &text))
            return false;
        skip_json_blanks(&l);
        l.at++; /* the comma, or the end */
    }
    e->f[field].f32s = items;
    e->f[field].n = n;
    return true;
}

static bool read_string(struct event *e, int field, const struct json_span *value)
{
    if (*value->at != '"')
        return is_null(value);
    char *text = event_memory(e, (size_t)(value->end - value->at));
    if (text)
        read_json_text(value, text);
    e->f[field].s = text;
    return text != NULL;
}

static bool read_field(struct event *e, int field, enum event_type type, const struct json_span *value)
{
    double f;
    switch (type) {
    case EVENT_U64:
        return read_u64(value, &e->f[field].u);
    case EVENT_F32:
    case EVENT_F64:
        if (!read_float(value, &f))
            return false;
        event_set_f64(e, field, f);
        return true;
    case EVENT_STR:
        return read_string(e, field, value);
    default:
        return read_array(e, field, type, value);
    }
}

/* --- the event ----------------------------------------------------------------------------------------------------- */

static int read_event(struct json_line *l, struct event *e)
{
    const struct event_info *info = &event_table[e->kind];
    const struct {
        const char *key;
        uint64_t *to;
    } head[] = { { "q", &e->q }, { "s", &e->step }, { "m", &e->ns } };
    for (size_t i = 0; i < sizeof head / sizeof head[0]; i++) {
        const struct json_span *value = find_key(l, head[i].key);
        if (!value || !read_u64(value, head[i].to))
            return err_set(l->err, ERR_DATA, "event %s: key %s is missing or has a wrong value", info->kind, head[i].key);
    }
    for (int i = 0; i < info->n_fields; i++) {
        const struct json_span *value = find_key(l, info->field[i].key);
        if (value && !read_field(e, i, info->field[i].type, value))
            return err_set(l->err, ERR_DATA, "event %s: key %s has a wrong value", info->kind, info->field[i].key);
    }
    return 0;
}

/* Is the line whole, one object and nothing else? */
static int check_json_line(struct json_line *l, size_t len)
{
    if (len > EVENT_LINE_MAX)
        return err_set(l->err, ERR_DATA, "event line of %zu bytes; at most %d are accepted", len, EVENT_LINE_MAX);
    skip_json_blanks(l);
    if (l->at >= l->end || *l->at != '{')
        return refuse_line(l, "no object");
    if (skip_items(l, '}', 1) < 0)
        return -1;
    skip_json_blanks(l);
    return l->at == l->end ? 0 : refuse_line(l, "something after the object");
}

int event_from_json(const char *text, size_t len, struct event **out, struct err *err)
{
    struct json_line l; /* not cleared: large, and its keys are used up to n_keys */
    char kind[32];
    l.start = l.at = text;
    l.end = text + len;
    l.err = err;
    l.n_objects = 0;
    l.n_keys = 0;
    l.found = -1;
    *out = NULL;
    if (check_json_line(&l, len) < 0)
        return -1;
    const struct json_span *value = find_key(&l, "k");
    if (!value || *value->at != '"')
        return err_set(err, ERR_DATA, "event line: key k is missing or not a string");
    if ((size_t)(value->end - value->at) > sizeof kind)
        return 0;
    read_json_text(value, kind);
    int known = event_kind_of(kind);
    if (known < 0)
        return 0;
    struct event *e = event_new((enum event_kind)known, 0);
    if (!e)
        return err_set(err, ERR_MEMORY, "no memory for an event");
    if (read_event(&l, e) < 0) {
        event_unref(e);
        return -1;
    }
    *out = e;
    return 0;
}
