/* Keys of what is looked at by a cursor: a replay, a comparison. */
#include "config.h"
#include "tui/app.h"

#include <math.h>

#include "tui/compare.h"

/* --- replay ------------------------------------------------------------------------------------------------------------ */

bool app_replay_key(uint32_t code)
{
    struct workbench *w = app.w;
    struct replay_status r;
    if (!workbench_replay_status(w, &r) || r.attached) /* keys steer it */
        return false;
    switch (code) {
    case ' ': workbench_replay_play(w, !r.playing); break;
    case INPUT_LEFT: workbench_replay_move(w, 'e', -1); break;
    case INPUT_RIGHT: workbench_replay_move(w, 'e', 1); break;
    case '[': workbench_replay_move(w, 'm', -1); break;
    case ']': workbench_replay_move(w, 'm', 1); break;
    case ',': workbench_replay_move(w, '.', -1); break;
    case '.': workbench_replay_move(w, '.', 1); break;
    case '<': workbench_replay_speed(w, r.speed / 2 < 0.125 ? 0.125 : r.speed / 2); break;
    case '>': workbench_replay_speed(w, r.speed * 2 > 1024 ? 1024 : r.speed * 2); break;
    case 'g': app_mini_start(MINI_GOTO, "go to epoch: ", ""); break;
    case 'l': app_run_line(key_line[LINE_LIVE], true); break;
    case INPUT_HOME: workbench_replay_seek(w, 0); break;
    case INPUT_END: workbench_replay_seek(w, r.last_step); break;
    default: return false;
    }
    return true;
}

/* --- comparison -------------------------------------------------------------------------------------------------------- */

/* A line about the highlighted run at the cursor. Its folder names it where its name does not: no other run has that. */
static void compared_line(enum key_line verb, struct buf *out)
{
    const struct comparison *c = workbench_comparison(app.w);
    const int run = app.screen.compare.run;
    buf_addf(out, "%s ", key_line[verb]);
    workbench_moment_word(app.w, comparison_dir(c, run), comparison_cursor(c, run), out);
    buf_addc(out, ' ');
}

bool app_compare_key(uint32_t code)
{
    struct screen *s = &app.screen;
    struct buf line = { 0 };
    if (!workbench_comparison(app.w))
        return false;
    s->view.comparison = workbench_comparison(app.w);
    screen_messages_clear(s); /* they lie over the panes that the key is for */
    switch (code) {
    case 'r': compare_next_run(s, 1); break;
    case 'R': compare_next_run(s, -1); break;
    case 't': compare_next_metric(s, 1); break;
    case 'T': compare_next_metric(s, -1); break;
    case 'v': s->compare.density = !s->compare.density; break;
    case 'x': s->compare.late = !s->compare.late; break;
    case INPUT_LEFT: compare_epoch(s, -1); break;
    case INPUT_RIGHT: compare_epoch(s, 1); break;
    case '[': compare_mark(s, -1); break;
    case ']': compare_mark(s, 1); break;
    case ',': compare_step(s, -1); break;
    case '.': compare_step(s, 1); break;
    case 'g': app_mini_start(MINI_GOTO, "go to epoch: ", ""); break;
    case INPUT_HOME: compare_seek(s, 0); break;
    case INPUT_END: compare_seek(s, INFINITY); break;
    case INPUT_ESC:
    case 'l': app_leave_comparison(); break;
    case '\r':
    case '\n': compared_line(LINE_REPLAY, &line); app_run_line(line.data ? line.data : "", true); break;
    case 'F': compared_line(LINE_FORK, &line); app_to_prompt(line.data); break;
    default: return key_is_idle(KEYS_COMPARE, key_action(code, false));
    }
    buf_release(&line);
    return true;
}
