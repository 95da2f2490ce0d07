The same steps, evaluations and probes in each math that the cpu has, by networks and heads: losses, length of the gradient, what is left of it in the weights.

  $ . $TOLD/setup.sh
  $ . $TOLD/odd.sh
  $ python3 $TOLD/images.py even 3x8x8 21,3,9,2 9,1,4,3
  $ even="${odd/odd;/even;}; set batch 10; set epochs 1"
  $ steps() {
  >   saddle --sessions . cat $1 | sed -nE 's/.*"k":"step".*"loss":([^,]*),"loss_up":([^,]*),"acc":([^,]*),"gn":([^,]*),"lr.*/\1 \2 \3 \4/p' | sed -E 's/([0-9]\.[0-9]{6})[0-9]+/\1/g'
  >   saddle --sessions . cat $1 | sed -nE 's/.*"k":"snap".*"state":"([0-9a-f]{12}).*/\1/p' | tail -1; }
  $ n=0
  $ for s in 'set math winograd; opt sam --rho 0.1' 'set math bf16; opt sam --rho 0.1' 'set eval_math bf16' 'set math bf16; set eval_math bf16; model resnet8 --head norm; loss ldam' \
  >   'set math winograd; model resnet20' 'set math auto'; do
  >   n=$((n + 1)); echo "$s:"
  >   saddle --sessions . -c "$even; $s; train --name m$n; wait; eval; hessian 0 --iters 3; hessian 2 --iters 2 --train-mode; margins 2; quit --yes" | grep -E '^saddle|^warning|note'
  >   steps m$n; events m$n 'epoch|eig|margins'
  > done
  set math winograd; opt sam --rho 0.1:
  2.680233 3.421851 0.300000 7.355202
  2.550764 3.247490 0.400000 6.995591
  2.921184 3.758687 0.100000 8.252965
  2.342412 3.231987 0.200000 8.867799
  5f4281f973ad
  {"k":"epoch","ep":1,"split":"test","loss":1.751988,"acc":23.529411,"groups":[0,50,0],"cls":[0,0,100,0],"conf":[0,0,4,5,0,0,0,1,0,0,4,0,0,0,3,0],"train_loss":"nan","train_acc":"nan","lr":0.01,"rho":0.100000,"drw":0,"best":23.529411,"best_ep":1,"cls_loss":[2.254229,2.400731,0.828782,1.259959],"train_cls_loss":[],"math":null}
  {"k":"eig","of":4,"ep":1,"class":0,"images":21,"subset":"5634bd8615ceea0d","loss":1.830631,"lmin":-7.311357,"lmax":40.247687,"rmin":18.202665,"rmax":30.312994,"iters":3,"nodes":[-7.311357,0.065321,40.247687],"wts":[0.009246,0.990640,0.000112],"runs":1,"trace":"nan","trace_se":"nan","amp":-0.082448,"how":null,"why":"iters","power":"nan"}
  {"k":"eig","of":4,"ep":1,"class":2,"images":9,"subset":"4c8a9decedec9008","loss":0.874767,"lmin":-0.016272,"lmax":7.106717,"rmin":0.499791,"rmax":8.688727,"iters":2,"nodes":[-0.016272,7.106717],"wts":[0.996702,0.003297],"runs":1,"trace":"nan","trace_se":"nan","amp":-0.000183,"how":"train-mode batch norm","why":"iters","power":"nan"}
  {"k":"margins","of":4,"ep":1,"class":2,"images":9,"split":"train","mean":1.194272,"worst":0.521975,"least":0.521975,"below":0}
  set math bf16; opt sam --rho 0.1:
  2.683272 3.419890 0.300000 7.359167
  2.550969 3.244427 0.400000 7.010496
  2.925991 3.756133 0.100000 8.252241
  2.346172 3.234179 0.200000 8.849137
  2a4e09768bb2
  {"k":"epoch","ep":1,"split":"test","loss":1.746369,"acc":23.529411,"groups":[0,50,0],"cls":[0,0,100,0],"conf":[0,0,4,5,0,0,0,1,0,0,4,0,0,0,3,0],"train_loss":"nan","train_acc":"nan","lr":0.01,"rho":0.100000,"drw":0,"best":23.529411,"best_ep":1,"cls_loss":[2.242100,2.404212,0.826620,1.266225],"train_cls_loss":[],"math":null}
  {"k":"eig","of":4,"ep":1,"class":0,"images":21,"subset":"5634bd8615ceea0d","loss":1.822302,"lmin":-7.631144,"lmax":38.455923,"rmin":18.315941,"rmax":29.641712,"iters":3,"nodes":[-7.631144,0.061114,38.455923],"wts":[0.008365,0.991506,0.000128],"runs":1,"trace":"nan","trace_se":"nan","amp":-0.086236,"how":null,"why":"iters","power":"nan"}
  {"k":"eig","of":4,"ep":1,"class":2,"images":9,"subset":"4c8a9decedec9008","loss":0.871264,"lmin":-0.015724,"lmax":7.469007,"rmin":0.489335,"rmax":8.840107,"iters":2,"nodes":[-0.015724,7.469007],"wts":[0.996945,0.003054],"runs":1,"trace":"nan","trace_se":"nan","amp":-0.000177,"how":"train-mode batch norm","why":"iters","power":"nan"}
  {"k":"margins","of":4,"ep":1,"class":2,"images":9,"split":"train","mean":1.188574,"worst":0.538620,"least":0.538620,"below":0}
  set eval_math bf16:
  2.680233 "nan" 0.300000 7.355202
  2.564180 "nan" 0.400000 7.016051
  2.971391 "nan" 0.100000 8.355996
  2.434462 "nan" 0.200000 9.150975
  ebc1e80bd963
  {"k":"epoch","ep":1,"split":"test","loss":2.157721,"acc":23.529411,"groups":[0,50,0],"cls":[0,0,100,0],"conf":[0,0,6,3,0,0,0,1,0,0,4,0,0,0,3,0],"train_loss":"nan","train_acc":"nan","lr":0.01,"rho":"nan","drw":0,"best":23.529411,"best_ep":1,"cls_loss":[3.048703,3.122796,0.601571,1.237947],"train_cls_loss":[],"math":"bf16"}
  {"k":"eig","of":4,"ep":1,"class":0,"images":21,"subset":"5634bd8615ceea0d","loss":2.588730,"lmin":-12.246449,"lmax":37.183599,"rmin":21.855973,"rmax":29.503469,"iters":3,"nodes":[-12.246449,0.045034,37.183599],"wts":[0.004363,0.995373,0.000262],"runs":1,"trace":"nan","trace_se":"nan","amp":"nan","how":null,"why":"iters","power":"nan"}
  {"k":"eig","of":4,"ep":1,"class":2,"images":9,"subset":"4c8a9decedec9008","loss":0.749580,"lmin":-0.011311,"lmax":9.014050,"rmin":0.424438,"rmax":9.185567,"iters":2,"nodes":[-0.011311,9.014050],"wts":[0.997869,0.002130],"runs":1,"trace":"nan","trace_se":"nan","amp":"nan","how":"train-mode batch norm","why":"iters","power":"nan"}
  {"k":"margins","of":4,"ep":1,"class":2,"images":9,"split":"train","mean":1.411970,"worst":0.829987,"least":0.829987,"below":0}
  set math bf16; set eval_math bf16; model resnet8 --head norm; loss ldam:
  13.552155 "nan" 0.300000 27.332960
  11.857650 "nan" 0.400000 26.729375
  9.485136 "nan" 0.600000 34.787464
  4.220291 "nan" 0.800000 25.922651
  716f13ddcdd9
  {"k":"epoch","ep":1,"split":"test","loss":12.450208,"acc":52.941176,"groups":[100,0,0],"cls":[100,0,0,0],"conf":[9,0,0,0,1,0,0,0,4,0,0,0,3,0,0,0],"train_loss":"nan","train_acc":"nan","lr":0.01,"rho":"nan","drw":0,"best":52.941176,"best_ep":1,"cls_loss":[0.001743,27.107461,22.969665,30.883907],"train_cls_loss":[],"math":"bf16"}
  {"k":"eig","of":4,"ep":1,"class":0,"images":21,"subset":"5634bd8615ceea0d","loss":0.000182,"lmin":3.346548e-06,"lmax":0.705728,"rmin":0.001093,"rmax":0.063878,"iters":3,"nodes":[3.346548e-06,0.079474,0.705728],"wts":[0.999766,0.000228,4.716549e-06],"runs":1,"trace":"nan","trace_se":"nan","amp":"nan","how":null,"why":"iters","power":"nan"}
  {"k":"eig","of":4,"ep":1,"class":2,"images":9,"subset":"4c8a9decedec9008","loss":24.001797,"lmin":-30.607472,"lmax":0.130149,"rmin":35.092877,"rmax":2.953770,"iters":2,"nodes":[-30.607472,0.130149],"wts":[0.007034,0.992965],"runs":1,"trace":"nan","trace_se":"nan","amp":"nan","how":"train-mode batch norm","why":"iters","power":"nan"}
  {"k":"margins","of":4,"ep":1,"class":2,"images":9,"split":"train","mean":-0.357181,"worst":-0.435457,"least":-0.435457,"below":100}
  set math winograd; model resnet20:
  1.589820 "nan" 0.400000 14.913424
  1.255796 "nan" 0.300000 15.782538
  1.116800 "nan" 0.400000 14.523478
  0.871015 "nan" 0.400000 19.035388
  d2a1a769dd1e
  {"k":"epoch","ep":1,"split":"test","loss":1.906872,"acc":52.941176,"groups":[100,0,0],"cls":[100,0,0,0],"conf":[9,0,0,0,1,0,0,0,4,0,0,0,3,0,0,0],"train_loss":"nan","train_acc":"nan","lr":0.01,"rho":"nan","drw":0,"best":52.941176,"best_ep":1,"cls_loss":[0.310128,1.982188,2.352106,6.078355],"train_cls_loss":[],"math":null}
  {"k":"eig","of":4,"ep":1,"class":0,"images":21,"subset":"5634bd8615ceea0d","loss":0.196131,"lmin":-0.029551,"lmax":370.613078,"rmin":1.285021,"rmax":46.759306,"iters":3,"nodes":[-0.029551,9.890749,370.613078],"wts":[0.996777,0.003222,5.693597e-07],"runs":1,"trace":"nan","trace_se":"nan","amp":"nan","how":null,"why":"iters","power":"nan"}
  {"k":"eig","of":4,"ep":1,"class":2,"images":9,"subset":"4c8a9decedec9008","loss":1.821283,"lmin":-20.926008,"lmax":0.073135,"rmin":39.042036,"rmax":2.647681,"iters":2,"nodes":[-20.926008,0.073135],"wts":[0.004577,0.995422],"runs":1,"trace":"nan","trace_se":"nan","amp":"nan","how":"train-mode batch norm","why":"iters","power":"nan"}
  {"k":"margins","of":4,"ep":1,"class":2,"images":9,"split":"train","mean":-1.798539,"worst":-3.089738,"least":-3.089738,"below":100}
  set math auto:
  2.683272 "nan" 0.300000 7.359167
  2.561607 "nan" 0.400000 7.033985
  2.969512 "nan" 0.100000 8.363692
  2.438674 "nan" 0.200000 9.116619
  507252a9e223
  {"k":"epoch","ep":1,"split":"test","loss":2.153366,"acc":23.529411,"groups":[0,50,0],"cls":[0,0,100,0],"conf":[0,0,6,3,0,0,0,1,0,0,4,0,0,0,3,0],"train_loss":"nan","train_acc":"nan","lr":0.01,"rho":"nan","drw":0,"best":23.529411,"best_ep":1,"cls_loss":[3.041686,3.125005,0.600273,1.235317],"train_cls_loss":[],"math":null}
  {"k":"eig","of":4,"ep":1,"class":0,"images":21,"subset":"5634bd8615ceea0d","loss":2.582084,"lmin":-12.370988,"lmax":37.467262,"rmin":21.803988,"rmax":29.798157,"iters":3,"nodes":[-12.370988,0.044506,37.467262],"wts":[0.004295,0.995451,0.000253],"runs":1,"trace":"nan","trace_se":"nan","amp":"nan","how":null,"why":"iters","power":"nan"}
  {"k":"eig","of":4,"ep":1,"class":2,"images":9,"subset":"4c8a9decedec9008","loss":0.749744,"lmin":-0.011003,"lmax":9.081507,"rmin":0.424891,"rmax":9.260401,"iters":2,"nodes":[-0.011003,9.081507],"wts":[0.997899,0.002100],"runs":1,"trace":"nan","trace_se":"nan","amp":"nan","how":"train-mode batch norm","why":"iters","power":"nan"}
  {"k":"margins","of":4,"ep":1,"class":2,"images":9,"split":"train","mean":1.411709,"worst":0.831911,"least":0.831911,"below":0}

A network for larger pictures, on small ones.

  $ for s in 'resnet18 --head norm'; do
  >   n=$((n + 1)); echo "$s:"
  >   saddle --sessions . -c "$even; set batch 4; model $s; train --name m$n --steps 2; wait; eval; quit --yes" | grep -E '^saddle|^warning|note'
  >   steps m$n; events m$n 'epoch|eig'
  > done
  resnet18 --head norm:
  1.363326 "nan" 0.5 70.367912
  1.392616 "nan" 0 197.730042
  3effa13f39d2
  {"k":"epoch","ep":0.222222,"split":"test","loss":1.380535,"acc":23.529411,"groups":[0,25,66.666666],"cls":[0,0,50,66.666664],"conf":[0,0,4,5,0,0,0,1,0,0,2,2,0,0,1,2],"train_loss":1.377971,"train_acc":25,"lr":0.01,"rho":"nan","drw":0,"best":23.529411,"best_ep":0.222222,"cls_loss":[1.390972,1.390801,1.373397,1.355321],"train_cls_loss":[1.379363,1.389035,1.343465,1.404857],"math":null}

What is refused.

  $ for s in 'set math tf32' 'set math bf16; model resnet18' 'set eval_math bf16; model resnet18' 'set math winograd; model resnext50' 'set math fp16'; do
  >   echo "$s:"; saddle --sessions . -c "$even; $s; train --name never --steps 1" | tail -2
  > done
  set math tf32:
  saddle: train: math tf32: device cpu computes in fp32, bf16, winograd only; accepted here are fp32, bf16, winograd
  [exit 4]
  set math bf16; model resnet18:
  saddle: train: math bf16 does not have unit 0 of resnet18, convolution of 7x7, stride 2, 1 group; accepted are the resnets for CIFAR, or math fp32
  [exit 1]
  set eval_math bf16; model resnet18:
  saddle: train: eval_math bf16 does not have unit 0 of resnet18, convolution of 7x7, stride 2, 1 group; accepted are the resnets for CIFAR, or eval_math fp32
  [exit 1]
  set math winograd; model resnext50:
  saddle: train: math winograd does not have unit 0 of resnext50, convolution of 7x7, stride 2, 1 group; accepted are the resnets for CIFAR, or math fp32
  [exit 1]
  set math fp16:
  saddle: set: math: unknown value 'fp16'; did you mean 'fp32'? accepted: fp32 tf32 bf16 winograd
  [exit 1]
