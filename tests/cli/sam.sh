#!/bin/sh
# What SAM by classes says of itself: shares, radius, steps that did not climb; and what it refuses.
. "$(dirname "$0")/lib.sh"

run -c "$tiny; opt imbsam --rho .2; set tail_gain 2; train --name tail --steps 3; wait; show sam; show sam"
has 'show sam draws who climbs, and counts the steps' "$code $out" '^opt imbsam in epoch [0-9]*: rho 0.2, tail_gain 2$' \
    '^   0 circle  *head n .* c 0.000 $' '^   9 flower  *tail n .* c 1.000 ####################$' 'steps without ascent: [0-3] of 3 ('
run -c "$tiny; opt focalsam; set sam_share .8; set sam_focus 0; show sam; opt ssesam; set rho_head .3; show sam; opt sgd; show sam"
has 'whatever climbs' "$code $out" 'c 0.800 ################$' 'opt ssesam in epoch 0: rho 0.1, rho_head 0.3, tail_gain 1' 'opt sgd does not climb' '^0 '
run -c "$tiny; opt blend; set sam_every 2; train --name half --steps 4; wait; show sam"
has 'steps of sgd between are among those without ascent' "$code $out" 'sam_from 0, sam_every 2: the other steps are of sgd' 'steps without ascent: 2 of 4 (50.0 %)'
run -c "$tiny; opt gsam --rho .2; set sam_every 2; set gauge_every 1; train --name gauges --steps 4; wait; show sam; export csv $work/gauges.csv"
has 'show sam has those of the last that climbed' "$code $out" 'gauges of step 3: L(w+e) - L(w) ' 'cos(g, g_s) 0\.'
run -c "$tiny; opt esam --rho .1; train --name esam --steps 2; wait; show sam"
has 'esam says what climbs and what is descended' "$code $out" 'esam_beta 0.6 of the weights climb, esam_gamma 0.5 of a batch' 'gauges of step 1: .*cos(g, g_s) nan'
run -c "$tiny; opt ccsam; set sam_every 2; train --name classes --steps 4; wait; show sam; show sam"
has 'ccsam says how far each class perturbs' "$code $out" '^opt ccsam in epoch [0-9]*: ccsam_a 1e-06, ccsam_phi 0.3 of the loss' \
    '^   0 circle  *head n   1000  r 0.308 ######$' '^   9 flower  *tail n .* r 1.000 ####################$' \
    'the other steps are of sgd' 'steps without ascent: 2 of 4 (50.0 %)'
count() { grep -c ",$1," "$work/gauges.csv"; }
has 'only steps that climb have gauges, and they follow from the step' "$(count step_rise) $(count step_rho_gn) $(count step_rho_wn) $(count step_cos) $(count step_loss) \
$(awk -F, '$2 == 3 { v[$5] = $7 } END { gap = v["step_rho"] / v["step_gn"] / v["step_rho_gn"] - 1
    print (gap < 1e-5 && gap > -1e-5 && v["step_cos"] <= 1 && v["step_cos"] > 0 && v["step_rise"] > 0) ? "follow" : "differ" }' "$work/gauges.csv")" \
    '^2 2 2 2 4 *follow'
mistake 'a tail of no class is refused before anything is recorded' 1 \
    'saddle: train: tail_below 1: no class has fewer images, so none would climb; accepted: 11 to 1000, or 0 for the group tail' \
    -c "$tiny; opt imbsam; set tail_below 1; train --name none --steps 2"
mistake 'where all classes have one size none is the tail' 1 \
    'saddle: train: opt imbsam: every class has 1000 images, so none is the tail; opt sam climbs for all of them' \
    -c "$tiny; data demo --beta 1; opt imbsam; train --name even --steps 2"
mistake 'frozen factors are for two passes over one batch' 1 \
    'saddle: train: loss ib with ib_factor frozen keeps the factors of a step'"'"'s first pass in its second, and opt gsam has passes of other parts; accepted with it: opt sam, asam and usam, those of one pass, and ib_factor detached' \
    -c "$tiny; loss ib; set ib_factor frozen; opt gsam; train --name frozen --steps 2"
run -c "$tiny; train --name live --steps 2 --paused; set opt ssesam; set tail_below 5000; resume; wait; stop --yes"
has 'and so it is while training' "$err" 'tail_below 5000: all classes have fewer images, so nothing is left at w; accepted: '
finish
