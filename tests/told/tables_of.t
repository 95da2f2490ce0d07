Tables of what was measured, and its events: which classes and epochs are taken. forge.py says what was recorded.

  $ . $TOLD/setup.sh
  $ python3 $TOLD/forge.py
  $ S="--sessions ."
  $ for what in spectra lambda slice cnc reading margins; do saddle $S export csv - sam --what $what; done
  run,step,epoch,class,name,images,subset,how,iters,lmin,lmin_bound,lmax,lmax_bound,runs,node,weight
  sam,10,1,0,ant,64,fea7b32778ecbdd7,,12,-1.5,0.02,12,1e-05,1,-1.5,0.125
  sam,10,1,0,ant,64,fea7b32778ecbdd7,,12,-1.5,0.02,12,1e-05,1,-0.75,0.0625
  sam,10,1,0,ant,64,fea7b32778ecbdd7,,12,-1.5,0.02,12,1e-05,1,0,0.5
  sam,10,1,0,ant,64,fea7b32778ecbdd7,,12,-1.5,0.02,12,1e-05,1,3,0.25
  sam,10,1,0,ant,64,fea7b32778ecbdd7,,12,-1.5,0.02,12,1e-05,1,12,0.0625
  sam,10,1,5,fox,64,fea7b32778ecbdd7,,12,-6,0.02,24,1e-05,1,-6,0.125
  sam,10,1,5,fox,64,fea7b32778ecbdd7,,12,-6,0.02,24,1e-05,1,-3,0.0625
  sam,10,1,5,fox,64,fea7b32778ecbdd7,,12,-6,0.02,24,1e-05,1,0,0.5
  sam,10,1,5,fox,64,fea7b32778ecbdd7,,12,-6,0.02,24,1e-05,1,6,0.25
  sam,10,1,5,fox,64,fea7b32778ecbdd7,,12,-6,0.02,24,1e-05,1,24,0.0625
  sam,20,2,5,fox,64,fea7b32778ecbdd7,,40,-4,0.02,30,1e-05,1,-4,0.125
  sam,20,2,5,fox,64,fea7b32778ecbdd7,,40,-4,0.02,30,1e-05,1,-2,0.0625
  sam,20,2,5,fox,64,fea7b32778ecbdd7,,40,-4,0.02,30,1e-05,1,0,0.5
  sam,20,2,5,fox,64,fea7b32778ecbdd7,,40,-4,0.02,30,1e-05,1,7.5,0.25
  sam,20,2,5,fox,64,fea7b32778ecbdd7,,40,-4,0.02,30,1e-05,1,30,0.0625
  sam,30,3,0,ant,64,fea7b32778ecbdd7,,12,-1,0.02,16,1e-05,1,-1,0.125
  sam,30,3,0,ant,64,fea7b32778ecbdd7,,12,-1,0.02,16,1e-05,1,-0.5,0.0625
  sam,30,3,0,ant,64,fea7b32778ecbdd7,,12,-1,0.02,16,1e-05,1,0,0.5
  sam,30,3,0,ant,64,fea7b32778ecbdd7,,12,-1,0.02,16,1e-05,1,4,0.25
  sam,30,3,0,ant,64,fea7b32778ecbdd7,,12,-1,0.02,16,1e-05,1,16,0.0625
  sam,50,5,5,fox,64,fea7b32778ecbdd7,,12,-0.5,0.625,10,1e-05,1,-0.5,0.125
  sam,50,5,5,fox,64,fea7b32778ecbdd7,,12,-0.5,0.625,10,1e-05,1,-0.25,0.0625
  sam,50,5,5,fox,64,fea7b32778ecbdd7,,12,-0.5,0.625,10,1e-05,1,0,0.5
  sam,50,5,5,fox,64,fea7b32778ecbdd7,,12,-0.5,0.625,10,1e-05,1,2.5,0.25
  sam,50,5,5,fox,64,fea7b32778ecbdd7,,12,-0.5,0.625,10,1e-05,1,10,0.0625
  run,step,epoch,class,name,images,subset,how,iters,lmin,lmin_bound,lmax,lmax_bound,ratio,loss,trace,trace_se,amplification,why,seconds
  sam,10,1,0,ant,64,fea7b32778ecbdd7,,12,-1.5,0.02,12,1e-05,0.125,0.75,,,-0.25,bound,1.5
  sam,10,1,5,fox,64,fea7b32778ecbdd7,,12,-6,0.02,24,1e-05,0.25,1.375,40,2,-2.5,bound,1.5
  sam,20,2,5,fox,64,fea7b32778ecbdd7,,40,-4,0.02,30,1e-05,0.133333333,1.375,,,-1.75,iters,1.5
  sam,30,3,5,fox,64,fea7b32778ecbdd7,,12,0.25,,20,1e-05,0.0125,1.375,,,,bound,1.5
  sam,30,3,0,ant,64,fea7b32778ecbdd7,,12,-1,0.02,16,1e-05,0.0625,0.75,,,-2,bound,1.5
  sam,50,5,5,fox,64,fea7b32778ecbdd7,,12,-0.5,0.625,10,1e-05,0.05,1.375,,,-2,bound,1.5
  run,step,epoch,class,name,images,subset,along,curvature,at,loss
  sam,20,2,5,fox,12,aaaaaaaaaaaaaaaa,v_min,-4,-0.5,1.75
  sam,20,2,5,fox,12,aaaaaaaaaaaaaaaa,v_min,-4,-0.25,1.5
  sam,20,2,5,fox,12,aaaaaaaaaaaaaaaa,v_min,-4,0,2
  sam,20,2,5,fox,12,aaaaaaaaaaaaaaaa,v_min,-4,0.25,1.25
  sam,20,2,5,fox,12,aaaaaaaaaaaaaaaa,v_min,-4,0.5,1.375
  sam,20,2,5,fox,12,aaaaaaaaaaaaaaaa,random:1,0.5,-0.5,2.5
  sam,20,2,5,fox,12,aaaaaaaaaaaaaaaa,random:1,0.5,-0.25,2.125
  sam,20,2,5,fox,12,aaaaaaaaaaaaaaaa,random:1,0.5,0,2
  sam,20,2,5,fox,12,aaaaaaaaaaaaaaaa,random:1,0.5,0.25,2
  sam,20,2,5,fox,12,aaaaaaaaaaaaaaaa,random:1,0.5,0.5,2.375
  run,step,epoch,class,name,images,subset,lmin,residual,rho,batches,batch,a2,a2_se,gradient_norm,share,step_of,ratio,low,high,predicted
  sam,20,2,5,fox,12,aaaaaaaaaaaaaaaa,-4,0.125,0.1,12,8,2.5,0.5,3.5,0.25,linear,1.5,1.25,1.75,1.44
  sam,20,2,5,fox,12,aaaaaaaaaaaaaaaa,-4,0.125,0.1,12,8,2.5,0.5,3.5,0.25,unnormalised,9,7,11,1.44
  sam,20,2,5,fox,12,aaaaaaaaaaaaaaaa,-4,0.125,0.1,12,8,2.5,0.5,3.5,0.25,sam,4.25,3.5,5,4
  run,step,epoch,reading,split,images,tau,acc,head,mid,tail,chosen
  sam,20,2,plain,val,168,,60,85,50,10,
  sam,20,2,tau_norm,val,168,0,60,85,50,10,
  sam,20,2,tau_norm,val,168,0.5,62.5,80,55,25,val
  sam,20,2,tau_norm,val,168,1,58,70,52,30,
  sam,30,3,plain,test,168,,60,85,50,10,
  sam,30,3,ncm,test,168,,57,70,48,,
  run,step,epoch,class,name,images,split,mean,worst,least,below
  sam,30,3,6,gnu,5,train,-0.5,-2.25,-3,60
  $ saddle $S export csv - sam --what density --at 2 --class 5 >d.csv; sed -n '1,3p;1001,$p' d.csv; awk -F, '{ n++; s += $NF } END { print n, s }' d.csv
  run,step,epoch,class,name,images,subset,how,iters,lmin,lmin_bound,lmax,lmax_bound,smoothing,eigenvalue,density
  sam,20,2,5,fox,64,fea7b32778ecbdd7,,40,-4,0.02,30,1e-05,resolved,-5.6813,0.0169841488
  sam,20,2,5,fox,64,fea7b32778ecbdd7,,40,-4,0.02,30,1e-05,resolved,-5.6439,0.0179512746
  sam,20,2,5,fox,64,fea7b32778ecbdd7,,40,-4,0.02,30,1e-05,resolved,31.6813,0.00648948814
  1001 25.9633
  $ saddle $S export csv - sam --what density --class 0,6 | awk -F, 'NR % 400 == 2'
  sam,30,3,0,ant,64,fea7b32778ecbdd7,,12,-1,0.02,16,1e-05,resolved,-1.84065,0.0473607306
  sam,30,3,0,ant,64,fea7b32778ecbdd7,,12,-1,0.02,16,1e-05,resolved,5.63935,0.036853503
  sam,30,3,0,ant,64,fea7b32778ecbdd7,,12,-1,0.02,16,1e-05,resolved,13.11935,0.00349018089
  sam,25,2.5,6,gnu,8,fea7b32778ecbdd7,test images,7,-2,0.02,8,1e-05,resolved,-0.2945,0.0878153781
  sam,25,2.5,6,gnu,8,fea7b32778ecbdd7,test images,7,-2,0.02,8,1e-05,resolved,4.1055,0.0856678503
  $ saddle $S export csv - sam --what density --smooth reference --class 5 | awk -F, 'NR == 2 || NR % 2000 == 3 || $NF > 9.8 { print $4, $(NF - 2), $(NF - 1), $NF }'
  class smoothing eigenvalue density
  5 reference -0.51 3.11156591
  5 reference -0.508947895 3.4208021
  5 reference -0.0113021302 10.9089676
  5 reference -0.010250025 12.1503347
  5 reference -0.00919791979 13.3913124
  5 reference -0.00814581458 14.6045557
  5 reference -0.00709370937 15.7610035
  5 reference -0.00604160416 16.830991
  5 reference -0.00498949895 17.7854894
  5 reference -0.00393739374 18.5974012
  5 reference -0.00288528853 19.2428328
  5 reference -0.00183318332 19.7022608
  5 reference -0.000781078108 19.9615117
  5 reference 0.000271027103 20.0124887
  5 reference 0.00132313231 19.8535915
  5 reference 0.00237523752 19.4897994
  5 reference 0.00342734273 18.9324129
  5 reference 0.00447944794 18.1984698
  5 reference 0.00553155316 17.3098811
  5 reference 0.00658365837 16.2923453
  5 reference 0.00763576358 15.1741173
  5 reference 0.00868786879 13.9847135
  5 reference 0.009739974 12.753636
  5 reference 0.0107920792 11.5091904
  5 reference 0.0118441844 10.277461
  5 reference 1.59526253 0
  5 reference 2.4979688 9.8153669
  5 reference 2.4990209 9.96423537
  5 reference 2.50007301 10.0094848
  5 reference 2.50112511 9.94969529
  5 reference 3.69947295 0
  5 reference 5.80368337 0
  5 reference 7.90789379 0
  $ saddle $S export csv - sam --what lambda --class all --at 2.99 | cut -d, -f2-5,10-
  step,epoch,class,name,lmin,lmin_bound,lmax,lmax_bound,ratio,loss,trace,trace_se,amplification,why,seconds
  10,1,0,ant,-1.5,0.02,12,1e-05,0.125,0.75,,,-0.25,bound,1.5
  10,1,5,fox,-6,0.02,24,1e-05,0.25,1.375,40,2,-2.5,bound,1.5
  20,2,5,fox,-4,0.02,30,1e-05,0.133333333,1.375,,,-1.75,iters,1.5
  25,2.5,6,gnu,-2,0.02,8,1e-05,0.25,1.5,,,,bound,1.5
  $ saddle $S export csv - sam --what lambda --class gnu | cut -d, -f2-5,10-
  step,epoch,class,name,lmin,lmin_bound,lmax,lmax_bound,ratio,loss,trace,trace_se,amplification,why,seconds
  25,2.5,6,gnu,-2,0.02,8,1e-05,0.25,1.5,,,,bound,1.5
  $ saddle $S export csv - sam --what spectra --class tail --at 2.5 | cut -d, -f2-5,14-
  step,epoch,class,name,runs,node,weight
  10,1,5,fox,1,-6,0.125
  10,1,5,fox,1,-3,0.0625
  10,1,5,fox,1,0,0.5
  10,1,5,fox,1,6,0.25
  10,1,5,fox,1,24,0.0625
  20,2,5,fox,1,-4,0.125
  20,2,5,fox,1,-2,0.0625
  20,2,5,fox,1,0,0.5
  20,2,5,fox,1,7.5,0.25
  20,2,5,fox,1,30,0.0625
  25,2.5,6,gnu,2,-2,0.015151515151515152
  25,2.5,6,gnu,2,-1.8999999999999999,0.030303030303030304
  25,2.5,6,gnu,2,-1.5999999999999999,0.045454545454545456
  25,2.5,6,gnu,2,-1.1000000000000001,0.060606060606060608
  25,2.5,6,gnu,2,-0.39999999999999969,0.07575757575757576
  25,2.5,6,gnu,2,0.5,0.090909090909090912
  25,2.5,6,gnu,2,1.5999999999999996,0.10606060606060606
  25,2.5,6,gnu,2,2.8999999999999995,0.12121212121212122
  25,2.5,6,gnu,2,4.4000000000000012,0.13636363636363635
  25,2.5,6,gnu,2,6.1000000000000014,0.15151515151515152
  25,2.5,6,gnu,2,8,0.16666666666666666
  $ saddle $S export csv - rf9978 --what lambda
  run,step,epoch,class,name,images,subset,how,iters,lmin,lmin_bound,lmax,lmax_bound,ratio,loss,trace,trace_se,amplification,why,seconds
  "other, ""x""",10,1,2,fox,20,fea7b32778ecbdd7,,12,-3,0.02,9,1e-05,0.333333333,1,,,,bound,1.5
  $ saddle $S export jsonl - sam --what lambda --at 1
  {"k":"eig","q":20,"s":10,"m":21000000000,"of":10,"ep":1,"class":0,"images":64,"subset":"fea7b32778ecbdd7","loss":0.75,"lmin":-1.5,"lmax":12,"rmin":0.02,"rmax":1.0000000000000001e-05,"iters":12,"sec":1.5,"nodes":[-1.5,-0.75,0,3,12],"wts":[0.125,0.0625,0.5,0.25,0.0625],"runs":1,"trace":"nan","trace_se":"nan","amp":-0.25,"how":null,"why":"bound","power":"nan"}
  {"k":"eig","q":21,"s":10,"m":22000000000,"of":10,"ep":1,"class":5,"images":64,"subset":"fea7b32778ecbdd7","loss":1.375,"lmin":-6,"lmax":24,"rmin":0.02,"rmax":1.0000000000000001e-05,"iters":12,"sec":1.5,"nodes":[-6,-3,0,6,24],"wts":[0.125,0.0625,0.5,0.25,0.0625],"runs":1,"trace":40,"trace_se":2,"amp":-2.5,"how":null,"why":"bound","power":"nan"}
  $ saddle $S export jsonl - sam --what reading --at 2 
  {"k":"reading","q":56,"s":20,"m":57000000000,"of":20,"ep":2,"kind":"tau_norm","split":"val","images":168,"tau":[0,0.5,1],"acc":[60,62.5,58],"head":[85,80,70],"mid":[50,55,52],"tail":[10,25,30],"at":0.5,"chosen":"val","value":[62.5,80,55,25],"plain":[60,85,50,10],"cls":[80,80,60,55,50,30,20],"sec":0.25}
  $ saddle $S export jsonl - sam --what slice | cut -c1-100
  {"k":"slice","q":36,"s":20,"m":37000000000,"of":20,"ep":2,"class":5,"images":12,"subset":"aaaaaaaaaa
  {"k":"slice","q":37,"s":20,"m":38000000000,"of":20,"ep":2,"class":5,"images":12,"subset":"aaaaaaaaaa
  $ saddle $S export jsonl - bare | cut -c1-72
  {"k":"open","q":0,"s":0,"m":1000000000,"w":"1790086400000000000","seg":1
  {"k":"config","q":1,"s":0,"m":2000000000,"knobs":["data=demo","imbalance
  {"k":"data","q":2,"s":0,"m":3000000000,"name":"pets-lt beta=100","sha256
  {"k":"env","q":3,"s":0,"m":4000000000,"build":"saddle 0.1.0 gcc 12.2.0",
  {"k":"state","q":4,"s":0,"m":5000000000,"state":"training","why":null,"e
  {"k":"step","q":5,"s":1,"m":6000000000,"loss":2.56,"loss_up":2.81,"acc":
  {"k":"step","q":6,"s":2,"m":7000000000,"loss":2.72,"loss_up":2.97,"acc":
  {"k":"step","q":7,"s":3,"m":8000000000,"loss":2.38,"loss_up":2.63,"acc":
  $ saddle $S cat bare | cmp - <(saddle $S export jsonl - bare) && saddle $S cat plain | wc -l
  55

Refused.

  $ for words in 'xml -' 'csv - --what acc' 'csv - --what all' 'csv - --class 0' 'csv - --at 1' 'jsonl - --smooth reference' 'csv - --what density --smooth rough' 'csv - --what lambda --at x' \
  >     'csv - --what lambda --class owl' 'csv - --what lambda --class 3' 'csv - --what cnc --at 1' 'csv - --what reading --at 1' 'csv - --what margins --class 0' 'jsonl - --what slice --at 1' 'script - --what lambda' \
  >     'bundle a.zst --at 1' 'safetensors a --what lambda' 'svg -' 'svg a.png' 'png a.svg' 'csv - --what lambda --wide' 'jsonl - --wide' 'csv - --weights last' 'csv - --follow' \
  >     'tex - --what lambda' 'md - --class 0' 'tensorboard tb --at 1' 'svg a.svg --what acc --class 0' 'svg a.svg --what loss --smooth reference' 'bundle a.zst --weights some' 'screen a'; do
  >   set -- $words; echo "$words:"; saddle $S export $1 $2 sam ${@:3}; done
  xml -:
  saddle: export: unknown format 'xml'; csv, jsonl, script, tex, md, tensorboard, svg, png, safetensors, bundle, or at the prompt screen
  [exit 1]
  csv - --what acc:
  saddle: export: --what acc is a figure, svg or png; the tables of csv have its numbers without --what
  [exit 1]
  csv - --what all:
  saddle: export: --what 'all'; spectra, density, lambda, slice, cnc, reading or margins; as a figure also acc, loss, traces, confusion
  [exit 1]
  csv - --class 0:
  saddle: export: --class, --at and --smooth go with --what spectra, density, lambda, slice, cnc, reading or margins
  [exit 1]
  csv - --at 1:
  saddle: export: --class, --at and --smooth go with --what spectra, density, lambda, slice, cnc, reading or margins
  [exit 1]
  jsonl - --smooth reference:
  saddle: export: --class, --at and --smooth go with --what spectra, density, lambda, slice, cnc, reading or margins
  [exit 1]
  csv - --what density --smooth rough:
  saddle: export: --smooth 'rough'; resolved or reference
  [exit 1]
  csv - --what lambda --at x:
  saddle: export: --at 'x' is not a number
  [exit 1]
  csv - --what lambda --class owl:
  saddle: export: unknown class 'owl'; an index 0..6, a name, a..b, head, mid, tail, all or worst:K
  [exit 1]
  csv - --what lambda --class 3:
  saddle: export: no eigenvalue of the wanted classes and epochs was recorded; 'hessian CLASS' measures one
  [exit 1]
  csv - --what cnc --at 1:
  saddle: export: no cnc of the wanted classes and epochs was recorded; 'cnc CLASS' measures one
  [exit 1]
  csv - --what reading --at 1:
  saddle: export: no reading of the wanted epochs was recorded; 'reading tau_norm' makes one
  [exit 1]
  csv - --what margins --class 0:
  saddle: export: no margins of the wanted classes and epochs was recorded; 'margins CLASS' measures one
  [exit 1]
  jsonl - --what slice --at 1:
  saddle: export: no slice of the wanted classes and epochs was recorded; 'slice CLASS' measures one
  [exit 1]
  script - --what lambda:
  saddle: export: --what, --class, --at and --smooth choose curves; a script repeats the whole run
  [exit 1]
  bundle a.zst --at 1:
  saddle: export: --what, --class, --at and --smooth choose curves; a bundle has the whole run
  [exit 1]
  safetensors a --what lambda:
  saddle: export: --what, --class, --at and --smooth choose curves; RUN@EPOCH chooses weights
  [exit 1]
  svg -:
  saddle: export: '-' is for csv, jsonl, script, tex and md; the name of a file
  [exit 1]
  svg a.png:
  saddle: export: 'a.png' is to be a figure in svg; a name that ends so
  [exit 1]
  png a.svg:
  saddle: export: 'a.svg' is to be a figure in png; a name that ends so
  [exit 1]
  csv - --what lambda --wide:
  saddle: export: --wide is for the table of everything, without --what
  [exit 1]
  jsonl - --wide:
  saddle: export: --wide is for 'export csv'
  [exit 1]
  csv - --weights last:
  saddle: export: --weights is for 'export bundle'
  [exit 1]
  csv - --follow:
  saddle: export: --follow is for 'export tensorboard'
  [exit 1]
  tex - --what lambda:
  saddle: export: --what chooses curves; it is for csv, jsonl, svg and png
  [exit 1]
  md - --class 0:
  saddle: export: --class chooses curves; it is for csv, jsonl, svg and png
  [exit 1]
  tensorboard tb --at 1:
  saddle: export: --at chooses curves; it is for csv, jsonl, svg and png
  [exit 1]
  svg a.svg --what acc --class 0:
  saddle: export: --class and --smooth are for what was measured of classes, not for --what acc
  [exit 1]
  svg a.svg --what loss --smooth reference:
  saddle: export: --class and --smooth are for what was measured of classes, not for --what loss
  [exit 1]
  bundle a.zst --weights some:
  saddle: export: --weights 'some'; last, all or none
  [exit 1]
  screen a:
  saddle: export: 'export screen' needs the screen
  [exit 1]
  $ saddle $S export csv -
  saddle: usage: saddle export csv|jsonl|script|tex|md|tensorboard|svg|png|safetensors|bundle PATH RUN[@EPOCH]...
  [exit 2]
  $ saddle $S export csv
  saddle: usage: saddle export csv|jsonl|script|tex|md|tensorboard|svg|png|safetensors|bundle PATH RUN[@EPOCH]...
  [exit 2]
  $ saddle $S export csv - plain sam
  saddle: export: one run at a time; tex, md and tensorboard take several
  [exit 1]
  $ saddle $S export csv - plain@2
  saddle: export: export csv takes a whole run, not a moment of it ('@2'): plain; safetensors takes one
  [exit 1]
  $ saddle $S export csv - nobody
  saddle: export: no session 'nobody'; the newest is 'waiting'
  [exit 3]
  $ touch there && saddle $S export csv there plain
  saddle: export: 'there' exists; --force replaces it
  [exit 1]
  $ saddle $S export csv there plain --force && wc -l <there
  wrote there
  273
  $ saddle $S export csv no/where plain
  saddle: export: cannot write 'no/where': No such file or directory
  [exit 1]
  $ saddle $S --readonly export csv x.csv plain
  saddle: export: not with --readonly
  [exit 1]
  $ saddle $S -c 'replay plain; export csv - --what lambda'
  plain: at epoch 4.0 of 4.0; 'seek', 'speed', 'live'
  saddle: export: no eigenvalue of the wanted classes and epochs was recorded; 'hessian CLASS' measures one
  [exit 1]
  $ saddle $S -c 'replay lost; export csv y.csv' && grep -c . y.csv
  lost: at epoch 1.6 of 1.6; 'seek', 'speed', 'live'
  wrote y.csv
  106
