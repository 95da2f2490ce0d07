#include "config.h"
#include "tui/input.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

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
    if (in->skipping && now_ms >= in->skip_end_ms)
        in->skipping = 0; /* its rest never came */
    memcpy(in->pending + in->n, bytes, (size_t)n);
    in->n += n;
    in->since_ms = now_ms;
    return n;
}

/* ms: how long an answer is waited for, how long a lone Esc waits meanwhile, how late the rest of a sequence may come */
enum { ANSWER_MS = 2000, ASKED_ESC_MS = 300, LATE_MS = 1000, LINK_MS_MAX = 300 };

void input_asked(struct input *in, uint64_t now_ms)
{
    in->asked_ms = now_ms ? now_ms : 1;
}

bool input_awaits_answer(const struct input *in, uint64_t now_ms)
{
    return in->asked_ms && now_ms - in->asked_ms < ANSWER_MS;
}

static void drop_input(struct input *in, int n)
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

static bool begins_string(unsigned char c)
{
    return c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_';
}

/* ESC ] P X ^ _ strings (a terminal's replies): up to BEL or ESC \. Any other control character is a key again. */
static int string_length(const unsigned char *p, int n)
{
    for (int i = 2; i < n; i++) {
        if (p[i] == 7)
            return i + 1;
        if (p[i] == 27 && i + 1 == n)
            return MORE;
        if (p[i] < 0x20)
            return p[i] == 27 && p[i + 1] == '\\' ? i + 2 : i;
    }
    return MORE;
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
            value = value < 10000000 ? value * 10 + (p[i] - '0') : value;
            any = true;
        } else {
            out[count++] = value;
            value = 0;
        }
    }
    return any ? count : 0;
}

/* A key as kitty's protocol and xterm's modifyOtherKeys report it: a code point and 1 + bits of shift, alt, control ... Its bytes
 * become those that a terminal sends without them. */
static bool reported_key(int code, int modifiers, struct input_event *out)
{
    enum { SHIFT = 1, ALT = 2, CONTROL = 4, OTHERS = 8 | 16 | 32 };
    int bits = modifiers > 0 ? modifiers - 1 : 0, n = 0;
    char bytes[4];
    if (code == 57414) /* Enter of the keypad */
        code = '\r';
    if (code < 1 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) || (code >= 0xe000 && code < 0xf900) || (bits & OTHERS))
        return false;
    if (code == '\t' && (bits & SHIFT)) {
        out->code = INPUT_BACKTAB;
        memcpy(out->raw, "\033[Z", 3);
        out->n_raw = 3;
        return true;
    }
    if ((bits & SHIFT) && code >= 'a' && code <= 'z')
        code -= 'a' - 'A';
    if (bits & CONTROL)
        code = code == '?' ? 127 : code == '/' ? 31 : code >= '@' && code < 127 ? code & 0x1f : code;
    if (code == 0)
        return false;
    if (bits & ALT)
        out->raw[n++] = 27;
    int len = (int)text_encode((uint32_t)code, bytes);
    memcpy(out->raw + n, bytes, (size_t)len);
    out->n_raw = n + len;
    out->code = (uint32_t)code | (bits & ALT ? (uint32_t)INPUT_ALT : 0);
    return true;
}

/* "97:65;5:3u": the first number of each field, the shifted key and the kind of event (3: released) behind a colon. */
static bool kitty_event(const unsigned char *p, int n, struct input_event *out)
{
    int field[2][2] = { { 0 } }, f = 0, sub = 0;
    for (int i = 0; i < n && f < 2; i++) {
        if (p[i] == ';')
            f++, sub = 0;
        else if (p[i] == ':')
            sub++;
        else if (p[i] >= '0' && p[i] <= '9' && sub < 2 && field[f][sub] < 10000000)
            field[f][sub] = field[f][sub] * 10 + (p[i] - '0');
    }
    int modifiers = field[1][0], shifted = field[0][1];
    if (field[1][1] == 3)
        return false;
    bool use = shifted > 0 && modifiers > 0 && ((modifiers - 1) & 1);
    return reported_key(use ? shifted : field[0][0], use ? modifiers - 1 : modifiers, out);
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
    if (final == 'u')
        return kitty_event(p + 2, n - 3, out);
    int count = parameters(p + 2, n - 3, v);
    if (final == '~' && v[0] == 27 && count >= 3)
        return reported_key(v[2], v[1], out);
    out->code = final == '~' ? tilde_key(v[0]) : letter_key(final);
    out->modified = count >= 2 && v[1] > 1;
    return out->code != 0;
}

static bool input_begins(const struct input *in, const char *text)
{
    size_t n = strlen(text);
    return (size_t)in->n >= n && memcmp(in->pending, text, n) == 0;
}

static void paste_add(struct input *in, unsigned char c)
{
    if (c == '\r')
        c = '\n';
    if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
        return;
    if (in->paste && in->n_paste < INPUT_PASTE_MAX)
        in->paste[in->n_paste++] = (char)c;
    else
        in->n_lost++;
}

static void begin_paste(struct input *in, bool block)
{
    in->in_paste = true;
    in->in_block = block;
    in->n_paste = in->n_lost = 0;
    if (!in->paste)
        in->paste = malloc(INPUT_PASTE_MAX + 1);
}

void input_begin_block(struct input *in, uint64_t now_ms)
{
    begin_paste(in, true);
    in->since_ms = now_ms;
}

static bool end_paste(struct input *in, struct input_event *out)
{
    in->in_paste = false;
    if (!in->paste)
        return false;
    in->paste[in->n_paste] = '\0';
    *out = (struct input_event){ .kind = INPUT_PASTE, .text = in->paste, .lost = in->n_lost, .late = in->late };
    in->late = false;
    return true;
}

/* Silence that ends the paste: a C-c as the last that came was pressed, unless more follows at once. */
static uint64_t paste_patience(const struct input *in)
{
    return in->in_block || (in->n > 0 && in->pending[0] == 3) ? INPUT_BLOCK_MS : INPUT_PASTE_MS;
}

/* Inside a paste everything is text up to its end: ESC [ 201 ~; a C-c that was pressed; a silence. */
static bool paste_next(struct input *in, uint64_t now_ms, struct input_event *out)
{
    static const char end[] = "\033[201~";
    int i = 0;
    for (; i < in->n; i++) {
        int rest = in->n - i, len = (int)sizeof end - 1;
        int compare = rest < len ? rest : len;
        if (memcmp(in->pending + i, end, (size_t)compare) == 0) {
            if (rest < len)
                break; /* the end may be under way */
            drop_input(in, i + len);
            return end_paste(in, out);
        }
        if (in->pending[i] == 3 && i + 1 == in->n)
            break;
        paste_add(in, in->pending[i]);
    }
    drop_input(in, i);
    if (now_ms - in->since_ms < paste_patience(in))
        return false;
    drop_input(in, in->n);
    return end_paste(in, out);
}

/* Nobody types four characters and Enter between two reads; when a slow link makes it so, they stand at the prompt and do nothing.
 * After : / and \ what follows is text of whoever pressed them. */
bool input_is_block(const void *bytes, int n)
{
    const unsigned char *p = bytes;
    int first = 0;
    bool varied = false;
    if (n < 5 || memchr(p, 27, (size_t)n) || memchr(":/\\", p[0], 4))
        return false;
    while (first < n && p[first] >= 0x20 && p[first] != 0x7f) {
        varied |= p[first] != p[0];
        first++;
    }
    return first >= 4 && varied && first < n && (p[first] == '\r' || p[first] == '\n');
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
    const char *rest = text;
    *code = text_next(&rest);
    if (have < need && *code == 0xfffd) {
        for (int i = 1; i < have; i++)
            if ((text[i] & 0xc0) != 0x80)
                return 1; /* broken already: one bad byte */
        return MORE;
    }
    return (int)(rest - text);
}

static bool hex_part(const char **p, unsigned char *out)
{
    unsigned value = 0;
    int n = 0;
    for (; n < 4 && isxdigit((unsigned char)**p); n++, ++*p)
        value = value * 16 + (unsigned)(**p <= '9' ? **p - '0' : (**p | 0x20) - 'a' + 10);
    static const unsigned most[5] = { 0, 0xf, 0xff, 0xfff, 0xffff };
    *out = (unsigned char)(n ? (value * 255 + most[n] / 2) / most[n] : 0);
    return n > 0;
}

/* ESC ] 11 ; rgb:RRRR/GGGG/BBBB: the answer to the question for the background. */
static bool background(const unsigned char *sequence, int n, struct input_event *out)
{
    char text[64];
    if (n < 5 || n >= (int)sizeof text)
        return false;
    memcpy(text, sequence + 2, (size_t)n - 2);
    text[n - 2] = '\0';
    const char *p = text + (strncmp(text, "11;rgba:", 8) == 0 ? 8 : 7);
    if (strncmp(text, "11;rgb", 6) != 0)
        return false;
    *out = (struct input_event){ .kind = INPUT_BACKGROUND };
    return hex_part(&p, &out->red) && *p++ == '/' && hex_part(&p, &out->green) && *p++ == '/' && hex_part(&p, &out->blue);
}

/* Reads what follows ESC; returns bytes used, MORE, and whether there is an event. */
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
            if (used > 3 && p[2] == '?' && p[used - 1] == 'c')
                in->asked_ms = 0;
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
    if (begins_string(p[1])) {
        used = string_length(p, n);
        *event = used > 0 && background(p, used, out);
        return used;
    }
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

/* The time that pending bytes may wait for more: a lone Esc shortly, the beginning of a sequence or of a character longer. */
static int patience(const struct input *in, uint64_t now_ms)
{
    if (in->pending[0] != 27 || in->n > 1)
        return INPUT_SEQUENCE_MS;
    int most = in->link_ms > in->esc_ms ? in->link_ms : in->esc_ms;
    return input_awaits_answer(in, now_ms) && most < ASKED_ESC_MS ? ASKED_ESC_MS : most;
}

static bool waited(const struct input *in, uint64_t now_ms)
{
    return now_ms - in->since_ms >= (uint64_t)patience(in, now_ms);
}

/* The rest of a sequence that was given up: to its last byte, or to a control character, which is a key. */
static void skip_rest(struct input *in)
{
    int i = 0;
    bool string = begins_string(in->skipping), ended = false;
    for (; i < in->n && !ended && in->pending[i] >= 0x20; i++)
        ended = !string && in->pending[i] >= 0x40 && in->pending[i] <= 0x7e;
    if (i < in->n && !ended) {
        ended = true;
        if (string && in->pending[i] == 7)
            i++;
        else if (string && in->pending[i] == 27 && i + 1 < in->n && in->pending[i + 1] == '\\')
            i += 2;
    }
    drop_input(in, i);
    if (ended)
        in->skipping = 0;
}

/* True when the bytes after a lone Esc are the rest of a key's sequence, in one piece and known: the link tore it apart. */
static bool is_late_rest(const struct input *in)
{
    unsigned char p[INPUT_RAW_MAX + 1] = { 27 };
    struct input_event e = { .kind = INPUT_KEY };
    int n = in->n < INPUT_RAW_MAX ? in->n : INPUT_RAW_MAX;
    memcpy(p + 1, in->pending, (size_t)n);
    if (n >= 2 && p[1] == 'O')
        return letter_key(p[2]) != 0;
    if (n >= 2 && p[1] == ']')
        return n >= 4 && memcmp(p, "\033]11;", 5) == 0;
    if (n < 2 || p[1] != '[')
        return false;
    int used = csi_length(p, n + 1);
    return used > 2 && (csi_event(p, used, &e) || memcmp(p, "\033[200~", 6) == 0 || (p[2] == '?' && p[used - 1] == 'c'));
}

static void join_late(struct input *in)
{
    uint64_t gap = in->since_ms - in->esc_given_ms + (uint64_t)(in->link_ms > in->esc_ms ? in->link_ms : in->esc_ms);
    bool near = in->since_ms >= in->esc_given_ms && in->since_ms - in->esc_given_ms <= LATE_MS;
    in->esc_given_ms = 0;
    if (!near || in->n + 1 > (int)sizeof in->pending || !is_late_rest(in))
        return;
    memmove(in->pending + 1, in->pending, (size_t)in->n);
    in->pending[0] = 27;
    in->n++;
    in->late = true;
    in->link_ms = gap * 3 / 2 > LINK_MS_MAX ? LINK_MS_MAX : (int)(gap * 3 / 2);
}

/* Ends the wait for bytes that have waited long enough without becoming whole. */
static int give_up(struct input *in, uint64_t now_ms, struct input_event *out, bool *event)
{
    if (in->pending[0] != 27) {
        *event = false;
        return 1;
    }
    *event = in->n == 1; /* a lone Esc is a key; of a sequence without its end (Alt-[ as well) the rest may still come */
    if (*event)
        in->esc_given_ms = now_ms ? now_ms : 1;
    else
        in->skipping = in->pending[1], in->skip_end_ms = now_ms + LATE_MS;
    key_raw(in, 1, out);
    out->code = INPUT_ESC;
    return in->n;
}

/* One key or sequence off what is pending; MORE. */
static int one_key(struct input *in, uint64_t now_ms, struct input_event *out, bool *event)
{
    uint32_t code;
    *event = true;
    int used = in->pending[0] == 27 ? escape(in, out, event) : character(in, 0, &code);
    if (used == MORE)
        return waited(in, now_ms) ? give_up(in, now_ms, out, event) : MORE;
    if (in->pending[0] != 27) {
        key_raw(in, used, out);
        out->code = code;
        *event = code != 0xfffd && code != 0;
    }
    return used;
}

bool input_next(struct input *in, uint64_t now_ms, struct input_event *out)
{
    while (in->n > 0 || in->in_paste) {
        *out = (struct input_event){ .kind = INPUT_KEY };
        if (in->in_paste) {
            if (paste_next(in, now_ms, out))
                return true;
            if (in->in_paste)
                return false;
            continue;
        }
        if (in->skipping) {
            skip_rest(in);
            if (in->skipping)
                return false;
            continue;
        }
        if (in->esc_given_ms)
            join_late(in);
        if (input_begins(in, "\033[200~")) {
            drop_input(in, 6);
            begin_paste(in, false);
            continue;
        }
        bool event;
        int used = one_key(in, now_ms, out, &event);
        if (used == MORE)
            return false;
        drop_input(in, used);
        if (event) {
            out->late = in->late;
            in->late = false;
            return true;
        }
    }
    return false;
}

int input_timeout(const struct input *in, uint64_t now_ms)
{
    if (in->n == 0 && !in->in_paste)
        return -1;
    uint64_t gone = now_ms - in->since_ms;
    uint64_t most = in->in_paste ? paste_patience(in) : (uint64_t)patience(in, now_ms);
    return gone >= most ? 0 : (int)(most - gone);
}
