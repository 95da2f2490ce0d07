/* tui/layout.h - where everything goes: a pure function of the size and of what exists. No memory, any thread.
 * Rectangles never overlap and never leave the screen; an absent one has rows = 0. Every size from 1x1 up gives a layout;
 * below 40x8 only one line and the prompt. */
#ifndef TUI_LAYOUT_H
#define TUI_LAYOUT_H

#include <stdbool.h>

/* The comparison's panes stand in the places of the first of them. */
enum pane_id { COMPARE_RUNS, COMPARE_TRACES, COMPARE_CLASSES, COMPARE_DENSITY, PANE_CLASSES = 0, PANE_CURVATURE, PANE_TRACES, PANE_EVENTS, PANE_CONFUSED, PANE_HOST, PANE_COUNT };
enum { LAYOUT_MIN_COLS = 40, LAYOUT_MIN_ROWS = 8 };
enum layout_zoom { ZOOM_NONE, ZOOM_HALF, ZOOM_FULL };

struct rect {
    int row, col, rows, cols;
};
struct layout_input {
    int rows, cols;
    int n_classes, n_groups; /* 0 = no run yet */
    int events;              /* lines of the log */
    int messages;            /* rows that the last command's output wants; it gets fewer on a small screen */
    int runs;                /* of a comparison; 0: none is shown */
    bool density;            /* it shows densities where there is no room for classes beside them */
    enum pane_id focus;
    enum layout_zoom zoom;
};
struct layout {
    bool too_small;              /* only `notice` and `prompt` */
    bool framed;                 /* two columns with borders; panes' first rows are parts of the frame */
    int split, split_row;        /* framed: column of the border between the two columns, or -1, and the row in which it begins */
    struct rect notice, header, timeline, body, messages, hints, prompt;
    struct rect pane[PANE_COUNT]; /* title row included, borders not */
    int number[PANE_COUNT];      /* 1 .. 6 as shown and typed, the same at every size; 0 = not shown */
};

void layout_compute(const struct layout_input *in, struct layout *out);

#endif
