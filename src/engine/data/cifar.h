/* engine/data/cifar.h - CIFAR-10 and CIFAR-100, binary versions (methods 1.2). Files are checked whole before they are used:
 * exact size and every label; a message names the file, the record (counted from 0) and the value. */
#ifndef ENGINE_CIFAR_H
#define ENGINE_CIFAR_H

#include "engine/data/dataset.h"

enum { CIFAR_MAX_FILES = 5 };

/* One distribution. A record is label_bytes labels, the last of them the class, then 3072 bytes planar R, G, B. */
struct cifar_kind {
    const char *name;      /* "cifar10" */
    const char *directory; /* name of the unpacked folder */
    int n_files;           /* of the training split, in order */
    const char *train_file[CIFAR_MAX_FILES], *test_file, *names_file;
    uint32_t train_records, test_records; /* in each file */
    int classes;
    int label_bytes;       /* 1; 2 = coarse label first */
    int coarse_classes;
};

extern const struct cifar_kind cifar10_kind, cifar100_kind;

/* Fills classes, names and the complete train and test splits, in file order; not groups, name or digest. `path` is
 * the directory with the files or its parent. On failure *d may be partly filled: dataset_free() it. */
int cifar_load(struct dataset *d, const struct cifar_kind *kind, const char *path, struct err *err);

#endif
