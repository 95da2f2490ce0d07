/* repl/bench.h - the inside of a workbench, shared by the files of repl/ and by nobody else. */
#ifndef REPL_BENCH_H
#define REPL_BENCH_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/file.h"
#include "engine/data/dataset.h"
#include "engine/data/picture_cache.h"
#include "engine/data/picture_check.h"
#include "engine/event.h"
#include "engine/criteria/loss.h"
#include "engine/knobs.h"
#include "engine/model/params.h"
#include "engine/run/trainer.h"
#include "kernels/backend.h"
#include "repl/commands.h"
#include "repl/workbench.h"
#include "session/history.h"
#include "session/metric.h"
#include "session/mailbox.h"
#include "session/session.h"
#include "session/stream.h"

/* --- events from the trainer's and the writer's threads ------------------------------------------------------------ */

struct queued_event {
    struct event *event;
    bool moment; /* of the moment that is looked at, not of the run */
};
enum { QUEUE_ANSWERS = 128 }; /* more than commands can wait for one */
struct queue {
    pthread_mutex_t lock;
    struct queued_event *event; /* a plain list: what waits, oldest first */
    size_t n, cap;
    struct queued_event answer[QUEUE_ANSWERS]; /* that there was no memory for in the list: somebody waits for them */
    size_t n_answer;
    int fd;               /* eventfd: readable while something waits */
};
int queue_init(struct queue *q, struct err *err);
void queue_release(struct queue *q);
struct event_sink queue_sink(struct queue *q);
struct event_sink queue_moment_sink(struct queue *q); /* its events are marked as the moment's */
/* Takes everything that waits; the caller unrefs each and frees the list. NULL and 0 when nothing waits. */
struct queued_event *queue_take(struct queue *q, size_t *n);
size_t queue_take_answers(struct queue *q, struct queued_event out[QUEUE_ANSWERS]); /* and those, which are later than what it took */

/* Wakes who sleeps on the queue's descriptor. */
void queue_wake(struct queue *q);

struct lines { /* of the journal, for a log */
    pthread_mutex_t lock;
    struct buf text;   /* whole lines on their way from the session's thread */
    bool recorded;     /* else they are made here, and numbered: */
    uint64_t q, from_ns;
};

/* --- what the next run is made of ---------------------------------------------------------------------------------- */

struct later { /* a command given before `train`, posted with it */
    struct command *command;
    char text[256]; /* as it was typed */
};

struct bench_setup {
    struct knobs knobs;
    bool touched[KNOB_COUNT]; /* by hand or by a recipe: the demo's defaults leave these alone */
    bool by_set[KNOB_COUNT];  /* by a plain `set`, as a script of a recording has for every knob: the default there is no choice */
    bool asked[KNOB_COUNT];   /* by hand since the last run began: what `resume RUN` is to change */
    bool any;                 /* something was set up */
    char refused[120];        /* the last `data` or `preset`, when it failed: nothing is trained on other data instead */
    struct dataset data;
    char data_key[5 * KNOB_TEXT_MAX + 1024]; /* the request `data` answers to; "" = nothing loaded */
    struct net net;
    char net_key[96];
    float *params, *stats;    /* loaded weights, or NULL */
    char weights_file[1024], weights_key[96], weights_sha256[DIGEST_HEX];
    struct params_note weights_note; /* how the file spelled them */
    int n_watched, watched[COMMAND_MAX_CLASSES];
    int n_later, cap_later;
    struct later *later;
};

struct choices { /* what of it a command that fails gives back */
    struct knobs knobs;
    bool touched[KNOB_COUNT], by_set[KNOB_COUNT], asked[KNOB_COUNT];
};

/* --- the run of this process --------------------------------------------------------------------------------------- */

struct answer { /* a posted command whose reply has not come yet */
    long id;
    char verb[96];
    bool moment;  /* of the moment that is looked at, not of the run */
    bool wanted;  /* somebody waits for it: it is not said but handed over */
    bool measures; /* an evaluation or a probe */
    bool refusal_only; /* what it did is known; only that it was refused is said */
    bool come, ok;
    char *text;   /* allocated; NULL: it says nothing */
    struct outside_job *job; /* from outside, which gets the reply; or NULL */
};
enum { BENCH_MAX_DEPTH = 8 }; /* of scripts and aliases in each other */
enum { MAX_ANSWERS = 64, MAX_UNDO = 256 };

enum { MAX_ALERTS = 32 };
struct alert {
    char metric[32], then[512]; /* metric "": it was dropped; then "": it is only told */
    bool above, holds, raised, due; /* holds: since the epoch `since`; due: `then` is to be done */
    double limit, epochs, since;
    enum say_level level;
};
struct alerts {
    struct alert alert[MAX_ALERTS];
    int n;
    bool exploded, missing; /* told of this run: of its loss, of classes that are never right */
    bool failed;            /* one of level error was raised */
};

enum { OUTSIDE_JOBS = 32, OUTSIDE_ANSWERS = 64 };
struct outside_job { /* a line from outside */
    char id[LETTER_ID];      /* "": the place is free */
    int open;                /* replies that have not come */
    bool alarm;              /* of an alert of this process: it is said here */
    bool refused, waits;     /* a command of it; for its moment */
    uint64_t step;
    struct buf text;         /* lines of the answer */
    struct buf reasons;      /* why commands of it were refused: behind those lines, for the last one counts */
};
struct outside {
    struct outside_job job[OUTSIDE_JOBS];
    struct outside_job *now; /* whose line is carried out just now; else NULL */
    bool looking, steered;   /* steered: pause, stop and the like came from there in this run */
    uint64_t looked_ns, told_ns;
    char trouble[ERR_TEXT_MAX], first_refused[200]; /* as last told; not told yet */
    int n_refused;
    char answered[OUTSIDE_ANSWERS][LETTER_ID]; /* a ring: older ones are nobody's any more */
    unsigned n_answered;
};

enum { ATTACH_SENT = 16 };
struct attach_sent {
    struct letter letter; /* its id "": the place is free */
    uint64_t at_ns;
    bool received;
};
struct attached { /* to the run that is viewed */
    bool on;
    struct attach_sent sent[ATTACH_SENT]; /* not answered yet */
    uint64_t asked_ns;
};

struct undo { /* one change of a knob */
    enum knob_id knob;
    bool of_run;  /* in mid-run, else of the set-up */
    uint64_t step; /* then: the last one before it */
    char old[KNOB_TEXT_MAX];
};

struct bench_run {
    struct trainer *trainer; /* NULL: nothing runs */
    struct session *session; /* NULL: not recorded */
    bool idle;               /* a trainer without a run: looks at weights, trains nothing, records nothing */
    bool forked;             /* begun by `fork`, which waits for `train`: */
    uint64_t fork_step;      /* while it stands there */
    uint64_t saved_step;     /* of the snapshot that it was taken up from */
    enum err_code cause;     /* the last one's, if it ended because of an error */
    char dir[1024];          /* of the session, stays after the end */
    struct knobs knobs;      /* as they were at the start: `show diff` */
};

struct replay {
    bool on, playing, live;
    struct stream stream;
    double speed;
    uint64_t clock_ns;       /* position on the stream's time line */
    uint64_t wall_ns;        /* when it was last advanced; 0: not yet */
    uint64_t followed_ns;    /* when the file was last looked at */
};

struct moment { /* weights of a recorded step: a trainer that stands there, with a set-up of its own */
    struct trainer *trainer; /* NULL: none */
    struct bench_setup setup;
    char dir[1024];
    uint64_t step;
    const char *verb;        /* for warnings: what last asked for it */
    bool exporting;          /* what is posted now is for `export`, also without a replay */
    const char *rolling;     /* verb of who computes a state just now and shows how far that is; NULL: nobody */
};

struct alias {
    char *name, *text;
};

struct workbench {
    struct workbench_options options;
    char *sessions_option;
    struct workbench_face face;
    struct bench_setup setup;
    struct bench_run run;
    struct queue queue;
    struct lines lines;
    struct stream live;      /* of this process */
    struct replay replay;
    struct comparison *comparison; /* that the screen shows, or NULL */
    uint64_t compared_ns;    /* when it was last followed */
    struct picture_check *check; /* of the pictures that were set up when it began, under way; or NULL */
    struct picture_cache *cache; /* likewise */
    char cache_folder[1024];
    bool pictures_waited_for; /* a script waits for one of the two */
    struct sweep *sweep;     /* under way in this process, or NULL */
    int sweep_fd;            /* its file, locked while it is */
    bool sweep_waited_for;   /* a script waits for it */
    bool campaign_cut;       /* a signal ended a sweep or a reproduction that a script waited for */
    struct moment moment;
    struct answer answer[MAX_ANSWERS];
    struct outside outside;
    struct attached attached;
    struct alerts alerts;
    struct undo undo[MAX_UNDO];
    int n_undo;
    const struct dataset *classes_of; /* of a recording whose commands are being read; NULL: what is shown */
    struct alias *alias;
    int n_alias;
    char **entered;          /* lines for `history` */
    int n_entered, cap_entered;
    const char *file;        /* script being run, and its line */
    int file_line, depth;
    bool recipe, rc, dry, quit;
    bool recipe_done;        /* a recipe's `train` was reached */
    const char *recipe_beta; /* replaces the --beta of its `data` line, or NULL */
    enum err_code first_error;
    int caret_end;
};

/* --- workbench.c --- */
void bench_say(struct workbench *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
void bench_raise(struct workbench *w, enum say_level level, const char *text); /* an alert: to whoever sits here */
/* A file of that name, which is then said; "-": its lines on standard output, which a screen has no place for. */
int bench_write(struct workbench *w, const char *path, bool force, file_fill *fill, void *ctx, struct err *err);
/* "warning: VERB: ..." */
void bench_warn(struct workbench *w, const char *verb, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* "saddle: FILE:LINE: VERB: ..."; the script's or the program's first error is remembered. verb may be NULL; caret: -1 = none. */
void bench_error(struct workbench *w, const char *verb, const struct err *e, int caret);
/* true: commands wait for their answers (scripts, headless), which are then errors of the script; else they are said when they come. */
bool bench_waits(const struct workbench *w);
/* Waits for events, a signal or the timeout, in the face's way. false: stop waiting. */
bool bench_idle(struct workbench *w, int timeout_ms);
/* -1 with *err while a run trains: what it stands on stays. */
int bench_no_training(struct workbench *w, struct err *err);
/* 0 when the user says yes (--yes, or a typed y). -1 with *err otherwise. */
int bench_confirm(struct workbench *w, const struct call *c, const char *question, struct err *err);
int bench_script(struct workbench *w, const char *path, struct err *err);
/* The folder of a recorded run; -1 with *err (ERR_DATA). */
int bench_find_run(struct workbench *w, const char *run, char *dir, size_t size, struct err *err);
/* The classes that there are, from the shown history or from the set-up's data (loaded when needed). */
int bench_classes(struct workbench *w, struct class_names *out, struct err *err);
/* Those that a call's options --class name, each a list as `watch` takes it, as [n_classes]; free() it. NULL with *err and the caret. */
bool *call_classes(struct call *c, const struct history *h, struct err *err);
/* The classes of a history, borrowed. */
void bench_history_classes(const struct history *h, struct class_names *out);
/* Classes named by words i.. of a call into out[], ascending. How many, or -1. */
int bench_class_list(struct workbench *w, struct call *c, int i, int *out, struct err *err);

/* --- setup.c --- */
void setup_init(struct bench_setup *s);
void setup_release(struct bench_setup *s);
void setup_keep(const struct bench_setup *s, struct choices *out);
void setup_restore(struct bench_setup *s, const struct choices *from);
int setup_set(struct workbench *w, enum knob_id id, const char *text, struct err *err);
void setup_set_value(struct workbench *w, enum knob_id id, const struct knob_value *value); /* one that was parsed */
int setup_data(struct workbench *w, struct err *err);   /* loads what the knobs ask for, unless it is loaded */
int setup_ready(struct workbench *w, struct err *err);  /* data, network and weights */
/* Data and network of s. When it is w->setup and they change, w's run ends first; another one is loaded beside that run. */
int setup_load(struct workbench *w, struct bench_setup *s, struct err *err);
/* The back end that `device` chose, and the number of its device. */
const struct backend *setup_device(const struct knobs *k, int *device, struct err *err);
/* The same, when it has the math that is wanted. */
const struct backend *setup_backend(const struct knobs *k, int *device, struct err *err);
/* 1 where the chosen network is one that every math has (net_is_plain), for the data that are loaded or, before, pictures like CIFAR's; 0 where not; -1 with *err. */
int setup_net_is_plain(const struct workbench *w, struct err *err);
int setup_check_evaluations(const struct knobs *k, const struct backend *b, struct err *err); /* -1: it lacks `eval_math` */
/* The reason why `device auto` took b and not a faster device of this build, or `device cuda` not the first, in one line; "" when there is
 * nothing to say. */
void setup_device_remark(const struct workbench *w, const struct backend *b, int device, char *out, size_t size);
void setup_demo(struct workbench *w, bool all);         /* the demo's settings; without `all` only where nothing was touched */
/* sha256: what the weights must be, as the config event says it; or NULL. */
int setup_load_weights(struct workbench *w, const char *path, const char *sha256, struct err *err);
bool setup_is_plain(const struct knobs *k, enum knob_id id); /* what this data would have without a choice */
bool setup_watches_plain(const struct bench_setup *s);
void setup_method(const struct knobs *k, char *out, size_t size); /* "ce+drw+sam+crt" */
void setup_method_at(const struct knobs *k, char *out, size_t size); /* with its radius: "ce+drw+sam rho 0.5" */
void setup_forget_later(struct bench_setup *s);
void setup_forget_prepared(struct bench_setup *s); /* what was given before a run that was taken up: it belongs to another one */
/* What the knobs ask for, whose texts it borrows. */
void setup_request(const struct knobs *k, struct data_request *r);
/* Loads what the knobs of *s ask for, unless it is loaded. */
int setup_load_data(struct workbench *w, struct bench_setup *s, struct err *err);
/* The folder or file the knobs' data are read from: data_path, else $SADDLE_DATA for CIFAR; "" = none. */
const char *setup_data_path(const struct knobs *k);
/* A folder with the binary files of CIFAR-10 (else CIFAR-100) in one of the usual places: here, data, ../data, ~/data ...; false: none. */
bool setup_usual_folder(bool cifar10, char *out, size_t size);

/* --- find_data.c --- */
struct image_geometry setup_recorded_size(const struct event *data); /* of the images of a recording, by its event */
/* Loads the data of a recorded run into *s, whose knobs say which kind: from `root`, or (NULL) from wherever this machine has them. `data`
 * is the recording's event, whose hashes decide; NULL: nothing is known of them. The knob data_path then says where they were. `verb` is what
 * an error names as the way to say it. */
int setup_find_data(struct workbench *w, struct bench_setup *s, const struct event *data, const char *root, const char *verb, struct err *err);
/* The same for weights. */
int setup_find_weights(struct workbench *w, const char *sha256, struct err *err);
/* Notes for later where the set-up's data, and weights that were loaded, are. What prevents it is a warning of the verb. */
void setup_remember_data(struct workbench *w, const char *verb);
/* --- lines.c: for a face that wants to hear of records --- */
void lines_init(struct lines *l);
void lines_release(struct lines *l);
void lines_begin(struct workbench *w, struct session *session); /* of a run; session: what records it, or NULL */
void lines_tell(struct workbench *w);                            /* what the session handed over */
void lines_number(struct workbench *w, const struct event *e);   /* an event of a run that nothing records */

/* --- run.c --- */
struct run_start { /* how to start */
    const char *name;
    const char *verb; /* for warnings */
    const struct train_state *state;
    const struct trainer_roll *roll;
    const struct trainer_parent *parent; /* whose `state` it is, when that is another run's */
    const char *isa; /* struct trainer_setup */
    /* Opens what the run is recorded in, once its set-up was accepted; NULL: nothing records it. */
    struct session *(*record)(struct workbench *w, const void *where, struct err *err);
    const void *where;
    const struct command *first; /* posted before anything else, [n_first] */
    int n_first;
    bool announce, paused;
    bool idle; /* only to look at weights: it does not train, and says nothing of how it would */
};
/* A trainer of that set-up; it is not started. */
struct trainer *run_trainer(struct workbench *w, const struct bench_setup *s, const struct run_start *start, const struct event_hub *hub,
                            struct err *err);
int run_begin(struct workbench *w, const struct run_start *start, struct err *err);
/* The same for a run that has no recording yet: nothing of the one before is shown any more, and what runs, and where it is recorded, is
 * said. On failure nothing runs. */
int run_begin_new(struct workbench *w, const struct run_start *start, struct err *err);
/* Ends the run: after this step, snapshot, seal. Nothing to do without one. -1 when something could not be saved. */
int run_end(struct workbench *w, const char *why, struct err *err);
bool run_active(const struct workbench *w);   /* a run exists and is not over */
bool run_awaits_train(const struct workbench *w); /* it was forked and stands where it begins */
const char *run_name(const struct workbench *w); /* of the run of this process, as it is recorded, also before its first event is here */
int run_needed(struct workbench *w, struct err *err); /* 0 when run_active(); else says what is missing */
/* Something that can evaluate, probe and write weights: the run (also when it is over), or else an idle trainer made from the
 * set-up. */
int run_or_idle(struct workbench *w, struct err *err);
void run_drop_idle(struct workbench *w);
/* A call of a verb that acts on a run, as a command; its texts are the call's. -1 with *err and the caret. */
int call_command(struct workbench *w, struct call *c, struct command *out, struct err *err);
int call_post(struct workbench *w, struct call *c, struct err *err); /* the same, posted */
/* Posts a command. When bench_waits(), waits for its answer; a refused one is -1 with *err. */
int run_post(struct workbench *w, const struct call *c, const struct command *command, struct err *err);
/* Fills when, typed and by from a call, which must outlive *out. */
int run_when(struct workbench *w, struct call *c, struct command *out, struct err *err);
void run_event(struct workbench *w, const struct event *e);              /* after folding */
void run_recorded(struct workbench *w, const struct event *e);           /* the same of a run that is taken up again: folds it too */
void run_answer(struct workbench *w, const struct event *e, bool moment); /* an ANSWER event of the run, or of the moment */
int run_plan(struct workbench *w, const char *verb, struct err *err);    /* --dry-run's `train` */

/* How long a step of plain SGD takes here, of a network for 32x32 images, in the math that is set: measured on the demo. */
int run_step_time(struct workbench *w, const char *network, long batch, double *seconds, struct err *err);

/* --- cmd_wait.c --- */
/* Until this step (UINT64_MAX: until it is over) or, unless NULL, until the metric is past its limit; -1 with *err: it ended before. */
int run_wait(struct workbench *w, uint64_t until_step, const struct alert *metric, struct err *err);

/* --- outside.c --- */
void outside_begin(struct workbench *w); /* the run is recorded from here on; whatever was sent before is refused */
void outside_end(struct workbench *w);   /* of the recording: what is still open is answered */
/* 0 when a command that was parsed may come from outside. -1 with *err. */
int outside_allowed(struct workbench *w, const struct call *c, struct err *err);
int outside_portable(const struct call *c, struct err *err); /* 0 when it names neither file nor run, which are another machine's; -1 with *err */
void outside_said(struct outside_job *j, const char *line);
void outside_refused(struct outside_job *j, const char *reason);
void outside_posted(struct workbench *w, const struct call *c); /* a command of the line that is carried out */
void outside_answered(struct workbench *w, const struct answer *a, uint64_t step);

void outside_alarm(struct workbench *w, const char *line); /* what an alert has done */

/* --- alerts.c --- */
void alerts_event(struct workbench *w, const struct event *e); /* of the run, after folding */
/* "tail > 60", the words from the given one on; *bad: of them, the one that is wrong. */
int alert_condition(const struct call *c, int from, int n, struct alert *out, int *bad, struct err *err);
bool alert_holds(const struct history *h, const struct alert *a, struct metric_point *newest); /* newest: epoch NAN where there is no value */
void alert_describe(const struct alert *a, char *out, size_t size); /* "tail > 60", "acc < 5 for 3 epochs" */
void alerts_act(struct workbench *w); /* does what raised alerts are to do; no command is under way */

/* --- attach.c --- */
bool attach_sends(const struct workbench *w, const struct command_info *info); /* a command of that verb goes to the run that is viewed */
/* rest: the n bytes of the line behind the verb. */
int attach_send(struct workbench *w, const struct call *c, const char *rest, int n, struct err *err);
void attach_look(struct workbench *w, uint64_t now); /* says answers that came */

/* --- plan.c --- */
/* Warns about what was chosen and can never act: of the set-up, and of a recorded run that was taken up. */
void run_check_plan(struct workbench *w, const char *verb);
void run_check_resumed(struct workbench *w, const char *verb, const struct recording *r);

/* --- roll.c --- */
struct roll { /* a trainer_roll and the memory behind it */
    const char *verb; /* for warnings */
    struct trainer_roll roll;
    int cap, n_shown;        /* n_shown: recorded commands that may not be carried out */
    bool waits;              /* a command waits for an eigenvalue */
    uint64_t *at;
    struct command **commands;
    float *loss;
    struct roll_known *known;
    struct roll_result *results;
    int n_saved;
    uint64_t *saved;         /* steps of snapshots that were asked for and are there */
};
struct roll_start {
    const char *verb; /* for warnings */
    const struct snapshot_info *snap; /* both NULL: the recording's beginning */
    const struct train_state *state;  /* its */
};
/* The roll of what was recorded after `start` up to step `last` (UINT64_MAX: its end). Commands are checked as typed ones are, and only what
 * call_may_be_recorded() is taken: a recording is not trusted. The rest is said. -1 with *err; roll_release() in any case. */
int roll_make(struct workbench *w, struct roll *r, const struct recording *rec, struct roll_start start, uint64_t last, struct err *err);
/* Only what waits in a state: for who begins a recording with it. The rest as above. */
int roll_of_state(struct workbench *w, struct roll *r, const struct train_state *state, struct err *err);
void roll_release(struct roll *r);

/* --- cmd_out.c --- */
int path_check(const char *path, struct err *err); /* 0 when a command holds it */

/* --- cmd_knobs.c --- */
/* "rho .3": a verb that is not known, with or without a value, in the n bytes of the line: what was meant is known when it is a knob. -1. */
int knob_meant(const char *verb, bool value, const char *line, int n, struct err *err);

/* --- resume.c --- */
struct asked { /* changes of a recorded run's knobs that were set by hand before it is taken up */
    struct command *command; /* as commands of the run */
    int n;
};
/* Those that differ in s from what is wanted; refused when one is fixed. -1 with *err. */
int asked_take(const struct bench_setup *s, const struct choices *wanted, struct asked *out, struct err *err);
void asked_release(struct asked *a);

/* --- origin.c --- */
struct origin_request {
    uint64_t step;    /* the moment; UINT64_MAX: the end of the recording */
    const char *root; /* folder of the images, or NULL */
    const char *verb; /* for warnings */
    bool look;        /* only the weights are wanted */
};
struct origin { /* where a recorded run is at a moment, and how to come there */
    struct train_state *state;     /* the nearest one that can be read; NULL: the seed's weights */
    struct snapshot_info snapshot; /* what `state` was read from */
    struct roll roll;              /* the way from there */
    uint64_t step;                 /* as asked for */
};
/* The configuration of the recording becomes *s (device, threads and images stay those of this machine), its data and network
 * are loaded and checked against the recording. Damaged snapshots are named and passed over. Writes nothing. -1 with *err;
 * origin_release() in any case. */
int origin_open(struct workbench *w, struct bench_setup *s, struct recording *rec, const struct origin_request *q, struct origin *out,
                struct err *err);
void origin_release(struct origin *o);
/* The knobs of a state become those of s; what belongs to this machine stays. */
int origin_knobs(struct bench_setup *s, const struct train_state *state, struct err *err);
/* "from the snapshot of step 78, repeating 39 recorded steps" */
void origin_describe(const struct origin *o, char *out, size_t size);
/* The state of exactly this step when a snapshot has it, and its network; needs no data set. 1, 0 when there is none that can be
 * read, -1 with *err. */
int origin_saved(struct recording *rec, uint64_t step, struct net *net, struct train_state **state, struct err *err);
/* Steps as epochs; the step of an epoch, which must not be past the end. */
double recording_epochs(const struct recording *r, uint64_t step);
uint64_t recording_steps_per_epoch(const struct recording *r); /* 0: not recorded */
int recording_step_at(const struct recording *r, double epoch, uint64_t *step, struct err *err);
/* The knobs of a recorded configuration ("name=value") into *k. */
int config_knobs(const struct event *config, struct knobs *k, struct err *err);

/* --- point.c --- */
/* RUN, RUN@POINT, or @POINT of the run that is shown: its folder. *at is what stands behind the @, in `text`; NULL: nothing. `before`: what
 * stands before it, for the message when no run is shown. */
int point_run(struct workbench *w, const char *text, const char *before, char *dir, size_t size, const char **at, struct err *err);
/* The step that POINT names: an epoch, whole or not; best; last, as NULL; the name of a snapshot, also of one that is not kept any more. */
int point_step(const struct recording *r, const char *at, uint64_t *step, struct err *err);
bool point_is_end(const char *at);
/* The word for a run of that folder: its name where that is enough to find it, else the folder. */
const char *point_run_word(const struct workbench *w, const char *dir, char name[256]);
/* A step as the shortest epoch that names it: "149", "149.5". */
void point_text(uint64_t step, uint64_t steps_per_epoch, char *out, size_t size);

/* --- child.c --- */
struct child_moment {
    const char *name;             /* of the parent */
    long epoch;                   /* its epochs done */
    const struct choices *wanted; /* the set-up before: wanted->asked[] was set by hand since the last run */
};
struct child_request {
    const char *dir;    /* of the parent */
    const char *at;     /* as for point_step() */
    const char *name;   /* of the child; NULL: PARENT-SUFFIX-1 and so on */
    const char *suffix;
    const char *root;   /* folder of the images, or NULL */
    const char *state;  /* what train_state_hash() of the moment must be, or NULL */
    const char *verb;   /* for warnings */
    /* A second stage begins at a whole epoch: makes the child's knobs of those that were in force then and what was set by hand since. -1
     * with *err. NULL: a fork, which goes on from any step with all that the state holds; what was set by hand since is its first commands. */
    int (*change)(struct knobs *k, const struct child_moment *at, const void *how, struct err *err);
    const void *how;
    bool paused;
};
/* Starts a new recorded run with the state of a recorded one, numbers of steps and epochs going on; the state is computed where no
 * snapshot has it, which is waited for. A fork whose steps cannot be repeated here begins at the nearest snapshot before, which is said. The
 * parent is read and nothing else. Until the first snapshot of the new run is on disk its recording is none (recording_is_empty()). A run of
 * this process ends first. -1 with *err: there is no new run. */
int child_start(struct workbench *w, const struct child_request *q, struct err *err);
/* 0 when child_start() would find that moment and take that name, as things are now. Reads only. */
int child_check(struct workbench *w, const struct child_request *q, struct err *err);

/* --- moment.c --- */
/* Ready to look at the weights of step `step` of that recording, which may have to be computed first; says from where. */
int moment_make(struct workbench *w, const char *dir, uint64_t step, const char *verb, struct err *err);
void moment_drop(struct workbench *w); /* cancels what it is at */
/* Does this command look at the moment that is shown, or made, rather than at the run? */
bool moment_is_meant(const struct workbench *w, const struct command *c);
/* The weights for commands that look at them at once: in a replay those of the shown moment, else run_or_idle(). */
int look_ready(struct workbench *w, const struct call *c, struct err *err);
void moment_event(struct workbench *w, const struct event *e);
/* Weights of a step as a file with PyTorch's names: the snapshot's, or else those of a moment that is made first. */
int moment_save(struct workbench *w, struct call *c, const char *dir, uint64_t step, const char *path, struct err *err);

/* --- replay.c --- */
void replay_init(struct replay *r);
void replay_release(struct replay *r);
void replay_leave(struct workbench *w); /* back to the run of this process; nothing without a replay */
/* At that point (point_step(); NULL: the end). What was shown stays when it cannot be. */
int replay_open(struct workbench *w, const char *run, const char *at, bool live, struct err *err);
enum loss_weights bench_weights_rule(const struct knobs *k); /* class weights as chosen */
const struct history *bench_shown(const struct workbench *w); /* live or replayed */
void bench_knobs(const struct workbench *w, struct knobs *out); /* of what is shown: a replay, a run, else what is set up */

/* --- comparing.c --- */
void compare_show(struct workbench *w, struct comparison *c); /* which is the workbench's from now on; one before it is closed. NULL: none */

/* --- recipes.c --- */
/* The file of a recipe; -1 with *err naming close ones. */
int recipe_find(const char *name, char *out, size_t size, struct err *err);
/* The values that a knob takes, in words: "one of ce focal", "0 to 10". */
void help_accepted(const struct knob_info *k, struct buf *out);
/* Names of all recipes, sorted; free() each and the array. */
int recipe_list(char ***out);

/* --- cmd_export.c, export_runs.c --- */
/* A recording for an export. A damaged one is refused: a table that lacks the half says nothing of it. NULL with *err. */
struct recording *whole_recording(const char *dir, struct err *err);
struct history *whole_history(struct recording *r, const char *dir, struct err *err); /* the fold of all of it; NULL with *err; whole_drop() */
void whole_drop(struct history *h); /* NULL allowed */
/* The folder of the i-th run that is named behind format and path, or of the one that is shown. */
int export_run_dir(struct workbench *w, struct call *c, int i, char *dir, size_t size, struct err *err);
int export_summary(struct workbench *w, struct call *c, struct err *err); /* tex, md */
int export_board(struct workbench *w, struct call *c, struct err *err);   /* tensorboard */

/* --- cmd_*.c --- */
/* data check, data cache DIR: at the prompt they go on beside everything else, and data_pump() tells what came of them. */
int data_check(struct workbench *w, const struct call *c, struct err *err);
int data_cache(struct workbench *w, struct call *c, struct err *err);
void data_pump(struct workbench *w);
void data_release(struct workbench *w);
/* --- cmd_sweep.c --- at the prompt a sweep goes on beside everything else */
void sweep_pump(struct workbench *w);
void sweep_leave(struct workbench *w); /* its runs end with snapshots */
int show_augment(struct workbench *w, struct call *c, struct err *err); /* show augment CLASS */
int show_stages(struct workbench *w, const struct knobs *k, struct err *err); /* a table */
/* --- cmd_sam.c --- */
int show_sam(struct workbench *w, const struct knobs *k, struct err *err);
/* The knob that option i of a call sets, as its row says ("beta=@beta"); -1: none. */
int option_knob(const struct call *c, int i);
/* Does so; 0 also where it sets none. */
int option_set(struct workbench *w, struct call *c, int i, struct err *err);
/* A verb without its word tells at the prompt what there is; a script must not go on as if it had said which. */
int call_tell_choices(struct workbench *w, const struct call *c, const char *now, const struct buf *choices, struct err *err);
/* --sha256, when given: 1 and *out, 0 without, -1 with *err. */
int call_hash(struct call *c, const char **out, struct err *err);
const char *session_state_word(const struct session_info *i); /* "finished", "running", "broken off" ... */
/* One line about a session: name, id, data, state, position. */
void session_line(const struct session_info *i, char *out, size_t size);

#endif
