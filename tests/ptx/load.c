#include "config.h"
#include "tests/ptx/module.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Modules from files, and what there is in them; the instructions by name. */

enum { HASHES = 1024 };

/* Rows of a name stand in the order of the tables. */
static const struct spelling *rows[HASHES];
static int n_rows;

static int by_name(const void *a, const void *b)
{
    const struct spelling *const *s = a, *const *t = b;
    const int order = strcmp((*s)->name, (*t)->name);
    return order ? order : (*s > *t) - (*s < *t);
}

static void add_rows(const struct spelling *table)
{
    for (; table->name; table++) {
        if (n_rows == HASHES - 1)
            abort();
        rows[n_rows++] = table;
    }
}

static void sort_rows(void)
{
    const struct spelling *of_processor = spellings_portable;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        of_processor = spellings_avx2;
#endif
    const char *forced = getenv("SADDLE_ISA");
    if (forced && strcmp(forced, "portable") == 0)
        of_processor = spellings_portable;
    add_rows(of_processor);
    add_rows(spellings_control);
    qsort(rows, (size_t)n_rows, sizeof *rows, by_name);
}

static int row_of(const char *name)
{
    int low = 0, high = n_rows;
    while (low < high) {
        const int middle = (low + high) / 2;
        if (strcmp(rows[middle]->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct spelling *spelling_first(const char *name)
{
    if (n_rows == 0)
        sort_rows();
    const int i = row_of(name);
    return i < n_rows && strcmp(rows[i]->name, name) == 0 ? rows[i] : NULL;
}

const struct spelling *spelling_next(const struct spelling *s)
{
    for (int i = row_of(s->name); i + 1 < n_rows; i++)
        if (rows[i] == s)
            return strcmp(rows[i + 1]->name, s->name) == 0 ? rows[i + 1] : NULL;
    return NULL;
}

/* --- modules --- */

static char *read_file(const char *path, struct err *err)
{
    FILE *in = fopen(path, "r");
    char *text = NULL;
    size_t room = 0;
    if (!in) {
        err_io(err, "%s", path);
        return NULL;
    }
    if (getdelim(&text, &room, '\0', in) < 0) {
        err_set(err, ERR_DATA, "%s: nothing in it", path);
        free(text);
        text = NULL;
    }
    fclose(in);
    return text;
}

/* "N:text": line N reads so instead. */
static char *replace_line(char *text, const char *replace, struct err *err)
{
    char *behind;
    long line = strtol(replace, &behind, 10);
    char *at = text;
    while (--line > 0 && (at = strchr(at, '\n')))
        at++;
    if (!at || *behind != ':') {
        err_set(err, ERR_USAGE, "there is no line to replace: %s", replace);
        free(text);
        return NULL;
    }
    char *rest = strchr(at, '\n'), *changed = NULL;
    *at = '\0';
    if (asprintf(&changed, "%s%s%s%s", text, behind + 1, rest ? "\n" : "", rest ? rest + 1 : "") < 0)
        abort();
    free(text);
    return changed;
}

struct ptx_module *ptx_load(const char *path, const struct ptx_options *options, struct err *err)
{
    char *text = read_file(path, err);
    if (text && options && options->replace)
        text = replace_line(text, options->replace, err);
    struct ptx_module *m = text ? ptx_load_text(path, text, options, err) : NULL;
    free(text);
    return m;
}

void ptx_unload(struct ptx_module *m)
{
    if (!m)
        return;
    for (int i = 0; i < m->n_kernels; i++) {
        struct ptx_kernel *k = m->kernels[i];
        for (int n = 0; n < k->n_more; n++)
            free(k->more[n]);
        free(k->more);
        free(k->code);
        free(k->params);
        free(k->presets);
        free(k->name);
        free(k);
    }
    free(m->kernels);
    free(m->name);
    free(m);
}

int ptx_kernels(const struct ptx_module *m)
{
    return m->n_kernels;
}

struct ptx_kernel *ptx_kernel(const struct ptx_module *m, int i)
{
    return m->kernels[i];
}

struct ptx_kernel *ptx_find(const struct ptx_module *m, const char *name)
{
    for (int i = 0; i < m->n_kernels; i++)
        if (strcmp(m->kernels[i]->name, name) == 0)
            return m->kernels[i];
    return NULL;
}

const char *ptx_name(const struct ptx_kernel *k)
{
    return k->name;
}

int ptx_instructions(const struct ptx_kernel *k)
{
    int n = 0;
    for (int i = 0; i < k->n_code; i++)
        n += k->code[i].class != CLASS_MEETING;
    return n;
}

size_t ptx_shared_bytes(const struct ptx_kernel *k)
{
    return k->shared_bytes;
}

const struct ptx_counts *ptx_counted(const struct ptx_kernel *k)
{
    return &k->counts;
}
