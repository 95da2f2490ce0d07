#include "config.h"
#include "engine/data/picture_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/parallel.h"
#include "base/text.h"
#include "engine/data/picture.h"
#include "engine/data/picture_listing.h"
#include "engine/data/pictures.h"
#include "engine/data/resample.h"

enum { MIB = 1 << 20, QUALITY = 90, SAMPLED = 64, PATH_SIZE = 4096, NAME_SIZE = 4096 };

static const char settings_name[] = ".saddle-cache";

struct picture_cache {
    struct picture_listing l;
    char folder[PATH_SIZE]; /* as given */
    bool by_list;
    int fd;    /* of the folder */
    bool made; /* there was none before */
    struct picture_cache_size size;
    pthread_t thread;
    bool running;
    pthread_mutex_t lock; /* of failed, first_bad and bad_name */
    struct err failed;
    uint32_t first_bad;
    atomic_uint there, scaled, bad;
    atomic_bool ended, over;
};

/* --- one picture --------------------------------------------------------------------------------------------------- */

struct copy_bytes {
    uint8_t *bytes;
    size_t n;
    bool scaled, bad;
};

/* The picture whole, its shorter side of so many pixels. NULL with *err. */
static uint8_t *scale(struct picture *p, int shorter, size_t *n, struct err *err)
{
    const struct picture_facts *f = picture_facts(p);
    struct picture_view v = picture_view_centre(f->width, f->height, shorter, shorter);
    v.left = v.top = 0;
    v.side_x = v.width;
    v.side_y = v.height;
    uint8_t *rgb = malloc((size_t)v.width * (size_t)v.height * 3), *made = NULL;
    if (!rgb)
        err_set(err, ERR_MEMORY, "no memory for a picture of %dx%d pixels", v.width, v.height);
    else if (picture_see(p, &v, rgb, err) == 0)
        made = picture_make_jpeg(&(const struct picture_pixels){ rgb, v.width, v.height }, QUALITY, n, err);
    free(rgb);
    return made;
}

/* What the copy holds; what cannot be decoded is copied as it is, and fails there as here. -1: the file cannot be read. */
static int make_copy(const struct picture_cache *c, uint32_t i, struct copy_bytes *out)
{
    size_t n = 0;
    uint8_t *bytes = picture_read_file(c->l.files->root, picture_name(c->l.files, i), &n, NULL);
    struct picture *p = bytes ? picture_open(bytes, n, NULL) : NULL;
    *out = (struct copy_bytes){ .bytes = bytes, .n = n, .bad = !p };
    if (p) {
        const struct picture_facts *f = picture_facts(p);
        if ((f->width < f->height ? f->width : f->height) > c->size.shorter) {
            uint8_t *made = scale(p, c->size.shorter, &n, NULL);
            *out = (struct copy_bytes){ .bytes = made ? made : bytes, .n = n, .scaled = made, .bad = !made };
            free(made ? bytes : NULL);
        }
    }
    picture_close(p);
    return bytes ? 0 : -1;
}

static bool same_time(const struct stat *a, const struct stat *b)
{
    return a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* There is a copy of the file as it is now. */
static bool copy_is_there(const struct picture_cache *c, uint32_t i, struct stat *original)
{
    const char *name = picture_name(c->l.files, i);
    struct stat copy;
    return fstatat(c->l.files->root, name, original, 0) == 0 && fstatat(c->fd, name, &copy, 0) == 0 && S_ISREG(copy.st_mode) &&
           same_time(original, &copy) && (copy.st_size > 0 || original->st_size == 0);
}

static int write_whole(int fd, const uint8_t *bytes, size_t n)
{
    while (n > 0) {
        const ssize_t wrote = write(fd, bytes, n);
        if (wrote < 0 && errno != EINTR)
            return -1;
        bytes += wrote > 0 ? wrote : 0;
        n -= wrote > 0 ? (size_t)wrote : 0;
    }
    return 0;
}

/* The folder that a name lies in, and a temporary name there that no other picture has; read_folder() passes over it. */
static void temporary_name(char *out, size_t size, const char *name, uint32_t i)
{
    const char *slash = strrchr(name, '/');
    snprintf(out, size, "%.*s.part-%" PRIu32, slash ? (int)(slash - name) + 1 : 0, name, i);
}

/* Whole under its name or not at all, but not synced one by one: what a crash of the machine takes is written again. */
static int write_copy(const struct picture_cache *c, uint32_t i, const struct copy_bytes *copy, const struct stat *original)
{
    const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, original->st_mtim };
    const char *name = picture_name(c->l.files, i);
    char part[NAME_SIZE];
    temporary_name(part, sizeof part, name, i);
    const int fd = openat(c->fd, part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    int result = fd < 0 || write_whole(fd, copy->bytes, copy->n) < 0 || futimens(fd, times) < 0 ? -1 : 0;
    int why = errno;
    if (fd >= 0 && close(fd) < 0 && result == 0) {
        result = -1;
        why = errno;
    }
    if (result == 0 && renameat(c->fd, part, c->fd, name) < 0) {
        result = -1;
        why = errno;
    }
    if (result < 0 && fd >= 0)
        unlinkat(c->fd, part, 0);
    errno = why;
    return result;
}

static void say_failed(struct picture_cache *c, uint32_t i)
{
    char safe[200];
    struct err err = { 0 };
    text_safe(picture_name(c->l.files, i), safe, sizeof safe);
    err_io(&err, "%.200s: cannot write '%s'", c->folder, safe);
    pthread_mutex_lock(&c->lock);
    if (!atomic_exchange(&c->ended, true))
        c->failed = err;
    pthread_mutex_unlock(&c->lock);
}

static void note_bad_copy(struct picture_cache *c, uint32_t i)
{
    pthread_mutex_lock(&c->lock);
    if (atomic_fetch_add(&c->bad, 1) == 0 || i < c->first_bad)
        c->first_bad = i;
    pthread_mutex_unlock(&c->lock);
}

static void cache_one(void *context, int index, int worker)
{
    struct picture_cache *c = context;
    struct copy_bytes copy = { 0 };
    struct stat original = { 0 };
    const uint32_t i = (uint32_t)index;
    (void)worker;
    if (atomic_load(&c->ended))
        return;
    if (copy_is_there(c, i, &original)) {
        atomic_fetch_add(&c->there, 1);
        return;
    }
    if (make_copy(c, i, &copy) < 0) {
        note_bad_copy(c, i);
        return;
    }
    if (copy.bad)
        note_bad_copy(c, i);
    if (write_copy(c, i, &copy, &original) < 0) {
        say_failed(c, i);
    } else {
        atomic_fetch_add(&c->there, 1);
        atomic_fetch_add(&c->scaled, copy.scaled);
    }
    free(copy.bytes);
}

static void *cache_all(void *context)
{
    struct picture_cache *c = context;
    parallel_each_aside((int)c->l.files->n, cache_one, c);
    syncfs(c->fd);
    atomic_store(&c->over, true);
    return NULL;
}

/* --- the folder ---------------------------------------------------------------------------------------------------- */

/* True where `inner` is the folder `outer`, or one in it. */
static bool lies_in(int inner, int outer, bool itself)
{
    char in[PATH_SIZE], out[PATH_SIZE];
    if (!picture_folder_path(inner, in, sizeof in) || !picture_folder_path(outer, out, sizeof out))
        return true; /* then nothing is written there */
    const size_t m = strlen(out);
    return strncmp(in, out, m) == 0 && (in[m] == '\0' || (!itself && (in[m] == '/' || m == 1)));
}

static bool holds_nothing(int folder)
{
    const int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    int n = 0;
    while (dir && n <= 2 && readdir(dir)) /* . and .. */
        n++;
    if (dir)
        closedir(dir);
    else if (fd >= 0)
        close(fd);
    return dir && n <= 2;
}

static int put_settings(void *ctx, FILE *out, struct err *err)
{
    (void)err;
    fputs(ctx, out);
    return 0;
}

/* A folder with a cache of the same kind, or one in which there is nothing. */
static int take_folder(struct picture_cache *c, struct err *err)
{
    char wanted[80], path[PATH_SIZE + sizeof settings_name + 1];
    size_t n = 0;
    snprintf(wanted, sizeof wanted, "saddle cache 1: shorter side %d, quality %d\n", c->size.shorter, QUALITY);
    snprintf(path, sizeof path, "%s/%s", c->folder, settings_name);
    char *text = (char *)picture_read_file(c->fd, settings_name, &n, NULL);
    if (text) {
        const bool same = n == strlen(wanted) && memcmp(text, wanted, n) == 0;
        free(text);
        return same ? 0 : err_set(err, ERR_INVALID, "%.200s holds a cache of another --shorter or of another saddle; another folder is accepted", c->folder);
    }
    if (!holds_nothing(c->fd))
        return err_set(err, ERR_INVALID, "%.200s is not empty, and no cache of saddle; an empty or a new folder is accepted", c->folder);
    return file_publish(path, false, put_settings, wanted, err);
}

static int open_cache(struct picture_cache *c, struct err *err)
{
    const int root = c->l.files->root;
    c->made = mkdir(c->folder, 0777) == 0;
    if (!c->made && errno != EEXIST)
        return err_io(err, "cannot make the folder '%.200s'", c->folder);
    c->fd = open(c->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (c->fd < 0)
        return err_io(err, "cannot open the folder '%.200s'", c->folder);
    if (lies_in(c->fd, root, c->by_list))
        return err_set(err, ERR_INVALID, "%.200s lies in the folder of the pictures themselves; another folder is accepted", c->folder);
    if (flock(c->fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) /* other failures: the file system has no locks for folders */
        return err_set(err, ERR_LOCKED, "%.200s is being written by another process; the same command goes on when that is over", c->folder);
    return take_folder(c, err);
}

/* Names that lead out of the root would lead out of the cache. */
static bool leads_out(const char *name)
{
    for (const char *at = name; at; at = strchr(at, '/'), at = at ? at + 1 : NULL)
        if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || at[2] == '\0'))
            return true;
    return name[0] == '/' || strlen(name) + 32 > NAME_SIZE;
}

/* The folders of all names, made before the threads begin. */
static int make_folders(struct picture_cache *c, struct err *err)
{
    char path[NAME_SIZE], safe[200], last[NAME_SIZE] = "";
    for (uint32_t i = 0; i < c->l.files->n; i++) {
        const char *name = picture_name(c->l.files, i), *slash = strrchr(name, '/');
        const size_t n = slash ? (size_t)(slash - name) : 0;
        if (strncmp(last, name, n) == 0 && last[n] == '\0')
            continue;
        snprintf(last, sizeof last, "%.*s", (int)n, name);
        for (const char *at = strchr(name, '/'); at; at = strchr(at + 1, '/')) {
            snprintf(path, sizeof path, "%.*s", (int)(at - name), name);
            if (mkdirat(c->fd, path, 0777) == 0 || errno == EEXIST)
                continue;
            text_safe(path, safe, sizeof safe);
            return err_io(err, "%.200s: cannot make the folder '%s'", c->folder, safe);
        }
    }
    return 0;
}

/* --- how much it will be ------------------------------------------------------------------------------------------- */

/* Copies of some pictures, evenly spaced, in memory; the mean of them for all. */
static void estimate(struct picture_cache *c)
{
    const uint32_t n = c->l.files->n, step = (n + SAMPLED - 1) / SAMPLED;
    uint64_t bytes = 0;
    uint32_t looked_at = 0;
    struct statvfs disk;
    struct stat original;
    for (uint32_t i = 0; i < n; i++)
        c->size.there += copy_is_there(c, i, &original);
    for (uint32_t i = 0; i < n; i += step) {
        struct copy_bytes copy;
        if (make_copy(c, i, &copy) < 0)
            continue;
        bytes += copy.n + 4096 / 2; /* the last block of a file is half empty */
        looked_at++;
        free(copy.bytes);
    }
    c->size.n = n;
    c->size.bytes = looked_at ? (uint64_t)((double)bytes / looked_at * (n - c->size.there)) : 0;
    c->size.free = fstatvfs(c->fd, &disk) == 0 ? (uint64_t)disk.f_bavail * disk.f_frsize : UINT64_MAX;
}

static int check_room(const struct picture_cache *c, struct err *err)
{
    if (c->size.bytes <= c->size.free)
        return 0;
    return err_set(err, ERR_IO, "%.200s: about %.1f MiB are needed and %.1f MiB are free; a smaller --shorter than %d, or another disk, is accepted",
                   c->folder, (double)c->size.bytes / MIB, (double)c->size.free / MIB, c->size.shorter);
}

/* --- life ---------------------------------------------------------------------------------------------------------- */

void picture_cache_free(struct picture_cache *c)
{
    if (!c)
        return;
    atomic_store(&c->ended, true);
    if (c->running)
        pthread_join(c->thread, NULL);
    pthread_mutex_destroy(&c->lock);
    picture_listing_release(&c->l);
    if (c->fd >= 0)
        close(c->fd);
    free(c);
}

static int prepare_cache(struct picture_cache *c, const struct data_request *r, struct err *err)
{
    if (pictures_list(&c->l, r, err) < 0)
        return -1;
    for (uint32_t i = 0; i < c->l.files->n; i++)
        if (leads_out(picture_name(c->l.files, i))) {
            char safe[200];
            text_safe(picture_name(c->l.files, i), safe, sizeof safe);
            return err_set(err, ERR_INVALID, "'%s' leads out of --root, and a cache has the names below it; relative paths without .. are accepted", safe);
        }
    if (open_cache(c, err) < 0)
        return -1;
    estimate(c);
    return check_room(c, err);
}

struct picture_cache *picture_cache_new(const struct data_request *r, const char *folder, int shorter, struct err *err)
{
    const int least = pictures_shorter_side(r);
    if (r->source != DATA_FOLDER && r->source != DATA_LIST)
        return err_set(err, ERR_INVALID, "no pictures on disk; 'data folder DIR' and 'data list FILE' have such"), NULL;
    if (shorter && (shorter < least || shorter > PICTURE_CACHE_MOST))
        return err_set(err, ERR_RANGE, "--shorter %d; %d (as evaluations see a picture) to %d are accepted", shorter, least, PICTURE_CACHE_MOST), NULL;
    struct picture_cache *c = calloc(1, sizeof *c);
    if (!c)
        return err_set(err, ERR_MEMORY, "no memory for a cache"), NULL;
    pthread_mutex_init(&c->lock, NULL);
    snprintf(c->folder, sizeof c->folder, "%s", folder);
    c->by_list = r->source == DATA_LIST;
    c->size.shorter = shorter ? shorter : least;
    c->fd = -1;
    if (prepare_cache(c, r, err) == 0)
        return c;
    if (c->made) {
        unlinkat(c->fd, settings_name, 0);
        rmdir(folder);
    }
    picture_cache_free(c);
    return NULL;
}

const struct picture_cache_size *picture_cache_size(const struct picture_cache *c)
{
    return &c->size;
}

int picture_cache_start(struct picture_cache *c, struct err *err)
{
    if (make_folders(c, err) < 0)
        return -1;
    c->running = thread_start(&c->thread, cache_all, c) == 0;
    return c->running ? 0 : err_set(err, ERR_MEMORY, "no thread to write pictures on");
}

bool picture_cache_over(const struct picture_cache *c, uint32_t *there, uint32_t *of)
{
    *there = atomic_load(&c->there);
    *of = c->size.n;
    return atomic_load(&c->over);
}

int picture_cache_report(struct picture_cache *c, struct buf *lines, struct err *err)
{
    char safe[200];
    pthread_join(c->thread, NULL);
    c->running = false;
    const uint32_t bad = atomic_load(&c->bad), there = atomic_load(&c->there);
    if (c->failed.text[0]) {
        return err_set(err, c->failed.code, "%s; %" PRIu32 " of %" PRIu32 " copies are there and stay, and the same command goes on", c->failed.text, there, c->size.n);
    }
    buf_addf(lines, "%" PRIu32 " pictures are in %s, %" PRIu32 " of them made smaller now\n", there, c->folder, atomic_load(&c->scaled));
    if (bad) {
        text_safe(picture_name(c->l.files, c->first_bad), safe, sizeof safe);
        buf_addf(lines, "%" PRIu32 " cannot be decoded and %s: '%s'\n", bad, bad == 1 ? "is as it was" : "are as they were; the first", safe);
    }
    return 0;
}
