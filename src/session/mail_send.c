/* The other end of an inbox: who sends a command to a run. */
#include "config.h"
#include "session/mailbox_private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/err.h"
#include "session/io.h"

static int draw_id(char out[LETTER_ID], struct err *err)
{
    uint64_t bits;
    if (getrandom(&bits, sizeof bits, 0) != (ssize_t)sizeof bits)
        return err_io(err, "cannot draw an id");
    snprintf(out, LETTER_ID, "%016" PRIx64, bits);
    return 0;
}

static int cannot_put(const char *dir, struct err *err)
{
    return err_io(err, "cannot put a command into '%s/" MAIL_FOLDER "'", dir);
}

/* Makes the folder where there is none. */
static int open_for_sending(const char *dir, struct err *err)
{
    struct stat st;
    struct err why = { 0 };
    int fd = mailbox_open(dir, &why);
    if (fd >= 0)
        return fd;
    if (why.code != ERR_NONE)
        return err_set(err, why.code, "%s", why.text);
    int session = io_open_dir(dir, err);
    if (session < 0)
        return -1;
    int made = -1;
    if (io->fstat(session, &st) == 0 && st.st_uid != geteuid())
        err_set(err, ERR_INVALID, "'%s' is of user %ld; a run takes commands from its own user only", dir, (long)st.st_uid);
    else if ((made = io->mkdirat(session, MAIL_FOLDER, 0700)) < 0 && errno == EEXIST)
        made = 0;
    else if (made < 0)
        cannot_put(dir, err);
    io->close(session);
    return made < 0 ? -1 : mailbox_open(dir, err);
}

static int largest_number(int fd)
{
    int most = 0;
    DIR *d = io_list(fd);
    for (struct dirent *e; d && (e = readdir(d));) {
        const int n = letter_number(e->d_name);
        most = n > most ? n : most;
    }
    if (d)
        closedir(d);
    return most;
}

/* The next free number is taken by a second name of the file: nobody else can get it, also on another machine, and the text is whole. */
static int take_number(int fd, const char *from, struct letter *out)
{
    char name[32];
    for (int n = largest_number(fd) + 1; n <= LETTER_NUMBER_MAX; n++) {
        letter_name(n, name);
        out->number = n;
        if (io->linkat(fd, from, name) == 0)
            return 0;
        if (errno != EEXIST)
            return -1;
    }
    errno = ENOSPC;
    return -1;
}

static int send_once(const char *dir, struct letter *l, struct err *err)
{
    struct buf text = { 0 };
    char tmp[40];
    int fd = open_for_sending(dir, err);
    if (fd < 0)
        return -1;
    buf_addf(&text, LETTER_HEAD "id %s\nline %s\nend\n", l->id, l->line);
    snprintf(tmp, sizeof tmp, "tmp-%s", l->id);
    int result = text.failed ? (errno = ENOMEM, -1) : mail_write(fd, tmp, &text, true);
    if (result == 0) {
        result = take_number(fd, tmp, l);
        const int reason = errno;
        io->unlinkat(fd, tmp, 0);
        errno = reason;
    }
    const int reason = errno;
    if (result < 0)
        cannot_put(dir, err);
    buf_release(&text);
    io->close(fd);
    errno = reason;
    return result;
}

int mail_send(const char *dir, const char *line, struct letter *out, struct err *err)
{
    enum { TRIES = 5 };
    *out = (struct letter){ .number = 0 };
    if (strlen(line) >= sizeof out->line || strchr(line, '\n'))
        return err_set(err, ERR_INVALID, "one line of at most %d bytes can be sent", LETTER_LINE_MAX - 1);
    snprintf(out->line, sizeof out->line, "%s", line);
    if (draw_id(out->id, err) < 0)
        return -1;
    int result = -1;
    for (int i = 0; i < TRIES && result < 0; i++)
        if ((result = send_once(dir, out, err)) < 0 && errno != ENOENT) /* somebody who read his answer removed the empty folder */
            return -1;
    return result;
}

static int parse_answer(const char *text, const char *id, struct mail_answer *out)
{
    size_t n;
    const char *value;
    const int n_states = LETTER_APPLIED + 1;
    if (strncmp(text, ANSWER_HEAD, strlen(ANSWER_HEAD)) != 0)
        return -1;
    text += strlen(ANSWER_HEAD);
    if (!(value = mail_field(&text, "id", &n)) || n != strlen(id) || strncmp(value, id, n) != 0 || !(value = mail_field(&text, "state", &n)))
        return -1;
    int state = 0;
    while (state < n_states && (strlen(letter_state_name[state]) != n || strncmp(letter_state_name[state], value, n) != 0))
        state++;
    if (state == n_states || !(value = mail_field(&text, "step", &n)))
        return -1;
    *out = (struct mail_answer){ .state = (enum letter_state)state, .step = strtoull(value, NULL, 10), .text = text };
    return 0;
}

/* "text A\ntext B\nend\n" becomes "A\nB\n", in place. */
static int join_text(char *text)
{
    char *to = text;
    const char *from = text, *value;
    size_t n;
    while ((value = mail_field(&from, "text", &n))) {
        memmove(to, value, n + 1);
        to += n + 1;
    }
    const int whole = strcmp(from, "end\n") == 0;
    *to = '\0';
    return whole ? 0 : -1;
}

int mail_ask(const char *dir, const char *id, struct mail_answer *out, struct buf *memory, struct err *err)
{
    char name[32];
    struct err why = { 0 };
    int fd = mailbox_open(dir, &why);
    if (fd < 0)
        return why.code == ERR_NONE ? 0 : err_set(err, why.code, "%s", why.text);
    answer_name(id, name);
    const bool there = mail_read(fd, name, ANSWER_MAX, memory, &why) == 0;
    io->close(fd);
    if (!there)
        return why.code == ERR_IO ? 0 : err_set(err, why.code, "the answer '%s': %s", name, why.text);
    if (parse_answer(memory->data, id, out) < 0 || join_text(memory->data + (out->text - memory->data)) < 0)
        return err_set(err, ERR_DATA, "'" MAIL_FOLDER "/%s' is no answer of saddle", name);
    return 1;
}

int mail_withdraw(const char *dir, const struct letter *l)
{
    char name[32];
    struct buf text = { 0 };
    struct letter there = { .number = 0 };
    int fd = mailbox_open(dir, NULL), result = -1;
    if (fd < 0)
        return -1;
    letter_name(l->number, name);
    if (mail_read(fd, name, LETTER_LINE_MAX + 256, &text, NULL) == 0 && letter_parse(text.data, &there, NULL) == 0 && strcmp(there.id, l->id) == 0)
        result = io->unlinkat(fd, name, 0);
    buf_release(&text);
    io->close(fd);
    return result;
}
