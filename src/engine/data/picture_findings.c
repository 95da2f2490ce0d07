#include "config.h"
#include "engine/data/picture_findings.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/state.h"
#include "engine/data/picture.h"

static const char first_line[] = "saddle check 1\n"; /* counts up when a decoder sees something else in a file */

/* FNV-1a. */
uint64_t picture_finding_name(const char *name)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (const unsigned char *p = (const unsigned char *)name; *p; p++)
        hash = (hash ^ *p) * 0x100000001b3u;
    return hash;
}

void picture_findings_release(struct picture_findings *f)
{
    free(f->list);
    *f = (struct picture_findings){ 0 };
}

static int by_hashed_name(const void *a, const void *b)
{
    const struct picture_finding *x = a, *y = b;
    return x->name < y->name ? -1 : x->name > y->name;
}

/* Five numbers and the line's end. False: it is none of ours. */
static bool read_finding(struct picture_finding *f, const char **at)
{
    uint64_t number[5];
    const char *text = *at;
    for (int i = 0; i < 5; i++) {
        char *end;
        number[i] = strtoull(text, &end, 16);
        if (end == text || *end != (i < 4 ? ' ' : '\n'))
            return false;
        text = end + 1;
    }
    *f = (struct picture_finding){ number[0], number[1], number[2], number[4], (uint8_t)number[3] };
    *at = text;
    return number[3] <= UINT8_MAX;
}

static bool read_findings(struct picture_findings *f, const char *text, uint32_t lines)
{
    if (strncmp(text, first_line, sizeof first_line - 1) != 0 || !(f->list = malloc(sizeof *f->list * ((size_t)lines + 1))))
        return false;
    for (text += sizeof first_line - 1; *text; f->n++)
        if (!read_finding(&f->list[f->n], &text) || (f->n > 0 && by_hashed_name(&f->list[f->n - 1], &f->list[f->n]) >= 0))
            return false;
    return true;
}

void picture_findings_read(struct picture_findings *f, const char *path)
{
    size_t n = 0;
    uint32_t lines = 0;
    char *text = (char *)picture_read_file(AT_FDCWD, path, &n, NULL);
    *f = (struct picture_findings){ 0 };
    if (!text)
        return;
    text[n] = '\0'; /* picture_read_file() leaves room for it */
    for (const char *c = text; (c = strchr(c, '\n')); c++)
        lines++;
    if (!read_findings(f, text, lines))
        picture_findings_release(f);
    free(text);
}

const struct picture_finding *picture_findings_of(const struct picture_findings *f, const struct picture_finding *like)
{
    const struct picture_finding *found = f->n ? bsearch(like, f->list, f->n, sizeof *f->list, by_hashed_name) : NULL;
    return found && found->size == like->size && found->time == like->time ? found : NULL;
}

struct two_lists {
    const struct picture_findings *before;
    const struct picture_finding *list;
    uint32_t n;
};

/* Both lists by name; of one name the new one. */
static int put_findings(void *ctx, FILE *out, struct err *err)
{
    const struct two_lists *t = ctx;
    const struct picture_finding *last = NULL;
    (void)err;
    fputs(first_line, out);
    for (uint32_t i = 0, k = 0; i < t->before->n || k < t->n;) {
        const bool newer = k < t->n && (i == t->before->n || by_hashed_name(&t->list[k], &t->before->list[i]) <= 0);
        const struct picture_finding *f = newer ? &t->list[k++] : &t->before->list[i++];
        if (!last || last->name != f->name)
            fprintf(out, "%" PRIx64 " %" PRIx64 " %" PRIx64 " %x %" PRIx64 "\n", f->name, f->size, f->time, f->found, f->content);
        last = f;
    }
    return 0;
}

int picture_findings_write(const struct picture_findings *before, struct picture_finding *list, uint32_t n, const char *path, struct err *err)
{
    qsort(list, n, sizeof *list, by_hashed_name);
    if (state_make_folders(path) < 0)
        return err_io(err, "cannot make the folder of '%s'", path);
    return file_replace_private(path, put_findings, &(struct two_lists){ before, list, n }, err);
}
