Theorem 2 and slices of one run: whole events, what is printed, what is refused.

  $ . $TOLD/setup.sh
  $ . $TOLD/odd.sh
  $ saddle --sessions . -c "$odd; loss la --tau 0.5; opt sam --rho 0.05; set lr 0.03; train --name r; wait;
  > cnc 3 --batches 4 --batch 2; cnc 1 --rho 0.01; cnc 3 --images 5 --batches 3 --batch 4 --rho 0.2 --iters 60; cnc 3 --rho 1.5 --batches 50 --batch 1; slice 3;
  > slice 1 v_max --span 0.25 --points 4 --iters 5; slice 2 random:7 --points 3 --images 6; slice 2 random:0 --points 5 --span 2; quit --yes" | grep -E '^saddle|warning'
  [1]
  $ events r 'cnc|slice'
  {"k":"cnc","of":22,"ep":2,"class":3,"images":7,"subset":"4e93554e697977b0","lmin":-16.533376,"residual":0.026982,"rho":0.050000,"batches":4,"batch":2,"a2":0.746746,"a2_se":0.112313,"ratio":[0.030267,24.550493,0.693675],"low":[0.030002,8.923455,0.267840],"high":[0.030368,48.781306,0.968307],"predicted":[0.030043,0.030043,0.825468],"gn":9.172094,"share":0}
  {"k":"cnc","of":22,"ep":2,"class":1,"images":3,"subset":"f66e0e849a794cfb","lmin":-27.604595,"residual":0.064636,"rho":0.01,"batches":1,"batch":3,"a2":3.515542,"a2_se":"nan","ratio":[0.523936,0.010195,0.917621],"low":[0.523936,0.010195,0.917621],"high":[0.523936,0.010195,0.917621],"predicted":[0.524109,0.524109,0.950857],"gn":11.094761,"share":0}
  {"k":"cnc","of":22,"ep":2,"class":3,"images":5,"subset":"a86bc99f40125a46","lmin":-16.775680,"residual":0.028456,"rho":0.200000,"batches":3,"batch":4,"a2":0.447656,"a2_se":0.073847,"ratio":[5.559634,2615.634187,2.708753],"low":[5.549795,546.865946,0.540803],"high":[5.567469,4263.058997,4.435160],"predicted":[5.546665,5.546665,0.375338],"gn":8.775373,"share":0}
  {"k":"cnc","of":22,"ep":2,"class":3,"images":7,"subset":"4e93554e697977b0","lmin":-16.533376,"residual":0.026982,"rho":1.5,"batches":50,"batch":1,"a2":0.601060,"a2_se":0.078572,"ratio":[566.169792,578679987045.68518,774.370785],"low":[565.445890,308898000470.90088,574.569207],"high":[566.940468,986418558138.99353,1075.821229],"predicted":[566.443069,566.443069,1.368860],"gn":12.303019,"share":0.660000}
  {"k":"slice","of":22,"ep":2,"class":3,"images":7,"subset":"4e93554e697977b0","along":"v_min","lambda":-16.533376,"at":[-1,-0.949999,-0.900000,-0.849999,-0.800000,-0.75,-0.699999,-0.650000,-0.599999,-0.550000,-0.5,-0.450000,-0.400000,-0.349999,-0.299999,-0.25,-0.200000,-0.149999,-0.100000,-0.050000,0,0.050000,0.100000,0.149999,0.200000,0.25,0.299999,0.349999,0.400000,0.450000,0.5,0.550000,0.599999,0.650000,0.699999,0.75,0.800000,0.849999,0.900000,0.949999,1],"loss":[0.323596,0.352458,0.382038,0.412876,0.445651,0.479164,0.513549,0.549661,0.586609,0.622914,0.657373,0.693494,0.730166,0.766310,0.804259,0.840431,0.866501,0.888861,0.909675,0.911398,0.886739,0.836292,0.750124,0.634058,0.499831,0.363277,0.241934,0.147472,0.082054,0.041466,0.019824,0.008797,0.003620,0.001355,0.000442,0.000117,2.632209e-05,4.912721e-06,7.403380e-07,9.056538e-08,8.690914e-09]}
  {"k":"slice","of":22,"ep":2,"class":1,"images":3,"subset":"f66e0e849a794cfb","along":"v_max","lambda":151.460259,"at":[-0.25,-0.083333,0.083333,0.25],"loss":[5.192603,1.966213,1.309089,3.278632]}
  {"k":"slice","of":22,"ep":2,"class":2,"images":6,"subset":"49613df599f8bd31","along":"random:7","lambda":0.000161,"at":[-1,0,1],"loss":[0.033598,0.032727,0.032285]}
  {"k":"slice","of":22,"ep":2,"class":2,"images":20,"subset":"9511ef6d2c3f54a7","along":"random:0","lambda":0.000361,"at":[-2,-1,0,1,2],"loss":[0.040906,0.037352,0.034317,0.032179,0.030555]}

What is printed.

  $ at r 'cnc 3 --batches 4 --batch 2; cnc 4 --rho 0.3; slice 3 v_min --points 5; slice 3 v_max --span 3 --points 3 --iters 4; slice 0 random:1 --points 3 --images 9'
  3 3: \xce\xbbmin -16.53 (residual 0.03) \xcf\x81 0.05, 4 batches of 2: E<v,g>\xc2\xb2 0.747 \xc2\xb1 0.1; SAM/SGD linear 0.0303 [0.03, 0.0304], theory 0.03; unnormalised 24.6 [8.92, 48.8], theory 0.03; as SAM does it 0.694 [0.268, 0.968], theory 0.825; |g| 9.17, (\xcf\x81/|g|)\xce\xbbmin < -2 in 0 % (esc)
  4 4: \xce\xbbmin -50.89 (residual 0.07) \xcf\x81 0.3, 1 batch of 1: E<v,g>\xc2\xb2 4.83 (one batch: no error known); SAM/SGD linear 204, theory 204; unnormalised 1.14e+05, theory 204; as SAM does it 0.00036, theory 0.0302; |g| 18.5, (\xcf\x81/|g|)\xce\xbbmin < -2 in 0 % (esc)
  3 3 along v_min: loss 0.8867 here, lowest 8.691e-09 at +1, 0.3236 and 8.691e-09 at -+1; curvature -16.53 (residual 0.03) at step 22 (ep 2.0)
  3 3 along v_max: loss 0.8867 here, lowest 0.8867 at +0, 52.9 and 682.7 at -+3; curvature 95.61 (residual 0.08) at step 22 (ep 2.0)
  0 0 along random:1: loss 0.0973 here, lowest 0.08781 at -1, 0.08781 and 0.1113 at -+1; curvature 0.002476 at step 22 (ep 2.0)

What is refused, at both sides of each limit.

  $ for c in 'cnc 3 --rho 100' 'cnc 3 --rho 101' 'cnc 3 --rho -1' 'cnc 3 --batches 1000001' 'cnc 3 --batch 4096 --batches 1' 'cnc 3 --batch 4097' 'cnc 3 --iters 2' 'cnc 5' \
  >   'slice 3 v_mid' 'slice 3 random:-1' 'slice 3 random:1.5' 'slice 3 random:999999 --points 3' 'slice 3 random:1000000' 'slice 3 --span 1000 --points 3 --iters 2' \
  >   'slice 3 random:1 --span 1e-09 --points 3' 'slice 3 --span 1001' 'slice 3 --span -1' 'slice 3 --points 2' 'slice 3 --points 1002' 'slice 2 --test'; do
  >   echo "$c"; at r@1 "$c"
  > done
  cnc 3 --rho 100
  3 3: \xce\xbbmin -55.84 (residual 0.1) \xcf\x81 100, 1 batch of 7: E<v,g>\xc2\xb2 23.2 (one batch: no error known); SAM/SGD linear 3.11e+07, theory 3.12e+07; unnormalised 1.74e+55, theory 3.12e+07; as SAM does it 2.38e+24, theory 6.94e+04; |g| 21.1, (\xcf\x81/|g|)\xce\xbbmin < -2 in 100 % (esc)
  cnc 3 --rho 101
  saddle: cnc: rho 101 is outside 1e-09..100
  [exit 1]
  cnc 3 --rho -1
  saddle: cnc: rho -1 is outside 1e-09..100
  [exit 1]
  cnc 3 --batches 1000001
  saddle: cnc: batches 1000001 is outside 1..1000000
  [exit 1]
  cnc 3 --batch 4096 --batches 1
  3 3: \xce\xbbmin -55.84 (residual 0.1) \xcf\x81 0.05, 1 batch of 7: E<v,g>\xc2\xb2 23.2 (one batch: no error known); SAM/SGD linear 3.2, theory 3.21; unnormalised 56.5, theory 3.21; as SAM does it 0.691, theory 0.753; |g| 21.1, (\xcf\x81/|g|)\xce\xbbmin < -2 in 0 % (esc)
  cnc 3 --batch 4097
  saddle: cnc: batch 4097 is outside 1..4096
  [exit 1]
  cnc 3 --iters 2
  saddle: cnc: v_min of class 3 was not reached: |H v - -49.2 v| is 14 after 15 products, more than 1 % of it; --iters raises their number
  [exit 1]
  cnc 5
  saddle: cnc: unknown class '5'; an index 0..4, a name, a..b, head, mid, tail, all or worst:K
  [exit 1]
  slice 3 v_mid
  saddle: slice: direction 'v_mid'; v_min, v_max or random:N with N in 0..999999
  [exit 1]
  slice 3 random:-1
  saddle: slice: direction 'random:-1'; v_min, v_max or random:N with N in 0..999999
  [exit 1]
  slice 3 random:1.5
  saddle: slice: direction 'random:1.5'; v_min, v_max or random:N with N in 0..999999
  [exit 1]
  slice 3 random:999999 --points 3
  3 3 along random:999999: loss 4.236 here, lowest 4.236 at +0, 4.284 and 4.236 at -+1; curvature -0.004484 at step 11 (ep 1.0)
  slice 3 random:1000000
  saddle: slice: direction 'random:1000000'; v_min, v_max or random:N with N in 0..999999
  [exit 1]
  slice 3 --span 1000 --points 3 --iters 2
  3 3 along v_min: loss 4.236 here, lowest 0 at +1e+03, 6.053e+27 and 0 at -+1000; curvature -49.16 (residual 1e+01: not yet an eigenvector) at step 11 (ep 1.0)
  slice 3 random:1 --span 1e-09 --points 3
  3 3 along random:1: loss 4.236 here, lowest 4.236 at -1e-09, 4.236 and 4.236 at -+1e-09; curvature -0.001411 at step 11 (ep 1.0)
  slice 3 --span 1001
  saddle: slice: span 1001 is outside 1e-09..1000
  [exit 1]
  slice 3 --span -1
  saddle: slice: span -1 is outside 1e-09..1000
  [exit 1]
  slice 3 --points 2
  saddle: slice: points 2 is outside 3..1001
  [exit 1]
  slice 3 --points 1002
  saddle: slice: points 1002 is outside 3..1001
  [exit 1]
  slice 2 --test
  saddle: slice: unknown option '--test'; usage: slice CLASS [v_min|v_max|random:N] [--span S] [--points P] [--iters M] [--images K]
  [exit 1]
