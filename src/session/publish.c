#include "config.h"
#include "session/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

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

static int write_file(struct session *s, struct snapshot_job *job, int fd, struct snapshot_seal *seal, struct err *err)
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

/* What will be read back later is read back now, before anything depends on it. */
static int check_file(struct session *s, const char *tmp, const struct snapshot_seal *seal, struct err *err)
{
    struct snapshot_seal again;
    if (snapshot_read(s->dir_fd, tmp, s->id, NULL, &again, err) < 0)
        return -1;
    return strcmp(again.sha256, seal->sha256) == 0 ? 0 : err_set(err, ERR_DATA, "what was written reads back differently");
}

static int announce(struct session *s, struct snapshot_job *job, const struct snapshot_seal *seal, const char *file, struct err *err)
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
    struct kept_snapshot k = { .step = seal->step, .timeline = job->timeline, .epoch = seal->epoch, .pinned = seal->pinned };
    snprintf(k.name, sizeof k.name, "%s", seal->name);
    return publisher_remember(s, &k, err);
}

static int publish(struct session *s, struct snapshot_job *job, struct err *err)
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
    int result = write_file(s, job, fd, &seal, err);
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
    return announce(s, job, &seal, file, err);
}

/* --- the thread ------------------------------------------------------------------------------------------------------ */

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

static void say_fault(struct session *s, const char *what, uint64_t step, const struct err *why)
{
    struct event *e = event_new(EVENT_FAULT, step);
    char text[560];
    snprintf(text, sizeof text, "%s: %s", what, why->text);
    if (e)
        event_set_str(e, EV_FAULT_TEXT, text);
    writer_push(s, e, true);
}

static struct snapshot_job *next_job(struct session *s)
{
    pthread_mutex_lock(&s->mutex);
    while (!s->first_job && !s->publisher_stop)
        pthread_cond_wait(&s->changed, &s->mutex);
    struct snapshot_job *job = s->first_job;
    if (job) {
        s->first_job = job->next;
        if (!s->first_job)
            s->last_job = &s->first_job;
    }
    pthread_mutex_unlock(&s->mutex);
    return job;
}

/* The marker may still be queued: the writer must not touch it once the job is gone. */
static void finish_job(struct session *s, struct snapshot_job *job)
{
    pthread_mutex_lock(&s->mutex);
    while (!job->marker.synced && !s->abandoned)
        pthread_cond_wait(&s->changed, &s->mutex);
    bool synced = job->marker.synced;
    s->n_jobs--;
    pthread_cond_broadcast(&s->changed);
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

void *publisher_main(void *session)
{
    struct session *s = session;
    for (struct snapshot_job *job; (job = next_job(s));) {
        struct err err = { 0 };
        char what[64];
        snprintf(what, sizeof what, "snapshot of step %" PRIu64 " is not saved", job->state->step);
        if (publish(s, job, &err) < 0)
            say_fault(s, what, job->state->step, &err);
        else if (retire_old(s, &err) < 0)
            say_fault(s, "old snapshots could not be removed", job->state->step, &err);
        finish_job(s, job);
    }
    return NULL;
}
