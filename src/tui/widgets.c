#include "config.h"
#include "tui/widgets.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void widget_bar(struct area a, int row, int col, int cols, double share, unsigned ink)
{
    if (isnan(share) || cols <= 0)
        return;
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    int eighths = (int)lround(share * cols * 8);
    for (int i = 0; i < cols; i++) {
        int here = eighths - i * 8;
        if (here >= 8)
            area_char(a, row, col + i, ink, 0x2588);
        else if (here > 0)
            area_char(a, row, col + i, ink, 0x2590 - (uint32_t)here); /* U+258F one eighth .. U+2589 seven */
        else
            area_char(a, row, col + i, INK_DIM, 0xb7);
    }
}

void widget_spark_cell(const struct spark *s, int cell, double value)
{
    if (!isfinite(value))
        return;
    double share = s->high > s->low ? (value - s->low) / (s->high - s->low) : 1;
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    int level = (int)(share * 8);
    area_char(s->area, s->row, s->col + cell, s->ink, 0x2581 + (uint32_t)(level > 7 ? 7 : level));
}

int widget_spark_stride(int n, int cols)
{
    return cols <= 0 || n <= cols ? 1 : (n + cols - 1) / cols;
}

void widget_sparkline(const struct spark *s, int n, double (*get)(const void *ctx, int i), const void *ctx)
{
    int stride = widget_spark_stride(n, s->cols);
    for (int cell = 0; cell < s->cols && cell * stride < n; cell++) {
        double sum = 0;
        int count = 0;
        for (int i = cell * stride; i < n && i < (cell + 1) * stride; i++) {
            double value = get(ctx, i);
            if (isfinite(value)) {
                sum += value;
                count++;
            }
        }
        if (count)
            widget_spark_cell(s, cell, sum / count);
    }
}

int mark_place(uint32_t taken[MARK_ROW_MAX / 32], int width, int col)
{
    enum { FARTHEST = 4 };
    for (int k = 0; k <= 2 * FARTHEST; k++) {
        int at = col + (k % 2 ? (k + 1) / 2 : -(k / 2));
        if (at < 0 || at >= width || at >= MARK_ROW_MAX || (taken[at / 32] >> at % 32 & 1))
            continue;
        taken[at / 32] |= 1u << at % 32;
        return at;
    }
    return -1;
}

void plot_begin(struct plot *p, struct area a, enum glyph_mode mode, unsigned ink)
{
    *p = (struct plot){ .area = a, .mode = mode, .last_x = -1, .ink = ink, .letter = '*' };
    p->width = a.cols * (mode == GLYPHS_BRAILLE ? 2 : 1);
    p->height = a.rows * (mode == GLYPHS_BRAILLE ? 4 : mode == GLYPHS_BLOCK ? 2 : 1);
}

static uint32_t cell_char(const struct plot *p, int row, int col)
{
    if (row < 0 || col < 0 || row >= p->area.rows || col >= p->area.cols)
        return ' ';
    const struct canvas *c = p->area.canvas;
    return c->cell[(long)(p->area.row + row) * c->cols + p->area.col + col].ch;
}

static void put_dot(struct plot *p, int x, int y) /* y from the top */
{
    static const uint32_t bit[4][2] = { { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 } };
    if (x < 0 || y < 0 || x >= p->width || y >= p->height)
        return;
    if (p->mode == GLYPHS_BRAILLE) {
        uint32_t was = cell_char(p, y / 4, x / 2);
        uint32_t base = was >= 0x2800 && was <= 0x28ff ? was : 0x2800;
        area_char(p->area, y / 4, x / 2, p->ink, base | bit[y % 4][x % 2]);
    } else if (p->mode == GLYPHS_BLOCK) {
        uint32_t was = cell_char(p, y / 2, x), half = y % 2 ? 0x2584 : 0x2580, other = y % 2 ? 0x2580 : 0x2584;
        area_char(p->area, y / 2, x, p->ink, was == other || was == 0x2588 ? 0x2588 : half);
    } else {
        area_char(p->area, y, x, p->ink, (uint32_t)p->letter);
    }
}

static int dot_row(const struct plot *p, double share)
{
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    return (int)lround((1 - share) * (p->height - 1));
}

void plot_set_style(struct plot *p, enum plot_style style)
{
    static const char letter[] = { [PLOT_SOLID] = 'o', [PLOT_DASHED] = '+', [PLOT_DOTTED] = '.', [PLOT_STRONG] = '#' };
    p->style = style;
    p->letter = letter[style];
}

/* A dot of a line, unless it is one of its gaps. */
static void line_dot(struct plot *p, int x, int y)
{
    static const int on[2][4] = { { 1, 2, 1, 1 }, { 1, 5, 1, 1 } }, all[2][4] = { { 1, 3, 2, 1 }, { 1, 8, 3, 1 } }; /* blocks, braille */
    const bool braille = p->mode == GLYPHS_BRAILLE;
    int at = p->run++;
    if (p->mode == GLYPHS_ASCII || at % all[braille][p->style] < on[braille][p->style])
        put_dot(p, x, y);
    if (p->style != PLOT_STRONG || p->mode == GLYPHS_ASCII)
        return;
    y = y + 1 < p->height ? y : y - 1; /* twice as thick at the edges too */
    put_dot(p, x, y);
    put_dot(p, x, y + 1);
    if (braille) {
        put_dot(p, x + 1, y);
        put_dot(p, x + 1, y + 1);
    }
}

int plot_row(const struct plot *p, double share)
{
    return p->height > 0 ? dot_row(p, share) / (p->height / p->area.rows) : 0;
}

void plot_column(struct plot *p, int x, double low, double high)
{
    if (!isfinite(low) || !isfinite(high) || p->height <= 0)
        return;
    int bottom = dot_row(p, low), top = dot_row(p, high);
    int y0 = top, y1 = bottom;
    if (p->last_x >= 0 && p->mode != GLYPHS_ASCII) { /* close the gap to the column before */
        if (y0 > p->last_y1)
            y0 = p->last_y1 + 1;
        if (y1 < p->last_y0)
            y1 = p->last_y0 - 1;
        if (y0 > y1) /* touching already */
            y0 = top, y1 = bottom;
    }
    for (int y = y0; y <= y1; y++)
        line_dot(p, x, y);
    p->last_x = x;
    p->last_y0 = top;
    p->last_y1 = bottom;
}

void plot_gap(struct plot *p)
{
    p->last_x = -1;
}

static bool next_point(const struct plot_data *d, size_t *i, struct plot_point *out)
{
    while (*i < d->n && !d->get(d->ctx, *i, out))
        ++*i;
    return *i < d->n;
}

bool plot_range(const struct plot_data *d, struct plot_scale *k)
{
    struct plot_point next;
    k->y0 = INFINITY;
    k->y1 = -INFINITY;
    for (size_t i = 0; next_point(d, &i, &next); i++)
        if (next.x >= k->x0 && next.x <= k->x1) {
            k->y0 = fmin(k->y0, next.low);
            k->y1 = fmax(k->y1, next.high);
        }
    return k->y0 <= k->y1;
}

void plot_points(struct plot *p, const struct plot_scale *k, const struct plot_data *d)
{
    struct plot_point next, before = { .x = NAN };
    size_t i = 0;
    bool more = next_point(d, &i, &next);
    for (int col = 0; col < p->width && more; col++) {
        double from = k->x0 + (k->x1 - k->x0) * col / p->width, to = k->x0 + (k->x1 - k->x0) * (col + 1) / p->width;
        double low = INFINITY, high = -INFINITY;
        while (more && next.x <= to) {
            if (next.x > from || (col == 0 && next.x >= from)) {
                low = fmin(low, next.low);
                high = fmax(high, next.high);
            }
            before = next;
            i++;
            more = next_point(d, &i, &next);
        }
        if (low > high && more && !isnan(before.x))
            low = high = before.y + (next.y - before.y) * (to - before.x) / (next.x - before.x);
        if (low <= high)
            plot_column(p, col, (low - k->y0) / (k->y1 - k->y0), (high - k->y0) / (k->y1 - k->y0));
    }
}

void format_short(char *out, double value, int width)
{
    char text[32];
    if (isnan(value)) {
        snprintf(out, 16, "-");
        return;
    }
    double size = fabs(value);
    if (size != 0 && (size < 0.001 || size >= 1e5)) {
        int digits = width >= 7 ? 1 : 0;
        snprintf(text, sizeof text, "%.*e", digits, value);
        char *e = strchr(text, 'e'); /* 1e-04 -> 1e-4 */
        if (e) {
            int power = 0;
            sscanf(e + 1, "%d", &power);
            snprintf(e, sizeof text - (size_t)(e - text), "e%d", power);
        }
        snprintf(out, 16, "%s", text);
        return;
    }
    int decimals = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 0.095 || size == 0 ? 2 : 4;
    for (; decimals >= 0; decimals--) {
        snprintf(text, sizeof text, "%.*f", decimals, value);
        if ((int)strlen(text) <= width || decimals == 0)
            break;
    }
    snprintf(out, 16, "%s", text);
}

void format_eig(char *out, double value)
{
    double size = fabs(value);
    if (isnan(value) || (size != 0 && size < 0.005) || size >= 1e5)
        format_short(out, value, 6);
    else
        snprintf(out, 16, "%.*f", size >= 100 ? 1 : 2, value);
}

void format_signed(char *out, double value, int width, int decimals)
{
    if (isnan(value)) {
        snprintf(out, 16, "%*s", width, ".");
        return;
    }
    snprintf(out, 16, "%+*.*f", width, decimals, value);
    char *sign = strchr(out, '-');
    if (sign && !strpbrk(out, "123456789")) /* what rounds to nothing is no loss */
        *sign = '+';
}

void format_duration(char *out, double seconds)
{
    if (!(seconds >= 0) || seconds > 1e8) {
        snprintf(out, 16, "--:--");
        return;
    }
    long s = lround(seconds);
    if (s < 3600)
        snprintf(out, 16, "%02ld:%02ld", s / 60, s % 60);
    else if (s < 86400)
        snprintf(out, 16, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(out, 16, "%ldd%02ldh", s / 86400, s / 3600 % 24);
}

void format_grouped(char *out, unsigned long long value)
{
    char digits[32];
    int n = snprintf(digits, sizeof digits, "%llu", value), k = 0;
    for (int i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0)
            out[k++] = ' ';
        out[k++] = digits[i];
    }
    out[k] = '\0';
}
