#include "config.h"
#include "engine/rho_auto.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const struct rho_auto rho_auto_new = { .head = NAN };

/* Dead band of (rho/|g|) lambda_min: above LEFT there is no saddle to speak of, below ESCAPES a step already makes more of the gradient
 * along v_min (methods 8.3). */
static const double LEFT = -0.1, ESCAPES = -2, RAISED = M_SQRT2, LOWERED = 0.5;
enum { REST_RAISED = 1, REST_LOWERED = 2, REST_MOST = 1000 };

bool rho_auto_knows(const struct rho_auto *s)
{
    return !isnan(s->head);
}

double rho_auto_band(const struct rho_look *look)
{
    const double share = look->head / 100, error = 100 * sqrt(share * (1 - share) / look->images);
    return look->images > 0 ? fmax(1, 2 * error) : INFINITY;
}

static bool has_fallen(const struct rho_auto *s, const struct rho_look *look)
{
    return s->reweight == look->reweight && look->head < s->head - rho_auto_band(look);
}

/* Three digits are enough of a radius, and read well. */
static double three_digits(double rho)
{
    char text[32];
    snprintf(text, sizeof text, "%.3g", fmin(RHO_AUTO_HIGH, fmax(RHO_AUTO_LOW, rho)));
    return strtod(text, NULL);
}

double rho_auto_next(const struct rho_auto *s, const struct rho_look *look)
{
    if (s->rest > 0)
        return look->rho;
    if (has_fallen(s, look) && s->fell)
        return fmin(look->rho, three_digits(look->rho * LOWERED));
    if (has_fallen(s, look) || !(look->amp < LEFT) || look->amp <= ESCAPES)
        return look->rho;
    return fmax(look->rho, three_digits(look->rho * fmin(RAISED, ESCAPES / look->amp)));
}

void rho_auto_looked(struct rho_auto *s, const struct rho_look *look, double to)
{
    const bool anew = !rho_auto_knows(s) || s->reweight != look->reweight || to < look->rho;
    s->fell = !anew && has_fallen(s, look);
    s->head = anew ? look->head : (s->head + look->head) / 2;
    s->reweight = look->reweight;
    if (to != look->rho)
        s->rest = to > look->rho ? REST_RAISED : REST_LOWERED;
    else if (s->rest > 0)
        s->rest--;
}

/* --- in a snapshot ------------------------------------------------------------------------------------------------- */

void rho_auto_format(const struct rho_auto *s, char *out, size_t size)
{
    snprintf(out, size, "%.17g %d %d %d", s->head, s->reweight, s->fell, s->rest);
}

bool rho_auto_parse(const char *text, struct rho_auto *s)
{
    char *end;
    const double head = strtod(text, &end);
    int number[3];
    if (end == text || isinf(head))
        return false;
    for (int i = 0; i < 3; i++) {
        const char *from = end;
        const long value = strtol(from, &end, 10);
        if (end == from || value < 0 || value > (i < 2 ? 1 : REST_MOST))
            return false;
        number[i] = (int)value;
    }
    if (*end)
        return false;
    *s = (struct rho_auto){ .head = head, .reweight = number[0], .fell = number[1], .rest = number[2] };
    return true;
}
