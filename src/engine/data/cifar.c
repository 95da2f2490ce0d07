#include "config.h"
#include "engine/data/cifar.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PLANE = CIFAR_SIDE * CIFAR_SIDE, PATH_SIZE = 4096 };

const struct cifar_kind cifar10_kind = {
    .name = "cifar10",
    .directory = "cifar-10-batches-bin",
    .n_files = 5,
    .train_file = { "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin" },
    .test_file = "test_batch.bin",
    .names_file = "batches.meta.txt",
    .train_records = 10000,
    .test_records = 10000,
    .classes = 10,
    .label_bytes = 1,
};

const struct cifar_kind cifar100_kind = {
    .name = "cifar100",
    .directory = "cifar-100-binary",
    .n_files = 1,
    .train_file = { "train.bin" },
    .test_file = "test.bin",
    .names_file = "fine_label_names.txt",
    .train_records = 50000,
    .test_records = 10000,
    .classes = 100,
    .label_bytes = 2,
    .coarse_classes = 20,
};

static int join_path(char path[PATH_SIZE], const char *folder, const char *name, struct err *err)
{
    if (snprintf(path, PATH_SIZE, "%s/%s", folder, name) >= PATH_SIZE)
        return err_set(err, ERR_DATA, "%.60s...: path is longer than %d bytes", folder, PATH_SIZE - 1);
    return 0;
}

/* Refuses the Python version, which torchvision downloads, where the binary version is looked for. Always -1. */
static int say_python(const struct cifar_kind *kind, const char *where, struct err *err)
{
    return err_set(err, ERR_DATA, "%s: %.200s is the Python version (pickles), as torchvision has it; saddle reads the binary version: unpack "
                   "%s.tar.gz of www.cs.toronto.edu/~kriz/cifar.html and name its folder", kind->name, where,
                   kind->label_bytes == 1 ? "cifar-10-binary" : "cifar-100-binary");
}

static bool file_is_there(const char *folder, const char *name)
{
    char path[PATH_SIZE];
    return snprintf(path, sizeof path, "%s/%s", folder, name) < PATH_SIZE && access(path, F_OK) == 0;
}

/* Says so when `path` holds CIFAR in another form. */
static int other_form(const struct cifar_kind *kind, const char *path, struct err *err)
{
    const bool ten = kind->label_bytes == 1;
    const char *folder = ten ? "cifar-10-batches-py" : "cifar-100-python", *file = ten ? "data_batch_1" : "train", *meta = ten ? "batches.meta" : "meta";
    const size_t n = strlen(path);
    char below[PATH_SIZE];
    if (file_is_there(path, file) && file_is_there(path, meta))
        return say_python(kind, path, err);
    if (snprintf(below, sizeof below, "%s/%s", path, folder) < PATH_SIZE && file_is_there(below, meta))
        return say_python(kind, below, err);
    if (n > 7 && strcmp(path + n - 7, ".tar.gz") == 0)
        return err_set(err, ERR_DATA, "%s: %.200s is packed; 'tar xzf' it and name the folder%s", kind->name, path,
                       strstr(path, "python") ? " of the binary version, which this is not by its name" : "");
    return 0;
}

/* The folder that holds the first training file: path itself or its sub-folder of the distribution's name. */
static int find_folder(char folder[PATH_SIZE], const struct cifar_kind *kind, const char *path, struct err *err)
{
    char file[PATH_SIZE], below[PATH_SIZE];
    struct stat info;
    if (!path || !*path)
        return err_set(err, ERR_DATA, "%s: no directory given, expected one with %s (the binary version of the data set)",
                       kind->name, kind->train_file[0]);
    if (join_path(below, path, kind->directory, err) < 0)
        return -1;
    const char *tried[] = { path, below };
    for (int i = 0; i < 2; i++) {
        if (join_path(file, tried[i], kind->train_file[0], err) < 0)
            return -1;
        if (stat(file, &info) == 0) {
            memcpy(folder, tried[i], strlen(tried[i]) + 1);
            return 0;
        }
        if (errno != ENOENT && errno != ENOTDIR)
            return err_io(err, "%s: %s", kind->name, file);
    }
    if (other_form(kind, path, err) < 0)
        return -1;
    return err_set(err, ERR_DATA, "%s: neither %s nor %s there holds %s (the binary version of the data set)", kind->name,
                   path, kind->directory, kind->train_file[0]);
}

static int check_size(const struct cifar_kind *kind, const char *file, uint64_t size, uint32_t records, struct err *err)
{
    uint64_t record = (uint64_t)kind->label_bytes + CIFAR_VALUES, expected = record * records;
    if (size < expected)
        return err_set(err, ERR_DATA,
                       "%s: %s ends inside record %" PRIu64 ": %" PRIu64 " bytes, expected %" PRIu64 " (%" PRIu32
                       " records of %" PRIu64 ")", kind->name, file, size / record, size, expected, records, record);
    if (size > expected)
        return err_set(err, ERR_DATA,
                       "%s: %s goes on after record %" PRIu32 ": %" PRIu64 " bytes, expected %" PRIu64 " (%" PRIu32
                       " records of %" PRIu64 ")", kind->name, file, records - 1, size, expected, records, record);
    return 0;
}

/* The whole file, or NULL: its size is known to be right before anything is allocated. */
static uint8_t *read_records(const struct cifar_kind *kind, const char *file, uint32_t records, struct err *err)
{
    struct stat info;
    uint8_t *bytes = NULL;
    FILE *in = fopen(file, "rb");
    if (!in || fstat(fileno(in), &info) < 0) {
        err_io(err, "%s: %s", kind->name, file);
        goto out;
    }
    if (!S_ISREG(info.st_mode)) {
        err_set(err, ERR_DATA, "%s: %s is not a regular file", kind->name, file);
        goto out;
    }
    if (check_size(kind, file, (uint64_t)info.st_size, records, err) < 0)
        goto out;
    bytes = malloc((size_t)info.st_size);
    if (!bytes) {
        err_set(err, ERR_MEMORY, "%s: no memory for the %jd bytes of %s", kind->name, (intmax_t)info.st_size, file);
    } else if (fread(bytes, 1, (size_t)info.st_size, in) != (size_t)info.st_size) {
        err_io(err, "%s: %s", kind->name, file);
        free(bytes);
        bytes = NULL;
    }
out:
    if (in)
        fclose(in);
    return bytes;
}

static void planar_to_hwc(uint8_t *restrict hwc, const uint8_t *restrict planar)
{
    for (int i = 0; i < PLANE; i++) {
        hwc[3 * i] = planar[i];
        hwc[3 * i + 1] = planar[PLANE + i];
        hwc[3 * i + 2] = planar[2 * PLANE + i];
    }
}

static int check_record_labels(const struct cifar_kind *kind, const char *file, uint32_t record, const uint8_t *label,
                               struct err *err)
{
    int fine = label[kind->label_bytes - 1];
    if (fine >= kind->classes)
        return err_set(err, ERR_DATA, "%s: %s: record %" PRIu32 ": label %d, expected 0..%d", kind->name, file, record,
                       fine, kind->classes - 1);
    if (kind->label_bytes == 2 && label[0] >= kind->coarse_classes)
        return err_set(err, ERR_DATA, "%s: %s: record %" PRIu32 ": coarse label %d, expected 0..%d", kind->name, file,
                       record, label[0], kind->coarse_classes - 1);
    return 0;
}

struct cifar_part { /* of a set */
    struct image_set *set;
    uint32_t first, n;
};

/* Decodes one file into its part of a set. */
static int load_file(const struct cifar_part *part, const struct cifar_kind *kind, const char *folder, const char *name, struct err *err)
{
    struct image_set *set = part->set;
    char file[PATH_SIZE];
    if (join_path(file, folder, name, err) < 0)
        return -1;
    uint8_t *bytes = read_records(kind, file, part->n, err);
    if (!bytes)
        return -1;
    const uint8_t *record = bytes;
    int result = 0;
    for (uint32_t i = 0; i < part->n && result == 0; i++, record += kind->label_bytes + CIFAR_VALUES) {
        result = check_record_labels(kind, file, i, record, err);
        set->labels[part->first + i] = record[kind->label_bytes - 1];
        planar_to_hwc(set->images + (size_t)(part->first + i) * CIFAR_VALUES, record + kind->label_bytes);
    }
    free(bytes);
    return result;
}

/* One name a line; blank lines are skipped (the published file ends in one). */
static int load_names(struct dataset *d, const struct cifar_kind *kind, const char *folder, struct err *err)
{
    char file[PATH_SIZE], line[256];
    int n = 0;
    if (join_path(file, folder, kind->names_file, err) < 0)
        return -1;
    FILE *in = fopen(file, "r");
    if (!in)
        return err_io(err, "%s: %s", kind->name, file);
    while (fgets(line, sizeof line, in)) {
        size_t len = strcspn(line, "\r\n \t");
        if (!len)
            continue;
        if (len >= CLASS_NAME_SIZE || n == d->classes) {
            fclose(in);
            return err_set(err, ERR_DATA, "%s: %s: line '%.*s': expected %d names of at most %d bytes", kind->name, file,
                           (int)len, line, d->classes, CLASS_NAME_SIZE - 1);
        }
        for (size_t i = 0; i < len; i++) /* names are shown on a terminal: nothing may move its cursor */
            d->class_name[n][i] = (unsigned char)line[i] < 0x20 || line[i] == 0x7f ? '?' : line[i];
        n++;
    }
    fclose(in);
    if (n < d->classes)
        return err_set(err, ERR_DATA, "%s: %s: %d class names, expected %d", kind->name, file, n, d->classes);
    return 0;
}

int cifar_load(struct dataset *d, const struct cifar_kind *kind, const char *path, struct err *err)
{
    char folder[PATH_SIZE];
    if (find_folder(folder, kind, path, err) < 0 || dataset_init(d, kind->classes, err) < 0 ||
        load_names(d, kind, folder, err) < 0 ||
        image_set_init(&d->train, &image_kind_cifar, (uint32_t)kind->n_files * kind->train_records, kind->classes, err) < 0 ||
        image_set_init(&d->test, &image_kind_cifar, kind->test_records, kind->classes, err) < 0)
        return -1;
    for (int i = 0; i < kind->n_files; i++) {
        const struct cifar_part part = { &d->train, (uint32_t)i * kind->train_records, kind->train_records };
        if (load_file(&part, kind, folder, kind->train_file[i], err) < 0)
            return -1;
    }
    if (load_file(&(const struct cifar_part){ &d->test, 0, kind->test_records }, kind, folder, kind->test_file, err) < 0)
        return -1;
    image_set_recount(&d->train, kind->classes);
    image_set_recount(&d->test, kind->classes);
    return 0;
}
