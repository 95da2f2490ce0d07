Some rows of the paper's tables, by other networks, lengths, seeds; and what is refused. Nothing is trained.

  $ . $TOLD/setup.sh
  $ short() { grep -v -e '^row ' -e 'not run: ' -e 'that can be read in the paper'; }
  $ of() { saddle reproduce "$@" | short; }

  $ of table3 --rows ce+drw; of table3 --rows 'ce*b50,ldam+drw b200'; of table1 --rows 'cifar100-lt/*sam*'; of table1 --rows 'cifar10-*/vs*,nothing'
  table3: CIFAR-10 LT by imbalance factor; paper, ours at the last epoch
  cifar10-lt
  ce+drw b10           88.3 -         93.6 -         85.3 -         86.9 -
  ce+drw b50           79.9 -         92.2 -         76.5 -         72.0 -
  ce+drw b100          75.5 -         91.6 -         74.1 -         61.4 -
  ce+drw b200          69.9 -         91.1 -         70.0 -         48.4 -
  saddle: reproduce: 4 of 4 rows of table3 were not run, for the reasons above
  [exit 3]
  table3: CIFAR-10 LT by imbalance factor; paper, ours at the last epoch
  cifar10-lt
  ce+drw b50           79.9 -         92.2 -         76.5 -         72.0 -
  ce+drw+sam b50       83.8 -         91.3 -         80.5 -         80.8 -
  ldam+drw b200           ? -            ? -            ? -            ? -
  saddle: reproduce: 3 of 3 rows of table3 were not run, for the reasons above
  [exit 3]
  table1: the radii of SAM, imbalance factor 100; paper, ours at the last epoch
  cifar100-lt
  ce+sam b100             ? -            ? -            ? -            ? -         rho 0.2
  ce+drw+sam b100      44.6 -         61.2 -         47.5 -         20.7 -         rho 0.8
  ldam+drw+sam b100    45.4 -            ? -            ? -            ? -         rho 0.8
  vs+sam b100             ? -            ? -            ? -            ? -         rho 0.8
  ce+drw+sam b100: the accuracy is that of the paper's table by imbalance factor
  ldam+drw+sam b100: acc is from the README of the authors' code
  saddle: reproduce: 4 of 4 rows of table1 were not run, for the reasons above
  [exit 3]
  saddle: reproduce: --rows 'nothing': no such row of table1; ce+sam b100, ce+drw+sam b100, ldam+drw+sam b100, vs+sam b100
  [exit 1]
  $ of table2 --rows 'mislas'; of table2 --rows ''; of table2 --rows ','; of table5 --rows 'x'
  table2: ImageNet-LT, ResNet-50; paper, ours at the last epoch
  imagenet-lt
  mislas               52.7 -         61.7 -         51.3 -         35.8 -
  saddle: reproduce: --rows '' names no row
  [exit 1]
  saddle: reproduce: --rows ',' names no row
  [exit 1]
  saddle: reproduce: --rows 'x': no such row of table5; ib b100, ib+sam b100, paco b100, paco+sam b100, ib b200, ib+sam b200, paco b200, paco+sam b200
  [exit 1]
  $ of table3 --rows 'ce+drw b10' --epochs 1 --seeds 2 --model resnet20; of table3 --rows 'ce+drw b10' --epochs 20
  table3: CIFAR-10 LT by imbalance factor; paper, ours at the last epoch, mean+-deviation over seeds; ours shortened to 1 epoch; ours resnet20
  cifar10-lt
  ce+drw b10           88.3 -         93.6 -         85.3 -         86.9 -
  saddle: reproduce: 1 of 1 rows of table3 were not run, for the reasons above
  [exit 3]
  table3: CIFAR-10 LT by imbalance factor; paper, ours at the last epoch; ours shortened to 20 epochs
  cifar10-lt
  ce+drw b10           88.3 -         93.6 -         85.3 -         86.9 -
  saddle: reproduce: 1 of 1 rows of table3 were not run, for the reasons above
  [exit 3]
  $ saddle --do 'set math bf16' reproduce table3 --rows 'ce+drw b10' --epochs 2 | short
  math fp32 -> bf16
  table3: CIFAR-10 LT by imbalance factor; paper, ours at the last epoch; ours shortened to 2 epochs; ours in math bf16
  cifar10-lt
  ce+drw b10           88.3 -         93.6 -         85.3 -         86.9 -
  saddle: reproduce: 1 of 1 rows of table3 were not run, for the reasons above
  [exit 3]
  $ of figure1 --class 3 --rows ce; of figure1 --class '0 9, 1' --rows ce
  figure1: spectra of head and tail, without and with re-weighting; paper, ours at the last epoch
  cifar10-lt
  ce b100                 ? -            ? -            ? -            ? -
     run, class                      n  loss     lmin      lmax      below 0
  A  ce b100           3 no spectrum yet
  saddle: reproduce: 1 of 1 rows of figure1 were not run, for the reasons above
  [exit 3]
  figure1: spectra of head and tail, without and with re-weighting; paper, ours at the last epoch
  cifar10-lt
  ce b100                 ? -            ? -            ? -            ? -
     run, class                      n  loss     lmin      lmax      below 0
  A  ce b100           0 no spectrum yet
  B  ce b100           9 no spectrum yet
  C  ce b100           1 no spectrum yet
  saddle: reproduce: 1 of 1 rows of figure1 were not run, for the reasons above
  [exit 3]

  $ no() { for words; do eval "saddle reproduce $words" | grep saddle: ; done; }
  $ no tabel3 nothing 'table3 --seeds 0' 'table3 --seeds 101' 'table3 --jobs 0' 'table3 --jobs 65' 'table3 --epochs 0' 'table3 --epochs 100001' 'table3 --model resnet9'
  saddle: reproduce: 'tabel3'; did you mean 'table3'?; accepted: table1 table2 table3 table4 table5 main-fig4 figure1 figure2 figure3 all
  saddle: reproduce: 'nothing'; accepted: table1 table2 table3 table4 table5 main-fig4 figure1 figure2 figure3 all
  saddle: reproduce: --seeds 0 is outside 1..20
  saddle: reproduce: --seeds 101 is outside 1..20
  saddle: reproduce: --jobs 0 is outside 1..64
  saddle: reproduce: --jobs 65 is outside 1..64
  saddle: reproduce: --epochs 0 is outside 1..100000
  saddle: reproduce: --epochs 100001 is outside 1..100000
  saddle: reproduce: model: unknown value 'resnet9'; did you mean 'resnet8'? accepted: resnet8 resnet20 resnet32 resnet44 resnet56 resnet110 resnet18 resnet34 resnet50 resnext50
  $ no 'table3 --class 1' 'figure1 --class 10' 'figure1 --class -1' 'figure1 --class 1x' 'figure1 --class 0,1,2,3,4,5,6,7,8,9' 'figure1 --class ""' 'figure1 --class 1,2,3,4'
  saddle: reproduce: --class is for figure1, figure2 and figure3
  saddle: reproduce: --class '10'; up to 4 of 0 to 9 are accepted, as 0,7,9
  saddle: reproduce: --class '-1'; up to 4 of 0 to 9 are accepted, as 0,7,9
  saddle: reproduce: --class '1x'; up to 4 of 0 to 9 are accepted, as 0,7,9
  saddle: reproduce: --class '0,1,2,3,4,5,6,7,8,9'; up to 4 of 0 to 9 are accepted, as 0,7,9
  saddle: reproduce: --class '' names no class; up to 4 of 0 to 9 are accepted, as 0,7,9
  saddle: reproduce: 2 of 2 rows of figure1 were not run, for the reasons above
  $ no 'all --csv x.csv' 'all --tex x' 'all --figure x.svg' 'all --rows ce' 'all --class 1' 'table3 --figure x.pdf' 'table3 --figure nowhere/x.svg' 'table3 --data-root nowhere' '--readonly table3'
  saddle: reproduce: --rows, --class and files are for one table or figure
  saddle: reproduce: --rows, --class and files are for one table or figure
  saddle: reproduce: --rows, --class and files are for one table or figure
  saddle: reproduce: --rows, --class and files are for one table or figure
  saddle: reproduce: --rows, --class and files are for one table or figure
  saddle: reproduce: --figure 'x.pdf'; a name that ends in .svg or .png
  saddle: reproduce: cannot write 'nowhere/x.svg': No such file or directory
  saddle: reproduce: --data-root 'nowhere': no such folder; one that holds cifar-10-batches-bin, cifar-100-binary or ImageNet-LT is accepted
  saddle: reproduce: not with --readonly
  $ : >there.csv; no 'table3 --csv there.csv' 'table3 --tex there.csv' 'table3 --csv nowhere/x'
  saddle: reproduce: 'there.csv' exists; --force replaces it
  saddle: reproduce: 'there.csv' exists; --force replaces it
  saddle: reproduce: cannot write 'nowhere/x': No such file or directory

Where images are looked for, and what comes of a run that cannot be made.

  $ mkdir -p a/cifar-10-batches-bin b c/ImageNet-LT d; : >a/cifar-10-batches-bin/data_batch_1.bin; : >b/train.bin; : >c/ImageNet-LT/ImageNet_LT_train.txt
  $ said() { saddle reproduce "$@" 2>&1 | calm | sed 's|[^ ]*/recipes/|RECIPES/|' | grep -e 'paper-' -e 'not run'; }
  $ said table3 --rows 'ce+drw b10' --data-root a
  paper-cifar10-lt-b10-ce+drw-s0 trains
  paper-cifar10-lt-b10-ce+drw-s0 trains
  paper-cifar10-lt-b10-ce+drw-s0 trains
  warning: reproduce: paper-cifar10-lt-b10-ce+drw-s0 failed: RECIPES/paper/cifar10-lt/ce+drw.sad:3: data: cifar10: a/cifar-10-batches-bin/batches.meta.txt: No such file or directory
  ? no number that can be read in the paper   . not done yet   - not run
  not run: cifar10-lt ce+drw b10: RECIPES/paper/cifar10-lt/ce+drw.sad:3: data: cifar10: a/cifar-10-batches-bin/batches.meta.txt: No such file or directory
  saddle: reproduce: 1 of 1 rows of table3 were not run, for the reasons above
  $ said table3 --rows 'ce+drw b10' --data-root a/cifar-10-batches-bin --epochs 2 --model resnet8 --jobs 2 --seeds 2 | sort
  ? no number that can be read in the paper   . not done yet   - not run
  not run: cifar10-lt ce+drw b10: RECIPES/paper/cifar10-lt/ce+drw.sad:3: data: cifar10: a/cifar-10-batches-bin/batches.meta.txt: No such file or directory
  paper-cifar10-lt-b10-ce+drw-resnet8-e2-s0 trains
  paper-cifar10-lt-b10-ce+drw-resnet8-e2-s0 trains
  paper-cifar10-lt-b10-ce+drw-resnet8-e2-s0 trains
  paper-cifar10-lt-b10-ce+drw-resnet8-e2-s1 trains
  paper-cifar10-lt-b10-ce+drw-resnet8-e2-s1 trains
  paper-cifar10-lt-b10-ce+drw-resnet8-e2-s1 trains
  saddle: reproduce: 1 of 1 rows of table3 were not run, for the reasons above
  warning: reproduce: paper-cifar10-lt-b10-ce+drw-resnet8-e2-s0 failed: RECIPES/paper/cifar10-lt/ce+drw.sad:3: data: cifar10: a/cifar-10-batches-bin/batches.meta.txt: No such file or directory
  warning: reproduce: paper-cifar10-lt-b10-ce+drw-resnet8-e2-s1 failed: RECIPES/paper/cifar10-lt/ce+drw.sad:3: data: cifar10: a/cifar-10-batches-bin/batches.meta.txt: No such file or directory
  $ said --do 'seed 7' table4 --rows 'ce+drw b10' --data-root b; said table4 --rows 'ce+drw b10' --data-root d; said table2 --rows 'ce' --data-root d
  paper-cifar100-lt-b10-ce+drw-s7 trains
  paper-cifar100-lt-b10-ce+drw-s7 trains
  paper-cifar100-lt-b10-ce+drw-s7 trains
  warning: reproduce: paper-cifar100-lt-b10-ce+drw-s7 failed: RECIPES/paper/cifar100-lt/ce+drw.sad:3: data: cifar100: b/fine_label_names.txt: No such file or directory
  ? no number that can be read in the paper   . not done yet   - not run
  not run: cifar100-lt ce+drw b10: RECIPES/paper/cifar100-lt/ce+drw.sad:3: data: cifar100: b/fine_label_names.txt: No such file or directory
  saddle: reproduce: 1 of 1 rows of table4 were not run, for the reasons above
  ? no number that can be read in the paper   . not done yet   - not run
  not run: cifar100-lt ce+drw b10: no images: train.bin and test.bin of CIFAR-100 are not in d
  saddle: reproduce: 1 of 1 rows of table4 were not run, for the reasons above
  ? no number that can be read in the paper   . not done yet   - not run
  not run: imagenet-lt ce: no images: ImageNet_LT_train.txt, ImageNet_LT_test.txt and the pictures that they name are not in d
  saddle: reproduce: 1 of 1 rows of table2 were not run, for the reasons above
  $ said table2 --rows 'crt' --data-root c
  paper-imagenet-lt-crt-s0 trains
  paper-imagenet-lt-crt-s0 trains
  paper-imagenet-lt-crt-s0 trains
  warning: reproduce: paper-imagenet-lt-crt-s0 failed: stdin:1: data: c/ImageNet-LT/ImageNet_LT_train.txt: no lines; expected one of a path, a blank and a label for each picture
  ? no number that can be read in the paper   . not done yet   - not run
  not run: imagenet-lt crt: stdin:1: data: c/ImageNet-LT/ImageNet_LT_train.txt: no lines; expected one of a path, a blank and a label for each picture
  saddle: reproduce: 1 of 1 rows of table2 were not run, for the reasons above
  $ ls data/saddle/sessions
