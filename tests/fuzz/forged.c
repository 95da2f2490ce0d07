#include "config.h"
#include "forged.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/event.h"
#include "fuzz.h"
#include "session/folder.h"
#include "session/journal.h"
#include "session/recording.h"

struct forge {
    struct forged *to;
    struct record_coder *coder;
    struct record next;
    struct buf record;   /* lines of the record under way */
    int first_line;      /* of to->line */
    unsigned lines, holds;
    uint64_t q;
    bool over;           /* the segment was torn */
};

/* Text has no checksums: what is forged of it has. Bytes that no line holds become others. */
size_t fuzz_repair(uint8_t *data, size_t size, size_t room)
{
    (void)room;
    for (size_t i = 0; i < size; i++)
        if (data[i] != '\n' && (data[i] < 0x20 || data[i] > 0x7e))
            data[i] = (uint8_t)(0x20 + data[i] % 95);
    return size;
}

/* --- records ------------------------------------------------------------------------------------------------------------ */

/* `less` bytes of it are not there. */
static void end_record(struct forge *g, size_t less)
{
    uint8_t ext[RECORD_HOLDS_BYTES];
    if (!g->lines)
        return;
    struct buf *out = &g->to->segment[g->to->n_segments - 1];
    record_put_holds(ext, g->holds);
    const struct record_body body = { .ext = ext, .ext_bytes = sizeof ext, .data = g->record.data, .n = g->record.len };
    const size_t before = out->len;
    g->next.count = (uint16_t)g->lines;
    FUZZ_CHECK(record_encode(g->coder, &g->next, &body, out, NULL) == 0);
    g->next.seq++;
    g->next.chain = g->next.crc;
    if (less) {
        out->len -= less < out->len - before ? less : out->len - before - 1;
        g->to->n_lines = g->first_line;
        g->over = true;
    }
    g->lines = g->holds = 0;
    g->first_line = g->to->n_lines;
    buf_clear(&g->record);
}

static void add_line(struct forge *g, const char *text, size_t n)
{
    struct forged *f = g->to;
    struct journal_line line;
    if (f->n_segments == 0 || g->over || f->n_lines == FORGED_LINES)
        return;
    if (g->record.len + n + 1 > RECORD_EVENTS_MAX / 2)
        end_record(g, 0);
    f->line[f->n_lines++] = (struct forged_line){ .segment = (unsigned)f->n_segments, .at = f->text.len, .n = n };
    buf_add(&f->text, text, n);
    buf_addc(&f->text, '\n');
    buf_add(&g->record, text, n);
    buf_addc(&g->record, '\n');
    g->lines++;
    if (journal_line_read(text, n, &line, NULL) < 0)
        return;
    const int kind = event_kind_of(line.kind);
    g->holds |= kind >= 0 ? journal_holds((enum event_kind)kind) : 0;
    g->q = line.q + 1;
}

__attribute__((format(printf, 2, 3))) static void add_text(struct forge *g, const char *format, ...)
{
    static struct buf b;
    va_list args;
    buf_clear(&b);
    va_start(args, format);
    buf_addv(&b, format, args);
    va_end(args);
    add_line(g, b.data, b.len);
}

/* --- the text ----------------------------------------------------------------------------------------------------------- */

static void begin_segment(struct forge *g, const char *after, bool opens)
{
    char rest[40] = "null";
    uint64_t q = g->q;
    end_record(g, 0);
    if (g->to->n_segments == FORGED_SEGMENTS)
        return;
    g->to->n_segments++;
    g->next.seq = g->next.chain = 0;
    g->over = false;
    if (*after == '-')
        q = 0;
    else if (*after)
        q = strtoull(after, NULL, 10) % (UINT64_C(1) << 40) + 1;
    if (q)
        snprintf(rest, sizeof rest, "\"%" PRIu64 "\"", q - 1);
    g->q = q;
    if (opens)
        add_text(g, "{\"k\":\"open\",\"q\":%" PRIu64 ",\"s\":0,\"m\":0,\"w\":\"1795876080575008793\",\"seg\":%d,\"tl\":0,\"after\":%s}", q,
                 g->to->n_segments, rest);
}

/* KIND STEP REST */
static void add_event(struct forge *g, const char *text)
{
    char *end;
    const size_t kind = strcspn(text, " ");
    const uint64_t step = strtoull(text + kind, &end, 10);
    const char *rest = end + strspn(end, " ");
    add_text(g, "{\"k\":\"%.*s\",\"q\":%" PRIu64 ",\"s\":%" PRIu64 ",\"m\":0%s%s}", (int)kind, text, g->q, step, *rest ? "," : "", rest);
}

static void take(struct forge *g, const char *text, size_t n)
{
    const long number = n > 1 ? strtol(text + 1, NULL, 10) : 0;
    switch (text[0]) {
    case '#':
        begin_segment(g, n > 1 && text[1] == '#' ? "" : text + 1, n < 2 || text[1] != '#');
        break;
    case '=':
        end_record(g, 0);
        g->next.timeline = (uint16_t)number;
        break;
    case '~':
        end_record(g, number > 0 ? (size_t)number : 1);
        break;
    case '{':
        add_line(g, text, n);
        break;
    default:
        add_event(g, text);
    }
}

void forged_make(struct forged *f, const uint8_t *data, size_t size)
{
    static struct record_coder *coder;
    struct forge g = { .to = f, .next = { .type = RECORD_EVENTS, .session = "a forged session" } };
    coder = coder ? coder : record_coder_new(1);
    g.coder = coder;
    FUZZ_CHECK(coder);
    for (int i = 0; i < FORGED_SEGMENTS; i++)
        buf_clear(&f->segment[i]);
    buf_clear(&f->text);
    f->n_segments = f->n_lines = 0;
    char *text = malloc(size + 1);
    FUZZ_CHECK(text);
    memcpy(text, data, size);
    text[size] = '\0';
    for (char *at = text, *end; at < text + size; at = end + 1) {
        end = memchr(at, '\n', (size_t)(text + size - at));
        end = end ? end : text + size;
        *end = '\0';
        if (*at)
            take(&g, at, *at == '{' ? (size_t)(end - at) : strlen(at));
    }
    end_record(&g, 0);
    buf_release(&g.record);
    free(text);
}

/* --- the folder --------------------------------------------------------------------------------------------------------- */

static char folder[64];

static void empty_folder(void)
{
    char path[128], name[FOLDER_NAME_MAX];
    for (unsigned i = 1; i <= FORGED_SEGMENTS; i++) {
        folder_segment_name(i, name);
        snprintf(path, sizeof path, "%s/%s", folder, name);
        unlink(path);
    }
}

static void remove_folder(void)
{
    empty_folder();
    rmdir(folder);
}

const char *forged_folder(void)
{
    if (!folder[0]) {
        snprintf(folder, sizeof folder, "%s/saddle-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        FUZZ_CHECK(mkdtemp(folder));
        atexit(remove_folder);
    }
    empty_folder();
    return folder;
}

void forged_write(const struct forged *f, int i)
{
    char path[128], name[FOLDER_NAME_MAX];
    folder_segment_name((unsigned)i + 1, name);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    FUZZ_CHECK(fd >= 0 && write(fd, f->segment[i].data, f->segment[i].len) == (ssize_t)f->segment[i].len);
    close(fd);
}

struct recording *forged_open(const uint8_t *data, size_t size)
{
    static struct forged f;
    forged_make(&f, data, size);
    if (f.n_segments == 0)
        return NULL;
    const char *dir = forged_folder();
    for (int i = 0; i < f.n_segments; i++)
        forged_write(&f, i);
    struct recording *r = recording_open(dir, NULL);
    FUZZ_CHECK(r);
    return r;
}
