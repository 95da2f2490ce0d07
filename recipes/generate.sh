#!/bin/sh
# generate.sh [DIR] - writes the recipes of the paper's CIFAR rows under DIR/paper, and two-stage ones under DIR/decoupled, SAM made for tails under DIR/tails (default: this
# folder). The committed files are its output; `make check` compares. One file for each data set and method; other imbalance factors than 100: NAME@50.
set -eu
out=${1:-$(dirname "$0")}

# The radius of SAM for each row and data set (the paper's table 1, imbalance factor 100):
#          cifar10-lt cifar10-step cifar100-lt cifar100-step
rho() { # METHOD DATA
    case $1 in
    ce+sam) set -- "$2" 0.1 0.1 0.2 0.5 ;;
    ce+drw+sam) set -- "$2" 0.5 0.2 0.8 0.2 ;;
    ldam+drw+sam) set -- "$2" 0.8 0.1 0.8 0.5 ;;
    vs+sam) set -- "$2" 0.5 0.2 0.8 0.2 ;;
    ib+sam) set -- "$2" - - 0.8 - ;; # not stated in the paper; the recipe says what it takes
    esac
    case $1 in
    cifar10-lt) echo "$2" ;;
    cifar10-step) echo "$3" ;;
    cifar100-lt) echo "$4" ;;
    cifar100-step) echo "$5" ;;
    esac
}

loss_line() { # METHOD
    case $1 in
    ce | ce+sam) echo 'loss ce --weights none' ;;
    ce+drw*) echo 'loss ce --weights effective --drw 160' ;;
    ldam+drw*) echo 'loss ldam --margin 0.5 --scale 30 --weights effective --drw 160' ;;
    ib*) printf '%s\n' 'loss ib --weights inverse --drw 100' 'set ib_start 100' 'set ib_alpha 1000' 'set ib_factor through' ;;
    vs*) echo 'loss vs --gamma 0.05 --tau 0.75 --weights none' ;;
    esac
}

# The classes with the most, a middling and the least number of images are watched: one of head, mid and tail.
recipe() { # DATA METHOD
    epochs=200
    case $2 in vs*) epochs=300 ;; esac
    case $2 in
    *+sam) opt="opt sam --rho $(rho "$2" "$1")" ;;
    *+sam-*) opt="opt sam --rho ${2##*-}" ;;
    *+pgd) opt='opt pgd' ;;
    *+lpf) opt='opt lpf' ;;
    *) opt='opt sgd' ;;
    esac
    case $2 in *+pgd | *+lpf | *+sam-*) of='main figure 4 of the paper' ;; *) of="a row of the paper's CIFAR tables" ;; esac
    echo "# $1, $2: $of (imbalance factor 100; another one: preset paper/$1/$2@50)."
    echo "# 'preset paper/$1/$2' takes the settings; 'saddle run' of this file also trains."
    echo "data $1 --beta 100"
    echo 'model resnet32'
    case $2 in
    ib*) echo '# The weights of ib are 1/n, and ib and they act from epoch 100 on, where the learning rate falls, as in the authors'"'"' code.' ;;
    esac
    case $2 in
    ib+sam) echo '# The paper does not state rho for ib. This takes 0.8, its value for ce+drw+sam on the same data; try 0.1 to 0.8.' ;;
    esac
    case $2 in
    *+pgd) echo '# The paper states sigma alone. Where and when its noise acts is not stated; this adds it to the gradient of each step (methods 4.5).' ;;
    *+lpf) echo '# The paper states M and gamma. Loss, schedule and augmentation of its LPF-SGD are not stated; these are those of ce+drw.' ;;
    *+sam-*) echo '# Accuracy against rho: ce+drw+sam with this radius. The radii are those of the paper'"'"'s table of rho, and 0.05.' ;;
    esac
    loss_line "$2"
    echo "$opt"
    case $2 in
    *+pgd) printf '%s\n' 'set pgd_sigma 1e-4' 'set pgd_where gradient' ;;
    *+lpf) printf '%s\n' 'set lpf_m 8' 'set lpf_gamma 0.001' ;;
    esac
    case $2 in
    ib*) echo 'set lr multistep:0.1,warmup=5,100:0.01,160:0.0001,180:1e-06' ;;
    *) echo 'set lr multistep:0.1,warmup=5,160:0.01,180:0.0001' ;;
    esac
    echo 'set momentum 0.9'
    echo 'set weight_decay 2e-4'
    echo 'set batch 128'
    echo "set epochs $epochs"
    case $1 in cifar100-*) echo 'watch 0 50 99' ;; *) echo 'watch 0 5 9' ;; esac
    echo 'train'
}

for data in cifar10-lt cifar10-step cifar100-lt cifar100-step; do
    mkdir -p "$out/paper/$data"
    for method in ce ce+sam ce+drw ce+drw+sam ldam+drw ldam+drw+sam vs vs+sam; do
        recipe $data $method >"$out/paper/$data/$method.sad"
    done
done
for method in ib ib+sam; do # the paper's table 5
    recipe cifar100-lt $method >"$out/paper/cifar100-lt/$method.sad"
done

for data in cifar10-lt cifar100-lt; do # main figure 4: other ways off a saddle, and accuracy against rho
    for method in ce+drw+pgd ce+drw+lpf ce+drw+sam-0.05 ce+drw+sam-0.1 ce+drw+sam-0.2 ce+drw+sam-0.5 ce+drw+sam-0.8; do
        recipe $data $method >"$out/paper/$data/$method.sad"
    done
done

# A second stage after plain cross-entropy: the classifier drawn anew (crt), or a factor for each of its rows (lws).
decoupled() { # DATA STAGE
    echo "# $1, ce and then $2: the first stage as the row ce of the paper, then 30 epochs of the classifier alone, classes visited alike."
    echo "# On a run that is done: saddle -c 'stage $2 --from NAME'. 'preset decoupled/$1/$2' takes the settings; 'saddle run' of this file also trains."
    recipe "$1" ce | sed -e '/^#/d' -e '/^watch/d' -e '/^train/d'
    echo "stage $2 --epochs 30 --lr multistep:0.1,warmup=5,10:0.1,20:0.01 --wd 5e-4 --sampler class-aware --norm shifted --loss ce"
    echo 'watch 0 5 9'
    echo 'train'
}
# SAM made for tails, at the settings of the papers and of their code, as far as they state them.
tails() { # DATA METHOD
    case $1 in cifar100-lt) watched='0 50 99' decay=1e-3 phi=0.5 cap=0.3 ;; *) watched='0 5 9' decay=2e-4 phi=0.3 cap=1 ;; esac
    beta=100 lr=cosine:0.01
    case $2 in ccsam) beta=200 lr=multistep:0.1,warmup=5,160:0.01,180:0.001 decay=2e-4 ;; esac
    echo "# $1, $2: imbalance factor $beta; another one: preset tails/$1/$2@50."
    echo "# 'preset tails/$1/$2' takes the settings; 'saddle run' of this file also trains."
    case $2 in
    imbsam) echo '# Of the authors: rho 0.05, the tail below 20 images, gain 2 (in their code alone), lr 0.01 cosine, decay 1e-3, batch 64. Their network is'
        echo '# a ResNet of 34 layers; this takes resnet32, and 200 epochs, which the paper leaves open.' ;;
    focalsam) echo '# Of the authors: rho, gamma, lambda, decay, batch 64, cosine, on logit adjustment. The first learning rate and the epochs are not'
        echo '# stated where this was taken from: 0.01 and 200, as ImbSAM has them.' ;;
    blend) echo '# The control of focalsam: the same lambda for every class. No paper has it.' ;;
    ssesam) echo '# Of the authors: rho_head 0.05, rho 0.1, the tail below 100 images, gamma 0.7, lr 0.01 cosine, decay 1e-3, batch 64, 200 epochs.'
        echo '# Their network is a ResNet of 34 layers; this takes resnet32.' ;;
    ccsam) echo "# Of the authors' code: imbalance factor, a, phi, lr, decay, batch 64, 200 epochs, and the second stage. Theirs mixes the first stage's images"
        echo '# in pairs (mixup, alpha 1), which is not here, and begins the second from the best epoch on test images; this takes the last one.'
        echo '# With this a the perturbation is minute: look at loss_up beside loss.' ;;
    esac
    echo "data $1 --beta $beta"
    echo 'model resnet32'
    case $2 in focalsam | blend) echo 'loss la --tau 1 --weights none' ;; *) echo 'loss ce --weights none' ;; esac
    case $2-$1 in
    imbsam-*) printf '%s\n' 'opt imbsam --rho 0.05' 'set tail_below 20' 'set tail_gain 2' ;;
    focalsam-cifar10-lt) printf '%s\n' 'opt focalsam --rho 0.2' 'set sam_share 0.5' 'set sam_focus 3' ;;
    focalsam-*) printf '%s\n' 'opt focalsam --rho 0.3' 'set sam_share 0.8' 'set sam_focus 3.2' ;;
    blend-cifar10-lt) printf '%s\n' 'opt blend --rho 0.2' 'set sam_share 0.5' ;;
    blend-*) printf '%s\n' 'opt blend --rho 0.3' 'set sam_share 0.8' ;;
    ssesam-*) printf '%s\n' 'opt ssesam --rho 0.1' 'set rho_head 0.05' 'set tail_below 100' 'set head_until 0.7' ;;
    ccsam-*) printf '%s\n' 'opt ccsam' 'set ccsam_a 1e-6' "set ccsam_phi $phi" ;;
    esac
    printf '%s\n' "set lr $lr" 'set momentum 0.9' "set weight_decay $decay" 'set batch 64' 'set epochs 200' "watch $watched"
    case $2 in ccsam) printf '%s\n' "set ccsam_cap $cap" 'stage ccsam --epochs 30 --lr 0.01 --wd 2e-4 --sampler class-aware --norm shifted --loss ce' ;; esac
    echo 'train'
}
mkdir -p "$out/tails/cifar10-lt" "$out/tails/cifar100-lt"
for method in focalsam blend ccsam; do
    tails cifar10-lt $method >"$out/tails/cifar10-lt/$method.sad"
done
for method in imbsam focalsam blend ssesam ccsam; do
    tails cifar100-lt $method >"$out/tails/cifar100-lt/$method.sad"
done

mkdir -p "$out/decoupled/cifar10-lt"
for stage in crt lws; do
    decoupled cifar10-lt $stage >"$out/decoupled/cifar10-lt/$stage.sad"
done
