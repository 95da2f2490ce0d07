What is told of a recording without taking it up.

  $ . $TOLD/setup.sh
  $ cp -r $top/tests/screen/tour.saddle $top/tests/golden/*.saddle .
  $ saddle --sessions . sessions --sort name | calm
  NAME     STATE       EPOCH  ACC   TAIL  BEST          LOSS/OPT                DATA               RECORDED          ID
  broken   broken off  0.0    -     -     -             ce+drw+sam rho 0.2      demo-lt beta=1000  DATE  r4acfe
  drw      broken off  1.3    10.0  0.0   -             ce+drw+sam rho 0.05     demo-lt beta=1000  DATE  r3fcef
  knobs    broken off  0.7    -     -     -             ce+drw+asam rho 0.3     demo-lt beta=1000  DATE  rd2018
  ldam     broken off  0.0    -     -     -             ldam+drw                demo-lt beta=1000  DATE  rf41ac
  noise    broken off  0.0    -     -     -             vs+drw+lpf              demo-lt beta=1000  DATE  r03664
  pending  stopped     0.8    -     -     -             ce+drw                  demo-lt beta=1000  DATE  rfdbd6
  priors   broken off  0.0    -     -     -             la+drw+asam rho 0.5     demo-lt beta=1000  DATE  r424a3
  probes   broken off  0.5    -     -     -             ce+drw+sam rho 0.1      demo-lt beta=1000  DATE  rf1d18
  sam      finished    3.0    -     -     -             ce+drw+sam rho 0.08     demo-lt beta=1000  DATE  r8d858
  sgd      finished    2.3    -     -     -             ce                      demo-lt beta=1000  DATE  ra0dd8
  tour     finished    12.0   55.2  5.3   55.2 on test  ce+drw+sam rho 0.2      demo-lt beta=100   DATE  r24a08
  twice    broken off  0.8    -     -     -             focal+drw+sam rho 0.15  demo-lt beta=1000  DATE  rbd218
  unsaved  finished    2.0    -     -     -             focal+rw                demo-lt beta=1000  DATE  rd20d8
  $ saddle --sessions . info drw | calm
  drw r3fcef: demo-lt beta=1000, ce+drw+sam rho 0.05, broken off at epoch 1.333, step 9, acc 10.00 tail 0.00, DATE
  ./drw.saddle
  not as by default: beta 1000, val 1840, model resnet8, seed 4, threads 1, weights inverse, drw 1, opt sam, lr multistep:0.1,warmup=2,32:0.1,37:0.01, rho_drw 0.2, weight_decay 0.001* (0.0002 > 0.001@1.5), epochs 3, batch 4, eval_every 0, snapshot_every 100, snapshot_seconds 0, hessian_every 0, hessian_images 64, budget 0.2
  28 events, 1 snapshot:
    s0000      step 0        ep 0.0         272.8 KiB
  $ saddle --sessions . verify drw | calm
  journal-000001.zst: 18 records, 28 events, 5149 bytes
  snap-000000000000-t0.safetensors.zst: 's0000', 605584 bytes decoded, sha256 66764709c1420794f3de93ab38842fc17ad6d75e0e77f7c21fe8418a61d0d7c9
  journal: 28 events count, last step 9
  session: sha256 95101b01b6147f25b4c8694d40e522335b3374693b90b72837425d9cb87280e9
  $ saddle --sessions . -c 'replay tour; show classes' | calm
  tour: at epoch 12.0 of 12.0; 'seek', 'speed', 'live'
     0 circle           head n   1000  acc  82.0  watched
     1 square           head n    599  acc  60.0  watched
     2 star             head n    359  acc  93.0
     3 triangle         mid  n    215  acc  73.0
     4 cross            mid  n    129  acc  66.0
     5 moon             mid  n     77  acc  93.0
     6 heart            mid  n     46  acc  69.0
     7 hexagon          tail n     27  acc   0.0
     8 house            tail n     16  acc  16.0
     9 flower           tail n     10  acc   0.0  watched
