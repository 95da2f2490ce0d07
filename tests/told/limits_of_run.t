Numbers that may change while a run trains, and those of the screen: the least and the most of each, what is just below and just above.

  $ . $TOLD/setup.sh
  $ limits <<'END'
  > momentum momentum 0 0.9999 -0.001 0.99991
  > weight_decay wd 0 10 -0.001 10.001
  > sam_from sam_from 0 100000 -1 100001
  > sam_every sam_every 1 1000000 0 1000001
  > gauge_every gauge_every 0 1000000 -1 1000001
  > tail_below tail_below 0 10000000 -1 10000001
  > tail_gain tail_gain 0 1000 -0.001 1000.001
  > sam_share sam_share 0 1 -0.001 1.001
  > sam_focus sam_focus 0 1000 -0.001 1000.001
  > head_until head_until 0 1 -0.001 1.001
  > asam_eta asam_eta 0 1 -0.001 1.001
  > gsam_alpha gsam_alpha 0 100 -0.001 100.001
  > wsam_gamma wsam_gamma 0 0.999 -0.001 0.9991
  > fsam_sigma fsam_sigma 0 100 -0.001 100.001
  > fsam_lambda fsam_lambda 0 0.9999 -0.001 0.99991
  > looksam_k looksam_k 1 1000000 0 1000001
  > looksam_alpha looksam_alpha 0 100 -0.001 100.001
  > msam_m msam_m 1 4096 0 4097
  > esam_beta esam_beta 0.01 1 0.0099 1.001
  > esam_gamma esam_gamma 0.001 1 0.000999 1.001
  > ccsam_a ccsam_a 0 1000 -0.001 1000.001
  > ccsam_phi ccsam_phi 0 1 -0.001 1.001
  > ccsam_cap ccsam_cap 0 1 -0.001 1.001
  > pgd_sigma pgd_sigma 0 10 -0.001 10.001
  > lpf_m lpf_m 1 1024 0 1025
  > lpf_gamma lpf_gamma 0 10 -0.001 10.001
  > stage_epochs stage_epochs 1 100000 0 100001
  > stage_weight_decay stage_wd 0 10 -0.001 10.001
  > epochs epochs 1 100000 0 100001
  > steps max_steps 0 1000000000000 -1 1000000000001
  > batch batch_size 1 4096 0 4097
  > eval_every eval_every 0 100000 -1 100001
  > snapshot_every snapshot_every 0 100000 -1 100001
  > snapshot_seconds snapshot_seconds 0 1000000 -1 1000001
  > hessian_every hessian_every 0 100000 -1 100001
  > hessian_iters hessian_iters 2 1000 1 1001
  > hessian_images hessian_images 1 100000 0 100001
  > hessian_vectors hessian_vectors 1 100 0 101
  > hessian_tol hessian_tol 0 1 -0.001 1.001
  > budget budget 0 1 -0.001 1.001
  > fps fps 1 30 0 31
  > esc_ms esc_ms 1 1000 0 1001
  > END
  momentum 0.9 -> 0
  momentum 0 -> 0.9999
  saddle: set: momentum: -0.001 is not in 0..0.9999
  [exit 1]
  saddle: set: momentum: 0.99991 is not in 0..0.9999
  [exit 1]
  weight_decay 0.0002 -> 0
  weight_decay 0 -> 10
  saddle: set: weight_decay: -0.001 is not in 0..10
  [exit 1]
  saddle: set: weight_decay: 10.001 is not in 0..10
  [exit 1]
  sam_from is 0 already
  sam_from 0 -> 100000
  saddle: set: sam_from: -1 is not in 0..100000
  [exit 1]
  saddle: set: sam_from: 100001 is not in 0..100000
  [exit 1]
  sam_every is 1 already
  sam_every 1 -> 1000000
  saddle: set: sam_every: 0 is not in 1..1000000
  [exit 1]
  saddle: set: sam_every: 1000001 is not in 1..1000000
  [exit 1]
  gauge_every 10 -> 0
  gauge_every 0 -> 1000000
  saddle: set: gauge_every: -1 is not in 0..1000000
  [exit 1]
  saddle: set: gauge_every: 1000001 is not in 0..1000000
  [exit 1]
  tail_below is 0 already
  tail_below 0 -> 10000000
  saddle: set: tail_below: -1 is not in 0..10000000
  [exit 1]
  saddle: set: tail_below: 10000001 is not in 0..10000000
  [exit 1]
  tail_gain 1 -> 0
  tail_gain 0 -> 1000
  saddle: set: tail_gain: -0.001 is not in 0..1000
  [exit 1]
  saddle: set: tail_gain: 1000.001 is not in 0..1000
  [exit 1]
  sam_share 0.5 -> 0
  sam_share 0 -> 1
  saddle: set: sam_share: -0.001 is not in 0..1
  [exit 1]
  saddle: set: sam_share: 1.001 is not in 0..1
  [exit 1]
  sam_focus 3 -> 0
  sam_focus 0 -> 1000
  saddle: set: sam_focus: -0.001 is not in 0..1000
  [exit 1]
  saddle: set: sam_focus: 1000.001 is not in 0..1000
  [exit 1]
  head_until 0.7 -> 0
  head_until 0 -> 1
  saddle: set: head_until: -0.001 is not in 0..1
  [exit 1]
  saddle: set: head_until: 1.001 is not in 0..1
  [exit 1]
  asam_eta is 0 already
  asam_eta 0 -> 1
  saddle: set: asam_eta: -0.001 is not in 0..1
  [exit 1]
  saddle: set: asam_eta: 1.001 is not in 0..1
  [exit 1]
  gsam_alpha 0.4 -> 0
  gsam_alpha 0 -> 100
  saddle: set: gsam_alpha: -0.001 is not in 0..100
  [exit 1]
  saddle: set: gsam_alpha: 100.001 is not in 0..100
  [exit 1]
  wsam_gamma 0.9 -> 0
  wsam_gamma 0 -> 0.999
  saddle: set: wsam_gamma: -0.001 is not in 0..0.999
  [exit 1]
  saddle: set: wsam_gamma: 0.9991 is not in 0..0.999
  [exit 1]
  fsam_sigma 1 -> 0
  fsam_sigma 0 -> 100
  saddle: set: fsam_sigma: -0.001 is not in 0..100
  [exit 1]
  saddle: set: fsam_sigma: 100.001 is not in 0..100
  [exit 1]
  fsam_lambda 0.9 -> 0
  fsam_lambda 0 -> 0.9999
  saddle: set: fsam_lambda: -0.001 is not in 0..0.9999
  [exit 1]
  saddle: set: fsam_lambda: 0.99991 is not in 0..0.9999
  [exit 1]
  looksam_k 10 -> 1
  looksam_k 1 -> 1000000
  saddle: set: looksam_k: 0 is not in 1..1000000
  [exit 1]
  saddle: set: looksam_k: 1000001 is not in 1..1000000
  [exit 1]
  looksam_alpha 0.7 -> 0
  looksam_alpha 0 -> 100
  saddle: set: looksam_alpha: -0.001 is not in 0..100
  [exit 1]
  saddle: set: looksam_alpha: 100.001 is not in 0..100
  [exit 1]
  msam_m 4 -> 1
  msam_m 1 -> 4096
  saddle: set: msam_m: 0 is not in 1..4096
  [exit 1]
  saddle: set: msam_m: 4097 is not in 1..4096
  [exit 1]
  esam_beta 0.6 -> 0.01
  esam_beta 0.01 -> 1
  saddle: set: esam_beta: 0.0099 is not in 0.01..1
  [exit 1]
  saddle: set: esam_beta: 1.001 is not in 0.01..1
  [exit 1]
  esam_gamma 0.5 -> 0.001
  esam_gamma 0.001 -> 1
  saddle: set: esam_gamma: 0.000999 is not in 0.001..1
  [exit 1]
  saddle: set: esam_gamma: 1.001 is not in 0.001..1
  [exit 1]
  ccsam_a 1e-06 -> 0
  ccsam_a 0 -> 1000
  saddle: set: ccsam_a: -0.001 is not in 0..1000
  [exit 1]
  saddle: set: ccsam_a: 1000.001 is not in 0..1000
  [exit 1]
  ccsam_phi 0.3 -> 0
  ccsam_phi 0 -> 1
  saddle: set: ccsam_phi: -0.001 is not in 0..1
  [exit 1]
  saddle: set: ccsam_phi: 1.001 is not in 0..1
  [exit 1]
  ccsam_cap 1 -> 0
  ccsam_cap 0 -> 1
  saddle: set: ccsam_cap: -0.001 is not in 0..1
  [exit 1]
  saddle: set: ccsam_cap: 1.001 is not in 0..1
  [exit 1]
  pgd_sigma 0.0001 -> 0
  pgd_sigma 0 -> 10
  saddle: set: pgd_sigma: -0.001 is not in 0..10
  [exit 1]
  saddle: set: pgd_sigma: 10.001 is not in 0..10
  [exit 1]
  lpf_m 8 -> 1
  lpf_m 1 -> 1024
  saddle: set: lpf_m: 0 is not in 1..1024
  [exit 1]
  saddle: set: lpf_m: 1025 is not in 1..1024
  [exit 1]
  lpf_gamma 0.001 -> 0
  lpf_gamma 0 -> 10
  saddle: set: lpf_gamma: -0.001 is not in 0..10
  [exit 1]
  saddle: set: lpf_gamma: 10.001 is not in 0..10
  [exit 1]
  stage_epochs 30 -> 1
  stage_epochs 1 -> 100000
  saddle: set: stage_epochs: 0 is not in 1..100000
  [exit 1]
  saddle: set: stage_epochs: 100001 is not in 1..100000
  [exit 1]
  stage_weight_decay 0.0005 -> 0
  stage_weight_decay 0 -> 10
  saddle: set: stage_weight_decay: -0.001 is not in 0..10
  [exit 1]
  saddle: set: stage_weight_decay: 10.001 is not in 0..10
  [exit 1]
  epochs 200 -> 1
  epochs 1 -> 100000
  saddle: set: epochs: 0 is not in 1..100000
  [exit 1]
  saddle: set: epochs: 100001 is not in 1..100000
  [exit 1]
  steps is 0 already
  steps 0 -> 1000000000000
  saddle: set: steps: -1 is not in 0..1000000000000
  [exit 1]
  saddle: set: steps: 1000000000001 is not in 0..1000000000000
  [exit 1]
  batch 128 -> 1
  batch 1 -> 4096
  saddle: set: batch: 0 is not in 1..4096
  [exit 1]
  saddle: set: batch: 4097 is not in 1..4096
  [exit 1]
  eval_every 1 -> 0
  eval_every 0 -> 100000
  saddle: set: eval_every: -1 is not in 0..100000
  [exit 1]
  saddle: set: eval_every: 100001 is not in 0..100000
  [exit 1]
  snapshot_every 1 -> 0
  snapshot_every 0 -> 100000
  saddle: set: snapshot_every: -1 is not in 0..100000
  [exit 1]
  saddle: set: snapshot_every: 100001 is not in 0..100000
  [exit 1]
  snapshot_seconds 60 -> 0
  snapshot_seconds 0 -> 1000000
  saddle: set: snapshot_seconds: -1 is not in 0..1000000
  [exit 1]
  saddle: set: snapshot_seconds: 1000001 is not in 0..1000000
  [exit 1]
  hessian_every 1 -> 0
  hessian_every 0 -> 100000
  saddle: set: hessian_every: -1 is not in 0..100000
  [exit 1]
  saddle: set: hessian_every: 100001 is not in 0..100000
  [exit 1]
  hessian_iters 40 -> 2
  hessian_iters 2 -> 1000
  saddle: set: hessian_iters: 1 is not in 2..1000
  [exit 1]
  saddle: set: hessian_iters: 1001 is not in 2..1000
  [exit 1]
  hessian_images 128 -> 1
  hessian_images 1 -> 100000
  saddle: set: hessian_images: 0 is not in 1..100000
  [exit 1]
  saddle: set: hessian_images: 100001 is not in 1..100000
  [exit 1]
  hessian_vectors is 1 already
  hessian_vectors 1 -> 100
  saddle: set: hessian_vectors: 0 is not in 1..100
  [exit 1]
  saddle: set: hessian_vectors: 101 is not in 1..100
  [exit 1]
  hessian_tol 0.01 -> 0
  hessian_tol 0 -> 1
  saddle: set: hessian_tol: -0.001 is not in 0..1
  [exit 1]
  saddle: set: hessian_tol: 1.001 is not in 0..1
  [exit 1]
  budget 0.1 -> 0
  budget 0 -> 1
  saddle: set: budget: -0.001 is not in 0..1
  [exit 1]
  saddle: set: budget: 1.001 is not in 0..1
  [exit 1]
  fps 4 -> 1
  fps 1 -> 30
  saddle: set: fps: 0 is not in 1..30
  [exit 1]
  saddle: set: fps: 31 is not in 1..30
  [exit 1]
  esc_ms 25 -> 1
  esc_ms 1 -> 1000
  saddle: set: esc_ms: 0 is not in 1..1000
  [exit 1]
  saddle: set: esc_ms: 1001 is not in 1..1000
  [exit 1]
