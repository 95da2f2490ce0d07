#include "config.h"
#include "tui/input.h"

#include <stdlib.h>
#include <string.h>

#include "tui/canvas.h"

void input_init(struct input *in, int esc_ms)
{
    *in = (struct input){ .esc_ms = esc_ms };
}

void input_release(struct input *in)
{
    free(in->paste);
    *in = (struct input){ .esc_ms = in->esc_ms };
}

int input_feed(struct input *in, const void *bytes, int n, uint64_t now_ms)
{
    int room = (int)sizeof in->pending - in->n;
    n = n > room ? room : n;
    memcpy(in->pending + in->n, bytes, (size_t)n);
    in->n += n;
    in->since_ms = now_ms;
    return n;
}

static void drop(struct input *in, int n)
{
    memmove(in->pending, in->pending + n, (size_t)(in->n - n));
    in->n -= n;
}

/* Results of the scanners below: bytes used, MORE = incomplete. */
enum { MORE = -1 };

/* Length of ESC [ ... final; MORE; a run of parameters longer than any real sequence ends it. */
static int csi_length(const unsigned char *p, int n)
{
    int i = 2;
    if (n > 2 && p[2] == '[') /* Linux console: ESC [ [ A .. E = F1 .. F5 */
        return n > 3 ? 4 : MORE;
    for (; i < n && i < INPUT_RAW_MAX; i++) {
        if (p[i] >= 0x40 && p[i] <= 0x7e) {
            if (p[i] == 'M' && i == 2) /* X10 mouse report: three more bytes */
                return n >= 6 ? 6 : MORE;
            return i + 1;
        }
        if (p[i] < 0x20) /* a control character cannot be part of it */
            return i;
    }
    return i >= INPUT_RAW_MAX ? i : MORE;
}

/* ESC ] P X ^ _ strings (a terminal's replies): up to BEL or ESC \. */
static int string_length(const unsigned char *p, int n)
{
    for (int i = 2; i < n; i++) {
        if (p[i] == 7)
            return i + 1;
        if (p[i] == 27 && i + 1 < n && p[i + 1] == '\\')
            return i + 2;
    }
    return n >= 2048 ? n : MORE;
}

static uint32_t tilde_key(int number)
{
    switch (number) {
    case 1: case 7: return INPUT_HOME;
    case 2: return INPUT_INSERT;
    case 3: return INPUT_DELETE;
    case 4: case 8: return INPUT_END;
    case 5: return INPUT_PAGE_UP;
    case 6: return INPUT_PAGE_DOWN;
    }
    if (number >= 11 && number <= 15)
        return (uint32_t)INPUT_F(number - 10);
    if (number >= 17 && number <= 21)
        return (uint32_t)INPUT_F(number - 11);
    if (number == 23 || number == 24)
        return (uint32_t)INPUT_F(number - 12);
    return 0;
}

static uint32_t letter_key(unsigned char c)
{
    switch (c) {
    case 'A': return INPUT_UP;
    case 'B': return INPUT_DOWN;
    case 'C': return INPUT_RIGHT;
    case 'D': return INPUT_LEFT;
    case 'H': return INPUT_HOME;
    case 'F': return INPUT_END;
    case 'Z': return INPUT_BACKTAB;
    case 'P': case 'Q': case 'R': case 'S': return (uint32_t)INPUT_F(c - 'P' + 1);
    }
    return 0;
}

/* Parameters separated by ';'; missing ones are 0. */
static int parameters(const unsigned char *p, int n, int out[8])
{
    int count = 0, value = 0;
    bool any = false;
    for (int i = 0; i <= n && count < 8; i++) {
        if (i < n && p[i] >= '0' && p[i] <= '9') {
            value = value < 100000 ? value * 10 + (p[i] - '0') : value;
            any = true;
        } else {
            out[count++] = value;
            value = 0;
        }
    }
    return any ? count : 0;
}

/* One complete ESC [ sequence of n bytes. false: nothing to report (swallowed). */
static bool csi_event(const unsigned char *p, int n, struct input_event *out)
{
    unsigned char final = p[n - 1];
    int v[8] = { 0 };
    if (n == 4 && p[2] == '[' && final >= 'A' && final <= 'E') {
        out->code = (uint32_t)INPUT_F(final - 'A' + 1);
        return true;
    }
    if (n > 3 && p[2] == '<') { /* SGR mouse */
        if (parameters(p + 3, n - 4, v) < 3 || final != 'M')
            return false;
        *out = (struct input_event){ .kind = INPUT_MOUSE, .button = v[0], .col = v[1] - 1, .row = v[2] - 1 };
        return (v[0] & 32) == 0; /* movement */
    }
    if (n == 3 && (final == 'I' || final == 'O')) {
        *out = (struct input_event){ .kind = INPUT_FOCUS, .focused = final == 'I' };
        return true;
    }
    if (p[2] == '?' || p[2] == '>' || p[2] == '=')
        return false;
    int count = parameters(p + 2, n - 3, v);
    out->code = final == '~' ? tilde_key(v[0]) : letter_key(final);
    out->modified = count >= 2 && v[1] > 1;
    return out->code != 0;
}

static bool begins(const struct input *in, const char *text)
{
    size_t n = strlen(text);
    return (size_t)in->n >= n && memcmp(in->pending, text, n) == 0;
}

static void paste_add(struct input *in, unsigned char c)
{
    if (c == '\r')
        c = '\n';
    if (((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) || !in->paste || in->n_paste >= INPUT_PASTE_MAX)
        return;
    in->paste[in->n_paste++] = (char)c;
}

/* Inside a bracketed paste: everything up to ESC [ 201 ~ is text. */
static bool paste_next(struct input *in, struct input_event *out)
{
    static const char end[] = "\033[201~";
    int i = 0;
    for (; i < in->n; i++) {
        int rest = in->n - i, len = (int)sizeof end - 1;
        int compare = rest < len ? rest : len;
        if (memcmp(in->pending + i, end, (size_t)compare) == 0) {
            if (rest < len)
                break; /* the end may be under way */
            drop(in, i + len);
            in->in_paste = false;
            if (!in->paste)
                return false;
            in->paste[in->n_paste] = '\0';
            *out = (struct input_event){ .kind = INPUT_PASTE, .text = in->paste };
            return true;
        }
        paste_add(in, in->pending[i]);
    }
    drop(in, i);
    return false;
}

static void key_raw(const struct input *in, int n, struct input_event *out)
{
    out->kind = INPUT_KEY;
    out->n_raw = n < INPUT_RAW_MAX ? n : INPUT_RAW_MAX;
    memcpy(out->raw, in->pending, (size_t)out->n_raw);
}

/* A character at pending[from]; returns its bytes, MORE, and the code point. */
static int character(const struct input *in, int from, uint32_t *code)
{
    char text[5] = { 0 };
    int have = in->n - from;
    unsigned char first = in->pending[from];
    int need = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 1;
    memcpy(text, in->pending + from, (size_t)(have < need ? have : need));
    int used;
    *code = utf8_next(text, &used);
    if (have < need && *code == 0xfffd) {
        for (int i = 1; i < have; i++)
            if ((text[i] & 0xc0) != 0x80)
                return 1; /* broken already: one bad byte */
        return MORE;
    }
    return used ? used : 1;
}

/* What follows ESC; returns bytes used, MORE, and whether there is an event. */
static int escape(struct input *in, struct input_event *out, bool *event)
{
    const unsigned char *p = in->pending;
    int n = in->n, used;
    *event = false;
    if (n < 2)
        return MORE;
    if (p[1] == '[') {
        used = csi_length(p, n);
        if (used > 0) {
            key_raw(in, used, out);
            *event = used > 2 && csi_event(p, used, out);
        }
        return used;
    }
    if (p[1] == 'O') {
        if (n < 3)
            return MORE;
        key_raw(in, 3, out);
        out->code = letter_key(p[2]);
        *event = out->code != 0;
        return 3;
    }
    if (p[1] == ']' || p[1] == 'P' || p[1] == 'X' || p[1] == '^' || p[1] == '_')
        return string_length(p, n);
    if (p[1] == 27) { /* Esc pressed twice, or Alt with an arrow: the first one is a key of its own */
        key_raw(in, 1, out);
        out->code = INPUT_ESC;
        *event = true;
        return 1;
    }
    uint32_t code;
    used = character(in, 1, &code);
    if (used == MORE)
        return MORE;
    key_raw(in, 1 + used, out);
    out->code = (uint32_t)INPUT_ALT | code;
    *event = code != 0xfffd;
    return 1 + used;
}

static bool waited(const struct input *in, uint64_t now_ms)
{
    return now_ms - in->since_ms >= (uint64_t)in->esc_ms;
}

bool input_next(struct input *in, uint64_t now_ms, struct input_event *out)
{
    while (in->n > 0) {
        *out = (struct input_event){ .kind = INPUT_KEY };
        if (in->in_paste) {
            if (paste_next(in, out))
                return true;
            if (in->in_paste)
                return false;
            continue;
        }
        if (begins(in, "\033[200~")) {
            drop(in, 6);
            in->in_paste = true;
            in->n_paste = 0;
            if (!in->paste)
                in->paste = malloc(INPUT_PASTE_MAX + 1);
            continue;
        }
        bool event = true;
        int used;
        if (in->pending[0] == 27) {
            used = escape(in, out, &event);
            if (used == MORE && waited(in, now_ms)) {
                bool lone = in->n == 1;
                /* a lone Esc is a key; a sequence that never ended (Alt-[ as well) is swallowed */
                key_raw(in, 1, out);
                out->code = INPUT_ESC;
                event = lone;
                used = in->n;
            }
        } else {
            uint32_t code;
            used = character(in, 0, &code);
            if (used == MORE && waited(in, now_ms))
                used = 1, code = 0xfffd;
            if (used != MORE) {
                key_raw(in, used, out);
                out->code = code;
                event = code != 0xfffd && code != 0;
            }
        }
        if (used == MORE)
            return false;
        drop(in, used);
        if (event)
            return true;
    }
    return false;
}

int input_timeout(const struct input *in, uint64_t now_ms)
{
    if (in->n == 0 || in->in_paste)
        return -1;
    uint64_t gone = now_ms - in->since_ms;
    return gone >= (uint64_t)in->esc_ms ? 0 : (int)((uint64_t)in->esc_ms - gone);
}
