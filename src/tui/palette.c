#include "config.h"
#include "tui/palette.h"

#include <math.h>

/* Blue and orange are told apart by every kind of colour sight. A grey is told from text; the shades grow with accuracy. */
struct shades {
    short many[INK_COUNT], few[INK_COUNT]; /* with 256 and with 8 colours; 0 = the terminal's own */
};

enum { RED = 1, YELLOW = 3, BLUE = 4, MAGENTA = 5, CYAN = 6 };

static const struct shades palette[THEME_COUNT] = {
    [THEME_UNKNOWN] = {
        .many = { [INK_HEAD] = 63, [INK_TAIL] = 131, [INK_DIM] = 243, [INK_MARK] = 166, [INK_WARN] = 163, [INK_SHADE0] = 67,
                  [INK_SHADE1] = 67, [INK_SHADE2] = 31, [INK_SHADE3] = 130, [INK_SHADE4] = 166 },
        .few = { [INK_MARK] = MAGENTA },
    },
    [THEME_DARK] = {
        .many = { [INK_HEAD] = 39, [INK_TAIL] = 208, [INK_DIM] = 246, [INK_MARK] = 220, [INK_WARN] = 208, [INK_SHADE0] = 67,
                  [INK_SHADE1] = 67, [INK_SHADE2] = 109, [INK_SHADE3] = 180, [INK_SHADE4] = 220 },
        .few = { [INK_HEAD] = CYAN, [INK_TAIL] = YELLOW, [INK_MARK] = YELLOW, [INK_WARN] = YELLOW },
    },
    [THEME_LIGHT] = {
        .many = { [INK_HEAD] = 25, [INK_TAIL] = 94, [INK_DIM] = 241, [INK_MARK] = 130, [INK_WARN] = 124, [INK_SHADE0] = 67,
                  [INK_SHADE1] = 67, [INK_SHADE2] = 31, [INK_SHADE3] = 25, [INK_SHADE4] = 18 },
        .few = { [INK_HEAD] = BLUE, [INK_TAIL] = MAGENTA, [INK_MARK] = RED, [INK_WARN] = RED },
    },
};

int palette_color(enum theme theme, enum depth depth, enum ink ink)
{
    int few = palette[theme].few[ink], many = palette[theme].many[ink];
    if (depth == DEPTH_8)
        return few ? few : -1;
    return many == 0 ? -1 : depth == DEPTH_DIRECT ? palette_rgb(many) : many;
}

int palette_rgb(int index)
{
    static const int level[6] = { 0, 95, 135, 175, 215, 255 };
    static const int ansi[16] = { 0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
                                  0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff };
    if (index < 16)
        return ansi[index < 0 ? 0 : index];
    if (index >= 232)
        return (8 + 10 * (index - 232)) * 0x10101;
    int i = index - 16;
    return level[i / 36] << 16 | level[i / 6 % 6] << 8 | level[i % 6];
}

static double linear(int part)
{
    double c = part / 255.0;
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(int rgb)
{
    return 0.2126 * linear(rgb >> 16 & 0xff) + 0.7152 * linear(rgb >> 8 & 0xff) + 0.0722 * linear(rgb & 0xff);
}

double palette_contrast(int a, int b)
{
    double x = luminance(a), y = luminance(b);
    return (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
}

enum theme palette_theme(int red, int green, int blue)
{
    int rgb = red << 16 | green << 8 | blue;
    return palette_contrast(rgb, 0xffffff) >= palette_contrast(rgb, 0) ? THEME_DARK : THEME_LIGHT;
}
