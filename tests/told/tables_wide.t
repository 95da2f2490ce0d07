The wide table: a row for each step that anything is told of, a column for each metric, what was measured twice once, marks in columns of their own.

  $ . $TOLD/setup.sh
  $ python3 $TOLD/forge.py
  $ S="--sessions ."
  $ saddle $S export csv - lost --wide
  run,step,epoch,time,acc,loss,train_loss,train_acc,lr,drw,group_acc:head,group_acc:mid,group_acc:tail,class_acc:ant,class_acc:bee,class_acc:cat,class_acc:dog,class_acc:elk,class_acc:fox,class_acc:gnu,class_loss:ant,class_loss:bee,class_loss:cat,class_loss:dog,class_loss:elk,class_loss:fox,class_loss:gnu,class_train_loss:ant,class_train_loss:bee,class_train_loss:cat,class_train_loss:dog,class_train_loss:elk,class_train_loss:fox,class_train_loss:gnu,step_loss,step_gn,step_lr,mark,mark_text
  lost,1,0.1,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,2.56,2.95,8,,
  lost,2,0.2,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,2.72,2.9,8,,
  lost,3,0.3,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,2.38,2.85,8,,
  lost,4,0.4,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,2.54,2.8,8,,
  lost,5,0.5,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,2.2,2.75,8,,
  lost,6,0.6,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,2.36,2.7,8,,
  lost,7,0.7,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,2.52,2.65,8,,
  lost,8,0.8,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,2.18,2.6,8,,
  lost,9,0.9,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,2.34,2.55,8,,
  lost,10,1,2026-09-22T14:13:35Z,29.761905,2.375,2.1875,30,8,0,50,0,0,100,0,0,0,0,0,0,0.4,0.65,0.9,1.15,1.4,1.65,1.9,0.15,0.275,0.4,0.525,0.65,0.775,0.9,2,2.5,8,,
  lost,11,1.1,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,2.16,2.45,8,,
  lost,12,1.2,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,2.32,2.4,8,,
  lost,13,1.3,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,1.98,2.35,8,,
  lost,14,1.4,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,2.14,2.3,8,,
  lost,15,1.5,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,2.25,8,,
  lost,16,1.6,2026-09-22T14:13:42Z,29.761905,,2,36,8,0,50,0,0,100,0,0,0,0,0,0,0.34,0.59,0.84,1.09,1.34,1.59,1.84,0.09,0.215,0.34,0.465,0.59,0.715,0.84,,2.2,8,,
  $ saddle $S export csv w.csv rf9978 --wide && sed -n '1p;2p;11p;21p' w.csv
  wrote w.csv
  run,step,epoch,time,acc,loss,train_loss,train_acc,lr,rho,drw,group_acc:many,group_acc:few,class_acc:bee,"class_acc:the ""big"", cat",class_acc:fox,lmin:fox,lmax:fox,lmin_residual:fox,lmax_residual:fox,probe_loss:fox,probe_iters:fox,probe_seconds:fox,step_loss,step_gn,step_lr,step_rho,mark,mark_text
  "other, ""x""",1,0.1,,,,,,,,,,,,,,,,,,,,,2.76,3.825,0.1,0.5,,
  "other, ""x""",10,1,2026-09-22T14:13:35Z,47.826087,2.375,2.1875,30,0.1,0.5,0,55,20,60,50,20,-3,9,0.02,1e-05,1,12,1.5,2.2,3.375,0.1,0.5,,
  "other, ""x""",20,2,2026-09-22T14:13:47Z,56.52174,1.75,1.875,40,0.1,0.5,0,60,40,70,50,40,,,,,,,,1.8,2.875,0.1,0.5,,
  $ saddle $S export csv - plain --wide | sed -n '31p;32p'
  plain,30,3,2026-09-22T14:14:00Z,63.690476,1.125,1.5625,50,0.1,0,79,50.555556,11.25,88,70,66.66667,45,40,10,12.5,0.2,0.45,0.7,0.95,1.2,1.45,1.7,-0.05,0.075,0.2,0.325,0.45,0.575,0.7,1.2,1.5,0.1,,
  plain,31,3.1,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,1.36,1.45,0.01,,
  $ saddle $S export csv - sam --wide >s.csv; wc -l <s.csv; sed -n '1p;11p;21,22p;26p;31p;41,42p;51p' s.csv
  51
  run,step,epoch,time,acc,loss,train_loss,train_acc,lr,rho,drw,group_acc:head,group_acc:mid,group_acc:tail,class_acc:ant,class_acc:bee,class_acc:cat,class_acc:dog,class_acc:elk,class_acc:fox,class_acc:gnu,class_loss:ant,class_loss:bee,class_loss:cat,class_loss:dog,class_loss:elk,class_loss:fox,class_loss:gnu,class_train_loss:ant,class_train_loss:bee,class_train_loss:cat,class_train_loss:dog,class_train_loss:elk,class_train_loss:fox,class_train_loss:gnu,lmin:ant,lmax:ant,lmin_residual:ant,lmax_residual:ant,probe_loss:ant,probe_iters:ant,probe_seconds:ant,amplification:ant,lmin:fox,lmax:fox,lmin_residual:fox,lmax_residual:fox,probe_loss:fox,probe_iters:fox,probe_seconds:fox,trace:fox,trace_se:fox,amplification:fox,lmin:gnu,lmax:gnu,lmin_residual:gnu,lmax_residual:gnu,probe_loss:gnu,probe_iters:gnu,probe_seconds:gnu,cnc_a2:fox,cnc_linear_ratio:fox,cnc_linear_low:fox,cnc_linear_high:fox,cnc_linear_predicted:fox,cnc_unnormalised_ratio:fox,cnc_unnormalised_low:fox,cnc_unnormalised_high:fox,cnc_unnormalised_predicted:fox,cnc_sam_ratio:fox,cnc_sam_low:fox,cnc_sam_high:fox,cnc_sam_predicted:fox,margins_mean:gnu,margins_worst:gnu,margins_below:gnu,step_loss,step_gn,step_lr,step_rho,step_rise,step_rho_gn,step_rho_wn,step_cos,mark,mark_text
  sam,10,1,2026-09-22T14:13:39Z,42.261905,2.375,2.1875,30,0.1,0.1,0,57.5,28.3333333,0,60,55,40,25,20,0,0,0.4,0.65,0.9,1.15,1.4,1.65,1.9,0.15,0.275,0.4,0.525,0.65,0.775,0.9,-1.5,12,0.02,1e-05,0.75,12,1.5,-0.25,-6,24,0.02,1e-05,1.375,12,1.5,40,2,-2.5,,,,,,,,,,,,,,,,,,,,,,,,2.1,2.625,0.1,0.1,0.225,0.15,0.01,0.8,,
  sam,20,2,2026-09-22T14:13:54Z,67.2619,1.75,1.875,40,0.1,0.1,0,81.5,57.22222,17.5,88,75,66.66667,55,50,10,25,0.3,0.55,0.8,1.05,1.3,1.55,1.8,0.05,0.175,0.3,0.425,0.55,0.675,0.8,,,,,,,,,-4,30,0.02,1e-05,1.375,40,1.5,,,-1.75,,,,,,,,2.5,1.5,1.25,1.75,1.44,9,7,11,1.44,4.25,3.5,5,4,,,,1.7,2.125,0.1,0.1,0.2,0.25,0.02,0.7,R,rho 0.1>0.3
  sam,21,2.1,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,1.86,2.075,0.1,0.3,,,,,D,drw on: weights effective
  sam,25,2.5,2026-09-22T14:14:18Z,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,-2,8,0.02,1e-05,1.5,7,1.5,,,,,,,,,,,,,,,,,1.5,1.875,0.1,0.3,0.1875,0.3,0.025,0.65,NS,"rho, ""larger"": look_at \xce\xbb; before" (esc)
  sam,30,3,2026-09-22T14:14:17Z,68.45238,1.125,1.5625,50,0.1,0.3,1,76.75,61.11111,43.75,86,67.5,63.33333,60,60,50,37.5,0.2,0.45,0.7,0.95,1.2,1.45,1.7,-0.05,0.075,0.2,0.325,0.45,0.575,0.7,-1,16,0.02,1e-05,0.75,12,1.5,-2,0.25,20,,1e-05,1.375,12,1.5,,,,,,,,,,,,,,,,,,,,,,,,-0.5,-2.25,60,1.3,1.625,0.1,0.3,0.175,0.35,0.03,0.6,L,lr 0.1>0.05
  sam,40,4,2026-09-22T14:14:36Z,67.2619,0.5,1.25,60,0.1,0.3,1,74.5,60,50,84,65,60,60,60,50,50,0.1,0.35,0.6,0.85,1.1,1.35,1.6,-0.15,-0.025,0.1,0.225,0.35,0.475,0.6,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,0.9,1.125,0.005,0.3,0.15,0.45,0.04,0.5,S,s0004
  sam,41,4.1,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,1.06,1.075,0.005,0.3,,,,,B,crt
  sam,50,5,2026-09-22T14:14:50Z,67.85714,-0.125,0.9375,70,0.1,0.3,1,73.75,62.77778,50,80,67.5,63.33333,65,60,50,50,0,0.25,0.5,0.75,1,1.25,1.5,-0.25,-0.125,0,0.125,0.25,0.375,0.5,,,,,,,,,-0.5,10,0.625,1e-05,1.375,12,1.5,,,-2,,,,,,,,,,,,,,,,,,,,,,,,0.5,0.625,0.005,0.3,,,,,,
  $ saddle $S export csv - fork --wide | sed -n '2,3p'
  fork,20,2,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,FS,sam@2; base
  fork,21,2.1,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,1.76,2.575,0.1,0.6,,
  $ saddle $S export csv - again --wide | cut -d, -f2-10,27- | sed -n '1p;20,22p;28,$p'
  step,epoch,time,acc,loss,train_loss,train_acc,lr,rho,class_loss:fox,class_loss:gnu,class_train_loss:ant,class_train_loss:bee,class_train_loss:cat,class_train_loss:dog,class_train_loss:elk,class_train_loss:fox,class_train_loss:gnu,step_loss,step_gn,step_lr,step_rho,mark,mark_text
  19,1.9,,,,,,,,,,,,,,,,,1.74,2.425,0.1,0.2,,
  20,2,2026-09-22T14:13:46Z,64.88095,1.75,1.875,40,0.1,0.2,1.55,1.8,0.05,0.175,0.3,0.425,0.55,0.675,0.8,1.9,2.375,0.1,0.2,SRR,s0002; rho 0.2>0.5; rho 0.2>0.05
  21,2.1,,,,,,,,,,,,,,,,,1.66,2.45,0.1,0.05,,
  27,2.7,,,,,,,,,,,,,,,,,1.62,2.15,0.1,0.05,,
  28,2.8,,,,,,,,,,,,,,,,,1.28,2.1,0.1,0.05,,
  29,2.9,,,,,,,,,,,,,,,,,1.44,2.05,0.1,0.05,,
  30,3,2026-09-23T14:13:34Z,67.2619,1.125,1.5625,50,0.1,0.05,1.45,1.7,-0.05,0.075,0.2,0.325,0.45,0.575,0.7,1.6,2,0.1,0.05,,
  $ saddle $S export csv - bare --wide
  run,step,epoch,time,step_loss,step_gn,step_lr,step_rho,mark,mark_text
  bare,1,0.1,,2.56,2.95,0.1,0.1,,
  bare,2,0.2,,2.72,2.9,0.1,0.1,,
  bare,3,0.3,,2.38,2.85,0.1,0.1,,
