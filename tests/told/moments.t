Weights of one moment after another, of two runs, in one program: what is measured is of the moment that is shown.

  $ . $TOLD/setup.sh
  $ . $TOLD/odd.sh
  $ saddle --sessions . -c "$odd; train --name a; wait; quit --yes" | tail -1 | calm
  DATE event step=22 ep=2.00 finished all 22 steps are done
  $ saddle --sessions . -c "$odd; set seed 6; opt sam --rho 0.1; train --name b; wait; quit --yes" | tail -1 | calm
  DATE event step=22 ep=2.00 finished all 22 steps are done
  $ saddle --sessions . -c 'replay a@1; margins 3; margins 3; seek 2; margins 3; seek 1; margins 3; seek 1.5; margins 3; hessian 3 --iters 2; seek 0; eval; reading ncm;
  > replay b@1; margins 3; seek 2; margins 3; hessian 3 --iters 2; replay a@2; margins 3; seek 1.6; margins 3; save weights a16; seek 1.5; save weights a15; live; replay b; margins 3' | calm
  a: at epoch 1.0 of 2.0; 'seek', 'speed', 'live'
  weights of epoch 1.0 (step 11), from the snapshot of step 11
  3 3: margin -4.157, worst tenth -4.988, smallest -4.988; 100.0 % of 7 training images below 0; step 11 (ep 1.0)
  3 3: margin -4.157, worst tenth -4.988, smallest -4.988; 100.0 % of 7 training images below 0; step 11 (ep 1.0)
  at epoch 2.0 of 2.0
  weights of epoch 2.0 (step 22), from the snapshot of step 22
  3 3: margin -2.205, worst tenth -4.067, smallest -4.067; 100.0 % of 7 training images below 0; step 22 (ep 2.0)
  at epoch 1.0 of 2.0
  weights of epoch 1.0 (step 11), from the snapshot of step 11
  3 3: margin -4.157, worst tenth -4.988, smallest -4.988; 100.0 % of 7 training images below 0; step 11 (ep 1.0)
  at epoch 1.5 of 2.0
  weights of epoch 1.5 (step 17), from the snapshot of step 11, repeating 6 recorded steps
  3 3: margin -4.403, worst tenth -5.74, smallest -5.74; 100.0 % of 7 training images below 0; step 17 (ep 1.5)
  3 3: \xce\xbbmin -0.6314 \xce\xbbmax 2.675 |\xce\xbbmin|/\xce\xbbmax 0.24 bound 2e+01 after all 2 products at step 17 (ep 1.5) (esc)
  at epoch 0.0 of 2.0
  weights of epoch 0.0 (step 0), from the snapshot of step 0
  test: acc 0.00 head 0.00 mid 0.00 tail 0.00 loss 6.296 at step 0 (ep 0.0)
  ncm, test: 63.72 head 76.67 mid 28.89 tail 0.00; own classifier 0.00 head 0.00 mid 0.00 tail 0.00; step 0 (ep 0.0)
  b: at epoch 1.0 of 2.0; 'seek', 'speed', 'live'
  weights of epoch 1.0 (step 11), from the snapshot of step 11
  3 3: margin -5.556, worst tenth -6.406, smallest -6.406; 100.0 % of 7 training images below 0; step 11 (ep 1.0)
  at epoch 2.0 of 2.0
  weights of epoch 2.0 (step 22), from the snapshot of step 22
  3 3: margin -3.851, worst tenth -4.542, smallest -4.542; 100.0 % of 7 training images below 0; step 22 (ep 2.0)
  3 3: \xce\xbbmin -0.6421 \xce\xbbmax 1.779 |\xce\xbbmin|/\xce\xbbmax 0.36 bound 2e+01 after all 2 products (\xcf\x81/|g|)\xce\xbbmin -0.02 at step 22 (ep 2.0) (esc)
  a: at epoch 2.0 of 2.0; 'seek', 'speed', 'live'
  weights of epoch 2.0 (step 22), from the snapshot of step 22
  3 3: margin -2.205, worst tenth -4.067, smallest -4.067; 100.0 % of 7 training images below 0; step 22 (ep 2.0)
  at epoch 1.6 of 2.0
  weights of epoch 1.6 (step 18), from the snapshot of step 11, repeating 7 recorded steps
  3 3: margin -4.203, worst tenth -5.503, smallest -5.503; 100.0 % of 7 training images below 0; step 18 (ep 1.6)
  a16 written, step 18 (ep 1.6)
  at epoch 1.5 of 2.0
  weights of epoch 1.5 (step 17), from the snapshot of step 11, repeating 6 recorded steps
  a15 written, step 17 (ep 1.5)
  b: at epoch 2.0 of 2.0; 'seek', 'speed', 'live'
  weights of epoch 2.0 (step 22), from the snapshot of step 22
  3 3: margin -3.851, worst tenth -4.542, smallest -4.542; 100.0 % of 7 training images below 0; step 22 (ep 2.0)
  $ saddle --sessions . -c 'export safetensors a15-too a@1.5; replay a@1.6; save weights a16-too; export safetensors b2 b' | calm
  weights of epoch 1.5 (step 17), from the snapshot of step 11, repeating 6 recorded steps
  a15-too written, step 17 (ep 1.5)
  a: at epoch 1.6 of 2.0; 'seek', 'speed', 'live'
  weights of epoch 1.6 (step 18), from the snapshot of step 11, repeating 7 recorded steps
  a16-too written, step 18 (ep 1.6)
  b2 written, step 22 (ep 2.0)
  $ python3 -c 'import hashlib, json, struct
  > for name in "a15", "a15-too", "a16", "a16-too", "b2":
  >     with open(name, "rb") as f:
  >         head = json.loads(f.read(struct.unpack("<Q", f.read(8))[0])); print(name, hashlib.sha256(f.read()).hexdigest()[:12], head["__metadata__"])'
  a15 131deb1faec1 {'step': '17', 'epoch': '1.545454545', 'model': 'resnet8'}
  a15-too 131deb1faec1 {'step': '17', 'epoch': '1.545454545', 'model': 'resnet8'}
  a16 a481c2c956d7 {'step': '18', 'epoch': '1.636363636', 'model': 'resnet8'}
  a16-too a481c2c956d7 {'step': '18', 'epoch': '1.636363636', 'model': 'resnet8'}
  b2 2589e17c51bc {'step': '22', 'epoch': '2', 'model': 'resnet8'}
