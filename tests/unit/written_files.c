/* The files of a session, read by hand after saddle-session(5): every field of every record, and what its frame holds. */
#include "config.h"
#include "held.h"
#include "written.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

#include "base/crc32c.h"

enum { HEAD = 80, MAGIC = 0x184d2a53, TABLE = 0x184d2a5e, FRAME = 0xfd2fb528 };
enum { EVENTS = 1, SLICE = 2, SEAL = 3, EMBED = 1 };

static uint64_t number(const uint8_t *p, int n)
{
    uint64_t value = 0;
    for (int i = n; i-- > 0;)
        value = value << 8 | p[i];
    return value;
}

static uint8_t *slurp(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    struct buf b = { 0 };
    if (!f)
        fail_msg("%s is not there", path);
    for (int c; (c = getc(f)) != EOF;)
        buf_addc(&b, (char)c);
    fclose(f);
    *n = b.len;
    return (uint8_t *)(b.data ? b.data : calloc(1, 1));
}

static void hex_tell(struct buf *out, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_addf(out, "%02x", p[i]);
}

/* Type, length and value; where zeros fill up to a multiple of four. A long one is of zeros: its length alone is told. */
static void ext_tell(struct buf *out, const uint8_t *p, size_t n)
{
    for (size_t at = 0; at + 4 <= n;) {
        const size_t type = (size_t)number(p + at, 2), bytes = (size_t)number(p + at + 2, 2), whole = 4 + (bytes + 3) / 4 * 4;
        assert_true(at + whole <= n);
        buf_addf(out, "    ext %zu: ", type);
        bool text = bytes > 0, zeros = true;
        for (size_t i = 0; i < whole - 4; i++) {
            const uint8_t c = p[at + 4 + i];
            text = text && (i >= bytes || (c >= ' ' && c <= '~'));
            zeros = zeros && c == 0;
            assert_true(i < bytes || c == 0);
        }
        if (text)
            buf_addf(out, "'%.*s'", (int)bytes, p + at + 4);
        else if (zeros && bytes > 16)
            buf_adds(out, "zeros to the end of the block");
        else
            hex_tell(out, p + at + 4, bytes);
        buf_addc(out, '\n');
        at += whole;
    }
}

/* The decoded frame, on the heap. */
static char *decoded(const uint8_t *frame, size_t clen, size_t ulen)
{
    char *text = malloc(ulen + 1);
    assert_true(clen > 8 && number(frame, 4) == FRAME);
    assert_int_equal(frame[4] & 0x1f, 0x04); /* a checksum; no dictionary, no reserved bit */
    assert_true(ZSTD_getFrameContentSize(frame, clen) == ulen && ZSTD_findFrameCompressedSize(frame, clen) == clen);
    assert_true(ZSTD_decompress(text, ulen, frame, clen) == ulen);
    text[ulen] = '\0';
    return text;
}

/* A safetensors stream: the length, JSON with blanks behind it, numbers. */
static void stream_tell(struct buf *out, const struct buf *stream)
{
    const uint8_t *p = (const uint8_t *)stream->data;
    const size_t json = (size_t)number(p, 8);
    size_t text = json;
    while (text && p[8 + text - 1] == ' ')
        text--;
    assert_int_equal((8 + json) % 64, 0);
    assert_true(json - text < 64);
    buf_addf(out, "  stream of %zu bytes: %.*s\n   ", stream->len, (int)text, p + 8);
    for (size_t at = 8 + json; at < stream->len; at += 4)
        buf_addf(out, " %08" PRIx64, number(p + at, 4));
    buf_addc(out, '\n');
}

/* The table behind the records of a packed file: zstd's seekable format. */
static void table_tell(struct buf *out, const uint8_t *p, size_t n, const size_t *sizes, const size_t *visible, size_t records)
{
    assert_int_equal(number(p, 4), TABLE);
    assert_int_equal(number(p + 4, 4), n - 8);
    assert_int_equal(n, 8 + 8 * records + 9);
    for (size_t i = 0; i < records; i++) {
        assert_int_equal(number(p + 8 + 8 * i, 4), sizes[i]);
        assert_int_equal(number(p + 12 + 8 * i, 4), visible[i]);
    }
    const uint8_t *foot = p + n - 9;
    buf_addf(out, "  table of %" PRIu64 " records, 0x%02x 0x%" PRIx64 "\n", number(foot, 4), foot[4], number(foot + 5, 4));
    assert_int_equal(number(foot, 4), records);
}

struct file {
    const uint8_t *p;
    size_t n, at, records;
    uint64_t chain;
    struct buf stream;
    size_t size[64], visible[64];
};

/* The record at f->at. */
static void record_tell(struct buf *out, struct file *f)
{
    const uint8_t *h = f->p + f->at;
    const unsigned type = h[14], flags = h[15];
    const size_t clen = (size_t)number(h + 56, 4), ulen = (size_t)number(h + 60, 4);
    const size_t content = (size_t)number(h + 4, 4), inside = flags & EMBED ? clen : 0, ext = content - inside - 72;
    const uint8_t *frame = h + HEAD + ext;
    assert_true(f->n - f->at >= HEAD && number(h, 4) == MAGIC && memcmp(h + 8, "SDLB", 4) == 0);
    assert_true(content >= 72 + inside && f->at + HEAD + ext + clen <= f->n && f->records < 64);
    assert_int_equal(number(h + 64, 4), crc32c(0, frame, clen));
    assert_int_equal(number(h + 68, 4), f->chain);
    f->chain = crc32c(crc32c(0, h, 76), h + HEAD, ext);
    assert_int_equal(number(h + 76, 4), f->chain);
    buf_addf(out, "  record %" PRIu64 ", version %u.%u, type %u, flags %u, session ", number(h + 32, 8), h[12], h[13], type, flags);
    hex_tell(out, h + 16, 16);
    buf_addf(out, ", steps %" PRIu64 " to %" PRIu64 ", timeline %" PRIu64 ", count %" PRIu64, number(h + 40, 8), number(h + 48, 8), number(h + 72, 2),
             number(h + 74, 2));
    if (type != EVENTS || ulen > 4096) /* else the lines stand below, and one of them has the program's version */
        buf_addf(out, ", %zu bytes", ulen);
    buf_addc(out, '\n');
    ext_tell(out, h + HEAD, ext);
    char *text = clen ? decoded(frame, clen, ulen) : NULL;
    if (type == EVENTS)
        buf_add(out, text, ulen);
    else if (type == SLICE)
        buf_add(&f->stream, text, ulen);
    else
        assert_int_equal(clen, 0);
    free(text);
    if (type == SEAL && f->stream.len) {
        stream_tell(out, &f->stream);
        buf_clear(&f->stream);
    }
    f->size[f->records] = HEAD + ext + clen;
    f->visible[f->records++] = inside ? 0 : ulen;
    f->at += HEAD + ext + clen;
}

void file_tell(struct buf *out, const char *path)
{
    struct file f = { .p = NULL };
    f.p = slurp(path, &f.n);
    while (f.at < f.n && number(f.p + f.at, 4) == MAGIC)
        record_tell(out, &f);
    if (f.at < f.n)
        table_tell(out, f.p + f.at, f.n - f.at, f.size, f.visible, f.records);
    buf_release(&f.stream);
    free((void *)(uintptr_t)f.p);
}

void folder_tell(struct buf *out, const char *dir)
{
    struct dirent **names;
    struct stat st;
    char path[1500];
    const int n = scandir(dir, &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        const char *name = names[i]->d_name;
        snprintf(path, sizeof path, "%s/%s", dir, name);
        if (strcmp(name, "..") != 0 && stat(path, &st) == 0) {
            buf_addf(out, "%s 0%o\n", name, (unsigned)st.st_mode & 07777u);
            if (strstr(name, ".zst"))
                file_tell(out, path);
        }
        free(names[i]);
    }
    free(names);
}

/* --- expected texts --------------------------------------------------------------------------------------------------- */

static void replace_all(struct buf *text, const char *what, const char *with)
{
    struct buf out = { 0 };
    for (const char *at = text->data, *next; *at; at = next) {
        next = strstr(at, what);
        buf_add(&out, at, next ? (size_t)(next - at) : strlen(at));
        buf_adds(&out, next ? with : "");
        next = next ? next + strlen(what) : at + strlen(at);
    }
    buf_release(text);
    *text = out;
}

void expect_told(const char *name, const struct buf *told, const char *root)
{
    char file[100];
    struct buf text = { 0 };
    buf_add(&text, told->data, told->len);
    replace_all(&text, PACKAGE_STRING, "PACKAGE"); /* changes with each version */
    replace_all(&text, root, "ROOT");
    snprintf(file, sizeof file, "session-%s", name);
    held_check(file, text.data, text.len);
    buf_release(&text);
}
