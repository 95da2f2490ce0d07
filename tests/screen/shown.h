/* The parts of shown.c: the runner of scenes, and the stage on which a scene is played. */
#ifndef TESTS_SHOWN_H
#define TESTS_SHOWN_H

#include "tui_model.h"

#include "base/buf.h"
#include "tui/app.h"

enum { MAX_REPLIES = 64 };

struct workbench { /* stands in for the program behind the screen */
    struct workbench_face face;
    struct model m;
    int fd, keys;             /* always readable; where keys are written */
    bool training, quit, measures, steered, sweeps, recorded, replays;
    struct session_status session;
    struct replay_status replay;
    struct comparison *compared;
    int caret_end, exit_code;
    char *reply[MAX_REPLIES]; /* what the next line comes to */
    int n_replies;
    char *row[MAX_REPLIES];   /* of the table of a sweep */
    int n_rows;
    bool second;              /* one passes */
    bool tells_wait;          /* the next time that the loop waits is told */
    char point[64];
    char moment[64];
    int rows, cols, cursor_row, cursor_col;
    const struct canvas *shown;
};
extern struct workbench stage;

/* A line of what happened, beside what is shown. */
void told(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* shown_script.c: the next commands of the scene, until one that needs the screen's loop; false: there is none. */
bool play_on(void);
void play_begin(char *script, FILE *out);
bool play_opened(struct tui_options *options);
void play_end(void); /* the screen was left: its rest is only copied */

/* shown_model.c: a command that makes up what is shown; false: it is none. */
bool model_command(const char *verb, char *words);
/* shown_compare.c */
bool compare_command(const char *verb, char *words);
void compare_forget(void);
/* shown_stage.c */
bool stage_command(const char *verb, char *words);

#endif
