/* engine/data/dataset.h - the data of a run: a training split in class order, a test split, and
 * optionally a validation split, held out of the training one or of what the imbalance profile leaves out.
 *
 * dataset_open() makes one from a request; everything in it is read-only afterwards and may be read by any thread.
 * The same request gives the same bytes on every machine (`digest` says so): nothing depends on the run's seed. */
#ifndef ENGINE_DATASET_H
#define ENGINE_DATASET_H

#include "base/digest.h"
#include "base/err.h"
#include "engine/image_geometry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DATASET_MAX_CLASSES = 10000, CLASS_NAME_SIZE = 32 };

/* A channel's byte becomes (byte/255 - mean)/std. */
struct image_norm {
    double mean[IMAGE_MAX_CHANNELS], std[IMAGE_MAX_CHANNELS];
};

/* The kind of a data set's images, the same in every split. */
struct image_kind {
    struct image_geometry size;
    bool floats;            /* already normalised: only `data tensors` */
    struct image_norm norm; /* of bytes */
};
extern const struct image_kind image_kind_cifar; /* 32x32x3 bytes, CIFAR-10's mean and deviation (methods 1.4): CIFAR-100 and the demo too */

/* Access to the images of a set. They need not lie in memory: whoever wants one asks for it by its position. */
struct image_set;
struct augment; /* engine/data/augment.h */
struct image_reader {
    /* One image as it is stored, bytes or floats: in the set's own memory, or read into room [image_bytes()]. NULL with *err. Any thread,
     * several at once; what is given depends on the position alone. */
    const void *(*get)(const struct image_set *set, uint32_t position, void *room, struct err *err);
    void (*release)(struct image_set *set); /* what it keeps */
    /* NULL in both: images are copied into memory, and are known by their bytes. */
    void *(*choose)(const struct image_set *from, const uint32_t *position, uint32_t n); /* what a set of these n keeps; NULL: no memory */
    void (*identify)(const struct image_set *set, uint32_t position, struct digest *sum); /* adds what an image is known by */
    /* A training image cut out of the picture as it is on disk, where augment_box() says, and resized to the set's size; bytes into room.
     * NULL: there is no more of it than what get() gives. Any thread, several at once. */
    int (*crop)(const struct image_set *set, uint32_t position, const struct augment *augment, void *room, struct err *err);
};
extern const struct image_reader image_reader_resident; /* all of them in memory: every set but large ones of pictures */

/* One split. Images are HWC, row-major, RGB or grey: value (y, x, ch) of an image at (y * width + x) * channels + ch. */
struct image_set {
    uint32_t n;
    struct image_kind kind;
    const struct image_reader *reader;
    void *kept;      /* the reader's own */
    /* resident sets: one of these; else both are NULL */
    uint8_t *images; /* [n][height][width][channels], 0..255 */
    float *pixels;   /* the same of floats */
    int32_t *labels; /* [n], 0..classes-1 */
    uint32_t *count; /* [classes] images of each class in this split */
};

enum class_group { GROUP_HEAD, GROUP_MID, GROUP_TAIL, N_GROUPS };
extern const char *const class_group_name[N_GROUPS]; /* "head", "mid", "tail" */

struct dataset {
    char name[64]; /* "cifar10-lt beta=100", "cifar100-step beta=50", "demo-lt beta=100", "demo", "tensors FILE", "folder DIR", "list FILE-lt beta=100" */
    char note[2048]; /* what a loader left out, to be told; "": nothing */
    int classes;
    char (*class_name)[CLASS_NAME_SIZE]; /* [classes] */
    struct image_set train; /* class-major (all of class 0, then class 1 ...) except with `data tensors` */
    struct image_set test;  /* n may be 0 with tensors, folder and list only */
    struct image_set val;   /* n = 0 unless asked for */
    uint32_t *profile;      /* [classes] training images by the profile, before any of them were held out */
    uint8_t *group;              /* [classes] enum class_group */
    int group_classes[N_GROUPS]; /* classes in each group; 0 = the group does not exist (Step has no mid) */
    char digest[DIGEST_HEX];     /* SHA-256 of train: unless it is CIFAR's, the size (16-bit little-endian height, width; channels); images (or
                                    pixels), then labels as little-endian int32. Pictures that are not in memory are known by name and
                                    number of bytes instead, and by how they are decoded */
    char test_digest[DIGEST_HEX]; /* the same of test, then val: what a run is measured on */
};

enum data_source { DATA_CIFAR10, DATA_CIFAR100, DATA_DEMO, DATA_TENSORS, DATA_FOLDER, DATA_LIST };

enum imbalance { /* methods 1.1 */
    IMBALANCE_EXP, /* long-tailed */
    IMBALANCE_STEP,
    IMBALANCE_NONE /* balanced */
};

/* The data to load. Zero-filled apart from source (and path) it means: long-tailed, beta 100, the reference's subset. */
struct data_request {
    enum data_source source;
    const char *path;         /* CIFAR, folder: directory; tensors, list: file; demo: unused */
    enum imbalance imbalance; /* tensors are taken as they are, whatever this says */
    double beta;              /* n_max / n_min >= 1; 0 = 100; without meaning for tensors and IMBALANCE_NONE */
    uint32_t subset_seed;     /* CIFAR: the reference's rand_number, which picks the kept images (methods 1.2) */
    uint64_t demo_seed;       /* demo: another seed renders other images */
    uint32_t demo_largest;    /* demo: images of the largest class; 0 = DEMO_LARGEST */
    uint32_t demo_test;       /* demo: test images per class; 0 = DEMO_TEST */
    int tensor_classes;       /* tensors, list: how many classes there are; 0 = largest label + 1 */
    int size, resize;         /* folder, list: pixels of a side; of the shorter side before the centre is cut out (0 = size * 8/7 from 128 on, else size) */
    bool skip_bad;            /* folder, list: what cannot be decoded is left out */
    uint32_t kept_mib;        /* folder, list: decoded at once when all pictures take up to so many MiB, and their files a quarter of it */
    bool fast;                /* folder, list: JPEG decoded at a fraction of its size */
    const char *test_list, *val_list, *names_list, *list_root; /* list: files and folder, NULL or "" = none */
    const char *groups;       /* "paper" or NULL, "shots", or ranges: see imbalance_groups() */
    uint32_t val;             /* validation images, in all */
    bool val_unused;          /* from those that the profile leaves out: dataset_hold_out_each(); else dataset_hold_out() */
};

/* Fills *out; the caller releases it with dataset_free(). On failure *out is zeroed. Reads files, allocates, may take
 * a second; nothing of the request is kept. */
int dataset_open(struct dataset *out, const struct data_request *request, struct err *err);

/* Releases everything; *d is zeroed. Accepts a zeroed one. */
void dataset_free(struct dataset *d);

size_t dataset_memory(const struct dataset *d); /* bytes of its images, as far as they are in memory */
size_t image_bytes(const struct image_kind *kind); /* of one as it is stored */
static inline bool image_set_resident(const struct image_set *set)
{
    return set->images || set->pixels;
}

/* The first `max` images of a class, in the set's order: their positions go to index (room for max), result = how many.
 * This is the deterministic subset that curvature probes use. */
uint32_t image_set_of_class(const struct image_set *set, int class_index, uint32_t *index, uint32_t max);

/* --- for loaders ------------------------------------------------------------------------------------------------- */

/* Room for n images of one kind, labels and counts; n may be 0. */
int image_set_init(struct image_set *set, const struct image_kind *kind, uint32_t n, int classes, struct err *err);
/* The same without room for images: they are had through `reader`, whose `kept` the caller adds. */
int image_set_init_read(struct image_set *set, const struct image_kind *kind, const struct image_reader *reader, uint32_t n, int classes, struct err *err);
void image_set_release(struct image_set *set);

/* count[] from labels[]. */
void image_set_recount(struct image_set *set, int classes);

/* Replaces set by its images at position[0..n), in that order. On failure the set is unchanged. */
int image_set_select(struct image_set *set, const uint32_t *position, uint32_t n, int classes, struct err *err);

/* classes, class_name[] (empty), profile[] (0) and group[] (all head). */
int dataset_init(struct dataset *d, int classes, struct err *err);

/* Moves n training images to val, n in all: each class gives in proportion to its size, at least one if it has two
 * or more, never its last one, and always the end of its list. n is refused when it is smaller than one for each such
 * class or leaves a class empty. */
int dataset_hold_out(struct dataset *d, uint32_t n, struct err *err);

/* Moves the last n / classes images of each class's list to val. n is refused when it is no multiple of the classes or leaves a class
 * empty. dataset_open() has put as many of the images that the profile leaves out behind the kept ones, where there are as many:
 * class c then gives profile[c] - train.count[c] of its kept images. */
int dataset_hold_out_each(struct dataset *d, uint32_t n, struct err *err);

#endif
