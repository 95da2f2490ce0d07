/* engine/networks.h - the networks that a run can be of: one row each. The choices of the knob `model`, what is built
 * (engine/model/families.h) and what a file of weights is compared with come from here.
 *
 *   NETWORK(name, design, groups, width, (blocks of each stage))
 *
 * design  how its stem, blocks, shortcuts and names are: a row of engine/model/families.c
 * groups  of the 3x3 convolutions of bottleneck blocks
 * width   channels of a group of the first stage's 3x3 convolutions; each further stage has twice as many */
#ifndef ENGINE_NETWORKS_H
#define ENGINE_NETWORKS_H

enum { NETWORK_MAX_STAGES = 4 };

#define NETWORK_TABLE(NETWORK)                                    \
    NETWORK("resnet8", CIFAR, 1, 16, (1, 1, 1))                   \
    NETWORK("resnet20", CIFAR, 1, 16, (3, 3, 3))                  \
    NETWORK("resnet32", CIFAR, 1, 16, (5, 5, 5))                  \
    NETWORK("resnet44", CIFAR, 1, 16, (7, 7, 7))                  \
    NETWORK("resnet56", CIFAR, 1, 16, (9, 9, 9))                  \
    NETWORK("resnet110", CIFAR, 1, 16, (18, 18, 18))              \
    NETWORK("resnet18", BASIC, 1, 64, (2, 2, 2, 2))               \
    NETWORK("resnet34", BASIC, 1, 64, (3, 4, 6, 3))               \
    NETWORK("resnet50", BOTTLENECK, 1, 64, (3, 4, 6, 3))          \
    NETWORK("resnext50", BOTTLENECK, 32, 4, (3, 4, 6, 3))

/* Texts for knobs.def: the choices, and what they are. */
#define NETWORK_CHOICE(name, ...) " " name
#define NETWORK_CHOICES (("" NETWORK_TABLE(NETWORK_CHOICE)) + 1)
#define NETWORK_HELP                                                                                                             \
    "network: resnet8, 20, 32, 44, 56 and 110 are made for CIFAR (a 3x3 stem, three stages of 16 to 64 channels); the others are " \
    "torchvision's for larger pictures (a 7x7 stem of stride 2, pooling, four stages), resnext50 its resnext50_32x4d"

#endif
