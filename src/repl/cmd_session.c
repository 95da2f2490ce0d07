/* snapshot sessions info replay seek speed live rm */
#include "config.h"
#include "repl/bench.h"
#include "repl/handlers.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* --- snapshot ------------------------------------------------------------------------------------------------------ */

int cmd_snapshot(struct workbench *w, struct call *c, struct err *err)
{
    if (!w->run.trainer || w->run.idle)
        return err_set(err, ERR_INVALID, "no run; 'train' starts one, 'save weights FILE' writes weights without");
    return call_post(w, c, err);
}

/* --- sessions, info ------------------------------------------------------------------------------------------------ */

/* A run that is over stays locked while its process looks at it; one that nobody writes and that is not over was cut off. */
static const char *state_word(const struct session_info *i)
{
    bool over = i->state[0] && strcmp(i->state, "training") != 0 && strcmp(i->state, "paused") != 0;
    if (over)
        return i->state;
    return i->locked ? "running" : "broken off";
}

void session_line(const struct session_info *i, char *out, size_t size)
{
    char when[32] = "", acc[48] = "";
    time_t t = (time_t)i->mtime;
    struct tm tm;
    if (localtime_r(&t, &tm))
        strftime(when, sizeof when, "%Y-%m-%d %H:%M", &tm);
    if (!isnan(i->acc) && i->acc > 0)
        snprintf(acc, sizeof acc, "acc %.2f best %.2f%s", i->acc, i->best, i->has_val ? "" : " on test");
    char epoch[24] = "-";
    if (!isnan(i->epoch))
        snprintf(epoch, sizeof epoch, "%.1f", i->epoch);
    snprintf(out, size, "%-20s r%.5s  %-22s %-9s ep %-6s step %-8llu %-30s %s%s", i->name, i->id, i->data,
             state_word(i), epoch, (unsigned long long)i->step, acc, when,
             i->damaged ? "  damaged" : "");
}

int cmd_sessions(struct workbench *w, struct call *c, struct err *err)
{
    char root[1024], line[512];
    struct session_info *list;
    int n, shown = 0;
    if (session_root(w->options.sessions, root, sizeof root, err) < 0 || session_list(root, &list, &n, err) < 0)
        return -1;
    for (int i = 0; i < n; i++) {
        if (c->n && fnmatch(c->word[0].text, list[i].name, 0) != 0)
            continue;
        session_line(&list[i], line, sizeof line);
        bench_say(w, "%s", line);
        shown++;
    }
    free(list);
    if (!shown && n && c->n)
        bench_say(w, "no run matches '%s'; %d recorded in %s", c->word[0].text, n, root);
    else if (!shown)
        bench_say(w, "no recorded runs in %s", root);
    return 0;
}

static void info_snapshots(struct workbench *w, const struct recording *r)
{
    int n;
    bool loud;
    const struct snapshot_info *s = recording_snapshots(r, &n);
    const char *damage = recording_damage(r, &loud);
    bench_say(w, "%zu events, %d snapshots%s", recording_count(r), n, n ? ":" : "");
    for (int i = 0; i < n; i++)
        bench_say(w, "  %-10s step %-8llu ep %-8.1f %8.1f KiB%s%s", s[i].name[0] ? s[i].name : "-", (unsigned long long)s[i].step, s[i].epoch,
                  (double)s[i].bytes / 1024, s[i].pinned ? "  kept" : "", s[i].finite ? "" : "  not finite");
    if (damage)
        bench_warn(w, "info", "%s", damage);
}

/* A script asks whether there is something to resume. */
static int info_recording(struct workbench *w, const struct session_info *info, const char *dir, struct err *err)
{
    struct err why;
    struct recording *r = recording_open(dir, &why);
    int result = 0;
    if (!r)
        bench_warn(w, "info", "%s", why.text);
    else if (recording_is_empty(r) && !info->locked)
        result = err_set(err, ERR_DATA, "nothing is recorded in it: it was ended while it was being set up; 'train --name %s' takes its place", info->name);
    else
        info_snapshots(w, r);
    recording_close(r);
    return result;
}

int cmd_info(struct workbench *w, struct call *c, struct err *err)
{
    char dir[1300], line[512];
    struct session_info info;
    if (c->n == 0) {
        const char *shown = w->replay.on ? w->replay.dir : w->run.dir;
        if (!shown[0])
            return err_set(err, ERR_USAGE, "which run? 'sessions' lists them");
        snprintf(dir, sizeof dir, "%s", shown);
    } else if (bench_find_run(w, c->word[0].text, dir, sizeof dir, err) < 0)
        return call_bad(c, 0);
    if (session_info(dir, &info, err) < 0)
        return c->n ? call_bad(c, 0) : -1;
    session_line(&info, line, sizeof line);
    bench_say(w, "%s", line);
    bench_say(w, "%s", info.dir);
    return info_recording(w, &info, dir, err);
}

/* --- replay -------------------------------------------------------------------------------------------------------- */

int cmd_replay(struct workbench *w, struct call *c, struct err *err)
{
    char dir[1024];
    double epoch;
    uint64_t step = UINT64_MAX;
    struct replay_status s;
    if (bench_find_moment(w, c->word[0].text, dir, sizeof dir, &epoch, err) < 0 || replay_open(w, dir, false, err) < 0)
        return call_bad(c, 0);
    if (epoch >= 0 && recording_step_at(w->replay.recording, epoch, &step, err) < 0)
        return call_bad(c, 0);
    workbench_replay_seek(w, step);
    workbench_replay_status(w, &s);
    bench_say(w, "%s: at epoch %.1f of %.1f; 'seek', 'speed', 'live'", w->replay.history.name, s.epoch, s.last_epoch);
    return 0;
}

static int need_replay(const struct workbench *w, struct err *err)
{
    return w->replay.on ? 0 : err_set(err, ERR_INVALID, "no replay; 'replay RUN' opens one");
}

int cmd_seek(struct workbench *w, struct call *c, struct err *err)
{
    struct replay_status s;
    const char *word = c->word[0].text;
    double epoch;
    if (need_replay(w, err) < 0)
        return -1;
    workbench_replay_status(w, &s);
    bool relative = word[0] == '+' || word[0] == '-';
    if (strcmp(word, "start") == 0)
        epoch = 0;
    else if (strcmp(word, "end") == 0)
        epoch = s.last_epoch;
    else if (word_number(relative ? word + 1 : word, "epoch", 0, 1e9, &epoch, err) < 0)
        return call_bad(c, 0);
    if (relative)
        epoch = s.epoch + (word[0] == '+' ? epoch : -epoch);
    if (epoch > s.last_epoch + 0.5 && !relative)
        return err_set(err, ERR_RANGE, "epoch %.10g is past the end of the recording (%.1f)", epoch, s.last_epoch), call_bad(c, 0);
    epoch = epoch < 0 ? 0 : epoch > s.last_epoch ? s.last_epoch : epoch;
    uint64_t step = s.last_epoch > 0 ? (uint64_t)(epoch / s.last_epoch * (double)s.last_step + 0.5) : 0;
    if (workbench_replay_seek(w, epoch >= s.last_epoch ? UINT64_MAX : step) < 0)
        return err_set(err, ERR_MEMORY, "no memory for this moment");
    workbench_replay_status(w, &s);
    bench_say(w, "at epoch %.1f of %.1f", s.epoch, s.last_epoch);
    return 0;
}

int cmd_speed(struct workbench *w, struct call *c, struct err *err)
{
    double speed;
    if (need_replay(w, err) < 0)
        return -1;
    if (word_number(c->word[0].text, "speed", 0, 100000, &speed, err) < 0)
        return call_bad(c, 0);
    workbench_replay_play(w, speed > 0);
    if (speed > 0)
        workbench_replay_speed(w, speed);
    return 0;
}

int cmd_live(struct workbench *w, struct call *c, struct err *err)
{
    (void)c;
    if (need_replay(w, err) < 0)
        return -1;
    replay_leave(w);
    return 0;
}

/* --- rm ------------------------------------------------------------------------------------------------------------ */

static bool is_session_file(const char *name)
{
    return strcmp(name, "lock") == 0 || strcmp(name, "reserve") == 0 || strncmp(name, "journal-", 8) == 0 || strncmp(name, "snap-", 5) == 0
        || strncmp(name, "tmp-", 4) == 0;
}

/* Only files that a session has: a folder with anything else in it is not emptied. */
static int remove_files(int fd, const char *dir, bool really, struct err *err)
{
    DIR *d = fdopendir(dup(fd));
    if (!d)
        return err_io(err, "cannot read '%s'", dir);
    rewinddir(d);
    int result = 0;
    for (struct dirent *e; result == 0 && (e = readdir(d));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (!is_session_file(e->d_name))
            result = err_set(err, ERR_INVALID, "%s holds '%s', which is no part of a session; remove it by hand", dir, e->d_name);
        else if (really && unlinkat(fd, e->d_name, 0) < 0)
            result = err_io(err, "cannot remove '%s/%s'", dir, e->d_name);
    }
    closedir(d);
    return result;
}

/* A link is not followed, also not when a slash stands behind it. */
static int remove_session(char *dir, struct err *err)
{
    for (size_t n = strlen(dir); n > 1 && dir[n - 1] == '/'; n--)
        dir[n - 1] = '\0';
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_io(err, "cannot open '%s'", dir);
    int result = remove_files(fd, dir, false, err);
    if (result == 0)
        result = remove_files(fd, dir, true, err);
    close(fd);
    if (result == 0 && rmdir(dir) < 0)
        result = err_io(err, "cannot remove '%s'", dir);
    return result;
}

int cmd_rm(struct workbench *w, struct call *c, struct err *err)
{
    char dir[1300], question[1500];
    struct session_info info;
    if (bench_find_run(w, c->word[0].text, dir, sizeof dir, err) < 0 || session_info(dir, &info, err) < 0)
        return call_bad(c, 0);
    if (info.locked)
        return err_set(err, ERR_LOCKED, "%s is being written; 'stop' it first", info.name), call_bad(c, 0);
    if (w->replay.on && strcmp(w->replay.dir, dir) == 0)
        return err_set(err, ERR_INVALID, "%s is being replayed; 'live' leaves it", info.name);
    snprintf(question, sizeof question, "delete %s (%s, epoch %.1f) for good?", info.name, info.data, info.epoch);
    if (bench_confirm(w, c, question, err) < 0 || remove_session(dir, err) < 0)
        return -1;
    if (strcmp(w->run.dir, dir) == 0)
        w->run.dir[0] = '\0';
    bench_say(w, "removed %s", info.name);
    return 0;
}
