/* Commands of a scene that record runs and compare them.
 *
 *   record NAME CLASSES RHO SEED [from PARENT EPOCH] THING...   a run of 10 steps an epoch, which may begin within one; each number is the accuracy of one more epoch, and
 *                       between them stand  rho=VALUE  the radius changes,  eig=CLASS:LMIN  a spectrum,  tail=GAIN  the later classes are better
 *                       by as much from here on,  open  it is not over
 *   compare NAME...     they are compared
 *   metric NAME         one more metric of the comparison */
#include "config.h"

#include "../unit/compared.h"
#include "shown.h"

#include <math.h>
#include <string.h>

enum { MOST = 8 };
static struct written runs[MOST];
static int n_runs;

static const struct written *parent_named(const char *name)
{
    for (int i = 0; i < n_runs; i++)
        if (strcmp(runs[i].name, name) == 0)
            return &runs[i];
    return NULL;
}

/* As write_epoch(), with classes whose order changes: what they gain is not the same for all. */
static void one_epoch(struct written *w, uint64_t epoch, uint64_t from, double acc, double tail)
{
    enum { MOST_CLASSES = 64 };
    float cls[MOST_CLASSES], lost[MOST_CLASSES];
    const double groups[] = { acc + 10, acc, acc - 10 + tail };
    const int n = w->classes < MOST_CLASSES ? w->classes : MOST_CLASSES;
    for (uint64_t s = (epoch - 1) * SPE + 1; s <= epoch * SPE; s++)
        if (s > from)
            send_event(&w->sink, step_event(s, 2.5 - acc / 50));
    for (int i = 0; i < n; i++) {
        cls[i] = (float)(acc + (i % 3 - 1) * 4 + tail * (i - n / 3) / n);
        lost[i] = (float)(2 - acc / 100 + 0.25 * i);
    }
    struct event *e = event_new(EVENT_EPOCH, epoch * SPE);
    event_set_f64(e, EV_EPOCH_EP, (double)epoch);
    event_set_str(e, EV_EPOCH_SPLIT, "test");
    event_set_f64(e, EV_EPOCH_ACC, acc);
    event_set_f64(e, EV_EPOCH_LOSS, 2.5 - acc / 50);
    event_set_f64s(e, EV_EPOCH_GROUPS, groups, 3);
    event_set_f32s(e, EV_EPOCH_CLS, cls, (uint32_t)n);
    event_set_f32s(e, EV_EPOCH_CLS_LOSS, lost, (uint32_t)n);
    send_event(&w->sink, e);
}

static void record(char *words)
{
    struct written *w = &runs[n_runs];
    const struct written *parent = NULL;
    char *save = NULL, *name = strtok_r(words, " ", &save), *classes = strtok_r(NULL, " ", &save), *rho = strtok_r(NULL, " ", &save);
    const char *seed = strtok_r(NULL, " ", &save);
    uint64_t epoch = 0, from = 0;
    double tail = 0;
    bool begun = false, over = true;
    char was[32];
    *w = (struct written){ .name = strdup(name), .classes = atoi(classes) };
    snprintf(was, sizeof was, "%s", rho);
    for (char *word; (word = strtok_r(NULL, " ", &save));) {
        if (strcmp(word, "from") == 0) {
            parent = parent_named(strtok_r(NULL, " ", &save));
            from = (uint64_t)llround(SPE * strtod(strtok_r(NULL, " ", &save), NULL));
            epoch = from / SPE;
            continue;
        }
        if (!begun) {
            begin_config(w, rho, strtoull(seed, NULL, 10), parent, from);
            write_data(w, "aa", 0);
            begun = true;
        }
        if (strncmp(word, "rho=", 4) == 0) {
            write_set(w, epoch * SPE + 3, "rho", word + 4, was);
            snprintf(was, sizeof was, "%s", word + 4);
        } else if (strncmp(word, "eig=", 4) == 0) {
            char *low = strchr(word, ':');
            write_eig(w, epoch * SPE, strtoull(word + 4, NULL, 10), strtod(low + 1, NULL));
        } else if (strncmp(word, "tail=", 5) == 0) {
            tail = strtod(word + 5, NULL);
        } else if (strcmp(word, "open") == 0) {
            over = false;
        } else {
            epoch++;
            one_epoch(w, epoch, from, strtod(word, NULL), tail);
        }
    }
    struct err err;
    if (over)
        end_run(w);
    else
        w->sink.sync(w->sink.ctx, &err);
    n_runs++;
}

static void compare(char *words)
{
    const char *names[MOST];
    struct err err = { 0 };
    int n = 0;
    for (char *one; n < MOST && (one = strsep(&words, " "));)
        names[n++] = one;
    stage.compared = open_runs(names, n, &err);
    if (!stage.compared)
        told("! %s", err.text);
}

/* Runs that were recorded here are gone with the scene. */
void compare_forget(void)
{
    if (root[0])
        remove_root(NULL);
    root[0] = '\0';
}

bool compare_command(const char *verb, char *words)
{
    struct err err;
    if (strcmp(verb, "record") == 0 && n_runs < MOST) {
        if (!root[0])
            make_root(NULL);
        record(words);
    } else if (strcmp(verb, "compare") == 0) {
        compare(words);
    } else if (strcmp(verb, "metric") == 0) {
        if (!stage.compared || comparison_add_metric(stage.compared, words, &err) < 0)
            told("! %s", err.text);
    } else {
        return false;
    }
    return true;
}
