Spectra of runs beside each other, tables of comparisons, and what is refused. forge.py says what was recorded.

  $ . $TOLD/setup.sh
  $ python3 $TOLD/forge.py
  $ S="--sessions ."
  $ saddle $S compare sam rf9978 fork --what density --at 4
  warning: compare: other, "x" ends at epoch 2: it is compared there
  warning: compare: fork ends at epoch 3.3: it is compared there
  warning: compare: other, "x" is trained on other images than sam (zoo, beta=20, pets-lt beta=100); classes are matched by name
  run         id      epoch    of  state       goes on from
  sam         rf16be      4     5  finished
  other, "x"  rf9978      2     4  finished
  fork        r3f673    3.3     5  stopped     sam@2
  
  knob           run         value, and what it was changed to @ epoch
  data           sam         demo
                 other, "x"  cifar10
                 fork        demo
  beta           sam         100
                 other, "x"  20
                 fork        100
  val            sam         168
                 other, "x"  0
                 fork        168
  loss           sam         ldam
                 other, "x"  ce
                 fork        ldam
  weights        sam         effective
                 other, "x"  none
                 fork        effective
  drw            sam         2
                 other, "x"  0
                 fork        2
  beta_en        sam         0.999
                 other, "x"  0.9999
                 fork        0.999
  ldam_s         sam         20
                 other, "x"  30
                 fork        20
  opt            sam         sam
                 other, "x"  asam
                 fork        sam
  lr             sam         0.1 > 0.05@3
                 other, "x"  0.1
                 fork        0.1
  rho            sam         0.1 > 0.3@2
                 other, "x"  0.5
                 fork        0.1 > 0.6@2
  epochs         sam         5
                 other, "x"  4
                 fork        5
  
  spectrum of    run         epoch      lmin      lmax  below 0 images
  0 ant          sam             3        -1        16    18.8%     64
                 other, "x"      - not measured
                 fork            3      -2.5        14    18.8%     64
  5 fox          sam             2        -4        30    18.8%     64
                 other, "x"      1        -3         9    18.8%     20
                 fork            2        -4        30    18.8%     64
  $ saddle $S compare sam rf9978 --what density --class fox,ant,dog | sed -n '/^warning/p;/^spectrum/,$p'
  warning: compare: the runs are at different epochs, 2 to 5, and so are the numbers; '--at 2' has all at one
  warning: compare: other, "x" is trained on other images than sam (zoo, beta=20, pets-lt beta=100); classes are matched by name
  warning: compare: other, "x" has no class 'ant'
  warning: compare: other, "x" has no class 'dog'
  spectrum of    run         epoch      lmin      lmax  below 0 images
  0 ant          sam             3        -1        16    18.8%     64
                 other, "x"      - not measured
  5 fox          sam             5      -0.5        10    18.8%     64
                 other, "x"      1        -3         9    18.8%     20
  $ saddle $S compare sam fork --what density --class 5 --at 2.9 | sed -n '/^warning/p;/^spectrum/,$p'
  spectrum of    run   epoch      lmin      lmax  below 0 images
  5 fox          sam       2        -4        30    18.8%     64
                 fork      2        -4        30    18.8%     64
  $ saddle $S compare plain seed --what density
  warning: compare: the runs are at different epochs, 3.5 to 4, and so are the numbers; '--at 3' has all at one
  saddle: compare: no spectrum of the wanted classes was recorded in any of these runs; 'hessian CLASS' measures one
  [exit 1]

Tables: a line for each value, in the order of steps; what is shared before a fork is told of both.

  $ saddle $S compare plain seed --csv -
  warning: compare: the runs are at different epochs, 3.5 to 4, and so are the numbers; '--at 3' has all at one
  run,metric,class,epoch,step,value
  plain,acc,,0.5,5,16.0714286
  plain,acc,,1,10,38.0952381
  plain,acc,,2,20,67.8571429
  plain,acc,,3,30,63.6904762
  plain,acc,,4,40,63.6904762
  plain,group_acc,head,0.5,5,25
  plain,group_acc,head,1,10,55
  plain,group_acc,head,2,20,82.5
  plain,group_acc,head,3,30,79
  plain,group_acc,head,4,40,78.5
  plain,group_acc,mid,0.5,5,3.33333333
  plain,group_acc,mid,1,10,20
  plain,group_acc,mid,2,20,55
  plain,group_acc,mid,3,30,50.5555556
  plain,group_acc,mid,4,40,53.3333333
  plain,group_acc,tail,0.5,5,0
  plain,group_acc,tail,1,10,0
  plain,group_acc,tail,2,20,16.25
  plain,group_acc,tail,3,30,11.25
  plain,group_acc,tail,4,40,5
  plain,loss,,0.5,5,2.6875
  plain,loss,,1,10,2.375
  plain,loss,,2,20,1.75
  plain,loss,,3,30,1.125
  plain,loss,,4,40,0.5
  seed,acc,,1,10,38.6904762
  seed,acc,,2,20,64.2857143
  seed,acc,,3,30,64.2857143
  seed,group_acc,head,1,10,55.5
  seed,group_acc,head,2,20,81.25
  seed,group_acc,head,3,30,79.75
  seed,group_acc,mid,1,10,16.6666667
  seed,group_acc,mid,2,20,51.6666667
  seed,group_acc,mid,3,30,52.7777778
  seed,group_acc,tail,1,10,0
  seed,group_acc,tail,2,20,5
  seed,group_acc,tail,3,30,5
  seed,loss,,1,10,2.375
  seed,loss,,2,20,1.75
  seed,loss,,3,30,1.125
  $ saddle $S compare sam fork lost --metric tail,lmin:5,loss --csv -
  warning: compare: the runs are at different epochs, 1.6 to 5, and so are the numbers; '--at 1' has all at one
  run,metric,class,epoch,step,value
  sam,group_acc,tail,1,10,0
  sam,group_acc,tail,2,20,17.5
  sam,group_acc,tail,3,30,43.75
  sam,group_acc,tail,4,40,50
  sam,group_acc,tail,5,50,50
  sam,lmin,fox,1,10,-6
  sam,lmin,fox,2,20,-4
  sam,lmin,fox,3,30,0.25
  sam,lmin,fox,5,50,-0.5
  sam,loss,,1,10,2.375
  sam,loss,,2,20,1.75
  sam,loss,,3,30,1.125
  sam,loss,,4,40,0.5
  sam,loss,,5,50,-0.125
  fork,group_acc,tail,1,10,0
  fork,group_acc,tail,2,20,17.5
  fork,group_acc,tail,3,30,55
  fork,lmin,fox,1,10,-6
  fork,lmin,fox,2,20,-4
  fork,loss,,1,10,2.375
  fork,loss,,2,20,1.75
  fork,loss,,3,30,1.125
  lost,group_acc,tail,1,10,0
  lost,group_acc,tail,1.6,16,0
  lost,loss,,1,10,2.375
  lost,loss,,1.6,16,nan
  $ saddle $S compare lost rf9978 --metric loss,acc:bee --csv t.csv && cat t.csv
  warning: compare: the runs are at different epochs, 1.6 to 2, and so are the numbers; '--at 1' has all at one
  warning: compare: other, "x" is trained on other images than lost (zoo, beta=20, pets-lt beta=100); classes are matched by name
  wrote t.csv
  run,metric,class,epoch,step,value
  lost,loss,,1,10,2.375
  lost,loss,,1.6,16,nan
  lost,class_acc,bee,1,10,0
  lost,class_acc,bee,1.6,16,0
  "other, ""x""",loss,,1,10,2.375
  "other, ""x""",loss,,2,20,1.75
  "other, ""x""",class_acc,bee,1,10,60
  "other, ""x""",class_acc,bee,2,20,70
  $ saddle $S compare lost again --metric step_loss,step_rho --at 1.6 --csv - | awk -F, 'NR == 1 || $5 > 13 || $5 == 1'
  run,metric,class,epoch,step,value
  lost,step_loss,,0.1,1,2.55999994
  lost,step_loss,,1.4,14,2.1400001
  lost,step_loss,,1.5,15,nan
  lost,step_loss,,1.6,16,nan
  again,step_loss,,0.1,1,2.3599999
  again,step_loss,,1.4,14,1.94000006
  again,step_loss,,1.5,15,2.0999999
  again,step_loss,,1.6,16,1.75999999
  again,step_rho,,0.1,1,0.200000003
  again,step_rho,,1.4,14,0.200000003
  again,step_rho,,1.5,15,0.200000003
  again,step_rho,,1.6,16,0.200000003
  $ saddle $S compare sam fork --at 2 --metric acc,step_lr,train_acc --csv - | awk -F, '$2 !~ /step/ || $5 > 18'
  run,metric,class,epoch,step,value
  sam,acc,,1,10,42.2619048
  sam,acc,,2,20,67.2619048
  sam,step_lr,,1.9,19,0.100000001
  sam,step_lr,,2,20,0.100000001
  sam,train_acc,,1,10,30
  sam,train_acc,,2,20,40
  fork,acc,,1,10,42.2619048
  fork,acc,,2,20,67.2619048
  fork,step_lr,,1.9,19,0.100000001
  fork,step_lr,,2,20,0.100000001
  fork,train_acc,,1,10,30
  fork,train_acc,,2,20,40
  $ saddle $S compare sam rf9978 --what density --csv d.csv
  warning: compare: the runs are at different epochs, 2 to 5, and so are the numbers; '--at 2' has all at one
  warning: compare: other, "x" is trained on other images than sam (zoo, beta=20, pets-lt beta=100); classes are matched by name
  wrote d.csv
  $ head -n 3 d.csv; awk -F, 'NR > 1 { n[$1 "," $2 "," $3 "," $4]++; sum[$1 "," $2 "," $3 "," $4] += $NF } END { for (k in n) print k, n[k], sum[k] }' d.csv | sort
  run,class,epoch,step,eigenvalue,density
  sam,ant,3,30,-1.67082,0.0645368649
  sam,ant,3,30,-1.65246,0.0671519847
  "other, ""x""",fox,1 1000 68.5765
  sam,ant,3,30 1000 51.4223
  sam,fox,5,50 1000 69.8441
  $ sed -n '500,503p;1400,1403p;2400,2403p' d.csv
  sam,ant,3,30,7.47246,0.00728458911
  sam,ant,3,30,7.49082,0.0071252381
  sam,ant,3,30,7.50918,0.00696856037
  sam,ant,3,30,7.52754,0.00681453328
  sam,fox,5,50,2.07494,0.0905657401
  sam,fox,5,50,2.08898,0.0908497905
  sam,fox,5,50,2.10302,0.0911303752
  sam,fox,5,50,2.11706,0.091406808
  "other, ""x""",fox,1,10,2.07494,0.100607693
  "other, ""x""",fox,1,10,2.08898,0.100141459
  "other, ""x""",fox,1,10,2.10302,0.099679961
  "other, ""x""",fox,1,10,2.11706,0.0992228859
  $ saddle $S compare sam rf9978 --what density --class ant --csv - | awk 'NR > 1 { print $1 }' | cut -d, -f1 | uniq -c
        2 warning:
        1 run
     1000 sam

Refused.

  $ saddle $S compare plain
  saddle: compare: one run; 2 to 8 can be compared: compare plain RUN
  [exit 1]
  $ saddle $S compare plain seed sam fork again lost bare orphan waiting
  saddle: usage: saddle compare RUN RUN...
  [exit 2]
  $ saddle $S compare plain seed sam fork again lost bare orphan --metric acc | grep -c '^  *r\|acc\| r[0-9a-f]\{5\} '
  15
  $ saddle $S compare plain nobody
  saddle: compare: no session 'nobody'; the newest is 'waiting'
  [exit 3]
  $ saddle $S compare sam@2 sam@3
  saddle: compare: sam@3 is named twice; each run is compared once
  [exit 1]
  $ cp -r plain.saddle copy.saddle && saddle $S compare plain copy; rm -r copy.saddle
  saddle: compare: plain and copy are the same run
  [exit 1]
  $ saddle $S compare plain@4.1 seed
  saddle: compare: epoch 4.1 is past the end of plain (4)
  [exit 1]
  $ saddle $S compare plain seed@3.6
  saddle: compare: epoch 3.6 is past the end of seed (3.5)
  [exit 1]
  $ saddle $S compare plain seed --at 4.05
  saddle: compare: epoch 4.05 is past the end of plain (4)
  [exit 1]
  $ saddle $S compare plain seed --at 4.04 --metric acc --csv - | tail -n 1
  seed,acc,,3,30,64.2857143
  $ saddle $S compare plain seed --at -1
  saddle: compare: --at -1 is outside 0..1000000000
  [exit 1]
  $ saddle $S compare plain@worst seed
  saddle: compare: no snapshot 'worst' in it; accepted: an epoch, best, last
  [exit 1]
  $ saddle $S compare plain seed --at 3 --metric ac
  saddle: compare: unknown metric 'ac'; did you mean 'acc'?
  [exit 1]
  $ saddle $S compare plain seed --at 3 --metric acc:owl
  saddle: compare: unknown class 'owl'; an index 0..6, a name, a..b, head, mid, tail, all or worst:K
  [exit 1]
  $ saddle $S compare plain seed --at 3 --metric acc:
  saddle: compare: no class '' in plain: 0 to 6, or a name
  [exit 1]
  $ saddle $S compare plain seed --at 3 --metric lr:0
  saddle: compare: 'lr' is not of a class; without ':ant'
  [exit 1]
  $ saddle $S compare plain seed --at 3 --metric lmin
  saddle: compare: 'lmin' is of a class: lmin:CLASS
  [exit 1]
  $ saddle $S compare plain seed --at 3 --metric precision
  saddle: compare: unknown metric 'precision'; acc, loss, train_loss, train_acc, lr, rho, drw, head, mid, tail, acc:CLASS, loss:CLASS, train_loss:CLASS, step_loss, step_gn, step_lr, step_rho, step_rise, step_rho_gn, step_rho_wn, step_cos, lmin:CLASS, lmax:CLASS ...
  [exit 1]
  $ saddle $S compare plain seed --at 3 --metric lmin:0 --csv -
  saddle: compare: nothing of these metrics was recorded in any of these runs up to there
  [exit 1]
  $ saddle $S compare plain seed --at 3 --class owl
  saddle: compare: unknown class 'owl'; an index 0..6, a name, a..b, head, mid, tail, all or worst:K
  [exit 1]
  $ saddle $S compare plain seed --at 3 --what classes
  saddle: compare: --what 'classes'; metrics or density
  [exit 1]
  $ saddle $S compare plain seed --at 3 --what density --metric acc
  saddle: compare: --metric is not of densities; --class says of which classes
  [exit 1]
  $ saddle $S compare plain seed --at 3 --what metrics --metric acc --csv t.csv
  saddle: compare: 't.csv' exists; --force replaces it
  [exit 1]
  $ saddle $S compare plain seed --at 3 --metric acc --csv t.csv --force
  wrote t.csv
  $ saddle $S --readonly compare plain seed --at 3 --metric acc --csv - | head -n 2
  run,metric,class,epoch,step,value
  plain,acc,,0.5,5,16.0714286
  $ saddle $S --readonly compare plain seed --at 3 --metric acc --csv u.csv
  saddle: compare: --csv: not with --readonly
  [exit 1]
  $ saddle $S compare plain seed --at 3 --figure a.pdf
  saddle: compare: --figure 'a.pdf'; a name that ends in .svg or .png
  [exit 1]
