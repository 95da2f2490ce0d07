#include "config.h"
#include "session/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"
#include "session/io.h"
#include "session/recording.h"

/* --- the sink -------------------------------------------------------------------------------------------------------- */

static void sink_emit(void *ctx, struct event *e)
{
    if (event_table[e->kind].class != EVENT_CLASS_N)
        writer_push(ctx, event_ref(e), false);
}

static int sink_sync(void *ctx, struct err *err)
{
    struct session *s = ctx;
    pthread_mutex_lock(&s->mutex);
    uint64_t ticket = s->ticket;
    pthread_mutex_unlock(&s->mutex);
    return writer_wait(s, ticket, err);
}

static void sink_snapshot(void *ctx, struct train_state *state, const char *name, bool pinned)
{
    publisher_add(ctx, state, name, pinned);
}

static int sink_saved(void *ctx, struct err *err)
{
    return publisher_settle(ctx, err);
}

struct event_sink session_sink(struct session *s)
{
    return (struct event_sink){ .ctx = s, .emit = sink_emit, .sync = sink_sync, .snapshot = sink_snapshot, .saved = sink_saved };
}

void session_listen(struct session *s, void (*hear)(void *ctx, struct event *e), void *ctx)
{
    pthread_mutex_lock(&s->mutex);
    s->hear = hear;
    s->hear_ctx = ctx;
    pthread_mutex_unlock(&s->mutex);
    if (hear && s->open_event)
        hear(ctx, s->open_event);
}

void session_listen_lines(struct session *s, void (*lines)(void *ctx, const char *text, size_t n), void *ctx)
{
    pthread_mutex_lock(&s->mutex);
    s->lines = lines;
    s->lines_ctx = ctx;
    pthread_mutex_unlock(&s->mutex);
    if (s->opening.len)
        lines(ctx, s->opening.data, s->opening.len);
}

void session_abandon(struct session *s)
{
    pthread_mutex_lock(&s->mutex);
    s->abandoned = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->mutex);
}

const char *session_dir(const struct session *s)
{
    return s->dir;
}

const char *session_name(const struct session *s)
{
    return s->name;
}

const char *session_id(const struct session *s)
{
    return s->id_text;
}

uint64_t session_opened(const struct session *s)
{
    return s->open_event ? s->open_event->f[EV_OPEN_WALL].u : 0;
}

void session_status(struct session *s, struct session_status *out)
{
    pthread_mutex_lock(&s->mutex);
    *out = s->status;
    out->queued_bytes = s->held_bytes;
    out->snapshot_busy = s->n_jobs > 0; /* also before its thread has woken up for it */
    out->events = s->events;
    uint64_t now = clock_now_ns(), at_work = s->work_ns && now > s->work_ns ? now - s->work_ns : 0;
    out->slow_s = at_work > writer_slow_ms * 1000000 ? (double)at_work * 1e-9 : 0;
    pthread_mutex_unlock(&s->mutex);
}

bool session_waits(const struct session_status *s, char *out, size_t size)
{
    if (s->stalled)
        snprintf(out, size, "recording waits: %s", s->why);
    else if (s->slow_s > 0)
        snprintf(out, size, "recording waits: the disk has not answered for %.0f s", s->slow_s);
    return s->stalled || s->slow_s > 0;
}

/* --- birth ----------------------------------------------------------------------------------------------------------- */

static struct session *session_new(const struct session_options *options, struct err *err)
{
    struct session *s = calloc(1, sizeof *s);
    pthread_condattr_t monotonic;
    if (!s) {
        err_set(err, ERR_MEMORY, "no memory for a session");
        return NULL;
    }
    s->dir_fd = s->lock_fd = s->fd = s->reserve.fd = -1;
    pthread_mutex_init(&s->reserve.mutex, NULL);
    s->keep_every = options && options->snapshot_keep_every > 0 ? options->snapshot_keep_every : 10;
    s->paranoid = options && options->paranoid;
    snprintf(s->parent, sizeof s->parent, "%s", options && options->parent ? options->parent : "");
    s->best_step = -1;
    s->q_synced = -1;
    s->last_job = &s->first_job;
    s->lost_before = events_lost();
    s->open_ns = clock_now_ns();
    s->lock_check_ns = s->open_ns + WRITER_LOCK_CHECK_MS * UINT64_C(1000000);
    pthread_mutex_init(&s->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->wake, &monotonic);
    pthread_cond_init(&s->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    s->coder = record_coder_new(1);
    s->snapshot_coder = record_coder_new(1);
    if (s->coder && s->snapshot_coder)
        return s;
    err_set(err, ERR_MEMORY, "no memory for a session");
    session_close(s, NULL, NULL);
    return NULL;
}

/* Frees everything; the threads have ended or never started. */
static void release_session(struct session *s)
{
    writer_release(s);
    record_coder_free(s->snapshot_coder);
    while (s->dead_jobs) {
        struct snapshot_job *job = s->dead_jobs;
        s->dead_jobs = job->next;
        free(job);
    }
    int fds[] = { s->fd, s->reserve.fd, s->lock_fd, s->dir_fd };
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
        if (fds[i] >= 0)
            io->close(fds[i]);
    event_unref(s->open_event);
    free(s->kept);
    pthread_cond_destroy(&s->wake);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->mutex);
    pthread_mutex_destroy(&s->reserve.mutex);
    free(s);
}

static int start_threads(struct session *s, struct err *err)
{
    int fault = pthread_create(&s->writer_thread, NULL, writer_main, s);
    if (fault == 0) {
        fault = pthread_create(&s->publisher_thread, NULL, publisher_main, s);
        if (fault) {
            pthread_mutex_lock(&s->mutex);
            s->stop = true;
            pthread_cond_signal(&s->wake);
            pthread_mutex_unlock(&s->mutex);
            pthread_join(s->writer_thread, NULL);
        }
    }
    if (fault) {
        errno = fault;
        return err_io(err, "cannot start the session's threads");
    }
    s->threads_started = true;
    return 0;
}

static int refuse_locked(struct session *s, struct err *err)
{
    char pid[24] = "";
    if (errno != EAGAIN && errno != EACCES)
        return err_io(err, "cannot lock session '%s'", s->name);
    s->lost = true;
    if (io_read_at(s->lock_fd, pid, sizeof pid - 1, 0) < 0)
        pid[0] = '\0';
    pid[strspn(pid, "0123456789")] = '\0';
    return err_set(err, ERR_LOCKED, "session '%s' is being written by another process%s%s; watch it with 'saddle view %s'",
                   s->name, pid[0] ? ", pid " : "", pid, s->name);
}

/* The file that was locked is the one called `lock`, and has no other name: whatever is written into it is nobody else's. */
static bool lock_is_ours(const struct session *s, const struct stat *locked)
{
    struct stat named;
    return io->fstatat(s->dir_fd, "lock", &named) == 0 && named.st_dev == locked->st_dev && named.st_ino == locked->st_ino &&
           named.st_nlink == 1;
}

static int take_lock(struct session *s, struct err *err)
{
    struct stat st;
    char pid[24];
    s->lock_fd = io_open(s->dir_fd, "lock", O_RDWR | O_CREAT, 0600);
    if (s->lock_fd < 0)
        return err_io(err, "cannot open the lock of session '%s'", s->name);
    if (io->lock(s->lock_fd) < 0)
        return refuse_locked(s, err);
    if (io->fstat(s->lock_fd, &st) < 0)
        return err_io(err, "cannot look at the lock of session '%s'", s->name);
    if (!lock_is_ours(s, &st))
        return err_set(err, ERR_DATA, "the lock of session '%s' is another name of some other file; remove %.700s/lock and try again",
                       s->name, s->dir);
    s->lock_dev = st.st_dev;
    s->lock_ino = st.st_ino;
    int n = snprintf(pid, sizeof pid, "%ld\n", (long)getpid()); /* for the message above only, so a failure does not matter */
    if (io->ftruncate(s->lock_fd, 0) == 0)
        io_write_all(s->lock_fd, pid, (size_t)n);
    return 0;
}

/* --- create ---------------------------------------------------------------------------------------------------------- */

const char session_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-";

bool session_may_be_called(const char *name, size_t most)
{
    const size_t n = strlen(name);
    return n > 0 && n <= most && strspn(name, session_letters) == n && name[0] != '.' && name[0] != '-';
}

static int check_session_name(const char *name, struct err *err)
{
    if (!session_may_be_called(name, 100))
        return err_set(err, ERR_INVALID, "'%.120s' is not a name for a session: 1 to 100 of A-Z a-z 0-9 . _ + -, not starting with . or -",
                       name);
    return 0;
}

/* Files that an interrupted publication left behind. Only the holder of the lock may do this. */
static void sweep_leftovers(struct session *s, const struct folder *f)
{
    for (int i = 0; i < f->n_tmp; i++)
        io->unlinkat(s->dir_fd, f->tmp[i], 0);
}

/* Whoever was killed between making the folder and the first event of a run left a name that is taken by nothing. */
static bool is_empty(int dir_fd, const char *dir, const struct folder *f)
{
    struct stat st;
    char segment[FOLDER_NAME_MAX];
    uint64_t bytes = 0;
    if (f->n_snapshots)
        return false;
    for (int i = 0; i < f->n_segments; i++) {
        folder_segment_name(f->segment[i], segment);
        if (io->fstatat(dir_fd, segment, &st) < 0)
            return false;
        bytes += (uint64_t)st.st_size;
    }
    if (bytes == 0)
        return true;
    struct recording *r = recording_open(dir, NULL);
    bool empty = r && recording_is_empty(r);
    recording_close(r);
    return empty;
}

/* Takes the lock of an empty session and clears it. false: it stays as it is. */
static bool take_empty(struct session *s, int root_fd, const char *root, const char *file)
{
    char dir[1024], segment[FOLDER_NAME_MAX];
    struct folder f = { 0 };
    snprintf(dir, sizeof dir, "%.880s/%.139s", root, file);
    s->dir_fd = io_open(root_fd, file, O_RDONLY | O_DIRECTORY, 0);
    bool taken = s->dir_fd >= 0 && take_lock(s, NULL) == 0 && folder_list(s->dir_fd, &f, NULL) == 0 && is_empty(s->dir_fd, dir, &f);
    for (int i = 0; taken && i < f.n_segments; i++) {
        folder_segment_name(f.segment[i], segment);
        taken = io->unlinkat(s->dir_fd, segment, 0) == 0;
    }
    if (taken)
        sweep_leftovers(s, &f);
    folder_release(&f);
    if (taken)
        return true;
    int *fds[] = { &s->lock_fd, &s->dir_fd };
    for (size_t i = 0; i < 2; i++) {
        if (*fds[i] >= 0)
            io->close(*fds[i]);
        *fds[i] = -1;
    }
    return false;
}

static int refuse_taken(const char *name, struct err *err)
{
    return err_set(err, ERR_INVALID, "a session '%s' is there already; choose another name, or resume it", name);
}

/* Makes the folder; a name ending in '-' gets the first free number. */
static int make_folder(struct session *s, int root_fd, const char *root, const char *name, struct err *err)
{
    char file[140];
    bool numbered = name[strlen(name) - 1] == '-';
    for (int i = 1; i <= (numbered ? 100000 : 1); i++) {
        if (numbered)
            snprintf(s->name, sizeof s->name, "%.100s%d", name, i);
        else
            snprintf(s->name, sizeof s->name, "%.100s", name);
        snprintf(file, sizeof file, "%.128s.saddle", s->name);
        if (io->mkdirat(root_fd, file, 0700) == 0) {
            s->dir_fd = io_open(root_fd, file, O_RDONLY | O_DIRECTORY, 0);
            if (s->dir_fd >= 0)
                return 0;
            err_io(err, "cannot open the new session '%s'", s->name);
            io->unlinkat(root_fd, file, AT_REMOVEDIR);
            return -1;
        }
        if (errno != EEXIST)
            return err_io(err, "cannot make session '%s'", s->name);
        if (!numbered && take_empty(s, root_fd, root, file))
            return 0;
    }
    return refuse_taken(s->name, err);
}

/* A session that could not be made leaves nothing behind; not where another process took the empty folder before it was locked here: it is that one's. */
static void unmake(struct session *s, int root_fd)
{
    char file[140], segment[FOLDER_NAME_MAX];
    const char *const names[] = { "reserve", "lock" };
    folder_segment_name(1, segment);
    io->unlinkat(s->dir_fd, segment, 0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        io->unlinkat(s->dir_fd, names[i], 0);
    snprintf(file, sizeof file, "%.128s.saddle", s->name);
    io->unlinkat(root_fd, file, AT_REMOVEDIR);
}

int session_name_check(const char *root, const char *name, struct err *err)
{
    char dir[1024];
    struct folder f = { 0 };
    if (check_session_name(name, err) < 0)
        return -1;
    snprintf(dir, sizeof dir, "%.880s/%.128s.saddle", root, name);
    int fd = name[strlen(name) - 1] == '-' ? -1 : io_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return 0;
    bool taken = folder_list(fd, &f, NULL) < 0 || !is_empty(fd, dir, &f);
    folder_release(&f);
    io->close(fd);
    return taken ? refuse_taken(name, err) : 0;
}

static int set_up_session(struct session *s, int root_fd, struct err *err)
{
    if (getrandom(s->id, sizeof s->id, 0) != (ssize_t)sizeof s->id)
        return err_io(err, "no random numbers for a session id");
    for (size_t i = 0; i < sizeof s->id; i++)
        snprintf(s->id_text + 2 * i, 3, "%02x", s->id[i]);
    memcpy(s->next.session, s->id, sizeof s->id);
    if ((s->lock_fd < 0 && take_lock(s, err) < 0) || reserve_make(s, err) < 0 || writer_new_segment(s, -1, NULL, err) < 0)
        return -1;
    return io_sync(root_fd, false) == 0 ? 0 : err_io(err, "cannot sync the sessions folder");
}

struct session *session_create(const char *root, const char *name, const struct session_options *options, struct err *err)
{
    if (!name)
        name = "run-";
    if (check_session_name(name, err) < 0)
        return NULL;
    struct session *s = session_new(options, err);
    int root_fd = s ? io_open_dir(root, err) : -1;
    if (root_fd >= 0 && make_folder(s, root_fd, root, name, err) == 0) {
        snprintf(s->dir, sizeof s->dir, "%.880s/%.128s.saddle", root, s->name);
        if (set_up_session(s, root_fd, err) == 0 && start_threads(s, err) == 0) {
            io->close(root_fd);
            return s;
        }
        if (!s->lost)
            unmake(s, root_fd);
    }
    if (root_fd >= 0)
        io->close(root_fd);
    if (s)
        release_session(s);
    return NULL;
}

/* --- reopen ---------------------------------------------------------------------------------------------------------- */

static void recall_events(struct session *s, const struct recording *r)
{
    for (size_t i = 0; i < recording_count(r); i++) {
        const struct event *e = recording_event(r, i);
        if (e->kind == EVENT_DATA)
            s->steps_per_epoch = (double)e->f[EV_DATA_STEPS_PER_EPOCH].u;
        else if (e->kind == EVENT_EPOCH && e->f[EV_EPOCH_BEST_EP].f >= e->f[EV_EPOCH_EP].f)
            s->best_step = (double)e->step;
        s->next.last_step = s->last_step = writer_is_of_the_past(e->kind) ? s->last_step : e->step;
    }
}

static bool is_announced(const struct recording *r, uint64_t step)
{
    for (size_t i = recording_count(r); i-- > 0;) {
        const struct event *e = recording_event(r, i);
        if (e->kind == EVENT_SNAP && e->step == step)
            return true;
    }
    return false;
}

static int recall_snapshots(struct session *s, const struct recording *r, struct err *err)
{
    int n;
    const struct snapshot_info *info = recording_snapshots(r, &n);
    for (int i = 0; i < n; i++) {
        unsigned timeline = 0;
        struct kept_snapshot k = { .step = info[i].step, .epoch = info[i].epoch, .pinned = info[i].pinned };
        sscanf(info[i].file, "snap-%*u-t%u", &timeline);
        k.timeline = (uint16_t)timeline;
        memcpy(k.name, info[i].name, sizeof k.name);
        snprintf(s->status.last_snapshot, sizeof s->status.last_snapshot, "%s", k.name);
        s->status.last_snapshot_step = k.step;
        if (publisher_remember(s, &k, err) < 0)
            return -1;
        if (!is_announced(r, k.step))
            snprintf(s->unannounced, sizeof s->unannounced, "%s", info[i].file);
    }
    return 0;
}

/* Everything a new segment must continue. */
static int recall(struct session *s, struct err *err)
{
    const uint64_t wanted = UINT64_C(1) << EVENT_DATA | UINT64_C(1) << EVENT_EPOCH | UINT64_C(1) << EVENT_SNAP |
                            UINT64_C(1) << EVENT_STATE | UINT64_C(1) << EVENT_BRANCH; /* whoever resumes holds a reading of his own */
    struct recording *r = recording_open_heads(s->dir, wanted, err);
    if (!r)
        return -1;
    const struct journal *j = recording_journal(r);
    int result = -1;
    if (j->newer)
        err_set(err, ERR_DATA, "session '%s' was written by a newer program; it can be viewed but not continued", s->name);
    else if (j->unread) /* a new segment would replace what follows, and it may be good */
        err_set(err, ERR_IO, "session '%s' cannot be read whole: %.240s", s->name, j->note);
    else if (!j->have_id)
        err_set(err, ERR_DATA, "session '%s' has no event that can be read", s->name);
    else {
        memcpy(s->id, j->id, sizeof s->id);
        memcpy(s->next.session, j->id, sizeof s->id);
        for (size_t i = 0; i < sizeof s->id; i++)
            snprintf(s->id_text + 2 * i, 3, "%02x", s->id[i]);
        s->timeline = j->timeline;
        s->q_synced = j->last_q;
        recall_events(s, r);
        result = recall_snapshots(s, r, err);
    }
    recording_close(r);
    return result;
}

static int reopen(struct session *s, struct err *err)
{
    struct folder f;
    if (take_lock(s, err) < 0 || folder_list(s->dir_fd, &f, err) < 0)
        return -1;
    sweep_leftovers(s, &f);
    s->segment = f.n_segments ? f.segment[f.n_segments - 1] : 0;
    folder_release(&f);
    if (recall(s, err) < 0 || reserve_make(s, err) < 0)
        return -1;
    if (writer_new_segment(s, s->q_synced, NULL, err) < 0)
        return -1;
    return start_threads(s, err);
}

struct session *session_reopen(const char *dir, struct err *err)
{
    struct session *s = session_new(NULL, err);
    if (!s)
        return NULL;
    snprintf(s->dir, sizeof s->dir, "%s", dir);
    session_name_of(dir, s->name, sizeof s->name);
    s->dir_fd = io_open_dir(dir, err);
    if (s->dir_fd >= 0 && reopen(s, err) == 0)
        return s;
    release_session(s);
    return NULL;
}

/* --- death ----------------------------------------------------------------------------------------------------------- */

static void stop_publisher(struct session *s)
{
    pthread_mutex_lock(&s->mutex);
    s->publisher_stop = true;
    s->abandoned |= s->stalled; /* nobody is left to free space: one more attempt, then say so */
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->mutex);
    pthread_join(s->publisher_thread, NULL);
}

static void stop_writer(struct session *s)
{
    pthread_mutex_lock(&s->mutex);
    s->stop = true;
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->mutex);
    pthread_join(s->writer_thread, NULL);
}

int session_close(struct session *s, const char *why, struct err *err)
{
    int result = 0;
    if (!s)
        return 0;
    if (s->threads_started) {
        stop_publisher(s);
        reserve_give_all(s);
        pthread_mutex_lock(&s->mutex);
        bool abandoned = s->abandoned;
        s->abandoned = false;
        struct event *e = event_new(EVENT_SEAL, s->last_step);
        if (e)
            event_set_str(e, EV_SEAL_WHY, why);
        pthread_mutex_unlock(&s->mutex);
        writer_push(s, e, true);
        stop_writer(s);
        reserve_give_all(s); /* which it may have made once more meanwhile */
        uint64_t lost = s->lost_events + s->hold.n + events_lost() - s->lost_before;
        if (lost)
            result = err_set(err, ERR_IO, "%" PRIu64 " events of session '%s' could not be written: %s", lost, s->name,
                             s->status.why[0] ? s->status.why : abandoned ? "recording was given up" : "no memory");
        else if (s->failed_why[0])
            result = err_set(err, ERR_IO, "%s", s->failed_why);
    }
    release_session(s);
    return result;
}
