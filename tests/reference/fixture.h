/* tests/reference/fixture.h - finds and reads the reference numbers; shared by fixtures and spectra.
 * These programs are tests: the helpers print and exit. Exit status 77 (skip) when there are no fixtures or no such
 * back end, 1 when something in them cannot be read. */
#ifndef TESTS_REFERENCE_FIXTURE_H
#define TESTS_REFERENCE_FIXTURE_H

#include <stdint.h>

#include <jansson.h>

#include "base/safetensors.h"
#include "engine/image_geometry.h"
#include "kernels/backend.h"

struct images { /* NHWC and int32, as back ends want them */
    struct batch batch;
    struct image_geometry geometry;
    float *pixels;
    int32_t *labels;
};

__attribute__((noreturn, format(printf, 2, 3))) void fixture_stop(int status, const char *format, ...);

/* The back end by name, or exit 77 with the reason. */
const struct backend *fixture_backend(const char *name);
int fixture_device(void); /* the number of its device */
/* $SADDLE_FIXTURES, else $top_srcdir/../shared/fixtures; exit 77 when expected.json is not there. */
void fixture_path(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
json_t *fixture_expected(void);
json_t *fixture_rounding(void); /* tests/reference/rounding.json of the source tree */
struct safetensors *fixture_open(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Tensors PREFIXimages [N,C,H,W] and PREFIXlabels of a file. */
void fixture_images(struct images *out, const struct safetensors *file, const char *prefix);
void fixture_interleave(float *out, const float *planar, uint32_t n, size_t channels, size_t plane); /* [n][C][H W] to [n][H W][C] */
void fixture_images_release(struct images *images);
/* path.to.member of an object; exits 1 when it is missing. */
json_t *fixture_member(json_t *object, const char *key);
double fixture_number(json_t *object, const char *key);
int fixture_threads(void);
float *fixture_vector(const struct backend *b, struct model *m, size_t n);

#endif
