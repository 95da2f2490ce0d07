/* JPEG by libjpeg. Its errors come back by longjmp() to the function that called it; nothing is allocated between. */
#include "config.h"
#include "engine/data/picture_private.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "base/err.h"

struct jpeg {
    struct picture p;
    struct jpeg_decompress_struct d;
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    jmp_buf failed;
    bool started, inverted;
    char why[JMSG_LENGTH_MAX];
    uint8_t *inks; /* [4 * width] of CMYK */
};

static struct jpeg *of(j_common_ptr d)
{
    return d->client_data;
}

static void jpeg_fail(j_common_ptr d)
{
    d->err->format_message(d, of(d)->why);
    longjmp(of(d)->failed, 1);
}

static void jpeg_warn(j_common_ptr d, int level)
{
    if (level < 0)
        of(d)->p.facts.warnings++;
}

static void nothing(j_decompress_ptr d)
{
    (void)d;
}

static boolean ended(j_decompress_ptr d)
{
    snprintf(of((j_common_ptr)d)->why, JMSG_LENGTH_MAX, "it ends too early");
    longjmp(of((j_common_ptr)d)->failed, 1);
}

static void skip(j_decompress_ptr d, long n)
{
    if (n > 0 && (unsigned long)n > d->src->bytes_in_buffer)
        ended(d);
    if (n > 0) {
        d->src->next_input_byte += n;
        d->src->bytes_in_buffer -= (size_t)n;
    }
}

static void count_scans(j_common_ptr d)
{
    if (d->is_decompressor && ((j_decompress_ptr)d)->input_scan_number > PICTURE_MAX_SCANS) {
        snprintf(of(d)->why, JMSG_LENGTH_MAX, "more than %d scans", PICTURE_MAX_SCANS);
        longjmp(of(d)->failed, 1);
    }
}

static void close_jpeg(struct picture *p)
{
    struct jpeg *j = (struct jpeg *)p;
    jpeg_destroy_decompress(&j->d);
    free(j->inks);
    free(j);
}

/* --- EXIF: the orientation and nothing else ------------------------------------------------------------------------ */

static unsigned exif_number(const uint8_t *b, int bytes, bool big)
{
    unsigned n = 0;
    for (int i = 0; i < bytes; i++)
        n |= (unsigned)b[i] << 8 * (big ? bytes - 1 - i : i);
    return n;
}

/* The orientation in a TIFF header and its first directory; 0 where there is none or it does not fit into size. */
static int orientation_of(const uint8_t *tiff, size_t size)
{
    if (size < 8 || (tiff[0] != 'M' && tiff[0] != 'I'))
        return 0;
    const bool big = tiff[0] == 'M';
    const size_t at = exif_number(tiff + 4, 4, big);
    if (at > size - 2)
        return 0;
    const unsigned n = exif_number(tiff + at, 2, big);
    for (size_t i = 0, e = at + 2; i < n && e + 12 <= size; i++, e += 12) {
        const unsigned value = exif_number(tiff + e + 8, 2, big);
        if (exif_number(tiff + e, 2, big) == 0x112 && exif_number(tiff + e + 2, 2, big) == 3)
            return value >= 1 && value <= 8 ? (int)value : 0;
    }
    return 0;
}

static int find_orientation(const struct jpeg_decompress_struct *d)
{
    for (jpeg_saved_marker_ptr m = d->marker_list; m; m = m->next)
        if (m->marker == JPEG_APP0 + 1 && m->data_length > 6 && memcmp(m->data, "Exif\0", 6) == 0)
            return orientation_of(m->data + 6, m->data_length - 6);
    return 0;
}

/* --- reading ------------------------------------------------------------------------------------------------------- */

static void inks_to_rgb(uint8_t *rgb, const uint8_t *inks, int width, bool inverted)
{
    for (int x = 0; x < width; x++, inks += 4, rgb += 3)
        for (int ch = 0; ch < 3; ch++) {
            const int flip = inverted ? 0 : 255, ink = inks[ch] ^ flip, white = inks[3] ^ flip, t = (255 - ink) * white + 128;
            const int dark = ((t >> 8) + t) >> 8; /* (255 - ink) white / 255, rounded as Pillow does */
            rgb[ch] = (uint8_t)(white > dark ? white - dark : 0);
        }
}

static int start_jpeg(struct jpeg *j)
{
    jpeg_start_decompress(&j->d);
    j->started = true;
    if (j->d.out_color_space == JCS_CMYK && !(j->inks = malloc((size_t)j->d.output_width * 4)))
        return -1;
    return 0;
}

/* A function of its own: what setjmp() stands in may lose its variables. */
static __attribute__((noinline)) bool read_row(struct jpeg *j, uint8_t *rgb)
{
    if (!j->started && start_jpeg(j) < 0)
        return false;
    JSAMPROW row = j->inks ? j->inks : rgb;
    jpeg_read_scanlines(&j->d, &row, 1);
    if (j->inks)
        inks_to_rgb(rgb, j->inks, j->p.facts.width, j->inverted);
    return true;
}

static int read_jpeg(struct picture *p, uint8_t *rgb, struct err *err)
{
    struct jpeg *j = (struct jpeg *)p;
    if (setjmp(j->failed))
        return err_set(err, ERR_DATA, "%s", j->why);
    return read_row(j, rgb) ? 0 : err_set(err, ERR_MEMORY, "no memory for a row");
}

static int skip_jpeg(struct picture *p, int rows, struct err *err)
{
    struct jpeg *j = (struct jpeg *)p;
    if (setjmp(j->failed))
        return err_set(err, ERR_DATA, "%s", j->why);
    if (!j->started && start_jpeg(j) < 0)
        return err_set(err, ERR_MEMORY, "no memory for a row");
    jpeg_skip_scanlines(&j->d, (JDIMENSION)rows);
    return 0;
}

enum { BESIDE = 32 }; /* columns more on each side: what upsampling of colour looks at, in whole blocks */

static __attribute__((noinline)) int narrow_to(struct jpeg *j, int left, int width)
{
    if (j->p.facts.cmyk || start_jpeg(j) < 0)
        return 0;
    const int first = left > BESIDE ? left - BESIDE : 0, end = left + width + BESIDE;
    JDIMENSION x = (JDIMENSION)first, n = (JDIMENSION)((end < j->p.facts.width ? end : j->p.facts.width) - first);
    jpeg_crop_scanline(&j->d, &x, &n);
    j->p.facts.width = (int)j->d.output_width;
    return (int)x;
}

/* A failure here comes again with the first row, and is told there. */
static int narrow_jpeg(struct picture *p, int left, int width)
{
    struct jpeg *j = (struct jpeg *)p;
    if (j->started || setjmp(j->failed))
        return 0;
    return narrow_to(j, left, width);
}

static bool shrink_jpeg(struct picture *p, int denominator)
{
    struct jpeg *j = (struct jpeg *)p;
    if (j->started || setjmp(j->failed))
        return false;
    j->d.scale_num = 1;
    j->d.scale_denom = (unsigned)denominator;
    j->d.do_fancy_upsampling = FALSE;
    jpeg_calc_output_dimensions(&j->d);
    p->facts.width = (int)j->d.output_width;
    p->facts.height = (int)j->d.output_height;
    return true;
}

static void read_jpeg_header(struct jpeg *j)
{
    struct jpeg_decompress_struct *d = &j->d;
    jpeg_save_markers(d, JPEG_APP0 + 1, 0xffff);
    jpeg_read_header(d, TRUE);
    const bool four = d->jpeg_color_space == JCS_CMYK || d->jpeg_color_space == JCS_YCCK;
    d->out_color_space = four ? JCS_CMYK : JCS_RGB;
    j->inverted = four && d->saw_Adobe_marker;
    j->p.facts = (struct picture_facts){ .width = (int)d->image_width, .height = (int)d->image_height, .jpeg = true, .cmyk = four,
                                         .grey = d->num_components == 1, .whole = d->progressive_mode || jpeg_has_multiple_scans(d),
                                         .orientation = find_orientation(d), .warnings = j->p.facts.warnings };
}

static void prepare(struct jpeg *j, const uint8_t *bytes, size_t n)
{
    j->d.err = jpeg_std_error(&j->errors);
    j->errors.error_exit = jpeg_fail;
    j->errors.emit_message = jpeg_warn;
    j->d.client_data = j;
    j->source = (struct jpeg_source_mgr){ .next_input_byte = bytes, .bytes_in_buffer = n, .init_source = nothing, .fill_input_buffer = ended,
                                          .skip_input_data = skip, .resync_to_restart = jpeg_resync_to_restart, .term_source = nothing };
    j->progress.progress_monitor = count_scans;
    j->p.read = read_jpeg;
    j->p.shrink = shrink_jpeg;
    j->p.narrow = narrow_jpeg;
    j->p.skip = skip_jpeg;
    j->p.close = close_jpeg;
}

struct picture *picture_open_jpeg(const uint8_t *bytes, size_t n, struct err *err)
{
    struct jpeg *j = calloc(1, sizeof *j);
    if (!j)
        return err_set(err, ERR_MEMORY, "no memory for a picture"), NULL;
    prepare(j, bytes, n);
    if (setjmp(j->failed)) {
        err_set(err, ERR_DATA, "%s", j->why);
        close_jpeg(&j->p);
        return NULL;
    }
    jpeg_create_decompress(&j->d); /* clears what follows */
    j->d.client_data = j;
    j->d.src = &j->source;
    j->d.progress = &j->progress;
    read_jpeg_header(j);
    if (picture_check_size(&j->p.facts, err) == 0)
        return &j->p;
    close_jpeg(&j->p);
    return NULL;
}
