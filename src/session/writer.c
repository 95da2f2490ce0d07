#include "config.h"
#include "session/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "session/io.h"

static const uint64_t ms = 1000000;
uint64_t writer_segment_bytes = UINT64_C(256) << 20;
uint64_t writer_retry_ms = 5000;
uint64_t writer_slow_ms = 5000;

/* --- the queue ------------------------------------------------------------------------------------------------------- */

/* Memory an event holds, roughly: what the bound of the queue is about. */
static uint32_t weigh(const struct event *e)
{
    const struct event_info *info = &event_table[e->kind];
    size_t bytes = sizeof *e + 512;
    for (int i = 0; i < info->n_fields; i++)
        if (info->field[i].type == EVENT_F64S || info->field[i].type == EVENT_F32S || info->field[i].type == EVENT_U32S)
            bytes += 8 * (size_t)e->f[i].n;
        else if (info->field[i].type == EVENT_STRS)
            bytes += 48 * (size_t)e->f[i].n;
    return bytes < WRITER_QUEUE_BYTES / 2 ? (uint32_t)bytes : WRITER_QUEUE_BYTES / 2;
}

static bool items_reserve(struct writer_items *items, size_t more)
{
    size_t cap = items->cap ? items->cap : 64;
    while (cap < items->n + more)
        cap *= 2;
    if (cap == items->cap)
        return true;
    struct writer_item *grown = realloc(items->item, cap * sizeof *grown);
    if (!grown)
        return false;
    items->item = grown;
    items->cap = cap;
    return true;
}

static void items_drop(struct writer_items *items, size_t n)
{
    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++)
        event_unref(items->item[i].event);
    memmove(items->item, items->item + n, (items->n - n) * sizeof *items->item);
    items->n -= n;
}

/* The facts of the run that the session itself wants to know. Mutex held. */
static void observe(struct session *s, const struct event *e)
{
    s->last_step = writer_is_of_the_past(e->kind) ? s->last_step : e->step;
    if (e->kind == EVENT_BRANCH) {
        uint64_t given = e->f[EV_BRANCH_TIMELINE].u;
        s->timeline = (uint16_t)(given > s->timeline && given <= UINT16_MAX ? given : s->timeline + 1u);
    } else if (e->kind == EVENT_DATA)
        s->steps_per_epoch = (double)e->f[EV_DATA_STEPS_PER_EPOCH].u;
    else if (e->kind == EVENT_EPOCH && e->f[EV_EPOCH_BEST_EP].f >= e->f[EV_EPOCH_EP].f)
        s->best_step = (double)e->step;
}

static void wait_for_room(struct session *s, uint32_t weight)
{
    if (s->abandoned || (!s->stalled && s->held_bytes + weight <= WRITER_QUEUE_BYTES))
        return;
    uint64_t from = clock_now_ns();
    s->urgent = true;
    pthread_cond_signal(&s->wake);
    while (!s->abandoned && (s->stalled || s->held_bytes + weight > WRITER_QUEUE_BYTES))
        pthread_cond_wait(&s->changed, &s->mutex);
    s->status.wait_ns += clock_now_ns() - from;
}

/* Mutex held; takes the reference. Wakes the writer only for what must be written at once, for the first event after a
 * silence (so that its deadline is known), and when a record's worth is there: a wake-up costs more than the rest. */
static uint64_t push(struct session *s, struct event *e, struct writer_marker *marker, bool own)
{
    if (s->abandoned || !items_reserve(&s->queue, 1)) {
        s->lost_events++;
        s->no_memory |= !s->abandoned;
        event_unref(e);
        return s->ticket;
    }
    if (e)
        observe(s, e);
    uint32_t weight = e ? weigh(e) : 0;
    bool urgent = !e || event_table[e->kind].class == EVENT_CLASS_B;
    s->queue.item[s->queue.n++] = (struct writer_item){ .event = e, .marker = marker, .ticket = ++s->ticket, .weight = weight,
                                                        .since_ns = clock_now_ns(), .timeline = s->timeline, .own = own };
    s->held_bytes += weight;
    s->urgent |= urgent || s->queue.n >= WRITER_WAKE_EVENTS;
    if (s->urgent || s->queue.n == 1)
        pthread_cond_signal(&s->wake);
    return s->ticket;
}

uint64_t writer_push(struct session *s, struct event *e, bool own)
{
    if (!e)
        return 0;
    pthread_mutex_lock(&s->mutex);
    if (!own)
        wait_for_room(s, weigh(e));
    s->events += !own;
    uint64_t ticket = push(s, e, NULL, own);
    pthread_mutex_unlock(&s->mutex);
    return ticket;
}

bool writer_push_marker(struct session *s, struct writer_marker *marker)
{
    uint64_t before = s->ticket;
    return push(s, NULL, marker, false) > before;
}

int writer_wait(struct session *s, uint64_t ticket, struct err *err)
{
    pthread_mutex_lock(&s->mutex);
    if (s->ticket_synced < ticket) {
        s->urgent = true;
        pthread_cond_signal(&s->wake);
    }
    while (s->ticket_synced < ticket && !s->abandoned)
        pthread_cond_wait(&s->changed, &s->mutex);
    int result = s->ticket_synced >= ticket ? 0 : err_set(err, ERR_IO, "the session could not be written: %s", s->status.why);
    pthread_mutex_unlock(&s->mutex);
    return result;
}

/* --- the segment ----------------------------------------------------------------------------------------------------- */

/* Writes the record that was encoded into s->record. */
static int put_record(struct session *s, const struct record *r, struct err *err)
{
    if (io_write_all(s->fd, s->record.data, s->record.len) < 0)
        return err_io(err, "cannot write segment %u", s->segment);
    s->segment_bytes += s->record.len;
    s->total_bytes += s->record.len;
    s->next.seq++;
    s->next.chain = r->crc;
    s->next.last_step = r->last_step;
    return 0;
}

/* Writes s->text with the type, flags, steps and timeline of *r: one record, or of an event with very long lists several. */
static int write_lines(struct session *s, struct record *r, unsigned holds, struct err *err)
{
    uint8_t ext[RECORD_HOLDS_BYTES];
    record_put_holds(ext, holds);
    for (size_t at = 0, n; at < s->text.len; at += n) {
        r->seq = s->next.seq;
        r->chain = s->next.chain;
        n = writer_cut_text(s->text.data + at, s->text.len - at, r);
        const struct record_body body = { .ext = ext, .ext_bytes = sizeof ext, .data = s->text.data + at, .n = n };
        buf_clear(&s->record);
        if (record_encode(s->coder, r, &body, &s->record, err) < 0 || put_record(s, r, err) < 0)
            return -1;
    }
    return 0;
}

/* Writes everything held that is not written yet. */
static int write_held(struct session *s, bool sync_follows, struct err *err)
{
    if (s->n_written == 0)
        buf_clear(&s->written); /* what it holds was given up with its segment */
    while (s->n_written < s->hold.n) {
        struct record r = s->next;
        r.type = RECORD_EVENTS;
        r.flags = sync_follows ? RECORD_SYNCED : 0;
        unsigned holds;
        size_t n = writer_text(s, &r, &holds);
        if (s->text.failed)
            return err_set(err, ERR_MEMORY, "no memory for journal text");
        if (write_lines(s, &r, holds, err) < 0)
            return -1;
        if (s->lines && s->text.len)
            buf_add(&s->written, s->text.data, s->text.len);
        s->n_written += n;
    }
    return 0;
}

/* A sync ends on a 4 KiB boundary with --sync=paranoid: an ancillary record of zeros fills the block. */
static int pad_block(struct session *s, struct err *err)
{
    enum { BLOCK = 4096 };
    size_t room = BLOCK - s->segment_bytes % BLOCK;
    if (!s->paranoid || room == BLOCK)
        return 0;
    while (room < RECORD_HEADER_BYTES + 4)
        room += BLOCK;
    uint8_t ext[2 * BLOCK] = { 0 };
    size_t ext_bytes = room - RECORD_HEADER_BYTES;
    store_u16(ext, 0x8000);
    store_u16(ext + 2, (uint16_t)((ext_bytes - 4) / 4 * 4)); /* up to three bytes behind are no field */
    struct record r = s->next;
    r.type = RECORD_PAD;
    r.first_step = r.last_step;
    buf_clear(&s->record);
    if (record_encode(s->coder, &r, &(const struct record_body){ .ext = ext, .ext_bytes = ext_bytes }, &s->record, err) < 0)
        return -1;
    return put_record(s, &r, err);
}

/* The written items are on disk: let go of them, tell those who wait. */
static void release_written(struct session *s)
{
    struct writer_items heard = { 0 };
    uint64_t bytes = 0, ticket = 0;
    for (size_t i = 0; i < s->n_written; i++) {
        struct writer_item *item = &s->hold.item[i];
        bytes += item->weight;
        ticket = item->ticket > ticket ? item->ticket : ticket;
        if (item->own && items_reserve(&heard, 1))
            heard.item[heard.n++] = (struct writer_item){ .event = event_ref(item->event) };
    }
    s->q_synced = (int64_t)s->q_next - 1;
    if (s->lines && s->written.len)
        s->lines(s->lines_ctx, s->written.data, s->written.len);
    buf_clear(&s->written);
    pthread_mutex_lock(&s->mutex);
    for (size_t i = 0; i < s->n_written; i++)
        if (s->hold.item[i].marker)
            s->hold.item[i].marker->synced = true;
    s->held_bytes -= bytes;
    s->ticket_synced = ticket > s->ticket_synced ? ticket : s->ticket_synced;
    s->status.synced_q = (uint64_t)s->q_synced;
    for (size_t i = 0; i < s->n_written; i++)
        s->status.synced_events += s->hold.item[i].event && !s->hold.item[i].own;
    void (*hear)(void *, struct event *) = s->hear;
    void *ctx = s->hear_ctx;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->mutex);
    for (size_t i = 0; hear && i < heard.n; i++)
        hear(ctx, heard.item[i].event);
    items_drop(&heard, heard.n);
    free(heard.item);
    items_drop(&s->hold, s->n_written);
    s->n_written = 0;
}

static int sync_segment(struct session *s, struct err *err)
{
    if (s->n_written == 0)
        return 0;
    if (pad_block(s, err) < 0)
        return -1;
    if (io_sync(s->fd, true) < 0)
        return err_io(err, "cannot sync segment %u", s->segment);
    release_written(s);
    return 0;
}

static struct event *make_open(struct session *s, int64_t after)
{
    struct event *e = event_new(EVENT_OPEN, s->hold.n && s->hold.item[0].event ? s->hold.item[0].event->step : s->next.last_step);
    char text[24];
    if (!e)
        return NULL;
    snprintf(text, sizeof text, "%" PRId64, after);
    event_set_u64(e, EV_OPEN_WALL, clock_wall_ns());
    event_set_u64(e, EV_OPEN_SEGMENT, s->segment);
    event_set_u64(e, EV_OPEN_TIMELINE, s->hold.n ? s->hold.item[0].timeline : s->timeline);
    event_set_str(e, EV_OPEN_AFTER, after < 0 ? NULL : text);
    event_set_str(e, EV_OPEN_PARENT, s->parent[0] ? s->parent : NULL);
    event_set_str(e, EV_OPEN_BUILD, PACKAGE_STRING);
    return e;
}

/* Puts the open event, and the fault event that tells why, before what is held. */
static int put_in_front(struct session *s, int64_t after, const char *fault, struct err *err)
{
    struct event *open = make_open(s, after), *why = fault ? event_new(EVENT_FAULT, open ? open->step : 0) : NULL;
    size_t n = fault ? 2 : 1;
    if (!open || (fault && !why) || !items_reserve(&s->hold, n)) {
        event_unref(open);
        event_unref(why);
        return err_set(err, ERR_MEMORY, "no memory for a journal segment");
    }
    if (!s->open_event)
        s->open_event = event_ref(open);
    uint16_t timeline = (uint16_t)open->f[EV_OPEN_TIMELINE].u;
    memmove(s->hold.item + n, s->hold.item, s->hold.n * sizeof *s->hold.item);
    s->hold.n += n;
    s->hold.item[0] = (struct writer_item){ .event = open, .own = true, .timeline = timeline, .since_ns = clock_now_ns() };
    if (fault) {
        event_set_str(why, EV_FAULT_TEXT, fault);
        s->hold.item[1] = (struct writer_item){ .event = why, .own = true, .timeline = timeline, .since_ns = clock_now_ns() };
    }
    return 0;
}

/* Gives up on the file just opened: it holds nothing that was ever synced. */
static void drop_segment(struct session *s, const char *name, size_t in_front)
{
    int reason = errno;
    if (s->fd >= 0) {
        io->close(s->fd);
        io->unlinkat(s->dir_fd, name, 0);
    }
    s->fd = -1;
    s->n_written = 0;
    items_drop(&s->hold, in_front);
    errno = reason;
}

int writer_new_segment(struct session *s, int64_t after, const char *fault, struct err *err)
{
    char name[FOLDER_NAME_MAX];
    if (s->segment >= 999999)
        return err_set(err, ERR_RANGE, "no more than 999999 journal segments");
    s->segment++;
    folder_segment_name(s->segment, name);
    s->fd = io_open(s->dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0600);
    if (s->fd < 0)
        return err_io(err, "cannot create %s", name);
    s->n_written = 0;
    s->segment_bytes = 0;
    s->next.seq = 0;
    s->next.chain = 0;
    s->q_next = (uint64_t)(after + 1);
    if (put_in_front(s, after, fault, err) < 0) {
        drop_segment(s, name, 0);
        return -1;
    }
    size_t in_front = fault ? 2 : 1;
    if (write_held(s, true, err) < 0 || pad_block(s, err) < 0) {
        drop_segment(s, name, in_front);
        return -1;
    }
    if (io_sync(s->fd, false) < 0 || io_sync(s->dir_fd, false) < 0) {
        err_io(err, "cannot sync %s", name);
        drop_segment(s, name, in_front);
        return -1;
    }
    if (s->opening.len == 0)
        buf_add(&s->opening, s->text.data, s->text.len);
    release_written(s);
    return 0;
}

/* --- faults ---------------------------------------------------------------------------------------------------------- */

static void set_stalled(struct session *s, bool stalled, const char *why)
{
    pthread_mutex_lock(&s->mutex);
    s->stalled = stalled;
    s->abandoned |= stalled && s->publisher_stop; /* it is being closed: nobody is left to free space */
    s->status.stalled = stalled;
    snprintf(s->status.why, sizeof s->status.why, "%s", why);
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->mutex);
}

/* After a failed write or sync Linux may drop dirty pages and report success next time, so the descriptor is never used
 * again: what was not synced goes into a fresh segment. If that fails too, training waits. */
static void recover(struct session *s, const struct err *why)
{
    struct err again = { 0 };
    char fault[300];
    bool full = errno == ENOSPC || errno == EDQUOT;
    if (s->fd >= 0)
        io->close(s->fd);
    s->fd = -1;
    s->n_written = 0;
    for (int attempt = 0; attempt < 2; attempt++) {
        if (full && !reserve_give_journal(s) && attempt > 0)
            break;
        snprintf(fault, sizeof fault, "%.200s; recording goes on in segment %u", why->text, s->segment + 1);
        if (writer_new_segment(s, s->q_synced, fault, &again) == 0) {
            set_stalled(s, false, "");
            return;
        }
        full = errno == ENOSPC || errno == EDQUOT;
        if (!full)
            break;
    }
    s->retry_ns = clock_now_ns() + writer_retry_ms * ms;
    set_stalled(s, true, again.text);
}

static void rotate_segment(struct session *s, struct err *err)
{
    if (s->segment_bytes < writer_segment_bytes || s->n_written)
        return;
    int old = s->fd;
    struct record next = s->next;
    uint64_t bytes = s->segment_bytes, q = s->q_next;
    if (writer_new_segment(s, s->q_synced, NULL, err) == 0) {
        io->close(old);
        return;
    }
    s->fd = old; /* what is there is synced and good: go on with it, try again after the next record */
    s->next = next;
    s->segment_bytes = bytes;
    s->q_next = q;
}

/* A folder that was moved away or replaced must not be written any more: the lock no longer protects it. */
static int check_lock(struct session *s, uint64_t now, struct err *err)
{
    struct stat st;
    char path[sizeof s->dir + 8];
    if (now < s->lock_check_ns)
        return 0;
    s->lock_check_ns = now + WRITER_LOCK_CHECK_MS * ms;
    snprintf(path, sizeof path, "%s/lock", s->dir);
    bool there = io->fstatat(AT_FDCWD, path, &st) == 0;
    if (!there && errno != ENOENT && errno != ENOTDIR)
        return err_io(err, "the folder of session '%s' cannot be looked at", s->name);
    if (!there || st.st_dev != s->lock_dev || st.st_ino != s->lock_ino)
        return err_set(err, ERR_IO, "the folder of session '%s' was moved or replaced", s->name);
    if (now >= s->reserve_ns) {
        s->reserve_ns = now + WRITER_RESERVE_MS * ms;
        reserve_make(s, NULL);
    }
    return 0;
}

/* --- the thread ------------------------------------------------------------------------------------------------------ */

/* The time at which the writer must look again, if nothing urgent happens: ns, 0 = now. Mutex held. */
static uint64_t deadline(const struct session *s, uint64_t now)
{
    uint64_t when = s->lock_check_ns, t = UINT64_MAX;
    if (s->fd < 0)
        return s->retry_ns;
    if (s->queue.n)
        t = s->queue.item[0].since_ns + WRITER_WRITE_MS * ms;
    when = t < when ? t : when;
    if (s->n_written) {
        t = s->hold.item[0].since_ns + WRITER_SYNC_MS * ms;
        when = t < when ? t : when;
    }
    return when > now ? when : 0;
}

/* Sleeps until there is something to do, then takes the queue. Returns false when it is time to stop. */
static bool wait_for_work(struct session *s, bool *urgent, uint64_t *held_bytes)
{
    pthread_mutex_lock(&s->mutex);
    for (;;) {
        uint64_t now = clock_now_ns(), when = deadline(s, now);
        if (s->stop || (s->urgent && s->fd >= 0) || when == 0 || when <= now)
            break;
        struct timespec t = { .tv_sec = (time_t)(when / 1000000000), .tv_nsec = (long)(when % 1000000000) };
        pthread_cond_timedwait(&s->wake, &s->mutex, &t);
    }
    *urgent = s->urgent || s->stop;
    *held_bytes = s->held_bytes;
    s->urgent = false;
    s->work_ns = clock_now_ns();
    bool go_on = !s->stop;
    if (items_reserve(&s->hold, s->queue.n)) {
        if (s->queue.n)
            memcpy(s->hold.item + s->hold.n, s->queue.item, s->queue.n * sizeof *s->queue.item);
        s->hold.n += s->queue.n;
        s->queue.n = 0;
    }
    pthread_mutex_unlock(&s->mutex);
    return go_on;
}

static void work(struct session *s, bool urgent, uint64_t held_bytes)
{
    struct err err = { 0 };
    uint64_t now = clock_now_ns();
    errno = 0;
    if (check_lock(s, now, &err) < 0) {
        if (s->fd >= 0)
            io->close(s->fd);
        s->fd = -1;
        s->n_written = 0;
        s->lock_check_ns = 0;
        s->retry_ns = now + writer_retry_ms * ms;
        set_stalled(s, true, err.text);
        return;
    }
    if (s->fd < 0) {
        if (now >= s->retry_ns || urgent)
            recover(s, &(struct err){ .text = "the session could not be written for a while" });
        return;
    }
    if (write_held(s, urgent, &err) < 0) {
        recover(s, &err);
        return;
    }
    bool late = s->n_written && now >= s->hold.item[0].since_ns + (WRITER_SYNC_MS - 10) * ms;
    bool full = s->segment_bytes >= writer_segment_bytes || held_bytes > WRITER_SYNC_BYTES;
    if ((urgent || late || full) && sync_segment(s, &err) < 0) {
        recover(s, &err);
        return;
    }
    rotate_segment(s, &err);
}

void *writer_main(void *session)
{
    struct session *s = session;
    bool urgent, go_on, left;
    uint64_t held_bytes;
    do {
        go_on = wait_for_work(s, &urgent, &held_bytes);
        work(s, urgent, held_bytes);
        pthread_mutex_lock(&s->mutex);
        s->work_ns = 0;
        s->status.writer_cpu_ns = clock_thread_ns();
        s->status.written_bytes = s->total_bytes;
        left = s->queue.n > 0 && s->fd >= 0; /* what writing itself had to say */
        pthread_mutex_unlock(&s->mutex);
    } while (go_on || left);
    return NULL;
}

void writer_release(struct session *s)
{
    items_drop(&s->queue, s->queue.n);
    items_drop(&s->hold, s->hold.n);
    free(s->queue.item);
    free(s->hold.item);
    buf_release(&s->text);
    buf_release(&s->record);
    buf_release(&s->written);
    buf_release(&s->opening);
    record_coder_free(s->coder);
}
