/* A power cut at any moment, from the log of a session's calls: what was synced is there, of the rest each write may be whole, torn, zeros or not
 * there, and each new, renamed or removed name may be so or not. Whatever was acknowledged before the cut must be readable then, and the session must
 * go on. SADDLE_POWER_CUTS states are tried (400; A-B: those from A on, before B, of a larger number), SADDLE_FAULT_SEED chooses which. */
#include "config.h"
#include "../unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit/sessions.h"
#include "base/err.h"
#include "base/rng.h"
#include "session/io.h"

enum { OPS_MAX = 4000, FDS_MAX = 1024, NODES_MAX = 256, NAME_SIZE = 64, PARAMS = 300, STATS = 20 };

/* --- the log ------------------------------------------------------------------------------------------------------------ */

enum op_kind { OP_CREATE, OP_WRITE, OP_CUT, OP_RENAME, OP_LINK, OP_UNLINK, OP_SYNC_FILE, OP_SYNC_FOLDER, OP_STEP, OP_SNAPSHOT };
struct op {
    enum op_kind kind;
    int node;
    char name[NAME_SIZE], to[NAME_SIZE];
    uint8_t *bytes;
    size_t n, at;  /* WRITE: where; CUT: the new size */
    uint64_t step; /* acknowledged: STEP and all before it, the SNAPSHOT of it */
};
static struct {
    pthread_mutex_t lock;
    struct op op[OPS_MAX];
    int n, n_nodes;
    int node_of[FDS_MAX]; /* + 1 */
    size_t place[FDS_MAX];
} calls = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct op *add(enum op_kind kind)
{
    if (calls.n == OPS_MAX)
        abort();
    struct op *op = &calls.op[calls.n++];
    *op = (struct op){ .kind = kind };
    return op;
}

static int node_at(int fd)
{
    return fd >= 0 && fd < FDS_MAX ? calls.node_of[fd] - 1 : -1;
}

static void add_names(enum op_kind kind, const char *name, const char *to)
{
    pthread_mutex_lock(&calls.lock);
    struct op *op = add(kind);
    snprintf(op->name, sizeof op->name, "%s", name);
    snprintf(op->to, sizeof op->to, "%s", to);
    pthread_mutex_unlock(&calls.lock);
}

static int l_openat(int d, const char *name, int flags, mode_t mode)
{
    const int fd = io_system.openat(d, name, flags, mode);
    struct stat st;
    if (fd < 0 || fd >= FDS_MAX || !(flags & (O_WRONLY | O_RDWR)) || io_system.fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return fd;
    pthread_mutex_lock(&calls.lock);
    if (flags & O_CREAT) {
        if (calls.n_nodes == NODES_MAX)
            abort();
        struct op *op = add(OP_CREATE);
        op->node = calls.n_nodes++;
        snprintf(op->name, sizeof op->name, "%s", name);
        calls.node_of[fd] = op->node + 1;
    }
    calls.place[fd] = 0;
    pthread_mutex_unlock(&calls.lock);
    return fd;
}

static int l_close(int fd)
{
    pthread_mutex_lock(&calls.lock);
    if (fd >= 0 && fd < FDS_MAX)
        calls.node_of[fd] = 0;
    pthread_mutex_unlock(&calls.lock);
    return io_system.close(fd);
}

static ssize_t l_write(int fd, const void *bytes, size_t n)
{
    pthread_mutex_lock(&calls.lock);
    if (node_at(fd) >= 0) {
        struct op *op = add(OP_WRITE);
        op->node = node_at(fd);
        op->bytes = malloc(n + 1);
        if (!op->bytes)
            abort();
        memcpy(op->bytes, bytes, n);
        op->n = n;
        op->at = calls.place[fd];
        calls.place[fd] += n;
    }
    pthread_mutex_unlock(&calls.lock);
    return io_system.write(fd, bytes, n);
}

static int l_ftruncate(int fd, off_t size)
{
    pthread_mutex_lock(&calls.lock);
    if (node_at(fd) >= 0) {
        struct op *op = add(OP_CUT);
        op->node = node_at(fd);
        op->at = (size_t)size;
    }
    pthread_mutex_unlock(&calls.lock);
    return io_system.ftruncate(fd, size);
}

static int synced(int fd, int result)
{
    pthread_mutex_lock(&calls.lock);
    if (result == 0) {
        struct op *op = add(node_at(fd) >= 0 ? OP_SYNC_FILE : OP_SYNC_FOLDER);
        op->node = node_at(fd);
    }
    pthread_mutex_unlock(&calls.lock);
    return result;
}

static int l_fsync(int fd)
{
    return synced(fd, io_system.fsync(fd));
}

static int l_fdatasync(int fd)
{
    return synced(fd, io_system.fdatasync(fd));
}

static int l_renameat(int d, const char *from, const char *to)
{
    add_names(OP_RENAME, from, to);
    return io_system.renameat(d, from, to);
}

static int l_linkat(int d, const char *from, const char *to)
{
    add_names(OP_LINK, from, to);
    return io_system.linkat(d, from, to);
}

static int l_unlinkat(int d, const char *name, int flags)
{
    add_names(OP_UNLINK, name, "");
    return io_system.unlinkat(d, name, flags);
}

static void acknowledge(enum op_kind kind, uint64_t step)
{
    pthread_mutex_lock(&calls.lock);
    add(kind)->step = step;
    pthread_mutex_unlock(&calls.lock);
}

static void hear(void *ctx, struct event *e)
{
    (void)ctx;
    if (e->kind == EVENT_SNAP)
        acknowledge(OP_SNAPSHOT, e->step);
}

/* --- a session ----------------------------------------------------------------------------------------------------------- */

static char root[256];
static int born; /* calls until it was there */

/* Twelve epochs of one step with a snapshot each, of which old ones are removed; every other step is waited for. */
static int record_session(void **state)
{
    static struct io logged;
    struct err err = { 0 };
    (void)state;
    scratch_make(root);
    logged = io_system;
    logged.openat = l_openat, logged.close = l_close, logged.write = l_write, logged.ftruncate = l_ftruncate, logged.fsync = l_fsync;
    logged.fdatasync = l_fdatasync, logged.renameat = l_renameat, logged.linkat = l_linkat, logged.unlinkat = l_unlinkat;
    io = &logged;
    struct session *s = session_create(root, "x", NULL, &err);
    if (!s)
        return -1;
    born = calls.n;
    struct event_sink sink = session_sink(s);
    session_listen(s, hear, NULL);
    send_event(&sink, data_event(1));
    for (uint64_t step = 1; step <= 12; step++) {
        send_event(&sink, step_event(step, 0.5 * (double)step));
        if (step % 2 == 0 && sink.sync(sink.ctx, &err) == 0)
            acknowledge(OP_STEP, step);
        sink.snapshot(sink.ctx, make_state(step, PARAMS, STATS), NULL, false);
    }
    if (session_close(s, "finished", &err) < 0)
        return -1;
    acknowledge(OP_STEP, 12);
    io = &io_system;
    return 0;
}

static int remove_session(void **state)
{
    (void)state;
    for (int i = 0; i < calls.n; i++)
        free(calls.op[i].bytes);
    scratch_remove(root);
    return 0;
}

/* --- what the disk has after a cut ----------------------------------------------------------------------------------------- */

struct disk {
    struct {
        uint8_t *bytes;
        size_t n;
    } file[NODES_MAX];
    struct {
        char name[NAME_SIZE];
        int node;
    } entry[2 * NODES_MAX];
    int n_entries;
};

static bool is_safe(int i, int cut)
{
    const struct op *op = &calls.op[i];
    const bool data = op->kind == OP_WRITE || op->kind == OP_CUT;
    for (int k = i + 1; k < cut; k++)
        if (data ? calls.op[k].kind == OP_SYNC_FILE && calls.op[k].node == op->node : calls.op[k].kind == OP_SYNC_FOLDER)
            return true;
    return false;
}

static void set_size(struct disk *d, int node, size_t n)
{
    uint8_t *grown = realloc(d->file[node].bytes, n + 1);
    assert_non_null(grown);
    if (n > d->file[node].n)
        memset(grown + d->file[node].n, 0, n - d->file[node].n);
    d->file[node].bytes = grown;
    d->file[node].n = n;
}

static void write_some(struct disk *d, const struct op *op, bool safe, struct rng *r)
{
    const uint32_t how = safe ? 0 : rng_below(r, 4); /* whole, none of it, its beginning, only its length */
    const size_t n = how == 2 ? rng_below(r, (uint32_t)op->n + 1) : op->n;
    if (how == 1)
        return;
    if (d->file[op->node].n < op->at + n)
        set_size(d, op->node, op->at + n);
    if (how != 3)
        memcpy(d->file[op->node].bytes + op->at, op->bytes, n);
}

static int entry_of(const struct disk *d, const char *name)
{
    for (int i = 0; i < d->n_entries; i++)
        if (strcmp(d->entry[i].name, name) == 0)
            return i;
    return -1;
}

static void put_name(struct disk *d, const char *name, int node)
{
    int i = entry_of(d, name);
    if (i < 0)
        i = d->n_entries++;
    snprintf(d->entry[i].name, NAME_SIZE, "%s", name);
    d->entry[i].node = node;
}

static void drop_name(struct disk *d, const char *name)
{
    const int i = entry_of(d, name);
    if (i >= 0)
        d->entry[i] = d->entry[--d->n_entries];
}

/* Names as they really were, for what a rename or link is of; and as the disk has them. */
static void change_names(struct disk *real, struct disk *d, const struct op *op, bool there)
{
    const int from = op->kind == OP_CREATE ? -1 : entry_of(real, op->name), node = from >= 0 ? real->entry[from].node : op->node;
    struct disk *both[] = { real, there ? d : NULL };
    if (op->kind != OP_CREATE && from < 0)
        return; /* of the folder above, or of nothing */
    for (int i = 0; i < 2 && both[i]; i++) {
        if (op->kind == OP_CREATE)
            put_name(both[i], op->name, node);
        if (op->kind == OP_RENAME || op->kind == OP_UNLINK)
            drop_name(both[i], op->name);
        if (op->kind == OP_RENAME || op->kind == OP_LINK)
            put_name(both[i], op->to, node);
    }
}

static void make_disk(struct disk *d, int cut, struct rng *r)
{
    static struct disk real;
    memset(&real, 0, sizeof real);
    memset(d, 0, sizeof *d);
    for (int i = 0; i < cut; i++) {
        const struct op *op = &calls.op[i];
        const bool safe = i < born || is_safe(i, cut);
        if (op->kind == OP_WRITE)
            write_some(d, op, safe, r);
        else if (op->kind == OP_CUT && (safe || rng_below(r, 2)))
            set_size(d, op->node, op->at);
        else if (op->kind == OP_CREATE || op->kind == OP_RENAME || op->kind == OP_LINK || op->kind == OP_UNLINK)
            change_names(&real, d, op, safe || rng_below(r, 2));
    }
}

static void write_disk(const struct disk *d, const char *dir)
{
    char path[600];
    assert_int_equal(mkdir(dir, 0700), 0);
    for (int i = 0; i < d->n_entries; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, d->entry[i].name);
        const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600), node = d->entry[i].node;
        assert_true(fd >= 0 && write(fd, d->file[node].bytes, d->file[node].n) == (ssize_t)d->file[node].n);
        close(fd);
    }
}

/* --- what must hold -------------------------------------------------------------------------------------------------------- */

static uint64_t last_acknowledged(enum op_kind kind, int cut)
{
    uint64_t step = 0;
    for (int i = 0; i < cut; i++)
        if (calls.op[i].kind == kind && calls.op[i].step > step)
            step = calls.op[i].step;
    return step;
}

static void check_recording(const char *dir, int cut, unsigned seed)
{
    struct err err = { 0 };
    struct recording *r = recording_open(dir, &err);
    if (!r)
        fail_msg("cut after call %d, seed %u: %s", cut, seed, err.text);
    uint64_t steps = 0;
    for (size_t i = 0; i < recording_count(r); i++) {
        const struct event *e = recording_event(r, i);
        if (e->kind == EVENT_STEP && (e->step != ++steps || e->f[EV_STEP_LOSS].f != 0.5 * (double)steps))
            fail_msg("cut after call %d, seed %u: step %llu where %llu is expected", cut, seed, (unsigned long long)e->step, (unsigned long long)steps);
    }
    if (steps < last_acknowledged(OP_STEP, cut))
        fail_msg("cut after call %d, seed %u: %llu steps, acknowledged were %llu", cut, seed, (unsigned long long)steps,
                 (unsigned long long)last_acknowledged(OP_STEP, cut));
    const uint64_t wanted = last_acknowledged(OP_SNAPSHOT, cut);
    int n;
    bool there = wanted == 0;
    const struct snapshot_info *info = recording_snapshots(r, &n);
    for (int i = 0; i < n; i++) {
        struct train_state *s = load_state(r, i, PARAMS, STATS, &err);
        if (!s)
            fail_msg("cut after call %d, seed %u: snapshot of step %llu: %s", cut, seed, (unsigned long long)info[i].step, err.text);
        there |= s->step == wanted;
        train_state_free(s);
    }
    if (!there)
        fail_msg("cut after call %d, seed %u: the snapshot of step %llu was announced and is not there", cut, seed, (unsigned long long)wanted);
    recording_close(r);
}

static void goes_on(const char *dir, int cut, unsigned seed)
{
    struct err err = { 0 };
    struct session *s = session_reopen(dir, &err);
    if (!s)
        fail_msg("cut after call %d, seed %u: %s", cut, seed, err.text);
    struct event_sink sink = session_sink(s);
    send_event(&sink, note_event(12, "goes on"));
    if (session_close(s, "finished", &err) < 0)
        fail_msg("cut after call %d, seed %u: %s", cut, seed, err.text);
    check_recording(dir, cut, seed);
}

/* N, or A-B. */
static void states_asked(unsigned *from, unsigned *to)
{
    const char *many = getenv("SADDLE_POWER_CUTS"), *part = many ? strchr(many, '-') : NULL;
    *from = part ? (unsigned)strtoul(many, NULL, 10) : 0;
    *to = many ? (unsigned)strtoul(part ? part + 1 : many, NULL, 10) : 400;
}

static void what_was_acknowledged_is_there(void **state)
{
    const char *seeds = getenv("SADDLE_FAULT_SEED");
    const unsigned first = seeds ? (unsigned)strtoul(seeds, NULL, 10) : 1;
    unsigned from, to;
    static struct disk disk;
    char dir[300];
    (void)state;
    snprintf(dir, sizeof dir, "%s/y.saddle", root);
    assert_true(calls.n - born > 60 && last_acknowledged(OP_SNAPSHOT, calls.n) == 12);
    states_asked(&from, &to);
    for (unsigned i = from; i < to; i++) {
        struct rng r;
        rng_init(&r, first, RNG_DEMO, 0, i);
        const int cut = born + (int)rng_below(&r, (uint32_t)(calls.n - born) + 1);
        make_disk(&disk, cut, &r);
        write_disk(&disk, dir);
        check_recording(dir, cut, first);
        if (i % 4 == 0)
            goes_on(dir, cut, first);
        for (int k = 0; k < NODES_MAX; k++)
            free(disk.file[k].bytes);
        scratch_remove(dir);
    }
    print_message("%u power cuts in %d calls, seed %u\n", to - from, calls.n - born, first);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(what_was_acknowledged_is_there) };
    return cmocka_run_group_tests_name("fault/power_cut", tests, record_session, remove_session);
}
