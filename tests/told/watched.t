Probes of watched classes beside training: which, when, of which weights, and what is said where they do not keep up. With budget 1 they take the
time that they want, so that each run has the same.

  $ . $TOLD/setup.sh
  $ . $TOLD/odd.sh
  $ watch() { saddle --sessions . -c "$odd; set budget 1; opt sam --rho 0.1; $2; train --name $1 --paused; ${3:-resume}; wait; quit --yes" | grep -E '^saddle|^warning|^watched|note|Z eig|nothing is' | sed -E 's/ sec=[0-9.]+//' | calm; }

Every second epoch two classes, the last of which comes at the end.

  $ watch a 'set epochs 4; watch 1,3 every 2 iters 4 images 5'
  nothing is watched
  watched: 2 classes
  DATE eig   step=25 ep=2.00 class=1 name=1 lmin=-26.0359 lmax=87.147 rmin=18 rmax=11 iters=4 images=3 loss=3.39125 amp=-0.2622 why=iters
  DATE eig   step=29 ep=2.00 class=3 name=3 lmin=-30.8862 lmax=30.5808 rmin=14 rmax=17 iters=4 images=5 loss=2.28047 amp=-0.311 why=iters
  DATE eig   step=44 ep=4.00 class=1 name=1 lmin=-10.2673 lmax=118.391 rmin=12 rmax=3.1 iters=4 images=3 loss=1.08972 amp=-0.415 why=iters
  DATE eig   step=44 ep=4.00 class=3 name=3 lmin=-8.02996 lmax=55.756 rmin=7.3 rmax=2.1 iters=4 images=5 loss=1.12884 amp=-0.3246 why=iters
  $ events a eig
  {"k":"eig","of":22,"ep":2,"class":1,"images":3,"subset":"f66e0e849a794cfb","loss":3.391251,"lmin":-26.035947,"lmax":87.146993,"rmin":17.663880,"rmax":10.521589,"iters":4,"nodes":[-26.035947,-0.038233,20.359994,87.146993],"wts":[0.001494,0.993366,0.004957,0.000180],"runs":1,"trace":"nan","trace_se":"nan","amp":-0.262166,"how":null,"why":"iters","power":"nan"}
  {"k":"eig","of":22,"ep":2,"class":3,"images":5,"subset":"a86bc99f40125a46","loss":2.280469,"lmin":-30.886161,"lmax":30.580759,"rmin":14.440914,"rmax":16.933668,"iters":4,"nodes":[-30.886161,-0.406217,1.798870,30.580759],"wts":[0.000191,0.812229,0.187404,0.000174],"runs":1,"trace":"nan","trace_se":"nan","amp":-0.311004,"how":null,"why":"iters","power":"nan"}
  {"k":"eig","of":44,"ep":4,"class":1,"images":3,"subset":"f66e0e849a794cfb","loss":1.089722,"lmin":-10.267288,"lmax":118.391139,"rmin":11.798933,"rmax":3.120004,"iters":4,"nodes":[-10.267288,0.027124,21.233714,118.391139],"wts":[0.004004,0.995129,0.000820,4.554439e-05],"runs":1,"trace":"nan","trace_se":"nan","amp":-0.415040,"how":null,"why":"iters","power":"nan"}
  {"k":"eig","of":44,"ep":4,"class":3,"images":5,"subset":"a86bc99f40125a46","loss":1.128839,"lmin":-8.029956,"lmax":55.755996,"rmin":7.281187,"rmax":2.095170,"iters":4,"nodes":[-8.029956,-0.004615,7.434392,55.755996],"wts":[0.001588,0.995675,0.002694,4.070528e-05],"runs":1,"trace":"nan","trace_se":"nan","amp":-0.324599,"how":null,"why":"iters","power":"nan"}

More products than an epoch has steps: the next round waits, or makes way for that of the last epoch.

  $ watch b 'set epochs 3; watch 3,1 every 1 iters 9 images 3; set hessian_vectors 2; set hessian_tol 0'
  nothing is watched
  watched: 2 classes
  DATE event step=22 ep=2.00 note hessian: the probes of an earlier epoch are still under way within budget 1; a larger budget, fewer hessian_iters or a longer hessian_every would keep up
  DATE eig   step=28 ep=1.00 class=1 name=1 lmin=-70.3458 lmax=78.4819 rmin=5.2 rmax=1.5 iters=9 images=3 loss=5.52711 trace=978.999 trace_se=1.3e+03 amp=-0.5393 why=iters
  DATE eig   step=33 ep=1.00 class=3 name=3 lmin=-59.7414 lmax=70.388 rmin=4.4 rmax=0.61 iters=9 images=3 loss=5.68116 trace=252.215 trace_se=89 amp=-0.458 why=iters
  DATE eig   step=33 ep=3.00 class=1 name=1 lmin=-28.9719 lmax=127.858 rmin=3.8 rmax=0.00052 iters=9 images=3 loss=1.20723 trace=877.9 trace_se=5.1e+02 amp=-0.4793 why=iters
  DATE eig   step=33 ep=3.00 class=3 name=3 lmin=-13.3992 lmax=51.9818 rmin=1.3 rmax=0.0092 iters=9 images=3 loss=0.649081 trace=273.559 trace_se=55 amp=-0.2217 why=iters
  $ events b eig
  {"k":"eig","of":11,"ep":1,"class":1,"images":3,"subset":"f66e0e849a794cfb","loss":5.527112,"lmin":-70.345778,"lmax":78.481863,"rmin":5.154616,"rmax":1.459130,"iters":9,"nodes":[-70.345778,-65.373021,-54.758291,-47.847741,-34.143977,-28.129445,-10.422066,-6.515370,0.032506,0.135095,13.138413,17.604536,36.379432,42.513446,54.517170,62.304413,77.841077,78.481863],"wts":[5.033515e-06,2.113251e-06,5.107458e-05,7.855829e-05,0.000252,0.000411,0.004848,0.012477,0.491874,0.485048,0.002765,0.001638,0.000168,0.000236,3.251833e-05,6.068103e-05,1.154909e-06,4.607471e-05],"runs":2,"trace":978.998707,"trace_se":1276.482904,"amp":-0.539250,"how":null,"why":"iters","power":"nan"}
  {"k":"eig","of":11,"ep":1,"class":3,"images":3,"subset":"a43b362f03673720","loss":5.681162,"lmin":-59.741411,"lmax":70.387982,"rmin":4.425771,"rmax":0.606764,"iters":9,"nodes":[-59.741411,-57.535064,-47.077951,-43.072382,-29.576906,-28.636180,-10.009546,-7.682822,0.004515,0.046448,9.949598,12.317255,27.929403,31.951302,47.475474,48.979361,67.698211,70.387982],"wts":[5.022356e-06,5.334203e-06,2.372121e-05,5.764967e-05,0.000280,0.000212,0.003646,0.006039,0.492420,0.490987,0.003407,0.002412,0.000246,0.000193,2.205363e-05,2.480281e-05,1.598174e-07,1.235162e-05],"runs":2,"trace":252.215494,"trace_se":89.499145,"amp":-0.457960,"how":null,"why":"iters","power":"nan"}
  {"k":"eig","of":33,"ep":3,"class":1,"images":3,"subset":"f66e0e849a794cfb","loss":1.207234,"lmin":-28.971858,"lmax":127.858015,"rmin":3.786441,"rmax":0.000517,"iters":9,"nodes":[-28.971858,-26.089204,-22.114276,-19.737456,-10.150314,-8.617746,-0.081941,-0.052755,2.686640,3.569454,15.721923,16.728876,28.080664,28.685338,38.965590,39.602773,127.858001,127.858015],"wts":[1.504900e-05,3.084465e-05,7.997206e-05,0.000110,0.001139,0.001392,0.481013,0.487955,0.017289,0.010014,0.000364,0.000362,5.834579e-05,5.632954e-05,3.635026e-05,3.856341e-05,3.938333e-05,3.105190e-06],"runs":2,"trace":877.900041,"trace_se":510.826219,"amp":-0.479276,"how":null,"why":"iters","power":"nan"}
  {"k":"eig","of":33,"ep":3,"class":3,"images":3,"subset":"a43b362f03673720","loss":0.649081,"lmin":-13.399199,"lmax":51.981786,"rmin":1.338752,"rmax":0.009243,"iters":9,"nodes":[-13.399199,-13.284362,-9.407072,-8.009615,-2.765649,-2.359220,0.011384,0.019908,4.392844,4.730770,12.102757,12.423637,19.712189,22.151269,37.110242,37.110791,51.981784,51.981786],"wts":[4.927596e-05,2.973138e-05,0.000253,0.000228,0.004292,0.006192,0.493456,0.492030,0.001756,0.001410,5.308390e-05,0.000147,2.801290e-05,1.920222e-05,6.374969e-06,2.391563e-05,1.162215e-05,7.943008e-06],"runs":2,"trace":273.559097,"trace_se":55.417693,"amp":-0.221660,"how":null,"why":"iters","power":"nan"}

One by hand in the middle of a round: what was under way begins again, with the weights of then.

  $ watch c 'set epochs 3; watch 1,4 every 1 iters 5 images 5' 'hessian 3 --iters 2 at step 13; unwatch 1 at step 24; resume'
  nothing is watched
  watched: 2 classes
  DATE eig   step=13 ep=1.18 class=3 name=3 lmin=-0.701693 lmax=2.56964 rmin=11 rmax=21 iters=2 images=5 loss=5.13104 amp=-0.04683 why=iters
  DATE event step=13 ep=1.18 note 3 3: \xce\xbbmin -0.7017 \xce\xbbmax 2.57 |\xce\xbbmin|/\xce\xbbmax 0.27 bound 2e+01 after all 2 products (\xcf\x81/|g|)\xce\xbbmin -0.047 at step 13 (ep 1.2) (esc)
  DATE eig   step=18 ep=1.27 class=1 name=1 lmin=-51.5551 lmax=69.9147 rmin=17 rmax=11 iters=5 images=3 loss=5.89272 amp=-3.425 why=iters
  DATE event step=22 ep=2.00 note hessian: the probes of an earlier epoch are still under way within budget 1; a larger budget, fewer hessian_iters or a longer hessian_every would keep up
  DATE eig   step=23 ep=1.27 class=4 name=4 lmin=-96.8576 lmax=94.3726 rmin=16 rmax=30 iters=5 images=1 loss=6.45499 amp=-6.435 why=iters
  DATE event step=24 ep=2.18 note watching 1 class, every 1 epoch, at most 5 products of 5 images, at most 1 of the time
  DATE eig   step=33 ep=3.00 class=4 name=4 lmin=-41.0049 lmax=115.89 rmin=12 rmax=4.8 iters=5 images=1 loss=2.67097 amp=-0.6783 why=iters
  $ events c eig
  {"k":"eig","of":13,"ep":1.181818,"class":3,"images":5,"subset":"a86bc99f40125a46","loss":5.131040,"lmin":-0.701693,"lmax":2.569640,"rmin":11.008426,"rmax":21.087922,"iters":2,"nodes":[-0.701693,2.569640],"wts":[0.785848,0.214151],"runs":1,"trace":"nan","trace_se":"nan","amp":-0.046827,"how":null,"why":"iters","power":"nan"}
  {"k":"eig","of":14,"ep":1.272727,"class":1,"images":3,"subset":"f66e0e849a794cfb","loss":5.892716,"lmin":-51.555137,"lmax":69.914705,"rmin":17.421061,"rmax":10.763963,"iters":5,"nodes":[-51.555137,-13.394935,0.103381,31.602351,69.914705],"wts":[0.000143,0.010028,0.987846,0.001777,0.000203],"runs":1,"trace":"nan","trace_se":"nan","amp":-3.425414,"how":null,"why":"iters","power":"nan"}
  {"k":"eig","of":14,"ep":1.272727,"class":4,"images":1,"subset":"fb5e512425fc9449","loss":6.454989,"lmin":-96.857553,"lmax":94.372551,"rmin":15.808314,"rmax":29.940734,"iters":5,"nodes":[-96.857553,-33.650233,0.013420,32.683689,94.372551],"wts":[0.000150,0.002512,0.994660,0.002628,4.766442e-05],"runs":1,"trace":"nan","trace_se":"nan","amp":-6.435387,"how":null,"why":"iters","power":"nan"}
  {"k":"eig","of":33,"ep":3,"class":4,"images":1,"subset":"fb5e512425fc9449","loss":2.670970,"lmin":-41.004941,"lmax":115.889997,"rmin":12.223686,"rmax":4.809732,"iters":5,"nodes":[-41.004941,-7.661845,0.105369,29.716218,115.889997],"wts":[0.000233,0.014499,0.984649,0.000607,9.314473e-06],"runs":1,"trace":"nan","trace_se":"nan","amp":-0.678337,"how":null,"why":"iters","power":"nan"}

None without a budget, nor before the first epoch that is due; and the classes that a round ends without are told.

  $ watch d 'set epochs 2; watch tail every 3 iters 4'
  nothing is watched
  watched: 1 class
  warning: train: hessian_every 3 is past the end of training (2): nothing is probed
  $ watch e 'set epochs 2; set budget 0; watch 3 every 1'
  nothing is watched
  watched: 1 class
  warning: train: budget is 0, so nothing is probed; 'set budget 0.1'
