/* speed FOLDER SIDE exact|fast JITTER: training images of SIDE pixels, cut out of every JPEG of FOLDER/train at random, resized, mirrored and
 * changed in colour, on one thread; prints how many and the seconds of CPU time that they took. For tests/pictures/speed.py. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "engine/data/augment.h"
#include "engine/data/dataset.h"

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
    struct err err = { 0 };
    struct dataset d;
    if (argc != 5)
        return fprintf(stderr, "usage: speed FOLDER SIDE exact|fast JITTER\n"), 2;
    const struct data_request r = { .source = DATA_FOLDER, .path = argv[1], .imbalance = IMBALANCE_NONE, .size = atoi(argv[2]),
                                    .fast = strcmp(argv[3], "fast") == 0 };
    if (dataset_open(&d, &r, &err) < 0)
        return fprintf(stderr, "speed: %s\n", err.text), 1;
    const struct augment augment = { .on = true, .seed = 1, .resized = true, .jitter = strtof(argv[4], NULL) };
    float *out = malloc(image_values(d.train.kind.size) * sizeof *out);
    const double from = cpu_seconds();
    for (uint32_t i = 0; out && i < d.train.n; i++)
        if (batch_fill(out, NULL, &(const struct image_list){ &d.train, &i, 1 }, &augment, &err) < 0)
            return fprintf(stderr, "speed: %s\n", err.text), 1;
    printf("%u %.3f\n", d.train.n, cpu_seconds() - from);
    free(out);
    dataset_free(&d);
    return 0;
}
