/* Running what was typed: lines wait their turn, blocks stop at the first error, long output opens a box. */
#include "config.h"
#include "tui/app.h"

#include "repl/lex.h"
#include "tui/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void app_say(enum say_level level, const char *text)
{
    screen_say(&app.screen, level, text, -1);
    app_dirty(true);
}

/* Long output opens as a box that scrolls; a few lines stay above the hints. */
static void show_output(const char *echo)
{
    struct screen *s = &app.screen;
    int room = (app.rows - 4) / 2 < 3 ? 3 : (app.rows - 4) / 2;
    if (s->n_messages <= room)
        return;
    struct buf text = { 0 };
    for (int i = 0; i < s->n_messages; i++)
        buf_addf(&text, "%s\n", s->message[i].text);
    screen_messages_clear(s);
    char title[64];
    snprintf(title, sizeof title, "%.60s", echo);
    screen_show_text(s, title, text.data ? text.data : "");
    buf_release(&text);
}

/* Keys act on the panes in a replay and in a comparison. While training the prompt stays: what is typed next is a command more often than not,
 * and its letters must not act as keys. */
void app_follow_state(void)
{
    struct replay_status r;
    const void *compared = workbench_comparison(app.w);
    bool replaying = workbench_replay_status(app.w, &r);
    if ((replaying && !app.was_replaying) || (compared && compared != app.was_compared))
        app.screen.keys = line_is_empty();
    app.was_replaying = replaying;
    app.was_compared = compared;
}

static int run_one(const char *line, bool echo)
{
    struct screen *s = &app.screen;
    app.depth = true;
    app.interrupted = app.gave_up = false;
    screen_close_overlay(s);
    snprintf(s->echo, sizeof s->echo, "%s", line);
    int result = workbench_line(app.w, line, true);
    app.depth = false;
    if (s->caret < 0 && !echo)
        s->echo[0] = '\0';
    show_output(line);
    return result;
}

/* Takes one line off a block, several when they end with a backslash; NULL: there is none. */
static char *next_typed(char **rest)
{
    char *line = *rest, *end = line;
    while (end && (end = strchr(end, '\n'))) {
        *end = '\0';
        if (!lex_continues(line))
            break;
        *end++ = '\n';
    }
    *rest = end ? end + 1 : NULL;
    return line;
}

void app_tell_line_trouble(void)
{
    char text[600];
    if (line_trouble(text, sizeof text))
        app_say(SAY_WARNING, text);
}

/* A pasted block is several lines: they run in order and stop at the first error. */
static void run_typed(const char *text, bool echo)
{
    screen_messages_clear(&app.screen);
    app_tell_line_trouble();
    char *copy = strdup(text), *rest = copy;
    for (char *one; (one = next_typed(&rest));)
        if (one[strspn(one, " \t")] && run_one(one, echo) != 0)
            break;
    free(copy);
    app_follow_state();
    app_refresh_status();
    app_dirty(true);
}

void app_run_line(const char *line, bool echo)
{
    if (app.n_queued == MAX_QUEUED) {
        app_say(SAY_WARNING, "too many commands wait");
        return;
    }
    char *copy = strdup(line);
    if (!copy)
        return;
    line_remember(line); /* at once: an Up typed ahead means this line */
    app.queued_echo[app.n_queued] = echo;
    app.queued[app.n_queued++] = copy;
}

/* What was typed while a command ran counted on it: `train` after a fork that was given up would begin another run. */
static void drop_queued(void)
{
    char text[200];
    for (int i = 0; i < app.n_queued; i++) {
        snprintf(text, sizeof text, "'%.150s' is not run", app.queued[i]);
        app_say(SAY_WARNING, text);
        free(app.queued[i]);
    }
    app.n_queued = 0;
}

void app_run_queued(void)
{
    while (app.n_queued && !app.depth) {
        char *line = app.queued[0];
        bool echo = app.queued_echo[0];
        app.n_queued--;
        memmove(app.queued, app.queued + 1, (size_t)app.n_queued * sizeof app.queued[0]);
        memmove(app.queued_echo, app.queued_echo + 1, (size_t)app.n_queued * sizeof app.queued_echo[0]);
        run_typed(line, echo);
        free(line);
        if (app.gave_up)
            drop_queued();
    }
}

void app_take_line(void)
{
    bool eof;
    char *text = line_accepted(&eof);
    if (text && lex_continues(text)) { /* goes on in a next line, typed or pasted */
        line_fill(text);
        line_paste("\n");
    } else if (text && text[strspn(text, " \t\n")])
        app_run_line(text, false);
    else if (text)
        screen_messages_clear(&app.screen);
    if (eof)
        app_run_line(key_line[LINE_QUIT], true);
    free(text);
}

