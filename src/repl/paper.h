/* repl/paper.h - the rows of the paper's tables and figures (paper.def), and the lines of the language that set up a run of each. Pure but for
 * paper_images(), which looks for files; any thread. */
#ifndef REPL_PAPER_H
#define REPL_PAPER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum paper_id {
#define PAPER_TABLE(id, ...) PAPER_##id,
#include "repl/paper.def"
    PAPER_TABLES
};
struct paper_table {
    const char *word, *title;
    const char *classes; /* of a figure of densities; NULL: a table of accuracies */
};
extern const struct paper_table paper_tables[PAPER_TABLES];

enum { PAPER_ACC, PAPER_HEAD, PAPER_MID, PAPER_TAIL, PAPER_CELLS };
extern const char *const paper_cell_name[PAPER_CELLS];
struct paper_row {
    enum paper_id of;
    const char *data, *method;
    int beta;                 /* 0: as the data are */
    double rho;               /* NaN: the row names none */
    double cell[PAPER_CELLS]; /* %; NaN: the text has no number that can be read */
    const char *note;         /* or NULL */
    const char *cannot;       /* why this program cannot run it; NULL: it can */
};
extern const struct paper_row paper_rows[];
extern const int n_paper_rows;

struct paper_way { /* how rows are run, where it is not the paper's */
    const char *model; /* NULL: the paper's network */
    long epochs;       /* 0: the paper's; else learning rate and re-weighting change at the same shares of them */
    char math[16];     /* how training multiplies; "": in fp32, as does the paper's code */
    const char *probed; /* classes whose spectra are measured at the end; "": those that figures want */
};

int paper_find(const char *word); /* -1: none */
bool paper_label(const struct paper_row *r, char *out, size_t size); /* "ce+drw+sam b100"; false: it was cut */
const char *paper_model(const struct paper_row *r, const struct paper_way *way);
long paper_epochs(const struct paper_row *r, const struct paper_way *way); /* of the whole run */
long paper_batch(const struct paper_row *r);
int paper_passes(const struct paper_row *r); /* of a step */
double paper_train_images(const struct paper_row *r);
double paper_test_images(const struct paper_row *r);

/* The name of its run, by what it is and not by the table that it stands in: tables share runs. */
void paper_run_name(const struct paper_row *r, const struct paper_way *way, long seed, char *out, size_t size);
/* The lines that set it up, up to `train`; folder: as paper_images() found it. */
void paper_lines(const struct paper_row *r, const struct paper_way *way, long seed, const char *folder, struct buf *out);
/* The folder where its images lie: in `root` or in the folder in it that is called as the set is. false: *missing says what is looked for. */
bool paper_images(const struct paper_row *r, const char *root, char *out, size_t size, const char **missing);

#endif
