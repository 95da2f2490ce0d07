#include "config.h"
#include "engine/data/demo.h"

#include "base/parallel.h"
#include "base/rng.h"
#include "engine/data/demo_shapes.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const demo_class_name[DEMO_CLASSES] = { "circle", "square", "star",    "triangle", "cross",
                                                    "moon",   "heart",  "hexagon", "house",    "flower" };

/* The difficulty of the data. Chosen so that a small network nearly learns the frequent classes in a few minutes on two cores, while
 * plain training gets only one in ten images of the rare ones right and re-weighting more than half. Changing any
 * of this changes the images, and with them the digest that sessions refer to. */
#define BACKGROUND_MOST 0.6f /* brightest background value */
#define LEAST_CONTRAST 0.22f /* shape brighter than the background by so much */
#define TEXTURE_DEPTH 0.15f  /* a pattern's second colour, most difference per channel */
#define NOISE_MOST 0.10f     /* standard deviation */

enum { ROW_VALUES = CIFAR_SIDE * CIFAR_CHANNELS };
typedef uint32_t lane_words __attribute__((vector_size(16)));

static float uniform_between(struct rng *r, float low, float high)
{
    return low + (high - low) * rng_unit(r);
}

static struct colour any_colour(struct rng *r)
{
    struct colour colour;
    for (int ch = 0; ch < CIFAR_CHANNELS; ch++)
        colour.c[ch] = rng_unit(r);
    return colour;
}

static float brightness(const struct colour *colour)
{
    return (colour->c[0] + colour->c[1] + colour->c[2]) / 3;
}

/* Any colour brighter than `other` by `least`: shapes are lit from the front, which spares a small network half of the
 * work. Brightened evenly when a few draws bring none. */
static struct colour brighter_colour(struct rng *r, const struct colour *other, float least)
{
    struct colour colour = any_colour(r);
    for (int i = 0; i < 12 && brightness(&colour) < brightness(other) + least; i++)
        colour = any_colour(r);
    float missing = fmaxf(brightness(other) + least - brightness(&colour), 0);
    for (int ch = 0; ch < CIFAR_CHANNELS; ch++)
        colour.c[ch] = fminf(colour.c[ch] + missing, 1);
    return colour;
}

/* Texture between `a` and a colour up to `depth` away from it. */
static struct paint any_paint(struct rng *r, struct colour a, float depth)
{
    struct paint paint = { .pattern = (enum pattern)rng_below(r, N_PATTERNS), .a = a, .b = a };
    double angle = 2 * M_PI * rng_unit(r);
    float frequency = 1 / uniform_between(r, 3, 9);
    for (int ch = 0; ch < CIFAR_CHANNELS; ch++)
        paint.b.c[ch] = clamp(a.c[ch] + uniform_between(r, -depth, depth), 0, 1);
    paint.dx = frequency * (float)cos(angle);
    paint.dy = frequency * (float)sin(angle);
    paint.phase = rng_unit(r);
    for (int i = 0; i < 49; i++)
        paint.blob[i / 7][i % 7] = rng_unit(r);
    return paint;
}

/* Turn, size, stretch along a random axis. */
static void any_pose(struct rng *r, float matrix[4], float size, float most_turn, float stretch)
{
    double turn = uniform_between(r, -most_turn, most_turn), axis = M_PI * rng_unit(r);
    float longer = uniform_between(r, 1, stretch), c = (float)cos(turn), s = (float)sin(turn);
    float ax = (float)cos(axis), ay = (float)sin(axis), k = longer - 1 / longer;
    float xx = 1 / longer + k * ax * ax, xy = k * ax * ay, yy = 1 / longer + k * ay * ay;
    matrix[0] = size * (xx * c + xy * s);
    matrix[1] = size * (xy * c - xx * s);
    matrix[2] = size * (xy * c + yy * s);
    matrix[3] = size * (yy * c - xy * s);
}

static void draw_piece(struct shape_canvas *canvas, struct rng *r, struct colour colour, float x, float y)
{
    struct outline piece;
    float matrix[4];
    float width = uniform_between(r, 2, 5), height = uniform_between(r, 3, 12); /* in this order, whatever the compiler */
    outline_rectangle(&piece, width, height);
    any_pose(r, matrix, 1, (float)M_PI, 1.4f);
    outline_place(&piece, matrix, x, y);
    struct paint paint = any_paint(r, colour, TEXTURE_DEPTH);
    shape_fill(canvas, &piece, &paint);
}

/* Clutter behind the shape: up to three pieces anywhere. */
static void draw_clutter(struct shape_canvas *canvas, struct rng *r)
{
    uint32_t pieces = rng_below(r, 4);
    for (uint32_t i = 0; i < pieces; i++) {
        float x = uniform_between(r, 0, CIFAR_SIDE), y = uniform_between(r, 0, CIFAR_SIDE);
        draw_piece(canvas, r, any_colour(r), x, y);
    }
}

static void draw_shape(struct shape_canvas *canvas, struct rng *r, int class_index, struct colour colour, float *x, float *y)
{
    struct outline shape;
    float matrix[4], size = uniform_between(r, 5.5f, 9.5f);
    *x = CIFAR_SIDE / 2 + uniform_between(r, -4, 4);
    *y = CIFAR_SIDE / 2 + uniform_between(r, -4, 4);
    outline_of_class(&shape, class_index);
    any_pose(r, matrix, size, 0.6f, 1.25f);
    outline_place(&shape, matrix, *x, *y);
    struct paint paint = any_paint(r, colour, TEXTURE_DEPTH);
    shape_fill(canvas, &shape, &paint);
}

/* A piece, in a colour of its own or of the background, hides part of the shape in more than half of the images. */
static void draw_occluder(struct shape_canvas *canvas, struct rng *r, struct colour background, float x, float y)
{
    if (rng_unit(r) < 0.45f)
        return;
    struct colour colour = rng_unit(r) < 0.5f ? background : any_colour(r);
    x += uniform_between(r, -8, 8);
    y += uniform_between(r, -8, 8);
    draw_piece(canvas, r, colour, x, y);
}

/* Near enough to a normal deviate for sensor noise, and free of libm: the sum of a word's four bytes. */
static lanes noise(const uint32_t words[LANES])
{
    lane_words word;
    memcpy(&word, words, sizeof word);
    lane_words pairs = (word & 0xff00ff) + (word >> 8 & 0xff00ff);
    lane_masks sum = (lane_masks)((pairs + (pairs >> 16)) & 0xffff) - 510;
    return __builtin_convertvector(sum, lanes) * (1 / 147.8f);
}

static void expose(uint8_t *image, const struct shape_canvas *canvas, struct rng *r)
{
    float gain = uniform_between(r, 0.6f, 1.1f), sigma = uniform_between(r, 0.01f, NOISE_MOST), light[ROW_VALUES];
    uint32_t words[CIFAR_VALUES];
    int32_t level[ROW_VALUES];
    rng_fill(r, words, CIFAR_VALUES);
    for (int row = 0; row < CIFAR_SIDE; row++) {
        for (int ch = 0; ch < CIFAR_CHANNELS; ch++) /* the canvas has them apart */
            for (int column = 0; column < CIFAR_SIDE; column++)
                light[column * CIFAR_CHANNELS + ch] = canvas->at[ch][row][column / LANES][column % LANES];
        for (int i = 0; i < ROW_VALUES; i += LANES) {
            lanes value;
            memcpy(&value, light + i, sizeof value);
            value = gain * value + sigma * noise(words + row * ROW_VALUES + i);
            lane_masks rounded = __builtin_convertvector(clamp_lanes(value) * 255 + 0.5f, lane_masks);
            memcpy(level + i, &rounded, sizeof rounded);
        }
        for (int i = 0; i < ROW_VALUES; i++)
            image[row * ROW_VALUES + i] = (uint8_t)level[i];
    }
}

void demo_render(uint8_t *image, int class_index, uint64_t seed, uint32_t number)
{
    struct shape_canvas canvas;
    struct rng r;
    float x, y;
    rng_init(&r, seed, RNG_DEMO, 0, number);
    struct colour background = any_colour(&r);
    for (int ch = 0; ch < CIFAR_CHANNELS; ch++)
        background.c[ch] *= BACKGROUND_MOST;
    struct colour colour = brighter_colour(&r, &background, LEAST_CONTRAST);
    struct paint paint = any_paint(&r, background, TEXTURE_DEPTH);
    shape_clear(&canvas, &paint);
    draw_clutter(&canvas, &r);
    draw_shape(&canvas, &r, class_index, colour, &x, &y);
    draw_occluder(&canvas, &r, background, x, y);
    if (rng_unit(&r) < 0.4f)
        shape_blur(&canvas);
    expose(image, &canvas, &r);
}

struct drawing {
    struct image_set *set;
    uint64_t seed;
    uint32_t split, first[DEMO_CLASSES]; /* first: index of a class's first image */
};

static void draw_image(void *context, int index, int worker)
{
    const struct drawing *job = context;
    const int c = job->set->labels[index];
    (void)worker;
    demo_render(job->set->images + (size_t)index * CIFAR_VALUES, c, job->seed,
                job->split | (uint32_t)c << 20 | ((uint32_t)index - job->first[c]));
}

/* Every processor renders, as the screen waits for it; fewer images than this are not worth a thread of their own. */
static void render_images(struct image_set *set, const uint32_t count[DEMO_CLASSES], uint64_t seed, uint32_t split)
{
    const uint32_t worth_a_thread = 64;
    struct drawing job = { .set = set, .seed = seed, .split = split };
    const int useful = (int)(set->n / worth_a_thread + 1);
    uint32_t next = 0;
    for (int c = 0; c < DEMO_CLASSES; c++) {
        job.first[c] = next;
        for (uint32_t i = 0; i < count[c]; i++)
            set->labels[next++] = c;
    }
    parallel_each(parallel_threads(useful), (int)set->n, draw_image, &job);
}

int demo_render_set(struct dataset *d, const uint32_t *count, uint32_t test_each, uint64_t seed, struct err *err)
{
    const uint32_t most = 1u << 20;
    uint32_t n = 0, test_count[DEMO_CLASSES];
    for (int c = 0; c < DEMO_CLASSES; c++) {
        if (count[c] > most || test_each > most)
            return err_set(err, ERR_RANGE, "demo: %" PRIu32 " images of a class, expected at most %" PRIu32,
                           count[c] > most ? count[c] : test_each, most);
        n += count[c];
        test_count[c] = test_each;
    }
    if (dataset_init(d, DEMO_CLASSES, err) < 0 || image_set_init(&d->train, &image_kind_cifar, n, DEMO_CLASSES, err) < 0 ||
        image_set_init(&d->test, &image_kind_cifar, test_each * DEMO_CLASSES, DEMO_CLASSES, err) < 0)
        return -1;
    for (int c = 0; c < DEMO_CLASSES; c++)
        snprintf(d->class_name[c], CLASS_NAME_SIZE, "%s", demo_class_name[c]);
    render_images(&d->train, count, seed, 0);
    render_images(&d->test, test_count, seed, 1u << 31);
    image_set_recount(&d->train, DEMO_CLASSES);
    image_set_recount(&d->test, DEMO_CLASSES);
    return 0;
}
