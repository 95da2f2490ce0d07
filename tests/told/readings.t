Evaluations, margins and readings of one run: whole events, what is printed, what is refused.

  $ . $TOLD/setup.sh
  $ . $TOLD/odd.sh
  $ saddle --sessions . -c "$odd; loss la --tau 0.5; opt sam --rho 0.05; set lr 0.03; set epochs 5; train --name r; wait; eval; eval train;
  > margins 3; margins 0 --images 60; margins 0; margins 3 --test; margins 1..3; reading plain; reading tau_norm; reading tau_norm 0.35; reading tau_norm 3.5 --on train;
  > reading tau_post --on train; reading tau_post 1.5; reading ncm; reading ncm_l2n; reading ncm_cl2n; reading ncm_cosine --on train; reading ncm_dot;
  > reading ncm_l2n_dot; reading ncm_cl2n_dot; quit --yes" | grep -E '^saddle|warning'
  [1]
  $ events r 'epoch|margins|reading'
  {"k":"epoch","ep":5,"split":"test","loss":0.789518,"acc":75.221238,"groups":[100,27.777777,0],"cls":[100,0,"nan",55.555557,0],"conf":[60,0,0,0,0,0,0,1,0,0,0,0,0,0,0,9,1,10,25,0,1,0,2,4,0],"train_loss":"nan","train_acc":"nan","lr":0.029999,"rho":0.050000,"drw":0,"best":75.221238,"best_ep":5,"cls_loss":[0.011658,2.328411,"nan",1.313130,3.870965],"train_cls_loss":[],"math":null}
  {"k":"epoch","ep":5,"split":"train","loss":0.018383,"acc":99.382716,"groups":[100,100,0],"cls":[100,100,100,100,0],"conf":[131,0,0,0,0,0,3,0,0,0,0,0,20,0,0,0,0,0,7,0,0,0,0,1,0],"train_loss":"nan","train_acc":"nan","lr":0.029999,"rho":0.050000,"drw":0,"best":75.221238,"best_ep":5,"cls_loss":[0.005663,0.080538,0.004579,0.023117,1.741264],"train_cls_loss":[],"math":null}
  {"k":"margins","of":55,"ep":5,"class":3,"images":7,"split":"train","mean":4.303552,"worst":3.577387,"least":3.577387,"below":0}
  {"k":"margins","of":55,"ep":5,"class":0,"images":60,"split":"train","mean":5.181586,"worst":2.447282,"least":2.096306,"below":0}
  {"k":"margins","of":55,"ep":5,"class":0,"images":131,"split":"train","mean":5.183756,"worst":2.536317,"least":1.657493,"below":0}
  {"k":"margins","of":55,"ep":5,"class":3,"images":45,"split":"test","mean":0.304536,"worst":-1.679257,"least":-2.459910,"below":44.444444}
  {"k":"margins","of":55,"ep":5,"class":1,"images":3,"split":"train","mean":3.753698,"worst":3.149296,"least":3.149296,"below":0}
  {"k":"margins","of":55,"ep":5,"class":2,"images":20,"split":"train","mean":5.772135,"worst":4.031015,"least":3.997018,"below":0}
  {"k":"margins","of":55,"ep":5,"class":3,"images":7,"split":"train","mean":4.303552,"worst":3.577387,"least":3.577387,"below":0}
  {"k":"reading","of":55,"ep":5,"kind":"plain","split":"test","images":113,"tau":[],"acc":[],"head":[],"mid":[],"tail":[],"at":"nan","chosen":null,"value":[75.221238,100,27.777777,0],"plain":[75.221238,100,27.777777,0],"cls":[100,0,"nan",55.555557,0]}
  {"k":"reading","of":55,"ep":5,"kind":"tau_norm","split":"test","images":113,"tau":[0,0.100000,0.200000,0.299999,0.400000,0.5,0.599999,0.699999,0.800000,0.900000,1,1.100000,1.2,1.3,1.399999,1.5,1.600000,1.7,1.8,1.899999,2],"acc":[75.221238,75.221238,75.221238,75.221238,76.106194,76.106194,76.991150,76.991150,76.991150,76.991150,76.991150,76.991150,76.991150,76.991150,76.991150,76.991150,76.991150,76.991150,77.876106,77.876106,77.876106],"head":[100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100],"mid":[27.777777,27.777777,27.777777,27.777777,28.888888,28.888888,30,30,30,30,30,30,30,30,30,30,30,30,31.111111,31.111111,31.111111],"tail":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"at":1.8,"chosen":"test","value":[77.876106,100,31.111111,0],"plain":[75.221238,100,27.777777,0],"cls":[100,0,"nan",62.222221,0]}
  {"k":"reading","of":55,"ep":5,"kind":"tau_norm","split":"test","images":113,"tau":[0,0.100000,0.200000,0.299999,0.349999,0.400000,0.5,0.599999,0.699999,0.800000,0.900000,1,1.100000,1.2,1.3,1.399999,1.5,1.600000,1.7,1.8,1.899999,2],"acc":[75.221238,75.221238,75.221238,75.221238,76.106194,76.106194,76.106194,76.991150,76.991150,76.991150,76.991150,76.991150,76.991150,76.991150,76.991150,76.991150,76.991150,76.991150,76.991150,77.876106,77.876106,77.876106],"head":[100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100],"mid":[27.777777,27.777777,27.777777,27.777777,28.888888,28.888888,28.888888,30,30,30,30,30,30,30,30,30,30,30,30,31.111111,31.111111,31.111111],"tail":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"at":0.349999,"chosen":"given","value":[76.106194,100,28.888888,0],"plain":[75.221238,100,27.777777,0],"cls":[100,0,"nan",57.777778,0]}
  {"k":"reading","of":55,"ep":5,"kind":"tau_norm","split":"train","images":162,"tau":[0,0.100000,0.200000,0.299999,0.400000,0.5,0.599999,0.699999,0.800000,0.900000,1,1.100000,1.2,1.3,1.399999,1.5,1.600000,1.7,1.8,1.899999,2,3.5],"acc":[100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100],"head":[100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100],"mid":[100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100],"tail":[100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100],"at":3.5,"chosen":"given","value":[100,100,100,100],"plain":[99.382716,100,100,0],"cls":[100,100,100,100,100]}
  {"k":"reading","of":55,"ep":5,"kind":"tau_post","split":"train","images":162,"tau":[0,0.100000,0.200000,0.299999,0.400000,0.5,0.599999,0.699999,0.800000,0.900000,1,1.100000,1.2,1.3,1.399999,1.5,1.600000,1.7,1.8,1.899999,2],"acc":[99.382716,100,100,100,100,99.382716,97.530864,94.444444,90.740740,85.185185,77.777777,68.518518,60.493827,49.382716,40.123456,32.098765,29.012345,24.691358,22.839506,22.222222,20.370370],"head":[100,100,100,100,100,99.236641,96.946564,93.129770,88.549618,81.679389,72.519083,61.068702,51.145038,37.404580,25.954198,16.030534,12.213740,6.870229,4.580152,4.580152,3.053435],"mid":[100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,95.238095,90.476190],"tail":[0,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100],"at":0.100000,"chosen":"train","value":[100,100,100,100],"plain":[99.382716,100,100,0],"cls":[100,100,100,100,100]}
  {"k":"reading","of":55,"ep":5,"kind":"tau_post","split":"test","images":113,"tau":[0,0.100000,0.200000,0.299999,0.400000,0.5,0.599999,0.699999,0.800000,0.900000,1,1.100000,1.2,1.3,1.399999,1.5,1.600000,1.7,1.8,1.899999,2],"acc":[75.221238,77.876106,81.415929,80.530973,79.646017,79.646017,78.761061,73.451327,66.371681,61.061946,52.212389,44.247787,32.743362,27.433628,23.008849,18.584070,10.619469,9.734513,8.849557,8.849557,7.964601],"head":[100,100,100,98.333333,98.333333,96.666666,95,90,85,76.666666,66.666666,53.333333,36.666666,28.333333,23.333333,16.666666,5,1.666666,0,0,0],"mid":[27.777777,31.111111,34.444444,34.444444,33.333333,34.444444,34.444444,80,74.444444,71.111111,66.666666,63.333333,60,57.777777,55.555555,53.333333,51.111111,52.222222,52.222222,52.222222,51.111111],"tail":[0,0,14.285714,14.285714,14.285714,14.285714,14.285714,14.285714,14.285714,42.857142,42.857142,71.428571,71.428571,85.714285,85.714285,100,100,100,100,100,100],"at":1.5,"chosen":"given","value":[18.584070,16.666666,53.333333,100],"plain":[75.221238,100,27.777777,0],"cls":[16.666666,100,"nan",6.666666,100]}
  {"k":"reading","of":55,"ep":5,"kind":"ncm","split":"test","images":113,"tau":[],"acc":[],"head":[],"mid":[],"tail":[],"at":"nan","chosen":null,"value":[64.601769,100,55.555555,100],"plain":[75.221238,100,27.777777,0],"cls":[100,100,"nan",11.111110,100]}
  {"k":"reading","of":55,"ep":5,"kind":"ncm_l2n","split":"test","images":113,"tau":[],"acc":[],"head":[],"mid":[],"tail":[],"at":"nan","chosen":null,"value":[76.106194,100,76.666666,14.285714],"plain":[75.221238,100,27.777777,0],"cls":[100,100,"nan",53.333332,14.285714]}
  {"k":"reading","of":55,"ep":5,"kind":"ncm_cl2n","split":"test","images":113,"tau":[],"acc":[],"head":[],"mid":[],"tail":[],"at":"nan","chosen":null,"value":[69.911504,91.666666,72.222222,42.857142],"plain":[75.221238,100,27.777777,0],"cls":[91.666664,100,"nan",44.444442,42.857143]}
  {"k":"reading","of":55,"ep":5,"kind":"ncm_cosine","split":"train","images":162,"tau":[],"acc":[],"head":[],"mid":[],"tail":[],"at":"nan","chosen":null,"value":[100,100,100,100],"plain":[99.382716,100,100,0],"cls":[100,100,100,100,100]}
  {"k":"reading","of":55,"ep":5,"kind":"ncm_dot","split":"test","images":113,"tau":[],"acc":[],"head":[],"mid":[],"tail":[],"at":"nan","chosen":null,"value":[81.415929,98.333333,36.666666,0],"plain":[75.221238,100,27.777777,0],"cls":[98.333335,0,"nan",73.333335,0]}
  {"k":"reading","of":55,"ep":5,"kind":"ncm_l2n_dot","split":"test","images":113,"tau":[],"acc":[],"head":[],"mid":[],"tail":[],"at":"nan","chosen":null,"value":[76.106194,100,74.444444,42.857142],"plain":[75.221238,100,27.777777,0],"cls":[100,100,"nan",48.888889,42.857143]}
  {"k":"reading","of":55,"ep":5,"kind":"ncm_cl2n_dot","split":"test","images":113,"tau":[],"acc":[],"head":[],"mid":[],"tail":[],"at":"nan","chosen":null,"value":[57.522123,78.333333,63.333333,71.428571],"plain":[75.221238,100,27.777777,0],"cls":[78.333335,100,"nan",26.666666,71.428573]}

What is printed.

  $ at r 'margins 3; margins 1,3 --test; margins 0 --images 11; margins; reading tau_norm; reading tau_post 0 --on train; reading tau_norm 2; reading ncm; reading plain'
  3 3: margin 4.304, worst tenth 3.577, smallest 3.577; 0.0 % of 7 training images below 0; step 55 (ep 5.0)
  1 1: margin -1.207, worst tenth -1.207, smallest -1.207; 100.0 % of 1 test images below 0; step 55 (ep 5.0); 3 3: margin 0.3045, worst tenth -1.679, smallest -2.46; 44.4 % of 45 test images below 0; step 55 (ep 5.0)
  0 0: margin 5.321, worst tenth 2.835, smallest 2.781; 0.0 % of 11 training images below 0; step 55 (ep 5.0)
  4 4: margin -0.04832, worst tenth -0.04832, smallest -0.04832; 100.0 % of 1 training images below 0; step 55 (ep 5.0)
  tau_norm 1.8 (best on test), test: 77.88 head 100.00 mid 31.11 tail 0.00; own classifier 75.22 head 100.00 mid 27.78 tail 0.00; step 55 (ep 5.0). Chosen on test images: no result to publish; 'data ... --val N' holds images out to choose on
  tau_post 0, train: 99.38 head 100.00 mid 100.00 tail 0.00; own classifier 99.38 head 100.00 mid 100.00 tail 0.00; step 55 (ep 5.0)
  tau_norm 2, test: 77.88 head 100.00 mid 31.11 tail 0.00; own classifier 75.22 head 100.00 mid 27.78 tail 0.00; step 55 (ep 5.0)
  ncm, test: 64.60 head 100.00 mid 55.56 tail 100.00; own classifier 75.22 head 100.00 mid 27.78 tail 0.00; step 55 (ep 5.0)
  plain, test: 75.22 head 100.00 mid 27.78 tail 0.00; own classifier 75.22 head 100.00 mid 27.78 tail 0.00; step 55 (ep 5.0)

What is refused, at both sides of each limit.

  $ for c in 'margins 2 --test' 'margins 4 --images 0' 'reading tau' 'reading ncm 1' 'reading tau_norm 10' 'reading tau_norm 10.1' 'reading tau_norm -1' \
  >   'reading plain --on val' 'reading plain --on all'; do
  >   echo "$c"; at r@2 "$c"
  > done
  margins 2 --test
  saddle: margins: class 2 2 has no test images
  [exit 1]
  margins 4 --images 0
  saddle: margins: hessian_images: 0 is not in 1..100000
  [exit 1]
  reading tau
  saddle: reading: unknown reading 'tau'; known: plain, tau_norm, tau_post, ncm, ncm_l2n, ncm_cl2n, ncm_cosine, ncm_dot, ncm_l2n_dot, ncm_cl2n_dot
  [exit 1]
  reading ncm 1
  saddle: reading: ncm takes no tau
  [exit 1]
  reading tau_norm 10
  tau_norm 10, test: 60.18 head 98.33 mid 10.00 tail 0.00; own classifier 63.72 head 98.33 mid 14.44 tail 0.00; step 22 (ep 2.0)
  reading tau_norm 10.1
  saddle: reading: tau 10.1 is outside 0..10
  [exit 1]
  reading tau_norm -1
  saddle: reading: tau -1 is outside 0..10
  [exit 1]
  reading plain --on val
  saddle: reading: there are no val images; 'data ... --val N' holds some out
  [exit 1]
  reading plain --on all
  saddle: reading: unknown split 'all'; test, val or train
  [exit 1]

Of a normalised classifier, beside validation images, which choose tau.

  $ saddle --sessions . -c "${odd/odd;/odd --val 40;}; model resnet8 --head norm; loss ldam --weights inverse --drw 1; set lr 0.1; set epochs 1; train --name n; wait;
  > eval; reading tau_post; hessian 3 --iters 3; quit --yes" | grep -E '^saddle|warning'
  warning: train: drw 1 is past the end of training (1): class weights never act
  $ events n 'epoch|reading|eig'
  {"k":"epoch","ep":1,"split":"val","loss":5.322356,"acc":80,"groups":[100,0,"nan"],"cls":[100,0,0,0,"nan"],"conf":[32,0,0,0,0,1,0,0,0,0,5,0,0,0,0,2,0,0,0,0,0,0,0,0,0],"train_loss":"nan","train_acc":"nan","lr":0.100000,"rho":"nan","drw":0,"best":80,"best_ep":1,"cls_loss":[0.154131,16.895519,25.354843,32.146148,"nan"],"train_cls_loss":[],"math":null}
  {"k":"reading","of":8,"ep":1,"kind":"tau_post","split":"test","images":113,"tau":[0,0.100000,0.200000,0.299999,0.400000,0.5,0.599999,0.699999,0.800000,0.900000,1,1.100000,1.2,1.3,1.399999,1.5,1.600000,1.7,1.8,1.899999,2],"acc":[53.097345,53.097345,53.097345,53.097345,53.097345,53.097345,53.982300,53.982300,53.982300,53.982300,53.982300,53.982300,52.212389,51.327433,50.442477,46.902654,45.132743,39.823008,32.743362,23.008849,9.734513],"head":[100,100,100,100,100,100,100,100,100,100,100,100,96.666666,95,93.333333,86.666666,83.333333,73.333333,60,41.666666,16.666666],"mid":[0,0,0,0,0,0,50,50,50,50,50,50,50,50,50,50,50,50,50,50,50],"tail":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"at":1.100000,"chosen":"val","value":[53.982300,100,50,0],"plain":[53.097345,100,0,0],"cls":[100,100,"nan",0,0]}
  {"k":"reading","of":8,"ep":1,"kind":"tau_post","split":"val","images":40,"tau":[0,0.100000,0.200000,0.299999,0.400000,0.5,0.599999,0.699999,0.800000,0.900000,1,1.100000,1.2,1.3,1.399999,1.5,1.600000,1.7,1.8,1.899999,2],"acc":[80,80,80,80,80,80,80,80,80,80,80,82.5,82.5,80,72.5,70,67.5,52.5,45,25,17.5],"head":[100,100,100,100,100,100,100,100,100,100,100,100,100,96.875,87.5,84.375,81.25,62.5,53.125,28.125,18.75],"mid":[0,0,0,0,0,0,0,0,0,0,0,33.333333,33.333333,33.333333,33.333333,33.333333,33.333333,33.333333,33.333333,33.333333,33.333333],"tail":["nan","nan","nan","nan","nan","nan","nan","nan","nan","nan","nan","nan","nan","nan","nan","nan","nan","nan","nan","nan","nan"],"at":1.100000,"chosen":"val","value":[82.5,100,33.333333,"nan"],"plain":[80,100,0,"nan"],"cls":[100,100,0,0,"nan"]}
  {"k":"eig","of":8,"ep":1,"class":3,"images":5,"subset":"12d7fd4d5e110942","loss":31.552496,"lmin":-28.895812,"lmax":7.322172,"rmin":11.287296,"rmax":11.938587,"iters":3,"nodes":[-28.895812,-0.033110,7.322172],"wts":[0.000374,0.994471,0.005153],"runs":1,"trace":"nan","trace_se":"nan","amp":"nan","how":null,"why":"iters","power":"nan"}
  $ at n 'reading tau_post --on test; reading tau_post; reading ncm --on val; reading ncm_cl2n --on train; margins 3; cnc 1 --iters 4'
  tau_post 0.6 (best on test), test: 53.98 head 100.00 mid 50.00 tail 0.00; own classifier 53.10 head 100.00 mid 0.00 tail 0.00; step 8 (ep 1.0). Chosen on test images: no result to publish; 'data ... --val N' holds images out to choose on
  tau_post 1.1 (best on val), test: 53.98 head 100.00 mid 50.00 tail 0.00; own classifier 53.10 head 100.00 mid 0.00 tail 0.00; step 8 (ep 1.0)
  ncm, val: 42.50 head 37.50 mid 53.33; own classifier 80.00 head 100.00 mid 0.00; step 8 (ep 1.0)
  ncm_cl2n, train: 35.25 head 25.25 mid 71.11 tail 100.00; own classifier 81.15 head 100.00 mid 0.00 tail 0.00; step 8 (ep 1.0)
  3 3: margin -0.7173, worst tenth -0.7269, smallest -0.7269; 100.0 % of 5 training images below 0; step 8 (ep 1.0)
  1 1: \xce\xbbmin -43.85 (residual 0.3) \xcf\x81 0.05, 1 batch of 2: E<v,g>\xc2\xb2 106 (one batch: no error known); SAM/SGD linear 1.43, theory 1.42; unnormalised 0.0999, theory 1.42; as SAM does it 0.808, theory 0.835; |g| 25.4, (\xcf\x81/|g|)\xce\xbbmin < -2 in 0 % (esc)
  $ at n 'reading tau_norm'
  saddle: reading: tau_norm needs a linear classifier; this one's rows are of unit length already (head norm): tau_post or ncm read it
  [exit 1]
