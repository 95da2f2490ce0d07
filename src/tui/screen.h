/* tui/screen.h - everything the panes look at, and what the user did to the view (selection, sort, zoom ...). Panes first
 * recalculate (may allocate, look at the model) and then paint (pure). Nothing here knows a terminal. One thread. */
#ifndef TUI_SCREEN_H
#define TUI_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/host.h"
#include "engine/run/trainer.h"
#include "repl/workbench.h"
#include "session/comparison.h"
#include "session/history.h"
#include "session/session.h"
#include "tui/canvas.h"
#include "tui/glyphs.h"
#include "tui/layout.h"

enum class_sort { SORT_N, SORT_ACC, SORT_DELTA, SORT_LMIN, SORT_NAME, SORT_COUNT };
extern const char *const sort_names[SORT_COUNT];
enum trace_id { TRACE_LOSS, TRACE_ACC, TRACE_TAIL, TRACE_LR, TRACE_RHO, TRACE_GN, TRACE_GAUGE, TRACE_COUNT = TRACE_GAUGE + GAUGES };
extern const char *const trace_names[TRACE_COUNT];

/* The data that panes read. Pointers are borrowed for one recalculation and paint. */
struct view {
    const struct history *h;
    const struct knobs *knobs;       /* of the run that is shown, or else as set up */
    bool has_run, has_session, replaying;
    struct trainer_status run;
    struct session_status session;
    struct replay_status replay;
    const struct host *host;
    double ui_share;                 /* of one core, this thread; NaN before the first second */
    int64_t wall_offset_ns;          /* history_line.ns + this = wall clock; 0 = unknown: epochs are shown */
    struct comparison *comparison;   /* NULL: none is shown */
    const char *sweep;               /* lines of the table of a sweep under way; NULL: none is */
    uint64_t started_ns;             /* lines older than this process are from a file: their clock is not ours */
};

struct class_row { /* a line of the classes pane: a group's header (class < 0) or a class */
    int group, class;
};

struct classes_view { /* cache of the classes pane, rebuilt by classes_recalc() */
    int n, cap;
    struct class_row *row;
    int *order, order_cap;    /* class indices in display order */
    double *key;              /* their sort keys */
    bool group_closed[HISTORY_MAX_GROUPS], groups_decided;
    bool with_groups, heat, held; /* held: the order is stale because the pane has the focus */
    int columns, column_rows; /* several columns side by side: rows in each */
    int top;                  /* first shown row */
    uint64_t order_evals, order_eigs; /* n_eval the order was made at */
    int order_classes;
    enum class_sort order_sort;
    bool order_reversed;
};

/* The views of the lower half of the curvature pane. A view without anything to show is passed over. */
enum { CURVES_GROUPS, CURVES_CLASS, CURVES_MEASURED, CURVES_COUNT = CURVES_MEASURED + MEASURES - 1 };
#define CURVES_OF(measure) (CURVES_MEASURED - 1 + (int)(measure)) /* of each measurement after spectra, the first */

enum { ESD_CURVES = 3, ESD_POINTS = 1024 };
struct esd_curve {            /* log10 density of one spectrum, and what it was made from */
    uint32_t class, iters, of, n_nodes; /* of > 0: a probe under way */
    uint64_t step;
    double epoch, lmin, lmax;
    double value[ESD_POINTS];
};
struct esd { /* cache of the curvature pane: up to three spectra on one axis */
    int n, points;            /* curves, cells of the grid */
    bool side_by_side;        /* a frame for each, else all in one */
    double low, high, top;    /* the grid, and the highest log10 density */
    struct esd_curve curve[ESD_CURVES];
};

struct compare_view { /* what is chosen on the screen of a comparison, and what its panes were made of for this frame */
    const struct comparison *shown; /* in the last frame */
    int run, metric;       /* highlighted; of the traces pane when it has room for one */
    int class, top;        /* class of run 0 that is selected, -1: the first; first shown row */
    bool late;             /* curves from the first fork on */
    bool density;          /* instead of the classes where there is no room for both */
    int other;             /* whose gain over run 0 the classes are sorted by */
    int n_gain, cap_gain;
    bool by_size;          /* they are more than rows: the largest changes are on top */
    struct comparison_gain *gain;
    int density_class, cells, n_density; /* class -1: nobody has a spectrum */
    double low, high, top_density;
    double *value;         /* [runs][cells] log10 */
    int cap_value;
};

enum overlay { OVERLAY_NONE, OVERLAY_HELP, OVERLAY_TEXT, OVERLAY_CLASS };

struct message {
    enum say_level level;
    char *text;
};
enum { MESSAGES_MAX = 2000 };

struct screen {
    struct view view;
    struct layout layout;
    enum glyph_mode glyphs;

    bool keys;                /* state KEYS, else PROMPT */
    bool vi_mode, vi_command; /* readline's: shown in the hint row */
    enum pane_id focus;
    enum layout_zoom zoom;
    int selected;             /* class index, -1 before there are classes */
    bool selected_group;      /* the cursor is on the header of the class's group */
    enum class_sort sort;
    bool reversed;
    char filter[64], find[64];
    enum trace_id trace;      /* of the narrow traces pane */
    bool log_y;
    int x_axis;               /* 0 epoch, 1 step */
    int events_back;          /* lines scrolled back */
    size_t mark;              /* cursor of [ ] { }: index + 1 in marks; 0 = now */
    bool frozen;

    struct classes_view classes;
    struct esd esd;
    int curves;               /* as chosen; curves_shown() says what that comes to */
    struct compare_view compare;
    bool curves_seen;         /* results of the last frame are known */
    size_t seen[MEASURES];

    enum overlay overlay;
    char overlay_title[64], overlay_filter[64];
    bool overlay_filtering;
    struct buf overlay_text;
    int overlay_top;

    struct message message[MESSAGES_MAX]; /* output of the last command line */
    int n_messages, caret, caret_end; /* bytes of echo to point at; caret -1 = none */
    char echo[256];           /* the command they answer, "" = typed at the prompt and still visible there */

    char **completions;       /* borrowed list above the prompt, NULL = none */
    int n_completions, completion_page; /* which part of a long list is shown */
};

void screen_init(struct screen *s);
void screen_release(struct screen *s);

/* Recalculates and paints a whole frame. The prompt row is left blank: the caller draws it. */
void screen_paint(struct screen *s, struct canvas *c);

/* --- messages above the hint row --- */
void screen_messages_clear(struct screen *s);
void screen_say(struct screen *s, enum say_level level, const char *text, int caret);

/* --- what keys do to the view --- */
void screen_move(struct screen *s, int rows);        /* selection or scroll of the focused pane or overlay */
void screen_move_end(struct screen *s, bool last);
void screen_focus_next(struct screen *s, int direction);
void screen_focus_number(struct screen *s, int number); /* 1 .. 6; a pane without room is zoomed */
int screen_zoom_pane(struct screen *s, const char *name, struct err *err); /* a pane or a view of curvature; "none" unzooms */
void screen_next_curves(struct screen *s);           /* other view of the curvature pane */
int screen_sort_by(struct screen *s, const char *key, struct err *err);
bool screen_find(struct screen *s, const char *text, int direction); /* false: nothing matches */
void screen_open(struct screen *s);                  /* Enter: group, or class detail */
void screen_show_text(struct screen *s, const char *title, const char *text);
void screen_close_overlay(struct screen *s);
void screen_mark_move(struct screen *s, int direction, bool snapshots);
int pane_find(const char *name);                     /* "events" -> PANE_EVENTS; unique prefixes count; -1 */

/* --- panes (one file each) --- */
struct pane {
    const char *name;
    void (*recalc)(struct screen *s, int rows, int cols);            /* may be NULL; size of the body */
    void (*title)(const struct screen *s, struct area a, int col);   /* the rest of the title row from column col */
    void (*paint)(const struct screen *s, struct area a);
};
extern const struct pane pane_classes, pane_curvature, pane_traces, pane_events, pane_confused, pane_host;
extern const struct pane *const pane_table[PANE_COUNT];
const struct pane *screen_pane(const struct screen *s, enum pane_id id); /* of what is shown; NULL: there is none in that place */

void header_paint(const struct screen *s, struct area a);
void timeline_paint(const struct screen *s, struct area a);
void hints_paint(const struct screen *s, struct area a);
void overlay_paint(struct screen *s, struct area body);
void class_detail_text(const struct screen *s, struct buf *out);
void classes_select_visible(struct screen *s); /* keeps the selection on a row that exists */

/* --- small things panes share --- */
unsigned group_ink(const struct history *h, int group);
char group_letter(const struct history *h, int group);
double history_group_acc(const struct history *h, size_t eval, int group);
double history_group_delta(const struct history *h, int group, int evals_back);
bool text_contains(const char *text, const char *part); /* ignores case of ASCII letters */
double total_epochs(const struct screen *s);

#endif
