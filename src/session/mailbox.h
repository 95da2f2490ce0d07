/* session/mailbox.h - commands from outside: files in the folder `inbox` of a session, put there by `saddle ctl` and `saddle attach` and
 * taken by the process that records the run (saddle-session(5), INBOX). No clock, lock or port is needed: what is there has its whole
 * text, and numbers give the order. A folder that is not there means that nothing was sent. Any thread, but one at a time for a run. */
#ifndef SESSION_MAILBOX_H
#define SESSION_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct buf;

enum { LETTER_ID = 17, LETTER_LINE_MAX = 1024 }; /* bytes, with the end */

struct letter { /* a line of commands */
    char id[LETTER_ID]; /* 16 hex digits, drawn by who sends it */
    int number;         /* of its file: its place in the order */
    char line[LETTER_LINE_MAX];
};

enum letter_state { LETTER_RECEIVED, LETTER_REFUSED, LETTER_WAITS, LETTER_APPLIED };
extern const char *const letter_state_name[]; /* "received" ... */

struct mail_answer {
    enum letter_state state;
    uint64_t step;
    const char *text; /* lines, each with its end; NULL or "": none */
};

/* --- who records the run; `dir` is its session --- */

struct mail_refused { /* files that are no letter, or too many: they were removed */
    int n;
    char first[200]; /* what is wrong with the first of them */
};
/* Takes the letters that are there, in order, at most `most`: their files are gone then. Letters behind the first MAIL_WAITING are answered as
 * refused. Returns how many; -1 with *err when the folder is not of this user alone, or something in it cannot be read or removed: nothing
 * that cannot be removed is ever taken. */
enum { MAIL_WAITING = 200 };
int mail_take(const char *dir, struct letter *out, int most, struct mail_refused *refused, struct err *err);
/* Says what became of a letter. One state replaces the other. */
int mail_answer(const char *dir, const char *id, const struct mail_answer *a, struct err *err);
void mail_forget(const char *dir, const char *id); /* an answer that was read, or that nobody came for */
void mail_clear(const char *dir, bool letters); /* removes answers and what was left half done; letters too, then the folder */
void mail_refuse(const char *dir, const char *why); /* what still waits is answered so: a run begins or ends */

/* --- who sends --- */

/* Puts a line into the inbox of a session, which is made if it is not there; *out is what came of it. */
int mail_send(const char *dir, const char *line, struct letter *out, struct err *err);
/* 1: there is an answer; 0: none yet; -1 with *err. The text lies in *memory, for buf_release(). */
int mail_ask(const char *dir, const char *id, struct mail_answer *out, struct buf *memory, struct err *err);
/* 0: it is taken back and will never act; -1: it was taken already. */
int mail_withdraw(const char *dir, const struct letter *l);

#endif
