/* tui/input.h - from terminal bytes to keys. Own decoder on bytes from read(2), so that curses never holds input back and a
 * lone Esc has our timeout. Sequences it does not know are swallowed, never leaked as text, also when a slow link delivers them in
 * parts. Nothing holds the keyboard for good: what has no end ends with a silence, a paste with C-c as well. No terminal needed. */
#ifndef TUI_INPUT_H
#define TUI_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Key codes: a code point (1..31: control), one of these, or a code point with INPUT_ALT. Shift, control and alt of the keys
 * below are not told apart here; their bytes are kept for readline. */
enum {
    INPUT_ESC = 27,
    INPUT_NAMED = 0x200000,
    INPUT_UP, INPUT_DOWN, INPUT_LEFT, INPUT_RIGHT, INPUT_HOME, INPUT_END, INPUT_INSERT, INPUT_DELETE,
    INPUT_PAGE_UP, INPUT_PAGE_DOWN, INPUT_BACKTAB,
    INPUT_F0 = 0x200100,
    INPUT_ALT = 0x1000000
};
#define INPUT_F(n) (INPUT_F0 + (n))

enum input_kind { INPUT_KEY, INPUT_PASTE, INPUT_MOUSE, INPUT_FOCUS, INPUT_BACKGROUND };
enum { INPUT_RAW_MAX = 64, INPUT_PASTE_MAX = 1 << 16 };
/* ms of silence that end: a sequence without its end; a paste without its marker; a block of text that came as one */
enum { INPUT_SEQUENCE_MS = 500, INPUT_PASTE_MS = 1000, INPUT_BLOCK_MS = 100 };

struct input_event {
    enum input_kind kind;
    uint32_t code;             /* KEY */
    bool modified;             /* KEY: a named key with shift, alt or control */
    char raw[INPUT_RAW_MAX];   /* KEY: its bytes, for readline */
    int n_raw;
    int button, row, col;      /* MOUSE: button 0.., 64 wheel up, 65 wheel down; 0-based cell; presses only */
    bool focused;              /* FOCUS */
    const char *text;          /* PASTE: NUL-terminated, valid until the next call; control characters but \n \t removed */
    size_t lost;               /* PASTE: bytes that did not fit any more */
    unsigned char red, green, blue; /* BACKGROUND: the terminal's, as it answered */
    bool late;                 /* the Esc of this sequence was handed out as a key of its own: it was none */
};

struct input {
    unsigned char pending[4096];
    int n;
    uint64_t since_ms;         /* when the newest byte came */
    int esc_ms;                /* how long a lone Esc waits */
    int link_ms;               /* and how long at least: the link was seen to tear sequences apart by as much */
    uint64_t esc_given_ms;     /* a lone Esc was handed out then, and nothing came since; 0 = no */
    bool late;                 /* belongs to the next event */
    unsigned char skipping;    /* rest of a sequence whose time was up: its second byte; 0 = nothing */
    uint64_t skip_end_ms;      /* what comes from then on is no rest of it */
    uint64_t asked_ms;         /* the terminal was asked something then and has not answered; 0 = no */
    bool in_paste, in_block;   /* block: a paste without markers */
    char *paste;               /* [INPUT_PASTE_MAX + 1], made at the first paste */
    size_t n_paste, n_lost;
};

void input_init(struct input *in, int esc_ms);
void input_release(struct input *in);
/* Takes bytes; returns how many fitted (call input_next() until false, then feed the rest). */
int input_feed(struct input *in, const void *bytes, int n, uint64_t now_ms);
/* Next event, or false: more bytes or time are needed. */
bool input_next(struct input *in, uint64_t now_ms, struct input_event *out);
/* ms until a waiting Esc, sequence or paste is decided; -1 = nothing waits. */
int input_timeout(const struct input *in, uint64_t now_ms);

/* Bytes of one read that hold whole lines of text, more than keys pressed one by one come to: a paste of a terminal that does not
 * mark it. input_begin_block() makes what is fed next one PASTE, up to a silence. */
bool input_is_block(const void *bytes, int n);
void input_begin_block(struct input *in, uint64_t now_ms);

/* The terminal was sent a question that ends with "ESC [ c": until that is answered an Esc may be the begin of an answer. */
void input_asked(struct input *in, uint64_t now_ms);
bool input_awaits_answer(const struct input *in, uint64_t now_ms);

#endif
