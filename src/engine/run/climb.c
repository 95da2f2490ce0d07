#include "config.h"
#include "engine/run/climb.h"

#include <inttypes.h>
#include <math.h>

#include "base/err.h"
#include "engine/optim/optim.h"
#include "engine/optimisers.h"

struct climb_classes climb_classes_of(const struct dataset *d)
{
    return (struct climb_classes){ .n = d->classes, .count = d->train.count, .group = d->group };
}

static bool is_tail(const struct knobs *k, struct climb_classes d, int class)
{
    const long below = knob_int(k, KNOB_TAIL_BELOW);
    return below > 0 ? d.count[class] < (uint32_t)below : d.group[class] == GROUP_TAIL;
}

static double climb_share(const struct knobs *k, struct climb_classes d, double images, int class)
{
    const double share = knob_num(k, KNOB_SAM_SHARE);
    switch (knobs_optimiser(k)) {
    case OPTIMISER_IMBSAM:
    case OPTIMISER_SSESAM:
        return is_tail(k, d, class);
    case OPTIMISER_FOCALSAM:
        return share * pow(1 - (double)d.count[class] / images, knob_num(k, KNOB_SAM_FOCUS));
    case OPTIMISER_BLEND:
        return share;
    default:
        return optimiser_uses_rho(knobs_optimiser(k));
    }
}

bool climb_shares(const struct knobs *k, struct climb_classes of, float *out)
{
    bool same = true;
    double images = 0;
    for (int c = 0; c < of.n; c++)
        images += of.count[c];
    for (int c = 0; c < of.n; c++) {
        out[c] = (float)climb_share(k, of, images, c);
        same = same && out[c] == out[0];
    }
    return same;
}

void climb_reaches(struct climb_classes of, bool shifts, float *out)
{
    double largest = 0, most = 0;
    for (int c = 0; c < of.n; c++)
        largest = fmax(largest, of.count[c]);
    for (int c = 0; c < of.n; c++) {
        out[c] = (float)(shifts ? optim_class_shift(of.count[c], largest) : optim_class_reach(of.count[c]));
        most = fmax(most, (double)out[c]);
    }
    for (int c = 0; c < of.n; c++)
        out[c] = (float)((double)out[c] / most);
}

double climb_rho_head(const struct knobs *k, long epoch)
{
    const double epochs = knob_num(k, KNOB_EPOCHS);
    if (!optimiser_reads(knobs_optimiser(k), KNOB_RHO_HEAD) || (double)epoch >= knob_num(k, KNOB_HEAD_UNTIL) * epochs)
        return 0;
    return schedule_at(knob_schedule(k, KNOB_RHO_HEAD), (double)epoch, epochs);
}

int climb_check(const struct knobs *k, struct climb_classes of, struct err *err)
{
    const enum optimiser kind = knobs_optimiser(k);
    const long below = knob_int(k, KNOB_TAIL_BELOW);
    uint32_t least = UINT32_MAX, most = 0;
    int tail = 0;
    if (!optimiser_reads(kind, KNOB_TAIL_BELOW) || of.n == 0)
        return 0;
    for (int c = 0; c < of.n; c++) {
        tail += is_tail(k, of, c);
        least = of.count[c] < least ? of.count[c] : least;
        most = of.count[c] > most ? of.count[c] : most;
    }
    if (least == most) /* groups would still cut them in three, by their numbers */
        return err_set(err, ERR_RANGE, "opt %s: every class has %" PRIu32 " images, so none is the tail; opt sam climbs for all of them",
                       optimiser_table[kind].name, most);
    if (tail > 0 && tail < of.n)
        return 0;
    if (below > 0)
        return err_set(err, ERR_RANGE, "tail_below %ld: %s; accepted: %" PRIu32 " to %" PRIu32 ", or 0 for the group tail", below,
                       tail ? "all classes have fewer images, so nothing is left at w" : "no class has fewer images, so none would climb",
                       least + 1, most);
    return err_set(err, ERR_RANGE, "opt %s: %s in the group tail of this data; accepted: set tail_below from %" PRIu32 " to %" PRIu32,
                   optimiser_table[kind].name, tail ? "all classes are" : "no class is", least + 1, most);
}
