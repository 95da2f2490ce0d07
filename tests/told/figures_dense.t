Densities as figures, as pen.so tells what is drawn. forge.py says what was recorded.

  $ . $TOLD/setup.sh
  $ pen=$(dirname $SADDLE)/tests/told/pen.so; [ -e $pen ] || exit 80
  $ python3 $TOLD/forge.py && python3 $TOLD/forge.py wide-one wide-two
  $ draw() { rm -f f.svg; LD_PRELOAD=$pen saddle --sessions . export svg f.svg "$@" | grep -v '^wrote'; [ ! -e f.svg ] || grep -v '^save\|^restore\|^clip: R 52' f.svg; }
  $ draw plain --what acc | grep 'without cairo' && exit 80; rm -f f.svg
  $ draw sam --what spectra --at 2
  page 461 x 317
  paint 1,1,1,1
  font sans-serif 0 0
  stroke 0.1,0.1,0.1,1 w0.6: R 52.00 28.00 397.00 x 251.00
  stroke 0.1,0.1,0.1,1 w0.6: M 55.89 279.00 L 55.89 282.00
  text 8 at 51.89 291.00 0.1,0.1,0.1,1: \xe2\x88\x925 (esc)
  stroke 0.1,0.1,0.1,1 w0.6: M 109.95 279.00 L 109.95 282.00
  text 8 at 107.95 291.00 0.1,0.1,0.1,1: 0
  stroke 0.1,0.1,0.1,1 w0.6: M 164.01 279.00 L 164.01 282.00
  text 8 at 162.01 291.00 0.1,0.1,0.1,1: 5
  stroke 0.1,0.1,0.1,1 w0.6: M 218.07 279.00 L 218.07 282.00
  text 8 at 214.07 291.00 0.1,0.1,0.1,1: 10
  stroke 0.1,0.1,0.1,1 w0.6: M 272.12 279.00 L 272.12 282.00
  text 8 at 268.12 291.00 0.1,0.1,0.1,1: 15
  stroke 0.1,0.1,0.1,1 w0.6: M 326.18 279.00 L 326.18 282.00
  text 8 at 322.18 291.00 0.1,0.1,0.1,1: 20
  stroke 0.1,0.1,0.1,1 w0.6: M 380.24 279.00 L 380.24 282.00
  text 8 at 376.24 291.00 0.1,0.1,0.1,1: 25
  stroke 0.1,0.1,0.1,1 w0.6: M 434.30 279.00 L 434.30 282.00
  text 8 at 430.30 291.00 0.1,0.1,0.1,1: 30
  stroke 0.1,0.1,0.1,1 w0.6: M 52.00 279.00 L 49.00 279.00
  text 8 at 47.00 282.00 0.1,0.1,0.1,1: 
  text 8 at 33.00 282.00 0.1,0.1,0.1,1: 10
  text 6 at 41.00 278.50 0.1,0.1,0.1,1: \xe2\x88\x927 (esc)
  stroke 0.1,0.1,0.1,1 w0.6: M 52.00 246.40 L 49.00 246.40
  text 8 at 47.00 249.40 0.1,0.1,0.1,1: 
  text 8 at 33.00 249.40 0.1,0.1,0.1,1: 10
  text 6 at 41.00 245.90 0.1,0.1,0.1,1: \xe2\x88\x926 (esc)
  stroke 0.1,0.1,0.1,1 w0.6: M 52.00 213.81 L 49.00 213.81
  text 8 at 47.00 216.81 0.1,0.1,0.1,1: 
  text 8 at 33.00 216.81 0.1,0.1,0.1,1: 10
  text 6 at 41.00 213.31 0.1,0.1,0.1,1: \xe2\x88\x925 (esc)
  stroke 0.1,0.1,0.1,1 w0.6: M 52.00 181.21 L 49.00 181.21
  text 8 at 47.00 184.21 0.1,0.1,0.1,1: 
  text 8 at 33.00 184.21 0.1,0.1,0.1,1: 10
  text 6 at 41.00 180.71 0.1,0.1,0.1,1: \xe2\x88\x924 (esc)
  stroke 0.1,0.1,0.1,1 w0.6: M 52.00 148.61 L 49.00 148.61
  text 8 at 47.00 151.61 0.1,0.1,0.1,1: 
  text 8 at 33.00 151.61 0.1,0.1,0.1,1: 10
  text 6 at 41.00 148.11 0.1,0.1,0.1,1: \xe2\x88\x923 (esc)
  stroke 0.1,0.1,0.1,1 w0.6: M 52.00 116.01 L 49.00 116.01
  text 8 at 47.00 119.01 0.1,0.1,0.1,1: 
  text 8 at 33.00 119.01 0.1,0.1,0.1,1: 10
  text 6 at 41.00 115.51 0.1,0.1,0.1,1: \xe2\x88\x922 (esc)
  stroke 0.1,0.1,0.1,1 w0.6: M 52.00 83.42 L 49.00 83.42
  text 8 at 47.00 86.42 0.1,0.1,0.1,1: 
  text 8 at 33.00 86.42 0.1,0.1,0.1,1: 10
  text 6 at 41.00 82.92 0.1,0.1,0.1,1: \xe2\x88\x921 (esc)
  stroke 0.1,0.1,0.1,1 w0.6: M 52.00 50.82 L 49.00 50.82
  text 8 at 47.00 53.82 0.1,0.1,0.1,1: 
  text 8 at 36.00 53.82 0.1,0.1,0.1,1: 10
  text 6 at 44.00 50.32 0.1,0.1,0.1,1: 0
  text 10 at 225.50 306.00 0,0,0,1: Eigenvalue
  translate 13.00 153.50
  rotate -1.5708
  text 10 at -47.50 0.00 0,0,0,1: Density (Log Scale)
  stroke 0,0.447,0.698,1 w1.1: (900 points) M 52.22 276.46 L 103.83 70.76 L 118.39 75.94 L 184.55 146.60 L 250.72 111.37 L 316.89 276.95 L 357.03 279.00 L 383.05 279.00 L 448.78 279.00
  fill 0,0.447,0.698,1: M 93.73 272.00 L 90.73 278.50 L 96.73 278.50 Z
  fill 0,0.447,0.698,1: M 239.69 272.00 L 236.69 278.50 L 242.69 278.50 Z
  stroke 0.835,0.369,0,1 w1.1 dash 5 2: (900 points) M 52.22 101.87 L 96.33 84.27 L 118.39 85.84 L 184.55 100.41 L 250.72 119.44 L 316.89 177.67 L 321.30 178.60 L 383.05 134.16 L 448.78 121.50
  fill 0.835,0.369,0,1: M 66.70 272.00 L 63.70 278.50 L 69.70 278.50 Z
  fill 0.835,0.369,0,1: M 434.30 272.00 L 431.30 278.50 L 437.30 278.50 Z
  text 10 at 138.00 17.00 0,0,0,1: sam, pets-lt beta=100: latest spectra
  fill 1,1,1,0.8: R 179.00 31.00 264.00 x 11.00
  stroke 0,0.447,0.698,1 w1.1: M 181.00 36.00 L 200.00 36.00
  text 8 at 205.00 39.00 0,0,0,1: 0 ant, 64 images, epoch 1: \xce\xbbmin \xe2\x88\x921.5 \xc2\xb1 0.02, \xce\xbbmax 12 \xc2\xb1 1e-5 (esc)
  fill 1,1,1,0.8: R 187.00 42.00 256.00 x 11.00
  stroke 0.835,0.369,0,1 w1.1 dash 5 2: M 189.00 47.00 L 208.00 47.00
  text 8 at 213.00 50.00 0,0,0,1: 5 fox, 64 images, epoch 2: \xce\xbbmin \xe2\x88\x924 \xc2\xb1 0.02, \xce\xbbmax 30 \xc2\xb1 1e-5 (esc)
  $ draw sam --what density --class 0,5,6 | grep '^text 10\|^text 8.*:.*:\|^fill [^1]\|^stroke 0[,.][08]'
  text 10 at 225.50 306.00 0,0,0,1: Eigenvalue
  text 10 at -47.50 0.00 0,0,0,1: Density (Log Scale)
  stroke 0,0.447,0.698,1 w1.1: (900 points) M 52.22 121.44 L 88.83 72.72 L 118.39 82.62 L 184.55 96.85 L 250.72 118.38 L 316.89 182.21 L 319.09 182.55 L 383.05 130.82 L 448.78 117.08
  fill 0,0.447,0.698,1: M 87.13 272.00 L 84.13 278.50 L 90.13 278.50 Z
  fill 0,0.447,0.698,1: M 434.30 272.00 L 431.30 278.50 L 437.30 278.50 Z
  stroke 0.835,0.369,0,1 w1.1 dash 5 2: (900 points) M 52.22 181.36 L 98.10 63.67 L 118.39 78.04 L 184.55 100.31 L 250.72 164.53 L 316.89 109.67 L 383.05 185.04 L 448.78 279.00
  fill 0.835,0.369,0,1: M 97.34 272.00 L 94.34 278.50 L 100.34 278.50 Z
  fill 0.835,0.369,0,1: M 311.77 272.00 L 308.77 278.50 L 314.77 278.50 Z
  stroke 0,0.62,0.451,1 w1.1 dash 1.5 1.5: (900 points) M 52.22 133.72 L 70.31 86.18 L 118.39 92.07 L 184.55 91.64 L 250.72 92.20 L 316.89 129.86 L 383.05 276.63 L 434.66 279.00 L 448.78 279.00
  fill 0,0.62,0.451,1: M 66.70 272.00 L 63.70 278.50 L 69.70 278.50 Z
  fill 0,0.62,0.451,1: M 270.92 272.00 L 267.92 278.50 L 273.92 278.50 Z
  text 10 at 138.00 17.00 0,0,0,1: sam, pets-lt beta=100: latest spectra
  stroke 0,0.447,0.698,1 w1.1: M 189.00 36.00 L 208.00 36.00
  text 8 at 213.00 39.00 0,0,0,1: 0 ant, 64 images, epoch 3: \xce\xbbmin \xe2\x88\x921 \xc2\xb1 0.02, \xce\xbbmax 16 \xc2\xb1 1e-5 (esc)
  stroke 0.835,0.369,0,1 w1.1 dash 5 2: M 185.00 47.00 L 204.00 47.00
  text 8 at 209.00 50.00 0,0,0,1: 5 fox, 64 images, epoch 5: \xce\xbbmin \xe2\x88\x920.5 \xc2\xb1 0.6, \xce\xbbmax 10 \xc2\xb1 1e-5 (esc)
  stroke 0,0.62,0.451,1 w1.1 dash 1.5 1.5: M 189.00 58.00 L 208.00 58.00
  text 8 at 213.00 61.00 0,0,0,1: 6 gnu, 8 images, epoch 2.5: \xce\xbbmin \xe2\x88\x922 \xc2\xb1 0.02, \xce\xbbmax 8 \xc2\xb1 1e-5 (esc)
  $ draw sam --what spectra --class tail --smooth reference | grep '^text 10\|^text 8.*:.*:\|^fill [^1]\|^stroke 0[,.][08]\|^text 8 at.* 291'
  text 8 at 76.36 291.00 0.1,0.1,0.1,1: \xe2\x88\x922 (esc)
  text 8 at 135.07 291.00 0.1,0.1,0.1,1: 0
  text 8 at 191.79 291.00 0.1,0.1,0.1,1: 2
  text 8 at 248.50 291.00 0.1,0.1,0.1,1: 4
  text 8 at 305.21 291.00 0.1,0.1,0.1,1: 6
  text 8 at 361.93 291.00 0.1,0.1,0.1,1: 8
  text 8 at 416.64 291.00 0.1,0.1,0.1,1: 10
  text 10 at 225.50 306.00 0,0,0,1: Eigenvalue
  text 10 at -47.50 0.00 0,0,0,1: Density (Log Scale)
  stroke 0,0.447,0.698,1 w1.1: (10000 points) M 122.61 85.11 L 125.83 279.00 L 137.08 64.19 L 172.31 279.00 L 222.02 279.00 L 271.72 279.00 L 321.43 279.00 L 371.13 279.00 L 420.84 90.06 L 420.93 92.90
  fill 0,0.447,0.698,1: M 122.89 272.00 L 119.89 278.50 L 125.89 278.50 Z
  fill 0,0.447,0.698,1: M 420.64 272.00 L 417.64 278.50 L 423.64 278.50 Z
  stroke 0.835,0.369,0,1 w1.1 dash 5 2: (10000 points) M 80.07 108.84 L 86.01 279.00 L 127.42 273.30 L 174.76 279.00 L 222.10 279.00 L 269.44 279.00 L 316.78 279.00 L 363.93 76.28 L 364.13 79.03 L 364.21 81.89
  fill 0.835,0.369,0,1: M 80.36 272.00 L 77.36 278.50 L 83.36 278.50 Z
  fill 0.835,0.369,0,1: M 363.93 272.00 L 360.93 278.50 L 366.93 278.50 Z
  text 10 at 138.00 17.00 0,0,0,1: sam, pets-lt beta=100: latest spectra
  stroke 0,0.447,0.698,1 w1.1: M 185.00 36.00 L 204.00 36.00
  text 8 at 209.00 39.00 0,0,0,1: 5 fox, 64 images, epoch 5: \xce\xbbmin \xe2\x88\x920.5 \xc2\xb1 0.6, \xce\xbbmax 10 \xc2\xb1 1e-5 (esc)
  stroke 0.835,0.369,0,1 w1.1 dash 5 2: M 189.00 47.00 L 208.00 47.00
  text 8 at 213.00 50.00 0,0,0,1: 6 gnu, 8 images, epoch 2.5: \xce\xbbmin \xe2\x88\x922 \xc2\xb1 0.02, \xce\xbbmax 8 \xc2\xb1 1e-5 (esc)
  $ draw sam --what spectra --class 3
  saddle: export: no spectrum of the wanted classes and epochs was recorded; 'hessian CLASS' measures one
  [exit 1]
  $ draw sam --what cnc
  saddle: export: there is no figure of cnc; csv and jsonl have its numbers
  [exit 1]
  $ LD_PRELOAD=$pen saddle --sessions . export png f.png plain --what acc && cat f.png
  picture 1920 x 1320, format 1
  wrote f.png
  PNG
  $ together() { rm -f f.svg; LD_PRELOAD=$pen saddle --sessions . compare "$@" --figure f.svg | grep -v '^wrote'; [ ! -e f.svg ] || grep -v '^save\|^restore\|^clip: R 52' f.svg; }
  $ together sam rf9978 fork --what density --at 5 | grep -v '^stroke 0.1\|^text [68].* 0.1,'
  warning: compare: other, "x" ends at epoch 2: it is compared there
  warning: compare: fork ends at epoch 3.3: it is compared there
  warning: compare: other, "x" is trained on other images than sam (zoo, beta=20, pets-lt beta=100); classes are matched by name
  page 461 x 396
  paint 1,1,1,1
  font sans-serif 0 0
  text 10 at 150.50 17.00 0,0,0,1: pets-lt beta=100: latest spectra
  text 10 at 225.50 201.00 0,0,0,1: Eigenvalue
  translate 13.00 101.00
  rotate -1.5708
  text 10 at -35.00 0.00 0,0,0,1: 0 ant, density
  stroke 0,0.447,0.698,1 w1.1: (900 points) M 52.22 95.10 L 98.10 58.44 L 118.39 63.10 L 184.55 72.18 L 250.72 82.11 L 316.89 118.89 L 322.18 119.97 L 383.05 91.46 L 448.78 83.33
  fill 1,1,1,0.8: R 295.00 31.00 148.00 x 11.00
  stroke 0,0.447,0.698,1 w1.1: M 297.00 36.00 L 316.00 36.00
  text 8 at 321.00 39.00 0,0,0,1: sam, epoch 3: \xce\xbbmin \xe2\x88\x921, \xce\xbbmax 16 (esc)
  stroke 0,0.62,0.451,1 w1.1 dash 1.5 1.5: (900 points) M 52.22 74.04 L 113.53 63.35 L 118.39 63.43 L 184.55 71.43 L 250.72 86.75 L 298.36 110.83 L 316.89 103.78 L 383.05 82.87 L 448.78 92.90
  fill 1,1,1,0.8: R 283.00 42.00 160.00 x 11.00
  stroke 0,0.62,0.451,1 w1.1 dash 1.5 1.5: M 285.00 47.00 L 304.00 47.00
  text 8 at 309.00 50.00 0,0,0,1: fork, epoch 3: \xce\xbbmin \xe2\x88\x922.5, \xce\xbbmax 14 (esc)
  text 10 at 225.50 385.00 0,0,0,1: Eigenvalue
  translate 13.00 285.00
  rotate -1.5708
  text 10 at -35.00 0.00 0,0,0,1: 5 fox, density
  stroke 0,0.447,0.698,1 w1.1: (900 points) M 52.22 358.00 L 105.15 244.66 L 118.39 254.12 L 184.55 299.75 L 250.72 298.50 L 309.39 358.00 L 316.89 358.00 L 383.05 358.00 L 448.78 358.00
  fill 1,1,1,0.8: R 287.00 215.00 156.00 x 11.00
  stroke 0,0.447,0.698,1 w1.1: M 289.00 220.00 L 308.00 220.00
  text 8 at 313.00 223.00 0,0,0,1: sam, epoch 5: \xce\xbbmin \xe2\x88\x920.5, \xce\xbbmax 10 (esc)
  stroke 0.835,0.369,0,1 w1.1 dash 5 2: (900 points) M 52.22 296.32 L 110.45 252.18 L 118.39 253.62 L 184.55 280.57 L 250.72 310.11 L 311.59 358.00 L 316.89 358.00 L 383.05 358.00 L 448.78 358.00
  fill 1,1,1,0.8: R 271.00 226.00 172.00 x 11.00
  stroke 0.835,0.369,0,1 w1.1 dash 5 2: M 273.00 231.00 L 292.00 231.00
  text 8 at 297.00 234.00 0,0,0,1: other, "x", epoch 1: \xce\xbbmin \xe2\x88\x923, \xce\xbbmax 9 (esc)
  stroke 0,0.62,0.451,1 w1.1 dash 1.5 1.5: (900 points) M 52.22 267.66 L 96.33 258.69 L 118.39 259.49 L 184.55 266.92 L 250.72 276.62 L 316.89 306.32 L 321.30 306.80 L 383.05 284.13 L 448.78 277.68
  fill 1,1,1,0.8: R 291.00 237.00 152.00 x 11.00
  stroke 0,0.62,0.451,1 w1.1 dash 1.5 1.5: M 293.00 242.00 L 312.00 242.00
  text 8 at 317.00 245.00 0,0,0,1: fork, epoch 2: \xce\xbbmin \xe2\x88\x924, \xce\xbbmax 30 (esc)
  $ together sam rf9978 --what density --class 5 --at 5 | head -n 5
  warning: compare: other, "x" ends at epoch 2: it is compared there
  warning: compare: other, "x" is trained on other images than sam (zoo, beta=20, pets-lt beta=100); classes are matched by name
  page 461 x 317
  paint 1,1,1,1
  font sans-serif 0 0
