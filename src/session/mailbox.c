/* The run's end of an inbox, and what both ends share. */
#include "config.h"
#include "session/mailbox_private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/text.h"
#include "session/io.h"

const char *const letter_state_name[] = { [LETTER_RECEIVED] = "received", [LETTER_REFUSED] = "refused", [LETTER_WAITS] = "waits",
                                          [LETTER_APPLIED] = "applied" };

/* --- names and texts ----------------------------------------------------------------------------------------------- */

void letter_name(int number, char out[32])
{
    snprintf(out, 32, "cmd-%06d", number);
}

int letter_number(const char *name)
{
    if (strncmp(name, "cmd-", 4) != 0 || strlen(name) != 10 || strspn(name + 4, "0123456789") != 6)
        return 0;
    return (int)strtol(name + 4, NULL, 10);
}

void answer_name(const char *id, char out[32])
{
    snprintf(out, 32, "ans-%.16s", id);
}

bool letter_id_is(const char *text, size_t n)
{
    return n == LETTER_ID - 1 && strspn(text, "0123456789abcdef") >= n;
}

const char *mail_field(const char **text, const char *key, size_t *n)
{
    const size_t len = strlen(key);
    const char *value = *text + len + 1, *end;
    if (strncmp(*text, key, len) != 0 || (*text)[len] != ' ' || !(end = strchr(value, '\n')))
        return NULL;
    *n = (size_t)(end - value);
    *text = end + 1;
    return value;
}

int letter_parse(const char *text, struct letter *out, struct err *err)
{
    size_t n_id, n_line;
    if (strncmp(text, LETTER_HEAD, strlen(LETTER_HEAD)) != 0)
        return err_set(err, ERR_DATA, "it is no command of saddle");
    text += strlen(LETTER_HEAD);
    const char *id = mail_field(&text, "id", &n_id), *line = id ? mail_field(&text, "line", &n_line) : NULL;
    if (!line || strcmp(text, "end\n") != 0)
        return err_set(err, ERR_DATA, "it is not whole");
    if (!letter_id_is(id, n_id) || n_line >= sizeof out->line)
        return err_set(err, ERR_DATA, "its id is not 16 hex digits, or its line longer than %d bytes", LETTER_LINE_MAX - 1);
    snprintf(out->id, sizeof out->id, "%.16s", id);
    snprintf(out->line, sizeof out->line, "%.*s", (int)n_line, line);
    return 0;
}

/* --- files --------------------------------------------------------------------------------------------------------- */

/* Nobody else could have written it: neither its owner nor who else may write is another one. */
static int check_owner(const struct stat *st, const char *what, struct err *err)
{
    if (st->st_uid != geteuid())
        return err_set(err, ERR_DATA, "%s is of user %ld, and this run of user %ld", what, (long)st->st_uid, (long)geteuid());
    if (st->st_mode & (S_IWGRP | S_IWOTH))
        return err_set(err, ERR_DATA, "%s can be written by others (mode %03o)", what, (unsigned)st->st_mode & 0777u);
    return 0;
}

/* The folder is opened by its path each time: on a shared file system that asks the server what is new in it. */
int mailbox_open(const char *dir, struct err *err)
{
    struct stat st;
    int session = io_open_dir(dir, err);
    if (session < 0) {
        if (err && errno == ENOENT)
            err->code = ERR_NONE; /* moved away: whoever records says so */
        return -1;
    }
    int fd = io_open(session, MAIL_FOLDER, O_RDONLY | O_DIRECTORY, 0);
    const int reason = errno;
    io->close(session);
    if (fd < 0) {
        errno = reason;
        err_io(err, "cannot open '%s/" MAIL_FOLDER "'", dir);
        if (err && reason == ENOENT)
            err->code = ERR_NONE;
        return -1;
    }
    if (io->fstat(fd, &st) < 0)
        err_io(err, "cannot look at '%s/" MAIL_FOLDER "'", dir);
    else if (check_owner(&st, "folder " MAIL_FOLDER, err) == 0)
        return fd;
    io->close(fd);
    return -1;
}

int mail_read(int fd, const char *name, size_t most, struct buf *out, struct err *err)
{
    struct stat st;
    buf_clear(out);
    int file = io_open(fd, name, O_RDONLY, 0);
    if (file < 0)
        return errno == EINVAL || errno == ELOOP ? err_set(err, ERR_DATA, "it is no plain file") : err_io(err, "cannot open it");
    ssize_t got = -1;
    if (io->fstat(file, &st) < 0)
        err_io(err, "cannot look at it");
    else if (check_owner(&st, "it", err) == 0) {
        char *room = (size_t)st.st_size <= most ? buf_reserve(out, most + 1) : NULL;
        got = room ? io_read_at(file, room, most + 1, 0) : -1;
        if (got < 0 || (size_t)got > most)
            got = err_set(err, ERR_DATA, "it is longer than %zu bytes, or cannot be read", most);
        else
            room[got] = '\0';
    }
    io->close(file);
    if (got < 0)
        return -1;
    out->len = (size_t)got;
    return strlen(out->data) == out->len ? 0 : err_set(err, ERR_DATA, "it is no text");
}

int mail_write(int fd, const char *name, const struct buf *text, bool sync)
{
    int file = io_open(fd, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (file < 0)
        return -1;
    int result = io_write_all(file, text->data, text->len);
    if (result == 0 && sync)
        result = io_sync(file, false);
    const int reason = errno;
    io->close(file);
    if (result < 0)
        io->unlinkat(fd, name, 0);
    errno = reason;
    return result;
}

/* --- answering ----------------------------------------------------------------------------------------------------- */

static void put_answer_lines(struct buf *out, const char *text)
{
    size_t n;
    for (const char *line; (line = text_next_line(&text, &n));) {
        if (out->len + n + 16 > ANSWER_MAX - 64) {
            buf_adds(out, "text ...\n");
            return;
        }
        buf_addf(out, "text %.*s\n", (int)n, line);
    }
}

static int put_answer(int fd, const char *id, const struct mail_answer *a, struct err *err)
{
    struct buf out = { 0 };
    char name[32], new[40];
    answer_name(id, name);
    snprintf(new, sizeof new, "new-%.16s", id);
    buf_addf(&out, ANSWER_HEAD "id %s\nstate %s\nstep %" PRIu64 "\n", id, letter_state_name[a->state], a->step);
    put_answer_lines(&out, a->text);
    buf_adds(&out, "end\n");
    io->unlinkat(fd, new, 0); /* of somebody who was killed */
    int result = out.failed ? err_set(err, ERR_MEMORY, "no memory for an answer") : 0;
    if (result == 0 && (mail_write(fd, new, &out, false) < 0 || io->renameat(fd, new, name) < 0))
        result = err_io(err, "cannot write '" MAIL_FOLDER "/%s'", name);
    buf_release(&out);
    return result;
}

int mail_answer(const char *dir, const char *id, const struct mail_answer *a, struct err *err)
{
    int fd = mailbox_open(dir, err), result = fd < 0 ? -1 : put_answer(fd, id, a, err);
    if (fd >= 0)
        io->close(fd);
    return result;
}

/* --- taking -------------------------------------------------------------------------------------------------------- */

static int by_letter_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Numbers of the letters, ascending, as [n]; free(). NULL: there are none (0), or -1 with *err. */
static int *list_letters(int fd, int *n, struct err *err)
{
    int *list = NULL;
    DIR *d = io_list(fd);
    *n = d ? 0 : err_io(err, "cannot list folder " MAIL_FOLDER);
    for (struct dirent *e; d && *n >= 0 && (e = readdir(d));) {
        const int number = letter_number(e->d_name);
        if (number == 0)
            continue;
        int *more = *n % 256 == 0 ? realloc(list, sizeof *list * ((size_t)*n + 256)) : list;
        if (!more) {
            *n = err_set(err, ERR_MEMORY, "no memory to list folder " MAIL_FOLDER);
            break;
        }
        list = more;
        list[(*n)++] = number;
    }
    if (d)
        closedir(d);
    if (*n > 1)
        qsort(list, (size_t)*n, sizeof *list, by_letter_number);
    return list;
}

static int remove_letter(int fd, const char *name, struct err *err)
{
    if (io->unlinkat(fd, name, 0) == 0 || ((errno == EISDIR || errno == EPERM) && io->unlinkat(fd, name, AT_REMOVEDIR) == 0))
        return 0;
    return err_io(err, "cannot remove '" MAIL_FOLDER "/%s', so nothing is taken from there", name);
}

static void note_refused(struct mail_refused *refused, const char *name, const char *why)
{
    if (refused->n++ == 0)
        snprintf(refused->first, sizeof refused->first, "%s: %s", name, why);
}

/* 1: *out is a letter; 0: it was none; -1 with *err: it stays where it is. In the first two cases its file is gone. */
static int take_letter(int fd, int number, struct letter *out, struct mail_refused *refused, struct err *err)
{
    char name[32];
    struct buf text = { 0 };
    struct err why = { 0 };
    letter_name(number, name);
    int good = mail_read(fd, name, LETTER_LINE_MAX + 256, &text, &why) == 0 && letter_parse(text.data, out, &why) == 0;
    buf_release(&text);
    out->number = number;
    if (remove_letter(fd, name, err) < 0)
        return -1;
    if (!good)
        note_refused(refused, name, why.text);
    return good;
}

int mail_take(const char *dir, struct letter *out, int most, struct mail_refused *refused, struct err *err)
{
    int n, taken = 0, fd = mailbox_open(dir, err);
    struct letter extra;
    *refused = (struct mail_refused){ 0 };
    if (fd < 0)
        return err && err->code == ERR_NONE ? 0 : -1;
    int *list = list_letters(fd, &n, err), result = n < 0 ? -1 : 0;
    for (int i = 0; i < n && result >= 0; i++) {
        const bool too_many = i >= MAIL_WAITING;
        if (taken == most && !too_many)
            continue;
        result = take_letter(fd, list[i], too_many ? &extra : &out[taken], refused, err);
        if (result == 1 && too_many) {
            note_refused(refused, "too many", "more commands at once than are taken");
            put_answer(fd, extra.id, &(struct mail_answer){ .state = LETTER_REFUSED, .text = "more commands at once than are taken; send it again" }, NULL);
        } else
            taken += result == 1;
    }
    free(list);
    io->close(fd);
    return taken > 0 ? taken : result < 0 ? -1 : 0;
}

static void remove_empty(const char *dir)
{
    int session = io_open_dir(dir, NULL);
    if (session < 0)
        return;
    io->unlinkat(session, MAIL_FOLDER, AT_REMOVEDIR);
    io->close(session);
}

void mail_forget(const char *dir, const char *id)
{
    char name[32];
    int fd = mailbox_open(dir, NULL);
    if (fd < 0)
        return;
    answer_name(id, name);
    io->unlinkat(fd, name, 0);
    io->close(fd);
    remove_empty(dir);
}

/* --- beginning and end --------------------------------------------------------------------------------------------- */

static void remove_others(int fd, bool letters)
{
    static const char *const ours[] = { "ans-", "new-", "tmp-", "cmd-" };
    const size_t n = letters ? 4 : 3;
    DIR *d = io_list(fd);
    for (struct dirent *e; d && (e = readdir(d));)
        for (size_t i = 0; i < n; i++)
            if (strncmp(e->d_name, ours[i], 4) == 0)
                io->unlinkat(fd, e->d_name, 0);
    if (d)
        closedir(d);
}

void mail_clear(const char *dir, bool letters)
{
    int fd = mailbox_open(dir, NULL);
    if (fd < 0)
        return;
    remove_others(fd, letters);
    io->close(fd);
    remove_empty(dir);
}

void mail_refuse(const char *dir, const char *why)
{
    struct letter l;
    struct mail_refused refused;
    while (mail_take(dir, &l, 1, &refused, NULL) > 0)
        mail_answer(dir, l.id, &(struct mail_answer){ .state = LETTER_REFUSED, .text = why }, NULL);
}
