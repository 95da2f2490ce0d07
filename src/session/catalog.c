#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/text.h"
#include "session/io.h"
#include "session/journal.h"
#include "session/pack.h"
#include "session/session.h"

static const char suffix[] = ".saddle";
enum { SUFFIX = sizeof suffix - 1, PACKED = sizeof PACK_SUFFIX - 1 };

void session_name_of(const char *dir, char *out, size_t size)
{
    size_t n = strlen(dir);
    while (n > 1 && dir[n - 1] == '/')
        n--;
    size_t start = n;
    while (start > 0 && dir[start - 1] != '/')
        start--;
    n -= start;
    if (n > PACKED && memcmp(dir + start + n - PACKED, PACK_SUFFIX, PACKED) == 0)
        n -= PACKED;
    else if (n > SUFFIX && memcmp(dir + start + n - SUFFIX, suffix, SUFFIX) == 0)
        n -= SUFFIX;
    char name[256];
    snprintf(name, sizeof name, "%.*s", (int)(n < sizeof name ? n : sizeof name - 1), dir + start);
    text_safe(name, out, size);
}

/* --- where sessions live --------------------------------------------------------------------------------------------- */

/* mkdir -p, folders of ours 0700. */
static int make_path(char *path, struct err *err)
{
    for (char *at = path + 1;; at++) {
        char c = *at;
        if (c != '/' && c != '\0')
            continue;
        *at = '\0';
        int result = io->mkdirat(AT_FDCWD, path, 0700);
        int reason = errno;
        *at = c;
        errno = reason;
        if (result < 0 && errno != EEXIST)
            return err_io(err, "cannot make the sessions folder '%s'", path);
        if (c == '\0')
            return 0;
    }
}

int session_root(const char *option, char *out, size_t size, struct err *err)
{
    const char *env = getenv("SADDLE_SESSIONS"), *xdg = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    int n;
    if (option && *option)
        n = snprintf(out, size, "%s", option);
    else if (env && *env)
        n = snprintf(out, size, "%s", env);
    else if (xdg && *xdg == '/')
        n = snprintf(out, size, "%s/saddle/sessions", xdg);
    else if (home && *home)
        n = snprintf(out, size, "%s/.local/share/saddle/sessions", home);
    else
        return err_set(err, ERR_INVALID, "no place for sessions: set HOME, SADDLE_SESSIONS or --sessions");
    if (n < 0 || (size_t)n >= size || n > 880)
        return err_set(err, ERR_RANGE, "the path of the sessions folder is too long");
    return make_path(out, err);
}

/* --- one session, cheaply -------------------------------------------------------------------------------------------- */

enum { FIRST_RECORDS = 4, TAIL_RECORDS = 256, TAIL_SEGMENTS = 4, TEXT_MOST = 16 << 20 };
enum { TELLING_RECORDS = HOLDS_CONFIG | HOLDS_DATA | HOLDS_CMD | HOLDS_EPOCH | HOLDS_STATE | HOLDS_BRANCH };

struct glance { /* what the last records of a segment say */
    struct session_info *info;
    bool have_state, have_epoch, have_step;
    uint64_t cut;  /* what was recorded before and is of later steps lies on a timeline that was left */
    uint32_t left; /* bytes of text that may still be decoded: a list of sessions stays quick whatever one of them holds */
};

/* "val=500" among the knobs of a configuration. */
static void take_knob(const struct event_field *list, const char *name, char *out, size_t size)
{
    size_t n = strlen(name);
    for (uint32_t i = 0; i < list->n; i++)
        if (list->strs[i] && strncmp(list->strs[i], name, n) == 0 && list->strs[i][n] == '=') {
            char value[256];
            snprintf(value, sizeof value, "%.255s", list->strs[i] + n + 1);
            text_safe(value, out, size);
        }
}

/* "rID@STEP HASH": what the run begins with, known before its configuration is. */
static void take_open_parent(struct session_info *info, const char *parent)
{
    const size_t n = parent && parent[0] == 'r' ? strspn(parent + 1, "0123456789abcdef") : 0;
    if (n == 0 || n >= sizeof info->parent_id || parent[1 + n] != '@')
        return;
    snprintf(info->parent_id, sizeof info->parent_id, "%.*s", (int)n, parent + 1);
    info->parent_step = strtoull(parent + n + 2, NULL, 10);
}

/* By its last evaluation, or by where it stopped. */
static void came_to(struct session_info *info, double epoch)
{
    if (!(info->epoch >= epoch))
        info->epoch = epoch;
}

static void take_event(struct glance *g, const struct event *e)
{
    struct session_info *info = g->info;
    if (e->kind == EVENT_OPEN)
        take_open_parent(info, e->f[EV_OPEN_PARENT].s);
    if (e->kind == EVENT_STATE) {
        text_safe(e->f[EV_STATE_STATE].s, info->state, sizeof info->state);
        came_to(info, e->f[EV_STATE_EP].f);
    }
    if (e->kind == EVENT_EPOCH) {
        info->acc = e->f[EV_EPOCH_ACC].f;
        info->best = e->f[EV_EPOCH_BEST].f;
        came_to(info, e->f[EV_EPOCH_EP].f);
        const struct event_field *groups = &e->f[EV_EPOCH_GROUPS];
        info->tail = groups->n > 0 ? groups->f64s[groups->n - 1] : NAN;
    }
    if (e->kind == EVENT_CONFIG) {
        text_safe(e->f[EV_CONFIG_NAME].s, info->name, sizeof info->name);
        text_safe(e->f[EV_CONFIG_PARENT].s, info->parent, sizeof info->parent);
        text_safe(e->f[EV_CONFIG_PARENT_ID].s, info->parent_id, sizeof info->parent_id);
        info->parent_step = e->f[EV_CONFIG_PARENT_STEP].u;
        char val[16] = "0";
        take_knob(&e->f[EV_CONFIG_KNOBS], "val", val, sizeof val);
        info->has_val = strcmp(val, "0") != 0;
    }
    if (e->kind == EVENT_DATA)
        text_safe(e->f[EV_DATA_NAME].s, info->data, sizeof info->data);
}

struct telling { /* the lines of a record that say something about the run as a whole: of a kind the last, or the first */
    enum event_kind kind;
    bool first, known; /* known: not asked for any more */
    const char *text;
    size_t n;
};

static void take_telling(struct glance *g, const struct telling *t)
{
    struct event *e = NULL;
    if (!t->text || event_from_json(t->text, t->n, &e, NULL) < 0 || !e)
        return;
    take_event(g, e);
    g->have_state |= e->kind == EVENT_STATE;
    g->have_epoch |= e->kind == EVENT_EPOCH;
    event_unref(e);
}

/* One line's head after another; NULL at the end. */
static const char *next_head(const char *text, const char *end, struct journal_line *line)
{
    const char *newline;
    while (text < end && (newline = memchr(text, '\n', (size_t)(end - text)))) {
        if (newline - text <= EVENT_LINE_MAX && journal_line_read(text, (size_t)(newline - text), line, NULL) == 0)
            return newline + 1;
        text = newline + 1;
    }
    return NULL;
}

/* Snapshots are announced behind the step they are of, and the session's own events say nothing of where the run is. */
static bool tells_position(const struct journal_line *line)
{
    static const enum event_kind other[] = { EVENT_OPEN, EVENT_SNAP, EVENT_UNSNAP, EVENT_FAULT, EVENT_SEAL };
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
        if (strcmp(line->kind, event_table[other[i]].kind) == 0)
            return false;
    return true;
}

/* The position of the run by this record, unless a newer one said it; the last branch in it, NULL: none. */
static const char *take_position(struct glance *g, const char *text, const char *end, uint64_t *branch)
{
    struct journal_line line;
    const char *at = NULL;
    uint64_t step = 0;
    bool told = false;
    for (const char *next; (next = next_head(text, end, &line)); text = next) {
        if (tells_position(&line)) {
            step = line.step;
            told = true;
        }
        if (strcmp(line.kind, event_table[EVENT_BRANCH].kind) == 0) {
            at = line.text;
            *branch = line.step;
        }
    }
    if (told && !g->have_step) {
        g->info->step = step;
        g->have_step = true;
    }
    return at;
}

/* The events of one record: of most the head of the line says enough. */
static void take_text(struct glance *g, const char *text, size_t n)
{
    struct telling telling[] = { { .kind = EVENT_OPEN, .first = true, .known = g->info->parent_id[0] },
                                 { .kind = EVENT_STATE, .known = g->have_state },
                                 { .kind = EVENT_EPOCH, .known = g->have_epoch },
                                 { .kind = EVENT_CONFIG, .first = true, .known = g->info->name[0] },
                                 { .kind = EVENT_DATA, .first = true, .known = g->info->data[0] } };
    enum { TELLING = sizeof telling / sizeof telling[0] };
    const char *end = text + n;
    struct journal_line line;
    uint64_t step = g->cut, later = g->cut;
    const char *branch = take_position(g, text, end, &step);
    g->cut = step < g->cut ? step : g->cut;
    for (const char *next; (next = next_head(text, end, &line)); text = next)
        for (int i = 0; line.step <= (branch && line.text < branch ? g->cut : later) && i < TELLING; i++)
            if (!telling[i].known && strcmp(line.kind, event_table[telling[i].kind].kind) == 0) {
                telling[i].text = line.text;
                telling[i].n = line.n;
                telling[i].known = telling[i].first;
            }
    for (int i = 0; i < TELLING; i++)
        take_telling(g, &telling[i]);
}

struct record_place { /* of a record, known from the headers */
    uint64_t offset, seq;
    uint32_t chain, text;
    unsigned holds;
};

/* Decodes the record at a place when there is text left to be looked at. */
static void take_place(struct walk *w, const struct record_place *p, struct glance *g)
{
    if (p->text > g->left)
        return;
    g->left -= p->text;
    w->offset = p->offset;
    w->seq = p->seq;
    w->chain = p->chain;
    w->stop = WALK_NOT;
    if (walk_next(w, true, NULL) > 0 && w->r.type == RECORD_EVENTS)
        take_text(g, w->data, w->r.ulen);
}

struct survey { /* of a segment, by the headers of its records */
    struct record_place first[FIRST_RECORDS], place[TAIL_RECORDS]; /* place: those that may tell something, the newest */
    struct record_place last;
    uint64_t n_first, n_places;
};

static void survey_records(struct walk *w, struct survey *s, struct session_info *info)
{
    int got;
    s->n_first = s->n_places = 0;
    s->last.text = 0;
    for (;;) {
        struct record_place p = { .offset = w->offset, .seq = w->seq, .chain = w->chain };
        if ((got = walk_next(w, false, NULL)) <= 0)
            break;
        p.text = w->r.type == RECORD_EVENTS ? w->r.ulen : 0;
        p.holds = record_holds(&w->r, w->ext);
        if (p.text)
            s->last = p;
        if (s->n_first < FIRST_RECORDS)
            s->first[s->n_first++] = p;
        if (p.holds & TELLING_RECORDS)
            s->place[s->n_places++ % TAIL_RECORDS] = p;
    }
    info->damaged |= got < 0 && w->stop != WALK_TORN;
}

/* The kinds of events that are still asked of earlier records. */
static unsigned wanted_of(const struct glance *g)
{
    return !g->have_step ? HOLDS_ALL : (g->have_state ? 0 : HOLDS_STATE) | (g->have_epoch ? 0 : HOLDS_EPOCH) | HOLDS_BRANCH;
}

/* Reads the last record, then those that may tell more back to front, until state and evaluation are known. */
static void glance_at(struct walk *w, struct glance *g, struct session_info *info)
{
    struct survey s;
    survey_records(w, &s, info);
    for (uint64_t i = 0; i < s.n_first && !info->data[0]; i++) { /* the first records name the data set */
        struct glance naming = { .info = info, .have_state = true, .have_epoch = true, .have_step = true, .cut = UINT64_MAX, .left = g->left };
        if (s.first[i].holds & (HOLDS_CONFIG | HOLDS_DATA))
            take_place(w, &s.first[i], &naming);
        g->left = naming.left;
    }
    if (s.last.text)
        take_place(w, &s.last, g);
    for (uint64_t i = s.n_places; i-- > 0 && s.n_places - i < TAIL_RECORDS && !(g->have_state && g->have_epoch);) {
        const struct record_place *p = &s.place[i % TAIL_RECORDS];
        if (p->offset != s.last.offset && p->holds & wanted_of(g))
            take_place(w, p, g);
    }
}

static bool is_locked(int dir_fd)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int fd = io_open(dir_fd, "lock", O_RDONLY, 0);
    bool locked = fd >= 0 && fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    if (fd >= 0)
        io->close(fd);
    return locked;
}

static void glance_at_segments(const struct place *place, const struct folder *f, struct session_info *out)
{
    struct glance g = { .info = out, .cut = UINT64_MAX, .left = TEXT_MOST };
    bool have_id = false;
    uint8_t id[16];
    for (int i = f->n_segments - 1, n = 0; i >= 0; i--, n++) {
        char name[FOLDER_NAME_MAX];
        struct walk w;
        struct stat st;
        if (n >= TAIL_SEGMENTS && i > 0)
            i = 0; /* the first one names the run */
        folder_segment_name(f->segment[i], name);
        if (place_walk(place, &w, name, have_id ? id : NULL, NULL) < 0) {
            out->damaged = true;
            continue;
        }
        glance_at(&w, &g, out);
        if (w.have_id) {
            memcpy(id, w.id, sizeof id);
            have_id = true;
        }
        if (place_stat(place, name, &st) == 0 && st.st_mtime > out->mtime)
            out->mtime = st.st_mtime;
        walk_release(&w);
    }
    for (size_t i = 0; have_id && i < sizeof id; i++)
        snprintf(out->id + 2 * i, 3, "%02x", id[i]);
    out->damaged |= !have_id;
}

/* Its name is taken, and nothing is written: somebody was killed, or makes it just now. */
static bool is_blank_text(const struct place *place, const struct folder *f)
{
    struct stat st;
    char segment[FOLDER_NAME_MAX];
    if (f->n_segments == 0)
        return true;
    folder_segment_name(f->segment[0], segment);
    return f->n_segments == 1 && place_stat(place, segment, &st) == 0 && st.st_size == 0;
}

int session_info(const char *dir, struct session_info *out, struct err *err)
{
    struct folder f;
    *out = (struct session_info){ .acc = NAN, .tail = NAN, .best = NAN, .epoch = NAN };
    snprintf(out->dir, sizeof out->dir, "%s", dir);
    struct place place;
    if (place_open(&place, dir, err) < 0)
        return -1;
    if (place_list(&place, &f, err) < 0) {
        place_release(&place);
        return -1;
    }
    glance_at_segments(&place, &f, out);
    out->damaged |= place_broken(&place) != NULL;
    out->locked = !place.pack && is_locked(place.fd);
    session_name_of(dir, out->name, sizeof out->name);
    int n = f.n_segments;
    out->unborn = f.n_snapshots == 0 && (is_blank_text(&place, &f) || (out->parent_id[0] && !out->state[0] && isnan(out->acc)));
    folder_release(&f);
    place_release(&place);
    return n ? 0 : err_set(err, ERR_DATA, "'%s' is not a session: no journal in it", dir);
}

/* --- all of them ----------------------------------------------------------------------------------------------------- */

static int newest_first(const void *a, const void *b)
{
    const struct session_info *x = a, *y = b;
    if (x->mtime != y->mtime)
        return x->mtime > y->mtime ? -1 : 1;
    return strcmp(x->name, y->name);
}

static bool is_session_name(const char *name)
{
    return name[0] != '.' && text_ends(name, suffix);
}

static struct session_info *add_session(struct session_info *list, int n, int *cap)
{
    if (n < *cap)
        return list;
    *cap = *cap ? 2 * *cap : 64;
    return realloc(list, (size_t)*cap * sizeof *list);
}

int session_names(const char *root, struct session_info **out, int *n, struct err *err)
{
    DIR *dir = opendir(root);
    int cap = 0;
    *out = NULL;
    *n = 0;
    if (!dir)
        return err_io(err, "cannot list '%s'", root);
    for (struct dirent *d; (d = readdir(dir));) {
        struct stat st;
        if (!is_session_name(d->d_name) || fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
            continue;
        struct session_info *more = add_session(*out, *n, &cap);
        if (!more) {
            closedir(dir);
            free(*out);
            *out = NULL;
            *n = 0;
            return err_set(err, ERR_MEMORY, "no memory to list sessions");
        }
        *out = more;
        struct session_info *info = &more[(*n)++];
        *info = (struct session_info){ .acc = NAN, .tail = NAN, .best = NAN, .epoch = NAN, .mtime = st.st_mtime };
        snprintf(info->dir, sizeof info->dir, "%.760s/%.255s", root, d->d_name);
        session_name_of(info->dir, info->name, sizeof info->name);
    }
    closedir(dir);
    if (*n)
        qsort(*out, (size_t)*n, sizeof **out, newest_first);
    return 0;
}

int session_list(const char *root, struct session_info **out, int *n, struct err *err)
{
    if (session_names(root, out, n, err) < 0)
        return -1;
    const int all = *n;
    *n = 0;
    for (int i = 0; i < all; i++) {
        const struct session_info named = (*out)[i];
        struct session_info *info = &(*out)[*n];
        if (session_info(named.dir, info, NULL) < 0) {
            info->damaged = true;
            info->mtime = info->mtime ? info->mtime : named.mtime;
            memcpy(info->name, named.name, sizeof info->name);
        }
        *n += !info->unborn;
    }
    if (*n)
        qsort(*out, (size_t)*n, sizeof **out, newest_first);
    return 0;
}

/* --- what a user calls a run ------------------------------------------------------------------------------------------ */

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool session_is_packed(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* The difference of two names: characters to insert, delete or change (at most 100 counted). */
static int distance(const char *a, const char *b)
{
    int row[128], n = (int)strnlen(b, 127);
    for (int j = 0; j <= n; j++)
        row[j] = j;
    for (int i = 1; a[i - 1] && i < 128; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= n; j++) {
            int change = diagonal + (a[i - 1] != b[j - 1]), other = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = change < other ? change : other;
        }
    }
    return row[n];
}

static int refuse_ambiguous(const char *run, const struct session_info *list, int n, struct err *err)
{
    int best = -1;
    for (int i = 0; i < n; i++)
        if (best < 0 || distance(run, list[i].name) < distance(run, list[best].name))
            best = i;
    char safe[128];
    text_safe(run, safe, sizeof safe);
    if (best >= 0 && (distance(run, list[best].name) <= 3 || strncmp(run, list[best].name, strlen(run)) == 0))
        return err_set(err, ERR_INVALID, "no session '%s'; did you mean '%s'?", safe, list[best].name);
    if (session_is_packed(run))
        return err_set(err, ERR_INVALID, "no session '%s'; the file of that name is './%s'", safe, safe);
    if (n == 0)
        return err_set(err, ERR_INVALID, "no session '%s'; there are none yet", safe);
    return err_set(err, ERR_INVALID, "no session '%s'; the newest is '%s'", safe, list[0].name);
}

/* rHEX: the session whose id starts with these digits; it must be the only one. */
static int find_by_id(const char *digits, const struct session_info *list, int n, char *out, size_t size, struct err *err)
{
    int found = -1;
    for (int i = 0; i < n; i++) {
        if (strncmp(list[i].id, digits, strlen(digits)) != 0)
            continue;
        if (found >= 0)
            return err_set(err, ERR_INVALID, "r%s is both '%s' and '%s'; %s", digits, list[found].name, list[i].name,
                           strcmp(list[found].id, list[i].id) == 0 ? "they are the same run, so give a name" : "give more digits");
        found = i;
    }
    if (found >= 0)
        snprintf(out, size, "%s", list[found].dir);
    return found >= 0;
}

const char *session_cut_at(char *run)
{
    char *at = strrchr(run, '@');
    if (!at || at == run || strchr(at, '/'))
        return NULL;
    *at = '\0';
    return at + 1;
}

int session_find(const char *root, const char *run, char *out, size_t size, struct err *err)
{
    char path[1024];
    struct session_info *list;
    int n, found = 0;
    if (strchr(run, '/')) {
        snprintf(out, size, "%s", run);
        return is_folder(run) || session_is_packed(run) ? 0 : err_set(err, ERR_INVALID, "no session folder '%.200s'", run);
    }
    if (text_ends(run, PACK_SUFFIX) && session_is_packed(run))
        return snprintf(out, size, "%s", run) > 0 ? 0 : -1;
    snprintf(path, sizeof path, "%.700s/%.200s", root, run);
    if (is_session_name(run) && is_folder(path))
        return snprintf(out, size, "%s", path) > 0 ? 0 : -1;
    snprintf(path, sizeof path, "%.700s/%.200s%s", root, run, suffix);
    if (run[0] && run[0] != '.' && is_folder(path))
        return snprintf(out, size, "%s", path) > 0 ? 0 : -1;
    if (session_list(root, &list, &n, err) < 0)
        return -1;
    size_t length = strlen(run);
    if (run[0] == 'r' && length >= 5 && length <= 33 && strspn(run + 1, "0123456789abcdef") == length - 1)
        found = find_by_id(run + 1, list, n, out, size, err);
    if (found == 0)
        refuse_ambiguous(run, list, n, err);
    free(list);
    return found > 0 ? 0 : -1;
}
