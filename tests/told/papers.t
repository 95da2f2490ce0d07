Tables of results for a paper: a line for each method, mean and deviation of runs that differ in seed alone.

  $ . $TOLD/setup.sh
  $ python3 $TOLD/forge.py
  $ python3 $TOLD/forge.py ce_1 ce_2 ce_3 ce_9
  $ S="--sessions ."
  $ saddle $S export md - ce_1 sam ce_2 fork ce_3 ce_9 plain
  | Method | All | Head | Mid | Tail |
  |---|---:|---:|---:|---:|
  | ce (ce\\_1) | 70.83 \xc2\xb1 4.84 | 88.50 \xc2\xb1 9.01 | 55.97 \xc2\xb1 5.94 | 9.69 \xc2\xb1 5.62 | (esc)
  | ldam+drw+sam rho 0.3 | 67.86 | 73.75 | 62.78 | 50.00 |
  | ldam+drw+sam rho 0.6 | 67.26 | 71.25 | 65.56 | 55.00 |
  | ce (ce\_9) | 46.43 | 65.00 | 26.11 | 5.00 |
  
  <!-- ce: accuracy in %, test images, epoch 1, of ce_1 (seed 1) ce_2 (seed 2) ce_3 (seed 3) plain (seed 0, epoch 4) -->
  <!-- ldam+drw+sam rho 0.3: accuracy in %, validation images, epoch 5, of sam (seed 0) -->
  <!-- ldam+drw+sam rho 0.6: accuracy in %, validation images, epoch 3, of fork (seed 0) -->
  <!-- ce: accuracy in %, test images, epoch 1, of ce_9 (seed 1) -->
  $ saddle $S export tex - ce_1 sam ce_2 ce_9 ce_3
  % ce: accuracy in %, test images, epoch 1, of ce_1 (seed 1) ce_2 (seed 2) ce_3 (seed 3)
  % ldam+drw+sam rho 0.3: accuracy in %, validation images, epoch 5, of sam (seed 0)
  % ce: accuracy in %, test images, epoch 1, of ce_9 (seed 1)
  % \usepackage{booktabs} in the preamble
  \begin{tabular}{lrrrr}
  \toprule
  Method & All & Head & Mid & Tail \\
  \midrule
  ce (ce\_1) & 73.21 $\pm$ 1.03 & 91.83 $\pm$ 7.42 & 56.85 $\pm$ 6.95 & 11.25 $\pm$ 5.73 \\
  ldam+drw+sam rho 0.3 & 67.86 & 73.75 & 62.78 & 50.00 \\
  ce (ce\_9) & 46.43 & 65.00 & 26.11 & 5.00 \\
  \bottomrule
  \end{tabular}
  $ saddle $S export md - rf9978
  | Method | All | Many | Few |
  |---|---:|---:|---:|
  | ce+asam rho 0.5 | 56.52 | 60.00 | 40.00 |
  
  <!-- ce+asam rho 0.5: accuracy in %, test images, epoch 2, of other, "x" (seed 0) -->
  $ saddle $S export tex - rf9978 lost
  saddle: export: lost has other groups of classes than other, "x"
  [exit 1]
  $ saddle $S export tex - lost
  % ce: accuracy in %, test images, epoch 1.6, of lost (seed 0)
  % \usepackage{booktabs} in the preamble
  \begin{tabular}{lrrrr}
  \toprule
  Method & All & Head & Mid & Tail \\
  \midrule
  ce & 29.76 & 50.00 & 0.00 & 0.00 \\
  \bottomrule
  \end{tabular}
  $ saddle $S export md table lost plain && head -n 4 table
  wrote table
  | Method | All | Head | Mid | Tail |
  |---|---:|---:|---:|---:|
  | ce (lost) | 29.76 | 50.00 | 0.00 | 0.00 |
  | ce (plain) | 63.69 | 78.50 | 53.33 | 5.00 |
  $ saddle $S export md - bare
  saddle: export: bare was not evaluated
  [exit 3]
  $ saddle $S export md - plain bare
  saddle: export: bare was not evaluated
  [exit 3]
  $ saddle $S export md - plain plain
  saddle: export: plain and plain are the same run
  [exit 1]
  $ cp -r plain.saddle copy.saddle && saddle $S export md - plain copy
  saddle: export: plain and copy are the same run
  [exit 1]
  $ saddle $S export md - plain@2
  saddle: export: export md takes a whole run, not a moment of it ('@2'): plain; safetensors takes one
  [exit 1]
  $ saddle $S export tex -
  saddle: usage: saddle export csv|jsonl|script|tex|md|tensorboard|svg|png|safetensors|bundle PATH RUN[@EPOCH]...
  [exit 2]
  $ saddle $S export tex table plain
  saddle: export: 'table' exists; --force replaces it
  [exit 1]
  $ saddle $S -c 'replay plain; export md -' | tail -n +2
  | Method | All | Head | Mid | Tail |
  |---|---:|---:|---:|---:|
  | ce | 63.69 | 78.50 | 53.33 | 5.00 |
  
  <!-- ce: accuracy in %, test images, epoch 4, of plain (seed 0) -->
  $ saddle $S export md - $(yes ce_1 | head -n 65)
  saddle: usage: saddle export csv|jsonl|script|tex|md|tensorboard|svg|png|safetensors|bundle PATH RUN[@EPOCH]...
  [exit 2]

Names that both languages have to be told of; groups of other names.

  $ cp -r ce_9.saddle 'a\b~c^d&e#f$g{h}i|j*k`l<m[n%.saddle'
  $ for format in tex md; do saddle $S export $format - ce_1 'a\b~c^d&e#f$g{h}i|j*k`l<m[n%' | grep ' (a'; done
  ce (a\textbackslash{}b\textasciitilde{}c\textasciicircum{}d\&e\#f\$g\{h\}i|j*k`l<m[n\%) & 46.43 & 65.00 & 26.11 & 5.00 \\
  | ce (a\\b~c^d&e#f$g{h}i\|j\*k\`l\<m\[n%) | 46.43 | 65.00 | 26.11 | 5.00 |
  $ python3 $TOLD/forge.py wide-one zones && saddle $S export md - ce_1 wide-one; saddle $S export md - zones ce_1
  saddle: export: wide-one has other groups of classes than ce_1
  [exit 1]
  saddle: export: ce_1 has other groups of classes than zones
  [exit 1]
