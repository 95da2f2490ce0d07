#include "config.h"
#include "tests/reference/fixture.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

void fixture_stop(int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    exit(status);
}

static int device;

int fixture_device(void)
{
    return device;
}

const struct backend *fixture_backend(const char *name)
{
    struct err err = { 0 };
    const struct backend *b = backend_find(name, &device, &err);
    if (!b)
        fixture_stop(77, "skip: %s", err.text);
    return b;
}

static void folder(char *out, size_t size)
{
    const char *set = getenv("SADDLE_FIXTURES"), *source = getenv("top_srcdir");
    if (set)
        snprintf(out, size, "%s", set);
    else
        snprintf(out, size, "%s/../shared/fixtures", source ? source : ".");
}

void fixture_path(char *out, size_t size, const char *format, ...)
{
    folder(out, size);
    size_t used = strlen(out);
    va_list args;
    va_start(args, format);
    snprintf(out + used, size - used, "/");
    vsnprintf(out + used + 1, size - used - 1, format, args);
    va_end(args);
}

json_t *fixture_expected(void)
{
    char path[4096];
    json_error_t why;
    fixture_path(path, sizeof path, "expected.json");
    if (access(path, R_OK) != 0)
        fixture_stop(77, "skip: no reference numbers at %s (set SADDLE_FIXTURES)", path);
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
    if (!root)
        fixture_stop(1, "%s: %s", path, why.text);
    return root;
}

json_t *fixture_rounding(void)
{
    char path[4096];
    json_error_t why;
    const char *source = getenv("top_srcdir");
    snprintf(path, sizeof path, "%s/tests/reference/rounding.json", source ? source : ".");
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
    if (!root)
        fixture_stop(1, "%s: %s", path, why.text);
    return root;
}

struct safetensors *fixture_open(const char *format, ...)
{
    char name[256], path[4096];
    struct err err = { 0 };
    va_list args;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    fixture_path(path, sizeof path, "%s", name);
    struct safetensors *s = safetensors_open(path, &err);
    if (!s)
        fixture_stop(1, "%s", err.text);
    return s;
}

static const struct safetensors_tensor *tensor_of(const struct safetensors *file, const char *prefix, const char *name)
{
    char full[128];
    snprintf(full, sizeof full, "%s%s", prefix, name);
    const struct safetensors_tensor *t = safetensors_find(file, full);
    if (!t)
        fixture_stop(1, "no tensor '%s'", full);
    return t;
}

void fixture_interleave(float *out, const float *planar, uint32_t n, size_t channels, size_t plane)
{
    for (size_t i = 0; i < n; i++)
        for (size_t p = 0; p < plane; p++)
            for (size_t c = 0; c < channels; c++)
                out[(i * plane + p) * channels + c] = planar[(i * channels + c) * plane + p];
}

void fixture_images(struct images *out, const struct safetensors *file, const char *prefix)
{
    const struct safetensors_tensor *images = tensor_of(file, prefix, "images"), *labels = tensor_of(file, prefix, "labels");
    uint32_t n = (uint32_t)labels->count;
    if (images->rank != 4 || images->dims[0] != n)
        fixture_stop(1, "%simages: wrong size", prefix);
    float *planar = malloc(images->count * sizeof *planar);
    int64_t *wide = malloc(n * sizeof *wide);
    *out = (struct images){ .pixels = malloc(images->count * sizeof *planar), .labels = malloc(n * sizeof *out->labels) };
    if (!planar || !wide || !out->pixels || !out->labels || safetensors_to_float(images, planar, NULL) < 0 ||
        safetensors_to_int64(labels, wide, NULL) < 0)
        fixture_stop(1, "%simages: cannot be read", prefix);
    for (uint32_t i = 0; i < n; i++)
        out->labels[i] = (int32_t)wide[i];
    fixture_interleave(out->pixels, planar, n, images->dims[1], images->dims[2] * images->dims[3]);
    out->geometry = (struct image_geometry){ (int)images->dims[2], (int)images->dims[3], (int)images->dims[1] };
    out->batch = (struct batch){ .n = n, .images = out->pixels, .labels = out->labels };
    free(planar);
    free(wide);
}

void fixture_images_release(struct images *images)
{
    free(images->pixels);
    free(images->labels);
}

json_t *fixture_member(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    if (!value)
        fixture_stop(1, "expected.json: no '%s'", key);
    return value;
}

double fixture_number(json_t *object, const char *key)
{
    return json_number_value(fixture_member(object, key));
}

int fixture_threads(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > 16 ? 16 : (int)n;
}

float *fixture_vector(const struct backend *b, struct model *m, size_t n)
{
    struct err err = { 0 };
    float *v = b->vec_new(m, n, &err);
    if (!v)
        fixture_stop(1, "%s", err.text);
    return v;
}
