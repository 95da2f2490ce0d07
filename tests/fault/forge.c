#include "config.h"
#include "forge.h"

#include "../unit/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session/folder.h"
#include "session/journal.h"
#include "session/session.h"

struct forge forge_new(const char *root, const char *name)
{
    struct forge f = { .coder = record_coder_new(3), .next = { .type = RECORD_EVENTS } };
    snprintf(f.dir, sizeof f.dir, "%s/%s.saddle", root, name);
    assert_int_equal(mkdir(f.dir, 0700), 0);
    memset(f.next.session, 7, sizeof f.next.session);
    return f;
}

static void flush_record(struct forge *f)
{
    if (!f->lines)
        return;
    const struct record_body body = { .data = f->text.data, .n = f->text.len };
    f->next.count = f->lines < UINT16_MAX ? (uint16_t)f->lines : UINT16_MAX;
    assert_int_equal(record_encode(f->coder, &f->next, &body, &f->out, NULL), 0);
    f->next.seq++;
    f->next.chain = f->next.crc;
    f->lines = 0;
    buf_clear(&f->text);
}

void say(struct forge *f, const char *kind, uint64_t step, const char *rest)
{
    char head[160];
    int n = snprintf(head, sizeof head, "{\"k\":\"%s\",\"q\":%llu,\"s\":%llu,\"m\":0", kind, (unsigned long long)f->q++,
                     (unsigned long long)step);
    if (f->text.len + (size_t)n + strlen(rest) + 4 > RECORD_EVENTS_MAX)
        flush_record(f);
    buf_add(&f->text, head, (size_t)n);
    if (rest[0])
        buf_addc(&f->text, ',');
    buf_adds(&f->text, rest);
    buf_adds(&f->text, "}\n");
    f->lines++;
}

void begin_segment(struct forge *f)
{
    char rest[100], after[24] = "null";
    if (f->q)
        snprintf(after, sizeof after, "\"%llu\"", (unsigned long long)f->q - 1);
    f->segment++;
    f->next.seq = f->next.chain = 0;
    buf_clear(&f->out);
    snprintf(rest, sizeof rest, "\"w\":0,\"seg\":%u,\"tl\":0,\"after\":%s", f->segment, after);
    say(f, "open", 0, rest);
}

void end_segment(struct forge *f)
{
    char name[FOLDER_NAME_MAX], path[400];
    flush_record(f);
    folder_segment_name(f->segment, name);
    snprintf(path, sizeof path, "%s/%s", f->dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0 && write(fd, f->out.data, f->out.len) == (ssize_t)f->out.len);
    close(fd);
}

void forge_release(struct forge *f)
{
    record_coder_free(f->coder);
    buf_release(&f->text);
    buf_release(&f->out);
}

char *list(const char *key, const char *item, int n)
{
    struct buf b = { 0 };
    buf_addf(&b, "\"%s\":[", key);
    for (int i = 0; i < n; i++) {
        buf_adds(&b, i ? "," : "");
        buf_adds(&b, item);
    }
    buf_addc(&b, ']');
    return b.data;
}
