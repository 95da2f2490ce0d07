What probes of curvature tell, at every option: whole events, each number to seven digits.

  $ . $TOLD/setup.sh
  $ . $TOLD/odd.sh
  $ saddle --sessions . -c "$odd; loss ce --weights inverse --drw 1; set reduction batch-mean; opt sam --rho 0.1; train --name r; wait;
  > eval; eval train;
  > hessian 0 --iters 3; hessian 0 --images 129 --iters 2 --vectors 2; hessian 3 --iters 4 --vectors 6; hessian 4 --iters 22 --tol 0; set rho 0.3 if lmin:3 < 0; hessian 3 --iters 6 --trace --images 2;
  > hessian 3 --iters 3 --test; hessian 3 --iters 3 --augment; show pending; hessian 2 --iters 3 --train-mode; hessian 3 --iters 3 --weighted; hessian 3 --iters 30 --tol 0.3; show pending;
  > hessian 3 --iters 30 --tol 0.3 --top 2; hessian 1 --iters 3 --like pyhessian --images 2; set hessian_images 2; hessian 1 --iters 2 --like pyhessian; hessian 4 --iters 2 --vectors 2 --like pyhessian --augment;
  > hessian 1,3 --iters 2 --test --augment --weighted --train-mode --images 2; quit --yes" | grep -E '^saddle|warning|Z e[pi]|lmin:3' | sed -E 's/ (sec|ips|eta)=[0-9.]+//g' | calm
  DATE eig   step=22 ep=2.00 class=0 name=0 lmin=-0.000510526 lmax=0.760446 rmin=0.011 rmax=0.019 iters=3 images=128 loss=0.00192927 amp=-1.014e-05 why=iters
  DATE eig   step=22 ep=2.00 class=0 name=0 lmin=-0.000646965 lmax=0.649178 rmin=0.015 rmax=0.26 iters=2 images=129 loss=0.0019248 trace=2.7341 trace_se=1.8 amp=-1.285e-05 why=iters
  DATE eig   step=22 ep=2.00 class=3 name=3 lmin=-37.0637 lmax=45.4227 rmin=16 rmax=15 iters=4 images=7 loss=4.51821 trace=405.331 trace_se=2e+02 amp=-0.7361 why=iters
  DATE eig   step=22 ep=2.00 class=4 name=4 lmin=-74.8692 lmax=78.2672 rmin=0.0046 rmax=0.016 iters=22 images=1 loss=4.10282 amp=-1.487 why=iters
  pending 1: set rho 0.3 if lmin:3 < 0
  DATE eig   step=22 ep=2.00 class=3 name=3 lmin=-53.9969 lmax=63.1977 rmin=9.7 rmax=14 iters=6 images=2 loss=4.91838 trace=37.5451 trace_se=65 amp=-1.072 why=iters
  DATE eig   step=22 ep=2.00 class=3 name=3 lmin=-22.5741 lmax=24.4867 rmin=17 rmax=19 iters=3 images=45 loss=5.68944 amp=-0.4483 why=iters how="test images"
  DATE eig   step=22 ep=2.00 class=3 name=3 lmin=-32.7166 lmax=33.0543 rmin=29 rmax=31 iters=3 images=7 loss=7.07096 amp=-0.6498 why=iters how="augmented"
  1: set rho 0.3 if lmin:3 < 0
  DATE eig   step=22 ep=2.00 class=2 name=2 lmin=-8.73795 lmax=0.0981528 rmin=3.7 rmax=0.98 iters=3 images=20 loss=7.86568 amp=-0.1735 why=iters how="train-mode batch norm"
  DATE eig   step=22 ep=2.00 class=3 name=3 lmin=-10.1778 lmax=11.3708 rmin=10 rmax=11 iters=3 images=7 loss=2.10408 amp=-0.2021 why=iters how="weighted"
  DATE eig   step=22 ep=2.00 class=3 name=3 lmin=-44.2995 lmax=47.8737 rmin=9.9 rmax=9.1 iters=5 images=7 loss=4.51821 amp=-0.8798 why=bound
  1: set rho 0.3 if lmin:3 < 0
  DATE eig   step=22 ep=2.00 class=3 name=3 lmin=-48.6533 lmax=53.0891 rmin=3.6 rmax=4.1 iters=8 images=7 loss=4.51821 amp=-0.9663 why=bound
  DATE eig   step=22 ep=2.00 class=1 name=1 lmin=-39.8188 lmax=31.2218 rmin=27 rmax=29 iters=3 images=2 loss=4.46473 trace=-22.8348 trace_se=81 amp=-0.7908 power=87.3121 why=iters how="pyhessian"
  DATE eig   step=22 ep=2.00 class=1 name=1 lmin=-5.31048 lmax=0.576175 rmin=27 rmax=8.8 iters=2 images=3 loss=4.39124 trace=37.808 trace_se=66 amp=-0.1055 power=71.9401 why=iters how="pyhessian"
  DATE eig   step=22 ep=2.00 class=4 name=4 lmin=-4.0763 lmax=8.61791 rmin=35 rmax=41 iters=2 images=1 loss=5.46358 trace=8.9675 trace_se=81 amp=-0.08096 power=-17.5137 why=iters how="augmented, pyhessian"
  DATE eig   step=22 ep=2.00 class=1 name=1 lmin=-73.7094 lmax=0.0760001 rmin=1.4e+02 rmax=5.6 iters=2 images=1 loss=6.75454 amp=-1.464 why=iters how="test images, train-mode batch norm, augmented, weighted"
  DATE eig   step=22 ep=2.00 class=3 name=3 lmin=-14.0401 lmax=0.0210297 rmin=18 rmax=0.92 iters=2 images=2 loss=2.93123 amp=-0.2788 why=iters how="test images, train-mode batch norm, augmented, weighted"
  $ events r 'epoch|eig'
  {"k":"epoch","ep":2,"split":"test","loss":2.467676,"acc":53.097345,"groups":[100,0,0],"cls":[100,0,"nan",0,0],"conf":[60,0,0,0,0,1,0,0,0,0,0,0,0,0,0,45,0,0,0,0,7,0,0,0,0],"train_loss":"nan","train_acc":"nan","lr":0.01,"rho":0.100000,"drw":1,"best":53.097345,"best_ep":2,"cls_loss":[0.001549,6.194441,"nan",5.689435,6.700015],"train_cls_loss":[],"math":null}
  {"k":"epoch","ep":2,"split":"train","loss":0.382358,"acc":80.864197,"groups":[100,0,0],"cls":[100,0,0,0,0],"conf":[131,0,0,0,0,3,0,0,0,0,20,0,0,0,0,7,0,0,0,0,1,0,0,0,0],"train_loss":"nan","train_acc":"nan","lr":0.01,"rho":0.100000,"drw":1,"best":53.097345,"best_ep":2,"cls_loss":[0.001906,4.391242,5.987494,4.518206,4.102821],"train_cls_loss":[],"math":null}
  {"k":"eig","of":22,"ep":2,"class":0,"images":128,"subset":"747e09634f96f386","loss":0.001929,"lmin":-0.000510,"lmax":0.760446,"rmin":0.010638,"rmax":0.018934,"iters":3,"nodes":[-0.000510,0.009190,0.760446],"wts":[0.944905,0.055044,4.973191e-05],"runs":1,"trace":"nan","trace_se":"nan","amp":-1.013903e-05,"how":null,"why":"iters","power":"nan"}
  {"k":"eig","of":22,"ep":2,"class":0,"images":129,"subset":"397474e23b77278f","loss":0.001924,"lmin":-0.000646,"lmax":0.649177,"rmin":0.014819,"rmax":0.264351,"iters":2,"nodes":[-0.000646,9.546050e-06,0.006525,0.649177],"wts":[0.454064,0.499960,0.045935,3.958954e-05],"runs":2,"trace":2.734099,"trace_se":1.834762,"amp":-1.284871e-05,"how":null,"why":"iters","power":"nan"}
  {"k":"eig","of":22,"ep":2,"class":3,"images":7,"subset":"4e93554e697977b0","loss":4.518205,"lmin":-37.063715,"lmax":45.422728,"rmin":15.759930,"rmax":14.981647,"iters":4,"nodes":[-37.063715,-36.887508,-36.416729,-36.312527,-30.760333,-28.903890,-2.605918,-0.579386,-0.310729,-0.255366,-0.248533,-0.205215,0.398444,1.686416,3.380773,3.744770,4.123032,4.574142,32.738270,36.637843,40.150762,41.160037,44.410623,45.422728],"wts":[3.475323e-05,4.938285e-05,3.869117e-05,7.503738e-05,7.942860e-05,8.400419e-05,0.022264,0.123841,0.151829,0.156370,0.155655,0.159026,0.144292,0.042766,0.014717,0.010886,0.010219,0.007535,5.972479e-05,4.502720e-05,4.391481e-05,2.380649e-05,3.783534e-05,2.090377e-05],"runs":6,"trace":405.330614,"trace_se":198.114746,"amp":-0.736084,"how":null,"why":"iters","power":"nan"}
  {"k":"eig","of":22,"ep":2,"class":4,"images":1,"subset":"fb5e512425fc9449","loss":4.102821,"lmin":-74.869204,"lmax":78.267247,"rmin":0.004614,"rmax":0.016044,"iters":22,"nodes":[-74.869204,-68.713493,-65.767302,-56.198519,-49.685578,-44.120119,-37.101469,-27.060057,-18.727261,-9.260963,-0.166378,1.350141,10.520989,19.940165,28.217623,38.516883,47.654513,53.255182,59.084208,65.255625,68.793502,78.267247],"wts":[2.908705e-05,3.499772e-07,0.000112,3.381193e-06,1.930746e-05,6.420577e-05,0.000130,0.000478,0.001043,0.003877,0.872999,0.116583,0.003289,0.000711,0.000373,0.000149,5.726116e-05,4.008616e-05,2.400350e-05,1.017893e-05,2.118931e-06,2.329482e-07],"runs":1,"trace":"nan","trace_se":"nan","amp":-1.486901,"how":null,"why":"iters","power":"nan"}
  {"k":"eig","of":22,"ep":2,"class":3,"images":2,"subset":"39498309217e6c3c","loss":4.918377,"lmin":-53.996910,"lmax":63.197695,"rmin":9.710478,"rmax":13.530132,"iters":6,"nodes":[-53.996910,-27.411005,-0.314553,3.894736,34.501015,63.197695],"wts":[8.055058e-05,0.000997,0.920125,0.078196,0.000576,2.312805e-05],"runs":1,"trace":37.545110,"trace_se":65.252106,"amp":-1.072377,"how":null,"why":"iters","power":"nan"}
  {"k":"eig","of":22,"ep":2,"class":3,"images":45,"subset":"1770406dc85c70e6","loss":5.689435,"lmin":-22.574144,"lmax":24.486705,"rmin":17.409077,"rmax":19.435786,"iters":3,"nodes":[-22.574144,0.004662,24.486705],"wts":[0.001270,0.997862,0.000867],"runs":1,"trace":"nan","trace_se":"nan","amp":-0.448322,"how":"test images","why":"iters","power":"nan"}
  {"k":"eig","of":22,"ep":2,"class":3,"images":7,"subset":"4e93554e697977b0","loss":7.070957,"lmin":-32.716571,"lmax":33.054264,"rmin":29.304541,"rmax":30.859379,"iters":3,"nodes":[-32.716571,0.010138,33.054264],"wts":[0.001370,0.997416,0.001212],"runs":1,"trace":"nan","trace_se":"nan","amp":-0.649750,"how":"augmented","why":"iters","power":"nan"}
  {"k":"eig","of":22,"ep":2,"class":2,"images":20,"subset":"9511ef6d2c3f54a7","loss":7.865679,"lmin":-8.737948,"lmax":0.098152,"rmin":3.694758,"rmax":0.978495,"iters":3,"nodes":[-8.737948,-1.095676,0.098152],"wts":[0.001504,0.119724,0.878771],"runs":1,"trace":"nan","trace_se":"nan","amp":-0.173535,"how":"train-mode batch norm","why":"iters","power":"nan"}
  {"k":"eig","of":22,"ep":2,"class":3,"images":7,"subset":"4e93554e697977b0","loss":2.104081,"lmin":-10.177795,"lmax":11.370844,"rmin":10.144176,"rmax":10.596923,"iters":3,"nodes":[-10.177795,0.003179,11.370844],"wts":[0.001646,0.997144,0.001209],"runs":1,"trace":"nan","trace_se":"nan","amp":-0.202130,"how":"weighted","why":"iters","power":"nan"}
  {"k":"eig","of":22,"ep":2,"class":3,"images":7,"subset":"4e93554e697977b0","loss":4.518205,"lmin":-44.299499,"lmax":47.873671,"rmin":9.929150,"rmax":9.072875,"iters":5,"nodes":[-44.299499,-13.732607,0.004181,14.614675,47.873671],"wts":[6.928254e-05,0.003325,0.993653,0.002896,5.490274e-05],"runs":1,"trace":"nan","trace_se":"nan","amp":-0.879787,"how":null,"why":"bound","power":"nan"}
  {"k":"eig","of":22,"ep":2,"class":3,"images":7,"subset":"4e93554e697977b0","loss":4.518205,"lmin":-48.653284,"lmax":53.089107,"rmin":3.553865,"rmax":4.143114,"iters":8,"nodes":[-48.653284,-36.312990,-17.722264,-0.314788,1.573145,19.097208,42.360780,53.089107],"wts":[2.529775e-05,7.541311e-05,0.001172,0.829187,0.168530,0.000940,5.319823e-05,1.506664e-05],"runs":1,"trace":"nan","trace_se":"nan","amp":-0.966253,"how":null,"why":"bound","power":"nan"}
  {"k":"eig","of":22,"ep":2,"class":1,"images":2,"subset":"971e061b731ff275","loss":4.464727,"lmin":-39.818827,"lmax":31.221838,"rmin":27.257614,"rmax":28.571370,"iters":3,"nodes":[-39.818827,-0.023659,31.221838],"wts":[0.001551,0.996158,0.002290],"runs":1,"trace":-22.834760,"trace_se":80.754999,"amp":-0.790801,"how":"pyhessian","why":"iters","power":87.312141}
  {"k":"eig","of":22,"ep":2,"class":1,"images":3,"subset":"f66e0e849a794cfb","loss":4.391242,"lmin":-5.310482,"lmax":0.576175,"rmin":26.559883,"rmax":8.849768,"iters":2,"nodes":[-5.310482,0.576175],"wts":[0.099928,0.900071],"runs":1,"trace":37.808008,"trace_se":65.588813,"amp":-0.105466,"how":"pyhessian","why":"iters","power":71.940074}
  {"k":"eig","of":22,"ep":2,"class":4,"images":1,"subset":"fb5e512425fc9449","loss":5.463583,"lmin":-4.076301,"lmax":8.617913,"rmin":34.773830,"rmax":41.077867,"iters":2,"nodes":[-4.076301,-0.615495,1.239570,8.617913],"wts":[0.116863,0.466148,0.383136,0.033851],"runs":2,"trace":8.967496,"trace_se":81.304226,"amp":-0.080955,"how":"augmented, pyhessian","why":"iters","power":-17.513723}
  {"k":"eig","of":22,"ep":2,"class":1,"images":1,"subset":"67abdd721024f0ff","loss":6.754542,"lmin":-73.709432,"lmax":0.076000,"rmin":138.389551,"rmax":5.554465,"iters":2,"nodes":[-73.709432,0.076000],"wts":[0.001608,0.998391],"runs":1,"trace":"nan","trace_se":"nan","amp":-1.463868,"how":"test images, train-mode batch norm, augmented, weighted","why":"iters","power":"nan"}
  {"k":"eig","of":22,"ep":2,"class":3,"images":2,"subset":"a01fd7895ceb904c","loss":2.931228,"lmin":-14.040146,"lmax":0.021029,"rmin":18.241736,"rmax":0.924706,"iters":2,"nodes":[-14.040146,0.021029],"wts":[0.002563,0.997436],"runs":1,"trace":"nan","trace_se":"nan","amp":-0.278837,"how":"test images, train-mode batch norm, augmented, weighted","why":"iters","power":"nan"}

What is printed of them.

  $ at r 'hessian 3 --iters 7 --top 3; hessian 3 --vectors 2 --iters 5; hessian 1 --trace --iters 4; hessian 1 --iters 2 --augment --trace'
  3 3: \xce\xbbmin -47.87 \xce\xbbmax 51.83 |\xce\xbbmin|/\xce\xbbmax 0.92 bound 0.1 after all 7 products (\xcf\x81/|g|)\xce\xbbmin -0.95 at step 22 (ep 2.0); lowest -47.87 -29.61 -9.228; highest 51.83 36.73 12.86 (esc)
  3 3: \xce\xbbmin -44.3 \xce\xbbmax 47.87 |\xce\xbbmin|/\xce\xbbmax 0.93 bound 0.2 after all 5 products (10 in all) trace 303.9 \xc2\xb1 3e+02 (\xcf\x81/|g|)\xce\xbbmin -0.88 at step 22 (ep 2.0) (esc)
  1 1: \xce\xbbmin -35.78 \xce\xbbmax 67.95 |\xce\xbbmin|/\xce\xbbmax 0.53 bound 0.5 after all 4 products (104 in all) trace 41.43 \xc2\xb1 6e+01 (\xcf\x81/|g|)\xce\xbbmin -0.71 at step 22 (ep 2.0) (esc)
  1 1: \xce\xbbmin -0.37 \xce\xbbmax 21.4 |\xce\xbbmin|/\xce\xbbmax 0.017 bound 2e+01 after all 2 products (102 in all) trace 27.27 \xc2\xb1 1e+02 (\xcf\x81/|g|)\xce\xbbmin -0.0073 at step 22 (ep 2.0), augmented (esc)
  $ at r@1 'hessian 3 --iters 7 --tol 0.1 --images 5; hessian 3,1 --iters 2 --top 4 --weighted; hessian 1 --iters 3 --like pyhessian --test'
  3 3: \xce\xbbmin -52.85 \xce\xbbmax 67.93 |\xce\xbbmin|/\xce\xbbmax 0.78 bound 0.2 after all 7 products (\xcf\x81/|g|)\xce\xbbmin -0.41 at step 11 (ep 1.0) (esc)
  1 1: \xce\xbbmin -0.2867 \xce\xbbmax 18.56 |\xce\xbbmin|/\xce\xbbmax 0.015 bound 2e+01 after all 2 products (\xcf\x81/|g|)\xce\xbbmin -0.0022 at step 11 (ep 1.0), weighted; lowest -0.2867 18.56; highest 18.56 -0.2867; 3 3: \xce\xbbmin -0.4118 \xce\xbbmax 0.8551 |\xce\xbbmin|/\xce\xbbmax 0.48 bound 2e+01 after all 2 products (\xcf\x81/|g|)\xce\xbbmin -0.0032 at step 11 (ep 1.0), weighted; lowest -0.4118 0.8551; highest 0.8551 -0.4118 (esc)
  1 1: \xce\xbbmin -84.21 \xce\xbbmax 50.73 |\xce\xbbmin|/\xce\xbbmax 1.7 bound 1 after all 3 products (182 in all) trace -5.708 \xc2\xb1 1e+02 (\xcf\x81/|g|)\xce\xbbmin -0.65 at step 11 (ep 1.0), test images, pyhessian; power iteration 123.8 in 79 products, trace in 100 (esc)
  $ at r@0 'hessian --iters 2 --vectors 1; hessian 2 --iters 2 --train-mode --augment'
  4 4: \xce\xbbmin -23.18 \xce\xbbmax 0.2473 |\xce\xbbmin|/\xce\xbbmax 94 bound 2e+01 after all 2 products at step 0 (ep 0.0) (esc)
  2 2: \xce\xbbmin 0.001503 \xce\xbbmax 6.813 |\xce\xbbmin|/\xce\xbbmax 0.00022 bound 1e+02 after all 2 products at step 0 (ep 0.0), train-mode batch norm, augmented (esc)

What is refused, at both sides of each limit.

  $ for o in '2 --test' 5 '4 --iters 1' '4 --iters 1001' '4 --vectors 0' '4 --vectors 100 --iters 2' '4 --vectors 101' '4 --top 20' '4 --top 21' '4 --top 0' '4 --tol -1' '4 --tol 1' \
  >   '4 --tol 1.1' '4 --images 0' '4 --save r.st --like pyhessian' '4 --like pyhessian --trace' '4 --like pyhessian --top 2' '0 --train-mode --images 128 --iters 2' \
  >   '0 --train-mode --images 129' '4 --like torch'; do
  >   echo "hessian $o"; at r@1 "set hessian_iters 2; hessian $o" | grep -v '^hessian_iters 40 -> 2'
  > done
  hessian 2 --test
  saddle: hessian: class 2 2 has no test images to probe
  [exit 1]
  hessian 5
  saddle: hessian: unknown class '5'; an index 0..4, a name, a..b, head, mid, tail, all or worst:K
  [exit 1]
  hessian 4 --iters 1
  saddle: hessian: hessian_iters: 1 is not in 2..1000
  [exit 1]
  hessian 4 --iters 1001
  saddle: hessian: hessian_iters: 1001 is not in 2..1000
  [exit 1]
  hessian 4 --vectors 0
  saddle: hessian: hessian_vectors: 0 is not in 1..100
  [exit 1]
  hessian 4 --vectors 100 --iters 2
  4 4: \xce\xbbmin -19.11 \xce\xbbmax 27.2 |\xce\xbbmin|/\xce\xbbmax 0.7 bound 3 after all 2 products (200 in all) trace 244.4 \xc2\xb1 1e+02 (\xcf\x81/|g|)\xce\xbbmin -0.15 at step 11 (ep 1.0) (esc)
  hessian 4 --vectors 101
  saddle: hessian: hessian_vectors: 101 is not in 1..100
  [exit 1]
  hessian 4 --top 20
  4 4: \xce\xbbmin -113.5 \xce\xbbmax 133.2 |\xce\xbbmin|/\xce\xbbmax 0.85 bound 1e-07 after all 40 products (\xcf\x81/|g|)\xce\xbbmin -0.87 at step 11 (ep 1.0); lowest -113.5 -97.8 -95.56 -83.3 -77.81 -76.51 -74.6 -71.12 -65.35 -61.03 -54.2 -50.31 -45.27 -39.28 -33.08 -26.09 -19.95 -12.97 -6.605 -0.104; highest 133.2 97.86 91.24 84.23 80.24 77.88 73.09 70.36 66.05 62.6 58.4 52.84 46.55 40.14 33.57 27.32 21.39 14.44 8.013 1.435 (esc)
  hessian 4 --top 21
  saddle: hessian: top 21 is outside 1..20
  [exit 1]
  hessian 4 --top 0
  saddle: hessian: top 0 is outside 1..20
  [exit 1]
  hessian 4 --tol -1
  saddle: hessian: tol -1 is outside 0..1
  [exit 1]
  hessian 4 --tol 1
  4 4: \xce\xbbmin -66.62 \xce\xbbmax 41.82 |\xce\xbbmin|/\xce\xbbmax 1.6 bound 1 reached in 3 products (\xcf\x81/|g|)\xce\xbbmin -0.51 at step 11 (ep 1.0) (esc)
  hessian 4 --tol 1.1
  saddle: hessian: tol 1.1 is outside 0..1
  [exit 1]
  hessian 4 --images 0
  saddle: hessian: hessian_images: 0 is not in 1..100000
  [exit 1]
  hessian 4 --save r.st --like pyhessian
  saddle: hessian: the reference's protocol has its own stopping rules and evaluation mode; --iters, --images, --vectors, --test, --weighted and --augment go with it
  [exit 1]
  hessian 4 --like pyhessian --trace
  saddle: hessian: the reference's protocol has its own stopping rules and evaluation mode; --iters, --images, --vectors, --test, --weighted and --augment go with it
  [exit 1]
  hessian 4 --like pyhessian --top 2
  saddle: hessian: the reference's protocol has its own stopping rules and evaluation mode; --iters, --images, --vectors, --test, --weighted and --augment go with it
  [exit 1]
  hessian 0 --train-mode --images 128 --iters 2
  0 0: \xce\xbbmin 0.0001212 \xce\xbbmax 0.03431 |\xce\xbbmin|/\xce\xbbmax 0.0035 bound 2e+01 after all 2 products (\xcf\x81/|g|)\xce\xbbmin 9.3e-07 at step 11 (ep 1.0), train-mode batch norm (esc)
  hessian 0 --train-mode --images 129
  saddle: hessian: 129 images in training mode: batch statistics need one batch, at most 128 are accepted
  [exit 1]
  hessian 4 --like torch
  saddle: hessian: like 'torch'; pyhessian is accepted
  [exit 1]

Eigenvectors of a class, with the names of a weights file.

  $ at r 'hessian 3 --iters 12 --top 2 --save v.safetensors; hessian 3 --iters 3 --save v.safetensors'
  3 3: \xce\xbbmin -49.39 \xce\xbbmax 53.72 |\xce\xbbmin|/\xce\xbbmax 0.92 bound 0.02 after all 12 products (\xcf\x81/|g|)\xce\xbbmin -0.98 at step 22 (ep 2.0); lowest -49.39 -43.69; highest 53.72 45.28; v.safetensors written (esc)
  saddle: hessian: 'v.safetensors' exists; --force replaces it
  [exit 1]
  $ at r 'hessian 3 --iters 12 --top 2 --save v.safetensors --force'
  3 3: \xce\xbbmin -49.39 \xce\xbbmax 53.72 |\xce\xbbmin|/\xce\xbbmax 0.92 bound 0.02 after all 12 products (\xcf\x81/|g|)\xce\xbbmin -0.98 at step 22 (ep 2.0); lowest -49.39 -43.69; highest 53.72 45.28; v.safetensors written (esc)
  $ python3 -c 'import json, struct, array
  > with open("v.safetensors", "rb") as f:
  >     head = json.loads(f.read(struct.unpack("<Q", f.read(8))[0])); raw = f.read()
  > print(head.pop("__metadata__"), len(head))
  > ends = "v_min", "v_min2", "v_max", "v_max2"
  > v = {e: [x for k, t in head.items() if k.startswith(e + ".") for x in array.array("f", raw[slice(*t["data_offsets"])])] for e in ends}
  > for a in ends:
  >     print(a, len(v[a]), *("%.5f" % abs(sum(x * y for x, y in zip(v[a], v[b]))) for b in ends), "%.5f" % abs(v[a][-3]))'
  {'step': '22', 'class': '3', 'subset': '4e93554e697977b0', 'v_min': '-49.3949961', 'v_min2': '-43.6851131', 'v_max': '53.7184247', 'v_max2': '45.2815602'} 92
  v_min 74965 1.00000 0.00000 0.00000 0.00000 0.00006
  v_min2 74965 0.00000 1.00000 0.00000 0.00000 0.00010
  v_max 74965 0.00000 0.00000 1.00000 0.00000 0.00041
  v_max2 74965 0.00000 0.00000 0.00000 1.00000 0.00009
