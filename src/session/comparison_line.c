/* Lines of descent: what a run of a comparison went on from, back to its first ancestor that is there. */
#include "config.h"
#include "session/comparison_private.h"

#include <libgen.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/lineage.h"

/* --- making one --------------------------------------------------------------------------------------------------- */

/* The folder in `root` of the parent of that run: under the name it had then, or else whatever has its id. */
static bool find_parent_in(const char *root, const struct compared_source *child, char dir[1300])
{
    struct session_info info, *list;
    char name[128];
    int n;
    snprintf(name, sizeof name, "%s", child->h.parent);
    session_cut_at(name);
    snprintf(dir, 1300, "%s/%s.saddle", root, name);
    if (name[0] && !strchr(name, '/') && session_info(dir, &info, NULL) == 0 && strcmp(info.id, child->h.parent_id) == 0)
        return true;
    if (session_list(root, &list, &n, NULL) < 0)
        return false;
    const struct session_info *parent = lineage_parent(list, n, child->h.parent, child->h.parent_id);
    if (parent)
        snprintf(dir, 1300, "%s", parent->dir);
    free(list);
    return parent != NULL;
}

/* Beside what the run's folder is, which may be a link, beside the link, or among the recorded runs. */
static bool find_parent_run(const struct comparison *c, const struct compared_source *child, char dir[1300])
{
    char inside[1100], beside[1024];
    snprintf(inside, sizeof inside, "%s/..", child->dir);
    snprintf(beside, sizeof beside, "%s", child->dir);
    char *root[] = { realpath(inside, NULL), realpath(dirname(beside), NULL), c->root[0] ? realpath(c->root, NULL) : NULL };
    bool found = false;
    for (int i = 0; i < 3 && !found; i++) {
        bool tried = !root[i];
        for (int k = 0; k < i; k++)
            tried |= root[i] && root[k] && strcmp(root[i], root[k]) == 0;
        found = !tried && find_parent_in(root[i], child, dir);
    }
    for (int i = 0; i < 3; i++)
        free(root[i]);
    return found;
}

/* The source of the run whose state s began with; -1 and stream->missing: it is not there, or cannot be read. */
static int parent_run_of(struct comparison *c, struct compared_stream *stream, const struct compared_source *s)
{
    char dir[1300];
    struct err why = { 0 };
    if (!s->h.parent[0])
        return -1;
    const int known = s->h.parent_id[0] ? comparison_known(c, s->h.parent_id) : -1;
    if (known >= 0)
        return known;
    struct compared_source *parent = NULL;
    if (c->n_sources < SOURCES_MAX && s->h.parent_id[0] && find_parent_run(c, s, dir))
        parent = comparison_source_open(dir, &why);
    if (!parent) {
        snprintf(stream->missing, sizeof stream->missing, "%.100s%s%.80s", s->h.parent, why.text[0] ? ": " : "", why.text);
        return -1;
    }
    c->source[c->n_sources] = parent;
    return c->n_sources++;
}

static bool had_state(const struct compared_source *s, uint64_t step, const char *hash)
{
    for (size_t i = 0; i < s->n_states; i++)
        if (s->state[i].step == step && hash[0] && strcmp(s->state[i].hash, hash) == 0)
            return true;
    return false;
}

static bool in_line(const struct compared_stretch *line, int n, int source)
{
    for (int i = 0; i < n; i++)
        if (line[i].source == source)
            return true;
    return false;
}

void comparison_make_line(struct comparison *c, struct compared_stream *stream)
{
    struct compared_stretch back[LINE_MAX];
    int n = 0, at = stream->source;
    uint64_t to = UINT64_MAX;
    while (at >= 0 && n < LINE_MAX && !in_line(back, n, at)) {
        const struct compared_source *s = c->source[at];
        if (s->left < to && n > 0 && !had_state(s, to, c->source[back[n - 1].source]->began_with))
            snprintf(stream->doubt, sizeof stream->doubt, "%.100s was taken up again at epoch %.6g, perhaps since", s->name, comparison_epoch(s, s->left));
        back[n++] = (struct compared_stretch){ .source = at, .after = s->h.first_step, .to = to };
        to = s->h.first_step;
        stream->too_long = n == LINE_MAX && s->h.parent[0];
        at = stream->too_long ? -1 : parent_run_of(c, stream, s);
    }
    stream->circle = at >= 0;
    stream->n_line = n;
    for (int i = 0; i < n; i++)
        stream->line[i] = back[n - 1 - i];
    stream->line[0].eldest = true;
}

/* --- what it tells ------------------------------------------------------------------------------------------------ */

double comparison_begin(const struct comparison *c, int run)
{
    const struct compared_stretch *eldest = &c->stream[run].line[0];
    return comparison_epoch(c->source[eldest->source], eldest->after);
}

double comparison_birth(const struct comparison *c, int run)
{
    const struct compared_source *s = comparison_source(c, run);
    return comparison_epoch(s, s->h.first_step);
}

/* The nearest ancestor of a line that is a run of the comparison, -1: none; *place: of its stretch. */
static int compared_ancestor(const struct comparison *c, int run, int *place)
{
    const struct compared_stream *stream = &c->stream[run];
    for (int k = stream->n_line - 2; k >= 0; k--)
        for (int i = 0; i < c->n; i++)
            if (i != run && c->stream[i].source == stream->line[k].source) {
                *place = k;
                return i;
            }
    return -1;
}

void comparison_lineage(const struct comparison *c, int run, char *out, size_t size)
{
    int place;
    const int parent = compared_ancestor(c, run, &place);
    if (parent < 0) {
        snprintf(out, size, "%s", comparison_source(c, run)->h.parent);
        return;
    }
    const char *at = strrchr(c->source[c->stream[run].line[place + 1].source]->h.parent, '@');
    snprintf(out, size, "%s%s", comparison_name(c, parent), at ? at : "");
}

double comparison_shared(const struct comparison *c, int run, int other)
{
    const struct compared_stream *a = &c->stream[run], *b = &c->stream[other];
    double epoch = NAN;
    for (int k = 0; k < a->n_line && k < b->n_line && a->line[k].source == b->line[k].source; k++) {
        const uint64_t to = a->line[k].to < b->line[k].to ? a->line[k].to : b->line[k].to;
        epoch = comparison_epoch(c->source[a->line[k].source], to);
        if (a->line[k].to != b->line[k].to)
            break;
    }
    return epoch;
}
