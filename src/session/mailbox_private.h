/* session/mailbox_private.h - what both ends of an inbox share: names and texts of its files. */
#ifndef SESSION_MAILBOX_PRIVATE_H
#define SESSION_MAILBOX_PRIVATE_H

#include "base/buf.h"
#include "session/mailbox.h"

#define MAIL_FOLDER "inbox"
#define LETTER_HEAD "saddle-command 1\n"
#define ANSWER_HEAD "saddle-answer 1\n"
enum { LETTER_NUMBER_MAX = 999999, ANSWER_MAX = 1 << 16 };

/* The folder, of this user alone. -1 with *err, or with err->code ERR_NONE: there is none. */
int mailbox_open(const char *dir, struct err *err);
void letter_name(int number, char out[32]);
int letter_number(const char *name); /* 0: it is no letter */
void answer_name(const char *id, char out[32]);
bool letter_id_is(const char *text, size_t n);
/* The text of a file of this user that nobody else may write, at most `most` bytes. -1 with *err. */
int mail_read(int fd, const char *name, size_t most, struct buf *out, struct err *err);
/* A new file with that text, 0600. -1 with errno. */
int mail_write(int fd, const char *name, const struct buf *text, bool sync);
/* Reads the text of a letter. -1 with *err. */
int letter_parse(const char *text, struct letter *out, struct err *err);
/* Takes "KEY VALUE\n" off *text; the value's bytes, or NULL: there is no such line. */
const char *mail_field(const char **text, const char *key, size_t *n);

#endif
