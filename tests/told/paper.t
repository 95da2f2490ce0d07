The paper's tables beside ours: which rows there are, what is missing, what is refused. Nothing is trained.

  $ . $TOLD/setup.sh

Without images: the whole table, the paper's numbers, and why no row was run.

  $ short() { grep -v ': no images: '; }
  $ saddle reproduce table1 | short
  table1: the radii of SAM, imbalance factor 100; paper, ours at the last epoch
  row                  acc            head           mid            tail
  cifar10-lt
  ce+sam b100             ? -            ? -            ? -            ? -         rho 0.1
  ce+drw+sam b100      80.6 -         91.4 -         78.0 -         73.1 -         rho 0.5
  ldam+drw+sam b100    81.9 -            ? -            ? -            ? -         rho 0.8
  vs+sam b100             ? -            ? -            ? -            ? -         rho 0.5
  cifar10-step
  ce+sam b100             ? -            ? -            ? -            ? -         rho 0.1
  ce+drw+sam b100         ? -            ? -            ? -            ? -         rho 0.2
  ldam+drw+sam b100       ? -            ? -            ? -            ? -         rho 0.1
  vs+sam b100             ? -            ? -            ? -            ? -         rho 0.2
  cifar100-lt
  ce+sam b100             ? -            ? -            ? -            ? -         rho 0.2
  ce+drw+sam b100      44.6 -         61.2 -         47.5 -         20.7 -         rho 0.8
  ldam+drw+sam b100    45.4 -            ? -            ? -            ? -         rho 0.8
  vs+sam b100             ? -            ? -            ? -            ? -         rho 0.8
  cifar100-step
  ce+sam b100             ? -            ? -            ? -            ? -         rho 0.5
  ce+drw+sam b100         ? -            ? -            ? -            ? -         rho 0.2
  ldam+drw+sam b100       ? -            ? -            ? -            ? -         rho 0.5
  vs+sam b100             ? -            ? -            ? -            ? -         rho 0.2
  ? no number that can be read in the paper   . not done yet   - not run
  cifar10-lt ce+drw+sam b100, cifar100-lt ce+drw+sam b100: the accuracy is that of the paper's table by imbalance factor
  cifar10-lt ldam+drw+sam b100, cifar100-lt ldam+drw+sam b100: acc is from the README of the authors' code
  saddle: reproduce: 16 of 16 rows of table1 were not run, for the reasons above
  [exit 3]
  $ saddle reproduce table2
  table2: ImageNet-LT, ResNet-50; paper, ours at the last epoch
  row                  acc            head           mid            tail
  imagenet-lt
  ce                   42.7 -         62.5 -         36.6 -         12.5 -
  crt                  50.3 -         62.5 -         47.4 -         29.5 -
  lws                  51.2 -         61.8 -         48.6 -         33.5 -
  mislas               52.7 -         61.7 -         51.3 -         35.8 -
  disalign             52.9 -         61.3 -         52.2 -         31.4 -
  dro-lt               53.5 -         64.0 -         49.8 -         33.1 -
  ldam+drw             49.9 -         61.1 -         48.2 -         28.3 -
  ldam+drw+sam         53.1 -         62.0 -         52.1 -         34.8 -
  ? no number that can be read in the paper   . not done yet   - not run
  ce: its epochs are not stated; 90, as of the others
  crt: the paper quotes it; the second stage is that of 'stage crt'
  lws: the paper quotes it; the second stage is that of 'stage lws'
  not run: imagenet-lt ce: no images: ImageNet_LT_train.txt, ImageNet_LT_test.txt and the pictures that they name are not in the usual folders; --data-root DIR says where they are
  not run: imagenet-lt crt: no images: ImageNet_LT_train.txt, ImageNet_LT_test.txt and the pictures that they name are not in the usual folders; --data-root DIR says where they are
  not run: imagenet-lt lws: no images: ImageNet_LT_train.txt, ImageNet_LT_test.txt and the pictures that they name are not in the usual folders; --data-root DIR says where they are
  not run: imagenet-lt mislas: there is neither mixup nor label-aware smoothing here; 180 epochs
  not run: imagenet-lt disalign: its second stage, a calibration of scores, is not here
  not run: imagenet-lt dro-lt: its loss is not here; the paper quotes the number
  not run: imagenet-lt ldam+drw: no images: ImageNet_LT_train.txt, ImageNet_LT_test.txt and the pictures that they name are not in the usual folders; --data-root DIR says where they are
  not run: imagenet-lt ldam+drw+sam: no images: ImageNet_LT_train.txt, ImageNet_LT_test.txt and the pictures that they name are not in the usual folders; --data-root DIR says where they are
  saddle: reproduce: 5 of 8 rows of table2 were not run, for the reasons above
  [exit 3]
  $ saddle reproduce table3 | short
  table3: CIFAR-10 LT by imbalance factor; paper, ours at the last epoch
  row                  acc            head           mid            tail
  cifar10-lt
  ce+drw b10           88.3 -         93.6 -         85.3 -         86.9 -
  ce+drw+sam b10       89.7 -         93.4 -         86.1 -         90.8 -
  ldam+drw b10         87.8 -         91.9 -         85.0 -         87.5 -
  ldam+drw+sam b10     89.4 -         93.4 -         86.2 -         89.8 -
  ce+drw b50           79.9 -         92.2 -         76.5 -         72.0 -
  ce+drw+sam b50       83.8 -         91.3 -         80.5 -         80.8 -
  ldam+drw b50         82.0 -         90.9 -         78.7 -         77.5 -
  ldam+drw+sam b50     84.8 -         92.8 -         82.1 -         80.4 -
  ce+drw b100          75.5 -         91.6 -         74.1 -         61.4 -
  ce+drw+sam b100      80.6 -         91.4 -         78.0 -         73.1 -
  ldam+drw b100           ? -            ? -            ? -            ? -
  ldam+drw+sam b100    81.9 -            ? -            ? -            ? -
  ce+drw b200          69.9 -         91.1 -         70.0 -         48.4 -
  ce+drw+sam b200      76.6 -         91.5 -         74.9 -         64.0 -
  ldam+drw b200           ? -            ? -            ? -            ? -
  ldam+drw+sam b200       ? -            ? -            ? -            ? -
  ? no number that can be read in the paper   . not done yet   - not run
  ldam+drw+sam b100: acc is from the README of the authors' code
  saddle: reproduce: 16 of 16 rows of table3 were not run, for the reasons above
  [exit 3]
  $ saddle reproduce table4 | short
  table4: CIFAR-100 LT by imbalance factor; paper, ours at the last epoch
  row                  acc            head           mid            tail
  cifar100-lt
  ce+drw b10           58.1 -         65.6 -         58.5 -         48.2 -
  ce+drw+sam b10       60.7 -         66.0 -         60.5 -         54.4 -
  ldam+drw b10         57.8 -         67.5 -         58.9 -         44.5 -
  ldam+drw+sam b10     60.1 -         70.2 -         61.3 -         46.1 -
  ce+drw b50           46.5 -         63.3 -         47.5 -         24.4 -
  ce+drw+sam b50       50.0 -         61.9 -         50.9 -         33.7 -
  ldam+drw b50         47.1 -         62.9 -         48.2 -         26.1 -
  ldam+drw+sam b50     49.4 -         66.1 -         50.2 -         27.8 -
  ce+drw b100          41.0 -         61.3 -         41.7 -         14.7 -
  ce+drw+sam b100      44.6 -         61.2 -         47.5 -         20.7 -
  ldam+drw b100           ? -            ? -            ? -            ? -
  ldam+drw+sam b100    45.4 -            ? -            ? -            ? -
  ce+drw b200          36.9 -         59.7 -         36.1 -          9.6 -
  ce+drw+sam b200      41.7 -         63.4 -         43.0 -         13.1 -
  ldam+drw b200           ? -            ? -            ? -            ? -
  ldam+drw+sam b200       ? -            ? -            ? -            ? -
  ? no number that can be read in the paper   . not done yet   - not run
  ldam+drw+sam b100: acc is from the README of the authors' code
  saddle: reproduce: 16 of 16 rows of table4 were not run, for the reasons above
  [exit 3]
  $ saddle reproduce table5
  table5: IB and PaCo on CIFAR-100 LT; paper, ours at the last epoch
  row                  acc            head           mid            tail
  cifar100-lt
  ib b100                 ? -            ? -            ? -         14.9 -
  ib+sam b100             ? -            ? -            ? -         25.0 -
  paco b100            51.5 -            ? -            ? -         33.9 -
  paco+sam b100        53.0 -            ? -            ? -         36.0 -
  ib b200              36.7 -            ? -            ? -            ? -
  ib+sam b200          37.7 -            ? -            ? -            ? -
  paco b200            47.0 -            ? -            ? -         26.9 -
  paco+sam b200        48.0 -            ? -            ? -         27.8 -
  ? no number that can be read in the paper   . not done yet   - not run
  ib b100, ib b200: of acc at 100 one number is left, 40.4, of tail at 200 one, 10.3: whether of ib or ib+sam is not told
  ib+sam b100, ib+sam b200: of acc at 100 one number is left, 40.4, of tail at 200 one, 10.3: whether of ib or ib+sam is not told; rho is not stated
  not run: cifar100-lt ib b100: no images: train.bin and test.bin of CIFAR-100 are not in the usual folders; --data-root DIR says where they are
  not run: cifar100-lt ib+sam b100: no images: train.bin and test.bin of CIFAR-100 are not in the usual folders; --data-root DIR says where they are
  not run: cifar100-lt paco b100: its contrastive head, key encoder and queue are not here
  not run: cifar100-lt paco+sam b100: its contrastive head, key encoder and queue are not here
  not run: cifar100-lt ib b200: no images: train.bin and test.bin of CIFAR-100 are not in the usual folders; --data-root DIR says where they are
  not run: cifar100-lt ib+sam b200: no images: train.bin and test.bin of CIFAR-100 are not in the usual folders; --data-root DIR says where they are
  not run: cifar100-lt paco b200: its contrastive head, key encoder and queue are not here
  not run: cifar100-lt paco+sam b200: its contrastive head, key encoder and queue are not here
  saddle: reproduce: 4 of 8 rows of table5 were not run, for the reasons above
  [exit 3]
  $ saddle reproduce main-fig4 | short
  main-fig4: accuracy against rho, and beside PGD and LPF-SGD; paper, ours at the last epoch
  row                  acc            head           mid            tail
  cifar10-lt
  ce+drw b100          75.5 -         91.6 -         74.1 -         61.4 -
  ce+drw+pgd b100         ? -            ? -            ? -            ? -
  ce+drw+lpf b100         ? -            ? -            ? -            ? -
  ce+drw+sam-0.05 b100    ? -            ? -            ? -            ? -         rho 0.05
  ce+drw+sam-0.1 b100     ? -            ? -            ? -            ? -         rho 0.1
  ce+drw+sam-0.2 b100     ? -            ? -            ? -            ? -         rho 0.2
  ce+drw+sam-0.5 b100  80.6 -         91.4 -         78.0 -         73.1 -         rho 0.5
  ce+drw+sam-0.8 b100     ? -            ? -            ? -            ? -         rho 0.8
  cifar100-lt
  ce+drw b100          41.0 -         61.3 -         41.7 -         14.7 -
  ce+drw+pgd b100         ? -            ? -            ? -            ? -
  ce+drw+lpf b100         ? -            ? -            ? -            ? -
  ce+drw+sam-0.05 b100    ? -            ? -            ? -            ? -         rho 0.05
  ce+drw+sam-0.1 b100     ? -            ? -            ? -            ? -         rho 0.1
  ce+drw+sam-0.2 b100     ? -            ? -            ? -            ? -         rho 0.2
  ce+drw+sam-0.5 b100     ? -            ? -            ? -            ? -         rho 0.5
  ce+drw+sam-0.8 b100  44.6 -         61.2 -         47.5 -         20.7 -         rho 0.8
  ? no number that can be read in the paper   . not done yet   - not run
  cifar10-lt ce+drw b100, cifar10-lt ce+drw+sam-0.5 b100, cifar100-lt ce+drw b100, cifar100-lt ce+drw+sam-0.8 b100: the accuracy is that of the paper's table by imbalance factor
  saddle: reproduce: 16 of 16 rows of main-fig4 were not run, for the reasons above
  [exit 3]
  $ saddle reproduce figure1
  figure1: spectra of head and tail, without and with re-weighting; paper, ours at the last epoch
  row                  acc            head           mid            tail
  cifar10-lt
  ce b100                 ? -            ? -            ? -            ? -
  ce+drw b100          75.5 -         91.6 -         74.1 -         61.4 -
     run, class                      n  loss     lmin      lmax      below 0
  A  ce b100           0 no spectrum yet
  B  ce b100           7 no spectrum yet
  C  ce b100           9 no spectrum yet
  D  ce+drw b100       0 no spectrum yet
  E  ce+drw b100       7 no spectrum yet
  F  ce+drw b100       9 no spectrum yet
  ? no number that can be read in the paper   . not done yet   - not run
  ce+drw b100: the accuracy is that of the paper's table by imbalance factor
  not run: cifar10-lt ce b100: no images: data_batch_1.bin ... of CIFAR-10 are not in the usual folders; --data-root DIR says where they are
  not run: cifar10-lt ce+drw b100: no images: data_batch_1.bin ... of CIFAR-10 are not in the usual folders; --data-root DIR says where they are
  saddle: reproduce: 2 of 2 rows of figure1 were not run, for the reasons above
  [exit 3]
  $ saddle reproduce figure2 | short
  figure2: spectra of head, mid and tail, without and with SAM; paper, ours at the last epoch
  row                  acc            head           mid            tail
  cifar10-lt
  ce+drw b100          75.5 -         91.6 -         74.1 -         61.4 -
  ce+drw+sam b100      80.6 -         91.4 -         78.0 -         73.1 -
     run, class                      n  loss     lmin      lmax      below 0
  A  ce+drw b100       2 no spectrum yet
  B  ce+drw b100       5 no spectrum yet
  C  ce+drw b100       7 no spectrum yet
  D  ce+drw+sam b100   2 no spectrum yet
  E  ce+drw+sam b100   5 no spectrum yet
  F  ce+drw+sam b100   7 no spectrum yet
  ? no number that can be read in the paper   . not done yet   - not run
  ce+drw b100, ce+drw+sam b100: the accuracy is that of the paper's table by imbalance factor
  saddle: reproduce: 2 of 2 rows of figure2 were not run, for the reasons above
  [exit 3]
  $ saddle reproduce figure3 | short
  figure3: spectra of head and tail of LDAM, without and with SAM; paper, ours at the last epoch
  row                  acc            head           mid            tail
  cifar10-lt
  ldam+drw b100           ? -            ? -            ? -            ? -
  ldam+drw+sam b100    81.9 -            ? -            ? -            ? -
     run, class                      n  loss     lmin      lmax      below 0
  A  ldam+drw b100     0 no spectrum yet
  B  ldam+drw b100     7 no spectrum yet
  C  ldam+drw b100     9 no spectrum yet
  D  ldam+drw+sam b100 0 no spectrum yet
  E  ldam+drw+sam b100 7 no spectrum yet
  F  ldam+drw+sam b100 9 no spectrum yet
  ? no number that can be read in the paper   . not done yet   - not run
  ldam+drw+sam b100: acc is from the README of the authors' code
  saddle: reproduce: 2 of 2 rows of figure3 were not run, for the reasons above
  [exit 3]
