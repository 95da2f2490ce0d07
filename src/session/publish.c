#include "config.h"
#include "session/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "session/io.h"

/* --- what is kept ---------------------------------------------------------------------------------------------------- */

/* Those of an abandoned timeline come first, whatever their step: the last three are the last three of this one. */
static bool is_before(const struct kept_snapshot *a, const struct kept_snapshot *b)
{
    return a->timeline != b->timeline ? a->timeline < b->timeline : a->step < b->step;
}

int publisher_remember(struct session *s, const struct kept_snapshot *k, struct err *err)
{
    for (int i = 0; i < s->n_kept; i++)
        if (s->kept[i].step == k->step && s->kept[i].timeline == k->timeline) {
            bool pinned = s->kept[i].pinned || k->pinned;
            s->kept[i] = *k;
            s->kept[i].pinned = pinned;
            return 0;
        }
    if (s->n_kept == s->cap_kept) {
        int cap = s->cap_kept ? 2 * s->cap_kept : 32;
        struct kept_snapshot *grown = realloc(s->kept, (size_t)cap * sizeof *grown);
        if (!grown)
            return err_set(err, ERR_MEMORY, "no memory to remember a snapshot");
        s->kept = grown;
        s->cap_kept = cap;
    }
    int at = s->n_kept++;
    for (; at > 0 && is_before(k, &s->kept[at - 1]); at--)
        s->kept[at] = s->kept[at - 1];
    s->kept[at] = *k;
    return 0;
}

static bool whole_epochs(double epoch, double every)
{
    double n = epoch / every;
    return n > 0.5 && fabs(n - round(n)) < 1e-9;
}

/* Last three, every tenth epoch, the one nearest to the best evaluation, pinned ones. */
static bool stays(const struct session *s, int i, double best_step)
{
    const struct kept_snapshot *k = &s->kept[i];
    if (k->pinned || i >= s->n_kept - 3 || whole_epochs(k->epoch, s->keep_every))
        return true;
    int nearest = -1;
    for (int j = 0; best_step >= 0 && j < s->n_kept; j++)
        if (nearest < 0 || fabs((double)s->kept[j].step - best_step) < fabs((double)s->kept[nearest].step - best_step))
            nearest = j;
    return i == nearest;
}

/* `unsnap` is on disk before the file goes. */
static int retire(struct session *s, int i, struct err *err)
{
    char file[FOLDER_NAME_MAX];
    struct event *e = event_new(EVENT_UNSNAP, s->kept[s->n_kept - 1].step);
    if (!e)
        return err_set(err, ERR_MEMORY, "no memory for an event");
    event_set_u64(e, EV_UNSNAP_OF, s->kept[i].step);
    if (writer_wait(s, writer_push(s, e, true), err) < 0)
        return -1;
    folder_snapshot_name(s->kept[i].step, s->kept[i].timeline, file);
    if (io->unlinkat(s->dir_fd, file, 0) < 0 && errno != ENOENT)
        return err_io(err, "cannot remove %s", file);
    memmove(&s->kept[i], &s->kept[i + 1], (size_t)(s->n_kept - i - 1) * sizeof *s->kept);
    s->n_kept--;
    return 0;
}

static int retire_old(struct session *s, struct err *err)
{
    pthread_mutex_lock(&s->mutex);
    double best = s->best_step;
    pthread_mutex_unlock(&s->mutex);
    for (int i = s->n_kept - 1; i >= 0; i--)
        if (!stays(s, i, best) && retire(s, i, err) < 0)
            return -1;
    return 0;
}

/* --- publication ----------------------------------------------------------------------------------------------------- */

/* s0163: by the epoch it lies in; with the step added when that name is taken. */
static void choose_name(const struct session *s, struct snapshot_job *job)
{
    bool taken = false;
    if (job->name[0])
        return;
    snprintf(job->name, sizeof job->name, "s%04.0f", floor(job->epoch));
    for (int i = 0; i < s->n_kept; i++)
        taken |= s->kept[i].step != job->state->step && strcmp(s->kept[i].name, job->name) == 0;
    if (taken)
        snprintf(job->name, sizeof job->name, "s%04.0f-%" PRIu64, floor(job->epoch), job->state->step);
}

/* The journal is on disk up to the capture; returns the last event's number. */
static int wait_marker(struct session *s, struct snapshot_job *job, uint64_t *q, struct err *err)
{
    pthread_mutex_lock(&s->mutex);
    while (!job->marker.synced && !s->abandoned)
        pthread_cond_wait(&s->changed, &s->mutex);
    bool synced = job->marker.synced;
    pthread_mutex_unlock(&s->mutex);
    if (!synced)
        return err_set(err, ERR_IO, "the journal before it could not be written");
    *q = job->marker.q;
    return 0;
}

static int write_job(struct session *s, struct snapshot_job *job, int fd, struct snapshot_seal *seal, struct err *err)
{
    struct snapshot_writer w = { .fd = fd, .coder = s->snapshot_coder, .seal = *seal };
    uint64_t q = 0;
    memcpy(w.next.session, s->id, sizeof s->id);
    int result = snapshot_write_slices(&w, job->state, err);
    if (result == 0)
        result = wait_marker(s, job, &q, err);
    if (result == 0)
        result = snapshot_write_seal(&w, q, err);
    if (result == 0 && io_sync(fd, false) < 0)
        result = err_io(err, "cannot sync the snapshot");
    *seal = w.seal;
    snapshot_writer_release(&w);
    return result;
}

/* A file that will be read back later is read back now, before anything depends on it. */
static int check_file(struct session *s, const char *tmp, const struct snapshot_seal *seal, struct err *err)
{
    struct snapshot_seal again;
    if (snapshot_read(&(struct place){ .fd = s->dir_fd }, tmp, s->id, NULL, &again, err) < 0)
        return -1;
    return strcmp(again.sha256, seal->sha256) == 0 ? 0 : err_set(err, ERR_DATA, "what was written reads back differently");
}

static int announce(struct session *s, const struct snapshot_seal *seal, const char *file, struct err *err)
{
    struct stat st;
    struct event *e = event_new(EVENT_SNAP, seal->step);
    if (!e)
        return err_set(err, ERR_MEMORY, "no memory for an event");
    event_set_str(e, EV_SNAP_NAME, seal->name);
    event_set_f64(e, EV_SNAP_EP, seal->epoch);
    event_set_str(e, EV_SNAP_SHA256, seal->sha256);
    event_set_str(e, EV_SNAP_STATE, seal->state);
    event_set_u64(e, EV_SNAP_BYTES, io->fstatat(s->dir_fd, file, &st) == 0 ? (uint64_t)st.st_size : 0);
    event_set_u64(e, EV_SNAP_PINNED, seal->pinned);
    if (writer_wait(s, writer_push(s, e, true), err) < 0)
        return -1;
    pthread_mutex_lock(&s->mutex);
    snprintf(s->status.last_snapshot, sizeof s->status.last_snapshot, "%s", seal->name);
    s->status.last_snapshot_step = seal->step;
    pthread_mutex_unlock(&s->mutex);
    struct kept_snapshot k = { .step = seal->step, .timeline = seal->timeline, .epoch = seal->epoch, .pinned = seal->pinned };
    snprintf(k.name, sizeof k.name, "%s", seal->name);
    return publisher_remember(s, &k, err);
}

static int publish_snapshot(struct session *s, struct snapshot_job *job, struct err *err)
{
    char tmp[FOLDER_NAME_MAX], file[FOLDER_NAME_MAX];
    uint64_t random = 0;
    choose_name(s, job);
    struct snapshot_seal seal = { .step = job->state->step, .timeline = job->timeline, .epoch = job->epoch,
                                  .finite = job->state->finite, .pinned = job->pinned };
    memcpy(seal.name, job->name, sizeof seal.name);
    for (int i = 0; i < s->n_kept; i++) /* a second one of the same step must not unpin the first */
        seal.pinned |= s->kept[i].step == seal.step && s->kept[i].timeline == seal.timeline && s->kept[i].pinned;
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        return err_io(err, "no random numbers for a file name");
    snprintf(tmp, sizeof tmp, "tmp-%016" PRIx64, random);
    folder_snapshot_name(seal.step, seal.timeline, file);
    int fd = io_open(s->dir_fd, tmp, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0)
        return err_io(err, "cannot create a file for it");
    int result = write_job(s, job, fd, &seal, err);
    io->close(fd);
    if (result == 0)
        result = check_file(s, tmp, &seal, err);
    if (result == 0 && io->renameat(s->dir_fd, tmp, file) < 0)
        result = err_io(err, "cannot give it its name");
    if (result < 0) {
        io->unlinkat(s->dir_fd, tmp, 0);
        return -1;
    }
    if (io_sync(s->dir_fd, false) < 0)
        return err_io(err, "cannot sync the folder");
    return announce(s, &seal, file, err);
}

int publisher_announce(struct session *s, const char *file, struct err *err)
{
    struct snapshot_seal seal;
    if (snapshot_read(&(struct place){ .fd = s->dir_fd }, file, s->id, NULL, &seal, err) < 0)
        return -1;
    return announce(s, &seal, file, err);
}

/* --- jobs ------------------------------------------------------------------------------------------------------------ */

void publisher_add(struct session *s, struct train_state *state, const char *name, bool pinned)
{
    struct snapshot_job *job = calloc(1, sizeof *job);
    pthread_mutex_lock(&s->mutex);
    while (s->n_jobs >= SESSION_JOBS_MAX && !s->abandoned)
        pthread_cond_wait(&s->changed, &s->mutex);
    if (!job || s->abandoned || !writer_push_marker(s, &job->marker)) {
        s->lost_events++;
        pthread_mutex_unlock(&s->mutex);
        train_state_free(state);
        free(job);
        return;
    }
    job->state = state;
    job->pinned = pinned;
    job->timeline = s->timeline;
    job->epoch = s->steps_per_epoch > 0 ? (double)state->step / s->steps_per_epoch : 0;
    snprintf(job->name, sizeof job->name, "%s", name ? name : "");
    *s->last_job = job;
    s->last_job = &job->next;
    s->n_jobs++;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->mutex);
}

int publisher_settle(struct session *s, struct err *err)
{
    pthread_mutex_lock(&s->mutex);
    s->settle_wanted += s->n_jobs > 0 || s->failed; /* else the next one would be taken for one that is asked for */
    const uint64_t mine = s->settle_wanted;
    pthread_cond_broadcast(&s->changed);
    while ((s->n_jobs > 0 || (s->failed && s->settle_done < mine)) && !s->abandoned)
        pthread_cond_wait(&s->changed, &s->mutex);
    int result = 0;
    const bool newer = s->status.last_snapshot[0] && s->failed && s->status.last_snapshot_step > s->failed->state->step;
    if (s->failed && !newer)
        result = err_set(err, ERR_IO, "%s", s->failed_why);
    else if (s->n_jobs > 0)
        result = err_set(err, ERR_IO, "the last snapshot is not saved: recording was given up");
    pthread_mutex_unlock(&s->mutex);
    return result;
}

__attribute__((format(printf, 3, 4))) static void say_fault(struct session *s, uint64_t step, const char *format, ...)
{
    struct event *e = event_new(EVENT_FAULT, step);
    char text[560];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (e)
        event_set_str(e, EV_FAULT_TEXT, text);
    writer_push(s, e, true);
}

/* The oldest that waits; else one that failed, when it is its time, somebody asks for it, or there is no later. Mutex held. */
static struct snapshot_job *choose_job(struct session *s, bool *last, bool *tried_at_end)
{
    struct snapshot_job *job = s->first_job;
    const bool asked = s->settle_wanted > s->settle_done || s->publisher_stop;
    if (job) {
        s->first_job = job->next;
        if (!s->first_job)
            s->last_job = &s->first_job;
        *last = asked && !s->first_job;
        return job;
    }
    if (!s->failed || s->abandoned || (s->publisher_stop && *tried_at_end))
        return NULL;
    *last = asked;
    *tried_at_end = s->publisher_stop;
    return asked || clock_now_ns() >= s->failed_ns ? s->failed : NULL;
}

/* NULL: the session closes, and nothing is left to try. */
static struct snapshot_job *next_job(struct session *s, bool *last, uint64_t *settles, bool *tried_at_end)
{
    struct snapshot_job *job;
    pthread_mutex_lock(&s->mutex);
    while (!(job = choose_job(s, last, tried_at_end)) && !s->publisher_stop) {
        struct timespec t = { .tv_sec = (time_t)(s->failed_ns / 1000000000), .tv_nsec = (long)(s->failed_ns % 1000000000) };
        if (s->failed && !s->abandoned)
            pthread_cond_timedwait(&s->changed, &s->mutex, &t);
        else
            pthread_cond_wait(&s->changed, &s->mutex);
    }
    *settles = s->settle_wanted;
    pthread_mutex_unlock(&s->mutex);
    return job;
}

/* The marker may still be queued: the writer must not touch it once the job is gone. */
static void free_job(struct session *s, struct snapshot_job *job)
{
    pthread_mutex_lock(&s->mutex);
    while (!job->marker.synced && !s->abandoned)
        pthread_cond_wait(&s->changed, &s->mutex);
    bool synced = job->marker.synced;
    pthread_mutex_unlock(&s->mutex);
    train_state_free(job->state);
    job->state = NULL;
    if (synced)
        free(job);
    else { /* abandoned: freed with the session, after the writer ended */
        job->next = s->dead_jobs;
        s->dead_jobs = job;
    }
}

/* The newest state that is not on disk stays in memory. One that somebody wanted kept goes on being tried when later ones succeed. */
static void settle_job(struct session *s, struct snapshot_job *job, const char *why, uint64_t settles)
{
    struct snapshot_job *gone = why ? NULL : job;
    pthread_mutex_lock(&s->mutex);
    struct snapshot_job *failed = s->failed;
    s->n_jobs -= job != failed;
    if (why) {
        gone = failed != job ? failed : NULL;
        s->failed = job;
        s->failed_ns = clock_now_ns() + writer_retry_ms * UINT64_C(1000000);
        snprintf(s->failed_why, sizeof s->failed_why, "%s", why);
    } else if (failed && (failed == job || !failed->pinned)) {
        s->failed = NULL;
        s->failed_why[0] = '\0';
    }
    bool two = !why && failed && failed != job && !s->failed;
    if (s->n_jobs == 0 && (!s->failed || s->failed == job))
        s->settle_done = settles;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->mutex);
    if (gone)
        free_job(s, gone);
    if (two)
        free_job(s, failed);
}

/* --- the thread ------------------------------------------------------------------------------------------------------ */

/* One byte more than all numbers and the header could take: what no compression would spare. */
static uint64_t most_bytes(const struct train_state *state)
{
    return train_state_bytes(state) + (256 << 10);
}

/* A snapshot that is wanted for good, at the end or by somebody who waits, may take the room that was set aside for it. */
static int try(struct session *s, struct snapshot_job *job, bool last, struct err *err)
{
    if (publish_snapshot(s, job, err) == 0)
        return 0;
    return last && reserve_give_all(s) ? publish_snapshot(s, job, err) : -1;
}

void *publisher_main(void *session)
{
    struct session *s = session;
    if (s->unannounced[0]) /* here, where waiting for the disk holds up nobody */
        publisher_announce(s, s->unannounced, NULL); /* one that cannot be read is nobody's promise */
    bool last, tried_at_end = false;
    uint64_t settles;
    for (struct snapshot_job *job; (job = next_job(s, &last, &settles, &tried_at_end));) {
        struct err err = { 0 };
        char why[560] = "";
        bool again = job == s->failed;
        uint64_t step = job->state->step;
        if (!last && reserve_for_snapshot(s, most_bytes(job->state), &err) < 0)
            say_fault(s, step, "%s", err.text);
        if (try(s, job, last, &err) < 0) {
            snprintf(why, sizeof why, "snapshot of step %" PRIu64 " is not saved: %s", step, err.text);
            if (!again)
                say_fault(s, step, "%s", why);
        } else if (retire_old(s, &err) < 0)
            say_fault(s, step, "old snapshots could not be removed: %s", err.text);
        settle_job(s, job, why[0] ? why : NULL, settles);
    }
    if (s->failed)
        free_job(s, s->failed);
    s->failed = NULL;
    return NULL;
}
