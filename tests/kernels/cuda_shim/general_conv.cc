/* The very file that nvcc compiles, as host C++. */
#include "config.h"
#include "kernels/cuda/general_conv.cu"
