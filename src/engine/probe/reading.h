/* engine/probe/reading.h - other classifiers on the features of a trained network, whose weights stay as they are: normalised rows
 * (Kang et al. 2020), outputs adjusted by the class frequencies (Menon et al. 2021), nearest class means. A reading gives each image
 * one score per class; the largest is its answer. All arithmetic in double. Pure, any thread; nothing here knows a back end.
 *
 *   tau_norm       z_j = <w_j, f> / |w_j|^tau, without bias; tau 0 is the classifier itself without its bias
 *   tau_post       z_j = z_j - tau ln(n_j / n), n_j training images of the class
 *   ncm...         -|f - m_j|^2 or <f, m_j> or the cosine, m_j the class's mean over the training features: as they are, of unit
 *                  length (l2n), or moved by the mean of all and then of unit length (cl2n). Means are not normalised again.
 */
#ifndef ENGINE_READING_H
#define ENGINE_READING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum reading_space { SPACE_NONE, SPACE_RAW, SPACE_UNIT, SPACE_CENTRED }; /* what class means are taken of; NONE: it needs none */
enum reading_measure { MEASURE_DISTANCE, MEASURE_PRODUCT, MEASURE_COSINE };

/* READING(ID, name, has tau, space, measure, help) */
#define READING_TABLE(READING)                                                                                                        \
    READING(PLAIN, "plain", false, NONE, DISTANCE, "the network's own classifier")                                                     \
    READING(TAU_NORM, "tau_norm", true, NONE, DISTANCE, "rows of the classifier divided by their length to the power tau, no bias")    \
    READING(TAU_POST, "tau_post", true, NONE, DISTANCE, "outputs minus tau times the logarithm of the class's share of the images")    \
    READING(NCM, "ncm", false, RAW, DISTANCE, "nearest class mean of the features")                                                    \
    READING(NCM_L2N, "ncm_l2n", false, UNIT, DISTANCE, "nearest class mean of features of unit length")                                \
    READING(NCM_CL2N, "ncm_cl2n", false, CENTRED, DISTANCE, "nearest class mean of centred features of unit length")                   \
    READING(NCM_COSINE, "ncm_cosine", false, RAW, COSINE, "class mean of largest cosine")                                              \
    READING(NCM_DOT, "ncm_dot", false, RAW, PRODUCT, "class mean of largest inner product")                                            \
    READING(NCM_L2N_DOT, "ncm_l2n_dot", false, UNIT, PRODUCT, "the same with features of unit length")                                 \
    READING(NCM_CL2N_DOT, "ncm_cl2n_dot", false, CENTRED, PRODUCT, "the same with centred features of unit length")

enum reading_kind {
#define READING_ENUM(id, ...) READING_##id,
    READING_TABLE(READING_ENUM)
#undef READING_ENUM
    READING_COUNT
};
struct reading_info {
    const char *name, *help;
    bool has_tau;
    enum reading_space space;
    enum reading_measure measure;
};
extern const struct reading_info reading_table[READING_COUNT];
enum { READING_MOST_TAU = 10 };
int reading_find(const char *name, struct err *err); /* -1 with *err naming what exists */

/* Features and outputs that a network made of the images of one split. Owns its arrays. */
struct bank {
    uint32_t n;
    int features, classes;
    float *feature; /* [n][features] */
    float *logit;   /* [n][classes] */
    int32_t *label; /* [n] */
};
int bank_init(struct bank *b, uint32_t n, int features, int classes, struct err *err); /* -1: no memory, *b empty */
void bank_release(struct bank *b);                                                     /* a zeroed struct is allowed */

/* Class means of a bank, in a space. A class without images has none (NaN) and is never an answer. Owns its arrays. */
struct class_means {
    enum reading_space space;
    int features, classes;
    double *mean;   /* [classes][features] */
    double *centre; /* [features], of all images; zero unless SPACE_CENTRED */
};
int class_means_init(struct class_means *c, enum reading_space space, const struct bank *of, struct err *err);
void class_means_release(struct class_means *c); /* a zeroed struct is allowed */

/* A way to read the images of a bank. Fields that its kind does not need may be NULL. */
struct reading {
    enum reading_kind kind;
    double tau;
    const struct bank *bank;
    const double *length;            /* [classes] |w_j|: tau_norm */
    const float *bias;               /* [classes]: tau_norm */
    const uint32_t *count;           /* [classes] training images, each above 0 where tau is: tau_post */
    double scale;                    /* of the outputs in the loss (LDAM's s), else 1: tau_post */
    const struct class_means *means; /* ncm */
};

/* score[classes] of image i; room[features] is scratch. */
void reading_scores(const struct reading *r, uint32_t i, double *score, double *room);
/* The class with the largest score, ties going to the lowest index; 0 when all are NaN. */
int reading_answer(const double *score, int classes);

/* Does a READING event of these values complete a reading? Where tau was chosen on val, what it comes to on test is told first. */
bool reading_completes(const char *split, const char *chosen);

/* hits[classes] and count[classes] of all images of the bank. -1: no memory. */
int reading_count(const struct reading *r, uint32_t *hits, uint32_t *count, struct err *err);

#endif
